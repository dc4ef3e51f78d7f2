"""Diameter in TCP: messages that span segments, whatever happens to these on their way."""

from __future__ import annotations

import random
import time
import tracemalloc
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import capture, diameter, ip, packets
from mip6boot.packets import LinkType, Packet, Payload, Reassembler, Trailer, decode_packet

from .connections import (
    SIZES,
    START,
    STREAM,
    A,
    B,
    association,
    chunk,
    cut,
    message,
    over_ip,
    seen_by_tshark,
    segment,
    sightings,
)
from .frames import comes_back


def test_a_message_in_three_segments() -> None:
    found = cut(150, 250, len(STREAM))
    reassembler = Reassembler()
    assert [reassembler.feed(p, n) for n, p in enumerate(found[:2], 3)] == [None, None]
    joined = reassembler.feed(found[2], 9)
    assert joined is not None
    # All that is whole now and was in no segment where a message could be seen to begin.
    assert joined.encode() == STREAM[100:]
    assert reassembler.frames == (3, 4, 9)
    assert joined.linktype == LinkType.NONE
    assert [type(layer) for layer in joined.layers] == [diameter.DeviceWatchdogRequest] * 3
    assert packets.from_dict(joined.to_dict()) == joined
    rows = packets.explain_packet(joined, 1)
    assert b"".join(row.octets for row in rows if row.mask is None) == STREAM[100:]
    assert Reassembler().feed(joined) is None


def test_a_message_in_one_segment_is_not_given_again() -> None:
    found = cut(50, 100, 300, 320, 330, len(STREAM))
    assert sightings(found) == [
        (2, 1, (1, 2)), (3, 2, (3,)), (4, 3, (4,)), (6, 4, (5, 6)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "start", [START, 2**32 - 120, 2**32 - 1, 0, 2**31 - 7, 2**32 - len(STREAM)]
)
def test_numbers_wrap_around(start: int) -> None:
    opened = [segment(start - 1, syn=True), *cut(50, 150, 310, len(STREAM), start=start)]
    for found in (opened, opened[1:]):
        shift = len(found) - 4
        seen = [(frame - shift, number) for frame, number, _ in sightings(found)]
        assert seen == [(2, 1), (3, 2), (4, 3), (4, 4)]


def test_octets_in_the_segment_that_opens() -> None:
    found = [segment(START - 1, STREAM[:30], syn=True), segment(START + 30, STREAM[30:100])]
    assert sightings(found) == [(2, 1, (1, 2))]


def test_what_is_sent_again_is_not_taken_again() -> None:
    a, b, c = cut(50, 150, len(STREAM))
    overlap = segment(START + 20, STREAM[20:160])
    alive = segment(START + 99, b"\0")  # RFC 9293 3.8.4
    seen = sightings([a, a, b, alive, a, b, overlap, c, c])
    assert [(frame, number) for frame, number, _ in seen] == [(3, 1), (8, 2), (8, 3), (8, 4)]
    assert seen[1][2] == (3, 7, 8)


def test_the_same_opening_again_changes_nothing() -> None:
    opening, a, b = segment(START - 1, syn=True), *cut(50, len(STREAM))
    assert len(sightings([opening, a, opening, b])) == 4
    # Another one is another connection.
    assert sightings([opening, a, segment(9, syn=True), b]) == []


def test_segments_in_another_order() -> None:
    found = [segment(START - 1, syn=True), *cut(50, 150, 310, len(STREAM))]
    order = [found[i] for i in (0, 4, 2, 3, 1)]
    assert sightings(order) == [(5, n, (5, 3, 4, 2)) for n in (1, 2, 3, 4)]


def test_what_is_lost_in_the_capture_is_waited_for_and_given_up() -> None:
    opening, _, *rest = [segment(START - 1, syn=True), *cut(50, 100, 300, 310, 320)]
    end = START + 320
    spread = b"".join(message(n, 40) for n in range(100, 200))
    more = [segment(end + at, spread[at : at + 50]) for at in range(0, len(spread), 50)]
    seen = sightings([opening, *rest, *more])
    # Message 2 is a segment, so it is seen at once; the gap before it stays.
    assert (3, 2, (3,)) in seen
    reported = [row for row in seen if row[0] > 10]
    # The first that waited and begins with a message is where all goes on.
    assert [number for _, number, _ in reported if number < 100] == [3]
    assert {number for _, number, _ in seen} == {2, 3, *range(100, 200)}
    assert len(seen) == 102


def test_the_middle_of_a_capture() -> None:
    """Nothing is known before a segment begins with a message."""
    assert sightings(cut(50, 150, 300, 310, len(STREAM))[1:]) == [(4, 3, (3, 4)), (4, 4, (3, 4))]


def test_no_messages_end_it_until_some_begin() -> None:
    found = [segment(1, message(1, 60)[:30]), segment(31, b"\x16\x03" * 20), segment(71, b"\x16" * 9),
             segment(80, message(2, 60)[:30]), segment(110, message(2, 60)[30:])]  # fmt: skip
    # The second one completes what the first began, and then no message comes.
    assert [(frame, number) for frame, number, _ in sightings(found)] == [(2, 1), (5, 2)]


def test_the_longer_one_of_two_that_wait_counts() -> None:
    for ends in ((150, 200), (200, 150)):
        early = [segment(START + 100, STREAM[100:end]) for end in ends]
        found = [segment(START - 1, syn=True), *early, segment(START, STREAM[:100])]
        last = segment(START + 200, STREAM[200:300])
        assert [row[1:] for row in sightings([*found, last])] == [
            (1, (4,)),
            (2, (2 + ends.index(200), 5)),
        ]


@pytest.mark.parametrize("flag", ["rst", "fin"])
def test_the_end_of_a_connection(flag: str) -> None:
    first, second = cut(50, len(STREAM))
    ending = segment(START + 50, b"", **{flag: True})
    assert sightings([first, ending, second]) == []
    # One that begins without being seen has any numbers.
    again = [segment(77, message(8, 40)[:20]), segment(97, message(8, 40)[20:])]
    assert sightings([first, ending, *again]) == [(4, 8, (3, 4))]


def test_the_last_segment_may_come_before_others() -> None:
    a, b, _ = cut(50, 150, len(STREAM))
    last = segment(START + 150, STREAM[150:], fin=True)
    assert [row[:2] for row in sightings([a, last, b])] == [(3, n) for n in (1, 2, 3, 4)]


def test_a_reset_ends_both_directions() -> None:
    a, b = cut(50, len(STREAM))
    assert sightings([a, segment(1, rst=True, backwards=True), b]) == []
    assert len(sightings([a, segment(1, rst=True, backwards=True, port=1), b])) == 4


def test_directions_and_connections_are_apart() -> None:
    there, back, other = (
        cut(50, len(STREAM)),
        cut(50, len(STREAM), backwards=True),
        cut(50, len(STREAM), port=5),
    )
    found = [there[0], back[0], other[0], other[1], back[1], there[1]]
    assert [row[::2] for row in sightings(found)[::4]] == [(4, (3, 4)), (5, (2, 5)), (6, (1, 6))]


def test_segments_in_fragments_of_ip() -> None:
    """The datagram is fed in turn."""
    a, b = cut(50, len(STREAM))
    whole = b.encode()[54:]
    pieces = []
    for begin in range(0, len(whole), 160):
        header = ip.FragmentHeader(
            next_header=6, fragment_offset=begin // 8, identification=3,
            more_fragments=begin + 160 < len(whole),
        )  # fmt: skip
        pieces.append(over_ip(44, A, B, header, Payload(whole[begin : begin + 160])))
    reassembler = Reassembler()
    assert all(reassembler.feed(p, n) is None for n, p in enumerate((a, *pieces[:-1]), 1))
    datagram = reassembler.feed(pieces[-1], 8)
    assert datagram is not None
    assert datagram.is_part
    joined = reassembler.feed(datagram, 8)
    assert joined is not None
    assert joined.encode() == STREAM
    assert reassembler.frames == (1, 8)


@st.composite
def histories(draw: Any) -> tuple[list[tuple[int, int]], int]:
    """Segments as begin and end: all octets in any order, some of them again and overlapping."""
    ends = sorted({*draw(st.sets(st.integers(1, len(STREAM) - 1), max_size=9)), len(STREAM)})
    pieces = list(zip([0, *ends[:-1]], ends, strict=True))
    extra = draw(
        st.lists(st.tuples(st.sampled_from(range(len(STREAM))), st.integers(1, 150)), max_size=4)
    )
    pieces += [(begin, min(begin + size, len(STREAM))) for begin, size in extra]
    return draw(st.permutations(pieces)), draw(st.integers(0, 2**32 - 1))


@given(histories())
def test_any_cut_in_any_order(history: tuple[list[tuple[int, int]], int]) -> None:
    """Each message is a layer where a segment has it whole, or is put together once."""
    pieces, start = history
    found = [segment(start - 1, syn=True)]
    found += [segment(start + begin, STREAM[begin:end]) for begin, end in pieces]
    reassembler = Reassembler()
    joined = [p for n, packet in enumerate(found) if (p := reassembler.feed(packet, n)) is not None]
    put_together = [layer for packet in joined for layer in packet.layers]
    assert len(put_together) == len(set(put_together))
    everything = {*put_together, *(layer for packet in found for layer in packet.layers[3:])}
    messages = {m for m in everything if isinstance(m, diameter.DiameterMessage)}
    assert {m.hop_by_hop_id for m in messages} == {1, 2, 3, 4}
    assert {m.encode() for m in messages} == {message(n, size) for n, size in enumerate(SIZES, 1)}


# -- tshark ------------------------------------------------------------------------------------------
def connections(count: int) -> list[Packet]:
    """Connections of messages of many sizes, cut anywhere; some segments late, some twice."""
    rng = random.Random(7)
    out: list[Packet] = []
    for number in range(count):
        sizes = [4 * rng.randrange(9, 90) for _ in range(rng.randrange(1, 9))]
        octets = b"".join(message(1000 * number + n, size) for n, size in enumerate(sizes))
        # tshark 4.0 takes what it has less than five octets of, and less than 36 octets, for no
        # message.
        begins = [0, *accumulate(sizes)]
        cuts = {rng.randrange(1, len(octets)) for _ in range(rng.randrange(12))}
        few = {begin + n for begin in begins for n in range(1, 5)}
        ends = sorted({*(cuts - few), len(octets)})
        start = rng.choice([rng.getrandbits(32), 2**32 - rng.randrange(1, len(octets))])
        port = 20000 + number
        pieces = [
            segment(start + begin, octets[begin:end], port=port, ack=True)
            for begin, end in zip([0, *ends[:-1]], ends, strict=True)
        ]
        for _ in range(rng.randrange(3)):
            at = rng.randrange(len(pieces))
            if number % 3 == 0:
                pieces.insert(at, pieces.pop(min(at + 1, len(pieces) - 1)))
            elif number % 3 == 1:
                pieces.insert(at + 1, pieces[at])
        out += [
            segment(start - 1, port=port, syn=True),
            *pieces,
            segment(start + len(octets), port=port, fin=True, ack=True),
        ]
    return out


def test_tshark_finds_the_same_messages(tshark: str, tmp_path: Path, record_property: Any) -> None:
    made = connections(120)
    path = tmp_path / "connections.pcap"
    capture.write(
        path, [capture.Frame(packet.encode(), time_ns=n * 1000) for n, packet in enumerate(made)]
    )
    theirs, ours = seen_by_tshark(tshark, path), [row[:2] for row in sightings(made)]
    again = repeated(made)
    assert [row for row in sorted(ours) if row[0] not in again] == [
        row for row in sorted(theirs) if row[0] not in again
    ]
    record_property("messages of TCP streams that tshark finds in the same frames", len(theirs))


def repeated(made: list[Packet]) -> set[int]:
    """Frames that were there before: whole messages in them are layers here, and nothing there."""
    seen: set[bytes] = set()
    out = set()
    for frame, packet in enumerate(made, 1):
        if packet.encode() in seen:
            out.add(frame)
        seen.add(packet.encode())
    return out


# -- hostile -----------------------------------------------------------------------------------------
@given(
    st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=40), st.integers(0, 63)), max_size=30)
)
def test_anything_in_segments(made: list[tuple[int, bytes, int]]) -> None:
    reassembler = Reassembler()
    for sequence, octets, flags in made:
        packet = segment(
            sequence, octets, syn=bool(flags & 1), fin=bool(flags & 2), rst=flags & 60 == 60
        )
        assert comes_back(packet.encode()) == packet
        joined = reassembler.feed(packet)
        assert joined is None or packets.from_dict(joined.to_dict()) == joined


def test_layers_that_no_frame_has() -> None:
    header = ip.TcpHeader(source_port=1, destination_port=3868)
    data = chunk(1, b"x", "B")
    ending = header.replace(rst=True)
    for layers in (
        (header, Payload(b"x")),
        (ending,),
        data,
        data[:1],
        (header,),
        (Trailer(b"x", 0),),
    ):
        packet = Packet(layers)
        assert Reassembler().feed(packet) is None
        assert isinstance(packet.is_part, bool)


def memory(made: list[Packet], reassembler: Reassembler) -> int:
    """Octets that the reassembler keeps of all that."""
    frames = [packet.encode() for packet in made]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    start = time.perf_counter()
    for number, octets in enumerate(frames, 1000):
        reassembler.feed(decode_packet(octets), number)
    assert time.perf_counter() - start < 20
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return grown


ONE = message(1, 60)[:40]
LARGE = message(1, 60_000)[:-4]


@pytest.mark.parametrize(
    "made",
    [
        [segment(1, ONE, port=n) for n in range(3000)],
        [segment(1, ONE), *(segment(100 + 50 * n, ONE) for n in range(3000))],
        [segment(1, b"\1\1\xff\xfc" + bytes(30)), *(segment(35 + n, b"x") for n in range(3000))],
        [segment(1, ONE), *(segment(100 + 60_000 * n, LARGE) for n in range(60))],
        [association(chunk(2 * n, LARGE, "B")) for n in range(60)],
        [association(chunk(1, ONE, "B"), port=n) for n in range(3000)],
        [association(chunk(2 * n, ONE, "B")) for n in range(3000)],
        [association(chunk(n, ONE, "B" if n == 0 else "")) for n in range(3000)],
    ],
)
def test_what_never_ends_is_not_kept(made: list[Packet]) -> None:
    assert memory(made, Reassembler(streams=8)) < 600_000


def test_the_oldest_stream_goes_first() -> None:
    a, b = cut(50, len(STREAM))
    others = [segment(1, ONE, port=n) for n in (1, 2)]
    assert sightings([a, *others, b], Reassembler(streams=2)) == []
    assert len(sightings([a, *others, b], Reassembler(streams=3))) == 4


def test_too_long_a_message() -> None:
    long = (1 << 17) + 4
    octets = message(1)[:1] + long.to_bytes(3, "big") + bytes(1000)
    found = [segment(1, octets), segment(1 + len(octets), message(2, 40)[:20]),
             segment(21 + len(octets), message(2, 40)[20:])]  # fmt: skip
    assert sightings(found) == [(3, 2, (2, 3))]
