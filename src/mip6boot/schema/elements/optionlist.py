"""Lists of options: code, length, body, looked up in a registry.

Padding is canonical or kept.  The encoder puts in what the alignment of the next option asks for;
the decoder drops a run of padding only when the encoder would write the very same octets, and lists
any other.  Before an option that its sender did not align stands an Unaligned mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import Element, State, needs, overlong, short
from ..jsontext import texts_joined
from ..limits import MAX_LEVEL, MAX_LIST, too_deep, too_deep_to_encode, too_long
from ..second import code_of_key
from ..window import Window

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter
    from ..compiler.source import Source

__all__ = ["OptionList"]


class OptionList(Element):
    """Options of `registry` up to the fence.

    `multiple`: the message is padded to a multiple of so many octets.  Alignment counts from the
    start of the message that holds the list.  `loose`: an element that does not parse is kept as if
    its code were unknown, because the list is of what was refused.
    """

    greedy = True
    maps = True

    def __init__(self, registry: Any, *, multiple: int = 1, loose: bool = False) -> None:
        super().__init__()
        if loose and not registry.headed:
            raise TypeError("only elements that carry their own code can be read loosely")
        self.registry, self.multiple, self.loose = registry, multiple, loose

    # -- the interpreted form -----------------------------------------------------------------
    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        size = stream.left
        if size > MAX_LIST:
            raise too_long(stream.tell(), size)
        if size and state.level >= MAX_LEVEL:
            raise too_deep(stream.tell())
        return _ListReading(self, stream, state, path).run()

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        if not isinstance(obj, (tuple, list)):
            raise EncodeError(f"{short(obj)} is not a tuple of options")
        if obj and state.level >= MAX_LEVEL:
            raise too_deep_to_encode()
        out = bytearray()
        aligned = self.registry.pad1 is not None
        free = False  # the option before was an Unaligned mark
        for i, option in enumerate(obj):
            try:
                if aligned and not free:
                    modulus, remainder = alignment_of(option)
                    gap = (remainder - (state.offset + len(out))) % modulus
                    out += self.registry.padding.runs[gap]
                octets = self.option_octets(option, state.level + 1)
            except EncodeError as e:
                raise e.within(f"[{i}]({type(option).__name__})") from None
            out += octets
            free = isinstance(option, self.registry.unaligned)
        if self.multiple > 1:
            out += self.registry.padding.runs[-(state.offset + len(out)) % self.multiple]
        if len(out) > MAX_LIST:
            raise EncodeError(f"a list of {len(out)} octets, at most {MAX_LIST} are allowed")
        stream.write(out)
        return obj

    def option_octets(self, option: Any, level: int) -> bytes:
        """One option with its header."""
        registry = self.registry
        registry.check(type(option))
        if isinstance(option, registry.unaligned):
            return b""
        if isinstance(option, registry.malformed):
            return bytes(option.octets)
        body = type(option).schema.octets(option, level)
        if registry.headed:
            return bytes(body)
        code = bytes(registry.code.build(option.registry_code))
        if option.registry_code == registry.pad1 and registry.pad1 is not None:
            return code
        unit, bias = type(option).__registration__.length_rule
        units, rest = divmod(len(body) - bias, unit)
        if rest:
            raise EncodeError(f"{len(body)} octets are not a whole number of {unit}-octet units")
        return bytes(code + registry.length.build(units) + body)

    # -- the generated form: functions of their own, shared by all messages with such a list ----
    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        from ..compiler.optionlist import list_decoder

        registry = self.registry.overlaid(w.family.overlay)
        decode = list_decoder(registry, self.multiple, w.family, name, loose=self.loose)
        call = f"{w.source.bind(decode, 'options_of')}(buf, {w.here}, {w.end}, {w.start}, level)"
        w.source(f"{out} = {call} if {w.here} != {w.end} else ()")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        from ..compiler.optionlist import list_encoder

        function = w.source.bind(list_encoder(self.registry, self.multiple), "options_to")
        w.source(f"{out} = {function}({value}, {w.total()}, {w.level})")

    # -- for people and for JSON --------------------------------------------------------------
    def to_json(self, value: Any, level: int) -> Any:
        return [option.__to_dict__(level) for option in value]

    def writes_json(self, value: str, source: Source) -> str:
        return f"[option.__to_dict__(level) for option in {value}]"

    def writes_text(self, value: str, source: Source) -> str:
        return texts_joined(value, "option", "{option.__to_text__()}", source)

    def from_json(self, data: Any, level: int) -> Any:
        if not isinstance(data, list):
            raise DecodeError(f"{short(data)} where a list is expected")
        out = []
        for i, item in enumerate(data):
            try:
                out.append(self.registry.from_dict(item, level))
            except DecodeError as e:
                raise e.within(f"[{i}]") from None
        return tuple(out)


def alignment_of(option: Any) -> tuple[int, int]:
    """Modulus and remainder of the offset at which an option starts."""
    registration = type(option).__registration__
    align = (1, 0) if registration is None else registration.align
    return align(option) if callable(align) else align


class _ListReading:
    """One list being read by the interpreted form."""

    def __init__(self, element: OptionList, window: Window, state: State, path: str) -> None:
        self.registry = element.registry.overlaid(state.overlay)
        self.multiple, self.window, self.state, self.path = element.multiple, window, state, path
        self.loose = element.loose
        self.base = window.pos - state.offset
        self.items: list[Any] = []
        self.run_start = window.pos  # where the padding before the next option begins
        self.pads: list[tuple[int, int]] = []  # start and end of each pad in that run

    def run(self) -> tuple[Any, ...]:
        """Read to the fence."""
        registry = self.registry
        while self.window.left:
            here = self.window.pos
            stop = min(here + registry.code.size, self.window.end)
            word = int.from_bytes(self.window.octets[here:stop], "big")
            code = registry.key_at(registry.code_of(word), self.window.octets, here)
            if registry.pad1 is not None and code == registry.pad1:
                self.window.pos += 1
                self.pads.append((here, self.window.pos))
                continue
            try:
                body = self.body(code)
            except DecodeError as e:
                if not self.state.lenient:
                    raise e.within(f"[{len(self.items)}]") from None
                self.add(self.cut_off(here, code, e), here)
                continue
            if registry.padn is not None and code == registry.padn:
                self.pads.append((here, body.end))
                self.window.pos = body.end
                continue
            self.add(self.option(here, code, body), here)
        self.close()
        return tuple(self.items)

    def body(self, code: int) -> Window:
        """The window on the body of the option that starts here."""
        registry, window = self.registry, self.window
        header = registry.code.size + registry.length.size
        if window.left < header:
            raise needs(header, window.left, "", window.pos)
        at = window.pos + header
        word = int.from_bytes(window.octets[at - registry.length.size : at], "big")
        end = at + registry.extent(registry.length_of(word), *self.rule(code))
        if end > window.end or end < at:
            raise overlong(end - at, window.end - at, "length", at - registry.length.size)
        return Window(window.octets, window.pos if registry.headed else at, end)

    def rule(self, code: int) -> tuple[int, int]:
        cls = self.registry.get(code)
        registration = None if cls is None else cls.__registration__
        return registration.length_rule if registration else self.registry.length_rule  # type: ignore[no-any-return]

    def option(self, here: int, code: int, body: Window) -> Any:
        """The option of a body, or what lenient reading keeps of it."""
        cls = self.registry.get(code) or self.registry.unknown_or_fail(code, here)
        index = len(self.items) + self.listed_before(self.alignment(cls, code, body), here)
        step = f"[{index}]({cls.__name__})"
        recorder = self.state.recorder
        mark = 0 if recorder is None else len(recorder.rows)
        if recorder is not None and not self.registry.headed:
            self.header_rows(f"{self.path}[{index}]({cls.__name__})", here, body.pos, cls)
        self.window.pos = body.end
        start = body.pos
        try:
            return self.parsed(cls, code, body, step)
        except DecodeError as e:
            if recorder is not None:
                recorder.forget(mark)
            if self.loose:
                try:
                    other = self.registry.unknown_or_fail(code, here)
                    again = Window(body.octets, start, body.end)
                    return self.parsed(other, code, again, f"[{index}]({other.__name__})")
                except DecodeError:
                    if recorder is not None:
                        recorder.forget(mark)
            if not self.state.lenient:
                raise e.within(step) from None
            octets = self.window.octets[here : body.end]
            return self.malformed(code, octets, None, e.within(step), here)

    def parsed(self, cls: Any, code: int, body: Window, step: str) -> Any:
        context = {"_mip6boot": self.state.deeper(code)}
        return cls.schema.parse_in(body, context, self.path + step, exact=True)

    def cut_off(self, here: int, code: int, error: DecodeError) -> Any:
        """What is left of the fence, where an option runs over it."""
        octets = self.window.octets[here : self.window.end]
        header = self.registry.code.size + self.registry.length.size
        declared = None
        if len(octets) >= header:
            word = int.from_bytes(octets[self.registry.code.size : header], "big")
            declared = self.registry.length_of(word)
        self.window.pos = self.window.end
        return self.malformed(code, octets, declared, error.within(f"[{len(self.items)}]"), here)

    def malformed(
        self, code: int, octets: bytes, declared: int | None, e: DecodeError, here: int
    ) -> Any:
        cls = self.registry.malformed
        if self.state.recorder is not None:
            index = len(self.items) + (len(self.pads))
            place = f"{self.path}[{index}]({cls.__name__}).octets"
            self.state.recorder.row(place, here, here + len(octets), f"malformed: {e.reason}")
        from ..fallback import keep_malformed

        return keep_malformed(self.registry, code_of_key(code), octets, declared, e)

    def alignment(self, cls: Any, code: int, body: Window) -> tuple[int, int] | None:
        """What the option's place has to be; None where nothing follows from it for the rows."""
        if self.registry.pad1 is None:
            return None
        align: Any = cls.__registration__.align
        if not callable(align):
            return align  # type: ignore[no-any-return]
        if self.state.recorder is None:
            return None
        # It hangs on what the option holds, so that its rows can only be named once it is read.
        inner = self.state.deeper(code)
        inner.recorder = None
        again = Window(body.octets, body.pos, body.end)
        try:
            return alignment_of(cls.schema.parse_in(again, {"_mip6boot": inner}, "", exact=True))
        except DecodeError:
            return None

    def listed_before(self, alignment: tuple[int, int] | None, here: int) -> int:
        """How many padding objects and marks will stand before an option that is so aligned."""
        if alignment is None:
            return 0
        modulus, remainder = alignment
        off = (here - self.base) % modulus != remainder
        return int(off) + (0 if self.canonical(here, modulus, remainder) else len(self.pads))

    def canonical(self, here: int, modulus: int, remainder: int) -> bool:
        """The encoder would write the same padding before an option so aligned."""
        gap = (remainder - (self.run_start - self.base)) % modulus
        run = self.window.octets[self.run_start : here]
        return bool(run == self.registry.padding.runs[gap])

    def header_rows(self, path: str, here: int, body: int, cls: Any) -> None:
        recorder = self.state.recorder
        assert recorder is not None
        at = here + self.registry.code.size
        rfc = cls.__registration__.rfc
        code = int.from_bytes(self.window.octets[here:at], "big")
        recorder.row(f"{path}.type", here, at, f"{code} {cls.__name__}", rfc=rfc)
        length = int.from_bytes(self.window.octets[at:body], "big")
        recorder.row(f"{path}.length", at, body, str(length), rfc=rfc)

    def add(self, item: Any, here: int) -> None:
        """Put an option on the list, with the padding before it that is not canonical."""
        if self.registry.pad1 is not None:
            modulus, remainder = alignment_of(item)
            self.settle(here, listed=not self.canonical(here, modulus, remainder))
            if (here - self.base) % modulus != remainder:
                self.items.append(self.registry.unaligned())
        self.items.append(item)
        self.run_start = self.window.pos

    def settle(self, here: int, *, listed: bool) -> None:
        """List the run of padding before `here`, or drop it; its rows say which."""
        recorder = self.state.recorder
        for start, end in self.pads:
            place = f"{self.path}[{len(self.items)}]"
            if listed:
                self.items += self.registry.padding.listed(self.window.octets[start:end])
                self.padding_rows(f"{place}({type(self.items[-1]).__name__})", start, end)
            else:
                self.padding_rows(f"{place}.padding", start, end)
        if recorder is not None:
            recorder.rows.sort(key=lambda row: row.offset)
        self.pads.clear()

    def padding_rows(self, path: str, start: int, end: int) -> None:
        """The rows of one Pad1 or PadN, listed or not."""
        recorder = self.state.recorder
        if recorder is None:
            return
        octets = self.window.octets
        cls = self.registry.get(octets[start])
        self.header_rows(path, start, min(start + 2, end), cls)
        recorder.row(f"{path}.data", start + 2, end, "padding", rfc=cls.__registration__.rfc)

    def close(self) -> None:
        """Settle the padding at the end."""
        if self.registry.pad1 is None:
            return
        end = self.window.end
        gap = -(self.run_start - self.base) % self.multiple
        run = self.window.octets[self.run_start : end]
        self.settle(end, listed=run != self.registry.padding.runs[gap])
