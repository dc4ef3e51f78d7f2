"""DHCPv6 clients, relays and servers: whole exchanges in virtual time, times, checks, choices."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from random import Random
from typing import Any

import pytest

from mip6boot import dhcpv6
from mip6boot.dhcpv6.associations import *
from mip6boot.dhcpv6.base import *
from mip6boot.dhcpv6.codes import *
from mip6boot.dhcpv6.configuration import *
from mip6boot.dhcpv6.core import *
from mip6boot.dhcpv6.home_network import *
from mip6boot.dhcpv6.leasequery import *
from mip6boot.dhcpv6.messages import *
from mip6boot.dhcpv6.relay import *
from mip6boot.errors import ConfigError
from mip6boot.flow import (
    AddressPool,
    AgentInfo,
    DhcpClient,
    DhcpClientState,
    DhcpRelay,
    DhcpServer,
    HomeAgentCandidate,
    HomeNetworkQuery,
    InformationResult,
    Lease,
    Port,
    PrefixPool,
    RelayedClient,
    RelayLink,
    ServedLink,
    Unit,
    dhcp_parameters,
    home_agent_candidates,
)
from mip6boot.schema import DomainName, Duid

from .wire import Wire

S = DhcpClientState
HOME, OTHER = DomainName.parse("home.example.org"), DomainName.parse("other.example.net")
CLIENT, MULTICAST = IPv6Address("fe80::10"), IPv6Address("ff02::1:2")
DUID = Duid.parse("00:03:00:01:02:00:00:00:00:10")
SERVER_DUID = Duid.parse("00:02:00:00:7e:d9:01")
SERVER, RELAY = IPv6Address("2001:db8:2::2"), IPv6Address("2001:db8:2::1")
ACCESS = RelayLink(
    name="access", address=IPv6Address("fe80::1"), link_address=IPv6Address("2001:db8:1::1")
)
AGENT = AgentInfo(
    addresses=(IPv6Address("2001:db8:100::1"), IPv4Address("192.0.2.1")),
    host="ha.example.org",
    home_link_prefix=IPv6Network("2001:db8:100::/64"),
)
LOCAL = AgentInfo(addresses=(IPv6Address("2001:db8:1::aa"),), local=True)
DNS = DnsServers((IPv6Address("2001:db8:2::53"),))
LINK = ServedLink(
    name="core",
    prefixes=(IPv6Network("2001:db8:1::/64"),),
    addresses=AddressPool(IPv6Address("2001:db8:1::1000"), IPv6Address("2001:db8:1::1001")),
    delegated=PrefixPool(IPv6Network("2001:db8:8000::/55"), 56),
    preferred_lifetime=1000,
    valid_lifetime=2000,
)
BY_NAME = HomeNetworkQuery(identified=(HOME,))


def client(name: str = "ue", seed: int = 1, **more: Any) -> DhcpClient:
    arguments: dict[str, Any] = {
        "duid": DUID,
        "address": CLIENT,
        "link": "access",
        "query": BY_NAME,
    }
    return DhcpClient(name, Random(seed), **{**arguments, **more})


def server(name: str = "server", link: str = "core", **more: Any) -> DhcpServer:
    arguments: dict[str, Any] = {
        "duid": SERVER_DUID, "addresses": {link: SERVER}, "links": (LINK,), "options": (DNS,),
    }  # fmt: skip
    return DhcpServer(name, None, **{**arguments, **more})


def assigned(client: RelayedClient, network: DomainName | None) -> Sequence[AgentInfo]:
    """What the AAA gave when this client attached."""
    if client.duid != DUID or network == OTHER:
        return ()
    return (AGENT, LOCAL)


def relay(**more: Any) -> DhcpRelay:
    arguments: dict[str, Any] = {
        "links": (ACCESS,), "server_link": "core", "address": RELAY, "agents": assigned,
    }  # fmt: skip
    return DhcpRelay("relay", **{**arguments, **more})


def network(
    ue: DhcpClient | None = None, dhcp: DhcpServer | None = None, relay_: DhcpRelay | None = None
) -> tuple[Wire, DhcpClient]:
    """A client on the access link, a relay, and a server behind it."""
    wire, ue = Wire(), ue or client()
    relay_ = relay_ or relay()
    wire.join(ue, "access", CLIENT)
    wire.join(relay_, "access", ACCESS.address)
    wire.join(relay_, "core", RELAY)
    wire.join(dhcp or server(), "core", SERVER)
    return wire, ue


def messages(wire: Wire) -> list[Dhcpv6Message]:
    """All messages on the wire; each is legal."""
    found = [dhcpv6.decode(unit.octets) for _, unit in wire.log]
    assert [str(violation) for message in found for violation in dhcpv6.check(message)] == []
    return found


def kinds(wire: Wire) -> list[str]:
    return [type(message).__name__ for message in messages(wire)]


def leases(ue: DhcpClient) -> list[str]:
    return [str(one.value) for one in ue.result.leased] if isinstance(ue.result, Lease) else []


def names(wire: Wire, actor: str = "ue") -> list[tuple[str, str]]:
    wire._collect()
    return [(event.name, event.text) for event in wire.events if event.actor == actor]


# -- information and home agents ---------------------------------------------------------------
def test_a_mobile_node_learns_what_the_aaa_assigned() -> None:
    wire, ue = network()
    ue.start_information(0.0)
    wire.run(10)
    assert kinds(wire) == ["InformationRequest", "RelayForward", "RelayReply", "Reply"]
    asked, forwarded, replied, reply = messages(wire)
    assert asked == InformationRequest(
        asked.transaction_id,  # type: ignore[attr-defined]
        (
            ClientIdentifier(DUID), HomeNetworkIdFqdn(HOME),
            OptionRequest((69, 49, 71, 72, 73, 23, 32, 83)), ElapsedTime(0),
        ),
    )  # fmt: skip
    information = IdentifiedHomeNetworkInformation((
        HomeNetworkIdFqdn(HOME),
        HomeNetworkPrefix(64, IPv6Address("2001:db8:100::")),
        HomeAgentAddress(IPv6Address("2001:db8:100::1")),
        HomeAgentAddress(IPv6Address("64:ff9b::c000:201")),
        HomeAgentFqdn(DomainName.parse("ha.example.org")),
    ))  # fmt: skip
    assert forwarded == RelayForward(
        hop_count=0, link_address=ACCESS.link_address, peer_address=CLIENT,
        options=(RelayMessage(asked), RelaySuppliedOptions((information,))),
    )  # fmt: skip
    assert reply == Reply(
        asked.transaction_id,
        (ClientIdentifier(DUID), ServerIdentifier(SERVER_DUID), DNS, information),
    )
    assert replied == RelayReply(
        hop_count=0, link_address=ACCESS.link_address, peer_address=CLIENT,
        options=(RelayMessage(reply),),
    )  # fmt: skip
    ports = [(x.source, x.source_port, x.destination, x.destination_port) for _, x in wire.log]
    assert ports == [
        (CLIENT, 546, IPv6Address("ff02::1:2"), 547),
        (RELAY, 547, IPv6Address("ff05::1:3"), 547),
        (SERVER, 547, RELAY, 547),
        (ACCESS.address, 547, CLIENT, 546),
    ]
    assert isinstance(ue.result, InformationResult)
    assert ue.result.dns_servers == DNS.addresses
    seen = [(x.address or x.name, x.network, x.prefix) for x in ue.result.home_agents]
    assert seen == [
        (IPv6Address("2001:db8:100::1"), HOME, AGENT.home_link_prefix),
        (IPv4Address("192.0.2.1"), HOME, AGENT.home_link_prefix),
        (DomainName.parse("ha.example.org"), HOME, AGENT.home_link_prefix),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (HomeNetworkQuery(visited=True), ["50 2001:db8:1::aa"]),
        (HomeNetworkQuery(unrestricted=True), ["70 2001:db8:100::1"]),
        (HomeNetworkQuery(identified=(OTHER, HOME)), ["69 2001:db8:100::1"]),
        (HomeNetworkQuery(identified=(OTHER,)), []),
        (
            HomeNetworkQuery(identified=(HOME,), visited=True),
            ["50 2001:db8:1::aa", "69 2001:db8:100::1"],
        ),
        (HomeNetworkQuery(), []),
    ],
)
def test_each_kind_of_question_has_its_container(
    query: HomeNetworkQuery, expected: list[str]
) -> None:
    wire, ue = network(client(query=query))
    ue.start_information(0.0)
    wire.run(10)
    messages(wire)
    assert ue.result is not None
    first = {x.container: x.address for x in reversed(ue.result.home_agents) if x.address}
    found = [f"{int(code)} {address}" for code, address in sorted(first.items())]
    assert found == expected
    supplied = [x for m in messages(wire) for x in m.find_all(RelaySuppliedOptions)]
    assert bool(supplied) == bool(expected)


def test_iana_s_list_keeps_the_home_agent_from_the_client() -> None:
    wire, ue = network(dhcp=server(rsoo_enabled=dhcpv6.RSOO_ENABLED))
    ue.start_information(0.0)
    wire.run(10)
    assert ue.result is not None
    assert ue.result.home_agents == ()
    assert ue.result.dns_servers == DNS.addresses


def test_the_server_s_own_table_goes_before_what_relays_supply() -> None:
    own = AgentInfo(addresses=(IPv6Address("2001:db8:100::2"),))
    wire, ue = network(
        client(query=HomeNetworkQuery(identified=(HOME, OTHER))),
        server(home_networks={OTHER: (own,)}),
        relay(agents=lambda client, network: (AGENT,)),
    )
    ue.start_information(0.0)
    wire.run(10)
    assert ue.result is not None
    firsts = {x.network: x.address for x in reversed(ue.result.home_agents) if x.address}
    assert firsts == {OTHER: own.addresses[0], HOME: AGENT.addresses[0]}
    assert len([x for x in ue.result.home_agents if x.network == OTHER]) == 1


def test_the_relay_nearest_to_the_client_wins() -> None:
    """RFC 6422 6, through two relays; and the way back through both."""
    near, far = IPv6Address("2001:db8:100::9"), IPv6Address("2001:db8:100::8")
    nearer = AgentInfo(addresses=(near,))
    inner = DhcpRelay(
        "inner", links=(ACCESS,), server_link="core", address=RELAY,
        agents=lambda client, network: (nearer,),
    )  # fmt: skip
    middle = RelayLink(
        name="core", address=IPv6Address("2001:db8:2::3"), link_address=IPv6Address("2001:db8:2::3")
    )
    outer = DhcpRelay(
        "outer", links=(middle,), server_link="far", address=IPv6Address("2001:db8:3::1")
    )
    wire, ue = Wire(), client()
    wire.join(ue, "access", CLIENT)
    wire.join(inner, "access", ACCESS.address)
    wire.join(inner, "core", RELAY)
    wire.join(outer, "core", middle.address)
    wire.join(outer, "far", outer.address)
    wire.join(server(link="far"), "far", SERVER)
    inner.servers = (IPv6Address("ff02::1:2"),)
    ue.start_information(0.0)
    wire.run(10)
    assert ue.result is not None
    assert ue.result.home_agents[0].address == near
    found = messages(wire)
    twice = found[2]
    assert isinstance(twice, RelayForward)
    assert (twice.hop_count, twice.link_address, twice.peer_address) == (1, IPv6Address(0), RELAY)
    assert twice.options == (RelayMessage(found[1]),)
    assert [type(x).__name__ for x in found[3:]] == ["RelayReply", "RelayReply", "Reply"]
    assert (wire.log[4][1].destination, wire.log[4][1].destination_port) == (RELAY, 547)

    # The outer one's value is in conflict, and not given; others of its are.
    told = IdentifiedHomeNetworkInformation((HomeNetworkIdFqdn(HOME), HomeAgentAddress(far)))
    realm = ErpLocalDomainName(OTHER)
    outermost = twice.replace(
        options=(*twice.options, RelaySuppliedOptions((told, realm, DNS, ClientFqdn())))
    )
    asked = found[0]
    assert isinstance(asked, InformationRequest)
    more = asked.replace(options=tuple(
        OptionRequest((*x.requested_option_codes, 65)) if isinstance(x, OptionRequest) else x
        for x in asked.options
    ))  # fmt: skip
    first = found[1]
    assert isinstance(first, RelayForward)
    replaced = outermost.replace(options=(
        RelayMessage(first.replace(options=(RelayMessage(more), *first.options[1:]))),
        *outermost.options[1:],
    ))  # fmt: skip
    dhcp = server(link="far", options=())
    dhcp.receive(unit(replaced, link="far", destination=SERVER, source=outer.address), 0.0)
    reply = dhcpv6.decode(dhcp.to_send()[0].octets).find(Reply)
    assert reply is not None
    assert list(reply.find_all(HomeAgentAddress)) == [HomeAgentAddress(near)]
    assert list(reply.find_all(ErpLocalDomainName)) == [realm]
    # DNS servers and names are not for relays to supply.
    assert (reply.find(DnsServers), reply.find(ClientFqdn)) == (None, None)


def test_information_is_refreshed() -> None:
    """RFC 8415 21.23: as told, no sooner than IRT_MINIMUM, IRT_DEFAULT if not told, or never."""
    cases: list[tuple[tuple[Dhcpv6Option, ...], float]] = [
        ((InformationRefreshTime(700),), 700),
        ((InformationRefreshTime(5),), 600),
        ((), 86400),
        ((InformationRefreshTime(INFINITY),), math.inf),
    ]
    for options, seconds in cases:
        wire, ue = network(dhcp=server(options=options))
        ue.start_information(0.0)
        wire.run(100_000)
        asked = [at for at, unit in wire.log if unit.octets[0] == MessageType.INFORMATION_REQUEST]
        if seconds == math.inf:
            assert len(asked) == 1
            continue
        assert len(asked) == 1 + int(100_000 // (seconds + 1)), seconds
        assert all(seconds <= b - a <= seconds + 1.1 for a, b in itertools.pairwise(asked))
        assert isinstance(ue.result, InformationResult)


def test_the_first_message_comes_after_a_random_delay() -> None:
    delays = []
    for seed in range(50):
        ue = client(seed=seed)
        ue.start_information(5.0)
        delays.append((ue.next_timeout() or 0) - 5.0)
    assert all(0 <= delay <= 1 for delay in delays)
    assert min(delays) < 0.2 < 0.8 < max(delays)


# -- times ---------------------------------------------------------------------------------------
def sent_by(ue: DhcpClient, until: float) -> list[tuple[float, ClientServerMessage]]:
    """What a client sends to nobody until a time."""
    found = []
    while (at := ue.next_timeout()) is not None and at <= until:
        ue.handle_timeout(at)
        for one in ue.to_send():
            message = dhcpv6.decode(one.octets)
            assert isinstance(message, ClientServerMessage)
            assert dhcpv6.check(message) == []
            found.append((at, message))
    return found


def bound(kind: str, now: float = 0.0, valid: int = 2000, **more: Any) -> DhcpClient:
    """A client that has just got a lease."""
    link = ServedLink(
        name="access", prefixes=LINK.prefixes, addresses=LINK.addresses, delegated=LINK.delegated,
        preferred_lifetime=1000, valid_lifetime=valid,
    )  # fmt: skip
    wire, ue = Wire(), client(**more)
    wire.join(ue, "access", CLIENT)
    wire.join(server(link="access", links=(link,)), "access", SERVER)
    wire.now = now
    if kind == "address":
        ue.start_address(now, iaid=7)
    else:
        ue.start_prefix(now, iaid=7)
    wire.run(now + 5)
    messages(wire)
    assert ue.state == S.BOUND
    return ue


def in_solicit(ue: DhcpClient) -> float:
    ue.start_address(0.0, iaid=1)
    return 0.0


def in_information(ue: DhcpClient) -> float:
    ue.start_information(0.0)
    return 0.0


def test_solicits_and_information_requests_never_end() -> None:
    """IRT 1, MRT 3600, no MRC, no MRD; the first interval of a Solicit is longer than SOL_TIMEOUT."""
    for begin, kind in ((in_solicit, Solicit), (in_information, InformationRequest)):
        for seed in range(3):
            ue = client(seed=seed)
            begin(ue)
            sent = sent_by(ue, 100_000)
            assert {type(message) for _, message in sent} == {kind}
            assert len({message.transaction_id for _, message in sent}) == 1
            check_intervals(sent, first=1, most=3600)
            if kind is Solicit:
                assert 1 < sent[1][0] - sent[0][0] <= 1.1
            assert len(sent) > 30


def check_intervals(
    sent: Sequence[tuple[float, ClientServerMessage]], *, first: float, most: float
) -> None:
    """RFC 8415 15, and Elapsed Time 21.9."""
    times = [at for at, _ in sent]
    intervals = [b - a for a, b in itertools.pairwise(times)]
    assert 0.9 * first <= intervals[0] <= 1.1 * first
    for before, after in itertools.pairwise(intervals):
        if after < 0.9 * most:
            assert 1.9 * before <= after <= 2.1 * before
        assert after <= 1.1 * most
    for at, message in sent:
        elapsed = message.find(ElapsedTime)
        assert elapsed is not None
        assert elapsed.elapsed_10ms == min(round((at - times[0]) * 100), 0xFFFF)


def test_requests_end_after_ten() -> None:
    """REQ_TIMEOUT 1, REQ_MAX_RT 30, REQ_MAX_RC 10; then a new Solicit."""
    ue = client(query=HomeNetworkQuery())
    ue.start_address(0.0, iaid=1)
    ue.handle_timeout(1.0)
    feed(ue, advertise(transaction(ue)), 1.0)
    sent = sent_by(ue, 600)
    requests = [(at, m) for at, m in sent if isinstance(m, Request)]
    assert len(requests) == 10
    check_intervals(requests, first=1, most=30)
    assert isinstance(sent[10][1], Solicit)
    assert sent[10][1].transaction_id != requests[0][1].transaction_id
    assert 27 <= sent[10][0] - requests[-1][0] <= 34


@pytest.mark.parametrize("kind", ["address", "prefix"])
def test_renews_from_t1_rebinds_from_t2_until_the_end(kind: str) -> None:
    """REN_TIMEOUT 10, REN_MAX_RT 600, MRD until T2; REB 10, 600, MRD until all is over."""
    ue = bound(kind)
    lease = ue.result
    assert isinstance(lease, Lease)
    begun = lease.valid_until - 2000
    assert (lease.renew_at, lease.rebind_at) == pytest.approx((begun + 500, begun + 800))
    sent = sent_by(ue, lease.valid_until + 30)
    renews = [(at, m) for at, m in sent if isinstance(m, Renew)]
    rebinds = [(at, m) for at, m in sent if isinstance(m, Rebind)]
    solicits = [(at, m) for at, m in sent if isinstance(m, Solicit)]
    assert [*renews, *rebinds, *solicits] == sent
    assert renews[0][0] == lease.renew_at
    assert rebinds[0][0] == lease.rebind_at
    assert renews[-1][0] < lease.rebind_at < rebinds[-1][0] < lease.valid_until < solicits[0][0]
    assert all(m.find(ServerIdentifier) == ServerIdentifier(SERVER_DUID) for _, m in renews)
    assert not any(m.find(ServerIdentifier) for _, m in rebinds)
    check_intervals(renews, first=10, most=600)
    check_intervals(rebinds, first=10, most=600)
    assert ue.result is None


def test_long_leases_show_the_longest_interval() -> None:
    """REB_MAX_RT 600."""
    ue = bound("address", valid=20_000)
    rebinds = [(at, m) for at, m in sent_by(ue, 20_000) if isinstance(m, Rebind)]
    check_intervals(rebinds, first=10, most=600)
    intervals = [b[0] - a[0] for a, b in itertools.pairwise(rebinds)]
    assert sum(540 <= interval <= 660 for interval in intervals) > 20


@pytest.mark.parametrize(
    ("what", "kind", "following"),
    [("release", Release, None), ("decline", Decline, Solicit)],
)
def test_releases_and_declines_end_after_four(what: str, kind: type, following: Any) -> None:
    """REL_TIMEOUT 1, REL_MAX_RC 4; DEC_TIMEOUT 1, DEC_MAX_RC 4; no longest interval."""
    ue = bound("address")
    getattr(ue, what)(10.0)
    assert ue.result is None
    first = [(10.0, dhcpv6.decode(x.octets)) for x in ue.to_send()]
    sent = [*first, *sent_by(ue, 60)]
    mine: list[Any] = [(at, m) for at, m in sent if isinstance(m, kind)]
    assert len(mine) == 4
    assert mine[0][1].find(IaAddress) == IaAddress(IPv6Address("2001:db8:1::1000"))
    check_intervals(mine, first=1, most=math.inf)
    assert {type(m) for _, m in sent[4:]} == ({following} if following else set())
    assert ue.state == (S.SOLICITING if following else S.IDLE)


@pytest.mark.parametrize(("lease", "kind"), [("address", Confirm), ("prefix", Rebind)])
def test_on_another_link_ten_seconds_are_tried(lease: str, kind: type) -> None:
    """CNF_MAX_DELAY 1, CNF_TIMEOUT 1, CNF_MAX_RT 4, CNF_MAX_RD 10; then all stays (18.2.3)."""
    ue = bound(lease)
    before = ue.result
    ue.link_changed(20.0)
    sent = sent_by(ue, 100)
    assert {type(m) for _, m in sent} == {kind}
    assert 20 <= sent[0][0] <= 21
    check_intervals(sent, first=1, most=4)
    assert len(sent) >= 4
    assert sent[-1][0] < sent[0][0] + 10
    assert (ue.state, ue.result) == (S.BOUND, before)
    assert isinstance(before, Lease)
    assert ue.next_timeout() == before.renew_at


def test_servers_set_the_longest_interval() -> None:
    """SOL_MAX_RT of an Advertise without leases, INF_MAX_RT of a Reply (18.2.9, 18.2.10)."""
    ue = client()
    ue.start_address(0.0, iaid=1)
    ue.handle_timeout(1.0)
    nothing = Advertise(transaction(ue), (
        ClientIdentifier(DUID), ServerIdentifier(SERVER_DUID), SolMaxRt(60),
        IaNa(1, options=(StatusCodeOption(StatusCode.NO_ADDRS_AVAIL),)),
    ))  # fmt: skip
    feed(ue, nothing, 1.1)
    assert ue.status is not None
    assert ue.status.status_code == StatusCode.NO_ADDRS_AVAIL
    sent = sent_by(ue, 3000)
    assert {type(m) for _, m in sent} == {Solicit}
    assert all(b[0] - a[0] <= 66 for a, b in itertools.pairwise(sent))
    # Servers that disagree, and values out of range, do not count.
    for options in ((SolMaxRt(60), SolMaxRt(90)), (SolMaxRt(59),), (SolMaxRt(86401),)):
        ue = client()
        ue.start_address(0.0, iaid=1)
        ue.handle_timeout(1.0)
        transaction_id = transaction(ue)
        for option in options:
            offer = Advertise(transaction_id, (*nothing.options[:2], option))
            feed(ue, offer, 1.1)
        assert max(b[0] - a[0] for a, b in itertools.pairwise(sent_by(ue, 30_000))) > 3000

    ue = client()
    ue.start_information(0.0)
    ue.handle_timeout(1.0)
    fail = StatusCodeOption(StatusCode.UNSPEC_FAIL, "busy")
    feed(ue, reply(transaction(ue), fail, InfMaxRt(100)), 1.1)
    assert (ue.state, ue.result) == (S.ASKING, None)
    assert all(b[0] - a[0] <= 110 for a, b in itertools.pairwise(sent_by(ue, 3000)))


def test_the_table_of_times_is_rfc_8415_s() -> None:
    text = {
        name: value for name, value in vars(dhcp_parameters).items()
        if name.endswith(("_DELAY", "_TIMEOUT", "_RT", "_RC", "_RD", "_DEFAULT", "_MINIMUM"))
    }  # fmt: skip
    assert text == {
        "SOL_MAX_DELAY": 1, "SOL_TIMEOUT": 1, "SOL_MAX_RT": 3600,
        "REQ_TIMEOUT": 1, "REQ_MAX_RT": 30, "REQ_MAX_RC": 10,
        "CNF_MAX_DELAY": 1, "CNF_TIMEOUT": 1, "CNF_MAX_RT": 4, "CNF_MAX_RD": 10,
        "REN_TIMEOUT": 10, "REN_MAX_RT": 600, "REB_TIMEOUT": 10, "REB_MAX_RT": 600,
        "INF_MAX_DELAY": 1, "INF_TIMEOUT": 1, "INF_MAX_RT": 3600,
        "REL_TIMEOUT": 1, "REL_MAX_RC": 4, "DEC_TIMEOUT": 1, "DEC_MAX_RC": 4,
        "IRT_DEFAULT": 86400, "IRT_MINIMUM": 600,
    }  # fmt: skip
    assert HOP_COUNT_LIMIT == 8


# -- messages by hand ------------------------------------------------------------------------------
def transaction(ue: DhcpClient) -> int:
    """The transaction id of what a client has just sent."""
    (one,) = ue.to_send()
    return int.from_bytes(one.octets[1:4], "big")


def unit(
    message: Dhcpv6Message | bytes,
    *,
    link: str = "access",
    source: IPv6Address = CLIENT,
    destination: IPv6Address = MULTICAST,
    port: int = 547,
) -> Unit:
    octets = message if isinstance(message, bytes) else message.encode()
    return Unit(
        port=Port.UDP, source=source, destination=destination, octets=octets, link=link,
        source_port=547, destination_port=port,
    )  # fmt: skip


def feed(ue: DhcpClient, message: Dhcpv6Message | bytes, now: float) -> None:
    ue.receive(unit(message, source=SERVER, destination=CLIENT, port=546), now)


IDENTIFIERS = (ClientIdentifier(DUID), ServerIdentifier(SERVER_DUID))


def reply(transaction_id: int, *options: Dhcpv6Option) -> Reply:
    return Reply(transaction_id, (*IDENTIFIERS, *options))


def offered(address: str = "2001:db8:1::1000", **more: Any) -> IaNa:
    lifetimes = {"preferred_lifetime": 100, "valid_lifetime": 200, **more}
    return IaNa(1, 50, 80, (IaAddress(IPv6Address(address), **lifetimes),))


def advertise(transaction_id: int, *options: Dhcpv6Option, server: Duid = SERVER_DUID) -> Advertise:
    identifiers = (ClientIdentifier(DUID), ServerIdentifier(server))
    return Advertise(transaction_id, (*identifiers, *(options or (offered(),))))


def soliciting(**more: Any) -> tuple[DhcpClient, int]:
    ue = client(query=HomeNetworkQuery(), **more)
    ue.start_address(0.0, iaid=1)
    ue.handle_timeout(1.0)
    return ue, transaction(ue)


def requesting() -> tuple[DhcpClient, int]:
    ue, transaction_id = soliciting()
    feed(ue, advertise(transaction_id, Preference(255), offered()), 1.0)
    return ue, transaction(ue)


# -- leases ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rapid", [False, True])
@pytest.mark.parametrize("kind", ["address", "prefix"])
def test_the_life_of_a_lease(kind: str, rapid: bool) -> None:
    dhcp = server(rapid_commit=rapid)
    wire, ue = network(client(rapid_commit=rapid), dhcp)
    start: Callable[..., None] = getattr(ue, f"start_{kind}")
    start(0.0, iaid=7)
    wire.run(5)
    direct = [x for x in kinds(wire) if not x.startswith("Relay")]
    assert direct == (
        ["Solicit", "Reply"] if rapid else ["Solicit", "Advertise", "Request", "Reply"]
    )
    assert leases(ue) == ["2001:db8:1::1000" if kind == "address" else "2001:db8:8000::/56"]
    lease = ue.result
    assert isinstance(lease, Lease)
    assert (lease.address is None, lease.prefix is None) == (kind != "address", kind == "address")
    assert (lease.iaid, lease.server) == (7, SERVER_DUID)
    assert lease.home_agents[0].address == AGENT.addresses[0]  # RFC 6610 4.1: stateful, too
    wire.run(510)
    assert [x for x in kinds(wire) if not x.startswith("Relay")][len(direct) :] == [
        "Renew",
        "Reply",
    ]
    assert isinstance(ue.result, Lease)
    assert ue.result.valid_until > lease.valid_until
    ue.release(wire.now)
    assert ue.result is None
    wire.run(520)
    assert kinds(wire)[-4:] == ["Release", "RelayForward", "RelayReply", "Reply"]
    assert ue.state == S.IDLE
    assert dhcp._bindings.next_end() is None
    start(wire.now, iaid=8)
    wire.run(530)
    assert len(leases(ue)) == 1


def test_a_lost_server_is_replaced_at_t2() -> None:
    """The first one goes silent at T1; the second one knows the binding only by Rebind."""
    wire, ue = Wire(), client(query=HomeNetworkQuery())
    link = ServedLink(name="access", prefixes=LINK.prefixes, addresses=LINK.addresses,
                      preferred_lifetime=1000, valid_lifetime=2000)  # fmt: skip
    one = server("one", "access", links=(link,), preference=10)
    two = server("two", "access", links=(link,), duid=Duid.parse("00:02:09"), rapid_commit=True,
                 addresses={"access": IPv6Address("fe80::2")})  # fmt: skip
    wire.join(ue, "access", CLIENT)
    wire.join(one, "access", SERVER)
    wire.join(two, "access", "fe80::2")
    ue.start_address(0.0, iaid=1)
    wire.run(10)
    assert isinstance(ue.result, Lease)
    assert ue.result.server == SERVER_DUID
    wire.delays = lambda x: () if SERVER in (x.source, x.destination) else (0.01,)
    begun = ue.result.renew_at - 500
    renewed = [x for x in kinds(wire) if x == "Renew"]
    assert renewed == []
    # Multicast reaches both, so the first is really off.
    wire._places = [place for place in wire._places if place[0] is not one]
    wire.run(begun + 799)
    assert kinds(wire).count("Renew") > 3
    wire.run(begun + 820)
    assert kinds(wire)[-2:] == ["Rebind", "Reply"]
    assert ue.state == S.BOUND
    assert ue.result.server == Duid.parse("00:02:09")
    assert leases(ue) == ["2001:db8:1::1000"]


def test_no_binding_makes_a_request() -> None:
    """18.2.10.1: the server has forgotten; the client asks it for the same."""
    ue = bound("address")
    wire = Wire()
    wire.now = 400.0
    wire.join(ue, "access", CLIENT)
    link = ServedLink(name="access", prefixes=LINK.prefixes, addresses=LINK.addresses)
    wire.join(server("again", "access", links=(link,)), "access", SERVER)
    wire.run(600)
    assert kinds(wire) == ["Renew", "Reply", "Request", "Reply"]
    assert ("refused", "NO_BINDING nothing is leased here") in names(wire)
    assert (ue.state, leases(ue)) == (S.BOUND, ["2001:db8:1::1000"])


def test_pools_end() -> None:
    dhcp = server()
    for i, expected in enumerate([["2001:db8:1::1000"], ["2001:db8:1::1001"], []]):
        duid = Duid.parse(f"00:03:00:01:02:00:00:00:00:0{i}")
        wire, ue = network(client(duid=duid, query=HomeNetworkQuery()), dhcp)
        ue.start_address(0.0, iaid=1)
        wire.run(20)
        assert leases(ue) == expected
    assert (ue.state, ue.status) == (
        S.SOLICITING, StatusCodeOption(StatusCode.NO_ADDRS_AVAIL, "no address is left"),
    )  # fmt: skip
    # What is over is free again, although its client was never heard of any more.
    assert dhcp.next_timeout() is not None
    dhcp.handle_timeout(3000.0)
    assert [x.name for x in dhcp.events()].count("lease over") == 2
    wire.run(30_000)
    assert leases(ue) == ["2001:db8:1::1000"]


def test_declined_addresses_are_not_given_again() -> None:
    wire, ue = network(client(query=HomeNetworkQuery()))
    ue.start_address(0.0, iaid=1, hint=IPv6Address("2001:db8:1::1001"))
    wire.run(5)
    assert leases(ue) == ["2001:db8:1::1001"]
    ue.decline(wire.now)
    wire.run(20)
    assert leases(ue) == ["2001:db8:1::1000"]
    ue.decline(wire.now)
    wire.run(40)
    assert leases(ue) == []
    assert ue.status is not None
    assert ue.status.status_code == StatusCode.NO_ADDRS_AVAIL
    prefix = bound("prefix")
    prefix.decline(5.0)
    assert prefix.state == S.BOUND
    assert prefix.to_send() == []


def test_moving_home_and_away() -> None:
    """Confirm says Success on the same link; NotOnLink on another, where there is a new lease."""
    dhcp = server(links=(LINK, ServedLink(
        prefixes=(IPv6Network("2001:db8:5::/64"),),
        addresses=AddressPool(IPv6Address("2001:db8:5::10"), IPv6Address("2001:db8:5::1f")),
    )))  # fmt: skip
    wire, ue = network(client(query=HomeNetworkQuery()), dhcp)
    ue.start_address(0.0, iaid=1)
    wire.run(5)
    ue.link_changed(5.0)
    wire.run(10)
    assert kinds(wire)[-4:] == ["Confirm", "RelayForward", "RelayReply", "Reply"]
    assert leases(ue) == ["2001:db8:1::1000"]
    other = RelayLink(
        name="access", address=ACCESS.address, link_address=IPv6Address("2001:db8:5::1")
    )
    wire2, ue = network(ue, dhcp, relay(links=(other,)))
    wire2.now = 10.0
    ue.link_changed(10.0)
    wire2.run(30)
    assert leases(ue) == ["2001:db8:5::10"]
    assert ("refused", "NOT_ON_LINK") in names(wire2)


def test_prefixes_of_another_link_are_over() -> None:
    ue = bound("prefix")
    wire = Wire()
    wire.now = 10.0
    wire.join(ue, "access", CLIENT)
    link = ServedLink(name="access", prefixes=(IPv6Network("2001:db8:5::/64"),),
                      delegated=PrefixPool(IPv6Network("2001:db8:9000::/48"), 56))  # fmt: skip
    wire.join(server(link="access", links=(link,)), "access", SERVER)
    ue.link_changed(10.0)
    wire.run(30)
    assert kinds(wire) == ["Rebind", "Reply", "Solicit", "Advertise", "Request", "Reply"]
    assert leases(ue) == ["2001:db8:9000::/56"]


def test_the_best_server_is_asked() -> None:
    """18.2.1, 18.2.9: the highest preference once the first interval is over; 255 at once."""
    servers = [Duid.parse(f"00:02:0{i}") for i in range(4)]
    ue, transaction_id = soliciting()
    offers = [advertise(transaction_id, offered(f"2001:db8:1::{i}"), *more, server=servers[i])
              for i, more in enumerate([(), (Preference(7),), (Preference(7),), (Preference(3),)])]  # fmt: skip
    for offer in offers:
        feed(ue, offer, 1.2)
    assert ue.to_send() == []
    asked = [m for _, m in sent_by(ue, 800) if isinstance(m, Request)]
    order = [next(x.duid for x in m.options if isinstance(x, ServerIdentifier)) for m in asked]
    # Each of them ten times, the best first, the others after it has not answered.
    assert [key for key, _ in itertools.groupby(order)] == [servers[i] for i in (1, 2, 3, 0)]
    assert len(order) == 40
    ue, transaction_id = soliciting()
    feed(ue, advertise(transaction_id, Preference(255), offered()), 1.2)
    assert ue.state == S.REQUESTING
    # Once the first interval is over, the first offer is taken.
    ue, transaction_id = soliciting()
    ue.handle_timeout(3.0)
    feed(ue, advertise(transaction_id, offered()), 3.1)
    assert ue.state == S.REQUESTING


@pytest.mark.parametrize(
    "option",
    [
        IaNa(2, 50, 80, offered().options),
        IaNa(1, 90, 80, offered().options),
        IaNa(1),
        offered(preferred_lifetime=300),
        offered(valid_lifetime=0, preferred_lifetime=0),
        IaPd(1, options=offered().options),
        StatusCodeOption(StatusCode.UNSPEC_FAIL),
    ],
)
def test_offers_that_are_none(option: Dhcpv6Option) -> None:
    ue, transaction_id = soliciting()
    feed(ue, advertise(transaction_id, Preference(255), option), 1.2)
    assert ue.state == S.SOLICITING
    assert [event.name for event in ue.events()][-1] == "offer ignored"


def test_times_that_the_server_leaves_to_the_client() -> None:
    """RFC 8415 14.2, 7.7, 21.4."""
    cases = [
        ((0, 0, 100, 200), (50, 80, 200)),
        ((0, 0, 4, 6), (10, 10, 6)),
        ((0, 60, 100, 200), (50, 60, 200)),
        ((70, 0, 80, 200), (70, 70, 200)),
        ((0, 0, INFINITY, INFINITY), (math.inf, math.inf, math.inf)),
        ((INFINITY, INFINITY, 100, 200), (math.inf, math.inf, 200)),
        ((0, 0, 0, 200), (100, 160, 200)),
    ]
    for (t1, t2, preferred, valid), expected in cases:
        ue, transaction_id = requesting()
        address = IaAddress(IPv6Address("2001:db8:1::5"), preferred, valid)
        feed(ue, reply(transaction_id, IaNa(1, t1, t2, (address,))), 10.0)
        assert isinstance(ue.result, Lease)
        times = (ue.result.renew_at, ue.result.rebind_at, ue.result.valid_until)
        assert times == tuple(x + 10 for x in expected)


def test_several_addresses_end_one_by_one() -> None:
    ue, transaction_id = requesting()
    addresses = (IaAddress(IPv6Address("2001:db8:1::5"), 100, 120),
                 IaAddress(IPv6Address("2001:db8:1::6"), 1000, 2000))  # fmt: skip
    feed(ue, reply(transaction_id, IaNa(1, 90, 110, addresses)), 0.0)
    sent = sent_by(ue, 300)
    held = [(at, [x.address.packed[-1] for x in m.find_all(IaAddress)]) for at, m in sent]
    assert all(values == ([5, 6] if at < 120 else [6]) for at, values in held)
    assert {at < 120 for at, _ in held} == {True, False}
    # A Reply that does not mention one leaves it; one with lifetime 0 takes it.
    (_, last) = sent[-1]
    gone = IaNa(
        1,
        500,
        800,
        (IaAddress(IPv6Address("2001:db8:1::6"), 0, 0), offered("2001:db8:1::7").options[0]),
    )
    feed(ue, reply(last.transaction_id, gone), 301.0)
    assert leases(ue) == ["2001:db8:1::7"]


# -- what goes wrong ---------------------------------------------------------------------------------
def test_loss_copies_and_delays() -> None:
    """Whatever the wire does, client and server agree in the end, and no message is illegal."""
    for seed in range(5):
        rng = Random(seed)

        def delays(_: Unit, rng: Random = rng) -> list[float]:
            return [rng.random() * 3 for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 3)))]

        dhcp = server()
        wire, ue = network(client(seed=seed), dhcp)
        wire.delays = delays
        ue.start_address(0.0, iaid=1)
        wire.run(1900)
        messages(wire)
        assert ue.state in (S.BOUND, S.RENEWING, S.REBINDING)
        binding = dhcp._bindings.of((DUID, IaNa, 1))
        assert binding is not None
        assert leases(ue) == [str(binding.value)]
        ue.release(wire.now)
        wire.run(2000)
        assert ue.state == S.IDLE


def test_the_same_seed_sends_the_same_octets() -> None:
    logs = []
    for _ in range(2):
        wire, ue = network()
        ue.start_prefix(0.0, iaid=1)
        wire.run(3000)
        logs.append(wire.log)
    assert logs[0] == logs[1]
    assert len(logs[0]) > 10


def test_replies_that_are_not_for_the_client() -> None:
    """RFC 8415 16.3, 16.10, 16.11."""
    ue = client()
    ue.start_information(0.0)
    ue.handle_timeout(1.0)
    right = transaction(ue)
    good = reply(right)
    bad: list[Dhcpv6Message | bytes] = [
        reply(right ^ 1),
        good.replace(options=good.options[:1]),
        good.replace(options=good.options[1:]),
        good.replace(options=(ClientIdentifier(SERVER_DUID), *good.options[1:])),
        Reconfigure(0, (*good.options, ReconfigureMessage(MessageType.INFORMATION_REQUEST))),
        InformationRequest(right, good.options),
        RelayReply(link_address=CLIENT, peer_address=CLIENT, options=(RelayMessage(good),)),
        b"",
        b"\x07\x00",
        UnknownDhcpv6Message(200, b"123"),
    ]
    for message in bad:
        feed(ue, message, 1.5)
        assert ue.state == S.ASKING
        assert [event.name for event in ue.events()][-1] == "dropped"
    ue.receive(unit(good, destination=SERVER, port=546), 1.5)
    ue.receive(unit(good, destination=CLIENT, port=547), 1.5)
    ue.receive(unit(good, destination=CLIENT, port=546, link="core"), 1.5)
    assert ue.state == S.ASKING
    feed(ue, advertise(right), 1.5)
    assert [event.name for event in ue.events()][-1] == "ignored"
    assert ue.expects(unit(good, port=546))
    assert not ue.expects(unit(reply(right ^ 1), port=546))
    feed(ue, good, 1.5)
    assert ue.state == S.INFORMED
    assert not ue.expects(unit(good, port=546))
    feed(ue, good, 1.6)
    assert [event.text for event in ue.events()][-1] == "Reply: no such transaction"


def test_a_reply_without_rapid_commit_is_none() -> None:
    for rapid, option in ((False, RapidCommit()), (True, Preference(1))):
        ue, transaction_id = soliciting(rapid_commit=rapid)
        feed(ue, reply(transaction_id, option, offered()), 1.2)
        assert ue.state == S.SOLICITING
    ue, transaction_id = soliciting(rapid_commit=True)
    feed(ue, reply(transaction_id, RapidCommit(), offered()), 1.2)
    assert ue.state == S.BOUND


def test_a_malformed_option_spoils_itself_only() -> None:
    ue = client()
    ue.start_information(0.0)
    ue.handle_timeout(1.0)
    octets = reply(transaction(ue), DNS).encode() + bytes.fromhex(
        "0045 0006 0048 0004 0102".replace(" ", "")
    )
    feed(ue, octets + bytes.fromhex("00200001ff"), 1.5)
    assert isinstance(ue.result, InformationResult)
    assert ue.result.home_agents == ()
    assert ue.result.dns_servers == DNS.addresses
    assert ue.result.refresh_at == 1.5 + 86400


def test_requests_that_are_refused() -> None:
    """NotOnLink and NoAddrsAvail begin anew; UnspecFail is waited out (18.2.10)."""
    for status in (StatusCode.NOT_ON_LINK, StatusCode.NO_ADDRS_AVAIL):
        ue, transaction_id = requesting()
        feed(ue, reply(transaction_id, IaNa(1, options=(StatusCodeOption(status),))), 1.5)
        assert (ue.state, ue.status) == (S.BEFORE_SOLICITING, StatusCodeOption(status))
    ue, transaction_id = requesting()
    feed(ue, reply(transaction_id, StatusCodeOption(StatusCode.NOT_ON_LINK)), 1.5)
    assert ue.state == S.BEFORE_SOLICITING
    ue, transaction_id = requesting()
    feed(ue, reply(transaction_id, StatusCodeOption(StatusCode.UNSPEC_FAIL)), 1.5)
    assert ue.state == S.REQUESTING


def test_inputs_out_of_place_are_ignored() -> None:
    ue = bound("address")
    ue.start_information(6.0)
    ue.start_address(6.0, iaid=3)
    assert (ue.state, ue.to_send()) == (S.BOUND, [])
    events = [event for event in ue.events() if event.name == "ignored"]
    assert [event.text for event in events] == [
        "information in the state bound", "lease in the state bound",
    ]  # fmt: skip
    idle = client()
    idle.link_changed(0.0)
    idle.decline(0.0)
    idle.release(0.0)
    assert (idle.state, idle.next_timeout()) == (S.IDLE, None)


def test_whatever_the_owner_does_when_it_is_stopped() -> None:
    """`release` ends every state, and leaves no timer but its own."""
    for at in (0.5, 1.3, 2.5, 3.0, 400.0, 502.0, 820.0, 1999.0):
        ue = client(query=HomeNetworkQuery())
        ue.start_address(0.0, iaid=1)
        wire, _ = network(ue, server())
        wire.run(at if at < 400 else 5)
        sent_by(ue, at)
        ue.release(max(at, wire.now))
        assert ue.result is None
        sent_by(ue, at + 60)
        assert (ue.state, ue.next_timeout()) == (S.IDLE, None)


# -- the relay -----------------------------------------------------------------------------------------
def test_what_a_relay_does_not_pass_on() -> None:
    agent = relay(supplies=False)
    ask = InformationRequest(1, (ClientIdentifier(DUID), ElapsedTime(0)))
    up = RelayForward(
        hop_count=8, link_address=RELAY, peer_address=CLIENT, options=(RelayMessage(ask),)
    )
    supplied = up.replace(
        hop_count=0, options=(*up.options, RelaySuppliedOptions((ErpLocalDomainName(HOME),)))
    )
    nested = up.replace(hop_count=1, options=(RelayMessage(supplied),))
    back = RelayReply(
        link_address=ACCESS.link_address, peer_address=CLIENT, options=(RelayMessage(reply(1)),)
    )
    core: dict[str, Any] = {"link": "core", "source": SERVER, "destination": RELAY}
    cases: list[tuple[Unit, str]] = [
        (unit(reply(1)), "Reply: not from a client or relay (RFC 8415 16)"),
        (unit(advertise(1)), "Advertise: not from a client or relay (RFC 8415 16)"),
        (unit(Reconfigure(0)), "Reconfigure: not from a client or relay (RFC 8415 16)"),
        (unit(back), "RelayReply: not from a client or relay (RFC 8415 16)"),
        (unit(up), "RelayForward: too many hops (RFC 8415 19.1.2)"),
        (unit(supplied), "RelayForward: options of another relay are not wanted (RFC 6422 5)"),
        (unit(nested), "RelayForward: options of another relay are not wanted (RFC 6422 5)"),
        (unit(ask, destination=SERVER), "InformationRequest: for another address"),
        (unit(ask, link="core"), "InformationRequest: no clients on this link"),
        (unit(ask, link="elsewhere"), "InformationRequest: no clients on this link"),
        (unit(ask, port=546), "not for the port of relays and servers"),
        (unit(b"\x0b"), ""),
        (unit(back, **{**core, "destination": SERVER}), "RelayReply: for another address"),
        (unit(back.replace(options=()), **core), "RelayReply: no Relay Message"),
        (unit(back.replace(link_address=SERVER), **core), "RelayReply: no such link"),
        (
            unit(back.replace(options=(InterfaceId(b"?"), *back.options)), **core),
            "RelayReply: no such link",
        ),
    ]
    for one, why in cases:
        agent.receive(one, 0.0)
        (event,) = agent.events()
        assert event.name == "dropped"
        assert event.text == why or not why
        assert agent.to_send() == []
    assert agent.next_timeout() is None


def test_a_relay_keeps_every_octet() -> None:
    """Messages of unknown types and malformed options too (RFC 8415 19, 19.2)."""
    agent = relay()
    for octets in (
        b"\xc8whatever",
        InformationRequest(1, (ClientIdentifier(DUID),)).encode() + bytes.fromhex("0006000101"),
        Solicit(2).encode() + bytes.fromhex("0003ffff00"),
    ):
        agent.receive(unit(octets), 0.0)
        (up,) = agent.to_send()
        assert up.octets.endswith(bytes.fromhex("0009") + len(octets).to_bytes(2, "big") + octets)
        back = bytes((13, 0)) + ACCESS.link_address.packed + CLIENT.packed
        back += bytes.fromhex("0009") + len(octets).to_bytes(2, "big") + octets
        agent.receive(unit(back, link="core", source=SERVER, destination=RELAY), 0.0)
        (down,) = agent.to_send()
        assert (down.octets, down.destination, down.destination_port) == (octets, CLIENT, 546)


def test_several_links_and_what_neighbors_are_called() -> None:
    seen: list[RelayedClient] = []

    def find(client: RelayedClient, network: DomainName | None) -> Sequence[AgentInfo]:
        seen.append(client)
        return ()

    links = tuple(
        RelayLink(name=f"radio{i}", address=IPv6Address(f"fe80::{i}"), interface_id=identifier,
                  link_address=IPv6Address(f"2001:db8:{i}::1"))
        for i, identifier in ((1, b"\x01\x00"), (2, b""))
    )  # fmt: skip
    agent = relay(links=links, agents=find, link_layer=lambda link, address: b"\x02\0\0\0\0\x10",
                  servers=(SERVER, IPv6Address("2001:db8:2::4")))  # fmt: skip
    ue = client(link="radio1")
    ue.start_information(0.0)
    ue.handle_timeout(1.0)
    (asked,) = ue.to_send()
    for link, identifier in (("radio1", [InterfaceId(b"\x01\x00")]), ("radio2", [])):
        agent.receive(unit(asked.octets, link=link), 1.0)
        ups = agent.to_send()
        assert [x.destination for x in ups] == [SERVER, IPv6Address("2001:db8:2::4")]
        forward = dhcpv6.decode(ups[0].octets)
        assert dhcpv6.check(forward) == []
        assert list(forward.find_all(InterfaceId)) == identifier
        assert forward.find(ClientLinkLayerAddress) == ClientLinkLayerAddress(
            1, b"\x02\0\0\0\0\x10"
        )
        assert forward.find(RelaySuppliedOptions) is None
        assert isinstance(forward, RelayForward)
        back = RelayReply(link_address=forward.link_address, peer_address=CLIENT,
                          options=(*identifier, RelayMessage(reply(1))))  # fmt: skip
        agent.receive(unit(back, link="core", source=SERVER, destination=RELAY), 1.0)
        (down,) = agent.to_send()
        assert down.link == link
    assert [(x.link, x.address, x.duid, x.link_layer_address) for x in seen] == [
        (link, CLIENT, DUID, b"\x02\0\0\0\0\x10") for link in ("radio1", "radio2")
    ]
    # A relay with a global address on one of several links: the way back is by Interface-Id.
    inner = RelayForward(
        link_address=CLIENT, peer_address=CLIENT, options=(RelayMessage(Solicit(1)),)
    )
    for source, link_address, identifier in (
        ("2001:db8:2::9", IPv6Address(0), [InterfaceId(b"radio2")]), ("fe80::9", links[1].link_address, []),
    ):  # fmt: skip
        agent.receive(unit(inner, link="radio2", source=IPv6Address(source)), 1.0)
        forward = dhcpv6.decode(agent.to_send()[0].octets)
        assert isinstance(forward, RelayForward)
        assert (forward.hop_count, forward.link_address) == (1, link_address)
        assert [x for x in forward.options if isinstance(x, InterfaceId)] == identifier
        back = RelayReply(hop_count=1, link_address=link_address, peer_address=IPv6Address(source),
                          options=(*identifier, RelayMessage(back)))  # fmt: skip
        agent.receive(unit(back, link="core", source=SERVER, destination=RELAY), 1.0)
        (down,) = agent.to_send()
        assert (down.link, down.destination_port) == ("radio2", 547)


def test_hostile_names_from_the_aaa_tell_nothing() -> None:
    for host in ("", ".", "..", "a" * 64, "a..b", "x" * 300, "partial..."):
        wire, ue = network(
            relay_=relay(agents=lambda client, network, host=host: (AgentInfo(host=host),))
        )
        ue.start_information(0.0)
        wire.run(5)
        assert ue.result is not None
        assert ue.result.home_agents == ()
        assert not any(x.find(RelaySuppliedOptions) for x in messages(wire))


# -- the server ----------------------------------------------------------------------------------------
def asked(dhcp: DhcpServer, message: Dhcpv6Message | bytes, **more: Any) -> Dhcpv6Message | None:
    dhcp.receive(unit(message, **{"link": "core", **more}), 0.0)
    found = [dhcpv6.decode(one.octets) for one in dhcp.to_send()]
    assert [str(x) for message in found for x in dhcpv6.check(message)] == []
    return found[0] if found else None


TO_IT = (ClientIdentifier(DUID), ServerIdentifier(SERVER_DUID), ElapsedTime(0))
TO_ALL = (ClientIdentifier(DUID), ElapsedTime(0))


def test_what_a_server_discards() -> None:
    """RFC 8415 16.2 to 16.14."""
    other = ServerIdentifier(DUID)
    bad: list[Dhcpv6Message] = [
        *(Solicit(1, (ClientIdentifier(Duid.from_wire(bytes(size))), *TO_ALL[1:])) for size in (2, 131)),
        Solicit(1, TO_IT), Solicit(1, TO_ALL[1:]), Confirm(1, TO_IT), Confirm(1), Rebind(1, TO_IT), Rebind(1),
        *(kind(1, options) for kind in (Request, Renew, Release, Decline)
          for options in (TO_ALL, TO_IT[1:], (TO_ALL[0], other))),
        InformationRequest(1, (other,)), InformationRequest(1, (IaNa(1),)), InformationRequest(1, (IaPd(1),)),
        Advertise(1, TO_IT), Reply(1, TO_IT), Reconfigure(0, TO_IT), UnknownDhcpv6Message(99, b""), Leasequery(1),
        RelayForward(link_address=CLIENT, peer_address=CLIENT),
        RelayReply(link_address=CLIENT, peer_address=CLIENT, options=(RelayMessage(Solicit(1, TO_ALL)),)),
    ]  # fmt: skip
    dhcp = server()
    for message in bad:
        assert asked(dhcp, message) is None, message
        assert [event.name for event in dhcp.events()] == ["dropped"]
    for more in ({"port": 546}, {"destination": RELAY}, {"link": "access"}):
        assert asked(dhcp, Solicit(1, TO_ALL), **more) is None
    assert asked(dhcp, b"\x01\x00") is None


def test_unicast_is_not_welcome() -> None:
    """RFC 8415 16, 18.4: discarded, or UseMulticast and nothing else."""
    dhcp = server()
    for discarded in (Solicit, Confirm, Rebind, InformationRequest):
        assert asked(dhcp, discarded(1, TO_ALL), destination=SERVER) is None
    for kind in (Request, Renew, Release, Decline):
        answer = asked(dhcp, kind(1, (*TO_IT, IaNa(1))), destination=SERVER)
        assert answer == Reply(1, (*IDENTIFIERS, StatusCodeOption(StatusCode.USE_MULTICAST)))


def test_malformed_options_are_told() -> None:
    octets = bytes.fromhex("0003000500000001ff")
    for kind, answer in ((Solicit, Advertise), (Confirm, Reply), (InformationRequest, Reply)):
        got = asked(server(), kind(5, TO_ALL).encode() + octets)
        assert isinstance(got, answer)
        status = got.find(StatusCodeOption)
        assert status is not None
        assert status.status_code == StatusCode.UNSPEC_FAIL


def test_statuses() -> None:
    dhcp = server(preference=9)
    off = IaNa(1, options=(IaAddress(IPv6Address("2001:db8:77::1")),))
    on = IaNa(1, options=(IaAddress(IPv6Address("2001:db8:1::1001")),))

    def status(message: Dhcpv6Message) -> list[tuple[str, int]]:
        answer = asked(dhcp, message)
        assert isinstance(answer, (Advertise, Reply))
        assert answer.options[:2] == IDENTIFIERS
        where = [("", answer.options)]
        where += [
            (type(x).__name__, x.options)
            for x in answer.options
            if isinstance(x, (IaNa, IaPd, IaTa))
        ]
        return [
            (name, int(x.status_code))
            for name, options in where
            for x in options
            if isinstance(x, StatusCodeOption)
        ]

    code = StatusCode
    assert status(Request(1, (*TO_IT, off))) == [("IaNa", code.NOT_ON_LINK)]
    assert status(Solicit(1, (*TO_ALL, off))) == []  # a hint
    assert status(Solicit(1, (*TO_ALL, IaTa(1)))) == [("IaTa", code.NO_ADDRS_AVAIL)]
    assert status(Confirm(1, (*TO_ALL, on))) == [("", code.SUCCESS)]
    assert status(Confirm(1, (*TO_ALL, off, on.replace(iaid=2)))) == [("", code.NOT_ON_LINK)]
    assert asked(dhcp, Confirm(1, (*TO_ALL, IaNa(1)))) is None
    assert status(Renew(1, (*TO_IT, on))) == [("IaNa", code.NO_BINDING)]
    assert status(Rebind(1, (*TO_ALL, on))) == [("IaNa", code.NO_BINDING)]
    assert status(Release(1, (*TO_IT, on, IaPd(4)))) == [
        ("", code.SUCCESS), ("IaNa", code.NO_BINDING), ("IaPd", code.NO_BINDING),
    ]  # fmt: skip
    assert status(Decline(1, (*TO_IT, on))) == [("", code.SUCCESS), ("IaNa", code.NO_BINDING)]
    assert status(Request(1, (*TO_IT, on, IaPd(1), IaPd(2), IaPd(3)))) == [
        ("IaPd", code.NO_PREFIX_AVAIL)
    ]
    # What is not leased to it is not taken back, and told to be over.
    wrong = IaNa(1, options=(IaAddress(IPv6Address("2001:db8:1::1000")),))
    assert status(Release(1, (*TO_IT, wrong))) == [("", code.SUCCESS)]
    renewed = asked(dhcp, Renew(1, (*TO_IT, wrong)))
    assert renewed is not None
    assert {x.address.packed[-1]: x.valid_lifetime for x in renewed.find_all(IaAddress)} == {
        1: 2000,
        0: 0,
    }
    rebound = asked(dhcp, Rebind(1, (*TO_ALL, off.replace(iaid=9))))
    assert rebound is not None
    assert [x.valid_lifetime for x in rebound.find_all(IaAddress)] == [0]
    assert status(Release(1, (*TO_IT, on))) == [("", code.SUCCESS)]
    assert status(Release(1, (*TO_IT, on))) == [("", code.SUCCESS), ("IaNa", code.NO_BINDING)]
    # On a link of which the server knows nothing.
    for message in (Confirm(1, (*TO_ALL, on)), Rebind(1, (*TO_ALL, on))):
        lost = RelayForward(
            link_address=IPv6Address("2001:db8:66::1"),
            peer_address=CLIENT,
            options=(RelayMessage(message),),
        )
        assert asked(dhcp, lost) is None


def test_preference_stands_in_advertises() -> None:
    for preference in (None, 0, 200):
        answer = asked(server(preference=preference), Solicit(1, (*TO_ALL, IaNa(1))))
        assert isinstance(answer, Advertise)
        found = [x.pref_value for x in answer.find_all(Preference)]
        assert found == ([] if preference is None else [preference])


def test_a_client_without_a_duid_is_informed() -> None:
    """RFC 8415 18.3.6."""
    ask = InformationRequest(3, (OptionRequest((23, 32, 82, 83)), ElapsedTime(0)))
    extras = (
        DNS,
        InformationRefreshTime(900),
        InfMaxRt(100),
        SolMaxRt(200),
        ErpLocalDomainName(HOME),
    )
    dhcp = server(options=extras)
    assert asked(dhcp, ask) == Reply(3, (ServerIdentifier(SERVER_DUID), *extras[:4]))
    solicit = Solicit(4, (*TO_ALL, ask.options[0]))
    assert asked(dhcp, solicit) == Advertise(4, (*IDENTIFIERS, DNS, SolMaxRt(200)))


def test_addresses_drawn_by_lot() -> None:
    link = ServedLink(name="core", prefixes=LINK.prefixes, delegated=PrefixPool(IPv6Network("2001:db8:8000::/40"), 64),
                      addresses=AddressPool(IPv6Address("2001:db8:1::"), IPv6Address("2001:db8:1::ffff:ffff:ffff:ffff")))  # fmt: skip
    dhcp = DhcpServer(
        "server", Random(3), duid=SERVER_DUID, addresses={"core": SERVER}, links=(link,)
    )
    given = []
    for iaid in range(20):
        answer = asked(dhcp, Request(1, (*TO_IT, IaNa(iaid), IaPd(iaid))))
        assert answer is not None
        given += [str(x.address) for x in answer.find_all(IaAddress)]
        given += [str(x.network) for x in answer.find_all(IaPrefix)]
    assert len(set(given)) == 40
    # Without lot the lowest; identifiers that no node may have are left out.
    lowest = DhcpServer("server", None, duid=SERVER_DUID, addresses={"core": SERVER}, links=(link,))
    answer = asked(lowest, Request(1, (*TO_IT, IaNa(1))))
    assert answer is not None
    assert answer.find(IaAddress) == IaAddress(IPv6Address("2001:db8:1::1"), 3000, 4000)
    assert IPv6Address("2001:db8:1:0:fdff:ffff:ffff:ffff") not in link.addresses  # type: ignore[operator]
    assert "x" not in link.addresses  # type: ignore[operator]


def test_times_of_leases() -> None:
    for preferred, t1, t2, expected in [
        (1000, None, None, (500, 800)), (1000, 10, 20, (10, 20)), (INFINITY, None, None, (INFINITY, INFINITY)),
    ]:  # fmt: skip
        link = ServedLink(name="core", prefixes=LINK.prefixes, addresses=LINK.addresses, delegated=LINK.delegated,
                          preferred_lifetime=preferred, valid_lifetime=INFINITY, t1=t1, t2=t2)  # fmt: skip
        dhcp = server(links=(link,))
        answer = asked(dhcp, Request(1, (*TO_IT, IaNa(1), IaPd(1))))
        assert answer is not None
        found = [(x.t1, x.t2) for x in answer.find_all(IdentityAssociation)]  # type: ignore[attr-defined]
        assert found == [expected] * 2
        assert dhcp.next_timeout() is None


# -- the choice of a home agent --------------------------------------------------------------------------
HAA, HAF = HomeAgentAddress, HomeAgentFqdn
FQDN = DomainName.parse("ha.example.org")
ONE, TWO = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")
NAMED = HomeNetworkIdFqdn(HOME)
IDINF, VDINF, UDINF = (
    IdentifiedHomeNetworkInformation, VisitedHomeNetworkInformation, UnrestrictedHomeNetworkInformation,
)  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((IDINF((NAMED, HAA(ONE), HAA(TWO))),), [ONE, TWO]),
        ((VDINF((HAF(FQDN), HAA(ONE))), UDINF((HAA(TWO),))), [FQDN, ONE, TWO]),
        ((IDINF((HomeNetworkIdFqdn(DomainName.parse("HOME.Example.org")), HAA(ONE))),), [ONE]),
        # Not asked about, or not told which.
        ((IDINF((HomeNetworkIdFqdn(OTHER), HAA(ONE))), IDINF((HAA(TWO),))), []),
        # Outside containers.
        ((HAA(ONE), HAF(FQDN), NAMED, HomeNetworkPrefix(64, ONE)), []),
        # Incomplete containers.
        ((VDINF(()), IDINF((NAMED, HomeNetworkPrefix(64, ONE))), UDINF((HAA(TWO),))), [TWO]),
        # Not to be sent to, or to be looked up.
        ((VDINF((HAA(IPv6Address("ff02::1")), HAA(IPv6Address(0)), HAA(IPv6Address("fe80::1")),
                 HAA.of_ipv4(IPv4Address("127.0.0.1")), HAF(DomainName(())),
                 HAF(DomainName((b"ha",), complete=False)))),), []),
        ((VDINF((HAA.of_ipv4(IPv4Address("192.0.2.1")),)),), [IPv4Address("192.0.2.1")]),
    ],
)  # fmt: skip
def test_choice(options: tuple[Dhcpv6Option, ...], expected: list[Any]) -> None:
    found = home_agent_candidates(options, BY_NAME)
    assert [x.address or x.name for x in found] == expected


def test_choice_has_two_switches() -> None:
    options = (VDINF((HAF(FQDN), HAA(ONE))), IDINF((HAA(TWO),)))
    first = home_agent_candidates(options, BY_NAME, prefer_addresses=True)
    assert [x.address or x.name for x in first] == [ONE, FQDN]
    unnamed = home_agent_candidates(options, BY_NAME, unnamed=True)
    assert [x.address or x.name for x in unnamed] == [FQDN, ONE, TWO]
    assert unnamed[2] == HomeAgentCandidate(
        address=TWO, network=HOME, container=OptionCode.MIP6_IDINF
    )
    several = HomeNetworkQuery(identified=(HOME, OTHER))
    assert len(home_agent_candidates(options, several, unnamed=True)) == 2


def test_prefixes_of_containers() -> None:
    parts = (
        HomeNetworkPrefix(129, ONE),
        HomeNetworkPrefix(64, b"\x20"),
        HomeNetworkPrefix(32, ONE),
        HAA(ONE),
    )
    (found,) = home_agent_candidates((UDINF(parts),), BY_NAME)
    assert found.prefix == IPv6Network("2001:db8::/32")


def test_rfc_6611_s_client_asks_with_the_visited_container() -> None:
    """4.2.1 (2) and (4) there: it names a network and asks for option 50; 69 answers."""
    message = InformationRequest(1, (NAMED, OptionRequest((50,))))
    assert HomeNetworkQuery.of(message) == HomeNetworkQuery(identified=(HOME,), visited=True)
    assert HomeNetworkQuery.of(
        message.replace(options=(NAMED, OptionRequest((70,))))
    ) == HomeNetworkQuery(unrestricted=True)


def test_renewals_that_are_not() -> None:
    """18.2.10.1: without the association it waits on; with lifetimes of 0 it begins anew."""
    gone = (IaAddress(IPv6Address("2001:db8:1::1000"), 0, 0),)
    refused = (StatusCodeOption(StatusCode.NO_ADDRS_AVAIL),)
    odd = (
        IaAddress(IPv6Address("2001:db8:1::1000"), 5, 5, refused),
        IaAddress(IPv6Address("2001:db8:1::1001"), 6, 5),
        StatusCodeOption(StatusCode.SUCCESS),
    )
    for options, state in [
        ((), S.RENEWING),
        ((StatusCodeOption(StatusCode.UNSPEC_FAIL),), S.RENEWING),
        ((IaNa(7, options=refused),), S.RENEWING),
        ((IaNa(7, 1, 2, odd),), S.BOUND),
        ((IaNa(7, options=gone),), S.BEFORE_SOLICITING),
    ]:
        ue = bound("address")
        ue.handle_timeout(600.0)
        feed(ue, reply(transaction(ue), *options), 601.0)
        assert ue.state == state
        assert leases(ue) == ([] if state == S.BEFORE_SOLICITING else ["2001:db8:1::1000"])


def test_a_lease_of_one_link_is_not_extended_on_another() -> None:
    other = ServedLink(prefixes=(IPv6Network("2001:db8:5::/64"),))
    dhcp = server(links=(LINK, other))
    on = IaNa(1, options=(IaAddress(IPv6Address("2001:db8:1::1000")),))
    assert asked(dhcp, Request(1, (*TO_IT, on))) is not None
    for message in (Renew(1, (*TO_IT, on)), Rebind(1, (*TO_ALL, on))):
        moved = RelayForward(
            link_address=IPv6Address("2001:db8:5::1"),
            peer_address=CLIENT,
            options=(RelayMessage(message),),
        )
        answer = asked(dhcp, moved)
        assert answer is not None
        assert [x.valid_lifetime for x in answer.find_all(IaAddress)] == [0]
    # A relay without an address says nothing of the link, and the one nearer to the client does.
    inner = RelayForward(link_address=IPv6Address("2001:db8:1::1"), peer_address=CLIENT,
                         options=(RelayMessage(Renew(1, (*TO_IT, on))),))  # fmt: skip
    answer = asked(dhcp, RelayForward(hop_count=1, link_address=IPv6Address(0), peer_address=CLIENT,
                                      options=(RelayMessage(inner),)))  # fmt: skip
    assert answer is not None
    assert [x.valid_lifetime for x in answer.find_all(IaAddress)] == [2000]
    nowhere = inner.replace(link_address=IPv6Address(0))
    answer = asked(dhcp, nowhere)
    assert answer is not None
    assert [x.valid_lifetime for x in answer.find_all(IaAddress)] == [0]


# -- hostile octets --------------------------------------------------------------------------------------
def test_hostile_messages_raise_nothing() -> None:
    """Flipped bits, cut ends and doubled middles of a whole exchange, given to each actor."""
    wire, ue = network()
    ue.start_prefix(0.0, iaid=1)
    wire.run(600)
    rng = Random(5)
    octets = [one.octets for _, one in wire.log]
    count = 0
    for _ in range(60):
        ue, transaction_id = requesting()
        dhcp, agent = server(), relay()
        for message in octets:
            bad = bytearray(message)
            for _ in range(rng.choice((1, 1, 2, 5))):
                bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
            cut = rng.randrange(1, len(bad) + 1)
            changed = bytes(rng.choice((bad, bad[:cut], bad + bad[cut:])))
            for source in (CLIENT, SERVER):
                agent.receive(unit(changed, source=source), 1.0)
            agent.receive(unit(changed, link="core", source=SERVER, destination=RELAY), 1.0)
            dhcp.receive(unit(changed, link="core"), 1.0)
            feed(ue, changed[:1] + transaction_id.to_bytes(3, "big") + changed[4:], 1.0)
            count += len(agent.to_send()) + len(dhcp.to_send())
    assert count > 500


def test_messages_nested_as_deeply_as_can_be() -> None:
    message: Dhcpv6Message = InformationRequest(1, (OptionRequest((23,)), *TO_ALL))
    nested = [message]
    for _ in range(18):
        message = RelayForward(
            link_address=CLIENT, peer_address=CLIENT, options=(RelayMessage(message),)
        )
        nested.append(message)
    dhcp, agent = server(), relay()
    for message in nested:
        dhcp.receive(unit(message, link="core"), 0.0)
        agent.receive(unit(message), 0.0)
    assert len(dhcp.to_send()) == len(nested)
    assert len(agent.to_send()) == len(nested)
    # One level more than can be written is dropped.
    inner = nested[-1].encode()
    for _ in range(8):
        head = bytes((12, 0)) + bytes(32) + bytes.fromhex("0009") + len(inner).to_bytes(2, "big")
        inner = head + inner
        dhcp.receive(unit(inner, link="core"), 0.0)
        agent.receive(unit(inner), 0.0)
    dropped = {event.name for event in (*agent.events(), *dhcp.events())}
    assert "dropped" in dropped


def test_an_answer_without_room_is_not_sent() -> None:
    values = tuple(IaAddress(IPv6Address("2001:db8:1::") + i) for i in range(2338))
    dhcp = server()
    assert asked(dhcp, Request(1, (*TO_IT, IaNa(1)))) is not None
    dhcp.events()
    message = Renew(1, (*TO_IT, IaNa(1, options=values), OptionRequest((23,))))
    assert len(message.encode()) < 1 << 16
    assert asked(dhcp, message) is None
    assert [event.name for event in dhcp.events()][-1] == "not answered"


def test_pools_that_are_none() -> None:
    with pytest.raises(ConfigError):
        AddressPool(IPv6Address("2001:db8::2"), IPv6Address("2001:db8::1"))
    for length in (47, 129):
        with pytest.raises(ConfigError):
            PrefixPool(IPv6Network("2001:db8::/48"), length)
