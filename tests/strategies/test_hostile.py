"""Hostile octets: mutations keep the laws, and reach what random octets do not."""

from __future__ import annotations

from ipaddress import IPv6Address
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mip6boot import dhcpv6, ikev2, mipv6, strategies
from mip6boot.errors import DecodeError
from mip6boot.schema import Message
from mip6boot.strategies.grades.mutation import mutated

from ..mutation import samples
from .grades import BASES, decode

HERE = IPv6Address("2001:db8::1")


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
    """How many relays a message has come through."""
    message: Any = dhcpv6.decode(octets)
    depth = 0
    while isinstance(message, dhcpv6.RelayAgentMessage):
        depth += 1
        inner = message.find(dhcpv6.RelayMessage)
        message = inner and inner.message
    return depth


UPDATE = mipv6.BindingUpdate(1, lifetime=4, options=(mipv6.AlternateCareOfAddress(HERE),))
RELAYED = dhcpv6.RelayForward(
    link_address=HERE, peer_address=HERE,
    options=(dhcpv6.RelayMessage(dhcpv6.Solicit(5, (dhcpv6.ElapsedTime(0),))),),
)  # fmt: skip
RELAYED_TWICE = RELAYED.replace(options=(dhcpv6.RelayMessage(RELAYED),))

WANTED: dict[str, tuple[Message, Any]] = {
    "hundreds of options": (
        UPDATE,
        lambda octets: len(list(mipv6.decode(octets).find_all(mipv6.MobilityOption))) > 50,
    ),
    "relays in relays": (RELAYED_TWICE, lambda octets: _depth(octets) > 4),
    "more than a frame": (RELAYED, lambda octets: len(octets) > 10_000),
    "nothing at all": (UPDATE, lambda octets: not octets),
    "a length of zero": (UPDATE, lambda octets: octets[1] == 0 and len(octets) == 32),
    "half of it": (RELAYED, lambda octets: RELAYED.encode().startswith(octets)),
}


@pytest.mark.parametrize("wanted", WANTED)
def test_each_kind_comes(wanted: str) -> None:
    message, condition = WANTED[wanted]

    def holds(octets: bytes) -> bool:
        try:
            return bool(condition(octets))
        except (DecodeError, IndexError):
            return False

    rng = Random(1)
    assert any(holds(mutated(type(message), message.encode(), rng)) for _ in range(3000))
