"""Attributes that say how it went."""

from __future__ import annotations

from typing import Annotated

from ..schema import Int16ub, OpenEnum
from .attributes import ATTRIBUTES, AkaAttribute
from .codes import AkaNotificationCode, SimClientErrorCode

__all__ = ["AtClientErrorCode", "AtNotification"]


@ATTRIBUTES.register(12, rfc="4187 10.19, 4186 10.18")
class AtNotification(AkaAttribute):
    """What the server tells the peer."""

    # The figure draws S and P apart, but the registered codes are numbers of all 16 bits.
    code: Annotated[AkaNotificationCode | int, OpenEnum(Int16ub, AkaNotificationCode)]

    @property
    def success(self) -> bool:
        """The S bit: the code does not imply failure."""
        return bool(self.code & 0x8000)

    @property
    def before_authentication(self) -> bool:
        """The P bit: the code is for the time before a successful challenge."""
        # RFC 4187 11 says it the other way round; 6.1 and the codes themselves agree with this.
        return bool(self.code & 0x4000)


@ATTRIBUTES.register(22, rfc="4187 10.20, 4186 10.19")
class AtClientErrorCode(AkaAttribute):
    """Why the peer gives up."""

    # EAP-AKA has the first code only, with the same meaning.
    code: Annotated[SimClientErrorCode | int, OpenEnum(Int16ub, SimClientErrorCode)]
