"""The AAA proxy between a gateway's client and servers that answer as they are told."""

from __future__ import annotations

from ipaddress import IPv6Address
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import diameter
from mip6boot.diameter import (
    DiameterMessage,
    Mip6AgentInfo,
    Mip6Feature,
    ProxyHost,
    ProxyInfo,
    ProxyState,
    RouteRecord,
)
from mip6boot.diameter.interfaces import AnyAnswer, HomeAgentHost, HomeAgentInfo, s6b, session, sta
from mip6boot.eap import AkaResponse, AkaSubtype, IdentityResponse
from mip6boot.flow import Port, Unit
from mip6boot.flow.aaa import AaaAnswer, AaaInterface, AaaOrder, AaaOrderKind, AaaRequest, AgentInfo
from mip6boot.flow.diameter import AaaProxy, DiameterAaa

from .diameter_network import HOME, VISITED, Server, granting, messages, network, of_kind, settings

NAI = "0001010000000001@" + HOME
LOCAL = IPv6Address("2001:db8:200::1")
ACCESS = AaaRequest(
    session="node 1", interface=AaaInterface.STA, user_name=NAI, eap=IdentityResponse(0, NAI),
    network_name="WLAN",
)  # fmt: skip
RESPONSE = msgspec.structs.replace(ACCESS, eap=AkaResponse(1, AkaSubtype.IDENTITY))
OWN = AgentInfo(addresses=(LOCAL,), host="ha.visited.example.net")
TOLD = HomeAgentInfo(
    addresses=(LOCAL,),
    host=HomeAgentHost(destination_realm=VISITED, destination_host="ha.visited.example.net"),
)
AT_HOME = HomeAgentInfo(
    addresses=(IPv6Address("2001:db8:100::1"),),
    host=HomeAgentHost(destination_realm=HOME, destination_host="ha"),
)


class Chain:
    """nas -- proxy -- aaa, aaa2."""

    def __init__(self, *, servers: tuple[str, ...] = ("aaa",), patience: float = 4.0, **more: Any):
        self.servers = {name: Server(name, ["proxy"], lambda _: None) for name in servers}
        self.server = self.servers[servers[0]]
        for one in self.servers.values():
            one.script = granting(lambda one=one: one)  # type: ignore[misc]
        self.client = DiameterAaa(
            "nas", settings("nas", VISITED, [">proxy"], {"*": ("proxy",)}), Random(1)
        )
        neighbours = ["nas", *(f">{name}" for name in servers)]
        own = settings("proxy", VISITED, neighbours, {HOME: servers}, patience=patience)
        self.proxy = AaaProxy("proxy", own, Random(2), visited_network=VISITED, **more)
        self.network = network(self.client, self.proxy, *self.servers.values())

    def ask(self, request: AaaRequest = ACCESS, seconds: float = 1.0) -> list[AaaAnswer]:
        self.client.ask(request, self.network.now)
        self.run(seconds)
        return self.client.answers()

    def run(self, seconds: float) -> None:
        self.network.run(self.network.now + seconds)

    def sent(self, sender: str, kind: type[Any]) -> list[Any]:
        return [one for one in messages(self.network, sender) if isinstance(one, kind)]


def eap_requests(chain: Chain, sender: str) -> list[Any]:
    return chain.sent(sender, diameter.DiameterEapRequest)


def eap_answers(chain: Chain, sender: str) -> list[Any]:
    return chain.sent(sender, diameter.DiameterEapAnswer)


# -- passing on -----------------------------------------------------------------------------------
def test_there_and_back() -> None:
    chain = Chain()
    (first,), (last,) = chain.ask(), chain.ask(RESPONSE)
    assert (first.result, last.result) == (1001, 2001)
    for asked, passed in zip(eap_requests(chain, "nas"), eap_requests(chain, "proxy"), strict=True):
        assert passed.hop_by_hop_id != asked.hop_by_hop_id
        assert passed.end_to_end_id == asked.end_to_end_id
        assert not passed.retransmitted
        # Who sent it is in it, and the name of the visited network; all else is as it was.
        network_id = diameter.VisitedNetworkIdentifier(VISITED.encode())
        assert passed.avps == (*asked.avps, network_id, RouteRecord("nas"))
    for given, back, asked in zip(
        eap_answers(chain, "aaa"), eap_answers(chain, "proxy"), eap_requests(chain, "nas"),
        strict=True,
    ):  # fmt: skip
        assert back == given.replace(hop_by_hop_id=asked.hop_by_hop_id)
    chain.client.end("node 1", chain.network.now)
    chain.run(1.0)
    (end,) = of_kind(chain.network, session.Str, "proxy")
    assert (end.route_records, end.destination_host) == (("nas",), "aaa")
    assert len(of_kind(chain.network, session.Sta, "proxy")) == 1


def test_other_interfaces_are_none_of_its_business() -> None:
    chain = Chain(home_agents=(OWN,))
    chain.ask(msgspec.structs.replace(ACCESS, interface=AaaInterface.S6B))
    (request,) = of_kind(chain.network, s6b.Der, "proxy")
    assert request.visited_network_identifier is None
    assert request.mip6_feature_vector == Mip6Feature.MIP6_INTEGRATED


def test_orders_of_the_home_network() -> None:
    chain = Chain()
    chain.ask()
    chain.ask(RESPONSE)
    for kind, answer, more in (
        (session.Rar, session.Raa, {"re_auth_request_type": 0}), (session.Asr, session.Asa, {}),
    ):  # fmt: skip
        found = chain.server.order(kind, "nas;1;1", "nas", chain.network.now, **more)
        chain.run(1.0)
        assert answer.of(found[0]).result == 2001
    kinds = [AaaOrderKind.REAUTHORISE, AaaOrderKind.ABORT]
    assert chain.client.orders() == [AaaOrder(session="node 1", kind=one) for one in kinds]
    assert [one.route_records for one in of_kind(chain.network, session.Asr, "proxy")] == [("aaa",)]
    # Nobody is called so here.
    found = chain.server.order(session.Asr, "nas;1;1", "nas9", chain.network.now)
    chain.run(1.0)
    told = AnyAnswer.of(found[0])
    assert (found[0].is_error, told.result, told.origin_host) == (True, 3002, "proxy")


class Given:
    """A proxy alone, and what it sends for messages that are given to it."""

    def __init__(self, **more: Any) -> None:
        own = settings("proxy", VISITED, ["nas", "aaa", "aaa2"], {HOME: ("aaa", "aaa2")})
        self.proxy = AaaProxy("proxy", own, Random(2), visited_network=VISITED, **more)
        for name in ("nas", "aaa", "aaa2"):
            other = DiameterAaa(name, settings(name, HOME, [">proxy"], {}), Random(name))
            other.start(0.0)
            for unit in other.to_send():
                self.proxy.receive(unit, 0.0)
            self.proxy.to_send()

    def give(self, message: DiameterMessage, sender: str = "nas") -> list[tuple[str, Any]]:
        unit = Unit(port=Port.DIAMETER, source=sender, destination="proxy", octets=message.encode())
        self.proxy.receive(unit, 0.0)
        return self.sent()

    def sent(self) -> list[tuple[str, Any]]:
        found = []
        for unit in self.proxy.to_send():
            message = diameter.decode(unit.octets)
            assert diameter.check(message) == []
            assert isinstance(unit.destination, str)
            found.append((unit.destination, message))
        return found


def der(**changes: Any) -> sta.Der:
    values: dict[str, Any] = {
        "session_id": "nas;1;1", "origin_host": "nas", "origin_realm": VISITED,
        "destination_realm": HOME, "eap_payload": ACCESS.eap, "rat_type": 0, "anid": "WLAN",
    }  # fmt: skip
    return sta.Der(**values | changes)


def message_of(request: Any, *more: diameter.Avp) -> DiameterMessage:
    made: DiameterMessage = request.message(hop_by_hop_id=7, end_to_end_id=9)
    return made.replace(avps=(*made.avps, *more))


def proxy_info(name: str) -> ProxyInfo:
    return ProxyInfo((ProxyHost(name), ProxyState(b"state")))


def test_proxy_info_is_not_its_own() -> None:
    given = Given()
    asked = message_of(der(), proxy_info("before"))
    ((to, passed),) = given.give(asked)
    assert to == "aaa"
    assert passed.find(ProxyInfo) == proxy_info("before")
    answer = sta.Dea(session_id="nas;1;1", result_code=4001, origin_host="aaa", origin_realm=HOME)
    ((to, back),) = given.give(answer.answering(passed), "aaa")
    assert (to, back.hop_by_hop_id, back.find(ProxyInfo)) == ("nas", 7, proxy_info("before"))


def test_loops() -> None:
    given = Given()
    ((to, answer),) = given.give(message_of(der(route_records=("nas", "proxy", "y"))))
    assert (to, answer.is_error, AnyAnswer.of(answer).result) == ("nas", True, 3005)
    assert (answer.hop_by_hop_id, answer.end_to_end_id) == (7, 9)
    # Neighbours that had it before are no way to go (RFC 6733 6.1.7).
    ((to, _),) = given.give(message_of(der(route_records=("nas", "aaa"))))
    assert to == "aaa2"
    ((to, answer),) = given.give(message_of(der(route_records=("nas", "aaa", "aaa2"))))
    assert (to, answer.is_error, AnyAnswer.of(answer).result) == ("nas", True, 3002)


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"destination_realm": "elsewhere.example"}, 3003),
        ({"destination_realm": VISITED, "destination_host": "nas9"}, 3002),
    ],
)
def test_no_way(changes: Any, result: int) -> None:
    given = Given()
    ((to, answer),) = given.give(message_of(der(**changes)))
    told = AnyAnswer.of(answer)
    assert (to, answer.is_error, told.result, told.origin_host) == ("nas", True, result, "proxy")


def test_it_does_not_answer_for_others() -> None:
    """An answer to one request is no answer to the same request later (RFC 6733 5.5.4)."""
    given = Given()
    asked = message_of(der(route_records=("nas", "aaa", "aaa2")))
    ((_, answer),) = given.give(asked)
    assert AnyAnswer.of(answer).result == 3002
    again = message_of(der()).replace(retransmitted=True)
    ((to, passed),) = given.give(again)
    assert (to, passed.retransmitted) == ("aaa", True)


# -- failover -------------------------------------------------------------------------------------
def test_a_server_that_leaves() -> None:
    """What is out goes to the other one, which is told that it may be a duplicate."""
    chain = Chain(servers=("aaa", "aaa2"))
    chain.server.script = lambda request: chain.server.stop(chain.network.now)
    (answer,) = chain.ask()
    assert answer.result == 1001
    first, second = eap_requests(chain, "proxy")
    assert (first.retransmitted, second.retransmitted) == (False, True)
    assert first.end_to_end_id == second.end_to_end_id
    assert first.hop_by_hop_id != second.hop_by_hop_id
    assert first.avps == second.avps
    assert len(chain.servers["aaa2"].asked) == 1
    # The session is where it was answered.
    chain.ask(RESPONSE)
    assert chain.servers["aaa2"].asked[-1].destination_host == "aaa2"


def test_a_server_that_is_silent() -> None:
    chain = Chain(servers=("aaa", "aaa2"))
    chain.server.script = lambda request: None
    (answer,) = chain.ask(seconds=5.0)
    assert answer.result == 1001
    assert [one.retransmitted for one in eap_requests(chain, "proxy")] == [False, True]


@pytest.mark.parametrize("result", [3002, 3004])
def test_a_server_that_cannot(result: int) -> None:
    """It has not taken the request, so the other one has no duplicate (RFC 6733 7.1.3)."""
    chain = Chain(servers=("aaa", "aaa2"))
    chain.server.script = lambda request: AnyAnswer(
        session_id=request.session_id, result_code=result, origin_host="aaa", origin_realm=HOME
    )
    (answer,) = chain.ask()
    assert answer.result == 1001
    assert [one.retransmitted for one in eap_requests(chain, "proxy")] == [False, False]
    # Where both cannot, the second answer is passed back.
    chain.servers["aaa2"].script = chain.server.script
    (answer,) = chain.ask(msgspec.structs.replace(ACCESS, session="node 2"))
    assert answer.result == result


def test_all_are_silent() -> None:
    chain = Chain(servers=("aaa", "aaa2"))
    for one in chain.servers.values():
        one.script = lambda request: None
    (answer,) = chain.ask(seconds=9.0)
    assert answer.result == 3002
    (told,) = eap_answers(chain, "proxy")
    assert (told.is_error, AnyAnswer.of(told).origin_host) == (True, "proxy")


def test_a_session_has_one_server() -> None:
    """What names its host goes nowhere else."""
    chain = Chain(servers=("aaa", "aaa2"))
    chain.ask()
    chain.server.script = lambda request: None
    (answer,) = chain.ask(RESPONSE, seconds=5.0)
    assert (answer.result, chain.servers["aaa2"].asked) == (3002, [])


# -- the visited network --------------------------------------------------------------------------
def test_the_name_of_the_visited_network() -> None:
    given = Given()
    for name in (VISITED, VISITED.upper()):
        ((to, passed),) = given.give(message_of(der(visited_network_identifier=name.encode())))
        assert to == "aaa"
        assert sta.Der.of(passed).visited_network_identifier == name.encode()
    ((to, answer),) = given.give(message_of(der(visited_network_identifier=b"other.example")))
    told = sta.Dea.of(answer)
    assert (to, answer.is_error, told.result, told.session_id) == ("nas", False, 5004, "nas;1;1")
    assert told.failed_avps == ((diameter.VisitedNetworkIdentifier(b"other.example"),),)


def test_home_agents_are_offered() -> None:
    """In the first request, of a gateway that bootstraps (RFC 5447 4.2.5)."""
    chain = Chain(home_agents=(OWN,))
    chain.ask()
    chain.ask(RESPONSE)
    first, second = of_kind(chain.network, sta.Der, "proxy")
    assert first.mip6_feature_vector == 3
    assert first.home_agents == (TOLD,)
    assert (second.mip6_feature_vector, second.home_agents) == (None, ())
    given = Given(home_agents=(OWN,))
    for vector in (None, 0):
        ((_, passed),) = given.give(message_of(der(mip6_feature_vector=vector)))
        assert sta.Der.of(passed).mip6_feature_vector == vector
        assert passed.find(Mip6AgentInfo) is None
    # Without a name of its own, a home agent has that of the proxy.
    given = Given(home_agents=(AgentInfo(addresses=(LOCAL,)),))
    ((_, passed),) = given.give(message_of(der(mip6_feature_vector=1)))
    (told,) = sta.Der.of(passed).home_agents
    assert told.host == HomeAgentHost(destination_realm=VISITED, destination_host="proxy")


@pytest.mark.parametrize(
    ("vector", "told", "found"),
    [
        # LOCAL-bit and home agents of the server: what the gateway sees of it.
        (None, (), ()), (1, (), ()), (1, (AT_HOME,), (AT_HOME,)), (1, (AT_HOME, TOLD), (AT_HOME,)),
        (None, (TOLD,), ()), (3, (), (TOLD,)), (3, (AT_HOME,), (AT_HOME, TOLD)),
        (3, (AT_HOME, TOLD), (AT_HOME, TOLD)),
    ],
)  # fmt: skip
def test_home_agents_that_are_let(vector: int | None, told: Any, found: Any) -> None:
    chain = Chain(home_agents=(OWN,))
    chain.server.script = granting(
        lambda: chain.server, mip6_feature_vector=vector, home_agents=told
    )
    chain.ask()
    (answer,) = chain.ask(RESPONSE)
    first, last = of_kind(chain.network, sta.Dea, "proxy")
    assert (first.home_agents, last.home_agents) == ((), found)
    assert last.mip6_feature_vector == vector
    assert [one.local for one in answer.agents] == [one is TOLD for one in found]


def test_a_refusal_stays_as_it_is() -> None:
    chain = Chain(home_agents=(OWN,))
    chain.server.script = lambda request: chain.server.result(
        request, 5003, mip6_feature_vector=3, home_agents=(AT_HOME,)
    )
    (answer,) = chain.ask()
    assert answer.result == 5003
    assert of_kind(chain.network, sta.Dea, "proxy")[0].home_agents == (AT_HOME,)


def test_what_it_cannot_read_it_passes_on() -> None:
    given = Given(home_agents=(OWN,))
    bad = diameter.UnknownAvp(registry_code=486, mandatory=True, value=b"\0\0\1")
    made = message_of(der(mip6_feature_vector=1))
    octets = bytearray(made.encode() + bad.encode())
    octets[1:4] = len(octets).to_bytes(3, "big")
    unit = Unit(port=Port.DIAMETER, source="nas", destination="proxy", octets=bytes(octets))
    given.proxy.receive(unit, 0.0)
    ((to, passed),) = [(one.destination, one.octets) for one in given.proxy.to_send()]
    assert to == "aaa"
    assert bad.encode() in passed
