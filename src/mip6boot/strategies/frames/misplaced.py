"""Frames whose Home Address option is where none may be (RFC 6275 6.3, 9.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from ... import ip, mipv6
from ...ip import Protocol
from ...packets import Packet, protocol_of
from .ends import addresses
from .faults import Fault, PacketRule
from .stacks import linked

__all__ = ["misplacements"]

_ONCE = PacketRule("one Home Address option for each IPv6 header", "6275 6.3")
_HEADER = PacketRule("the Home Address option in a destination options header", "6275 6.3")
_AFTER = PacketRule("the Home Address option after the routing header", "6275 6.3")
_NEVER = PacketRule("no Home Address option with a test init message", "6275 9.4.1, 9.4.2")
_MISSING = PacketRule("a Home Address option with a prefix solicitation", "6275 6.7")

_TESTS = (mipv6.HomeTestInit, mipv6.CareOfTestInit)
#: Headers that name what follows.
_NAMING = (ip.Ipv6Header, ip.DestinationOptions, ip.RoutingHeader)
_OPTION = "options[{}](HomeAddressOption)"


def misplacements(packet: Packet) -> Iterator[Fault]:
    """Every fault that the packet can have with a Home Address option."""
    for at, layer in enumerate(packet.layers):
        if isinstance(layer, ip.DestinationOptions) and layer.find(ip.HomeAddressOption):
            yield _twice(packet, at, layer)
            yield _in_another(packet, at, layer)
            if isinstance(packet.layers[at - 1], ip.RoutingHeader):
                yield _before_routing(packet, at)
            if isinstance(packet.layers[at + 1], ip.MobilePrefixSolicitation):
                yield _missing(packet, at)
        if isinstance(layer, _TESTS) and protocol_of(packet.layers[at - 1]) == "ipv6":
            yield _with_a_test(packet, at)


def _fault(
    packet: Packet, rule: PacketRule, path: str, layers: st.SearchStrategy[tuple[Any, ...]]
) -> Fault:
    """The packet with other layers, which are linked again; lengths and checksums are right."""

    number = [layer for layer in packet.layers if isinstance(layer, _NAMING)][-1].next_header

    def frame(chosen: tuple[Any, ...]) -> bytes:
        return Packet(linked(chosen, number), packet.linktype).build().encode()

    return Fault(rule, path, layers.map(frame))


def _homes() -> st.SearchStrategy[ip.HomeAddressOption]:
    return addresses(6).map(ip.HomeAddressOption)


def _twice(packet: Packet, at: int, header: ip.DestinationOptions) -> Fault:
    """The same option again, so that it is clear over which address the checksum is."""
    again = header.replace(options=(*header.options, header.find(ip.HomeAddressOption)))
    layers = (*packet.layers[:at], again, *packet.layers[at + 1 :])
    return _fault(packet, _ONCE, f"dstopts.{_OPTION.format(len(header.options))}", st.just(layers))


def _in_another(packet: Packet, at: int, header: ip.DestinationOptions) -> Fault:
    """Hop-by-hop options come first behind the IPv6 header (RFC 8200 4.1)."""
    outer = next(i for i, layer in enumerate(packet.layers) if isinstance(layer, ip.Ipv6Header))
    moved = ip.HopByHopOptions(next_header=header.next_header, options=header.options)
    rest = packet.layers[outer + 1 : at] + packet.layers[at + 1 :]
    layers = (*packet.layers[: outer + 1], moved, *rest)
    return _fault(packet, _HEADER, f"hopopts.{_OPTION.format(0)}", st.just(layers))


def _before_routing(packet: Packet, at: int) -> Fault:
    layers = packet.layers
    layers = (*layers[: at - 1], layers[at], layers[at - 1], *layers[at + 1 :])
    return _fault(packet, _AFTER, f"dstopts.{_OPTION.format(0)}", st.just(layers))


def _missing(packet: Packet, at: int) -> Fault:
    layers = packet.layers[:at] + packet.layers[at + 1 :]
    return _fault(packet, _MISSING, "ipv6", st.just(layers))


def _with_a_test(packet: Packet, at: int) -> Fault:
    before, behind = packet.layers[:at], packet.layers[at:]

    def headed(option: ip.HomeAddressOption) -> tuple[Any, ...]:
        header = ip.DestinationOptions(next_header=Protocol.MOBILITY, options=(option,))
        return (*before, header, *behind)

    return _fault(packet, _NEVER, f"dstopts.{_OPTION.format(0)}", _homes().map(headed))
