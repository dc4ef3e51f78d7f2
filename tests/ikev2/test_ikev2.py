"""Messages, chains and payloads of IKEv2, and the rules of its exchanges."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from mip6boot import eap, ikev2
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.ikev2 import ExchangeType, IkeFlags, IkeMessage, NotifyType, ProtocolId
from mip6boot.schema import Malformed, explain

SPI_I, SPI_R = bytes.fromhex("587c0c8f35a7d262"), bytes.fromhex("e09ae3460ae49aed")
HOME, AGENT = IPv6Address("2001:db8:100::10"), IPv6Address("2001:db8:100::1")

IKE_PROPOSAL = ikev2.Proposal(
    protocol_id=ProtocolId.IKE,
    transforms=(
        ikev2.Transform.of(ikev2.EncryptionAlgorithm.AES_CBC, 256),
        ikev2.Transform.of(ikev2.PseudorandomFunction.HMAC_SHA2_256),
        ikev2.Transform.of(ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128),
        ikev2.Transform.of(ikev2.KeyExchangeMethod.ECP256),
    ),
)
ESP_PROPOSAL = ikev2.Proposal(
    protocol_id=ProtocolId.ESP,
    spi=b"spi!",
    transforms=(
        ikev2.Transform.of(ikev2.EncryptionAlgorithm.AES_CBC, 256),
        ikev2.Transform.of(ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128),
        ikev2.Transform.of(ikev2.SequenceNumbers.NO_ESN),
    ),
)
INIT = IkeMessage(
    initiator_spi=SPI_I,
    exchange_type=ExchangeType.IKE_SA_INIT,
    flags=IkeFlags.I,
    payloads=(
        ikev2.SecurityAssociation((IKE_PROPOSAL,)),
        ikev2.KeyExchange(ikev2.KeyExchangeMethod.ECP256, key_exchange_data=bytes(64)),
        ikev2.Nonce(bytes(32)),
    ),
)
SEALED = IkeMessage(
    initiator_spi=SPI_I,
    responder_spi=SPI_R,
    exchange_type=ExchangeType.IKE_AUTH,
    flags=IkeFlags.I,
    message_id=1,
    payloads=(ikev2.Encrypted(ikev2.PayloadType.IDI, bytes(48)),),
)
INNER: tuple[ikev2.Payload, ...] = (
    ikev2.IDi(ikev2.Rfc822Identity("0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org")),
    ikev2.Notify(NotifyType.INITIAL_CONTACT),
    ikev2.IDr(ikev2.FqdnIdentity("internet")),
    ikev2.Configuration(ikev2.ConfigurationType.REQUEST, attributes=(ikev2.InternalIp6Address(),)),
    ikev2.Notify(NotifyType.USE_TRANSPORT_MODE),
    ikev2.SecurityAssociation((ESP_PROPOSAL,)),
    ikev2.TSi(selectors=(ikev2.Ipv6AddressRange.for_mobility(HOME, 5),)),
    ikev2.TSr(selectors=(ikev2.Ipv6AddressRange.for_mobility(AGENT, 6),)),
)

#: Type, octets behind that of the next payload, and the payload they are.
PAYLOADS = [
    (33, "000028 00000024 01010003 0300000c0100000c800e0100 0300000802000005 0000000804000013",
     ikev2.SecurityAssociation((
         IKE_PROPOSAL.replace(transforms=IKE_PROPOSAL.transforms[:2] + IKE_PROPOSAL.transforms[3:]),
     ))),
    (34, "00000a 00130000 abcd",
     ikev2.KeyExchange(ikev2.KeyExchangeMethod.ECP256, key_exchange_data=b"\xab\xcd")),
    (35, "00000c 01000000 c0000201", ikev2.IDi(ikev2.Ipv4Identity(IPv4Address("192.0.2.1")))),
    (36, "00000b 02000000 613262", ikev2.IDr(ikev2.FqdnIdentity("a2b"))),
    (36, "00000a 0300abcd 4062", ikev2.IDr(ikev2.Rfc822Identity("@b", reserved=0xABCD))),
    (35, "000018 05000000 20010db8010000000000000000000010", ikev2.IDi(ikev2.Ipv6Identity(HOME))),
    (35, "00000a 09000000 3000", ikev2.IDi(ikev2.DerDnIdentity(b"0\0"))),
    (35, "00000a 0a000000 8200", ikev2.IDi(ikev2.DerGnIdentity(b"\x82\0"))),
    (35, "000009 0b000000 ff", ikev2.IDi(ikev2.KeyIdIdentity(b"\xff"))),
    (35, "000009 0c000000 ff", ikev2.IDi(ikev2.FcNameIdentity(b"\xff"))),
    (35, "000008 0d000000", ikev2.IDi(ikev2.NullIdentity())),
    (35, "000009 c9000000 ff", ikev2.IDi(ikev2.UnknownIdentity(registry_code=201, data=b"\xff"))),
    (37, "000006 0430", ikev2.Certificate(ikev2.CertificateEncoding.X509_SIGNATURE, b"0")),
    (38, "000019 04" + "11" * 20,
     ikev2.CertificateRequest(ikev2.CertificateEncoding.X509_SIGNATURE, b"\x11" * 20)),
    (39, "00000a 02000000 abcd",
     ikev2.Authentication(ikev2.AuthenticationMethod.SHARED_KEY, authentication_data=b"\xab\xcd")),
    (40, "000014" + "22" * 16, ikev2.Nonce(b"\x22" * 16)),
    (42, "000008 01000000", ikev2.Delete(ProtocolId.IKE)),
    (42, "000010 03040002 0000000100000002",
     ikev2.Delete(ProtocolId.ESP, 4, (b"\0\0\0\1", b"\0\0\0\2"))),
    (43, "000006 6162", ikev2.VendorId(b"ab")),
    (44, "000018 01000000 07000010 0000ffff c0000200 c00002ff",
     ikev2.TSi(selectors=(ikev2.Ipv4AddressRange(starting_address=IPv4Address("192.0.2.0"),
                                                 ending_address=IPv4Address("192.0.2.255")),))),
    (45, "00000e 01000000 0a000006 abcd",
     ikev2.TSr(selectors=(ikev2.UnknownTrafficSelector(registry_code=10, data=b"\xab\xcd"),))),
    (48, "000008 03070004", ikev2.Eap(eap.Success(7))),
    (49, "000005 01", ikev2.GenericSecurePasswordMethod(b"\1")),
    (50, "000005 01", ikev2.GroupIdentification(b"\1")),
    (51, "000005 01", ikev2.GroupSecurityAssociation(b"\1")),
    (52, "000005 01", ikev2.KeyDownload(b"\1")),
    (54, "000008 01020304", ikev2.PuzzleSolution(b"\1\2\3\4")),
    (200, "800005 01", ikev2.UnknownPayload(registry_code=200, data=b"\1", critical=True)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "octets", "payload"), PAYLOADS)
def test_payloads(kind: int, octets: str, payload: ikev2.Payload) -> None:
    wire = b"\0" + bytes.fromhex(octets)
    assert ikev2.encode_chain((payload,)) == (kind, wire)
    assert ikev2.decode_chain(wire, kind) == (payload,)
    assert ikev2.PAYLOADS.from_dict(payload.to_dict()) == payload
    kept = payload.replace(critical=True, reserved=0x55)
    marked = b"\0\xd5" + wire[2:]
    assert ikev2.encode_chain((kept,)) == (kind, marked)
    assert ikev2.decode_chain(marked, kind) == (kept,)


def test_all_types_of_payloads_are_here() -> None:
    elsewhere = {41, 46, 47, 53}
    assert {kind for kind, _, _ in PAYLOADS} | elsewhere == {*ikev2.PayloadType, 200} - {0}


def test_a_message() -> None:
    octets = INIT.encode()
    assert octets[:28].hex() == f"{SPI_I.hex()}{'00' * 8}21202208{'00' * 4}{len(octets):08x}"
    assert ikev2.decode(octets) == INIT
    assert ikev2.from_dict(INIT.to_dict()) == INIT
    assert (INIT.next_payload, INIT.length) == (33, len(octets))
    assert (INIT.from_initiator, INIT.is_response) == (True, False)
    rows = explain(IkeMessage, octets)
    assert b"".join(row.octets for row in rows if row.mask is None) == octets
    odd = INIT.replace(major_version=3, minor_version=15, reserved_high=3, reserved_low=7)
    assert ikev2.decode(odd.encode()) == odd
    assert odd.encode()[17:20].hex() == "3f22cf"


def test_sealed_payloads_end_the_chain() -> None:
    fragment = ikev2.EncryptedFragment(1, 2, ikev2.PayloadType.IDI, b"\xab")
    for last, octets in (
        (SEALED.payloads[0], "2300003400" + "00" * 47),
        (fragment, "2300000900010002ab"),
    ):
        payloads = (ikev2.VendorId(b"v"), last)
        first, wire = ikev2.encode_chain(payloads)
        assert wire.hex() == f"{last.registry_code:02x}00000576" + octets
        assert ikev2.decode_chain(wire, first) == payloads
    with pytest.raises(EncodeError):
        ikev2.encode_chain((fragment, ikev2.VendorId(b"v")))


def test_a_chain() -> None:
    first, octets = ikev2.encode_chain(INNER)
    assert first == ikev2.PayloadType.IDI
    assert ikev2.decode_chain(octets, first) == INNER
    assert ikev2.encode_chain(()) == (0, b"")
    assert ikev2.decode_chain(b"", 0) == ()


def test_broken_chains() -> None:
    first, octets = ikev2.encode_chain(
        (ikev2.Nonce(bytes(16)), ikev2.IDi(ikev2.Ipv6Identity(HOME)))
    )
    short = octets[:22] + b"\0\x17" + octets[24:-1]
    with pytest.raises(DecodeError) as caught:
        ikev2.decode_chain(short, first)
    assert caught.value.path == "[1](IDi).identity(Ipv6Identity).address"
    assert caught.value.offset == 28
    nonce, broken = ikev2.decode_chain(short, first, lenient=True)
    assert isinstance(broken, Malformed)
    assert isinstance(broken, ikev2.Payload)
    assert ikev2.encode_chain((nonce, broken)) == (first, short)
    for wire in (octets + b"\0", octets[:-1], octets[:21]):
        with pytest.raises(DecodeError):
            ikev2.decode_chain(wire, first)
    with pytest.raises(DecodeError):
        ikev2.decode(INIT.encode({"length": 27}))
    with pytest.raises(DecodeError):
        ikev2.decode(INIT.encode({"payloads[0].proposals[0].num_transforms": 3}))


def test_views_of_payloads() -> None:
    assert IKE_PROPOSAL.algorithms(ikev2.TransformType.KE) == (ikev2.KeyExchangeMethod.ECP256,)
    assert IKE_PROPOSAL.transforms[0].key_length == 256
    unknown = ikev2.Transform(transform_type=99, transform_id=7)
    assert (unknown.transform_id, unknown.key_length) == (7, None)
    signed = ikev2.Authentication(14, authentication_data=b"\2\x30\0sig")
    assert signed.digital_signature == (b"\x30\0", b"sig")
    assert signed.replace(authentication_data=b"\x09").digital_signature is None
    assert signed.replace(auth_method=2).digital_signature is None
    asks = ikev2.CertificateRequest(4, b"a" * 20 + b"b" * 20)
    assert asks.authorities == (b"a" * 20, b"b" * 20)
    assert asks.replace(certification_authority=b"a").authorities is None


def test_views_of_selectors() -> None:
    update = ikev2.Ipv6AddressRange.for_mobility(HOME, 5)
    assert (update.start_port, update.end_port) == (0x0500, 0x0500)
    assert (update.mh_types, update.icmp_types, update.icmp_codes) == ((5, 5), None, None)
    assert ikev2.Ipv6AddressRange.for_mobility(HOME).mh_types is None
    prefixes = update.replace(ip_protocol=58, start_port=0x9201, end_port=0x93FF)
    assert (prefixes.mh_types, prefixes.icmp_types) == (None, (146, 147))
    assert prefixes.icmp_codes == (1, 255)
    opaque = update.replace(start_port=0xFFFF, end_port=0)
    assert (opaque.opaque, opaque.mh_types) == (True, None)


# -- rules ----------------------------------------------------------------------------------------
def answer(*payloads: ikev2.Payload) -> tuple[IkeMessage, tuple[ikev2.Payload, ...]]:
    return SEALED.replace(flags=IkeFlags.R), payloads


def test_legal_exchanges() -> None:
    assert ikev2.check(INIT) == []
    assert ikev2.check(SEALED, INNER) == []
    cookie = ikev2.Cookie(b"c" * 8)
    assert ikev2.check(INIT.replace(payloads=(cookie, *INIT.payloads))) == []
    assert ikev2.check(INIT.replace(flags=IkeFlags.R, payloads=(cookie,))) == []
    wanted = ikev2.InvalidKePayload(ikev2.KeyExchangeMethod.ECP256)
    assert ikev2.check(INIT.replace(flags=IkeFlags.R, payloads=(wanted,))) == []
    idr, auth = INNER[2], ikev2.Authentication(2, authentication_data=bytes(32))
    for content in (
        (idr, auth, *INNER[5:]),
        (idr, auth),  # Childless (RFC 6023).
        (idr, auth, ikev2.Notify(NotifyType.NO_PROPOSAL_CHOSEN)),
        (idr, ikev2.Eap(eap.IdentityRequest(1))),  # EAP alone is to authenticate (RFC 5998).
        (ikev2.Notify(NotifyType.AUTHENTICATION_FAILED),),
    ):
        assert ikev2.check(*answer(*content)) == []
    empty = SEALED.replace(exchange_type=ExchangeType.INFORMATIONAL, message_id=5)
    assert ikev2.check(empty, ()) == []
    assert ikev2.check(empty, (ikev2.Delete(ProtocolId.IKE), ikev2.VendorId(b"v"))) == []


@pytest.mark.parametrize(
    ("payloads", "reason"),
    [
        (INIT.payloads[:2], "message: 0 Nonce, at least 1 needed (RFC 7296 1.2)"),
        ((*INIT.payloads, INIT.payloads[2]), "payloads[3](Nonce): 2 Nonce, at most 1 allowed"),
        ((*INIT.payloads, ikev2.Cookie(b"c")), "payloads[3](Cookie): Cookie in the wrong place"),
        ((*INIT.payloads, INNER[0]), "payloads[3](IDi): 1"),
        ((*INIT.payloads[:2], ikev2.Nonce(b"n")), "payloads[2](Nonce).nonce_data: 1 where 16"),
    ],
)
def test_broken_rules(payloads: tuple[ikev2.Payload, ...], reason: str) -> None:
    (violation,) = ikev2.check(INIT.replace(payloads=payloads))
    assert str(violation).startswith(reason)


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (INNER[1:], "inner: 0 IDi, at least 1 needed (RFC 7296 1.2)"),
        (INNER[:-1], "inner: 0 TSr, at least 1 needed (RFC 7296 1.2)"),
        ((*INNER, ikev2.Nonce(bytes(16))), "inner[8](Nonce): 1"),
        ((*INNER, ikev2.Eap(eap.Success(1))), "inner[8](Eap): 1 Eap, at most 0 allowed"),
        ((*INNER, INNER[1]), "inner[8](Notify): 2 NotifyPayload INITIAL_CONTACT, at most 1"),
    ],
)
def test_broken_rules_inside(inner: tuple[ikev2.Payload, ...], reason: str) -> None:
    violations = ikev2.check(SEALED, inner)
    assert violations[0].section
    assert any(str(violation).startswith(reason) for violation in violations)


def test_what_is_to_be_sealed() -> None:
    found = ikev2.check(SEALED.replace(payloads=INNER))
    assert {violation.section for violation in found} >= {"7296 1.2, 1.3"}
