"""The serving gateway: access authenticator, AAA client, and DHCPv6 relay in one (RFC 6611 4.2).

What the AAA says of a mobile node when it attaches is what the relay supplies when it asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address
from typing import Any

from ..errors import DecodeError
from ..schema import DomainName
from ..security import Rng
from .aaa import Aaa, AgentInfo
from .actor import Port, Unit, on_link
from .authenticator import Authenticator, AuthenticatorState
from .composite import Composite
from .dhcp_relay import DhcpRelay, RelayedClient, RelayLink
from .diameter.node import DiameterNode
from .eapol import EapolType, eapol_content
from .round_trip import RoundTripEstimate

__all__ = ["ServingGateway"]


class ServingGateway(Composite):
    """Lets mobile nodes in, and tells their DHCP server which home agents they have.

    Until a node is authorised, nothing but EAPOL of it is taken.  `link_up` is for the node whose
    link the access network reports; a node may also begin by itself.  A Diameter node that is given
    as `aaa` is part of the gateway, whose units are sent on the core link.  With `local_agents` the
    visited network could give a home agent.  Beyond `most_nodes`, one that is out is forgotten, or
    the new one is not known.
    """

    def __init__(
        self,
        name: str,
        aaa: Aaa,
        rng: Rng,
        *,
        access_link: str,
        link_layer_address: bytes,
        link_local: IPv6Address,
        access_address: IPv6Address,
        core_link: str,
        core_address: IPv6Address,
        servers: Sequence[IPv6Address],
        network_name: str,
        visited_network: str = "",
        apn: str = "",
        rat_type: int = 0,
        local_agents: bool = False,
        most_nodes: int = 4096,
    ) -> None:
        super().__init__(name)
        self.aaa, self._rng = aaa, rng
        self.access_link, self.link_layer_address = access_link, link_layer_address
        self.link_local, self.access_address = link_local, access_address
        self.core_link, self.core_address = core_link, core_address
        self._told: dict[str, Any] = {
            "network_name": network_name, "visited_network": visited_network, "apn": apn,
            "rat_type": rat_type, "local_agents": local_agents,
        }  # fmt: skip
        self._estimate = RoundTripEstimate()
        self._known, self.most_nodes = 0, most_nodes
        self.nodes: dict[bytes, Authenticator] = {}
        "By link-layer address."
        self._named: dict[str, Authenticator] = {}
        self.relay = DhcpRelay(
            f"{name} relay",
            links=(RelayLink(name=access_link, address=link_local, link_address=access_address),),
            server_link=core_link,
            address=core_address,
            servers=servers,
            agents=self._agents,
            link_layer=self._link_layer,
        )
        self._diameter: tuple[DiameterNode, ...] = (aaa,) if isinstance(aaa, DiameterNode) else ()
        self._authenticators = Composite(f"{name} authenticators")
        self.parts = (self.relay, self._authenticators, *self._diameter)

    def link_up(self, node: bytes, now: float) -> None:
        """A node has come to the access link."""
        self._authenticator(node).start(now)
        self._poll(now)

    def link_down(self, node: bytes, now: float) -> None:
        """A node has left; what the AAA said of it is forgotten (RFC 6611 4.2.1)."""
        gone = self.nodes.get(node)
        if gone is not None:
            gone.leave(now)
            self._forget(node)
            self.note(now, "node gone", node.hex())

    def is_authorised(self, node: bytes) -> bool:
        """The node may send more than EAPOL."""
        found = self.nodes.get(node)
        return found is not None and found.is_authorised

    def to_send(self) -> list[Unit]:
        return [on_link(unit, self.core_link) for unit in super().to_send()]

    def receive(self, unit: Unit, now: float) -> None:
        if unit.port is Port.EAPOL and isinstance(unit.source, bytes):
            if unit.source not in self.nodes and not _is_start(unit):
                self.note(now, "dropped", "nothing but EAPOL-Start makes a node known")
                return
            if unit.source not in self.nodes and not self._has_room():
                self.note(now, "dropped", "there are too many nodes")
                return
            self._authenticator(unit.source).receive(unit, now)
            self._poll(now)
        elif unit.port is Port.DIAMETER:
            for part in self._diameter:
                part.receive(unit, now)
            self._poll(now)
        elif unit.port is not Port.UDP:
            return  # What a router or a bridge does is not done here.
        elif unit.link != self.access_link or self._may_send(unit):
            self.relay.receive(unit, now)
        else:
            self.note(now, "dropped", "the node is not authorised")

    def handle_timeout(self, now: float) -> None:
        super().handle_timeout(now)
        self._poll(now)

    def expired(self, timer: Any, now: float) -> None:
        """The gateway has no timers of its own."""

    def _has_room(self) -> bool:
        """One more node may be known, if need be in the place of one that is out."""
        if len(self.nodes) < self.most_nodes:
            return True
        out = (AuthenticatorState.DOWN, AuthenticatorState.REFUSED)
        gone = next((node for node, one in self.nodes.items() if one.state in out), None)
        if gone is not None:
            self._forget(gone)
        return gone is not None

    def _forget(self, node: bytes) -> None:
        gone = self.nodes.pop(node)
        del self._named[gone.name]
        self._authenticators.drop_part(gone)

    def _may_send(self, unit: Unit) -> bool:
        if not isinstance(unit.source, IPv6Address):
            return False
        node = self._link_layer(unit.link, unit.source)
        return node is not None and self.is_authorised(node)

    def _poll(self, now: float) -> None:
        """Obey the orders of the AAA, and give its answers to those who have asked."""
        for order in self.aaa.orders():
            found = self._of_session(order.session)
            if found is not None:
                found.ordered(order, now)
            else:
                self.note(now, "dropped", "an order about a session that is over")
        for answer in self.aaa.answers():
            found = self._of_session(answer.session)
            if found is not None:
                found.answered(answer, now)
            else:
                self.note(now, "dropped", "an answer of a session that is over")

    def _of_session(self, session: str) -> Authenticator | None:
        found = self._named.get(session.rpartition(";")[0])
        return found if found is not None and found.session == session else None

    def _authenticator(self, node: bytes) -> Authenticator:
        if node not in self.nodes:
            # Sessions are called by it, so it is never the same: of two nodes, or of one twice.
            self._known += 1
            found = self.nodes[node] = Authenticator(
                f"{self.name} authenticator {self._known}", self.aaa, self._rng,
                address=self.link_layer_address, peer=node, link=self.access_link,
                estimate=self._estimate, **self._told,
            )  # fmt: skip
            self._named[found.name] = found
            self._authenticators.add_part(found)
        return self.nodes[node]

    # -- what the relay asks ----------------------------------------------------------------------
    def _agents(self, client: RelayedClient, network: DomainName | None) -> Sequence[AgentInfo]:
        """What the AAA assigned: local home agents to who names no network (RFC 6611 4.2.1)."""
        found = self.nodes.get(client.link_layer_address or b"")
        if found is None or not found.is_authorised:
            return ()
        return [agent for agent in found.agents if network is None or not agent.local]

    def _link_layer(self, link: str, address: IPv6Address) -> bytes | None:
        """The link-layer address in a link-local address's interface identifier (RFC 4291 A)."""
        octets = address.packed[8:]
        if octets[3:5] != b"\xff\xfe":
            return None
        return bytes((octets[0] ^ 2,)) + octets[1:3] + octets[5:]


def _is_start(unit: Unit) -> bool:
    """The unit is EAPOL-Start, by which a node begins."""
    try:
        packet_type, _ = eapol_content(unit.octets)
        return packet_type == EapolType.START
    except DecodeError:
        return False
