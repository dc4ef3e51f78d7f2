"""Keys of EAP-SIM, EAP-AKA and EAP-AKA' against what the RFCs publish, else by their formulas."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest

from mip6boot.errors import EncodeError, UnknownSa
from mip6boot.security import EapHash, EapKeys, Secret, ck_prime_ik_prime
from mip6boot.security.fips186 import pseudorandom_octets

from ..conftest import DATA

SIM = json.loads((DATA / "security/rfc4186_eap_sim.json").read_text())
PRIME = json.loads((DATA / "security/rfc9048_eap_aka_prime.json").read_text())["cases"]

# RFC 4186 A.4, A.5, A.9.
KC = [bytes.fromhex(kc) for kc in ("a0a1a2a3a4a5a6a7", "b0b1b2b3b4b5b6b7", "c0c1c2c3c4c5c6c7")]
NONCE = bytes.fromhex("0123456789abcdeffedcba9876543210")
REAUTH_IDENTITY = (
    "Y24fNSrz8BP274jOJaF17WfxI8YO7QX00pMXk9XMMVOw7broaNhTczuFq53aEpOkk3L0dm@eapsim.foo"
)


def sim_keys() -> EapKeys:
    return EapKeys.sim(SIM["identity"], kc=KC, nonce_mt=NONCE)


def hexed(keys: EapKeys, *names: str) -> list[str]:
    return [getattr(keys, name).hex() for name in names]


def test_sim() -> None:
    expected = [SIM[name] for name in ("MK", "K_encr", "K_aut", "MSK", "EMSK")]
    assert hexed(sim_keys(), "mk", "k_encr", "k_aut", "msk", "emsk") == expected
    assert sim_keys().mac_hash is EapHash.SHA1
    assert sim_keys().k_re is None


def test_sim_reauthenticated() -> None:
    keys = sim_keys().reauthenticated(REAUTH_IDENTITY, counter=1, nonce_s=NONCE)
    assert hexed(keys, "msk", "emsk") == [SIM["MSK_reauth"], SIM["EMSK_reauth"]]
    assert hexed(keys, "k_encr", "k_aut", "mk") == [SIM["K_encr"], SIM["K_aut"], SIM["MK"]]


def test_the_seed_of_reauthentication() -> None:
    """The published XKEY' gives the published keys, and it is what the formula gives."""
    fresh = REAUTH_IDENTITY.encode() + b"\0\1" + NONCE + bytes.fromhex(SIM["MK"])
    xkey = hashlib.sha1(fresh).digest()
    assert xkey.hex() == SIM["XKEY_reauth"]
    assert pseudorandom_octets(xkey, 128).hex() == SIM["MSK_reauth"] + SIM["EMSK_reauth"]


@pytest.mark.parametrize(
    "case", PRIME, ids=lambda case: f"{case['Network name']}-{case['RAND'][:4]}"
)
def test_aka_prime(case: dict[str, str]) -> None:
    ck_prime, ik_prime = ck_prime_ik_prime(
        ck=bytes.fromhex(case["CK"]),
        ik=bytes.fromhex(case["IK"]),
        network_name=case["Network name"],
        autn=bytes.fromhex(case["AUTN"]),
    )
    assert (ck_prime.hex(), ik_prime.hex()) == (case["CK'"], case["IK'"])
    keys = EapKeys.aka_prime(case["Identity"], ck_prime=ck_prime, ik_prime=ik_prime)
    expected = [case[name] for name in ("K_encr", "K_aut", "K_re", "MSK", "EMSK")]
    assert hexed(keys, "k_encr", "k_aut", "k_re", "msk", "emsk") == expected
    assert keys.mac_hash is EapHash.SHA256
    assert keys.mk is None


def test_the_number_of_cases() -> None:
    assert len(PRIME) == 4


def test_aka_prime_reauthenticated() -> None:
    """RFC 9048 3.3 has no values for it: T1 to T4 by hand."""
    full = EapKeys.aka_prime("6123", ck_prime=bytes(16), ik_prime=bytes(range(16)))
    assert full.k_re is not None
    seed = b"EAP-AKA' re-auth" + b"8again@example.org" + b"\x01\x02" + NONCE
    octets = piece = b""
    for count in (1, 2, 3, 4):
        piece = hmac.digest(bytes(full.k_re), piece + seed + bytes((count,)), "sha256")
        octets += piece
    keys = full.reauthenticated("8again@example.org", counter=0x102, nonce_s=NONCE)
    assert (keys.msk, keys.emsk) == (octets[:64], octets[64:])
    assert (keys.k_encr, keys.k_aut, keys.k_re) == (full.k_encr, full.k_aut, full.k_re)


def test_aka() -> None:
    """The master key by RFC 4187's formula; the rest is what EAP-SIM proves."""
    ck, ik = bytes(range(16)), bytes(range(16, 32))
    keys = EapKeys.aka("0123@example.org", ck=ck, ik=ik)
    mk = hashlib.sha1(b"0123@example.org" + ik + ck).digest()
    stream = pseudorandom_octets(mk, 160)
    cut = (stream[:16], stream[16:32], stream[32:96], stream[96:])
    assert (keys.k_encr, keys.k_aut, keys.msk, keys.emsk) == cut
    assert keys.mk == mk
    again = keys.reauthenticated("4x", counter=65535, nonce_s=NONCE)
    xkey = hashlib.sha1(b"4x" + b"\xff\xff" + NONCE + mk).digest()
    assert again.msk + again.emsk == pseudorandom_octets(xkey, 128)


def test_an_identity_that_is_not_utf_8_counts_as_its_octets() -> None:
    ck, ik = bytes(16), bytes(16)
    text = b"0\xff@example.org".decode("utf-8", "surrogateescape")
    assert EapKeys.aka(text, ck=ck, ik=ik) == EapKeys.aka(b"0\xff@example.org", ck=ck, ik=ik)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": "1244070100000001@eapsim.fop"},
        {"kc": KC[:2]},
        {"kc": [KC[1], KC[0], KC[2]]},
        {"nonce_mt": bytes(16)},
        {"versions": (1, 2)},
        {"selected_version": 2},
    ],
    ids=str,
)
def test_everything_counts(change: dict[str, Any]) -> None:
    given = {"identity": SIM["identity"], "kc": KC, "nonce_mt": NONCE} | change
    changed = EapKeys.sim(**given)
    assert changed.mk != sim_keys().mk
    assert changed.msk != sim_keys().msk


def test_ck_and_ik_are_told_apart() -> None:
    a, b = bytes(16), bytes(range(16))
    assert EapKeys.aka("0", ck=a, ik=b).mk != EapKeys.aka("0", ck=b, ik=a).mk


def test_what_does_not_fit() -> None:
    keys = sim_keys()
    for counter in (-1, 65536):
        with pytest.raises(EncodeError, match="counter"):
            keys.reauthenticated("4", counter=counter, nonce_s=NONCE)
    with pytest.raises(EncodeError, match="network_name"):
        ck_prime_ik_prime(ck=bytes(16), ik=bytes(16), network_name="x" * 65536, autn=bytes(16))
    with pytest.raises(UnknownSa):
        msgspec.structs.replace(keys, mk=None).reauthenticated("4", counter=1, nonce_s=NONCE)
    with pytest.raises(ValueError, match="K_encr"):
        msgspec.structs.replace(keys, k_encr=Secret(bytes(32)))
    with pytest.raises(ValueError, match="seed"):
        pseudorandom_octets(bytes(19), 1)


def test_secrets_are_not_shown() -> None:
    keys = sim_keys()
    assert all(
        isinstance(value, Secret)
        for value in (keys.msk, keys.emsk, keys.mk, keys.k_aut, keys.k_encr)
    )
    assert SIM["K_aut"] not in repr(keys)
    assert repr(bytes(keys.k_aut))[2:-1] not in f"{keys}{keys!r}"
