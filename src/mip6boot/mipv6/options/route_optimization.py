"""Enhanced route optimization (RFC 4866)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Bytes, Octets
from .base import OPTIONS, MobilityOption

__all__ = [
    "CareOfTestInitOption",
    "CareOfTestOption",
    "CgaParameters",
    "CgaParametersRequest",
    "PermanentHomeKeygenToken",
    "Signature",
]


@OPTIONS.register(11, rfc="4866 5.6")
class CgaParametersRequest(MobilityOption):
    """CGA Parameters Request."""


@OPTIONS.register(12, rfc="4866 5.1")
class CgaParameters(MobilityOption):
    """CGA Parameters; several options in order make one structure."""

    cga_parameters: Octets
    "A piece of at most 255 octets of the CGA Parameters data structure."


@OPTIONS.register(13, rfc="4866 5.2")
class Signature(MobilityOption):
    """Signature over the message with the key of the CGA."""

    signature: Octets


@OPTIONS.register(14, rfc="4866 5.3")
class PermanentHomeKeygenToken(MobilityOption):
    """Permanent Home Keygen Token, encrypted for the mobile node."""

    token: Octets


@OPTIONS.register(15, rfc="4866 5.4")
class CareOfTestInitOption(MobilityOption):
    """Care-of Test Init inside a Binding Update."""


@OPTIONS.register(16, rfc="4866 5.5")
class CareOfTestOption(MobilityOption):
    """Care-of Test inside a Binding Acknowledgement."""

    care_of_keygen_token: Annotated[bytes, Bytes(8)]
