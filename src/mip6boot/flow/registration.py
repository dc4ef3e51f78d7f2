"""The words for a mobile node's home registration: its states, what becomes of it, its settings."""

from __future__ import annotations

import enum
from ipaddress import IPv6Address

import msgspec

from ..mipv6 import BindingStatus, RevocationTrigger

__all__ = ["MobileNodeSettings", "Registration", "RegistrationChange", "RegistrationState"]


class RegistrationState(enum.StrEnum):
    """Where a mobile node is with its home registration."""

    IDLE = "idle"
    "There is no binding."
    REGISTERING = "registering"
    "For the first time; nothing is bound yet."
    BOUND = "bound"
    UPDATING = "updating"
    "Bound, and a Binding Update to refresh or move is under way."
    DEREGISTERING = "de-registering"
    SOLICITING = "soliciting"
    "On the home link, asking for the home agent's link-layer address (RFC 6275 11.5.5)."
    RETURNING = "returning"
    "On the home link, de-registering."
    HOME = "home"
    "On the home link, without a binding."
    FAILED = "failed"
    "The home agent has refused; nothing is sent to it until the owner wants it again."


class Registration(enum.StrEnum):
    """What has become of a home registration, for whoever owns SAs, tunnel and addresses."""

    BOUND = "bound"
    REFRESHED = "refreshed"
    MOVED = "moved"
    DEREGISTERED = "de-registered"
    HOME = "home"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"
    DUPLICATE = "duplicate address"
    "Status 134: another home address is needed (RFC 5026 5.3.2)."
    SILENT = "no answer"
    "Intervals are as long as they get: the next home agent may be tried (RFC 6275 11.7.1)."


class RegistrationChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has happened to a home registration."""

    time: float
    what: Registration
    home_address: IPv6Address
    care_of_address: IPv6Address
    status: BindingStatus | int | None = None
    "Of the acknowledgement, where there was one."
    lifetime: int = 0
    "Seconds granted."
    key_management_mobility: bool = False
    "The K flag on both sides: move the IKE SA to the care-of address, else make a new one."
    prefix_bound: bool = False
    "The R flag on both sides: the home prefix is bound, too."
    trigger: RevocationTrigger | int | None = None
    "Why the binding was revoked."


class MobileNodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the mobile node wants."""

    lifetime: int = 3600
    "Seconds asked for, a multiple of 4."
    key_management_mobility: bool = True
    "The K flag."
    mobile_router: bool = True
    "The R flag without a prefix: the home prefix is bound, too (RFC 3963 5.2, implicit mode)."
    unprotected: bool = False
    "Acknowledgements may come without IPsec."
    link: str = "access"
    "The visited link."
    home_link: str = "home"
    refresh_part: float = 0.75
    "Part of the granted lifetime after which the binding is refreshed."
