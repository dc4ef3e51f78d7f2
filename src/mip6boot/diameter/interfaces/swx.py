"""SWx: the AAA server and the HSS (TS 29.273 8)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..avps.base_protocol import (
    AuthSessionState,
    DestinationHost,
    UserName,
    VendorSpecificApplicationId,
)
from ..avps.cx import (
    DeregistrationReason,
    ServerAssignmentType,
    SipAuthDataItem,
    SipNumberAuthItems,
    SupportedFeatures,
    ThreeGppAaaServerName,
    VisitedNetworkIdentifier,
)
from ..avps.mobility import Mip6AgentInfo, ServiceSelection
from ..avps.non_3gpp import Anid, Non3gppUserData, RatType
from ..avps.subscription import ContextIdentifier
from ..codes import Application, SessionState
from ..messages import (
    DiameterMessage,
    MultimediaAuthAnswer,
    MultimediaAuthRequest,
    PushProfileAnswer,
    PushProfileRequest,
    RegistrationTerminationAnswer,
    RegistrationTerminationRequest,
    ServerAssignmentAnswer,
    ServerAssignmentRequest,
)
from .common import Answer, Request
from .groups import (
    AuthenticationItem,
    Deregistration,
    Features,
    HomeAgentInfo,
    Non3gppSubscription,
    VendorApplication,
)

__all__ = ["Maa", "Mar", "Ppa", "Ppr", "Rta", "Rtr", "Saa", "Sar"]


class _SwxRequest(Request, frozen=True, kw_only=True):
    """A request over SWx, of which neither side keeps a session."""

    APPLICATION: ClassVar[int] = Application.SWX
    vendor_application: Annotated[VendorApplication, VendorSpecificApplicationId] = (
        VendorApplication(auth_application_id=Application.SWX)
    )
    auth_session_state: Annotated[int, AuthSessionState] = SessionState.NO_STATE_MAINTAINED


class _SwxAnswer(Answer, frozen=True, kw_only=True):
    """An answer over SWx, of which neither side keeps a session."""

    APPLICATION: ClassVar[int] = Application.SWX
    vendor_application: Annotated[VendorApplication, VendorSpecificApplicationId] = (
        VendorApplication(auth_application_id=Application.SWX)
    )
    auth_session_state: Annotated[int, AuthSessionState] = SessionState.NO_STATE_MAINTAINED


class Mar(_SwxRequest, frozen=True, kw_only=True):
    """Multimedia-Auth-Request: authentication vectors are wanted."""

    MESSAGE: ClassVar[type[DiameterMessage]] = MultimediaAuthRequest
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.1"
    user_name: Annotated[str, UserName]
    "The digits of the IMSI."
    rat_type: Annotated[int | None, RatType] = None
    anid: Annotated[str | None, Anid] = None
    visited_network_identifier: Annotated[bytes | None, VisitedNetworkIdentifier] = None
    number_auth_items: Annotated[int, SipNumberAuthItems] = 1
    "How many vectors."
    auth_item: Annotated[AuthenticationItem, SipAuthDataItem]
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Maa(_SwxAnswer, frozen=True, kw_only=True):
    """Multimedia-Auth-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = MultimediaAuthAnswer
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.1"
    user_name: Annotated[str | None, UserName] = None
    number_auth_items: Annotated[int | None, SipNumberAuthItems] = None
    auth_items: Annotated[tuple[AuthenticationItem, ...], SipAuthDataItem] = ()
    aaa_server_name: Annotated[str | None, ThreeGppAaaServerName] = None
    "The one that serves the user, where it is another."
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Sar(_SwxRequest, frozen=True, kw_only=True):
    """Server-Assignment-Request: who serves the user, and by which gateway."""

    MESSAGE: ClassVar[type[DiameterMessage]] = ServerAssignmentRequest
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.3"
    user_name: Annotated[str, UserName]
    "The digits of the IMSI."
    server_assignment_type: Annotated[int, ServerAssignmentType]
    service_selection: Annotated[str | None, ServiceSelection] = None
    "The access point name of the gateway."
    context_identifier: Annotated[int | None, ContextIdentifier] = None
    home_agent: Annotated[HomeAgentInfo | None, Mip6AgentInfo] = None
    "The gateway."
    visited_network_identifier: Annotated[bytes | None, VisitedNetworkIdentifier] = None
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Saa(_SwxAnswer, frozen=True, kw_only=True):
    """Server-Assignment-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = ServerAssignmentAnswer
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.3"
    user_name: Annotated[str | None, UserName] = None
    user_data: Annotated[Non3gppSubscription | None, Non3gppUserData] = None
    aaa_server_name: Annotated[str | None, ThreeGppAaaServerName] = None
    "The one that serves the user, where it is another."
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Rtr(_SwxRequest, frozen=True, kw_only=True):
    """Registration-Termination-Request: the HSS ends the registration."""

    MESSAGE: ClassVar[type[DiameterMessage]] = RegistrationTerminationRequest
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.4"
    destination_host: Annotated[str, DestinationHost]
    user_name: Annotated[str, UserName]
    "The digits of the IMSI."
    deregistration_reason: Annotated[Deregistration, DeregistrationReason]
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Rta(_SwxAnswer, frozen=True, kw_only=True):
    """Registration-Termination-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = RegistrationTerminationAnswer
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.4"
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Ppr(_SwxRequest, frozen=True, kw_only=True):
    """Push-Profile-Request: the subscription has changed."""

    MESSAGE: ClassVar[type[DiameterMessage]] = PushProfileRequest
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.5"
    destination_host: Annotated[str, DestinationHost]
    user_name: Annotated[str, UserName]
    "The digits of the IMSI."
    user_data: Annotated[Non3gppSubscription | None, Non3gppUserData] = None
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Ppa(_SwxAnswer, frozen=True, kw_only=True):
    """Push-Profile-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = PushProfileAnswer
    SECTION: ClassVar[str] = "TS 29.273 8.2.2.5"
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()
