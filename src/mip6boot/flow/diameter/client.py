"""The AAA client of a gateway (STa) and of a home agent (S6b) (TS 29.273 5, 9; RFC 6733 8)."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import msgspec

from ...diameter import (
    Application,
    AuthSessionState,
    DiameterMessage,
    OriginHost,
    Result,
    SessionId,
    SessionState,
    Termination,
)
from ...diameter.interfaces import Refusal
from ...diameter.interfaces.common import Request
from ...diameter.interfaces.session import Asa, Asr, Raa, Rar, Str
from ...eap import IdentityResponse
from ...security import Rng
from ..aaa import AaaAnswer, AaaEnd, AaaInterface, AaaOrder, AaaOrderKind, AaaRequest, AaaResult
from ..parts import find
from .aaa_messages import answer_of, request_of
from .node import Answered, DiameterNode
from .results import is_success, result_of
from .settings import NodeSettings, Received

__all__ = ["DiameterAaa"]

_APPLICATIONS = {AaaInterface.STA: Application.STA, AaaInterface.S6B: Application.S6B}

#: Seconds for which an authentication that nobody goes on with is remembered (RFC 4187 6.3).
_FORGOTTEN_AFTER = 120.0


class Session(msgspec.Struct):
    """A session that an owner calls by a name of its own."""

    name: str
    session_id: str
    request: AaaRequest
    "The last one."
    realm: str
    asked: int = 0
    "How often the owner has asked."
    server: str = ""
    "Who answered first, or is said to serve the user; it is asked from then on."
    under_way: bool = False
    "EAP has begun, and is not over."
    granted: bool = False
    stateless: bool = False
    "The server keeps nothing that would have to be ended."
    aborted: bool = False
    "The server wants it to end."
    until: float | None = None
    "When it is over; None for never."


class DiameterAaa(DiameterNode):
    """An `Aaa` by Diameter, for one owner, which hands it the units of Port.DIAMETER.

    Requests go to `home_realm`, or to the realm of the user name where there is none.  `agent_host`
    is the name of the home agent that asks.  Over STa the node's own realm is that of the visited
    network: by it home agents are known to be local.  Sessions that are granted last until the
    owner ends them, all others for two minutes; beyond `most_sessions` nothing is asked.
    """

    HANDLERS: ClassVar[dict[type[Request], str]] = {Asr: "_abort", Rar: "_reauthorise"}

    def __init__(
        self,
        name: str,
        settings: NodeSettings,
        rng: Rng,
        *,
        home_realm: str = "",
        agent_host: str = "",
        most_sessions: int = 65536,
    ) -> None:
        super().__init__(name, settings, rng)
        self.home_realm, self.most_sessions = home_realm, most_sessions
        self.agent_host = agent_host
        self._known: dict[str, Session] = {}
        self._names: dict[str, str] = {}
        self._answered: list[AaaAnswer] = []
        self._orders: list[AaaOrder] = []

    # -- for the owner ----------------------------------------------------------------------------
    def ask(
        self, request: Request | AaaRequest, now: float, answered: Answered | None = None
    ) -> None:
        """Ask for the owner; the answer is among `answers` some time.

        A typed request of Diameter is sent as by any node.
        """
        if not isinstance(request, AaaRequest):
            super().ask(request, now, answered or self._unheeded)
            return
        session = self._known.get(request.session) or self._open(request, now)
        if session is None:
            self._give(request, AaaResult.UNABLE_TO_DELIVER)
            return
        session.request, session.asked = request, session.asked + 1
        if not session.granted:
            self.start_timer(("session", session.name), now + _FORGOTTEN_AFTER)
        self._ask(session, now)

    def answers(self) -> list[AaaAnswer]:
        """The answers that have come since this was last asked."""
        answers, self._answered = self._answered, []
        return answers

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """The service of a session has ended: what was granted is given back by STR."""
        found = self._forget(session)
        if found is not None and found.granted:
            self._terminate(found, now, self._cause(found, now, why))

    def orders(self) -> list[AaaOrder]:
        """The orders that have come since this was last asked."""
        orders, self._orders = self._orders, []
        return orders

    def expired(self, timer: Any, now: float) -> None:
        if not isinstance(timer, tuple):
            super().expired(timer, now)
            return
        found = self._known.get(timer[1])
        if found is not None and not found.granted:
            self._forget(found.name)
            self.note(now, "session forgotten", found.name)

    # -- sessions ---------------------------------------------------------------------------------
    def _open(self, request: AaaRequest, now: float) -> Session | None:
        if len(self._known) >= self.most_sessions:
            self.note(now, "not asked", "there are too many sessions")
            return None
        realm = self.home_realm or request.user_name.rpartition("@")[2]
        session = Session(request.session, self.new_session(), request, realm)
        self._known[session.name] = session
        self._names[session.session_id] = session.name
        return session

    def _forget(self, name: str) -> Session | None:
        session = self._known.pop(name, None)
        if session is not None:
            self._names.pop(session.session_id, None)
            self.stop_timer(("session", name))
        return session

    def _envelope(self, session: Session) -> dict[str, Any]:
        return {
            "session_id": session.session_id,
            **self.settings.origin,
            "origin_state_id": self.settings.origin_state_id,
            "destination_realm": session.realm,
            "destination_host": session.server or None,
        }

    def _terminate(self, session: Session, now: float, cause: Termination) -> None:
        if session.stateless:
            return
        request = Str(
            **self._envelope(session),
            auth_application_id=_APPLICATIONS[session.request.interface],
            termination_cause=cause,
            user_name=session.request.user_name or None,
        )
        super().ask(request, now, self._unheeded)

    def _cause(self, session: Session, now: float, why: AaaEnd) -> Termination:
        """Termination-Cause (RFC 6733 8.15, and its registry); what the AAA wanted goes before."""
        if session.aborted:
            return Termination.DIAMETER_ADMINISTRATIVE
        if session.until is not None and now >= session.until:
            return Termination.DIAMETER_SESSION_TIMEOUT
        return Termination(why)

    def _unheeded(self, message: DiameterMessage | None, now: float) -> None:
        """Whatever the answer to STR is, the session is over."""
        if message is not None and not is_success(result_of(message)):
            self.note(now, "refused", type(message).__name__, result=result_of(message))

    # -- requests and answers ---------------------------------------------------------------------
    def _ask(self, session: Session, now: float, refused: AaaAnswer | None = None) -> None:
        """Send the owner's last request; `refused` is what another server said to it."""
        begins = isinstance(session.request.eap, IdentityResponse)
        message = request_of(
            session.request,
            first=begins or not session.under_way,
            agent_host=self.agent_host,
            **self._envelope(session),
        )
        super().ask(message, now, partial(self._take, session, session.asked, refused))

    def _take(
        self,
        session: Session,
        asked: int,
        refused: AaaAnswer | None,
        message: DiameterMessage | None,
        now: float,
    ) -> None:
        """An answer has come, or has not come in time."""
        result = AaaResult.UNABLE_TO_DELIVER if message is None else result_of(message)
        before = session.granted
        if message is not None:
            self._learn(session, message, result)
        if self._known.get(session.name) is not session:
            if session.granted and not before:
                # The owner has ended meanwhile what it did not know to be granted.
                self._terminate(session, now, Termination.DIAMETER_LOGOUT)
        elif session.asked != asked:
            self.note(now, "dropped", "an answer to a request that the owner has replaced")
        else:
            answer = self._read(session, message, now)
            if result == AaaResult.UNABLE_TO_DELIVER and refused is not None:
                answer = refused
            self._answer(session, answer, now)

    def _learn(self, session: Session, message: DiameterMessage, result: int) -> None:
        """What follows goes where the session is, which may be granted now."""
        origin, state = find(message.avps, OriginHost), find(message.avps, AuthSessionState)
        granted = is_success(result)
        if origin is not None and (granted or result == AaaResult.MULTI_ROUND_AUTH):
            session.server = origin.value
        if granted:
            session.granted = True
            session.stateless = (
                state is not None and state.value == SessionState.NO_STATE_MAINTAINED
            )
            self.stop_timer(("session", session.name))

    def _read(self, session: Session, message: DiameterMessage | None, now: float) -> AaaAnswer:
        """The answer for the owner; a bad one counts as its error, and what it grants is ended."""
        if message is None:
            return AaaAnswer(session=session.name, result=AaaResult.UNABLE_TO_DELIVER)
        found = answer_of(message, session.request, self.settings.realm)
        named = find(message.avps, SessionId)
        if named is not None and named.value != session.session_id:
            found = Refusal(Result.DIAMETER_INVALID_AVP_VALUE, "it is of another session")
        if not isinstance(found, Refusal):
            return found
        self.note(now, "bad answer", found.reason, result=int(found.result))
        if session.granted:
            self._terminate(session, now, Termination.DIAMETER_BAD_ANSWER)
            session.granted = False
        return AaaAnswer(session=session.name, result=found.result)

    def _answer(self, session: Session, answer: AaaAnswer, now: float) -> None:
        if answer.server and not session.server and not answer.is_granted:
            # Another server is asked once; what it says counts, if it can be reached.
            session.server = answer.server
            self.note(now, "redirected", answer.server)
            self._ask(session, now, answer)
            return
        session.under_way = answer.result == AaaResult.MULTI_ROUND_AUTH
        if answer.is_granted:
            timeout = answer.session_timeout
            session.until = None if timeout is None else now + timeout
        elif not session.under_way and not (session.granted and answer.is_undelivered):
            # What the server refuses, it has forgotten (RFC 6733 8.1).
            self._forget(session.name)
        self._answered.append(answer)

    def _give(self, request: AaaRequest, result: int) -> None:
        self._answered.append(AaaAnswer(session=request.session, result=result))

    # -- orders of the server (RFC 6733 8.3, 8.5) -------------------------------------------------
    def _abort(self, request: Asr, received: Received, now: float) -> None:
        session = self._ordered(request, AaaOrderKind.ABORT, now)
        if session is not None:
            session.aborted = True
        self.answer(received, Asa(**self._result(request.session_id, session)), now)

    def _reauthorise(self, request: Rar, received: Received, now: float) -> None:
        session = self._ordered(request, AaaOrderKind.REAUTHORISE, now)
        self.answer(received, Raa(**self._result(request.session_id, session)), now)

    def _ordered(self, request: Asr | Rar, kind: AaaOrderKind, now: float) -> Session | None:
        """The session, whose owner learns of the order; None for one that is not known.

        Session-Ids can be guessed, so only the server that has the session may give orders, and
        proxies on the way to it (RFC 6733 8.5).
        """
        session = self._known.get(self._names.get(request.session_id, ""))
        if session is None or not session.granted:
            return None
        application = _APPLICATIONS[session.request.interface]
        known = (session.server, *self.peers)
        if request.application != application or request.origin_host not in known:
            self.note(now, "refused", f"{request.origin_host} does not have the session")
            return None
        self.note(now, "order", kind, session=session.name)
        order = AaaOrder(session=session.name, kind=kind)
        if order not in self._orders:
            self._orders.append(order)
        return session

    def _result(self, session_id: str, session: Session | None) -> dict[str, Any]:
        known = session is not None
        return {
            "session_id": session_id,
            "result_code": Result.DIAMETER_SUCCESS if known else Result.DIAMETER_UNKNOWN_SESSION_ID,
            **self.settings.origin,
        }
