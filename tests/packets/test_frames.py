"""Each kind of frame: what is in it, its prefixes, its mutants, and tshark's reading of it."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import capture, packets
from mip6boot.packets import (
    EapolHeader,
    L2tpHeader,
    L2tpOffset,
    LinkType,
    Packet,
    Payload,
    PppHeader,
    PppoeHeader,
    SctpChunk,
    SctpDataHeader,
    SctpHeader,
    Trailer,
    Undecoded,
    decode_packet,
)
from mip6boot.packets.sctp import crc32c

from ..mutation import mutated
from .frames import (
    DHCP_PACKET,
    DIAMETER,
    EAP,
    ETHERNET,
    FRAMES,
    comes_back,
    data_chunk,
    eapol,
    ipv6,
    pppoe,
    sctp,
    tcp,
)

#: Our names -> those in tshark's list; None: tshark shows the layer as a part of another one.
TSHARK = {
    "ethernet": "eth:ethertype", "ipv4": "ip", "pppoe": "pppoes", "ikev2": "isakmp",
    "ikev1": "isakmp", "ppp-compressed": "ppp", "ppp-framing": None, "l2tp-offset": None,
    "non-esp-marker": None, "diameter-segment": None, "sctp-data": None, "sctp-chunk": None, "trailer": None,
}  # fmt: skip


def layers(name: str) -> tuple[Any, ...]:
    return comes_back(bytes.fromhex(FRAMES[name][0])).layers


@pytest.mark.parametrize("name", FRAMES)
def test_what_is_in_a_frame(name: str) -> None:
    octets, protocols = FRAMES[name]
    for lenient in (False, True):
        packet = comes_back(bytes.fromhex(octets), lenient=lenient)
        assert [packets.protocol_of(layer) for layer in packet.layers] == protocols.split()
        assert not packet.errors


@pytest.mark.parametrize("name", FRAMES)
def test_every_prefix_comes_back(name: str) -> None:
    octets = bytes.fromhex(FRAMES[name][0])
    for end in range(len(octets)):
        for lenient in (False, True):
            comes_back(octets[:end], lenient=lenient)
    comes_back(octets + b"\0")
    comes_back(octets + b"\xff" * 5)


@given(st.randoms(use_true_random=False), st.sampled_from(list(FRAMES)))
def test_mutants_come_back(rng: random.Random, name: str) -> None:
    comes_back(mutated(bytes.fromhex(FRAMES[name][0]), rng))


@given(st.sampled_from([0x8864, 0x888E, 0x0800, 0x86DD]), st.binary(max_size=60))
def test_anything_behind_an_ethertype_comes_back(ethertype: int, octets: bytes) -> None:
    comes_back(bytes(12) + ethertype.to_bytes(2, "big") + octets)


@given(st.sampled_from([500, 546, 547, 1701, 4191, 4500]), st.binary(max_size=60))
def test_anything_behind_a_port_comes_back(port: int, octets: bytes) -> None:
    size = (8 + len(octets)).to_bytes(2, "big")
    udp = port.to_bytes(2, "big") * 2 + size + bytes(2) + octets
    header = bytes.fromhex("6000000000001140") + bytes(32)
    comes_back(header + udp, LinkType.RAW)


def test_fields() -> None:
    header, ppp = layers("pppoe")[1:3]
    assert header == PppoeHeader(session_id=0x2A, length=len(DHCP_PACKET) // 2 + 2)
    assert ppp == PppHeader(protocol=0x57)
    header, offset = layers("l2tp, all fields")[3:5]
    assert header == L2tpHeader(
        has_length=True, has_sequence=True, has_offset=True, tunnel_id=7, session_id=9,
        length=len(DHCP_PACKET) // 2 + 20, ns=1, nr=2,
    )  # fmt: skip
    assert (offset, offset.size) == (L2tpOffset(bytes.fromhex("deadbeef")), 4)
    header, chunk, data, padding, sack, chunk2, message = layers("sctp")[2:9]
    assert header == SctpHeader(source_port=1000, destination_port=3868, verification_tag=16)
    assert chunk == SctpDataHeader(tsn=1, stream=2, sequence=3, payload_protocol=99, length=21)
    assert (data, padding) == (
        Payload(bytes.fromhex("aabbccddee"), "sctp-data-99"),
        Trailer(bytes(3), 3),
    )
    assert chunk2 == chunk.replace(payload_protocol=46, length=52)
    assert message.encode().hex() == DIAMETER
    assert sack == SctpChunk(3, 0, b"\0\0\0\1\0\1" + bytes(6))
    assert layers("eapol, padded")[1:] == (
        EapolHeader(length=5),
        layers("eapol")[2],
        Trailer(bytes(37), 1),
    )
    assert layers("eapol, padded inside")[3] == Trailer(bytes(2), 2)


def test_a_trailer_of_ppp_belongs_to_pppoe() -> None:
    assert layers("pppoe, padded")[-1] == Trailer(bytes(2), 1)


@pytest.mark.parametrize(
    ("octets", "path", "offset", "reason"),
    [
        (eapol(EAP[:-2]), "eap", 22, "needs 1 octets, 0 left"),
        (eapol("03050005"), "eap.length", 20, "says 5 octets, 4 are there"),
        (eapol("030500"), "eap.length", 20, "needs 2 octets, 1 left"),
        (eapol("03050003"), "eap.length", 20, "says 3 octets, 4 are there"),
        (pppoe("00"), "ppp.protocol", 20, "needs 2 octets, 1 left"),
        (sctp("00030008" + "00" * 12), "sctp-chunk.length", 68, "says 8 octets, 16 are there"),
        (sctp(data_chunk(DIAMETER[:-2])), "diameter.length", 83, "says 36 octets, 35 are there"),
        (ETHERNET + "86dd" + ipv6(tcp("", 1)[:-4], 6), "tcp.data_offset", 66, "says 32 octets, 30 are there"),
        (sctp("03000003"), "sctp-chunk.value", 70, "needs -1 octets, 0 left"),
        (sctp("03000005"), "sctp-chunk.value", 70, "needs 1 octets, 0 left"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_frame(octets: str, path: str, offset: int, reason: str) -> None:
    (error,) = comes_back(bytes.fromhex(octets)).errors
    assert (error.path, error.offset, error.reason) == (path, offset, reason)


def test_building_frames() -> None:
    """Lengths and checksums of all layers, from layers that have none."""
    for name, (octets, _) in FRAMES.items():
        found = decode_packet(bytes.fromhex(octets), lenient=True)
        blank = [_without_lengths(layer) for layer in found.layers]
        made = Packet(tuple(blank)).build()
        if name in ("pppoe, discovery code", "l2tp, control"):
            continue  # What these say of their payload counts other octets, too.
        for layer, wanted in zip(made.layers, found.layers, strict=True):
            if hasattr(layer, "checksum"):
                layer, wanted = layer.replace(checksum=0), wanted.replace(checksum=0)  # type: ignore[union-attr]
            assert layer == wanted, name
        assert set(made.checksums.values()) <= {"good"}


def _without_lengths(layer: Any) -> Any:
    for field in ("length", "payload_length", "total_length"):
        if getattr(layer, field, None) is not None and field in layer.__struct_fields__:
            return layer.replace(**{field: 0})
    return layer


def test_checksum_of_sctp() -> None:
    # RFC 3720 B.4: CRC32c of 32 zeros is aa 36 91 8a on the wire, of 32 octets 0xff 43 ab a8 62.
    assert crc32c(bytes(32)).to_bytes(4, "big").hex() == "aa36918a"
    assert crc32c(b"\xff" * 32).to_bytes(4, "big").hex() == "43aba862"
    built = decode_packet(bytes.fromhex(sctp(data_chunk("00")))).build()
    assert built.checksums == {2: "good"}
    octets = bytearray(built.encode())
    octets[-5] ^= 1
    assert decode_packet(bytes(octets)).checksums == {2: "bad"}
    assert decode_packet(bytes(octets)[:-2]).checksums == {2: "not checkable"}


def test_many_chunks_end() -> None:
    packet = comes_back(bytes.fromhex(sctp("03000004" * 1000)))
    assert len(packet.layers) < 140


def test_tshark_sees_the_same_protocols(tshark: str, tmp_path: Path) -> None:
    path = tmp_path / "frames.pcap"
    capture.write(path, (capture.Frame(bytes.fromhex(octets)) for octets, _ in FRAMES.values()))
    command = [tshark, "-n", "-r", str(path), "-T", "fields", "-e", "frame.protocols"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for (name, (_, protocols)), line in zip(FRAMES.items(), found.splitlines(), strict=True):
        if name in SHOWN_OTHERWISE:
            continue
        known = [TSHARK.get(word, word) for word in protocols.split()]
        wanted = ":".join(word for word in known if word).replace("eapol:eap", "eapol")
        # What is a Payload to us has another name there.
        wanted = wanted.partition(":ppp-0x")[0].replace("diameter:diameter", "diameter")
        assert line.replace(":udpencap", "").startswith(wanted), name


#: Frames in which tshark names payloads that we leave as octets.
SHOWN_OTHERWISE = {
    "pppoe, discovery code", "l2tp, control", "l2tp, version 3", "eapol, key", "sctp",
    "nat traversal, keepalive", "sctp, diameter in dtls", "tcp, another port",
    "tcp, the end of a message",
}  # fmt: skip


def test_undecoded_keeps_its_place() -> None:
    last = comes_back(bytes.fromhex(FRAMES["ike"][0])[:-2]).layers[-1]
    assert isinstance(last, Undecoded)
    assert last.protocol == "ikev2"
