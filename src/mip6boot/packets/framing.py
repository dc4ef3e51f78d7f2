"""Where a Diameter message of a stream ends (RFC 6733 3)."""

from __future__ import annotations

__all__ = ["message_length"]

_HEADER = 20


def message_length(octets: bytes | bytearray, start: int, end: int) -> int | None:
    """What the message that begins at `start` says its length is; None where none begins there.

    `end` is where the octets that are there end; a message may be longer.
    """
    if end - start < 4 or octets[start] != 1:
        return None
    length = int.from_bytes(octets[start + 1 : start + 4], "big")
    return length if length >= _HEADER and not length % 4 else None
