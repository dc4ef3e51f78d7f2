"""Elements for value types that have a text form of their own: domain names and DUIDs."""

from __future__ import annotations

from typing import Any

from ...errors import DecodeError, EncodeError
from ..duid import Duid
from ..element import short
from ..names import DomainName
from .octets import Greedy, octets_from_json

__all__ = ["DuidOctets", "Labels"]


class _Labels(Greedy):
    """One domain name in wire form (RFC 1035 3.1), without compression, up to the fence."""

    def decode_value(self, wire: bytes) -> Any:
        return DomainName.from_wire(wire)

    def encode_value(self, value: Any) -> bytes:
        if not isinstance(value, DomainName):
            raise EncodeError(f"{short(value)} is not a DomainName")
        return value.to_wire()

    def to_json(self, value: Any, level: int) -> Any:
        return str(value)

    def from_json(self, data: Any, level: int) -> Any:
        if not isinstance(data, str):
            raise DecodeError(f"{short(data)} where a domain name is expected")
        return DomainName.parse(data)


class _DuidOctets(Greedy):
    """A DUID (RFC 8415 11) up to the fence."""

    def decode_value(self, wire: bytes) -> Any:
        return Duid.from_wire(wire)

    def encode_value(self, value: Any) -> bytes:
        if not isinstance(value, Duid):
            raise EncodeError(f"{short(value)} is not a Duid")
        return value.to_wire()

    def to_json(self, value: Any, level: int) -> Any:
        return value.to_wire().hex()

    def from_json(self, data: Any, level: int) -> Any:
        return Duid.from_wire(octets_from_json(data))


Labels, DuidOctets = _Labels(), _DuidOctets()
