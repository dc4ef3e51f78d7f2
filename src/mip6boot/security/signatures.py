"""Ways to sign an AUTH payload: RSA, ECDSA and EdDSA keys, each checked before it is used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ..ikev2 import HashAlgorithm
from .pss import PssParameters

__all__ = [
    "Ecdsa",
    "EcdsaConcatenated",
    "EdDsa",
    "PrivateKey",
    "PublicKey",
    "RsaPkcs1",
    "RsaPss",
    "Scheme",
]

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey
PrivateKey: TypeAlias = (
    RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | Ed448PrivateKey
)

#: Bits of the smallest RSA key that is taken; RFC 8247 3.1.1 would rather have 2048.
_LEAST_RSA = 1024
_CURVES = (
    ec.SECP256R1,
    ec.SECP384R1,
    ec.SECP521R1,
    ec.BrainpoolP256R1,
    ec.BrainpoolP384R1,
    ec.BrainpoolP512R1,
)
_HASHES: dict[HashAlgorithm, hashes.HashAlgorithm] = {
    HashAlgorithm.SHA1: hashes.SHA1(),
    HashAlgorithm.SHA2_256: hashes.SHA256(),
    HashAlgorithm.SHA2_384: hashes.SHA384(),
    HashAlgorithm.SHA2_512: hashes.SHA512(),
}


class Scheme(ABC):
    """A way of signing with one kind of key."""

    #: Name of the kind of key, and its two classes.
    kind: str
    classes: tuple[type, ...]
    hash_algorithm: HashAlgorithm
    #: DER of the AlgorithmIdentifier; empty for a scheme that has a method of its own.
    identifier: bytes

    def check(self, key: object) -> None:
        """ValueError, with the reason, for a public or private key that does not fit."""
        if not isinstance(key, self.classes):
            raise ValueError(f"the key is not one of {self.kind}")

    def sign(self, key: PrivateKey, octets: bytes) -> bytes:
        """The signature; ValueError for a key that does not fit."""
        self.check(key)
        try:
            return self._sign(key, octets)
        except UnsupportedAlgorithm:
            raise ValueError(f"{self.kind} with {self.hash_algorithm.name} is lacking") from None

    def verifies(self, key: PublicKey, octets: bytes, signature: bytes) -> bool:
        """The signature is the key's over the octets; ValueError for a key that does not fit."""
        self.check(key)
        try:
            self._verify(key, octets, signature)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    @abstractmethod
    def _sign(self, key: Any, octets: bytes) -> bytes: ...

    @abstractmethod
    def _verify(self, key: Any, octets: bytes, signature: bytes) -> None: ...


class RsaPkcs1(Scheme):
    """RSASSA-PKCS1-v1_5 (RFC 8017 8.2)."""

    kind = "RSA"
    classes = (RSAPublicKey, RSAPrivateKey)

    def __init__(self, hash_algorithm: HashAlgorithm, identifier: bytes = b"") -> None:
        self.hash_algorithm, self.identifier = hash_algorithm, identifier
        self.padding: padding.AsymmetricPadding = padding.PKCS1v15()

    def check(self, key: object) -> None:
        super().check(key)
        if isinstance(key, RSAPublicKey | RSAPrivateKey) and key.key_size < _LEAST_RSA:
            raise ValueError(f"the RSA key has {key.key_size} bits, fewer than {_LEAST_RSA}")

    def _sign(self, key: RSAPrivateKey, octets: bytes) -> bytes:
        return key.sign(octets, self.padding, _HASHES[self.hash_algorithm])

    def _verify(self, key: RSAPublicKey, octets: bytes, signature: bytes) -> None:
        key.verify(signature, octets, self.padding, _HASHES[self.hash_algorithm])


class RsaPss(RsaPkcs1):
    """RSASSA-PSS (RFC 8017 8.1): the salt is the system's, so no two signatures are the same."""

    def __init__(self, parameters: PssParameters) -> None:
        super().__init__(parameters.hash_algorithm, parameters.encode())
        mask = padding.MGF1(_HASHES[parameters.mask_hash_algorithm])
        self.padding = padding.PSS(mask, parameters.salt_octets)

    @classmethod
    def of(cls, hash_algorithm: HashAlgorithm) -> RsaPss:
        """The usual one of a hash: the mask is made with it, and the salt is as long as it."""
        return cls(
            PssParameters(
                hash_algorithm=hash_algorithm,
                mask_hash_algorithm=hash_algorithm,
                salt_octets=_HASHES[hash_algorithm].digest_size,
            )
        )


class Ecdsa(Scheme):
    """ECDSA whose signature is a DER structure (RFC 5758 3.2), on any of the curves."""

    kind = "ECDSA on a known curve"
    classes = (EllipticCurvePublicKey, EllipticCurvePrivateKey)
    curves: tuple[type[ec.EllipticCurve], ...] = _CURVES

    def __init__(self, hash_algorithm: HashAlgorithm, identifier: bytes = b"") -> None:
        self.hash_algorithm, self.identifier = hash_algorithm, identifier

    def check(self, key: object) -> None:
        super().check(key)
        if not isinstance(key.curve, self.curves):  # type: ignore[attr-defined]
            raise ValueError(f"the key is not one of {self.kind}")

    def _sign(self, key: EllipticCurvePrivateKey, octets: bytes) -> bytes:
        # RFC 6979: the same key and octets give the same signature.
        how = ec.ECDSA(_HASHES[self.hash_algorithm], deterministic_signing=True)
        return key.sign(octets, how)

    def _verify(self, key: EllipticCurvePublicKey, octets: bytes, signature: bytes) -> None:
        key.verify(signature, octets, ec.ECDSA(_HASHES[self.hash_algorithm]))


class EcdsaConcatenated(Ecdsa):
    """ECDSA whose signature is r and s, each with the octets of the curve (RFC 4754 7)."""

    def __init__(self, curve: ec.EllipticCurve, hash_algorithm: HashAlgorithm) -> None:
        super().__init__(hash_algorithm)
        self.curves, self.kind = (type(curve),), f"ECDSA on {curve.name}"
        self.octets = (curve.key_size + 7) // 8

    def _sign(self, key: EllipticCurvePrivateKey, octets: bytes) -> bytes:
        pair = decode_dss_signature(super()._sign(key, octets))
        return b"".join(number.to_bytes(self.octets, "big") for number in pair)

    def _verify(self, key: EllipticCurvePublicKey, octets: bytes, signature: bytes) -> None:
        if len(signature) != 2 * self.octets:
            raise InvalidSignature
        r, s = signature[: self.octets], signature[self.octets :]
        der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        super()._verify(key, octets, der)


class EdDsa(Scheme):
    """Ed25519 or Ed448 (RFC 8420), which take the octets themselves, not a hash of them."""

    hash_algorithm = HashAlgorithm.IDENTITY

    def __init__(self, kind: str, classes: tuple[type, ...], identifier: bytes) -> None:
        self.kind, self.classes, self.identifier = kind, classes, identifier

    def _sign(self, key: Ed25519PrivateKey | Ed448PrivateKey, octets: bytes) -> bytes:
        return key.sign(octets)

    def _verify(self, key: Ed25519PublicKey | Ed448PublicKey, octets: bytes, sign: bytes) -> None:
        key.verify(sign, octets)
