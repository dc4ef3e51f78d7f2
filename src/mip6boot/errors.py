"""The whole family of errors.

Everything this library raises on purpose is a `Mip6bootError`.  Octets that do not decode raise
`DecodeError`, values that do not fit raise `EncodeError`; both say where: `path` is written as
`explain` and `overrides` write it, `offset` counts from the first octet given to decode.  What is
sealed and cannot be opened raises `IntegrityError` or `UnknownSa`.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CaptureError",
    "ConfigError",
    "DecodeError",
    "EncodeError",
    "IntegrityError",
    "Mip6bootError",
    "UnknownSa",
]


class Mip6bootError(Exception):
    """Base of every error of this library."""


class _PlacedError(Mip6bootError, ValueError):
    """An error with a place: `reason`, `path` and, where octets are read, `offset`."""

    def __init__(self, reason: str, path: str = "", offset: int | None = None) -> None:
        # BaseException has kept the arguments; errors are made often, so nothing is done twice.
        self.reason = reason
        self.path = path
        self.offset = offset

    def within(self, step: str) -> Any:
        """Put one step in front of the path, while the error travels up: success costs nothing."""
        if not self.path:
            self.path = step
        elif self.path[0] in "[(":
            self.path = step + self.path
        else:
            self.path = f"{step}.{self.path}"
        return self

    def __str__(self) -> str:
        place = self.path or "message"
        at = "" if self.offset is None else f" (octet {self.offset})"
        return f"{place}: {self.reason}{at}"

    def __reduce__(self) -> Any:
        return type(self), (self.reason, self.path, self.offset)


class DecodeError(_PlacedError):
    """Octets, or a JSON form, that are not what the schema says."""


class EncodeError(_PlacedError):
    """A value that does not fit its place on the wire."""


class CaptureError(Mip6bootError):
    """A capture file that cannot be read or written; the text names file, place and expectation."""


class ConfigError(Mip6bootError):
    """A setting, an argument or a missing extra; the text says what is expected."""


class IntegrityError(Mip6bootError):
    """What proves that octets are genuine does not fit them; they yield no content.

    The text names what was checked and never shows keys or octets.
    """


class UnknownSa(Mip6bootError):  # noqa: N818 - the name says what is unknown
    """Sealed octets of a security association, or a direction of one, that nobody has keys for."""
