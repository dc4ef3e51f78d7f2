"""The broken home agent of the README: whatever the run begins with, it ends with one option."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Network
from typing import Any

import pytest
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from mip6boot import mipv6, strategies
from mip6boot.schema import Message

#: A Mobile Network Prefix option of ::1/0, and all else as small as it can be.
SHRUNK = "3b03050000000000c40000000612000000000000000000000000000000000001"


def answered(octets: bytes) -> bytes:
    """What the home agent answers; ValueError for a prefix with bits behind its length."""
    at = 12
    while at + 20 <= len(octets):
        if octets[at] == 6:
            IPv6Network((octets[at + 4 : at + 20], min(octets[at + 3], 128)))
        at += 1 if octets[at] == 0 else 2 + octets[at + 1]
    return mipv6.BindingAcknowledgement(sequence=int.from_bytes(octets[6:8], "big")).encode()


class BrokenAgent(strategies.MobilityConversation):
    message_classes = (mipv6.BindingUpdate,)

    def fields_of(self, cls: type[Message]) -> Mapping[str, st.SearchStrategy[Any]]:
        return {"flags": st.just(mipv6.BindingUpdateFlags(0xC400))}

    def exchange(self, octets: bytes) -> list[bytes]:
        return [answered(octets)]


@pytest.mark.parametrize("number", range(3))
def test_the_shrunk_message_is_the_same(number: int) -> None:
    limits = settings(
        database=None, deadline=None, max_examples=1000, stateful_step_count=6,
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    agent = seed(number)(type("Agent", (BrokenAgent,), {}))
    with pytest.raises(ValueError, match="::1/0 has host bits set") as caught:
        run_state_machine_as_test(agent, settings=limits)
    # Now and then an innocent message stays in front, without which the next would be another one.
    *before, message, step, end = caught.value.__notes__
    assert message.startswith(f"legal BindingUpdate\n  {SHRUNK}\n")
    assert message.count("\n      MobileNetworkPrefix\n") == 1
    assert step.startswith("state.send(")
    assert end == "state.teardown()"
    assert sum(note.startswith("legal ") for note in before) <= 1
