"""Code tables equal the facts of the registries; every number has a class or a name."""

from __future__ import annotations

import csv
import enum
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from mip6boot import mipv6

from .conftest import DATA


def facts(name: str) -> list[dict[str, str]]:
    with (DATA / "registries" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows: list[dict[str, str]]) -> dict[str, int]:
    return {row["python_name"]: int(row["value"]) for row in rows if row["value"].isdigit()}


@pytest.mark.parametrize(
    ("table", "members"),
    [
        ("binding_ack_status", mipv6.BindingStatus),
        ("handoff_indicator", mipv6.HandoffIndicator),
        ("access_technology_type", mipv6.AccessTechnologyType),
        ("mn_id_subtypes", mipv6.MnIdentifierSubtype),
    ],
)
def test_enumerations(table: str, members: type[enum.IntEnum]) -> None:
    assert numbers(facts(table)) == {m.name: int(m) for m in members}


@pytest.mark.parametrize(
    ("table", "registry", "members"),
    [
        ("binding_revocation", "trigger", mipv6.RevocationTrigger),
        ("binding_revocation", "status", mipv6.RevocationStatus),
        ("flow_binding", "status", mipv6.FlowBindingStatus),
        ("mip6_misc", "auth_subtype", mipv6.AuthenticationSubtype),
        ("mip6_misc", "dns_update_status", mipv6.DnsUpdateStatus),
        ("mip6_misc", "ipv4_ack_status", mipv6.Ipv4AddressStatus),
        ("mip6_misc", "binding_error_status", mipv6.BindingErrorStatus),
        ("mip6_misc", "upn_reason", mipv6.UpdateNotificationReason),
        ("mip6_misc", "upa_status", mipv6.UpdateNotificationStatus),
    ],
)
def test_parts_of_tables(table: str, registry: str, members: type[enum.IntEnum]) -> None:
    rows = [row for row in facts(table) if row["registry"] == registry]
    assert numbers(rows) == {m.name: int(m) for m in members}


@pytest.mark.parametrize(
    ("table", "flags"),
    [("bu_flags", mipv6.BindingUpdateFlags), ("ba_flags", mipv6.BindingAcknowledgementFlags)],
)
def test_flags(table: str, flags: type[enum.IntFlag]) -> None:
    wanted = {row["python_name"]: int(row["mask_hex"], 16) for row in facts(table)}
    assert {name: int(flag) for name, flag in flags.__members__.items()} == wanted


def test_every_message_and_option_has_a_class() -> None:
    types = {int(row["value"]) for row in facts("mobility_header_types")}
    options = {int(row["value"]) for row in facts("mobility_options")}
    assert mipv6.MESSAGES.codes() == types == set(range(24))
    assert mipv6.OPTIONS.codes() == options == set(range(71))


@pytest.mark.parametrize("row", facts("mobility_options"), ids=lambda row: row["value"])
def test_option_alignment(row: dict[str, str]) -> None:
    """The alignment of each option is what the registry's facts say, where they say one."""
    cls: Any = mipv6.OPTIONS.get(int(row["value"]))
    align, text = cls.__registration__.align, row["alignment"]
    first = row["reference"].split()[1]
    assert first in cls.__registration__.rfc
    if text in ("none", "none stated"):
        assert align == (1, 0)
    elif text[1:2] == "n" and "," not in text and "(" not in text:
        modulus, _, remainder = text.partition("n+")
        wanted = (int(modulus), int(remainder)) if remainder else (int(text[:-1]), 0)
        assert align == wanted


def test_instance_alignment() -> None:
    def at(option: Any) -> Any:
        return type(option).__registration__.align(option)

    bid = mipv6.BindingIdentifier(bid=1)
    assert at(bid) == (2, 0)
    for address in (IPv4Address("192.0.2.1"), IPv6Address("2001:db8::1")):
        assert at(bid.replace(care_of_address=address)) == (8, 2)
    for size, wanted in ((6, (2, 0)), (8, (8, 4)), (4, (4, 0)), (5, (1, 0)), (0, (1, 0))):
        assert at(mipv6.MnLinkLayerIdentifier(link_layer_identifier=bytes(size))) == wanted
        assert at(mipv6.DlifLinkLayerAddress(link_layer_address=bytes(size))) == wanted
