"""The home subscriber server over SWx, and towards the old MME over S6a (TS 29.273 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...diameter import DiameterMessage, Reason, Result
from ...diameter.interfaces import Deregistration, Refusal, Request, swx
from ...security import AuthenticationVector
from ..aaa import AaaResult
from ..eap_server_session import VectorRequest
from ..home_subscribers import Subscriber
from .hss_registration import Registrar
from .profiles import subscription_of
from .results import Refused
from .settings import Received
from .vectors import items_of, wanted_of

__all__ = ["Hss"]


class Hss(Registrar):
    """Answers MAR and SAR of AAA servers; `store` has the subscribers and who serves them.

    Events "location cancelled", "registration terminated" and "profile pushed" tell that those who
    were told have done so; the same with "not" in front, that they have not.
    """

    HANDLERS: ClassVar[Mapping[type[Request], str]] = {
        swx.Mar: "_on_authentication",
        swx.Sar: "_on_assignment",
    }

    # -- for the owner ----------------------------------------------------------------------------
    def terminate(self, imsi: str, now: float) -> None:
        """End the registration of a subscriber: RTR to the AAA server, if there is one."""
        server = self.store.servers.get(imsi)
        if server is None:
            self.note(now, "not registration terminated", f"{imsi} is not registered")
            return
        reason = Deregistration(code=Reason.PERMANENT_TERMINATION)
        request = swx.Rtr(**self._to(server), user_name=imsi, deregistration_reason=reason)

        def answered(message: DiameterMessage | None, now: float) -> None:
            if self._told("registration terminated", imsi, message, now):
                self.store.deregister(imsi, now)

        self.ask(request, now, answered)

    def update(self, subscriber: Subscriber, now: float) -> None:
        """Give a subscriber another profile: PPR to the AAA server, if there is one.

        ConfigError for a profile that cannot be told.
        """
        data, imsi = subscription_of(subscriber, self.settings.realm), subscriber.imsi
        self.store.change(subscriber)
        server = self.store.servers.get(imsi)
        if server is not None:
            request = swx.Ppr(**self._to(server), user_name=imsi, user_data=data)

            def answered(message: DiameterMessage | None, now: float) -> None:
                self._told("profile pushed", imsi, message, now)

            self.ask(request, now, answered)

    # -- authentication (TS 29.273 8.1.2.1) -------------------------------------------------------
    def _on_authentication(self, request: swx.Mar, received: Received, now: float) -> None:
        found = self.store.find(request.user_name)
        if found is None:
            self._answer(swx.Maa, request, received, now, AaaResult.USER_UNKNOWN)
            return
        wanted = wanted_of(request, found.imsi)
        if isinstance(wanted, Refusal):
            self.refuse(received, wanted.result, wanted.reason, now, *wanted.failed)
            return
        if isinstance(wanted, Refused):
            self._answer(swx.Maa, request, received, now, wanted.result, found.imsi)
            return
        vectors, result = self._vectors(wanted, request.number_auth_items)
        if not vectors:
            self._answer(swx.Maa, request, received, now, result, found.imsi)
            return
        items = items_of(vectors, wanted.method)
        self._answer(
            swx.Maa, request, received, now, Result.DIAMETER_SUCCESS, found.imsi,
            number_auth_items=len(items), auth_items=items,
        )  # fmt: skip

    def _vectors(
        self, wanted: VectorRequest, number: int
    ) -> tuple[list[AuthenticationVector], int]:
        """As many as may be, and why there are no more.

        To resynchronise again changes nothing: the own sequence number is the higher one by then.
        """
        vectors: list[AuthenticationVector] = []
        for _ in range(max(1, min(number, self.procedure.most_vectors))):
            vector = self.store.vector(wanted)
            if isinstance(vector, int):
                return vectors, vector
            vectors.append(vector)
        return vectors, Result.DIAMETER_SUCCESS
