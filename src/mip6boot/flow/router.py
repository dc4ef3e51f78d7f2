"""A link's router, which advertises its prefixes (RFC 4861 6.2, RFC 6275 7).

The router gives a mobile node its care-of address on a visited link, and tells it on the home link
that it is at home.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from typing import Any

import msgspec

from .. import ip
from ..errors import DecodeError
from ..security import Rng
from .actor import Actor, Unit
from .chance import between
from .neighbours import (
    ALL_NODES,
    Discovery,
    answer_solicitation,
    discovery_in,
    discovery_unit,
)

__all__ = [
    "AccessRouter",
    "AdvertisedPrefix",
    "RouterSettings",
]

#: RFC 4861 10, in seconds and transmissions.
MAX_INITIAL_RTR_ADVERT_INTERVAL = 16.0
MAX_INITIAL_RTR_ADVERTISEMENTS = 3
MIN_DELAY_BETWEEN_RAS = 3.0
MAX_RA_DELAY_TIME = 0.5


class AdvertisedPrefix(msgspec.Struct, frozen=True, kw_only=True):
    """A prefix that a router advertises; defaults of RFC 4861 6.2.1."""

    network: IPv6Network
    valid_lifetime: int = 2592000
    preferred_lifetime: int = 604800
    on_link: bool = True
    autonomous: bool = True
    router_address: IPv6Address | None = None
    "The router's own address in the prefix (RFC 6275 7.2)."


class RouterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Variables of RFC 4861 6.2.1 and RFC 6275 7."""

    link: str
    link_local: IPv6Address
    link_layer_address: bytes
    prefixes: tuple[AdvertisedPrefix, ...]
    max_interval: float = 600.0
    "MaxRtrAdvInterval: seconds, 4 to 1800; less only for mobility (RFC 6275 7.5)."
    min_interval: float | None = None
    "MinRtrAdvInterval; by default a third of the longest one."
    hop_limit: int = 64
    managed: bool = False
    "The M flag: addresses by DHCPv6."
    other: bool = False
    "The O flag: other configuration by DHCPv6."
    home_agent: bool = False
    "The H flag: a home agent serves the link."

    @property
    def least_interval(self) -> float:
        """MinRtrAdvInterval."""
        if self.min_interval is not None:
            return self.min_interval
        return 0.33 * self.max_interval if self.max_interval >= 9 else self.max_interval

    @property
    def router_lifetime(self) -> int:
        """AdvDefaultLifetime: 3 intervals, at least a second (RFC 6275 7.5)."""
        return min(max(int(3 * self.max_interval), 1), 9000)


class AccessRouter(Actor):
    """Advertises itself, when asked and from time to time."""

    def __init__(self, name: str, settings: RouterSettings, rng: Rng) -> None:
        super().__init__(name)
        self.settings, self._rng = settings, rng
        self._sent, self._last = 0, float("-inf")

    def start(self, now: float) -> None:
        """Begin to advertise."""
        self.start_timer("advertisement", now)

    def receive(self, unit: Unit, now: float) -> None:
        try:
            asked = discovery_in(unit, self.settings.link)
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        if isinstance(asked.message, ip.RouterSolicitation):
            self._asked(now)
        elif isinstance(asked.message, ip.NeighborSolicitation) and self._is_own(asked):
            answer = answer_solicitation(asked, self.settings.link_layer_address, router=True)
            self.send(answer)

    def expired(self, timer: Any, now: float) -> None:
        """Advertise, and again later: soon for the first ones (RFC 4861 6.2.4)."""
        settings = self.settings
        self.send(
            discovery_unit(self.advertisement(), settings.link_local, ALL_NODES, settings.link)
        )
        self._sent, self._last = self._sent + 1, now
        wait = between(self._rng, settings.least_interval, settings.max_interval)
        if self._sent < MAX_INITIAL_RTR_ADVERTISEMENTS:
            wait = min(wait, MAX_INITIAL_RTR_ADVERT_INTERVAL)
        self.start_timer("advertisement", now + wait)

    def advertisement(self) -> ip.RouterAdvertisement:
        """What is advertised."""
        settings = self.settings
        return ip.RouterAdvertisement(
            hop_limit=settings.hop_limit,
            managed=settings.managed,
            other=settings.other,
            home_agent=settings.home_agent,
            router_lifetime=settings.router_lifetime,
            options=(
                ip.SourceLinkLayerAddress(settings.link_layer_address),
                *map(_prefix_option, settings.prefixes),
            ),
        )

    def _asked(self, now: float) -> None:
        """Answer after a random time, but not too soon after the last one (RFC 4861 6.2.6)."""
        earliest = max(now, self._last + MIN_DELAY_BETWEEN_RAS)
        at = earliest + between(self._rng, 0, MAX_RA_DELAY_TIME)
        planned = self.next_timeout()
        self.start_timer("advertisement", at if planned is None else min(at, planned))

    def _is_own(self, asked: Discovery) -> bool:
        own = [prefix.router_address for prefix in self.settings.prefixes]
        return asked.message.target in (self.settings.link_local, *own)


def _prefix_option(prefix: AdvertisedPrefix) -> ip.PrefixInformation:
    network, address = prefix.network, prefix.router_address
    return ip.PrefixInformation(
        prefix_length=network.prefixlen,
        on_link=prefix.on_link,
        autonomous=prefix.autonomous,
        router_address=address is not None,
        valid_lifetime=prefix.valid_lifetime,
        preferred_lifetime=prefix.preferred_lifetime,
        prefix=address or network.network_address,
    )
