"""Primitives against published vectors, or a second computation where nobody has published any."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from mip6boot import security
from mip6boot.errors import ConfigError, IntegrityError
from mip6boot.ikev2 import (
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    PseudorandomFunction,
    TransformType,
)
from mip6boot.security.ciphers import Cipher as Primitive

from .vectors import cases

E, I, P = EncryptionAlgorithm, IntegrityAlgorithm, PseudorandomFunction

SHA2 = {
    "256": (P.HMAC_SHA2_256, I.HMAC_SHA2_256_128, 16),
    "384": (P.HMAC_SHA2_384, I.HMAC_SHA2_384_192, 24),
    "512": (P.HMAC_SHA2_512, I.HMAC_SHA2_512_256, 32),
}


def prf(number: int, key: bytes, octets: bytes) -> bytes:
    return security.pseudorandom_function(number, legacy=True).compute(key, octets)


def icv(number: int, key: bytes, octets: bytes) -> bytes:
    return security.integrity(number, legacy=True).hasher(key)(octets)


# -- Keyed hashes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", SHA2)
def test_hmac_sha2_of_rfc_4231(bits: str) -> None:
    function, algorithm, size = SHA2[bits]
    for case in cases("rfc4231_hmac_sha2"):
        wanted = case[f"HMAC-SHA-{bits}"]  # Of case 5, the first 16 octets only.
        assert prf(function, case["Key"], case["Data"])[: len(wanted)] == wanted
        assert icv(algorithm, case["Key"], case["Data"])[: len(wanted)] == wanted[:size]


def test_hmac_sha2_of_rfc_4868() -> None:
    count = 0
    for case in cases("rfc4868_hmac_sha2"):
        for bits, (function, algorithm, size) in SHA2.items():
            wanted = case.get(f"PRF-HMAC-SHA-{bits}")
            if wanted is None:
                continue
            assert prf(function, case["Key"], case["Data"]) == wanted
            if case["case"].startswith("AUTH"):
                assert len(case["Key"]) == security.integrity(algorithm).key_octets
                # The first of 384 bits is labelled -128 and has 24 octets.
                (cut,) = (v for k, v in case.items() if k.startswith("HMAC"))
                assert icv(algorithm, case["Key"], case["Data"]) == cut
                assert len(cut) == size
            count += 1
    assert count == 30


@pytest.mark.parametrize(
    ("function", "algorithms", "name", "hashes"),
    [
        (
            P.HMAC_SHA1,
            {I.HMAC_SHA1_96: 12, I.HMAC_SHA1_160: 20},
            "sha1",
            (
                "b617318655057264e28bc0b6fb378c8ef146be00",
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            ),
        ),
        (
            P.HMAC_MD5,
            {I.HMAC_MD5_96: 12, I.HMAC_MD5_128: 16},
            "md5",
            ("9294727a3638bb1c13f48ef8158bfc9d", "750c783e6ab0b503eaa86e310a5db738"),
        ),
    ],
)
def test_hmac_of_older_hashes(
    function: int, algorithms: dict[int, int], name: str, hashes: tuple[str, str]
) -> None:
    """The first two cases of RFC 2202, and Python's own HMAC for more sizes."""
    size = security.pseudorandom_function(function, legacy=True).size
    messages = (b"Hi There", b"what do ya want for nothing?")
    for key, message, wanted in zip((b"\x0b" * size, b"Jefe"), messages, hashes, strict=True):
        assert prf(function, key, message).hex() == wanted
    rng = Random(name)
    for length in (0, 1, 55, 63, 64, 65, 1000):
        key, message = rng.randbytes(length), rng.randbytes(length)
        whole = hmac.digest(key, message, name)
        assert prf(function, key, message) == whole
        for algorithm, cut in algorithms.items():
            assert icv(algorithm, key, message) == whole[:cut]


def test_aes_xcbc_mac_of_rfc_3566() -> None:
    for case in cases("rfc3566_aes_xcbc_mac"):
        assert prf(P.AES128_XCBC, case["key"], case["message"]) == case["mac"]
        assert icv(I.AES_XCBC_96, case["key"], case["message"]) == case["mac_96"]


def test_aes_cmac_of_rfc_4493() -> None:
    for case in cases("rfc4493_aes_cmac"):
        assert prf(P.AES128_CMAC, case["key"], case["message"]) == case["mac"]
        # RFC 4494 2: the first 12 octets.
        assert icv(I.AES_CMAC_96, case["key"], case["message"]) == case["mac"][:12]


@pytest.mark.parametrize(
    ("function", "name"),
    [(P.AES128_XCBC, "rfc4434_aes_xcbc_prf"), (P.AES128_CMAC, "rfc4615_aes_cmac_prf")],
)
def test_aes_functions_take_keys_of_any_length(function: int, name: str) -> None:
    sizes = set()
    for case in cases(name):
        assert prf(function, case["key"], case["message"]) == case["output"]
        sizes.add(len(case["key"]))
    assert sizes == {10, 16, 18}


@pytest.mark.parametrize("algorithm", [I.AES_XCBC_96, I.AES_CMAC_96])
@pytest.mark.parametrize("size", [0, 15, 17, 20, 24, 32])
def test_aes_integrity_has_keys_of_16_octets_only(algorithm: int, size: int) -> None:
    """Neither may AES-192 be taken for it, nor an error of the primitive escape."""
    with pytest.raises(ValueError, match=f"{size} octets where 16 are expected"):
        security.integrity(algorithm).hasher(bytes(size))


# -- Ciphers --------------------------------------------------------------------------------------


def test_aes_ctr_of_rfc_3686() -> None:
    sizes = set()
    for case in cases("rfc3686_aes_ctr"):
        sealer = security.encryption(E.AES_CTR).sealer(case["key"] + case["nonce"])
        assert sealer.encrypt(case["iv"], case["plaintext"], b"") == case["ciphertext"]
        assert sealer.decrypt(case["iv"], case["ciphertext"], b"") == case["plaintext"]
        sizes.add(len(case["key"]))
    assert sizes == {16, 24, 32}


def test_gcm_of_its_authors() -> None:
    """Test case 4 of "The Galois/Counter Mode of Operation", whose tag is cut for 8 and 12."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308cafebabe")
    iv = bytes.fromhex("facedbaddecaf888")
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plaintext = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    ciphertext = bytes.fromhex(
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
    )
    tag = bytes.fromhex("5bc94fbc3221a5db94fae95ae7121a47")
    for algorithm, size in ((E.AES_GCM_8, 8), (E.AES_GCM_12, 12), (E.AES_GCM_16, 16)):
        sealer = security.encryption(algorithm).sealer(key)
        assert sealer.encrypt(iv, plaintext, associated) == ciphertext + tag[:size]
        assert sealer.decrypt(iv, ciphertext + tag[:size], associated) == plaintext


@pytest.mark.parametrize(
    ("algorithm", "size"), [(E.AES_GCM_8, 8), (E.AES_GCM_12, 12), (E.AES_GCM_16, 16)]
)
def test_gcm_is_the_whole_one_with_its_tag_cut(algorithm: int, size: int) -> None:
    rng = Random(size)
    for key_octets in (16, 24, 32):
        for length in (0, 1, 15, 16, 17, 300):
            key, salt, iv = rng.randbytes(key_octets), rng.randbytes(4), rng.randbytes(8)
            octets, associated = rng.randbytes(length), rng.randbytes(length % 40)
            whole = AESGCM(key).encrypt(salt + iv, octets, associated)
            sealer = security.encryption(algorithm).sealer(key + salt)
            assert sealer.encrypt(iv, octets, associated) == whole[: length + size]
            assert sealer.decrypt(iv, whole[: length + size], associated) == octets


@pytest.mark.parametrize(
    ("algorithm", "size"), [(E.AES_CCM_8, 8), (E.AES_CCM_12, 12), (E.AES_CCM_16, 16)]
)
def test_ccm_is_what_rfc_4309_builds_of_aes(algorithm: int, size: int) -> None:
    rng = Random(size)
    for key_octets in (16, 24, 32):
        for length in (0, 1, 16, 33, 300):
            key, salt, iv = rng.randbytes(key_octets), rng.randbytes(3), rng.randbytes(8)
            octets, associated = rng.randbytes(length), rng.randbytes(8 + length % 5)
            wanted = ccm(key, salt + iv, octets, associated, size)
            sealer = security.encryption(algorithm).sealer(key + salt)
            assert sealer.encrypt(iv, octets, associated) == wanted
            assert sealer.decrypt(iv, wanted, associated) == octets


def ccm(key: bytes, nonce: bytes, octets: bytes, associated: bytes, size: int) -> bytes:
    """CCM by the letter of RFC 4309 and of NIST's SP 800-38C, with a nonce of 11 octets."""
    block = Cipher(AES(key), modes.ECB()).encryptor().update
    first = bytes((64 | (size - 2) // 2 << 3 | 3,)) + nonce + len(octets).to_bytes(4, "big")
    text = first + padded(len(associated).to_bytes(2, "big") + associated) + padded(octets)
    mac = bytes(16)
    for at in range(0, len(text), 16):
        mac = block(xor(mac, text[at : at + 16]))
    stream = b"".join(
        block(b"\3" + nonce + counter.to_bytes(4, "big"))
        for counter in range(len(octets) // 16 + 2)
    )
    return xor(octets, stream[16:]) + xor(mac, stream)[:size]


def padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 16)


def xor(octets: bytes, stream: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(octets, stream, strict=False))


AEAD = [number for number in E if (1, number) in security.PRIMITIVES and number != E.NULL]
AEAD = [number for number in AEAD if security.encryption(number, legacy=True).aead]


@pytest.mark.parametrize("algorithm", AEAD)
def test_combined_modes_give_nothing_for_what_they_have_not_sealed(algorithm: int) -> None:
    cipher, rng = security.encryption(algorithm), Random(algorithm)
    key, iv = rng.randbytes(cipher.key_octets(None)), rng.randbytes(8)
    sealed = cipher.sealer(key).encrypt(iv, b"mobile", b"associated")
    wrong: list[tuple[bytes, bytes, bytes, bytes]] = [
        (flipped(key, bit), iv, sealed, b"associated") for bit in range(8 * len(key))
    ]
    wrong += [(key, flipped(iv, bit), sealed, b"associated") for bit in range(64)]
    wrong += [(key, iv, flipped(sealed, bit), b"associated") for bit in range(8 * len(sealed))]
    wrong += [
        (key, iv, sealed[:size], b"associated") for size in range(cipher.icv_octets, len(sealed))
    ]
    wrong += [(key, iv, sealed + b"\0", b"associated"), (key, iv, sealed, b"associate")]
    for other, vector, octets, associated in wrong:
        with pytest.raises(IntegrityError):
            cipher.sealer(other).decrypt(vector, octets, associated)
    assert cipher.sealer(key).decrypt(iv, sealed, b"associated") == b"mobile"


def flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


# -- The table ------------------------------------------------------------------------------------

#: (key sizes in octets without salt, salt, initialization vector, check value, block).
SIZES: dict[int, tuple[tuple[int, ...], int, int, int, int]] = {
    E.TRIPLE_DES: ((24,), 0, 8, 0, 8),  # RFC 2451
    E.NULL: ((0,), 0, 0, 0, 1),  # RFC 2410
    E.AES_CBC: ((16, 24, 32), 0, 16, 0, 16),  # RFC 3602
    E.AES_CTR: ((16, 24, 32), 4, 8, 0, 1),  # RFC 3686, RFC 5930
    E.AES_CCM_8: ((16, 24, 32), 3, 8, 8, 1),  # RFC 4309
    E.AES_CCM_12: ((16, 24, 32), 3, 8, 12, 1),
    E.AES_CCM_16: ((16, 24, 32), 3, 8, 16, 1),
    E.AES_GCM_8: ((16, 24, 32), 4, 8, 8, 1),  # RFC 4106
    E.AES_GCM_12: ((16, 24, 32), 4, 8, 12, 1),
    E.AES_GCM_16: ((16, 24, 32), 4, 8, 16, 1),
    E.CHACHA20_POLY1305: ((32,), 4, 8, 16, 1),  # RFC 7634
}


@pytest.mark.parametrize("algorithm", SIZES)
def test_sizes_of_ciphers(algorithm: int) -> None:
    cipher = security.encryption(algorithm, legacy=True)
    found = (
        cipher.key_sizes, cipher.salt_octets, cipher.iv_octets, cipher.icv_octets,
        cipher.block_octets,
    )  # fmt: skip
    assert found == SIZES[algorithm]
    assert cipher.aead is (algorithm in AEAD)
    sizes = {size + cipher.salt_octets for size in cipher.key_sizes}
    assert {cipher.key_octets(8 * size) for size in cipher.key_sizes} == sizes
    assert cipher.key_octets(None) == cipher.key_sizes[0] + cipher.salt_octets
    for size in set(range(40)) - sizes:
        with pytest.raises(ValueError, match="octets where"):
            cipher.sealer(bytes(size))
    for bits in (-128, 1, 64, 100, 130, 512):
        with pytest.raises(ValueError, match="bits where"):
            cipher.key_octets(bits)


def test_sizes_of_keyed_hashes() -> None:
    """Octets of key and check value of each integrity algorithm, of output of each function."""
    wanted = {
        I.HMAC_MD5_96: (16, 12), I.HMAC_SHA1_96: (20, 12), I.AES_XCBC_96: (16, 12),
        I.HMAC_MD5_128: (16, 16), I.HMAC_SHA1_160: (20, 20), I.AES_CMAC_96: (16, 12),
        I.HMAC_SHA2_256_128: (32, 16), I.HMAC_SHA2_384_192: (48, 24),
        I.HMAC_SHA2_512_256: (64, 32),
    }  # fmt: skip
    for algorithm, sizes in wanted.items():
        primitive = security.integrity(algorithm, legacy=True)
        assert (primitive.key_octets, primitive.icv_octets) == sizes
        assert len(icv(algorithm, bytes(sizes[0]), b"octets")) == sizes[1]
    outputs = {
        P.HMAC_MD5: 16, P.HMAC_SHA1: 20, P.AES128_XCBC: 16, P.HMAC_SHA2_256: 32,
        P.HMAC_SHA2_384: 48, P.HMAC_SHA2_512: 64, P.AES128_CMAC: 16,
    }  # fmt: skip
    for function, size in outputs.items():
        assert security.pseudorandom_function(function, legacy=True).size == size
        assert len(prf(function, b"key", b"octets")) == size
    numbers = {(int(TransformType.INTEG), int(n)) for n in wanted}
    numbers |= {(int(TransformType.PRF), int(n)) for n in outputs}
    numbers |= {(int(TransformType.ENCR), int(n)) for n in SIZES}
    assert numbers == {key for key in security.PRIMITIVES if key[0] != TransformType.KE}


LOOK_UP: dict[int, Callable[..., Any]] = {
    TransformType.ENCR: security.encryption,
    TransformType.PRF: security.pseudorandom_function,
    TransformType.INTEG: security.integrity,
    TransformType.KE: security.key_exchange,
}


@pytest.mark.parametrize("kind", LOOK_UP)
def test_every_other_number_is_a_setting_that_does_not_work(kind: int) -> None:
    refused = 0
    for number in (*range(40), 1024, 0xFFFF):
        if (kind, number) not in security.PRIMITIVES:
            with pytest.raises(ConfigError, match=f"{TransformType(kind).name} {number}.*not work"):
                LOOK_UP[kind](number, legacy=True)
            refused += 1
    assert refused > 20


def test_legacy_is_for_who_asks_only() -> None:
    """MD5 (RFC 8247 2.3: MUST NOT), triple DES (RFC 8221 5: SHOULD NOT), and the smallest group."""
    legacy = {key for key, primitive in security.PRIMITIVES.items() if primitive.legacy}
    assert legacy == {
        (1, E.TRIPLE_DES), (2, P.HMAC_MD5), (3, I.HMAC_MD5_96), (3, I.HMAC_MD5_128),
        (4, KeyExchangeMethod.MODP1024),
    }  # fmt: skip
    for kind, number in legacy:
        with pytest.raises(ConfigError, match="legacy=True"):
            LOOK_UP[kind](number)
        assert LOOK_UP[kind](number, legacy=True) is security.PRIMITIVES[kind, number]


def test_primitives_are_of_their_kind() -> None:
    assert all(isinstance(security.PRIMITIVES[1, n], Primitive) for n in SIZES)
