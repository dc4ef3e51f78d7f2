"""Booting from the network (RFC 5970 3)."""

from __future__ import annotations

from typing import Annotated

from ..schema import Int16ub, Items, Sized, Text, UInt8, Utf8
from .base import OPTIONS, Dhcpv6Option

__all__ = [
    "BootFileParameters",
    "BootFileUrl",
    "ClientNetworkInterfaceIdentifier",
    "ClientSystemArchitectureType",
]


@OPTIONS.register(59, rfc="5970 3.1")
class BootFileUrl(Dhcpv6Option):
    """Boot File URL."""

    boot_file_url: Utf8
    "Not terminated by a null."


@OPTIONS.register(60, rfc="5970 3.2")
class BootFileParameters(Dhcpv6Option):
    """Boot File Parameters, in order."""

    parameters: Annotated[tuple[str, ...], Items(Sized(Int16ub, Text))] = ()


@OPTIONS.register(61, rfc="5970 3.3")
class ClientSystemArchitectureType(Dhcpv6Option):
    """Client System Architecture Type, best first."""

    architecture_types: Annotated[tuple[int, ...], Items(Int16ub)]
    "At least one, of the registry of RFC 4578."


@OPTIONS.register(62, rfc="5970 3.4")
class ClientNetworkInterfaceIdentifier(Dhcpv6Option):
    """Client Network Interface Identifier (NII): how the client speaks UNDI."""

    nii_type: UInt8
    major: UInt8
    minor: UInt8
