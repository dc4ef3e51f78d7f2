"""One row that counts elements broken: an element too many, too few or misplaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st

from ...schema.rules import Before, FieldRule, Rule, applying
from ..making.style import Style
from .legal import made_legal
from .mending import counted, inserted, removed
from .places import Step, at, put, steps_of

__all__ = ["Change", "Changed", "misplaced", "too_few", "too_many"]

#: The row that is to be broken, and the message with the change.
Changed = tuple[Rule | FieldRule, Any]
Change = Callable[[Any], Changed | None]


def too_few(message: Any, style: Style) -> list[Change]:
    """The ways to leave out what has to be in the message."""
    rows = _counting(message, style)
    return [partial(_too_few, message, steps, row) for steps, row in rows if row.least]


def too_many(message: Any, style: Style) -> list[Change]:
    """The ways to have more in the message than it may have."""
    return [
        partial(_too_many, message, steps, row, style)
        for steps, row in _counting(message, style)
        if row.most is not None
    ]


def misplaced(message: Any, style: Style) -> list[Change]:
    """The ways to have an element of the message in a wrong place."""
    return [
        partial(_misplaced, message, steps, row, style)
        for steps, row in _counting(message, style)
        if row.position is not None and counted(at(message, steps), row)
    ]


def _counting(message: Any, style: Style) -> list[tuple[Sequence[Step], Rule]]:
    """The rows that count elements in the message, each with the place where it does."""
    return [
        (steps_of(path), row)
        for path, _, row in applying(message, style.rules)
        if isinstance(row, Rule)
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


def _misplaced(
    message: Any, steps: Sequence[Step], row: Rule, style: Style, draw: Any
) -> Changed | None:
    """What has to be last put first, or behind what it has to precede."""
    place = counted(at(message, steps), row)[-1]
    items, item = getattr(at(message, steps), place.field), place.item or 0
    rest = (*items[:item], *items[item + 1 :])
    to = 0
    if isinstance(row.position, Before):
        later = row.position.elements
        behind = [i + 1 for i, one in enumerate(rest) if isinstance(one, later)]
        if not behind:
            first = Rule(container=row.container, element=later, position=row.position)
            return row, inserted(draw, message, steps, first, style, made_legal)
        to = max(behind)
    moved = (*rest[:to], items[item], *rest[to:])
    return None if moved == items else (row, put(message, (*steps, Step(place.field)), moved))
