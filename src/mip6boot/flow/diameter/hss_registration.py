"""Who serves a subscriber: SAR, and what the old MME hears of it (TS 29.273 8.1.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...diameter import (
    DiameterMessage,
    Mip6AgentInfo,
    Result,
    ServerAssignment,
    ServiceSelection,
)
from ...diameter.interfaces import s6a, swx
from ...diameter.interfaces.typed import missing
from ..aaa import AaaResult
from ..home_subscribers import IDENTITY_ALREADY_REGISTERED, Subscriber
from .agents import agent_of
from .hss_base import HssBase
from .profiles import subscription_of
from .settings import Received
from .vectors import text_of

__all__: list[str] = []

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


class Registrar(HssBase):
    """How an `Hss` keeps registrations."""

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
            user_data=subscription_of(found, self.settings.realm) if data else None,
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


def _needs(request: swx.Sar) -> list[tuple[type[Any], Any]]:
    """The AVPs that a gateway cannot be registered without."""
    if request.server_assignment_type != ServerAssignment.PGW_UPDATE:
        return []
    return [
        (ServiceSelection, request.service_selection),
        (Mip6AgentInfo, request.home_agent),
    ]
