"""Bootstrapping and services (RFC 5026, RFC 5094, RFC 5096, RFC 5149)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Bits, Int8ub, Octets, OpenEnum, UInt8, UInt32, Utf8
from .base import OPTIONS, MobilityOption
from .codes import DnsUpdateStatus

__all__ = ["DnsUpdate", "ExperimentalMobilityOption", "ServiceSelection", "VendorSpecific"]


@OPTIONS.register(17, rfc="5026 8.1")
class DnsUpdate(MobilityOption):
    """DNS Update: asks the home agent to enter the mobile node in the DNS."""

    status: Annotated[DnsUpdateStatus | int, OpenEnum(Int8ub, DnsUpdateStatus)]
    remove: Annotated[bool, Bits(1)] = False
    "The entry is to be removed (the R flag)."
    reserved_bits: Annotated[int, Bits(7)] = 0
    mn_identity: Octets = b""
    "The FQDN; the RFC does not say whether as text or as labels, so it is kept as octets."


@OPTIONS.register(18, rfc="5096 4")
class ExperimentalMobilityOption(MobilityOption):
    """Experimental Mobility Option: its data is the experimenter's own (RFC 5096 4)."""

    data: Octets = b""


@OPTIONS.register(19, align=(4, 2), rfc="5094 3")
class VendorSpecific(MobilityOption):
    """Vendor Specific Mobility Option."""

    vendor_id: UInt32
    "Enterprise number; 10415 is 3GPP."
    sub_type: UInt8
    data: Octets = b""


@OPTIONS.register(20, rfc="5149 3")
class ServiceSelection(MobilityOption):
    """Service Selection: the service, or APN, that the mobile node wants."""

    identifier: Utf8
