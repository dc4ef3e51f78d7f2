"""The AAA proxy of a visited network: STa on one side, SWd on the other (RFC 6733 6, RFC 5447).

It passes requests on by their realm, and answers back.  Of what the gateway asks it looks at the
visited network's name, and at the home agents that the visited network could give.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from ...diameter import (
    Application,
    Avp,
    DestinationHost,
    DestinationRealm,
    DiameterEapAnswer,
    DiameterEapRequest,
    DiameterMessage,
    Mip6AgentInfo,
    Mip6Feature,
    Mip6FeatureVector,
    Result,
    RouteRecord,
    SessionId,
    VisitedNetworkIdentifier,
)
from ...diameter.interfaces import HomeAgentInfo, sta
from ...security import Rng
from ..aaa import AgentInfo
from ..parts import find, find_all
from .agents import info_of, is_of
from .node import DiameterNode
from .origins import doubt_about_host
from .results import is_success, result_of
from .settings import NodeSettings, Received

__all__ = ["AaaProxy"]

_LOCAL = Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT
#: These say that another way may do better (RFC 6733 7.1.3).
_ELSEWHERE = (Result.DIAMETER_UNABLE_TO_DELIVER, Result.DIAMETER_TOO_BUSY)


class Passing(msgspec.Struct):
    """A request on its way."""

    received: Received
    message: DiameterMessage
    "As it is sent on."
    avoided: list[str]
    "Neighbours that it comes from, or that had it in vain."


class AaaProxy(DiameterNode):
    """A proxy; gateways are neighbours, and `settings.routes` lead to the home networks.

    Nothing but `settings.applications` is passed on (all where RELAY is one of them), and nothing
    of who is not whom it says.

    Requests of the gateways over STa get `visited_network`, the domain name of the visited network,
    or are refused where they have another one.  `home_agents` are those that the visited network
    offers; who is let use them is the home network's choice (RFC 5447 4.2.5).
    """

    def __init__(
        self,
        name: str,
        settings: NodeSettings,
        rng: Rng,
        *,
        visited_network: str,
        home_agents: tuple[AgentInfo, ...] = (),
    ) -> None:
        super().__init__(name, settings, rng)
        self.visited_network = visited_network
        self._offered = tuple(
            Mip6AgentInfo(info_of(one, settings.realm, settings.host).avps()) for one in home_agents
        )

    # -- requests (RFC 6733 6.1.9) ----------------------------------------------------------------
    def forward(self, received: Received, now: float) -> None:
        """Pass a request on, or say why it is not."""
        message, neighbour = received.message, self.peers[received.neighbour].neighbour
        records = [one.value for one in find_all(message.avps, RouteRecord)]
        doubt = doubt_about_host(message, neighbour)
        if self.settings.host in records:
            self.refuse(received, Result.DIAMETER_LOOP_DETECTED, "it was here before", now)
        elif doubt:
            self.refuse(received, Result.DIAMETER_AUTHORIZATION_REJECTED, doubt, now)
        elif not {message.application_id, Application.RELAY} & {*self.settings.applications}:
            text = f"application {int(message.application_id)}"
            self.refuse(received, Result.DIAMETER_APPLICATION_UNSUPPORTED, text, now)
        elif not self._route(message):
            self._refuse_route(received, now)
        elif _is_of_access(message, DiameterEapRequest) and not self._is_right(message):
            self._refuse_network(received, now)
        else:
            passed = message.replace(
                hop_by_hop_id=self.next_hop_by_hop(),
                avps=(*self._improved(message), RouteRecord(received.neighbour)),
            )
            # Who had it before is no way to go (RFC 6733 6.1.7).
            self._pass_on(Passing(received, passed, [*records, received.neighbour]), now)

    def _refuse_route(self, received: Received, now: float) -> None:
        realm = find(received.message.avps, DestinationRealm)
        if realm is not None and realm.value.lower() == self.settings.realm.lower():
            host = find(received.message.avps, DestinationHost)
            reason = f"{'' if host is None else host.value} is not here"
            self.refuse(received, Result.DIAMETER_UNABLE_TO_DELIVER, reason, now)
        else:
            reason = f"{'' if realm is None else realm.value} is not served"
            self.refuse(received, Result.DIAMETER_REALM_NOT_SERVED, reason, now)

    def _pass_on(self, passing: Passing, now: float) -> None:
        peer = self.next_hop(passing.message, *passing.avoided)
        taken = partial(self._answered_by, passing, peer is not None)
        avoided = tuple(passing.avoided)
        if peer is not None:
            passing.avoided.append(peer.host)
        self.send_request(passing.message, now, taken, *avoided)

    def _remember(self, request: DiameterMessage, answer: DiameterMessage, now: float) -> None:
        """Duplicates are for the servers to know, so no answer is kept."""

    # -- answers (RFC 6733 6.2.2) -----------------------------------------------------------------
    def _answered_by(
        self, passing: Passing, sent: bool, message: DiameterMessage | None, now: float
    ) -> None:
        """Pass an answer back, or try another server (RFC 6733 5.5.4, 7.1.3)."""
        result = result_of(message)
        failed = message is None or result in _ELSEWHERE
        if failed and sent and self.next_hop(passing.message, *passing.avoided) is not None:
            self.note(now, "failover", type(passing.message).__name__)
            passing.message = passing.message.replace(
                hop_by_hop_id=self.next_hop_by_hop(),
                # Who did not answer may have had it, who refused did not take it.
                retransmitted=passing.message.retransmitted or message is None,
            )
            self._pass_on(passing, now)
        elif message is None:
            reason = "no answer came in time"
            self.refuse(passing.received, Result.DIAMETER_UNABLE_TO_DELIVER, reason, now)
        else:
            back = passing.received.message.hop_by_hop_id
            if _is_of_access(message, DiameterEapAnswer) and is_success(result):
                message = message.replace(avps=self._with_agents(message))
            self.pass_back(passing.received, message.replace(hop_by_hop_id=back), now)

    # -- the visited network ----------------------------------------------------------------------
    def _is_right(self, message: DiameterMessage) -> bool:
        """The visited network is this one, or is not named yet."""
        own = self.visited_network.lower().encode()
        return all(_text(one) == own for one in find_all(message.avps, VisitedNetworkIdentifier))

    def _refuse_network(self, received: Received, now: float) -> None:
        """The value of the AVP is wrong, which is shown to whoever has sent it (RFC 6733 7.1.5)."""
        wrong = tuple(find_all(received.message.avps, VisitedNetworkIdentifier))
        session = find(received.message.avps, SessionId)
        text = "that is not the visited network"
        self.note(now, "refused", text, networks=tuple(one.value for one in wrong))
        answer = sta.Dea(
            session_id="" if session is None else session.value,
            result_code=Result.DIAMETER_INVALID_AVP_VALUE,
            **self.settings.origin,
            error_message=text,
            failed_avps=(wrong,),
        )
        self.answer(received, answer, now)

    def _improved(self, message: DiameterMessage) -> tuple[Avp, ...]:
        """The AVPs of a request, with what the visited network has to say."""
        avps = message.avps
        if not _is_of_access(message, DiameterEapRequest):
            return avps
        if find(avps, VisitedNetworkIdentifier) is None:
            avps = (*avps, VisitedNetworkIdentifier(self.visited_network.encode()))
        features = find(avps, Mip6FeatureVector)
        if not self._offered or features is None or not _has(features, Mip6Feature.MIP6_INTEGRATED):
            # A gateway that does not bootstrap has no use for home agents.
            return avps
        offering = features.replace(value=features.value | _LOCAL)
        return (*(offering if one is features else one for one in avps), *self._offered)

    def _with_agents(self, message: DiameterMessage) -> tuple[Avp, ...]:
        """The AVPs of the last answer: own home agents if, and only if, they are allowed."""
        avps, features = message.avps, find(message.avps, Mip6FeatureVector)
        own = [one for one in find_all(avps, Mip6AgentInfo) if self._is_own(one)]
        if features is None or not _has(features, _LOCAL):
            return tuple(one for one in avps if not any(one is other for other in own))
        return avps if own else (*avps, *self._offered)

    def _is_own(self, agent: Mip6AgentInfo) -> bool:
        proper = HomeAgentInfo.refusal_of(agent.value) is None
        return proper and is_of(HomeAgentInfo.of(agent.value), self.settings.realm)


def _is_of_access(message: DiameterMessage, kind: type[DiameterMessage]) -> bool:
    return isinstance(message, kind) and message.application_id == Application.STA


def _has(features: Mip6FeatureVector, feature: Mip6Feature) -> bool:
    return bool(features.value & feature)


def _text(network: Any) -> bytes:
    """The name as it is compared: domain names are, without case."""
    return bytes(network.value).lower()
