"""The keys of an IKE SA, and how they are made (RFC 7296 2.13 to 2.18, RFC 8784)."""

from __future__ import annotations

import msgspec

from ..errors import ConfigError, UnknownSa
from ..ikev2 import IkeMessage
from ..schema.kept import kept
from .hashing import Prf
from .protection import Protection
from .secret import Secret, cut, hide
from .suites import IkeSuite

__all__ = ["IkeKeys", "skeyseed"]

_NONE = Secret()

#: Octets of each nonce that are the key of a function with a key of fixed size (RFC 7296 2.14).
_CUT = 8


class IkeKeys(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The keys of an IKE SA; those that are not known are empty.

    A key table knows SK_e and SK_a only, so that SK payloads open and nothing can be derived.
    """

    spi_i: bytes
    spi_r: bytes
    suite: IkeSuite
    sk_d: Secret = _NONE
    sk_ai: Secret = _NONE
    sk_ar: Secret = _NONE
    sk_ei: Secret = _NONE
    sk_er: Secret = _NONE
    sk_pi: Secret = _NONE
    sk_pr: Secret = _NONE

    def __post_init__(self) -> None:
        hide(self, "sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")

    @classmethod
    def derive(
        cls,
        suite: IkeSuite,
        *,
        spi_i: bytes,
        spi_r: bytes,
        nonce_i: bytes,
        nonce_r: bytes,
        shared: bytes,
    ) -> IkeKeys:
        """The keys of an IKE_SA_INIT exchange and its shared secret (RFC 7296 2.14)."""
        seed = skeyseed(suite.pseudorandom_function, nonce_i, nonce_r, shared)
        return cls.expand(suite, seed, spi_i=spi_i, spi_r=spi_r, nonce_i=nonce_i, nonce_r=nonce_r)

    @classmethod
    def expand(
        cls,
        suite: IkeSuite,
        seed: bytes,
        *,
        spi_i: bytes,
        spi_r: bytes,
        nonce_i: bytes,
        nonce_r: bytes,
    ) -> IkeKeys:
        """The keys of an SKEYSEED: prf+(SKEYSEED, Ni | Nr | SPIi | SPIr) (RFC 7296 2.14)."""
        prf = suite.pseudorandom_function
        authentication, encryption = suite.integrity_key_octets, suite.encryption_key_octets
        sizes = (
            prf.size, authentication, authentication, encryption, encryption, prf.size, prf.size,
        )  # fmt: skip
        stream = prf.plus(seed, nonce_i + nonce_r + spi_i + spi_r, sum(sizes))
        names = ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr")
        keys = dict(zip(names, cut(stream, *sizes), strict=True))
        return cls(spi_i=spi_i, spi_r=spi_r, suite=suite, **keys)

    def rekey(
        self,
        suite: IkeSuite,
        *,
        spi_i: bytes,
        spi_r: bytes,
        nonce_i: bytes,
        nonce_r: bytes,
        shared: bytes,
    ) -> IkeKeys:
        """The keys of the IKE SA that replaces this one (RFC 7296 2.18); needs SK_d.

        The exchange belongs to this SA, so its function makes the SKEYSEED.
        """
        prf = self.suite.pseudorandom_function
        seed = prf.compute(self.deriving_key, shared + nonce_i + nonce_r)
        return self.expand(suite, seed, spi_i=spi_i, spi_r=spi_r, nonce_i=nonce_i, nonce_r=nonce_r)

    def with_ppk(self, ppk: bytes) -> IkeKeys:
        """The same with a post-quantum preshared key mixed in (RFC 8784 3).

        ConfigError where the keys that it is mixed into are not known.
        """
        if not (self.deriving_key and self.sk_pi and self.sk_pr):
            raise ConfigError("SK_pi and SK_pr of the IKE SA are not known")
        prf = self.suite.pseudorandom_function
        mixed = {
            name: Secret(prf.plus(ppk, getattr(self, name), prf.size))
            for name in ("sk_d", "sk_pi", "sk_pr")
        }
        return msgspec.structs.replace(self, **mixed)

    @property
    def deriving_key(self) -> Secret:
        """SK_d; ConfigError where it is not known."""
        if not self.sk_d:
            raise ConfigError("SK_d of the IKE SA is not known")
        return self.sk_d

    @property
    def spis(self) -> tuple[bytes, bytes]:
        """What names the SA in messages: the SPIs of the initiator and the responder."""
        return self.spi_i, self.spi_r

    def protection(self, message: IkeMessage) -> Protection:
        """What seals messages of the direction of this one; UnknownSa where it has no keys."""
        if (message.initiator_spi, message.responder_spi) != (self.spi_i, self.spi_r):
            raise UnknownSa("the message is of another IKE SA")
        return self.from_initiator if message.from_initiator else self.from_responder

    @kept
    def from_initiator(self) -> Protection:
        """What the original initiator seals with."""
        return self._protection(self.sk_ei, self.sk_ai)

    @kept
    def from_responder(self) -> Protection:
        """What the original responder seals with."""
        return self._protection(self.sk_er, self.sk_ar)

    def _protection(self, encryption_key: Secret, integrity_key: Secret) -> Protection:
        if not encryption_key and self.suite.encryption_key_octets:
            raise UnknownSa("the keys of this direction of the IKE SA are not known")
        return Protection(self.suite, encryption_key, integrity_key)


def skeyseed(prf: Prf, nonce_i: bytes, nonce_r: bytes, shared: bytes) -> Secret:
    """SKEYSEED = prf(Ni | Nr, g^ir) of an IKE_SA_INIT exchange (RFC 7296 2.14)."""
    if prf.fixed_key:
        nonce_i, nonce_r = nonce_i[:_CUT], nonce_r[:_CUT]
    return Secret(prf.compute(nonce_i + nonce_r, shared))
