"""What UDP ports carry, and how one says otherwise."""

from __future__ import annotations

import pytest

from mip6boot import packets
from mip6boot.errors import ConfigError
from mip6boot.packets import LinkType, PortTable, decode_packet

from .frames import DHCPV6, ESP, IKE, comes_back, ipv4, ipv6, udp

OVER = {"ipv4": ipv4, "ipv6": ipv6}


def last_protocol(octets: str, ports: dict[int, str] | None = None) -> str:
    packet = decode_packet(bytes.fromhex(octets), LinkType.RAW, ports=ports)
    assert packet.encode().hex() == octets
    return packets.protocol_of(packet.layers[-1])


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize(
    ("source", "destination", "payload", "protocol"),
    [
        (546, 547, DHCPV6, "dhcpv6"),
        (547, 546, DHCPV6, "dhcpv6"),
        (547, 40000, DHCPV6, "dhcpv6"),
        (40000, 500, IKE, "ikev2"),
        (500, 40000, IKE, "ikev2"),
        (4500, 40000, ESP, "esp"),
        (40000, 4500, "00000000" + IKE, "ikev2"),
        (4191, 4191, ipv6("", 59), "ipv6"),
        (4191, 40000, ipv4("", 59), "ipv4"),
        # The port of the destination counts first.
        (500, 547, DHCPV6, "dhcpv6"),
        (40000, 40001, DHCPV6, "udp-40000"),
    ],
)
def test_ports(over: str, source: int, destination: int, payload: str, protocol: str) -> None:
    assert last_protocol(OVER[over](udp(payload, source, destination)))[:9] == protocol


@pytest.mark.parametrize(
    ("protocol", "payload", "found"),
    [
        ("dhcpv6", DHCPV6, "dhcpv6"),
        ("ikev2", IKE, "ikev2"),
        ("ike-natt", "00000000" + IKE, "ikev2"),
        ("ike-natt", ESP, "esp"),
        ("ike-natt", "ff", "nat-keepalive"),
        ("ip", ipv6("", 59), "ipv6"),
        ("l2tp", "0002" + "00070009" + "0057" + ipv6("", 59), "ipv6"),
    ],
)
def test_ports_of_ones_own(protocol: str, payload: str, found: str) -> None:
    octets = ipv6(udp(payload, 40000, 40001))
    assert last_protocol(octets) == "udp-40000"
    assert last_protocol(octets, {40001: protocol}) == found
    assert last_protocol(octets, PortTable({40000: protocol})) == found
    rows = packets.explain(bytes.fromhex(octets), "ipv6", ports={40001: protocol})
    assert b"".join(row.octets for row in rows if row.mask is None).hex() == octets


def test_a_port_can_be_given_to_another_protocol() -> None:
    assert last_protocol(ipv6(udp(IKE, 546, 40000)), {546: "ikev2"}) == "ikev2"


@pytest.mark.parametrize("ports", [{1: "dns"}, {70000: "ikev2"}, {-1: "ikev2"}, {"x": "ip"}])
def test_wrong_ports(ports: dict[int, str]) -> None:
    with pytest.raises(ConfigError):
        decode_packet(b"", ports=ports)


def test_nothing_is_guessed_from_content() -> None:
    """ESP in a datagram of port 500 is no IKE message, and no ESP either."""
    packet = comes_back(bytes.fromhex(ipv6(udp(ESP, 500, 500))), LinkType.RAW)
    assert [error.path.partition(".")[0] for error in packet.errors] == ["ikev2"]


def test_octets_behind_an_ike_message_are_not_accepted() -> None:
    packet = comes_back(bytes.fromhex(ipv6(udp(IKE + "00", 500, 500))), LinkType.RAW)
    (error,) = packet.errors
    assert error.path == "ikev2.length"


def test_patching_with_ports() -> None:
    octets = bytes.fromhex(ipv6(udp(DHCPV6, 40000, 40001)))
    path = "dhcpv6.transaction_id"
    found = packets.patch(octets, path, 0xABCDEF, "ipv6", ports={40001: "dhcpv6"})
    assert found[49:52].hex() == "abcdef"
