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

__all__ = ["MAX_LAYERS", "Kind", "Step", "Walker"]

#: Tunnels inside tunnels; a hostile packet of 64 kB could hold 1,600 IPv6 headers.
MAX_LAYERS = 128

#: Reads one header and names what follows it; None where all is read.
Step = Callable[["Walker"], str | None]

_STRICT = Family.of(False, None)


class _Prefixes(dict[Any, Any]):
    """Class -> strict decoder of a header at its place in the frame, which gives the end, too."""

    def __missing__(self, cls: Any) -> Any:
        found = self[cls] = _STRICT.decoder(cls, "prefix")
        return found


_PREFIX = _Prefixes()


class Kind:
    """What takes a whole place in a frame: messages of a class, or of a registry."""

    def __init__(self, what: type[Message] | Registry[Any]) -> None:
        self.what = what
        #: Strict decoder of the message in exactly `octets[pos:end]`.
        self.decode: Any = self._of_class
        if isinstance(what, Registry):
            chooser = what.chooser(_STRICT)
            self.at, self.choose, self.usual = what.at, chooser.choose, chooser.usual
            self.decode = self._of_registry

    def _of_class(self, octets: bytes, pos: int, end: int, level: int) -> Message:
        self.decode = _STRICT.decoder(self.what, "exact")
        return self.decode(octets, pos, end, level)  # type: ignore[no-any-return]

    def _of_registry(self, octets: bytes, pos: int, end: int, level: int) -> Message:
        at = pos + self.at
        decoder = self.usual.get(octets[at]) if at < end else None
        if decoder is None:
            decoder = self.choose(octets, pos, end)
        return decoder(octets, pos, end, level)  # type: ignore[no-any-return]

    def class_at(self, octets: bytes, pos: int, end: int) -> Any:
        """The class of the message at a place."""
        what = self.what
        return what.choose(octets, pos, end) if isinstance(what, Registry) else what


class Walker:
    """The layers of one frame, found one after the other; each ends where the next one begins.

    All is decoded strictly first, in place.  Only what does not parse so is read once more
    leniently; such layers, and those that do not decode at all, are `suspects`.
    """

    __slots__ = (
        "end", "ends", "is_part", "layers", "lenient", "octets", "ports", "pos", "suspects",
        "trailers",
    )  # fmt: skip

    def __init__(self, octets: bytes, ports: PortTable, lenient: bool) -> None:
        self.octets, self.ports, self.lenient = octets, ports, lenient
        self.pos, self.end = 0, len(octets)
        self.layers: list[Layer] = []
        self.ends: list[int] = []
        # Few frames have any of these.
        self.suspects: tuple[int, ...] = ()
        self.trailers: tuple[Trailer, ...] = ()
        self.is_part = False

    def run(self, first: str, steps: dict[str, Step]) -> None:
        """Follow the headers from the protocol `first` to the end of the frame."""
        protocol: str | None = first
        layers = self.layers
        while protocol is not None and len(layers) < MAX_LAYERS:
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
            self.end += len(trailer.octets)
            self.add(trailer, self.end)

    # -- what the steps use -------------------------------------------------------------------
    def add(self, layer: Layer, end: int) -> None:
        """Note a layer that ends there, and go on behind it."""
        self.layers.append(layer)
        self.ends.append(end)
        self.pos = end

    def header(self, cls: Any) -> Any:
        """Read a header that knows its own end."""
        try:
            message, stop = _PREFIX[cls](self.octets, self.pos, self.end, 1)
        except DecodeError:
            if not self.lenient:
                raise
            message, stop = self.leniently(cls, self.end, prefix=True)
        self.layers.append(message)
        self.ends.append(stop)
        self.pos = stop
        return message

    def repeated(self, cls: Any, size: int, known: Remembered[bytes, Any]) -> Any:
        """Read a header of fixed size that comes again and again, as in the packets of a flow."""
        stop = self.pos + size
        if stop > self.end:
            return self.header(cls)
        message = known[self.octets[self.pos : stop]]
        self.layers.append(message)
        self.ends.append(stop)
        self.pos = stop
        return message

    def message(self, kind: Kind, stop: int) -> None:
        """Read a message that takes all octets to `stop`."""
        try:
            message = kind.decode(self.octets, self.pos, stop, 1)
        except DecodeError:
            if not self.lenient:
                raise
            message, _ = self.leniently(kind.class_at(self.octets, self.pos, stop), stop)
        self.layers.append(message)
        self.ends.append(stop)
        self.pos = stop

    def leniently(self, cls: Any, end: int, *, prefix: bool = False) -> tuple[Message, int]:
        """What does not parse strictly, and its end: bad elements inside become Malformed.

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
        self.suspects += (len(self.layers),)
        return message, end - len(rest)

    def payload(self, protocol: str, end: int | None = None) -> None:
        """Keep the rest, or all to `end`, as octets, if there are any."""
        stop = self.end if end is None else end
        if self.pos < stop:
            self.add(Payload(self.octets[self.pos : stop], protocol), stop)

    def failed(self, protocol: str, error: DecodeError, end: int | None = None) -> None:
        """Keep the rest, or all to `end`, as octets that did not decode."""
        stop = self.end if end is None else end
        offset = self.pos if error.offset is None else error.offset
        octets = self.octets[self.pos : stop]
        self.suspects += (len(self.layers),)
        self.add(Undecoded(octets, protocol, error.reason, error.path, offset), stop)

    def fence(self, start: int, length: int) -> None:
        """End what follows `length` octets behind `start`; what is left is a trailer.

        A length beyond the frame (a truncated capture, segmentation offload) fences nothing.
        """
        stop = start + length
        if self.pos <= stop < self.end:
            self.trailers += (Trailer(self.octets[stop : self.end], len(self.layers) - 1),)
            self.end = stop

    def skipped(self, end: int, layer: int) -> None:
        """Note the octets to `end` as a trailer of a layer."""
        if self.pos < end:
            self.add(Trailer(self.octets[self.pos : end], layer), end)
