"""The AAA leg of the whole attach: who says what, what is refused, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import dhcpv6, diameter, eap, ikev2
from mip6boot.diameter import (
    DestinationHost,
    DestinationRealm,
    DiameterEapAnswer,
    DiameterEapRequest,
    DiameterMessage,
    EapPayload,
    HomeLinkPrefix,
    Mip6AgentInfo,
    Mip6Feature,
    Mip6FeatureVector,
    Mip6HomeLinkPrefix,
    MipHomeAgentAddress,
    MipHomeAgentHost,
)
from mip6boot.eap import AkaPrimeRequest, AkaPrimeResponse
from mip6boot.flow import AgentInfo, HomeAgentDiscovery, HomeNetworkQuery, Port, UeState, Unit
from mip6boot.flow.attach import AttachResult, Later, attach
from mip6boot.flow.diameter import AaaProxy
from mip6boot.flow.scenario import (
    Authentication,
    HomeAddress,
    Profile,
    Scenario,
    Variant,
)
from mip6boot.packets import OpenedChain
from mip6boot.schema import DomainName, Malformed, walk
from mip6boot.security import Milenage

from .aaa_leg import (
    AGENT,
    APN,
    HOME,
    IMSI,
    SECOND,
    VISITED,
    another_home_agent,
    another_server,
    at_apn,
    deaf,
    lines,
    messages,
    missing,
    on_its_way,
    result_of,
    subscribed,
    subscriber,
    values,
    with_agents,
    with_last_bit_flipped,
)
from .test_attach_faults import connected, made, settled, until

SEED = Variant(profile=Profile.SEED)
#: With all systems that there are.
NINE = Variant(profile=Profile.SEED, home_address=HomeAddress.HOME_DHCP)
STA, S6B = diameter.Application.STA, diameter.Application.S6B
SWX, S6A = diameter.Application.SWX, diameter.Application.S6A
OTHER_KEY = Milenage(bytes(16), bytes(16))


def run(variant: Variant, *later: Later) -> AttachResult:
    return attach(variant, lambda name: Random(f"1/{name}"), later=later)


def registered(variant: Variant | None = None) -> Scenario:
    """The UE is connected, and the HSS knows by which home agent."""
    scenario = connected(variant)
    assert scenario.run(5, stop=scenario.is_registered)
    return scenario


def servers(scenario: Scenario) -> dict[str, str]:
    """By IMSI, the AAA server that the HSS has registered."""
    return scenario.aaa.hss.store.servers


def gateways(scenario: Scenario) -> dict[str, Any]:
    """By access point name, the home agent that the HSS has registered."""
    return scenario.aaa.hss.store.gateways.get(IMSI, {})


# -- steps 1 to 8 -----------------------------------------------------------------------------------
def test_nine_actors_send_and_receive() -> None:
    result = run(NINE)
    assert result.connected
    tap = result.scenario.network.tap
    actors = {
        "UE", "gateway", "AAA proxy", "AAA server", "HSS", "MME", "DHCP server", "HA",
        "home DHCP server",
    }  # fmt: skip
    assert {one.sender for one in tap} >= actors
    assert {name for one in tap for name in one.receivers} >= actors
    # None of them has another one in it, and AAA messages go by the network alone.
    joined = {a.actor.name: a.actor for a in result.scenario.network._attachments}
    assert actors <= joined.keys()
    assert len({id(joined[name]) for name in actors}) == len(actors)


def test_the_dns_server_is_one_of_them_where_it_is_asked() -> None:
    tap = run(Variant(discovery=HomeAgentDiscovery.DNS)).scenario.network.tap
    assert "DNS server" in {one.sender for one in tap}
    assert "DNS server" in {name for one in tap for name in one.receivers}


#: FLOW 3.1, 5.3 and 3.3, in the order of the wire.
PROCEDURE = [
    "UE > gateway,router access: EAPOL-Start",
    "gateway > UE: EAP-Request/Identity",
    "UE > gateway: EAP-Response/Identity 6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org",
    "gateway > AAA proxy: STa DER EAP-Response/Identity",
    "AAA proxy > AAA server: STa DER EAP-Response/Identity",
    "AAA server > HSS: SWx MAR 001010000000001 EAP-AKA'",
    "HSS > AAA server: SWx MAA SUCCESS 001010000000001 EAP-AKA'",
    "AAA server > AAA proxy: STa DEA MULTI_ROUND_AUTH EAP-Request/AKA'-Challenge",
    "AAA proxy > gateway: STa DEA MULTI_ROUND_AUTH EAP-Request/AKA'-Challenge",
    "gateway > UE: EAP-Request/AKA'-Challenge",
    "UE > gateway: EAP-Response/AKA'-Challenge",
    "gateway > AAA proxy: STa DER EAP-Response/AKA'-Challenge",
    "AAA proxy > AAA server: STa DER EAP-Response/AKA'-Challenge",
    "AAA server > HSS: SWx SAR 001010000000001 REGISTRATION",
    "HSS > AAA server: SWx SAA SUCCESS 001010000000001",
    "HSS > MME: S6a CLR 001010000000001 SUBSCRIPTION_WITHDRAWAL",
    "AAA server > AAA proxy: STa DEA SUCCESS EAP-Success home agent 2001:db8:100::1",
    "MME > HSS: S6a CLA SUCCESS",
    "AAA proxy > gateway: STa DEA SUCCESS EAP-Success home agent 2001:db8:100::1",
    "gateway > UE: EAP-Success",
    "UE > gateway,router access: Information-request",
    "gateway > DHCP server: Relay-forward {Information-request}",
    "DHCP server > gateway: Relay-reply {Reply home agent 2001:db8:100::1}",
    "gateway > UE: Reply home agent 2001:db8:100::1",
    "UE > HA: IKE_SA_INIT request",
    "HA > UE: IKE_SA_INIT response",
    "UE > HA: IKE_AUTH request {IDi",
    "HA > AAA server: S6b DER EAP-Response/Identity 0001010000000001@",
    "AAA server > HSS: SWx MAR 001010000000001 EAP-AKA",
    "HSS > AAA server: SWx MAA SUCCESS 001010000000001 EAP-AKA",
    "AAA server > HA: S6b DEA MULTI_ROUND_AUTH EAP-Request/AKA-Challenge",
    "HA > UE: IKE_AUTH response {IDr CERT AUTH EAP-Request/AKA-Challenge}",
    "UE > HA: IKE_AUTH request {EAP-Response/AKA-Challenge}",
    "HA > AAA server: S6b DER EAP-Response/AKA-Challenge",
    "AAA server > HSS: SWx SAR 001010000000001 REGISTRATION",
    "HSS > AAA server: SWx SAA SUCCESS 001010000000001",
    "AAA server > HA: S6b DEA SUCCESS EAP-Success",
    "HA > UE: IKE_AUTH response {EAP-Success}",
    "UE > HA: IKE_AUTH request {AUTH}",
    "HA > UE: IKE_AUTH response {AUTH CP 2001:db8:100::1000 N(USE_TRANSPORT_MODE) SA TSi TSr}",
    "UE > HA: Binding Update",
    "HA > UE: Binding Acknowledgement ACCEPTED",
    "HA > AAA server: S6b AAR 0001010000000001@",
    "AAA server > HSS: SWx SAR 001010000000001 PGW_UPDATE home agent 2001:db8:100::1",
    "HSS > AAA server: SWx SAA SUCCESS 001010000000001",
    "AAA server > HA: S6b AAA SUCCESS 0001010000000001@",
]


@pytest.mark.parametrize("profile", list(Profile))
def test_the_procedure(profile: Profile) -> None:
    """Every message, none missing and none more; the finished procedure leaves the MME alone."""
    said = lines(registered(Variant(profile=profile)))
    rest = [line for line in said if ": CE" not in line]
    told = profile == Profile.SEED
    wanted = [one for one in PROCEDURE if told or "S6a" not in one]
    for line, beginning in zip(rest, wanted, strict=False):
        assert line.startswith(beginning)
    # The last answer is still on its way when the home agent is known.
    assert len(wanted) - len(rest) in (0, 1)


@pytest.mark.parametrize("later", [Later.DEREGISTRATION, Later.NETWORK_DETACH, Later.MOVE])
def test_every_message_is_sound(later: Later) -> None:
    """No rule is broken, decoding is strict, and octets come out identical; all are in the result."""
    result = run(NINE, later)
    assert result.connected
    sent = [one for one in result.scenario.network.tap if one.unit.port is Port.DIAMETER]
    listed = [one for one in result.messages if isinstance(one.packet.layers[-1], DiameterMessage)]
    assert len(sent) == len(listed) >= 38
    for tapped, told in zip(sent, listed, strict=True):
        message = diameter.decode(tapped.unit.octets)
        assert message == told.packet.layers[-1]
        assert message.encode() == tapped.unit.octets
        assert diameter.check(message) == []
        assert not any(isinstance(element, Malformed) for _, element in walk(message))
        assert told.text
        base = message.application_id == diameter.Application.BASE
        assert (told.step == 0) is base
        assert told.step in ((0,) if base else (2, 4, 7, 9))
    steps = {(one.packet.layers[-1].application_id, one.step) for one in listed}  # type: ignore[union-attr]
    before = {(app, step) for app, step in steps if step not in (0, 9)}
    assert before == {(STA, 2), (SWX, 2), (S6A, 2), (S6B, 4), (SWX, 4), (S6B, 7), (SWX, 7)}


def test_answers_belong_to_requests() -> None:
    """Hop-by-hop and end-to-end identifiers of a hop come back; no request has those of another."""
    result = run(NINE, Later.DEREGISTRATION)
    tap = [one for one in result.scenario.network.tap if one.unit.port is Port.DIAMETER]
    out: dict[tuple[str, str, int], DiameterMessage] = {}
    for one in tap:
        message = diameter.decode(one.unit.octets)
        sender, receiver = str(one.unit.source), str(one.unit.destination)
        if message.is_request:
            key = sender, receiver, message.hop_by_hop_id
            assert key not in out
            out[key] = message
            continue
        request = out[receiver, sender, message.hop_by_hop_id]
        assert message.end_to_end_id == request.end_to_end_id
        assert message.proxiable == request.proxiable
        assert message.application_id == request.application_id
        session = values(request, diameter.SessionId)
        assert values(message, diameter.SessionId) == session
        if session:
            assert isinstance(message.avps[0], diameter.SessionId)
    assert len(out) * 2 == len(tap)


def test_eap_is_the_same_on_both_sides_of_the_gateway() -> None:
    result = run(SEED)
    tap = result.scenario.network.tap
    over_eapol = [one for one in tap if one.unit.port is Port.EAPOL and len(one.unit.octets) > 4]
    requests = [one.unit.octets[4:] for one in over_eapol if one.sender == "gateway"]
    responses = [one.unit.octets[4:] for one in over_eapol if one.sender == "UE"]
    ders = messages(result.scenario, DiameterEapRequest)
    deas = messages(result.scenario, DiameterEapAnswer)

    def payloads(found: list[Any]) -> list[bytes]:
        return [
            packet.encode() for one in found if one.application_id == STA
            for packet in values(one, EapPayload)
        ]  # fmt: skip

    # Over each hop of the two, one after the other; only the first request is the gateway's own.
    assert payloads(ders)[0::2] == payloads(ders)[1::2] == responses
    assert payloads(deas)[0::2] == payloads(deas)[1::2] == requests[1:]
    assert len(responses) == len(requests) - 1 == 2


def test_eap_is_the_same_on_both_sides_of_the_home_agent() -> None:
    result = run(SEED)
    chains = [
        part.payloads for one in result.messages for part in one.opened
        if isinstance(part, OpenedChain)
    ]  # fmt: skip
    inside = [p.message for chain in chains for p in chain if isinstance(p, ikev2.Eap)]
    over_s6b = [
        packet for message in messages(result.scenario)
        if message.application_id == S6B for packet in values(message, EapPayload)
    ]  # fmt: skip
    # The first one the home agent makes of IDi (RFC 7296 2.16).
    assert isinstance(over_s6b[0], eap.IdentityResponse)
    assert [one.encode() for one in inside] == [one.encode() for one in over_s6b[1:]]
    assert len(inside) == 3


def test_keys_are_the_same_at_both_ends() -> None:
    """The MSK that the last DEA carries is the one of the UE (RFC 4072 4.1.3)."""
    scenario = connected()
    keys = [values(one, diameter.EapMasterSessionKey) for one in messages(scenario)]
    of_access, at_gateway, of_agent = [one[0] for one in keys if one]
    assert scenario.ue.supplicant.msk is not None
    assert of_access == at_gateway == bytes(scenario.ue.supplicant.msk)
    assert len(of_agent) == 64
    assert of_agent != of_access


# -- the old MME ------------------------------------------------------------------------------------
def test_the_old_mme_is_told() -> None:
    scenario = registered(SEED)
    (request,) = messages(scenario, diameter.CancelLocationRequest)
    (answer,) = messages(scenario, diameter.CancelLocationAnswer)
    assert values(request, diameter.UserName) == [IMSI]
    assert values(request, DestinationHost) == [scenario.aaa.mme.settings.host]
    assert values(request, diameter.CancellationType) == [2]
    assert values(request, diameter.AuthSessionState) == [1]
    assert result_of(answer) == 2001
    assert scenario.aaa.mme.contexts == {IMSI: False}
    # Whom it has told, it does not tell again.
    assert scenario.aaa.hss.store.mmes == {}


def test_an_mme_that_does_not_know_the_node_has_done_it_all_the_same() -> None:
    """TS 29.272 5.2.1.2.3."""
    scenario = made(SEED)
    scenario.aaa.mme.contexts.clear()
    scenario.start()
    settled(scenario)
    (answer,) = messages(scenario, diameter.CancelLocationAnswer)
    assert result_of(answer) == 2001
    assert scenario.aaa.mme.contexts == {}


def test_a_silent_mme_stops_nobody() -> None:
    scenario = made(SEED)
    deaf(scenario.aaa.mme)
    scenario.start()
    settled(scenario)
    scenario.run(30)
    assert "not location cancelled" in [event.name for event in scenario.network.events]
    assert scenario.aaa.hss.store.mmes == {IMSI: scenario.aaa.mme.settings.host}


def test_the_finished_procedure_leaves_the_mme_alone() -> None:
    scenario = registered()
    assert [one for one in messages(scenario) if one.application_id == S6A] == []
    assert scenario.aaa.mme.contexts == {IMSI: True}


# -- who is refused (FLOW 3.2) ----------------------------------------------------------------------
def keys_differ(scenario: Scenario) -> None:
    subscribed(scenario, milenage=OTHER_KEY)


def no_kdf(scenario: Scenario) -> None:
    server = scenario.aaa.server
    server.procedure = msgspec.structs.replace(server.procedure, key_derivation_functions=(7,))


def unknown(scenario: Scenario) -> None:
    scenario.aaa.hss.store.subscribers.clear()


def no_vector(scenario: Scenario) -> None:
    scenario.aaa.hss.store.available = False


def elsewhere(scenario: Scenario) -> None:
    servers(scenario)[IMSI] = f"aaa2.{HOME}"


def mac_wrong_at_the_peer(scenario: Scenario) -> None:
    on_its_way(
        scenario.gateway, DiameterEapAnswer,
        lambda one: with_last_bit_flipped(one, AkaPrimeRequest),
    )  # fmt: skip


def mac_wrong_at_the_server(scenario: Scenario) -> None:
    def flipped(message: DiameterMessage) -> DiameterMessage:
        (packet,) = values(message, EapPayload)
        challenged = isinstance(packet, AkaPrimeResponse) and packet.find(eap.AtRes)
        return with_last_bit_flipped(message, AkaPrimeResponse) if challenged else message

    on_its_way(scenario.aaa.server, DiameterEapRequest, flipped)


def without_separation_bit(scenario: Scenario) -> None:
    """The vector of EAP-AKA' is made as one of EAP-AKA is."""
    store = scenario.aaa.hss.store
    subscribed(scenario, amf=bytes(2))

    def vector(request: Any) -> Any:
        return store._made(
            store.subscribers[IMSI], msgspec.structs.replace(request, method=eap.EapType.AKA)
        )

    store.vector = vector  # type: ignore[method-assign]


REJECT = [
    "AAA proxy > gateway: STa DEA MULTI_ROUND_AUTH EAP-Request/AKA'-Challenge",
    "UE > gateway: EAP-Response/AKA'-Authentication-Reject",
    "AAA proxy > AAA server: STa DER EAP-Response/AKA'-Authentication-Reject",
    "AAA server > AAA proxy: STa DEA AUTHENTICATION_REJECTED EAP-Failure",
]


def by_the_hss(name: str) -> list[str]:
    return [
        "AAA server > HSS: SWx MAR",
        f"HSS > AAA server: SWx MAA {name}",
        f"AAA server > AAA proxy: STa DEA {name} EAP-Failure",
    ]


REFUSALS: dict[str, tuple[Callable[[Scenario], None], int, list[str]]] = {
    "AUTN": (keys_differ, 4001, REJECT),
    "no KDF will do": (no_kdf, 4001, REJECT),
    "separation bit": (without_separation_bit, 4001, REJECT),
    "AT_MAC of the server": (
        mac_wrong_at_the_peer,
        4001,
        [
            "UE > gateway: EAP-Response/AKA'-Client-Error",
            "AAA proxy > AAA server: STa DER EAP-Response/AKA'-Client-Error",
            "AAA server > AAA proxy: STa DEA AUTHENTICATION_REJECTED EAP-Failure",
        ],
    ),
    "AT_MAC of the peer": (
        mac_wrong_at_the_server,
        4001,
        [
            "UE > gateway: EAP-Response/AKA'-Challenge",
            "AAA server > AAA proxy: STa DEA MULTI_ROUND_AUTH EAP-Request/AKA'-Notification",
            "gateway > UE: EAP-Request/AKA'-Notification",
            "UE > gateway: EAP-Response/AKA'-Notification",
            "AAA server > AAA proxy: STa DEA AUTHENTICATION_REJECTED EAP-Failure",
        ],
    ),
    "unknown": (unknown, 5001, by_the_hss("USER_UNKNOWN")),
    "barred": (
        lambda scenario: subscribed(scenario, non_3gpp_access=False),
        5450,
        by_the_hss("USER_NO_NON_3GPP_SUBSCRIPTION"),
    ),
    "no APN": (
        lambda scenario: subscribed(scenario, apns={}),
        5451,
        by_the_hss("USER_NO_APN_SUBSCRIPTION"),
    ),
    "RAT": (
        lambda scenario: subscribed(scenario, rat_types=frozenset({6})),
        5452,
        by_the_hss("RAT_TYPE_NOT_ALLOWED"),
    ),
    "roaming": (
        lambda scenario: subscribed(scenario, roaming=frozenset({"other.example.net"})),
        5004,
        by_the_hss("ROAMING_NOT_ALLOWED"),
    ),
    "no vector now": (
        no_vector,
        4181,
        by_the_hss("DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE"),
    ),
    "another AAA server": (
        elsewhere,
        5005,
        [
            *by_the_hss("IDENTITY_ALREADY_REGISTERED"),
            # The one that is named cannot be reached, so what the first one said counts.
            "gateway > AAA proxy: STa DER EAP-Response/Identity",
            "AAA proxy > gateway: STa DEA UNABLE_TO_DELIVER",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", list(REFUSALS))
def test_refused(what: str) -> None:
    prepare, result, wanted = REFUSALS[what]
    scenario = made()
    prepare(scenario)
    scenario.start()
    until(scenario, UeState.FAILED)
    said = lines(scenario)
    assert missing([*wanted, "gateway > UE: EAP-Failure"], said) == "", said
    assert said[-1] == "gateway > UE: EAP-Failure"
    assert_nobody_is_in(scenario, result)


def assert_nobody_is_in(scenario: Scenario, result: int) -> None:
    """The UE has nothing but its link, and nobody keeps anything of it."""
    ue = scenario.ue
    assert ue.reason == "the access refused"
    assert (ue.supplicant.msk, ue.home_address, ue.care_of_address) == (None, None, None)
    (authenticator,) = scenario.gateway.nodes.values()
    assert authenticator.result == result
    assert not scenario.gateway.is_authorised(ue.settings.link_layer_address)
    scenario.run(150)
    assert scenario.aaa.access._known == {}
    assert scenario.aaa.server.sessions == {}
    assert scenario.aaa.server.users == {}
    assert set(servers(scenario).values()) <= {f"aaa2.{HOME}"}
    assert gateways(scenario) == {}
    assert not any(
        one.sender == "UE" and one.unit.port is not Port.EAPOL for one in scenario.network.tap
    )


def test_a_refusal_says_so_in_the_proper_avp() -> None:
    """Results of 3GPP are in Experimental-Result with its vendor, those of the IETF are not."""
    for what, vendor in (("barred", True), ("AUTN", False)):
        prepare, result, _ = REFUSALS[what]
        scenario = made()
        prepare(scenario)
        scenario.start()
        until(scenario, UeState.FAILED)
        answer = messages(scenario, DiameterEapAnswer)[-1]
        assert result_of(answer) == result
        groups = values(answer, diameter.ExperimentalResult)
        assert bool(groups) is vendor
        assert [values(one, diameter.VendorId) for one in groups] == [[10415]] * vendor
        assert bool(values(answer, diameter.ResultCode)) is not vendor


def test_notification_after_a_wrong_response() -> None:
    """General failure before authentication: 16384, with the P bit (RFC 4187 9.10, 10.19)."""
    scenario = made()
    mac_wrong_at_the_server(scenario)
    scenario.start()
    until(scenario, UeState.FAILED)
    packets = [p for one in messages(scenario, DiameterEapAnswer) for p in values(one, EapPayload)]
    told = [p.find(eap.AtNotification) for p in packets if isinstance(p, AkaPrimeRequest)]
    assert [one.code for one in told if one is not None] == [16384] * 2  # By server and proxy.


def test_the_card_is_ahead() -> None:
    """AT_AUTS goes to the HSS as RAND|AUTS, and the next challenge is fresh (RFC 4187 9.6)."""
    scenario = made()
    card = scenario.ue.supplicant.peer.usim
    card.sqn = 1000
    scenario.start()
    settled(scenario)
    said = lines(scenario)
    assert missing(
        [
            "UE > gateway: EAP-Response/AKA'-Synchronization-Failure",
            "AAA server > HSS: SWx MAR",
            "HSS > AAA server: SWx MAA SUCCESS",
            "UE > gateway: EAP-Response/AKA'-Challenge",
            "gateway > UE: EAP-Success",
        ],
        said,
    ) == "", said  # fmt: skip
    first, second, _ = messages(scenario, diameter.MultimediaAuthRequest)
    items = [values(one, diameter.SipAuthDataItem)[0] for one in (first, second)]
    assert values(items[0], diameter.SipAuthorization) == []
    responses = [p for m in messages(scenario, DiameterEapRequest) for p in values(m, EapPayload)]
    failures = [p.find(eap.AtAuts) for p in responses if isinstance(p, AkaPrimeResponse)]
    (auts, _) = [one.auts for one in failures if one is not None]  # By gateway and proxy.
    challenge = values(messages(scenario, DiameterEapAnswer)[0], EapPayload)[0]
    rand = challenge.find(eap.AtRand).rands[0]
    assert values(items[1], diameter.SipAuthorization) == [rand + auts]
    assert scenario.aaa.hss.store.sqn[IMSI] == card.sqn == 1002  # One more for S6b.


def test_the_second_kdf_is_chosen() -> None:
    """RFC 9048 3.2: the peer's choice alone, then the same challenge with the choice in front."""
    scenario = made()
    server = scenario.aaa.server
    server.procedure = msgspec.structs.replace(server.procedure, key_derivation_functions=(7, 1))
    scenario.start()
    settled(scenario)
    over_eapol = [
        eap.decode(one.unit.octets[4:]) for one in scenario.network.tap
        if one.unit.port is Port.EAPOL and len(one.unit.octets) > 4
    ]  # fmt: skip
    told = [
        [one.key_derivation_function for one in packet.attributes if isinstance(one, eap.AtKdf)]
        for packet in over_eapol if isinstance(packet, eap.AkaPacket)
    ]  # fmt: skip
    assert told == [[7, 1], [1], [1, 7, 1], []]
    assert len(messages(scenario, diameter.MultimediaAuthRequest)) == 2  # The other is of S6b.


def test_the_other_server_is_asked_where_there_is_a_way() -> None:
    """5005 and 3GPP-AAA-Server-Name: gateway and home agent go there (TS 29.273 8.1.2.1.2)."""
    scenario = made()
    other = another_server(scenario, f"aaa2.{HOME}")
    elsewhere(scenario)
    scenario.start()
    settled(scenario)
    assert scenario.run(5, stop=scenario.is_registered)
    refused = [one for one in messages(scenario, DiameterEapAnswer) if result_of(one) == 5005]
    for answer in refused:
        assert values(answer, diameter.ThreeGppAaaServerName) == [f"aaa2.{HOME}"]
    assert len(refused) == 3  # Over two hops of STa, and over S6b.
    assert scenario.aaa.server.sessions == {}
    assert len(other.sessions) == 2
    assert servers(scenario) == {IMSI: f"aaa2.{HOME}"}


# -- who is silent ----------------------------------------------------------------------------------
def gone(name: str) -> Callable[[Scenario], None]:
    def leave(scenario: Scenario) -> None:
        scenario.network.leave(getattr(scenario.aaa, name), "core")

    return leave


def silent(name: str) -> Callable[[Scenario], None]:
    return lambda scenario: deaf(getattr(scenario.aaa, name))


def elsewhere_served(scenario: Scenario) -> None:
    scenario.aaa.access.home_realm = "elsewhere.example"


SILENCE: dict[str, tuple[Callable[[Scenario], None], int, list[str]]] = {
    "proxy gone": (gone("proxy"), 3002, []),
    "proxy silent": (silent("proxy"), 3002, ["gateway > AAA proxy: STa DER"]),
    "server gone": (gone("server"), 3002, ["AAA proxy > gateway: STa DEA UNABLE_TO_DELIVER"]),
    "server silent": (
        silent("server"),
        3002,
        ["AAA proxy > AAA server: STa DER", "AAA proxy > gateway: STa DEA UNABLE_TO_DELIVER"],
    ),
    "HSS gone": (gone("hss"), 5012, ["AAA proxy > gateway: STa DEA UNABLE_TO_COMPLY"]),
    "HSS silent": (
        silent("hss"),
        5012,
        ["AAA server > HSS: SWx MAR", "AAA server > AAA proxy: STa DEA UNABLE_TO_COMPLY"],
    ),
}


@pytest.mark.parametrize("what", list(SILENCE))
def test_silence(what: str) -> None:
    """Who is nearest to the silent one tells of it, and the UE is told within half a minute."""
    prepare, result, wanted = SILENCE[what]
    scenario = made()
    prepare(scenario)
    scenario.start()
    until(scenario, UeState.FAILED, seconds=30)
    said = lines(scenario)
    assert missing([*wanted, "gateway > UE: EAP-Failure"], said) == "", said
    for one in messages(scenario, DiameterEapAnswer):
        # Errors of the protocol go hop by hop, with the E bit (RFC 6733 7.2).
        assert one.is_error is (result_of(one) == 3002)
    assert_nobody_is_in(scenario, result)


def test_a_realm_that_nobody_serves() -> None:
    scenario = made()
    elsewhere_served(scenario)
    scenario.aaa.access.settings = msgspec.structs.replace(
        scenario.aaa.access.settings, routes={"*": (scenario.aaa.proxy.settings.host,)}
    )
    scenario.start()
    until(scenario, UeState.FAILED)
    (answer,) = messages(scenario, DiameterEapAnswer)
    assert answer.is_error
    assert_nobody_is_in(scenario, 3003)


def test_a_request_that_comes_back_is_a_loop() -> None:
    scenario = made()
    proxy = scenario.aaa.proxy
    record = diameter.RouteRecord(proxy.settings.host)
    on_its_way(proxy, DiameterEapRequest, lambda one: one.replace(avps=(*one.avps, record)))
    scenario.start()
    until(scenario, UeState.FAILED)
    (answer,) = messages(scenario, DiameterEapAnswer)
    assert answer.is_error
    assert_nobody_is_in(scenario, 3005)


@pytest.mark.parametrize("name", ["proxy", "server", "hss"])
def test_who_was_refused_may_try_again(name: str) -> None:
    """The node is back, and the UE comes anew."""
    scenario = made()
    node = getattr(scenario.aaa, name)
    scenario.network.lose = lambda unit, now: node.settings.host in (unit.source, unit.destination)
    scenario.start()
    until(scenario, UeState.FAILED, seconds=60)
    scenario.network.lose = None
    scenario.run(60)  # Connections are tried again after half a minute.
    scenario.ue.link_up(scenario.network.now)
    settled(scenario)


def test_a_silent_server_when_the_home_agent_asks() -> None:
    scenario = made()
    scenario.start()
    until(scenario, UeState.SECURING)
    deaf(scenario.aaa.server)
    until(scenario, UeState.FAILED)
    assert scenario.ue.reason == "IKEv2 failed: AUTHENTICATION_FAILED"
    assert scenario.home_agent.responder.sas == {}


# -- which home agents there are (RFC 6611 4.2, RFC 5447 4.2) -----------------------------------------
def supplied(scenario: Scenario) -> list[Any]:
    """What the gateway adds to the UE's first question; and no more than that happens."""
    scenario.start()

    def asked() -> bool:
        tap = scenario.network.tap
        return any(one.sender == "gateway" and one.unit.destination_port == 547 for one in tap)

    assert scenario.run(60, stop=asked)
    (unit,) = [
        one.unit for one in scenario.network.tap
        if one.sender == "gateway" and one.unit.destination_port == 547
    ]  # fmt: skip
    found = dhcpv6.decode(unit.octets)
    assert isinstance(found, dhcpv6.RelayForward)
    options = found.find(dhcpv6.RelaySuppliedOptions)
    return [] if options is None else list(options.options)


def told(scenario: Scenario, *avps: diameter.Avp) -> None:
    """The gateway receives these AVPs in the last answer, whatever the server has sent."""
    on_its_way(
        scenario.gateway, DiameterEapAnswer,
        lambda one: with_agents(one, *avps) if result_of(one) == 2001 else one,
    )  # fmt: skip


V6, V4 = IPv6Address("2001:db8:77::7"), IPv4Address("192.0.2.7")
PREFIX = Mip6HomeLinkPrefix(HomeLinkPrefix(56, IPv6Address("2001:db8:77::")))
HOST = MipHomeAgentHost((DestinationRealm(HOME), DestinationHost("other.home.example.org")))
VISITED_HOST = MipHomeAgentHost(
    (DestinationRealm(VISITED), DestinationHost("ha.visited.example.net"))
)
FQDN, VISITED_FQDN = (
    dhcpv6.HomeAgentFqdn(DomainName.parse(f"{name}."))
    for name in ("other.home.example.org", "ha.visited.example.net")
)
HAA, HAA4 = (
    dhcpv6.HomeAgentAddress(IPv6Address(text))
    for text in ("2001:db8:77::7", "64:ff9b::192.0.2.7")  # RFC 6610 3.4.
)
HNP = dhcpv6.HomeNetworkPrefix(56, IPv6Address("2001:db8:77::"))


def address(one: IPv4Address | IPv6Address) -> MipHomeAgentAddress:
    return MipHomeAgentAddress(one)


def identified(*options: dhcpv6.Dhcpv6Option) -> dhcpv6.Dhcpv6Option:
    name = dhcpv6.HomeNetworkIdFqdn(DomainName.parse(f"{HOME}."))
    return dhcpv6.IdentifiedHomeNetworkInformation((name, *options))


#: What MIP6-Agent-Info has, and the options that come of it.
DERIVED: dict[str, tuple[list[tuple[Any, ...]], list[dhcpv6.Dhcpv6Option]]] = {
    "another address": ([(address(V6),)], [identified(HAA)]),
    "an address of IPv4": ([(address(V4),)], [identified(HAA4)]),
    "both": ([(address(V6), address(V4))], [identified(HAA, HAA4)]),
    "a host": ([(HOST,)], [identified(FQDN)]),
    "a prefix, too": ([(address(V6), HOST, PREFIX)], [identified(HNP, HAA, FQDN)]),
    "nothing but a prefix": ([(PREFIX,)], []),
    "two home agents": ([(address(V6),), (HOST,)], [identified(HAA), identified(FQDN)]),
    "none": ([], []),
}


@pytest.mark.parametrize("what", list(DERIVED))
def test_what_the_relay_supplies_is_what_was_received(what: str) -> None:
    received, wanted = DERIVED[what]
    scenario = made()
    features = Mip6FeatureVector(Mip6Feature.MIP6_INTEGRATED)
    told(scenario, features, *map(Mip6AgentInfo, received))
    found = supplied(scenario)
    assert [one.encode() for one in found] == [one.encode() for one in wanted]


#: LOCAL_HOME_AGENT_ASSIGNMENT is set, the node asks for those of the visited network, and then:
VISITING = [
    (True, True, ["VisitedHomeNetworkInformation", "IdentifiedHomeNetworkInformation"]),
    (True, False, ["IdentifiedHomeNetworkInformation"]),
    (False, True, ["IdentifiedHomeNetworkInformation"]),
]


@pytest.mark.parametrize(("allowed", "asks", "wanted"), VISITING)
def test_a_home_agent_of_the_visited_network(allowed: bool, asks: bool, wanted: list[str]) -> None:
    """Only with the LOCAL bit (RFC 5447 4.2.5), and only for who asks (RFC 6610 4.2)."""
    scenario = made()
    local = Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT if allowed else 0
    told(
        scenario,
        Mip6FeatureVector(Mip6Feature.MIP6_INTEGRATED | local),
        Mip6AgentInfo((address(V6), VISITED_HOST)),
        Mip6AgentInfo((address(AGENT),)),
    )
    if asks:
        ask_for_visited(scenario)
    found = supplied(scenario)
    assert [type(one).__name__ for one in found] == wanted
    if "VisitedHomeNetworkInformation" in wanted:
        options = dhcpv6.VisitedHomeNetworkInformation((HAA, VISITED_FQDN))
        assert found[0].encode() == options.encode()


def ask_for_visited(scenario: Scenario) -> None:
    own = scenario.ue.settings.home_network
    scenario.ue.dhcp.query = HomeNetworkQuery(identified=(own,), visited=True)


def test_without_home_agents_of_the_aaa_the_dns_is_asked() -> None:
    scenario = connected(Variant(discovery=HomeAgentDiscovery.DNS))
    access = [one for one in messages(scenario) if one.application_id == STA]
    assert not any(values(one, Mip6AgentInfo) for one in access)
    assert missing(
        [
            "AAA proxy > gateway: STa DEA SUCCESS EAP-Success",
            "gateway > DHCP server: Relay-forward {Information-request}",
            "DHCP server > gateway: Relay-reply {Reply}",
            "gateway > UE: Reply",
            "UE > HA: IKE_SA_INIT",
        ],
        lines(scenario),
    ) == ""  # fmt: skip
    assert scenario.ue.home_agent == AGENT


def offering(scenario: Scenario, agent: AgentInfo) -> None:
    """The proxy offers a home agent of the visited network."""
    proxy = scenario.aaa.proxy
    AaaProxy.__init__(
        proxy, proxy.name, proxy.settings, Random("1/AAA proxy"),
        visited_network=VISITED, home_agents=(agent,),
    )  # fmt: skip


@pytest.mark.parametrize("allowed", [True, False])
def test_a_visited_home_agent_serves_who_may_have_it(allowed: bool) -> None:
    """VPLMN-Dynamic-Address-Allowed decides; the HSS then has it with the visited realm."""
    scenario, there = made(), IPv6Address("2001:db8:f::2222")
    host = f"ha.{VISITED}"
    offering(scenario, AgentInfo(addresses=(there,), host=host))
    agent = another_home_agent(scenario, host, there, IPv6Network("2001:db8:f:7::/64"))
    subscribed(scenario, apns=at_apn(scenario, visited_agents=allowed))
    ask_for_visited(scenario)
    scenario.start()
    until(scenario, UeState.CONNECTED)
    scenario.run(5)
    ders = messages(scenario, DiameterEapRequest)
    # Offered in the first request only, and behind the proxy.
    assert [bool(values(one, Mip6AgentInfo)) for one in ders[:4]] == [False, True, False, False]
    assert values(ders[1], Mip6FeatureVector) == [3]
    given = [one for one in messages(scenario, DiameterEapAnswer) if result_of(one) == 2001][:2]
    for answer in given:
        assert values(answer, Mip6FeatureVector) == [3 if allowed else 1]
        hosts = [
            values(named, DestinationHost)[0]
            for group in values(answer, Mip6AgentInfo) for named in values(group, MipHomeAgentHost)
        ]  # fmt: skip
        assert hosts == [f"ha.{HOME}", host][: 1 + allowed]
    if not allowed:
        assert scenario.ue.home_agent == AGENT
        return
    assert scenario.ue.home_agent == there
    assert list(agent.tunnels(scenario.network.now)) == [scenario.ue.home_address]
    assert gateways(scenario)[APN].addresses == (there,)
    update = messages(scenario, diameter.ServerAssignmentRequest)[-1]
    (group,) = values(update, Mip6AgentInfo)
    (named,) = values(group, MipHomeAgentHost)
    assert named == (DestinationRealm(VISITED), DestinationHost(host))


# -- when the home agent asks (FLOW 5.5) --------------------------------------------------------------
def let_in(variant: Variant | None = None) -> tuple[Scenario, int]:
    """The UE is let in and begins IKEv2; and how much was said by then."""
    scenario = made(variant)
    scenario.start()
    until(scenario, UeState.SECURING)
    return scenario, len(scenario.network.tap)


def test_eap_fails_at_the_home_agent() -> None:
    scenario, since = let_in()
    subscribed(scenario, milenage=OTHER_KEY)
    until(scenario, UeState.FAILED)
    said = lines(scenario, since)
    assert missing(
        [
            "UE > HA: IKE_AUTH request {EAP-Response/AKA-Authentication-Reject}",
            "HA > AAA server: S6b DER EAP-Response/AKA-Authentication-Reject",
            "AAA server > HA: S6b DEA AUTHENTICATION_REJECTED EAP-Failure",
            "HA > UE: IKE_AUTH response {EAP-Failure}",
        ],
        said,
    ) == "", said  # fmt: skip
    assert_only_let_in(scenario, "IKEv2 failed: EAP failure")


def assert_only_let_in(scenario: Scenario, reason: str) -> None:
    """No IKE SA, no binding, and no session but that of the access."""
    assert scenario.ue.reason == reason
    assert scenario.home_agent.responder.sas == {}
    assert scenario.home_agent.tunnels(scenario.network.now) == {}
    assert scenario.aaa.agent._known == {}
    assert [one.application for one in scenario.aaa.server.sessions.values()] == [STA]
    assert scenario.gateway.is_authorised(scenario.ue.settings.link_layer_address)
    assert gateways(scenario) == {}


def test_an_apn_that_is_not_subscribed_to() -> None:
    scenario = made()
    settings = scenario.ue.settings
    scenario.ue.settings = msgspec.structs.replace(settings, apn=f"other.{HOME}")
    scenario.start()
    until(scenario, UeState.FAILED)
    said = lines(scenario)
    assert missing(
        [
            "AAA server > HSS: SWx SAR 001010000000001 REGISTRATION",
            "AAA server > HA: S6b DEA MULTI_ROUND_AUTH EAP-Request/AKA-Notification",
            "HA > UE: IKE_AUTH response {EAP-Request/AKA-Notification}",
            "UE > HA: IKE_AUTH request {EAP-Response/AKA-Notification}",
            "AAA server > HA: S6b DEA USER_NO_APN_SUBSCRIPTION EAP-Failure",
            "HA > UE: IKE_AUTH response {EAP-Failure}",
        ],
        said,
    ) == "", said  # fmt: skip
    assert_only_let_in(scenario, "IKEv2 failed: EAP failure")
    asked = [one for one in messages(scenario, DiameterEapRequest) if one.application_id == S6B]
    assert {tuple(values(one, diameter.ServiceSelection)) for one in asked} == {(f"other.{HOME}",)}


@pytest.mark.parametrize("how", [Authentication.PSK, Authentication.CERTIFICATE])
def test_who_is_proved_to_be_somebody_may_still_be_refused(how: Authentication) -> None:
    scenario, since = let_in(Variant(authentication=how))
    subscribed(scenario, names=frozenset())
    until(scenario, UeState.FAILED)
    said = lines(scenario, since)
    assert missing(
        [
            "HA > AAA server: S6b AAR mn@home.example.org",
            "HSS > AAA server: SWx SAA USER_UNKNOWN",
            "AAA server > HA: S6b AAA USER_UNKNOWN",
            "HA > UE: IKE_AUTH response {N(AUTHENTICATION_FAILED)}",
        ],
        said,
    ) == "", said  # fmt: skip
    assert_only_let_in(scenario, "IKEv2 failed: AUTHENTICATION_FAILED")


@pytest.mark.parametrize("how", list(Authentication))
def test_the_aaa_sends_to_another_home_agent(how: Authentication) -> None:
    """Result 2009 and MIP6-Agent-Info: REDIRECT, and the other one serves (RFC 5685 6)."""
    scenario = made(Variant(authentication=how))
    host = f"ha2.{HOME}"
    other = another_home_agent(scenario, host, SECOND, IPv6Network("2001:db8:100::/64"))
    scenario.start()
    until(scenario, UeState.SECURING)
    since = len(scenario.network.tap)
    agents = (AgentInfo(addresses=(SECOND,), host=host),)
    subscribed(scenario, apns=at_apn(scenario, agents=agents))
    until(scenario, UeState.CONNECTED)
    scenario.run(5)
    said = lines(scenario, since)
    eap_too = how == Authentication.EAP_AKA
    wanted = [
        f"AAA server > HA: S6b {'DEA' if eap_too else 'AAA'} SUCCESS_RELOCATE_HA",
        "UE > HA 2: IKE_SA_INIT request",
        f"HA 2 > AAA server: S6b {'DER' if eap_too else 'AAR'}",
        "AAA server > HSS: SWx SAR 001010000000001 PGW_UPDATE home agent 2001:db8:100::2",
    ]
    assert missing(wanted, said) == "", said
    ue = scenario.ue
    assert ue.home_agent == SECOND
    assert other.tunnels(scenario.network.now) == {ue.home_address: ue.care_of_address}
    assert any("N(REDIRECT)" in line for line in said)
    assert any("N(REDIRECTED_FROM)" in line for line in said)
    # The first one has ended its session, and has nothing of the UE any more.
    assert scenario.home_agent.responder.sas == {}
    assert missing(["HA > AAA server: S6b STR", "AAA server > HA: S6b STA SUCCESS"], said) == ""
    assert gateways(scenario)[APN].addresses == (SECOND,)
    holders = {one.holder for one in scenario.aaa.server.sessions.values()}
    assert holders == {f"gw.{VISITED}", host}


def test_another_home_agent_beside_success_is_one_to_go_to() -> None:
    """MIP6-Agent-Info with another home agent says so, too (RFC 5778 6.6)."""
    scenario, host = made(), f"ha2.{HOME}"
    other = another_home_agent(scenario, host, SECOND, IPv6Network("2001:db8:100::/64"))
    both = tuple(AgentInfo(addresses=(one,)) for one in (AGENT, SECOND))
    subscribed(scenario, apns=at_apn(scenario, agents=both))
    info = Mip6AgentInfo((address(SECOND),))
    on_its_way(
        scenario.home_agent, DiameterEapAnswer,
        lambda one: one.replace(avps=(*one.avps, info)) if result_of(one) == 2001 else one,
    )  # fmt: skip
    scenario.start()
    until(scenario, UeState.CONNECTED)
    assert scenario.ue.home_agent == SECOND
    assert list(other.tunnels(scenario.network.now)) == [scenario.ue.home_address]
    assert scenario.home_agent.responder.sas == {}


def test_two_home_agents_that_the_aaa_sends_to_each_other() -> None:
    """Each belongs to another one, says the AAA: after five redirections the UE gives up."""
    scenario, host = made(), f"ha2.{HOME}"
    another_home_agent(scenario, host, SECOND, IPv6Network("2001:db8:100::/64"))
    info = Mip6AgentInfo((address(SECOND),))
    on_its_way(
        scenario.home_agent, DiameterEapAnswer,
        lambda one: one.replace(avps=(*one.avps, info)) if result_of(one) == 2001 else one,
    )  # fmt: skip
    scenario.start()
    until(scenario, UeState.FAILED)
    granted = [one for one in messages(scenario, DiameterEapAnswer) if one.application_id == S6B]
    assert [result_of(one) for one in granted if result_of(one) != 1001] == [2001, 2009] * 3
    scenario.run(5)
    assert [one.application for one in scenario.aaa.server.sessions.values()] == [STA]


# -- afterwards (FLOW 8) ------------------------------------------------------------------------------
def test_the_hss_knows_the_home_agent_after_step_6_and_not_before() -> None:
    scenario = made()
    scenario.start()
    assert scenario.run(60, stop=lambda: bool(scenario.home_agent.tunnels(scenario.network.now)))
    assert gateways(scenario) == {}
    assert scenario.run(1, stop=lambda: bool(gateways(scenario)))
    agent = gateways(scenario)[APN]
    assert (agent.addresses, agent.host) == ((AGENT,), f"ha.{HOME}")
    said = lines(scenario)
    updates = [i for i, one in enumerate(said) if "PGW_UPDATE" in one]
    acknowledged = next(i for i, one in enumerate(said) if "Binding Acknowledgement" in one)
    assert len(updates) == 1
    assert updates[0] > acknowledged


def test_sessions_end_one_by_one() -> None:
    """STR over S6b with the IKE SA, over STa with the access; the last one ends the registration."""
    scenario = registered()
    since, now = len(scenario.network.tap), scenario.network.now
    scenario.ue.detach(now)
    until(scenario, UeState.DOWN)
    scenario.run(2)
    assert servers(scenario) == {IMSI: f"aaa.{HOME}"}
    scenario.gateway.link_down(scenario.ue.settings.link_layer_address, scenario.network.now)
    scenario.run(2)
    assert [line for line in lines(scenario, since) if "UE" not in line] == [
        "HA > AAA server: S6b STR LOGOUT 0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org",
        "AAA server > HA: S6b STA SUCCESS",
        "gateway > AAA proxy: STa STR LINK_BROKEN "
        "6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org",
        "AAA proxy > AAA server: STa STR LINK_BROKEN "
        "6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org",
        "AAA server > AAA proxy: STa STA SUCCESS",
        "AAA server > HSS: SWx SAR 001010000000001 USER_DEREGISTRATION",
        "AAA proxy > gateway: STa STA SUCCESS",
        "HSS > AAA server: SWx SAA SUCCESS 001010000000001",
    ]
    assert_all_is_over(scenario)


def assert_all_is_over(scenario: Scenario) -> None:
    assert (servers(scenario), gateways(scenario)) == ({}, {})
    assert (scenario.aaa.server.sessions, scenario.aaa.server.users) == ({}, {})
    assert (scenario.aaa.access._known, scenario.aaa.agent._known) == ({}, {})
    assert scenario.home_agent.responder.sas == {}
    assert scenario.home_agent.tunnels(scenario.network.now) == {}


REVOKED = [
    "HA > UE: Binding Revocation Indication ADMINISTRATIVE_REASON",
    "UE > HA: Binding Revocation Acknowledgement SUCCESS",
    "UE > HA: INFORMATIONAL request {D}",
    "HA > AAA server: S6b STR ADMINISTRATIVE",
    "AAA server > HA: S6b STA SUCCESS",
]
LOCKED_OUT = [
    "AAA server > AAA proxy: STa ASR",
    "AAA proxy > gateway: STa ASR",
    "gateway > UE: EAP-Failure",
    "gateway > AAA proxy: STa ASA SUCCESS",
    "gateway > AAA proxy: STa STR ADMINISTRATIVE",
    "AAA proxy > AAA server: STa ASA SUCCESS",
    "AAA proxy > AAA server: STa STR ADMINISTRATIVE",
    "AAA server > AAA proxy: STa STA SUCCESS",
]
ABORT = ["AAA server > HA: S6b ASR", "HA > AAA server: S6b ASA SUCCESS"]
DEREGISTERED = "AAA server > HSS: SWx SAR 001010000000001 USER_DEREGISTRATION"


def abort(scenario: Scenario) -> None:
    scenario.aaa.server.abort_user(IMSI, scenario.network.now)


def terminate(scenario: Scenario) -> None:
    scenario.aaa.hss.terminate(IMSI, scenario.network.now)


def bar(scenario: Scenario) -> None:
    barred = subscriber(scenario, non_3gpp_access=False)
    scenario.aaa.hss.update(barred, scenario.network.now)


RTR = ["HSS > AAA server: SWx RTR 001010000000001", "AAA server > HSS: SWx RTA SUCCESS"]
PPR = ["HSS > AAA server: SWx PPR 001010000000001", "AAA server > HSS: SWx PPA SUCCESS"]


@pytest.mark.parametrize(
    ("order", "begins", "deregisters"),
    [(abort, [], True), (terminate, RTR, False), (bar, PPR, True)],
)
def test_the_home_network_ends_it(
    order: Callable[[Scenario], None], begins: list[str], deregisters: bool
) -> None:
    """ASR to both who serve the UE: BRI and the end of IKE, EAP-Failure, and STR of each."""
    scenario = registered()
    since = len(scenario.network.tap)
    order(scenario)
    scenario.run(10)
    said = lines(scenario, since)
    for wanted in (begins, ABORT, REVOKED, LOCKED_OUT):
        assert missing(wanted, said) == "", said
    # Who has asked for it knows already.
    assert (DEREGISTERED in said) is deregisters
    assert_all_is_over(scenario)
    assert scenario.ue.state in (UeState.DOWN, UeState.FAILED)
    assert not scenario.gateway.is_authorised(scenario.ue.settings.link_layer_address)


def test_without_a_binding_the_ike_sa_is_deleted() -> None:
    """The UE begins IKEv2 anew, as its access has not gone, and is refused."""
    scenario = registered()
    assert scenario.ue.home_address is not None
    scenario.home_agent.registrations.withdraw(scenario.ue.home_address, scenario.network.now)
    since = len(scenario.network.tap)
    bar(scenario)
    until(scenario, UeState.FAILED)
    said = lines(scenario, since)
    assert not any("Revocation" in line for line in said)
    wanted = [
        "AAA server > HA: S6b ASR",
        "HA > UE: INFORMATIONAL request {D}",
        "HA > AAA server: S6b STR ADMINISTRATIVE",
        "UE > HA: IKE_AUTH request {IDi",
        "AAA server > HA: S6b DEA USER_NO_NON_3GPP_SUBSCRIPTION EAP-Failure",
        "HA > UE: IKE_AUTH response {N(AUTHENTICATION_FAILED)}",
    ]
    assert missing(wanted, said) == "", said
    assert scenario.ue.reason == "IKEv2 failed: AUTHENTICATION_FAILED"
    assert_all_is_over(scenario)


def test_another_profile_is_told_and_asked_about() -> None:
    """PPR, then RAR to both who serve the UE: the access authenticates again, AAR of the other."""
    scenario = registered()
    since = len(scenario.network.tap)
    agent = AgentInfo(addresses=(AGENT,), host=f"new.{HOME}")
    other = subscriber(scenario, apns=at_apn(scenario, agents=(agent,)))
    scenario.aaa.hss.update(other, scenario.network.now)
    scenario.run(10)
    said = lines(scenario, since)
    for wanted in (
        PPR,
        [
            "AAA server > HA: S6b RAR AUTHORIZE_ONLY",
            "HA > AAA server: S6b RAA SUCCESS",
            "HA > AAA server: S6b AAR",
            "AAA server > HSS: SWx SAR 001010000000001 PGW_UPDATE",
            "AAA server > HA: S6b AAA SUCCESS",
        ],
        [
            "AAA server > AAA proxy: STa RAR AUTHORIZE_AUTHENTICATE",
            "AAA proxy > gateway: STa RAR AUTHORIZE_AUTHENTICATE",
            "gateway > UE: EAP-Request/Identity",
            "gateway > AAA proxy: STa RAA SUCCESS",
            "AAA proxy > gateway: STa DEA MULTI_ROUND_AUTH EAP-Request/AKA'-Reauthentication",
            "AAA proxy > gateway: STa DEA SUCCESS EAP-Success",
            "gateway > UE: EAP-Success",
        ],
    ):
        assert missing(wanted, said) == "", said
    assert scenario.ue.state == UeState.CONNECTED
    assert scenario.ue.home_address in scenario.home_agent.tunnels(scenario.network.now)
    assert gateways(scenario)[APN].host == f"new.{HOME}"
    (authenticator,) = scenario.gateway.nodes.values()
    assert [one.host for one in authenticator.agents] == [f"new.{HOME}"]


def test_a_session_that_is_over_is_over_everywhere() -> None:
    """Session-Timeout of the server: both who serve the UE end it in time."""
    scenario = made()
    server = scenario.aaa.server
    server.procedure = msgspec.structs.replace(server.procedure, session_timeout=600)
    scenario.start()
    until(scenario, UeState.CONNECTED)
    timeouts = [values(one, diameter.SessionTimeout) for one in messages(scenario)]
    assert {one[0] for one in timeouts if one} == {600}
    since = len(scenario.network.tap)
    scenario.run(700)
    said = lines(scenario, since)
    assert any("S6b STR" in line for line in said), said
    assert scenario.ue.state != UeState.CONNECTED


# -- several, and what gets lost ----------------------------------------------------------------------
def test_two_at_once() -> None:
    scenario, imsi = made(SEED), "001010000000002"
    second = scenario.add_ue("UE 2", imsi)
    scenario.aaa.hss.store.mmes[imsi] = scenario.aaa.mme.settings.host
    scenario.aaa.mme.contexts[imsi] = True
    second.link_up(0.0)
    scenario.start()
    settled(scenario)
    scenario.run(10)
    assert second.state == UeState.CONNECTED
    assert set(servers(scenario)) == set(scenario.aaa.hss.store.gateways) == {IMSI, imsi}
    assert scenario.aaa.mme.contexts == {IMSI: False, imsi: False}
    sessions = scenario.aaa.server.sessions.values()
    whose = sorted((one.user.imsi, one.application) for one in sessions if one.user is not None)
    assert whose == sorted((who, app) for who in (IMSI, imsi) for app in (STA, S6B))
    assert (
        len({values(one, diameter.SessionId)[0] for one in messages(scenario, DiameterEapRequest)})
        == 4
    )
    # The one is aborted; the other one does not notice.
    scenario.aaa.server.abort_user(imsi, scenario.network.now)
    scenario.run(10)
    assert set(servers(scenario)) == set(scenario.aaa.hss.store.gateways) == {IMSI}
    assert list(scenario.home_agent.tunnels(scenario.network.now)) == [scenario.ue.home_address]
    assert scenario.ue.state == UeState.CONNECTED


def test_any_diameter_unit_may_be_lost_once() -> None:
    """What carries Diameter sends it again, and all succeeds: the MME and the HSS know, too."""
    base = registered(SEED)
    units = [one.unit for one in base.network.tap if one.unit.port is Port.DIAMETER]
    assert len(units) >= 36
    for lost in range(len(units)):
        scenario, count = made(SEED), [0]

        def lose(unit: Unit, now: float, count: list[int] = count, lost: int = lost) -> bool:
            count[0] += unit.port is Port.DIAMETER
            return unit.port is Port.DIAMETER and count[0] == lost + 1

        scenario.network.lose = lose
        scenario.start()
        settled(scenario, seconds=60)
        assert scenario.run(10, stop=scenario.is_registered)
        scenario.run(2)
        assert scenario.aaa.mme.contexts == {IMSI: False}
        assert [event.name for event in scenario.network.events].count("lost") == 1


def test_any_diameter_unit_may_never_arrive() -> None:
    """Someone gives up in time; the UE is told, and the next try succeeds."""
    base = registered(SEED)
    units = [one.unit for one in base.network.tap if one.unit.port is Port.DIAMETER]
    states = set()
    for number in range(len(units)):
        scenario, count = made(SEED), [0]
        lost: list[Unit] = []

        def lose(
            unit: Unit,
            now: float,
            count: list[int] = count,
            lost: list[Unit] = lost,
            number: int = number,
        ) -> bool:
            if unit.port is not Port.DIAMETER or unit in lost:
                return unit in lost
            count[0] += 1
            lost += [unit] if count[0] == number + 1 else []
            return unit in lost

        scenario.network.lose = lose
        scenario.start()
        until(scenario, UeState.CONNECTED, UeState.FAILED, seconds=60)
        scenario.run(150)
        states.add(scenario.ue.state)
        assert (scenario.ue.state == UeState.FAILED) is bool(scenario.ue.reason)
        for node in (*scenario.aaa.systems, scenario.aaa.access, scenario.aaa.agent):
            assert not node.is_asking
        if scenario.ue.state != UeState.CONNECTED:
            assert scenario.home_agent.responder.sas == {}
            scenario.ue.link_up(scenario.network.now)
            settled(scenario)
    assert states == {UeState.CONNECTED, UeState.FAILED, UeState.DOWN}
