"""SCTP (RFC 9260 3), as far as it is framed: the common header and its chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from ..schema import (
    Bits,
    Const,
    Int8ub,
    Int16ub,
    LengthOf,
    Message,
    Octets,
    UInt8,
    UInt16,
    UInt32,
)
from .ports import PortTable

__all__ = ["SctpChunk", "SctpDataHeader", "SctpHeader", "carries_diameter", "crc32c"]


class SctpHeader(Message, kw_only=True):
    """SCTP common header; chunks follow."""

    source_port: UInt16
    destination_port: UInt16
    verification_tag: UInt32 = 0
    checksum: UInt32 = 0
    "CRC32c with its octets in the order that RFC 9260 Appendix A asks for."


class SctpDataHeader(Message, kw_only=True):
    """Header of a DATA chunk; user data follows, and a Trailer of padding up to four octets."""

    chunk_type: ClassVar[Annotated[int, Const(Int8ub, 0)]]
    reserved: Annotated[int, Bits(4)] = 0
    immediate: Annotated[bool, Bits(1)] = False
    unordered: Annotated[bool, Bits(1)] = False
    beginning: Annotated[bool, Bits(1)] = True
    ending: Annotated[bool, Bits(1)] = True
    length: UInt16 = 16
    "Octets of this header and the user data, padding not counted, as the sender says."
    tsn: UInt32
    stream: UInt16 = 0
    sequence: UInt16 = 0
    payload_protocol: UInt32 = 0
    "What the user data is; 46 is Diameter."


class SctpChunk(Message):
    """Any other chunk, its value as octets; a Trailer of padding up to four octets follows."""

    chunk_type: UInt8
    flags: UInt8
    length: ClassVar[Annotated[int, LengthOf("value", Int16ub, bias=-4)]]
    value: Octets = b""


#: Payload protocol identifiers (IANA): none was said, and Diameter in the clear.
_UNSPECIFIED, _DIAMETER = 0, 46


def carries_diameter(header: SctpDataHeader, before: Sequence[Any], ports: PortTable) -> bool:
    """The user data is Diameter, or a part of it; the common header is in the layers `before`."""
    if header.payload_protocol != _UNSPECIFIED:
        return header.payload_protocol == _DIAMETER
    common = next((layer for layer in reversed(before) if isinstance(layer, SctpHeader)), None)
    return common is not None and ports.of_stream(common) == "diameter"


def _table() -> tuple[int, ...]:
    out = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
        out.append(number)
    return tuple(out)


_TABLE = _table()


def crc32c(octets: bytes) -> int:
    """The checksum of an SCTP packet whose checksum field is zero, as it is written."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = crc >> 8 ^ _TABLE[(crc ^ octet) & 0xFF]
    return int.from_bytes((crc ^ 0xFFFFFFFF).to_bytes(4, "little"), "big")
