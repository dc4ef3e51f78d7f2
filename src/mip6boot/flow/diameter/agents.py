"""Home agents in MIP6-Agent-Info, and whose they are (RFC 5447 4.2).

>>> from ipaddress import IPv6Address
>>> from mip6boot.flow import AgentInfo
>>> agent = AgentInfo(addresses=(IPv6Address("2001:db8::1"),), host="ha.home.example.org")
>>> info = info_of(agent, "home.example.org")
>>> info.host.destination_realm, agent_of(info) == agent
('home.example.org', True)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address

from ...diameter import HomeLinkPrefix, Mip6Feature
from ...diameter.interfaces import HomeAgentHost, HomeAgentInfo, s6b, sta
from ..aaa import AgentInfo

__all__: list[str] = []


def info_of(agent: AgentInfo, realm: str, default_host: str = "") -> HomeAgentInfo:
    """A home agent for a message; its realm is that of who tells of it (RFC 5447 4.2.3)."""
    host, prefix = agent.host or default_host, agent.home_link_prefix
    named = HomeAgentHost(destination_realm=realm, destination_host=host) if host else None
    return HomeAgentInfo(
        addresses=agent.addresses,
        host=named,
        home_link_prefix=None
        if prefix is None
        else HomeLinkPrefix(prefix.prefixlen, prefix.network_address),
    )


def agents_of(answer: sta.Dea | s6b.Dea | s6b.Aaa, realm: str) -> tuple[AgentInfo, ...]:
    """The home agents of an answer, in its order.

    RFC 5447 4.2.3 has a home agent's realm that of who added it to the answer.  So one is of the
    visited network if its realm is the own one, `realm`, and not that of the server; and it counts
    only where the server set LOCAL_HOME_AGENT_ASSIGNMENT (4.2.5).  Without a realm it is one of the
    home network, which has no need to say so.
    """
    features = answer.mip6_feature_vector or 0
    allowed = bool(features & Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT)
    visited = realm if realm.lower() != answer.origin_realm.lower() else ""
    found = (agent_of(one, visited) for one in answer.home_agents)
    return tuple(
        agent for agent in found if (agent.addresses or agent.host) and (allowed or not agent.local)
    )


def is_of(info: HomeAgentInfo, realm: str) -> bool:
    """The home agent says that it is of a realm."""
    there = "" if info.host is None else info.host.destination_realm
    return bool(realm) and there.lower() == realm.lower()


def agent_of(info: HomeAgentInfo, visited: str = "") -> AgentInfo:
    """The home agent of MIP6-Agent-Info, local where its realm is the visited one.

    What is no address of IP is left out, and so is a second one of a family.
    """
    prefix, host = info.home_link_prefix, info.host
    return AgentInfo(
        addresses=tuple(_one_of_each_family(info.addresses)),
        host="" if host is None else host.destination_host,
        home_link_prefix=None if prefix is None else prefix.network,
        local=is_of(info, visited),
    )


def _one_of_each_family(
    addresses: Iterable[IPv4Address | IPv6Address | bytes],
) -> Iterator[IPv4Address | IPv6Address]:
    there = [one for one in addresses if isinstance(one, IPv4Address | IPv6Address)]
    for position, one in enumerate(there):
        if not any(one.version == before.version for before in there[:position]):
            yield one
