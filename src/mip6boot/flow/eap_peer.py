"""The EAP peer of a mobile node: EAP-AKA and EAP-AKA' (RFC 3748, RFC 4187, RFC 9048)."""

from __future__ import annotations

from .. import eap
from ..eap import AkaPacket, AkaSubtype, EapCode, EapPacket, EapType
from ..security import (
    with_mac,
)
from .eap_party import Step, fault, one, subtype_name
from .eap_peer_challenge import ChallengedPeer
from .eap_peer_exchange import EapPeerState, response_to

__all__ = ["EapPeer"]

_S = EapPeerState


class EapPeer(ChallengedPeer):
    """A peer with a card, which answers requests; `keys` and `msk` are there after success.

    `methods` are EAP-AKA' and EAP-AKA in the order of preference; others get a Nak.  Pseudonyms
    and identities for fast re-authentication are kept for the next exchange, which begins by
    `restart`.  Where a lower layer tells the identity, as IKEv2 does, `identity` is the one.

    Of what the RFCs leave to a peer: `result_indications` takes part in protected results,
    `checkcodes` sends AT_CHECKCODE to servers that send it, `pseudonyms` and `reauthentications`
    use what the server gives, and `conservative` never tells the permanent identity while there is
    a pseudonym (RFC 4187 4.1.6).  `network_name` is what the peer takes its access network for;
    another one in AT_KDF_INPUT is noted, or refused when `strict_network_name` (RFC 9048 3.1).
    """

    TRANSITIONS = {
        (_S.IDLE, "Identity"): ("_tell_identity", None),
        (_S.SUCCEEDED, "Identity"): ("_tell_identity_again", _S.IDLE),
        (_S.FAILED, "Identity"): ("_tell_identity_again", _S.IDLE),
        (None, "Notification"): ("_take_notification", None),
        (_S.IDLE, "another method"): ("_nak", None),
        **{
            (state, what): (method, following)
            for state in (_S.IDLE, _S.METHOD)
            for what, method, following in (
                ("AKA-Identity", "_identify", _S.METHOD),
                ("AKA-Challenge", "_challenge", _S.ANSWERED),
                ("AKA-Reauthentication", "_reauthenticate", _S.ANSWERED),
                ("AKA-Notification", "_take_early_result", _S.ENDING),
            )
        },
        **{
            (state, what): ("_unable", _S.ENDING)
            for state in (_S.ANSWERED, _S.AWAITING_RESULT)
            for what in ("AKA-Identity", "AKA-Challenge", "AKA-Reauthentication")
        },
        **{
            (state, "AKA not acceptable"): ("_unable", _S.ENDING)
            for state in (_S.IDLE, _S.METHOD, _S.ANSWERED, _S.AWAITING_RESULT)
        },
        (_S.ANSWERED, "AKA-Notification"): ("_take_result", _S.ENDING),
        (_S.AWAITING_RESULT, "AKA-Notification"): ("_take_result", _S.ENDING),
        (_S.ANSWERED, "Success"): ("_succeed", _S.SUCCEEDED),
        (_S.CONFIRMED, "Success"): ("_succeed", _S.SUCCEEDED),
        # Before a method, and after a Nak, nothing forbids it; within one it is discarded
        # (RFC 4187 6.3.3), but not while an answer to the challenge is out (RFC 3748 4.2).
        (_S.IDLE, "Failure"): ("_fail", _S.FAILED),
        (_S.ANSWERED, "Failure"): ("_fail", _S.FAILED),
        (_S.ENDING, "Failure"): ("_fail", _S.FAILED),
    }

    # -- for the owner ----------------------------------------------------------------------------
    @property
    def identity(self) -> str:
        """The identity that this peer begins its next exchange with."""
        return self._chosen_identity(self.methods[0])[0]

    def restart(self) -> None:
        """Begin a new exchange, whatever became of the last one."""
        self._forget()
        self.state = _S.IDLE

    def receive(self, packet: EapPacket | bytes, now: float) -> EapPacket | None:
        """Take a packet of the authenticator; the response to it, if it gets one."""
        read = self._read(packet, now)
        if read is None:
            return None
        if isinstance(read, eap.Success | eap.Failure):
            return self._step(type(read).__name__, now, read)
        if read.code != EapCode.REQUEST:
            self.note(now, "dropped", "no request")
            return None
        kind = (read.identifier, getattr(read, "eap_type", None))
        if kind == self._answered and self._reply is not None:
            self.note(now, "answered again", f"request {read.identifier} was retransmitted")
            return self._reply
        reply = self._request(read, now)
        if reply is not None:
            self._answered, self._reply = kind, reply
        return reply

    # -- requests of all kinds --------------------------------------------------------------------
    def _request(self, packet: EapPacket, now: float) -> EapPacket | None:
        if isinstance(packet, eap.IdentityRequest):
            return self._step("Identity", now, packet)
        if isinstance(packet, eap.NotificationRequest):
            return self._step("Notification", now, packet)
        method = getattr(packet, "eap_type", None)
        ours = self.methods if self._method is None else (self._method,)
        if not isinstance(packet, AkaPacket) or method not in ours:
            return self._step("another method", now, packet)
        self._method = EapType(method)
        challenge = method == EapType.AKA_PRIME and packet.subtype == AkaSubtype.CHALLENGE
        # What is wrong with these is no client error, or not always.
        why = fault(packet, *((eap.AtKdf, eap.AtKdfInput) if challenge else ()))
        if why:
            return self._step("AKA not acceptable", now, packet, why)
        return self._step(subtype_name(packet), now, packet)

    def _tell_identity(self, now: float, packet: EapPacket) -> Step:
        return eap.IdentityResponse(packet.identifier, self._give(self.methods[0])), None

    def _tell_identity_again(self, now: float, packet: EapPacket) -> Step:
        self._forget()
        return self._tell_identity(now, packet)

    def _take_notification(self, now: float, packet: eap.NotificationRequest) -> Step:
        self.note(now, "notification", packet.message)
        return eap.NotificationResponse(packet.identifier), None

    def _nak(self, now: float, packet: EapPacket) -> Step:
        self.note(now, "nak", f"method {getattr(packet, 'eap_type', '')}")
        return eap.NakResponse(packet.identifier, self.methods), None

    # -- how it ends (RFC 4187 6) -----------------------------------------------------------------
    def _take_early_result(self, now: float, packet: AkaPacket) -> Step:
        found = one(packet, eap.AtNotification)
        if not found.before_authentication:
            return self._unable(now, packet, f"{found.code} before authentication")
        self.note(now, "refused", f"notification {found.code!r}", code=int(found.code))
        return response_to(packet, AkaSubtype.NOTIFICATION), None

    def _take_result(self, now: float, packet: AkaPacket) -> Step:
        found = one(packet, eap.AtNotification)
        if found.before_authentication:
            # To the server the challenge was not answered well; this is not protected.
            return self._take_early_result(now, packet)
        why, sealed = self._protected_result(packet)
        if self._notified:
            why = "a second notification"
        elif found.code == eap.AkaNotificationCode.SUCCESS and self.state != _S.AWAITING_RESULT:
            why = "a protected success that was not agreed on"
        if why or self._new_keys is None:
            return self._unable(now, packet, why)
        self._notified = True
        reply = with_mac(response_to(packet, AkaSubtype.NOTIFICATION, *sealed), self._new_keys)
        if found.code == eap.AkaNotificationCode.SUCCESS:
            return reply, _S.CONFIRMED
        self.note(now, "notified", f"notification {found.code!r}", code=int(found.code))
        return reply, self.state if found.success else _S.ENDING

    def _protected_result(self, packet: AkaPacket) -> tuple[str, tuple[eap.AkaAttribute, ...]]:
        """Why it is not acceptable, and what the response holds (RFC 4187 9.10, 9.11)."""
        if self._new_keys is None:
            return "there are no keys", ()
        why, inside = self._proven(packet, self._new_keys)
        if self._counter is None or why:
            return why, ()
        counter = inside.find(eap.AtCounter)
        if counter is None or counter.counter != self._counter:
            return "another AT_COUNTER", ()
        return "", self._sealed(self._new_keys, counter)

    def _succeed(self, now: float, packet: EapPacket) -> Step:
        self.keys, method = self._new_keys, self._method
        if method is not None:
            if self._new_pseudonym:
                self.pseudonyms[method] = self._new_pseudonym
            # Without a new one, what was known is not used any more (RFC 4187 5.3).
            self.reauthentications.pop(method, None)
            if self._new_reauthentication is not None:
                self.reauthentications[method] = self._new_reauthentication
        self.note(now, "succeeded", self._identity)
        return None, None

    def _fail(self, now: float, packet: EapPacket) -> Step:
        self.note(now, "failed")
        return None, None
