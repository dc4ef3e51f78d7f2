"""What Grouped AVPs hold, typed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, ClassVar

from ..avps.base import THREE_GPP, Avp
from ..avps.base_protocol import (
    AcctApplicationId,
    AuthApplicationId,
    DestinationHost,
    DestinationRealm,
    ExperimentalResult,
    ExperimentalResultCode,
    VendorId,
    VendorSpecificApplicationId,
)
from ..avps.cx import (
    ConfidentialityKey,
    DeregistrationReason,
    FeatureList,
    FeatureListId,
    IntegrityKey,
    ReasonCode,
    ReasonInfo,
    SipAuthDataItem,
    SipAuthenticate,
    SipAuthenticationScheme,
    SipAuthorization,
    SipItemNumber,
    SupportedFeatures,
)
from ..avps.mobility import (
    HomeLinkPrefix,
    Mip6AgentInfo,
    Mip6HomeLinkPrefix,
    MipHomeAgentAddress,
    MipHomeAgentHost,
    ServiceSelection,
)
from ..avps.network_access import SubscriptionId, SubscriptionIdData, SubscriptionIdType
from ..avps.non_3gpp import (
    MaxRequestedBandwidthDl,
    MaxRequestedBandwidthUl,
    Non3gppIpAccess,
    Non3gppIpAccessApn,
    Non3gppUserData,
    ServedPartyIpAddress,
)
from ..avps.subscription import (
    Ambr,
    ApnConfiguration,
    ContextIdentifier,
    PdnGwAllocationType,
    PdnType,
    VplmnDynamicAddressAllowed,
)
from .typed import Group

__all__ = [
    "AggregateBitRate",
    "ApnSubscription",
    "AuthenticationItem",
    "Deregistration",
    "Features",
    "HomeAgentHost",
    "HomeAgentInfo",
    "Non3gppSubscription",
    "Subscription",
    "VendorApplication",
    "VendorResult",
]

_Address = IPv4Address | IPv6Address | bytes


class VendorApplication(Group, frozen=True, kw_only=True):
    """Vendor-Specific-Application-Id; one of the two applications is there."""

    AVP: ClassVar[type[Avp]] = VendorSpecificApplicationId
    SECTION: ClassVar[str] = "6733 6.11"
    vendor_id: Annotated[int, VendorId] = THREE_GPP
    auth_application_id: Annotated[int | None, AuthApplicationId] = None
    acct_application_id: Annotated[int | None, AcctApplicationId] = None


class VendorResult(Group, frozen=True, kw_only=True):
    """Experimental-Result."""

    AVP: ClassVar[type[Avp]] = ExperimentalResult
    SECTION: ClassVar[str] = "6733 7.6"
    vendor_id: Annotated[int, VendorId] = THREE_GPP
    result_code: Annotated[int, ExperimentalResultCode]


class HomeAgentHost(Group, frozen=True, kw_only=True):
    """MIP-Home-Agent-Host: a home agent by name."""

    AVP: ClassVar[type[Avp]] = MipHomeAgentHost
    SECTION: ClassVar[str] = "5447 4.2.3"
    destination_realm: Annotated[str, DestinationRealm]
    destination_host: Annotated[str, DestinationHost]


class HomeAgentInfo(Group, frozen=True, kw_only=True):
    """MIP6-Agent-Info: one home agent; its addresses go before its name."""

    AVP: ClassVar[type[Avp]] = Mip6AgentInfo
    SECTION: ClassVar[str] = "5447 4.2.1"
    addresses: Annotated[tuple[_Address, ...], MipHomeAgentAddress] = ()
    "At most one of each family."
    host: Annotated[HomeAgentHost | None, MipHomeAgentHost] = None
    home_link_prefix: Annotated[HomeLinkPrefix | None, Mip6HomeLinkPrefix] = None


class AuthenticationItem(Group, frozen=True, kw_only=True):
    """SIP-Auth-Data-Item: what a vector is wanted for, or a vector."""

    AVP: ClassVar[type[Avp]] = SipAuthDataItem
    SECTION: ClassVar[str] = "TS 29.229 6.3.13"
    item_number: Annotated[int | None, SipItemNumber] = None
    scheme: Annotated[str | None, SipAuthenticationScheme] = None
    "EAP-AKA, or EAP-AKA'."
    authenticate: Annotated[bytes | None, SipAuthenticate] = None
    "RAND and AUTN."
    authorization: Annotated[bytes | None, SipAuthorization] = None
    "XRES; in a request, RAND and AUTS."
    confidentiality_key: Annotated[bytes | None, ConfidentialityKey] = None
    integrity_key: Annotated[bytes | None, IntegrityKey] = None


class Features(Group, frozen=True, kw_only=True):
    """Supported-Features."""

    AVP: ClassVar[type[Avp]] = SupportedFeatures
    SECTION: ClassVar[str] = "TS 29.229 6.3.29"
    vendor_id: Annotated[int, VendorId] = THREE_GPP
    feature_list_id: Annotated[int, FeatureListId]
    feature_list: Annotated[int, FeatureList]


class Subscription(Group, frozen=True, kw_only=True):
    """Subscription-Id: a number of the user."""

    AVP: ClassVar[type[Avp]] = SubscriptionId
    SECTION: ClassVar[str] = "8506 8.46"
    kind: Annotated[int, SubscriptionIdType]
    data: Annotated[str, SubscriptionIdData]


class AggregateBitRate(Group, frozen=True, kw_only=True):
    """AMBR, in bits a second."""

    AVP: ClassVar[type[Avp]] = Ambr
    SECTION: ClassVar[str] = "TS 29.272 7.3.41"
    uplink: Annotated[int, MaxRequestedBandwidthUl]
    downlink: Annotated[int, MaxRequestedBandwidthDl]


class ApnSubscription(Group, frozen=True, kw_only=True):
    """APN-Configuration: what a subscriber has at an access point name."""

    AVP: ClassVar[type[Avp]] = ApnConfiguration
    SECTION: ClassVar[str] = "TS 29.272 7.3.35"
    context_identifier: Annotated[int, ContextIdentifier]
    served_party_ip_addresses: Annotated[tuple[_Address, ...], ServedPartyIpAddress] = ()
    "Static addresses of the user."
    pdn_type: Annotated[int, PdnType]
    service_selection: Annotated[str, ServiceSelection]
    vplmn_dynamic_address_allowed: Annotated[int | None, VplmnDynamicAddressAllowed] = None
    home_agent: Annotated[HomeAgentInfo | None, Mip6AgentInfo] = None
    pdn_gw_allocation_type: Annotated[int | None, PdnGwAllocationType] = None
    ambr: Annotated[AggregateBitRate | None, Ambr] = None


class Non3gppSubscription(Group, frozen=True, kw_only=True):
    """Non-3GPP-User-Data: the profile of a subscriber."""

    AVP: ClassVar[type[Avp]] = Non3gppUserData
    SECTION: ClassVar[str] = "TS 29.273 8.2.3.1"
    subscriptions: Annotated[tuple[Subscription, ...], SubscriptionId] = ()
    access: Annotated[int, Non3gppIpAccess]
    access_apn: Annotated[int, Non3gppIpAccessApn]
    ambr: Annotated[AggregateBitRate | None, Ambr] = None
    context_identifier: Annotated[int | None, ContextIdentifier] = None
    "Of the default access point name."
    apns: Annotated[tuple[ApnSubscription, ...], ApnConfiguration] = ()


class Deregistration(Group, frozen=True, kw_only=True):
    """Deregistration-Reason."""

    AVP: ClassVar[type[Avp]] = DeregistrationReason
    SECTION: ClassVar[str] = "TS 29.229 6.3.16"
    code: Annotated[int, ReasonCode]
    info: Annotated[str | None, ReasonInfo] = None
