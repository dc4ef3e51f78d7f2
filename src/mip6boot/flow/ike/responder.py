"""The responder: many IKE SAs, each of which an initiator has asked for (RFC 7296 1.2, 2.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address
from typing import Any

from ...errors import DecodeError
from ...ikev2 import (
    Cookie,
    ExchangeType,
    IkeFlags,
    IkeMessage,
    InvalidKePayload,
    KeyExchange,
    Nonce,
    Notify,
    NotifyType,
    Payload,
    PortRange,
    SecurityAssociation,
)
from ...security import IkeKeys, IkeSuite, Rng
from ..aaa import Aaa, AaaAnswer
from ..actor import Unit
from .addresses import Addresses, HomeAnswer
from .admission import Admission, AdmissionState
from .authorizations import Authorizations
from .end import End
from .initial import Cookies, learn, nat_detection, nonce_fits, supported
from .payloads import find, objection
from .proposals import choose
from .sa import IkeSa, where
from .selectors import ANYTHING, for_addresses
from .session import Payloads, Session
from .settings import ChildRequest, Established, Settings

__all__ = ["IkeResponder"]


class IkeResponder(End):
    """A responder; `sessions` are those whose peers it has admitted."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        rng: Rng,
        addresses: Addresses | None = None,
        aaa: Aaa | None = None,
        home_agent: IPv6Address | None = None,
        local: tuple[PortRange, ...] = ANYTHING,
        transport: bool = True,
        demands_configuration: bool = False,
        single_pair: bool = False,
        eap_only: bool = False,
        cookies_from: int = 64,
        most_half_open: int = 1024,
        half_open: float = 30.0,
        home_patience: float = 3.0,
    ) -> None:
        """A responder that gives home addresses of `addresses`, and asks the `aaa`.

        `local` are the selectors of its own side; `transport` allows transport mode;
        `demands_configuration` refuses child SAs to peers that ask for no home address, and
        `single_pair` to those that offer more than one address; `eap_only` takes initiators that
        want no certificate of it.  From so many half-open IKE SAs on, `cookies_from`, initiators
        have to bring a cookie; beyond `most_half_open` the oldest goes, first of those that nothing
        was heard of again.  `half_open` and `home_patience` are seconds.
        """
        super().__init__(name, settings, rng)
        self.addresses, self.aaa, self.home_agent = addresses, aaa, home_agent
        self.local, self.transport = local, transport
        self.demands_configuration, self.single_pair = demands_configuration, single_pair
        self.eap_only, self.home_patience = eap_only, home_patience
        self._cookies_from, self._half_open_for = cookies_from, half_open
        self._most_half_open = most_half_open
        self._cookies = Cookies(rng)
        self.authorizations = Authorizations(self)
        self.dismiss: Callable[[Session, float], None] = self.close
        "Ends the session of a peer that is not to be served any more; an owner may know better."
        self._admissions: dict[bytes, Admission] = {}
        self._initials: dict[tuple[Any, bytes], IkeSa] = {}

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Those of the peers that are admitted, the oldest first."""
        found = dict.fromkeys(sa.session for sa in self.sas.values())
        return tuple(one for one in found if one.established)

    @property
    def established(self) -> tuple[Established, ...]:
        """What was agreed on with each of them."""
        currents = (one.current for one in self.sessions)
        found = (None if one is None else one.established for one in currents)
        return tuple(one for one in found if one is not None)

    # -- units and answers ------------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        super().receive(unit, now)
        self.poll(now)

    def poll(self, now: float) -> None:
        """Take what has come of the AAA and of who gives home addresses."""
        for order in () if self.aaa is None else self.aaa.orders():
            self.authorizations.obey(order, now)
        # What an order makes it ask may be answered at once.
        answers: Sequence[Any] = () if self.aaa is None else self.aaa.answers()
        for answer in answers:
            self._deliver("AAA answer", answer, now)
        answers = () if self.addresses is None else self.addresses.answers()
        for answer in answers:
            self._deliver("home answer", answer, now)

    def _deliver(self, what: str, answer: Any, now: float) -> None:
        """Give an answer to those that wait for it."""
        waiting = [one for one in self._admissions.values() if _waits(one, answer)]
        for one in waiting:
            one.step(what, now, answer)
        later = isinstance(answer, AaaAnswer) and self.authorizations.answered(answer, now)
        if not waiting and not later:
            self.note(now, "dropped", f"{what} that nobody waits for")

    def expired(self, timer: Any, now: float) -> None:
        kind, spi = timer
        if kind == "half open":
            if spi in self.sas:
                self.drop(self.sas[spi], "the initiator was not admitted in time", now)
        elif kind == "authorization":
            self.authorizations.expire(spi, now)
        elif kind == "home":
            if spi in self._admissions:
                self._admissions[spi].step("patience over", now)
        else:
            super().expired(timer, now)
        self.poll(now)

    # -- IKE_SA_INIT ------------------------------------------------------------------------------
    def initial(self, message: IkeMessage, octets: bytes, unit: Unit, now: float) -> None:
        proper = message.from_initiator and not message.is_response and not message.message_id
        if not proper or any(message.responder_spi) or not any(message.initiator_spi):
            self.note(now, "dropped", "no request of IKE_SA_INIT")
            return
        before = self._initials.get((unit.source, octets))
        if before is not None:
            before.answer_initial_again(unit, now)
            return
        answer = self._refusal(message, unit, now) or self._admit(message, octets, unit, now)
        if answer is not None:
            self.note(now, "refused", _name(answer), initiator=message.initiator_spi.hex())
            reply = message.replace(flags=IkeFlags.R, payloads=(answer,))
            self.transmit(*where(unit), reply.encode())

    def _refusal(self, message: IkeMessage, unit: Unit, now: float) -> Payload | None:
        """What a request is answered with before anything is kept of it; None for nothing."""
        payloads = message.payloads
        refusal = objection(payloads)
        if refusal is not None:
            return refusal
        wanted = (find(payloads, one) for one in (SecurityAssociation, KeyExchange))
        if not all(wanted) or not nonce_fits(find(payloads, Nonce)):
            return Notify(notify_type=NotifyType.INVALID_SYNTAX)
        if len(self._admissions) < self._cookies_from:
            return None
        first, source = payloads[0], where(unit)[1][0]
        if isinstance(first, Cookie) and self._cookies.fits(first.cookie, message, source, now):
            return None
        return Cookie(cookie=self._cookies.make(message, source, now))

    def _admit(self, message: IkeMessage, octets: bytes, unit: Unit, now: float) -> Payload | None:
        """Make an IKE SA, and answer; or the error to answer with."""
        payloads = message.payloads
        asked, public = find(payloads, SecurityAssociation), find(payloads, KeyExchange)
        theirs = find(payloads, Nonce)
        assert asked is not None
        assert public is not None
        assert theirs is not None
        chosen = choose(asked, self.settings.suites.ike)
        if chosen is None:
            return Notify(notify_type=NotifyType.NO_PROPOSAL_CHOSEN)
        suite, proposal = chosen
        if public.method != suite.key_exchange:
            return InvalidKePayload(method=suite.key_exchange or 0)
        spi = self.new_spi(8)
        try:
            data, shared = suite.group.respond(self.rng, public.key_exchange_data)
        except DecodeError:
            return Notify(notify_type=NotifyType.INVALID_SYNTAX)
        nonce = self.rng.randbytes(self.settings.nonce_octets)
        sa = IkeSa(self, Session(), initiator=False, spi_i=message.initiator_spi, spi_r=spi)
        sa.local, sa.remote = where(unit)
        nonces = theirs.nonce_data, nonce
        self.add(sa, _keys(suite, message.initiator_spi, spi, nonces, shared))
        learn(sa, message)
        own: list[Payload] = [
            SecurityAssociation(proposals=(proposal,)),
            KeyExchange(method=public.method, key_exchange_data=data),
            Nonce(nonce_data=nonce),
            *nat_detection(sa.spi_i, spi, sa.local, sa.remote),
            *self.settings.trust.request(),
            *supported(self.settings.trust.hash_algorithms),
            Notify(notify_type=NotifyType.CHILDLESS_IKEV2_SUPPORTED),
        ]
        header = sa.header(ExchangeType.IKE_SA_INIT, 0, IkeFlags.R)
        answer = header.replace(payloads=tuple(own)).encode()
        sa.keep_answer(answer, unit)
        self._initials[unit.source, octets] = sa
        self._admissions[spi] = Admission(self, sa, (octets, answer), nonces)
        self._make_room(now)
        self.start_timer(("half open", spi), now + self._half_open_for)
        self.note(now, "half open", spi=spi.hex())
        self.transmit(sa.local, sa.remote, answer)
        return None

    def _make_room(self, now: float) -> None:
        """Cookies cost an initiator little that can be reached at many addresses."""
        while len(self._admissions) > self._most_half_open:
            waiting = self._admissions.values()
            silent = (one for one in waiting if one.state == AdmissionState.REQUEST)
            oldest = next(silent, None) or next(iter(waiting))
            self.drop(oldest.sa, "too many are half open", now)

    # -- IKE_AUTH and after -----------------------------------------------------------------------
    def authenticate(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        self.start_timer(("half open", sa.own_spi), now + self._half_open_for)
        self._admissions[sa.own_spi].step("request", now, payloads)

    def admitted(self, sa: IkeSa, now: float, *, contact: bool) -> None:
        """A peer is admitted; with INITIAL_CONTACT it has nothing older (RFC 7296 2.4)."""
        session = sa.session
        sa.local, sa.remote = sa.asked_from
        self._forget(sa)
        for other in self.sessions if contact else ():
            if other.identity == session.identity and other is not session:
                for old in list(other.sas):
                    self.drop(old, "INITIAL_CONTACT", now)
        self.note(now, "established", session.identity)

    def _forget(self, sa: IkeSa) -> None:
        admission = self._admissions.pop(sa.own_spi, None)
        if admission is not None:
            self._initials.pop(admission.initial, None)
        self.stop_timer(("half open", sa.own_spi))
        self.stop_timer(("home", sa.own_spi))

    def drop(self, sa: IkeSa, reason: str, now: float) -> None:
        self._forget(sa)
        super().drop(sa, reason, now)

    def allowed(self, sa: IkeSa) -> ChildRequest:
        """The peer's side is its home address or prefix, else what the PAD or its address say."""
        session = sa.session
        home, entry = session.home, session.entry
        found = [one for one in (home.address, home.prefix) if one is not None]
        known = () if entry is None else entry.home_addresses
        remote = for_addresses(*found, *known) or for_addresses(sa.remote[0])
        return ChildRequest(local=self.local, remote=remote, transport=self.transport)

    def over(self, session: Session, reason: str, now: float) -> None:
        """The home address lives as long as the IKE SA and those that replaced it (RFC 4877 9).

        So does what the AAA has granted.
        """
        self.authorizations.over(session, now)
        if not session.leased or self.addresses is None:
            return
        own = session.identity, session.apn
        others = (sa.session for sa in self.sas.values())
        if not any(one.leased and own == (one.identity, one.apn) for one in others):
            self.addresses.release(*own, now)


def _waits(admission: Admission, answer: AaaAnswer | HomeAnswer) -> bool:
    if isinstance(answer, AaaAnswer):
        return admission.aaa_session == answer.session
    asked = admission.identity, admission.sa.session.apn
    return admission.state == AdmissionState.HOME and asked == (answer.identity, answer.apn)


def _keys(
    suite: IkeSuite, spi_i: bytes, spi_r: bytes, nonces: tuple[bytes, bytes], shared: bytes
) -> IkeKeys:
    return IkeKeys.derive(
        suite, spi_i=spi_i, spi_r=spi_r, nonce_i=nonces[0], nonce_r=nonces[1], shared=shared
    )


def _name(payload: Payload) -> str:
    kind = int(getattr(payload, "notify_type", 0))
    return NotifyType(kind).name
