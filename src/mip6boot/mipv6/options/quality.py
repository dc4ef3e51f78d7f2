"""Quality of service (RFC 7222)."""

from __future__ import annotations

from typing import Annotated

from ...schema import (
    Bits,
    Int8ub,
    Message,
    Octets,
    OpenEnum,
    OptionList,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    UInt24,
    UInt32,
    Unknown,
)
from .base import OPTIONS, MobilityOption
from .codes import QosOperation
from .traffic_selectors import TRAFFIC_SELECTORS, TrafficSelector

__all__ = [
    "QOS_ATTRIBUTES",
    "AggregateMaxDownlink",
    "AggregateMaxUplink",
    "AllocationRetentionPriority",
    "BitRate",
    "GuaranteedDownlink",
    "GuaranteedUplink",
    "PerMnAggregateMaxDownlink",
    "PerMnAggregateMaxUplink",
    "PerSessionAggregateMaxDownlink",
    "PerSessionAggregateMaxUplink",
    "QosAttribute",
    "QosTrafficSelector",
    "QosVendorSpecific",
    "QualityOfService",
    "UnknownQosAttribute",
]


class QosAttribute(Message):
    """Base of the attributes of a Quality-of-Service option."""


QOS_ATTRIBUTES: Registry[QosAttribute] = Registry(
    QosAttribute, "QoS attribute", code=Int8ub, length=Int8ub
)


@QOS_ATTRIBUTES.unknown
class UnknownQosAttribute(QosAttribute, Unknown):
    """A QoS attribute of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


class BitRate(QosAttribute, kw_only=True):
    """Base of the attributes that are one bit rate."""

    reserved: UInt16 = 0
    bit_rate: UInt32
    "Bits a second."


@QOS_ATTRIBUTES.register(1, rfc="7222 4.2.1")
class PerMnAggregateMaxDownlink(BitRate, kw_only=True):
    """Per-Mobile-Node Aggregate Maximum Downlink Bit Rate."""


@QOS_ATTRIBUTES.register(2, rfc="7222 4.2.2")
class PerMnAggregateMaxUplink(BitRate, kw_only=True):
    """Per-Mobile-Node Aggregate Maximum Uplink Bit Rate."""


class _SessionBitRate(QosAttribute, kw_only=True):
    """Base of the two bit rates of a mobility session."""

    service: Annotated[bool, Bits(1)] = False
    "The S flag: for sessions of this service alone."
    exclude: Annotated[bool, Bits(1)] = False
    "The E flag: flows with a rate of their own are not counted."
    reserved: Annotated[int, Bits(14)] = 0
    bit_rate: UInt32
    "Bits a second."


@QOS_ATTRIBUTES.register(3, rfc="7222 4.2.3")
class PerSessionAggregateMaxDownlink(_SessionBitRate, kw_only=True):
    """Per-Mobility-Session Aggregate Maximum Downlink Bit Rate."""


@QOS_ATTRIBUTES.register(4, rfc="7222 4.2.4")
class PerSessionAggregateMaxUplink(_SessionBitRate, kw_only=True):
    """Per-Mobility-Session Aggregate Maximum Uplink Bit Rate."""


@QOS_ATTRIBUTES.register(5, rfc="7222 4.2.5")
class AllocationRetentionPriority(QosAttribute, kw_only=True):
    """Allocation and Retention Priority."""

    reserved: UInt8 = 0
    priority_level: Annotated[int, Bits(4)]
    "1 to 15, 1 comes first."
    preemption_capability: Annotated[int, Bits(2)] = 0
    preemption_vulnerability: Annotated[int, Bits(2)] = 0


@QOS_ATTRIBUTES.register(6, rfc="7222 4.2.6")
class AggregateMaxDownlink(BitRate, kw_only=True):
    """Aggregate Maximum Downlink Bit Rate."""


@QOS_ATTRIBUTES.register(7, rfc="7222 4.2.7")
class AggregateMaxUplink(BitRate, kw_only=True):
    """Aggregate Maximum Uplink Bit Rate."""


@QOS_ATTRIBUTES.register(8, rfc="7222 4.2.8")
class GuaranteedDownlink(BitRate, kw_only=True):
    """Guaranteed Downlink Bit Rate."""


@QOS_ATTRIBUTES.register(9, rfc="7222 4.2.9")
class GuaranteedUplink(BitRate, kw_only=True):
    """Guaranteed Uplink Bit Rate."""


@QOS_ATTRIBUTES.register(10, rfc="7222 4.2.10")
class QosTrafficSelector(QosAttribute, kw_only=True):
    """QoS Traffic Selector: the flows that the other attributes speak of."""

    reserved: UInt8 = 0
    ts_format: UInt8
    "Format of the selector (RFC 6089)."
    traffic_selector: Octets = b""

    @property
    def selector(self) -> TrafficSelector:
        """The typed selector; DecodeError where it does not fit its format.

        The octets of format and reserve stand in the other order than in RFC 6089.
        """
        head = bytes((self.ts_format, self.reserved))
        return TRAFFIC_SELECTORS.decode(head + self.traffic_selector)


@QOS_ATTRIBUTES.register(11, rfc="7222 4.2.11")
class QosVendorSpecific(QosAttribute, kw_only=True):
    """QoS Vendor-Specific Attribute."""

    reserved: UInt16 = 0
    vendor_id: UInt32
    sub_type: UInt8
    data: Octets = b""


@OPTIONS.register(58, align=(4, 0), rfc="7222 4.1")
class QualityOfService(MobilityOption, kw_only=True):
    """Quality-of-Service."""

    service_request_id: UInt8
    "0 in a gateway's first request."
    dscp: Annotated[int, Bits(6)] = 0
    "Code point for the flows."
    reserved_bits: Annotated[int, Bits(2)] = 0
    operation: Annotated[QosOperation | int, OpenEnum(Int8ub, QosOperation)]
    reserved: UInt24 = 0
    attributes: Annotated[tuple[QosAttribute, ...], OptionList(QOS_ATTRIBUTES)] = ()
