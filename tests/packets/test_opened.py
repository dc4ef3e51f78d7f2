"""What was sealed in packets: found by SPI, opened, shown, and put into packets again."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import pytest

from mip6boot import ikev2, ip, mipv6, packets, security
from mip6boot.errors import EncodeError
from mip6boot.packets import (
    LinkType,
    NotOpened,
    OpenedChain,
    OpenedPacket,
    OpenedPart,
    Opener,
    Packet,
    buffers,
)
from mip6boot.security import EspSa, EspSuite, IkeKeys, IkeSuite, Keyring, Secret

HOME, CARE_OF, AGENT = (
    IPv6Address(text) for text in ("2001:db8:100::7", "2001:db8:200::7", "2001:db8:100::1")
)
CARE_OF_4, AGENT_4 = IPv4Address("192.0.2.7"), IPv4Address("198.51.100.1")
GCM, CBC = ikev2.EncryptionAlgorithm.AES_GCM_16, ikev2.EncryptionAlgorithm.AES_CBC
SHA256 = ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128
LINK = packets.EthernetHeader(destination=bytes(6), source=bytes(6), ethertype=0x86DD)

UPDATE = Packet(
    (
        LINK,
        ip.Ipv6Header(next_header=60, source=CARE_OF, destination=AGENT),
        ip.DestinationOptions(next_header=135, options=(ip.HomeAddressOption(HOME),)),
        mipv6.BindingUpdate(7, options=(mipv6.AlternateCareOfAddress(CARE_OF),)),
    )
).build()
ACKNOWLEDGEMENT = Packet(
    (
        LINK,
        ip.Ipv6Header(next_header=43, source=AGENT, destination=CARE_OF),
        ip.Type2RoutingHeader(next_header=135, segments_left=1, home_address=HOME),
        mipv6.BindingAcknowledgement(sequence=7),
    )
).build()
OVER_IPV4 = Packet(
    (
        LINK.replace(ethertype=0x0800),
        ip.Ipv4Header(protocol=17, source=CARE_OF_4, destination=AGENT_4),
        ip.UdpHeader(source_port=4191, destination_port=4191),
        ip.Ipv6Header(next_header=135, source=HOME, destination=AGENT),
        mipv6.BindingUpdate(8, options=(mipv6.Ipv4CareOfAddress(address=CARE_OF_4),)),
    )
).build()


def esp_sa(spi: int = 0x1000, *, encryption: Any = GCM, **more: Any) -> EspSa:
    combined = encryption is GCM
    suite = EspSuite(
        encryption=encryption,
        integrity=ikev2.IntegrityAlgorithm.NONE if combined else SHA256,
        sequence_numbers=more.pop("sequence_numbers", ikev2.SequenceNumbers.NO_ESN),
    )
    keys = Random(spi)
    return EspSa(
        spi=spi,
        suite=suite,
        encryption_key=Secret(keys.randbytes(suite.encryption_key_octets)),
        integrity_key=Secret(keys.randbytes(suite.integrity_key_octets)),
        **more,
    )


def ike_keys() -> IkeKeys:
    suite = IkeSuite(encryption=GCM, prf=ikev2.PseudorandomFunction.HMAC_SHA2_256)
    return IkeKeys.derive(
        suite, spi_i=b"initiate", spi_r=b"responds", nonce_i=bytes(16), nonce_r=bytes(16),
        shared=b"shared",
    )  # fmt: skip


HEADER = ikev2.IkeMessage(
    initiator_spi=b"initiate", responder_spi=b"responds", exchange_type=35, message_id=1,
    flags=ikev2.IkeFlags.I,
)  # fmt: skip
ASKS = (
    ikev2.IDi(identity=ikev2.Rfc822Identity("mn@example.org")),
    ikev2.Configuration(cfg_type=1, attributes=(ikev2.InternalIp6Address(),)),
)


def over_udp(octets: bytes, port: int = 500) -> Packet:
    layers: list[Any] = [
        LINK,
        ip.Ipv6Header(next_header=17, source=CARE_OF, destination=AGENT),
        ip.UdpHeader(source_port=port, destination_port=port),
    ]
    layers += [packets.NonEspMarker()] if port == 4500 else []
    return Packet((*layers, ikev2.IkeMessage.decode(octets))).build()


def again(packet: Packet) -> Packet:
    """The packet as it is read from the wire."""
    read = packets.decode_packet(packet.encode(), packet.linktype)
    assert read.layers == packet.layers
    assert read.errors == ()
    return read


def shown(within: Any) -> dict[str, Any]:
    """The JSON form, after the checks that hold for every kind of content."""
    found: dict[str, Any] = json.loads(within.json_text())
    assert (found["layer"], found["path"]) == (within.layer, within.path)
    assert str(within).startswith(within.path)
    return found


@pytest.mark.parametrize("encryption", [GCM, CBC])
@pytest.mark.parametrize("udp_ports", [None, packets.NAT_TRAVERSAL], ids=["bare", "in udp"])
@pytest.mark.parametrize(
    ("packet", "at"), [(UPDATE, 3), (ACKNOWLEDGEMENT, 3), (OVER_IPV4, 4)], ids=["BU", "BA", "IPv4"]
)
def test_transport_mode(packet: Packet, at: int, udp_ports: Any, encryption: Any) -> None:
    """What RFC 4877 3 wants before ESP stays there; what is inside has a checksum that is right."""
    sa = esp_sa(encryption=encryption)
    sealed = again(
        packets.seal_transport(packet, sa, sequence=1, rng=Random(1), udp_ports=udp_ports)
    )
    kinds = [type(layer) for layer in sealed.layers]
    before = [type(layer) for layer in packet.layers[:at]]
    assert kinds == [*before, *([ip.UdpHeader] if udp_ports else []), ip.EspPacket]
    assert set(sealed.checksums.values()) <= {"good"}
    (opened,) = Opener(Keyring([sa])).open(sealed)
    assert isinstance(opened, OpenedPacket)
    assert opened.packet.layers == packet.layers[at:]
    assert opened.packet.checksums == {0: "good"}
    assert (opened.esp.sequence, opened.esp.next_header) == (1, 135)
    assert opened.protocols == {"mipv6"}
    assert opened.errors == ()
    found = shown(opened)
    assert found["layers"] == [packets.Packet(packet.layers[at:]).to_dict()["layers"][0]]
    assert (found["next_header"], found["verified"], found["kind"]) == (135, True, "packet")
    assert found["padding"] == opened.esp.padding.hex()


@pytest.mark.parametrize(
    ("source", "destination", "header", "ethertype"),
    [(CARE_OF, AGENT, ip.Ipv6Header, 0x86DD), (CARE_OF_4, AGENT_4, ip.Ipv4Header, 0x0800)],
    ids=["IPv6", "IPv4"],
)
def test_tunnel_mode(source: Any, destination: Any, header: Any, ethertype: int) -> None:
    sa = esp_sa()
    sealed = packets.seal_tunnel(UPDATE, sa, source, destination, sequence=9, rng=Random(1))
    sealed = again(sealed)
    assert sealed.layers[0] == LINK.replace(ethertype=ethertype)
    assert isinstance(sealed.layers[1], header)
    (opened,) = Opener(Keyring([sa])).open(sealed)
    assert isinstance(opened, OpenedPacket)
    assert opened.packet.layers == UPDATE.layers[1:]
    assert opened.packet.checksums == {2: "good"}


def test_tunnel_in_tunnel() -> None:
    """Each SA opens what it has sealed; buffers tell where they come from, and leave out nothing."""
    inner, outer = esp_sa(1), esp_sa(2, encryption=CBC)
    sealed = packets.seal_transport(UPDATE, inner, sequence=1, rng=Random(1))
    twice = again(packets.seal_tunnel(sealed, outer, CARE_OF, AGENT, sequence=1, rng=Random(2)))
    (first,) = Opener(Keyring([outer, inner])).open(twice)
    (second,) = first.inner
    assert isinstance(second, OpenedPacket)
    assert second.packet.layers == UPDATE.layers[3:]
    assert second.packet.checksums == {0: "good"}
    assert first.protocols >= {"mipv6", "esp", "ipv6"}
    maps = buffers((first,))
    assert [(m.number, m.origin) for m in maps] == [
        (1, "buffer 0 esp.data"),
        (2, "buffer 1 esp.data"),
    ]
    for found, within in zip(maps, (first, second), strict=True):
        assert isinstance(within, OpenedPacket)
        rows = [row for row in found.rows if row.mask is None]
        octets = b"".join(row.octets for row in rows)
        tail = bytes((len(within.esp.padding), within.esp.next_header))
        assert octets == within.esp.payload + within.esp.padding + tail
        assert [row.offset for row in rows] == offsets(rows)
        assert {row.buffer for row in found.rows} == {found.number}
    assert shown(first)["opened"][0]["layer"] == second.layer
    (alone,) = Opener(Keyring([outer])).open(twice)
    assert alone.inner == ()


def offsets(rows: list[Any]) -> list[int]:
    out, at = [], 0
    for row in rows:
        out.append(at)
        at += row.length
    return out


def test_keys_of_nobody_and_wrong_keys() -> None:
    sealed = again(packets.seal_transport(UPDATE, esp_sa(), sequence=1, rng=Random(1)))
    assert Opener(Keyring()).open(sealed) == ()
    assert Opener(Keyring([esp_sa(0x1001)])).open(sealed) == ()
    wrong = esp_sa().__class__(spi=0x1000, suite=esp_sa().suite, encryption_key=Secret(bytes(20)))
    (found,) = Opener(Keyring([wrong])).open(sealed)
    assert isinstance(found, NotOpened)
    assert [str(e) for e in found.errors] == ["message: the integrity check value does not fit"]
    assert shown(found)["errors"][0]["reason"] == "the integrity check value does not fit"
    assert buffers((found,)) == []


def test_the_sa_of_the_addresses_is_tried_first() -> None:
    """Two SAs may have an SPI if their destinations differ; a mobile node takes its SA along."""
    here = esp_sa(source=CARE_OF, destination=AGENT)
    elsewhere = esp_sa(source=CARE_OF, destination=HOME)
    assert Keyring([elsewhere, here]).of_packet(0x1000, CARE_OF, AGENT) == [here, elsewhere]
    sealed = again(packets.seal_transport(UPDATE, here, sequence=1, rng=Random(1)))
    (moved,) = Opener(Keyring([elsewhere])).open(sealed)
    assert isinstance(moved, OpenedPacket)
    # Without integrity, what is opened with the wrong SA would look like content.
    blind = EspSuite(encryption=CBC)
    sa = EspSa(spi=0x1000, suite=blind, encryption_key=Secret(bytes(16)), destination=HOME)
    assert Keyring([sa]).of_packet(0x1000, CARE_OF, AGENT) == []
    assert Keyring([sa]).of_packet(0x1000, CARE_OF, HOME) == [sa]


def test_extended_sequence_numbers_are_followed() -> None:
    sa = esp_sa(sequence_numbers=ikev2.SequenceNumbers.ESN)
    opener = Opener(Keyring([sa]))
    seen = []
    for sequence in (0xFFFFFF00, 0xFFFFFFFF, 0x1_0000_0000, 0x1_0000_0001, 0xFFFFFFFE):
        sealed = again(packets.seal_transport(UPDATE, sa, sequence=sequence, rng=Random(sequence)))
        assert opener.needs_order(sealed)
        (opened,) = opener.open(sealed)
        assert isinstance(opened, OpenedPacket)
        seen.append(opened.esp.sequence)
    assert seen == [0xFFFFFF00, 0xFFFFFFFF, 0x1_0000_0000, 0x1_0000_0001, 0xFFFFFFFE]


@pytest.mark.parametrize("port", [500, 4500])
def test_payloads(port: int) -> None:
    keys = ike_keys()
    packet = again(over_udp(security.seal(HEADER, ASKS, keys, rng=Random(1)), port))
    opener = Opener(Keyring([keys]))
    assert not opener.needs_order(packet)
    (opened,) = opener.open(packet, 5)
    assert isinstance(opened, OpenedChain)
    assert (opened.payloads, opened.frames, opened.first_payload) == (ASKS, (5,), 35)
    assert opened.path == "ikev2.payloads[0](Encrypted).sealed"
    assert opened.find(ikev2.Rfc822Identity).address == "mn@example.org"
    found = shown(opened)
    assert found["payloads"] == [payload.to_dict() for payload in ASKS]
    assert (found["kind"], found["first_payload"], found["errors"]) == ("payloads", 35, [])
    (table,) = buffers((opened,))
    rows = [row for row in table.rows if row.mask is None]
    assert b"".join(row.octets for row in rows) == opened.content + b"\0"
    assert [row.offset for row in rows] == offsets(rows)
    assert rows[-1].path == "pad_length"
    assert "[1](Configuration).attributes[0](InternalIp6Address).attribute_type" in {
        row.path for row in table.rows
    }


def test_fragments_in_any_order() -> None:
    keys = ike_keys()
    parts = security.fragment(HEADER, ASKS, keys, size=72, rng=Random(1))
    assert len(parts) > 2
    opener = Opener(Keyring([keys]))
    found = []
    for number, octets in enumerate(reversed(parts), 1):
        packet = again(over_udp(octets))
        assert opener.needs_order(packet)
        (within,) = opener.open(packet, number)
        found.append(within)
    *waiting, whole = found
    assert all(isinstance(within, OpenedPart) for within in waiting)
    assert [shown(within)["number"] for within in waiting] == list(range(len(parts), 1, -1))
    assert isinstance(whole, OpenedChain)
    assert whole.payloads == ASKS
    assert whole.frames == tuple(range(len(parts), 0, -1))
    assert shown(whole)["frames"] == list(whole.frames)
    (part, table) = buffers((waiting[0], whole))
    assert part.rows[0].path == "content"
    assert b"".join(row.octets for row in table.rows if row.mask is None) == whole.content


@pytest.mark.parametrize(("number", "total"), [(0, 0), (0, 1), (2, 1), (3, 2)])
def test_a_fragment_with_a_number_that_cannot_be(number: int, total: int) -> None:
    """It is shown, and never taken for a message (RFC 7383 2.6)."""
    keys = ike_keys()
    (first, *_) = security.fragment(HEADER, ASKS, keys, size=72, rng=Random(1))
    opened = security.unseal(first, keys)
    odd = opened.sealed.replace(fragment_number=number, total_fragments=total)
    message = opened.message.replace(payloads=(odd,))
    octets = security.Opened(message, opened.content, opened.iv, opened.padding).seal(keys)
    (within,) = Opener(Keyring([keys])).open(again(over_udp(octets)))
    assert isinstance(within, OpenedPart)
    assert (shown(within)["number"], shown(within)["total"]) == (number, total)


def test_what_is_sealed_inside_needs_order_too() -> None:
    """A fragment, or a sequence number that is followed, in a tunnel that needs none."""
    outer, extended = esp_sa(0x2000), esp_sa(sequence_numbers=ikev2.SequenceNumbers.ESN)
    blind = EspSa(
        spi=0x3000,
        suite=EspSuite(encryption=CBC, sequence_numbers=ikev2.SequenceNumbers.ESN),
        encryption_key=Secret(bytes(16)),
        destination=AGENT,
    )
    keys = ike_keys()
    opener = Opener(Keyring([outer, extended, blind, keys]))
    part = security.fragment(HEADER, ASKS, keys, size=72, rng=Random(1))[0]
    whole = security.seal(HEADER, ASKS, keys, rng=Random(1))

    def tunnelled(packet: Packet, sa: EspSa, sequence: int = 1) -> Packet:
        return packets.seal_tunnel(packet, sa, CARE_OF, AGENT, sequence=sequence, rng=Random(1))

    for inside, needed in (
        (over_udp(part), True),
        (over_udp(whole), False),
        (tunnelled(UPDATE, extended), True),
        (tunnelled(UPDATE, esp_sa(0x4000)), False),
    ):
        packet = again(tunnelled(tunnelled(inside, outer), outer, 2))
        assert opener.needs_order(packet) is needed
    assert opener.needs_order(again(tunnelled(UPDATE, blind)))


def test_content_that_does_not_parse() -> None:
    """It is no fault of the seal, so its octets are shown, and the error has their place."""
    keys = ike_keys()
    bad = (ikev2.UnknownPayload(registry_code=200, data=b"x"), ikev2.Nonce(nonce_data=b"n"))
    octets = security.seal(HEADER, bad, keys, rng=Random(1))
    opened = security.unseal(octets, keys)
    lying = opened.content[:2] + b"\x00\x40" + opened.content[4:]
    wrong = security.Opened(opened.message, lying, opened.iv, opened.padding).seal(keys)
    (within,) = Opener(Keyring([keys])).open(again(over_udp(wrong)))
    assert isinstance(within, OpenedChain)
    assert within.payloads == ()
    assert within.errors[0].path == "[0].payload_length"
    assert shown(within)["content"] == lying.hex()
    (lenient,) = Opener(Keyring([keys]), lenient=True).open(again(over_udp(wrong)))
    assert isinstance(lenient, OpenedChain)
    assert len(lenient.payloads) == 1
    assert lenient.errors[0].offset == 2


def test_what_cannot_be_sealed() -> None:
    sa = esp_sa()
    rng = Random(1)
    for packet in (Packet((LINK,)), Packet(UPDATE.layers[:2])):
        with pytest.raises(EncodeError, match="layers"):
            packets.seal_transport(packet, sa, sequence=1, rng=rng)
    with pytest.raises(EncodeError, match="no IP packet"):
        packets.seal_tunnel(Packet((LINK,)), sa, CARE_OF, AGENT, sequence=1, rng=rng)
    with pytest.raises(EncodeError, match="one family"):
        packets.seal_tunnel(UPDATE, sa, CARE_OF, AGENT_4, sequence=1, rng=rng)


def test_trailers_of_the_link_stay_behind() -> None:
    sa = esp_sa()
    ours, udps = packets.Trailer(b"fcs!", 1), packets.Trailer(b"more", 2)
    packet = Packet((*UPDATE.layers, ours))
    sealed = again(packets.seal_transport(packet, sa, sequence=1, rng=Random(1)))
    assert sealed.layers[-1] == ours
    headers = LINK, ip.Ipv6Header(next_header=17, source=CARE_OF, destination=AGENT)
    udp = ip.UdpHeader(source_port=9, destination_port=9)
    packet = Packet((*headers, udp, packets.Payload(b"data", "udp-9"), udps, ours)).build()
    sealed = again(packets.seal_tunnel(packet, sa, CARE_OF, AGENT, sequence=1, rng=Random(1)))
    assert sealed.layers[-1] == ours
    (opened,) = Opener(Keyring([sa])).open(sealed)
    assert isinstance(opened, OpenedPacket)
    assert opened.packet.encode() == packet.encode()[14:-4]


PPP = (
    LINK.replace(ethertype=0x8864),
    packets.PppoeHeader(session_id=1),
    packets.PppHeader(protocol=0x0057),
)


@pytest.mark.parametrize(
    ("links", "linktype"), [((), LinkType.IPV6), ((LINK,), 1), (PPP, 1), ((), LinkType.RAW)]
)
def test_a_tunnel_of_the_other_family(links: tuple[Any, ...], linktype: int) -> None:
    """Whatever says of the link that IPv6 follows says IPv4 then."""
    sa = esp_sa()
    packet = Packet((*links, *UPDATE.layers[1:]), linktype).build()
    sealed = packets.seal_tunnel(packet, sa, CARE_OF_4, AGENT_4, sequence=1, rng=Random(1))
    read = again(sealed)
    assert isinstance(read.layers[len(links)], ip.Ipv4Header)
    (opened,) = Opener(Keyring([sa])).open(read)
    assert isinstance(opened, OpenedPacket)
    assert opened.packet.layers == UPDATE.layers[1:]


def test_a_dummy_packet() -> None:
    """Next header 59: nothing in it is a packet (RFC 4303 2.6)."""
    sa = esp_sa()
    esp = sa.seal(b"noise", 59, sequence=1, rng=Random(1))
    header = ip.Ipv6Header(next_header=50, source=CARE_OF, destination=AGENT)
    packet = again(Packet((header, esp), LinkType.IPV6).build())
    (opened,) = Opener(Keyring([sa])).open(packet)
    assert isinstance(opened, OpenedPacket)
    assert opened.packet.layers == (packets.Payload(b"noise", "protocol-59"),)
