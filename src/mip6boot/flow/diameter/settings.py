"""Who a Diameter node is, and whom it knows (RFC 6733 2.5 to 2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec

from ...diameter import THREE_GPP, DiameterMessage

__all__ = ["Neighbour", "NodeSettings", "Received"]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A node at the other end of a connection."""

    host: str
    realm: str
    connect: bool = True
    "This side opens the connection; otherwise the other one does."


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A node as it introduces itself, and where it sends requests."""

    host: str
    realm: str
    addresses: tuple[IPv4Address | IPv6Address, ...]
    applications: tuple[int, ...]
    "Vendor-specific ones of 3GPP, and others."
    neighbours: tuple[Neighbour, ...] = ()
    routes: Mapping[str, tuple[str, ...]] = {}
    "By realm, neighbours in the order of preference; the realm * is any other."
    product_name: str = "mip6boot"
    vendor_id: int = THREE_GPP
    origin_state_id: int = 1
    "Higher after each start (RFC 6733 8.16): Session-Ids of before are not used again by that."
    watchdog: float = 30.0
    "Seconds without a message before a neighbour is asked whether it lives (RFC 3539 3.4.1)."
    patience: float = 10.0
    "Seconds that an answer may take."
    most_pending: int = 65536
    "Requests that may be out at a time; with more, the node is too busy."

    @property
    def origin(self) -> dict[str, Any]:
        """Origin-Host and Origin-Realm, as fields of what the node sends."""
        return {"origin_host": self.host, "origin_realm": self.realm}


class Received(msgspec.Struct, frozen=True):
    """A request, and the neighbour that its answer goes to."""

    message: DiameterMessage
    neighbour: str
