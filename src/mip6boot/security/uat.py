"""The form of Wireshark's tables: a record a line, columns with commas between them.

A column is octets in hex digits, or text in quotes with `\\xNN` for octets that are no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ..errors import ConfigError
from .secret import Secret

__all__ = ["NOTE", "OWN", "Row", "blamed", "quoted", "rows"]

#: Begins a row that Wireshark takes for a comment.
OWN = "#mip6boot "
#: Stands before such a row.
NOTE = "# Wireshark cannot do the row of mip6boot; the one behind it, if any, is the nearest."

_COLUMN = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"|((?:[0-9A-Fa-f]{2})*))[ \t]*(,|$)')
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)


class Row(msgspec.Struct, frozen=True):
    """One record."""

    place: str
    "File and line."
    columns: tuple[Secret, ...]
    own: bool = False
    "Wireshark does not see it."

    def error(self, column: int, expected: str) -> ConfigError:
        """What is wrong with a column, counted from 0; it may be a key, so it is not shown."""
        return ConfigError(f"{self.place}, column {column + 1}: {expected}")

    def counted(self, *numbers: int) -> Row:
        """The row, if it has one of these numbers of columns."""
        if len(self.columns) not in numbers:
            expected = " or ".join(map(str, numbers))
            raise ConfigError(f"{self.place}: {expected} columns are expected")
        return self

    def text(self, column: int) -> str:
        """A column as text; ConfigError for octets that are none."""
        try:
            return str(bytes(self.columns[column]), "utf-8")
        except UnicodeDecodeError:
            raise self.error(column, "text is expected") from None


def rows(text: str, name: str, named_by: int) -> Iterator[Row]:
    """The records of a table, without comments; ConfigError names file, line and column.

    A row of our own takes the place of one behind it that has the same first columns.
    """
    last = None
    for row in _all(text, name):
        names = row.columns[:named_by]
        if row.own or names != last:
            yield row
        last = names if row.own else None


def _all(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip(" \t\r")
        own = line.startswith(OWN)
        line = line.removeprefix(OWN)
        if line and not line.startswith("#"):
            place = f"{name}:{number}"
            yield Row(place, tuple(_columns(line, place)), own)


def _columns(line: str, place: str) -> Iterator[Secret]:
    at, number, more = 0, 1, True
    while more:
        found = _COLUMN.match(line, at)
        if found is None:
            expected = "pairs of hex digits, or text in quotes, are expected"
            raise ConfigError(f"{place}, column {number}: {expected}")
        string, digits, separator = found.groups()
        yield Secret(bytes.fromhex(digits) if string is None else _unescaped(string))
        at, number, more = found.end(), number + 1, bool(separator)


def _unescaped(string: str) -> bytes:
    return _ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2],
        string.encode("utf-8", "surrogatepass"),  # What is no text is told by who wants text.
    )


@contextmanager
def blamed(row: Row) -> Iterator[None]:
    """A ConfigError in the block tells the place of the row."""
    try:
        yield
    except ConfigError as e:
        raise ConfigError(f"{row.place}: {e}") from None


def quoted(text: str) -> str:
    """Text as a column."""
    plain = "".join(
        chr(c) if 32 <= c < 127 and c not in b'"\\' else f"\\x{c:02x}" for c in text.encode()
    )
    return f'"{plain}"'
