"""What packets share put together within bounds.

Fragments of IPv4 and IPv6 (RFC 791, RFC 8200 4.5, RFC 5722), and Diameter in TCP and SCTP.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from .. import ip
from ..schema.checksum import internet_checksum
from .fragments import fragment_octets, fragment_place
from .links import LinkType
from .messages import Messages
from .packet import Packet, decode_messages, decode_packet
from .ports import PortTable

__all__ = ["Reassembler"]

_MAX_DATAGRAM = 65_535

#: Octets that count for the objects that each fragment is made of.
_OVERHEAD = 256


class _Datagram:
    """Fragments of one datagram that are there so far."""

    def __init__(self) -> None:
        self.starts: list[int] = []  # where pieces begin, in order
        self.pieces: dict[int, bytes] = {}
        self.frames: dict[int, int] = {}  # by where their piece begins
        self.size = 0
        "Octets of the pieces."
        self.total: int | None = None
        self.first: Packet | None = None

    @property
    def cost(self) -> int:
        """About so many octets of memory."""
        return self.size + _OVERHEAD * len(self.pieces)

    def add(self, start: int, octets: bytes, frame: int, *, more: bool) -> bool:
        """Take a fragment; False where it contradicts those that are there."""
        end = start + len(octets)
        if end > _MAX_DATAGRAM or (more and len(octets) % 8):
            return False
        if not more:
            if self.total not in (None, end):
                return False
            self.total = end
        if self.pieces.get(start) == octets:
            return True
        if not self._free(start, end):
            return False
        self.starts.insert(bisect_left(self.starts, start), start)
        self.pieces[start], self.frames[start] = octets, frame
        self.size += len(octets)
        last = self.starts[-1]
        return self.total is None or last + len(self.pieces[last]) <= self.total

    def _free(self, start: int, end: int) -> bool:
        """No piece has octets between these."""
        at = bisect_left(self.starts, start)
        before = self.starts[at - 1] if at else None
        if before is not None and before + len(self.pieces[before]) > start:
            return False
        return at == len(self.starts) or (self.starts[at] >= end and self.starts[at] != start)

    def whole(self) -> bytes | None:
        """The payload, once nothing is missing."""
        # Pieces do not overlap and none ends behind `total`, so their sizes tell.
        if self.first is None or self.size != self.total:
            return None
        return b"".join(self.pieces[start] for start in self.starts)


class Reassembler:
    """Takes packets, gives datagrams and messages.

    At most `datagrams` are waited for, and about `octets` of memory taken by them; the oldest go
    first.  Overlapping fragments drop the whole
    datagram, as RFC 5722 wants.  Of at most `streams` (directions of TCP connections, streams of
    SCTP associations) parts of messages are kept; those that were quiet longest go first.
    `frames` are the numbers of the frames, as `feed` was told them, of what it gave last, in the
    order of their octets.
    """

    def __init__(
        self,
        *,
        datagrams: int = 64,
        octets: int = 1 << 24,
        streams: int = 256,
        lenient: bool = False,
        ports: Mapping[int, str] | None = None,
    ) -> None:
        self.datagrams, self.octets, self.lenient = datagrams, octets, lenient
        self.ports = ports if isinstance(ports, PortTable) else PortTable(ports)
        self._messages = Messages(streams, self.ports)
        self.frames: tuple[int, ...] = ()
        self._waiting: dict[Any, _Datagram] = {}
        self._size = 0

    def feed(self, packet: Packet, frame: int = 0) -> Packet | None:
        """What the packet completes; None if it is nothing.

        A datagram is a packet of raw IP, which may be fed in turn.  Messages of Diameter are the
        layers of a packet without a link; those that are layers of the packet are not among them.
        """
        if packet.is_fragment:
            return self._datagram(packet, frame)
        found = self._messages.feed(packet, frame)
        if not found:
            return None
        self.frames = tuple(dict.fromkeys(number for _, frames in found for number in frames))
        return decode_messages([octets for octets, _ in found], lenient=self.lenient)

    def _datagram(self, packet: Packet, frame: int) -> Packet | None:
        """The datagram that a fragment completes."""
        place = fragment_place(packet.layers)
        octets = None if place is None else fragment_octets(packet.layers, place)
        if place is None or octets is None:
            return None
        header: Any = packet.layers[place[1]]
        key = _key(packet, place)
        datagram = self._waiting.setdefault(key, _Datagram())
        start, before = 8 * header.fragment_offset, datagram.cost
        added = datagram.add(start, octets, frame, more=header.more_fragments)
        self._size += datagram.cost - before
        if not added:
            self._drop(key)
            return None
        if not start:
            datagram.first = packet
        whole = datagram.whole()
        if whole is None:
            self._bound()
            return None
        self._drop(key)
        assert datagram.first is not None
        joined = _joined(datagram.first, whole)
        if joined is None:
            return None
        self.frames = tuple(datagram.frames[start] for start in datagram.starts)
        return decode_packet(joined, LinkType.RAW, lenient=self.lenient, ports=self.ports)

    def _bound(self) -> None:
        while len(self._waiting) > self.datagrams or self._size > self.octets:
            self._drop(next(iter(self._waiting)))

    def _drop(self, key: Any) -> None:
        self._size -= self._waiting.pop(key).cost


def _key(packet: Packet, place: tuple[int, int]) -> Any:
    """What the fragments of one datagram have in common (RFC 791 3.2, RFC 8200 4.5)."""
    carrier: Any = packet.layers[place[0]]
    header: Any = packet.layers[place[1]]
    protocol = getattr(header, "protocol", None)  # of IPv4; IPv6 does without
    return carrier.source, carrier.destination, header.identification, protocol


def _joined(first: Packet, payload: bytes) -> bytes | None:
    """The datagram: the first fragment's headers without the fragmentation, and the payload."""
    place = fragment_place(first.layers)
    assert place is not None
    start, at = place
    head: list[Any] = list(first.layers[start:at])
    fragment: Any = first.layers[at]
    if isinstance(fragment, ip.FragmentHeader):
        head[-1] = head[-1].replace(next_header=fragment.next_header)
        size = sum(len(x.encode()) for x in head[1:]) + len(payload)
        head[0] = head[0].replace(payload_length=min(size, _MAX_DATAGRAM))
    else:
        size = len(fragment.encode()) + len(payload)
        head = [_unfragmented(fragment, min(size, _MAX_DATAGRAM))]
    return None if size > _MAX_DATAGRAM else b"".join(x.encode() for x in head) + payload


def _unfragmented(header: ip.Ipv4Header, total_length: int) -> ip.Ipv4Header:
    blank = header.replace(
        more_fragments=False, fragment_offset=0, total_length=total_length, checksum=0
    )
    return blank.replace(checksum=internet_checksum(blank.encode()))
