"""A packet: its layers in the order of the wire, and the way back to octets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .. import ip
from ..errors import DecodeError
from ..mipv6 import MobilityHeader
from ..schema import Malformed, Message, walk
from ..schema.checksum import internet_checksum
from ..schema.message import OctetString
from .checksums import addresses_after, right_checksum, verdicts
from .layers import Layer, Trailer, Undecoded, layer_from_dict, layer_to_dict, protocol_of
from .links import LinkType
from .walker import Walker, first_protocol

__all__ = ["Packet", "decode_packet", "decode_quoted", "from_dict"]

QUOTING = (ip.DestinationUnreachable, ip.PacketTooBig, ip.TimeExceeded, ip.ParameterProblem)


class Packet(msgspec.Struct, frozen=True):
    """The layers of one frame; `encode` gives the frame back, octet for octet."""

    layers: tuple[Layer, ...]
    linktype: int = 1

    def encode(self) -> bytes:
        """The octets of all layers as they are; EncodeError with path where one does not fit."""
        return b"".join(layer.encode() for layer in self.layers)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each layer in the frame."""
        out, at = [], 0
        for layer in self.layers:
            size = len(layer.encode())
            out.append((at, at + size))
            at += size
        return tuple(out)

    @property
    def checksums(self) -> dict[int, str]:
        """By index of the layer: "good", "bad", "absent" or "not checkable"."""
        return verdicts(self.layers, self.spans, self.encode())

    @property
    def protocols(self) -> frozenset[str]:
        """Short names of the protocols in the packet."""
        return frozenset(protocol_of(layer) for layer in self.layers)

    @property
    def errors(self) -> tuple[DecodeError, ...]:
        """What did not decode, offsets counted from the start of the frame."""
        out = []
        for i, layer in enumerate(self.layers):
            if isinstance(layer, Undecoded):
                path = _path(layer.protocol, layer.path)
                out.append(DecodeError(layer.reason, path, layer.offset))
            elif isinstance(layer, Message):
                out += self._malformed(i, layer)
        return tuple(out)

    def _malformed(self, index: int, layer: Message) -> Iterator[DecodeError]:
        """The errors of what is Malformed inside a layer."""
        for place, element in walk(layer):
            if isinstance(element, Malformed):
                path = _path(_path(protocol_of(layer), place), element.path)
                offset = self.spans[index][0] + element.offset
                yield DecodeError(element.reason, path, offset)

    def find(self, kind: type[Any]) -> Any:
        """The first element of a class in any layer; None if there is none."""
        found = (layer.find(kind) for layer in self.layers if isinstance(layer, Message))
        return next((element for element in found if element is not None), None)

    def build(self) -> Packet:
        """A copy in which every length and checksum of the stack is right."""
        layers = list(self.layers)
        for i in reversed(range(len(layers))):
            layers[i] = _with_length(layers[i], b"".join(x.encode() for x in _inside(layers, i)))
        for i in reversed(range(len(layers))):
            layers[i] = _with_checksum(layers, i)
        return Packet(tuple(layers), self.linktype)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; `from_dict` takes it back."""
        return {
            "linktype": int(self.linktype),
            "layers": [layer_to_dict(layer) for layer in self.layers],
            "checksums": {str(i): verdict for i, verdict in self.checksums.items()},
        }

    def __str__(self) -> str:
        checksums = self.checksums
        out = []
        for i, layer in enumerate(self.layers):
            text = str(layer)
            if i in checksums:
                head, _, tail = text.partition("\n")
                text = f"{head} (checksum {checksums[i]})\n{tail}"
            out.append(text)
        return "\n".join(out)


def decode_packet(frame: OctetString, linktype: int = 1, *, lenient: bool = False) -> Packet:
    """The packet in a frame.  No frame is refused: what does not parse is an Undecoded layer.

    With `lenient`, an option that does not parse is a Malformed inside its message instead.
    """
    octets = frame if type(frame) is bytes else bytes(memoryview(frame))
    walker = Walker(octets, lenient=lenient)
    walker.run(first_protocol(linktype))
    return Packet(tuple(walker.layers), linktype)


def decode_quoted(message: ip.Icmpv6Message) -> Packet:
    """The packet that an ICMPv6 error quotes, as far as it is there, read leniently.

    TypeError for a message that quotes none.
    """
    if not isinstance(message, QUOTING):
        raise TypeError(f"a {type(message).__name__} quotes no packet")
    return decode_packet(message.quoted, LinkType.IPV6, lenient=True)


def from_dict(data: Mapping[str, Any]) -> Packet:
    """The packet of a JSON form; DecodeError with path for anything else."""
    if not isinstance(data, Mapping) or not isinstance(data.get("layers"), list):
        raise DecodeError("an object with a list of layers is expected", "layers")
    layers = []
    for i, item in enumerate(data["layers"]):
        try:
            layers.append(layer_from_dict(item))
        except DecodeError as e:
            raise e.within(f"layers[{i}]") from None
    linktype = data.get("linktype", 1)
    if not isinstance(linktype, int):
        raise DecodeError("a number is expected", "linktype")
    return Packet(tuple(layers), linktype)


def _path(protocol: str, path: str) -> str:
    return f"{protocol}.{path}" if path else protocol


def _inside(layers: list[Layer], index: int) -> list[Layer]:
    """The layers that the header at `index` carries."""
    out = []
    for layer in layers[index + 1 :]:
        if isinstance(layer, Trailer) and layer.layer <= index:
            break
        out.append(layer)
    return out


def _with_length(layer: Layer, payload: bytes) -> Layer:
    if isinstance(layer, ip.Ipv6Header):
        return layer.replace(payload_length=len(payload))
    if isinstance(layer, ip.Ipv4Header):
        return layer.replace(total_length=len(layer.encode()) + len(payload))
    if isinstance(layer, ip.UdpHeader):
        return layer.replace(length=8 + len(payload))
    return layer


def _with_checksum(layers: list[Layer], index: int) -> Layer:
    layer = layers[index]
    if isinstance(layer, ip.Ipv4Header):
        blank = layer.replace(checksum=0)
        return blank.replace(checksum=internet_checksum(blank.encode()))
    if not isinstance(layer, (ip.UdpHeader, ip.Icmpv6Message, MobilityHeader)):
        return layer
    addresses = addresses_after(layers[:index])
    if addresses is None:
        return layer
    inside = _inside(layers, index) if isinstance(layer, ip.UdpHeader) else []
    octets = b"".join(x.encode() for x in [layer, *inside])
    return layer.replace(checksum=right_checksum(layer, octets, addresses))
