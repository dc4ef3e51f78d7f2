"""S6a: the HSS and the MME (TS 29.272), as far as the HSS speaks first."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..avps.base_protocol import (
    AuthSessionState,
    DestinationHost,
    UserName,
    VendorSpecificApplicationId,
)
from ..avps.cx import SupportedFeatures
from ..avps.subscription import CancellationType, ClrFlags
from ..codes import Application, SessionState
from ..messages import CancelLocationAnswer, CancelLocationRequest, DiameterMessage
from .common import Answer, Request
from .groups import Features, VendorApplication

__all__ = ["Cla", "Clr"]


class Clr(Request, frozen=True, kw_only=True):
    """Cancel-Location-Request: the MME is to forget the user."""

    MESSAGE: ClassVar[type[DiameterMessage]] = CancelLocationRequest
    APPLICATION: ClassVar[int] = Application.S6A
    SECTION: ClassVar[str] = "TS 29.272 7.2.7"
    vendor_application: Annotated[VendorApplication, VendorSpecificApplicationId] = (
        VendorApplication(auth_application_id=Application.S6A)
    )
    auth_session_state: Annotated[int, AuthSessionState] = SessionState.NO_STATE_MAINTAINED
    destination_host: Annotated[str, DestinationHost]
    user_name: Annotated[str, UserName]
    "The digits of the IMSI."
    cancellation_type: Annotated[int, CancellationType]
    clr_flags: Annotated[int | None, ClrFlags] = None
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()


class Cla(Answer, frozen=True, kw_only=True):
    """Cancel-Location-Answer; success, too, where the user was not known."""

    MESSAGE: ClassVar[type[DiameterMessage]] = CancelLocationAnswer
    APPLICATION: ClassVar[int] = Application.S6A
    SECTION: ClassVar[str] = "TS 29.272 7.2.8"
    vendor_application: Annotated[VendorApplication, VendorSpecificApplicationId] = (
        VendorApplication(auth_application_id=Application.S6A)
    )
    auth_session_state: Annotated[int, AuthSessionState] = SessionState.NO_STATE_MAINTAINED
    supported_features: Annotated[tuple[Features, ...], SupportedFeatures] = ()
