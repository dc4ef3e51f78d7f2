"""What every AAA side decides alike: which home agents a subscriber gets, and whether one will do.

>>> from ipaddress import IPv6Address
>>> from mip6boot.flow import AgentInfo, ApnProfile
>>> home, other = (AgentInfo(addresses=(IPv6Address(n),)) for n in (1, 2))
>>> profile = ApnProfile(agents=(home,))
>>> allowed(profile, (other,))
()
>>> elsewhere(profile.agents, other) == (home,), elsewhere(profile.agents, home)
(True, ())
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from .aaa import AgentInfo
from .home_subscribers import ApnProfile

__all__: list[str] = []

T = TypeVar("T")


def allowed(profile: ApnProfile, offered: Iterable[T]) -> tuple[T, ...]:
    """Of what the visited network offers, what the profile allows: all or nothing.

    The home network says so by VPLMN-Dynamic-Address-Allowed (TS 29.272 7.3.38).
    """
    return tuple(offered) if profile.visited_agents else ()


def known_as(agents: Iterable[AgentInfo], asking: AgentInfo) -> AgentInfo | None:
    """Which of the home agents the one that asks is."""
    addresses = set(asking.addresses)
    return next((agent for agent in agents if addresses.intersection(agent.addresses)), None)


def elsewhere(agents: tuple[AgentInfo, ...], asking: AgentInfo | None) -> tuple[AgentInfo, ...]:
    """The home agents to go to instead; none where the one that asks will do (RFC 5778 7.1)."""
    known = any(agent.addresses for agent in agents)
    if asking is None or not known or known_as(agents, asking):
        return ()
    return agents


def is_access_network(name: str, allowed: frozenset[str] | None) -> bool:
    """Keys may be bound to the name of an access network (RFC 9048 3.1); None allows all."""
    return bool(name) and (allowed is None or name in allowed)
