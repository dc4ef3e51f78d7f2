"""What UDP ports carry, and what stands before IKE on the port of NAT traversal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..errors import ConfigError
from ..schema import Const, Int8ub, Int32ub, Message

__all__ = ["PORT_PROTOCOLS", "NatKeepalive", "NonEspMarker", "PortTable"]


class NonEspMarker(Message):
    """Four zero octets where ESP has its SPI: an IKE message follows (RFC 3948 2.2)."""

    marker: ClassVar[Annotated[int, Const(Int32ub, 0)]]


class NatKeepalive(Message):
    """The octet that keeps a NAT's mapping alive (RFC 3948 2.3)."""

    octet: ClassVar[Annotated[int, Const(Int8ub, 0xFF)]]


#: Protocols that a port may be said to carry.
PORT_PROTOCOLS = ("dhcpv6", "ikev2", "ike-natt", "ip", "l2tp")

#: DHCPv6 (RFC 8415 7.2), IKE (RFC 7296 2, 2.23), DSMIPv6 (RFC 5555 4.2), L2TP (RFC 2661 8.1).
_PORTS = {
    546: "dhcpv6",
    547: "dhcpv6",
    500: "ikev2",
    4500: "ike-natt",
    4191: "ip",
    1701: "l2tp",
}


class PortTable(dict[int, str]):
    """UDP port -> protocol: the usual ones, and those of one's own over them.

    ConfigError for a protocol that is none of PORT_PROTOCOLS, or what is no port.
    """

    def __init__(self, own: Mapping[int, str] | None = None) -> None:
        super().__init__(_PORTS)
        for port, protocol in (own or {}).items():
            if not isinstance(port, int) or not 0 <= port <= 0xFFFF:
                raise ConfigError(f"{port!r} is no port")
            if protocol not in PORT_PROTOCOLS:
                raise ConfigError(
                    f"port {port}: {protocol!r} is none of {', '.join(PORT_PROTOCOLS)}"
                )
            self[port] = protocol
