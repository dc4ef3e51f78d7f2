"""Asking servers about leases (RFC 5007, 5460, 7653)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated

from ..schema import Inet6, Int8ub, IPv6, Items, OneOf, OpenEnum, UInt32
from .base import MESSAGES, OPTIONS, Dhcpv6Message, Dhcpv6Option, Dhcpv6Options
from .codes import QueryType
from .times import TimeOption

__all__ = [
    "ClientData",
    "ClientLastTransactionTime",
    "LqBaseTime",
    "LqClientLink",
    "LqEndTime",
    "LqQuery",
    "LqRelayData",
    "LqStartTime",
]


@OPTIONS.register(44, rfc="5007 4.1.2.1")
class LqQuery(Dhcpv6Option):
    """Query: what is asked."""

    query_type: Annotated[QueryType | int, OpenEnum(Int8ub, QueryType)]
    link_address: IPv6 = IPv6Address(0)
    "The link that the query is about; the unspecified address for all."
    options: Dhcpv6Options = ()


@OPTIONS.register(45, rfc="5007 4.1.2.2")
class ClientData(Dhcpv6Option):
    """Client Data: what is known of one client on one link."""

    options: Dhcpv6Options = ()


@OPTIONS.register(46, rfc="5007 4.1.2.3")
class ClientLastTransactionTime(Dhcpv6Option):
    """Client Last Transaction Time."""

    client_last_transaction_time: UInt32
    "Seconds since the server heard of the client."


@OPTIONS.register(47, rfc="5007 4.1.2.4")
class LqRelayData(Dhcpv6Option):
    """Relay Data: how the client's last message came."""

    peer_address: IPv6
    "Of the relay that the server got it from."
    message: Annotated[Dhcpv6Message, OneOf(MESSAGES)]
    "The Relay-forward, without the client's message in the innermost one."


@OPTIONS.register(48, rfc="5007 4.1.2.5")
class LqClientLink(Dhcpv6Option):
    """Client Link: the links that the client has bindings on."""

    link_addresses: Annotated[tuple[IPv6Address, ...], Items(Inet6)]


@OPTIONS.register(100, rfc="7653 6.3.1")
class LqBaseTime(TimeOption):
    """Base Time of the server; other times of the message are relative to it."""


@OPTIONS.register(101, rfc="7653 6.3.2")
class LqStartTime(TimeOption):
    """Query Start Time: changes since then are asked for."""


@OPTIONS.register(102, rfc="7653 6.3.3")
class LqEndTime(TimeOption):
    """Query End Time: changes until then are asked for."""
