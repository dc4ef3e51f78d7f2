"""What is printed for one frame: a tree, a JSON line, or the octet map."""

from __future__ import annotations

from collections.abc import Iterator
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
        return packet.is_fragment or (self.opener is not None and self.opener.needs_order(packet))

    def of_frame(self, frame: Frame) -> Printed:
        """What a frame prints, with the datagram that it completes."""
        packet = self.decode(frame)
        if packet.is_fragment:
            datagram = self.reassembler.feed(packet, frame.number)
            return self.of_packet(frame, packet, datagram)
        return self.of_packet(frame, packet)

    def of_packet(self, frame: Frame, packet: Packet, datagram: Packet | None = None) -> Printed:
        """What a frame prints whose packet is known."""
        opened: tuple[Within, ...] = ()
        inside: tuple[Within, ...] = ()
        if self.opener is not None:
            opened = self.opener.open(packet, frame.number)
            if datagram is not None:
                inside = self.opener.open(datagram, frame.number)
        if self.wanted and not self._is_wanted(packet, datagram, *opened, *inside):
            return b"", []
        text = self.form(frame, packet, opened, datagram, inside)
        if not packet.errors and datagram is None and not opened:
            return text, []
        errors = [*map(str, packet.errors), *_errors_within(opened)]
        if datagram is not None:
            again = [*map(str, datagram.errors), *_errors_within(inside)]
            errors += [f"reassembled: {error}" for error in again]
        return text, [f"{self.name}: frame {frame.number}: {error}" for error in errors]

    def _is_wanted(self, *parts: Packet | Within | None) -> bool:
        return not all(part is None or self.wanted.isdisjoint(part.protocols) for part in parts)

    def _json(
        self,
        frame: Frame,
        packet: Packet,
        opened: tuple[Within, ...],
        datagram: Packet | None,
        inside: tuple[Within, ...],
    ) -> bytes:
        time = "null" if frame.time_ns is None else f'"{frame.time_ns}"'
        original = "null" if frame.original_length is None else frame.original_length
        comments = json_text(frame.comments) if frame.comments else "[]"
        more = ""
        if self.opener is not None:  # Whoever gave keys finds the list in every line.
            more = f',"opened":{_json_of(opened)}'
        if datagram is not None:
            more += f',"reassembled":{self._reassembled(datagram, inside)}'
        return (
            f'{self.head}{frame.number},"time_ns":{time},"interface":{frame.interface},'
            f'"original_length":{original},"comments":{comments},{packet_text(packet)}{more}}}\n'
        ).encode()

    def _reassembled(self, datagram: Packet, inside: tuple[Within, ...]) -> str:
        more = "" if self.opener is None else f',"opened":{_json_of(inside)}'
        frames = json_text(self.reassembler.frames)
        return f'{{"frames":{frames},{packet_text(datagram)}{more}}}'

    def _tree(
        self,
        frame: Frame,
        packet: Packet,
        opened: tuple[Within, ...],
        datagram: Packet | None,
        inside: tuple[Within, ...],
    ) -> bytes:
        text = f"{self._title(frame)}\n{_tree_of(packet, opened)}\n"
        if datagram is not None:
            text += f"  {self._origin()}\n{_indented(_tree_of(datagram, inside))}\n"
        return _octets(text)

    def _explain(
        self,
        frame: Frame,
        packet: Packet,
        opened: tuple[Within, ...],
        datagram: Packet | None,
        inside: tuple[Within, ...],
    ) -> bytes:
        # The map shows what is malformed where it stands, even to those who decode strictly.
        rows = explain(frame.octets, linktype=frame.linktype, ports=self.ports)
        parts = [f"{self._title(frame)}\n{_table(rows)}\n"]
        if datagram is not None:
            rows = explain_packet(datagram, buffer=1)
            parts.append(f"  buffer 1: {self._origin()}\n{_table(rows)}\n")
            parts += _tables(inside, 2, 1)
        return _octets("".join([*parts, *_tables(opened, len(parts), 0)]))

    def _origin(self) -> str:
        return f"reassembled from frames {', '.join(map(str, self.reassembler.frames))}"

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
