"""Registries whose elements have a second code, and lists that fill their elements up."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest

from mip6boot.errors import DecodeError, EncodeError
from mip6boot.schema import (
    Bits,
    Code,
    Const,
    FrameLength,
    FromRegistry,
    GreedyBytes,
    Int8ub,
    Int16ub,
    LengthOf,
    Malformed,
    Message,
    Octets,
    OptionList,
    PadTo,
    Registry,
    SecondCode,
    UInt8,
    UInt16,
    Unknown,
    explain,
    interpret,
)


# -- what the tests play with: code (2), flags (1), length of all (1), perhaps a maker (2), value, padding --
class Part(Message):
    pass


PARTS: Registry[Part] = Registry(
    Part,
    "part",
    code=Int16ub,
    length=Int16ub,
    length_mask=0xFF,
    length_rule=(1, -4),
    multiple=4,
    headed=True,
    second=SecondCode(flag_at=2, flag=0x80, at=4, size=2),
)
Parts = Annotated[tuple[Part, ...], OptionList(PARTS)]


class PlainPart(Part, kw_only=True):
    code: ClassVar[Annotated[int, Code(Int16ub)]]
    made: ClassVar[Annotated[int, Const(Bits(1), 0)]]
    reserved: Annotated[int, Bits(7)] = 0
    length: ClassVar[Annotated[int, LengthOf("value", Int8ub, bias=-4)]]
    value: Annotated[Any, GreedyBytes]
    padding: Annotated[bytes, PadTo(4, exact=True)] = b""


class MadePart(Part, kw_only=True):
    code: ClassVar[Annotated[int, Code(Int16ub)]]
    made: ClassVar[Annotated[int, Const(Bits(1), 1)]]
    reserved: Annotated[int, Bits(7)] = 0
    length: ClassVar[Annotated[int, LengthOf("value", Int8ub, bias=-6)]]
    maker: ClassVar[Annotated[int, Code(Int16ub, level=1)]]
    value: Annotated[Any, GreedyBytes]
    padding: Annotated[bytes, PadTo(4, exact=True)] = b""


@PARTS.unknown_with(None)
class UnknownPart(PlainPart, Unknown, kw_only=True):
    registry_code: Annotated[int, FromRegistry()]


@PARTS.unknown
class UnknownMadePart(Part, Unknown, kw_only=True):
    code: ClassVar[Annotated[int, Code(Int16ub)]]
    made: ClassVar[Annotated[int, Const(Bits(1), 1)]]
    reserved: Annotated[int, Bits(7)] = 0
    length: ClassVar[Annotated[int, LengthOf("value", Int8ub, bias=-6)]]
    registry_code: Annotated[int, FromRegistry()]
    maker: UInt16
    value: Octets = b""
    padding: Annotated[bytes, PadTo(4, exact=True)] = b""


@PARTS.register(1)
class Wheel(PlainPart):
    value: UInt16


@PARTS.register(1, 7)
class Gear(MadePart):
    value: UInt16


@PARTS.register(2)
class Frame(PlainPart):
    value: Parts


class Machine(Message, kw_only=True):
    size: ClassVar[Annotated[int, FrameLength(Int8ub)]]
    is_new: ClassVar[Annotated[int, Code(Bits(1), level=1)]]
    reserved: Annotated[int, Bits(7)] = 0
    kind: ClassVar[Annotated[int, Code(Int8ub)]]
    level: UInt8 = 0
    parts: Parts = ()


MACHINES: Registry[Machine] = Registry(
    Machine, "machine", code=Int8ub, at=2, second=SecondCode(flag_at=1, flag=0x80)
)


@MACHINES.register(5, 0)
class OldMill(Machine):
    pass


@MACHINES.register(5, 1)
class NewMill(Machine):
    pass


@MACHINES.unknown_with(1)
class UnknownNewMachine(Machine, Unknown, kw_only=True):
    is_new: ClassVar[Annotated[int, Const(Bits(1), 1)]]
    registry_code: Annotated[int, FromRegistry()]


def both(cls: Any, octets: str, *, lenient: bool = False) -> Any:
    """What the compiled and the interpreted form agree on."""
    raw = bytes.fromhex(octets)
    found = cls.decode(raw, lenient=lenient)
    assert interpret(type(found), raw, lenient=lenient) == found
    assert found.encode() == raw == type(found).schema.octets(found)
    return found


def refused(octets: str) -> DecodeError:
    """The error of both forms."""
    raw = bytes.fromhex(octets)
    with pytest.raises(DecodeError) as compiled:
        NewMill.decode(raw)
    with pytest.raises(DecodeError) as interpreted:
        interpret(NewMill, raw)
    assert str(compiled.value) == str(interpreted.value)
    return compiled.value


# -- two codes --------------------------------------------------------------------------------------------
def test_the_second_code_tells_classes_apart() -> None:
    mill = both(MACHINES, "14 80 05 00" + "0001 00 06 0102 0000" + "0001 80 08 0007 0102")
    assert mill == NewMill(parts=(Wheel(value=258), Gear(value=258)))
    assert both(MACHINES, "04 00 05 00") == OldMill()
    assert both(MACHINES, "04 a5 05 00") == NewMill(reserved=0x25)


def test_what_nobody_registered() -> None:
    unknown = ("0003 00 05 ff 000000", "0001 80 08 0008 0102", "0003 80 06 0007 0000")
    mill = both(MACHINES, "1c 80 05 00" + "".join(unknown))
    assert mill.parts == (
        UnknownPart(registry_code=3, value=b"\xff"),
        UnknownMadePart(registry_code=1, maker=8, value=b"\1\2"),
        UnknownMadePart(registry_code=3, maker=7),
    )
    assert both(MACHINES, "04 80 06 00") == UnknownNewMachine(registry_code=6)
    with pytest.raises(DecodeError, match=r"machine .* is not known"):
        MACHINES.decode(bytes.fromhex("04 00 06 00"))


def test_a_second_class_for_both_codes_is_refused() -> None:
    def again(*codes: int) -> None:
        @PARTS.register(*codes)
        class Another(MadePart):
            value: UInt16

    for codes in ((1,), (1, 7)):
        with pytest.raises((ValueError, TypeError), match="part"):
            again(*codes)
    again(1, 9)
    assert {1, 2} <= PARTS.codes()


def test_a_child_has_classes_of_its_own() -> None:
    mine = PARTS.child()

    @mine.register(1, 8)
    class Belt(MadePart):
        value: UInt8

    @mine.register(9)
    class Nail(PlainPart):
        value: UInt8

    mill = NewMill(parts=(Frame(value=(Belt(value=1), Gear(value=2))), Nail(value=3)))
    octets = mill.encode()
    assert MACHINES.decode(octets, registry=mine) == mill
    assert NewMill.decode(octets, registry=mine) == mill
    assert interpret(NewMill, octets, overlay=mine) == mill
    plain = NewMill.decode(octets)
    assert plain.find(UnknownMadePart) == UnknownMadePart(registry_code=1, maker=8, value=b"\1")
    assert plain.find(UnknownPart) == UnknownPart(registry_code=9, value=b"\3")
    assert plain.find(Gear) == Gear(value=2)
    assert plain.encode() == octets


def test_a_class_registered_late_is_found() -> None:
    octets = bytes.fromhex("0c 80 05 00 0004 80 07 0003 ff 00")
    assert type(NewMill.decode(octets).parts[0]) is UnknownMadePart

    @PARTS.register(4, 3)
    class Late(MadePart):
        value: UInt8

    assert NewMill.decode(octets).parts == (Late(value=255),)


# -- lengths, and what fills up ---------------------------------------------------------------------------
def test_other_padding_is_kept() -> None:
    mill = both(NewMill, "0c 80 05 00 0001 00 06 0102 a500")
    assert mill.parts == (Wheel(value=258, padding=b"\xa5\0"),)
    assert both(NewMill, "0c 80 05 00 0001 00 06 0102 0000").parts == (Wheel(value=258),)
    for padding in (b"\1", b"\0\0\1", bytes(5) + b"\1"):
        with pytest.raises(EncodeError):
            NewMill(parts=(Wheel(value=258, padding=padding),)).encode()


@pytest.mark.parametrize(
    ("octets", "path", "offset"),
    [
        ("0c 80 05 00 0001 00 05 0102 0000", "parts[0](Wheel).value", 8),
        ("0c 80 05 00 0001 00 07 0102 0000", "parts[0](Wheel).value", 10),
        ("0c 80 05 00 0001 00 09 0102 0000", "parts[0].length", 6),
        ("08 80 05 00 0001 00 03", "parts[0](Wheel).value", 8),
        ("0a 80 05 00 0001 00 06 0102", "parts[0].length", 6),
        ("06 80 05 00 0001", "parts[0]", 4),
        ("0c 80 05 00 0001 80 05 0007 0000", "parts[0](Gear).value", 10),
        ("08 80 05 00 0001 80 04", "parts[0](UnknownMadePart).maker", 8),
    ],
    ids=["short", "long", "fence", "header", "not filled up", "cut", "no value", "no maker"],
)
def test_lengths_that_lie(octets: str, path: str, offset: int) -> None:
    error = refused(octets)
    assert (error.path, error.offset) == (path, offset)
    [part] = both(NewMill, octets, lenient=True).parts
    assert isinstance(part, Malformed)
    assert part.registry_code == 1
    assert part.octets == bytes.fromhex(octets)[4:]


def test_a_bad_element_costs_itself_alone() -> None:
    octets = "18 80 05 00 0001 80 09 0007 0102 03 000000 0001 80 08 0007 0102"
    mill = both(NewMill, octets, lenient=True)
    assert isinstance(mill.parts[0], Malformed)
    assert mill.parts[1:] == (Gear(value=258),)


# -- the map, and what is wrong on purpose ----------------------------------------------------------------
def test_the_map_covers_every_octet_once() -> None:
    inside = "0001 80 08 0007 0102" + "0001 00 06 0102 a5a5"
    octets = bytes.fromhex(
        "2c 80 05 00" + "0002 00 14" + inside + "0001 00 05 0102 0000" + "0003 ff 07 0009 aa 01"
        + "0001 00 ff"
    )  # fmt: skip
    rows = [row for row in explain(NewMill, octets) if row.mask is None]
    assert b"".join(row.octets for row in rows) == octets
    assert [row.offset for row in rows] == sorted({row.offset for row in rows})
    paths = {row.path: row.octets.hex() for row in rows}
    assert paths["parts[0](Frame).value[0](Gear).maker"] == "0007"
    assert paths["parts[0](Frame).value[1](Wheel).padding"] == "a5a5"
    assert paths["parts[1](MalformedPart).octets"] == "0001000501020000"
    assert paths["parts[2](UnknownMadePart).maker"] == "0009"
    assert paths["parts[3](MalformedPart).octets"] == "000100ff"


def test_overrides() -> None:
    mill = NewMill(parts=(Wheel(value=258), Frame(value=(Gear(value=1),))))
    octets = mill.encode(overrides={"parts[1].value[0].maker": 8, "parts[0].length": 4})
    wanted = "18 80 05 00 0001 00 04 0102 0000 0002 00 0c 0001 80 08 0008 0001"
    assert octets == bytes.fromhex(wanted)
    again = mill.encode(overrides={"parts[0].made": 1, "is_new": 0})
    wanted = "18 00 05 00 0001 80 06 0102 0000 0002 00 0c 0001 80 08 0007 0001"
    assert again == bytes.fromhex(wanted)
    assert type(MACHINES.decode(again)) is OldMill
    with pytest.raises(EncodeError):
        mill.encode(overrides={"parts[0].maker": 1})
