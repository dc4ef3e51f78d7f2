"""Servers of other protocols: NTP (RFC 5908), MoS (RFC 5678) and ANDSF (RFC 6153)."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Annotated

from ..schema import (
    Inet6,
    Int16ub,
    IPv6,
    Items,
    Message,
    Octets,
    OptionList,
    Registry,
    RegistryCode,
    Unknown,
    WireName,
    WireNames,
)
from .base import OPTIONS, Dhcpv6Option

__all__ = [
    "MOS_ADDRESS_SUBOPTIONS",
    "MOS_FQDN_SUBOPTIONS",
    "NTP_SUBOPTIONS",
    "AndsfAddress",
    "CommandServiceAddresses",
    "CommandServiceFqdns",
    "EventServiceAddresses",
    "EventServiceFqdns",
    "InformationServiceAddresses",
    "InformationServiceFqdns",
    "MosAddress",
    "MosAddressSuboption",
    "MosFqdn",
    "MosFqdnSuboption",
    "NtpMulticastAddress",
    "NtpServer",
    "NtpServerAddress",
    "NtpServerFqdn",
    "NtpSuboption",
    "UnknownMosAddressSuboption",
    "UnknownMosFqdnSuboption",
    "UnknownNtpSuboption",
]

_Addresses = Annotated[tuple[IPv6Address, ...], Items(Inet6)]


class NtpSuboption(Message):
    """Base of the sub-options of an NTP Server option."""


NTP_SUBOPTIONS: Registry[NtpSuboption] = Registry(
    NtpSuboption, "NTP sub-option", code=Int16ub, length=Int16ub
)


@NTP_SUBOPTIONS.unknown
class UnknownNtpSuboption(NtpSuboption, Unknown):
    """A sub-option of a code that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@NTP_SUBOPTIONS.register(1, rfc="5908 4.1")
class NtpServerAddress(NtpSuboption):
    """NTP Server Address."""

    address: IPv6


@NTP_SUBOPTIONS.register(2, rfc="5908 4.2")
class NtpMulticastAddress(NtpSuboption):
    """NTP Multicast Address."""

    address: IPv6


@NTP_SUBOPTIONS.register(3, rfc="5908 4.3")
class NtpServerFqdn(NtpSuboption):
    """NTP Server FQDN."""

    fqdn: WireName


@OPTIONS.register(56, rfc="5908 4")
class NtpServer(Dhcpv6Option):
    """NTP Server: one server, by exactly one sub-option."""

    suboptions: Annotated[tuple[NtpSuboption, ...], OptionList(NTP_SUBOPTIONS)]


class MosAddressSuboption(Message):
    """Base of the sub-options of a MoS IPv6 Address option."""


MOS_ADDRESS_SUBOPTIONS: Registry[MosAddressSuboption] = Registry(
    MosAddressSuboption, "MoS address sub-option", code=Int16ub, length=Int16ub
)


@MOS_ADDRESS_SUBOPTIONS.unknown
class UnknownMosAddressSuboption(MosAddressSuboption, Unknown):
    """A sub-option of a code that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@MOS_ADDRESS_SUBOPTIONS.register(1, rfc="5678 4")
class InformationServiceAddresses(MosAddressSuboption):
    """Servers of the information service (IS), best first."""

    addresses: _Addresses = ()


@MOS_ADDRESS_SUBOPTIONS.register(2, rfc="5678 4")
class CommandServiceAddresses(MosAddressSuboption):
    """Servers of the command service (CS), best first."""

    addresses: _Addresses = ()


@MOS_ADDRESS_SUBOPTIONS.register(3, rfc="5678 4")
class EventServiceAddresses(MosAddressSuboption):
    """Servers of the event service (ES), best first."""

    addresses: _Addresses = ()


@OPTIONS.register(54, rfc="5678 4")
class MosAddress(Dhcpv6Option):
    """MoS IPv6 Address: servers of IEEE 802.21 mobility services."""

    suboptions: Annotated[tuple[MosAddressSuboption, ...], OptionList(MOS_ADDRESS_SUBOPTIONS)]


class MosFqdnSuboption(Message):
    """Base of the sub-options of a MoS Domain Name List option."""


MOS_FQDN_SUBOPTIONS: Registry[MosFqdnSuboption] = Registry(
    MosFqdnSuboption, "MoS FQDN sub-option", code=Int16ub, length=Int16ub
)


@MOS_FQDN_SUBOPTIONS.unknown
class UnknownMosFqdnSuboption(MosFqdnSuboption, Unknown):
    """A sub-option of a code that nobody registered; its octets are kept."""

    registry_code: RegistryCode
    data: Octets = b""


@MOS_FQDN_SUBOPTIONS.register(1, rfc="5678 5")
class InformationServiceFqdns(MosFqdnSuboption):
    """Names for the information service (IS), in order."""

    fqdns: WireNames


@MOS_FQDN_SUBOPTIONS.register(2, rfc="5678 5")
class CommandServiceFqdns(MosFqdnSuboption):
    """Names for the command service (CS), in order."""

    fqdns: WireNames


@MOS_FQDN_SUBOPTIONS.register(3, rfc="5678 5")
class EventServiceFqdns(MosFqdnSuboption):
    """Names for the event service (ES), in order."""

    fqdns: WireNames


@OPTIONS.register(55, rfc="5678 5")
class MosFqdn(Dhcpv6Option):
    """MoS Domain Name List: names for IEEE 802.21 mobility services."""

    suboptions: Annotated[tuple[MosFqdnSuboption, ...], OptionList(MOS_FQDN_SUBOPTIONS)]


@OPTIONS.register(143, rfc="6153 3")
class AndsfAddress(Dhcpv6Option):
    """ANDSF IPv6 Address: servers of 3GPP's access network discovery, best first."""

    addresses: _Addresses
