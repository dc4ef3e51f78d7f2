"""`st.from_type` of declared classes, by the entry point that Hypothesis loads."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import mipv6, strategies
from mip6boot.schema import Int8ub, Message, Octets


@given(st.from_type(mipv6.BindingUpdate))
def test_a_class(message: mipv6.BindingUpdate) -> None:
    assert type(message) is mipv6.BindingUpdate
    assert mipv6.decode(message.encode()) == message


@given(st.from_type(mipv6.MobilityHeader))
def test_a_base(message: mipv6.MobilityHeader) -> None:
    assert type(message) is not mipv6.MobilityHeader
    assert mipv6.decode(message.encode()) == message


def test_a_class_of_ones_own() -> None:
    class Greeting(Message):
        number: Annotated[int, Int8ub]
        text: Octets = b""

    @given(st.from_type(Greeting))
    def comes_back(greeting: Greeting) -> None:
        assert 0 <= greeting.number < 256
        assert Greeting.decode(greeting.encode()) == greeting

    comes_back()


def test_what_did_not_parse_is_no_declared_class() -> None:
    with pytest.raises(TypeError, match="is not a declared message class"):
        strategies.messages(mipv6.OPTIONS.malformed)


def test_nothing_is_imported_before_it_is_needed() -> None:
    """Hypothesis loads every entry point, in every project in whose environment the package is."""
    code = "import hypothesis, sys; print(*(m for m in sys.modules if m.startswith('mip6boot')))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "mip6boot.strategies.registering" in loaded
    assert "mip6boot.schema" not in loaded
