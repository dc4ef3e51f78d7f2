"""Whether an identity of IKE stands in a certificate (RFC 7296 3.5, RFC 5280 4.2.1.6)."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from ..ikev2 import (
    DerDnIdentity,
    FqdnIdentity,
    Identity,
    Ipv4Identity,
    Ipv6Identity,
    KeyIdIdentity,
    Rfc822Identity,
)

__all__ = ["belongs_to"]


def belongs_to(
    certificate: x509.Certificate, identity: Identity, *, allow_key_id: bool = False
) -> bool:
    """The certificate is of that identity; one of another kind than these is of no certificate.

    Names are compared whole: a wildcard is a name as any other.
    """
    match identity:
        case FqdnIdentity():
            wanted = _folded(identity.fqdn)
            return any(_folded(name) == wanted for name in _names(certificate, x509.DNSName))
        case Rfc822Identity():
            address = _mailbox(identity.address)
            names = _names(certificate, x509.RFC822Name)
            return any(_mailbox(name) == address for name in names)
        case Ipv4Identity() | Ipv6Identity():
            return identity.address in _names(certificate, x509.IPAddress)
        case DerDnIdentity():
            # An empty subject names nobody (RFC 5280 4.1.2.6).
            return bool(certificate.subject.rdns) and (
                certificate.subject.public_bytes() == identity.der
            )
        case KeyIdIdentity():
            return allow_key_id
    return False


def _names(certificate: x509.Certificate, kind: type[x509.GeneralName]) -> list[Any]:
    """The alternative names of a kind."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(kind)  # type: ignore[arg-type]


def _folded(name: str) -> bytes:
    """A domain name without case; only ASCII letters have one there."""
    return name.encode("utf-8", "surrogatepass").lower()


def _mailbox(address: str) -> tuple[str, bytes]:
    """A mail address, of which only the domain is without case (RFC 5280 7.5)."""
    local, at, domain = address.rpartition("@")
    return local + at, _folded(domain)
