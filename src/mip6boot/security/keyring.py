"""Keys of many security associations, found by what messages say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address

from ..ikev2 import IkeMessage
from .esp import EspSa
from .ike_keys import IkeKeys

__all__ = ["Keyring"]

Address = IPv4Address | IPv6Address


class Keyring:
    """Keys by SPI; a later key for the same association takes the place of an earlier one."""

    def __init__(self, keys: Iterable[IkeKeys | EspSa] = ()) -> None:
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

    def of_message(self, message: IkeMessage) -> IkeKeys | None:
        """The keys of the IKE SA that a message belongs to."""
        return self._ike.get((message.initiator_spi, message.responder_spi))

    def of_packet(
        self, spi: int, source: Address | None, destination: Address | None
    ) -> list[EspSa]:
        """The SAs that a packet with the SPI may belong to, those that name addresses first."""
        found = []
        for sa in self._esp.get(spi, {}).values():
            fits = sa.source in (None, source) and sa.destination in (None, destination)
            if fits:
                found.append(sa)
        return sorted(found, key=lambda sa: (sa.destination is None, sa.source is None))

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
