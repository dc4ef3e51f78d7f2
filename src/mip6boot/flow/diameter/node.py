"""A Diameter node: connections, requests and their answers, what is refused (RFC 6733 6, 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from ... import diameter
from ...diameter import (
    DestinationHost,
    DestinationRealm,
    DiameterMessage,
    ProxyInfo,
    Result,
    RouteRecord,
)
from ...diameter.interfaces import AnyAnswer
from ...diameter.interfaces.common import Answering, Request
from ...errors import DecodeError
from ...schema import Malformed, walk
from ...security import Rng, Secret
from ..actor import Port, Unit
from ..chance import number
from ..composite import Composite
from ..parts import find
from .origins import doubt_about_host, doubt_about_realm
from .peer import Peer
from .settings import NodeSettings, Received

__all__ = ["Answered", "DiameterNode"]

#: Takes the answer to a request; None where none came in time.
Answered = Callable[[DiameterMessage | None, float], None]

#: What requests and their answers both have, in whichever application.
_COMMON = (
    diameter.VendorSpecificApplicationId,
    diameter.AuthApplicationId,
    diameter.AuthSessionState,
    diameter.AuthRequestType,
)

#: Answers are kept for requests that come twice (RFC 6733 5.5.4): so many, and for as many seconds
#: as an End-to-End Identifier is not used for anything else (RFC 6733 3).
_REMEMBERED, _REMEMBERED_FOR = 256, 240.0


class Pending(msgspec.Struct):
    """A request that is out."""

    message: DiameterMessage
    peer: Peer
    answered: Answered
    tried: list[str]


class DiameterNode(Composite):
    """Base of all that speak Diameter.

    `ask` sends a request and calls back with its answer, that of an agent in between included: use
    `AnyAnswer` first to see an error.  `HANDLERS` names, for each typed request of an interface,
    the method that takes it: `method(request, received, now)`; it, or what it leads to, calls
    `answer`.  What no handler takes, what is not acceptable, and what cannot be of whom it says, is
    answered as RFC 6733 7 says.
    """

    HANDLERS: ClassVar[Mapping[type[Request], str]] = {}

    def __init__(self, name: str, settings: NodeSettings, rng: Rng) -> None:
        super().__init__(name)
        self.settings, self.rng = settings, rng
        self.peers = {one.host: Peer(self, one, self._delivered) for one in settings.neighbours}
        self.parts = tuple(self.peers.values())
        self._pending: dict[int, Pending] = {}
        # Answers may hold keys, which are not to be shown.
        self._answers: dict[bytes, tuple[float, Secret]] = {}
        self._hop_by_hop, self._end_to_end = number(rng, 4), number(rng, 4)
        self._sessions = 0

    # -- for the owner ----------------------------------------------------------------------------
    def start(self, now: float) -> None:
        """Open the connections that are this node's to open."""
        for peer in self.peers.values():
            if peer.neighbour.connect:
                peer.step("connect", now)

    def stop(self, now: float, cause: diameter.Disconnect = diameter.Disconnect.REBOOTING) -> None:
        """Say good-bye on all connections."""
        for peer in self.peers.values():
            peer.step("disconnect", now, cause)

    def ask(self, request: Request, now: float, answered: Answered) -> None:
        """Send a request where its destination is reached; `answered` is called once."""
        message = request.message(
            hop_by_hop_id=self.next_hop_by_hop(), end_to_end_id=self.next_end_to_end()
        )
        self.send_request(message, now, answered)

    def new_session(self) -> str:
        """A Session-Id that is never the same again (RFC 6733 8.8)."""
        self._sessions += 1
        return f"{self.settings.host};{self.settings.origin_state_id};{self._sessions}"

    @property
    def is_asking(self) -> bool:
        """A request is out."""
        return bool(self._pending)

    # -- the interface of an actor ----------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        self._forget_answers(now)
        source = unit.source if unit.port is Port.DIAMETER else None
        peer = self.peers.get(source) if isinstance(source, str) else None
        if peer is None:
            self.note(now, "dropped", f"{source!r} is no neighbour")
            return
        if not unit.octets:
            peer.step("closed", now)
            return
        try:
            message = diameter.decode(unit.octets, lenient=True)
        except DecodeError as error:
            self.note(now, "dropped", f"no Diameter message: {error}")
            return
        peer.take(message, now)

    def expired(self, timer: Any, now: float) -> None:
        """An answer has not come."""
        pending = self._pending.pop(timer, None)
        if pending is not None:
            pending.peer.withdraw(pending.message)
            self.note(now, "unanswered", _name(pending.message), neighbour=pending.peer.host)
            pending.answered(None, now)

    # -- for those who write nodes ----------------------------------------------------------------
    def next_hop_by_hop(self) -> int:
        """A number that no request of this node has now."""
        self._hop_by_hop = self._hop_by_hop + 1 & 0xFFFFFFFF
        return self._hop_by_hop

    def next_end_to_end(self) -> int:
        """A number that no request of this node has had for long."""
        self._end_to_end = self._end_to_end + 1 & 0xFFFFFFFF
        return self._end_to_end

    def answer(self, received: Received, answer: Answering, now: float) -> None:
        """Answer a request."""
        message = answer.answering(received.message)
        self._remember(received.message, message, now)
        self.pass_back(received, message, now)

    def pass_back(self, received: Received, message: DiameterMessage, now: float) -> None:
        """Send an answer to the neighbour that its request came from.

        Where the connection is lost, so is the answer: the other side asks again, or elsewhere.
        """
        peer = self.peers[received.neighbour]
        if peer.is_up:
            peer.put(message, now)
        else:
            self.note(now, "dropped", f"{_name(message)}: the connection is lost")

    def refuse(
        self, received: Received, result: Result, text: str, now: float, *failed: Any
    ) -> None:
        """Answer that the request is not acceptable."""
        self.note(now, "refused", f"{_name(received.message)}: {text}", result=int(result))
        session = received.message.find(diameter.SessionId)
        answer = self.objection(
            result,
            text,
            session_id=None if session is None else session.value,
            failed_avps=(failed,) if failed else (),
        )
        message = answer.answering(received.message)
        if not message.is_error:
            # Only a protocol error has an answer of its own form (RFC 6733 7.2).
            common = [avp for avp in received.message.avps if isinstance(avp, _COMMON)]
            sound = [avp for avp in common if not _has_malformed(avp)]
            message = message.replace(avps=(*message.avps, *sound))
        self.pass_back(received, message, now)

    def objection(self, result: Result, text: str, **more: Any) -> AnyAnswer:
        """What this node answers where something is not acceptable."""
        return AnyAnswer(result_code=result, error_message=text, **self.settings.origin, **more)

    def send_request(
        self, message: DiameterMessage, now: float, answered: Answered, *tried: str
    ) -> None:
        """Send a request by the best neighbour that was not tried; who has none answers itself."""
        if len(self._pending) >= self.settings.most_pending:
            self.note(now, "not sent", f"{_name(message)}: too many are out")
            result, text = Result.DIAMETER_TOO_BUSY, "there is too much to do"
            answered(self.objection(result, text).answering(message), now)
            return
        peer = self.next_hop(message, *tried)
        if peer is None:
            result, text = Result.DIAMETER_UNABLE_TO_DELIVER, "there is no way to the destination"
            answered(self.objection(result, text).answering(message), now)
            return
        pending = Pending(message, peer, answered, [*tried, peer.host])
        self._pending[message.hop_by_hop_id] = pending
        self.start_timer(message.hop_by_hop_id, now + self.settings.patience)
        peer.put(message, now)

    def next_hop(self, message: DiameterMessage, *tried: str) -> Peer | None:
        """The neighbour that a request goes to, of those that were not tried; None for none."""
        route = (self.peers[host] for host in self._route(message) if host not in tried)
        return next((peer for peer in route if peer.is_usable), None)

    def failed_over(self, peer: Peer, now: float) -> None:
        """What is out to a neighbour that fails goes to another one (RFC 6733 5.5.4)."""
        for hop_by_hop, pending in list(self._pending.items()):
            if pending.peer is peer and self._pending.pop(hop_by_hop, None) is not None:
                self.stop_timer(hop_by_hop)
                again = pending.message.replace(
                    hop_by_hop_id=self.next_hop_by_hop(), retransmitted=True
                )
                self.send_request(again, now, pending.answered, *pending.tried)

    def forward(self, received: Received, now: float) -> None:
        """A request for somebody else; only an agent passes it on."""
        realm = _text(received.message, DestinationRealm)
        known = realm == self.settings.realm
        result = Result.DIAMETER_UNABLE_TO_DELIVER if known else Result.DIAMETER_REALM_NOT_SERVED
        self.refuse(received, result, f"not for {self.settings.host}", now)

    # -- inside -----------------------------------------------------------------------------------
    def _delivered(self, peer: Peer, message: DiameterMessage, now: float) -> None:
        if message.is_request:
            self._requested(Received(message, peer.host), now)
            return
        pending = self._pending.get(message.hop_by_hop_id)
        if pending is None or pending.peer is not peer or not _answers(message, pending.message):
            self.note(now, "dropped", f"{_name(message)} without a request")
            return
        del self._pending[message.hop_by_hop_id]
        self.stop_timer(message.hop_by_hop_id)
        pending.answered(message, now)

    def _requested(self, received: Received, now: float) -> None:
        message, neighbour = received.message, self.peers[received.neighbour].neighbour
        if not self._is_local(message):
            self.forward(received, now)
            return
        doubt = doubt_about_host(message, neighbour)
        doubt = doubt or doubt_about_realm(message, neighbour, self.settings)
        if doubt:
            self.refuse(received, Result.DIAMETER_AUTHORIZATION_REJECTED, doubt, now)
        elif (known := self._answers.get(_digest(message))) is not None:
            # What agents put in (Proxy-Info) comes back as it is, malformed or not.
            answer = diameter.decode(bytes(known[1]), lenient=True)
            self.pass_back(received, _again(answer, message), now)
        else:
            self._handle(received, now)

    def _is_local(self, message: DiameterMessage) -> bool:
        """It is for this node, by its name or by nothing but its realm (RFC 6733 6.1.4)."""
        host = _text(message, DestinationHost)
        if host:
            return host == self.settings.host
        return _text(message, DestinationRealm) in ("", self.settings.realm)

    def _handle(self, received: Received, now: float) -> None:
        message = received.message
        known = [cls for cls in self.HANDLERS if isinstance(message, cls.MESSAGE)]
        fitting = [c for c in known if not c.APPLICATION or message.application_id == c.APPLICATION]
        if not fitting:
            result = (
                Result.DIAMETER_APPLICATION_UNSUPPORTED
                if known
                else Result.DIAMETER_COMMAND_UNSUPPORTED
            )
            self.refuse(received, result, _name(message), now)
            return
        refusal = fitting[0].refusal(message)
        if refusal is not None:
            self.refuse(received, refusal.result, refusal.reason, now, *refusal.failed)
            return
        method = getattr(self, self.HANDLERS[fitting[0]])
        method(fitting[0].of(message), received, now)

    def _route(self, message: DiameterMessage) -> tuple[str, ...]:
        """Neighbours that lead to the destination (RFC 6733 6.1.4 to 6.1.6)."""
        host = _text(message, DestinationHost)
        if host in self.peers:
            return (host,)
        realm = _text(message, DestinationRealm)
        return self.settings.routes.get(realm) or self.settings.routes.get("*", ())

    def _remember(self, request: DiameterMessage, answer: DiameterMessage, now: float) -> None:
        self._answers[_digest(request)] = now, Secret(answer.encode())
        if len(self._answers) > _REMEMBERED:
            del self._answers[next(iter(self._answers))]

    def _forget_answers(self, now: float) -> None:
        old = [one for one, (at, _) in self._answers.items() if at + _REMEMBERED_FOR <= now]
        for one in old:
            del self._answers[one]


def _digest(request: DiameterMessage) -> bytes:
    """What duplicates of a request have in common: all but what is added on the way.

    Origin-Host and the End-to-End Identifier tell duplicates (RFC 6733 3), but others know these;
    who gets the answer, with its keys, has to know the whole request.
    """
    avps = tuple(one for one in request.avps if not isinstance(one, RouteRecord | ProxyInfo))
    plain = request.replace(hop_by_hop_id=0, retransmitted=False, avps=avps)
    return hashlib.sha256(plain.encode()).digest()


def _again(answer: DiameterMessage, request: DiameterMessage) -> DiameterMessage:
    """The answer for a duplicate, which came another way (RFC 6733 6.2)."""
    avps = [one for one in answer.avps if not isinstance(one, ProxyInfo)]
    avps += [one for one in request.avps if isinstance(one, ProxyInfo)]
    return answer.replace(hop_by_hop_id=request.hop_by_hop_id, avps=tuple(avps))


def _answers(answer: DiameterMessage, request: DiameterMessage) -> bool:
    """Both belong together, not only by a Hop-by-Hop Identifier (RFC 6733 3)."""
    return (answer.registry_code, answer.end_to_end_id) == (
        request.registry_code,
        request.end_to_end_id,
    )


def _text(message: DiameterMessage, kind: type[Any]) -> str:
    found = find(message.avps, kind)
    return "" if found is None else str(found.value)


def _has_malformed(avp: diameter.Avp) -> bool:
    return any(isinstance(one, Malformed) for _, one in walk(avp))


def _name(message: DiameterMessage) -> str:
    return type(message).__name__
