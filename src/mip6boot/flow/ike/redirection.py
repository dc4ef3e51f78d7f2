"""Home agents as gateways to be redirected to (RFC 5685 3, 9.2)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from ...errors import DecodeError
from ...ikev2 import FqdnGateway, GatewayIdentity, Ipv4Gateway, Ipv6Gateway
from ...schema import DomainName
from ..aaa import AgentInfo

__all__: list[str] = []


def gateway_of(
    agents: Iterable[AgentInfo],
    peer: IPv4Address | IPv6Address,
    own: IPv4Address | IPv6Address | None,
) -> GatewayIdentity | None:
    """The gateway that a peer is to go to; None where it may stay, or nobody is named.

    Addresses go before names (RFC 5447 4.2.1), and those of the peer's family before others.
    """
    there = tuple(agents)
    if any(own in agent.addresses for agent in there):
        return None
    addresses = [one for agent in there for one in agent.addresses]
    addresses.sort(key=lambda one: one.version != peer.version)
    for address in addresses:
        if isinstance(address, IPv4Address):
            return Ipv4Gateway(address=address)
        return Ipv6Gateway(address=address)
    names = (agent.host for agent in there)
    return next((FqdnGateway(fqdn=name) for name in names if _is_name(name)), None)


def _is_name(text: str) -> bool:
    """The text, which the AAA has sent, is the name of a host."""
    try:
        return bool(DomainName.parse(text).labels)
    except DecodeError:
        return False
