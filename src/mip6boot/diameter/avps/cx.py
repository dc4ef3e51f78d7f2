"""AVPs that SWx has from Cx: authentication vectors and who serves a user (TS 29.229)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int32ub, Octets, OpenEnum, UInt32, Utf8
from ..codes import Reason, ServerAssignment
from .base import AVPS, THREE_GPP, Avps, InformationalVendorAvp, MandatoryVendorAvp

__all__ = [
    "ConfidentialityKey",
    "DeregistrationReason",
    "FeatureList",
    "FeatureListId",
    "IntegrityKey",
    "Msisdn",
    "ReasonCode",
    "ReasonInfo",
    "ServerAssignmentType",
    "SipAuthDataItem",
    "SipAuthenticate",
    "SipAuthenticationScheme",
    "SipAuthorization",
    "SipItemNumber",
    "SipNumberAuthItems",
    "SupportedFeatures",
    "ThreeGppAaaServerName",
    "VisitedNetworkIdentifier",
]


@AVPS.register(318, THREE_GPP, rfc="TS 29.234")
class ThreeGppAaaServerName(MandatoryVendorAvp):
    """3GPP-AAA-Server-Name: the one that serves the user."""

    value: Utf8


@AVPS.register(600, THREE_GPP, rfc="TS 29.229 6.3.1")
class VisitedNetworkIdentifier(MandatoryVendorAvp):
    """Visited-Network-Identifier: the domain name of the visited network."""

    value: Octets


@AVPS.register(607, THREE_GPP, rfc="TS 29.229 6.3.8")
class SipNumberAuthItems(MandatoryVendorAvp):
    """SIP-Number-Auth-Items."""

    value: UInt32


@AVPS.register(608, THREE_GPP, rfc="TS 29.229 6.3.9")
class SipAuthenticationScheme(MandatoryVendorAvp):
    """SIP-Authentication-Scheme."""

    value: Utf8


@AVPS.register(609, THREE_GPP, rfc="TS 29.229 6.3.10")
class SipAuthenticate(MandatoryVendorAvp):
    """SIP-Authenticate: RAND and AUTN."""

    value: Octets


@AVPS.register(610, THREE_GPP, rfc="TS 29.229 6.3.11")
class SipAuthorization(MandatoryVendorAvp):
    """SIP-Authorization: XRES; RAND and AUTS to resynchronise."""

    value: Octets


@AVPS.register(612, THREE_GPP, rfc="TS 29.229 6.3.13")
class SipAuthDataItem(MandatoryVendorAvp):
    """SIP-Auth-Data-Item: an authentication vector, or what one is wanted for."""

    value: Avps


@AVPS.register(613, THREE_GPP, rfc="TS 29.229 6.3.14")
class SipItemNumber(MandatoryVendorAvp):
    """SIP-Item-Number."""

    value: UInt32


@AVPS.register(614, THREE_GPP, rfc="TS 29.229 6.3.15")
class ServerAssignmentType(MandatoryVendorAvp):
    """Server-Assignment-Type."""

    value: Annotated[ServerAssignment | int, OpenEnum(Int32ub, ServerAssignment)]


@AVPS.register(615, THREE_GPP, rfc="TS 29.229 6.3.16")
class DeregistrationReason(MandatoryVendorAvp):
    """Deregistration-Reason."""

    value: Avps


@AVPS.register(616, THREE_GPP, rfc="TS 29.229 6.3.17")
class ReasonCode(MandatoryVendorAvp):
    """Reason-Code."""

    value: Annotated[Reason | int, OpenEnum(Int32ub, Reason)]


@AVPS.register(617, THREE_GPP, rfc="TS 29.229 6.3.18")
class ReasonInfo(MandatoryVendorAvp):
    """Reason-Info."""

    value: Utf8


@AVPS.register(625, THREE_GPP, rfc="TS 29.229 6.3.27")
class ConfidentialityKey(MandatoryVendorAvp):
    """Confidentiality-Key: CK, or CK'."""

    value: Octets


@AVPS.register(626, THREE_GPP, rfc="TS 29.229 6.3.28")
class IntegrityKey(MandatoryVendorAvp):
    """Integrity-Key: IK, or IK'."""

    value: Octets


@AVPS.register(628, THREE_GPP, rfc="TS 29.229 6.3.29")
class SupportedFeatures(InformationalVendorAvp):
    """Supported-Features."""

    value: Avps


@AVPS.register(629, THREE_GPP, rfc="TS 29.229 6.3.30")
class FeatureListId(InformationalVendorAvp):
    """Feature-List-ID."""

    value: UInt32


@AVPS.register(630, THREE_GPP, rfc="TS 29.229 6.3.31")
class FeatureList(InformationalVendorAvp):
    """Feature-List."""

    value: UInt32


@AVPS.register(701, THREE_GPP, rfc="TS 29.329 6.3.2")
class Msisdn(MandatoryVendorAvp):
    """MSISDN."""

    value: Octets
