"""Suites: the algorithms that the peers of a security association have agreed on."""

from __future__ import annotations

from typing import Any

import msgspec

from ..errors import ConfigError
from ..ikev2 import (
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    Proposal,
    PseudorandomFunction,
    SequenceNumbers,
    Transform,
    TransformType,
)
from ..schema.kept import kept
from .algorithms import encryption, integrity, key_exchange, pseudorandom_function
from .ciphers import Cipher
from .hashing import Integrity, Prf
from .key_exchange import KeyExchangeGroup

__all__ = ["EspSuite", "IkeSuite", "Suite"]


class Suite(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """How octets are sealed: the part that IKE and ESP have in common."""

    encryption: EncryptionAlgorithm
    key_length: int | None = None
    "In bits; None for the only or the usual one of the cipher."
    integrity: IntegrityAlgorithm = IntegrityAlgorithm.NONE
    "NONE with a combined mode."
    unchecked_icv: int = 0
    "Octets of a check value that is there and not looked at, where nothing else makes one."
    legacy: bool = False
    "Algorithms that nobody ought to use any more are taken, too."

    @kept
    def cipher(self) -> Cipher:
        """The primitive of `encryption`; ConfigError where it does not work here."""
        return encryption(self.encryption, legacy=self.legacy)

    @kept
    def authenticator(self) -> Integrity | None:
        """The primitive of `integrity`; None for NONE, ConfigError where it does not work here.

        With a combined mode no other one does (RFC 5282 8).
        """
        if self.integrity == IntegrityAlgorithm.NONE:
            return None
        if self.cipher.aead:
            raise ConfigError(f"{self.encryption.name} goes without {self.integrity.name}")
        return integrity(self.integrity, legacy=self.legacy)

    @property
    def encryption_key_octets(self) -> int:
        """Octets of the encryption key, with the salt; ConfigError for a wrong key length."""
        try:
            return self.cipher.key_octets(self.key_length)
        except ValueError as e:
            raise ConfigError(f"{self.encryption.name}: {e}") from None

    @property
    def integrity_key_octets(self) -> int:
        """Octets of the integrity key; 0 with a combined mode."""
        return 0 if self.authenticator is None else self.authenticator.key_octets

    @property
    def icv_octets(self) -> int:
        """Octets of the integrity check value."""
        authenticator = self.authenticator
        if authenticator is None:
            return self.cipher.icv_octets or self.unchecked_icv
        return authenticator.icv_octets

    def _transforms(self) -> list[Transform]:
        transforms = [Transform.of(self.encryption, self.key_length)]
        if self.integrity != IntegrityAlgorithm.NONE:
            transforms.append(Transform.of(self.integrity))
        return transforms


class IkeSuite(Suite, frozen=True, kw_only=True, dict=True):
    """The algorithms of an IKE SA."""

    prf: PseudorandomFunction | None
    "None where it is not known: nothing can be derived."
    key_exchange: KeyExchangeMethod | None = None

    @classmethod
    def of(cls, proposal: Proposal, *, legacy: bool = False) -> IkeSuite:
        """The suite of a proposal with one transform of each type, as the one chosen has.

        ConfigError where one is missing or there are several, or has no name.
        """
        chosen = _chosen(proposal)
        return cls(
            **_common(chosen, legacy),
            prf=_member(chosen, TransformType.PRF, PseudorandomFunction),
            key_exchange=_member(chosen, TransformType.KE, KeyExchangeMethod, optional=True),
        )

    @kept
    def pseudorandom_function(self) -> Prf:
        """The primitive of `prf`; ConfigError where there is none, or it does not work here."""
        if self.prf is None:
            raise ConfigError("the suite has no pseudorandom function")
        return pseudorandom_function(self.prf, legacy=self.legacy)

    @kept
    def group(self) -> KeyExchangeGroup:
        """The primitive of `key_exchange`; ConfigError where there is none."""
        if self.key_exchange is None:
            raise ConfigError("the suite has no key exchange method")
        return key_exchange(self.key_exchange, legacy=self.legacy)

    def transforms(self) -> tuple[Transform, ...]:
        """What a proposal says of it, in the order of the transform types."""
        out = self._transforms()
        if self.prf is not None:
            out.insert(1, Transform.of(self.prf))
        if self.key_exchange is not None:
            out.append(Transform.of(self.key_exchange))
        return tuple(out)


class EspSuite(Suite, frozen=True, kw_only=True, dict=True):
    """The algorithms of a child SA."""

    key_exchange: KeyExchangeMethod | None = None
    "With perfect forward secrecy, the method of the exchange that made the SA."
    sequence_numbers: SequenceNumbers = SequenceNumbers.NO_ESN

    @classmethod
    def of(cls, proposal: Proposal, *, legacy: bool = False) -> EspSuite:
        """The suite of a proposal with one transform of each type, as the one chosen has.

        ConfigError where one is missing or there are several, or has no name.
        """
        chosen = _chosen(proposal)
        numbers = _member(chosen, TransformType.SN, SequenceNumbers, optional=True)
        return cls(
            **_common(chosen, legacy),
            key_exchange=_member(chosen, TransformType.KE, KeyExchangeMethod, optional=True),
            sequence_numbers=SequenceNumbers.NO_ESN if numbers is None else numbers,
        )

    @property
    def extended(self) -> bool:
        """Sequence numbers have 64 bits, half of which are sent (RFC 4303 2.2.1)."""
        return self.sequence_numbers == SequenceNumbers.ESN

    def transforms(self) -> tuple[Transform, ...]:
        """What a proposal says of it, in the order of the transform types."""
        out = self._transforms()
        if self.key_exchange is not None:
            out.append(Transform.of(self.key_exchange))
        return (*out, Transform.of(self.sequence_numbers))


def _chosen(proposal: Proposal) -> dict[int, Transform]:
    chosen: dict[int, Transform] = {}
    for transform in proposal.transforms:
        if transform.transform_type in chosen:
            raise ConfigError(f"the proposal has two transforms of type {transform.transform_type}")
        chosen[int(transform.transform_type)] = transform
    return chosen


def _common(chosen: dict[int, Transform], legacy: bool) -> dict[str, Any]:
    integrity = _member(chosen, TransformType.INTEG, IntegrityAlgorithm, optional=True)
    return {
        "encryption": _member(chosen, TransformType.ENCR, EncryptionAlgorithm),
        "key_length": chosen[TransformType.ENCR].key_length,
        "integrity": IntegrityAlgorithm.NONE if integrity is None else integrity,
        "legacy": legacy,
    }


def _member(
    chosen: dict[int, Transform], kind: TransformType, members: Any, *, optional: bool = False
) -> Any:
    """The algorithm of a type; None where an optional one is missing."""
    transform = chosen.get(kind)
    if transform is None:
        if optional:
            return None
        raise ConfigError(f"the proposal has no transform of type {kind.name}")
    if not isinstance(transform.transform_id, members):
        raise ConfigError(f"{kind.name} {transform.transform_id} does not work here")
    # NONE says that there is none (RFC 7296 3.3.3).
    return transform.transform_id if transform.transform_id or not optional else None
