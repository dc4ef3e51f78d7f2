"""ICMPv6: errors, echo, and what Mobile IPv6 adds (RFC 4443, RFC 6275 6.5 to 6.8)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated, ClassVar

from ..schema import (
    Bits,
    Code,
    Inet6,
    Int8ub,
    Items,
    Message,
    Octets,
    OpenEnum,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    UInt32,
    Unknown,
)
from .nd_options import NdOptions
from .numbers import DestinationUnreachableCode, ParameterProblemCode, TimeExceededCode

__all__ = [
    "ICMPV6",
    "DestinationUnreachable",
    "EchoReply",
    "EchoRequest",
    "HomeAgentAddressDiscoveryReply",
    "HomeAgentAddressDiscoveryRequest",
    "Icmpv6Message",
    "MobilePrefixAdvertisement",
    "MobilePrefixSolicitation",
    "PacketTooBig",
    "ParameterProblem",
    "TimeExceeded",
    "UnknownIcmpv6",
]


class Icmpv6Message(Message, kw_only=True):
    """Base of every ICMPv6 message (RFC 4443 2.1)."""

    type: ClassVar[Annotated[int, Code(Int8ub)]]
    code: UInt8 = 0
    checksum: UInt16 = 0


ICMPV6: Registry[Icmpv6Message] = Registry(Icmpv6Message, "ICMPv6 message", code=Int8ub)


@ICMPV6.unknown
class UnknownIcmpv6(Icmpv6Message, Unknown, kw_only=True):
    """An ICMPv6 message of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@ICMPV6.register(1, rfc="4443 3.1")
class DestinationUnreachable(Icmpv6Message, kw_only=True):
    """A packet did not arrive."""

    code: Annotated[
        DestinationUnreachableCode | int, OpenEnum(Int8ub, DestinationUnreachableCode)
    ] = 0
    unused: UInt32 = 0
    quoted: Octets = b""
    "As much of the packet as fits."


@ICMPV6.register(2, rfc="4443 3.2")
class PacketTooBig(Icmpv6Message, kw_only=True):
    """A packet does not fit the next link."""

    mtu: UInt32
    "Octets that fit."
    quoted: Octets = b""
    "As much of the packet as fits."


@ICMPV6.register(3, rfc="4443 3.3")
class TimeExceeded(Icmpv6Message, kw_only=True):
    """A packet took too many hops, or its fragments too long."""

    code: Annotated[TimeExceededCode | int, OpenEnum(Int8ub, TimeExceededCode)] = 0
    unused: UInt32 = 0
    quoted: Octets = b""
    "As much of the packet as fits."


@ICMPV6.register(4, rfc="4443 3.4")
class ParameterProblem(Icmpv6Message, kw_only=True):
    """A packet has a field that cannot be used."""

    code: Annotated[ParameterProblemCode | int, OpenEnum(Int8ub, ParameterProblemCode)] = 0
    pointer: UInt32
    "Offset of the octet in the packet."
    quoted: Octets = b""
    "As much of the packet as fits."


@ICMPV6.register(128, rfc="4443 4.1")
class EchoRequest(Icmpv6Message, kw_only=True):
    """Echo request."""

    identifier: UInt16
    sequence: UInt16
    data: Octets = b""


@ICMPV6.register(129, rfc="4443 4.2")
class EchoReply(Icmpv6Message, kw_only=True):
    """Echo reply."""

    identifier: UInt16
    sequence: UInt16
    data: Octets = b""


@ICMPV6.register(144, rfc="6275 6.5")
class HomeAgentAddressDiscoveryRequest(Icmpv6Message, kw_only=True):
    """Asks for the home agents of a home link."""

    identifier: UInt16
    reserved: UInt16 = 0


@ICMPV6.register(145, rfc="6275 6.6")
class HomeAgentAddressDiscoveryReply(Icmpv6Message, kw_only=True):
    """The home agents of a home link, the preferred one first."""

    identifier: UInt16
    reserved: UInt16 = 0
    addresses: Annotated[tuple[IPv6Address, ...], Items(Inet6)] = ()


@ICMPV6.register(146, rfc="6275 6.7")
class MobilePrefixSolicitation(Icmpv6Message, kw_only=True):
    """Asks for the prefixes of the home link."""

    identifier: UInt16
    reserved: UInt16 = 0


@ICMPV6.register(147, rfc="6275 6.8")
class MobilePrefixAdvertisement(Icmpv6Message, kw_only=True):
    """The prefixes of the home link."""

    identifier: UInt16
    managed: Annotated[bool, Bits(1)] = False
    "The M flag: addresses by DHCPv6."
    other: Annotated[bool, Bits(1)] = False
    "The O flag: other configuration by DHCPv6."
    reserved_bits: Annotated[int, Bits(14)] = 0
    options: NdOptions = ()
