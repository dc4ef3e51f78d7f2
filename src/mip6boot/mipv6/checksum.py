"""The checksum of the Mobility Header (RFC 6275 6.1.1)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TypeVar

from ..schema.checksum import internet_checksum
from .header import MobilityHeader

__all__ = ["checksum_of", "with_checksum"]

_MOBILITY = 135

M = TypeVar("M", bound=MobilityHeader)


def checksum_of(octets: bytes, source: IPv6Address, destination: IPv6Address) -> int:
    """The checksum that belongs into the encoded message; what stands there now does not count.

    `source` is the Home Address option's address when the packet has one, `destination` that of a
    type 2 routing header.
    """
    pseudo = source.packed + destination.packed + len(octets).to_bytes(4, "big")
    blank = octets[:4] + b"\0\0" + octets[6:]
    return internet_checksum(pseudo + bytes((0, 0, 0, _MOBILITY)) + blank)


def with_checksum(message: M, source: IPv6Address, destination: IPv6Address) -> M:
    """A copy of the message with the right checksum for these addresses (see `checksum_of`)."""
    return message.replace(checksum=checksum_of(message.encode(), source, destination))
