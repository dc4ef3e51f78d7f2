"""Which home agents a mobile node may take from what DHCP told it (RFC 6610 4.1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import msgspec

from ..dhcpv6 import (
    Dhcpv6Option,
    HomeAgentAddress,
    HomeAgentFqdn,
    HomeNetworkIdFqdn,
    HomeNetworkInformation,
    HomeNetworkPrefix,
    IdentifiedHomeNetworkInformation,
    OptionCode,
)
from ..schema import DomainName
from .home_networks import HomeNetworkQuery

__all__ = ["HomeAgentCandidate", "home_agent_candidates"]


class HomeAgentCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A home agent to try: it has an address or a name, which is to be looked up for A and AAAA."""

    address: IPv4Address | IPv6Address | None = None
    "An IPv4 one is to be used over IPv4 only."
    name: DomainName | None = None
    prefix: IPv6Network | None = None
    "Of the home network, if that was told; nobody has authenticated it."
    network: DomainName | None = None
    "The home network that the client asked about."
    container: OptionCode
    "Which kind of information told it."


def home_agent_candidates(
    options: Iterable[Dhcpv6Option],
    query: HomeNetworkQuery,
    *,
    prefer_addresses: bool = False,
    unnamed: bool = False,
) -> tuple[HomeAgentCandidate, ...]:
    """The home agents that the options of a Reply tell, the one to be tried first in front.

    The order is that of the Reply, from container to container and inside each; with
    `prefer_addresses` the addresses in a container go before its names, as in RFC 5447 4.2.1.
    What the RFC has discarded is not there: options outside containers, information on networks
    that were not asked about, containers that tell no home agent.

    `unnamed` takes identified information that does not say on which network it is for the one
    network asked about.  RFC 6610 forbids it, but Kea, ISC dhcpd and dnsmasq are easily configured
    to answer so.
    """
    found: list[HomeAgentCandidate] = []
    for option in options:
        if not isinstance(option, HomeNetworkInformation):
            continue
        network = None
        if isinstance(option, IdentifiedHomeNetworkInformation):
            network = _network(option, query, unnamed)
            if network is None:
                continue
        agents = list(_agents(option, network))
        if prefer_addresses:
            agents.sort(key=lambda agent: agent.address is None)
        found += agents
    return tuple(found)


def _network(
    option: IdentifiedHomeNetworkInformation, query: HomeNetworkQuery, unnamed: bool
) -> DomainName | None:
    """The network that was asked about and is answered; None if there is no such one."""
    names = [part.fqdn for part in option.options if isinstance(part, HomeNetworkIdFqdn)]
    if not names and unnamed and len(query.identified) == 1:
        return query.identified[0]
    return next((name for name in names if name in query.identified), None)


def _agents(
    option: HomeNetworkInformation, network: DomainName | None
) -> Iterator[HomeAgentCandidate]:
    prefixes = (part.network for part in option.options if isinstance(part, HomeNetworkPrefix))
    prefix = next((prefix for prefix in prefixes if prefix is not None), None)
    container = OptionCode(option.registry_code)
    for part in option.options:
        address, name = _address(part), _name(part)
        if address is not None or name is not None:
            yield HomeAgentCandidate(
                address=address, name=name, prefix=prefix, network=network, container=container
            )


def _address(part: Dhcpv6Option) -> IPv4Address | IPv6Address | None:
    """The address in an option, if a packet may be sent there."""
    if not isinstance(part, HomeAgentAddress):
        return None
    address = part.ipv4 or part.address
    barred = address.is_unspecified or address.is_multicast or address.is_loopback
    return None if barred or address.is_link_local else address


def _name(part: Dhcpv6Option) -> DomainName | None:
    """The name in an option, if it can be looked up."""
    if not isinstance(part, HomeAgentFqdn) or not part.fqdn.labels or not part.fqdn.complete:
        return None
    return part.fqdn
