"""Right lengths and checksums for a stack of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ip
from ..mipv6 import MobilityHeader
from ..schema.checksum import internet_checksum
from .access import EapolHeader, L2tpHeader, PppoeHeader
from .checksums import addresses_after, right_checksum
from .layers import Layer, Trailer
from .sctp import SctpChunk, SctpDataHeader, SctpHeader

__all__ = ["built"]

#: Field of a header that says how many octets follow it, how many come with it.
_AFTER: dict[Any, str] = {
    ip.Ipv6Header: "payload_length", PppoeHeader: "length", EapolHeader: "length",
}  # fmt: skip
_WITH: dict[Any, str] = {
    ip.Ipv4Header: "total_length", ip.UdpHeader: "length", L2tpHeader: "length",
}  # fmt: skip

#: What may stand behind the header of a DATA chunk without user data.
_NO_USER_DATA = (Trailer, SctpDataHeader, SctpChunk)

#: Those with a checksum that counts what they carry.
_CARRIERS = (ip.UdpHeader, ip.TcpHeader, SctpHeader)


def built(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers, with every length and checksum that they say of each other right."""
    out = list(layers)
    for i in reversed(range(len(out))):
        out[i] = _with_length(out, i)
    for i in reversed(range(len(out))):
        out[i] = _with_checksum(out, i)
    return tuple(out)


def _inside(layers: list[Layer], index: int) -> list[Layer]:
    """The layers that the header at `index` carries."""
    out = []
    for layer in layers[index + 1 :]:
        if isinstance(layer, Trailer) and layer.layer <= index:
            break
        out.append(layer)
    return out


def _size(layers: Sequence[Layer]) -> int:
    return sum(len(layer.encode()) for layer in layers)


def _with_length(layers: list[Layer], index: int) -> Layer:
    layer: Any = layers[index]
    kind = type(layer)
    if kind in _AFTER:
        return layer.replace(**{_AFTER[kind]: _size(_inside(layers, index))})  # type: ignore[no-any-return]
    if kind in _WITH and (kind is not L2tpHeader or layer.has_length):
        return layer.replace(**{_WITH[kind]: _size([layer, *_inside(layers, index)])})  # type: ignore[no-any-return]
    if kind is SctpDataHeader:
        # The next chunk is no part of this one.
        data = [x for x in layers[index + 1 : index + 2] if not isinstance(x, _NO_USER_DATA)]
        return layer.replace(length=_size([layer, *data]))  # type: ignore[no-any-return]
    return layer  # type: ignore[no-any-return]


def _with_checksum(layers: list[Layer], index: int) -> Layer:
    layer = layers[index]
    if isinstance(layer, ip.Ipv4Header):
        blank = layer.replace(checksum=0)
        return blank.replace(checksum=internet_checksum(blank.encode()))
    if not isinstance(layer, (*_CARRIERS, ip.Icmpv6Message, MobilityHeader)):
        return layer
    addresses = addresses_after(layers[:index])
    carries = isinstance(layer, _CARRIERS)
    if addresses is None and not isinstance(layer, SctpHeader):
        return layer
    octets = b"".join(x.encode() for x in [layer, *(_inside(layers, index) if carries else [])])
    return layer.replace(checksum=right_checksum(layer, octets, addresses))
