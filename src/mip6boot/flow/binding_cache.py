"""The Binding Cache of a home agent (RFC 6275 9.1): which home address is where, and since when.

>>> from ipaddress import IPv6Address
>>> from mip6boot import flow, mipv6
>>> home, care_of = IPv6Address("2001:db8:1::7"), IPv6Address("2001:db8:2::7")
>>> cache = flow.BindingCache()
>>> cache.store(flow.Binding(
...     home_address=home, care_of_address=care_of, sequence=1, lifetime=600, since=10.0,
...     flags=mipv6.BindingUpdateFlags.H, state=flow.BindingState.BOUND,
... ))
>>> cache.find(home, 609.0).remaining(609.0), cache.find(home, 610.0)
(1.0, None)
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network

import msgspec

from ..mipv6 import BindingUpdateFlags
from .neighbours import link_local_of
from .schedule import Schedule

__all__ = [
    "MAX_DELETE_BCE_TIMEOUT",
    "Binding",
    "BindingCache",
    "BindingState",
    "is_newer_sequence",
]

#: Seconds for which a de-registered binding is remembered (RFC 6275 10.3.2, 12).
MAX_DELETE_BCE_TIMEOUT = 10.0


class BindingState(enum.StrEnum):
    """What becomes of a binding."""

    NONE = "none"
    "There is none."
    TESTING = "testing"
    "The home address is being tested on the home link; nothing is bound yet."
    BOUND = "bound"
    REVOKING = "revoking"
    "Bound, and the mobile node was told that this ends (RFC 5846 7)."
    DELETED = "deleted"
    "Only the sequence number is remembered, for late Binding Updates (RFC 6275 10.3.2)."


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the Binding Cache."""

    home_address: IPv6Address
    care_of_address: IPv6Address
    lifetime: float
    "Seconds granted, from `since` on."
    since: float
    sequence: int
    "Of the last valid Binding Update."
    flags: BindingUpdateFlags = BindingUpdateFlags(0)
    "Of the Binding Update that made it."
    prefixes: tuple[IPv6Network, ...] = ()
    "Bound together with the home address (RFC 3963 6.1.1)."
    state: BindingState = BindingState.BOUND

    @property
    def expires(self) -> float:
        """When it is over."""
        return self.since + self.lifetime

    @property
    def is_active(self) -> bool:
        """Packets are intercepted and tunnelled."""
        return self.state in (BindingState.BOUND, BindingState.REVOKING)

    @property
    def addresses(self) -> tuple[IPv6Address, ...]:
        """What is tested and defended on the home link (RFC 6275 10.3.1)."""
        if BindingUpdateFlags.L in self.flags:
            return self.home_address, link_local_of(self.home_address)
        return (self.home_address,)

    def remaining(self, now: float) -> float:
        """Seconds that are left."""
        return max(self.expires - now, 0.0)


class BindingCache:
    """Bindings by home address; what is over is not there any more."""

    def __init__(self) -> None:
        self._bindings: dict[IPv6Address, Binding] = {}
        self._routers: dict[IPv6Address, None] = {}
        self._targets: dict[IPv6Address, dict[IPv6Address, None]] = {}
        self._counted = Schedule()

    def store(self, binding: Binding) -> None:
        """Take a binding in place of the one that its home address has."""
        home_address = binding.home_address
        self._defend(home_address, binding.addresses)
        self._bindings[home_address] = binding
        if binding.prefixes:
            self._routers[home_address] = None
        else:
            self._routers.pop(home_address, None)
        if binding.state == BindingState.DELETED:
            self._counted.stop(home_address)
        else:
            self._counted.start(home_address, binding.expires)

    def find(self, home_address: IPv6Address, now: float) -> Binding | None:
        """The entry of a home address, whatever its state."""
        found = self._bindings.get(home_address)
        return None if found is None or found.expires <= now else found

    def last(self, home_address: IPv6Address) -> Binding | None:
        """The last entry of a home address, also one that is over but was not removed yet."""
        return self._bindings.get(home_address)

    def find_active(self, home_address: IPv6Address, now: float) -> Binding | None:
        """The entry of a home address that is bound."""
        found = self.find(home_address, now)
        return found if found is not None and found.is_active else None

    def find_target(self, address: IPv6Address, now: float) -> Binding | None:
        """The entry whose home address, or link-local address with L, this is."""
        there = (self.find(home_address, now) for home_address in self._targets.get(address, ()))
        return next((found for found in there if found is not None), None)

    def care_of(self, destination: IPv6Address, now: float) -> IPv6Address | None:
        """Where packets for an address, or for somebody in a bound prefix, are tunnelled to."""
        found = self.find_active(destination, now)
        if found is None:
            routers = (self.find_active(home_address, now) for home_address in self._routers)
            within = (
                entry
                for entry in routers
                if entry is not None and any(destination in prefix for prefix in entry.prefixes)
            )
            found = next(within, None)
        return None if found is None else found.care_of_address

    def accepted(self, home_address: IPv6Address, sequence: int) -> None:
        """Note the sequence number of a valid Binding Update, whatever comes of it."""
        found = self._bindings.get(home_address)
        if found is not None:
            self.store(msgspec.structs.replace(found, sequence=sequence))

    def invalidate(self, home_address: IPv6Address, now: float) -> None:
        """End a binding, but remember its sequence number for a while."""
        found = self._bindings.get(home_address)
        if found is not None:
            self.store(
                msgspec.structs.replace(
                    found,
                    state=BindingState.DELETED,
                    since=now,
                    lifetime=MAX_DELETE_BCE_TIMEOUT,
                    prefixes=(),
                )
            )

    def remove(self, home_address: IPv6Address) -> None:
        """Forget a binding."""
        self._defend(home_address, ())
        self._bindings.pop(home_address, None)
        self._routers.pop(home_address, None)
        self._counted.stop(home_address)

    def _defend(self, home_address: IPv6Address, addresses: Sequence[IPv6Address]) -> None:
        """Note what the entry defends from now on; what it defended before keeps its place."""
        before = self._bindings.get(home_address)
        for address in set(before.addresses if before is not None else ()).difference(addresses):
            del self._targets[address][home_address]
            if not self._targets[address]:
                del self._targets[address]
        for address in addresses:
            self._targets.setdefault(address, {})[home_address] = None

    def count(self, now: float) -> int:
        """How many there are, without those of which only the sequence number is remembered."""
        for _ in self._counted.due(now):
            pass  # It is over.
        return len(self._counted)

    def entries(self, now: float) -> Iterator[Binding]:
        """All entries, the oldest home address first."""
        return (found for found in list(self._bindings.values()) if found.expires > now)


def is_newer_sequence(sequence: int, last: int) -> bool:
    """A sequence number is greater than the last one, modulo 2^16 (RFC 6275 9.5.1)."""
    return 0 < (sequence - last) % 65536 < 32768
