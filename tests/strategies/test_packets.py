"""Whole frames: legal ones to others too, and what is wrong with those that are nearly so."""

from __future__ import annotations

import re
from collections import Counter
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from mip6boot import dhcpv6, ikev2, ip, mipv6, packets, strategies
from mip6boot.ip import pseudo_header
from mip6boot.packets import LinkType, Packet
from mip6boot.strategies.frames.faults import Fault, field_faults, truncations
from mip6boot.strategies.frames.legal import PROTOCOLS
from mip6boot.strategies.frames.misplaced import misplacements

from ..test_tshark import UNKNOWN_TO_TSHARK, misread
from .dissection import WARNING, examples, objections

NAMES = sorted(PROTOCOLS)

#: What tshark 4.0 has against legal messages, with the reason why they are legal all the same.
EXPLAINED = {
    # Options that may be empty as far as their RFCs say (4283 3, 4866 5, 4285 5, 5213 8).
    r"option length = \d+ bytes?; should be|^ should be >= \d+\)$": "mobility options of few octets",
    # Messages and options that it has no layout for, or another one; see test_tshark.
    r"Unknown \(0x": "what it reads as mobility options",
    r"rar_flags_spare": "a fault of its own",
}
#: Where octets of other protocols are inside: of vendors, 3GPP, DHCPv4, and of identities.
OPAQUE: tuple[Any, ...] = (
    dhcpv6.VendorOptions, dhcpv6.Authentication, dhcpv6.Dhcpv4Message,
    dhcpv6.SubscriberId, ikev2.Notify,
)  # fmt: skip


def of(packet: Packet) -> tuple[bytes, int]:
    return packet.encode(), packet.linktype


@pytest.mark.parametrize("protocol", NAMES)
def test_legal_packets_come_back(protocol: str) -> None:
    @settings(max_examples=20)
    @given(strategies.packets(protocol=protocol, link=list(links(protocol))))
    def comes_back(packet: Packet) -> None:
        found = packets.decode_packet(packet.encode(), packet.linktype)
        assert found == packet
        assert not found.errors
        assert set(found.checksums.values()) <= {"good"}

    comes_back()


def links(protocol: str) -> tuple[LinkType, ...]:
    if protocol == "eap":
        return LinkType.ETHERNET, LinkType.LINUX_SLL, LinkType.LINUX_SLL2
    every = [link for link in LinkType if link not in (LinkType.NONE, LinkType.IPV4)]
    return tuple(every)


@pytest.mark.parametrize("protocol", NAMES)
def test_tshark_has_nothing_against_legal_packets(
    protocol: str, tshark: str, tmp_path: Path, record_property: Any
) -> None:
    """Every length and checksum is right, and what is malformed to it stands in a table here."""
    made = examples(strategies.packets(protocol=protocol), 50)
    found = objections(tshark, tmp_path, map(of, made))
    unexplained = []
    for packet, texts in zip(made, found, strict=True):
        assert not [text for text in texts if "checksum" in text.lower()], packet
        if texts and not is_explained(packet, texts):
            unexplained.append((texts, str(packet)))
    assert unexplained == []
    assert sum(not texts for texts in found) >= len(made) // 2
    record_property(f"tshark, legal packets of {protocol}", len(made))


def is_explained(packet: Packet, texts: list[str]) -> bool:
    message: Any = packet.layers[-1]
    names = {type(element).__name__ for element in [message, *message.find_all(object)]}
    if misread(packet) or names & UNKNOWN_TO_TSHARK:
        return True
    rest = [text for text in texts if not re.search("|".join(EXPLAINED), text)]
    opaque = any(message.find(kind) is not None for kind in OPAQUE)
    # Some options are read before their length is looked at.
    opaque |= any(len(option.encode()) < 6 for option in message.find_all(mipv6.MobilityOption))
    # It knows the types of queries of RFC 5007 alone.
    opaque |= any(query.query_type > 2 for query in message.find_all(dhcpv6.LqQuery))
    # A reason makes it call the packet malformed, too.
    return all("alformed" in text for text in rest) and (len(rest) < len(texts) or opaque)


# -- nearly legal -----------------------------------------------------------------------------
@st.composite
def broken(draw: Any, protocol: str) -> list[tuple[Packet, Fault, bytes]]:
    """A legal packet in every way that one thing in it can be wrong."""
    packet: Packet = draw(strategies.packets(protocol=protocol))
    faults = (*field_faults(packet), *misplacements(packet), *truncations(packet))
    return [(packet, fault, draw(fault.frames)) for fault in faults]


#: Rules that tshark 4.0 does not look at.
UNSEEN = {
    "checksum of the Mobility Header", "hop limit of Neighbor Discovery", "next header",
    "one Home Address option for each IPv6 header", "the Home Address option after the routing header",
    "no Home Address option with a test init message",
    "a Home Address option with a prefix solicitation",
}  # fmt: skip
#: Rules where it depends: what is too short leaves octets behind, which nobody minds, and another
#: version of IP after a header that names IP is sometimes taken for granted.
SOMETIMES = {
    "length of UDP", "length of EAPOL", "total length of IPv4", "version of IP",
    "all octets of the packet in the frame",
}  # fmt: skip


@pytest.mark.parametrize("protocol", NAMES)
def test_tshark_objects_to_what_is_wrong(
    protocol: str, tshark: str, tmp_path: Path, record_property: Any
) -> None:
    made = [one for several in examples(broken(protocol), 12) for one in several]
    legal = objections(tshark, tmp_path, [of(packet) for packet, *_ in made], WARNING)
    frames = [(octets, packet.linktype) for packet, _, octets in made]
    seen: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for (packet, fault, octets), before, after in zip(
        made, legal, objections(tshark, tmp_path, frames, WARNING), strict=True
    ):
        assert octets != packet.encode()
        if packet.find(ip.Ipv4Header) and fault.path.startswith("ipv6"):
            continue  # It does not know the port of RFC 5555.
        rule = fault.rule.name
        total[rule] += 1
        seen[rule] += after != before
        if rule.startswith(("checksum", "header checksum")) and rule not in UNSEEN:
            assert len([text for text in after if text.startswith("bad checksum")]) == 1, fault
    for rule in total.keys() - UNSEEN - SOMETIMES:
        assert seen[rule] == total[rule], rule
    for rule in total.keys() & SOMETIMES - {"length of EAPOL", "version of IP"}:
        assert seen[rule] >= total[rule] // 2, (rule, seen, total)
    record_property(f"tshark, nearly legal packets of {protocol}", len(made))


@settings(max_examples=20)
@given(broken("mipv6") | broken("icmpv6"))
def test_one_checksum_at_a_time_is_wrong(several: list[tuple[Packet, Fault, bytes]]) -> None:
    """A wrong field before the message leaves the checksums right, which are over other octets."""
    for packet, fault, octets in several:
        if "checksum" in fault.path:
            found = packets.decode_packet(octets, packet.linktype)
            assert Counter(found.checksums.values())["bad"] == 1
            assert len(found.checksums) == len(packet.checksums)


@settings(max_examples=20)
@given(
    strategies.packets(
        message=strategies.legal_messages(mipv6.BindingUpdate),
        source=st.just(IPv6Address("fd00::7")),
    )
)
def test_the_mobility_checksum_by_hand(packet: Packet) -> None:
    """RFC 6275 6.1.1: over a pseudo-header with the home address, where the packet has one."""
    option = packet.find(ip.HomeAddressOption)
    header = packet.find(ip.Ipv6Header)
    octets = packet.layers[-1].encode()
    home = option.home_address if option else header.source
    words = pseudo_header(home, header.destination, len(octets), 135) + octets
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    assert total == 0xFFFF


def test_a_near_legal_packet_says_what_is_wrong() -> None:
    kinds: Counter[str] = Counter()
    for one in examples(strategies.near_legal_packets(), 60):
        rows = packets.explain(one.octets, linktype=one.linktype)
        assert one.octets
        assert one.reason
        assert str(one).startswith(one.path)
        kinds[type(one.rule).__name__] += 1
        if isinstance(one.rule, strategies.PacketRule) and one.path.count(".") == 1:
            kinds["found"] += any(row.path == one.path for row in rows)
    assert kinds["PacketRule"] > 5
    assert kinds["Lie"] + kinds["Rule"] + kinds["FieldRule"] > 5
    assert kinds["found"] > 5


@settings(max_examples=40)
@given(strategies.near_legal_packets(protocol=("mipv6", "dhcpv6")))
def test_wrong_messages_are_in_right_packets(one: strategies.NearLegalPacket) -> None:
    if isinstance(one.rule, strategies.PacketRule):
        return
    found = packets.decode_packet(one.octets, one.linktype, lenient=True)
    if not found.errors:
        # Where the message ends another way than it says, its checksum cannot be right.
        assert "bad" not in [v for i, v in found.checksums.items() if "mipv6" not in one.path]


@settings(max_examples=60)
@given(strategies.hostile_packets())
def test_hostile_packets(octets: bytes) -> None:
    packet = packets.decode_packet(octets, lenient=True)
    assert packet.encode() == octets
    assert packet.errors is not None


def test_hostile_packets_are_of_many_kinds() -> None:
    made = [packets.decode_packet(o) for o in examples(strategies.hostile_packets(), 200)]
    assert sum(bool(packet.errors) for packet in made) > 10
    assert sum("bad" in packet.checksums.values() for packet in made) > 5
    assert any(len(packet.layers) > 12 for packet in made)


# -- arguments ----------------------------------------------------------------------------------
@settings(max_examples=20)
@given(
    strategies.packets(
        protocol="ikev2", link=LinkType.IPV4,
        source=st.just(IPv4Address("192.0.2.1")), destination=st.just(IPv4Address("192.0.2.2")),
    )
)  # fmt: skip
def test_addresses_of_ones_own(packet: Packet) -> None:
    header = packet.layers[0]
    assert isinstance(header, ip.Ipv4Header)
    assert (str(header.source), str(header.destination)) == ("192.0.2.1", "192.0.2.2")


@settings(max_examples=20)
@given(strategies.packets(message=st.builds(mipv6.BindingUpdate, st.just(7))))
def test_a_message_of_ones_own(packet: Packet) -> None:
    assert packet.layers[-1].replace(checksum=0) == mipv6.BindingUpdate(7)  # type: ignore[union-attr]


@settings(max_examples=20)
@given(strategies.packets(protocol="dhcpv6", message=st.binary(max_size=9)))
def test_octets_of_ones_own(packet: Packet) -> None:
    found = packets.decode_packet(packet.encode(), packet.linktype)
    assert found.checksums == packet.checksums
    assert set(found.checksums.values()) == {"good"}


def test_a_packet_shrinks_to_one_header_and_one_message() -> None:
    packet = find(
        strategies.packets(
            link=LinkType.ETHERNET, message=strategies.messages(mipv6.BindingUpdate)
        ),
        lambda packet: packet.find(mipv6.AlternateCareOfAddress) is not None,
        settings=settings(max_examples=300, derandomize=True, database=None),
    )
    names = [type(layer).__name__ for layer in packet.layers]
    assert names[-2:] == ["Ipv6Header", type(packet.layers[-1]).__name__]
    assert len(names) <= 3
    message: Any = packet.layers[-1]
    assert [type(option) for option in message.options] == [mipv6.AlternateCareOfAddress]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"protocol": "http"}, ValueError),
        ({"protocol": ()}, ValueError),
        ({"link": 4711}, ValueError),
        ({"link": LinkType.NONE}, ValueError),
        ({"link": ()}, ValueError),
        ({"protocol": "eap", "link": LinkType.RAW}, ValueError),
        ({"protocol": "eap", "source": st.just(IPv6Address("::1"))}, ValueError),
        ({"protocol": "dhcpv6", "link": LinkType.IPV4}, ValueError),
        ({"source": IPv6Address("::1")}, TypeError),
        ({"message": mipv6.BindingUpdate(1)}, TypeError),
    ],
)
@pytest.mark.parametrize("make", [strategies.packets, strategies.near_legal_packets])
def test_wrong_arguments_are_told_at_once(make: Any, arguments: Any, error: Any) -> None:
    with pytest.raises(error):
        make(**arguments)


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.packets(protocol="dhcpv6", source=st.just(IPv4Address("192.0.2.1"))),
        strategies.packets(protocol="dhcpv6", message=st.builds(mipv6.BindingUpdate, st.just(7))),
        strategies.packets(message=st.binary()),
        strategies.packets(message=st.just(ip.Ipv6Pad1())),
    ],
)
def test_what_is_told_when_it_is_drawn(strategy: Any) -> None:
    with pytest.raises(ValueError, match=r"does not go|is none of|is no message"):
        examples(strategy, 1)
