"""The laws, for every registered class: compiled == interpreted, same octets out, one error family.

Inputs are made by encoding objects of the derived strategies and then mutating octets, so that both
accepted and rejected ones are plenty; the counts are printed at the end of the run.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import strategies
from mip6boot.errors import DecodeError
from mip6boot.schema import Message, interpret
from mip6boot.schema.elements import DuidOctets, GreedyOctets, Text

from .mutation import mutated, samples
from .registered import classes, interior

CI = os.environ.get("MIP6BOOT_PROFILE") == "ci"

#: Mutants of each class; all classes together make more than 100,000 in the CI profile.
MUTANTS = 800 if CI else 160
SEEDS = 24

# Unknown elements of lists are plain octets whose code stands outside; the lists test them.
ALL = [pytest.param(cls, id=cls.__name__) for cls in classes() if not interior(cls)]


def outcomes(cls: type[Message], octets: bytes, *, lenient: bool) -> tuple[Any, Any]:
    """What the compiled and the interpreted form make of the octets; errors as None."""
    try:
        compiled: Message | None = cls.decode(octets, lenient=lenient)
    except DecodeError:
        compiled = None
    try:
        interpreted: Message | None = interpret(cls, octets, lenient=lenient)
    except DecodeError:
        interpreted = None
    return compiled, interpreted


@pytest.mark.parametrize("cls", ALL)
def test_compiled_is_interpreted(cls: type[Message], record_property: Any) -> None:
    rng = random.Random(cls.__name__)
    seeds = samples(cls, SEEDS)
    accepted = rejected = 0
    # A class with few fixed octets hardly rejects mutants, one with many hardly accepts them:
    # go on until both have been seen often enough.
    for round_ in range(20 * MUTANTS):
        if round_ >= MUTANTS and min(accepted, rejected) >= 50:
            break
        octets = mutated(rng.choice(seeds), rng)
        for lenient in (False, True):
            compiled, interpreted = outcomes(cls, octets, lenient=lenient)
            assert compiled == interpreted, octets.hex()
            if compiled is not None:
                assert compiled.encode() == octets
                assert type(compiled).schema.octets(interpreted) == octets
            if not lenient:
                accepted += compiled is not None
                rejected += compiled is None
    record_property("accepted", accepted)
    record_property("rejected", rejected)
    if not _total(cls):
        assert rejected >= 50
    assert accepted >= 50


def _total(cls: type[Message]) -> bool:
    """Every string of octets is one of this class, so none can be rejected."""
    layout = cls.schema.layout
    return len(layout.steps) == 1 and layout.steps[0].element in (GreedyOctets, Text, DuidOctets)


@pytest.mark.parametrize("cls", ALL)
def test_objects_come_back(cls: type[Message]) -> None:
    @given(strategies.messages(cls))
    def comes_back(message: Message) -> None:
        octets = message.encode()
        assert type(message).schema.octets(message) == octets
        assert cls.from_dict(message.to_dict()) == message
        assert cls.decode(octets) == message == cls.decode(octets, lenient=True)

    comes_back()


@given(st.data(), st.binary(max_size=200))
def test_no_octets_raise_anything_else(data: Any, octets: bytes) -> None:
    cls: Any = data.draw(st.sampled_from([param.values[0] for param in ALL]))
    for lenient in (False, True):
        compiled, interpreted = outcomes(cls, octets, lenient=lenient)
        assert compiled == interpreted
        if compiled is not None:
            assert compiled.encode() == octets
