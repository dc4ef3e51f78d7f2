"""EAP-AKA' (RFC 9048, before it RFC 5448): its packets, and the attributes that it adds."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import Bits, Int16ub, LengthOf, OpenEnum, Utf8
from .aka import AkaPacket
from .attributes import ATTRIBUTES, AkaAttribute, WordPadding
from .codes import KeyDerivationFunction
from .packet import PACKETS

__all__ = ["AkaPrimeRequest", "AkaPrimeResponse", "AtBidding", "AtKdf", "AtKdfInput"]


@PACKETS.register(1, 50, rfc="9048 3")
class AkaPrimeRequest(AkaPacket):
    """EAP-Request/AKA'."""


@PACKETS.register(2, 50, rfc="9048 3")
class AkaPrimeResponse(AkaPacket):
    """EAP-Response/AKA'."""


@ATTRIBUTES.register(23, rfc="9048 3.1")
class AtKdfInput(AkaAttribute):
    """The network that the keys are for."""

    actual_network_name_length: ClassVar[Annotated[int, LengthOf("network_name", Int16ub)]]
    network_name: Utf8
    "Fields with colons between them."
    padding: WordPadding = b""


@ATTRIBUTES.register(24, rfc="9048 3.2")
class AtKdf(AkaAttribute):
    """A key derivation function; of several, the first is the most preferred."""

    key_derivation_function: Annotated[
        KeyDerivationFunction | int, OpenEnum(Int16ub, KeyDerivationFunction)
    ]


@ATTRIBUTES.register(136, rfc="9048 4")
class AtBidding(AkaAttribute):
    """Stands in EAP-AKA, so that nobody can bid it down from EAP-AKA'."""

    aka_prime_preferred: Annotated[bool, Bits(1)]
    "The D flag: the sender would rather use EAP-AKA'."
    reserved: Annotated[int, Bits(15)] = 0
