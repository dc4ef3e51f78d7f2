"""A packet: its layers in the order of the wire, and the way back to octets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec

from .. import ip
from ..errors import DecodeError
from ..schema import Malformed, Message, walk
from ..schema.kept import kept
from ..schema.message import OctetString
from .build import built
from .checksums import Addresses, verdicts
from .fragments import fragment_place, holds_part
from .layers import Layer, Undecoded, layer_from_dict, layer_to_dict, protocol_of
from .links import LinkType
from .ports import PortTable
from .steps import STEPS, diameter_message, first_protocol, protocol_after
from .walker import Walker

__all__ = [
    "Packet",
    "decode_content",
    "decode_messages",
    "decode_packet",
    "decode_quoted",
    "from_dict",
]

_USUAL = PortTable()

QUOTING = (ip.DestinationUnreachable, ip.PacketTooBig, ip.TimeExceeded, ip.ParameterProblem)


class Packet(msgspec.Struct, frozen=True, dict=True):
    """The layers of one frame; `encode` gives the frame back, octet for octet.

    What the walk over the octets has found anyhow is kept beside the fields (what is `kept`)
    and is no part of the packet's value; a packet made by hand works it out when asked.
    """

    layers: tuple[Layer, ...]
    linktype: int = 1

    def encode(self) -> bytes:
        """The octets of all layers as they are; EncodeError with path where one does not fit."""
        return b"".join(layer.encode() for layer in self.layers)

    @kept
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each layer in the frame."""
        return tuple(zip((0, *self._ends), self._ends, strict=False))

    @kept
    def _ends(self) -> Sequence[int]:
        """Where each layer ends in the frame; the next one begins there."""
        return tuple(accumulate(len(layer.encode()) for layer in self.layers))

    @kept
    def checksums(self) -> dict[int, str]:
        """By index of the layer: "good", "bad", "absent" or "not checkable"."""
        # Where the IP header was not sealed with the packet, it was told what checksums count.
        return verdicts(self.layers, self._ends, self.octets, self.__dict__.get("_addresses"))

    @kept
    def is_part(self) -> bool:
        """What a `Reassembler` wants to see: a part of something that packets may share.

        An IP fragment, what a TCP stream with Diameter goes on with, or a fragment of Diameter in
        SCTP.
        """
        return holds_part(self.layers, _USUAL)

    @kept
    def is_fragment(self) -> bool:
        """The innermost IP header says that what it carries is a part of something."""
        return self.is_part and fragment_place(self.layers) is not None

    @kept
    def octets(self) -> bytes:
        """The octets of the frame, as `encode` gives them."""
        return self.encode()

    @kept
    def _suspects(self) -> Sequence[int]:
        """The layers in which something may not have decoded."""
        return range(len(self.layers))

    @property
    def protocols(self) -> frozenset[str]:
        """Short names of the protocols in the packet."""
        return frozenset(protocol_of(layer) for layer in self.layers)

    @kept
    def errors(self) -> tuple[DecodeError, ...]:
        """What did not decode, offsets counted from the start of the frame."""
        out = []
        for i in self._suspects:
            layer = self.layers[i]
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
        return Packet(built(self.layers), self.linktype)

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


def decode_packet(
    frame: OctetString,
    linktype: int = 1,
    *,
    lenient: bool = False,
    ports: Mapping[int, str] | None = None,
) -> Packet:
    """The packet in a frame.  No frame is refused: what does not parse is an Undecoded layer.

    With `lenient`, an option that does not parse is a Malformed inside its message instead.
    `ports` says what ports carry beyond the usual ones (see PORT_PROTOCOLS).
    """
    octets = frame if type(frame) is bytes else bytes(memoryview(frame))
    return _decoded(octets, first_protocol(linktype), linktype, lenient, ports)


def decode_content(
    octets: bytes,
    next_header: int,
    addresses: Addresses,
    *,
    lenient: bool = False,
    ports: Mapping[int, str] | None = None,
) -> Packet:
    """The packet that begins with a protocol of IP, as what is sealed in ESP does.

    `addresses` are those that checksums count, of the headers before it.
    """
    packet = _decoded(octets, protocol_after(next_header), LinkType.NONE, lenient, ports)
    packet.__dict__["_addresses"] = addresses
    return packet


def decode_messages(messages: Sequence[bytes], *, lenient: bool = False) -> Packet:
    """Diameter messages as one packet; no single packet holds the octets of all of them."""
    walker = Walker(b"".join(messages), _USUAL, lenient)
    for message in messages:
        diameter_message(walker, walker.pos + len(message))
    return _walked(walker, LinkType.NONE)


def _decoded(
    octets: bytes, first: str, linktype: int, lenient: bool, ports: Mapping[int, str] | None
) -> Packet:
    table = _USUAL if ports is None else ports if type(ports) is PortTable else PortTable(ports)
    walker = Walker(octets, table, lenient)
    walker.run(first, STEPS)
    return _walked(walker, linktype)


def _walked(walker: Walker, linktype: int) -> Packet:
    packet = Packet(tuple(walker.layers), linktype)
    found = packet.__dict__
    found["_ends"], found["is_part"], found["octets"] = walker.ends, walker.is_part, walker.octets
    if walker.suspects:
        found["_suspects"] = walker.suspects
    else:
        found["errors"] = ()
    return packet


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
