"""Which messages of Neighbor Discovery are valid (RFC 4861 6.1, 7.1), and which answer is whose."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import pytest

from mip6boot import flow, ip, packets
from mip6boot.errors import DecodeError
from tests.flow.mobility import AGENT_MAC, message_of, packet_of

ROUTER, HOST = IPv6Address("fe80::1"), IPv6Address("2001:db8::7")
NOBODY = IPv6Address("::")
LINK_LAYER = ip.SourceLinkLayerAddress(AGENT_MAC)


def packet(
    message: Any, source: IPv6Address, destination: IPv6Address, **header: Any
) -> packets.Packet:
    first = ip.Ipv6Header(
        next_header=ip.Protocol.ICMPV6, source=source, destination=destination,
        **{"hop_limit": 255} | header,
    )  # fmt: skip
    octets = packets.Packet((first, message), packets.LinkType.IPV6).build().encode()
    return packets.decode_packet(octets, packets.LinkType.IPV6, lenient=True)


SOLICITATION = ip.NeighborSolicitation(target=HOST)
ADVERTISEMENT = ip.NeighborAdvertisement(target=HOST)
NODE = flow.solicited_node(HOST)


@pytest.mark.parametrize(
    ("message", "source", "destination"),
    [
        (SOLICITATION, ROUTER, NODE),
        (SOLICITATION, ROUTER, HOST),
        (SOLICITATION, NOBODY, NODE),
        (SOLICITATION.replace(options=(LINK_LAYER,)), ROUTER, NODE),
        (SOLICITATION.replace(reserved=7), ROUTER, NODE),
        (SOLICITATION.replace(options=(ip.UnknownNdOption(200, bytes(6)),)), ROUTER, NODE),
        (ADVERTISEMENT, HOST, flow.ALL_NODES),
        (ADVERTISEMENT.replace(solicited=True), HOST, ROUTER),
        (ip.RouterSolicitation(), NOBODY, flow.ALL_ROUTERS),
        (ip.RouterSolicitation(options=(LINK_LAYER,)), HOST, flow.ALL_ROUTERS),
        (ip.RouterAdvertisement(), ROUTER, flow.ALL_NODES),
    ],
)
def test_valid_messages(message: Any, source: IPv6Address, destination: IPv6Address) -> None:
    found = flow.discovery_of(packet(message, source, destination), "home")
    assert found is not None
    assert found.message == message.replace(checksum=found.message.checksum)
    assert (found.header.source, found.link) == (source, "home")
    assert found.is_detection == (message == SOLICITATION and source == NOBODY)
    with pytest.raises(DecodeError, match="forwarded"):
        flow.discovery_of(packet(message, source, destination, hop_limit=64))
    with pytest.raises(DecodeError, match="the code is 3"):
        flow.discovery_of(packet(message.replace(code=3), source, destination))


@pytest.mark.parametrize(
    ("message", "source", "destination", "reason"),
    [
        (SOLICITATION, NOBODY, HOST, "solicited-node"),
        (SOLICITATION, NOBODY, flow.ALL_NODES, "solicited-node"),
        (SOLICITATION.replace(options=(LINK_LAYER,)), NOBODY, NODE, "without an address"),
        (SOLICITATION.replace(target=NODE), ROUTER, NODE, "multicast"),
        (ADVERTISEMENT.replace(target=NODE), ROUTER, HOST, "multicast"),
        (ADVERTISEMENT.replace(solicited=True), HOST, flow.ALL_NODES, "many"),
        (ip.RouterSolicitation(options=(LINK_LAYER,)), NOBODY, flow.ALL_ROUTERS, "without"),
        (ip.RouterAdvertisement(), HOST, flow.ALL_NODES, "link-local"),
    ],
)
def test_messages_that_are_silently_discarded(
    message: Any, source: IPv6Address, destination: IPv6Address, reason: str
) -> None:
    with pytest.raises(DecodeError, match=reason):
        flow.discovery_of(packet(message, source, destination))


def test_each_bit_of_a_message_counts() -> None:
    good = packet(SOLICITATION.replace(options=(LINK_LAYER,)), ROUTER, NODE).octets
    for at in range(8, len(good)):
        octets = bytearray(good)
        octets[at] ^= 0x10
        wrong = packets.decode_packet(bytes(octets), packets.LinkType.IPV6, lenient=True)
        try:
            found = flow.discovery_of(wrong)
        except DecodeError:
            continue
        # Of another type, it is no Neighbor Discovery any more.
        assert found is None


def test_an_option_of_length_0_is_not_valid() -> None:
    message = SOLICITATION.replace(options=(LINK_LAYER,))
    octets = message.encode(overrides={"options[0].length": 0})
    header = ip.Ipv6Header(
        next_header=ip.Protocol.ICMPV6, hop_limit=255, source=ROUTER, destination=NODE
    )
    whole = packets.Packet((header, packets.Payload(octets)), packets.LinkType.IPV6).build()
    right = packets.decode_packet(whole.encode(), packets.LinkType.IPV6, lenient=True).build()
    read = packets.decode_packet(right.encode(), packets.LinkType.IPV6, lenient=True)
    with pytest.raises(DecodeError, match="does not parse"):
        flow.discovery_of(read)


def test_other_packets_have_none() -> None:
    echo = ip.EchoRequest(identifier=1, sequence=1)
    assert flow.discovery_of(packet(echo, ROUTER, HOST)) is None
    assert flow.discovery_of(packets.decode_packet(b"", packets.LinkType.IPV6)) is None


@pytest.mark.parametrize(
    ("source", "proxy", "flags", "destination"),
    [
        (ROUTER, False, (True, True), ROUTER),
        (ROUTER, True, (True, False), ROUTER),
        (NOBODY, False, (False, True), flow.ALL_NODES),
        (NOBODY, True, (False, False), flow.ALL_NODES),
    ],
)
def test_answers(
    source: IPv6Address, proxy: bool, flags: tuple[bool, bool], destination: IPv6Address
) -> None:
    """RFC 4861 7.2.4 and 7.2.8."""
    asked = flow.discovery_of(packet(SOLICITATION, source, NODE), "home")
    assert asked is not None
    unit = flow.answer_solicitation(asked, AGENT_MAC, proxy=proxy)
    answer = message_of(unit)
    assert (answer.solicited, answer.override) == flags
    assert answer.options == (ip.TargetLinkLayerAddress(AGENT_MAC),)
    assert (unit.source, unit.destination, unit.link) == (HOST, destination, "home")
    assert flow.discovery_of(packet_of(unit)) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2001:db8::1", True), ("fd00::1", True), ("fe80::1", False), ("ff02::1", False),
     ("::", False), ("::1", False)],
)  # fmt: skip
def test_addresses_that_can_be_away(text: str, expected: bool) -> None:
    assert flow.is_unicast_routable(IPv6Address(text)) == expected


def test_link_local_address_of_a_home_address() -> None:
    home = IPv6Address("2001:db8:100:7:1:2:3:4")
    assert flow.link_local_of(home) == IPv6Address("fe80::1:2:3:4")
