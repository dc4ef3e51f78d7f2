"""The Binding Updates that a mobile node has sent to its home agent (RFC 6275 11.1, 11.8)."""

from __future__ import annotations

import msgspec

from ..mipv6 import BindingUpdate, BindingUpdateFlags
from ..security import Rng
from .chance import number
from .retransmission import Retransmission

__all__ = [
    "INITIAL_BINDACK_TIMEOUT",
    "INITIAL_BINDACK_TIMEOUT_FIRST_REGISTRATION",
    "MAX_BINDACK_TIMEOUT",
    "MAX_UPDATE_RATE",
    "BindingUpdates",
    "SentUpdate",
]

#: RFC 6275 12 and 13, in seconds; the first one leaves time for Duplicate Address Detection.
INITIAL_BINDACK_TIMEOUT = 1.0
INITIAL_BINDACK_TIMEOUT_FIRST_REGISTRATION = 1.5
MAX_BINDACK_TIMEOUT = 32.0
#: Binding Updates to one node in a second.
MAX_UPDATE_RATE = 3


class SentUpdate(msgspec.Struct, frozen=True):
    """A Binding Update that may yet be acknowledged."""

    time: float
    update: BindingUpdate

    def has(self, flag: BindingUpdateFlags) -> bool:
        """It has a flag."""
        return flag in self.update.flags


class BindingUpdates:
    """Sequence numbers, what is outstanding, and when the next transmission is due."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        #: The last one sent, or accepted as the home agent says; any to begin with.
        self.sequence = number(rng, 2)
        self.outstanding: dict[int, SentUpdate] = {}
        #: The interval has reached MAX_BINDACK_TIMEOUT.
        self.is_slow = False
        self._times: list[float] = []
        self.begin(first=True)

    def begin(self, *, first: bool) -> None:
        """What was sent before is not waited for any more, and intervals are short again."""
        start = INITIAL_BINDACK_TIMEOUT_FIRST_REGISTRATION if first else INITIAL_BINDACK_TIMEOUT
        self._again = Retransmission(self._rng, first=start, most=MAX_BINDACK_TIMEOUT, jitter=0)
        self.outstanding.clear()
        self.is_slow = False

    def earliest(self, now: float) -> float:
        """When one more may be sent: now, unless there were three within a second."""
        self._times = [at for at in self._times if at > now - 1]
        return now if len(self._times) < MAX_UPDATE_RATE else self._times[0] + 1

    def next_sequence(self) -> int:
        """The number of the next Binding Update: also of one that is sent again."""
        self.sequence = (self.sequence + 1) % 65536
        return self.sequence

    def sent(self, update: BindingUpdate, now: float) -> float:
        """Note a transmission; when the next one is due."""
        self._times.append(now)
        self.outstanding[update.sequence] = SentUpdate(now, update)
        due = self._again.sent_at(now)
        self.is_slow = due - now >= MAX_BINDACK_TIMEOUT
        return due
