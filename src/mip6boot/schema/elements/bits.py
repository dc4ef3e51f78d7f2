"""Fields smaller than an octet: neighbours form one word, most significant bit first."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, NamedTuple

import construct as cs

from ...errors import DecodeError, EncodeError
from ..element import Element, Leaf, short
from ..jsontext import json_text
from ..remembered import Remembered
from .integers import integer_from_json, number_from_json

if TYPE_CHECKING:
    from ..compiler.source import Source
    from ..layout import Part

__all__ = ["BitGroup", "Bits", "Flags", "Member"]

_FORMATS = {8: "B", 16: "H", 32: "I", 64: "Q"}


class Bits(Leaf):
    """`bits` bits of a word as an integer, or as a bool where the field is annotated so."""

    size = 0
    fmt = ""
    #: The value keeps its place in the word, as flags do.
    in_place = False

    def __init__(self, bits: int) -> None:
        super().__init__()
        self.bits = bits

    def for_type(self, python_type: Any) -> Element:
        return _Bool() if python_type is bool else self

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        raise cs.ConstructError("bits are read by the word that they are part of", path=path)

    def writes_text(self, value: str, source: Source) -> str:
        return f"{{{value}}}"

    def from_json(self, data: Any, level: int) -> Any:
        return integer_from_json(data)


class _Bool(Bits):
    """One bit as a bool."""

    def __init__(self) -> None:
        super().__init__(1)

    def load(self, raw: list[str], source: Source) -> str:
        return f"({raw[0]} != 0)"

    def writes_text(self, value: str, source: Source) -> str:
        return f'{{"true" if {value} else "false"}}'

    def from_json(self, data: Any, level: int) -> Any:
        if isinstance(data, bool):
            return data
        raise DecodeError(f"{short(data)} where true or false is expected")


class _Combinations(dict[int, Any]):
    """Number -> flags, filled as numbers are met: at most one for each combination of bits."""

    def __init__(self, members: type[enum.IntFlag]) -> None:
        super().__init__()
        self.members = members

    def __missing__(self, number: int) -> Any:
        value = self[number] = self.members(number)
        return value


class Flags(Bits):
    """Named bits.  `members` are masks of the whole word, as the RFCs print them.

    Every one of the `bits` bits has a name, because an IntFlag remembers each unnamed combination
    it ever saw; bits without a name stand in a field of their own.
    """

    in_place = True

    def __init__(self, bits: int, members: type[enum.IntFlag]) -> None:
        super().__init__(bits)
        self.members = members
        self.named = 0
        for member in members.__members__.values():
            self.named |= member
        self.combinations = _Combinations(members)

    def load(self, raw: list[str], source: Source) -> str:
        return f"{source.bind(self.combinations, self.members.__name__)}[{raw[0]}]"

    def store(self, value: str, source: Source) -> list[str]:
        # Adding makes a plain int in C; the operators & and | of an IntFlag cost twenty times that.
        return [f"({value} + 0)"]

    def show(self, value: Any) -> str:
        return "|".join(self.names(value)) or "none"

    def names(self, value: int) -> list[str]:
        """The names of the bits that are set, first bit first; an alias is not repeated."""
        return [m.name or "" for m in self.members if m & value]

    def to_json(self, value: Any, level: int) -> Any:
        return {"value": int(value), "name": "|".join(self.names(value))}

    def writes_json(self, value: str, source: Source) -> str:
        names: Remembered[int, str] = Remembered(lambda number: "|".join(self.names(number)))
        return f"{{'value': {value} + 0, 'name': {source.bind(names, 'names')}[{value} + 0]}}"

    def writes_text(self, value: str, source: Source) -> str:
        texts: Remembered[int, str] = Remembered(
            lambda number: json_text(self.to_json(self.members(number), 1))
        )
        return f"{{{source.bind(texts, 'flags')}[{value} + 0]}}"

    def from_json(self, data: Any, level: int) -> Any:
        number = number_from_json(data)
        if number & ~self.named:
            raise DecodeError(
                f"{short(number)} has bits that {self.members.__name__} does not name"
            )
        return self.members(number)


class Member(NamedTuple):
    """One field of a word: its part of the layout, and its place in the word."""

    part: Part
    element: Any
    shift: int
    mask: int

    @property
    def in_place(self) -> bool:
        return isinstance(self.element, Flags)


class BitGroup(Leaf):
    """The word that neighbouring bit fields form."""

    def __init__(self, parts: list[Part]) -> None:
        super().__init__()
        total = sum(part.element.bits or 0 for part in parts)
        if total % 8 or total > 64 or total == 0:
            names = ", ".join(part.name for part in parts)
            raise TypeError(f"the bits of {names} are {total}, not whole octets up to 64 bits")
        self.bits, self.size = total, total // 8
        self.fmt = _FORMATS.get(total, "BH" if total == 24 else f"{self.size}s")
        self.members = []
        for part in parts:
            total -= part.element.bits or 0
            mask = (1 << (part.element.bits or 0)) - 1 << total
            self.members.append(Member(part, part.element, total, mask))
            if isinstance(part.element, Flags) and part.element.named != mask:
                raise TypeError(
                    f"{part.element.members.__name__} names the bits {part.element.named:#x},"
                    f" the field {part.name} has {mask:#x}"
                )

    # -- the interpreted form -----------------------------------------------------------------
    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        """The word as bits, cut into a dict of numbers."""
        word = int.from_bytes(cs.stream_read(stream, self.size, path), "big")
        digits = f"{word:0{self.bits}b}"
        values, at = {}, 0
        for member in self.members:
            width = member.element.bits
            number = int(digits[at : at + width], 2)
            at += width
            values[member.part.name] = self.value_of(member, number)
        return values

    @staticmethod
    def value_of(member: Member, number: int) -> Any:
        """The field's value for the number that its bits form."""
        element = member.element
        if isinstance(element, Flags):
            return element.members(number << member.shift)
        if isinstance(element, _Bool):
            return number == 1
        decode = getattr(element, "decode_value", None)
        return number if decode is None else decode(number)

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        """Put a dict of values together; every one must fit its bits."""
        digits = ""
        for member in self.members:
            name, element = member.part.name, member.element
            value = obj[name]
            if hasattr(element, "encode_value"):
                value = element.encode_value(value)
            if not isinstance(value, int):
                raise EncodeError(f"{short(value)} is not a number", name)
            number, lost = (
                divmod(int(value), 1 << member.shift) if member.in_place else (int(value), 0)
            )
            if lost or not 0 <= number < 1 << element.bits:
                raise EncodeError(f"{short(value)} does not fit in {element.bits} bits", name)
            digits += f"{number:0{element.bits}b}"
        octets = int(digits, 2).to_bytes(self.size, "big")
        cs.stream_write(stream, octets, self.size, path)
        return obj

    # -- the generated form -------------------------------------------------------------------
    def word(self, raw: list[str], source: Source) -> str:
        """Write the word as one local integer; its name."""
        if len(raw) == 1 and self.fmt[-1] != "s":
            return raw[0]
        whole = source.local("word")
        from_octets = f"int.from_bytes({raw[0]}, 'big')"
        source(f"{whole} = " + (f"{raw[0]} << 16 | {raw[1]}" if len(raw) == 2 else from_octets))
        return whole

    def piece(self, member: Member, word: str) -> str:
        """Expression for the number of one field."""
        if member.in_place:
            return f"{word} & {member.mask:#x}" if len(self.members) > 1 else word
        shifted = f"{word} >> {member.shift}" if member.shift else word
        top = member.mask >> (self.bits or 0) - 1
        low = f" & {member.mask >> member.shift:#x}"
        return f"({shifted}{'' if top and member.shift else low})"

    def join(self, values: list[str], source: Source) -> list[str]:
        """Write the range check of the fields; expressions to pack."""
        values = list(values)
        flags = [i for i, member in enumerate(self.members) if member.in_place]
        for i in flags:
            local = source.local("flags")
            source(f"{local} = {values[i]}")
            values[i] = local
        # What is too large for the topmost bits is too large for the whole word: struct refuses it.
        checked = [
            (m, v)
            for m, v in zip(self.members, values, strict=True)
            if m.in_place or self.fmt not in "BHIQ" or not m.mask >> (self.bits or 0) - 1
        ]
        if checked:
            wrong = " or ".join(
                f"{v} & {~(m.mask if m.in_place else m.mask >> m.shift)}" for m, v in checked
            )
            source.fail(wrong, f"{source.bind(EncodeError, 'EncodeError')}('bits do not fit')")
        pieces = [
            v if m.in_place or not m.shift else f"{v} << {m.shift}"
            for m, v in zip(self.members, values, strict=True)
        ]
        word = "(" + " | ".join(pieces) + ")"
        if self.fmt == "BH":
            return [f"{word} >> 16", f"{word} & 0xffff"]
        return [f"{word}.to_bytes({self.size}, 'big')" if self.fmt[-1] == "s" else word]
