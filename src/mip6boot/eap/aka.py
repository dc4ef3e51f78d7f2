"""The packets of EAP-AKA (RFC 4187)."""

from __future__ import annotations

from typing import Annotated

from ..schema import Int8ub, OpenEnum, UInt16
from .attributes import AkaAttributes
from .codes import AkaSubtype
from .packet import PACKETS, TypedPacket

__all__ = ["AkaPacket", "AkaRequest", "AkaResponse"]


class AkaPacket(TypedPacket):
    """Base of the packets of EAP-AKA and EAP-AKA'."""

    subtype: Annotated[AkaSubtype | int, OpenEnum(Int8ub, AkaSubtype)]
    reserved: UInt16 = 0
    attributes: AkaAttributes = ()
    "In the order of the wire."


@PACKETS.register(1, 23, rfc="4187 8.1")
class AkaRequest(AkaPacket):
    """EAP-Request/AKA."""


@PACKETS.register(2, 23, rfc="4187 8.1")
class AkaResponse(AkaPacket):
    """EAP-Response/AKA."""
