"""Attributes of a challenge, of its answer, and of what proves both."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import BitLengthOf, ByLength, Bytes, Int16ub, Items, Octets, UInt16
from .attributes import ATTRIBUTES, AkaAttribute, WordPadding

__all__ = ["AtAutn", "AtAuts", "AtCheckcode", "AtMac", "AtRand", "AtRes", "AtResultInd"]


@ATTRIBUTES.register(1, rfc="4187 10.6, 4186 10.9")
class AtRand(AkaAttribute, kw_only=True):
    """The challenge: one RAND in EAP-AKA, two or three in EAP-SIM."""

    reserved: UInt16 = 0
    rands: Annotated[tuple[bytes, ...], Items(Bytes(16))]

    @property
    def rand(self) -> bytes | None:
        """The RAND where there is only one."""
        return self.rands[0] if len(self.rands) == 1 else None

    @property
    def count(self) -> int:
        """How many RANDs there are."""
        return len(self.rands)


@ATTRIBUTES.register(2, rfc="4187 10.7")
class AtAutn(AkaAttribute, kw_only=True):
    """What authenticates the network."""

    reserved: UInt16 = 0
    autn: Annotated[bytes, Bytes(16)]


@ATTRIBUTES.register(3, rfc="4187 10.8")
class AtRes(AkaAttribute):
    """The answer to the challenge."""

    # TS 33.105 counts bits, so a RES of other than whole octets could be; none is known.
    res_length: ClassVar[Annotated[int, BitLengthOf("res", Int16ub)]]
    "In bits."
    res: Octets
    "4 to 16 octets."
    padding: WordPadding = b""


@ATTRIBUTES.register(4, rfc="4187 10.9")
class AtAuts(AkaAttribute):
    """Where the peer's sequence number stands; nothing is reserved before it."""

    auts: Annotated[bytes, Bytes(14)]


@ATTRIBUTES.register(11, rfc="4187 10.15, 4186 10.14, 9048 3.4.2")
class AtMac(AkaAttribute, kw_only=True):
    """The code that authenticates the packet; it is computed over the packet with zeros here."""

    reserved: UInt16 = 0
    mac: Annotated[bytes, Bytes(16)] = bytes(16)


@ATTRIBUTES.register(134, rfc="4187 10.13, 9048 3.4.3")
class AtCheckcode(AkaAttribute, kw_only=True):
    """A hash over the packets that asked for identities and gave them."""

    reserved: UInt16 = 0
    checkcode: Annotated[bytes | None, ByLength({0: None, 20: Bytes(20), 32: Bytes(32)})] = None
    "SHA-1 in EAP-AKA, SHA-256 in EAP-AKA'; None where there were no such packets."

    @property
    def size(self) -> int:
        """Octets of the checkcode."""
        return 0 if self.checkcode is None else len(self.checkcode)


@ATTRIBUTES.register(135, rfc="4187 10.14, 4186 10.13")
class AtResultInd(AkaAttribute):
    """The sender would like a protected indication of success."""

    reserved: UInt16 = 0
