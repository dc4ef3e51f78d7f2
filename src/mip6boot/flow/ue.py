"""The UE: a mobile node from link up to a bound home address, and back.

Its steps are those of the procedure: the access authenticates it, a router gives a care-of address,
DHCPv6 or DNS tells the home agent, IKEv2 gives keys and a home address, and a Binding Update
registers where it is.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, IPv6Network
from typing import Any, ClassVar

import msgspec

from .. import ikev2
from ..ip import Protocol
from ..schema import DomainName, Duid
from ..security import Keyring, Rng
from .actor import Actor, Event, Machine, Port, Unit
from .dhcp_client import DhcpClient
from .dhcp_lease import InformationResult
from .home_agent import home_of
from .home_agent_choice import HomeAgentCandidate
from .home_networks import HomeNetworkQuery
from .ike import (
    ChildRequest,
    ChildSa,
    EapMethod,
    IkeInitiator,
    InitiatorState,
    Settings,
    Wanted,
    for_addresses,
)
from .mobile_node import MobileNode
from .registration import MobileNodeSettings, Registration, RegistrationChange, RegistrationState
from .slaac_host import SlaacHost
from .supplicant import Supplicant, SupplicantState

__all__ = ["HomeAgentDiscovery", "Ue", "UeSettings", "UeState"]

_EVERYWHERE = IPv6Network("::/0")


class HomeAgentDiscovery(enum.StrEnum):
    """How a home agent is found."""

    DHCPV6 = "dhcpv6"
    DNS = "dns"


class UeState(enum.StrEnum):
    """How far a UE has come."""

    DOWN = "down"
    ACCESS = "authenticating at the access"
    CONFIGURING = "waiting for a care-of address"
    DISCOVERING = "asking DHCPv6 for a home agent"
    RESOLVING = "asking DNS for a home agent"
    SECURING = "IKEv2 with the home agent"
    REGISTERING = "registering"
    CONNECTED = "connected"
    DETACHING = "detaching"
    HOME = "at home"
    FAILED = "failed"


class UeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a UE knows and wants."""

    link_layer_address: bytes
    duid: Duid
    ike: Settings
    "Who it is towards the home agent, and whom it believes."
    apn: str
    home_network: DomainName
    "The network whose home agent it looks for."
    discovery: tuple[HomeAgentDiscovery, ...] = (HomeAgentDiscovery.DHCPV6, HomeAgentDiscovery.DNS)
    "Tried one after the other."
    dns_server: IPv6Address | None = None
    discovery_deadline: float = 5.0
    "Seconds after which DHCPv6 is given up; it never gives up by itself (RFC 8415 18.2.6)."
    retry_after: float | None = 300.0
    "Seconds until all is tried again where no home agent answered (RFC 5026 5.1.2); None is never."
    home_prefix: bool = False
    "A home prefix is wanted, to make the home address of, instead of an address."
    interface_id: int = 1
    "Of a home address that it makes itself."
    binding: MobileNodeSettings = MobileNodeSettings()
    access_link: str = "access"
    home_link: str = "home"


_S = UeState


class Ue(Machine):
    """A UE; `home_address`, `home_agent` and `care_of_address` say how it is connected.

    `resolver` makes the DNS resolver where that is wanted, which needs `mip6boot[flow]`; `eap`
    gives the EAP method for IKEv2, None for certificate or pre-shared key.
    """

    TRANSITIONS: ClassVar[Any] = {
        (_S.DOWN, "link up"): ("_authenticate", _S.ACCESS),
        (_S.FAILED, "link up"): ("_authenticate", _S.ACCESS),
        (_S.FAILED, "retry over"): ("_retry", None),
        (_S.ACCESS, "let in"): ("_configure", _S.CONFIGURING),
        (_S.ACCESS, "refused"): ("_locked_out", _S.FAILED),
        (_S.CONFIGURING, "care-of address"): ("_discover", None),
        (_S.DISCOVERING, "home agents"): ("_take_candidates", None),
        (_S.DISCOVERING, "discovery over"): ("_discover_otherwise", None),
        (_S.DISCOVERING, "move"): ("_discover", None),
        (_S.RESOLVING, "home agents"): ("_take_addresses", None),
        (_S.RESOLVING, "none found"): ("_resolve_otherwise", None),
        (_S.RESOLVING, "move"): ("_discover", None),
        (_S.SECURING, "secured"): ("_secured", None),
        (_S.SECURING, "not secured"): ("_not_secured", None),
        (_S.SECURING, "child SA"): ("_register", _S.REGISTERING),
        (_S.SECURING, "move"): ("_secure_again", None),
        (_S.SECURING, "detach"): ("_close", _S.DETACHING),
        (_S.REGISTERING, "bound"): ("_bound", _S.CONNECTED),
        (_S.REGISTERING, "refused"): ("_refused", None),
        (_S.REGISTERING, "duplicate"): ("_another_address", None),
        (_S.REGISTERING, "silent"): ("_silent", None),
        (_S.REGISTERING, "not secured"): ("_not_secured", None),
        (_S.REGISTERING, "child SA lost"): ("_secure_child", _S.SECURING),
        (_S.REGISTERING, "move"): ("_move", None),
        (_S.REGISTERING, "at home"): ("_return_home", None),
        (_S.REGISTERING, "came home"): ("_came_home", _S.HOME),
        (_S.REGISTERING, "detach"): ("_detach", _S.DETACHING),
        (_S.REGISTERING, "revoked"): ("_close", _S.DETACHING),
        (_S.CONNECTED, "moved"): ("_moved", None),
        (_S.CONNECTED, "move"): ("_move", None),
        (_S.CONNECTED, "refused"): ("_refused", None),
        (_S.CONNECTED, "duplicate"): ("_another_address", None),
        (_S.CONNECTED, "silent"): ("_doubt", None),
        (_S.CONNECTED, "not secured"): ("_secure_again", None),
        (_S.CONNECTED, "child SA lost"): ("_secure_child", _S.SECURING),
        (_S.CONNECTED, "at home"): ("_return_home", None),
        (_S.CONNECTED, "came home"): ("_came_home", _S.HOME),
        (_S.CONNECTED, "detach"): ("_detach", _S.DETACHING),
        (_S.CONNECTED, "revoked"): ("_close", _S.DETACHING),
        (_S.CONNECTED, "expired"): ("_register_again", _S.REGISTERING),
        (_S.HOME, "left home"): ("_leave_home", None),
        (_S.HOME, "detach"): ("_close", _S.DETACHING),
        (_S.DETACHING, "move"): ("_detach_elsewhere", None),
        (_S.DETACHING, "unbound"): ("_close", None),
        (_S.DETACHING, "came home"): ("_close", None),
        (_S.DETACHING, "expired"): ("_close", None),
        (_S.DETACHING, "revoked"): ("_close", None),
        (_S.DETACHING, "silent"): ("_close", None),
        (_S.DETACHING, "closed"): ("_down", _S.DOWN),
        (_S.DETACHING, "detach"): (None, None),
        (_S.DOWN, "detach"): (None, None),
        (None, "detach"): ("_down", _S.DOWN),
        (None, "link down"): ("_lose_link", _S.DOWN),
    }

    def __init__(
        self,
        name: str,
        settings: UeSettings,
        supplicant: Supplicant,
        rng: Rng,
        *,
        eap: Callable[[], EapMethod] | None = None,
        resolver: Callable[[], Actor] | None = None,
    ) -> None:
        super().__init__(name, _S.DOWN)
        self.settings, self.supplicant, self._rng = settings, supplicant, rng
        self._eap, self._make_resolver = eap, resolver
        self.host = SlaacHost(f"{name} address", settings.link_layer_address)
        self.mobile = MobileNode(f"{name} binding", settings.binding, rng)
        self.dhcp = DhcpClient(
            f"{name} DHCPv6", rng, duid=settings.duid, address=self.host.link_local,
            link=settings.access_link,
            query=HomeNetworkQuery(identified=(settings.home_network,)), prefer_addresses=True,
        )  # fmt: skip
        self.resolver: Any = None
        self.ike: IkeInitiator | None = None
        self.keyring = Keyring()
        "All keys there have been."
        self.candidates: tuple[HomeAgentCandidate, ...] = ()
        self.home_agent: IPv6Address | None = None
        self.home_address: IPv6Address | None = None
        self.home_prefix: IPv6Network | None = None
        self.care_of_address: IPv6Address | None = None
        self.registration: RegistrationChange | None = None
        "What became of the binding last."
        self.reason = ""
        self._link = settings.access_link
        self._left: list[HomeAgentDiscovery] = []
        self._names: list[str] = []
        self._agents: list[IPv6Address] = []
        self._tried: set[IPv6Address] = set()
        self._redirects, self._answered = 0, False
        self._spis: set[int] = set()
        self._asked_for: IPv6Address | None = None
        self._wants_prefix = False
        self._why = ""
        self._past: list[IkeInitiator] = []

    # -- for the owner ----------------------------------------------------------------------------
    def link_up(self, now: float) -> None:
        """The access link is there."""
        self.step("link up", now)
        self._attend(now)

    def link_down(self, now: float) -> None:
        """The link is gone, and nobody can be told."""
        self.step("link down", now)

    def move(self, link: str, now: float) -> None:
        """The access link is another one now, to which the node is let in already."""
        self._link = link
        self.host.link_up(link, now)
        self._attend(now)

    def detach(self, now: float) -> None:
        """De-register, delete the IKE SA, and leave."""
        self.step("detach", now)
        self._attend(now)

    def addresses(self, now: float) -> frozenset[IPv6Address]:
        """Those that units may be for; the home address only where the node is at home."""
        found = {self.host.link_local, *(one.address for one in self.host.addresses(now))}
        if self.state in _WITH_HOME_ADDRESS and self.is_at_home(now):
            found |= {self.home_address} if self.home_address else set()
        return frozenset(found)

    def is_at_home(self, now: float) -> bool:
        """The link is the one that the home address belongs to."""
        return self.home_address is not None and self.host.is_on_link(self.home_address, now)

    # -- parts ------------------------------------------------------------------------------------
    @property
    def parts(self) -> tuple[Actor, ...]:
        """The actors that this one is made of."""
        # What a binding has to say goes out before the IKE SA that protects it is deleted.
        found = (
            self.supplicant, self.host, self.dhcp, self.resolver, self.mobile,
            *self._past, self.ike,
        )  # fmt: skip
        return tuple(part for part in found if part is not None)

    def to_send(self) -> list[Unit]:
        units = [*super().to_send(), *(unit for part in self.parts for unit in part.to_send())]
        return [self._on_link(unit) for unit in units]

    def _on_link(self, unit: Unit) -> Unit:
        """What names no link, or the visited one, goes out where the node is."""
        if unit.link in ("", self.settings.access_link):
            return msgspec.structs.replace(unit, link=self._link)
        return unit

    def next_timeout(self) -> float | None:
        times = [super().next_timeout(), *(part.next_timeout() for part in self.parts)]
        return min((time for time in times if time is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        for part in self.parts:
            part.handle_timeout(now)
        self._attend(now)

    def events(self) -> list[Event]:
        found = [*super().events(), *(event for part in self.parts for event in part.events())]
        return sorted(found, key=lambda event: event.time)

    def receive(self, unit: Unit, now: float) -> None:
        if unit.port is Port.EAPOL:
            self.supplicant.receive(unit, now)
        elif unit.port is Port.IP:
            self._receive_ip(unit, now)
        elif unit.destination_port == 546:
            # The client knows one link: where the node is.
            here = unit.link == self._link
            link = self.settings.access_link if here else unit.link
            self.dhcp.receive(msgspec.structs.replace(unit, link=link), now)
        elif unit.source_port == 53 and self.resolver is not None:
            self.resolver.receive(unit, now)
        elif (ike := self._ike_of(unit)) is not None:
            ike.receive(unit, now)
        else:
            self.note(now, "dropped", f"nothing is expected on port {unit.destination_port}")
        self._attend(now)

    def _ike_of(self, unit: Unit) -> IkeInitiator | None:
        """Whose home agent has sent a unit: that of today, else one that is being left."""
        past = (one for one in self._past if one.remote == unit.source)
        if self.ike is not None and self.ike.remote == unit.source:
            return self.ike
        return next(past, self.ike)

    def _receive_ip(self, unit: Unit, now: float) -> None:
        """Neighbor Discovery is for the host, and at home for the binding, too."""
        if _is_discovery(unit):
            self.host.receive(unit, now)
            if unit.link == self.settings.home_link:
                self.mobile.receive(unit, now)
        else:
            self.mobile.receive(unit, now)

    # -- what the parts have come to --------------------------------------------------------------
    def _attend(self, now: float) -> None:
        """Take a step for what the parts have done; each step may make the next one possible."""
        self._take_children()
        seen: set[tuple[UeState, str]] = set()
        while (what := self._news(now)) is not None and (self.state, what) not in seen:
            seen.add((self.state, what))
            self.step(what, now)
        for change in self.mobile.changes():
            self.registration = change
            self.step(_CHANGES[change.what], now)
            self._attend(now)
        self._forget_past()

    def _news(self, now: float) -> str | None:
        """What the part of the present state has come to; None for nothing yet."""
        state = self.state
        if state == _S.ACCESS:
            return _OF_ACCESS.get(self.supplicant.state)
        if state == _S.CONFIGURING:
            return "care-of address" if self.host.care_of_address(now) else None
        if state in (_S.REGISTERING, _S.CONNECTED, _S.DETACHING):
            return self._binding_news(now)
        if state in (_S.DISCOVERING, _S.RESOLVING, _S.SECURING) and self._has_moved(now):
            return "move"
        if state == _S.DISCOVERING:
            return "home agents" if isinstance(self.dhcp.result, InformationResult) else None
        if state == _S.RESOLVING:
            return _OF_DNS.get(str(self.resolver.state))
        if state == _S.SECURING:
            return self._ike_news()
        if state == _S.HOME and not self.is_at_home(now):
            return "left home" if self.host.care_of_address(now) else None
        return None

    def _ike_news(self) -> str | None:
        ike = self.ike
        if ike is None or ike.state in _IKE_FAILED:
            return "not secured"
        if ike.state != InitiatorState.ESTABLISHED:
            return None
        self._keep_keys()
        if self._asked_for is None:
            return "secured"
        if self._children(self._asked_for):
            return "child SA"
        # Where the request is over without a child SA, it was refused.
        current = ike.session.current
        return "not secured" if current is None or current.busy is None else None

    def _binding_news(self, now: float) -> str | None:
        """What has become of the link and of the IKE SA under a binding."""
        binding = self.mobile.state
        secured = self.ike is not None and self.ike.state == InitiatorState.ESTABLISHED
        if self.state == _S.DETACHING:
            if not secured and binding not in _UNDER_WAY:
                return "closed"
            return "move" if binding in _UNDER_WAY and self._has_moved(now) else None
        if not secured:
            return "not secured"
        if not self._children(self.home_address):
            return "child SA lost"
        if self.is_at_home(now):
            return "at home" if binding in _AWAY else None
        return "move" if self._has_moved(now) else None

    def _has_moved(self, now: float) -> bool:
        """The node is somewhere else, and that is not its home link."""
        if self.is_at_home(now):
            return False
        return self.host.care_of_address(now) not in (None, self.care_of_address)

    # -- steps 1 and 2: the access ----------------------------------------------------------------
    def _authenticate(self, now: float) -> None:
        self._link, self.reason = self.settings.access_link, ""
        self.stop_timer("retry")
        self.supplicant.start(now)

    def _configure(self, now: float) -> None:
        self.host.link_up(self._link, now)

    # -- step 3: the home agent -------------------------------------------------------------------
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

    # -- step 4: keys and a home address ----------------------------------------------------------
    def _next_agent(self, now: float) -> UeState:
        """Try the next home agent (RFC 5026 5.1.2)."""
        self._leave_agent(now)
        if not self._agents:
            self._why = self._why or "no home agent is left"
            return self._resolve_otherwise(now)
        self.home_agent = self._agents.pop(0)
        return self._secure(now, prefix=self.settings.home_prefix)

    def _secure(
        self, now: float, *, prefix: bool, redirected_from: IPv6Address | None = None
    ) -> UeState:
        """Begin IKEv2 with the home agent from where the node is."""
        assert self.care_of_address is not None
        assert self.home_agent is not None
        self.home_address = self.home_prefix = self._asked_for = None
        self._wants_prefix = prefix
        self.ike = IkeInitiator(
            f"{self.name} IKE",
            self.settings.ike,
            local=self.care_of_address,
            remote=self.home_agent,
            rng=self._rng,
            # Which home address it will be is not known yet, so the selector is open (RFC 4877 9).
            child=_mobility(self.home_agent, _EVERYWHERE),
            wanted=Wanted(address=not prefix, prefix=prefix, dns=True),
            responder=ikev2.FqdnIdentity(fqdn=self.settings.apn),
            eap=self._eap() if self._eap is not None else None,
            redirected_from=redirected_from,
        )
        self.ike.start(now)
        return _S.SECURING

    def _secure_again(self, now: float) -> UeState:
        """The IKE SA is lost, or of no use where the node is now: a new one with the same agent."""
        assert self.home_agent is not None
        self.care_of_address = self.host.care_of_address(now) or self.care_of_address
        self._leave_agent(now)
        self._answered = False
        return self._secure(now, prefix=self.settings.home_prefix)

    def _not_secured(self, now: float) -> UeState:
        """Go where the home agent says (RFC 5685 3), or to the next one."""
        ike, before = self.ike, self.home_agent
        gateway = None if ike is None else getattr(ike.redirect, "address", None)
        if isinstance(gateway, IPv6Address) and self._redirects < _MAX_REDIRECTS:
            self._redirects += 1
            self._leave_agent(now)
            self.home_agent = gateway
            return self._secure(now, prefix=self._wants_prefix, redirected_from=before)
        self._answered = self._answered or (ike is not None and any(ike.keyring))
        self._why = f"IKEv2 failed: {ike.reason}" if ike is not None and ike.reason else ""
        return self._next_agent(now)

    def _leave_agent(self, now: float) -> None:
        """Have nothing to do any more with a home agent; an IKE SA that stands is deleted."""
        self.mobile.stop(now)
        if self.ike is None:
            return
        self.note(now, "home agent left", self.ike.reason or str(self.home_agent))
        self._keep_keys()
        self._delete(now)
        self._past.append(self.ike)
        self.ike = None
        self._take_children()

    def _forget_past(self) -> None:
        """What is over has nothing to send any more."""
        for one in list(self._past):
            if one.state != InitiatorState.ESTABLISHED:
                self._past.remove(one)
                self._units += one.to_send()
                self._events += one.events()

    def _secured(self, now: float) -> UeState | None:
        """A home address, or a prefix to make one of, has come; the child SA has to fit it."""
        assert self.ike is not None
        self._answered = True
        established = self.ike.established
        assert established is not None
        home, failure = established.home, established.child_failure
        address = home.address
        if address is None and home.prefix is not None:
            self.home_prefix = home.prefix
            address = home.prefix.network_address + self.settings.interface_id
        if address is not None:
            self._ask_child(now, address)
            return None
        self._why = "the home agent gave no home address"
        self.note(now, "no home address", getattr(failure, "name", str(failure)))
        if failure == ikev2.NotifyType.INTERNAL_ADDRESS_FAILURE and not self._wants_prefix:
            # Instead of an address, a prefix to make one of is asked for (RFC 4877 9).
            self._leave_agent(now)
            return self._secure(now, prefix=True)
        return self._next_agent(now)

    def _ask_child(self, now: float, address: IPv6Address) -> None:
        assert self.ike is not None
        assert self.home_agent is not None
        self.home_address = self._asked_for = address
        if not self._children(address):
            own = IPv6Network((address, 128))
            self.ike.create_child(self.ike.session, _mobility(self.home_agent, own), now)

    def _secure_child(self, now: float) -> None:
        """The home agent has deleted the child SA, and with it the binding, but not the IKE SA."""
        assert self.home_address is not None
        self.mobile.stop(now)
        self._ask_child(now, self.home_address)

    def _another_address(self, now: float) -> UeState:
        """Somebody has the address (status 134): another one of the prefix (RFC 5026 5.3.2)."""
        if self.home_prefix is None or self.home_address is None:
            self._why = f"somebody else has the home address {self.home_address}"
            return self._next_agent(now)
        self._ask_child(now, self.home_address + 1)
        return _S.SECURING

    def _children(self, address: IPv6Address | None) -> list[ChildSa]:
        """The child SAs whose selectors are the home address, as they are to be."""
        children = () if self.ike is None else self.ike.session.children
        return [one for one in children if one.transport and home_of(one.local) == address]

    def _take_children(self) -> None:
        """Give the binding the SAs of the home address, also those that replace others."""
        home = self.home_address
        there = {} if home is None else {one.inbound.spi: one for one in self._children(home)}
        for spi, child in there.items():
            if spi not in self._spis and home is not None:
                self.mobile.add_sa(home, child.inbound, child.outbound)
        for spi in self._spis - there.keys():
            self.mobile.remove_sa(spi)
        if self._spis != there.keys():
            self._keep_keys()
        self._spis = set(there)

    # -- steps 5 and 6: the binding ---------------------------------------------------------------
    def _register(self, now: float) -> UeState | None:
        """Register, but not from the home link (TS 24.303: home-link detection comes before)."""
        assert self.home_address is not None
        assert self.home_agent is not None
        self._take_children()
        if not self.is_at_home(now):
            self._register_again(now)
            return None
        self.note(now, "at home", f"{self.home_address} needs no binding")
        self.mobile.home_address, self.mobile.home_agent = self.home_address, self.home_agent
        self._return_home(now)
        return _S.HOME

    def _register_again(self, now: float) -> None:
        assert self.home_address is not None
        assert self.home_agent is not None
        assert self.care_of_address is not None
        self.mobile.register(
            self.home_address, self.home_agent, self.care_of_address, now,
            link_local=self.host.link_local,
        )  # fmt: skip

    def _bound(self, now: float) -> None:
        self.reason = ""
        self.note(now, "connected", f"{self.home_address} at {self.care_of_address}")

    # -- afterwards -------------------------------------------------------------------------------
    def _move(self, now: float) -> None:
        care_of = self.host.care_of_address(now)
        assert care_of is not None
        self.care_of_address = care_of
        self.mobile.move(care_of, now, link_local=self.host.link_local)

    def _moved(self, now: float) -> UeState | None:
        """With K on both sides the IKE SA goes along; else a new one is made (RFC 6275 11.7.3)."""
        change, ike = self.registration, self.ike
        if change is None or ike is None or change.what != Registration.MOVED:
            return None
        if not change.key_management_mobility:
            return self._secure_again(now)
        ike.move(ike.session, local=self.care_of_address)
        return None

    def _return_home(self, now: float) -> None:
        """Which router is the home agent is not known, so its link-layer address is asked for."""
        self.care_of_address = self.home_address
        self.mobile.return_home(now, link_layer_address=self.settings.link_layer_address)

    def _came_home(self, now: float) -> None:
        """From now on IKEv2 is spoken by the home address."""
        if self.ike is not None:
            self.ike.move(self.ike.session, local=self.home_address)

    def _leave_home(self, now: float) -> UeState:
        """Register from where the node is now, by the SAs that there are."""
        self.care_of_address = self.host.care_of_address(now)
        if self.ike is None or not self._children(self.home_address):
            return self._secure_again(now)
        self.ike.move(self.ike.session, local=self.care_of_address)
        self._register_again(now)
        return _S.REGISTERING

    def _doubt(self, now: float) -> UeState | None:
        """The home agent does not acknowledge: is it there at all? (RFC 7296 2.4)"""
        if self.mobile.state == RegistrationState.FAILED:
            return self._give_up(now, "the home agent is not there on the home link")
        if self.ike is not None:
            self.ike.check_liveness(self.ike.session, now)
        return None

    def _detach(self, now: float) -> None:
        self.mobile.deregister(now)
        if self.mobile.state not in _UNDER_WAY:
            self._close(now)

    def _detach_elsewhere(self, now: float) -> None:
        """The binding is ended from another care-of address, or after all not from home."""
        self._move(now)
        if self.mobile.state == RegistrationState.UPDATING:
            self.mobile.deregister(now)

    def _close(self, now: float) -> None:
        self.mobile.stop(now)
        self._delete(now)

    def _delete(self, now: float) -> None:
        """Delete the IKE SA, if it stands, from where the node is."""
        ike = self.ike
        if ike is not None and ike.state == InitiatorState.ESTABLISHED:
            ike.move(ike.session, local=self.care_of_address)
            ike.close(ike.session, now)

    def _down(self, now: float) -> None:
        self.stop_timer("discovery")
        self.stop_timer("retry")
        self.dhcp.release(now)
        self.mobile.stop(now)
        self.host.link_down(now)
        self._keep_keys()
        self.ike = self.resolver = None
        self._past.clear()
        self._take_children()
        self.note(now, "detached")

    def _lose_link(self, now: float) -> None:
        self.supplicant.stop(now)
        self._down(now)
        for part in self.parts:
            # There is nothing to send by.
            part.to_send()

    # -- failure ----------------------------------------------------------------------------------
    def _locked_out(self, now: float) -> None:
        self._give_up(now, "the access refused")

    def _refused(self, now: float) -> UeState:
        """The home agent does not bind; another one may (RFC 6275 11.7.3)."""
        status = None if self.registration is None else self.registration.status
        self._why = f"the home agent refused the binding: {getattr(status, 'name', status)}"
        return self._next_agent(now)

    def _silent(self, now: float) -> UeState:
        self._why = "the home agent does not acknowledge"
        return self._next_agent(now)

    def _give_up(self, now: float, reason: str) -> UeState:
        self.reason = reason
        self.note(now, "failed", reason)
        if self._tried and not self._answered and self.settings.retry_after is not None:
            self.start_timer("retry", now + self.settings.retry_after)
        return _S.FAILED

    def _retry(self, now: float) -> UeState:
        """Home agents are looked for again, by and by."""
        if self.host.care_of_address(now) is None:
            return _S.CONFIGURING
        return self._discover(now)

    def _keep_keys(self) -> None:
        for key in self.ike.keyring if self.ike is not None else ():
            self.keyring.add(key)


_OF_ACCESS = {SupplicantState.AUTHENTICATED: "let in", SupplicantState.FAILED: "refused"}
_OF_DNS = {"found": "home agents", "failed": "none found"}
_WITH_HOME_ADDRESS = (_S.REGISTERING, _S.CONNECTED, _S.DETACHING, _S.HOME)
#: Redirections in a row (RFC 5685 3, MAX_REDIRECTS).
_MAX_REDIRECTS = 5
_R = RegistrationState
#: States of the binding in which the home agent has it, or is to have it, and those that end it.
_AWAY = (_R.REGISTERING, _R.BOUND, _R.UPDATING)
_UNDER_WAY = (_R.DEREGISTERING, _R.SOLICITING, _R.RETURNING)
_IKE_FAILED = (InitiatorState.FAILED, InitiatorState.CLOSED, InitiatorState.REDIRECTED)
_CHANGES = {
    Registration.BOUND: "bound",
    Registration.MOVED: "moved",
    Registration.REFRESHED: "moved",
    Registration.DEREGISTERED: "unbound",
    Registration.HOME: "came home",
    Registration.EXPIRED: "expired",
    Registration.REVOKED: "revoked",
    Registration.REFUSED: "refused",
    Registration.DUPLICATE: "duplicate",
    Registration.SILENT: "silent",
}


def _is_discovery(unit: Unit) -> bool:
    """The unit is ICMPv6 as it is, which Neighbor Discovery always is."""
    return unit.octets[6:7] == bytes((Protocol.ICMPV6,))


def _plain(name: DomainName) -> str:
    """A name as the resolver takes it."""
    return str(name).rstrip(".")


def _mobility(home_agent: IPv6Address, home: IPv6Network) -> ChildRequest:
    """A transport mode SA for Mobility Headers with the home agent (RFC 4877 5.2)."""
    return ChildRequest(
        local=for_addresses(home, protocol=Protocol.MOBILITY),
        remote=for_addresses(home_agent, protocol=Protocol.MOBILITY),
        transport=True,
    )
