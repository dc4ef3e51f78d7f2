"""Mobility Headers (RFC 6275 6.1)."""

from __future__ import annotations

from mip6boot import mipv6

from ..laws import message_holds
from ..mutators import of_kind

__all__ = ["mutate", "one"]

mutate = of_kind("mipv6")


def one(octets: bytes) -> None:
    """The laws for a message."""
    message_holds("mipv6", octets, mipv6.check)
