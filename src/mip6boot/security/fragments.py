"""SKF payloads put together within bounds (RFC 7383 2.6)."""

from __future__ import annotations

import msgspec

from ..ikev2 import EncryptedFragment, Payload, decode_chain
from .sealing import Opened

__all__ = ["FragmentAssembler", "WholeMessage"]

#: Octets that count for the objects that each fragment is made of.
_OVERHEAD = 1024

#: What the fragments of one message have in common.
_Key = tuple[bytes, bytes, int, int, int]


class WholeMessage(msgspec.Struct, frozen=True):
    """A message that came in fragments."""

    fragments: tuple[Opened, ...]
    "In the order of their numbers."
    frames: tuple[int, ...] = ()
    "What `feed` was told of each of them."

    @property
    def content(self) -> bytes:
        """The payloads inside."""
        return b"".join(part.content for part in self.fragments)

    @property
    def payloads(self) -> tuple[Payload, ...]:
        """The payloads inside; DecodeError where they do not parse."""
        return self.decode()

    @property
    def verified(self) -> bool:
        """An integrity check value of every fragment fits."""
        return all(part.verified for part in self.fragments)

    def decode(self, *, lenient: bool = False) -> tuple[Payload, ...]:
        """The payloads inside, as `ikev2.decode_chain` gives them."""
        first = self.fragments[0].sealed.first_payload
        return decode_chain(self.content, first, lenient=lenient)


class FragmentAssembler:
    """Takes opened fragments, gives whole messages.

    At most `messages` are waited for, and about `octets` of memory taken; the oldest go first.
    """

    def __init__(self, *, messages: int = 16, octets: int = 1 << 21) -> None:
        self.messages, self.octets = messages, octets
        self._waiting: dict[_Key, dict[int, tuple[Opened, int]]] = {}
        self._size = 0

    def feed(self, opened: Opened, frame: int = 0) -> WholeMessage | None:
        """The message that a fragment, of the frame with this number, completes; else None.

        A fragment whose number is not between 1 and the total is dropped.  A smaller total than
        that of the fragments that wait is dropped, a larger one drops those: the sender has
        begun again with smaller fragments.
        """
        payload = opened.sealed
        if not isinstance(payload, EncryptedFragment):
            return None
        number, total = payload.fragment_number, payload.total_fragments
        if not 1 <= number <= total:
            return None
        key = _key(opened)
        parts = self._parts(key, total)
        if parts is None or number in parts:
            return None
        parts[number] = opened, frame
        self._size += _octets(opened)
        if len(parts) < total:
            self._bound()
            return None
        self._drop(key)
        fragments, frames = zip(*(parts[i] for i in range(1, total + 1)), strict=True)
        return WholeMessage(fragments, frames)

    def _parts(self, key: _Key, total: int) -> dict[int, tuple[Opened, int]] | None:
        """The fragments of the message that wait; None where they are of more."""
        parts = self._waiting.setdefault(key, {})
        if not parts:
            return parts
        waiting = next(iter(parts.values()))[0].sealed.total_fragments  # type: ignore[union-attr]
        if total < waiting:
            return None
        if total > waiting:
            self._drop(key)
            self._waiting[key] = parts = {}
        return parts

    def _bound(self) -> None:
        while len(self._waiting) > self.messages or self._size > self.octets:
            self._drop(next(iter(self._waiting)))

    def _drop(self, key: _Key) -> None:
        parts = self._waiting.pop(key)
        self._size -= sum(_octets(part) for part, _ in parts.values())


def _octets(opened: Opened) -> int:
    """What a fragment takes: its content, sealed and not, and the objects around it."""
    return _OVERHEAD + len(opened.content) + len(opened.sealed.sealed)


def _key(opened: Opened) -> _Key:
    message = opened.message
    flags = int(message.flags)
    kind = int(message.exchange_type)
    return message.initiator_spi, message.responder_spi, message.message_id, flags, kind
