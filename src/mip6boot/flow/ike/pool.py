"""Home addresses and prefixes from a pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, IPv6Network

from .addresses import LIFETIME, Home, HomeAnswer, Wanted

__all__ = ["Pool"]


class Pool:
    """Gives home addresses of a network in their order, or prefixes of another one, at once."""

    def __init__(
        self,
        addresses: IPv6Network,
        *,
        first: int = 1,
        prefixes: Sequence[IPv6Network] = (),
        fixed: Mapping[str, IPv6Address] | None = None,
        dns: tuple[IPv6Address, ...] = (),
        lifetime: int = LIFETIME,
        most: int = 1 << 16,
    ) -> None:
        self.network, self.dns, self.lifetime = addresses, dns, lifetime
        self._first, self._most, self._prefixes = first, most, tuple(prefixes)
        self._fixed = dict(fixed or {})
        self._given: dict[tuple[str, str], Home] = {}
        self._answers: list[HomeAnswer] = []

    def ask(self, identity: str, apn: str, wanted: Wanted, now: float) -> None:
        home = self._given.get((identity, apn)) or self._home(identity, wanted)
        if home is not None:
            self._given[identity, apn] = home
        reason = "" if home is not None else "nothing is left"
        self._answers.append(HomeAnswer(identity=identity, apn=apn, home=home, reason=reason))

    def answers(self) -> list[HomeAnswer]:
        answers, self._answers = self._answers, []
        return answers

    def release(self, identity: str, apn: str, now: float) -> None:
        self._given.pop((identity, apn), None)

    def _home(self, identity: str, wanted: Wanted) -> Home | None:
        """A prefix where one is wanted and there is one, else an address."""
        prefix = self._prefix() if wanted.prefix else None
        address = None
        if prefix is None or wanted.address:
            address = self._address(identity, wanted.preferred)
        if address is None and prefix is None:
            return None
        return Home(
            address=address,
            prefix_length=self.network.prefixlen,
            prefix=prefix,
            lifetime=self.lifetime,
            dns=self.dns,
            assigned=wanted.prefix and prefix is None,
        )

    def _prefix(self) -> IPv6Network | None:
        taken = {home.prefix for home in self._given.values()}
        return next((one for one in self._prefixes if one not in taken), None)

    def _address(self, identity: str, preferred: IPv6Address | None) -> IPv6Address | None:
        taken = {home.address for home in self._given.values()}
        fixed = self._fixed.get(identity)
        if fixed is not None:
            return fixed if fixed not in taken else None
        taken.update(self._fixed.values())
        if preferred is not None and preferred in self.network and preferred not in taken:
            return preferred
        last = min(self._first + self._most, self.network.num_addresses)
        numbers = (self.network.network_address + n for n in range(self._first, last))
        return next((one for one in numbers if one not in taken), None)
