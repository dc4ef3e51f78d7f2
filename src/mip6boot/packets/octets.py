"""The octet map of whole packets, and numbers written over it."""

from __future__ import annotations

from typing import Any

import msgspec

from .. import ip, mipv6
from ..errors import EncodeError
from ..schema import Message, Row
from ..schema.octetmap import explain as explain_message
from ..schema.octetmap import overlay_number, plain_path
from .layers import Layer, Undecoded, protocol_of
from .packet import decode_packet

__all__ = ["explain", "patch"]

_REGISTRIES: dict[str, Any] = {"mipv6": mipv6.MESSAGES, "icmpv6": ip.ICMPV6}


def explain(octets: bytes, kind: str = "frame", *, linktype: int = 1) -> list[Row]:
    """Rows that cover each octet once: where, what, which value, which section.

    `kind` is "frame" (of `linktype`), "ipv6" (a whole packet), "mipv6" or "icmpv6" (one message).
    """
    if kind in _REGISTRIES:
        registry = _REGISTRIES[kind]
        return explain_message(registry.choose(octets, 0, len(octets)), octets)
    if kind not in ("frame", "ipv6"):
        raise ValueError(f"{kind!r} is not frame, ipv6, mipv6 or icmpv6")
    packet = decode_packet(octets, 229 if kind == "ipv6" else linktype, lenient=True)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for layer, (start, end) in zip(packet.layers, packet.spans, strict=True):
        name = protocol_of(layer)
        seen[name] = seen.get(name, 0) + 1
        label = name if seen[name] == 1 else f"{name}[{seen[name] - 1}]"
        rows += _rows(layer, octets[start:end], start, label)
    return rows


def _rows(layer: Layer, octets: bytes, start: int, label: str) -> list[Row]:
    if isinstance(layer, Message):
        return [
            msgspec.structs.replace(row, offset=start + row.offset, path=f"{label}.{row.path}")
            for row in explain_message(type(layer), octets)
        ]
    meaning = f"undecoded: {layer.reason}" if isinstance(layer, Undecoded) else ""
    return [Row(start, len(octets), label, octets, meaning)] if octets else []


def patch(
    octets: bytes, path: str, value: int | bytes, kind: str = "frame", *, linktype: int = 1
) -> bytes:
    """The octets with a number, or as many octets, written over what `explain` calls `path`."""
    wanted = plain_path(path)
    row = next(
        (r for r in explain(octets, kind, linktype=linktype) if plain_path(r.path) == wanted), None
    )
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
