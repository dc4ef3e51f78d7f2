"""IPv4 in Mobile IPv6: dual-stack (RFC 5555) and proxy mobility (RFC 5844)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Bits, Int8ub, IPv4, OpenEnum, UInt16, UInt32
from .base import OPTIONS, MobilityOption
from .codes import Ipv4AddressStatus

__all__ = [
    "Ipv4AddressAcknowledgement",
    "Ipv4CareOfAddress",
    "Ipv4DefaultRouterAddress",
    "Ipv4DhcpSupportMode",
    "Ipv4HomeAddress",
    "Ipv4HomeAddressReply",
    "Ipv4HomeAddressRequest",
    "NatDetection",
]


@OPTIONS.register(29, align=(4, 0), rfc="5555 3.1.1")
class Ipv4HomeAddress(MobilityOption, kw_only=True):
    """IPv4 Home Address; 0.0.0.0 asks for one."""

    prefix_length: Annotated[int, Bits(6)] = 32
    "Bits; 0 is an error."
    prefix_requested: Annotated[bool, Bits(1)] = False
    "The P flag: a mobile network prefix is asked for."
    reserved: Annotated[int, Bits(9)] = 0
    address: IPv4


# Section 8 of RFC 5555 prints type 29 for this option; its body and the registry say 30.
@OPTIONS.register(30, align=(4, 0), rfc="5555 3.2.1")
class Ipv4AddressAcknowledgement(MobilityOption, kw_only=True):
    """IPv4 Address Acknowledgement."""

    status: Annotated[Ipv4AddressStatus | int, OpenEnum(Int8ub, Ipv4AddressStatus)]
    prefix_length: Annotated[int, Bits(6)] = 32
    "Bits."
    reserved: Annotated[int, Bits(2)] = 0
    address: IPv4


@OPTIONS.register(31, align=(4, 0), rfc="5555 3.2.2")
class NatDetection(MobilityOption, kw_only=True):
    """NAT Detection."""

    force_udp: Annotated[bool, Bits(1)] = False
    "The F flag: UDP encapsulation is required even without a NAT."
    reserved: Annotated[int, Bits(15)] = 0
    refresh_time: UInt32 = 0xFFFFFFFF
    "Seconds between keepalives; 0 is ignored, all ones means that none are needed."


@OPTIONS.register(32, align=(4, 0), rfc="5555 3.1.2")
class Ipv4CareOfAddress(MobilityOption, kw_only=True):
    """IPv4 Care-of Address."""

    reserved: UInt16 = 0
    address: IPv4


@OPTIONS.register(36, align=(4, 0), rfc="5844 3.3.1")
class Ipv4HomeAddressRequest(MobilityOption, kw_only=True):
    """IPv4 Home Address Request."""

    prefix_length: Annotated[int, Bits(6)] = 32
    "Bits."
    reserved: Annotated[int, Bits(10)] = 0
    address: IPv4


@OPTIONS.register(37, align=(4, 0), rfc="5844 3.3.2")
class Ipv4HomeAddressReply(MobilityOption, kw_only=True):
    """IPv4 Home Address Reply."""

    # RFC 5844 3.3.2 takes over the status values of RFC 5555.
    status: Annotated[Ipv4AddressStatus | int, OpenEnum(Int8ub, Ipv4AddressStatus)]
    prefix_length: Annotated[int, Bits(6)] = 32
    "Bits."
    reserved: Annotated[int, Bits(2)] = 0
    address: IPv4


@OPTIONS.register(38, align=(4, 0), rfc="5844 3.3.3")
class Ipv4DefaultRouterAddress(MobilityOption, kw_only=True):
    """IPv4 Default-Router Address."""

    reserved: UInt16 = 0
    address: IPv4


@OPTIONS.register(39, rfc="5844 3.3.4")
class Ipv4DhcpSupportMode(MobilityOption, kw_only=True):
    """IPv4 DHCP Support Mode."""

    reserved: Annotated[int, Bits(15)] = 0
    dhcp_server: Annotated[bool, Bits(1)] = False
    "The S flag: the gateway is to be a DHCP server, not a relay."
