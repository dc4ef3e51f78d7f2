"""Keys of many security associations, found by what messages say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from ..ikev2 import IkeMessage
from .esp import EspSa
from .ike_keys import IkeKeys

__all__ = ["Keyring"]

Address = IPv4Address | IPv6Address


class Keyring:
    """Keys by SPI; a later key for the same association takes the place of an earlier one.

    Of at most `most` IKE SAs, and ESP's SPIs, they are kept, if it is given; the oldest go first.
    """

    def __init__(self, keys: Iterable[IkeKeys | EspSa] = (), *, most: int | None = None) -> None:
        self._most = most
        self._ike: dict[tuple[bytes, bytes], IkeKeys] = {}
        self._esp: dict[int, dict[tuple[Address | None, Address | None], EspSa]] = {}
        for key in keys:
            self.add(key)

    def add(self, key: IkeKeys | EspSa) -> None:
        """Take the keys of an association, too."""
        if isinstance(key, IkeKeys):
            self._ike[key.spis] = key
        else:
            self._esp.setdefault(key.spi, {})[key.source, key.destination] = key
        known: dict[Any, Any] = self._ike if isinstance(key, IkeKeys) else self._esp
        if self._most is not None and len(known) > self._most:
            del known[next(iter(known))]

    def of_message(self, message: IkeMessage) -> IkeKeys | None:
        """The keys of the IKE SA that a message belongs to."""
        return self._ike.get((message.initiator_spi, message.responder_spi))

    def of_packet(
        self, spi: int, source: Address | None = None, destination: Address | None = None
    ) -> list[EspSa]:
        """The SAs that a packet with the SPI may belong to, the best first.

        Those with other addresses come last, because a mobile node takes its SAs to a new one; an
        SA without integrity is left out then, as it opens anything.
        """
        found = []
        for sa in self._esp.get(spi, {}).values():
            wrong = sa.source not in (None, source) or sa.destination not in (None, destination)
            if not wrong or sa.protection.verifies:
                found.append((wrong, sa.destination is None, sa.source is None, sa))
        return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])]

    @property
    def ike(self) -> tuple[IkeKeys, ...]:
        """All keys of IKE SAs, in the order they came."""
        return tuple(self._ike.values())

    @property
    def esp(self) -> tuple[EspSa, ...]:
        """All SAs of ESP, in the order they came."""
        return tuple(sa for sas in self._esp.values() for sa in sas.values())

    def __iter__(self) -> Iterator[IkeKeys | EspSa]:
        yield from self._ike.values()
        yield from self.esp

    def __len__(self) -> int:
        return len(self._ike) + len(self.esp)

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._ike)} IKE SAs and {len(self.esp)} ESP SAs>"
