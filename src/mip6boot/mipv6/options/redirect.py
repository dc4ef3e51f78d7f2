"""Runtime assignment of local mobility anchors (RFC 6463)."""

from __future__ import annotations

import enum
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from ...schema import Bits, ByLength, Flags, Inet4, Inet6, IPv4, UInt16, UInt32
from .base import OPTIONS, MobilityOption

__all__ = [
    "AlternateIpv4CareOfAddress",
    "LoadInformation",
    "Redirect",
    "RedirectCapability",
    "RedirectFlags",
]


@OPTIONS.register(46, align=(4, 0), rfc="6463 4.1")
class RedirectCapability(MobilityOption):
    """Redirect-Capability: the gateway can be sent to another anchor."""

    reserved: UInt16 = 0


class RedirectFlags(enum.IntFlag):
    """Family of the address of a Redirect option (RFC 6463 4.2); exactly one is set."""

    K = 0x8000
    N = 0x4000


@OPTIONS.register(47, align=(4, 0), rfc="6463 4.2")
class Redirect(MobilityOption, kw_only=True):
    """Redirect: the anchor to use instead."""

    flags: Annotated[RedirectFlags, Flags(2, RedirectFlags)]
    "K with an IPv6 address, N with an IPv4 address."
    reserved: Annotated[int, Bits(14)] = 0
    address: Annotated[IPv6Address | IPv4Address, ByLength({16: Inet6, 4: Inet4})]


@OPTIONS.register(48, align=(4, 0), rfc="6463 4.3")
class LoadInformation(MobilityOption):
    """Load Information of a local mobility anchor."""

    priority: UInt16
    "Lower comes first."
    sessions_in_use: UInt32
    maximum_sessions: UInt32
    used_capacity: UInt32
    "Kilobytes a second."
    maximum_capacity: UInt32
    "Kilobytes a second."


@OPTIONS.register(49, align=(4, 2), rfc="6463 4.4")
class AlternateIpv4CareOfAddress(MobilityOption):
    """Alternate IPv4 Care-of Address."""

    address: IPv4
