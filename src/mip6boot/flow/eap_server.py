"""The EAP server: EAP-AKA and EAP-AKA' (RFC 3748, RFC 4187, RFC 9048)."""

from __future__ import annotations

import enum
import hmac
from collections.abc import Callable, Sequence

import msgspec

from .. import eap
from ..eap import (
    AkaAttribute,
    AkaNotificationCode,
    AkaPacket,
    AkaSubtype,
    EapCode,
    EapPacket,
    EapType,
    NestedAttributes,
)
from ..errors import DecodeError, IntegrityError
from ..security import (
    AuthenticationVector,
    EapKeys,
    Rng,
    checkcode,
    open_attributes,
    verify_checkcode,
    verify_mac,
    with_mac,
)
from .aaa import AaaResult
from .eap_memory import EapMemory, Identity, IdentityKind
from .eap_party import EapParty, Reauthentication, Step, fault, mac_hash, one, subtype_name
from .usim import Resynchronisation

__all__ = ["EapServer", "EapServerState", "VectorRequest", "Vectors"]

_ANY, _FULL, _PERMANENT = eap.AtAnyIdReq, eap.AtFullauthIdReq, eap.AtPermanentIdReq
_KDF = eap.KeyDerivationFunction.CK_PRIME_IK_PRIME


class VectorRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the home subscriber server is asked for: MAR (TS 29.273 8.1.2.1)."""

    imsi: str
    method: EapType
    network_name: str = ""
    "For EAP-AKA': what CK' and IK' are bound to."
    visited_network: str = ""
    server: str = ""
    "Who asks."
    resynchronisation: Resynchronisation | None = None


#: A vector, the Result-Code that refuses it, or None: `EapServer.supply` gives it later.
#: For EAP-AKA' the vector holds CK' and IK', as TS 33.402 6.2 has them made where the key is.
Vectors = Callable[[VectorRequest], AuthenticationVector | int | None]


class EapServerState(enum.StrEnum):
    """How far a server is."""

    BEGIN = "begin"
    IDENTITY = "identity"
    "It has asked for an identity."
    WAITING = "waiting"
    "For a vector."
    CHALLENGE = "challenge"
    REAUTHENTICATION = "reauthentication"
    NOTIFIED_SUCCESS = "notified of success"
    NOTIFIED_FAILURE = "notified of failure"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


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


class EapServer(EapParty):
    """A server's side of one authentication; `keys` and `msk` are there after success.

    It begins with the EAP-Response/Identity, which the authenticator has asked for.  `method` is
    the one it offers, `vectors` gives what it challenges with, `memory` is common to all sessions
    of a server.  `result` is the Result-Code once it is over, `imsi` whom it is about.

    `ask_identity` begins with AKA-Identity whatever the first identity was (RFC 4187 4.1.4);
    `pseudonyms` and `reauthentications` issue them, the latter up to a counter;
    `reauthentication_realm` stands behind the latter's usernames (None: the realm of the identity).
    `authorise` is asked once the peer is authenticated, before it hears of success: any result but
    2001 refuses it.  `key_derivation_functions` are offered in this order.
    """

    TRANSITIONS = {
        (_S.BEGIN, "Identity"): ("_begin", None),
        (_S.IDENTITY, "AKA-Identity"): ("_identified", None),
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

    def __init__(
        self,
        name: str,
        method: EapType,
        vectors: Vectors,
        memory: EapMemory,
        rng: Rng,
        *,
        network_name: str = "",
        visited_network: str = "",
        authorise: Callable[[str], int] | None = None,
        ask_identity: bool = False,
        result_indications: bool = False,
        pseudonyms: bool = True,
        reauthentications: int = 16,
        reauthentication_realm: str | None = None,
        prefers_aka_prime: bool = False,
        key_derivation_functions: Sequence[int] = (_KDF,),
    ) -> None:
        super().__init__(name, _S.BEGIN, rng)
        self.method, self.vectors, self.memory = method, vectors, memory
        self.network_name, self.visited_network = network_name, visited_network
        self.authorise, self.ask_identity = authorise, ask_identity
        self.result_indications, self.prefers_aka_prime = result_indications, prefers_aka_prime
        self.pseudonyms, self.reauthentications = pseudonyms, reauthentications
        self.reauthentication_realm = reauthentication_realm
        self.imsi, self.result = "", 0
        self.request: EapPacket | None = None
        "The request that waits for its response."
        self._identifier = 0
        self._offered = tuple(key_derivation_functions)
        self._kdfs = self._offered
        self._asked: type[eap.IdentityReq] | None = None
        self._identity = Identity("", IdentityKind.UNKNOWN)
        self._vector: AuthenticationVector | None = None
        self._resynchronised = False
        self._session_keys: EapKeys | None = None
        self._pseudonym, self._context = "", None
        self._counter: int | None = None
        self._nonce_s = b""

    _context: Reauthentication | None

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
        if self.state != _S.WAITING:
            self.note(now, "dropped", "a vector that nobody waits for")
            return None
        reply, state = self._challenge(now, vector)
        self._enter(state, now)
        return self._sent(reply)

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

    def _request(self, subtype: AkaSubtype, *attributes: AkaAttribute) -> AkaPacket:
        prime = self.method == EapType.AKA_PRIME
        kind = eap.AkaPrimeRequest if prime else eap.AkaRequest
        return kind((self._identifier + 1) % 256, subtype, attributes=attributes)

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

    # -- full authentication (RFC 4187 9.3, RFC 9048 3) -------------------------------------------
    def _fetch(self, now: float, resynchronisation: Resynchronisation | None = None) -> Step:
        request = VectorRequest(
            imsi=self.imsi,
            method=self.method,
            network_name=self.network_name if self.method == EapType.AKA_PRIME else "",
            visited_network=self.visited_network,
            server=self.name,
            resynchronisation=resynchronisation,
        )
        vector = self.vectors(request)
        return (None, _S.WAITING) if vector is None else self._challenge(now, vector)

    def _challenge(self, now: float, vector: AuthenticationVector | int) -> Step:
        if isinstance(vector, int):
            return self._no_vector(now, vector)
        self._vector, identity = vector, self._identity.text
        if self.method == EapType.AKA_PRIME:
            keys = EapKeys.aka_prime(identity, ck_prime=vector.ck, ik_prime=vector.ik)
        else:
            keys = EapKeys.aka(identity, ck=vector.ck, ik=vector.ik)
        self._session_keys, self._counter = keys, None
        return self._challenged(keys, vector), _S.CHALLENGE

    def _challenged(self, keys: EapKeys, vector: AuthenticationVector) -> AkaPacket:
        found: list[AkaAttribute] = [eap.AtRand(rands=(vector.rand,)), eap.AtAutn(autn=vector.autn)]
        if self.method == EapType.AKA_PRIME:
            found += [eap.AtKdf(number) for number in self._kdfs]
            found.append(eap.AtKdfInput(self.network_name))
        found += self._issued(keys, counter=1)
        found += self._common()
        if self.method == EapType.AKA:
            found.append(eap.AtBidding(self.prefers_aka_prime))
        return with_mac(self._request(AkaSubtype.CHALLENGE, *found), keys)

    def _issued(self, keys: EapKeys, counter: int, *first: AkaAttribute) -> list[AkaAttribute]:
        """The identities for the next time, encrypted behind what stands first."""
        found, memory = list(first), self.memory
        self._pseudonym, self._context = "", None
        if self.pseudonyms and not first:
            self._pseudonym = memory.username(self.method, IdentityKind.PSEUDONYM, self.rng)
            found.append(eap.AtNextPseudonym(self._pseudonym))
        if counter <= self.reauthentications:
            name = memory.username(self.method, IdentityKind.REAUTHENTICATION, self.rng)
            realm = self.reauthentication_realm
            name += self._identity.realm if realm is None else f"@{realm}" if realm else ""
            self._context = Reauthentication(
                identity=name, keys=keys, counter=counter, network_name=self.network_name
            )
            found.append(eap.AtNextReauthId(name))
        return list(self._sealed(keys, *found)) if found else []

    def _common(self) -> list[AkaAttribute]:
        """What stands in a challenge and in a request for re-authentication."""
        found: list[AkaAttribute] = [checkcode(self._identities, mac_hash(self.method))]
        return [*found, eap.AtResultInd()] if self.result_indications else found

    def _no_vector(self, now: float, result: int) -> Step:
        self.result = result
        if self.request is None:
            # No method has begun, so there is nothing to notify.
            return self._fail(now, None, f"no vector: {result}")[0], _S.FAILED
        return self._refuse(now, None, f"no vector: {result}")

    def _answered(self, now: float, packet: AkaPacket) -> Step:
        wishes = [int(found.key_derivation_function) for found in packet.find_all(eap.AtKdf)]
        if wishes:
            return self._change_derivation(now, packet, wishes)
        keys, vector = self._session_keys, self._vector
        why = self._proven(packet, keys, b"")
        if vector is None or keys is None or why:
            return self._refuse(now, packet, why)
        if not hmac.compare_digest(one(packet, eap.AtRes).res, vector.xres):
            return self._refuse(now, packet, "AT_RES does not fit")
        return self._authenticated(now, packet, keys)

    def _change_derivation(self, now: float, packet: AkaPacket, wishes: list[int]) -> Step:
        """The peer would rather have another key derivation function (RFC 9048 3.2)."""
        if len(wishes) != 1 or wishes[0] not in self._offered[1:] or self._kdfs != self._offered:
            return self._refuse(now, packet, f"{wishes} is no alternative")
        self._kdfs = (wishes[0], *self._offered)
        if self._vector is None or wishes[0] != _KDF:
            return self._refuse(now, packet, f"key derivation function {wishes[0]} is not known")
        return self._challenge(now, self._vector)

    def _resynchronise(self, now: float, packet: AkaPacket) -> Step:
        kdfs = tuple(int(found.key_derivation_function) for found in packet.find_all(eap.AtKdf))
        if self.method == EapType.AKA_PRIME and kdfs != self._kdfs:
            return self._refuse(now, packet, f"key derivation functions {kdfs} were not agreed")
        if self._resynchronised or self._vector is None:
            return self._refuse(now, packet, "synchronisation has failed twice")
        self._resynchronised = True
        self.note(now, "resynchronisation", self.imsi)
        auts = one(packet, eap.AtAuts).auts
        return self._fetch(now, Resynchronisation(self._vector.rand, auts))

    def _proven(self, packet: AkaPacket, keys: EapKeys | None, nonce_s: bytes) -> str:
        """Why AT_MAC or AT_CHECKCODE are wrong."""
        if keys is None:
            return "there are no keys"
        try:
            verify_mac(packet, keys, nonce_s)
            sent = packet.find(eap.AtCheckcode)
            if sent is not None:
                verify_checkcode(sent, self._identities, mac_hash(self.method))
        except IntegrityError as error:
            return str(error)
        return ""

    # -- fast re-authentication (RFC 4187 5) ------------------------------------------------------
    def _reauthenticate(self, context: Reauthentication) -> Step:
        keys, self._counter = context.keys, context.counter
        self._nonce_s = self.rng.randbytes(16)
        first = (eap.AtCounter(context.counter), eap.AtNonceS(nonce_s=self._nonce_s))
        found = [*self._issued(keys, context.counter + 1, *first), *self._common()]
        self._session_keys = keys.reauthenticated(
            self._identity.text, counter=context.counter, nonce_s=self._nonce_s
        )
        request = self._request(AkaSubtype.REAUTHENTICATION, *found)
        return with_mac(request, keys), _S.REAUTHENTICATION

    def _reauthenticated(self, now: float, packet: AkaPacket) -> Step:
        keys = self._session_keys
        why = self._proven(packet, keys, self._nonce_s)
        if keys is None or why:
            return self._refuse(now, packet, why)
        try:
            inside = NestedAttributes(open_attributes(packet, keys, lenient=True))
        except DecodeError as error:
            return self._refuse(now, packet, str(error))
        counter = inside.find(eap.AtCounter)
        why = fault(inside)
        if why or counter is None or counter.counter != self._counter:
            return self._refuse(now, packet, why or "another AT_COUNTER")
        if inside.find(eap.AtCounterTooSmall) is not None:
            self.note(now, "counter too small", self.imsi)
            return self._fetch(now)
        return self._authenticated(now, packet, keys)

    # -- how it ends (RFC 4187 6) -----------------------------------------------------------------
    def _authenticated(self, now: float, packet: AkaPacket, keys: EapKeys) -> Step:
        result = AaaResult.SUCCESS if self.authorise is None else self.authorise(self.imsi)
        if result != AaaResult.SUCCESS:
            self.result = result
            self.note(now, "refused", f"not authorised: {result}")
            return self._notify(_refusal(result), keys), _S.NOTIFIED_FAILURE
        if self.result_indications and packet.find(eap.AtResultInd) is not None:
            return self._notify(AkaNotificationCode.SUCCESS, keys), _S.NOTIFIED_SUCCESS
        return self._succeed(now, packet)[0], _S.SUCCEEDED

    def _notify(self, code: AkaNotificationCode, keys: EapKeys) -> AkaPacket:
        """A protected notification (RFC 4187 9.10)."""
        sealed = () if self._counter is None else self._sealed(keys, eap.AtCounter(self._counter))
        request = self._request(AkaSubtype.NOTIFICATION, eap.AtNotification(code), *sealed)
        return with_mac(request, keys)

    def _refuse(self, now: float, packet: AkaPacket | None, why: str) -> Step:
        """The peer has not authenticated itself, and is told so (RFC 4187 6.3.2)."""
        self.result = self.result or AaaResult.AUTHENTICATION_REJECTED
        self.note(now, "refused", why)
        code = eap.AtNotification(AkaNotificationCode.GENERAL_FAILURE)
        return self._request(AkaSubtype.NOTIFICATION, code), _S.NOTIFIED_FAILURE

    def _misplaced(self, now: float, packet: AkaPacket) -> Step:
        return self._refuse(now, packet, f"{subtype_name(packet)} in the state {self.state}")

    def _give_up(self, now: float, packet: EapPacket) -> Step:
        """The peer has refused."""
        why = subtype_name(packet) if isinstance(packet, AkaPacket) else "Nak"
        return self._fail(now, packet, why)

    def _succeed(self, now: float, packet: EapPacket, why: str = "") -> Step:
        self.keys, self.result = self._session_keys, AaaResult.SUCCESS
        self.memory.learn(self.imsi, self._identity, self._pseudonym, self._context)
        self.note(now, "succeeded", self.imsi)
        return eap.Success(self._identifier), None

    def _fail(self, now: float, packet: EapPacket | None, why: str = "") -> Step:
        self.result = self.result or AaaResult.AUTHENTICATION_REJECTED
        self.note(now, "failed", why)
        return eap.Failure(self._identifier), None


def _refusal(result: int) -> AkaNotificationCode:
    """What a peer that is authenticated hears of a refusal (RFC 4187 10.19)."""
    if result in (AaaResult.NO_SUBSCRIPTION, AaaResult.NO_APN_SUBSCRIPTION):
        return AkaNotificationCode.NOT_SUBSCRIBED
    return AkaNotificationCode.GENERAL_FAILURE_AFTER_AUTH
