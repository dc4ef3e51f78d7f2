"""The keys of a capture's security associations, made from a secret of each and what is seen.

What the peers have not protected, the IKE_SA_INIT exchange, makes the keys of an IKE SA; its opened
IKE_AUTH and CREATE_CHILD_SA exchanges make those of all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from ..errors import DecodeError, Mip6bootError
from ..ikev2 import (
    ExchangeType,
    IkeMessage,
    Payload,
    ProtocolId,
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
from ..security.key_exchange import KeyPair
from .checksums import Addresses, addresses_after
from .exchanges import Children, Pair, Sa, Side
from .layers import Layer
from .opened import OpenedChain, Within
from .opener import Opener
from .packet import Packet

__all__ = ["KeyDeriver", "Secrets"]

_Spis = tuple[bytes, bytes]

#: Octets of the SPIs of proposals that make SAs (RFC 7296 3.3.1).
_SPI_OCTETS: dict[int, int] = {ProtocolId.IKE: 8, ProtocolId.ESP: 4}


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody knows of the peers of a capture; each is tried wherever it may belong."""

    shared: tuple[Secret, ...] = ()
    "Shared secrets of key exchanges: g^ir."
    private: tuple[Secret, ...] = ()
    "Private values of key exchanges, of either peer."
    sk_d: tuple[Secret, ...] = ()
    "SK_d of IKE SAs whose SK_e and SK_a the ring has."

    def __post_init__(self) -> None:
        for name in ("shared", "private", "sk_d"):
            force_setattr(self, name, tuple(map(Secret, getattr(self, name))))


class KeyDeriver:
    """Takes the packets of a capture in order, and adds the keys it finds to a ring.

    `problems` says, a line each, what could not be derived and why.
    """

    def __init__(self, secrets: Secrets, keys: Keyring) -> None:
        self.secrets, self.keys = secrets, keys
        self.problems: list[str] = []
        self._opener = _Watched(self)
        self._sas: dict[_Spis, Sa] = {}
        #: What was offered, by who answers: in IKE_SA_INIT by the initiator's SPI, and addresses.
        #: None where it was answered already.
        self._offers: dict[Any, Side | None] = {}
        #: By SPI.
        self._pending: dict[int, Children] = {}
        #: What the private values send, by the method.
        self._key_pairs: dict[int, list[KeyPair]] = {}

    def feed(self, packet: Packet) -> None:
        """Take the next packet."""
        self._opener.open(packet)

    def _before(self, packet: Packet, before: Sequence[Layer]) -> None:
        """A packet, or what was sealed in one, that is going to be opened."""
        for i, layer in enumerate(packet.layers):
            if isinstance(layer, EspPacket):
                self._settle_children(layer)
            elif isinstance(layer, IkeMessage):
                if layer.exchange_type == ExchangeType.IKE_SA_INIT:
                    addresses = addresses_after([*before, *packet.layers[:i]])
                    self._try(self._initial, layer, addresses)
                else:
                    self._settle(layer)

    @property
    def unknown(self) -> list[str]:
        """The SAs of the capture that no secret is known to fit, a line each."""
        ike = [
            f"IKE SA {spi_i.hex()},{spi_r.hex()}: no secret fits"
            for (spi_i, spi_r), sa in self._sas.items()
            if not sa.settled
        ]
        esp = [str(sas) for spi, sas in self._pending.items() if spi == sas.spis[0]]
        return ike + esp

    def _try(self, step: Any, message: IkeMessage, *arguments: Any) -> None:
        try:
            step(message, *arguments)
        except Mip6bootError as e:
            spis = f"{message.initiator_spi.hex()},{message.responder_spi.hex()}"
            self.problems.append(f"IKE SA {spis}: {e}")

    # -- IKE SAs ------------------------------------------------------------------------------
    def _initial(self, message: IkeMessage, addresses: Addresses) -> None:
        """One message of an IKE_SA_INIT exchange; the last request before the answer counts.

        Peers may have the same SPI: who is answered tells which request it was, if it can.
        """
        side = Side.of(message.payloads, addresses)
        if side is None or message.major_version != 2:
            return
        spis = message.initiator_spi, message.responder_spi
        if not message.is_response:
            self._offers[spis[0]] = self._offers[spis[0], addresses] = side
            return
        asked = None if addresses is None else (addresses[1], addresses[0])
        offer = self._offers.get((spis[0], asked)) or self._offers.get(spis[0])
        if offer is None or spis in self._sas:
            return
        suite = IkeSuite.of(side.proposals[0], legacy=True)
        nonces = offer.nonce, side.nonce
        derived = [
            IkeKeys.derive(
                suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
                shared=shared,
            )
            for shared in self._shared(offer, side)[0]
        ]  # fmt: skip
        self._sas[spis] = Sa([*derived, *self._listed(message, suite)], nonces)

    def _listed(self, message: IkeMessage, suite: IkeSuite) -> Iterator[IkeKeys]:
        """What the ring has of the SA, made able to derive."""
        keys = self.keys.of_message(message)
        if keys is None:
            return
        # What seals is what the keys of the ring are for, whatever the capture says.
        suite = msgspec.structs.replace(
            keys.suite, prf=suite.prf, key_exchange=suite.key_exchange, legacy=True
        )
        for sk_d in self.secrets.sk_d:
            yield msgspec.structs.replace(keys, sk_d=sk_d, suite=suite)

    def _shared(self, offer: Side, answer: Side) -> tuple[list[Secret], bool]:
        """The shared secret of a private value that fits, and True; else all that may be it."""
        if offer.public is None or answer.public is None:
            return [], False
        publics = offer.public.key_exchange_data, answer.public.key_exchange_data
        for pair in self._pairs_of(offer.public.method):
            for own, other in (publics, publics[::-1]):
                if pair.public == own:
                    return [pair.shared(other)], True
        return list(self.secrets.shared), False

    def _pairs_of(self, method: int) -> list[KeyPair]:
        """The private values that are ones of a method."""
        if method not in self._key_pairs:
            group = key_exchange(method, legacy=True)
            found = self._key_pairs[method] = []
            for private in self.secrets.private:
                with suppress(ValueError):  # A value of another method.
                    found.append(group.key_pair(private))
        return self._key_pairs[method]

    def _settle(self, message: IkeMessage) -> None:
        """Keep the keys that open a message; the first ones that do are put on the ring."""
        sa = self._sas.get((message.initiator_spi, message.responder_spi))
        if sa is None or sa.settled:
            return
        fitting = [keys for keys in sa.keys if _opens(message, keys)]
        if fitting:
            # That those of a table open it tells nothing of the SK_d they were given.
            sa.keys, sa.settled = [*filter(_derived, fitting)] or fitting, True
            self.keys.add(sa.keys[0])

    # -- what is inside -----------------------------------------------------------------------
    def _inside(
        self, message: IkeMessage, payloads: Iterable[Payload], addresses: Addresses
    ) -> None:
        """The payloads of an opened message."""
        sa = self._sas.get((message.initiator_spi, message.responder_spi))
        side = Side.of(payloads, addresses)
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
            self._offers.setdefault(key, side)
            return
        offer = self._offers.get(key)
        if offer is not None:
            self._offers[key] = None
            self._made(sa, offer, side, first=first)

    def _made(self, sa: Sa, offer: Side, answer: Side, *, first: bool) -> None:
        """An exchange has made an SA."""
        chosen = answer.proposals[0]
        offered, size = offer.offered(chosen.proposal_num), _SPI_OCTETS.get(chosen.protocol_id)
        if offered is None or size is None:
            return
        spis = offered.spi, chosen.spi
        if {*map(len, spis)} != {size}:
            raise DecodeError(f"SPIs of {size} octets are expected", "proposals.spi")
        nonces = sa.nonces if first else (offer.nonce, answer.nonce)
        if chosen.protocol_id == ProtocolId.IKE:
            self._rekeyed(sa, spis, nonces, offer, answer)
        else:
            self._child(sa, spis, nonces, offer, answer)

    def _rekeyed(
        self, sa: Sa, spis: _Spis, nonces: tuple[bytes, bytes], offer: Side, answer: Side
    ) -> None:
        suite = IkeSuite.of(answer.proposals[0], legacy=True)
        candidates = [
            keys.rekey(
                suite, spi_i=spis[0], spi_r=spis[1], nonce_i=nonces[0], nonce_r=nonces[1],
                shared=shared,
            )
            for keys in sa.keys
            for shared in self._shared(offer, answer)[0]
        ]  # fmt: skip
        self._sas.setdefault(spis, Sa(candidates, nonces))

    def _child(
        self, sa: Sa, spis: _Spis, nonces: tuple[bytes, bytes], offer: Side, answer: Side
    ) -> None:
        suite = EspSuite.of(answer.proposals[0], legacy=True)
        spi_i, spi_r = (int.from_bytes(spi, "big") for spi in spis)
        shared, known = [Secret()], True
        if answer.public is not None:
            shared, known = self._shared(offer, answer)
        pairs = []
        for keys in sa.keys:
            for secret in shared:
                pair = child_sas(
                    keys, suite, spi_i=spi_i, spi_r=spi_r, nonce_i=nonces[0], nonce_r=nonces[1],
                    shared=secret,
                )  # fmt: skip
                pairs.append(_addressed(pair, offer.addresses))
        if known and len(pairs) == 1:
            self._add(pairs[0])
        else:
            self._pending[spi_i] = self._pending[spi_r] = Children((spi_i, spi_r), pairs)

    def _settle_children(self, packet: EspPacket) -> None:
        """Put the pair on the ring that opens a packet."""
        found = self._pending.get(packet.spi)
        for pair in found.pairs if found else ():
            if any(sa.spi == packet.spi and _opens_packet(packet, sa) for sa in pair):
                self._add(pair)
                for sa in pair:
                    self._pending.pop(sa.spi, None)
                return

    def _add(self, pair: Pair) -> None:
        for sa in pair:
            self.keys.add(sa)


class _Watched(Opener):
    """Lets a deriver see the packets of every depth before they are opened, and what is in them."""

    def __init__(self, deriver: KeyDeriver) -> None:
        super().__init__(deriver.keys, lenient=True)
        self._deriver = deriver

    def _open(
        self, packet: Packet, frame: int, before: Sequence[Layer], depth: int
    ) -> Iterator[Within]:
        self._deriver._before(packet, before)
        for within in super()._open(packet, frame, before, depth):
            if isinstance(within, OpenedChain):
                addresses = addresses_after([*before, *packet.layers[: within.layer]])
                message = within.parts[0].message
                self._deriver._try(self._deriver._inside, message, within.payloads, addresses)
            yield within


def _derived(keys: IkeKeys) -> bool:
    """The keys, all of them, come from a shared secret."""
    return bool(keys.sk_pi)


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


def _addressed(pair: Pair, addresses: Addresses) -> Pair:
    """The SAs with the addresses of the exchange's request."""
    if addresses is None:
        return pair
    source, destination = addresses
    out, back = pair
    return (
        msgspec.structs.replace(out, source=source, destination=destination),
        msgspec.structs.replace(back, source=destination, destination=source),
    )
