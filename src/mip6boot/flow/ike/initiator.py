"""The initiator: from the first message to an IKE SA and its child SA (RFC 7296 1.2, 2.16)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any, ClassVar

from ...errors import ConfigError, DecodeError, IntegrityError
from ...ikev2 import (
    Cookie,
    ExchangeType,
    GatewayIdentity,
    Identity,
    IkeMessage,
    InvalidKePayload,
    Ipv4Gateway,
    Ipv6Gateway,
    KeyExchange,
    KeyExchangeMethod,
    Nonce,
    Notify,
    NotifyType,
    Payload,
    Redirect,
    RedirectedFrom,
    SecurityAssociation,
)
from ...ikev2 import IkeFlags as Flags
from ...security import IkeKeys, Rng
from ..actor import Machine, Transitions, Unit
from ..parts import name_of
from . import informational
from .addresses import Wanted
from .credentials import EapMethod
from .end import IKE_PORT, NAT_PORT, End
from .initial import learn, nat_detection, nonce_fits, supported
from .initiator_authentication import Authenticating, InitiatorState
from .payloads import error_of, find, objection
from .proposals import choose, offer
from .sa import IkeSa
from .session import Payloads, Request, Session, Task
from .settings import ChildRequest, Established, Settings

__all__ = ["IkeInitiator"]

#: Times that the first request may be changed as the responder wants it (RFC 7296 2.6.1).
_MOST_CHANGES = 8


_S = InitiatorState


class _Initial(Request):
    """Answers to IKE_SA_INIT are not sealed, and go to the initiator itself."""


class IkeInitiator(End, Machine):
    """An initiator with one session; once it has failed or is closed, a new one is made.

    `established` is the result, `reason` says why there is none, and `redirect` names the gateway
    to go to instead (RFC 5685).
    """

    TRANSITIONS: ClassVar[Transitions] = {
        (_S.IDLE, "start"): ("_begin", _S.INITIAL),
        (_S.INITIAL, "cookie"): ("_with_cookie", None),
        (_S.INITIAL, "other key exchange"): ("_with_method", None),
        (_S.INITIAL, "error"): ("_doubt", None),
        (_S.INITIAL, "patience over"): ("_fail", _S.FAILED),
        (_S.INITIAL, "redirect"): ("_redirect", _S.REDIRECTED),
        (_S.INITIAL, "answer"): ("_derive", _S.AUTHENTICATING),
        (_S.INITIAL, "lost"): ("_fail", _S.FAILED),
        (_S.AUTHENTICATING, "answer"): ("_on_first", None),
        (_S.EAP, "answer"): ("_on_eap", None),
        (_S.PROVING, "answer"): ("_on_proof", None),
        (_S.AUTHENTICATING, "lost"): ("_fail", _S.FAILED),
        (_S.EAP, "lost"): ("_fail", _S.FAILED),
        (_S.PROVING, "lost"): ("_fail", _S.FAILED),
        (_S.ESTABLISHED, "lost"): ("_end", _S.CLOSED),
        (None, "lost"): (None, None),
        (None, "patience over"): (None, None),
    }

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        local: IPv4Address | IPv6Address,
        remote: IPv4Address | IPv6Address,
        rng: Rng,
        child: ChildRequest | None = None,
        wanted: Wanted | None = None,
        responder: Identity | None = None,
        eap: EapMethod | None = None,
        eap_only: bool = False,
        initial_contact: bool = True,
        redirected_from: IPv4Address | IPv6Address | None = None,
    ) -> None:
        """An initiator at `local` that asks `remote`.

        `responder` is the identity asked for, with Mobile IPv6 an APN.  With `eap` it is EAP that
        proves who the initiator is, and of the credentials the identity alone counts; `eap_only`
        offers that the responder proves itself by EAP alone, too (RFC 5998).
        """
        super().__init__(name, settings, rng, state=_S.IDLE)
        self.local, self.remote = local, remote
        self.child, self.wanted = child or ChildRequest(), wanted or Wanted()
        self.responder, self.eap, self.eap_only = responder, eap, eap_only
        self.initial_contact, self.redirected_from = initial_contact, redirected_from
        self.session = Session()
        self.reason = ""
        self.redirect: GatewayIdentity | None = None
        self._cookie = b""
        self._changes = 0
        self._dismissing = False
        self._doubts: NotifyType | int | None = None

    @property
    def established(self) -> Established | None:
        """What was agreed on; None before and after."""
        return None if self.session.current is None else self.session.current.established

    def start(self, now: float) -> None:
        """Send the first request."""
        self.step("start", now)

    # -- IKE_SA_INIT ------------------------------------------------------------------------------
    def _begin(self, now: float) -> None:
        spi = self.new_spi(8)
        sa = IkeSa(self, self.session, initiator=True, spi_i=spi, spi_r=bytes(8))
        port = NAT_PORT if self.settings.encapsulate else IKE_PORT
        sa.local, sa.remote = (self.local, port), (self.remote, port)
        self.sas[spi] = self.session.current = sa
        self.sa = sa
        self._nonce = self.rng.randbytes(self.settings.nonce_octets)
        self._use(self.settings.suites.ike[0].key_exchange)
        self._ask(now)

    def _use(self, method: KeyExchangeMethod | int | None) -> None:
        suites = self.settings.suites.ike
        suite = next(one for one in suites if one.key_exchange == method)
        self._method, self._pair = method, suite.group.generate(self.rng)

    def _ask(self, now: float) -> None:
        """Send IKE_SA_INIT, the latest of which is what is signed.

        Who asks for a cookie or another key exchange has not refused, whoever said so before.
        """
        sa = self.sa
        self._believe()
        payloads: list[Payload] = [Cookie(cookie=self._cookie)] if self._cookie else []
        payloads += [
            offer(self.settings.suites.ike),
            KeyExchange(method=self._method or 0, key_exchange_data=self._pair.public),
            Nonce(nonce_data=self._nonce),
            *nat_detection(sa.spi_i, bytes(8), sa.local, sa.remote),
            *supported(self.settings.trust.hash_algorithms),
            self._about_redirection(),
        ]
        header = sa.header(ExchangeType.IKE_SA_INIT, 0, Flags(0))
        self.request_octets = header.replace(payloads=tuple(payloads)).encode()
        sa.ask_octets(_Initial(Task.INITIAL), [self.request_octets], now)

    def _about_redirection(self) -> Payload:
        """REDIRECTED_FROM says that redirection is supported, too (RFC 5685 3)."""
        before = self.redirected_from
        if before is None:
            return Notify(notify_type=NotifyType.REDIRECT_SUPPORTED)
        kind = Ipv4Gateway if isinstance(before, IPv4Address) else Ipv6Gateway
        return RedirectedFrom(original_gateway=kind(address=before))  # type: ignore[arg-type]

    def initial(self, message: IkeMessage, octets: bytes, unit: Unit, now: float) -> None:
        sa = self.sas.get(message.initiator_spi)
        if sa is None or sa is not self.session.current or self.state != _S.INITIAL:
            self.note(now, "dropped", "no IKE_SA_INIT is under way")
        elif not message.is_response or message.from_initiator or message.message_id:
            self.note(now, "dropped", "no answer to IKE_SA_INIT")
        else:
            what, why = self._kind(message)
            if what is None:
                self.note(now, "dropped", why)
            else:
                self.step(what, now, message, octets)

    def _kind(self, message: IkeMessage) -> tuple[str | None, str]:
        """What an answer is, or why it is dropped; nothing in it is authenticated yet."""
        payloads = message.payloads
        cookie, method = find(payloads, Cookie), find(payloads, InvalidKePayload)
        redirect, error = find(payloads, Redirect), error_of(payloads)
        if objection(payloads) is not None:
            return None, "a payload does not parse, or nobody knows it"
        if self._changes >= _MOST_CHANGES and (cookie or method):
            return None, "the responder changes its mind too often"
        if cookie is not None:
            new = 1 <= len(cookie.cookie) <= 64 and cookie.cookie != self._cookie
            return ("cookie", "") if new else (None, "the cookie is known")
        if method is not None:
            known = method.method in [suite.key_exchange for suite in self.settings.suites.ike]
            if known and method.method != self._method:
                return "other key exchange", ""
            return None, "INVALID_KE_PAYLOAD asks for what was sent, or was never offered"
        if redirect is not None:
            fits = redirect.nonce_data == self._nonce
            return ("redirect", "") if fits else (None, "the nonce of REDIRECT is not ours")
        return ("error" if error is not None else "answer"), ""

    def _with_cookie(self, now: float, message: IkeMessage, _: bytes) -> None:
        cookie = find(message.payloads, Cookie)
        assert cookie is not None
        self.note(now, "cookie")
        self._cookie = cookie.cookie
        self._changes += 1
        self._ask(now)

    def _with_method(self, now: float, message: IkeMessage, _: bytes) -> None:
        wanted = find(message.payloads, InvalidKePayload)
        assert wanted is not None
        self.note(now, "other key exchange", str(wanted.method))
        self._changes += 1
        self._use(wanted.method)
        self._ask(now)

    def _doubt(self, now: float, message: IkeMessage, _: bytes) -> None:
        """An error that anybody may have sent counts only if nothing better comes in time."""
        if self._doubts is None:
            self._doubts = error_of(message.payloads)
            self.reason = name_of(self._doubts)
            self.note(now, "error", f"{self.reason}, which nobody authenticated")
            self.start_timer("patience", now + self.settings.patience)

    def _believe(self) -> None:
        """Something better than an error has come."""
        self.stop_timer("patience")
        self._doubts, self.reason = None, ""

    def _redirect(self, now: float, message: IkeMessage, _: bytes) -> None:
        redirect = find(message.payloads, Redirect)
        assert redirect is not None
        self.redirected(redirect, now)

    def redirected(self, redirect: Redirect, now: float, *, proved: bool = False) -> None:
        """Another gateway is to be asked; an IKE SA that stands is deleted (RFC 5685 6)."""
        self.redirect = redirect.new_gateway
        self.note(now, "redirected", gateway=redirect.new_gateway)
        if proved:
            informational.ask_delete_ike(self.sa, now)
        else:
            self._dismiss("redirected", now)

    def _derive(self, now: float, message: IkeMessage, octets: bytes) -> InitiatorState | None:
        """Make the keys, and go on to IKE_AUTH."""
        sa, payloads = self.sa, message.payloads
        keys = self._keys(message)
        if keys is None:
            self.note(now, "dropped", "the answer is not one to what was offered")
            return _S.INITIAL
        self._believe()
        sa.settle()
        sa.spi_r = message.responder_spi
        learn(sa, message)
        if sa.nat or self.settings.encapsulate:
            sa.local, sa.remote = (self.local, NAT_PORT), (self.remote, NAT_PORT)
        self.add(sa, keys)
        nonce = find(payloads, Nonce)
        assert nonce is not None
        self._authenticating = Authenticating(self, octets, self._nonce, nonce.nonce_data)
        try:
            self._authenticating.first(now)
        except ConfigError as e:
            return self.give_up(str(e), now)
        return None

    def _keys(self, message: IkeMessage) -> IkeKeys | None:
        payloads = message.payloads
        answer, nonce = find(payloads, SecurityAssociation), find(payloads, Nonce)
        public = find(payloads, KeyExchange)
        if answer is None or public is None or not nonce_fits(nonce):
            return None
        suites = [one for one in self.settings.suites.ike if one.key_exchange == self._method]
        chosen = choose(answer, suites) if len(answer.proposals) == 1 else None
        if chosen is None or public.method != self._method or not any(message.responder_spi):
            return None
        try:
            shared = self._pair.shared(public.key_exchange_data)
        except DecodeError:
            return None
        return IkeKeys.derive(
            chosen[0],
            spi_i=message.initiator_spi,
            spi_r=message.responder_spi,
            nonce_i=self._nonce,
            nonce_r=nonce.nonce_data,
            shared=shared,
        )

    # -- IKE_AUTH ---------------------------------------------------------------------------------
    def _on_first(self, now: float, payloads: Payloads) -> InitiatorState | None:
        return self._checked(now, payloads, self._authenticating.on_first)

    def _on_eap(self, now: float, payloads: Payloads) -> InitiatorState | None:
        return self._checked(now, payloads, self._authenticating.on_eap)

    def _on_proof(self, now: float, payloads: Payloads) -> InitiatorState | None:
        return self._checked(now, payloads, self._authenticating.on_proof)

    def _checked(self, now: float, payloads: Payloads, work: Any) -> InitiatorState | None:
        """Take an answer; where the peer does not prove itself, tell it and give up."""
        try:
            found: InitiatorState | None = work(payloads, now)
        except (IntegrityError, ConfigError, DecodeError) as e:
            self.note(now, "authentication failed", str(e))
            self.reason = f"the peer is not authenticated: {e}"
            informational.tell_and_drop(self.sa, NotifyType.AUTHENTICATION_FAILED, now)
            return _S.FAILED
        return found

    # -- ends -------------------------------------------------------------------------------------
    def give_up(self, reason: str, now: float) -> InitiatorState:
        """The peer has refused; there is nothing to delete."""
        self._fail(now, reason)
        return _S.FAILED

    def _fail(self, now: float, reason: str = "") -> None:
        self.reason = self.reason or reason
        self.note(now, "failed", self.reason)
        if self.session.sas:
            self._dismiss(self.reason, now)

    def _dismiss(self, reason: str, now: float) -> None:
        """Forget the IKE SA without a message."""
        self._dismissing = True
        self.drop(self.sa, reason, now)

    def _end(self, now: float, reason: str) -> None:
        self.reason = reason

    def over(self, session: Session, reason: str, now: float) -> None:
        if not self._dismissing:
            self.step("lost", now, reason)

    def request(self, sa: IkeSa, kind: ExchangeType | int, payloads: Payloads, now: float) -> None:
        if kind == ExchangeType.IKE_AUTH:
            kind = -1  # It is the initiator who asks for that.
        super().request(sa, kind, payloads, now)

    def allowed(self, sa: IkeSa) -> ChildRequest:
        """What the initiator asked for itself."""
        return self.child
