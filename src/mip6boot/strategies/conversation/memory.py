"""What a peer has said, so that it comes back to it in later messages.

Nothing here knows a protocol: header fields come back in fields of the same name, elements in lists
that may hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hypothesis import strategies as st

from ...errors import EncodeError
from ...schema import Message, OptionList, Unaligned, walk

__all__ = ["Memory"]

M = TypeVar("M", bound=Message)

#: How many values of a field, or elements of a class, are remembered: the newest.
_KEPT = 4
#: How many of them a message takes at most.
_TAKEN = 4


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

    def woven(self, message: M, allowed: Callable[[M], bool]) -> st.SearchStrategy[M]:
        """The message, with some of what is remembered in it as long as it is `allowed`."""
        changes = [*self._fields(message), *self._places(message)]
        if not changes:
            return st.just(message)
        chosen = st.lists(st.sampled_from(changes), max_size=_TAKEN, unique_by=lambda one: one[0])
        return chosen.map(lambda taken: _changed(message, taken, allowed))

    def _fields(self, message: Message) -> Iterator[tuple[str, Any]]:
        """Fields with a value that was met in one of the same name and kind, or the next one."""
        for name in message.__struct_fields__:
            own = getattr(message, name)
            for value in self._values.get(name, ()):
                if type(value) is type(own):
                    yield name, value
                    if type(value) is int:
                        yield name, value + 1

    def _places(self, message: Message) -> Iterator[tuple[str, Message]]:
        """Lists with an element that may stand in them."""
        for name, part in type(message).schema.layout.fields.items():
            if isinstance(part.element, OptionList):
                base = part.element.registry.base
                for cls, elements in self._elements.items():
                    if issubclass(cls, base):
                        yield from ((f"{name} {cls.__name__}", element) for element in elements)


def _keep(values: list[Any], value: Any) -> None:
    if value in values:
        values.remove(value)
    values.insert(0, value)
    del values[_KEPT:]


def _changed(message: M, changes: list[tuple[str, Any]], allowed: Callable[[M], bool]) -> M:
    """The message with those of the changes that are allowed."""
    for place, value in changes:
        name = place.split()[0]
        if isinstance(value, Message):
            value = _with(getattr(message, name), value)
        changed = message.replace(**{name: value})
        if _encodes(changed) and allowed(changed):
            message = changed
    return message


def _with(elements: tuple[Any, ...], new: Message) -> tuple[Any, ...]:
    """The elements with a new one in the place of the first of its class, or at the end."""
    at = next((i for i, one in enumerate(elements) if type(one) is type(new)), len(elements))
    return (*elements[:at], new, *elements[at + 1 :])


def _encodes(message: Message) -> bool:
    try:
        message.encode()
    except EncodeError:
        return False
    return True
