"""Certificates of IKE peers: reading them, and validating a chain (RFC 7296 3.6 and 3.7).

This module imports X.509, which takes its time: it is loaded when one of its names is first used.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from ..errors import ConfigError, IntegrityError
from ..ikev2 import Certificate, CertificateEncoding, Identification
from .certificate_names import belongs_to
from .signatures import PublicKey

__all__ = ["authority_hash", "certificates_of", "load_certificates", "validate_chain"]

_OTHER_THAN_CERTIFICATES = (CertificateEncoding.CRL, CertificateEncoding.OCSP)
#: The purposes that an IKE peer's certificate may have, if it says any.  Certificates for IPsec
#: alone are rare, so those for TLS are taken, as other implementations do.
_PURPOSES = frozenset(
    (
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.IPSEC_IKE,
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        x509.ObjectIdentifier("1.3.6.1.5.5.8.2.2"),  # iKEIntermediate, never standardized
    )
)
_EDDSA = (SignatureAlgorithmOID.ED25519, SignatureAlgorithmOID.ED448)
#: What `cryptography` raises where it cannot read; KeyError is for strings of a strange type.
_UNREADABLE = (
    KeyError,
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
#: Certificates that are taken of a peer; four are a must (RFC 7296 3.6).  Many with the same name
#: and key make more chains than can be tried.
_MOST = 5
_TEXT_OCTETS = 300


def load_certificates(octets: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a file's octets: PEM with one or more, or the DER of one.

    ConfigError for anything else.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if b"-----BEGIN " in octets:
                return tuple(x509.load_pem_x509_certificates(octets))
            return (x509.load_der_x509_certificate(octets),)
    except _UNREADABLE:
        raise ConfigError("the certificate cannot be read") from None


def authority_hash(certificate: x509.Certificate) -> bytes:
    """What a CERTREQ payload calls a trusted authority: the SHA-1 of its key (RFC 7296 3.7)."""
    key = certificate.public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha1(octets, usedforsecurity=False).digest()


def certificates_of(payloads: Iterable[Certificate]) -> tuple[bytes, ...]:
    """The DER of the certificates in a peer's CERT payloads, in their order.

    Revocation lists and OCSP responses are passed over.  IntegrityError for other encodings, of
    which "hash and URL" names something to be fetched, which this library never does.
    """
    found = []
    for payload in payloads:
        encoding = payload.cert_encoding
        if encoding in (CertificateEncoding.HASH_URL_X509, CertificateEncoding.HASH_URL_BUNDLE):
            raise IntegrityError("CERT: a certificate at a URL is not fetched")
        if encoding == CertificateEncoding.X509_SIGNATURE:
            found.append(payload.certificate_data)
        elif encoding not in _OTHER_THAN_CERTIFICATES:
            raise IntegrityError(f"CERT: encoding {int(encoding)} does not work here")
    return tuple(found)


def validate_chain(
    certificates: Sequence[bytes],
    trusted: Sequence[x509.Certificate],
    identity: Identification,
    *,
    now: datetime,
    allow_key_id: bool = False,
) -> PublicKey:
    """The key of a peer's certificate, once chain, purpose and identity are checked.

    `certificates` are DER, the peer's own first, the others in any order; `trusted` are authorities
    or the peer's very certificate.  The chain is checked at `now`, which has a time zone, by
    `cryptography` in the manner of RFC 5280: signatures, validity, authority, path length, name
    constraints, no unknown critical extension.  Revocation is not looked at.  Of what the peer's
    certificate says it is for, key usage has to hold digitalSignature or nonRepudiation, and
    extended key usage one of any, ipsecIKE, iKEIntermediate, serverAuth and clientAuth.

    The identity has to stand in the certificate: a domain name, mail address or IP address as
    alternative name, a distinguished name as subject.  A key id never does; with `allow_key_id` the
    caller sees to it.

    Authorities with an Ed25519 or Ed448 key are refused: `cryptography` has no chains of them.
    The peer's own key may be one.

    IntegrityError says what failed; ConfigError means that nobody is trusted.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone")
    if not trusted:
        raise ConfigError("no certificate is trusted")
    if not certificates:
        raise IntegrityError("CERT: there is no certificate")
    if len(certificates) > _MOST:
        raise IntegrityError(f"CERT: there are more than {_MOST} certificates")
    try:
        with warnings.catch_warnings():
            # A peer does not choose what is warned of.
            warnings.simplefilter("ignore")
            leaf, *others = (x509.load_der_x509_certificate(octets) for octets in certificates)
            _check_chain(leaf, others, trusted, now)
            _check_key_usage(leaf)
            if not belongs_to(leaf, identity.identity, allow_key_id=allow_key_id):
                raise IntegrityError("CERT: the identity is not in the certificate")
            key = leaf.public_key()
    except _UNREADABLE:
        raise IntegrityError("CERT: a certificate cannot be read") from None
    if not isinstance(key, PublicKey):
        raise IntegrityError("CERT: the key is not one of RSA, ECDSA, Ed25519 or Ed448")
    return key


def _check_chain(
    leaf: x509.Certificate,
    others: list[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    now: datetime,
) -> None:
    anything = Criticality.AGNOSTIC
    authority = ExtensionPolicy.webpki_defaults_ca()
    peer = ExtensionPolicy.webpki_defaults_ee()
    # The defaults are those of TLS, which wants more than IKE of the peer's certificate.
    peer = peer.may_be_present(x509.SubjectAlternativeName, anything, None)
    peer = peer.may_be_present(x509.AuthorityKeyIdentifier, anything, None)
    builder = PolicyBuilder().store(Store(list(trusted))).time(now).max_chain_depth(len(others))
    builder = builder.extension_policies(
        ca_policy=authority.may_be_present(x509.ExtendedKeyUsage, anything, _check_purpose),
        ee_policy=peer.may_be_present(x509.ExtendedKeyUsage, anything, _check_purpose),
    )
    try:
        builder.build_client_verifier().verify(leaf, others)
    except VerificationError as e:
        if any(one.signature_algorithm_oid in _EDDSA for one in (leaf, *others)):
            reason = "chains signed with Ed25519 or Ed448 do not work here"
        else:
            # Subjects are the peer's to choose: no line breaks, no control characters, no end.
            reason = str(e).encode("unicode_escape").decode()[:_TEXT_OCTETS]
        raise IntegrityError(f"CERT: {reason}") from None


def _check_purpose(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    if usage is not None and _PURPOSES.isdisjoint(usage):
        raise ValueError("the extended key usage has nothing to do with IKE")


def _check_key_usage(leaf: x509.Certificate) -> None:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise IntegrityError("CERT: the key usage does not allow signatures")
