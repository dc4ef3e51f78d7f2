"""From a frame to its layers; `steps` says which header follows which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import DecodeError
from ..schema import Message, Registry
from ..schema.compiler.codec import Family
from ..schema.remembered import Remembered
from .layers import Layer, Payload, Trailer, Undecoded
from .ports import PortTable

__all__ = ["MAX_LAYERS", "Choice", "Step", "Walker"]

#: Tunnels inside tunnels; a hostile packet of 64 kB could hold 1,600 IPv6 headers.
MAX_LAYERS = 128

#: Reads one header and names what follows it; None where all is read.
Step = Callable[["Walker"], str | None]

_STRICT = Family.of(False, None)


class _Decoders(dict[Any, Any]):
    """Class -> strict decoder, `kind` "exact" or "prefix", which works in place in the frame."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __missing__(self, cls: Any) -> Any:
        found = self[cls] = _STRICT.decoder(cls, self.kind)
        return found


_PREFIX, _EXACT = _Decoders("prefix"), _Decoders("exact")


class Choice:
    """The messages of a registry, each decoded strictly in its place in the frame."""

    def __init__(self, registry: Registry[Any]) -> None:
        self.registry, self.at = registry, registry.at
        chooser = registry.chooser(_STRICT)
        self.choose, self.usual = chooser.choose, chooser.usual

    def decode(self, octets: bytes, pos: int, end: int) -> Message:
        """The message in exactly `octets[pos:end]`."""
        at = pos + self.at
        decoder = self.usual.get(octets[at]) if at < end else None
        if decoder is None:
            decoder = self.choose(octets, pos, end)
        return decoder(octets, pos, end, 1)  # type: ignore[no-any-return]


class Walker:
    """The layers of one frame, found one after the other; `spans` are their places in it.

    All is decoded strictly first, in place.  Only what does not parse so is read once more
    leniently; such layers, and those that do not decode at all, are `suspects`.
    """

    __slots__ = (
        "end", "fragment", "layers", "lenient", "octets", "ports", "pos", "spans", "suspects",
        "trailers",
    )  # fmt: skip

    def __init__(self, octets: bytes, ports: PortTable, lenient: bool) -> None:
        self.octets, self.ports, self.lenient = octets, ports, lenient
        self.pos, self.end = 0, len(octets)
        self.layers: list[Layer] = []
        self.spans: list[tuple[int, int]] = []
        self.suspects: list[int] = []
        self.trailers: list[Trailer] = []
        self.fragment = False

    def run(self, first: str, steps: dict[str, Step]) -> None:
        """Follow the headers from the protocol `first` to the end of the frame."""
        protocol: str | None = first
        while protocol is not None and len(self.layers) < MAX_LAYERS:
            here = protocol
            step = steps.get(here)
            if step is None:
                self.payload(here)
                break
            try:
                protocol = step(self)
            except DecodeError as e:
                self.failed(here, e)
                break
        else:
            self.payload("")
        for trailer in reversed(self.trailers):
            self.add(trailer, self.end, self.end + len(trailer.octets))
            self.end += len(trailer.octets)

    # -- what the steps use -------------------------------------------------------------------
    def add(self, layer: Layer, start: int, end: int) -> None:
        """Note a layer and its place."""
        self.layers.append(layer)
        self.spans.append((start, end))

    def header(self, cls: Any) -> Any:
        """Read a header that knows its own end."""
        start = self.pos
        try:
            message, self.pos = _PREFIX[cls](self.octets, start, self.end, 1)
        except DecodeError:
            if not self.lenient:
                raise
            message = self.leniently(cls, self.end, prefix=True)
        self.layers.append(message)
        self.spans.append((start, self.pos))
        return message

    def repeated(self, cls: Any, size: int, known: Remembered[bytes, Any]) -> Any:
        """Read a header of fixed size that comes again and again, as in the packets of a flow."""
        start, stop = self.pos, self.pos + size
        if stop > self.end:
            return self.header(cls)
        message = known[self.octets[start:stop]]
        self.pos = stop
        self.layers.append(message)
        self.spans.append((start, stop))
        return message

    def message(self, cls: Any, end: int | None = None) -> None:
        """Read a message of a class, or of a Choice, that takes all the rest, or all to `end`."""
        start, stop = self.pos, self.end if end is None else end
        try:
            if type(cls) is Choice:
                message = cls.decode(self.octets, start, stop)
            else:
                message = _EXACT[cls](self.octets, start, stop, 1)
        except DecodeError:
            if not self.lenient:
                raise
            if type(cls) is Choice:
                cls = cls.registry.choose(self.octets, start, stop)
            message = self.leniently(cls, stop)
        self.pos = stop
        self.layers.append(message)
        self.spans.append((start, stop))

    def leniently(self, cls: Any, end: int, *, prefix: bool = False) -> Message:
        """What does not parse strictly: bad elements inside become Malformed.

        Their offsets count from the start of the message, as those of a message by itself do.
        """
        octets = self.octets[self.pos : end]
        try:
            if prefix:
                message, rest = cls.decode_prefix(octets, lenient=True)
            else:
                message, rest = cls.decode(octets, lenient=True), b""
        except DecodeError as e:
            raise DecodeError(e.reason, e.path, self.pos + (e.offset or 0)) from None
        self.suspects.append(len(self.layers))
        self.pos = end - len(rest)
        return message  # type: ignore[no-any-return]

    def payload(self, protocol: str, end: int | None = None) -> None:
        """Keep the rest, or all to `end`, as octets, if there are any."""
        stop = self.end if end is None else end
        if self.pos < stop:
            self.add(Payload(self.octets[self.pos : stop], protocol), self.pos, stop)
            self.pos = stop

    def failed(self, protocol: str, error: DecodeError) -> None:
        """Keep the rest as octets that did not decode."""
        offset = self.pos if error.offset is None else error.offset
        octets = self.octets[self.pos : self.end]
        self.suspects.append(len(self.layers))
        self.add(Undecoded(octets, protocol, error.reason, error.path, offset), self.pos, self.end)
        self.pos = self.end

    def fence(self, start: int, length: int) -> None:
        """End what follows `length` octets behind `start`; what is left is a trailer.

        A length beyond the frame (a truncated capture, segmentation offload) fences nothing.
        """
        stop = start + length
        if self.pos <= stop < self.end:
            self.trailers.append(Trailer(self.octets[stop : self.end], len(self.layers) - 1))
            self.end = stop

    def skipped(self, end: int, layer: int) -> None:
        """Note the octets to `end` as a trailer of a layer."""
        if self.pos < end:
            self.add(Trailer(self.octets[self.pos : end], layer), self.pos, end)
            self.pos = end
