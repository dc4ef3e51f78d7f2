"""Configuration attributes of addresses with their prefixes (RFC 7296 3.15.1, 5026 8.2, 5739 5)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated

from ..schema import Bytes, IPv4, IPv6, Message, Octets, Optional, UInt8, UInt32
from .configuration import CONFIGURATION_ATTRIBUTES, ConfigurationAttribute

__all__ = [
    "HomePrefix",
    "InternalIp4Subnet",
    "InternalIp6Address",
    "InternalIp6Link",
    "InternalIp6Prefix",
    "InternalIp6Subnet",
    "Ip4AddressAndMask",
    "Ip6AddressAndPrefix",
    "Ip6PrefixAttribute",
    "Mip6HomePrefix",
]


class Ip6AddressAndPrefix(Message):
    """An IPv6 address, and how many of its bits are the prefix."""

    address: IPv6
    prefix_length: UInt8


class Ip6PrefixAttribute(ConfigurationAttribute):
    """Base of the attributes of an IPv6 address with a prefix length."""

    value: Annotated[Ip6AddressAndPrefix | None, Optional(Ip6AddressAndPrefix)] = None

    @property
    def address(self) -> IPv6Address | None:
        """The address, or the prefix; None in a request that leaves it open."""
        return None if self.value is None else self.value.address

    @property
    def prefix_length(self) -> int | None:
        """Bits of the prefix; None in a request that leaves it open."""
        return None if self.value is None else self.value.prefix_length


# RFC 4877 9 uses it for home addresses.
@CONFIGURATION_ATTRIBUTES.register(8, rfc="7296 3.15.1")
class InternalIp6Address(Ip6PrefixAttribute):
    """INTERNAL_IP6_ADDRESS; for Mobile IPv6 the home address, and without a value any will do."""


class Ip4AddressAndMask(Message):
    """An IPv4 network."""

    address: IPv4
    netmask: IPv4


@CONFIGURATION_ATTRIBUTES.register(13, rfc="7296 3.15.1")
class InternalIp4Subnet(ConfigurationAttribute):
    """INTERNAL_IP4_SUBNET: a network that the gateway protects."""

    value: Annotated[Ip4AddressAndMask | None, Optional(Ip4AddressAndMask)] = None


# The table of RFC 7296 allows 17 octets alone; requests without a value are seen nevertheless.
@CONFIGURATION_ATTRIBUTES.register(15, rfc="7296 3.15.1")
class InternalIp6Subnet(Ip6PrefixAttribute):
    """INTERNAL_IP6_SUBNET: a network that the gateway protects."""


class HomePrefix(Message):
    """A prefix of the home link."""

    prefix_lifetime: UInt32
    "Seconds."
    home_prefix: IPv6
    prefix_length: UInt8


# The lifetime stands first and the length last, unlike in any other attribute.
@CONFIGURATION_ATTRIBUTES.register(16, rfc="5026 8.2")
class Mip6HomePrefix(ConfigurationAttribute):
    """MIP6_HOME_PREFIX: from which a mobile node makes its home address; in a request empty."""

    value: Annotated[HomePrefix | None, Optional(HomePrefix)] = None


@CONFIGURATION_ATTRIBUTES.register(17, rfc="5739 5.1")
class InternalIp6Link(ConfigurationAttribute):
    """INTERNAL_IP6_LINK: a virtual link between client and gateway."""

    interface_id: Annotated[bytes, Bytes(8)]
    "Interface identifier of the sender's link-local address."
    link_id: Octets = b""
    "The gateway's name for the link; empty while the client does not know it."


@CONFIGURATION_ATTRIBUTES.register(18, rfc="5739 5.2")
class InternalIp6Prefix(Ip6PrefixAttribute):
    """INTERNAL_IP6_PREFIX: a prefix of a virtual link."""
