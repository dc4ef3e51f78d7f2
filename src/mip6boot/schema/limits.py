"""How deep and how long a message may be; the same in every form of the codec."""

from __future__ import annotations

import struct

from ..errors import DecodeError, EncodeError

__all__ = ["ENCODE_FAULTS", "MAX_LEVEL", "MAX_LIST", "too_deep", "too_deep_to_encode", "too_long"]

#: Elements inside each other.  Nine relayed DHCPv6 messages with an address inside need 22.
MAX_LEVEL = 40

#: Octets of one list of elements: what the largest UDP payload can hold.
MAX_LIST = 65_535

#: What generated encoders raise for values that do not fit.
ENCODE_FAULTS = (
    struct.error, TypeError, ValueError, AttributeError, OverflowError, KeyError, IndexError,
)  # fmt: skip


def too_deep(pos: int, name: str = "") -> DecodeError:
    """The error for the 41st level of a message that is read."""
    return DecodeError(f"nested deeper than {MAX_LEVEL} elements", name, pos)


def too_deep_to_encode() -> EncodeError:
    """The error for the 41st level of a message that is written; a cycle ends here."""
    return EncodeError(f"nested deeper than {MAX_LEVEL} elements")


def too_long(pos: int, size: int, name: str = "") -> DecodeError:
    """The error for a list that is longer than any datagram."""
    return DecodeError(f"a list of {size} octets, at most {MAX_LIST} are allowed", name, pos)
