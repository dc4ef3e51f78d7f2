"""What a server of EAP-AKA and EAP-AKA' remembers of its peers, and how it tells identities."""

from __future__ import annotations

import enum
import re

import msgspec

from ..eap import AkaIdentityPrefix, EapType
from ..security import Rng
from .eap_party import Reauthentication

__all__ = ["EapMemory", "Identity", "IdentityKind"]

#: Random octets of a username that the server makes.
_USERNAME_OCTETS = 10

_PREFIXES = {
    EapType.AKA: (
        AkaIdentityPrefix.AKA_PERMANENT,
        AkaIdentityPrefix.AKA_PSEUDONYM,
        AkaIdentityPrefix.AKA_REAUTH,
    ),
    EapType.AKA_PRIME: (
        AkaIdentityPrefix.AKA_PRIME_PERMANENT,
        AkaIdentityPrefix.AKA_PRIME_PSEUDONYM,
        AkaIdentityPrefix.AKA_PRIME_REAUTH,
    ),
}


class IdentityKind(enum.StrEnum):
    """What an identity is taken for (RFC 4187 4.1.7)."""

    PERMANENT = "permanent"
    PSEUDONYM = "pseudonym"
    REAUTHENTICATION = "reauthentication"
    UNKNOWN = "unknown"


class Identity(msgspec.Struct, frozen=True):
    """An identity that a peer told, and whose it is."""

    text: str
    "As it was told, with its realm: it counts for keys."
    kind: IdentityKind
    imsi: str = ""
    "Empty where the server does not know whose it is."
    context: Reauthentication | None = None

    @property
    def realm(self) -> str:
        """What stands behind the username, with the sign between them."""
        _, sign, realm = self.text.partition("@")
        return sign + realm


class EapMemory:
    """Pseudonyms and contexts for fast re-authentication, of any number of sessions.

    Of each subscriber and method, the pseudonym used last and the one issued last are known
    (RFC 4187 4.1.1.7), and one context, which is good for one time.
    """

    def __init__(self) -> None:
        self._pseudonyms: dict[str, str] = {}
        self._contexts: dict[str, tuple[str, Reauthentication]] = {}

    def classify(self, text: str, method: EapType) -> Identity:
        """Whose an identity is; a context for fast re-authentication is looked up by username."""
        username, (permanent, pseudonym, again) = text.partition("@")[0], _PREFIXES[method]
        if re.fullmatch(rf"{permanent.value}\d{{6,15}}", username, re.ASCII):
            return Identity(text, IdentityKind.PERMANENT, username[1:])
        if username.startswith(str(pseudonym.value)):
            return Identity(text, IdentityKind.PSEUDONYM, self._pseudonyms.get(username, ""))
        if username.startswith(str(again.value)):
            imsi, context = self._contexts.get(username, ("", None))
            return Identity(text, IdentityKind.REAUTHENTICATION, imsi, context)
        return Identity(text, IdentityKind.UNKNOWN)

    def username(self, method: EapType, kind: IdentityKind, rng: Rng) -> str:
        """A new username that nobody foresees."""
        _, pseudonym, again = _PREFIXES[method]
        prefix = pseudonym if kind == IdentityKind.PSEUDONYM else again
        return f"{prefix.value}{rng.randbytes(_USERNAME_OCTETS).hex()}"

    def use(self, identity: Identity) -> None:
        """A context is used up, whether or not the exchange completes."""
        self._contexts.pop(identity.text.partition("@")[0], None)

    def learn(
        self, imsi: str, used: Identity, pseudonym: str, context: Reauthentication | None
    ) -> None:
        """After success: what was issued; of that subscriber and method, the rest is forgotten."""
        told = used.text.partition("@")[0]
        if pseudonym:
            for known, owner in list(self._pseudonyms.items()):
                if owner == imsi and known[0] == pseudonym[0] and known != told:
                    del self._pseudonyms[known]
            self._pseudonyms[pseudonym] = imsi
        if context is not None:
            username = context.identity.partition("@")[0]
            for known, (owner, _) in list(self._contexts.items()):
                if owner == imsi and known[0] == username[0]:
                    del self._contexts[known]
            self._contexts[username] = (imsi, context)
