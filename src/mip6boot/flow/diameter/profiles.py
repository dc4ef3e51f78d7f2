"""Subscriptions and home agents as AVPs, and as the actors have them.

>>> from ipaddress import IPv6Address
>>> from mip6boot.flow import AgentInfo
>>> agent = AgentInfo(addresses=(IPv6Address("2001:db8::1"),), host="ha.home.example.org")
>>> info = info_of(agent, "home.example.org")
>>> info.host.destination_realm, agent_of(info) == agent
('home.example.org', True)
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from ...diameter import (
    Allocation,
    DynamicAddress,
    HomeLinkPrefix,
    IpAccess,
    IpAccessApn,
    Pdn,
    SubscriptionType,
)
from ...diameter.interfaces import (
    ApnSubscription,
    HomeAgentHost,
    HomeAgentInfo,
    Non3gppSubscription,
    Subscription,
)
from ...errors import ConfigError
from ..aaa import AgentInfo
from ..home_subscribers import ApnProfile, Profile, Subscriber

__all__: list[str] = []

_HOST_BITS = (1 << 64) - 1


# -- home agents (RFC 5447 4.2) -------------------------------------------------------------------
def info_of(agent: AgentInfo, realm: str) -> HomeAgentInfo:
    """MIP6-Agent-Info; the realm of a home agent is that of the network that assigns it."""
    host, prefix = agent.host, agent.home_link_prefix
    return HomeAgentInfo(
        addresses=agent.addresses,
        host=HomeAgentHost(destination_realm=realm, destination_host=host) if host else None,
        home_link_prefix=None
        if prefix is None
        else HomeLinkPrefix(prefix_length=prefix.prefixlen, prefix=prefix.network_address),
    )


def agent_of(info: HomeAgentInfo) -> AgentInfo:
    """The home agent of MIP6-Agent-Info; what is no address of IP is left out."""
    prefix = info.home_link_prefix
    return AgentInfo(
        addresses=tuple(a for a in info.addresses if isinstance(a, IPv4Address | IPv6Address)),
        host="" if info.host is None else info.host.destination_host,
        home_link_prefix=None if prefix is None else prefix.network,
    )


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
