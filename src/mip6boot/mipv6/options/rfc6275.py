"""The options of RFC 6275 itself, and of network mobility (RFC 3963)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int16ub, IPv6, Octets, Scaled, UInt8, UInt16
from .base import OPTIONS, MobilityOption

__all__ = [
    "AlternateCareOfAddress",
    "BindingAuthorizationData",
    "BindingRefreshAdvice",
    "MobileNetworkPrefix",
    "NonceIndices",
]


@OPTIONS.register(2, align=(2, 0), rfc="6275 6.2.4")
class BindingRefreshAdvice(MobilityOption):
    """Binding Refresh Advice: when the mobile node ought to renew its binding."""

    interval: Annotated[int, Scaled(Int16ub, 4)]
    "Seconds, a multiple of 4."


@OPTIONS.register(3, align=(8, 6), rfc="6275 6.2.5")
class AlternateCareOfAddress(MobilityOption):
    """Alternate Care-of Address."""

    address: IPv6
    "Care-of address to bind instead of the packet's source."


@OPTIONS.register(4, align=(2, 0), rfc="6275 6.2.6")
class NonceIndices(MobilityOption):
    """Nonce Indices: which nonces the authenticator is made from."""

    home_nonce_index: UInt16
    care_of_nonce_index: UInt16


@OPTIONS.register(5, align=(8, 2), rfc="6275 6.2.7")
class BindingAuthorizationData(MobilityOption):
    """Binding Authorization Data: the authenticator of a correspondent registration."""

    authenticator: Octets
    "12 octets with return routability; must be the last option."


@OPTIONS.register(6, align=(8, 4), rfc="3963 4.3")
class MobileNetworkPrefix(MobilityOption, kw_only=True):
    """Mobile Network Prefix: a prefix behind a mobile router."""

    reserved: UInt8 = 0
    prefix_length: UInt8 = 64
    "Bits."
    prefix: IPv6
