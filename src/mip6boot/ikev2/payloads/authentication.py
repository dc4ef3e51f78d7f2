"""What proves who the sender is (RFC 7296 3.8, RFC 7427)."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ...schema import Int8ub, Octets, OpenEnum, UInt24
from ..codes import AuthenticationMethod
from .base import PAYLOADS, Payload

__all__ = ["Authentication", "DigitalSignature"]


class DigitalSignature(NamedTuple):
    """The parts of the data of method 14 (RFC 7427 3)."""

    algorithm_identifier: bytes
    "DER of the AlgorithmIdentifier."
    signature: bytes


@PAYLOADS.register(39, rfc="7296 3.8")
class Authentication(Payload):
    """Authentication (AUTH)."""

    auth_method: Annotated[AuthenticationMethod | int, OpenEnum(Int8ub, AuthenticationMethod)]
    reserved2: UInt24 = 0
    authentication_data: Octets = b""

    @property
    def digital_signature(self) -> DigitalSignature | None:
        """The parts of the data of method 14; None for another one or where they do not fit."""
        data = self.authentication_data
        if self.auth_method != AuthenticationMethod.DIGITAL_SIGNATURE or not data:
            return None
        stop = 1 + data[0]
        return DigitalSignature(data[1:stop], data[stop:]) if stop <= len(data) else None
