"""Fast handovers (RFC 5568, RFC 5949, and what is left of RFC 4068)."""

from __future__ import annotations

import enum
from typing import Annotated

from ...schema import Bits, Flags, Int8ub, OpenEnum, UInt16
from ..codes import BindingStatus
from ..header import MESSAGES, MobilityHeader
from ..options.base import MobilityOptions
from .codes import HandoverAcknowledgeCode, HandoverInitiateCode

__all__ = [
    "FastBindingAcknowledgment",
    "FastBindingUpdate",
    "FastBindingUpdateFlags",
    "FastNeighborAdvertisement",
    "HandoverAcknowledge",
    "HandoverAcknowledgeFlags",
    "HandoverInitiate",
    "HandoverInitiateFlags",
]


class FastBindingUpdateFlags(enum.IntFlag):
    """Flags of a Fast Binding Update (RFC 5568 6.2.2)."""

    A = 0x8000
    H = 0x4000
    L = 0x2000
    K = 0x1000


@MESSAGES.register(8, rfc="5568 6.2.2")
class FastBindingUpdate(MobilityHeader):
    """Fast Binding Update: asks the previous access router to redirect traffic."""

    sequence: UInt16
    flags: Annotated[FastBindingUpdateFlags, Flags(4, FastBindingUpdateFlags)] = (
        FastBindingUpdateFlags(0)
    )
    reserved_bits: Annotated[int, Bits(12)] = 0
    lifetime: UInt16 = 0
    "Seconds; not units of 4 seconds, as in a Binding Update."
    options: MobilityOptions = ()


@MESSAGES.register(9, rfc="5568 6.2.3")
class FastBindingAcknowledgment(MobilityHeader):
    """Fast Binding Acknowledgment: says what became of a Fast Binding Update."""

    status: Annotated[BindingStatus | int, OpenEnum(Int8ub, BindingStatus)] = BindingStatus.ACCEPTED
    key_management: Annotated[bool, Bits(1)] = False
    reserved_bits: Annotated[int, Bits(7)] = 0
    sequence: UInt16 = 0
    lifetime: UInt16 = 0
    "Granted seconds."
    options: MobilityOptions = ()


@MESSAGES.register(10, rfc="4068 6.3.3")
class FastNeighborAdvertisement(MobilityHeader):
    """Fast Neighbor Advertisement: deprecated by RFC 5568, seen in old captures."""

    reserved2: UInt16 = 0
    options: MobilityOptions = ()


class HandoverInitiateFlags(enum.IntFlag):
    """Flags of a Handover Initiate (RFC 5568 6.2.1.1, RFC 5949 6.1.1)."""

    S = 0x80
    U = 0x40
    P = 0x20
    F = 0x10


@MESSAGES.register(14, rfc="5568 6.2.1.1, 5949 6.1.1")
class HandoverInitiate(MobilityHeader):
    """Handover Initiate: an access router tells the next one of a mobile node."""

    sequence: UInt16
    flags: Annotated[HandoverInitiateFlags, Flags(4, HandoverInitiateFlags)] = (
        HandoverInitiateFlags(0)
    )
    reserved_bits: Annotated[int, Bits(4)] = 0
    code: Annotated[HandoverInitiateCode | int, OpenEnum(Int8ub, HandoverInitiateCode)] = 0
    options: MobilityOptions = ()


class HandoverAcknowledgeFlags(enum.IntFlag):
    """Flags of a Handover Acknowledge (RFC 5949 6.1.2); RFC 5568 itself has none."""

    U = 0x80
    P = 0x40
    F = 0x20


@MESSAGES.register(15, rfc="5568 6.2.1.2, 5949 6.1.2")
class HandoverAcknowledge(MobilityHeader):
    """Handover Acknowledge: the answer to a Handover Initiate."""

    sequence: UInt16
    flags: Annotated[HandoverAcknowledgeFlags, Flags(3, HandoverAcknowledgeFlags)] = (
        HandoverAcknowledgeFlags(0)
    )
    reserved_bits: Annotated[int, Bits(5)] = 0
    code: Annotated[HandoverAcknowledgeCode | int, OpenEnum(Int8ub, HandoverAcknowledgeCode)] = 0
    options: MobilityOptions = ()
