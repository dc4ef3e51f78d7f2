"""Names, servers and time zones (RFC 3646, 4704, 4833, 6334, 6440, 7341)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated

from ..schema import Bits, DomainName, Flags, Inet6, Items, Octets, Utf8, WireName, WireNames
from .base import OPTIONS, Dhcpv6Option
from .codes import ClientFqdnFlags

__all__ = [
    "AftrName",
    "ClientFqdn",
    "Dhcp4o6ServerAddress",
    "Dhcpv4Message",
    "DnsServers",
    "DomainSearchList",
    "ErpLocalDomainName",
    "PosixTimezone",
    "TzdbTimezone",
]

_Addresses = Annotated[tuple[IPv6Address, ...], Items(Inet6)]


@OPTIONS.register(23, rfc="3646 3")
class DnsServers(Dhcpv6Option):
    """DNS Recursive Name Servers, best first."""

    addresses: _Addresses


@OPTIONS.register(24, rfc="3646 4")
class DomainSearchList(Dhcpv6Option):
    """Domain Search List."""

    searchlist: WireNames


@OPTIONS.register(39, rfc="4704 4")
class ClientFqdn(Dhcpv6Option, kw_only=True):
    """Client FQDN: the client's name, and who puts it into the DNS."""

    reserved: Annotated[int, Bits(5)] = 0
    flags: Annotated[ClientFqdnFlags, Flags(3, ClientFqdnFlags)] = ClientFqdnFlags(0)
    domain_name: WireName = DomainName((), complete=False)
    "Whole, partial (without the root label), or empty."


@OPTIONS.register(41, rfc="4833 3")
class PosixTimezone(Dhcpv6Option):
    """New POSIX Timezone."""

    tz_posix: Utf8
    "Such as `EST5EDT4,M3.2.0/02:00,M11.1.0/02:00`; not terminated by a null."


@OPTIONS.register(42, rfc="4833 3")
class TzdbTimezone(Dhcpv6Option):
    """New TZDB Timezone."""

    tz_name: Utf8
    "Such as `Europe/Zurich`; not terminated by a null."


@OPTIONS.register(64, rfc="6334 3")
class AftrName(Dhcpv6Option):
    """AFTR-Name: the far end of a Dual-Stack Lite tunnel."""

    tunnel_endpoint_name: WireName


@OPTIONS.register(65, rfc="6440 3.1")
class ErpLocalDomainName(Dhcpv6Option):
    """ERP Local Domain Name; the only option in IANA's list for relay-supplied ones."""

    erp_local_domain_name: WireName


@OPTIONS.register(87, rfc="7341 7.1")
class Dhcpv4Message(Dhcpv6Option):
    """DHCPv4 Message."""

    message: Octets
    "From its first octet on, without IP and UDP headers."


@OPTIONS.register(88, rfc="7341 7.2")
class Dhcp4o6ServerAddress(Dhcpv6Option):
    """DHCP 4o6 Server Address."""

    addresses: _Addresses = ()
    "None at all stands for the multicast address of relays and servers."
