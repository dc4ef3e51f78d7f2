"""Neighbor Discovery messages (RFC 4861 4), with the flags of RFC 4191, 4389 and 6275."""

from __future__ import annotations

from typing import Annotated

from ..schema import Bits, IPv6, UInt8, UInt16, UInt32
from .icmpv6 import ICMPV6, Icmpv6Message
from .nd_options import NdOptions

__all__ = [
    "NeighborAdvertisement",
    "NeighborSolicitation",
    "Redirect",
    "RouterAdvertisement",
    "RouterSolicitation",
]


@ICMPV6.register(133, rfc="4861 4.1")
class RouterSolicitation(Icmpv6Message, kw_only=True):
    """Asks routers for an advertisement."""

    reserved: UInt32 = 0
    options: NdOptions = ()


@ICMPV6.register(134, rfc="4861 4.2, 6275 7.1, 4191 2.2")
class RouterAdvertisement(Icmpv6Message, kw_only=True):
    """A router, its prefixes and its parameters."""

    hop_limit: UInt8 = 0
    "0: not said."
    managed: Annotated[bool, Bits(1)] = False
    "The M flag: addresses by DHCPv6."
    other: Annotated[bool, Bits(1)] = False
    "The O flag: other configuration by DHCPv6."
    home_agent: Annotated[bool, Bits(1)] = False
    "The H flag of RFC 6275: the router is a home agent on this link."
    preference: Annotated[int, Bits(2)] = 0
    "Signed: 1 high, 0 medium, 3 low (RFC 4191)."
    proxy: Annotated[bool, Bits(1)] = False
    "The P flag of RFC 4389."
    reserved_bits: Annotated[int, Bits(2)] = 0
    router_lifetime: UInt16 = 0
    "Seconds; 0: no default router."
    reachable_time_ms: UInt32 = 0
    "Milliseconds; 0: not said."
    retrans_timer_ms: UInt32 = 0
    "Milliseconds; 0: not said."
    options: NdOptions = ()


@ICMPV6.register(135, rfc="4861 4.3")
class NeighborSolicitation(Icmpv6Message, kw_only=True):
    """Asks for a neighbour's link-layer address."""

    reserved: UInt32 = 0
    target: IPv6
    options: NdOptions = ()


@ICMPV6.register(136, rfc="4861 4.4")
class NeighborAdvertisement(Icmpv6Message, kw_only=True):
    """A neighbour's link-layer address."""

    router: Annotated[bool, Bits(1)] = False
    "The R flag."
    solicited: Annotated[bool, Bits(1)] = False
    "The S flag."
    override: Annotated[bool, Bits(1)] = False
    "The O flag."
    reserved_bits: Annotated[int, Bits(29)] = 0
    target: IPv6
    options: NdOptions = ()


@ICMPV6.register(137, rfc="4861 4.5")
class Redirect(Icmpv6Message, kw_only=True):
    """A better first hop."""

    reserved: UInt32 = 0
    target: IPv6
    destination: IPv6
    options: NdOptions = ()
