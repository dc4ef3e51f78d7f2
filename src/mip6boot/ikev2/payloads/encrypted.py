"""Sealed payloads (RFC 7296 3.14, RFC 7383 2.5); what is inside needs the keys.

Initialization vector, ciphertext and checksum cannot be told apart without the SA.
"""

from __future__ import annotations

from typing import Annotated

from ...schema import FromNext, Octets, UInt16
from ..codes import PayloadType
from .base import PAYLOADS, Payload

__all__ = ["Encrypted", "EncryptedFragment"]


@PAYLOADS.register(46, rfc="7296 3.14")
class Encrypted(Payload):
    """Encrypted and Authenticated (SK): always the last payload."""

    first_payload: Annotated[int, FromNext(PayloadType)] = 0
    "Type of the first payload inside."
    sealed: Octets = b""
    "Initialization vector, ciphertext with padding, integrity checksum."


@PAYLOADS.register(53, rfc="7383 2.5")
class EncryptedFragment(Payload):
    """Encrypted and Authenticated Fragment (SKF): always the last payload."""

    fragment_number: UInt16
    "From 1 on."
    total_fragments: UInt16
    first_payload: Annotated[int, FromNext(PayloadType)] = 0
    "Type of the first payload inside; 0 in all fragments but the first."
    sealed: Octets = b""
    "Initialization vector, ciphertext with padding, integrity checksum."

    @property
    def fragments_behind(self) -> int:
        """How many fragments follow; less than none where the number is beyond the total."""
        return self.total_fragments - self.fragment_number
