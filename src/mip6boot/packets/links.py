"""Link layers that captures begin with."""

from __future__ import annotations

import enum
from typing import Annotated

from ..schema import Bits, Bytes, Message, UInt8, UInt16, UInt32

__all__ = [
    "EthernetHeader",
    "LinkType",
    "LinuxCooked",
    "LinuxCooked2",
    "LoopbackHeader",
    "VlanTag",
]


class LinkType(enum.IntEnum):
    """Link types of capture files that are understood here."""

    NONE = -1
    "Of no file: what was sealed in a packet, or is shared by several, has no link of its own."
    NULL = 0
    ETHERNET = 1
    RAW_12 = 12
    RAW_14 = 14
    RAW = 101
    LOOP = 108
    LINUX_SLL = 113
    IPV4 = 228
    IPV6 = 229
    LINUX_SLL2 = 276


class EthernetHeader(Message, kw_only=True):
    """Ethernet header."""

    destination: Annotated[bytes, Bytes(6)]
    source: Annotated[bytes, Bytes(6)]
    ethertype: UInt16
    "Below 1536 a length: IEEE 802.3 framing, which is not looked into."


class VlanTag(Message, kw_only=True):
    """VLAN tag of IEEE 802.1Q or 802.1ad, with the type of what follows."""

    priority: Annotated[int, Bits(3)] = 0
    drop_eligible: Annotated[bool, Bits(1)] = False
    vlan: Annotated[int, Bits(12)]
    ethertype: UInt16


class LinuxCooked(Message, kw_only=True):
    """Linux cooked capture, version 1."""

    packet_type: UInt16
    hardware_type: UInt16
    address_length: UInt16
    address: Annotated[bytes, Bytes(8)]
    "Padded to eight octets."
    ethertype: UInt16


class LinuxCooked2(Message, kw_only=True):
    """Linux cooked capture, version 2."""

    ethertype: UInt16
    reserved: UInt16 = 0
    interface_index: UInt32
    hardware_type: UInt16
    packet_type: UInt8
    address_length: UInt8
    address: Annotated[bytes, Bytes(8)]
    "Padded to eight octets."


class LoopbackHeader(Message, kw_only=True):
    """Address family before a packet of the BSD loopback, in the byte order of its machine."""

    family: Annotated[bytes, Bytes(4)]

    @property
    def family_number(self) -> int:
        """The family, whichever byte order it came in; families are small numbers."""
        big, little = int.from_bytes(self.family, "big"), int.from_bytes(self.family, "little")
        return min(big, little)
