"""The attach where something goes wrong: what is lost, refused, silent, moved, or hostile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import dhcpv6, flow, ikev2, ip, mipv6, packets
from mip6boot.flow import (
    AgentInfo,
    Composite,
    Event,
    HomeAgentDiscovery,
    HomeLinkAddresses,
    MobileNodeSettings,
    Port,
    RegistrationState,
    Tapped,
    Ue,
    UeState,
    Unit,
)
from mip6boot.flow.attach import attach
from mip6boot.flow.dhcp_lease import Lease
from mip6boot.flow.dns import DnsServer
from mip6boot.flow.ike import InitiatorState, Pool, Wanted
from mip6boot.flow.network import Attachment
from mip6boot.flow.router import AdvertisedPrefix
from mip6boot.flow.scenario import Authentication, HomeAddress, Scenario, Variant

AGENT, DEAD = IPv6Address("2001:db8:100::1"), IPv6Address("2001:db8:100::dead")
HOST = "ha.home.example.org"
AUTOCONFIGURED = Variant(home_address=HomeAddress.AUTOCONFIGURED)
HOME_DHCP = Variant(home_address=HomeAddress.HOME_DHCP)
BY_DNS = Variant(discovery=HomeAgentDiscovery.DNS)
Stop = Callable[[], bool]


def made(variant: Variant | None = None, seed: int = 1) -> Scenario:
    return Scenario(variant or Variant(), lambda name: Random(f"{seed}/{name}"))


def until(scenario: Scenario, *states: UeState, seconds: float = 600.0) -> UeState:
    """Let time pass until the UE is in one of the states; where it is then."""
    ue: Ue = scenario.ue
    scenario.run(seconds, stop=lambda: ue.state in states)
    state: UeState = ue.state
    assert ue.state in states, (ue.state, [str(one) for one in scenario.network.events[-20:]])
    return state


def connected(variant: Variant | None = None, seed: int = 1) -> Scenario:
    scenario = made(variant, seed)
    scenario.start()
    until(scenario, UeState.CONNECTED)
    return scenario


def settled(scenario: Scenario, seconds: float = 600.0) -> None:
    """The UE is connected in the end, and both ends say so."""

    def done() -> bool:
        state = scenario.ue.state, scenario.ue.mobile.state
        return state == (UeState.CONNECTED, RegistrationState.BOUND) and is_bound(scenario)

    assert scenario.run(seconds, stop=done), [str(one) for one in scenario.network.events[-20:]]


def is_bound(scenario: Scenario) -> bool:
    ue = scenario.ue
    tunnels = scenario.home_agent.tunnels(scenario.network.now)
    assert ue.home_address is not None
    return tunnels.get(ue.home_address) == ue.care_of_address is not None


def told(scenario: Scenario, *agents: AgentInfo) -> None:
    """The AAA names these home agents."""
    scenario.gateway.relay._agents = lambda client, network: agents


def names(events: Sequence[Event]) -> list[str]:
    return [event.name for event in events]


def changed(scenario: Scenario, **values: Any) -> None:
    """Other settings of the UE."""
    scenario.ue.settings = msgspec.structs.replace(scenario.ue.settings, **values)


def sent(scenario: Scenario, since: int = 0) -> list[Tapped]:
    return scenario.network.tap[since:]


def sent_by(scenario: Scenario, sender: str, port: int, since: int = 0) -> list[Tapped]:
    return [
        one for one in sent(scenario, since)
        if one.sender == sender and one.unit.destination_port == port
    ]  # fmt: skip


# -- the access -----------------------------------------------------------------------------------
def test_access_refused() -> None:
    scenario = made()
    scenario.aaa.hss.store.subscribers.clear()
    scenario.start()
    assert until(scenario, UeState.FAILED) == UeState.FAILED
    assert scenario.ue.reason == "the access refused"
    assert not any(one.sender == "UE" and one.unit.port is not Port.EAPOL for one in sent(scenario))


def test_nothing_but_eapol_of_a_node_that_is_not_let_in() -> None:
    scenario = made()
    scenario.gateway.nodes.clear()
    client = flow.DhcpClient(
        "stranger", Random(1), duid=scenario.ue.settings.duid,
        address=scenario.ue.host.link_local, link="access",
    )  # fmt: skip
    client.start_information(0.0)
    client.handle_timeout(2.0)
    (unit,) = client.to_send()
    scenario.gateway.receive(unit, 2.0)
    assert [one.text for one in scenario.gateway.events()] == ["the node is not authorised"]
    assert scenario.gateway.to_send() == []


def test_only_a_start_makes_a_node_known() -> None:
    scenario = made()
    scenario.gateway.receive(
        Unit(port=Port.EAPOL, source=bytes((2, 9, 9, 9, 9, 9)), link="access",
             destination=scenario.gateway.link_layer_address, octets=b"\2\0\0\0"),
        0.0,
    )  # fmt: skip
    assert scenario.gateway.nodes == {}
    assert names(scenario.gateway.events()) == ["dropped"]


def test_two_nodes_have_their_own_sessions_and_home_agents() -> None:
    scenario = made()
    first, second = bytes((2, 1, 0, 0, 0, 1)), bytes((2, 1, 0, 0, 0, 2))
    for node in (first, second):
        scenario.gateway.link_up(node, 0.0)
    scenario.gateway.link_down(first, 1.0)
    scenario.gateway.link_up(first, 1.0)
    for one in scenario.gateway.nodes.values():
        one.start(2.0)
    sessions = [one.session for one in scenario.gateway.nodes.values()]
    assert len(set(sessions)) == len({one.name for one in scenario.gateway.nodes.values()}) == 2
    scenario.gateway.nodes[second].agents = (AgentInfo(addresses=(DEAD,)),)
    scenario.gateway.nodes[second].is_authorised = True

    def agents(node: bytes) -> list[AgentInfo]:
        client = flow.RelayedClient(
            link="access", address=IPv6Address("fe80::1"), link_layer_address=node
        )
        return list(scenario.gateway._agents(client, None))

    assert agents(first) == []
    assert agents(second) == [AgentInfo(addresses=(DEAD,))]


def test_a_node_that_is_gone_has_no_home_agents_any_more() -> None:
    scenario = connected()
    node = scenario.ue.settings.link_layer_address
    assert scenario.gateway.is_authorised(node)
    scenario.gateway.link_down(node, scenario.network.now)
    scenario.gateway.link_down(node, scenario.network.now)
    assert not scenario.gateway.is_authorised(node)
    assert names(scenario.gateway.events()) == ["node gone", "left", "state"]


def test_a_local_home_agent_is_for_who_names_no_network() -> None:
    scenario = connected()
    gateway, ue = scenario.gateway, scenario.ue
    visited, home = AgentInfo(addresses=(DEAD,), local=True), AgentInfo(addresses=(AGENT,))
    gateway.nodes[ue.settings.link_layer_address].agents = (visited, home)
    client = flow.RelayedClient(
        link="access", address=ue.host.link_local, link_layer_address=ue.settings.link_layer_address
    )
    assert list(gateway._agents(client, ue.settings.home_network)) == [home]
    assert list(gateway._agents(client, None)) == [visited, home]
    query = flow.HomeNetworkQuery(visited=True)
    found = flow.home_network_information(query, lambda name: gateway._agents(client, name))
    (option,) = found
    assert isinstance(option, dhcpv6.VisitedHomeNetworkInformation)
    told_of = option.find(dhcpv6.HomeAgentAddress)
    assert told_of is not None
    assert told_of.address == DEAD


# -- finding the home agent -----------------------------------------------------------------------
def with_dns(scenario: Scenario, **more: Any) -> None:
    server = DnsServer("DNS server", **{"addresses": {HOST: [AGENT]}} | more)
    resolver = IPv6Address("2001:db8:f::53")
    scenario.network.join(server, "core", bytes((2, 0, 0, 0, 9, 9)), lambda: (resolver,))


def test_dhcp_is_silent_and_dns_knows() -> None:
    scenario = made(BY_DNS)
    scenario.network.lose = lambda unit, now: unit.destination_port == 547
    scenario.start()
    until(scenario, UeState.RESOLVING)
    asked = [one.time for one in sent_by(scenario, "UE", 547)]
    settled(scenario)
    # Given up after its deadline, and not asked again.
    assert len(sent_by(scenario, "UE", 547)) == len(asked) > 1
    assert scenario.ue.home_agent == AGENT


def test_dhcp_tells_a_name_only() -> None:
    scenario = made()
    told(scenario, AgentInfo(host=HOST))
    with_dns(scenario)
    scenario.start()
    settled(scenario)
    assert [one.name is not None for one in scenario.ue.candidates] == [True]


def test_of_several_names_the_next_is_asked_for() -> None:
    scenario = made()
    told(scenario, AgentInfo(host="gone.example.org"), AgentInfo(host=HOST))
    with_dns(scenario)
    scenario.start()
    settled(scenario)


def test_nothing_is_found() -> None:
    scenario = made()
    told(scenario)
    with_dns(scenario)
    scenario.start()
    until(scenario, UeState.FAILED)
    assert scenario.ue.reason == "no home agent was found"


@pytest.mark.parametrize("order", [("dns", "dhcpv6"), ("dhcpv6", "dns"), ("dns",)])
def test_nobody_to_ask_is_no_end(order: tuple[str, ...]) -> None:
    scenario = made()
    scenario.ue._make_resolver = None
    changed(scenario, discovery=tuple(map(HomeAgentDiscovery, order)))
    scenario.start()
    wanted = UeState.CONNECTED if "dhcpv6" in order else UeState.FAILED
    until(scenario, wanted, UeState.FAILED)
    assert scenario.ue.state == wanted


# -- the home agent -------------------------------------------------------------------------------
def test_the_first_home_agent_is_silent() -> None:
    scenario = made()
    told(scenario, AgentInfo(addresses=(DEAD,)), AgentInfo(addresses=(AGENT,)))
    scenario.start()
    settled(scenario)
    assert scenario.ue.home_agent == AGENT


def test_all_home_agents_are_silent() -> None:
    scenario = made()
    told(scenario, AgentInfo(addresses=(DEAD,)), AgentInfo(addresses=(DEAD,)))
    with_dns(scenario)
    scenario.start()
    until(scenario, UeState.FAILED, seconds=1000)
    assert scenario.ue.reason.startswith("IKEv2 failed: ")
    assert scenario.ue.next_timeout() is None or scenario.ue.mobile.next_timeout() is None
    # Each is tried once, even if it is told twice.
    tried = {one.unit.octets[:8] for one in sent_by(scenario, "UE", 500)}
    assert len(tried) == 1
    # After a while all is tried again.
    told(scenario, AgentInfo(addresses=(AGENT,)))
    settled(scenario)


@pytest.mark.parametrize("how", ["never", "no address", "gone"])
def test_when_it_is_not_tried_again(how: str) -> None:
    scenario = made()
    told(scenario, AgentInfo(addresses=(DEAD,)))
    changed(scenario, retry_after=None if how == "never" else 10.0)
    scenario.start()
    until(scenario, UeState.FAILED)
    if how == "gone":
        scenario.ue.link_down(scenario.network.now)
    if how == "no address":
        scenario.ue.host._addresses.clear()
    scenario.run(9)
    count = len(scenario.network.tap)
    scenario.run(2)
    states = {"never": UeState.FAILED, "no address": UeState.CONFIGURING, "gone": UeState.DOWN}
    assert scenario.ue.state == states[how]
    assert not [one for one in sent(scenario, count) if one.sender == "UE"]


def test_a_home_agent_refuses_the_peer() -> None:
    scenario = made()
    settings = scenario.home_agent.responder.settings
    scenario.home_agent.responder.settings = msgspec.structs.replace(settings, peers=())
    scenario.start()
    until(scenario, UeState.FAILED, seconds=1000)
    assert scenario.ue.reason.startswith("IKEv2 failed: AUTHENTICATION_FAILED")


def test_a_home_agent_without_addresses_is_asked_for_a_prefix() -> None:
    """INTERNAL_ADDRESS_FAILURE (RFC 4877 9)."""
    scenario = made()
    own = IPv6Network("2001:db8:100:7::/64")
    scenario.home_agent.responder.addresses = Pool(own, prefixes=(own,), most=0)
    scenario.start()
    settled(scenario)
    assert scenario.ue.home_address in own
    assert "no home address" in names(scenario.network.events)


def test_a_home_agent_with_nothing_to_give() -> None:
    scenario = made()
    scenario.home_agent.responder.addresses = Pool(IPv6Network("2001:db8:100::/64"), most=0)
    scenario.start()
    until(scenario, UeState.FAILED)
    assert scenario.ue.reason == "the home agent gave no home address"
    scenario.run(5)
    # Both IKE SAs are deleted.
    assert scenario.home_agent.responder.sessions == ()
    assert len(sent_by(scenario, "UE", 500)) > 10


def test_the_home_link_has_no_address_but_prefixes() -> None:
    scenario = made(HOME_DHCP)
    server = next(a.actor for a in attachments(scenario) if a.actor.name == "home DHCP server")
    assert isinstance(server, flow.DhcpServer)
    link = server.links[0]
    server.links = (msgspec.structs.replace(link, addresses=None),)
    scenario.start()
    settled(scenario)
    assert scenario.ue.home_address in IPv6Network("2001:db8:100:8::/61")


def attachments(scenario: Scenario) -> list[Attachment]:
    return scenario.network._attachments


def test_a_child_sa_that_is_refused_is_the_end_with_this_one() -> None:
    scenario = made(AUTOCONFIGURED)
    scenario.home_agent.responder.transport = False
    scenario.start()
    until(scenario, UeState.FAILED)
    assert scenario.ue.reason
    scenario.run(5)
    assert scenario.home_agent.responder.sessions == ()


def test_a_home_agent_sends_elsewhere() -> None:
    """REDIRECT in IKE_SA_INIT (RFC 5685 3) leads to the other gateway."""
    scenario = made()
    told(scenario, AgentInfo(addresses=(DEAD,)))
    redirecting = Redirecting("redirecting", AGENT)
    scenario.network.join(redirecting, "core", bytes((2, 0, 0, 0, 9, 8)), lambda: (DEAD,))
    scenario.start()
    settled(scenario)
    assert scenario.ue.home_agent == AGENT
    assert redirecting.asked == 1


def test_two_home_agents_that_send_to_each_other() -> None:
    scenario = made()
    told(scenario, AgentInfo(addresses=(DEAD,)))
    redirecting = Redirecting("redirecting", DEAD)
    scenario.network.join(redirecting, "core", bytes((2, 0, 0, 0, 9, 8)), lambda: (DEAD,))
    scenario.start()
    until(scenario, UeState.FAILED)
    assert redirecting.asked == 6


class Redirecting(flow.Actor):
    """A gateway that has no time."""

    def __init__(self, name: str, gateway: IPv6Address) -> None:
        super().__init__(name)
        self.gateway, self.asked = gateway, 0

    def receive(self, unit: Unit, now: float) -> None:
        message = ikev2.IkeMessage.decode(unit.octets)
        nonce = next(one for one in message.payloads if isinstance(one, ikev2.Nonce))
        redirect = ikev2.Redirect(
            new_gateway=ikev2.Ipv6Gateway(address=self.gateway), nonce_data=nonce.nonce_data
        )
        self.asked += 1
        answer = message.replace(flags=ikev2.IkeFlags.R, payloads=(redirect,))
        self.send(unit.answer(answer.encode()))


# -- the binding ----------------------------------------------------------------------------------
def statuses(scenario: Scenario, status: int, times: int = 1000) -> None:
    """The home agent answers with a status, so many times."""
    registrations = scenario.home_agent.registrations
    acknowledge = registrations.acknowledge
    left = [times]

    def refuse(request: Any, answer: Any, now: float, **more: Any) -> None:
        left[0] -= 1
        refused = mipv6.BindingStatus(status)
        acknowledge(request, refused if left[0] >= 0 else answer, now, **more)

    registrations.acknowledge = refuse  # type: ignore[assignment,method-assign]


@pytest.mark.parametrize("status", [129, 132])
def test_a_binding_that_is_refused(status: int) -> None:
    scenario = made()
    statuses(scenario, status)
    scenario.start()
    until(scenario, UeState.FAILED)
    name = mipv6.BindingStatus(status).name
    assert scenario.ue.reason == f"the home agent refused the binding: {name}"
    scenario.run(5)
    assert scenario.home_agent.responder.sessions == ()
    assert scenario.ue.mobile.next_timeout() is None


def test_a_refresh_that_is_refused() -> None:
    """It is not connected any more, and says so."""
    scenario = connected()
    statuses(scenario, 130)
    until(scenario, UeState.FAILED, seconds=3600)
    assert scenario.ue.reason.endswith("INSUFFICIENT_RESOURCES")


def test_somebody_has_the_address_that_was_assigned() -> None:
    """Status 134 without a prefix of its own: there is no other address to take."""
    scenario = made()
    statuses(scenario, 134)
    scenario.start()
    until(scenario, UeState.FAILED)
    assert "somebody else has" in scenario.ue.reason


def lost_first(kind: type[Any], times: int = 1) -> Callable[[Unit, float], bool]:
    """Loses the first units of the home agent that have such a layer."""
    left = [times]

    def lose(unit: Unit, now: float) -> bool:
        if unit.port is not Port.IP or unit.source != AGENT or not left[0]:
            return False
        if packets.decode_packet(unit.octets, packets.LinkType.IPV6).find(kind) is None:
            return False
        left[0] -= 1
        return True

    return lose


@pytest.mark.parametrize("times", [1, 3])
def test_acknowledgements_are_lost(times: int) -> None:
    scenario = made()
    scenario.network.lose = lost_first(ip.EspPacket, times)
    scenario.start()
    settled(scenario)


def test_a_home_agent_that_never_acknowledges() -> None:
    scenario = made()
    scenario.network.lose = lost_first(ip.EspPacket, 1000)
    scenario.start()
    until(scenario, UeState.FAILED)
    assert scenario.ue.reason == "the home agent does not acknowledge"
    count = len(sent(scenario))
    scenario.network.run(scenario.network.now + 60)
    assert not [
        one for one in sent(scenario, count) if one.sender == "UE" and one.unit.port is Port.IP
    ]


def test_a_binding_that_is_over_is_made_anew() -> None:
    """Nothing is heard of the home agent for two hours."""
    scenario = connected()
    scenario.network.lose = lambda unit, at: unit.port is Port.IP
    ue = scenario.ue
    ue.ike.check_liveness = lambda *_: None  # type: ignore[union-attr, method-assign]
    until(scenario, UeState.REGISTERING, seconds=4000)
    scenario.network.lose = None
    settled(scenario)


def test_a_home_agent_that_is_dead_is_asked_anew() -> None:
    """Refreshes are not acknowledged, so liveness is checked, and all is made again."""
    scenario = connected()
    now = scenario.network.now
    scenario.network.lose = lambda unit, at: (
        now < at < now + 2950 and AGENT in (unit.source, unit.destination)
    )
    first = scenario.ue.ike
    scenario.run(2950)
    settled(scenario)
    assert scenario.ue.ike is not first
    assert len(scenario.home_agent.responder.sessions) == 1


# -- what the home agent does ---------------------------------------------------------------------
def test_the_home_agent_deletes_the_ike_sa() -> None:
    """The binding is withdrawn, and the UE begins again."""
    scenario = connected()
    agent, ue = scenario.home_agent, scenario.ue
    first, (session,) = ue.ike, agent.responder.sessions
    agent.responder.close(session, scenario.network.now)
    scenario.run(0.2)
    assert ue.ike is not first
    settled(scenario)
    assert len(agent.responder.sessions) == 1


def test_the_home_agent_deletes_the_child_sa() -> None:
    """The IKE SA stands, so that only the child SA and the binding are made again."""
    scenario = connected()
    agent, ue = scenario.home_agent, scenario.ue
    first, (session,) = ue.ike, agent.responder.sessions
    agent.responder.delete_child(session, session.children[0], scenario.network.now)
    scenario.run(0.1)
    assert not is_bound(scenario)
    settled(scenario)
    assert ue.ike is first
    assert agent.responder.sessions == (session,)


def test_what_is_rekeyed_seals_on() -> None:
    scenario = connected()
    ue, responder = scenario.ue, scenario.home_agent.responder
    ike, (session,) = ue.ike, responder.sessions
    assert ike is not None
    rekeyings: list[Callable[[float], None]] = [
        lambda now: ike.rekey_child(ike.session, ike.session.children[0], now),
        lambda now: responder.rekey_child(session, session.children[0], now),
        lambda now: ike.rekey(ike.session, now),
        lambda now: responder.rekey(session, now),
    ]
    for rekey in rekeyings:
        before = ike.session.current, ike.session.children[0]
        rekey(scenario.network.now)
        scenario.run(1)
        (child,) = ike.session.children
        assert (ike.session.current, child) != before
        count = len(scenario.network.tap)
        ue.mobile.refresh(scenario.network.now)
        scenario.run(0.5)
        assert ue.mobile.state == RegistrationState.BOUND
        assert sealed_by(scenario, count) == [child.outbound.spi, child.inbound.spi]


def sealed_by(scenario: Scenario, since: int) -> list[int]:
    """The SPIs of what was sealed."""
    units = [one.unit for one in sent(scenario, since) if one.unit.port is Port.IP]
    decoded = [packets.decode_packet(unit.octets, packets.LinkType.IPV6) for unit in units]
    found = [packet.find(ip.EspPacket) for packet in decoded]
    return [one.spi for one in found if one is not None]


def test_both_rekey_the_child_sa_at_once() -> None:
    scenario = connected()
    ue, agent = scenario.ue, scenario.home_agent
    assert ue.ike is not None
    (session,) = agent.responder.sessions
    ue.ike.rekey_child(ue.ike.session, ue.ike.session.children[0], scenario.network.now)
    agent.responder.rekey_child(session, session.children[0], scenario.network.now)
    scenario.run(2)
    assert len(ue.ike.session.children) == len(session.children) == 1
    ue.mobile.refresh(scenario.network.now)
    scenario.run(0.5)
    assert ue.mobile.state == RegistrationState.BOUND


def test_the_ike_sa_goes_where_the_binding_goes() -> None:
    scenario = connected()
    scenario.move("access 2")
    scenario.run(30)
    settled(scenario)
    ue, (session,) = scenario.ue, scenario.home_agent.responder.sessions
    assert session.current is not None
    assert session.current.remote[0] == ue.care_of_address
    count = len(scenario.network.events)
    scenario.home_agent.responder.check_liveness(session, scenario.network.now)
    scenario.run(1)
    assert "peer is alive" in names(scenario.network.events[count:])


def test_without_the_k_flag_ike_begins_again() -> None:
    scenario = made()
    scenario.ue.mobile.settings = MobileNodeSettings(link="access", key_management_mobility=False)
    scenario.start()
    until(scenario, UeState.CONNECTED)
    first = scenario.ue.ike
    scenario.move("access 2")
    scenario.run(30)
    settled(scenario)
    ike = scenario.ue.ike
    assert ike is not None
    assert ike is not first
    assert ike.local == scenario.ue.care_of_address
    assert len(scenario.home_agent.responder.sessions) == 1


def test_a_lease_is_given_back_and_got_again() -> None:
    scenario = connected(HOME_DHCP)
    addresses = scenario.home_agent.addresses
    assert isinstance(addresses, HomeLinkAddresses)
    assert len(addresses.clients) == 1
    scenario.ue.detach(scenario.network.now)
    until(scenario, UeState.DOWN)
    scenario.run(5)
    assert addresses.clients == {}
    texts = [type(dhcpv6.decode(one.unit.octets)).__name__ for one in sent_by(scenario, "HA", 547)]
    assert texts[-1] == "Release"
    assert list(addresses.parts) == []
    scenario.ue.link_up(scenario.network.now)
    settled(scenario)
    assert [part.name for part in addresses.parts] == [f"{addresses.name} 2"]


def test_nobody_answers_on_the_home_link() -> None:
    scenario = made(HOME_DHCP)
    scenario.network.lose = lambda unit, now: unit.link == "home" and unit.port is Port.UDP
    scenario.start()
    until(scenario, UeState.FAILED)
    assert scenario.ue.reason == "the home agent gave no home address"
    scenario.run(60)
    count = len(scenario.network.tap)
    scenario.run(600)
    ours = [one for one in sent(scenario, count) if one.sender == "HA"]
    assert all(one.unit.port is Port.DIAMETER for one in ours)  # The watchdog alone.


# -- moving, leaving, coming home -----------------------------------------------------------------
def test_moving_twice_before_the_first_is_acknowledged() -> None:
    scenario = connected()
    scenario.move("access 2")
    scenario.run(30, stop=lambda: scenario.ue.mobile.state == RegistrationState.UPDATING)
    assert scenario.ue.mobile.state == RegistrationState.UPDATING
    scenario.move("access")
    scenario.run(30, stop=lambda: is_bound(scenario) and scenario.ue.mobile.is_bound)
    settled(scenario, seconds=60)
    assert scenario.ue.care_of_address in IPv6Network("2001:db8:200::/64")


@pytest.mark.parametrize(
    "state",
    [
        UeState.CONFIGURING, UeState.DISCOVERING, UeState.RESOLVING, UeState.SECURING,
        UeState.REGISTERING,
    ],
)  # fmt: skip
def test_moving_before_it_is_connected(state: UeState) -> None:
    scenario = made(BY_DNS)
    scenario.start()
    until(scenario, state)
    scenario.run(0.015)
    scenario.move("access 2")
    settled(scenario)
    assert scenario.ue.care_of_address in IPv6Network("2001:db8:201::/64")


STATES = [
    UeState.ACCESS, UeState.CONFIGURING, UeState.DISCOVERING, UeState.SECURING, UeState.REGISTERING,
    UeState.CONNECTED,
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("how", ["detach", "link_down"])
def test_it_may_end_at_any_time_and_begin_again(state: UeState, how: str) -> None:
    scenario = made()
    scenario.start()
    until(scenario, state)
    scenario.run(0.015)
    getattr(scenario.ue, how)(scenario.network.now)
    if how == "link_down":
        assert scenario.ue.state == UeState.DOWN
        assert scenario.ue.to_send() == []
    until(scenario, UeState.DOWN)
    assert scenario.ue.next_timeout() is None or scenario.ue.mobile.next_timeout() is None
    scenario.ue.link_up(scenario.network.now)
    settled(scenario)
    assert len(scenario.home_agent.responder.sessions) == 1


def test_detaching_while_moving() -> None:
    scenario = connected()
    scenario.move("access 2")
    scenario.run(30, stop=lambda: scenario.ue.mobile.state == RegistrationState.UPDATING)
    scenario.ue.detach(scenario.network.now)
    until(scenario, UeState.DOWN)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}
    assert scenario.home_agent.responder.sessions == ()


def test_moving_while_detaching() -> None:
    scenario = connected()
    scenario.ue.detach(scenario.network.now)
    scenario.move("access 2")
    until(scenario, UeState.DOWN)
    scenario.run(60)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}


def test_detaching_from_a_home_agent_that_is_dead() -> None:
    scenario = connected()
    scenario.network.lose = lambda unit, now: AGENT in (unit.source, unit.destination)
    scenario.ue.detach(scenario.network.now)
    until(scenario, UeState.DOWN)


def test_who_is_at_home_does_not_register() -> None:
    """Home-link detection comes before the Binding Update."""
    scenario = made()
    router = scenario.routers["access"]
    prefixes = (AdvertisedPrefix(network=IPv6Network("2001:db8:100::/64")),)
    router.settings = msgspec.structs.replace(router.settings, prefixes=prefixes)
    scenario.start()
    until(scenario, UeState.HOME, UeState.CONNECTED)
    assert scenario.ue.state == UeState.HOME
    scenario.run(30)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}
    assert not [one for one in sent(scenario) if one.unit.destination == AGENT
                and one.unit.port is Port.IP]  # fmt: skip


def test_home_and_away_again() -> None:
    scenario = connected()
    scenario.move("home")
    until(scenario, UeState.HOME)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}
    scenario.run(20)
    scenario.move("access 2")
    settled(scenario)
    scenario.move("home")
    until(scenario, UeState.HOME)
    scenario.ue.detach(scenario.network.now)
    until(scenario, UeState.DOWN)
    assert scenario.home_agent.responder.sessions == ()


def test_away_again_before_it_is_home() -> None:
    scenario = connected()
    scenario.move("home")
    states = RegistrationState.SOLICITING, RegistrationState.RETURNING
    scenario.run(30, stop=lambda: scenario.ue.mobile.state in states)
    scenario.move("access")
    settled(scenario)


def registering(variant: Variant | None = None) -> Scenario:
    """The Binding Update is with the home agent, which tests the home address."""
    scenario = made(variant)
    scenario.start()
    until(scenario, UeState.REGISTERING)
    scenario.run(0.05)
    return scenario


def test_home_before_it_is_registered() -> None:
    scenario = registering()
    scenario.move("home")
    until(scenario, UeState.HOME)
    scenario.run(5)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}


def test_what_the_home_agent_deletes_while_it_registers() -> None:
    scenario = registering()
    responder = scenario.home_agent.responder
    (session,) = responder.sessions
    responder.delete_child(session, session.children[0], scenario.network.now)
    scenario.run(0.5)
    settled(scenario)
    scenario = registering()
    responder = scenario.home_agent.responder
    responder.close(responder.sessions[0], scenario.network.now)
    until(scenario, UeState.FAILED)
    assert "deleted by the peer" in scenario.ue.reason


def test_revoked_before_it_knows_that_it_is_bound() -> None:
    scenario = made()
    scenario.network.lose = lost_first(ip.EspPacket)
    scenario.start()
    agent, network = scenario.home_agent, scenario.network
    scenario.run(60, stop=lambda: bool(agent.tunnels(network.now)))
    scenario.run(0.1)
    (home,) = agent.tunnels(network.now)
    agent.detach(home, network.now)
    until(scenario, UeState.DOWN)
    assert agent.tunnels(network.now) == {}


def test_revoked_while_it_leaves() -> None:
    scenario = connected()
    home, now = scenario.ue.home_address, scenario.network.now
    assert home is not None
    scenario.network.lose = lambda unit, at: at == now
    scenario.ue.detach(now)
    scenario.run(0.01)
    scenario.home_agent.detach(home, scenario.network.now)
    until(scenario, UeState.DOWN)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}
    for _ in range(2):
        scenario.ue.detach(scenario.network.now)
    assert scenario.ue.state == UeState.DOWN


def test_detached_while_it_comes_home() -> None:
    scenario = connected()
    scenario.move("home")
    scenario.run(30, stop=lambda: scenario.ue.mobile.state == RegistrationState.SOLICITING)
    for _ in range(2):
        scenario.ue.detach(scenario.network.now)
    until(scenario, UeState.DOWN)
    assert scenario.home_agent.tunnels(scenario.network.now) == {}
    assert scenario.home_agent.responder.sessions == ()


def test_the_home_address_is_somebody_elses_at_the_refresh() -> None:
    scenario = connected()
    statuses(scenario, 134)
    until(scenario, UeState.FAILED, seconds=3600)
    assert scenario.ue.reason.startswith("somebody else has")


def test_after_a_failure_it_may_be_tried_again() -> None:
    scenario = made()
    statuses(scenario, 129, times=1)
    scenario.start()
    until(scenario, UeState.FAILED)
    scenario.ue.link_up(scenario.network.now)
    settled(scenario)
    assert scenario.ue.reason == ""


def test_what_a_binding_update_says() -> None:
    """TS 24.303 A.2.1: A, H, K and R, a lifetime of whole units, and Alternate Care-of Address."""
    result = attach(Variant(), lambda name: Random(f"1/{name}"))
    opened = [part for one in result.messages for part in one.opened]
    (update,) = [
        found for part in opened if isinstance(part, packets.OpenedPacket)
        and (found := part.packet.find(mipv6.BindingUpdate)) is not None
    ]  # fmt: skip
    flags = mipv6.BindingUpdateFlags
    assert update.flags == flags.A | flags.H | flags.K | flags.R
    (option,) = [one for one in update.options if not isinstance(one, (mipv6.Pad1, mipv6.PadN))]
    assert isinstance(option, mipv6.AlternateCareOfAddress)
    assert option.address == result.care_of_address


def test_revoked_and_back() -> None:
    scenario = connected()
    assert scenario.ue.home_address is not None
    scenario.home_agent.detach(scenario.ue.home_address, scenario.network.now)
    until(scenario, UeState.DOWN)
    assert scenario.home_agent.responder.sessions == ()
    scenario.ue.link_up(scenario.network.now)
    settled(scenario)


def test_two_mobile_nodes_at_one_home_agent() -> None:
    """Each has its own session at the gateway, IKE SA, home address and binding."""
    scenario = made()
    second = scenario.add_ue("UE 2", "001010000000002")
    second.link_up(0.0)
    scenario.start()
    settled(scenario)
    scenario.run(60, stop=lambda: second.state == UeState.CONNECTED)
    first, agent = scenario.ue, scenario.home_agent
    now = scenario.network.now
    assert len(agent.responder.sessions) == 2
    assert agent.tunnels(now) == {
        first.home_address: first.care_of_address, second.home_address: second.care_of_address
    }  # fmt: skip
    assert len(agent.tunnels(now)) == 2
    first.detach(now)
    until(scenario, UeState.DOWN)
    assert agent.tunnels(now) == {second.home_address: second.care_of_address}
    second.mobile.refresh(scenario.network.now)
    scenario.run(1)
    assert second.mobile.state == RegistrationState.BOUND


# -- what networks do -----------------------------------------------------------------------------
LOSSY = [Variant(), BY_DNS, AUTOCONFIGURED, HOME_DHCP]


def ident(variant: Variant) -> str:
    return f"{variant.discovery}-{variant.home_address}"


@pytest.mark.parametrize("variant", LOSSY, ids=ident)
def test_any_one_unit_may_be_lost(variant: Variant) -> None:
    """Each unit of an attach in turn, and the attach succeeds by the timers there are."""
    base = connected(variant)
    for lost in range(len(base.network.tap)):
        scenario, count = made(variant), [0]

        def lose(unit: Unit, now: float, count: list[int] = count, lost: int = lost) -> bool:
            count[0] += 1
            return count[0] == lost + 1

        scenario.network.lose = lose
        scenario.start()
        settled(scenario, seconds=120)


@pytest.mark.parametrize("seed", range(6))
def test_many_units_may_be_lost(seed: int) -> None:
    scenario, random = made(seed=seed), Random(seed)
    scenario.network.lose = lambda unit, now: random.random() < 0.2
    scenario.start()
    scenario.run(300)
    scenario.network.lose = None
    until(scenario, UeState.CONNECTED, UeState.FAILED, seconds=1000)


@pytest.mark.parametrize("variant", LOSSY, ids=ident)
def test_units_come_twice_and_late(variant: Variant) -> None:
    scenario, random = made(variant), Random(1)
    taken = [0]
    actors = {a.actor.name: a.actor for a in attachments(scenario)}

    def again() -> bool:
        for one in sent(scenario, taken[0]):
            for _ in range(2):
                # What carries EAP keeps the order (RFC 3748 3.1).
                after = 0.0101 if one.unit.port is Port.EAPOL else random.random() * 0.5
                scenario.network.inject(one.unit, one.link, after=after, sender=actors[one.sender])
        taken[0] = len(scenario.network.tap)
        return bool(scenario.ue.state == UeState.CONNECTED)

    scenario.start()
    assert scenario.run(120, stop=again)
    settled(scenario)
    scenario.run(10)
    settled(scenario, seconds=1)
    assert len(scenario.home_agent.responder.sessions) == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("variant", [Variant(), BY_DNS, HOME_DHCP], ids=ident)
def test_hostile_units_raise_nothing_and_change_nothing(variant: Variant, seed: int) -> None:
    """Random octets, and real units with a bit flipped or an end cut off, to every actor."""
    scenario, random = made(variant, seed), Random(seed)
    taken = [0]
    actors = {a.actor.name: a.actor for a in attachments(scenario)}

    def attack() -> bool:
        for one in sent(scenario, taken[0]):
            for octets in hostile(one.unit.octets, random) if one.unit.octets else ():
                unit = msgspec.structs.replace(one.unit, octets=octets)
                scenario.network.inject(
                    unit, one.link, after=random.random() * 0.05, sender=actors[one.sender]
                )
        taken[0] = len(scenario.network.tap)
        return scenario.ue.state in (UeState.CONNECTED, UeState.FAILED)

    scenario.start()
    scenario.run(300, stop=attack)
    every = {id(a): a.actor for a in attachments(scenario)}
    for actor in every.values():
        for port in Port:
            for number in (0, 53, 500, 546, 547, 4500):
                unit = Unit(
                    port=port, source=AGENT, destination=AGENT, octets=random.randbytes(40),
                    source_port=number, destination_port=number, link=random.choice(LINKS),
                )  # fmt: skip
                actor.receive(unit, scenario.network.now)
    scenario.network.run(scenario.network.now + 60)
    if scenario.ue.state != UeState.CONNECTED:
        # Nobody authenticates what comes before keys; without an attacker it works again.
        scenario.ue.link_down(scenario.network.now)
        scenario.ue.link_up(scenario.network.now)
    settled(scenario)


LINKS = ("access", "access 2", "core", "home")


def hostile(octets: bytes, random: Random) -> list[bytes]:
    flipped = bytearray(octets)
    flipped[random.randrange(len(octets))] ^= 1 << random.randrange(8)
    return [bytes(flipped), octets[: random.randrange(len(octets))], random.randbytes(30)]


@pytest.mark.parametrize("authentication", list(Authentication))
def test_more_seeds(authentication: Authentication) -> None:
    for seed in (3, 4, 5):
        settled(connected(Variant(authentication=authentication), seed))


def test_the_ike_sa_that_is_left_is_closed() -> None:
    scenario = connected()
    ike = scenario.ue.ike
    assert ike is not None
    scenario.ue.detach(scenario.network.now)
    until(scenario, UeState.DOWN)
    assert ike.state == InitiatorState.CLOSED


# -- home addresses from the home link --------------------------------------------------------------
def test_who_wants_a_prefix_after_an_address_gets_one() -> None:
    """The lease of the other kind is given back, and the node has the same IAID each time."""
    scenario = connected(HOME_DHCP)
    addresses = scenario.home_agent.addresses
    assert isinstance(addresses, HomeLinkAddresses)
    ((identity, apn),) = addresses.clients
    for wanted in (Wanted(prefix=True), Wanted(address=True)):
        addresses.ask(identity, apn, wanted, scenario.network.now)
        scenario.run(3)
        lease = addresses.clients[identity, apn].result
        assert isinstance(lease, Lease)
        assert (lease.prefix is not None) is wanted.prefix
    asked = [dhcpv6.decode(one.unit.octets) for one in sent_by(scenario, "HA", 547)]
    found = [one.find(dhcpv6.IaNa) or one.find(dhcpv6.IaPd) for one in asked]
    assert {one.iaid for one in found if one is not None} == {1}
    assert [type(one).__name__ for one in asked].count("Release") == 2


def test_what_is_released_while_it_is_asked_for_is_not_asked_for_any_more() -> None:
    scenario = made(HOME_DHCP)
    addresses = scenario.home_agent.addresses
    assert isinstance(addresses, HomeLinkAddresses)
    addresses.ask("somebody", "apn", Wanted(address=True), 0.0)
    addresses.release("somebody", "apn", 0.0)
    addresses.release("nobody", "apn", 0.0)
    assert (addresses.answers(), addresses.next_timeout(), addresses.clients) == ([], None, {})


# -- a UE as a part -----------------------------------------------------------------------------------
class Site(Composite):
    """What a UE may be a part of."""

    def __init__(self, ue: Ue) -> None:
        super().__init__(ue.name)
        self.ue = ue
        self.parts = (ue,)

    def receive(self, unit: Unit, now: float) -> None:
        self.ue.receive(unit, now)


def test_a_ue_may_be_a_part() -> None:
    alone, scenario = made(), made()
    site, network = Site(scenario.ue), scenario.network
    network._actors[site.name] = site
    for number, place in enumerate(network._attachments):
        if place.actor is site.ue:
            network._attachments[number] = msgspec.structs.replace(place, actor=site)
    for one in (alone, scenario):
        one.start()
        one.run(60)
    assert scenario.is_registered()
    assert [x.unit for x in network.tap] == [x.unit for x in alone.network.tap]
