"""Home addresses: what is asked for, who gives them, and how they stand in configuration payloads.

RFC 4877 9 has home addresses in INTERNAL_IP6_ADDRESS, RFC 5026 8.2 home prefixes in
MIP6_HOME_PREFIX.  A pool, the AAA, or DHCPv6 on the home link fit the same interface.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, IPv6Network
from typing import Protocol

import msgspec

from ...ikev2 import (
    Configuration,
    ConfigurationAttribute,
    ConfigurationType,
    HomePrefix,
    InternalIp6Address,
    InternalIp6Dns,
    Ip6AddressAndPrefix,
    Mip6HomePrefix,
)
from ..parts import find

__all__ = ["Addresses", "Home", "HomeAnswer", "Wanted"]

#: Seconds that a prefix is valid for where nobody says (RFC 4861 6.2.1, AdvValidLifetime).
LIFETIME = 2592000


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a mobile node asks for in a CFG_REQUEST."""

    address: bool = False
    "A home address: INTERNAL_IP6_ADDRESS."
    preferred: IPv6Address | None = None
    "The home address that it would like."
    prefix: bool = False
    "A prefix to make a home address of: MIP6_HOME_PREFIX."
    dns: bool = False

    @classmethod
    def of(cls, payload: Configuration | None) -> Wanted:
        """What a CFG_REQUEST says; nothing without one."""
        if payload is None or payload.cfg_type != ConfigurationType.REQUEST:
            return cls()
        address = find(payload.attributes, InternalIp6Address)
        return cls(
            address=address is not None,
            preferred=None if address is None else _specified(address.address),
            prefix=find(payload.attributes, Mip6HomePrefix) is not None,
            dns=find(payload.attributes, InternalIp6Dns) is not None,
        )

    def __bool__(self) -> bool:
        return self.address or self.prefix

    def request(self) -> Configuration | None:
        """The CFG_REQUEST; None where nothing is asked for."""
        attributes: list[ConfigurationAttribute] = []
        if self.address:
            value = None if self.preferred is None else Ip6AddressAndPrefix(self.preferred, 64)
            attributes.append(InternalIp6Address(value=value))
        if self.prefix:
            attributes.append(Mip6HomePrefix())
        if self.dns:
            attributes.append(InternalIp6Dns())
        return _configuration(ConfigurationType.REQUEST, attributes)


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """What a mobile node was given."""

    address: IPv6Address | None = None
    prefix_length: int = 64
    prefix: IPv6Network | None = None
    "To make home addresses of."
    lifetime: int = LIFETIME
    "Seconds that the prefix is valid for."
    dns: tuple[IPv6Address, ...] = ()
    assigned: bool = False
    "A prefix was asked for, and the address is to be used instead (RFC 5026 5.3.2)."

    @classmethod
    def of(cls, payload: Configuration | None, *, assigned: bool = False) -> Home:
        """What a CFG_REPLY says."""
        if payload is None or payload.cfg_type != ConfigurationType.REPLY:
            return cls()
        address, prefix = (
            find(payload.attributes, InternalIp6Address),
            find(payload.attributes, Mip6HomePrefix),
        )
        value = None if prefix is None else prefix.value
        network = None
        if value is not None and value.prefix_length <= 128:
            network = IPv6Network((value.home_prefix, value.prefix_length), strict=False)
        return cls(
            address=None if address is None else _specified(address.address),
            prefix_length=64 if address is None else address.prefix_length or 64,
            prefix=network,
            lifetime=LIFETIME if value is None else value.prefix_lifetime,
            dns=tuple(
                one.address
                for one in payload.attributes
                if isinstance(one, InternalIp6Dns) and one.address is not None
            ),
            assigned=assigned and address is not None,
        )

    def reply(self) -> Configuration | None:
        """The CFG_REPLY; None where nothing was given."""
        attributes: list[ConfigurationAttribute] = []
        if self.address is not None:
            value = Ip6AddressAndPrefix(self.address, self.prefix_length)
            attributes.append(InternalIp6Address(value=value))
        if self.prefix is not None:
            network = self.prefix
            home = HomePrefix(self.lifetime, network.network_address, network.prefixlen)
            attributes.append(Mip6HomePrefix(value=home))
        attributes += (InternalIp6Dns(address=one) for one in self.dns)
        return _configuration(ConfigurationType.REPLY, attributes)


class HomeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a question."""

    identity: str
    apn: str
    home: Home | None
    "None: there is nothing to give."
    reason: str = ""


class Addresses(Protocol):
    """Who gives home addresses; answers come some time, so that a network may stand in between."""

    def ask(self, identity: str, apn: str, wanted: Wanted, now: float) -> None:
        """Ask for what a mobile node wants; asked again, the answer is the same."""
        ...

    def answers(self) -> list[HomeAnswer]:
        """The answers that have come since this was last asked."""
        ...

    def release(self, identity: str, apn: str, now: float) -> None:
        """The IKE SA is gone, and with it the mobile node's right to the address (RFC 4877 9)."""
        ...


def _specified(address: IPv6Address | None) -> IPv6Address | None:
    return None if address is None or address.is_unspecified else address


def _configuration(
    kind: ConfigurationType, attributes: Sequence[ConfigurationAttribute]
) -> Configuration | None:
    return Configuration(cfg_type=kind, attributes=tuple(attributes)) if attributes else None
