"""Binary traffic selectors (RFC 6088): which packets belong to a flow."""

from __future__ import annotations

import enum
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, ClassVar

from ...schema import (
    Bits,
    Code,
    Flags,
    Inet4,
    Inet6,
    Int8ub,
    Int16ub,
    Int32ub,
    Message,
    Octets,
    Registry,
    RegistryCode,
    UInt8,
    Unknown,
    When,
)

__all__ = [
    "TRAFFIC_SELECTORS",
    "Ipv4Selector",
    "Ipv4TrafficSelector",
    "Ipv6Selector",
    "Ipv6TrafficSelector",
    "TrafficSelector",
    "UnknownTrafficSelector",
]


class TrafficSelector(Message, kw_only=True):
    """Base of every traffic selector."""

    ts_format: ClassVar[Annotated[int, Code(Int8ub)]]
    "Format of the selector."
    reserved: UInt8 = 0


TRAFFIC_SELECTORS: Registry[TrafficSelector] = Registry(
    TrafficSelector, "traffic selector", code=Int8ub
)


@TRAFFIC_SELECTORS.unknown
class UnknownTrafficSelector(TrafficSelector, Unknown, kw_only=True):
    """A traffic selector of a format that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


class Ipv4Selector(enum.IntFlag):
    """Which fields an IPv4 selector has (RFC 6088 3.1)."""

    A = 1 << 31
    B = 1 << 30
    C = 1 << 29
    D = 1 << 28
    E = 1 << 27
    F = 1 << 26
    G = 1 << 25
    H = 1 << 24
    I = 1 << 23
    J = 1 << 22
    K = 1 << 21
    L = 1 << 20
    M = 1 << 19
    N = 1 << 18


@TRAFFIC_SELECTORS.register(1, rfc="6088 3.1")
class Ipv4TrafficSelector(TrafficSelector, kw_only=True):
    """IPv4 binary traffic selector; a field is there when its flag is set."""

    flags: Annotated[Ipv4Selector, Flags(14, Ipv4Selector)] = Ipv4Selector(0)
    reserved_bits: Annotated[int, Bits(18)] = 0
    start_source_address: Annotated[IPv4Address | None, When("flags", Ipv4Selector.A, Inet4)] = None
    end_source_address: Annotated[IPv4Address | None, When("flags", Ipv4Selector.B, Inet4)] = None
    start_destination_address: Annotated[
        IPv4Address | None, When("flags", Ipv4Selector.C, Inet4)
    ] = None
    end_destination_address: Annotated[IPv4Address | None, When("flags", Ipv4Selector.D, Inet4)] = (
        None
    )
    start_spi: Annotated[int | None, When("flags", Ipv4Selector.E, Int32ub)] = None
    end_spi: Annotated[int | None, When("flags", Ipv4Selector.F, Int32ub)] = None
    start_source_port: Annotated[int | None, When("flags", Ipv4Selector.G, Int16ub)] = None
    end_source_port: Annotated[int | None, When("flags", Ipv4Selector.H, Int16ub)] = None
    start_destination_port: Annotated[int | None, When("flags", Ipv4Selector.I, Int16ub)] = None
    end_destination_port: Annotated[int | None, When("flags", Ipv4Selector.J, Int16ub)] = None
    start_ds: Annotated[int | None, When("flags", Ipv4Selector.K, Int8ub)] = None
    end_ds: Annotated[int | None, When("flags", Ipv4Selector.L, Int8ub)] = None
    start_protocol: Annotated[int | None, When("flags", Ipv4Selector.M, Int8ub)] = None
    end_protocol: Annotated[int | None, When("flags", Ipv4Selector.N, Int8ub)] = None


class Ipv6Selector(enum.IntFlag):
    """Which fields an IPv6 selector has (RFC 6088 3.2)."""

    A = 1 << 31
    B = 1 << 30
    C = 1 << 29
    D = 1 << 28
    E = 1 << 27
    F = 1 << 26
    G = 1 << 25
    H = 1 << 24
    I = 1 << 23
    J = 1 << 22
    K = 1 << 21
    L = 1 << 20
    M = 1 << 19
    N = 1 << 18
    O = 1 << 17
    P = 1 << 16


@TRAFFIC_SELECTORS.register(2, rfc="6088 3.2")
class Ipv6TrafficSelector(TrafficSelector, kw_only=True):
    """IPv6 binary traffic selector; a field is there when its flag is set."""

    flags: Annotated[Ipv6Selector, Flags(16, Ipv6Selector)] = Ipv6Selector(0)
    reserved_bits: Annotated[int, Bits(16)] = 0
    start_source_address: Annotated[IPv6Address | None, When("flags", Ipv6Selector.A, Inet6)] = None
    end_source_address: Annotated[IPv6Address | None, When("flags", Ipv6Selector.B, Inet6)] = None
    start_destination_address: Annotated[
        IPv6Address | None, When("flags", Ipv6Selector.C, Inet6)
    ] = None
    end_destination_address: Annotated[IPv6Address | None, When("flags", Ipv6Selector.D, Inet6)] = (
        None
    )
    start_spi: Annotated[int | None, When("flags", Ipv6Selector.E, Int32ub)] = None
    end_spi: Annotated[int | None, When("flags", Ipv6Selector.F, Int32ub)] = None
    start_flow_label: Annotated[int | None, When("flags", Ipv6Selector.G, Int32ub)] = None
    "20 bits of value; the first 12 of its 32 are reserved and kept in it."
    end_flow_label: Annotated[int | None, When("flags", Ipv6Selector.H, Int32ub)] = None
    "As the first."
    start_source_port: Annotated[int | None, When("flags", Ipv6Selector.I, Int16ub)] = None
    end_source_port: Annotated[int | None, When("flags", Ipv6Selector.J, Int16ub)] = None
    start_destination_port: Annotated[int | None, When("flags", Ipv6Selector.K, Int16ub)] = None
    end_destination_port: Annotated[int | None, When("flags", Ipv6Selector.L, Int16ub)] = None
    start_traffic_class: Annotated[int | None, When("flags", Ipv6Selector.M, Int8ub)] = None
    end_traffic_class: Annotated[int | None, When("flags", Ipv6Selector.N, Int8ub)] = None
    start_next_header: Annotated[int | None, When("flags", Ipv6Selector.O, Int8ub)] = None
    end_next_header: Annotated[int | None, When("flags", Ipv6Selector.P, Int8ub)] = None
