"""EAP packets (RFC 3748 4): what all of them begin with, and those without a type of their own."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import (
    Code,
    FrameLength,
    FromRegistry,
    Int8ub,
    Int16ub,
    Message,
    Octets,
    OpenEnum,
    Registry,
    UInt8,
    Unknown,
)
from .codes import EapCode, EapType

__all__ = [
    "PACKETS",
    "EapPacket",
    "Failure",
    "Request",
    "Response",
    "Success",
    "TypedPacket",
    "UnknownEapPacket",
]


class EapPacket(Message):
    """Base of every EAP packet."""

    code: ClassVar[Annotated[int, Code(Int8ub)]]
    "Request, response, success or failure."
    identifier: UInt8
    "A response has the one of its request."
    length: ClassVar[Annotated[int, FrameLength(Int16ub)]]
    "Octets of the packet; what a lower layer pads behind them is no part of it."


PACKETS: Registry[EapPacket] = Registry(EapPacket, "EAP packet", code=Int8ub)

# Requests and responses are told apart by the type behind the length.
PACKETS.split(1, at=4, code=Int8ub)
PACKETS.split(2, at=4, code=Int8ub)


@PACKETS.unknown
class UnknownEapPacket(EapPacket, Unknown):
    """A packet of another code; RFC 3748 4 has receivers discard it."""

    registry_code: Annotated[int, FromRegistry(EapCode)]
    data: Octets = b""


class TypedPacket(EapPacket):
    """Base of the requests and responses of a known type."""

    eap_type: ClassVar[Annotated[int, Code(Int8ub, level=1)]]
    "What is asked for or answered."


@PACKETS.register(1, rfc="3748 4.1")
class Request(EapPacket):
    """A request of a type that has no class here."""

    eap_type: Annotated[EapType | int, OpenEnum(Int8ub, EapType)]
    data: Octets = b""


@PACKETS.register(2, rfc="3748 4.1")
class Response(EapPacket):
    """A response of a type that has no class here."""

    eap_type: Annotated[EapType | int, OpenEnum(Int8ub, EapType)]
    data: Octets = b""


@PACKETS.register(3, rfc="3748 4.2")
class Success(EapPacket):
    """The peer is authenticated."""


@PACKETS.register(4, rfc="3748 4.2")
class Failure(EapPacket):
    """The peer is not authenticated."""
