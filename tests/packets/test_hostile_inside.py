"""What a hostile peer seals with the right keys: damage inside, odd fragments, ESP in ESP in ESP.

Nothing is raised, octets come out as they went in, and two processes print what one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv6Address
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import capture, ikev2, ip, packets, security
from mip6boot.capture import Frame
from mip6boot.cli import jobs
from mip6boot.cli.output import Printed, Printer, Settings
from mip6boot.errors import Mip6bootError
from mip6boot.packets import OpenedChain, OpenedPacket, OpenedPart, Opener, Packet, Within
from mip6boot.security import EspSa, Keyring, Opened

from ..conftest import DATA
from ..mutation import mutated

TABLES: dict[str, Any] = json.loads((DATA / "peers" / "key_tables.json").read_text())


def keys_of_peers() -> Keyring:
    ring = Keyring()
    for found in TABLES.values():
        tables = found["wireshark"]
        for key in security.from_ikev2_table("\n".join(tables["ikev2_decryption_table"])):
            ring.add(key)
        for sa in security.from_esp_table("\n".join(tables["esp_sa"])):
            ring.add(sa)
    return ring


KEYS = keys_of_peers()
FRAMES = [
    frame for path in sorted((DATA / "peers" / "ikev2").glob("*.pcap")) for frame in capture.read(path)
]  # fmt: skip
OUTER = (IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2"))


def hostile(frame: Frame, rng: Random) -> bytes:
    """The frame with something wrong in what is sealed in it, or around it, or with neither."""
    packet = packets.decode_packet(frame.octets, frame.linktype)
    *headers, last = packet.layers
    try:
        if rng.random() < 0.3:
            pass
        elif isinstance(last, ikev2.IkeMessage):
            last = wrong_message(last, rng)
        elif isinstance(last, ip.EspPacket):
            last = wrong_packet(last, rng)
    except Mip6bootError:  # It is not sealed, or what would be sealed does not fit its fields.
        pass
    packet = Packet((*headers, last), packet.linktype).build()
    if rng.random() < 0.6:
        sa = rng.choice(KEYS.esp[:4])
        packet = packets.seal_tunnel(packet, sa, *OUTER, sequence=rng.randrange(1 << 32), rng=rng)
    octets = packet.encode()
    return mutated(octets, rng) if rng.random() < 0.2 else octets


def wrong_message(message: ikev2.IkeMessage, rng: Random) -> ikev2.IkeMessage:
    keys = KEYS.of_message(message)
    if keys is None:
        return message
    opened = security.unseal(message, keys)
    sealed: Any = opened.sealed
    if rng.random() < 0.3:
        sealed = sealed.replace(first_payload=rng.randrange(256))
    if isinstance(sealed, ikev2.EncryptedFragment) and rng.random() < 0.5:
        name = rng.choice(("fragment_number", "total_fragments"))
        sealed = sealed.replace(**{name: rng.choice((0, 1, 2, 3, 0xFFFF))})
    content = mutated(opened.content, rng)
    padding = bytes(-(len(content) + 1) % 16)
    message = message.replace(payloads=(*message.payloads[:-1], sealed))
    return ikev2.IkeMessage.decode(Opened(message, content, opened.iv, padding).seal(keys))


def wrong_packet(packet: ip.EspPacket, rng: Random) -> ip.EspPacket:
    sas = KEYS.of_packet(packet.spi)
    if not sas:
        return packet
    sa, opened = sas[0], sas[0].unseal(packet)
    number = rng.choice((0, 4, 17, 41, 43, 44, 50, 51, 58, 59, 60, 132, 135, rng.randrange(256)))
    content = mutated(opened.payload, rng)
    packet = sa.seal(content, number, sequence=opened.sequence, iv=opened.iv)
    for _ in range(rng.choice((0, 0, 0, 1, 2, 12))):
        packet = sa.seal(packet.encode(), 50, sequence=opened.sequence, iv=opened.iv)
    return packet


def everything(opened: tuple[Within, ...]) -> Iterator[Within]:
    for within in opened:
        yield within
        yield from everything(within.inner)


def octets_inside(within: Within) -> bytes | None:
    """The octets that were encrypted; None where nothing was opened."""
    match within:
        case OpenedPacket(esp=esp):
            return esp.payload + esp.padding + bytes((len(esp.padding), esp.next_header))
        case OpenedPart(part=part):
            return part.content + part.padding + bytes((len(part.padding),))
        case OpenedChain(parts=(part,)):
            return part.content + part.padding + bytes((len(part.padding),))
        case OpenedChain(content=content):
            return content
    return None


@pytest.mark.parametrize("strict", [False, True])
def test_octets_out_as_in(strict: bool) -> None:
    """Each octet has one row, and what was read encodes to what was there."""
    rng = Random(11)
    opener = Opener(KEYS, lenient=not strict)
    count = 0
    for frame in FRAMES:
        octets = hostile(frame, rng)
        packet = packets.decode_packet(octets, frame.linktype, lenient=not strict)
        assert packet.encode() == octets
        for within in everything(opener.open(packet, frame.number)):
            json.loads(within.json_text())
            assert str(within).startswith(within.path)
            rows = [row for row in within.rows(1) if row.mask is None]
            assert b"".join(row.octets for row in rows) == (octets_inside(within) or b"")
            assert all(one.offset + one.length == two.offset for one, two in pairwise(rows))
            if isinstance(within, OpenedPacket):
                assert within.packet.encode() == within.esp.payload
            elif isinstance(within, OpenedChain) and within.failure is None:
                found = ikev2.encode_chain(within.payloads)
                assert found == (within.first_payload, within.content)
            count += 1
    assert count > len(FRAMES) // 2


def extended(sa: EspSa) -> EspSa:
    numbers = ikev2.SequenceNumbers.ESN
    suite = msgspec.structs.replace(sa.suite, sequence_numbers=numbers)
    return msgspec.structs.replace(sa, suite=suite)


@pytest.mark.parametrize("output", ["json", "tree", "explain"])
@pytest.mark.parametrize("ring", [KEYS, Keyring([*KEYS.ike, *map(extended, KEYS.esp)])])
def test_two_processes_print_what_one_does(output: str, ring: Keyring) -> None:
    rng = Random(12)
    settings = Settings(output=output, keys=ring)
    frames = [
        msgspec.structs.replace(frame, octets=hostile(frame, rng), number=number)
        for number, frame in enumerate(FRAMES, 1)
    ]
    alone, parent, *workers = (Printer("x", settings) for _ in range(4))
    printed: list[Printed] = []
    for i, frame in enumerate(frames):
        batch = jobs._printed(workers[i % 2], [frame])
        printed += [parent.of_frame(p) if isinstance(p, Frame) else p for p in batch.parts]
    expected = [alone.of_frame(frame) for frame in frames]
    assert b"".join(text for text, _ in printed) == b"".join(text for text, _ in expected)
    assert [e for _, found in printed for e in found] == [e for _, found in expected for e in found]
    if output == "json":
        for text, _ in expected:
            assert json.loads(text)["v"] == 1
