"""The keys of IKE SAs and child SAs against vectors of NIST, and by the letter of RFC 7296."""

from __future__ import annotations

import hmac
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import security
from mip6boot.errors import ConfigError, UnknownSa
from mip6boot.ikev2 import (
    EncryptionAlgorithm,
    ExchangeType,
    IkeFlags,
    IkeMessage,
    IntegrityAlgorithm,
    PseudorandomFunction,
)
from mip6boot.security import EspSuite, IkeKeys, IkeSuite, Secret, child_sas, skeyseed

from .vectors import vectors

E, I, P = EncryptionAlgorithm, IntegrityAlgorithm, PseudorandomFunction

FUNCTIONS = {
    "PRF_HMAC_SHA2_256": P.HMAC_SHA2_256,
    "PRF_HMAC_SHA2_384": P.HMAC_SHA2_384,
    "PRF_HMAC_SHA2_512": P.HMAC_SHA2_512,
}
NIST = vectors("nist_cavp_ikev2_kdf")["vectors"]
NAMES = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")


def keys_of(suite: IkeSuite, **others: Any) -> IkeKeys:
    known = {
        "spi_i": b"initiate", "spi_r": b"responds", "nonce_i": bytes(range(32)),
        "nonce_r": bytes(range(100, 120)), "shared": b"shared secret",
    }  # fmt: skip
    return IkeKeys.derive(suite, **known | others)


CBC = IkeSuite(
    encryption=E.AES_CBC, key_length=256, integrity=I.HMAC_SHA2_256_128, prf=P.HMAC_SHA2_256
)


@pytest.mark.parametrize("vector", NIST, ids=lambda vector: vector["name"])
def test_skeyseed_and_prf_plus_of_nist(vector: dict[str, Any]) -> None:
    prf = security.pseudorandom_function(FUNCTIONS[vector["prf"]])
    nonces, spis = vector["Ni|Nr"], vector["SPIi"] + vector["SPIr"]
    for cut in (0, 8, len(nonces)):
        assert skeyseed(prf, nonces[:cut], nonces[cut:], vector["g_ir"]) == vector["SKEYSEED"]
    stream = vector["prf_plus(SKEYSEED, Ni|Nr|SPIi|SPIr)"]
    for size in range(len(stream) + 1):
        assert prf.plus(vector["SKEYSEED"], nonces + spis, size) == stream[:size]


@pytest.mark.parametrize("vector", NIST, ids=lambda vector: vector["name"])
def test_keys_are_the_stream_in_pieces(vector: dict[str, Any]) -> None:
    suite = IkeSuite(encryption=E.AES_GCM_16, prf=FUNCTIONS[vector["prf"]])
    keys = keys_of(
        suite, spi_i=vector["SPIi"], spi_r=vector["SPIr"], nonce_i=vector["Ni|Nr"][:8],
        nonce_r=vector["Ni|Nr"][8:], shared=vector["g_ir"],
    )  # fmt: skip
    joined = b"".join(getattr(keys, name) for name in NAMES)
    known = vector["prf_plus(SKEYSEED, Ni|Nr|SPIi|SPIr)"]
    size = min(len(joined), len(known))
    assert size >= 132
    assert joined[:size] == known[:size]
    prf = suite.pseudorandom_function
    assert [len(getattr(keys, name)) for name in NAMES] == [
        prf.size,
        0,
        0,
        20,
        20,
        prf.size,
        prf.size,
    ]


@pytest.mark.parametrize(
    ("suite", "sizes"),
    [
        (CBC, (32, 32, 32, 32, 32, 32, 32)),
        (
            IkeSuite(
                encryption=E.AES_CTR, key_length=192, integrity=I.AES_XCBC_96, prf=P.AES128_XCBC
            ),
            (16, 16, 16, 28, 28, 16, 16),
        ),
        (
            IkeSuite(encryption=E.AES_CCM_8, integrity=I.NONE, prf=P.HMAC_SHA1),
            (20, 0, 0, 19, 19, 20, 20),
        ),
        (
            IkeSuite(encryption=E.CHACHA20_POLY1305, prf=P.HMAC_SHA2_512),
            (64, 0, 0, 36, 36, 64, 64),
        ),
        (
            IkeSuite(
                encryption=E.TRIPLE_DES, integrity=I.HMAC_SHA1_160, prf=P.HMAC_MD5, legacy=True
            ),
            (16, 20, 20, 24, 24, 16, 16),
        ),
    ],
    ids=lambda value: value.encryption.name if isinstance(value, IkeSuite) else "",
)
def test_sizes_of_keys(suite: IkeSuite, sizes: tuple[int, ...]) -> None:
    keys = keys_of(suite)
    assert tuple(len(getattr(keys, name)) for name in NAMES) == sizes
    assert all(type(getattr(keys, name)) is Secret for name in NAMES)


@pytest.mark.parametrize("function", [P.AES128_XCBC, P.AES128_CMAC])
def test_first_octets_of_nonces_only_where_the_function_has_a_fixed_key(function: int) -> None:
    """RFC 7296 2.14: 64 bits of each for SKEYSEED, all of them for prf+."""
    prf, rng = security.pseudorandom_function(function), Random(function)
    nonce_i, nonce_r = rng.randbytes(32), rng.randbytes(16)
    seed = prf.compute(nonce_i[:8] + nonce_r[:8], b"shared")
    assert skeyseed(prf, nonce_i, nonce_r, b"shared") == seed
    suite = IkeSuite(
        encryption=E.AES_CBC, integrity=I.AES_XCBC_96, prf=PseudorandomFunction(function)
    )
    keys = keys_of(suite, nonce_i=nonce_i, nonce_r=nonce_r, shared=b"shared")
    spis = keys.spi_i + keys.spi_r
    stream = prf.plus(seed, nonce_i + nonce_r + spis, 7 * 16)
    assert b"".join(getattr(keys, name) for name in NAMES) == stream


def prf_plus(key: bytes, seed: bytes, size: int) -> bytes:
    """RFC 7296 2.13 for HMAC-SHA2-256, with Python's own HMAC."""
    out = piece = b""
    for count in range(1, 256):
        piece = hmac.digest(key, piece + seed + bytes([count]), "sha256")
        out += piece
    return out[:size]


def test_prf_plus_ends_at_255_pieces() -> None:
    prf = security.pseudorandom_function(P.HMAC_SHA2_256)
    assert prf.plus(b"key", b"seed", 255 * 32) == prf_plus(b"key", b"seed", 255 * 32)
    with pytest.raises(ValueError, match="at most 8160 octets"):
        prf.plus(b"key", b"seed", 255 * 32 + 1)


def test_rekeying_takes_the_old_function_for_the_seed_and_the_new_one_for_keys() -> None:
    """RFC 7296 2.18: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr)."""
    old = keys_of(CBC)
    suite = IkeSuite(encryption=E.AES_GCM_16, prf=P.HMAC_SHA2_384)
    new = old.rekey(
        suite, spi_i=b"newspi_i", spi_r=b"newspi_r", nonce_i=b"Ni", nonce_r=b"Nr", shared=b"new"
    )
    seed = hmac.digest(old.sk_d, b"newNiNr", "sha256")
    first = hmac.digest(seed, b"NiNrnewspi_inewspi_r\1", "sha384")
    assert new.sk_d == first
    assert (new.spis, new.suite) == ((b"newspi_i", b"newspi_r"), suite)
    assert new == IkeKeys.expand(
        suite, seed, spi_i=b"newspi_i", spi_r=b"newspi_r", nonce_i=b"Ni", nonce_r=b"Nr"
    )


def test_postquantum_preshared_key() -> None:
    """RFC 8784 3: SK_d, SK_pi and SK_pr become prf+(PPK, ...); what seals stays."""
    keys = keys_of(CBC)
    mixed = keys.with_ppk(b"preshared")
    for name in NAMES:
        before, after = getattr(keys, name), getattr(mixed, name)
        if name in ("sk_d", "sk_pi", "sk_pr"):
            assert after == prf_plus(b"preshared", before, 32)
            assert type(after) is Secret
        else:
            assert after == before


@pytest.mark.parametrize("missing", ["sk_d", "sk_pi", "sk_pr"])
def test_nothing_is_mixed_into_keys_that_are_not_known(missing: str) -> None:
    keys = msgspec.structs.replace(keys_of(CBC), **{missing: Secret()})
    with pytest.raises(ConfigError, match="not known"):
        keys.with_ppk(b"preshared")


def test_keys_of_child_sas() -> None:
    """RFC 7296 2.17: from the initiator first, encryption before integrity; PFS puts g^ir first."""
    keys = keys_of(CBC)
    suite = EspSuite(encryption=E.AES_CTR, key_length=128, integrity=I.HMAC_SHA1_96)
    for shared in (b"", b"new shared secret"):
        sent, received = child_sas(
            keys,
            suite,
            spi_i=0x11111111,
            spi_r=0x22222222,
            nonce_i=b"Ni",
            nonce_r=b"Nr",
            shared=shared,
        )
        stream = prf_plus(keys.sk_d, shared + b"NiNr", 80)
        assert (sent.encryption_key, sent.integrity_key) == (stream[:20], stream[20:40])
        assert (received.encryption_key, received.integrity_key) == (stream[40:60], stream[60:])
        # Each SPI was chosen by who receives.
        assert (sent.spi, received.spi) == (0x22222222, 0x11111111)
        assert type(sent.encryption_key) is type(received.integrity_key) is Secret


def test_without_sk_d_nothing_is_derived() -> None:
    keys = IkeKeys(spi_i=b"initiate", spi_r=b"responds", suite=CBC)
    with pytest.raises(ConfigError, match="SK_d"):
        child_sas(
            keys, EspSuite(encryption=E.AES_GCM_16), spi_i=1, spi_r=2, nonce_i=b"", nonce_r=b""
        )
    with pytest.raises(ConfigError, match="SK_d"):
        keys.rekey(CBC, spi_i=b"", spi_r=b"", nonce_i=b"", nonce_r=b"", shared=b"")


def test_keys_are_found_by_spis_and_direction() -> None:
    keys = IkeKeys(
        spi_i=b"initiate", spi_r=b"responds", suite=IkeSuite(encryption=E.AES_GCM_16, prf=P.HMAC_SHA1),
        sk_ei=Secret(bytes(20)),
    )  # fmt: skip
    message = IkeMessage(
        initiator_spi=keys.spi_i, responder_spi=keys.spi_r,
        exchange_type=ExchangeType.INFORMATIONAL, flags=IkeFlags.I,
    )  # fmt: skip
    assert keys.protection(message) is keys.from_initiator
    with pytest.raises(UnknownSa, match="direction"):
        keys.protection(message.replace(flags=IkeFlags.R))
    for other in ({"initiator_spi": b"initiatE"}, {"responder_spi": b"\0" * 8}):
        with pytest.raises(UnknownSa, match="another IKE SA"):
            keys.protection(message.replace(**other))


@pytest.mark.parametrize(
    ("suite", "key", "match"),
    [
        (CBC, 16, "AES_CBC: 256 bits, but 16 octets"),
        (CBC, 31, "AES_CBC: a key of 31 octets"),
        (IkeSuite(encryption=E.AES_GCM_16, prf=P.HMAC_SHA1), 16, "AES_GCM_16: a key of 16 octets"),
    ],
)
def test_keys_that_the_suite_cannot_have(suite: IkeSuite, key: int, match: str) -> None:
    keys = IkeKeys(
        spi_i=b"", spi_r=b"", suite=suite, sk_ei=Secret(bytes(key)), sk_ai=Secret(bytes(32))
    )
    with pytest.raises(ConfigError, match=match):
        _ = keys.from_initiator


@pytest.mark.parametrize("algorithm", [I.AES_XCBC_96, I.AES_CMAC_96])
@pytest.mark.parametrize("size", [0, 15, 20, 24, 32])
def test_integrity_keys_that_the_suite_cannot_have(
    algorithm: IntegrityAlgorithm, size: int
) -> None:
    suite = IkeSuite(encryption=E.AES_CBC, integrity=algorithm, prf=P.HMAC_SHA1)
    keys = IkeKeys(
        spi_i=b"", spi_r=b"", suite=suite, sk_ei=Secret(bytes(16)), sk_ai=Secret(bytes(size))
    )
    with pytest.raises(ConfigError, match=algorithm.name):
        _ = keys.from_initiator


def test_combined_mode_with_an_integrity_algorithm_is_refused_before_keys_are_made() -> None:
    """RFC 5282 8 forbids it, and SK_a would move every key that follows."""
    suite = IkeSuite(encryption=E.AES_GCM_16, integrity=I.HMAC_SHA2_256_128, prf=P.HMAC_SHA2_256)
    with pytest.raises(ConfigError, match="AES_GCM_16 goes without HMAC_SHA2_256_128"):
        keys_of(suite)
    keys = IkeKeys(
        spi_i=b"", spi_r=b"", suite=suite, sk_ei=Secret(bytes(20)), sk_ai=Secret(bytes(32))
    )
    with pytest.raises(ConfigError, match="goes without"):
        _ = keys.from_initiator
