"""IKE_AUTH as the initiator has it: proofs both ways, EAP, the home address, the first child SA.

Payloads stand in the order of RFC 7296 C.2 and C.3.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...eap import Failure, Success
from ...errors import ConfigError, IntegrityError
from ...ikev2 import (
    Authentication,
    AuthLifetime,
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
)
from ...security import (
    Secret,
    shared_key_authentication,
    signed_octets,
    verify_shared_key,
)
from ...security.hashing import Prf
from ..parts import name_of
from . import informational
from .addresses import Home
from .children import offered, taken
from .credentials import Method, entry_of
from .payloads import error_of, find, find_all, identity_text, notification
from .sa import IkeSa
from .session import Payloads, Request, Task

if TYPE_CHECKING:
    from .initiator import IkeInitiator

__all__ = ["Authenticating", "InitiatorState"]

#: These refuse the IKE SA, others the child SA alone (RFC 7296 2.21.2).
_FATAL = (
    NotifyType.AUTHENTICATION_FAILED,
    NotifyType.INVALID_SYNTAX,
    NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD,
)


class InitiatorState(enum.StrEnum):
    """How far the initiator has come."""

    IDLE = "idle"
    INITIAL = "IKE_SA_INIT sent"
    AUTHENTICATING = "IKE_AUTH sent"
    EAP = "EAP under way"
    PROVING = "EAP succeeded, AUTH sent"
    ESTABLISHED = "established"
    REDIRECTED = "redirected"
    FAILED = "failed"
    CLOSED = "closed"


class _Auth(Request):
    """A request of IKE_AUTH, whose answers are inputs of the initiator."""

    def __init__(self, end: IkeInitiator, payloads: Sequence[Payload]) -> None:
        super().__init__(Task.AUTHENTICATE)
        self.end, self.payloads = end, payloads

    def build(self, sa: IkeSa) -> Payloads:
        return self.payloads

    def answered(self, sa: IkeSa, payloads: Payloads, now: float) -> None:
        self.end.step("answer", now, payloads)


class Authenticating:
    """The part of an initiator that lives as long as IKE_AUTH does."""

    def __init__(
        self, end: IkeInitiator, answer_octets: bytes, nonce_i: bytes, nonce_r: bytes
    ) -> None:
        self.end, self.sa = end, end.sa
        self._answer_octets, self._nonces = answer_octets, (nonce_i, nonce_r)
        self._msk = Secret()
        self._suites = end.child.suites or end.settings.suites.esp

    # -- what this end sends ----------------------------------------------------------------------
    def first(self, now: float) -> None:
        """Ask for everything; with EAP there is no proof yet."""
        end, credentials = self.end, self.end.settings.credentials
        own = self.sa.session.local = IDi(identity=credentials.identity)
        certificates = [] if end.eap is not None else credentials.certificate_payloads()
        payloads: list[Payload] = [own, *certificates]
        if end.initial_contact:
            payloads.append(Notify(notify_type=NotifyType.INITIAL_CONTACT))
        payloads += end.settings.trust.request()
        if end.responder is not None:
            payloads.append(IDr(identity=end.responder))
        if end.eap is None:
            octets, prf = self._own_octets(), self._prf
            payloads.append(credentials.authenticate(prf, octets, self.sa.peer_hashes))
        payloads += self._wishes()
        if end.eap_only:
            payloads.append(Notify(notify_type=NotifyType.EAP_ONLY_AUTHENTICATION))
        self._ask(payloads, now)

    def _wishes(self) -> list[Payload]:
        """The home address and the child SA that are asked for."""
        request = self.end.wanted.request()
        self._spi = self.end.new_spi(4)
        before, after = offered(self.end.child, self._suites, self._spi, forward=False)
        return [*([] if request is None else [request]), *before, *after]

    def _ask(self, payloads: Sequence[Payload], now: float) -> None:
        self.sa.ask(_Auth(self.end, payloads), now)

    def _own_octets(self) -> bytes:
        keys, own = self.sa.keys, self.sa.session.local
        assert keys is not None
        assert own is not None
        octets, nonce = self.end.request_octets, self._nonces[1]
        return signed_octets(octets, nonce, self._prf, keys.sk_pi, own)

    def _peer_octets(self) -> bytes:
        keys, peer = self.sa.keys, self.sa.session.remote
        assert keys is not None
        assert peer is not None
        nonce = self._nonces[0]
        return signed_octets(self._answer_octets, nonce, self._prf, keys.sk_pr, peer)

    @property
    def _prf(self) -> Prf:
        assert self.sa.keys is not None
        return self.sa.keys.suite.pseudorandom_function

    # -- what the responder sends -----------------------------------------------------------------
    def on_first(self, payloads: Payloads, now: float) -> InitiatorState | None:
        """The responder proves itself, and with EAP asks the first question."""
        refused = self._refusal(payloads)
        if refused:
            return self.end.give_up(refused, now)
        self._verify_responder(payloads, now)
        if self._is_redirected(payloads, now, proved=self.end.eap is None):
            return InitiatorState.REDIRECTED
        if self.end.eap is None:
            return self._finish(payloads, now)
        return self.on_eap(payloads, now)

    def on_eap(self, payloads: Payloads, now: float) -> InitiatorState | None:
        """The responder asks on, or has found out enough."""
        refused, packet = self._refusal(payloads), find(payloads, Eap)
        if refused:
            return self.end.give_up(refused, now)
        if packet is None or self.end.eap is None:
            raise IntegrityError("the responder does not go on with EAP")
        if isinstance(packet.message, Failure):
            return self.end.give_up("EAP failure", now)
        response = self.end.eap.receive(packet.message, now)
        if isinstance(packet.message, Success):
            return self._prove(now)
        if response is None:
            return self.end.give_up("EAP has no response", now)
        self._ask([Eap(message=response)], now)
        return InitiatorState.EAP

    def _prove(self, now: float) -> InitiatorState:
        """Both ends have the MSK, and show it (RFC 7296 2.16)."""
        assert self.end.eap is not None
        self._msk = self.end.eap.msk or Secret()
        if not self._msk:
            raise ConfigError("EAP has succeeded without a key")
        self._ask([shared_key_authentication(self._prf, self._msk, self._own_octets())], now)
        return InitiatorState.PROVING

    def on_proof(self, payloads: Payloads, now: float) -> InitiatorState | None:
        """The responder has the MSK, too."""
        refused, proof = self._refusal(payloads), find(payloads, Authentication)
        if refused:
            return self.end.give_up(refused, now)
        if proof is None:
            raise IntegrityError("the responder does not prove that it knows the MSK")
        verify_shared_key(proof, self._prf, self._msk, self._peer_octets())
        if self._is_redirected(payloads, now, proved=True):
            return InitiatorState.REDIRECTED
        return self._finish(payloads, now)

    def _refusal(self, payloads: Payloads) -> str:
        error = error_of(payloads)
        alone = not any(isinstance(one, Authentication | Eap) for one in payloads)
        if error is not None and (error in _FATAL or alone):
            return name_of(error)
        return ""

    def _verify_responder(self, payloads: Payloads, now: float) -> None:
        """Check who the responder is; with EAP alone its proof comes last (RFC 5998)."""
        peer, proof = find(payloads, IDr), find(payloads, Authentication)
        if peer is None:
            raise IntegrityError("the responder does not say who it is")
        settings, session = self.end.settings, self.sa.session
        identity = identity_text(peer.identity)
        entry = entry_of(settings.peers, identity)
        if entry is None:
            raise IntegrityError("the responder is not one to be asked")
        session.remote, session.identity, session.entry = peer, identity, entry
        if proof is None:
            if not (self.end.eap_only and find(payloads, Eap) is not None):
                raise IntegrityError("the responder does not prove who it is")
            return
        certificates = find_all(payloads, Certificate)
        octets = self._peer_octets()
        method = entry.verify(proof, certificates, peer, self._prf, octets, settings.trust, now)
        if self.end.eap is not None and method == Method.SHARED_KEY:
            # Others may know the key, and EAP would be no more than that (RFC 7296 2.16).
            raise IntegrityError("with EAP the responder needs a certificate")

    def _is_redirected(self, payloads: Payloads, now: float, *, proved: bool) -> bool:
        """The responder, which has proved itself, sends this end elsewhere (RFC 5685 6).

        `proved` says that this end has, too; so there is an IKE SA.
        """
        redirect = find(payloads, Redirect)
        if redirect is None:
            return False
        self.end.redirected(redirect, now, proved=proved)
        return True

    def _finish(self, payloads: Payloads, now: float) -> InitiatorState:
        """The IKE SA stands; the child SA may not (RFC 7296 1.2)."""
        session, end = self.sa.session, self.end
        session.established = True
        assigned = notification(payloads, NotifyType.USE_ASSIGNED_HOA) is not None
        session.home = Home.of(find(payloads, Configuration), assigned=assigned)
        session.child_failure = error_of(payloads)
        session.apn = identity_text(end.responder)
        lifetime = find(payloads, AuthLifetime)
        if lifetime is not None:
            end.note(now, "to authenticate again", seconds=lifetime.lifetime)
        if session.child_failure is not None:
            error = session.child_failure
            end.note(now, "child SA refused", name_of(error))
        elif find(payloads, SecurityAssociation) is not None:
            self._take_child(payloads, now)
        end.note(now, "established", session.identity)
        return InitiatorState.ESTABLISHED

    def _take_child(self, payloads: Payloads, now: float) -> None:
        end, sa = self.end, self.sa
        child = taken(sa, end.child, self._suites, self._spi, payloads, self._nonces, forward=False)
        if child is None:
            end.broken(sa, Task.AUTHENTICATE, now)
            return
        end.add_child(sa.session, child, now)
        if end.child.transport and not child.transport:
            end.note(now, "child SA refused", "it is not in transport mode")
            informational.ask_delete_child(sa, child, now)
