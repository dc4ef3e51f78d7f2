"""STa: the gateway of a trusted access asks the AAA (TS 29.273 5), over SWd through a proxy."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..avps.base_protocol import (
    AuthApplicationId,
)
from ..avps.mobility import Mip6AgentInfo, Mip6FeatureVector, ServiceSelection
from ..avps.network_access import CallingStationId
from ..avps.non_3gpp import Anid, AnTrusted, RatType
from ..codes import Application
from .diameter_eap import EapAnswer, EapRequest
from .groups import HomeAgentInfo

__all__ = ["Dea", "Der"]


class Der(EapRequest, frozen=True, kw_only=True):
    """Diameter-EAP-Request."""

    APPLICATION: ClassVar[int] = Application.STA
    SECTION: ClassVar[str] = "TS 29.273 5.2.2.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.STA
    calling_station_id: Annotated[str | None, CallingStationId] = None
    rat_type: Annotated[int, RatType]
    anid: Annotated[str, Anid]
    "The name of the access network."
    service_selection: Annotated[str | None, ServiceSelection] = None
    "The access point name, where the access knows it."
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agents: Annotated[tuple[HomeAgentInfo, ...], Mip6AgentInfo] = ()
    "Those that the visited network could give."


class Dea(EapAnswer, frozen=True, kw_only=True):
    """Diameter-EAP-Answer; what bootstraps Mobile IPv6 is in the last one only (RFC 5447 4)."""

    APPLICATION: ClassVar[int] = Application.STA
    SECTION: ClassVar[str] = "TS 29.273 5.2.2.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.STA
    an_trusted: Annotated[int | None, AnTrusted] = None
