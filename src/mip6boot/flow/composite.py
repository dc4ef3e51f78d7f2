"""An actor that is made of others: it asks those of them that have something to give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .actor import Actor, Event, Unit
from .schedule import Schedule

__all__ = ["Composite"]


class Composite(Actor):
    """An actor that is made of others, and gives what they give.

    However many parts there are, only those are asked that have sent, told or planned something: a
    part that gives what it has in another way says so by `stir`.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "parts" in vars(cls):
            raise TypeError(f"{cls.__name__}: parts are assigned, or given by add_part")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._parts: dict[Actor, int] = {}
        self._joined = 0
        # The parts that may have units, events, or another time than they had.
        self._sending: set[Actor] = set()
        self._telling: set[Actor] = set()
        self._planning: set[Actor] = set()
        self._plan = Schedule()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for part in self._parts:
            part.owner = self

    # -- parts ------------------------------------------------------------------------------------
    @property
    def parts(self) -> tuple[Actor, ...]:
        """The actors that this one is made of."""
        return tuple(self._parts)

    @parts.setter
    def parts(self, parts: Iterable[Actor]) -> None:
        for part in self.parts:
            self.drop_part(part)
        for part in parts:
            self.add_part(part)

    def add_part(self, part: Actor) -> None:
        """Be made of one more."""
        self._joined += 1
        self._parts[part] = self._joined
        part.owner = self
        self.stirred(part)

    def drop_part(self, part: Actor) -> None:
        """Be made of one less; what it has sent and told by now is given all the same."""
        self._units += part.to_send()
        self.tell(part.events())
        del self._parts[part]
        if part.owner is self:
            part.owner = None
        for waiting in (self._sending, self._telling, self._planning):
            waiting.discard(part)
        self._plan.stop(part)
        self.stir()

    def stirred(self, part: Actor) -> None:
        """A part has something to give."""
        for waiting in (self._sending, self._telling, self._planning):
            waiting.add(part)
        self.stir()

    def _taken(self, waiting: set[Actor]) -> list[Actor]:
        """The parts that wait, in their order; they wait no longer."""
        found = sorted(waiting, key=self._parts.__getitem__)
        waiting.clear()
        return found

    # -- what an actor does -----------------------------------------------------------------------
    def to_send(self) -> list[Unit]:
        parts = self._taken(self._sending)
        return [*super().to_send(), *(unit for part in parts for unit in part.to_send())]

    def next_timeout(self) -> float | None:
        self._replan()
        times = super().next_timeout(), self._plan.soonest()
        return min((time for time in times if time is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        self._replan()
        for part in self._plan.due(now):
            self._planning.add(part)
            part.handle_timeout(now)

    def _replan(self) -> None:
        for part in self._taken(self._planning):
            time = part.next_timeout()
            if time is None:
                self._plan.stop(part)
            else:
                self._plan.start(part, time)

    def events(self) -> list[Event]:
        parts = self._taken(self._telling)
        found = [*super().events(), *(event for part in parts for event in part.events())]
        return sorted(found, key=lambda event: event.time)
