"""The EAP peer of a mobile node: EAP-AKA and EAP-AKA' (RFC 3748, RFC 4187, RFC 9048)."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from .. import eap
from ..eap import AkaPacket, AkaSubtype, EapCode, EapPacket, EapType, NestedAttributes
from ..errors import DecodeError, IntegrityError
from ..security import (
    EapKeys,
    Rng,
    checkcode,
    ck_prime_ik_prime,
    open_attributes,
    verify_checkcode,
    verify_mac,
    with_mac,
)
from .eap_party import EapParty, Reauthentication, Step, fault, mac_hash, one, subtype_name
from .usim import Resynchronisation, Usim

__all__ = ["EapPeer", "EapPeerState"]

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


class EapPeer(EapParty):
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
        super().__init__(name, _S.IDLE, rng)
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
        if asked and (wanted is eap.AtAnyIdReq or asked[-1] is eap.AtPermanentIdReq):
            return self._unable(now, packet, f"{wanted.__name__} after {asked[-1].__name__}")
        if wanted is eap.AtPermanentIdReq:
            if self.conservative and method in self.pseudonyms:
                return self._unable(now, packet, "the permanent identity is not told")
            self._identity, self._reauthentication = self.usim.identity(method), None
        elif wanted is eap.AtFullauthIdReq or not self._is_told_again(method):
            self._give(method, full=wanted is eap.AtFullauthIdReq)
        identity = eap.AtIdentity(self._identity)
        reply = _response(packet, AkaSubtype.IDENTITY, identity)
        self._identities += [bytes(packet), bytes(reply)]
        return reply, None

    def _is_told_again(self, method: EapType) -> bool:
        """The identity for fast re-authentication that this exchange began with still counts."""
        return self._reauthentication is not None and self._told_for == method

    # -- challenges (RFC 4187 9.3, RFC 9048 3) ----------------------------------------------------
    def _challenge(self, now: float, packet: AkaPacket) -> Step:
        autn = one(packet, eap.AtAutn).autn
        if isinstance(packet, eap.AkaPrimeRequest):
            settled = self._settle_derivation(now, packet, autn)
            if settled is not None:
                return settled
        try:
            answer = self.usim.answer(one(packet, eap.AtRand).rands[0], autn)
        except IntegrityError as error:
            return self._reject(now, packet, str(error))
        if isinstance(answer, Resynchronisation):
            return self._resynchronise(now, packet, answer)
        identity = self._current_identity(packet)
        if isinstance(packet, eap.AkaPrimeRequest):
            name = one(packet, eap.AtKdfInput).network_name
            ck, ik = ck_prime_ik_prime(ck=answer.ck, ik=answer.ik, network_name=name, autn=autn)
            keys = EapKeys.aka_prime(identity, ck_prime=ck, ik_prime=ik)
        else:
            name, keys = "", EapKeys.aka(identity, ck=answer.ck, ik=answer.ik)
        why, inside = self._proven(packet, keys)
        if why:
            return self._unable(now, packet, why)
        if self._is_bid_down(packet):
            return self._reject(now, packet, "both sides would rather use EAP-AKA'")
        self._keep(keys, inside, name, counter=1)
        return self._accept(packet, keys, eap.AtRes(answer.res))

    def _settle_derivation(
        self, now: float, packet: eap.AkaPrimeRequest, autn: bytes
    ) -> Step | None:
        """What ends or delays a challenge of EAP-AKA' before the card sees it (RFC 9048 3.1)."""
        offered = tuple(int(a.key_derivation_function) for a in packet.find_all(eap.AtKdf))
        known = eap.KeyDerivationFunction.CK_PRIME_IK_PRIME
        if self._kdfs is None:
            if len(set(offered)) != len(offered) or known not in offered:
                return self._reject(now, packet, f"key derivation functions {offered}")
            if offered[0] != known:
                self._kdfs = (known, *offered)
                wish = eap.AtKdf(known)
                return _response(packet, AkaSubtype.CHALLENGE, wish), _S.METHOD
            self._kdfs = offered
        elif offered != self._kdfs:
            return self._unable(now, packet, f"key derivation functions {offered} were not agreed")
        names = [found.network_name for found in packet.find_all(eap.AtKdfInput)]
        if len(names) != 1:
            return self._unable(now, packet, f"{len(names)} AT_KDF_INPUT")
        if not names[0]:
            return self._reject(now, packet, "the network name is empty")
        if not autn[6] & 0x80:
            return self._reject(now, packet, "the separation bit of the AMF is not set")
        if not _same_network(self.network_name, names[0]):
            if self.strict_network_name:
                return self._reject(now, packet, f"another network: {names[0]}")
            self.note(now, "warning", f"the network calls itself {names[0]}")
        return None

    def _is_bid_down(self, packet: AkaPacket) -> bool:
        """EAP-AKA though both sides would rather have used EAP-AKA' (RFC 9048 4)."""
        bidding, (first, *_) = packet.find(eap.AtBidding), self.methods
        return bidding is not None and bidding.aka_prime_preferred and first == EapType.AKA_PRIME

    def _resynchronise(self, now: float, packet: AkaPacket, found: Resynchronisation) -> Step:
        self.note(now, "synchronisation failure", "the sequence number is not fresh")
        # RFC 9048 3.2 wants the functions that were agreed on once more.
        kdfs = packet.find_all(eap.AtKdf)
        subtype = AkaSubtype.SYNCHRONIZATION_FAILURE
        return _response(packet, subtype, eap.AtAuts(found.auts), *kdfs), _S.METHOD

    def _proven(self, packet: AkaPacket, keys: EapKeys) -> tuple[str, NestedAttributes]:
        """Why AT_MAC, AT_CHECKCODE or AT_ENCR_DATA are wrong, and what is in the last."""
        inside = NestedAttributes()
        try:
            verify_mac(packet, keys)
            sent = packet.find(eap.AtCheckcode)
            if sent is not None:
                verify_checkcode(sent, self._identities, mac_hash(packet.eap_type))
            inside = NestedAttributes(open_attributes(packet, keys, lenient=True))
        except (DecodeError, IntegrityError) as error:
            return str(error), inside
        return fault(inside), inside

    def _keep(self, keys: EapKeys, inside: NestedAttributes, name: str, counter: int) -> None:
        """What is kept once the authentication has succeeded."""
        self._new_keys = keys
        pseudonym, again = inside.find(eap.AtNextPseudonym), inside.find(eap.AtNextReauthId)
        self._new_pseudonym = pseudonym.pseudonym if pseudonym is not None else ""
        self._new_reauthentication = None
        if again is not None:
            self._new_reauthentication = Reauthentication(
                identity=again.identity, keys=keys, counter=counter, network_name=name
            )

    def _accept(
        self, packet: AkaPacket, keys: EapKeys, *attributes: eap.AkaAttribute, nonce_s: bytes = b""
    ) -> Step:
        """The response that tells the server that it is authenticated."""
        found = list(attributes)
        if self.checkcodes and packet.find(eap.AtCheckcode) is not None:
            found.append(checkcode(self._identities, mac_hash(packet.eap_type)))
        protected = self.result_indications and packet.find(eap.AtResultInd) is not None
        if protected:
            found.append(eap.AtResultInd())
        reply = with_mac(_response(packet, AkaSubtype(packet.subtype), *found), keys, nonce_s)
        return reply, _S.AWAITING_RESULT if protected else _S.ANSWERED

    # -- fast re-authentication (RFC 4187 5) ------------------------------------------------------
    def _reauthenticate(self, now: float, packet: AkaPacket) -> Step:
        identity, context = self._current_identity(packet), self._reauthentication
        if context is None:
            return self._unable(now, packet, "nothing to re-authenticate with")
        why, inside = self._proven(packet, context.keys)
        counters, nonces = list(inside.find_all(eap.AtCounter)), list(inside.find_all(eap.AtNonceS))
        if why or not counters or not nonces:
            return self._unable(now, packet, why or "no AT_COUNTER or no AT_NONCE_S")
        counter, nonce_s = counters[0].counter, nonces[0].nonce_s
        if counter < context.counter:
            self.note(now, "counter too small", f"{counter}, {context.counter} is the lowest")
            sealed = self._sealed(context.keys, eap.AtCounterTooSmall(), eap.AtCounter(counter))
            reply = _response(packet, AkaSubtype.REAUTHENTICATION, *sealed)
            return with_mac(reply, context.keys, nonce_s), _S.METHOD
        keys = context.keys.reauthenticated(identity, counter=counter, nonce_s=nonce_s)
        self._keep(keys, inside, context.network_name, counter + 1)
        self._counter = counter
        sealed = self._sealed(keys, eap.AtCounter(counter))
        return self._accept(packet, keys, *sealed, nonce_s=nonce_s)

    # -- how it ends (RFC 4187 6) -----------------------------------------------------------------
    def _take_early_result(self, now: float, packet: AkaPacket) -> Step:
        found = one(packet, eap.AtNotification)
        if not found.before_authentication:
            return self._unable(now, packet, f"{found.code} before authentication")
        self.note(now, "refused", f"notification {found.code!r}", code=int(found.code))
        return _response(packet, AkaSubtype.NOTIFICATION), None

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
        reply = with_mac(_response(packet, AkaSubtype.NOTIFICATION, *sealed), self._new_keys)
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

    def _reject(self, now: float, packet: AkaPacket, why: str) -> Step:
        """AUTN is not accepted, or something counts like that (RFC 4187 9.5)."""
        self.note(now, "rejected", why)
        return _response(packet, AkaSubtype.AUTHENTICATION_REJECT), _S.ENDING

    def _unable(self, now: float, packet: AkaPacket, why: str = "not expected now") -> Step:
        """Any other error (RFC 4187 6.3.1)."""
        self.note(now, "unable to process", why)
        reply = _response(packet, AkaSubtype.CLIENT_ERROR, eap.AtClientErrorCode(_UNABLE))
        return reply, _S.ENDING


def _response(request: AkaPacket, subtype: AkaSubtype, *attributes: eap.AkaAttribute) -> AkaPacket:
    prime = request.eap_type == EapType.AKA_PRIME
    kind = eap.AkaPrimeResponse if prime else eap.AkaResponse
    return kind(request.identifier, subtype, attributes=attributes)


def _same_network(one: str, other: str) -> bool:
    """The comparison of RFC 9048 3.1: fields that only one of both has do not count."""
    fields = zip(one.split(":"), other.split(":"), strict=False)
    return not one or all(a == b for a, b in fields)
