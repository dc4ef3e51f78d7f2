"""Attributes that ask for an identity, and that give one."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import Int16ub, LengthOf, UInt16, Utf8
from .attributes import ATTRIBUTES, AkaAttribute, WordPadding

__all__ = [
    "AtAnyIdReq",
    "AtFullauthIdReq",
    "AtIdentity",
    "AtNextPseudonym",
    "AtNextReauthId",
    "AtPermanentIdReq",
    "IdentityReq",
]


class IdentityReq(AkaAttribute):
    """Base of the attributes that ask for an identity; there may be one of them."""

    reserved: UInt16 = 0


@ATTRIBUTES.register(10, rfc="4187 10.2, 4186 10.5")
class AtPermanentIdReq(IdentityReq):
    """Asks for the permanent identity."""


@ATTRIBUTES.register(13, rfc="4187 10.3, 4186 10.6")
class AtAnyIdReq(IdentityReq):
    """Asks for an identity of any kind."""


@ATTRIBUTES.register(17, rfc="4187 10.4, 4186 10.7")
class AtFullauthIdReq(IdentityReq):
    """Asks for an identity for full authentication: the permanent one or a pseudonym."""


@ATTRIBUTES.register(14, rfc="4187 10.5, 4186 10.8")
class AtIdentity(AkaAttribute):
    """The identity of the peer."""

    actual_identity_length: ClassVar[Annotated[int, LengthOf("identity", Int16ub)]]
    identity: Utf8
    padding: WordPadding = b""


@ATTRIBUTES.register(132, rfc="4187 10.10, 4186 10.10")
class AtNextPseudonym(AkaAttribute):
    """The username for the next full authentication; stands encrypted."""

    actual_pseudonym_length: ClassVar[Annotated[int, LengthOf("pseudonym", Int16ub)]]
    pseudonym: Utf8
    "Without a realm."
    padding: WordPadding = b""


@ATTRIBUTES.register(133, rfc="4187 10.11, 4186 10.11")
class AtNextReauthId(AkaAttribute):
    """The identity for the next fast re-authentication; stands encrypted."""

    actual_identity_length: ClassVar[Annotated[int, LengthOf("identity", Int16ub)]]
    identity: Utf8
    padding: WordPadding = b""
