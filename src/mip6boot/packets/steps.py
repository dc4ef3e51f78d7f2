"""Which header follows which: one step a protocol."""

from __future__ import annotations

from .. import dhcpv6, diameter, eap, ikev2, ip, mipv6
from ..errors import DecodeError
from ..ip import Protocol
from ..schema.remembered import Remembered
from . import access, links, ports, sctp
from .framing import message_length
from .links import LinkType
from .walker import Kind, Step, Walker

__all__ = ["STEPS", "diameter_message", "first_protocol", "protocol_after"]

_ETHERTYPES = {
    0x8100: "vlan", 0x88A8: "vlan", 0x86DD: "ipv6", 0x0800: "ipv4", 0x8864: "pppoe",
    0x888E: "eapol",
}  # fmt: skip
_FAMILIES = {2: "ipv4", 10: "ipv6", 24: "ipv6", 28: "ipv6", 30: "ipv6"}
_PPP = {0x0021: "ipv4", 0x0057: "ipv6", 0xC227: "eap"}
_NEXT = {
    Protocol.HOPOPTS: "hopopts", Protocol.DSTOPTS: "dstopts", Protocol.ROUTING: "routing",
    Protocol.FRAGMENT: "fragment", Protocol.AH: "ah", Protocol.ESP: "esp", Protocol.UDP: "udp",
    Protocol.ICMPV6: "icmpv6", Protocol.MOBILITY: "mipv6", Protocol.IPV6: "ipv6",
    Protocol.IPIP: "ipv4", Protocol.SCTP: "sctp", Protocol.TCP: "tcp",
}  # fmt: skip
_LINKS = {
    LinkType.ETHERNET: "ethernet", LinkType.LINUX_SLL: "sll", LinkType.LINUX_SLL2: "sll2",
    LinkType.NULL: "loopback", LinkType.LOOP: "loopback", LinkType.RAW: "ip",
    LinkType.RAW_12: "ip", LinkType.RAW_14: "ip", LinkType.IPV4: "ipv4", LinkType.IPV6: "ipv6",
}  # fmt: skip
#: Headers that the packets of a flow have in common.
_ETHERNET_HEADERS: Remembered[bytes, links.EthernetHeader] = Remembered(links.EthernetHeader.decode)
_IPV6_HEADERS: Remembered[bytes, ip.Ipv6Header] = Remembered(ip.Ipv6Header.decode)
_ROUTING = ip.ROUTING_HEADERS
_ICMPV6, _MIPV6, _DHCPV6 = Kind(ip.ICMPV6), Kind(mipv6.MESSAGES), Kind(dhcpv6.MESSAGES)
_EAP, _IKEV2, _ESP = Kind(eap.PACKETS), Kind(ikev2.IkeMessage), Kind(ip.EspPacket)
_DIAMETER = Kind(diameter.COMMANDS)


def first_protocol(linktype: int) -> str:
    """The protocol that a frame of the link type begins with."""
    return _LINKS.get(linktype) or f"linktype-{linktype}"  # type: ignore[call-overload]


# -- links ------------------------------------------------------------------------------------
def _ethernet(w: Walker) -> str | None:
    ethertype = w.repeated(links.EthernetHeader, 14, _ETHERNET_HEADERS).ethertype
    return _ETHERTYPES.get(ethertype) or _by_ethertype(ethertype)


def _vlan(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.VlanTag).ethertype)


def _sll(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.LinuxCooked).ethertype)


def _sll2(w: Walker) -> str | None:
    return _by_ethertype(w.header(links.LinuxCooked2).ethertype)


def _by_ethertype(ethertype: int) -> str:
    return _ETHERTYPES.get(ethertype) or f"ethertype-{ethertype:#06x}"


def _loopback(w: Walker) -> str | None:
    family = w.header(links.LoopbackHeader).family_number
    return _FAMILIES.get(family, f"family-{family}")


# -- access lines -----------------------------------------------------------------------------
def _pppoe(w: Walker) -> str | None:
    header = w.header(access.PppoeHeader)
    w.fence(w.pos, header.length)
    session = (header.version, header.pppoe_type, header.code) == (1, 1, 0)
    return "ppp" if session else "not-a-pppoe-session"


def _ppp(w: Walker) -> str | None:
    """A PPP frame: perhaps address and control, then one or two octets of protocol."""
    if w.octets[w.pos : min(w.pos + 2, w.end)] == b"\xff\x03":
        w.header(access.PppAddressControl)
    # The first octet of a protocol is even, the last one odd (RFC 1661 2).
    compressed = w.pos < w.end and w.octets[w.pos] & 1
    protocol = w.header(access.CompressedPppHeader if compressed else access.PppHeader).protocol
    return _PPP.get(protocol) or f"ppp-{protocol:#06x}"


def _l2tp(w: Walker) -> str | None:
    start = w.pos
    # Version 3 over UDP has another layout behind the first two octets (RFC 3931 4.1.2).
    if w.pos + 1 < w.end and w.octets[w.pos + 1] & 0x0F != 2:
        return "not-l2tpv2"
    header = w.header(access.L2tpHeader)
    if header.length is not None:
        w.fence(start, header.length)
    if header.has_offset:
        w.header(access.L2tpOffset)
    return "l2tp-control" if header.control else "ppp"


def _eapol(w: Walker) -> str | None:
    header = w.header(access.EapolHeader)
    w.fence(w.pos, header.length)
    return "eap" if header.packet_type == 0 else f"eapol-{header.packet_type}"


def _eap(w: Walker) -> str | None:
    # Octets behind the EAP Length are padding of the link, and ignored (RFC 3748 4.1).
    octets, stop = w.octets, w.end
    if w.pos + 4 <= stop:
        stop = min(stop, w.pos + max(4, octets[w.pos + 2] << 8 | octets[w.pos + 3]))
    w.message(_EAP, stop)
    w.skipped(w.end, len(w.layers) - 1)
    return None


# -- IP ---------------------------------------------------------------------------------------
def _ip(w: Walker) -> str | None:
    version = w.octets[w.pos] >> 4 if w.pos < w.end else 0
    return {6: "ipv6", 4: "ipv4"}.get(version, "not-ip")


def _ipv6(w: Walker) -> str | None:
    header = w.repeated(ip.Ipv6Header, 40, _IPV6_HEADERS)
    if header.version != 6:
        return "not-ipv6"
    # A length of 0 with a payload is a jumbogram or segmentation offload (RFC 8200 3).
    length, following = header.payload_length, header.next_header
    if w.pos + length != w.end and (length or following == Protocol.NO_NEXT_HEADER):
        w.fence(w.pos, length)
    return _NEXT.get(following) or protocol_after(following)


def _ipv4(w: Walker) -> str | None:
    start = w.pos
    header = w.header(ip.Ipv4Header)
    if header.version != 4:
        return "not-ipv4"
    if header.total_length:
        w.fence(start, header.total_length)
    if header.more_fragments or header.fragment_offset:
        w.is_part = True
        return "ipv4-fragment"
    return protocol_after(header.protocol)


def protocol_after(number: int) -> str:
    """The protocol that a next header value names."""
    return _NEXT.get(number) or f"protocol-{int(number)}"  # type: ignore[call-overload]


def _hopopts(w: Walker) -> str | None:
    return protocol_after(w.header(ip.HopByHopOptions).next_header)


def _dstopts(w: Walker) -> str | None:
    return protocol_after(w.header(ip.DestinationOptions).next_header)


def _routing(w: Walker) -> str | None:
    return protocol_after(w.header(_ROUTING.choose(w.octets, w.pos, w.end)).next_header)


def _fragment(w: Walker) -> str | None:
    header = w.header(ip.FragmentHeader)
    if header.fragment_offset or header.more_fragments:
        w.is_part = True
        return "ipv6-fragment"
    return protocol_after(header.next_header)


def _ah(w: Walker) -> str | None:
    return protocol_after(w.header(ip.AuthenticationHeader).next_header)


def _esp(w: Walker) -> str | None:
    w.message(_ESP, w.end)
    return None


def _icmpv6(w: Walker) -> str | None:
    w.message(_ICMPV6, w.end)
    return None


def _mipv6(w: Walker) -> str | None:
    # A Mobility Header is as long as it says; payload proto 59 lets nothing follow it.
    stop = w.end
    if w.pos + 1 < stop:
        stop = min(stop, w.pos + 8 * w.octets[w.pos + 1] + 8)
    w.message(_MIPV6, stop)
    return "after-mobility-header"


# -- transport --------------------------------------------------------------------------------
def _udp(w: Walker) -> str | None:
    start = w.pos
    header = w.header(ip.UdpHeader)
    length, source, destination = header.length, header.source_port, header.destination_port
    if length >= 8 and start + length != w.end:
        w.fence(start, length)
    # The port of the destination counts first.
    protocol = w.ports.get(destination) or w.ports.get(source)
    return protocol or f"udp-{min(source, destination)}"


def _tcp(w: Walker) -> str | None:
    header = w.header(ip.TcpHeader)
    protocol = w.ports.of_stream(header)
    if protocol is None:
        return f"tcp-{min(header.source_port, header.destination_port)}"
    if w.pos < w.end or header.syn or header.rst or header.fin:
        w.is_part = True
    return f"{protocol}-segment"


def _sctp(w: Walker) -> str | None:
    w.header(sctp.SctpHeader)
    return "sctp-chunk"


def _sctp_chunk(w: Walker) -> str | None:
    """One chunk with its padding; what comes next is another one."""
    if w.pos == w.end:
        return None
    start, index = w.pos, len(w.layers)
    if w.octets[start]:
        w.header(sctp.SctpChunk)
    else:
        _sctp_data(w, start)
    # Padding to four octets is not counted by the chunk's length.
    w.skipped(min(w.end, w.pos + (start - w.pos) % 4), index)
    return "sctp-chunk"


def _sctp_data(w: Walker, start: int) -> None:
    """A DATA chunk: its header, and the user data."""
    header = w.header(sctp.SctpDataHeader)
    if header.length < w.pos - start:
        reason = f"says {header.length} octets, {w.pos - start} are there"
        raise DecodeError(reason, "length", start + 2)
    stop = min(w.end, start + header.length)
    is_diameter = sctp.carries_diameter(header, w.layers, w.ports)
    if not (header.beginning and header.ending):
        w.is_part = w.is_part or is_diameter
        w.payload("sctp-fragment", stop)
    elif is_diameter:
        diameter_message(w, stop)
    else:
        w.payload(f"sctp-data-{header.payload_protocol}", stop)


# -- applications -----------------------------------------------------------------------------
def _dhcpv6(w: Walker) -> str | None:
    w.message(_DHCPV6, w.end)
    return None


def _ikev2(w: Walker) -> str | None:
    if w.pos + 17 < w.end and w.octets[w.pos + 17] >> 4 == 1:
        return "ikev1"
    w.message(_IKEV2, w.end)
    return None


def _ike_natt(w: Walker) -> str | None:
    """IKE and ESP on one port: four zero octets are no SPI (RFC 3948 2)."""
    if w.octets[w.pos : w.end] == b"\xff":
        w.header(ports.NatKeepalive)
        return None
    if w.octets[w.pos : min(w.pos + 4, w.end)] == bytes(4):
        w.header(ports.NonEspMarker)
        return "ikev2"
    return "esp"


def _diameter_segment(w: Walker) -> str | None:
    """A segment of a TCP stream: whole messages, and what spans segments as octets.

    It is not known here whether a message begins where the segment does, so it is looked at.
    """
    while size := message_length(w.octets, w.pos, w.end):
        if w.pos + size > w.end:
            break
        diameter_message(w, w.pos + size)
    w.payload("diameter-segment")
    return None


def diameter_message(w: Walker, stop: int) -> None:
    """A message to `stop`; whether it decodes or not, something may follow."""
    try:
        w.message(_DIAMETER, stop)
    except DecodeError as e:
        w.failed("diameter", e, stop)


STEPS: dict[str, Step] = {
    "ethernet": _ethernet, "vlan": _vlan, "sll": _sll, "sll2": _sll2, "loopback": _loopback,
    "pppoe": _pppoe, "ppp": _ppp, "l2tp": _l2tp, "eapol": _eapol, "eap": _eap,
    "ip": _ip, "ipv6": _ipv6, "ipv4": _ipv4, "hopopts": _hopopts, "dstopts": _dstopts,
    "routing": _routing, "fragment": _fragment, "ah": _ah, "esp": _esp, "icmpv6": _icmpv6,
    "mipv6": _mipv6, "udp": _udp, "tcp": _tcp, "sctp": _sctp, "sctp-chunk": _sctp_chunk,
    "dhcpv6": _dhcpv6, "ikev2": _ikev2, "ike-natt": _ike_natt,
    "diameter-segment": _diameter_segment,
}  # fmt: skip
