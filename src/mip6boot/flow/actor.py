"""What all actors have in common: units in and out, timers, events, and a table of transitions.

Actors do no input or output, know no clock and draw no random octets of their own: whoever drives
them carries units, tells the time in seconds, and gives each an `rng`.

    >>> from mip6boot import flow
    >>> class Echo(flow.Actor):
    ...     def receive(self, unit, now):
    ...         self.start_timer("answer", now + 1)
    ...     def expired(self, timer, now):
    ...         self.note(now, "answered")
    >>> echo = Echo("echo")
    >>> echo.receive(None, 5.0)
    >>> echo.next_timeout()
    6.0
    >>> echo.handle_timeout(6.0)
    >>> [str(event) for event in echo.events()]
    ['6.000 echo: answered']
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any, ClassVar

import msgspec

__all__ = ["Actor", "Address", "Composite", "Event", "Machine", "Port", "Reporter", "Unit"]

#: Of IP, of the link (octets), or the name of a Diameter node.
Address = IPv4Address | IPv6Address | bytes | str


class Port(enum.StrEnum):
    """What carries a unit."""

    EAPOL = "eapol"
    "Octets are the EAPOL frame without its Ethernet header; addresses are those of the link."
    UDP = "udp"
    "Octets are the payload of UDP."
    IP = "ip"
    "Octets are a whole IP packet: Mobility Header, ESP, ICMPv6."
    DIAMETER = "diameter"
    "Octets are a Diameter message; addresses are host names."


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What actors give each other."""

    port: Port
    source: Address
    destination: Address
    octets: bytes
    source_port: int = 0
    destination_port: int = 0
    "Of UDP only."
    link: str = ""
    "The link it is on, for actors that have several."

    def answer(self, octets: bytes) -> Unit:
        """A unit back to where this one came from."""
        return msgspec.structs.replace(
            self,
            source=self.destination,
            destination=self.source,
            source_port=self.destination_port,
            destination_port=self.source_port,
            octets=octets,
        )


def on_link(unit: Unit, link: str) -> Unit:
    """The unit; one of Diameter that names no link is on the given one."""
    if unit.port is Port.DIAMETER and not unit.link:
        return msgspec.structs.replace(unit, link=link)
    return unit


class Event(msgspec.Struct, frozen=True):
    """Something that an engineer wants to know of an actor."""

    time: float
    "In seconds, as the driver counts them."
    actor: str
    name: str
    "One word or a few, the same for the same kind of event."
    text: str = ""
    "Why, or what of."
    values: Mapping[str, Any] = {}

    def __str__(self) -> str:
        what = f"{self.name} ({self.text})" if self.text else self.name
        return f"{self.time:.3f} {self.actor}: {what}"


class Reporter:
    """Base of everything that tells what happens."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._events: list[Event] = []

    def events(self) -> list[Event]:
        """What has happened since this was last asked."""
        events, self._events = self._events, []
        return events

    def note(self, now: float, name: str, text: str = "", **values: Any) -> None:
        """Tell what has happened."""
        self._events.append(Event(now, self.name, name, text, values))


class Actor(Reporter):
    """Base of everything that takes units and gives units."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._units: list[Unit] = []
        self._timers: dict[Hashable, float] = {}

    # -- the interface of every actor ---------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        """Take a unit; what does not belong here is dropped, and an event says why."""
        raise NotImplementedError

    def to_send(self) -> list[Unit]:
        """The units to be sent, in order; they are given once."""
        units, self._units = self._units, []
        return units

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is to be called at the latest; None for never."""
        return min(self._timers.values(), default=None)

    def handle_timeout(self, now: float) -> None:
        """Do what is due; each timer that is over by then expires once, the oldest first."""
        due = sorted(
            (at, i, timer) for i, (timer, at) in enumerate(self._timers.items()) if at <= now
        )
        for _, _, timer in due:
            # What an earlier one has stopped or put off is not due any more.
            if self._timers.get(timer, now + 1) <= now:
                del self._timers[timer]
                self.expired(timer, now)

    # -- for those who write actors -----------------------------------------------------------
    def expired(self, timer: Any, now: float) -> None:
        """A timer is over."""
        raise NotImplementedError

    def send(self, unit: Unit) -> None:
        """Give a unit to the driver."""
        self._units.append(unit)

    def start_timer(self, timer: Hashable, at: float) -> None:
        """Let a timer be over at a time; one that runs already is put off."""
        self._timers[timer] = at

    def stop_timer(self, timer: Hashable) -> None:
        """Forget a timer, if it runs."""
        self._timers.pop(timer, None)

    def stop_timers(self) -> None:
        """Forget all timers."""
        self._timers.clear()


class Composite(Actor):
    """An actor that is made of others, and gives what they give."""

    parts: tuple[Actor, ...] = ()

    def to_send(self) -> list[Unit]:
        return [*super().to_send(), *(unit for part in self.parts for unit in part.to_send())]

    def next_timeout(self) -> float | None:
        times = [super().next_timeout(), *(part.next_timeout() for part in self.parts)]
        return min((time for time in times if time is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        for part in self.parts:
            part.handle_timeout(now)

    def events(self) -> list[Event]:
        found = [*super().events(), *(event for part in self.parts for event in part.events())]
        return sorted(found, key=lambda event: event.time)


#: By state and input: the method to call, and the next state.
Transitions = Mapping[tuple[Any, str], tuple[str | None, Any]]


def row_of(transitions: Transitions, state: Any, what: str) -> tuple[str | None, Any] | None:
    """The row for an input: that of the state, or of every state; None where there is none."""
    return transitions.get((state, what)) or transitions.get((None, what))


class Machine(Actor):
    """An actor whose transitions stand in one table.

    `TRANSITIONS` says for a state and an input which method is called, and which state is next
    unless the method gives another one; None as state stands for every state that has no row of its
    own.  An input that has no row is ignored, and an event says so.
    """

    TRANSITIONS: ClassVar[Transitions] = {}

    def __init__(self, name: str, state: Any) -> None:
        super().__init__(name)
        self.state = state

    def step(self, what: str, now: float, *arguments: Any) -> None:
        """Feed an input to the table."""
        row = row_of(self.TRANSITIONS, self.state, what)
        if row is None:
            self.note(now, "ignored", f"{what} in the state {self.state}")
            return
        method, following = row
        before = self.state
        found = getattr(self, method)(now, *arguments) if method is not None else None
        following = following if found is None else found
        if following is not None and following != self.state:
            self.state = following
            self.note(now, "state", f"{before} -> {following}")

    def expired(self, timer: Any, now: float) -> None:
        """A timer is an input of its name."""
        self.step(f"{timer} over", now)
