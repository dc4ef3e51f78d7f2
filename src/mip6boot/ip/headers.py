"""IPv6, IPv4, UDP, TCP, ESP and AH headers; what they carry stays octets."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import (
    Bits,
    FrameLength,
    Int8ub,
    IPv4,
    IPv6,
    Message,
    Octets,
    OpenEnum,
    UInt8,
    UInt16,
    UInt32,
)
from .numbers import Protocol

__all__ = [
    "AuthenticationHeader",
    "EspPacket",
    "Ipv4Header",
    "Ipv6Header",
    "NextHeader",
    "TcpHeader",
    "UdpHeader",
]

NextHeader = Annotated[Protocol | int, OpenEnum(Int8ub, Protocol)]


class Ipv6Header(Message, kw_only=True):
    """IPv6 header (RFC 8200 3)."""

    version: Annotated[int, Bits(4)] = 6
    traffic_class: Annotated[int, Bits(8)] = 0
    flow_label: Annotated[int, Bits(20)] = 0
    payload_length: UInt16 = 0
    "Octets after this header, as the sender says."
    next_header: NextHeader
    hop_limit: UInt8 = 64
    source: IPv6
    destination: IPv6


class Ipv4Header(Message, kw_only=True):
    """IPv4 header (RFC 791 3.1)."""

    version: Annotated[int, Bits(4)] = 4
    header_len: ClassVar[Annotated[int, FrameLength(Bits(4), unit=4)]]
    "Length of the header in units of 4 octets."
    dscp: Annotated[int, Bits(6)] = 0
    ecn: Annotated[int, Bits(2)] = 0
    total_length: UInt16 = 0
    "Octets of header and payload, as the sender says."
    identification: UInt16 = 0
    reserved_bit: Annotated[int, Bits(1)] = 0
    dont_fragment: Annotated[bool, Bits(1)] = False
    more_fragments: Annotated[bool, Bits(1)] = False
    fragment_offset: Annotated[int, Bits(13)] = 0
    "Units of 8 octets."
    ttl: UInt8 = 64
    protocol: NextHeader
    checksum: UInt16 = 0
    source: IPv4
    destination: IPv4
    options: Octets = b""
    "A multiple of 4 octets; RFC 791 options are not decoded."


class UdpHeader(Message, kw_only=True):
    """UDP header (RFC 768)."""

    source_port: UInt16
    destination_port: UInt16
    length: UInt16 = 8
    "Octets of header and payload, as the sender says."
    checksum: UInt16 = 0
    "0 over IPv4: not computed."


class TcpHeader(Message, kw_only=True):
    """TCP header (RFC 9293 3.1)."""

    source_port: UInt16
    destination_port: UInt16
    sequence: UInt32 = 0
    "Number of the first octet of the payload, or of the SYN before it."
    acknowledgment: UInt32 = 0
    "Number of the octet expected next from the other side, where `ack` is set."
    data_offset: ClassVar[Annotated[int, FrameLength(Bits(4), unit=4)]]
    "Length of the header in units of 4 octets."
    reserved: Annotated[int, Bits(4)] = 0
    cwr: Annotated[bool, Bits(1)] = False
    ece: Annotated[bool, Bits(1)] = False
    urg: Annotated[bool, Bits(1)] = False
    ack: Annotated[bool, Bits(1)] = False
    psh: Annotated[bool, Bits(1)] = False
    rst: Annotated[bool, Bits(1)] = False
    syn: Annotated[bool, Bits(1)] = False
    fin: Annotated[bool, Bits(1)] = False
    window: UInt16 = 0
    checksum: UInt16 = 0
    urgent_pointer: UInt16 = 0
    options: Octets = b""
    "A multiple of 4 octets; the options are not decoded."


class EspPacket(Message):
    """ESP as it is framed (RFC 4303 2): all behind the sequence number is sealed."""

    spi: UInt32
    sequence: UInt32
    data: Octets = b""
    "Sealed payload, padding and integrity check value; told apart only with the keys."


class AuthenticationHeader(Message, kw_only=True):
    """Authentication Header (RFC 4302 2)."""

    next_header: NextHeader
    payload_len: ClassVar[Annotated[int, FrameLength(Int8ub, unit=4, bias=8)]]
    "Length of the header in units of 4 octets, minus 2."
    reserved: UInt16 = 0
    spi: UInt32
    sequence: UInt32
    icv: Octets = b""
    "Integrity check value with its padding."
