"""tshark opens what we seal, with tables that we write, in every suite that it can do."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv6Address
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import capture, ikev2, ip, mipv6, packets, security
from mip6boot.ikev2 import EncryptionAlgorithm, IntegrityAlgorithm, TransformType
from mip6boot.packets import Packet
from mip6boot.security import EspSa, EspSuite, IkeKeys, IkeSuite, Keyring, Secret

from ..conftest import DATA
from ..test_tshark import _PLAIN, DESTINATION, SOURCE, node, over_ip, over_udp
from ..truth import opened
from .test_wireshark import TABLES, replaced

NONE = IntegrityAlgorithm.NONE
CIPHERS = [EncryptionAlgorithm(n) for kind, n in security.PRIMITIVES if kind == TransformType.ENCR]
CHECKS = [IntegrityAlgorithm(n) for kind, n in security.PRIMITIVES if kind == TransformType.INTEG]
UNCHECKED = (8, 12, 16, 20, 24, 32)

#: What tshark 4.0 cannot open, and why.
CLOSED = {
    ("ike", "CHACHA20_POLY1305"): "no name for it in any version",
    ("esp", "CHACHA20_POLY1305"): "its name is known to newer versions only",
    ("esp", "AES_CCM_8"): "no name for it in any version",
    ("esp", "AES_CCM_12"): "no name for it in any version",
    ("esp", "AES_CCM_16"): "no name for it in any version",
    ("esp", "HMAC_SHA1_160"): "no name for a check value of 160 bits in this table",
    ("esp", "20 octets unchecked"): "likewise",
}  # fmt: skip

#: What tshark 4.0 opens without looking at the check value, because it has no name for it.
NOT_CHECKED = {
    ("ike", "AES_XCBC_96"), ("ike", "AES_CMAC_96"),
    ("esp", "AES_XCBC_96"), ("esp", "AES_CMAC_96"), ("esp", "HMAC_MD5_128"),
}  # fmt: skip


def suites() -> Iterator[dict[str, Any]]:
    """The fields of every suite, with each key length."""
    for algorithm in CIPHERS:
        cipher = security.encryption(algorithm, legacy=True)
        checks: list[dict[str, Any]] = [{}]
        if not cipher.aead:
            checks += [{"integrity": check} for check in CHECKS]
            checks += [{"unchecked_icv": octets} for octets in UNCHECKED]
        for size in cipher.key_sizes:
            bits = 8 * size if cipher.has_key_length else None
            for check in checks:
                yield {"encryption": algorithm, "key_length": bits, "legacy": True} | check


def verdict(table: str, suite: security.Suite) -> str:
    """What tshark is expected to say of the check value."""
    names = suite.encryption.name, check_name(suite)
    if any((table, name) in CLOSED for name in names):
        return "closed"
    if suite.cipher.aead:
        return "correct"
    return "unchecked" if suite.integrity == NONE or (table, names[1]) in NOT_CHECKED else "correct"


def check_name(suite: security.Suite) -> str:
    if suite.cipher.aead:
        return "combined modes"
    unchecked = suite.unchecked_icv
    return f"{unchecked} octets unchecked" if unchecked else suite.integrity.name


class Sealed(msgspec.Struct):
    """A packet, and what tshark is to say of it."""

    packet: Packet
    suite: security.Suite
    verdict: str
    content: bytes = b""
    "Of a fragment that is not the last one, nothing."
    first: int = 0


def ike_packets(number: int, suite: IkeSuite, rng: Random) -> tuple[IkeKeys, list[Sealed]]:
    """An IKE_AUTH request in one piece and its response in three."""

    def secret(size: int) -> Secret:
        return Secret(rng.randbytes(size))

    encryption, integrity = suite.encryption_key_octets, suite.integrity_key_octets
    keys = IkeKeys(
        spi_i=rng.randbytes(8), spi_r=rng.randbytes(8), suite=suite, sk_ei=secret(encryption),
        sk_er=secret(encryption), sk_ai=secret(integrity), sk_ar=secret(integrity),
    )  # fmt: skip
    expected = verdict("ike", suite)
    request = (
        ikev2.IDi(ikev2.FqdnIdentity(f"mn{number}.example.org")),
        ikev2.Authentication(2, authentication_data=rng.randbytes(32)),
        ikev2.Configuration(1, attributes=(ikev2.InternalIp6Address(),)),
    )
    home = IPv6Address(0x20010DB8 << 96 | number)
    response = (
        ikev2.IDr(ikev2.FqdnIdentity("ha.example.org")),
        ikev2.Authentication(2, authentication_data=rng.randbytes(330)),
        ikev2.Configuration(
            2, attributes=(ikev2.InternalIp6Address(ikev2.Ip6AddressAndPrefix(home, 64)),)
        ),
    )
    message = header(keys, ikev2.IkeFlags.I)
    out = [Sealed(carrying(security.seal(message, request, keys, rng=rng)), suite, expected)]
    message = header(keys, ikev2.IkeFlags.R)
    size = 200 + suite.cipher.iv_octets + suite.icv_octets
    parts = security.fragment(message, response, keys, size=size, rng=rng)
    assert len(parts) == 3
    out += [Sealed(carrying(part), suite, expected) for part in parts]
    for sealed, payloads in ((out[0], request), (out[-1], response)):
        sealed.first, sealed.content = ikev2.encode_chain(payloads)
    return keys, out


def header(keys: IkeKeys, flags: ikev2.IkeFlags) -> ikev2.IkeMessage:
    return ikev2.IkeMessage(
        initiator_spi=keys.spi_i, responder_spi=keys.spi_r, flags=flags, message_id=1,
        exchange_type=ikev2.ExchangeType.IKE_AUTH,
    )  # fmt: skip


def carrying(octets: bytes) -> Packet:
    return over_udp(500, 500, ikev2.IkeMessage.decode(octets))


def esp_packets(number: int, suite: EspSuite, rng: Random) -> tuple[EspSa, list[Sealed]]:
    """A Binding Update in transport mode, and one with its IPv6 header in tunnel mode."""
    sa = EspSa(
        spi=0x1000 + number, suite=suite, source=SOURCE, destination=DESTINATION,
        encryption_key=Secret(rng.randbytes(suite.encryption_key_octets)),
        integrity_key=Secret(rng.randbytes(suite.integrity_key_octets)),
    )  # fmt: skip
    out = []
    for sequence, mode in ((1, ip.Protocol.MOBILITY), (2, ip.Protocol.IPV6)):
        inner = over_ip(ip.Protocol.MOBILITY, mipv6.BindingUpdate(number, lifetime=4 * sequence))
        content = b"".join(layer.encode() for layer in inner.layers[1 if mode == 41 else 2 :])
        packet = over_ip(ip.Protocol.ESP, sa.seal(content, mode, sequence=sequence, rng=rng))
        out.append(Sealed(packet, suite, verdict("esp", suite), content, number))
    return sa, out


def wrong(keys: Any, *names: str) -> Any:
    """The keys with one bit of some of them flipped."""
    changes = {name: Secret(flipped(getattr(keys, name))) for name in names}
    return replaced(keys, **changes)


def flipped(octets: bytes) -> bytes:
    return bytes((octets[0] ^ 1,)) + octets[1:]


Reading = tuple[list[Any], list[str]]


def read(tshark: str, path: Path, keyring: Keyring, folder: Path) -> tuple[list[Reading], str]:
    """tshark's nodes of each packet and its words on check values of IKE; and its complaints."""
    security.write_tables(folder, keyring)
    (folder / "preferences").write_text(
        "esp.enable_encryption_decode: TRUE\nesp.enable_authentication_check: TRUE\n"
    )
    env = os.environ | {"WIRESHARK_CONFIG_DIR": str(folder)}
    command = [tshark, "-r", str(path), "-T", "pdml"]
    done = subprocess.run(command, capture_output=True, check=True, env=env)
    root = ET.fromstring(done.stdout.translate(_PLAIN))
    readings = []
    for packet in root.iter("packet"):
        shown = [
            f.get("showname", "") for f in packet.iter("field") if f.get("name") == "isakmp.enc.icd"
        ]
        readings.append(([node(child) for child in packet], shown))
    return readings, done.stderr.decode()


def found(nodes: list[Any], name: str) -> Iterator[list[Any]]:
    for one in nodes:
        if one[0] == name:
            yield one
        yield from found(one[5], name)


@pytest.fixture(scope="module")
def sealed() -> tuple[Keyring, list[Sealed], list[Sealed]]:
    """Keys and packets of every suite; the last one of each table is entered with a wrong key."""
    rng = Random(4877)
    keyring, ike, esp = Keyring(), [], []
    for number, fields in enumerate(suites(), 1):
        keys, some = ike_packets(number, IkeSuite(prf=None, **fields), rng)
        keyring.add(keys)
        ike += some
        sa, more = esp_packets(number, EspSuite(**fields), rng)
        keyring.add(sa)
        esp += more
    fields = {"encryption": EncryptionAlgorithm.AES_CBC, "key_length": 256}
    fields["integrity"] = IntegrityAlgorithm.HMAC_SHA2_256_128
    keys, some = ike_packets(9001, IkeSuite(prf=None, **fields), rng)
    sa, more = esp_packets(9001, EspSuite(**fields), rng)
    keyring.add(wrong(keys, "sk_ai", "sk_ar"))
    keyring.add(wrong(sa, "integrity_key"))
    for one in (*some, *more):
        one.verdict = "incorrect"
    fields["sequence_numbers"] = ikev2.SequenceNumbers.ESN
    sa, extended = esp_packets(9002, EspSuite(**fields), rng)
    keyring.add(sa)
    for one in extended:
        one.verdict = "extended"
    return keyring, ike + some, esp + more + extended


@pytest.fixture(scope="module")
def readings(
    tshark: str, sealed: tuple[Keyring, list[Sealed], list[Sealed]], tmp_path_factory: Any
) -> tuple[list[Reading], str]:
    keyring, ike, esp = sealed
    folder = tmp_path_factory.mktemp("tables")
    path = folder / "sealed.pcap"
    frames = [capture.Frame(s.packet.encode(), s.packet.linktype, time_ns=0) for s in ike + esp]
    capture.write(path, frames)
    return read(tshark, path, keyring, folder)


def test_tshark_opens_ike(sealed: Any, readings: Any, record_property: Any) -> None:
    """Payload chains come out octet for octet, of SK and of SKF, and check values are correct."""
    _, ike, _ = sealed
    count: Counter[str] = Counter()
    for one, (nodes, shown) in zip(ike, readings[0][: len(ike)], strict=True):
        if one.verdict == "closed":
            continue
        place = (one.suite.encryption.name, one.suite.key_length, check_name(one.suite))
        chains = [(chain.first, chain.octets) for chain in opened(nodes)]
        assert chains == ([(one.first, one.content)] if one.content else []), place
        assert shown_verdict(one.suite, shown) == one.verdict, place
        count[f"tshark, IKE, {one.suite.encryption.name}: messages opened"] += 1
        count[f"tshark, IKE, {check_name(one.suite)}: check values {one.verdict}"] += 1
    for name, number in count.items():
        record_property(name, number)
    # Four messages: 8 ciphers with key lengths by 7 integrity algorithms, and 18 combined modes.
    assert sum(n for name, n in count.items() if name.endswith(" correct")) == 4 * (8 * 7 + 18)


def shown_verdict(suite: security.Suite, shown: list[str]) -> str:
    if not suite.icv_octets:
        return "unchecked"
    (text,) = shown
    words = re.search(r"\[(correct|incorrect)", text)
    return words[1] if words else "unchecked"


#: What tshark says of the check value of ESP; version 4.0 knows no extended sequence numbers.
GOOD_AND_BAD = {
    "correct": [["1", "0"]],
    "incorrect": [["0", "1"]],
    "unchecked": [["0", "0"], []],
    "extended": [["1", "0"], ["0", "1"]],
}


def test_tshark_opens_esp(sealed: Any, readings: Any, record_property: Any) -> None:
    """What is inside comes out octet for octet, as a Binding Update, and check values are good."""
    _, ike, esp = sealed
    count: Counter[str] = Counter()
    for one, (nodes, _) in zip(esp, readings[0][len(ike) :], strict=True):
        if one.verdict == "closed":
            continue
        place = (one.suite.encryption.name, one.suite.key_length, check_name(one.suite))
        assert [n[4] for n in found(nodes, "esp.contained_data")] == [one.content.hex()], place
        assert [int(n[3]) for n in found(nodes, "mip6.bu.seqnr")] == [one.first], place
        flags = [n[3] for name in ("esp.icv_good", "esp.icv_bad") for n in found(nodes, name)]
        assert flags in GOOD_AND_BAD[one.verdict], place
        count[f"tshark, ESP, {one.suite.encryption.name}: packets opened"] += 1
        count[f"tshark, ESP, {check_name(one.suite)}: check values {one.verdict}"] += 1
    for name, number in count.items():
        record_property(name, number)
    # Two packets: 8 ciphers with key lengths by 5 integrity algorithms, and 9 combined modes.
    assert sum(n for name, n in count.items() if name.endswith(" correct")) == 2 * (8 * 5 + 9)


def test_tshark_complains_of_what_newer_versions_know(readings: Any) -> None:
    """Rows of our own are comments to it; of ours that are not it may say so, and goes on."""
    known = ("invalid value: ChaCha20 with Poly1305 [RFC7634]", "More fields than required")
    for line in readings[1].splitlines():
        assert line.startswith("Running as user") or any(text in line for text in known)


#: Captures of strongSwan with CBC, CTR and GCM, fragments, several SAs, and ESP over UDP.
REAL = (
    "v6-psk-aes256-sha512-modp2048", "v6-psk-aes128ctr-sha256-ecp256",
    "v6-rekey-child-ike-delete", "v6-ecdsa-frag-aes256gcm",
)  # fmt: skip


def test_tshark_reads_real_captures_with_our_tables(
    tshark: str, tmp_path: Path, record_property: Any
) -> None:
    """What tshark opens with our tables is what we open, of IKE and of ESP."""
    lines = [TABLES[name]["wireshark"] for name in REAL]
    ike = [line for table in lines for line in table["ikev2_decryption_table"]]
    esp = [line for table in lines for line in table["esp_sa"]]
    keyring = Keyring(security.from_ikev2_table("\n".join(ike)))
    for sa in security.from_esp_table("\n".join(esp)):
        keyring.add(sa)
    paths = [DATA / "peers" / "ikev2" / f"{name}.pcap" for name in REAL]
    frames = [frame for path in paths for frame in capture.read(path)]
    path = tmp_path / "real.pcap"
    capture.write(path, frames)
    readings, complaints = read(tshark, path, keyring, tmp_path)
    assert "esp_sa" not in complaints
    assembler = security.FragmentAssembler()
    count: Counter[str] = Counter()
    for frame, (nodes, shown) in zip(frames, readings, strict=True):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        if esp_packet := packet.find(ip.EspPacket):
            (one,) = (sa for sa in keyring.esp if sa.spi == esp_packet.spi)
            ours = [one.unseal(esp_packet).payload]
            theirs = [bytes.fromhex(n[4]) for n in found(nodes, "esp.contained_data")]
            assert [n[3] for n in found(nodes, "esp.icv_good")] == ["1"]
            count["tshark, real captures: packets of ESP opened alike"] += 1
        else:
            ours = list(contents(packet, keyring, assembler))
            theirs = [chain.octets for chain in opened(nodes)]
            assert all("[correct]" in text for text in shown)
            count["tshark, real captures: check values of IKE correct"] += len(shown)
            count["tshark, real captures: chains of IKE opened alike"] += len(ours)
        assert theirs == ours
    for name, number in count.items():
        record_property(name, number)
    # Seven messages are empty, and five are fragments of two.
    assert tuple(count.values()) == (33, 23, 36)


def contents(
    packet: Packet, keyring: Keyring, assembler: security.FragmentAssembler
) -> Iterator[bytes]:
    """What we open of a message, if it is not empty, or of the fragments that it completes."""
    if packet.find(ikev2.Encrypted) is None and packet.find(ikev2.EncryptedFragment) is None:
        return
    message = packet.find(ikev2.IkeMessage)
    keys = keyring.of_message(message)
    assert keys is not None
    one = security.unseal(message, keys)
    whole = assembler.feed(one) if one.is_fragment else one
    if whole is not None and whole.content:
        yield whole.content
