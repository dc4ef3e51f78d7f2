"""Actors in the middle of an attach, and what comes to them there.

An attach is run once, and the actor is copied before each unit that it gets.  An input is a script:
an octet chooses a copy, and then follow units, each as the seconds that pass before it (a number of
16 bits, IEEE 754), an octet for the envelope, two for a length, and as many of content.  Envelopes
are those of the attach: addresses, ports, link, and whether the content is sealed.  What is sealed
stands in the script in the clear, IKE messages and Mobility Headers, and is sealed with the keys
that the actor has by then.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import islice
from random import Random
from typing import Any

import msgspec

from mip6boot import dhcpv6, diameter, ikev2, ip, mipv6, packets, security
from mip6boot.errors import DecodeError, IntegrityError, UnknownSa
from mip6boot.flow import Actor, Port, UeState, Unit
from mip6boot.flow.scenario import Authentication, HomeAddress, Scenario, Variant
from mip6boot.ikev2 import Encrypted, IkeMessage
from mip6boot.packets import EapolHeader, LinkType, Packet
from mip6boot.security import Keyring

from .mutators import frame_mutated, message_mutated
from .sealing import clear_of, sealed

__all__ = ["Rehearsal"]

#: What mutations let pass before a unit, and the most that passes, in seconds.
_WAITS, _MOST = (0.0, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 7200.0), 7200.0

#: What an actor may do at one time, or in all that passes before a unit.
_MOST_TIMEOUTS = 5_000

#: Sequence numbers of ESP that the attach has not used.
_FRESH = 10_000

#: Units of one script, and seconds that pass after the last one.
_MOST_UNITS, _AFTERWARDS = 100, 60.0

_HEAD = struct.Struct(">eBH")
_MARKER = bytes(4)

#: Of a script: seconds, number of an envelope, content.
_Record = tuple[float, int, bytes]

VARIANTS = (
    Variant(),
    Variant(authentication=Authentication.CERTIFICATE, home_address=HomeAddress.HOME_DHCP),
    Variant(authentication=Authentication.PSK, home_address=HomeAddress.AUTOCONFIGURED),
)


class Envelope(msgspec.Struct, frozen=True):
    """What is around the content of a unit."""

    port: Port
    source: Any
    destination: Any
    source_port: int
    destination_port: int
    link: str
    before: tuple[Any, ...] = ()
    "Of ESP: the headers before it."
    is_sealed: bool = False


class Cue(msgspec.Struct, frozen=True):
    """A unit of the attach: when it came, in which envelope, and its content in the clear."""

    time: float
    envelope: Envelope
    content: bytes


class Rehearsal:
    """Attaches that one actor was part of; `keys_of` gives the keys that an actor has."""

    def __init__(
        self, actor_of: Callable[[Scenario], Actor], keys_of: Callable[[Any], Keyring | None]
    ) -> None:
        self._keys_of = keys_of
        self._stages: list[tuple[Actor, Cue]] = []
        self._begins: list[int] = []
        for variant in VARIANTS:
            self._begins.append(len(self._stages))
            self._rehearse(Scenario(variant, lambda name: Random(f"1/{name}")), actor_of)
        self._envelopes = list(dict.fromkeys(cue.envelope for _, cue in self._stages))

    # -- the attach -------------------------------------------------------------------------------
    def _rehearse(self, scenario: Scenario, actor_of: Callable[[Scenario], Actor]) -> None:
        actor = actor_of(scenario)
        plain = actor.receive
        heard: list[tuple[Actor, float, Unit]] = []

        def receive(unit: Unit, now: float) -> None:
            copy = deepcopy(actor)
            del copy.receive
            heard.append((copy, now, unit))
            plain(unit, now)

        actor.receive = receive  # type: ignore[method-assign]
        _attach(scenario)
        ring = self._keys_of(actor) or Keyring()
        self._stages += [(copy, _cue(unit, now, ring)) for copy, now, unit in heard]

    # -- scripts ----------------------------------------------------------------------------------
    def perform(self, script: bytes) -> None:
        """Give the units of a script to a copy; what it sends is sound."""
        if not script:
            return
        actor, cue = self._stages[script[0] % len(self._stages)]
        actor, now = deepcopy(actor), cue.time
        for number, (wait, envelope, content) in enumerate(self._units(script)):
            now = _passed(actor, now, now + wait)
            unit = _unit(envelope, content, self._keys_of(actor) or Keyring(), _FRESH + number)
            actor.receive(unit, now)
            _heard(actor)
        _passed(actor, now, now + _AFTERWARDS)

    def _units(self, script: bytes) -> Iterator[tuple[float, Envelope, bytes]]:
        for wait, index, content in islice(_records(script), _MOST_UNITS):
            yield wait, self._envelopes[index % len(self._envelopes)], content

    def mutate(self, script: bytes, rng: Random) -> bytes:
        """One unit is another, is missing, is there twice, comes earlier, later, or elsewhere."""
        records = list(_records(script))
        if not records:
            return script
        at, kind = rng.randrange(len(records)), rng.randrange(12)
        wait, index, content = records[at]
        if kind == 0:
            del records[at]
        elif kind == 1:
            records.insert(rng.randrange(len(records) + 1), records[at])
        elif kind == 2:
            records[at] = _WAITS[rng.randrange(len(_WAITS))], index, content
        elif kind == 3:
            records[at] = wait, rng.randrange(len(self._envelopes)), content
        elif kind == 4:
            _, cue = self._stages[rng.randrange(len(self._stages))]
            records.insert(at, (0.0, self._envelopes.index(cue.envelope), cue.content))
        else:
            envelope = self._envelopes[index % len(self._envelopes)]
            records[at] = wait, index, _content_mutated(envelope, content, rng)
        begin = rng.randrange(256) if kind == 5 else script[0]
        return _script(begin, records)

    def seeds(self) -> list[bytes]:
        """Each unit that is the first of its kind by itself, and all of each attach in order."""
        found, seen = [], set[tuple[int, bytes]]()
        for i, (_, cue) in enumerate(self._stages):
            index = self._envelopes.index(cue.envelope)
            kind = index, _kind(cue)
            if kind not in seen and i < 256:
                seen.add(kind)
                found.append(_script(i, [(0.0, index, cue.content)]))
        for begin, end in zip(self._begins, [*self._begins[1:], len(self._stages)], strict=True):
            if begin < 256:
                found.append(_script(begin, self._in_order(begin, end)))
        return found

    def _in_order(self, begin: int, end: int) -> Iterator[_Record]:
        now = self._stages[begin][1].time
        for _, cue in self._stages[begin:end]:
            wait = max(cue.time - now, 0.0)
            now += _HEAD.unpack(_HEAD.pack(wait, 0, 0))[0]
            yield wait, self._envelopes.index(cue.envelope), cue.content


def _attach(scenario: Scenario) -> None:
    """An attach, a move, a refresh, and the end."""
    ue = scenario.ue
    scenario.start()
    scenario.run(60, stop=lambda: ue.state == UeState.CONNECTED)
    assert ue.state == UeState.CONNECTED
    scenario.run(2)
    scenario.move("access 2")
    scenario.run(5)
    scenario.move("home")
    scenario.run(5)
    ue.detach(scenario.network.now)
    scenario.run(5)


def _cue(unit: Unit, now: float, ring: Keyring) -> Cue:
    """A unit as it came, opened."""
    before: tuple[Any, ...] = ()
    content, is_sealed = unit.octets, False
    try:
        if unit.port is Port.UDP and unit.destination_port in (500, 4500):
            content = unit.octets[_marker(unit.destination_port) :]
            message = IkeMessage.decode(content)
            keys = ring.of_message(message)
            if keys is not None and message.find(Encrypted) is not None:
                opened = security.unseal(message, keys)
                content = clear_of(content, opened.sealed.first_payload, opened.content)
                is_sealed = True
        elif unit.port is Port.IP:
            *headers, last = packets.decode_packet(unit.octets, LinkType.IPV6).layers
            if isinstance(last, ip.EspPacket):
                content = ring.of_packet(last.spi)[0].unseal(last).payload
                before, is_sealed = (*headers, last.replace(data=b"")), True
    except (DecodeError, IntegrityError, UnknownSa):
        pass
    envelope = Envelope(
        unit.port, unit.source, unit.destination, unit.source_port, unit.destination_port,
        unit.link, before, is_sealed,
    )  # fmt: skip
    return Cue(now, envelope, content)


def _marker(port: int) -> int:
    return len(_MARKER) if port == 4500 else 0


def _kind(cue: Cue) -> bytes:
    """What tells messages of one envelope apart: a type near their beginning."""
    at = {Port.EAPOL: 4, Port.DIAMETER: 5, Port.IP: 40}.get(cue.envelope.port, 0)
    if cue.envelope.destination_port in (500, 4500):
        at = 18
    elif cue.envelope.is_sealed:
        at = 2
    return cue.content[at : at + 3]


# -- units ----------------------------------------------------------------------------------------
def _unit(envelope: Envelope, content: bytes, ring: Keyring, number: int) -> Unit:
    """The unit that an actor with these keys gets."""
    if envelope.port is Port.UDP and envelope.destination_port in (500, 4500):
        if envelope.is_sealed and len(content) >= 28 and ring.ike:
            named = [keys for keys in ring.ike if content.startswith(keys.spi_i + keys.spi_r)]
            content = sealed(content, (named or ring.ike)[-1])
        content = bytes(_marker(envelope.destination_port)) + content
    elif envelope.is_sealed and ring.esp:
        content = _packet(envelope, content, ring, number)
    return Unit(
        port=envelope.port,
        source=envelope.source,
        destination=envelope.destination,
        octets=content,
        source_port=envelope.source_port,
        destination_port=envelope.destination_port,
        link=envelope.link,
    )


def _packet(envelope: Envelope, content: bytes, ring: Keyring, number: int) -> bytes:
    """An IPv6 packet with a sealed Mobility Header, whose checksum is right."""
    *headers, esp = envelope.before
    source, destination = headers[0].source, headers[0].destination
    for header in headers[1:]:
        option = header.find(ip.HomeAddressOption)
        if option is not None:
            source = option.home_address
        elif isinstance(header, ip.Type2RoutingHeader):
            destination = header.home_address
    if len(content) >= 6:
        checksum = mipv6.checksum_of(content, source, destination)
        content = content[:4] + checksum.to_bytes(2, "big") + content[6:]
    # An actor that has come another way has other SAs; the last pair begins with what it receives.
    sa = next(iter(ring.of_packet(esp.spi)), ring.esp[-2])
    last = sa.seal(
        content, ip.Protocol.MOBILITY, sequence=number, iv=bytes(sa.protection.iv_octets)
    )
    return Packet((*headers, last), LinkType.IPV6).build().encode()


def _content_mutated(envelope: Envelope, content: bytes, rng: Random) -> bytes:
    if envelope.port is Port.DIAMETER:
        return message_mutated("diameter", content, rng)
    if envelope.port is Port.EAPOL:
        return content[:4] + message_mutated("eap", content[4:], rng)
    if envelope.port is Port.IP:
        if envelope.is_sealed:
            return message_mutated("mipv6", content, rng)
        return frame_mutated(content, LinkType.IPV6, rng)
    ike = envelope.destination_port in (500, 4500)
    return message_mutated("ikev2" if ike else "dhcpv6", content, rng)


# -- what an actor does ---------------------------------------------------------------------------
def _passed(actor: Actor, now: float, then: float) -> float:
    """Time passes; `then`."""
    for _ in range(_MOST_TIMEOUTS):
        due = actor.next_timeout()
        if due is None or due > then:
            return then
        now = max(now, due)
        actor.handle_timeout(now)
        _heard(actor)
    raise AssertionError(f"at {now} the actor does not come to rest")


def _heard(actor: Actor) -> None:
    """What an actor says and tells is sound."""
    for unit in actor.to_send():
        _is_sound(unit)
    assert all(str(event) for event in actor.events())


def _is_sound(unit: Unit) -> None:
    octets = unit.octets
    if unit.port is Port.IP:
        packet = packets.decode_packet(octets, LinkType.IPV6)
        assert packet.errors == ()
        assert "bad" not in packet.checksums.values()
    elif unit.port is Port.EAPOL:
        assert EapolHeader.decode(octets[:4]).length == len(octets) - 4
    elif unit.port is Port.DIAMETER:
        # Without octets it is the end of a connection.
        assert not octets or diameter.decode(octets, lenient=True).encode() == octets
    elif 500 in (unit.source_port, unit.destination_port):
        ikev2.decode(octets)
    elif 4500 not in (unit.source_port, unit.destination_port):
        dhcpv6.decode(octets)


# -- scripts as octets ----------------------------------------------------------------------------
def _records(script: bytes) -> Iterator[_Record]:
    at = 1
    while at + _HEAD.size <= len(script):
        wait, index, size = _HEAD.unpack_from(script, at)
        at += _HEAD.size
        yield wait if 0 <= wait <= _MOST else 0.0, index, script[at : at + size]
        at += size


def _script(begin: int, records: Iterable[_Record]) -> bytes:
    parts = [bytes((begin,))]
    for wait, index, content in records:
        content = content[:0xFFFF]
        parts += _HEAD.pack(wait, index, len(content)), content
    return b"".join(parts)
