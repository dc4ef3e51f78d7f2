"""Items of one kind, to the fence or as often as a count says."""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf, State, needs, short
from ..jsontext import Texts, texts_joined
from ..limits import MAX_LEVEL, MAX_LIST, too_long
from ..remembered import Remembered
from .choice import Nested

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter
    from ..compiler.source import Source

__all__ = ["Items", "Substructures"]


def uneven(left: int, size: int, name: str, pos: int, end: int) -> DecodeError:
    """The error for items that do not come out even."""
    return DecodeError(f"needs {size} octets, {left % size} left", name, end - left % size)


def uncounted(count: int, size: int, left: int, name: str, pos: int) -> DecodeError:
    """The error for a count of items that the octets end in."""
    return DecodeError(f"{count} items of {size} octets, {left} octets left", name, pos)


def empty_item(pos: int) -> DecodeError:
    """The error for an item that takes no octets: a list of such has no end."""
    return DecodeError("an item without octets", "", pos)


@functools.cache
def _many(fmt: str, count: int) -> Any:
    return struct.Struct(f">{count}{fmt}").unpack_from


def unpack_many(fmt: str, buf: bytes, pos: int, count: int) -> tuple[int, ...]:
    """`count` integers of one format at `pos`."""
    if count < 64:
        return _many(fmt, count)(buf, pos)  # type: ignore[no-any-return]
    return struct.unpack_from(f">{count}{fmt}", buf, pos)


class Items(Element):
    """A tuple of leaves or of messages.  A bad item is an error; nothing is left over."""

    maps = True

    def __init__(self, item: Any) -> None:
        super().__init__()
        from . import element_of

        self.item: Element = Nested(item) if isinstance(item, type) else element_of(item)
        #: Set by the layout where a CountOf says how many there are.
        self.counted = False

    @property
    def greedy(self) -> bool:  # type: ignore[override]
        return not self.counted

    def with_count(self) -> Items:
        """The same items, as many as a count says."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.counted = True
        return other

    # -- the interpreted form -----------------------------------------------------------------
    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        if stream.left > MAX_LIST:
            raise too_long(stream.tell(), stream.left)
        count = state.told if self.counted else None
        items: list[Any] = []
        while stream.left if count is None else len(items) < count:
            start = stream.tell()
            step = f"[{len(items)}]"
            try:
                items.append(self.read_item(stream, context, path + step, count, len(items)))
                if stream.tell() == start:
                    raise empty_item(start)
            except DecodeError as e:
                raise e.within(step) from None
            if state.recorder is not None and not self.item.maps:
                state.recorder.row(path + step, start, stream.tell(), self.item.show(items[-1]))
        return tuple(items)

    def read_item(self, stream: Any, context: Any, path: Any, count: int | None, index: int) -> Any:
        """Read one item by the interpreted form."""
        size = self.item.size or 0
        if stream.left < size:
            raise needs(size, stream.left, "", stream.tell())
        return self.item._parsereport(stream, context, path)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        if not isinstance(obj, (tuple, list)):
            raise EncodeError(f"{short(obj)} is not a tuple of items")
        for i, item in enumerate(obj):
            try:
                self.write_item(item, stream, context, path, last=i == len(obj) - 1)
            except EncodeError as e:
                raise e.within(f"[{i}]") from None
        return obj

    def write_item(self, item: Any, stream: Any, context: Any, path: Any, *, last: bool) -> None:
        """Write one item by the interpreted form."""
        self.item._build(item, stream, context, path)

    # -- the generated form -------------------------------------------------------------------
    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        if not w.short_enough(name):
            w.source.fail(
                f"{w.end} - ({w.here}) > {MAX_LIST}",
                f"{w.source.bind(too_long, 'too_long')}({w.here}, {w.end} - ({w.here}), {name!r})",
            )
        w.settle()
        if isinstance(self.item, Leaf):
            self._decode_leaves(self.item, w, name, out)
        else:
            self._decode_messages(w, name, out)

    def _decode_leaves(self, item: Leaf, w: DecodeWriter, name: str, out: str) -> None:
        source, size = w.source, item.size
        left, stop = f"{w.end} - pos", w.end
        if self.counted:
            count = w.told[name]
            uncounted_ = source.bind(uncounted, "uncounted")
            source.fail(
                f"{left} < {count} * {size}",
                f"{uncounted_}({count}, {size}, {left}, {name!r}, pos)",
            )
            stop = source.local("stop")
            source(f"{stop} = pos + {count} * {size}")
        elif size > 1:
            uneven_ = source.bind(uneven, "uneven")
            source.fail(f"({left}) % {size}", f"{uneven_}({left}, {size}, {name!r}, pos, {w.end})")
        if item.plain:
            many = source.bind(unpack_many, "unpack_many")
            source(f"{out} = {many}({item.fmt!r}, buf, pos, ({stop} - pos) // {size})")
        else:
            raw = [f"x{i}" for i in range(len(struct.unpack(f">{item.fmt}", bytes(size))))]
            each = source.bind(struct.Struct(f">{item.fmt}").iter_unpack, "iter_unpack")
            with w.guarded(repr(name)):
                value = item.load(raw, source)
                source(f"{out} = tuple([{value} for {', '.join(raw)}, in {each}(buf[pos:{stop}])])")
        if self.counted:
            source(f"pos = {stop}")

    def _decode_messages(self, w: DecodeWriter, name: str, out: str) -> None:
        source = w.source
        items, at = source.local("items"), source.local("at")
        source(f"{items} = []")
        more = f"len({items}) < {w.told[name]}" if self.counted else f"pos < {w.end}"
        with w.guarded(f"f'{name}[{{len({items})}}]'"), source.block(f"while {more}:"):
            source(f"{at} = pos")
            self.head(w)
            self.one(w, source_out := source.local("item"))
            if not self.item.takes_octets:
                source.fail(f"pos == {at}", f"{source.bind(empty_item, 'empty_item')}(pos)")
            more = f"len({items}) + 1 < {w.told[name]}" if self.counted else f"pos < {w.end}"
            self.tail(w, at, more)
            source(f"{items}.append({source_out})")
        source(f"{out} = tuple({items})")

    def head(self, w: DecodeWriter) -> None:
        """Write what stands in front of an item."""

    def one(self, w: DecodeWriter, out: str) -> None:
        """Write what reads one item into the local `out` and moves on."""
        self.item.decoding(w, "", out)
        w.settle()

    def tail(self, w: DecodeWriter, at: str, more: str) -> None:
        """Write what is checked behind an item; `more` tells whether another one follows."""

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        source = w.source
        item = self.item
        if isinstance(item, Leaf) and item.plain:
            pack = source.bind(struct.pack, "pack_many")
            source(f"{out} = {pack}(f'>{{len({value})}}{item.fmt}', *{value})")
            return
        pieces, piece, each = source.local("pieces"), source.local("piece"), source.local("each")
        source(f"{out} = b''")
        with source.block(f"if {value}:"):
            source(f"{pieces} = []")
            if isinstance(item, Nested):
                item.not_too_deep(w)
            with source.block(f"for {each} in {value}:"):
                if isinstance(item, Nested):
                    item.encoding_one(w, each, piece)
                else:
                    item.encoding(w, name, each, piece)
                source(f"{pieces}.append({piece})")
            source(f"{out} = {self.joined(w, pieces)}")

    def joined(self, w: EncodeWriter, pieces: str) -> str:
        """Expression for the octets of all items."""
        return f"b''.join({pieces})"

    # -- for people and for JSON --------------------------------------------------------------
    def show(self, value: Any) -> str:
        return ", ".join(self.item.show(item) for item in value) or "none"

    def to_json(self, value: Any, level: int) -> Any:
        return [self.item.to_json(item, level) for item in value]

    def writes_json(self, value: str, source: Source) -> str:
        one = source.local("one")
        written = self.item.writes_json(one, source)
        return f"list({value})" if written == one else f"[{written} for {one} in {value}]"

    def writes_text(self, value: str, source: Source) -> str:
        lines, one = len(source.lines), source.local("one")
        written = self.writes_item(one, source)
        if len(source.lines) > lines:
            # In the middle of a list there is no place for lines.
            del source.lines[lines:]
            written = Element.writes_text(self.item, one, source)
        return texts_joined(value, one, written, source)

    def writes_item(self, one: str, source: Source) -> str:
        """`writes_text` of one item."""
        return self.item.writes_text(one, source)

    def from_json(self, data: Any, level: int) -> Any:
        if not isinstance(data, list):
            raise DecodeError(f"{short(data)} where a list is expected")
        out = []
        for i, item in enumerate(data):
            try:
                out.append(self.item.from_json(item, level))
            except DecodeError as e:
                raise e.within(f"[{i}]") from None
        return tuple(out)


def astray(number: int, wanted: int, name: str, pos: int) -> DecodeError:
    """The error for a mark that does not fit the place of its item."""
    return DecodeError(f"{number} instead of {wanted}", name, pos)


class _Length(NamedTuple):
    """Where a length ends, and the expression for what it says."""

    stop: int
    expression: str


class Substructures(Items):
    """Messages with a mark in front of each: `more` while another one follows, 0 before the last.

    The mark is no part of the message's own layout (RFC 7296 3.3.1 and 3.3.2).  `remember`: the
    same ones come again and again, so those met before are looked up; only for messages with a
    FrameLength that hold no list of a registry.
    """

    def __init__(self, message: Any, *, more: int, remember: bool = False) -> None:
        super().__init__(message)
        self.more, self._more = more, bytes((more,))
        self.known: Remembered[bytes, Any] | None = None
        if remember:
            self.known = Remembered(message.decode)
            self.texts = Texts(lambda item: item.__to_text__())

    def read_item(self, stream: Any, context: Any, path: Any, count: int | None, index: int) -> Any:
        start = stream.tell()
        if not stream.left:
            raise DecodeError("needs 1 octets, 0 left", "more", start)
        mark = stream.read(1)[0]
        recorder = State.of(context).recorder
        if recorder is not None:
            place = f"{path}({self.item.message.__name__}).more"  # type: ignore[attr-defined]
            recorder.row(place, start, start + 1, str(mark))
        item = super().read_item(stream, context, path, count, index)
        follows = stream.left if count is None else index + 1 < count
        if mark != (wanted := self.more if follows else 0):
            raise astray(mark, wanted, "more", start)
        return item

    def write_item(self, item: Any, stream: Any, context: Any, path: Any, *, last: bool) -> None:
        stream.write(b"\0" if last else self._more)
        super().write_item(item, stream, context, path, last=last)

    def head(self, w: DecodeWriter) -> None:
        source = w.source
        bound = source.bind(DecodeError, "DecodeError")
        source.fail(f"pos >= {w.end}", f"{bound}('needs 1 octets, 0 left', 'more', pos)")
        source("pos += 1")

    def one(self, w: DecodeWriter, out: str) -> None:
        if self.known is None:
            super().one(w, out)
            return
        source = w.source
        known, start = source.bind(self.known, "known_items"), source.local("start")
        behind, length = source.local("behind"), self.length(w)
        # Deep inside other messages the level of nesting has to be looked at.
        source(f"{out} = None")
        with source.block(f"if pos + {length.stop} <= {w.end} and level < {MAX_LEVEL // 2}:"):
            source(f"{behind} = pos + {length.expression}")
            with source.block(f"if {behind} <= {w.end}:"):
                source(f"{out} = {known}.get(buf[pos:{behind}])")
        with source.block(f"if {out} is None:"):
            source(f"{start} = pos")
            super().one(w, out)
            source(f"{known}.keep(buf[{start}:pos], {out})")
        with source.block("else:"):
            source(f"pos = {behind}")

    def length(self, w: DecodeWriter) -> _Length:
        """How the message's own length is read in advance."""
        layout = self.item.message.schema.layout  # type: ignore[attr-defined]
        at = 0
        for step in layout.steps:
            if step.name == layout.frame.name:
                break
            at += step.element.size
        frame = layout.frame.element
        octets = [f"buf[pos + {at + i}] << {8 * (frame.size - 1 - i)}" for i in range(frame.size)]
        return _Length(at + frame.size, frame.expression(f"({' | '.join(octets)})"))

    def tail(self, w: DecodeWriter, at: str, more: str) -> None:
        source = w.source
        wanted = source.local("wanted")
        source(f"{wanted} = {self.more} if {more} else 0")
        source.fail(
            f"buf[{at}] != {wanted}",
            f"{source.bind(astray, 'astray')}(buf[{at}], {wanted}, 'more', {at})",
        )

    def writes_item(self, one: str, source: Source) -> str:
        if self.known is None:
            return super().writes_item(one, source)
        return f"{{{self.texts.writes(one, source)}}}"

    def joined(self, w: EncodeWriter, pieces: str) -> str:
        last = w.source.local("last")
        w.source(f"{last} = b'\\0' + {pieces}.pop()")
        return f"({self._more!r} + {self._more!r}.join({pieces}) + {last} if {pieces} else {last})"
