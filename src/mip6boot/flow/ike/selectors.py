"""Traffic selectors narrowed to what a policy allows (RFC 7296 2.9, RFC 4877 5.2)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from ...ikev2 import Ipv4AddressRange, Ipv6AddressRange, PortRange, TrafficSelector

__all__ = ["ANYTHING", "covers", "for_addresses", "is_single_pair", "narrow"]

_ANY_PORT = (0, 0xFFFF)

#: Every packet of both families.
ANYTHING: tuple[PortRange, ...] = (
    Ipv6AddressRange(
        starting_address=IPv6Address("::"), ending_address=IPv6Address("ffff:" * 7 + "ffff")
    ),
    Ipv4AddressRange(
        starting_address=IPv4Address("0.0.0.0"), ending_address=IPv4Address("255.255.255.255")
    ),
)


def for_addresses(
    *addresses: IPv4Address | IPv6Address | IPv4Network | IPv6Network, protocol: int = 0
) -> tuple[PortRange, ...]:
    """Selectors of all ports of addresses and networks."""
    found: list[PortRange] = []
    first: IPv4Address | IPv6Address
    last: IPv4Address | IPv6Address
    for address in addresses:
        if isinstance(address, IPv4Network | IPv6Network):
            first, last = address.network_address, address.broadcast_address
        else:
            first = last = address
        kind = Ipv4AddressRange if isinstance(first, IPv4Address) else Ipv6AddressRange
        found.append(
            kind(ip_protocol=protocol, starting_address=first, ending_address=last)  # type: ignore[arg-type]
        )
    return tuple(found)


def narrow(
    offered: Iterable[TrafficSelector], allowed: Iterable[PortRange]
) -> tuple[PortRange, ...]:
    """The part of the offered selectors that is allowed, in the order of the offer."""
    permitted = tuple(allowed)
    found: list[PortRange] = []
    for one in offered:
        for other in permitted:
            both = _intersection(one, other) if isinstance(one, PortRange) else None
            if both is not None and both not in found:
                found.append(both)
    return tuple(found)


def covers(offered: Iterable[TrafficSelector], chosen: Iterable[TrafficSelector]) -> bool:
    """An answer says no more than what was offered, and says something (RFC 7296 2.9)."""
    wide = [one for one in offered if isinstance(one, PortRange)]
    narrowed = list(chosen)
    return bool(narrowed) and all(
        isinstance(one, PortRange) and any(_intersection(one, other) == one for other in wide)
        for one in narrowed
    )


def is_single_pair(selectors: Iterable[TrafficSelector]) -> bool:
    """They name one address (SINGLE_PAIR_REQUIRED, RFC 7296 2.9)."""
    found = {
        (getattr(one, "starting_address", None), getattr(one, "ending_address", None))
        for one in selectors
    }
    return len(found) == 1 and all(first is not None and first == last for first, last in found)


def _intersection(one: PortRange, other: PortRange) -> PortRange | None:
    if type(one) is not type(other):
        return None
    protocols = {one.ip_protocol, other.ip_protocol} - {0}
    ports = _ports(one, other)
    if len(protocols) > 1 or ports is None:
        return None
    first = max(one.starting_address, other.starting_address)  # type: ignore[attr-defined]
    last = min(one.ending_address, other.ending_address)  # type: ignore[attr-defined]
    if first > last:
        return None
    return one.replace(
        ip_protocol=protocols.pop() if protocols else 0,
        start_port=ports[0],
        end_port=ports[1],
        starting_address=first,
        ending_address=last,
    )


def _ports(one: PortRange, other: PortRange) -> tuple[int, int] | None:
    """OPAQUE is a part of ANY, and has nothing else in common with ranges (RFC 4301 4.4.1.1)."""
    pair = [(one.start_port, one.end_port), (other.start_port, other.end_port)]
    if one.opaque or other.opaque:
        rest = [ports for ports, it in zip(pair, (one, other), strict=True) if not it.opaque]
        return (0xFFFF, 0) if all(ports == _ANY_PORT for ports in rest) else None
    first, last = max(pair[0][0], pair[1][0]), min(pair[0][1], pair[1][1])
    return (first, last) if first <= last else None
