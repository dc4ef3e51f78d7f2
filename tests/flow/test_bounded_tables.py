"""What home agents, AAA servers and gateways keep of those who may be anybody."""

from __future__ import annotations

import sys
from collections.abc import Callable
from ipaddress import IPv6Address
from random import Random

import msgspec
import pytest

from mip6boot import eap, flow, mipv6
from mip6boot.diameter.interfaces import sta
from mip6boot.flow import HomeAgentSettings, HomeRegistrations, Port, ServingGateway, Unit

from . import mobility
from .home_side import ACCESS, HOME_REALM, Home
from .ike_network import OneRound
from .wire import driven

FIRST = IPv6Address("2001:db8:100::1:0")


def tables(agent: HomeRegistrations) -> list[int]:
    found = (agent._bindings, agent._links, agent.cache._bindings, agent.parts, agent._timers)
    return [len(table) for table in found]


def flood(asker: mobility.Asker, count: int, now: float = 0.0) -> list[mipv6.BindingStatus | int]:
    """Binding Updates of as many home addresses; the status of each that is answered."""
    found = []
    for n in range(count):
        unit = asker.unit(mobility.update(), home=FIRST + n, source=mobility.VISITED + n)
        found += [one.status for one in asker.give(unit, now)]
    return found


def test_a_home_agent_has_so_many_bindings_whoever_asks() -> None:
    asker = mobility.Asker(capacity=5)
    status = mipv6.BindingStatus.INSUFFICIENT_RESOURCES
    assert flood(asker, 50) == [status] * 45  # The others are tested first.
    assert tables(asker.agent) == [5, 5, 5, 5, 0]
    asker.agent.handle_timeout(1.0)
    assert [one.status for one in asker.answers()] == [mipv6.BindingStatus.ACCEPTED] * 5
    assert flood(asker, 50, 2.0).count(status) == 45
    assert tables(asker.agent) == [5, 5, 5, 5, 0]
    asker.agent.handle_timeout(1000.0)
    assert tables(asker.agent) == [0] * 5


def test_a_home_agent_has_a_bound_unless_told_otherwise() -> None:
    plain = HomeAgentSettings(
        address=mobility.HOME_AGENT, prefixes=(), link_layer_address=mobility.AGENT_MAC
    )
    assert plain.capacity == 65_536
    assert msgspec.structs.replace(plain, capacity=None).capacity is None


def test_a_home_agent_keeps_nothing_of_what_is_not_sealed() -> None:
    asker = mobility.Asker(sealed=True)
    asker.sender = None
    assert flood(asker, 50) == []
    assert tables(asker.agent) == [0] * 5


@pytest.mark.parametrize("forged", [True, False], ids=["forged", "stranger"])
def test_an_aaa_server_keeps_nothing_of_who_is_not_whom_he_says(forged: bool) -> None:
    home = Home()
    aaa, gateway = home.aaa, home.gateway.settings
    for number in range(50):
        request = sta.Der(
            session_id=f"{gateway.host};1;{number}",
            origin_host="forged.home.example" if forged else gateway.host,
            origin_realm=HOME_REALM if forged else gateway.realm,
            destination_realm=HOME_REALM, user_name="6001010000000001",
            eap_payload=eap.IdentityResponse(1, "6001010000000001"), **ACCESS,
        )  # fmt: skip
        octets = request.message(hop_by_hop_id=number, end_to_end_id=number).encode()
        source = gateway.host if forged else "stranger"
        unit = Unit(port=Port.DIAMETER, source=source, destination="aaa", octets=octets)
        aaa.receive(unit, home.network.now)
    assert len(aaa.to_send()) == (50 if forged else 0)
    assert [len(x) for x in (aaa.sessions, aaa._pending, aaa._answers, aaa.users)] == [0] * 4


def serving_gateway(most_nodes: int) -> ServingGateway:
    return ServingGateway(
        "gateway", OneRound(), Random(2), access_link="access", link_layer_address=b"\2gate1",
        link_local=IPv6Address("fe80::2"), access_address=IPv6Address("2001:db8:1::1"),
        core_link="core", core_address=IPv6Address("2001:db8:2::1"),
        servers=(IPv6Address("2001:db8:2::2"),), network_name="WLAN", most_nodes=most_nodes,
    )  # fmt: skip


def start_of(number: int) -> Unit:
    """EAPOL-Start of a node."""
    return Unit(
        port=Port.EAPOL, source=b"\2" + number.to_bytes(5, "big"), destination=b"\2gate1",
        octets=bytes.fromhex("01010000"), link="access",
    )  # fmt: skip


def test_a_gateway_knows_so_many_nodes() -> None:
    gateway = serving_gateway(most_nodes=4)
    for number in range(50):
        gateway.receive(start_of(number), 0.0)
    assert len(gateway.nodes) == 4
    assert len(gateway.to_send()) == 4
    events: list[flow.Event] = gateway.events()
    assert sum(event.text == "there are too many nodes" for event in events) == 46


# -- what one packet costs ------------------------------------------------------------------------
def calls(work: Callable[[], object]) -> int:
    """How many functions are called, of Python and of C."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    # Where coverage or a debugger looks on, it does so again afterwards.
    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost_of_an_update(bindings: int) -> int:
    """That of a refresh, where there are so many bindings."""
    asker = mobility.Asker()
    units = [
        asker.unit(mobility.update(), home=FIRST + n, source=mobility.VISITED + n)
        for n in range(bindings)
    ]
    for unit in units:
        driven(asker.agent, unit, 0.0)
    asker.agent.handle_timeout(1.0)
    driven(asker.agent, asker.unit(mobility.update(2), home=FIRST, source=mobility.VISITED), 1.5)
    assert len(asker.agent.tunnels(1.5)) == bindings
    again = asker.unit(mobility.update(3), home=FIRST, source=mobility.VISITED)
    return calls(lambda: driven(asker.agent, again, 2.0))


def cost_of_a_node(nodes: int) -> int:
    """That of one more at a gateway that knows so many."""
    gateway = serving_gateway(most_nodes=nodes + 1)
    for number in range(nodes):
        driven(gateway, start_of(number), 0.0)
    assert len(gateway.nodes) == nodes
    return calls(lambda: driven(gateway, start_of(nodes), 0.5))


@pytest.mark.parametrize("cost", [cost_of_an_update, cost_of_a_node])
def test_a_packet_costs_the_same_however_many_there_are(cost: Callable[[int], int]) -> None:
    cost(1)  # What is made once, is made.
    few, many = cost(10), cost(500)
    assert few > 100
    assert many < 1.2 * few, (few, many)
