"""What requests and answers of all interfaces have in common (RFC 6733 6, 7)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..avps.base import Avp
from ..avps.base_protocol import (
    AuthApplicationId,
    AuthSessionState,
    DestinationHost,
    DestinationRealm,
    ErrorMessage,
    ErrorReportingHost,
    ExperimentalResult,
    FailedAvp,
    OriginHost,
    OriginRealm,
    OriginStateId,
    ProxyInfo,
    RedirectHost,
    ResultCode,
    RouteRecord,
    SessionId,
    VendorSpecificApplicationId,
)
from ..messages import DiameterMessage, answer_to
from .groups import VendorApplication, VendorResult
from .typed import Typed

__all__ = ["Answer", "Answering", "AnyAnswer", "Request"]


class Request(Typed, frozen=True, kw_only=True):
    """A request of a session."""

    session_id: Annotated[str, SessionId]
    vendor_application: Annotated[VendorApplication | None, VendorSpecificApplicationId] = None
    auth_application_id: Annotated[int | None, AuthApplicationId] = None
    auth_session_state: Annotated[int | None, AuthSessionState] = None
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    destination_realm: Annotated[str, DestinationRealm]
    destination_host: Annotated[str | None, DestinationHost] = None
    origin_state_id: Annotated[int | None, OriginStateId] = None
    proxy_infos: Annotated[tuple[tuple[Avp, ...], ...], ProxyInfo] = ()
    "They come back in the answer as they are."
    route_records: Annotated[tuple[str, ...], RouteRecord] = ()


class Answering(Typed, frozen=True, kw_only=True):
    """What answers can do."""

    @property
    def result(self) -> int:
        """The number of the result, the vendor's or that of the IETF; 0 for an answer of none."""
        experimental = getattr(self, "experimental_result", None)
        if experimental is not None:
            return int(experimental.result_code)
        return int(getattr(self, "result_code", None) or 0)

    def answering(self, request: DiameterMessage) -> DiameterMessage:
        """The message; numbers, application, P flag and Proxy-Info are the request's."""
        kept = tuple(avp for avp in request.avps if isinstance(avp, ProxyInfo))
        is_error = 3000 <= self.result < 4000
        return answer_to(request, (*self.avps(), *kept), is_error=is_error)


class Answer(Answering, frozen=True, kw_only=True):
    """An answer of a session; one of the two results is there."""

    session_id: Annotated[str, SessionId]
    vendor_application: Annotated[VendorApplication | None, VendorSpecificApplicationId] = None
    auth_application_id: Annotated[int | None, AuthApplicationId] = None
    auth_session_state: Annotated[int | None, AuthSessionState] = None
    result_code: Annotated[int | None, ResultCode] = None
    experimental_result: Annotated[VendorResult | None, ExperimentalResult] = None
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    origin_state_id: Annotated[int | None, OriginStateId] = None
    error_message: Annotated[str | None, ErrorMessage] = None
    error_reporting_host: Annotated[str | None, ErrorReportingHost] = None
    failed_avps: Annotated[tuple[tuple[Avp, ...], ...], FailedAvp] = ()
    redirect_hosts: Annotated[tuple[str, ...], RedirectHost] = ()
    proxy_infos: Annotated[tuple[tuple[Avp, ...], ...], ProxyInfo] = ()
    "Those of the request; `answering` puts them in."


class AnyAnswer(Answering, frozen=True, kw_only=True):
    """What every answer has, those that report a protocol error too (RFC 6733 7.2)."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DiameterMessage
    SECTION: ClassVar[str] = "6733 7.2"
    session_id: Annotated[str | None, SessionId] = None
    result_code: Annotated[int | None, ResultCode] = None
    experimental_result: Annotated[VendorResult | None, ExperimentalResult] = None
    origin_host: Annotated[str, OriginHost]
    origin_realm: Annotated[str, OriginRealm]
    error_message: Annotated[str | None, ErrorMessage] = None
    error_reporting_host: Annotated[str | None, ErrorReportingHost] = None
    failed_avps: Annotated[tuple[tuple[Avp, ...], ...], FailedAvp] = ()
    redirect_hosts: Annotated[tuple[str, ...], RedirectHost] = ()
    proxy_infos: Annotated[tuple[tuple[Avp, ...], ...], ProxyInfo] = ()
    "Those of the request; `answering` puts them in."
