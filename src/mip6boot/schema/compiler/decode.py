"""Writes the decoder of one message class.

A decoder is `d_X(buf, pos, end, level)`: the object in exactly `buf[pos:end]`; its prefix form
`p_X` gives the object and the position behind it.  Runs of fixed-size fields become one `struct`
call; every other element writes its own lines.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...errors import DecodeError
from ..element import Leaf, needs
from ..elements import BitGroup, Derived
from ..elements.derived import misfit
from ..elements.octets import misvalued
from ..layout import Part
from ..limits import MAX_LIST
from .source import Source, generated

if TYPE_CHECKING:
    from .codec import Family

__all__ = ["DecodeWriter", "class_name", "decoder_name"]


def decoder_name(cls: Any, kind: str) -> str:
    """The name of a decoder's function."""
    return ("d_" if kind == "exact" else "p_") + str(cls.__name__)


def class_name(decoder: str) -> str:
    """Expression for the name of the class that the decoder called `decoder` reads.

    Errors take it from there for their paths, because looking the class up again costs more.
    """
    return f"{decoder}.__name__[2:]"


@functools.cache
def _unpacker(fmt: str) -> Any:
    return struct.Struct(fmt).unpack_from


def truncated(table: tuple[tuple[str, int, int], ...], pos: int, end: int) -> DecodeError:
    """Which field of a run does not fit; rows are name, offset in the run, size."""
    have = end - pos
    for name, at, size in table:
        if at + size > have:
            left = max(have - at, 0)
            return DecodeError(f"needs {size} octets, {left} left", name, pos + at)
    _, at, size = table[-1]
    return leftover(pos + at + size, end)


def leftover(pos: int, end: int) -> DecodeError:
    """The error for octets that no field takes."""
    return DecodeError(f"{end - pos} octets left over", "", pos)


class DecodeWriter:
    """The decoder of `cls`, being written."""

    def __init__(self, cls: Any, kind: str, family: Family) -> None:
        self.cls, self.exact, self.family = cls, kind == "exact", family
        self.layout = cls.schema.layout
        self.source = Source()
        self.values: dict[str, str] = {}
        self.lengths: dict[str, str] = {}
        self.told: dict[str, str] = {}
        self.end = "end"
        self.final = False  # nothing follows the element that is being written
        self.closed = False  # it is certain that `pos` stands at the end
        self._run: list[tuple[Part, Leaf]] = []
        self._offset = 0  # octets read since `pos` was last moved

    # -- what elements use --------------------------------------------------------------------
    @property
    def here(self) -> str:
        """Expression for the position of the next octet."""
        return f"pos + {self._offset}" if self._offset else "pos"

    @property
    def start(self) -> str:
        """Expression for the position where the message starts."""
        return "start"

    def short_enough(self, name: str) -> bool:
        """A length around the field cannot say more octets than a list may have."""
        around = [self.layout.lengths.get(name), self.layout.frame]
        for part in around:
            element: Any = None if part is None else part.element
            if (
                element is not None
                and element.extent((1 << 8 * (element.size or 1)) - 1) <= MAX_LIST
            ):
                return True
        return False

    def settle(self) -> None:
        """Write what makes `pos` the position of the next octet."""
        if self._offset:
            self.source(f"pos += {self._offset}")
            self._offset = 0

    def advance(self, octets: int) -> None:
        """Count octets as read."""
        self._offset += octets

    def unpacker(self, fmt: str) -> str:
        """Name of the `unpack_from` of a format."""
        return self.source.bind(_unpacker(fmt), "unpack")

    def decoder_of(self, cls: Any, kind: str) -> str:
        """Name of the decoder of another class."""
        return self.source.bind(self.family.decoder(cls, kind), decoder_name(cls, kind))

    @contextmanager
    def guarded(self, step: str) -> Iterator[None]:
        """Errors of the lines written inside get `step` (an expression) in front of their path."""
        with self.source.block("try:"):
            yield
        with self.source.block(f"except {self.source.bind(DecodeError, 'DecodeError')} as e:"):
            self.source(f"e.within({step})")
            self.source("raise")

    def frame(self, name: str, extent: str, pos: str) -> None:
        """Write the check of a FrameLength, and move the fence to where it says."""
        misfit_ = self.source.bind(misfit, "misfit")
        if self.exact:
            self.source.fail(
                f"start + {extent} != end",
                f"{misfit_}({extent}, end - start, {name!r}, {pos})",
            )
            return
        self.source(f"stop = start + {extent}")
        fixed = self._offset + sum(leaf.size for _, leaf in self._run)
        self.source.fail(
            f"not pos + {fixed} <= stop <= end",
            f"{misfit_}({extent}, end - start, {name!r}, {pos})",
        )
        self.source("end = stop")

    # -- the function ---------------------------------------------------------------------------
    def write(self) -> Any:
        """The finished function."""
        name = decoder_name(self.cls, "exact" if self.exact else "prefix")
        outer = "".join(f", {field}=0" for field in self.layout.outer)
        registration = self.cls.__registration__
        if not outer and registration is not None and registration.registry.chained:
            outer = ", following=0"  # A chain tells all its elements what follows.
        with self.source.block(f"def {name}(buf, pos, end, level{outer}):"):
            self._body()
        return generated(name, self.source)

    def _body(self) -> None:
        steps = self.layout.steps
        if self._needs_start():
            self.source("start = pos")
        for i, step in enumerate(steps):
            self.final = i == len(steps) - 1
            if isinstance(step.element, Derived):
                self._run.append((step, step.element.sub))
            elif isinstance(step.element, Leaf) and step.name not in self.layout.lengths:
                self._run.append((step, step.element))
            else:
                self._flush(last=False)
                self._variable(step)
        self._flush(last=True)
        if not self.closed and (self.exact or self.layout.frame is not None):
            error = f"{self.source.bind(leftover, 'leftover')}({self.here}, end)"
            self.source.fail(f"{self.here} != end", error)
        result = self._call()
        self.source(f"return {result}" if self.exact else f"return {result}, {self._stop()}")

    def _needs_start(self) -> bool:
        from ..elements import OptionList, PadTo

        placed = any(isinstance(s.element, (OptionList, PadTo)) for s in self.layout.steps)
        return placed or self.layout.frame is not None

    def _stop(self) -> str:
        return "end" if self.closed or self.layout.frame is not None else self.here

    def _call(self) -> str:
        """The call that makes the object: by position as far as the class allows."""
        positional, named = self.layout.arguments
        arguments = [self.values.get(n, n) for n in positional]
        arguments += [f"{n}={self.values.get(n, n)}" for n in named]
        return f"{self.source.bind(self.cls, self.cls.__name__)}({', '.join(arguments)})"

    def _variable(self, step: Part) -> None:
        """Write an element that is no leaf, or a leaf with a length of its own."""
        name, element = step.name, step.element
        fenced = name in self.lengths
        if fenced:
            self._fence(name)
        if isinstance(element, Leaf):
            with self._valued(element, name, self.here):
                element.decoding(self, name, f"v_{name}")
        else:
            element.decoding(self, name, f"v_{name}")
        self.values.setdefault(name, f"v_{name}")
        if fenced:
            self._unfence(name, greedy=element.greedy)
        elif element.greedy:
            self._offset, self.closed = 0, True
            if not self.final:
                raise TypeError(f"{self.cls.__name__}.{name} takes all octets and is not last")

    def _fence(self, name: str) -> None:
        self.settle()
        size, stop = self.source.local("size"), self.source.local("stop")
        self.source(f"{size} = {self.lengths[name]}")
        self.source(f"{stop} = pos + {size}")
        self.source.fail(
            f"not pos <= {stop} <= end",
            f"{self.source.bind(needs, 'needs')}({size}, end - pos, {name!r}, pos)",
        )
        self.end = stop
        self.final = False

    def _unfence(self, name: str, *, greedy: bool) -> None:
        if not greedy:
            left = self.source.bind(leftover, "leftover")
            error = f"{left}({self.here}, {self.end}).within({name!r})"
            self.source.fail(f"{self.here} != {self.end}", error)
        self._offset = 0
        self.source(f"pos = {self.end}")
        self.end = "end"

    # -- runs of leaves -------------------------------------------------------------------------
    def _flush(self, *, last: bool) -> None:
        """Write the pending run of leaves as one unpacking."""
        run, self._run = self._run, []
        if not run:
            return
        size = sum(leaf.size for _, leaf in run)
        closes = last and self.exact and self.layout.frame is None
        self._bounds(run, size, closes=closes)
        raw = self._unpack(run)
        at = self._offset
        self._offset += size
        for (part, leaf), mine in zip(run, raw, strict=True):
            self._take(part, leaf, mine, f"pos + {at}" if at else "pos")
            at += leaf.size
        self.closed = closes

    def _bounds(self, run: list[tuple[Part, Leaf]], size: int, *, closes: bool) -> None:
        table, at = [], 0
        for part, leaf in run:
            table.append((part.name, at, leaf.size))
            at += leaf.size
        self.source.fail(
            f"end - pos {'!=' if closes else '<'} {self._offset + size}",
            f"{self.source.bind(truncated, 'truncated')}({tuple(table)!r}, {self.here}, end)",
        )

    def _unpack(self, run: list[tuple[Part, Leaf]]) -> list[list[str]]:
        raw = [
            [self.source.local("r") for _ in struct.unpack(f">{leaf.fmt}", bytes(leaf.size))]
            for _, leaf in run
        ]
        names = [name for mine in raw for name in mine]
        fmt = "".join(leaf.fmt for _, leaf in run)
        if fmt == "B":
            self.source(f"{names[0]} = buf[{self.here}]")
        elif names:
            self.source(f"{', '.join(names)}, = {self.unpacker('>' + fmt)}(buf, {self.here})")
        return raw

    def _take(self, part: Part, leaf: Leaf, raw: list[str], pos: str) -> None:
        """Turn the unpacked integers of one leaf into values, checks and fences."""
        if isinstance(leaf, BitGroup):
            word = leaf.word(raw, self.source)
            for member in leaf.members:
                piece = leaf.piece(member, word)
                if isinstance(member.element, Derived):
                    member.element.found(self, member.part.name, piece, pos)
                else:
                    self._value(member.part.name, member.element, [piece], pos)
        elif isinstance(part.element, Derived):
            part.element.found(self, part.name, leaf.load(raw, self.source), pos)
        else:
            self._value(part.name, leaf, raw, pos)

    def _value(self, name: str, leaf: Leaf, raw: list[str], pos: str) -> None:
        value = leaf.load(raw, self.source)
        if leaf.may_fail:
            with self._valued(leaf, name, pos):
                self.source(f"v_{name} = {value}")
            value = f"v_{name}"
        self.values[name] = value

    @contextmanager
    def _valued(self, leaf: Leaf, name: str, pos: str) -> Iterator[None]:
        """A ValueError of the lines written inside, if the leaf may raise one, gets its place."""
        if not leaf.may_fail:
            yield
            return
        with self.source.block("try:"):
            yield
        with self.source.block(f"except {self.source.bind(ValueError, 'Faults')} as e:"):
            failed = self.source.bind(misvalued, "misvalued")
            self.source(f"raise {failed}(e, {name!r}, {pos}) from None")
