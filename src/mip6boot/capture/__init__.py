"""Capture files: pcap and pcapng, gzip-compressed or not, in and out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import CaptureError, ConfigError
from .fitting import fitting
from .frame import CaptureWarning, Frame
from .pcap import MAGICS, read_pcap, write_pcap
from .pcapng import SECTION, read_pcapng, write_pcapng
from .stream import opened

__all__ = ["CaptureWarning", "Frame", "read", "write"]


def read(source: str | Path | BinaryIO) -> Iterator[Frame]:
    """The frames of a capture: a path, `-` for standard input, or a binary file.

    Octets are read as frames are asked for.  A file that ends early gives what it holds and one
    CaptureWarning; one that cannot be read raises CaptureError with name, offset and expectation.
    """
    stream, close = opened(source)
    try:
        magic = stream.read(4)
        if magic in MAGICS:
            yield from read_pcap(stream, magic)
        elif magic == SECTION:
            yield from read_pcapng(stream)
        else:
            stream.offset = 0
            raise stream.error("no pcap or pcapng file begins like this")
    finally:
        close()


def write(path: str | Path, frames: Iterable[Frame], *, format: str | None = None) -> int:
    """Write frames as pcap or pcapng, by `format` or by the file's ending; how many there were.

    The file appears when it is whole; what was there before stays until then.  CaptureError for
    frames that the format has no place for.
    """
    path = Path(path)
    kind = format or {".pcap": "pcap", ".pcapng": "pcapng"}.get(path.suffix.lower())
    if kind not in ("pcap", "pcapng"):
        raise ConfigError(f"{path}: the ending .pcap or .pcapng, or a format, is expected")
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as e:
        raise CaptureError(f"{path}: {e.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            fit = fitting(frames, kind, str(path))
            count = write_pcap(file, fit, str(path)) if kind == "pcap" else write_pcapng(file, fit)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException as e:
        os.unlink(temporary)
        if isinstance(e, OSError):
            raise CaptureError(f"{path}: {e.strerror}") from None
        raise
    return count


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
