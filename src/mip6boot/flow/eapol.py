"""EAP over LAN (IEEE 802.1X): the frames that carry EAP between a node and its access."""

from __future__ import annotations

import enum

from ..eap import EapPacket
from ..errors import DecodeError
from ..packets import EapolHeader
from .actor import Address, Port, Unit

__all__ = ["PAE_GROUP_ADDRESS", "EapolType"]

#: Where frames go before the other side's address is known (IEEE 802.1X).
PAE_GROUP_ADDRESS = bytes.fromhex("0180c2000003")

_HEADER_OCTETS = 4


class EapolType(enum.IntEnum):
    """What a frame is (IEEE 802.1X)."""

    EAP_PACKET = 0
    START = 1
    LOGOFF = 2


def eapol_unit(
    source: Address,
    destination: Address,
    link: str,
    content: EapPacket | None,
    packet_type: EapolType = EapolType.EAP_PACKET,
) -> Unit:
    """The frame that carries a packet, or nothing but its type."""
    octets = b"" if content is None else content.encode()
    header = EapolHeader(packet_type=packet_type, length=len(octets))
    return Unit(
        port=Port.EAPOL,
        source=source,
        destination=destination,
        octets=header.encode() + octets,
        link=link,
    )


def eapol_content(octets: bytes) -> tuple[int, bytes]:
    """Type and content of a frame, without what a link pads it with; DecodeError for no frame."""
    header = EapolHeader.decode(octets[:_HEADER_OCTETS])
    content = octets[_HEADER_OCTETS : _HEADER_OCTETS + header.length]
    if len(content) != header.length:
        raise DecodeError(f"says {header.length} octets, {len(content)} are there", "length", 2)
    return header.packet_type, content
