"""Nearly legal messages: one row of the rules, or one derived field, is broken and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from ...errors import DecodeError, EncodeError
from ...schema import Message, cited
from ...schema.rules import violations
from ..making.style import Style
from .barred import not_allowed, set_reserved
from .breaking import Change, misplaced, too_few, too_many
from .legal import made_legal, of_each, same
from .lies import lies, misalignments

__all__ = ["NearLegal", "broken", "made_near_legal", "near_legal_messages"]

T = TypeVar("T")

#: How many ways of breaking a message are tried, since some break more than they should.
_TRIES = 12


class NearLegal(msgspec.Struct, frozen=True):
    """Octets of a message with exactly one thing wrong."""

    octets: bytes
    rule: Any
    "The row that is broken, or what else is wrong; its `section` says where it stands."
    path: str
    "The place, as `check` and `explain` print it."
    reason: str
    "What is wrong there, for people."

    @property
    def what(self) -> str:
        """Place, reason and section on one line."""
        section = f" ({cited(self.rule.section)})" if self.rule.section else ""
        return f"{self.path or 'message'}: {self.reason}{section}"

    def __str__(self) -> str:
        return f"{self.what}\n{self.octets.hex()}"


#: Fields that have values of the user's own.
Fixed = Mapping[str, Any]

#: A way to break a message: given what draws, the octets with what is wrong in them.
Break = Callable[[Any], NearLegal | None]


def near_legal_messages(
    message_class: type[Message], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[NearLegal]:
    """Octets in which one row of `check` is broken, or one length, count or alignment is wrong.

    Everything else in them is legal: `message_class` and `fields` are as in `legal_messages`.
    """
    return of_each(message_class, fields, made_near_legal)


@st.composite
def made_near_legal(
    draw: Any, cls: Any, style: Style, fields: dict[str, st.SearchStrategy[Any]]
) -> NearLegal:
    """One thing wrong in a message of the class that is legal by the rows of the style."""
    found = broken(draw, draw(made_legal(cls, style, fields)), style, fields)
    return reject() if found is None else found


def broken(draw: Any, message: Message, style: Style, fixed: Fixed) -> NearLegal | None:
    """One thing wrong in a message that is legal by the rows of the style; None if all fails."""
    for breaks in _from(draw, _KINDS):
        for one in _from(draw, breaks(message, style, fixed))[:_TRIES]:
            found = _tried(one, draw)
            if found is not None:
                return found
    return None


def _tried(one: Break, draw: Any) -> NearLegal | None:
    """What a way of breaking makes; None where it comes to no end, or cannot be written."""
    try:
        return one(draw)
    except (EncodeError, UnsatisfiedAssumption):
        return None


def _from(draw: Any, things: Sequence[T]) -> Sequence[T]:
    """The things from one of them on, and then those before it."""
    first = draw(st.integers(0, len(things) - 1)) if things else 0
    return [*things[first:], *things[:first]]


def _rows(
    changes: Callable[[Any, Style], list[Change]], message: Any, style: Style, fixed: Fixed
) -> list[Break]:
    return [partial(_by_row, message, style, fixed, change) for change in changes(message, style)]


def _lies(message: Any, style: Style, fixed: Fixed) -> list[Break]:
    return [partial(_by_lie, message, style, lie) for lie in lies(message, message.encode())]


def _misplacements(message: Any, style: Style, fixed: Fixed) -> list[Break]:
    return [partial(_misaligned, one) for one in misalignments(message, message.encode())]


#: The ways to break a message, by kind, so that a kind of few ways does not get lost.  Hypothesis
#: takes the first more often, which is that of most ways; what many messages have no way for is
#: followed by lies, for which all have some.
_KINDS: tuple[Callable[[Any, Style, Fixed], list[Break]], ...] = (
    partial(_rows, not_allowed),
    partial(_rows, too_few),
    partial(_rows, too_many),
    partial(_rows, set_reserved),
    partial(_rows, misplaced),
    _misplacements,
    _lies,
)


def _by_row(legal: Any, style: Style, fixed: Fixed, change: Change, draw: Any) -> NearLegal | None:
    """What breaks a row, if it breaks no other one and leaves what is fixed."""
    changed = change(draw)
    if changed is None or not same(legal, changed[1], fixed):
        return None
    row, message = changed
    rules = style.rules if any(row is one for one in style.rules) else (*style.rules, row)
    found = violations(message, rules)
    if not found or any(violation.rule is not row for violation in found):
        return None
    return NearLegal(message.encode(), row, found[0].path, found[0].reason)


def _by_lie(message: Any, style: Style, lie: Any, draw: Any) -> NearLegal | None:
    """What has a number that lies, unless it is a legal message all the same."""
    octets, rule, path = lie(draw)
    try:
        if not violations(type(message).decode(octets), style.rules):
            return None
    except DecodeError:
        pass
    return NearLegal(octets, rule, path, f"says {rule.says}, {rule.right} is right")


def _misaligned(change: Any, draw: Any) -> NearLegal:
    octets, rule, path = change
    return NearLegal(octets, rule, path, f"not at {rule.modulus}n+{rule.remainder}")
