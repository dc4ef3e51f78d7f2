"""What the parts of a AAA server's session have in common: whom it is of, and its answers."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...diameter import Application, Result, ServerAssignment
from ...diameter.interfaces import Request, s6b, swx
from ...eap import EapType
from ..actor import Machine, Unit
from ..home_subscribers import IDENTITY_ALREADY_REGISTERED
from ..usim import permanent_identity
from .agents import agent_of
from .authorisation import Asking, answer_to, granted, wish_of
from .results import Refused
from .server_settings import User
from .settings import Received

if TYPE_CHECKING:
    from .server import AaaServer

__all__ = ["AaaSessionState"]


class AaaSessionState(enum.StrEnum):
    """What a session waits for."""

    NEW = "the first request"
    EAP = "an EAP response"
    VECTOR = "a vector"
    PROFILE = "a profile"
    OPEN = "nothing: open"
    UPDATE = "the home subscriber server, which is told the home agent"
    ABORT = "the client, which is told to end it"
    ENDED = "nothing: ended"


class SessionBase(Machine):
    """One Session-Id; its events are those of the server.

    `ENTRIES` names what is called once a state is reached: what it asks may be answered at once.
    """

    ENTRIES: ClassVar[Mapping[AaaSessionState, str]] = {}

    def __init__(self, server: AaaServer, request: Asking) -> None:
        super().__init__(server.name, AaaSessionState.NEW)
        self.server, self.session_id = server, request.session_id
        self.application = int(request.application)
        self.holder, self.realm = request.origin_host, request.origin_realm
        "The client that has the service: Origin-Host and Origin-Realm."
        self.wish = wish_of(request)
        self.user: User | None = None
        self.asked_about = ""
        "Whom the home subscriber server is asked about."
        self.is_granted = False
        self.cause = ServerAssignment.USER_DEREGISTRATION
        "What the home subscriber server hears where this is the last session of the user."
        self._request = request
        self._waiting: Received | None = None
        "The request that has no answer yet."
        self._instead = ""
        "The AAA server that serves the user instead."

    def receive(self, unit: Unit, now: float) -> None:
        raise NotImplementedError("units are the server's")

    def note(self, now: float, name: str, text: str = "", **values: Any) -> None:
        self.server.note(now, name, text, session=self.session_id, **values)

    def step(self, what: str, now: float, *arguments: Any) -> None:
        before = self.state
        super().step(what, now, *arguments)
        if self.state != before and self.state in self.ENTRIES:
            getattr(self, self.ENTRIES[self.state])(now)

    def is_held_by(self, request: Request) -> bool:
        """The request is of the client and the application that the session is of."""
        return (self.holder, self.application) == (request.origin_host, request.application)

    # -- timers, which the server has -------------------------------------------------------------
    def start(self, timer: str, seconds: float, now: float) -> None:
        """Let a timer be over later."""
        self.server.start_timer((timer, self.session_id), now + seconds)

    def stop(self, *timers: str) -> None:
        """Forget timers."""
        for timer in timers:
            self.server.stop_timer((timer, self.session_id))

    # -- requests and answers ---------------------------------------------------------------------
    def _take(self, request: Asking, received: Received) -> None:
        self._request, self._waiting = request, received
        self.stop("round")

    def _answer(self, now: float, result: int, **more: Any) -> None:
        """Answer the request that waits, if one does."""
        received, self._waiting = self._waiting, None
        if received is not None:
            own = self.server.settings
            self.server.answer(received, answer_to(self._request, own, result, **more), now)

    def _refuse(self, now: float, result: int, **more: Any) -> AaaSessionState:
        """Answer that it is not to be; the session ends."""
        if result == IDENTITY_ALREADY_REGISTERED and self._instead:
            more["redirect_hosts"] = (f"aaa://{self._instead}",)
            if not isinstance(self._request, s6b.Aar):
                more["aaa_server_name"] = self._instead
        self.note(now, "refused", f"result {int(result)}")
        self._answer(now, result, **more)
        return AaaSessionState.ENDED

    def _refuse_other(self, now: float, request: Asking, received: Received) -> None:
        """A request while another one waits; a duplicate only says where the answer goes to."""
        if self._waiting is not None and _is_again(received, self._waiting):
            self._waiting = received
            return
        own, result = self.server.settings, Result.DIAMETER_UNABLE_TO_COMPLY
        self.note(now, "refused", "another request waits")
        self.server.answer(received, answer_to(request, own, result), now)

    # -- authorisation ----------------------------------------------------------------------------
    def _learn(self, found: swx.Saa | Refused) -> int:
        """Take the user's profile; the result that comes of it."""
        if isinstance(found, Refused):
            self._instead = found.server
            return found.result
        imsi = found.user_name or self.asked_about
        if found.user_data is None or (self.asked_about.isdecimal() and imsi != self.asked_about):
            # An IMSI is nobody else's; of another user name the answer says whose it is.
            return Result.DIAMETER_UNABLE_TO_COMPLY
        self.user = self.server.learn(imsi, found.user_data, self)
        return self.user.profile.refusal(self.wish.apn) or Result.DIAMETER_SUCCESS

    def _grant(self, now: float, **more: Any) -> AaaSessionState:
        """Let the user in, or on, as long as the profile does."""
        user, settings = self.user, self.server.procedure
        assert user is not None
        refusal = user.profile.refusal(self.wish.apn)
        if refusal is not None:
            return self._refuse(now, refusal)
        result, fields = granted(
            self._request, self.wish, user, settings, self.server.settings.realm
        )
        if self.application == Application.STA:
            user.offered = tuple(map(agent_of, self.wish.local))
        self.is_granted = True
        self.start("life", settings.session_timeout, now)
        name = name_of(user.imsi, self.wish.method, settings.mnc_digits)
        self.note(now, "authorised", name, result=int(result))
        self._answer(now, result, user_name=name, **fields, **more)
        return AaaSessionState.OPEN


def imsi_of(user_name: str, mnc_digits: int) -> str:
    """The IMSI of a permanent identity of the home realm; any other name is left as it is."""
    found = re.fullmatch(r"[06](\d{6,15})@.*", user_name, re.ASCII)
    methods = (EapType.AKA, EapType.AKA_PRIME)
    own = found and (permanent_identity(found[1], method, mnc_digits) for method in methods)
    return found[1] if found and own and user_name in own else user_name


def name_of(imsi: str, method: EapType, mnc_digits: int) -> str:
    """The permanent identity; a user whose IMSI was not told goes by what is known."""
    return permanent_identity(imsi, method, mnc_digits) if imsi.isdecimal() else imsi


def _is_again(received: Received, before: Received) -> bool:
    """Both are one request, sent twice (RFC 6733 5.5.4)."""
    one, other = received.message, before.message
    return one.end_to_end_id == other.end_to_end_id
