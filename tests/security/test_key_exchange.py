"""Key exchange methods against the vectors of their RFCs; what is no public value is refused."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from mip6boot import ikev2, security
from mip6boot.errors import DecodeError
from mip6boot.ikev2 import KeyExchangeMethod
from mip6boot.security import PRIMITIVES, Secret
from mip6boot.security.key_exchange import Ecp, KeyExchangeGroup, MlKem, Modp, Montgomery

from .vectors import cases, vectors

K = KeyExchangeMethod
GROUPS: dict[KeyExchangeMethod, Any] = {
    KeyExchangeMethod(number): primitive
    for (kind, number), primitive in PRIMITIVES.items()
    if kind == ikev2.TransformType.KE
}
MODP = {number: group for number, group in GROUPS.items() if isinstance(group, Modp)}
ECP = {number: group for number, group in GROUPS.items() if isinstance(group, Ecp)}
MONTGOMERY = {number: group for number, group in GROUPS.items() if isinstance(group, Montgomery)}
MLKEM = {number: group for number, group in GROUPS.items() if isinstance(group, MlKem)}

#: Each takes milliseconds; the larger ones differ in their number alone.
SMALL_MODP = [K.MODP1536, K.MODP2048, K.MODP3072]


def name(value: Any) -> str:
    return value.name if isinstance(value, KeyExchangeMethod) else ""


# -- Published ------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", MODP.values(), ids=map(name, MODP))
def test_primes_are_those_of_the_documents(group: Modp) -> None:
    primes = vectors("rfc3526_rfc7296_modp_primes")["primes"]
    assert group.prime == int.from_bytes(primes[str(group.bits)], "big")
    assert group.public_octets == group.response_octets == group.bits // 8


@pytest.mark.parametrize(
    "case", vectors("rfc5903_ecp")["groups"], ids=lambda case: str(case["group"])
)
def test_exchange_of_rfc_5903(case: dict[str, Any]) -> None:
    group = security.key_exchange(case["group"])
    initiator, responder = group.key_pair(case["i"]), group.key_pair(case["r"])
    assert (initiator.public, responder.public) == (case["ke_data_i"], case["ke_data_r"])
    for payload, public in (("ke_payload_i", initiator.public), ("ke_payload_r", responder.public)):
        sent = ikev2.KeyExchange(case["group"], key_exchange_data=public)
        assert ikev2.encode_chain((sent,)) == (34, case[payload])
    assert initiator.shared(responder.public) == case["shared_secret"]
    assert responder.shared(initiator.public) == case["shared_secret"]


def test_exchange_of_rfc_8031() -> None:
    case, group = vectors("rfc8031_curve25519"), security.key_exchange(K.CURVE25519)
    initiator, responder = group.key_pair(case["priv_i_wire"]), group.key_pair(case["priv_r_wire"])
    assert (initiator.public, responder.public) == (case["pub_i"], case["pub_r"])
    assert initiator.shared(responder.public) == case["shared"]
    assert responder.shared(initiator.public) == case["shared"]


def test_exchange_of_curve_448() -> None:
    """RFC 7748 6.2."""
    group = security.key_exchange(K.CURVE448)
    alice = group.key_pair(
        bytes.fromhex(
            "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b"
        )
    )
    bob = group.key_pair(
        bytes.fromhex(
            "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d"
        )
    )
    assert alice.public.hex() == (
        "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0"
    )
    assert alice.shared(bob.public).hex() == (
        "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"
    )
    assert bob.shared(alice.public) == alice.shared(bob.public)


@pytest.mark.parametrize("case", cases("rfc6954_brainpool"), ids=lambda case: case["curve"])
def test_exchange_of_rfc_6954(case: dict[str, Any]) -> None:
    (group,) = (g for g in ECP.values() if g.curve.name == case["curve"])
    a, b = group.key_pair(case["dA"]), group.key_pair(case["dB"])
    assert a.public == case["x_qA"] + case["y_qA"]
    assert b.public == case["x_qB"] + case["y_qB"]
    assert a.shared(b.public) == b.shared(a.public) == case["x_Z"]


def test_curves_have_their_numbers() -> None:
    assert {int(number): group.curve.name for number, group in ECP.items()} == {
        19: "secp256r1", 20: "secp384r1", 21: "secp521r1", 28: "brainpoolP256r1",
        29: "brainpoolP384r1", 30: "brainpoolP512r1",
    }  # fmt: skip
    assert {int(number): group.bits for number, group in MODP.items()} == {
        2: 1024, 5: 1536, 14: 2048, 15: 3072, 16: 4096, 17: 6144, 18: 8192,
    }  # fmt: skip
    assert {int(number): group.public_octets for number, group in MONTGOMERY.items()} == {
        31: 32,
        32: 56,
    }


# -- Computed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", GROUPS, ids=name)
def test_both_sides_have_the_same_secret(method: KeyExchangeMethod) -> None:
    group: KeyExchangeGroup = GROUPS[method]
    pair = group.generate(Random(int(method)))
    answer, shared = group.respond(Random(1), pair.public)
    assert (len(pair.public), len(answer)) == (group.public_octets, group.response_octets)
    assert pair.shared(answer) == shared
    assert type(shared) is type(pair.shared(answer)) is type(pair.private) is Secret
    assert group.generate(Random(int(method))).public == pair.public
    assert group.generate(Random(int(method) + 1)).public != pair.public


@pytest.mark.parametrize("method", SMALL_MODP, ids=name)
def test_exponentiation_is_that_of_python(method: KeyExchangeMethod) -> None:
    group, rng = MODP[method], Random(int(method))
    for _ in range(3):
        private, peer = rng.randbytes(80), rng.randrange(2, group.prime - 1)
        pair, exponent = group.key_pair(private), int.from_bytes(private, "big")
        size = group.public_octets
        assert pair.public == pow(2, exponent, group.prime).to_bytes(size, "big")
        assert pair.shared(peer.to_bytes(size, "big")) == pow(peer, exponent, group.prime).to_bytes(
            size, "big"
        )


def test_secrets_have_the_size_of_the_prime() -> None:
    """Zeros at the begin stay (RFC 7296 2.14)."""
    group = MODP[K.MODP2048]
    peer = (3).to_bytes(256, "big")
    assert group.key_pair(b"\2").shared(peer) == (9).to_bytes(256, "big")


def test_secrets_have_the_size_of_the_field() -> None:
    group, rng = ECP[K.ECP256], Random(9)
    own, small = group.generate(rng), 0
    for _ in range(1000):
        shared = own.shared(group.generate(rng).public)
        assert len(shared) == 32
        small += shared[0] == 0
    assert small


def test_points_are_those_of_the_curve_equation() -> None:
    """Another way to the same point: doubling and adding with Python's numbers on brainpoolP256r1."""
    p = int("a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377", 16)
    a = int("7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9", 16)
    base = (
        int("8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262", 16),
        int("547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997", 16),
    )

    def add(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
        if left == right:
            slope = (3 * left[0] ** 2 + a) * pow(2 * left[1], -1, p)
        else:
            slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, p)
        x = (slope**2 - left[0] - right[0]) % p
        return x, (slope * (left[0] - x) - left[1]) % p

    private = Random(4).randbytes(31)
    point, result = base, None
    for bit in reversed(f"{int.from_bytes(private, 'big'):b}"):
        if bit == "1":
            result = point if result is None else add(result, point)
        point = add(point, point)
    assert result is not None
    wanted = result[0].to_bytes(32, "big") + result[1].to_bytes(32, "big")
    assert ECP[K.BRAINPOOL_P256R1].key_pair(private).public == wanted


# -- What is refused ------------------------------------------------------------------------------


def refuses(group: KeyExchangeGroup, peer: bytes) -> None:
    pair = group.generate(Random(5))
    with pytest.raises(DecodeError) as caught:
        pair.shared(peer)
    assert caught.value.path == "key_exchange_data"
    with pytest.raises(DecodeError):
        group.respond(Random(5), peer)


@pytest.mark.parametrize("method", GROUPS, ids=name)
def test_values_of_another_length(method: KeyExchangeMethod) -> None:
    group = GROUPS[method]
    pair = group.generate(Random(6))
    for peer in (b"", pair.public[:-1], pair.public + b"\0", b"\0" + pair.public):
        refuses(group, peer)


@pytest.mark.parametrize("method", SMALL_MODP, ids=name)
def test_numbers_that_are_no_public_value(method: KeyExchangeMethod) -> None:
    """RFC 6989 2.1: 1 < r < p - 1."""
    group = MODP[method]
    prime, size = group.prime, group.public_octets
    for number in (0, 1, prime - 1, prime, prime + 1, (1 << group.bits) - 1):
        refuses(group, number.to_bytes(size, "big"))
    for number in (2, prime - 2):
        assert len(group.generate(Random(1)).shared(number.to_bytes(size, "big"))) == size


@pytest.mark.parametrize("method", ECP, ids=name)
def test_points_that_are_not_on_the_curve(method: KeyExchangeMethod) -> None:
    """RFC 6989 2.3; the point at infinity has no coordinates, zeros are the nearest to it."""
    group = ECP[method]
    size, rng = group.size, Random(int(method))
    public = group.generate(rng).public
    x, y = public[:size], public[size:]
    refuses(group, bytes(2 * size))
    refuses(group, b"\xff" * 2 * size)
    refuses(group, y + x)
    refuses(group, x + bytes(size))
    refuses(group, bytes(size) + y)
    for bit in range(0, 16 * size, 7):
        changed = bytearray(public)
        changed[bit // 8] ^= 1 << bit % 8
        refuses(group, bytes(changed))
    # The points of other curves of the same size.
    for other in ECP.values():
        if other is not group and other.size == size:
            refuses(group, other.generate(rng).public)
    # Coordinates that are not below the prime of the field, though they mean the same.
    prime = FIELDS[method]
    above = int.from_bytes(x, "big") + prime
    if above < 1 << 8 * size:
        refuses(group, above.to_bytes(size, "big") + y)


#: Primes of the fields; those of NIST's curves are FIPS 186-4 D.1.2, Brainpool's RFC 5639 3.
FIELDS = {
    K.ECP256: 2**256 - 2**224 + 2**192 + 2**96 - 1,
    K.ECP384: 2**384 - 2**128 - 2**96 + 2**32 - 1,
    K.ECP521: 2**521 - 1,
    K.BRAINPOOL_P256R1: int("a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377", 16),
    K.BRAINPOOL_P384R1: int(
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
        16,
    ),
    K.BRAINPOOL_P512R1: int(
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e6"
        "2881ff2f2d82c68528aa6056583a48f3",
        16,
    ),
}

#: Points of small order of Curve25519, in both forms of those that have two.
SMALL_ORDER = (
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    2**255 - 19 - 1,
    2**255 - 19,
    2**255 - 19 + 1,
)


def test_points_of_small_order() -> None:
    """RFC 8031 3.2: their shared secret would be zeros."""
    group = MONTGOMERY[K.CURVE25519]
    for number in SMALL_ORDER:
        for top in (0, 1 << 255):  # The bit above is not looked at (RFC 7748 5).
            refuses(group, (number | top).to_bytes(32, "little"))
    group = MONTGOMERY[K.CURVE448]
    prime = 2**448 - 2**224 - 1
    for number in (0, 1, prime - 1, prime, prime + 1):
        refuses(group, number.to_bytes(56, "little"))


@pytest.mark.parametrize("method", MLKEM, ids=name)
def test_another_ciphertext_gives_another_secret(method: KeyExchangeMethod) -> None:
    """FIPS 203 6.3 rejects implicitly; what is no encapsulation key is refused (7.2)."""
    group = MLKEM[method]
    pair = group.generate(Random(1))
    answer, shared = group.respond(Random(2), pair.public)
    changed = bytes((answer[0] ^ 1,)) + answer[1:]
    assert pair.shared(changed) != shared
    with pytest.raises(DecodeError):
        group.respond(Random(2), b"\xff" * group.public_octets)
    with pytest.raises(DecodeError):
        pair.shared(answer[:-1])


@pytest.mark.parametrize(
    ("method", "private"),
    [
        (K.MODP2048, b""), (K.MODP2048, bytes(80)), (K.MODP2048, bytes(79) + b"\1"),
        (K.MODP2048, b"\xff" * 256), (K.ECP256, b""), (K.ECP256, bytes(32)),
        (K.ECP256, b"\xff" * 32), (K.CURVE25519, b""), (K.CURVE25519, bytes(31)),
        (K.CURVE448, bytes(57)),
    ],
    ids=lambda value: name(value) or str(len(value)),
)  # fmt: skip
def test_private_values_that_are_none(method: KeyExchangeMethod, private: bytes) -> None:
    with pytest.raises(ValueError, match=r"value|key|long"):
        GROUPS[method].key_pair(private)
