"""One broken rule mended: an element put in, taken out or moved, or a field given another value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from ... import ikev2
from ...schema import Unknown
from ...schema.elements import Chunk, Items, Nested, OptionList, When
from ...schema.rules import AllOf, AnyOf, Before, Equal, FieldRule, Rule, Violation
from ..making.derive import Other, ends, fitted, made, room_of
from ..making.style import Style
from ..making.values import value_of
from .places import Step, at, put, steps_of

__all__ = ["agreeing", "counted", "inserted", "mended", "remade", "removed", "typed"]

#: How often a new object is made where none can be made to measure.
_TRIES = 12

#: Octets of an element that is put into a list, so that several fit.
_SMALL = 120


def mended(draw: Any, message: Any, violation: Violation, style: Style) -> Any:
    """The message without one of the violations that `violations` found in it."""
    row, steps = violation.rule, steps_of(violation.path)
    if isinstance(row, FieldRule):
        return _with_value(draw, message, steps, row, style)
    if _is_short(at(message, steps), row):
        return inserted(draw, message, steps, row, style)
    container = at(message, steps[:-1])
    if row.most is not None and len(counted(container, row)) > row.most:
        return removed(message, steps)
    return _moved(message, steps, row)


def _is_short(container: Any, row: Rule) -> bool:
    """Whether the place is a container that has too few of what the row counts."""
    return isinstance(container, row.container) and len(counted(container, row)) < row.least


def counted(container: Any, row: Rule) -> list[Step]:
    """The places of what a row counts in a container."""
    return [
        place
        for name in container.__struct_fields__
        for place, item in _items(name, getattr(container, name))
        if isinstance(item, row.element) and (row.where is None or row.where.holds(item))
    ]


def _items(name: str, value: Any) -> list[tuple[Step, Any]]:
    """What stands in a field, each with its place."""
    if isinstance(value, tuple):
        return [(Step(name, i), item) for i, item in enumerate(value)]
    return [(Step(name), value)]


# -- elements ------------------------------------------------------------------------------------


def inserted(
    draw: Any, message: Any, steps: Sequence[Step], row: Rule, style: Style, make: Any = made
) -> Any:
    """The message with one more of what a row counts, in the container at a place.

    `make` gives objects of a class, as `made` does.
    """
    container = at(message, steps)
    places = [
        (name, cls)
        for name, cls in _places(type(container), row.element)
        if _may_hold(row.where, cls)
    ]
    if not places:
        return reject()
    name, cls = draw(st.sampled_from(places))
    element = _satisfying(draw, cls, row.where, style, make)
    items = getattr(container, name)
    first = isinstance(row.position, Before)
    items = (element, *items) if first else _appended(items, element)
    return put(message, (*steps, Step(name)), items)


def _places(container: Any, wanted: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a container that take elements of a class, each with a class that they take."""
    for name, part in container.schema.layout.fields.items():
        for cls in _taken(part.element):
            if issubclass(cls, wanted) and not issubclass(cls, Unknown):
                yield name, cls


def _taken(element: Any) -> list[Any]:
    """The classes of what stands in a list; none for any other element."""
    if isinstance(element, OptionList):
        return list(element.registry)
    if isinstance(element, Items) and isinstance(element.item, Nested):
        return [element.item.message]
    return []


def _appended(items: tuple[Any, ...], element: Any) -> tuple[Any, ...]:
    """The items with one more: the last, unless there is one that ends the list."""
    behind = bool(items) and ends(items[-1])
    return (*items[:-1], element, items[-1]) if behind else (*items, element)


def _may_hold(condition: Any, cls: Any) -> bool:
    """Whether a condition may hold on objects of a class, by the code it is registered under."""
    match condition:
        case Equal(field, value) if field not in cls.__struct_fields__:
            return bool(cls.__registration__.codes[-1] == value)
        case Equal(field, value) if field == (other := Other(cls)).field:
            return value not in other.classes
        case AnyOf(conditions):
            return any(_may_hold(one, cls) for one in conditions)
        case AllOf(conditions):
            return all(_may_hold(one, cls) for one in conditions)
    return True


def _satisfying(draw: Any, cls: Any, where: Any, style: Style, make: Any) -> Any:
    """An object of a class on which a condition holds."""
    for _ in range(_TRIES):
        fields = {
            name: st.just(value)
            for name, value in _fields_for(draw, where).items()
            if name in cls.__struct_fields__
        }
        element = draw(make(cls, style, fields, min(room_of(cls), _SMALL)))
        if where is None or where.holds(element):
            return element
    return reject()


def _fields_for(draw: Any, condition: Any) -> dict[str, Any]:
    """Values of fields with which a condition holds, as far as fields decide it."""
    match condition:
        case Equal(field, value):
            return {field: value}
        case AnyOf(conditions):
            return _fields_for(draw, draw(st.sampled_from(conditions)))
        case AllOf(conditions):
            return {k: v for one in conditions for k, v in _fields_for(draw, one).items()}
    return {}


def removed(message: Any, steps: Sequence[Step]) -> Any:
    """The message without the item at a place."""
    container, (name, index) = at(message, steps[:-1]), steps[-1]
    items = getattr(container, name)
    if index is None:
        return reject()
    return put(message, (*steps[:-1], Step(name)), (*items[:index], *items[index + 1 :]))


def _moved(message: Any, steps: Sequence[Step], row: Rule) -> Any:
    """The message with the item at a place first, or last, of its list."""
    item = at(message, steps)
    message = removed(message, steps)
    place = (*steps[:-1], Step(steps[-1].field))
    rest = at(message, place)
    first = isinstance(row.position, Before)
    return put(message, place, (item, *rest) if first else _appended(rest, item))


# -- fields --------------------------------------------------------------------------------------


def _with_value(
    draw: Any, message: Any, steps: Sequence[Step], row: FieldRule, style: Style
) -> Any:
    """The message with a value that a row allows in the field at a place."""
    owner = at(message, steps[:-1])
    name = steps[-1].field
    part = type(owner).schema.layout.fields.get(name)
    if part is None:
        return put(message, steps[:-1], remade(draw, owner, row, style))
    if row.size is not None and _taken(part.element):
        return put(message, steps, _items_of(draw, part.element, row.size[0], style))
    value = draw(_allowed(part.element, getattr(owner, name), row))
    if value is None and row.allowed != (None,):
        return put(message, steps[:-1], remade(draw, owner, row, style))
    return put(message, steps[:-1], agreeing(draw, owner, name, value))


def _items_of(draw: Any, element: Any, count: int, style: Style) -> tuple[Any, ...]:
    """So many items, as few as a row wants."""
    classes = st.sampled_from(_taken(element))
    return tuple(draw(made(draw(classes), style, {}, _SMALL)) for _ in range(count))


def agreeing(draw: Any, owner: Any, field: str, value: Any) -> Any:
    """The object with a value in a field, and with what that wants of its other fields."""
    changes = {field: value}
    for name, part in type(owner).schema.layout.fields.items():
        match part.element:
            case When(field=other) as element if other == field:
                there = element.present(value)
                if there != (getattr(owner, name) is not None):
                    changes[name] = draw(value_of(element.form, known=True)) if there else None
            case Items(item=Chunk(field=other)) if other == field:
                changes[name] = ()
    return fitted(owner.replace(**changes))


def _allowed(element: Any, old: Any, row: FieldRule) -> st.SearchStrategy[Any]:
    """Values that a row allows; None where the field alone does not tell how to make one."""
    if row.includes:
        return st.just((*old, *(one for one in row.includes if one not in old)))
    if row.allowed:
        return st.sampled_from(row.allowed)
    if row.forbidden:
        return value_of(element, known=True).filter(row.allows)
    if row.size is not None:
        if not isinstance(old, bytes):
            return st.none()
        return st.binary(min_size=row.size[0], max_size=row.size[1])
    bits = element.bits or 8 * element.size
    most = (1 << bits) - 1 if row.most is None else row.most
    return st.integers(row.least or 0, most).map(lambda n: typed(element, n))


def typed(element: Any, number: int) -> Any:
    """A number as decoding gives it."""
    return getattr(element, "table", {}).get(number, number)


def remade(draw: Any, owner: Any, row: FieldRule, style: Style, *, allowed: bool = True) -> Any:
    """Another object in the place of one, with measures that a row allows, or does not."""
    if isinstance(owner, ikev2.Transform) and row.field == "key_length":
        none = (None in row.allowed) is allowed
        return owner.replace(attributes=() if none else _key_length(draw))
    kept = {
        name: st.just(value)
        for name, value in _fields_for(draw, AllOf(row.conditions)).items()
        if name in type(owner).__struct_fields__
    }
    for _ in range(_TRIES):
        other = draw(made(type(owner), style, kept, min(room_of(type(owner)), 4 * _SMALL)))
        if row.allows(getattr(other, row.field)) is allowed:
            return other
    return reject()


def _key_length(draw: Any) -> tuple[ikev2.TransformAttribute, ...]:
    """The attributes of a transform with a key length."""
    kind = ikev2.TransformAttributeType.KEY_LENGTH
    return (ikev2.TransformAttribute(kind, draw(st.sampled_from((128, 192, 256)))),)
