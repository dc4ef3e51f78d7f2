"""User messages of SCTP, put together from DATA chunks within bounds (RFC 9260 6.9)."""

from __future__ import annotations

from typing import Any

import msgspec

from .streams import MAX_MESSAGE, Found

__all__ = ["Chunk", "UserMessages"]

#: Chunks of one stream that are remembered, delivered ones too.
_MAX_CHUNKS = 256

_NUMBERS = 1 << 32


class Chunk(msgspec.Struct):
    """A fragment of a user message."""

    tsn: int
    octets: bytes
    frame: int
    beginning: bool
    ending: bool
    delivered: bool = False


class UserMessages:
    """The fragments in a capture; beyond `streams` of them, the one that was quiet longest goes."""

    def __init__(self, streams: int) -> None:
        self.streams = streams
        self._streams: dict[Any, dict[int, Chunk]] = {}

    def feed(self, stream: Any, chunk: Chunk) -> list[Found]:
        """The message that a fragment completes; fragments of one have numbers in sequence."""
        chunks = self._streams.pop(stream, {})
        self._streams[stream] = chunks
        if chunk.tsn in chunks:
            return []  # It was sent again.
        chunks[chunk.tsn] = chunk
        whole = _whole(chunks, chunk)
        for one in whole:
            # Its number stays known, in case that it is sent again.
            chunks[one.tsn] = Chunk(one.tsn, b"", 0, False, False, delivered=True)
        while (
            len(chunks) > _MAX_CHUNKS or sum(len(c.octets) for c in chunks.values()) > MAX_MESSAGE
        ):
            del chunks[next(iter(chunks))]
        while len(self._streams) > self.streams:
            del self._streams[next(iter(self._streams))]
        octets = b"".join(one.octets for one in whole)
        return [(octets, tuple(one.frame for one in whole))] if whole else []


def _whole(chunks: dict[int, Chunk], chunk: Chunk) -> list[Chunk]:
    """The chunks of the message that the chunk belongs to; none where one is missing."""
    first = chunk
    while not first.beginning:
        before = chunks.get((first.tsn - 1) % _NUMBERS)
        if before is None:
            return []
        first = before
    out = [first]
    while not out[-1].ending:
        behind = chunks.get((out[-1].tsn + 1) % _NUMBERS)
        if behind is None or behind.delivered:
            return []
        out.append(behind)
    return out
