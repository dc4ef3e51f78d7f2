"""Notifications of IKEv2 itself (RFC 7296 3.10.1)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int8ub, Int16ub, Octets, OpenEnum, UInt8, UInt16, UInt32
from ..algorithms import KeyExchangeMethod
from ..codes import PayloadType
from .base import PAYLOADS
from .notify import TypedNotify

__all__ = [
    "Cookie",
    "InvalidKePayload",
    "InvalidMessageId",
    "InvalidSelectors",
    "InvalidSpi",
    "IpcompSupported",
    "NatDetectionDestinationIp",
    "NatDetectionSourceIp",
    "SetWindowSize",
    "UnsupportedCriticalPayload",
]


@PAYLOADS.register(41, 1, rfc="7296 2.5")
class UnsupportedCriticalPayload(TypedNotify):
    """UNSUPPORTED_CRITICAL_PAYLOAD."""

    payload_type: Annotated[PayloadType | int, OpenEnum(Int8ub, PayloadType)]


@PAYLOADS.register(41, 9, rfc="7296 2.3")
class InvalidMessageId(TypedNotify):
    """INVALID_MESSAGE_ID: a request outside of the window; never a response."""

    message_id: UInt32


# The SPI stands in the data: the sender has no SA to name in the header.
@PAYLOADS.register(41, 11, rfc="7296 1.5")
class InvalidSpi(TypedNotify):
    """INVALID_SPI: a packet of an SA that the sender does not have."""

    invalid_spi: Octets = b""


@PAYLOADS.register(41, 17, rfc="7296 1.3")
class InvalidKePayload(TypedNotify):
    """INVALID_KE_PAYLOAD: which key exchange the responder wants instead."""

    method: Annotated[KeyExchangeMethod | int, OpenEnum(Int16ub, KeyExchangeMethod)]


@PAYLOADS.register(41, 39, rfc="7296 3.10.1")
class InvalidSelectors(TypedNotify):
    """INVALID_SELECTORS: a packet that does not belong on the SA of the SPI."""

    packet: Octets = b""
    "Its beginning."


@PAYLOADS.register(41, 16385, rfc="7296 2.3")
class SetWindowSize(TypedNotify):
    """SET_WINDOW_SIZE."""

    window_size: UInt32
    "Requests that the sender keeps state for at the same time."


@PAYLOADS.register(41, 16387, rfc="7296 2.22")
class IpcompSupported(TypedNotify):
    """IPCOMP_SUPPORTED."""

    cpi: UInt16
    "Compression parameter index."
    transform_id: UInt8
    "1 OUI, 2 DEFLATE, 3 LZS, 4 LZJH."
    attributes: Octets = b""
    "None are defined."


@PAYLOADS.register(41, 16388, rfc="7296 2.23")
class NatDetectionSourceIp(TypedNotify):
    """NAT_DETECTION_SOURCE_IP: one of several, where the sender has several addresses."""

    digest: Octets
    "20 octets: SHA-1 of both SPIs, address and port, or anything else to pretend a NAT."


@PAYLOADS.register(41, 16389, rfc="7296 2.23")
class NatDetectionDestinationIp(TypedNotify):
    """NAT_DETECTION_DESTINATION_IP."""

    digest: Octets
    "20 octets: SHA-1 of both SPIs, address and port, or anything else to pretend a NAT."


@PAYLOADS.register(41, 16390, rfc="7296 2.6")
class Cookie(TypedNotify):
    """COOKIE: comes back as the first payload of the repeated request."""

    cookie: Octets
    "1 to 64 octets."
