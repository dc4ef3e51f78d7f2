"""The home agent: IKEv2 responder, binding cache, and who gives home addresses, in one.

Child SAs of IKE seal Binding Updates; a binding moves the IKE SA; and what ends the one ends the
other (RFC 4877 7.4, 9).
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from ..mipv6 import RevocationTrigger
from ..security import Rng
from .aaa import AaaEnd
from .actor import Actor, Port, Unit, on_link
from .composite import Composite
from .diameter.node import DiameterNode
from .home_addresses import HomeLinkAddresses
from .home_binding import BindingChange, Change
from .home_children import HomeChildren
from .home_policy import HomeAgentSettings
from .home_registration import HomeRegistrations
from .ike import Addresses, IkeResponder, Session

__all__ = ["HomeAgent"]

_HOME_BITS = 64
#: Seconds that a mobile node has to delete the IKE SA once its binding is revoked.
_PATIENCE = 2.0
_TRIGGER = RevocationTrigger.ADMINISTRATIVE_REASON
_ENDS = (Change.REVOKED, Change.DEREGISTERED, Change.EXPIRED)


class HomeAgent(Composite):
    """A PDN gateway of the home network as Mobile IPv6 has it.

    The owner gives a responder and the settings of the home link; `changes` are those of bindings.
    A Diameter node that the responder asks is part of the home agent, whose units are sent on
    `link`.
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
        if isinstance(responder.aaa, DiameterNode):
            parts.append(responder.aaa)
        self.parts = tuple(parts)
        responder.dismiss = self._dismiss
        self._dismissed: dict[IPv6Address, Session] = {}
        responder.children_changed = self._has_other_children
        self._children = HomeChildren()
        self._restless = dict.fromkeys(responder.sessions)
        self._changes: list[BindingChange] = []

    # -- for the owner ----------------------------------------------------------------------------
    def changes(self) -> list[BindingChange]:
        """What has become of bindings since this was last asked."""
        changes, self._changes = self._changes, []
        return changes

    def detach(self, home_address: IPv6Address, now: float) -> None:
        """The network ends the mobile node's binding (RFC 5846), and with it the IKE SA."""
        session = self._children.session_of(home_address)
        if session is not None:
            self._dismiss(session, now)
        else:
            self.registrations.revoke(home_address, now, _TRIGGER)
        self._attend(now)

    def tunnels(self, now: float) -> dict[IPv6Address, IPv6Address]:
        """Care-of address by home address, of all that are bound."""
        return self.registrations.tunnels(now)

    # -- units and time ---------------------------------------------------------------------------
    def to_send(self) -> list[Unit]:
        return [on_link(unit, self.link) for unit in super().to_send()]

    def receive(self, unit: Unit, now: float) -> None:
        aaa = self.responder.aaa
        if unit.port is Port.IP:
            self.registrations.receive(unit, now)
        elif unit.port is Port.DIAMETER and isinstance(aaa, DiameterNode):
            aaa.receive(unit, now)
        elif isinstance(self.addresses, HomeLinkAddresses) and self.addresses.expects(unit):
            self.addresses.receive(unit, now)
        else:
            self.responder.receive(unit, now)
        self._attend(now)

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        self._attend(now)

    def expired(self, timer: IPv6Address, now: float) -> None:
        """A mobile node that was detached has not deleted the IKE SA itself."""
        session = self._dismissed.pop(timer, None)
        if session is not None and session.sas:
            self.responder.close(session, now)

    def _attend(self, now: float) -> None:
        """Let the parts know of each other."""
        self.responder.poll(now)
        self._take_children(now)
        changes = self.registrations.changes()
        for change in changes:
            self._changes.append(change)
            self._on_change(change, now)
        if changes:
            # What is asked of an AAA that is at hand is answered by now.
            self.responder.poll(now)

    def _on_change(self, change: BindingChange, now: float) -> None:
        home, session = change.home_address, self._children.session_of(change.home_address)
        if change.what in _ENDS and home in self._dismissed:
            unanswered = change.what == Change.REVOKED and change.status is None
            self.start_timer(home, now if unanswered else now + _PATIENCE)
        if session is None:
            return
        if change.what == Change.BOUND and session.bound != home:
            self.responder.authorizations.register(session, home, now)
        if change.what in (Change.BOUND, Change.MOVED) and change.key_management_mobility:
            # The IKE SA goes where the binding goes (RFC 6275 10.3.1, K flag).
            self.responder.move(session, remote=change.care_of_address)

    def _dismiss(self, session: Session, now: float) -> None:
        """End the bindings of a session (RFC 5846 7), or the IKE SA where there is none."""
        session.ends = AaaEnd.ADMINISTRATIVE
        bound = self._children.homes_of(session) & self.registrations.tunnels(now).keys()
        for home in bound:
            self._dismissed[home] = session
            self.registrations.revoke(home, now, _TRIGGER)
        if not bound:
            self.responder.close(session, now)

    # -- child SAs --------------------------------------------------------------------------------
    def _has_other_children(self, session: Session) -> None:
        self._restless[session] = None

    def _take_children(self, now: float) -> None:
        """Give the SAs of Mobility Headers to the bindings, and take back those that are gone."""
        gone: dict[int, IPv6Address] = {}
        for session in self._restless:
            new, old = self._children.look_at(session)
            gone |= old
            for home, child in new:
                self.registrations.add_sa(home, child.inbound, child.outbound)
                self.registrations.prefixes[home] = (_prefix(home, session),)
        self._restless.clear()
        for spi, home in gone.items():
            if self._children.session_of(home) is None:
                self.registrations.withdraw(home, now)
                self.registrations.prefixes.pop(home, None)
            self.registrations.remove_sa(spi)


def _prefix(home: IPv6Address, session: Session) -> IPv6Network:
    """The prefix that the R flag binds: the one assigned, else that of the home address."""
    prefix = session.home.prefix
    if prefix is not None and home in prefix:
        return prefix
    return IPv6Network((home, session.home.prefix_length or _HOME_BITS), strict=False)
