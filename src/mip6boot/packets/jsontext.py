"""The JSON form of packets as text, as `Packet.to_dict` and an encoder make it in two steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import DecodeError
from ..ip import Ipv6Header
from ..schema import Message
from ..schema.jsontext import Texts, json_text, writer
from ..schema.remembered import Remembered
from .layers import Layer, layer_to_dict, protocol_of_class
from .links import EthernetHeader
from .packet import Packet

__all__ = ["content_text", "errors_to_json", "json_text", "layer_text", "packet_text"]

#: Headers that the packets of a flow have in common, so that the walker remembers them.
_REPEATED = (EthernetHeader, Ipv6Header)


def layer_text(layer: Layer) -> str:
    """`layer_to_dict(layer)` as text, for a layer that was decoded."""
    return _writers[type(layer)](layer)  # type: ignore[no-any-return]


def packet_text(packet: Packet) -> str:
    """The members of `packet.to_dict()`, and `errors`, as text, for a packet that was decoded."""
    return f'"linktype":{packet.linktype},{content_text(packet)}'


def content_text(packet: Packet) -> str:
    """The same without the link type, which what was sealed in another packet has not."""
    layers = ",".join([_writers[type(layer)](layer) for layer in packet.layers])
    checksums, errors = packet.checksums, packet.errors
    return (
        f'"layers":[{layers}],'
        f'"checksums":{_VERDICTS[tuple(checksums.items())] if checksums else "{}"},'
        f'"errors":{json_text(errors_to_json(errors)) if errors else "[]"}'
    )


def errors_to_json(errors: Iterable[DecodeError]) -> list[dict[str, Any]]:
    """The JSON form of errors."""
    return [{"path": e.path, "offset": e.offset, "reason": e.reason} for e in errors]


class _Writers(dict[Any, Any]):
    """Class of a layer -> the function that writes such layers; written when first asked for."""

    def __missing__(self, cls: Any) -> Any:
        if not issubclass(cls, Message):
            write: Any = _octets_text
        else:
            protocol = json_text(protocol_of_class(cls))
            write = writer(cls, f'{{"protocol":{protocol},"message":', "}")
            if cls in _REPEATED:
                write = _looked_up(Texts(write))
        self[cls] = write
        return write


def _looked_up(texts: Texts) -> Any:
    known, of = texts.get, texts.of
    return lambda layer: known(id(layer)) or of(layer)


def _octets_text(layer: Layer) -> str:
    return json_text(layer_to_dict(layer))


_writers = _Writers()

#: Few layers of a packet have a checksum, and most are good.
_VERDICTS: Remembered[tuple[tuple[int, str], ...], str] = Remembered(
    lambda items: json_text({str(i): verdict for i, verdict in items})
)
