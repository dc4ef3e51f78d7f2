"""A wire for actors in tests: virtual time, loss, copies, delays, and a log of all units."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address

from mip6boot.flow import Actor, Address, Event, Unit


def driven(actor: Actor, unit: Unit, now: float) -> None:
    """Give a unit to an actor, and take all that it has, as a driver does."""
    actor.receive(unit, now)
    actor.to_send()
    actor.events()
    due = actor.next_timeout()
    if due is not None and due <= now:
        actor.handle_timeout(now)


class Wire:
    """Joins actors by the links that units name."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[tuple[float, Unit]] = []
        self.events: list[Event] = []
        self.delays: Callable[[Unit], Iterable[float]] = lambda unit: (0.001,)
        "When each copy of a unit arrives; none is loss."
        self._places: list[tuple[Actor, str, set[Address]]] = []
        self._actors: dict[str, Actor] = {}
        self._queue: list[tuple[float, int, Actor, Unit]] = []
        self._count = itertools.count()

    def join(self, actor: Actor, link: str, *addresses: str | IPv6Address) -> None:
        self._places.append((actor, link, {IPv6Address(address) for address in addresses}))
        self._actors[actor.name] = actor

    def run(self, until: float) -> None:
        """Carry units and wake actors until a time, or until nothing is left to do."""
        while True:
            self._collect()
            times = [at for at, *_ in self._queue[:1]]
            times += [at for x in self._actors.values() if (at := x.next_timeout()) is not None]
            if not times or min(times) > until:
                break
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                _, _, actor, unit = heapq.heappop(self._queue)
                actor.receive(unit, self.now)
            for actor in self._actors.values():
                actor.handle_timeout(self.now)
        self.now = until

    def _collect(self) -> None:
        for sender in self._actors.values():
            self.events += sender.events()
            for unit in sender.to_send():
                self.log.append((self.now, unit))
                for delay in self.delays(unit):
                    for actor, link, own in self._places:
                        destination = unit.destination
                        assert isinstance(destination, IPv6Address)
                        heard = destination.is_multicast or destination in own
                        if actor is not sender and link == unit.link and heard:
                            entry = (self.now + delay, next(self._count), actor, unit)
                            heapq.heappush(self._queue, entry)
