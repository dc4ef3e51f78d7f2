"""From a declaration to a strategy of its objects.

Sizes are bounded by every length field around, so each object encodes; nothing is filtered away.
What does not fit any more is cut from the end, which keeps shrinking good.
"""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any, NamedTuple, TypeVar

import msgspec
from hypothesis import strategies as st

from ...schema import Malformed, Message, Unaligned, Unknown
from ...schema.element import State
from ...schema.elements import BitGroup, Chain, Chunk, Derived, Items, OptionList, When
from ...schema.registry import Split
from ...schema.tree import defaults
from .style import ANY, Style
from .values import value_of

__all__ = ["Other", "chosen", "ended", "ends", "fitted", "made", "messages", "room_of"]

M = TypeVar("M", bound=Message)

#: How deep lists are filled; deeper ones stay empty.
_DEPTH = 5

#: Fields that keep their usual value where only what is known is wanted.
_AS_USUAL = ("reserved", "padding")


def messages(message_class: type[M], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[M]:
    """Objects of a declared class, nested ones included, each of which encodes.

    A base such as `dhcpv6.Dhcpv6Message` stands for every class registered for it.  `fields` gives
    strategies of one's own for fields: `messages(BindingUpdate, sequence=st.just(7))`; of a base
    only classes that have the fields are made then.  Their values are not made to fit.
    TypeError for what is no declared class, and for a field or value that is none.
    """
    classes = chosen(message_class, fields)
    return st.one_of([made(cls, ANY, fields) for cls in classes])


def chosen(
    message_class: Any, fields: dict[str, st.SearchStrategy[Any]], *, known: bool = False
) -> list[Any]:
    """The classes that a class stands for: itself, or those that are registered for a base."""
    declared = isinstance(message_class, type) and issubclass(message_class, Message)
    if not declared or issubclass(message_class, (Malformed, Unaligned)):
        raise TypeError(f"{message_class!r} is not a declared message class")
    for name, strategy in fields.items():
        if not isinstance(strategy, st.SearchStrategy):
            raise TypeError(f"{name}={strategy!r} is not a strategy: st.just(...) makes it one")
    classes = _registered(message_class)
    if known and len(classes) > 1:
        classes = [cls for cls in classes if not issubclass(cls, Unknown)]
    having = [cls for cls in classes if set(fields) <= set(cls.__struct_fields__)]
    if not having:
        unknown = [n for n in fields if not any(n in cls.__struct_fields__ for cls in classes)]
        raise TypeError(
            f"{message_class.__name__} has no field {min(unknown)}"
            if unknown
            else f"no class of {message_class.__name__} has all of the fields {sorted(fields)}"
        )
    return having


def _registered(message_class: Any) -> list[Any]:
    registry = message_class.__registry__
    if registry is None or message_class.__registration__ is not None:
        return [message_class]
    found = [cls for cls in registry if issubclass(cls, message_class)]
    return list(dict.fromkeys(found)) or [message_class]


def made(
    cls: Any, style: Style, fields: dict[str, st.SearchStrategy[Any]], room: int | None = None
) -> st.SearchStrategy[Any]:
    """Objects of one class in a style, of at most `room` octets."""
    return _messages(cls, room_of(cls) if room is None else room, 1, fields, style)


def room_of(cls: Any) -> int:
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
def _messages(draw: Any, cls: Any, room: int, depth: int, own: dict[str, Any], style: Style) -> Any:
    """One object of at most `room` octets, a whole number of the units of the length around."""
    schema = cls.schema
    layout = schema.layout
    if layout.frame is not None:
        room = min(room, _most(layout.frame.element))
    modulus, _ = _step(cls)
    values: dict[str, Any] = {}
    if "registry_code" in layout.fields:
        values["registry_code"] = draw(_unknown_codes(cls))
    for name in layout.outer:
        # What stands behind the last element of a chain is any code.
        values.setdefault(name, draw(st.integers(0, 255)))
    other = Other(cls)
    left = room - sum(s.element.size or 0 for s in layout.steps)
    left -= left % modulus
    at = 0
    for step in layout.steps:
        for part in _fields(step):
            if not isinstance(part.element, Derived):
                strategy = own.get(part.name)
                if strategy is None:
                    field = _Field(layout, values, max(left, 0), depth, at, style)
                    strategy = field.strategy(part)
                    if part.name == other.field:
                        strategy = strategy.map(other.free)
                values[part.name] = draw(strategy)
        if step.element.size is None:
            size = len(schema._piece(step, values[step.name], values, 1, at))
            left -= size
            at += size
        else:
            at += step.element.size
    return fitted(cls(**values))


class Other:
    """The field with the second code of a class for all second codes that have no class."""

    def __init__(self, cls: Any) -> None:
        self.field, self.classes = "", {}
        registration = cls.__registration__
        entry = registration and registration.codes and _entry(registration)
        if isinstance(entry, Split) and entry.other is cls:
            self.field, self.classes = _field_at(cls, entry.at), entry.classes

    def free(self, code: int) -> int:
        """The code, or the next one that has no class."""
        while code in self.classes:
            code = int(code) + 1
        return code


def _entry(registration: Any) -> Any:
    return registration.registry.get(registration.codes[0])


def _field_at(cls: Any, offset: int) -> str:
    """The field that begins so many octets into the messages of a class."""
    at = 0
    for step in cls.schema.layout.steps:
        if at == offset:
            return str(step.name)
        at += step.element.size
    raise TypeError(f"{cls.__name__} has no field at octet {offset}")


class _Field(NamedTuple):
    """Where a field stands: what comes before it, and the octets that are left."""

    layout: Any
    values: dict[str, Any]
    left: int
    depth: int
    at: int
    "Octets from the start of the message."
    style: Style

    def strategy(self, part: Any) -> st.SearchStrategy[Any]:
        """Values of the field."""
        element, known = part.element, self.style.known
        if known and part.name.startswith(_AS_USUAL):
            usual = defaults(self.layout.cls)[part.name]
            if usual is not msgspec.NODEFAULT:
                return st.just(usual)
        if element.size is not None:
            return value_of(element, known=known)
        length = self.layout.lengths.get(part.name)
        limit = self.left if length is None else min(self.left, _most(length.element))
        if isinstance(element, When):
            present = element.present(self.values[element.field])
            return value_of(element.form, known=known) if present else st.none()
        if isinstance(element, OptionList):
            return self.options(element, limit)
        if isinstance(element, Items) and isinstance(element.item, Chunk):
            return _chunks(self.values[element.item.field], limit)
        unit = 1 if length is None else length.element.unit
        nested = partial(_nested, style=self.style)
        return value_of(
            element, limit=limit, depth=self.depth, nested=nested, unit=unit, known=known
        )

    def options(self, element: OptionList, limit: int) -> st.SearchStrategy[Any]:
        """Options that fit; padding stays out, since an encoder puts it in by itself."""
        registry = element.registry
        pads = [(pad,) for pad in (registry.pad1, registry.padn)]
        classes = [c for c in registry if c.__registration__.codes[:1] not in pads]
        classes = self.style.elements(self.layout.cls, self.values, classes)
        if self.depth >= _DEPTH or not classes:
            return st.just(())
        return _lists(element, classes, limit, self)


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


def _nested(cls: Any, limit: int, depth: int, style: Style) -> st.SearchStrategy[Any]:
    return _messages(cls, min(limit, room_of(cls)), depth + 1, {}, style)


@st.composite
def _lists(draw: Any, element: OptionList, classes: list[Any], limit: int, field: _Field) -> Any:
    """Options of the classes that fit together."""
    registry = element.registry
    room = max(limit - registry.code.size - registry.length.size, 0)
    option = st.sampled_from(classes).flatmap(lambda c: _nested(c, room, field.depth, field.style))
    items = tuple(draw(st.lists(option, max_size=4)))
    if isinstance(element, Chain):
        items = ended(items)
    while _size(element, items, field.at) > limit:
        items = items[:-1]
    return items


def ended(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """The items up to the first that ends a chain."""
    last = next((i for i, item in enumerate(items) if ends(item)), len(items))
    return items[: last + 1]


def ends(item: Any) -> bool:
    """Whether nothing comes behind an item of a chain."""
    return isinstance(item, Malformed) or bool(type(item).schema.layout.ends_chain)


def _size(element: OptionList, items: tuple[Any, ...], at: int) -> int:
    """Octets of a list with its padding."""
    state = State()
    state.offset = at
    stream = BytesIO()
    element._build(items, stream, {"_mip6boot": state}, "")
    return len(stream.getvalue())


def fitted(obj: Any) -> Any:
    """The object, with octets put to its end until its size is a whole number of units."""
    modulus, remainder = _step(type(obj))
    missing = (remainder - type(obj).schema.size_of(obj)) % modulus
    return _longer(obj, missing) if missing else obj


def _longer(obj: Any, octets: int) -> Any:
    last = type(obj).schema.layout.steps[-1].name
    value = getattr(obj, last)
    if isinstance(value, Message):
        return obj.replace(**{last: _longer(value, octets)})
    return obj.replace(**{last: value + bytes(octets)})
