"""AVPs of access that is not 3GPP's (TS 29.273), and others of 3GPP that it uses."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int32ub, OpenEnum, UInt32, Utf8
from ..codes import IpAccess, IpAccessApn, Rat, Trust
from .base import AVPS, THREE_GPP, AnyAddress, Avps, InformationalVendorAvp, MandatoryVendorAvp

__all__ = [
    "AnTrusted",
    "Anid",
    "DeaFlags",
    "DerFlags",
    "DerS6bFlags",
    "EmergencyServices",
    "MaxRequestedBandwidthDl",
    "MaxRequestedBandwidthUl",
    "Non3gppIpAccess",
    "Non3gppIpAccessApn",
    "Non3gppUserData",
    "RatType",
    "ServedPartyIpAddress",
    "ThreeGppChargingCharacteristics",
    "TraceInfo",
    "TransportAccessType",
]


@AVPS.register(13, THREE_GPP, rfc="TS 29.061")
class ThreeGppChargingCharacteristics(InformationalVendorAvp):
    """3GPP-Charging-Characteristics."""

    value: Utf8


@AVPS.register(515, THREE_GPP, rfc="TS 29.214")
class MaxRequestedBandwidthDl(MandatoryVendorAvp):
    """Max-Requested-Bandwidth-DL."""

    value: UInt32


@AVPS.register(516, THREE_GPP, rfc="TS 29.214")
class MaxRequestedBandwidthUl(MandatoryVendorAvp):
    """Max-Requested-Bandwidth-UL."""

    value: UInt32


@AVPS.register(848, THREE_GPP, rfc="TS 32.299")
class ServedPartyIpAddress(MandatoryVendorAvp):
    """Served-Party-IP-Address."""

    value: AnyAddress


@AVPS.register(1032, THREE_GPP, rfc="TS 29.212 5.3.31")
class RatType(MandatoryVendorAvp):
    """RAT-Type."""

    value: Annotated[Rat | int, OpenEnum(Int32ub, Rat)]


@AVPS.register(1500, THREE_GPP, rfc="TS 29.273 8.2.3.1")
class Non3gppUserData(MandatoryVendorAvp):
    """Non-3GPP-User-Data: the subscription."""

    value: Avps


@AVPS.register(1501, THREE_GPP, rfc="TS 29.273 8.2.3.3")
class Non3gppIpAccess(MandatoryVendorAvp):
    """Non-3GPP-IP-Access."""

    value: Annotated[IpAccess | int, OpenEnum(Int32ub, IpAccess)]


@AVPS.register(1502, THREE_GPP, rfc="TS 29.273 8.2.3.4")
class Non3gppIpAccessApn(MandatoryVendorAvp):
    """Non-3GPP-IP-Access-APN."""

    value: Annotated[IpAccessApn | int, OpenEnum(Int32ub, IpAccessApn)]


@AVPS.register(1503, THREE_GPP, rfc="TS 29.273 5.2.3.9")
class AnTrusted(MandatoryVendorAvp):
    """AN-Trusted."""

    value: Annotated[Trust | int, OpenEnum(Int32ub, Trust)]


@AVPS.register(1504, THREE_GPP, rfc="TS 29.273 5.2.3.7")
class Anid(MandatoryVendorAvp):
    """ANID: the name of the access network, which EAP-AKA' binds keys to."""

    value: Utf8


@AVPS.register(1505, THREE_GPP, rfc="TS 29.273 8.2.3.13")
class TraceInfo(InformationalVendorAvp):
    """Trace-Info."""

    value: Avps


@AVPS.register(1519, THREE_GPP, rfc="TS 29.273 5.2.3.19")
class TransportAccessType(InformationalVendorAvp):
    """Transport-Access-Type."""

    value: UInt32


@AVPS.register(1520, THREE_GPP, rfc="TS 29.273 5.2.3.20")
class DerFlags(InformationalVendorAvp):
    """DER-Flags."""

    value: UInt32


@AVPS.register(1521, THREE_GPP, rfc="TS 29.273 5.2.3.21")
class DeaFlags(InformationalVendorAvp):
    """DEA-Flags."""

    value: UInt32


@AVPS.register(1523, THREE_GPP, rfc="TS 29.273 9.2.3.7")
class DerS6bFlags(InformationalVendorAvp):
    """DER-S6b-Flags."""

    value: UInt32


@AVPS.register(1538, THREE_GPP, rfc="TS 29.273 7.2.3.4")
class EmergencyServices(InformationalVendorAvp):
    """Emergency-Services."""

    value: UInt32
