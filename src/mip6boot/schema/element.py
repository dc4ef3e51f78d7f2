"""What every kind of thing on the wire has in common.

An element is a construct (`_parse`, `_build`: the interpreted form, the oracle) that can also write
its own straight-line Python (the generated form).  Both stand in one class, side by side.

A `Leaf` has a fixed size and fuses with its neighbours into one `struct` call: it says its format
(`fmt`) and how the unpacked integers become the value (`load`) and come back (`store`).  Any other
element writes statements (`decoding`, `encoding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import construct as cs

from ..errors import DecodeError, EncodeError
from .jsontext import json_text

if TYPE_CHECKING:
    from .compiler.decode import DecodeWriter
    from .compiler.encode import EncodeWriter
    from .compiler.source import Source
    from .octetmap import Recorder

    class _Construct(cs.Construct[Any, Any]): ...
else:
    _Construct = cs.Construct

__all__ = ["Element", "Leaf", "Mapped", "State", "needs", "overlong", "short"]


class State:
    """What the interpreted form carries down beside construct's context."""

    __slots__ = ("code", "following", "lenient", "level", "offset", "overlay", "recorder", "told")

    def __init__(
        self,
        level: int = 1,
        *,
        lenient: bool = False,
        recorder: Recorder | None = None,
        overlay: Any = None,
    ) -> None:
        self.level, self.lenient, self.recorder, self.overlay = level, lenient, recorder, overlay
        self.code: int | None = None  # the code by which a list found an unknown element
        self.following = 0  # what a chain says of the element behind this one
        self.told: int | None = None  # what an earlier derived field says of this element
        self.offset = 0  # octets between the start of the message and the element

    @classmethod
    def of(cls, context: Any) -> State:
        """The state in a context; a fresh one where a foreign construct embeds ours."""
        state = context.get("_mip6boot")
        return state if isinstance(state, cls) else cls()

    def deeper(self, code: int | None = None) -> State:
        """The state one element further in."""
        inner = State(
            self.level + 1, lenient=self.lenient, recorder=self.recorder, overlay=self.overlay
        )
        inner.code = code
        return inner


def short(value: object) -> str:
    """`repr` of a value for an error text: one line, at most 16 octets of content."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        head = bytes(value[:16]).hex()
        return f"{head}... ({len(value)} octets)" if len(value) > 16 else head or "no octets"
    if isinstance(value, str) and len(value) > 16:
        return f"{value[:16]!r}... ({len(value)} characters)"
    try:
        text = repr(value)
    except (RecursionError, ValueError):
        # Python writes no integer of more than 4,300 digits, and nothing that is nested so deeply.
        return f"what is too large to show ({type(value).__name__})"
    return text if len(text) <= 40 else f"{text[:32]}... ({type(value).__name__})"


def needs(size: int, left: int, name: str, pos: int) -> DecodeError:
    """The error for a field that the octets end in."""
    return DecodeError(f"needs {size} octets, {max(left, 0)} left", name, pos)


def overlong(size: int, left: int, name: str, pos: int) -> DecodeError:
    """The error for a length, at `pos`, that runs over the fence."""
    return DecodeError(f"says {size} octets, {left} left", name, pos)


class Element(_Construct):
    """One kind of thing on the wire: subclass it, or `Leaf` or `Mapped`, to add a kind."""

    #: Octets, where that is always the same number.
    size: int | None = None
    #: Bits, where the element is part of a word (see `bits`).
    bits: int | None = None
    #: It takes everything up to the fence.
    greedy = False
    #: It writes rows of the octet map by itself.
    maps = False
    #: It never is without octets, so a list of it comes to an end.
    takes_octets = False
    #: The earlier plain field that says how to read this one, if there is one.
    needs: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "to_json" in vars(cls):
            # What the base class writes by itself is the base class's form.
            for name in {"writes_json", "writes_text"} - vars(cls).keys():
                setattr(cls, name, getattr(Element, name))

    def for_type(self, python_type: Any) -> Element:
        """The form of this element for a field annotated with `python_type`."""
        return self

    # -- the interpreted form: construct's own interface --------------------------------------
    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        raise NotImplementedError

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        raise NotImplementedError

    def _sizeof(self, context: Any, path: Any) -> int:
        if self.size is None:
            raise cs.SizeofError(path=path)
        return self.size

    # -- the generated form ---------------------------------------------------------------------
    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        """Write the lines that read the element at `w.here` into the local `out`."""
        raise NotImplementedError

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        """Write the lines that turn the expression `value` into octets in the local `out`."""
        raise NotImplementedError

    # -- for people and for JSON ----------------------------------------------------------------
    def show(self, value: Any) -> str:
        """The value as the tree and the octet map print it."""
        return str(value)

    def to_json(self, value: Any, level: int) -> Any:
        """The value's JSON form."""
        return value

    def writes_json(self, value: str, source: Source) -> str:
        """`to_json` as an expression for the expression `value`; `level` is a local."""
        if type(self).to_json is Element.to_json:
            return value
        return f"{source.bind(self.to_json, 'to_json')}({value}, level)"

    def writes_text(self, value: str, source: Source) -> str:
        """The JSON form of the expression `value` as text: a piece of an f-string in single quotes.

        It may write lines before; what it writes holds for values that were decoded.
        """
        to_json = source.bind(self.to_json, "to_json")
        return f"{{{source.bind(json_text, 'json_text')}({to_json}({value}, 1))}}"

    def from_json(self, data: Any, level: int) -> Any:
        """The value of a JSON form; `DecodeError` where it has another shape."""
        return data


class Leaf(Element):
    """An element of fixed size that fuses with its neighbours into one `struct` call."""

    size: int
    takes_octets = True
    #: Format characters for unpacking, big endian.
    fmt: str
    #: Format characters for packing, where they differ.
    pack_fmt: str | None = None
    #: `load` and `store` are the identity and `fmt` is one character.
    plain = False
    #: `load` may raise, so it runs where its error gets a path.
    may_fail = False

    def load(self, raw: list[str], source: Source) -> str:
        """Expression for the value of the unpacked integers `raw`."""
        return raw[0]

    def store(self, value: str, source: Source) -> list[str]:
        """Expressions to pack for the expression `value`."""
        return [value]

    def guard(self, value: str, source: Source) -> None:
        """Write what must be checked before packing; errors need no path, they get one later."""

    @property
    def packing(self) -> str:
        """Format characters for packing."""
        return self.pack_fmt or self.fmt

    def read_at(self, w: DecodeWriter, pos: str) -> str:
        """Write the unpacking of this leaf alone at `pos`; the expression of its value."""
        raw = (
            [w.source.local("r") for _ in self.fmt]
            if self.fmt[-1] != "s"
            else [w.source.local("r")]
        )
        w.source(f"{', '.join(raw)}, = {w.unpacker('>' + self.fmt)}(buf, {pos})")
        return self.load(raw, w.source)

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.source.fail(
            f"{w.end} - ({w.here}) < {self.size}",
            f"{w.source.bind(needs, 'needs')}"
            f"({self.size}, {w.end} - ({w.here}), {name!r}, {w.here})",
        )
        w.source(f"{out} = {self.read_at(w, w.here)}")
        w.advance(self.size)

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        self.guard(value, w.source)
        packed = ", ".join(self.store(value, w.source))
        w.source(f"{out} = {w.packer('>' + self.packing)}({packed})")


class Mapped(Leaf):
    """A leaf whose value is another leaf's value put through a pair of functions.

    Give the two directions once as methods (`decode_value`, `encode_value`); the interpreted form
    calls them, the generated form calls them too unless `load` and `store` give an expression.
    A ValueError from either becomes an error with its path.
    """

    may_fail = True

    def __init__(self, subcon: Any) -> None:
        super().__init__()
        from .elements import leaf_of

        self.sub = leaf_of(subcon)
        self.size, self.fmt, self.pack_fmt = self.sub.size, self.sub.fmt, self.sub.pack_fmt
        self.bits = self.sub.bits

    def decode_value(self, wire: Any) -> Any:
        """The value of what is on the wire."""
        raise NotImplementedError

    def encode_value(self, value: Any) -> Any:
        """What is on the wire for a value."""
        raise NotImplementedError

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        start = stream.tell()
        try:
            return self.decode_value(self.sub._parsereport(stream, context, path))
        except DecodeError:
            raise
        except ValueError as e:
            raise DecodeError(str(e), "", start) from None

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        try:
            wire = self.encode_value(obj)
        except EncodeError:
            raise
        except (ValueError, TypeError, AttributeError) as e:
            raise EncodeError(str(e)) from None
        return self.sub._build(wire, stream, context, path)

    def load(self, raw: list[str], source: Source) -> str:
        return f"{source.bind(self.decode_value, 'decode_value')}({self.sub.load(raw, source)})"

    def store(self, value: str, source: Source) -> list[str]:
        encoded = f"{source.bind(self.encode_value, 'encode_value')}({value})"
        return self.sub.store(encoded, source)
