"""Frames that nobody sends by accident: layers overwritten, repeated, exchanged, left out, cut."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ... import ip
from ...errors import EncodeError
from ...packets import Layer, LinkType, Packet, Payload, protocol_of
from ...schema import Message
from ..grades.hostile import Drawn
from ..grades.mutation import mutated
from .legal import Choice, stacked, wanted
from .octets_inside import carrying, message_at
from .stacks import linked

__all__ = ["hostile_inside", "hostile_packets", "mutants"]

#: Copies of what is repeated, which are within what a frame may hold.
_COPIES = 40
#: Octets of the longest frame that is built.
_LONGEST = 65_535
#: Octets of the longest message that fits in one with all headers before it.
_LONGEST_MESSAGE = 65_000


def hostile_packets(
    *,
    protocol: Choice = None,
    link: LinkType | int = LinkType.ETHERNET,
    source: st.SearchStrategy[Any] | None = None,
    destination: st.SearchStrategy[Any] | None = None,
    message: st.SearchStrategy[Any] | None = None,
) -> st.SearchStrategy[bytes]:
    """Octets of frames of one link type, made of legal ones by one or several changes.

    The other arguments are as in `packets`.
    """
    return stacked(wanted(protocol, (link,), source, destination, message)).flatmap(mutants)


@st.composite
def mutants(draw: Any, packet: Packet) -> bytes:
    """Octets of a frame that was the packet before it was changed."""
    for _ in range(draw(st.integers(1, 3))):
        changed = draw(st.sampled_from(_CHANGES))(draw, packet)
        packet = changed if _size(changed) <= _LONGEST else packet
    if draw(st.booleans()):
        packet = _built(packet)
    octets = packet.encode()
    kind = draw(st.sampled_from((None, None, "cut", "more")))
    if kind == "cut":
        return octets[: draw(st.integers(0, len(octets)))]
    return octets + draw(st.binary(min_size=1, max_size=40)) if kind else octets


def _size(packet: Packet) -> int:
    return sum(len(layer.encode()) for layer in packet.layers)


def _built(packet: Packet) -> Packet:
    """The packet with right lengths and checksums, so that receivers look further into it."""
    try:
        return packet.build()
    except EncodeError:
        return packet


def hostile_inside(draw: Any, packet: Packet) -> Packet:
    """The packet with its message mutated, and lengths and checksums right for what it is now."""
    octets = _mutant(draw, packet.layers[message_at(packet)])
    return carrying(packet, octets[:_LONGEST_MESSAGE])


def _message(draw: Any, packet: Packet) -> Packet:
    """The message mutated, and all around it as it was."""
    return _mutated(draw, packet, message_at(packet))


def _header(draw: Any, packet: Packet) -> Packet:
    return _mutated(draw, packet, draw(st.integers(0, len(packet.layers) - 1)))


def _mutated(draw: Any, packet: Packet, at: int) -> Packet:
    layer = packet.layers[at]
    changed = Payload(_mutant(draw, layer), protocol_of(layer))
    return Packet((*packet.layers[:at], changed, *packet.layers[at + 1 :]), packet.linktype)


def _mutant(draw: Any, layer: Layer) -> bytes:
    """The octets of a layer after one to three mutations; of what is no message, any octets."""
    octets = layer.encode()
    if not isinstance(layer, Message):
        return draw(st.just(octets) | st.binary(max_size=80))  # type: ignore[no-any-return]
    for _ in range(draw(st.integers(1, 3))):
        octets = mutated(type(layer), octets, Drawn(draw))
    return octets


def _repeated(draw: Any, packet: Packet) -> Packet:
    """Some layers again and again."""
    layers = packet.layers
    first, last = sorted(draw(st.tuples(*2 * (st.integers(0, len(layers) - 1),))))
    copies = layers[first : last + 1] * draw(st.integers(2, _COPIES))
    return Packet((*layers[:first], *copies, *layers[last + 1 :]), packet.linktype)


def _nested(draw: Any, packet: Packet) -> Packet:
    """A header of IPv6 again and again, each of which names the next one: tunnels in tunnels."""
    layers = packet.layers
    places = [at for at, layer in enumerate(layers) if isinstance(layer, _NESTING)]
    if not places:
        return packet
    at = draw(st.sampled_from(places))
    copies = linked((layers[at],) * draw(st.integers(2, _COPIES)), layers[at].next_header)
    return _built(Packet((*layers[:at], *copies, *layers[at + 1 :]), packet.linktype))


_NESTING = (ip.Ipv6Header, ip.DestinationOptions, ip.Type2RoutingHeader)


def _removed(draw: Any, packet: Packet) -> Packet:
    at = draw(st.integers(0, len(packet.layers) - 1))
    return Packet(packet.layers[:at] + packet.layers[at + 1 :] or packet.layers, packet.linktype)


def _exchanged(draw: Any, packet: Packet) -> Packet:
    layers = list(packet.layers)
    one, other = draw(st.tuples(*2 * (st.integers(0, len(layers) - 1),)))
    layers[one], layers[other] = layers[other], layers[one]
    return Packet(tuple(layers), packet.linktype)


_CHANGES = (
    _message, _message, _header, _header, _repeated, _nested, _removed, _exchanged,
)  # fmt: skip
