"""Capture files, and all that `mip6boot decode` prints of their frames."""

from __future__ import annotations

import io
import json
import warnings
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec

from mip6boot import capture
from mip6boot.capture import CaptureWarning, Frame
from mip6boot.cli.output import Printer, Settings
from mip6boot.errors import CaptureError
from mip6boot.security import Keyring

from ..mutators import frame_mutated

__all__ = ["mutate", "one"]

_FORMS = ("json", "tree", "explain")


def mutate(octets: bytes, rng: Random) -> bytes:
    """Frames changed, repeated, left out, in another order."""
    frames = _frames(octets)
    if not frames:
        return octets
    at = rng.randrange(len(frames))
    frame, kind = frames[at], rng.randrange(6)
    if kind == 0:
        frames.insert(rng.randrange(len(frames) + 1), frame)
    elif kind == 1:
        del frames[at]
    elif kind == 2:
        frames.append(frames.pop(at))
    else:
        changed = frame_mutated(frame.octets, frame.linktype, rng)
        frames[at] = msgspec.structs.replace(frame, octets=changed, original_length=None)
    return _written(frames) or octets


def one(octets: bytes) -> None:
    """What is read is written and read again, and prints."""
    frames = _frames(octets)
    written = _written(frames)
    if written:
        again = _frames(written)
        assert [frame.octets for frame in again] == [frame.octets for frame in frames]
    for form in _FORMS:
        printer = Printer("capture", Settings(output=form, keys=Keyring()))
        for frame in frames:
            text, _ = printer.of_frame(frame)
            assert text.endswith(b"\n")
            if form == "json":
                assert json.loads(text)["v"] == 1


def _frames(octets: bytes) -> list[Frame]:
    """The frames that are read before the end, or before an error."""
    found: list[Frame] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CaptureWarning)
        try:
            found += islice(capture.read(io.BytesIO(octets)), 1 << 16)
        except CaptureError as e:
            assert "\n" not in str(e)
    return found


def _written(frames: list[Frame]) -> bytes:
    """The frames as a file; none where the format has no place for one of them."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "frames.pcapng")
        try:
            capture.write(path, frames)
        except CaptureError as e:
            assert "\n" not in str(e)
            return b""
        return path.read_bytes()
