"""Which layer of a packet says that the rest is a part of something, and the octets of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ip
from .layers import Layer, Trailer
from .ports import PortTable
from .sctp import SctpDataHeader, carries_diameter

__all__ = ["fragment_octets", "fragment_place", "holds_part"]


def fragment_place(layers: Sequence[Layer]) -> tuple[int, int] | None:
    """The IP header whose addresses a fragment has, and the header that says it is one.

    For IPv4 they are the same; None where the packet is no fragment.
    """
    for at in reversed(range(len(layers))):
        layer = layers[at]
        if isinstance(layer, (ip.FragmentHeader, ip.Ipv4Header)):
            wrong = isinstance(layer, ip.Ipv4Header) and layer.version != 4
            if wrong or not (layer.more_fragments or layer.fragment_offset):
                return None
            carriers = (i for i in reversed(range(at + 1)) if _is_ip(layers[i]))
            carrier = next(carriers, None)
            return None if carrier is None else (carrier, at)
    return None


def _is_ip(layer: Layer) -> bool:
    return isinstance(layer, (ip.Ipv6Header, ip.Ipv4Header))


def fragment_octets(layers: Sequence[Layer], place: tuple[int, int]) -> bytes | None:
    """The fragment; None where octets of it are missing, as in a truncated capture."""
    carrier, at = place
    pieces = []
    for layer in layers[at + 1 :]:
        if isinstance(layer, Trailer):
            break
        pieces.append(layer.encode())
    octets = b"".join(pieces)
    header: Any = layers[carrier]
    before = sum(len(x.encode()) for x in layers[carrier : at + 1])
    if isinstance(header, ip.Ipv4Header):
        size = header.total_length - before
    else:
        size = header.payload_length + len(header.encode()) - before
    return None if len(octets) < size else octets


def holds_part(layers: Sequence[Layer], ports: PortTable) -> bool:
    """The packet has an IP fragment, or a part of a TCP stream or SCTP message with Diameter."""
    return fragment_place(layers) is not None or any(
        _in_stream(layers, i, ports) for i in range(len(layers))
    )


def _in_stream(layers: Sequence[Layer], index: int, ports: PortTable) -> bool:
    here = layers[index]
    if isinstance(here, ip.TcpHeader):
        carries = any(not isinstance(layer, Trailer) for layer in layers[index + 1 : index + 2])
        opens_or_ends = here.syn or here.rst or here.fin
        return ports.of_stream(here) is not None and (carries or opens_or_ends)
    return (
        isinstance(here, SctpDataHeader)
        and here.length >= len(here.encode())  # else nothing of it is user data
        and not (here.beginning and here.ending)
        and carries_diameter(here, layers[:index], ports)
    )
