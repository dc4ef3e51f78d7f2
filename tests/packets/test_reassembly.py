"""Fragments put together: orders, gaps, overlaps, bounds, hostile numbers of pieces."""

from __future__ import annotations

import random
import time
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import ip
from mip6boot.packets import LinkType, Packet, Payload, Reassembler, decode_packet

from .frames import DHCPV6, ipv6, udp

A, B = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")
A4, B4 = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")


def piece6(octets: bytes, start: int, *, more: bool, identification: int = 9) -> Packet:
    header = ip.FragmentHeader(
        next_header=17, fragment_offset=start // 8, more_fragments=more,
        identification=identification,
    )  # fmt: skip
    layers = (
        ip.Ipv6Header(next_header=44, source=A, destination=B),
        header,
        Payload(octets, "ipv6-fragment"),
    )
    return decode_packet(Packet(layers, LinkType.RAW).build().encode(), LinkType.RAW)


def piece4(octets: bytes, start: int, *, more: bool, **fields: Any) -> Packet:
    header = ip.Ipv4Header(
        protocol=17, source=A4, destination=B4, identification=7, fragment_offset=start // 8,
        more_fragments=more, **fields,
    )  # fmt: skip
    layers = (header, Payload(octets, "ipv4-fragment"))
    return decode_packet(Packet(layers, LinkType.RAW).build().encode(), LinkType.RAW)


def datagram(size: int) -> bytes:
    return (5000).to_bytes(2, "big") * 2 + size.to_bytes(2, "big") + bytes(2) + bytes(size - 8)


@given(st.data())
def test_any_cut_in_any_order(data: Any) -> None:
    whole = datagram(data.draw(st.integers(9, 400)))
    cuts = sorted(data.draw(st.sets(st.integers(1, (len(whole) - 1) // 8), max_size=8)))
    starts = [0, *(8 * cut for cut in cuts)]
    ends = [*starts[1:], len(whole)]
    make = data.draw(st.sampled_from([piece4, piece6]))
    pieces = [
        make(whole[start:end], start, more=end < len(whole))
        for start, end in zip(starts, ends, strict=True)
    ]
    numbers = data.draw(st.permutations(range(len(pieces))))
    reassembler = Reassembler()
    found = [reassembler.feed(pieces[n], n + 1) for n in numbers]
    assert found[:-1] == [None] * (len(found) - 1)
    if len(pieces) == 1:
        assert found == [None]  # It is no fragment.
        return
    last = found[-1]
    assert last is not None
    assert last.encode().endswith(whole)
    assert last.checksums[0 if make is piece4 else 1] in ("good", "absent")
    assert reassembler.frames == tuple(range(1, len(pieces) + 1))


def test_duplicates_are_taken_once() -> None:
    whole = datagram(40)
    reassembler = Reassembler()
    first = piece6(whole[:16], 0, more=True)
    assert [reassembler.feed(first, n) for n in (1, 2)] == [None, None]
    found = reassembler.feed(piece6(whole[16:], 16, more=False), 3)
    assert found is not None
    assert reassembler.frames == (1, 3)


@pytest.mark.parametrize(
    "pieces",
    [
        [(0, 16, True), (8, 40, False)],
        [(8, 40, False), (0, 16, True)],
        [(0, 16, True), (0, 24, True), (16, 40, False)],
        [(0, 8, True), (16, 40, False), (40, 48, True), (8, 16, True)],
        [(24, 40, False), (0, 16, True), (16, 48, False)],
        [(48, 64, True), (16, 40, False), (0, 16, True)],
        [(0, 12, True), (16, 40, False)],
        [(16, 40, False), (0, 8, True)],
    ],
)
def test_contradictions_and_gaps_give_nothing(pieces: list[tuple[int, int, bool]]) -> None:
    whole = datagram(64)
    reassembler = Reassembler()
    found = [
        reassembler.feed(piece6(whole[start:end], start, more=more)) for start, end, more in pieces
    ]
    assert found == [None] * len(pieces)


def test_what_is_cut_by_the_capture_is_no_fragment_to_use() -> None:
    whole = datagram(40)
    reassembler = Reassembler()
    reassembler.feed(piece6(whole[:16], 0, more=True))
    cut = decode_packet(piece6(whole[16:], 16, more=False).encode()[:-1], LinkType.RAW)
    assert reassembler.feed(cut) is None
    assert reassembler.feed(piece6(whole[16:], 16, more=False)) is not None


def test_too_large_a_datagram_is_dropped() -> None:
    reassembler = Reassembler()
    reassembler.feed(piece6(bytes(32768), 0, more=True))
    reassembler.feed(piece6(bytes(32760), 32768, more=True))
    assert reassembler.feed(piece6(bytes(16), 65528, more=False)) is None
    reassembler.feed(piece6(bytes(32768), 0, more=True))
    reassembler.feed(piece6(bytes(32760), 32768, more=True))
    assert reassembler.feed(piece6(bytes(7), 65528, more=False)) is not None


def test_as_many_pieces_as_there_can_be() -> None:
    """The time is linear in their number, whatever the order."""
    total = 8 * 8191
    numbers = list(range(8191))
    random.Random(1).shuffle(numbers)
    pieces = [piece6(bytes(8), 8 * n, more=8 * n + 8 < total) for n in numbers]
    reassembler = Reassembler()
    start = time.perf_counter()
    found = [reassembler.feed(piece) for piece in pieces]
    assert time.perf_counter() - start < 5
    assert sum(packet is not None for packet in found) == 1


def test_ports_of_ones_own_count_for_datagrams() -> None:
    payload = bytes.fromhex(udp(DHCPV6, 40000, 40001))
    reassembler = Reassembler(ports={40001: "dhcpv6"})
    reassembler.feed(piece6(payload[:8], 0, more=True))
    found = reassembler.feed(piece6(payload[8:], 8, more=False))
    assert found is not None
    assert "dhcpv6" in found.protocols
    assert found.encode().hex() == ipv6(udp(DHCPV6, 40000, 40001))


def test_a_fragment_header_without_ip_is_no_fragment() -> None:
    header = ip.FragmentHeader(next_header=17, fragment_offset=1, identification=1)
    packet = Packet((header, Payload(b"12345678")))
    assert not packet.is_fragment
    assert Reassembler().feed(packet) is None
