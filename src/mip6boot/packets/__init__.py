"""From a frame to its messages and back."""

from __future__ import annotations

from .layers import Layer, Payload, Trailer, Undecoded, protocol_of
from .links import (
    EthernetHeader,
    LinkType,
    LinuxCooked,
    LinuxCooked2,
    LoopbackHeader,
    VlanTag,
)
from .octets import explain, patch
from .packet import Packet, decode_packet, decode_quoted, from_dict
from .reassembly import Reassembler

__all__ = [
    "EthernetHeader",
    "Layer",
    "LinkType",
    "LinuxCooked",
    "LinuxCooked2",
    "LoopbackHeader",
    "Packet",
    "Payload",
    "Reassembler",
    "Trailer",
    "Undecoded",
    "VlanTag",
    "decode_packet",
    "decode_quoted",
    "explain",
    "from_dict",
    "patch",
    "protocol_of",
]
