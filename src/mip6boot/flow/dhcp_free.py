"""Which values of a pool are free, found without a look at all that are taken."""

from __future__ import annotations

from collections.abc import Container
from heapq import heappop, heappush
from ipaddress import IPv6Address, IPv6Network
from typing import Protocol

__all__: list[str] = []

Value = IPv6Address | IPv6Network


class Pool(Protocol):
    """Values in order."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def value(self, index: int) -> Value | None:
        """One of them; None for one that may not be given."""
        ...


class Lowest:
    """The lowest value of a pool that is not taken."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        #: From here on nothing was looked at; below, all is taken but what came back.
        self._next = 0
        self._back: list[int] = []
        self._listed: set[int] = set()

    def find(self, taken: Container[Value | None]) -> Value | None:
        """The value; None where all are taken."""
        while self._back:
            value = self._pool.value(self._back[0])
            if value not in taken:
                return value
            self._listed.remove(heappop(self._back))
        while self._next < self._pool.size:
            value = self._pool.value(self._next)
            if value is not None and value not in taken:
                return value
            self._next += 1
        return None

    def came_back(self, index: int) -> None:
        """The value is not taken any more."""
        if index < self._next and index not in self._listed:
            self._listed.add(index)
            heappush(self._back, index)
