"""The room mipv6: values of documents, rules, and the views on its options."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from mip6boot import mipv6, packets
from mip6boot.errors import DecodeError
from mip6boot.mipv6 import BindingAcknowledgementFlags as AckFlags
from mip6boot.mipv6 import BindingUpdateFlags as Flags
from mip6boot.schema.rules import FieldRule, Rule

from ..conftest import DATA

EXAMPLES = json.loads((DATA / "own_mh_examples.json").read_text())
HOME, CARE_OF = IPv6Address("2001:db8:100::1000:1"), IPv6Address("2001:db8:200::2")
AGENT = IPv6Address("2001:db8:100::1")


@pytest.mark.parametrize("name", EXAMPLES["mobility_headers"])
def test_worked_examples(name: str) -> None:
    octets = bytes.fromhex(EXAMPLES["mobility_headers"][name])
    message = mipv6.decode(octets)
    assert message.encode() == octets
    ends = (AGENT, HOME) if name in ("BA", "BRI") else (HOME, AGENT)
    assert mipv6.with_checksum(message.replace(checksum=0), *ends) == message
    assert mipv6.check(message) == []
    packet = packets.decode_packet(bytes.fromhex(EXAMPLES["packets"][name]), packets.LinkType.IPV6)
    assert packet.layers[-1] == message
    assert set(packet.checksums.values()) == {"good"}
    assert packet.build() == packet


def test_a_wrong_checksum_is_kept() -> None:
    octets = bytearray(bytes.fromhex(EXAMPLES["mobility_headers"]["BU"]))
    octets[4:6] = b"\xde\xad"
    assert mipv6.decode(bytes(octets)).checksum == 0xDEAD


def test_bit_0x0040_has_two_names() -> None:
    assert Flags["O"] is Flags["B"]


def test_the_length_of_option_21_does_not_count_the_spi() -> None:
    option = mipv6.BindingAuthorizationDataForFmip(1, bytes(12))
    octets = mipv6.BindingUpdate(1, options=(option,)).encode()
    assert octets[12:14] == b"\x15\x0c"


def test_unknown_types() -> None:
    message = mipv6.decode(bytes.fromhex("3b00630012340000"))
    assert isinstance(message, mipv6.UnknownMobilityHeader)
    assert (message.registry_code, message.mh_type, message.data) == (99, 99, b"\0\0")
    other = mipv6.decode(bytes.fromhex("3b00100012340900"))
    assert isinstance(other, mipv6.UnknownMobilityHeader)
    assert other.registry_code == 16


def test_views() -> None:
    assert mipv6.ImsiIdentifier.of("123456123456789").octets.hex() == "123456123456789f"
    assert mipv6.ImsiIdentifier(bytes.fromhex("123456123456789f")).digits == "123456123456789"
    assert mipv6.ImsiIdentifier(b"\xab").digits is None
    with pytest.raises(ValueError, match="15 decimal digits"):
        mipv6.ImsiIdentifier.of("12345612345678901")
    halves = mipv6.MessageIdentifier((3_913_056_000 << 32) | 1 << 31)
    assert halves.time == datetime(2024, 1, 1, 0, 0, 0, 500_000, UTC)
    assert mipv6.Timestamp(1_704_067_200 << 16 | 1 << 15).time == halves.time
    assert mipv6.Timestamp((1 << 64) - 1).time is None
    assert mipv6.TransientBinding(lifetime_100ms=15).lifetime == timedelta(seconds=1.5)
    place = mipv6.GeoLocation(0x1A0000, 0xF30000)
    assert (place.latitude, place.longitude) == (Fraction(52), Fraction(-26))
    gateway = mipv6.MagIdentifier(1, identifier=b"mag@net")
    assert gateway.identity == mipv6.NaiIdentifier("mag@net")
    with pytest.raises(DecodeError):
        _ = mipv6.MagIdentifier(5, identifier=b"short").identity
    flows = mipv6.QosTrafficSelector(ts_format=1, reserved=9, traffic_selector=bytes(4))
    assert flows.selector == mipv6.Ipv4TrafficSelector(reserved=9)


def test_from_dict() -> None:
    update = mipv6.BindingUpdate(7, options=(mipv6.NonceIndices(1, 2),))
    assert (
        mipv6.from_dict(update.to_dict())
        == update
        == mipv6.BindingUpdate.from_dict(update.to_dict())
    )
    flags = update.replace(flags=Flags.A | Flags.H).to_dict()["flags"]
    assert flags == {"value": 0xC000, "name": "A|H"}
    unknown = mipv6.BindingAcknowledgement(status=77).to_dict()["status"]
    assert unknown == {"value": 77, "name": None}


# -- rules ------------------------------------------------------------------------------------------------
def broken(message: mipv6.MobilityHeader) -> list[str]:
    return [str(violation) for violation in mipv6.check(message)]


CARE_OF_OPTION = mipv6.AlternateCareOfAddress(CARE_OF)
AUTHORIZATION = mipv6.BindingAuthorizationData(bytes(12))
HOME_UPDATE = mipv6.BindingUpdate(
    1, flags=Flags.A | Flags.H, lifetime=600, options=(CARE_OF_OPTION,)
)
PROXY_UPDATE = mipv6.BindingUpdate(
    1,
    flags=Flags.A | Flags.H | Flags.P,
    options=(
        mipv6.MobileNodeIdentifier(mipv6.NaiIdentifier("mn@net")),
        mipv6.HomeNetworkPrefix(prefix_length=64, prefix=HOME),
        mipv6.HandoffIndicatorOption(handoff_indicator=1),
        mipv6.AccessTechnologyTypeOption(access_technology_type=4),
    ),
)


@pytest.mark.parametrize("message", [HOME_UPDATE, PROXY_UPDATE])
def test_legal_messages(message: mipv6.MobilityHeader) -> None:
    assert broken(message) == []


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            HOME_UPDATE.replace(payload_proto=58),
            "payload_proto: 58 is not allowed (RFC 6275 6.1.1)",
        ),
        (
            HOME_UPDATE.replace(options=(CARE_OF_OPTION, CARE_OF_OPTION)),
            "options[1](AlternateCareOfAddress): 2 AlternateCareOfAddress, at most 1 allowed"
            " (RFC 6275 6.2.5)",
        ),
        (
            mipv6.BindingUpdate(1, options=(AUTHORIZATION, mipv6.NonceIndices(1, 2))),
            "options[0](BindingAuthorizationData): BindingAuthorizationData in the wrong place"
            " (RFC 6275 6.2.7)",
        ),
        (
            mipv6.BindingUpdate(1, options=(AUTHORIZATION,)),
            "message: 0 NonceIndices, at least 1 needed (RFC 6275 6.2.6)",
        ),
        (
            PROXY_UPDATE.replace(options=PROXY_UPDATE.options[1:]),
            "message: 0 MobileNodeIdentifier, at least 1 needed (RFC 5213 6.9.1.5)",
        ),
        (
            mipv6.BindingAcknowledgement(
                flags=AckFlags(0),
                options=(mipv6.Redirect(flags=mipv6.RedirectFlags(0), address=IPv4Address(1)),),
            ),
            "options[0](Redirect).flags: 0 is not allowed (RFC 6463 4.2)",
        ),
        (
            mipv6.BindingRevocationIndication(1, 1, flags=mipv6.BindingRevocationFlags.G),
            "trigger: 1 is not allowed (RFC 5846 5.1)",
        ),
    ],
)
def test_broken_rules(message: mipv6.MobilityHeader, text: str) -> None:
    assert text in broken(message)


def test_rules_are_data() -> None:
    assert len(mipv6.RULES) > 60
    for row in mipv6.RULES:
        assert isinstance(row, (Rule, FieldRule))
        assert row.section[0].isdigit()
        if isinstance(row, FieldRule):
            assert row.field in row.container.__struct_fields__
        values: list[Any] = [getattr(row, name) for name in row.__struct_fields__]
        assert not any(callable(value) and not isinstance(value, type) for value in values)


@pytest.mark.parametrize(("flags", "legal"), [(0xC000, True), (0xF000, True), (0x8000, False)])
def test_flags_of_a_fast_binding_update(flags: int, legal: bool) -> None:
    update = mipv6.FastBindingUpdate(
        1,
        flags=mipv6.FastBindingUpdateFlags(flags),
        options=(mipv6.BindingAuthorizationDataForFmip(1, bytes(12)),),
    )
    assert (mipv6.check(update) == []) is legal
