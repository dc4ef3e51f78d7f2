"""AT_MAC, AT_ENCR_DATA and AT_CHECKCODE: RFC 4186's packets, and what must never pass."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mip6boot import eap, strategies
from mip6boot.errors import DecodeError, EncodeError, IntegrityError, Mip6bootError
from mip6boot.security import (
    EapHash,
    EapKeys,
    Secret,
    checkcode,
    open_attributes,
    seal_attributes,
    verify_checkcode,
    verify_mac,
    with_mac,
)

from .test_eap_keys import NONCE, SIM, sim_keys

SRES = bytes.fromhex("d1d2d3d4e1e2e3e4f1f2f3f4")
PACKETS = {name.split()[0]: bytes.fromhex(octets) for name, octets in SIM["packets"].items()}

#: RFC 4186: the packet, what follows it in the MAC, what it has encrypted.
PROTECTED: list[tuple[str, bytes, tuple[eap.AkaAttribute, ...]]] = [
    (
        "A.5",
        NONCE,
        (
            eap.AtNextPseudonym(
                "w8w49PexCazWJ&xCIARmxuMKht5S1sxRDqXSEFBEg3DcZP9cIxTe5J4OyIwNGVzxeJOU1G"
            ),
            eap.AtNextReauthId(
                "Y24fNSrz8BP274jOJaF17WfxI8YO7QX00pMXk9XMMVOw7broaNhTczuFq53aEpOkk3L0dm@eapsim.foo"
            ),
            eap.AtPadding(bytes(10)),
        ),
    ),
    ("A.6", SRES, ()),
    (
        "A.9",
        b"",
        (
            eap.AtCounter(1),
            eap.AtNonceS(nonce_s=NONCE),
            eap.AtNextReauthId(
                "uta0M0iyIsMwWp5TTdSdnOLvg2XDVf21OYt1vnfiMcs5dnIDHOIFVavIRzMRyzW6vFzdHW@eapsim.foo"
            ),
        ),
    ),
    ("A.10", NONCE, (eap.AtCounter(1), eap.AtPadding(bytes(10)))),
]

KEYS = sim_keys()
AKA = EapKeys.aka("0123@example.org", ck=bytes(16), ik=bytes(range(16)))
PRIME = EapKeys.aka_prime("6123@example.org", ck_prime=bytes(16), ik_prime=bytes(range(16)))

each = pytest.mark.parametrize(
    ("name", "behind", "inside"), PROTECTED, ids=[name for name, _, _ in PROTECTED]
)


def packet_of(name: str) -> eap.SimPacket:
    packet = eap.decode(PACKETS[name])
    assert isinstance(packet, eap.SimPacket)
    return packet


def flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


@each
def test_published_mac(name: str, behind: bytes, inside: object) -> None:
    octets, packet = PACKETS[name], packet_of(name)
    verify_mac(octets, KEYS, behind)
    verify_mac(bytearray(octets), KEYS, behind)
    verify_mac(packet, KEYS, behind)
    blank = packet.replace(attributes=(*packet.attributes[:-1], eap.AtMac()))
    assert with_mac(blank, KEYS, behind).encode() == octets
    without = packet.replace(attributes=packet.attributes[:-1])
    assert with_mac(without, KEYS, behind).encode() == octets


@each
def test_published_encryption(
    name: str, behind: bytes, inside: tuple[eap.AkaAttribute, ...]
) -> None:
    packet = packet_of(name)
    assert open_attributes(packet, KEYS) == inside
    iv, encrypted = packet.find(eap.AtIv), packet.find(eap.AtEncrData)
    if iv is None:
        assert inside == ()
        return
    vector = iv.initialization_vector
    assert seal_attributes(inside, KEYS, initialization_vector=vector) == (iv, encrypted)
    # The sealer finds the padding by itself, and replaces one that does not fit any more.
    bare = tuple(attribute for attribute in inside if not isinstance(attribute, eap.AtPadding))
    for attributes in (bare, (*bare, eap.AtPadding())):
        assert seal_attributes(attributes, KEYS, initialization_vector=vector) == (iv, encrypted)


@each
def test_no_changed_packet_verifies(name: str, behind: bytes, inside: object) -> None:
    octets = PACKETS[name]
    for bit in range(8 * len(octets)):
        with pytest.raises((IntegrityError, DecodeError)):
            verify_mac(flipped(octets, bit), KEYS, behind)
    for size in range(len(octets)):
        with pytest.raises((IntegrityError, DecodeError)):
            verify_mac(octets[:size], KEYS, behind)
    with pytest.raises(DecodeError):
        verify_mac(octets + b"\0", KEYS, behind)


@each
def test_what_else_never_verifies(name: str, behind: bytes, inside: object) -> None:
    octets, packet = PACKETS[name], packet_of(name)
    other = msgspec.structs.replace(KEYS, k_aut=Secret(flipped(KEYS.k_aut, 5)))
    sha256 = msgspec.structs.replace(KEYS, mac_hash=EapHash.SHA256)
    for keys, data in ((other, behind), (sha256, behind), (KEYS, behind + b"\0"), (AKA, behind)):
        with pytest.raises(IntegrityError):
            verify_mac(octets, keys, data)
    without = packet.replace(attributes=packet.attributes[:-1])
    twice = packet.replace(attributes=(*packet.attributes, packet.attributes[-1]))
    for wrong in (without, twice, eap.Success(1), eap.IdentityRequest(1)):
        with pytest.raises(IntegrityError):
            verify_mac(wrong, KEYS, behind)
    with pytest.raises(EncodeError, match="2 AT_MAC"):
        with_mac(twice, KEYS)


def test_an_error_shows_no_octets() -> None:
    with pytest.raises(IntegrityError) as caught:
        verify_mac(flipped(PACKETS["A.6"], 100), KEYS, SRES)
    assert str(caught.value) == "the AT_MAC does not fit"


@pytest.mark.parametrize(
    ("kind", "keys", "name"),
    [(eap.AkaRequest, AKA, "sha1"), (eap.AkaPrimeRequest, PRIME, "sha256")],
)
def test_the_mac_by_hand(kind: Callable[..., eap.AkaPacket], keys: EapKeys, name: str) -> None:
    """RFC 4187 10.15, RFC 9048 3.4.2: of 28 octets, the last 16 are the MAC."""
    packet = kind(7, eap.AkaSubtype.CHALLENGE)
    head = packet.encode()[:2] + b"\0\x1c" + packet.encode()[4:] + bytes.fromhex("0b050000")
    mac = hmac.digest(bytes(keys.k_aut), head + bytes(16) + b"NONCE_S", name)[:16]
    made = with_mac(packet, keys, b"NONCE_S")
    assert made.encode() == head + mac
    verify_mac(head + mac, keys, b"NONCE_S")
    with pytest.raises(IntegrityError):
        verify_mac(head + mac, keys)


def test_malformed_attributes_do_not_hinder_the_mac() -> None:
    """What a receiver cannot read is covered all the same: an AT_AUTN of 24 octets."""
    odd = b"\2\6" + bytes(range(22))
    head = b"\1\1\0\x34\x17\1\0\0" + odd + b"\x0b\5\0\0"
    with pytest.raises(DecodeError):
        eap.decode(head + bytes(16))
    mac = hmac.digest(bytes(AKA.k_aut), head + bytes(16), "sha1")[:16]
    verify_mac(head + mac, AKA)
    lenient = eap.AkaRequest.decode(head + bytes(16), lenient=True)
    assert with_mac(lenient, AKA).encode() == head + mac
    with pytest.raises(IntegrityError):
        verify_mac(flipped(head + mac, 8 * 20), AKA)


packets = st.one_of(
    *(strategies.messages(kind) for kind in (eap.AkaRequest, eap.AkaResponse, eap.AkaPrimeRequest))
)


@given(packets, st.binary(max_size=16), st.data())
def test_a_flipped_bit_never_verifies(
    packet: eap.AkaPacket, behind: bytes, data: st.DataObject
) -> None:
    assume(sum(isinstance(attribute, eap.AtMac) for attribute in packet.attributes) <= 1)
    for keys in (AKA, PRIME):
        octets = with_mac(packet, keys, behind).encode()
        verify_mac(octets, keys, behind)
        bit = data.draw(st.integers(0, 8 * len(octets) - 1))
        with pytest.raises((IntegrityError, DecodeError)):
            verify_mac(flipped(octets, bit), keys, behind)


nested = st.lists(
    st.one_of(
        *(
            strategies.messages(kind)
            for kind in (eap.AtCounter, eap.AtNonceS, eap.AtNextPseudonym, eap.AtCounterTooSmall)
        )
    ),
    max_size=4,
).map(tuple)


@given(nested, st.binary(min_size=16, max_size=16))
def test_sealed_and_opened(attributes: tuple[eap.AkaAttribute, ...], vector: bytes) -> None:
    sealed = seal_attributes(attributes, AKA, initialization_vector=vector)
    assert len(sealed[1].encrypted_data) % 16 == 0
    packet = eap.AkaRequest(1, eap.AkaSubtype.REAUTHENTICATION, attributes=sealed)
    opened = open_attributes(eap.AkaRequest.decode(packet.encode()), AKA)
    assert opened[: len(attributes)] == attributes
    assert [type(attribute) for attribute in opened[len(attributes) :]] in ([], [eap.AtPadding])
    assert len(eap.encode_attributes(opened)) % 16 == 0
    if len(opened) > len(attributes):
        padding = opened[-1]
        assert isinstance(padding, eap.AtPadding)
        assert padding.padding in (bytes(2), bytes(6), bytes(10))
    assert seal_attributes(opened, AKA, initialization_vector=vector) == sealed


@given(nested, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_another_key_gives_nothing_of_what_was_sealed(
    attributes: tuple[eap.AkaAttribute, ...], vector: bytes, key: bytes
) -> None:
    assume(attributes and key != AKA.k_encr)
    sealed = seal_attributes(attributes, AKA, initialization_vector=vector)
    packet = eap.AkaRequest(1, eap.AkaSubtype.CHALLENGE, attributes=sealed)
    wrong = msgspec.structs.replace(AKA, k_encr=Secret(key))
    with contextlib.suppress(DecodeError):
        assert not set(open_attributes(packet, wrong)) & set(attributes)
    kept = open_attributes(packet, wrong, lenient=True)
    assert not set(kept) & set(attributes)
    again = seal_attributes(kept, wrong, initialization_vector=vector)
    assert again == sealed


def test_encryption_proves_nothing() -> None:
    """A bit of the vector flips a bit of the first block, which only the MAC tells."""
    vector = bytes(16)
    iv, encrypted = seal_attributes((eap.AtCounter(1),), AKA, initialization_vector=vector)
    packet = with_mac(eap.AkaRequest(1, 13, attributes=(iv, encrypted)), AKA)
    changed = eap.AkaRequest.decode(
        packet.replace(
            attributes=(
                iv.replace(initialization_vector=flipped(vector, 31)),
                *packet.attributes[1:],
            )
        ).encode()
    )
    assert open_attributes(changed, AKA)[0] == eap.AtCounter(0)
    with pytest.raises(IntegrityError):
        verify_mac(changed, AKA)


def test_padding_that_is_not_zeros_is_kept() -> None:
    odd = (eap.AtCounter(1), eap.AtPadding(b"\1" * 10))
    sealed = seal_attributes(odd, AKA, initialization_vector=bytes(16))
    opened = open_attributes(eap.AkaRequest(1, 13, attributes=sealed), AKA)
    assert opened == odd
    assert [violation.path for violation in eap.check(eap.NestedAttributes(opened))] == [
        "attributes[1](AtPadding).padding"
    ]


def test_what_does_not_open() -> None:
    iv, encrypted = seal_attributes((eap.AtCounter(1),), AKA, initialization_vector=bytes(16))
    short = encrypted.replace(encrypted_data=encrypted.encrypted_data[:-4])
    for attributes in (
        (iv,),
        (encrypted,),
        (iv, iv, encrypted),
        (iv, encrypted, encrypted),
        (iv, short),
    ):
        with pytest.raises(DecodeError):
            open_attributes(eap.AkaRequest(1, 13, attributes=attributes), AKA)
    for size in (0, 15, 17):
        with pytest.raises(EncodeError):
            seal_attributes((), AKA, initialization_vector=bytes(size))
        odd = eap.AtIv(initialization_vector=bytes(size))
        with pytest.raises(Mip6bootError):
            open_attributes(eap.AkaRequest(1, 13, attributes=(odd, encrypted)), AKA)


ROUND = (
    eap.AkaRequest(1, eap.AkaSubtype.IDENTITY, attributes=(eap.AtAnyIdReq(),)),
    eap.AkaResponse(1, eap.AkaSubtype.IDENTITY, attributes=(eap.AtIdentity("0123@example.org"),)),
)


def test_checkcode() -> None:
    octets = [packet.encode() for packet in ROUND]
    for mac_hash, expected in (
        (EapHash.SHA1, hashlib.sha1(b"".join(octets)).digest()),
        (EapHash.SHA256, hashlib.sha256(b"".join(octets)).digest()),
    ):
        made = checkcode(ROUND, mac_hash)
        assert made == eap.AtCheckcode(checkcode=expected)
        assert checkcode(octets, mac_hash) == made
        verify_checkcode(made, ROUND, mac_hash)
        verify_checkcode(made.replace(reserved=1), octets, mac_hash)
        other = EapHash.SHA1 if mac_hash is EapHash.SHA256 else EapHash.SHA256
        changed = made.replace(checkcode=flipped(expected, 0))
        for attribute, packets, kind in (
            (changed, ROUND, mac_hash),
            (made, ROUND, other),
            (made, ROUND[::-1], mac_hash),
            (made, ROUND[:1], mac_hash),
            (made, (), mac_hash),
            (eap.AtCheckcode(), ROUND, mac_hash),
        ):
            with pytest.raises(IntegrityError):
                verify_checkcode(attribute, packets, kind)


def test_checkcode_without_an_identity_round() -> None:
    assert checkcode((), EapHash.SHA1) == eap.AtCheckcode()
    verify_checkcode(eap.AtCheckcode(), (), EapHash.SHA256)
