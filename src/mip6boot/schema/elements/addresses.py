"""IPv4 and IPv6 addresses as `ipaddress` objects."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

import construct as cs

from ...errors import DecodeError, EncodeError
from ..element import Leaf, short
from ..jsontext import Texts
from ..remembered import Remembered

if TYPE_CHECKING:
    from ..compiler.source import Source

__all__ = ["ADDRESS_TEXTS", "Inet4", "Inet6", "address_of", "address_text"]


def _text_of(packed: bytes) -> str:
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    if packed.startswith(b"\0\0\0\0\0\0\0\0\0\0"):
        return str(IPv6Address(packed))
    return socket.inet_ntop(socket.AF_INET6, packed)


_TEXTS: Remembered[bytes, str] = Remembered(_text_of)


def address_text(address: IPv4Address | IPv6Address) -> str:
    """The address as `str` writes it, many times faster.

    `inet_ntop` prints IPv4-embedded addresses dotted where `str` does not: those go the slow way.
    """
    return _TEXTS[address.packed]


def address_of(text: Any, kind: type[IPv4Address] | type[IPv6Address]) -> Any:
    """The address that a text says, None for no text and no address.

    A zone (RFC 4007 11) is no address: it stands nowhere on the wire.
    """
    try:
        return kind(text) if isinstance(text, str) and "%" not in text else None
    except ValueError:
        return None


ADDRESS_TEXTS = Texts(lambda address: f'"{address_text(address)}"')


def checked(address: Any, kind: type) -> None:
    """Reached only by what is not exactly `kind`; subclasses are fine."""
    if not isinstance(address, kind):
        raise EncodeError(f"{short(address)} is not an {kind.__name__}")


class _Inet(Leaf):
    kind: type[IPv4Address] | type[IPv6Address]

    def __init__(self) -> None:
        super().__init__()
        self.known: Remembered[bytes, Any] = Remembered(self.of_octets)

    def of_octets(self, octets: bytes) -> IPv4Address | IPv6Address:
        # An address object made from an integer costs half of one made from octets.
        return self.kind(int.from_bytes(octets, "big"))

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        return self.kind(cs.stream_read(stream, self.size, path))

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        checked(obj, self.kind)
        cs.stream_write(stream, obj.packed, self.size, path)
        return obj

    def load(self, raw: list[str], source: Source) -> str:
        return f"{source.bind(self.known, self.kind.__name__)}[{raw[0]}]"

    def store(self, value: str, source: Source) -> list[str]:
        return [f"{value}.packed"]

    def guard(self, value: str, source: Source) -> None:
        kind = source.bind(self.kind, self.kind.__name__)
        with source.block(f"if type({value}) is not {kind}:"):
            source(f"{source.bind(checked, 'checked')}({value}, {kind})")

    def to_json(self, value: Any, level: int) -> Any:
        return address_text(value)

    def writes_json(self, value: str, source: Source) -> str:
        return f"{source.bind(_TEXTS, 'texts')}[{value}.packed]"

    def writes_text(self, value: str, source: Source) -> str:
        return f"{{{ADDRESS_TEXTS.writes(value, source)}}}"

    def from_json(self, data: Any, level: int) -> Any:
        address = address_of(data, self.kind)
        if address is None:
            raise DecodeError(f"{short(data)} where an {self.kind.__name__} is expected")
        return address


class _Inet6(_Inet):
    size, fmt, kind = 16, "16s", IPv6Address


class _Inet4(_Inet):
    size, fmt, kind = 4, "4s", IPv4Address


Inet6, Inet4 = _Inet6(), _Inet4()
