"""Addresses, ports and times of DHCPv6 (RFC 8415 7), as clients, relays and servers use them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address

import msgspec

from ..dhcpv6 import (
    ClientServerMessage,
    Confirm,
    Decline,
    InformationRequest,
    Rebind,
    Release,
    Renew,
    Request,
    Solicit,
)

__all__: list[str] = []

# RFC 8415 7.1 and 7.2.
ALL_DHCP_RELAY_AGENTS_AND_SERVERS = IPv6Address("ff02::1:2")
ALL_DHCP_SERVERS = IPv6Address("ff05::1:3")
CLIENT_PORT = 546
SERVER_PORT = 547

# RFC 8415 7.6, in seconds.
SOL_MAX_DELAY = 1
SOL_TIMEOUT = 1
SOL_MAX_RT = 3600
REQ_TIMEOUT = 1
REQ_MAX_RT = 30
REQ_MAX_RC = 10
CNF_MAX_DELAY = 1
CNF_TIMEOUT = 1
CNF_MAX_RT = 4
CNF_MAX_RD = 10
REN_TIMEOUT = 10
REN_MAX_RT = 600
REB_TIMEOUT = 10
REB_MAX_RT = 600
INF_MAX_DELAY = 1
INF_TIMEOUT = 1
INF_MAX_RT = 3600
REL_TIMEOUT = 1
REL_MAX_RC = 4
DEC_TIMEOUT = 1
DEC_MAX_RC = 4
IRT_DEFAULT = 86400
IRT_MINIMUM = 600

#: What SOL_MAX_RT and INF_MAX_RT may be set to by a server (RFC 8415 21.24, 21.25).
MAX_RT_RANGE = range(60, 86401)


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How a message is sent again (RFC 8415 15, 18.2); None is no limit."""

    delay: float = 0
    "At most so long before the first one."
    first: float
    most: float | None = None
    tries: int | None = None
    duration: float | None = None


TIMINGS: Mapping[type[ClientServerMessage], Timing] = {
    Solicit: Timing(delay=SOL_MAX_DELAY, first=SOL_TIMEOUT, most=SOL_MAX_RT),
    Request: Timing(first=REQ_TIMEOUT, most=REQ_MAX_RT, tries=REQ_MAX_RC),
    Confirm: Timing(delay=CNF_MAX_DELAY, first=CNF_TIMEOUT, most=CNF_MAX_RT, duration=CNF_MAX_RD),
    Renew: Timing(first=REN_TIMEOUT, most=REN_MAX_RT),
    Rebind: Timing(first=REB_TIMEOUT, most=REB_MAX_RT),
    InformationRequest: Timing(delay=INF_MAX_DELAY, first=INF_TIMEOUT, most=INF_MAX_RT),
    Release: Timing(first=REL_TIMEOUT, tries=REL_MAX_RC),
    Decline: Timing(first=DEC_TIMEOUT, tries=DEC_MAX_RC),
}
