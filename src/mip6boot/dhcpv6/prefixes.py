"""Prefixes as a length and sixteen octets."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

__all__ = ["network_of"]


def network_of(prefix: IPv6Address, length: int) -> IPv6Network | None:
    """The network, bits behind the length left out; None for a length above 128."""
    return IPv6Network((prefix, length), strict=False) if length <= 128 else None
