"""Progress bars on standard error, for a person at a terminal and what takes a while."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

from ..capture import Frame

__all__ = ["Counted", "Progress", "octets_of"]

T = TypeVar("T")

#: Files below this many octets are done before a bar could be read.
_LONG = 4_000_000


def octets_of(frame: Frame) -> int:
    """The octets that a frame takes in a pcap file, its header of 16 octets included."""
    return len(frame.octets) + 16


class _Bar:
    """A bar on standard error; nothing where nobody watches, or there is no `total`."""

    def __init__(self, name: str, total: int | None) -> None:
        self._bar: Any = None
        if total is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress as Bar

            self._bar = Bar(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(name, total=total)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, done: int) -> None:
        """Note that so much more is done."""
        if self._bar is not None:
            self._bar.advance(self._task, done)


class Progress(_Bar):
    """Shows how many octets of a file are done; shows nothing where it is short."""

    def __init__(self, name: str) -> None:
        size = os.path.getsize(name) if name != "-" and os.path.isfile(name) else 0
        super().__init__(name, size if size >= _LONG else None)

    def watched(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The frames, noted as they pass."""
        return frames if self._bar is None else self._noted(frames)

    def _noted(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        octets = 0
        for frame in frames:
            octets += octets_of(frame)
            if not frame.number % 1000:
                self.advance(octets)
                octets = 0
            yield frame


class Counted(_Bar):
    """Shows how many of a number of things are done."""

    def watched(self, things: Iterable[T]) -> Iterator[T]:
        """The things, counted as they pass."""
        for thing in things:
            yield thing
            self.advance(1)
