"""Which scheme signs: by the method, by the AlgorithmIdentifier, by the key.

The identifiers are those of RFC 7427 A and RFC 8420 A; RFC 4754 has the curves of methods 9 to 11.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ..ikev2 import AuthenticationMethod, HashAlgorithm
from .pss import PssParameters, is_pss
from .signatures import Ecdsa, EcdsaConcatenated, EdDsa, PrivateKey, RsaPkcs1, RsaPss, Scheme

__all__ = [
    "HASH_ALGORITHMS",
    "common_hash",
    "hash_algorithms_for",
    "scheme_for",
    "scheme_of",
    "schemes_of_method",
]

_H, _METHOD = HashAlgorithm, AuthenticationMethod
_SHA2 = (_H.SHA2_256, _H.SHA2_384, _H.SHA2_512)

#: What a SIGNATURE_HASH_ALGORITHMS notification may say of this library: all but SHA-1, which
#: RFC 8247 3.2 forbids.
HASH_ALGORITHMS: tuple[HashAlgorithm, ...] = (*_SHA2, _H.IDENTITY)

_RSA = tuple(
    RsaPkcs1(hash_algorithm, bytes.fromhex(f"300d06092a864886f70d0101{arc}0500"))
    for hash_algorithm, arc in zip((_H.SHA1, *_SHA2), ("05", "0b", "0c", "0d"), strict=True)
)
_SCHEMES: tuple[Scheme, ...] = (
    *_RSA,
    Ecdsa(_H.SHA1, bytes.fromhex("300906072a8648ce3d0401")),
    Ecdsa(_H.SHA2_256, bytes.fromhex("300a06082a8648ce3d040302")),
    Ecdsa(_H.SHA2_384, bytes.fromhex("300a06082a8648ce3d040303")),
    Ecdsa(_H.SHA2_512, bytes.fromhex("300a06082a8648ce3d040304")),
    EdDsa("Ed25519", (Ed25519PublicKey, Ed25519PrivateKey), bytes.fromhex("300506032b6570")),
    EdDsa("Ed448", (Ed448PublicKey, Ed448PrivateKey), bytes.fromhex("300506032b6571")),
)
# An RSA identifier may lack its NULL: RFC 4055 5 wants both forms read.
_BY_IDENTIFIER: dict[bytes, Scheme] = {
    **{scheme.identifier: scheme for scheme in _SCHEMES},
    **{b"\x30\x0b" + scheme.identifier[2:-2]: scheme for scheme in _RSA},
}
# With method 1 the signature alone knows its hash; SHA-1 is the first to sign with (RFC 7296 3.8).
_BY_METHOD: dict[int, Sequence[Scheme]] = {
    _METHOD.RSA: _RSA,
    _METHOD.ECDSA_P256: (EcdsaConcatenated(ec.SECP256R1(), _H.SHA2_256),),
    _METHOD.ECDSA_P384: (EcdsaConcatenated(ec.SECP384R1(), _H.SHA2_384),),
    _METHOD.ECDSA_P521: (EcdsaConcatenated(ec.SECP521R1(), _H.SHA2_512),),
}


def hash_algorithms_for(private_key: PrivateKey) -> tuple[HashAlgorithm, ...]:
    """The hashes that method 14 can use with a key, the most fitting one first."""
    if isinstance(private_key, Ed25519PrivateKey | Ed448PrivateKey):
        return (_H.IDENTITY,)
    if isinstance(private_key, RSAPrivateKey):
        return _SHA2
    bits = private_key.curve.key_size
    at = 0 if bits <= 256 else 1 if bits <= 384 else 2
    return (*_SHA2[at:], *reversed(_SHA2[:at]))


def common_hash(
    offered: Sequence[int], ours: Sequence[HashAlgorithm] = HASH_ALGORITHMS
) -> HashAlgorithm | None:
    """The first of our hashes that the peer has offered to verify (RFC 7427 4); None for none.

    Without one, the methods from before RFC 7427 are left.
    """
    return next((algorithm for algorithm in ours if algorithm in offered), None)


def schemes_of_method(method: int) -> Sequence[Scheme]:
    """The schemes of a method other than 14; ValueError for one that does not sign here."""
    try:
        return _BY_METHOD[method]
    except KeyError:
        raise ValueError("the method has no signatures that work here") from None


def scheme_of(identifier: bytes) -> Scheme:
    """The scheme of an AlgorithmIdentifier's DER; ValueError for one that does not work here."""
    if is_pss(identifier):
        return RsaPss(PssParameters.decode(identifier))
    try:
        return _BY_IDENTIFIER[identifier]
    except KeyError:
        raise ValueError("the algorithm of the signature does not work here") from None


def scheme_for(private_key: PrivateKey, hash_algorithm: int, *, pss: bool = False) -> Scheme:
    """The scheme by which a key signs with method 14; ValueError where there is none."""
    for scheme in _SCHEMES:
        if scheme.hash_algorithm == hash_algorithm and isinstance(private_key, scheme.classes):
            if not pss:
                return scheme
            if isinstance(scheme, RsaPkcs1):
                return RsaPss.of(scheme.hash_algorithm)
    raise ValueError("key, hash and kind of signature do not go together")
