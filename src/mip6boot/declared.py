"""Tells whoever wants to know of each message class when it is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["listen", "tell"]

_classes: list[Any] = []
_listeners: list[Callable[[Any], None]] = []


def listen(listener: Callable[[Any], None]) -> None:
    """Have `listener` called with every class, those that are declared already first."""
    for cls in _classes:
        listener(cls)
    _listeners.append(listener)


def tell(cls: Any) -> None:
    """Tell the listeners of a new class."""
    _classes.append(cls)
    for listener in _listeners:
        listener(cls)
