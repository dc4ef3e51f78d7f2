"""What is printed for one frame: a tree, a JSON line, or the octet map."""

from __future__ import annotations

import msgspec

from ..capture import Frame
from ..errors import DecodeError
from ..packets import (
    Packet,
    PortTable,
    Reassembler,
    decode_packet,
    explain,
    explain_packet,
)
from ..packets.jsontext import errors_to_json, json_text, packet_text
from ..schema import Malformed, Message, Row, walk

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

    def decode(self, frame: Frame) -> Packet:
        """The packet in a frame."""
        return decode_packet(frame.octets, frame.linktype, lenient=self.lenient, ports=self.ports)

    def of_frame(self, frame: Frame) -> Printed:
        """What a frame prints, with the datagram that it completes."""
        packet = self.decode(frame)
        if packet.is_fragment:
            datagram = self.reassembler.feed(packet, frame.number)
            return self.of_packet(frame, packet, datagram)
        return self.of_packet(frame, packet)

    def of_packet(self, frame: Frame, packet: Packet, datagram: Packet | None = None) -> Printed:
        """What a frame prints whose packet is known."""
        if self.wanted and not self._is_wanted(packet, datagram):
            return b"", []
        text = self.form(frame, packet, datagram)
        if not packet.errors and datagram is None:
            return text, []
        return text, self._complaints(frame, packet, datagram)

    def _is_wanted(self, packet: Packet, datagram: Packet | None) -> bool:
        packets = (packet,) if datagram is None else (packet, datagram)
        return not all(self.wanted.isdisjoint(p.protocols) for p in packets)

    def _complaints(self, frame: Frame, packet: Packet, datagram: Packet | None) -> list[str]:
        """The errors as lines."""
        inside = () if datagram is None else datagram.errors
        place = f"{self.name}: frame {frame.number}: "
        return [f"{place}{e}" for e in packet.errors] + [f"{place}reassembled: {e}" for e in inside]

    def _json(self, frame: Frame, packet: Packet, datagram: Packet | None) -> bytes:
        time = "null" if frame.time_ns is None else f'"{frame.time_ns}"'
        original = "null" if frame.original_length is None else frame.original_length
        comments = json_text(frame.comments) if frame.comments else "[]"
        again = "" if datagram is None else f',"reassembled":{self._reassembled(datagram)}'
        return (
            f'{self.head}{frame.number},"time_ns":{time},"interface":{frame.interface},'
            f'"original_length":{original},"comments":{comments},{packet_text(packet)}{again}}}\n'
        ).encode()

    def _reassembled(self, datagram: Packet) -> str:
        return f'{{"frames":{json_text(self.reassembler.frames)},{packet_text(datagram)}}}'

    def _tree(self, frame: Frame, packet: Packet, datagram: Packet | None) -> bytes:
        text = f"{self._title(frame)}\n{_indented(str(packet))}\n"
        if datagram is not None:
            text += f"  {self._origin()}\n{_indented(_indented(str(datagram)))}\n"
        return _octets(text)

    def _explain(self, frame: Frame, packet: Packet, datagram: Packet | None) -> bytes:
        # The map shows what is malformed where it stands, even to those who decode strictly.
        rows = explain(frame.octets, linktype=frame.linktype, ports=self.ports)
        text = f"{self._title(frame)}\n{_table(rows)}\n"
        if datagram is not None:
            rows = explain_packet(datagram, buffer=1)
            text += f"  buffer 1: {self._origin()}\n{_table(rows)}\n"
        return _octets(text)

    def _origin(self) -> str:
        return f"reassembled from frames {', '.join(map(str, self.reassembler.frames))}"

    def _title(self, frame: Frame) -> str:
        title = f"frame {frame.number}, {_time(frame)}{len(frame.octets)} octets"
        return f"\x1b[1m{title}\x1b[0m" if self.settings.colour else title


def of_message(message: Message, octets: bytes, kind: str, settings: Settings) -> Printed:
    """The same for one message without packet or frame."""
    errors = [
        DecodeError(e.reason, ".".join(filter(None, (place, e.path))), e.offset)
        for place, e in walk(message)
        if isinstance(e, Malformed)
    ]
    if settings.output == "json":
        line = {"v": JSON_VERSION, "protocol": kind, "message": message.to_dict(),
                "errors": errors_to_json(errors)}  # fmt: skip
        return _octets(json_text(line) + "\n"), [str(e) for e in errors]
    text = _table(explain(octets, kind)) if settings.output == "explain" else str(message)
    return _octets(f"{text}\n"), [str(e) for e in errors]


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
        rfc = f"  (RFC {row.rfc})" if row.rfc else ""
        out.append(
            f"  {row.offset:5d} {row.length:4d}  {octets + mask:24s} {row.path}: {row.meaning}{rfc}"
        )
    return "\n".join(out)
