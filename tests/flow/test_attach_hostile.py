"""All nodes of the AAA leg in the whole attach, each among messages that are not as they ought to be.

Octets are changed in tests/flow/test_diameter_hostile.py; here whole AVPs are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import diameter
from mip6boot.diameter import Avp
from mip6boot.flow import Actor, Port, UeState, Unit
from mip6boot.flow.scenario import Profile, Scenario, Variant

from .aaa_leg import IMSI, subscriber
from .test_attach_faults import made

SECOND = "001010000000002"
Avps = tuple[Avp, ...]


# -- what may be wrong with a list of AVPs --------------------------------------------------------------
def without(avps: Avps, at: int, random: Random) -> Avps:
    return avps[:at] + avps[at + 1 :]


def twice(avps: Avps, at: int, random: Random) -> Avps:
    return (*avps, avps[at])


def moved(avps: Avps, at: int, random: Random) -> Avps:
    return (*without(avps, at, random), avps[at])


def nested(avps: Avps, at: int, random: Random) -> Avps:
    """Something is wrong in a group."""
    group: Any = avps[at]
    if not (isinstance(getattr(group, "value", None), tuple) and group.value):
        return without(avps, at, random)
    return (*avps[:at], group.replace(value=changed(group.value, random)), *avps[at + 1 :])


def strange(avps: Avps, at: int, random: Random) -> Avps:
    """One that nobody knows and everybody has to (RFC 6733 4.1, M flag)."""
    unknown = diameter.AVPS.decode((9999).to_bytes(4, "big") + b"\x40\x00\x00\x08")
    return (*avps, unknown)


def changed(avps: Avps, random: Random) -> Avps:
    kinds: tuple[Callable[[Avps, int, Random], Avps], ...] = (
        without,
        twice,
        moved,
        nested,
        strange,
    )
    return random.choice(kinds)(avps, random.randrange(len(avps)), random)


def octets_changed(octets: bytes, random: Random) -> bytes:
    """The value of one AVP has other octets, and may be shorter or longer."""
    message: Any = diameter.decode(octets, lenient=True)  # The proxy passes on what is malformed.
    at = random.randrange(len(message.avps))
    parts = [avp.encode() for avp in message.avps]
    head = 12 if parts[at][4] & 0x80 else 8
    value = random.randbytes(random.choice((0, 1, 3, 4, 7, 8, 20)))
    size = (head + len(value)).to_bytes(3, "big")
    padding = bytes(-len(value) % 4)
    parts[at] = parts[at][:5] + size + parts[at][8:head] + value + padding
    body = b"".join(parts)
    return octets[:1] + (20 + len(body)).to_bytes(3, "big") + octets[4:20] + body


def header_changed(octets: bytes, random: Random) -> bytes:
    """Another flag, command, application or identifier."""
    at = random.choice((4, 7, 11, 15, 19))
    return octets[:at] + bytes((octets[at] ^ 1 << random.randrange(8),)) + octets[at + 1 :]


def avps_changed(octets: bytes, random: Random) -> bytes:
    message: Any = diameter.decode(octets, lenient=True)  # The proxy passes on what is malformed.
    return bytes(message.replace(avps=changed(message.avps, random)).encode())


KINDS = (octets_changed, header_changed, avps_changed, avps_changed)


def besiege(actor: Actor, random: Random) -> Counter[str]:
    """What comes to an actor by Diameter comes changed before; how often each message did."""
    counts, plain = Counter[str](), actor.receive

    def receive(unit: Unit, now: float) -> None:
        # Connections are those of test_diameter_node.py.
        if unit.port is Port.DIAMETER and unit.octets[8:12] != bytes(4):
            for _ in range(random.choice((0, 0, 1, 3))):
                octets = random.choice(KINDS)(unit.octets, random)
                plain(msgspec.structs.replace(unit, octets=octets), now)
                counts[type(diameter.decode(unit.octets, lenient=True)).__name__] += 1
        plain(unit, now)

    actor.receive = receive  # type: ignore[method-assign]
    return counts


def nodes(scenario: Scenario) -> dict[str, Actor]:
    found: tuple[Actor, ...] = (*scenario.aaa.systems, scenario.gateway, scenario.home_agent)
    return {actor.name: actor for actor in found}


#: What each of them is sent.
REACHED = {
    "AAA proxy": "DiameterEapRequest DiameterEapAnswer SessionTerminationRequest AbortSessionRequest",
    "AAA server": "DiameterEapRequest MultimediaAuthAnswer ServerAssignmentAnswer AaRequest "
    "PushProfileRequest SessionTerminationRequest AbortSessionAnswer",
    "HSS": "MultimediaAuthRequest ServerAssignmentRequest CancelLocationAnswer PushProfileAnswer",
    "MME": "CancelLocationRequest",
    "gateway": "DiameterEapAnswer AbortSessionRequest ReAuthRequest SessionTerminationAnswer",
    "HA": "DiameterEapAnswer AaAnswer AbortSessionRequest ReAuthRequest SessionTerminationAnswer",
}


@pytest.mark.parametrize("name", list(REACHED))
def test_every_node_of_the_aaa_leg(name: str) -> None:
    """Nothing is raised; what is sent is sound; and who comes later is served as if nothing was."""
    reached = Counter[str]()
    for seed in range(5, 9):
        scenario = made(Variant(profile=Profile.SEED), seed)
        later, leg = scenario.add_ue("UE 2", SECOND), scenario.aaa
        actor = nodes(scenario)[name]
        plain = actor.receive
        scenario.start()
        # From the beginning, or when there are sessions.
        scenario.run(40 * (seed % 2))
        counts = besiege(actor, Random(seed))
        for _ in range(3):
            leg.hss.store.mmes[IMSI] = leg.mme.settings.host
            scenario.run(40)
            leg.hss.update(subscriber(scenario), scenario.network.now)
            scenario.run(20)
            leg.server.abort_user(IMSI, scenario.network.now)
            scenario.run(20)
            again(scenario)
        reached += counts
        assert_sound(scenario)
        actor.receive = plain  # type: ignore[method-assign]
        scenario.run(60)
        later.link_up(scenario.network.now)
        assert scenario.run(300, stop=lambda ue=later: ue.state in ENDS)  # type: ignore[misc]
        assert later.state == UeState.CONNECTED
        scenario.run(2)
        assert SECOND in leg.hss.store.gateways
        assert not any(one.is_asking for one in (*leg.systems, leg.access, leg.agent))
    assert reached.keys() >= set(REACHED[name].split())


ENDS = (UeState.CONNECTED, UeState.FAILED)


def again(scenario: Scenario) -> None:
    """The UE leaves, and comes anew."""
    now = scenario.network.now
    scenario.ue.link_down(now)
    scenario.gateway.link_down(scenario.ue.settings.link_layer_address, now)
    # Who serves the subscriber may be somebody who does not exist by now.
    scenario.aaa.hss.store.deregister(IMSI, now)
    scenario.ue.link_up(now)


def assert_sound(scenario: Scenario) -> None:
    """What was sent are messages; an empty unit is the end of a connection."""
    for one in scenario.network.tap:
        if one.unit.port is Port.DIAMETER and one.unit.octets:
            assert diameter.decode(one.unit.octets, lenient=True).encode() == one.unit.octets
