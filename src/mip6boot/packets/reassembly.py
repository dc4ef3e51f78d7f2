"""Fragments of IPv4 and IPv6 put together within bounds (RFC 791, RFC 8200 4.5, RFC 5722)."""

from __future__ import annotations

from typing import Any

from .. import ip
from ..schema.checksum import internet_checksum
from .layers import Layer, Trailer
from .links import LinkType
from .packet import Packet, decode_packet

__all__ = ["Reassembler"]

_MAX_DATAGRAM = 65_535


class _Datagram:
    """Fragments of one datagram that are there so far."""

    def __init__(self) -> None:
        self.pieces: dict[int, bytes] = {}
        self.total: int | None = None
        self.first: Packet | None = None

    def add(self, offset: int, octets: bytes, *, more: bool) -> bool:
        """Take a fragment; False where it contradicts those that are there."""
        end = offset + len(octets)
        overlaps = any(
            offset < at + len(piece) and at < end and (at, piece) != (offset, octets)
            for at, piece in self.pieces.items()
        )
        if overlaps or end > _MAX_DATAGRAM or (more and len(octets) % 8):
            return False
        if not more:
            if self.total not in (None, end):
                return False
            self.total = end
        self.pieces[offset] = octets
        return self.total is None or max(self.pieces) <= self.total

    def whole(self) -> bytes | None:
        """The payload, once nothing is missing."""
        out = b""
        for at in sorted(self.pieces):
            if at != len(out):
                return None
            out += self.pieces[at]
        return out if self.first is not None and len(out) == self.total else None


class Reassembler:
    """Takes packets, gives datagrams.

    At most `datagrams` are waited for, the oldest go first; overlapping fragments drop the whole
    datagram, as RFC 5722 wants.
    """

    def __init__(self, *, datagrams: int = 64, lenient: bool = False) -> None:
        self.datagrams, self.lenient = datagrams, lenient
        self._waiting: dict[Any, _Datagram] = {}

    def feed(self, packet: Packet) -> Packet | None:
        """The datagram that the packet completes, as a packet of raw IP; else None."""
        at = _fragment_at(packet.layers)
        if at is None:
            return None
        header, carrier = packet.layers[at], _carrier(packet.layers, at)
        octets = b"".join(x.encode() for x in _payload(packet.layers, at))
        key = (carrier.source, carrier.destination, header.identification,  # type: ignore[union-attr]
               getattr(header, "protocol", None))  # fmt: skip
        datagram = self._waiting.setdefault(key, _Datagram())
        offset = 8 * header.fragment_offset  # type: ignore[union-attr]
        if not datagram.add(offset, octets, more=header.more_fragments):  # type: ignore[union-attr]
            del self._waiting[key]
            return None
        if not offset:
            datagram.first = packet
        whole = datagram.whole()
        if whole is None:
            self._bound()
            return None
        del self._waiting[key]
        assert datagram.first is not None
        return self._joined(datagram.first, whole)

    def _bound(self) -> None:
        while len(self._waiting) > self.datagrams:
            del self._waiting[next(iter(self._waiting))]

    def _joined(self, first: Packet, payload: bytes) -> Packet | None:
        """The datagram: the first fragment's headers without the fragmentation, and the payload."""
        at = _fragment_at(first.layers)
        assert at is not None
        start = first.layers.index(_carrier(first.layers, at))
        head = list(first.layers[start:at])
        fragment = first.layers[at]
        if isinstance(fragment, ip.FragmentHeader):
            head[-1] = head[-1].replace(next_header=fragment.next_header)  # type: ignore[union-attr]
            size = sum(len(x.encode()) for x in head[1:]) + len(payload)
            if size > _MAX_DATAGRAM:
                return None
            head[0] = head[0].replace(payload_length=size)  # type: ignore[union-attr]
        else:
            size = len(fragment.encode()) + len(payload)
            if size > _MAX_DATAGRAM:
                return None
            blank = fragment.replace(  # type: ignore[union-attr]
                more_fragments=False, fragment_offset=0, total_length=size
            )
            head = [_checksummed(blank)]
        octets = b"".join(x.encode() for x in head) + payload
        return decode_packet(octets, LinkType.RAW, lenient=self.lenient)


def _checksummed(header: Any) -> Any:
    blank = header.replace(checksum=0)
    return blank.replace(checksum=internet_checksum(blank.encode()))


def _fragment_at(layers: tuple[Layer, ...]) -> int | None:
    """The last layer that says that the rest is a fragment."""
    for i, layer in reversed(list(enumerate(layers))):
        if isinstance(layer, (ip.FragmentHeader, ip.Ipv4Header)):
            fragmented = layer.more_fragments or layer.fragment_offset
            return i if fragmented else None
    return None


def _carrier(layers: tuple[Layer, ...], at: int) -> Any:
    """The IP header whose addresses the fragment has."""
    for layer in reversed(layers[: at + 1]):
        if isinstance(layer, (ip.Ipv6Header, ip.Ipv4Header)):
            return layer
    raise AssertionError("a fragment header without an IP header before it")


def _payload(layers: tuple[Layer, ...], at: int) -> list[Layer]:
    out: list[Layer] = []
    for layer in layers[at + 1 :]:
        if isinstance(layer, Trailer):
            break
        out.append(layer)
    return out
