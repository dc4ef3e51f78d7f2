"""Opens what is sealed in packets, with keys found by SPI.

>>> from mip6boot import packets, security
>>> opener = packets.Opener(security.Keyring())
>>> opener.open(packets.Packet(()))
()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import DecodeError, IntegrityError, UnknownSa
from ..ikev2 import Encrypted, EncryptedFragment, IkeMessage
from ..ip import EspPacket
from ..security import (
    EspSa,
    FragmentAssembler,
    Keyring,
    Opened,
    OpenedEsp,
    ReplayWindow,
    WholeMessage,
    unseal,
)
from .checksums import addresses_after
from .layers import Layer
from .octets import label_of
from .opened import NotOpened, OpenedChain, OpenedPacket, OpenedPart, Within
from .packet import Packet, decode_content

__all__ = ["Opener"]

#: Tunnels inside tunnels; each takes keys of its own.
_MAX_DEPTH = 8


class Opener:
    """Opens the packets of one capture, which it is given in order.

    What no key is known for stays sealed and gives nothing.  `lenient` and `ports` are those of
    `decode_packet`.
    """

    def __init__(
        self, keys: Keyring, *, lenient: bool = False, ports: Mapping[int, str] | None = None
    ) -> None:
        self.keys, self.lenient, self.ports = keys, lenient, ports
        self._assembler = FragmentAssembler()
        self._windows: dict[EspSa, ReplayWindow] = {}

    def needs_order(self, packet: Packet) -> bool:
        """The packet, or what is sealed in it, tells something only with those before it."""
        return self._needs_order(packet, (), 0)

    def _needs_order(self, packet: Packet, before: Sequence[Layer], depth: int) -> bool:
        for i, layer in enumerate(packet.layers):
            if isinstance(layer, IkeMessage) and _is_part(layer):
                return True
            if isinstance(layer, EspPacket):
                headers = [*before, *packet.layers[:i]]
                if any(sa.suite.extended for sa in self._sas(layer, headers)):
                    return True
                found = self._first(layer, headers) if depth < _MAX_DEPTH else None
                if isinstance(found, OpenedEsp):
                    inside = self._content(found, headers)
                    if self._needs_order(inside, headers, depth + 1):
                        return True
        return False

    def open(self, packet: Packet, frame: int = 0) -> tuple[Within, ...]:
        """What was sealed in the packet, in the order of its layers."""
        return tuple(self._open(packet, frame, (), 0))

    def _open(
        self, packet: Packet, frame: int, before: Sequence[Layer], depth: int
    ) -> Iterator[Within]:
        for i, layer in enumerate(packet.layers):
            if isinstance(layer, IkeMessage):
                found: Within | None = self._message(packet, i, frame)
            elif isinstance(layer, EspPacket):
                found = self._packet(packet, i, frame, before, depth)
            else:
                continue
            if found is not None:
                yield found

    # -- IKE ----------------------------------------------------------------------------------
    def _message(self, packet: Packet, layer: int, frame: int) -> Within | None:
        message: Any = packet.layers[layer]
        keys, last = self.keys.of_message(message), len(message.payloads) - 1
        sealed = message.payloads[last] if message.payloads else None
        if keys is None or not isinstance(sealed, (Encrypted, EncryptedFragment)):
            return None
        path = f"{label_of(packet, layer)}.payloads[{last}]({type(sealed).__name__}).sealed"
        try:
            opened = unseal(message, keys)
        except UnknownSa:
            return None
        except (IntegrityError, DecodeError) as e:
            return NotOpened(layer, path, _reason(e))
        if not opened.is_fragment:
            return self._chain((layer, path), opened, (opened,), (frame,))
        whole = self._assembler.feed(opened, frame)
        if whole is None:
            return OpenedPart(layer, path, opened)
        return self._chain((layer, path), whole, whole.fragments, whole.frames)

    def _chain(
        self,
        place: tuple[int, str],
        what: Opened | WholeMessage,
        parts: tuple[Opened, ...],
        frames: tuple[int, ...],
    ) -> OpenedChain:
        try:
            payloads, failure = what.decode(lenient=self.lenient), None
        except DecodeError as e:
            payloads, failure = (), e
        return OpenedChain(*place, parts, frames, payloads, failure)

    # -- ESP ----------------------------------------------------------------------------------
    def _packet(
        self, packet: Packet, layer: int, frame: int, before: Sequence[Layer], depth: int
    ) -> Within | None:
        esp: Any = packet.layers[layer]
        headers = [*before, *packet.layers[:layer]]
        found = self._first(esp, headers)
        if found is None:
            return None
        path = f"{label_of(packet, layer)}.data"
        if isinstance(found, str):
            return NotOpened(layer, path, found)
        inside = self._content(found, headers)
        deeper = self._open(inside, frame, headers, depth + 1) if depth < _MAX_DEPTH else ()
        return OpenedPacket(layer, path, found, inside, tuple(deeper))

    def _content(self, esp: OpenedEsp, headers: Sequence[Layer]) -> Packet:
        return decode_content(
            esp.payload,
            esp.next_header,
            addresses_after(headers),
            lenient=self.lenient,
            ports=self.ports,
        )

    def _first(self, packet: EspPacket, headers: Sequence[Layer]) -> OpenedEsp | str | None:
        """What the first SA that fits opens, why none does, or None where there is none."""
        reason = None
        for sa in self._sas(packet, headers):
            try:
                return self._unsealed(sa, packet)
            except (IntegrityError, DecodeError) as e:
                reason = reason or _reason(e)
        return reason

    def _sas(self, packet: EspPacket, headers: Sequence[Layer]) -> list[EspSa]:
        return self.keys.of_packet(packet.spi, *_addresses(headers))

    def _unsealed(self, sa: EspSa, packet: EspPacket) -> OpenedEsp:
        if not sa.suite.extended:
            return sa.unseal(packet)
        # A capture may begin in the middle, so it is only the high half that the window is for.
        window = self._windows.setdefault(sa, ReplayWindow(extended=True))
        opened = sa.unseal(packet, high=window.whole(packet.sequence) >> 32)
        window.accept(opened.sequence)
        return opened


def _is_part(message: IkeMessage) -> bool:
    last = message.payloads[-1] if message.payloads else None
    return isinstance(last, EncryptedFragment)


def _addresses(headers: Sequence[Layer]) -> tuple[Any, Any]:
    """Source and destination of the innermost IP header."""
    for layer in reversed(headers):
        source = getattr(layer, "source", None)
        if source is not None and not isinstance(source, bytes):
            return source, getattr(layer, "destination", None)
    return None, None


def _reason(error: IntegrityError | DecodeError) -> str:
    return str(error) if isinstance(error, IntegrityError) else error.reason
