"""What is printed for one frame: a tree, a JSON line, or the octet map."""

from __future__ import annotations

from typing import Any

import msgspec

from ..capture import Frame
from ..errors import DecodeError
from ..packets import Packet, decode_packet, explain
from ..schema import Malformed, Message, Row, walk

__all__ = ["JSON_VERSION", "Settings", "of_frame", "of_message"]

#: Version of the JSON lines; it changes when a reader would have to.
JSON_VERSION = 1


class Settings(msgspec.Struct, frozen=True):
    """How to decode and what to print."""

    output: str = "tree"
    strict: bool = False
    protocols: frozenset[str] = frozenset()
    colour: bool = False


def of_frame(name: str, frame: Frame, settings: Settings) -> tuple[str, list[str]]:
    """The text for a frame, and its errors as lines; no text where a filter leaves it out."""
    packet = decode_packet(frame.octets, frame.linktype, lenient=not settings.strict)
    if settings.protocols and not settings.protocols & packet.protocols:
        return "", []
    errors = packet.errors
    lines = [f"{name}: frame {frame.number}: {error}" for error in errors]
    if settings.output == "json":
        return _json(name, frame, packet, errors), lines
    title = f"frame {frame.number}, {_time(frame)}{len(frame.octets)} octets"
    if settings.colour:
        title = f"\x1b[1m{title}\x1b[0m"
    if settings.output == "explain":
        return f"{title}\n{_table(explain(frame.octets, linktype=frame.linktype))}", lines
    return f"{title}\n{_indented(str(packet))}", lines


def of_message(
    message: Message, octets: bytes, kind: str, settings: Settings
) -> tuple[str, list[str]]:
    """The same for one message without packet or frame."""
    errors = [
        DecodeError(e.reason, ".".join(filter(None, (place, e.path))), e.offset)
        for place, e in walk(message)
        if isinstance(e, Malformed)
    ]
    if settings.output == "json":
        line = {"v": JSON_VERSION, "protocol": kind, "message": message.to_dict(),
                "errors": [_error(e) for e in errors]}  # fmt: skip
        return msgspec.json.encode(line).decode(), [str(e) for e in errors]
    text = _table(explain(octets, kind)) if settings.output == "explain" else str(message)
    return text, [str(e) for e in errors]


def _json(name: str, frame: Frame, packet: Packet, errors: tuple[DecodeError, ...]) -> str:
    line: dict[str, Any] = {
        "v": JSON_VERSION,
        "file": name,
        "frame": frame.number,
        "time_ns": None if frame.time_ns is None else str(frame.time_ns),
        "interface": frame.interface,
        "original_length": frame.original_length,
        "comments": list(frame.comments),
        **packet.to_dict(),
        "errors": [_error(e) for e in errors],
    }
    return msgspec.json.encode(line).decode()


def _error(error: DecodeError) -> dict[str, Any]:
    return {"path": error.path, "offset": error.offset, "reason": error.reason}


def _time(frame: Frame) -> str:
    if frame.time_ns is None:
        return ""
    seconds, nanoseconds = divmod(frame.time_ns, 1_000_000_000)
    return f"{seconds}.{nanoseconds:09d}, "


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _table(rows: list[Row]) -> str:
    """The octet map as columns."""
    out = []
    for row in rows:
        octets = row.octets[:8].hex() + ("..." if len(row.octets) > 8 else "")
        mask = "" if row.mask is None else f" & {row.mask:#x}"
        rfc = f"  (RFC {row.rfc})" if row.rfc else ""
        out.append(
            f"  {row.offset:5d} {row.length:4d}  {octets + mask:24s} {row.path}: {row.meaning}{rfc}"
        )
    return "\n".join(out)
