"""The IKE header and the message it begins (RFC 7296 3.1)."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from ..schema import (
    Bits,
    Bytes,
    FirstOf,
    Flags,
    FrameLength,
    Int8ub,
    Int32ub,
    Message,
    OpenEnum,
    UInt32,
)
from .codes import ExchangeType
from .payloads.base import Payloads

__all__ = ["IkeFlags", "IkeMessage"]


class IkeFlags(enum.IntFlag):
    """Flags of the header (RFC 7296 3.1)."""

    R = 0x20
    "Response: the message answers one with the same message id."
    V = 0x10
    "Version: the sender could speak a higher major version."
    I = 0x08
    "Initiator: the sender is the original initiator of the IKE SA."


class IkeMessage(Message, kw_only=True):
    """An IKEv2 message: the header and its payloads.

    Any version decodes; what is not 2 means that the payloads are of another protocol.
    """

    initiator_spi: Annotated[bytes, Bytes(8)]
    responder_spi: Annotated[bytes, Bytes(8)] = bytes(8)
    "Zeros in the first message of an initial exchange."
    next_payload: ClassVar[Annotated[int, FirstOf("payloads", Int8ub)]]
    "Type of the first payload."
    major_version: Annotated[int, Bits(4)] = 2
    minor_version: Annotated[int, Bits(4)] = 0
    exchange_type: Annotated[ExchangeType | int, OpenEnum(Int8ub, ExchangeType)]
    reserved_high: Annotated[int, Bits(2)] = 0
    flags: Annotated[IkeFlags, Flags(3, IkeFlags)] = IkeFlags(0)
    reserved_low: Annotated[int, Bits(3)] = 0
    message_id: UInt32 = 0
    length: ClassVar[Annotated[int, FrameLength(Int32ub)]]
    "Octets of the message, the header included."
    payloads: Payloads = ()

    @property
    def is_response(self) -> bool:
        """The message answers another one."""
        return IkeFlags.R in self.flags

    @property
    def from_initiator(self) -> bool:
        """The sender is the original initiator of the IKE SA."""
        return IkeFlags.I in self.flags
