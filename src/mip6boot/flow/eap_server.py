"""The EAP server: EAP-AKA and EAP-AKA' (RFC 3748, RFC 4187, RFC 9048)."""

from __future__ import annotations

from .. import eap
from ..eap import (
    AkaPacket,
    AkaSubtype,
    EapCode,
    EapPacket,
)
from ..security import (
    AuthenticationVector,
)
from .eap_memory import Identity, IdentityKind
from .eap_party import Step, fault, one, subtype_name
from .eap_server_challenge import ChallengingServer
from .eap_server_session import EapServerState

__all__ = ["EapServer"]

_ANY, _FULL, _PERMANENT = eap.AtAnyIdReq, eap.AtFullauthIdReq, eap.AtPermanentIdReq
_S = EapServerState
_OPEN = (_S.IDENTITY, _S.CHALLENGE, _S.REAUTHENTICATION)
_MISPLACED = {
    _S.IDENTITY: ("AKA-Challenge", "AKA-Reauthentication", "AKA-Synchronization-Failure",
                  "AKA-Notification"),
    _S.CHALLENGE: ("AKA-Identity", "AKA-Reauthentication", "AKA-Notification"),
    _S.REAUTHENTICATION: ("AKA-Identity", "AKA-Challenge", "AKA-Synchronization-Failure",
                          "AKA-Notification"),
}  # fmt: skip

_ANYTHING = (
    "AKA-Identity", "AKA-Challenge", "AKA-Reauthentication", "AKA-Synchronization-Failure",
    "AKA-Authentication-Reject", "AKA-Client-Error", "AKA-Notification", "AKA not acceptable",
)  # fmt: skip


class EapServer(ChallengingServer):
    """A server's side of one authentication; `keys` and `msk` are there after success.

    It begins with the EAP-Response/Identity, which the authenticator has asked for.  `method` is
    the one it offers, `vectors` gives what it challenges with, `memory` is common to all sessions
    of a server.  `result` is the Result-Code once it is over, `imsi` whom it is about.

    `ask_identity` begins with AKA-Identity whatever the first identity was (RFC 4187 4.1.4);
    `pseudonyms` and `reauthentications` issue them, the latter up to a counter;
    `reauthentication_realm` stands behind the latter's usernames (None: the realm of the identity).
    `authorise` is asked once the peer is authenticated, before it hears of success: any result but
    2001 refuses it; for None, `authorised` says it later.  `key_derivation_functions` are offered
    in this order.
    """

    TRANSITIONS = {
        (_S.BEGIN, "Identity"): ("_begin", None),
        (_S.IDENTITY, "AKA-Identity"): ("_identified", None),
        (_S.WAITING, "vector"): ("_challenge", None),
        (_S.AUTHORISING, "authorisation"): ("_authorised", None),
        (_S.CHALLENGE, "AKA-Challenge"): ("_answered", None),
        (_S.CHALLENGE, "AKA-Synchronization-Failure"): ("_resynchronise", None),
        (_S.REAUTHENTICATION, "AKA-Reauthentication"): ("_reauthenticated", None),
        **{
            (state, what): (method, following)
            for state in _OPEN
            for what, method, following in (
                ("Nak", "_give_up", _S.FAILED),
                ("AKA-Client-Error", "_give_up", _S.FAILED),
                ("AKA-Authentication-Reject", "_give_up", _S.FAILED),
                ("AKA not acceptable", "_refuse", _S.NOTIFIED_FAILURE),
            )
        },
        **{
            (state, what): ("_misplaced", _S.NOTIFIED_FAILURE)
            for state, names in _MISPLACED.items()
            for what in names
        },
        # Whatever it is, it answers the notification (RFC 4187 6.2 and 6.3.3).
        **{
            (state, what): (method, following)
            for state, method, following in (
                (_S.NOTIFIED_SUCCESS, "_succeed", _S.SUCCEEDED),
                (_S.NOTIFIED_FAILURE, "_fail", _S.FAILED),
            )
            for what in _ANYTHING
        },
    }

    # -- for the owner ----------------------------------------------------------------------------
    @property
    def is_over(self) -> bool:
        """There is a result."""
        return self.state in (_S.SUCCEEDED, _S.FAILED)

    def receive(self, packet: EapPacket | bytes, now: float) -> EapPacket | None:
        """Take a response; the next packet, or None where it is discarded or waits."""
        read = self._read(packet, now)
        if read is None:
            return None
        if read.code != EapCode.RESPONSE:
            self.note(now, "dropped", "no response")
            return None
        if self.request is not None and read.identifier != self.request.identifier:
            self.note(now, "dropped", f"response {read.identifier} has no request")
            return None
        return self._sent(self._response(read, now))

    def supply(self, vector: AuthenticationVector | int, now: float) -> EapPacket | None:
        """Take the vector, or the Result-Code that refuses it, that was asked for."""
        return self._sent(self._step("vector", now, vector))

    def authorised(self, result: int, now: float) -> EapPacket | None:
        """Take the Result-Code that `authorise` did not know yet."""
        return self._sent(self._step("authorisation", now, result))

    def _sent(self, packet: EapPacket | None) -> EapPacket | None:
        if packet is not None:
            self.request = packet if packet.code == EapCode.REQUEST else None
        return packet

    def _response(self, packet: EapPacket, now: float) -> EapPacket | None:
        self._identifier = packet.identifier
        if isinstance(packet, eap.IdentityResponse):
            return self._step("Identity", now, packet)
        if isinstance(packet, eap.NakResponse):
            return self._step("Nak", now, packet)
        if not isinstance(packet, AkaPacket) or packet.eap_type != self.method:
            self.note(now, "dropped", "a response of another method")
            return None
        why = fault(packet)
        if why:
            return self._step("AKA not acceptable", now, packet, why)
        return self._step(subtype_name(packet), now, packet)

    # -- identities (RFC 4187 4.1.4, 4.1.7) -------------------------------------------------------
    def _begin(self, now: float, packet: eap.IdentityResponse) -> Step:
        found = self.memory.classify(packet.identity, self.method)
        if self.ask_identity or found.kind == IdentityKind.UNKNOWN:
            return self._ask(_ANY)
        return self._recognise(now, found)

    def _ask(self, what: type[eap.IdentityReq]) -> Step:
        self._asked = what
        return self._request(AkaSubtype.IDENTITY, what()), _S.IDENTITY

    def _identified(self, now: float, packet: AkaPacket) -> Step:
        if self.request is not None:
            self._identities += [bytes(self.request), bytes(packet)]
        text = one(packet, eap.AtIdentity).identity
        return self._recognise(now, self.memory.classify(text, self.method))

    def _recognise(self, now: float, found: Identity) -> Step:
        """Go on with an identity, or ask for another one."""
        self._identity, context = found, found.context
        again = found.kind == IdentityKind.REAUTHENTICATION
        if again and self._asked in (None, _ANY):
            self.memory.use(found)
            if context is None or context.network_name != self.network_name:
                return self._ask(_FULL)
            self.imsi = found.imsi
            if context.counter <= self.reauthentications:
                return self._reauthenticate(context)
            return self._fetch(now)
        if found.imsi and not again and self._is_wanted(found):
            self.imsi = found.imsi
            return self._fetch(now)
        if self._asked is _PERMANENT:
            return self._refuse(now, None, f"{found.text} is no permanent identity")
        known = found.kind in (IdentityKind.PSEUDONYM, IdentityKind.PERMANENT)
        return self._ask(_PERMANENT if known or self._asked is _FULL else _FULL)

    def _is_wanted(self, found: Identity) -> bool:
        return self._asked is not _PERMANENT or found.kind == IdentityKind.PERMANENT

    # -- refusals ---------------------------------------------------------------------------------
    def _misplaced(self, now: float, packet: AkaPacket) -> Step:
        return self._refuse(now, packet, f"{subtype_name(packet)} in the state {self.state}")

    def _give_up(self, now: float, packet: EapPacket) -> Step:
        """The peer has refused."""
        why = subtype_name(packet) if isinstance(packet, AkaPacket) else "Nak"
        return self._fail(now, packet, why)
