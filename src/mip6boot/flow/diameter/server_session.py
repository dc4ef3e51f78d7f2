"""A session of a AAA server, from its first request to its end (RFC 6733 8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ...diameter import Application, DiameterMessage, ReAuthKind, Result, ServerAssignment
from ...diameter.interfaces import session, swx
from ..aaa import AgentInfo
from ..aaa_policy import elsewhere, known_as
from ..actor import Transitions
from .agents import info_of
from .authorisation import Asking, agents_of, apn_of, wish_of
from .results import Refused, result_of, why
from .server_settings import User
from .session_base import AaaSessionState
from .session_eap import AuthenticatingSession
from .settings import Received

__all__ = ["AaaSession"]

_S = AaaSessionState
_BUSY = (_S.VECTOR, _S.PROFILE, _S.UPDATE, _S.ABORT)
_LIVE = (_S.EAP, _S.VECTOR, _S.PROFILE, _S.OPEN, _S.UPDATE)


class AaaSession(AuthenticatingSession):
    """One Session-Id, with who has it and what was granted."""

    TRANSITIONS: ClassVar[Transitions] = {
        (_S.NEW, "DER"): ("_begin", None),
        (_S.OPEN, "DER"): ("_begin", None),
        (_S.EAP, "DER"): ("_respond", None),
        (_S.VECTOR, "vector"): ("_on_vector", None),
        (_S.PROFILE, "profile"): ("_on_profile", None),
        (_S.EAP, "round over"): ("_give_up", _S.ENDED),
        (_S.NEW, "AAR"): ("_take_first", _S.PROFILE),
        (_S.OPEN, "AAR"): ("_update", _S.UPDATE),
        (_S.UPDATE, "updated"): ("_on_updated", None),
        **{(state, what): ("_refuse_other", None) for state in _BUSY for what in ("DER", "AAR")},
        (_S.EAP, "AAR"): ("_refuse_other", None),
        (_S.OPEN, "profile changed"): ("_reconsider", None),
        (_S.OPEN, "RAA"): ("_on_reauthorisation", None),
        **{(state, "abort"): ("_abort", _S.ABORT) for state in _LIVE},
        (_S.ABORT, "ASA"): ("_on_abort", None),
        (None, "STR"): ("_on_termination", _S.ENDED),
        (None, "life over"): ("_expire", _S.ENDED),
        (None, "client started"): ("_lose", _S.ENDED),
    }

    ENTRIES: ClassVar[Mapping[AaaSessionState, str]] = {
        _S.VECTOR: "_ask_vector",
        _S.PROFILE: "_ask_profile",
        _S.UPDATE: "_tell_gateway",
        _S.ABORT: "_ask_to_end",
        _S.ENDED: "_close",
    }

    # -- authorisation without EAP (TS 29.273 9.1.2.2) --------------------------------------------
    def _take_first(self, now: float, request: Asking, received: Received) -> None:
        self._take(request, received)

    def _update(self, now: float, request: Asking, received: Received) -> AaaSessionState | None:
        """The session goes on; a home agent that has a binding is told to the HSS."""
        self._take(request, received)
        told, wish = wish_of(request), self.wish
        self.wish = msgspec.structs.replace(
            wish,
            apn=told.apn or wish.apn,
            asking=told.asking or wish.asking,
            features=wish.features if told.features is None else told.features,
        )
        user = self.user
        assert user is not None
        refusal = user.profile.refusal(self.wish.apn)
        if refusal is not None:
            return self._refuse(now, refusal)
        asking = self.wish.asking
        if asking is None or elsewhere(self._agents(user), asking):
            return self._grant(now)
        return None

    def _agents(self, user: User) -> tuple[AgentInfo, ...]:
        return agents_of(user.profile.apns[apn_of(self.wish, user)], user)

    def _tell_gateway(self, now: float) -> None:
        user, asking = self.user, self.wish.asking
        assert user is not None
        assert asking is not None
        agent = known_as(self._agents(user), asking) or asking
        self.server.hss.assign(
            user.imsi, ServerAssignment.PGW_UPDATE, now,
            lambda found, at: self.step("updated", at, found),
            service_selection=apn_of(self.wish, user),
            # The home agent is the client, and so its realm is the client's.
            home_agent=info_of(agent, self.realm),
        )  # fmt: skip

    def _on_updated(self, now: float, found: swx.Saa | Refused) -> AaaSessionState:
        """A session that is not authorised again is over on both sides (RFC 6733 8.1)."""
        if isinstance(found, Refused):
            return self._refuse(now, found.result)
        return self._grant(now)

    # -- orders (RFC 6733 8.3, 8.5) ---------------------------------------------------------------
    def _reconsider(self, now: float) -> AaaSessionState | None:
        """The profile has changed: the client asks again, or has to end the service."""
        assert self.user is not None
        if self.user.profile.refusal(self.wish.apn) is not None:
            return _S.ABORT
        alone = self.application == Application.S6B
        kind = ReAuthKind.AUTHORIZE_ONLY if alone else ReAuthKind.AUTHORIZE_AUTHENTICATE
        self.note(now, "reauthorisation", f"asks {self.holder}")
        self.server.ask(
            session.Rar(**self.server.order_to(self), re_auth_request_type=kind),
            now,
            lambda message, at: self.step("RAA", at, message),
        )
        return None

    def _on_reauthorisation(
        self, now: float, message: DiameterMessage | None
    ) -> AaaSessionState | None:
        result = result_of(message)
        if result == Result.DIAMETER_UNKNOWN_SESSION_ID:
            return _S.ENDED
        if result not in (Result.DIAMETER_SUCCESS, Result.DIAMETER_LIMITED_SUCCESS):
            self.note(now, "not reauthorised", why(result))
        return None

    def _abort(self, now: float) -> AaaSessionState | None:
        """The client is asked to end the service; where none was granted, there is none to end."""
        self._answer(now, Result.DIAMETER_UNABLE_TO_COMPLY)
        return None if self.is_granted else _S.ENDED

    def _ask_to_end(self, now: float) -> None:
        self.stop("round")
        self.note(now, "abort", f"asks {self.holder}")
        self.server.ask(
            session.Asr(**self.server.order_to(self)),
            now,
            lambda message, at: self.step("ASA", at, message),
        )

    def _on_abort(self, now: float, message: DiameterMessage | None) -> AaaSessionState | None:
        """A client that complies sends STR, too; one that knows nothing of it does not."""
        result = result_of(message)
        if result == Result.DIAMETER_SUCCESS:
            self.start("life", self.server.settings.patience, now)
            return None
        self.note(now, "not aborted", why(result))
        if result in (0, Result.DIAMETER_UNKNOWN_SESSION_ID):
            return _S.ENDED
        return _S.OPEN

    # -- ends -------------------------------------------------------------------------------------
    def _on_termination(self, now: float, request: session.Str, received: Received) -> None:
        self._answer(now, Result.DIAMETER_UNABLE_TO_COMPLY)
        self.note(now, "terminated", f"cause {int(request.termination_cause)}")
        self.server.answer_termination(request, received, Result.DIAMETER_SUCCESS, now)

    def _expire(self, now: float) -> None:
        """Session-Timeout is over, or an ASR was not followed by STR."""
        self.note(now, "session expired", self.session_id)
        self.cause = ServerAssignment.TIMEOUT_DEREGISTRATION
        self._answer(now, Result.DIAMETER_UNABLE_TO_COMPLY)

    def _lose(self, now: float) -> None:
        """The client has started again, and knows nothing of the session."""
        self.note(now, "session lost", f"{self.holder} has started again")

    def _close(self, now: float) -> None:
        self.stop("round", "life")
        self.server.close(self, now)
