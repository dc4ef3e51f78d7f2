"""The AAA client by Diameter, against a server that answers as it is told."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import diameter, flow
from mip6boot.diameter import Mip6Feature, SessionState, Termination
from mip6boot.diameter.interfaces import (
    AnyAnswer,
    HomeAgentHost,
    HomeAgentInfo,
    VendorResult,
    s6b,
    session,
    sta,
)
from mip6boot.eap import AkaResponse, AkaSubtype, Failure, IdentityResponse, Success
from mip6boot.errors import ConfigError
from mip6boot.flow.aaa import (
    Aaa,
    AaaAnswer,
    AaaInterface,
    AaaOrder,
    AaaOrderKind,
    AaaRequest,
    AgentInfo,
)
from mip6boot.flow.diameter import DiameterAaa
from mip6boot.security import Secret

from .diameter_network import (
    CHALLENGE,
    HOME,
    MSK,
    VISITED,
    Script,
    Server,
    granting,
    messages,
    network,
    of_kind,
    settings,
)

NAI = "0001010000000001@" + HOME
AGENT, OTHER = IPv6Address("2001:db8:100::1"), IPv6Address("2001:db8:100::2")
IDENTITY = IdentityResponse(0, NAI)
RESPONSE = AkaResponse(1, AkaSubtype.IDENTITY)
ACCESS = AaaRequest(
    session="node 1", interface=AaaInterface.STA, user_name=NAI, eap=IDENTITY,
    network_name="WLAN", calling_station="02-00-00-00-00-01",
)  # fmt: skip
KEYS = AaaRequest(
    session="node 1", interface=AaaInterface.S6B, user_name=NAI, eap=IDENTITY, apn="internet",
    home_agent=AGENT,
)  # fmt: skip


class Pair:
    """A client and its server; by default the answer to EAP is one more round, then success."""

    def __init__(self, script: Script | None = None, *, realm: str = VISITED, **more: Any) -> None:
        self.server = Server("aaa", ["nas"], script or granting(lambda: self.server))
        self.client = DiameterAaa(
            "nas", settings("nas", realm, [">aaa"], {"*": ("aaa",)}), Random(1), **more
        )
        self.network = network(self.server, self.client)

    def ask(self, request: AaaRequest, seconds: float = 1.0) -> list[AaaAnswer]:
        self.client.ask(request, self.network.now)
        self.run(seconds)
        return self.client.answers()

    def granted(self, request: AaaRequest) -> AaaAnswer:
        (first,) = self.ask(request)
        assert (first.result, first.eap, first.msk) == (1001, CHALLENGE, None)
        (last,) = self.ask(msgspec.structs.replace(request, eap=RESPONSE))
        assert last.result == 2001
        return last

    def end(self, name: str = "node 1") -> None:
        self.client.end(name, self.network.now)
        self.run(1.0)

    def run(self, seconds: float) -> None:
        self.network.run(self.network.now + seconds)

    def answering(self, result: int | None, **more: Any) -> Script:
        """All that is asked gets this; the end of a session is always a success."""

        def script(request: Any) -> Any:
            if isinstance(request, session.Str):
                return 2001
            return self.server.result(request, result, **more)

        return script


def pair_of(result: int, request: AaaRequest = ACCESS, **more: Any) -> tuple[Pair, AaaAnswer]:
    """The one answer to a request, of which all is in `more`."""
    pair = Pair()
    pair.server.script = pair.answering(result, **more)
    (answer,) = pair.ask(request)
    messages(pair.network)
    return pair, answer


# -- requests -------------------------------------------------------------------------------------
def test_access() -> None:
    pair = Pair()
    client: Aaa = pair.client
    assert client.answers() == []
    request = msgspec.structs.replace(
        ACCESS, visited_network=VISITED, apn="internet", rat_type=2003, local_agents=True
    )
    last = pair.granted(request)
    assert (last.session, last.eap, last.msk) == ("node 1", Success(1), Secret(MSK))
    assert last.user_name == "permanent@" + HOME
    assert repr(MSK) not in repr(last)
    first, second = of_kind(pair.network, sta.Der)
    assert first == sta.Der(
        session_id="nas;1;1", origin_host="nas", origin_realm=VISITED, origin_state_id=1,
        destination_realm=HOME, user_name=NAI, eap_payload=IDENTITY,
        visited_network_identifier=VISITED.encode(), calling_station_id="02-00-00-00-00-01",
        rat_type=2003, anid="WLAN", service_selection="internet",
        mip6_feature_vector=Mip6Feature.MIP6_INTEGRATED | Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT,
    )  # fmt: skip
    # The session goes on where it began; what bootstraps is in the first request only.
    assert (
        second
        == first.replace(destination_host="aaa", eap_payload=RESPONSE, mip6_feature_vector=None)
        if hasattr(first, "replace")
        else second
        == msgspec.structs.replace(
            first, destination_host="aaa", eap_payload=RESPONSE, mip6_feature_vector=None
        )
    )
    numbers = [one.end_to_end_id for one in messages(pair.network) if one.is_request]
    assert len(set(numbers)) == len(numbers)


def test_home_agent() -> None:
    pair = Pair(realm=HOME, agent_host="ha.home.example.org")
    pair.granted(KEYS)
    first, second = of_kind(pair.network, s6b.Der)
    agent = HomeAgentInfo(
        addresses=(AGENT,),
        host=HomeAgentHost(destination_realm=HOME, destination_host="ha.home.example.org"),
    )
    assert first == s6b.Der(
        session_id="nas;1;1", origin_host="nas", origin_realm=HOME, origin_state_id=1,
        destination_realm=HOME, user_name=NAI, eap_payload=IDENTITY, rat_type=0,
        service_selection="internet", mip6_feature_vector=Mip6Feature.MIP6_INTEGRATED,
        home_agent=agent, home_addresses=(IPv6Address("::"),),
    )  # fmt: skip
    assert second == msgspec.structs.replace(
        first, destination_host="aaa", eap_payload=RESPONSE, mip6_feature_vector=None,
        home_agent=None, home_addresses=(),
    )  # fmt: skip
    # The binding is there: the same session, without EAP (TS 29.273 9.2.2.2).
    bound = msgspec.structs.replace(KEYS, eap=None, bound=True, home_address=OTHER)
    (answer,) = pair.ask(bound)
    assert answer == AaaAnswer(session="node 1", result=2001)
    (update,) = of_kind(pair.network, s6b.Aar)
    assert update == s6b.Aar(
        session_id="nas;1;1", origin_host="nas", origin_realm=HOME, origin_state_id=1,
        destination_realm=HOME, destination_host="aaa", user_name=NAI,
        service_selection="internet", mip6_feature_vector=Mip6Feature.MIP6_INTEGRATED,
        home_agent=agent, home_addresses=(OTHER,), auth_request_type=2,
    )  # fmt: skip


def test_authorisation_alone_asks_for_an_address() -> None:
    pair = Pair(realm=HOME)
    pair.ask(msgspec.structs.replace(KEYS, eap=None))
    (request,) = of_kind(pair.network, s6b.Aar)
    assert request.home_addresses == (IPv6Address("::"),)
    assert request.home_agent == HomeAgentInfo(addresses=(AGENT,))
    assert request.destination_host is None
    with pytest.raises(ConfigError):
        pair.client.ask(msgspec.structs.replace(ACCESS, session="other", eap=None), 0.0)


def test_where_requests_go() -> None:
    for home_realm, realm in (("", HOME), ("other.example", "other.example")):
        pair = Pair(home_realm=home_realm)
        pair.ask(ACCESS)
        (request,) = [one for one in messages(pair.network, "nas") if one.find(diameter.EapPayload)]
        assert request.find(diameter.DestinationRealm).value == realm


def test_an_authentication_that_begins_again_has_it_all_again() -> None:
    pair = Pair()
    pair.ask(ACCESS)
    pair.granted(ACCESS)
    pair.granted(ACCESS)
    vectors = [one.mip6_feature_vector for one in of_kind(pair.network, sta.Der)]
    assert vectors == [1, 1, None, 1, None]
    assert {one.session_id for one in of_kind(pair.network, sta.Der)} == {"nas;1;1"}


# -- answers --------------------------------------------------------------------------------------
@pytest.mark.parametrize("request_", [ACCESS, KEYS, msgspec.structs.replace(KEYS, eap=None)])
def test_refusals(request_: AaaRequest) -> None:
    eap = {} if request_.eap is None else {"eap_payload": Failure(0)}
    for result in (4001, 5003):
        pair, answer = pair_of(result, request_, **eap)
        assert answer == AaaAnswer(session="node 1", result=result, eap=eap.get("eap_payload"))
        assert answer.eap == eap.get("eap_payload")
    for result in (5001, 5004, 5450, 5451, 5452, 4181):
        pair = Pair()
        told = VendorResult(result_code=result)
        pair.server.script = pair.answering(None, experimental_result=told)
        (answer,) = pair.ask(request_)
        assert answer == AaaAnswer(session="node 1", result=result)
        # Nothing was granted that could be ended.
        pair.end()
        assert of_kind(pair.network, session.Str) == []


def test_protocol_errors() -> None:
    pair = Pair()
    pair.server.script = lambda request: AnyAnswer(
        session_id=request.session_id, result_code=3004, origin_host="relay", origin_realm="x"
    )
    (answer,) = pair.ask(ACCESS)
    assert answer == AaaAnswer(session="node 1", result=3004)
    pair = Pair(home_realm="nowhere.example")
    pair.client.settings = msgspec.structs.replace(pair.client.settings, routes={})
    pair.client.ask(ACCESS, 0.0)
    (answer,) = pair.client.answers()
    assert answer == AaaAnswer(session="node 1", result=3002)


def test_silence() -> None:
    pair = Pair(lambda request: None)
    assert pair.ask(ACCESS, 9.0) == []
    pair.run(2.0)
    assert pair.client.answers() == [AaaAnswer(session="node 1", result=3002)]
    assert of_kind(pair.network, session.Str) == []


def test_answers_that_are_not_acceptable() -> None:
    """A mandatory AVP that nobody knows: what was granted is given back (RFC 6733 8.4)."""
    pair = Pair()
    unknown = diameter.UnknownAvp(registry_code=9999, mandatory=True, value=b"?")
    grant = granting(lambda: pair.server, 0)

    def script(request: Any) -> Any:
        answer = grant(request)
        if isinstance(request, sta.Der):
            answer = answer.answering(pair.server.got[-1].message)
            pair.server.pass_back(
                pair.server.got[-1], answer.replace(avps=(*answer.avps, unknown)), 0.0
            )
            return None
        return answer

    pair.server.script = script
    (answer,) = pair.ask(ACCESS)
    assert answer == AaaAnswer(session="node 1", result=5001)
    (request,) = of_kind(pair.network, session.Str)
    assert request.termination_cause == Termination.DIAMETER_BAD_ANSWER
    # An answer that grants nothing, and lacks what it has to have.
    pair = Pair()
    pair.server.script = pair.answering(1001, eap_payload=CHALLENGE, error_message="x")
    pair.server.script = lambda request: AnyAnswer(
        result_code=1001, origin_host="a", origin_realm=HOME
    )
    (answer,) = pair.ask(ACCESS)
    assert answer.result == 5005
    assert of_kind(pair.network, session.Str, "nas") == []


def host(name: str, realm: str) -> HomeAgentHost:
    return HomeAgentHost(destination_realm=realm, destination_host=name)


PREFIX = diameter.HomeLinkPrefix(64, IPv6Address("2001:db8:100::"))
BOTH = HomeAgentInfo(
    addresses=(AGENT, IPv4Address("192.0.2.1"), OTHER), host=host("ha", HOME),
    home_link_prefix=PREFIX,
)  # fmt: skip
LOCAL = HomeAgentInfo(addresses=(OTHER,), host=host("local", VISITED.upper()))
NAMED = HomeAgentInfo(host=host("ha2", HOME))


def test_home_agents() -> None:
    """The six rows of RFC 5447 4.2.5 for answers, as the gateway sees them."""
    home = AgentInfo(
        addresses=(AGENT, IPv4Address("192.0.2.1")), host="ha",
        home_link_prefix=IPv6Network("2001:db8:100::/64"),
    )  # fmt: skip
    local = AgentInfo(addresses=(OTHER,), host="local", local=True)
    for vector, told, found in (
        (None, (), ()), (1, (BOTH,), (home,)), (3, (), ()), (3, (LOCAL,), (local,)),
        (3, (BOTH,), (home,)), (3, (BOTH, LOCAL), (home, local)),
        # A local one without leave, one by name, one that is nothing, one without a realm.
        (1, (BOTH, LOCAL), (home,)), (1, (NAMED,), (AgentInfo(host="ha2"),)),
        (3, (HomeAgentInfo(),), ()),
        (3, (HomeAgentInfo(addresses=(OTHER,)),), (AgentInfo(addresses=(OTHER,)),)),
        (1, (HomeAgentInfo(addresses=(b"\0\3x", OTHER)),), (AgentInfo(addresses=(OTHER,)),)),
    ):  # fmt: skip
        _, answer = pair_of(2001, home_agents=told, mip6_feature_vector=vector)
        assert answer.agents == found, (vector, told)


def test_home_agents_of_a_network_at_home() -> None:
    """Where the access is one of the home network, no home agent is local."""
    pair = Pair(realm=HOME)
    pair.server.script = pair.answering(2001, home_agents=(BOTH,), mip6_feature_vector=3)
    (answer,) = pair.ask(ACCESS)
    assert [one.local for one in answer.agents] == [False]


def test_what_a_home_agent_is_answered() -> None:
    addresses = (
        IPv6Address("2001:db8:100::5"),
        IPv4Address("192.0.2.9"),
        IPv6Address("2001:db8:7::"),
    )
    for request in (KEYS, msgspec.structs.replace(KEYS, eap=None)):
        _, answer = pair_of(
            2009, request, home_agents=(BOTH,), home_addresses=addresses, session_timeout=3600,
            user_name="permanent",
        )  # fmt: skip
        assert (answer.result, answer.session_timeout, answer.user_name) == (
            2009,
            3600,
            "permanent",
        )
        assert answer.home_address == addresses[0]
        assert answer.home_prefix == IPv6Network("2001:db8:7::/64")
        assert answer.agents[0].addresses == (AGENT, IPv4Address("192.0.2.1"))
        _, answer = pair_of(2001, request, home_addresses=(IPv6Address("::"),))
        assert (answer.home_address, answer.home_prefix) == (None, None)


# -- another server -------------------------------------------------------------------------------
class Two(Pair):
    """Two servers, of which the first sends users to the second."""

    def __init__(self, first: Script) -> None:
        super().__init__(first)
        self.second = Server("aaa2", ["nas"], granting(lambda: self.second))
        own = settings("nas", VISITED, [">aaa", ">aaa2"], {"*": ("aaa",)})
        self.client = DiameterAaa("nas", own, Random(1))
        self.network = network(self.server, self.second, self.client)


def elsewhere(request: Any, name: str = "aaa2") -> Any:
    return sta.Dea(
        session_id=request.session_id, origin_host="aaa", origin_realm=HOME,
        experimental_result=VendorResult(result_code=5005), aaa_server_name=name,
    )  # fmt: skip


def redirect(request: Any) -> Any:
    return AnyAnswer(
        session_id=request.session_id, result_code=3006, origin_host="agent", origin_realm=HOME,
        redirect_hosts=("aaa://aaa2:3868;transport=sctp", "aaa://aaa3"),
    )  # fmt: skip


@pytest.mark.parametrize("script", [elsewhere, redirect])
def test_the_server_that_serves_the_user_is_asked(script: Script) -> None:
    pair = Two(script)
    pair.granted(ACCESS)
    (first,) = pair.server.asked
    assert first.destination_host is None
    again, response = pair.second.asked
    assert again == msgspec.structs.replace(first, destination_host="aaa2")
    assert response.destination_host == "aaa2"
    messages(pair.network)
    pair.end()
    assert isinstance(pair.second.asked[-1], session.Str)


def test_it_is_asked_once() -> None:
    pair = Two(elsewhere)
    pair.second.script = lambda request: elsewhere(request, "aaa")
    (answer,) = pair.ask(ACCESS)
    assert (answer.result, answer.server) == (5005, "aaa")
    assert len(pair.server.asked) == len(pair.second.asked) == 1


def test_a_server_that_cannot_be_reached() -> None:
    pair = Pair(lambda request: elsewhere(request, "aaa9"))
    pair.client.settings = msgspec.structs.replace(pair.client.settings, routes={HOME: ("aaa",)})
    (answer,) = pair.ask(ACCESS)
    # The realm leads to the first one, which is not that host.
    assert (answer.result, answer.server) == (5005, "aaa9")
    assert [one.is_error for one in messages(pair.network, "aaa")].count(True) == 1


def test_in_the_middle_of_eap_nobody_else_could_go_on() -> None:
    pair = Two(lambda request: None)
    pair.server.script = granting(lambda: pair.server)
    pair.ask(ACCESS)
    pair.server.script = elsewhere
    (answer,) = pair.ask(msgspec.structs.replace(ACCESS, eap=RESPONSE))
    assert (answer.result, answer.server, pair.second.asked) == (5005, "aaa2", [])


# -- the end of a session -------------------------------------------------------------------------
def test_what_is_granted_is_ended() -> None:
    pair = Pair()
    pair.granted(ACCESS)
    pair.end("another")
    pair.end()
    pair.end()
    (request,) = of_kind(pair.network, session.Str)
    assert request == session.Str(
        session_id="nas;1;1", origin_host="nas", origin_realm=VISITED, origin_state_id=1,
        destination_realm=HOME, destination_host="aaa", user_name=NAI,
        auth_application_id=diameter.Application.STA, termination_cause=Termination.DIAMETER_LOGOUT,
    )  # fmt: skip
    assert len(of_kind(pair.network, session.Sta)) == 1
    # The name may be used again, for another session.
    pair.granted(ACCESS)
    assert of_kind(pair.network, sta.Der)[-1].session_id == "nas;1;2"


def test_a_server_without_state_is_not_told() -> None:
    pair = Pair()
    pair.server.script = pair.answering(2001, auth_session_state=SessionState.NO_STATE_MAINTAINED)
    pair.ask(ACCESS)
    pair.end()
    assert of_kind(pair.network, session.Str) == []


def test_a_timeout_is_a_cause_of_its_own() -> None:
    pair = Pair()
    pair.server.script = pair.answering(2001, session_timeout=5)
    pair.ask(ACCESS)
    pair.run(5.0)
    pair.end()
    (request,) = of_kind(pair.network, session.Str)
    assert request.termination_cause == Termination.DIAMETER_SESSION_TIMEOUT


def test_success_that_comes_too_late() -> None:
    """The owner has gone: what it does not know of is ended all the same (RFC 6733 8.4)."""
    pair = Pair(lambda request: None)
    pair.server.script = pair.answering(2001)
    pair.client.ask(ACCESS, 0.0)
    pair.client.end("node 1", 0.0)
    pair.run(1.0)
    assert pair.client.answers() == []
    assert len(of_kind(pair.network, session.Str)) == 1


def test_what_is_ended_is_not_ended_again() -> None:
    """Also where it was asked for once more just before."""
    pair = Pair()
    pair.granted(ACCESS)
    pair.server.script = pair.answering(2001)
    pair.client.ask(ACCESS, pair.network.now)
    pair.end()
    assert [one.result for one in of_kind(pair.network, sta.Dea)] == [1001, 2001, 2001]
    assert len(of_kind(pair.network, session.Str)) == 1
    assert pair.client.answers() == []


def test_an_answer_to_a_request_that_was_replaced() -> None:
    pair = Pair()
    pair.client.ask(ACCESS, 0.0)
    pair.client.ask(ACCESS, 0.0)
    pair.run(1.0)
    assert len(pair.client.answers()) == 1
    assert len(pair.server.asked) == 2


def test_a_refusal_ends_a_session_that_was_granted() -> None:
    """The server has forgotten it, and so does the client; silence is no refusal (RFC 6733 8.1)."""
    pair = Pair()
    pair.granted(ACCESS)
    pair.server.script = lambda request: None
    assert pair.ask(ACCESS, 11.0)[0].result == 3002
    pair.server.script = pair.answering(2001)
    pair.end()
    assert len(of_kind(pair.network, session.Str)) == 1
    pair = Pair()
    pair.granted(ACCESS)
    pair.server.script = pair.answering(4001)
    assert pair.ask(ACCESS)[0].result == 4001
    pair.end()
    assert of_kind(pair.network, session.Str) == []


# -- orders ---------------------------------------------------------------------------------------
def test_orders() -> None:
    pair = Pair()
    pair.server.settings = msgspec.structs.replace(pair.server.settings, routes={VISITED: ("nas",)})
    pair.granted(ACCESS)
    now = pair.network.now
    for kind, answer, wanted, more in (
        (session.Rar, session.Raa, AaaOrderKind.REAUTHORISE, {"re_auth_request_type": 1}),
        (session.Asr, session.Asa, AaaOrderKind.ABORT, {}),
    ):  # fmt: skip
        for session_id, result in (("nas;1;1", 2001), ("nas;1;7", 5002)):
            found = pair.server.order(kind, session_id, "nas", now, **more)
            pair.run(1.0)
            told = answer.of(found[0])
            assert (told.session_id, told.result) == (session_id, result)
        assert pair.client.orders() == [AaaOrder(session="node 1", kind=wanted)]
        assert pair.client.orders() == []
    pair.end()
    (request,) = of_kind(pair.network, session.Str)
    assert request.termination_cause == Termination.DIAMETER_ADMINISTRATIVE
    # It is not there any more.
    found = pair.server.order(session.Asr, "nas;1;1", "nas", now)
    pair.run(1.0)
    assert session.Asa.of(found[0]).result == 5002
    assert pair.client.orders() == []


def test_an_order_is_given_once() -> None:
    pair = Pair()
    pair.granted(ACCESS)
    for _ in range(3):
        pair.server.order(session.Asr, "nas;1;1", "nas", pair.network.now)
    pair.run(1.0)
    assert len(pair.client.orders()) == 1
    assert [one.result for one in of_kind(pair.network, session.Asa)] == [2001] * 3


# -- memory ---------------------------------------------------------------------------------------
def test_what_nobody_goes_on_with_is_forgotten() -> None:
    pair = Pair()
    pair.ask(ACCESS)
    pair.run(118.0)
    assert len(pair.client._known) == len(pair.client._names) == 1
    pair.run(2.0)
    assert (pair.client._known, pair.client._names) == ({}, {})
    pair.granted(ACCESS)
    pair.run(500.0)
    assert len(pair.client._known) == 1


def test_sessions_are_limited() -> None:
    pair = Pair(most_sessions=2)
    for number in range(3):
        request = msgspec.structs.replace(ACCESS, session=str(number))
        (answer,) = pair.ask(request)
        assert answer.result == (1001 if number < 2 else 3002)
    assert len(pair.server.asked) == 2
    pair.end("0")
    assert pair.ask(msgspec.structs.replace(ACCESS, session="3"))[0].result == 1001


def test_typed_requests_as_any_node() -> None:
    pair = Pair()
    found: list[Any] = []
    request = session.Str(
        session_id="nas;9;9", origin_host="nas", origin_realm=VISITED, destination_realm=HOME,
        auth_application_id=diameter.Application.STA, termination_cause=1,
    )  # fmt: skip
    pair.client.ask(request, 0.0, lambda message, now: found.append(message))
    pair.run(1.0)
    assert session.Sta.of(found[0]).result == 2001


def test_the_same_seed_is_the_same_octets() -> None:
    taps = []
    for _ in range(2):
        pair = Pair()
        pair.granted(ACCESS)
        taps.append([one.unit.octets for one in pair.network.tap])
    assert taps[0] == taps[1]
    assert isinstance(pair.client, flow.Actor)
