"""What a format has no place for: frames may come from elsewhere than a file of the same format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import CaptureError
from .frame import Frame

__all__ = ["comment_octets", "fitting"]

#: By format: the link types that there are (pcap's high bits are of other things), and nanoseconds.
_LINKTYPES = {"pcap": 1 << 28, "pcapng": 1 << 16}
_TIMES = {"pcap": 1_000_000_000 << 32, "pcapng": 1 << 64}

_MAX_COMMENT, _MAX_LENGTH = 0xFFFF, 0xFFFF_FFFF


def fitting(frames: Iterable[Frame], kind: str, name: str) -> Iterator[Frame]:
    """The frames; CaptureError at the first that a file of that format cannot have."""
    for number, frame in enumerate(frames, 1):
        wrong = _misfit(frame, kind)
        if wrong:
            raise CaptureError(f"{name}: frame {number}: {kind} has no {wrong}")
        yield frame


def comment_octets(comment: str) -> bytes:
    """A comment in UTF-8; what was no UTF-8 where it was read is as it was."""
    return comment.encode("utf-8", "surrogateescape")


def _misfit(frame: Frame, kind: str) -> str:
    if not 0 <= frame.linktype < _LINKTYPES[kind]:
        return f"link type {frame.linktype}"
    if not 0 <= (frame.time_ns or 0) < _TIMES[kind]:
        return f"time {frame.time_ns} ns"
    if not 0 <= (frame.original_length or 0) <= _MAX_LENGTH:
        return f"length {frame.original_length}"
    return next(filter(None, map(_no_comment, frame.comments if kind == "pcapng" else ())), "")


def _no_comment(comment: str) -> str:
    try:
        size = len(comment_octets(comment))
    except UnicodeEncodeError:
        return f"comment {comment[:40]!a}"
    return f"comment of {size} octets" if size > _MAX_COMMENT else ""
