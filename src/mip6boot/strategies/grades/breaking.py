"""One row of the rules broken: an element too many, too few or misplaced, a value not allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from hypothesis import strategies as st

from ...schema.rules import Before, FieldRule, Rule, applying
from ...schema.tree import defaults, walk
from ..making.style import Style
from ..making.values import value_of
from .legal import made_legal
from .mending import counted, inserted, removed
from .places import Step, at, put, steps_of

__all__ = ["Change", "Changed", "broken_field_rules", "broken_rules", "set_reserved"]

#: The row that is to be broken, and the message with the change.
Changed = tuple[Rule | FieldRule, Any]
Change = Callable[[Any], Changed | None]

#: How often a value is drawn that a row does not allow.
_TRIES = 5


def broken_rules(message: Any, style: Style) -> list[Change]:
    """The ways to have too few, too many or misplaced elements in the message."""
    return [
        change
        for path, _, row in applying(message, style.rules)
        if isinstance(row, Rule)
        for change in _ways(message, steps_of(path), row, style)
    ]


def _ways(message: Any, steps: Sequence[Step], row: Rule, style: Style) -> Iterator[Change]:
    if row.least:
        yield partial(_too_few, message, steps, row)
    if row.most is not None:
        yield partial(_too_many, message, steps, row, style)
    if row.position is not None:
        yield partial(_misplaced, message, steps, row)


def broken_field_rules(message: Any, style: Style) -> list[Change]:
    """The ways to have a value in a field that a row does not allow."""
    return [
        partial(_with_value, message, (*steps_of(path), Step(row.field)), row)
        for path, element, row in applying(message, style.rules)
        if isinstance(row, FieldRule) and row.field in type(element).schema.layout.fields
    ]


def _too_few(message: Any, steps: Sequence[Step], row: Rule, draw: Any) -> Changed:
    """All but too few of what the row counts taken out."""
    places = counted(at(message, steps), row)
    for place in reversed(places[row.least - 1 :]):
        message = removed(message, (*steps, place))
    return row, message


def _too_many(message: Any, steps: Sequence[Step], row: Rule, style: Style, draw: Any) -> Changed:
    """One more than the row allows: the same one again, or others."""
    missing = (row.most or 0) + 1 - len(counted(at(message, steps), row))
    # So often and no more: what comes behind the end of a chain is cut off again.
    for _ in range(missing):
        places = counted(at(message, steps), row)
        if places and places[-1].item is not None and draw(st.booleans()):
            message = _doubled(message, steps, places[-1])
        else:
            message = inserted(draw, message, steps, row, style, made_legal)
    return row, message


def _doubled(message: Any, steps: Sequence[Step], place: Step) -> Any:
    """The message with an item of a list twice."""
    items, item = getattr(at(message, steps), place.field), place.item or 0
    doubled = (*items[:item], items[item], *items[item:])
    return put(message, (*steps, Step(place.field)), doubled)


def _misplaced(message: Any, steps: Sequence[Step], row: Rule, draw: Any) -> Changed | None:
    """What has to be last put first, or behind what it has to precede."""
    places = counted(at(message, steps), row)
    if not places:
        return None
    name, place = places[-1].field, places[-1].item or 0
    items = getattr(at(message, steps), name)
    rest = (*items[:place], *items[place + 1 :])
    to = 0
    if isinstance(row.position, Before):
        behind = [i + 1 for i, one in enumerate(rest) if isinstance(one, row.position.elements)]
        to = max(behind, default=0)
    moved = (*rest[:to], items[place], *rest[to:])
    return None if moved == items else (row, put(message, (*steps, Step(name)), moved))


def _with_value(message: Any, steps: Sequence[Step], row: FieldRule, draw: Any) -> Changed | None:
    """A value in the field that the row does not allow."""
    owner = at(message, steps[:-1])
    element = type(owner).schema.layout.fields[row.field].element
    old = getattr(owner, row.field)
    for _ in range(_TRIES):
        value = draw(_barred(element, old, row))
        if not row.allows(value):
            return row, put(message, steps, value)
    return None


def _barred(element: Any, old: Any, row: FieldRule) -> st.SearchStrategy[Any]:
    """Values most of which the row does not allow."""
    if row.includes:
        return st.sampled_from(row.includes).map(lambda n: tuple(o for o in old if o != n))
    if row.forbidden:
        return st.sampled_from(row.forbidden)
    if row.size is not None:
        least, most = row.size
        if isinstance(old, tuple):
            return st.just(()) if least else st.just(old)
        sizes = st.sampled_from([n for n in (least - 1, most + 1) if n >= 0])
        return sizes.flatmap(lambda n: st.binary(min_size=n, max_size=n))
    return value_of(element)


# -- reserved fields without a row of their own --------------------------------------------------


def set_reserved(message: Any, style: Style) -> list[Change]:
    """The ways to set bits of a reserved field of which no row speaks."""
    spoken = {
        (path, row.field)
        for path, _, row in applying(message, style.rules)
        if isinstance(row, FieldRule)
    }
    return [
        partial(_with_value, message, (*steps_of(path), Step(name)), row)
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
