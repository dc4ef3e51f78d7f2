"""The Internet checksum (RFC 1071), which IPv4, UDP, ICMPv6 and the Mobility Header share."""

from __future__ import annotations

__all__ = ["internet_checksum"]


def internet_checksum(octets: bytes) -> int:
    """The one's complement of the one's complement sum of the 16-bit words, as it is written.

    An odd octet at the end counts as if a zero followed.  Over octets that hold their right
    checksum the result is 0.
    """
    if len(octets) % 2:
        octets += b"\0"
    # A number modulo 0xffff is the sum of its 16-bit digits with the carries put back in.
    total = int.from_bytes(octets, "big")
    return 0xFFFF ^ (total % 0xFFFF or (0xFFFF if total else 0))
