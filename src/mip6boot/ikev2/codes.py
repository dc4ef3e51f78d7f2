"""Code points of IKEv2 messages and payloads (RFC 7296 and its successors)."""

from __future__ import annotations

import enum

__all__ = [
    "AuthenticationMethod",
    "CertificateEncoding",
    "ConfigurationAttributeType",
    "ConfigurationType",
    "ExchangeType",
    "IdType",
    "PayloadType",
    "ProtocolId",
    "TrafficSelectorType",
]


class ExchangeType(enum.IntEnum):
    """Exchange types (RFC 7296 3.1)."""

    IKE_SA_INIT = 34
    IKE_AUTH = 35
    CREATE_CHILD_SA = 36
    INFORMATIONAL = 37
    IKE_SESSION_RESUME = 38
    GSA_AUTH = 39
    GSA_REGISTRATION = 40
    GSA_REKEY = 41
    GSA_INBAND_REKEY = 42
    IKE_INTERMEDIATE = 43
    IKE_FOLLOWUP_KE = 44


class PayloadType(enum.IntEnum):
    """Payload types (RFC 7296 3.2)."""

    NONE = 0
    SA = 33
    KE = 34
    IDI = 35
    IDR = 36
    CERT = 37
    CERTREQ = 38
    AUTH = 39
    NONCE = 40
    NOTIFY = 41
    DELETE = 42
    VENDOR_ID = 43
    TSI = 44
    TSR = 45
    SK = 46
    CP = 47
    EAP = 48
    GSPM = 49
    IDG = 50
    GSA = 51
    KD = 52
    SKF = 53
    PS = 54


class ProtocolId(enum.IntEnum):
    """Protocols of proposals, notifications and deletions (RFC 7296 3.3.1)."""

    IKE = 1
    AH = 2
    ESP = 3
    FC_ESP_HEADER = 4
    FC_CT_AUTHENTICATION = 5
    GIKE_UPDATE = 6


class IdType(enum.IntEnum):
    """Kinds of identities (RFC 7296 3.5)."""

    IPV4_ADDR = 1
    FQDN = 2
    RFC822_ADDR = 3
    IPV6_ADDR = 5
    DER_ASN1_DN = 9
    DER_ASN1_GN = 10
    KEY_ID = 11
    FC_NAME = 12
    NULL = 13


class CertificateEncoding(enum.IntEnum):
    """Encodings of certificates (RFC 7296 3.6)."""

    PKCS7 = 1
    PGP = 2
    DNS_SIGNED_KEY = 3
    X509_SIGNATURE = 4
    KERBEROS = 6
    CRL = 7
    ARL = 8
    SPKI = 9
    X509_ATTRIBUTE = 10
    RAW_RSA = 11
    HASH_URL_X509 = 12
    HASH_URL_BUNDLE = 13
    OCSP = 14
    RAW_PUBLIC_KEY = 15


class AuthenticationMethod(enum.IntEnum):
    """Authentication methods (RFC 7296 3.8)."""

    RSA = 1
    SHARED_KEY = 2
    DSS = 3
    ECDSA_P256 = 9
    ECDSA_P384 = 10
    ECDSA_P521 = 11
    GSPM = 12
    NULL = 13
    DIGITAL_SIGNATURE = 14


class TrafficSelectorType(enum.IntEnum):
    """Kinds of traffic selectors (RFC 7296 3.13.1)."""

    IPV4_ADDR_RANGE = 7
    IPV6_ADDR_RANGE = 8
    FC_ADDR_RANGE = 9
    SECLABEL = 10


class ConfigurationType(enum.IntEnum):
    """Kinds of Configuration payloads (RFC 7296 3.15)."""

    REQUEST = 1
    REPLY = 2
    SET = 3
    ACK = 4


class ConfigurationAttributeType(enum.IntEnum):
    """Attributes of Configuration payloads (RFC 7296 3.15.1)."""

    INTERNAL_IP4_ADDRESS = 1
    INTERNAL_IP4_NETMASK = 2
    INTERNAL_IP4_DNS = 3
    INTERNAL_IP4_NBNS = 4
    RESERVED_5 = 5
    INTERNAL_IP4_DHCP = 6
    APPLICATION_VERSION = 7
    INTERNAL_IP6_ADDRESS = 8
    RESERVED_9 = 9
    INTERNAL_IP6_DNS = 10
    RESERVED_11 = 11
    INTERNAL_IP6_DHCP = 12
    INTERNAL_IP4_SUBNET = 13
    SUPPORTED_ATTRIBUTES = 14
    INTERNAL_IP6_SUBNET = 15
    MIP6_HOME_PREFIX = 16
    INTERNAL_IP6_LINK = 17
    INTERNAL_IP6_PREFIX = 18
    HOME_AGENT_ADDRESS = 19
    P_CSCF_IP4_ADDRESS = 20
    P_CSCF_IP6_ADDRESS = 21
    FTT_KAT = 22
    EXTERNAL_SOURCE_IP4_NAT_INFO = 23
    TIMEOUT_PERIOD_FOR_LIVENESS_CHECK = 24
    INTERNAL_DNS_DOMAIN = 25
    INTERNAL_DNSSEC_TA = 26
    ENCDNS_IP4 = 27
    ENCDNS_IP6 = 28
    ENCDNS_DIGEST_INFO = 29
