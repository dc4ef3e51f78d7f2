"""The JSON form as text is the JSON form."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mip6boot import dhcpv6, ikev2, mipv6, packets, strategies
from mip6boot.packets.jsontext import errors_to_json, json_text, layer_text, packet_text
from mip6boot.packets.layers import layer_to_dict
from mip6boot.schema import (
    DomainName,
    Duid,
    Int8ub,
    Items,
    Mapped,
    Message,
    Sized,
    Text,
    json_text_of,
    walk,
)
from mip6boot.schema.jsontext import Texts
from mip6boot.schema.remembered import Remembered

from ..registered import classes
from .frames import FRAMES, comes_back

NAMES = sorted({cls.__name__: cls for cls in classes()}.items())


def same(message: Message) -> None:
    for _ in range(2):
        assert json.loads(json_text_of(message)) == json.loads(
            msgspec.json.encode(message.to_dict())
        )


@pytest.mark.parametrize("cls", [cls for _, cls in NAMES], ids=[name for name, _ in NAMES])
def test_every_class(cls: Any) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(strategies.messages(cls))
    def check(message: Message) -> None:
        same(message)

    check()


@pytest.mark.parametrize("name", FRAMES)
def test_every_layer(name: str) -> None:
    octets = bytes.fromhex(FRAMES[name][0])
    for end in (len(octets), len(octets) - 1):
        packet = comes_back(octets[:end])
        for layer in packet.layers:
            assert layer_text(layer) == msgspec.json.encode(layer_to_dict(layer)).decode()
        errors = errors_to_json(packet.errors)
        whole = msgspec.json.encode({**packet.to_dict(), "errors": errors}).decode()
        assert f"{{{packet_text(packet)}}}" == whole


def test_what_is_malformed() -> None:
    octets = bytes.fromhex("3b0105000000002ac0000096030200ff")
    message = mipv6.decode(octets, lenient=True)
    bad = [element for _, element in walk(message) if isinstance(element, mipv6.OPTIONS.malformed)]
    assert bad
    same(message)
    assert json.loads(layer_text(bad[0]))["message"] == bad[0].to_dict()


@pytest.mark.parametrize(
    "text", ['a"b', "a\\b", "a\x00\x1f\x7f", "\u00fc\u20ac\U0001f600", "a\udcff"]
)
def test_texts(text: str) -> None:
    same(dhcpv6.StatusCodeOption(status_code=1, status_message=text))


def test_names() -> None:
    for labels in ((b"a.b",), (b"\xff\x00", b'"'), ()):
        for complete in (True, False):
            if labels or complete:
                same(dhcpv6.HomeNetworkIdFqdn(fqdn=DomainName(labels, complete)))


def test_more_values_than_are_remembered() -> None:
    """A value whose text was forgotten is written anew, and never takes another one's text."""
    for number in range(2 * Remembered.limit + 10):
        name = DomainName((b"%d" % number,), True)
        assert f'"{name}"' in json_text_of(dhcpv6.HomeNetworkIdFqdn(fqdn=name))


@given(st.integers(0, 65535))
def test_numbers_without_names(number: int) -> None:
    same(ikev2.Transform(transform_type=number % 256, transform_id=number))


def test_a_class_whose_name_is_no_identifier() -> None:
    cls: Any = msgspec.defstruct("It's {1}", [], bases=(mipv6.MobilityOption,), frozen=True)
    mipv6.OPTIONS.child().register(250)(cls)
    assert json.loads(json_text_of(cls())) == {"type": "It's {1}"}
    assert json.loads(layer_text(cls()))["message"] == {"type": "It's {1}"}


class Halves(Mapped):
    """An element of one's own, with a JSON form and no text."""

    def decode_value(self, wire: int) -> float:
        return wire / 2

    def encode_value(self, value: float) -> int:
        return int(value * 2)

    def to_json(self, value: float, level: int) -> Any:
        return {"half": value}


class Shouted(type(Text)):  # type: ignore[misc]
    """An element derived from one that has a text, with another JSON form."""

    def to_json(self, value: str, level: int) -> Any:
        return value.upper()


class Lined(Halves):
    """An element whose text needs a line."""

    def writes_text(self, value: str, source: Any) -> str:
        local = source.local("half")
        source(f"{local} = {value}")
        return f'{{{{"half":{{{local}}}}}}}'


class Own(Message):
    half: Annotated[float, Halves(Int8ub)]
    lined: Annotated[float, Lined(Int8ub)]
    name: Annotated[str, Sized(Int8ub, Shouted())]
    more: Annotated[tuple[float, ...], Items(Lined(Int8ub))] = ()


def test_elements_of_ones_own() -> None:
    own = Own(0.5, 1.0, "ab", (1.5, 2.0))
    same(own)
    assert Own.decode(own.encode()) == own
    text = '{"type":"Own","half":{"half":0.5},"lined":{"half":1.0},"name":"AB",'
    assert json_text_of(own) == text + '"more":[{"half":1.5},{"half":2.0}]}'


def test_long_texts_are_not_kept() -> None:
    made: list[Duid] = []

    def write(duid: Duid) -> str:
        made.append(duid)
        return f'"{duid}"'

    texts = Texts(write)
    short, long = Duid(1, b"x"), Duid(1, bytes(texts.longest))
    for duid in (short, long):
        assert texts.get(id(duid)) is None
        assert texts.of(duid) == f'"{duid}"'
    assert (id(short) in texts, id(long) in texts) == (True, False)


def test_json_text() -> None:
    assert json_text({"a": (1, None, "ü")}) == '{"a":[1,null,"ü"]}'
    assert packets.protocol_of(comes_back(b"").layers[0]) == "ethernet"
