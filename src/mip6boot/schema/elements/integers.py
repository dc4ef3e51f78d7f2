"""Integers, integers counted in units, and open enumerations."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import construct as cs

from ...errors import DecodeError, EncodeError
from ..element import Leaf, Mapped, short
from ..jsontext import json_text

if TYPE_CHECKING:
    from ..compiler.source import Source

__all__ = ["EnumMember", "Integer", "OpenEnum", "Scaled", "integer_from_json", "number_from_json"]

#: Above this a JSON number would lose digits in many readers, so a decimal string is written.
_JSON_EXACT = 2**53


def integer_to_json(value: int) -> int | str:
    """A number, or its decimal digits where a reader's double could not hold it."""
    return int(value) if -_JSON_EXACT <= value <= _JSON_EXACT else str(int(value))


def integer_from_json(data: Any) -> int:
    """The integer of a JSON number or of a string of digits."""
    if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) <= 40:
        return int(data)
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    raise DecodeError(f"{short(data)} where an integer is expected")


def number_from_json(data: Any) -> int:
    """The number of a value with a name beside it; the bare number does too."""
    return integer_from_json(data["value"] if isinstance(data, dict) and "value" in data else data)


class Integer(Leaf):
    """An unsigned integer in network byte order: construct's Int8ub, Int16ub, Int24ub ..."""

    def __init__(self, subcon: Any) -> None:
        super().__init__()
        self.subcon = subcon
        self.size = subcon.sizeof()
        if isinstance(subcon, cs.FormatField):
            self.fmt, self.plain = subcon.fmtstr[-1], True
        else:
            self.fmt = {3: "BH", 6: "HI"}[self.size]

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        return self.subcon._parsereport(stream, context, path)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        if not isinstance(obj, int) or not 0 <= obj < 1 << 8 * self.size:
            raise EncodeError(f"{short(obj)} does not fit in {self.size} octets")
        return self.subcon._build(int(obj), stream, context, path)

    def load(self, raw: list[str], source: Source) -> str:
        if self.plain:
            return raw[0]
        return f"({raw[0]} << {8 * (self.size - 1) if self.size == 3 else 32} | {raw[1]})"

    def store(self, value: str, source: Source) -> list[str]:
        if self.plain:
            return [value]
        low = 16 if self.size == 3 else 32
        return [f"{value} >> {low}", f"{value} & {(1 << low) - 1:#x}"]

    def to_json(self, value: Any, level: int) -> Any:
        return integer_to_json(value)

    def writes_json(self, value: str, source: Source) -> str:
        return value if self.size < 7 else super().writes_json(value, source)

    def writes_text(self, value: str, source: Source) -> str:
        return f"{{{value}}}" if self.size < 7 else super().writes_text(value, source)

    def from_json(self, data: Any, level: int) -> Any:
        return integer_from_json(data)


class Scaled(Mapped):
    """Whole units that the wire counts in multiples of `unit` (lifetimes in 4 seconds)."""

    may_fail = False

    def __init__(self, subcon: Any, unit: int) -> None:
        super().__init__(subcon)
        self.unit = unit

    def decode_value(self, wire: Any) -> Any:
        return wire * self.unit

    def encode_value(self, value: Any) -> Any:
        if not isinstance(value, int) or value % self.unit:
            raise EncodeError(f"{short(value)} is not a multiple of {self.unit}")
        return value // self.unit

    def load(self, raw: list[str], source: Source) -> str:
        return f"{self.sub.load(raw, source)} * {self.unit}"

    def store(self, value: str, source: Source) -> list[str]:
        return self.sub.store(f"({value} // {self.unit})", source)

    def guard(self, value: str, source: Source) -> None:
        source.fail(
            f"{value} % {self.unit}",
            f"{source.bind(EncodeError, 'EncodeError')}('not a multiple of {self.unit}')",
        )

    def writes_text(self, value: str, source: Source) -> str:
        return self.sub.writes_text(value, source)

    def from_json(self, data: Any, level: int) -> Any:
        return integer_from_json(data)


class _NamedTexts(dict[int, str]):
    """Number -> JSON text; that of a number without a name is made anew each time."""

    def __init__(self, element: OpenEnum) -> None:
        super().__init__({n: json_text(element.to_json(n, 1)) for n in element.table})

    def __missing__(self, number: int) -> str:
        return f'{{"value":{number},"name":null}}'


class OpenEnum(Mapped):
    """A member of `members` where the number has a name, else the plain number."""

    may_fail = False

    def __init__(self, subcon: Any, members: type[enum.IntEnum]) -> None:
        super().__init__(subcon)
        self.members = members
        self.table: dict[int, enum.IntEnum] = {int(m): m for m in members}
        self.names = {int(m): m.name for m in members}

    def decode_value(self, wire: Any) -> Any:
        return self.table.get(wire, wire)

    def encode_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            raise EncodeError(f"{short(value)} is neither a {self.members.__name__} nor a number")
        return int(value)

    def load(self, raw: list[str], source: Source) -> str:
        wire = self.sub.load(raw, source)
        return f"{source.bind(self.table.get, self.members.__name__)}({wire}, {wire})"

    def store(self, value: str, source: Source) -> list[str]:
        return self.sub.store(value, source)

    def show(self, value: Any) -> str:
        known = self.table.get(value)
        return f"{int(value)}" if known is None else f"{int(value)} {known.name}"

    def to_json(self, value: Any, level: int) -> Any:
        known = self.table.get(value)
        return {"value": integer_to_json(value), "name": None if known is None else known.name}

    def writes_json(self, value: str, source: Source) -> str:
        if (self.bits or 8 * self.size) > 53:
            return super().writes_json(value, source)
        name = f"{source.bind(self.names.get, 'name_of')}({value})"
        return f"{{'value': {value} + 0, 'name': {name}}}"

    def writes_text(self, value: str, source: Source) -> str:
        if (self.bits or 8 * self.size) > 53:
            return super().writes_text(value, source)
        return f"{{{source.bind(_NamedTexts(self), 'named')}[{value}]}}"

    def from_json(self, data: Any, level: int) -> Any:
        number = number_from_json(data)
        return self.table.get(number, number)


class EnumMember(Integer):
    """A number that is a member of some enumeration; which one, the message knows.

    The message makes it the member in its `__post_init__`.
    """

    def show(self, value: Any) -> str:
        return f"{int(value)} {value.name}" if isinstance(value, enum.IntEnum) else str(value)

    def to_json(self, value: Any, level: int) -> Any:
        name = value.name if isinstance(value, enum.IntEnum) else None
        return {"value": integer_to_json(value), "name": name}

    def from_json(self, data: Any, level: int) -> Any:
        return number_from_json(data)
