"""DHCPv6 messages (RFC 8415 8, 9)."""

from __future__ import annotations

from mip6boot import dhcpv6

from ..laws import message_holds
from ..mutators import of_kind

__all__ = ["mutate", "one"]

mutate = of_kind("dhcpv6")


def one(octets: bytes) -> None:
    """The laws for a message."""
    message_holds("dhcpv6", octets, dhcpv6.check)
