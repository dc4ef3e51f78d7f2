"""What a DHCPv6 server has to give: links, pools of addresses and prefixes, and who has what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network

import msgspec

from ..dhcpv6 import IaNa, IaPd
from ..errors import ConfigError
from ..schema import Duid
from ..security import Rng
from .chance import number

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

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, IPv6Address) or not self.first <= value <= self.last:
            return False
        return self.value(int(value) - int(self.first)) is not None


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


class Bindings:
    """All bindings of a server, one value for each association.

    Without `rng` the lowest free one is given; with it one drawn by lot, because addresses should
    not be predictable (RFC 8415 13.1).
    """

    def __init__(self, rng: Rng | None) -> None:
        self._rng = rng
        self._held: dict[Holder, Binding] = {}
        self._taken: dict[IPv6Address | IPv6Network, Holder | None] = {}

    def of(self, holder: Holder) -> Binding | None:
        """The binding of an association."""
        return self._held.get(holder)

    def free(
        self,
        holder: Holder,
        pool: AddressPool | PrefixPool,
        hints: Sequence[IPv6Address | IPv6Network],
    ) -> IPv6Address | IPv6Network | None:
        """What could be given: what the client would like, if it may have it, or another one."""
        for hint in hints:
            if hint in pool and self._taken.get(hint, holder) == holder:
                return hint
        return next((value for value in self._candidates(pool) if value not in self._taken), None)

    def _candidates(self, pool: AddressPool | PrefixPool) -> Iterator[IPv6Address | IPv6Network]:
        start = 0
        if self._rng is not None:
            start = number(self._rng, 16) % pool.size
        for step in range(pool.size):
            value = pool.value((start + step) % pool.size)
            if value is not None:
                yield value

    def bind(self, holder: Holder, binding: Binding) -> None:
        """Give a value, or extend it."""
        self.release(holder)
        self._held[holder], self._taken[binding.value] = binding, holder

    def release(self, holder: Holder) -> Binding | None:
        """Take a value back; what it was, if there was one."""
        binding = self._held.pop(holder, None)
        if binding is not None:
            del self._taken[binding.value]
        return binding

    def decline(self, holder: Holder) -> Binding | None:
        """Take a value back and give it to nobody: another node uses it (RFC 8415 18.3.8)."""
        binding = self.release(holder)
        if binding is not None:
            self._taken[binding.value] = None
        return binding

    def next_end(self) -> float | None:
        """When the first binding is over; None for never."""
        ends = (one.valid_until for one in self._held.values() if one.valid_until < math.inf)
        return min(ends, default=None)

    def expire(self, now: float) -> list[tuple[Holder, Binding]]:
        """Take back what is over."""
        over = [(x, binding) for x, binding in self._held.items() if binding.valid_until <= now]
        for holder, _ in over:
            self.release(holder)
        return over
