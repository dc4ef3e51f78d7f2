"""An EAP server's challenges, and what it makes of the answers (RFC 4187 9.3 and 5, RFC 9048 3)."""

from __future__ import annotations

import hmac

from .. import eap
from ..eap import (
    AkaAttribute,
    AkaPacket,
    AkaSubtype,
    EapType,
    NestedAttributes,
)
from ..errors import DecodeError
from ..security import (
    AuthenticationVector,
    EapKeys,
    open_attributes,
    with_mac,
)
from .eap_party import Reauthentication, Step, fault, one
from .eap_server_session import EapServerState, ServerSession, VectorRequest
from .usim import Resynchronisation

__all__: list[str] = []

_KDF = eap.KeyDerivationFunction.CK_PRIME_IK_PRIME
_S = EapServerState


class ChallengingServer(ServerSession):
    """How an `EapServer` authenticates its peer, in full and fast."""

    # -- full authentication (RFC 4187 9.3, RFC 9048 3) -------------------------------------------
    def _fetch(self, now: float, resynchronisation: Resynchronisation | None = None) -> Step:
        request = VectorRequest(
            imsi=self.imsi,
            method=self.method,
            network_name=self.network_name if self.method == EapType.AKA_PRIME else "",
            visited_network=self.visited_network,
            rat_type=self.rat_type,
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
        return self._authenticated(now, packet)

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
        return self._authenticated(now, packet)
