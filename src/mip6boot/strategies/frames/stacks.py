"""What stands before a message in a frame: the link, IP with its extension headers, transport."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from ... import ip, mipv6, packets
from ...ip import Protocol
from ...packets import LinkType
from .ends import addresses, ends_of, is_discovery
from .links import ETHERTYPES, Draw, link_layers
from .transport import over_ipv4, upper

__all__ = ["frame_layers", "linked"]

_EAPOL = 0x888E


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


def _ip_layers(
    draw: Draw, protocol: str, message: Any, source: Any, destination: Any
) -> tuple[Any, ...]:
    """The innermost IP header that carries the message, and what is between the two."""
    if isinstance(source, IPv4Address):
        number, layers = over_ipv4(draw, protocol, message)
        header: Any = ip.Ipv4Header(
            protocol=number, source=source, destination=destination,
            identification=draw(st.integers(0, 0xFFFF)), dont_fragment=draw(st.booleans()),
            ttl=draw(st.integers(1, 255)),
        )  # fmt: skip
        return (header, *layers)
    number, layers = upper(draw, protocol, message)
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
