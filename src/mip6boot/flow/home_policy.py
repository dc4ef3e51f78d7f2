"""What a home agent grants: the checks of a Binding Update in their order, and their answers.

The order is that of RFC 6275 9.5.1 and 10.3.1, RFC 3963 6.2 and RFC 4877 4.3.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import msgspec

from ..mipv6 import (
    AlternateCareOfAddress,
    BindingAuthorizationData,
    BindingStatus,
    BindingUpdate,
    MobileNetworkPrefix,
    NonceIndices,
)
from ..mipv6 import BindingAcknowledgementFlags as _AckFlags
from ..mipv6 import BindingUpdateFlags as _Flags
from ..schema import Malformed
from .binding_cache import BindingCache
from .mobility_packets import MobilityPacket
from .neighbours import is_unicast_routable

__all__ = [
    "BindingRequest",
    "HomeAgentSettings",
    "HomePolicy",
    "HomePrefix",
    "reason_for_silence",
    "request_of",
]

#: Options whose octets may not parse, by type (RFC 6275 6.2.5 and 6.2.6, RFC 3963 4.3).
_ALTERNATE, _NONCES, _PREFIX = 3, 4, 6

_MOST = 65535 * 4


class HomePrefix(msgspec.Struct, frozen=True):
    """A prefix of the home link; times are those of the driver's clock."""

    network: IPv6Network
    valid_until: float = math.inf
    preferred_until: float = math.inf


class HomeAgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decides."""

    address: IPv6Address
    "Of the home agent, on the home link."
    prefixes: tuple[HomePrefix, ...]
    "Of the home link; a node without any is no home agent (status 131)."
    link_layer_address: bytes
    "On the home link."
    home_link: str = "home"
    unprotected: bool = False
    "Binding Updates may come without IPsec."
    max_lifetime: int = _MOST
    "Seconds that a binding has at most."
    capacity: int | None = 65_536
    "Bindings that there may be at a time; None for any number."
    refresh_interval: int | None = None
    "Seconds after which mobile nodes are advised to refresh; a multiple of 4."
    mobile_routers: bool = True
    "The R flag is served (RFC 3963)."
    key_management_mobility: bool = True
    "The peer address of an IKE SA can be changed (K flag)."
    duplicate_address_detection: bool = True
    "On the home link, before the first binding (RFC 6275 10.3.1)."
    advertisements: int = 1
    "How often a new binding is advertised, at most MAX_NEIGHBOR_ADVERTISEMENT times."
    revocation_delay: float = 1.0
    "InitMINDelayBRIs, at least 0.5 (RFC 5846 11)."
    revocation_retries: int = 1
    "BRIMaxRetriesNumber."


class BindingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A Binding Update that has passed its checks."""

    packet: MobilityPacket
    update: BindingUpdate
    home_address: IPv6Address
    care_of_address: IPv6Address
    prefixes: tuple[IPv6Network, ...] = ()


class HomePolicy:
    """Decides about Binding Updates; changes nothing."""

    def __init__(self, settings: HomeAgentSettings, cache: BindingCache) -> None:
        self.settings, self.cache = settings, cache
        #: By home address: the prefixes that are the mobile node's (RFC 3963 6.1.2).
        self.prefixes: dict[IPv6Address, tuple[IPv6Network, ...]] = {}
        #: By home address: why the home agent serves it no more.
        self.refusals: dict[IPv6Address, BindingStatus] = {}

    def refusal(self, request: BindingRequest, now: float) -> BindingStatus | None:
        """Why a Binding Update that wants a binding is refused; None where it is not."""
        home_address, flags = request.home_address, request.update.flags
        entry = self.cache.find_active(home_address, now)
        if _Flags.H not in flags:
            return _no_home_registration(flags, entry is not None)
        if entry is not None and (entry.flags ^ flags) & _Flags.R:
            return BindingStatus.REGISTRATION_TYPE_CHANGE_DISALLOWED
        if not self.settings.prefixes:
            return BindingStatus.HOME_REGISTRATION_NOT_SUPPORTED
        if self._home_prefix(home_address, now) is None:
            return BindingStatus.NOT_HOME_SUBNET
        if not self._may_be_care_of(request):
            return BindingStatus.INVALID_CARE_OF_ADDRESS
        if home_address in self.refusals:
            return self.refusals[home_address]
        if self._is_full(home_address, now):
            return BindingStatus.INSUFFICIENT_RESOURCES
        return self._prefix_refusal(request) if _Flags.R in flags else None

    def _may_be_care_of(self, request: BindingRequest) -> bool:
        """ESP does not protect the packet's source: a sealed one has to name its address inside."""
        care_of = request.care_of_address
        if not is_unicast_routable(care_of) or care_of == request.home_address:
            return False
        sealed = request.packet.sealed_for is not None
        return not sealed or request.update.find(AlternateCareOfAddress) is not None

    def _is_full(self, home_address: IPv6Address, now: float) -> bool:
        capacity = self.settings.capacity
        if capacity is None or self.cache.find_active(home_address, now) is not None:
            return False
        return self.cache.count(now) >= capacity

    def _prefix_refusal(self, request: BindingRequest) -> BindingStatus | None:
        """What RFC 3963 6.2 says of the prefixes of a mobile router."""
        if not self.settings.mobile_routers:
            return BindingStatus.MOBILE_ROUTER_OPERATION_NOT_PERMITTED
        own = self.prefixes.get(request.home_address, ())
        options = _options(request.update, MobileNetworkPrefix, _PREFIX)
        asked = [_network_of(option) for option in options]
        if None in asked:
            return BindingStatus.INVALID_PREFIX
        if any(not any(prefix.subnet_of(one) for one in own) for prefix in asked if prefix):
            return BindingStatus.NOT_AUTHORIZED_FOR_PREFIX
        return None if asked or own else BindingStatus.FORWARDING_SETUP_FAILED

    def prefixes_of(self, request: BindingRequest) -> tuple[IPv6Network, ...]:
        """What is bound beside the home address: what was asked for, or all that is assigned."""
        if _Flags.R not in request.update.flags:
            return ()
        asked = [_network_of(option) for option in request.update.find_all(MobileNetworkPrefix)]
        named = tuple(network for network in asked if network is not None)
        return named or self.prefixes.get(request.home_address, ())

    def _home_prefix(self, home_address: IPv6Address, now: float) -> HomePrefix | None:
        """The prefix of a home address, as long as it has time for a binding."""
        for prefix in self.settings.prefixes:
            if home_address in prefix.network and prefix.valid_until - now >= 4:
                return prefix
        return None

    def lifetime_of(self, request: BindingRequest, now: float) -> int:
        """Seconds that a binding gets, in units of 4 (RFC 6275 10.3.1); 0 for none."""
        prefix = self._home_prefix(request.home_address, now)
        if prefix is None:
            return 0
        left = min(prefix.valid_until - now, _MOST)
        return int(min(request.update.lifetime, self.settings.max_lifetime, left)) // 4 * 4

    def success_of(self, request: BindingRequest, lifetime: int, now: float) -> BindingStatus:
        """Status 1 where the prefix does not outlive the binding in all respects."""
        prefix = self._home_prefix(request.home_address, now)
        assert prefix is not None
        if prefix.preferred_until - now < lifetime or prefix.valid_until - now < lifetime + 4:
            return BindingStatus.ACCEPTED_PREFIX_DISCOVERY_NECESSARY
        return BindingStatus.ACCEPTED

    def moves_keys(self, request: BindingRequest) -> bool:
        """The K flag of the answer: asked for, keys are there, and the owner can move them."""
        sealed = request.packet.sealed_for is not None
        return _Flags.K in request.update.flags and sealed and self.settings.key_management_mobility

    def flags_of(self, request: BindingRequest, status: BindingStatus) -> _AckFlags:
        """K and R of the answer."""
        flags = _AckFlags(0)
        if status < 128 and self.moves_keys(request):
            flags |= _AckFlags.K
        if status < 128 and self.settings.mobile_routers and _Flags.R in request.update.flags:
            flags |= _AckFlags.R
        return flags


def request_of(packet: MobilityPacket, update: BindingUpdate) -> BindingRequest:
    """Home and care-of address as RFC 6275 9.5.1 determines them."""
    alternate = update.find(AlternateCareOfAddress)
    return BindingRequest(
        packet=packet,
        update=update,
        home_address=packet.mobile_node,
        care_of_address=packet.source if alternate is None else alternate.address,
    )


def _options(update: BindingUpdate, kind: type[Any], code: int) -> list[Any]:
    """The options of a class, and those of its type that do not parse."""
    return [
        option
        for option in update.options
        if isinstance(option, kind)
        or (isinstance(option, Malformed) and option.registry_code == code)
    ]


def reason_for_silence(request: BindingRequest) -> str:
    """Why a Binding Update is silently discarded (RFC 6275 9.5.1, 9.5.4); empty where it is not."""
    update, packet = request.update, request.packet
    if not is_unicast_routable(request.home_address):
        return f"{request.home_address} is no home address"
    if packet.source.is_multicast or packet.source.is_unspecified:
        return f"{packet.source} is nobody's address"
    if any(isinstance(x, Malformed) for x in _options(update, AlternateCareOfAddress, _ALTERNATE)):
        return "the Alternate Care-of Address does not parse"
    nonces = _options(update, NonceIndices, _NONCES)
    if _Flags.H in update.flags:
        return "Nonce Indices in a home registration" if nonces else ""
    if not nonces or update.find(BindingAuthorizationData) is None:
        return "a correspondent registration without its authorization"
    return ""


def _no_home_registration(flags: _Flags, bound: bool) -> BindingStatus:
    """What a home agent, which never gives nonces, says of a correspondent registration."""
    if _Flags.R in flags:
        return BindingStatus.MOBILE_ROUTER_OPERATION_NOT_PERMITTED
    if bound:
        return BindingStatus.REGISTRATION_TYPE_CHANGE_DISALLOWED
    return BindingStatus.EXPIRED_NONCES


def _network_of(option: Any) -> IPv6Network | None:
    """The prefix of a Mobile Network Prefix option; None for one that nothing is forwarded to."""
    if isinstance(option, Malformed) or not 0 < option.prefix_length <= 128:
        return None
    network = IPv6Network((option.prefix, option.prefix_length), strict=False)
    return network if is_unicast_routable(network.network_address) else None
