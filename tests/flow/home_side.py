"""The home side of the AAA leg on a network in memory, and clients that ask it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any, TypeVar

import msgspec

from mip6boot import diameter, eap
from mip6boot.diameter import Application, DiameterMessage, Mip6Feature, Result
from mip6boot.diameter.interfaces import (
    Answer,
    AnyAnswer,
    AuthenticationItem,
    Request,
    s6b,
    session,
    sta,
    swm,
    swx,
)
from mip6boot.eap import EapPacket, EapType
from mip6boot.flow import (
    AgentInfo,
    ApnProfile,
    EapPeer,
    Event,
    HomeSubscriberServer,
    MmeContexts,
    Network,
    Subscriber,
    Usim,
)
from mip6boot.flow.diameter import (
    AaaServer,
    AaaServerSettings,
    DiameterNode,
    Hss,
    HssSettings,
    Mme,
    Neighbour,
    NodeSettings,
    Received,
)

from ..security.test_eap_peers import CARD

IMSI, OTHER_IMSI = "001010000000001", "001010000000002"
NETWORK = "WLAN"
HOME_REALM, VISITED_REALM = "home.example", "visited.example"
AGENT, OTHER, LOCAL = (IPv6Address(f"2001:db8:1::{n}") for n in (1, 2, 3))
HOME = AgentInfo(
    addresses=(AGENT,), host="ha.home.example", home_link_prefix=IPv6Network("2001:db8:2::/64")
)
ADDRESS, PREFIX = IPv6Address("2001:db8:2::5"), IPv6Network("2001:db8:3::/64")
PROFILE = ApnProfile(agents=(HOME,), home_address=ADDRESS, home_prefix=PREFIX)
BOTH = int(Mip6Feature.MIP6_INTEGRATED | Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT)

#: What requests over STa have, beside EAP.
ACCESS: dict[str, Any] = {
    "rat_type": 0, "anid": NETWORK, "visited_network_identifier": VISITED_REALM.encode(),
}  # fmt: skip

T = TypeVar("T", bound=Answer)


def subscriber(**changes: Any) -> Subscriber:
    plain = Subscriber(imsi=IMSI, milenage=CARD, sqn=32, apns={"internet": PROFILE})
    return msgspec.structs.replace(plain, **changes)


def settings(host: str, realm: str, *neighbours: str, opens: bool = False) -> NodeSettings:
    """Of a node whose neighbours lead everywhere."""
    return NodeSettings(
        host=host,
        realm=realm,
        addresses=(IPv6Address("::1"),),
        applications=(
            Application.STA, Application.S6A, Application.SWM, Application.SWX, Application.S6B,
        ),
        neighbours=tuple(
            Neighbour(host=one, realm=HOME_REALM, connect=opens) for one in neighbours
        ),
        routes={"*": neighbours},
        watchdog=1e6,
    )  # fmt: skip


class Client(DiameterNode):
    """Asks, keeps the orders of the server, and answers them with `result`."""

    HANDLERS = {session.Asr: "_ordered", session.Rar: "_ordered"}

    def __init__(self, host: str, realm: str = VISITED_REALM, server: str = "aaa") -> None:
        super().__init__(host, settings(host, realm, server, opens=True), Random(host))
        self.orders: list[session.Asr | session.Rar] = []
        self.result: int | None = Result.DIAMETER_SUCCESS

    def _ordered(self, request: session.Asr | session.Rar, received: Received, now: float) -> None:
        self.orders.append(request)
        if self.result is None:
            return
        kind = session.Asa if isinstance(request, session.Asr) else session.Raa
        answer = kind(
            session_id=request.session_id,
            result_code=self.result,
            origin_host=self.settings.host,
            origin_realm=self.settings.realm,
        )
        self.answer(received, answer, now)


class Home:
    """AAA server, HSS and MME of the home network; a gateway and a home agent that ask."""

    def __init__(
        self,
        *subscribers: Subscriber,
        server: dict[str, Any] | None = None,
        procedure: dict[str, Any] | None = None,
    ) -> None:
        self.network = Network({"core": 0.01})
        self.store = HomeSubscriberServer("store", subscribers or [subscriber()], Random(1))
        self.mme = Mme(
            "mme", settings("mme", HOME_REALM, "hss"), Random(2), MmeContexts("mme", [IMSI])
        )
        hss = settings("hss", HOME_REALM, "mme", "aaa", "aaa2")
        self.hss = Hss(
            "hss",
            msgspec.structs.replace(
                hss,
                neighbours=tuple(
                    msgspec.structs.replace(one, connect=one.host == "mme")
                    for one in hss.neighbours
                ),
            ),
            self.store,
            Random(3),
            procedure=HssSettings(**(procedure or {})),
        )
        self.gateway = Client("gw")
        self.agent = Client("ha", HOME_REALM)
        own = settings("aaa", HOME_REALM, "gw", "ha")
        neighbours = (*own.neighbours, Neighbour(host="hss", realm=HOME_REALM))
        routes = {VISITED_REALM: ("gw",), HOME_REALM: ("hss",)}
        self.aaa = AaaServer(
            "aaa",
            msgspec.structs.replace(own, neighbours=neighbours, routes=routes),
            Random(4),
            procedure=AaaServerSettings(**(server or {})),
        )
        self.nodes: list[DiameterNode] = [self.mme, self.hss, self.aaa, self.gateway, self.agent]
        for node in self.nodes:
            self.join(node)
        self.network.run(1.0)
        self.start = len(self.network.tap)
        self.rounds = 0
        "Identifier of the request for the identity, which no authentication before has had."

    def join(self, node: DiameterNode) -> None:
        number = len({attached.actor.name for attached in self.network._attachments})
        self.network.join(node, "core", bytes(5) + bytes([number]))
        node.start(self.network.now)

    def run(self, seconds: float = 1.0) -> None:
        self.network.run(self.network.now + seconds)

    def ask(self, client: DiameterNode, request: Request, seconds: float = 1.0) -> DiameterMessage:
        """The answer to a request, which is there after so many seconds at the latest."""
        found: list[DiameterMessage | None] = []
        client.ask(request, self.network.now, lambda message, now: found.append(message))
        self.network.run(self.network.now + seconds, stop=lambda: bool(found))
        assert len(found) == 1, f"{len(found)} answers"
        assert found[0] is not None, "no answer"
        self.run()
        return found[0]

    def answer(self, kind: type[T], client: DiameterNode, request: Request, **more: Any) -> T:
        return kind.of(self.ask(client, request, **more))

    # -- what was sent and told -------------------------------------------------------------------
    def sent(self) -> list[DiameterMessage]:
        """Since the connections are open; each message is legal, and decodes to itself."""
        found = []
        for tapped in self.network.tap[self.start :]:
            message = diameter.decode(tapped.unit.octets)
            assert message.encode() == tapped.unit.octets
            assert diameter.check(message) == [], message
            found.append(message)
        return found

    def names(self, sender: str | None = None) -> list[str]:
        """What was sent, in words, and by whom."""
        self.sent()
        return [
            short(diameter.decode(tapped.unit.octets))
            for tapped in self.network.tap[self.start :]
            if sender in (None, tapped.sender)
        ]

    def forget(self) -> None:
        """What was sent before does not count any more."""
        self.sent()
        self.start = len(self.network.tap)
        self.network.events.clear()

    def told(self, name: str) -> list[Event]:
        return [event for event in self.network.events if event.name == name]

    # -- whole authentications --------------------------------------------------------------------
    def der(self, client: Client, **changes: Any) -> dict[str, Any]:
        """What all requests of a client have."""
        own = client.settings
        common = {
            "session_id": changes.pop("session_id", None) or client.new_session(),
            "origin_host": own.host,
            "origin_realm": own.realm,
            "destination_realm": HOME_REALM,
        }
        return common | changes

    def authenticate(
        self,
        kind: type[sta.Der | swm.Der | s6b.Der],
        usim: Usim | None = None,
        *,
        client: Client | None = None,
        peer: EapPeer | None = None,
        change: Callable[[EapPacket], EapPacket] = lambda packet: packet,
        **fields: Any,
    ) -> list[Any]:
        """All answers of an authentication; EAP packets go through octets."""
        access = kind is sta.Der
        method = EapType.AKA_PRIME if access else EapType.AKA
        usim = usim or Usim(IMSI, CARD)
        peer = peer or EapPeer("ue", usim, Random(5), methods=(method,))
        self.peer = peer
        client = client or (self.agent if kind is s6b.Der else self.gateway)
        if access:
            fields = ACCESS | {"mip6_feature_vector": BOTH} | fields
        if kind is swm.Der:
            fields = {"visited_network_identifier": VISITED_REALM.encode()} | fields
        common = self.der(client, user_name=peer.identity, **fields)
        self.session_id: str = common["session_id"]
        self.rounds += 10
        response = peer.receive(eap.IdentityRequest(self.rounds), self.network.now)
        answers: list[Any] = []
        dea: Any = {sta.Der: sta.Dea, swm.Der: swm.Dea, s6b.Der: s6b.Dea}[kind]
        while response is not None:
            assert len(answers) < 20, "it goes on and on"
            answers.append(self.answer(dea, client, kind(eap_payload=change(response), **common)))
            packet, response = answers[-1].eap_payload, None
            if packet is not None:
                response = peer.receive(packet.encode(), self.network.now)
        return answers

    def attach(self, kind: type[sta.Der | swm.Der | s6b.Der], **fields: Any) -> Any:
        """The last answer of an authentication."""
        return self.authenticate(kind, **fields)[-1]

    def aar(self, user_name: str = IMSI, client: Client | None = None, **fields: Any) -> Any:
        """The answer to a request for authorisation alone, or to an update."""
        client = client or self.agent
        request = s6b.Aar(**self.der(client, user_name=user_name, **fields))
        self.session_id = request.session_id
        return self.answer(s6b.Aaa, client, request)

    def end(self, client: Client, session_id: str, application: int) -> session.Sta:
        """STR."""
        common = self.der(client, session_id=session_id)
        request = session.Str(auth_application_id=application, termination_cause=1, **common)
        return self.answer(session.Sta, client, request)


def short(message: DiameterMessage) -> str:
    """DER, DEA ..."""
    name = (type(message).__doc__ or "").partition("(")[2].partition(")")[0]
    return name + " E" if message.is_error else name


def result(message: DiameterMessage | Answer) -> int:
    """The number of an answer's result."""
    if isinstance(message, DiameterMessage):
        return AnyAnswer.of(message).result
    return message.result


def is_experimental(message: Answer) -> bool:
    """The result is 3GPP's."""
    return message.experimental_result is not None and message.result_code is None


def mar(client: DiameterNode, scheme: str | None = "EAP-AKA'", **changes: Any) -> swx.Mar:
    """A request for vectors."""
    own = client.settings
    told = changes.pop("authorization", None)
    fields: dict[str, Any] = {
        "session_id": client.new_session(),
        "origin_host": own.host,
        "origin_realm": own.realm,
        "destination_realm": HOME_REALM,
        "user_name": IMSI,
        "anid": NETWORK if scheme == "EAP-AKA'" else None,
        "auth_item": AuthenticationItem(scheme=scheme, authorization=told),
    }
    return swx.Mar(**(fields | changes))


def sar(client: DiameterNode, kind: int, **changes: Any) -> swx.Sar:
    """A request about who serves the user."""
    own = client.settings
    fields: dict[str, Any] = {
        "session_id": client.new_session(),
        "origin_host": own.host,
        "origin_realm": own.realm,
        "destination_realm": HOME_REALM,
        "user_name": IMSI,
        "server_assignment_type": kind,
    }
    return swx.Sar(**(fields | changes))
