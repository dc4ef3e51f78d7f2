"""Whole packets: links, trailers, tunnels, checksums, fragments, patches."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import ip, mipv6, packets, strategies
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.packets import (
    EthernetHeader,
    LinkType,
    LinuxCooked,
    LinuxCooked2,
    LoopbackHeader,
    Packet,
    Payload,
    Reassembler,
    Trailer,
    Undecoded,
    VlanTag,
    decode_packet,
)

from ..mutation import mutated

A, B, HOME = (IPv6Address(f"2001:db8::{n}") for n in (1, 2, 3))
A4, B4 = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
UPDATE = mipv6.BindingUpdate(7, lifetime=600)


def ipv6(next_header: int, **fields: Any) -> ip.Ipv6Header:
    return ip.Ipv6Header(next_header=next_header, source=A, destination=B, **fields)


BINDING = Packet(
    (
        ipv6(60),
        ip.DestinationOptions(next_header=135, options=(ip.HomeAddressOption(HOME),)),
        UPDATE,
    ),
    LinkType.RAW,
).build()

IPV4_ACCESS = Packet(
    (
        ip.Ipv4Header(protocol=17, source=A4, destination=B4),
        ip.UdpHeader(source_port=5000, destination_port=4191),
        ipv6(135),
        UPDATE,
    ),
    LinkType.RAW,
).build()


def back(packet: Packet, linktype: int | None = None) -> Packet:
    found = decode_packet(packet.encode(), packet.linktype if linktype is None else linktype)
    assert found.encode() == packet.encode()
    assert packets.from_dict(found.to_dict()) == found
    return found


@pytest.mark.parametrize("packet", [BINDING, IPV4_ACCESS])
def test_building(packet: Packet) -> None:
    assert back(packet) == packet
    assert set(packet.checksums.values()) == {"good"}
    assert packet.find(mipv6.BindingUpdate).sequence == 7


@pytest.mark.parametrize(
    ("linktype", "link"),
    [
        (
            LinkType.ETHERNET,
            [EthernetHeader(destination=bytes(6), source=bytes(6), ethertype=0x86DD)],
        ),
        (
            LinkType.ETHERNET,
            [
                EthernetHeader(destination=bytes(6), source=bytes(6), ethertype=0x88A8),
                VlanTag(priority=3, vlan=5, ethertype=0x8100),
                VlanTag(vlan=6, ethertype=0x86DD),
            ],
        ),
        (
            LinkType.LINUX_SLL,
            [
                LinuxCooked(
                    packet_type=0,
                    hardware_type=1,
                    address_length=6,
                    address=bytes(8),
                    ethertype=0x86DD,
                )
            ],
        ),
        (
            LinkType.LINUX_SLL2,
            [
                LinuxCooked2(
                    ethertype=0x86DD,
                    interface_index=2,
                    hardware_type=1,
                    packet_type=0,
                    address_length=6,
                    address=bytes(8),
                )
            ],
        ),
        (LinkType.NULL, [LoopbackHeader(family=b"\x1e\0\0\0")]),
        (LinkType.LOOP, [LoopbackHeader(family=b"\0\0\0\x18")]),
        (LinkType.RAW, []),
        (LinkType.IPV6, []),
    ],
)
def test_links(linktype: int, link: list[Any]) -> None:
    packet = Packet((*link, *BINDING.layers), linktype)
    assert back(packet) == packet
    assert "mipv6" in packet.protocols


@pytest.mark.parametrize(
    ("octets", "linktype", "name"),
    [
        (bytes(12) + b"\x08\x06" + b"arp", LinkType.ETHERNET, "ethertype-0x0806"),
        (b"\0\0\0\5data", LinkType.NULL, "family-5"),
        (b"\x12data", LinkType.RAW, "not-ip"),
        (b"data", 147, "linktype-147"),
        (ipv6(2).encode() + b"igmp", LinkType.IPV6, "protocol-2"),
        (ipv6(6, version=5).encode() + b"tcp", LinkType.IPV6, "not-ipv6"),
    ],
)
def test_what_is_not_decoded_is_named(octets: bytes, linktype: int, name: str) -> None:
    packet = decode_packet(octets, linktype)
    last = packet.layers[-1]
    assert isinstance(last, Payload)
    assert last.protocol == name
    assert packet.encode() == octets
    assert packets.from_dict(packet.to_dict()) == packet


def test_trailers_belong_to_the_header_that_ends_early() -> None:
    inner = Packet((ipv6(135), UPDATE)).build().layers
    outer = Packet((ipv6(41), *inner, Trailer(b"in", 1), Trailer(b"out", 0)), LinkType.RAW)
    built = outer.build()
    assert built.layers[0].payload_length == 40 + 16 + 2  # type: ignore[union-attr]
    assert back(built) == built


def test_a_bad_layer_stays_in_its_place() -> None:
    octets = BINDING.encode()[:-3]
    packet = decode_packet(octets, LinkType.RAW)
    last = packet.layers[-1]
    assert isinstance(last, Undecoded)
    (error,) = packet.errors
    assert (error.path, error.offset) == ("mipv6.header_len", 65)
    assert packet.encode() == octets
    assert packets.from_dict(packet.to_dict()) == packet
    rows = packets.explain(octets, linktype=LinkType.RAW)
    assert b"".join(row.octets for row in rows if row.mask is None) == octets


def test_verdicts() -> None:
    layers = list(BINDING.layers)
    bad = Packet((*layers[:-1], UPDATE), LinkType.RAW)
    assert bad.checksums == {2: "bad"}
    udp = ip.UdpHeader(source_port=1, destination_port=2, length=10)
    over4 = Packet((ip.Ipv4Header(protocol=17, source=A4, destination=B4), udp, Payload(b"hi")))
    assert over4.build().checksums == {0: "good", 1: "good"}
    none = Packet((over4.build().layers[0], udp, Payload(b"hi", "udp-1")), LinkType.RAW)
    assert none.checksums[1] == "absent"
    cut = decode_packet(IPV4_ACCESS.encode()[:-4], LinkType.RAW)
    assert cut.checksums[1] == "not checkable"
    lost = Packet((mipv6.BindingUpdate(1),), LinkType.RAW)
    assert lost.checksums == {0: "not checkable"}


@pytest.mark.parametrize(
    ("header", "good"),
    [
        (ip.Type2RoutingHeader(next_header=135, segments_left=1, home_address=HOME), True),
        (ip.Type0RoutingHeader(next_header=135, segments_left=1, addresses=(A, HOME)), True),
        (
            ip.SegmentRoutingHeader(
                next_header=135, segments_left=1, last_entry=0, segments_and_tlvs=HOME.packed
            ),
            True,
        ),
        (ip.UnknownRoutingHeader(registry_code=9, next_header=135, segments_left=1), None),
        (ip.Type2RoutingHeader(next_header=135, segments_left=0, home_address=HOME), False),
    ],
)
def test_the_final_destination_counts(header: Any, good: bool | None) -> None:
    message = mipv6.with_checksum(mipv6.BindingAcknowledgement(), A, HOME)
    size = len(header.encode()) + len(message.encode())
    packet = Packet((ipv6(43, payload_length=size), header, message), LinkType.RAW)
    verdict = {True: "good", False: "bad", None: "not checkable"}[good]
    assert back(packet).checksums == {2: verdict}


def test_patching() -> None:
    octets = BINDING.encode()
    changed = packets.patch(octets, "mipv6.sequence", 0x1234, linktype=LinkType.RAW)
    assert decode_packet(changed, LinkType.RAW).layers[-1].sequence == 0x1234  # type: ignore[union-attr]
    flag = packets.patch(octets, "mipv6.flags", 0x800, linktype=LinkType.RAW)
    assert decode_packet(flag, LinkType.RAW).layers[-1].flags == 0x8000  # type: ignore[union-attr]
    path = "dstopts.options[0](HomeAddressOption).home_address"
    moved = packets.patch(octets, path, A.packed, linktype=LinkType.RAW)
    assert decode_packet(moved, LinkType.RAW).find(ip.HomeAddressOption).home_address == A
    message = UPDATE.encode()
    assert packets.patch(message, "header_len", 9, "mipv6")[1] == 9
    for path, value in (("nothing", 1), ("sequence", 1 << 16), ("sequence", b"abc")):
        with pytest.raises(EncodeError):
            packets.patch(message, path, value, "mipv6")
    with pytest.raises(ValueError, match="is not frame"):
        packets.explain(message, "ipx")


def test_layers_that_are_no_json() -> None:
    good = BINDING.to_dict()
    for data, path in (
        ({}, "layers"),
        ({"layers": [5]}, "layers[0]"),
        ({"layers": [{"protocol": "ipx", "message": {}}]}, "layers[0].protocol"),
        ({"layers": [{"protocol": "mipv6", "message": {"type": "x"}}]}, "layers[0].message.type"),
        ({"layers": [{"protocol": "x", "octets": "zz"}]}, "layers[0].octets"),
        ({"layers": [{"protocol": "trailer", "octets": "", "layer": "x"}]}, "layers[0].layer"),
        ({**good, "linktype": "x"}, "linktype"),
    ):
        with pytest.raises(DecodeError) as caught:
            packets.from_dict(data)
        assert caught.value.path == path


# -- fragments ------------------------------------------------------------------------------------------
def fragments6(size: int = 24) -> list[Packet]:
    echo = ip.EchoRequest(identifier=1, sequence=2, data=bytes(range(100)))
    whole = Packet((ipv6(58), echo)).build().layers[1].encode()
    found = []
    for at in range(0, len(whole), size):
        header = ip.FragmentHeader(
            next_header=58,
            fragment_offset=at // 8,
            more_fragments=at + size < len(whole),
            identification=9,
        )
        layers = (ipv6(44), header, Payload(whole[at : at + size], "ipv6-fragment"))
        found.append(Packet(layers, LinkType.RAW).build())
    return found


def test_ipv6_fragments() -> None:
    pieces = fragments6()
    for seed in range(10):
        shuffled = random.Random(seed).sample(pieces, len(pieces))
        reassembler = Reassembler()
        results = [reassembler.feed(back(piece)) for piece in shuffled]
        assert results[:-1] == [None] * (len(pieces) - 1)
        datagram = results[-1]
        assert datagram is not None
        assert datagram.find(ip.EchoRequest).data == bytes(range(100))
        assert datagram.checksums == {1: "good"}


def test_ipv4_fragments() -> None:
    whole = IPV4_ACCESS.encode()
    header: Any = IPV4_ACCESS.layers[0]
    payload = whole[20:]
    reassembler = Reassembler()
    datagram = None
    for at in range(0, len(payload), 16):
        piece = payload[at : at + 16]
        fragment = header.replace(more_fragments=at + 16 < len(payload), fragment_offset=at // 8)
        packet = Packet((fragment, Payload(piece, "ipv4-fragment")), LinkType.RAW).build()
        datagram = reassembler.feed(back(packet))
    assert datagram is not None
    assert datagram.encode() == whole
    assert datagram.find(mipv6.BindingUpdate) == IPV4_ACCESS.layers[-1]


def test_fragments_that_contradict_each_other_are_dropped() -> None:
    pieces = fragments6()
    header: Any = pieces[1].layers[1]
    overlapping = Packet((ipv6(44), header.replace(fragment_offset=2), pieces[1].layers[2]))
    reassembler = Reassembler()
    for piece in (pieces[0], overlapping, *pieces[1:]):
        assert reassembler.feed(piece) is None
    bounded = Reassembler(datagrams=1)
    bounded.feed(pieces[0])
    other: Any = pieces[1].layers[1].replace(identification=10)  # type: ignore[union-attr]
    bounded.feed(Packet((ipv6(44), other, pieces[1].layers[2])))
    assert [bounded.feed(piece) for piece in pieces[1:]][-1] is None
    assert Reassembler().feed(BINDING) is None


@given(st.data())
def test_packets_of_drawn_layers_come_back(data: Any) -> None:
    message = data.draw(
        strategies.messages(mipv6.BindingUpdate) | strategies.messages(mipv6.HomeTest)
    )
    options = data.draw(strategies.messages(ip.DestinationOptions))
    layers = (ipv6(60), options.replace(next_header=135), message)
    packet = Packet(layers, LinkType.RAW).build()
    found = back(packet)
    assert found == packet
    # A home address put in by the drawn options counts for the checksum.
    assert found.checksums == {2: "good"}


@given(st.binary(max_size=120), st.sampled_from([*LinkType, 77]), st.booleans())
def test_no_frame_is_refused(octets: bytes, linktype: int, lenient: bool) -> None:
    packet = decode_packet(octets, linktype, lenient=lenient)
    assert packet.encode() == octets
    assert packets.from_dict(packet.to_dict()) == packet
    assert str(packet) is not None
    rows = packets.explain(octets, linktype=linktype)
    assert b"".join(row.octets for row in rows if row.mask is None) == octets


@given(st.randoms(use_true_random=False), st.sampled_from([BINDING, IPV4_ACCESS]))
def test_no_mutated_packet_is_refused(rng: random.Random, packet: Packet) -> None:
    octets = mutated(packet.encode(), rng)
    found = decode_packet(octets, LinkType.RAW, lenient=True)
    assert found.encode() == octets
    assert isinstance(found.checksums, dict)
    assert packets.from_dict(found.to_dict()) == found


def test_an_error_quotes_a_packet() -> None:
    problem = ip.ParameterProblem(pointer=40, quoted=BINDING.encode())
    assert packets.decode_quoted(problem).layers == BINDING.layers
    cut = packets.decode_quoted(problem.replace(quoted=BINDING.encode()[:50]))
    assert isinstance(cut.layers[-1], Undecoded)
    with pytest.raises(TypeError, match="quotes no packet"):
        packets.decode_quoted(ip.EchoRequest(identifier=1, sequence=2))


def test_tunnels_in_tunnels_end() -> None:
    octets = ipv6(41).encode() * 1000
    packet = decode_packet(octets, LinkType.IPV6)
    assert packet.encode() == octets
    assert len(packet.layers) < 140
