"""Values whose size stands in front of them, or in an earlier field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import EncodeError
from ..element import Element, State, needs, overlong, short
from .octets import GreedyOctets, Hexadecimal, as_octets

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter
    from ..compiler.source import Source

__all__ = ["Chunk", "ShortOrLong", "Sized"]


class Sized(Element):
    """A length in octets, then a value of that length: `form` is an element that takes them all."""

    takes_octets = True
    maps = True

    def __init__(self, subcon: Any, form: Any = GreedyOctets) -> None:
        super().__init__()
        from . import element_of, leaf_of

        self.length, self.form = leaf_of(subcon), element_of(form)

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        start = stream.tell()
        if stream.left < self.length.size:
            raise needs(self.length.size, stream.left, "", start)
        size = self.length._parsereport(stream, context, path)
        if size > stream.left:
            raise overlong(size, stream.left, "", start)
        begin = stream.tell()
        inside = stream.up_to(begin + size)
        value = self.form._parsereport(inside, context, path)
        stream.pos = inside.end
        recorder = State.of(context).recorder
        if recorder is not None:
            recorder.row(f"{path}.length", start, begin, str(size))
            recorder.row(path, begin, inside.end, self.form.show(value))
        return value

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        octets = self.form.build(obj)
        self.length._build(len(octets), stream, context, path)
        stream.write(octets)
        return obj

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        source, length = w.source, self.length
        needs_ = source.bind(needs, "needs")
        source.fail(
            f"{w.end} - pos < {length.size}",
            f"{needs_}({length.size}, {w.end} - pos, {name!r}, pos)",
        )
        size, stop, outer = source.local("size"), source.local("stop"), w.end
        source(f"{size} = {length.read_at(w, 'pos')}")
        source(f"pos += {length.size}")
        source(f"{stop} = pos + {size}")
        source.fail(
            f"{stop} > {outer}",
            f"{source.bind(overlong, 'overlong')}"
            f"({size}, {outer} - pos, {name!r}, pos - {length.size})",
        )
        w.end, final, w.final = stop, w.final, False
        self.form.decoding(w, name, out)
        w.end, w.final = outer, final
        source(f"pos = {stop}")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        self.form.encoding(w, name, value, out)
        packed = ", ".join(self.length.store(f"len({out})", w.source))
        w.source(f"{out} = {w.packer('>' + self.length.packing)}({packed}) + {out}")

    def show(self, value: Any) -> str:
        return self.form.show(value)

    def to_json(self, value: Any, level: int) -> Any:
        return self.form.to_json(value, level)

    def writes_json(self, value: str, source: Source) -> str:
        return self.form.writes_json(value, source)

    def writes_text(self, value: str, source: Source) -> str:
        return self.form.writes_text(value, source)

    def from_json(self, data: Any, level: int) -> Any:
        return self.form.from_json(data, level)


class Chunk(Hexadecimal):
    """Octets, as many as the earlier plain field says."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = self.needs = field

    def exactly(self, value: Any, size: int) -> bytes:
        """The octets, if they are as many as the field says."""
        octets = value if type(value) is bytes else as_octets(value)
        if len(octets) != size:
            raise EncodeError(f"{len(octets)} octets where {self.field} says {size}")
        return octets

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        size = context[self.field]
        if size > stream.left:
            raise needs(size, stream.left, "", stream.tell())
        return stream.read(size)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        stream.write(self.exactly(obj, context[self.field]))
        return obj

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        size = w.values[self.field]
        needs_ = w.source.bind(needs, "needs")
        w.source.fail(f"{w.end} - pos < {size}", f"{needs_}({size}, {w.end} - pos, {name!r}, pos)")
        w.source(f"{out} = buf[pos : pos + {size}]")
        w.source(f"pos += {size}")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        size = w.field(self.field)
        w.source(f"{out} = {w.source.bind(self.exactly, 'exactly')}({value}, {size})")


class ShortOrLong(Element):
    """A number of two octets, or a two-octet length and octets; an `IsShort` tells which.

    These are the two formats of IKEv2's attributes (RFC 7296 3.3.5).
    """

    maps = True

    def __init__(self) -> None:
        super().__init__()
        from construct import Int16ub

        from . import leaf_of

        self.short, self.long = leaf_of(Int16ub), Sized(Int16ub)

    def form_of(self, value: Any) -> Element:
        """The format for a value."""
        if isinstance(value, int):
            return self.short
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self.long
        raise EncodeError(f"{short(value)} is neither a number nor a string of octets")

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        if not context["_mip6boot"].told:
            return self.long._parsereport(stream, context, path)
        start = stream.tell()
        if stream.left < 2:
            raise needs(2, stream.left, "", start)
        value = self.short._parsereport(stream, context, path)
        recorder = State.of(context).recorder
        if recorder is not None:
            recorder.row(path, start, start + 2, self.short.show(value))
        return value

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        return self.form_of(obj)._build(obj, stream, context, path)

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        with w.source.block(f"if {w.told[name]}:"):
            self.short.decoding(w, name, out)
            w.settle()
        with w.source.block("else:"):
            self.long.decoding(w, name, out)

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        with w.source.block(f"if type({value}) is int:"):
            self.short.encoding(w, name, value, out)
        with w.source.block("else:"):
            w.source(f"{out} = {w.source.bind(self.long_octets, 'long_octets')}({value})")

    def long_octets(self, value: Any) -> bytes:
        """The octets of a value that is not exactly an int."""
        return bytes(self.form_of(value).build(value))

    def show(self, value: Any) -> str:
        return self.form_of(value).show(value)

    def to_json(self, value: Any, level: int) -> Any:
        return self.form_of(value).to_json(value, level)

    def writes_text(self, value: str, source: Source) -> str:
        octets = super().writes_text(value, source)[1:-1]
        return f"{{{value} if type({value}) is int else {octets}}}"

    def from_json(self, data: Any, level: int) -> Any:
        return (self.long if isinstance(data, str) else self.short).from_json(data, level)
