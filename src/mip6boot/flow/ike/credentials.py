"""How ends prove who they are, and what is believed of whom (RFC 7296 2.15 and 2.16, RFC 7427).

The entries of the peer authorization database tie identities to methods and home addresses
(RFC 4301 4.4.3, RFC 4877 7.1).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from ipaddress import IPv6Address, IPv6Network
from typing import Any, Protocol

import msgspec

from ... import security
from ...eap import EapPacket
from ...errors import ConfigError
from ...ikev2 import (
    Authentication,
    AuthenticationMethod,
    Certificate,
    CertificateEncoding,
    CertificateRequest,
    HashAlgorithm,
    Identification,
    Identity,
)
from ...security import (
    HASH_ALGORITHMS,
    PrivateKey,
    Secret,
    common_hash,
    hash_algorithms_for,
    shared_key_authentication,
    sign,
    verify_shared_key,
    verify_signature,
)
from ...security.hashing import Prf
from ...security.secret import hide

__all__ = ["Credentials", "EapMethod", "Method", "PadEntry", "Trust", "entry_of"]

#: The methods from before RFC 7427: of a key, one of them works.
_OLD_METHODS = (
    AuthenticationMethod.RSA,
    AuthenticationMethod.ECDSA_P256,
    AuthenticationMethod.ECDSA_P384,
    AuthenticationMethod.ECDSA_P521,
)


class Method(enum.StrEnum):
    """How a peer may authenticate itself."""

    SHARED_KEY = "shared key"
    CERTIFICATE = "certificate"
    EAP = "EAP"


class EapMethod(Protocol):
    """The peer's side of EAP."""

    @property
    def msk(self) -> Secret | None:
        """The key of the method, once it has succeeded."""
        ...

    def receive(self, packet: EapPacket, now: float) -> EapPacket | None:
        """The response to a request; None for what is not answered, such as EAP-Success."""
        ...


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What an end proves itself with: a pre-shared key, or a private key and certificates."""

    identity: Identity
    shared_key: Secret = Secret()
    private_key: PrivateKey | None = None
    certificates: tuple[bytes, ...] = ()
    "DER: its own one, then those of authorities in between."
    method: AuthenticationMethod | None = None
    "Of the private key; None for 14 where the peer knows it, else the key's own one."
    pss: bool = False
    "An RSA key signs method 14 by RSASSA-PSS."

    def __post_init__(self) -> None:
        hide(self, "shared_key")

    def certificate_payloads(self) -> list[Certificate]:
        """The CERT payloads; none with a shared key."""
        if self.private_key is None:
            return []
        kind = CertificateEncoding.X509_SIGNATURE
        return [Certificate(cert_encoding=kind, certificate_data=der) for der in self.certificates]

    def authenticate(self, prf: Prf, octets: bytes, hashes: Sequence[int]) -> Authentication:
        """The AUTH payload over signed octets; `hashes` are those that the peer offered."""
        if self.private_key is None:
            return shared_key_authentication(prf, self.shared_key, octets)
        common = common_hash(hashes, hash_algorithms_for(self.private_key))
        if self.method not in (None, AuthenticationMethod.DIGITAL_SIGNATURE) or common is None:
            return self._sign_as_before(octets)
        kind = AuthenticationMethod.DIGITAL_SIGNATURE
        return sign(kind, self.private_key, octets, hash_algorithm=common, pss=self.pss)

    def _sign_as_before(self, octets: bytes) -> Authentication:
        assert self.private_key is not None
        for kind in _OLD_METHODS if self.method is None else (self.method,):
            try:
                return sign(kind, self.private_key, octets)
            except ConfigError:
                continue
        raise ConfigError("the private key has no method that the peer knows")


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """Which certificates are believed."""

    authorities: tuple[Any, ...] = ()
    "As `security.load_certificates` gives them."
    epoch: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    "The date at which `now` is 0."
    hash_algorithms: tuple[HashAlgorithm, ...] = HASH_ALGORITHMS
    "What a signature of method 14 may use."

    def request(self) -> list[CertificateRequest]:
        """The CERTREQ payload that names the authorities; none without any."""
        if not self.authorities:
            return []
        return [
            CertificateRequest(
                cert_encoding=CertificateEncoding.X509_SIGNATURE,
                certification_authority=b"".join(map(security.authority_hash, self.authorities)),
            )
        ]

    def verify(
        self,
        payload: Authentication,
        certificates: Sequence[Certificate],
        identification: Identification,
        octets: bytes,
        now: float,
    ) -> None:
        """Check a signature and the chain of its key; IntegrityError, ConfigError."""
        at = self.epoch + timedelta(seconds=now)
        chain = security.certificates_of(certificates)
        key = security.validate_chain(chain, self.authorities, identification, now=at)
        verify_signature(payload, key, octets, hash_algorithms=self.hash_algorithms)


class PadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a peer, or of several whose identities fit the pattern."""

    identity: str
    "As `fnmatch` has it: `*@example.org`."
    methods: frozenset[Method] = frozenset(Method)
    shared_key: Secret = Secret()
    home_addresses: tuple[IPv6Address | IPv6Network, ...] = ()
    "What the peer may have selectors of, besides what it is given."
    authorize: bool = False
    "The AAA is asked after a shared key or a certificate, too."

    def __post_init__(self) -> None:
        hide(self, "shared_key")

    def verify(
        self,
        payload: Authentication,
        certificates: Sequence[Certificate],
        identification: Identification,
        prf: Prf,
        octets: bytes,
        trust: Trust,
        now: float,
    ) -> Method:
        """The method that a peer has proved itself by; IntegrityError, ConfigError."""
        method = Method.CERTIFICATE
        if payload.auth_method == AuthenticationMethod.SHARED_KEY:
            method = Method.SHARED_KEY
        if method not in self.methods:
            raise ConfigError(f"{method} is not for this peer")
        if method == Method.SHARED_KEY:
            verify_shared_key(payload, prf, self.shared_key, octets)
        else:
            trust.verify(payload, certificates, identification, octets, now)
        return method


def entry_of(entries: Sequence[PadEntry], identity: str) -> PadEntry | None:
    """The first entry that an identity fits."""
    return next((one for one in entries if fnmatchcase(identity, one.identity)), None)
