"""Nearly legal messages have exactly one thing wrong, and it is what they say it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mip6boot import dhcpv6, diameter, eap, ikev2, mipv6, strategies
from mip6boot.errors import DecodeError
from mip6boot.schema import Message, Unaligned, explain
from mip6boot.schema.octetmap import plain_path
from mip6boot.schema.rules import Before, FieldRule, Rule
from mip6boot.strategies.grades.lies import Lie, Misalignment

from .grades import CLASSES, EXAMPLES, decode, room_of


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{room_of(cls).__name__}.{cls.__name__}")
def test_one_thing_is_wrong(cls: type[Message]) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(strategies.near_legal_messages(cls))
    def near_legal(broken: strategies.NearLegal) -> None:
        assert str(broken).startswith(broken.path or "message")
        if isinstance(broken.rule, Lie):
            _has_one_lie(cls, broken)
        elif isinstance(broken.rule, Misalignment):
            _has_one_misalignment(cls, broken)
        else:
            _breaks_one_row(cls, broken)

    near_legal()


def _breaks_one_row(cls: type[Message], broken: strategies.NearLegal) -> None:
    message = decode(cls, broken.octets)
    found = room_of(cls).check(message)
    row = broken.rule
    if row in room_of(cls).RULES:
        assert {violation.rule for violation in found} == {row}
        assert broken.path in [violation.path for violation in found]
    else:  # A reserved field that no row speaks of.
        assert found == []
        assert isinstance(row, FieldRule)
        assert broken.path.endswith(row.field)


def _has_one_lie(cls: type[Message], broken: strategies.NearLegal) -> None:
    """With the right number in its place the message is legal."""
    legal = []
    for octets in _corrected(broken):
        try:
            message = decode(cls, octets)
        except DecodeError:
            continue
        if not room_of(cls).check(message):
            legal.append({row.path for row in explain(type(message), octets)})
    assert any(broken.path in paths for paths in legal)
    try:
        message = decode(cls, broken.octets)
    except DecodeError:
        return
    assert room_of(cls).check(message)


def _corrected(broken: strategies.NearLegal) -> Iterator[bytes]:
    """The octets with the right number in the place of the one that lies, whatever its size."""
    lie = broken.rule
    assert isinstance(lie, Lie)
    octets, at = broken.octets, lie.offset
    for size, shift in [(1, n) for n in range(8)] + [(2, 0), (3, 0), (4, 0)]:
        word = int.from_bytes(octets[at : at + size], "big")
        right = word ^ (lie.says ^ lie.right) << shift
        if right >> 8 * size == 0:
            yield octets[:at] + right.to_bytes(size, "big") + octets[at + size :]


def _has_one_misalignment(cls: type[Message], broken: strategies.NearLegal) -> None:
    message = decode(cls, broken.octets)
    assert room_of(cls).check(message) == []
    rule = broken.rule
    assert isinstance(rule, Misalignment)
    assert any(isinstance(element, Unaligned) for element in message.find_all(Message))
    (start,) = [
        row.offset
        for row in explain(type(message), broken.octets)
        if plain_path(row.path) == f"{broken.path}.type"
    ]
    assert start % rule.modulus != rule.remainder % rule.modulus


WANTED: dict[str, tuple[Any, Callable[[strategies.NearLegal], bool]]] = {
    "a length that lies": (
        mipv6.BindingUpdate, lambda b: isinstance(b.rule, Lie) and b.rule.field == "header_len"),
    "a length that lies inside": (
        dhcpv6.RelayForward, lambda b: isinstance(b.rule, Lie) and b.rule.field == "length"),
    "a wrong next payload": (
        ikev2.IkeMessage, lambda b: isinstance(b.rule, Lie) and b.rule.field == "next_payload"),
    "a missing mandatory option": (
        dhcpv6.Solicit, lambda b: isinstance(b.rule, Rule)
        and b.rule.element is dhcpv6.ClientIdentifier and "at least 1" in b.reason),
    "a duplicate": (
        mipv6.BindingUpdate, lambda b: isinstance(b.rule, Rule)
        and b.rule.element is mipv6.AlternateCareOfAddress and "at most 1" in b.reason),
    "an option in the wrong place": (
        diameter.SessionTerminationRequest, lambda b: "in the wrong place" in b.reason),
    "an option behind one that it has to precede": (
        mipv6.BindingUpdate, lambda b: isinstance(b.rule, Rule)
        and isinstance(b.rule.position, Before) and "in the wrong place" in b.reason),
    "a missing option of a proxy": (
        mipv6.BindingUpdate, lambda b: isinstance(b.rule, Rule)
        and b.rule.element is mipv6.HandoffIndicatorOption and "at least 1" in b.reason),
    "a size that follows from what is there": (
        eap.AkaResponse, lambda b: isinstance(b.rule, FieldRule) and b.rule.field == "res_length"),
    "padding that is not zero": (
        eap.AkaResponse, lambda b: isinstance(b.rule, FieldRule) and b.rule.field == "padding"),
    "a number that is too small by one": (
        mipv6.FlowBindingIndication,
        lambda b: isinstance(b.rule, FieldRule) and b.rule.field == "fid"),
    "flags that want other fields": (
        mipv6.BindingAcknowledgement, lambda b: isinstance(b.rule, FieldRule)
        and b.rule.container is mipv6.Redirect),
    "a bad alignment": (
        mipv6.BindingUpdate, lambda b: isinstance(b.rule, Misalignment)
        and b.rule.element is mipv6.AlternateCareOfAddress),
    "a reserved bit": (
        diameter.DiameterMessage, lambda b: b.path.endswith("reserved")
        and isinstance(b.rule, FieldRule) and b.rule.field == "reserved"),
    "a value that is not allowed": (
        mipv6.BindingUpdate, lambda b: b.path == "payload_proto"),
}  # fmt: skip


@pytest.mark.parametrize("wanted", WANTED)
def test_each_kind_comes(wanted: str) -> None:
    cls, condition = WANTED[wanted]
    made = strategies.samples(strategies.near_legal_messages(cls), 6000, seed=1)
    assert any(condition(broken) for broken in made)
