"""Who the peers are (RFC 7296 3.5)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...schema import (
    Code,
    Int8ub,
    IPv4,
    IPv6,
    Message,
    Octets,
    OneOf,
    Registry,
    RegistryCode,
    UInt24,
    Unknown,
    Utf8,
)
from .base import PAYLOADS, Payload

__all__ = [
    "IDENTITIES",
    "DerDnIdentity",
    "DerGnIdentity",
    "FcNameIdentity",
    "FqdnIdentity",
    "IDi",
    "IDr",
    "Identification",
    "Identity",
    "Ipv4Identity",
    "Ipv6Identity",
    "KeyIdIdentity",
    "NullIdentity",
    "Rfc822Identity",
    "UnknownIdentity",
]


class Identity(Message, kw_only=True):
    """Base of every kind of identity."""

    id_type: ClassVar[Annotated[int, Code(Int8ub)]]
    reserved: UInt24 = 0


IDENTITIES: Registry[Identity] = Registry(Identity, "identity", code=Int8ub)


@IDENTITIES.unknown
class UnknownIdentity(Identity, Unknown):
    """An identity of a kind that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@IDENTITIES.register(1, rfc="7296 3.5")
class Ipv4Identity(Identity):
    """ID_IPV4_ADDR."""

    address: IPv4


@IDENTITIES.register(2, rfc="7296 3.5")
class FqdnIdentity(Identity):
    """ID_FQDN: a domain name as text; in an S2c attach the APN."""

    fqdn: Utf8


@IDENTITIES.register(3, rfc="7296 3.5")
class Rfc822Identity(Identity):
    """ID_RFC822_ADDR: a mail address or a network access identifier as text."""

    address: Utf8


@IDENTITIES.register(5, rfc="7296 3.5")
class Ipv6Identity(Identity):
    """ID_IPV6_ADDR."""

    address: IPv6


@IDENTITIES.register(9, rfc="7296 3.5")
class DerDnIdentity(Identity):
    """ID_DER_ASN1_DN: a distinguished name."""

    der: Octets
    "The DER of a Name of X.501."


@IDENTITIES.register(10, rfc="7296 3.5")
class DerGnIdentity(Identity):
    """ID_DER_ASN1_GN: a general name."""

    der: Octets
    "The DER of a GeneralName of RFC 5280."


@IDENTITIES.register(11, rfc="7296 3.5")
class KeyIdIdentity(Identity):
    """ID_KEY_ID: octets that only the peers understand."""

    key_id: Octets


# RFC 4595 tells what is in it.
@IDENTITIES.register(12, rfc="4595")
class FcNameIdentity(Identity):
    """ID_FC_NAME: a name of Fibre Channel."""

    name: Octets


@IDENTITIES.register(13, rfc="7619 2.2")
class NullIdentity(Identity):
    """ID_NULL: nobody in particular."""

    data: Octets = b""
    "Ought to be empty."


class Identification(Payload):
    """Base of both identification payloads."""

    identity: Annotated[Identity, OneOf(IDENTITIES)]


@PAYLOADS.register(35, rfc="7296 3.5")
class IDi(Identification):
    """Identification of the initiator."""


@PAYLOADS.register(36, rfc="7296 3.5")
class IDr(Identification):
    """Identification of the responder; from an initiator, whom it would like to reach."""
