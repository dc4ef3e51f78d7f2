"""The octet map: which octets are which field, told by walking the schema over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..errors import DecodeError, EncodeError
from .interpreter import interpret

__all__ = [
    "Recorder",
    "Row",
    "cited",
    "explain",
    "number_of",
    "overlay_number",
    "override",
    "plain_path",
    "rows_of",
]

_CLASS_IN_PATH = re.compile(r"\([A-Za-z0-9_]+\)")


class Row(msgspec.Struct, frozen=True):
    """One row: `length` octets at `offset` of `buffer` are the field `path`.

    Rows without a mask cover every octet of a buffer exactly once; rows with a mask speak of bits
    inside the octets of such a row.  `meaning` is the value for people.
    """

    offset: int
    length: int
    path: str
    octets: bytes
    meaning: str
    rfc: str = ""
    mask: int | None = None
    buffer: int = 0


def cited(section: str) -> str:
    """A section as people read it: that of an RFC unless it says of what."""
    return section if section.startswith("TS ") else f"RFC {section}"


class Recorder:
    """Collects rows while the interpreted form reads."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.rows: list[Row] = []

    def row(
        self,
        path: str,
        start: int,
        end: int,
        meaning: str,
        *,
        rfc: str = "",
        mask: int | None = None,
    ) -> None:
        """Note a field; fields without octets leave no row."""
        if end > start:
            octets = self.octets[start:end]
            self.rows.append(Row(start, end - start, path, octets, meaning, rfc, mask))

    def forget(self, mark: int) -> None:
        """Drop the rows noted since `len(rows)` was `mark`: they belong to what did not parse."""
        del self.rows[mark:]


def explain(cls: Any, octets: bytes) -> list[Row]:
    """The octet map of a message of class `cls`, read leniently.

    What does not parse at all is one last row that says why.
    """
    return rows_of(octets, lambda r: interpret(cls, octets, lenient=True, recorder=r))


def rows_of(octets: bytes, read: Callable[[Recorder], Any]) -> list[Row]:
    """The rows that reading the octets leaves; what is not read is a last row."""
    recorder = Recorder(octets)
    try:
        read(recorder)
    except DecodeError as e:
        covered = max((r.offset + r.length for r in recorder.rows), default=0)
        recorder.row("undecoded", covered, len(octets), str(e))
    return recorder.rows


def override(cls: Any, octets: bytes, numbers: Mapping[str, int]) -> bytes:
    """The octets with numbers written over the rows that the paths name."""
    rows = {plain_path(row.path): row for row in reversed(explain(cls, octets))}
    out = bytearray(octets)
    for path, number in numbers.items():
        row = rows.get(plain_path(path))
        if row is None:
            raise EncodeError("nothing on the wire has this path", path)
        overlay_number(out, row, number)
    return bytes(out)


def overlay_number(octets: bytearray, row: Row, number: int) -> None:
    """Write a number over the octets, or over the bits, of one row."""
    mask, shift = _bits_of(row)
    if not isinstance(number, int) or not 0 <= number <= mask >> shift:
        raise EncodeError(
            f"{number!r} does not fit in {(mask >> shift).bit_length()} bits", row.path
        )
    place = slice(row.offset, row.offset + row.length)
    old = int.from_bytes(octets[place], "big")
    octets[place] = (old & ~mask | int(number) << shift).to_bytes(row.length, "big")


def number_of(row: Row) -> tuple[int, int]:
    """The number that the octets, or the bits, of a row are, and the largest that they could be."""
    mask, shift = _bits_of(row)
    return (int.from_bytes(row.octets, "big") & mask) >> shift, mask >> shift


def _bits_of(row: Row) -> tuple[int, int]:
    """The bits of a row in its octets, and how many are behind them."""
    mask = (1 << 8 * row.length) - 1 if row.mask is None else row.mask
    return mask, (mask & -mask).bit_length() - 1


def plain_path(path: str) -> str:
    """The path without the class names in it, which a writer may leave out."""
    return _CLASS_IN_PATH.sub("", path)
