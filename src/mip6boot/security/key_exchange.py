"""Key exchange methods (transform type 4): key pairs, shared secrets, and checks of public values.

A private value is made of `rng.randbytes` or given; received public values are checked as RFC 6989
wants before they are used.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from ..errors import DecodeError
from .modp import GENERATOR, power, prime
from .secret import Rng, Secret

__all__ = ["Ecp", "KeyExchangeGroup", "KeyPair", "MlKem", "Modp", "Montgomery"]


class KeyPair:
    """A private value of a method, and what it sends: `public` goes into the KE payload."""

    def __init__(self, private: bytes, public: bytes, exchange: Callable[[bytes], bytes]) -> None:
        self.private, self.public, self._exchange = Secret(private), public, exchange

    def shared(self, peer: bytes) -> Secret:
        """The shared secret with what the peer sent; DecodeError where that is no such value."""
        try:
            return Secret(self._exchange(peer))
        except ValueError:
            raise _bad() from None


class KeyExchangeGroup(ABC):
    """A key exchange method; sizes are in octets."""

    #: Of what the initiator and the responder send.
    public_octets: int
    response_octets: int
    private_octets: int
    legacy = False

    @abstractmethod
    def key_pair(self, private: bytes) -> KeyPair:
        """The key pair of a private value; ValueError where it is none."""

    def generate(self, rng: Rng) -> KeyPair:
        """A new key pair."""
        return self.key_pair(rng.randbytes(self.private_octets))

    def respond(self, rng: Rng, peer: bytes) -> tuple[bytes, Secret]:
        """What the responder sends to an initiator's public value, and the shared secret."""
        pair = self.generate(rng)
        return pair.public, pair.shared(peer)


class Modp(KeyExchangeGroup):
    """A group of RFC 3526 or RFC 7296 appendix B, by the size and constant of its prime."""

    #: More than twice the strength of the largest group (RFC 3526 8).
    private_octets = 80

    def __init__(self, bits: int, constant: int, *, legacy: bool = False) -> None:
        self.bits, self.constant, self.legacy = bits, constant, legacy
        self.public_octets = self.response_octets = bits // 8

    @property
    def prime(self) -> int:
        """The modulus."""
        return prime(self.bits, self.constant)

    def key_pair(self, private: bytes) -> KeyPair:
        exponent = int.from_bytes(private, "big")
        if not 1 < exponent < self.prime - 1:
            raise ValueError("a private value between 1 and the prime is expected")

        def raised(base: int) -> bytes:
            # Keys are made of the value in the size of the prime (RFC 7296 2.14).
            return power(base, exponent, self.prime).to_bytes(self.public_octets, "big")

        return KeyPair(private, raised(GENERATOR), lambda peer: raised(self._checked(peer)))

    def _checked(self, peer: bytes) -> int:
        """The peer's value; ValueError for what is none (RFC 6989 2.1)."""
        value = int.from_bytes(peer, "big")
        if len(peer) != self.public_octets or not 1 < value < self.prime - 1:
            raise ValueError(peer)
        return value


class Ecp(KeyExchangeGroup):
    """A group of elliptic curve points: both coordinates are sent, the first one is the secret.

    RFC 5903 for the curves of NIST, RFC 6954 for Brainpool's.
    """

    def __init__(self, curve: ec.EllipticCurve) -> None:
        self.curve = curve
        self.size = self.private_octets = (curve.key_size + 7) // 8
        self.public_octets = self.response_octets = 2 * self.size

    def generate(self, rng: Rng) -> KeyPair:
        # Numbers from 1 to the order minus 1; the first try nearly always fits, for P-521 one of
        # two does once the bits above the order are off.
        spare = 8 * self.size - self.curve.key_size
        while True:
            number = int.from_bytes(rng.randbytes(self.size), "big") >> spare
            if 0 < number < self.curve.group_order:
                return self.key_pair(number.to_bytes(self.size, "big"))

    def key_pair(self, private: bytes) -> KeyPair:
        key = ec.derive_private_key(int.from_bytes(private, "big"), self.curve)
        numbers = key.public_key().public_numbers()
        public = numbers.x.to_bytes(self.size, "big") + numbers.y.to_bytes(self.size, "big")

        def exchange(peer: bytes) -> bytes:
            if len(peer) != self.public_octets:
                raise ValueError(peer)
            # Points that are not on the curve are refused here (RFC 6989 2.3).
            point = ec.EllipticCurvePublicKey.from_encoded_point(self.curve, b"\4" + peer)
            return key.exchange(ec.ECDH(), point)

        return KeyPair(private, public, exchange)


class Montgomery(KeyExchangeGroup):
    """Curve25519 and Curve448 (RFC 8031); a shared secret of zeros is refused (section 3.2)."""

    def __init__(self, size: int, private: Any, public: Any) -> None:
        self.public_octets = self.response_octets = self.private_octets = size
        self._private, self._public = private, public

    def key_pair(self, private: bytes) -> KeyPair:
        key = self._private.from_private_bytes(private)
        own: bytes = key.public_key().public_bytes_raw()
        return KeyPair(private, own, lambda p: key.exchange(self._public.from_public_bytes(p)))


class MlKem(KeyExchangeGroup):
    """ML-KEM (FIPS 203): the responder answers with a ciphertext.

    What it encapsulates is drawn by `cryptography` itself, so `respond` leaves `rng` alone.
    """

    private_octets = 64

    def __init__(self, private: Any, public: Any, public_octets: int, ciphertext: int) -> None:
        self._private, self._public = private, public
        self.public_octets, self.response_octets = public_octets, ciphertext

    def key_pair(self, private: bytes) -> KeyPair:
        key = self._private.from_seed_bytes(private)
        return KeyPair(private, key.public_key().public_bytes_raw(), key.decapsulate)

    def respond(self, rng: Rng, peer: bytes) -> tuple[bytes, Secret]:
        try:
            shared, ciphertext = self._public.from_public_bytes(peer).encapsulate()
        except ValueError:
            raise _bad() from None
        return ciphertext, Secret(shared)


def _bad() -> DecodeError:
    return DecodeError("no public value of this key exchange method", "key_exchange_data")


CURVE25519 = Montgomery(32, X25519PrivateKey, X25519PublicKey)
CURVE448 = Montgomery(56, X448PrivateKey, X448PublicKey)
