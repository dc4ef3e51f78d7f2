"""Packets of mobility messages between mobile node and home agent: sealed and opened.

Towards the home agent the home address is in a Home Address option, towards the mobile node in a
type 2 routing header; both stand before ESP, so that the home address is what selects the SA
(RFC 4877 3 and 4.2, RFC 6275 6.1.7 and 6.1.8).
"""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import msgspec

from .. import ip
from ..errors import DecodeError, UnknownSa
from ..mipv6 import MobilityHeader, with_checksum
from ..packets import Layer, LinkType, Packet, protocol_of
from ..security import EspReceiver, EspSa, EspSender, OpenedEsp, Rng
from .actor import Port, Unit

__all__ = ["Associations", "MobilityPacket", "from_mobile_node", "mobility_of", "to_mobile_node"]

_IPV6_HEADER = 40
#: SPI and sequence number of ESP.
_ESP_HEADER = 8


class Associations:
    """The SAs of home addresses: one to seal with, and all that were agreed on to open with."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._receivers: dict[int, tuple[IPv6Address, EspReceiver]] = {}
        self._senders: dict[IPv6Address, dict[int, EspSender]] = {}

    def add(self, home_address: IPv6Address, inbound: EspSa, outbound: EspSa) -> None:
        """Take the two SAs of a home address; from now on `outbound` seals what is for it."""
        self.remove(inbound.spi)
        self._receivers[inbound.spi] = home_address, EspReceiver(inbound)
        sender = EspSender(outbound, self._rng)
        self._senders.setdefault(home_address, {})[inbound.spi] = sender

    def remove(self, spi: int) -> None:
        """Forget the SAs of an inbound SPI; of those that are left, the newest seals."""
        if spi in self._receivers:
            home_address, _ = self._receivers.pop(spi)
            senders = self._senders[home_address]
            del senders[spi]
            if not senders:
                del self._senders[home_address]

    def sender(self, home_address: IPv6Address) -> EspSender | None:
        """Who seals what is for a home address, or comes from it; None where it has no SA."""
        senders = self._senders.get(home_address)
        return None if senders is None else senders[next(reversed(senders))]

    def open(self, packet: ip.EspPacket) -> tuple[IPv6Address, OpenedEsp]:
        """The home address of a packet's SA, and what is inside.

        UnknownSa where no SA has its SPI; other errors as those of `EspReceiver.receive`.
        """
        found = self._receivers.get(packet.spi)
        if found is None:
            raise UnknownSa(f"no SA has the SPI {packet.spi:#010x}")
        home_address, receiver = found
        return home_address, receiver.receive(packet)


class MobilityPacket(msgspec.Struct, frozen=True, kw_only=True):
    """A Mobility Header as it came."""

    source: IPv6Address
    destination: IPv6Address
    home_address: IPv6Address | None
    "Of the Home Address option, or of the type 2 routing header."
    final: bool
    "The home address is that of a type 2 routing header."
    octets: bytes
    "Mobility Header, and what may follow it."
    at: int
    "Where its octets are in the packet; where they are sealed, if they are."
    packet: bytes
    sealed_for: IPv6Address | None
    "The home address of the SA; None where it came unprotected."
    link: str

    @property
    def mobile_node(self) -> IPv6Address:
        """The address that the mobile node says it has at home, of a packet that it has sent."""
        return self.home_address or self.source

    @property
    def checksum_addresses(self) -> tuple[IPv6Address, IPv6Address]:
        """Source and destination of the pseudo-header (RFC 6275 6.1.1)."""
        if self.home_address is None:
            return self.source, self.destination
        if self.final:
            return self.source, self.home_address
        return self.home_address, self.destination


def mobility_of(packet: Packet, associations: Associations, link: str) -> MobilityPacket | None:
    """The Mobility Header in a packet; None where it has none.

    UnknownSa and IntegrityError for what ESP does not let in, DecodeError for headers that nobody
    can use.
    """
    header = packet.layers[0]
    if not isinstance(header, ip.Ipv6Header):
        return None
    home_address, final = _home_address(packet.layers)
    for layer, (start, end) in zip(packet.layers, packet.spans, strict=True):
        octets, sealed_for = packet.octets[start:end], None
        if isinstance(layer, ip.EspPacket):
            sealed_for, opened = associations.open(layer)
            if opened.next_header != ip.Protocol.MOBILITY:
                raise DecodeError(f"the protocol {int(opened.next_header)} is sealed in the packet")
            octets, start = opened.payload, start + _ESP_HEADER + len(opened.iv)
        elif protocol_of(layer) != "mipv6":
            continue
        else:
            octets = packet.octets[start : _IPV6_HEADER + header.payload_length]
        return MobilityPacket(
            source=header.source,
            destination=header.destination,
            home_address=home_address,
            final=final,
            octets=octets,
            at=start,
            packet=packet.octets,
            sealed_for=sealed_for,
            link=link,
        )
    return None


def _home_address(layers: tuple[Layer, ...]) -> tuple[IPv6Address | None, bool]:
    """The home address that the headers name, and whether a routing header does."""
    found: ip.HomeAddressOption | None = None
    for layer in layers:
        if isinstance(layer, ip.Type2RoutingHeader):
            # One segment, no more and no less (RFC 6275 11.3.3).
            if layer.segments_left != 1:
                raise DecodeError(f"{layer.segments_left} segments are left", "routing")
            return layer.home_address, True
        if isinstance(layer, ip.DestinationOptions):
            found = found or layer.find(ip.HomeAddressOption)
    return (None if found is None else found.home_address), False


def from_mobile_node(
    message: MobilityHeader,
    source: IPv6Address,
    destination: IPv6Address,
    home_address: IPv6Address,
    link: str,
    sender: EspSender | None,
) -> Unit:
    """A message to the home agent; with a Home Address option unless the mobile node is at home."""
    right = with_checksum(message, home_address, destination)
    option = ip.DestinationOptions(
        next_header=_carried(sender), options=(ip.HomeAddressOption(home_address),)
    )
    between = () if source == home_address else (option,)
    return _unit(right, source, destination, between, link, sender)


def to_mobile_node(
    message: MobilityHeader,
    source: IPv6Address,
    destination: IPv6Address,
    home_address: IPv6Address,
    link: str,
    sender: EspSender | None,
) -> Unit:
    """A message to the mobile node; with a type 2 routing header unless it is at home."""
    right = with_checksum(message, source, home_address)
    header = ip.Type2RoutingHeader(
        next_header=_carried(sender), segments_left=1, home_address=home_address
    )
    between = () if destination == home_address else (header,)
    return _unit(right, source, destination, between, link, sender)


def _carried(sender: EspSender | None) -> ip.Protocol:
    return ip.Protocol.MOBILITY if sender is None else ip.Protocol.ESP


def _unit(
    message: MobilityHeader,
    source: IPv6Address,
    destination: IPv6Address,
    between: tuple[Any, ...],
    link: str,
    sender: EspSender | None,
) -> Unit:
    first = _number(between[0]) if between else _carried(sender)
    header = ip.Ipv6Header(next_header=first, source=source, destination=destination)
    content: Layer = message
    if sender is not None:
        content = sender.send(message.encode(), ip.Protocol.MOBILITY)
    octets = Packet((header, *between, content), LinkType.IPV6)
    # A checksum for the sealed message is right already, and that of an open one stays the same.
    return Unit(
        port=Port.IP,
        source=source,
        destination=destination,
        octets=octets.build().encode(),
        link=link,
    )


def _number(header: Layer) -> ip.Protocol:
    routing = isinstance(header, ip.RoutingHeader)
    return ip.Protocol.ROUTING if routing else ip.Protocol.DSTOPTS
