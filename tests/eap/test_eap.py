"""The room eap: packets of RFC 4186 A and of real peers, padding, lenient reading, rules."""

from __future__ import annotations

from typing import Any

import pytest

from mip6boot import eap
from mip6boot.eap import AkaNotificationCode, AkaSubtype, EapType, SimClientErrorCode, SimSubtype
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.schema import Malformed, explain, tree

NONCE = bytes.fromhex("0123456789abcdeffedcba9876543210")
RANDS = tuple(bytes(range(first, first + 16)) for first in (0x10, 0x20, 0x30))
PSEUDONYM = "w8w49PexCazWJ&xCIARmxuMKht5S1sxRDqXSEFBEg3DcZP9cIxTe5J4OyIwNGVzxeJOU1G"
REAUTH = "Y24fNSrz8BP274jOJaF17WfxI8YO7QX00pMXk9XMMVOw7broaNhTczuFq53aEpOkk3L0dm@eapsim.foo"
NEXT = "uta0M0iyIsMwWp5TTdSdnOLvg2XDVf21OYt1vnfiMcs5dnIDHOIFVavIRzMRyzW6vFzdHW@eapsim.foo"

# RFC 4186 A; ciphertexts and codes are taken over, all else stands here twice.
IV5 = bytes.fromhex("9e18b0c29a652263c06efb54dd00a895")
MAC5 = bytes.fromhex("fef324ac3962b59f3bd78253ae4dcb6a")
ENCRYPTED5 = bytes.fromhex(
    "55f2939bbdb1b19ea1b47fc0b3e0be4cab2cf7372d98e3023c6bb92415723d58bad66ce084e101b60f5358354bd42182"
    "78aea7bf2cbace33106aeddc625b0c1d5aa67a41739ae5b57950973fc7ff8301073c6f953150fc303ea152d1e10a2d1f"
    "4f5226daa1ee9005472252bdb3b71d6f0c3a3490316c46929871bd45cdfdbca6112f07f8be717990d25f6dd7f2b7b320"
    "bf4d5a992e880331d729945aec75ae5d43c8eda5fe6233fcac494ee67a0d504d"
)
IV9 = bytes.fromhex("d585ac7786b90336657c77b46575b9c4")
MAC9 = bytes.fromhex("483a1799b83d7cd3d0a1e401d9ee4770")
ENCRYPTED9 = bytes.fromhex(
    "686291a9d2abc58caa3294b6e85b44846c44e5dcb2de8b9e80d69d49858a5db84cdc1c9bc95c01b96b6eca313474aea6"
    "d31416e19daa9df70f05008841ca8014964d3b30a49bcf43e4d3f18e86295a4a2b38d96c9705c2bbb05c4aace97d5eaf"
    "f564046c8bd30bc39be5e17ace2b10a6"
)
IV10 = bytes.fromhex("cdf7ffa65de04c026b56c86b76b102ea")
MAC10 = bytes.fromhex("faf76b71fbe2d255b96a3566c915c617")
ENCRYPTED10 = bytes.fromhex("b6edd38279e2a1423c1afc5c455c7d56")

RFC4186 = [
    ("0100000501", eap.IdentityRequest(0)),
    (
        "0200002001313234343037303130303030303030314065617073696d2e666f6f",
        eap.IdentityResponse(0, "1244070100000001@eapsim.foo"),
    ),
    (
        "01010010120a00000f02000200010000",
        eap.SimRequest(1, SimSubtype.START, attributes=(eap.AtVersionList((1,)),)),
    ),
    (
        "02010020120a0000070500000123456789abcdeffedcba987654321010010001",
        eap.SimResponse(
            1,
            SimSubtype.START,
            attributes=(eap.AtNonceMt(nonce_mt=NONCE), eap.AtSelectedVersion(1)),
        ),
    ),
    (
        "01020118120b0000010d0000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
        "303132333435363738393a3b3c3d3e3f81050000"
        + IV5.hex()
        + "822d0000"
        + ENCRYPTED5.hex()
        + "0b050000"
        + MAC5.hex(),
        eap.SimRequest(
            2,
            SimSubtype.CHALLENGE,
            attributes=(
                eap.AtRand(rands=RANDS),
                eap.AtIv(initialization_vector=IV5),
                eap.AtEncrData(encrypted_data=ENCRYPTED5),
                eap.AtMac(mac=MAC5),
            ),
        ),
    ),
    (
        "0202001c120b00000b050000f56d6433e68ed2976ac11937fc3d1154",
        eap.SimResponse(
            2,
            SimSubtype.CHALLENGE,
            attributes=(eap.AtMac(mac=bytes.fromhex("f56d6433e68ed2976ac11937fc3d1154")),),
        ),
    ),
    ("03020004", eap.Success(2)),
    ("0200005601" + REAUTH.encode().hex(), eap.IdentityResponse(0, REAUTH)),
    (
        "010100a4120d000081050000"
        + IV9.hex()
        + "821d0000"
        + ENCRYPTED9.hex()
        + "0b050000"
        + MAC9.hex(),
        eap.SimRequest(
            1,
            SimSubtype.REAUTHENTICATION,
            attributes=(
                eap.AtIv(initialization_vector=IV9),
                eap.AtEncrData(encrypted_data=ENCRYPTED9),
                eap.AtMac(mac=MAC9),
            ),
        ),
    ),
    (
        "02010044120d000081050000"
        + IV10.hex()
        + "82050000"
        + ENCRYPTED10.hex()
        + "0b050000"
        + MAC10.hex(),
        eap.SimResponse(
            1,
            SimSubtype.REAUTHENTICATION,
            attributes=(
                eap.AtIv(initialization_vector=IV10),
                eap.AtEncrData(encrypted_data=ENCRYPTED10),
                eap.AtMac(mac=MAC10),
            ),
        ),
    ),
]

# Figures of RFC 3748 and its neighbours, and packets that Android's unit tests have.
OTHERS: list[tuple[str, eap.EapPacket]] = [
    ("04070004", eap.Failure(7)),
    ("05070004", eap.UnknownEapPacket(7, 5)),
    ("0101000902" + b"late".hex(), eap.NotificationRequest(1, "late")),
    ("0201000502", eap.NotificationResponse(1)),
    ("020100070317fe", eap.NakResponse(1, (EapType.AKA, EapType.EXPANDED))),
    ("0201000603c8", eap.NakResponse(1, (200,))),
    ("0101000c0404" + "01020304" + b"ha".hex(), eap.Md5Request(1, b"\1\2\3\4", "ha")),
    ("0201000a040401020304", eap.Md5Response(1, b"\1\2\3\4")),
    ("0101000705" + b"ab".hex(), eap.OtpRequest(1, "ab")),
    ("0201000705" + b"ab".hex(), eap.OtpResponse(1, "ab")),
    ("0101000706" + b"ab".hex(), eap.GtcRequest(1, "ab")),
    ("0201000706" + b"ab".hex(), eap.GtcResponse(1, "ab")),
    (
        "01090020fe0028af000000037d091842609c9e20569fc039da3f222ab856818a",
        eap.ExpandedRequest(9, 10415, 3, bytes.fromhex("7d091842609c9e20569fc039da3f222ab856818a")),
    ),
    ("0101000a0d8000000001", eap.Request(1, EapType.TLS, bytes.fromhex("8000000001"))),
    ("020100061e05", eap.Response(1, 30, b"\5")),
    (
        "02cd0020320500000e0600113630353535343434333333323232313131000000",
        eap.AkaPrimeResponse(
            205, AkaSubtype.IDENTITY, attributes=(eap.AtIdentity("60555444333222111"),)
        ),
    ),
    ("02ce000817020000", eap.AkaResponse(206, AkaSubtype.AUTHENTICATION_REJECT)),
    (
        "0286000c120e000016010000",
        eap.SimResponse(
            134,
            SimSubtype.CLIENT_ERROR,
            attributes=(eap.AtClientErrorCode(SimClientErrorCode.UNABLE_TO_PROCESS),),
        ),
    ),
]


@pytest.mark.parametrize(("octets", "packet"), RFC4186 + OTHERS)
def test_octets(octets: str, packet: eap.EapPacket) -> None:
    raw = bytes.fromhex(octets)
    assert eap.decode(raw) == eap.decode(raw, lenient=True) == packet
    assert packet.encode() == raw
    assert packet.length == len(raw)
    assert eap.from_dict(packet.to_dict()) == packet
    assert sum(row.length for row in explain(type(packet), raw) if row.mask is None) == len(raw)
    for size in range(len(raw)):
        with pytest.raises(DecodeError):
            eap.decode(raw[:size])
    with pytest.raises(DecodeError):
        eap.decode(raw + b"\0")


@pytest.mark.parametrize(("octets", "packet"), RFC4186)
def test_examples_of_rfc_4186_are_legal(octets: str, packet: eap.EapPacket) -> None:
    assert eap.check(packet) == []


# What the three AT_ENCR_DATA of RFC 4186 A.5, A.9 and A.10 hold.
@pytest.mark.parametrize(
    ("octets", "attributes"),
    [
        (
            "84130046" + PSEUDONYM.encode().hex() + "0000"
            "85160051" + REAUTH.encode().hex() + "000000"
            "060300000000000000000000",
            (
                eap.AtNextPseudonym(PSEUDONYM),
                eap.AtNextReauthId(REAUTH),
                eap.AtPadding(bytes(10)),
            ),
        ),
        (
            "1301000115050000" + NONCE.hex() + "85160051" + NEXT.encode().hex() + "000000",
            (eap.AtCounter(1), eap.AtNonceS(nonce_s=NONCE), eap.AtNextReauthId(NEXT)),
        ),
        ("13010001060300000000000000000000", (eap.AtCounter(1), eap.AtPadding(bytes(10)))),
        ("", ()),
    ],
)
def test_encrypted_attributes(octets: str, attributes: tuple[eap.AkaAttribute, ...]) -> None:
    raw = bytes.fromhex(octets)
    assert len(raw) % 16 == 0
    assert eap.decode_attributes(raw) == eap.decode_attributes(bytearray(raw)) == attributes
    assert eap.encode_attributes(attributes) == raw
    assert eap.check(eap.NestedAttributes(attributes)) == []


# hostapd asks, strongSwan answers: taken from RADIUS between them.
CHALLENGE = (
    "010200b8170100000105000032a1a40ccf0272969884171990660c3b02050000bffbc62eca06800044b8587b"
    "4ee928698105000097ce9314c8b4a7ed8acef1d61028104c82110000a0c00904a446775bdba4805acf4b3381"
    "de8a1613cba6a1bd31dfcad1de1e1dc5399ba31e1b503177ac3e15deb00e4153e9f688a9d1f3ffaf07a0de7a"
    "ca5ce35086060000824cec8c8f0affec8eb4092b1b665975fa298587880100000b050000f926eb8b1127ae23"
    "476566cdf416fbb2"
)
ANSWER = "0202002817010000030300401deae10f4abd68510b050000e76a1bcba54106bcc51686b9238f9bc5"


def test_challenge_of_hostapd() -> None:
    packet = eap.decode(bytes.fromhex(CHALLENGE))
    assert isinstance(packet, eap.AkaRequest)
    assert packet.subtype is AkaSubtype.CHALLENGE
    assert [type(a) for a in packet.attributes] == [
        eap.AtRand,
        eap.AtAutn,
        eap.AtIv,
        eap.AtEncrData,
        eap.AtCheckcode,
        eap.AtBidding,
        eap.AtMac,
    ]
    rand, checkcode = packet.find(eap.AtRand), packet.find(eap.AtCheckcode)
    assert rand is not None
    assert rand.rand == rand.rands[0]
    assert checkcode is not None
    assert checkcode.size == 20
    assert packet.encode().hex() == CHALLENGE
    assert eap.check(packet) == []


def test_answer_of_strongswan() -> None:
    packet = eap.decode(bytes.fromhex(ANSWER))
    res = packet.find(eap.AtRes)
    assert res is not None
    assert (res.res_length, len(res.res), res.padding) == (64, 8, b"")
    assert packet.encode().hex() == ANSWER
    assert eap.check(packet) == []


# -- views ---------------------------------------------------------------------------------------
def test_identity_request_with_options() -> None:
    packet = eap.IdentityRequest(1, "who?\0networkid=home,nasid=1")
    assert packet.displayed == "who?"
    assert packet.options == "networkid=home,nasid=1"
    assert eap.IdentityRequest(1, "who?").options is None
    assert eap.decode(packet.encode()) == packet


def test_text_is_kept_whatever_it_is() -> None:
    raw = bytes.fromhex("0200000701fffe")
    packet = eap.decode(raw)
    assert packet.encode() == raw
    assert eap.from_dict(packet.to_dict()).encode() == raw


def test_expanded_nak() -> None:
    octets = "0209001cfe00000000000003fe00000000000005fe00001400000006"  # RFC 3748 5.3.2
    types = (eap.ExpandedType(0, EapType.OTP), eap.ExpandedType(20, 6))
    packet = eap.decode(bytes.fromhex(octets))
    assert packet == eap.ExpandedResponse.nak(9, *types)
    assert isinstance(packet, eap.ExpandedResponse)
    assert packet.desired_types == types
    nothing = eap.ExpandedResponse.nak(9)
    assert nothing.encode().hex() == "02090014fe00000000000003fe00000000000000"
    assert nothing.desired_types == (eap.ExpandedType(),)
    assert eap.ExpandedResponse(9, 20, 3).desired_types is None
    with pytest.raises(DecodeError, match="types"):
        _ = eap.ExpandedResponse(9, 0, 3, b"\0" * 8).desired_types


@pytest.mark.parametrize(
    ("code", "success", "early"),
    [
        (AkaNotificationCode.GENERAL_FAILURE_AFTER_AUTH, False, False),
        (AkaNotificationCode.NOT_SUBSCRIBED, False, False),
        (AkaNotificationCode.GENERAL_FAILURE, False, True),
        (AkaNotificationCode.SUCCESS, True, False),
        (0xC001, True, True),
    ],
)
def test_notification(code: AkaNotificationCode | int, success: bool, early: bool) -> None:
    attribute = eap.AtNotification(code)
    assert (attribute.success, attribute.before_authentication) == (success, early)
    assert eap.encode_attributes((attribute,)).hex() == f"0c01{int(code):04x}"


def test_bidding() -> None:
    (attribute,) = eap.decode_attributes(bytes.fromhex("88018001"))
    assert attribute == eap.AtBidding(True, 1)


def test_key_derivation_functions_keep_their_order() -> None:
    octets = bytes.fromhex("180100021801000118010002")
    attributes = eap.decode_attributes(octets)
    assert [a.key_derivation_function for a in attributes if isinstance(a, eap.AtKdf)] == [2, 1, 2]
    assert eap.encode_attributes(attributes) == octets


def test_attributes_with_a_name_only() -> None:
    packet = eap.decode(bytes.fromhex("0101000c170100008b010002"))
    (attribute,) = packet.attributes  # type: ignore[attr-defined]
    assert attribute == eap.UnknownAkaAttribute(139, b"\0\2")
    assert attribute.skippable
    assert "139 TRUST_IND" in tree(packet)
    assert packet.to_dict()["attributes"][0]["registry_code"] == {"value": 139, "name": "TRUST_IND"}
    assert eap.from_dict(packet.to_dict()) == packet


# -- octets that are kept -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("octets", "attribute"),
    [
        ("0e03000561626364650000ff", eap.AtIdentity("abcde", b"\0\0\xff")),
        # A whole word too many, though it is of zeros.
        ("0e0300046162636400000000", eap.AtIdentity("abcd", bytes(4))),
        ("0e010000", eap.AtIdentity("")),
        ("17030004574c414e00000000", eap.AtKdfInput("WLAN", bytes(4))),
        ("17020003574c4100", eap.AtKdfInput("WLA")),
        ("030300280102030405000000", eap.AtRes(b"\1\2\3\4\5")),
        ("0303002801020304050000f0", eap.AtRes(b"\1\2\3\4\5", b"\0\0\xf0")),
        ("0f0300060001000200030000", eap.AtVersionList((1, 2, 3))),
        ("0f0300060001000200030001", eap.AtVersionList((1, 2, 3), b"\0\1")),
        ("0d01beef", eap.AtAnyIdReq(0xBEEF)),
        ("0a010000", eap.AtPermanentIdReq()),
        ("11010000", eap.AtFullauthIdReq()),
        ("14010000", eap.AtCounterTooSmall()),
        ("87010000", eap.AtResultInd()),
        ("86010000", eap.AtCheckcode()),
        ("86060000" + "ab" * 20, eap.AtCheckcode(checkcode=b"\xab" * 20)),
        ("86090000" + "ab" * 32, eap.AtCheckcode(checkcode=b"\xab" * 32)),
        ("0404" + "ab" * 14, eap.AtAuts(b"\xab" * 14)),
        ("02050001" + "ab" * 16, eap.AtAutn(reserved=1, autn=b"\xab" * 16)),
        ("0602000000000001", eap.AtPadding(b"\0\0\0\0\0\1")),
        ("c802010203040506", eap.UnknownAkaAttribute(200, bytes((1, 2, 3, 4, 5, 6)))),
    ],
)
def test_attributes(octets: str, attribute: eap.AkaAttribute) -> None:
    raw = bytes.fromhex(octets)
    assert eap.decode_attributes(raw) == (attribute,)
    assert eap.encode_attributes((attribute,)) == raw


@pytest.mark.parametrize(
    "attribute",
    [
        eap.AtPadding(b""),
        eap.AtIdentity("abcd", b"\0"),
        eap.AtRand(rands=(b"short",)),
        eap.AtCheckcode(checkcode=bytes(16)),
        eap.UnknownAkaAttribute(200, b"\0"),
        eap.AtEncrData(encrypted_data=bytes(1024)),
    ],
)
def test_attributes_that_do_not_fit(attribute: eap.AkaAttribute) -> None:
    with pytest.raises(EncodeError):
        eap.encode_attributes((attribute,))


# -- octets that do not parse -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("01050004", "message: needs 1 octets, 0 left (octet 4)"),
        ("02050004", "message: needs 1 octets, 0 left (octet 4)"),
        ("0305000400", "length: says 4 octets, 5 are there (octet 2)"),
        ("030500080b010000", "message: 4 octets left over (octet 4)"),
        ("0101000904ff010203", "value: needs 255 octets, 3 left (octet 6)"),
        (
            "0101000c170100000d000000",
            "attributes[0].length: says -2 octets, 2 left (octet 9)",
        ),
        (
            "0101000c170100000d020000",
            "attributes[0].length: says 6 octets, 2 left (octet 9)",
        ),
        (
            "0201000c170100000e010001",
            "attributes[0](AtIdentity).identity: needs 1 octets, 0 left (octet 12)",
        ),
        (
            "020100101701000003020021" + "01020304",
            "attributes[0](AtRes).res_length: 33 bits are no whole octets (octet 10)",
        ),
        (
            "020100101701000086020000" + "01020304",
            "attributes[0](AtCheckcode).checkcode: 4 octets where 0 or 20 or 32 are expected (octet 12)",
        ),
    ],
)
def test_errors(octets: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        eap.decode(bytes.fromhex(octets))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("attribute", "declared"),  # The length as it stands on the wire, where it is at fault.
    [
        ("0d000000", 0),
        ("0d020000", 2),
        ("01020000deadbeef", None),
        ("0303002101020304" + "00000000", None),
    ],
)
def test_lenient(attribute: str, declared: int | None) -> None:
    good = "0e0200046d6e3031"
    raw = bytes.fromhex(
        "0101" + f"{8 + 8 + len(attribute) // 2:04x}" + "17010000" + good + attribute
    )
    with pytest.raises(DecodeError):
        eap.decode(raw)
    packet: Any = eap.decode(raw, lenient=True)
    identity, bad = packet.attributes
    assert identity == eap.AtIdentity("mn01")
    assert isinstance(bad, Malformed)
    assert bad.octets.hex() == attribute
    assert bad.declared_length == declared
    assert packet.encode() == raw
    assert eap.from_dict(packet.to_dict()) == packet


# -- rules ----------------------------------------------------------------------------------------
RAND, AUTN = eap.AtRand(rands=RANDS[:1]), eap.AtAutn(autn=NONCE)
MAC, IV = eap.AtMac(), eap.AtIv(initialization_vector=NONCE)
DATA = eap.AtEncrData(encrypted_data=bytes(32))
RES, KDF, WLAN = eap.AtRes(bytes(8)), eap.AtKdf(1), eap.AtKdfInput("WLAN")
AUTS = eap.AtAuts(bytes(14))
NONCE_MT, VERSIONS = eap.AtNonceMt(nonce_mt=NONCE), eap.AtVersionList((1,))
LATE, EARLY = eap.AtNotification(0), eap.AtNotification(16384)


def aka(subtype: int, *attributes: eap.AkaAttribute) -> eap.AkaRequest:
    return eap.AkaRequest(1, subtype, attributes=attributes)


def aka_response(subtype: int, *attributes: eap.AkaAttribute) -> eap.AkaResponse:
    return eap.AkaResponse(1, subtype, attributes=attributes)


def prime(subtype: int, *attributes: eap.AkaAttribute) -> eap.AkaPrimeRequest:
    return eap.AkaPrimeRequest(1, subtype, attributes=attributes)


def prime_response(subtype: int, *attributes: eap.AkaAttribute) -> eap.AkaPrimeResponse:
    return eap.AkaPrimeResponse(1, subtype, attributes=attributes)


def sim(subtype: int, *attributes: eap.AkaAttribute) -> eap.SimRequest:
    return eap.SimRequest(1, subtype, attributes=attributes)


def sim_response(subtype: int, *attributes: eap.AkaAttribute) -> eap.SimResponse:
    return eap.SimResponse(1, subtype, attributes=attributes)


@pytest.mark.parametrize(
    "packet",
    [
        aka(5, eap.AtAnyIdReq()),
        aka(1, RAND, AUTN, MAC),
        aka(1, RAND, AUTN, MAC, IV, DATA, eap.AtCheckcode(), eap.AtResultInd()),
        aka(1, RAND, AUTN, eap.AtBidding(True), MAC, eap.UnknownAkaAttribute(139, b"\0\1")),
        aka(12, EARLY),
        aka(12, LATE, MAC),
        aka(13, IV, DATA, MAC),
        aka(5, eap.AtFullauthIdReq()),
        aka_response(5, eap.AtIdentity("0001")),
        aka_response(1, RES, MAC),
        aka_response(2),
        aka_response(4, AUTS),
        aka_response(12),
        aka_response(14, eap.AtClientErrorCode(0)),
        prime(1, RAND, AUTN, KDF, eap.AtKdf(2), WLAN, MAC),
        prime(1, RAND, AUTN, KDF, WLAN, MAC, eap.AtCheckcode(checkcode=bytes(32))),
        prime_response(1, RES, MAC),
        prime_response(1, eap.AtKdf(2)),
        prime_response(4, AUTS, KDF),
        sim(10, VERSIONS),
        sim(10, VERSIONS, eap.AtPermanentIdReq()),
        sim(11, eap.AtRand(rands=RANDS[:2]), MAC),
        sim_response(10, NONCE_MT, eap.AtSelectedVersion(1)),
        sim_response(10, eap.AtIdentity("4reauth")),
        eap.NotificationRequest(1, "x"),
        eap.NakResponse(1, (0,)),
    ],
)
def test_legal(packet: eap.EapPacket) -> None:
    assert eap.check(packet) == []


@pytest.mark.parametrize(
    ("packet", "broken"),
    [
        (aka(5), [("", "4187 9.1")]),
        (
            aka(5, eap.AtAnyIdReq(), eap.AtPermanentIdReq()),
            [("attributes[1](AtPermanentIdReq)", "4187 9.1")],
        ),
        (
            aka(5, eap.AtAnyIdReq(), eap.AtAnyIdReq()),
            [("attributes[1](AtAnyIdReq)", "4187 10.1"), ("attributes[1](AtAnyIdReq)", "4187 9.1")],
        ),
        (aka(1, RAND, MAC), [("", "4187 10.1")]),
        (aka(1, RAND, AUTN, MAC, MAC), [("attributes[3](AtMac)", "4187 10.1")]),
        (aka(1, RAND, AUTN, MAC, RES), [("attributes[3](AtRes)", "4187 10.1")]),
        (aka(1, RAND, AUTN, MAC, IV), [("", "4187 10.12")]),
        (aka(1, RAND, AUTN, MAC, DATA), [("", "4187 10.12")]),
        (aka(1, RAND, AUTN, MAC, KDF), [("attributes[3](AtKdf)", "4187 8.1")]),
        (aka(1, RAND, AUTN, MAC, NONCE_MT), [("attributes[3](AtNonceMt)", "4187 8.1")]),
        (aka(1, RAND, AUTN, MAC, eap.AtCounter(1)), [("attributes[3](AtCounter)", "4187 10.1")]),
        (
            aka(1, RAND, AUTN, MAC, eap.UnknownAkaAttribute(99, b"\0\0")),
            [("attributes[3](UnknownAkaAttribute).registry_code", "4187 8.1")],
        ),
        (
            aka(1, RAND, AUTN, MAC, eap.AtCheckcode(checkcode=bytes(32))),
            [("attributes[3](AtCheckcode).size", "4187 10.13")],
        ),
        (
            aka(1, eap.AtRand(rands=RANDS), AUTN, MAC),
            [("attributes[0](AtRand).count", "4187 10.6")],
        ),
        (aka(2), [("subtype", "4187 9")]),
        (aka(12, EARLY, MAC), [("attributes[1](AtMac)", "4187 9.10")]),
        (aka(12, LATE), [("", "4187 9.10")]),
        (
            aka(12, eap.AtNotification(0xC000)),
            [("attributes[0](AtNotification).code", "4187 6.1")],
        ),
        (aka(13, MAC), [("", "4187 10.1"), ("", "4187 10.1")]),
        (aka(5, eap.AtAnyIdReq(1)), [("attributes[0](AtAnyIdReq).reserved", "4187 8.1, 10")]),
        (aka_response(5), [("", "4187 9.2")]),
        (
            aka_response(5, eap.AtIdentity("0"), eap.AtBidding(True)),
            [("attributes[1](AtBidding)", "9048 4.1")],
        ),
        (
            aka_response(5, eap.AtIdentity("0", b"\0\0\1")),
            [("attributes[0](AtIdentity).padding", "4187 10")],
        ),
        (
            aka_response(1, eap.AtRes(bytes(2)), MAC),
            [("attributes[0](AtRes).res_length", "4187 10.8")],
        ),
        (aka_response(4), [("", "4187 10.1")]),
        (prime(1, RAND, AUTN, MAC, WLAN), [("", "9048 3.5")]),
        (prime(1, RAND, AUTN, MAC, KDF), [("", "9048 3.5")]),
        (
            prime(1, RAND, AUTN, MAC, KDF, eap.AtKdfInput("")),
            [("attributes[4](AtKdfInput).actual_network_name_length", "9048 3.1")],
        ),
        (
            prime(1, RAND, AUTN, MAC, KDF, WLAN, eap.AtBidding(True)),
            [("attributes[5](AtBidding)", "9048 3.5")],
        ),
        (prime_response(1, MAC), [("", "4187 9.4")]),
        (prime_response(1, KDF, MAC), [("attributes[1](AtMac)", "9048 3.2")]),
        (prime_response(4, AUTS), [("", "9048 3.5")]),
        (sim(10), [("", "4186 10.1")]),
        (sim(11, RAND, MAC), [("attributes[0](AtRand).count", "4186 10.9")]),
        (
            sim(10, eap.AtVersionList(())),
            [("attributes[0](AtVersionList).actual_version_list_length", "4186 10.2")],
        ),
        (sim(14), [("subtype", "4186 9")]),
        (sim_response(10), [("", "4186 9.2"), ("", "4186 9.2")]),
        (sim_response(10, NONCE_MT, eap.AtIdentity("1")), [("", "4186 9.2")]),
        (sim_response(11, MAC, AUTS), [("attributes[1](AtAuts)", "4186 8.1")]),
        (eap.NotificationRequest(1, ""), [("length", "3748 5.2")]),
        (eap.NotificationResponse(1, "x"), [("length", "3748 5.2")]),
        (eap.NakResponse(1, ()), [("length", "3748 5.3.1")]),
        (
            eap.NestedAttributes((eap.AtPadding(), eap.AtCounter(1))),
            [("attributes[0](AtPadding)", "4187 10.12")],
        ),
        (
            eap.NestedAttributes((eap.AtPadding(b"\0\1"),)),
            [("attributes[0](AtPadding).padding", "4187 10.12")],
        ),
        (eap.NestedAttributes((MAC,)), [("attributes[0](AtMac)", "4187 10.1")]),
    ],
)
def test_rules(packet: eap.EapPacket | eap.NestedAttributes, broken: list[tuple[str, str]]) -> None:
    assert [(v.path, v.section) for v in eap.check(packet)] == broken


def test_every_rule_cites_a_section() -> None:
    documents = {rule.section.split()[0] for rule in eap.RULES}
    assert documents == {"3748", "4186", "4187", "9048"}
