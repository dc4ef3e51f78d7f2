"""An EAP peer's answers to challenges (RFC 4187 9.3 and 5, RFC 9048 3 and 4)."""

from __future__ import annotations

from .. import eap
from ..eap import AkaPacket, AkaSubtype, EapType, NestedAttributes
from ..errors import DecodeError, IntegrityError
from ..security import (
    EapKeys,
    checkcode,
    ck_prime_ik_prime,
    open_attributes,
    verify_checkcode,
    verify_mac,
    with_mac,
)
from .eap_party import Reauthentication, Step, fault, mac_hash, one
from .eap_peer_exchange import EapPeerState, PeerExchange, response_to
from .usim import Resynchronisation

__all__: list[str] = []

_S = EapPeerState


class ChallengedPeer(PeerExchange):
    """How an `EapPeer` authenticates its server, in full and fast."""

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
                return response_to(packet, AkaSubtype.CHALLENGE, wish), _S.METHOD
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
        return response_to(packet, subtype, eap.AtAuts(found.auts), *kdfs), _S.METHOD

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
        reply = with_mac(response_to(packet, AkaSubtype(packet.subtype), *found), keys, nonce_s)
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
            reply = response_to(packet, AkaSubtype.REAUTHENTICATION, *sealed)
            return with_mac(reply, context.keys, nonce_s), _S.METHOD
        keys = context.keys.reauthenticated(identity, counter=counter, nonce_s=nonce_s)
        self._keep(keys, inside, context.network_name, counter + 1)
        self._counter = counter
        sealed = self._sealed(keys, eap.AtCounter(counter))
        return self._accept(packet, keys, *sealed, nonce_s=nonce_s)


def _same_network(one: str, other: str) -> bool:
    """The comparison of RFC 9048 3.1: fields that only one of both has do not count."""
    fields = zip(one.split(":"), other.split(":"), strict=False)
    return not one or all(a == b for a, b in fields)
