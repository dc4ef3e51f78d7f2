"""Options of Neighbor Discovery (RFC 4861 4.6 and successors), counted in 8 octets."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated

from ..schema import (
    Bits,
    Bytes,
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

__all__ = [
    "ND_OPTIONS",
    "AdvertisementInterval",
    "DnsSearchList",
    "HomeAgentInformation",
    "Mtu",
    "NdOption",
    "NdOptions",
    "PrefixInformation",
    "RecursiveDnsServers",
    "RedirectedHeader",
    "RouteInformation",
    "SourceLinkLayerAddress",
    "TargetLinkLayerAddress",
    "UnknownNdOption",
]


class NdOption(Message):
    """Base of the options of Neighbor Discovery."""


# The length counts 8 octets, type and length included.
ND_OPTIONS: Registry[NdOption] = Registry(
    NdOption, "ND option", code=Int8ub, length=Int8ub, length_rule=(8, -2)
)

NdOptions = Annotated[tuple[NdOption, ...], OptionList(ND_OPTIONS)]


@ND_OPTIONS.unknown
class UnknownNdOption(NdOption, Unknown):
    """An ND option of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@ND_OPTIONS.register(1, rfc="4861 4.6.1")
class SourceLinkLayerAddress(NdOption):
    """Source link-layer address, with its padding."""

    link_layer_address: Octets


@ND_OPTIONS.register(2, rfc="4861 4.6.1")
class TargetLinkLayerAddress(NdOption):
    """Target link-layer address, with its padding."""

    link_layer_address: Octets


@ND_OPTIONS.register(3, rfc="4861 4.6.2, 6275 7.2")
class PrefixInformation(NdOption, kw_only=True):
    """A prefix of the link."""

    prefix_length: UInt8
    "Bits."
    on_link: Annotated[bool, Bits(1)] = False
    "The L flag."
    autonomous: Annotated[bool, Bits(1)] = False
    "The A flag: addresses may be made from the prefix."
    router_address: Annotated[bool, Bits(1)] = False
    "The R flag of RFC 6275: the prefix field is a whole address of the router."
    reserved_bits: Annotated[int, Bits(5)] = 0
    valid_lifetime: UInt32
    "Seconds; all ones is for ever."
    preferred_lifetime: UInt32
    "Seconds; all ones is for ever."
    reserved: UInt32 = 0
    prefix: IPv6


@ND_OPTIONS.register(4, rfc="4861 4.6.3")
class RedirectedHeader(NdOption, kw_only=True):
    """The packet that was redirected."""

    reserved: Annotated[bytes, Bytes(6)] = bytes(6)
    quoted: Octets = b""
    "As much of the packet as fits."


@ND_OPTIONS.register(5, rfc="4861 4.6.4")
class Mtu(NdOption, kw_only=True):
    """The MTU of the link."""

    reserved: UInt16 = 0
    mtu: UInt32
    "Octets."


@ND_OPTIONS.register(7, rfc="6275 7.3")
class AdvertisementInterval(NdOption, kw_only=True):
    """The longest time between router advertisements."""

    reserved: UInt16 = 0
    interval_ms: UInt32
    "Milliseconds."


@ND_OPTIONS.register(8, rfc="6275 7.4, 3963 4.4")
class HomeAgentInformation(NdOption, kw_only=True):
    """How much a home agent is to be preferred, and for how long."""

    mobile_router_support: Annotated[bool, Bits(1)] = False
    "The R flag of RFC 3963; reserved in RFC 6275."
    reserved_bits: Annotated[int, Bits(15)] = 0
    preference: UInt16 = 0
    "Higher comes first; 0 where the option is absent."
    lifetime: UInt16
    "Seconds, not 0."


@ND_OPTIONS.register(24, rfc="4191 2.3")
class RouteInformation(NdOption, kw_only=True):
    """A route by way of the router."""

    prefix_length: UInt8
    "Bits."
    reserved_bits: Annotated[int, Bits(3)] = 0
    preference: Annotated[int, Bits(2)] = 0
    "Signed: 1 high, 0 medium, 3 low."
    reserved_bits2: Annotated[int, Bits(3)] = 0
    lifetime: UInt32
    "Seconds; all ones is for ever."
    prefix: Octets = b""
    "0, 8 or 16 octets of the prefix."

    @property
    def network(self) -> IPv6Address | None:
        """The prefix filled up to an address; None where it has more than 16 octets."""
        return IPv6Address(self.prefix.ljust(16, b"\0")) if len(self.prefix) <= 16 else None


@ND_OPTIONS.register(25, rfc="8106 5.1")
class RecursiveDnsServers(NdOption, kw_only=True):
    """DNS servers."""

    reserved: UInt16 = 0
    lifetime: UInt32
    "Seconds; all ones is for ever."
    addresses: Annotated[tuple[IPv6Address, ...], Items(Inet6)]


@ND_OPTIONS.register(31, rfc="8106 5.2")
class DnsSearchList(NdOption, kw_only=True):
    """DNS search list."""

    reserved: UInt16 = 0
    lifetime: UInt32
    "Seconds; all ones is for ever."
    domain_names: Octets
    "Names in wire form one after the other, filled up with zeros."
