"""A message in one of the grades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from ...schema import Message
from .sent import Sent

__all__ = ["GRADES", "graded"]


def _legal(message: Message) -> st.SearchStrategy[Sent]:
    return st.just(Sent(octets=message.encode(), kind=type(message), grade="legal"))


_MAKERS: dict[str, Callable[[Any], st.SearchStrategy[Sent]]] = {"legal": _legal}
GRADES = ("legal", "near_legal", "hostile")


def graded(message: Message, grade: str) -> st.SearchStrategy[Sent]:
    """The message as octets of a grade."""
    return _MAKERS[grade](message)
