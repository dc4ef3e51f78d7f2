"""What sealing costs over the bare primitives; `--help` tells the options.

    python tests/bench/sealing_bench.py [--rounds 41]

An IKE message of about 300 octets and an ESP packet of a ping, from octets to octets, sealed and
opened: that is framing, lengths, padding, direction and errors, but not the payloads inside, whose
encoding counts for both sides where there is any.  The bare primitive of `cryptography` gets the same octets with everything else done before: nonces and
padding are made, cipher objects with their keys are kept, and HMAC is copied with its key, which is
the fastest that it can do.  All take turns within each round; of the rounds the median counts.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from hmac import compare_digest
from random import Random
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from mip6boot import ikev2, ip, security
from mip6boot.ikev2 import EncryptionAlgorithm, IntegrityAlgorithm, PseudorandomFunction

#: Microseconds a message that are the target.
TARGET = 15

E, I = EncryptionAlgorithm, IntegrityAlgorithm
SUITES = {
    "AES-CBC-128/SHA2-256-128": (E.AES_CBC, 128, I.HMAC_SHA2_256_128),
    "AES-GCM-16-128": (E.AES_GCM_16, 128, I.NONE),
    "ChaCha20-Poly1305": (E.CHACHA20_POLY1305, None, I.NONE),
}

Jobs = dict[str, Callable[[], Any]]


def bare_combined(cipher: Any, salt: bytes, head: bytes, sealed: bytes) -> tuple[Any, Any]:
    """A combined mode on the octets of a message: how it is sealed, how opened."""
    nonce, ciphertext = salt + sealed[:8], sealed[8:]
    plaintext = cipher.decrypt(nonce, ciphertext, head)
    assert cipher.encrypt(nonce, plaintext, head) == ciphertext
    return (
        lambda: cipher.encrypt(nonce, plaintext, head),
        lambda: cipher.decrypt(nonce, ciphertext, head),
    )


def bare_cbc(key: bytes, mac_key: bytes, head: bytes, sealed: bytes) -> tuple[Any, Any]:
    """The same with AES-CBC and HMAC-SHA2-256-128."""
    algorithm, fresh = AES(key), HMAC(mac_key, SHA256())
    iv, ciphertext, icv = sealed[:16], sealed[16:-16], sealed[-16:]
    begin = head + iv

    def encrypt() -> bytes:
        context = Cipher(algorithm, modes.CBC(iv)).encryptor()
        octets = context.update(plaintext) + context.finalize()
        mac = fresh.copy()
        mac.update(begin + octets)
        return octets + mac.finalize()[:16]

    def decrypt() -> bytes:
        mac = fresh.copy()
        mac.update(begin + ciphertext)
        assert compare_digest(mac.finalize()[:16], icv)
        context = Cipher(algorithm, modes.CBC(iv)).decryptor()
        return context.update(ciphertext) + context.finalize()

    plaintext = decrypt()
    assert encrypt() == ciphertext + icv
    return encrypt, decrypt


def bare(key: bytes, mac_key: bytes, head: bytes, sealed: bytes) -> tuple[Any, Any]:
    if mac_key:
        return bare_cbc(key, mac_key, head, sealed)
    cipher: Any = (ChaCha20Poly1305 if len(key) == 36 else AESGCM)(key[:-4])
    return bare_combined(cipher, key[-4:], head, sealed)


def ike_jobs(encryption: E, length: int | None, integrity: I) -> Jobs:
    rng = Random(1)
    suite = security.IkeSuite(
        encryption=encryption, key_length=length, integrity=integrity,
        prf=PseudorandomFunction.HMAC_SHA2_256,
    )  # fmt: skip
    keys = security.IkeKeys.derive(
        suite, spi_i=b"initiate", spi_r=b"responds", nonce_i=rng.randbytes(32),
        nonce_r=rng.randbytes(32), shared=rng.randbytes(32),
    )  # fmt: skip
    header = ikev2.IkeMessage(
        initiator_spi=keys.spi_i, responder_spi=keys.spi_r, message_id=1,
        exchange_type=ikev2.ExchangeType.IKE_AUTH, flags=ikev2.IkeFlags.I,
    )  # fmt: skip
    payloads = (ikev2.VendorId(rng.randbytes(230)),)
    octets = security.seal(header, payloads, keys, rng=rng)
    opened = security.unseal(octets, keys)
    iv = opened.iv
    assert opened.seal(keys) == octets
    sealed = opened.sealed.sealed
    key, mac_key = bytes(keys.sk_ei), bytes(keys.sk_ai)
    encrypt, decrypt = bare(key, mac_key, octets[: -len(sealed)], sealed)
    return {
        f"IKE seal, {len(octets)} octets": lambda: security.seal(header, payloads, keys, iv=iv),
        "bare IKE seal": lambda: (ikev2.encode_chain(payloads), encrypt()),
        f"IKE seal again, {len(octets)}": lambda: opened.seal(keys),
        "bare IKE seal again": encrypt,
        f"IKE open, {len(octets)} octets": lambda: security.unseal(octets, keys),
        "bare IKE open": decrypt,
    }


def esp_jobs(encryption: E, length: int | None, integrity: I) -> Jobs:
    rng = Random(2)
    suite = security.EspSuite(encryption=encryption, key_length=length, integrity=integrity)
    sa = security.EspSa(
        spi=0x12345678, suite=suite,
        encryption_key=security.Secret(rng.randbytes(suite.encryption_key_octets)),
        integrity_key=security.Secret(rng.randbytes(suite.integrity_key_octets)),
    )  # fmt: skip
    payload, iv = rng.randbytes(104), rng.randbytes(suite.cipher.iv_octets)

    def seal() -> bytes:
        return sa.seal(payload, ip.Protocol.IPV6, sequence=1, iv=iv).encode()

    octets = seal()
    key, mac_key = bytes(sa.encryption_key), bytes(sa.integrity_key)
    encrypt, decrypt = bare(key, mac_key, octets[:8], octets[8:])
    assert sa.reseal(sa.unseal(octets)).encode() == octets
    return {
        f"ESP seal, {len(octets)} octets": seal,
        "bare ESP seal": encrypt,
        f"ESP open, {len(octets)} octets": lambda: sa.unseal(octets),
        "bare ESP open": decrypt,
    }


def medians(jobs: dict[Any, Callable[[], Any]], rounds: int, count: int = 200) -> list[float]:
    """Microseconds of one call of each job."""
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for taken, work in zip(times, jobs.values(), strict=True):
            start = time.perf_counter()
            for _ in range(count):
                work()
            taken.append((time.perf_counter() - start) / count * 1e6)
    return [statistics.median(taken) for taken in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=41)
    options = parser.parse_args()
    gc.collect()
    gc.freeze()
    jobs = {
        (name, title): work
        for name, suite in SUITES.items()
        for title, work in (ike_jobs(*suite) | esp_jobs(*suite)).items()
    }
    found, worst = medians(jobs, options.rounds), 0.0
    print(f"{'':50s}{'ours':>8s}{'bare':>8s}{'more':>8s} us")
    for i, (name, title) in enumerate(list(jobs)[::2]):
        ours, least = found[2 * i], found[2 * i + 1]
        worst = max(worst, ours - least)
        print(f"{name:26s}{title:24s}{ours:8.2f}{least:8.2f}{ours - least:8.2f}")
    print(f"most: {worst:.2f} us a message, target {TARGET}")


if __name__ == "__main__":
    main()
