"""What relays tell servers (RFC 4580, 4649, 5460, 6422, 6607, 6939, 8357)."""

from __future__ import annotations

from typing import Annotated

from ..schema import Int8ub, Octets, OpenEnum, UInt16, UInt32, WireDuid
from .base import OPTIONS, Dhcpv6Option, Dhcpv6Options
from .codes import VssType

__all__ = [
    "ClientLinkLayerAddress",
    "RelayId",
    "RelayPort",
    "RelaySuppliedOptions",
    "RemoteId",
    "SubscriberId",
    "VirtualSubnetSelection",
]


@OPTIONS.register(37, rfc="4649 3")
class RemoteId(Dhcpv6Option):
    """Relay Agent Remote-ID: the far end of the client's circuit."""

    enterprise_number: UInt32
    remote_id: Octets
    "At least one octet, as the enterprise says."


@OPTIONS.register(38, rfc="4580 2")
class SubscriberId(Dhcpv6Option):
    """Relay Agent Subscriber-ID."""

    subscriber_id: Octets
    "At least one octet; no encoding is given."


@OPTIONS.register(53, rfc="5460 5.4.1")
class RelayId(Dhcpv6Option):
    """Relay-ID: the relay's own identifier."""

    duid: WireDuid


@OPTIONS.register(66, rfc="6422 3")
class RelaySuppliedOptions(Dhcpv6Option):
    """Relay-Supplied Options (RSOO): what the relay would have the server send to the client."""

    options: Dhcpv6Options = ()


@OPTIONS.register(68, rfc="6607 3.4")
class VirtualSubnetSelection(Dhcpv6Option):
    """Virtual Subnet Selection (VSS)."""

    vss_type: Annotated[VssType | int, OpenEnum(Int8ub, VssType)]
    vss_information: Octets = b""
    "As the type says; none with the global, default VPN."

    @property
    def vpn_identifier(self) -> str | None:
        """The name of type 0; None for another type or octets that are not ASCII."""
        if self.vss_type != VssType.NVT_ASCII or not self.vss_information.isascii():
            return None
        return self.vss_information.decode("ascii")

    @property
    def vpn_id(self) -> bytes | None:
        """The seven octets of type 1 (RFC 2685); None for another type or size."""
        fits = self.vss_type == VssType.VPN_ID and len(self.vss_information) == 7
        return self.vss_information if fits else None


@OPTIONS.register(79, rfc="6939 4")
class ClientLinkLayerAddress(Dhcpv6Option):
    """Client Link-Layer Address."""

    link_layer_type: UInt16
    "Hardware type as in ARP; 1 is Ethernet."
    link_layer_address: Octets


@OPTIONS.register(135, rfc="8357 4.2")
class RelayPort(Dhcpv6Option):
    """Relay Source Port: the relay below, or this one, does not send from port 547."""

    downstream_source_port: UInt16
    "0 where only this relay has another port."
