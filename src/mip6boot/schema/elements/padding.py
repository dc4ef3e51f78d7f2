"""Zeros that fill up a message to whole words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import State
from .octets import Hexadecimal, as_octets

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter
    from ..compiler.source import Source

__all__ = ["PadTo"]


class PadTo(Hexadecimal):
    """Padding to a multiple of octets, `before` of which stand in front of the message.

    The value is empty where the padding is what an encoder puts in by itself, zeros; any other is
    kept as it came.  `exact`: it is never longer than needed, because no length counts it.
    """

    greedy = True
    maps = True

    def __init__(self, word: int, before: int = 0, *, exact: bool = False) -> None:
        super().__init__()
        self.word, self.exact = word, exact
        #: What an encoder puts in, by how many octets of the message are before it.
        self._zeros = tuple(bytes(-(at + before) % word) for at in range(word))

    def taken(self, octets: bytes, at: int, name: str, pos: int) -> bytes:
        """The value for the octets that are there."""
        zeros = self._zeros[at % self.word]
        if octets == zeros:
            return b""
        if not octets:
            raise DecodeError(f"{len(zeros)} octets of padding are missing", name, pos)
        if self.misfits(octets, zeros):
            raise DecodeError(self.surprise(octets, zeros), name, pos)
        return octets

    def given(self, value: Any, at: int) -> bytes:
        """The octets for a value."""
        octets = value if type(value) is bytes else as_octets(value)
        zeros = self._zeros[at % self.word]
        if octets and self.misfits(octets, zeros):
            raise EncodeError(self.surprise(octets, zeros))
        return octets or zeros

    def misfits(self, octets: bytes, zeros: bytes) -> bool:
        """Padding of a length that does not fill up to the multiple."""
        more = len(octets) - len(zeros)
        return more != 0 if self.exact else more % self.word != 0

    def surprise(self, octets: bytes, zeros: bytes) -> str:
        """The reason for padding that does not fit."""
        return f"{len(octets)} octets of padding where {len(zeros)} are expected"

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        start = stream.tell()
        octets = stream.read()
        recorder = State.of(context).recorder
        value = self.taken(octets, State.of(context).offset, "", start)
        if recorder is not None:
            recorder.row(path, start, start + len(octets), "padding")
        return value

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        stream.write(self.given(obj, State.of(context).offset))
        return obj

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        here, at = w.here, f"{w.here} - {w.start}"
        taken, octets = w.source.bind(self.taken, "taken"), w.source.local("octets")
        w.source(f"{octets} = buf[{here}:{w.end}]")
        with w.source.block(f"if {octets} == {self._usual(w.source, at)}:"):
            w.source(f"{out} = b''")
        with w.source.block("else:"):
            w.source(f"{out} = {taken}({octets}, {at}, {name!r}, {here})")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        at = w.total()
        given = w.source.bind(self.given, "given")
        usual = self._usual(w.source, at)
        w.source(f"{out} = {usual} if {value} == b'' else {given}({value}, {at})")

    def _usual(self, source: Source, at: str) -> str:
        """Expression for what an encoder puts in behind `at` octets."""
        return f"{source.bind(self._zeros, 'zeros')}[({at}) % {self.word}]"

    def show(self, value: Any) -> str:
        return bytes(value).hex() or "zeros"
