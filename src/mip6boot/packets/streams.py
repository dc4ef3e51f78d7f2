"""Messages of TCP streams, put together within bounds (RFC 9293 3.4, RFC 6733 2.1)."""

from __future__ import annotations

from bisect import insort
from collections import deque
from typing import Any

import msgspec

from .framing import message_length

__all__ = ["MAX_MESSAGE", "Found", "Piece", "Stream", "Streams"]

#: What says that it is longer is taken for octets that are no message.
MAX_MESSAGE = 1 << 17

#: Segments that may wait for one that is missing, and segments of one message.
_MAX_WAITING, _MAX_PIECES = 64, 1024

_NUMBERS = 1 << 32

#: The octets of a message, and the numbers of the frames that they came in.
Found = tuple[bytes, tuple[int, ...]]


class Piece(msgspec.Struct):
    """The octets of a segment."""

    start: int
    "Where they begin: a sequence number, in a stream a position."
    octets: bytes
    frame: int
    shown: frozenset[tuple[int, int]] = frozenset()
    "Starts and ends of the messages in it that are layers of the frame."

    @property
    def end(self) -> int:
        """Where they end."""
        return self.start + len(self.octets)


class Taken(msgspec.Struct):
    """A segment whose octets went into the stream, which may be many times as many as were new."""

    start: int
    end: int
    frame: int
    shown: frozenset[tuple[int, int]]
    "Of the messages that begin in its new octets."


class Stream:
    """One direction of a TCP connection.

    Positions count octets as sequence numbers do, but go on where those wrap around.
    """

    def __init__(self, start: int, *, synchronised: bool) -> None:
        self.start = self.position = start
        #: `held` begins with a message.
        self.synchronised = synchronised
        #: The octets before `position` of a message that is not whole yet.
        self.held = bytearray()
        self.pieces: deque[Taken] = deque()  # that the held octets are in
        self.waiting: dict[int, Piece] = {}  # by where they start, behind `position`
        self.starts: list[int] = []  # of those that wait, in order

    def position_of(self, sequence: int) -> int:
        """The position next to the current one that has the sequence number."""
        half = _NUMBERS // 2
        return self.position + (sequence - self.position + half) % _NUMBERS - half

    def feed(self, piece: Piece) -> list[Found]:
        """The messages that the octets complete and that are no layers of their frame."""
        found: list[Found] = []
        piece.start = self.position_of(piece.start)
        if piece.start <= self.position:
            self._take(piece, found)
        else:
            self._wait(piece)
        # Where it is not known where messages begin, there is nothing to wait for.
        while self.starts and (self.starts[0] <= self.position or not self.synchronised):
            self._take(self.waiting.pop(self.starts.pop(0)), found)
        return found

    def lose(self) -> None:
        """Where the next message begins is not known any more."""
        self.held.clear()
        self.pieces.clear()
        self.synchronised = False

    def _wait(self, piece: Piece) -> None:
        before = self.waiting.get(piece.start)
        if before is None:
            insort(self.starts, piece.start)
        if before is None or len(before.octets) < len(piece.octets):
            self.waiting[piece.start] = piece
        # What is missing for so long is missing in the capture.
        size = sum(len(piece.octets) for piece in self.waiting.values())
        if len(self.starts) > _MAX_WAITING or size > MAX_MESSAGE:
            self.lose()

    def _take(self, piece: Piece, found: list[Found]) -> None:
        """Go on with the octets of a piece that are new."""
        if piece.end <= self.position:
            return
        known = max(0, self.position - piece.start)
        octets = piece.octets[known:]
        self.position = piece.end
        if not self.synchronised:
            length = message_length(octets, 0, len(octets))
            self.synchronised = length is not None and length <= MAX_MESSAGE
        if self.synchronised:
            self.held += octets
            shown = frozenset(one for one in piece.shown if one[0] >= known)
            self.pieces.append(Taken(piece.start, piece.end, piece.frame, shown))
            self._messages(found)

    def _messages(self, found: list[Found]) -> None:
        """Take the whole messages from what is held."""
        while len(self.held) >= 4:
            length = message_length(self.held, 0, len(self.held))
            if length is None or length > MAX_MESSAGE or len(self.pieces) > _MAX_PIECES:
                self.lose()
                return
            if length > len(self.held):
                return
            self._message(length, found)

    def _message(self, length: int, found: list[Found]) -> None:
        """Take one message, and let go of the pieces that end in it."""
        start = self.position - len(self.held)
        octets = bytes(self.held[:length])
        del self.held[:length]
        pieces = [self.pieces[0]]
        while pieces[-1].end < start + length:
            self.pieces.popleft()
            pieces.append(self.pieces[0])
        if pieces[-1].end == start + length:
            self.pieces.popleft()
        inside = (start - pieces[0].start, start - pieces[0].start + length)
        if inside not in pieces[0].shown:
            found.append((octets, tuple(piece.frame for piece in pieces)))


class Streams:
    """TCP streams of a capture; beyond `streams` of them, the one that was quiet longest goes."""

    def __init__(self, streams: int) -> None:
        self.streams = streams
        self._streams: dict[Any, Stream] = {}

    def feed(self, connection: tuple[Any, Any], header: Any, piece: Piece) -> list[Found]:
        """The messages that a segment completes; `connection` is where from and where to.

        A stream ends with the FIN behind all its octets, both directions with a RST.
        """
        stream = self._streams.pop(connection, None)
        if header.rst:
            self._streams.pop(connection[::-1], None)
            return []
        if header.syn:
            piece.start = (piece.start + 1) % _NUMBERS
            # The same number again is the same SYN again.
            if stream is None or stream.start != piece.start:
                stream = Stream(piece.start, synchronised=True)
        elif stream is None:
            stream = Stream(piece.start, synchronised=False)
        found = stream.feed(piece)
        if not (header.fin and stream.position == piece.end):
            self._streams[connection] = stream
            while len(self._streams) > self.streams:
                del self._streams[next(iter(self._streams))]
        return found
