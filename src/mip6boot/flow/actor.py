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
from collections.abc import Hashable, Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from .schedule import Schedule

if TYPE_CHECKING:
    from .composite import Composite

__all__ = ["Actor", "Address", "Event", "Machine", "Port", "Reporter", "Unit"]

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

    def stir(self) -> None:
        """There is something new to be fetched."""

    def events(self) -> list[Event]:
        """What has happened since this was last asked."""
        events, self._events = self._events, []
        return events

    def note(self, now: float, name: str, text: str = "", **values: Any) -> None:
        """Tell what has happened."""
        self.tell((Event(now, self.name, name, text, values),))

    def tell(self, events: Iterable[Event]) -> None:
        """Tell what others have told."""
        self._events += events
        self.stir()


class Actor(Reporter):
    """Base of everything that takes units and gives units."""

    owner: Composite | None = None
    "The actor that this one is a part of."

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._units: list[Unit] = []
        self._timers = Schedule()

    def __getstate__(self) -> dict[str, Any]:
        """A copy of a part has no owner; that of a whole has parts that have it as theirs."""
        return {name: value for name, value in vars(self).items() if name != "owner"}

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
        return self._timers.soonest()

    def handle_timeout(self, now: float) -> None:
        """Do what is due; each timer that is over by then expires once, the oldest first."""
        for timer in self._timers.due(now):
            self.stir()
            self.expired(timer, now)

    # -- for those who write actors -----------------------------------------------------------
    def expired(self, timer: Any, now: float) -> None:
        """A timer is over."""
        raise NotImplementedError

    def send(self, unit: Unit) -> None:
        """Give a unit to the driver."""
        self._units.append(unit)
        self.stir()

    def start_timer(self, timer: Hashable, at: float) -> None:
        """Let a timer be over at a time; one that runs already is put off."""
        self._timers.start(timer, at)
        self.stir()

    def stop_timer(self, timer: Hashable) -> None:
        """Forget a timer, if it runs."""
        self._timers.stop(timer)
        self.stir()

    def stop_timers(self) -> None:
        """Forget all timers."""
        self._timers.clear()
        self.stir()

    def stir(self) -> None:
        """Let the owner, if there is one, know that there is something to fetch."""
        if self.owner is not None:
            self.owner.stirred(self)


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
