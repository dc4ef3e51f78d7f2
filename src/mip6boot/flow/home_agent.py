"""The home agent: IKEv2 responder, binding cache, and who gives home addresses, in one.

Child SAs of IKE seal Binding Updates; a binding moves the IKE SA; and what ends the one ends the
other (RFC 4877 7.4, 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, IPv6Network
from typing import Any

from ..ikev2 import Ipv6AddressRange, TrafficSelector
from ..ip import Protocol
from ..mipv6 import RevocationTrigger
from ..security import Rng
from .actor import Actor, Composite, Port, Unit
from .home_addresses import HomeLinkAddresses
from .home_binding import BindingChange, Change
from .home_policy import HomeAgentSettings
from .home_registration import HomeRegistrations
from .ike import Addresses, IkeResponder, Session

__all__ = ["HomeAgent"]

_HOME_BITS = 64


class HomeAgent(Composite):
    """A PDN gateway of the home network as Mobile IPv6 has it.

    The owner gives a responder and the settings of the home link; `changes` are those of bindings.
    """

    def __init__(
        self,
        name: str,
        responder: IkeResponder,
        settings: HomeAgentSettings,
        rng: Rng,
        *,
        addresses: Addresses | None = None,
        link: str = "core",
    ) -> None:
        super().__init__(name)
        self.responder, self.link = responder, link
        self.registrations = HomeRegistrations(f"{name} bindings", settings, rng)
        self.addresses = addresses
        parts: list[Actor] = [responder, self.registrations]
        if isinstance(addresses, Actor):
            parts.append(addresses)
        self.parts = tuple(parts)
        self._children: dict[int, tuple[IPv6Address, Session]] = {}
        self._changes: list[BindingChange] = []

    # -- for the owner ----------------------------------------------------------------------------
    def changes(self) -> list[BindingChange]:
        """What has become of bindings since this was last asked."""
        changes, self._changes = self._changes, []
        return changes

    def detach(self, home_address: IPv6Address, now: float) -> None:
        """The network ends the mobile node's binding (RFC 5846)."""
        trigger = RevocationTrigger.ADMINISTRATIVE_REASON
        self.registrations.revoke(home_address, now, trigger)
        self._attend(now)

    def tunnels(self, now: float) -> dict[IPv6Address, IPv6Address]:
        """Care-of address by home address, of all that are bound."""
        return self.registrations.tunnels(now)

    # -- units and time ---------------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        if unit.port is Port.IP:
            self.registrations.receive(unit, now)
        elif isinstance(self.addresses, HomeLinkAddresses) and self.addresses.expects(unit):
            self.addresses.receive(unit, now)
        else:
            self.responder.receive(unit, now)
        self._attend(now)

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        self._attend(now)

    def expired(self, timer: Any, now: float) -> None:
        """The parts have all timers."""

    def _attend(self, now: float) -> None:
        """Let the parts know of each other."""
        self.responder.poll(now)
        self._take_children(now)
        for change in self.registrations.changes():
            self._changes.append(change)
            self._on_change(change)

    def _on_change(self, change: BindingChange) -> None:
        """The IKE SA goes where the binding goes, if both sides can (RFC 6275 10.3.1, K flag)."""
        if change.what not in (Change.BOUND, Change.MOVED) or not change.key_management_mobility:
            return
        for home, session in self._children.values():
            if home == change.home_address:
                self.responder.move(session, remote=change.care_of_address)

    # -- child SAs --------------------------------------------------------------------------------
    def _take_children(self, now: float) -> None:
        """Give the SAs of Mobility Headers to the bindings, and take back those that are gone."""
        there: dict[int, tuple[IPv6Address, Session]] = {}
        for session in self.responder.sessions:
            for child in session.children:
                home = home_of(child.remote) if child.transport else None
                if home is None:
                    continue
                spi = child.inbound.spi
                there[spi] = home, session
                if spi not in self._children:
                    self.registrations.add_sa(home, child.inbound, child.outbound)
                    self.registrations.prefixes[home] = (_prefix(home, session),)
        gone = self._children.keys() - there.keys()
        homes = {home for home, _ in there.values()}
        for spi in gone:
            home, _ = self._children[spi]
            if home not in homes:
                self.registrations.withdraw(home, now)
                self.registrations.prefixes.pop(home, None)
            self.registrations.remove_sa(spi)
        self._children = there


def home_of(selectors: Iterable[TrafficSelector]) -> IPv6Address | None:
    """The one address whose Mobility Headers the selectors are for; None for others."""
    for selector in selectors:
        if not isinstance(selector, Ipv6AddressRange):
            continue
        first, last = selector.starting_address, selector.ending_address
        if selector.ip_protocol == Protocol.MOBILITY and first == last:
            return first
    return None


def _prefix(home: IPv6Address, session: Session) -> IPv6Network:
    """The prefix that the R flag binds: the one assigned, else that of the home address."""
    prefix = session.home.prefix
    if prefix is not None and home in prefix:
        return prefix
    return IPv6Network((home, session.home.prefix_length or _HOME_BITS), strict=False)
