"""Who the mobile node is (RFC 4283, RFC 8371), and what proves it (RFC 4285)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

from ...schema import (
    Bytes,
    Code,
    Int8ub,
    IPv6,
    Message,
    Octets,
    OneOf,
    OpenEnum,
    Registry,
    RegistryCode,
    UInt8,
    UInt32,
    UInt64,
    Unknown,
    Utf8,
    WireDuid,
)
from .base import OPTIONS, MobilityOption
from .codes import AuthenticationSubtype, MnIdentifierSubtype

__all__ = [
    "MN_IDENTIFIERS",
    "Authentication",
    "DuidIdentifier",
    "Eui48Identifier",
    "Eui64Identifier",
    "GutiIdentifier",
    "ImsiIdentifier",
    "Ipv6AddressIdentifier",
    "MagIdentifier",
    "MessageIdentifier",
    "MnIdentifier",
    "MobileNodeIdentifier",
    "NaiIdentifier",
    "PTmsiIdentifier",
    "UnknownMnIdentifier",
]


class MnIdentifier(Message):
    """Base of every identifier of a mobile node."""

    subtype: ClassVar[Annotated[int, Code(Int8ub)]]
    "Kind of identifier."


MN_IDENTIFIERS: Registry[MnIdentifier] = Registry(MnIdentifier, "MN identifier", code=Int8ub)


@MN_IDENTIFIERS.unknown
class UnknownMnIdentifier(MnIdentifier, Unknown):
    """An identifier of a subtype that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@MN_IDENTIFIERS.register(1, rfc="4283 3.1")
class NaiIdentifier(MnIdentifier):
    """A network access identifier, such as `mn@example.net`."""

    nai: Utf8


@MN_IDENTIFIERS.register(2, rfc="8371 4.1")
class Ipv6AddressIdentifier(MnIdentifier):
    """An IPv6 address."""

    address: IPv6


@MN_IDENTIFIERS.register(3, rfc="8371 4.2")
class ImsiIdentifier(MnIdentifier):
    """An IMSI, one digit in four bits."""

    octets: Octets
    "Digits from high to low, not swapped as in 3GPP protocols; a last 0xf fills the octet."

    @classmethod
    def of(cls, digits: str) -> ImsiIdentifier:
        """The identifier of up to 15 digits; ValueError for anything else."""
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
            raise ValueError("an IMSI has at most 15 decimal digits")
        return cls(bytes.fromhex(digits + "f" * (len(digits) % 2)))

    @property
    def digits(self) -> str | None:
        """The IMSI; None where the octets are no digits."""
        text = self.octets.hex()
        text = text[:-1] if text.endswith("f") else text
        return text if text.isdigit() else None


@MN_IDENTIFIERS.register(4, rfc="8371 6")
class PTmsiIdentifier(MnIdentifier):
    """A P-TMSI; RFC 8371 names the kind and gives no encoding."""

    octets: Octets


@MN_IDENTIFIERS.register(5, rfc="8371 4.3")
class Eui48Identifier(MnIdentifier):
    """An EUI-48 address."""

    address: Annotated[bytes, Bytes(6)]


@MN_IDENTIFIERS.register(6, rfc="8371 4.4")
class Eui64Identifier(MnIdentifier):
    """An EUI-64 address."""

    address: Annotated[bytes, Bytes(8)]


@MN_IDENTIFIERS.register(7, rfc="8371 6")
class GutiIdentifier(MnIdentifier):
    """A GUTI; RFC 8371 names the kind and gives no encoding."""

    octets: Octets


@MN_IDENTIFIERS.register(8, rfc="8371 4.5")
class DuidIdentifier(MnIdentifier):
    """A DHCP unique identifier."""

    duid: WireDuid


@OPTIONS.register(8, rfc="4283 3, 8371 4")
class MobileNodeIdentifier(MobilityOption):
    """Mobile Node Identifier (MN-ID)."""

    identifier: Annotated[MnIdentifier, OneOf(MN_IDENTIFIERS)]


@OPTIONS.register(64, rfc="8278 4.2")
class MagIdentifier(MobilityOption):
    """MAG Identifier: a gateway's own name."""

    subtype: Annotated[MnIdentifierSubtype | int, OpenEnum(Int8ub, MnIdentifierSubtype)]
    reserved: UInt8 = 0
    identifier: Octets = b""

    @property
    def identity(self) -> MnIdentifier:
        """The identifier typed by its subtype; DecodeError where it does not fit that."""
        return MN_IDENTIFIERS.decode(bytes((int(self.subtype),)) + self.identifier)


@OPTIONS.register(9, align=(4, 1), rfc="4285 5")
class Authentication(MobilityOption):
    """Mobility Message Authentication (AUTH-OPTION-TYPE)."""

    subtype: Annotated[AuthenticationSubtype | int, OpenEnum(Int8ub, AuthenticationSubtype)]
    mobility_spi: UInt32
    authentication_data: Octets


@OPTIONS.register(10, align=(8, 2), rfc="4285 6")
class MessageIdentifier(MobilityOption):
    """Message Identification (MESG-ID-OPTION-TYPE): protects against replay."""

    timestamp: UInt64
    "NTP form: seconds since 1900 in the high 32 bits, fractions of a second in the low ones."

    @property
    def time(self) -> datetime:
        """The timestamp to the microsecond."""
        seconds, fraction = divmod(self.timestamp, 1 << 32)
        microseconds = fraction * 1_000_000 >> 32
        start = datetime(1900, 1, 1, tzinfo=UTC)
        return start + timedelta(seconds=seconds, microseconds=microseconds)
