"""Which packets an SA is for (RFC 7296 3.13)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated, ClassVar, NamedTuple

from ...schema import (
    Code,
    CountOf,
    FrameLength,
    Int8ub,
    Int16ub,
    IPv4,
    IPv6,
    Items,
    Message,
    Octets,
    OneOf,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    UInt24,
    Unknown,
)
from .base import PAYLOADS, Payload

__all__ = [
    "TRAFFIC_SELECTORS",
    "Ipv4AddressRange",
    "Ipv6AddressRange",
    "PortRange",
    "Span",
    "TSi",
    "TSr",
    "TrafficSelector",
    "TrafficSelectors",
    "UnknownTrafficSelector",
]

_ICMP, _ICMPV6, _MOBILITY = 1, 58, 135


class Span(NamedTuple):
    """Numbers from `first` to `last`, both of them included."""

    first: int
    last: int


class TrafficSelector(Message, kw_only=True):
    """Base of every traffic selector."""

    ts_type: ClassVar[Annotated[int, Code(Int8ub)]]


TRAFFIC_SELECTORS: Registry[TrafficSelector] = Registry(
    TrafficSelector, "traffic selector", code=Int8ub
)


@TRAFFIC_SELECTORS.unknown
class UnknownTrafficSelector(TrafficSelector, Unknown):
    """A selector of a kind that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    octet2: UInt8 = 0
    "The IP protocol of the kinds that RFC 7296 has."
    selector_length: ClassVar[Annotated[int, FrameLength(Int16ub)]]
    data: Octets = b""


class PortRange(TrafficSelector, kw_only=True):
    """Base of selectors by protocol and port.

    For some protocols the ports are something else: their high octet is a Mobility Header type
    (RFC 4301 4.4.1.1) or an ICMP type, whose code the low octet is (RFC 7296 3.13.1).
    """

    ip_protocol: UInt8 = 0
    "0: any."
    selector_length: ClassVar[Annotated[int, FrameLength(Int16ub)]]
    start_port: UInt16 = 0
    end_port: UInt16 = 0xFFFF

    @property
    def opaque(self) -> bool:
        """The ports must not be there to be looked at: OPAQUE of RFC 4301."""
        return (self.start_port, self.end_port) == (0xFFFF, 0)

    @property
    def mh_types(self) -> Span | None:
        """Mobility Header types, with protocol 135; None for others and where all are meant."""
        return self._high_octets((_MOBILITY,))

    @property
    def icmp_types(self) -> Span | None:
        """ICMP or ICMPv6 types, with protocols 1 and 58; None as for `mh_types`."""
        return self._high_octets((_ICMP, _ICMPV6))

    @property
    def icmp_codes(self) -> Span | None:
        """Codes of the first and of the last ICMP type; None as for `icmp_types`."""
        if self.icmp_types is None:
            return None
        return Span(self.start_port & 0xFF, self.end_port & 0xFF)

    def _high_octets(self, protocols: tuple[int, ...]) -> Span | None:
        everything = (self.start_port, self.end_port) == (0, 0xFFFF)
        if self.ip_protocol not in protocols or everything or self.opaque:
            return None
        return Span(self.start_port >> 8, self.end_port >> 8)


@TRAFFIC_SELECTORS.register(7, rfc="7296 3.13.1")
class Ipv4AddressRange(PortRange, kw_only=True):
    """TS_IPV4_ADDR_RANGE."""

    starting_address: IPv4
    ending_address: IPv4


@TRAFFIC_SELECTORS.register(8, rfc="7296 3.13.1")
class Ipv6AddressRange(PortRange, kw_only=True):
    """TS_IPV6_ADDR_RANGE."""

    starting_address: IPv6
    ending_address: IPv6

    @classmethod
    def for_mobility(
        cls, address: IPv6Address, first: int | None = None, last: int | None = None
    ) -> Ipv6AddressRange:
        """Mobility Headers of the types from `first` to `last` of one address.

        Without types all of them; with `first` alone the one type (RFC 4877 5.2).
        """
        start, end = 0, 0xFFFF
        if first is not None:
            start, end = first << 8, (first if last is None else last) << 8
        return cls(
            ip_protocol=_MOBILITY,
            start_port=start,
            end_port=end,
            starting_address=address,
            ending_address=address,
        )


class TrafficSelectors(Payload):
    """Base of both payloads of traffic selectors."""

    number_of_tss: ClassVar[Annotated[int, CountOf("selectors", Int8ub)]]
    reserved2: UInt24 = 0
    selectors: Annotated[
        tuple[TrafficSelector, ...], Items(OneOf(TRAFFIC_SELECTORS, framed=True))
    ] = ()


@PAYLOADS.register(44, rfc="7296 3.13")
class TSi(TrafficSelectors):
    """Traffic selectors of the initiator's side."""


@PAYLOADS.register(45, rfc="7296 3.13")
class TSr(TrafficSelectors):
    """Traffic selectors of the responder's side."""
