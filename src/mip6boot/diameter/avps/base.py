"""Attribute-value pairs (RFC 6733 4): what all of them begin with, and how data types are written.

An AVP is filled up with zeros to a multiple of four octets, which its length does not count; any
other padding is kept in `padding`.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, ClassVar

from ...schema import (
    Bits,
    Code,
    Const,
    FamilyAddress,
    FromRegistry,
    GreedyBytes,
    Int24ub,
    Int32ub,
    LengthOf,
    Message,
    Octets,
    OpenEnum,
    OptionList,
    PadTo,
    Registry,
    SecondCode,
    UInt32,
    Unknown,
)
from ..codes import Application

__all__ = [
    "AVPS",
    "THREE_GPP",
    "AnyAddress",
    "ApplicationId",
    "Avp",
    "Avps",
    "FailedAvps",
    "IetfAvp",
    "InformationalAvp",
    "InformationalVendorAvp",
    "MandatoryAvp",
    "MandatoryVendorAvp",
    "UnknownAvp",
    "UnknownVendorAvp",
    "VendorAvp",
    "vendor_of",
]

#: The Vendor-Id of 3GPP (IANA, SMI Network Management Private Enterprise Codes).
THREE_GPP = 10415

#: Address (RFC 6733 4.3.1); octets where it is neither IPv4 nor IPv6.
AnyAddress = Annotated[IPv4Address | IPv6Address | bytes, FamilyAddress]
ApplicationId = Annotated[Application | int, OpenEnum(Int32ub, Application)]
_Padding = Annotated[bytes, PadTo(4, exact=True)]


class Avp(Message):
    """Base of every AVP; all have a `value`, and the flags `mandatory` and `protected`."""

    __brief__ = "value"


AVPS: Registry[Avp] = Registry(
    Avp,
    "AVP",
    code=Int32ub,
    length=Int32ub,
    length_mask=0xFFFFFF,  # In front of the length stand the flags.
    length_rule=(1, -8),
    multiple=4,
    headed=True,
    second=SecondCode(flag_at=4, flag=0x80, at=8),
)

#: AVPs one behind the other (Grouped, RFC 6733 4.4).
Avps = Annotated[tuple[Avp, ...], OptionList(AVPS)]
#: The same, where they may be what was refused: those that do not parse are kept as unknown ones.
FailedAvps = Annotated[tuple[Avp, ...], OptionList(AVPS, loose=True)]


class IetfAvp(Avp, kw_only=True):
    """Layout of the AVPs of the IETF."""

    avp_code: ClassVar[Annotated[int, Code(Int32ub)]]
    vendor_specific: ClassVar[Annotated[int, Const(Bits(1), 0)]]
    mandatory: Annotated[bool, Bits(1)] = True
    protected: Annotated[bool, Bits(1)] = False
    reserved: Annotated[int, Bits(5)] = 0
    length: ClassVar[Annotated[int, LengthOf("value", Int24ub, bias=-8)]]
    "Octets of the value."
    value: Annotated[Any, GreedyBytes]
    padding: _Padding = b""
    "Empty where it is zeros."


class VendorAvp(Avp, kw_only=True):
    """Layout of the AVPs of a vendor, under whose number they are registered."""

    avp_code: ClassVar[Annotated[int, Code(Int32ub)]]
    vendor_specific: ClassVar[Annotated[int, Const(Bits(1), 1)]]
    mandatory: Annotated[bool, Bits(1)] = True
    protected: Annotated[bool, Bits(1)] = False
    reserved: Annotated[int, Bits(5)] = 0
    length: ClassVar[Annotated[int, LengthOf("value", Int24ub, bias=-12)]]
    "Octets of the value."
    vendor_id: ClassVar[Annotated[int, Code(Int32ub, level=1)]]
    value: Annotated[Any, GreedyBytes]
    padding: _Padding = b""
    "Empty where it is zeros."


class MandatoryAvp(IetfAvp):
    """An AVP of the IETF; who does not know it has to refuse the message (RFC 6733 4.1)."""


class InformationalAvp(IetfAvp, kw_only=True):
    """An AVP of the IETF that may be ignored."""

    mandatory: Annotated[bool, Bits(1)] = False


class MandatoryVendorAvp(VendorAvp):
    """An AVP of a vendor; who does not know it has to refuse the message."""


class InformationalVendorAvp(VendorAvp, kw_only=True):
    """An AVP of a vendor that may be ignored."""

    mandatory: Annotated[bool, Bits(1)] = False


@AVPS.unknown_with(None)
class UnknownAvp(IetfAvp, Unknown, kw_only=True):
    """An AVP of the IETF that nobody registered; its octets are kept."""

    mandatory: Annotated[bool, Bits(1)] = False
    registry_code: Annotated[int, FromRegistry()]
    value: Octets = b""

    @property
    def data(self) -> bytes:
        """The value."""
        return self.value


@AVPS.unknown
class UnknownVendorAvp(Avp, Unknown, kw_only=True):
    """An AVP of a vendor that nobody registered, or of vendor 0, which RFC 6733 4.1 forbids."""

    avp_code: ClassVar[Annotated[int, Code(Int32ub)]]
    vendor_specific: ClassVar[Annotated[int, Const(Bits(1), 1)]]
    mandatory: Annotated[bool, Bits(1)] = False
    protected: Annotated[bool, Bits(1)] = False
    reserved: Annotated[int, Bits(5)] = 0
    length: ClassVar[Annotated[int, LengthOf("value", Int24ub, bias=-12)]]
    registry_code: Annotated[int, FromRegistry()]
    vendor_id: UInt32
    value: Octets = b""
    padding: _Padding = b""

    @property
    def data(self) -> bytes:
        """The value."""
        return self.value


def vendor_of(avp: Avp | type[Avp]) -> int:
    """The number of the vendor; 0 for the IETF."""
    registration = avp.__registration__
    if registration is not None and len(registration.codes) == 2:
        return int(registration.codes[1])
    found = getattr(avp, "vendor_id", 0)
    return found if isinstance(found, int) else 0
