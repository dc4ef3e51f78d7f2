"""When something unanswered is sent again, and when it is given up."""

from __future__ import annotations

from ..security import Rng
from .chance import between

__all__ = ["Retransmission"]


class Retransmission:
    """Intervals that grow from one to the next, each a little off at random (RFC 8415 15).

    `first`, `most` and `duration` are seconds, `tries` counts transmissions; None is no limit.
    `jitter` is the largest part by which an interval is longer or shorter; 0 draws nothing.
    """

    def __init__(
        self,
        rng: Rng,
        *,
        first: float,
        factor: float = 2.0,
        most: float | None = None,
        tries: int | None = None,
        duration: float | None = None,
        jitter: float = 0.1,
    ) -> None:
        self._rng, self._first, self._factor, self._most = rng, first, factor, most
        self._tries, self._duration, self._jitter = tries, duration, jitter
        self.sent, self._begun, self._interval = 0, 0.0, 0.0

    def sent_at(self, now: float) -> float:
        """Note a transmission; when its answer has to be there."""
        if self.sent == 0:
            self._begun, plain = now, self._first
            self._interval = plain + self._random() * plain
        else:
            before = self._interval
            self._interval = self._factor * before + self._random() * before
            if self._most is not None and self._interval > self._most:
                self._interval = self._most + self._random() * self._most
        self.sent += 1
        due = now + self._interval
        return due if self._duration is None else min(due, self._begun + self._duration)

    def is_over(self, now: float) -> bool:
        """Nothing is sent any more."""
        if self._tries is not None and self.sent >= self._tries:
            return True
        if not self.sent or self._duration is None:
            return False
        return now >= self._begun + self._duration

    def _random(self) -> float:
        """A number between -jitter and +jitter."""
        if not self._jitter:
            return 0.0
        return between(self._rng, -self._jitter, self._jitter)
