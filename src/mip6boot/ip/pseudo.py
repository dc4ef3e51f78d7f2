"""Pseudo-headers: what the checksum of an upper layer covers beyond itself."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

__all__ = ["pseudo_header"]


def pseudo_header(
    source: IPv4Address | IPv6Address,
    destination: IPv4Address | IPv6Address,
    length: int,
    protocol: int,
) -> bytes:
    """The pseudo-header of IPv6 (RFC 8200 8.1) or IPv4 (RFC 768); `length` in octets."""
    addresses = source.packed + destination.packed
    if len(addresses) == 32:
        return addresses + length.to_bytes(4, "big") + bytes((0, 0, 0, protocol))
    return addresses + bytes((0, protocol)) + length.to_bytes(2, "big")
