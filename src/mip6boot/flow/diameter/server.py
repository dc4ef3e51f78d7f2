"""The 3GPP AAA server: STa, SWm and S6b on one side, SWx on the other (TS 29.273 4 to 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...diameter import AuthRequestType, Result, VisitedNetworkIdentifier
from ...diameter.interfaces import Non3gppSubscription, Request, s6b, session, sta, swm, swx
from ...diameter.interfaces.typed import missing
from ...security import Rng
from ..aaa import AaaResult
from ..aaa_policy import known_as
from ..actor import Reporter
from ..eap_memory import EapMemory
from .authorisation import Asking, answer_to, kind_wanted, wish_of
from .node import DiameterNode
from .profiles import profile_of
from .results import Refused, outcome
from .server_session import AaaSession
from .server_settings import AaaServerSettings, User
from .session_base import AaaSessionState, SessionBase, imsi_of
from .settings import NodeSettings, Received
from .swx_client import SwxClient

__all__ = ["AaaServer"]

#: Clients of which it is known when they have started.
_CLIENTS = 1024


class AaaServer(DiameterNode):
    """Authenticates and authorises the users of the home network.

    Over STa it runs EAP-AKA' bound to the ANID and assigns home agents; over SWm and S6b it runs
    EAP-AKA; over S6b it also authorises without EAP, and names another home agent, with result
    2009, where the one that asks is none of the user's.  A further AAR in a session that is open
    registers that home agent.  `sessions` are by Session-Id, `users` by IMSI.
    """

    HANDLERS: ClassVar[Mapping[type[Request], str]] = {
        sta.Der: "_on_asking",
        swm.Der: "_on_asking",
        s6b.Der: "_on_asking",
        s6b.Aar: "_on_asking",
        session.Str: "_on_termination",
        swx.Rtr: "_on_deregistration",
        swx.Ppr: "_on_profile",
    }

    def __init__(
        self,
        name: str,
        settings: NodeSettings,
        rng: Rng,
        *,
        procedure: AaaServerSettings | None = None,
    ) -> None:
        super().__init__(name, settings, rng)
        self.procedure = procedure or AaaServerSettings()
        self.hss = SwxClient(self, self.procedure.hss)
        self.memory = EapMemory()
        self.sessions: dict[str, AaaSession] = {}
        self._starts: dict[str, int] = {}
        self.users: dict[str, User] = {}

    # -- for the owner ----------------------------------------------------------------------------
    def abort(self, session: str, now: float) -> None:
        """End a session: ASR."""
        found = self.sessions.get(session)
        if found is not None:
            found.step("abort", now)

    def abort_user(self, imsi: str, now: float) -> None:
        """End all sessions of a user."""
        self._order(imsi, "abort", now)

    # -- clients ----------------------------------------------------------------------------------
    def _on_asking(self, request: Asking, received: Received, now: float) -> None:
        if request.auth_request_type != kind_wanted(request):
            failed, text = AuthRequestType(request.auth_request_type), "Auth-Request-Type"
            self.refuse(received, Result.DIAMETER_INVALID_AVP_VALUE, text, now, failed)
            return
        if self._lacks_network(request):
            lacking, text = missing(VisitedNetworkIdentifier), "where the user is, is not said"
            self.refuse(received, Result.DIAMETER_MISSING_AVP, text, now, lacking)
            return
        self._notice_start(request, now)
        found = self.sessions.get(request.session_id)
        if found is None and len(self.sessions) >= self.procedure.capacity:
            self.refuse(received, Result.DIAMETER_TOO_BUSY, "there are too many sessions", now)
            return
        objection = self._objection(request, found)
        if objection is not None:
            self.note(now, "refused", f"{request.origin_host}: result {int(objection)}")
            self.answer(received, answer_to(request, self.settings, objection), now)
            return
        if found is None:
            found = self.sessions[request.session_id] = AaaSession(self, request)
        found.step("AAR" if isinstance(request, s6b.Aar) else "DER", now, request, received)

    def _notice_start(self, request: Asking, now: float) -> None:
        """A client that has started again has none of its sessions any more (RFC 6733 8.6)."""
        host, state = request.origin_host, request.origin_state_id or 0
        before = self._starts.pop(host, state)
        self._starts[host] = max(before, state)
        if len(self._starts) > _CLIENTS:
            del self._starts[next(iter(self._starts))]
        if before and state > before:
            for one in [one for one in self.sessions.values() if one.holder == host]:
                one.step("client started", now)

    def _lacks_network(self, request: Asking) -> bool:
        """An access of another network has to say which, since not all may be roamed to."""
        abroad = not isinstance(request, s6b.Der | s6b.Aar) and not self._is_of_home(request)
        return abroad and not request.visited_network_identifier

    def _objection(self, request: Asking, found: AaaSession | None) -> Result | None:
        """Why a client may not have, or begin, a session; None where it may."""
        if found is not None:
            held = found.is_held_by(request)
            return None if held else Result.DIAMETER_UNKNOWN_SESSION_ID
        alone = isinstance(request, s6b.Aar) and not self._may_vouch(request)
        return Result.DIAMETER_AUTHORIZATION_REJECTED if alone else None

    def _may_vouch(self, request: s6b.Aar) -> bool:
        """Whether the user is authenticated is what a home agent says who asks without EAP.

        Those of the home network may, and of others the one that the user was assigned.
        """
        user = self.users.get(imsi_of(request.user_name, self.procedure.mnc_digits))
        asking = wish_of(request).asking
        assigned = user is not None and asking is not None and known_as(user.offered, asking)
        return self._is_of_home(request) or bool(assigned)

    def _is_of_home(self, request: Request) -> bool:
        return request.origin_realm.lower() == self.settings.realm.lower()

    def _on_termination(self, request: session.Str, received: Received, now: float) -> None:
        found = self.sessions.get(request.session_id)
        if found is None or not found.is_held_by(request):
            self.note(now, "refused", f"{request.origin_host} does not have the session")
            self.answer_termination(request, received, Result.DIAMETER_UNKNOWN_SESSION_ID, now)
            return
        found.step("STR", now, request, received)

    def answer_termination(
        self, request: session.Str, received: Received, result: Result, now: float
    ) -> None:
        """STA."""
        own = self.settings
        answer = session.Sta(
            session_id=request.session_id,
            result_code=result,
            **own.origin,
        )
        self.answer(received, answer, now)

    # -- the home subscriber server (TS 29.273 8.1.2.3, 8.1.2.4) ----------------------------------
    def _on_deregistration(self, request: swx.Rtr, received: Received, now: float) -> None:
        user = self.users.get(request.user_name)
        self._answer_hss(swx.Rta, request, received, user, now)
        if user is not None:
            self.note(now, "registration terminated", user.imsi)
            user.registered = False
            self._order(user.imsi, "abort", now)

    def _on_profile(self, request: swx.Ppr, received: Received, now: float) -> None:
        user = self.users.get(request.user_name)
        self._answer_hss(swx.Ppa, request, received, user, now)
        if user is not None and request.user_data is not None:
            self.note(now, "profile changed", user.imsi)
            self._learn(user, request.user_data)
            self._order(user.imsi, "profile changed", now)

    def _answer_hss(
        self,
        kind: type[swx.Rta | swx.Ppa],
        request: swx.Rtr | swx.Ppr,
        received: Received,
        user: User | None,
        now: float,
    ) -> None:
        result = AaaResult.USER_UNKNOWN if user is None else AaaResult.SUCCESS
        answer = kind(
            session_id=request.session_id,
            **self.settings.origin,
            **outcome(result),
        )
        self.answer(received, answer, now)

    def _order(self, imsi: str, what: str, now: float) -> None:
        user = self.users.get(imsi)
        for one in list(user.sessions.values()) if user is not None else []:
            one.step(what, now)

    # -- for sessions -----------------------------------------------------------------------------
    def learn(self, imsi: str, data: Non3gppSubscription, session: SessionBase) -> User:
        """The user of a session, whom the home subscriber server has registered here."""
        user = self.users.get(imsi)
        if user is None:
            user = self.users[imsi] = User(imsi=imsi, subscription=data, profile=profile_of(data))
        self._learn(user, data)
        user.registered = True
        user.sessions[session.session_id] = session
        return user

    def _learn(self, user: User, data: Non3gppSubscription) -> None:
        user.subscription, user.profile = data, profile_of(data)

    def close(self, session: SessionBase, now: float) -> None:
        """A session has ended; with the last one of a user, so has the registration."""
        del self.sessions[session.session_id]
        user = session.user
        if user is None:
            return
        del user.sessions[session.session_id]
        if user.sessions or self._is_handed_on(user):
            return
        del self.users[user.imsi]
        if user.registered:
            self.hss.assign(user.imsi, session.cause, now, self._deregistered)

    def _is_handed_on(self, user: User) -> bool:
        """Another session has asked for the registration meanwhile: it takes the user over."""
        for one in self.sessions.values():
            if one.state is AaaSessionState.PROFILE and one.asked_about == user.imsi:
                one.user = user
                user.sessions[one.session_id] = one
                return True
        return False

    def _deregistered(self, found: swx.Saa | Refused, now: float) -> None:
        if isinstance(found, Refused):
            self.note(now, "not deregistered", f"result {found.result}")

    def order_to(self, session: SessionBase) -> dict[str, Any]:
        """What a request to the client of a session begins with."""
        return {
            "session_id": session.session_id,
            "auth_application_id": session.application,
            **self.settings.origin,
            "destination_host": session.holder,
            "destination_realm": session.realm,
        }

    def take_events(self, part: Reporter) -> None:
        """Tell what a part tells."""
        self.tell(part.events())

    def expired(self, timer: Any, now: float) -> None:
        """A timer of a session, or one of the node."""
        if not isinstance(timer, tuple):
            super().expired(timer, now)
            return
        what, name = timer
        self.sessions[name].step(f"{what} over", now)
