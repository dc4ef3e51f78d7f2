"""The Mobility Header (RFC 6275 6.1.1): what all its messages begin with."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import (
    Code,
    FrameLength,
    Int8ub,
    Int16ub,
    Message,
    Octets,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    Unknown,
)

__all__ = ["MESSAGES", "MobilityHeader", "UnknownMobilityHeader"]


class MobilityHeader(Message, kw_only=True):
    """Base of every mobility message."""

    payload_proto: UInt8 = 59
    "Protocol of what follows; 59 says that nothing does, and is the only legal value."
    header_len: ClassVar[Annotated[int, FrameLength(Int8ub, unit=8, bias=8)]]
    "Length of the message in units of 8 octets, the first 8 not counted."
    mh_type: ClassVar[Annotated[int, Code(Int8ub)]]
    "Kind of message."
    reserved: UInt8 = 0
    checksum: UInt16 = 0
    "Kept as it is: see `with_checksum`."


MESSAGES: Registry[MobilityHeader] = Registry(MobilityHeader, "mobility message", code=Int8ub, at=2)

# Types 16 and 21 are told apart by a second number behind the checksum.
MESSAGES.split(16, at=6, code=Int8ub)
MESSAGES.split(21, at=6, code=Int16ub)


@MESSAGES.unknown
class UnknownMobilityHeader(MobilityHeader, Unknown):
    """A mobility message of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""
