"""One exchange of a DHCP client: a message that is sent until it is answered (RFC 8415 15, 16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..dhcpv6 import (
    ClientServerMessage,
    Dhcpv6Option,
    ElapsedTime,
    InfMaxRt,
    Solicit,
    SolMaxRt,
)
from ..security import Rng
from .chance import number
from .dhcp_parameters import MAX_RT_RANGE, Timing
from .retransmission import Retransmission

__all__: list[str] = []

_LONGEST_ELAPSED = 0xFFFF


class _Intervals(Retransmission):
    """The intervals of RFC 8415, whose limit a server may change meanwhile."""

    def __init__(self, rng: Rng, timing: Timing, *, first_longer: bool) -> None:
        super().__init__(
            rng,
            first=timing.first,
            most=timing.most,
            tries=timing.tries,
            duration=timing.duration,
        )
        self._first_longer = first_longer

    def limit(self, most: float) -> None:
        """Let later intervals be no longer than that."""
        self._most = most

    def _random(self) -> float:
        value = super()._random()
        if self.sent or not self._first_longer:
            return value
        return abs(value) or self._jitter


class Exchange:
    """A message, its transaction id, and when it is sent again."""

    def __init__(
        self,
        kind: type[ClientServerMessage],
        rng: Rng,
        timing: Timing,
        options: Callable[[float], Iterable[Dhcpv6Option]],
    ) -> None:
        """`options` gives those of the message at a time, but for Elapsed Time."""
        self.kind = kind
        self.transaction_id = number(rng, 3)
        self._options = options
        # RFC 8415 18.2.1: the first interval of a Solicit is strictly longer than SOL_TIMEOUT.
        self._intervals = _Intervals(rng, timing, first_longer=kind is Solicit)
        self._begun = 0.0

    @property
    def sent(self) -> int:
        """How often the message was sent."""
        return self._intervals.sent

    def is_over(self, now: float) -> bool:
        """It is not sent any more."""
        return self._intervals.is_over(now)

    def transmit(self, now: float) -> tuple[ClientServerMessage, float]:
        """The message to send now, and when an answer has to be there."""
        if not self.sent:
            self._begun = now
        # The first message has a 0 here (RFC 8415 21.9).
        elapsed = min(round((now - self._begun) * 100), _LONGEST_ELAPSED)
        message = self.kind(self.transaction_id, (*self._options(now), ElapsedTime(elapsed)))
        return message, self._intervals.sent_at(now)

    def limit(self, most: float) -> None:
        """Let later intervals be no longer than that."""
        self._intervals.limit(most)


class MaxRt:
    """SOL_MAX_RT or INF_MAX_RT as servers set it (RFC 8415 18.2.9, 21.24, 21.25)."""

    def __init__(self, option: type[SolMaxRt] | type[InfMaxRt], default: float) -> None:
        self._option, self._default = option, default
        self._told: set[int] = set()
        self.value = default

    def begin(self) -> None:
        """Messages to come answer another exchange than those before."""
        self._told.clear()

    def learn(self, message: ClientServerMessage) -> None:
        """Take the value of a server; where answers of one exchange differ, the default holds."""
        self._told |= {
            option.value
            for option in message.options
            if isinstance(option, self._option) and option.value in MAX_RT_RANGE
        }
        if self._told:
            self.value = self._default if len(self._told) > 1 else min(self._told)
