"""Numbers of EAP (RFC 3748) and of the methods that share the numbers of EAP-AKA (RFC 4187 11)."""

from __future__ import annotations

import enum

__all__ = [
    "AkaAttributeType",
    "AkaClientErrorCode",
    "AkaIdentityPrefix",
    "AkaNotificationCode",
    "AkaSubtype",
    "EapCode",
    "EapType",
    "KeyDerivationFunction",
    "SimClientErrorCode",
    "SimSubtype",
]


class EapCode(enum.IntEnum):
    """What a packet is (RFC 3748 4, RFC 6696)."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4
    INITIATE = 5
    FINISH = 6


class EapType(enum.IntEnum):
    """What a request asks for, and a response answers (RFC 3748 5)."""

    IDENTITY = 1
    NOTIFICATION = 2
    NAK = 3
    MD5 = 4
    OTP = 5
    GTC = 6
    TLS = 13
    SIM = 18
    TTLS = 21
    AKA = 23
    PEAP = 25
    MSCHAPV2 = 26
    FAST = 43
    PSK = 47
    IKEV2 = 49
    AKA_PRIME = 50
    GPSK = 51
    PWD = 52
    TEAP = 55
    EXPANDED = 254
    EXPERIMENTAL = 255


class AkaSubtype(enum.IntEnum):
    """Kind of an EAP-AKA or EAP-AKA' message (RFC 4187 11)."""

    CHALLENGE = 1
    AUTHENTICATION_REJECT = 2
    SYNCHRONIZATION_FAILURE = 4
    IDENTITY = 5
    NOTIFICATION = 12
    REAUTHENTICATION = 13
    CLIENT_ERROR = 14


class SimSubtype(enum.IntEnum):
    """Kind of an EAP-SIM message; the last three are EAP-AKA's numbers too (RFC 4187 11)."""

    START = 10
    CHALLENGE = 11
    NOTIFICATION = 12
    REAUTHENTICATION = 13
    CLIENT_ERROR = 14


class AkaAttributeType(enum.IntEnum):
    """Attributes; receivers skip those from 128 on that they do not know (RFC 4187 8.1)."""

    RAND = 1
    AUTN = 2
    RES = 3
    AUTS = 4
    PADDING = 6
    NONCE_MT = 7
    PERMANENT_ID_REQ = 10
    MAC = 11
    NOTIFICATION = 12
    ANY_ID_REQ = 13
    IDENTITY = 14
    VERSION_LIST = 15
    SELECTED_VERSION = 16
    FULLAUTH_ID_REQ = 17
    COUNTER = 19
    COUNTER_TOO_SMALL = 20
    NONCE_S = 21
    CLIENT_ERROR_CODE = 22
    KDF_INPUT = 23
    KDF = 24
    IV = 129
    ENCR_DATA = 130
    NEXT_PSEUDONYM = 132
    NEXT_REAUTH_ID = 133
    CHECKCODE = 134
    RESULT_IND = 135
    BIDDING = 136
    IPMS_IND = 137
    IPMS_RES = 138
    TRUST_IND = 139
    SHORT_NAME_FOR_NETWORK = 140
    FULL_NAME_FOR_NETWORK = 141
    RQSI_IND = 142
    RQSI_RES = 143
    TWAN_CONN_MODE = 144
    VIRTUAL_NETWORK_ID = 145
    VIRTUAL_NETWORK_REQ = 146
    CONNECTIVITY_TYPE = 147
    HANDOVER_INDICATION = 148
    HANDOVER_SESSION_ID = 149
    MN_SERIAL_ID = 150
    DEVICE_IDENTITY = 151
    PUB_ECDHE = 152
    KDF_FS = 153


class AkaNotificationCode(enum.IntEnum):
    """What a notification says; its bits S and P are part of it (RFC 4187 10.19)."""

    GENERAL_FAILURE_AFTER_AUTH = 0
    TEMPORARILY_DENIED = 1026
    NOT_SUBSCRIBED = 1031
    GENERAL_FAILURE = 16384
    SUCCESS = 32768


class AkaClientErrorCode(enum.IntEnum):
    """Why an EAP-AKA peer gives up (RFC 4187 10.20)."""

    UNABLE_TO_PROCESS = 0


class SimClientErrorCode(enum.IntEnum):
    """Why an EAP-SIM peer gives up; the first is EAP-AKA's too (RFC 4186 10.19)."""

    UNABLE_TO_PROCESS = 0
    UNSUPPORTED_VERSION = 1
    INSUFFICIENT_NUMBER_OF_CHALLENGES = 2
    RANDS_NOT_FRESH = 3


class KeyDerivationFunction(enum.IntEnum):
    """How EAP-AKA' derives its keys (RFC 9048 8.3)."""

    CK_PRIME_IK_PRIME = 1


class AkaIdentityPrefix(enum.IntEnum):
    """The leading digit of a username, which tells its kind (RFC 4187 4.1.1.6, TS 23.003 19.3)."""

    AKA_PERMANENT = 0
    AKA_PSEUDONYM = 2
    AKA_REAUTH = 4
    AKA_PRIME_PERMANENT = 6
    AKA_PRIME_PSEUDONYM = 7
    AKA_PRIME_REAUTH = 8
