"""The typed messages of each interface: both ways, and what is not acceptable (RFC 6733 7)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import pytest

from mip6boot import diameter, eap
from mip6boot.diameter import Result, UnknownAvp, UnknownVendorAvp, vendor_of
from mip6boot.diameter.interfaces import (
    Answer,
    AnyAnswer,
    Group,
    HomeAgentHost,
    HomeAgentInfo,
    Record,
    Request,
    Typed,
    VendorResult,
    base,
    groups,
    s6a,
    s6b,
    session,
    sta,
    swm,
    swx,
)
from mip6boot.errors import DecodeError

MODULES = (base, session, sta, swm, s6b, swx, s6a)
TYPED: list[type[Typed]] = [getattr(module, n) for module in MODULES for n in module.__all__]
GROUPS: list[type[Group]] = [getattr(groups, name) for name in groups.__all__]
SAMPLES: dict[Any, Any] = {
    "Utf8": "text", "Octets": b"\1\2\3", "UInt32": 7, "UInt64": 2**40 + 1,
    "AnyAddress": IPv6Address("2001:db8::1"), "ApplicationId": diameter.Application.STA,
}  # fmt: skip


def sample(avp: Any) -> Any:
    """A value that the AVP may have, told by its annotation."""
    hint = str(avp.__annotations__["value"])
    if avp is diameter.EapPayload:
        return eap.IdentityResponse(3, "0001010000000001@nai")
    if avp is diameter.Mip6HomeLinkPrefix:
        return diameter.HomeLinkPrefix(64, IPv6Address("2001:db8::"))
    return SAMPLES.get(hint, 1)


def filled(cls: type[Record], *, full: bool) -> Any:
    """A record with what it must have, or with all."""
    values: dict[str, Any] = {}
    for field in cls.fields():
        if not (full or field.least):
            continue
        one = sample(field.avp) if field.group is None else filled(field.group, full=full)
        if field.name in ("failed_avps", "proxy_infos"):
            one = (diameter.OriginHost("a.example"),)
        if field.name == "auth_application_id" and issubclass(cls, Typed) and cls.APPLICATION:
            one = cls.APPLICATION
        values[field.name] = one if field.most is not None else (one,)
    return cls(**values)


def ids(found: list[Any]) -> list[str]:
    return [f"{one.__module__.rpartition('.')[2]}.{one.__name__}" for one in found]


@pytest.mark.parametrize("full", [False, True], ids=["least", "all"])
@pytest.mark.parametrize("cls", TYPED, ids=ids(TYPED))
def test_both_ways(cls: type[Typed], full: bool) -> None:
    record = filled(cls, full=full)
    message = record.message(hop_by_hop_id=1, end_to_end_id=2)
    assert type(message) is cls.MESSAGE
    if not isinstance(record, (session.Str, session.Asr, session.Rar)):
        assert message.application_id == cls.APPLICATION
    assert diameter.check(message) == []
    again = diameter.decode(message.encode())
    assert again == message
    assert cls.refusal(again) is None
    assert cls.of(again) == record


@pytest.mark.parametrize("cls", TYPED, ids=ids(TYPED))
def test_what_is_missing_or_twice(cls: type[Typed]) -> None:
    message = filled(cls, full=True).message(hop_by_hop_id=1, end_to_end_id=2)
    for field in cls.fields():
        others = tuple(avp for avp in message.avps if not isinstance(avp, field.avp))
        there = [avp for avp in message.avps if isinstance(avp, field.avp)]
        refusal = cls.refusal(message.replace(avps=others))
        if field.least:
            assert refusal is not None
            assert refusal.result == Result.DIAMETER_MISSING_AVP
            (failed,) = refusal.failed
            assert (failed.registry_code, vendor_of(failed)) == code_of(field.avp)
            assert (
                any(
                    violation.rule.element is field.avp
                    for violation in diameter.check(message.replace(avps=others))
                    if hasattr(violation.rule, "element")
                )
                or not message.application_id
            )
            with pytest.raises(DecodeError, match="is missing"):
                cls.of(message.replace(avps=others))
        else:
            assert refusal is None
        twice = cls.refusal(message.replace(avps=(*message.avps, *there)))
        if field.most == 1:
            assert twice is not None
            assert twice.result == Result.DIAMETER_AVP_OCCURS_TOO_MANY_TIMES
            assert twice.failed == (there[0],)
        else:
            assert twice is None


def code_of(avp: Any) -> tuple[int, int]:
    code, *vendor = avp.__registration__.codes
    return code, vendor[0] if vendor else 0


@pytest.mark.parametrize("cls", GROUPS, ids=ids(GROUPS))
def test_groups(cls: type[Group]) -> None:
    for full in (False, True):
        group = filled(cls, full=full)
        avp: Any = cls.AVP
        octets = diameter.DiameterEapAnswer(avps=(avp(value=group.avps()),)).encode()
        assert cls.of(diameter.decode(octets).avps[0].value) == group  # type: ignore[attr-defined]
    required = [field for field in cls.fields() if field.least]
    for field in required:
        rest = tuple(avp for avp in group.avps() if not isinstance(avp, field.avp))
        with pytest.raises(DecodeError, match="is missing"):
            cls.of(rest)


def der(**changes: Any) -> Any:
    values = {
        "session_id": "gw;1;2", "origin_host": "gw", "origin_realm": "visited",
        "destination_realm": "home", "eap_payload": eap.IdentityResponse(1, "6001"),
        "rat_type": 0, "anid": "WLAN",
    }  # fmt: skip
    return sta.Der(**{**values, **changes}).message(hop_by_hop_id=5, end_to_end_id=6)


def test_what_nobody_knows_is_refused_where_it_is_mandatory() -> None:
    message = der()
    for avp in (
        UnknownAvp(registry_code=4000, mandatory=True),
        UnknownVendorAvp(registry_code=4, vendor_id=9, mandatory=True),
    ):
        refusal = sta.Der.refusal(message.replace(avps=(*message.avps, avp)))
        assert refusal is not None
        assert (refusal.result, refusal.failed) == (Result.DIAMETER_AVP_UNSUPPORTED, (avp,))
        ignored = avp.replace(mandatory=False)
        assert sta.Der.refusal(message.replace(avps=(*message.avps, ignored))) is None


@pytest.mark.parametrize(
    ("avp", "result", "failed"),
    [
        # User-Name whose length is beyond the message, and below that of its header.
        ("00000001 40000900 61000000", "LENGTH", "00000001 40000008"),
        ("00000001 40000004", "LENGTH", "00000001 40000008"),
        # RAT-Type: three octets of value, none, and a length that its Vendor-Id does not fit in.
        ("00000408 c000000f 000028af 01020300", "LENGTH", "00000408 c000000f 000028af 01020300"),
        ("00000408 8000000c 000028af", "LENGTH", "00000408 8000000c 000028af"),
        ("00000408 c000000a 000028af", "LENGTH", "00000408 c0000010 000028af 00000000"),
        ("00000408 c0000018 000028af 00000000", "LENGTH", "00000408 c0000010 000028af 00000000"),
        # An EAP packet of one octet, and reserved bits that go with it.
        ("000001ce 4f000009 ff000000", "VALUE", "000001ce 4f000009 ff000000"),
        # A header that is not whole.
        ("0000010c", "LENGTH", "0000010c 0000000c 00000000"),
    ],
)  # fmt: skip
def test_what_does_not_parse_is_refused(avp: str, result: str, failed: str) -> None:
    """RFC 6733 7.1.5: the AVP itself; where its length lies, its header and the least value."""
    octets = der().encode() + bytes.fromhex(avp)
    octets = octets[:1] + len(octets).to_bytes(3, "big") + octets[4:]
    with pytest.raises(DecodeError):
        diameter.decode(octets)
    refusal = sta.Der.refusal(diameter.decode(octets, lenient=True))
    assert refusal is not None
    assert refusal.result.name == f"DIAMETER_INVALID_AVP_{result}"
    assert b"".join(one.encode() for one in refusal.failed) == bytes.fromhex(failed)


def test_another_message_or_application_is_none_of_it() -> None:
    refusal = sta.Der.refusal(der().replace(application_id=diameter.Application.S6B))
    assert refusal is not None
    assert refusal.result == Result.DIAMETER_APPLICATION_UNSUPPORTED
    refusal = sta.Dea.refusal(der())
    assert refusal is not None
    assert refusal.result == Result.DIAMETER_COMMAND_UNSUPPORTED


def test_a_fault_in_a_group_is_one_of_the_message() -> None:
    message = der(
        home_agents=(
            HomeAgentInfo(host=HomeAgentHost(destination_realm="r", destination_host="h")),
        )
    )
    info = message.avps[-1]
    bad = info.replace(value=(info.value[0].replace(value=info.value[0].value[:1]),))
    refusal = sta.Der.refusal(message.replace(avps=(*message.avps[:-1], bad)))
    assert refusal is not None
    assert refusal.result == Result.DIAMETER_MISSING_AVP
    assert refusal.reason == "MIP6-Agent-Info: MIP-Home-Agent-Host: Destination-Host is missing"
    missing = UnknownAvp(registry_code=293, mandatory=True)
    host = info.value[0].replace(value=(missing,))
    assert refusal.failed == (info.replace(value=(host,)),)


def test_an_example_of_what_is_missing() -> None:
    """RFC 6733 7.5: of the least size; its M bit as it should be (4.5)."""
    message = base.Cer(
        origin_host="h", origin_realm="r", host_ip_addresses=(IPv6Address("::1"),), vendor_id=0,
        product_name="p",
    ).message(hop_by_hop_id=1, end_to_end_id=2)  # fmt: skip
    for code, octets in (
        (257, "00000101 4000000e 000000000000 0000"), (266, "0000010a 4000000c 00000000"),
        (269, "0000010d 00000008"),
    ):  # fmt: skip
        avps = tuple(avp for avp in message.avps if avp.registry_code != code)
        refusal = base.Cer.refusal(message.replace(avps=avps))
        assert refusal is not None
        assert [avp.encode() for avp in refusal.failed] == [bytes.fromhex(octets)]


def test_an_answer_belongs_to_its_request() -> None:
    proxied = (diameter.ProxyHost("p"), diameter.ProxyState(b"\1"))
    message = der(proxy_infos=(proxied,))
    names: dict[str, Any] = {"origin_host": "aaa", "origin_realm": "home", "session_id": "gw;1;2"}
    good = sta.Dea(result_code=Result.DIAMETER_SUCCESS, **names).answering(message)
    assert (good.hop_by_hop_id, good.end_to_end_id, good.is_request) == (5, 6, 0)
    assert (good.application_id, good.proxiable, good.is_error) == (16777250, True, False)
    assert sta.Dea.of(good).proxy_infos == (proxied,)
    bad = AnyAnswer(result_code=Result.DIAMETER_TOO_BUSY, **names).answering(message)
    assert type(bad) is diameter.DiameterEapAnswer
    assert bad.is_error
    assert AnyAnswer.of(bad).result == 3004
    assert diameter.check(bad) == []
    unknown = diameter.UnknownRequest(registry_code=99, hop_by_hop_id=1)
    assert type(AnyAnswer(result_code=3001, **names).answering(unknown)) is diameter.UnknownAnswer


def test_the_result_of_a_vendor_is_a_result() -> None:
    answer: Answer = sta.Dea(
        session_id="a", origin_host="b", origin_realm="c",
        experimental_result=VendorResult(result_code=5450),
    )  # fmt: skip
    assert answer.result == 5450
    assert issubclass(sta.Der, Request)
