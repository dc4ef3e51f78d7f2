"""The serving gateway with its AAA client by Diameter: access, sessions, and what the relay knows."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import dhcpv6, eap, flow
from mip6boot.diameter import HomeLinkPrefix, Termination
from mip6boot.diameter.interfaces import AnyAnswer, HomeAgentHost, HomeAgentInfo, session, sta
from mip6boot.eap import EapType
from mip6boot.flow import (
    AaaEnd,
    AaaOrder,
    AaaOrderKind,
    Authenticator,
    AuthenticatorState,
    EapPeer,
    Port,
    ServingGateway,
    Supplicant,
    SupplicantState,
    UeState,
    Unit,
    Usim,
)
from mip6boot.flow.diameter import DiameterAaa
from mip6boot.flow.scenario import Scenario, Variant
from mip6boot.schema import DomainName, Duid

from .diameter_network import (
    CARD,
    HOME,
    IMSI,
    NETWORK_NAME,
    VISITED,
    HomeServer,
    messages,
    of_kind,
    settings,
)

UE, NAS = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
LINK_LOCAL = IPv6Address("fe80::ff:fe00:1")
ACCESS, CORE = IPv6Address("2001:db8:200::2"), IPv6Address("2001:db8:f::2")
DHCP = IPv6Address("2001:db8:f::547")
NETWORK = DomainName.parse(HOME)
STATE = AuthenticatorState


def agent(host: str = "", *addresses: str, realm: str = HOME) -> HomeAgentInfo:
    return HomeAgentInfo(
        addresses=tuple(
            IPv6Address(one) if ":" in one else IPv4Address(one) for one in addresses
        ),
        host=HomeAgentHost(destination_realm=realm, destination_host=host) if host else None,
    )  # fmt: skip


FIRST = agent("ha.home.example.org", "2001:db8:100::1", "192.0.2.1")


class Visited:
    """An access with one node, whose gateway asks a server of the home network."""

    def __init__(self, **more: Any) -> None:
        self.server = HomeServer("aaa", ["gateway"])
        self.server.agents = (FIRST,)
        own = settings("gateway", VISITED, [">aaa"], {"*": ("aaa",)})
        self.aaa = DiameterAaa("gateway AAA", own, Random(1), home_realm=HOME)
        self.gateway = ServingGateway(
            "gateway", self.aaa, Random(2), access_link="access", link_layer_address=NAS,
            link_local=IPv6Address("fe80::2"), access_address=ACCESS, core_link="core",
            core_address=CORE, servers=(DHCP,), network_name=NETWORK_NAME, **more,
        )  # fmt: skip
        peer = EapPeer(
            "eap", Usim(IMSI, CARD), Random(3), methods=(EapType.AKA_PRIME,),
            network_name=NETWORK_NAME,
        )  # fmt: skip
        self.supplicant = Supplicant("ue", peer, address=UE, link="access")
        self.network = flow.Network({"access": 0.001, "core": 0.01})
        self.network.join(self.supplicant, "access", UE)
        self.network.join(self.gateway, "access", NAS)
        self.network.join(self.gateway, "core", bytes((2, 0, 0, 0, 1, 1)), lambda: (CORE,))
        self.network.join(self.server, "core", bytes((2, 0, 0, 0, 1, 2)))

    def run(self, seconds: float = 2.0) -> None:
        self.network.run(self.network.now + seconds)

    def begin(self) -> None:
        self.gateway.link_up(UE, self.network.now)
        self.supplicant.start(self.network.now)

    def attach(self) -> flow.Authenticator:
        self.begin()
        self.run()
        assert self.gateway.is_authorised(UE)
        return self.gateway.nodes[UE]

    def told(self) -> tuple[Any, ...]:
        """What the relay supplies to a node that asks for its home network and the visited one."""
        options = (
            dhcpv6.ClientIdentifier(Duid.parse("00:03:00:01:02:00:00:00:00:01")),
            dhcpv6.HomeNetworkIdFqdn(NETWORK),
            dhcpv6.OptionRequest((50, 69, 49, 71, 72, 73)),
            dhcpv6.ElapsedTime(0),
        )
        unit = Unit(
            port=Port.UDP, source=LINK_LOCAL, destination=IPv6Address("ff02::1:2"),
            source_port=546, destination_port=547, link="access",
            octets=dhcpv6.InformationRequest(7, options).encode(),
        )  # fmt: skip
        self.gateway.receive(unit, self.network.now)
        found = [one for one in self.gateway.to_send() if one.port is Port.UDP]
        for one in found:
            message = dhcpv6.decode(one.octets)
            supplied = message.find(dhcpv6.RelaySuppliedOptions)
            return () if supplied is None else supplied.options
        return (None,)

    def order(self, kind: Any, **more: Any) -> int:
        """The answer to ASR or RAR of the session."""
        found = self.server.order(kind, "gateway;1;1", "gateway", self.network.now, **more)
        self.run()
        return AnyAnswer.of(found[0]).result

    def failures(self) -> list[Any]:
        """EAP-Failure on the access."""
        frames = [one.unit.octets for one in self.network.tap if one.unit.port is Port.EAPOL]
        return [
            one for one in frames if one[1] == 0 and isinstance(eap.decode(one[4:]), eap.Failure)
        ]


# -- access ---------------------------------------------------------------------------------------
def test_access() -> None:
    visited = Visited(visited_network=VISITED, rat_type=2003, local_agents=True, apn="")
    node = visited.attach()
    assert visited.supplicant.msk == node.msk is not None
    assert node.user_name.startswith("6" + IMSI)
    first, *_ = of_kind(visited.network, sta.Der)
    assert first.calling_station_id == "02-00-00-00-00-01"
    assert (first.rat_type, first.anid, first.mip6_feature_vector) == (2003, NETWORK_NAME, 3)
    assert first.visited_network_identifier == VISITED.encode()
    links = {one.link for one in visited.network.tap if one.unit.port is Port.DIAMETER}
    assert links == {"core"}
    assert visited.aaa in visited.gateway.parts
    # The connection lives on, with the watchdog of RFC 3539.
    visited.run(100.0)
    assert any(type(one).__name__ == "DeviceWatchdogAnswer" for one in messages(visited.network))


def test_a_refusal() -> None:
    visited = Visited()
    visited.server.result_code = 4001
    visited.begin()
    visited.run()
    node = visited.gateway.nodes[UE]
    assert (node.state, node.result) == (STATE.REFUSED, 4001)
    assert visited.supplicant.state == SupplicantState.FAILED
    assert visited.told() == (None,)
    assert of_kind(visited.network, session.Str) == []


def test_silence() -> None:
    visited = Visited()
    visited.server.result_code = 0
    visited.begin()
    visited.run(11.0)
    node = visited.gateway.nodes[UE]
    assert (node.state, node.result) == (STATE.REFUSED, 3002)


# -- what the relay knows (RFC 6611 4.2.1) --------------------------------------------------------
def test_the_relay_tells_what_the_aaa_has_told() -> None:
    visited = Visited(local_agents=True)
    prefix = HomeLinkPrefix(64, IPv6Address("2001:db8:100::"))
    named = HomeAgentInfo(
        host=HomeAgentHost(destination_realm=HOME, destination_host="ha2.home.example.org"),
        home_link_prefix=prefix,
    )
    local = agent("ha.visited.example.net", "192.0.2.9", realm=VISITED)
    visited.server.agents, visited.server.features = (FIRST, local, named), 3
    assert visited.told() == (None,)
    visited.attach()
    name = dhcpv6.HomeNetworkIdFqdn(NETWORK)
    assert visited.told() == (
        dhcpv6.VisitedHomeNetworkInformation((
            dhcpv6.HomeAgentAddress(IPv6Address("64:ff9b::192.0.2.9")),
            dhcpv6.HomeAgentFqdn(DomainName.parse("ha.visited.example.net")),
        )),
        dhcpv6.IdentifiedHomeNetworkInformation((
            name, dhcpv6.HomeAgentAddress(IPv6Address("2001:db8:100::1")),
            dhcpv6.HomeAgentAddress(IPv6Address("64:ff9b::192.0.2.1")),
            dhcpv6.HomeAgentFqdn(DomainName.parse("ha.home.example.org")),
        )),
        dhcpv6.IdentifiedHomeNetworkInformation((
            name, dhcpv6.HomeNetworkPrefix(64, IPv6Address("2001:db8:100::")),
            dhcpv6.HomeAgentFqdn(DomainName.parse("ha2.home.example.org")),
        )),
    )  # fmt: skip
    # What a new authentication brings, is what there is.
    visited.server.agents = (agent("", "2001:db8:100::9"),)
    visited.gateway.nodes[UE].start(visited.network.now)
    visited.run()
    (one,) = visited.told()
    assert one == dhcpv6.IdentifiedHomeNetworkInformation(
        (name, dhcpv6.HomeAgentAddress(IPv6Address("2001:db8:100::9")))
    )
    visited.server.agents = ()
    visited.gateway.nodes[UE].start(visited.network.now)
    visited.run()
    assert visited.told() == ()
    visited.gateway.link_down(UE, visited.network.now)
    assert visited.told() == (None,)


# -- the end of a session -------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["link down", "logoff"])
def test_who_leaves_has_no_session(how: str) -> None:
    visited = Visited()
    visited.attach()
    if how == "logoff":
        visited.supplicant.stop(visited.network.now)
    else:
        visited.gateway.link_down(UE, visited.network.now)
    visited.run()
    (end,) = of_kind(visited.network, session.Str)
    logoff = how == "logoff"
    cause = Termination.DIAMETER_LOGOUT if logoff else Termination.DIAMETER_LINK_BROKEN
    assert (end.session_id, end.termination_cause) == ("gateway;1;1", cause)
    assert not visited.gateway.is_authorised(UE)
    assert visited.told() == (None,)


def test_who_leaves_while_the_aaa_is_asked() -> None:
    visited = Visited()
    visited.begin()
    visited.network.run(1.0, stop=lambda: len(visited.server.asked) == 2)
    visited.gateway.link_down(UE, visited.network.now)
    visited.run()
    # The success was under way; it is given back.
    assert [one.result for one in of_kind(visited.network, sta.Dea)] == [1001, 2001]
    assert len(of_kind(visited.network, session.Str)) == 1


def test_a_reauthentication_that_is_refused() -> None:
    """The server has ended the session by that, so that nothing is to be said (RFC 6733 8.1)."""
    visited = Visited()
    node = visited.attach()
    visited.server.result_code = 4001
    node.start(visited.network.now)
    assert visited.gateway.is_authorised(UE)
    visited.run()
    assert (node.state, visited.supplicant.state) == (STATE.REFUSED, SupplicantState.FAILED)
    assert not visited.gateway.is_authorised(UE)
    assert visited.told() == (None,)
    assert of_kind(visited.network, session.Str) == []


def test_a_reauthentication_that_nobody_answers() -> None:
    """The server still has the session, and learns that it is over."""
    visited = Visited()
    node = visited.attach()
    visited.server.result_code = 0
    node.start(visited.network.now)
    visited.run(12.0)
    assert not visited.gateway.is_authorised(UE)
    assert len(of_kind(visited.network, session.Str)) == 1


def test_a_node_that_does_not_answer_any_more() -> None:
    visited = Visited()
    node = visited.attach()
    visited.network.leave(visited.supplicant, "access")
    node.start(visited.network.now)
    visited.run(200.0)
    assert (node.state, node.is_authorised) == (STATE.REFUSED, False)
    assert len(of_kind(visited.network, session.Str)) == 1


# -- orders, and time -----------------------------------------------------------------------------
def test_an_order_to_abort() -> None:
    visited = Visited()
    node = visited.attach()
    assert visited.order(session.Asr) == 2001
    assert (node.state, node.is_authorised, node.msk) == (STATE.REFUSED, False, None)
    assert len(visited.failures()) == 1
    assert visited.told() == (None,)
    (end,) = of_kind(visited.network, session.Str)
    assert end.termination_cause == Termination.DIAMETER_ADMINISTRATIVE
    assert visited.order(session.Asr) == 5002
    # The node may try again.
    visited.supplicant.start(visited.network.now)
    visited.run()
    assert visited.gateway.is_authorised(UE)
    assert visited.server.asked[-1].session_id == "gateway;1;2"


@pytest.mark.parametrize("result", [2001, 4001])
def test_a_node_that_was_put_out_learns_of_it(result: int) -> None:
    """It discards the EAP-Failure (RFC 3748 4.2); what comes of another authentication it takes."""
    visited = Visited()
    node = visited.attach()
    assert visited.order(session.Asr) == 2001
    assert visited.supplicant.state == SupplicantState.AUTHENTICATED
    if result != 2001:
        visited.server.result_code = result
    visited.run(58.0)
    assert node.state == STATE.REFUSED
    visited.run(3.0)
    expected = SupplicantState.AUTHENTICATED if result == 2001 else SupplicantState.FAILED
    assert (node.is_authorised, visited.supplicant.state) == (result == 2001, expected)
    assert visited.server.asked[-1].session_id == "gateway;1;2"


def test_a_session_that_is_over_is_followed_by_a_new_one() -> None:
    """The node was out of reach when it was to be authenticated again, and is back."""
    visited = Visited()
    visited.server.more = {"session_timeout": 1}
    visited.begin()
    visited.network.run(1.0, stop=lambda: visited.gateway.is_authorised(UE))
    visited.server.more = {}
    visited.network.lose = lambda unit, now: unit.port is flow.Port.EAPOL
    visited.run(1.1)
    node = visited.gateway.nodes[UE]
    assert (node.is_authorised, len(of_kind(visited.network, session.Str))) == (False, 1)
    visited.network.lose = None
    visited.run(5.0)
    assert (node.is_authorised, visited.supplicant.state) == (True, SupplicantState.AUTHENTICATED)
    assert visited.server.asked[-1].session_id == "gateway;1;2"


def test_an_order_to_authenticate_again() -> None:
    visited = Visited()
    node = visited.attach()
    before, asked = node.msk, len(visited.server.asked)
    assert visited.order(session.Rar, re_auth_request_type=1) == 2001
    assert (node.state, visited.supplicant.state) == (
        STATE.AUTHORISED,
        SupplicantState.AUTHENTICATED,
    )
    assert node.msk == visited.supplicant.msk != before
    again = visited.server.asked[asked:]
    assert {one.session_id for one in again} == {"gateway;1;1"}
    # It is all said again, to the server that has the session.
    assert again[0].mip6_feature_vector == 1
    assert {one.destination_host for one in again} == {"aaa"}
    assert of_kind(visited.network, session.Str) == []


@pytest.mark.parametrize(("seconds", "at"), [(100, 70.0), (20, 10.0)])
def test_before_a_session_is_over_it_begins_anew(seconds: int, at: float) -> None:
    visited = Visited()
    visited.server.more = {"session_timeout": seconds}
    visited.attach()
    (granted,) = [one.time for one in visited.network.events if one.name == "authorised"]
    before = len(visited.server.asked)
    visited.network.run(granted + at - 0.01)
    assert len(visited.server.asked) == before
    visited.network.run(granted + at + 2.0)
    assert len(visited.server.asked) > before
    assert visited.gateway.is_authorised(UE)
    # One that cannot be reached is out in the end, at the latest when its time is over.
    visited.network.leave(visited.supplicant, "access")
    visited.run(seconds + 1.0)
    assert not visited.gateway.is_authorised(UE)
    assert len(of_kind(visited.network, session.Str)) == 1


def test_nodes_without_number() -> None:
    """Whoever begins with one address after the other takes no more than its place."""
    visited = Visited(most_nodes=2)
    visited.attach()
    start = flow.eapol.eapol_unit(UE, NAS, "access", None, flow.EapolType.START)
    for number in range(5):
        source = bytes((2, 0, 0, 0, 1, number))
        visited.gateway.receive(msgspec.structs.replace(start, source=source), visited.network.now)
    assert visited.gateway.nodes.keys() == {UE, bytes((2, 0, 0, 0, 1, 0))}
    visited.run(60.0)
    # The one that did not answer is out, and makes room.
    source = bytes((2, 0, 0, 0, 1, 9))
    visited.gateway.receive(msgspec.structs.replace(start, source=source), visited.network.now)
    assert visited.gateway.nodes.keys() == {UE, source}
    assert visited.gateway.is_authorised(UE)


class Recording:
    """An AAA that says nothing by itself."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.waiting: list[AaaOrder] = []

    def ask(self, request: Any, now: float) -> None:
        """Nothing is answered."""

    def answers(self) -> list[Any]:
        return []

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        self.ended.append(session)

    def orders(self) -> list[AaaOrder]:
        orders, self.waiting = self.waiting, []
        return orders


def test_orders_that_nobody_is_meant_by() -> None:
    aaa = Recording()
    gateway = ServingGateway(
        "gateway", aaa, Random(2), access_link="access", link_layer_address=NAS,
        link_local=IPv6Address("fe80::2"), access_address=ACCESS, core_link="core",
        core_address=CORE, servers=(DHCP,), network_name=NETWORK_NAME,
    )  # fmt: skip
    gateway.link_up(UE, 0.0)
    gateway.events()
    for kind in AaaOrderKind:
        aaa.waiting = [AaaOrder(session="another", kind=kind)]
        gateway.handle_timeout(0.0)
        assert [one.text for one in gateway.events()] == ["an order about a session that is over"]
    # An authentication under way is not begun again.
    node, sent = gateway.nodes[UE], len(gateway.to_send())
    aaa.waiting = [AaaOrder(session=node.session, kind=AaaOrderKind.REAUTHORISE)]
    gateway.handle_timeout(0.1)
    assert (sent, gateway.to_send()) == (1, [])
    # Units of Diameter are for one that speaks it.
    gateway.receive(Unit(port=Port.DIAMETER, source="aaa", destination="gateway", octets=b""), 0.2)
    assert gateway.events() == []


def test_an_authenticator_that_has_the_aaa_for_itself() -> None:
    aaa = Recording()
    node = Authenticator("nas", aaa, Random(1), address=NAS, peer=UE)
    node.start(0.0)
    session_, _ = node.session, node.events()
    aaa.waiting = [AaaOrder(session="another", kind=AaaOrderKind.ABORT)]
    node.poll(0.1)
    assert [one.text for one in node.events()] == ["an order about another session"]
    aaa.waiting = [AaaOrder(session=session_, kind=AaaOrderKind.ABORT)]
    node.poll(0.2)
    assert (node.state, node.next_timeout(), aaa.ended) == (STATE.REFUSED, None, [session_])


# -- the UE ---------------------------------------------------------------------------------------
def test_a_ue_that_the_access_refuses_later() -> None:
    scenario = Scenario(Variant(), lambda name: Random(name))
    scenario.start()
    assert scenario.run(600.0, stop=lambda: scenario.ue.state == UeState.CONNECTED)
    scenario.run(5.0, stop=scenario.is_registered)
    subscriber = next(iter(scenario.aaa.hss.store.subscribers.values()))
    scenario.aaa.hss.store.subscribers.pop(subscriber.imsi)
    node = scenario.ue.settings.link_layer_address
    scenario.gateway.nodes[node].start(scenario.network.now)
    scenario.run(5.0)
    ue = scenario.ue
    assert (ue.state, ue.reason) == (UeState.FAILED, "the access refused")
    assert (ue.ike, ue.next_timeout()) == (None, None)
    # It may try again, when its owner wants it.
    scenario.aaa.hss.store.add(subscriber)
    ue.link_up(scenario.network.now)
    assert scenario.run(600.0, stop=lambda: scenario.ue.state == UeState.CONNECTED)
