"""Elements for IKEv2, DHCPv6 and EAP: chains, headed lists, marks, sizes in front, padding."""

from __future__ import annotations

import enum
import random
from ipaddress import IPv6Address
from typing import Annotated, ClassVar

import pytest

from mip6boot.errors import DecodeError, EncodeError
from mip6boot.schema import (
    BitLengthOf,
    Bits,
    Chain,
    Chunk,
    Code,
    CountOf,
    DomainName,
    FirstOf,
    FrameLength,
    FromNext,
    FromRegistry,
    Inet6,
    Int8ub,
    Int16ub,
    IsShort,
    Items,
    Malformed,
    Message,
    Octets,
    OneOf,
    Optional,
    OptionList,
    PadTo,
    Registry,
    RegistryCode,
    ShortOrLong,
    Sized,
    Substructures,
    Text,
    UInt8,
    UInt16,
    Unknown,
    WireNames,
    decode_elements,
    encode_elements,
    explain,
    interpret,
)

from ..mutation import mutated, samples


class Link(Message, kw_only=True):
    critical: Annotated[bool, Bits(1)] = False
    reserved: Annotated[int, Bits(7)] = 0
    payload_length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=-1)]]


LINKS: Registry[Link] = Registry(Link, "link", code=Int8ub, length=Int16ub, chained=True)
LINKS.split(41, at=3, code=Int8ub)
Links = Annotated[tuple[Link, ...], Chain(LINKS)]


@LINKS.unknown
class OtherLink(Link, Unknown):
    registry_code: RegistryCode
    data: Octets = b""


@LINKS.register(40)
class Random(Link):
    data: Octets = b""


@LINKS.register(41)
class Note(Link):
    note_type: UInt8
    data: Octets = b""


@LINKS.register(41, 7)
class Seven(Link):
    note_type: ClassVar[Annotated[int, Code(Int8ub, level=1)]]
    number: UInt16 = 0


@LINKS.register(46)
class Sealed(Link):
    first_payload: Annotated[int, FromNext()] = 0
    octets: Octets = b""


class Envelope(Message, kw_only=True):
    next_payload: ClassVar[Annotated[int, FirstOf("payloads", Int8ub)]]
    payloads: Links = ()


class Part(Message, kw_only=True):
    reserved: UInt8 = 0
    length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=-1)]]
    short: ClassVar[Annotated[int, IsShort("value", Bits(1))]]
    kind: Annotated[int, Bits(15)] = 14
    value: Annotated[int | bytes, ShortOrLong()] = 0


class Parts(Message, kw_only=True):
    number: ClassVar[Annotated[int, CountOf("parts", Int8ub)]]
    parts: Annotated[tuple[Part, ...], Substructures(Part, more=3)] = ()
    more_parts: Annotated[tuple[Part, ...], Substructures(Part, more=2)] = ()


class Spis(Message, kw_only=True):
    spi_size: UInt8 = 4
    count: ClassVar[Annotated[int, CountOf("spis", Int16ub)]]
    spis: Annotated[tuple[bytes, ...], Items(Chunk("spi_size"))] = ()


class Attribute(Message, kw_only=True):
    reserved: Annotated[bool, Bits(1)] = False
    attribute_type: ClassVar[Annotated[int, Code(Bits(15))]]
    length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=4)]]


ATTRIBUTES: Registry[Attribute] = Registry(
    Attribute, "attribute", code=Int16ub, code_mask=0x7FFF, length=Int16ub, headed=True
)


class Names(enum.IntEnum):
    NINE = 9


@ATTRIBUTES.unknown
class OtherAttribute(Attribute, Unknown):
    registry_code: Annotated[int, FromRegistry(Names)]
    data: Octets = b""


class Prefix(Message):
    address: Annotated[IPv6Address, Inet6]
    prefix_length: UInt8


@ATTRIBUTES.register(8)
class Address(Attribute):
    value: Annotated[Prefix | None, Optional(Prefix)] = None


class Configuration(Message, kw_only=True):
    attributes: Annotated[tuple[Attribute, ...], OptionList(ATTRIBUTES)] = ()


class Range(Message, kw_only=True):
    range_type: ClassVar[Annotated[int, Code(Int8ub)]]
    length: ClassVar[Annotated[int, FrameLength(Int8ub)]]


RANGES: Registry[Range] = Registry(Range, "range", code=Int8ub)


@RANGES.unknown
class OtherRange(Range, Unknown):
    registry_code: RegistryCode
    data: Octets = b""


@RANGES.register(1)
class NumberRange(Range):
    first: UInt16
    last: UInt16 = 0


class Ranges(Message, kw_only=True):
    count: ClassVar[Annotated[int, CountOf("ranges", Int8ub)]]
    ranges: Annotated[tuple[Range, ...], Items(OneOf(RANGES, framed=True))] = ()
    rest: Octets = b""


class Words(Message, kw_only=True):
    words: Annotated[tuple[str, ...], Items(Sized(Int16ub, Text))] = ()


class Padded(Message, kw_only=True):
    bits: ClassVar[Annotated[int, BitLengthOf("data", Int16ub)]]
    title: Annotated[bytes, Sized(Int8ub)] = b""
    data: Octets = b""
    padding: Annotated[bytes, PadTo(4, before=2)] = b""


class Named(Message, kw_only=True):
    names: WireNames = ()


CLASSES = [Envelope, Parts, Spis, Configuration, Ranges, Words, Padded, Named]


@pytest.mark.parametrize("cls", CLASSES)
def test_compiled_is_interpreted(cls: type[Message]) -> None:
    rng = random.Random(cls.__name__)
    seeds = samples(cls, 40)
    accepted = 0
    for _ in range(1500):
        octets = mutated(rng.choice(seeds), rng)
        for lenient in (False, True):
            outcomes: list[Message | None] = []
            for read in (cls.decode, lambda o, lenient, c=cls: interpret(c, o, lenient=lenient)):
                try:
                    outcomes.append(read(octets, lenient=lenient))
                except DecodeError as e:
                    assert e.offset is None or 0 <= e.offset <= len(octets)
                    outcomes.append(None)
            compiled, interpreted = outcomes
            assert compiled == interpreted, octets.hex()
            if compiled is not None:
                accepted += 1
                assert compiled.encode() == octets == cls.schema.octets(interpreted)
                assert cls.from_dict(compiled.to_dict()) == compiled
                rows = [row for row in explain(cls, octets) if row.mask is None]
                assert b"".join(row.octets for row in rows) == octets
    assert accepted > 100


CHAIN = Envelope(payloads=(Random(data=b"ab"), Seven(number=5), Note(note_type=8, data=b"x")))
OCTETS = bytes.fromhex("282900 0006 61622900 0007 07 00050000 0006 08 78")


def test_a_chain() -> None:
    assert CHAIN.encode() == OCTETS
    assert Envelope.decode(OCTETS) == CHAIN
    assert (CHAIN.next_payload, Envelope().next_payload) == (40, 0)
    sealed = CHAIN.replace(payloads=(Random(critical=True), Sealed(first_payload=35, octets=b"?")))
    assert sealed.encode().hex() == "28" + "2e800004" + "230000053f"
    assert Envelope.decode(sealed.encode()) == sealed


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("280000 0004 00", "payloads: 1 octets left over behind the last element"),
        ("282900 0004", "payloads[1]: link 41 is announced, and no octets are left"),
        ("282900 0005", "payloads[0].payload_length: says 5 octets, 4 left (octet 3)"),
        ("280000 0003", "payloads[0].payload_length: says 3 octets, 4 left"),
        ("290000 0006 07 00", "payloads[0](Seven).number: needs 2 octets, 1 left (octet 6)"),
        ("290000 0004", "payloads[0]: needs 1 octets, 0 left (octet 5)"),
        ("2e2300 00040000 0004", "payloads[1]: 4 octets left over"),
        ("280000", "payloads[0]: needs 4 octets, 2 left (octet 1)"),
    ],
)
def test_broken_chains(octets: str, error: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Envelope.decode(bytes.fromhex(octets))
    assert error.partition(": ")[2] in str(caught.value)
    kept = Envelope.decode(bytes.fromhex(octets), lenient=True)
    assert any(isinstance(payload, Malformed) for payload in kept.payloads)
    assert kept.encode() == bytes.fromhex(octets)


def test_what_a_chain_refuses_to_write() -> None:
    with pytest.raises(EncodeError, match=r"payloads\[0\]\(Sealed\): a Sealed ends the chain"):
        Envelope(payloads=(Sealed(), Random())).encode()
    with pytest.raises(EncodeError, match=r"payloads\[0\]\(Sealed\): 256 does not fit"):
        Envelope(payloads=(Sealed(first_payload=256),)).encode()


def test_elements_without_a_message() -> None:
    element = Chain(LINKS)
    assert decode_elements(element, OCTETS[1:], first=40) == CHAIN.payloads
    assert encode_elements(element, CHAIN.payloads) == OCTETS[1:]
    with pytest.raises(DecodeError, match=r"\[1\]\(Seven\): 7 octets|\[0\]\(Random\)|\[3\]"):
        decode_elements(element, OCTETS[1:] + b"\0", first=40)
    with pytest.raises(EncodeError, match=r"\[0\]\(OtherLink\).data"):
        encode_elements(element, (OtherLink(registry_code=9, data="no"),))  # type: ignore[arg-type]
    attributes = (Address(value=Prefix(IPv6Address("2001:db8::1"), 64)), Address())
    octets = encode_elements(OptionList(ATTRIBUTES), attributes)
    assert octets.hex() == "0008001120010db8" + "0" * 23 + "14000080000"
    assert decode_elements(OptionList(ATTRIBUTES), octets) == attributes
    assert decode_elements(OptionList(ATTRIBUTES), b"") == ()


def test_a_header_with_a_bit_more_than_the_code() -> None:
    octets = bytes.fromhex("8008000080090001ff00080001ff")
    kept = Configuration.decode(octets, lenient=True)
    address, other, malformed = kept.attributes
    assert address == Address(reserved=True)
    assert other == OtherAttribute(reserved=True, registry_code=9, data=b"\xff")
    assert other.to_dict()["registry_code"] == {"value": 9, "name": "NINE"}
    assert "registry_code: 9 NINE" in str(other)
    assert isinstance(malformed, Malformed)
    assert (malformed.registry_code, malformed.octets.hex()) == (8, "00080001ff")
    assert kept.encode() == octets


def test_marks() -> None:
    parts = Parts(parts=(Part(value=256), Part(kind=18, value=b"abc")), more_parts=(Part(),))
    octets = bytes.fromhex("0203 00 0008 800e 010000 00 000b 0012 0003 61626300 00 0008 800e 0000")
    assert parts.encode() == octets
    assert Parts.decode(octets) == parts
    with pytest.raises(DecodeError, match=r"parts\[0\].more: 2 instead of 3 \(octet 1\)"):
        Parts.decode(octets[:1] + b"\2" + octets[2:])
    assert parts.encode({"parts[0].more": 2}) == octets[:1] + b"\2" + octets[2:]
    with pytest.raises(EncodeError, match="neither a number nor a string"):
        Part(value="text").encode()  # type: ignore[arg-type]


def test_padding_is_canonical_or_kept() -> None:
    message = Padded(title=b"a", data=b"b")
    assert message.encode().hex() == "000801616200"
    odd = bytes.fromhex("0008016162ff")
    assert Padded.decode(odd).padding == b"\xff"
    assert Padded.decode(odd).encode() == odd
    with pytest.raises(DecodeError, match="1 octets of padding are missing"):
        Padded.decode(odd[:-1])
    with pytest.raises(DecodeError, match="bits: 7 bits are no whole octets"):
        Padded.decode(bytes.fromhex("0007016162ff"))


def test_names_one_behind_the_other() -> None:
    octets = bytes.fromhex("0161016200000163")
    names = Named.decode(octets).names
    assert [str(name) for name in names] == ["a.b", ".", "c..."]
    with pytest.raises(EncodeError, match="a partial domain name before another one"):
        Named(names=(DomainName((b"a",), complete=False), DomainName((b"b",)))).encode()
