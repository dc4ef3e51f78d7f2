"""The room diameter in everyday use, AVPs of one's own, and what peers may do wrong."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Any

import pytest

from mip6boot import diameter, eap, packets
from mip6boot.diameter import (
    ApnConfiguration,
    Application,
    AuthApplicationId,
    ContextIdentifier,
    DestinationHost,
    DestinationRealm,
    DiameterEapAnswer,
    DiameterEapRequest,
    EapPayload,
    FailedAvp,
    Mip6AgentInfo,
    Mip6Feature,
    Mip6FeatureVector,
    MipHomeAgentAddress,
    MipHomeAgentHost,
    OriginHost,
    RatType,
    Result,
    ResultCode,
    ServiceSelection,
    SessionId,
    SessionTimeout,
    UnknownAvp,
    UnknownVendorAvp,
    UserName,
)
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.schema import Malformed, UInt32, diff, explain, interpret, tree

HOME_AGENT = IPv6Address("2001:db8::1")

#: The answer at the end of an attach by STa: the home agent and an access point name (TS 29.273 5).
ANSWER = DiameterEapAnswer(
    application_id=Application.STA,
    hop_by_hop_id=1,
    end_to_end_id=2,
    avps=(
        SessionId("gw.example.net;1;2"),
        AuthApplicationId(Application.STA),
        ResultCode(Result.DIAMETER_SUCCESS),
        OriginHost("aaa.example.org"),
        EapPayload(eap.Success(7)),
        ApnConfiguration(
            (
                ContextIdentifier(1),
                ServiceSelection("ims"),
                Mip6AgentInfo(
                    (
                        MipHomeAgentAddress(HOME_AGENT),
                        MipHomeAgentAddress(IPv4Address("192.0.2.1")),
                        MipHomeAgentHost(
                            (DestinationRealm("example.org"), DestinationHost("ha.example.org"))
                        ),
                    )
                ),
            )
        ),
    ),
)


def message(avps: str) -> bytes:
    """A Diameter-EAP-Request with these AVPs, its length right."""
    octets = bytes.fromhex(avps)
    return (
        (0x01000000 | 20 + len(octets)).to_bytes(4, "big")
        + bytes.fromhex("8000010c 01000022 00000001 00000002")
        + octets
    )


def read(octets: bytes, *, lenient: bool = False) -> Any:
    """What the compiled and the interpreted form agree on; it comes back as it was."""
    found = diameter.decode(octets, lenient=lenient)
    assert interpret(type(found), octets, lenient=lenient) == found
    assert found.encode() == octets
    return found


# -- everyday use -----------------------------------------------------------------------------------------
def test_finding() -> None:
    answer = diameter.decode(ANSWER.encode())
    assert isinstance(answer, DiameterEapAnswer)
    assert answer == ANSWER
    found = answer.find(MipHomeAgentAddress)
    assert found is not None
    assert found.value == HOME_AGENT
    assert [avp.value for avp in answer.find_all(MipHomeAgentAddress)] == [
        HOME_AGENT,
        IPv4Address("192.0.2.1"),
    ]
    host = answer.find(DestinationHost)
    assert host is not None
    assert host.value == "ha.example.org"
    assert answer.find(RatType) is None
    assert answer.find(eap.Success) == eap.Success(7)


def test_json() -> None:
    data = json.loads(json.dumps(ANSWER.to_dict()))
    assert data["application_id"] == {"value": 16777250, "name": "STA"}
    assert data["avps"][2]["value"] == {"value": 2001, "name": "DIAMETER_SUCCESS"}
    assert data["avps"][5]["value"][1] == {
        "type": "ServiceSelection", "mandatory": True, "protected": False, "reserved": 0,
        "value": "ims", "padding": "",
    }  # fmt: skip
    assert diameter.from_dict(data) == ANSWER
    data["avps"][5]["value"][1]["value"] = 7
    with pytest.raises(DecodeError) as caught:
        diameter.from_dict(data)
    assert caught.value.path == "avps[5].value[1].value"


def test_text() -> None:
    shown = str(ANSWER)
    assert shown == tree(ANSWER)
    for line in ("application_id: 16777250 STA", "2001 DIAMETER_SUCCESS", "2001:db8::1", "'ims'"):
        assert line in shown
    other = ANSWER.replace(avps=(*ANSWER.avps[:2], ResultCode(4001), *ANSWER.avps[3:]))
    assert list(diff(ANSWER, other)) == ["avps[2](ResultCode).value"]


def test_a_tree_reads_annotations_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading them takes a hundred times what an AVP takes."""
    avp = SessionTimeout(3)
    text = str(avp)

    def refuse(cls: Any) -> Any:
        raise AssertionError(cls)

    monkeypatch.setattr("msgspec.structs.fields", refuse)
    assert str(avp) == text


def test_views() -> None:
    vector = Mip6FeatureVector(1 << 63 | Mip6Feature.MIP6_INTEGRATED)
    assert vector.features == Mip6Feature.MIP6_INTEGRATED
    prefix = diameter.HomeLinkPrefix(60, IPv6Address("2001:db8:0:abcf::1"))
    assert prefix.network == IPv6Network("2001:db8:0:abc0::/60")
    assert diameter.HomeLinkPrefix(129, HOME_AGENT).network is None
    assert diameter.vendor_of(RatType) == diameter.vendor_of(RatType(0)) == diameter.THREE_GPP
    assert diameter.vendor_of(SessionId("")) == 0
    assert diameter.vendor_of(UnknownVendorAvp(registry_code=1, vendor_id=9)) == 9
    assert UnknownAvp(registry_code=1, value=b"a").data == b"a"
    assert UnknownVendorAvp(registry_code=1, vendor_id=9, value=b"b").data == b"b"


def test_requests_and_answers() -> None:
    request = DiameterEapRequest(avps=(EapPayload(),))
    assert read(request.encode()) == request
    assert request.encode()[4] & 0x80
    assert type(read(request.encode(overrides={"is_request": 0}))) is DiameterEapAnswer
    unknown = diameter.UnknownRequest(registry_code=300, is_error=True)
    assert read(unknown.encode()) == unknown
    error = diameter.UnknownAnswer(registry_code=300, avps=(ResultCode(3001),))
    assert read(error.encode()) == error


@pytest.mark.parametrize(
    "avp",
    [
        ResultCode(1 << 32),
        SessionId(7),  # type: ignore[arg-type]
        MipHomeAgentAddress("2001:db8::1"),  # type: ignore[arg-type]
        EapPayload(b""),  # type: ignore[arg-type]
        Mip6AgentInfo((7,)),  # type: ignore[arg-type]
        SessionId("", reserved=32),
        SessionId("x", padding=b"\1"),
        SessionId("text", padding=b"\1\1\1\1"),
    ],
)
def test_values_that_do_not_fit(avp: diameter.Avp) -> None:
    with pytest.raises(EncodeError):
        DiameterEapRequest(avps=(avp,)).encode()


# -- AVPs of one's own ------------------------------------------------------------------------------------
def test_an_avp_of_a_user() -> None:
    mine = diameter.AVPS.child()

    @mine.register(1, 9999)
    class Colour(diameter.InformationalVendorAvp):
        value: UInt32

    @mine.register(61_000)
    class Shade(diameter.MandatoryAvp):
        value: diameter.Avps

    request = DiameterEapRequest(avps=(UserName("mn"), Shade((Colour(7),)), Colour(8)))
    octets = request.encode()
    assert octets[-16:].hex() == "00000001800000100000270f00000008"
    assert diameter.decode(octets, registry=mine) == request
    plain = read(octets)
    assert plain.find(UnknownVendorAvp) == UnknownVendorAvp(
        registry_code=1, vendor_id=9999, value=b"\0\0\0\x08"
    )
    assert plain.find(UnknownAvp).registry_code == 61_000
    assert plain.find(UserName) == UserName("mn")


def test_an_avp_in_the_registry_itself() -> None:
    request = DiameterEapRequest(
        avps=(UnknownVendorAvp(registry_code=3, vendor_id=9998, value=b"\0\0\0\1"),)
    )
    octets = request.encode()
    assert read(octets) == request
    try:

        @diameter.AVPS.register(3, 9998)
        class Weight(diameter.InformationalVendorAvp):
            value: UInt32

        assert read(octets).avps == (Weight(1),)
    finally:
        diameter.AVPS.classes.pop(3 | (9998 + 1) << 32)
        diameter.AVPS.names.pop("Weight")
        diameter.AVPS._changed()


@pytest.mark.parametrize("codes", [(263,), (1032, diameter.THREE_GPP)])
def test_a_second_class_is_refused(codes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="already"):

        @diameter.AVPS.register(*codes)
        class Another(diameter.InformationalAvp):
            value: UInt32

    with pytest.raises(ValueError, match="already"):

        @diameter.COMMANDS.register(257, 1)
        class Greeting(diameter.DiameterMessage):
            pass


# -- what peers may do wrong ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("avps", "path", "offset", "declared"),
    [
        # A number of three octets, and of five.
        ("0000001b 4000000b 010203 00", "avps[0](SessionTimeout).value", 28, None),
        ("0000001b 4000000d 0102030405 000000", "avps[0](SessionTimeout).value", 32, None),
        # Over the fence; shorter than the header; as long as half of the header.
        ("00000107 40000014 67773b31", "avps[0].length", 24, 20),
        ("00000107 40000003 67773b31", "avps[0].length", 24, 3),
        ("00000107 40000005 67773b31", "avps[0](SessionId).value", 28, None),
        # No room for the vendor; for the header.
        ("00000408 c0000008", "avps[0](UnknownVendorAvp).vendor_id", 28, None),
        ("00000408 c0000008 00000000", "avps[0](UnknownVendorAvp).vendor_id", 28, None),
        ("00000107 40", "avps[0]", 20, None),
        # The last AVP is not filled up.
        ("00000107 40000009 67", "avps[0].length", 24, 9),
        # A prefix of 17 octets, which has 16; an EAP packet with a length that lies.
        ("0000007d 40000018 40" + "00" * 15, "avps[0](Mip6HomeLinkPrefix).value(HomeLinkPrefix).prefix", 29, None),
        ("000001ce 4000000c 03010005", "avps[0](EapPayload).value(Success).length", 30, None),
    ],
)  # fmt: skip
def test_avps_that_do_not_parse(avps: str, path: str, offset: int, declared: int | None) -> None:
    octets = message(avps)
    with pytest.raises(DecodeError) as caught:
        diameter.decode(octets)
    assert (caught.value.path, caught.value.offset) == (path, offset)
    with pytest.raises(DecodeError) as interpreted:
        interpret(DiameterEapRequest, octets)
    assert str(interpreted.value) == str(caught.value)
    bad = read(octets, lenient=True).avps[0]
    assert isinstance(bad, Malformed)
    assert bad.registry_code == int(avps[:8], 16)
    assert bad.declared_length == declared


def test_a_bad_avp_costs_itself_alone() -> None:
    octets = message(
        "00000107 40000009 67 0000000000001b 4000000b 010203 a50000010c 4000000c 000007d1"
    )
    found = read(octets, lenient=True)
    assert found.avps[::2] == (SessionId("g"), ResultCode(2001))
    assert isinstance(found.avps[1], Malformed)
    assert found.avps[1].octets.hex() == "0000001b4000000b010203a5"


def test_what_is_malformed_alike_does_not_differ() -> None:
    lenient = read(message("0000010a 4000000b 01020300"), lenient=True)
    again = diameter.from_dict(lenient.to_dict())
    assert again == lenient
    assert diff(lenient, again) == []
    other = read(message("0000010a 4000000b 01020400"), lenient=True)
    assert diff(lenient, other) == ["avps[0](MalformedAvp)"]


def test_a_bad_avp_inside_a_group() -> None:
    octets = message("000001e6 400000140000007d 4000000a 4000 0000")
    with pytest.raises(DecodeError) as caught:
        diameter.decode(octets)
    assert caught.value.path.startswith("avps[0](Mip6AgentInfo).value[0](Mip6HomeLinkPrefix).value")
    [group] = read(octets, lenient=True).avps
    assert isinstance(group, Mip6AgentInfo)
    assert isinstance(group.value[0], Malformed)


def test_what_was_refused_is_kept_as_it_came() -> None:
    """RFC 6733 7.5: a Failed-AVP holds what does not parse; a length that lies inside is an error."""
    octets = message("00000117 400000140000001b 4000000b 010203 a5")
    failed = read(octets).find(FailedAvp)
    assert failed.value == (
        UnknownAvp(registry_code=27, mandatory=True, value=b"\1\2\3", padding=b"\xa5"),
    )
    assert failed.value[0] != SessionTimeout(66051)
    with pytest.raises(DecodeError):
        diameter.decode(message("00000117 400000140000001b 4000000f 01020304"))


@pytest.mark.parametrize(
    ("octets", "path"),
    [
        ("01000018 8000010c 01000022 00000001 00000002", "length"),
        ("01000010 8000010c 01000022 00000001 00000002", "length"),
        ("01000014 8000010c 01000022 00000001", "end_to_end_id"),
        ("01", ""),
        ("", ""),
    ],
)
def test_headers_that_do_not_parse(octets: str, path: str) -> None:
    for lenient in (False, True):
        with pytest.raises(DecodeError) as caught:
            diameter.decode(bytes.fromhex(octets), lenient=lenient)
        assert caught.value.path == path


def test_groups_are_not_endless() -> None:
    octets = b""
    for _ in range(60):
        octets = (284 << 32 | 0x40 << 24 | 8 + len(octets)).to_bytes(8, "big") + octets
    with pytest.raises(DecodeError, match="deep"):
        diameter.decode(message(octets.hex()))
    lenient = diameter.decode(message(octets.hex()), lenient=True)
    assert lenient.encode() == message(octets.hex())


# -- rules ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("octets", "path", "section"),
    [
        ("02000014 00000118 00000000 00000001 00000002", "version", "6733 3"),
        ("01000014 a0000118 00000000 00000001 00000002", "is_error", "6733 3"),
        ("01000014 10000118 00000000 00000001 00000002", "retransmitted", "6733 3"),
        ("01000014 01000118 00000000 00000001 00000002", "reserved", "6733 3"),
        ("0000001b 0000000c 00000001", "avps[0](SessionTimeout).mandatory", "6733 4.5"),
        ("0000010d 4000000c 61616161", "avps[0](ProductName).mandatory", "6733 4.5"),
        ("0000001b 6000000c 00000001", "avps[0](SessionTimeout).protected", "6733 4.1"),
        ("00000fa0 01000008", "avps[0](UnknownAvp).reserved", "6733 4.1"),
        ("00000fa0 81000010 00000001 00000001", "avps[0](UnknownVendorAvp).reserved", "6733 4.1"),
        ("00000fa0 8000000d 00000001 61000001", "avps[0](UnknownVendorAvp).padding", "6733 4"),
        ("0000001b 8000000c 00000000", "avps[0](UnknownVendorAvp).vendor_id", "6733 4.1.1"),
    ],
)
def test_check(octets: str, path: str, section: str) -> None:
    raw = bytes.fromhex(octets)
    if raw[0] == 0:
        raw = message(octets)
    found = [one for one in diameter.check(diameter.decode(raw)) if one.section == section]
    assert [one.path for one in found] == [path]


def test_repeated_requests_may_say_so() -> None:
    request = diameter.DeviceWatchdogRequest(retransmitted=True)
    assert [one.path for one in diameter.check(request) if one.section == "6733 3"] == []
    answer = diameter.DeviceWatchdogAnswer(is_error=True)
    assert [one.path for one in diameter.check(answer) if one.section == "6733 3"] == []


# -- the map, and what is wrong on purpose ----------------------------------------------------------------
def test_the_map_covers_every_octet_once() -> None:
    octets = ANSWER.encode() + bytes.fromhex(
        "00000107 4000000a 6777 a5a50000001b 4000000b 010203 00"
    )
    octets = octets[:1] + len(octets).to_bytes(3, "big") + octets[4:]
    rows = [row for row in explain(DiameterEapAnswer, octets) if row.mask is None]
    assert b"".join(row.octets for row in rows) == octets
    assert [row.offset for row in rows] == sorted({row.offset for row in rows})
    found = {row.path: (row.octets.hex(), row.rfc) for row in rows}
    place = "avps[5](ApnConfiguration).value[2](Mip6AgentInfo).value[0](MipHomeAgentAddress)"
    assert found[f"{place}.value"] == ("0002" + HOME_AGENT.packed.hex(), "4004 7.4, 5447 4.2.2")
    assert found[f"{place}.padding"][0] == "0000"
    assert found["avps[6](SessionId).padding"][0] == "a5a5"
    assert found["avps[7](MalformedAvp).octets"][0] == "0000001b4000000b01020300"
    assert packets.explain(octets, "diameter") == explain(DiameterEapAnswer, octets)


@pytest.mark.parametrize(
    ("path", "number", "found"),
    [
        ("avps[0].length", 3, "avps[0].length"),
        ("avps[0].length", 255, "avps[0].length"),
        ("avps[2].length", 13, "avps[2](ResultCode).value"),
        ("avps[5].value[0].length", 15, "avps[5](ApnConfiguration).value[0](ContextIdentifier).value"),
        ("avps[5].value[0].vendor_specific", 0, None),
        ("avps[5].vendor_id", 9, None),
        ("avps[0].avp_code", 1, None),
        ("avps[0].mandatory", 0, None),
        ("length", 20, "length"),
        ("command_code", 1, None),
    ],
)  # fmt: skip
def test_wrong_on_purpose(path: str, number: int, found: str | None) -> None:
    octets = ANSWER.encode()
    wrong = ANSWER.encode(overrides={path: number})
    assert len(wrong) == len(octets)
    assert wrong != octets
    assert packets.patch(octets, path, number, "diameter") == wrong
    if found is None:
        assert read(wrong) != ANSWER
        return
    with pytest.raises(DecodeError) as caught:
        diameter.decode(wrong)
    assert caught.value.path == found


def test_a_length_that_is_too_long_for_its_field() -> None:
    for number in (-1, 1 << 24):
        with pytest.raises(EncodeError):
            ANSWER.encode(overrides={"avps[0].length": number})
