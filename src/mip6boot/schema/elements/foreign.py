"""Constructs that are not ours: known ones become elements, any other is run as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import construct as cs

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf, short
from ..window import Window
from .integers import Integer
from .octets import FixedOctets, GreedyOctets

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter

__all__ = ["Foreign", "element_of", "leaf_of"]


def element_of(construct: Any) -> Element:
    """The element for a construct; TypeError where it could lose octets."""
    if isinstance(construct, Element):
        return construct
    if isinstance(construct, cs.Renamed):
        return element_of(construct.subcon)
    if isinstance(construct, cs.FormatField):
        if construct.fmtstr[-1] not in "BHIQL" or (
            construct.length > 1 and construct.fmtstr[0] not in ">!"
        ):
            raise TypeError(f"{construct!r} is not an unsigned integer in network byte order")
        return Integer(construct)
    if isinstance(construct, cs.BytesInteger) and construct.length in (3, 6):
        if construct.signed or construct.swapped:
            raise TypeError(f"{construct!r} is not an unsigned integer in network byte order")
        return Integer(construct)
    if isinstance(construct, cs.Bytes) and isinstance(construct.length, int):
        return FixedOctets(construct.length)
    if construct is cs.GreedyBytes:
        return GreedyOctets
    if isinstance(construct, cs.Construct):
        return Foreign(construct)
    raise TypeError(f"{short(construct)} is not a construct")


def leaf_of(construct: Any) -> Leaf:
    """The leaf for a construct of fixed size; TypeError for any other."""
    element = element_of(construct)
    if not isinstance(element, Leaf):
        raise TypeError(f"{short(construct)} has no fixed size")
    return element


class Foreign(Element):
    """Somebody else's construct, run as it is: correct, only slower.

    It must give back the octets it took (else the decoder refuses them, for the law that octets
    come out as they went in), and its errors become ours.
    """

    def __init__(self, construct: Any) -> None:
        super().__init__()
        self.construct = construct

    def run(self, octets: bytes, pos: int, end: int, fields: dict[str, Any]) -> tuple[Any, int]:
        """The value at `pos` and the position behind it; `fields` are the context it may see."""
        window = Window(octets, pos, end)
        try:
            value = self.construct.parse_stream(window, **fields)
            same = self.construct.build(value, **fields) == octets[pos : window.pos]
        except (DecodeError, RecursionError):
            raise
        except Exception as e:  # A foreign construct may raise anything; ours is one family.
            raise DecodeError(f"{type(e).__name__}: {_line(e)}", "", pos) from None
        if not same:
            raise DecodeError("the construct does not give back these octets", "", pos)
        return value, window.pos

    def make(self, value: Any, fields: dict[str, Any]) -> bytes:
        """The octets of the value."""
        try:
            return bytes(self.construct.build(value, **fields))
        except Exception as e:  # As above.
            raise EncodeError(f"{type(e).__name__}: {_line(e)}") from None

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        window = Window.of(stream)
        fields = {k: v for k, v in context.items() if not k.startswith("_")}
        value, window.pos = self.run(window.octets, window.pos, window.end, fields)
        return value

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        stream.write(self.make(obj, {k: v for k, v in context.items() if not k.startswith("_")}))
        return obj

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        with w.guarded(repr(name)):
            run = w.source.bind(self.run, "run_construct")
            fields = ", ".join(f"{k!r}: {v}" for k, v in w.values.items())
            w.source(f"{out}, pos = {run}(buf, pos, {w.end}, {{{fields}}})")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        others = (f for f in w.cls.__struct_fields__ if f != name)
        fields = ", ".join(f"{f!r}: {w.field(f)}" for f in others)
        w.source(f"{out} = {w.source.bind(self.make, 'make')}({value}, {{{fields}}})")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:80]
