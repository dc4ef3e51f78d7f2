"""The anti-replay window of ESP, and sequence numbers of 64 bits (RFC 4303 3.4.3, appendix A)."""

from __future__ import annotations

__all__ = ["ReplayWindow"]

_LOW = 1 << 32


class ReplayWindow:
    """What was received of an SA; `accept` only what an integrity check has passed.

    Sequence numbers are whole: of extended ones, `whole` finds the half that is not sent.
    """

    def __init__(self, size: int = 64, *, extended: bool = False) -> None:
        if not 0 < size < _LOW:
            raise ValueError("a window of at least one packet, and less than 2^32, is expected")
        self.size, self.extended = size, extended
        self.highest = 0
        self._seen = 0  # bit i: highest - i was received

    def whole(self, sequence: int) -> int:
        """The sequence number of a packet that has these low 32 bits (RFC 4303 A2.2)."""
        if not self.extended:
            return sequence
        high, low = divmod(self.highest, _LOW)
        bottom = low - self.size + 1
        if bottom >= 0:
            # The window is in one half: what is below it belongs to the next.
            return (high + (sequence < bottom)) % _LOW * _LOW + sequence
        # The window reaches back into the half before, if there is one.
        return (high - (high > 0 and sequence >= bottom + _LOW)) * _LOW + sequence

    def is_new(self, sequence: int) -> bool:
        """The packet may be accepted: it was not yet, and is not too old to tell.

        Senders begin with 1.
        """
        age = self.highest - sequence
        if sequence < 1:
            return False
        return age < 0 or (age < self.size and not self._seen >> age & 1)

    def accept(self, sequence: int) -> bool:
        """Note a packet; False, and nothing noted, for one that is not new."""
        if not self.is_new(sequence):
            return False
        ahead = sequence - self.highest
        if ahead > 0:
            # What leaves the window is forgotten, however far ahead the packet is.
            kept = self._seen << ahead if ahead < self.size else 0
            self._seen = (kept | 1) & ((1 << self.size) - 1)
            self.highest = sequence
        else:
            self._seen |= 1 << -ahead
        return True
