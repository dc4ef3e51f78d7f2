"""What stands in a packet where no message does: payloads, trailers and what did not decode."""

from __future__ import annotations

from typing import Any

import msgspec

from .. import dhcpv6, diameter, eap, ikev2, ip, mipv6
from ..errors import DecodeError
from ..schema import Message
from ..schema.elements.octets import octets_from_json
from . import access, links, ports, sctp

__all__ = [
    "Layer",
    "Payload",
    "Trailer",
    "Undecoded",
    "layer_from_dict",
    "layer_to_dict",
    "protocol_of",
    "protocol_of_class",
]


class Payload(msgspec.Struct, frozen=True):
    """Octets that belong to a protocol that is not decoded here; `protocol` names it."""

    octets: bytes
    protocol: str = ""

    def encode(self) -> bytes:
        return self.octets

    def __str__(self) -> str:
        return f"Payload {self.protocol}\n  octets: {self.octets.hex()}"


class Trailer(msgspec.Struct, frozen=True):
    """Octets behind the end that the header in layer `layer` gives itself."""

    octets: bytes
    layer: int = 0

    def encode(self) -> bytes:
        return self.octets

    def __str__(self) -> str:
        return f"Trailer\n  octets: {self.octets.hex()}"


class Undecoded(msgspec.Struct, frozen=True):
    """Octets of a protocol that is decoded here, but which do not parse."""

    octets: bytes
    protocol: str
    reason: str = ""
    path: str = ""
    offset: int = 0
    "From the start of the frame."

    def encode(self) -> bytes:
        return self.octets

    def __str__(self) -> str:
        error = DecodeError(self.reason, self.path, self.offset)
        return f"Undecoded {self.protocol}\n  {error}\n  octets: {self.octets.hex()}"


Layer = Message | Payload | Trailer | Undecoded

_FIXED: dict[str, Any] = {
    "ethernet": links.EthernetHeader,
    "vlan": links.VlanTag,
    "sll": links.LinuxCooked,
    "sll2": links.LinuxCooked2,
    "loopback": links.LoopbackHeader,
    "pppoe": access.PppoeHeader,
    "ppp-framing": access.PppAddressControl,
    "ppp": access.PppHeader,
    "ppp-compressed": access.CompressedPppHeader,
    "l2tp": access.L2tpHeader,
    "l2tp-offset": access.L2tpOffset,
    "eapol": access.EapolHeader,
    "ipv6": ip.Ipv6Header,
    "ipv4": ip.Ipv4Header,
    "hopopts": ip.HopByHopOptions,
    "dstopts": ip.DestinationOptions,
    "fragment": ip.FragmentHeader,
    "ah": ip.AuthenticationHeader,
    "esp": ip.EspPacket,
    "udp": ip.UdpHeader,
    "tcp": ip.TcpHeader,
    "sctp": sctp.SctpHeader,
    "sctp-data": sctp.SctpDataHeader,
    "sctp-chunk": sctp.SctpChunk,
    "nat-keepalive": ports.NatKeepalive,
    "non-esp-marker": ports.NonEspMarker,
    "ikev2": ikev2.IkeMessage,
}
_CHOSEN: dict[str, Any] = {
    "routing": ip.ROUTING_HEADERS,
    "icmpv6": ip.ICMPV6,
    "mipv6": mipv6.MESSAGES,
    "dhcpv6": dhcpv6.MESSAGES,
    "eap": eap.PACKETS,
    "diameter": diameter.COMMANDS,
}
#: Class -> name; those of registries are put in when they are first seen.
_PROTOCOLS: dict[Any, str] = {cls: name for name, cls in _FIXED.items()}
_BASES = {registry.base: name for name, registry in _CHOSEN.items()}


def protocol_of(layer: Layer) -> str:
    """The short name of a layer's protocol, as filters and JSON use it."""
    found = _PROTOCOLS.get(type(layer))
    if found is not None:
        return found
    if isinstance(layer, Trailer):
        return "trailer"
    if isinstance(layer, (Payload, Undecoded)):
        return layer.protocol or "payload"
    return protocol_of_class(type(layer))


def protocol_of_class(cls: type[Message]) -> str:
    """The same for every layer of a class of messages."""
    if cls not in _PROTOCOLS:
        _PROTOCOLS[cls] = next((n for base, n in _BASES.items() if issubclass(cls, base)), "")
    return _PROTOCOLS[cls]


def layer_to_dict(layer: Layer) -> dict[str, Any]:
    """The JSON form of a layer."""
    found = _PROTOCOLS.get(type(layer))
    if found is not None:
        return {"protocol": found, "message": layer.to_dict()}  # type: ignore[union-attr]
    if isinstance(layer, Message):
        return {"protocol": protocol_of(layer), "message": layer.to_dict()}
    if isinstance(layer, Trailer):
        return {"protocol": "trailer", "octets": layer.octets.hex(), "layer": layer.layer}
    out: dict[str, Any] = {"protocol": layer.protocol, "octets": layer.octets.hex()}
    if isinstance(layer, Undecoded):
        out["error"] = {"reason": layer.reason, "path": layer.path, "offset": layer.offset}
    return out


def layer_from_dict(data: Any) -> Layer:
    """The layer of a JSON form; DecodeError with path for anything else."""
    if not isinstance(data, dict) or not isinstance(data.get("protocol"), str):
        raise DecodeError("an object with a protocol is expected")
    name = data["protocol"]
    if "message" in data:
        return _message(name, data["message"])
    try:
        octets = octets_from_json(data.get("octets"))
    except DecodeError as e:
        raise e.within("octets") from None
    if name == "trailer":
        layer = data.get("layer", 0)
        if not isinstance(layer, int):
            raise DecodeError("a number is expected", "layer")
        return Trailer(octets, layer)
    error = data.get("error")
    if isinstance(error, dict):
        return Undecoded(
            octets, name, str(error.get("reason", "")), str(error.get("path", "")),
            error["offset"] if isinstance(error.get("offset"), int) else 0,
        )  # fmt: skip
    return Payload(octets, name)


def _message(name: str, data: Any) -> Message:
    try:
        if name in _FIXED:
            return _FIXED[name].from_dict(data)  # type: ignore[no-any-return]
        if name in _CHOSEN:
            return _CHOSEN[name].from_dict(data)  # type: ignore[no-any-return]
    except DecodeError as e:
        raise e.within("message") from None
    raise DecodeError(f"{name[:40]!r} is no protocol that is decoded here", "protocol")
