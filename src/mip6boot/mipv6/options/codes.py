"""Codes inside mobility options."""

from __future__ import annotations

import enum

__all__ = [
    "AccessTechnologyType",
    "AuthenticationSubtype",
    "DnsUpdateStatus",
    "FlowBindingAction",
    "FlowBindingStatus",
    "HandoffIndicator",
    "Ipv4AddressStatus",
    "MnIdentifierSubtype",
    "MulticastAcknowledgementStatus",
    "PrefixOptionCode",
    "QosOperation",
]


class AuthenticationSubtype(enum.IntEnum):
    """Who checks an authentication option (RFC 4285 5)."""

    MN_HA = 1
    MN_AAA = 2


class DnsUpdateStatus(enum.IntEnum):
    """Status of a DNS update (RFC 5026 8.1)."""

    PERFORMED = 0
    REASON_UNSPECIFIED = 128
    ADMINISTRATIVELY_PROHIBITED = 129
    FAILED = 130


class Ipv4AddressStatus(enum.IntEnum):
    """Status of an IPv4 Address Acknowledgement (RFC 5555 3.2.1)."""

    SUCCESS = 0
    REASON_UNSPECIFIED = 128
    ADMINISTRATIVELY_PROHIBITED = 129
    INCORRECT_IPV4_HOME_ADDRESS = 130
    INVALID_IPV4_ADDRESS = 131
    DYNAMIC_ASSIGNMENT_NOT_AVAILABLE = 132
    PREFIX_ALLOCATION_UNAUTHORIZED = 133


class HandoffIndicator(enum.IntEnum):
    """How a mobile node came to this gateway (RFC 5213 8.4, RFC 7864 7)."""

    RESERVED = 0
    ATTACHMENT_OVER_NEW_INTERFACE = 1
    HANDOFF_BETWEEN_INTERFACES = 2
    HANDOFF_BETWEEN_MAGS_SAME_INTERFACE = 3
    HANDOFF_STATE_UNKNOWN = 4
    HANDOFF_STATE_NOT_CHANGED = 5
    ATTACHMENT_OVER_NEW_INTERFACE_SHARING_PREFIXES = 6


class AccessTechnologyType(enum.IntEnum):
    """Access technology (RFC 5213 8.5 and its registry); NB_IOT is provisional."""

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


class FlowBindingStatus(enum.IntEnum):
    """Status of one flow (RFC 6089 4.2)."""

    SUCCESS = 0
    ADMINISTRATIVELY_PROHIBITED = 128
    REASON_UNSPECIFIED = 129
    MALFORMED = 130
    BID_NOT_FOUND = 131
    FID_NOT_FOUND = 132
    TS_FORMAT_NOT_SUPPORTED = 133


class FlowBindingAction(enum.IntEnum):
    """What is to be done with a flow (RFC 7109 6.2.1)."""

    ADD = 11
    DELETE = 12
    MODIFY = 13
    REFRESH = 14
    MOVE = 15
    REVOKE = 16


class QosOperation(enum.IntEnum):
    """What a QoS option asks (RFC 7222 4.1)."""

    RESPONSE = 0
    ALLOCATE = 1
    DE_ALLOCATE = 2
    MODIFY = 3
    QUERY = 4
    NEGOTIATE = 5


class MnIdentifierSubtype(enum.IntEnum):
    """Kinds of mobile node identifiers (RFC 4283 3.1, RFC 8371 6)."""

    NAI = 1
    IPV6_ADDRESS = 2
    IMSI = 3
    P_TMSI = 4
    EUI_48 = 5
    EUI_64 = 6
    GUTI = 7
    DUID = 8


class PrefixOptionCode(enum.IntEnum):
    """What the address of a Mobility Header IPv6 Address/Prefix option is (RFC 5568 6.4.2)."""

    OLD_CARE_OF_ADDRESS = 1
    NEW_CARE_OF_ADDRESS = 2
    NAR_ADDRESS = 3
    NAR_PREFIX = 4


class MulticastAcknowledgementStatus(enum.IntEnum):
    """Why multicast state was not taken over (RFC 7411 5.4)."""

    REPORT_TYPE_UNSUPPORTED = 1
    SERVICE_UNSUPPORTED = 2
    SERVICE_PROHIBITED = 3
