"""Diameter-EAP (RFC 4072) as STa, SWm and S6b have it in common."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ...eap.packet import EapPacket
from ..avps.base_protocol import AuthRequestType, MultiRoundTimeOut, SessionTimeout, UserName
from ..avps.cx import ThreeGppAaaServerName, VisitedNetworkIdentifier
from ..avps.mobility import Mip6AgentInfo, Mip6FeatureVector
from ..avps.network_access import EapMasterSessionKey, EapPayload
from ..avps.subscription import ApnConfiguration
from ..codes import AuthKind
from ..messages import DiameterEapAnswer, DiameterEapRequest, DiameterMessage
from .common import Answer, Request
from .groups import ApnSubscription, HomeAgentInfo

__all__ = ["EapAnswer", "EapRequest"]


class EapRequest(Request, frozen=True, kw_only=True):
    """Diameter-EAP-Request."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DiameterEapRequest
    auth_request_type: Annotated[int, AuthRequestType] = AuthKind.AUTHORIZE_AUTHENTICATE
    user_name: Annotated[str | None, UserName] = None
    eap_payload: Annotated[EapPacket | None, EapPayload, 1]
    "None starts EAP (RFC 4072 2.2)."
    visited_network_identifier: Annotated[bytes | None, VisitedNetworkIdentifier] = None
    "The domain name of the visited network; the proxy adds or checks it."


class EapAnswer(Answer, frozen=True, kw_only=True):
    """Diameter-EAP-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = DiameterEapAnswer
    auth_request_type: Annotated[int, AuthRequestType] = AuthKind.AUTHORIZE_AUTHENTICATE
    user_name: Annotated[str | None, UserName] = None
    eap_payload: Annotated[EapPacket | None, EapPayload] = None
    eap_master_session_key: Annotated[bytes | None, EapMasterSessionKey] = None
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agents: Annotated[tuple[HomeAgentInfo, ...], Mip6AgentInfo] = ()
    "Assigned ones, of the home and of the visited network; over S6b another one, to move to."
    session_timeout: Annotated[int | None, SessionTimeout] = None
    "In seconds."
    multi_round_time_out: Annotated[int | None, MultiRoundTimeOut] = None
    "In seconds."
    apn_configurations: Annotated[tuple[ApnSubscription, ...], ApnConfiguration] = ()
    aaa_server_name: Annotated[str | None, ThreeGppAaaServerName] = None
    "The one that serves the user, where it is another."
