"""Where a frame comes from and goes to, by what it carries."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st

from ... import dhcpv6, ip
from ...packets import LinkType
from .links import Address, Draw

__all__ = [
    "BETWEEN_RELAYS",
    "FROM_SERVER",
    "addresses",
    "between",
    "ends_of",
    "families",
    "is_discovery",
    "link_types",
]

#: Links whose headers name what follows by its Ethernet type, so that EAPOL has a place there.
_TYPED = (LinkType.ETHERNET, LinkType.LINUX_SLL, LinkType.LINUX_SLL2)
#: Links whose frames begin with IP of one version.
_VERSIONS = {LinkType.IPV4: (4,), LinkType.IPV6: (6,)}

#: The versions of IP that carry a protocol; Mobile IPv6 goes over IPv4 in UDP (RFC 5555 4.1).
_CARRIERS = {"mipv6": (6, 4), "ikev2": (6, 4), "diameter": (6, 4), "dhcpv6": (6,), "icmpv6": (6,),
             "esp": (6, 4)}  # fmt: skip

_DISCOVERY = (
    ip.RouterSolicitation, ip.RouterAdvertisement, ip.NeighborSolicitation,
    ip.NeighborAdvertisement, ip.Redirect,
)  # fmt: skip

#: DHCPv6: servers and relays (RFC 8415 7.1), routers and nodes of the link (RFC 4291 2.7.1).
_SERVERS, _NODES, _ROUTERS = map(IPv6Address, ("ff02::1:2", "ff02::1", "ff02::2"))
FROM_SERVER = (
    dhcpv6.Advertise, dhcpv6.Reply, dhcpv6.Reconfigure, dhcpv6.LeasequeryReply,
    dhcpv6.Dhcpv4Response, dhcpv6.AddrRegReply,
)  # fmt: skip
BETWEEN_RELAYS = (dhcpv6.RelayAgentMessage, dhcpv6.ReconfigureRequest, dhcpv6.ReconfigureReply)


def link_types(protocol: str) -> tuple[LinkType, ...]:
    """The link types whose frames can carry a protocol."""
    if protocol == "eap":
        return _TYPED
    every = (link for link in LinkType if link is not LinkType.NONE)
    return tuple(link for link in every if families(protocol, link))


def families(protocol: str, link: LinkType | None = None) -> tuple[int, ...]:
    """The versions of IP that carry a protocol, on a link; none where IP carries it not."""
    on_link = (6, 4) if link is None else _VERSIONS.get(link, (6, 4))
    return tuple(version for version in _CARRIERS.get(protocol, ()) if version in on_link)


def is_discovery(message: Any) -> bool:
    """A message of Neighbor Discovery, whose hop limit is 255 (RFC 4861 6.1.1)."""
    return isinstance(message, _DISCOVERY)


def addresses(version: int, *, net: int = 0) -> st.SearchStrategy[Any]:
    """Unicast addresses that documents may use (RFC 3849, RFC 5737); one of two networks."""
    if version == 4:
        begin = int(_NETS[net])
        return st.integers(begin + 1, begin + 254).map(IPv4Address)
    host, subnet = st.integers(1, 0xFFFF), st.integers(0, 0xFF)
    return st.builds(
        lambda h, s: IPv6Address(0x20010DB8 << 96 | net << 80 | s << 64 | h), host, subnet
    )


_NETS = (IPv4Address("198.51.100.0"), IPv4Address("203.0.113.0"))


_LOCAL = st.integers(1, 0xFFFF).map(lambda host: IPv6Address(0xFE80 << 112 | host))


def ends_of(
    draw: Draw,
    protocol: str,
    message: Any,
    link: LinkType,
    source: st.SearchStrategy[Any] | None,
    destination: st.SearchStrategy[Any] | None,
) -> tuple[Address, Address]:
    """Source and destination: one's own, or the usual ones of the same version of IP."""
    chosen = [None if one is None else _address(draw(one)) for one in (source, destination)]
    possible = families(protocol, link)
    versions = {one.version for one in chosen if one is not None}
    if len(versions) > 1 or not versions <= set(possible):
        raise ValueError(f"{protocol} does not go from {chosen[0]} to {chosen[1]} on this link")
    # Three in four go over IPv6, where it is possible.
    usual = draw(st.sampled_from(possible[:1] * 3 + possible[1:]))
    version = versions.pop() if versions else usual
    begins, ends = _usual_ends(message) if version == 6 else between(4)
    return (
        draw(begins) if chosen[0] is None else chosen[0],
        draw(ends) if chosen[1] is None else chosen[1],
    )


def _address(value: Any) -> Address:
    if not isinstance(value, (IPv4Address, IPv6Address)):
        raise TypeError(f"{value!r} is no address of IP")
    return value


def _usual_ends(message: Any) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """Where messages of a kind come from and go to."""
    if isinstance(message, ip.RouterSolicitation):
        return _LOCAL, st.just(_ROUTERS)
    if isinstance(message, ip.RouterAdvertisement):
        return _LOCAL, st.just(_NODES)
    if is_discovery(message):
        return _LOCAL, _LOCAL
    if isinstance(message, dhcpv6.ClientServerMessage) and not isinstance(
        message, FROM_SERVER + BETWEEN_RELAYS
    ):
        return _LOCAL, st.just(_SERVERS)
    return between(6)


def between(version: int) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """Addresses of two networks."""
    return addresses(version), addresses(version, net=1)
