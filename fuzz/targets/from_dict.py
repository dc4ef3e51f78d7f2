"""JSON text: whatever a JSON form says, there is an object that encodes, or an error of ours."""

from __future__ import annotations

import contextlib
import json
from random import Random
from typing import Any

from mip6boot import dhcpv6, diameter, eap, ikev2, ip, mipv6, packets
from mip6boot.errors import EncodeError
from mip6boot.schema import Message

from ..laws import attempted

__all__ = ["mutate", "one"]

_ROOMS: tuple[Any, ...] = (
    mipv6.from_dict, dhcpv6.from_dict, ikev2.from_dict, diameter.from_dict, eap.from_dict,
    ip.ICMPV6.from_dict,
)  # fmt: skip
_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 255, 256, 65536, 2**64, "18446744073709551616", 0.5, "", "zz", "00" * 300,
    "\ud800", "2001:db8::1", "192.0.2.1", [], {}, [[]], {"hex": "ff"}, {"value": 7},
    {"value": None, "name": "A"}, {"type": "Malformed"},
)  # fmt: skip


def mutate(octets: bytes, rng: Random) -> bytes:
    """Something in the tree is another thing, is missing, is there twice, or stands elsewhere."""
    try:
        data = json.loads(octets)
    except (ValueError, RecursionError):
        return octets
    holders = _holders(data)
    if holders:
        holder = holders[rng.randrange(len(holders))]
        other = holders[rng.randrange(len(holders))]
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = keys[rng.randrange(len(keys))]
        # By its text, so that nothing ever is part of itself.
        copy = json.loads(json.dumps(other))
        kind = rng.randrange(6)
        if kind == 0:
            del holder[key]
        elif kind == 1:
            holder[key] = copy
        elif kind == 2 and isinstance(holder, list):
            holder.insert(key, copy)
        elif kind == 3 and isinstance(holder[key], str):
            holder[key] = holder[key][: rng.randrange(len(holder[key]) + 1)]
        else:
            holder[key] = _ODD[rng.randrange(len(_ODD))]
    return json.dumps(data, separators=(",", ":")).encode()


def _holders(data: Any) -> list[Any]:
    """All objects and lists in the tree that hold something."""
    found, waiting = [], [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (dict, list)) and one:
            found.append(one)
            waiting += one.values() if isinstance(one, dict) else one
    return found


def one(octets: bytes) -> None:
    """What any room, or a packet, makes of it."""
    try:
        data = json.loads(octets)
    except (ValueError, RecursionError):
        return
    for from_dict in _ROOMS:
        message = attempted(lambda from_dict=from_dict: from_dict(data))  # type: ignore[misc]
        if message is not None:
            _holds(message)
    packet = attempted(lambda: packets.from_dict(data))
    for layer in () if packet is None else packet.layers:
        if isinstance(layer, Message):
            _holds(layer)
    if packet is not None and _octets(packet.encode) is not None:
        assert packets.from_dict(packet.to_dict()) == packet
        assert bool(str(packet)) == bool(packet.layers)


def _holds(message: Message) -> None:
    """What encodes comes back; what does not is refused alike in both forms."""
    cls: Any = type(message)
    assert str(message)
    encoded, oracle = _octets(message.encode), _octets(lambda: cls.schema.octets(message))
    assert encoded == oracle, "the compiled form is not the interpreted form"
    if encoded is None:
        # What does not fit the wire may have no JSON form either.
        with contextlib.suppress(EncodeError):
            message.to_dict()
        return
    assert cls.from_dict(message.to_dict()) == message
    again = attempted(lambda: cls.decode(encoded))
    assert again is None or again.encode() == encoded


def _octets(encode: Any) -> bytes | None:
    try:
        return bytes(encode())
    except EncodeError as e:
        assert "\n" not in str(e)
        return None
