"""A network in memory: links with latency, virtual time, and a tap on everything that is sent.

Time passes only from one event to the next, so an hour of waiting takes no time at all.

    >>> from mip6boot import flow
    >>> network = flow.Network({"access": 0.002, "core": 0.010})
    >>> network.now, network.run(until=3600.0)
    (0.0, 3600.0)
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec

from ..errors import ConfigError
from .actor import Actor, Address, Event, Port, Unit

__all__ = ["Attachment", "Network", "Tapped"]

IpAddress = IPv4Address | IPv6Address

#: Seconds after which SCTP sends a chunk again, doubled each time, and how often it is sent before
#: the way is given up: RTO.Min and Path.Max.Retrans (RFC 9260 16).
_TRANSPORT_RTO, _TRANSMISSIONS = 1.0, 6

#: Units and timers that are handled without time passing, before it is taken for a loop.
_MOST_AT_ONCE = 10_000


class Attachment(msgspec.Struct, frozen=True, eq=False):
    """An actor on a link."""

    actor: Actor
    link: str
    link_layer: bytes
    addresses: Callable[[], Iterable[IpAddress | str]]
    "Those that it has on the link now, and its name as a Diameter node where it is another."

    def has(self, address: Any) -> bool:
        """Units to the address are for it."""
        if isinstance(address, bytes):
            return address == self.link_layer
        return address == self.actor.name or address in self.addresses()

    @property
    def ip_address(self) -> IpAddress | None:
        """The first of its IP addresses."""
        return next((one for one in self.addresses() if not isinstance(one, str)), None)


class Tapped(msgspec.Struct, frozen=True):
    """A unit as it was sent."""

    time: float
    link: str
    unit: Unit
    sender: str
    receivers: tuple[str, ...]
    source_link_layer: bytes
    destination_link_layer: bytes
    "Of the first receiver; for a group, its address on the link."
    source_address: Address | None = None
    "Of IP where the unit has such, or the node that sends it; None for neither."
    destination_address: Address | None = None


class Network:
    """Carries what actors send to who it is for.

    Unicast units of UDP, IP and Diameter find their receiver on any link, as if there were routers;
    what is for a group, for an address of the link, or in EAPOL stays on the link.  `lose` says
    which units do not arrive, and may be changed at any time; what carries Diameter sends a unit
    that is lost again.
    """

    def __init__(
        self,
        latency: Mapping[str, float],
        *,
        now: float = 0.0,
        lose: Callable[[Unit, float], bool] | None = None,
    ) -> None:
        self.now = now
        self.tap: list[Tapped] = []
        self.events: list[Event] = []
        self.lose = lose
        self._latency = dict(latency)
        self._attachments: list[Attachment] = []
        self._actors: dict[str, Actor] = {}
        self._flying: list[tuple[float, int, Attachment, Unit]] = []
        self._count = 0
        #: Where nodes are, or were: what is sent to one that has left has its address all the same.
        self._hosts: dict[str, Attachment] = {}

    def join(
        self,
        actor: Actor,
        link: str,
        link_layer: bytes,
        addresses: Callable[[], Iterable[IpAddress | str]] = tuple,
    ) -> None:
        """Put an actor on a link; ConfigError for a link, a name or an address that cannot be."""
        if link not in self._latency:
            raise ConfigError(f"there is no link {link!r}")
        if self._actors.setdefault(actor.name, actor) is not actor:
            raise ConfigError(f"there is another actor {actor.name!r}")
        if len(link_layer) != 6 or any(
            a.link == link and a.link_layer == link_layer for a in self._attachments
        ):
            raise ConfigError(f"{link_layer.hex()} is no address of its own on {link!r}")
        attachment = Attachment(actor, link, link_layer, addresses)
        self._attachments.append(attachment)
        for name in (actor.name, *(one for one in addresses() if isinstance(one, str))):
            self._hosts.setdefault(name, attachment)

    def leave(self, actor: Actor, link: str) -> None:
        """Take an actor off a link; what flies to it there does not arrive."""
        self._attachments = [a for a in self._attachments if a.actor is not actor or a.link != link]

    def inject(
        self, unit: Unit, link: str, *, after: float = 0.0, sender: Actor | None = None
    ) -> None:
        """Let a unit arrive once more, or one that no actor has sent; its sender does not get it.

        The tap does not see it.
        """
        for receiver in self._receivers(link, unit, None):
            if receiver.actor is not sender:
                self._fly(receiver, unit, after)

    def run(self, until: float, *, stop: Callable[[], bool] = lambda: False) -> float:
        """Let things happen until a time, or until `stop` says so; the time it is then."""
        at_once = 0
        self._collect()
        while not stop():
            due = self._next()
            if due is None or due > until:
                self.now = max(self.now, until)
                break
            at_once = at_once + 1 if due <= self.now else 0
            if at_once > _MOST_AT_ONCE:
                raise ConfigError(f"at {self.now}: actors do not come to rest")
            self.now = max(self.now, due)
            self._happen()
            self._collect()
        return self.now

    # -- inside -------------------------------------------------------------------------------
    def _next(self) -> float | None:
        times = [actor.next_timeout() for actor in self._actors.values()]
        times += [self._flying[0][0]] if self._flying else []
        return min((time for time in times if time is not None), default=None)

    def _happen(self) -> None:
        """What is due: arrivals first, then timers, in the order of joining."""
        if self._flying and self._flying[0][0] <= self.now:
            _, _, attachment, unit = heapq.heappop(self._flying)
            if attachment in self._attachments:
                attachment.actor.receive(unit, self.now)
            return
        for actor in self._actors.values():
            due = actor.next_timeout()
            if due is not None and due <= self.now:
                actor.handle_timeout(self.now)

    def _collect(self) -> None:
        """Take what actors have to send and to tell."""
        for actor in self._actors.values():
            for unit in actor.to_send():
                self._carry(actor, unit)
            self.events += actor.events()

    def _carry(self, actor: Actor, unit: Unit) -> None:
        own = [a for a in self._attachments if a.actor is actor and unit.link in ("", a.link)]
        if not own:
            self._tell(actor, "not sent", f"it is on no link {unit.link!r}")
            return
        sender = own[0]
        receivers = self._receivers(sender.link, unit, sender)
        self.tap.append(self._tapped(sender, unit, receivers))
        if not receivers:
            self._tell(actor, "unreachable", str(unit.destination))
        again = self._lost_for(actor, unit)
        if again is None:
            return
        for receiver in receivers:
            delay = self._latency[sender.link] + again
            if receiver.link != sender.link:
                delay += self._latency[receiver.link]
            self._fly(receiver, unit, delay)

    def _fly(self, receiver: Attachment, unit: Unit, delay: float) -> None:
        self._count += 1
        there = msgspec.structs.replace(unit, link=receiver.link)
        heapq.heappush(self._flying, (self.now + delay, self._count, receiver, there))

    def _receivers(self, link: str, unit: Unit, sender: Attachment | None) -> list[Attachment]:
        others = [a for a in self._attachments if a is not sender]
        here = [a for a in others if a.link == link]
        if is_group(unit.destination):
            return here
        on_link = [a for a in here if a.has(unit.destination)]
        if on_link or unit.port is Port.EAPOL or _is_local(unit.destination):
            return on_link[:1]
        return [a for a in others if a.has(unit.destination)][:1]

    def _lost_for(self, actor: Actor, unit: Unit) -> float | None:
        """Seconds until a unit that is lost is sent again and not lost; None for never."""
        waits = 0.0
        for tries in range(_TRANSMISSIONS if unit.port is Port.DIAMETER else 1):
            if self.lose is None or not self.lose(unit, self.now + waits):
                return waits
            self._tell(actor, "lost", str(unit.destination))
            waits += _TRANSPORT_RTO * 2**tries
        return None

    def _tapped(self, sender: Attachment, unit: Unit, receivers: list[Attachment]) -> Tapped:
        to = group_link_layer(unit.destination)
        if to is None:
            to = receivers[0].link_layer if receivers else bytes(6)
        names = tuple(receiver.actor.name for receiver in receivers)
        ends: tuple[Any, Any] = (unit.source, unit.destination)
        if unit.port is Port.DIAMETER:
            there = self._hosts.get(str(unit.destination))
            ends = (sender.ip_address, None if there is None else there.ip_address)
        who = sender.actor.name
        return Tapped(self.now, sender.link, unit, who, names, sender.link_layer, to, *ends)

    def _tell(self, actor: Actor, name: str, text: str) -> None:
        self.events.append(Event(self.now, "network", name, f"{actor.name}: {text}"))


def is_group(address: Any) -> bool:
    """The address is one of several nodes."""
    if isinstance(address, bytes):
        return bool(address[0] & 1)
    return not isinstance(address, str) and address.is_multicast


def group_link_layer(address: Any) -> bytes | None:
    """What a group is called on the link (RFC 2464 7, RFC 1112 6.4); None for a single node."""
    if not is_group(address):
        return None
    if isinstance(address, bytes):
        return address
    octets: bytes = address.packed
    if len(octets) == 16:
        return b"\x33\x33" + octets[12:]
    return b"\x01\x00\x5e" + bytes((octets[1] & 0x7F,)) + octets[2:]


def _is_local(address: Any) -> bool:
    return isinstance(address, IPv6Address) and address.is_link_local
