"""The attributes of EAP-SIM, EAP-AKA and EAP-AKA' (RFC 4187 8.1): their registry, and lists."""

from __future__ import annotations

from typing import Annotated

from ..schema import FromRegistry, Int8ub, Message, Octets, OptionList, PadTo, Registry, Unknown
from ..schema.message import OctetString
from .codes import AkaAttributeType

__all__ = [
    "ATTRIBUTES",
    "AkaAttribute",
    "AkaAttributes",
    "NestedAttributes",
    "UnknownAkaAttribute",
    "decode_attributes",
    "encode_attributes",
]

#: Zeros up to a whole number of words; the type and the length stand before the attribute's octets.
WordPadding = Annotated[bytes, PadTo(4, before=2)]


class AkaAttribute(Message):
    """Base of every attribute."""


# The length counts words of 4 octets, type and length included.
ATTRIBUTES: Registry[AkaAttribute] = Registry(
    AkaAttribute, "attribute", code=Int8ub, length=Int8ub, length_rule=(4, -2)
)

AkaAttributes = Annotated[tuple[AkaAttribute, ...], OptionList(ATTRIBUTES)]


@ATTRIBUTES.unknown
class UnknownAkaAttribute(AkaAttribute, Unknown):
    """An attribute that nobody registered, though its type may have a name; its octets are kept."""

    registry_code: Annotated[int, FromRegistry(AkaAttributeType)]
    data: Octets = b"\0\0"
    "Two octets, and any number of words more."

    @property
    def skippable(self) -> bool:
        """Receivers that do not know the attribute go on without it."""
        return self.registry_code >= 128


class NestedAttributes(Message):
    """The attributes that are encrypted into an AT_ENCR_DATA (RFC 4187 10.12)."""

    attributes: AkaAttributes = ()


def decode_attributes(octets: OctetString, *, lenient: bool = False) -> tuple[AkaAttribute, ...]:
    """The attributes in the opened octets of an AT_ENCR_DATA; DecodeError says why not."""
    return NestedAttributes.decode(octets, lenient=lenient).attributes


def encode_attributes(attributes: tuple[AkaAttribute, ...]) -> bytes:
    """The octets to encrypt into an AT_ENCR_DATA; an AtPadding makes them whole blocks of 16."""
    return NestedAttributes(attributes).encode()
