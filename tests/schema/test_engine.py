"""The engine by small declarations of its own: every kind of element, every kind of refusal."""

from __future__ import annotations

import copy
import enum
import pickle
import threading
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, ClassVar

import construct
import pytest

from mip6boot import diameter
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.schema import (
    MAX_LEVEL,
    Bits,
    ByLength,
    Code,
    CountOf,
    Flags,
    FrameLength,
    Inet4,
    Inet6,
    Int8ub,
    Int16ub,
    Items,
    LengthOf,
    Message,
    Nested,
    Octets,
    OneOf,
    OpenEnum,
    OptionList,
    Registry,
    RegistryCode,
    Scaled,
    UInt8,
    UInt16,
    UInt24,
    UInt64,
    Unknown,
    Utf8,
    When,
    diff,
    explain,
    interpret,
    walk,
)
from mip6boot.schema.compiler.codec import Family
from mip6boot.schema.compiler.decode import DecodeWriter


class Option(Message):
    """Base of the options."""


OPTIONS: Registry[Option] = Registry(
    Option, "test option", code=Int8ub, length=Int8ub, pad1=0, padn=1
)
OptionTuple = Annotated[tuple[Option, ...], OptionList(OPTIONS)]


@OPTIONS.unknown
class UnknownOption(Option, Unknown):
    registry_code: RegistryCode
    data: Octets = b""


@OPTIONS.register(0)
class Pad1(Option):
    pass


@OPTIONS.register(1)
class PadN(Option):
    data: Octets = b""


@OPTIONS.register(2, align=(4, 2), rfc="9999 1")
class Number(Option):
    value: UInt16


@OPTIONS.register(3)
class Box(Option):
    options: OptionTuple = ()


@OPTIONS.register(4, align=lambda o: (8, 0) if o.text else (1, 0))
class Word(Option):
    text: Utf8


class Container(Message, kw_only=True):
    kind: ClassVar[Annotated[int, Code(Int8ub)]]
    size: ClassVar[Annotated[int, FrameLength(Int8ub)]]
    serial: UInt16 = 0
    options: OptionTuple = ()


CONTAINERS: Registry[Container] = Registry(Container, "test message", code=Int8ub)


@CONTAINERS.register(7)
class Parcel(Container, kw_only=True):
    pass


def both(cls: Any, octets: bytes, *, lenient: bool = False) -> Any:
    """The message, by both forms, which have to agree."""
    compiled = cls.decode(octets, lenient=lenient)
    assert compiled == interpret(cls, octets, lenient=lenient)
    assert compiled.encode() == octets == cls.schema.octets(compiled)
    return compiled


# -- padding and alignment ----------------------------------------------------------------------
def test_canonical_padding_is_dropped_and_put_back() -> None:
    parcel = Parcel(options=(Number(5), Number(6)))
    octets = parcel.encode()
    assert octets.hex() == "070e0000" + "0100" + "02020005" + "02020006"
    assert both(Parcel, octets) == parcel


def test_other_padding_is_listed() -> None:
    octets = bytes.fromhex("070a0000" + "0000" + "02020005")
    assert both(Parcel, octets).options == (Pad1(), Pad1(), Number(5))


def test_a_misaligned_option_gets_a_mark() -> None:
    octets = bytes.fromhex("07080000" + "02020005")
    parcel = both(Parcel, octets)
    assert parcel.options == (OPTIONS.unaligned(), Number(5))
    assert Parcel.from_dict(parcel.to_dict()) == parcel
    assert pickle.loads(pickle.dumps(parcel)) == parcel


def test_alignment_may_depend_on_the_object() -> None:
    parcel = Parcel(options=(Word("hi"), Word("")))
    assert parcel.encode().hex() == "070e0000" + "01020000" + "04026869" + "0400"
    assert both(Parcel, parcel.encode()) == parcel


@pytest.mark.parametrize("option", ["0202 0005", "0402 6869", "0400"])
@pytest.mark.parametrize("pads", ["", "00", "0100", "0000", "000000", "01020000"])
def test_the_map_counts_as_the_list_does(option: str, pads: str) -> None:
    """Listed padding and marks have places, also before an option whose place hangs on its content."""
    rest = bytes.fromhex(f"0000 {pads} {option}")
    octets = bytes((7, 2 + len(rest))) + rest
    options = both(Parcel, octets).options
    (index,) = [i for i, one in enumerate(options) if isinstance(one, (Number, Word))]
    place = f"options[{index}]({type(options[index]).__name__}).type"
    assert place in [row.path for row in explain(Parcel, octets)]


# -- lenient decoding -------------------------------------------------------------------------------
def test_a_bad_option_costs_itself_alone() -> None:
    octets = bytes.fromhex("070d0000" + "0201aa" + "0300" + "0402" + "6869")
    with pytest.raises(DecodeError) as caught:
        Parcel.decode(octets)
    assert (caught.value.path, caught.value.offset) == ("options[1](Number).value", 6)
    bad, box = both(Parcel, octets, lenient=True).options[:2]
    assert (bad.registry_code, bad.octets, bad.path, bad.offset) == (2, b"\2\1\xaa", "value", 6)
    assert box == Box()


def test_an_option_over_the_fence_takes_the_rest() -> None:
    octets = bytes.fromhex("07080000" + "0440" + "6869")
    parcel = both(Parcel, octets, lenient=True)
    (bad,) = parcel.options
    assert (bad.declared_length, bad.octets) == (64, octets[4:])
    assert Parcel.from_dict(parcel.to_dict()) == parcel
    copied = copy.deepcopy(parcel)
    assert copied == parcel
    assert copied.options[0].reason == "says 64 octets, 2 left"


def test_malformed_compare_by_code_and_octets() -> None:
    kind = OPTIONS.malformed
    assert kind(2, b"\2\0", reason="one") == kind(2, b"\2\0", reason="another")
    assert hash(kind(2, b"\2\0", reason="one")) == hash(kind(2, b"\2\0"))
    assert kind(2, b"\2\0") != kind(3, b"\3\0")


def test_the_fixed_part_must_parse() -> None:
    with pytest.raises(DecodeError):
        Parcel.decode(b"\x07\x05\0", lenient=True)


# -- nesting ------------------------------------------------------------------------------------------
def nested(levels: int) -> Box:
    box = Box()
    for _ in range(levels - 1):
        box = Box((box,))
    return box


def test_levels_are_capped_in_every_direction() -> None:
    deepest, deeper = nested(MAX_LEVEL), nested(MAX_LEVEL + 1)
    octets = deepest.encode()
    assert both(Box, octets) == deepest
    assert Box.from_dict(deepest.to_dict()) == deepest
    for refused in (deeper.encode, deeper.to_dict):
        with pytest.raises(EncodeError, match="nested deeper than 40"):
            refused()
    one_more = b"\3" + bytes((len(octets),)) + octets
    with pytest.raises(DecodeError, match="nested deeper than 40"):
        Box.decode(one_more)
    with pytest.raises(DecodeError, match="nested deeper than 40"):
        interpret(Box, one_more)
    data: dict[str, Any] = {"type": "Box", "options": [deepest.to_dict()]}
    with pytest.raises(DecodeError, match="nested deeper than 40"):
        Box.from_dict(data)


def test_a_cycle_is_an_error() -> None:
    items: list[Any] = []
    box = Box(items)  # type: ignore[arg-type]
    items.append(box)
    with pytest.raises(EncodeError, match="nested deeper than 40"):
        box.encode()


# -- elements -----------------------------------------------------------------------------------------
class Colour(enum.IntFlag):
    RED = 0x8000
    BLUE = 0x4000


class Shape(enum.IntEnum):
    ROUND = 1


class Everything(Message, kw_only=True):
    colours: Annotated[Colour, Flags(2, Colour)] = Colour(0)
    hot: Annotated[bool, Bits(1)] = False
    level: Annotated[int, Bits(13)] = 0
    shape: Annotated[Shape | int, OpenEnum(Int8ub, Shape)] = Shape.ROUND
    seconds: Annotated[int, Scaled(Int16ub, 4)] = 0
    wide: UInt24 = 0
    count: ClassVar[Annotated[int, CountOf("addresses", Int8ub)]]
    length: ClassVar[Annotated[int, LengthOf("name", Int8ub)]]
    addresses: Annotated[tuple[IPv4Address, ...], Items(Inet4)] = ()
    name: Utf8 = ""
    extra: Annotated[int | None, When("colours", Colour.BLUE, Int16ub)] = None
    last: Annotated[IPv4Address | IPv6Address | None, ByLength({0: None, 4: Inet4, 16: Inet6})] = (
        None
    )


FULL = Everything(
    colours=Colour.BLUE,
    hot=True,
    level=0x123,
    shape=9,
    seconds=40,
    wide=0x010203,
    addresses=(IPv4Address("192.0.2.1"),),
    name="é",
    extra=0xABCD,
    last=IPv6Address("::1"),
)


def test_every_element_in_one_message() -> None:
    octets = FULL.encode()
    assert octets.hex() == "612309000a0102030102c0000201c3a9abcd" + "0" * 31 + "1"
    assert both(Everything, octets) == FULL
    assert Everything.from_dict(FULL.to_dict()) == FULL
    assert (FULL.count, FULL.length) == (1, 2)
    assert "colours: BLUE" in str(FULL)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"level": 1 << 13}, "level"),
        ({"level": -1}, "level"),
        ({"colours": 1, "extra": None}, "colours"),
        ({"shape": 256}, "shape"),
        ({"shape": "x"}, "shape"),
        ({"seconds": 3}, "seconds"),
        ({"seconds": 4 << 16}, "seconds"),
        ({"wide": 1 << 24}, "wide"),
        ({"addresses": (IPv6Address("::1"),)}, "addresses[0]"),
        ({"addresses": 5}, "addresses"),
        ({"addresses": (IPv4Address(0),) * 256}, "count"),
        ({"name": b"octets"}, "name"),
        ({"name": "x" * 256}, "length"),
        ({"extra": None}, "extra"),
        ({"colours": Colour(0)}, "extra"),
        ({"last": "::1"}, "last"),
    ],
)
def test_values_that_do_not_fit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(EncodeError) as caught:
        FULL.replace(**changes).encode()
    assert caught.value.path == path
    assert caught.value.offset is None


def test_a_value_of_a_wrong_type_has_no_json_form() -> None:
    with pytest.raises(EncodeError) as caught:
        FULL.replace(addresses=("192.0.2.1",)).to_dict()
    assert caught.value.path == "addresses[0]"


def test_errors_are_short_and_travel() -> None:
    with pytest.raises(EncodeError) as caught:
        FULL.replace(last=b"secret" * 100).encode()
    assert b"secret".hex() * 4 not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    error = DecodeError("reason", "a.b", 7)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (again.reason, again.path, again.offset) == ("reason", "a.b", 7)
    assert str(error) == "a.b: reason (octet 7)"


def test_text_and_numbers_in_json() -> None:
    class Odd(Message):
        number: UInt64
        text: Utf8

    odd = Odd(1 << 60, b"\xff".decode("utf-8", "surrogateescape"))
    assert odd.to_dict() == {"type": "Odd", "number": str(1 << 60), "text": {"hex": "ff"}}
    assert Odd.from_dict(odd.to_dict()) == odd


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"type": "Parcel", "serial": "x"}, "serial"),
        ({"type": "Parcel", "serial": True}, "serial"),
        ({"type": "Parcel", "nothing": 1}, "nothing"),
        ({"type": "Parcel", "two\nlines \ud800": 1}, r"two\nlines \ud800"),
        ({"type": "Number"}, "type"),
        ({"type": "Parcel", "options": {}}, "options"),
        ({"type": "Parcel", "options": [{"type": "Nothing"}]}, "options[0].type"),
        ({"type": "Parcel", "options": [{"type": "Number"}]}, "options[0].value"),
        ({"type": "Parcel", "options": [5]}, "options[0]"),
        ({"type": "Parcel", "options": [{"type": "PadN", "data": "zz"}]}, "options[0].data"),
        ({"type": "Parcel", "options": [{"type": "MalformedOption"}]}, "options[0].registry_code"),
        (5, ""),
    ],
)
def test_json_that_is_no_message(data: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        CONTAINERS.from_dict(data) if isinstance(data, dict) and data["type"] != "Number" else (
            Parcel.from_dict(data)
        )
    assert caught.value.path == path


def test_a_zone_is_no_address() -> None:
    """It stands nowhere on the wire (RFC 4007 11), so that the octets would be another address's."""
    with pytest.raises(DecodeError, match="last: "):
        Everything.from_dict(FULL.to_dict() | {"last": "fe80::1%2"})
    avp = diameter.HostIpAddress(value=IPv6Address("fe80::1"))
    with pytest.raises(DecodeError, match="value: 'fe80::1%2' where an address is expected"):
        diameter.HostIpAddress.from_dict(avp.to_dict() | {"value": "fe80::1%2"})


# -- overrides and the octet map ------------------------------------------------------------------------
def test_overrides_write_what_is_asked() -> None:
    parcel = Parcel(options=(Number(5),))
    assert parcel.encode(overrides={"size": 0}).hex() == "07000000010002020005"
    wrong = parcel.encode(overrides={"options[0].length": 9, "kind": 8})
    assert wrong.hex() == "080a0000010002090005"
    with pytest.raises(DecodeError) as caught:
        Parcel.decode(parcel.encode(overrides={"options[0](Number).length": 9}))
    assert caught.value.path == "options[0].length"
    for path, number in (("nothing", 1), ("size", 256), ("size", -1)):
        with pytest.raises(EncodeError):
            parcel.encode(overrides={path: number})


def test_a_bit_field_can_be_overridden() -> None:
    assert FULL.encode(overrides={"level": 1})[:2].hex() == "6001"


def test_the_map_covers_every_octet_once() -> None:
    octets = bytes.fromhex(
        "07150000" + "0000" + "02020005" + "0201aa" + "0300" + "0440" + "68690000"
    )
    rows = explain(Parcel, octets)
    whole = [row for row in rows if row.mask is None]
    assert b"".join(row.octets for row in whole) == octets
    assert [row.offset for row in whole] == sorted(row.offset for row in whole)
    assert any(row.rfc == "9999 1" for row in rows)
    assert any("malformed" in row.meaning for row in rows)


def test_the_map_of_what_does_not_parse_says_why() -> None:
    rows = explain(Parcel, b"\x07\x09\0")
    assert rows[-1].path == "undecoded"
    assert "says 9 octets" in rows[-1].meaning


# -- objects -----------------------------------------------------------------------------------------------
def test_objects_are_values() -> None:
    parcel = Parcel(serial=3, options=(Number(5),))
    assert parcel == pickle.loads(pickle.dumps(parcel)) == copy.deepcopy(parcel)
    assert hash(parcel) == hash(copy.copy(parcel))
    assert parcel.replace(serial=4) != parcel
    assert bytes(parcel) == parcel.encode()
    with pytest.raises(AttributeError):
        parcel.serial = 4  # type: ignore[misc]
    match parcel:
        case Parcel(options=(Number(value=value),)):
            assert value == 5
    assert (parcel.size, parcel.kind, parcel.registry_code) == (10, 7, 7)


def test_searching_and_comparing() -> None:
    parcel = Parcel(options=(Box((Number(1), Box((Number(2),)))), Number(3)))
    assert [number.value for number in parcel.find_all(Number)] == [1, 2, 3]
    assert parcel.find(Word) is None
    paths = [path for path, _ in walk(parcel)]
    assert paths[3] == "options[0](Box).options[1](Box)"
    other = Parcel(options=(Box((Number(1), Box((Number(9),)))), Word("x"), Pad1()))
    assert diff(parcel, other) == [
        "options[0](Box).options[1](Box).options[0](Number).value",
        "options[1]",
        "options[2]",
    ]


def test_subclasses() -> None:
    class Labelled(Parcel, kw_only=True):
        @property
        def label(self) -> str:
            return f"parcel {self.serial}"

        def encode(self, overrides: Any = None) -> bytes:
            return super().encode(overrides)

    class More(Labelled, kw_only=True):
        pass

    more = More(serial=2)
    assert more.label == "parcel 2"
    assert more.encode() == Parcel(serial=2).encode()
    assert type(More.decode(more.encode())) is More


def test_prefix() -> None:
    octets = Parcel(serial=1).encode()
    assert Parcel.decode_prefix(octets + b"rest") == (Parcel(serial=1), b"rest")
    assert Parcel.decode(bytearray(octets)) == Parcel.decode(memoryview(octets))
    with pytest.raises(TypeError):
        Parcel.decode(5)  # type: ignore[arg-type]


# -- registries -----------------------------------------------------------------------------------------
def test_a_second_class_for_a_code_is_refused() -> None:
    with pytest.raises(ValueError, match=r"test option 2 is .*Number already"):

        @OPTIONS.register(2)
        class Another(Option):
            pass


def test_a_child_registry_is_seen_by_its_user_alone() -> None:
    mine = OPTIONS.child()

    @mine.register(9)
    class Nine(Option):
        value: UInt8

    parcel = Parcel(options=(Box((Nine(1),)),))
    octets = parcel.encode()
    assert Parcel.decode(octets, registry=mine) == parcel
    assert CONTAINERS.decode(octets, registry=mine) == parcel
    assert Parcel.decode(octets).find(UnknownOption) == UnknownOption(9, b"\1")
    assert interpret(Parcel, octets, overlay=mine) == parcel

    @mine.register(10)
    class Ten(Option):
        pass

    assert Parcel.decode(Parcel(options=(Ten(),)).encode(), registry=mine).find(Ten) == Ten()


def test_a_class_registered_late_is_found() -> None:
    registry: Registry[Late]

    class Late(Message):
        pass

    registry = Registry(Late, "late option", code=Int8ub, length=Int8ub)

    @registry.unknown
    class UnknownLate(Late, Unknown):
        registry_code: RegistryCode
        data: Octets = b""

    list_of = Annotated[tuple[Late, ...], OptionList(registry)]
    holder = type("Holder", (Message,), {"__annotations__": {"options": list_of}})
    assert type(holder.decode(b"\5\0").options[0]) is UnknownLate  # type: ignore[attr-defined]

    @registry.register(5)
    class Five(Late):
        pass

    assert type(holder.decode(b"\5\0").options[0]) is Five  # type: ignore[attr-defined]


def test_unknown_messages_without_a_class_are_refused() -> None:
    with pytest.raises(DecodeError, match="test message 8 is not known"):
        CONTAINERS.decode(b"\x08\x04\0\0")
    with pytest.raises(DecodeError, match="needs 1 octets"):
        CONTAINERS.decode(b"")


# -- declarations that cannot work ------------------------------------------------------------------------
def declared(**annotations: Any) -> Any:
    return type("Wrong", (Message,), {"__annotations__": annotations})


@pytest.mark.parametrize(
    ("annotations", "text"),
    [
        ({"a": int}, "no wire type"),
        ({"a": Octets, "b": UInt8}, "takes all octets"),
        ({"a": Annotated[int, Bits(3)], "b": UInt8}, "whole octets"),
        ({"a": Annotated[int, Bits(3)]}, "not whole octets"),
        ({"a": Annotated[int, Code(Int8ub)]}, "ClassVar"),
        ({"encode": UInt8}, "reserved"),
        (
            {"a": Annotated[Colour, Flags(3, Colour)], "b": Annotated[int, Bits(13)]},
            "names the bits",
        ),
        ({"n": ClassVar[Annotated[int, CountOf("x", Int8ub)]]}, "no later field"),
        ({"n": ClassVar[Annotated[int, CountOf("b", Int8ub)]], "b": UInt8}, "only Items"),
        ({"a": Annotated[int, construct.Int16ul]}, "network byte order"),
        ({"a": Annotated[tuple[Option, ...], OptionList(OPTIONS, multiple=8)]}, "FrameLength"),
    ],
)
def test_wrong_declarations(annotations: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError, match=text):
        declared(**annotations).decode(b"\0\0\0\0")


def test_a_class_without_code_has_none_to_write() -> None:
    with pytest.raises(EncodeError, match="not registered"):
        Container().encode()


# -- constructs of others ------------------------------------------------------------------------------
class Foreign(Message):
    size: UInt8
    text: Annotated[bytes, construct.Bytes(construct.this.size)]
    rest: Octets = b""


def test_a_foreign_construct_gets_its_context() -> None:
    assert both(Foreign, b"\2hi!") == Foreign(2, b"hi", b"!")
    with pytest.raises(DecodeError) as caught:
        Foreign.decode(b"\5hi")
    assert caught.value.path == "text"
    with pytest.raises(EncodeError):
        Foreign(2, "hi").encode()  # type: ignore[arg-type]


def test_a_foreign_construct_that_loses_octets_is_refused() -> None:
    class Lossy(Message):
        flag: Annotated[bool, construct.Flag]

    assert Lossy.decode(b"\1") == Lossy(True)
    with pytest.raises(DecodeError, match="does not give back"):
        Lossy.decode(b"\2")


def test_our_schema_inside_others() -> None:
    outer = construct.Struct("parcel" / Parcel.schema, "after" / construct.Int8ub)
    found = outer.parse(Parcel(serial=7).encode() + b"\x2a")
    assert (found.parcel, found.after) == (Parcel(serial=7), 42)
    assert (
        outer.build({"parcel": Parcel(serial=7), "after": 42})
        == Parcel(serial=7).encode() + b"\x2a"
    )


# -- nested messages -----------------------------------------------------------------------------------
class Point(Message):
    x: UInt8
    y: UInt8


class Shapes(Message):
    first: Annotated[Point, Nested(Point)]
    parcel: Annotated[Container, OneOf(CONTAINERS)]


def test_nested_and_chosen_messages() -> None:
    shapes = Shapes(Point(1, 2), Parcel(serial=3))
    assert both(Shapes, shapes.encode()) == shapes
    assert Shapes.from_dict(shapes.to_dict()) == shapes
    for octets, path in ((b"\1", "first(Point).y"), (b"\1\2\7\5\0\0", "parcel(Parcel).size")):
        with pytest.raises(DecodeError) as caught:
            Shapes.decode(octets)
        assert caught.value.path == path
        with pytest.raises(DecodeError) as caught:
            interpret(Shapes, octets)
        assert caught.value.path == path
    with pytest.raises(EncodeError) as wrong:
        Shapes(Parcel(), Parcel()).encode()  # type: ignore[arg-type]
    assert wrong.value.path == "first"


def test_first_use_by_many_threads() -> None:
    class Fresh(Message):
        number: UInt16
        options: OptionTuple = ()

    found: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        message = Fresh(5, (Number(6),))
        found.append(Fresh.decode(message.encode()) == message and message.to_dict()["number"] == 5)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_first_use_while_another_thread_writes_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Message):
        number: UInt16

    entered, leave = threading.Event(), threading.Event()
    write = DecodeWriter.write

    def slowly(writer: DecodeWriter) -> Any:
        entered.set()
        leave.wait(10)
        return write(writer)

    monkeypatch.setattr(DecodeWriter, "write", slowly)
    found: list[Any] = []
    # As the reader of a list does with its elements.
    family = Family.of(lenient=False, overlay=None)

    def work() -> None:
        found.append(family.decoder(Slow, "exact")(b"\0\5", 0, 2, 1))

    threads = [threading.Thread(target=work) for _ in range(2)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    threads[1].join(0.2)
    leave.set()
    for thread in threads:
        thread.join()
    assert found == [Slow(5), Slow(5)]


def test_flags_remember_named_bits_alone() -> None:
    class Word16(Message):
        colours: Annotated[Colour, Flags(2, Colour)]
        rest: Annotated[int, Bits(14)]

    before = len(Colour._value2member_map_)
    for word in range(1 << 16):
        assert Word16.decode(word.to_bytes(2, "big")).rest == word & 0x3FFF
    assert len(Colour._value2member_map_) <= before + 4
