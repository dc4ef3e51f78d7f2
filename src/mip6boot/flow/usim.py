"""The card of a mobile node: who it is, and how it answers its network's challenges.

>>> from mip6boot import eap, flow, security
>>> functions = security.Milenage(bytes(16), bytes(16))
>>> card = flow.Usim("001010000000001", functions, sqn=6)
>>> card.identity(eap.EapType.AKA)
'0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org'
>>> challenge = functions.vector(bytes(16), sqn=7, amf=bytes(2))
>>> card.answer(challenge.rand, challenge.autn).sqn, card.sqn
(7, 7)
"""

from __future__ import annotations

import msgspec

from ..eap import AkaIdentityPrefix, EapType
from ..security import AkaAnswer, Milenage

__all__ = ["Resynchronisation", "Usim", "home_realm", "permanent_identity"]

_PREFIXES = {
    EapType.AKA: AkaIdentityPrefix.AKA_PERMANENT,
    EapType.AKA_PRIME: AkaIdentityPrefix.AKA_PRIME_PERMANENT,
}


class Resynchronisation(msgspec.Struct, frozen=True):
    """A challenge was not fresh; what the card tells its network then (TS 33.102 6.3.5)."""

    rand: bytes
    "Of the challenge."
    auts: bytes


def home_realm(imsi: str, mnc_digits: int = 2) -> str:
    """The realm of the home network (TS 23.003 19.2)."""
    mcc, mnc = imsi[:3], imsi[3 : 3 + mnc_digits]
    return f"nai.epc.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org"


def permanent_identity(imsi: str, method: EapType, mnc_digits: int = 2) -> str:
    """The root NAI, whose first digit tells EAP-AKA from EAP-AKA' (TS 23.003 19.3.2)."""
    return f"{_PREFIXES[method].value}{imsi}@{home_realm(imsi, mnc_digits)}"


class Usim:
    """A card with an IMSI, the functions of its key, and the highest sequence number it accepted.

    An IMSI does not say how long its mobile network code is, so `mnc_digits` does.
    """

    def __init__(self, imsi: str, milenage: Milenage, sqn: int = 0, *, mnc_digits: int = 2) -> None:
        self.imsi, self.sqn = imsi, sqn
        self._milenage, self._mnc_digits = milenage, mnc_digits

    @property
    def realm(self) -> str:
        """The realm of all its identities."""
        return home_realm(self.imsi, self._mnc_digits)

    def identity(self, method: EapType) -> str:
        """The permanent identity, as the method wants it."""
        return permanent_identity(self.imsi, method, self._mnc_digits)

    def answer(self, rand: bytes, autn: bytes) -> AkaAnswer | Resynchronisation:
        """The answer to a challenge; IntegrityError where it does not come from the home network.

        A sequence number is fresh when it is higher than every one before (TS 33.102 annex C,
        without its list of several).
        """
        answer = self._milenage.answer(rand, autn)
        if answer.sqn <= self.sqn:
            return Resynchronisation(rand, self._milenage.auts(rand, self.sqn))
        self.sqn = answer.sqn
        return answer
