"""Encrypted attributes, and those that stand in nothing but them."""

from __future__ import annotations

from typing import Annotated

from ..schema import Bytes, Octets, UInt16
from .attributes import ATTRIBUTES, AkaAttribute

__all__ = ["AtCounter", "AtCounterTooSmall", "AtEncrData", "AtIv", "AtNonceS", "AtPadding"]


@ATTRIBUTES.register(129, rfc="4187 10.12, 4186 10.12")
class AtIv(AkaAttribute, kw_only=True):
    """The initialization vector of the encrypted attributes."""

    reserved: UInt16 = 0
    initialization_vector: Annotated[bytes, Bytes(16)]


@ATTRIBUTES.register(130, rfc="4187 10.12, 4186 10.12")
class AtEncrData(AkaAttribute, kw_only=True):
    """Encrypted attributes (AES-128-CBC); `decode_attributes` reads them once they are opened."""

    reserved: UInt16 = 0
    encrypted_data: Octets
    "Whole blocks of 16 octets."


@ATTRIBUTES.register(6, rfc="4187 10.12, 4186 10.12")
class AtPadding(AkaAttribute):
    """Fills up encrypted attributes to whole blocks; the last of them."""

    padding: Octets = b"\0\0"
    "2, 6 or 10 octets, which have to be zero."


@ATTRIBUTES.register(19, rfc="4187 10.16, 4186 10.15")
class AtCounter(AkaAttribute):
    """How often keys were refreshed since the last full authentication."""

    counter: UInt16


@ATTRIBUTES.register(20, rfc="4187 10.17, 4186 10.16")
class AtCounterTooSmall(AkaAttribute):
    """The peer has seen a higher counter."""

    reserved: UInt16 = 0


@ATTRIBUTES.register(21, rfc="4187 10.18, 4186 10.17")
class AtNonceS(AkaAttribute, kw_only=True):
    """The server's challenge in a fast re-authentication."""

    reserved: UInt16 = 0
    nonce_s: Annotated[bytes, Bytes(16)]
