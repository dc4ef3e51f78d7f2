"""Multiple care-of addresses and flows (RFC 5648, 6089, 6909, 7109, 8278)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from ...schema import (
    Bits,
    ByLength,
    Inet4,
    Inet6,
    Int8ub,
    Int16ub,
    Items,
    Message,
    Octets,
    OneOf,
    OpenEnum,
    OptionList,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    Unknown,
)
from ..codes import BindingStatus
from .base import OPTIONS, MobilityOption
from .codes import AccessTechnologyType, FlowBindingAction, FlowBindingStatus
from .traffic_selectors import TRAFFIC_SELECTORS, TrafficSelector

__all__ = [
    "FLOW_SUBOPTIONS",
    "BidReference",
    "BindingIdentifier",
    "FlowBindingActionSuboption",
    "FlowIdentification",
    "FlowPad1",
    "FlowPadN",
    "FlowSuboption",
    "FlowSummary",
    "Ipv4TrafficOffloadSelector",
    "MagMultipathBinding",
    "TargetCareOfAddress",
    "TrafficSelectorSuboption",
    "UnknownFlowSuboption",
]


def _bid_alignment(option: BindingIdentifier) -> tuple[int, int]:
    # RFC 5648 4.1: 2n without a care-of address, 8n+2 with one, of whichever family.
    return (2, 0) if option.care_of_address is None else (8, 2)


@OPTIONS.register(35, align=_bid_alignment, rfc="5648 4.1, 6089 4.1")
class BindingIdentifier(MobilityOption, kw_only=True):
    """Binding Identifier: one of several bindings of a home address."""

    bid: UInt16
    "Not 0."
    status: Annotated[BindingStatus | int, OpenEnum(Int8ub, BindingStatus)] = BindingStatus.ACCEPTED
    simultaneous_home_and_foreign: Annotated[bool, Bits(1)] = False
    "The H flag."
    bid_priority: Annotated[int, Bits(7)] = 0
    "BID-PRI of RFC 6089; reserved in RFC 5648."
    care_of_address: Annotated[
        IPv4Address | IPv6Address | None, ByLength({0: None, 4: Inet4, 16: Inet6})
    ] = None


class FlowSuboption(Message):
    """Base of the sub-options of a Flow Identification option."""


# Traffic selectors ask for 4n or 8n, counted from the start of the message, which a sub-option
# cannot see; so the padding before them is listed as it came and never put in unasked.
FLOW_SUBOPTIONS: Registry[FlowSuboption] = Registry(
    FlowSuboption, "flow sub-option", code=Int8ub, length=Int8ub, pad1=0, padn=1
)


@FLOW_SUBOPTIONS.unknown
class UnknownFlowSuboption(FlowSuboption, Unknown):
    """A flow sub-option of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@FLOW_SUBOPTIONS.register(0, rfc="6089 4.2.1.1")
class FlowPad1(FlowSuboption):
    """One octet of padding."""


@FLOW_SUBOPTIONS.register(1, rfc="6089 4.2.1.2")
class FlowPadN(FlowSuboption):
    """Two or more octets of padding."""

    data: Octets = b""
    "Receivers ignore these octets, which ought to be zero."


@FLOW_SUBOPTIONS.register(2, align=(2, 0), rfc="6089 4.2.1.3")
class BidReference(FlowSuboption):
    """Binding Reference: the bindings that a flow may use."""

    bids: Annotated[tuple[int, ...], Items(Int16ub)]


@FLOW_SUBOPTIONS.register(3, rfc="6089 4.2.1.4")
class TrafficSelectorSuboption(FlowSuboption):
    """Traffic Selector: the packets of a flow."""

    selector: Annotated[TrafficSelector, OneOf(TRAFFIC_SELECTORS)]


@FLOW_SUBOPTIONS.register(4, rfc="7109 6.2.1")
class FlowBindingActionSuboption(FlowSuboption, kw_only=True):
    """Flow Binding Action."""

    reserved: UInt8 = 0
    action: Annotated[FlowBindingAction | int, OpenEnum(Int8ub, FlowBindingAction)]


@FLOW_SUBOPTIONS.register(5, rfc="7109 6.2.2")
class TargetCareOfAddress(FlowSuboption, kw_only=True):
    """Target Care-of Address: where a flow is moved to."""

    reserved: UInt16 = 0
    address: Annotated[IPv6Address | IPv4Address, ByLength({16: Inet6, 4: Inet4})]


FlowSuboptions = Annotated[tuple[FlowSuboption, ...], OptionList(FLOW_SUBOPTIONS)]


# Section 8 of RFC 6089 swaps the numbers 44 and 45; its body and the registry are followed here.
@OPTIONS.register(44, align=(2, 0), rfc="6089 4.2.2")
class FlowSummary(MobilityOption):
    """Flow Summary: flows whose state is to be refreshed."""

    fids: Annotated[tuple[int, ...], Items(Int16ub)]


@OPTIONS.register(45, align=(2, 0), rfc="6089 4.2")
class FlowIdentification(MobilityOption, kw_only=True):
    """Flow Identification: a flow and what is to be done with it."""

    fid: UInt16
    "Not 0."
    fid_priority: UInt16
    "Not 0; lower comes first."
    reserved: UInt8 = 0
    status: Annotated[FlowBindingStatus | int, OpenEnum(Int8ub, FlowBindingStatus)] = 0
    suboptions: FlowSuboptions = ()


# The text of RFC 6909 says 4n, its figure draws 4n+2, which is what aligns the words behind it.
@OPTIONS.register(53, align=(4, 2), rfc="6909 3.1")
class Ipv4TrafficOffloadSelector(MobilityOption, kw_only=True):
    """IPv4 Traffic Offload Selector."""

    offload_others: Annotated[bool, Bits(1)] = False
    "The M flag: all flows but the selected ones are offloaded."
    reserved: Annotated[int, Bits(31)] = 0
    suboptions: FlowSuboptions = ()


@OPTIONS.register(63, rfc="8278 4.1")
class MagMultipathBinding(MobilityOption, kw_only=True):
    """MAG Multipath Binding: one of several paths of a gateway."""

    access_technology_type: Annotated[
        AccessTechnologyType | int, OpenEnum(Int8ub, AccessTechnologyType)
    ]
    interface_label: UInt8
    binding_id: UInt8
    bulk_registration: Annotated[bool, Bits(1)] = False
    "The B flag."
    overwrite: Annotated[bool, Bits(1)] = False
    "The O flag."
    reserved: Annotated[int, Bits(22)] = 0
