"""What one node of the AAA leg cannot get or do in another's name (RFC 6733 2.9, 6, 13)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

import msgspec
import pytest

from mip6boot import diameter, eap
from mip6boot.diameter import (
    DiameterMessage,
    ProxyHost,
    ProxyInfo,
    ProxyState,
    Reason,
    Result,
    RouteRecord,
    ServerAssignment,
    Termination,
)
from mip6boot.diameter.interfaces import AnyAnswer, Deregistration, base, s6b, session, sta, swx
from mip6boot.flow import AgentInfo, ApnProfile, Port, Unit
from mip6boot.flow.diameter import DiameterNode, Neighbour, PeerState
from mip6boot.flow.diameter.agents import info_of
from mip6boot.flow.diameter.profiles import subscription_of

from .diameter_network import HOME
from .home_side import (
    ACCESS,
    ADDRESS,
    AGENT,
    HOME_REALM,
    IMSI,
    LOCAL,
    OTHER,
    OTHER_IMSI,
    VISITED_REALM,
    Client,
    Home,
    mar,
    result,
    sar,
    subscriber,
)
from .test_diameter_proxy import RESPONSE, Chain

REJECTED = Result.DIAMETER_AUTHORIZATION_REJECTED


def answers(home: Home, client: DiameterNode, *sent: DiameterMessage) -> list[DiameterMessage]:
    """What comes back for messages as they are."""
    found: list[Any] = []
    for message in sent:
        client.send_request(message, home.network.now, lambda one, _: found.append(one))
        home.run()
    assert None not in found, "no answer"
    return found


def first_of(home: Home, client: Client, kind: type[DiameterMessage]) -> DiameterMessage:
    """The first message of a kind that a client has sent."""
    sent = (
        diameter.decode(one.unit.octets)
        for one in home.network.tap
        if one.sender == client.name and one.unit.octets
    )
    return next(one for one in sent if isinstance(one, kind))


def last_of(home: Home, client: Client, kind: type[DiameterMessage]) -> DiameterMessage:
    """The last message of a kind that a client has sent."""
    sent = [
        diameter.decode(one.unit.octets)
        for one in home.network.tap
        if one.sender == client.name and one.unit.octets
    ]
    return [one for one in sent if isinstance(one, kind)][-1]


# -- answers that are kept -----------------------------------------------------------------------------
def test_an_answer_with_keys_is_for_who_has_asked() -> None:
    """Another client knows who has asked, and by which number: it learns nothing by that."""
    home = Home()
    assert home.attach(sta.Der).eap_master_session_key
    request = last_of(home, home.gateway, diameter.DiameterEapRequest)
    spoken = tuple(one for one in request.avps if not isinstance(one, diameter.EapPayload))
    guess = request.replace(
        hop_by_hop_id=1, avps=(*spoken, diameter.EapPayload(eap.IdentityResponse(0, "x")))
    )
    (answer,) = answers(home, home.agent, guess)
    assert result(answer) == REJECTED
    assert not any(isinstance(one, diameter.EapMasterSessionKey) for one in answer.avps)
    # Not even the whole request helps who is not the one that it is of.
    (answer,) = answers(home, home.agent, request.replace(hop_by_hop_id=2))
    assert result(answer) == REJECTED
    # The one who is gets the same answer again.
    (answer,) = answers(home, home.gateway, request.replace(hop_by_hop_id=3, retransmitted=True))
    assert any(isinstance(one, diameter.EapMasterSessionKey) for one in answer.avps)


def test_another_request_of_the_same_number_has_its_own_answer() -> None:
    """A client that begins again without a clock may use a number twice."""
    home = Home()
    home.aar()
    request = first_of(home, home.agent, diameter.AaRequest)
    other = s6b.Aar(**home.der(home.agent, user_name="nobody")).message(
        hop_by_hop_id=1, end_to_end_id=request.end_to_end_id
    )
    (answer,) = answers(home, home.agent, other)
    assert AnyAnswer.of(answer).session_id == s6b.Aar.of(other).session_id
    assert result(answer) == diameter.ThreeGppResult.DIAMETER_ERROR_USER_UNKNOWN


def test_a_duplicate_by_another_agent_has_the_proxy_info_of_that_one() -> None:
    home = Home()
    home.aar()
    request = first_of(home, home.agent, diameter.AaRequest)
    info = ProxyInfo((ProxyHost("agent"), ProxyState(b"state")))
    again = request.replace(
        hop_by_hop_id=1, retransmitted=True, avps=(*request.avps, RouteRecord("ha"), info)
    )
    (answer,) = answers(home, home.gateway, again)
    assert [one for one in answer.avps if isinstance(one, ProxyInfo)] == [info]
    assert home.names().count("SAR") == 1


def test_answers_are_not_kept_for_long() -> None:
    home = Home()
    home.attach(sta.Der)
    assert home.aaa._answers
    home.run(241.0)
    home.aar()
    assert len(home.aaa._answers) <= 2


# -- answers that are none -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.replace(end_to_end_id=one.end_to_end_id + 1),
        lambda one: diameter.AaAnswer(
            application_id=one.application_id, hop_by_hop_id=one.hop_by_hop_id,
            end_to_end_id=one.end_to_end_id, avps=one.avps,
        ),
    ],
    ids=["another number", "another command"],
)  # fmt: skip
def test_an_answer_to_something_else(change: Callable[[Any], DiameterMessage]) -> None:
    home, got = Home(), list[Any]()
    plain = home.aaa.pass_back
    home.aaa.pass_back = lambda to, one, now: plain(to, change(one), now)  # type: ignore[method-assign, assignment]
    fields = home.der(home.gateway, **ACCESS, eap_payload=eap.IdentityResponse(0, "0@x"))
    home.gateway.ask(sta.Der(**fields), home.network.now, lambda one, _: got.append(one))
    home.run(30.0)
    assert got == [None]
    assert any("without a request" in one.text for one in home.told("dropped"))


# -- whose a request is --------------------------------------------------------------------------------
def test_a_client_cannot_speak_as_another() -> None:
    """Neither STR for the session of another, nor a new one in its name."""
    home = Home()
    assert home.attach(sta.Der).result_code == Result.DIAMETER_SUCCESS
    session_id = home.session_id
    as_gateway = home.der(home.gateway, session_id=session_id)
    request = diameter_str(as_gateway)
    (answer,) = answers(home, home.agent, request)
    assert result(answer) == REJECTED
    assert session_id in home.aaa.sessions
    # By an agent it comes with a Route-Record, which is looked at as well.
    (answer,) = answers(
        home, home.agent, request.replace(hop_by_hop_id=2, avps=(*request.avps, RouteRecord("x")))
    )
    assert result(answer) == REJECTED
    assert session_id in home.aaa.sessions


def diameter_str(common: dict[str, Any]) -> DiameterMessage:
    request = session.Str(
        auth_application_id=diameter.Application.STA, termination_cause=1, **common
    )
    return request.message(hop_by_hop_id=1, end_to_end_id=1)


def abroad(home: Home) -> Client:
    """A node of the visited network, which the home network knows as such."""
    client = Client("nas")
    neighbour = Neighbour(host="nas", realm=VISITED_REALM, connect=False)
    peer = type(home.aaa.peers["gw"])(home.aaa, neighbour, home.aaa._delivered)
    home.aaa.peers["nas"] = peer
    home.aaa.parts = (*home.aaa.parts, peer)
    home.join(client)
    home.run()
    return client


def test_a_visited_network_cannot_speak_as_the_home() -> None:
    home = Home()
    client = abroad(home)
    common = home.der(client, origin_realm=HOME_REALM, user_name=IMSI)
    assert result(home.ask(client, s6b.Aar(**common))) == REJECTED
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})


@pytest.mark.parametrize("realm", [VISITED_REALM, HOME_REALM])
def test_only_the_hss_ends_registrations_and_changes_profiles(realm: str) -> None:
    """SWx is within the home network."""
    home = Home()
    client = abroad(home)
    home.attach(sta.Der)
    common = home.der(client, origin_realm=realm, user_name=IMSI, destination_host="aaa")
    reason = Deregistration(code=Reason.PERMANENT_TERMINATION)
    rtr = swx.Rtr(**common, deregistration_reason=reason)
    ppr = swx.Ppr(**common, user_data=subscription_of(subscriber(apns={}), HOME_REALM))
    for request in (rtr, ppr):
        assert result(home.ask(client, request)) == REJECTED
    assert home.session_id in home.aaa.sessions
    assert home.aaa.users[IMSI].profile.apns.keys() == {"internet"}
    assert home.gateway.orders == []


def test_the_hss_gives_nothing_to_other_networks() -> None:
    home = Home()
    other = Client("aaa2", VISITED_REALM, "hss")
    home.join(other)
    home.run()
    for request in (mar(other), sar(other, ServerAssignment.REGISTRATION)):
        assert result(home.ask(other, request)) == REJECTED
    assert (home.store.servers, home.store.sqn[IMSI]) == ({}, 32)


# -- who may have a user without EAP -------------------------------------------------------------------
def test_a_visited_home_agent_cannot_vouch_for_a_user() -> None:
    """That the user has a certificate or a key is what the home's own home agents say."""
    visited = AgentInfo(addresses=(AGENT,), host="ha.visited.example")
    home = Home(subscriber(apns={"internet": ApnProfile(home_address=ADDRESS)}))
    client = abroad(home)
    agent = info_of(visited, VISITED_REALM)
    answer = home.aar(IMSI, client, home_agent=agent)
    assert (answer.result_code, answer.home_addresses) == (REJECTED, ())
    assert (home.aaa.sessions, home.store.servers, home.store.gateways) == ({}, {}, {})


@pytest.mark.parametrize("asks", [LOCAL, OTHER])
def test_a_visited_home_agent_has_who_was_assigned_to_it(asks: IPv6Address) -> None:
    home = Home(subscriber(apns={"internet": ApnProfile(visited_agents=True)}))
    client = abroad(home)
    local = info_of(AgentInfo(addresses=(LOCAL,)), VISITED_REALM)
    home.attach(sta.Der, home_agents=(local,), visited_network_identifier=b"visited.example")
    answer = home.aar(IMSI, client, home_agent=info_of(AgentInfo(addresses=(asks,)), VISITED_REALM))
    assert answer.result_code == (Result.DIAMETER_SUCCESS if asks == LOCAL else REJECTED)


# -- roaming -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, Result.DIAMETER_MISSING_AVP),
        (b"visited.example", 1001),
        (b"other.example", diameter.ThreeGppResult.DIAMETER_ERROR_ROAMING_NOT_ALLOWED),
    ],
)
def test_who_leaves_its_network_out_is_not_at_home(named: bytes | None, expected: int) -> None:
    home = Home(subscriber(roaming=frozenset(("visited.example",))))
    answer = home.authenticate(sta.Der, visited_network_identifier=named)[0]
    assert result(answer) == expected
    if named is None:
        (failed,) = answer.failed_avps
        assert [type(one) for one in failed] == [diameter.VisitedNetworkIdentifier]


# -- answers of the HSS --------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [sta.Der, s6b.Der])
def test_an_hss_that_answers_about_somebody_else(kind: type[Any]) -> None:
    home = Home(subscriber(), subscriber(imsi=OTHER_IMSI))
    plain = home.hss.answer

    def answer(received: Any, one: Any, now: float) -> None:
        if isinstance(one, swx.Saa):
            one = msgspec.structs.replace(one, user_name=OTHER_IMSI)
        plain(received, one, now)

    home.hss.answer = answer  # type: ignore[method-assign, assignment]
    last = home.attach(kind)
    assert result(last) == Result.DIAMETER_UNABLE_TO_COMPLY
    assert last.eap_master_session_key is None
    assert (home.aaa.sessions, home.aaa.users) == ({}, {})


# -- the proxy -----------------------------------------------------------------------------------------
def test_a_gateway_cannot_speak_as_another_by_a_proxy() -> None:
    chain = Chain()
    chain.ask()
    (request,) = chain.sent("nas", diameter.DiameterEapRequest)
    other = tuple(
        diameter.OriginHost("gw") if isinstance(one, diameter.OriginHost) else one
        for one in request.avps
    )
    got: list[Any] = []
    chain.client.send_request(
        request.replace(hop_by_hop_id=1, end_to_end_id=1, avps=other),
        chain.network.now,
        lambda one, _: got.append(one),
    )
    chain.run(1.0)
    assert [result(one) for one in got] == [REJECTED]
    assert len(chain.server.asked) == 1


@pytest.mark.parametrize("relays", [False, True])
def test_a_proxy_passes_nothing_on_but_its_applications(relays: bool) -> None:
    """Who gets to a home network by it, gets to nothing but its access."""
    chain, got = Chain(), list[Any]()
    if relays:
        own = msgspec.structs.replace(
            chain.proxy.settings, applications=(diameter.Application.RELAY,)
        )
        chain.proxy.settings = own
    common = {
        "session_id": "nas;9", "origin_host": "nas", "origin_realm": "visited.example.net",
        "destination_realm": HOME, "destination_host": "aaa", "user_name": IMSI,
    }  # fmt: skip
    reason = Deregistration(code=Reason.PERMANENT_TERMINATION)
    rtr = swx.Rtr(**common, deregistration_reason=reason)  # type: ignore[arg-type]
    chain.client.ask(rtr, chain.network.now, lambda one, _: got.append(one))
    chain.run(1.0)
    # What a relay passes on, the server refuses as not of its own network.
    expected = REJECTED if relays else Result.DIAMETER_APPLICATION_UNSUPPORTED
    assert [result(one) for one in got] == [expected]
    assert bool(chain.sent("proxy", diameter.RegistrationTerminationRequest)) is relays


def test_a_proxy_that_has_too_much_to_do_says_so() -> None:
    chain = Chain(servers=("aaa", "aaa2"))
    chain.proxy.settings = msgspec.structs.replace(chain.proxy.settings, most_pending=0)
    (answer,) = chain.ask()
    assert answer.result == Result.DIAMETER_TOO_BUSY
    assert not chain.sent("proxy", diameter.DiameterEapRequest)


# -- orders and answers about sessions -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("application", "host"),
    [(diameter.Application.STA, "aaa2"), (diameter.Application.S6B, "aaa")],
)
def test_orders_are_those_of_the_server_that_has_the_session(application: int, host: str) -> None:
    """Another server behind the proxy, of another operator, may know the Session-Id, too."""
    chain = Chain(servers=("aaa", "aaa2"))
    chain.proxy.start(0.0)
    chain.ask()
    (answer,) = chain.ask(RESPONSE)
    assert answer.is_granted
    found = chain.servers[host].order(
        session.Asr, "nas;1;1", "nas", chain.network.now, auth_application_id=application
    )
    chain.run(1.0)
    assert [result(one) for one in found] == [5002]
    assert chain.client.orders() == []
    found = chain.server.order(session.Asr, "nas;1;1", "nas", chain.network.now)
    chain.run(1.0)
    assert [result(one) for one in found] == [2001]
    assert [one.session for one in chain.client.orders()] == ["node 1"]


def test_an_answer_about_another_session_grants_nothing() -> None:
    chain = Chain()
    plain = chain.server.script

    def script(request: Any) -> Any:
        found = plain(request)
        if isinstance(request, session.Str):
            return found
        return msgspec.structs.replace(found, session_id="nas;1;2")

    chain.ask()
    chain.server.script = script
    (answer,) = chain.ask(RESPONSE)
    assert (answer.result, answer.msk) == (Result.DIAMETER_INVALID_AVP_VALUE, None)
    (ended,) = chain.sent("nas", diameter.SessionTerminationRequest)
    assert session.Str.of(ended).termination_cause == Termination.DIAMETER_BAD_ANSWER


def test_capabilities_are_those_of_the_neighbour() -> None:
    """A connection in another's name does not come to be, whoever opens it."""
    for opens in (True, False):
        home = Home()
        false = Client("false", HOME_REALM, "hss")
        host = "aaa2" if opens else "false"
        false.settings = msgspec.structs.replace(false.settings, host=host)
        peer = home.hss.peers["aaa2"]
        asks = base.Cer(
            origin_host="false", origin_realm=HOME_REALM, vendor_id=1, product_name="x",
            host_ip_addresses=false.settings.addresses,
            auth_application_ids=(diameter.Application.RELAY,),
        )  # fmt: skip
        if opens:
            octets = asks.message(hop_by_hop_id=1, end_to_end_id=1).encode()
        else:
            peer.step("connect", home.network.now)
            (cer,) = home.hss.to_send()
            request = diameter.decode(cer.octets)
            values = {name: getattr(asks, name) for name in asks.__struct_fields__}
            values["inband_security_ids"] = ()
            answer = base.Cea(result_code=2001, **values)
            octets = answer.message(
                hop_by_hop_id=request.hop_by_hop_id, end_to_end_id=request.end_to_end_id
            ).encode()
        unit = Unit(port=Port.DIAMETER, source="aaa2", destination="hss", octets=octets)
        home.hss.receive(unit, home.network.now)
        assert peer.state == PeerState.CLOSED
        if opens:
            (sent,) = home.hss.to_send()
            assert result(diameter.decode(sent.octets)) == Result.DIAMETER_UNKNOWN_PEER


def test_a_duplicate_with_a_proxy_info_that_is_none() -> None:
    """What an agent put in comes back as it is, the second time as well; the AVP inside lies."""
    home = Home()
    request = s6b.Aar(**home.der(home.agent, user_name=IMSI)).message(
        hop_by_hop_id=1, end_to_end_id=1
    )
    octets = bytes.fromhex("0000011c 40000014  00000118 400000ff 78787878")
    message = request.encode() + octets
    message = message[:1] + len(message).to_bytes(3, "big") + message[4:]
    answer = answers(home, home.agent, diameter.decode(message, lenient=True))[0]
    (again,) = answers(home, home.agent, diameter.decode(message, lenient=True))
    assert (again, result(again)) == (answer, 2001)
    assert octets in answer.encode()
