"""The checksums of a packet: verdicts, and the right values."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .. import ip
from ..ip import pseudo_header
from ..mipv6 import MobilityHeader, checksum_of
from ..schema.checksum import internet_checksum
from .layers import Layer, Trailer
from .sctp import SctpHeader, crc32c

__all__ = ["BAD", "GOOD", "Addresses", "addresses_after", "right_checksum", "verdicts"]

GOOD, BAD, ABSENT, UNCHECKABLE = "good", "bad", "absent", "not checkable"

Addresses = tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address] | None

#: What a layer has to do with checksums, written as its protocol's number.
_NOTHING, _IPV4, _TCP, _UDP, _IPV6, _ROUTES = 0, 4, 6, 17, 41, 43
_ICMPV6, _SCTP, _MOBILITY = 58, 132, 135

#: Whose checksum counts a pseudo-header.
_OVER_ADDRESSES = frozenset((_TCP, _UDP, _ICMPV6, _MOBILITY))

_ROLES: dict[Any, int] = {
    ip.Ipv6Header: _IPV6,
    ip.Ipv4Header: _IPV4,
    ip.DestinationOptions: _ROUTES,
    ip.RoutingHeader: _ROUTES,
    ip.TcpHeader: _TCP,
    ip.UdpHeader: _UDP,
    ip.Icmpv6Message: _ICMPV6,
    MobilityHeader: _MOBILITY,
    SctpHeader: _SCTP,
}


class _RoleOf(dict[Any, int]):
    """Class of a layer -> its role, also that of a class derived from one in _ROLES."""

    def __missing__(self, cls: Any) -> int:
        found = next((role for base, role in _ROLES.items() if issubclass(cls, base)), _NOTHING)
        self[cls] = found
        return found


_role_of = _RoleOf()


def verdicts(
    layers: Sequence[Layer], ends: Sequence[int], octets: bytes, addresses: Addresses = None
) -> dict[int, str]:
    """For each layer with a checksum, by index: good, bad, absent or not checkable.

    `ends` says where each layer ends; the next one begins there.  `addresses` are those that
    count where no header is before a layer.
    """
    out: dict[int, str] = {}
    behind = -1  # the end of an IPv6 header: the addresses are the octets before it
    whole = True  # the octets that the IP headers speak of are in the frame
    here: Any
    for i, here in enumerate(layers):
        role = _role_of[type(here)]
        if role == _NOTHING:
            continue
        start, end = ends[i - 1] if i else 0, ends[i]
        if role == _IPV6:
            addresses, behind = (here.source, here.destination), end
            whole = whole and 0 < here.payload_length <= len(octets) - end
        elif role in _OVER_ADDRESSES:
            stop = end
            known = whole and addresses is not None
            if role == _UDP:
                if not here.checksum:
                    out[i] = ABSENT
                    continue
                stop = _end(i, layers, ends)
                known = known and here.length == stop - start
            elif role == _TCP:
                stop = _end(i, layers, ends)
            if not known:
                out[i] = UNCHECKABLE
            elif here.checksum == 0xFFFF and role != _UDP:
                # In a sum, all ones are as good as 0, but only over UDP are they sent (RFC 768).
                out[i] = BAD
            elif start == behind:
                out[i] = _verdict(octets[start - 32 : stop], stop - start + role)
            else:
                source, destination = addresses  # type: ignore[misc]
                pseudo = int(source) + int(destination) + stop - start + role
                out[i] = _verdict(octets[start:stop], pseudo)
        elif role == _IPV4:
            addresses = here.source, here.destination
            whole = whole and here.total_length <= len(octets) - start
            out[i] = BAD if internet_checksum(octets[start:end]) else GOOD
        elif role == _ROUTES:
            addresses = _next_addresses(here, addresses)
        elif whole:
            covered = octets[start : _end(i, layers, ends)]
            out[i] = GOOD if here.checksum == right_checksum(here, covered, None) else BAD
        else:
            out[i] = UNCHECKABLE
    return out


def _end(index: int, layers: Sequence[Layer], ends: Sequence[int]) -> int:
    """Where the octets end that the header of a layer carries."""
    if type(layers[-1]) is not Trailer:
        return ends[-1]  # the trailers of headers stand behind all else
    for i in range(index + 1, len(layers)):
        layer = layers[i]
        if type(layer) is Trailer and layer.layer <= index:
            return ends[i - 1]
    return ends[-1]


def _verdict(octets: bytes, pseudo: int) -> str:
    """Good where octets, and what else the pseudo-header adds, sum up to nothing.

    The sum of a pseudo-header is that of its parts.  Modulo 0xffff, a number is the sum of its
    16-bit digits with the carries put back in; over a right checksum that is 0 (RFC 1071).
    """
    total = int.from_bytes(octets, "big")
    if len(octets) % 2:
        total <<= 8
    return BAD if (total + pseudo) % 0xFFFF else GOOD


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


def _final(header: ip.RoutingHeader) -> IPv6Address | None:
    """Where a packet with segments left will end; None where that is not known."""
    if isinstance(header, ip.Type2RoutingHeader):
        return header.home_address
    if isinstance(header, ip.Type0RoutingHeader) and header.addresses:
        return header.addresses[-1]
    if isinstance(header, ip.SegmentRoutingHeader) and header.segments:
        return header.segments[0]
    return None


#: Where the checksum is in a header.
_CHECKSUM_AT = {_UDP: 6, _TCP: 16, _ICMPV6: 2}


def right_checksum(layer: Any, octets: bytes, addresses: Addresses) -> int:
    """The checksum that belongs into a layer whose octets, payload included, these are."""
    if isinstance(layer, SctpHeader):
        return crc32c(octets[:8] + bytes(4) + octets[12:])
    assert addresses is not None
    source, destination = addresses
    if isinstance(layer, MobilityHeader):
        return checksum_of(octets, source, destination)  # type: ignore[arg-type]
    number = _role_of[type(layer)]
    at = _CHECKSUM_AT[number]
    blank = octets[:at] + b"\0\0" + octets[at + 2 :]
    value = internet_checksum(pseudo_header(source, destination, len(octets), number) + blank)
    # Over UDP a computed 0 is sent as all ones, because 0 says that there is none (RFC 768).
    return value or 0xFFFF if number == _UDP else value
