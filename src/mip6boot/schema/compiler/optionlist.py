"""Writes the functions that read and write a list of options; one pair a registry.

`options(buf, pos, end, start, level)` gives the tuple, `options(opts, at, level)` the octets;
`start` and `at` say where the list stands in its message, for alignment.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import needs, overlong
from ..fallback import keep_malformed
from ..limits import MAX_LEVEL, MAX_LIST, too_deep, too_deep_to_encode, too_long
from .decode import _unpacker, class_name
from .encode import EncodeWriter
from .source import Source, generated

if TYPE_CHECKING:
    from .codec import Family

__all__ = ["list_decoder", "list_encoder"]


class _Plain(dict[int, Any]):
    """Code -> decoder, for registries whose options all have the same length rule and alignment."""

    def __init__(self, table: _Decoders) -> None:
        super().__init__()
        self.table = table
        table.registry.listen(self.clear)

    def __missing__(self, code: int) -> Any:
        decode = self.table[code][0]
        if code in self.table:
            self[code] = decode
        return decode


class _OwnRules:
    """What a class has for itself: a length rule, an alignment that depends on the object."""

    def __init__(self, registration: Any) -> None:
        self.unit, self.bias = registration.length_rule
        align = registration.align
        self.align = align if callable(align) else lambda option: align


class _Decoders(dict[int, tuple[Any, int, Any]]):
    """Code -> decoder and alignment; modulus 0 stands for an _OwnRules in the third place."""

    def __init__(self, registry: Any, family: Family) -> None:
        super().__init__()
        self.registry, self.family = registry, family
        registry.listen(self.clear)

    def __missing__(self, code: int) -> tuple[Any, int, Any]:
        cls = self.registry.get(code)
        if cls is None:
            entry = self._unknown(code)
        else:
            registration = cls.__registration__
            own = registration.length_rule != self.registry.length_rule or callable(
                registration.align
            )
            align = (0, _OwnRules(registration)) if own else registration.align
            entry = (self.family.decoder(cls, "exact"), *align)
        if (
            len(self) < 1024
        ):  # A peer may send every code there is; 16 bits of them are too many to keep.
            self[code] = entry
        return entry

    def _unknown(self, code: int) -> tuple[Any, int, Any]:
        cls = self.registry.unknown_or_fail(code, 0)
        decode = self.family.decoder(cls, "exact")
        if cls.schema.layout.code_in_body:
            return decode, 1, 0

        def with_code(buf: bytes, pos: int, end: int, level: int) -> Any:
            return decode(buf, pos, end, level, code)

        with_code.__name__ = decode.__name__
        return with_code, 1, 0


#: What reading a header behind the last octet raises.
_CUT = (IndexError, struct.error)


def overrun(size: int, left: int, place: str, pos: int, header: int) -> DecodeError:
    """The error for an option that runs over the fence, or whose header does."""
    if left < 0:
        return needs(header, header + left, place, pos - header // 2)
    return overlong(size, left, f"{place}.length", pos)


def list_decoder(
    registry: Any, multiple: int, family: Family, name: str, *, loose: bool = False
) -> Any:
    """The reader of a registry's lists in fields of one name; written once for each family."""
    key = ("list", registry, multiple, name, loose)
    if key not in family.functions:
        family.functions[key] = _ListDecoder(registry, multiple, family, name, loose).write()
    return family.functions[key]


class _ListDecoder:
    """The reader of one registry's lists, being written."""

    def __init__(
        self, registry: Any, multiple: int, family: Family, name: str, loose: bool
    ) -> None:
        self.loose = loose
        self.registry, self.multiple, self.family = registry, multiple, family
        self.name = name  # of the field: errors get it here, before they travel
        self.aligned = registry.pad1 is not None
        self.source = Source()
        self.code_size, self.length_size = registry.code.size, registry.length.size
        self.header = self.code_size + self.length_size
        self.errors = self.source.bind(DecodeError, "DecodeError")

    @property
    def place(self) -> str:
        """Expression for the place of the option that is being read."""
        return f"f'{self.name}[{{len(out)}}]'"

    def step(self, code: int, index: int, buf: bytes, run: int, here: int, start: int) -> str:
        """The step of an error's path; what would be listed before the option counts."""
        cls = self.registry.get(code) or self.registry.unknown_or_fail(code, here)
        align = cls.__registration__.align
        if not callable(align):
            gap = here - run
            modulus, remainder = align
            off = (here - start) % modulus != remainder
            if off or gap >= modulus or buf[run:here] != self.registry.padding.runs[gap]:
                index += off + len(self.registry.padding.listed(buf[run:here]))
        return f"{self.name}[{index}]({cls.__name__})"

    def write(self) -> Any:
        s = self.source
        with s.block("def options(buf, pos, end, start, level):"):
            if self.multiple == 1:
                # Where the list is padded, the length of its message is shorter than this anyway.
                long = f"{s.bind(too_long, 'too_long')}(pos, end - pos, {self.name!r})"
                s.fail(f"end - pos > {MAX_LIST}", long)
            deep = f"{s.bind(too_deep, 'too_deep')}(pos, {self.name!r})"
            s.fail(f"level >= {MAX_LEVEL}", deep)
            s("level += 1")
            s("out = []")
            if self.aligned:
                s("run = pos")
            with s.block("while pos < end:"):
                self._element()
            if self.aligned:
                self._end()
            s("return tuple(out)")
        return generated("options", s)

    def _element(self) -> None:
        s, aligned = self.source, self.aligned
        s("here = pos")
        if self.code_size == 1:
            s("code = buf[pos]")
            if aligned:
                with s.block(f"if code == {self.registry.pad1}:"):
                    s("pos += 1")
                    s("continue")
        self._length()
        table: Any = _Decoders(self.registry, self.family)
        if not aligned:
            # No class has an alignment or a length rule of its own: its decoder is all there is.
            table = _Plain(table)
        name = s.bind(table, "decoders")
        if aligned:
            with s.block(f"if code == {self.registry.padn}:"):
                s("pos = at + n")
                self._fence()
                s("continue")
        s(f"fn = {name}[code]" if not aligned else f"fn, mod, rest = {name}[code]")
        unit, bias = self.registry.length_rule
        s(f"pos = at + {self._extent(unit, bias)}")
        if aligned:
            with s.block("if not mod:"):
                s("pos = at + n * rest.unit + rest.bias")
        self._fence(backwards=bias < 0)
        self._body()

    def _extent(self, unit: int, bias: int) -> str:
        """Expression for `Registry.extent`."""
        octets = ("n" if unit == 1 else f"n * {unit}") + (f" + {bias}" if bias else "")
        multiple = self.registry.multiple
        return octets if multiple == 1 else f"-(-({octets}) // {multiple}) * {multiple}"

    def _length(self) -> None:
        """Read the rest of the header into `code` and `n`; the body begins at `at`."""
        s = self.source
        s(f"at = pos + {self.header}")
        cut = f"{s.bind(needs, 'needs')}({self.header}, end - pos, {self.place}, pos)"
        if self.family.lenient:
            self._cut_off("at > end", cut, None)
            self._numbers()
            return
        # What is read behind the fence makes the option run over it, which is noticed next.
        with s.block("try:"):
            self._numbers()
        with s.block(f"except {s.bind(_CUT, 'CUT')}:"):
            s(f"raise {cut} from None")

    def _numbers(self) -> None:
        s = self.source
        if self.header == 2:
            s("n = buf[pos + 1]")
            return
        fmt = f">{self.registry.code.fmt}{self.registry.length.fmt}"
        s(f"code, n = {s.bind(_unpacker(fmt), 'unpack')}(buf, pos)")
        if self.registry.code_mask is not None:
            s(f"code &= {self.registry.code_mask:#x}")
        if self.registry.second is not None:
            s(self.registry.second.writes())
        if self.registry.length_mask is not None:
            s(f"n &= {self.registry.length_mask:#x}")

    def _fence(self, *, backwards: bool = False) -> None:
        """Refuse, or keep in lenient form, an option that runs over the fence.

        `backwards`: the length rule lets an option end before it begins.
        """
        s = self.source
        place = f"{self.place}, here + {self.code_size}, {self.header}"
        error = f"{s.bind(overrun, 'overrun')}(pos - at, end - at, {place})"
        self._cut_off("pos > end" + " or pos < at" * backwards, error, "n")

    def _cut_off(self, condition: str, error: str, declared: str | None) -> None:
        s = self.source
        if not self.family.lenient:
            s.fail(condition, error)
            return
        with s.block(f"if {condition}:"):
            keep = s.bind(self._keep, "keep")
            if self.aligned:
                with s.block("if run != here:"):
                    s(f"out += {self._listed('here')}")
            if declared is None:
                s(f"out.append({keep}(buf, here, end, None, {error}))")
            else:
                s(f"out.append({keep}(buf, here, end, {declared}, {error}))")
            s("run = pos = end")
            s("break")

    def _keep(self, buf: bytes, here: int, end: int, declared: int | None, e: DecodeError) -> Any:
        """What lenient reading keeps of an option that does not parse."""
        word = int.from_bytes(buf[here : min(here + self.code_size, end)], "big")
        code = self.registry.code_of(word)
        return keep_malformed(self.registry, code, buf[here:end], declared, e)

    def _body(self) -> None:
        s = self.source
        place = f"f'{self.name}[{{len(out)}}]({{{class_name('fn')}}})'"
        if self.aligned:
            # Padding that will be listed before the option counts.
            place = f"{s.bind(self.step, 'step')}(code, len(out), buf, run, here, start)"
        with s.block("try:"):
            s(f"item = fn(buf, {'here' if self.registry.headed else 'at'}, pos, level)")
        with s.block(f"except {self.errors} as e:"):
            if self.loose:
                s(f"item = {s.bind(self._loosely, 'loosely')}(code, buf, here, pos, level)")
                with s.block("if item is None:"):
                    self._failed(place)
            else:
                self._failed(place)
        if self.aligned:
            self._padding()
        s("out.append(item)")

    def _failed(self, place: str) -> None:
        """What is done with the error of an option."""
        s, step = self.source, f"e.within({place})"
        if self.family.lenient:
            s(f"item = {s.bind(self._keep, 'keep')}(buf, here, pos, None, {step})")
            if self.aligned:
                s("mod, rest = 1, 0")
        else:
            s(step)
            s("raise")

    def _loosely(self, code: int, buf: bytes, here: int, end: int, level: int) -> Any:
        """An element as if its code were unknown; None where not even that will do."""
        try:
            cls = self.registry.unknown_or_fail(code, here)
            return self.family.decoder(cls, "exact")(buf, here, end, level)
        except DecodeError:
            return None

    def _padding(self) -> None:
        """Before an option: drop padding that the encoder would write, list any other."""
        s = self.source
        pads = s.bind(self.registry.padding.runs, "pads")
        unaligned = s.bind(self.registry.unaligned(), "UNALIGNED")
        with s.block("if mod != 1:"):
            with s.block("if not mod:"):
                s("mod, rest = rest.align(item)")
            with s.block("if run != here:"):
                s("n = here - run")
                with s.block(
                    f"if n >= mod or (here - start) % mod != rest or buf[run:here] != {pads}[n]:"
                ):
                    s(f"out += {self._listed('here')}")
            with s.block("if (here - start) % mod != rest:"):
                s(f"out.append({unaligned})")
        with s.block("elif run != here:"):
            s(f"out += {self._listed('here')}")
        s("run = pos")

    def _listed(self, stop: str) -> str:
        return f"{self.source.bind(self.registry.padding.listed, 'listed')}(buf[run:{stop}])"

    def _end(self) -> None:
        s = self.source
        pads = s.bind(self.registry.padding.runs, "pads")
        with s.block(f"if run != end and buf[run:end] != {pads}[(start - run) % {self.multiple}]:"):
            s(f"out += {self._listed('end')}")


class _Encoders(dict[Any, tuple[Any, int, Any]]):
    """Class -> encoder and alignment; modulus 0 stands for a function of the object."""

    def __init__(self, registry: Any) -> None:
        super().__init__()
        self.registry = registry

    def __missing__(self, cls: Any) -> tuple[Any, int, Any]:
        registry = self.registry
        registration = getattr(cls, "__registration__", None)
        if registration is None or not issubclass(cls, registry.base):
            raise EncodeError(f"a {cls.__name__} is not a {registry.what}")
        if issubclass(cls, registry.unaligned):
            return lambda option, level: _MARK, 1, 0
        if issubclass(cls, registry.malformed):
            return lambda option, level: option.octets, 1, 0
        align = (0, registration.align) if callable(registration.align) else registration.align
        head = None if registry.headed else registry
        entry = self[cls] = (EncodeWriter(cls, head).write(), *align)
        return entry


class _Mark(bytes):
    """No octets, in a form that can be told from an option without octets."""


_MARK = _Mark()


def list_encoder(registry: Any, multiple: int) -> Any:
    """The writer of a registry's lists; written once."""
    key = ("encoder", multiple)
    if key not in registry.families:
        registry.families[key] = _write_list_encoder(registry, multiple)
    return registry.families[key]


def _write_list_encoder(registry: Any, multiple: int) -> Any:
    s = Source()
    aligned = registry.pad1 is not None
    table = s.bind(_Encoders(registry), "encoders")
    with s.block("def options(opts, at, level):"):
        s.fail(f"level >= {MAX_LEVEL} and opts", f"{s.bind(too_deep_to_encode, 'too_deep')}()")
        s("level += 1")
        s("out = []")
        if aligned:
            pads = s.bind(registry.padding.runs, "pads")
            mark = s.bind(_MARK, "MARK")
            with s.block("for o in opts:"):
                s(f"fn, mod, rest = {table}[type(o)]")
                with s.block("if mod != 1:"):
                    with s.block("if not mod:"):
                        s("mod, rest = rest(o)")
                    with s.block(f"if at % mod != rest and (not out or out[-1] is not {mark}):"):
                        s("n = (rest - at) % mod")
                        s(f"out.append({pads}[n])")
                        s("at += n")
                s("raw = fn(o, level)")
                s("out.append(raw)")
                s("at += len(raw)")
            if multiple > 1:
                with s.block(f"if at % {multiple}:"):
                    s(f"out.append({pads}[-at % {multiple}])")
        else:
            with s.block("for o in opts:"):
                s(f"out.append({table}[type(o)][0](o, level))")
        s("raw = b''.join(out)")
        if multiple == 1:
            # Where the list is padded, the length of its message is shorter than this anyway.
            error = f"{s.bind(EncodeError, 'EncodeError')}('a list longer than {MAX_LIST} octets')"
            s.fail(f"len(raw) > {MAX_LIST}", error)
        s("return raw")
    return generated("options", s)
