"""Floods at actors, and parts of messages that never become whole; each returns what is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any, NamedTuple

import msgspec
from tests.flow import ike_network, mobility
from tests.flow.home_side import HOME_REALM, Home
from tests.flow.wire import driven
from tests.packets import connections
from tests.security.test_fragments import part

from mip6boot import dhcpv6, eap, flow, ikev2, ip, packets
from mip6boot.diameter.interfaces import sta
from mip6boot.flow import Actor, Port, Unit
from mip6boot.schema import Duid
from mip6boot.security import FragmentAssembler


class Kept(NamedTuple):
    """The object that was besieged, and how many entries all its tables have."""

    state: Any
    entries: int


Work = Callable[[], Kept]


def besieged(
    actor: Actor, units: Sequence[Unit], entries: Callable[[], int], start: float = 0.0
) -> Work:
    """Give units to an actor, a millisecond apart; what it says is heard, as a driver does."""

    def work() -> Kept:
        for number, unit in enumerate(units):
            driven(actor, unit, start + number / 1000)
        return Kept(actor, entries())

    return work


# -- IKEv2 ----------------------------------------------------------------------------------------
def initial_requests(count: int) -> list[Unit]:
    """Requests of IKE_SA_INIT, each from an address of its own and with an SPI of its own."""
    ue = ike_network.initiator()
    ue.start(0.0)
    (unit,) = ue.to_send()
    base = int(IPv6Address("2001:db8:bad::"))
    return [
        msgspec.structs.replace(
            unit,
            source=IPv6Address(base + number),
            octets=number.to_bytes(8, "big") + unit.octets[8:],
        )
        for number in range(1, count + 1)
    ]


def ike_entries(ha: Any) -> int:
    tables = (ha.sas, ha._admissions, ha._initials, ha._retired, ha.keyring, ha._timers)
    return sum(map(len, tables))


def lets_in(ha: Any) -> None:
    """A mobile node that means it is let in all the same."""
    ue = ike_network.initiator()
    network = ike_network.Network({ike_network.UE: ue, ike_network.HA: ha})
    network.now = 60.0
    ha.handle_timeout(20.0)
    ue.start(20.0)
    network.now = 20.0
    network.run(5.0)
    assert ue.established is not None


def spoofed_initiators(count: int) -> Work:
    """They never see a cookie."""
    ha, units = ike_network.responder(), initial_requests(count)

    def work() -> Kept:
        flood = besieged(ha, units, lambda: ike_entries(ha))()
        lets_in(ha)
        return flood

    return work


def half_open_initiators(count: int) -> Work:
    """They bring their cookies, and then say nothing more."""
    ha, units = ike_network.responder(), initial_requests(count)

    def work() -> Kept:
        for number, unit in enumerate(units):
            now = number / 1000
            ha.receive(unit, now)
            answer = ikev2.decode(ha.to_send()[0].octets)
            cookie = answer.find(ikev2.Cookie)
            if cookie is not None:
                asked = ikev2.decode(unit.octets)
                again = asked.replace(payloads=(cookie, *asked.payloads))
                ha.receive(msgspec.structs.replace(unit, octets=again.encode()), now)
                ha.to_send()
            ha.events()
        kept = ike_entries(ha)
        lets_in(ha)
        return Kept(ha, kept)

    return work


def fragments_of_ike(count: int) -> Work:
    """Opened fragments of messages with 65,535, which never come; a message has a hundred."""
    parts = [part(n % 100 + 1, 65535, n // 100, bytes(1000)) for n in range(count)]

    def work() -> Kept:
        assembler = FragmentAssembler()
        for one in parts:
            assert assembler.feed(one) is None
        return Kept(assembler, sum(map(len, assembler._waiting.values())))

    return work


# -- DHCPv6 ---------------------------------------------------------------------------------------
SERVER_DUID = Duid.parse("00:02:00:00:7e:d9:01")
LINK_LOCAL, ALL_SERVERS = IPv6Address("fe80::1"), IPv6Address("ff02::1:2")


def dhcp_server(pool: int = 1 << 63) -> flow.DhcpServer:
    first = IPv6Address("2001:db8:1::1000")
    link = flow.ServedLink(
        name="lan",
        prefixes=(IPv6Network("2001:db8:1::/64"),),
        addresses=flow.AddressPool(first, first + pool - 1),
        delegated=flow.PrefixPool(IPv6Network("2001:db8:8000::/40"), 64),
    )
    return flow.DhcpServer(
        "server", Random(1), duid=SERVER_DUID, addresses={"lan": LINK_LOCAL}, links=(link,)
    )


def duid(number: int) -> Duid:
    return Duid.parse(f"00:03:00:01:02:00:{number.to_bytes(4, 'big').hex(':')}")


def of_client(number: int, octets: bytes) -> Unit:
    return Unit(
        port=Port.UDP, source=IPv6Address("fe80::1:0") + number, destination=ALL_SERVERS,
        source_port=546, destination_port=547, octets=octets, link="lan",
    )  # fmt: skip


def dhcp_messages(kind: Any, count: int, *more: Any) -> list[Unit]:
    return [
        of_client(n, kind(n, (dhcpv6.ClientIdentifier(duid(n)), *more)).encode())
        for n in range(count)
    ]  # fmt: skip


def dhcp_entries(server: Any) -> int:
    return len(server._bindings) + len(server._timers)


def solicits(count: int) -> Work:
    server = dhcp_server()
    units = dhcp_messages(dhcpv6.Solicit, count, dhcpv6.IaNa(1))
    return besieged(server, units, lambda: dhcp_entries(server))


def solicits_of_a_full_pool(count: int) -> Work:
    """A thousand addresses, all given."""
    server = dhcp_server(1000)
    named = dhcpv6.ServerIdentifier(SERVER_DUID)
    for unit in dhcp_messages(dhcpv6.Request, 1000, named, dhcpv6.IaNa(1)):
        server.receive(unit, 0.0)
    server.to_send()
    units = dhcp_messages(dhcpv6.Solicit, count, dhcpv6.IaNa(2))
    return besieged(server, units, lambda: dhcp_entries(server))


def requests(count: int) -> Work:
    server, named = dhcp_server(), dhcpv6.ServerIdentifier(SERVER_DUID)
    units = dhcp_messages(dhcpv6.Request, count, named, dhcpv6.IaNa(1))
    return besieged(server, units, lambda: dhcp_entries(server))


def requests_of_many(count: int) -> Work:
    """Sixteen Requests, each with as many associations as its share; they get no room to answer."""
    server, named = dhcp_server(), dhcpv6.ServerIdentifier(SERVER_DUID)
    many = tuple(map(dhcpv6.IaNa, range(count // 16)))
    units = dhcp_messages(dhcpv6.Request, 16, named, *many)
    return besieged(server, units, lambda: dhcp_entries(server))


def declines(count: int) -> Work:
    """A client that declines every address it gets."""
    server, named = dhcp_server(), dhcpv6.ServerIdentifier(SERVER_DUID)
    client = dhcpv6.ClientIdentifier(duid(1))

    def work() -> Kept:
        for n in range(count):
            asked = dhcpv6.Request(n, (client, named, dhcpv6.IaNa(1)))
            server.receive(of_client(1, asked.encode()), n / 1000)
            answer = dhcpv6.decode(server.to_send()[0].octets)
            lease = answer.find(dhcpv6.IaAddress)
            if lease is not None:
                declined = dhcpv6.IaNa(1, options=(dhcpv6.IaAddress(lease.address, 0, 0),))
                asked = dhcpv6.Decline(n, (client, named, declined))
                server.receive(of_client(1, asked.encode()), n / 1000)
                server.to_send()
            server.events()
        return Kept(server, dhcp_entries(server))

    return work


def supplied_options(octets: int) -> Work:
    """A relay that supplies home networks until the datagram is full, asked for by the client."""
    server = dhcp_server()
    wish = dhcpv6.OptionRequest((69, 71, 72, 73))
    asks = dhcpv6.InformationRequest(1, (dhcpv6.ClientIdentifier(duid(1)), wish))
    supplied = (dhcpv6.IdentifiedHomeNetworkInformation(()),) * ((octets - 200) // 4)
    relayed = dhcpv6.RelayForward(
        hop_count=0, link_address=IPv6Address("2001:db8:1::1"), peer_address=LINK_LOCAL,
        options=(dhcpv6.RelayMessage(asks), dhcpv6.RelaySuppliedOptions(supplied)),
    )  # fmt: skip
    return besieged(server, [of_client(1, relayed.encode())], lambda: dhcp_entries(server))


def relayed_messages(count: int) -> Work:
    """At a relay, which has no state."""
    relay = flow.DhcpRelay(
        "relay",
        links=(flow.RelayLink(name="lan", address=LINK_LOCAL, link_address=IPv6Address("2001:db8:1::1")),),
        server_link="core", address=IPv6Address("2001:db8:2::1"),
    )  # fmt: skip
    units = dhcp_messages(dhcpv6.Solicit, count, dhcpv6.IaNa(1))
    return besieged(relay, units, lambda: len(relay._timers))


# -- Mobile IPv6 ----------------------------------------------------------------------------------
def binding_entries(agent: Any) -> int:
    tables = (agent._bindings, agent._links, agent.cache._bindings, agent._timers, agent.parts)
    return sum(map(len, tables))


def updates(count: int, *, sealed: bool, **changes: Any) -> Work:
    asker = mobility.Asker(sealed=sealed, **changes)
    asker.sender = None
    first = IPv6Address("2001:db8:100::1:0")
    units = [
        asker.unit(mobility.update(n % 65536), home=first + n, source=mobility.VISITED + n)
        for n in range(count)
    ]
    agent = asker.agent

    def work() -> Kept:
        for number, unit in enumerate(units):
            agent.receive(unit, number / 1000)
            agent.to_send()
            agent.events()
            agent.changes()
        return Kept(agent, binding_entries(agent))

    return work


def open_updates(count: int) -> Work:
    """At a home agent that wants them sealed."""
    return updates(count, sealed=True)


def unprotected_updates(count: int) -> Work:
    """At a home agent that takes them as they come, for 64 bindings at most."""
    return updates(count, sealed=False, capacity=64)


def bound_nodes(count: int) -> Work:
    """At a home agent that takes them all."""
    return updates(count, sealed=False, capacity=None)


# -- Diameter -------------------------------------------------------------------------------------
def diameter_entries(node: Any) -> int:
    tables = (node._pending, node._answers, node._timers, getattr(node, "sessions", ()),
              getattr(node, "_starts", ()), getattr(node, "users", ()))  # fmt: skip
    return sum(map(len, tables)) + sum(len(peer._waiting) for peer in node.peers.values())


def identity_requests(side: Home, count: int, **changes: Any) -> list[Unit]:
    """DER of as many sessions, as the gateway would send them."""
    own, server = side.gateway.settings, side.aaa.settings.host
    found = []
    for number in range(count):
        request = sta.Der(
            eap_payload=eap.IdentityResponse(1, "6001010000000001"),
            **{
                "session_id": f"{own.host};1;{number}", "origin_host": own.host,
                "origin_realm": own.realm, "destination_realm": HOME_REALM, "user_name": "6001010000000001",
                "rat_type": 0, "anid": "WLAN", "visited_network_identifier": own.realm.encode(),
            } | changes,
        )  # fmt: skip
        octets = request.message(hop_by_hop_id=number, end_to_end_id=number).encode()
        found.append(Unit(port=Port.DIAMETER, source=own.host, destination=server, octets=octets))
    return found


def forged_requests(count: int) -> Work:
    """Of hosts that are not who the neighbour is."""
    side = Home()
    units = identity_requests(
        side, count, origin_host="forged.home.example", origin_realm="home.example"
    )
    return besieged(side.aaa, units, lambda: diameter_entries(side.aaa), side.network.now)


def strangers(count: int) -> Work:
    """Of nodes that are no neighbours."""
    side = Home()
    units = [
        msgspec.structs.replace(one, source="stranger") for one in identity_requests(side, count)
    ]
    return besieged(side.aaa, units, lambda: diameter_entries(side.aaa), side.network.now)


def sessions(count: int) -> Work:
    """Of the gateway itself, each begins a session; a server that has 200 at most."""
    side = Home(server={"capacity": 200})
    units = identity_requests(side, count)
    return besieged(side.aaa, units, lambda: diameter_entries(side.aaa), side.network.now)


# -- access ---------------------------------------------------------------------------------------
def starting_nodes(count: int, most: int = 64) -> Work:
    """EAPOL-Start of as many link-layer addresses; a gateway that knows 64 nodes at most."""
    gateway = flow.ServingGateway(
        "gateway", ike_network.OneRound(), Random(2), access_link="access", link_layer_address=b"\2gate1",
        link_local=IPv6Address("fe80::2"), access_address=IPv6Address("2001:db8:1::1"),
        core_link="core", core_address=IPv6Address("2001:db8:2::1"),
        servers=(IPv6Address("2001:db8:2::2"),), network_name="WLAN", most_nodes=most,
    )  # fmt: skip
    units = [
        Unit(port=Port.EAPOL, source=b"\2" + n.to_bytes(5, "big"), destination=b"\2gate1",
             octets=bytes.fromhex("01010000"), link="access")
        for n in range(count)
    ]  # fmt: skip
    return besieged(gateway, units, lambda: len(gateway.nodes))


def known_nodes(count: int) -> Work:
    """The same at a gateway that has room for all of them."""
    return starting_nodes(count, count)


# -- parts of datagrams and streams ---------------------------------------------------------------
def fed(count: int, made: Callable[[int], Any], entries: Callable[[Any], int]) -> Work:
    """Feed packets to a Reassembler, and let none of it become whole."""
    units = [made(number) for number in range(count)]

    def work() -> Kept:
        reassembler = packets.Reassembler(lenient=True)
        for number, unit in enumerate(units):
            assert reassembler.feed(unit, number + 1) is None
        return Kept(reassembler, entries(reassembler))

    return work


def datagram_pieces(reassembler: Any) -> int:
    return sum(len(one.pieces) for one in reassembler._waiting.values())


def fragment(identification: int, start: int, octets: bytes) -> Any:
    header = ip.FragmentHeader(
        next_header=17,
        fragment_offset=start // 8,
        more_fragments=True,
        identification=identification,
    )
    source, destination = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")
    layers = (
        ip.Ipv6Header(next_header=44, source=source, destination=destination),
        header,
        packets.Payload(octets, "ipv6-fragment"),
    )
    octets = packets.Packet(layers, packets.LinkType.RAW).build().encode()
    return packets.decode_packet(octets, packets.LinkType.RAW)


def first_fragments(count: int) -> Work:
    """The first 1,400 octets of as many datagrams."""
    return fed(count, lambda n: fragment(n, 0, bytes(1400)), datagram_pieces)


def small_fragments(count: int) -> Work:
    """Fragments of eight octets; a datagram has 8,000, the first of which does not come."""
    return fed(count, lambda n: fragment(n // 8000, 8 * (n % 8000 + 1), bytes(8)), datagram_pieces)


def stream_pieces(reassembler: Any) -> int:
    streams = reassembler._messages._tcp._streams.values()
    return sum(len(one.pieces) + len(one.waiting) for one in streams)


def gaps(count: int) -> Work:
    """Connections of 64 segments, between any two of which some octets are missing."""

    def made(number: int) -> Any:
        connection, place = divmod(number, 64)
        port = 1024 + connection
        if not place:
            return connections.segment(0, syn=True, port=port)
        return connections.segment(2000 * place, bytes(1000), port=port)

    return fed(count, made, stream_pieces)


def streams(count: int) -> Work:
    """As many connections, each with the beginning of a message."""
    begun = connections.message(1, 2000)[:1000]
    made = lambda n: connections.segment(1, begun, port=1024 + n)  # noqa: E731
    return fed(count, made, stream_pieces)


def overlapping_segments(count: int) -> Work:
    """Each repeats all of a message that is there so far, and has four octets more."""
    whole = connections.message(1, 65_000)

    def made(number: int) -> Any:
        end = min(30_000 + 4 * number, len(whole) - 4)
        return connections.segment(1 + end - 30_000, whole[end - 30_000 : end])

    return fed(count, made, stream_pieces)


def user_message_chunks(reassembler: Any) -> int:
    return sum(map(len, reassembler._messages._sctp._streams.values()))


def unfinished_chunks(count: int) -> Work:
    """Middles of user messages, whose beginnings and ends never come."""
    made = lambda n: connections.association(connections.chunk(2 * n, bytes(1000), ""))  # noqa: E731
    return fed(count, made, user_message_chunks)
