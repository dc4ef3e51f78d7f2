"""IKE_SA_INIT: what both sides put into it, NAT detection, and cookies (RFC 7296 2.6 and 2.23)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, TypeGuard

from ...ikev2 import (
    HashAlgorithm,
    IkeMessage,
    NatDetectionDestinationIp,
    NatDetectionSourceIp,
    Nonce,
    Notify,
    NotifyType,
    Payload,
    SignatureHashAlgorithms,
)
from ...security import Rng, Secret
from .payloads import find, find_all, notification

if TYPE_CHECKING:
    from .sa import IkeSa

__all__ = ["Cookies", "learn", "nat_detection", "nonce_fits", "supported"]

#: Nonces have from 16 to 256 octets (RFC 7296 3.9), and half the size of the prf's key (2.10).
_NONCE_OCTETS = range(16, 257)
#: Seconds until a secret for cookies is replaced; those made with the one before still fit.
_SECRET_LIFETIME = 60.0


def nonce_fits(nonce: Nonce | None) -> TypeGuard[Nonce]:
    """The nonce is there, and has a size that is allowed."""
    return nonce is not None and len(nonce.nonce_data) in _NONCE_OCTETS


def nat_detection(
    spi_i: bytes,
    spi_r: bytes,
    source: tuple[IPv4Address | IPv6Address, int],
    destination: tuple[IPv4Address | IPv6Address, int],
) -> list[Payload]:
    """The two payloads that say which addresses a message has where it was sent."""
    return [
        NatDetectionSourceIp(digest=_digest(spi_i, spi_r, *source)),
        NatDetectionDestinationIp(digest=_digest(spi_i, spi_r, *destination)),
    ]


def _digest(spi_i: bytes, spi_r: bytes, address: IPv4Address | IPv6Address, port: int) -> bytes:
    octets = spi_i + spi_r + address.packed + port.to_bytes(2, "big")
    return hashlib.sha1(octets, usedforsecurity=False).digest()


def supported(hash_algorithms: Sequence[HashAlgorithm]) -> list[Payload]:
    """The notifications of what this library knows (RFC 7383 2.3, RFC 7427 4)."""
    return [
        Notify(notify_type=NotifyType.IKEV2_FRAGMENTATION_SUPPORTED),
        SignatureHashAlgorithms(hash_algorithms=tuple(hash_algorithms)),
    ]


def learn(sa: IkeSa, message: IkeMessage) -> None:
    """Note what the peer's message says of it, and whether there is a NAT in between."""
    payloads = message.payloads
    hashes = find(payloads, SignatureHashAlgorithms)
    sa.peer_hashes = () if hashes is None else tuple(map(int, hashes.hash_algorithms))
    sa.fragments = notification(payloads, NotifyType.IKEV2_FRAGMENTATION_SUPPORTED) is not None
    redirection = (NotifyType.REDIRECT_SUPPORTED, NotifyType.REDIRECTED_FROM)
    sa.redirects = any(notification(payloads, one) is not None for one in redirection)
    sources = {one.digest for one in find_all(payloads, NatDetectionSourceIp)}
    destination = find(payloads, NatDetectionDestinationIp)
    if not sources or destination is None:
        return
    spis = message.initiator_spi, message.responder_spi
    behind = destination.digest != _digest(*spis, *sa.local)
    sa.nat = behind or _digest(*spis, *sa.remote) not in sources


class Cookies:
    """Makes cookies, and knows them again without having kept them (RFC 7296 2.6)."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._secrets: list[tuple[float, Secret]] = []
        self._version = 0

    def make(self, message: IkeMessage, source: IPv4Address | IPv6Address, now: float) -> bytes:
        """The cookie for the sender of a request."""
        if not self._secrets or now >= self._secrets[0][0] + _SECRET_LIFETIME:
            self._version = (self._version + 1) % 256
            self._secrets = [(now, Secret(self._rng.randbytes(32))), *self._secrets[:1]]
        return self._cookie(0, message, source)

    def fits(
        self, cookie: bytes, message: IkeMessage, source: IPv4Address | IPv6Address, now: float
    ) -> bool:
        """The cookie is one that was made for the sender, and not too long ago."""
        return any(
            now < made + 2 * _SECRET_LIFETIME
            and hmac.compare_digest(cookie, self._cookie(age, message, source))
            for age, (made, _) in enumerate(self._secrets)
        )

    def _cookie(self, age: int, message: IkeMessage, source: IPv4Address | IPv6Address) -> bytes:
        nonce = find(message.payloads, Nonce)
        octets = b"" if nonce is None else nonce.nonce_data
        octets += source.packed + message.initiator_spi
        version = bytes(((self._version - age) % 256,))
        return version + hmac.digest(self._secrets[age][1], octets, "sha256")
