"""A file that is read from its start to its end, and knows where it is."""

from __future__ import annotations

import gzip
import io
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import CaptureError
from .frame import CaptureWarning

__all__ = ["MAX_BLOCK", "Stream", "opened"]

#: Octets of one packet or block; what says to be larger is damaged.
MAX_BLOCK = 256 * 1024 * 1024

_GZIP = b"\x1f\x8b"

#: Octets asked of the file at once, where it has them; whatever a length says, what is not there
#: takes no memory.
_CHUNK, _LARGEST = 1 << 17, 1 << 20


class Stream:
    """Octets of a capture in order; errors name the file and the offset."""

    def __init__(self, file: Any, name: str) -> None:
        self.file, self.name, self.offset = file, name, 0

    def read(self, size: int) -> bytes:
        """Up to `size` octets; fewer at the end of the file."""
        if size > MAX_BLOCK:
            raise self.too_large(size)
        octets = self._from_file(self.file.read, min(size, _LARGEST))
        if len(octets) == _LARGEST < size:
            octets = b"".join((octets, *self._pieces(size - _LARGEST)))
        self.offset += len(octets)
        return octets

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self._from_file(self.file.read, min(size, _LARGEST))
            if not piece:
                return
            size -= len(piece)
            yield piece

    def more(self, octets: bytes, at: int, size: int) -> bytes:
        """`octets` from `at` on and what follows them, `size` octets at least or all there are.

        What the file has is taken in large pieces; what it is still to get is not waited for.
        """
        self.offset -= len(octets) - at  # where an error speaks of
        if size > MAX_BLOCK:
            raise self.too_large(size)
        pieces, have = [octets[at:]], len(octets) - at
        while have < size:
            piece = self._from_file(self.file.read1, min(max(_CHUNK, size - have), _LARGEST))
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        self.offset += have
        return b"".join(pieces)

    def _from_file(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except EOFError:
            return b""
        except (OSError, zlib.error) as e:
            raise self.error(str(e) or type(e).__name__) from None

    def too_large(self, size: int) -> CaptureError:
        """The error for a block that nobody would have written."""
        return self.error(f"a block of {size} octets, at most {MAX_BLOCK} are believed")

    def error(self, reason: str) -> CaptureError:
        """A CaptureError with the place."""
        return CaptureError(f"{self.name}: octet {self.offset}: {reason}")

    def ends_early(self, wanted: int, got: int) -> None:
        """Warn that the file ends in the middle of something."""
        message = f"{self.name}: ends at octet {self.offset}, {wanted - got} octets early"
        warnings.warn(message, CaptureWarning, stacklevel=4)


def opened(source: str | Path | BinaryIO) -> tuple[Stream, Callable[[], None]]:
    """A stream of a path, of `-` for standard input or of a binary file; what closes it."""
    if isinstance(source, (str, Path)):
        name = str(source)
        if name == "-":
            file: Any = sys.stdin.buffer
            own = False
        else:
            try:
                file = open(source, "rb")  # noqa: SIM115 - the reader closes it
            except OSError as e:
                raise CaptureError(f"{name}: {e.strerror}") from None
            own = True
    else:
        name, file, own = str(getattr(source, "name", "capture")), source, False
    buffered = file if hasattr(file, "peek") else io.BufferedReader(_Raw(file))
    try:
        magic = buffered.peek(2)[:2]
    except OSError as e:
        raise CaptureError(f"{name}: {e.strerror}") from None
    if magic == _GZIP:
        buffered = gzip.GzipFile(fileobj=buffered)
    return Stream(buffered, name), file.close if own else _nothing


def _nothing() -> None:
    """Close nothing: the file is the caller's."""


class _Raw(io.RawIOBase):
    """A readable object as the raw file that BufferedReader wants."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        octets = self.file.read(len(buffer))
        buffer[: len(octets)] = octets
        return len(octets)
