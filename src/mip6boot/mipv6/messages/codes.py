"""Codes of the messages that RFC 6275 does not know itself."""

from __future__ import annotations

import enum

__all__ = [
    "FlowBindingAcknowledgementStatus",
    "FlowBindingTrigger",
    "HandoverAcknowledgeCode",
    "HandoverInitiateCode",
    "LocalizedRoutingStatus",
    "RevocationStatus",
    "RevocationTrigger",
    "UpdateNotificationReason",
    "UpdateNotificationStatus",
]


class RevocationTrigger(enum.IntEnum):
    """Why a binding is revoked (RFC 5846 5.1); from 128 on for all of a peer's bindings."""

    UNSPECIFIED = 0
    ADMINISTRATIVE_REASON = 1
    INTER_MAG_HANDOVER_SAME_ACCESS = 2
    INTER_MAG_HANDOVER_DIFFERENT_ACCESS = 3
    INTER_MAG_HANDOVER_UNKNOWN = 4
    USER_INITIATED_SESSION_TERMINATION = 5
    ACCESS_NETWORK_SESSION_TERMINATION = 6
    POSSIBLE_OUT_OF_SYNC_BCE_STATE = 7
    PER_PEER_POLICY = 128
    REVOKING_MOBILITY_NODE_LOCAL_POLICY = 129


class RevocationStatus(enum.IntEnum):
    """Status of a Binding Revocation Acknowledgement (RFC 5846 5.2)."""

    SUCCESS = 0
    PARTIAL_SUCCESS = 1
    BINDING_DOES_NOT_EXIST = 128
    IPV4_HOME_ADDRESS_OPTION_REQUIRED = 129
    GLOBAL_REVOCATION_NOT_AUTHORIZED = 130
    REVOKED_MN_IDENTITY_REQUIRED = 131
    REVOCATION_FAILED_MN_ATTACHED = 132
    REVOCATION_TRIGGER_NOT_SUPPORTED = 133
    REVOCATION_FUNCTION_NOT_SUPPORTED = 134
    PROXY_BINDING_REVOCATION_NOT_SUPPORTED = 135


class UpdateNotificationReason(enum.IntEnum):
    """Why an Update Notification is sent (RFC 7077 4.1, RFC 7222 7, RFC 7864 7)."""

    FORCE_REREGISTRATION = 1
    UPDATE_SESSION_PARAMETERS = 2
    VENDOR_SPECIFIC_REASON = 3
    ANI_PARAMS_REQUESTED = 4
    QOS_SERVICE_REQUEST = 5
    FLOW_MOBILITY = 8


class UpdateNotificationStatus(enum.IntEnum):
    """Status of an Update Notification Acknowledgement (RFC 7077 4.2, RFC 7222 7, RFC 7864 7)."""

    SUCCESS = 0
    FAILED_TO_UPDATE_SESSION_PARAMETERS = 128
    MISSING_VENDOR_SPECIFIC_OPTION = 129
    CANNOT_MEET_QOS_SERVICE_REQUEST = 130
    REASON_UNSPECIFIED = 131
    MN_NOT_ATTACHED = 132


class LocalizedRoutingStatus(enum.IntEnum):
    """Status of a Localized Routing Acknowledgment (RFC 6705 10.2)."""

    SUCCESS = 0
    LOCALIZED_ROUTING_NOT_ALLOWED = 128
    MN_NOT_ATTACHED = 129


class HandoverInitiateCode(enum.IntEnum):
    """Code of a Handover Initiate (RFC 5568 6.2.1.1, RFC 5949 6.1.1)."""

    PCOA_SOURCE = 0
    NOT_PCOA_SOURCE = 1
    FORWARDING_COMPLETED = 2
    CONTEXT_TRANSFERRED = 3


class HandoverAcknowledgeCode(enum.IntEnum):
    """Code of a Handover Acknowledge (RFC 5568 6.2.1.2, RFC 5949 6.1.2)."""

    ACCEPTED_NCOA_VALID = 0
    ACCEPTED_NCOA_NOT_VALID = 1
    ACCEPTED_NCOA_ASSIGNED = 2
    ACCEPTED_USE_PCOA = 3
    UNSOLICITED = 4
    CONTEXT_TRANSFER_ACCEPTED = 5
    CONTEXT_TRANSFERRED = 6
    REASON_UNSPECIFIED = 128
    ADMINISTRATIVELY_PROHIBITED = 129
    INSUFFICIENT_RESOURCES = 130


class FlowBindingTrigger(enum.IntEnum):
    """Why a Flow Binding Indication is sent (RFC 7109 6.1.1)."""

    RESERVED = 0
    UNSPECIFIED = 1
    ADMINISTRATIVE_REASON = 2
    POSSIBLE_OUT_OF_SYNC_BCE_STATE = 3


class FlowBindingAcknowledgementStatus(enum.IntEnum):
    """Status of a Flow Binding Acknowledgement (RFC 7109 6.1.2)."""

    SUCCESS = 0
    BINDING_DOES_NOT_EXIST = 128
    ACTION_NOT_AUTHORIZED = 129
