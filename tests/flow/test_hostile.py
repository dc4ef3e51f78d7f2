"""Every actor of an attach among hostile octets: nothing is raised, and no secret is ever shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import flow, ip, mipv6, packets, security
from mip6boot.flow import HomeAgentDiscovery
from mip6boot.flow import scenario as scenario_keys
from mip6boot.flow.attach import Later, attach
from mip6boot.flow.scenario import Authentication, HomeAddress, Scenario, Variant
from mip6boot.security import Secret

from .mobility import HOME, HOME_AGENT, TO_AGENT, TO_MOBILE, VISITED, Pair, bound

VARIANTS = [
    Variant(),
    Variant(
        authentication=Authentication.CERTIFICATE,
        home_address=HomeAddress.HOME_DHCP,
    ),
    Variant(
        discovery=HomeAgentDiscovery.DNS,
        authentication=Authentication.PSK,
        home_address=HomeAddress.AUTOCONFIGURED,
    ),
]
LATER = (Later.MOVE, Later.DEREGISTRATION)


def changed(octets: bytes, dice: Random) -> bytes:
    """The octets with a few of them wrong, missing, or too many."""
    found = bytearray(octets)
    for _ in range(dice.randrange(1, 5) if found else 0):
        found[dice.randrange(len(found))] = dice.choice((0, 1, 255, dice.randrange(256)))
    if dice.random() < 0.3:
        del found[dice.randrange(len(found) + 1) :]
    if dice.random() < 0.1:
        found += dice.randbytes(dice.randrange(40))
    return bytes(found)


def among_hostile_octets(
    actor: flow.Actor, dice: Random, patch: pytest.MonkeyPatch, *, eapol: bool
) -> None:
    """What comes to an actor, may come changed before, and now and then instead."""
    plain = actor.receive

    def receive(unit: flow.Unit, now: float) -> None:
        hostile = eapol or unit.port not in (flow.Port.EAPOL, flow.Port.DIAMETER)
        for _ in range(dice.choice((0, 0, 1, 4)) if hostile else 0):
            plain(msgspec.structs.replace(unit, octets=changed(unit.octets, dice)), now)
        if dice.random() < 0.98:
            plain(unit, now)

    patch.setattr(actor, "receive", receive)


@pytest.mark.parametrize("eapol", [True, False])
@pytest.mark.parametrize("variant", VARIANTS, ids=["eap", "certificate", "psk"])
def test_nothing_is_raised(variant: Variant, eapol: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without hostile octets in EAP, on the access link and between AAA nodes, more comes after."""
    results = []
    for seed in range(16):
        with monkeypatch.context() as patch:
            dice = Random(seed)
            patch.setattr(flow.Network, "join", joining(dice, patch, eapol=eapol))
            results.append(attach(variant, lambda name: Random(f"1/{name}"), later=LATER))
    told = {event.actor for one in results for event in one.events if event.name == "dropped"}
    if eapol:
        assert "UE supplicant" in told
    else:
        assert {"UE IKE", "HA IKE", "UE binding", "HA bindings", "DHCP server"} <= told
        assert any(one.connected for one in results)


def joining(dice: Random, patch: pytest.MonkeyPatch, *, eapol: bool) -> Any:
    """`Network.join`, for actors among hostile octets."""
    join, known = flow.Network.join, set[int]()

    def among(self: flow.Network, actor: flow.Actor, *more: Any) -> None:
        if id(actor) not in known:
            known.add(id(actor))
            among_hostile_octets(actor, dice, patch, eapol=eapol)
        join(self, actor, *more)

    return among


def sealed(octets: bytes, *, to_agent: bool, sender: security.EspSender) -> flow.Unit:
    """Octets for a Mobility Header, their checksum right, as the peer that has the keys sends them."""
    source, destination = (VISITED, HOME_AGENT) if to_agent else (HOME_AGENT, VISITED)
    ends = (HOME, HOME_AGENT) if to_agent else (HOME_AGENT, HOME)
    checksum = mipv6.checksum_of(octets, *ends)
    octets = octets[:4] + checksum.to_bytes(2, "big") + octets[6:]
    between: Any = ip.Type2RoutingHeader(
        next_header=ip.Protocol.ESP, segments_left=1, home_address=HOME
    )
    if to_agent:
        option = ip.HomeAddressOption(HOME)
        between = ip.DestinationOptions(next_header=ip.Protocol.ESP, options=(option,))
    first = ip.Protocol.DSTOPTS if to_agent else ip.Protocol.ROUTING
    header = ip.Ipv6Header(next_header=first, source=source, destination=destination)
    content = sender.send(octets, ip.Protocol.MOBILITY)
    packet = packets.Packet((header, between, content), packets.LinkType.IPV6).build()
    return flow.Unit(
        port=flow.Port.IP, source=source, destination=destination, octets=packet.encode(),
        link="access",
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_mobility_messages_of_a_peer_that_has_the_keys(seed: int) -> None:
    """ESP and checksum are right, so every octet is looked at."""
    dice = Random(seed)
    plain = [
        mipv6.BindingUpdate(
            9, flags=mipv6.BindingUpdateFlags(0xD000), lifetime=600,
            options=(mipv6.AlternateCareOfAddress(VISITED),),
        ),
        mipv6.BindingAcknowledgement(
            status=0, sequence=1, lifetime=600, options=(mipv6.BindingRefreshAdvice(60),)
        ),
        mipv6.BindingRevocationIndication(1, 7),
        mipv6.BindingRevocationAcknowledgement(0, 7),
        mipv6.BindingError(status=1, home_address=HOME),
    ]  # fmt: skip
    reasons = set()
    for number in range(60):
        pair = bound() if number % 2 else Pair()
        ends: tuple[Any, ...] = (
            (pair.agent, security.EspSender(TO_AGENT, Random(1)), True),
            (pair.mobile, security.EspSender(TO_MOBILE, Random(1)), False),
        )
        for actor, sender, to_agent in ends:
            for _ in range(64 if number % 2 else 0):
                # What the other end has sent already is not to be sent again.
                sender.send(b"", ip.Protocol.NO_NEXT_HEADER)
            for _ in range(12):
                octets = changed(dice.choice(plain).encode(), dice)
                actor.receive(sealed(octets, to_agent=to_agent, sender=sender), pair.now)
            actor.to_send()
            actor.handle_timeout(pair.now + 2)
            reasons |= {event.name for event in actor.events()}
    assert {"dropped", "binding refused"} <= reasons


def held(thing: Any, seen: set[int], path: str) -> Iterator[tuple[str, Any]]:
    """All that is reached from a thing, with the way to it."""
    if id(thing) in seen or isinstance(thing, str | bytes | int | float | type):
        return
    seen.add(id(thing))
    yield path, thing
    parts: list[tuple[str, Any]] = []
    if isinstance(thing, Mapping):
        parts = [(f"[{key!r}]", value) for key, value in thing.items()]
    elif isinstance(thing, list | tuple | set | frozenset):
        parts = [("[]", value) for value in thing]
    elif type(thing).__module__.startswith("mip6boot"):
        names = [*getattr(thing, "__struct_fields__", ()), *getattr(thing, "__dict__", ())]
        parts = [(f".{name}", getattr(thing, name, None)) for name in names]
    for name, value in parts:
        yield from held(value, seen, path + name)


def secrets_of(thing: Any) -> Iterator[bytes]:
    """Every secret that a thing holds."""
    for _, found in held(thing, set(), ""):
        names = [*getattr(found, "__struct_fields__", ()), *getattr(found, "__dict__", ())]
        yield from (
            bytes(value)
            for value in (getattr(found, name, None) for name in names)
            if isinstance(value, Secret) and len(value) >= 8
        )


def forms(secret: bytes) -> set[str]:
    """How octets may stand in text."""
    return {secret.hex(), repr(secret)[2:-1], str(list(secret))[1:-1], secret.hex(" ")}


def actors_of(scenario: Scenario) -> list[flow.Actor]:
    return [scenario.ue, scenario.gateway, scenario.home_agent, *scenario.aaa.systems]


@pytest.mark.parametrize("variant", VARIANTS, ids=["eap", "certificate", "psk"])
def test_no_secret_is_shown(variant: Variant) -> None:
    """Not by events, not by what actors hold: keys of IKE and ESP, MSK, K and OPc, the PSK."""
    result = attach(variant, lambda name: Random(f"1/{name}"), later=LATER)
    scenario = result.scenario
    secrets = set(secrets_of([*actors_of(scenario), result.keyring]))
    secrets |= {scenario_keys._K, scenario_keys._OPC, bytes(scenario_keys._SHARED_KEY)}
    assert len(secrets) > 12
    wanted = {text for secret in secrets for text in forms(secret)}
    shown = [(str(event), f"{event} {event!r}") for event in result.events]
    shown.append(("the result", repr(msgspec.structs.replace(result, messages=()))))
    for actor in actors_of(scenario):
        shown += [
            (path, f"{found!r} {found}")
            for path, found in held(actor, set(), actor.name)
            if type(found).__module__.startswith("mip6boot")
        ]
    assert len(shown) > 200
    leaks = [where for where, text in shown if any(secret in text for secret in wanted)]
    assert leaks == []
