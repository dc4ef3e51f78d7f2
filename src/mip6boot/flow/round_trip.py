"""How long an EAP authenticator waits for a response (RFC 3748 4.3, RFC 2988)."""

from __future__ import annotations

__all__ = ["RoundTripEstimate"]

#: On a single link (RFC 3748 4.3 [b]), in seconds.
RTO_INITIAL, RTO_MIN, RTO_MAX = 1.0, 0.2, 20.0


class RoundTripEstimate:
    """SRTT, RTTVAR and RTO of RFC 2988 2, for one link; by Karn, what was sent twice is no sample.

    >>> from mip6boot import flow
    >>> estimate = flow.RoundTripEstimate()
    >>> estimate.timeout
    1.0
    >>> estimate.sample(0.1)
    >>> round(estimate.timeout, 3)
    0.3
    """

    def __init__(self) -> None:
        self.timeout = RTO_INITIAL
        "RTO, in seconds."
        self._smoothed: float | None = None
        self._variation = 0.0

    def sample(self, seconds: float) -> None:
        """Note how long a response took to a request that was sent once."""
        if self._smoothed is None:
            self._smoothed, self._variation = seconds, seconds / 2
        else:
            self._variation = 0.75 * self._variation + 0.25 * abs(self._smoothed - seconds)
            self._smoothed = 0.875 * self._smoothed + 0.125 * seconds
        self.timeout = min(max(self._smoothed + 4 * self._variation, RTO_MIN), RTO_MAX)
