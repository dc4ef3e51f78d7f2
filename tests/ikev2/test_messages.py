"""Whole messages of IKEv2: octets of the figures, what is kept, what is refused and where."""

from __future__ import annotations

import copy
import json
import pickle
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec
import pytest

from mip6boot import eap, ikev2
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.ikev2 import (
    ExchangeType,
    IkeFlags,
    IkeMessage,
    KeyExchangeMethod,
    NotifyType,
    Payload,
    PayloadType,
    ProtocolId,
    Transform,
    TransformType,
)
from mip6boot.schema import Malformed, diff, explain, interpret, walk

HOME, AGENT = IPv6Address("2001:db8:100::10"), IPv6Address("2001:db8:100::1")

# RFC 7296 3.1 to 3.4 and 3.9, octet by octet: AES-CBC with 128 and 256 bits or 3DES, and a
# second proposal with a combined-mode cipher.
HEADER = "0102030405060708 0000000000000000 21 20 22 08 00000000 000000f0"
SA = (
    "22 00 0064"
    "02 00 0034 01 01 00 05"
    "03 00 000c 01 00 000c 800e 0080"
    "03 00 0008 01 00 0003"
    "03 00 0008 02 00 0005"
    "03 00 0008 03 00 000c"
    "00 00 0008 04 00 0013"
    "00 00 002c 02 01 08 03 a1a2a3a4a5a6a7a8"
    "03 00 000c 01 00 0014 800e 0100"
    "03 00 0008 02 00 0006"
    "00 00 0008 04 00 001f"
)
KE = "28 00 0028 001f 0000" + "5a" * 32
NONCE = "29 00 0024" + "a5" * 32
NAT = "29 00 001c 00 00 4004" + "11" * 20
FRAGMENTS = "00 00 0008 00 00 402e"
OCTETS = bytes.fromhex(HEADER + SA + KE + NONCE + NAT + FRAGMENTS)

AES128 = Transform.of(ikev2.EncryptionAlgorithm.AES_CBC, 128)
FIRST = ikev2.Proposal(
    protocol_id=ProtocolId.IKE,
    transforms=(
        AES128,
        Transform.of(ikev2.EncryptionAlgorithm.TRIPLE_DES),
        Transform.of(ikev2.PseudorandomFunction.HMAC_SHA2_256),
        Transform.of(ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128),
        Transform.of(KeyExchangeMethod.ECP256),
    ),
)
SECOND = ikev2.Proposal(
    proposal_num=2,
    protocol_id=ProtocolId.IKE,
    spi=bytes.fromhex("a1a2a3a4a5a6a7a8"),
    transforms=(
        Transform.of(ikev2.EncryptionAlgorithm.AES_GCM_16, 256),
        Transform.of(ikev2.PseudorandomFunction.HMAC_SHA2_384),
        Transform.of(KeyExchangeMethod.CURVE25519),
    ),
)
MESSAGE = IkeMessage(
    initiator_spi=bytes(range(1, 9)),
    exchange_type=ExchangeType.IKE_SA_INIT,
    flags=IkeFlags.I,
    payloads=(
        ikev2.SecurityAssociation((FIRST, SECOND)),
        ikev2.KeyExchange(KeyExchangeMethod.CURVE25519, key_exchange_data=b"\x5a" * 32),
        ikev2.Nonce(b"\xa5" * 32),
        ikev2.NatDetectionSourceIp(b"\x11" * 20),
        ikev2.Notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED),
    ),
)


def framed(payloads: bytes, first: int) -> bytes:
    """A message around payloads, with a length that is right."""
    header = bytes(range(1, 9)) + bytes(8) + bytes((first, 0x20, 34, 8)) + bytes(4)
    return header + (28 + len(payloads)).to_bytes(4, "big") + payloads


def proven(message: IkeMessage, octets: bytes) -> None:
    """Octets and object are each other, in every form."""
    assert message.encode() == octets == bytes(message)
    assert ikev2.decode(octets) == ikev2.decode(octets, lenient=True) == message
    assert interpret(IkeMessage, octets) == message
    assert IkeMessage.schema.octets(message) == octets
    assert ikev2.from_dict(json.loads(json.dumps(message.to_dict()))) == message
    assert pickle.loads(pickle.dumps(message)) == copy.deepcopy(message) == message
    whole = [row for row in explain(IkeMessage, octets) if row.mask is None]
    assert b"".join(row.octets for row in whole) == octets
    at = 0
    for row in whole:
        assert (row.offset, row.octets) == (at, octets[at : at + row.length])
        at += row.length


def refused(octets: bytes, path: str, offset: int) -> DecodeError:
    """The octets are refused there by both forms; read leniently they come back as they were."""
    for decode in (ikev2.decode, lambda o: interpret(IkeMessage, o)):
        with pytest.raises(DecodeError) as caught:
            decode(octets)
        assert (caught.value.path, caught.value.offset) == (path, offset)
    return caught.value


def kept(octets: bytes) -> Any:
    """The one Malformed in what lenient reading makes of the octets, which come back."""
    message = ikev2.decode(octets, lenient=True)
    assert message.encode() == octets
    assert interpret(IkeMessage, octets, lenient=True) == message
    assert ikev2.from_dict(json.loads(json.dumps(message.to_dict()))) == message
    (broken,) = [element for _, element in walk(message) if isinstance(element, Malformed)]
    return broken


# -- whole messages --------------------------------------------------------------------------------
def test_a_first_message() -> None:
    proven(MESSAGE, OCTETS)
    assert (MESSAGE.next_payload, MESSAGE.length) == (PayloadType.SA, 240)
    assert [p.payload_length for p in MESSAGE.payloads] == [100, 40, 36, 28, 8]
    assert (FIRST.proposal_length, FIRST.num_transforms, FIRST.spi_size) == (52, 5, 0)
    assert (SECOND.proposal_length, SECOND.num_transforms, SECOND.spi_size) == (44, 3, 8)
    assert (AES128.transform_length, AES128.attributes[0].short) == (12, 1)


def test_every_other_length_is_refused() -> None:
    for size in range(len(OCTETS)):
        with pytest.raises(DecodeError) as caught:
            ikev2.decode(OCTETS[:size])
        assert "\n" not in str(caught.value)
    for behind in (b"\0", b"\xff"):
        with pytest.raises(DecodeError):
            ikev2.decode(OCTETS + behind)
    message, rest = IkeMessage.decode_prefix(OCTETS + b"rest")
    assert (message, rest) == (MESSAGE, b"rest")


@pytest.mark.parametrize(
    "message",
    [
        IkeMessage(initiator_spi=bytes(8), exchange_type=37),
        MESSAGE.replace(exchange_type=200, flags=IkeFlags.R | IkeFlags.V | IkeFlags.I),
        MESSAGE.replace(major_version=15, minor_version=15, reserved_high=3, reserved_low=7),
        MESSAGE.replace(message_id=0xFFFFFFFF, responder_spi=b"\xff" * 8),
        MESSAGE.replace(payloads=tuple(
            p.replace(critical=True, reserved=0x7F) for p in MESSAGE.payloads
        )),
        MESSAGE.replace(payloads=(ikev2.SecurityAssociation(),)),
        MESSAGE.replace(payloads=(ikev2.SecurityAssociation((
            FIRST.replace(reserved=0xA5, transforms=(
                Transform(reserved=1, transform_type=99, reserved2=2, transform_id=7),
            )),
            FIRST.replace(protocol_id=77, transforms=(), spi=b"odd"),
        )),)),
    ],
)  # fmt: skip
def test_odd_values_are_kept(message: IkeMessage) -> None:
    proven(message, message.encode())


def test_unknown_payloads() -> None:
    """The critical bit is kept: it decides whether a receiver may go on."""
    octets = framed(bytes.fromhex("c9 80 0006 abcd 00 7f 0004"), 200)
    message = ikev2.decode(octets)
    assert message.payloads == (
        ikev2.UnknownPayload(registry_code=200, data=b"\xab\xcd", critical=True),
        ikev2.UnknownPayload(registry_code=201, reserved=0x7F),
    )
    proven(message, octets)
    assert message.to_dict()["payloads"][0]["registry_code"] == {"value": 200, "name": None}


def test_attributes_in_long_form() -> None:
    long = ikev2.TransformAttribute(ikev2.TransformAttributeType.KEY_LENGTH, b"\1\0")
    other = ikev2.TransformAttribute(0x7FFF, b"")
    transform = Transform(
        transform_type=1, transform_id=12, attributes=(long, other, *AES128.attributes)
    )
    octets = bytes.fromhex("00 0016 01 00 000c 000e 0002 0100 7fff 0000 800e 0080")
    assert transform.encode() == octets
    assert Transform.decode(octets) == transform
    assert (long.short, AES128.attributes[0].short) == (0, 1)
    assert transform.key_length is None
    with pytest.raises(EncodeError, match="value"):
        ikev2.TransformAttribute(14, 0x10000).encode()


# -- views -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", sorted(ikev2.ALGORITHMS))
def test_transforms_know_their_algorithms(kind: int) -> None:
    for algorithm in ikev2.ALGORITHMS[kind]:
        transform = Transform(transform_type=kind, transform_id=int(algorithm))
        assert transform.transform_id is algorithm
        if kind < TransformType.ADDKE1:
            assert Transform.of(algorithm) == transform
    assert Transform(transform_type=kind, transform_id=0xFFFF).transform_id == 0xFFFF


def test_algorithms_have_names_in_trees_and_json() -> None:
    transform = Transform.decode(Transform(transform_type=1, transform_id=12).encode())
    assert "transform_id: 12 AES_CBC" in str(transform)
    form = transform.to_dict()
    assert form["transform_id"] == {"value": 12, "name": "AES_CBC"}
    assert Transform.from_dict(form) == transform
    other = msgspec.structs.replace(transform, transform_type=2)
    assert other.to_dict()["transform_id"] == {"value": 12, "name": None}
    wrong: Any = []
    with pytest.raises(EncodeError, match="transform_type"):
        Transform(transform_type=wrong).encode()
    with pytest.raises(EncodeError, match="transform_id"):
        Transform(transform_type=1, transform_id=wrong).encode()


def test_algorithms_of_proposals() -> None:
    assert FIRST.algorithms(TransformType.ENCR) == (
        ikev2.EncryptionAlgorithm.AES_CBC,
        ikev2.EncryptionAlgorithm.TRIPLE_DES,
    )
    assert FIRST.algorithms(TransformType.SN) == ()
    assert SECOND.algorithms(4) == (KeyExchangeMethod.CURVE25519,)
    assert [t.key_length for t in FIRST.transforms] == [128, None, None, None, None]
    assert Transform(transform_type=13, transform_id=5).transform_id == 5


def selector(protocol: int, start: int, end: int) -> ikev2.Ipv6AddressRange:
    return ikev2.Ipv6AddressRange(
        ip_protocol=protocol, start_port=start, end_port=end,
        starting_address=HOME, ending_address=HOME,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "start", "end", "mh", "types", "codes"),
    [
        (135, 0x0500, 0x05FF, (5, 5), None, None),
        (135, 0x0100, 0x0400, (1, 4), None, None),
        (135, 0x0000, 0x0000, (0, 0), None, None),
        (135, 0x0000, 0xFFFF, None, None, None),
        (135, 0xFFFF, 0x0000, None, None, None),
        (58, 0x9000, 0x91FF, None, (144, 145), (0, 255)),
        (58, 0x0000, 0x0000, None, (0, 0), (0, 0)),
        (58, 0x0000, 0xFFFF, None, None, None),
        (58, 0xFFFF, 0x0000, None, None, None),
        (1, 0x0800, 0x0807, None, (8, 8), (0, 7)),
        (17, 0x0500, 0x0500, None, None, None),
        (0, 0x0500, 0x0500, None, None, None),
    ],
)
def test_ports_that_are_types(
    protocol: int, start: int, end: int, mh: Any, types: Any, codes: Any
) -> None:
    ranged = selector(protocol, start, end)
    assert (ranged.mh_types, ranged.icmp_types, ranged.icmp_codes) == (mh, types, codes)
    assert ranged.opaque is ((start, end) == (0xFFFF, 0))
    as_ipv4 = ikev2.Ipv4AddressRange(
        ip_protocol=protocol, start_port=start, end_port=end,
        starting_address=IPv4Address("192.0.2.1"), ending_address=IPv4Address("192.0.2.1"),
    )  # fmt: skip
    assert (as_ipv4.mh_types, as_ipv4.icmp_types) == (mh, types)


def test_selectors_for_mobility() -> None:
    assert ikev2.Ipv6AddressRange.for_mobility(HOME) == selector(135, 0, 0xFFFF)
    assert ikev2.Ipv6AddressRange.for_mobility(HOME, 5) == selector(135, 0x0500, 0x0500)
    assert ikev2.Ipv6AddressRange.for_mobility(HOME, 1, 4) == selector(135, 0x0100, 0x0400)
    assert ikev2.Ipv6AddressRange.for_mobility(HOME, 0) == selector(135, 0, 0)


def test_certificates_elsewhere() -> None:
    url = "http://example.org/\N{LATIN SMALL LETTER E WITH ACUTE}"
    for encoding in (12, 13):
        there = ikev2.Certificate(encoding, bytes(20) + url.encode())
        assert there.located == (bytes(20), url)
        assert there.replace(certificate_data=bytes(20)).located == (bytes(20), "")
        assert there.replace(certificate_data=bytes(19)).located is None
        odd = there.replace(certificate_data=bytes(20) + b"\xff").located
        assert odd is not None
        assert odd[1].encode("utf-8", "surrogateescape") == b"\xff"
    assert there.replace(cert_encoding=4).located is None


def test_authorities() -> None:
    asks = ikev2.CertificateRequest(4, b"a" * 20 + b"b" * 20)
    for encoding in (4, 12, 13):
        assert asks.replace(cert_encoding=encoding).authorities == (b"a" * 20, b"b" * 20)
    assert asks.replace(certification_authority=b"").authorities == ()
    assert asks.replace(certification_authority=bytes(21)).authorities is None
    assert asks.replace(cert_encoding=7).authorities is None


@pytest.mark.parametrize(
    ("method", "data", "parts"),
    [
        (14, "0f300d06092a864886f70d01010b0500abcd",
         (bytes.fromhex("300d06092a864886f70d01010b0500"), b"\xab\xcd")),
        (14, "00abcd", (b"", b"\xab\xcd")),
        (14, "02abcd", (b"\xab\xcd", b"")),
        (14, "03abcd", None),
        (14, "", None),
        (1, "02abcd", None),
    ],
)  # fmt: skip
def test_digital_signatures(method: int, data: str, parts: Any) -> None:
    auth = ikev2.Authentication(method, authentication_data=bytes.fromhex(data))
    assert auth.digital_signature == parts


# -- what does not parse ---------------------------------------------------------------------------
def test_a_payload_whose_content_does_not_fit() -> None:
    octets = framed(bytes.fromhex("28 00 0009 00 00 0011 00 2b 00 0005 aa 00 00 0004"), 41)
    error = refused(octets, "payloads[0](InvalidKePayload).method", 36)
    assert error.reason == "needs 2 octets, 1 left"
    broken = kept(octets)
    assert issubclass(type(broken), Payload)
    assert (broken.registry_code, broken.octets.hex()) == (41, "280000090000001100")
    assert (broken.declared_length, broken.path, broken.offset) == (None, "method", 36)
    message = ikev2.decode(octets, lenient=True)
    assert message.payloads[1:] == (ikev2.Nonce(b"\xaa"), ikev2.VendorId())
    assert message.next_payload == PayloadType.NOTIFY


def test_broken_payloads_are_pickled_and_copied() -> None:
    octets = framed(bytes.fromhex("00 00 0009 00 00 0011 00"), 41)
    message = ikev2.decode(octets, lenient=True)
    assert pickle.loads(pickle.dumps(message)) == message
    assert copy.deepcopy(message) == message
    (broken,) = pickle.loads(pickle.dumps(message)).payloads
    assert broken.reason == "needs 2 octets, 1 left"


def test_a_payload_that_runs_over_the_fence() -> None:
    octets = framed(bytes.fromhex("28 00 0005 aa 00 00 0009 bbbbbbbb"), 43)
    error = refused(octets, "payloads[1].payload_length", 35)
    assert error.reason == "says 9 octets, 8 left"
    broken = kept(octets)
    assert (broken.registry_code, broken.octets.hex()) == (40, "00000009bbbbbbbb")
    assert (broken.declared_length, broken.path, broken.offset) == (9, "payload_length", 35)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_payload_shorter_than_its_header(length: int) -> None:
    octets = framed(bytes.fromhex(f"00 00 {length:04x} bbbbbbbb"), 40)
    refused(octets, "payloads[0].payload_length", 30)
    assert kept(octets).declared_length == length


def test_a_payload_that_is_only_announced() -> None:
    octets = framed(bytes.fromhex("28 00 0005 aa"), 43)
    refused(octets, "payloads[1]", 33)
    broken = kept(octets)
    assert (broken.registry_code, broken.octets) == (40, b"")
    refused(framed(b"", 33), "payloads[0]", 28)
    assert kept(framed(b"", 33)).registry_code == PayloadType.SA


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_header_that_is_cut_off(size: int) -> None:
    octets = framed(bytes.fromhex("28 00 0005 aa") + bytes(size), 43)
    refused(octets, "payloads[1]", 33)
    assert kept(octets).octets == bytes(size)


def test_octets_behind_the_last_payload() -> None:
    octets = framed(bytes.fromhex("00 00 0005 aa bbcc"), 43)
    error = refused(octets, "payloads[1]", 33)
    assert "2 octets" in error.reason
    broken = kept(octets)
    assert (broken.registry_code, broken.octets) == (0, b"\xbb\xcc")
    refused(framed(b"\0", 0), "payloads[0]", 28)


def test_a_transform_that_does_not_fit() -> None:
    """No part of a payload is kept alone; the whole payload is."""
    octets = OCTETS[:43] + b"\x0b" + OCTETS[44:]
    place = (
        "proposals[0](Proposal).transforms[0](Transform).attributes[0](TransformAttribute).value"
    )
    refused(octets, f"payloads[0](SecurityAssociation).{place}", 50)
    broken = kept(octets)
    assert broken.octets == octets[28:128]
    assert broken.path == place


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (28 + 4, 0),  # says that the first proposal is the last
        (28 + 4, 3),  # says neither
        (28 + 4 + 52, 2),  # says that another proposal follows
        (28 + 12, 0),  # says that the first transform is the last
        (28 + 12, 2),
        (28 + 11, 4),  # one transform fewer
        (28 + 11, 6),
        (28 + 10, 4),  # an SPI that is not there
        (28 + 7, 51),  # the proposal's length
        (28 + 7, 53),
    ],
)
def test_marks_and_counts_of_proposals(at: int, value: int) -> None:
    octets = OCTETS[:at] + bytes((value,)) + OCTETS[at + 1 :]
    with pytest.raises(DecodeError) as caught:
        ikev2.decode(octets)
    assert caught.value.path.startswith("payloads[0](SecurityAssociation).proposals")
    assert kept(octets).registry_code == PayloadType.SA


def test_an_attribute_that_does_not_fit() -> None:
    octets = framed(bytes.fromhex("00 00 0016 02000000 000a 0005 0102030405 0013 0000 00"), 47)
    with pytest.raises(DecodeError) as caught:
        ikev2.decode(octets)
    assert caught.value.path == "payloads[0](Configuration).attributes[0](InternalIp6Dns).address"
    message = ikev2.decode(octets, lenient=True)
    (configuration,) = message.payloads
    assert isinstance(configuration, ikev2.Configuration)
    assert [isinstance(a, Malformed) for a in configuration.attributes] == [True, False, True]
    assert message.encode() == octets
    assert ikev2.from_dict(message.to_dict()) == message


def test_an_eap_packet_that_does_not_fit() -> None:
    octets = framed(bytes.fromhex("00 00 000a 01 05 0007 01 41"), 48)
    refused(octets, "payloads[0](Eap).message(IdentityRequest).length", 34)
    assert kept(octets).octets == octets[28:]


@pytest.mark.parametrize("lenient", [False, True])
def test_a_header_alone_has_to_parse(lenient: bool) -> None:
    for octets, path in ((b"", "initiator_spi"), (OCTETS[:27], "length"), (OCTETS[:-1], "length")):
        with pytest.raises(DecodeError) as caught:
            ikev2.decode(octets, lenient=lenient)
        assert caught.value.path == path


# -- wrong on purpose ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("overrides", "at", "octets"),
    [
        ({"payloads[0].payload_length": 9}, 30, "0009"),
        ({"payloads[2](Nonce).payload_length": 0xFFFF}, 170, "ffff"),
        ({"next_payload": 0}, 16, "00"),
        ({"length": 3}, 24, "00000003"),
        ({"payloads[0](SecurityAssociation).proposals[0].more": 0}, 32, "00"),
        ({"payloads[0].proposals[1].more": 2}, 84, "02"),
        ({"payloads[0].proposals[0].transforms[4].more": 3}, 76, "03"),
        ({"payloads[0].proposals[0].num_transforms": 255}, 39, "ff"),
        ({"payloads[0].proposals[1].spi_size": 7}, 90, "07"),
        ({"payloads[0].proposals[0].transforms[0].transform_length": 11}, 42, "000b"),
        ({"payloads[0].next_payload": 99}, 28, "63"),
        ({"payloads[4].notify_type": 16384}, 238, "4000"),
        ({"major_version": 1, "minor_version": 5}, 17, "15"),
    ],
)
def test_overrides(overrides: dict[str, int], at: int, octets: str) -> None:
    wrong, size = MESSAGE.encode(overrides), len(octets) // 2
    assert wrong[at : at + size].hex() == octets
    assert wrong[:at] + wrong[at + size :] == OCTETS[:at] + OCTETS[at + size :]
    if overrides.keys() & {"payloads[0].next_payload", "payloads[4].notify_type", "major_version"}:
        assert ikev2.decode(wrong) != MESSAGE
        return
    with pytest.raises(DecodeError):
        ikev2.decode(wrong)
    if "length" not in overrides:
        assert ikev2.decode(wrong, lenient=True).encode() == wrong


def test_overrides_that_do_not_fit() -> None:
    for path, number in (("next_payload", 256), ("nothing", 1), ("payloads[9].payload_length", 1)):
        with pytest.raises(EncodeError):
            MESSAGE.encode({path: number})


def test_lengths_that_do_not_fit() -> None:
    with pytest.raises(EncodeError) as caught:
        MESSAGE.replace(payloads=(ikev2.VendorId(bytes(65532)),)).encode()
    assert caught.value.path.startswith("payloads[0](VendorId)")
    assert MESSAGE.replace(payloads=(ikev2.VendorId(bytes(60000)),)).length == 60032


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (MESSAGE.replace(initiator_spi=bytes(7)), "initiator_spi"),
        (MESSAGE.replace(message_id=-1), "message_id"),
        (MESSAGE.replace(payloads=(ikev2.Delete(3, 4, (b"spi",)),)), "payloads[0](Delete).spis[0]"),
        (MESSAGE.replace(payloads=(ikev2.SecurityAssociation((FIRST.replace(spi=bytes(256)),)),)),
         "payloads[0](SecurityAssociation).proposals[0](Proposal).spi_size"),
        (MESSAGE.replace(payloads=(FIRST,)), "payloads"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit(message: IkeMessage, path: str) -> None:
    with pytest.raises(EncodeError) as caught:
        message.encode()
    assert caught.value.path.startswith(path)


# -- octet map and tree ----------------------------------------------------------------------------
def test_rows() -> None:
    rows = {row.path: row for row in explain(IkeMessage, OCTETS)}
    assert rows["next_payload"].octets == b"\x21"
    assert (rows["flags"].offset, rows["flags"].mask) == (19, 0x38)
    place = "payloads[0](SecurityAssociation)"
    assert (rows[f"{place}.next_payload"].offset, rows[f"{place}.next_payload"].octets) == (
        28,
        b"\x22",
    )
    assert rows[f"{place}.critical"].mask == 0x80
    attribute = f"{place}.proposals[0](Proposal).transforms[0](Transform).attributes[0]"
    (value,) = (row for path, row in rows.items() if path.startswith(attribute) and "value" in path)
    assert (value.offset, value.octets) == (50, b"\x00\x80")
    assert any(row.rfc.startswith("7296") for row in rows.values())


def test_rows_of_broken_messages() -> None:
    for octets in (
        framed(bytes.fromhex("28 00 0009 00 00 0011 00 00 00 0004"), 41),
        framed(bytes.fromhex("28 00 0005 aa 00 00 0009 bbbbbbbb"), 43),
        framed(bytes.fromhex("00 00 0005 aa bbcc"), 43),
        framed(bytes.fromhex("28 00 0005 aa"), 43),
        OCTETS[:100],
        MESSAGE.encode({"payloads[0].proposals[0].more": 0}),
    ):
        whole = [row for row in explain(IkeMessage, octets) if row.mask is None]
        assert b"".join(row.octets for row in whole) == octets


def test_trees_and_differences() -> None:
    assert "algorithm" not in MESSAGE.to_dict()["payloads"][0]["proposals"][0]["transforms"][0]
    assert str(MESSAGE).startswith("IkeMessage")
    other = MESSAGE.replace(payloads=(*MESSAGE.payloads[:2], ikev2.Nonce(b"x" * 32)))
    assert diff(MESSAGE, MESSAGE) == []
    assert diff(MESSAGE, other)
    assert MESSAGE.find(ikev2.Nonce) == MESSAGE.payloads[2]
    assert len(list(MESSAGE.find_all(Transform))) == 8


# -- sealed ------------------------------------------------------------------------------------------
def test_sealed_content_is_octets() -> None:
    sealed = bytes(range(64))
    octets = framed(bytes.fromhex("2e 00 0005 76 23 80 0044") + sealed, 43)
    message = ikev2.decode(octets)
    assert message.payloads == (
        ikev2.VendorId(b"v"),
        ikev2.Encrypted(PayloadType.IDI, sealed, critical=True),
    )
    proven(message, octets)
    row = {row.path: row for row in explain(IkeMessage, octets)}["payloads[1](Encrypted).sealed"]
    assert (row.offset, row.octets) == (37, sealed)


def test_fragments_are_octets() -> None:
    for first, number in ((35, 1), (0, 2)):
        octets = framed(bytes((first,)) + bytes.fromhex(f"00 000c {number:04x} 0002 abcdef01"), 53)
        message = ikev2.decode(octets)
        assert message.payloads == (
            ikev2.EncryptedFragment(number, 2, first, bytes.fromhex("abcdef01")),
        )
        proven(message, octets)
    short = framed(bytes.fromhex("00 00 0006 0001"), 53)
    refused(short, "payloads[0](EncryptedFragment).total_fragments", 34)
    assert kept(short).registry_code == PayloadType.SKF


def test_nothing_follows_a_sealed_payload() -> None:
    with pytest.raises(EncodeError) as caught:
        MESSAGE.replace(payloads=(ikev2.Encrypted(), ikev2.VendorId())).encode()
    assert "payloads" in caught.value.path
    refused(framed(bytes.fromhex("2b 00 0005 aa 00 00 0004"), 46), "payloads[1]", 33)


# -- chains ------------------------------------------------------------------------------------------
INNER: tuple[Payload, ...] = (
    ikev2.IDi(ikev2.Rfc822Identity("0001@example.org")),
    ikev2.Eap(eap.IdentityResponse(7, "0001@example.org")),
    ikev2.Configuration(1, attributes=(ikev2.InternalIp6Address(), ikev2.HomeAgentAddress())),
    ikev2.Notify(NotifyType.USE_TRANSPORT_MODE),
    ikev2.TSi(selectors=(ikev2.Ipv6AddressRange.for_mobility(HOME, 5),)),
    ikev2.TSr(selectors=(ikev2.Ipv6AddressRange.for_mobility(AGENT, 6),)),
)


def test_chains() -> None:
    first, octets = ikev2.encode_chain(INNER)
    assert (first, octets[:4].hex()) == (35, "30000018")
    assert ikev2.decode_chain(bytearray(octets), first) == INNER
    assert ikev2.decode_chain(memoryview(octets), first, lenient=True) == INNER
    assert ikev2.encode_chain(()) == (0, b"")


@pytest.mark.parametrize(
    ("octets", "first", "path", "offset"),
    [
        ("", 41, "[0]", 0),
        ("00", 0, "[0]", 0),
        ("00 00 0008 00 00 0011", 41, "[0](InvalidKePayload).method", 8),
        ("00 00 0007 00 00 40", 41, "[0]", 6),
        ("29 00 0004 00 00 0008 00 04 4007", 43, "[1](Notify).spi", 12),
        ("2b 00 0004 00 00 0005", 43, "[1].payload_length", 6),
        ("00 00 0008 01000000", 44, "[0](TSi).selectors[0]", 8),
        ("00 00 0010 01000000 08 87 0008 00000000", 44,
         "[0](TSi).selectors[0](Ipv6AddressRange).starting_address", 16),
        ("00 00 000c 03040002 00000001", 42, "[0](Delete).spis[1]", 12),
        ("00 00 000c 03040000 00000001", 42, "[0](Delete)", 8),
    ],
)  # fmt: skip
def test_broken_chains(octets: str, first: int, path: str, offset: int) -> None:
    raw = bytes.fromhex(octets)
    with pytest.raises(DecodeError) as caught:
        ikev2.decode_chain(raw, first)
    assert caught.value.path.startswith(path)
    assert caught.value.offset == offset
    assert len(str(caught.value).splitlines()) == 1
    broken = ikev2.decode_chain(raw, first, lenient=True)
    assert any(isinstance(payload, Malformed) for payload in broken)
    assert ikev2.encode_chain(broken) == (first, raw)


# -- JSON form ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"nothing": 1}, "nothing"),
        ({"message_id": 1 << 32}, "message_id"),
        ({"payloads": [{"type": "Nonce", "nonce_data": "0"}]}, "payloads[0].nonce_data"),
        ({"payloads": [{"type": "Proposal"}]}, "payloads[0]"),
        ({"payloads": [{"type": "IkeMessage"}]}, "payloads[0]"),
        ({"initiator_spi": "00"}, "initiator_spi"),
    ],
)
def test_json_that_does_not_fit(data: dict[str, Any], path: str) -> None:
    with pytest.raises((DecodeError, EncodeError)) as caught:
        ikev2.from_dict(MESSAGE.to_dict() | data).encode()
    assert caught.value.path.startswith(path)
