"""An AAA side in one piece: the 3GPP AAA server with its home subscriber server behind it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..eap import EapPacket, EapType
from ..security import Rng
from .aaa import AaaAnswer, AaaEnd, AaaInterface, AaaOrder, AaaRequest, AaaResult, AgentInfo
from .aaa_policy import allowed, elsewhere, is_access_network, known_as
from .actor import Actor, Event, Unit
from .eap_memory import EapMemory
from .eap_server import EapServer
from .home_subscribers import HomeSubscriberServer, Subscriber

__all__ = ["UNKNOWN_SESSION_ID", "AaaClient", "LocalAaa"]

#: Result-Code for a response without a session (RFC 6733 7.1.5).
UNKNOWN_SESSION_ID = 5002

#: Access uses EAP-AKA', IKEv2 uses EAP-AKA (TS 33.402 6 and 9).
_METHODS = {AaaInterface.STA: EapType.AKA_PRIME, AaaInterface.S6B: EapType.AKA}

#: Sessions that nobody goes on with are forgotten, after so many seconds (RFC 4187 6.3).
_SESSION_TIMEOUT = 120.0


class AaaClient:
    """What one node asks a `LocalAaa` by: an `Aaa` whose answers nobody else takes away."""

    def __init__(self, aaa: LocalAaa) -> None:
        self._aaa = aaa
        self._answers: list[AaaAnswer] = []

    def ask(self, request: AaaRequest, now: float) -> None:
        """Ask; the answer is there at once."""
        self._answers.append(self._aaa.answer(request, now))

    def answers(self) -> list[AaaAnswer]:
        """The answers that have come since this was last asked."""
        answers, self._answers = self._answers, []
        return answers

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """The service of a session has ended."""
        self._aaa.close(session, now)

    def orders(self) -> list[AaaOrder]:
        """None: it gives no orders."""
        return []


class _Session(msgspec.Struct):
    server: EapServer
    request: AaaRequest
    "The first, which says what is wanted."


class LocalAaa(Actor):
    """The AAA server of the home network, with what is behind it.

    It is an `Aaa` for one who asks; several ask it by a `client` each.  Answers are there at once.

    Over STa it runs EAP-AKA' bound to the network name, and assigns the home agents of the access
    point name asked for, or of the default one; over S6b it runs EAP-AKA or authorises only, and
    names another home agent, with result 2009, where the one that asks is none of the subscriber's.
    The home subscriber server learns of a home agent once it is `bound`, and that a subscriber has
    left when the last of the sessions has ended; they have no time limit.

    `visited_agents` are home agents of visited networks, for those whose profile allows them.
    `access_networks` are the network names that may be used; None for all (RFC 9048 3.1).
    """

    def __init__(
        self,
        name: str,
        subscribers: HomeSubscriberServer,
        rng: Rng,
        *,
        visited_agents: Mapping[str, tuple[AgentInfo, ...]] | None = None,
        access_networks: frozenset[str] | None = None,
        ask_identity: bool = False,
        result_indications: bool = False,
        pseudonyms: bool = True,
        reauthentications: int = 16,
    ) -> None:
        super().__init__(name)
        self.subscribers, self.rng = subscribers, rng
        self.visited_agents = visited_agents or {}
        self.access_networks = access_networks
        self.ask_identity, self.result_indications = ask_identity, result_indications
        self.pseudonyms, self.reauthentications = pseudonyms, reauthentications
        self.memory = EapMemory()
        self._sessions: dict[str, _Session] = {}
        self._open: dict[str, dict[tuple[AaaInterface, str], str]] = {}
        "By IMSI: the session that was granted last, by interface and access point name."
        self._own_client = AaaClient(self)

    # -- for the owner ----------------------------------------------------------------------------
    def client(self) -> AaaClient:
        """The interface for one node: a gateway or a home agent."""
        return AaaClient(self)

    def ask(self, request: AaaRequest, now: float) -> None:
        """Ask; the answer is there at once."""
        self._own_client.ask(request, now)

    def answers(self) -> list[AaaAnswer]:
        """The answers that have come since this was last asked."""
        return self._own_client.answers()

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """The service of a session has ended."""
        self._own_client.end(session, now, why)

    def orders(self) -> list[AaaOrder]:
        """None: it gives no orders."""
        return self._own_client.orders()

    def answer(self, request: AaaRequest, now: float) -> AaaAnswer:
        """The answer to a request."""
        self.stir()
        if request.eap is None:
            return self._authorise_only(request, now)
        return self._eap(request, request.eap, now)

    def close(self, session: str, now: float) -> None:
        """A session that was granted has ended; with the last one the subscriber has left."""
        for imsi, granted in list(self._open.items()):
            for place in [place for place, name in granted.items() if name == session]:
                del granted[place]
                if not granted:
                    del self._open[imsi]
                    self.subscribers.deregister(imsi, now)
                    self.stir()

    def receive(self, unit: Unit, now: float) -> None:
        self.note(now, "dropped", "it is asked by calls, not by units")

    def expired(self, timer: str, now: float) -> None:
        self._sessions.pop(timer, None)
        self.note(now, "session forgotten", timer)

    def events(self) -> list[Event]:
        found = [*super().events(), *self.subscribers.events()]
        return sorted(found, key=lambda event: event.time)

    # -- authentication ---------------------------------------------------------------------------
    def _eap(self, request: AaaRequest, response: EapPacket, now: float) -> AaaAnswer:
        session = self._sessions.get(request.session) or self._opened(request, now)
        if isinstance(session, int):
            return self._refused(request, session, now)
        server = session.server
        packet = server.receive(response, now)
        self.tell(server.events())
        if server.is_over:
            return self._ended(session, packet, now)
        if packet is None:
            # What was discarded is answered by the request that is still out (RFC 4072 4.1.2).
            packet = server.request
        if packet is None:
            return self._refused(request, UNKNOWN_SESSION_ID, now)
        self._sessions[request.session] = session
        self.start_timer(request.session, now + _SESSION_TIMEOUT)
        return AaaAnswer(session=request.session, result=AaaResult.MULTI_ROUND_AUTH, eap=packet)

    def _opened(self, request: AaaRequest, now: float) -> _Session | int:
        """A new session, or why there is none."""
        method, name = _METHODS[request.interface], request.network_name
        known = is_access_network(name, self.access_networks)
        if method == EapType.AKA_PRIME and not known:
            return AaaResult.AUTHORIZATION_REJECTED
        server = EapServer(
            self.name,
            method,
            self.subscribers.vector,
            self.memory,
            self.rng,
            network_name=name if method == EapType.AKA_PRIME else "",
            visited_network=request.visited_network,
            rat_type=request.rat_type,
            authorise=lambda imsi: self._refusal(imsi, request) or AaaResult.SUCCESS,
            ask_identity=self.ask_identity,
            result_indications=self.result_indications,
            pseudonyms=self.pseudonyms,
            reauthentications=self.reauthentications,
        )
        return _Session(server, request)

    def _ended(self, session: _Session, packet: EapPacket | None, now: float) -> AaaAnswer:
        server, request = session.server, session.request
        self._sessions.pop(request.session, None)
        self.stop_timer(request.session)
        if server.result != AaaResult.SUCCESS:
            return self._refused(request, server.result, now, packet)
        answer = self._accepted(self.subscribers.subscribers[server.imsi], request, now)
        return msgspec.structs.replace(answer, eap=packet, msk=server.msk)

    def _refused(
        self, request: AaaRequest, result: int, now: float, packet: EapPacket | None = None
    ) -> AaaAnswer:
        self.note(now, "refused", f"result {result}", user_name=request.user_name)
        return AaaAnswer(session=request.session, result=result, eap=packet)

    # -- authorisation ----------------------------------------------------------------------------
    def _authorise_only(self, request: AaaRequest, now: float) -> AaaAnswer:
        """After a certificate or a pre-shared key."""
        found = self.subscribers.find(request.user_name)
        if found is None:
            return self._refused(request, AaaResult.USER_UNKNOWN, now)
        refusal = self._refusal(found.imsi, request)
        if refusal is not None:
            return self._refused(request, refusal, now)
        return self._accepted(found, request, now)

    def _refusal(self, imsi: str, request: AaaRequest) -> AaaResult | None:
        """Why an authenticated subscriber does not get what is asked for."""
        subscriber = self.subscribers.subscribers.get(imsi)
        if subscriber is None:
            return AaaResult.USER_UNKNOWN
        # Who asks without EAP tells nothing of the access (TS 29.273 9.2.2.2).
        rat_type = None if request.eap is None else request.rat_type
        refusal = subscriber.refusal(request.visited_network, rat_type)
        return refusal or subscriber.profile.refusal(request.apn)

    def _accepted(self, subscriber: Subscriber, request: AaaRequest, now: float) -> AaaAnswer:
        """What goes with success; the home subscriber server learns of it."""
        imsi = subscriber.imsi
        self.subscribers.register_server(imsi, self.name, now)
        apn = request.apn or next(iter(subscriber.apns))
        profile = subscriber.apns[apn]
        self._open.setdefault(imsi, {})[request.interface, apn] = request.session
        local = allowed(profile, self.visited_agents.get(request.visited_network, ()))
        agents = (*profile.agents, *(msgspec.structs.replace(one, local=True) for one in local))
        answer = AaaAnswer(
            session=request.session,
            result=AaaResult.SUCCESS,
            user_name=subscriber.identity(_METHODS[request.interface]),
        )
        if request.interface == AaaInterface.STA:
            return msgspec.structs.replace(answer, agents=agents)
        asking = _asking(request)
        others = elsewhere(agents, asking)
        if asking is not None and request.bound and not others:
            agent = known_as(agents, asking) or asking
            self.subscribers.register_gateway(imsi, apn, agent, now)
        return msgspec.structs.replace(
            answer,
            result=AaaResult.SUCCESS_RELOCATE_HA if others else AaaResult.SUCCESS,
            agents=others,
            home_address=profile.home_address,
            home_prefix=profile.home_prefix,
        )


def _asking(request: AaaRequest) -> AgentInfo | None:
    """The home agent that asks."""
    return None if request.home_agent is None else AgentInfo(addresses=(request.home_agent,))
