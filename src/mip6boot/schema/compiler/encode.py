"""Writes the encoder of one message class.

An encoder is `e_X(o, level)` giving octets, or for an option in a list `t_X(o, level)` with the
option's header fused into the first `struct` call; in a chain it is told what follows.  Encoders
only fail; why is found out by the interpreted form, which knows the path.
"""

from __future__ import annotations

import functools
import struct
from typing import Any

from ...errors import EncodeError
from ..element import Leaf
from ..elements import BitGroup, Derived
from ..layout import Part
from .source import Source, generated

__all__ = ["EncodeWriter"]


@functools.cache
def _packer(fmt: str) -> Any:
    return struct.Struct(fmt).pack


class _Heads(dict[int, bytes]):
    """Length of an option's body -> the option's header."""

    def __init__(self, registry: Any, code: int) -> None:
        super().__init__()
        self.pack = struct.Struct(f">{registry.code.packing}{registry.length.packing}").pack
        self.code = code

    def __missing__(self, length: int) -> bytes:
        head = self.pack(self.code, length)
        if length < 256:
            self[length] = head
        return head


class EncodeWriter:
    """The encoder of `cls`, being written; `registry` for its form inside an option list.

    `outer` is the writer into whose function the encoder is written without a call.
    """

    def __init__(
        self, cls: Any, registry: Any = None, *, outer: EncodeWriter | None = None
    ) -> None:
        self.cls, self.registry = cls, registry
        self.layout = cls.schema.layout
        self.source: Source = Source() if outer is None else outer.source
        #: Expressions for the object and for its level of nesting.
        self.object, self.level = "o", "level"
        self._around: tuple[Any, ...] = (cls,) if outer is None else (*outer._around, cls)
        self._static = 0  # octets of fixed size before the element that is being written
        self._octets: dict[str, str] = {}  # locals with the octets of variable fields
        self.firsts: dict[str, str] = {}  # locals with the codes of the first elements of chains

    # -- what elements use --------------------------------------------------------------------
    def packer(self, fmt: str) -> str:
        """Name of the `pack` of a format."""
        return self.source.bind(_packer(fmt), "pack")

    def total(self) -> str:
        """Expression for the octets of all that is written so far."""
        lengths = [f"len({v})" for v in self._octets.values()]
        return " + ".join([str(self._static)] * bool(self._static or not lengths) + lengths)

    def padded_to(self, unit: int) -> bool:
        """The last element pads the message to a multiple of `unit`."""
        steps = self.layout.steps
        return bool(steps) and getattr(steps[-1].element, "multiple", 1) % unit == 0

    def length_of(self, name: str) -> str:
        """Expression for the octets of one variable field."""
        step = next(s for s in self.layout.steps if s.name == name)
        size = step.element.size
        return str(size) if size is not None else f"len({self._octets[name]})"

    def field(self, name: str) -> str:
        """Expression for the value of a field."""
        return f"{self.object}.{name}"

    def may_inline(self, cls: Any) -> bool:
        """The encoder of the class is short enough to be written without a call."""
        return cls not in self._around and len(self._around) < 4

    def inline(self, cls: Any, value: str, out: str) -> None:
        """Write what puts the octets of the object `value` into `out`."""
        inner = EncodeWriter(cls, outer=self)
        inner.object, inner.level = value, f"{self.level} + 1"
        self.source(f"{out} = {inner.written(inner._pieces())}")

    # -- the function ---------------------------------------------------------------------------
    def write(self) -> Any:
        """The finished function."""
        chained = self.registry is not None and self.registry.chained
        name = ("e_" if self.registry is None else "t_") + self.cls.__name__
        with self.source.block(f"def {name}(o, level{', following' * chained}):"):
            pieces = self._pieces()
            if chained:
                self._put_first(pieces, [(self.registry.code.packing, ["following"])])
            elif self.registry is not None:
                self._head(pieces)
            self.source(f"return {self.written(pieces)}")
        return generated(name, self.source)

    def written(self, pieces: list[Any]) -> str:
        """Expression for the octets of all pieces."""
        expressions = [p if isinstance(p, str) else self._pack(p) for p in pieces]
        return " + ".join(e for e in expressions if e) or repr(b"")

    def _pieces(self) -> list[Any]:
        """Variable fields are written first; a piece is a local's name or a run of leaves."""
        pieces: list[Any] = []
        for step in self.layout.steps:
            leaf = step.element.sub if isinstance(step.element, Derived) else step.element
            if isinstance(leaf, Leaf):
                if not pieces or isinstance(pieces[-1], str):
                    pieces.append([])
                pieces[-1].append((step, leaf))
                self._static += leaf.size
                continue
            out = f"b_{step.name}" if len(self._around) == 1 else self.source.local("b")
            leaf.encoding(self, step.name, self.field(step.name), out)
            self._octets[step.name] = out
            pieces.append(out)
        for piece in pieces:
            if not isinstance(piece, str):
                piece[:] = [(leaf.packing, self._stored(step, leaf)) for step, leaf in piece]
        return pieces

    def _stored(self, step: Part, leaf: Leaf) -> list[str]:
        if isinstance(leaf, BitGroup):
            return leaf.join([self._member(m) for m in leaf.members], self.source)
        if isinstance(step.element, Derived):
            return leaf.store(f"({step.element.value(self, step.name)})", self.source)
        value = self.field(step.name)
        leaf.guard(value, self.source)
        return leaf.store(value, self.source)

    def _member(self, member: Any) -> str:
        element, name = member.element, member.part.name
        if isinstance(element, Derived):
            return f"({element.value(self, name)})"
        element.guard(self.field(name), self.source)
        return str(element.store(self.field(name), self.source)[0])

    def _head(self, pieces: list[Any]) -> None:
        """Put the option's code and length before its body."""
        registry, registration = self.registry, self.cls.__registration__
        own = "registry_code" in self.layout.fields
        plain = registration.length_rule == (1, 0) and not own
        if (
            plain
            and pieces
            and isinstance(pieces[0], str)
            and registry.pad1 != registration.codes[0]
        ):
            # Nothing is packed but the header: most headers are known by their length.
            heads = _Heads(registry, registration.codes[0])
            pieces.insert(0, f"{self.source.bind(heads, 'heads')}[{self._length()}]")
            return
        code = self.field("registry_code") if own else str(registration.codes[0])
        head = [(registry.code.packing, registry.code.store(code, self.source))]
        if own or registration.codes[0] != registry.pad1:
            head.append(
                (registry.length.packing, registry.length.store(self._length(), self.source))
            )
        self._put_first(pieces, head)

    @staticmethod
    def _put_first(pieces: list[Any], head: list[Any]) -> None:
        """Put what stands in front into the first `struct` call."""
        if pieces and not isinstance(pieces[0], str):
            pieces[0][:0] = head
        else:
            pieces.insert(0, head)

    def _length(self) -> str:
        unit, bias = self.cls.__registration__.length_rule
        body = self.total()
        if (unit, bias) == (1, 0):
            return body
        self.source(f"size = {body} - {bias}")
        if unit > 1:
            error = f"{self.source.bind(EncodeError, 'EncodeError')}('not a whole number of units')"
            self.source.fail(f"size % {unit}", error)
        return f"(size // {unit})"

    def _pack(self, run: list[tuple[str, list[str]]]) -> str:
        fmt = "".join(f for f, _ in run)
        if not fmt:
            return ""
        values = [a for _, mine in run for a in mine]
        if all(value.isdigit() for value in values):
            return repr(struct.pack(">" + fmt, *map(int, values)))
        arguments = ", ".join(values)
        return f"{self.packer('>' + fmt)}({arguments})"
