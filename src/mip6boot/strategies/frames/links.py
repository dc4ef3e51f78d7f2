"""The headers of a link, before IP or EAPOL."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st

from ... import packets
from ...packets import LinkType

__all__ = ["ETHERTYPES", "Address", "Draw", "link_layers"]

Address = IPv4Address | IPv6Address

#: Draws a value of a strategy, as Hypothesis gives it to composite ones.
Draw = Callable[[st.SearchStrategy[Any]], Any]

ETHERTYPES = {4: 0x0800, 6: 0x86DD}
_VLAN, _SERVICE_VLAN = 0x8100, 0x88A8
_FAMILIES = {4: (2,), 6: (24, 28, 30)}


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
