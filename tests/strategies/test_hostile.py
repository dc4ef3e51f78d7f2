"""Hostile octets: mutations keep the laws, and reach what random octets do not."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from mip6boot import dhcpv6, diameter, ikev2, mipv6, strategies
from mip6boot.errors import DecodeError
from mip6boot.schema import Message
from mip6boot.strategies.grades.mutation import mutated

from ..mutation import samples
from .grades import BASES, decode


@pytest.mark.parametrize("base", BASES)
def test_what_decodes_comes_back(base: type[Message]) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(strategies.hostile_messages(base))
    def comes_back(octets: bytes) -> None:
        try:
            message = decode(base, octets)
        except DecodeError:
            return
        assert message.encode() == octets

    comes_back()


@pytest.mark.parametrize("base", BASES)
def test_mutations_are_accepted_and_refused(base: type[Message]) -> None:
    """A mutation that everybody refuses at once tests nothing, and one that nobody refuses neither."""
    rng, seeds = Random(1), samples(base, 20)
    outcomes = {True: 0, False: 0}
    for _ in range(300):
        octets = mutated(base, rng.choice(seeds), rng, donor=rng.choice(seeds))
        assert len(octets) < 140_000
        try:
            assert decode(base, octets).encode() == octets
            outcomes[True] += 1
        except DecodeError:
            outcomes[False] += 1
    assert min(outcomes.values()) > 30


def test_the_same_seed_is_the_same_mutation() -> None:
    octets = mipv6.BindingUpdate(1, lifetime=4).encode()
    assert [mutated(mipv6.MobilityHeader, octets, Random(n)) for n in range(20)] == [
        mutated(mipv6.MobilityHeader, octets, Random(n)) for n in range(20)
    ]


@pytest.mark.parametrize("octets", [b"", b"\0", b"\xff" * 40, bytes(5000)])
def test_octets_of_nothing_are_mutated_too(octets: bytes) -> None:
    rng = Random(3)
    assert {mutated(ikev2.IkeMessage, octets, rng) for _ in range(50)} - {octets}


def _depth(octets: bytes) -> int:
    try:
        message: Any = dhcpv6.decode(octets)
    except DecodeError:
        return 0
    depth = 0
    while isinstance(message, dhcpv6.RelayAgentMessage):
        depth += 1
        inner = message.find(dhcpv6.RelayMessage)
        message = inner and inner.message
    return depth


def _in_a_relay(messages: Any) -> Any:
    """The options of a relay that sends the messages on; of themselves few are relayed twice."""
    return messages.map(lambda message: (dhcpv6.RelayMessage(message),))


RELAYED = strategies.legal_messages(
    dhcpv6.RelayForward, options=_in_a_relay(strategies.legal_messages(dhcpv6.Solicit))
)

WANTED: dict[str, tuple[Any, Any]] = {
    "a hundred options": (
        strategies.hostile_messages(mipv6.BindingUpdate),
        lambda octets: len(mipv6.BindingUpdate.decode(octets).options) > 50,
    ),
    "relays in relays": (
        strategies.hostile_messages(dhcpv6.RelayForward, options=_in_a_relay(RELAYED)),
        lambda octets: _depth(octets) > 3,
    ),
    "more than a frame": (
        strategies.hostile_messages(diameter.DiameterMessage),
        lambda octets: len(octets) > 1514,
    ),
    "nothing at all": (strategies.hostile_messages(ikev2.IkeMessage), lambda octets: not octets),
}


@pytest.mark.parametrize("wanted", WANTED)
def test_each_kind_comes(wanted: str) -> None:
    hostile, condition = WANTED[wanted]

    def holds(octets: bytes) -> bool:
        try:
            return bool(condition(octets))
        except DecodeError:
            return False

    limits = settings(max_examples=2500, derandomize=True, database=None, phases=[Phase.generate])
    assert holds(find(hostile, holds, settings=limits))
