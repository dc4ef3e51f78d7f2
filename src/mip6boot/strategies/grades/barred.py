"""One row about a field broken: a value that it does not allow, or reserved bits that are set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from hypothesis import strategies as st

from ...errors import EncodeError
from ...schema import Duid
from ...schema.elements import PadTo
from ...schema.rules import FieldRule, applying
from ...schema.tree import defaults, walk
from ..making.style import Style
from ..making.values import value_of
from .breaking import Change, Changed
from .mending import agreeing, remade, typed
from .places import Step, at, put, steps_of

__all__ = ["not_allowed", "set_reserved"]

#: How often a value is drawn that a row does not allow.
_TRIES = 5


def not_allowed(message: Any, style: Style) -> list[Change]:
    """The ways to have a value in a field that a row does not allow."""
    return [
        partial(_with_value, message, steps_of(path), row, style)
        for path, _, row in applying(message, style.rules)
        if isinstance(row, FieldRule)
    ]


def _with_value(
    message: Any, steps: Sequence[Step], row: FieldRule, style: Style, draw: Any
) -> Changed | None:
    """A value in the field of the object at a place that the row does not allow."""
    owner = at(message, steps)
    part = type(owner).schema.layout.fields.get(row.field)
    if part is None:  # It follows from other fields.
        return row, put(message, steps, remade(draw, owner, row, style, allowed=False))
    for _ in range(_TRIES):
        value = draw(_barred(part.element, owner, row))
        if not row.allows(value):
            return row, put(message, steps, agreeing(draw, owner, row.field, value))
    return None


def _barred(element: Any, owner: Any, row: FieldRule) -> st.SearchStrategy[Any]:
    """Values most of which the row does not allow."""
    old = getattr(owner, row.field)
    if row.includes:
        return st.sampled_from(row.includes).map(lambda n: tuple(o for o in old if o != n))
    if row.forbidden:
        return st.sampled_from(row.forbidden)
    if row.size is not None:
        return _of_wrong_size(old, *row.size)
    if isinstance(element, PadTo):
        return st.sampled_from(_paddings(element, owner, row.field) or [old])
    edges = _beyond(element, row)
    return (st.sampled_from(edges) if edges else st.nothing()) | value_of(element)


def _of_wrong_size(old: Any, least: int, most: int) -> st.SearchStrategy[Any]:
    """Octets, or items of a tuple, of which there are too few or too many by one."""
    if isinstance(old, tuple):
        return st.just(old[: least - 1] if least else (*old, *old[:1]))
    sizes = st.sampled_from([size for size in (least - 1, most + 1) if size >= 0])
    octets = sizes.flatmap(lambda size: st.binary(min_size=size, max_size=size))
    return octets.map(Duid.from_wire) if isinstance(old, Duid) else octets


def _paddings(element: PadTo, owner: Any, field: str) -> list[bytes]:
    """Padding that is not zero, of the sizes that the object may have; none where it needs none."""
    found = []
    for size in range(1, element.word + 1):
        padding = bytes(size - 1) + b"\1"
        with suppress(EncodeError):
            type(owner).schema.size_of(owner.replace(**{field: padding}))
            found.append(padding)
    return found


def _beyond(element: Any, row: FieldRule) -> list[Any]:
    """The numbers next to those from the least to the most, which are seldom drawn by chance."""
    most = (1 << (element.bits or 8 * (element.size or 0))) - 1
    edges = ((row.least or 0) - 1, most + 1 if row.most is None else row.most + 1)
    return [typed(element, number) for number in edges if 0 <= number <= most]


def set_reserved(message: Any, style: Style) -> list[Change]:
    """The ways to set bits of a reserved field of which no row speaks."""
    spoken = {
        (path, row.field)
        for path, _, row in applying(message, style.rules)
        if isinstance(row, FieldRule)
    }
    return [
        partial(_with_value, message, steps_of(path), row, style)
        for path, element in walk(message)
        for name, row in _reserved(type(element))
        if (path, name) not in spoken
    ]


def _reserved(cls: Any) -> Iterator[tuple[str, FieldRule]]:
    """The reserved numbers of a class, with a row that only allows the usual value."""
    section = cls.__registration__.rfc if cls.__registration__ else ""
    for name, usual in defaults(cls).items():
        part = cls.schema.layout.fields.get(name)
        number = part is not None and (part.element.bits or part.element.size)
        if number and name.startswith("reserved") and usual is not msgspec.NODEFAULT:
            yield (
                name,
                FieldRule(container=cls, field=name, allowed=(usual,), section=section),
            )
