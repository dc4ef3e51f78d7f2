"""Value types that lose nothing: domain names and DUIDs; and elements of one's own."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import mipv6, strategies
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.schema import (
    DomainName,
    Duid,
    Int24ub,
    Mapped,
    Message,
    UInt8,
    UInt16,
    WireDuid,
    WireName,
    interpret,
)
from mip6boot.schema.checksum import internet_checksum

NAMES = [
    ("ha1.example.net", "03686131076578616d706c65036e657400"),
    (".", "00"),
    ("host...", "04686f7374"),
    ("...", ""),
    (r"a\.b.c\\d", "03612e6203635c6400"),
    (r"sp\032ace.\000\255", "067370206163650200ff00"),
]


@pytest.mark.parametrize(("text", "digits"), NAMES)
def test_names(text: str, digits: str) -> None:
    octets = bytes.fromhex(digits)
    name = DomainName.from_wire(octets)
    assert str(name) == text
    assert DomainName.parse(text) == name
    assert name.to_wire() == octets


@given(st.binary(max_size=300))
def test_any_octets_are_a_name_or_refused(octets: bytes) -> None:
    try:
        name = DomainName.from_wire(octets)
    except DecodeError:
        return
    assert name.to_wire() == octets
    assert DomainName.parse(str(name)).to_wire() == octets


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        name = DomainName.parse(text)
    except DecodeError:
        return
    assert DomainName.parse(str(name)) == name


def test_case_does_not_count() -> None:
    assert DomainName.parse("Net") == DomainName.parse("nET")
    assert hash(DomainName.parse("Net")) == hash(DomainName.parse("nET"))
    assert DomainName.parse("net") != DomainName.parse("net...")
    assert DomainName.parse("net") != "net"
    assert DomainName.parse("Net").to_wire() == b"\3Net\0"


@pytest.mark.parametrize("text", ["a..b", ".a", "x" * 64, ".".join(["x" * 60] * 5), "\\", "\\300"])
def test_texts_that_are_no_names(text: str) -> None:
    with pytest.raises(DecodeError):
        DomainName.parse(text)


@pytest.mark.parametrize("labels", [(b"",), (b"x" * 64,), ("text",), (b"x" * 60,) * 5])
def test_labels_that_do_not_fit(labels: Any) -> None:
    with pytest.raises(EncodeError):
        DomainName(labels).to_wire()


@pytest.mark.parametrize("digits", ["00ff", "40" + "61" * 64, "0361", "c00c"])
def test_octets_that_are_no_names(digits: str) -> None:
    with pytest.raises(DecodeError):
        DomainName.from_wire(bytes.fromhex(digits))


def test_duids() -> None:
    timed = Duid.from_wire(bytes.fromhex("000100012a5b6c7d0018713042aa"))
    view = timed.link_layer_time
    assert view is not None
    assert (view.hardware_type, view.link_layer_address.hex()) == (1, "0018713042aa")
    assert view.time == datetime.fromtimestamp(946_684_800 + 0x2A5B6C7D, UTC)
    assert (timed.enterprise, timed.link_layer, timed.uuid) == (None, None, None)
    enterprise = Duid.parse("00:02:00:00:28:af:61")
    assert enterprise.enterprise == (10415, b"a")
    assert Duid.parse("00030001525400123456").link_layer == (1, bytes.fromhex("525400123456"))
    number = uuid.UUID(int=5)
    assert Duid(4, number.bytes).uuid == number
    short = [Duid(1, b"12345"), Duid(2, b"123"), Duid(3, b"1"), Duid(4, b"")]
    for duid in short:
        views = (duid.link_layer_time, duid.enterprise, duid.link_layer, duid.uuid)
        assert views == (None, None, None, None)
    assert str(Duid(4, b"")) == "00:04"
    with pytest.raises(DecodeError):
        Duid.parse("xyz")
    for wrong in (Duid(None, b"12"), Duid(1 << 16)):
        with pytest.raises(EncodeError):
            wrong.to_wire()


@given(st.binary(max_size=20))
def test_any_octets_are_a_duid(octets: bytes) -> None:
    assert Duid.from_wire(octets).to_wire() == octets
    assert Duid.parse(str(Duid.from_wire(octets))).to_wire() == octets


class Fixed12(Mapped):
    """An unsigned 24-bit fixed-point number; zero is no value."""

    def decode_value(self, wire: Any) -> Fraction:
        if not wire:
            raise ValueError("zero is no value")
        return Fraction(wire, 4096)

    def encode_value(self, value: Any) -> int:
        return int(value * 4096)


class Named(Message):
    speed: Annotated[Fraction, Fixed12(Int24ub)]
    size: UInt8 = 0
    length: UInt8 = 0
    name: WireName = DomainName(())


class Client(Message):
    serial: UInt16
    duid: WireDuid


def test_values_inside_messages() -> None:
    named = Named(Fraction(3, 2), 7, 8, DomainName.parse("ha1.net"))
    octets = named.encode()
    assert octets.hex() == "001800070803686131036e657400"
    assert Named.decode(octets) == interpret(Named, octets) == named
    assert Named.from_dict({**named.to_dict(), "speed": named.speed}) == named
    client = Client(1, Duid(3, b"\0\1abc"))
    assert Client.decode(client.encode()) == interpret(Client, client.encode()) == client
    assert Client.from_dict(client.to_dict()) == client
    assert "duid: 00:03:00:01:61:62:63" in str(client)


def test_an_element_of_ones_own_may_refuse() -> None:
    for read in (Named.decode, lambda octets: interpret(Named, octets)):
        with pytest.raises(DecodeError) as caught:
            read(bytes(6))
        assert (caught.value.reason, caught.value.path, caught.value.offset) == (
            "zero is no value",
            "speed",
            0,
        )
    for wrong in ("text", Fraction(5000)):
        with pytest.raises(EncodeError) as refused:
            Named(wrong).encode()  # type: ignore[arg-type]
        assert refused.value.path == "speed"
    for field, value in (("name", "text"), ("name", DomainName((b"",)))):
        with pytest.raises(EncodeError) as refused:
            Named(Fraction(1)).replace(**{field: value}).encode()
        assert refused.value.path == "name"
    with pytest.raises(EncodeError):
        Client(1, "text").encode()  # type: ignore[arg-type]
    for data in ({"name": 5}, {"name": "a..b"}):
        with pytest.raises(DecodeError):
            Named.from_dict({"speed": 1, **data})
    with pytest.raises(DecodeError):
        Client.from_dict({"serial": 1, "duid": "zz"})


@given(strategies.messages(Client))
def test_strategies_know_the_value_types(client: Client) -> None:
    assert Client.decode(client.encode()) == client


def test_strategies_take_fields_and_check_arguments() -> None:
    @given(strategies.messages(mipv6.BindingUpdate, sequence=st.just(7)))
    def fixed(update: mipv6.BindingUpdate) -> None:
        assert update.sequence == 7

    fixed()
    with pytest.raises(TypeError, match="no field nothing"):
        strategies.messages(mipv6.BindingUpdate, nothing=st.just(7))
    with pytest.raises(TypeError, match="not a declared message class"):
        strategies.messages(int)  # type: ignore[type-var]


def test_checksum() -> None:
    # The worked example of RFC 1071 section 3, whose sum is ddf2.
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF ^ 0xDDF2
    assert internet_checksum(b"") == 0xFFFF
    assert internet_checksum(b"\xff\xff") == 0
    assert internet_checksum(b"\x01") == internet_checksum(b"\x01\0")
