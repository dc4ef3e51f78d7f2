"""The rest of the registry of payloads."""

from __future__ import annotations

from ...schema import Octets
from .base import PAYLOADS, Payload

__all__ = [
    "GenericSecurePasswordMethod",
    "GroupIdentification",
    "GroupSecurityAssociation",
    "KeyDownload",
    "PuzzleSolution",
]


# RFC 6467 leaves the layout to the password method that was negotiated.
@PAYLOADS.register(49, rfc="6467")
class GenericSecurePasswordMethod(Payload):
    """Generic Secure Password Method (GSPM)."""

    data: Octets = b""


# The three payloads of G-IKEv2 (RFC 9838) keep their octets.
@PAYLOADS.register(50, rfc="9838")
class GroupIdentification(Payload):
    """Group Identification (IDg)."""

    data: Octets = b""


@PAYLOADS.register(51, rfc="9838")
class GroupSecurityAssociation(Payload):
    """Group Security Association (GSA)."""

    data: Octets = b""


@PAYLOADS.register(52, rfc="9838")
class KeyDownload(Payload):
    """Key Download (KD)."""

    data: Octets = b""


@PAYLOADS.register(54, rfc="8019 8.2")
class PuzzleSolution(Payload):
    """Puzzle Solution (PS)."""

    solution: Octets = b""
    "Four keys one behind the other, all of the same length."
