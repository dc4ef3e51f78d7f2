"""Every registered class of the library, found by walking the registries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mip6boot import dhcpv6, diameter, eap, ikev2, ip, mipv6
from mip6boot.schema import Message, Registry

__all__ = ["classes", "fixed_headers", "interior", "registries"]

# Imported for their declarations: importing a room fills its registries.
ROOMS = (ip, mipv6, dhcpv6, eap, ikev2, diameter)


def registries() -> list[Registry[Any]]:
    """Every registry that a room exports."""
    found = [
        value
        for room in ROOMS
        for name in room.__all__
        if isinstance(value := getattr(room, name), Registry)
    ]
    return sorted(found, key=lambda registry: registry.what)


def fixed_headers() -> list[type[Message]]:
    """Declared classes in no registry: headers that are chosen by a number before them, and parts."""
    return [
        value
        for room in ROOMS
        for name in room.__all__
        if isinstance(value := getattr(room, name), type)
        and issubclass(value, Message)
        and value.__registration__ is None
        and value.__registry__ is None
    ]


def classes() -> Iterator[type[Message]]:
    """Every class, the unknown elements of each registry included."""
    for registry in registries():
        yield from registry
    yield from fixed_headers()


def interior(cls: type[Message]) -> bool:
    """What the list around knows is part of the object: a code, or what follows in a chain."""
    return bool(cls.schema.layout.outer)
