"""AVPs of network access and EAP (RFC 7155, RFC 4072), and of subscribers (RFC 8506)."""

from __future__ import annotations

from typing import Annotated

from ...eap.packet import PACKETS, EapPacket
from ...schema import Int32ub, Octets, OneOf, OpenEnum, OptionalOneOf, UInt32, UInt64, Utf8
from ..codes import SubscriptionType
from .base import AVPS, Avps, InformationalAvp, MandatoryAvp

__all__ = [
    "AccountingEapAuthMethod",
    "CalledStationId",
    "CallingStationId",
    "ChargeableUserIdentity",
    "EapKeyName",
    "EapMasterSessionKey",
    "EapPayload",
    "EapReissuedPayload",
    "NasIdentifier",
    "NasPortType",
    "QoSCapability",
    "QoSResources",
    "SubscriptionId",
    "SubscriptionIdData",
    "SubscriptionIdType",
]


@AVPS.register(30, rfc="7155 4.2.5")
class CalledStationId(MandatoryAvp):
    """Called-Station-Id."""

    value: Utf8


@AVPS.register(31, rfc="7155 4.2.6")
class CallingStationId(MandatoryAvp):
    """Calling-Station-Id: the link-layer address of the node."""

    value: Utf8


@AVPS.register(32, rfc="7155")
class NasIdentifier(MandatoryAvp):
    """NAS-Identifier."""

    value: Utf8


@AVPS.register(61, rfc="7155 4.2.4")
class NasPortType(MandatoryAvp):
    """NAS-Port-Type."""

    value: UInt32


@AVPS.register(89, rfc="4372, 5778 6.19")
class ChargeableUserIdentity(MandatoryAvp):
    """Chargeable-User-Identity: a handle that stands for the user for a while."""

    value: Octets


@AVPS.register(102, rfc="4072 4.1.4")
class EapKeyName(InformationalAvp):
    """EAP-Key-Name: what names the key; empty in a request, which asks for it."""

    value: Octets


@AVPS.register(443, rfc="8506 8.46")
class SubscriptionId(MandatoryAvp):
    """Subscription-Id."""

    value: Avps


@AVPS.register(444, rfc="8506 8.48")
class SubscriptionIdData(MandatoryAvp):
    """Subscription-Id-Data."""

    value: Utf8


@AVPS.register(450, rfc="8506 8.47")
class SubscriptionIdType(MandatoryAvp):
    """Subscription-Id-Type."""

    value: Annotated[SubscriptionType | int, OpenEnum(Int32ub, SubscriptionType)]


@AVPS.register(462, rfc="4072 4.1.1")
class EapPayload(MandatoryAvp):
    """EAP-Payload: a packet between the peer and the EAP server; none to start (RFC 4072 2.2)."""

    value: Annotated[EapPacket | None, OptionalOneOf(PACKETS)] = None


@AVPS.register(463, rfc="4072 4.1.2")
class EapReissuedPayload(MandatoryAvp):
    """EAP-Reissued-Payload: the last request, where its response was of no use."""

    value: Annotated[EapPacket, OneOf(PACKETS)]


@AVPS.register(464, rfc="4072 4.1.3")
class EapMasterSessionKey(InformationalAvp):
    """EAP-Master-Session-Key: the MSK."""

    value: Octets


@AVPS.register(465, rfc="4072 4.1.5")
class AccountingEapAuthMethod(MandatoryAvp):
    """Accounting-EAP-Auth-Method."""

    value: UInt64


@AVPS.register(508, rfc="5777 3.1, 5778 6.18")
class QoSResources(MandatoryAvp):
    """QoS-Resources."""

    value: Avps


@AVPS.register(578, rfc="5777, 5778 6.17")
class QoSCapability(MandatoryAvp):
    """QoS-Capability."""

    value: Avps
