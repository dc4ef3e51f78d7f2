"""A message in one of the grades, as it goes to the peer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from ...schema import Message
from ..grades.hostile import often_mutated
from ..grades.legal import legal_style
from ..grades.near_legal import broken
from .sent import Sent

__all__ = ["graded"]


@st.composite
def graded(draw: Any, message: Message, grade: str, fixed: Mapping[str, Any]) -> Sent:
    """A legal message in a grade; as it is if there is no way to break it.

    What is near-legal has its `fixed` fields as they are.
    """
    cls = type(message)
    if grade == "near_legal":
        found = broken(draw, message, legal_style(cls), fixed)
        if found is not None:
            return Sent(octets=found.octets, kind=cls, grade=grade, broken=found)
    octets = message.encode()
    if grade == "hostile":
        return Sent(octets=often_mutated(draw, cls, octets), kind=cls, grade=grade)
    return Sent(octets=octets, kind=cls, grade="legal")
