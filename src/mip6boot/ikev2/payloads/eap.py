"""EAP inside IKEv2 (RFC 7296 3.16)."""

from __future__ import annotations

from typing import Annotated

from ...eap.packet import PACKETS, EapPacket
from ...schema import OneOf
from .base import PAYLOADS, Payload

__all__ = ["Eap"]


@PAYLOADS.register(48, rfc="7296 3.16")
class Eap(Payload):
    """Extensible Authentication (EAP)."""

    message: Annotated[EapPacket, OneOf(PACKETS)]
