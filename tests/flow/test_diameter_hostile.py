"""Diameter actors among hostile octets: nothing is raised, and nothing is kept for ever."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import diameter, flow
from mip6boot.diameter.interfaces import session

from .diameter_network import granting
from .test_diameter_proxy import ACCESS, AT_HOME, OWN, RESPONSE, TOLD, Chain
from .test_gateway import UE, Visited
from .test_home_agent import SESSION, Attach
from .test_hostile import changed


def besiege(network: flow.Network, actors: list[flow.Actor], dice: Random, patch: Any) -> None:
    """What comes to the actors by Diameter, comes changed before, and at times instead."""
    for actor in actors:
        plain = actor.receive

        def receive(unit: flow.Unit, now: float, plain: Any = plain) -> None:
            hostile = unit.port is flow.Port.DIAMETER
            for _ in range(dice.choice((0, 1, 4)) if hostile else 0):
                octets = changed(unit.octets, dice)
                # The length is right most times, so that more of it is looked at.
                if dice.random() < 0.7:
                    octets = octets[:1] + len(octets).to_bytes(3, "big") + octets[4:]
                plain(msgspec.structs.replace(unit, octets=octets), now)
            if not hostile or dice.random() < 0.97:
                plain(unit, now)

        patch.setattr(actor, "receive", receive)


def sent(network: flow.Network, *senders: str) -> int:
    """How many messages were sent; they are messages."""
    found = [one for one in network.tap if one.sender in senders]
    octets = [one.unit.octets for one in found if one.unit.port is flow.Port.DIAMETER]
    # What is empty is the end of a connection.
    assert all(diameter.decode(one, lenient=True).encode() == one for one in octets if one)
    return len(octets)


@pytest.mark.parametrize("seed", range(12))
def test_client_and_proxy(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = Random(seed)
    chain = Chain(servers=("aaa", "aaa2"), home_agents=(OWN,))
    chain.server.script = granting(
        lambda: chain.server, mip6_feature_vector=3, home_agents=(AT_HOME, TOLD), session_timeout=9,
    )  # fmt: skip
    besiege(chain.network, [chain.client, chain.proxy], dice, monkeypatch)
    for number in range(6):
        name = {"session": f"node {number}"}
        chain.ask(msgspec.structs.replace(ACCESS, **name))
        chain.ask(msgspec.structs.replace(RESPONSE, **name))
        identifier = f"nas;1;{number + 1}"
        for kind, more in ((session.Rar, {"re_auth_request_type": 1}), (session.Asr, {})):
            chain.server.order(kind, identifier, "nas", chain.network.now, **more)
        chain.run(1.0)
        chain.client.end(f"node {number}", chain.network.now)
        chain.run(12.0)
    # A connection may be lost by it, and comes back.
    assert sent(chain.network, "nas", "proxy") > 8
    chain.run(400.0)
    assert (chain.client._known, chain.client._pending, chain.proxy._pending) == ({}, {}, {})


@pytest.mark.parametrize("seed", range(6))
def test_gateway(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    visited = Visited(local_agents=True)
    besiege(visited.network, [visited.gateway], Random(seed), monkeypatch)
    for _ in range(4):
        visited.begin()
        visited.run(31.0)
        visited.told()
        visited.server.order(
            session.Asr, visited.gateway.nodes[UE].session, "gateway", visited.network.now
        )
        visited.run(1.0)
    assert sent(visited.network, "gateway") > 10


@pytest.mark.parametrize("seed", range(4))
def test_home_agent(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    attach = Attach()
    besiege(attach.network, [attach.agent], Random(seed), monkeypatch)
    attach.scenario.start()
    attach.scenario.run(60.0)
    for kind, more in ((session.Rar, {"re_auth_request_type": 0}), (session.Asr, {})):
        attach.server.order(kind, SESSION, "HA", attach.network.now, **more)
        attach.scenario.run(60.0)
    assert sent(attach.network, "HA") > 4
