"""What is printed for one frame: a tree, a JSON line, or the octet map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from ..capture import Frame
from ..errors import DecodeError
from ..packets import (
    LinkType,
    Packet,
    PortTable,
    Reassembler,
    decode_packet,
    explain,
    explain_packet,
)
from ..packets.jsontext import errors_to_json, json_text, packet_text
from ..schema import Malformed, Message, Row, cited, walk

if TYPE_CHECKING:
    from ..packets import Opener, Within
    from ..security import Keyring

__all__ = ["JSON_VERSION", "Printed", "Printer", "Settings", "of_message"]

#: Version of the JSON lines; it changes when a reader would have to.
JSON_VERSION = 1

#: The octets to write, none where a filter leaves the frame out, and the errors as lines.
Printed = tuple[bytes, list[str]]


class Settings(msgspec.Struct, frozen=True):
    """How to decode and what to print."""

    output: str = "tree"
    strict: bool = False
    protocols: frozenset[str] = frozenset()
    colour: bool = False
    ports: PortTable = PortTable()
    keys: Keyring | None = None


class _Joined(msgspec.Struct):
    """What a frame completes: a datagram, or messages, and what was sealed in it."""

    packet: Packet
    frames: tuple[int, ...]
    opened: tuple[Within, ...] = ()

    @property
    def origin(self) -> str:
        return f"reassembled from frames {', '.join(map(str, self.frames))}"


def _errors_within(opened: tuple[Within, ...]) -> Iterator[str]:
    for within in opened:
        # What is wrong with the whole of it has no path of its own.
        own = (str(e) if e.path else e.reason for e in within.errors)
        for text in (*own, *_errors_within(within.inner)):
            yield f"{within.path}: {text}"


class Printer:
    """Prints the frames of one capture, which it is given in order."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name, self.settings = name, settings
        # A file name need not be UTF-8, a JSON line has to be.
        text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.head = f'{{"v":{JSON_VERSION},"file":{json_text(text)},"frame":'
        self.lenient, self.ports = not settings.strict, settings.ports
        self.wanted = settings.protocols
        self.reassembler = Reassembler(lenient=self.lenient, ports=self.ports)
        self.form = {"json": self._json, "explain": self._explain}.get(settings.output, self._tree)
        self.opener = _opener(settings)

    def decode(self, frame: Frame) -> Packet:
        """The packet in a frame."""
        return decode_packet(frame.octets, frame.linktype, lenient=self.lenient, ports=self.ports)

    def needs_order(self, packet: Packet) -> bool:
        """What the packet prints depends on packets before it."""
        return packet.is_part or (self.opener is not None and self.opener.needs_order(packet))

    def of_frame(self, frame: Frame) -> Printed:
        """What a frame prints, with what it completes."""
        packet = self.decode(frame)
        joined = self._joined(packet, frame.number) if packet.is_part else ()
        return self.of_packet(frame, packet, joined)

    def _joined(self, packet: Packet, number: int) -> list[_Joined]:
        """What the packet completes, what that completes in turn, and so on."""
        out: list[_Joined] = []
        found = self.reassembler.feed(packet, number)
        while found is not None:
            out.append(_Joined(found, self.reassembler.frames))
            found = self.reassembler.feed(found, number)
        return out

    def of_packet(self, frame: Frame, packet: Packet, joined: Sequence[_Joined] = ()) -> Printed:
        """What a frame prints whose packet is known."""
        opened: tuple[Within, ...] = ()
        if self.opener is not None:
            opened = self.opener.open(packet, frame.number)
            for part in joined:
                part.opened = self.opener.open(part.packet, frame.number)
        if self.wanted and not self._is_wanted(packet, opened, joined):
            return b"", []
        text = self.form(frame, packet, opened, joined)
        if not packet.errors and not joined and not opened:
            return text, []
        errors = [*map(str, packet.errors), *_errors_within(opened)]
        for part in joined:
            again = [*map(str, part.packet.errors), *_errors_within(part.opened)]
            errors += [f"reassembled: {error}" for error in again]
        return text, [f"{self.name}: frame {frame.number}: {error}" for error in errors]

    def _is_wanted(
        self, packet: Packet, opened: tuple[Within, ...], joined: Sequence[_Joined]
    ) -> bool:
        parts: list[Packet | Within] = [packet, *opened]
        for part in joined:
            parts += part.packet, *part.opened
        return not all(self.wanted.isdisjoint(part.protocols) for part in parts)

    def _json(
        self, frame: Frame, packet: Packet, opened: tuple[Within, ...], joined: Sequence[_Joined]
    ) -> bytes:
        time = "null" if frame.time_ns is None else f'"{frame.time_ns}"'
        original = "null" if frame.original_length is None else frame.original_length
        comments = json_text(frame.comments) if frame.comments else "[]"
        more = self._opened(opened)
        if joined:
            more += self._reassembled(joined)
        return (
            f'{self.head}{frame.number},"time_ns":{time},"interface":{frame.interface},'
            f'"original_length":{original},"comments":{comments},{packet_text(packet)}{more}}}\n'
        ).encode()

    def _opened(self, opened: tuple[Within, ...]) -> str:
        # Whoever gave keys finds the list in every line.
        return "" if self.opener is None else f',"opened":{_json_of(opened)}'

    def _reassembled(self, joined: Sequence[_Joined]) -> str:
        """Each with that which completed it."""
        text = ""
        for part in reversed(joined):
            more = self._opened(part.opened) + text
            head = f'"frames":{json_text(part.frames)},{packet_text(part.packet)}'
            text = f',"reassembled":{{{head}{more}}}'
        return text

    def _tree(
        self, frame: Frame, packet: Packet, opened: tuple[Within, ...], joined: Sequence[_Joined]
    ) -> bytes:
        text = f"{self._title(frame)}\n{_tree_of(packet, opened)}\n"
        for part in joined:
            text += f"  {part.origin}\n{_indented(_tree_of(part.packet, part.opened))}\n"
        return _octets(text)

    def _explain(
        self, frame: Frame, packet: Packet, opened: tuple[Within, ...], joined: Sequence[_Joined]
    ) -> bytes:
        # The map shows what is malformed where it stands, even to those who decode strictly.
        rows = explain(frame.octets, linktype=frame.linktype, ports=self.ports)
        parts = [f"{self._title(frame)}\n{_table(rows)}\n"]
        for part in joined:
            number = len(parts)
            rows = explain_packet(part.packet, buffer=number)
            parts.append(f"  buffer {number}: {part.origin}\n{_table(rows)}\n")
            parts += _tables(part.opened, number + 1, number)
        return _octets("".join([*parts, *_tables(opened, len(parts), 0)]))

    def _title(self, frame: Frame) -> str:
        title = f"frame {frame.number}, {_time(frame)}{len(frame.octets)} octets"
        return f"\x1b[1m{title}\x1b[0m" if self.settings.colour else title


def _tree_of(packet: Packet, opened: tuple[Within, ...]) -> str:
    return "\n".join(_indented(str(part)) for part in (packet, *opened))


def _tables(opened: tuple[Within, ...], first: int, parent: int) -> list[str]:
    """The octet maps of what was opened in a buffer."""
    if not opened:
        return []
    from ..packets.opened import buffers

    return [
        f"  buffer {found.number}: opened from {found.origin}\n{_table(found.rows)}\n"
        for found in buffers(opened, first, parent)
    ]


def of_message(message: Message, octets: bytes, kind: str, settings: Settings) -> Printed:
    """The same for one message without packet or frame."""
    errors = [
        DecodeError(e.reason, ".".join(filter(None, (place, e.path))), e.offset)
        for place, e in walk(message)
        if isinstance(e, Malformed)
    ]
    opener = _opener(settings)
    # A message has no frame; what is sealed in it is named as in a packet of it alone.
    opened = () if opener is None else opener.open(Packet((message,), LinkType.NONE))
    failed = [*map(str, errors), *_errors_within(opened)]
    if settings.output == "json":
        line = {"v": JSON_VERSION, "protocol": kind, "message": message.to_dict(),
                "errors": errors_to_json(errors)}  # fmt: skip
        inside = "" if opener is None else f',"opened":{_json_of(opened)}'
        return _octets(f"{json_text(line)[:-1]}{inside}}}\n"), failed
    if settings.output == "explain":
        text = "".join((_table(explain(octets, kind)) + "\n", *_tables(opened, 1, 0)))
        return _octets(text), failed
    return _octets("\n".join(map(str, (message, *opened))) + "\n"), failed


def _opener(settings: Settings) -> Opener | None:
    if settings.keys is None:
        return None
    # Only who has keys waits for the room `security` to be loaded.
    from ..packets.opener import Opener

    return Opener(settings.keys, lenient=not settings.strict, ports=settings.ports)


def _json_of(opened: tuple[Within, ...]) -> str:
    return f"[{','.join(within.json_text() for within in opened)}]"


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _time(frame: Frame) -> str:
    if frame.time_ns is None:
        return ""
    seconds, nanoseconds = divmod(frame.time_ns, 1_000_000_000)
    return f"{seconds}.{nanoseconds:09d}, "


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _table(rows: list[Row]) -> str:
    """The octet map as columns."""
    out = []
    for row in rows:
        octets = row.octets[:8].hex() + ("..." if len(row.octets) > 8 else "")
        mask = "" if row.mask is None else f" & {row.mask:#x}"
        rfc = f"  ({cited(row.rfc)})" if row.rfc else ""
        out.append(
            f"  {row.offset:5d} {row.length:4d}  {octets + mask:24s} {row.path}: {row.meaning}{rfc}"
        )
    return "\n".join(out)
