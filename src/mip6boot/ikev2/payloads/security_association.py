"""Security Association: proposals, transforms and their attributes (RFC 7296 3.3)."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from msgspec.structs import force_setattr

from ...schema import (
    Bits,
    CountOf,
    EnumMember,
    FrameLength,
    Int8ub,
    Int16ub,
    IsShort,
    Items,
    LengthOf,
    Message,
    Octets,
    OpenEnum,
    ShortOrLong,
    Substructures,
    UInt8,
)
from ..algorithms import (
    EncryptionAlgorithm,
    IntegrityAlgorithm,
    KeyExchangeMethod,
    PseudorandomFunction,
    SequenceNumbers,
    TransformAttributeType,
    TransformType,
)
from ..codes import ProtocolId
from .base import PAYLOADS, Payload

__all__ = ["ALGORITHMS", "Proposal", "SecurityAssociation", "Transform", "TransformAttribute"]

#: Names of the transform ids of each type; types 6 to 12 are further key exchanges (RFC 9370).
ALGORITHMS: dict[int, type[enum.IntEnum]] = {
    TransformType.ENCR: EncryptionAlgorithm,
    TransformType.PRF: PseudorandomFunction,
    TransformType.INTEG: IntegrityAlgorithm,
    TransformType.KE: KeyExchangeMethod,
    TransformType.SN: SequenceNumbers,
    **dict.fromkeys(range(TransformType.ADDKE1, TransformType.ADDKE7 + 1), KeyExchangeMethod),
}

_MEMBERS: dict[tuple[int, int], enum.IntEnum] = {
    (kind, int(member)): member for kind, members in ALGORITHMS.items() for member in members
}


class TransformAttribute(Message):
    """An attribute of a transform, in short or long form (RFC 7296 3.3.5)."""

    short: ClassVar[Annotated[int, IsShort("value", Bits(1))]]
    "The attribute format bit: a value of two octets follows, and no length."
    attribute_type: Annotated[
        TransformAttributeType | int, OpenEnum(Bits(15), TransformAttributeType)
    ]
    value: Annotated[int | bytes, ShortOrLong()]
    "A number in short form, octets in long form."


class Transform(Message):
    """One algorithm of a proposal (RFC 7296 3.3.2), without the octet that says if it is last."""

    reserved: UInt8 = 0
    transform_length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=-1)]]
    transform_type: Annotated[TransformType | int, OpenEnum(Int8ub, TransformType)] = 0
    reserved2: UInt8 = 0
    transform_id: Annotated[enum.IntEnum | int, EnumMember(Int16ub)] = 0
    "The algorithm: a member of its type's enumeration, the number where it has no name."
    attributes: Annotated[tuple[TransformAttribute, ...], Items(TransformAttribute)] = ()

    def __post_init__(self) -> None:
        kind, number = self.transform_type, self.transform_id
        if not (isinstance(kind, int) and isinstance(number, int)):
            return  # Encoding refuses it, and says where.
        known = _MEMBERS.get((kind, number))
        if known is not None:
            force_setattr(self, "transform_id", known)
        elif type(number) is not int:
            force_setattr(self, "transform_id", int(number))

    @classmethod
    def of(cls, algorithm: enum.IntEnum, key_length: int | None = None) -> Transform:
        """The transform of an algorithm; `key_length` in bits where the algorithm has several.

        ValueError for a member of an enumeration that is not one of algorithms.
        """
        kind = next((k for k, e in ALGORITHMS.items() if isinstance(algorithm, e)), None)
        if kind is None:
            raise ValueError(f"{algorithm!r} is no algorithm of a transform")
        attribute = TransformAttribute(TransformAttributeType.KEY_LENGTH, key_length or 0)
        return cls(
            transform_type=kind,
            transform_id=algorithm,
            attributes=() if key_length is None else (attribute,),
        )

    @property
    def key_length(self) -> int | None:
        """Bits of the key; None without such an attribute."""
        for attribute in self.attributes:
            if attribute.attribute_type == TransformAttributeType.KEY_LENGTH:
                return attribute.value if isinstance(attribute.value, int) else None
        return None


class Proposal(Message, kw_only=True):
    """One way to protect (RFC 7296 3.3.1), without the octet that says whether it is last."""

    reserved: UInt8 = 0
    proposal_length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=-1)]]
    proposal_num: UInt8 = 1
    "From 1 on; an answer has the number of the proposal that was chosen."
    protocol_id: Annotated[ProtocolId | int, OpenEnum(Int8ub, ProtocolId)]
    spi_size: ClassVar[Annotated[int, LengthOf("spi", Int8ub)]]
    num_transforms: ClassVar[Annotated[int, CountOf("transforms", Int8ub)]]
    spi: Octets = b""
    "Of the sender: 4 octets for ESP and AH, 8 where an IKE SA is rekeyed, else none."
    transforms: Annotated[
        tuple[Transform, ...], Substructures(Transform, more=3, remember=True)
    ] = ()

    def algorithms(self, transform_type: int) -> tuple[enum.IntEnum | int, ...]:
        """What the proposal offers of one type of transform."""
        return tuple(t.transform_id for t in self.transforms if t.transform_type == transform_type)


@PAYLOADS.register(33, rfc="7296 3.3")
class SecurityAssociation(Payload):
    """Security Association (SA): what is offered, or the one proposal that was chosen."""

    proposals: Annotated[tuple[Proposal, ...], Substructures(Proposal, more=2, remember=True)] = ()
