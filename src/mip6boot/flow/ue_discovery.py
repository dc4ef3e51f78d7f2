"""Step 3 of a UE: which home agents there are, by DHCPv6 or by DNS."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address

from ..schema import DomainName
from .dhcp_lease import InformationResult
from .ue_securing import SecuringUe
from .ue_settings import HomeAgentDiscovery, UeState

__all__: list[str] = []

_S = UeState


class DiscoveringUe(SecuringUe):
    """What a UE does to find home agents, until there is one to try."""

    def _discover(self, now: float) -> UeState:
        self.care_of_address = self.host.care_of_address(now)
        self._left = list(self.settings.discovery)
        self._names, self._agents, self._redirects, self._why = [], [], 0, ""
        self._tried.clear()
        self._answered = False
        return self._discover_otherwise(now)

    def _discover_otherwise(self, now: float) -> UeState:
        """Begin the next way of finding a home agent."""
        self.stop_timer("discovery")
        self.dhcp.release(now)
        if not self._left:
            return self._give_up(now, self._why or "no home agent was found")
        if self._left.pop(0) == HomeAgentDiscovery.DHCPV6:
            self.dhcp.start_information(now)
            self.start_timer("discovery", now + self.settings.discovery_deadline)
            return _S.DISCOVERING
        return self._resolve(now, _plain(self.settings.home_network), service=True)

    def _resolve(self, now: float, name: str, *, service: bool) -> UeState:
        if self._make_resolver is None or self.care_of_address is None:
            self.note(now, "no home agent", "there is no DNS server to ask")
            return self._discover_otherwise(now)
        self.resolver = self._make_resolver()
        find = self.resolver.find_service if service else self.resolver.find_host
        find(name, self.care_of_address, now)
        return _S.RESOLVING

    def _resolve_otherwise(self, now: float) -> UeState:
        """Ask for the next home agent of which only the name is known."""
        if self._names:
            return self._resolve(now, self._names.pop(0), service=False)
        return self._discover_otherwise(now)

    def _take_candidates(self, now: float) -> UeState:
        self.stop_timer("discovery")
        result = self.dhcp.result
        assert isinstance(result, InformationResult)
        self.candidates = result.home_agents
        self.dhcp.release(now)
        self._names = [_plain(one.name) for one in self.candidates if one.name is not None]
        if self._add_agents(one.address for one in self.candidates):
            # Names are of those home agents, too.
            self._names = []
            return self._next_agent(now)
        if not self._names:
            self.note(now, "no home agent", "DHCPv6 told none that can be used")
        return self._resolve_otherwise(now)

    def _take_addresses(self, now: float) -> UeState:
        if self._add_agents(self.resolver.found):
            return self._next_agent(now)
        return self._resolve_otherwise(now)

    def _add_agents(self, found: Iterable[object]) -> bool:
        """Home agents to try, each of them once; whether there are any."""
        for one in found:
            if isinstance(one, IPv6Address) and one not in self._tried:
                self._tried.add(one)
                self._agents.append(one)
        return bool(self._agents)


def _plain(name: DomainName) -> str:
    """A name as the resolver takes it."""
    return str(name).rstrip(".")
