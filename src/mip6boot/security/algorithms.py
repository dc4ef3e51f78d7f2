"""The one table of algorithms: from IANA's ids to primitives.

>>> from mip6boot import ikev2, security
>>> gcm = security.encryption(ikev2.EncryptionAlgorithm.AES_GCM_16)
>>> gcm.salt_octets, gcm.iv_octets, gcm.icv_octets
(4, 8, 16)
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ..errors import ConfigError
from ..ikev2 import (
    ALGORITHMS,
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    PseudorandomFunction,
    TransformType,
)
from .ciphers import CBC, CCM, CTR, GCM, NULL, ChaCha20Poly1305Cipher, Cipher
from .hashing import AesMac, AesPrf, HmacOf, Integrity, Prf, cmac, xcbc
from .key_exchange import CURVE448, CURVE25519, Ecp, KeyExchangeGroup, MlKem, Modp

__all__ = [
    "PRIMITIVES",
    "encryption",
    "integrity",
    "key_exchange",
    "pseudorandom_function",
]

_E, _P, _I, _K = EncryptionAlgorithm, PseudorandomFunction, IntegrityAlgorithm, KeyExchangeMethod

_MD5, _SHA1 = HmacOf(hashes.MD5()), HmacOf(hashes.SHA1())
_SHA256, _SHA384, _SHA512 = (HmacOf(h()) for h in (hashes.SHA256, hashes.SHA384, hashes.SHA512))
_XCBC, _CMAC = AesMac(xcbc), AesMac(cmac)

_ENCRYPTION: dict[EncryptionAlgorithm, Cipher] = {
    _E.TRIPLE_DES: CBC(legacy=True),
    _E.NULL: NULL(),
    _E.AES_CBC: CBC(),
    _E.AES_CTR: CTR(),
    _E.AES_CCM_8: CCM(8),
    _E.AES_CCM_12: CCM(12),
    _E.AES_CCM_16: CCM(16),
    _E.AES_GCM_8: GCM(8),
    _E.AES_GCM_12: GCM(12),
    _E.AES_GCM_16: GCM(16),
    _E.CHACHA20_POLY1305: ChaCha20Poly1305Cipher(),
}

_PRF: dict[PseudorandomFunction, Prf] = {
    _P.HMAC_MD5: Prf(_MD5, legacy=True),
    _P.HMAC_SHA1: Prf(_SHA1),
    _P.AES128_XCBC: Prf(AesPrf(xcbc, pads=True), fixed_key=True),
    _P.HMAC_SHA2_256: Prf(_SHA256),
    _P.HMAC_SHA2_384: Prf(_SHA384),
    _P.HMAC_SHA2_512: Prf(_SHA512),
    _P.AES128_CMAC: Prf(AesPrf(cmac), fixed_key=True),
}

_INTEGRITY: dict[IntegrityAlgorithm, Integrity] = {
    _I.HMAC_MD5_96: Integrity(_MD5, 12, legacy=True),
    _I.HMAC_SHA1_96: Integrity(_SHA1, 12),
    _I.AES_XCBC_96: Integrity(_XCBC, 12),
    _I.HMAC_MD5_128: Integrity(_MD5, 16, legacy=True),
    _I.HMAC_SHA1_160: Integrity(_SHA1, 20),
    _I.AES_CMAC_96: Integrity(_CMAC, 12),
    _I.HMAC_SHA2_256_128: Integrity(_SHA256, 16),
    _I.HMAC_SHA2_384_192: Integrity(_SHA384, 24),
    _I.HMAC_SHA2_512_256: Integrity(_SHA512, 32),
}

_KEY_EXCHANGE: dict[KeyExchangeMethod, KeyExchangeGroup] = {
    _K.MODP1024: Modp(1024, 129093, legacy=True),
    _K.MODP1536: Modp(1536, 741804),
    _K.MODP2048: Modp(2048, 124476),
    _K.MODP3072: Modp(3072, 1690314),
    _K.MODP4096: Modp(4096, 240904),
    _K.MODP6144: Modp(6144, 929484),
    _K.MODP8192: Modp(8192, 4743158),
    _K.ECP256: Ecp(ec.SECP256R1()),
    _K.ECP384: Ecp(ec.SECP384R1()),
    _K.ECP521: Ecp(ec.SECP521R1()),
    _K.BRAINPOOL_P256R1: Ecp(ec.BrainpoolP256R1()),
    _K.BRAINPOOL_P384R1: Ecp(ec.BrainpoolP384R1()),
    _K.BRAINPOOL_P512R1: Ecp(ec.BrainpoolP512R1()),
    _K.CURVE25519: CURVE25519,
    _K.CURVE448: CURVE448,
}

try:
    from cryptography.hazmat.primitives.asymmetric import mlkem
except ImportError:  # An older `cryptography`.
    pass
else:
    _KEY_EXCHANGE |= {
        _K.ML_KEM_768: MlKem(mlkem.MLKEM768PrivateKey, mlkem.MLKEM768PublicKey, 1184, 1088),
        _K.ML_KEM_1024: MlKem(mlkem.MLKEM1024PrivateKey, mlkem.MLKEM1024PublicKey, 1568, 1568),
    }

#: (type of transform, id) -> primitive, for each algorithm that works here.
PRIMITIVES: Mapping[tuple[int, int], Cipher | Prf | Integrity | KeyExchangeGroup] = (
    MappingProxyType(
        {
            (int(kind), int(number)): primitive
            for kind, table in (
                (TransformType.ENCR, _ENCRYPTION),
                (TransformType.PRF, _PRF),
                (TransformType.INTEG, _INTEGRITY),
                (TransformType.KE, _KEY_EXCHANGE),
            )
            for number, primitive in table.items()
        }
    )
)

T = TypeVar("T")


def encryption(algorithm: int, *, legacy: bool = False) -> Cipher:
    """The cipher of an id of transform type 1; ConfigError for one that does not work here.

    With `legacy` also triple DES, whose blocks are too small (RFC 8221 5: SHOULD NOT).
    """
    return _primitive(TransformType.ENCR, algorithm, legacy)  # type: ignore[no-any-return]


def pseudorandom_function(algorithm: int, *, legacy: bool = False) -> Prf:
    """The function of an id of transform type 2; ConfigError for one that does not work here."""
    return _primitive(TransformType.PRF, algorithm, legacy)  # type: ignore[no-any-return]


def integrity(algorithm: int, *, legacy: bool = False) -> Integrity:
    """The algorithm of an id of transform type 3; ConfigError for one that does not work here."""
    return _primitive(TransformType.INTEG, algorithm, legacy)  # type: ignore[no-any-return]


def key_exchange(method: int, *, legacy: bool = False) -> KeyExchangeGroup:
    """The method of an id of transform type 4; ConfigError for one that does not work here.

    With `legacy` also MODP1024.
    """
    return _primitive(TransformType.KE, method, legacy)  # type: ignore[no-any-return]


def _primitive(kind: TransformType, number: int, legacy: bool) -> Any:
    found = PRIMITIVES.get((kind, number))
    if found is None:
        raise ConfigError(f"{_name(kind, number)} does not work here")
    if found.legacy and not legacy:
        raise ConfigError(
            f"{_name(kind, number)} is not to be used any more (legacy=True allows it)"
        )
    return found


def _name(kind: TransformType, number: int) -> str:
    members: type[enum.IntEnum] = ALGORITHMS[kind]
    known = {int(member): member.name for member in members}
    return f"{kind.name} {number} {known.get(int(number), '')}".rstrip()
