"""Notifications that send an initiator to another gateway (RFC 5685 9)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...schema import (
    Code,
    FrameLength,
    Int8ub,
    IPv4,
    IPv6,
    Message,
    Octets,
    OneOf,
    Registry,
    RegistryCode,
    Unknown,
    Utf8,
)
from .base import PAYLOADS
from .notify import TypedNotify

__all__ = [
    "GATEWAY_IDENTITIES",
    "FqdnGateway",
    "GatewayIdentity",
    "Ipv4Gateway",
    "Ipv6Gateway",
    "Redirect",
    "RedirectedFrom",
    "UnknownGateway",
]


class GatewayIdentity(Message, kw_only=True):
    """Base of every kind of gateway identity."""

    identity_type: ClassVar[Annotated[int, Code(Int8ub)]]
    identity_length: ClassVar[Annotated[int, FrameLength(Int8ub, bias=2)]]
    "Octets of the identity."


GATEWAY_IDENTITIES: Registry[GatewayIdentity] = Registry(
    GatewayIdentity, "gateway identity", code=Int8ub
)


@GATEWAY_IDENTITIES.unknown
class UnknownGateway(GatewayIdentity, Unknown):
    """A gateway identity of a kind that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@GATEWAY_IDENTITIES.register(1, rfc="5685 9.2")
class Ipv4Gateway(GatewayIdentity):
    """The IPv4 address of a gateway."""

    address: IPv4


@GATEWAY_IDENTITIES.register(2, rfc="5685 9.2")
class Ipv6Gateway(GatewayIdentity):
    """The IPv6 address of a gateway."""

    address: IPv6


@GATEWAY_IDENTITIES.register(3, rfc="5685 9.2")
class FqdnGateway(GatewayIdentity):
    """The domain name of a gateway, as text."""

    fqdn: Utf8


@PAYLOADS.register(41, 16407, rfc="5685 9.2")
class Redirect(TypedNotify):
    """REDIRECT: the gateway to go to."""

    new_gateway: Annotated[GatewayIdentity, OneOf(GATEWAY_IDENTITIES, framed=True)]
    nonce_data: Octets = b""
    "The initiator's nonce, in IKE_SA_INIT responses only."


@PAYLOADS.register(41, 16408, rfc="5685 9.3")
class RedirectedFrom(TypedNotify):
    """REDIRECTED_FROM: the gateway that sent the initiator here; never by domain name."""

    original_gateway: Annotated[GatewayIdentity, OneOf(GATEWAY_IDENTITIES, framed=True)]
