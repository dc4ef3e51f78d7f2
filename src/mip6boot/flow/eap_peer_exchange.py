"""An EAP peer's exchange: what it knows, the identities it tells, and how it refuses."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from .. import eap
from ..eap import AkaPacket, AkaSubtype, EapPacket, EapType
from ..security import (
    EapKeys,
    Rng,
)
from .eap_party import EapParty, Reauthentication, Step, one
from .usim import Usim

__all__ = ["EapPeerState"]


_UNABLE = eap.SimClientErrorCode.UNABLE_TO_PROCESS
#: What nobody answers more often in one exchange (RFC 4187 4.1.5).
_IDENTITY_ROUNDS = 3


class EapPeerState(enum.StrEnum):
    """How far a peer is."""

    IDLE = "idle"
    "No method has begun."
    METHOD = "method"
    "The server is not authenticated yet."
    ANSWERED = "answered"
    "The challenge is answered: success or failure follows."
    AWAITING_RESULT = "awaiting the result"
    "The same, but first a protected result (RFC 4187 6.2)."
    CONFIRMED = "confirmed"
    "The protected result was success."
    ENDING = "ending"
    "Either side has refused: failure follows."
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_S = EapPeerState


class PeerExchange(EapParty):
    """Settings and memory of an `EapPeer`, and its identities (RFC 4187 4.1)."""

    def __init__(
        self,
        name: str,
        usim: Usim,
        rng: Rng,
        *,
        methods: Sequence[EapType] = (EapType.AKA_PRIME, EapType.AKA),
        network_name: str = "",
        strict_network_name: bool = False,
        result_indications: bool = True,
        checkcodes: bool = True,
        pseudonyms: bool = True,
        reauthentications: bool = True,
        conservative: bool = False,
    ) -> None:
        super().__init__(name, EapPeerState.IDLE, rng)
        self.usim, self.methods = usim, tuple(methods)
        self.network_name, self.strict_network_name = network_name, strict_network_name
        self.result_indications, self.checkcodes = result_indications, checkcodes
        self.uses_pseudonyms, self.uses_reauthentications = pseudonyms, reauthentications
        self.conservative = conservative
        self.pseudonyms: dict[EapType, str] = {}
        "Usernames for the next full authentication."
        self.reauthentications: dict[EapType, Reauthentication] = {}
        "What the next fast re-authentication may use."
        self._forget()

    def _forget(self) -> None:
        """Everything of one exchange."""
        self.keys = None
        self._answered, self._reply = (-1, None), None
        self._identities = []
        self._identity, self._told_for, self._method = "", None, None
        self._asked: list[type] = []
        self._reauthentication: Reauthentication | None = None
        self._counter: int | None = None
        self._kdfs: tuple[int, ...] | None = None
        self._notified = False
        self._new_keys: EapKeys | None = None
        self._new_pseudonym, self._new_reauthentication = "", None

    _answered: tuple[int, int | None]
    _reply: EapPacket | None
    _method: EapType | None
    _told_for: EapType | None
    _new_reauthentication: Reauthentication | None

    # -- identities (RFC 4187 4.1) ----------------------------------------------------------------
    def _chosen_identity(
        self, method: EapType, *, full: bool = False
    ) -> tuple[str, Reauthentication | None]:
        """The identity of 4.1.3, and what is known for a fast re-authentication with it."""
        found = self.reauthentications.get(method) if self.uses_reauthentications else None
        elsewhere = found and self.network_name and found.network_name != self.network_name
        if found is not None and not full and not (method == EapType.AKA_PRIME and elsewhere):
            return found.identity, found
        if method in self.pseudonyms and self.uses_pseudonyms:
            return f"{self.pseudonyms[method]}@{self.usim.realm}", None
        return self.usim.identity(method), None

    def _give(self, method: EapType, *, full: bool = False) -> str:
        self._told_for = method
        self._identity, self._reauthentication = self._chosen_identity(method, full=full)
        if self._reauthentication is not None:
            # It is not used again, whether or not this exchange completes (4.1.1.8).
            del self.reauthentications[method]
        return self._identity

    def _current_identity(self, packet: AkaPacket) -> str:
        """The one that counts for keys: told in this exchange, or by the lower layer."""
        return self._identity or self._give(EapType(packet.eap_type))

    def _identify(self, now: float, packet: AkaPacket) -> Step:
        wanted, method = type(one(packet, eap.IdentityReq)), EapType(packet.eap_type)
        asked, self._asked = self._asked, [*self._asked, wanted]
        if len(asked) == _IDENTITY_ROUNDS:
            return self._unable(now, packet, "a fourth request for an identity")
        after_permanent = bool(asked) and asked[-1] is eap.AtPermanentIdReq
        if (asked and wanted is eap.AtAnyIdReq) or (
            after_permanent and wanted is eap.AtFullauthIdReq
        ):
            return self._unable(now, packet, f"{wanted.__name__} after {asked[-1].__name__}")
        if wanted is eap.AtPermanentIdReq:
            if self.conservative and method in self.pseudonyms:
                return self._unable(now, packet, "the permanent identity is not told")
            self._identity, self._reauthentication = self.usim.identity(method), None
        elif wanted is eap.AtFullauthIdReq or not self._is_told_again(method):
            self._give(method, full=wanted is eap.AtFullauthIdReq)
        identity = eap.AtIdentity(self._identity)
        reply = response_to(packet, AkaSubtype.IDENTITY, identity)
        self._identities += [bytes(packet), bytes(reply)]
        return reply, None

    def _is_told_again(self, method: EapType) -> bool:
        """The identity for fast re-authentication that this exchange began with still counts."""
        return self._reauthentication is not None and self._told_for == method

    # -- refusals (RFC 4187 6.3.1) ----------------------------------------------------------------
    def _reject(self, now: float, packet: AkaPacket, why: str) -> Step:
        """AUTN is not accepted, or something counts like that (RFC 4187 9.5)."""
        self.note(now, "rejected", why)
        return response_to(packet, AkaSubtype.AUTHENTICATION_REJECT), _S.ENDING

    def _unable(self, now: float, packet: AkaPacket, why: str = "not expected now") -> Step:
        """Any other error (RFC 4187 6.3.1)."""
        self.note(now, "unable to process", why)
        reply = response_to(packet, AkaSubtype.CLIENT_ERROR, eap.AtClientErrorCode(_UNABLE))
        return reply, _S.ENDING


def response_to(
    request: AkaPacket, subtype: AkaSubtype, *attributes: eap.AkaAttribute
) -> AkaPacket:
    prime = request.eap_type == EapType.AKA_PRIME
    kind = eap.AkaPrimeResponse if prime else eap.AkaResponse
    return kind(request.identifier, subtype, attributes=attributes)
