"""Legality as data: rows that say what may stand where, and how often.

Decoding refuses none of this; `violations` lists it, and test strategies are made from the rows.
Rows hold no functions, so that a program can read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from .element import short
from .message import Message
from .octetmap import cited

__all__ = [
    "LAST",
    "AllOf",
    "AnyOf",
    "AtMost",
    "Before",
    "Bit",
    "Equal",
    "FieldRule",
    "Has",
    "HasWith",
    "Includes",
    "Not",
    "Rule",
    "Violation",
    "applying",
    "violations",
]


class Bit(msgspec.Struct, frozen=True):
    """Condition: the flags in `field` have the bit."""

    field: str
    flag: int

    def holds(self, message: Any) -> bool:
        return bool(int(getattr(message, self.field)) & self.flag)


class Equal(msgspec.Struct, frozen=True):
    """Condition: the field has the value."""

    field: str
    value: Any

    def holds(self, message: Any) -> bool:
        return bool(getattr(message, self.field) == self.value)


class Has(msgspec.Struct, frozen=True):
    """Condition: an element of the class stands directly in the message."""

    element: Any

    def holds(self, message: Any) -> bool:
        return any(isinstance(e, self.element) for e in _direct(message))


class Not(msgspec.Struct, frozen=True):
    """Condition: the other one does not hold."""

    condition: Any

    def holds(self, message: Any) -> bool:
        return not self.condition.holds(message)


class AllOf(msgspec.Struct, frozen=True):
    """Condition: all the others hold, on one and the same message."""

    conditions: tuple[Any, ...]

    def holds(self, message: Any) -> bool:
        return all(condition.holds(message) for condition in self.conditions)


class AnyOf(msgspec.Struct, frozen=True):
    """Condition: at least one of the others holds."""

    conditions: tuple[Any, ...]

    def holds(self, message: Any) -> bool:
        return any(condition.holds(message) for condition in self.conditions)


class Includes(msgspec.Struct, frozen=True):
    """Condition: the tuple in `field` has the value."""

    field: str
    value: Any

    def holds(self, message: Any) -> bool:
        return self.value in getattr(message, self.field)


class AtMost(msgspec.Struct, frozen=True):
    """Condition: the field is no greater than the limit."""

    field: str
    limit: int

    def holds(self, message: Any) -> bool:
        return bool(getattr(message, self.field) <= self.limit)


class HasWith(msgspec.Struct, frozen=True):
    """Condition: the other one holds on an element of the class directly in the message."""

    element: Any
    condition: Any

    def holds(self, message: Any) -> bool:
        return any(
            isinstance(e, self.element) and self.condition.holds(e) for e in _direct(message)
        )


class Last(msgspec.Struct, frozen=True):
    """Position: nothing but padding comes after the element."""


class Before(msgspec.Struct, frozen=True):
    """Position: the element comes before any of these."""

    elements: tuple[Any, ...]


LAST = Last()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How often an element may stand directly in a container, and in which place."""

    container: Any
    element: Any
    "A class or a tuple of them."
    where: Any = None
    "Condition on the element: others of the class do not count."
    least: int = 0
    most: int | None = None
    "None: any number."
    conditions: tuple[Any, ...] = ()
    "All must hold for the row to count."
    inside: tuple[Any, ...] = ()
    "The container stands directly in one of these."
    outside: tuple[Any, ...] = ()
    "The container stands nowhere in any of these."
    position: Any = None
    padding: tuple[Any, ...] = ()
    "Classes that do not count for the position."
    section: str = ""


class FieldRule(msgspec.Struct, frozen=True, kw_only=True):
    """Which values a field may have: the listed ones, or those from `least` to `most`.

    Of a tuple, `includes` must all be in it; of octets and tuples, `size` is the least and the most
    they may have.
    """

    container: Any
    field: str
    allowed: tuple[Any, ...] = ()
    least: int | None = None
    most: int | None = None
    forbidden: tuple[Any, ...] = ()
    includes: tuple[Any, ...] = ()
    size: tuple[int, int] | None = None
    conditions: tuple[Any, ...] = ()
    inside: tuple[Any, ...] = ()
    outside: tuple[Any, ...] = ()
    section: str = ""

    def allows(self, value: Any) -> bool:
        """Whether the row allows the value."""
        if self.includes:
            return all(one in value for one in self.includes)
        if self.forbidden:
            return value not in self.forbidden
        if self.size is not None:
            return self.size[0] <= len(value) <= self.size[1]
        if self.allowed:
            return value in self.allowed
        at_least = self.least is None or value >= self.least
        return bool(at_least and (self.most is None or value <= self.most))


class Violation(msgspec.Struct, frozen=True):
    """One row that a message breaks, and where."""

    path: str
    reason: str
    section: str
    rule: Any

    def __str__(self) -> str:
        return f"{self.path or 'message'}: {self.reason} ({cited(self.section)})"


def violations(message: Message, rules: Iterable[Rule | FieldRule]) -> list[Violation]:
    """What the message, or anything in it, breaks; in the order of the wire."""
    found: list[Violation] = []
    for path, element, row, children in _applying(message, rules, empty=False):
        found += _broken(path, element, row, children)
    return found


def applying(
    message: Message, rules: Iterable[Rule | FieldRule]
) -> Iterator[tuple[str, Message, Rule | FieldRule]]:
    """The rows that count for a message, or for anything in it, with its path; broken or not."""
    for path, element, row, _ in _applying(message, rules, empty=True):
        yield path, element, row


def _applying(
    message: Message, rules: Iterable[Rule | FieldRule], *, empty: bool
) -> Iterator[tuple[str, Message, Rule | FieldRule, _Children]]:
    """The same with what stands there; `empty`: where nothing does and nothing has to, too."""
    rows = list(rules)
    speaking: dict[type, list[Rule | FieldRule]] = {}  # class -> the rows that speak of it
    for path, element, around in _everything("", message, ()):
        cls = type(element)
        if cls not in speaking:
            speaking[cls] = [row for row in rows if issubclass(cls, row.container)]
        children = _Children(path, element)
        for row in speaking[cls]:
            if not (empty or children.by_class or isinstance(row, FieldRule) or row.least):
                continue
            if _in_scope(row, around) and all(c.holds(element) for c in row.conditions):
                yield path, element, row, children


class _Child(NamedTuple):
    """An element that stands directly in another one."""

    place: str
    element: Any
    siblings: tuple[Any, ...]
    at: int
    "Its index among them."


class _Children:
    """What stands directly in a message, by class: there may be thousands of a few classes."""

    def __init__(self, path: str, message: Message) -> None:
        self.by_class: dict[type, list[_Child]] = {}
        for child in _placed(path, message):
            self.by_class.setdefault(type(child.element), []).append(child)

    def of(self, row: Rule) -> list[_Child]:
        """Those that a row counts, in the order of the wire."""
        groups = [
            [c for c in group if row.where is None or row.where.holds(c.element)]
            for cls, group in self.by_class.items()
            if issubclass(cls, row.element)
        ]
        if len(groups) == 1:
            return groups[0]
        return sorted((c for group in groups for c in group), key=lambda child: child.at)


def _everything(
    path: str, message: Message, around: tuple[Message, ...]
) -> Iterator[tuple[str, Message, tuple[Message, ...]]]:
    """Every message in a message, itself first, with its path and all that it stands in."""
    yield path, message, around
    for child in _placed(path, message):
        if isinstance(child.element, Message):
            yield from _everything(child.place, child.element, (*around, message))


def _placed(path: str, message: Message) -> Iterator[_Child]:
    """What stands directly in a message: the items of its tuples, and the messages it has."""
    for name in message.__struct_fields__:
        value = getattr(message, name)
        here = f"{path}.{name}" if path else name
        if isinstance(value, tuple):
            for i, item in enumerate(value):
                yield _Child(f"{here}[{i}]({type(item).__name__})", item, value, i)
        elif isinstance(value, Message):
            yield _Child(f"{here}({type(value).__name__})", value, (value,), 0)


def _direct(message: Message) -> Iterator[Any]:
    for name in message.__struct_fields__:
        value = getattr(message, name)
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, Message):
            yield value


def _in_scope(row: Rule | FieldRule, around: tuple[Message, ...]) -> bool:
    if row.inside and not (around and isinstance(around[-1], row.inside)):
        return False
    return not any(isinstance(one, row.outside) for one in around)


def _broken(
    path: str, element: Message, row: Rule | FieldRule, children: _Children
) -> Iterator[Violation]:
    if isinstance(row, FieldRule):
        value = getattr(element, row.field)
        if not row.allows(value):
            place = f"{path}.{row.field}" if path else row.field
            yield Violation(place, _why(row, value), row.section, row)
        return
    yield from _counted(path, children.of(row), row)


def _why(row: FieldRule, value: Any) -> str:
    missing = [one for one in row.includes if one not in value]
    if missing:
        return f"{', '.join(str(getattr(one, 'name', one)) for one in missing)} missing"
    if row.size is not None:
        return f"{len(value)} where {row.size[0]} to {row.size[1]} are allowed"
    shown = short(value) if isinstance(value, (bytes, str, tuple)) else value
    return f"{shown} is not allowed"


def _counted(path: str, found: list[_Child], row: Rule) -> Iterator[Violation]:
    number = len(found)
    if number < row.least:
        why = f"{number} {_name(row)}, at least {row.least} needed"
        yield Violation(path, why, row.section, row)
    if row.most is not None and number > row.most:
        why = f"{number} {_name(row)}, at most {row.most} allowed"
        yield Violation(found[row.most].place, why, row.section, row)
    for child in found if row.position is not None else ():
        if not _in_place(child, row):
            yield Violation(child.place, f"{_name(row)} in the wrong place", row.section, row)


def _name(row: Rule) -> str:
    """What the row counts, for people."""
    classes = row.element if isinstance(row.element, tuple) else (row.element,)
    name = " or ".join(cls.__name__ for cls in classes)
    wanted = row.where.value if isinstance(row.where, Equal) else None
    return name if wanted is None else f"{name} {getattr(wanted, 'name', wanted)}"


def _in_place(child: _Child, row: Rule) -> bool:
    if row.position == LAST:
        return all(isinstance(e, row.padding) for e in islice(child.siblings, child.at + 1, None))
    before = islice(child.siblings, child.at)
    return not any(isinstance(e, row.position.elements) for e in before)
