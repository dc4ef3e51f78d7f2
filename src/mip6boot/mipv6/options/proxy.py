"""Options of proxy mobility (RFC 5213, 5845, 5847, 6058, 6602, 6705, 7148, 7389)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from ...schema import (
    Bits,
    ByLength,
    Inet4,
    Inet6,
    Int8ub,
    Int32ub,
    IPv6,
    Octets,
    OpenEnum,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
)
from .base import OPTIONS, MobilityOption
from .codes import AccessTechnologyType, HandoffIndicator

__all__ = [
    "AccessTechnologyTypeOption",
    "DelegatedMobileNetworkPrefix",
    "GreKey",
    "HandoffIndicatorOption",
    "HomeNetworkPrefix",
    "LinkLocalAddress",
    "LmaUserPlaneAddress",
    "MagIpv6Address",
    "MnGroupIdentifier",
    "MnLinkLayerIdentifier",
    "RestartCounter",
    "Timestamp",
    "TransientBinding",
    "natural_alignment",
]


def natural_alignment(size: int) -> tuple[int, int]:
    """Alignment of an option with four octets before a field of `size` octets.

    RFC 5213 8.6 and RFC 8885 4.8 only ask for what fits the size; this is the natural one.
    """
    for modulus in (8, 4, 2):
        if size and size % modulus == 0:
            return modulus, 4 % modulus
    return 1, 0


@OPTIONS.register(22, align=(8, 4), rfc="5213 8.3")
class HomeNetworkPrefix(MobilityOption, kw_only=True):
    """Home Network Prefix of a mobile node."""

    reserved: UInt8 = 0
    prefix_length: UInt8
    "Bits."
    prefix: IPv6


@OPTIONS.register(23, rfc="5213 8.4")
class HandoffIndicatorOption(MobilityOption, kw_only=True):
    """Handoff Indicator."""

    reserved: UInt8 = 0
    handoff_indicator: Annotated[HandoffIndicator | int, OpenEnum(Int8ub, HandoffIndicator)]


@OPTIONS.register(24, rfc="5213 8.5")
class AccessTechnologyTypeOption(MobilityOption, kw_only=True):
    """Access Technology Type."""

    reserved: UInt8 = 0
    access_technology_type: Annotated[
        AccessTechnologyType | int, OpenEnum(Int8ub, AccessTechnologyType)
    ]


@OPTIONS.register(
    25, align=lambda o: natural_alignment(len(o.link_layer_identifier)), rfc="5213 8.6"
)
class MnLinkLayerIdentifier(MobilityOption, kw_only=True):
    """Mobile Node Link-layer Identifier."""

    reserved: UInt16 = 0
    link_layer_identifier: Octets


@OPTIONS.register(26, align=(8, 6), rfc="5213 8.7")
class LinkLocalAddress(MobilityOption):
    """Link-local Address of the access gateway."""

    address: IPv6


@OPTIONS.register(27, align=(8, 2), rfc="5213 8.8")
class Timestamp(MobilityOption):
    """Timestamp: orders proxy binding updates."""

    timestamp: UInt64
    "Seconds since 1970 in the high 48 bits, 65,536ths of a second in the low 16."

    @property
    def time(self) -> datetime | None:
        """The timestamp to the microsecond; None beyond the year 9999."""
        seconds, fraction = divmod(self.timestamp, 1 << 16)
        since = timedelta(microseconds=fraction * 1_000_000 >> 16)
        try:
            return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds) + since
        except OverflowError:
            return None


@OPTIONS.register(28, align=(4, 2), rfc="5847 3.4")
class RestartCounter(MobilityOption):
    """Restart Counter: how often the peer has started anew."""

    restart_counter: UInt32


@OPTIONS.register(33, align=(4, 0), rfc="5845 6.1")
class GreKey(MobilityOption, kw_only=True):
    """GRE Key; without a key the option asks for GRE encapsulation alone."""

    reserved: UInt16 = 0
    key: Annotated[int | None, ByLength({0: None, 4: Int32ub})] = None


@OPTIONS.register(43, rfc="6058 5.1")
class TransientBinding(MobilityOption, kw_only=True):
    """Transient Binding."""

    reserved: Annotated[int, Bits(7)] = 0
    late_path_switch: Annotated[bool, Bits(1)] = False
    "The L flag."
    lifetime_100ms: UInt8 = 0
    "Maximum lifetime in units of 100 milliseconds."

    @property
    def lifetime(self) -> timedelta:
        """Maximum lifetime."""
        return timedelta(milliseconds=100 * self.lifetime_100ms)


@OPTIONS.register(50, rfc="6602 4.3")
class MnGroupIdentifier(MobilityOption, kw_only=True):
    """Mobile Node Group Identifier."""

    sub_type: UInt8 = 1
    "1: bulk binding update group."
    reserved: UInt8 = 0
    group_identifier: UInt32


@OPTIONS.register(51, align=(8, 4), rfc="6705 11.1")
class MagIpv6Address(MobilityOption, kw_only=True):
    """MAG IPv6 Address."""

    reserved: UInt8 = 0
    address_length: UInt8 = 128
    "Bits; always 128."
    address: IPv6


@OPTIONS.register(55, align=(8, 2), rfc="7148 4.1")
class DelegatedMobileNetworkPrefix(MobilityOption, kw_only=True):
    """Delegated Mobile Network Prefix of a mobile router."""

    ipv4_prefix: Annotated[bool, Bits(1)] = False
    "The V flag: the prefix is an IPv4 one."
    reserved: Annotated[int, Bits(7)] = 0
    prefix_length: UInt8
    "Bits."
    prefix: Annotated[IPv6Address | IPv4Address, ByLength({16: Inet6, 4: Inet4})]


@OPTIONS.register(59, align=(8, 2), rfc="7389 4")
class LmaUserPlaneAddress(MobilityOption, kw_only=True):
    """LMA User-Plane Address; without an address the gateway asks for one."""

    reserved: UInt16 = 0
    address: Annotated[
        IPv6Address | IPv4Address | None, ByLength({0: None, 4: Inet4, 16: Inet6})
    ] = None
