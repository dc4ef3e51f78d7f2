"""The pcapng format: sections, interfaces with link types of their own, comments."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from .fitting import comment_octets
from .frame import Frame
from .stream import Stream

__all__ = ["SECTION", "read_pcapng", "write_pcapng"]

SECTION = b"\x0a\x0d\x0d\x0a"
_INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED = 1, 2, 3, 6
_COMMENT, _TSRESOL, _TSOFFSET = 1, 9, 14


class _Interface(msgspec.Struct):
    """What an interface description says of the packets of its interface."""

    linktype: int
    snap_length: int
    resolution: int  # as in the option: a power of ten, or of two with the high bit
    offset: int  # seconds to add

    def time_ns(self, ticks: int) -> int:
        """Ticks as nanoseconds since 1970."""
        power = self.resolution & 0x7F
        per_second: int = 2**power if self.resolution & 0x80 else 10**power
        return ticks * 1_000_000_000 // per_second + self.offset * 1_000_000_000


class _Reader:
    """A pcapng file being read: byte order and interfaces of the section it is in."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.order = "<"
        self.interfaces: list[_Interface] = []
        self.number = 0

    def frames(self) -> Iterator[Frame]:
        """All frames; the magic number is read already."""
        head: bytes = SECTION
        while True:
            rest = self.stream.read(4)
            if len(rest) < 4:
                self.stream.ends_early(4, len(rest))
                return
            block = self.block(head, rest)
            if block is None:
                return
            kind, body = block
            frame = self.frame(kind, body)
            if frame is not None:
                yield frame
            head = self.stream.read(4)
            if len(head) < 4:
                if head:
                    self.stream.ends_early(4, len(head))
                return

    def block(self, head: bytes, size: bytes) -> tuple[int, bytes] | None:
        """Type and body of the next block; None where the file ends in it."""
        start = b""
        if head == SECTION:
            start = self.stream.read(4)
            orders = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
            if start not in orders:
                raise self.stream.error("a byte-order magic is expected in a section header")
            self.order, self.interfaces = orders[start], []
        (length,) = struct.unpack(self.order + "I", size)
        if length < 12 + len(start) or length % 4:
            raise self.stream.error(f"a block of {length} octets; at least 12, in fours, expected")
        wanted = length - 8 - len(start)
        rest = self.stream.read(wanted)
        if len(rest) < wanted:
            self.stream.ends_early(wanted, len(rest))
            return None
        if rest[-4:] != size:
            raise self.stream.error("a block whose two lengths differ")
        return struct.unpack(self.order + "I", head)[0], start + rest[:-4]

    def frame(self, kind: int, body: bytes) -> Frame | None:
        """The frame of a packet block; None for any other block."""
        if kind == _INTERFACE:
            self.interface(body)
        elif kind == _ENHANCED:
            return self.enhanced(body)
        elif kind == _SIMPLE:
            return self.simple(body)
        elif kind == _OBSOLETE:
            return self.obsolete(body)
        return None

    def interface(self, body: bytes) -> None:
        if len(body) < 8:
            raise self.stream.error("an interface description of at least 8 octets is expected")
        linktype, _, snap = struct.unpack(self.order + "HHI", body[:8])
        found = _Interface(linktype, snap, 6, 0)
        for code, value in self.options(body[8:]):
            if code == _TSRESOL and value:
                found.resolution = value[0]
            elif code == _TSOFFSET and len(value) == 8:
                (found.offset,) = struct.unpack(self.order + "q", value)
        self.interfaces.append(found)

    def options(self, octets: bytes) -> Iterator[tuple[int, bytes]]:
        """Code and value of each option."""
        at = 0
        while at + 4 <= len(octets):
            code, size = struct.unpack_from(self.order + "HH", octets, at)
            if not code:
                return
            yield code, octets[at + 4 : at + 4 + size]
            at += 4 + size + -size % 4

    def made(
        self, index: int, ticks: int | None, octets: bytes, original: int, rest: bytes
    ) -> Frame:
        """The frame of what all packet blocks have."""
        if index >= len(self.interfaces):
            raise self.stream.error(f"a packet of interface {index}, which is not described")
        interface = self.interfaces[index]
        self.number += 1
        comments = tuple(
            value.decode("utf-8", "replace")
            for code, value in self.options(rest)
            if code == _COMMENT
        )
        return Frame(
            octets,
            interface.linktype,
            self.number,
            None if ticks is None else interface.time_ns(ticks),
            index,
            None if original == len(octets) else original,
            comments,
        )

    def data(self, body: bytes, at: int, size: int) -> tuple[bytes, bytes]:
        """The packet's octets, and the options behind them."""
        if at + size > len(body):
            raise self.stream.error(f"a packet of {size} octets in a block of {len(body)}")
        return body[at : at + size], body[at + size + -size % 4 :]

    def enhanced(self, body: bytes) -> Frame:
        if len(body) < 20:
            raise self.stream.error("an enhanced packet block of at least 20 octets is expected")
        index, high, low, captured, original = struct.unpack(self.order + "IIIII", body[:20])
        octets, rest = self.data(body, 20, captured)
        return self.made(index, high << 32 | low, octets, original, rest)

    def obsolete(self, body: bytes) -> Frame:
        if len(body) < 20:
            raise self.stream.error("a packet block of at least 20 octets is expected")
        index, _, high, low, captured, original = struct.unpack(self.order + "HHIIII", body[:20])
        octets, rest = self.data(body, 20, captured)
        return self.made(index, high << 32 | low, octets, original, rest)

    def simple(self, body: bytes) -> Frame:
        if len(body) < 4 or not self.interfaces:
            raise self.stream.error("a simple packet block needs 4 octets and an interface")
        (original,) = struct.unpack(self.order + "I", body[:4])
        snap = self.interfaces[0].snap_length
        size = min(original, snap) if snap else original
        octets, _ = self.data(body, 4, size)
        return self.made(0, None, octets, original, b"")


def read_pcapng(stream: Stream) -> Iterator[Frame]:
    """The frames behind the magic number."""
    return _Reader(stream).frames()


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def write_pcapng(file: BinaryIO, frames: Iterable[Frame]) -> int:
    """Write frames with nanosecond times, an interface for each link type; how many there were."""
    file.write(_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    interfaces: dict[tuple[int, int], int] = {}
    count = 0
    for frame in frames:
        key = (frame.interface, frame.linktype)
        if key not in interfaces:
            interfaces[key] = len(interfaces)
            options = _option(_TSRESOL, b"\x09") + _option(0, b"")
            file.write(_block(_INTERFACE, struct.pack("<HHI", frame.linktype, 0, 0) + options))
        file.write(_packet(frame, interfaces[key]))
        count += 1
    return count


def _packet(frame: Frame, interface: int) -> bytes:
    size = len(frame.octets)
    original = size if frame.original_length is None else frame.original_length
    ticks = frame.time_ns or 0
    head = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, size, original)
    options = b"".join(_option(_COMMENT, comment_octets(one)) for one in frame.comments)
    options += _option(0, b"") if options else b""
    return _block(_ENHANCED, head + frame.octets + bytes(-size % 4) + options)
