"""Leases and information that DHCP clients get, and how they are read from a Reply (RFC 8415)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from ipaddress import IPv6Address, IPv6Network

import msgspec

from ..dhcpv6 import (
    INFINITY,
    ClientServerMessage,
    Dhcpv6Option,
    DnsServers,
    IaAddress,
    IaNa,
    IaPd,
    IaPrefix,
    InformationRefreshTime,
    StatusCode,
    StatusCodeOption,
)
from ..schema import Duid
from .dhcp_parameters import IRT_DEFAULT, IRT_MINIMUM, REN_TIMEOUT
from .home_agent_choice import HomeAgentCandidate
from .parts import find

__all__ = ["InformationResult", "Lease", "Leased"]


class Leased(msgspec.Struct, frozen=True):
    """One address or prefix of a lease, and until when, in the driver's seconds."""

    value: IPv6Address | IPv6Network
    preferred_until: float
    valid_until: float
    "`math.inf` is for ever."


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What every Reply may tell."""

    server: Duid
    options: tuple[Dhcpv6Option, ...]
    "All options of the Reply."
    home_agents: tuple[HomeAgentCandidate, ...] = ()
    "To be tried in this order."

    @property
    def dns_servers(self) -> tuple[IPv6Address, ...]:
        """The recursive name servers, best first."""
        found = (option for option in self.options if isinstance(option, DnsServers))
        return tuple(address for option in found for address in option.addresses)


class InformationResult(_Told, frozen=True, kw_only=True):
    """What an Information-request was answered with."""

    refresh_at: float
    "When it will be asked for again; `math.inf` is never."


class Lease(_Told, frozen=True, kw_only=True):
    """What is leased in one identity association."""

    iaid: int
    leased: tuple[Leased, ...]
    renew_at: float
    "T1: when the server is asked to extend the lease; `math.inf` is never."
    rebind_at: float
    "T2: when any server is."

    @property
    def address(self) -> IPv6Address | None:
        """The first address; None for prefixes."""
        values = (one.value for one in self.leased)
        return next((value for value in values if isinstance(value, IPv6Address)), None)

    @property
    def prefix(self) -> IPv6Network | None:
        """The first prefix; None for addresses."""
        values = (one.value for one in self.leased)
        return next((value for value in values if isinstance(value, IPv6Network)), None)

    @property
    def valid_until(self) -> float:
        """When nothing of it is left."""
        return max(one.valid_until for one in self.leased)


class Association(msgspec.Struct, frozen=True):
    """An identity association of a client: what kind, which one."""

    kind: type[IaNa] | type[IaPd]
    iaid: int

    def option(self, values: Iterable[IPv6Address | IPv6Network]) -> IaNa | IaPd:
        """The option with these leases; times from a client are 0 (RFC 8415 21.4, 21.6)."""
        return self.kind(self.iaid, options=tuple(map(lease_option, values)))

    def find(self, message: ClientServerMessage) -> IaNa | IaPd | None:
        """The option in a message; one whose T1 is after its T2 does not count (RFC 8415 21.4)."""
        for option in message.options:
            if isinstance(option, self.kind) and option.iaid == self.iaid:
                if option.t1 > option.t2 > 0:
                    return None
                return option
        return None


def lease_option(
    value: IPv6Address | IPv6Network, preferred: int = 0, valid: int = 0
) -> IaAddress | IaPrefix:
    """The option of one address or prefix."""
    if isinstance(value, IPv6Address):
        return IaAddress(value, preferred, valid)
    return IaPrefix(
        prefix=value.network_address,
        prefix_length=value.prefixlen,
        preferred_lifetime=preferred,
        valid_lifetime=valid,
    )


def leased_value(option: Dhcpv6Option) -> IPv6Address | IPv6Network | None:
    """The address or prefix of an option; None for another one."""
    if isinstance(option, IaAddress):
        return option.address
    return option.network if isinstance(option, IaPrefix) else None


def leased_in(
    association: IaNa | IaPd, now: float, before: Iterable[Leased] = ()
) -> tuple[Leased, ...]:
    """What a client has after a server's answer (RFC 8415 18.2.10.1).

    New leases come in, others get new lifetimes; one with a valid lifetime of 0 is gone, and what
    the server does not mention stays until it is over.
    """
    kept = {one.value: one for one in before if one.valid_until > now}
    for option in association.options:
        value = leased_value(option)
        if not isinstance(option, (IaAddress, IaPrefix)) or value is None:
            continue
        # RFC 8415 21.6, 21.22: what is preferred longer than it is valid is discarded.
        if option.preferred_lifetime > option.valid_lifetime:
            continue
        if status_of(option.options).status_code != StatusCode.SUCCESS:
            continue
        kept.pop(value, None)
        if option.valid_lifetime:
            preferred, valid = option.preferred_lifetime, option.valid_lifetime
            kept[value] = Leased(value, until(now, preferred), until(now, valid))
    return tuple(kept.values())


def renewal_times(
    association: IaNa | IaPd, leased: tuple[Leased, ...], now: float
) -> tuple[float, float]:
    """T1 and T2 as moments.

    Where the server leaves them to the client, they are what RFC 8415 21.4 recommends to servers,
    and never at once (14.2).
    """
    # What is not preferred any more is still to be extended.
    shortest = min(
        one.preferred_until if one.preferred_until > now else one.valid_until for one in leased
    )
    own_t1 = now + max((shortest - now) * 0.5, REN_TIMEOUT)
    t1 = until(now, association.t1) if association.t1 else own_t1
    own_t2 = now + max((shortest - now) * 0.8, REN_TIMEOUT)
    t2 = until(now, association.t2) if association.t2 else max(own_t2, t1)
    return min(t1, t2), t2


def refresh_time(options: Iterable[Dhcpv6Option], now: float) -> float:
    """When information is to be asked for again (RFC 8415 21.23)."""
    told = find(options, InformationRefreshTime)
    if told is None:
        return now + IRT_DEFAULT
    return until(now, max(told.information_refresh_time, IRT_MINIMUM))


def until(now: float, seconds: int) -> float:
    """The end of a lifetime (RFC 8415 7.7)."""
    return math.inf if seconds == INFINITY else now + seconds


def status_of(options: Iterable[Dhcpv6Option]) -> StatusCodeOption:
    """The status told among options; success where none is told (RFC 8415 21.13)."""
    return find(options, StatusCodeOption) or StatusCodeOption(StatusCode.SUCCESS)
