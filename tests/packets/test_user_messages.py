"""Diameter in SCTP: user messages in one chunk and in several."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import capture, packets
from mip6boot.packets import Packet, Reassembler, SctpChunk, SctpHeader, decode_packet

from .connections import association, chunk, message, seen_by_tshark, sightings
from .frames import comes_back
from .test_tcp import at


def test_fragments_of_a_user_message() -> None:
    whole = message(5, 100)
    parts = [
        association(chunk(n, whole[25 * n : 25 * n + 25], f))
        for n, f in enumerate(("B", "", "", "E"))
    ]
    assert all(packet.is_part for packet in parts)
    assert sightings(parts) == [(4, 5, (1, 2, 3, 4))]
    assert sightings([parts[i] for i in (2, 0, 3, 0, 1, 1, 2)]) == [(5, 5, (2, 5, 1, 3))]
    assert sightings(parts[1:]) == []
    other = Packet(parts[0].layers, parts[0].linktype)
    assert other.is_part
    assert not other.is_fragment


@pytest.mark.parametrize("tsn", [2**32 - 1, 2**32 - 2, 7])
def test_transmission_numbers_wrap_around(tsn: int) -> None:
    whole = message(5, 60)
    parts = [
        association(chunk(tsn + n, whole[20 * n : 20 * n + 20], f))
        for n, f in enumerate(("B", "", "E"))
    ]
    assert sightings(reversed(parts)) == [(3, 5, (3, 2, 1))]


def test_what_was_delivered_is_between_others() -> None:
    parts = [chunk(2, message(1, 40)[:20], "B"), chunk(3, message(1, 40)[20:], "E"),
             chunk(4, b"end", "E"), chunk(1, b"start", "B")]  # fmt: skip
    assert sightings(association(part) for part in parts) == [(2, 1, (1, 2))]


def test_a_chunk_without_user_data_is_built() -> None:
    header, *_ = chunk(1, b"x")
    other = SctpChunk(3, 0, bytes(12))
    common = SctpHeader(source_port=1, destination_port=3868)
    made = Packet((common, header, other)).build()
    assert made.layers[1] == header.replace(length=16)
    assert Packet((common, header, header)).build().layers[1] == header.replace(length=16)


def test_streams_and_associations_are_apart() -> None:
    one, two = message(1, 40), message(2, 40)
    first = association(chunk(1, one[:20], "B"), chunk(3, two[:20], "B", stream=2))
    last = association(chunk(2, one[20:], "E"), chunk(4, two[20:], "E", stream=2))
    elsewhere = association(chunk(2, one[20:], "E"), port=5)
    wrong = association(chunk(2, one[20:], "E", stream=9))
    assert sightings([first, elsewhere, wrong]) == []
    assert sightings([first, last]) == [(2, 1, (1, 2)), (2, 2, (1, 2))]


def test_user_data_of_others() -> None:
    whole = message(1, 40)
    for number, wanted in ((46, 1), (0, 1), (47, 0), (3, 0)):
        found = [
            association(chunk(1, whole[:20], "B", number)),
            association(chunk(2, whole[20:], "E", number)),
        ]
        assert len(sightings(found)) == wanted
        assert found[0].is_part == bool(wanted)
        assert len(sightings([association(chunk(1, whole, "BE", number))])) == wanted


def test_a_user_message_that_is_none() -> None:
    parts = [association(chunk(1, b"\1\0\0", "B")), association(chunk(2, b"\x14", "E"))]
    reassembler = Reassembler(lenient=True)
    assert reassembler.feed(parts[0]) is None
    joined = reassembler.feed(parts[1])
    assert joined is not None
    (layer,) = joined.layers
    assert isinstance(layer, packets.Undecoded)
    assert joined.encode() == b"\1\0\0\x14"
    # In one chunk it costs what is behind it nothing.
    packet = association(chunk(1, b"\1\0\0\x14"), chunk(2, message(7)))
    assert at(packet) == ["sctp-data", "diameter", "sctp-data", "diameter"]
    assert len(packet.errors) == 1


def test_a_chunk_that_the_capture_cut() -> None:
    whole = message(1, 40)
    cut_off = decode_packet(association(chunk(1, whole[:20], "B")).encode()[:-4])
    assert sightings([cut_off, association(chunk(2, whole[20:], "E"))]) == []


def test_a_chunk_that_is_shorter_than_its_header_has_no_part() -> None:
    (header, *_), octets = chunk(1, b"x" * 8, "B"), association(chunk(1, b"x" * 8, "B")).encode()
    assert decode_packet(octets).is_part
    start = len(octets) - len(header.encode()) - 8
    packet = decode_packet(octets[: start + 2] + bytes((0, 15)) + octets[start + 4 :])
    assert packet.errors[0].reason == "says 15 octets, 16 are there"
    assert not packet.is_part
    assert not Packet(packet.layers, packet.linktype).is_part


def test_tshark_finds_the_same_user_messages(
    tshark: str, tmp_path: Path, record_property: Any
) -> None:
    rng = random.Random(4)
    made = []
    for port in range(30000, 30040):
        tsn = rng.choice([rng.getrandbits(32), 2**32 - 3])
        waiting = []
        for number in range(rng.randrange(1, 6)):
            octets = message(100 * port + number, 4 * rng.randrange(9, 60))
            ends = sorted(
                {4 * rng.randrange(1, len(octets) // 4) for _ in range(rng.randrange(4))}
                | {len(octets)}
            )
            for begin, end in zip([0, *ends[:-1]], ends, strict=True):
                flags = ("" if begin else "B") + ("E" if end == len(octets) else "")
                waiting.append(chunk(tsn, octets[begin:end], flags, number=46))
                tsn += 1
        while waiting:
            taken = rng.randrange(1, 4)
            made.append(association(*waiting[:taken], port=port))
            del waiting[:taken]
    path = tmp_path / "associations.pcap"
    capture.write(
        path, [capture.Frame(packet.encode(), time_ns=n) for n, packet in enumerate(made)]
    )
    theirs = seen_by_tshark(tshark, path)
    assert sorted(row[:2] for row in sightings(made)) == sorted(theirs)
    record_property("user messages of SCTP that tshark finds in the same frames", len(theirs))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.binary(min_size=1, max_size=9),
            st.sampled_from(("B", "", "E", "BE")),
        ),
        max_size=30,
    )
)
def test_anything_in_chunks(made: list[tuple[int, bytes, str]]) -> None:
    reassembler = Reassembler()
    for tsn, octets, flags in made:
        packet = association(chunk(tsn, octets, flags))
        comes_back(packet.encode())
        joined = reassembler.feed(packet)
        assert joined is None or packets.from_dict(joined.to_dict()) == joined
