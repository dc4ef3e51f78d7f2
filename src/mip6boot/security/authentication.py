"""AUTH payloads: what is signed, and the proofs of a shared key or a private one.

RFC 7296 2.15 and 2.16 say what is signed and how a shared key proves itself: a pre-shared one, the
MSK of an EAP method (also where both peers use nothing else, RFC 5998), or SK_pi and SK_pr for a
method that makes no key.  RFC 4754, RFC 7427 and RFC 8420 add signatures.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence

from ..errors import ConfigError, IntegrityError
from ..ikev2 import Authentication, AuthenticationMethod, HashAlgorithm, Identification
from .hashing import Prf
from .schemes import (
    HASH_ALGORITHMS,
    common_hash,
    hash_algorithms_for,
    scheme_for,
    scheme_of,
    schemes_of_method,
)
from .signatures import PrivateKey, PublicKey, Scheme

__all__ = [
    "HASH_ALGORITHMS",
    "PrivateKey",
    "PublicKey",
    "common_hash",
    "hash_algorithms_for",
    "shared_key_authentication",
    "sign",
    "signed_octets",
    "verify_signature",
    "verify_shared_key",
]

_METHOD = AuthenticationMethod
_KEY_PAD = b"Key Pad for IKEv2"
#: Octets before RestOfIDPayload: the one that names the next payload is the chain's.
_HEADER = 3


def signed_octets(
    message: bytes,
    nonce: bytes,
    prf: Prf,
    sk_p: bytes,
    identification: Identification,
    *,
    intermediate: bytes = b"",
) -> bytes:
    """The octets that a peer proves itself by (RFC 7296 2.15).

    `message` is its own IKE_SA_INIT message, the last one if it sent several, without a non-ESP
    marker; `nonce` the value of the other's; `sk_p` its SK_pi or SK_pr, with a PPK the one made of
    it (RFC 8784 3); `identification` its IDi or IDr payload as it is sent.  `intermediate` is
    `IntAuth_iN | IntAuth_rN | IKE_AUTH_MID` after IKE_INTERMEDIATE exchanges (RFC 9242 3.3).
    """
    rest_of_id = identification.encode()[_HEADER:]
    return message + nonce + prf.compute(sk_p, rest_of_id) + intermediate


def shared_key_authentication(prf: Prf, key: bytes, octets: bytes) -> Authentication:
    """The AUTH payload of a shared key over signed octets (RFC 7296 2.15).

    ConfigError for an empty key, which everybody knows.
    """
    data = _keyed(prf, key, octets)
    return Authentication(auth_method=_METHOD.SHARED_KEY, authentication_data=data)


def verify_shared_key(payload: Authentication, prf: Prf, key: bytes, octets: bytes) -> None:
    """Check an AUTH payload of a shared key; IntegrityError where it does not fit.

    ConfigError for an empty key.
    """
    expected = _keyed(prf, key, octets)
    if payload.auth_method != _METHOD.SHARED_KEY:
        raise IntegrityError(f"AUTH: {_name(payload.auth_method)} where a shared key is expected")
    if not hmac.compare_digest(expected, payload.authentication_data):
        raise IntegrityError("AUTH: the message integrity code does not fit the shared key")


def _keyed(prf: Prf, key: bytes, octets: bytes) -> bytes:
    if not key:
        raise ConfigError("the shared key is empty")
    return prf.compute(prf.compute(key, _KEY_PAD), octets)


def sign(
    method: AuthenticationMethod,
    private_key: PrivateKey,
    octets: bytes,
    *,
    hash_algorithm: HashAlgorithm | None = None,
    pss: bool = False,
) -> Authentication:
    """The AUTH payload of a private key over signed octets.

    Without a hash, the usual one is taken: SHA-1 with method 1 (RFC 7296 3.8), with method 14 the
    first of `hash_algorithms_for`.  With `pss`, an RSA key signs method 14 by RSASSA-PSS, and no
    two such signatures are the same; all others are, for the same key and octets.

    ConfigError where key, method and hash do not go together.
    """
    try:
        scheme = _scheme(method, private_key, hash_algorithm, pss)
        data = scheme.sign(private_key, octets)
    except ValueError as e:
        raise ConfigError(f"{_name(method)}: {e}") from None
    if method == _METHOD.DIGITAL_SIGNATURE:
        data = bytes((len(scheme.identifier),)) + scheme.identifier + data
    return Authentication(auth_method=method, authentication_data=data)


def verify_signature(
    payload: Authentication,
    public_key: PublicKey,
    octets: bytes,
    *,
    hash_algorithms: Collection[int] = HASH_ALGORITHMS,
) -> None:
    """Check the signature of an AUTH payload; IntegrityError, with the reason, where it fails.

    `hash_algorithms` are those offered to the peer, and method 14 may use no others (RFC 7427 4).
    Methods 1, 9, 10 and 11 know no such offer; with method 1 any of SHA-1 and SHA-2 is taken.
    """
    try:
        schemes, signature = _claimed(payload, hash_algorithms)
        fits = any(scheme.verifies(public_key, octets, signature) for scheme in schemes)
    except ValueError as e:
        raise IntegrityError(f"AUTH: {_name(payload.auth_method)}: {e}") from None
    if not fits:
        raise IntegrityError("AUTH: the signature does not fit the key and the signed octets")


def _scheme(
    method: AuthenticationMethod, key: PrivateKey, hash_algorithm: HashAlgorithm | None, pss: bool
) -> Scheme:
    """The scheme to sign with; ValueError where there is none."""
    if method == _METHOD.DIGITAL_SIGNATURE:
        return scheme_for(key, hash_algorithm or hash_algorithms_for(key)[0], pss=pss)
    for scheme in schemes_of_method(method):
        if not pss and hash_algorithm in (None, scheme.hash_algorithm):
            return scheme
    raise ValueError("hash and kind of signature do not go with it")


def _claimed(
    payload: Authentication, hash_algorithms: Collection[int]
) -> tuple[Sequence[Scheme], bytes]:
    """The schemes that a payload may have been signed with, and its signature."""
    if payload.auth_method != _METHOD.DIGITAL_SIGNATURE:
        return schemes_of_method(payload.auth_method), payload.authentication_data
    parts = payload.digital_signature
    if parts is None:
        raise ValueError("there is no AlgorithmIdentifier")
    scheme = scheme_of(parts.algorithm_identifier)
    if scheme.hash_algorithm not in hash_algorithms:
        raise ValueError(f"the hash {scheme.hash_algorithm.name} has not been offered")
    return (scheme,), parts.signature


def _name(method: int) -> str:
    return f"method {int(method)} {getattr(method, 'name', '')}".rstrip()
