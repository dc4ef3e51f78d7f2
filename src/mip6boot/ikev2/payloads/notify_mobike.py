"""Notifications of peers that move or have several addresses (RFC 4555 4.2)."""

from __future__ import annotations

from typing import Annotated, Any

from ...schema import Int16ub, IPv4, IPv6, Message, Octets, OneOf, Registry, UInt16
from .base import PAYLOADS
from .notify import TypedNotify

__all__ = [
    "AdditionalIp4Address",
    "AdditionalIp6Address",
    "Cookie2",
    "Endpoints",
    "Ip4Endpoints",
    "Ip6Endpoints",
    "NoNatsAllowed",
]


@PAYLOADS.register(41, 16397, rfc="4555 4.2.2")
class AdditionalIp4Address(TypedNotify):
    """ADDITIONAL_IP4_ADDRESS: where else the sender can be reached."""

    address: IPv4


@PAYLOADS.register(41, 16398, rfc="4555 4.2.2")
class AdditionalIp6Address(TypedNotify):
    """ADDITIONAL_IP6_ADDRESS: where else the sender can be reached."""

    address: IPv6


@PAYLOADS.register(41, 16401, rfc="4555 4.2.5")
class Cookie2(TypedNotify):
    """COOKIE2: comes back in the response."""

    cookie: Octets
    "8 to 64 octets."


class Endpoints(Message):
    """Base of both forms of addresses and ports."""


class _BySize(Registry[Endpoints]):
    """Nothing but its size tells the two forms apart, so sizes are their codes here."""

    def choose(self, octets: bytes, pos: int, end: int) -> Any:
        return self.class_of(end - pos, octets, pos, end)


_ENDPOINTS = _BySize(Endpoints, "form of endpoints of octets:", code=Int16ub)


@_ENDPOINTS.register(12, rfc="4555 4.2.6")
class Ip4Endpoints(Endpoints):
    """Where a packet came from and went to, over IPv4."""

    source: IPv4
    destination: IPv4
    source_port: UInt16
    destination_port: UInt16


@_ENDPOINTS.register(36, rfc="4555 4.2.6")
class Ip6Endpoints(Endpoints):
    """Where a packet came from and went to, over IPv6."""

    source: IPv6
    destination: IPv6
    source_port: UInt16
    destination_port: UInt16


@PAYLOADS.register(41, 16402, rfc="4555 4.2.6")
class NoNatsAllowed(TypedNotify):
    """NO_NATS_ALLOWED: the addresses and ports as the sender sees them."""

    endpoints: Annotated[Endpoints, OneOf(_ENDPOINTS)]
