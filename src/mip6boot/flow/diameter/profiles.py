"""Subscriptions as AVPs, and as the actors have them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network

from ...diameter import (
    Allocation,
    DynamicAddress,
    IpAccess,
    IpAccessApn,
    Pdn,
    SubscriptionType,
)
from ...diameter.interfaces import (
    ApnSubscription,
    Non3gppSubscription,
    Subscription,
)
from ...errors import ConfigError
from ..home_subscribers import ApnProfile, Profile, Subscriber
from .agents import agent_of, info_of

__all__: list[str] = []

_HOST_BITS = (1 << 64) - 1


# -- subscriptions (TS 29.273 8.2.3.1) ------------------------------------------------------------
def subscription_of(subscriber: Subscriber, realm: str) -> Non3gppSubscription:
    """Non-3GPP-User-Data; ConfigError where a home prefix is no /64 and cannot be told.

    An access point name with several home agents has an APN-Configuration for each.
    """
    access, barred = IpAccess.NON_3GPP_SUBSCRIPTION_ALLOWED, IpAccess.NON_3GPP_SUBSCRIPTION_BARRED
    imsi = Subscription(kind=SubscriptionType.END_USER_IMSI, data=subscriber.imsi)
    apns = tuple(_configurations(subscriber, realm))
    return Non3gppSubscription(
        subscriptions=(imsi,),
        access=access if subscriber.non_3gpp_access else barred,
        access_apn=IpAccessApn.NON_3GPP_APNS_ENABLE,
        context_identifier=apns[0].context_identifier if apns else None,
        apns=apns,
    )


def _configurations(subscriber: Subscriber, realm: str) -> Iterator[ApnSubscription]:
    number = 0
    for name, profile in subscriber.apns.items():
        for agent in profile.agents or (None,):
            number += 1
            yield ApnSubscription(
                context_identifier=number,
                served_party_ip_addresses=home_addresses(profile),
                pdn_type=Pdn.IPV6,
                service_selection=name,
                vplmn_dynamic_address_allowed=DynamicAddress.ALLOWED
                if profile.visited_agents
                else DynamicAddress.NOTALLOWED,
                home_agent=None if agent is None else info_of(agent, realm),
                pdn_gw_allocation_type=Allocation.DYNAMIC if agent is None else Allocation.STATIC,
            )


def home_addresses(profile: ApnProfile) -> tuple[IPv6Address, ...]:
    """Home address and home prefix; the latter has zeros in its lower 64 bits (RFC 5778 6.5)."""
    address, prefix = profile.home_address, profile.home_prefix
    if prefix is not None and prefix.prefixlen != 64:
        raise ConfigError(f"the home prefix {prefix} is no /64")
    found = (address, None if prefix is None else prefix.network_address)
    return tuple(one for one in found if one is not None)


def profile_of(subscription: Non3gppSubscription) -> Profile:
    """What a subscription comes to; the default access point name is the first."""
    default = subscription.context_identifier
    apns: dict[str, ApnProfile] = {}
    for one in sorted(subscription.apns, key=lambda one: one.context_identifier != default):
        apns[one.service_selection] = _merged(apns.get(one.service_selection), one)
    disabled = subscription.access_apn == IpAccessApn.NON_3GPP_APNS_DISABLE
    return Profile(
        non_3gpp_access=subscription.access == IpAccess.NON_3GPP_SUBSCRIPTION_ALLOWED,
        apns={} if disabled else apns,
    )


def _merged(before: ApnProfile | None, one: ApnSubscription) -> ApnProfile:
    served = [a for a in one.served_party_ip_addresses if isinstance(a, IPv6Address)]
    agents = () if before is None else before.agents
    return ApnProfile(
        agents=agents if one.home_agent is None else (*agents, agent_of(one.home_agent)),
        home_address=next((a for a in served if int(a) & _HOST_BITS), None),
        home_prefix=next((IPv6Network((a, 64)) for a in served if not int(a) & _HOST_BITS), None),
        visited_agents=one.vplmn_dynamic_address_allowed == DynamicAddress.ALLOWED,
    )
