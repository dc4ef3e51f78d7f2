"""Parts of messages found by their class, on the level where they stand, and named for events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

__all__: list[str] = []

Kind = TypeVar("Kind")


def find(parts: Iterable[Any], kind: type[Kind]) -> Kind | None:
    """The first part of a class; None where there is none."""
    return next((one for one in parts if isinstance(one, kind)), None)


def find_all(parts: Iterable[Any], kind: type[Kind]) -> list[Kind]:
    """All parts of a class, in their order."""
    return [one for one in parts if isinstance(one, kind)]


def name_of(code: Any) -> str:
    """What a code of a registry is called; its number where it has no name."""
    return str(getattr(code, "name", code))
