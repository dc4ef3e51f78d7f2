"""Home addresses from a DHCP server on the home link (RFC 4877 4.1, RFC 5026 5.3.1)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

from ..schema import Duid
from ..security import Rng
from .actor import Composite, Port, Unit
from .dhcp_client import DhcpClient
from .dhcp_lease import Lease
from .ike import Home, HomeAnswer, Wanted

__all__ = ["HomeLinkAddresses"]

_CLIENT_PORT = 546


class HomeLinkAddresses(Composite):
    """Asks the home link's DHCP server: an address or a prefix for each identity and APN.

    It is what an `IkeResponder` asks; leases are extended while the IKE SA lives, and given back.
    """

    def __init__(
        self,
        name: str,
        rng: Rng,
        *,
        duid: Duid,
        address: IPv6Address,
        link: str,
        rapid_commit: bool = True,
    ) -> None:
        """`address` is the home agent's own on the link, from which it asks."""
        super().__init__(name)
        self._rng, self._duid, self._address, self._link = rng, duid, address, link
        self._rapid_commit = rapid_commit
        self.clients: dict[tuple[str, str], DhcpClient] = {}
        self._asked: set[tuple[str, str]] = set()
        self._count = 0

    # -- for the responder ------------------------------------------------------------------------
    def ask(self, identity: str, apn: str, wanted: Wanted, now: float) -> None:
        """Ask the server, unless there is a lease already."""
        key = identity, apn
        self._asked.add(key)
        if key in self.clients:
            return
        self._count += 1
        client = DhcpClient(
            f"{self.name} {self._count}", self._rng, duid=self._duid, address=self._address,
            link=self._link, rapid_commit=self._rapid_commit,
        )  # fmt: skip
        self.clients[key] = client
        self.parts = tuple(self.clients.values())
        if wanted.prefix:
            client.start_prefix(now, iaid=self._count)
        else:
            client.start_address(now, iaid=self._count, hint=wanted.preferred)

    def answers(self) -> list[HomeAnswer]:
        """The leases that have come, and the refusals."""
        found = [(key, self._answer(key)) for key in sorted(self._asked)]
        self._asked -= {key for key, answer in found if answer is not None}
        return [answer for _, answer in found if answer is not None]

    def release(self, identity: str, apn: str, now: float) -> None:
        """Give a lease back."""
        client = self.clients.get((identity, apn))
        if client is not None:
            client.release(now)

    def _answer(self, key: tuple[str, str]) -> HomeAnswer | None:
        client = self.clients[key]
        lease = client.result
        if isinstance(lease, Lease):
            home = Home(address=lease.address, prefix=lease.prefix, dns=lease.dns_servers)
            return HomeAnswer(identity=key[0], apn=key[1], home=home)
        if client.status is not None:
            return HomeAnswer(identity=key[0], apn=key[1], home=None, reason=str(client.status))
        return None

    # -- units ------------------------------------------------------------------------------------
    def expects(self, unit: Unit) -> bool:
        """The unit is for one of the clients."""
        return unit.port is Port.UDP and unit.destination_port == _CLIENT_PORT

    def receive(self, unit: Unit, now: float) -> None:
        for client in self.clients.values():
            if client.expects(unit):
                client.receive(unit, now)
                return
        self.note(now, "dropped", "no client has asked")

    def expired(self, timer: Any, now: float) -> None:
        """The clients have all timers."""
