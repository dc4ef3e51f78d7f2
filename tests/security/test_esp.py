"""ESP: published packets, the way back, sequence numbers, and everything that must not open."""

from __future__ import annotations

import copy
import hmac
import pickle
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from mip6boot.errors import (
    ConfigError,
    DecodeError,
    EncodeError,
    IntegrityError,
    Mip6bootError,
    UnknownSa,
)
from mip6boot.ikev2 import EncryptionAlgorithm, IntegrityAlgorithm, SequenceNumbers
from mip6boot.ip import EspPacket, Protocol
from mip6boot.security import EspSa, EspSuite, Keyring, ReplayWindow, Secret

from .suites import ESP_SUITES, IKE_SUITES, esp_sa, flipped, ike_keys, secrets_of, shows, title
from .vectors import cases, vectors

E, I = EncryptionAlgorithm, IntegrityAlgorithm

suites = pytest.mark.parametrize("suite", ESP_SUITES, ids=title)
a_suite = st.sampled_from(ESP_SUITES)
PAYLOAD = b"an upper layer packet of some octets"


def sealed(suite: EspSuite, sequence: int = 7) -> bytes:
    packet = esp_sa(suite).seal(PAYLOAD, Protocol.MOBILITY, sequence=sequence, rng=Random(1))
    return packet.encode()


# -- Published ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", cases("rfc3602_esp_aes_cbc"), ids=lambda case: f"case {case['case']}"
)
def test_packets_of_rfc_3602(case: dict[str, Any]) -> None:
    """They have no integrity check value."""
    sa = EspSa(
        spi=int.from_bytes(case["spi"], "big"),
        suite=EspSuite(encryption=E.AES_CBC),
        encryption_key=Secret(case["key"]),
    )
    octets = case["esp_packet"][20:]  # Behind an IPv4 header.
    opened = sa.unseal(octets)
    plain = case["plaintext_padded"]
    tunnel = case["mode"] == "tunnel"
    assert opened.next_header == (Protocol.IPIP if tunnel else Protocol.ICMP)
    assert opened.payload + opened.padding + plain[-2:] == plain
    assert len(opened.padding) == plain[-2]
    assert (opened.iv, opened.sequence, opened.verified) == (case["iv"], case["seq"], False)
    assert sa.reseal(opened).encode() == octets
    ours = sa.seal(opened.payload, opened.next_header, sequence=case["seq"], iv=case["iv"])
    assert ours.encode() == octets


def test_packet_of_rfc_7634() -> None:
    case = vectors("rfc7634_chacha20_poly1305")
    sa = EspSa(
        spi=int.from_bytes(case["esp"]["spi"], "big"),
        suite=EspSuite(encryption=E.CHACHA20_POLY1305),
        encryption_key=Secret(case["key"] + case["salt"]),
    )
    octets, plain = case["esp"]["packet"][20:], case["esp"]["plaintext"]
    opened = sa.unseal(octets)
    assert opened.payload + opened.padding + plain[-2:] == plain
    assert (opened.next_header, opened.sequence, opened.verified) == (Protocol.IPIP, 5, True)
    assert sa.reseal(opened).encode() == octets
    assert sa.seal(opened.payload, 4, sequence=5, iv=case["iv"]).encode() == octets


# -- Extended sequence numbers --------------------------------------------------------------------

EXTENDED = SequenceNumbers.ESN
SEQUENCE = 0x00000005_80000001


def test_combined_modes_authenticate_the_whole_number_before_what_is_sealed() -> None:
    """RFC 4106 5: SPI, then 64 bits of sequence number."""
    suite = EspSuite(encryption=E.AES_GCM_16, key_length=128, sequence_numbers=EXTENDED)
    sa = esp_sa(suite)
    packet = sa.seal(PAYLOAD, 135, sequence=SEQUENCE, iv=bytes(8))
    assert packet.sequence == 0x80000001
    plain = PAYLOAD + b"\1\2" + b"\2\x87"
    head = bytes.fromhex("123456780000000580000001")
    gcm = AESGCM(sa.encryption_key[:16])
    wanted = gcm.encrypt(sa.encryption_key[16:] + bytes(8), plain, head)
    assert packet.data == bytes(8) + wanted


def test_others_authenticate_the_high_half_behind_what_is_sealed() -> None:
    """RFC 4303 2.8 and 3.3.2: it is not sent, and last in what the check value is of."""
    suite = EspSuite(encryption=E.NULL, integrity=I.HMAC_SHA2_256_128, sequence_numbers=EXTENDED)
    sa = esp_sa(suite)
    packet = sa.seal(PAYLOAD, 135, sequence=SEQUENCE, iv=b"")
    sent = bytes.fromhex("1234567880000001") + PAYLOAD + b"\1\2" + b"\2\x87"
    wanted = hmac.digest(sa.integrity_key, sent + bytes.fromhex("00000005"), "sha256")[:16]
    assert packet.encode() == sent + wanted


@suites
def test_the_half_that_is_not_sent(suite: EspSuite) -> None:
    sa = esp_sa(suite)
    if not suite.extended:
        with pytest.raises(ValueError, match="no high half"):
            sa.unseal(sealed(suite), high=1)
        assert sa.unseal(sealed(suite)).sequence == 7
        return
    octets = sealed(suite, SEQUENCE)
    assert sa.unseal(octets, high=5).sequence == SEQUENCE
    assert sa.reseal(sa.unseal(octets, high=5)).encode() == octets
    for high in (0, 4, 6, 0xFFFFFFFF):
        with pytest.raises(IntegrityError):
            sa.unseal(octets, high=high)
    for high in (-1, 1 << 32):
        with pytest.raises(ValueError, match="no high half"):
            sa.unseal(octets, high=high)


@suites
def test_the_window_finds_it(suite: EspSuite) -> None:
    """Over the edge of the first half, some packets late."""
    sa, window = esp_sa(suite), ReplayWindow(8, extended=suite.extended)
    edge = 1 << 32 if suite.extended else 100
    order = [edge - 3, edge - 1, edge - 2, edge + 1, edge, edge - 4, edge + 6]
    window.accept(edge - 5)
    for sequence in order:
        octets = sealed(suite, sequence)
        found = window.whole(EspPacket.decode(octets).sequence)
        opened = sa.unseal(octets, high=found >> 32)
        assert opened.sequence == found == sequence
        assert window.accept(opened.sequence)
        assert not window.accept(opened.sequence)


@suites
def test_numbers_that_do_not_fit(suite: EspSuite) -> None:
    """A number that began anew would be sealed twice with the same keys (RFC 4303 3.3.3)."""
    sa, limit = esp_sa(suite), 1 << (64 if suite.extended else 32)
    for sequence in (-1, limit, limit + 1):
        with pytest.raises(EncodeError) as caught:
            sa.seal(b"", 59, sequence=sequence, rng=Random(1))
        assert caught.value.path == "sequence"
    assert sa.seal(b"", 59, sequence=limit - 1, rng=Random(1)).sequence == 0xFFFFFFFF
    for number in (-1, 256):
        with pytest.raises(EncodeError, match="one octet each"):
            sa.seal(b"", number, sequence=1, rng=Random(1))
    iv = bytes(suite.cipher.iv_octets)
    with pytest.raises(EncodeError, match="one octet each"):
        sa.seal(b"", 59, sequence=1, iv=iv, padding=bytes(256))
    with pytest.raises(ValueError, match="initialization vector"):
        sa.seal(b"", 59, sequence=1, iv=iv + b"\0")
    for arguments in ({}, {"rng": Random(1), "iv": iv}):
        with pytest.raises(TypeError, match="either rng or iv"):
            sa.seal(b"", 59, sequence=1, **arguments)  # type: ignore[call-overload]
    for spi in (-1, 1 << 32):
        with pytest.raises(ConfigError, match="32 bits"):
            esp_sa(suite, spi=spi).seal(b"", 59, sequence=1, rng=Random(1))


# -- The way back ---------------------------------------------------------------------------------


@given(
    suite=a_suite,
    payload=st.binary(max_size=100),
    number=st.integers(0, 255),
    blocks=st.integers(0, 255),
    fill=st.binary(min_size=1, max_size=8),
    low=st.integers(0, 2**32 - 1),
    high=st.integers(0, 2**32 - 1),
)
def test_what_is_opened_seals_to_the_same_octets(
    suite: EspSuite, payload: bytes, number: int, blocks: int, fill: bytes, low: int, high: int
) -> None:
    sa, unit = esp_sa(suite), suite.cipher.block_octets
    least = -(len(payload) + 2) % unit
    padding = (fill * 255)[: least + blocks % ((255 - least) // unit + 1) * unit]
    iv = Random(low).randbytes(suite.cipher.iv_octets)
    high *= suite.extended
    packet = sa.seal(payload, number, sequence=high << 32 | low, iv=iv, padding=padding)
    opened = sa.unseal(packet, high=high)
    assert (opened.payload, opened.next_header, opened.padding) == (payload, number, padding)
    assert (opened.sequence, opened.iv, opened.packet) == (high << 32 | low, iv, packet)
    assert opened.verified
    assert sa.reseal(opened) == packet
    assert (
        sa.unseal(packet.encode(), high=high)
        == opened
        == sa.unseal(memoryview(bytes(packet)), high=high)
    )


@suites
def test_padding_is_1_2_3_up_to_a_word(suite: EspSuite) -> None:
    """RFC 4303 2.4: payload, padding and two octets end at a block and at a word."""
    sa, unit = esp_sa(suite), max(suite.cipher.block_octets, 4)
    for size in range(40):
        opened = sa.unseal(sa.seal(bytes(size), 135, sequence=1, rng=Random(1)))
        assert opened.padding == bytes(range(1, len(opened.padding) + 1))
        assert len(opened.padding) < unit
        assert (size + len(opened.padding) + 2) % unit == 0


def test_next_headers_have_names_where_they_are_known() -> None:
    sa = esp_sa(ESP_SUITES[-1])
    for number in range(256):
        opened = sa.unseal(sa.seal(b"", number, sequence=1, iv=b""))
        assert opened.next_header == number
        assert isinstance(opened.next_header, Protocol) is (number in list(map(int, Protocol)))


# -- What must not open ---------------------------------------------------------------------------


@suites
def test_any_flipped_bit(suite: EspSuite, record_property: Any) -> None:
    octets, sa = sealed(suite), esp_sa(suite)
    hidden = [*secrets_of(sa), PAYLOAD] if suite.encryption != E.NULL else secrets_of(sa)
    for bit in range(8 * len(octets)):
        with pytest.raises(UnknownSa if bit < 32 else IntegrityError) as caught:
            sa.unseal(flipped(octets, bit))
        # Showing takes long, so that not all are looked at.
        assert bit % 9 or shows(caught.value, hidden) == []
    record_property("flipped bits of ESP packets that do not open", 8 * len(octets))


@suites
def test_every_other_length(suite: EspSuite) -> None:
    octets, sa = sealed(suite), esp_sa(suite)
    for size in range(len(octets)):
        with pytest.raises(DecodeError if size < 8 else IntegrityError):
            sa.unseal(octets[:size])
        if size > 8:
            with pytest.raises(IntegrityError):
                sa.unseal(octets[:8] + octets[size:] if size > 8 else octets)
    for more in (1, 2, 4, 8, 16, 64):
        with pytest.raises(IntegrityError):
            sa.unseal(octets + bytes(more))


@suites
def test_another_packet_body_direction_or_key(suite: EspSuite) -> None:
    octets, sa = sealed(suite), esp_sa(suite)
    other = sealed(suite, 8)
    for changed in (octets[:8] + other[8:], other[:8] + octets[8:]):
        with pytest.raises(IntegrityError):
            sa.unseal(changed)
    with pytest.raises(IntegrityError):
        esp_sa(suite, seed=2).unseal(octets)
    with pytest.raises(UnknownSa):
        esp_sa(suite, spi=0x12345679).unseal(octets)
    turned = EspPacket.decode(octets).replace(spi=0x12345679)
    with pytest.raises(IntegrityError):
        esp_sa(suite, spi=0x12345679).unseal(turned)
    assert sa.unseal(octets).payload == PAYLOAD


@suites
def test_a_pad_length_that_lies(suite: EspSuite) -> None:
    """Sealed with the right keys: DecodeError, and no content."""
    sa, unit = esp_sa(suite), max(suite.cipher.block_octets, 4)
    iv, head = bytes(suite.cipher.iv_octets), bytes.fromhex("1234567800000001")
    before = head[:4] + bytes(4) + head[4:] if suite.extended and suite.cipher.aead else head
    tail = bytes(4) if suite.extended and not suite.cipher.aead else b""
    for lie in (unit - 1, unit, 200, 255):
        plain = b"\x5a" * (unit - 2) + bytes((lie, 59))
        packet = EspPacket.decode(head + sa.protection.seal(before, iv, plain, tail))
        with pytest.raises(DecodeError, match="padding is longer") as caught:
            sa.unseal(packet)
        assert shows(caught.value, [*secrets_of(sa), b"\x5a\x5a"]) == []
    plain = b"\x5a" * (unit - 2) + bytes((unit - 2, 59))
    packet = EspPacket.decode(head + sa.protection.seal(before, iv, plain, tail))
    assert sa.unseal(packet).payload == b""
    if suite.cipher.block_octets == 1:
        for plain in (b"", b"\0"):
            packet = EspPacket.decode(head + sa.protection.seal(before, iv, plain, tail))
            with pytest.raises(DecodeError, match="padding is longer"):
                sa.unseal(packet)


@given(octets=st.binary(max_size=120), suite=a_suite)
def test_hostile_octets(octets: bytes, suite: EspSuite) -> None:
    sa = esp_sa(suite)
    for packet in (octets, bytes.fromhex("12345678") + octets):
        with pytest.raises((DecodeError, IntegrityError, UnknownSa)):
            sa.unseal(packet)


@suites
def test_packets_survive_pickle_and_copy(suite: EspSuite) -> None:
    sa = esp_sa(suite)
    opened = sa.unseal(sealed(suite))
    for again in (pickle.loads(pickle.dumps(opened)), copy.copy(opened), copy.deepcopy(opened)):
        assert again == opened
    for same in (pickle.loads(pickle.dumps(sa)), copy.copy(sa), copy.deepcopy(sa)):
        assert same == sa
        assert type(same.encryption_key) is Secret
        assert same.reseal(opened).encode() == sealed(suite)


# -- Settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suite", "key", "integrity_key", "match"),
    [
        (EspSuite(encryption=E.AES_GCM_16), 16, 0, "AES_GCM_16: a key of 16 octets"),
        (EspSuite(encryption=E.AES_GCM_16, key_length=256), 20, 0, "256 bits, but 20 octets"),
        (EspSuite(encryption=E.AES_CBC, integrity=I.HMAC_SHA1_96), 16, 0, "HMAC_SHA1_96: a key"),
        (EspSuite(encryption=E.AES_CBC, integrity=I.AES_XCBC_96), 16, 20, "20 octets where 16"),
        (EspSuite(encryption=E.AES_CBC, integrity=I.AES_CMAC_96), 16, 24, "24 octets where 16"),
        (
            EspSuite(encryption=E.AES_GCM_8, integrity=I.HMAC_SHA1_96),
            20,
            20,
            "AES_GCM_8 goes without",
        ),
        (EspSuite(encryption=E.TRIPLE_DES), 24, 0, "legacy"),
        (EspSuite(encryption=E.CAMELLIA_CBC), 16, 0, "does not work here"),
        (EspSuite(encryption=E.AES_CBC, integrity=I.HMAC_MD5_96), 16, 16, "legacy"),
        (EspSuite(encryption=E.AES_CBC, integrity=I.DES_MAC), 16, 16, "does not work here"),
    ],
)
def test_keys_and_suites_that_do_not_work(
    suite: EspSuite, key: int, integrity_key: int, match: str
) -> None:
    secret = bytes(range(100, 100 + key))
    sa = EspSa(
        spi=1, suite=suite, encryption_key=Secret(secret),
        integrity_key=Secret(bytes(range(50, 50 + integrity_key))),
    )  # fmt: skip
    for work in (
        lambda: sa.seal(b"", 59, sequence=1, rng=Random(1)),
        lambda: sa.unseal(bytes.fromhex("0000000100000001") + bytes(64)),
    ):
        with pytest.raises(ConfigError, match=match) as caught:
            work()
        assert shows(caught.value, secrets_of(sa)) == []


def test_integrity_keys_of_hmac_may_have_any_length() -> None:
    """Key tables have such ones, and peers that take them."""
    suite = EspSuite(encryption=E.NULL, integrity=I.HMAC_SHA1_96)
    for size in (1, 16, 20, 64, 100):
        key = Random(size).randbytes(size)
        sa = EspSa(spi=1, suite=suite, encryption_key=Secret(), integrity_key=Secret(key))
        octets = sa.seal(b"ab", 59, sequence=1, iv=b"").encode()
        assert octets[-12:] == hmac.digest(key, octets[:-12], "sha1")[:12]


# -- Keys of many ---------------------------------------------------------------------------------


def test_keyring_names_addresses_first() -> None:
    suite = ESP_SUITES[4]
    home, agent = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")
    plain = esp_sa(suite)
    fields = {name: getattr(plain, name) for name in plain.__struct_fields__}
    exact = EspSa(**fields | {"source": home, "destination": agent})
    towards = EspSa(**fields | {"destination": agent})
    elsewhere = EspSa(**fields | {"destination": IPv4Address("192.0.2.1")})
    ring = Keyring([plain, elsewhere, towards, exact, ike_keys(IKE_SUITES[0])])
    assert ring.of_packet(plain.spi, home, agent) == [exact, towards, plain, elsewhere]
    # Those of other addresses come last: a node takes its SAs along when it moves.
    assert ring.of_packet(plain.spi, agent, home) == [plain, exact, elsewhere, towards]
    assert ring.of_packet(1, home, agent) == []
    assert (len(ring), len(ring.esp), len(ring.ike)) == (5, 4, 1)


def test_errors_are_of_the_family() -> None:
    for kind in (ConfigError, DecodeError, EncodeError, IntegrityError, UnknownSa):
        assert issubclass(kind, Mip6bootError)
