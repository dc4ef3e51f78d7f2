"""Classes of users and vendors, and what vendors add (RFC 8415 21.15 to 21.17)."""

from __future__ import annotations

from typing import Annotated

from ..errors import DecodeError
from ..schema import Int16ub, Items, Message, Octets, Sized, UInt16, UInt32
from .base import OPTIONS, Dhcpv6Option

__all__ = ["UserClass", "VendorClass", "VendorOptions", "VendorSuboption"]

_Opaques = Annotated[tuple[bytes, ...], Items(Sized(Int16ub))]


@OPTIONS.register(15, rfc="8415 21.15")
class UserClass(Dhcpv6Option):
    """User Class: opaque classes that the client belongs to."""

    user_class_data: _Opaques
    "At least one."


@OPTIONS.register(16, rfc="8415 21.16")
class VendorClass(Dhcpv6Option):
    """Vendor Class: opaque words on the client's hardware."""

    enterprise_number: UInt32
    vendor_class_data: _Opaques = ()


class VendorSuboption(Message):
    """One option of a vendor; its code means what the enterprise says."""

    code: UInt16
    data: Annotated[bytes, Sized(Int16ub)] = b""


class _VendorSuboptions(Message):
    suboptions: Annotated[tuple[VendorSuboption, ...], Items(VendorSuboption)] = ()


# RFC 8415 asks for options in the data, yet what is in there is the vendor's affair and some do
# not follow; so the octets are the field, and the options a view on it.
@OPTIONS.register(17, rfc="8415 21.17")
class VendorOptions(Dhcpv6Option):
    """Vendor-specific Information."""

    enterprise_number: UInt32
    vendor_option_data: Octets = b""
    "As the enterprise says; see `suboptions`."

    @classmethod
    def of(cls, enterprise_number: int, *suboptions: VendorSuboption) -> VendorOptions:
        """The option with these sub-options."""
        return cls(enterprise_number, _VendorSuboptions(suboptions).encode())

    @property
    def suboptions(self) -> tuple[VendorSuboption, ...] | None:
        """The sub-options; None where the data is no list of such."""
        try:
            return _VendorSuboptions.decode(self.vendor_option_data).suboptions
        except DecodeError:
            return None
