"""Suites, keys and messages that the tests of sealing have in common."""

from __future__ import annotations

import pickle
import traceback
from random import Random

from mip6boot.ikev2 import (
    EncryptionAlgorithm,
    ExchangeType,
    IkeFlags,
    IkeMessage,
    IntegrityAlgorithm,
    PseudorandomFunction,
    SequenceNumbers,
)
from mip6boot.security import EspSa, EspSuite, IkeKeys, IkeSuite, Secret

E, I = EncryptionAlgorithm, IntegrityAlgorithm

#: Every cipher and every integrity algorithm, with each size of key.
PAIRS: tuple[tuple[EncryptionAlgorithm, int | None, IntegrityAlgorithm], ...] = (
    (E.TRIPLE_DES, None, I.HMAC_MD5_96),
    (E.TRIPLE_DES, None, I.HMAC_SHA1_160),
    (E.AES_CBC, 128, I.HMAC_SHA1_96),
    (E.AES_CBC, 128, I.HMAC_SHA2_256_128),
    (E.AES_CBC, 192, I.AES_XCBC_96),
    (E.AES_CBC, 256, I.HMAC_SHA2_512_256),
    (E.AES_CTR, 128, I.HMAC_MD5_128),
    (E.AES_CTR, 192, I.AES_CMAC_96),
    (E.AES_CTR, 256, I.HMAC_SHA2_384_192),
    (E.AES_CCM_8, 128, I.NONE),
    (E.AES_CCM_12, 192, I.NONE),
    (E.AES_CCM_16, 256, I.NONE),
    (E.AES_GCM_8, 256, I.NONE),
    (E.AES_GCM_12, 192, I.NONE),
    (E.AES_GCM_16, 128, I.NONE),
    (E.CHACHA20_POLY1305, None, I.NONE),
)

IKE_SUITES = [
    IkeSuite(
        encryption=encryption, key_length=length, integrity=integrity,
        prf=PseudorandomFunction.HMAC_SHA2_256, legacy=True,
    )
    for encryption, length, integrity in PAIRS
]  # fmt: skip

ESP_SUITES = [
    EspSuite(
        encryption=encryption, key_length=length, integrity=integrity, legacy=True,
        sequence_numbers=numbers,
    )
    for encryption, length, integrity in (*PAIRS, (E.NULL, None, I.HMAC_SHA2_256_128))
    for numbers in SequenceNumbers
]  # fmt: skip


def title(suite: IkeSuite | EspSuite) -> str:
    parts = [suite.encryption.name, str(suite.key_length or ""), suite.integrity.name]
    if isinstance(suite, EspSuite):
        parts.append(suite.sequence_numbers.name)
    return "-".join(parts)


def ike_keys(suite: IkeSuite, seed: int = 1) -> IkeKeys:
    """Keys of the same SPIs, others for each seed."""
    rng = Random(seed)
    return IkeKeys.derive(
        suite, spi_i=b"initiate", spi_r=b"responds", nonce_i=rng.randbytes(32),
        nonce_r=rng.randbytes(32), shared=rng.randbytes(32),
    )  # fmt: skip


def header(**fields: object) -> IkeMessage:
    message = IkeMessage(
        initiator_spi=b"initiate", responder_spi=b"responds",
        exchange_type=ExchangeType.IKE_AUTH, flags=IkeFlags.I, message_id=1,
    )  # fmt: skip
    return message.replace(**fields)


def esp_sa(suite: EspSuite, seed: int = 1, spi: int = 0x12345678) -> EspSa:
    rng = Random(seed)
    return EspSa(
        spi=spi, suite=suite, encryption_key=Secret(rng.randbytes(suite.encryption_key_octets)),
        integrity_key=Secret(rng.randbytes(suite.integrity_key_octets)),
    )  # fmt: skip


def flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


def secrets_of(holder: IkeKeys | EspSa) -> list[bytes]:
    return [
        bytes(value)
        for name in holder.__struct_fields__
        if isinstance(value := getattr(holder, name), Secret) and value
    ]


def shows(error: BaseException, hidden: list[bytes]) -> list[bytes]:
    """Which octets an error, or what it was raised for, shows in any form; frames aside."""
    texts: list[str] = ["".join(traceback.format_exception(error))]
    dumps: list[bytes] = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        dumps.append(pickle.dumps(seen))
        seen = seen.__cause__ or seen.__context__
    joined, dumped = "\n".join(texts), b"".join(dumps)
    return [
        octets
        for octets in hidden
        if octets in dumped
        or any(form in joined for form in (octets.hex(), repr(octets)[2:-1], str(list(octets))))
    ]
