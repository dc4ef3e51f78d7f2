"""Frames: the first octet chooses the link type, the others are the frame."""

from __future__ import annotations

from random import Random

from mip6boot import packets
from mip6boot.errors import EncodeError
from mip6boot.packets import LinkType, Packet
from mip6boot.schema import Message

from ..laws import class_holds, rows_cover
from ..mutators import frame_mutated

__all__ = ["LINKTYPES", "mutate", "one"]

LINKTYPES = sorted(LinkType)


def mutate(octets: bytes, rng: Random) -> bytes:
    """The same link type with another frame."""
    return octets[:1] + frame_mutated(octets[1:], _linktype(octets), rng)


def one(octets: bytes) -> None:
    """The laws for a packet, and for each message in it."""
    linktype, frame = _linktype(octets), octets[1:]
    for lenient in (False, True):
        packet = packets.decode_packet(frame, linktype, lenient=lenient)
        _holds(packet, frame)
    for layer, (start, end) in zip(packet.layers, packet.spans, strict=True):
        if isinstance(layer, Message):
            assert class_holds(type(layer), frame[start:end]) == layer
    rows_cover(packets.explain(frame, linktype=linktype), frame)


def _holds(packet: Packet, frame: bytes) -> None:
    assert packet.encode() == frame
    assert packets.from_dict(packet.to_dict()) == packet
    assert bool(str(packet)) == bool(packet.layers)
    assert all(str(error) for error in packet.errors)
    by_hand = Packet(packet.layers, packet.linktype)
    assert by_hand.spans == packet.spans
    assert by_hand.checksums == packet.checksums
    assert by_hand.is_part == packet.is_part
    try:
        built = packet.build()
        assert built.build() == built, "what is built right is right"
    except EncodeError:
        pass


def _linktype(octets: bytes) -> int:
    return LINKTYPES[octets[0] % len(LINKTYPES)] if octets else LinkType.IPV6
