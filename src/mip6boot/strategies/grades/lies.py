"""What the codec computes, wrong: lengths, counts, what follows, and the place of an option."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
from hypothesis import strategies as st

from ...schema import Malformed, Message, explain
from ...schema.elements import Code, OptionList
from ...schema.elements.optionlist import alignment_of
from ...schema.octetmap import Row, number_of, overlay_number
from ...schema.tree import walk
from .places import Step, at, path_of, put, steps_of

__all__ = ["Lie", "Misalignment", "is_derived", "lies", "misalignments"]


class Lie(msgspec.Struct, frozen=True):
    """A derived field - a length, a count, the code of what follows - with another number."""

    container: type
    "The class that has the field."
    field: str
    says: int
    right: int
    offset: int
    "Octets before it, or before the word whose bits it is."
    section: str = ""


class Misalignment(msgspec.Struct, frozen=True):
    """An option that does not begin at `modulus` n + `remainder` octets into its message."""

    container: type
    element: type
    modulus: int
    remainder: int
    section: str = ""


#: The octets that lie, what lies in them, and where.
Lying = tuple[bytes, Lie, str]


def lies(message: Any, octets: bytes) -> list[Callable[[Any], Lying]]:
    """The ways to have a derived field of a message lie."""
    rows = [row for row in explain(type(message), octets) if is_derived(message, row)]
    return [partial(_lie, message, octets, row) for row in rows]


def is_derived(message: Any, row: Row) -> bool:
    """Whether a row of the octet map is a number that follows from the rest of the message.

    Codes that name the kind of an element do not count: another one makes it another element.
    """
    steps = _steps(row.path)
    if not steps or steps[-1].item is not None:
        return False
    owner, name = _owner(message, steps)
    if owner is None or name == "type" or name in type(owner).__struct_fields__:
        return False
    parts = {part.name: part.element for part in type(owner).schema.layout.parts}
    return not isinstance(parts.get(name), Code)


def _steps(path: str) -> tuple[Step, ...]:
    try:
        return steps_of(path)
    except ValueError:
        return ()  # Words of several fields, whose fields have rows of their own.


def _owner(message: Any, steps: tuple[Step, ...]) -> tuple[Any, str]:
    """The message that has the field at a place; none for what is in no message."""
    try:
        owner = at(message, steps[:-1])
    except (AttributeError, IndexError, TypeError):
        owner = None
    declared = isinstance(owner, Message) and not isinstance(owner, Malformed)
    return (owner if declared else None), steps[-1].field


def _lie(message: Any, octets: bytes, row: Row, draw: Any) -> Lying:
    """The octets with another number in a row."""
    right, most = number_of(row)
    near = [n for n in (right - 1, right + 1, 0, most) if 0 <= n <= most and n != right]
    says = draw(st.sampled_from(near) | st.integers(0, most).filter(lambda n: n != right))
    out = bytearray(octets)
    overlay_number(out, row, says)
    owner, name = _owner(message, _steps(row.path))
    section = row.rfc or _section(owner)
    return bytes(out), Lie(type(owner), name, says, right, row.offset, section), row.path


def _section(element: Any) -> str:
    registration = type(element).__registration__
    return registration.rfc if registration else ""


def misalignments(message: Any, octets: bytes) -> list[tuple[bytes, Misalignment, str]]:
    """Octets in which one option that has an alignment is off it."""
    return [
        found
        for path, container in walk(message)
        for name, part in type(container).schema.layout.fields.items()
        if isinstance(part.element, OptionList) and part.element.registry.pad1 is not None
        for found in _off(message, octets, (*steps_of(path), Step(name)), part.element.registry)
    ]


def _off(
    message: Any, octets: bytes, steps: tuple[Step, ...], registry: Any
) -> Iterator[tuple[bytes, Misalignment, str]]:
    """One option of a list at a time off its place: without its padding, or behind a Pad1."""
    container, options = at(message, steps[:-1]), at(message, steps)
    mark = (registry.unaligned(),)
    for i, option in enumerate(options):
        modulus, remainder = alignment_of(option)
        for pads in ((), (registry.get(registry.pad1)(),)) if modulus > 1 else ():
            shifted = put(message, steps, (*options[:i], *pads, *mark, *options[i:])).encode()
            if shifted != octets:
                rule = Misalignment(
                    type(container), type(option), modulus, remainder, _section(option)
                )
                place = (*steps[:-1], Step(steps[-1].field, i + len(pads) + 1))
                yield shifted, rule, path_of(place)
                break
