"""Whether a request can be of whom it says, as far as its way tells (RFC 6733 2.9, 6.1.9)."""

from __future__ import annotations

from ...diameter import Application, DiameterMessage, OriginHost, OriginRealm, RouteRecord
from ..parts import find, find_all
from .settings import Neighbour, NodeSettings

__all__: list[str] = []

#: What the systems of one operator say to each other, and nobody else (TS 29.273 8).
_INTERNAL = frozenset((Application.SWX,))


def doubt_about_host(message: DiameterMessage, neighbour: Neighbour) -> str:
    """Why Origin-Host cannot be right; empty where it can.

    The first agent on the way says by Route-Record whom it has the request from, and each agent
    looks at that; without an agent, the neighbour itself has sent it.
    """
    records = find_all(message.avps, RouteRecord)
    first = records[0].value if records else neighbour.host
    origin = find(message.avps, OriginHost)
    # A request without it is refused by what is said of each kind of request.
    if origin is None or str(origin.value).lower() == str(first).lower():
        return ""
    return f"{origin.value} is not {first}, where it comes from"


def doubt_about_realm(message: DiameterMessage, neighbour: Neighbour, own: NodeSettings) -> str:
    """Why Origin-Realm cannot be right, or may not ask this; empty where it can and may."""
    origin = find(message.avps, OriginRealm)
    if origin is None:
        return ""
    realm, home = str(origin.value).lower(), own.realm.lower()
    if realm == home and neighbour.realm.lower() != home:
        return f"what is of {own.realm} does not come by {neighbour.realm}"
    if realm != home and message.application_id in _INTERNAL:
        return f"that is not for {origin.value} to ask"
    return ""
