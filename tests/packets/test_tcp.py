"""TCP: its header and checksum, and the messages in one segment."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture, ip, packets
from mip6boot.errors import EncodeError
from mip6boot.packets import Packet, Payload, Reassembler, decode_packet

from .connections import LINK, STREAM, cut, message, segment, sightings
from .frames import comes_back


def at(packet: Packet) -> list[str]:
    return [packets.protocol_of(layer) for layer in packet.layers[3:]]


def test_header() -> None:
    """The figure of RFC 9293 3.1, field by field."""
    octets = bytes.fromhex(
        "9c410f1c" + "00001000" + "00002000" + "6a59" + "0102" + "0304" + "0506" + "01010100"
    )
    header = ip.TcpHeader.decode(octets)
    assert header == ip.TcpHeader(
        source_port=0x9C41, destination_port=3868, sequence=0x1000, acknowledgment=0x2000,
        reserved=0xA, ece=True, ack=True, psh=True, fin=True, window=0x0102, checksum=0x0304,
        urgent_pointer=0x0506, options=b"\1\1\1\0",
    )  # fmt: skip
    assert header.data_offset == 6
    assert header.encode() == octets


@pytest.mark.parametrize("size", [1, 44])
def test_options_are_words(size: int) -> None:
    with pytest.raises(EncodeError, match="data_offset"):
        ip.TcpHeader(source_port=1, destination_port=2, options=bytes(size)).encode()


def test_checksum() -> None:
    packet = segment(7, b"odd", options=bytes(4))
    assert packet.checksums == {2: "good"}
    octets = bytearray(packet.encode())
    octets[-1] ^= 1
    assert decode_packet(bytes(octets)).checksums == {2: "bad"}
    assert decode_packet(bytes(octets)[:-1]).checksums == {2: "not checkable"}


def test_a_sum_of_nothing() -> None:
    """All ones would be as good in the sum, but nothing gives them (RFC 9293 3.1)."""
    header: Any = segment(7, bytes(2)).layers[2]
    filled = segment(7, header.checksum.to_bytes(2, "big"))
    header = filled.layers[2]
    assert (header.checksum, filled.checksums) == (0, {2: "good"})
    layers = (*filled.layers[:2], header.replace(checksum=0xFFFF), filled.layers[3])
    assert decode_packet(Packet(layers).encode()).checksums == {2: "bad"}


def test_tshark_has_the_same_verdicts(tshark: str, tmp_path: Path) -> None:
    rng = random.Random(3)
    made = [
        segment(rng.getrandbits(32), rng.randbytes(rng.randrange(40)), port=n) for n in range(1, 40)
    ]
    source, destination = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
    header = ip.Ipv4Header(protocol=6, source=source, destination=destination)
    link = LINK.replace(ethertype=0x0800)
    made += [Packet((link, header, *packet.layers[2:])).build() for packet in made]
    octets = [packet.encode() for packet in made]
    for i in range(0, len(octets), 3):
        octets[i] = octets[i][:-1] + bytes((octets[i][-1] ^ 0x55,))
    path = tmp_path / "sums.pcap"
    capture.write(path, [capture.Frame(one, time_ns=0) for one in octets])
    command = [tshark, "-n", "-r", str(path), "-o", "tcp.check_checksum:TRUE", "-T", "fields",
               "-e", "tcp.checksum.status"]  # fmt: skip
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = [list(decode_packet(one).checksums.values())[-1] for one in octets]
    assert [{"1": "good", "0": "bad"}[line] for line in lines] == ours
    assert Counter(ours) == {"good": 52, "bad": 26}


def test_whole_messages_are_layers() -> None:
    (packet,) = cut(len(STREAM))
    assert at(packet) == ["diameter"] * 4
    assert sightings([packet]) == [(1, n, (1,)) for n in (1, 2, 3, 4)]
    assert comes_back(packet.encode()) == packet
    paths = {row.path.partition(".")[0] for row in packets.explain_packet(packet)}
    assert paths >= {"diameter", "diameter[1]", "diameter[2]", "diameter[3]"}


def test_what_is_left_over_is_a_segment() -> None:
    first, second = cut(150, len(STREAM))
    assert at(first) == ["diameter", "diameter-segment"]
    assert first.layers[-1] == Payload(STREAM[100:150], "diameter-segment")
    # It is not known what the octets before the next message are.
    assert at(second) == ["diameter-segment"]


@pytest.mark.parametrize(
    ("head", "fits"),
    [
        ("01000014", True),
        ("02000014", False),
        ("01000018", False),
        ("01000010", False),
        ("01000013", False),
        ("01000016", False),
    ],
)
def test_what_a_message_looks_like(head: str, *, fits: bool) -> None:
    packet = segment(1, bytes.fromhex(head) + message(1)[4:] + bytes(2))
    assert at(packet) == ["diameter", "diameter-segment"][not fits :]


def test_a_message_that_does_not_decode_is_named() -> None:
    bad = bytearray(message(1, 40))
    bad[27] = 0xFF  # the length of the AVP
    packet = decode_packet(segment(1, bytes(bad) + message(2)).encode())
    assert at(packet) == ["diameter", "diameter"]
    assert isinstance(packet.layers[3], packets.Undecoded)
    (error,) = packet.errors
    assert (error.path, error.offset) == ("diameter.avps[0].length", 14 + 40 + 20 + 24)
    assert Reassembler().feed(packet) is None


def test_ports() -> None:
    other = segment(1, message(1), port=40000)
    header: Any = other.layers[2]
    octets = Packet(
        (*other.layers[:2], header.replace(destination_port=5000), other.layers[3])
    ).encode()
    assert at(decode_packet(octets)) == ["tcp-5000"]
    assert not decode_packet(octets).is_part
    packet = decode_packet(octets, ports={5000: "diameter"})
    assert at(packet) == ["diameter"]
    assert packet.is_part
    # A protocol of UDP means the port of UDP.
    assert at(decode_packet(octets, ports={5000: "ikev2"})) == ["tcp-5000"]
    assert at(decode_packet(other.encode(), ports={3868: "ikev2"})) == ["diameter"]


def test_ports_of_ones_own_count_for_streams() -> None:
    first, second = segment(1, message(1, 60)[:30]), segment(31, message(1, 60)[30:])
    moved = []
    for packet in (first, second):
        port: Any = packet.layers[2]
        layers = (*packet.layers[:2], port.replace(destination_port=5000), packet.layers[3])
        moved.append(decode_packet(Packet(layers).encode(), ports={5000: "diameter"}))
    assert sightings(moved, Reassembler(ports={5000: "diameter"})) == [(2, 1, (1, 2))]
    assert sightings(moved) == []


def test_what_is_no_ipv4_is_no_fragment() -> None:
    """The same of a packet that was decoded and of one that was put together anew."""
    header = ip.Ipv4Header(
        version=9, more_fragments=True, protocol=6, source=IPv4Address("192.0.2.1"),
        destination=IPv4Address("192.0.2.2"),
    )  # fmt: skip
    packet = packets.decode_packet(header.encode(), linktype=packets.LinkType.IPV4)
    again = packets.from_dict(packet.to_dict())
    for one in (packet, again):
        assert (one.is_part, one.is_fragment) == (False, False)


def test_what_may_need_others() -> None:
    assert not segment(5, ack=True).is_part
    for flag in ("syn", "fin", "rst"):
        assert segment(5, b"", **{flag: True}).is_part
    assert segment(5, b"x").is_part
    for packet in (segment(5), segment(5, b"x"), segment(5, syn=True), *cut(150, len(STREAM))):
        assert Packet(packet.layers, packet.linktype).is_part == packet.is_part
        assert packet.is_fragment is False
