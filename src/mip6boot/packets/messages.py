"""Diameter messages that packets share: what of a packet belongs to which stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ip
from .layers import Layer, Payload, Trailer
from .packet import Packet
from .ports import PortTable
from .sctp import SctpDataHeader, SctpHeader, carries_diameter
from .streams import Found, Piece, Streams
from .user_messages import Chunk, UserMessages

__all__ = ["Messages"]


class Messages:
    """Takes packets, gives messages that are in no packet as a whole."""

    def __init__(self, streams: int, ports: PortTable) -> None:
        self.ports = ports
        self._tcp, self._sctp = Streams(streams), UserMessages(streams)

    def feed(self, packet: Packet, frame: int) -> list[Found]:
        """The messages that the packet completes and that are no layers of it."""
        for i in reversed(range(len(packet.layers))):
            layer = packet.layers[i]
            if isinstance(layer, ip.TcpHeader):
                return self._segment(packet, i, frame)
            if isinstance(layer, SctpHeader):
                return self._chunks(packet.layers, i, frame)
        return []

    def _segment(self, packet: Packet, index: int, frame: int) -> list[Found]:
        header: Any = packet.layers[index]
        places = _places_between(packet.layers[:index], header)
        if places is None or self.ports.of_stream(header) is None:
            return []
        start = stop = packet.spans[index][1]
        shown = set()
        for layer, (begin, end) in zip(packet.layers, packet.spans, strict=True):
            if begin >= start and not isinstance(layer, Trailer):
                stop = end
                if not isinstance(layer, Payload):
                    shown.add((begin - start, end - start))
        octets = packet.octets[start:stop]
        if not (octets or header.syn or header.rst or header.fin):
            return []
        return self._tcp.feed(
            places, header, Piece(header.sequence, octets, frame, frozenset(shown))
        )

    def _chunks(self, layers: Sequence[Layer], index: int, frame: int) -> list[Found]:
        common: Any = layers[index]
        places = _places_between(layers[:index], common)
        found: list[Found] = []
        for i in range(index + 1, len(layers) - 1):
            header, data = layers[i], layers[i + 1]
            if (
                isinstance(header, SctpDataHeader)
                and not (header.beginning and header.ending)
                and isinstance(data, Payload)
                and len(data.octets) == header.length - 16  # else the capture has cut it
                and carries_diameter(header, layers[:i], self.ports)
            ):
                stream = places, common.verification_tag, header.stream, header.payload_protocol
                chunk = Chunk(header.tsn, data.octets, frame, header.beginning, header.ending)
                found += self._sctp.feed(stream, chunk)
        return found


def _places_between(before: Sequence[Layer], header: Any) -> tuple[Any, Any] | None:
    """Address and port where a packet is from, and those where it goes to."""
    for layer in reversed(before):
        if isinstance(layer, (ip.Ipv6Header, ip.Ipv4Header)):
            return (layer.source, header.source_port), (layer.destination, header.destination_port)
    return None
