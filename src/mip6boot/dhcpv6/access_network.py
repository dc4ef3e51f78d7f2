"""Where the client is attached, as a relay sees it (RFC 7839 5)."""

from __future__ import annotations

from typing import Annotated

from ..schema import Bytes, Int8ub, OpenEnum, UInt8, UInt32, Utf8
from .base import OPTIONS, Dhcpv6Option
from .codes import AccessTechnologyType

__all__ = [
    "AccessPointBssid",
    "AccessPointName",
    "AccessTechnologyTypeOption",
    "NetworkName",
    "OperatorIdentifier",
    "OperatorRealm",
]


# The enumeration has the plain name.
@OPTIONS.register(105, rfc="7839 5.1")
class AccessTechnologyTypeOption(Dhcpv6Option, kw_only=True):
    """Access-Technology-Type."""

    reserved: UInt8 = 0
    access_technology_type: Annotated[
        AccessTechnologyType | int, OpenEnum(Int8ub, AccessTechnologyType)
    ]


@OPTIONS.register(106, rfc="7839 5.2.1, 4.3.1")
class NetworkName(Dhcpv6Option):
    """Network-Name."""

    network_name: Utf8
    "An SSID, or a PLMN identifier with three digits each for MCC and MNC."


@OPTIONS.register(107, rfc="7839 5.2.2, 4.3.2")
class AccessPointName(Dhcpv6Option):
    """Access-Point-Name: the device that the client is attached to, not an APN."""

    access_point_name: Utf8


@OPTIONS.register(108, rfc="7839 5.2.3, 4.3.3")
class AccessPointBssid(Dhcpv6Option):
    """Access-Point-BSSID."""

    access_point_bssid: Annotated[bytes, Bytes(6)]


@OPTIONS.register(109, rfc="7839 5.3.1, 4.4.1")
class OperatorIdentifier(Dhcpv6Option):
    """Operator-Identifier."""

    operator_identifier: UInt32
    "A private enterprise number."


@OPTIONS.register(110, rfc="7839 5.3.2, 4.4.2")
class OperatorRealm(Dhcpv6Option):
    """Operator-Realm."""

    operator_realm: Utf8
