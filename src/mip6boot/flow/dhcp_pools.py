"""What a DHCPv6 server has to give: links, pools of addresses and prefixes, and who has what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from ipaddress import IPv6Address, IPv6Network
from itertools import islice, takewhile
from typing import Any

import msgspec

from ..dhcpv6 import IaNa, IaPd
from ..errors import ConfigError
from ..schema import Duid
from ..security import Rng
from .chance import number
from .dhcp_free import Lowest

__all__ = ["AddressPool", "PrefixPool", "ServedLink"]

# Interface identifiers that no node may have (RFC 5453 and IANA's list): of the subnet-router
# anycast address, of Ethernet's block that IANA has, and of the reserved anycast addresses.
_RESERVED = (
    range(1),
    range(0x0200_5EFF_FE00_0000, 0x0200_5EFF_FF00_0000),
    range(0xFDFF_FFFF_FFFF_FF80, 0xFE00_0000_0000_0000),
)


class AddressPool(msgspec.Struct, frozen=True):
    """Addresses for IA_NA, from the first to the last."""

    first: IPv6Address
    last: IPv6Address

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ConfigError(f"a pool from {self.first} to {self.last} holds no address")

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.last) - int(self.first) + 1

    def value(self, index: int) -> IPv6Address | None:
        """One of them; None for one that may not be given."""
        address = self.first + index
        identifier = int(address) & (1 << 64) - 1
        return None if any(identifier in block for block in _RESERVED) else address

    def index(self, value: Any) -> int:
        """Which one it is."""
        return int(value) - int(self.first)

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, IPv6Address) or not self.first <= value <= self.last:
            return False
        return self.value(self.index(value)) is not None


class PrefixPool(msgspec.Struct, frozen=True):
    """Prefixes for IA_PD: all of one length in a larger one."""

    prefix: IPv6Network
    length: int
    "Of what is delegated."

    def __post_init__(self) -> None:
        if not self.prefix.prefixlen <= self.length <= 128:
            raise ConfigError(f"no prefixes of length {self.length} are in {self.prefix}")

    @property
    def size(self) -> int:
        """How many there are."""
        return 1 << self.length - self.prefix.prefixlen

    def value(self, index: int) -> IPv6Network | None:
        """One of them."""
        start = int(self.prefix.network_address) + (index << 128 - self.length)
        return IPv6Network((start, self.length))

    def index(self, value: Any) -> int:
        """Which one it is."""
        start = int(self.prefix.network_address)
        return int(value.network_address) - start >> 128 - self.length

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, IPv6Network) or value.prefixlen != self.length:
            return False
        return value.subnet_of(self.prefix)


class ServedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link with clients, and what they are given there."""

    name: str = ""
    "Where the server itself is on it, as units have it; empty for one behind relays."
    prefixes: tuple[IPv6Network, ...]
    "On the link; relays are known to be on it by their link-address."
    addresses: AddressPool | None = None
    delegated: PrefixPool | None = None
    preferred_lifetime: int = 3000
    valid_lifetime: int = 4000
    "Seconds."
    t1: int | None = None
    t2: int | None = None
    "Seconds; None is half and four fifths of the preferred lifetime (RFC 8415 21.4)."

    def pool(self, kind: type[IaNa] | type[IaPd]) -> AddressPool | PrefixPool | None:
        """Where leases of a kind come from."""
        return self.addresses if kind is IaNa else self.delegated

    def fits(self, value: IPv6Address | IPv6Network) -> bool:
        """The address or prefix is one of this link."""
        if isinstance(value, IPv6Network):
            return self.delegated is not None and value.subnet_of(self.delegated.prefix)
        return any(value in prefix for prefix in self.prefixes)


class Binding(msgspec.Struct, frozen=True):
    """Which client has what, and until when."""

    value: IPv6Address | IPv6Network
    link: ServedLink
    valid_until: float


Holder = tuple[Duid, type[IaNa] | type[IaPd], int]

#: Seconds for which nobody gets what was declined, as other servers have it.
_PROBATION = 86400.0
#: Values behind the lot that are looked at before the lowest free one is given.
_NEAR = 64


class Bindings:
    """All bindings of a server, one value for each association, and at most `most` values.

    Without `rng` the lowest free one is given; with it one drawn by lot, because addresses should
    not be predictable (RFC 8415 13.1).  What it costs to find one, or the first that is over, does
    not depend on how many are taken.
    """

    def __init__(self, rng: Rng | None, most: int) -> None:
        self._rng, self._most = rng, most
        #: By link, where all last as long, so that the first is over first.
        self._held: dict[ServedLink, dict[Holder, Binding]] = {}
        self._links: dict[Holder, ServedLink] = {}
        self._declined: dict[IPv6Address | IPv6Network, tuple[float, AddressPool | PrefixPool]] = {}
        self._taken: dict[IPv6Address | IPv6Network | None, Holder | None] = {}
        self._lowest: dict[AddressPool | PrefixPool, Lowest] = {}

    def __len__(self) -> int:
        """How many values are taken."""
        return len(self._taken)

    def of(self, holder: Holder) -> Binding | None:
        """The binding of an association."""
        link = self._links.get(holder)
        return None if link is None else self._held[link][holder]

    def free(
        self,
        holder: Holder,
        pool: AddressPool | PrefixPool,
        hints: Sequence[IPv6Address | IPv6Network],
    ) -> IPv6Address | IPv6Network | None:
        """What could be given: what the client would like, if it may have it, or another one."""
        if len(self) >= self._most and holder not in self._links:
            return None
        for hint in hints:
            if hint in pool and self._taken.get(hint, holder) == holder:
                return hint
        return self._by_lot(pool) or self._lowest_of(pool).find(self._taken)

    def _by_lot(self, pool: AddressPool | PrefixPool) -> IPv6Address | IPv6Network | None:
        if self._rng is None:
            return None
        start = number(self._rng, 16) % pool.size
        near = (pool.value((start + step) % pool.size) for step in range(min(_NEAR, pool.size)))
        return next((one for one in near if one is not None and one not in self._taken), None)

    def _lowest_of(self, pool: AddressPool | PrefixPool) -> Lowest:
        if pool not in self._lowest:
            self._lowest[pool] = Lowest(pool)
        return self._lowest[pool]

    def bind(self, holder: Holder, binding: Binding) -> None:
        """Give a value, or extend it."""
        self.release(holder)
        self._links[holder] = binding.link
        self._held.setdefault(binding.link, {})[holder] = binding
        self._taken[binding.value] = holder

    def release(self, holder: Holder) -> Binding | None:
        """Take a value back; what it was, if there was one."""
        link = self._links.pop(holder, None)
        if link is None:
            return None
        binding = self._held[link].pop(holder)
        pool = link.pool(holder[1])
        assert pool is not None
        self._came_back(binding.value, pool)
        return binding

    def _came_back(self, value: IPv6Address | IPv6Network, pool: AddressPool | PrefixPool) -> None:
        del self._taken[value]
        self._lowest_of(pool).came_back(pool.index(value))

    def decline(self, holder: Holder, now: float) -> Binding | None:
        """Take a value back and give it to nobody for a day: another node uses it (18.3.8)."""
        binding = self.release(holder)
        if binding is not None:
            pool = binding.link.pool(holder[1])
            assert pool is not None
            self._taken[binding.value] = None
            self._declined[binding.value] = now + _PROBATION, pool
        return binding

    def next_end(self) -> float | None:
        """When the first binding, or what was declined, is over; None for never."""
        firsts = (next(iter(held.values()), None) for held in self._held.values())
        ends = [one.valid_until for one in firsts if one is not None]
        ends += [until for until, _ in islice(self._declined.values(), 1)]
        return min((end for end in ends if end < math.inf), default=None)

    def expire(self, now: float) -> list[tuple[Holder, Binding]]:
        """Take back what is over; the bindings of it."""
        over: list[tuple[Holder, Binding]] = []
        for held in self._held.values():
            over += takewhile(lambda item: item[1].valid_until <= now, held.items())
        for holder, _ in over:
            self.release(holder)
        declined = takewhile(lambda item: item[1][0] <= now, list(self._declined.items()))
        for value, (_, pool) in declined:
            del self._declined[value]
            self._came_back(value, pool)
        return over
