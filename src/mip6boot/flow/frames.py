"""What the tap of a network has seen, as frames of Ethernet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .. import ip, packets
from ..errors import ConfigError
from .actor import Port, Unit
from .network import Tapped

__all__ = ["frame_of"]

_EAPOL, _IPV4, _IPV6 = 0x888E, 0x0800, 0x86DD


def frame_of(tapped: Tapped) -> bytes:
    """The frame of a unit, with right lengths and checksums of what carries it."""
    unit = tapped.unit
    octets = unit.octets if unit.port in (Port.EAPOL, Port.IP) else _over_ip(unit)
    header = packets.EthernetHeader(
        destination=tapped.destination_link_layer,
        source=tapped.source_link_layer,
        ethertype=_EAPOL if unit.port is Port.EAPOL else _ethertype(octets),
    )
    return header.encode() + octets


def _ethertype(octets: bytes) -> int:
    return _IPV4 if octets[:1] and octets[0] >> 4 == 4 else _IPV6


def _over_ip(unit: Unit) -> bytes:
    if unit.port is not Port.UDP:
        raise ConfigError(f"{unit.port} has no frames here")
    udp = ip.UdpHeader(source_port=unit.source_port, destination_port=unit.destination_port)
    layers: tuple[Any, ...] = (_ip(unit), udp, packets.Payload(unit.octets))
    return packets.Packet(layers, packets.LinkType.RAW).build().encode()


def _ip(unit: Unit) -> packets.Layer:
    source, destination = unit.source, unit.destination
    if isinstance(source, IPv6Address) and isinstance(destination, IPv6Address):
        # What is for the link only is not to be routed.
        limit = 1 if destination.is_multicast else 64
        return ip.Ipv6Header(
            next_header=ip.Protocol.UDP, source=source, destination=destination, hop_limit=limit
        )
    if isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        return ip.Ipv4Header(protocol=ip.Protocol.UDP, source=source, destination=destination)
    raise ConfigError("UDP goes from one IP address to another of the same family")
