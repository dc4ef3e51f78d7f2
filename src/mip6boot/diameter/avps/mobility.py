"""AVPs of Mobile IPv6 bootstrapping (RFC 5447, RFC 5778, RFC 5779)."""

from __future__ import annotations

from ipaddress import IPv6Network
from typing import Annotated

from ...schema import Int32ub, IPv6, Message, Nested, Octets, OpenEnum, UInt8, UInt32, UInt64, Utf8
from ..codes import Mip6Authentication, Mip6Feature, MipAlgorithm, MipReplay
from .base import AVPS, AnyAddress, Avps, MandatoryAvp

__all__ = [
    "HomeLinkPrefix",
    "Mip6AgentInfo",
    "Mip6AuthMode",
    "Mip6FeatureVector",
    "Mip6HomeLinkPrefix",
    "MipAlgorithmType",
    "MipAuthenticator",
    "MipCareofAddress",
    "MipFeatureVector",
    "MipHomeAgentAddress",
    "MipHomeAgentHost",
    "MipMacMobilityData",
    "MipMnAaaSpi",
    "MipMnHaMsa",
    "MipMnHaSpi",
    "MipMobileNodeAddress",
    "MipMsaLifetime",
    "MipReplayMode",
    "MipSessionKey",
    "MipTimestamp",
    "MobileNodeIdentifier",
    "ServiceSelection",
]

_NAMED = sum(Mip6Feature)


@AVPS.register(124, rfc="5447 4.2.5")
class Mip6FeatureVector(MandatoryAvp):
    """MIP6-Feature-Vector: what is supported, or authorised."""

    value: UInt64

    @property
    def features(self) -> Mip6Feature:
        """The bits that have a name."""
        return Mip6Feature(int(self.value) & _NAMED)


class HomeLinkPrefix(Message):
    """What MIP6-Home-Link-Prefix holds."""

    prefix_length: UInt8
    prefix: IPv6
    "Bits behind the length are to be zeros."

    @property
    def network(self) -> IPv6Network | None:
        """The prefix, bits behind its length left out; None where it has no such length."""
        if self.prefix_length > 128:
            return None
        return IPv6Network((self.prefix, self.prefix_length), strict=False)


@AVPS.register(125, rfc="5447 4.2.4")
class Mip6HomeLinkPrefix(MandatoryAvp):
    """MIP6-Home-Link-Prefix: the prefix of the home link that is assigned."""

    value: Annotated[HomeLinkPrefix, Nested(HomeLinkPrefix)]


@AVPS.register(333, rfc="4004 7.3, 5778 6.5")
class MipMobileNodeAddress(MandatoryAvp):
    """MIP-Mobile-Node-Address: the home address; :: in a request asks for one."""

    value: AnyAddress


@AVPS.register(334, rfc="4004 7.4, 5447 4.2.2")
class MipHomeAgentAddress(MandatoryAvp):
    """MIP-Home-Agent-Address: up to two, of IPv6 and of IPv4."""

    value: AnyAddress


@AVPS.register(337, rfc="4004 7.5")
class MipFeatureVector(MandatoryAvp):
    """MIP-Feature-Vector."""

    value: UInt32


@AVPS.register(341, rfc="4004, 5778 6.3")
class MipMnAaaSpi(MandatoryAvp):
    """MIP-MN-AAA-SPI."""

    value: UInt32


@AVPS.register(343, rfc="4004 9.7, 5778 6.10")
class MipSessionKey(MandatoryAvp):
    """MIP-Session-Key."""

    value: Octets


@AVPS.register(345, rfc="4004 9.8, 5778 6.13")
class MipAlgorithmType(MandatoryAvp):
    """MIP-Algorithm-Type."""

    value: Annotated[MipAlgorithm | int, OpenEnum(Int32ub, MipAlgorithm)]


@AVPS.register(346, rfc="4004 9.9, 5778 6.14")
class MipReplayMode(MandatoryAvp):
    """MIP-Replay-Mode."""

    value: Annotated[MipReplay | int, OpenEnum(Int32ub, MipReplay)]


@AVPS.register(348, rfc="4004 7.11, 5447 4.2.3")
class MipHomeAgentHost(MandatoryAvp):
    """MIP-Home-Agent-Host: the realm and the name of a home agent."""

    value: Avps


@AVPS.register(367, rfc="4004 9.13, 5778 6.11")
class MipMsaLifetime(MandatoryAvp):
    """MIP-MSA-Lifetime."""

    value: UInt32


@AVPS.register(486, rfc="5447 4.2.1")
class Mip6AgentInfo(MandatoryAvp):
    """MIP6-Agent-Info: a home agent by address, by name, or both."""

    value: Avps


@AVPS.register(487, rfc="5778 6.7")
class MipCareofAddress(MandatoryAvp):
    """MIP-Careof-Address."""

    value: AnyAddress


@AVPS.register(488, rfc="5778 6.8")
class MipAuthenticator(MandatoryAvp):
    """MIP-Authenticator."""

    value: Octets


@AVPS.register(489, rfc="5778 6.9")
class MipMacMobilityData(MandatoryAvp):
    """MIP-MAC-Mobility-Data."""

    value: Octets


@AVPS.register(490, rfc="5778 6.16")
class MipTimestamp(MandatoryAvp):
    """MIP-Timestamp."""

    value: Octets


@AVPS.register(491, rfc="5778 6.4")
class MipMnHaSpi(MandatoryAvp):
    """MIP-MN-HA-SPI."""

    value: UInt32


@AVPS.register(492, rfc="5778 6.12")
class MipMnHaMsa(MandatoryAvp):
    """MIP-MN-HA-MSA."""

    value: Avps


@AVPS.register(493, rfc="5778 6.2")
class ServiceSelection(MandatoryAvp):
    """Service-Selection: the access point name."""

    value: Utf8


@AVPS.register(494, rfc="5778 6.20")
class Mip6AuthMode(MandatoryAvp):
    """MIP6-Auth-Mode."""

    value: Annotated[Mip6Authentication | int, OpenEnum(Int32ub, Mip6Authentication)]


@AVPS.register(506, rfc="5779 5.6")
class MobileNodeIdentifier(MandatoryAvp):
    """Mobile-Node-Identifier."""

    value: Utf8
