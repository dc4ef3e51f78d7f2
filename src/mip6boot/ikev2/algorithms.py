"""Transforms: their types, and the algorithms of each (RFC 7296 3.3.2 and its successors)."""

from __future__ import annotations

import enum

__all__ = [
    "EncryptionAlgorithm",
    "HashAlgorithm",
    "IntegrityAlgorithm",
    "KeyExchangeMethod",
    "PseudorandomFunction",
    "SequenceNumbers",
    "TransformAttributeType",
    "TransformType",
]


class TransformType(enum.IntEnum):
    """Types of transforms (RFC 7296 3.3.2, RFC 9370)."""

    ENCR = 1
    PRF = 2
    INTEG = 3
    KE = 4
    SN = 5
    ADDKE1 = 6
    ADDKE2 = 7
    ADDKE3 = 8
    ADDKE4 = 9
    ADDKE5 = 10
    ADDKE6 = 11
    ADDKE7 = 12
    KWA = 13
    GCAUTH = 14


class TransformAttributeType(enum.IntEnum):
    """Attributes of transforms (RFC 7296 3.3.5)."""

    KEY_LENGTH = 14
    SIGNATURE_ALGORITHM_IDENTIFIER = 18


class EncryptionAlgorithm(enum.IntEnum):
    """Transform type 1."""

    DES_IV64 = 1
    DES = 2
    TRIPLE_DES = 3
    RC5 = 4
    IDEA = 5
    CAST = 6
    BLOWFISH = 7
    TRIPLE_IDEA = 8
    DES_IV32 = 9
    NULL = 11
    AES_CBC = 12
    AES_CTR = 13
    AES_CCM_8 = 14
    AES_CCM_12 = 15
    AES_CCM_16 = 16
    AES_GCM_8 = 18
    AES_GCM_12 = 19
    AES_GCM_16 = 20
    NULL_AUTH_AES_GMAC = 21
    CAMELLIA_CBC = 23
    CAMELLIA_CTR = 24
    CAMELLIA_CCM_8 = 25
    CAMELLIA_CCM_12 = 26
    CAMELLIA_CCM_16 = 27
    CHACHA20_POLY1305 = 28
    AES_CCM_8_IIV = 29
    AES_GCM_16_IIV = 30
    CHACHA20_POLY1305_IIV = 31
    KUZNYECHIK_MGM_KTREE = 32
    MAGMA_MGM_KTREE = 33
    KUZNYECHIK_MGM_MAC_KTREE = 34
    MAGMA_MGM_MAC_KTREE = 35


class PseudorandomFunction(enum.IntEnum):
    """Transform type 2."""

    HMAC_MD5 = 1
    HMAC_SHA1 = 2
    HMAC_TIGER = 3
    AES128_XCBC = 4
    HMAC_SHA2_256 = 5
    HMAC_SHA2_384 = 6
    HMAC_SHA2_512 = 7
    AES128_CMAC = 8
    HMAC_STREEBOG_512 = 9


class IntegrityAlgorithm(enum.IntEnum):
    """Transform type 3."""

    NONE = 0
    HMAC_MD5_96 = 1
    HMAC_SHA1_96 = 2
    DES_MAC = 3
    KPDK_MD5 = 4
    AES_XCBC_96 = 5
    HMAC_MD5_128 = 6
    HMAC_SHA1_160 = 7
    AES_CMAC_96 = 8
    AES_128_GMAC = 9
    AES_192_GMAC = 10
    AES_256_GMAC = 11
    HMAC_SHA2_256_128 = 12
    HMAC_SHA2_384_192 = 13
    HMAC_SHA2_512_256 = 14


class KeyExchangeMethod(enum.IntEnum):
    """Transform type 4, formerly the Diffie-Hellman group."""

    NONE = 0
    MODP768 = 1
    MODP1024 = 2
    MODP1536 = 5
    MODP2048 = 14
    MODP3072 = 15
    MODP4096 = 16
    MODP6144 = 17
    MODP8192 = 18
    ECP256 = 19
    ECP384 = 20
    ECP521 = 21
    MODP1024_160 = 22
    MODP2048_224 = 23
    MODP2048_256 = 24
    ECP192 = 25
    ECP224 = 26
    BRAINPOOL_P224R1 = 27
    BRAINPOOL_P256R1 = 28
    BRAINPOOL_P384R1 = 29
    BRAINPOOL_P512R1 = 30
    CURVE25519 = 31
    CURVE448 = 32
    GOST3410_2012_256 = 33
    GOST3410_2012_512 = 34
    ML_KEM_512 = 35
    ML_KEM_768 = 36
    ML_KEM_1024 = 37


class SequenceNumbers(enum.IntEnum):
    """Transform type 5, formerly Extended Sequence Numbers."""

    NO_ESN = 0
    ESN = 1
    UNSPECIFIED_32 = 2


class HashAlgorithm(enum.IntEnum):
    """Hash algorithms of signatures (RFC 7427 4)."""

    SHA1 = 1
    SHA2_256 = 2
    SHA2_384 = 3
    SHA2_512 = 4
    IDENTITY = 5
    STREEBOG_256 = 6
    STREEBOG_512 = 7
