"""What a AAA server asks its home subscriber server (SWx, TS 29.273 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...diameter import DiameterMessage
from ...diameter.interfaces import swx
from ...eap import EapType
from ...security import AuthenticationVector
from ..eap_server_session import VectorRequest
from .node import DiameterNode
from .results import Refused, read
from .vectors import item_wanted, octets_of, vector_of

__all__: list[str] = []


class SwxClient:
    """Asks by a node of the same realm; each answer, or that there is none, comes once."""

    def __init__(self, node: DiameterNode, host: str) -> None:
        """`host` is the server's name; empty for any of the realm."""
        self.node, self.host = node, host

    def vector(
        self,
        request: VectorRequest,
        now: float,
        then: Callable[[AuthenticationVector | Refused, float], None],
    ) -> None:
        """A fresh vector: MAR."""
        wanted = swx.Mar(
            **self._beginning(),
            user_name=request.imsi,
            rat_type=request.rat_type,
            anid=request.network_name if request.method == EapType.AKA_PRIME else None,
            visited_network_identifier=octets_of(request.visited_network),
            auth_item=item_wanted(request),
        )

        def answered(message: DiameterMessage | None, now: float) -> None:
            answer = read(swx.Maa, message)
            found = answer if isinstance(answer, Refused) else vector_of(answer, request.method)
            then(found, now)

        self.node.ask(wanted, now, answered)

    def assign(
        self,
        imsi: str,
        kind: int,
        now: float,
        then: Callable[[swx.Saa | Refused, float], None],
        **more: Any,
    ) -> None:
        """Who serves the subscriber, and by which gateway: SAR."""
        wanted = swx.Sar(**self._beginning(), user_name=imsi, server_assignment_type=kind, **more)
        self.node.ask(wanted, now, lambda message, at: then(read(swx.Saa, message), at))

    def _beginning(self) -> dict[str, Any]:
        own = self.node.settings
        return {
            "session_id": self.node.new_session(),
            **own.origin,
            "destination_realm": own.realm,
            "destination_host": self.host or None,
        }
