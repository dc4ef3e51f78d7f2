"""AVPs of the base protocol (RFC 6733)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int32ub, Octets, OpenEnum, UInt32, UInt64, Utf8
from ..codes import (
    AuthKind,
    Disconnect,
    Failover,
    RealtimeRequired,
    ReAuthKind,
    RecordType,
    RedirectUsage,
    Result,
    SessionState,
    Termination,
    ThreeGppResult,
)
from .base import AVPS, AnyAddress, ApplicationId, Avps, FailedAvps, InformationalAvp, MandatoryAvp

__all__ = [
    "AccountingRealtimeRequired",
    "AccountingRecordNumber",
    "AccountingRecordType",
    "AccountingSubSessionId",
    "AcctApplicationId",
    "AcctInterimInterval",
    "AcctMultiSessionId",
    "AcctSessionId",
    "AuthApplicationId",
    "AuthGracePeriod",
    "AuthRequestType",
    "AuthSessionState",
    "AuthorizationLifetime",
    "Class",
    "DestinationHost",
    "DestinationRealm",
    "DisconnectCause",
    "ErrorMessage",
    "ErrorReportingHost",
    "EventTimestamp",
    "ExperimentalResult",
    "ExperimentalResultCode",
    "FailedAvp",
    "FirmwareRevision",
    "HostIpAddress",
    "InbandSecurityId",
    "MultiRoundTimeOut",
    "OriginHost",
    "OriginRealm",
    "OriginStateId",
    "ProductName",
    "ProxyHost",
    "ProxyInfo",
    "ProxyState",
    "ReAuthRequestType",
    "RedirectHost",
    "RedirectHostUsage",
    "RedirectMaxCacheTime",
    "ResultCode",
    "RouteRecord",
    "SessionBinding",
    "SessionId",
    "SessionServerFailover",
    "SessionTimeout",
    "SupportedVendorId",
    "TerminationCause",
    "UserName",
    "VendorId",
    "VendorSpecificApplicationId",
]


@AVPS.register(1, rfc="6733 8.14, 5778 6.1")
class UserName(MandatoryAvp):
    """User-Name: a network access identifier; on SWx and S6a the digits of the IMSI."""

    value: Utf8


@AVPS.register(25, rfc="6733 8.20")
class Class(MandatoryAvp):
    """Class."""

    value: Octets


@AVPS.register(27, rfc="6733 8.13")
class SessionTimeout(MandatoryAvp):
    """Session-Timeout, in seconds."""

    value: UInt32


@AVPS.register(33, rfc="6733 6.7.4")
class ProxyState(MandatoryAvp):
    """Proxy-State."""

    value: Octets


@AVPS.register(44, rfc="6733 9.8.4")
class AcctSessionId(MandatoryAvp):
    """Acct-Session-Id."""

    value: Octets


@AVPS.register(50, rfc="6733 9.8.5")
class AcctMultiSessionId(MandatoryAvp):
    """Acct-Multi-Session-Id."""

    value: Utf8


@AVPS.register(55, rfc="6733 8.21")
class EventTimestamp(MandatoryAvp):
    """Event-Timestamp, in seconds since 1900."""

    value: UInt32


@AVPS.register(85, rfc="6733 9.8.2")
class AcctInterimInterval(MandatoryAvp):
    """Acct-Interim-Interval."""

    value: UInt32


@AVPS.register(257, rfc="6733 5.3.5")
class HostIpAddress(MandatoryAvp):
    """Host-IP-Address: one of the sender."""

    value: AnyAddress


@AVPS.register(258, rfc="6733 6.8")
class AuthApplicationId(MandatoryAvp):
    """Auth-Application-Id."""

    value: ApplicationId


@AVPS.register(259, rfc="6733 6.9")
class AcctApplicationId(MandatoryAvp):
    """Acct-Application-Id."""

    value: ApplicationId


@AVPS.register(260, rfc="6733 6.11")
class VendorSpecificApplicationId(MandatoryAvp):
    """Vendor-Specific-Application-Id: a vendor and its application."""

    value: Avps


@AVPS.register(261, rfc="6733 6.13")
class RedirectHostUsage(MandatoryAvp):
    """Redirect-Host-Usage."""

    value: Annotated[RedirectUsage | int, OpenEnum(Int32ub, RedirectUsage)]


@AVPS.register(262, rfc="6733 6.14")
class RedirectMaxCacheTime(MandatoryAvp):
    """Redirect-Max-Cache-Time."""

    value: UInt32


@AVPS.register(263, rfc="6733 8.8")
class SessionId(MandatoryAvp):
    """Session-Id: host, two numbers and what else it likes, between semicolons; the first AVP."""

    value: Utf8


@AVPS.register(264, rfc="6733 6.3")
class OriginHost(MandatoryAvp):
    """Origin-Host."""

    value: Utf8


@AVPS.register(265, rfc="6733 5.3.6")
class SupportedVendorId(MandatoryAvp):
    """Supported-Vendor-Id."""

    value: UInt32


@AVPS.register(266, rfc="6733 5.3.3")
class VendorId(MandatoryAvp):
    """Vendor-Id."""

    value: UInt32


@AVPS.register(267, rfc="6733 5.3.4")
class FirmwareRevision(InformationalAvp):
    """Firmware-Revision."""

    value: UInt32


@AVPS.register(268, rfc="6733 7.1")
class ResultCode(MandatoryAvp):
    """Result-Code."""

    value: Annotated[Result | int, OpenEnum(Int32ub, Result)]


@AVPS.register(269, rfc="6733 5.3.7")
class ProductName(InformationalAvp):
    """Product-Name."""

    value: Utf8


@AVPS.register(270, rfc="6733 8.17")
class SessionBinding(MandatoryAvp):
    """Session-Binding."""

    value: UInt32


@AVPS.register(271, rfc="6733 8.18")
class SessionServerFailover(MandatoryAvp):
    """Session-Server-Failover."""

    value: Annotated[Failover | int, OpenEnum(Int32ub, Failover)]


@AVPS.register(272, rfc="6733 8.19")
class MultiRoundTimeOut(MandatoryAvp):
    """Multi-Round-Time-Out, in seconds."""

    value: UInt32


@AVPS.register(273, rfc="6733 5.4.3")
class DisconnectCause(MandatoryAvp):
    """Disconnect-Cause."""

    value: Annotated[Disconnect | int, OpenEnum(Int32ub, Disconnect)]


@AVPS.register(274, rfc="6733 8.7")
class AuthRequestType(MandatoryAvp):
    """Auth-Request-Type."""

    value: Annotated[AuthKind | int, OpenEnum(Int32ub, AuthKind)]


@AVPS.register(276, rfc="6733 8.10")
class AuthGracePeriod(MandatoryAvp):
    """Auth-Grace-Period, in seconds."""

    value: UInt32


@AVPS.register(277, rfc="6733 8.11")
class AuthSessionState(MandatoryAvp):
    """Auth-Session-State."""

    value: Annotated[SessionState | int, OpenEnum(Int32ub, SessionState)]


@AVPS.register(278, rfc="6733 8.16")
class OriginStateId(MandatoryAvp):
    """Origin-State-Id: grows whenever the node has lost its sessions."""

    value: UInt32


@AVPS.register(279, rfc="6733 7.5")
class FailedAvp(MandatoryAvp):
    """Failed-AVP: what a request is refused for."""

    value: FailedAvps


@AVPS.register(280, rfc="6733 6.7.3")
class ProxyHost(MandatoryAvp):
    """Proxy-Host."""

    value: Utf8


@AVPS.register(281, rfc="6733 7.3")
class ErrorMessage(InformationalAvp):
    """Error-Message."""

    value: Utf8


@AVPS.register(282, rfc="6733 6.7.1")
class RouteRecord(MandatoryAvp):
    """Route-Record: who sent the request to the agent that adds this."""

    value: Utf8


@AVPS.register(283, rfc="6733 6.6")
class DestinationRealm(MandatoryAvp):
    """Destination-Realm."""

    value: Utf8


@AVPS.register(284, rfc="6733 6.7.2")
class ProxyInfo(MandatoryAvp):
    """Proxy-Info."""

    value: Avps


@AVPS.register(285, rfc="6733 8.12")
class ReAuthRequestType(MandatoryAvp):
    """Re-Auth-Request-Type."""

    value: Annotated[ReAuthKind | int, OpenEnum(Int32ub, ReAuthKind)]


@AVPS.register(287, rfc="6733 9.8.6")
class AccountingSubSessionId(MandatoryAvp):
    """Accounting-Sub-Session-Id."""

    value: UInt64


@AVPS.register(291, rfc="6733 8.9")
class AuthorizationLifetime(MandatoryAvp):
    """Authorization-Lifetime, in seconds."""

    value: UInt32


@AVPS.register(292, rfc="6733 6.12")
class RedirectHost(MandatoryAvp):
    """Redirect-Host."""

    value: Utf8


@AVPS.register(293, rfc="6733 6.5")
class DestinationHost(MandatoryAvp):
    """Destination-Host: absent where any host of the realm will do."""

    value: Utf8


@AVPS.register(294, rfc="6733 7.4")
class ErrorReportingHost(InformationalAvp):
    """Error-Reporting-Host."""

    value: Utf8


@AVPS.register(295, rfc="6733 8.15")
class TerminationCause(MandatoryAvp):
    """Termination-Cause."""

    value: Annotated[Termination | int, OpenEnum(Int32ub, Termination)]


@AVPS.register(296, rfc="6733 6.4")
class OriginRealm(MandatoryAvp):
    """Origin-Realm."""

    value: Utf8


@AVPS.register(297, rfc="6733 7.6")
class ExperimentalResult(MandatoryAvp):
    """Experimental-Result: a vendor and its result."""

    value: Avps


@AVPS.register(298, rfc="6733 7.7")
class ExperimentalResultCode(MandatoryAvp):
    """Experimental-Result-Code."""

    value: Annotated[ThreeGppResult | int, OpenEnum(Int32ub, ThreeGppResult)]


@AVPS.register(299, rfc="6733 6.10")
class InbandSecurityId(MandatoryAvp):
    """Inband-Security-Id."""

    value: UInt32


@AVPS.register(480, rfc="6733 9.8.1")
class AccountingRecordType(MandatoryAvp):
    """Accounting-Record-Type."""

    value: Annotated[RecordType | int, OpenEnum(Int32ub, RecordType)]


@AVPS.register(483, rfc="6733 9.8.7")
class AccountingRealtimeRequired(MandatoryAvp):
    """Accounting-Realtime-Required."""

    value: Annotated[RealtimeRequired | int, OpenEnum(Int32ub, RealtimeRequired)]


@AVPS.register(485, rfc="6733 9.8.3")
class AccountingRecordNumber(MandatoryAvp):
    """Accounting-Record-Number."""

    value: UInt32
