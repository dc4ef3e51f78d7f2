"""Where a mobile node finds its home agent (RFC 6610).

A client names home networks with Home Network ID FQDN options and asks for one or more of the three
Home Network Information options; only inside these the prefix and the home agent are told.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Annotated

from ..schema import ByLength, Bytes, Inet6, IPv6, UInt8, WireName
from .base import OPTIONS, Dhcpv6Option, Dhcpv6Options
from .prefixes import network_of

__all__ = [
    "HomeAgentAddress",
    "HomeAgentFqdn",
    "HomeNetworkIdFqdn",
    "HomeNetworkInformation",
    "HomeNetworkPrefix",
    "IdentifiedHomeNetworkInformation",
    "UnrestrictedHomeNetworkInformation",
    "VisitedHomeNetworkInformation",
]

# RFC 6610 3.4 takes the well-known prefix of RFC 6052.
_IPV4_EMBEDDED = IPv6Network("64:ff9b::/96")


@OPTIONS.register(49, rfc="6610 3.1")
class HomeNetworkIdFqdn(Dhcpv6Option):
    """MIPv6 Home Network ID FQDN (HNIDF): names a home network."""

    fqdn: WireName
    "Goes back to the client as it came, inside the information on that network."


class HomeNetworkInformation(Dhcpv6Option):
    """Base of the options that tell of a home network."""

    options: Dhcpv6Options = ()
    "Prefixes and home agents; the client takes the first that it can use."


@OPTIONS.register(50, rfc="6610 3.2.1")
class VisitedHomeNetworkInformation(HomeNetworkInformation):
    """MIPv6 Visited Home Network Information (VDINF): a home network where the node is now."""


@OPTIONS.register(69, rfc="6610 3.2.2")
class IdentifiedHomeNetworkInformation(HomeNetworkInformation):
    """MIPv6 Identified Home Network Information (IDINF): on a network that the client named."""


@OPTIONS.register(70, rfc="6610 3.2.3")
class UnrestrictedHomeNetworkInformation(HomeNetworkInformation):
    """MIPv6 Unrestricted Home Network Information (UDINF): of the administrator's choice."""


# The RFC gives no length, and its figure ends inside an octet.  An address behind the prefix length
# is the usual form (8415 21.22), yet FreeRADIUS sends no more octets than the prefix has, so what
# is shorter than an address is kept as octets.
_PrefixOctets = ByLength({16: Inet6, **{size: Bytes(size) for size in range(16)}})


@OPTIONS.register(71, rfc="6610 3.3")
class HomeNetworkPrefix(Dhcpv6Option):
    """MIPv6 Home Network Prefix (HNP)."""

    prefix_length: UInt8
    prefix: Annotated[IPv6Address | bytes, _PrefixOctets]
    "Octets where they are fewer than an address has."

    @property
    def network(self) -> IPv6Network | None:
        """The prefix, bits behind its length left out; None where it has fewer than its length."""
        octets = bytes(self.prefix) if isinstance(self.prefix, bytes) else self.prefix.packed
        if 8 * len(octets) < self.prefix_length:
            return None
        return network_of(IPv6Address(octets.ljust(16, b"\0")), self.prefix_length)


@OPTIONS.register(72, rfc="6610 3.4")
class HomeAgentAddress(Dhcpv6Option):
    """MIPv6 Home Agent Address (HAA)."""

    address: IPv6
    "Inside 64:ff9b::/96 it stands for an IPv4 address."

    @classmethod
    def of_ipv4(cls, address: IPv4Address) -> HomeAgentAddress:
        """The option for a home agent that is reached over IPv4 only."""
        return cls(_IPV4_EMBEDDED[int(address)])

    @property
    def ipv4(self) -> IPv4Address | None:
        """The embedded IPv4 address, the only way to this home agent; None for an IPv6 one."""
        if self.address not in _IPV4_EMBEDDED:
            return None
        return IPv4Address(int(self.address) & 0xFFFF_FFFF)


@OPTIONS.register(73, rfc="6610 3.5")
class HomeAgentFqdn(Dhcpv6Option):
    """MIPv6 Home Agent FQDN (HAF): to be looked up for A and AAAA."""

    fqdn: WireName
