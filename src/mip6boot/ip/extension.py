"""IPv6 extension headers (RFC 8200 4), with what Mobile IPv6 adds (RFC 6275 6.3, 6.4)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated, ClassVar

from ..schema import (
    Bits,
    Code,
    FrameLength,
    Inet6,
    Int8ub,
    IPv6,
    Items,
    Message,
    Octets,
    OptionList,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    UInt32,
    Unknown,
)
from .headers import NextHeader

__all__ = [
    "IPV6_OPTIONS",
    "ROUTING_HEADERS",
    "DestinationOptions",
    "FragmentHeader",
    "HomeAddressOption",
    "HopByHopOptions",
    "Ipv6Option",
    "Ipv6Options",
    "Ipv6Pad1",
    "Ipv6PadN",
    "RouterAlert",
    "RoutingHeader",
    "SegmentRoutingHeader",
    "TunnelEncapsulationLimit",
    "Type0RoutingHeader",
    "Type2RoutingHeader",
    "UnknownIpv6Option",
    "UnknownRoutingHeader",
]


class Ipv6Option(Message):
    """Base of the options of hop-by-hop and destination options headers."""


IPV6_OPTIONS: Registry[Ipv6Option] = Registry(
    Ipv6Option, "IPv6 option", code=Int8ub, length=Int8ub, pad1=0, padn=1
)


@IPV6_OPTIONS.unknown
class UnknownIpv6Option(Ipv6Option, Unknown):
    """An IPv6 option of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@IPV6_OPTIONS.register(0, rfc="8200 4.2")
class Ipv6Pad1(Ipv6Option):
    """One octet of padding."""


@IPV6_OPTIONS.register(1, rfc="8200 4.2")
class Ipv6PadN(Ipv6Option):
    """Two or more octets of padding."""

    data: Octets = b""
    "Receivers ignore these octets, which ought to be zero."


@IPV6_OPTIONS.register(4, rfc="2473 4.1.1")
class TunnelEncapsulationLimit(Ipv6Option):
    """How many more tunnels the packet may enter."""

    limit: UInt8


@IPV6_OPTIONS.register(5, align=(2, 0), rfc="2711 2.1")
class RouterAlert(Ipv6Option):
    """Routers are to look at the packet."""

    value: UInt16


@IPV6_OPTIONS.register(201, align=(8, 6), rfc="6275 6.3")
class HomeAddressOption(Ipv6Option):
    """Home Address: whom the packet really comes from."""

    home_address: IPv6


Ipv6Options = Annotated[tuple[Ipv6Option, ...], OptionList(IPV6_OPTIONS, multiple=8)]


class HopByHopOptions(Message, kw_only=True):
    """Hop-by-hop options header (RFC 8200 4.3)."""

    next_header: NextHeader
    header_len: ClassVar[Annotated[int, FrameLength(Int8ub, unit=8, bias=8)]]
    options: Ipv6Options = ()


class DestinationOptions(Message, kw_only=True):
    """Destination options header (RFC 8200 4.6)."""

    next_header: NextHeader
    header_len: ClassVar[Annotated[int, FrameLength(Int8ub, unit=8, bias=8)]]
    options: Ipv6Options = ()


class RoutingHeader(Message, kw_only=True):
    """Base of the routing headers (RFC 8200 4.4)."""

    next_header: NextHeader
    header_len: ClassVar[Annotated[int, FrameLength(Int8ub, unit=8, bias=8)]]
    routing_type: ClassVar[Annotated[int, Code(Int8ub)]]
    segments_left: UInt8 = 0


ROUTING_HEADERS: Registry[RoutingHeader] = Registry(
    RoutingHeader, "routing header", code=Int8ub, at=2
)


@ROUTING_HEADERS.unknown
class UnknownRoutingHeader(RoutingHeader, Unknown, kw_only=True):
    """A routing header of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b"\0\0\0\0"


@ROUTING_HEADERS.register(0, rfc="5095 1")
class Type0RoutingHeader(RoutingHeader, kw_only=True):
    """Type 0 routing header; deprecated by RFC 5095, seen in old captures."""

    reserved: UInt32 = 0
    addresses: Annotated[tuple[IPv6Address, ...], Items(Inet6)] = ()


@ROUTING_HEADERS.register(2, rfc="6275 6.4")
class Type2RoutingHeader(RoutingHeader, kw_only=True):
    """Type 2 routing header: the home address that the packet really goes to."""

    reserved: UInt32 = 0
    home_address: IPv6


@ROUTING_HEADERS.register(4, rfc="8754 2")
class SegmentRoutingHeader(RoutingHeader, kw_only=True):
    """Segment routing header; segments and TLVs are kept as octets."""

    last_entry: UInt8 = 0
    flags: UInt8 = 0
    tag: UInt16 = 0
    segments_and_tlvs: Octets = b""

    @property
    def segments(self) -> tuple[IPv6Address, ...] | None:
        """The segment list, last segment first; None where it does not fit the header."""
        size = 16 * (self.last_entry + 1)
        if size > len(self.segments_and_tlvs):
            return None
        octets = self.segments_and_tlvs
        return tuple(IPv6Address(octets[at : at + 16]) for at in range(0, size, 16))


class FragmentHeader(Message, kw_only=True):
    """Fragment header (RFC 8200 4.5)."""

    next_header: NextHeader
    reserved: UInt8 = 0
    fragment_offset: Annotated[int, Bits(13)] = 0
    "Units of 8 octets."
    reserved_bits: Annotated[int, Bits(2)] = 0
    more_fragments: Annotated[bool, Bits(1)] = False
    identification: UInt32
