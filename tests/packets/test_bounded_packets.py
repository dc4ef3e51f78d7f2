"""What packets and their parts may cost: looks at a layer, octets and pieces that are kept."""

from __future__ import annotations

import tracemalloc
from random import Random
from typing import Any

import pytest

from mip6boot import packets
from mip6boot.packets import Reassembler, octets

from .connections import message, segment
from .test_reassembly import datagram, piece6


def test_the_map_of_many_messages_names_each_layer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def counted(layer: Any) -> str:
        nonlocal asked
        asked += 1
        return packets.protocol_of(layer)

    monkeypatch.setattr(octets, "protocol_of", counted)
    packet = segment(1, b"".join(message(number) for number in range(500)))
    rows = octets.explain_packet(packet)
    assert rows[-1].path.startswith("diameter[499].")
    assert asked == len(packet.layers) == 503


def test_small_fragments_take_as_much_memory_as_is_said() -> None:
    """Of eight octets each; what they are made of counts, too, and the oldest datagrams go."""
    reassembler = Reassembler(octets=100_000)
    for number in range(4):
        for at in range(1, 301):
            piece = piece6(bytes(8), 8 * at, more=True, identification=number)
            assert reassembler.feed(piece) is None
            assert reassembler._size <= 100_000
    kept = [len(one.pieces) for one in reassembler._waiting.values()]
    assert kept == [300]
    assert reassembler._size == 300 * (256 + 8)


def test_what_is_counted_is_given_back() -> None:
    """By datagrams that are whole, that are contradicted, and that are too many."""
    whole = datagram(4000)
    pieces = [piece6(whole[at : at + 400], at, more=at < 3600) for at in range(0, 4000, 400)]
    reassembler = Reassembler(datagrams=2)
    for _ in range(3):
        found = [reassembler.feed(one) for one in Random(1).sample(pieces, 10)]
        assert found[-1] is not None
        assert reassembler._size == 0
    for one in (pieces[0], piece6(bytes(16), 8, more=True)):
        reassembler.feed(one)
    assert reassembler._size == 0
    for number in range(9):
        reassembler.feed(piece6(bytes(80), 0, more=True, identification=number))
    assert reassembler._size == 2 * (256 + 80)


def test_segments_that_repeat_what_is_there_are_not_kept() -> None:
    """Each has four new octets of a message, and 30,000 that came before."""
    whole = message(1, 65_000)
    segments = [
        segment(1 + end - 30_000, whole[end - 30_000 : end]) for end in range(30_000, 32_000, 4)
    ]
    reassembler = Reassembler(lenient=True)
    tracemalloc.start()
    for number, one in enumerate(segments, 1):
        assert reassembler.feed(one, number) is None
    kept = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/streams.py")])
    tracemalloc.stop()
    assert sum(trace.size for trace in kept.traces) < 500_000
    last = reassembler.feed(segment(32_001 - 4, whole[31_996:]), 501)
    assert last is not None
    assert last.encode() == whole
    assert reassembler.frames == tuple(range(1, 502))


def test_of_shown_messages_only_new_ones_count() -> None:
    """A segment may look like thousands of messages, in octets that came before, too."""
    many = b"".join(message(number) for number in range(100))
    begun = message(100, 4000)[:100]
    reassembler = Reassembler(lenient=True)
    for number in range(3):
        reassembler.feed(segment(1, many + begun[: 20 + 8 * number]), number + 1)
    (stream,) = reassembler._messages._tcp._streams.values()
    assert [len(one.shown) for one in stream.pieces] == [100, 0, 0]
