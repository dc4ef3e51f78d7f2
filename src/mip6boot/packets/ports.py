"""What ports carry, and what stands before IKE on the port of NAT traversal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from ..errors import ConfigError
from ..schema import Const, Int8ub, Int32ub, Message

__all__ = ["PORT_PROTOCOLS", "NatKeepalive", "NonEspMarker", "PortTable"]


class NonEspMarker(Message):
    """Four zero octets where ESP has its SPI: an IKE message follows (RFC 3948 2.2)."""

    marker: ClassVar[Annotated[int, Const(Int32ub, 0)]]


class NatKeepalive(Message):
    """The octet that keeps a NAT's mapping alive (RFC 3948 2.3)."""

    octet: ClassVar[Annotated[int, Const(Int8ub, 0xFF)]]


#: Protocols that stand in TCP streams and SCTP associations; the others stand in UDP datagrams.
_STREAMS = ("diameter",)

#: Protocols that a port may be said to carry.
PORT_PROTOCOLS = ("dhcpv6", "ikev2", "ike-natt", "ip", "l2tp", *_STREAMS)

#: DHCPv6 (RFC 8415 7.2), IKE (RFC 7296 2, 2.23), DSMIPv6 (RFC 5555 4.2), L2TP (RFC 2661 8.1).
_PORTS = {
    546: "dhcpv6",
    547: "dhcpv6",
    500: "ikev2",
    4500: "ike-natt",
    4191: "ip",
    1701: "l2tp",
}
#: Diameter (RFC 6733 11.4).
_STREAM_PORTS = {3868: "diameter"}


class PortTable(dict[int, str]):
    """UDP port -> protocol: the usual ones, and those of one's own over them.

    `streams` is the same for the ports of TCP and SCTP; which of the two a port of one's own
    belongs to, its protocol tells.  ConfigError for a protocol that is none of PORT_PROTOCOLS, or
    what is no port.
    """

    def __init__(self, own: Mapping[int, str] | None = None) -> None:
        super().__init__(_PORTS)
        self.streams: dict[int, str] = dict(_STREAM_PORTS)
        for port, protocol in (own or {}).items():
            if not isinstance(port, int) or not 0 <= port <= 0xFFFF:
                raise ConfigError(f"{port!r} is no port")
            if protocol not in PORT_PROTOCOLS:
                raise ConfigError(
                    f"port {port}: {protocol!r} is none of {', '.join(PORT_PROTOCOLS)}"
                )
            table = self.streams if protocol in _STREAMS else self
            table[port] = protocol

    def of_stream(self, header: Any) -> str | None:
        """What the ports of a TCP or SCTP header carry; that of the destination counts first."""
        return self.streams.get(header.destination_port) or self.streams.get(header.source_port)
