"""Hostile octets: those of legal messages, mutated."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ...schema import Message
from ..making.style import Style
from .legal import made_legal, of_each
from .mutation import mutated

__all__ = ["Drawn", "hostile_messages", "made_hostile", "often_mutated"]

#: How many mutations a message goes through at most.
_MUTATIONS = 4


class Drawn:
    """A `Chooser` whose numbers Hypothesis draws, so that what fails shrinks."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def randrange(self, stop: int, /) -> int:
        return int(self.draw(st.integers(0, stop - 1)))


def hostile_messages(
    message_class: type[Message], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[bytes]:
    """Octets of legal messages after one to four mutations of their structure.

    Elements dropped, repeated, moved, nested and mixed; lengths that lie; parts cut out, copied and
    overwritten.  `message_class` and `fields` are as in `legal_messages`.
    """
    return of_each(message_class, fields, made_hostile)


@st.composite
def made_hostile(
    draw: Any, cls: Any, style: Style, fields: dict[str, st.SearchStrategy[Any]]
) -> bytes:
    """Hostile octets of one class."""
    legal = made_legal(cls, style, fields).map(Message.encode)
    octets: bytes = draw(legal)
    donor: bytes = draw(st.just(b"") | legal)
    return often_mutated(draw, cls, octets, donor)


def often_mutated(draw: Any, cls: Any, octets: bytes, donor: bytes = b"") -> bytes:
    """The octets of a message of the class after one to four mutations."""
    for _ in range(draw(st.integers(1, _MUTATIONS))):
        octets = mutated(cls, octets, Drawn(draw), donor=donor)
    return octets
