"""From a declaration to a strategy of its objects.

Sizes are bounded by every length field around, so each object encodes; nothing is filtered away.
What does not fit any more is cut from the end, which keeps shrinking good.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, TypeVar

from hypothesis import strategies as st

from ..schema import Message
from ..schema.element import State
from ..schema.elements import BitGroup, Chain, Chunk, Derived, Items, OptionList, When
from ..schema.registry import Split
from .values import value_of

__all__ = ["messages"]

M = TypeVar("M", bound=Message)

#: How deep lists are filled; deeper ones stay empty.
_DEPTH = 5


def messages(message_class: type[M], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[M]:
    """Objects of a declared class, nested ones included, each of which encodes.

    `fields` gives strategies of one's own for fields of the class:
    `messages(BindingUpdate, sequence=st.just(7))`.  Their values are not made to fit.
    """
    if not (isinstance(message_class, type) and issubclass(message_class, Message)):
        raise TypeError(f"{message_class!r} is not a declared message class")
    unknown = set(fields) - set(message_class.__struct_fields__)
    if unknown:
        raise TypeError(f"{message_class.__name__} has no field {min(unknown)}")
    return _messages(message_class, _room(message_class), 1, fields)


def _room(cls: Any) -> int:
    """The most octets that the list around can say of a body."""
    registration = cls.__registration__
    if registration is None or registration.registry.length is None:
        return 65_535
    unit, bias = registration.length_rule
    most = (1 << 8 * registration.registry.length.size) - 1
    return int(min(most * unit + bias, 65_535))


def _step(cls: Any) -> tuple[int, int]:
    """Modulus and remainder of the octets that a message may have."""
    layout = cls.schema.layout
    if layout.frame is not None:
        element = layout.frame.element
        return element.unit, element.bias % element.unit
    registration = cls.__registration__
    if registration is None or registration.registry.length is None:
        return 1, 0
    unit, bias = registration.length_rule
    return unit, bias % unit


@st.composite
def _messages(draw: Any, cls: Any, room: int, depth: int, own: dict[str, Any]) -> Any:
    """One object of at most `room` octets, a whole number of the units of the length around."""
    schema = cls.schema
    layout = schema.layout
    if layout.frame is not None:
        room = min(room, _most(layout.frame.element))
    modulus, remainder = _step(cls)
    values: dict[str, Any] = {}
    if "registry_code" in layout.fields:
        values["registry_code"] = draw(_unknown_codes(cls))
    for name in layout.outer:
        # What stands behind the last element of a chain is any code.
        values.setdefault(name, draw(st.integers(0, 255)))
    split = _Other(cls)
    left = room - sum(s.element.size or 0 for s in layout.steps)
    left -= left % modulus
    at = 0
    for step in layout.steps:
        for part in _fields(step):
            if not isinstance(part.element, Derived):
                chosen = own.get(part.name)
                if chosen is None:
                    chosen = _field(layout, part, values, max(left, 0), depth, at)
                    if at == split.at:
                        chosen = chosen.map(split.free)
                values[part.name] = draw(chosen)
        if step.element.size is None:
            size = len(schema._piece(step, values[step.name], values, 1, at))
            left -= size
            at += size
        else:
            at += step.element.size
    return _fitted(cls(**values), modulus, remainder)


class _Other:
    """Where a class for all second codes that have no class has that code, if it is one."""

    def __init__(self, cls: Any) -> None:
        self.at: int | None = None
        registration = cls.__registration__
        if registration is not None and registration.codes:
            entry = registration.registry.get(registration.codes[0])
            if isinstance(entry, Split) and entry.other is cls:
                self.at, self.classes = entry.at, entry.classes

    def free(self, code: int) -> int:
        """The code, or the next one that has no class."""
        while code in self.classes:
            code = int(code) + 1
        return code


def _field(
    layout: Any, part: Any, values: dict[str, Any], left: int, depth: int, at: int
) -> st.SearchStrategy[Any]:
    """Values of one field in at most `left` octets, `at` octets into the message."""
    element = part.element
    if element.size is not None:
        return value_of(element)
    length = layout.lengths.get(part.name)
    limit = left if length is None else min(left, _most(length.element))
    if isinstance(element, When):
        present = element.present(values[element.field])
        return value_of(element.form) if present else st.none()
    if isinstance(element, OptionList):
        return _lists(element, limit, depth, at) if depth < _DEPTH else st.just(())
    if isinstance(element, Items) and isinstance(element.item, Chunk):
        return _chunks(values[element.item.field], limit)
    unit = 1 if length is None else length.element.unit
    return value_of(element, limit=limit, depth=depth, nested=_nested, unit=unit)


def _chunks(size: int, limit: int) -> st.SearchStrategy[tuple[bytes, ...]]:
    """Octet strings of one size; none without octets, for a list of such has no end."""
    most = min(limit // size, 3) if size else 0
    return st.lists(st.binary(min_size=size, max_size=size), max_size=most).map(tuple)


def _fields(part: Any) -> list[Any]:
    if isinstance(part.element, BitGroup):
        return [m.part for m in part.element.members]
    return [part]


def _most(element: Any) -> int:
    """The largest extent that a length field can say."""
    bits = element.bits or 8 * (element.size or 0)
    return int(element.extent((1 << bits) - 1))


def _unknown_codes(cls: Any) -> st.SearchStrategy[int]:
    registry = cls.__registration__.registry
    known = registry.codes()
    most = min(1 << 8 * registry.code.size, 4096)
    # In a chain the code 0 is that of the end.
    first = int(registry.chained)
    return st.sampled_from([code for code in range(first, most) if code not in known])


def _nested(cls: Any, limit: int, depth: int) -> st.SearchStrategy[Any]:
    return _messages(cls, min(limit, _room(cls)), depth + 1, {})


@st.composite
def _lists(draw: Any, element: OptionList, limit: int, depth: int, at: int) -> Any:
    """Options that fit together; padding stays out, since an encoder puts it in by itself."""
    registry = element.registry
    pads = (registry.pad1, registry.padn)
    classes = [c for c in registry if c.__registration__.codes[:1] not in [(p,) for p in pads]]
    room = max(limit - registry.code.size - registry.length.size, 0)
    items = tuple(
        draw(
            st.lists(
                st.sampled_from(classes).flatmap(lambda c: _nested(c, room, depth)), max_size=4
            )
        )
    )
    if isinstance(element, Chain):
        items = _ended(items)
    while _size(element, items, at) > limit:
        items = items[:-1]
    return items


def _ended(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """The items up to the first that ends a chain."""
    last = next((i for i, item in enumerate(items) if item.schema.layout.ends_chain), len(items))
    return items[: last + 1]


def _size(element: OptionList, items: tuple[Any, ...], at: int) -> int:
    """Octets of a list with its padding."""
    state = State()
    state.offset = at
    stream = BytesIO()
    element._build(items, stream, {"_mip6boot": state}, "")
    return len(stream.getvalue())


def _fitted(obj: Any, modulus: int, remainder: int) -> Any:
    """The object, with octets put to its end until its size is a whole number of units."""
    missing = (remainder - type(obj).schema.size_of(obj)) % modulus
    return _longer(obj, missing) if missing else obj


def _longer(obj: Any, octets: int) -> Any:
    last = type(obj).schema.layout.steps[-1].name
    value = getattr(obj, last)
    if isinstance(value, Message):
        return obj.replace(**{last: _longer(value, octets)})
    return obj.replace(**{last: value + bytes(octets)})
