"""The interpreted form of a message: a construct that walks the layout, and the codec's oracle."""

from __future__ import annotations

import io
import struct
import threading
from typing import TYPE_CHECKING, Any

import construct as cs

from ..errors import DecodeError, EncodeError
from .element import Element, State, short
from .elements import (
    BitGroup,
    BitLengthOf,
    Code,
    Const,
    Derived,
    FrameLength,
    FromRegistry,
    LengthOf,
    Telling,
)
from .elements.derived import misfit
from .layout import Layout, Part
from .limits import MAX_LEVEL
from .window import Window

if TYPE_CHECKING:
    from .octetmap import Recorder

__all__ = ["MessageSchema", "interpret", "schema_of"]

#: What a value of a wrong type or size may raise inside construct or struct.
FAULTS = (
    cs.ConstructError, struct.error, TypeError, ValueError, AttributeError, OverflowError,
    KeyError, IndexError,
)  # fmt: skip

_lock = threading.RLock()


def schema_of(cls: Any) -> MessageSchema:
    """The construct of a class; made once."""
    found = cls.__dict__.get("__schema__")
    if found is None:
        with _lock:
            found = cls.__dict__.get("__schema__") or MessageSchema(cls)
            cls.__schema__ = found
    return found  # type: ignore[no-any-return]


def interpret(
    cls: Any,
    octets: bytes,
    *,
    lenient: bool = False,
    recorder: Recorder | None = None,
    overlay: Any = None,
) -> Any:
    """What `cls.decode` gives, by the interpreted form."""
    state = State(lenient=lenient, recorder=recorder, overlay=overlay)
    window = Window(octets, 0, len(octets))
    return cls.schema.parse_in(window, {"_mip6boot": state}, "", exact=True)


class MessageSchema(Element):
    """The layout of a message class as a construct."""

    maps = True

    def __init__(self, cls: Any) -> None:
        super().__init__()
        self.cls = cls
        self._layout: Layout | None = None

    @property
    def layout(self) -> Layout:
        """The parts in wire order; resolved when first asked for: classes may be recursive."""
        if self._layout is None:
            self._layout = Layout(self.cls)
        return self._layout

    # -- reading --------------------------------------------------------------------------------
    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        window = Window.of(stream)
        try:
            obj = self.parse_in(window, context, "", exact=False)
        except cs.ConstructError as e:
            raise DecodeError(" ".join(str(e).split())) from None
        if window is not stream and stream.seekable():
            stream.seek(window.pos - window.end, io.SEEK_CUR)
        return obj

    def parse_in(self, window: Window, context: Any, path: str, *, exact: bool) -> Any:
        """The object at the window's position; with `exact` it must end at the window's end."""
        return _Reading(self, window, State.of(context), path).run(exact=exact)

    # -- writing --------------------------------------------------------------------------------
    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        if not isinstance(obj, self.cls):
            raise EncodeError(f"{short(obj)} is not a {self.cls.__name__}")
        stream.write(self.octets(obj, state.level))
        return obj

    def octets(self, obj: Any, level: int = 1) -> bytes:
        """The octets of an object, EncodeError with path where a value does not fit."""
        pieces = self._pieces(obj, level)
        return b"".join(pieces[step.name] for step in self.layout.steps)

    def _pieces(self, obj: Any, level: int) -> dict[str, bytes]:
        """Each step's octets: first the fields, then what is derived from them."""
        values = {name: getattr(obj, name) for name in self.layout.fields}
        pieces: dict[str, bytes] = {}
        at = 0
        for step in self.layout.steps:
            if isinstance(step.element, (Derived, BitGroup)):
                at += step.element.size or 0
                continue
            pieces[step.name] = self._piece(step, values[step.name], values, level, at)
            at += len(pieces[step.name])
        for step in self.layout.steps:
            if isinstance(step.element, Derived):
                number = self._number(step, obj, pieces, at)
                pieces[step.name] = self._piece(step, number, values, level, 0)
            elif isinstance(step.element, BitGroup):
                for member in step.element.members:
                    if member.part.derived:
                        values[member.part.name] = self._number(member.part, obj, pieces, at)
                pieces[step.name] = self._piece(step, values, values, level, 0)
        return pieces

    @staticmethod
    def _piece(step: Part, value: Any, values: dict[str, Any], level: int, at: int) -> bytes:
        element = step.element.sub if isinstance(step.element, Derived) else step.element
        state = State(level)
        state.offset = at
        stream = io.BytesIO()
        name = "" if isinstance(element, BitGroup) else step.name
        try:
            element._build(value, stream, cs.Container(values, _mip6boot=state), step.name)
        except EncodeError as e:
            raise (e.within(name) if name else e) from None
        except FAULTS as e:
            raise EncodeError(f"{short(value)}: {' '.join(str(e).split())}", step.name) from None
        return stream.getvalue()

    @staticmethod
    def _number(part: Part, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        element = part.element
        assert isinstance(element, Derived)
        try:
            return element.number(obj, pieces, total)
        except EncodeError as e:
            raise e.within(part.name) from None
        except FAULTS as e:
            raise EncodeError(" ".join(str(e).split()), part.name) from None

    def variable_octets(self, step: Part, obj: Any, at: int) -> bytes:
        """The octets of one field of variable size that begins `at` octets into the message."""
        values = {name: getattr(obj, name) for name in self.layout.fields}
        return self._piece(step, values[step.name], values, 1, at)

    def size_of(self, obj: Any) -> int:
        """Octets of an object, also of one whose length field could not say so."""
        at = 0
        for step in self.layout.steps:
            size = step.element.size
            at += size if size is not None else len(self.variable_octets(step, obj, at))
        return at

    def derived(self, obj: Any, name: str) -> int:
        """What encoding would write into a derived field."""
        part = next((p for p in self.layout.parts if p.name == name and p.derived), None)
        if part is None:
            raise AttributeError(f"{self.cls.__name__} has no value for {name}")
        if isinstance(part.element, (Code, Const, Telling)):
            return self._number(part, obj, {}, 0)
        pieces = self._pieces(obj, 1)
        return self._number(part, obj, pieces, sum(map(len, pieces.values())))


class _Reading:
    """One message being read: the window on it, what is known so far, and the rows it leaves."""

    def __init__(self, schema: MessageSchema, window: Window, state: State, path: str) -> None:
        self.schema, self.layout, self.state, self.path = schema, schema.layout, state, path
        self.outer, self.window, self.start = window, window.up_to(window.end), window.pos
        self.values: dict[str, Any] = {}
        self.numbers: dict[str, int] = {}

    def run(self, *, exact: bool) -> Any:
        """Read all parts; the object."""
        if self.state.level > MAX_LEVEL:
            raise DecodeError(f"nested deeper than {MAX_LEVEL} elements", "", self.start)
        for step in self.layout.steps:
            try:
                self.step(step, exact=exact)
            except DecodeError as e:
                # A field inside a word has put its own name already.
                inside = isinstance(step.element, BitGroup) and e.path
                raise (e if inside else e.within(step.name)) from None
            except cs.ConstructError:
                size = step.element.size or 0
                raise DecodeError(
                    f"needs {size} octets, {self.window.left} left", step.name, self.window.pos
                ) from None
        left = self.window.left
        if left and (exact or self.layout.frame is not None):
            raise DecodeError(f"{left} octets left over", "", self.window.pos)
        self.outer.pos = self.window.pos
        for name in self.layout.outer:
            self.values[name] = self.state.code if name == "registry_code" else self.state.following
        return self.schema.cls(
            **{name: self.values[name] for name in self.schema.cls.__struct_fields__}
        )

    def step(self, step: Part, *, exact: bool) -> None:
        """Read one step and leave its row."""
        element, start = step.element, self.window.pos
        window = self.fenced(step)
        if isinstance(element, Derived):
            number = element.sub._parsereport(
                self.need(window, step), self.context(0), self.place(step)
            )
            self.row(step, start, str(number))
            self.found(step, number, start, exact=exact)
            return
        if element.size is not None:
            self.need(window, step)
        teller = self.layout.tellers.get(step.name)
        context = self.context(
            start - self.start, None if teller is None else self.numbers[teller.name]
        )
        value = element._parsereport(window, context, self.place(step))
        self.window.pos = window.pos
        if isinstance(element, BitGroup):
            self.members(step, value, start, exact=exact)
            return
        if step.name in self.layout.lengths and window.left:
            raise DecodeError(f"{window.left} octets left over", "", window.pos)
        self.values[step.name] = value
        if not element.maps:
            self.row(step, start, element.show(value))

    def fenced(self, step: Part) -> Any:
        """The window of a step: up to its LengthOf, else up to the message's fence."""
        length = self.layout.lengths.get(step.name)
        if length is None:
            return self.window
        size = length.element.extent(self.numbers[length.name])  # type: ignore[attr-defined]
        if size < 0 or size > self.window.left:
            raise DecodeError(f"needs {size} octets, {self.window.left} left", "", self.window.pos)
        return self.window.up_to(self.window.pos + size)

    def need(self, window: Any, step: Part) -> Any:
        """The window, if the step's octets are in it."""
        size = step.element.size or 0
        if window.left < size:
            raise DecodeError(f"needs {size} octets, {window.left} left", "", window.pos)
        return window

    def context(self, offset: int, told: int | None = None) -> Any:
        state = State(
            self.state.level,
            lenient=self.state.lenient,
            recorder=self.state.recorder,
            overlay=self.state.overlay,
        )
        state.offset, state.told = offset, told
        return cs.Container(self.values, _mip6boot=state)

    def place(self, step: Part) -> str:
        return f"{self.path}.{step.name}" if self.path else step.name

    def row(
        self, step: Part, start: int, meaning: str, mask: int | None = None, end: int = -1
    ) -> None:
        if self.state.recorder is not None and not isinstance(step.element, FromRegistry):
            end = self.window.pos if end < 0 else end
            registration = self.schema.cls.__registration__
            rfc = registration.rfc if registration else ""
            self.state.recorder.row(self.place(step), start, end, meaning, rfc=rfc, mask=mask)

    def members(self, step: Part, values: dict[str, Any], start: int, *, exact: bool) -> None:
        """The fields of a word: one row for its octets, sub-rows with masks."""
        assert isinstance(step.element, BitGroup)
        end = self.window.pos
        self.row(step, start, "", end=end)
        for member in step.element.members:
            part, value = member.part, values[member.part.name]
            element = part.element
            shown = element.sub.show(value) if isinstance(element, Derived) else element.show(value)
            self.row(part, start, shown, mask=member.mask, end=end)
            if isinstance(element, Derived):
                try:
                    self.found(part, value, start, exact=exact)
                except DecodeError as e:
                    raise e.within(part.name) from None
            else:
                self.values[part.name] = value

    def found(self, part: Part, number: int, start: int, *, exact: bool) -> None:
        """Act on a derived number: check it, or remember what it fences or tells."""
        element = part.element
        self.numbers[part.name] = number
        if isinstance(element, (Const, BitLengthOf)):
            element.check(number, self.schema.cls, "", start)
        elif isinstance(element, Code):
            expected = element.expected(self.schema.cls)
            if expected is None:
                self.values["registry_code"] = number
            elif number != expected:
                raise DecodeError(f"{number} instead of {expected}", "", start)
        elif isinstance(element, FrameLength):
            says, there = element.extent(number), self.outer.end - self.start
            if (says != there) if exact else not self.window.pos - self.start <= says <= there:
                raise misfit(says, there, "", start)
            self.window.end = self.start + says
        else:
            assert isinstance(element, (LengthOf, Telling))
