"""Which SAs are gone (RFC 7296 3.11), and who made the implementation (3.12)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...schema import Chunk, CountOf, Int8ub, Int16ub, Items, Octets, OpenEnum, UInt8
from ..codes import ProtocolId
from .base import PAYLOADS, Payload

__all__ = ["Delete", "VendorId"]


@PAYLOADS.register(42, rfc="7296 3.11")
class Delete(Payload):
    """Delete."""

    protocol_id: Annotated[ProtocolId | int, OpenEnum(Int8ub, ProtocolId)]
    spi_size: UInt8 = 0
    "Octets of each SPI: 4 for ESP and AH; 0 for IKE, whose SPIs are in the header."
    num_spis: ClassVar[Annotated[int, CountOf("spis", Int16ub)]]
    spis: Annotated[tuple[bytes, ...], Items(Chunk("spi_size"))] = ()
    "As the sender would see them in packets that it receives."


@PAYLOADS.register(43, rfc="7296 3.12")
class VendorId(Payload):
    """Vendor ID: octets that only implementations of the vendor understand."""

    vendor_id: Octets = b""
