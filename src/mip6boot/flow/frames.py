"""What the tap of a network has seen, as frames of Ethernet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any
from zlib import crc32

from .. import ip, packets
from ..errors import ConfigError
from .actor import Port, Unit
from .network import Tapped

__all__ = ["Framer"]

_EAPOL, _IPV4, _IPV6 = 0x888E, 0x0800, 0x86DD

#: Diameter's port, and what SCTP says that its user data is (RFC 6733 2.1, 11.4).
_DIAMETER, _DIAMETER_DATA = 3868, 46
_ABORT = 6


class Framer:
    """Makes frames of the units of one network, in their order.

    Lengths and checksums of what carries a unit are right.  Diameter is carried by SCTP, on
    associations that are there already.
    """

    def __init__(self) -> None:
        self._sent: dict[tuple[Any, Any], int] = {}

    def frame_of(self, tapped: Tapped) -> bytes:
        """The frame of a unit; ConfigError for one whose addresses do not go together."""
        unit = tapped.unit
        if unit.port in (Port.EAPOL, Port.IP):
            octets = unit.octets
        else:
            octets = _udp(unit) if unit.port is Port.UDP else self._sctp(tapped)
        header = packets.EthernetHeader(
            destination=tapped.destination_link_layer,
            source=tapped.source_link_layer,
            ethertype=_EAPOL if unit.port is Port.EAPOL else _ethertype(octets),
        )
        return header.encode() + octets

    def _sctp(self, tapped: Tapped) -> bytes:
        """A message in one DATA chunk; its numbers go on from the last one of the association.

        A unit without octets ends the association (RFC 9260 3.3.7).
        """
        way = tapped.source_address, tapped.destination_address
        unit = tapped.unit
        names = f"{unit.source!r} {unit.destination!r}".encode()
        header = packets.SctpHeader(
            source_port=_DIAMETER, destination_port=_DIAMETER, verification_tag=crc32(names)
        )
        if not unit.octets:
            return _over_ip(*way, ip.Protocol.SCTP, header, packets.SctpChunk(_ABORT, 0))
        sent = self._sent[way] = self._sent.get(way, -1) + 1
        chunk = packets.SctpDataHeader(
            tsn=sent + 1, sequence=sent & 0xFFFF, payload_protocol=_DIAMETER_DATA
        )
        data: list[Any] = [packets.Payload(unit.octets)]
        if len(unit.octets) % 4:
            data.append(packets.Trailer(bytes(-len(unit.octets) % 4), 2))
        return _over_ip(*way, ip.Protocol.SCTP, header, chunk, *data)


def _ethertype(octets: bytes) -> int:
    return _IPV4 if octets[:1] and octets[0] >> 4 == 4 else _IPV6


def _udp(unit: Unit) -> bytes:
    header = ip.UdpHeader(source_port=unit.source_port, destination_port=unit.destination_port)
    payload = packets.Payload(unit.octets)
    return _over_ip(unit.source, unit.destination, ip.Protocol.UDP, header, payload)


def _over_ip(source: Any, destination: Any, protocol: ip.Protocol, *layers: packets.Layer) -> bytes:
    header: packets.Layer
    if isinstance(source, IPv6Address) and isinstance(destination, IPv6Address):
        # What is for the link only is not to be routed.
        limit = 1 if destination.is_multicast else 64
        header = ip.Ipv6Header(
            next_header=protocol, source=source, destination=destination, hop_limit=limit
        )
    elif isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        header = ip.Ipv4Header(protocol=protocol, source=source, destination=destination)
    else:
        raise ConfigError(f"{source} and {destination} are not IP addresses of one family")
    return packets.Packet((header, *layers), packets.LinkType.RAW).build().encode()
