"""What was sealed in a packet, once it is opened: payload chains, packets, and failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from .. import ip
from ..errors import DecodeError
from ..ikev2 import EncryptedFragment, Payload, explain_chain
from ..schema import Malformed, Row, walk
from ..schema.jsontext import json_text, json_text_of
from ..security import Opened, OpenedEsp
from .jsontext import content_text, errors_to_json
from .octets import explain_packet
from .packet import Packet

__all__ = ["Buffer", "NotOpened", "OpenedChain", "OpenedPacket", "OpenedPart", "Within", "buffers"]


class Buffer(msgspec.Struct, frozen=True):
    """Octets that are in no frame, and where they come from."""

    number: int
    origin: str
    "Number of a buffer, and the row of it that was opened."
    rows: list[Row]


class Within(msgspec.Struct, frozen=True, dict=True):
    """Base of what was found in a sealed place of a packet."""

    layer: int
    "Index of the layer that is sealed."
    path: str
    "The sealed octets, as `explain` names them in their packet."

    @property
    def errors(self) -> tuple[DecodeError, ...]:
        """What did not decode, offsets counted from the start of the opened octets."""
        return ()

    @property
    def inner(self) -> tuple[Within, ...]:
        """What was sealed once more inside."""
        return ()

    @property
    def protocols(self) -> frozenset[str]:
        """Short names of the protocols inside."""
        return frozenset()

    def rows(self, buffer: int) -> list[Row]:
        """The octet map of the opened octets, which they say are in `buffer`."""
        return []

    def json_text(self) -> str:
        """The JSON form as text."""
        return f"{{{','.join(self._members())}}}"

    def _members(self) -> Iterator[str]:
        yield f'"layer":{self.layer},"path":{json_text(self.path)}'

    def _title(self, kind: str, *, verified: bool = True) -> str:
        return f"{self.path} opened: {kind}{'' if verified else ' (not verified)'}"


def buffers(opened: Iterable[Within], first: int = 1, parent: int = 0) -> list[Buffer]:
    """The octet maps of what was opened in the buffer `parent`, numbered from `first` on."""
    out: list[Buffer] = []
    for within in opened:
        number = first + len(out)
        rows = within.rows(number)
        if rows:
            out.append(Buffer(number, f"buffer {parent} {within.path}", rows))
            out += buffers(within.inner, number + 1, number)
    return out


class NotOpened(Within, frozen=True):
    """Octets of a known security association that its keys do not open."""

    reason: str

    @property
    def errors(self) -> tuple[DecodeError, ...]:
        return (DecodeError(self.reason),)

    def _members(self) -> Iterator[str]:
        yield from super()._members()
        yield f'"kind":"sealed","errors":{_errors(self.errors)}'

    def __str__(self) -> str:
        return f"{self.path} not opened: {self.reason}"


class OpenedPart(Within, frozen=True):
    """A fragment of an IKE message, which is shown whole with the one that completes it."""

    part: Opened

    @property
    def fragment(self) -> EncryptedFragment:
        """The payload that holds it."""
        return self.part.sealed  # type: ignore[return-value]

    def rows(self, buffer: int) -> list[Row]:
        return _chain_rows("content", [], self.part, buffer)

    def _members(self) -> Iterator[str]:
        yield from super()._members()
        number, total = self.fragment.fragment_number, self.fragment.total_fragments
        yield f'"kind":"fragment","number":{number},"total":{total}'
        yield f'"verified":{json_text(self.part.verified)},{_sealing(self.part)}'
        yield f'"content":"{self.part.content.hex()}"'

    def __str__(self) -> str:
        fragment, size = self.fragment, len(self.part.content)
        kind = f"fragment {fragment.fragment_number} of {fragment.total_fragments}, {size} octets"
        return self._title(kind, verified=self.part.verified)


class OpenedChain(Within, frozen=True):
    """The payloads of an IKE message."""

    parts: tuple[Opened, ...]
    "The opened message; all fragments in order where it came in several."
    frames: tuple[int, ...]
    "Numbers of the frames of the parts, as the opener was told them."
    payloads: tuple[Payload, ...]
    failure: DecodeError | None = None
    "Why there are no payloads, where the content does not parse."

    @property
    def content(self) -> bytes:
        """The octets of the payloads."""
        return b"".join(part.content for part in self.parts)

    @property
    def first_payload(self) -> int:
        """Type of the first payload."""
        return self.parts[0].sealed.first_payload

    @property
    def verified(self) -> bool:
        """Integrity check values fit."""
        return all(part.verified for part in self.parts)

    @property
    def errors(self) -> tuple[DecodeError, ...]:
        if self.failure is not None:
            return (self.failure,)
        return tuple(
            DecodeError(e.reason, ".".join(filter(None, (place, e.path))), e.offset)
            for i, payload in enumerate(self.payloads)
            for place, e in walk(payload, f"[{i}]({type(payload).__name__})")
            if isinstance(e, Malformed)
        )

    @property
    def protocols(self) -> frozenset[str]:
        return frozenset({"ikev2"})

    def find(self, kind: type[Any]) -> Any:
        """The first element of a class; None if there is none."""
        found = (payload.find(kind) for payload in self.payloads)
        return next((element for element in found if element is not None), None)

    def rows(self, buffer: int) -> list[Row]:
        rows = explain_chain(self.content, self.first_payload)
        last = self.parts[-1] if len(self.parts) == 1 else None
        return _chain_rows("", rows, last, buffer)

    def _members(self) -> Iterator[str]:
        yield from super()._members()
        payloads = ",".join(map(json_text_of, self.payloads))
        yield f'"kind":"payloads","frames":{json_text(self.frames)}'
        yield f'"verified":{json_text(self.verified)}'
        if len(self.parts) == 1:
            yield _sealing(self.parts[0])
        yield f'"first_payload":{self.first_payload},"payloads":[{payloads}]'
        if self.failure is not None:
            yield f'"content":"{self.content.hex()}"'
        yield f'"errors":{_errors(self.errors)}'

    def __str__(self) -> str:
        several = f", from frames {', '.join(map(str, self.frames))}" if len(self.parts) > 1 else ""
        lines = [self._title(f"payloads{several}", verified=self.verified)]
        lines += [_indented(str(payload)) for payload in self.payloads]
        if self.failure is not None:
            lines.append(f"  {self.failure}\n  octets: {self.content.hex()}")
        return "\n".join(lines)


class OpenedPacket(Within, frozen=True):
    """What ESP holds: a packet in tunnel mode, an upper layer in transport mode."""

    esp: OpenedEsp
    packet: Packet
    opened: tuple[Within, ...] = ()
    "What was sealed once more inside."

    @property
    def errors(self) -> tuple[DecodeError, ...]:
        return self.packet.errors

    @property
    def inner(self) -> tuple[Within, ...]:
        return self.opened

    @property
    def protocols(self) -> frozenset[str]:
        found = [self.packet.protocols, *(within.protocols for within in self.opened)]
        return frozenset().union(*found)

    def find(self, kind: type[Any]) -> Any:
        """The first element of a class in any layer inside; None if there is none."""
        return self.packet.find(kind)

    def rows(self, buffer: int) -> list[Row]:
        rows = explain_packet(self.packet)
        rows += _trailer_rows(len(self.esp.payload), self.esp.padding, "4303 2.4")
        at = len(self.esp.payload) + len(self.esp.padding) + 1
        number = self.esp.next_header
        name = f" {number.name}" if isinstance(number, ip.Protocol) else ""
        octets = bytes((number,))
        rows.append(Row(at, 1, "next_header", octets, f"{int(number)}{name}", "4303 2.6"))
        return _in(buffer, rows)

    def _members(self) -> Iterator[str]:
        yield from super()._members()
        esp = self.esp
        yield f'"kind":"packet","verified":{json_text(esp.verified)},"sequence":{esp.sequence}'
        yield f'{_sealing(esp)},"next_header":{int(esp.next_header)},{content_text(self.packet)}'
        if self.opened:
            yield f'"opened":[{",".join(within.json_text() for within in self.opened)}]'

    def __str__(self) -> str:
        mode = "tunnel" if self.esp.next_header in _TUNNELS else "transport"
        lines = [self._title(f"{mode} mode", verified=self.esp.verified)]
        lines += [_indented(str(part)) for part in (self.packet, *self.opened)]
        return "\n".join(lines)


_TUNNELS = (ip.Protocol.IPV6, ip.Protocol.IPIP)


def _sealing(part: Opened | OpenedEsp) -> str:
    return f'"iv":"{part.iv.hex()}","padding":"{part.padding.hex()}"'


def _errors(errors: tuple[DecodeError, ...]) -> str:
    return json_text(errors_to_json(errors))


def _chain_rows(name: str, rows: list[Row], part: Opened | None, buffer: int) -> list[Row]:
    """The rows of payloads, or one row of a fragment, with the padding of what was one message."""
    if name:
        assert part is not None
        size = len(part.content)
        rows = [Row(0, size, name, part.content, part.content.hex(), "7383 2.5")] if size else []
    if part is not None:
        rows = rows + _trailer_rows(len(part.content), part.padding, "7296 3.14")
    return _in(buffer, rows)


def _trailer_rows(at: int, padding: bytes, rfc: str) -> list[Row]:
    size = len(padding)
    rows = [Row(at, size, "padding", padding, padding.hex(), rfc)] if size else []
    return [*rows, Row(at + size, 1, "pad_length", bytes((size,)), str(size), rfc)]


def _in(buffer: int, rows: list[Row]) -> list[Row]:
    return [msgspec.structs.replace(row, buffer=buffer) for row in rows]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
