"""A progress bar on standard error, for a person at a terminal and a file that takes a while."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ..capture import Frame

__all__ = ["watched"]

#: Files below this many octets are done before a bar could be read.
_LONG = 4_000_000


def watched(name: str, frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames; a bar shows how much of the file they were."""
    size = Path(name).stat().st_size if name != "-" and Path(name).is_file() else 0
    if size < _LONG or not sys.stderr.isatty():
        yield from frames
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=size)
        seen = 0
        for frame in frames:
            seen += len(frame.octets) + 16
            if not frame.number % 1000:
                progress.update(task, completed=seen)
            yield frame
