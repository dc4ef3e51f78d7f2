"""The AAA server between its clients and the HSS: what it grants, what it refuses, how it ends."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import diameter, eap
from mip6boot.diameter import (
    Application,
    AuthKind,
    Mip6Feature,
    Result,
    ServerAssignment,
    ThreeGppResult,
)
from mip6boot.diameter.interfaces import (
    AnyAnswer,
    AuthenticationItem,
    HomeAgentHost,
    HomeAgentInfo,
    Request,
    VendorResult,
    s6b,
    session,
    sta,
    swm,
    swx,
)
from mip6boot.eap import AkaPacket, AkaSubtype, EapPacket, EapType
from mip6boot.flow import AgentInfo, ApnProfile, EapPeer, Usim
from mip6boot.flow.diameter import DiameterNode, Neighbour, Peer, Received
from mip6boot.security import Milenage

from ..security.test_eap_peers import CARD
from .home_side import (
    ACCESS,
    ADDRESS,
    AGENT,
    BOTH,
    HOME,
    HOME_REALM,
    IMSI,
    LOCAL,
    NETWORK,
    OTHER,
    OTHER_IMSI,
    PREFIX,
    PROFILE,
    VISITED_REALM,
    Home,
    is_experimental,
    result,
    settings,
    short,
    subscriber,
)

T = ThreeGppResult
S = Result.DIAMETER_SUCCESS
STA, S6B = int(Application.STA), int(Application.S6B)
INTEGRATED, LOCAL_BIT = int(Mip6Feature.MIP6_INTEGRATED), BOTH - 1
KINDS = pytest.mark.parametrize("kind", [sta.Der, swm.Der, s6b.Der])
PERMANENT = f"0{IMSI}@nai.epc.mnc001.mcc001.3gppnetwork.org"
VISITED_AGENT = HomeAgentInfo(
    addresses=(LOCAL,),
    host=HomeAgentHost(
        destination_realm=VISITED_REALM, destination_host="ha.access.visited.example"
    ),
)
ASKING = HomeAgentInfo(addresses=(AGENT,))


def allowing(**changes: Any) -> Any:
    """A subscriber who may have home agents of the visited network."""
    return subscriber(
        apns={"internet": msgspec.structs.replace(PROFILE, visited_agents=True, **changes)}
    )


def addresses(answer: Any) -> list[Any]:
    return [one.addresses[0] for one in answer.home_agents]


# -- what is granted ------------------------------------------------------------------------------
def test_access() -> None:
    home = Home()
    first, last = home.authenticate(
        sta.Der, visited_network_identifier=VISITED_REALM.encode(), calling_station_id="02-00"
    )
    assert home.names() == ["DER", "MAR", "MAA", "DEA", "DER", "SAR", "SAA", "DEA"]
    assert first.result_code == Result.DIAMETER_MULTI_ROUND_AUTH
    assert isinstance(first.eap_payload, eap.AkaPrimeRequest)
    assert first.multi_round_time_out == 120
    # What bootstraps is in the last answer only (RFC 5778 5.1.2).
    assert (first.home_agents, first.mip6_feature_vector, first.apn_configurations) == (
        (),
        None,
        (),
    )
    assert (first.eap_master_session_key, first.user_name, first.an_trusted) == (None, None, None)
    assert last.result_code == S
    assert isinstance(last.eap_payload, eap.Success)
    assert last.eap_master_session_key == home.peer.msk
    assert last.user_name == PERMANENT.replace("0", "6", 1)
    assert (last.session_timeout, last.an_trusted) == (86400, 0)
    (agent,) = last.home_agents
    assert agent.addresses == (AGENT,)
    assert agent.host == HomeAgentHost(
        destination_realm=HOME_REALM, destination_host="ha.home.example"
    )
    assert agent.home_link_prefix.network == HOME.home_link_prefix
    assert [one.service_selection for one in last.apn_configurations] == ["internet"]
    mar, sar = swx.Mar.of(home.sent()[1]), swx.Sar.of(home.sent()[5])
    assert (mar.user_name, mar.anid, mar.rat_type) == (IMSI, NETWORK, 0)
    assert (mar.number_auth_items, mar.auth_item.scheme) == (1, "EAP-AKA'")
    assert (sar.user_name, sar.server_assignment_type) == (IMSI, ServerAssignment.REGISTRATION)
    for asked in (mar, sar):
        assert asked.visited_network_identifier == VISITED_REALM.encode()
    assert home.store.servers == {IMSI: "aaa"}
    assert list(home.aaa.sessions) == ["gw;1;1"]


def test_untrusted_access() -> None:
    home = Home()
    first, last = home.authenticate(swm.Der)
    assert isinstance(first.eap_payload, eap.AkaRequest)
    assert (last.result_code, last.user_name) == (S, PERMANENT)
    assert last.eap_master_session_key == home.peer.msk
    assert addresses(last) == [AGENT]
    mar = swx.Mar.of(home.sent()[1])
    assert (mar.auth_item.scheme, mar.anid) == ("EAP-AKA", None)


def test_a_home_agent() -> None:
    home = Home()
    answer = home.attach(
        s6b.Der, service_selection="internet", home_agent=ASKING, home_addresses=(IPv6Address(0),)
    )
    assert (answer.result_code, answer.user_name) == (S, PERMANENT)
    assert answer.eap_master_session_key == home.peer.msk
    assert answer.home_agents == ()
    # A prefix alone has zeros in its lower 64 bits (RFC 5778 6.5).
    assert answer.home_addresses == (ADDRESS, PREFIX.network_address)
    assert home.store.gateways == {}
    home.forget()
    # The binding is there: the HSS is told who serves the access point name.
    update = home.aar(session_id=home.session_id, home_addresses=(ADDRESS,))
    assert home.names() == ["AAR", "SAR", "SAA", "AAA"]
    assert (update.result_code, update.session_timeout) == (S, 86400)
    sar = swx.Sar.of(home.sent()[1])
    assert sar.server_assignment_type == ServerAssignment.PGW_UPDATE
    assert sar.service_selection == "internet"
    assert home.store.gateways == {IMSI: {"internet": HOME}}


def test_a_home_agent_without_eap() -> None:
    home = Home(subscriber(names=frozenset({"mn@home.example"})))
    for name in ("mn@home.example", IMSI, PERMANENT):
        home.forget()
        answer = home.aar(name, home_agent=ASKING)
        assert home.names() == ["AAR", "SAR", "SAA", "AAA"]
        assert (answer.result_code, answer.user_name) == (S, PERMANENT)
        assert answer.home_addresses == (ADDRESS, PREFIX.network_address)
        assert home.store.gateways == {}
    assert swx.Sar.of(home.sent()[1]).user_name == IMSI
    assert len(home.aaa.users[IMSI].sessions) == 3
    answer = home.aar(IMSI, session_id=home.session_id)
    assert answer.result_code == S
    assert home.store.gateways == {IMSI: {"internet": HOME}}


@pytest.mark.parametrize(
    ("features", "offers", "allows", "bits", "agents"),
    [
        # What RFC 5447 4.2.5 says of LOCAL bit and HA-Info, in requests and in answers.
        (INTEGRATED, False, True, INTEGRATED, [AGENT]),
        (INTEGRATED, True, True, INTEGRATED, [AGENT]),
        (BOTH, False, True, BOTH, [AGENT]),
        (BOTH, True, True, BOTH, [AGENT, LOCAL]),
        (BOTH, False, False, INTEGRATED, [AGENT]),
        (BOTH, True, False, INTEGRATED, [AGENT]),
        # Who does not bootstrap gets no home agent; who says nothing does.
        (0, True, True, 0, []),
        (LOCAL_BIT, True, True, LOCAL_BIT, []),
        (None, True, True, None, [AGENT]),
        # What the server does not know it does not claim to support.
        (BOTH | Mip6Feature.PMIP6_SUPPORTED, False, False, INTEGRATED, [AGENT]),
    ],
)
def test_local_home_agents(
    features: int | None, offers: bool, allows: bool, bits: int | None, agents: list[Any]
) -> None:
    home = Home(allowing() if allows else subscriber())
    answer = home.attach(
        sta.Der, mip6_feature_vector=features, home_agents=(VISITED_AGENT,) if offers else ()
    )
    assert answer.mip6_feature_vector == bits
    assert addresses(answer) == agents
    if LOCAL in agents:
        assert answer.home_agents[-1] == VISITED_AGENT, "it comes back as it was"
    assert home.sent()


@pytest.mark.parametrize(("allows", "bits"), [(False, INTEGRATED), (True, BOTH)])
def test_no_home_agent_of_the_home_network(allows: bool, bits: int) -> None:
    """The other rows: nothing is assigned, or a local one alone."""
    apns = {"internet": ApnProfile(visited_agents=allows)}
    home = Home(subscriber(apns=apns))
    answer = home.attach(sta.Der)
    assert (answer.mip6_feature_vector, answer.home_agents) == (bits, ())
    answer = home.attach(sta.Der, home_agents=(VISITED_AGENT,))
    assert answer.home_agents == ((VISITED_AGENT,) if allows else ())


def test_several_home_agents() -> None:
    agents = (HOME, AgentInfo(addresses=(OTHER,), host="ha2.home.example"))
    home = Home(subscriber(apns={"internet": ApnProfile(agents=agents)}))
    assert addresses(home.attach(sta.Der)) == [AGENT, OTHER]
    for asking in (AGENT, OTHER):
        info = HomeAgentInfo(addresses=(asking,))
        assert home.aar(home_agent=info).result_code == S
        assert home.aar(session_id=home.session_id).result_code == S
        assert home.store.gateways[IMSI]["internet"].addresses == (asking,)


def test_access_point_names() -> None:
    apns = {"internet": PROFILE, "ims": ApnProfile(agents=(AgentInfo(addresses=(OTHER,)),))}
    home = Home(subscriber(apns=apns))
    plain = home.attach(sta.Der)
    assert [one.service_selection for one in plain.apn_configurations] == ["internet", "ims"]
    assert addresses(plain) == [AGENT]
    chosen = home.attach(sta.Der, service_selection="ims")
    assert [one.service_selection for one in chosen.apn_configurations] == ["ims"]
    assert addresses(chosen) == [OTHER]


@pytest.mark.parametrize("with_eap", [True, False])
def test_another_home_agent(with_eap: bool) -> None:
    """Result 2009, and where to go (RFC 5778 7.1); the one that asks is not registered."""
    home, asking = Home(), HomeAgentInfo(addresses=(OTHER,))
    answer = home.attach(s6b.Der, home_agent=asking) if with_eap else home.aar(home_agent=asking)
    assert answer.result_code == Result.DIAMETER_SUCCESS_RELOCATE_HA
    assert addresses(answer) == [AGENT]
    if with_eap:
        assert answer.eap_master_session_key == home.peer.msk is not None
    again = home.aar(session_id=home.session_id)
    assert (again.result_code, addresses(again)) == (answer.result_code, [AGENT])
    assert home.store.gateways == {}
    assert home.sent()


@pytest.mark.parametrize("allows", [True, False])
def test_a_local_home_agent_will_do(allows: bool) -> None:
    """If it was assigned when the user came to the access."""
    home = Home(allowing() if allows else subscriber())
    home.attach(sta.Der, home_agents=(VISITED_AGENT,))
    answer = home.attach(s6b.Der, home_agent=HomeAgentInfo(addresses=(LOCAL,)))
    assert answer.result_code == (S if allows else Result.DIAMETER_SUCCESS_RELOCATE_HA)


# -- EAP ------------------------------------------------------------------------------------------
@KINDS
def test_resynchronisation(kind: Any) -> None:
    home, usim = Home(), Usim(IMSI, CARD, 5000)
    answers = home.authenticate(kind, usim)
    assert [result(one) for one in answers] == [1001, 1001, 2001]
    assert home.names() == [
        "DER", "MAR", "MAA", "DEA", "DER", "MAR", "MAA", "DEA", "DER", "SAR", "SAA", "DEA",
    ]  # fmt: skip
    told = swx.Mar.of(home.sent()[5]).auth_item.authorization
    assert told is not None
    assert CARD.resynchronise(told[:16], told[16:]) == 5000
    assert home.store.sqn[IMSI] == usim.sqn == 5001
    assert answers[-1].eap_master_session_key == home.peer.msk is not None


def test_key_derivation_functions() -> None:
    """The peer does not want the first one offered (RFC 9048 3.2)."""
    home = Home(server={"key_derivation_functions": (2, 1)})
    answers = home.authenticate(sta.Der)
    assert [result(one) for one in answers] == [1001, 1001, 2001]
    offers = [[int(kdf.key_derivation_function) for kdf in one.eap_payload.find_all(eap.AtKdf)]
              for one in answers[:-1]]  # fmt: skip
    assert offers == [[2, 1], [1, 2, 1]]
    assert home.names().count("MAR") == 1
    assert answers[-1].eap_master_session_key == home.peer.msk is not None


@pytest.mark.parametrize("kind", [sta.Der, s6b.Der])
def test_fast_reauthentication(kind: Any) -> None:
    """No vector is asked for; the profile is."""
    home = Home()
    method = EapType.AKA_PRIME if kind is sta.Der else EapType.AKA
    peer = EapPeer("ue", Usim(IMSI, CARD), Random(5), methods=(method,))
    first = home.attach(kind, peer=peer)
    home.forget()
    answers = home.authenticate(kind, peer=peer)
    assert answers[0].eap_payload.subtype == AkaSubtype.REAUTHENTICATION
    assert home.names() == ["DER", "DEA", "DER", "SAR", "SAA", "DEA"]
    assert answers[-1].user_name == first.user_name
    assert answers[-1].eap_master_session_key == peer.msk != first.eap_master_session_key


def test_pseudonyms() -> None:
    home = Home(server={"reauthentications": 0})
    peer = EapPeer("ue", Usim(IMSI, CARD), Random(5), methods=(EapType.AKA,))
    for _ in range(2):
        answer = home.attach(s6b.Der, peer=peer)
        assert (answer.result_code, answer.user_name) == (S, PERMANENT)
    ders = [s6b.Der.of(one) for one in home.sent() if isinstance(one, diameter.DiameterEapRequest)]
    assert ders[0].user_name == PERMANENT
    assert ders[2].user_name is not None
    assert ders[2].user_name[0] == "2"


@KINDS
def test_protected_success(kind: Any) -> None:
    home = Home(server={"result_indications": True, "ask_identity": True})
    answers = home.authenticate(kind)
    assert [result(one) for one in answers] == [1001, 1001, 1001, 2001]
    assert answers[2].eap_payload.subtype == AkaSubtype.NOTIFICATION
    assert answers[-1].eap_master_session_key == home.peer.msk is not None


def test_an_open_session_is_authenticated_again() -> None:
    home = Home()
    home.attach(sta.Der)
    name = home.session_id
    home.forget()
    assert home.attach(sta.Der, session_id=name).result_code == S
    assert list(home.aaa.sessions) == [name]
    # One that fails is over; so is the registration.
    assert home.attach(sta.Der, usim=Usim(IMSI, Milenage(bytes(16), bytes(16))),
                       session_id=name).result_code == 4001  # fmt: skip
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})


def test_a_client_that_starts_again_has_no_sessions() -> None:
    """Its Origin-State-Id tells that no STR will come (RFC 6733 8.6)."""
    home = Home()
    home.attach(sta.Der, origin_state_id=7)
    lost = home.session_id
    home.attach(s6b.Der, origin_state_id=1)
    kept = home.session_id
    # The same state, one from before, and none say nothing.
    for state in (7, 6, None):
        home.attach(sta.Der, origin_state_id=state)
    assert {lost, kept} < home.aaa.sessions.keys()
    assert len(home.aaa.sessions) == 5
    home.attach(sta.Der, origin_state_id=8)
    assert home.aaa.sessions.keys() == {kept, home.session_id}
    assert home.aaa.users[IMSI].sessions.keys() == {kept, home.session_id}
    assert len(home.told("session lost")) == 4
    home.end(home.gateway, home.session_id, STA)
    home.end(home.agent, kept, S6B)
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})


def test_a_node_that_does_not_go_on() -> None:
    home = Home()
    home.attach(sta.Der)
    for name in (home.session_id, None):
        common = home.der(home.gateway, session_id=name, **ACCESS)
        identity = Usim(IMSI, CARD).identity(EapType.AKA_PRIME)
        payload = eap.IdentityResponse(1, identity)
        answer = home.answer(sta.Dea, home.gateway, sta.Der(eap_payload=payload, **common))
        assert result(answer) == 1001
    assert len(home.aaa.sessions) == 2
    home.run(119.0)
    # What was granted before goes on.
    assert list(home.aaa.sessions) == ["gw;1;1"]
    assert len(home.told("authentication given up")) == 2
    assert home.store.servers == {IMSI: "aaa"}


def test_a_start_of_eap() -> None:
    """An empty EAP-Payload asks for the first request (RFC 4072 2.2)."""
    home = Home()
    common = home.der(home.gateway, **ACCESS)
    request = sta.Der(eap_payload=eap.IdentityResponse(1, "x"), **common)
    started = msgspec.structs.replace(request, eap_payload=None)
    message = request.message(hop_by_hop_id=1, end_to_end_id=2)
    home.aaa._on_asking(started, Received(message, "gw"), home.network.now)
    home.run()
    answer = sta.Dea.of(home.sent()[-1])
    assert isinstance(answer.eap_payload, eap.IdentityRequest)
    identity = Usim(IMSI, CARD).identity(EapType.AKA_PRIME)
    payload = eap.IdentityResponse(answer.eap_payload.identifier, identity)
    again = msgspec.structs.replace(request, eap_payload=payload)
    answer = home.answer(sta.Dea, home.gateway, again)
    assert isinstance(answer.eap_payload, eap.AkaPrimeRequest)


# -- what is refused ------------------------------------------------------------------------------
@KINDS
@pytest.mark.parametrize(
    ("changes", "asked", "number", "rounds"),
    [
        ({"imsi": "001010000000002"}, {}, T.DIAMETER_ERROR_USER_UNKNOWN, 1),
        ({"non_3gpp_access": False}, {}, T.DIAMETER_ERROR_USER_NO_NON_3GPP_SUBSCRIPTION, 1),
        ({"apns": {}}, {}, T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION, 1),
        ({"rat_types": frozenset({2001})}, {"rat_type": 0},
         T.DIAMETER_ERROR_RAT_TYPE_NOT_ALLOWED, 1),
        ({"roaming": frozenset()}, {"visited_network_identifier": b"v"},
         T.DIAMETER_ERROR_ROAMING_NOT_ALLOWED, 1),
        ({"sqn": (1 << 48) - 1}, {}, T.DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE, 1),
        # This is found only when the profile is there: the peer is notified.
        ({}, {"service_selection": "other"}, T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION, 3),
    ],
)  # fmt: skip
def test_refusals(kind: Any, changes: Any, asked: Any, number: int, rounds: int) -> None:
    home = Home(subscriber(**changes))
    answers = home.authenticate(kind, **asked)
    assert [result(one) for one in answers] == [1001] * (rounds - 1) + [number]
    last = answers[-1]
    assert is_experimental(last)
    assert isinstance(last.eap_payload, eap.Failure)
    assert (last.eap_master_session_key, last.home_agents, last.user_name) == (None, (), None)
    assert (last.session_timeout, last.apn_configurations) == (None, ())
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})
    # Who was registered for the profile is registered no more.
    assert home.names("aaa").count("SAR") == (2 if rounds == 3 else 0)
    assert home.sent()


def wrong_response(packet: EapPacket) -> EapPacket:
    if isinstance(packet, AkaPacket) and packet.subtype == AkaSubtype.CHALLENGE:
        spoilt = bytearray(packet.encode())
        spoilt[-1] ^= 1
        return eap.decode(bytes(spoilt))
    return packet


@KINDS
@pytest.mark.parametrize("who", ["network", "peer"])
def test_a_false_side(kind: Any, who: str) -> None:
    home = Home()
    usim = Usim(IMSI, CARD if who == "peer" else Milenage(bytes(16), bytes(16)))
    change: Callable[[EapPacket], EapPacket] = wrong_response if who == "peer" else lambda one: one
    answers = home.authenticate(kind, usim, change=change)
    # The peer says that it rejects the network; of the server's doubts it is notified.
    assert len(answers) == (3 if who == "peer" else 2)
    assert answers[-1].result_code == Result.DIAMETER_AUTHENTICATION_REJECTED
    assert answers[-1].experimental_result is None
    assert isinstance(answers[-1].eap_payload, eap.Failure)
    assert (home.aaa.sessions, home.store.servers) == ({}, {})
    assert "SAR" not in home.names()


@pytest.mark.parametrize("kind", [sta.Der, s6b.Der, s6b.Aar])
def test_another_server_has_the_user(kind: Any) -> None:
    home = Home()
    home.store.servers[IMSI] = "aaa.elsewhere"
    answer = home.aar() if kind is s6b.Aar else home.attach(kind)
    assert result(answer) == T.DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED
    assert is_experimental(answer)
    assert answer.redirect_hosts == ("aaa://aaa.elsewhere",)
    if kind is not s6b.Aar:
        assert answer.aaa_server_name == "aaa.elsewhere"
    assert home.store.servers == {IMSI: "aaa.elsewhere"}
    assert home.aaa.sessions == {}
    assert home.sent()


@pytest.mark.parametrize(
    ("changes", "asked", "number"),
    [
        ({"imsi": "001010000000002"}, {}, T.DIAMETER_ERROR_USER_UNKNOWN),
        ({}, {"user_name": PERMANENT.replace("mcc001", "mcc002")}, T.DIAMETER_ERROR_USER_UNKNOWN),
        ({}, {"user_name": f"0{IMSI}@elsewhere.example"}, T.DIAMETER_ERROR_USER_UNKNOWN),
        ({"non_3gpp_access": False}, {}, T.DIAMETER_ERROR_USER_NO_NON_3GPP_SUBSCRIPTION),
        ({"apns": {}}, {}, T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION),
        ({}, {"service_selection": "other"}, T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION),
        ({"roaming": frozenset()}, {"visited_network_identifier": b"v"},
         T.DIAMETER_ERROR_ROAMING_NOT_ALLOWED),
    ],
)  # fmt: skip
def test_refusals_without_eap(changes: Any, asked: Any, number: int) -> None:
    home = Home(subscriber(**changes))
    answer = home.aar(**asked)
    assert result(answer) == number
    assert is_experimental(answer)
    assert (answer.home_addresses, answer.user_name) == ((), None)
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})
    assert home.sent()


@pytest.mark.parametrize(
    ("allowed", "name", "number"),
    [(None, "", 5003), (frozenset({NETWORK}), "HRPD", 5003), (frozenset({NETWORK}), NETWORK, 2001)],
)
def test_names_of_access_networks(allowed: Any, name: str, number: int) -> None:
    home = Home(server={"access_networks": allowed})
    answer = home.attach(sta.Der, anid=name)
    assert (answer.result_code, answer.experimental_result) == (number, None)
    assert ("MAR" in home.names()) == (number == 2001)


# -- an HSS that does not do its part -------------------------------------------------------------
@pytest.mark.parametrize("kind", [sta.Der, s6b.Der, s6b.Aar])
def test_an_hss_that_is_silent(kind: Any) -> None:
    home = Home()
    home.network.lose = lambda unit, now: unit.source == "hss"
    for node in (home.gateway, home.agent):
        node.settings = msgspec.structs.replace(node.settings, patience=30.0)
    if kind is s6b.Aar:
        request: Request = s6b.Aar(**home.der(home.agent, user_name=IMSI))
        client = home.agent
    else:
        client = home.agent if kind is s6b.Der else home.gateway
        more = ACCESS if kind is sta.Der else {}
        method = EapType.AKA_PRIME if kind is sta.Der else EapType.AKA
        payload = eap.IdentityResponse(1, Usim(IMSI, CARD).identity(method))
        request = kind(eap_payload=payload, **home.der(client), **more)
    answer = AnyAnswer.of(home.ask(client, request, seconds=20.0))
    assert answer.result_code == Result.DIAMETER_UNABLE_TO_COMPLY
    assert home.aaa.sessions == {}
    assert home.sent()


def test_an_hss_that_nothing_leads_to() -> None:
    home = Home()
    home.aaa.settings = msgspec.structs.replace(home.aaa.settings, routes={})
    for answer in (home.attach(sta.Der), home.aar()):
        assert answer.result_code == Result.DIAMETER_UNABLE_TO_COMPLY
    assert isinstance(home.attach(s6b.Der).eap_payload, eap.Failure)
    assert home.aaa.sessions == {}


class OddHss(DiameterNode):
    """An HSS whose answers are made by the test."""

    HANDLERS = {swx.Mar: "_on_request", swx.Sar: "_on_request"}

    def __init__(self, maa: dict[str, Any], saa: dict[str, Any]) -> None:
        super().__init__("hss2", settings("hss2", HOME_REALM, "aaa", opens=True), Random(9))
        self.told: dict[type[Request], tuple[Any, dict[str, Any]]] = {
            swx.Mar: (swx.Maa, maa), swx.Sar: (swx.Saa, saa),
        }  # fmt: skip

    def _on_request(self, request: swx.Mar | swx.Sar, received: Received, now: float) -> None:
        kind, fields = self.told[type(request)]
        answer = kind(
            session_id=request.session_id, origin_host="hss2", origin_realm=HOME_REALM, **fields
        )
        self.answer(received, answer, now)


VECTOR = CARD.vector(bytes(16), 40, b"\x80\0")
ITEM = AuthenticationItem(
    item_number=2, scheme="EAP-AKA", authenticate=VECTOR.rand + VECTOR.autn,
    authorization=VECTOR.xres, confidentiality_key=VECTOR.ck, integrity_key=VECTOR.ik,
)  # fmt: skip
GOOD = {"result_code": 2001, "auth_items": (ITEM,)}


def odd(**changes: Any) -> dict[str, Any]:
    """An answer whose vector is odd."""
    return {"result_code": 2001, "auth_items": (msgspec.structs.replace(ITEM, **changes),)}


@pytest.mark.parametrize(
    ("maa", "saa", "number"),
    [
        ({"result_code": 3002}, {}, 5012),
        ({"result_code": 3004}, {}, 5012),
        ({"result_code": 5012}, {}, 5012),
        ({"result_code": 5004}, {}, 5012),  # That of RFC 6733, which is about the AVPs of the MAR.
        ({"result_code": 4001}, {}, 4001),
        ({"experimental_result": VendorResult(vendor_id=9, result_code=5001)}, {}, 5012),
        ({"experimental_result": VendorResult(result_code=5999)}, {}, 5012),
        ({"experimental_result": VendorResult(result_code=5420)}, {}, 5420),
        ({"experimental_result": VendorResult(result_code=4181)}, {}, 4181),
        ({}, {}, 5012),
        ({"result_code": 2001}, {}, 5012),
        (odd(scheme="EAP-AKA'"), {}, 5012),
        (odd(authenticate=bytes(31)), {}, 5012),
        (odd(authorization=None), {}, 5012),
        (odd(confidentiality_key=bytes(15)), {}, 5012),
        (odd(integrity_key=None), {}, 5012),
        (GOOD, {"result_code": 2001}, 5012),
        (GOOD, {"result_code": 3002}, 5012),
        (GOOD, {"experimental_result": VendorResult(result_code=5004)}, 5004),
    ],
)
def test_an_hss_that_is_odd(maa: Any, saa: Any, number: int) -> None:
    home = Home(server={"hss": "hss2"})
    aaa = home.aaa
    home.join(node := OddHss(maa, saa))
    aaa.settings = msgspec.structs.replace(
        aaa.settings, routes={**aaa.settings.routes, HOME_REALM: ("hss2",)}
    )
    aaa.peers["hss2"] = Peer(
        aaa, Neighbour(host="hss2", realm=HOME_REALM, connect=False), aaa._delivered
    )
    aaa.parts = tuple(aaa.peers.values())
    node.start(home.network.now)
    home.run()
    answers = home.authenticate(s6b.Der)
    assert result(answers[-1]) == number
    assert is_experimental(answers[-1]) == (number in (4181, 5004, 5420))
    assert isinstance(answers[-1].eap_payload, eap.Failure)
    assert len(answers) == (3 if maa is GOOD else 1)
    assert home.aaa.sessions == {}


# -- sessions -------------------------------------------------------------------------------------
def test_sessions_that_are_not_known() -> None:
    home = Home()
    payload = eap.AkaResponse(3, AkaSubtype.CLIENT_ERROR)
    common = home.der(home.agent)
    answer = home.answer(s6b.Dea, home.agent, s6b.Der(eap_payload=payload, **common))
    assert answer.result_code == Result.DIAMETER_UNKNOWN_SESSION_ID
    assert home.end(home.agent, "x", S6B).result_code == Result.DIAMETER_UNKNOWN_SESSION_ID
    assert home.aaa.sessions == {}
    assert home.sent()


def test_sessions_of_others() -> None:
    """Neither another client nor another application has a part in a session."""
    home = Home()
    home.attach(s6b.Der)
    name = home.session_id
    for client, application in ((home.gateway, S6B), (home.agent, STA)):
        answer = home.end(client, name, application)
        assert answer.result_code == Result.DIAMETER_UNKNOWN_SESSION_ID
    answer = home.aar(client=home.gateway, session_id=name)
    assert answer.result_code == Result.DIAMETER_UNKNOWN_SESSION_ID
    answer = home.attach(sta.Der, client=home.agent, session_id=name)
    assert answer.result_code == Result.DIAMETER_UNKNOWN_SESSION_ID
    assert list(home.aaa.sessions) == [name]
    assert home.store.gateways == {}
    assert home.sent()


def test_the_last_session_ends() -> None:
    home = Home()
    home.attach(sta.Der)
    access = home.session_id
    home.attach(s6b.Der)
    service = home.session_id
    home.forget()
    assert home.end(home.agent, service, S6B).result_code == S
    assert home.names() == ["STR", "STA"]
    assert home.store.servers == {IMSI: "aaa"}
    assert home.end(home.gateway, access, STA).result_code == S
    assert sorted(home.names()[2:]) == ["SAA", "SAR", "STA", "STR"]
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})
    (sar,) = (swx.Sar.of(one) for one in home.sent() if short(one) == "SAR")
    assert sar.server_assignment_type == ServerAssignment.USER_DEREGISTRATION


def test_session_timeout() -> None:
    home = Home(server={"session_timeout": 600})
    assert home.attach(s6b.Der, home_agent=ASKING).session_timeout == 600
    home.run(500.0)
    home.aar(session_id=home.session_id)  # It is authorised again, for as long.
    home.forget()
    home.run(595.0)
    assert len(home.aaa.sessions) == 1
    home.run(10.0)
    assert (home.aaa.sessions, home.aaa.users, home.store.servers) == ({}, {}, {})
    assert home.names() == ["SAR", "SAA"]
    sar = swx.Sar.of(home.sent()[0])
    assert sar.server_assignment_type == ServerAssignment.TIMEOUT_DEREGISTRATION
    assert len(home.told("session expired")) == 1
    answer = home.end(home.agent, home.session_id, S6B)
    assert answer.result_code == Result.DIAMETER_UNKNOWN_SESSION_ID


def test_an_hss_that_does_not_hear_of_the_end() -> None:
    home = Home()
    home.aar()
    home.store.servers.clear()
    home.end(home.agent, home.session_id, S6B)
    assert [event.text for event in home.told("not deregistered")] == ["result 5012"]


def test_requests_while_one_waits() -> None:
    """The same one again is answered once; another one is refused."""
    home = Home()
    got: list[int] = []
    common = home.der(home.agent, user_name=IMSI)
    request = s6b.Aar(**common)

    def take(message: Any, now: float) -> None:
        got.append(result(message))

    now = home.network.now
    home.agent.ask(request, now, take)
    message = diameter.decode(home.agent.peers["aaa"]._units[-1].octets)
    home.agent.send_request(message.replace(hop_by_hop_id=7, retransmitted=True), now, take)
    home.agent.ask(request, now, take)
    home.run()
    assert got == [Result.DIAMETER_UNABLE_TO_COMPLY, S]
    assert home.names().count("SAR") == 1
    # Once it is answered, it is answered again alike (RFC 6733 5.5.4).
    home.agent.send_request(message.replace(hop_by_hop_id=8, retransmitted=True), now, take)
    home.run()
    assert got[2:] == [S]
    assert home.names().count("SAR") == 1


def test_the_end_while_a_request_waits() -> None:
    home = Home()
    got: list[int] = []
    request = s6b.Aar(**home.der(home.agent, user_name=IMSI))
    home.agent.ask(request, home.network.now, lambda one, now: got.append(result(one)))  # type: ignore[arg-type]
    assert home.end(home.agent, request.session_id, S6B).result_code == S
    assert got == [Result.DIAMETER_UNABLE_TO_COMPLY]
    assert (home.aaa.sessions, home.aaa.users) == ({}, {})


@pytest.mark.parametrize("good", [True, False])
def test_one_session_ends_while_another_begins(good: bool) -> None:
    """The registration goes over to the one that has asked for it, whatever it comes to."""
    home = Home()
    home.aar()
    got: list[int] = []
    apn = "internet" if good else "other"
    request = s6b.Aar(**home.der(home.agent, user_name=IMSI, service_selection=apn))
    home.agent.ask(request, home.network.now, lambda one, now: got.append(result(one)))  # type: ignore[arg-type]
    assert home.end(home.agent, home.session_id, S6B).result_code == S
    home.run()
    assert got == [S if good else T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION]
    assert list(home.aaa.sessions) == ([request.session_id] if good else [])
    assert home.store.servers == ({IMSI: "aaa"} if good else {})
    if good:
        assert home.aar(session_id=request.session_id, home_agent=ASKING).result_code == S
        assert home.store.gateways == {IMSI: {"internet": HOME}}


def test_an_update_that_is_refused() -> None:
    """The session is over on both sides (RFC 6733 8.1)."""
    home = Home()
    home.aar(home_agent=ASKING)
    answer = home.aar(session_id=home.session_id, service_selection="other")
    assert result(answer) == T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION
    assert (home.aaa.sessions, home.store.servers) == ({}, {})
    home.aar(home_agent=ASKING)
    home.store.servers[IMSI] = "aaa.elsewhere"
    answer = home.aar(session_id=home.session_id)
    assert result(answer) == T.DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED
    assert home.aaa.sessions == {}
    assert home.store.gateways == {}
    assert home.sent()


def test_a_session_stays_that_of_its_user() -> None:
    home = Home(subscriber(), subscriber(imsi=OTHER_IMSI))
    home.attach(s6b.Der)
    answers = home.authenticate(s6b.Der, Usim(OTHER_IMSI, CARD), session_id=home.session_id)
    assert result(answers[-1]) == Result.DIAMETER_AUTHORIZATION_REJECTED
    assert isinstance(answers[-1].eap_payload, eap.Failure)
    assert OTHER_IMSI not in home.store.servers


def test_a_server_that_is_full() -> None:
    home = Home(server={"capacity": 1})
    home.aar()
    message = home.ask(home.agent, s6b.Aar(**home.der(home.agent, user_name=IMSI)))
    assert (message.is_error, result(message)) == (True, Result.DIAMETER_TOO_BUSY)
    assert home.aar(session_id=home.session_id).result_code == S


@pytest.mark.parametrize("kind", [s6b.Der, s6b.Aar])
def test_kinds_of_requests(kind: Any) -> None:
    home = Home()
    more = {"eap_payload": eap.IdentityResponse(1, PERMANENT)} if kind is s6b.Der else {}
    wrong = AuthKind.AUTHORIZE_ONLY if more else AuthKind.AUTHORIZE_AUTHENTICATE
    request = kind(**home.der(home.agent, user_name=IMSI), **more, auth_request_type=wrong)
    answer = AnyAnswer.of(home.ask(home.agent, request))
    assert answer.result_code == Result.DIAMETER_INVALID_AVP_VALUE
    assert answer.failed_avps == ((diameter.AuthRequestType(wrong),),)
    assert home.aaa.sessions == {}
    assert home.sent()


def test_an_avp_that_is_missing() -> None:
    """The answer has what all answers of its command have (RFC 6733 7.2)."""
    home = Home()
    request = sta.Der(
        eap_payload=eap.IdentityResponse(1, PERMANENT), **ACCESS,
        **home.der(home.gateway),
    ).message(hop_by_hop_id=home.gateway.next_hop_by_hop(), end_to_end_id=5)  # fmt: skip
    avps = tuple(avp for avp in request.avps if not isinstance(avp, diameter.Anid))
    got: list[Any] = []
    home.gateway.send_request(
        request.replace(avps=avps), home.network.now, lambda message, now: got.append(message)
    )
    home.run()
    answer = sta.Dea.of(got[0])
    assert answer.result_code == Result.DIAMETER_MISSING_AVP
    assert answer.auth_request_type == AuthKind.AUTHORIZE_AUTHENTICATE
    assert diameter.check(got[0]) == []


# -- orders ---------------------------------------------------------------------------------------
def two_sessions(**settings: Any) -> tuple[Home, str, str]:
    home = Home(**settings)
    home.attach(sta.Der)
    access = home.session_id
    home.attach(s6b.Der, home_agent=ASKING)
    home.forget()
    return home, access, home.session_id


def test_the_hss_ends_the_registration() -> None:
    home, access, service = two_sessions()
    home.hss.terminate(IMSI, home.network.now)
    home.run()
    assert sorted(home.names()) == ["ASA", "ASA", "ASR", "ASR", "RTA", "RTR"]
    for client, name, application in (
        (home.gateway, access, STA), (home.agent, service, S6B),
    ):  # fmt: skip
        (order,) = client.orders
        assert isinstance(order, session.Asr)
        assert (order.session_id, order.auth_application_id) == (name, application)
        assert order.destination_host == client.settings.host
        assert order.application == application
    # A client that complies sends STR as well (RFC 6733 8.5).
    assert home.end(home.gateway, access, STA).result_code == S
    assert list(home.aaa.sessions) == [service]
    home.run(15.0)
    assert (home.aaa.sessions, home.aaa.users) == ({}, {})
    assert "SAR" not in home.names(), "the HSS knows"
    assert home.store.servers == {}


@pytest.mark.parametrize(
    ("answers", "stays"), [(None, False), (5002, False), (5012, True), (3002, True)]
)
def test_clients_that_do_not_comply(answers: int | None, stays: bool) -> None:
    home, _, service = two_sessions()
    home.agent.result = answers
    home.aaa.abort(service, home.network.now)
    home.run(12.0)
    assert (service in home.aaa.sessions) == stays
    (event,) = home.told("not aborted")
    assert event.text == ("no answer" if answers is None else f"result {answers}")
    assert home.gateway.orders == []
    assert home.store.servers == {IMSI: "aaa"}
    if stays:
        assert home.aar(session_id=service).result_code == S


def test_the_owner_ends_sessions() -> None:
    home, access, service = two_sessions()
    home.aaa.abort("x", home.network.now)
    home.aaa.abort_user("x", home.network.now)
    home.run()
    assert home.names() == []
    home.agent.result = home.gateway.result = None  # They are slow.
    home.aaa.abort_user(IMSI, home.network.now)
    home.aaa.abort_user(IMSI, home.network.now)
    home.run()
    assert home.names() == ["ASR", "ASR"]
    assert {order.session_id for order in (*home.gateway.orders, *home.agent.orders)} == {
        access, service,
    }  # fmt: skip
    # STR may be faster than the answer to ASR.
    for client, name, application in ((home.gateway, access, STA), (home.agent, service, S6B)):
        assert home.end(client, name, application).result_code == S
    assert (home.aaa.sessions, home.store.servers) == ({}, {})
    home.run(12.0)
    assert home.aaa.sessions == {}


def test_an_abort_in_an_authentication() -> None:
    """Nothing was granted that a client could end."""
    home = Home()
    common = home.der(home.agent, user_name=IMSI)
    got: list[int] = []
    home.agent.ask(s6b.Aar(**common), home.network.now, lambda one, now: got.append(result(one)))  # type: ignore[arg-type]
    home.run(0.015)
    home.aaa.abort(common["session_id"], home.network.now)
    home.run()
    assert got == [Result.DIAMETER_UNABLE_TO_COMPLY]
    assert (home.aaa.sessions, home.agent.orders) == ({}, [])


def test_an_abort_while_a_session_is_authenticated_again() -> None:
    home = Home()
    home.attach(sta.Der)
    common = home.der(home.gateway, session_id=home.session_id, **ACCESS)
    payload = eap.IdentityResponse(1, Usim(IMSI, CARD).identity(EapType.AKA_PRIME))
    got: list[int] = []
    home.gateway.ask(
        sta.Der(eap_payload=payload, **common),
        home.network.now,
        lambda one, now: got.append(result(one)),  # type: ignore[arg-type]
    )
    home.run(0.015)
    home.aaa.abort(home.session_id, home.network.now)
    home.run()
    assert got == [Result.DIAMETER_UNABLE_TO_COMPLY]
    assert [type(one) for one in home.gateway.orders] == [session.Asr]
    assert home.end(home.gateway, home.session_id, STA).result_code == S
    assert home.aaa.sessions == {}


def test_a_new_profile() -> None:
    home, access, service = two_sessions()
    changed = msgspec.structs.replace(PROFILE, home_address=IPv6Address("2001:db8:2::6"))
    home.hss.update(subscriber(apns={"internet": changed}), home.network.now)
    home.run()
    assert sorted(home.names()) == ["PPA", "PPR", "RAA", "RAA", "RAR", "RAR"]
    kinds = {}
    for client in (home.gateway, home.agent):
        (order,) = client.orders
        assert isinstance(order, session.Rar)
        kinds[order.session_id] = order.re_auth_request_type
    # The home agent may ask without EAP; over STa nothing but EAP asks.
    assert kinds == {access: 1, service: 0}
    answer = home.aar(session_id=service)
    assert answer.home_addresses[0] == IPv6Address("2001:db8:2::6")
    assert len(home.aaa.sessions) == 2


@pytest.mark.parametrize(
    "changes", [{"non_3gpp_access": False}, {"apns": {}}, {"apns": {"ims": PROFILE}}]
)
def test_a_new_profile_that_allows_nothing(changes: Any) -> None:
    home = Home()
    home.attach(s6b.Der, service_selection="internet")
    home.forget()
    home.hss.update(subscriber(**changes), home.network.now)
    home.run()
    assert sorted(home.names()) == ["ASA", "ASR", "PPA", "PPR"]
    home.run(12.0)
    assert (home.aaa.sessions, home.store.servers) == ({}, {})


@pytest.mark.parametrize(("answers", "stays"), [(None, True), (5002, False), (5012, True)])
def test_clients_that_do_not_ask_again(answers: int | None, stays: bool) -> None:
    home, _, service = two_sessions()
    home.agent.result = answers
    home.hss.update(subscriber(), home.network.now)
    home.run(12.0)
    assert (service in home.aaa.sessions) == stays
    assert len(home.told("not reauthorised")) == int(stays)


def test_a_profile_that_changes_in_the_midst() -> None:
    """What is granted is what the profile allows then."""
    home = Home(server={"result_indications": True})
    changed = subscriber(non_3gpp_access=False)

    def change(packet: EapPacket) -> EapPacket:
        if isinstance(packet, AkaPacket) and packet.subtype == AkaSubtype.NOTIFICATION:
            home.hss.update(changed, home.network.now)
            home.run()
        return packet

    answers = home.authenticate(sta.Der, change=change)
    assert result(answers[-1]) == T.DIAMETER_ERROR_USER_NO_NON_3GPP_SUBSCRIPTION
    assert answers[-1].eap_master_session_key is None
    assert (home.aaa.sessions, home.store.servers) == ({}, {})


# -- all of it ------------------------------------------------------------------------------------
def test_hostile_octets() -> None:
    """Whatever is changed on the way, every node lives, and what it sends decodes."""
    home, rng = Home(), Random(11)

    def spoil(unit: Any, now: float) -> bool:
        octets = bytearray(unit.octets)
        for _ in range(rng.randrange(1, 4)):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        home.network.inject(
            msgspec.structs.replace(unit, octets=bytes(octets)), "core", after=0.001
        )
        return False

    home.network.lose = spoil
    for kind in (sta.Der, s6b.Der, swm.Der) * 3:
        method = EapType.AKA_PRIME if kind is sta.Der else EapType.AKA
        client = home.agent if kind is s6b.Der else home.gateway
        more: Any = ACCESS if kind is sta.Der else {}
        payload = eap.IdentityResponse(1, Usim(IMSI, CARD).identity(method))
        request: Any = kind(eap_payload=payload, **home.der(client), **more)
        client.ask(request, home.network.now, lambda message, now: None)
        home.run(2.0)
    for tapped in home.network.tap:
        # Failed-AVP shows what does not decode (RFC 6733 7.5).
        message = diameter.decode(tapped.unit.octets, lenient=True)
        assert message.encode() == tapped.unit.octets
    home.network.lose = None
    home.run(200.0)
    home.start = len(home.network.tap)
    assert home.attach(sta.Der).result_code == S


def test_the_same_seed_is_the_same_octets() -> None:
    runs = []
    for _ in range(2):
        home, access, _ = two_sessions()
        home.hss.terminate(IMSI, home.network.now)
        home.end(home.gateway, access, STA)
        runs.append([(tapped.time, tapped.unit.octets) for tapped in home.network.tap])
    assert runs[0] == runs[1]


def test_keys_are_not_shown() -> None:
    home = Home()
    answer = home.attach(s6b.Der)
    kept = str([*home.network.events, vars(home.aaa.sessions[home.session_id])])
    assert answer.eap_master_session_key is not None
    assert repr(answer.eap_master_session_key)[2:20] not in kept
    assert answer.eap_master_session_key.hex() not in kept
