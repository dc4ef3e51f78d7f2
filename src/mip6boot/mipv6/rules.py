"""What may stand where in a mobility message: one row a rule, each with its section.

Decoding refuses none of this.  Rows are data, so test generators can break one at a time.
"""

from __future__ import annotations

from ..schema.rules import (
    LAST,
    Before,
    Bit,
    Equal,
    FieldRule,
    Has,
    Not,
    Rule,
    Violation,
    violations,
)
from .codes import BindingAcknowledgementFlags as AckFlags
from .codes import BindingUpdateFlags as Flags
from .header import MobilityHeader
from .messages.binding import BindingAcknowledgement, BindingUpdate
from .messages.fast_handover import (
    FastBindingAcknowledgment,
    FastBindingUpdate,
    FastBindingUpdateFlags,
    HandoverInitiate,
)
from .messages.proxy import (
    BindingRevocationFlags,
    BindingRevocationIndication,
    FlowBindingIndication,
    Heartbeat,
    HeartbeatFlags,
    LocalizedRoutingInitiation,
)
from .options.access_network import (
    AccessNetworkIdentifier,
    GeoLocation,
    NetworkIdentifier,
    OperatorIdentifier,
)
from .options.base import Pad1, PadN
from .options.fast_handover import (
    BindingAuthorizationDataForFmip,
    MhIpv6AddressPrefix,
    MhLinkLayerAddress,
)
from .options.flows import (
    BidReference,
    BindingIdentifier,
    FlowBindingActionSuboption,
    FlowIdentification,
    TrafficSelectorSuboption,
)
from .options.identity import Authentication, MessageIdentifier, MobileNodeIdentifier
from .options.ipv4 import (
    Ipv4AddressAcknowledgement,
    Ipv4CareOfAddress,
    Ipv4HomeAddress,
    NatDetection,
)
from .options.proxy import (
    AccessTechnologyTypeOption,
    DelegatedMobileNetworkPrefix,
    HandoffIndicatorOption,
    HomeNetworkPrefix,
    MagIpv6Address,
    RestartCounter,
    Timestamp,
)
from .options.quality import QualityOfService
from .options.redirect import LoadInformation, Redirect, RedirectCapability, RedirectFlags
from .options.rfc6275 import (
    AlternateCareOfAddress,
    BindingAuthorizationData,
    BindingRefreshAdvice,
    MobileNetworkPrefix,
    NonceIndices,
)
from .options.route_optimization import CgaParameters, Signature
from .options.service import ServiceSelection

__all__ = ["RULES", "check"]

_PADS = (Pad1, PadN)
_PROXY = (Bit("flags", Flags.P),)
_HOME = (Bit("flags", Flags.H),)
_PROXY_ACK = (Bit("flags", AckFlags.P),)

# A and H have to be set (RFC 5568 6.2.2); L and K are as in a Binding Update.
_FAST_FLAGS = tuple(
    flags
    for flags in map(FastBindingUpdateFlags, range(0, 0x10000, 0x1000))
    if FastBindingUpdateFlags.A in flags and FastBindingUpdateFlags.H in flags
)

RULES: tuple[Rule | FieldRule, ...] = (
    # -- every message ------------------------------------------------------------
    FieldRule(container=MobilityHeader, field="payload_proto", allowed=(59,), section="6275 6.1.1"),
    FieldRule(container=MobilityHeader, field="reserved", allowed=(0,), section="6275 6.1.1"),
    Rule(container=MobilityHeader, element=BindingAuthorizationData, most=1, position=LAST,
         padding=_PADS, section="6275 6.2.7"),
    Rule(container=MobilityHeader, element=MobileNodeIdentifier,
         position=Before((Authentication,)), section="4283 4"),
    # -- Binding Update ------------------------------------------------------------
    FieldRule(container=BindingUpdate, field="reserved_bits", allowed=(0,), section="6275 6.1.7"),
    Rule(container=BindingUpdate, element=AlternateCareOfAddress, most=1, section="6275 6.2.5"),
    Rule(container=BindingUpdate, element=NonceIndices, most=0, conditions=_HOME,
         section="6275 6.2.6"),
    Rule(container=BindingUpdate, element=NonceIndices, least=1,
         conditions=(Has(BindingAuthorizationData), Not(Bit("flags", Flags.H))),
         section="6275 6.2.6"),
    Rule(container=BindingUpdate, element=BindingAuthorizationData, most=0, conditions=_HOME,
         section="6275 6.2.7"),
    Rule(container=BindingUpdate, element=BindingRefreshAdvice, most=0, section="6275 6.2.4"),
    Rule(container=BindingUpdate, element=MobileNetworkPrefix, most=0,
         conditions=(Not(Bit("flags", Flags.R)),), section="3963 5.1"),
    Rule(container=BindingUpdate, element=Ipv4AddressAcknowledgement, most=0, section="5555 3.2.1"),
    Rule(container=BindingUpdate, element=NatDetection, most=0, section="5555 3.2.2"),
    Rule(container=BindingUpdate, element=Ipv4CareOfAddress, most=1, section="5555 3.1.2"),
    Rule(container=BindingUpdate, element=ServiceSelection, most=1,
         position=Before((Authentication,)), section="5149 3"),
    Rule(container=BindingUpdate, element=MessageIdentifier, most=1, section="4285 6"),
    Rule(container=BindingUpdate, element=Signature, most=1, section="4866 5.2"),
    Rule(container=BindingUpdate, element=CgaParameters, position=Before((Signature,)),
         section="4866 5.2"),
    Rule(container=BindingUpdate, element=RestartCounter, most=0, section="5847 3.4"),
    # -- Proxy Binding Update ------------------------------------------------------------
    Rule(container=BindingUpdate, element=MobileNodeIdentifier, least=1, most=1,
         conditions=_PROXY, section="5213 6.9.1.5"),
    Rule(container=BindingUpdate, element=HomeNetworkPrefix, least=1,
         conditions=(*_PROXY, Not(Has(DelegatedMobileNetworkPrefix)), Not(Bit("flags", Flags.B))),
         section="5213 6.9.1.5"),
    Rule(container=BindingUpdate, element=HandoffIndicatorOption, least=1, most=1,
         conditions=_PROXY, section="5213 6.9.1.5"),
    Rule(container=BindingUpdate, element=AccessTechnologyTypeOption, least=1, most=1,
         conditions=_PROXY, section="5213 6.9.1.5"),
    Rule(container=BindingUpdate, element=Timestamp, most=1, conditions=_PROXY,
         section="5213 6.9.1.5"),
    Rule(container=BindingUpdate, element=AlternateCareOfAddress, most=1, conditions=_PROXY,
         section="5213 6.9.1.5"),
    Rule(container=BindingUpdate, element=RedirectCapability, most=1, section="6463 4.1"),
    Rule(container=BindingUpdate, element=Redirect, most=0, section="6463 4.2"),
    Rule(container=BindingUpdate, element=LoadInformation, most=0, section="6463 4.3"),
    # -- Binding Acknowledgement ------------------------------------------------------------
    FieldRule(container=BindingAcknowledgement, field="reserved_bits", allowed=(0,),
              section="6275 6.1.8"),
    Rule(container=BindingAcknowledgement, element=BindingRefreshAdvice, most=1,
         section="6275 6.2.4"),
    Rule(container=BindingAcknowledgement, element=BindingRefreshAdvice, most=0,
         conditions=(Equal("lifetime", 0),), section="6275 6.2.4"),
    Rule(container=BindingAcknowledgement, element=AlternateCareOfAddress, most=0,
         section="6275 6.2.5"),
    Rule(container=BindingAcknowledgement, element=NonceIndices, most=0, section="6275 6.2.6"),
    Rule(container=BindingAcknowledgement, element=Ipv4HomeAddress, most=0, section="5555 3.1.1"),
    Rule(container=BindingAcknowledgement, element=Ipv4CareOfAddress, most=0, section="5555 3.1.2"),
    Rule(container=BindingAcknowledgement, element=NatDetection, most=1, section="5555 3.2.2"),
    Rule(container=BindingAcknowledgement, element=MobileNodeIdentifier, least=1, most=1,
         conditions=_PROXY_ACK, section="5213 5.3.6"),
    Rule(container=BindingAcknowledgement, element=HandoffIndicatorOption, most=1,
         conditions=_PROXY_ACK, section="5213 5.3.6"),
    Rule(container=BindingAcknowledgement, element=AccessTechnologyTypeOption, most=1,
         conditions=_PROXY_ACK, section="5213 5.3.6"),
    Rule(container=BindingAcknowledgement, element=RedirectCapability, most=0, section="6463 4.1"),
    Rule(container=BindingAcknowledgement, element=Redirect, most=1, section="6463 4.2"),
    Rule(container=BindingAcknowledgement, element=LoadInformation, most=1, section="6463 4.3"),
    # -- other messages ------------------------------------------------------------
    Rule(container=Heartbeat, element=RestartCounter, most=0,
         conditions=(Not(Bit("flags", HeartbeatFlags.R)),), section="5847 3.4"),
    Rule(container=FastBindingUpdate, element=AlternateCareOfAddress, most=1,
         section="5568 6.2.2"),
    FieldRule(container=FastBindingUpdate, field="flags",
              allowed=_FAST_FLAGS, section="5568 6.2.2"),
    Rule(container=FastBindingUpdate, element=BindingAuthorizationDataForFmip, least=1, most=1,
         section="5568 6.4.5"),
    Rule(container=FastBindingAcknowledgment, element=BindingAuthorizationDataForFmip, least=1,
         most=1, section="5568 6.4.5"),
    Rule(container=HandoverInitiate, element=MhLinkLayerAddress, least=1, section="5568 6.2.1.1"),
    FieldRule(container=BindingRevocationIndication, field="trigger", least=128,
              conditions=(Bit("flags", BindingRevocationFlags.G),), section="5846 5.1"),
    FieldRule(container=BindingRevocationIndication, field="trigger", most=127,
              conditions=(Not(Bit("flags", BindingRevocationFlags.G)),), section="5846 5.1"),
    Rule(container=LocalizedRoutingInitiation, element=MobileNodeIdentifier, least=2, most=2,
         section="6705 10.1"),
    Rule(container=LocalizedRoutingInitiation, element=HomeNetworkPrefix, least=2,
         section="6705 10.1"),
    Rule(container=FlowBindingIndication, element=FlowIdentification, least=1,
         section="7109 6.1.1"),
    # -- inside options ------------------------------------------------------------
    FieldRule(container=MobileNetworkPrefix, field="prefix_length", least=0, most=128,
              section="3963 4.3"),
    FieldRule(container=HomeNetworkPrefix, field="prefix_length", least=0, most=128,
              section="5213 8.3"),
    FieldRule(container=MhIpv6AddressPrefix, field="prefix_length", least=0, most=128,
              section="5568 6.4.2"),
    FieldRule(container=MagIpv6Address, field="address_length", allowed=(128,),
              section="6705 11.1"),
    FieldRule(container=Ipv4HomeAddress, field="prefix_length", least=1, most=32,
              section="5555 3.1.1"),
    FieldRule(container=Redirect, field="flags", allowed=(RedirectFlags.K, RedirectFlags.N),
              section="6463 4.2"),
    FieldRule(container=ServiceSelection, field="identifier", forbidden=("",), section="5149 3"),
    FieldRule(container=BindingIdentifier, field="bid", least=1, section="5648 4.1"),
    FieldRule(container=FlowIdentification, field="fid", least=1, section="6089 4.2"),
    FieldRule(container=FlowIdentification, field="fid_priority", least=1, section="6089 4.2"),
    Rule(container=FlowIdentification, element=BidReference, most=1, section="6089 4.2.1.3"),
    Rule(container=FlowIdentification, element=TrafficSelectorSuboption, most=1,
         section="6089 4.2.1.4"),
    Rule(container=FlowIdentification, element=FlowBindingActionSuboption, most=1,
         section="7109 6.2.1"),
    Rule(container=AccessNetworkIdentifier, element=GeoLocation, most=1, section="6757 3.1.2"),
    Rule(container=AccessNetworkIdentifier, element=OperatorIdentifier, most=1,
         section="6757 3.1.3"),
    Rule(container=AccessNetworkIdentifier, element=NetworkIdentifier, most=1,
         section="6757 3.1.1"),
    FieldRule(container=QualityOfService, field="reserved", allowed=(0,), section="7222 4.1"),
)  # fmt: skip


def check(message: MobilityHeader) -> list[Violation]:
    """The rules that the message breaks, in the order of the wire; empty for a legal one."""
    return violations(message, RULES)
