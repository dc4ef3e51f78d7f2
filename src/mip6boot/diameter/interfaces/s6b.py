"""S6b: the home agent asks the AAA (TS 29.273 9, RFC 5778)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, ClassVar

from ..avps.base_protocol import (
    AuthApplicationId,
    AuthRequestType,
    SessionTimeout,
    UserName,
)
from ..avps.cx import VisitedNetworkIdentifier
from ..avps.mobility import Mip6AgentInfo, Mip6FeatureVector, MipMobileNodeAddress, ServiceSelection
from ..avps.non_3gpp import DerS6bFlags, RatType
from ..avps.subscription import ApnConfiguration
from ..codes import Application, AuthKind
from ..messages import AaAnswer, AaRequest, DiameterMessage
from .common import Answer, Request
from .diameter_eap import EapAnswer, EapRequest
from .groups import ApnSubscription, HomeAgentInfo

__all__ = ["Aaa", "Aar", "Dea", "Der"]

_Address = IPv4Address | IPv6Address | bytes


class Der(EapRequest, frozen=True, kw_only=True):
    """Diameter-EAP-Request; what bootstraps Mobile IPv6 is in the first one only."""

    APPLICATION: ClassVar[int] = Application.S6B
    SECTION: ClassVar[str] = "TS 29.273 9.2.2.1, 5778 5.1.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.S6B
    rat_type: Annotated[int | None, RatType] = None
    service_selection: Annotated[str | None, ServiceSelection] = None
    "The access point name, from IDr."
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agent: Annotated[HomeAgentInfo | None, Mip6AgentInfo] = None
    "The one that asks."
    home_addresses: Annotated[tuple[_Address, ...], MipMobileNodeAddress] = ()
    "Wanted, or :: for any."
    der_s6b_flags: Annotated[int | None, DerS6bFlags] = None


class Dea(EapAnswer, frozen=True, kw_only=True):
    """Diameter-EAP-Answer; result 2009 or another home agent says to move the node (5778 6.6)."""

    APPLICATION: ClassVar[int] = Application.S6B
    SECTION: ClassVar[str] = "TS 29.273 9.2.2.1, 5778 5.1.2"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.S6B
    home_addresses: Annotated[tuple[_Address, ...], MipMobileNodeAddress] = ()
    "Given; only a prefix where the lower 64 bits are zeros (5778 6.5)."


class Aar(Request, frozen=True, kw_only=True):
    """AA-Request: authorisation without EAP, and the update of who serves an APN."""

    MESSAGE: ClassVar[type[DiameterMessage]] = AaRequest
    APPLICATION: ClassVar[int] = Application.S6B
    SECTION: ClassVar[str] = "TS 29.273 9.2.2.2"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.S6B
    auth_request_type: Annotated[int, AuthRequestType] = AuthKind.AUTHORIZE_ONLY
    user_name: Annotated[str, UserName]
    visited_network_identifier: Annotated[bytes | None, VisitedNetworkIdentifier] = None
    service_selection: Annotated[str | None, ServiceSelection] = None
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agent: Annotated[HomeAgentInfo | None, Mip6AgentInfo] = None
    "The one that asks."
    home_addresses: Annotated[tuple[_Address, ...], MipMobileNodeAddress] = ()
    "Wanted, :: for any, or in use."


class Aaa(Answer, frozen=True, kw_only=True):
    """AA-Answer."""

    MESSAGE: ClassVar[type[DiameterMessage]] = AaAnswer
    APPLICATION: ClassVar[int] = Application.S6B
    SECTION: ClassVar[str] = "TS 29.273 9.2.2.2"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.S6B
    auth_request_type: Annotated[int, AuthRequestType] = AuthKind.AUTHORIZE_ONLY
    user_name: Annotated[str | None, UserName] = None
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agents: Annotated[tuple[HomeAgentInfo, ...], Mip6AgentInfo] = ()
    "Another one, to move the node to."
    session_timeout: Annotated[int | None, SessionTimeout] = None
    "In seconds."
    apn_configurations: Annotated[tuple[ApnSubscription, ...], ApnConfiguration] = ()
    home_addresses: Annotated[tuple[_Address, ...], MipMobileNodeAddress] = ()
    "Given; only a prefix where the lower 64 bits are zeros (5778 6.5)."
