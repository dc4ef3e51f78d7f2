"""Writes the encoder of one message class.

An encoder is `e_X(o, level)` giving octets, or for an option in a list `t_X(o, level)` with the
option's header fused into the first `struct` call.  Encoders only fail; why is found out by the
interpreted form, which knows the path.
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


class EncodeWriter:
    """The encoder of `cls`, being written; `registry` for its form inside an option list."""

    def __init__(self, cls: Any, registry: Any = None) -> None:
        self.cls, self.registry = cls, registry
        self.layout = cls.schema.layout
        self.source = Source()
        self._static = 0  # octets of fixed size before the element that is being written
        self._variables: list[str] = []

    # -- what elements use --------------------------------------------------------------------
    def packer(self, fmt: str) -> str:
        """Name of the `pack` of a format."""
        return self.source.bind(_packer(fmt), "pack")

    def total(self) -> str:
        """Expression for the octets of all that is written so far."""
        lengths = [f"len({v})" for v in self._variables]
        return " + ".join([str(self._static)] * bool(self._static or not lengths) + lengths)

    def padded_to(self, unit: int) -> bool:
        """The last element pads the message to a multiple of `unit`."""
        steps = self.layout.steps
        return bool(steps) and getattr(steps[-1].element, "multiple", 1) % unit == 0

    def length_of(self, name: str) -> str:
        """Expression for the octets of one variable field."""
        step = next(s for s in self.layout.steps if s.name == name)
        return str(step.element.size) if step.element.size is not None else f"len(b_{name})"

    # -- the function ---------------------------------------------------------------------------
    def write(self) -> Any:
        """The finished function."""
        name = ("e_" if self.registry is None else "t_") + self.cls.__name__
        with self.source.block(f"def {name}(o, level):"):
            pieces = self._pieces()
            if self.registry is not None:
                self._head(pieces)
            expressions = [p if isinstance(p, str) else self._pack(p) for p in pieces]
            self.source(f"return {' + '.join(e for e in expressions if e) or repr(b'')}")
        return generated(name, self.source)

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
            out = f"b_{step.name}"
            leaf.encoding(self, step.name, f"o.{step.name}", out)
            self._variables.append(out)
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
        value = f"o.{step.name}"
        leaf.guard(value, self.source)
        return leaf.store(value, self.source)

    def _member(self, member: Any) -> str:
        element, name = member.element, member.part.name
        if isinstance(element, Derived):
            return f"({element.value(self, name)})"
        element.guard(f"o.{name}", self.source)
        return str(element.store(f"o.{name}", self.source)[0])

    def _head(self, pieces: list[Any]) -> None:
        """Put the option's code and length before its body."""
        registry, registration = self.registry, self.cls.__registration__
        own = "registry_code" in self.layout.fields
        code = "o.registry_code" if own else str(registration.codes[0])
        head = [(registry.code.packing, registry.code.store(code, self.source))]
        if own or registration.codes[0] != registry.pad1:
            head.append(
                (registry.length.packing, registry.length.store(self._length(), self.source))
            )
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
