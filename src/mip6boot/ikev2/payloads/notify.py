"""Notify payloads (RFC 7296 3.10): what they share, and those of a type without a class.

Notifications without data have no class of their own: `Notify(NotifyType.USE_TRANSPORT_MODE)`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...schema import Code, Int8ub, Int16ub, LengthOf, Octets, OpenEnum
from ..codes import ProtocolId
from ..notify_types import NotifyType
from .base import PAYLOADS, Payload

__all__ = ["Notify", "NotifyPayload", "TypedNotify"]


class NotifyPayload(Payload, kw_only=True):
    """Base of every Notify payload."""

    protocol_id: Annotated[ProtocolId | int, OpenEnum(Int8ub, ProtocolId)] = 0
    "What the SPI belongs to; 0 without an SPI."
    spi_size: ClassVar[Annotated[int, LengthOf("spi", Int8ub)]]


@PAYLOADS.register(41, rfc="7296 3.10")
class Notify(NotifyPayload):
    """Notify (N) of a type that has no class of its own, most of them without data."""

    notify_type: Annotated[NotifyType | int, OpenEnum(Int16ub, NotifyType)]
    spi: Octets = b""
    data: Octets = b""


class TypedNotify(NotifyPayload, kw_only=True):
    """Base of the notifications whose data are typed."""

    notify_type: ClassVar[Annotated[int, Code(Int16ub, level=1)]]
    spi: Octets = b""
