"""The rules of IKEv2: legal messages of every exchange break none, and each row is broken once."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture, eap, ikev2, ip, packets
from mip6boot.ikev2 import (
    RULES,
    SEALED_RULES,
    Authentication,
    AuthLifetime,
    Certificate,
    CertificateEncoding,
    CertificateRequest,
    Configuration,
    Cookie,
    Cookie2,
    Delete,
    Eap,
    Encrypted,
    EncryptedFragment,
    EncryptionAlgorithm,
    ExchangeType,
    FqdnGateway,
    FqdnIdentity,
    HomeAgentAddress,
    HomePrefix,
    IDi,
    IDr,
    IkeFlags,
    IkeMessage,
    IntegrityAlgorithm,
    InternalIp6Address,
    InternalIp6Dns,
    InvalidKePayload,
    InvalidMessageId,
    InvalidSpi,
    Ip6AddressAndPrefix,
    IpcompSupported,
    Ipv6AddressRange,
    Ipv6Gateway,
    KeyExchange,
    KeyExchangeMethod,
    MessageIdSync,
    Mip6HomePrefix,
    NatDetectionDestinationIp,
    NatDetectionSourceIp,
    Nonce,
    NoPpkAuth,
    Notify,
    NotifyType,
    NullIdentity,
    Payload,
    PayloadType,
    PpkId,
    PpkIdentity,
    Proposal,
    ProtocolId,
    PseudorandomFunction,
    Puzzle,
    QuickCrashDetection,
    Redirect,
    RedirectedFrom,
    Rfc822Identity,
    SecurityAssociation,
    SequenceNumbers,
    SignatureHashAlgorithms,
    TicketLtOpaque,
    TicketOpaque,
    Transform,
    TransformAttribute,
    TransformAttributeType,
    TSi,
    TSr,
    UnsupportedCriticalPayload,
    UseAssignedHoa,
    VendorId,
    check,
    decode_chain,
    encode_chain,
)
from mip6boot.schema import Malformed
from mip6boot.schema.rules import FieldRule, Rule

from ..conftest import DATA

I, R, NONE = IkeFlags.I, IkeFlags.R, IkeFlags(0)
SPI_I, SPI_R, ZERO = b"initiate", b"responds", bytes(8)
HOME, AGENT = IPv6Address("2001:db8:100::10"), IPv6Address("2001:db8:100::1")
NEW = Ipv6Gateway(AGENT)
Inner = tuple[Payload, ...]

AES = Transform.of(EncryptionAlgorithm.AES_CBC, 256)
GCM = Transform.of(EncryptionAlgorithm.AES_GCM_16, 128)
CHACHA = Transform.of(EncryptionAlgorithm.CHACHA20_POLY1305)
PRF = Transform.of(PseudorandomFunction.HMAC_SHA2_256)
HMAC = Transform.of(IntegrityAlgorithm.HMAC_SHA2_256_128)
ECP = Transform.of(KeyExchangeMethod.ECP256)
ESN = Transform.of(SequenceNumbers.NO_ESN)

IKE = Proposal(protocol_id=ProtocolId.IKE, transforms=(AES, PRF, HMAC, ECP))
IKE_COMBINED = Proposal(protocol_id=1, proposal_num=2, transforms=(GCM, CHACHA, PRF, ECP))
ESP = Proposal(protocol_id=ProtocolId.ESP, spi=b"spi!", transforms=(AES, HMAC, ESN))
AH = Proposal(protocol_id=ProtocolId.AH, spi=b"ahah", transforms=(HMAC, ESN))
NEW_IKE = IKE.replace(spi=b"new spi!")

SA, CHILD_SA = SecurityAssociation((IKE, IKE_COMBINED)), SecurityAssociation((ESP,))
REKEYED = SecurityAssociation((NEW_IKE,))
KE = KeyExchange(KeyExchangeMethod.ECP256, key_exchange_data=bytes(64))
NONCE = Nonce(bytes(32))
IDI, IDR = IDi(Rfc822Identity("0001@example.org")), IDr(FqdnIdentity("ha1.example.org"))
AUTH = Authentication(2, authentication_data=bytes(32))
CERT = Certificate(CertificateEncoding.X509_SIGNATURE, b"0")
CERTREQ = CertificateRequest(CertificateEncoding.X509_SIGNATURE, bytes(20))
TSI = TSi(selectors=(Ipv6AddressRange.for_mobility(HOME, 5),))
TSR = TSr(selectors=(Ipv6AddressRange.for_mobility(AGENT, 6),))
ASKS = Configuration(1, attributes=(InternalIp6Address(), HomeAgentAddress()))
PREFIX = Mip6HomePrefix(HomePrefix(3600, HOME, 64))
GIVES = Configuration(2, attributes=(InternalIp6Address(Ip6AddressAndPrefix(HOME, 64)),))
ASKED, SAID = Eap(eap.IdentityRequest(1)), Eap(eap.IdentityResponse(1, "0001@example.org"))
DONE = Eap(eap.Success(9))
COOKIE = Cookie(b"cookie")
VENDOR = VendorId(b"vendor")
SK = Encrypted(PayloadType.NOTIFY, bytes(32))
REKEY = Notify(NotifyType.REKEY_SA, b"spi!", protocol_id=ProtocolId.ESP)
NAT = (NatDetectionSourceIp(bytes(20)), NatDetectionDestinationIp(bytes(20)))


def note(kind: NotifyType, data: bytes = b"", **fields: Any) -> Notify:
    return Notify(kind, data=data, **fields)


def message(
    kind: ExchangeType, flags: IkeFlags, *payloads: Payload, number: int = 1, **fields: Any
) -> IkeMessage:
    return IkeMessage(
        initiator_spi=SPI_I, responder_spi=SPI_R, exchange_type=kind, flags=flags,
        message_id=number, payloads=payloads,
    ).replace(**fields)  # fmt: skip


def init(*payloads: Payload) -> IkeMessage:
    """A request of IKE_SA_INIT."""
    return message(ExchangeType.IKE_SA_INIT, I, *payloads, number=0, responder_spi=ZERO)


def inited(*payloads: Payload, spi: bytes = SPI_R) -> IkeMessage:
    """A response of IKE_SA_INIT."""
    return message(ExchangeType.IKE_SA_INIT, R, *payloads, number=0, responder_spi=spi)


def resume(flags: IkeFlags, *payloads: Payload, spi: bytes = SPI_R) -> IkeMessage:
    kind = ExchangeType.IKE_SESSION_RESUME
    return message(kind, flags, *payloads, number=0, responder_spi=spi)


OPEN = [
    init(SA, KE, NONCE),
    init(SA, KE, NONCE, *NAT, note(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED),
         note(NotifyType.REDIRECT_SUPPORTED), SignatureHashAlgorithms((2, 3)), VENDOR),
    init(COOKIE, SA, KE, NONCE),
    init(SA, KE, NONCE, NAT[0], *NAT, RedirectedFrom(NEW)),
    init(VENDOR, SA, KE, NONCE),
    inited(SA, KE, NONCE),
    inited(SA, KE, NONCE, CERTREQ, CERTREQ, *NAT, note(NotifyType.HTTP_CERT_LOOKUP_SUPPORTED),
           note(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED), SignatureHashAlgorithms((2,)),
           note(NotifyType.CHILDLESS_IKEV2_SUPPORTED, protocol_id=1),
           note(NotifyType.MULTIPLE_AUTH_SUPPORTED), VENDOR),
    inited(COOKIE, spi=ZERO),
    inited(COOKIE, Puzzle(5, 16), spi=ZERO),
    inited(COOKIE),
    inited(InvalidKePayload(KeyExchangeMethod.ECP384), spi=ZERO),
    inited(note(NotifyType.NO_PROPOSAL_CHOSEN), VENDOR, spi=ZERO),
    inited(note(NotifyType.INVALID_SYNTAX), spi=ZERO),
    inited(note(NotifyType.INVALID_MAJOR_VERSION), spi=ZERO),
    inited(UnsupportedCriticalPayload(99), spi=ZERO),
    inited(Redirect(NEW, bytes(32)), spi=ZERO),
    inited(Redirect(FqdnGateway("ha2.example.org"), bytes(32)), spi=ZERO),
    # RFC 5723 4.3.2.
    resume(I, NONCE, TicketOpaque(b"ticket"), *NAT, spi=ZERO),
    resume(I, COOKIE, NONCE, TicketOpaque(b"ticket"), spi=ZERO),
    resume(R, NONCE, *NAT),
    resume(R, COOKIE, spi=ZERO),
    resume(R, note(NotifyType.TICKET_NACK), spi=ZERO),
    # Outside of an IKE SA (RFC 7296 1.5, RFC 6290 4.5).
    message(ExchangeType.INFORMATIONAL, I, InvalidSpi(b"spi?"), initiator_spi=ZERO,
            responder_spi=ZERO, number=0),
    message(ExchangeType.INFORMATIONAL, I, InvalidSpi(b"spi?"), QuickCrashDetection(bytes(16))),
    *(message(kind, R, note(NotifyType.INVALID_IKE_SPI), QuickCrashDetection(bytes(16)), number=7)
      for kind in (ExchangeType.IKE_AUTH, ExchangeType.CREATE_CHILD_SA,
                   ExchangeType.INFORMATIONAL)),
    message(ExchangeType.INFORMATIONAL, I | R, note(NotifyType.INVALID_IKE_SPI), number=0),
    message(ExchangeType.INFORMATIONAL, R, note(NotifyType.INVALID_MAJOR_VERSION)),
    # Sealed ones, and their fragments (RFC 7383 2.5).
    *(message(kind, flags, SK) for flags in (I, R) for kind in (
        ExchangeType.IKE_AUTH, ExchangeType.CREATE_CHILD_SA, ExchangeType.INFORMATIONAL,
        ExchangeType.IKE_INTERMEDIATE)),
    *(message(ExchangeType.CREATE_CHILD_SA, flags, SK, number=0) for flags in (I | R, NONE)),
    message(ExchangeType.IKE_AUTH, I, EncryptedFragment(1, 2, PayloadType.IDI, b"sealed")),
    message(ExchangeType.IKE_AUTH, I, EncryptedFragment(2, 2, sealed=b"sealed")),
    message(ExchangeType.INFORMATIONAL, I, VENDOR, SK),
    # Other exchanges have rules of their own.
    message(ExchangeType.GSA_AUTH, I, SK),
]  # fmt: skip


@pytest.mark.parametrize("legal", OPEN)
def test_legal_messages(legal: IkeMessage) -> None:
    assert check(legal) == []
    assert ikev2.decode(legal.encode()) == legal


CHOSEN = (CHILD_SA, TSI, TSR)
FIRST: list[tuple[IkeFlags, Inner]] = [
    (I, (IDI, AUTH, *CHOSEN)),
    (I, (IDI, CERT, CERT, note(NotifyType.INITIAL_CONTACT), CERTREQ, IDR, AUTH, ASKS,
         note(NotifyType.USE_TRANSPORT_MODE), IpcompSupported(1, 2), IpcompSupported(2, 3),
         note(NotifyType.MOBIKE_SUPPORTED), *CHOSEN, VENDOR)),
    (R, (IDR, CERT, AUTH, GIVES, note(NotifyType.USE_TRANSPORT_MODE), *CHOSEN,
         note(NotifyType.ADDITIONAL_TS_POSSIBLE), AuthLifetime(3600))),
    (I, (IDI, AUTH, SecurityAssociation((AH,)), TSI, TSR)),
    # The home prefix, and what answers instead (RFC 5026 5.3.2).
    (I, (IDI, AUTH, Configuration(1, attributes=(Mip6HomePrefix(),)), *CHOSEN)),
    (I, (IDI, AUTH, Configuration(1, attributes=(InternalIp6Address(), Mip6HomePrefix())),
         *CHOSEN)),
    (R, (IDR, AUTH, Configuration(2, attributes=(PREFIX,)), *CHOSEN)),
    (R, (IDR, AUTH, GIVES, UseAssignedHoa(), *CHOSEN)),
    # Errors (RFC 7296 2.21.2).
    (R, (IDR, CERT, AUTH, note(NotifyType.TS_UNACCEPTABLE))),
    (R, (IDR, AUTH, note(NotifyType.INTERNAL_ADDRESS_FAILURE), *CHOSEN)),
    (R, (note(NotifyType.AUTHENTICATION_FAILED),)),
    (R, (UnsupportedCriticalPayload(99),)),
    # EAP (RFC 7296 2.16, RFC 5998 3).
    (I, (IDI, IDR, ASKS, *CHOSEN)),
    (R, (IDR, CERT, AUTH, ASKED)),
    (I, (IDI, note(NotifyType.EAP_ONLY_AUTHENTICATION), ASKS, *CHOSEN)),
    (R, (IDR, ASKED)),
    # No child SA (RFC 6023 5).
    (I, (IDI, AUTH)),
    (R, (IDR, AUTH)),
    # A redirection (RFC 5685 6) and the families of addresses (RFC 8983 5).
    (R, (IDR, CERT, AUTH, Redirect(NEW))),
    (R, (IDR, AUTH, GIVES, note(NotifyType.IP6_ALLOWED), *CHOSEN)),
    # Tickets (RFC 5723 4.1), post-quantum keys (RFC 8784 3), two authentications (RFC 4739).
    (I, (IDI, AUTH, note(NotifyType.TICKET_REQUEST), *CHOSEN)),
    (R, (IDR, AUTH, TicketLtOpaque(3600, b"ticket"), *CHOSEN)),
    (I, (IDI, AUTH, *CHOSEN, PpkIdentity(PpkId(2, b"key")), NoPpkAuth(bytes(32)))),
    (I, (IDI, AUTH, *CHOSEN, note(NotifyType.MULTIPLE_AUTH_SUPPORTED),
         note(NotifyType.ANOTHER_AUTH_FOLLOWS))),
]  # fmt: skip
LATER: list[tuple[IkeFlags, Inner]] = [
    (I, (SAID,)),
    (R, (ASKED,)),
    (R, (DONE,)),
    (R, (Eap(eap.Failure(9)),)),
    (I, (AUTH,)),
    (R, (AUTH, GIVES, *CHOSEN)),
    (R, (AUTH, Redirect(NEW))),
    (R, (note(NotifyType.AUTHENTICATION_FAILED),)),
    # RFC 4739 2.2 to 2.5.
    (I, (AUTH, note(NotifyType.ANOTHER_AUTH_FOLLOWS))),
    (R, (AUTH,)),
    (I, (IDI,)),
    (I, (IDI, CERT, AUTH)),
    (R, CHOSEN),
    (I, ()),
    (R, (IDR, CERT, AUTH, *CHOSEN)),
]
OTHER: list[tuple[ExchangeType, IkeFlags, Inner]] = [
    # A new child SA, a rekeyed one, a rekeyed IKE SA (RFC 7296 1.3).
    (ExchangeType.CREATE_CHILD_SA, I, (CHILD_SA, NONCE, TSI, TSR)),
    (ExchangeType.CREATE_CHILD_SA, R, (GIVES, CHILD_SA, NONCE, KE, TSI, TSR)),
    (ExchangeType.CREATE_CHILD_SA, I, (REKEY, ASKS, CHILD_SA, NONCE, KE, TSI, TSR)),
    (ExchangeType.CREATE_CHILD_SA, NONE, (REKEY, CHILD_SA, NONCE, TSI, TSR)),
    (ExchangeType.CREATE_CHILD_SA, I, (REKEYED, NONCE, KE)),
    (ExchangeType.CREATE_CHILD_SA, I | R, (REKEYED, NONCE, KE, VENDOR)),
    (ExchangeType.CREATE_CHILD_SA, R, (InvalidKePayload(20),)),
    (ExchangeType.CREATE_CHILD_SA, R, (note(NotifyType.NO_ADDITIONAL_SAS),)),
    (ExchangeType.CREATE_CHILD_SA, R, (note(NotifyType.TEMPORARY_FAILURE),)),
    (ExchangeType.CREATE_CHILD_SA, R,
     (Notify(NotifyType.CHILD_SA_NOT_FOUND, b"spi!", protocol_id=3),)),
    # RFC 7296 1.4, RFC 4555 3, RFC 5685 5, RFC 6311 6.
    (ExchangeType.INFORMATIONAL, I, ()),
    (ExchangeType.INFORMATIONAL, I | R, ()),
    (ExchangeType.INFORMATIONAL, I, (Delete(ProtocolId.IKE),)),
    (ExchangeType.INFORMATIONAL, NONE, (Delete(3, 4, (b"spi1", b"spi2")), Delete(2, 4, (b"ah-1",)))),
    (ExchangeType.INFORMATIONAL, I | R, (Delete(3, 4, (b"spi3",)),)),
    (ExchangeType.INFORMATIONAL, I, (ASKS,)),
    (ExchangeType.INFORMATIONAL, R, (GIVES,)),
    (ExchangeType.INFORMATIONAL, I, (note(NotifyType.UPDATE_SA_ADDRESSES), *NAT, Cookie2(bytes(8)))),
    (ExchangeType.INFORMATIONAL, NONE, (Redirect(NEW),)),
    (ExchangeType.INFORMATIONAL, NONE, (InvalidSpi(b"spi?"),)),
    (ExchangeType.INFORMATIONAL, I, (note(NotifyType.AUTHENTICATION_FAILED),)),
    (ExchangeType.INFORMATIONAL, I, (InvalidMessageId(3),)),
    (ExchangeType.INFORMATIONAL, I, (MessageIdSync(b"\1\2\3\4", 5, 6),)),
    # RFC 9242 3.2.
    (ExchangeType.IKE_INTERMEDIATE, I, (KE,)),
]  # fmt: skip

CONTENTS = (
    [(ExchangeType.IKE_AUTH, flags, inner, 1) for flags, inner in FIRST]
    + [(ExchangeType.IKE_AUTH, flags, inner, 2) for flags, inner in LATER]
    + [(kind, flags, inner, 6) for kind, flags, inner in OTHER]
)


@pytest.mark.parametrize(("kind", "flags", "inner", "number"), CONTENTS)
def test_legal_contents(kind: ExchangeType, flags: IkeFlags, inner: Inner, number: int) -> None:
    assert check(message(kind, flags, SK, number=number), inner) == []
    first, octets = encode_chain(inner)
    assert decode_chain(octets, first) == inner


# -- broken ---------------------------------------------------------------------------------------
def sealed(kind: ExchangeType, flags: IkeFlags, *inner: Payload, number: int = 1) -> Any:
    return message(kind, flags, SK, number=number), inner


def first(*inner: Payload, flags: IkeFlags = I) -> Any:
    return sealed(ExchangeType.IKE_AUTH, flags, *inner)


def later(*inner: Payload, flags: IkeFlags = I) -> Any:
    return sealed(ExchangeType.IKE_AUTH, flags, *inner, number=2)


def child(*inner: Payload, flags: IkeFlags = I) -> Any:
    return sealed(ExchangeType.CREATE_CHILD_SA, flags, *inner)


def informed(*inner: Payload, flags: IkeFlags = I) -> Any:
    return sealed(ExchangeType.INFORMATIONAL, flags, *inner)


def offered(*transforms: Transform, proposal: Proposal = IKE) -> Any:
    """A first message that offers other transforms."""
    offer = SecurityAssociation((proposal.replace(transforms=transforms),))
    if proposal.protocol_id == ProtocolId.IKE:
        return init(offer, KE, NONCE), None
    return child(offer, NONCE, TSI, TSR)


def proposed(proposal: Proposal) -> Any:
    return init(SecurityAssociation((proposal,)), KE, NONCE), None


def opened(*payloads: Payload, **fields: Any) -> Any:
    return init(SA, KE, NONCE, *payloads).replace(**fields), None


def asked(configuration: Configuration) -> Any:
    flags = I if configuration.cfg_type in (1, 3) else R
    return first(*((IDI,) if flags == I else (IDR,)), AUTH, configuration, *CHOSEN, flags=flags)


KEY = TransformAttribute(TransformAttributeType.KEY_LENGTH, b"\1\0")
FRAGMENTATION = note(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED)
HASHES = SignatureHashAlgorithms((2,))
EAP_ONLY = note(NotifyType.EAP_ONLY_AUTHENTICATION)
STRAY = note(NotifyType.INVALID_IKE_SPI)
AUTHS, INFORMATIONAL = ExchangeType.IKE_AUTH, ExchangeType.INFORMATIONAL
INTERMEDIATE = ExchangeType.IKE_INTERMEDIATE

#: Section of the row that is broken, where, and how.
BROKEN: list[tuple[str, str, tuple[IkeMessage, Inner | None]]] = [
    # -- the header -------------------------------------------------------------------------
    ("7296 3.1", "major_version", opened(major_version=3)),
    ("7296 3.1", "minor_version", opened(minor_version=1)),
    ("7296 3.1", "reserved_high", opened(reserved_high=1)),
    ("7296 3.1", "reserved_low", opened(reserved_low=1)),
    ("7296 3.1", "flags", opened(flags=I | IkeFlags.V)),
    ("7296 3.1", "flags", opened(flags=NONE)),
    ("7296 3.1", "flags", (inited(SA, KE, NONCE).replace(flags=I | R), None)),
    ("7296 3.1", "flags", sealed(AUTHS, NONE, IDI, AUTH)),
    ("7296 3.1", "initiator_spi", opened(initiator_spi=ZERO)),
    ("7296 3.1, 5723 4.3.2", "responder_spi",
     (init(SA, KE, NONCE).replace(responder_spi=SPI_R), None)),
    ("7296 3.1, 5723 4.3.2", "responder_spi",
     (resume(I, NONCE, TicketOpaque(b"ticket"), spi=SPI_R), None)),
    ("7296 2.6, 5723 4.3.2", "responder_spi", (inited(SA, KE, NONCE, spi=ZERO), None)),
    ("7296 3.1", "responder_spi", (message(AUTHS, I, SK, responder_spi=ZERO), None)),
    ("7296 2.2, 5723 4.3.2", "message_id", (init(SA, KE, NONCE).replace(message_id=1), None)),
    ("7296 2.2, 9242 3.2", "message_id", (message(AUTHS, I, SK, number=0), None)),
    # -- every payload ----------------------------------------------------------------------
    ("7296 3.2", "payloads[3](VendorId).reserved", opened(VENDOR.replace(reserved=1))),
    ("7296 3.2", "payloads[3](VendorId).critical", opened(VENDOR.replace(critical=True))),
    ("7296 3.2", "payloads[0](Encrypted).critical",
     (message(AUTHS, I, SK.replace(critical=True)), None)),
    ("7296 3.9", "payloads[2](Nonce).nonce_data", (init(SA, KE, Nonce(bytes(15))), None)),
    ("7296 3.9", "payloads[2](Nonce).nonce_data", (init(SA, KE, Nonce(bytes(257))), None)),
    ("7296 2.6", "payloads[0](Cookie).cookie", (inited(Cookie(b""), spi=ZERO), None)),
    ("7296 2.6", "payloads[0](Cookie).cookie", (inited(Cookie(bytes(65)), spi=ZERO), None)),
    ("7296 3.3", "payloads[0](SecurityAssociation).proposals",
     (init(SecurityAssociation(), KE, NONCE), None)),
    ("7296 3.13", "inner[3](TSi).selectors", first(IDI, AUTH, CHILD_SA, TSi(), TSR)),
    # -- proposals and transforms -----------------------------------------------------------
    ("7296 3.3", "inner[0](SecurityAssociation).proposals[0](Proposal).transforms",
     child(SecurityAssociation((Proposal(protocol_id=4),)), NONCE, TSI, TSR)),
    ("7296 3.3.1", "payloads[0](SecurityAssociation).proposals[0](Proposal).proposal_num",
     proposed(IKE.replace(proposal_num=0))),
    ("7296 3.3.1", "inner[0](SecurityAssociation).proposals[0](Proposal).spi",
     child(SecurityAssociation((ESP.replace(spi=b""),)), NONCE, TSI, TSR)),
    ("7296 3.3.3", "payloads[0](SecurityAssociation).proposals[0](Proposal)",
     offered(PRF, HMAC, ECP)),
    ("7296 3.3.3", "payloads[0](SecurityAssociation).proposals[0](Proposal)",
     offered(AES, HMAC, ECP)),
    ("7296 3.3.3", "payloads[0](SecurityAssociation).proposals[0](Proposal)",
     offered(AES, PRF, HMAC)),
    ("7296 3.3.3", "payloads[0](SecurityAssociation).proposals[0](Proposal)",
     offered(AES, PRF, ECP)),
    ("7296 3.3.3", "inner[0](SecurityAssociation).proposals[0](Proposal)",
     offered(HMAC, ESN, proposal=ESP)),
    ("7296 3.3.3", "inner[0](SecurityAssociation).proposals[0](Proposal)",
     offered(AES, HMAC, proposal=ESP)),
    ("7296 3.3.3", "inner[0](SecurityAssociation).proposals[0](Proposal)",
     offered(ESN, proposal=AH)),
    ("7296 3.3.3", "inner[0](SecurityAssociation).proposals[0](Proposal)",
     offered(HMAC, proposal=AH)),
    ("7296 3.3", "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[3](Transform)",
     offered(GCM, PRF, ECP, HMAC)),
    ("7296 3.3", "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[4](Transform)",
     offered(AES, GCM, PRF, ECP, HMAC)),
    ("7296 3.3.5, 3686 5.4, 4106 8.4, 4309 7.4, 4543 5.3",
     "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[0](Transform).key_length",
     offered(AES.replace(attributes=()), PRF, HMAC, ECP)),
    ("7296 3.3.5",
     "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[1](Transform).key_length",
     offered(AES, Transform.of(PseudorandomFunction.HMAC_SHA1, 160), HMAC, ECP)),
    ("7296 3.3.5",
     "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[0](Transform)"
     ".attributes[0](TransformAttribute).short",
     offered(Transform.of(EncryptionAlgorithm.CAMELLIA_CBC).replace(attributes=(KEY,)),
             PRF, HMAC, ECP)),
    # -- reserved octets --------------------------------------------------------------------
    ("7296 3.3.1", "payloads[0](SecurityAssociation).proposals[0](Proposal).reserved",
     proposed(IKE.replace(reserved=1))),
    ("7296 3.3.2",
     "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[1](Transform).reserved",
     offered(AES, PRF.replace(reserved=1), HMAC, ECP)),
    ("7296 3.3.2",
     "payloads[0](SecurityAssociation).proposals[0](Proposal).transforms[1](Transform).reserved2",
     offered(AES, PRF.replace(reserved2=1), HMAC, ECP)),
    ("7296 3.4", "payloads[1](KeyExchange).reserved2",
     (init(SA, KE.replace(reserved2=1), NONCE), None)),
    ("7296 3.5", "inner[0](IDi).identity(NullIdentity).reserved",
     first(IDi(NullIdentity(reserved=1)), AUTH)),
    ("7296 3.8", "inner[1](Authentication).reserved2", first(IDI, AUTH.replace(reserved2=1))),
    ("7296 3.13", "inner[3](TSi).reserved2",
     first(IDI, AUTH, CHILD_SA, TSI.replace(reserved2=1), TSR)),
    ("7296 3.15", "inner[2](Configuration).reserved2", asked(ASKS.replace(reserved2=1))),
    ("7296 3.15.1", "inner[2](Configuration).attributes[0](InternalIp6Dns).reserved_bit",
     asked(Configuration(1, attributes=(InternalIp6Dns(reserved_bit=True),)))),
    # -- notifications and deletions ----------------------------------------------------------
    ("7296 3.10", "inner[2](Notify).protocol_id",
     first(IDI, AUTH, note(NotifyType.INITIAL_CONTACT, protocol_id=1))),
    ("7296 3.10", "inner[0](Notify).protocol_id",
     child(REKEY.replace(protocol_id=1), CHILD_SA, NONCE, TSI, TSR)),
    ("7296 3.10", "inner[0](Notify).spi",
     child(REKEY.replace(spi=b"8 octets"), CHILD_SA, NONCE, TSI, TSR)),
    ("7296 3.11", "inner[0](Delete).protocol_id", informed(Delete(4))),
    ("7296 3.11", "inner[0](Delete).spi_size", informed(Delete(1, 8))),
    ("7296 3.11", "inner[0](Delete).spis", informed(Delete(1, 0, (b"",)))),
    ("7296 3.11", "inner[0](Delete).spi_size", informed(Delete(3, 8, (b"8 octets",)))),
    ("5685 9.3", "payloads[3](RedirectedFrom).original_gateway(FqdnGateway)",
     opened(RedirectedFrom(FqdnGateway("ha1.example.org")))),
    ("5685 9.1", "payloads[4](Notify)", opened(*[note(NotifyType.REDIRECT_SUPPORTED)] * 2)),
    ("5685 9.1", "payloads[3](Notify)",
     (inited(SA, KE, NONCE, note(NotifyType.REDIRECT_SUPPORTED)), None)),
    ("5685 9.1", "inner[2](Notify)", first(IDI, AUTH, note(NotifyType.REDIRECT_SUPPORTED))),
    ("5685 9.3", "payloads[4](RedirectedFrom)", opened(RedirectedFrom(NEW), RedirectedFrom(NEW))),
    ("5685 9.3", "payloads[3](RedirectedFrom)",
     (inited(SA, KE, NONCE, RedirectedFrom(NEW)), None)),
    ("7383 2.3", "payloads[4](Notify)", opened(FRAGMENTATION, FRAGMENTATION)),
    ("7383 2.3", "inner[2](Notify)", first(IDI, AUTH, FRAGMENTATION)),
    ("7427 4", "payloads[4](SignatureHashAlgorithms)", opened(HASHES, HASHES)),
    ("7427 4", "inner[2](SignatureHashAlgorithms)", first(IDI, AUTH, HASHES)),
    # -- fragments ----------------------------------------------------------------------------
    ("7383 2.5", "payloads[0](EncryptedFragment).fragment_number",
     (message(AUTHS, I, EncryptedFragment(0, 2)), None)),
    ("7383 2.5", "payloads[0](EncryptedFragment).total_fragments",
     (message(AUTHS, I, EncryptedFragment(1, 0)), None)),
    ("7383 2.5", "payloads[0](EncryptedFragment).fragments_behind",
     (message(AUTHS, I, EncryptedFragment(3, 2)), None)),
    ("7383 2.5", "payloads[0](EncryptedFragment).first_payload",
     (message(AUTHS, I, EncryptedFragment(2, 2, PayloadType.IDI)), None)),
    # -- IKE_SESSION_RESUME -------------------------------------------------------------------
    ("5723 4.3.2", "", (resume(I, TicketOpaque(b"ticket"), spi=ZERO), None)),
    ("5723 4.3.2", "", (resume(I, NONCE, spi=ZERO), None)),
    ("5723 4.3.2", "", (resume(R, VENDOR), None)),
    ("5723 4.3.2", "payloads[0](SecurityAssociation)", (resume(R, SA, NONCE), None)),
    # -- IKE_SA_INIT --------------------------------------------------------------------------
    ("7296 1.2", "", (init(KE, NONCE), None)),
    ("7296 1.2", "", (init(SA, NONCE), None)),
    ("7296 1.2", "", (init(SA, KE), None)),
    ("7296 1.2", "payloads[1](KeyExchange)", (init(KE, KE, SA, NONCE), None)),
    ("7296 1.2", "", (inited(KE, NONCE), None)),
    ("7296 1.2", "", (inited(SA, NONCE), None)),
    ("7296 1.2", "", (inited(SA, KE), None)),
    ("7296 2.6, 5723 4.3.2", "payloads[3](Cookie)", opened(COOKIE)),
    ("7296 1.2", "payloads[0](SecurityAssociation)", (init(CHILD_SA, KE, NONCE), None)),
    ("7296 3.3.1", "payloads[0](SecurityAssociation)", (init(REKEYED, KE, NONCE), None)),
    ("7296 C.1", "payloads[3](CertificateRequest)", opened(CERTREQ)),
    ("7296 1.2", "payloads[3](IDi)", opened(IDI)),
    ("5685 3", "payloads[3](Redirect)", opened(Redirect(NEW, bytes(32)))),
    ("5685 3", "payloads[0](Redirect)", (inited(Redirect(NEW), spi=ZERO), None)),
    # -- what is sealed, and what is not --------------------------------------------------------
    ("7296 1.2, 1.3", "", (message(AUTHS, I), None)),
    ("7296 1.2, 1.3", "", (message(AUTHS, I, note(NotifyType.INITIAL_CONTACT)), None)),
    ("7296 1.4", "", (message(INFORMATIONAL, I), None)),
    ("7296 1.4", "", (message(INFORMATIONAL, I, note(NotifyType.UPDATE_SA_ADDRESSES)), None)),
    ("9242 3.2", "", (message(INTERMEDIATE, I), None)),
    ("7296 1.2, 1.3, 1.4", "payloads[0](Delete)", (message(INFORMATIONAL, I, Delete(1), SK), None)),
    ("7296 1.5", "payloads[1](Encrypted)", (message(INFORMATIONAL, R, STRAY, SK), None)),
    ("7296 1.5", "payloads[0](Notify)", (message(INFORMATIONAL, I, STRAY), None)),
    ("7296 1.5", "payloads[0](InvalidSpi)", (message(INFORMATIONAL, R, InvalidSpi(b"a")), None)),
    ("7296 1.5", "flags", (message(INFORMATIONAL, NONE, InvalidSpi(b"a")), None)),
    ("7296 3.14", "inner[0](Encrypted)", informed(SK)),
    # -- IKE_AUTH -----------------------------------------------------------------------------
    ("7296 1.2", "inner", first(AUTH, *CHOSEN)),
    ("7296 1.2", "inner[1](IDi)", later(IDI, IDI)),
    ("7296 1.2", "inner[2](IDr)", first(IDI, IDR, IDR, AUTH)),
    ("7296 1.2", "inner", first(AUTH, *CHOSEN, flags=R)),
    ("7296 1.2", "inner[1](IDi)", first(IDR, IDI, AUTH, flags=R)),
    ("7296 2.15", "inner[2](Authentication)", first(IDI, AUTH, AUTH)),
    ("7296 1.2", "inner", first(IDR, *CHOSEN, flags=R)),
    ("7296 1.2", "inner", first(IDR, UseAssignedHoa(), GIVES, *CHOSEN, flags=R)),
    ("7296 2.16", "inner[1](Eap)", later(SAID, SAID)),
    ("7296 2.16", "inner[1](Eap)", first(IDI, SAID)),
    ("7296 2.16", "inner[0](Eap)", later(SAID, AUTH)),
    ("7296 1.2", "inner[3](SecurityAssociation)", first(IDI, AUTH, CHILD_SA, CHILD_SA, TSI, TSR)),
    ("7296 1.2", "inner", first(IDI, AUTH, CHILD_SA, TSR)),
    ("7296 1.2", "inner", first(IDI, AUTH, CHILD_SA, TSI)),
    ("7296 1.2", "inner[2](TSi)", first(IDI, AUTH, TSI)),
    ("7296 1.2", "inner[2](Nonce)", first(IDI, AUTH, NONCE)),
    ("7296 1.2", "inner[2](SecurityAssociation)", first(IDI, AUTH, REKEYED, TSI, TSR)),
    ("7296 2.4", "inner[3](Notify)", first(IDI, AUTH, *[note(NotifyType.INITIAL_CONTACT)] * 2)),
    ("7296 2.4", "inner[0](Notify)", informed(note(NotifyType.INITIAL_CONTACT))),
    ("7296 1.3.1", "inner[3](Notify)", first(IDI, AUTH, *[note(NotifyType.USE_TRANSPORT_MODE)] * 2)),
    ("5998 3", "inner[2](Notify)", first(IDI, EAP_ONLY, EAP_ONLY)),
    ("5998 3", "inner[1](Notify)", first(IDR, EAP_ONLY, ASKED, flags=R)),
    ("5685 6", "inner[3](SecurityAssociation)", first(IDR, AUTH, Redirect(NEW), *CHOSEN, flags=R)),
    ("5685 5, 6", "inner[2](Redirect)", first(IDI, AUTH, Redirect(NEW))),
    ("5685 5, 6", "inner[0](Redirect)", informed(Redirect(NEW), flags=R)),
    # -- Configuration payloads -----------------------------------------------------------------
    ("7296 2.19", "inner[3](Configuration)", first(IDI, AUTH, ASKS, ASKS)),
    ("7296 3.15", "inner[2](Configuration)", first(IDI, AUTH, GIVES)),
    ("7296 3.15", "inner[2](Configuration)", first(IDR, AUTH, ASKS, flags=R)),
    ("5026 8.2", "inner[2](Configuration).attributes[1](Mip6HomePrefix)",
     asked(Configuration(1, attributes=(Mip6HomePrefix(), Mip6HomePrefix())))),
    ("5026 8.2", "inner[2](Configuration).attributes[0](Mip6HomePrefix)",
     asked(Configuration(1, attributes=(PREFIX,)))),
    ("5026 8.2", "inner[2](Configuration).attributes[0](Mip6HomePrefix)",
     asked(Configuration(2, attributes=(Mip6HomePrefix(),)))),
    # -- CREATE_CHILD_SA ------------------------------------------------------------------------
    ("7296 1.3", "inner", child(NONCE)),
    ("7296 1.3", "inner", child(CHILD_SA, TSI, TSR)),
    ("7296 1.3", "inner", child(NONCE, flags=R)),
    ("7296 1.3", "inner", child(CHILD_SA, TSI, TSR, flags=R)),
    ("7296 1.3", "inner[3](KeyExchange)", child(CHILD_SA, NONCE, KE, KE, TSI, TSR)),
    ("7296 1.3.2", "inner", child(REKEYED, NONCE)),
    ("7296 1.3.2", "inner[3](TSi)", child(REKEYED, NONCE, KE, TSI)),
    ("7296 3.3.1", "inner[0](SecurityAssociation).proposals[0](Proposal).spi",
     child(SecurityAssociation((IKE,)), NONCE, KE)),
    ("7296 1.3.1", "inner", child(CHILD_SA, NONCE, TSR)),
    ("7296 1.3.1", "inner", child(CHILD_SA, NONCE, TSI)),
    ("7296 1.3.1", "inner[1](TSi)", child(note(NotifyType.TS_UNACCEPTABLE), TSI, flags=R)),
    ("7296 1.3", "inner[4](Authentication)", child(CHILD_SA, NONCE, TSI, TSR, AUTH)),
    ("7296 1.3.3", "inner[1](Notify)", child(REKEY, REKEY, CHILD_SA, NONCE, TSI, TSR)),
    ("7296 1.3.3", "inner[0](Notify)", child(REKEY, CHILD_SA, NONCE, TSI, TSR, flags=R)),
    ("7296 1.3.3", "inner[0](Notify)", child(REKEY, REKEYED, NONCE, KE)),
    # -- INFORMATIONAL --------------------------------------------------------------------------
    ("7296 1.4", "inner[0](Nonce)", informed(NONCE)),
]  # fmt: skip


@pytest.mark.parametrize(("section", "path", "broken"), BROKEN)
def test_broken(section: str, path: str, broken: tuple[IkeMessage, Inner | None]) -> None:
    """The row is told with its section and place, and hardly anything else."""
    found = check(*broken)
    assert (section, path) in {(v.section, v.path) for v in found}
    assert len(found) <= 2
    assert all(str(v).endswith(f"(RFC {v.section})") and "\n" not in str(v) for v in found)


def test_each_row_is_broken_once() -> None:
    told: list[Rule | FieldRule] = [v.rule for _, _, broken in BROKEN for v in check(*broken)]
    missing = [row for row in (*RULES, *SEALED_RULES) if row not in told]
    assert [(row.section, row.container, getattr(row, "element", None)) for row in missing] == []


def test_paths_inside_begin_with_inner() -> None:
    broken, inner = first(IDI, AUTH.replace(reserved2=1), TSI)
    found = check(broken.replace(reserved_low=1), inner)
    assert [v.path for v in found] == [
        "reserved_low", "inner[2](TSi)", "inner[1](Authentication).reserved2",
    ]  # fmt: skip
    assert str(found[1]) == "inner[2](TSi): 1 TSi or TSr, at most 0 allowed (RFC 7296 1.2)"
    assert check(broken) == []


def test_what_did_not_parse_breaks_no_rule_of_its_own() -> None:
    octets = init(InvalidKePayload(19), SA, KE, NONCE).encode()
    at = octets.index(bytes.fromhex("2100000a"))
    short = octets[:at] + bytes.fromhex("210000090000001100") + octets[at + 10 :]
    short = short[:24] + len(short).to_bytes(4, "big") + short[28:]
    message = ikev2.decode(short, lenient=True)
    assert isinstance(message.payloads[0], Malformed)
    assert check(message) == []


def test_values_that_do_not_encode_are_checked_too() -> None:
    huge = SecurityAssociation((ESP.replace(spi=bytes(300)),))
    assert {v.section for v in check(*child(huge, NONCE, TSI, TSR))} == {"7296 3.3.1"}
    huge = SecurityAssociation((IKE.replace(spi=bytes(300)),))
    assert {v.section for v in check(*child(huge, NONCE, KE))} == {"7296 3.3.1"}
    many = CHILD_SA.replace(proposals=(ESP,) * 256)
    assert {v.section for v in check(*child(many, NONCE, TSI, TSR))} == {"7296 3.3"}


def test_rows_say_where_they_are_from() -> None:
    for row in (*RULES, *SEALED_RULES):
        for document in row.section.split(", "):
            assert document.split()[0].replace(".", "").replace("C", "").isdigit()


# -- real peers ------------------------------------------------------------------------------------
PEERS = sorted(
    path for path in (DATA / "peers" / "ikev2").glob("*.pcap") if not path.stem.endswith(".radius")
)


def messages_of(path: Path) -> Iterator[IkeMessage]:
    """What is on port 500, and on port 4500 behind four zeros."""
    for frame in capture.read(path):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        for i, layer in enumerate(packet.layers):
            if isinstance(layer, ip.UdpHeader):
                octets = b"".join(inner.encode() for inner in packet.layers[i + 1 :])
                if 4500 in (layer.source_port, layer.destination_port):
                    marker, octets = octets[:4], octets[4:]
                    if marker != bytes(4):
                        continue  # ESP, or one octet that keeps a NAT awake.
                elif 500 not in (layer.source_port, layer.destination_port):
                    continue
                yield ikev2.decode(octets)


@pytest.mark.parametrize("path", PEERS, ids=lambda path: path.stem)
def test_peers_break_no_rule(path: Path, record_property: Any) -> None:
    found = list(messages_of(path))
    assert [violation for one in found for violation in check(one)] == []
    assert ExchangeType.IKE_SA_INIT in {one.exchange_type for one in found}
    record_property("messages of peers checked against the rules", len(found))


def test_peers_show_every_beginning() -> None:
    """Wrong groups, errors, fragments, what they support: all are there to be checked."""
    seen = {type(p) for path in PEERS for one in messages_of(path) for p in one.payloads}
    assert seen >= {InvalidKePayload, EncryptedFragment, Encrypted, SignatureHashAlgorithms}
    kinds = {
        p.notify_type
        for path in PEERS
        for one in messages_of(path)
        for p in one.payloads
        if isinstance(p, Notify)
    }
    assert kinds >= {
        NotifyType.NO_PROPOSAL_CHOSEN, NotifyType.REDIRECT_SUPPORTED,
        NotifyType.CHILDLESS_IKEV2_SUPPORTED, NotifyType.IKEV2_FRAGMENTATION_SUPPORTED,
    }  # fmt: skip
