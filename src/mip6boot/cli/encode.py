"""`mip6boot encode`: JSON lines in, a capture out."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from .. import capture, packets
from ..errors import ConfigError, DecodeError, EncodeError

__all__ = ["run"]


def run(name: str, output: Path) -> int:
    """Write the capture; a bad line ends it, and leaves no file."""
    if name == "-":
        capture.write(output, _frames(name, sys.stdin.buffer))
        return 0
    try:
        file = open(name, "rb")  # noqa: SIM115 - closed below, after the frames are written
    except OSError as e:
        raise ConfigError(f"{name}: {e.strerror}") from None
    with file:
        capture.write(output, _frames(name, file))
    return 0


def _frames(name: str, file: BinaryIO) -> Iterator[capture.Frame]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield _frame(msgspec.json.decode(line))
            except (msgspec.DecodeError, DecodeError, EncodeError, UnicodeDecodeError) as e:
                raise ConfigError(f"{name}: line {number}: {e}") from None


def _frame(data: Any) -> capture.Frame:
    if not isinstance(data, dict) or data.get("v") != 1:
        raise DecodeError("an object of version 1 is expected", "v")
    packet = packets.from_dict(data)
    return capture.Frame(
        packet.encode(),
        packet.linktype,
        time_ns=_integer(data, "time_ns"),
        interface=_integer(data, "interface") or 0,
        original_length=_integer(data, "original_length"),
        comments=_comments(data),
    )


def _integer(data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if isinstance(value, str) and re.fullmatch("[0-9]{1,20}", value):
        value = int(value)
    if value is not None and (not isinstance(value, int) or not 0 <= value < 1 << 64):
        raise DecodeError("a number or decimal digits are expected", name)
    return value


def _comments(data: dict[str, Any]) -> tuple[str, ...]:
    value = data.get("comments", [])
    if not isinstance(value, list) or not all(isinstance(c, str) for c in value):
        raise DecodeError("a list of texts is expected", "comments")
    return tuple(value)
