"""The Binding Updates of a capture of UMIP's home agent, given to ours: the answers are the same.

UMIP 2.0.2 was configured with `UseMnHaIPsec disabled`, `KeyMngMobCapability disabled`,
`HaAcceptMobRtr enabled`, `HaServedPrefix 2001:db8:100::/64` and `HaMaxBindingLife 4000`.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from pathlib import Path
from random import Random
from typing import Any

from mip6boot import capture, flow, ip, mipv6, packets

CAPTURE = Path(__file__).parent.parent / "data" / "umip-ha-bu-ba.pcap"
AGENT = IPv6Address("2001:db8:100::1")

#: By frame of the answer: what differs in ours, and why.
DIFFERENT: dict[int, tuple[dict[str, Any], str]] = {
    23: (
        {"status": mipv6.BindingStatus.NOT_HOME_SUBNET},
        "A Binding Update without Home Address option comes from its home address; UMIP says that"
        " it is not the home agent for it (133).  RFC 6275 10.3.1 first asks whether the address"
        " is on the home link, and then 132 is the answer.",
    ),
}
#: By frame of the question: what UMIP answers as a correspondent node, which ours is not.
CORRESPONDENT = {26: mipv6.HomeTest, 28: mipv6.CareOfTest}


def read() -> list[tuple[int, float, packets.Packet]]:
    found = []
    for frame in capture.read(CAPTURE):
        packet = packets.decode_packet(frame.octets)
        if isinstance(packet.layers[-1], mipv6.MobilityHeader):
            assert frame.time_ns is not None
            found.append((frame.number, frame.time_ns / 1e9, packet))
    return found


def test_our_home_agent_answers_as_umip_does() -> None:
    settings = flow.HomeAgentSettings(
        address=AGENT,
        prefixes=(flow.HomePrefix(IPv6Network("2001:db8:100::/64")),),
        link_layer_address=bytes.fromhex("525400123456"),
        unprotected=True,
        max_lifetime=4000,
        key_management_mobility=False,
    )
    agent = flow.HomeRegistrations("ha", settings, Random(1))
    theirs: list[tuple[int, float, packets.Packet]] = []
    ours: list[tuple[float, packets.Packet]] = []

    def collect(now: float) -> None:
        for unit in agent.to_send():
            if unit.link == "access":
                ours.append((now, packets.decode_packet(unit.octets, packets.LinkType.IPV6)))

    asked = 0
    for number, now, packet in read():
        while (due := agent.next_timeout()) is not None and due <= now:
            agent.handle_timeout(due)
            collect(due)
        header: Any = packet.layers[1]
        if header.source == AGENT:
            if not isinstance(packet.layers[-1], (mipv6.HomeTest, mipv6.CareOfTest)):
                theirs.append((number, now, packet))
            continue
        asked += 1
        octets = b"".join(layer.encode() for layer in packet.layers[1:])
        unit = flow.Unit(
            port=flow.Port.IP,
            source=header.source,
            destination=header.destination,
            octets=octets,
            link="access",
        )
        agent.receive(unit, now)
        collect(now)

    assert asked == 13
    assert len(ours) == len(theirs) == 10
    for (number, then, recorded), (now, made) in zip(theirs, ours, strict=True):
        expected: Any = recorded.layers[-1]
        if number in DIFFERENT:
            expected = expected.replace(**DIFFERENT[number][0])
        got: Any = made.layers[-1]
        assert set(made.checksums.values()) == {"good"}
        # The checksum is another one only where something that it covers is.
        differs = number in DIFFERENT
        assert got == (expected.replace(checksum=got.checksum) if differs else expected), number
        assert _headers(made) == _headers(recorded), number
        # UMIP waits for Duplicate Address Detection a little more than its second.
        assert abs(now - then) < 0.06, number
    assert all(change.what != flow.Change.REVOKED for change in agent.changes())
    dropped = [event.text for event in agent.events() if event.name == "dropped"]
    assert dropped == [
        "a correspondent registration without its authorization",
        "Mobility Header: its type is unknown",
        "HomeTestInit is not for a home agent",
        "CareOfTestInit is not for a home agent",
    ]


def _headers(packet: packets.Packet) -> list[Any]:
    """Headers before the message; the flow label is what a sender likes (RFC 6437)."""
    out: list[Any] = []
    for layer in packet.layers[:-1]:
        if isinstance(layer, ip.Ipv6Header):
            out.append(layer.replace(flow_label=0))
        elif not isinstance(layer, packets.EthernetHeader):
            out.append(layer)
    return out
