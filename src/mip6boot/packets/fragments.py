"""Which layer of a packet says that the rest is a fragment, and the octets of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ip
from .layers import Layer, Trailer

__all__ = ["fragment_octets", "fragment_place"]


def fragment_place(layers: Sequence[Layer]) -> tuple[int, int] | None:
    """The IP header whose addresses a fragment has, and the header that says it is one.

    For IPv4 they are the same; None where the packet is no fragment.
    """
    for at in reversed(range(len(layers))):
        layer = layers[at]
        if isinstance(layer, (ip.FragmentHeader, ip.Ipv4Header)):
            if not (layer.more_fragments or layer.fragment_offset):
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
