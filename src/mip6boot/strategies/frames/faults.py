"""One thing in a legal frame made wrong: which there are, and the frames that have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import strategies as st

from ... import ip, mipv6
from ...ip import Protocol
from ...packets import EapolHeader, Packet, SctpDataHeader, SctpHeader
from ...packets.checksums import addresses_after, right_checksum
from ...packets.octets import label_of
from ...schema.checksum import internet_checksum
from .ends import is_discovery

__all__ = ["Fault", "PacketRule", "field_faults", "truncations"]


class PacketRule(msgspec.Struct, frozen=True):
    """What a frame has to keep to besides the rules of the message in it."""

    name: str
    section: str

    def __str__(self) -> str:
        return f"{self.name} (RFC {self.section})"


class Fault(msgspec.Struct, frozen=True):
    """A rule that a frame breaks at a place, and how it may do so."""

    rule: PacketRule
    path: str
    frames: st.SearchStrategy[bytes]


def field_faults(packet: Packet) -> Iterator[Fault]:
    """Every field of a header in which a value may be wrong."""
    for at, layer in enumerate(packet.layers):
        yield from _lengths(packet, at, layer)
        yield from _headers(packet, at, layer)
        if at in packet.checksums:
            yield from _checksums(packet, at, layer)


def truncations(packet: Packet) -> Iterator[Fault]:
    """The frame without its end, once for each layer that it may end in."""
    octets = packet.encode()
    for at, (start, end) in enumerate(packet.spans):
        # What stands before IP tells no length of what follows.
        if any(isinstance(layer, (*_IP, EapolHeader)) for layer in packet.layers[: at + 1]):
            ends = st.integers(max(start, 1), end - 1)
            yield Fault(_TRUNCATED, label_of(packet, at), ends.map(lambda n: octets[:n]))


def _field(
    packet: Packet, at: int, field: str, rule: PacketRule, values: st.SearchStrategy[int]
) -> Fault:
    """Another value in a field of a header."""
    right = getattr(packet.layers[at], field)
    wrong = values.filter(lambda value: value != right)
    frames = wrong.map(lambda value: _changed(packet, at, field, value).encode())
    return Fault(rule, f"{label_of(packet, at)}.{field}", frames)


def _changed(packet: Packet, at: int, field: str, value: int) -> Packet:
    """The packet with another value in a field, and the checksums over that header right for it."""
    layers: list[Any] = list(packet.layers)
    layer = layers[at] = layers[at].replace(**{field: value})
    if field != "checksum" and isinstance(layer, ip.Ipv4Header):
        blank = layer.replace(checksum=0)
        layers[at] = blank.replace(checksum=internet_checksum(blank.encode()))
    elif field != "checksum" and isinstance(layer, ip.UdpHeader):
        layers[at] = layer.replace(checksum=_of_udp(layers, at))
    for i in reversed(range(at)):
        if isinstance(layers[i], (ip.UdpHeader, SctpHeader)):
            octets = b"".join(one.encode() for one in layers[i:])
            checksum = right_checksum(layers[i], octets, addresses_after(layers[:i]))
            layers[i] = layers[i].replace(checksum=checksum)
    return Packet(tuple(layers), packet.linktype)


def _of_udp(layers: list[Any], at: int) -> int:
    """The checksum for the length that a UDP header says, as far as there are octets."""
    header = layers[at]
    addresses: Any = addresses_after(layers[:at])
    octets = b"".join(layer.encode() for layer in layers[at:])[: max(header.length, 8)]
    pseudo = ip.pseudo_header(addresses[0], addresses[1], header.length, Protocol.UDP)
    return internet_checksum(pseudo + octets[:6] + b"\0\0" + octets[8:]) or 0xFFFF


_IP = (ip.Ipv6Header, ip.Ipv4Header)

_LENGTHS: dict[Any, tuple[str, PacketRule]] = {
    ip.Ipv6Header: ("payload_length", PacketRule("payload length of IPv6", "8200 3")),
    ip.Ipv4Header: ("total_length", PacketRule("total length of IPv4", "791 3.1")),
    ip.UdpHeader: ("length", PacketRule("length of UDP", "768")),
    SctpDataHeader: ("length", PacketRule("length of an SCTP chunk", "9260 3.3.1")),
    EapolHeader: ("length", PacketRule("length of EAPOL", "3748 4")),
}
_CHECKSUMS: dict[Any, PacketRule] = {
    ip.Ipv4Header: PacketRule("header checksum of IPv4", "791 3.1"),
    ip.UdpHeader: PacketRule("checksum of UDP", "768, 8200 8.1"),
    ip.TcpHeader: PacketRule("checksum of TCP", "9293 3.1"),
    SctpHeader: PacketRule("checksum of SCTP", "9260 6.8"),
    ip.Icmpv6Message: PacketRule("checksum of ICMPv6", "4443 2.3"),
    mipv6.MobilityHeader: PacketRule("checksum of the Mobility Header", "6275 6.1.1"),
}
_NEXT = PacketRule("next header", "8200 4")
_HOPS = PacketRule("hop limit of Neighbor Discovery", "4861 6.1.1")
_VERSION = PacketRule("version of IP", "8200 3, 791 3.1")
_SEGMENTS = PacketRule("segments left of a type 2 routing header", "6275 6.4")
_TRUNCATED = PacketRule("all octets of the packet in the frame", "8200 3, 791 3.1")


def _lengths(packet: Packet, at: int, layer: Any) -> Iterator[Fault]:
    if type(layer) in _LENGTHS:
        field, rule = _LENGTHS[type(layer)]
        right = getattr(layer, field)
        # Without a length a packet is a jumbogram, or what an offload engine will cut.
        near = st.integers(max(1, right - 64), min(right + 64, 0xFFFF))
        yield _field(packet, at, field, rule, near | st.integers(1, 0xFFFF))


def _headers(packet: Packet, at: int, layer: Any) -> Iterator[Fault]:
    if isinstance(layer, _IP):
        yield _field(packet, at, "version", _VERSION, st.integers(0, 15))
    for name in ("next_header", "protocol"):
        if name in getattr(layer, "__struct_fields__", ()) and not _is_link(layer):
            yield _field(packet, at, name, _NEXT, st.integers(0, 255))
    if isinstance(layer, ip.Ipv6Header) and any(map(is_discovery, packet.layers)):
        yield _field(packet, at, "hop_limit", _HOPS, st.integers(0, 254))
    if isinstance(layer, ip.Type2RoutingHeader):
        yield _field(packet, at, "segments_left", _SEGMENTS, st.integers(2, 255))


def _is_link(layer: Any) -> bool:
    return not isinstance(layer, (*_IP, ip.DestinationOptions, ip.RoutingHeader))


def _checksums(packet: Packet, at: int, layer: Any) -> Iterator[Fault]:
    rule = next(rule for cls, rule in _CHECKSUMS.items() if isinstance(layer, cls))
    # In a sum all ones are 0; and a checksum of 0 says that there is none.
    summed = not isinstance(layer, SctpHeader)
    values = st.integers(1, 0xFFFE) if summed else st.integers(0, 0xFFFFFFFF)
    yield _field(packet, at, "checksum", rule, values)
