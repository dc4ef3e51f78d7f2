"""The home agent with its AAA client by Diameter: from EAP in IKEv2 to the end of the session."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import ikev2
from mip6boot.diameter import AaRequest, Application, Termination, decode
from mip6boot.diameter.interfaces import AnyAnswer, HomeAgentHost, HomeAgentInfo, s6b, session
from mip6boot.flow import HomeAgent, HomeAgentSettings, HomePrefix, LocalAaa, Port, Ue, UeState
from mip6boot.flow.diameter import DiameterAaa
from mip6boot.flow.ike import IkeResponder, Pool, for_addresses
from mip6boot.flow.scenario import Authentication, HomeAddress, Scenario, Variant

from .diameter_network import HOME, HomeServer, messages, of_kind, settings

AGENT, OTHER = IPv6Address("2001:db8:100::1"), IPv6Address("2001:db8:101::1")
GIVEN = IPv6Address("2001:db8:100::2000")
HOST = "ha.home.example.org"
SESSION = "HA;1;1"


class Attach:
    """The systems of an attach, whose home agent asks a server by Diameter."""

    def __init__(self, variant: Variant | None = None) -> None:
        self.scenario = Scenario(variant or Variant(), lambda name: Random(name))
        self.network, self.agent = self.scenario.network, self.scenario.home_agent
        self.server = HomeServer("aaa", ["HA"])
        leg = self.scenario.aaa
        # By the name of the server that the access has registered.
        name = leg.server.settings.host
        self.local = self.server.local = LocalAaa(name, leg.hss.store, Random("AAA"))
        own = settings("HA", HOME, [">aaa"], {"*": ("aaa",)})
        aaa = DiameterAaa("HA AAA", own, Random(1), home_realm=HOME, agent_host=HOST)
        responder = self.agent.responder
        responder.aaa = aaa
        # As it would have been made with it.
        self.agent.parts = (*(one for one in self.agent.parts if one is not leg.agent), aaa)
        self.network.join(self.server, "core", bytes((2, 0, 0, 0, 9, 1)))
        self.aaa = aaa

    @property
    def ue(self) -> Ue:
        return self.scenario.ue

    def until(self, *states: UeState, seconds: float = 600.0) -> None:
        self.scenario.run(seconds, stop=lambda: self.ue.state in states)
        assert self.ue.state in states, [str(one) for one in self.network.events[-20:]]

    def connect(self) -> Attach:
        self.scenario.start()
        self.until(UeState.CONNECTED)
        self.scenario.run(1.0)
        return self

    def order(self, kind: Any, **more: Any) -> int:
        found = self.server.order(
            kind, SESSION, "HA", self.network.now, destination_realm=HOME,
            auth_application_id=Application.S6B, **more,
        )  # fmt: skip
        self.scenario.run(5.0)
        return AnyAnswer.of(found[0]).result

    def ended(self) -> list[Any]:
        """STR, of messages that break no rule."""
        return of_kind(self.network, session.Str)

    def said(self, name: str) -> list[str]:
        return [one.text for one in self.network.events if one.name == name]

    def is_over(self) -> bool:
        """Nothing of the node is left, but the memory of its sequence number."""
        agent = self.agent
        return agent.responder.sessions == () and agent.tunnels(self.network.now) == {}


def info(address: IPv6Address, host: str = "") -> HomeAgentInfo:
    named = HomeAgentHost(destination_realm=HOME, destination_host=host) if host else None
    return HomeAgentInfo(addresses=(address,), host=named)


def test_from_eap_to_the_binding() -> None:
    attach = Attach(Variant(home_address=HomeAddress.AAA))
    attach.server.more = {"home_addresses": (GIVEN,)}
    attach.connect()
    assert attach.ue.home_address == GIVEN
    first, second = of_kind(attach.network, s6b.Der)
    assert first.user_name == first.eap_payload.identity == second.user_name
    assert first.service_selection == attach.ue.settings.apn
    assert first.home_agent == info(AGENT, HOST)
    assert first.home_addresses == (IPv6Address("::"),)
    assert (second.home_agent, second.destination_host) == (None, "aaa")
    last = of_kind(attach.network, s6b.Dea)[-1]
    assert (last.result, last.home_addresses) == (2001, (GIVEN,))
    # The home subscriber server is to know who serves the access point name, once it is bound.
    (update,) = of_kind(attach.network, s6b.Aar)
    assert update.session_id == first.session_id == SESSION
    assert update.home_agent == info(AGENT, HOST)
    assert update.home_addresses == (GIVEN,)
    assert update.service_selection == attach.ue.settings.apn
    (bound,) = [one.time for one in attach.network.events if one.name == "binding bound"]
    sent = [one for one in attach.network.tap if one.unit.port is Port.DIAMETER]
    updates = [one for one in sent if isinstance(decode(one.unit.octets), AaRequest)]
    assert [one.time for one in updates] == [bound]
    assert {one.link for one in sent} == {"core"}
    # A new binding of the same home address is no news.
    attach.scenario.run(1000.0)
    assert len(of_kind(attach.network, s6b.Aar)) == 1
    assert attach.ended() == []


def test_a_certificate_and_authorisation() -> None:
    """Without EAP, AAR asks for authorisation, and for a home address (TS 29.273 9.2.2.2)."""
    attach = Attach(Variant(authentication=Authentication.CERTIFICATE))
    attach.connect()
    first, update = of_kind(attach.network, s6b.Aar)
    assert (first.home_addresses, first.user_name) == ((IPv6Address("::"),), "mn@home.example.org")
    assert update.home_addresses == (attach.ue.home_address,)
    assert first.session_id == update.session_id


def test_a_server_that_refuses_eap() -> None:
    attach = Attach()
    attach.server.result_code = 4001
    attach.scenario.start()
    attach.until(UeState.FAILED)
    assert attach.ue.reason.startswith("IKEv2 failed")
    assert attach.is_over()
    assert attach.ended() == []


def test_a_server_that_is_silent() -> None:
    attach = Attach()
    attach.server.result_code = 0
    attach.scenario.start()
    attach.until(UeState.FAILED)
    assert attach.is_over()


# -- the end --------------------------------------------------------------------------------------
def test_a_ue_that_detaches() -> None:
    attach = Attach().connect()
    attach.ue.detach(attach.network.now)
    attach.until(UeState.DOWN)
    attach.scenario.run(1.0)
    (end,) = attach.ended()
    assert (end.session_id, end.termination_cause) == (SESSION, Termination.DIAMETER_LOGOUT)
    assert attach.is_over()
    # The node comes again: that is another session.
    attach.ue.link_up(attach.network.now)
    attach.until(UeState.CONNECTED)
    assert of_kind(attach.network, s6b.Der)[-1].session_id == "HA;1;2"
    attach.scenario.run(1.0)
    assert len(of_kind(attach.network, s6b.Aar)) == 2


def test_the_network_detaches_a_ue() -> None:
    attach = Attach().connect()
    assert attach.ue.home_address is not None
    attach.agent.detach(attach.ue.home_address, attach.network.now)
    attach.scenario.run(5.0)
    assert attach.ue.state == UeState.DOWN
    assert "binding revoked" in [one.name for one in attach.network.events]
    assert attach.is_over()
    assert len(attach.ended()) == 1


def test_a_ue_that_is_gone() -> None:
    """The home agent finds out, and the AAA learns of it."""
    attach = Attach().connect()
    attach.network.leave(attach.ue, "access")
    attach.agent.responder.check_liveness(attach.agent.responder.sessions[0], attach.network.now)
    attach.scenario.run(400.0)
    assert attach.is_over()
    assert len(attach.ended()) == 1


# -- orders of the AAA ----------------------------------------------------------------------------
def test_an_order_to_abort() -> None:
    attach = Attach().connect()
    assert attach.order(session.Asr) == 2001
    assert attach.ue.state == UeState.DOWN
    assert "binding revoked" in [one.name for one in attach.network.events]
    assert attach.is_over()
    (end,) = attach.ended()
    assert end.termination_cause == Termination.DIAMETER_ADMINISTRATIVE
    assert attach.order(session.Asr) == 5002


def test_an_order_to_abort_where_there_is_no_binding() -> None:
    """The IKE SA is deleted, and that is all."""
    attach = Attach()
    attach.scenario.start()
    attach.until(UeState.REGISTERING)
    assert attach.agent.tunnels(attach.network.now) == {}
    assert attach.order(session.Asr) == 2001
    assert "deleted by the peer" in attach.said("IKE SA gone")
    assert attach.ended()[0].termination_cause == Termination.DIAMETER_ADMINISTRATIVE


def test_an_order_to_abort_for_a_ue_that_is_gone() -> None:
    """Nobody answers the revocation, nor the deletion."""
    attach = Attach().connect()
    attach.network.leave(attach.ue, "access")
    assert attach.order(session.Asr) == 2001
    assert attach.agent.tunnels(attach.network.now) == {}
    assert attach.ended() == []
    attach.scenario.run(400.0)
    assert attach.is_over()
    assert len(attach.ended()) == 1


def test_a_ue_that_does_not_delete() -> None:
    """It has acknowledged the revocation; the home agent deletes the IKE SA itself."""
    attach = Attach().connect()
    attach.network.lose = lambda unit, now: (
        unit.port is Port.UDP and unit.source == attach.ue.care_of_address
    )
    attach.order(session.Asr)
    assert not attach.is_over()
    asked = [one.text for one in attach.network.events if one.name == "request"]
    assert "deletion of the IKE SA" in asked
    attach.scenario.run(400.0)
    assert attach.is_over()
    assert len(attach.ended()) == 1


def test_an_order_to_authorise_again() -> None:
    attach = Attach().connect()
    home = attach.ue.home_address
    assert attach.order(session.Rar, re_auth_request_type=0) == 2001
    again = of_kind(attach.network, s6b.Aar)[-1]
    assert (again.session_id, again.home_addresses) == (SESSION, (home,))
    assert attach.ue.state == UeState.CONNECTED
    attach.server.result_code = 5003
    assert attach.order(session.Rar, re_auth_request_type=0) == 2001
    assert attach.ue.state == UeState.DOWN
    assert attach.is_over()


def test_a_binding_that_the_aaa_does_not_want() -> None:
    attach = Attach()
    attach.scenario.start()
    attach.until(UeState.REGISTERING)
    attach.server.result_code = 5003
    attach.until(UeState.DOWN)
    assert attach.is_over()


def test_a_server_that_is_silent_about_the_binding() -> None:
    attach = Attach()
    attach.scenario.start()
    attach.until(UeState.REGISTERING)
    attach.server.result_code = 0
    attach.until(UeState.CONNECTED)
    attach.scenario.run(60.0)
    assert attach.ue.state == UeState.CONNECTED
    assert attach.said("not authorised again") == ["result 3002"]


def test_the_session_timeout() -> None:
    attach = Attach()
    attach.server.more = {"session_timeout": 100}
    attach.connect()
    attach.scenario.run(90.0)
    assert attach.ue.state == UeState.CONNECTED
    attach.scenario.run(20.0)
    assert attach.ue.state == UeState.DOWN
    assert attach.is_over()
    (end,) = attach.ended()
    assert end.termination_cause == Termination.DIAMETER_SESSION_TIMEOUT


# -- another home agent ---------------------------------------------------------------------------
def second_agent(attach: Attach) -> HomeAgent:
    """One more home agent, in the same network, whose AAA is at hand."""
    prefix = IPv6Network("2001:db8:101::/64")
    responder = IkeResponder(
        "HA2 IKE", attach.agent.responder.settings, rng=Random(11),
        addresses=Pool(prefix, first=0x1000), aaa=attach.local.client(),
        local=for_addresses(OTHER),
    )  # fmt: skip
    mac = bytes((2, 0, 0, 0, 9, 2))
    own = HomeAgentSettings(address=OTHER, prefixes=(HomePrefix(prefix),), link_layer_address=mac)
    agent = HomeAgent("HA2", responder, own, Random(12))
    attach.network.join(agent, "core", mac, lambda: (OTHER,))
    return agent


@pytest.mark.parametrize("granted", [2001, 2009])
@pytest.mark.parametrize("how", [Authentication.EAP_AKA, Authentication.CERTIFICATE])
def test_the_aaa_sends_the_node_to_another_home_agent(granted: int, how: Authentication) -> None:
    """RFC 5778 6.6, RFC 5685 6: by REDIRECT in the last answer of IKE_AUTH."""
    attach = Attach(Variant(authentication=how))
    attach.server.agents, attach.server.granted = (info(OTHER),), granted
    agent = second_agent(attach)
    attach.connect()
    assert attach.ue.home_agent == OTHER
    assert attach.ue.home_address in agent.tunnels(attach.network.now)
    assert attach.is_over()
    assert attach.said("redirected")
    # What was granted to the first one is given back, and nothing was bound there.
    (end,) = attach.ended()
    assert end.session_id == SESSION
    assert all(
        one.home_addresses == (IPv6Address("::"),) for one in of_kind(attach.network, s6b.Aar)
    )
    # The initiator deleted its IKE SA, and says where it comes from.
    assert "deleted by the peer" in attach.said("IKE SA gone")
    initial = [
        ikev2.decode(one.unit.octets) for one in attach.network.tap
        if one.unit.destination == OTHER and one.unit.destination_port == 500
    ]  # fmt: skip
    redirected = initial[0].find(ikev2.RedirectedFrom)
    assert redirected is not None
    assert redirected.original_gateway == ikev2.Ipv6Gateway(address=AGENT)
    assert not any(one.is_error for one in messages(attach.network))


def test_a_home_agent_that_is_meant() -> None:
    """It is among those that the AAA names (RFC 5447 4.2.1), so it serves the node itself."""
    attach = Attach()
    attach.server.agents = (info(OTHER), info(AGENT))
    attach.connect()
    assert attach.ue.home_agent == AGENT


def test_nowhere_to_go() -> None:
    attach = Attach()
    attach.server.granted = 2009
    attach.scenario.start()
    attach.until(UeState.FAILED)
    assert attach.is_over()
    assert len(attach.ended()) == len(of_kind(attach.network, s6b.Der)) // 2


def test_units_that_nobody_takes() -> None:
    scenario = Scenario(Variant(), lambda name: Random(name))
    tap = Attach().connect().network.tap
    unit = next(one.unit for one in tap if one.unit.port is Port.DIAMETER)
    scenario.home_agent.receive(msgspec.structs.replace(unit, destination="HA"), 0.0)
    assert [one.name for one in scenario.home_agent.events()] == ["dropped"]
