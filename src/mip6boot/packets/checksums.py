"""The checksums of a packet: verdicts, and the right values."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .. import ip
from ..ip import Protocol, pseudo_header
from ..mipv6 import MobilityHeader, checksum_of
from ..schema.checksum import internet_checksum
from .layers import Layer, Trailer

__all__ = ["BAD", "GOOD", "addresses_after", "right_checksum", "verdicts"]

GOOD, BAD, ABSENT, UNCHECKABLE = "good", "bad", "absent", "not checkable"

Addresses = tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address] | None


def verdicts(
    layers: Sequence[Layer], spans: Sequence[tuple[int, int]], octets: bytes
) -> dict[int, str]:
    """For each layer with a checksum, by index: good, bad, absent or not checkable."""
    out: dict[int, str] = {}
    addresses: Addresses = None
    whole = True
    for i, layer in enumerate(layers):
        addresses = _next_addresses(layer, addresses)
        whole = whole and _is_whole(layer, spans[i], octets)
        if isinstance(layer, ip.Ipv4Header):
            header = octets[spans[i][0] : spans[i][1]]
            out[i] = BAD if internet_checksum(header) else GOOD
        elif isinstance(layer, (ip.UdpHeader, ip.Icmpv6Message, MobilityHeader)):
            end = _end(i, layers, spans)
            out[i] = _verdict(layer, octets[spans[i][0] : end], addresses, whole)
    return out


def _end(index: int, layers: Sequence[Layer], spans: Sequence[tuple[int, int]]) -> int:
    """Where the octets that a layer's checksum covers end."""
    if not isinstance(layers[index], ip.UdpHeader):
        return spans[index][1]
    end = spans[index][1]
    for layer, span in zip(layers[index + 1 :], spans[index + 1 :], strict=True):
        if isinstance(layer, Trailer) and layer.layer <= index:
            break
        end = span[1]
    return end


def addresses_after(layers: Sequence[Layer]) -> Addresses:
    """The addresses that a checksum behind these layers counts.

    A Home Address option takes the place of the source, a routing header's last address that of
    the destination (RFC 6275 6.1.1, RFC 8200 8.1).
    """
    addresses: Addresses = None
    for layer in layers:
        addresses = _next_addresses(layer, addresses)
    return addresses


def _next_addresses(layer: Layer, addresses: Addresses) -> Addresses:
    if isinstance(layer, (ip.Ipv6Header, ip.Ipv4Header)):
        return layer.source, layer.destination
    if addresses is None:
        return None
    source, destination = addresses
    if isinstance(layer, ip.DestinationOptions):
        home = layer.find(ip.HomeAddressOption)
        return (home.home_address if home else source), destination
    if isinstance(layer, ip.RoutingHeader) and layer.segments_left:
        final = _final(layer)
        return None if final is None else (source, final)
    return addresses


def _is_whole(layer: Layer, span: tuple[int, int], octets: bytes) -> bool:
    """All the octets that an IP header speaks of are in the frame."""
    if isinstance(layer, ip.Ipv6Header):
        return 0 < layer.payload_length <= len(octets) - span[1]
    if isinstance(layer, ip.Ipv4Header):
        return layer.total_length <= len(octets) - span[0]
    return True


def _final(header: ip.RoutingHeader) -> IPv6Address | None:
    """Where a packet with segments left will end; None where that is not known."""
    if isinstance(header, ip.Type2RoutingHeader):
        return header.home_address
    if isinstance(header, ip.Type0RoutingHeader) and header.addresses:
        return header.addresses[-1]
    if isinstance(header, ip.SegmentRoutingHeader) and header.segments:
        return header.segments[0]
    return None


def _verdict(layer: Any, octets: bytes, addresses: Addresses, whole: bool) -> str:
    if isinstance(layer, ip.UdpHeader):
        if layer.checksum == 0:
            return ABSENT
        whole = whole and layer.length == len(octets)
    if addresses is None or not whole:
        return UNCHECKABLE
    return GOOD if layer.checksum == right_checksum(layer, octets, addresses) else BAD


def right_checksum(layer: Any, octets: bytes, addresses: Addresses) -> int:
    """The checksum that belongs into a layer whose octets, payload included, these are."""
    assert addresses is not None
    source, destination = addresses
    if isinstance(layer, MobilityHeader):
        return checksum_of(octets, source, destination)  # type: ignore[arg-type]
    udp = isinstance(layer, ip.UdpHeader)
    number = Protocol.UDP if udp else Protocol.ICMPV6
    at = 6 if udp else 2
    blank = octets[:at] + b"\0\0" + octets[at + 2 :]
    value = internet_checksum(pseudo_header(source, destination, len(octets), number) + blank)
    # Over UDP a computed 0 is sent as all ones, because 0 says that there is none (RFC 768).
    return value or 0xFFFF if udp else value
