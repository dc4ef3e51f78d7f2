"""Options of fast handovers (RFC 5568, RFC 5949)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from ...schema import (
    ByLength,
    Bytes,
    Inet4,
    Inet6,
    Int8ub,
    IPv6,
    Message,
    Octets,
    OpenEnum,
    OptionList,
    Registry,
    RegistryCode,
    UInt8,
    UInt16,
    UInt32,
    Unknown,
)
from .base import OPTIONS, MobilityOption
from .codes import PrefixOptionCode

__all__ = [
    "REQUESTED_OPTIONS",
    "BindingAuthorizationDataForFmip",
    "ContextRequest",
    "LmaAddress",
    "MhIpv6AddressPrefix",
    "MhLinkLayerAddress",
    "MnLlaInterfaceIdentifier",
    "RequestedOption",
    "UnknownRequestedOption",
]


@OPTIONS.register(7, rfc="5568 6.4.4")
class MhLinkLayerAddress(MobilityOption):
    """Mobility Header Link-Layer Address."""

    option_code: UInt8
    "2: the link-layer address of the mobile node."
    link_layer_address: Octets


# The Option Length counts the authenticator alone, although the SPI stands before it.
@OPTIONS.register(21, length=(1, 4), rfc="5568 6.4.5")
class BindingAuthorizationDataForFmip(MobilityOption):
    """Binding Authorization Data for FMIPv6 (BADF)."""

    spi: UInt32
    authenticator: Octets


@OPTIONS.register(34, align=(8, 4), rfc="5568 6.4.2")
class MhIpv6AddressPrefix(MobilityOption):
    """Mobility Header IPv6 Address/Prefix; RFC 5568 prints type 17, its registry says 34."""

    option_code: Annotated[PrefixOptionCode | int, OpenEnum(Int8ub, PrefixOptionCode)]
    prefix_length: UInt8
    "Bits."
    address: IPv6


class RequestedOption(Message):
    """Base of what a Context Request asks for."""


REQUESTED_OPTIONS: Registry[RequestedOption] = Registry(
    RequestedOption, "requested option", code=Int8ub, length=Int8ub
)


@REQUESTED_OPTIONS.unknown
class UnknownRequestedOption(RequestedOption, Unknown):
    """One requested option: its type and the data that tell which one (RFC 5949 6.2.1)."""

    registry_code: RegistryCode
    data: Octets = b""


@OPTIONS.register(40, rfc="5949 6.2.1")
class ContextRequest(MobilityOption):
    """Context Request: which options the next gateway wants to be told."""

    reserved: UInt16 = 0
    requests: Annotated[tuple[RequestedOption, ...], OptionList(REQUESTED_OPTIONS)] = ()


@OPTIONS.register(41, rfc="5949 6.2.2")
class LmaAddress(MobilityOption, kw_only=True):
    """Local Mobility Anchor Address."""

    option_code: UInt8
    "1: IPv6, 2: IPv4."
    reserved: UInt8 = 0
    address: Annotated[IPv6Address | IPv4Address, ByLength({16: Inet6, 4: Inet4})]


@OPTIONS.register(42, rfc="5949 6.2.3")
class MnLlaInterfaceIdentifier(MobilityOption, kw_only=True):
    """Mobile Node Link-local Address Interface Identifier."""

    reserved: UInt16 = 0
    interface_identifier: Annotated[bytes, Bytes(8)]
