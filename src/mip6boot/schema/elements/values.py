"""Elements for values that have a text form of their own: names, DUIDs, any kind of address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

from ...errors import DecodeError, EncodeError
from ..duid import Duid
from ..element import State, short
from ..jsontext import Texts, json_text
from ..names import DomainName
from ..remembered import Remembered
from .addresses import address_of, address_text
from .octets import Greedy, octets_from_json

if TYPE_CHECKING:
    from ..compiler.decode import DecodeWriter
    from ..compiler.source import Source

__all__ = ["DuidOctets", "FamilyAddress", "Labels", "Names"]


_NAME_TEXTS = Texts(lambda name: json_text(str(name)))
_DUID_TEXTS = Texts(lambda duid: f'"{duid.to_wire().hex()}"')


class _Known(Greedy):
    """A value type whose wire forms are remembered; `of_wire` makes the value of one."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Remembered[bytes, Any] = Remembered(self.of_wire)

    def of_wire(self, wire: bytes) -> Any:
        """The value of the octets; DecodeError where they are none."""
        raise NotImplementedError

    def decode_value(self, wire: bytes) -> Any:
        return self.known[wire]

    def decoding(self, w: DecodeWriter, name: str, out: str) -> None:
        known = w.source.bind(self.known, "known_values")
        self.attempt(w, name, f"{out} = {known}[buf[{w.here}:{w.end}]]")


class _Labels(_Known):
    """One domain name in wire form (RFC 1035 3.1), without compression, up to the fence."""

    def of_wire(self, wire: bytes) -> Any:
        return DomainName.from_wire(wire)

    def encode_value(self, value: Any) -> bytes:
        if not isinstance(value, DomainName):
            raise EncodeError(f"{short(value)} is not a DomainName")
        return value.to_wire()

    def to_json(self, value: Any, level: int) -> Any:
        return str(value)

    def writes_text(self, value: str, source: Source) -> str:
        return f"{{{_NAME_TEXTS.writes(value, source)}}}"

    def from_json(self, data: Any, level: int) -> Any:
        if not isinstance(data, str):
            raise DecodeError(f"{short(data)} where a domain name is expected")
        return DomainName.parse(data)


class _Names(_Known):
    """Domain names one behind the other up to the fence; only the last may be partial."""

    maps = True

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        at = stream.tell()
        names = super()._parse(stream, context, path)
        recorder = State.of(context).recorder
        for i, name in enumerate(names if recorder is not None else ()):
            end = at + len(name.to_wire())
            recorder.row(f"{path}[{i}]", at, end, str(name))  # type: ignore[union-attr]
            at = end
        return names

    def of_wire(self, wire: bytes) -> Any:
        return DomainName.list_from_wire(wire)

    def encode_value(self, value: Any) -> bytes:
        if not isinstance(value, (tuple, list)) or not all(
            isinstance(n, DomainName) for n in value
        ):
            raise EncodeError(f"{short(value)} is not a tuple of DomainNames")
        if not all(name.complete for name in value[:-1]):
            raise EncodeError("a partial domain name before another one")
        return b"".join([name.to_wire() for name in value])

    def show(self, value: Any) -> str:
        return " ".join(str(name) for name in value) or "none"

    def to_json(self, value: Any, level: int) -> Any:
        return [str(name) for name in value]

    def from_json(self, data: Any, level: int) -> Any:
        if not isinstance(data, list):
            raise DecodeError(f"{short(data)} where a list is expected")
        return tuple([Labels.from_json(name, level) for name in data])


class _DuidOctets(_Known):
    """A DUID (RFC 8415 11) up to the fence."""

    def of_wire(self, wire: bytes) -> Any:
        return Duid.from_wire(wire)

    def encode_value(self, value: Any) -> bytes:
        if not isinstance(value, Duid):
            raise EncodeError(f"{short(value)} is not a Duid")
        return value.to_wire()

    def to_json(self, value: Any, level: int) -> Any:
        return value.to_wire().hex()

    def writes_text(self, value: str, source: Source) -> str:
        return f"{{{_DUID_TEXTS.writes(value, source)}}}"

    def from_json(self, data: Any, level: int) -> Any:
        return Duid.from_wire(octets_from_json(data))


class _FamilyAddress(_Known):
    """The number of an address family (IANA), then its address, up to the fence.

    What is neither an IPv4 nor an IPv6 address stays octets, the number included.
    """

    def of_wire(self, wire: bytes) -> Any:
        if len(wire) == 6 and wire.startswith(b"\0\1"):
            return IPv4Address(wire[2:])
        if len(wire) == 18 and wire.startswith(b"\0\2"):
            return IPv6Address(wire[2:])
        return wire

    def encode_value(self, value: Any) -> bytes:
        if isinstance(value, IPv4Address):
            return b"\0\1" + value.packed
        if isinstance(value, IPv6Address):
            return b"\0\2" + value.packed
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        raise EncodeError(f"{short(value)} is neither an address nor octets")

    def show(self, value: Any) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    def to_json(self, value: Any, level: int) -> Any:
        return {"hex": value.hex()} if isinstance(value, bytes) else address_text(value)

    def from_json(self, data: Any, level: int) -> Any:
        if isinstance(data, dict) and set(data) == {"hex"}:
            return octets_from_json(data["hex"])
        address = address_of(data, IPv4Address) or address_of(data, IPv6Address)
        if address is None:
            raise DecodeError(f"{short(data)} where an address is expected")
        return address


Labels, Names, DuidOctets = _Labels(), _Names(), _DuidOctets()
FamilyAddress = _FamilyAddress()
