"""IKE messages, sealed payloads as octets (RFC 7296 3)."""

from __future__ import annotations

from mip6boot import ikev2

from ..laws import message_holds
from ..mutators import of_kind

__all__ = ["mutate", "one"]

mutate = of_kind("ikev2")


def one(octets: bytes) -> None:
    """The laws for a message."""
    message_holds("ikev2", octets, ikev2.check)
