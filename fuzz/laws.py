"""What holds for all octets: the laws that the targets have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mip6boot import packets
from mip6boot.errors import DecodeError
from mip6boot.schema import Message, Row, explain, interpret, json_text_of

__all__ = ["attempted", "class_holds", "message_holds", "object_holds", "rows_cover"]

T = TypeVar("T")


def attempted(decode: Callable[[], T]) -> T | None:
    """What decoding gives; None where it refuses, in one line."""
    try:
        return decode()
    except DecodeError as e:
        assert "\n" not in str(e)
        return None


def message_holds(kind: str, octets: bytes, check: Callable[[Any], object]) -> None:
    """The laws for a whole message of one of `packets.MESSAGE_KINDS`; `check` is its room's."""
    cls = attempted(lambda: packets.message_class(octets, kind))
    message = None if cls is None else class_holds(cls, octets)
    if message is not None:
        check(message)


def class_holds(cls: type[Message], octets: bytes) -> Message | None:
    """The laws for octets read as a class; what is read leniently."""
    strict, lenient = _read(cls, octets, lenient=False), _read(cls, octets, lenient=True)
    assert strict in (None, lenient), "what is strict is lenient, too"
    rows_cover(explain(cls, octets), octets)
    if lenient is not None:
        object_holds(lenient, octets)
    return lenient


def _read(cls: type[Message], octets: bytes, *, lenient: bool) -> Message | None:
    compiled = attempted(lambda: cls.decode(octets, lenient=lenient))
    interpreted = attempted(lambda: interpret(cls, octets, lenient=lenient))
    assert compiled == interpreted, "the compiled form is not the interpreted form"
    return compiled


def object_holds(message: Message, octets: bytes) -> None:
    """The laws for what was read from the octets."""
    cls: Any = type(message)
    assert message.encode() == octets, "other octets out"
    assert cls.schema.octets(message) == octets, "other octets out of the interpreted form"
    data = message.to_dict()
    assert cls.from_dict(data) == message, "the JSON form does not come back"
    assert json.loads(json_text_of(message)) == json.loads(json.dumps(data)), "two JSON forms"
    assert str(message)


def rows_cover(rows: Sequence[Row], octets: bytes) -> None:
    """Rows without a mask have each octet once, in order."""
    at = 0
    for row in rows:
        if row.mask is None:
            assert (row.offset, row.octets) == (at, octets[at : at + row.length]), row.path
            at += row.length
    assert at == len(octets), f"{len(octets) - at} octets have no row"
