"""Child SAs agreed on, in IKE_AUTH and CREATE_CHILD_SA alike (RFC 7296 1.3.1, 2.9, 2.17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ...ikev2 import Notify, NotifyType, Payload, Proposal, SecurityAssociation, TSi, TSr
from ...ikev2 import PortRange as Selector
from ...security import EspSuite, child_sas
from .payloads import find, notification
from .proposals import choose, offer
from .selectors import covers, is_single_pair, narrow
from .settings import ChildRequest, ChildSa

if TYPE_CHECKING:
    from .sa import IkeSa

__all__ = ["RESERVED_SPIS", "Agreement", "agree", "offered", "taken"]

_SPI_OCTETS = 4
#: SPIs of ESP up to here are reserved (RFC 4303 2.1).
RESERVED_SPIS = 255


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What the responder of an exchange takes of what was offered."""

    suite: EspSuite
    proposal: Proposal
    "Its SPI is still the offer's."
    transport: bool
    theirs: tuple[Selector, ...]
    ours: tuple[Selector, ...]

    def child(
        self, sa: IkeSa, spi: bytes, nonces: tuple[bytes, bytes], shared: bytes = b""
    ) -> ChildSa:
        """The child SA, whose inbound SPI is `spi`."""
        return _child(
            sa, self.suite, (self.proposal.spi, spi), nonces, shared, offered=False,
            transport=self.transport, local=self.ours, remote=self.theirs,
        )  # fmt: skip

    def before(self, spi: bytes) -> list[Payload]:
        """The payloads of the answer before nonce and key exchange."""
        chosen = SecurityAssociation(proposals=(self.proposal.replace(spi=spi),))
        return [*_mode(transport=self.transport), chosen]

    def after(self) -> list[Payload]:
        """The payloads of the answer behind them."""
        return [TSi(selectors=self.theirs), TSr(selectors=self.ours)]


def agree(
    payloads: Sequence[Payload],
    allowed: ChildRequest,
    suites: Sequence[EspSuite],
    *,
    forward: bool,
    single_pair: bool = False,
) -> Agreement | NotifyType:
    """What is taken of an offer, or the error that refuses it.

    `allowed` says what the offer is narrowed to; with `single_pair` an offer of more than one
    address of the peer is refused.
    """
    asked = find(payloads, SecurityAssociation)
    tsi, tsr = find(payloads, TSi), find(payloads, TSr)
    if asked is None or tsi is None or tsr is None:
        return NotifyType.INVALID_SYNTAX
    chosen = choose(asked, suites, forward=forward)
    if chosen is None or not _is_spi(chosen[1].spi):
        return NotifyType.NO_PROPOSAL_CHOSEN
    theirs, ours = narrow(tsi.selectors, allowed.remote), narrow(tsr.selectors, allowed.local)
    if not theirs or not ours:
        return NotifyType.TS_UNACCEPTABLE
    if single_pair and not is_single_pair(tsi.selectors):
        return NotifyType.SINGLE_PAIR_REQUIRED
    transport = notification(payloads, NotifyType.USE_TRANSPORT_MODE) is not None
    return Agreement(
        suite=chosen[0],
        proposal=chosen[1],
        transport=transport and allowed.transport,
        theirs=theirs,
        ours=ours,
    )


def offered(
    request: ChildRequest, suites: Sequence[EspSuite], spi: bytes, *, forward: bool
) -> tuple[list[Payload], list[Payload]]:
    """The payloads of an offer before and behind nonce and key exchange."""
    before = [*_mode(transport=request.transport), offer(suites, spi, forward=forward)]
    return before, [TSi(selectors=request.local), TSr(selectors=request.remote)]


def taken(
    sa: IkeSa,
    request: ChildRequest,
    suites: Sequence[EspSuite],
    spi: bytes,
    payloads: Sequence[Payload],
    nonces: tuple[bytes, bytes],
    shared: bytes = b"",
    *,
    forward: bool,
) -> ChildSa | None:
    """The child SA that an answer makes of an offer; None where it is not of what was offered."""
    answer = find(payloads, SecurityAssociation)
    tsi, tsr = find(payloads, TSi), find(payloads, TSr)
    if answer is None or tsi is None or tsr is None or len(answer.proposals) != 1:
        return None
    chosen = choose(answer, suites, forward=forward)
    if chosen is None or not _is_spi(chosen[1].spi):
        return None
    if not covers(request.local, tsi.selectors) or not covers(request.remote, tsr.selectors):
        return None
    granted = notification(payloads, NotifyType.USE_TRANSPORT_MODE) is not None
    return _child(
        sa, chosen[0], (spi, chosen[1].spi), nonces, shared, offered=True,
        transport=granted and request.transport, local=tsi.selectors, remote=tsr.selectors,
    )  # fmt: skip


def _child(
    sa: IkeSa,
    suite: EspSuite,
    spis: tuple[bytes, bytes],
    nonces: tuple[bytes, bytes],
    shared: bytes,
    *,
    offered: bool,
    transport: bool,
    local: Sequence[object],
    remote: Sequence[object],
) -> ChildSa:
    assert sa.keys is not None
    if not shared:
        suite = msgspec.structs.replace(suite, key_exchange=None)
    pair = child_sas(
        sa.keys,
        suite,
        spi_i=int.from_bytes(spis[0], "big"),
        spi_r=int.from_bytes(spis[1], "big"),
        nonce_i=nonces[0],
        nonce_r=nonces[1],
        shared=shared,
    )
    outbound, inbound = pair if offered else pair[::-1]
    return ChildSa(
        inbound=inbound,
        outbound=outbound,
        suite=suite,
        transport=transport,
        local=tuple(local),  # type: ignore[arg-type]
        remote=tuple(remote),  # type: ignore[arg-type]
    )


def _is_spi(spi: bytes) -> bool:
    """Packets may be sent with this SPI."""
    return len(spi) == _SPI_OCTETS and int.from_bytes(spi, "big") > RESERVED_SPIS


def _mode(*, transport: bool) -> list[Payload]:
    return [Notify(notify_type=NotifyType.USE_TRANSPORT_MODE)] if transport else []
