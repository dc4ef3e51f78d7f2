"""An AAA in one piece and one by Diameter are asked the same, and answer and do the same."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot.eap import EapType, IdentityRequest
from mip6boot.flow import (
    AaaAnswer,
    AaaInterface,
    AaaRequest,
    AgentInfo,
    ApnProfile,
    EapPeer,
    HomeSubscriberServer,
    LocalAaa,
    Subscriber,
    Usim,
)
from mip6boot.flow.diameter import DiameterAaa

from ..security.test_eap_peers import CARD
from .home_side import (
    ADDRESS,
    AGENT,
    HOME,
    HOME_REALM,
    IMSI,
    LOCAL,
    NETWORK,
    OTHER,
    OTHER_IMSI,
    PREFIX,
    VISITED_REALM,
    settings,
    subscriber,
)
from .home_side import Home as HomeSide

STA, S6B = AaaInterface.STA, AaaInterface.S6B
_METHODS = {STA: EapType.AKA_PRIME, S6B: EapType.AKA}
NAI = Usim(IMSI, CARD).identity(EapType.AKA)


class Local:
    """The AAA in one piece."""

    def __init__(self, *subscribers: Subscriber) -> None:
        self.store = HomeSubscriberServer("hss", subscribers, Random(1))
        self.aaa = LocalAaa("aaa", self.store, Random(2), access_networks=frozenset((NETWORK,)))
        self.clients = {STA: self.aaa.client(), S6B: self.aaa.client()}

    def ask(self, request: AaaRequest) -> AaaAnswer:
        client = self.clients[request.interface]
        client.ask(request, 0.0)
        (answer,) = client.answers()
        return answer

    def end(self, interface: AaaInterface, session: str) -> None:
        self.clients[interface].end(session, 0.0)


class Remote:
    """Client, AAA server and HSS."""

    def __init__(self, *subscribers: Subscriber) -> None:
        self.home = HomeSide(*subscribers, server={"access_networks": frozenset((NETWORK,))})
        self.store = self.home.store
        self.clients: dict[AaaInterface, DiameterAaa] = {}
        for interface, host in ((STA, "gw"), (S6B, "ha")):
            realm = VISITED_REALM if interface == STA else HOME_REALM
            own = settings(host, realm, "aaa", opens=True)
            client = DiameterAaa(f"{host} client", own, Random(host), home_realm=HOME_REALM)
            for known in (self.home.gateway, self.home.agent):
                if known.name == host:
                    self.home.network.leave(known, "core")
            place = bytes((2, 0, 0, 0, 9, len(self.clients)))
            self.home.network.join(client, "core", place, lambda host=host: (host,))  # type: ignore[misc]
            self.clients[interface] = client

    def ask(self, request: AaaRequest) -> AaaAnswer:
        client = self.clients[request.interface]
        client.ask(request, self.home.network.now)
        self.home.run()
        (answer,) = client.answers()
        return answer

    def end(self, interface: AaaInterface, session: str) -> None:
        self.clients[interface].end(session, self.home.network.now)
        self.home.run()


def asked(interface: AaaInterface, **changes: Any) -> AaaRequest:
    plain = AaaRequest(
        session="session", interface=interface, user_name=NAI, network_name=NETWORK,
        visited_network=VISITED_REALM if interface == STA else "",
        home_agent=AGENT if interface == S6B else None,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def authenticated(side: Local | Remote, request: AaaRequest, imsi: str = IMSI) -> list[AaaAnswer]:
    """All answers of an authentication by EAP."""
    method = _METHODS[request.interface]
    usim = Usim(imsi, CARD)
    peer = EapPeer("ue", usim, Random(5), methods=(method,), network_name=request.network_name)
    response = peer.receive(IdentityRequest(7), 0.0)
    answers: list[AaaAnswer] = []
    while response is not None:
        assert len(answers) < 9
        answers.append(
            side.ask(msgspec.structs.replace(request, eap=response, user_name=peer.identity))
        )
        packet, response = answers[-1].eap, None
        if packet is not None:
            response = peer.receive(packet.encode(), 0.0)
    if answers[-1].is_granted:
        assert answers[-1].msk == peer.msk
    return answers


def told(answer: AaaAnswer) -> tuple[Any, ...]:
    """What an answer says, but for what is drawn, and for how long it is good."""
    packet = None if answer.eap is None else (type(answer.eap), answer.eap.identifier - 7)
    return (
        answer.session, int(answer.result), answer.user_name, answer.agents, answer.home_address,
        answer.home_prefix, packet, answer.msk is not None,
    )  # fmt: skip


def kept(side: Local | Remote) -> tuple[Any, ...]:
    """What the home subscriber server has of it."""
    return set(side.store.servers), side.store.gateways, side.store.sqn


BOTH: tuple[type[Local | Remote], ...] = (Local, Remote)
ELSE = AgentInfo(addresses=(OTHER,), host="other.home.example")
SUBSCRIBERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "nobody": {"imsi": OTHER_IMSI},
    "barred": {"non_3gpp_access": False},
    "no APN": {"apns": {}},
    "no roaming": {"roaming": frozenset(("other.example",))},
    "roaming": {"roaming": frozenset((VISITED_REALM,))},
    "another RAT": {"rat_types": frozenset((1,))},
    "any home agent": {"apns": {"internet": ApnProfile()}},
    "a prefix": {"apns": {"internet": ApnProfile(agents=(HOME,), home_prefix=PREFIX)}},
    "an address": {"apns": {"internet": ApnProfile(agents=(HOME,), home_address=ADDRESS)}},
    "two home agents": {"apns": {"internet": ApnProfile(agents=(ELSE, HOME))}},
    "two APNs": {"apns": {"ims": ApnProfile(agents=(ELSE,)), "internet": ApnProfile()}},
}


@pytest.mark.parametrize("name", SUBSCRIBERS)
@pytest.mark.parametrize(
    ("interface", "changes"),
    [
        (STA, {}),
        (STA, {"apn": "internet"}),
        (STA, {"apn": "other"}),
        (STA, {"network_name": "HRPD"}),
        (S6B, {}),
        (S6B, {"apn": "internet"}),
        (S6B, {"apn": "other"}),
        (S6B, {"home_agent": OTHER}),
        (S6B, {"home_agent": LOCAL}),
        (S6B, {"home_agent": None}),
    ],
)
def test_eap(name: str, interface: AaaInterface, changes: dict[str, Any]) -> None:
    seen = []
    for kind in BOTH:
        side = kind(subscriber(**SUBSCRIBERS[name]))
        answers = authenticated(side, asked(interface, **changes))
        before = kept(side)
        side.end(interface, "session")
        seen.append(([told(one) for one in answers], before, kept(side)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", SUBSCRIBERS)
@pytest.mark.parametrize("user", [NAI, "mn@home.example", "nobody@home.example"])
@pytest.mark.parametrize("changes", [{}, {"apn": "other"}, {"home_agent": OTHER}])
def test_authorisation_alone_and_a_binding(name: str, user: str, changes: dict[str, Any]) -> None:
    seen = []
    for kind in BOTH:
        names = {"names": frozenset(("mn@home.example",))}
        side = kind(subscriber(**names, **SUBSCRIBERS[name]))
        request = asked(S6B, user_name=user, **changes)
        said: list[Any] = [told(side.ask(request)), kept(side)]
        if said[0][1] == 2001:
            said.append(told(side.ask(msgspec.structs.replace(request, bound=True))))
            said.append(kept(side))
        side.end(S6B, "session")
        said.append(kept(side))
        seen.append(said)
    assert seen[0] == seen[1]


def test_both_sessions_of_a_user() -> None:
    """The registration goes with the last one, whichever that is."""
    for first, last in ((STA, S6B), (S6B, STA)):
        seen = []
        for kind in BOTH:
            side = kind(subscriber())
            for interface in (STA, S6B):
                assert authenticated(side, asked(interface, session=str(interface)))[-1].is_granted
            said = [kept(side)]
            for interface in (first, last):
                side.end(interface, str(interface))
                said.append(kept(side))
            seen.append(said)
        assert seen[0] == seen[1]
        assert [set(one[0]) for one in seen[0]] == [{IMSI}, {IMSI}, set()]
