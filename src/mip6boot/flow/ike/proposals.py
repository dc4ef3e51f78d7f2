"""Proposals: which algorithms are offered, and which of those offered are taken (RFC 7296 2.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from ...ikev2 import (
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    Proposal,
    ProtocolId,
    PseudorandomFunction,
    SecurityAssociation,
    Transform,
    TransformAttributeType,
    TransformType,
)
from ...security import EspSuite, IkeSuite

__all__ = ["MODERN", "TS36508", "Suites", "choose", "offer"]

AnySuite = TypeVar("AnySuite", IkeSuite, EspSuite)

_E, _I, _K, _P = EncryptionAlgorithm, IntegrityAlgorithm, KeyExchangeMethod, PseudorandomFunction
#: Transforms that say that there is no algorithm of their type (RFC 7296 3.3.2).
_NONE: dict[int, int] = {TransformType.INTEG: 0, TransformType.KE: 0}


class Suites(msgspec.Struct, frozen=True, kw_only=True):
    """What an end offers or takes, the best first."""

    ike: tuple[IkeSuite, ...]
    esp: tuple[EspSuite, ...]
    "Their key exchange counts with perfect forward secrecy only: never in IKE_AUTH."


def _groups(*methods: KeyExchangeMethod, **suite: object) -> tuple[IkeSuite, ...]:
    return tuple(IkeSuite(key_exchange=method, **suite) for method in methods)  # type: ignore[arg-type]


_MODERN_GROUPS = (_K.CURVE25519, _K.ECP256, _K.MODP2048)

#: What RFC 8247 and RFC 8221 want today.
MODERN = Suites(
    ike=(
        *_groups(*_MODERN_GROUPS, encryption=_E.AES_GCM_16, key_length=128, prf=_P.HMAC_SHA2_256),
        *_groups(
            *_MODERN_GROUPS,
            encryption=_E.AES_CBC,
            key_length=128,
            integrity=_I.HMAC_SHA2_256_128,
            prf=_P.HMAC_SHA2_256,
        ),
    ),
    esp=(
        EspSuite(encryption=_E.AES_GCM_16, key_length=128),
        EspSuite(encryption=_E.AES_CBC, key_length=128, integrity=_I.HMAC_SHA2_256_128),
    ),
)

#: What the default UE of TS 36.508 4.7C offers: nobody ought to use it any more.
TS36508 = Suites(
    ike=(
        *_groups(
            _K.MODP1024,
            encryption=_E.TRIPLE_DES,
            integrity=_I.HMAC_SHA1_96,
            prf=_P.HMAC_SHA1,
            legacy=True,
        ),
        *_groups(
            _K.MODP1024,
            encryption=_E.AES_CBC,
            key_length=128,
            integrity=_I.HMAC_SHA1_96,
            prf=_P.HMAC_SHA1,
            legacy=True,
        ),
    ),
    esp=(
        EspSuite(encryption=_E.TRIPLE_DES, integrity=_I.HMAC_SHA1_96, legacy=True),
        EspSuite(encryption=_E.AES_CBC, key_length=128, integrity=_I.HMAC_SHA1_96, legacy=True),
    ),
)


def offer(
    suites: Sequence[IkeSuite] | Sequence[EspSuite], spi: bytes = b"", *, forward: bool = True
) -> SecurityAssociation:
    """The SA payload that offers the suites, each in a proposal of its own.

    Without `forward`, the key exchanges of ESP suites are left out (RFC 7296 1.2).
    """
    proposals: list[Proposal] = []
    for suite in suites:
        kept = suite.transforms() if forward else _without_key_exchange(suite.transforms())
        if any(kept == before.transforms for before in proposals):
            continue
        proposals.append(
            Proposal(
                proposal_num=len(proposals) + 1,
                protocol_id=ProtocolId.IKE if isinstance(suite, IkeSuite) else ProtocolId.ESP,
                spi=spi,
                transforms=kept,
            )
        )
    return SecurityAssociation(proposals=tuple(proposals))


def _without_key_exchange(transforms: Sequence[Transform]) -> tuple[Transform, ...]:
    return tuple(t for t in transforms if t.transform_type != TransformType.KE)


def choose(
    payload: SecurityAssociation, suites: Sequence[AnySuite], *, forward: bool = True
) -> tuple[AnySuite, Proposal] | None:
    """The first of the suites that is offered, and the answer that takes it; None for none.

    The transforms of the answer stand in the order of the proposal they were chosen from.
    """
    for suite in suites:
        wanted = suite.transforms() if forward else _without_key_exchange(suite.transforms())
        kind = ProtocolId.IKE if isinstance(suite, IkeSuite) else ProtocolId.ESP
        for proposal in payload.proposals:
            if proposal.protocol_id != kind:
                continue
            transforms = _chosen(proposal, {int(t.transform_type): t for t in wanted})
            if transforms is not None:
                return suite, proposal.replace(transforms=transforms)
    return None


def _chosen(proposal: Proposal, wanted: dict[int, Transform]) -> tuple[Transform, ...] | None:
    """One transform of each type of the proposal; None where it lacks what is wanted.

    A type that is offered has to be chosen from (RFC 7296 3.3.6), so one that the suite does not
    have needs a transform NONE.
    """
    chosen: dict[int, Transform] = {}
    for transform in proposal.transforms:
        kind = int(transform.transform_type)
        if kind not in chosen and _fits(transform, wanted.get(kind)):
            chosen[kind] = transform
    offered = {int(t.transform_type) for t in proposal.transforms}
    if offered != set(chosen) or not set(wanted) <= offered:
        return None
    return tuple(chosen.values())


def _fits(transform: Transform, wanted: Transform | None) -> bool:
    if wanted is None:
        return _NONE.get(transform.transform_type) == transform.transform_id
    # A transform with an attribute that nobody knows is not chosen (RFC 7296 3.3.6).
    known = all(a.attribute_type == TransformAttributeType.KEY_LENGTH for a in transform.attributes)
    return (
        known
        and transform.transform_id == wanted.transform_id
        and transform.key_length == wanted.key_length
    )
