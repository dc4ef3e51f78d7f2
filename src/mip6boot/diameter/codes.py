"""Numbers of Diameter: every value that the procedure uses, open for others."""

from __future__ import annotations

import enum

__all__ = [
    "Allocation",
    "Application",
    "AuthKind",
    "Cancellation",
    "Disconnect",
    "DynamicAddress",
    "ThreeGppResult",
    "Failover",
    "IpAccess",
    "IpAccessApn",
    "Mip6Authentication",
    "Mip6Feature",
    "MipAlgorithm",
    "MipReplay",
    "Pdn",
    "Rat",
    "ReAuthKind",
    "RealtimeRequired",
    "Reason",
    "RecordType",
    "RedirectUsage",
    "Result",
    "ServerAssignment",
    "SessionState",
    "SubscriptionType",
    "Termination",
    "Trust",
]


class Application(enum.IntEnum):
    """Application identifiers."""

    BASE = 0
    NASREQ = 1
    EAP = 5
    MIP6I = 7
    MIP6A = 8
    CX = 16777216
    STA = 16777250
    S6A = 16777251
    SWM = 16777264
    SWX = 16777265
    S6B = 16777272
    RELAY = 0xFFFFFFFF


class Cancellation(enum.IntEnum):
    """Cancellation-Type (TS 29.272 7.3.24)."""

    MME_UPDATE_PROCEDURE = 0
    SGSN_UPDATE_PROCEDURE = 1
    SUBSCRIPTION_WITHDRAWAL = 2
    UPDATE_PROCEDURE_IWF = 3
    INITIAL_ATTACH_PROCEDURE = 4


class ServerAssignment(enum.IntEnum):
    """Server-Assignment-Type (TS 29.229 6.3.15, TS 29.273 8)."""

    NO_ASSIGNMENT = 0
    REGISTRATION = 1
    RE_REGISTRATION = 2
    UNREGISTERED_USER = 3
    TIMEOUT_DEREGISTRATION = 4
    USER_DEREGISTRATION = 5
    TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME = 6
    USER_DEREGISTRATION_STORE_SERVER_NAME = 7
    ADMINISTRATIVE_DEREGISTRATION = 8
    AUTHENTICATION_FAILURE = 9
    AUTHENTICATION_TIMEOUT = 10
    DEREGISTRATION_TOO_MUCH_DATA = 11
    AAA_USER_DATA_REQUEST = 12
    PGW_UPDATE = 13
    RESTORATION = 14


class IpAccess(enum.IntEnum):
    """Non-3GPP-IP-Access (TS 29.273 8.2.3.3)."""

    NON_3GPP_SUBSCRIPTION_ALLOWED = 0
    NON_3GPP_SUBSCRIPTION_BARRED = 1


class IpAccessApn(enum.IntEnum):
    """Non-3GPP-IP-Access-APN (TS 29.273 8.2.3.4)."""

    NON_3GPP_APNS_ENABLE = 0
    NON_3GPP_APNS_DISABLE = 1


class Trust(enum.IntEnum):
    """AN-Trusted (TS 29.273 5.2.3.9)."""

    TRUSTED = 0
    UNTRUSTED = 1


class Pdn(enum.IntEnum):
    """PDN-Type (TS 29.272 7.3.62)."""

    IPV4 = 0
    IPV6 = 1
    IPV4V6 = 2
    IPV4_OR_IPV6 = 3


class Allocation(enum.IntEnum):
    """PDN-GW-Allocation-Type (TS 29.272 7.3.44)."""

    STATIC = 0
    DYNAMIC = 1


class DynamicAddress(enum.IntEnum):
    """VPLMN-Dynamic-Address-Allowed (TS 29.272 7.3.38)."""

    NOTALLOWED = 0
    ALLOWED = 1


class AuthKind(enum.IntEnum):
    """Auth-Request-Type (RFC 6733 8.7)."""

    AUTHENTICATE_ONLY = 1
    AUTHORIZE_ONLY = 2
    AUTHORIZE_AUTHENTICATE = 3


class SessionState(enum.IntEnum):
    """Auth-Session-State (RFC 6733 8.11)."""

    STATE_MAINTAINED = 0
    NO_STATE_MAINTAINED = 1


class ReAuthKind(enum.IntEnum):
    """Re-Auth-Request-Type (RFC 6733 8.12)."""

    AUTHORIZE_ONLY = 0
    AUTHORIZE_AUTHENTICATE = 1


class Termination(enum.IntEnum):
    """Termination-Cause (RFC 6733 8.15)."""

    DIAMETER_LOGOUT = 1
    DIAMETER_SERVICE_NOT_PROVIDED = 2
    DIAMETER_BAD_ANSWER = 3
    DIAMETER_ADMINISTRATIVE = 4
    DIAMETER_LINK_BROKEN = 5
    DIAMETER_AUTH_EXPIRED = 6
    DIAMETER_USER_MOVED = 7
    DIAMETER_SESSION_TIMEOUT = 8


class Rat(enum.IntEnum):
    """RAT-Type (TS 29.212 5.3.31)."""

    WLAN = 0
    VIRTUAL = 1
    UTRAN = 1000
    GERAN = 1001
    GAN = 1002
    HSPA_EVOLUTION = 1003
    EUTRAN = 1004
    CDMA2000_1X = 2000
    HRPD = 2001
    UMB = 2002
    EHRPD = 2003


class Mip6Feature(enum.IntFlag):
    """MIP6-Feature-Vector (RFC 5447 4.2.5 and its registry)."""

    MIP6_INTEGRATED = 0x0000000000000001
    LOCAL_HOME_AGENT_ASSIGNMENT = 0x0000000000000002
    PMIP6_SUPPORTED = 0x0000010000000000
    IP4_HOA_SUPPORTED = 0x0000020000000000
    LOCAL_MAG_ROUTING_SUPPORTED = 0x0000040000000000
    ASSIGN_LOCAL_IP = 0x0000080000000000
    MIP4_SUPPORTED = 0x0000100000000000
    OPTIMIZED_IDLE_MODE_MOBILITY = 0x0000200000000000
    GTPV2_SUPPORTED = 0x0000400000000000
    IP4_TRANSPORT_SUPPORTED = 0x0000800000000000
    IP4_HOA_ONLY_SUPPORTED = 0x0001000000000000
    INTER_MAG_ROUTING_SUPPORTED = 0x0002000000000000


class Result(enum.IntEnum):
    """Result-Code (RFC 6733 7.1, RFC 5778 7; 5030: RFC 8506)."""

    DIAMETER_MULTI_ROUND_AUTH = 1001
    DIAMETER_SUCCESS = 2001
    DIAMETER_LIMITED_SUCCESS = 2002
    DIAMETER_SUCCESS_RELOCATE_HA = 2009
    DIAMETER_COMMAND_UNSUPPORTED = 3001
    DIAMETER_UNABLE_TO_DELIVER = 3002
    DIAMETER_REALM_NOT_SERVED = 3003
    DIAMETER_TOO_BUSY = 3004
    DIAMETER_LOOP_DETECTED = 3005
    DIAMETER_REDIRECT_INDICATION = 3006
    DIAMETER_APPLICATION_UNSUPPORTED = 3007
    DIAMETER_INVALID_HDR_BITS = 3008
    DIAMETER_INVALID_AVP_BITS = 3009
    DIAMETER_UNKNOWN_PEER = 3010
    DIAMETER_AUTHENTICATION_REJECTED = 4001
    DIAMETER_OUT_OF_SPACE = 4002
    ELECTION_LOST = 4003
    DIAMETER_AVP_UNSUPPORTED = 5001
    DIAMETER_UNKNOWN_SESSION_ID = 5002
    DIAMETER_AUTHORIZATION_REJECTED = 5003
    DIAMETER_INVALID_AVP_VALUE = 5004
    DIAMETER_MISSING_AVP = 5005
    DIAMETER_RESOURCES_EXCEEDED = 5006
    DIAMETER_CONTRADICTING_AVPS = 5007
    DIAMETER_AVP_NOT_ALLOWED = 5008
    DIAMETER_AVP_OCCURS_TOO_MANY_TIMES = 5009
    DIAMETER_NO_COMMON_APPLICATION = 5010
    DIAMETER_UNSUPPORTED_VERSION = 5011
    DIAMETER_UNABLE_TO_COMPLY = 5012
    DIAMETER_INVALID_BIT_IN_HEADER = 5013
    DIAMETER_INVALID_AVP_LENGTH = 5014
    DIAMETER_INVALID_MESSAGE_LENGTH = 5015
    DIAMETER_INVALID_AVP_BIT_COMBO = 5016
    DIAMETER_NO_COMMON_SECURITY = 5017
    DIAMETER_USER_UNKNOWN = 5030
    DIAMETER_ERROR_MIP6_AUTH_MODE = 5041


class ThreeGppResult(enum.IntEnum):
    """Experimental-Result-Code (3GPP: TS 29.229 6.2, TS 29.272 7.4, TS 29.273 10)."""

    DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE = 4181
    DIAMETER_ERROR_USER_UNKNOWN = 5001
    DIAMETER_ERROR_ROAMING_NOT_ALLOWED = 5004
    DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED = 5005
    DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED = 5006
    DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION = 5420
    DIAMETER_ERROR_RAT_NOT_ALLOWED = 5421
    DIAMETER_ERROR_EQUIPMENT_UNKNOWN = 5422
    DIAMETER_ERROR_USER_NO_NON_3GPP_SUBSCRIPTION = 5450
    DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION = 5451
    DIAMETER_ERROR_RAT_TYPE_NOT_ALLOWED = 5452
    DIAMETER_ERROR_LATE_OVERLAPPING_REQUEST = 5453
    DIAMETER_ERROR_TIMED_OUT_REQUEST = 5454


class RedirectUsage(enum.IntEnum):
    """Redirect-Host-Usage (RFC 6733 6.13)."""

    DONT_CACHE = 0
    ALL_SESSION = 1
    ALL_REALM = 2
    REALM_AND_APPLICATION = 3
    ALL_APPLICATION = 4
    ALL_HOST = 5
    ALL_USER = 6


class Failover(enum.IntEnum):
    """Session-Server-Failover (RFC 6733 8.18)."""

    REFUSE_SERVICE = 0
    TRY_AGAIN = 1
    ALLOW_SERVICE = 2
    TRY_AGAIN_ALLOW_SERVICE = 3


class Disconnect(enum.IntEnum):
    """Disconnect-Cause (RFC 6733 5.4.3)."""

    REBOOTING = 0
    BUSY = 1
    DO_NOT_WANT_TO_TALK_TO_YOU = 2


class RecordType(enum.IntEnum):
    """Accounting-Record-Type (RFC 6733 9.8.1)."""

    EVENT_RECORD = 1
    START_RECORD = 2
    INTERIM_RECORD = 3
    STOP_RECORD = 4


class RealtimeRequired(enum.IntEnum):
    """Accounting-Realtime-Required (RFC 6733 9.8.7)."""

    DELIVER_AND_GRANT = 1
    GRANT_AND_STORE = 2
    GRANT_AND_LOSE = 3


class SubscriptionType(enum.IntEnum):
    """Subscription-Id-Type (RFC 8506 8.47), as far as the procedure uses it."""

    END_USER_E164 = 0
    END_USER_IMSI = 1


class Reason(enum.IntEnum):
    """Reason-Code (TS 29.229 6.3.17)."""

    PERMANENT_TERMINATION = 0
    NEW_SERVER_ASSIGNED = 1
    SERVER_CHANGE = 2
    REMOVE_S_CSCF = 3


class MipAlgorithm(enum.IntEnum):
    """MIP-Algorithm-Type (RFC 5778 6.13)."""

    HMAC_SHA_1 = 2


class MipReplay(enum.IntEnum):
    """MIP-Replay-Mode (RFC 5778 6.14)."""

    NONE = 1
    TIMESTAMP = 2
    NONCES = 3


class Mip6Authentication(enum.IntEnum):
    """MIP6-Auth-Mode (RFC 5778 6.20)."""

    MIP6_AUTH_MN_AAA = 1
