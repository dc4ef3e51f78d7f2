"""The UE: a mobile node from link up to a bound home address, and back.

Its steps are those of the procedure: the access authenticates it, a router gives a care-of address,
DHCPv6 or DNS tells the home agent, IKEv2 gives keys and a home address, and a Binding Update
registers where it is.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network
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
        (_S.ACCESS, "let in"): ("_configure", _S.CONFIGURING),
        (_S.ACCESS, "refused"): ("_fail", _S.FAILED),
        (_S.CONFIGURING, "care-of address"): ("_discover", None),
        (_S.DISCOVERING, "home agents"): ("_take_candidates", None),
        (_S.DISCOVERING, "discovery over"): ("_discover_otherwise", None),
        (_S.RESOLVING, "home agents"): ("_take_addresses", None),
        (_S.RESOLVING, "none found"): ("_discover_otherwise", None),
        (_S.SECURING, "secured"): ("_secured", None),
        (_S.SECURING, "not secured"): ("_next_agent", None),
        (_S.SECURING, "child SA"): ("_register", _S.REGISTERING),
        (_S.REGISTERING, "bound"): ("_bound", _S.CONNECTED),
        (_S.REGISTERING, "refused"): ("_fail", _S.FAILED),
        (_S.REGISTERING, "duplicate"): ("_another_address", None),
        (_S.REGISTERING, "silent"): ("_next_agent", None),
        (_S.CONNECTED, "moved"): ("_moved", None),
        (_S.CONNECTED, "move"): ("_move", None),
        (_S.CONNECTED, "at home"): ("_return_home", None),
        (_S.CONNECTED, "came home"): (None, _S.HOME),
        (_S.CONNECTED, "detach"): ("_detach", _S.DETACHING),
        (_S.CONNECTED, "revoked"): ("_close", _S.DETACHING),
        (_S.CONNECTED, "expired"): ("_register_again", _S.REGISTERING),
        (_S.DETACHING, "unbound"): ("_close", None),
        (_S.DETACHING, "closed"): ("_down", _S.DOWN),
        (None, "link down"): ("_down", _S.DOWN),
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
        self._agents: list[IPv6Address] = []
        self._spis: set[int] = set()
        self._asked_for: IPv6Address | None = None

    # -- for the owner ----------------------------------------------------------------------------
    def link_up(self, now: float) -> None:
        """The access link is there."""
        self.step("link up", now)
        self._attend(now)

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
        if self.state in (_S.CONNECTED, _S.HOME) and self.is_at_home(now):
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
        found = (self.supplicant, self.host, self.dhcp, self.resolver, self.mobile, self.ike)
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
            self.dhcp.receive(unit, now)
        elif unit.source_port == 53 and self.resolver is not None:
            self.resolver.receive(unit, now)
        elif self.ike is not None:
            self.ike.receive(unit, now)
        else:
            self.note(now, "dropped", f"nothing is expected on port {unit.destination_port}")
        self._attend(now)

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
        seen: set[tuple[UeState, str]] = set()
        while (what := self._news(now)) is not None and (self.state, what) not in seen:
            seen.add((self.state, what))
            self.step(what, now)
        for change in self.mobile.changes():
            self.registration = change
            self.step(_CHANGES.get(change.what, "moved"), now)
            self._attend(now)

    def _news(self, now: float) -> str | None:
        """What the part of the present state has come to; None for nothing yet."""
        state = self.state
        if state == _S.ACCESS:
            return _OF_ACCESS.get(self.supplicant.state)
        if state == _S.CONFIGURING:
            return "care-of address" if self.host.care_of_address(now) else None
        if state == _S.DISCOVERING:
            return "home agents" if isinstance(self.dhcp.result, InformationResult) else None
        if state == _S.RESOLVING:
            return _OF_DNS.get(str(self.resolver.state))
        if state == _S.SECURING:
            return self._ike_news()
        if state == _S.CONNECTED:
            return self._link_news(now)
        if state == _S.DETACHING and self.ike is not None:
            return "closed" if self.ike.state == InitiatorState.CLOSED else None
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
        return "child SA" if self._children(self._asked_for) else None

    def _link_news(self, now: float) -> str | None:
        if self.mobile.state == RegistrationState.HOME:
            return "came home"
        if self.mobile.state != RegistrationState.BOUND:
            return None
        if self.is_at_home(now):
            return "at home"
        address = self.host.care_of_address(now)
        return "move" if address not in (None, self.care_of_address) else None

    # -- steps 1 and 2: the access ----------------------------------------------------------------
    def _authenticate(self, now: float) -> None:
        self._link = self.settings.access_link
        self.supplicant.start(now)

    def _configure(self, now: float) -> None:
        self.host.link_up(self._link, now)

    # -- step 3: the home agent -------------------------------------------------------------------
    def _discover(self, now: float) -> UeState:
        self.care_of_address = self.host.care_of_address(now)
        self._left = list(self.settings.discovery)
        return self._discover_otherwise(now)

    def _discover_otherwise(self, now: float) -> UeState:
        """Begin the next way of finding a home agent."""
        self.stop_timer("discovery")
        if not self._left:
            return self._give_up(now, "no home agent was found")
        if self._left.pop(0) == HomeAgentDiscovery.DHCPV6:
            self.dhcp.start_information(now)
            self.start_timer("discovery", now + self.settings.discovery_deadline)
            return _S.DISCOVERING
        return self._resolve(now, str(self.settings.home_network).rstrip("."), service=True)

    def _resolve(self, now: float, name: str, *, service: bool) -> UeState:
        if self._make_resolver is None or self.care_of_address is None:
            return self._give_up(now, "there is no DNS server to ask")
        self.resolver = self._make_resolver()
        find = self.resolver.find_service if service else self.resolver.find_host
        find(name, self.care_of_address, now)
        return _S.RESOLVING

    def _take_candidates(self, now: float) -> UeState:
        self.stop_timer("discovery")
        result = self.dhcp.result
        assert isinstance(result, InformationResult)
        self.candidates = result.home_agents
        self.dhcp.release(now)
        addresses = [one.address for one in self.candidates]
        self._agents += [one for one in addresses if isinstance(one, IPv6Address)]
        if self._agents:
            return self._next_agent(now)
        for one in self.candidates:
            if one.name is not None:
                return self._resolve(now, str(one.name).rstrip("."), service=False)
        self.note(now, "no home agent", "DHCPv6 told none that can be used")
        return self._discover_otherwise(now)

    def _take_addresses(self, now: float) -> UeState:
        found: tuple[IPv4Address | IPv6Address, ...] = self.resolver.found
        self._agents += [one for one in found if isinstance(one, IPv6Address)]
        return self._next_agent(now) if self._agents else self._discover_otherwise(now)

    # -- step 4: keys and a home address ----------------------------------------------------------
    def _next_agent(self, now: float) -> UeState:
        """Try the next home agent (RFC 5026 5.1.2)."""
        if self.ike is not None:
            self.note(now, "home agent failed", self.ike.reason)
            self._keep_keys()
        if not self._agents:
            return self._give_up(now, "no home agent is left")
        assert self.care_of_address is not None
        self.home_agent, self.home_address = self._agents.pop(0), None
        self._asked_for = None
        prefix = self.settings.home_prefix
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
        )
        self.ike.start(now)
        return _S.SECURING

    def _secured(self, now: float) -> UeState | None:
        """A home address, or a prefix to make one of, has come; the child SA has to fit it."""
        assert self.ike is not None
        established = self.ike.established
        assert established is not None
        home = established.home
        address = home.address
        if address is None and home.prefix is not None:
            self.home_prefix = home.prefix
            address = home.prefix.network_address + self.settings.interface_id
        if address is None:
            self.note(now, "no home address", str(established.child_failure))
            self.ike.close(self.ike.session, now)
            return self._next_agent(now)
        self._ask_child(now, address)
        return None

    def _ask_child(self, now: float, address: IPv6Address) -> None:
        assert self.ike is not None
        assert self.home_agent is not None
        self.home_address = self._asked_for = address
        if not self._children(address):
            own = IPv6Network((address, 128))
            self.ike.create_child(self.ike.session, _mobility(self.home_agent, own), now)

    def _another_address(self, now: float) -> UeState:
        """Somebody has the address (status 134): another one of the prefix (RFC 5026 5.3.2)."""
        if self.home_prefix is None or self.home_address is None:
            return self._give_up(now, "somebody else has the home address")
        self._ask_child(now, self.home_address + 1)
        return _S.SECURING

    def _children(self, address: IPv6Address) -> list[Any]:
        """The child SAs whose selectors are the home address."""
        assert self.ike is not None
        return [child for child in self.ike.session.children if home_of(child.local) == address]

    # -- steps 5 and 6: the binding ---------------------------------------------------------------
    def _register(self, now: float) -> None:
        assert self.home_address is not None
        for child in self._children(self.home_address):
            if child.inbound.spi not in self._spis:
                self._spis.add(child.inbound.spi)
                self.mobile.add_sa(self.home_address, child.inbound, child.outbound)
        self._keep_keys()
        self._register_again(now)

    def _register_again(self, now: float) -> None:
        assert self.home_address is not None
        assert self.home_agent is not None
        assert self.care_of_address is not None
        self.mobile.register(
            self.home_address, self.home_agent, self.care_of_address, now,
            link_local=self.host.link_local,
        )  # fmt: skip

    def _bound(self, now: float) -> None:
        self.note(now, "connected", f"{self.home_address} at {self.care_of_address}")

    # -- afterwards -------------------------------------------------------------------------------
    def _move(self, now: float) -> None:
        care_of = self.host.care_of_address(now)
        assert care_of is not None
        self.care_of_address = care_of
        self.mobile.move(care_of, now, link_local=self.host.link_local)

    def _moved(self, now: float) -> None:
        """With K on both sides the IKE SA goes along; else it stays as it is (RFC 4877 7.4)."""
        change, ike = self.registration, self.ike
        if change is not None and change.key_management_mobility and ike is not None:
            ike.move(ike.session, local=self.care_of_address)

    def _return_home(self, now: float) -> None:
        routers = [found for found, _ in self.host.routers.values()]
        self.mobile.return_home(
            now,
            link_layer_address=self.settings.link_layer_address,
            home_agent_link_layer_address=routers[0] if len(routers) == 1 else b"",
        )

    def _detach(self, now: float) -> None:
        self.mobile.deregister(now)

    def _close(self, now: float) -> None:
        if self.ike is not None:
            self.ike.close(self.ike.session, now)

    def _down(self, now: float) -> None:
        self.host.link_down(now)
        self.note(now, "detached")

    # -- failure ----------------------------------------------------------------------------------
    def _fail(self, now: float) -> None:
        self._give_up(now, "refused")

    def _give_up(self, now: float, reason: str) -> UeState:
        self.reason = reason
        self.note(now, "failed", reason)
        return _S.FAILED

    def _keep_keys(self) -> None:
        for key in self.ike.keyring if self.ike is not None else ():
            self.keyring.add(key)


_OF_ACCESS = {SupplicantState.AUTHENTICATED: "let in", SupplicantState.FAILED: "refused"}
_OF_DNS = {"found": "home agents", "failed": "none found"}
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


def _mobility(home_agent: IPv6Address, home: IPv6Network) -> ChildRequest:
    """A transport mode SA for Mobility Headers with the home agent (RFC 4877 5.2)."""
    return ChildRequest(
        local=for_addresses(home, protocol=Protocol.MOBILITY),
        remote=for_addresses(home_agent, protocol=Protocol.MOBILITY),
        transport=True,
    )
