"""SWm: the ePDG of an untrusted access asks the AAA (TS 29.273 7)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..avps.base_protocol import (
    AuthApplicationId,
)
from ..avps.mobility import Mip6AgentInfo, Mip6FeatureVector, ServiceSelection
from ..avps.non_3gpp import RatType
from ..codes import Application
from .diameter_eap import EapAnswer, EapRequest
from .groups import HomeAgentInfo

__all__ = ["Dea", "Der"]


class Der(EapRequest, frozen=True, kw_only=True):
    """Diameter-EAP-Request."""

    APPLICATION: ClassVar[int] = Application.SWM
    SECTION: ClassVar[str] = "TS 29.273 7.2.2.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.SWM
    rat_type: Annotated[int | None, RatType] = None
    service_selection: Annotated[str | None, ServiceSelection] = None
    "The access point name."
    mip6_feature_vector: Annotated[int | None, Mip6FeatureVector] = None
    home_agents: Annotated[tuple[HomeAgentInfo, ...], Mip6AgentInfo] = ()


class Dea(EapAnswer, frozen=True, kw_only=True):
    """Diameter-EAP-Answer."""

    APPLICATION: ClassVar[int] = Application.SWM
    SECTION: ClassVar[str] = "TS 29.273 7.2.2.1"
    auth_application_id: Annotated[int, AuthApplicationId] = Application.SWM
