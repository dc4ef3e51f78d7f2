"""Keys of EAP-SIM (RFC 4186 7), EAP-AKA (RFC 4187 7) and EAP-AKA' (RFC 9048 3.3).

>>> from mip6boot import security
>>> keys = security.EapKeys.aka("0001010000000001@example.org", ck=bytes(16), ik=bytes(16))
>>> keys.mac_hash, keys.msk
(<EapHash.SHA1: 'sha1'>, <64 secret octets>)
>>> again = keys.reauthenticated("4again@example.org", counter=1, nonce_s=bytes(16))
>>> again.k_aut == keys.k_aut, again.msk == keys.msk
(True, False)

An identity is text as `eap` decodes it, or octets; it counts as it was sent, with its realm.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Sequence

import msgspec

from ..errors import EncodeError, UnknownSa
from ..ikev2 import PseudorandomFunction
from .algorithms import pseudorandom_function
from .fips186 import pseudorandom_octets
from .secret import Secret, cut, hide

__all__ = ["EapHash", "EapKeys", "ck_prime_ik_prime"]

#: Its prf+ is what RFC 9048 3.4.1 calls PRF'.
_HMAC_SHA256 = pseudorandom_function(PseudorandomFunction.HMAC_SHA2_256)


class EapHash(enum.StrEnum):
    """The hash in AT_MAC and AT_CHECKCODE."""

    SHA1 = "sha1"
    "EAP-SIM and EAP-AKA."
    SHA256 = "sha256"
    "EAP-AKA'."


class EapKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of an authentication; ValueError for a K_encr that is not one of AES-128."""

    k_encr: Secret
    "For AT_ENCR_DATA."
    k_aut: Secret
    "For AT_MAC."
    msk: Secret
    emsk: Secret
    mac_hash: EapHash
    mk: Secret | None = None
    "EAP-SIM and EAP-AKA: what a fast re-authentication derives from."
    k_re: Secret | None = None
    "EAP-AKA': the same."

    def __post_init__(self) -> None:
        hide(self, "k_encr", "k_aut", "msk", "emsk", "mk", "k_re")
        if len(self.k_encr) != 16:
            raise ValueError("K_encr has 16 octets")

    @classmethod
    def sim(
        cls,
        identity: str | bytes,
        *,
        kc: Sequence[bytes],
        nonce_mt: bytes,
        versions: Sequence[int] = (1,),
        selected_version: int = 1,
    ) -> EapKeys:
        """Of EAP-SIM, from the Kc of each RAND in the order of AT_RAND (RFC 4186 7)."""
        numbers = b"".join(_uint16(version, "versions") for version in versions)
        numbers += _uint16(selected_version, "selected_version")
        return cls._of_mk(_sha1(_octets(identity), *kc, nonce_mt, numbers))

    @classmethod
    def aka(cls, identity: str | bytes, *, ck: bytes, ik: bytes) -> EapKeys:
        """Of EAP-AKA (RFC 4187 7)."""
        return cls._of_mk(_sha1(_octets(identity), ik, ck))

    @classmethod
    def _of_mk(cls, mk: Secret) -> EapKeys:
        k_encr, k_aut, msk, emsk = cut(pseudorandom_octets(mk, 160), 16, 16, 64, 64)
        return cls(k_encr=k_encr, k_aut=k_aut, msk=msk, emsk=emsk, mac_hash=EapHash.SHA1, mk=mk)

    @classmethod
    def aka_prime(cls, identity: str | bytes, *, ck_prime: bytes, ik_prime: bytes) -> EapKeys:
        """Of EAP-AKA' with key derivation function 1 (RFC 9048 3.3); see `ck_prime_ik_prime`."""
        mk = _HMAC_SHA256.plus(ik_prime + ck_prime, b"EAP-AKA'" + _octets(identity), 208)
        k_encr, k_aut, k_re, msk, emsk = cut(mk, 16, 32, 32, 64, 64)
        return cls(
            k_encr=k_encr, k_aut=k_aut, msk=msk, emsk=emsk, mac_hash=EapHash.SHA256, k_re=k_re
        )

    def reauthenticated(self, identity: str | bytes, *, counter: int, nonce_s: bytes) -> EapKeys:
        """After a fast re-authentication: MSK and EMSK are new (RFC 4187 7, RFC 9048 3.3).

        `identity` is the one for fast re-authentication, the other two are of AT_COUNTER and
        AT_NONCE_S.  UnknownSa where neither MK nor K_re is known.
        """
        fresh = _octets(identity) + _uint16(counter, "counter") + nonce_s
        if self.k_re is not None:
            octets = _HMAC_SHA256.plus(self.k_re, b"EAP-AKA' re-auth" + fresh, 128)
        elif self.mk is not None:
            octets = pseudorandom_octets(_sha1(fresh, self.mk), 128)
        else:
            raise UnknownSa("there is no MK and no K_re to re-authenticate with")
        msk, emsk = cut(octets, 64, 64)
        return msgspec.structs.replace(self, msk=msk, emsk=emsk)


def ck_prime_ik_prime(
    *, ck: bytes, ik: bytes, network_name: str | bytes, autn: bytes
) -> tuple[Secret, Secret]:
    """CK' and IK', which only the network that AT_KDF_INPUT names has (TS 33.402 annex A.2)."""
    name, hidden_sqn = _octets(network_name), autn[:6]
    octets = b"\x20" + name + _uint16(len(name), "network_name") + hidden_sqn + b"\0\6"
    ck_prime, ik_prime = cut(_HMAC_SHA256.compute(ck + ik, octets), 16, 16)
    return ck_prime, ik_prime


def _octets(text: str | bytes) -> bytes:
    # Octets that are no UTF-8 are lone surrogates in decoded packets.
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def _uint16(number: int, name: str) -> bytes:
    if not 0 <= number < 1 << 16:
        raise EncodeError(f"{number} does not fit into 2 octets", name)
    return number.to_bytes(2, "big")


def _sha1(*parts: bytes) -> Secret:
    return Secret(hashlib.sha1(b"".join(parts)).digest())
