"""Configuration attributes of names, trust anchors and services (RFC 8598, 9464, 7651, 3GPP)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from ..schema import (
    ByLength,
    Bytes,
    Inet4,
    Inet6,
    Int16ub,
    Int32ub,
    IPv6,
    Message,
    Octets,
    Optional,
    UInt8,
    UInt16,
    Utf8,
)
from .configuration import (
    CONFIGURATION_ATTRIBUTES,
    ConfigurationAttribute,
    Ip4OrNone,
    Ip6OrNone,
)

__all__ = [
    "EncryptedDnsDigestInfo",
    "EncryptedDnsIp4",
    "EncryptedDnsIp6",
    "ExternalSourceIp4NatInfo",
    "FttKat",
    "HomeAgentAddress",
    "HomeAgentAddresses",
    "InternalDnsDomain",
    "InternalDnssecTa",
    "PCscfIp4Address",
    "PCscfIp6Address",
    "PrivatePCscf16389",
    "PrivatePCscf16390",
    "TimeoutPeriodForLivenessCheck",
    "TrustAnchor",
]


PCscfAddress = Annotated[IPv4Address | IPv6Address | None, ByLength({0: None, 4: Inet4, 16: Inet6})]


class HomeAgentAddresses(Message):
    """Addresses of a home agent."""

    ipv6_address: IPv6
    ipv4_address: Annotated[IPv4Address | None, ByLength({0: None, 4: Inet4})] = None


@CONFIGURATION_ATTRIBUTES.register(19, rfc="TS 24.302 8.2.4.1")
class HomeAgentAddress(ConfigurationAttribute):
    """HOME_AGENT_ADDRESS; in a request empty."""

    value: Annotated[HomeAgentAddresses | None, Optional(HomeAgentAddresses)] = None


@CONFIGURATION_ATTRIBUTES.register(20, rfc="7651 4")
class PCscfIp4Address(ConfigurationAttribute):
    """P_CSCF_IP4_ADDRESS: where SIP enters the IMS."""

    address: Ip4OrNone = None


@CONFIGURATION_ATTRIBUTES.register(21, rfc="7651 4")
class PCscfIp6Address(ConfigurationAttribute):
    """P_CSCF_IP6_ADDRESS: where SIP enters the IMS."""

    address: Ip6OrNone = None


@CONFIGURATION_ATTRIBUTES.register(22, rfc="TS 24.302")
class FttKat(ConfigurationAttribute):
    """FTT_KAT: keep-alive time of a firewall traversal tunnel."""

    keepalive_time: Annotated[int | None, ByLength({0: None, 2: Int16ub})] = None


# IANA says 0 or 6 octets; the order of address and port in them is left to TS 29.139.
@CONFIGURATION_ATTRIBUTES.register(23, rfc="TS 29.139")
class ExternalSourceIp4NatInfo(ConfigurationAttribute):
    """EXTERNAL_SOURCE_IP4_NAT_INFO: IPv4 address and port outside of a NAT."""

    nat_info: Annotated[bytes | None, ByLength({0: None, 6: Bytes(6)})] = None


@CONFIGURATION_ATTRIBUTES.register(24, rfc="TS 24.302 8.2.4.2")
class TimeoutPeriodForLivenessCheck(ConfigurationAttribute):
    """TIMEOUT_PERIOD_FOR_LIVENESS_CHECK."""

    timeout: Annotated[int | None, ByLength({0: None, 4: Int32ub})] = None
    "Seconds."


@CONFIGURATION_ATTRIBUTES.register(25, rfc="8598 4.1")
class InternalDnsDomain(ConfigurationAttribute):
    """INTERNAL_DNS_DOMAIN: a domain whose names the internal servers resolve."""

    domain: Utf8 = ""
    "In presentation format with A-labels, not terminated by a null."


class TrustAnchor(Message):
    """What a DS record says of a key."""

    key_tag: UInt16
    algorithm: UInt8
    "Number of the registry of DNS security algorithms."
    digest_type: UInt8
    digest_data: Octets
    "RFC 8598 asks for the presentation format; the octets stay as they came."


@CONFIGURATION_ATTRIBUTES.register(26, rfc="8598 4.2")
class InternalDnssecTa(ConfigurationAttribute):
    """INTERNAL_DNSSEC_TA: a trust anchor of the INTERNAL_DNS_DOMAIN before it."""

    value: Annotated[TrustAnchor | None, Optional(TrustAnchor)] = None


# Before RFC 7651 gave 20 and 21, devices used these private numbers.  No document here tells which
# is of which family, so the length does.
@CONFIGURATION_ATTRIBUTES.register(16389, rfc="7296 3.15.1")
class PrivatePCscf16389(ConfigurationAttribute):
    """Address of a P-CSCF under the private number 16389."""

    address: PCscfAddress = None


@CONFIGURATION_ATTRIBUTES.register(16390, rfc="7296 3.15.1")
class PrivatePCscf16390(ConfigurationAttribute):
    """Address of a P-CSCF under the private number 16390."""

    address: PCscfAddress = None


# The three attributes of encrypted DNS (RFC 9464) keep their octets.
@CONFIGURATION_ATTRIBUTES.register(27, rfc="9464 3.1")
class EncryptedDnsIp4(ConfigurationAttribute):
    """ENCDNS_IP4: an encrypted DNS resolver with IPv4 addresses."""

    data: Octets = b""


@CONFIGURATION_ATTRIBUTES.register(28, rfc="9464 3.1")
class EncryptedDnsIp6(ConfigurationAttribute):
    """ENCDNS_IP6: an encrypted DNS resolver with IPv6 addresses."""

    data: Octets = b""


@CONFIGURATION_ATTRIBUTES.register(29, rfc="9464 3.2")
class EncryptedDnsDigestInfo(ConfigurationAttribute):
    """ENCDNS_DIGEST_INFO: digests of the certificate of an encrypted DNS resolver."""

    data: Octets = b""
