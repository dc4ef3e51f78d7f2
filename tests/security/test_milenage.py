"""Milenage against the sets of TS 35.207 and TS 35.208, and both sides of a challenge."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot.errors import EncodeError, IntegrityError
from mip6boot.security import Milenage, Secret

from ..conftest import DATA

SETS = json.loads((DATA / "security/milenage_ts35207_35208.json").read_text())["sets"]
WITH_OP = [case for case in SETS if "op" in case]


def octets(case: dict[str, str], name: str) -> bytes:
    return bytes.fromhex(case[name])


def functions(case: dict[str, str]) -> Milenage:
    return Milenage(octets(case, "k"), octets(case, "opc"))


def label(case: dict[str, str]) -> str:
    return case["label"][:40]


@pytest.mark.parametrize("case", SETS, ids=label)
def test_published_sets(case: dict[str, str]) -> None:
    card, rand = functions(case), octets(case, "rand")
    sqn, amf = int(case["sqn"], 16), octets(case, "amf")
    found = {
        "f1": card.f1(rand, sqn, amf),
        "f1star": card.f1star(rand, sqn, amf),
        "f2": card.f2(rand),
        "f3": card.f3(rand),
        "f4": card.f4(rand),
        "f5": card.f5(rand),
        "f5star": card.f5star(rand),
        "autn": card.vector(rand, sqn, amf).autn,
    }
    assert {name: value.hex() for name, value in found.items()} == {
        name: case[name] for name in found
    }


@pytest.mark.parametrize("case", SETS, ids=label)
def test_both_sides_of_a_challenge(case: dict[str, str]) -> None:
    card, rand, sqn = functions(case), octets(case, "rand"), int(case["sqn"], 16)
    vector = card.vector(rand, sqn, octets(case, "amf"))
    answer = card.answer(vector.rand, vector.autn)
    assert (answer.res, answer.ck, answer.ik) == (vector.xres, vector.ck, vector.ik)
    assert (answer.sqn, answer.amf) == (sqn, octets(case, "amf"))
    assert [value.hex() for value in (answer.res, answer.ck, answer.ik)] == [
        case["f2"], case["f3"], case["f4"],
    ]  # fmt: skip


@pytest.mark.parametrize("case", WITH_OP, ids=label)
def test_opc_is_made_from_op(case: dict[str, str]) -> None:
    rand = octets(case, "rand")
    made = Milenage.from_op(octets(case, "k"), octets(case, "op"))
    assert made.f2(rand) == octets(case, "f2")
    assert made.f3(rand) == octets(case, "f3")


def test_the_number_of_sets() -> None:
    assert (len(SETS), len(WITH_OP)) == (7, 2)


def test_separation_bit() -> None:
    card, rand = functions(SETS[0]), bytes(16)
    for amf, expected in ((b"\x80\0", True), (b"\x7f\xff", False), (b"\0\0", False)):
        assert card.answer(rand, card.vector(rand, 1, amf).autn).separation is expected


numbers = st.integers(0, (1 << 48) - 1)
keys = st.binary(min_size=16, max_size=16)


@given(keys, keys, keys, numbers, st.integers(0, 16 * 8 - 1))
def test_no_changed_autn_is_answered(k: bytes, opc: bytes, rand: bytes, sqn: int, bit: int) -> None:
    card = Milenage(k, opc)
    autn = card.vector(rand, sqn, b"\x80\0").autn
    changed = (int.from_bytes(autn, "big") ^ 1 << bit).to_bytes(16, "big")
    with pytest.raises(IntegrityError):
        card.answer(rand, changed)
    with pytest.raises(IntegrityError):
        card.answer(bytes(octet ^ 1 for octet in rand), autn)
    with pytest.raises(IntegrityError):
        Milenage(k, bytes(octet ^ 1 for octet in opc)).answer(rand, autn)


@given(keys, keys, keys, numbers, st.integers(0, 14 * 8 - 1))
def test_resynchronization(k: bytes, opc: bytes, rand: bytes, sqn_ms: int, bit: int) -> None:
    card = Milenage(k, opc)
    auts = card.auts(rand, sqn_ms)
    assert len(auts) == 14
    assert card.resynchronise(rand, auts) == sqn_ms
    changed = (int.from_bytes(auts, "big") ^ 1 << bit).to_bytes(14, "big")
    with pytest.raises(IntegrityError):
        card.resynchronise(rand, changed)
    with pytest.raises(IntegrityError):
        card.resynchronise(bytes(octet ^ 1 for octet in rand), auts)


def test_auts_by_hand() -> None:
    """TS 33.102 6.3.3: (SQN_MS xor f5*(RAND)) and f1* with zeros for the AMF."""
    case = SETS[0]
    card, rand, sqn_ms = functions(case), octets(case, "rand"), 0x123456789ABC
    hidden = sqn_ms ^ int(case["f5star"], 16)
    expected = hidden.to_bytes(6, "big") + card.f1star(rand, sqn_ms, bytes(2))
    assert card.auts(rand, sqn_ms) == expected


def test_wrong_sizes() -> None:
    case = SETS[0]
    card, rand = functions(case), octets(case, "rand")
    for k, opc in ((bytes(15), bytes(16)), (bytes(32), bytes(16)), (bytes(16), bytes(17))):
        with pytest.raises(ValueError, match="16 octets"):
            Milenage(k, opc)
    with pytest.raises(ValueError, match="16 octets"):
        Milenage.from_op(bytes(16), bytes(15))
    vector = card.vector(rand, 1, bytes(2))
    for call in (
        lambda: card.f2(rand[1:]),
        lambda: card.vector(rand, 1 << 48, bytes(2)),
        lambda: card.vector(rand, -1, bytes(2)),
        lambda: card.vector(rand, 1, bytes(3)),
        lambda: card.answer(rand, vector.autn[:-1]),
        lambda: card.answer(rand, b""),
        lambda: card.resynchronise(rand, card.auts(rand, 1) + b"\0"),
    ):
        with pytest.raises(EncodeError):
            call()


def test_secrets_are_not_shown() -> None:
    case = SETS[0]
    card = functions(case)
    vector = card.vector(octets(case, "rand"), 1, bytes(2))
    answer = card.answer(vector.rand, vector.autn)
    for secret in (vector.xres, vector.ck, vector.ik, answer.ck, answer.ik, card.f2(vector.rand)):
        assert isinstance(secret, Secret)
    shown = repr((card, vector, answer))
    assert repr(bytes(vector.ck))[2:-1] not in shown
    assert case["k"] not in shown
    assert case["opc"] not in shown
