"""Nearly legal messages: one row of the rules, or one derived field, is broken and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
from hypothesis import reject
from hypothesis import strategies as st

from ..errors import DecodeError, EncodeError
from ..schema import Message, cited
from ..schema.rules import FieldRule, Rule, violations
from .breaking import Change, broken_field_rules, broken_rules, set_reserved
from .derive import chosen
from .legal import legal_style, made_legal
from .lies import Lie, Misalignment, lies, misalignments
from .style import Style

__all__ = ["NearLegal", "made_near_legal", "near_legal_messages"]

#: How many ways of breaking a message are tried, since some break more than they should.
_TRIES = 12


class NearLegal(msgspec.Struct, frozen=True):
    """Octets of a message with exactly one thing wrong."""

    octets: bytes
    rule: Rule | FieldRule | Lie | Misalignment
    "The row that is broken, or what else is wrong; its `section` says where it stands."
    path: str
    "The place, as `check` and `explain` print it."
    reason: str
    "What is wrong there, for people."

    def __str__(self) -> str:
        section = f" ({cited(self.rule.section)})" if self.rule.section else ""
        return f"{self.path or 'message'}: {self.reason}{section}\n{self.octets.hex()}"


#: A way to break a message: given what draws, the octets with what is wrong in them.
Break = Callable[[Any], NearLegal | None]


def near_legal_messages(
    message_class: type[Message], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[NearLegal]:
    """Octets in which one row of `check` is broken, or one length, count or alignment is wrong.

    Everything else in them is legal: `message_class` and `fields` are as in `legal_messages`.
    """
    classes = chosen(message_class, fields, known=True)
    return st.one_of([made_near_legal(cls, legal_style(cls), fields) for cls in classes])


@st.composite
def made_near_legal(
    draw: Any, cls: Any, style: Style, fields: dict[str, st.SearchStrategy[Any]]
) -> NearLegal:
    """One thing wrong in a message of the class that is legal by the rows of the style."""
    message = draw(made_legal(cls, style, fields))
    kinds = [kind for kind in _kinds(message, style) if kind]
    breaks = draw(st.sampled_from(kinds)) if kinds else []
    for one in _some(breaks, draw):
        broken: NearLegal | None = one(draw)
        if broken is not None:
            return broken
    return reject()


def _some(breaks: list[Break], draw: Any) -> Iterator[Break]:
    """Some of the ways, from one of them on."""
    first = draw(st.integers(0, max(len(breaks) - 1, 0)))
    yield from [*breaks[first:], *breaks[:first]][:_TRIES]


def _kinds(message: Any, style: Style) -> list[list[Break]]:
    """The ways to break a message by kind, so that a kind of few ways comes as often as others."""
    octets = message.encode()
    kinds: list[list[Break]] = [
        [partial(_by_row, style, change) for change in changes(message, style)]
        for changes in (broken_rules, broken_field_rules, set_reserved)
    ]
    kinds.append([partial(_by_lie, message, style, lie) for lie in lies(message, octets)])
    kinds.append([partial(_misaligned, one) for one in misalignments(message, octets)])
    return kinds


def _by_row(style: Style, change: Change, draw: Any) -> NearLegal | None:
    """What breaks a row, if it breaks no other one and can be written."""
    changed = change(draw)
    if changed is None:
        return None
    row, message = changed
    rules = style.rules if any(row is one for one in style.rules) else (*style.rules, row)
    found = violations(message, rules)
    if not found or any(violation.rule is not row for violation in found):
        return None
    try:
        return NearLegal(message.encode(), row, found[0].path, found[0].reason)
    except EncodeError:
        return None


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
