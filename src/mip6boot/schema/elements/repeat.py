"""Items of one kind, to the fence or as often as a count says."""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf, State, short
from ..limits import MAX_LIST, too_long
from .choice import Nested

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter

__all__ = ["Items"]


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
        count = state.count if self.counted else None
        items: list[Any] = []
        while stream.left if count is None else len(items) < count:
            start = stream.tell()
            step = f"[{len(items)}]"
            try:
                items.append(self.item._parsereport(stream, context, path + step))
                if stream.tell() == start:
                    raise empty_item(start)
            except DecodeError as e:
                raise e.within(step) from None
            if state.recorder is not None and not self.item.maps:
                state.recorder.row(path + step, start, stream.tell(), self.item.show(items[-1]))
        return tuple(items)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        if not isinstance(obj, (tuple, list)):
            raise EncodeError(f"{short(obj)} is not a tuple of items")
        for i, item in enumerate(obj):
            try:
                self.item._build(item, stream, context, path)
            except EncodeError as e:
                raise e.within(f"[{i}]") from None
        return obj

    # -- the generated form -------------------------------------------------------------------
    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.source.fail(
            f"{w.end} - ({w.here}) > {MAX_LIST}",
            f"{w.source.bind(too_long, 'too_long')}"
            f"({w.here}, {w.end} - ({w.here})).within({name!r})",
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
            count = w.counts[name]
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
        more = f"len({items}) < {w.counts[name]}" if self.counted else f"pos < {w.end}"
        with w.guarded(f"f'{name}[{{len({items})}}]'"), source.block(f"while {more}:"):
            source(f"{at} = pos")
            self.item.decoding(w, "", source_out := source.local("item"))
            source.fail(f"pos == {at}", f"{source.bind(empty_item, 'empty_item')}(pos)")
            source(f"{items}.append({source_out})")
        source(f"{out} = tuple({items})")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        source = w.source
        item = self.item
        if isinstance(item, Leaf) and item.plain:
            pack = source.bind(struct.pack, "pack_many")
            source(f"{out} = {pack}(f'>{{len({value})}}{item.fmt}', *{value})")
            return
        pieces, piece, each = source.local("pieces"), source.local("piece"), source.local("each")
        source(f"{pieces} = []")
        with source.block(f"for {each} in {value}:"):
            item.encoding(w, name, each, piece)
            source(f"{pieces}.append({piece})")
        source(f"{out} = b''.join({pieces})")

    # -- for people and for JSON --------------------------------------------------------------
    def show(self, value: Any) -> str:
        return ", ".join(self.item.show(item) for item in value) or "none"

    def to_json(self, value: Any, level: int) -> Any:
        return [self.item.to_json(item, level) for item in value]

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
