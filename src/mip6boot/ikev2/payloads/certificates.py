"""Certificates, and which authorities are trusted (RFC 7296 3.6 and 3.7)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int8ub, Octets, OpenEnum
from ..codes import CertificateEncoding
from .base import PAYLOADS, Payload

__all__ = ["Certificate", "CertificateRequest"]

#: Octets of a SHA-1 hash, by which an authority's key is known (RFC 7296 3.7).
_HASH = 20
_LOCATED = (CertificateEncoding.HASH_URL_X509, CertificateEncoding.HASH_URL_BUNDLE)
_HASHED = (CertificateEncoding.X509_SIGNATURE, *_LOCATED)


@PAYLOADS.register(37, rfc="7296 3.6")
class Certificate(Payload):
    """Certificate (CERT)."""

    cert_encoding: Annotated[CertificateEncoding | int, OpenEnum(Int8ub, CertificateEncoding)]
    certificate_data: Octets = b""

    @property
    def located(self) -> tuple[bytes, str] | None:
        """Hash and URL of a certificate that is to be fetched; None for other encodings."""
        if self.cert_encoding not in _LOCATED or len(self.certificate_data) < _HASH:
            return None
        url = self.certificate_data[_HASH:].decode("utf-8", "surrogateescape")
        return self.certificate_data[:_HASH], url


@PAYLOADS.register(38, rfc="7296 3.7")
class CertificateRequest(Payload):
    """Certificate Request (CERTREQ)."""

    cert_encoding: Annotated[CertificateEncoding | int, OpenEnum(Int8ub, CertificateEncoding)]
    certification_authority: Octets = b""

    @property
    def authorities(self) -> tuple[bytes, ...] | None:
        """SHA-1 hashes of the keys of trusted authorities; None where they are none."""
        octets = self.certification_authority
        if self.cert_encoding not in _HASHED or len(octets) % _HASH:
            return None
        return tuple(octets[at : at + _HASH] for at in range(0, len(octets), _HASH))
