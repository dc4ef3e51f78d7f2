"""Several processes that decode one capture, each every n-th batch of its frames.

Workers read a file by themselves, so that only what is printed goes from process to process; the
frames of a stream are sent to them.  Fragments come back as they are: the parent, which sees all
frames in order, puts them together.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing import get_context
from typing import Any

import msgspec

from .. import capture
from ..capture import Frame
from ..errors import CaptureError, Mip6bootError
from .output import Printed, Printer, Settings
from .progress import Progress, octets_of

__all__ = ["printed_by"]

#: Frames of a batch, so that workers wait little for each other.
_BATCH = 256

#: Batches that may be on their way to or from one worker.
_AHEAD = 4

# A forked worker has everything loaded; elsewhere than on Linux, fork is missing or not safe.
_context: Any = get_context("fork" if sys.platform == "linux" else "spawn")


class _Batch(msgspec.Struct):
    """What a worker made of a batch: printed frames joined, or fragments as they are, in order."""

    parts: list[Printed | Frame]
    octets: int


class _End(msgspec.Struct):
    """A worker's last word."""

    error: Mip6bootError | None
    warnings: list[str]


def printed_by(jobs: int, name: str, settings: Settings, progress: Progress) -> Iterator[Printed]:
    """What the frames print, in order."""
    printer = Printer(name, settings)
    for batch in _batches_of(jobs, name, settings):
        progress.advance(batch.octets)
        for part in batch.parts:
            yield printer.of_frame(part) if isinstance(part, Frame) else part


def _batches_of(jobs: int, name: str, settings: Settings) -> Iterator[_Batch]:
    """The batches of all workers, in order."""
    alone = name != "-" and os.path.isfile(name)
    tasks = [None if alone else _context.Queue() for _ in range(jobs)]
    workers = [_Worker(name, settings, i, jobs, task) for i, task in enumerate(tasks)]
    try:
        yield from _read_alone(workers) if alone else _read_here(name, workers)
    finally:
        for worker in workers:
            worker.end()


def _read_alone(workers: list[_Worker]) -> Iterator[_Batch]:
    """Batches of workers that read the file by themselves."""
    while True:
        for worker in workers:
            result = worker.result()
            if isinstance(result, _End):
                # The workers see the same file, so the first to end tells for all.
                _finish(result)
                return
            yield result


def _finish(end: _End) -> None:
    for text in end.warnings:
        warnings.warn(text, capture.CaptureWarning, stacklevel=2)
    if end.error is not None:
        raise end.error


def _read_here(name: str, workers: list[_Worker]) -> Iterator[_Batch]:
    """Batches of workers that are sent frames; what an error leaves is still given before it."""
    waiting: deque[_Worker] = deque()
    error = None
    try:
        for number, batch in enumerate(_batches(capture.read(name))):
            worker = workers[number % len(workers)]
            worker.tasks.put(batch)
            waiting.append(worker)
            if len(waiting) > _AHEAD * len(workers):
                yield waiting.popleft().batch()
    except CaptureError as e:
        error = e
    for worker in waiting:
        yield worker.batch()
    if error is not None:
        raise error


def _batches(frames: Iterator[Frame]) -> Iterator[list[Frame]]:
    """Lists of frames; an error is raised after the frames before it are given."""
    batch: list[Frame] = []
    try:
        for frame in frames:
            batch.append(frame)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except Mip6bootError:
        yield batch
        raise
    yield batch


class _Worker:
    """A process that decodes, as its parent sees it."""

    def __init__(self, name: str, settings: Settings, index: int, jobs: int, tasks: Any) -> None:
        self.tasks = tasks
        self.results = _context.Queue(_AHEAD)
        arguments = (name, settings, index, jobs, tasks, self.results)
        self.process = _context.Process(target=_work, args=arguments, daemon=True)
        self.process.start()

    def result(self) -> _Batch | _End:
        """What the process has done next."""
        while True:
            alive = self.process.is_alive()
            try:
                return self.results.get(timeout=1)  # type: ignore[no-any-return]
            except queue.Empty:
                if not alive:
                    code = self.process.exitcode
                    raise Mip6bootError(f"a worker process ended with {code}") from None

    def end(self) -> None:
        """End the process, whatever it does."""
        if self.tasks is not None:
            self.tasks.cancel_join_thread()
        self.process.terminate()
        self.process.join()

    def batch(self) -> _Batch:
        """The next batch of a process that has more to do."""
        result = self.result()
        assert isinstance(result, _Batch)
        return result


def _work(name: str, settings: Settings, index: int, jobs: int, tasks: Any, results: Any) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    printer = Printer(name, settings)
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", capture.CaptureWarning)
        try:
            for batch in _own(name, index, jobs) if tasks is None else iter(tasks.get, None):
                results.put(_printed(printer, batch))
        except Mip6bootError as e:
            error = e
    results.put(_End(error, [str(warning.message) for warning in caught]))


def _own(name: str, index: int, jobs: int) -> Iterator[list[Frame]]:
    """Every batch of the file that is this worker's."""
    return islice(_batches(capture.read(name)), index, None, jobs)


def _printed(printer: Printer, frames: Iterable[Frame]) -> _Batch:
    """A batch decoded; what stands between fragments is joined."""
    parts: list[Printed | Frame] = []
    texts: list[bytes] = []
    errors: list[str] = []
    octets = 0

    def join() -> None:
        if texts or errors:
            parts.append((b"".join(texts), errors.copy()))
        texts.clear()
        errors.clear()

    for frame in frames:
        octets += octets_of(frame)
        packet = printer.decode(frame)
        if printer.needs_order(packet):
            join()
            parts.append(frame)
            continue
        text, found = printer.of_packet(frame, packet)
        texts.append(text)
        errors += found
    join()
    return _Batch(parts, octets)
