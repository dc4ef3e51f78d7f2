"""Legal messages break no rule, whatever their class."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mip6boot import dhcpv6, diameter, ikev2, mipv6, strategies
from mip6boot.schema import Message

from .grades import CLASSES, EXAMPLES, decode, room_of


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{room_of(cls).__name__}.{cls.__name__}")
def test_nothing_is_broken(cls: type[Message]) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(strategies.legal_messages(cls))
    def legal(message: Message) -> None:
        assert type(message) is cls
        assert room_of(cls).check(message) == []
        assert decode(cls, message.encode()) == message

    legal()


@given(strategies.legal_messages(dhcpv6.Request))
def test_what_must_be_there_is_there(message: dhcpv6.Request) -> None:
    for needed in (dhcpv6.ClientIdentifier, dhcpv6.ServerIdentifier, dhcpv6.ElapsedTime):
        assert [type(option) for option in message.options].count(needed) == 1
    asked = message.find(dhcpv6.OptionRequest)
    assert asked is not None
    assert dhcpv6.OptionCode.SOL_MAX_RT in asked.requested_option_codes


@given(strategies.legal_messages(mipv6.BindingUpdate, sequence=st.just(7)))
def test_fields_may_be_fixed(message: mipv6.BindingUpdate) -> None:
    assert message.sequence == 7


@given(st.data())
def test_a_base_stands_for_its_classes(data: Any) -> None:
    fixed = {"transaction_id": st.just(5)}
    message = data.draw(strategies.legal_messages(dhcpv6.Dhcpv6Message, **fixed))
    assert not isinstance(message, dhcpv6.RelayAgentMessage)
    assert message.transaction_id == 5


@pytest.mark.parametrize(
    ("messages", "base"),
    [
        (strategies.dhcpv6_messages, dhcpv6.Dhcpv6Message),
        (strategies.diameter_messages, diameter.DiameterMessage),
        (strategies.ikev2_messages, ikev2.IkeMessage),
        (strategies.mobility_messages, mipv6.MobilityHeader),
    ],
)
def test_messages_of_a_protocol(messages: Any, base: Any) -> None:
    seen: set[type] = set()

    @settings(max_examples=100)
    @given(messages())
    def comes_back(message: Message) -> None:
        seen.add(type(message))
        assert isinstance(message, base)
        assert decode(base, message.encode()) == message

    comes_back()
    assert len(seen) > 5 or base is ikev2.IkeMessage


@pytest.mark.parametrize(
    "make", [strategies.messages, strategies.legal_messages, strategies.near_legal_messages,
             strategies.hostile_messages]
)  # fmt: skip
def test_wrong_arguments_are_refused_at_once(make: Any) -> None:
    with pytest.raises(TypeError, match="has no field lifespan"):
        make(mipv6.BindingUpdate, lifespan=st.just(1))
    with pytest.raises(TypeError, match=r"sequence=7 is not a strategy"):
        make(mipv6.BindingUpdate, sequence=7)
    with pytest.raises(TypeError, match="is not a declared message class"):
        make(int)
    with pytest.raises(TypeError, match="no class of Dhcpv6Message has all of the fields"):
        make(dhcpv6.Dhcpv6Message, transaction_id=st.just(1), hop_count=st.just(1))
