"""What a message that follows takes over from earlier ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from ...schema import Message

__all__ = ["first_of"]

M = TypeVar("M", bound=Message)


def first_of(cls: type[M], *lists: Iterable[Message]) -> list[M]:
    """The first element of the class, if one of the lists has it."""
    return [one for elements in lists for one in elements if isinstance(one, cls)][:1]
