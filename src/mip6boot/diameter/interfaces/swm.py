"""SWm: the ePDG of an untrusted access asks the AAA (TS 29.273 7)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...eap.packet import EapPacket
from ..avps.base_protocol import (
    AuthApplicationId,
    AuthRequestType,
    MultiRoundTimeOut,
    SessionTimeout,
    UserName,
)
from ..avps.cx import ThreeGppAaaServerName, VisitedNetworkIdentifier
from ..avps.mobility import Mip6AgentInfo, Mip6FeatureVector, ServiceSelection
from ..avps.network_access import EapMasterSessionKey, EapPayload
from ..avps.non_3gpp import RatType
from ..avps.subscription import ApnConfiguration
from ..codes import Application, AuthKind
from ..messages import DiameterEapAnswer, DiameterEapRequest, DiameterMessage
from .common import Answer, Request
from .groups import ApnSubscription, HomeAgentInfo

__all__ = ["Dea", "Der"]


class Der(Request, frozen=True, kw_only=True):
    """Diameter-EAP-Request."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DiameterEapRequest
    APPLICATION: ClassVar[int] = Application.SWM
    SECTION: ClassVar[str] = "TS 29.273 7.2.2.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.SWM
    auth_request_type: Annotated[int, AuthRequestType] = AuthKind.AUTHORIZE_AUTHENTICATE
    user_name: Annotated[str | None, UserName] = None
    eap_payload: Annotated[EapPacket | None, EapPayload, 1]
    "None starts EAP (RFC 4072 2.2)."
    visited_network_identifier: Annotated[bytes | None, VisitedNetworkIdentifier] = None
    "The domain name of the visited network; the proxy adds or checks it."
    rat_type: Annotated[int | None, RatType] = None
    service_selection: Annotated[str | None, ServiceSelection] = None
    "The access point name."
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agents: Annotated[tuple[HomeAgentInfo, ...], Mip6AgentInfo] = ()


class Dea(Answer, frozen=True, kw_only=True):
    """Diameter-EAP-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DiameterEapAnswer
    APPLICATION: ClassVar[int] = Application.SWM
    SECTION: ClassVar[str] = "TS 29.273 7.2.2.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.SWM
    auth_request_type: Annotated[int, AuthRequestType] = AuthKind.AUTHORIZE_AUTHENTICATE
    user_name: Annotated[str | None, UserName] = None
    eap_payload: Annotated[EapPacket | None, EapPayload] = None
    eap_master_session_key: Annotated[bytes | None, EapMasterSessionKey] = None
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agents: Annotated[tuple[HomeAgentInfo, ...], Mip6AgentInfo] = ()
    "Assigned ones."
    session_timeout: Annotated[int | None, SessionTimeout] = None
    "In seconds."
    multi_round_time_out: Annotated[int | None, MultiRoundTimeOut] = None
    "In seconds."
    apn_configurations: Annotated[tuple[ApnSubscription, ...], ApnConfiguration] = ()
    aaa_server_name: Annotated[str | None, ThreeGppAaaServerName] = None
    "The one that serves the user, where it is another."
