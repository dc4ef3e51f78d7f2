"""Diameter nodes on a network in memory, a server that answers as told, and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address
from random import Random
from typing import Any

from mip6boot import diameter, flow
from mip6boot.diameter import Application
from mip6boot.diameter.interfaces import HomeAgentInfo, s6b, session, sta
from mip6boot.diameter.interfaces.common import Answering, Request
from mip6boot.eap import AkaRequest, AkaSubtype, Success
from mip6boot.flow.aaa import AaaInterface, AaaRequest
from mip6boot.flow.diameter import DiameterNode, Neighbour, NodeSettings, Received
from mip6boot.schema import Malformed
from mip6boot.security import Milenage

#: Realms of the home and of the visited network.
HOME, VISITED = "home.example.org", "visited.example.net"
MSK = bytes(range(64))
CHALLENGE = AkaRequest(identifier=1, subtype=AkaSubtype.IDENTITY)

#: What is answered: a typed answer, or a Result-Code; None is silence.
Script = Callable[[Any], Any]


def settings(
    host: str, realm: str, neighbours: Sequence[str], routes: dict[str, tuple[str, ...]], **more: Any
) -> NodeSettings:  # fmt: skip
    """`neighbours` that begin with > are connected to by this side."""
    return NodeSettings(
        host=host,
        realm=realm,
        addresses=(IPv6Address("2001:db8::1"),),
        applications=(Application.STA, Application.S6B),
        neighbours=tuple(
            Neighbour(host=name.lstrip(">"), realm=HOME, connect=name.startswith(">"))
            for name in neighbours
        ),
        routes=routes,
        **more,
    )


class Server(DiameterNode):
    """A server that answers each request as `script` says; `asked` are the typed requests."""

    HANDLERS = dict.fromkeys((sta.Der, s6b.Der, s6b.Aar, session.Str), "take")

    def __init__(self, host: str, neighbours: Sequence[str], script: Script) -> None:
        routes = {VISITED: tuple(neighbours)}
        super().__init__(host, settings(host, HOME, neighbours, routes), Random(host))
        self.script, self.asked, self.got = script, list[Any](), list[Received]()

    def take(self, request: Request, received: Received, now: float) -> None:
        self.asked.append(request)
        self.got.append(received)
        answer = self.script(request)
        if isinstance(answer, int):
            answer = self.result(request, answer)
        if isinstance(answer, Answering):
            self.answer(received, answer, now)

    def result(self, request: Any, result: int | None, **more: Any) -> Any:
        kinds: dict[Any, Any] = {
            sta.Der: sta.Dea,
            s6b.Der: s6b.Dea,
            s6b.Aar: s6b.Aaa,
            session.Str: session.Sta,
        }
        return kinds[type(request)](
            session_id=request.session_id, result_code=result, origin_host=self.settings.host,
            origin_realm=self.settings.realm, **more,
        )  # fmt: skip

    def order(self, kind: Any, session_id: str, host: str, now: float, **more: Any) -> list[Any]:
        """Send ASR or RAR; the list has the answer once it is there."""
        found: list[Any] = []
        more.setdefault("auth_application_id", Application.STA)
        more.setdefault("destination_realm", VISITED)
        self.ask(
            kind(
                session_id=session_id, origin_host=self.settings.host,
                origin_realm=self.settings.realm, destination_host=host,
                **more,
            ),
            now,
            lambda message, _: found.append(message),
        )  # fmt: skip
        return found


def granting(server: Callable[[], Server], rounds: int = 1, **granted: Any) -> Script:
    """One round of EAP, and then success; other requests are granted at once."""

    def script(request: Any) -> Any:
        if isinstance(request, session.Str):
            return 2001
        if isinstance(request, s6b.Aar):
            return server().result(request, 2001)
        begins = type(request.eap_payload).__name__ == "IdentityResponse"
        if begins and rounds:
            return server().result(request, 1001, eap_payload=CHALLENGE)
        return server().result(
            request, 2001, eap_payload=Success(1), eap_master_session_key=MSK,
            user_name="permanent@" + HOME, **granted,
        )  # fmt: skip

    return script


def network(*actors: flow.Actor, links: Sequence[str] = ("core",)) -> flow.Network:
    """All of them on the core."""
    found = flow.Network(dict.fromkeys(links, 0.01))
    for number, actor in enumerate(actors):
        found.join(actor, "core", bytes((2, 0, 0, 0, 0, number)))
    return found


def messages(on: flow.Network, sender: str = "") -> list[Any]:
    """The Diameter messages that were sent: strictly decoded, and no rule is broken.

    What is empty is the end of a connection.
    """
    found = []
    for tapped in on.tap:
        if tapped.unit.port is not flow.Port.DIAMETER or sender not in ("", tapped.sender):
            continue
        if not tapped.unit.octets:
            continue
        message = diameter.decode(tapped.unit.octets)
        assert message.encode() == tapped.unit.octets
        assert not any(isinstance(one, Malformed) for one in message.avps)
        assert diameter.check(message) == [], message
        found.append(message)
    return found


def of_kind(on: flow.Network, kind: type[Any], sender: str = "") -> list[Any]:
    """Those that are of a typed kind."""
    return [
        kind.of(one)
        for one in messages(on, sender)
        if isinstance(one, kind.MESSAGE) and not one.is_error and kind.refusal(one) is None
    ]


IMSI, APN = "001010000000001", "internet.home.example.org"
CARD = Milenage(bytes(range(16)), bytes(range(16, 32)))
NETWORK_NAME = "WLAN"


class HomeServer(Server):
    """A server with an AAA in one piece behind it, whose answers may be changed on their way.

    `agents` are those of a last answer, with `features`; `more` is what else is in it, and `granted`
    its result.  `result_code` is answered instead of what the AAA says: 0 is silence.
    """

    def __init__(self, host: str, neighbours: Sequence[str]) -> None:
        super().__init__(host, neighbours, self._answer)
        profile = flow.ApnProfile()
        subscriber = flow.Subscriber(imsi=IMSI, milenage=CARD, apns={APN: profile})
        hss = flow.HomeSubscriberServer("hss", [subscriber], Random("hss"))
        self.local = flow.LocalAaa("local", hss, Random("local"))
        self.agents: tuple[HomeAgentInfo, ...] = ()
        self.features, self.more = 1, dict[str, Any]()
        self.result_code: int | None = None
        self.granted = 2001

    def _answer(self, request: Any) -> Any:
        if isinstance(request, session.Str):
            return 2001
        if self.result_code is not None:
            return self.result(request, self.result_code) if self.result_code else None
        answer = self.local.answer(_asked(request), 0.0)
        values: dict[str, Any] = {} if answer.eap is None else {"eap_payload": answer.eap}
        if answer.result == 2001:
            values |= {"user_name": answer.user_name, "home_agents": self.agents}
            values |= {"mip6_feature_vector": self.features} | self.more
        if answer.msk is not None:
            values["eap_master_session_key"] = bytes(answer.msk)
        result = self.granted if answer.result == 2001 else answer.result
        return self.result(request, result, **values)


def _asked(request: Any) -> AaaRequest:
    access = isinstance(request, sta.Der)
    return AaaRequest(
        session=request.session_id,
        interface=AaaInterface.STA if access else AaaInterface.S6B,
        user_name=request.user_name or "",
        eap=getattr(request, "eap_payload", None),
        apn=request.service_selection or "",
        network_name=getattr(request, "anid", ""),
    )
