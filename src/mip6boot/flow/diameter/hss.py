"""The home subscriber server over SWx, and towards the old MME over S6a (TS 29.273 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from ...diameter import (
    Cancellation,
    DiameterMessage,
    Mip6AgentInfo,
    Reason,
    Result,
    ServerAssignment,
    ServiceSelection,
)
from ...diameter.interfaces import Deregistration, Refusal, Request, s6a, swx
from ...diameter.interfaces.typed import missing
from ...security import AuthenticationVector, Rng
from ..aaa import AaaResult
from ..actor import Event
from ..eap_server_session import VectorRequest
from ..home_subscribers import IDENTITY_ALREADY_REGISTERED, HomeSubscriberServer, Subscriber
from .node import DiameterNode
from .profiles import agent_of, subscription_of
from .results import Refused, outcome, result_of
from .settings import NodeSettings, Received
from .vectors import items_of, text_of, wanted_of

__all__ = ["Hss", "HssSettings"]

_A = ServerAssignment

#: What each Server-Assignment-Type does, for the server that serves the subscriber; one that says
#: that an authentication has come to nothing leaves a registration as it is (TS 29.229 6.3.15).
_ASSIGNMENTS: Mapping[int, str] = {
    _A.REGISTRATION: "_register",
    _A.AAA_USER_DATA_REQUEST: "_tell",
    _A.PGW_UPDATE: "_update_gateway",
    _A.USER_DEREGISTRATION: "_deregister",
    _A.TIMEOUT_DEREGISTRATION: "_deregister",
    _A.ADMINISTRATIVE_DEREGISTRATION: "_deregister",
    _A.AUTHENTICATION_FAILURE: "_leave",
    _A.AUTHENTICATION_TIMEOUT: "_leave",
}
_WITHOUT_REGISTRATION = (_A.REGISTRATION, _A.AUTHENTICATION_FAILURE, _A.AUTHENTICATION_TIMEOUT)
_WITH_DATA = (_A.REGISTRATION, _A.AAA_USER_DATA_REQUEST)


class HssSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decides."""

    cancel_location: bool = False
    "Tell the old MME when a AAA server registers, as the first drafts of the procedure have it."
    cancellation_type: int = Cancellation.SUBSCRIPTION_WITHDRAWAL
    most_vectors: int = 5
    "In one answer, however many are asked for."


class Hss(DiameterNode):
    """Answers MAR and SAR of AAA servers; `store` has the subscribers and who serves them.

    Events "location cancelled", "registration terminated" and "profile pushed" tell that those who
    were told have done so; the same with "not" in front, that they have not.
    """

    HANDLERS: ClassVar[Mapping[type[Request], str]] = {
        swx.Mar: "_on_authentication",
        swx.Sar: "_on_assignment",
    }

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
            subscription_of(subscriber)

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
        data, imsi = subscription_of(subscriber), subscriber.imsi
        self.store.change(subscriber)
        server = self.store.servers.get(imsi)
        if server is not None:
            request = swx.Ppr(**self._to(server), user_name=imsi, user_data=data)

            def answered(message: DiameterMessage | None, now: float) -> None:
                self._told("profile pushed", imsi, message, now)

            self.ask(request, now, answered)

    def events(self) -> list[Event]:
        found = [*super().events(), *self.store.events()]
        return sorted(found, key=lambda event: event.time)

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
        """As many as may be, and why there are no more; the card's number counts once."""
        vectors: list[AuthenticationVector] = []
        for _ in range(max(1, min(number, self.procedure.most_vectors))):
            vector = self.store.vector(wanted)
            if isinstance(vector, int):
                return vectors, vector
            vectors.append(vector)
            wanted = msgspec.structs.replace(wanted, resynchronisation=None)
        return vectors, Result.DIAMETER_SUCCESS

    # -- registration (TS 29.273 8.1.2.2) ---------------------------------------------------------
    def _on_assignment(self, request: swx.Sar, received: Received, now: float) -> None:
        kind, found = request.server_assignment_type, self.store.find(request.user_name)
        if found is None:
            self._answer(swx.Saa, request, received, now, AaaResult.USER_UNKNOWN)
            return
        lacking = [avp for avp, value in _needs(request) if value is None]
        if lacking:
            reason = f"a gateway needs {lacking[0].__name__}"
            self.refuse(received, Result.DIAMETER_MISSING_AVP, reason, now, *map(missing, lacking))
            return
        result = self._assignment(found, request, now)
        data = result == Result.DIAMETER_SUCCESS and kind in _WITH_DATA
        self._answer(
            swx.Saa, request, received, now, result, found.imsi,
            user_data=subscription_of(found) if data else None,
        )  # fmt: skip
        if result == Result.DIAMETER_SUCCESS and kind == _A.REGISTRATION:
            self._cancel_location(found.imsi, now)

    def _assignment(self, found: Subscriber, request: swx.Sar, now: float) -> int:
        """Do what is asked, if the one that asks may."""
        kind, server = request.server_assignment_type, self.store.servers.get(found.imsi)
        if server not in (None, request.origin_host):
            return IDENTITY_ALREADY_REGISTERED
        name = _ASSIGNMENTS.get(kind)
        if name is None or (server is None and kind not in _WITHOUT_REGISTRATION):
            return Result.DIAMETER_UNABLE_TO_COMPLY
        method: Callable[[Subscriber, swx.Sar, float], int | None] = getattr(self, name)
        return method(found, request, now) or Result.DIAMETER_SUCCESS

    def _register(self, found: Subscriber, request: swx.Sar, now: float) -> int | None:
        refusal = found.roaming_refusal(text_of(request.visited_network_identifier))
        if refusal is None:
            self.store.register_server(found.imsi, request.origin_host, now)
        return refusal

    def _tell(self, found: Subscriber, request: swx.Sar, now: float) -> None:
        """The answer has it."""

    def _update_gateway(self, found: Subscriber, request: swx.Sar, now: float) -> int | None:
        apn, info = request.service_selection, request.home_agent
        assert apn is not None
        assert info is not None
        refusal = found.profile.refusal(apn)
        if refusal is None:
            self.store.register_gateway(found.imsi, apn, agent_of(info), now)
        return refusal

    def _deregister(self, found: Subscriber, request: swx.Sar, now: float) -> None:
        self.store.deregister(found.imsi, now)

    def _leave(self, found: Subscriber, request: swx.Sar, now: float) -> None:
        self.note(now, "authentication failed", found.imsi, server=request.origin_host)

    # -- the old MME (TS 29.272 5.2.1.2) ----------------------------------------------------------
    def _cancel_location(self, imsi: str, now: float) -> None:
        mme = self.store.mmes.get(imsi) if self.procedure.cancel_location else None
        if mme is None:
            return
        request = s6a.Clr(
            **self._to(mme), user_name=imsi, cancellation_type=self.procedure.cancellation_type
        )

        def answered(message: DiameterMessage | None, now: float) -> None:
            if self._told("location cancelled", imsi, message, now) and (
                self.store.mmes.get(imsi) == mme
            ):
                del self.store.mmes[imsi]

        self.ask(request, now, answered)

    # -- inside -----------------------------------------------------------------------------------
    def _to(self, host: str) -> dict[str, Any]:
        """What a request to a node of the home network begins with."""
        own = self.settings
        return {
            "session_id": self.new_session(),
            "origin_host": own.host,
            "origin_realm": own.realm,
            "destination_host": host,
            "destination_realm": own.realm,
        }

    def _told(self, name: str, imsi: str, message: DiameterMessage | None, now: float) -> bool:
        result = result_of(message)
        success = result == Result.DIAMETER_SUCCESS
        why = "no answer" if result is None else f"result {result}"
        self.note(now, name if success else f"not {name}", imsi if success else f"{imsi}: {why}")
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
            origin_host=self.settings.host,
            origin_realm=self.settings.realm,
            user_name=imsi or request.user_name,
            **outcome(result),
            **more,
        )
        self.answer(received, answer, now)


def _needs(request: swx.Sar) -> list[tuple[type[Any], Any]]:
    """The AVPs that a gateway cannot be registered without."""
    if request.server_assignment_type != ServerAssignment.PGW_UPDATE:
        return []
    return [
        (ServiceSelection, request.service_selection),
        (Mip6AgentInfo, request.home_agent),
    ]
