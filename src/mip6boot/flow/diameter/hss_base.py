"""What the parts of the home subscriber server have in common: the store, and whom it talks to."""

from __future__ import annotations

from typing import Any

import msgspec

from ...diameter import Cancellation, DiameterMessage, Result
from ...diameter.interfaces import swx
from ...security import Rng
from ..actor import Event
from ..home_subscribers import IDENTITY_ALREADY_REGISTERED, HomeSubscriberServer
from .node import DiameterNode
from .profiles import subscription_of
from .results import outcome, result_of, why
from .settings import NodeSettings, Received

__all__ = ["HssSettings"]


class HssSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decides."""

    cancel_location: bool = False
    "Tell the old MME when a AAA server registers, as the first drafts of the procedure have it."
    cancellation_type: int = Cancellation.SUBSCRIPTION_WITHDRAWAL
    most_vectors: int = 5
    "In one answer, however many are asked for."


class HssBase(DiameterNode):
    """A node with a store of subscribers, and who serves them."""

    def __init__(
        self,
        name: str,
        settings: NodeSettings,
        store: HomeSubscriberServer,
        rng: Rng,
        *,
        procedure: HssSettings | None = None,
    ) -> None:
        """ConfigError for a subscriber whose profile cannot be told."""
        super().__init__(name, settings, rng)
        self.store, self.procedure = store, procedure or HssSettings()
        for subscriber in store.subscribers.values():
            subscription_of(subscriber, settings.realm)

    def events(self) -> list[Event]:
        found = [*super().events(), *self.store.events()]
        return sorted(found, key=lambda event: event.time)

    def _to(self, host: str) -> dict[str, Any]:
        """What a request to a node of the home network begins with."""
        own = self.settings
        return {
            "session_id": self.new_session(),
            **own.origin,
            "destination_host": host,
            "destination_realm": own.realm,
        }

    def _told(self, name: str, imsi: str, message: DiameterMessage | None, now: float) -> bool:
        result = result_of(message)
        success = result == Result.DIAMETER_SUCCESS
        text = imsi if success else f"{imsi}: {why(result)}"
        self.note(now, name if success else f"not {name}", text)
        return success

    def _answer(
        self,
        kind: type[swx.Maa | swx.Saa],
        request: swx.Mar | swx.Sar,
        received: Received,
        now: float,
        result: int,
        imsi: str = "",
        **more: Any,
    ) -> None:
        if result != Result.DIAMETER_SUCCESS:
            self.note(now, "refused", f"{request.user_name}: result {int(result)}")
        if result == IDENTITY_ALREADY_REGISTERED:
            more["aaa_server_name"] = self.store.servers.get(imsi)
        answer = kind(
            session_id=request.session_id,
            **self.settings.origin,
            user_name=imsi or request.user_name,
            **outcome(result),
            **more,
        )
        self.answer(received, answer, now)
