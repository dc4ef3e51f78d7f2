"""From a frame to its messages and back."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .access import (
    CompressedPppHeader,
    EapolHeader,
    L2tpHeader,
    L2tpOffset,
    PppAddressControl,
    PppHeader,
    PppoeHeader,
)
from .layers import Layer, Payload, Trailer, Undecoded, protocol_of
from .links import (
    EthernetHeader,
    LinkType,
    LinuxCooked,
    LinuxCooked2,
    LoopbackHeader,
    VlanTag,
)
from .octets import MESSAGE_KINDS, explain, explain_packet, message_class, patch
from .packet import Packet, decode_packet, decode_quoted, from_dict
from .ports import PORT_PROTOCOLS, NatKeepalive, NonEspMarker, PortTable
from .reassembly import Reassembler
from .sctp import SctpChunk, SctpDataHeader, SctpHeader

if TYPE_CHECKING:
    from .derivation import KeyDeriver, Secrets
    from .esp import NAT_TRAVERSAL, seal_transport, seal_tunnel
    from .opened import (
        Buffer,
        NotOpened,
        OpenedChain,
        OpenedPacket,
        OpenedPart,
        Within,
        buffers,
    )
    from .opener import Opener

#: Only who has keys waits for the room `security` to be loaded.
_LAZY = {
    "Opener": "opener",
    **dict.fromkeys(("KeyDeriver", "Secrets"), "derivation"),
    **dict.fromkeys(("NAT_TRAVERSAL", "seal_transport", "seal_tunnel"), "esp"),
    **dict.fromkeys(
        ("Buffer", "NotOpened", "OpenedChain", "OpenedPacket", "OpenedPart", "Within", "buffers"),
        "opened",
    ),
}

__all__ = [
    "Buffer",
    "MESSAGE_KINDS",
    "PORT_PROTOCOLS",
    "CompressedPppHeader",
    "EapolHeader",
    "EthernetHeader",
    "KeyDeriver",
    "L2tpHeader",
    "L2tpOffset",
    "Layer",
    "LinkType",
    "LinuxCooked",
    "LinuxCooked2",
    "LoopbackHeader",
    "NAT_TRAVERSAL",
    "NatKeepalive",
    "NonEspMarker",
    "NotOpened",
    "OpenedChain",
    "OpenedPacket",
    "OpenedPart",
    "Opener",
    "Packet",
    "Payload",
    "PortTable",
    "PppAddressControl",
    "PppHeader",
    "PppoeHeader",
    "Reassembler",
    "SctpChunk",
    "SctpDataHeader",
    "SctpHeader",
    "Secrets",
    "Trailer",
    "Undecoded",
    "VlanTag",
    "Within",
    "buffers",
    "decode_packet",
    "decode_quoted",
    "explain",
    "explain_packet",
    "from_dict",
    "message_class",
    "patch",
    "protocol_of",
    "seal_transport",
    "seal_tunnel",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
