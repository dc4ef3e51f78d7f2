"""What a peer has said, so that it comes back to it in later messages.

Nothing here knows a protocol: header fields come back in fields of the same name, elements in lists
that may hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

from ...schema import Message, OptionList, Unaligned, walk

__all__ = ["Memory"]

M = TypeVar("M", bound=Message)

#: How many values of a field, or elements of a class, are remembered: the newest.
_KEPT = 4
#: How many of them a message takes at most.
_TAKEN = 4


class _Change(NamedTuple):
    """A value for a field, or an element for a list."""

    field: str
    value: Any

    def place(self) -> tuple[str, type]:
        """What a message takes one change of: a field, and a class of elements in a list."""
        return self.field, type(self.value)


class Memory:
    """Fields of the messages of a peer by their names, and their elements by their classes."""

    def __init__(self) -> None:
        self._values: dict[str, list[Any]] = {}
        self._elements: dict[type, list[Message]] = {}

    def learn(self, message: Message) -> None:
        """Remember what is in a message."""
        for name in message.__struct_fields__:
            value = getattr(message, name)
            if not isinstance(value, (tuple, Message)):
                _keep(self._values.setdefault(name, []), value)
        for _, element in walk(message):
            if element is not message and not isinstance(element, Unaligned):
                _keep(self._elements.setdefault(type(element), []), element)

    def woven(
        self, message: M, allowed: Callable[[M], bool], fixed: Container[str] = ()
    ) -> st.SearchStrategy[M]:
        """The message, with some of what is remembered in fields that are not `fixed`.

        Only as much as is `allowed`, which nothing is that does not encode.
        """
        found = (*self._fields(message), *self._places(message))
        changes = [one for one in found if one.field not in fixed]
        if not changes:
            return st.just(message)
        chosen = st.lists(st.sampled_from(changes), max_size=_TAKEN, unique_by=_Change.place)
        return chosen.map(lambda taken: _changed(message, taken, allowed))

    def _fields(self, message: Message) -> Iterator[_Change]:
        """Fields with a value that was met in one of the same name and kind, or the next one."""
        for name in message.__struct_fields__:
            own = getattr(message, name)
            for value in self._values.get(name, ()):
                if type(value) is type(own):
                    yield _Change(name, value)
                    if type(value) is int:
                        yield _Change(name, value + 1)

    def _places(self, message: Message) -> Iterator[_Change]:
        """Lists with an element that may stand in them."""
        for name, part in type(message).schema.layout.fields.items():
            if isinstance(part.element, OptionList):
                base = part.element.registry.base
                for cls, elements in self._elements.items():
                    if issubclass(cls, base):
                        yield from (_Change(name, element) for element in elements)


def _keep(values: list[Any], value: Any) -> None:
    if value in values:
        values.remove(value)
    values.insert(0, value)
    del values[_KEPT:]


def _changed(message: M, changes: list[_Change], allowed: Callable[[M], bool]) -> M:
    """The message with those of the changes that are allowed."""
    for name, value in changes:
        if isinstance(value, Message):
            value = _with(getattr(message, name), value)
        changed = message.replace(**{name: value})
        if allowed(changed):
            message = changed
    return message


def _with(elements: tuple[Any, ...], new: Message) -> tuple[Any, ...]:
    """The elements with a new one in the place of the first of its class, or at the end."""
    at = next((i for i, one in enumerate(elements) if type(one) is type(new)), len(elements))
    return (*elements[:at], new, *elements[at + 1 :])
