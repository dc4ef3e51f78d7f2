"""Multicast options (RFC 7028, RFC 7161, RFC 7411)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, ClassVar

from ...schema import (
    Bits,
    Code,
    CountOf,
    GreedyBytes,
    Inet4,
    Inet6,
    Int8ub,
    Int16ub,
    IPv4,
    IPv6,
    Items,
    LengthOf,
    Message,
    Nested,
    Octets,
    OneOf,
    OpenEnum,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    Unknown,
)
from .base import OPTIONS, MobilityOption
from .codes import MulticastAcknowledgementStatus

__all__ = [
    "IGMP_CONTEXTS",
    "MLD_CONTEXTS",
    "MULTICAST_REPORTS",
    "ActiveMulticastSubscriptionIpv4",
    "ActiveMulticastSubscriptionIpv6",
    "DynamicIpMulticastSelector",
    "GroupRecord",
    "IgmpContext",
    "Igmpv2CompatibleReport",
    "Igmpv3Context",
    "Igmpv3Report",
    "MldContext",
    "Mldv1CompatibleReport",
    "Mldv2Context",
    "Mldv2Report",
    "MulticastAcknowledgement",
    "MulticastAddressRecord",
    "MulticastMobility",
    "MulticastReport",
    "UnknownIgmpContext",
    "UnknownMldContext",
    "UnknownMulticastReport",
]


class MulticastAddressRecord(Message, kw_only=True):
    """Multicast Address Record of MLDv2 (RFC 3810 5.2.4)."""

    record_type: UInt8
    aux_data_length: ClassVar[Annotated[int, LengthOf("aux_data", Int8ub, unit=4)]]
    "Length of the auxiliary data in units of 4 octets."
    source_count: ClassVar[Annotated[int, CountOf("sources", Int16ub)]]
    multicast_address: IPv6
    sources: Annotated[tuple[IPv6Address, ...], Items(Inet6)] = ()
    aux_data: Annotated[bytes, GreedyBytes] = b""


class GroupRecord(Message, kw_only=True):
    """Group Record of IGMPv3 (RFC 3376 4.2.4)."""

    record_type: UInt8
    aux_data_length: ClassVar[Annotated[int, LengthOf("aux_data", Int8ub, unit=4)]]
    "Length of the auxiliary data in units of 4 octets."
    source_count: ClassVar[Annotated[int, CountOf("sources", Int16ub)]]
    multicast_address: IPv4
    sources: Annotated[tuple[IPv4Address, ...], Items(Inet4)] = ()
    aux_data: Annotated[bytes, GreedyBytes] = b""


@OPTIONS.register(54, rfc="7028 5.1")
class DynamicIpMulticastSelector(MobilityOption, kw_only=True):
    """Dynamic IP Multicast Selector: which groups come over which path."""

    protocol: UInt8
    "143: MLDv2, 131: MLDv1."
    mode: Annotated[bool, Bits(1)] = False
    "The M flag."
    reserved: Annotated[int, Bits(7)] = 0
    record_count: ClassVar[Annotated[int, CountOf("records", Int16ub)]]
    records: Annotated[tuple[MulticastAddressRecord, ...], Items(MulticastAddressRecord)] = ()


class IgmpContext(Message):
    """Base of the IPv4 multicast subscriptions."""

    igmp_type: ClassVar[Annotated[int, Code(Int8ub)]]
    "Type of the IGMP report whose format is used."


IGMP_CONTEXTS: Registry[IgmpContext] = Registry(IgmpContext, "IGMP context", code=Int8ub)


@IGMP_CONTEXTS.unknown
class UnknownIgmpContext(IgmpContext, Unknown):
    """A subscription in the format of an IGMP type not known here; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@IGMP_CONTEXTS.register(34, rfc="7161 4.2.2")
class Igmpv3Context(IgmpContext):
    """A subscription as an IGMPv3 group record."""

    record: Annotated[GroupRecord, Nested(GroupRecord)]


class MldContext(Message):
    """Base of the IPv6 multicast subscriptions."""

    mld_type: ClassVar[Annotated[int, Code(Int8ub)]]
    "Type of the MLD report whose format is used."


MLD_CONTEXTS: Registry[MldContext] = Registry(MldContext, "MLD context", code=Int8ub)


@MLD_CONTEXTS.unknown
class UnknownMldContext(MldContext, Unknown):
    """A subscription in the format of an MLD type not known here; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@MLD_CONTEXTS.register(143, rfc="7161 4.1.2")
class Mldv2Context(MldContext):
    """A subscription as an MLDv2 multicast address record."""

    record: Annotated[MulticastAddressRecord, Nested(MulticastAddressRecord)]


@OPTIONS.register(56, align=(4, 1), rfc="7161 4.2")
class ActiveMulticastSubscriptionIpv4(MobilityOption):
    """Active Multicast Subscription, IPv4."""

    context: Annotated[IgmpContext, OneOf(IGMP_CONTEXTS)]


@OPTIONS.register(57, align=(8, 1), rfc="7161 4.1")
class ActiveMulticastSubscriptionIpv6(MobilityOption):
    """Active Multicast Subscription, IPv6."""

    context: Annotated[MldContext, OneOf(MLD_CONTEXTS)]


class MulticastReport(Message, kw_only=True):
    """Base of the reports in a Multicast Mobility option."""

    option_code: ClassVar[Annotated[int, Code(Int8ub)]]
    "Kind of report."
    reserved: UInt8 = 0


MULTICAST_REPORTS: Registry[MulticastReport] = Registry(
    MulticastReport, "multicast report", code=Int8ub
)


@MULTICAST_REPORTS.unknown
class UnknownMulticastReport(MulticastReport, Unknown, kw_only=True):
    """A report of a kind that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@MULTICAST_REPORTS.register(1, rfc="7411 5.3")
class Igmpv3Report(MulticastReport, kw_only=True):
    """IGMPv3 report payload."""

    reserved2: UInt16 = 0
    record_count: ClassVar[Annotated[int, CountOf("records", Int16ub)]]
    records: Annotated[tuple[GroupRecord, ...], Items(GroupRecord)] = ()


@MULTICAST_REPORTS.register(2, rfc="7411 5.3")
class Mldv2Report(MulticastReport, kw_only=True):
    """MLDv2 report payload."""

    reserved2: UInt16 = 0
    record_count: ClassVar[Annotated[int, CountOf("records", Int16ub)]]
    records: Annotated[tuple[MulticastAddressRecord, ...], Items(MulticastAddressRecord)] = ()


@MULTICAST_REPORTS.register(3, rfc="7411 5.3")
class Igmpv2CompatibleReport(Igmpv3Report, kw_only=True):
    """IGMPv3 report payload from IGMPv2 compatibility mode."""


@MULTICAST_REPORTS.register(4, rfc="7411 5.3")
class Mldv1CompatibleReport(Mldv2Report, kw_only=True):
    """MLDv2 report payload from MLDv1 compatibility mode."""


# The Length of options 60 and 61 counts 32-bit words behind the first four octets of the option.
@OPTIONS.register(60, length=(4, 2), rfc="7411 5.3")
class MulticastMobility(MobilityOption):
    """Multicast Mobility: the groups that a mobile node listens to."""

    report: Annotated[MulticastReport, OneOf(MULTICAST_REPORTS)]


@OPTIONS.register(61, length=(4, 2), rfc="7411 5.4")
class MulticastAcknowledgement(MobilityOption, kw_only=True):
    """Multicast Acknowledgement: the groups that could not be taken over."""

    option_code: UInt8 = 0
    status: Annotated[
        MulticastAcknowledgementStatus | int, OpenEnum(Int8ub, MulticastAcknowledgementStatus)
    ]
    reserved: UInt16 = 0
    record_count: UInt16 = 0
    "Records in the payload; the option itself does not tell whether of IGMP or of MLD."
    records: Octets = b""
