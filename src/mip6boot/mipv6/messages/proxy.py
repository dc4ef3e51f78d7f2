"""Messages between home agent, local mobility anchor and access gateways."""

from __future__ import annotations

import enum
from ipaddress import IPv6Address
from typing import Annotated, ClassVar

from ...schema import (
    Bits,
    Code,
    CountOf,
    Flags,
    Inet6,
    Int8ub,
    Int16ub,
    Items,
    Octets,
    OpenEnum,
    UInt8,
    UInt16,
    UInt24,
    UInt32,
)
from ..header import MESSAGES, MobilityHeader
from ..options.base import MobilityOptions
from .codes import (
    FlowBindingAcknowledgementStatus,
    FlowBindingTrigger,
    LocalizedRoutingStatus,
    RevocationStatus,
    RevocationTrigger,
    UpdateNotificationReason,
    UpdateNotificationStatus,
)

__all__ = [
    "BindingRevocationAcknowledgement",
    "BindingRevocationFlags",
    "BindingRevocationIndication",
    "ExperimentalMobilityHeader",
    "FlowBindingAcknowledgement",
    "FlowBindingIndication",
    "Heartbeat",
    "HeartbeatFlags",
    "HomeAgentSwitch",
    "LocalizedRoutingAcknowledgment",
    "LocalizedRoutingInitiation",
    "SubscriptionQuery",
    "SubscriptionResponse",
    "UpdateNotification",
    "UpdateNotificationAcknowledgement",
    "UpdateNotificationFlags",
]


@MESSAGES.register(11, rfc="5096 3")
class ExperimentalMobilityHeader(MobilityHeader):
    """Experimental Mobility Header: its data is the experimenter's own (RFC 5096 3)."""

    data: Octets = b"\0\0"
    "Message data; with the header a multiple of 8 octets."


@MESSAGES.register(12, rfc="5142 4")
class HomeAgentSwitch(MobilityHeader):
    """Home Agent Switch: the mobile node is to find another home agent."""

    address_count: ClassVar[Annotated[int, CountOf("addresses", Int8ub)]]
    "Number of home agent addresses."
    reserved2: UInt8 = 0
    addresses: Annotated[tuple[IPv6Address, ...], Items(Inet6)] = ()
    "Home agents to turn to, the best first."
    options: MobilityOptions = ()


class HeartbeatFlags(enum.IntFlag):
    """Flags of a Heartbeat (RFC 5847 3.3)."""

    U = 0x0002
    R = 0x0001


@MESSAGES.register(13, rfc="5847 3.3")
class Heartbeat(MobilityHeader, kw_only=True):
    """Heartbeat: asks whether the peer is alive, or answers."""

    reserved_bits: Annotated[int, Bits(14)] = 0
    flags: Annotated[HeartbeatFlags, Flags(2, HeartbeatFlags)] = HeartbeatFlags(0)
    sequence: UInt32
    options: MobilityOptions = ()


class BindingRevocationFlags(enum.IntFlag):
    """Flags of binding revocation messages (RFC 5846 5.1)."""

    P = 0x8000
    V = 0x4000
    G = 0x2000


@MESSAGES.register(16, 1, rfc="5846 5.1")
class BindingRevocationIndication(MobilityHeader):
    """Binding Revocation Indication: a binding has ended."""

    br_type: ClassVar[Annotated[int, Code(Int8ub, level=1)]]
    trigger: Annotated[RevocationTrigger | int, OpenEnum(Int8ub, RevocationTrigger)]
    sequence: UInt16
    flags: Annotated[BindingRevocationFlags, Flags(3, BindingRevocationFlags)] = (
        BindingRevocationFlags(0)
    )
    reserved_bits: Annotated[int, Bits(13)] = 0
    options: MobilityOptions = ()


@MESSAGES.register(16, 2, rfc="5846 5.2")
class BindingRevocationAcknowledgement(MobilityHeader):
    """Binding Revocation Acknowledgement: the answer to an indication."""

    br_type: ClassVar[Annotated[int, Code(Int8ub, level=1)]]
    status: Annotated[RevocationStatus | int, OpenEnum(Int8ub, RevocationStatus)]
    sequence: UInt16
    flags: Annotated[BindingRevocationFlags, Flags(3, BindingRevocationFlags)] = (
        BindingRevocationFlags(0)
    )
    reserved_bits: Annotated[int, Bits(13)] = 0
    options: MobilityOptions = ()


@MESSAGES.register(17, rfc="6705 10.1")
class LocalizedRoutingInitiation(MobilityHeader):
    """Localized Routing Initiation: asks for local forwarding between two mobile nodes."""

    sequence: UInt16
    reserved2: UInt16 = 0
    lifetime: UInt16 = 0
    "Seconds; 65,535 is for ever, 0 ends it."
    options: MobilityOptions = ()


@MESSAGES.register(18, rfc="6705 10.2")
class LocalizedRoutingAcknowledgment(MobilityHeader):
    """Localized Routing Acknowledgment: the answer to an initiation."""

    sequence: UInt16
    unsolicited: Annotated[bool, Bits(1)] = False
    reserved_bits: Annotated[int, Bits(7)] = 0
    status: Annotated[LocalizedRoutingStatus | int, OpenEnum(Int8ub, LocalizedRoutingStatus)] = 0
    lifetime: UInt16 = 0
    "Granted seconds."
    options: MobilityOptions = ()


class UpdateNotificationFlags(enum.IntFlag):
    """Flags of an Update Notification (RFC 7077 4.1)."""

    A = 0x8000
    D = 0x4000


@MESSAGES.register(19, rfc="7077 4.1")
class UpdateNotification(MobilityHeader):
    """Update Notification: parameters of a mobility session have changed."""

    sequence: UInt16
    reason: Annotated[UpdateNotificationReason | int, OpenEnum(Int16ub, UpdateNotificationReason)]
    flags: Annotated[UpdateNotificationFlags, Flags(2, UpdateNotificationFlags)] = (
        UpdateNotificationFlags(0)
    )
    reserved_bits: Annotated[int, Bits(14)] = 0
    options: MobilityOptions = ()


@MESSAGES.register(20, rfc="7077 4.2")
class UpdateNotificationAcknowledgement(MobilityHeader):
    """Update Notification Acknowledgement: the answer to a notification."""

    sequence: UInt16
    status: Annotated[
        UpdateNotificationStatus | int, OpenEnum(Int8ub, UpdateNotificationStatus)
    ] = 0
    reserved2: UInt24 = 0
    options: MobilityOptions = ()


@MESSAGES.register(21, 1, rfc="7109 6.1.1")
class FlowBindingIndication(MobilityHeader):
    """Flow Binding Indication: the home agent adds, changes or ends flow bindings."""

    flow_binding_type: ClassVar[Annotated[int, Code(Int16ub, level=1)]]
    sequence: UInt16
    trigger: Annotated[FlowBindingTrigger | int, OpenEnum(Int8ub, FlowBindingTrigger)]
    acknowledge: Annotated[bool, Bits(1)] = False
    reserved_bits: Annotated[int, Bits(7)] = 0
    options: MobilityOptions = ()


@MESSAGES.register(21, 2, rfc="7109 6.1.2")
class FlowBindingAcknowledgement(MobilityHeader):
    """Flow Binding Acknowledgement: the answer to an indication."""

    flow_binding_type: ClassVar[Annotated[int, Code(Int16ub, level=1)]]
    sequence: UInt16
    status: Annotated[
        FlowBindingAcknowledgementStatus | int, OpenEnum(Int8ub, FlowBindingAcknowledgementStatus)
    ] = 0
    reserved2: UInt8 = 0
    options: MobilityOptions = ()


@MESSAGES.register(22, rfc="7161 4.3.1")
class SubscriptionQuery(MobilityHeader):
    """Subscription Query: asks for the multicast subscriptions of a mobile node."""

    sequence: UInt8
    reserved2: UInt8 = 0
    options: MobilityOptions = ()


@MESSAGES.register(23, rfc="7161 4.3.2")
class SubscriptionResponse(MobilityHeader):
    """Subscription Response: the multicast subscriptions of a mobile node."""

    sequence: UInt8
    information: Annotated[bool, Bits(1)] = False
    "There is subscription information in the options."
    reserved_bits: Annotated[int, Bits(7)] = 0
    options: MobilityOptions = ()
