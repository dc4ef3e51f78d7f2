"""The keys of a capture's security associations, made from a secret of each and what is seen.

What the peers have not protected, the IKE_SA_INIT exchange, makes the keys of an IKE SA; its opened
IKE_AUTH and CREATE_CHILD_SA exchanges make those of all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ..errors import Mip6bootError
from ..ikev2 import (
    ExchangeType,
    IkeMessage,
    KeyExchange,
    Nonce,
    Payload,
    Proposal,
    ProtocolId,
    SecurityAssociation,
)
from ..ip import EspPacket
from ..security import (
    EspSa,
    EspSuite,
    IkeKeys,
    IkeSuite,
    Keyring,
    Secret,
    child_sas,
    key_exchange,
    unseal,
)
from .checksums import Addresses, addresses_after
from .opened import OpenedChain
from .opener import Opener
from .packet import Packet

__all__ = ["KeyDeriver", "Secrets"]

_Spis = tuple[bytes, bytes]
_Pair = tuple[EspSa, EspSa]


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody knows of the peers of a capture; each is tried wherever it may belong."""

    shared: tuple[Secret, ...] = ()
    "Shared secrets of key exchanges: g^ir."
    private: tuple[Secret, ...] = ()
    "Private values of key exchanges, of either peer."
    sk_d: tuple[Secret, ...] = ()
    "SK_d of IKE SAs whose SK_e and SK_a the ring has."


class _Side(msgspec.Struct, frozen=True):
    """What one peer says in an exchange that makes keys."""

    proposals: tuple[Proposal, ...]
    nonce: bytes
    public: KeyExchange | None
    addresses: Addresses

    @classmethod
    def of(cls, payloads: Iterable[Payload], addresses: Addresses) -> _Side | None:
        """None where no proposals are in it."""
        found: dict[type[Any], Any] = {}
        for payload in payloads:
            found.setdefault(type(payload), payload)
        proposals = found.get(SecurityAssociation)
        if proposals is None or not proposals.proposals:
            return None
        nonce = found.get(Nonce)
        return cls(
            proposals.proposals,
            nonce.nonce_data if nonce else b"",
            found.get(KeyExchange),
            addresses,
        )

    def offered(self, number: int) -> Proposal | None:
        """The proposal with a number."""
        return next((p for p in self.proposals if p.proposal_num == number), None)


class _Sa(msgspec.Struct):
    """An IKE SA as far as it is known."""

    keys: list[IkeKeys]
    "Those that may be right; once a message was opened, those that open it."
    nonces: tuple[bytes, bytes]
    settled: bool = False


class KeyDeriver:
    """Takes the packets of a capture in order, and adds the keys it finds to a ring.

    `problems` says, a line each, what could not be derived and why.
    """

    def __init__(self, secrets: Secrets, keys: Keyring) -> None:
        self.secrets, self.keys = secrets, keys
        self.problems: list[str] = []
        self._opener = Opener(keys, lenient=True)
        self._sas: dict[_Spis, _Sa] = {}
        #: What was offered, by who answers: in IKE_SA_INIT by the initiator's SPI alone.
        self._offers: dict[Any, _Side] = {}
        #: By SPI: pairs of which one is right.
        self._pending: dict[int, list[_Pair]] = {}

    def feed(self, packet: Packet) -> None:
        """Take the next packet."""
        for i, layer in enumerate(packet.layers):
            if isinstance(layer, EspPacket):
                self._settle_pair(layer)
            elif isinstance(layer, IkeMessage):
                if layer.exchange_type == ExchangeType.IKE_SA_INIT:
                    self._try(self._initial, layer, addresses_after(packet.layers[:i]))
                else:
                    self._settle(layer)
        for within in self._opener.open(packet):
            if isinstance(within, OpenedChain):
                addresses = addresses_after(packet.layers[: within.layer])
                message = within.parts[0].message
                self._try(self._inside, message, within.payloads, addresses)

    @property
    def unknown(self) -> list[str]:
        """The IKE SAs of the capture that no secret fits, a line each."""
        return [
            f"IKE SA {spi_i.hex()},{spi_r.hex()}: no secret fits"
            for (spi_i, spi_r), sa in self._sas.items()
            if not sa.settled
        ]

    def _try(self, step: Any, message: IkeMessage, *arguments: Any) -> None:
        try:
            step(message, *arguments)
        except Mip6bootError as e:
            spis = f"{message.initiator_spi.hex()},{message.responder_spi.hex()}"
            self.problems.append(f"IKE SA {spis}: {e}")

    # -- IKE SAs ------------------------------------------------------------------------------
    def _initial(self, message: IkeMessage, addresses: Addresses) -> None:
        """One message of an IKE_SA_INIT exchange; the last request before the answer counts."""
        side = _Side.of(message.payloads, addresses)
        if side is None or message.major_version != 2:
            return
        if not message.is_response:
            self._offers[message.initiator_spi] = side
            return
        offer = self._offers.get(message.initiator_spi)
        spis = message.initiator_spi, message.responder_spi
        if offer is None or spis in self._sas:
            return
        suite = IkeSuite.of(side.proposals[0], legacy=True)
        nonces = offer.nonce, side.nonce
        derived = [
            IkeKeys.derive(
                suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
                shared=shared,
            )
            for shared in self._shared(offer.public, side.public)
        ]  # fmt: skip
        self._sas[spis] = _Sa([*self._listed(message, suite), *derived], nonces)

    def _listed(self, message: IkeMessage, suite: IkeSuite) -> Iterator[IkeKeys]:
        """What the ring has of the SA, made able to derive."""
        keys = self.keys.of_message(message)
        if keys is None:
            return
        for sk_d in self.secrets.sk_d:
            yield msgspec.structs.replace(keys, sk_d=sk_d, suite=suite)

    def _shared(self, public_i: KeyExchange | None, public_r: KeyExchange | None) -> list[Secret]:
        """The shared secret of a private value that fits, else all that may be it."""
        if public_i is None or public_r is None:
            return []
        for private in self.secrets.private:
            try:
                pair = key_exchange(public_i.method, legacy=True).key_pair(private)
            except ValueError:  # A value of another method.
                continue
            for own, other in ((public_i, public_r), (public_r, public_i)):
                if pair.public == own.key_exchange_data:
                    return [pair.shared(other.key_exchange_data)]
        return list(self.secrets.shared)

    def _settle(self, message: IkeMessage) -> None:
        """Keep the keys that open a message; the first ones that do are put on the ring."""
        sa = self._sas.get((message.initiator_spi, message.responder_spi))
        if sa is None or sa.settled:
            return
        fitting = [keys for keys in sa.keys if _opens(message, keys)]
        if fitting:
            sa.keys, sa.settled = fitting, True
            self.keys.add(fitting[0])

    # -- what is inside -----------------------------------------------------------------------
    def _inside(
        self, message: IkeMessage, payloads: Iterable[Payload], addresses: Addresses
    ) -> None:
        """The payloads of an opened message."""
        sa = self._sas.get((message.initiator_spi, message.responder_spi))
        side = _Side.of(payloads, addresses)
        if sa is None or side is None:
            return
        first = message.exchange_type == ExchangeType.IKE_AUTH
        asks = message.from_initiator != message.is_response  # the original initiator asked
        # All messages of an IKE_AUTH exchange make one child SA, whatever their number.
        key = (
            message.initiator_spi,
            message.responder_spi,
            asks,
            -1 if first else message.message_id,
        )
        if not message.is_response:
            self._offers[key] = side
        elif key in self._offers:
            self._made(sa, self._offers.pop(key), side, first=first)

    def _made(self, sa: _Sa, offer: _Side, answer: _Side, *, first: bool) -> None:
        """An exchange has made an SA."""
        chosen = answer.proposals[0]
        offered = offer.offered(chosen.proposal_num)
        if offered is None:
            return
        nonces = sa.nonces if first else (offer.nonce, answer.nonce)
        if chosen.protocol_id == ProtocolId.IKE:
            self._rekeyed(sa, (offered.spi, chosen.spi), nonces, offer, answer)
        elif chosen.protocol_id == ProtocolId.ESP:
            shared = [b""] if answer.public is None else self._shared(offer.public, answer.public)
            self._child(sa, (offered.spi, chosen.spi), nonces, offer, answer, shared)

    def _rekeyed(
        self, sa: _Sa, spis: _Spis, nonces: tuple[bytes, bytes], offer: _Side, answer: _Side
    ) -> None:
        suite = IkeSuite.of(answer.proposals[0], legacy=True)
        candidates = [
            keys.rekey(
                suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
                shared=shared,
            )
            for keys in sa.keys
            for shared in self._shared(offer.public, answer.public)
        ]  # fmt: skip
        self._sas[spis] = _Sa(candidates, nonces)

    def _child(
        self,
        sa: _Sa,
        spis: _Spis,
        nonces: tuple[bytes, bytes],
        offer: _Side,
        answer: _Side,
        shared: list[Any],
    ) -> None:
        suite = EspSuite.of(answer.proposals[0], legacy=True)
        spi_i, spi_r = (int.from_bytes(spi, "big") for spi in spis)
        pairs = []
        for keys in sa.keys:
            for secret in shared:
                pair = child_sas(
                    keys, suite, spi_i=spi_i, spi_r=spi_r, nonce_i=nonces[0], nonce_r=nonces[1],
                    shared=secret,
                )  # fmt: skip
                pairs.append(_addressed(pair, offer.addresses))
        if len(pairs) == 1:
            self._add(pairs[0])
        else:
            self._pending[spi_i] = self._pending[spi_r] = pairs

    def _settle_pair(self, packet: EspPacket) -> None:
        """Put the pair on the ring that opens a packet."""
        for pair in self._pending.get(packet.spi, ()):
            if any(sa.spi == packet.spi and _opens_packet(packet, sa) for sa in pair):
                self._add(pair)
                for sa in pair:
                    self._pending.pop(sa.spi, None)
                return

    def _add(self, pair: _Pair) -> None:
        for sa in pair:
            self.keys.add(sa)


def _opens(message: IkeMessage, keys: IkeKeys) -> bool:
    try:
        return unseal(message, keys).verified
    except Mip6bootError:
        return False


def _opens_packet(packet: EspPacket, sa: EspSa) -> bool:
    try:
        return sa.unseal(packet).verified
    except Mip6bootError:
        return False


def _addressed(pair: _Pair, addresses: Addresses) -> _Pair:
    """The SAs with the addresses of the exchange's request."""
    if addresses is None:
        return pair
    source, destination = addresses
    out, back = pair
    return (
        msgspec.structs.replace(out, source=source, destination=destination),
        msgspec.structs.replace(back, source=destination, destination=source),
    )
