"""Home addresses from a DHCP server on the home link (RFC 4877 4.1, RFC 5026 5.3.1)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

from ..schema import Duid
from ..security import Rng
from .actor import Port, Unit
from .composite import Composite
from .dhcp_client import DhcpClient
from .dhcp_lease import Lease
from .dhcp_lease_keeper import DhcpClientState
from .dhcp_parameters import CLIENT_PORT
from .ike import Home, HomeAnswer, Wanted

__all__ = ["HomeLinkAddresses"]


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
        self._prefix: dict[tuple[str, str], bool] = {}
        self._iaids: dict[tuple[str, str], int] = {}
        self._asked: set[tuple[str, str]] = set()
        self._leaving: list[DhcpClient] = []
        self._count = 0

    # -- for the responder ------------------------------------------------------------------------
    def ask(self, identity: str, apn: str, wanted: Wanted, now: float) -> None:
        """Ask the server, unless there is a lease of that kind already."""
        key = identity, apn
        if key in self.clients and self._prefix[key] != wanted.prefix:
            self.release(identity, apn, now)
        self._asked.add(key)
        if key in self.clients:
            return
        self._count += 1
        client = DhcpClient(
            f"{self.name} {self._count}", self._rng, duid=self._duid, address=self._address,
            link=self._link, rapid_commit=self._rapid_commit,
        )  # fmt: skip
        self.clients[key], self._prefix[key] = client, wanted.prefix
        # It is always the same for the same node, so that the server knows it again.
        iaid = self._iaids.setdefault(key, len(self._iaids) + 1)
        if wanted.prefix:
            client.start_prefix(now, iaid=iaid)
        else:
            client.start_address(now, iaid=iaid, hint=wanted.preferred)
        self.add_part(client)

    def answers(self) -> list[HomeAnswer]:
        """The leases that have come, and the refusals."""
        found = [(key, self._answer(key)) for key in sorted(self._asked)]
        self._asked -= {key for key, answer in found if answer is not None}
        return [answer for _, answer in found if answer is not None]

    def release(self, identity: str, apn: str, now: float) -> None:
        """Give a lease back, or ask for it no longer."""
        key = identity, apn
        self._asked.discard(key)
        client = self.clients.pop(key, None)
        if client is not None:
            client.release(now)
            self._leaving.append(client)
            self._let_go()

    def _let_go(self) -> None:
        """Forget the clients whose leases are given back."""
        for client in [one for one in self._leaving if one.state == DhcpClientState.IDLE]:
            self._leaving.remove(client)
            self.drop_part(client)

    def _answer(self, key: tuple[str, str]) -> HomeAnswer | None:
        client = self.clients[key]
        lease = client.result
        if isinstance(lease, Lease):
            home = Home(address=lease.address, prefix=lease.prefix, dns=lease.dns_servers)
            return HomeAnswer(identity=key[0], apn=key[1], home=home)
        if client.status is not None:
            # A client goes on asking, and may be lucky for who asks next.
            reason = getattr(client.status.status_code, "name", str(client.status.status_code))
            return HomeAnswer(identity=key[0], apn=key[1], home=None, reason=reason)
        return None

    # -- units ------------------------------------------------------------------------------------
    def expects(self, unit: Unit) -> bool:
        """The unit is for one of the clients."""
        return unit.port is Port.UDP and unit.destination_port == CLIENT_PORT

    def receive(self, unit: Unit, now: float) -> None:
        for client in (*self.clients.values(), *self._leaving):
            if client.expects(unit):
                client.receive(unit, now)
                self._let_go()
                return
        self.note(now, "dropped", "no client has asked")

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        self._let_go()

    def expired(self, timer: Any, now: float) -> None:
        """The clients have all timers."""
