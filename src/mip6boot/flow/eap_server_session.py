"""An EAP server's session: what it knows, what it issues, and how it ends."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence

import msgspec

from .. import eap
from ..eap import (
    AkaAttribute,
    AkaNotificationCode,
    AkaPacket,
    AkaSubtype,
    EapPacket,
    EapType,
)
from ..errors import IntegrityError
from ..security import (
    AuthenticationVector,
    EapKeys,
    Rng,
    checkcode,
    verify_checkcode,
    verify_mac,
    with_mac,
)
from .aaa import AaaResult
from .eap_memory import EapMemory, Identity, IdentityKind
from .eap_party import EapParty, Reauthentication, Step, mac_hash
from .usim import Resynchronisation

__all__ = ["Authorise", "EapServerState", "VectorRequest", "Vectors"]

_KDF = eap.KeyDerivationFunction.CK_PRIME_IK_PRIME


class VectorRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the home subscriber server is asked for: MAR (TS 29.273 8.1.2.1)."""

    imsi: str
    method: EapType
    network_name: str = ""
    "For EAP-AKA': what CK' and IK' are bound to."
    visited_network: str = ""
    rat_type: int | None = None
    server: str = ""
    "Who asks."
    resynchronisation: Resynchronisation | None = None


#: A Result-Code for the subscriber of an IMSI, or None: `EapServer.authorised` gives it later.
Authorise = Callable[[str], int | None]

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
    AUTHORISING = "authorising"
    "The peer is authenticated; whether it is let in is still to be said."
    CHALLENGE = "challenge"
    REAUTHENTICATION = "reauthentication"
    NOTIFIED_SUCCESS = "notified of success"
    NOTIFIED_FAILURE = "notified of failure"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_S = EapServerState


class ServerSession(EapParty):
    """Settings and state of an `EapServer`."""

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
        rat_type: int | None = None,
        authorise: Authorise | None = None,
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
        self.rat_type = rat_type
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
        self._indicates = False

    _context: Reauthentication | None

    # -- requests ---------------------------------------------------------------------------------
    def _request(self, subtype: AkaSubtype, *attributes: AkaAttribute) -> AkaPacket:
        prime = self.method == EapType.AKA_PRIME
        kind = eap.AkaPrimeRequest if prime else eap.AkaRequest
        return kind((self._identifier + 1) % 256, subtype, attributes=attributes)

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

    # -- how it ends (RFC 4187 6) -----------------------------------------------------------------
    def _authenticated(self, now: float, packet: AkaPacket) -> Step:
        """The peer is who it says; whether it is let in may be said later."""
        self._indicates = packet.find(eap.AtResultInd) is not None
        result = AaaResult.SUCCESS if self.authorise is None else self.authorise(self.imsi)
        return (None, _S.AUTHORISING) if result is None else self._authorised(now, result)

    def _authorised(self, now: float, result: int) -> Step:
        keys = self._session_keys
        assert keys is not None
        if result != AaaResult.SUCCESS:
            self.result = result
            self.note(now, "refused", f"not authorised: {result}")
            return self._notify(_refusal(result), keys), _S.NOTIFIED_FAILURE
        if self.result_indications and self._indicates:
            return self._notify(AkaNotificationCode.SUCCESS, keys), _S.NOTIFIED_SUCCESS
        return self._succeed(now)[0], _S.SUCCEEDED

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

    def _succeed(self, now: float, packet: EapPacket | None = None, why: str = "") -> Step:
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
