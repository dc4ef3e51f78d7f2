"""What every payload begins with, and the chain of them (RFC 7296 3.2).

The octet that names the next payload belongs to the chain: a payload's own layout begins behind it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...schema import (
    Bits,
    Chain,
    FrameLength,
    FromRegistry,
    Int8ub,
    Int16ub,
    Message,
    Octets,
    Registry,
    Unknown,
)
from ..codes import PayloadType

__all__ = ["PAYLOADS", "Payload", "Payloads", "UnknownPayload"]


class Payload(Message, kw_only=True):
    """Base of every payload."""

    critical: Annotated[bool, Bits(1)] = False
    "Receivers that do not know the payload refuse the message."
    reserved: Annotated[int, Bits(7)] = 0
    payload_length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=-1)]]
    "Octets of the payload, the four of its header included."


PAYLOADS: Registry[Payload] = Registry(
    Payload, "IKEv2 payload", code=Int8ub, length=Int16ub, chained=True
)

# Notifications are told apart by their type, behind protocol and SPI size.
PAYLOADS.split(41, at=5, code=Int16ub)

Payloads = Annotated[tuple[Payload, ...], Chain(PAYLOADS)]


@PAYLOADS.unknown
class UnknownPayload(Payload, Unknown):
    """A payload of a type that nobody registered; its octets are kept."""

    registry_code: Annotated[int, FromRegistry(PayloadType)]
    data: Octets = b""
