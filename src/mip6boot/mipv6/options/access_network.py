"""Access Network Identifier and its sub-options (RFC 6757, RFC 7563)."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, ClassVar

from ...schema import (
    Bits,
    Int8ub,
    Int16ub,
    LengthOf,
    Message,
    Octets,
    OptionList,
    Registry,
    RegistryCode,
    Scaled,
    UInt8,
    UInt16,
    UInt24,
    Unknown,
    Utf8,
)
from .base import OPTIONS, MobilityOption

__all__ = [
    "ANI_SUBOPTIONS",
    "AccessNetworkIdentifier",
    "AniSuboption",
    "AniUpdateTimer",
    "CivicLocation",
    "GeoLocation",
    "MagGroupIdentifier",
    "NetworkIdentifier",
    "OperatorIdentifier",
    "UnknownAniSuboption",
]


class AniSuboption(Message):
    """Base of the sub-options of an Access Network Identifier."""


ANI_SUBOPTIONS: Registry[AniSuboption] = Registry(
    AniSuboption, "ANI sub-option", code=Int8ub, length=Int8ub
)


@ANI_SUBOPTIONS.unknown
class UnknownAniSuboption(AniSuboption, Unknown):
    """An ANI sub-option of a type that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@ANI_SUBOPTIONS.register(1, rfc="6757 3.1.1")
class NetworkIdentifier(AniSuboption, kw_only=True):
    """Network-Identifier: names of the access network and of its access point."""

    utf8: Annotated[bool, Bits(1)] = True
    "The E flag: the network name is UTF-8."
    reserved: Annotated[int, Bits(7)] = 0
    network_name_length: ClassVar[Annotated[int, LengthOf("network_name", Int8ub)]]
    network_name: Octets = b""
    "An SSID or a PLMN identifier; octets, since without the E flag the encoding is not known."
    access_point_name_length: ClassVar[Annotated[int, LengthOf("access_point_name", Int8ub)]]
    access_point_name: Utf8 = ""


@ANI_SUBOPTIONS.register(2, rfc="6757 3.1.2")
class GeoLocation(AniSuboption):
    """Geo-Location of the access network (WGS 84)."""

    latitude_fixed: UInt24
    "Two's complement with 9 bits before the point and 15 after it."
    longitude_fixed: UInt24
    "As the latitude."

    @property
    def latitude(self) -> Fraction:
        """Degrees; negative in the south."""
        return _degrees(self.latitude_fixed)

    @property
    def longitude(self) -> Fraction:
        """Degrees; negative in the west."""
        return _degrees(self.longitude_fixed)


def _degrees(fixed: int) -> Fraction:
    return Fraction(fixed - (1 << 24 if fixed >> 23 else 0), 1 << 15)


@ANI_SUBOPTIONS.register(3, rfc="6757 3.1.3")
class OperatorIdentifier(AniSuboption):
    """Operator-Identifier."""

    op_id_type: UInt8
    "1: enterprise number, 2: realm."
    operator_identifier: Octets


@ANI_SUBOPTIONS.register(4, rfc="7563 3.1")
class CivicLocation(AniSuboption, kw_only=True):
    """Civic-Location of the access network."""

    format: UInt8 = 0
    "0: binary encoding of RFC 4776."
    reserved: UInt8 = 0
    civic_location: Octets = b""


# The text calls the value a 3-octet number, but the figure and the Length of 2 leave it 2 octets.
@ANI_SUBOPTIONS.register(5, rfc="7563 3.2")
class MagGroupIdentifier(AniSuboption):
    """MAG-Group-Identifier."""

    group_identifier: UInt16


@ANI_SUBOPTIONS.register(6, rfc="7563 3.3")
class AniUpdateTimer(AniSuboption):
    """ANI Update-Timer: how long changes may wait before they are told."""

    update_timer: Annotated[int, Scaled(Int16ub, 4)]
    "Seconds, a multiple of 4."


@OPTIONS.register(52, align=(4, 0), rfc="6757 3")
class AccessNetworkIdentifier(MobilityOption):
    """Access Network Identifier."""

    suboptions: Annotated[tuple[AniSuboption, ...], OptionList(ANI_SUBOPTIONS)] = ()
