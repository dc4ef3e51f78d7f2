"""The words for a UE: how far it has come, and what it knows and wants."""

from __future__ import annotations

import enum
from ipaddress import IPv6Address

import msgspec

from ..schema import DomainName, Duid
from .ike import Settings
from .registration import MobileNodeSettings

__all__ = ["HomeAgentDiscovery", "UeSettings", "UeState"]


class HomeAgentDiscovery(enum.StrEnum):
    """How a home agent is found."""

    DHCPV6 = "dhcpv6"
    DNS = "dns"


class UeState(enum.StrEnum):
    """How far a UE has come."""

    DOWN = "down"
    ACCESS = "authenticating at the access"
    CONFIGURING = "waiting for a care-of address"
    DISCOVERING = "asking DHCPv6 for a home agent"
    RESOLVING = "asking DNS for a home agent"
    SECURING = "IKEv2 with the home agent"
    REGISTERING = "registering"
    CONNECTED = "connected"
    DETACHING = "detaching"
    HOME = "at home"
    FAILED = "failed"


class UeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a UE knows and wants."""

    link_layer_address: bytes
    duid: Duid
    ike: Settings
    "Who it is towards the home agent, and whom it believes."
    apn: str
    home_network: DomainName
    "The network whose home agent it looks for."
    discovery: tuple[HomeAgentDiscovery, ...] = (HomeAgentDiscovery.DHCPV6, HomeAgentDiscovery.DNS)
    "Tried one after the other."
    dns_server: IPv6Address | None = None
    discovery_deadline: float = 5.0
    "Seconds after which DHCPv6 is given up; it never gives up by itself (RFC 8415 18.2.6)."
    retry_after: float | None = 300.0
    "Seconds until all is tried again where no home agent answered (RFC 5026 5.1.2); None is never."
    home_prefix: bool = False
    "A home prefix is wanted, to make the home address of, instead of an address."
    interface_id: int = 1
    "Of a home address that it makes itself."
    binding: MobileNodeSettings = MobileNodeSettings()
    access_link: str = "access"
    home_link: str = "home"


_S = UeState
