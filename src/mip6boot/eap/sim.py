"""EAP-SIM (RFC 4186): its packets, and the attributes that EAP-AKA does not use."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import Bytes, Int8ub, Int16ub, Items, LengthOf, OpenEnum, UInt16
from .attributes import ATTRIBUTES, AkaAttribute, AkaAttributes, WordPadding
from .codes import SimSubtype
from .packet import PACKETS, TypedPacket

__all__ = [
    "AtNonceMt",
    "AtSelectedVersion",
    "AtVersionList",
    "SimPacket",
    "SimRequest",
    "SimResponse",
]


class SimPacket(TypedPacket):
    """Base of the packets of EAP-SIM."""

    subtype: Annotated[SimSubtype | int, OpenEnum(Int8ub, SimSubtype)]
    reserved: UInt16 = 0
    attributes: AkaAttributes = ()
    "In the order of the wire."


@PACKETS.register(1, 18, rfc="4186 8.1")
class SimRequest(SimPacket):
    """EAP-Request/SIM."""


@PACKETS.register(2, 18, rfc="4186 8.1")
class SimResponse(SimPacket):
    """EAP-Response/SIM."""


@ATTRIBUTES.register(7, rfc="4186 10.4")
class AtNonceMt(AkaAttribute, kw_only=True):
    """The peer's challenge."""

    reserved: UInt16 = 0
    nonce_mt: Annotated[bytes, Bytes(16)]


@ATTRIBUTES.register(15, rfc="4186 10.2")
class AtVersionList(AkaAttribute):
    """The versions of EAP-SIM that the server speaks."""

    actual_version_list_length: ClassVar[Annotated[int, LengthOf("versions", Int16ub)]]
    "In octets."
    versions: Annotated[tuple[int, ...], Items(Int16ub)] = (1,)
    "The most preferred first."
    padding: WordPadding = b""


@ATTRIBUTES.register(16, rfc="4186 10.3")
class AtSelectedVersion(AkaAttribute):
    """The version of EAP-SIM that the peer selects."""

    version: UInt16 = 1
