"""Messages about a session that is open, the same on STa, SWm and S6b (RFC 6733 8)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..avps.base_protocol import (
    AuthApplicationId,
    AuthSessionState,
    Class,
    DestinationHost,
    ReAuthRequestType,
    TerminationCause,
    UserName,
)
from ..messages import (
    AbortSessionAnswer,
    AbortSessionRequest,
    DiameterMessage,
    ReAuthAnswer,
    ReAuthRequest,
    SessionTerminationAnswer,
    SessionTerminationRequest,
)
from .common import Answer, Request

__all__ = ["Asa", "Asr", "Raa", "Rar", "Sta", "Str"]


class _SessionRequest(Request, frozen=True, kw_only=True):
    """A request of the application that the session belongs to."""

    auth_application_id: Annotated[int, AuthApplicationId]

    @property
    def application(self) -> int:
        return self.auth_application_id


class Str(_SessionRequest, frozen=True, kw_only=True):
    """Session-Termination-Request: the session has ended where the service is."""

    MESSAGE: ClassVar[type[DiameterMessage]] = SessionTerminationRequest
    SECTION: ClassVar[str] = "6733 8.4.1"
    termination_cause: Annotated[int, TerminationCause]
    user_name: Annotated[str | None, UserName] = None
    classes: Annotated[tuple[bytes, ...], Class] = ()


class Sta(Answer, frozen=True, kw_only=True):
    """Session-Termination-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = SessionTerminationAnswer
    SECTION: ClassVar[str] = "6733 8.4.2"
    user_name: Annotated[str | None, UserName] = None
    classes: Annotated[tuple[bytes, ...], Class] = ()


class Asr(_SessionRequest, frozen=True, kw_only=True):
    """Abort-Session-Request: the home network wants the session to end."""

    MESSAGE: ClassVar[type[DiameterMessage]] = AbortSessionRequest
    SECTION: ClassVar[str] = "6733 8.5.1"
    destination_host: Annotated[str, DestinationHost]
    user_name: Annotated[str | None, UserName] = None
    auth_session_state: Annotated[int | None, AuthSessionState] = None


class Asa(Answer, frozen=True, kw_only=True):
    """Abort-Session-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = AbortSessionAnswer
    SECTION: ClassVar[str] = "6733 8.5.2"
    user_name: Annotated[str | None, UserName] = None


class Rar(_SessionRequest, frozen=True, kw_only=True):
    """Re-Auth-Request: authorise, or authenticate, again."""

    MESSAGE: ClassVar[type[DiameterMessage]] = ReAuthRequest
    SECTION: ClassVar[str] = "6733 8.3.1"
    destination_host: Annotated[str, DestinationHost]
    re_auth_request_type: Annotated[int, ReAuthRequestType]
    user_name: Annotated[str | None, UserName] = None


class Raa(Answer, frozen=True, kw_only=True):
    """Re-Auth-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = ReAuthAnswer
    SECTION: ClassVar[str] = "6733 8.3.2"
    user_name: Annotated[str | None, UserName] = None
