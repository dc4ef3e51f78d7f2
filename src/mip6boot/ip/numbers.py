"""Protocol numbers and ICMPv6 codes."""

from __future__ import annotations

import enum

__all__ = ["DestinationUnreachableCode", "ParameterProblemCode", "Protocol", "TimeExceededCode"]


class Protocol(enum.IntEnum):
    """What follows a header (next header values of IPv6, protocol numbers of IPv4)."""

    HOPOPTS = 0
    ICMP = 1
    IPIP = 4
    TCP = 6
    UDP = 17
    IPV6 = 41
    ROUTING = 43
    FRAGMENT = 44
    GRE = 47
    ESP = 50
    AH = 51
    ICMPV6 = 58
    NO_NEXT_HEADER = 59
    DSTOPTS = 60
    SCTP = 132
    MOBILITY = 135
    HIP = 139
    SHIM6 = 140


class DestinationUnreachableCode(enum.IntEnum):
    """Why a packet did not arrive (RFC 4443 3.1)."""

    NO_ROUTE = 0
    ADMINISTRATIVELY_PROHIBITED = 1
    BEYOND_SCOPE = 2
    ADDRESS_UNREACHABLE = 3
    PORT_UNREACHABLE = 4
    SOURCE_FAILED_POLICY = 5
    REJECT_ROUTE = 6


class TimeExceededCode(enum.IntEnum):
    """Why a packet took too long (RFC 4443 3.3)."""

    HOP_LIMIT_EXCEEDED = 0
    REASSEMBLY_TIME_EXCEEDED = 1


class ParameterProblemCode(enum.IntEnum):
    """What was wrong with a packet (RFC 4443 3.4)."""

    ERRONEOUS_HEADER_FIELD = 0
    UNRECOGNIZED_NEXT_HEADER = 1
    UNRECOGNIZED_OPTION = 2
