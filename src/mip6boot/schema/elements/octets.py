"""Octet strings and text."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import construct as cs

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf, short

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter
    from ..compiler.source import Source

__all__ = [
    "FixedOctets",
    "Greedy",
    "GreedyOctets",
    "Hexadecimal",
    "Text",
    "misvalued",
    "octets_from_json",
]


def octets_from_json(data: Any) -> bytes:
    """The octets of lower- or upper-case hex digits."""
    try:
        if isinstance(data, str) and data.isalnum() | (not data):
            return bytes.fromhex(data)
    except ValueError:
        pass
    raise DecodeError(f"{short(data)} where hex digits are expected")


def as_octets(value: Any) -> bytes:
    """Reached only by what is not exactly bytes: buffers are copied, all else is refused."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise EncodeError(f"{short(value)} is not a string of octets")


def misvalued(error: ValueError, name: str, pos: int) -> DecodeError:
    """The error of an element's own `decode_value`, with its place."""
    reason = error.reason if isinstance(error, DecodeError) else " ".join(str(error).split())
    return DecodeError(reason, name, pos)


class Hexadecimal(Element):
    """What strings of octets have in common: hex digits, for people and in JSON."""

    def show(self, value: Any) -> str:
        return bytes(value).hex()

    def to_json(self, value: Any, level: int) -> Any:
        return bytes(value).hex()

    def writes_json(self, value: str, source: Source) -> str:
        return f"{value}.hex()"

    def writes_text(self, value: str, source: Source) -> str:
        return f'"{{{value}.hex()}}"'

    def from_json(self, data: Any, level: int) -> Any:
        return octets_from_json(data)


class FixedOctets(Hexadecimal, Leaf):
    """Exactly `size` octets."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size, self.fmt = size, f"{size}s"

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        return cs.stream_read(stream, self.size, path)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        cs.stream_write(stream, self.exactly(obj), self.size, path)
        return obj

    def exactly(self, value: Any) -> bytes:
        """The octets, if they are as many as the field has; struct would pad or cut silently."""
        octets = value if type(value) is bytes else as_octets(value)
        if len(octets) != self.size:
            raise EncodeError(f"{len(octets)} octets where {self.size} are needed")
        return octets

    def store(self, value: str, source: Source) -> list[str]:
        return [f"{source.bind(self.exactly, f'exactly{self.size}')}({value})"]


class Greedy(Element):
    """Everything up to the fence, turned into a value by a pair of methods."""

    greedy = True

    def decode_value(self, wire: bytes) -> Any:
        """The value of the octets; ValueError where they are none."""
        raise NotImplementedError

    def encode_value(self, value: Any) -> bytes:
        """The octets of a value; ValueError where it has none."""
        raise NotImplementedError

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        start = stream.tell()
        try:
            return self.decode_value(stream.read())
        except ValueError as e:
            raise misvalued(e, "", start) from None

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        try:
            octets = self.encode_value(obj)
        except EncodeError:
            raise
        except (ValueError, TypeError, AttributeError) as e:
            raise EncodeError(f"{short(obj)}: {type(e).__name__}") from None
        cs.stream_write(stream, octets, len(octets), path)
        return obj

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        decode = w.source.bind(self.decode_value, "decode_value")
        self.attempt(w, name, f"{out} = {decode}(buf[{w.here}:{w.end}])")

    def attempt(self, w: DecodeWriter, name: str, line: str) -> None:
        """Write a line that may raise ValueError, which becomes an error with its place."""
        with w.source.block("try:"):
            w.source(line)
        with w.source.block(f"except {w.source.bind(ValueError, 'Faults')} as e:"):
            failed = w.source.bind(misvalued, "misvalued")
            w.source(f"raise {failed}(e, {name!r}, {w.here}) from None")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        w.source(f"{out} = {w.source.bind(self.encode_value, 'encode_value')}({value})")


class _GreedyOctets(Hexadecimal, Greedy):
    """Octets up to the fence."""

    def decode_value(self, wire: bytes) -> Any:
        return wire

    def encode_value(self, value: Any) -> bytes:
        return as_octets(value)

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        octets = f"buf[{w.here}:{w.end}]"
        if w.final:
            w.values[name] = octets
        else:
            w.source(f"{out} = {octets}")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        w.source(f"{out} = {value}")
        with w.source.block(f"if type({out}) is not bytes:"):
            w.source(f"{out} = {w.source.bind(as_octets, 'as_octets')}({out})")


class _Text(Greedy):
    """UTF-8 up to the fence; octets that are not UTF-8 survive as lone surrogates (PEP 383)."""

    def decode_value(self, wire: bytes) -> Any:
        return wire.decode("utf-8", "surrogateescape")

    def encode_value(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise EncodeError(f"{short(value)} is not a text")
        return value.encode("utf-8", "surrogateescape")

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        text = f"buf[{w.here}:{w.end}].decode('utf-8', 'surrogateescape')"
        if w.final:
            w.values[name] = text
        else:
            w.source(f"{out} = {text}")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        w.source(f"{out} = {value}.encode('utf-8', 'surrogateescape')")

    def show(self, value: Any) -> str:
        # Control characters of a hostile peer must not reach a terminal.
        return repr(value)

    def to_json(self, value: Any, level: int) -> Any:
        if value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            return {"hex": value.encode("utf-8", "surrogateescape").hex()}
        return value

    def writes_text(self, value: str, source: Source) -> str:
        quoted = source.bind(encode_basestring, "quoted")
        other = super().writes_text(value, source)[1:-1]
        return f"{{{quoted}({value}) if {value}.isascii() else {other}}}"

    def from_json(self, data: Any, level: int) -> Any:
        if isinstance(data, dict) and set(data) == {"hex"}:
            return self.decode_value(octets_from_json(data["hex"]))
        if not isinstance(data, str):
            raise DecodeError(f"{short(data)} where a text is expected")
        return data


GreedyOctets, Text = _GreedyOctets(), _Text()
