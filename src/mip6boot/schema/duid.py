"""DHCP unique identifiers: opaque by RFC 8415 11, with views for the kinds it defines."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from ..errors import DecodeError, EncodeError

__all__ = ["Duid", "DuidEnterprise", "DuidLinkLayer", "DuidLinkLayerTime"]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class DuidLinkLayerTime(NamedTuple):
    """DUID-LLT (RFC 8415 11.2)."""

    hardware_type: int
    time: datetime
    link_layer_address: bytes


class DuidEnterprise(NamedTuple):
    """DUID-EN (RFC 8415 11.3)."""

    enterprise_number: int
    identifier: bytes


class DuidLinkLayer(NamedTuple):
    """DUID-LL (RFC 8415 11.4)."""

    hardware_type: int
    link_layer_address: bytes


class Duid(msgspec.Struct, frozen=True, gc=False):
    """A DUID: its type and the octets after it.  A DUID of less than two octets has type None."""

    type: int | None
    data: bytes = b""

    @classmethod
    def from_wire(cls, octets: bytes) -> Duid:
        """The DUID that takes all of `octets`; every string of octets is one."""
        if len(octets) < 2:
            return cls(None, octets)
        return cls(int.from_bytes(octets[:2], "big"), octets[2:])

    def to_wire(self) -> bytes:
        """The octets; EncodeError where the type is no 16-bit number."""
        if self.type is None and len(self.data) < 2:
            return bytes(self.data)
        if self.type is None or not 0 <= self.type < 1 << 16:
            raise EncodeError(f"{self.type} is not a DUID type (0 to 65535)")
        return self.type.to_bytes(2, "big") + self.data

    def __len__(self) -> int:
        """How many octets it takes."""
        return len(self.data) + (0 if self.type is None else 2)

    @classmethod
    def parse(cls, text: str) -> Duid:
        """The DUID of hex digits, with or without colons."""
        try:
            return cls.from_wire(bytes.fromhex(text.replace(":", "")))
        except ValueError:
            raise DecodeError("hex digits are expected for a DUID") from None

    def __str__(self) -> str:
        return self.to_wire().hex(":")

    @property
    def link_layer_time(self) -> DuidLinkLayerTime | None:
        """The parts of a DUID-LLT; None when it is another kind or too short."""
        if self.type != 1 or len(self.data) < 6:
            return None
        seconds = int.from_bytes(self.data[2:6], "big")
        return DuidLinkLayerTime(
            int.from_bytes(self.data[:2], "big"), _EPOCH + timedelta(seconds=seconds), self.data[6:]
        )

    @property
    def enterprise(self) -> DuidEnterprise | None:
        """The parts of a DUID-EN; None when it is another kind or too short."""
        if self.type != 2 or len(self.data) < 4:
            return None
        return DuidEnterprise(int.from_bytes(self.data[:4], "big"), self.data[4:])

    @property
    def link_layer(self) -> DuidLinkLayer | None:
        """The parts of a DUID-LL; None when it is another kind or too short."""
        if self.type != 3 or len(self.data) < 2:
            return None
        return DuidLinkLayer(int.from_bytes(self.data[:2], "big"), self.data[2:])

    @property
    def uuid(self) -> uuid.UUID | None:
        """The UUID of a DUID-UUID (RFC 6355); None when it is another kind or not 16 octets."""
        if self.type != 4 or len(self.data) != 16:
            return None
        return uuid.UUID(bytes=self.data)
