"""Packets sealed into ESP: transport and tunnel mode, in UDP where a NAT is on the way.

A mobile node's Binding Update as RFC 4877 3 wants it, the home address outside and the message
inside:

    >>> from ipaddress import IPv6Address
    >>> from random import Random
    >>> from mip6boot import ikev2, ip, mipv6, packets, security
    >>> home, care_of = IPv6Address("2001:db8:1::7"), IPv6Address("2001:db8:2::7")
    >>> agent = IPv6Address("2001:db8:1::1")
    >>> update = packets.Packet((
    ...     ip.Ipv6Header(next_header=ip.Protocol.DSTOPTS, source=care_of, destination=agent),
    ...     ip.DestinationOptions(
    ...         next_header=ip.Protocol.MOBILITY, options=(ip.HomeAddressOption(home),)
    ...     ),
    ...     mipv6.BindingUpdate(1, options=(mipv6.AlternateCareOfAddress(care_of),)),
    ... ), packets.LinkType.IPV6).build()
    >>> suite = security.EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16)
    >>> sa = security.EspSa(spi=0x1000, suite=suite, encryption_key=security.Secret(bytes(20)))
    >>> sealed = packets.seal_transport(update, sa, sequence=1, rng=Random(1))
    >>> [type(layer).__name__ for layer in sealed.layers]
    ['Ipv6Header', 'DestinationOptions', 'EspPacket']
    >>> (opened,) = packets.Opener(security.Keyring([sa])).open(sealed)
    >>> opened.packet.layers == update.layers[2:], opened.packet.checksums
    (True, {0: 'good'})
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address
from typing import Any

from .. import ip
from ..errors import EncodeError
from ..security import EspSa, Rng
from ..security.keyring import Address
from .layers import Layer, Trailer
from .links import LinkType
from .packet import Packet

__all__ = ["NAT_TRAVERSAL", "seal_transport", "seal_tunnel"]

#: Source and destination port of ESP in UDP (RFC 3948 2.1).
NAT_TRAVERSAL = (4500, 4500)

_IP = (ip.Ipv6Header, ip.Ipv4Header)

#: Of captures whose frames begin with IPv4, or IPv6.
_LINK_TYPES = (LinkType.IPV4, LinkType.IPV6)

#: Fields of headers of the link that say what follows: IPv4 or IPv6.
_CARRIED = {"ethertype": (0x0800, 0x86DD), "protocol": (0x0021, 0x0057)}


def seal_transport(
    packet: Packet,
    sa: EspSa,
    *,
    sequence: int,
    rng: Rng,
    udp_ports: tuple[int, int] | None = None,
) -> Packet:
    """The packet with what its innermost IP header carries sealed (RFC 4303 3.1.1).

    Headers that routers look at stay before ESP, and so do a Home Address option and a type 2
    routing header (RFC 4877 3).  Lengths and checksums before ESP are made right, what is sealed
    is sealed as it is.  With `udp_ports` a UDP header stands before ESP (RFC 3948 2.1).
    EncodeError where there is no IP header, or nothing behind it.
    """
    headers = _ip_headers(packet.layers)
    at, end = _content(packet.layers, headers[-1]) if headers else (0, 0)
    if at >= end:
        raise EncodeError("nothing to seal behind an IP header", "layers")
    before: list[Any] = list(packet.layers[:at])
    field = _names_next(before[-1])
    content = b"".join(layer.encode() for layer in packet.layers[at:end])
    sealed = sa.seal(content, getattr(before[-1], field), sequence=sequence, rng=rng)
    before[-1] = before[-1].replace(**{field: _carrier(udp_ports)})
    layers = (*before, *_udp(udp_ports), sealed, *packet.layers[end:])
    return Packet(layers, packet.linktype).build()


def seal_tunnel(
    packet: Packet,
    sa: EspSa,
    source: Address,
    destination: Address,
    *,
    sequence: int,
    rng: Rng,
    udp_ports: tuple[int, int] | None = None,
) -> Packet:
    """The packet with its outermost IP packet sealed, and a new IP header before ESP.

    Lengths and checksums before ESP are made right, what is sealed is sealed as it is.
    EncodeError where there is no IP header.
    """
    headers = _ip_headers(packet.layers)
    if not headers:
        raise EncodeError("no IP packet to seal", "layers")
    at = headers[0]
    end = _end(packet.layers, at)
    content = b"".join(layer.encode() for layer in packet.layers[at:end])
    inside = ip.Protocol.IPV6 if isinstance(packet.layers[at], ip.Ipv6Header) else ip.Protocol.IPIP
    sealed = sa.seal(content, inside, sequence=sequence, rng=rng)
    outer = _header(source, destination, _carrier(udp_ports))
    link = [_carrying(layer, outer) for layer in packet.layers[:at]]
    layers = (*link, outer, *_udp(udp_ports), sealed, *packet.layers[end:])
    linktype = packet.linktype
    if linktype in _LINK_TYPES:
        linktype = _LINK_TYPES[isinstance(outer, ip.Ipv6Header)]
    return Packet(layers, linktype).build()


def _ip_headers(layers: Sequence[Layer]) -> list[int]:
    return [i for i, layer in enumerate(layers) if isinstance(layer, _IP)]


def _content(layers: Sequence[Layer], header: int) -> tuple[int, int]:
    """Where what is to be sealed begins, behind an IP header and what stays with it, and ends."""
    at = header + 1
    for i in range(at, len(layers)):
        layer = layers[i]
        if isinstance(layer, (ip.HopByHopOptions, ip.RoutingHeader)):
            at = i + 1
        elif isinstance(layer, ip.DestinationOptions):
            if layer.find(ip.HomeAddressOption) is not None:
                at = i + 1
        else:
            break
    return at, _end(layers, header)


def _end(layers: Sequence[Layer], header: int) -> int:
    """Where the octets end that an IP header carries: the trailers of others are among them."""
    for i, layer in enumerate(layers):
        if isinstance(layer, Trailer) and layer.layer <= header:
            return i
    return len(layers)


def _carrying(link: Any, outer: Layer) -> Layer:
    """A header of the link that says which IP follows it."""
    for field, numbers in _CARRIED.items():
        if getattr(link, field, None) in numbers:
            link = link.replace(**{field: numbers[isinstance(outer, ip.Ipv6Header)]})
    return link  # type: ignore[no-any-return]


def _names_next(header: Any) -> str:
    """The field of a header that says what follows."""
    return "protocol" if isinstance(header, ip.Ipv4Header) else "next_header"


def _carrier(udp_ports: tuple[int, int] | None) -> ip.Protocol:
    return ip.Protocol.ESP if udp_ports is None else ip.Protocol.UDP


def _udp(udp_ports: tuple[int, int] | None) -> tuple[ip.UdpHeader, ...]:
    if udp_ports is None:
        return ()
    source, destination = udp_ports
    return (ip.UdpHeader(source_port=source, destination_port=destination),)


def _header(source: Address, destination: Address, number: ip.Protocol) -> Layer:
    if isinstance(source, IPv6Address) and isinstance(destination, IPv6Address):
        return ip.Ipv6Header(next_header=number, source=source, destination=destination)
    if isinstance(source, IPv6Address) or isinstance(destination, IPv6Address):
        raise EncodeError("addresses of one family are expected", "source")
    return ip.Ipv4Header(protocol=number, source=source, destination=destination)
