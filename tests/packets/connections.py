"""TCP segments and SCTP packets with Diameter in them, made one after the other."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

from mip6boot import diameter, ip
from mip6boot.packets import (
    EthernetHeader,
    Packet,
    Payload,
    Reassembler,
    SctpDataHeader,
    SctpHeader,
    Trailer,
    Undecoded,
    decode_packet,
)

A, B = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")
LINK = EthernetHeader(destination=bytes(6), source=bytes(6), ethertype=0x86DD)


def message(number: int, size: int = 20) -> bytes:
    """A Device-Watchdog-Request with a hop-by-hop identifier, of a multiple of 4 octets."""
    # What an AVP of class holds is nobody's business (RFC 6733 8.20).
    avps = (diameter.Class(bytes(size - 28)),) if size >= 28 else ()
    found = diameter.DeviceWatchdogRequest(hop_by_hop_id=number, end_to_end_id=1, avps=avps)
    return found.encode()


def segment(
    sequence: int, octets: bytes = b"", *, port: int = 40000, backwards: bool = False, **fields: Any
) -> Packet:
    """What stands in a frame of a connection to the port of Diameter."""
    header = ip.TcpHeader(
        source_port=port, destination_port=3868, sequence=sequence % 2**32, window=8192, **fields
    )
    source, destination = A, B
    if backwards:
        header = header.replace(source_port=3868, destination_port=port)
        source, destination = B, A
    return over_ip(ip.Protocol.TCP, source, destination, header, Payload(octets))


def chunk(tsn: int, octets: bytes, flags: str = "BE", number: int = 46, stream: int = 1) -> Any:
    """A DATA chunk with its padding, as layers."""
    header = SctpDataHeader(
        tsn=tsn % 2**32, stream=stream, payload_protocol=number, beginning="B" in flags,
        ending="E" in flags, unordered="U" in flags,
    )  # fmt: skip
    return header, Payload(octets), Trailer(bytes(-len(octets) % 4), 3)


def association(*chunks: Any, port: int = 40000) -> Packet:
    """What stands in a frame of an association with the port of Diameter."""
    header = SctpHeader(source_port=port, destination_port=3868, verification_tag=port)
    return over_ip(ip.Protocol.SCTP, A, B, header, *(layer for one in chunks for layer in one))


def over_ip(number: int, source: IPv6Address, destination: IPv6Address, *layers: Any) -> Packet:
    header = ip.Ipv6Header(next_header=number, source=source, destination=destination)
    # What has no octets stands in no frame.
    kept = [layer for layer in (LINK, header, *layers) if layer.encode()]
    return decode_packet(Packet(tuple(kept)).build().encode(), lenient=True)


#: Messages 1 to 4 behind each other: 100 octets, then 200, 20 and 60.
SIZES = (100, 200, 20, 60)
STREAM = b"".join(message(number, size) for number, size in enumerate(SIZES, 1))
START = 1000


def cut(*ends: int, start: int = START, **fields: Any) -> list[Packet]:
    """The stream in segments that end there."""
    begins = (0, *ends[:-1])
    return [
        segment(start + begin, STREAM[begin:end], **fields)
        for begin, end in zip(begins, ends, strict=True)
    ]


#: The frame that a message is found in, its identifier, and the frames that it came in.
Sighting = tuple[int, int, tuple[int, ...]]


def sightings(packets: Iterable[Packet], reassembler: Reassembler | None = None) -> list[Sighting]:
    """Where messages are, in frames numbered from 1 on."""
    reassembler = reassembler or Reassembler(lenient=True)
    out: list[Sighting] = []
    for frame, packet in enumerate(packets, 1):
        out += [(frame, number, (frame,)) for number in identifiers(packet)]
        joined = reassembler.feed(packet, frame)
        if joined is not None:
            assert packet.is_part
            out += [(frame, number, reassembler.frames) for number in identifiers(joined)]
    return out


def identifiers(packet: Packet) -> list[int]:
    assert not any(isinstance(layer, Undecoded) for layer in packet.layers)
    return [
        layer.hop_by_hop_id
        for layer in packet.layers
        if isinstance(layer, diameter.DiameterMessage)
    ]


def seen_by_tshark(tshark: str, path: Path) -> list[tuple[int, int]]:
    command = [tshark, "-n", "-r", str(path), "-o", "tcp.reassemble_out_of_order:TRUE",
               "-T", "fields", "-e", "frame.number", "-e", "diameter.hopbyhopid"]  # fmt: skip
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split("\t") for line in lines]
    return [(int(frame), int(n, 16)) for frame, found in rows for n in found.split(",") if n]
