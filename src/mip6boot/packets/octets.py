"""The octet map of whole packets, and numbers written over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from .. import dhcpv6, diameter, eap, ikev2, ip, mipv6
from ..errors import EncodeError
from ..schema import Message, Row
from ..schema.octetmap import explain as explain_message
from ..schema.octetmap import overlay_number, plain_path
from .layers import Layer, Undecoded, protocol_of
from .links import LinkType
from .packet import Packet, decode_packet

__all__ = [
    "MESSAGE_BASES",
    "MESSAGE_KINDS",
    "explain",
    "explain_packet",
    "label_of",
    "message_class",
    "patch",
]

_CHOSEN: dict[str, Any] = {
    "mipv6": mipv6.MESSAGES,
    "icmpv6": ip.ICMPV6,
    "dhcpv6": dhcpv6.MESSAGES,
    "eap": eap.PACKETS,
    "diameter": diameter.COMMANDS,
}

#: The bases of what octets may be that are one message rather than a packet.
MESSAGE_BASES: dict[str, type[Message]] = {
    **{kind: registry.base for kind, registry in _CHOSEN.items()},
    "ikev2": ikev2.IkeMessage,
}
MESSAGE_KINDS = tuple(MESSAGE_BASES)


def message_class(octets: bytes, kind: str) -> type[Message]:
    """The class of a whole message of one of MESSAGE_KINDS; DecodeError where it ends too early."""
    if kind == "ikev2":
        return ikev2.IkeMessage
    return _CHOSEN[kind].choose(octets, 0, len(octets))  # type: ignore[no-any-return]


def explain(
    octets: bytes,
    kind: str = "frame",
    *,
    linktype: int = 1,
    ports: Mapping[int, str] | None = None,
) -> list[Row]:
    """Rows that cover each octet once: where, what, which value, which section.

    `kind` is "frame" (of `linktype`), "ipv6" (a whole packet), or one of MESSAGE_KINDS; `ports` as
    those of `decode_packet`.
    """
    if kind in MESSAGE_KINDS:
        return explain_message(message_class(octets, kind), octets)
    if kind not in ("frame", "ipv6"):
        raise ValueError(f"{kind!r} is not frame, ipv6, {', '.join(MESSAGE_KINDS)}")
    linktype = LinkType.IPV6 if kind == "ipv6" else linktype
    return explain_packet(decode_packet(octets, linktype, lenient=True, ports=ports))


def explain_packet(packet: Packet, buffer: int = 0) -> list[Row]:
    """The rows of a packet's octets, which they say are in `buffer`."""
    octets = packet.encode()
    rows: list[Row] = []
    seen = Counter[str]()
    for layer, (start, end) in zip(packet.layers, packet.spans, strict=True):
        name = protocol_of(layer)
        rows += _rows(layer, octets[start:end], start, _label(name, seen[name]))
        seen[name] += 1
    return [msgspec.structs.replace(row, buffer=buffer) for row in rows] if buffer else rows


def label_of(packet: Packet, index: int) -> str:
    """What the paths of a layer begin with: its protocol, and which one it is of several."""
    name = protocol_of(packet.layers[index])
    before = sum(protocol_of(layer) == name for layer in packet.layers[:index])
    return _label(name, before)


def _label(name: str, before: int) -> str:
    return f"{name}[{before}]" if before else name


def _rows(layer: Layer, octets: bytes, start: int, label: str) -> list[Row]:
    if isinstance(layer, Message):
        return [
            msgspec.structs.replace(row, offset=start + row.offset, path=f"{label}.{row.path}")
            for row in explain_message(type(layer), octets)
        ]
    meaning = f"undecoded: {layer.reason}" if isinstance(layer, Undecoded) else ""
    return [Row(start, len(octets), label, octets, meaning)] if octets else []


def patch(
    octets: bytes,
    path: str,
    value: int | bytes,
    kind: str = "frame",
    *,
    linktype: int = 1,
    ports: Mapping[int, str] | None = None,
) -> bytes:
    """The octets with a number, or as many octets, written over what `explain` calls `path`."""
    wanted = plain_path(path)
    rows = explain(octets, kind, linktype=linktype, ports=ports)
    row = next((r for r in rows if plain_path(r.path) == wanted), None)
    if row is None:
        raise EncodeError("nothing in the octets has this path", path)
    out = bytearray(octets)
    if isinstance(value, int):
        overlay_number(out, row, value)
    elif len(value) == row.length and row.mask is None:
        out[row.offset : row.offset + row.length] = value
    else:
        raise EncodeError(f"{len(value)} octets where {row.length} are", path)
    return bytes(out)
