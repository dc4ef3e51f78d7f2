"""Legal messages: made in the known style, then mended row by row until no rule is broken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from ... import dhcpv6, diameter, eap, ikev2, mipv6
from ...errors import EncodeError
from ...schema import Message
from ...schema.rules import violations
from ..making.derive import chosen, made
from ..making.style import Style
from .mending import mended

__all__ = ["legal_messages", "legal_style", "made_legal", "of_each", "same"]

M = TypeVar("M", bound=Message)

#: Rounds of mending; what one row wants another may forbid.
_ROUNDS = 40

#: By room, and for classes of no room that has rules.
_STYLES = {
    room.__name__: Style(known=True, rules=room.RULES)
    for room in (dhcpv6, diameter, eap, ikev2, mipv6)
}
_WITHOUT_RULES = Style(known=True)


def legal_messages(
    message_class: type[M], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[M]:
    """Objects of a class that break none of the rules that `check` of their room knows.

    Codes are those that have a name, reserved fields are zero.  `message_class` and `fields` are as
    in `messages`; values of one's own with which a message cannot be legal are left out.
    """
    return of_each(message_class, fields, made_legal)


def of_each(message_class: Any, fields: Any, make: Any) -> st.SearchStrategy[Any]:
    """What `make` makes of the classes that a class stands for, each in its legal style."""
    classes = chosen(message_class, fields, known=True)
    return st.one_of([make(cls, legal_style(cls), fields) for cls in classes])


def legal_style(message_class: type) -> Style:
    """The style with the rows of the room that a class, or a base of it, is declared in."""
    rooms = (".".join(base.__module__.split(".")[:2]) for base in message_class.__mro__)
    return next((_STYLES[room] for room in rooms if room in _STYLES), _WITHOUT_RULES)


@st.composite
def made_legal(
    draw: Any,
    cls: Any,
    style: Style,
    fields: dict[str, st.SearchStrategy[Any]],
    room: int | None = None,
) -> Any:
    """Objects of one class that break none of the rows of the style."""
    message = begun = draw(made(cls, style, fields, room))
    for _ in range(_ROUNDS):
        broken = violations(message, style.rules)
        if not broken:
            return _encodable(message) if same(begun, message, fields) else reject()
        message = mended(draw, message, broken[0], style)
    return reject()


def same(one: Any, other: Any, names: Iterable[str]) -> bool:
    """Whether two messages have the same values in some fields."""
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _encodable(message: Any) -> Any:
    """The message, unless what was put into it made some list too long."""
    try:
        message.encode()
    except EncodeError:
        reject()
    return message
