"""Certificates: chains of real peers and made ones, purposes, identities, and what never passes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mip6boot import capture, ikev2, packets, security
from mip6boot.errors import ConfigError, IntegrityError
from mip6boot.ikev2 import CertificateEncoding, Identity

from ..conftest import DATA

SIGNED = json.loads((DATA / "auth_signatures.json").read_text())
OPENSSL = json.loads((DATA / "auth_openssl.json").read_text())
PEERS = {
    name: security.load_certificates(pem.encode())[0]
    for name, pem in SIGNED["certificates"].items()
}
AUTHORITIES = (PEERS["ca.crt"], PEERS["carsa.crt"])
NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOME_AGENT = ikev2.FqdnIdentity("ha.example.org")
MOBILE_NODE = ikev2.Rfc822Identity("mn1@example.org")

Extension = tuple[x509.ExtensionType, bool]


class Party:
    """A certificate with its private key, which signs others."""

    def __init__(self, certificate: x509.Certificate, key: Any) -> None:
        self.certificate, self.key = certificate, key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])


def issued(
    by: Party | None,
    name: str,
    *extensions: Extension,
    key: Any = None,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=1),
) -> Party:
    key = key or ec.generate_private_key(ec.SECP256R1())
    issuer, signer = (subject(name), key) if by is None else (by.certificate.subject, by.key)
    builder = x509.CertificateBuilder(issuer, subject(name), key.public_key(), 4711, begins, ends)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    edwards = isinstance(signer, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return Party(builder.sign(signer, None if edwards else hashes.SHA256()), key)


def key_usage(**uses: bool) -> Extension:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: uses.get(name, False) for name in names}), True


def purposes(*oids: str | x509.ObjectIdentifier) -> Extension:
    known = (x509.ObjectIdentifier(oid) if isinstance(oid, str) else oid for oid in oids)
    return x509.ExtendedKeyUsage(known), False


def alternative(*names: x509.GeneralName) -> Extension:
    return x509.SubjectAlternativeName(names), False


def authority(
    by: Party | None = None,
    name: str = "root",
    *more: Extension,
    length: int | None = None,
    **how: Any,
) -> Party:
    basic = x509.BasicConstraints(True, length), True
    return issued(by, name, basic, key_usage(key_cert_sign=True), *more, **how)


@cache
def root() -> Party:
    return authority()


NAME = alternative(x509.DNSName("ha.example.org"))


def validated(
    chain: Sequence[Party | bytes],
    trusted: Sequence[x509.Certificate] | None = None,
    identity: Identity = HOME_AGENT,
    now: datetime = NOW,
    **how: Any,
) -> Any:
    return security.validate_chain(
        [one.der if isinstance(one, Party) else one for one in chain],
        [root().certificate] if trusted is None else trusted,
        ikev2.IDr(identity),
        now=now,
        **how,
    )


def refused(*arguments: Any, **how: Any) -> str:
    with pytest.raises(IntegrityError) as caught:
        validated(*arguments, **how)
    text = str(caught.value)
    assert text.startswith("CERT: ")
    assert text.isprintable()
    assert len(text) < 320
    return text


# Real peers


@pytest.mark.parametrize(
    "row", SIGNED["signatures"], ids=lambda row: f"{row['capture']}-{row['by']}"
)
def test_chains_of_real_peers(row: dict[str, Any]) -> None:
    """From the certificate to the signature."""
    kind = ikev2.IDi if row["by"] == "initiator" else ikev2.IDr
    own = PEERS[row["certificate"]].public_bytes(Encoding.DER)
    identification = kind.decode(bytes.fromhex(row["id"]))
    key = security.validate_chain([own], AUTHORITIES, identification, now=NOW)
    payload = ikev2.Authentication.decode(bytes.fromhex(row["auth"]))
    security.verify_signature(payload, key, bytes.fromhex(row["signed_octets"]))


def der(name: str) -> bytes:
    return PEERS[name].public_bytes(Encoding.DER)


@pytest.mark.parametrize("name", ["ha-ecp256.crt", "ha-ed25519.crt"])
def test_no_bit_of_a_certificate_may_be_wrong(name: str) -> None:
    octets = der(name)
    assert validated([octets], AUTHORITIES) == PEERS[name].public_key()
    for i in range(len(octets)):
        for mask in (1, 0x80, 0xFF):
            wrong = octets[:i] + bytes((octets[i] ^ mask,)) + octets[i + 1 :]
            refused([wrong], AUTHORITIES)
        refused([octets[:i]], AUTHORITIES)
    refused([octets + b"\0"], AUTHORITIES)


def test_other_authorities_and_identities() -> None:
    own = der("ha-ecp256.crt")
    assert "candidates exhausted" in refused([own], [PEERS["carsa.crt"]])
    assert "candidates exhausted" in refused([own], [root().certificate])
    assert "identity" in refused([own], AUTHORITIES, MOBILE_NODE)
    assert "identity" in refused([der("mn-ecp256.crt")], AUTHORITIES, HOME_AGENT)
    validated([der("mn-ecp256.crt")], AUTHORITIES, MOBILE_NODE)


def test_authority_hashes_are_those_of_real_peers() -> None:
    """Responders name their authorities in the clear."""
    seen = set()
    for row in SIGNED["signatures"]:
        for frame in capture.read(DATA / "peers" / "ikev2" / f"{row['capture']}.pcap"):
            packet = packets.decode_packet(frame.octets, frame.linktype)
            for layer in packet.layers:
                if isinstance(layer, ikev2.IkeMessage):
                    for request in layer.find_all(ikev2.CertificateRequest):
                        seen |= set(request.authorities or ())
    assert seen == {security.authority_hash(authority) for authority in AUTHORITIES}


# Validity


def test_validity() -> None:
    party = issued(root(), "ha", NAME)
    begins, ends = NOW - timedelta(days=1), NOW + timedelta(days=1)
    east = timezone(timedelta(hours=11))
    for inside in (begins, ends, begins.astimezone(east), ends.astimezone(east)):
        validated([party], now=inside)
    second = timedelta(seconds=1)
    for outside in (begins - second, ends + second, (ends + second).astimezone(east)):
        assert "not valid at validation time" in refused([party], now=outside)
    with pytest.raises(ValueError, match="time zone"):
        validated([party], now=datetime(2030, 1, 1))


def test_an_authority_that_has_expired() -> None:
    old = authority(root(), "old", ends=NOW - timedelta(hours=1))
    party = issued(old, "ha", NAME)
    assert "not valid at validation time" in refused([party, old])
    old_root = authority(None, "old root", ends=NOW - timedelta(hours=1))
    refused([issued(old_root, "ha", NAME)], [old_root.certificate])


# Chains


def test_longer_chains_in_any_order() -> None:
    first = authority(root(), "first")
    second = authority(first, "second")
    third = authority(second, "third")
    party = issued(third, "ha", NAME)
    for others in ((first, second, third), (third, first, second), (third, second, first)):
        assert validated([party, *others]) == party.key.public_key()
    validated([party, third, second, first, first])
    validated([party, third, second], [first.certificate])
    for missing in ((first, second), (second, third), (first, third), ()):
        refused([party, *missing])
    refused([first, second, third, party])  # the peer's own is the first


def test_few_certificates_are_taken() -> None:
    party = issued(root(), "ha", NAME)
    assert "more than 5" in refused([party] * 6)
    assert "there is no certificate" in refused([])
    with pytest.raises(ConfigError, match="trusted"):
        validated([party], [])


def test_authorities_that_form_a_circle() -> None:
    """Each could have issued each other; the time is bounded all the same."""
    key = ec.generate_private_key(ec.SECP256R1())
    circle = authority(None, "circle", key=key)
    others = [authority(circle, "circle", key=key) for _ in range(4)]
    party = issued(circle, "ha", NAME)
    begin = time.perf_counter()
    refused([party, *others])
    assert time.perf_counter() - begin < 5


def test_who_is_no_authority() -> None:
    party = issued(root(), "not an authority", NAME)
    assert "candidates exhausted" in refused([issued(party, "ha", NAME), party])
    basic = x509.BasicConstraints(True, None), True
    lacking = issued(root(), "no key usage", basic)
    refused([issued(lacking, "ha", NAME), lacking])
    wrong = issued(root(), "wrong key usage", basic, key_usage(digital_signature=True))
    refused([issued(wrong, "ha", NAME), wrong])
    refused([root(), root()])
    assert "cA must not be asserted" in refused([authority(root(), "ha", NAME)])


def test_path_length() -> None:
    short = authority(root(), "short", length=0)
    validated([issued(short, "ha", NAME), short])
    further = authority(short, "further")
    refused([issued(further, "ha", NAME), further, short])


def test_name_constraints() -> None:
    def within(permitted: str | None, excluded: str | None) -> Extension:
        lists = ([x509.DNSName(name)] if name else None for name in (permitted, excluded))
        return x509.NameConstraints(*lists), True

    for permitted, excluded, good in (
        ("example.org", None, True),
        ("example.com", None, False),
        (None, "example.org", False),
        (None, "example.com", True),
    ):
        limited = authority(root(), "limited", within(permitted, excluded))
        chain = [issued(limited, "ha", NAME), limited]
        if good:
            validated(chain)
        else:
            refused(chain)


def test_unknown_critical_extensions() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0")
    validated([issued(root(), "ha", NAME, (unknown, False))])
    assert "critical" in refused([issued(root(), "ha", NAME, (unknown, True))])
    strange = authority(root(), "strange", (unknown, True))
    refused([issued(strange, "ha", NAME), strange])


def test_a_pinned_certificate() -> None:
    own = issued(None, "ha", NAME)
    assert validated([own], [own.certificate]) == own.key.public_key()
    refused([own])
    refused([own], [own.certificate], ikev2.FqdnIdentity("other.example.org"))
    refused([issued(None, "ha", NAME)], [own.certificate])


# Keys


@pytest.mark.parametrize("kind", [ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey])
def test_edwards_curves(kind: Any) -> None:
    """A peer may have such a key, an authority may not."""
    key = kind.generate()
    party = issued(root(), "ha", NAME, key=key)
    assert validated([party]) == key.public_key()
    edwards = authority(None, "edwards", key=kind.generate())
    text = refused([issued(edwards, "ha", NAME)], [edwards.certificate])
    assert text == "CERT: chains signed with Ed25519 or Ed448 do not work here"


def test_rsa_keys() -> None:
    small = rsa.generate_private_key(65537, 1024)
    weak = authority(None, "weak", key=small)
    refused([issued(weak, "ha", NAME)], [weak.certificate])


def test_keys_that_do_not_sign() -> None:
    party = issued(root(), "ha", NAME, key=x25519.X25519PrivateKey.generate())
    assert "the key is not one of" in refused([party])


# Purposes


@pytest.mark.parametrize(
    ("extension", "good"),
    [
        (purposes("1.3.6.1.5.5.7.3.17"), True),
        (purposes("1.3.6.1.5.5.8.2.2"), True),
        (purposes(ExtendedKeyUsageOID.SERVER_AUTH), True),
        (purposes(ExtendedKeyUsageOID.CLIENT_AUTH), True),
        (purposes(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE), True),
        (purposes(ExtendedKeyUsageOID.CODE_SIGNING, "1.3.6.1.5.5.7.3.17"), True),
        (purposes(ExtendedKeyUsageOID.CODE_SIGNING), False),
        (purposes(ExtendedKeyUsageOID.OCSP_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION), False),
        (key_usage(digital_signature=True), True),
        (key_usage(content_commitment=True), True),
        (key_usage(digital_signature=True, key_encipherment=True), True),
        (key_usage(key_encipherment=True), False),
        (key_usage(key_agreement=True), False),
        (key_usage(digital_signature=True, key_cert_sign=True), False),
    ],
)
def test_purposes(extension: Extension, good: bool) -> None:
    party = issued(root(), "ha", NAME, extension)
    if good:
        validated([party])
    else:
        assert "sage" in refused([party])


def test_purposes_of_authorities() -> None:
    ike = authority(root(), "ike", purposes("1.3.6.1.5.5.7.3.17"))
    validated([issued(ike, "ha", NAME), ike])
    code = authority(root(), "code", purposes(ExtendedKeyUsageOID.CODE_SIGNING))
    assert "nothing to do with IKE" in refused([issued(code, "ha", NAME), code])


# Identities


IDENTITY = alternative(
    x509.DNSName("ha.example.org"),
    x509.DNSName("*.example.com"),
    x509.RFC822Name("mn1@example.org"),
    x509.IPAddress(IPv4Address("192.0.2.1")),
    x509.IPAddress(IPv6Address("2001:db8:200::1")),
    x509.DirectoryName(subject("directory")),
    x509.OtherName(x509.ObjectIdentifier("1.2.3.4"), b"\x0c\x02ha"),
    x509.UniformResourceIdentifier("ha.example.net"),
)


@pytest.mark.parametrize(
    ("identity", "good"),
    [
        (ikev2.FqdnIdentity("ha.example.org"), True),
        (ikev2.FqdnIdentity("HA.Example.ORG"), True),
        (ikev2.FqdnIdentity("*.example.com"), True),
        (ikev2.FqdnIdentity("any.example.com"), False),
        (ikev2.FqdnIdentity("example.com"), False),
        (ikev2.FqdnIdentity("a.example.org"), False),
        (ikev2.FqdnIdentity("ha.example.org."), False),
        (ikev2.FqdnIdentity("ha.example.org\0"), False),
        (ikev2.FqdnIdentity("ha.example.orG\N{COMBINING DOT ABOVE}"), False),
        (ikev2.FqdnIdentity("ha\udc80.example.org"), False),
        (ikev2.FqdnIdentity("\ud800"), False),
        (ikev2.FqdnIdentity(""), False),
        (ikev2.FqdnIdentity("mn1@example.org"), False),
        (ikev2.FqdnIdentity("192.0.2.1"), False),
        (ikev2.FqdnIdentity("ha.example.net"), False),
        (ikev2.FqdnIdentity("common"), False),
        (ikev2.Rfc822Identity("mn1@example.org"), True),
        (ikev2.Rfc822Identity("mn1@EXAMPLE.org"), True),
        (ikev2.Rfc822Identity("MN1@example.org"), False),
        (ikev2.Rfc822Identity("@example.org"), False),
        (ikev2.Rfc822Identity("example.org"), False),
        (ikev2.Rfc822Identity("ha.example.org"), False),
        (ikev2.Rfc822Identity(""), False),
        (ikev2.Ipv4Identity(IPv4Address("192.0.2.1")), True),
        (ikev2.Ipv4Identity(IPv4Address("192.0.2.2")), False),
        (ikev2.Ipv6Identity(IPv6Address("2001:db8:200::1")), True),
        (ikev2.Ipv6Identity(IPv6Address("2001:db8:200::2")), False),
        (ikev2.Ipv6Identity(IPv6Address("::ffff:192.0.2.1")), False),
        (ikev2.DerDnIdentity(subject("common").public_bytes()), True),
        (ikev2.DerDnIdentity(subject("directory").public_bytes()), False),
        (ikev2.DerDnIdentity(subject("Common").public_bytes()), False),
        (ikev2.DerDnIdentity(subject("common").public_bytes() + b"\0"), False),
        (ikev2.DerDnIdentity(b"\x30\0"), False),
        (ikev2.DerDnIdentity(b""), False),
        (ikev2.DerGnIdentity(b"\x82\x0eha.example.org"), False),
        (ikev2.KeyIdIdentity(b"ha.example.org"), False),
        (ikev2.FcNameIdentity(b"ha.example.org"), False),
        (ikev2.NullIdentity(), False),
        (ikev2.UnknownIdentity(registry_code=200, data=b"ha.example.org"), False),
    ],
)
def test_identities(identity: Identity, good: bool) -> None:
    party = issued(root(), "common", IDENTITY, key=known_key())
    if good:
        assert validated([party], identity=identity) == party.key.public_key()
    else:
        assert refused([party], identity=identity) == "CERT: the identity is not in the certificate"


@cache
def known_key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


def test_only_ascii_letters_have_case() -> None:
    """The Kelvin sign is no k, although Unicode's lower case of it is one."""
    party = issued(root(), "k", alternative(x509.DNSName("k.example.org")))
    validated([party], identity=ikev2.FqdnIdentity("K.example.org"))
    refused([party], identity=ikev2.FqdnIdentity("\N{KELVIN SIGN}.example.org"))


def test_certificates_without_names() -> None:
    bare = issued(root(), "ha.example.org")
    refused([bare])
    validated([bare], identity=ikev2.DerDnIdentity(subject("ha.example.org").public_bytes()))
    nameless = issued(root(), "", (NAME[0], True))
    validated([nameless])
    refused([nameless], identity=ikev2.DerDnIdentity(subject("").public_bytes()))


def test_key_ids_are_the_callers_affair() -> None:
    party = issued(root(), "ha", NAME)
    identity = ikev2.KeyIdIdentity(b"who knows")
    assert validated([party], identity=identity, allow_key_id=True) == party.key.public_key()
    refused([issued(None, "ha", NAME)], identity=identity, allow_key_id=True)
    refused([party], identity=ikev2.FqdnIdentity("who knows"), allow_key_id=True)


def test_networks_are_no_addresses() -> None:
    network = alternative(x509.IPAddress(IPv4Network("192.0.2.1/32")))
    refused([issued(root(), "ha", network)], identity=ikev2.Ipv4Identity(IPv4Address("192.0.2.1")))


def test_subjects_do_not_reach_a_terminal() -> None:
    stranger = authority(None, "a\nb\x1b[31m\N{SNOWMAN}" + "c" * 40)
    party = issued(stranger, "\x1b[2J\n", NAME, purposes(ExtendedKeyUsageOID.CODE_SIGNING))
    assert "\\x1b[2J" in refused([party, stranger])


# Octets that are no certificates


def test_what_is_no_certificate() -> None:
    party = issued(root(), "ha", NAME)
    pem = party.certificate.public_bytes(Encoding.PEM)
    for octets in (b"", b"hello", pem, party.der[:-1], party.der + b"\0"):
        assert "cannot be read" in refused([octets])
        assert "cannot be read" in refused([party, octets])
    for octets in (b"", b"hello", party.der[:-1], pem[:-40], pem.replace(b"A", b"B")):
        with pytest.raises(ConfigError, match="certificate cannot be read"):
            security.load_certificates(octets)
    assert security.load_certificates(party.der) == (party.certificate,)
    both = pem + root().certificate.public_bytes(Encoding.PEM)
    assert security.load_certificates(both) == (party.certificate, root().certificate)


def sequence(content: bytes) -> bytes:
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


@pytest.mark.parametrize("octet", [0, 0x0C, 0x30, 0xA0, 0xFF])
def test_strange_content_with_a_good_signature(octet: int) -> None:
    """An authority that signs nonsense: no error but ours comes out, and no other key."""
    party = issued(root(), "ha", IDENTITY, key_usage(digital_signature=True), key=known_key())
    content = party.certificate.tbs_certificate_bytes
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    refusals = readings = 0
    for i in range(len(content)):
        strange = content[:i] + bytes((octet,)) + content[i + 1 :]
        signature = root().key.sign(strange, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        bits = b"\x03" + bytes((len(signature) + 1,)) + b"\0" + signature
        for identity in (HOME_AGENT, ikev2.DerDnIdentity(subject("ha").public_bytes())):
            try:
                found = validated([sequence(strange + algorithm + bits)], identity=identity)
            except IntegrityError:
                refusals += 1
            else:
                assert found == party.key.public_key()
                readings += 1
    assert min(refusals, readings) > 10


@pytest.mark.parametrize("name", OPENSSL["certificates"])
def test_certificates_of_openssl(name: str) -> None:
    """They have all kinds of names, and are their own authorities, which makes them no peers."""
    (own,) = security.load_certificates(OPENSSL["certificates"][name].encode())
    assert len(security.authority_hash(own)) == 20
    refused([own.public_bytes(Encoding.DER)], [own])


def test_cert_payloads() -> None:
    kind = CertificateEncoding
    first, second = b"first", b"second"
    payloads = [
        ikev2.Certificate(kind.X509_SIGNATURE, certificate_data=first),
        ikev2.Certificate(kind.CRL, certificate_data=b"list"),
        ikev2.Certificate(kind.OCSP, certificate_data=b"answer"),
        ikev2.Certificate(kind.X509_SIGNATURE, certificate_data=second),
    ]
    assert security.certificates_of(payloads) == (first, second)
    assert security.certificates_of([]) == ()
    located = bytes(20) + b"http://example.org/ha.crt"
    for encoding in (kind.HASH_URL_X509, kind.HASH_URL_BUNDLE):
        with pytest.raises(IntegrityError, match="not fetched"):
            security.certificates_of(
                [*payloads, ikev2.Certificate(encoding, certificate_data=located)]
            )
    for unknown in (0, 1, 11, 15, 200):
        with pytest.raises(IntegrityError, match=rf"encoding {unknown} does not work"):
            security.certificates_of([ikev2.Certificate(unknown, certificate_data=first)])


def test_x509_is_imported_when_it_is_needed() -> None:
    code = (
        "import sys; from mip6boot import security;"
        "security.verify_signature, security.load_private_key;"
        "loaded = lambda: any(name.startswith('cryptography.x509') for name in sys.modules);"
        "assert not loaded(); security.validate_chain; assert loaded()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError):
        _ = security.nothing
    assert {"validate_chain", "load_certificates", "verify_signature"} <= set(security.__all__)
