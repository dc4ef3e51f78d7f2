"""From a frame to its layers: which header follows which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ip, mipv6
from ..errors import DecodeError
from ..ip import Protocol
from ..schema import Message
from . import links
from .layers import Layer, Payload, Trailer, Undecoded
from .links import LinkType

__all__ = ["Walker", "first_protocol"]

#: UDP port of DSMIPv6: an IP packet follows the UDP header (RFC 5555 4.2).
DSMIPV6_PORT = 4191

#: Tunnels inside tunnels; a hostile packet of 64 kB could hold 1,600 IPv6 headers.
MAX_LAYERS = 128

_ETHERTYPES = {0x8100: "vlan", 0x88A8: "vlan", 0x86DD: "ipv6", 0x0800: "ipv4"}
_FAMILIES = {2: "ipv4", 10: "ipv6", 24: "ipv6", 28: "ipv6", 30: "ipv6"}
_NEXT = {
    Protocol.HOPOPTS: "hopopts", Protocol.DSTOPTS: "dstopts", Protocol.ROUTING: "routing",
    Protocol.FRAGMENT: "fragment", Protocol.AH: "ah", Protocol.ESP: "esp", Protocol.UDP: "udp",
    Protocol.ICMPV6: "icmpv6", Protocol.MOBILITY: "mipv6", Protocol.IPV6: "ipv6",
    Protocol.IPIP: "ipv4",
}  # fmt: skip
_LINKS = {
    LinkType.ETHERNET: "ethernet", LinkType.LINUX_SLL: "sll", LinkType.LINUX_SLL2: "sll2",
    LinkType.NULL: "loopback", LinkType.LOOP: "loopback", LinkType.RAW: "ip",
    LinkType.RAW_12: "ip", LinkType.RAW_14: "ip", LinkType.IPV4: "ipv4", LinkType.IPV6: "ipv6",
}  # fmt: skip


class Walker:
    """The layers of one frame, found one after the other; `spans` are their places in it."""

    def __init__(self, octets: bytes, *, lenient: bool) -> None:
        self.octets, self.lenient = octets, lenient
        self.pos, self.end = 0, len(octets)
        self.layers: list[Layer] = []
        self.spans: list[tuple[int, int]] = []
        self.trailers: list[Trailer] = []

    def run(self, first: str) -> None:
        """Follow the headers from the protocol `first` to the end of the frame."""
        protocol: str | None = first
        while protocol is not None and len(self.layers) < MAX_LAYERS:
            here = protocol
            step: Callable[[Walker], str | None] | None = _STEPS.get(here)
            if step is None:
                self.payload(here)
                break
            try:
                protocol = step(self)
            except DecodeError as e:
                self.failed(here, e)
                break
        else:
            self.payload("")
        for trailer in reversed(self.trailers):
            self.add(trailer, self.end, self.end + len(trailer.octets))
            self.end += len(trailer.octets)

    # -- what the steps use -------------------------------------------------------------------
    def add(self, layer: Layer, start: int, end: int) -> None:
        """Note a layer and its place."""
        self.layers.append(layer)
        self.spans.append((start, end))

    def header(self, cls: Any) -> Any:
        """Read a header that knows its own end."""
        message, rest = cls.decode_prefix(self.octets[self.pos : self.end], lenient=self.lenient)
        end = self.end - len(rest)
        self.add(message, self.pos, end)
        self.pos = end
        return message

    def message(self, decode: Callable[..., Message]) -> None:
        """Read a message that takes all the rest."""
        message = decode(self.octets[self.pos : self.end], lenient=self.lenient)
        self.add(message, self.pos, self.end)
        self.pos = self.end

    def payload(self, protocol: str) -> None:
        """Keep the rest, if there is any, as octets."""
        if self.pos < self.end:
            octets = self.octets[self.pos : self.end]
            self.add(Payload(octets, protocol), self.pos, self.end)
            self.pos = self.end

    def failed(self, protocol: str, error: DecodeError) -> None:
        """Keep the rest as octets that did not decode."""
        offset = self.pos + (error.offset or 0)
        octets = self.octets[self.pos : self.end]
        self.add(Undecoded(octets, protocol, error.reason, error.path, offset), self.pos, self.end)
        self.pos = self.end

    def fence(self, start: int, length: int) -> None:
        """End what follows `length` octets behind `start`; what is left is a trailer.

        A length beyond the frame (a truncated capture, segmentation offload) fences nothing.
        """
        stop = start + length
        if self.pos <= stop < self.end:
            self.trailers.append(Trailer(self.octets[stop : self.end], len(self.layers) - 1))
            self.end = stop


# -- one step a protocol: read its header, name what follows ------------------------------------
def _ethernet(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.EthernetHeader).ethertype)


def _vlan(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.VlanTag).ethertype)


def _sll(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.LinuxCooked).ethertype)


def _sll2(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.LinuxCooked2).ethertype)


def _by_ethertype(ethertype: int) -> str:
    return _ETHERTYPES.get(ethertype, f"ethertype-{ethertype:#06x}")


def _loopback(w: Walker) -> str | None:
    family = w.header(links.LoopbackHeader).family_number
    return _FAMILIES.get(family, f"family-{family}")


def _ip(w: Walker) -> str | None:
    version = w.octets[w.pos] >> 4 if w.pos < w.end else 0
    return {6: "ipv6", 4: "ipv4"}.get(version, "not-ip")


def _ipv6(w: Walker) -> str | None:
    header = w.header(ip.Ipv6Header)
    if header.version != 6:
        return "not-ipv6"
    # A length of 0 with a payload is a jumbogram or segmentation offload (RFC 8200 3).
    if header.payload_length or header.next_header == Protocol.NO_NEXT_HEADER:
        w.fence(w.pos, header.payload_length)
    return _after(header.next_header)


def _ipv4(w: Walker) -> str | None:
    start = w.pos
    header = w.header(ip.Ipv4Header)
    if header.version != 4:
        return "not-ipv4"
    if header.total_length:
        w.fence(start, header.total_length)
    if header.more_fragments or header.fragment_offset:
        return "ipv4-fragment"
    return _after(header.protocol)


def _after(number: int) -> str:
    return _NEXT.get(number) or f"protocol-{int(number)}"  # type: ignore[call-overload]


def _hopopts(w: Walker) -> str | None:
    return _after(w.header(ip.HopByHopOptions).next_header)


def _dstopts(w: Walker) -> str | None:
    return _after(w.header(ip.DestinationOptions).next_header)


def _routing(w: Walker) -> str | None:
    cls = ip.ROUTING_HEADERS.choose(w.octets[w.pos : w.end], 0, w.end - w.pos)
    return _after(w.header(cls).next_header)


def _fragment(w: Walker) -> str | None:
    header = w.header(ip.FragmentHeader)
    if header.fragment_offset or header.more_fragments:
        return "ipv6-fragment"
    return _after(header.next_header)


def _ah(w: Walker) -> str | None:
    return _after(w.header(ip.AuthenticationHeader).next_header)


def _esp(w: Walker) -> str | None:
    w.message(ip.EspPacket.decode)
    return None


def _udp(w: Walker) -> str | None:
    start = w.pos
    header = w.header(ip.UdpHeader)
    if header.length >= 8:
        w.fence(start, header.length)
    if DSMIPV6_PORT in (header.source_port, header.destination_port):
        return "ip"
    return f"udp-{min(header.source_port, header.destination_port)}"


def _icmpv6(w: Walker) -> str | None:
    w.message(ip.ICMPV6.decode)
    return None


def _mipv6(w: Walker) -> str | None:
    # A Mobility Header is as long as it says; payload proto 59 lets nothing follow it.
    octets = w.octets[w.pos : w.end]
    size = 8 * octets[1] + 8 if len(octets) > 1 else len(octets)
    message = mipv6.decode(octets[:size], lenient=w.lenient)
    stop = w.pos + len(octets[:size])
    w.add(message, w.pos, stop)
    w.pos = stop
    return "after-mobility-header"


_STEPS: dict[str, Callable[[Walker], str | None]] = {
    "ethernet": _ethernet, "vlan": _vlan, "sll": _sll, "sll2": _sll2, "loopback": _loopback,
    "ip": _ip, "ipv6": _ipv6, "ipv4": _ipv4, "hopopts": _hopopts, "dstopts": _dstopts,
    "routing": _routing, "fragment": _fragment, "ah": _ah, "esp": _esp, "udp": _udp,
    "icmpv6": _icmpv6, "mipv6": _mipv6,
}  # fmt: skip


def first_protocol(linktype: int) -> str:
    """The protocol that a frame of the link type begins with."""
    return _LINKS.get(linktype) or f"linktype-{linktype}"  # type: ignore[call-overload]
