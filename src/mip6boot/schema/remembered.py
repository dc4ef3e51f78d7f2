"""Values met again and again on the wire: made once, looked up after that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Remembered"]

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V], Generic[K, V]):
    """Wire form -> immutable value; forgets all when it holds `limit` of them.

    The same hosts, names and DUIDs come in one message after the other, and making the object costs
    several times the look-up.  What `make` raises is not remembered.
    """

    #: A peer may send as many different values as it likes, so there is a bound.  Keys are octets,
    #: whose hashes a peer cannot guess; chosen numbers could all fall into one place.
    limit = 4096
    #: Nor do long ones come again and again; they would only fill the memory.
    longest = 256

    def __init__(self, make: Callable[[Any], V]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, wire: K) -> V:
        value = self.make(wire)
        self.keep(wire, value)
        return value

    def keep(self, wire: K, value: V) -> None:
        """Remember a value that was made elsewhere, unless its wire form is long."""
        if isinstance(wire, bytes) and len(wire) > self.longest:
            return
        if len(self) >= self.limit:
            self.clear()
        if self.limit:
            self[wire] = value
