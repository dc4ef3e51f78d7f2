"""Captures of real peers: nothing is refused, and what they were told to say is what is read."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture, dhcpv6, eap, ikev2, ip, packets
from mip6boot.errors import DecodeError
from mip6boot.packets import Packet
from mip6boot.schema import DomainName, walk
from mip6boot.schema.checksum import internet_checksum

from .conftest import DATA
from .test_tshark import CHAIN, dissected, in_the_clear
from .truth import Opened, compared, differences, disagreements, leaves, opened, undecided

PEERS = sorted((DATA / "peers").glob("*/*.pcap"))
DHCPV6 = [path for path in PEERS if path.parent.name == "dhcpv6"]

#: What is in the captures beside our protocols, by name and count.
OTHERS = {"udp-1812": 6}


def packets_of(path: Path) -> Iterator[tuple[capture.Frame, Packet]]:
    for frame in capture.read(path):
        yield frame, packets.decode_packet(frame.octets, frame.linktype)


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", PEERS, ids=name)
def test_strict_reading_refuses_nothing(path: Path, record_property: Any) -> None:
    """No error in any message of a peer; octets out as in, and the map covers each octet once."""
    count = 0
    for frame, packet in packets_of(path):
        assert packet.errors == ()
        assert packet.encode() == frame.octets
        assert packets.from_dict(packet.to_dict()) == packet
        rows = packets.explain(frame.octets, linktype=frame.linktype)
        assert b"".join(row.octets for row in rows if row.mask is None) == frame.octets
        count += 1
    record_property("frames of peers read strictly", count)


def test_nothing_else_is_left_undecoded() -> None:
    found = Counter(
        layer.protocol
        for path in PEERS
        for _, packet in packets_of(path)
        for layer in packet.layers
        if isinstance(layer, packets.Payload)
    )
    assert dict(found) == OTHERS


def test_checksums_are_what_the_kernel_left(record_property: Any) -> None:
    """On the virtual cables of these captures the card was to finish the UDP checksum.

    So what is there is the sum over the pseudo-header alone, not complemented.
    """
    count = 0
    for path in PEERS:
        for _, packet in packets_of(path):
            for i, layer in enumerate(packet.layers):
                if isinstance(layer, ip.UdpHeader):
                    assert layer.checksum == partial(packet, i)
                    count += 1
                elif i in packet.checksums:
                    assert packet.checksums[i] == "good"
    record_property("UDP checksums of peers recomputed", count)


def partial(packet: Packet, index: int) -> int:
    carrier, udp = packet.layers[index - 1], packet.layers[index]
    assert isinstance(carrier, (ip.Ipv6Header, ip.Ipv4Header))
    assert isinstance(udp, ip.UdpHeader)
    pseudo = ip.pseudo_header(carrier.source, carrier.destination, udp.length, ip.Protocol.UDP)
    return 0xFFFF ^ internet_checksum(pseudo)


def test_built_packets_differ_in_the_checksum_alone() -> None:
    """Lengths that we compute are those of the peers."""
    for path in PEERS:
        for _, packet in packets_of(path):
            built = packet.build()
            assert set(built.checksums.values()) == {"good"}
            for ours, theirs in zip(built.layers, packet.layers, strict=True):
                if isinstance(ours, ip.UdpHeader):
                    assert isinstance(theirs, ip.UdpHeader)
                    assert ours.replace(checksum=theirs.checksum) == theirs
                else:
                    assert ours == theirs


def test_fields_are_where_tshark_sees_them(
    tshark: str, tmp_path: Path, record_property: Any
) -> None:
    """All captures at once, because starting tshark takes longer than reading them."""
    # In RADIUS, which is not decoded here, EAP stands in pieces.
    paths = [path for path in PEERS if not path.stem.endswith(".radius")]
    frames = [(path, frame) for path in paths for frame in capture.read(path)]
    joined = tmp_path / "peers.pcap"
    capture.write(joined, [frame for _, frame in frames])
    count = 0
    for (path, frame), reading in zip(frames, dissected(tshark, joined), strict=True):
        found = disagreements(reading, frame.octets, frame.linktype)
        assert (path.name, frame.number, found) == (path.name, frame.number, [])
        assert undecided(reading["layers"]) == set()
        count += len(compared(leaves(reading["layers"])))
    record_property("fields of peers compared with tshark", count)


@pytest.fixture(scope="session")
def chains(tshark: str, tmp_path_factory: pytest.TempPathFactory) -> list[Opened]:
    """What tshark decrypts of the peers' messages with their keys."""
    folder = tmp_path_factory.mktemp("opened")
    shutil.copy(DATA / "peers" / "ikev2" / "ikev2_decryption_table", folder)
    joined = folder / "peers.pcap"
    capture.write(joined, [frame for path in PEERS for frame in capture.read(path)])
    return [
        chain
        for reading in dissected(tshark, joined, folder)
        for chain in opened(reading["layers"])
    ]


def test_encrypted_payloads_in_the_clear(chains: list[Opened], record_property: Any) -> None:
    """Each chain comes back octet for octet, and its fields are where tshark sees them."""
    count: Counter[str] = Counter()
    refused = []
    for first, octets, nodes in chains:
        try:
            payloads = ikev2.decode_chain(octets, first)
        except DecodeError as e:
            refused.append(e)
            payloads = ikev2.decode_chain(octets, first, lenient=True)
        assert ikev2.encode_chain(payloads) == (first, octets)
        rows = packets.explain(in_the_clear(payloads).encode())
        assert differences(nodes, rows, CHAIN) == []
        count["fields"] += len(compared(nodes))
        count.update(type(payload).__name__ for payload in payloads)
    # The home agents were told to hand out MIP6_HOME_PREFIX as an address with a prefix length, 17
    # octets, because strongSwan cannot write the 21 that RFC 5026 8.2 asks for.
    assert {(e.path.partition("(Mip6HomePrefix).")[2], e.reason) for e in refused} == {
        ("value(HomePrefix).home_prefix", "needs 16 octets, 13 left")
    }
    assert len(refused) == 34
    assert not any(name.startswith(("Malformed", "Unknown")) for name in count)
    assert len(chains) > 170
    record_property("decrypted chains of peers", len(chains))
    record_property("fields in them compared with tshark", count["fields"])


def test_home_agents_say_what_they_were_told(chains: list[Opened]) -> None:
    """Identities, the home address, name server and gateway of the peers' configurations."""
    elements = [
        element
        for first, octets, _ in chains
        for payload in ikev2.decode_chain(octets, first, lenient=True)
        for _, element in walk(payload)
    ]

    def values(cls: type[Any], get: Callable[[Any], Any]) -> set[Any]:
        return {get(element) for element in elements if isinstance(element, cls)}

    imsi = "0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org"
    assert values(ikev2.FqdnIdentity, lambda e: e.fqdn) == {"ha.example.org"}
    assert values(ikev2.Rfc822Identity, lambda e: e.address) == {"mn1@example.org", imsi}
    assert values(eap.AtIdentity, lambda e: e.identity) == {imsi}
    assert values(eap.IdentityResponse, lambda e: e.identity) == {"mn1@example.org", imsi}
    home = IPv6Address("2001:db8:100::1001")
    given = values(ikev2.InternalIp6Address, lambda e: (e.address, e.prefix_length))
    assert given == {(None, None), (home, 64)}
    assert values(ikev2.InternalIp6Dns, lambda e: e.address) == {IPv6Address("2001:db8:100::53")}
    gateway = ikev2.Ipv6Gateway(IPv6Address("2001:db8:200::99"))
    assert values(ikev2.Redirect, lambda e: e.new_gateway) == {gateway}
    # Selectors for Mobility Headers, protocol 135 (RFC 4877 5.2): home agent, home or care-of
    # address, and what a mobile node offers, which is anything.
    selectors = [e for e in elements if isinstance(e, ikev2.Ipv6AddressRange)]
    mobile = {e.starting_address for e in selectors if e.ip_protocol == ip.Protocol.MOBILITY}
    ends = {IPv6Address(f"2001:db8:200::{end}") for end in ("1", "10")}
    assert mobile == {*ends, home, IPv6Address("::")}


# -- RFC 6610 on the wire, as the servers were configured to say it -------------------------------
HOME = DomainName.parse("home.example.org")
AGENT = dhcpv6.HomeAgentAddress(IPv6Address("2001:db8:100::1"))
AGENT_NAME = dhcpv6.HomeAgentFqdn(DomainName.parse("ha.example.org"))
PREFIX = dhcpv6.HomeNetworkPrefix(64, IPv6Address("2001:db8:100::"))

VISITED = dhcpv6.VisitedHomeNetworkInformation
IDENTIFIED = dhcpv6.IdentifiedHomeNetworkInformation
UNRESTRICTED = dhcpv6.UnrestrictedHomeNetworkInformation

#: What each server tells of home networks, in any message of its own.
TOLD = {
    "kea": (
        VISITED((PREFIX, AGENT, AGENT_NAME)),
        IDENTIFIED((PREFIX, AGENT, AGENT_NAME)),
        UNRESTRICTED((PREFIX, AGENT, AGENT_NAME)),
    ),
    "iscdhcpd": (
        VISITED((AGENT,)),
        IDENTIFIED((PREFIX, AGENT, AGENT_NAME)),
        UNRESTRICTED((AGENT,)),
    ),
    "iscdhcpdnative": (IDENTIFIED((PREFIX, AGENT, AGENT_NAME)),),
    "dnsmasq": (IDENTIFIED((AGENT, AGENT_NAME)),),
}

#: Captures in which no one asks for home networks, or names one.
SILENT = {"kea-wide"}  # its client cannot be told to ask for options that it does not know
UNNAMED = {"kea-dibbler"}  # its client asks without naming a home network


@pytest.mark.parametrize("path", DHCPV6, ids=name)
def test_home_networks_as_configured(path: Path, record_property: Any) -> None:
    """Clients name the home network that they were told; servers tell exactly what they know."""
    count, released = 0, set()
    for _, packet in packets_of(path):
        message = innermost(packet.find(dhcpv6.Dhcpv6Message))
        told = tuple(message.find_all(dhcpv6.HomeNetworkInformation))
        named = [option.fqdn for option in message.find_all(dhcpv6.HomeNetworkIdFqdn)]
        if path.stem in SILENT or message.transaction_id in released:
            assert (told, named) == ((), [])
        elif isinstance(message, (dhcpv6.Advertise, dhcpv6.Reply)):
            assert told == TOLD[path.stem.split("-")[0]]
            assert named == [HOME]
        else:
            assert told == ()
            assert named == ([] if path.stem in UNNAMED else [HOME])
            if isinstance(message, dhcpv6.Release):
                released.add(message.transaction_id)
            elif (asked := message.find(dhcpv6.OptionRequest)) is not None:
                assert {49, 50, 69, 70} <= set(asked.requested_option_codes)
        count += len(told) + len(named)
    assert count or path.stem in SILENT
    record_property("options of RFC 6610 read from peers", count)


def innermost(message: Any) -> Any:
    """The message of the client or server, out of what relays put around it."""
    while (inside := message.find(dhcpv6.RelayMessage)) is not None:
        message = inside.message
    return message


def test_leases_as_configured() -> None:
    """Addresses, delegated prefixes and lifetimes are of the pools of the servers."""
    pool, delegated = IPv6Network("2001:db8:1::1000/116"), IPv6Network("2001:db8:8000::/48")
    addresses = prefixes = 0
    for path in DHCPV6:
        for _, packet in packets_of(path):
            message = innermost(packet.find(dhcpv6.Dhcpv6Message))
            if not isinstance(message, (dhcpv6.Advertise, dhcpv6.Reply)):
                continue
            for lease in message.find_all(dhcpv6.IaAddress):
                assert lease.address in pool
                assert lease.valid_lifetime == 4000
                addresses += 1
            for prefix in message.find_all(dhcpv6.IaPrefix):
                assert prefix.prefix in delegated
                assert prefix.prefix_length == 56
                assert prefix.valid_lifetime == 4000
                prefixes += 1
    assert addresses > 20
    assert prefixes > 5
