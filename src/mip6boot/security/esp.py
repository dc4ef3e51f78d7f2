"""ESP opened and sealed (RFC 4303): what both modes have in common.

What is inside, and which headers stand before it, is a matter of `packets`.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import overload

import msgspec

from ..errors import ConfigError, DecodeError, EncodeError, UnknownSa
from ..ip import EspPacket, Protocol
from ..schema.kept import kept
from ..schema.message import OctetString
from .ike_keys import IkeKeys
from .protection import Protection
from .secret import Rng, Secret, cut, hide
from .suites import EspSuite

__all__ = ["EspSa", "OpenedEsp", "child_sas"]

#: Octets that the encrypted part of every packet is a multiple of (RFC 4303 2.4).
_WORD = 4

_LOW = 1 << 32


class OpenedEsp(msgspec.Struct, frozen=True):
    """What an ESP packet holds; `EspSa.reseal` gives the packet back."""

    packet: EspPacket
    "As it was on the wire."
    sequence: int
    "The whole sequence number, of 64 bits where the SA has extended ones."
    next_header: Protocol | int
    "What the payload is: IPV6 or IPIP in tunnel mode, else an upper layer; 59 for a dummy."
    payload: bytes
    iv: bytes
    padding: bytes
    verified: bool = True
    "An integrity check value fits; without one there is no telling."


class EspSa(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One direction of a child SA; the receiver has chosen the SPI."""

    spi: int
    suite: EspSuite
    encryption_key: Secret
    "With the salt."
    integrity_key: Secret = Secret()
    source: IPv4Address | IPv6Address | None = None
    destination: IPv4Address | IPv6Address | None = None
    "Addresses of the packets; None where they may be any."

    def __post_init__(self) -> None:
        hide(self, "encryption_key", "integrity_key")

    @kept
    def protection(self) -> Protection:
        """What seals the packets; ConfigError for a suite or keys that do not work here."""
        if not 0 <= self.spi < _LOW:
            raise ConfigError(f"the SPI {self.spi} does not fit 32 bits")
        return Protection(self.suite, self.encryption_key, self.integrity_key)

    def unseal(self, packet: EspPacket | OctetString, *, high: int = 0) -> OpenedEsp:
        """What a packet holds.

        `high` is the half of an extended sequence number that is not sent (see `ReplayWindow`).
        DecodeError where the packet does not parse, UnknownSa where it is of another SA,
        IntegrityError where it was not sealed with the keys; ValueError for a `high` that the SA
        cannot have.
        """
        if high and not (self.suite.extended and 0 < high < _LOW):
            raise ValueError(f"{high} is no high half of a sequence number of this SA")
        if not isinstance(packet, EspPacket):
            packet = EspPacket.decode(packet)
        if packet.spi != self.spi:
            raise UnknownSa(f"the packet is of the SA {packet.spi:#010x}")
        sequence = high << 32 | packet.sequence
        protection = self.protection
        head, tail = self._head(sequence)
        iv, plaintext = protection.open(head, packet.data, tail)
        end = len(plaintext) - 2 - plaintext[-2] if len(plaintext) > 1 else -1
        if end < 0:
            raise DecodeError("the padding is longer than what is encrypted", "pad_length")
        number = plaintext[-1]
        return OpenedEsp(
            packet,
            sequence,
            Protocol(number) if number in _PROTOCOLS else number,
            plaintext[:end],
            iv,
            plaintext[end:-2],
            protection.verifies,
        )

    @overload
    def seal(self, payload: bytes, next_header: int, *, sequence: int, rng: Rng) -> EspPacket: ...
    @overload
    def seal(
        self,
        payload: bytes,
        next_header: int,
        *,
        sequence: int,
        iv: bytes,
        padding: bytes | None = None,
    ) -> EspPacket: ...
    def seal(
        self,
        payload: bytes,
        next_header: int,
        *,
        sequence: int,
        rng: Rng | None = None,
        iv: bytes | None = None,
        padding: bytes | None = None,
    ) -> EspPacket:
        """The packet that holds a payload; `sequence` is the whole sequence number.

        The initialization vector is drawn from `rng` or given; never may one be used twice with
        the same keys.  Padding is the shortest, of 1, 2, 3 ... unless it is given.  EncodeError
        for numbers that do not fit: a sequence number never begins anew with the same keys (RFC
        4303 3.3.3).  ValueError for an `iv` or a padding of a size that the cipher cannot have.
        """
        protection = self.protection
        if (rng is None) == (iv is None):
            raise TypeError("either rng or iv is expected")
        if iv is None:
            assert rng is not None
            iv = rng.randbytes(protection.iv_octets)
        if padding is None:
            unit = max(protection.unit, _WORD)
            padding = bytes(range(1, 1 + -(len(payload) + 2) % unit))
        try:
            trailer = bytes((len(padding), next_header))
        except ValueError:
            raise EncodeError("length of padding and next header have one octet each") from None
        head, tail = self._head(sequence)
        sealed = protection.seal(head, iv, payload + padding + trailer, tail)
        return EspPacket(self.spi, sequence % _LOW, sealed)

    def reseal(self, opened: OpenedEsp) -> EspPacket:
        """The packet again: with the same keys the same octets."""
        return self.seal(
            opened.payload,
            opened.next_header,
            sequence=opened.sequence,
            iv=opened.iv,
            padding=opened.padding,
        )

    def _head(self, sequence: int) -> tuple[bytes, bytes]:
        """What is authenticated before and behind the packet's sealed octets.

        Combined modes count a whole extended sequence number before them (RFC 4106 5), others its
        high half behind them (RFC 4303 2.8).
        """
        spi, extended = self.spi.to_bytes(4, "big"), self.suite.extended
        try:
            whole = sequence.to_bytes(8 if extended else 4, "big")
        except OverflowError:
            bits = 64 if extended else 32
            raise EncodeError(f"{sequence} does not fit {bits} bits", "sequence") from None
        if not extended:
            return spi + whole, b""
        if self.protection.aead:
            return spi + whole, b""
        return spi + whole[4:], whole[:4]


_PROTOCOLS = frozenset(map(int, Protocol))


def child_sas(
    keys: IkeKeys,
    suite: EspSuite,
    *,
    spi_i: int,
    spi_r: int,
    nonce_i: bytes,
    nonce_r: bytes,
    shared: bytes = b"",
) -> tuple[EspSa, EspSa]:
    """The SAs from and to the initiator of the exchange that made them (RFC 7296 2.17).

    Nonces, and with perfect forward secrecy the shared secret, are those of that exchange.  The
    SPIs are those that initiator and responder have sent: each names what its sender receives.
    """
    prf = keys.suite.pseudorandom_function
    sizes = 2 * (suite.encryption_key_octets, suite.integrity_key_octets)
    stream = prf.plus(keys.deriving_key, shared + nonce_i + nonce_r, sum(sizes))
    e_i, a_i, e_r, a_r = cut(stream, *sizes)
    return (
        EspSa(spi=spi_r, suite=suite, encryption_key=e_i, integrity_key=a_i),
        EspSa(spi=spi_i, suite=suite, encryption_key=e_r, integrity_key=a_r),
    )
