"""A DHCPv6 relay agent that knows the home agents of its clients (RFC 8415 19, RFC 6422, RFC 6611).

It stands where a network access server is: what the AAA told of a mobile node when it attached is
supplied to the DHCP server, when the node asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from ipaddress import IPv6Address
from typing import Any, Protocol

import msgspec

from ..dhcpv6 import (
    HOP_COUNT_LIMIT,
    Advertise,
    ClientIdentifier,
    ClientLinkLayerAddress,
    ClientServerMessage,
    Dhcpv6Message,
    Dhcpv6Option,
    InterfaceId,
    Reconfigure,
    RelayForward,
    RelayMessage,
    RelayReply,
    RelaySuppliedOptions,
    Reply,
)
from ..dhcpv6 import decode as decode_dhcpv6
from ..errors import DecodeError, EncodeError
from ..schema import DomainName, Duid
from .aaa import AgentInfo
from .actor import Actor, Port, Unit
from .dhcp_parameters import (
    ALL_DHCP_RELAY_AGENTS_AND_SERVERS,
    ALL_DHCP_SERVERS,
    CLIENT_PORT,
    SERVER_PORT,
)
from .home_networks import HomeNetworkQuery, home_network_information
from .parts import find

__all__ = ["AgentFinder", "DhcpRelay", "LinkLayerFinder", "RelayLink", "RelayedClient"]

_ETHERNET = 1


class RelayLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link with clients, or with relays that are nearer to them."""

    name: str
    "As units have it."
    address: IPv6Address
    "The relay's own, from which clients are answered."
    link_address: IPv6Address
    "A global one of the link, by which servers know it."
    interface_id: bytes = b""
    "Sent where it is not empty, or where no address tells the link."


class RelayedClient(msgspec.Struct, frozen=True, kw_only=True):
    """What a relay knows of a client when its message comes."""

    link: str
    address: IPv6Address
    "From which it sends."
    link_layer_address: bytes | None = None
    duid: Duid | None = None
    "As it says itself; nobody has authenticated it."


class AgentFinder(Protocol):
    """Finds what the AAA assigned to a client."""

    def __call__(self, client: RelayedClient, network: DomainName | None, /) -> Sequence[AgentInfo]:
        """The client's home agents in a network that it named; of None, all that are assigned."""
        ...


class LinkLayerFinder(Protocol):
    """Finds the link-layer address of a neighbor."""

    def __call__(self, link: str, address: IPv6Address, /) -> bytes | None:
        """The address from which frames of the neighbor come; None if that is not known."""
        ...


class DhcpRelay(Actor):
    """A relay between links with clients and one link towards servers.

    `address` and `servers` are on the link `server_link`.  `supplies` is what RFC 6422 5 lets
    administrators decide: whether messages with options of other relays may pass.
    """

    def __init__(
        self,
        name: str,
        *,
        links: Sequence[RelayLink],
        server_link: str,
        address: IPv6Address,
        servers: Sequence[IPv6Address] = (ALL_DHCP_SERVERS,),
        agents: AgentFinder | None = None,
        link_layer: LinkLayerFinder | None = None,
        supplies: bool = True,
    ) -> None:
        super().__init__(name)
        self.links = {link.name: link for link in links}
        self.server_link, self.address, self.servers = server_link, address, tuple(servers)
        self._agents, self._link_layer, self._supplies = agents, link_layer, supplies

    def receive(self, unit: Unit, now: float) -> None:
        if unit.port != Port.UDP or unit.destination_port != SERVER_PORT:
            self.note(now, "dropped", "not for the port of relays and servers")
            return
        try:
            message = decode_dhcpv6(unit.octets, lenient=True)
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        link = self.links.get(unit.link)
        if isinstance(message, RelayReply) and unit.link == self.server_link:
            why = self._return(unit, message)
        elif link is not None:
            why = self._forward(unit, link, message)
        else:
            why = "no clients on this link"
        if why:
            self.note(now, "dropped", f"{type(message).__name__}: {why}")
        else:
            self.note(now, "relayed", type(message).__name__)

    def expired(self, timer: Any, now: float) -> None:
        """A relay has no state, and so no timers."""

    # -- towards servers (19.1) ---------------------------------------------------------------
    def _forward(self, unit: Unit, link: RelayLink, message: Dhcpv6Message) -> str:
        """Pass a message on; else the reason why not."""
        own = (link.address, link.link_address, ALL_DHCP_RELAY_AGENTS_AND_SERVERS)
        if unit.destination not in own:
            return "for another address"
        if isinstance(message, (Advertise, Reply, Reconfigure, RelayReply)):
            return "not from a client or relay (RFC 8415 16)"
        if not isinstance(unit.source, IPv6Address):
            return "not from an IPv6 address"
        if not isinstance(message, RelayForward):
            return self._send_up(self._client_message(unit.source, link, message))
        if message.hop_count >= HOP_COUNT_LIMIT:
            return "too many hops (RFC 8415 19.1.2)"
        if not self._supplies and _is_supplied(message):
            return "options of another relay are not wanted (RFC 6422 5)"
        return self._send_up(self._relay_message(unit.source, link, message))

    def _client_message(
        self, source: IPv6Address, link: RelayLink, message: Dhcpv6Message
    ) -> RelayForward:
        """A client's message, and what this relay knows of the client."""
        options: list[Dhcpv6Option] = [*_interface_id(link), RelayMessage(message)]
        client = self._client(source, link, message)
        if client.link_layer_address is not None:
            options.append(ClientLinkLayerAddress(_ETHERNET, client.link_layer_address))
        if isinstance(message, ClientServerMessage) and self._agents is not None:
            query = HomeNetworkQuery.of(message)
            found = home_network_information(query, partial(self._agents, client))
            if found:
                options.append(RelaySuppliedOptions(found))
        return RelayForward(
            hop_count=0,
            link_address=link.link_address,
            peer_address=source,
            options=tuple(options),
        )

    def _client(
        self, source: IPv6Address, link: RelayLink, message: Dhcpv6Message
    ) -> RelayedClient:
        options = message.options if isinstance(message, ClientServerMessage) else ()
        identifier = find(options, ClientIdentifier)
        return RelayedClient(
            link=link.name,
            address=source,
            link_layer_address=self._link_layer(link.name, source) if self._link_layer else None,
            duid=None if identifier is None else identifier.duid,
        )

    def _relay_message(
        self, source: IPv6Address, link: RelayLink, message: RelayForward
    ) -> RelayForward:
        """What a relay nearer to the client has sent.

        The source of one with a global address says where it is; so there is no link-address,
        and with several links the way back needs the Interface-Id (19.1.2, 19.2).
        """
        unspecified = IPv6Address(0)
        is_global = not source.is_link_local
        needs_id = is_global and len(self.links) > 1
        return RelayForward(
            hop_count=message.hop_count + 1,
            link_address=unspecified if is_global else link.link_address,
            peer_address=source,
            options=(*_interface_id(link, always=needs_id), RelayMessage(message)),
        )

    def _send_up(self, message: RelayForward) -> str:
        try:
            octets = message.encode()
        except EncodeError as e:
            # It was nested as deeply as it could be, or as long.
            return str(e)
        for server in self.servers:
            self.send(
                Unit(
                    port=Port.UDP,
                    source=self.address,
                    source_port=SERVER_PORT,
                    destination=server,
                    destination_port=SERVER_PORT,
                    octets=octets,
                    link=self.server_link,
                )
            )
        return ""

    # -- towards clients (19.2) ---------------------------------------------------------------
    def _return(self, unit: Unit, message: RelayReply) -> str:
        """Hand on what a server sends back, unchanged; else the reason why not."""
        if unit.destination != self.address:
            return "for another address"
        relayed = find(message.options, RelayMessage)
        if relayed is None:
            return "no Relay Message"
        inside = relayed.message
        link = self._link_of(message)
        if link is None:
            return "no such link"
        # What is relayed further is for a relay, all else for a client.
        is_nested = isinstance(inside, RelayReply)
        self.send(
            Unit(
                port=Port.UDP,
                source=link.address,
                source_port=SERVER_PORT,
                destination=message.peer_address,
                destination_port=SERVER_PORT if is_nested else CLIENT_PORT,
                octets=inside.encode(),
                link=link.name,
            )
        )
        return ""

    def _link_of(self, message: RelayReply) -> RelayLink | None:
        """The link by Interface-Id, else by link-address, else the only one."""
        links = self.links.values()
        told = find(message.options, InterfaceId)
        if told is not None:
            return next((link for link in links if _id_of(link) == told.interface_id), None)
        if not message.link_address.is_unspecified:
            addresses = (link for link in links if link.link_address == message.link_address)
            return next(addresses, None)
        return next(iter(links)) if len(links) == 1 else None


def _id_of(link: RelayLink) -> bytes:
    return link.interface_id or link.name.encode()


def _interface_id(link: RelayLink, *, always: bool = False) -> Iterator[InterfaceId]:
    if link.interface_id or always:
        yield InterfaceId(_id_of(link))


def _is_supplied(message: RelayForward) -> bool:
    """A relay on the way has supplied options; all encapsulations are looked into (RFC 6422 5)."""
    return message.find(RelaySuppliedOptions) is not None
