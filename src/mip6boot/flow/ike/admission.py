"""IKE_AUTH as the responder has it, for one IKE SA: proofs, EAP by the AAA, home address, child SA.

Answers of the AAA and of who gives home addresses may take their time; the initiator waits.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar

from ...eap import Failure, IdentityResponse, Success
from ...errors import ConfigError, IntegrityError
from ...ikev2 import (
    Authentication,
    Certificate,
    Configuration,
    Eap,
    IDi,
    IDr,
    Notify,
    NotifyType,
    Payload,
    Redirect,
    SecurityAssociation,
    UseAssignedHoa,
)
from ...security import Secret, shared_key_authentication, signed_octets, verify_shared_key
from ...security.hashing import Prf
from ..aaa import AaaAnswer, AaaInterface, AaaRequest, AaaResult
from ..actor import Machine, Transitions, Unit
from .addresses import Home, HomeAnswer, Wanted
from .children import agree
from .credentials import Method, entry_of
from .payloads import find, find_all, identity_text, notification
from .redirection import gateway_of
from .sa import IkeSa
from .session import Payloads

if TYPE_CHECKING:
    from .responder import IkeResponder

__all__ = ["Admission", "AdmissionState"]


class AdmissionState(enum.StrEnum):
    """What the responder waits for."""

    REQUEST = "the first request"
    AAA = "the AAA, with EAP"
    EAP = "an EAP response"
    PROOF = "AUTH of the MSK"
    AUTHORIZATION = "the AAA, without EAP"
    HOME = "a home address"
    DONE = "nothing: admitted"
    REDIRECTED = "the end of an IKE SA that redirects"
    REFUSED = "nothing: refused"


_S = AdmissionState


class Admission(Machine):
    """How one initiator is let in, or not; its events are those of the responder."""

    TRANSITIONS: ClassVar[Transitions] = {
        (_S.REQUEST, "request"): ("_on_first", None),
        (_S.AAA, "AAA answer"): ("_on_aaa", None),
        (_S.EAP, "request"): ("_on_eap", None),
        (_S.PROOF, "request"): ("_on_proof", None),
        (_S.AUTHORIZATION, "AAA answer"): ("_on_authorization", None),
        (_S.HOME, "home answer"): ("_on_home", _S.DONE),
        (_S.HOME, "patience over"): ("_without_home", _S.DONE),
        (_S.REDIRECTED, "request"): ("_on_more", None),
        (_S.REFUSED, "request"): (None, None),
    }

    def __init__(
        self, end: IkeResponder, sa: IkeSa, octets: tuple[bytes, bytes], nonces: tuple[bytes, bytes]
    ) -> None:
        """`octets` and `nonces` are those of the request and the answer of IKE_SA_INIT."""
        super().__init__(end.name, _S.REQUEST)
        self.end, self.sa = end, sa
        self._octets, self._nonces = octets, nonces
        #: What the first request is known again by: where it is from, and its octets.
        self.initial = sa.remote[0], octets[0]
        self._msk = Secret()
        self._wishes: Payloads = ()
        self._identifier = 0
        self._introduced = False
        self.aaa_session = f"{end.name};{sa.own_spi.hex()}"

    def note(self, now: float, name: str, text: str = "", **values: Any) -> None:
        self.end.note(now, name, text, spi=self.sa.own_spi.hex(), **values)

    def step(self, what: str, now: float, *arguments: Any) -> None:
        try:
            super().step(what, now, *arguments)
        except ConfigError as e:
            self.state = self._refuse(now, NotifyType.AUTHENTICATION_FAILED, str(e))

    def receive(self, unit: Unit, now: float) -> None:
        raise NotImplementedError("units are the responder's")

    @property
    def identity(self) -> str:
        """Who the initiator says it is, or after EAP has proved to be."""
        return self.sa.session.identity

    # -- proofs -----------------------------------------------------------------------------------
    def _on_first(self, now: float, payloads: Payloads) -> AdmissionState:
        session, peer, asked = self.sa.session, find(payloads, IDi), find(payloads, IDr)
        if peer is None:
            return self._refuse(now, NotifyType.INVALID_SYNTAX, "there is no IDi")
        self._wishes = payloads
        session.remote, session.identity = peer, identity_text(peer.identity)
        session.local = IDr(identity=self.end.settings.credentials.identity)
        session.apn = "" if asked is None else identity_text(asked.identity)
        session.entry = entry_of(self.end.settings.peers, self.identity)
        if session.entry is None:
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, "the peer is not known")
        proof = find(payloads, Authentication)
        if proof is None:
            return self._begin_eap(now)
        try:
            method = session.entry.verify(
                proof, find_all(payloads, Certificate), peer, self._prf, self._peer_octets(),
                self.end.settings.trust, now,
            )  # fmt: skip
        except (IntegrityError, ConfigError) as e:
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, str(e))
        self.note(now, "authenticated", f"{self.identity} by {method}")
        if not session.entry.authorize:
            return self._assign(now)
        if self.end.aaa is None:
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, "there is no AAA")
        self._ask_aaa(now, None)
        return _S.AUTHORIZATION

    def _on_authorization(self, now: float, answer: AaaAnswer) -> AdmissionState:
        if not answer.is_granted:
            reason = f"the AAA says {answer.result}"
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, reason)
        return self._authorized(now, answer)

    # -- EAP --------------------------------------------------------------------------------------
    def _begin_eap(self, now: float) -> AdmissionState:
        """IDi takes the place of EAP's round for the identity (RFC 7296 2.16)."""
        entry = self.sa.session.entry
        assert entry is not None
        if Method.EAP not in entry.methods or self.end.aaa is None:
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, "EAP is not for this peer")
        if self.end.settings.credentials.private_key is None and not self._is_eap_alone():
            reason = "with EAP the responder needs a certificate"
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, reason)
        self._ask_aaa(now, IdentityResponse(identifier=0, identity=self.identity))
        return _S.AAA

    def _ask_aaa(self, now: float, packet: Any) -> None:
        assert self.end.aaa is not None
        self.sa.session.aaa_session = self.aaa_session
        request = AaaRequest(
            session=self.aaa_session,
            interface=AaaInterface.S6B,
            user_name=self.identity,
            eap=packet,
            apn=self.sa.session.apn,
            home_agent=self.end.home_agent,
        )
        self.end.aaa.ask(request, now)

    def _on_aaa(self, now: float, answer: AaaAnswer) -> AdmissionState:
        if answer.result == AaaResult.MULTI_ROUND_AUTH and answer.eap is not None:
            self._identifier = answer.eap.identifier
            self.sa.answer([*self._introduction(), Eap(message=answer.eap)], now)
            return _S.EAP
        if answer.is_granted and answer.msk:
            self._msk = answer.msk
            self._answer = answer
            packet = answer.eap or Success(identifier=self._identifier)
            self.sa.answer([*self._introduction(), Eap(message=packet)], now)
            return _S.PROOF
        reason = f"the AAA says {answer.result}"
        if not self._introduced:
            # EAP has not begun for the initiator, who expects a proof with its first packet.
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, reason)
        # No AUTHENTICATION_FAILED goes with it (RFC 7296 2.21).
        failure = answer.eap if isinstance(answer.eap, Failure) else None
        packet = failure or Failure(identifier=self._identifier)
        return self._refuse(now, Eap(message=packet), reason)

    def _on_eap(self, now: float, payloads: Payloads) -> AdmissionState:
        packet = find(payloads, Eap)
        if packet is None:
            return self._refuse(now, NotifyType.INVALID_SYNTAX, "there is no EAP response")
        self._ask_aaa(now, packet.message)
        return _S.AAA

    def _on_proof(self, now: float, payloads: Payloads) -> AdmissionState:
        proof = find(payloads, Authentication)
        try:
            if proof is None:
                raise IntegrityError("there is no AUTH")
            verify_shared_key(proof, self._prf, self._msk, self._peer_octets())
        except IntegrityError as e:
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, str(e))
        if not self._is_let_in(self._answer.user_name or self.identity):
            reason = f"EAP has authenticated {self._answer.user_name}, who is not let in"
            return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, reason)
        self.note(now, "authenticated", f"{self.identity} by {Method.EAP}")
        return self._authorized(now, self._answer)

    def _is_let_in(self, identity: str) -> bool:
        """What EAP has authenticated decides, whatever IDi says (RFC 7296 2.16)."""
        session = self.sa.session
        session.identity, session.entry = identity, entry_of(self.end.settings.peers, identity)
        return session.entry is not None and Method.EAP in session.entry.methods

    # -- home address -----------------------------------------------------------------------------
    def _authorized(self, now: float, answer: AaaAnswer) -> AdmissionState:
        """The AAA may give the home address, too."""
        session, wanted = self.sa.session, self._wanted()
        session.user_name = answer.user_name
        self.end.authorizations.limit(session, answer, now)
        if answer.agents or answer.result == AaaResult.SUCCESS_RELOCATE_HA:
            elsewhere = self._elsewhere(now, answer)
            if elsewhere is not None:
                return elsewhere
        if not wanted or (answer.home_address is None and answer.home_prefix is None):
            return self._assign(now)
        prefix = answer.home_prefix if wanted.prefix or answer.home_address is None else None
        home = Home(
            address=answer.home_address,
            prefix=prefix,
            prefix_length=64 if answer.home_prefix is None else answer.home_prefix.prefixlen,
            assigned=wanted.prefix and prefix is None,
        )
        return self._finish(now, home)

    def _elsewhere(self, now: float, answer: AaaAnswer) -> AdmissionState | None:
        """Send the initiator to another home agent (RFC 5685 6, RFC 5778 6.6); None to serve it.

        It goes in the last answer, behind the proofs, and there is no child SA.
        """
        must = answer.result == AaaResult.SUCCESS_RELOCATE_HA
        gateway = gateway_of(answer.agents, self.sa.remote[0], self.end.home_agent)
        if gateway is not None and self.sa.redirects:
            self.note(now, "redirected", gateway=gateway)
            payloads = [*self._introduction(), *self._own_proof(), Redirect(new_gateway=gateway)]
            self.sa.answer(payloads, now)
            return _S.REDIRECTED
        self.note(now, "other home agents", agents=answer.agents)
        if not must:
            return None
        reason = "it belongs to another home agent, and cannot be sent there"
        return self._refuse(now, NotifyType.AUTHENTICATION_FAILED, reason)

    def _on_more(self, now: float, payloads: Payloads) -> AdmissionState:
        return self._refuse(now, NotifyType.INVALID_SYNTAX, "it was redirected")

    def _wanted(self) -> Wanted:
        return Wanted.of(find(self._wishes, Configuration))

    def _assign(self, now: float) -> AdmissionState:
        wanted, end, session = self._wanted(), self.end, self.sa.session
        if not wanted:
            return self._finish(now, Home())
        if end.addresses is None:
            return self._finish(now, None)
        session.leased = True
        end.start_timer(("home", self.sa.own_spi), now + end.home_patience)
        end.addresses.ask(self.identity, session.apn, wanted, now)
        return _S.HOME

    def _on_home(self, now: float, answer: HomeAnswer) -> AdmissionState:
        self.end.stop_timer(("home", self.sa.own_spi))
        if answer.home is None:
            self.note(now, "no home address", answer.reason)
        return self._finish(now, answer.home)

    def _without_home(self, now: float) -> AdmissionState:
        self.note(now, "no home address", "it did not come in time")
        return self._finish(now, None)

    # -- ends -------------------------------------------------------------------------------------
    def _finish(self, now: float, home: Home | None) -> AdmissionState:
        """The peer is admitted; what of its wishes cannot be is an error of the child SA alone."""
        session, end = self.sa.session, self.end
        payloads = [*self._introduction(), *self._own_proof()]
        session.established, session.current = True, self.sa
        session.home = home or Home()
        reply = session.home.reply()
        if reply is not None:
            payloads.append(reply)
        payloads += self._child(now, failed=home is None)
        if session.home.assigned:
            payloads.append(UseAssignedHoa())
        contact = notification(self._wishes, NotifyType.INITIAL_CONTACT) is not None
        end.admitted(self.sa, now, contact=contact)
        self.sa.answer(payloads, now)
        self._wishes = ()
        return _S.DONE

    def _child(self, now: float, *, failed: bool) -> list[Payload]:
        """The payloads of the child SA, or the error that says why there is none."""
        session, end = self.sa.session, self.end
        if failed:
            return self._no_child(now, NotifyType.INTERNAL_ADDRESS_FAILURE)
        if find(self._wishes, SecurityAssociation) is None:
            return []  # An IKE SA without child SA (RFC 6023).
        if end.demands_configuration and not self._wanted():
            return self._no_child(now, NotifyType.FAILED_CP_REQUIRED)
        agreement = agree(
            self._wishes, end.allowed(self.sa), end.settings.suites.esp,
            forward=False, single_pair=end.single_pair,
        )  # fmt: skip
        if isinstance(agreement, NotifyType):
            return self._no_child(now, agreement)
        spi = end.new_spi(4)
        end.add_child(session, agreement.child(self.sa, spi, self._nonces), now)
        return [*agreement.before(spi), *agreement.after()]

    def _no_child(self, now: float, error: NotifyType) -> list[Payload]:
        self.sa.session.child_failure = error
        self.note(now, "child SA refused here", error.name)
        return [Notify(notify_type=error)]

    def _refuse(self, now: float, error: NotifyType | Payload, reason: str) -> AdmissionState:
        payload = Notify(notify_type=error) if isinstance(error, NotifyType) else error
        self.note(now, "refused", reason)
        self.sa.answer([payload], now)
        self.end.drop(self.sa, reason, now)
        return _S.REFUSED

    # -- what proofs are made of ------------------------------------------------------------------
    def _introduction(self) -> list[Payload]:
        """Who the responder is, and its proof; once, and with EAP in the first answer.

        The proof is left to the MSK where the initiator offered that and the responder takes it
        (RFC 5998).
        """
        if self._introduced:
            return []
        self._introduced = True
        own = self.sa.session.local
        assert own is not None
        if find(self._wishes, Authentication) is None and self._is_eap_alone():
            return [own]
        credentials = self.end.settings.credentials
        proof = credentials.authenticate(self._prf, self._own_octets(), self.sa.peer_hashes)
        return [own, *credentials.certificate_payloads(), proof]

    def _own_proof(self) -> list[Payload]:
        """With EAP, the proof that the responder has the MSK (RFC 7296 2.16)."""
        if not self._msk:
            return []
        return [shared_key_authentication(self._prf, self._msk, self._own_octets())]

    def _is_eap_alone(self) -> bool:
        """The initiator has offered that, and the responder takes it."""
        offered = notification(self._wishes, NotifyType.EAP_ONLY_AUTHENTICATION) is not None
        return offered and self.end.eap_only

    @property
    def _prf(self) -> Prf:
        assert self.sa.keys is not None
        return self.sa.keys.suite.pseudorandom_function

    def _own_octets(self) -> bytes:
        assert self.sa.keys is not None
        assert self.sa.session.local is not None
        keys, own = self.sa.keys, self.sa.session.local
        return signed_octets(self._octets[1], self._nonces[0], self._prf, keys.sk_pr, own)

    def _peer_octets(self) -> bytes:
        assert self.sa.keys is not None
        assert self.sa.session.remote is not None
        keys, peer = self.sa.keys, self.sa.session.remote
        return signed_octets(self._octets[0], self._nonces[1], self._prf, keys.sk_pi, peer)
