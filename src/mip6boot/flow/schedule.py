"""What is due when; the soonest is found without a look at all the rest.

>>> from mip6boot.flow.schedule import Schedule
>>> schedule = Schedule()
>>> for what, at in ("tea", 5.0), ("dinner", 8.0), ("lunch", 1.0), ("tea", 6.0):
...     schedule.start(what, at)
>>> schedule.soonest(), list(schedule.due(6.0)), schedule.soonest()
(1.0, ['lunch', 'tea'], 8.0)
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from typing import Any

__all__ = ["Schedule"]

#: Entries of the heap that may be out of date before it is made anew, beside as many as are not.
_STALE = 64


class Schedule:
    """Times by what they are of; of two at the same time, the one started first is first."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[float, int, Any]] = {}
        # What was put off or stopped stays in the heap until it comes to the top.
        self._heap: list[tuple[float, int, Any]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, what: Hashable) -> bool:
        return what in self._entries

    def start(self, what: Hashable, at: float) -> None:
        """Let it be due at a time, and at no other that was said before."""
        self._count += 1
        entry = self._entries[what] = at, self._count, what
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._entries) + _STALE:
            self._heap = sorted(self._entries.values())

    def stop(self, what: Hashable) -> None:
        """Forget it, if it is there."""
        self._entries.pop(what, None)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self._heap.clear()

    def soonest(self) -> float | None:
        """The time of what is due first; None where there is nothing."""
        while self._heap and self._entries.get(self._heap[0][2]) != self._heap[0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> Iterator[Any]:
        """Take out what is due, one after the other; what is started meanwhile has to wait."""
        last, later = self._count, []
        try:
            while (soonest := self.soonest()) is not None and soonest <= now:
                entry = heapq.heappop(self._heap)
                if entry[1] > last:
                    later.append(entry)
                    continue
                del self._entries[entry[2]]
                yield entry[2]
        finally:
            for entry in later:
                heapq.heappush(self._heap, entry)
