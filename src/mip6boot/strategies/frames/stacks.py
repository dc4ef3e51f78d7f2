"""What stands before a message in a frame: the link, IP with its extension headers, transport."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st

from ... import dhcpv6, diameter, ip, mipv6, packets
from ...ip import Protocol
from ...packets import LinkType

__all__ = [
    "Address",
    "ETHERTYPES",
    "addresses",
    "ends_of",
    "families",
    "frame_layers",
    "is_discovery",
    "link_layers",
    "link_types",
    "linked",
]

Address = IPv4Address | IPv6Address

#: Draws a value of a strategy, as Hypothesis gives it to composite ones.
Draw = Callable[[st.SearchStrategy[Any]], Any]

ETHERTYPES = {4: 0x0800, 6: 0x86DD}
_EAPOL, _VLAN, _SERVICE_VLAN = 0x888E, 0x8100, 0x88A8
_FAMILIES = {4: (2,), 6: (24, 28, 30)}

#: Links whose headers name what follows by its Ethernet type, so that EAPOL has a place there.
_TYPED = (LinkType.ETHERNET, LinkType.LINUX_SLL, LinkType.LINUX_SLL2)
#: Links whose frames begin with IP of one version.
_VERSIONS = {LinkType.IPV4: (4,), LinkType.IPV6: (6,)}

#: The versions of IP that carry a protocol; Mobile IPv6 goes over IPv4 in UDP (RFC 5555 4.1).
_CARRIERS = {"mipv6": (6, 4), "ikev2": (6, 4), "diameter": (6, 4), "dhcpv6": (6,), "icmpv6": (6,),
             "esp": (6, 4)}  # fmt: skip

_DISCOVERY = (
    ip.RouterSolicitation, ip.RouterAdvertisement, ip.NeighborSolicitation,
    ip.NeighborAdvertisement, ip.Redirect,
)  # fmt: skip

#: DHCPv6: servers and relays (RFC 8415 7.1), routers and nodes of the link (RFC 4291 2.7.1).
_SERVERS, _NODES, _ROUTERS = map(IPv6Address, ("ff02::1:2", "ff02::1", "ff02::2"))
_FROM_SERVER = (
    dhcpv6.Advertise, dhcpv6.Reply, dhcpv6.Reconfigure, dhcpv6.LeasequeryReply,
    dhcpv6.Dhcpv4Response, dhcpv6.AddrRegReply,
)  # fmt: skip
_BETWEEN_RELAYS = (dhcpv6.RelayAgentMessage, dhcpv6.ReconfigureRequest, dhcpv6.ReconfigureReply)


def link_types(protocol: str) -> tuple[LinkType, ...]:
    """The link types whose frames can carry a protocol."""
    if protocol == "eap":
        return _TYPED
    every = (link for link in LinkType if link is not LinkType.NONE)
    return tuple(link for link in every if families(protocol, link))


def families(protocol: str, link: LinkType | None = None) -> tuple[int, ...]:
    """The versions of IP that carry a protocol, on a link; none where IP carries it not."""
    on_link = (6, 4) if link is None else _VERSIONS.get(link, (6, 4))
    return tuple(version for version in _CARRIERS.get(protocol, ()) if version in on_link)


def is_discovery(message: Any) -> bool:
    """A message of Neighbor Discovery, whose hop limit is 255 (RFC 4861 6.1.1)."""
    return isinstance(message, _DISCOVERY)


def addresses(version: int, *, net: int = 0) -> st.SearchStrategy[Any]:
    """Unicast addresses that documents may use (RFC 3849, RFC 5737); one of two networks."""
    if version == 4:
        begin = int(_NETS[net])
        return st.integers(begin + 1, begin + 254).map(IPv4Address)
    host, subnet = st.integers(1, 0xFFFF), st.integers(0, 0xFF)
    return st.builds(
        lambda h, s: IPv6Address(0x20010DB8 << 96 | net << 80 | s << 64 | h), host, subnet
    )


_NETS = (IPv4Address("198.51.100.0"), IPv4Address("203.0.113.0"))


_LOCAL = st.integers(1, 0xFFFF).map(lambda host: IPv6Address(0xFE80 << 112 | host))


def frame_layers(
    draw: Draw,
    protocol: str,
    message: Any,
    link: LinkType,
    source: st.SearchStrategy[Any] | None,
    destination: st.SearchStrategy[Any] | None,
) -> tuple[Any, ...]:
    """The layers of a frame with the message, lengths and checksums not yet right."""
    if protocol == "eap":
        layers: tuple[Any, ...] = (packets.EapolHeader(), message)
        return (*link_layers(draw, link, _EAPOL, None), *layers)
    ends = ends_of(draw, protocol, message, link, source, destination)
    layers = _ip_layers(draw, protocol, message, *ends)
    version = ends[0].version
    return (*link_layers(draw, link, ETHERTYPES[version], ends[1]), *layers)


# -- links ------------------------------------------------------------------------------------
def link_layers(
    draw: Draw, link: LinkType, ethertype: int, destination: Address | None
) -> tuple[Any, ...]:
    """The headers of the link before what an Ethernet type names; none where IP comes first."""
    if link == LinkType.ETHERNET:
        return _ethernet(draw, ethertype, destination)
    if link == LinkType.LINUX_SLL:
        kind, address = draw(st.integers(0, 4)), draw(_station())
        return (
            packets.LinuxCooked(
                packet_type=kind, hardware_type=1, address_length=6, address=address + bytes(2),
                ethertype=ethertype,
            ),
        )  # fmt: skip
    if link == LinkType.LINUX_SLL2:
        kind, address = draw(st.integers(0, 4)), draw(_station())
        return (
            packets.LinuxCooked2(
                ethertype=ethertype, interface_index=draw(st.integers(1, 99)), hardware_type=1,
                packet_type=kind, address_length=6, address=address + bytes(2),
            ),
        )  # fmt: skip
    if link in (LinkType.NULL, LinkType.LOOP):
        version = next(v for v, number in ETHERTYPES.items() if number == ethertype)
        family = draw(st.sampled_from(_FAMILIES[version]))
        # In a capture of LOOP the family is in network order, in one of NULL in that of a machine.
        orders = ("big", "little")[: 1 + (link == LinkType.NULL)]
        order: Any = draw(st.sampled_from(orders))
        return (packets.LoopbackHeader(family=family.to_bytes(4, order)),)
    return ()


def _ethernet(draw: Draw, ethertype: int, destination: Address | None) -> tuple[Any, ...]:
    station = draw(_station())
    if isinstance(destination, IPv6Address) and destination.is_multicast:
        station = b"\x33\x33" + destination.packed[-4:]  # RFC 2464 7
    tags = draw(st.sampled_from(((), (), (_VLAN,), (_SERVICE_VLAN, _VLAN))))
    header = packets.EthernetHeader(
        destination=station, source=draw(_station()), ethertype=(*tags, ethertype)[0]
    )
    layers: list[Any] = [header]
    for following in (*tags, ethertype)[1:]:
        number, priority = draw(st.integers(1, 4094)), draw(st.integers(0, 7))
        layers.append(packets.VlanTag(vlan=number, priority=priority, ethertype=following))
    return tuple(layers)


def _station() -> st.SearchStrategy[bytes]:
    """Link-layer addresses of one station, administered locally."""
    return st.binary(min_size=5, max_size=5).map(lambda octets: b"\x02" + octets)


# -- IP ---------------------------------------------------------------------------------------
def ends_of(
    draw: Draw,
    protocol: str,
    message: Any,
    link: LinkType,
    source: st.SearchStrategy[Any] | None,
    destination: st.SearchStrategy[Any] | None,
) -> tuple[Address, Address]:
    """Source and destination: one's own, or the usual ones of the same version of IP."""
    chosen = [None if one is None else _address(draw(one)) for one in (source, destination)]
    possible = families(protocol, link)
    versions = {one.version for one in chosen if one is not None}
    if len(versions) > 1 or not versions <= set(possible):
        raise ValueError(f"{protocol} does not go from {chosen[0]} to {chosen[1]} on this link")
    # Three in four go over IPv6, where it is possible.
    usual = draw(st.sampled_from(possible[:1] * 3 + possible[1:]))
    version = versions.pop() if versions else usual
    begins, ends = _usual_ends(message) if version == 6 else _between(4)
    return (
        draw(begins) if chosen[0] is None else chosen[0],
        draw(ends) if chosen[1] is None else chosen[1],
    )


def _address(value: Any) -> Address:
    if not isinstance(value, (IPv4Address, IPv6Address)):
        raise TypeError(f"{value!r} is no address of IP")
    return value


def _usual_ends(message: Any) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """Where messages of a kind come from and go to."""
    if isinstance(message, ip.RouterSolicitation):
        return _LOCAL, st.just(_ROUTERS)
    if isinstance(message, ip.RouterAdvertisement):
        return _LOCAL, st.just(_NODES)
    if is_discovery(message):
        return _LOCAL, _LOCAL
    if isinstance(message, dhcpv6.ClientServerMessage) and not isinstance(
        message, _FROM_SERVER + _BETWEEN_RELAYS
    ):
        return _LOCAL, st.just(_SERVERS)
    return _between(6)


def _between(version: int) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    return addresses(version), addresses(version, net=1)


def _ip_layers(
    draw: Draw, protocol: str, message: Any, source: Any, destination: Any
) -> tuple[Any, ...]:
    """The innermost IP header that carries the message, and what is between the two."""
    if isinstance(source, IPv4Address):
        number, layers = _over_ipv4(draw, protocol, message)
        header: Any = ip.Ipv4Header(
            protocol=number, source=source, destination=destination,
            identification=draw(st.integers(0, 0xFFFF)), dont_fragment=draw(st.booleans()),
            ttl=draw(st.integers(1, 255)),
        )  # fmt: skip
        return (header, *layers)
    number, layers = _upper(draw, protocol, message)
    between = _extensions(draw, message)
    hops = st.just(255) if is_discovery(message) else st.sampled_from((64, 255, 1))
    header = ip.Ipv6Header(
        next_header=Protocol.NO_NEXT_HEADER, source=source, destination=destination,
        traffic_class=draw(st.integers(0, 255)), flow_label=draw(st.integers(0, 0xFFFFF)),
        hop_limit=draw(hops),
    )  # fmt: skip
    return (*linked((header, *between), number), *layers)


def linked(layers: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    """The layers, with next headers that name what follows; the last header names `number`."""
    out = list(layers)
    for at, layer in enumerate(layers):
        if "next_header" in getattr(layer, "__struct_fields__", ()):
            following = type(layers[at + 1]) if at + 1 < len(layers) else None
            out[at] = layer.replace(next_header=_NUMBERS.get(following, number))
    return tuple(out)


_NUMBERS: dict[Any, Protocol] = {
    ip.Ipv6Header: Protocol.IPV6,
    ip.HopByHopOptions: Protocol.HOPOPTS,
    ip.DestinationOptions: Protocol.DSTOPTS,
    ip.Type2RoutingHeader: Protocol.ROUTING,
}


def _extensions(draw: Draw, message: Any) -> tuple[Any, ...]:
    """A type 2 routing header and a Home Address option, where the message may or must have one."""
    from_mobile, to_mobile = _roles(message)
    layers: list[Any] = []
    if to_mobile is not None and draw(to_mobile):
        home = draw(addresses(6))
        layers.append(
            ip.Type2RoutingHeader(
                next_header=Protocol.NO_NEXT_HEADER, segments_left=1, home_address=home
            )
        )
    if from_mobile is not None and draw(from_mobile):
        option = ip.HomeAddressOption(draw(addresses(6)))
        layers.append(ip.DestinationOptions(next_header=Protocol.NO_NEXT_HEADER, options=(option,)))
    return tuple(layers)


_Maybe = st.SearchStrategy[bool] | None


def _roles(message: Any) -> tuple[_Maybe, _Maybe]:
    """Whether a mobile node away from home sends the message, and whether it gets it.

    A proxy speaks for its mobile nodes at its own address (RFC 5213 6.9.1); prefixes are asked for
    and told with the home address only (RFC 6275 6.7, 6.8), tests go without (9.4.1, 9.4.2).
    """
    if isinstance(message, mipv6.BindingUpdate):
        return (None if mipv6.BindingUpdateFlags.P in message.flags else st.booleans()), None
    if isinstance(message, mipv6.BindingAcknowledgement):
        proxy = mipv6.BindingAcknowledgementFlags.P in message.flags
        return None, (None if proxy else st.booleans())
    if isinstance(message, mipv6.BindingRefreshRequest):
        return None, st.booleans()
    if isinstance(message, ip.MobilePrefixSolicitation):
        return st.just(True), None
    if isinstance(message, ip.MobilePrefixAdvertisement):
        return None, st.just(True)
    if isinstance(message, (ip.EchoRequest, ip.EchoReply)):
        return st.booleans(), st.booleans()
    return None, None


# -- transport --------------------------------------------------------------------------------
def _over_ipv4(draw: Draw, protocol: str, message: Any) -> tuple[int, tuple[Any, ...]]:
    """Over IPv4 a mobility message is in IPv6 in UDP, between home addresses (RFC 5555 4.1)."""
    if protocol != "mipv6":
        return _upper(draw, protocol, message)
    source, destination = map(draw, _between(6))
    inner = ip.Ipv6Header(next_header=Protocol.MOBILITY, source=source, destination=destination)
    udp = ip.UdpHeader(source_port=draw(_ephemeral() | st.just(4191)), destination_port=4191)
    return Protocol.UDP, (udp, inner, message)


def _upper(draw: Draw, protocol: str, message: Any) -> tuple[int, tuple[Any, ...]]:
    """The number of what IP carries, and its layers."""
    if protocol == "mipv6":
        return Protocol.MOBILITY, (message,)
    if protocol == "icmpv6":
        return Protocol.ICMPV6, (message,)
    if protocol == "dhcpv6":
        source, destination = _dhcpv6_ports(message)
        udp = ip.UdpHeader(source_port=source, destination_port=destination)
        return Protocol.UDP, (udp, message)
    if protocol == "ikev2":
        return Protocol.UDP, (*draw(_ike_ports()), message)
    return _stream(draw, message)


def _dhcpv6_ports(message: Any) -> tuple[int, int]:
    """RFC 8415 7.2."""
    if isinstance(message, _BETWEEN_RELAYS):
        return 547, 547
    return (547, 546) if isinstance(message, _FROM_SERVER) else (546, 547)


def _ike_ports() -> st.SearchStrategy[tuple[Any, ...]]:
    """A UDP header of IKE; on the port of NAT traversal a marker follows (RFC 7296 2.23)."""

    def behind_nat(port: int) -> tuple[Any, ...]:
        udp = ip.UdpHeader(source_port=port, destination_port=4500)
        return udp, packets.NonEspMarker()

    plain = (ip.UdpHeader(source_port=500, destination_port=500),)
    return st.just(plain) | (st.just(4500) | _ephemeral()).map(behind_nat)


def _stream(draw: Draw, message: Any) -> tuple[int, tuple[Any, ...]]:
    """Diameter in one segment of TCP, or one chunk of SCTP (RFC 6733 2.1)."""
    ports = (draw(_ephemeral()), 3868)
    if isinstance(message, diameter.DiameterMessage) and not message.is_request:
        ports = ports[::-1]
    names = dict(zip(("source_port", "destination_port"), ports, strict=True))
    number = st.integers(0, 0xFFFFFFFF)
    if draw(st.booleans()):
        sequence, acknowledgment = draw(number), draw(number)
        tcp = ip.TcpHeader(
            **names, sequence=sequence, acknowledgment=acknowledgment, ack=True, psh=True,
            window=draw(st.integers(1, 0xFFFF)),
        )  # fmt: skip
        return Protocol.TCP, (tcp, message)
    header = packets.SctpHeader(**names, verification_tag=draw(number))
    chunk = packets.SctpDataHeader(
        tsn=draw(number), stream=draw(st.integers(0, 9)), sequence=draw(st.integers(0, 0xFFFF)),
        payload_protocol=46,
    )  # fmt: skip
    return Protocol.SCTP, (header, chunk, message)


def _ephemeral() -> st.SearchStrategy[int]:
    """Ports that nobody has registered (RFC 6335 6)."""
    return st.integers(49152, 65535)
