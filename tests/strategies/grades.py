"""The messages of all protocols, each with what checks it."""

from __future__ import annotations

import os
from typing import Any

from mip6boot import dhcpv6, diameter, eap, ikev2, mipv6
from mip6boot.schema import Message, Unknown

__all__ = ["BASES", "CLASSES", "EXAMPLES", "ROOMS", "decode", "room_of"]

#: Examples of each of more than a hundred classes.
EXAMPLES = 10 if os.environ.get("MIP6BOOT_PROFILE") == "ci" else 3

ROOMS: tuple[Any, ...] = (mipv6, dhcpv6, ikev2, diameter, eap)


BASES: tuple[Any, ...] = (
    mipv6.MobilityHeader,
    dhcpv6.Dhcpv6Message,
    ikev2.IkeMessage,
    diameter.DiameterMessage,
    eap.EapPacket,
)

CLASSES: list[type[Message]] = [
    cls
    for base in BASES
    for cls in dict.fromkeys(base.__registry__ or (base,))
    if not issubclass(cls, Unknown)
]


def room_of(cls: type[Message]) -> Any:
    """The room that a class is declared in."""
    return next(room for room in ROOMS if cls.__module__.startswith(room.__name__ + "."))


def decode(cls: type[Message], octets: bytes) -> Any:
    """The message, of whichever class its octets say it is."""
    registry = cls.__registry__
    return (registry if registry is not None else cls).decode(octets)
