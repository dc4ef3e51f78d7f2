"""Messages for people: the tree, walking, and what differs between two."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from .element import short
from .fallback import Malformed, Unaligned
from .limits import MAX_LEVEL
from .message import Message

__all__ = ["defaults", "diff", "tree", "walk"]


def walk(message: Message, path: str = "", _level: int = 1) -> Iterator[tuple[str, Message]]:
    """Every message in a message, itself first, each with its path."""
    yield path, message
    if _level > MAX_LEVEL:
        return
    for name in message.__struct_fields__:
        value = getattr(message, name)
        here = f"{path}.{name}" if path else name
        if isinstance(value, Message):
            yield from walk(value, f"{here}({type(value).__name__})", _level + 1)
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if isinstance(item, Message):
                    yield from walk(item, f"{here}[{i}]({type(item).__name__})", _level + 1)


def tree(message: Message) -> str:
    """The message as indented lines."""
    return "\n".join(_lines(message, "", 1))


def _lines(message: Message, indent: str, level: int) -> Iterator[str]:
    brief = type(message).__brief__
    if brief and not isinstance(message, Malformed):
        yield from _brief_lines(message, brief, indent, level)
        return
    yield indent + type(message).__name__
    deeper = indent + "  "
    if isinstance(message, Malformed):
        place = f"{message.path}, " if message.path else ""
        yield f"{deeper}{message.reason} ({place}octet {message.offset})"
        yield f"{deeper}octets: {message.octets.hex()}"
        return
    if isinstance(message, Unaligned) or level > MAX_LEVEL:
        return
    for name in type(message).schema.layout.fields:
        yield from _field_lines(message, name, name, deeper, level)


def _field_lines(message: Message, name: str, label: str, indent: str, level: int) -> Iterator[str]:
    value = getattr(message, name)
    nested = [
        v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, Message)
    ]
    if nested:
        yield f"{indent}{label}:"
        for item in nested:
            yield from _lines(item, indent + "  ", level + 1)
    elif value != ():
        element = type(message).schema.layout.fields[name].element
        yield f"{indent}{label}: {_shown(element, value)}"


def _brief_lines(message: Message, brief: str, indent: str, level: int) -> Iterator[str]:
    """The class and its main field on one line; others below, where they are not as usual."""
    lines = list(_field_lines(message, brief, type(message).__name__, indent, level))
    yield from lines or [indent + type(message).__name__]
    for name, usual in defaults(type(message)).items():
        if name != brief and getattr(message, name) != usual:
            yield from _field_lines(message, name, name, indent + "  ", level)


@functools.cache
def defaults(cls: type[Message]) -> dict[str, Any]:
    """The usual value of each field of a class; `msgspec.NODEFAULT` where there is none."""
    # Reading them off the annotations takes longer than decoding the message.
    return {field.name: field.default for field in msgspec.structs.fields(cls)}


def _shown(element: Any, value: Any) -> str:
    """The value as its element shows it; a value of a wrong type is still shown, not refused."""
    try:
        return str(element.show(value))
    except (TypeError, ValueError, AttributeError):
        return short(value)


def diff(a: Any, b: Any, path: str = "") -> list[str]:
    """The paths at which two messages differ; a whole element where their classes do."""
    # Two of the same octets are the same, whatever is known of the error.
    if isinstance(a, Message) and type(a) is type(b) and not isinstance(a, Malformed):
        out = []
        for name in a.__struct_fields__:
            here = f"{path}.{name}" if path else name
            out += diff(getattr(a, name), getattr(b, name), here)
        return out
    if isinstance(a, tuple) and isinstance(b, tuple) and any(isinstance(x, Message) for x in a + b):
        out = []
        for i in range(max(len(a), len(b))):
            if i >= len(a) or i >= len(b):
                out.append(f"{path}[{i}]")
                continue
            item = a[i]
            label = f"({type(item).__name__})" if type(item) is type(b[i]) else ""
            out += diff(item, b[i], f"{path}[{i}]{label}")
        return out
    return [] if a == b else [path]
