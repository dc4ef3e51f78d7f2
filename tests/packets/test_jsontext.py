"""The JSON form as text is the JSON form."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mip6boot import dhcpv6, ikev2, mipv6, packets, strategies
from mip6boot.packets.jsontext import json_text, layer_text, message_text
from mip6boot.packets.layers import layer_to_dict
from mip6boot.schema import DomainName, Message, walk
from mip6boot.schema.remembered import Remembered

from ..registered import classes
from .frames import FRAMES, comes_back

NAMES = sorted({cls.__name__: cls for cls in classes()}.items())


def same(message: Message) -> None:
    for _ in range(2):
        assert json.loads(message_text(message)) == json.loads(
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
        for layer in comes_back(octets[:end]).layers:
            assert layer_text(layer) == msgspec.json.encode(layer_to_dict(layer)).decode()


def test_what_is_malformed() -> None:
    octets = bytes.fromhex("3b0105000000002ac0000096030200ff")
    message = mipv6.decode(octets, lenient=True)
    assert any(isinstance(element, mipv6.OPTIONS.malformed) for _, element in walk(message))
    same(message)


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
        assert f'"{name}"' in message_text(dhcpv6.HomeNetworkIdFqdn(fqdn=name))


@given(st.integers(0, 65535))
def test_numbers_without_names(number: int) -> None:
    same(ikev2.Transform(transform_type=number % 256, transform_id=number))


def test_a_class_whose_name_is_no_identifier() -> None:
    cls: Any = msgspec.defstruct("It's {1}", [], bases=(mipv6.MobilityOption,), frozen=True)
    mipv6.OPTIONS.child().register(250)(cls)
    assert json.loads(message_text(cls())) == {"type": "It's {1}"}
    assert json.loads(layer_text(cls()))["message"] == {"type": "It's {1}"}


def test_json_text() -> None:
    assert json_text({"a": (1, None, "ü")}) == '{"a":[1,null,"ü"]}'
    assert packets.protocol_of(comes_back(b"").layers[0]) == "ethernet"
