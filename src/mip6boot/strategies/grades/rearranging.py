"""Elements dropped, repeated, moved, nested and mixed, with right lengths around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...errors import EncodeError
from ...schema import Malformed, Message, Unaligned
from ...schema.elements import Items, Nested, OptionList
from ...schema.tree import walk
from .places import Step, at, put, steps_of

if TYPE_CHECKING:
    from .mutation import Chooser

__all__ = ["rearranged"]

#: How often an element is repeated at most, and how deep it is put into itself.
_TIMES = (2, 3, 8, 60, 400)
_DEPTHS = (1, 2, 5, 12, 40)


def rearranged(message: Any, donor: Any, rng: Chooser) -> bytes | None:
    """The octets after one change; None where the message has no elements or cannot be written."""
    lists = list(_lists(message))
    if not lists:
        return None
    place = lists[rng.randrange(len(lists))]
    change = _CHANGES[rng.randrange(len(_CHANGES))]
    try:
        items = change(message, donor, place, rng)
        return None if items is None else put(message, place, items).encode()
    except EncodeError:
        return None


def _lists(message: Any) -> Iterator[tuple[Step, ...]]:
    """The places of all lists of elements, also empty ones."""
    for path, element in walk(message):
        if isinstance(element, (Malformed, Unaligned)):
            continue
        for name, part in type(element).schema.layout.fields.items():
            inner = part.element
            holds = isinstance(inner, Items) and isinstance(inner.item, Nested)
            if holds or isinstance(inner, OptionList):
                yield (*steps_of(path), Step(name))


def _dropped(message: Any, donor: Any, place: Any, rng: Chooser) -> Any:
    items = at(message, place)
    if not items:
        return None
    index = rng.randrange(len(items))
    return (*items[:index], *items[index + 1 :])


def _repeated(message: Any, donor: Any, place: Any, rng: Chooser) -> Any:
    items = at(message, place)
    if not items:
        return None
    index = rng.randrange(len(items))
    return (*items[:index], *[items[index]] * _TIMES[rng.randrange(len(_TIMES))], *items[index:])


def _swapped(message: Any, donor: Any, place: Any, rng: Chooser) -> Any:
    items = list(at(message, place))
    if len(items) < 2:
        return None
    first, second = rng.randrange(len(items)), rng.randrange(len(items))
    items[first], items[second] = items[second], items[first]
    return tuple(items)


def _given(message: Any, donor: Any, place: Any, rng: Chooser) -> Any:
    """Another element that has a place in the list, from anywhere in the donor."""
    items = at(message, place)
    others = [element for _, element in walk(donor) if _fits(message, place, element)]
    if not others:
        return None
    index = rng.randrange(len(items) + 1)
    return (*items[:index], others[rng.randrange(len(others))], *items[index:])


def _nested(message: Any, donor: Any, place: Any, rng: Chooser) -> Any:
    """The list with an element in itself, and in that again."""
    items = at(message, place)
    index = rng.randrange(len(items)) if items else 0
    inner = _own_place(items[index]) if items else None
    if inner is None:
        return None
    nested = items[index]
    for _ in range(_DEPTHS[rng.randrange(len(_DEPTHS))]):
        nested = put(items[index], inner, (nested, *at(items[index], inner)))
    return (*items[:index], nested, *items[index + 1 :])


def _own_place(element: Any) -> tuple[Step, ...] | None:
    """The first list in an element that takes elements of its own kind."""
    return next((place for place in _lists(element) if _fits(element, place, element)), None)


def _fits(message: Any, place: tuple[Step, ...], element: Message) -> bool:
    """Whether an element may be written into the list at a place."""
    inner = type(at(message, place[:-1])).schema.layout.fields[place[-1].field].element
    if isinstance(inner, OptionList):
        return isinstance(element, inner.registry.base)
    return isinstance(inner.item, Nested) and type(element) is inner.item.message


_CHANGES = (_dropped, _swapped, _repeated, _given, _nested)
