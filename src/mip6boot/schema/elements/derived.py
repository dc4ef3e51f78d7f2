"""Fields that follow from the rest: lengths, counts, codes, constants.

They stand on the wire and are readable on the object, but are no arguments of it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.encode import EncodeWriter

__all__ = [
    "BitLengthOf",
    "Code",
    "Const",
    "CountOf",
    "Derived",
    "FirstOf",
    "FrameLength",
    "FromNext",
    "FromRegistry",
    "IsShort",
    "LengthOf",
    "Telling",
]


def differs(number: int, expected: int, name: str, pos: int) -> DecodeError:
    """The error for a constant that is another one."""
    return DecodeError(f"{number} instead of {expected}", name, pos)


def misfit(says: int, there: int, name: str, pos: int) -> DecodeError:
    """The error for a length that is not the octets that are there."""
    return DecodeError(f"says {says} octets, {there} are there", name, pos)


class Derived(Element):
    """A number on the wire whose value the codec computes; `sub` is its integer or its bits."""

    def __init__(self, subcon: Any) -> None:
        super().__init__()
        from . import leaf_of

        self.sub: Leaf = leaf_of(subcon)
        self.size, self.bits = self.sub.size, self.sub.bits

    def number(self, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        """The value on the wire; `pieces` are the encoded fields, `total` the message's octets."""
        raise NotImplementedError

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        """Write what is done with the number once it is read."""
        raise NotImplementedError

    def value(self, w: EncodeWriter, name: str) -> str:
        """Expression for the number when encoding; runs after all variable pieces are made."""
        raise NotImplementedError


class Const(Derived):
    """Always `expected`."""

    def __init__(self, subcon: Any, expected: int) -> None:
        super().__init__(subcon)
        self.expected = expected

    def number(self, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        return self.expected

    def check(self, number: int, obj_class: Any, name: str, pos: int) -> None:
        """The interpreted form's test."""
        if number != self.expected:
            raise differs(number, self.expected, name, pos)

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        w.source.fail(
            f"{number} != {self.expected}",
            f"{w.source.bind(differs, 'differs')}({number}, {self.expected}, {name!r}, {pos})",
        )

    def value(self, w: EncodeWriter, name: str) -> str:
        return str(self.expected)


class Code(Derived):
    """The code under which the class is registered; `level` 1 is a split type's second one."""

    def __init__(self, subcon: Any, level: int = 0) -> None:
        super().__init__(subcon)
        self.level = level

    def expected(self, cls: Any) -> int | None:
        """The code of the class; None where the object itself keeps it (unknown elements)."""
        if "registry_code" in cls.__struct_fields__:
            return None
        codes = cls.__registration__.codes if cls.__registration__ else ()
        if self.level >= len(codes):
            raise TypeError(f"{cls.__name__} is not registered, so it has no code to write")
        return int(codes[self.level])

    def number(self, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        expected = self.expected(type(obj))
        return int(obj.registry_code) if expected is None else expected

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        expected = self.expected(w.cls)
        if expected is None:
            w.values["registry_code"] = number
            return
        w.source.fail(
            f"{number} != {expected}",
            f"{w.source.bind(differs, 'differs')}({number}, {expected}, {name!r}, {pos})",
        )

    def value(self, w: EncodeWriter, name: str) -> str:
        expected = self.expected(w.cls)
        return w.field("registry_code") if expected is None else str(expected)


class FromRegistry(Element):
    """The code of an unknown element: kept on the object, written by the list or by its `Code`.

    `names` are the codes that have a name though no class.
    """

    size = 0

    def __init__(self, names: type[enum.IntEnum] | None = None) -> None:
        super().__init__()
        self.names: dict[int, str] | None = None
        if names is not None:
            self.names = {int(member): member.name for member in names}

    def show(self, value: Any) -> str:
        name = self.names.get(value) if self.names else None
        return f"{int(value)}" if name is None else f"{int(value)} {name}"

    def to_json(self, value: Any, level: int) -> Any:
        if self.names is None:
            return int(value)
        return {"value": int(value), "name": self.names.get(value)}

    def from_json(self, data: Any, level: int) -> Any:
        from .integers import number_from_json

        return number_from_json(data)


class FromNext(FromRegistry):
    """What a chain says behind its last element: kept on the object, written by the chain."""


class _Measured(Derived):
    """A length: octets = value * unit + bias."""

    def __init__(self, subcon: Any, unit: int, bias: int) -> None:
        super().__init__(subcon)
        self.unit, self.bias = unit, bias

    def extent(self, number: int) -> int:
        """Octets for the value on the wire."""
        return number * self.unit + self.bias

    def expression(self, number: str) -> str:
        """`extent` as text."""
        text = number if self.unit == 1 else f"{number} * {self.unit}"
        return (
            text
            if not self.bias
            else f"{text} + {self.bias}"
            if self.bias > 0
            else f"{text} - {-self.bias}"
        )

    def units(self, octets: int) -> int:
        """The value on the wire for so many octets."""
        number, rest = divmod(octets - self.bias, self.unit)
        if rest:
            raise EncodeError(f"{octets} octets are not a whole number of {self.unit}-octet units")
        return number

    def counting(self, w: EncodeWriter, octets: str, *, sure: bool = False) -> str:
        """`units` as text; its check is written before unless the units are `sure` to be whole."""
        less = (
            octets
            if not self.bias
            else f"{octets} - {self.bias}"
            if self.bias > 0
            else f"{octets} + {-self.bias}"
        )
        if self.unit == 1:
            return less
        if sure and self.bias % self.unit == 0:
            return f"({less}) // {self.unit}"
        local = w.source.local("units")
        w.source(f"{local} = {less}")
        w.source.fail(
            f"{local} % {self.unit}",
            f"{w.source.bind(EncodeError, 'EncodeError')}('not a whole number of units')",
        )
        return f"{local} // {self.unit}"


class FrameLength(_Measured):
    """The extent of the whole message from its first octet."""

    def __init__(self, subcon: Any, unit: int = 1, bias: int = 0) -> None:
        super().__init__(subcon, unit, bias)

    def number(self, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        return self.units(total)

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        w.frame(name, self.expression(number), pos)

    def value(self, w: EncodeWriter, name: str) -> str:
        # A list that pads the message to whole units leaves nothing to check.
        return self.counting(w, w.total(), sure=w.padded_to(self.unit))


class LengthOf(_Measured):
    """The octets of a later field, which may not be more or fewer."""

    def __init__(self, target: str, subcon: Any, unit: int = 1, bias: int = 0) -> None:
        super().__init__(subcon, unit, bias)
        self.target = target

    def number(self, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        return self.units(len(pieces[self.target]))

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        w.lengths[self.target] = self.expression(number)

    def value(self, w: EncodeWriter, name: str) -> str:
        return self.counting(w, w.length_of(self.target))


class BitLengthOf(LengthOf):
    """The bits of a later field, which are whole octets."""

    def __init__(self, target: str, subcon: Any) -> None:
        super().__init__(target, subcon)

    def extent(self, number: int) -> int:
        return number // 8

    def expression(self, number: str) -> str:
        return f"{number} // 8"

    def units(self, octets: int) -> int:
        return octets * 8

    def counting(self, w: EncodeWriter, octets: str, *, sure: bool = False) -> str:
        return f"({octets}) * 8"

    def check(self, number: int, obj_class: Any, name: str, pos: int) -> None:
        """The interpreted form's test."""
        if number % 8:
            raise ragged(number, name, pos)

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        ragged_ = w.source.bind(ragged, "ragged")
        w.source.fail(f"{number} % 8", f"{ragged_}({number}, {name!r}, {pos})")
        super().found(w, name, number, pos)


def ragged(bits: int, name: str, pos: int) -> DecodeError:
    """The error for bits that fill no whole octets."""
    return DecodeError(f"{bits} bits are no whole octets", name, pos)


class Telling(Derived):
    """A number that tells a later field, `target`, how to read itself."""

    def __init__(self, target: str, subcon: Any) -> None:
        super().__init__(subcon)
        self.target = target

    def number(self, obj: Any, pieces: dict[str, bytes], total: int) -> int:
        return self.told(getattr(obj, self.target))

    def told(self, value: Any) -> int:
        """The number for the value of the later field."""
        raise NotImplementedError

    def found(self, w: DecodeWriter, name: str, number: str, pos: str) -> None:
        w.told[self.target] = number

    def value(self, w: EncodeWriter, name: str) -> str:
        return f"{w.source.bind(self.told, 'told')}({w.field(self.target)})"


class CountOf(Telling):
    """The number of items of a later `Items` field."""

    def told(self, value: Any) -> int:
        return len(value)

    def value(self, w: EncodeWriter, name: str) -> str:
        return f"len({w.field(self.target)})"


class FirstOf(Telling):
    """The code of the first element of a later `Chain`; 0 when it is empty."""

    def told(self, value: Any) -> int:
        return int(value[0].registry_code) if value else 0

    def value(self, w: EncodeWriter, name: str) -> str:
        return w.firsts[self.target]


class IsShort(Telling):
    """The bit that says whether a later `ShortOrLong` is short: a number rather than octets."""

    def told(self, value: Any) -> int:
        return int(isinstance(value, int))

    def value(self, w: EncodeWriter, name: str) -> str:
        return f"isinstance({w.field(self.target)}, int)"
