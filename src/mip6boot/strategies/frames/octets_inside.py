"""Octets in the place of the message that a packet carries, with everything before it right."""

from __future__ import annotations

from typing import Any

from ... import ip, mipv6, packets
from ...errors import DecodeError
from ...ip import pseudo_header
from ...packets import Packet, Payload, Trailer, message_class, protocol_of
from ...packets.checksums import addresses_after
from ...schema.checksum import internet_checksum

__all__ = ["carrying", "message_at"]


def message_at(packet: Packet) -> int:
    """The index of the message: the last layer that is no padding."""
    return max(i for i, layer in enumerate(packet.layers) if not isinstance(layer, Trailer))


def carrying(packet: Packet, octets: bytes) -> Packet:
    """The packet with other octets as its message; lengths and checksums are right for them."""
    at = message_at(packet)
    before, protocol = packet.layers[:at], protocol_of(packet.layers[at])
    layers = (*before, _layer(before, octets, protocol), *_padding(before, octets))
    return Packet(layers, packet.linktype).build()


def _padding(before: Any, octets: bytes) -> tuple[Trailer, ...]:
    """What fills a chunk of SCTP up to four octets (RFC 9260 3.2)."""
    chunk = len(before) - 1
    missing = -len(octets) % 4 if isinstance(before[chunk], packets.SctpDataHeader) else 0
    return (Trailer(bytes(missing), chunk),) if missing else ()


def _layer(before: Any, octets: bytes, protocol: str) -> Any:
    """The message that the octets are; what does not decode has its checksum put right here."""
    try:
        return message_class(octets, protocol).decode(octets)
    except DecodeError:
        return Payload(_checked(before, octets, protocol), protocol)


def _checked(before: Any, octets: bytes, protocol: str) -> bytes:
    addresses: Any = addresses_after(before)
    if protocol == "mipv6" and len(octets) >= 6:
        value, at = mipv6.checksum_of(octets, *addresses), 4
    elif protocol == "icmpv6" and len(octets) >= 4:
        blank = octets[:2] + b"\0\0" + octets[4:]
        head = pseudo_header(addresses[0], addresses[1], len(octets), ip.Protocol.ICMPV6)
        value, at = internet_checksum(head + blank), 2
    else:
        return octets
    return octets[:at] + value.to_bytes(2, "big") + octets[at + 2 :]
