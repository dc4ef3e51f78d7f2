"""One of several forms: by class, by code, by the octets left, or by an earlier flag."""

from __future__ import annotations

import enum
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf, State, short
from ..limits import MAX_LEVEL, too_deep, too_deep_to_encode
from ..window import Window

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter
    from ..compiler.source import Source

__all__ = ["ByLength", "Nested", "OneOf", "Optional", "OptionalOneOf", "When"]


class _Inner(Element):
    """A message inside a message: what both kinds of it share."""

    maps = True

    def chosen(self, window: Window, state: State) -> Any:
        """The class to parse at the window's position."""
        raise NotImplementedError

    def check(self, cls: Any) -> None:
        """EncodeError where objects of the class do not belong here."""
        raise NotImplementedError

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        if state.level >= MAX_LEVEL:
            raise too_deep(stream.tell())
        cls = self.chosen(stream, state)
        deeper = {"_mip6boot": state.deeper(), "_": context}
        label = f"({cls.__name__})"
        try:
            return cls.schema.parse_in(stream, deeper, path + label, exact=self.greedy)
        except DecodeError as e:
            raise e.within(label) from None

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        state = State.of(context)
        if state.level >= MAX_LEVEL:
            raise too_deep_to_encode()
        self.check(type(obj))
        try:
            return type(obj).schema._build(obj, stream, {"_mip6boot": state.deeper()}, path)
        except EncodeError as e:
            raise e.within(f"({type(obj).__name__})") from None

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        self.not_too_deep(w)
        self.encoding_one(w, value, out)

    def not_too_deep(self, w: EncodeWriter) -> None:
        """Write the check that one level more is allowed."""
        too_deep = w.source.bind(too_deep_to_encode, "too_deep")
        w.source.fail(f"{w.level} >= {MAX_LEVEL}", f"{too_deep}()")

    def encoding_one(self, w: EncodeWriter, value: str, out: str) -> None:
        """Write the call of the encoder of the value's class."""
        encoders = w.source.bind(_Encoders(self), "encoders")
        w.source(f"{out} = {encoders}[type({value})]({value}, {w.level} + 1)")

    def to_json(self, value: Any, level: int) -> Any:
        return value.__to_dict__(level)

    def writes_json(self, value: str, source: Source) -> str:
        return f"{value}.__to_dict__(level)"

    def writes_text(self, value: str, source: Source) -> str:
        return f"{{{value}.__to_text__()}}"


class _Encoders(dict[Any, Any]):
    """Class -> encoder, for the classes that belong into one field."""

    def __init__(self, element: _Inner) -> None:
        super().__init__()
        self.element = element

    def __missing__(self, cls: Any) -> Any:
        from ..compiler.codec import encoder

        self.element.check(cls)
        function = self[cls] = encoder(cls)
        return function


class Nested(_Inner):
    """One message of the class `message`."""

    def __init__(self, message: Any) -> None:
        super().__init__()
        self.message = message

    @property
    def greedy(self) -> bool:  # type: ignore[override]
        return bool(self.message.schema.layout.greedy)

    @property
    def takes_octets(self) -> bool:  # type: ignore[override]
        return any(step.element.size for step in self.message.schema.layout.steps)

    def chosen(self, window: Window, state: State) -> Any:
        return self.message

    def check(self, cls: Any) -> None:
        if not issubclass(cls, self.message):
            raise EncodeError(f"a {cls.__name__} is not a {self.message.__name__}")

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        w.source.fail(f"level >= {MAX_LEVEL}", f"{w.source.bind(too_deep, 'too_deep')}(pos)")
        function = w.decoder_of(self.message, "exact" if self.greedy else "prefix")
        with w.guarded(repr(f"{name}({self.message.__name__})")):
            if self.greedy:
                w.source(f"{out} = {function}(buf, pos, {w.end}, level + 1)")
            else:
                w.source(f"{out}, pos = {function}(buf, pos, {w.end}, level + 1)")

    def encoding_one(self, w: EncodeWriter, value: str, out: str) -> None:
        if not w.may_inline(self.message):
            super().encoding_one(w, value, out)
            return
        # Objects of exactly this class are written without a call.
        cls = w.source.bind(self.message, self.message.__name__)
        with w.source.block(f"if type({value}) is {cls}:"):
            w.inline(self.message, value, out)
        with w.source.block("else:"):
            super().encoding_one(w, value, out)

    def from_json(self, data: Any, level: int) -> Any:
        return self.message.__from_dict__(data, level)


class OneOf(_Inner):
    """One message of a registry, chosen by its own leading code, up to the fence.

    `framed`: the messages have lengths of their own, so others may follow.
    """

    takes_octets = True

    def __init__(self, registry: Any, *, framed: bool = False) -> None:
        super().__init__()
        self.registry, self.greedy = registry, not framed

    def chosen(self, window: Window, state: State) -> Any:
        registry = self.registry.overlaid(state.overlay)
        return registry.choose(window.octets, window.pos, window.end)

    def check(self, cls: Any) -> None:
        self.registry.check(cls)

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        from ..compiler.decode import class_name

        w.settle()
        w.source.fail(f"level >= {MAX_LEVEL}", f"{w.source.bind(too_deep, 'too_deep')}(pos)")
        registry = self.registry.overlaid(w.family.overlay)
        chooser = registry.chooser(w.family, "exact" if self.greedy else "prefix")
        choose = w.source.bind(chooser.choose, "choose")
        usual = ""
        if registry.code.size == 1:
            # Most codes are of one class, so a look at one octet finds the decoder.
            known = w.source.bind(chooser.usual.get, "known")
            place = f"pos + {registry.at}" if registry.at else "pos"
            usual = f"{place} < {w.end} and {known}(buf[{place}]) or "
        with w.guarded(repr(name)):
            w.source(f"fn = {usual}{choose}(buf, pos, {w.end})")
        with w.guarded(f"f'{name}({{{class_name('fn')}}})'"):
            target = out if self.greedy else f"{out}, pos"
            w.source(f"{target} = fn(buf, pos, {w.end}, level + 1)")

    def from_json(self, data: Any, level: int) -> Any:
        return self.registry.from_dict(data, level)


class _OrNothing(_Inner):
    """All the octets before the fence; None in none."""

    greedy = True

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        return super()._parse(stream, context, path) if stream.left else None

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        return None if obj is None else super()._build(obj, stream, context, path)

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        with w.source.block(f"if pos == {w.end}:"):
            w.source(f"{out} = None")
        with w.source.block("else:"):
            super().decoding(w, name, out)

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        with w.source.block(f"if {value} is None:"):
            w.source(f"{out} = b''")
        with w.source.block("else:"):
            super().encoding(w, name, value, out)

    def show(self, value: Any) -> str:
        return "none" if value is None else str(value)

    def to_json(self, value: Any, level: int) -> Any:
        return None if value is None else super().to_json(value, level)

    def writes_json(self, value: str, source: Source) -> str:
        return f"(None if {value} is None else {super().writes_json(value, source)})"

    def writes_text(self, value: str, source: Source) -> str:
        return f'{{"null" if {value} is None else {value}.__to_text__()}}'

    def from_json(self, data: Any, level: int) -> Any:
        return None if data is None else super().from_json(data, level)


class Optional(_OrNothing, Nested):
    """One message of the class `message` in all the octets before the fence; None in none."""


class OptionalOneOf(_OrNothing, OneOf):
    """One message of a registry in all the octets before the fence; None in none."""

    def __init__(self, registry: Any) -> None:
        super().__init__(registry)


class ByLength(Element):
    """The form that fits the octets left before the fence: {0: None, 4: Inet4, 16: Inet6}."""

    greedy = True

    def __init__(self, forms: dict[int, Any]) -> None:
        super().__init__()
        from . import leaf_of

        self.forms: dict[int, Leaf | None] = {
            size: None if form is None else leaf_of(form) for size, form in forms.items()
        }
        for size, form in self.forms.items():
            if size != (0 if form is None else form.size):
                raise TypeError(f"the form for {size} octets has {form.size if form else 0}")
        #: Forms that the exact type of a value tells: addresses, and None for no octets.
        self.by_type: dict[Any, Leaf | None] = {
            type(None) if form is None else _python_type(form): form
            for form in self.forms.values()
            if form is None or _python_type(form) in (IPv4Address, IPv6Address)
        }

    def wrong(self, size: int, name: str, pos: int) -> DecodeError:
        """The error for a length that no form has."""
        sizes = sorted(self.forms)
        few = " or ".join(map(str, sizes))
        allowed = few if len(sizes) < 5 else f"{sizes[0]} to {sizes[-1]}"
        return DecodeError(f"{size} octets where {allowed} are expected", name, pos)

    def form_of(self, value: Any) -> Leaf | None:
        """The form of a value; EncodeError where it fits none."""
        if type(value) in self.by_type:
            return self.by_type[type(value)]
        for form in self.forms.values():
            if form is None or not isinstance(value, _python_type(form)):
                continue
            if not isinstance(value, bytes) or len(value) == form.size:
                return form
        raise EncodeError(f"{short(value)} fits none of the forms of the field")

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        size = stream.left
        if size not in self.forms:
            raise self.wrong(size, "", stream.tell())
        form = self.forms[size]
        return None if form is None else form._parsereport(stream, context, path)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        form = self.form_of(obj)
        return obj if form is None else form._build(obj, stream, context, path)

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        size = w.source.local("size")
        w.source(f"{size} = {w.end} - pos")
        word = "if"
        for octets, form in self.forms.items():
            with w.source.block(f"{word} {size} == {octets}:"):
                w.source(f"{out} = {'None' if form is None else form.read_at(w, 'pos')}")
            word = "elif"
        with w.source.block("else:"):
            w.source(f"raise {w.source.bind(self.wrong, 'wrong_size')}({size}, {name!r}, pos)")

    def octets_of(self, value: Any) -> bytes:
        """The octets of a value in the form that it fits."""
        form = self.form_of(value)
        if form is None:
            return b""
        return value.packed if type(value) in self.by_type else bytes(form.build(value))

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        w.source(f"{out} = {w.source.bind(self.octets_of, 'octets_of')}({value})")

    def show(self, value: Any) -> str:
        form = self.form_of(value)
        return "absent" if form is None else form.show(value)

    def to_json(self, value: Any, level: int) -> Any:
        form = self.form_of(value)
        return None if form is None else form.to_json(value, level)

    def writes_text(self, value: str, source: Source) -> str:
        from .addresses import ADDRESS_TEXTS

        any_form = super().writes_text(value, source)[1:-1]
        kinds = tuple(kind for kind in self.by_type if kind is not type(None))
        if not kinds:
            return f"{{{any_form}}}"
        address = ADDRESS_TEXTS.writes(value, source)
        return (
            f"{{{address} if type({value}) in {source.bind(kinds, 'ADDRESSES')} else {any_form}}}"
        )

    def from_json(self, data: Any, level: int) -> Any:
        if data is None and 0 in self.forms:
            return None
        for form in self.forms.values():
            try:
                value = None if form is None else form.from_json(data, level)
                if value is not None and self.form_of(value) is form:
                    return value
            except (DecodeError, EncodeError):
                continue
        raise DecodeError(f"{short(data)} fits none of the forms of the field")


def _python_type(form: Leaf) -> Any:
    from .addresses import Inet4, Inet6
    from .octets import FixedOctets

    if form is Inet4:
        return IPv4Address
    if form is Inet6:
        return IPv6Address
    return bytes if isinstance(form, FixedOctets) else int


class When(Element):
    """Present only when an earlier field has the bit (or, for a bool field, is as said)."""

    def __init__(self, field: str, bit: Any, form: Any) -> None:
        super().__init__()
        from . import leaf_of

        self.field, self.bit, self.form = field, bit, leaf_of(form)
        self.needs = field

    def present(self, flags: Any) -> bool:
        """Whether the field is there for this value of the earlier one."""
        return bool(flags & self.bit) if isinstance(self.bit, enum.Flag) else flags == self.bit

    def test(self, flags: str) -> str:
        """`present` as text."""
        if isinstance(self.bit, enum.Flag):
            return f"{flags} & {int(self.bit.value):#x}"
        return flags if self.bit is True else f"not {flags}"

    def agree(self, value: Any, present: Any) -> None:
        """EncodeError where the value is there without its flag, or the other way round."""
        if (value is not None) != bool(present):
            state = "set" if present else "clear"
            raise EncodeError(f"{short(value)} while {self.bit!s} of {self.field} is {state}")

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        if not self.present(context[self.field]):
            return None
        return self.form._parsereport(stream, context, path)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        present = self.present(context[self.field])
        self.agree(obj, present)
        return self.form._build(obj, stream, context, path) if present else obj

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        w.settle()
        with w.source.block(f"if {self.test(w.values[self.field])}:"):
            self.form.decoding(w, name, out)
            w.settle()
        with w.source.block("else:"):
            w.source(f"{out} = None")

    def encoding(self, w: EncodeWriter, name: str, value: str, out: str) -> None:
        agree = w.source.bind(self.agree, "agree")
        w.source(f"{agree}({value}, {self.test(w.field(self.field))})")
        with w.source.block(f"if {value} is not None:"):
            self.form.encoding(w, name, value, out)
        with w.source.block("else:"):
            w.source(f"{out} = b''")

    def show(self, value: Any) -> str:
        return "absent" if value is None else self.form.show(value)

    def to_json(self, value: Any, level: int) -> Any:
        return None if value is None else self.form.to_json(value, level)

    def writes_json(self, value: str, source: Source) -> str:
        return f"(None if {value} is None else {self.form.writes_json(value, source)})"

    def writes_text(self, value: str, source: Source) -> str:
        local = source.local("text")
        form = self.form.writes_text(value, source)
        source(f"{local} = 'null' if {value} is None else f'{form}'")
        return f"{{{local}}}"

    def from_json(self, data: Any, level: int) -> Any:
        return None if data is None else self.form.from_json(data, level)
