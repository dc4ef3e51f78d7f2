"""What the AAA says of peers that are admitted: for how long, and when no more (RFC 6733 8)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from ..aaa import AaaAnswer, AaaInterface, AaaOrder, AaaOrderKind, AaaRequest
from .session import Session

if TYPE_CHECKING:
    from .responder import IkeResponder

__all__: list[str] = []


class Authorizations:
    """The sessions at the AAA of a responder; `session.aaa_session` is their name there."""

    def __init__(self, end: IkeResponder) -> None:
        self.end = end

    def register(self, session: Session, home_address: IPv6Address, now: float) -> None:
        """The session has a binding: the AAA is to know who serves it (TS 23.402 12.1)."""
        session.bound = home_address
        self.ask(session, now, bound=True)

    def ask(self, session: Session, now: float, *, bound: bool = False) -> None:
        """Have the session authorised again, without EAP."""
        if self.end.aaa is None or not session.aaa_session:
            return
        request = AaaRequest(
            session=session.aaa_session,
            interface=AaaInterface.S6B,
            user_name=session.user_name or session.identity,
            apn=session.apn,
            home_agent=self.end.home_agent,
            home_address=session.bound or session.home.address,
            bound=bound,
        )
        self.end.aaa.ask(request, now)

    def limit(self, session: Session, answer: AaaAnswer, now: float) -> None:
        """The session lasts as long as Session-Timeout says (RFC 6733 8.13)."""
        timer = "authorization", session.aaa_session
        self.end.stop_timer(timer)
        if answer.session_timeout is not None:
            self.end.start_timer(timer, now + answer.session_timeout)

    def answered(self, answer: AaaAnswer, now: float) -> bool:
        """Take an answer about a peer that is admitted; False for any other."""
        session = self._find(answer.session)
        if session is None or not session.established:
            return False
        if answer.is_granted:
            self.limit(session, answer, now)
            self.end.note(now, "authorised again", session.identity)
            if answer.agents:
                # Before the binding REDIRECT moves it; now it would take a Home Agent Switch.
                self.end.note(now, "other home agents", agents=answer.agents)
        elif answer.is_undelivered:
            self.end.note(now, "not authorised again", f"result {answer.result}")
        else:
            self._dismiss(session, f"the AAA says {answer.result}", now)
        return True

    def obey(self, order: AaaOrder, now: float) -> None:
        """Do what the AAA wants (RFC 6733 8.3, 8.5)."""
        session = self._find(order.session)
        if session is None:
            self.end.note(now, "dropped", "an order about a session that is over")
        elif order.kind == AaaOrderKind.ABORT:
            self._dismiss(session, "the AAA has ended the session", now)
        else:
            self.ask(session, now)

    def expire(self, name: str, now: float) -> None:
        """Session-Timeout is over."""
        session = self._find(name)
        if session is not None:
            self._dismiss(session, "the session is over", now)

    def over(self, session: Session, now: float) -> None:
        """The IKE SA is gone, and the AAA learns of it."""
        if self.end.aaa is not None and session.aaa_session:
            self.end.stop_timer(("authorization", session.aaa_session))
            self.end.aaa.end(session.aaa_session, now, session.ends)
            session.aaa_session = ""

    def _dismiss(self, session: Session, reason: str, now: float) -> None:
        self.end.note(now, "dismissed", reason, identity=session.identity)
        if session.established:
            self.end.dismiss(session, now)
            return
        for sa in list(session.sas):
            self.end.drop(sa, reason, now)

    def _find(self, name: str) -> Session | None:
        sessions = (sa.session for sa in self.end.sas.values())
        return next((one for one in sessions if name and one.aaa_session == name), None)
