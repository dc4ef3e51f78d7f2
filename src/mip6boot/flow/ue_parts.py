"""What a UE is made of: its parts, and how units, time and events go to them and come from them."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import msgspec

from ..ip import Protocol
from ..security import Keyring, Rng
from .actor import Actor, Event, Machine, Port, Unit
from .dhcp_client import DhcpClient
from .dhcp_parameters import CLIENT_PORT
from .home_agent_choice import HomeAgentCandidate
from .home_children import home_of
from .home_networks import HomeNetworkQuery
from .ike import ChildSa, EapMethod, IkeInitiator, InitiatorState
from .mobile_node import MobileNode
from .registration import RegistrationChange
from .slaac_host import SlaacHost
from .supplicant import Supplicant
from .ue_settings import HomeAgentDiscovery, UeSettings, UeState

__all__: list[str] = []

_S = UeState
_WITH_HOME_ADDRESS = (_S.REGISTERING, _S.CONNECTED, _S.DETACHING, _S.HOME)


class UeParts(Machine):
    """The parts of a UE; what it does with them is for the classes made of this one."""

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
        elif unit.destination_port == CLIENT_PORT:
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

    # -- for what is made of it -------------------------------------------------------------------
    def _attend(self, now: float) -> None:
        """Take the steps that what the parts have done makes possible."""
        raise NotImplementedError

    def _resolve_otherwise(self, now: float) -> UeState:
        """No home agent of those found is left: look for more."""
        raise NotImplementedError

    def _delete(self, now: float) -> None:
        """Delete the IKE SA, if it stands, from where the node is."""
        ike = self.ike
        if ike is not None and ike.state == InitiatorState.ESTABLISHED:
            ike.move(ike.session, local=self.care_of_address)
            ike.close(ike.session, now)

    def _children(self, address: IPv6Address | None) -> list[ChildSa]:
        """The child SAs whose selectors are the home address, as they are to be."""
        children = () if self.ike is None else self.ike.session.children
        return [one for one in children if one.transport and home_of(one.local) == address]

    def _give_up(self, now: float, reason: str) -> UeState:
        self.reason = reason
        self.note(now, "failed", reason)
        if self._tried and not self._answered and self.settings.retry_after is not None:
            self.start_timer("retry", now + self.settings.retry_after)
        return _S.FAILED

    def _keep_keys(self) -> None:
        for key in self.ike.keyring if self.ike is not None else ():
            self.keyring.add(key)


def _is_discovery(unit: Unit) -> bool:
    """The unit is ICMPv6 as it is, which Neighbor Discovery always is."""
    return unit.octets[6:7] == bytes((Protocol.ICMPV6,))
