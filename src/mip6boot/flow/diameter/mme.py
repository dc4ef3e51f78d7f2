"""The old MME: it is told that a node is somewhere else now (S6a, TS 29.272 5.2.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...diameter import Result
from ...diameter.interfaces import Request, s6a
from ...security import Rng
from ..home_subscribers import MmeContexts
from .node import DiameterNode
from .settings import NodeSettings, Received

__all__ = ["Mme"]


class Mme(DiameterNode):
    """Takes CLR; `contexts` are the nodes that it knows, by IMSI, and whether each is present."""

    HANDLERS: ClassVar[Mapping[type[Request], str]] = {s6a.Clr: "_on_cancel"}

    def __init__(
        self, name: str, settings: NodeSettings, rng: Rng, contexts: MmeContexts | None = None
    ) -> None:
        super().__init__(name, settings, rng)
        self.store = contexts or MmeContexts(name)

    @property
    def contexts(self) -> dict[str, bool]:
        """By IMSI: the node is present."""
        return self.store.contexts

    def _on_cancel(self, request: s6a.Clr, received: Received, now: float) -> None:
        """Success, whether or not it knew the node: in the end it does not have it."""
        known = self.store.cancel_location(request.user_name)
        self.note(
            now, "location cancelled", request.user_name,
            known=known, cancellation_type=request.cancellation_type,
        )  # fmt: skip
        answer = s6a.Cla(
            session_id=request.session_id,
            result_code=Result.DIAMETER_SUCCESS,
            **self.settings.origin,
        )
        self.answer(received, answer, now)
