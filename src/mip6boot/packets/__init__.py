"""From a frame to its messages and back."""

from __future__ import annotations

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

__all__ = [
    "MESSAGE_KINDS",
    "PORT_PROTOCOLS",
    "CompressedPppHeader",
    "EapolHeader",
    "EthernetHeader",
    "L2tpHeader",
    "L2tpOffset",
    "Layer",
    "LinkType",
    "LinuxCooked",
    "LinuxCooked2",
    "LoopbackHeader",
    "NatKeepalive",
    "NonEspMarker",
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
    "Trailer",
    "Undecoded",
    "VlanTag",
    "decode_packet",
    "decode_quoted",
    "explain",
    "explain_packet",
    "from_dict",
    "message_class",
    "patch",
    "protocol_of",
]
