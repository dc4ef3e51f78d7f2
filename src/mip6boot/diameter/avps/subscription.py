"""AVPs of subscriptions, common to S6a and the non-3GPP access (TS 29.272)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int32ub, Octets, OpenEnum, UInt32, Utf8
from ..codes import Allocation, Cancellation, DynamicAddress, Pdn
from .base import AVPS, THREE_GPP, Avps, InformationalVendorAvp, MandatoryVendorAvp

__all__ = [
    "AllApnConfigurationsIncludedIndicator",
    "Ambr",
    "ApnConfiguration",
    "ApnConfigurationProfile",
    "ApnOiReplacement",
    "CancellationType",
    "ClrFlags",
    "ContextIdentifier",
    "EpsSubscribedQoSProfile",
    "Imei",
    "NetworkAccessMode",
    "PdnGwAllocationType",
    "PdnType",
    "SoftwareVersion",
    "SpecificApnInfo",
    "SubscriptionData",
    "TerminalInformation",
    "UlrFlags",
    "VisitedPlmnId",
    "VplmnDynamicAddressAllowed",
]


@AVPS.register(1400, THREE_GPP, rfc="TS 29.272 7.3.2")
class SubscriptionData(MandatoryVendorAvp):
    """Subscription-Data."""

    value: Avps


@AVPS.register(1401, THREE_GPP, rfc="TS 29.272 7.3.3")
class TerminalInformation(InformationalVendorAvp):
    """Terminal-Information."""

    value: Avps


@AVPS.register(1402, THREE_GPP, rfc="TS 29.272 7.3.4")
class Imei(InformationalVendorAvp):
    """IMEI."""

    value: Utf8


@AVPS.register(1403, THREE_GPP, rfc="TS 29.272 7.3.5")
class SoftwareVersion(InformationalVendorAvp):
    """Software-Version."""

    value: Utf8


@AVPS.register(1405, THREE_GPP, rfc="TS 29.272 7.3.7")
class UlrFlags(MandatoryVendorAvp):
    """ULR-Flags."""

    value: UInt32


@AVPS.register(1407, THREE_GPP, rfc="TS 29.272 7.3.9")
class VisitedPlmnId(MandatoryVendorAvp):
    """Visited-PLMN-Id."""

    value: Octets


@AVPS.register(1417, THREE_GPP, rfc="TS 29.272 7.3.21")
class NetworkAccessMode(MandatoryVendorAvp):
    """Network-Access-Mode."""

    value: UInt32


@AVPS.register(1420, THREE_GPP, rfc="TS 29.272 7.3.24")
class CancellationType(MandatoryVendorAvp):
    """Cancellation-Type."""

    value: Annotated[Cancellation | int, OpenEnum(Int32ub, Cancellation)]


@AVPS.register(1423, THREE_GPP, rfc="TS 29.272 7.3.27")
class ContextIdentifier(MandatoryVendorAvp):
    """Context-Identifier."""

    value: UInt32


@AVPS.register(1427, THREE_GPP, rfc="TS 29.272 7.3.32")
class ApnOiReplacement(MandatoryVendorAvp):
    """APN-OI-Replacement."""

    value: Utf8


@AVPS.register(1428, THREE_GPP, rfc="TS 29.272 7.3.33")
class AllApnConfigurationsIncludedIndicator(MandatoryVendorAvp):
    """All-APN-Configurations-Included-Indicator."""

    value: UInt32


@AVPS.register(1429, THREE_GPP, rfc="TS 29.272 7.3.34")
class ApnConfigurationProfile(MandatoryVendorAvp):
    """APN-Configuration-Profile."""

    value: Avps


@AVPS.register(1430, THREE_GPP, rfc="TS 29.272 7.3.35")
class ApnConfiguration(MandatoryVendorAvp):
    """APN-Configuration: what a subscriber has at an access point name."""

    value: Avps


@AVPS.register(1431, THREE_GPP, rfc="TS 29.272 7.3.37")
class EpsSubscribedQoSProfile(MandatoryVendorAvp):
    """EPS-Subscribed-QoS-Profile."""

    value: Avps


@AVPS.register(1432, THREE_GPP, rfc="TS 29.272 7.3.38")
class VplmnDynamicAddressAllowed(MandatoryVendorAvp):
    """VPLMN-Dynamic-Address-Allowed."""

    value: Annotated[DynamicAddress | int, OpenEnum(Int32ub, DynamicAddress)]


@AVPS.register(1435, THREE_GPP, rfc="TS 29.272 7.3.41")
class Ambr(MandatoryVendorAvp):
    """AMBR."""

    value: Avps


@AVPS.register(1438, THREE_GPP, rfc="TS 29.272 7.3.44")
class PdnGwAllocationType(MandatoryVendorAvp):
    """PDN-GW-Allocation-Type."""

    value: Annotated[Allocation | int, OpenEnum(Int32ub, Allocation)]


@AVPS.register(1456, THREE_GPP, rfc="TS 29.272 7.3.62")
class PdnType(MandatoryVendorAvp):
    """PDN-Type."""

    value: Annotated[Pdn | int, OpenEnum(Int32ub, Pdn)]


@AVPS.register(1472, THREE_GPP, rfc="TS 29.272 7.3.82")
class SpecificApnInfo(MandatoryVendorAvp):
    """Specific-APN-Info."""

    value: Avps


@AVPS.register(1638, THREE_GPP, rfc="TS 29.272 7.3.152")
class ClrFlags(InformationalVendorAvp):
    """CLR-Flags."""

    value: UInt32
