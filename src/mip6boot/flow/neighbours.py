"""Neighbor Discovery as far as actors need it: messages built, and read with their checks.

Units hold whole IPv6 packets.  What RFC 4861 wants silently discarded is a DecodeError that says
why, so that actors can tell.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from typing import Any

import msgspec

from .. import ip
from ..errors import DecodeError
from ..packets import LinkType, Packet, decode_packet
from ..schema import Malformed
from .actor import Port, Unit

__all__ = [
    "ALL_NODES",
    "ALL_ROUTERS",
    "MAX_MULTICAST_SOLICIT",
    "MAX_NEIGHBOR_ADVERTISEMENT",
    "RETRANS_TIMER",
    "Discovery",
    "answer_solicitation",
    "discovery_in",
    "discovery_of",
    "discovery_unit",
    "duplicate_address_solicitation",
    "is_unicast_routable",
    "link_local_of",
    "solicited_node",
    "unsolicited_advertisement",
]

ALL_NODES = IPv6Address("ff02::1")
ALL_ROUTERS = IPv6Address("ff02::2")
UNSPECIFIED = IPv6Address("::")

#: RFC 4861 10, in seconds and transmissions; an address is tested by one (RFC 4862 5.1).
RETRANS_TIMER = 1.0
MAX_MULTICAST_SOLICIT = 3
MAX_NEIGHBOR_ADVERTISEMENT = 3

#: A packet that no router has forwarded.
HOP_LIMIT = 255

_SOLICITED_NODE = int(IPv6Address("ff02::1:ff00:0"))
_LINK_LOCAL = IPv6Network("fe80::/64")
_LOW_64 = (1 << 64) - 1

_MESSAGES = (
    ip.RouterSolicitation,
    ip.RouterAdvertisement,
    ip.NeighborSolicitation,
    ip.NeighborAdvertisement,
)


class Discovery(msgspec.Struct, frozen=True):
    """A valid message of Neighbor Discovery."""

    header: ip.Ipv6Header
    message: Any
    "One of the four messages of neighbours and routers."
    link: str

    @property
    def is_detection(self) -> bool:
        """A solicitation of somebody who tests whether an address is free (RFC 4862 5.4.3)."""
        return isinstance(self.message, ip.NeighborSolicitation) and (
            self.header.source.is_unspecified
        )


def solicited_node(address: IPv6Address) -> IPv6Address:
    """The multicast address that whoever has an address listens to (RFC 4291 2.7.1)."""
    return IPv6Address(_SOLICITED_NODE | int(address) & 0xFFFFFF)


def link_local_of(address: IPv6Address) -> IPv6Address:
    """The link-local address with the interface identifier of an address (RFC 6275 10.3.1)."""
    return IPv6Address(int(_LINK_LOCAL.network_address) | int(address) & _LOW_64)


def is_unicast_routable(address: IPv6Address) -> bool:
    """An address that can be somebody's away from his link."""
    return not (
        address.is_multicast
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


def discovery_unit(message: Any, source: IPv6Address, destination: IPv6Address, link: str) -> Unit:
    """The packet of a message, checksum and hop limit right."""
    header = ip.Ipv6Header(
        next_header=ip.Protocol.ICMPV6, hop_limit=HOP_LIMIT, source=source, destination=destination
    )
    octets = Packet((header, message), LinkType.IPV6).build().encode()
    return Unit(port=Port.IP, source=source, destination=destination, octets=octets, link=link)


def duplicate_address_solicitation(target: IPv6Address, link: str) -> Unit:
    """Asks whether somebody has an address that one wants to use (RFC 4862 5.4.2)."""
    message = ip.NeighborSolicitation(target=target)
    return discovery_unit(message, UNSPECIFIED, solicited_node(target), link)


def unsolicited_advertisement(
    target: IPv6Address,
    link_layer_address: bytes,
    source: IPv6Address,
    link: str,
    *,
    router: bool = False,
) -> Unit:
    """Tells all nodes of a link where an address is now (RFC 6275 10.4.1, 11.5.5)."""
    message = ip.NeighborAdvertisement(
        router=router,
        override=True,
        target=target,
        options=(ip.TargetLinkLayerAddress(link_layer_address),),
    )
    return discovery_unit(message, source, ALL_NODES, link)


def answer_solicitation(
    asked: Discovery,
    link_layer_address: bytes,
    *,
    source: IPv6Address | None = None,
    router: bool = False,
    proxy: bool = False,
) -> Unit:
    """The advertisement that answers a solicitation (RFC 4861 7.2.4).

    Who tests an address has none himself, so all nodes are told.  A proxy never overrides
    (RFC 4861 7.2.8).  `source` is the target unless it is given.
    """
    target, detection = asked.message.target, asked.is_detection
    message = ip.NeighborAdvertisement(
        router=router,
        solicited=not detection,
        override=not proxy,
        target=target,
        options=(ip.TargetLinkLayerAddress(link_layer_address),),
    )
    destination = ALL_NODES if detection else asked.header.source
    return discovery_unit(message, source or target, destination, asked.link)


def discovery_of(packet: Packet, link: str = "") -> Discovery | None:
    """The message of Neighbor Discovery in a packet, read leniently; None where it has none.

    DecodeError for one that RFC 4861 6.1 and 7.1 want silently discarded.
    """
    message: Any = packet.layers[-1]
    header = packet.layers[0]
    if not isinstance(message, _MESSAGES) or not isinstance(header, ip.Ipv6Header):
        return None
    if header.hop_limit != HOP_LIMIT:
        raise DecodeError(f"a router has forwarded it: hop limit {header.hop_limit}")
    if packet.checksums.get(len(packet.layers) - 1) != "good":
        raise DecodeError("the checksum is wrong", "icmpv6.checksum")
    if message.code:
        raise DecodeError(f"the code is {message.code}", "icmpv6.code")
    if any(isinstance(option, Malformed) for option in message.options):
        raise DecodeError("an option does not parse", "icmpv6.options")
    found = Discovery(header, message, link)
    reason = _objection(found)
    if reason:
        raise DecodeError(reason)
    return found


def discovery_in(unit: Unit, link: str) -> Discovery:
    """The message in a unit of a link where nothing else is expected; DecodeError for any other."""
    if unit.port != Port.IP or unit.link != link:
        raise DecodeError(f"nothing is expected by {unit.port} of {unit.link!r}")
    found = discovery_of(decode_packet(unit.octets, LinkType.IPV6, lenient=True), unit.link)
    if found is None:
        raise DecodeError("no Neighbor Discovery")
    return found


def _objection(found: Discovery) -> str:
    """Why a message is not valid, beyond what all have in common; empty for a valid one."""
    header, message = found.header, found.message
    if isinstance(message, ip.RouterAdvertisement):
        return "" if header.source.is_link_local else "its source is not link-local"
    if not isinstance(message, ip.RouterSolicitation) and message.target.is_multicast:
        return "the target is a multicast address"
    if isinstance(message, ip.NeighborAdvertisement):
        wrong = header.destination.is_multicast and message.solicited
        return "solicited, but sent to many" if wrong else ""
    if not header.source.is_unspecified:
        return ""
    if message.find(ip.SourceLinkLayerAddress) is not None:
        return "a link-layer address without an address"
    if found.is_detection and header.destination != solicited_node(message.target):
        return "no source, and not sent to the solicited-node address"
    return ""
