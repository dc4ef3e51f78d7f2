"""The classic pcap format: one link type, times in micro- or nanoseconds."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ..errors import CaptureError
from .frame import Frame
from .stream import Stream

__all__ = ["MAGICS", "read_pcap", "write_pcap"]

#: Magic number -> byte order and nanoseconds in a unit of the fraction.
MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


def read_pcap(stream: Stream, magic: bytes) -> Iterator[Frame]:
    """The frames behind the magic number."""
    order, unit = MAGICS[magic]
    header = stream.read(20)
    if len(header) < 20:
        raise stream.error("a pcap header of 24 octets is expected")
    # The high bits of the link type are about checksums of the link layer.
    linktype = struct.unpack(order + "I", header[16:])[0] & 0x0FFFFFFF
    record = struct.Struct(order + "IIII").unpack_from
    octets, at, number = b"", 0, 0
    while True:
        if at + 16 > len(octets):
            octets, at = stream.more(octets, at, 16), 0
            if len(octets) < 16:
                if octets:
                    stream.ends_early(16, len(octets))
                return
        seconds, fraction, captured, original = record(octets, at)
        start, at = at + 16, at + 16 + captured
        if at > len(octets):
            octets, start, at = stream.more(octets, start, captured), 0, captured
            if len(octets) < captured:
                stream.ends_early(captured, len(octets))
                return
        number += 1
        time_ns = seconds * 1_000_000_000 + fraction * unit
        whole = None if original == captured else original
        yield Frame(octets[start:at], linktype, number, time_ns, 0, whole)


def write_pcap(file: BinaryIO, frames: Iterable[Frame], name: str) -> int:
    """Write frames with nanosecond times; how many there were."""
    linktype: int | None = None
    count = 0
    for frame in frames:
        if linktype is None:
            linktype = frame.linktype
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, linktype))
        if frame.linktype != linktype:
            raise CaptureError(
                f"{name}: a pcap file has one link type, these frames have {linktype} and"
                f" {frame.linktype}; pcapng takes both"
            )
        seconds, nanoseconds = divmod(frame.time_ns or 0, 1_000_000_000)
        size = len(frame.octets)
        original = size if frame.original_length is None else frame.original_length
        file.write(struct.pack("<IIII", seconds, nanoseconds, size, original) + frame.octets)
        count += 1
    if linktype is None:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))
    return count
