"""Binding Update, Acknowledgement, Refresh Request and Error (RFC 6275 6.1)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Bits, Flags, Int8ub, Int16ub, IPv6, OpenEnum, Scaled, UInt8, UInt16
from ..codes import (
    BindingAcknowledgementFlags,
    BindingErrorStatus,
    BindingStatus,
    BindingUpdateFlags,
)
from ..header import MESSAGES, MobilityHeader
from ..options.base import MobilityOptions

__all__ = ["BindingAcknowledgement", "BindingError", "BindingRefreshRequest", "BindingUpdate"]


@MESSAGES.register(0, rfc="6275 6.1.2")
class BindingRefreshRequest(MobilityHeader):
    """Binding Refresh Request: asks the mobile node to renew its binding."""

    reserved2: UInt16 = 0
    options: MobilityOptions = ()


@MESSAGES.register(5, rfc="6275 6.1.7")
class BindingUpdate(MobilityHeader):
    """Binding Update: binds a care-of address to a home address."""

    sequence: UInt16
    "Sequence number; larger than the last one modulo 65,536."
    flags: Annotated[BindingUpdateFlags, Flags(12, BindingUpdateFlags)] = BindingUpdateFlags(0)
    reserved_bits: Annotated[int, Bits(4)] = 0
    lifetime: Annotated[int, Scaled(Int16ub, 4)] = 0
    "Seconds, a multiple of 4; 0 ends the binding."
    options: MobilityOptions = ()


@MESSAGES.register(6, rfc="6275 6.1.8")
class BindingAcknowledgement(MobilityHeader):
    """Binding Acknowledgement: says what became of a Binding Update."""

    status: Annotated[BindingStatus | int, OpenEnum(Int8ub, BindingStatus)] = BindingStatus.ACCEPTED
    "Below 128 the binding is accepted."
    flags: Annotated[BindingAcknowledgementFlags, Flags(7, BindingAcknowledgementFlags)] = (
        BindingAcknowledgementFlags(0)
    )
    reserved_bits: Annotated[int, Bits(1)] = 0
    sequence: UInt16 = 0
    "Copied from the Binding Update; with status 135 the last one accepted."
    lifetime: Annotated[int, Scaled(Int16ub, 4)] = 0
    "Granted seconds, a multiple of 4."
    options: MobilityOptions = ()


@MESSAGES.register(7, rfc="6275 6.1.9")
class BindingError(MobilityHeader, kw_only=True):
    """Binding Error: tells of a packet or message that cannot be used."""

    status: Annotated[BindingErrorStatus | int, OpenEnum(Int8ub, BindingErrorStatus)]
    reserved2: UInt8 = 0
    home_address: IPv6
    "Home address of the packet that caused this, else the unspecified address."
    options: MobilityOptions = ()
