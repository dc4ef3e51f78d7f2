"""Numbers of DHCPv6: every registered value, open for others."""

from __future__ import annotations

import enum

__all__ = [
    "DUID_OCTETS",
    "HOP_COUNT_LIMIT",
    "INFINITY",
    "AccessTechnologyType",
    "AuthenticationAlgorithm",
    "AuthenticationProtocol",
    "ClientFqdnFlags",
    "DuidType",
    "FailoverBindingStatus",
    "FailoverConnectFlags",
    "FailoverDnsFlags",
    "FailoverServerFlags",
    "FailoverServerState",
    "MessageType",
    "OptionCode",
    "QueryType",
    "ReplayDetectionMethod",
    "RkapType",
    "StatusCode",
    "VssType",
]

#: The least and the most that a DUID has: two octets of type, and 1 to 128 more (RFC 8415 11.1).
DUID_OCTETS = 3, 130

#: Relays that a message may pass, the sender of the last Relay-forward included (RFC 8415 7.6).
HOP_COUNT_LIMIT = 8

#: A lifetime, T1 or T2 without an end (RFC 8415 7.7).
INFINITY = 0xFFFF_FFFF


class MessageType(enum.IntEnum):
    """Kind of message (RFC 8415 7.3 and its registry)."""

    RESERVED = 0
    SOLICIT = 1
    ADVERTISE = 2
    REQUEST = 3
    CONFIRM = 4
    RENEW = 5
    REBIND = 6
    REPLY = 7
    RELEASE = 8
    DECLINE = 9
    RECONFIGURE = 10
    INFORMATION_REQUEST = 11
    RELAY_FORW = 12
    RELAY_REPL = 13
    LEASEQUERY = 14
    LEASEQUERY_REPLY = 15
    LEASEQUERY_DONE = 16
    LEASEQUERY_DATA = 17
    RECONFIGURE_REQUEST = 18
    RECONFIGURE_REPLY = 19
    DHCPV4_QUERY = 20
    DHCPV4_RESPONSE = 21
    ACTIVELEASEQUERY = 22
    STARTTLS = 23
    BNDUPD = 24
    BNDREPLY = 25
    POOLREQ = 26
    POOLRESP = 27
    UPDREQ = 28
    UPDREQALL = 29
    UPDDONE = 30
    CONNECT = 31
    CONNECTREPLY = 32
    DISCONNECT = 33
    STATE = 34
    CONTACT = 35
    ADDR_REG_INFORM = 36
    ADDR_REG_REPLY = 37


class OptionCode(enum.IntEnum):
    """Kind of option (RFC 8415 24 and its registry)."""

    CLIENTID = 1
    SERVERID = 2
    IA_NA = 3
    IA_TA = 4
    IAADDR = 5
    ORO = 6
    PREFERENCE = 7
    ELAPSED_TIME = 8
    RELAY_MSG = 9
    AUTH = 11
    UNICAST = 12
    STATUS_CODE = 13
    RAPID_COMMIT = 14
    USER_CLASS = 15
    VENDOR_CLASS = 16
    VENDOR_OPTS = 17
    INTERFACE_ID = 18
    RECONF_MSG = 19
    RECONF_ACCEPT = 20
    SIP_SERVER_D = 21
    SIP_SERVER_A = 22
    DNS_SERVERS = 23
    DOMAIN_LIST = 24
    IA_PD = 25
    IAPREFIX = 26
    NIS_SERVERS = 27
    NISP_SERVERS = 28
    NIS_DOMAIN_NAME = 29
    NISP_DOMAIN_NAME = 30
    SNTP_SERVERS = 31
    INFORMATION_REFRESH_TIME = 32
    BCMCS_SERVER_D = 33
    BCMCS_SERVER_A = 34
    GEOCONF_CIVIC = 36
    REMOTE_ID = 37
    SUBSCRIBER_ID = 38
    CLIENT_FQDN = 39
    PANA_AGENT = 40
    NEW_POSIX_TIMEZONE = 41
    NEW_TZDB_TIMEZONE = 42
    ERO = 43
    LQ_QUERY = 44
    CLIENT_DATA = 45
    CLT_TIME = 46
    LQ_RELAY_DATA = 47
    LQ_CLIENT_LINK = 48
    MIP6_HNIDF = 49
    MIP6_VDINF = 50
    V6_LOST = 51
    CAPWAP_AC_V6 = 52
    RELAY_ID = 53
    IPV6_ADDRESS_MOS = 54
    IPV6_FQDN_MOS = 55
    NTP_SERVER = 56
    V6_ACCESS_DOMAIN = 57
    SIP_UA_CS_LIST = 58
    BOOTFILE_URL = 59
    BOOTFILE_PARAM = 60
    CLIENT_ARCH_TYPE = 61
    NII = 62
    GEOLOCATION = 63
    AFTR_NAME = 64
    ERP_LOCAL_DOMAIN_NAME = 65
    RSOO = 66
    PD_EXCLUDE = 67
    VSS = 68
    MIP6_IDINF = 69
    MIP6_UDINF = 70
    MIP6_HNP = 71
    MIP6_HAA = 72
    MIP6_HAF = 73
    RDNSS_SELECTION = 74
    KRB_PRINCIPAL_NAME = 75
    KRB_REALM_NAME = 76
    KRB_DEFAULT_REALM_NAME = 77
    KRB_KDC = 78
    CLIENT_LINKLAYER_ADDR = 79
    LINK_ADDRESS = 80
    RADIUS = 81
    SOL_MAX_RT = 82
    INF_MAX_RT = 83
    ADDRSEL = 84
    ADDRSEL_TABLE = 85
    V6_PCP_SERVER = 86
    DHCPV4_MSG = 87
    DHCP4_O_DHCP6_SERVER = 88
    S46_RULE = 89
    S46_BR = 90
    S46_DMR = 91
    S46_V4V6BIND = 92
    S46_PORTPARAMS = 93
    S46_CONT_MAPE = 94
    S46_CONT_MAPT = 95
    S46_CONT_LW = 96
    OPT_4RD = 97
    OPT_4RD_MAP_RULE = 98
    OPT_4RD_NON_MAP_RULE = 99
    LQ_BASE_TIME = 100
    LQ_START_TIME = 101
    LQ_END_TIME = 102
    CAPTIVE_PORTAL = 103
    MPL_PARAMETERS = 104
    ANI_ATT = 105
    ANI_NETWORK_NAME = 106
    ANI_AP_NAME = 107
    ANI_AP_BSSID = 108
    ANI_OPERATOR_ID = 109
    ANI_OPERATOR_REALM = 110
    S46_PRIORITY = 111
    MUD_URL_V6 = 112
    V6_PREFIX64 = 113
    F_BINDING_STATUS = 114
    F_CONNECT_FLAGS = 115
    F_DNS_REMOVAL_INFO = 116
    F_DNS_HOST_NAME = 117
    F_DNS_ZONE_NAME = 118
    F_DNS_FLAGS = 119
    F_EXPIRATION_TIME = 120
    F_MAX_UNACKED_BNDUPD = 121
    F_MCLT = 122
    F_PARTNER_LIFETIME = 123
    F_PARTNER_LIFETIME_SENT = 124
    F_PARTNER_DOWN_TIME = 125
    F_PARTNER_RAW_CLT_TIME = 126
    F_PROTOCOL_VERSION = 127
    F_KEEPALIVE_TIME = 128
    F_RECONFIGURE_DATA = 129
    F_RELATIONSHIP_NAME = 130
    F_SERVER_FLAGS = 131
    F_SERVER_STATE = 132
    F_START_TIME_OF_STATE = 133
    F_STATE_EXPIRATION_TIME = 134
    RELAY_PORT = 135
    V6_SZTP_REDIRECT = 136
    S46_BIND_IPV6_PREFIX = 137
    IA_LL = 138
    LLADDR = 139
    SLAP_QUAD = 140
    V6_DOTS_RI = 141
    V6_DOTS_ADDRESS = 142
    IPV6_ADDRESS_ANDSF = 143
    V6_DNR = 144
    REGISTERED_DOMAIN = 145
    FORWARD_DIST_MANAGER = 146
    REVERSE_DIST_MANAGER = 147
    ADDR_REG_ENABLE = 148
    IA_SRV6_LOCATOR = 149
    IALOCATOR = 150


class StatusCode(enum.IntEnum):
    """What became of a message, an association or a lease (RFC 8415 21.13 and its registry)."""

    SUCCESS = 0
    UNSPEC_FAIL = 1
    NO_ADDRS_AVAIL = 2
    NO_BINDING = 3
    NOT_ON_LINK = 4
    USE_MULTICAST = 5
    NO_PREFIX_AVAIL = 6
    UNKNOWN_QUERY_TYPE = 7
    MALFORMED_QUERY = 8
    NOT_CONFIGURED = 9
    NOT_ALLOWED = 10
    QUERY_TERMINATED = 11
    DATA_MISSING = 12
    CATCH_UP_COMPLETE = 13
    NOT_SUPPORTED = 14
    TLS_CONNECTION_REFUSED = 15
    ADDRESS_IN_USE = 16
    CONFIGURATION_CONFLICT = 17
    MISSING_BINDING_INFORMATION = 18
    OUTDATED_BINDING_INFORMATION = 19
    SERVER_SHUTTING_DOWN = 20
    DNS_UPDATE_NOT_SUPPORTED = 21
    EXCESSIVE_TIME_SKEW = 22


class DuidType(enum.IntEnum):
    """Kind of DHCP unique identifier (RFC 8415 11, RFC 6355)."""

    LLT = 1
    EN = 2
    LL = 3
    UUID = 4


class AuthenticationProtocol(enum.IntEnum):
    """Protocol of an Authentication option (RFC 8415 20.4, 25; 0 to 2 are obsolete or DHCPv4's)."""

    CONFIGURATION_TOKEN = 0
    DELAYED_AUTHENTICATION = 1
    DHCPV6_DELAYED_AUTHENTICATION = 2
    RECONFIGURE_KEY = 3


class AuthenticationAlgorithm(enum.IntEnum):
    """Algorithm of an Authentication option (RFC 8415 20.4.1)."""

    HMAC_MD5 = 1


class ReplayDetectionMethod(enum.IntEnum):
    """RDM of an Authentication option (RFC 8415 20.3)."""

    MONOTONIC_COUNTER = 0


class RkapType(enum.IntEnum):
    """What the value of the reconfigure key protocol is (RFC 8415 20.4.1)."""

    RECONFIGURE_KEY = 1
    HMAC_MD5 = 2


class ClientFqdnFlags(enum.IntFlag):
    """Who updates the DNS (RFC 4704 4.1)."""

    N = 0x04
    O = 0x02
    S = 0x01


class QueryType(enum.IntEnum):
    """What a leasequery asks by (RFC 5007 4.1.2.1, RFC 5460 5.3)."""

    BY_ADDRESS = 1
    BY_CLIENTID = 2
    BY_RELAY_ID = 3
    BY_LINK_ADDRESS = 4
    BY_REMOTE_ID = 5


class VssType(enum.IntEnum):
    """Form of virtual subnet selection (RFC 6607 3.5)."""

    NVT_ASCII = 0
    VPN_ID = 1
    GLOBAL_DEFAULT = 255


class AccessTechnologyType(enum.IntEnum):
    """Access technology (RFC 7839 4.2 with the registry of RFC 5213)."""

    RESERVED = 0
    VIRTUAL = 1
    PPP = 2
    IEEE_802_3 = 3
    IEEE_802_11 = 4
    IEEE_802_16E = 5
    GERAN = 6
    UTRAN = 7
    E_UTRAN = 8
    EHRPD = 9
    HRPD = 10
    X1RTT = 11
    UMB = 12
    NB_IOT = 13


class FailoverBindingStatus(enum.IntEnum):
    """State of a lease between failover partners (RFC 8156 5.5.1)."""

    RESERVED = 0
    ACTIVE = 1
    EXPIRED = 2
    RELEASED = 3
    PENDING_FREE = 4
    FREE = 5
    FREE_BACKUP = 6
    ABANDONED = 7
    RESET = 8


class FailoverServerState(enum.IntEnum):
    """State of a failover endpoint (RFC 8156 5.5.16)."""

    RESERVED = 0
    STARTUP = 1
    NORMAL = 2
    COMMUNICATIONS_INTERRUPTED = 3
    PARTNER_DOWN = 4
    POTENTIAL_CONFLICT = 5
    RECOVER = 6
    RECOVER_WAIT = 7
    RECOVER_DONE = 8
    RESOLUTION_INTERRUPTED = 9
    CONFLICT_DONE = 10


class FailoverConnectFlags(enum.IntFlag):
    """Attributes of a connecting failover server (RFC 8156 5.5.2)."""

    FIXED_PD_LENGTH = 0x0001


class FailoverDnsFlags(enum.IntFlag):
    """What it takes to remove a DNS name (RFC 8156 5.5.3.3)."""

    USING_REQUESTED_FQDN = 0x0008
    SYNTHESIZED_NAME = 0x0004
    REV_UPTODATE = 0x0002
    FWD_UPTODATE = 0x0001


class FailoverServerFlags(enum.IntFlag):
    """Condition of a failover endpoint (RFC 8156 5.5.15)."""

    ACK_STARTUP = 0x04
    STARTUP = 0x02
    COMMUNICATED = 0x01
