"""Places in a message: what a path names, and the message with something else there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...schema.elements import Chain
from ..making.derive import ended, fitted

__all__ = ["Step", "at", "path_of", "put", "steps_of"]

_STEP = re.compile(r"([a-z_][a-z0-9_]*)(?:\[(\d+)\])?(?:\(\w+\))?")


class Step(NamedTuple):
    """One step of a path: a field, and the item of its tuple."""

    field: str
    item: int | None = None


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a path as `check` and `explain` print it."""
    found = []
    for part in filter(None, path.split(".")):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} in {path!r} is no step of a path")
        name, item = match.groups()
        found.append(Step(name, None if item is None else int(item)))
    return tuple(found)


def path_of(steps: Sequence[Step]) -> str:
    """The path of the steps, without the names of classes."""
    return ".".join(s.field if s.item is None else f"{s.field}[{s.item}]" for s in steps)


def at(message: Any, steps: Sequence[Step]) -> Any:
    """What stands at a place."""
    for step in steps:
        value = getattr(message, step.field)
        message = value if step.item is None else value[step.item]
    return message


def put(message: Any, steps: Sequence[Step], value: Any) -> Any:
    """The message with a value at a place; without steps, the value is all."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    old = getattr(message, step.field)
    if step.item is None:
        return _with(message, step.field, put(old, rest, value) if rest else value)
    inner = put(old[step.item], rest, value)
    return _with(message, step.field, (*old[: step.item], inner, *old[step.item + 1 :]))


def _with(message: Any, field: str, value: Any) -> Any:
    """The message with another value, filled up where its list wants whole units."""
    if isinstance(type(message).schema.layout.fields[field].element, Chain):
        value = ended(value)
    return fitted(message.replace(**{field: value}))
