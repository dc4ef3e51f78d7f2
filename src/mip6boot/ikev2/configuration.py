"""Configuration payloads, and the addresses they give (RFC 7296 3.15)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, ClassVar

from ..schema import (
    Bits,
    ByLength,
    Code,
    FrameLength,
    FromRegistry,
    Inet4,
    Inet6,
    Int8ub,
    Int16ub,
    Items,
    Message,
    Octets,
    OpenEnum,
    OptionList,
    Registry,
    UInt24,
    Unknown,
    Utf8,
)
from .codes import ConfigurationAttributeType, ConfigurationType
from .payloads.base import PAYLOADS, Payload

__all__ = [
    "CONFIGURATION_ATTRIBUTES",
    "ApplicationVersion",
    "Configuration",
    "ConfigurationAttribute",
    "InternalIp4Address",
    "InternalIp4Dhcp",
    "InternalIp4Dns",
    "InternalIp4Nbns",
    "InternalIp4Netmask",
    "InternalIp6Dhcp",
    "InternalIp6Dns",
    "Reserved5",
    "Reserved9",
    "Reserved11",
    "SupportedAttribute",
    "SupportedAttributes",
    "UnknownConfigurationAttribute",
]

Ip4OrNone = Annotated[IPv4Address | None, ByLength({0: None, 4: Inet4})]
Ip6OrNone = Annotated[IPv6Address | None, ByLength({0: None, 16: Inet6})]


class ConfigurationAttribute(Message, kw_only=True):
    """Base of every configuration attribute; without a value it is a request."""

    reserved_bit: Annotated[bool, Bits(1)] = False
    attribute_type: ClassVar[Annotated[int, Code(Bits(15))]]
    length: ClassVar[Annotated[int, FrameLength(Int16ub, bias=4)]]
    "Octets of the value."


CONFIGURATION_ATTRIBUTES: Registry[ConfigurationAttribute] = Registry(
    ConfigurationAttribute,
    "configuration attribute",
    code=Int16ub,
    code_mask=0x7FFF,
    length=Int16ub,
    headed=True,
)


@PAYLOADS.register(47, rfc="7296 3.15")
class Configuration(Payload):
    """Configuration (CP)."""

    cfg_type: Annotated[ConfigurationType | int, OpenEnum(Int8ub, ConfigurationType)]
    reserved2: UInt24 = 0
    attributes: Annotated[
        tuple[ConfigurationAttribute, ...], OptionList(CONFIGURATION_ATTRIBUTES)
    ] = ()


@CONFIGURATION_ATTRIBUTES.unknown
class UnknownConfigurationAttribute(ConfigurationAttribute, Unknown):
    """A configuration attribute of a type that nobody registered; its octets are kept."""

    registry_code: Annotated[int, FromRegistry(ConfigurationAttributeType)]
    data: Octets = b""


@CONFIGURATION_ATTRIBUTES.register(1, rfc="7296 3.15.1")
class InternalIp4Address(ConfigurationAttribute):
    """INTERNAL_IP4_ADDRESS; in a request without an address any will do."""

    address: Ip4OrNone = None


@CONFIGURATION_ATTRIBUTES.register(2, rfc="7296 3.15.1")
class InternalIp4Netmask(ConfigurationAttribute):
    """INTERNAL_IP4_NETMASK; goes with an INTERNAL_IP4_ADDRESS."""

    netmask: Ip4OrNone = None


@CONFIGURATION_ATTRIBUTES.register(3, rfc="7296 3.15.1")
class InternalIp4Dns(ConfigurationAttribute):
    """INTERNAL_IP4_DNS: a DNS server."""

    address: Ip4OrNone = None


@CONFIGURATION_ATTRIBUTES.register(4, rfc="7296 3.15.1")
class InternalIp4Nbns(ConfigurationAttribute):
    """INTERNAL_IP4_NBNS: a NetBIOS name server (WINS)."""

    address: Ip4OrNone = None


# RFC 5996 removed 5 and 11, and 9 was INTERNAL_IP6_NETMASK in IKEv1; peers that still send them
# find their octets kept.
@CONFIGURATION_ATTRIBUTES.register(5, rfc="7296 3.15.1")
class Reserved5(ConfigurationAttribute):
    """INTERNAL_ADDRESS_EXPIRY of RFC 4306; reserved now."""

    data: Octets = b""


@CONFIGURATION_ATTRIBUTES.register(6, rfc="7296 3.15.1")
class InternalIp4Dhcp(ConfigurationAttribute):
    """INTERNAL_IP4_DHCP: a DHCP server."""

    address: Ip4OrNone = None


@CONFIGURATION_ATTRIBUTES.register(7, rfc="7296 3.15.1")
class ApplicationVersion(ConfigurationAttribute):
    """APPLICATION_VERSION: version of the peer's software."""

    version: Utf8 = ""
    "Not terminated by a null."


@CONFIGURATION_ATTRIBUTES.register(9, rfc="7296 3.15.1")
class Reserved9(ConfigurationAttribute):
    """Reserved."""

    data: Octets = b""


@CONFIGURATION_ATTRIBUTES.register(10, rfc="7296 3.15.1")
class InternalIp6Dns(ConfigurationAttribute):
    """INTERNAL_IP6_DNS: a DNS server."""

    address: Ip6OrNone = None


@CONFIGURATION_ATTRIBUTES.register(11, rfc="7296 3.15.1")
class Reserved11(ConfigurationAttribute):
    """INTERNAL_IP6_NBNS of RFC 4306; reserved now."""

    data: Octets = b""


@CONFIGURATION_ATTRIBUTES.register(12, rfc="7296 3.15.1")
class InternalIp6Dhcp(ConfigurationAttribute):
    """INTERNAL_IP6_DHCP: a DHCP server."""

    address: Ip6OrNone = None


class SupportedAttribute(Message):
    """An attribute that the sender supports."""

    reserved: Annotated[bool, Bits(1)]
    attribute_type: Annotated[
        ConfigurationAttributeType | int, OpenEnum(Bits(15), ConfigurationAttributeType)
    ]


@CONFIGURATION_ATTRIBUTES.register(14, rfc="7296 3.15.1")
class SupportedAttributes(ConfigurationAttribute):
    """SUPPORTED_ATTRIBUTES: which attributes the sender supports; empty in a request."""

    supported: Annotated[tuple[SupportedAttribute, ...], Items(SupportedAttribute)] = ()

    @classmethod
    def of(cls, *types: int) -> SupportedAttributes:
        """The attribute that lists these types."""
        return cls(tuple(SupportedAttribute(False, kind) for kind in types))

    @property
    def attribute_types(self) -> tuple[ConfigurationAttributeType | int, ...]:
        """The types alone."""
        return tuple(item.attribute_type for item in self.supported)
