"""The network in memory: who gets what, when, and what the tap has seen."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from mip6boot import dhcpv6, ip, packets
from mip6boot.errors import ConfigError
from mip6boot.flow import Actor, Port, Unit
from mip6boot.flow.frames import Framer
from mip6boot.flow.network import Network

A, B, C = (IPv6Address(f"2001:db8::{i}") for i in (1, 2, 3))
LOCAL = IPv6Address("fe80::2")
ALL = IPv6Address("ff02::1:2")


class Node(Actor):
    """Sends what it is told, notes what it gets."""

    def __init__(self, name: str, *addresses: Any) -> None:
        super().__init__(name)
        self.addresses, self.got = list(addresses), list[tuple[float, Unit]]()

    def receive(self, unit: Unit, now: float) -> None:
        self.got.append((now, unit))
        if unit.octets == b"ping":
            self.send(unit.answer(b"pong"))

    def expired(self, timer: Any, now: float) -> None:
        self.send(timer)

    def has(self) -> Iterable[Any]:
        return self.addresses


def unit(destination: Any, octets: bytes = b"hello", source: Any = A, **more: Any) -> Unit:
    return Unit(port=more.pop("port", Port.UDP), source=source, destination=destination,
                octets=octets, source_port=1000, destination_port=2000, **more)  # fmt: skip


def three(**more: Any) -> tuple[Network, Node, Node, Node]:
    network = Network({"access": 0.001, "core": 0.010}, **more)
    nodes = Node("a", A), Node("b", B, LOCAL), Node("c", C)
    for i, (node, link) in enumerate(zip(nodes, ("access", "access", "core"), strict=True)):
        network.join(node, link, bytes((2, 0, 0, 0, 0, i)), node.has)
    return network, *nodes


def got(node: Node) -> list[tuple[float, bytes]]:
    return [(round(now, 6), found.octets) for now, found in node.got]


def test_units_arrive_after_the_latency_of_links() -> None:
    network, a, b, c = three()
    a.send(unit(B, b"ping"))
    a.send(unit(C, b"ping"))
    assert network.run(until=1.0) == 1.0
    assert got(b) == [(0.001, b"ping")]
    assert got(c) == [(0.011, b"ping")]
    assert got(a) == [(0.002, b"pong"), (0.022, b"pong")]
    assert c.got[0][1].link == "core"
    assert [(t.sender, t.receivers) for t in network.tap] == [
        ("a", ("b",)), ("a", ("c",)), ("b", ("a",)), ("c", ("a",)),
    ]  # fmt: skip


def test_groups_and_link_addresses_stay_on_the_link() -> None:
    network, a, b, c = three()
    a.send(unit(ALL))
    a.send(unit(LOCAL))
    c.send(unit(LOCAL, source=C))
    c.send(unit(ALL, source=C))
    network.run(until=1.0)
    assert (len(b.got), len(c.got), len(a.got)) == (2, 0, 0)
    assert [event.name for event in network.events] == ["unreachable", "unreachable"]


def test_eapol_and_names() -> None:
    network, a, b, c = three()
    a.send(unit(bytes((2, 0, 0, 0, 0, 1)), source=bytes(6), port=Port.EAPOL))
    a.send(unit(bytes.fromhex("0180c2000003"), source=bytes(6), port=Port.EAPOL))
    a.send(unit("c", source="a", port=Port.DIAMETER))
    network.run(until=1.0)
    assert (len(b.got), len(c.got)) == (2, 1)


def test_hours_pass_at_once_and_timers_are_on_time() -> None:
    network, a, b, _ = three()
    for at in (7200.0, 3600.5):
        a.start_timer(unit(B, str(at).encode()), at)
    network.run(until=86400.0)
    assert got(b) == [(3600.501, b"3600.5"), (7200.001, b"7200.0")]
    assert network.now == 86400.0


def test_stop_and_loss_and_leaving() -> None:
    network, a, b, _ = three(lose=lambda found, now: found.octets == b"lost")
    a.send(unit(B, b"lost"))
    a.send(unit(B, b"first"))
    a.start_timer(unit(B, b"second"), 5.0)
    assert network.run(until=9.0, stop=lambda: bool(b.got)) == 0.001
    assert got(b) == [(0.001, b"first")]
    assert [event.name for event in network.events] == ["lost"]
    network.run(until=5.0)
    network.leave(b, "access")
    network.run(until=9.0)
    assert len(b.got) == 1


def test_actors_that_do_not_come_to_rest_are_found() -> None:
    network = Network({"x": 0.0})
    a, b = Node("a", A), Node("b", B)
    network.join(a, "x", b"\2\0\0\0\0\1", a.has)
    network.join(b, "x", b"\2\0\0\0\0\2", b.has)
    a.next_timeout = lambda: 0.0  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="do not come to rest"):
        network.run(until=1.0)


def test_who_cannot_join() -> None:
    network, a, _, _ = three()
    for actor, link, address in (
        (a, "nowhere", bytes(6)), (Node("a"), "core", bytes(6)), (Node("d"), "core", bytes(5)),
        (Node("d"), "access", bytes((2, 0, 0, 0, 0, 1))),
    ):  # fmt: skip
        with pytest.raises(ConfigError):
            network.join(actor, link, address)
    a.send(unit(B, link="core"))
    network.run(until=1.0)
    assert [event.name for event in network.events] == ["not sent"]


def test_frames() -> None:
    network, a, _, _ = three()
    message = dhcpv6.InformationRequest(0x010203).encode()
    asks = Unit(
        port=Port.UDP, source=IPv6Address("fe80::1"), destination=ALL, octets=message,
        source_port=546, destination_port=547,
    )  # fmt: skip
    update = packets.decode_packet(frame_of_first(network, a, asks)).layers
    assert isinstance(update[0], packets.EthernetHeader)
    assert update[0].destination.hex() == "333300010002"
    assert type(update[-1]) is dhcpv6.InformationRequest
    four = unit(IPv4Address("192.0.2.1"), source=IPv4Address("192.0.2.2"))
    octets = frame_of_first(network, a, four)
    packet = packets.decode_packet(octets)
    assert set(packet.checksums.values()) == {"good"}
    assert packets.decode_packet(frame_of_first(network, a, unit(B))).checksums == {2: "good"}
    eapol = unit(bytes.fromhex("0180c2000003"), b"\1\1\0\0", source=bytes(6), port=Port.EAPOL)
    packet = packets.decode_packet(frame_of_first(network, a, eapol))
    assert isinstance(packet.layers[1], packets.EapolHeader)
    whole = unit(B, octets[14:], port=Port.IP)
    assert frame_of_first(network, a, whole)[12:] == octets[12:]
    for bad in (unit(IPv4Address("192.0.2.1")), unit("d", port=Port.DIAMETER)):
        with pytest.raises(ConfigError):
            frame_of_first(network, a, bad)


def test_frames_of_diameter() -> None:
    """A message is one chunk of SCTP between the nodes' addresses; numbers go on."""
    network, a, _, _ = three()
    framer = Framer()
    for _ in range(2):
        a.send(unit("c", b"12345", source="a", port=Port.DIAMETER))
    network.run(until=network.now)
    for number, tapped in enumerate(network.tap, 1):
        packet = packets.decode_packet(framer.frame_of(tapped))
        assert set(packet.checksums.values()) == {"good"}
        header, chunk = packet.find(ip.Ipv6Header), packet.find(packets.SctpDataHeader)
        assert (header.source, header.destination) == (A, C)
        assert (chunk.tsn, chunk.sequence, chunk.payload_protocol) == (number, number - 1, 46)
        assert (chunk.length, len(packet.octets) % 4) == (21, 2)


def frame_of_first(network: Network, node: Node, sent: Unit) -> bytes:
    node.send(sent)
    network.run(until=network.now)
    return Framer().frame_of(network.tap[-1])


def test_what_is_injected_comes_to_who_it_is_for() -> None:
    network = Network({"link": 0.01})
    first, second = Node("first"), Node("second")
    for number, node in enumerate((first, second)):
        network.join(node, "link", bytes((2, 0, 0, 0, 0, number)))
    unit = Unit(port=Port.EAPOL, source=b"", destination=b"\xff" * 6, octets=b"1")
    network.inject(unit, "link", after=0.5, sender=second)
    network.run(0.4)
    assert first.got == []
    network.run(0.6)
    assert [(at, one.link) for at, one in first.got] == [(0.5, "link")]
    assert (second.got, network.tap) == ([], [])
