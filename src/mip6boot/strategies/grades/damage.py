"""Octets damaged where the octet map says what is what: numbers that lie, parts cut and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...schema import Row, explain
from ...schema.octetmap import number_of, overlay_number
from .lies import is_derived

if TYPE_CHECKING:
    from .mutation import Chooser

__all__ = ["damaged"]

#: What is longer is damaged without asking what is where: that takes its time.
_MAPPED = 4096

#: Octets that a repetition may make of a message.
_MOST = 65_535

_TIMES = (1, 2, 7, 60, 1000)


def damaged(message: Any, octets: bytes, rng: Chooser) -> bytes:
    """The octets after one change of a few of them."""
    rows = [] if message is None or len(octets) > _MAPPED else explain(type(message), octets)
    lying = [row for row in rows if is_derived(message, row)]
    if lying and rng.randrange(2):
        return _lying(octets, lying[rng.randrange(len(lying))], rng)
    change = _CHANGES[rng.randrange(len(_CHANGES))]
    return change(octets, _part(octets, rows, rng), rng)


def _part(octets: bytes, rows: list[Row], rng: Chooser) -> slice:
    """One field, some fields behind each other, or any octets."""
    if rows and rng.randrange(4):
        first = rows[rng.randrange(len(rows))]
        last = rows[rng.randrange(len(rows))] if rng.randrange(2) else first
        start = min(first.offset, last.offset)
        return slice(start, max(first.offset + first.length, last.offset + last.length))
    start = rng.randrange(len(octets) + 1)
    return slice(start, min(start + 1 + rng.randrange(8), len(octets)))


def _lying(octets: bytes, row: Row, rng: Chooser) -> bytes:
    """Another number in a field that follows from the rest: the next ones, the ends, or any."""
    right, most = number_of(row)
    numbers = [right + 1, right - 1, 0, most, right * 2, right // 2, rng.randrange(most + 1)]
    out = bytearray(octets)
    overlay_number(out, row, min(max(numbers[rng.randrange(len(numbers))], 0), most))
    return bytes(out)


def _flipped(octets: bytes, part: slice, rng: Chooser) -> bytes:
    out = bytearray(octets)
    if part.start < part.stop:
        out[part.start + rng.randrange(part.stop - part.start)] ^= 1 << rng.randrange(8)
    return bytes(out)


def _filled(octets: bytes, part: slice, rng: Chooser) -> bytes:
    size = part.stop - part.start
    any_octets = bytes(rng.randrange(256) for _ in range(min(size, 8))).ljust(size, b"\x5a")
    fillings = (bytes(size), b"\xff" * size, b"\x80".ljust(size, b"\0"), any_octets)
    filling = fillings[rng.randrange(len(fillings))][:size]
    return octets[: part.start] + filling + octets[part.stop :]


def _removed(octets: bytes, part: slice, rng: Chooser) -> bytes:
    return octets[: part.start] + octets[part.stop :]


def _cut(octets: bytes, part: slice, rng: Chooser) -> bytes:
    return octets[: part.stop if rng.randrange(2) else part.start]


def _copied(octets: bytes, part: slice, rng: Chooser) -> bytes:
    """The part once more, or many times, behind itself or anywhere."""
    copy = octets[part]
    times = min(
        _TIMES[rng.randrange(len(_TIMES))], max(_MOST - len(octets), 0) // max(len(copy), 1)
    )
    to = part.stop if rng.randrange(2) else rng.randrange(len(octets) + 1)
    return octets[:to] + copy * times + octets[to:]


def _put_in(octets: bytes, part: slice, rng: Chooser) -> bytes:
    more = bytes(rng.randrange(256) for _ in range(1 + rng.randrange(8)))
    return octets[: part.start] + more + octets[part.start :]


_CHANGES = (_flipped, _filled, _removed, _cut, _copied, _put_in)
