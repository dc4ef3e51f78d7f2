"""Structure-aware mutations, as the targets give them to libFuzzer."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from mip6boot import packets
from mip6boot.errors import DecodeError, EncodeError
from mip6boot.packets import Packet
from mip6boot.schema import Message
from mip6boot.strategies import mutated

__all__ = ["Mutate", "frame_mutated", "message_mutated", "of_kind"]

Mutate = Callable[[bytes, Random], bytes]


def of_kind(kind: str) -> Mutate:
    """Mutations of messages of one of `packets.MESSAGE_KINDS`."""
    return lambda octets, rng: message_mutated(kind, octets, rng)


def message_mutated(kind: str, octets: bytes, rng: Random) -> bytes:
    """A mutation of a message; of octets that are too short for one, as they are."""
    try:
        return mutated(packets.message_class(octets, kind), octets, rng)
    except DecodeError:
        return octets


def frame_mutated(octets: bytes, linktype: int, rng: Random) -> bytes:
    """A mutation of one layer of a frame; mostly, what stands around it has the right lengths."""
    packet = packets.decode_packet(octets, linktype, lenient=True)
    messages = [(i, layer) for i, layer in enumerate(packet.layers) if isinstance(layer, Message)]
    if not messages:
        return octets
    # What is deepest in a packet has most to be wrong.
    at, layer = messages[-1] if rng.randrange(2) else messages[rng.randrange(len(messages))]
    changed = packets.Payload(mutated(type(layer), layer.encode(), rng))
    found = Packet((*packet.layers[:at], changed, *packet.layers[at + 1 :]), linktype)
    try:
        return (found.build() if rng.randrange(4) else found).encode()
    except EncodeError:
        return found.encode()
