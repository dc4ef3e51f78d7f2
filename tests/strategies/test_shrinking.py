"""What fails is shrunk to the one element that matters, with the smallest values."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from mip6boot import dhcpv6, mipv6, strategies
from mip6boot.schema import walk

NOWHERE = IPv6Address("::")
#: Both kinds of objects shrink well: whatever encodes, and what is legal.
MAKERS = [strategies.messages, strategies.legal_messages]


def smallest(strategy: st.SearchStrategy[Any], wanted: Callable[[Any], Any]) -> Any:
    limits = settings(
        derandomize=True, database=None, deadline=None, max_examples=2000,
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    return find(strategy, wanted, settings=limits)


@pytest.mark.parametrize("make", MAKERS)
def test_a_binding_update_with_one_option(make: Any) -> None:
    found = smallest(
        make(mipv6.BindingUpdate), lambda update: update.find(mipv6.AlternateCareOfAddress)
    )
    assert found.options == (mipv6.AlternateCareOfAddress(NOWHERE),)
    assert (found.sequence, found.flags, found.lifetime) == (0, 0, 0)


@pytest.mark.parametrize("make", MAKERS)
def test_a_binding_update_with_the_smallest_value_that_fails(make: Any) -> None:
    found = smallest(
        make(mipv6.BindingUpdate),
        lambda update: any(one.bid > 1000 for one in update.find_all(mipv6.BindingIdentifier)),
    )
    assert found.options == (mipv6.BindingIdentifier(bid=1001),)


def test_a_binding_update_with_one_length_that_lies() -> None:
    # One of a proxy must have four options, so flags are fixed.
    plain = st.just(mipv6.BindingUpdateFlags(0))
    found = smallest(
        strategies.near_legal_messages(mipv6.BindingUpdate, flags=plain),
        lambda broken: broken.path.startswith("options[") and broken.path.endswith(").length"),
    )
    assert found.path == "options[0](AlternateCareOfAddress).length"
    assert found.octets == bytes.fromhex("3b03050000000000000000000100030f") + bytes(16)


def test_a_relay_message_with_one_option() -> None:
    found = smallest(
        strategies.messages(dhcpv6.RelayForward), lambda relay: relay.find(dhcpv6.InterfaceId)
    )
    assert found == dhcpv6.RelayForward(
        link_address=NOWHERE, peer_address=NOWHERE, options=(dhcpv6.InterfaceId(b""),)
    )


def test_a_legal_relay_message_with_one_option_more_than_it_must_have() -> None:
    found = smallest(
        strategies.legal_messages(dhcpv6.RelayForward), lambda relay: relay.find(dhcpv6.InterfaceId)
    )
    relayed, option = sorted(found.options, key=lambda one: isinstance(one, dhcpv6.InterfaceId))
    assert option == dhcpv6.InterfaceId(b"")
    assert isinstance(relayed, dhcpv6.RelayMessage)
    assert len(list(walk(relayed.message))) <= 5
