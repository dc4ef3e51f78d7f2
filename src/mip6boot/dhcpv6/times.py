"""Times of DHCPv6: seconds since the year 2000 (RFC 8415 11.2, RFC 7653 6.3, RFC 8156 5.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..schema import UInt32
from .base import Dhcpv6Option

__all__ = ["TimeOption", "since_2000"]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def since_2000(seconds: int) -> datetime:
    """The moment so many seconds after 2000-01-01 UTC; numbers begin anew in 2136."""
    return _EPOCH + timedelta(seconds=seconds)


class TimeOption(Dhcpv6Option):
    """Base of the options that hold one moment."""

    seconds: UInt32
    "Since 2000-01-01 UTC, modulo 2^32."

    @property
    def time(self) -> datetime:
        """The moment, if it is before 2136."""
        return since_2000(self.seconds)
