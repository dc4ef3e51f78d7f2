"""The child SAs of Mobility Headers at a home agent: of which home address, and which session."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address

from ..ikev2 import Ipv6AddressRange, TrafficSelector
from ..ip import Protocol
from .ike import ChildSa, Session

__all__ = ["HomeChildren", "home_of"]


class HomeChildren:
    """What was known of the sessions when they were last looked at."""

    def __init__(self) -> None:
        self._homes: dict[Session, dict[int, IPv6Address]] = {}
        self._sessions: dict[IPv6Address, dict[Session, set[int]]] = {}

    def session_of(self, home_address: IPv6Address) -> Session | None:
        """Whose child SAs are for a home address; the first to have one, if there are several."""
        return next(iter(self._sessions.get(home_address, ())), None)

    def homes_of(self, session: Session) -> set[IPv6Address]:
        """The home addresses that child SAs of a session are for."""
        return set(self._homes.get(session, {}).values())

    def look_at(
        self, session: Session
    ) -> tuple[list[tuple[IPv6Address, ChildSa]], dict[int, IPv6Address]]:
        """What is new, and the home addresses of what is gone, by inbound SPI."""
        known = self._homes.pop(session, {})
        found = [(home_of(one.remote), one) for one in session.children if one.transport]
        there = {one.inbound.spi: home for home, one in found if home is not None}
        gone = {spi: home for spi, home in known.items() if spi not in there}
        new = [
            (home, one) for home, one in found if home is not None and one.inbound.spi not in known
        ]
        if there:
            self._homes[session] = there
        for home, one in new:
            self._sessions.setdefault(home, {}).setdefault(session, set()).add(one.inbound.spi)
        for spi, home in gone.items():
            sessions = self._sessions[home]
            sessions[session].discard(spi)
            if not sessions[session]:
                del sessions[session]
            if not sessions:
                del self._sessions[home]
        return new, gone


def home_of(selectors: Iterable[TrafficSelector]) -> IPv6Address | None:
    """The one address whose Mobility Headers the selectors are for; None for others."""
    for selector in selectors:
        if not isinstance(selector, Ipv6AddressRange):
            continue
        first, last = selector.starting_address, selector.ending_address
        if selector.ip_protocol == Protocol.MOBILITY and first == last:
            return first
    return None
