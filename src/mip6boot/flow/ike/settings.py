"""What an end of IKEv2 is set to, and the child SAs it makes."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import msgspec

from ...ikev2 import Identity, NotifyType, PortRange, TrafficSelector
from ...security import EspSa, EspSuite, IkeKeys
from .addresses import Home
from .credentials import Credentials, PadEntry, Trust
from .proposals import MODERN, Suites
from .selectors import ANYTHING

__all__ = ["ChildRequest", "ChildSa", "Established", "Settings"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What both ends have to know."""

    credentials: Credentials
    peers: tuple[PadEntry, ...]
    "The peer authorization database: the first entry that fits counts."
    trust: Trust = Trust()
    suites: Suites = MODERN
    fragment_size: int = 1280 - 40 - 8
    "Octets of the largest UDP payload; longer messages go in fragments if the peer takes them."
    first_wait: float = 4.0
    "Seconds until a request is sent again; each wait is longer than the one before (RFC 7296 2.4)."
    wait_factor: float = 1.8
    retransmissions: int = 5
    patience: float = 10.0
    "Seconds for which errors that nobody authenticated may yet prove wrong (RFC 7296 2.21.1)."
    nonce_octets: int = 32
    encapsulate: bool = False
    "Port 4500 is used although there is no NAT (RFC 7296 2.23)."


class ChildRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A child SA that is wanted."""

    local: tuple[PortRange, ...] = ANYTHING
    remote: tuple[PortRange, ...] = ANYTHING
    transport: bool = False
    "Transport mode; a peer that does not grant it loses the SA (RFC 7296 1.3.1)."
    suites: tuple[EspSuite, ...] | None = None
    "Those of the settings, where there are none."


class ChildSa(msgspec.Struct, frozen=True, kw_only=True):
    """A pair of ESP SAs."""

    inbound: EspSa
    outbound: EspSa
    suite: EspSuite
    transport: bool
    "Transport mode, not tunnel mode."
    local: tuple[TrafficSelector, ...]
    remote: tuple[TrafficSelector, ...]
    "What the peer sends from, and is sent to."

    @property
    def spi(self) -> bytes:
        """The SPI of what is received."""
        return self.inbound.spi.to_bytes(4, "big")

    @property
    def peer_spi(self) -> bytes:
        """The SPI of what is sent."""
        return self.outbound.spi.to_bytes(4, "big")


class Established(msgspec.Struct, frozen=True, kw_only=True):
    """An IKE SA whose peers have authenticated each other."""

    keys: IkeKeys
    initiator: bool
    "This end is the original initiator."
    local: tuple[IPv4Address | IPv6Address, int]
    remote: tuple[IPv4Address | IPv6Address, int]
    "Addresses and ports of UDP."
    nat: bool
    "There is a NAT between the peers."
    local_identity: Identity
    remote_identity: Identity
    user_name: str
    "The peer's permanent identity, where an AAA told it."
    apn: str
    home: Home
    children: tuple[ChildSa, ...]
    child_failure: NotifyType | int | None
    "Why IKE_AUTH made no child SA."
