"""What carries IP and EAP on an access line: PPPoE, PPP, L2TP and EAPOL."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import Bits, Int16ub, LengthOf, Message, Octets, UInt8, UInt16, When

__all__ = [
    "CompressedPppHeader",
    "EapolHeader",
    "L2tpHeader",
    "L2tpOffset",
    "PppAddressControl",
    "PppHeader",
    "PppoeHeader",
]


class PppoeHeader(Message, kw_only=True):
    """PPPoE header (RFC 2516 4); in the session stage a PPP frame follows."""

    version: Annotated[int, Bits(4)] = 1
    pppoe_type: Annotated[int, Bits(4)] = 1
    code: UInt8 = 0
    "0 in the session stage."
    session_id: UInt16
    length: UInt16 = 0
    "Octets after this header, as the sender says."


class PppAddressControl(Message, kw_only=True):
    """Address and control octets of a PPP frame in HDLC-like framing (RFC 1662 3.1)."""

    address: UInt8 = 0xFF
    control: UInt8 = 3


class PppHeader(Message, kw_only=True):
    """Protocol of a PPP frame, uncompressed (RFC 1661 2)."""

    protocol: UInt16


class CompressedPppHeader(Message, kw_only=True):
    """Protocol of a PPP frame, compressed to one octet, which is odd (RFC 1661 6.5)."""

    protocol: UInt8


class L2tpHeader(Message, kw_only=True):
    """L2TP version 2 header (RFC 2661 3.1); behind that of a data message stands a PPP frame."""

    control: Annotated[bool, Bits(1)] = False
    has_length: Annotated[bool, Bits(1)] = False
    reserved: Annotated[int, Bits(2)] = 0
    has_sequence: Annotated[bool, Bits(1)] = False
    reserved2: Annotated[int, Bits(1)] = 0
    has_offset: Annotated[bool, Bits(1)] = False
    "An L2tpOffset follows."
    priority: Annotated[bool, Bits(1)] = False
    reserved3: Annotated[int, Bits(4)] = 0
    version: Annotated[int, Bits(4)] = 2
    length: Annotated[int | None, When("has_length", True, Int16ub)] = None
    "Octets of the whole message from the start of this header, as the sender says."
    tunnel_id: UInt16
    session_id: UInt16
    ns: Annotated[int | None, When("has_sequence", True, Int16ub)] = None
    nr: Annotated[int | None, When("has_sequence", True, Int16ub)] = None


class L2tpOffset(Message):
    """Octets between an L2TP header and its payload."""

    size: ClassVar[Annotated[int, LengthOf("padding", Int16ub)]]
    padding: Octets = b""


class EapolHeader(Message, kw_only=True):
    """EAPOL header (IEEE 802.1X 11.3)."""

    version: UInt8 = 2
    packet_type: UInt8 = 0
    "0: an EAP packet follows."
    length: UInt16 = 0
    "Octets after this header, as the sender says."
