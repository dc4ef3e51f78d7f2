"""One packet of a capture file."""

from __future__ import annotations

import msgspec

__all__ = ["CaptureWarning", "Frame"]


class CaptureWarning(UserWarning):
    """A capture file that ends early; what it holds was given."""


class Frame(msgspec.Struct, frozen=True):
    """The octets of a packet, and what the file says of them."""

    octets: bytes
    linktype: int = 1
    number: int = 0
    "From 1, in the order of the file."
    time_ns: int | None = None
    "Nanoseconds since 1970; None where the file gives no time."
    interface: int = 0
    original_length: int | None = None
    "Octets of the packet on the wire; None: all are here."
    comments: tuple[str, ...] = ()
