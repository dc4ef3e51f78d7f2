"""The HSS over SWx and S6a, and the MME: vectors, registrations, profiles."""

from __future__ import annotations

from ipaddress import IPv6Network
from typing import Any

import msgspec
import pytest

from mip6boot import diameter
from mip6boot.diameter import Cancellation, Result, ServerAssignment, ThreeGppResult
from mip6boot.diameter.interfaces import HomeAgentInfo, s6a, swx
from mip6boot.errors import ConfigError
from mip6boot.flow import AgentInfo, ApnProfile, Profile, Resynchronisation, Usim
from mip6boot.flow.diameter import agents, profiles
from mip6boot.security import ck_prime_ik_prime

from ..security.test_eap_peers import CARD
from .home_side import (
    ADDRESS,
    AGENT,
    HOME,
    HOME_REALM,
    IMSI,
    NETWORK,
    OTHER_IMSI,
    PREFIX,
    PROFILE,
    VISITED_REALM,
    Client,
    Home,
    is_experimental,
    mar,
    result,
    sar,
    subscriber,
)  # fmt: skip

A = ServerAssignment
T = ThreeGppResult
VISITED = VISITED_REALM.encode()


class Swx(Home):
    """An HSS that is asked by a node in the place of a AAA server."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.one = self.new_server("aaa2")

    def new_server(self, host: str) -> Client:
        client = Client(host, HOME_REALM, "hss")
        self.join(client)
        self.run()
        self.forget()
        return client

    def maa(self, **changes: Any) -> swx.Maa:
        scheme = changes.pop("scheme", "EAP-AKA'")
        return self.answer(swx.Maa, self.one, mar(self.one, scheme, **changes))

    def saa(self, kind: int, **changes: Any) -> swx.Saa:
        return self.answer(swx.Saa, self.one, sar(self.one, kind, **changes))


# -- vectors --------------------------------------------------------------------------------------
def test_vectors() -> None:
    """The card finds them fresh, one behind the other, and makes the same of them."""
    home, usim = Swx(), Usim(IMSI, CARD, 32)
    for scheme in ("EAP-AKA'", "EAP-AKA"):
        answer = home.maa(scheme=scheme, number_auth_items=3)
        assert (answer.result_code, answer.user_name) == (Result.DIAMETER_SUCCESS, IMSI)
        assert answer.number_auth_items == 3
        assert [item.item_number for item in answer.auth_items] == [1, 2, 3]
        for item in answer.auth_items:
            assert item.authenticate is not None
            rand, autn = item.authenticate[:16], item.authenticate[16:]
            found = usim.answer(rand, autn)
            assert not isinstance(found, Resynchronisation)
            assert item.authorization == found.res
            ck, ik = bytes(found.ck), bytes(found.ik)
            if scheme == "EAP-AKA'":
                assert found.separation
                ck, ik = ck_prime_ik_prime(
                    ck=found.ck, ik=found.ik, network_name=NETWORK, autn=autn
                )
            assert (item.confidentiality_key, item.integrity_key) == (ck, ik)
            assert item.scheme == scheme
    assert usim.sqn == home.store.sqn[IMSI] == 38
    assert home.names("hss") == ["MAA", "MAA"]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (1, 1), (4, 4), (5, 5), (6, 5), (1 << 31, 5)])
def test_how_many_vectors(asked: int, given: int) -> None:
    home = Swx()
    assert len(home.maa(number_auth_items=asked).auth_items) == given
    assert home.store.sqn[IMSI] == 32 + given


def test_resynchronisation() -> None:
    home, usim = Swx(), Usim(IMSI, CARD, 5000)
    first = home.maa().auth_items[0].authenticate or b""
    stale = usim.answer(first[:16], first[16:])
    assert isinstance(stale, Resynchronisation)
    answer = home.maa(authorization=stale.rand + stale.auts, number_auth_items=2)
    assert len(answer.auth_items) == 2
    assert home.store.sqn[IMSI] == 5002
    for item in answer.auth_items:
        challenge = item.authenticate or b""
        assert not isinstance(usim.answer(challenge[:16], challenge[16:]), Resynchronisation)
    forged = stale.rand + bytes([stale.auts[0] ^ 1]) + stale.auts[1:]
    refused = home.maa(authorization=forged)
    assert (refused.result_code, refused.auth_items) == (4001, ())
    assert home.store.sqn[IMSI] == 5002
    assert home.sent()


@pytest.mark.parametrize(
    ("changes", "asked", "number"),
    [
        ({}, {"user_name": OTHER_IMSI}, T.DIAMETER_ERROR_USER_UNKNOWN),
        ({"non_3gpp_access": False}, {}, T.DIAMETER_ERROR_USER_NO_NON_3GPP_SUBSCRIPTION),
        ({"apns": {}}, {}, T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION),
        ({"rat_types": frozenset({2001})}, {"rat_type": 0}, T.DIAMETER_ERROR_RAT_TYPE_NOT_ALLOWED),
        ({"roaming": frozenset({"elsewhere"})}, {"visited_network_identifier": VISITED},
         T.DIAMETER_ERROR_ROAMING_NOT_ALLOWED),
        ({"roaming": frozenset({"elsewhere"})}, {"visited_network_identifier": b"\xff"},
         T.DIAMETER_ERROR_ROAMING_NOT_ALLOWED),
        ({}, {"scheme": "Digest-AKAv1-MD5"}, T.DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED),
        ({}, {"scheme": None}, T.DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED),
        ({"sqn": (1 << 48) - 1}, {}, T.DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE),
    ],
)  # fmt: skip
def test_no_vector(changes: Any, asked: Any, number: int) -> None:
    home = Swx(subscriber(**changes))
    answer = home.maa(**asked)
    assert result(answer) == number
    assert is_experimental(answer)
    assert (answer.auth_items, answer.aaa_server_name) == ((), None)
    assert home.store.sqn[IMSI] == changes.get("sqn", 32)
    assert [event.text for event in home.told("refused")] == [
        f"{asked.get('user_name', IMSI)}: result {int(number)}"
    ]
    assert home.sent()


@pytest.mark.parametrize(
    ("changes", "asked"),
    [({"rat_types": frozenset({0})}, {"rat_type": 0}),
     ({"rat_types": frozenset({0})}, {}),
     ({"roaming": frozenset({VISITED_REALM})}, {"visited_network_identifier": VISITED}),
     ({"roaming": frozenset()}, {})],
)  # fmt: skip
def test_what_is_allowed(changes: Any, asked: Any) -> None:
    assert result(Swx(subscriber(**changes)).maa(**asked)) == Result.DIAMETER_SUCCESS


@pytest.mark.parametrize("available", [False, True])
def test_vectors_of_no_use(available: bool) -> None:
    home = Swx()
    home.store.available = available
    home.store.servers[IMSI] = "aaa2"
    answer = home.maa()
    expected = Result.DIAMETER_SUCCESS if available else T.DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE
    assert result(answer) == expected


@pytest.mark.parametrize(
    ("changes", "number", "failed"),
    [({"anid": None}, Result.DIAMETER_MISSING_AVP, 1504),
     ({"anid": ""}, Result.DIAMETER_MISSING_AVP, 1504),
     ({"authorization": bytes(29)}, Result.DIAMETER_INVALID_AVP_VALUE, 612)],
)  # fmt: skip
def test_bad_requests(changes: Any, number: Result, failed: int) -> None:
    """These are results of RFC 6733, with the AVP that fails."""
    home = Swx()
    answer = home.maa(**changes)
    assert (answer.result_code, answer.experimental_result) == (number, None)
    ((avp,),) = answer.failed_avps
    assert int.from_bytes(avp.encode()[:4], "big") == failed
    assert home.sent()


def test_another_server_has_the_user() -> None:
    home = Swx()
    home.store.servers[IMSI] = "aaa.elsewhere"
    answer = home.maa()
    assert result(answer) == T.DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED
    assert is_experimental(answer)
    assert answer.aaa_server_name == "aaa.elsewhere"
    for kind in (A.REGISTRATION, A.USER_DEREGISTRATION, A.AUTHENTICATION_FAILURE):
        saa = home.saa(kind)
        assert result(saa) == T.DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED
        assert (saa.aaa_server_name, saa.user_data) == ("aaa.elsewhere", None)
    assert home.store.servers == {IMSI: "aaa.elsewhere"}
    assert home.sent()


# -- registration ---------------------------------------------------------------------------------
def test_registration() -> None:
    home = Swx()
    answer = home.saa(A.REGISTRATION)
    assert result(answer) == Result.DIAMETER_SUCCESS
    assert home.store.servers == {IMSI: "aaa2"}
    data = answer.user_data
    assert data is not None
    assert (data.access, data.access_apn, data.context_identifier) == (0, 0, 1)
    assert [(one.kind, one.data) for one in data.subscriptions] == [(1, IMSI)]
    (apn,) = data.apns
    assert (apn.service_selection, apn.context_identifier, apn.pdn_type) == ("internet", 1, 1)
    assert apn.served_party_ip_addresses == (ADDRESS, PREFIX.network_address)
    assert apn.vplmn_dynamic_address_allowed == 0
    assert apn.pdn_gw_allocation_type == 0
    assert apn.home_agent is not None
    assert apn.home_agent.addresses == (AGENT,)
    assert apn.home_agent.host is not None
    assert apn.home_agent.host.destination_host == HOME.host
    assert apn.home_agent.host.destination_realm == HOME_REALM
    assert profiles.profile_of(data) == subscriber().profile
    assert home.saa(A.AAA_USER_DATA_REQUEST).user_data == data
    assert home.names("hss") == ["SAA", "SAA"]
    for kind in (A.USER_DEREGISTRATION, A.USER_DEREGISTRATION):
        answer = home.saa(kind)
        assert answer.user_data is None
    assert result(answer) == Result.DIAMETER_UNABLE_TO_COMPLY
    assert home.store.servers == {}


@pytest.mark.parametrize(
    "kind", [A.USER_DEREGISTRATION, A.TIMEOUT_DEREGISTRATION, A.ADMINISTRATIVE_DEREGISTRATION]
)
def test_deregistration(kind: A) -> None:
    home = Swx()
    home.saa(A.REGISTRATION)
    home.store.gateways[IMSI] = {"internet": HOME}
    assert result(home.saa(kind)) == Result.DIAMETER_SUCCESS
    assert (home.store.servers, home.store.gateways) == ({}, {})
    assert [event.actor for event in home.told("deregistered")] == ["store"]


@pytest.mark.parametrize("kind", [A.AUTHENTICATION_FAILURE, A.AUTHENTICATION_TIMEOUT])
def test_an_authentication_that_failed(kind: A) -> None:
    home = Swx()
    assert result(home.saa(kind)) == Result.DIAMETER_SUCCESS
    home.saa(A.REGISTRATION)
    assert result(home.saa(kind)) == Result.DIAMETER_SUCCESS
    assert home.store.servers == {IMSI: "aaa2"}
    assert len(home.told("authentication failed")) == 2


@pytest.mark.parametrize(
    "kind", [A.NO_ASSIGNMENT, A.RE_REGISTRATION, A.UNREGISTERED_USER, A.RESTORATION, 99]
)
def test_assignments_of_no_use(kind: int) -> None:
    home = Swx()
    home.saa(A.REGISTRATION)
    assert result(home.saa(kind)) == Result.DIAMETER_UNABLE_TO_COMPLY
    assert home.store.servers == {IMSI: "aaa2"}
    assert home.sent()


@pytest.mark.parametrize("kind", [A.AAA_USER_DATA_REQUEST, A.PGW_UPDATE, A.TIMEOUT_DEREGISTRATION])
def test_who_is_not_registered(kind: A) -> None:
    home = Swx()
    info = HomeAgentInfo(addresses=(AGENT,))
    answer = home.saa(kind, service_selection="internet", home_agent=info)
    assert (result(answer), answer.user_data) == (Result.DIAMETER_UNABLE_TO_COMPLY, None)
    assert home.store.gateways == {}


def test_users_that_may_not_register() -> None:
    home = Swx(subscriber(roaming=frozenset()))
    answer = home.saa(A.REGISTRATION, visited_network_identifier=VISITED)
    assert result(answer) == T.DIAMETER_ERROR_ROAMING_NOT_ALLOWED
    assert is_experimental(answer)
    assert result(home.saa(A.REGISTRATION, user_name="x")) == T.DIAMETER_ERROR_USER_UNKNOWN
    assert home.store.servers == {}
    assert result(home.saa(A.REGISTRATION)) == Result.DIAMETER_SUCCESS


def test_names_of_users() -> None:
    """Whom a certificate names, the HSS knows by IMSI."""
    home = Swx(subscriber(names=frozenset({"mn@home.example"})))
    assert home.saa(A.REGISTRATION, user_name="mn@home.example").user_name == IMSI
    assert home.store.servers == {IMSI: "aaa2"}


def test_gateways() -> None:
    home = Swx()
    home.saa(A.REGISTRATION)
    info = agents.info_of(HOME, HOME_REALM)
    answer = home.saa(A.PGW_UPDATE, service_selection="internet", home_agent=info)
    assert (result(answer), answer.user_data) == (Result.DIAMETER_SUCCESS, None)
    assert home.store.gateways == {IMSI: {"internet": HOME}}
    answer = home.saa(A.PGW_UPDATE, service_selection="other", home_agent=info)
    assert result(answer) == T.DIAMETER_ERROR_USER_NO_APN_SUBSCRIPTION
    for more, failed in (
        ({"home_agent": info}, [493]), ({"service_selection": "internet"}, [486]), ({}, [493, 486]),
    ):  # fmt: skip
        answer = home.saa(A.PGW_UPDATE, **more)
        assert answer.result_code == Result.DIAMETER_MISSING_AVP
        (avps,) = answer.failed_avps
        assert [int.from_bytes(avp.encode()[:4], "big") for avp in avps] == failed
    assert home.store.gateways == {IMSI: {"internet": HOME}}
    assert home.sent()


# -- profiles as AVPs -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "apns",
    [
        {},
        {"internet": ApnProfile()},
        {"internet": ApnProfile(visited_agents=True), "ims": PROFILE},
        {"a": ApnProfile(agents=(HOME, AgentInfo(host="ha2.home.example"))),
         "b": ApnProfile(home_prefix=PREFIX), "c": ApnProfile(home_address=ADDRESS)},
    ],
)  # fmt: skip
@pytest.mark.parametrize("access", [True, False])
def test_profiles(apns: Any, access: bool) -> None:
    """A profile comes back from its octets as it was."""
    one = subscriber(apns=apns, non_3gpp_access=access)
    data = profiles.subscription_of(one, HOME_REALM)
    message = diameter.ServerAssignmentAnswer(avps=(diameter.Non3gppUserData(data.avps()),))
    read = diameter.decode(message.encode()).find(diameter.Non3gppUserData)
    assert read is not None
    profile = profiles.profile_of(type(data).of(read.value))
    assert profile == Profile(non_3gpp_access=access, apns=apns)
    assert list(profile.apns) == list(apns)
    numbers = [apn.context_identifier for apn in data.apns]
    assert numbers == list(range(1, len(numbers) + 1))


def test_profiles_of_others() -> None:
    """The default access point name is the first, wherever it stands; access may be disabled."""
    data = profiles.subscription_of(
        subscriber(apns={"a": ApnProfile(), "b": ApnProfile()}), HOME_REALM
    )
    turned = msgspec.structs.replace(data, context_identifier=2)
    assert list(profiles.profile_of(turned).apns) == ["b", "a"]
    assert profiles.profile_of(msgspec.structs.replace(data, access_apn=1)).apns == {}


def test_a_prefix_that_cannot_be_told() -> None:
    odd = subscriber(apns={"internet": ApnProfile(home_prefix=IPv6Network("2001:db8::/56"))})
    with pytest.raises(ConfigError, match=r"2001:db8::/56 is no /64"):
        Home(odd)
    with pytest.raises(ConfigError):
        Home().hss.update(odd, 0.0)


# -- the old MME ----------------------------------------------------------------------------------
SEED = {"cancel_location": True}


@pytest.mark.parametrize("kind", [None, Cancellation.INITIAL_ATTACH_PROCEDURE])
def test_the_old_mme_is_told(kind: Cancellation | None) -> None:
    home = Swx(procedure=SEED | ({} if kind is None else {"cancellation_type": kind}))
    home.store.mmes[IMSI] = "mme"
    home.saa(A.REGISTRATION)
    assert sorted(home.names()) == ["CLA", "CLR", "SAA", "SAR"]
    (request,) = (
        s6a.Clr.of(one) for one in home.sent() if isinstance(one, diameter.CancelLocationRequest)
    )
    assert (request.user_name, request.destination_host) == (IMSI, "mme")
    expected = Cancellation.SUBSCRIPTION_WITHDRAWAL if kind is None else kind
    assert request.cancellation_type == expected
    assert home.mme.contexts == {IMSI: False}
    assert [event.actor for event in home.told("location cancelled")] == ["mme", "hss"]
    home.saa(A.REGISTRATION)
    assert home.names("hss").count("CLR") == 1
    assert home.names()[4:] == ["SAR", "SAA"]


def test_the_old_mme_is_left_alone() -> None:
    """As TS 23.402 has it, and where it is not known."""
    home = Swx()
    home.store.mmes[IMSI] = "mme"
    home.saa(A.REGISTRATION)
    assert home.names() == ["SAR", "SAA"]
    assert home.mme.contexts == {IMSI: True}
    home = Swx(procedure=SEED)
    home.saa(A.REGISTRATION)
    assert home.names() == ["SAR", "SAA"]


def test_an_mme_that_does_not_know_the_node() -> None:
    home = Swx(procedure=SEED)
    home.store.mmes[IMSI] = "mme"
    home.mme.contexts.clear()
    home.saa(A.REGISTRATION)
    assert result(home.sent()[-1]) == Result.DIAMETER_SUCCESS
    assert home.mme.contexts == {}
    told = home.told("location cancelled")
    assert [event.values.get("known") for event in told] == [False, None]


def test_an_mme_that_is_silent() -> None:
    home = Swx(procedure=SEED)
    home.store.mmes[IMSI] = "mme"
    home.network.lose = lambda unit, now: unit.destination == "mme"
    assert result(home.saa(A.REGISTRATION)) == Result.DIAMETER_SUCCESS
    home.run(20.0)
    (event,) = home.told("not location cancelled")
    assert event.text == f"{IMSI}: no answer"
    assert home.store.mmes == {IMSI: "mme"}


# -- what the HSS says first ----------------------------------------------------------------------
def test_termination() -> None:
    home = Home()
    home.hss.terminate(IMSI, home.network.now)
    home.run()
    assert home.names() == []
    assert len(home.told("not registration terminated")) == 1
    home.aar()
    home.forget()
    home.hss.terminate(IMSI, home.network.now)
    home.run()
    assert home.names("hss") == ["RTR"]
    assert "RTA" in home.names("aaa")
    request = swx.Rtr.of(home.sent()[0])
    assert (request.user_name, request.destination_host) == (IMSI, "aaa")
    assert request.deregistration_reason.code == 0
    assert home.store.servers == {}
    assert {event.actor for event in home.told("registration terminated")} == {"hss", "aaa"}


def test_a_server_that_does_not_know_the_user() -> None:
    home = Home()
    home.store.servers[IMSI] = "aaa"
    home.hss.terminate(IMSI, home.network.now)
    home.hss.update(subscriber(), home.network.now)
    home.run()
    for name, kind in (("not registration terminated", swx.Rta), ("not profile pushed", swx.Ppa)):
        assert [event.text for event in home.told(name)] == [f"{IMSI}: result 5001"]
        answer = next(one for one in home.sent() if isinstance(one, kind.MESSAGE))
        assert is_experimental(kind.of(answer))
    assert home.store.servers == {IMSI: "aaa"}


def test_a_new_profile() -> None:
    home = Home()
    home.hss.update(subscriber(sqn=7, apns={"ims": PROFILE}), home.network.now)
    home.run()
    assert home.names() == []
    assert list(home.store.subscribers[IMSI].apns) == ["ims"]
    assert home.store.sqn[IMSI] == 32, "the card's number goes on"
    home.aar()
    home.forget()
    home.hss.update(subscriber(), home.network.now)
    home.run()
    assert home.names("hss") == ["PPR"]
    assert "PPA" in home.names("aaa")
    data = swx.Ppr.of(home.sent()[0]).user_data
    assert data is not None
    assert profiles.profile_of(data) == subscriber().profile
    assert len(home.told("profile pushed")) == 1
