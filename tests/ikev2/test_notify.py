"""Notify payloads: typed ones, those of no class, and what does not fit."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv6Address

import pytest

from mip6boot.errors import DecodeError, EncodeError
from mip6boot.ikev2.algorithms import HashAlgorithm, KeyExchangeMethod, PseudorandomFunction
from mip6boot.ikev2.codes import PayloadType, ProtocolId
from mip6boot.ikev2.notify_types import NotifyType
from mip6boot.ikev2.payloads.base import PAYLOADS
from mip6boot.ikev2.payloads.notify import *
from mip6boot.ikev2.payloads.notify_core import *
from mip6boot.ikev2.payloads.notify_extensions import *
from mip6boot.ikev2.payloads.notify_mobike import *
from mip6boot.ikev2.payloads.notify_redirect import *
from mip6boot.schema import (
    Chain,
    Malformed,
    Message,
    decode_elements,
    encode_elements,
    explain,
    interpret,
)

from ..mutation import mutated, samples

IP4, IP6 = IPv4Address("192.0.2.1"), IPv6Address("2001:db8::1")
HEX4, HEX6 = "c0000201", "20010db8000000000000000000000001"
NONCE = b"n" * 16

#: Type and data of each form of each notification with a class.
FORMS = [
    (1, "21", UnsupportedCriticalPayload(PayloadType.SA)),
    (9, "00000007", InvalidMessageId(7)),
    (11, "c0debabe", InvalidSpi(bytes.fromhex("c0debabe"))),
    (17, "0013", InvalidKePayload(KeyExchangeMethod.ECP256)),
    (39, "60000000", InvalidSelectors(bytes.fromhex("60000000"))),
    (42, "", UseAssignedHoa()),
    (42, "00", UseAssignedHoa(b"\0")),
    (16385, "00000010", SetWindowSize(16)),
    (16387, "abcd02", IpcompSupported(0xABCD, 2)),
    (16387, "abcd02ff", IpcompSupported(0xABCD, 2, b"\xff")),
    (16388, "11" * 20, NatDetectionSourceIp(b"\x11" * 20)),
    (16389, "22" * 19, NatDetectionDestinationIp(b"\x22" * 19)),
    (16390, "ab", Cookie(b"\xab")),
    (16397, HEX4, AdditionalIp4Address(IP4)),
    (16398, HEX6, AdditionalIp6Address(IP6)),
    (16401, "00" * 8, Cookie2(bytes(8))),
    (16402, HEX4 * 2 + "01f41194", NoNatsAllowed(Ip4Endpoints(IP4, IP4, 500, 4500))),
    (16402, HEX6 * 2 + "01f41194", NoNatsAllowed(Ip6Endpoints(IP6, IP6, 500, 4500))),
    (16403, "00000e10", AuthLifetime(3600)),
    (16407, "0104" + HEX4, Redirect(Ipv4Gateway(IP4))),
    (16407, "0210" + HEX6 + NONCE.hex(), Redirect(Ipv6Gateway(IP6), NONCE)),
    (16407, "0303612e62" + NONCE.hex(), Redirect(FqdnGateway("a.b"), NONCE)),
    (16407, "0900", Redirect(UnknownGateway(registry_code=9))),
    (16408, "0210" + HEX6, RedirectedFrom(Ipv6Gateway(IP6))),
    (16409, "00000e10ab", TicketLtOpaque(3600, b"\xab")),
    (16413, "ab", TicketOpaque(b"\xab")),
    (16414, "ab", LinkId(b"\xab")),
    (16419, "ab", QuickCrashDetection(b"\xab")),
    (16422, "010203040000000500000006", MessageIdSync(b"\1\2\3\4", 5, 6)),
    (16423, "00000005", IpsecReplayCounterSync(b"\0\0\0\5")),
    (16423, "0000000000000005", IpsecReplayCounterSync(bytes(7) + b"\5")),
    (16431, "0002ffff", SignatureHashAlgorithms((HashAlgorithm.SHA2_256, 0xFFFF))),
    (16431, "", SignatureHashAlgorithms()),
    (16434, "000510", Puzzle(PseudorandomFunction.HMAC_SHA2_256, 16)),
    (16436, "", PpkIdentity()),
    (16436, "02ab", PpkIdentity(PpkId(PpkIdType.FIXED, b"\xab"))),
    (16437, "ab", NoPpkAuth(b"\xab")),
]


def chained(octets: bytes, *, lenient: bool = False) -> Message:
    """The one Notify payload of a chain; the first octet says what follows."""
    elements = decode_elements(Chain(PAYLOADS), b"\0" + octets, first=41, lenient=lenient)
    (element,) = elements
    assert encode_elements(Chain(PAYLOADS), elements) == b"\0" + octets
    return element  # type: ignore[no-any-return]


@pytest.mark.parametrize(("kind", "data", "payload"), FORMS)
def test_forms(kind: int, data: str, payload: TypedNotify) -> None:
    octets = bytes.fromhex(f"00{8 + len(data) // 2:04x}0000{kind:04x}{data}")
    assert payload.encode() == octets
    assert type(payload).decode(octets) == payload
    assert chained(octets) == payload
    assert payload.notify_type == kind
    assert PAYLOADS.from_dict(payload.to_dict()) == payload
    rows = explain(type(payload), octets)
    assert b"".join(row.octets for row in rows if row.mask is None) == octets

    with_spi = payload.replace(
        spi=b"spi!", protocol_id=ProtocolId.ESP, critical=True, reserved=0x55
    )
    octets = bytes.fromhex(f"d5{12 + len(data) // 2:04x}0304{kind:04x}73706921{data}")
    assert with_spi.encode() == octets
    assert chained(octets) == with_spi


def test_every_class_has_a_form() -> None:
    classes = {cls for cls in PAYLOADS if issubclass(cls, TypedNotify)}
    assert {type(payload) for _, _, payload in FORMS} == classes
    assert {type(payload).__registration__.codes for _, _, payload in FORMS} == {
        (41, kind) for kind, _, _ in FORMS
    }
    assert {kind for kind, _, _ in FORMS} <= set(NotifyType)


@pytest.mark.parametrize("kind", sorted(set(NotifyType) - {kind for kind, _, _ in FORMS}))
def test_types_without_a_class(kind: NotifyType) -> None:
    octets = bytes.fromhex(f"0000080000{kind:04x}")
    assert chained(octets) == Notify(kind)
    assert Notify(kind).encode() == octets
    assert Notify(kind).to_dict()["notify_type"] == {"value": kind, "name": kind.name}


def test_types_without_a_name() -> None:
    octets = bytes.fromhex("00000e0304ffff73706921ab")
    payload = chained(octets + b"\xcd")
    assert payload == Notify(0xFFFF, b"spi!", b"\xab\xcd", protocol_id=ProtocolId.ESP)
    assert PAYLOADS.from_dict(payload.to_dict()) == payload
    rekey = Notify(NotifyType.REKEY_SA, b"spi!", protocol_id=ProtocolId.ESP)
    assert rekey.encode().hex() == "00000c0304400973706921"


def test_all_are_notifications() -> None:
    payloads = (Notify(NotifyType.INITIAL_CONTACT), AuthLifetime(3600))
    for payload in payloads:
        assert isinstance(payload, NotifyPayload)
    assert [payload.notify_type for payload in payloads] == [16384, 16403]
    assert IpsecReplayCounterSync(bytes(7) + b"\5").value == 5


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("0000080000 0011", "[0](InvalidKePayload).method: needs 2 octets, 0 left (octet 8)"),
        ("00000b0000 0011 001300", "[0](InvalidKePayload)"),
        ("0000090000 402f 00", "(SignatureHashAlgorithms).hash_algorithms: needs 2 octets, 1 left"),
        ("00000d0000 4012 0000000000", "[0](NoNatsAllowed).endpoints"),
        ("00000d0000 4027 0000000000", "(IpsecReplayCounterSync).delta: 5 octets where 4 or 8"),
        ("0000090000 4017 01", "(Redirect).new_gateway(Ipv4Gateway).identity_length"),
        ("00000f0000 4017 0105c000020100", "(Redirect).new_gateway(Ipv4Gateway)"),
        ("00000c0000 4017 01040102", "(Ipv4Gateway).address: needs 4 octets, 2 left"),
        ("0000110000 4018 0104c0000201000000", "[0](RedirectedFrom)"),
        ("00000c0304 4013 00000e10", "(AuthLifetime).lifetime: needs 4 octets, 0 left"),
        ("0000080004 4007", "[0](Notify).spi: needs 4 octets, 0 left (octet 8)"),
        ("0000070000 40", "[0]: needs 2 octets, 1 left"),
    ],
)
def test_broken_payloads(octets: str, error: str) -> None:
    with pytest.raises(DecodeError) as caught:
        chained(bytes.fromhex(octets))
    assert error in str(caught.value)
    assert isinstance(chained(bytes.fromhex(octets), lenient=True), Malformed)


def test_what_does_not_fit() -> None:
    with pytest.raises(EncodeError, match=r"spi"):
        Notify(NotifyType.REKEY_SA, bytes(256)).encode()
    with pytest.raises(EncodeError, match="endpoints"):
        NoNatsAllowed(Ipv4Gateway(IP4)).encode()  # type: ignore[arg-type]
    with pytest.raises(EncodeError, match="delta"):
        IpsecReplayCounterSync(bytes(5)).encode()


@pytest.mark.parametrize("cls", [NoNatsAllowed, Redirect, PpkIdentity, Notify])
def test_compiled_is_interpreted(cls: type[NotifyPayload]) -> None:
    rng = random.Random(cls.__name__)
    seeds = samples(cls, 40)
    accepted = 0
    for _ in range(1000):
        octets = mutated(rng.choice(seeds), rng)
        for lenient in (False, True):
            outcomes: list[Message | None] = []
            for read in (cls.decode, lambda o, lenient: interpret(cls, o, lenient=lenient)):
                try:
                    outcomes.append(read(octets, lenient=lenient))
                except DecodeError:
                    outcomes.append(None)
            compiled, interpreted = outcomes
            assert compiled == interpreted, octets.hex()
            if compiled is not None:
                accepted += 1
                assert compiled.encode() == octets
                assert cls.from_dict(compiled.to_dict()) == compiled
    assert accepted > 100
