"""Notifications of the extensions of IKEv2, in order of their numbers."""

from __future__ import annotations

import enum
from typing import Annotated

from ...schema import (
    ByLength,
    Bytes,
    Int8ub,
    Int16ub,
    Items,
    Message,
    Octets,
    OpenEnum,
    Optional,
    UInt8,
    UInt32,
)
from ..algorithms import HashAlgorithm, PseudorandomFunction
from .base import PAYLOADS
from .notify import TypedNotify

__all__ = [
    "AuthLifetime",
    "IpsecReplayCounterSync",
    "LinkId",
    "MessageIdSync",
    "NoPpkAuth",
    "PpkId",
    "PpkIdType",
    "PpkIdentity",
    "Puzzle",
    "QuickCrashDetection",
    "SignatureHashAlgorithms",
    "TicketLtOpaque",
    "TicketOpaque",
    "UseAssignedHoa",
]


class PpkIdType(enum.IntEnum):
    """Kinds of PPK_ID (RFC 8784 5.1)."""

    OPAQUE = 1
    FIXED = 2


# The number is one of an error, but it comes with a configuration reply and is not fatal.
@PAYLOADS.register(41, 42, rfc="5026 5.3.2")
class UseAssignedHoa(TypedNotify):
    """USE_ASSIGNED_HoA: take the address of INTERNAL_IP6_ADDRESS, do not make one."""

    data: Octets = b""
    "None is defined."


@PAYLOADS.register(41, 16403, rfc="4478 3")
class AuthLifetime(TypedNotify):
    """AUTH_LIFETIME."""

    lifetime: UInt32
    "Seconds until the initiator is to authenticate again; 0 means at once."


@PAYLOADS.register(41, 16409, rfc="5723 7.1")
class TicketLtOpaque(TypedNotify):
    """TICKET_LT_OPAQUE: a ticket to resume the session with."""

    lifetime: UInt32
    "Seconds until the ticket expires."
    ticket: Octets = b""


@PAYLOADS.register(41, 16413, rfc="5723 7.2")
class TicketOpaque(TypedNotify):
    """TICKET_OPAQUE: the ticket of the session that is resumed."""

    ticket: Octets = b""


@PAYLOADS.register(41, 16414, rfc="5739 5.3")
class LinkId(TypedNotify):
    """LINK_ID: the SA belongs to the virtual link of this name."""

    link_id: Octets = b""
    "As in INTERNAL_IP6_LINK."


@PAYLOADS.register(41, 16419, rfc="6290 4.1")
class QuickCrashDetection(TypedNotify):
    """QUICK_CRASH_DETECTION: the QCD token."""

    token_secret_data: Octets = b""


@PAYLOADS.register(41, 16422, rfc="6311 6.3")
class MessageIdSync(TypedNotify):
    """IKEV2_MESSAGE_ID_SYNC."""

    nonce_data: Annotated[bytes, Bytes(4)]
    "The same in request and response."
    expected_send_req_message_id: UInt32
    "Of the next request that the sender sends."
    expected_recv_req_message_id: UInt32
    "Of the next request that the sender expects."


@PAYLOADS.register(41, 16423, rfc="6311 6.4")
class IpsecReplayCounterSync(TypedNotify):
    """IPSEC_REPLAY_COUNTER_SYNC."""

    delta: Annotated[bytes, ByLength({4: Bytes(4), 8: Bytes(8)})]
    "What all counters are raised by; 8 octets with extended sequence numbers."

    @property
    def value(self) -> int:
        """The delta as a number."""
        return int.from_bytes(self.delta, "big")


@PAYLOADS.register(41, 16431, rfc="7427 4")
class SignatureHashAlgorithms(TypedNotify):
    """SIGNATURE_HASH_ALGORITHMS that the sender can verify."""

    hash_algorithms: Annotated[
        tuple[HashAlgorithm | int, ...], Items(OpenEnum(Int16ub, HashAlgorithm))
    ] = ()


@PAYLOADS.register(41, 16434, rfc="8019 8.1")
class Puzzle(TypedNotify):
    """PUZZLE: what the responder asks the initiator to solve."""

    prf: Annotated[PseudorandomFunction | int, OpenEnum(Int16ub, PseudorandomFunction)]
    difficulty: UInt8
    "Least number of trailing zero bits; 0 leaves it to the initiator."


class PpkId(Message):
    """Name of a post-quantum preshared key."""

    ppk_id_type: Annotated[PpkIdType | int, OpenEnum(Int8ub, PpkIdType)]
    identifier: Octets = b""


@PAYLOADS.register(41, 16436, rfc="8784 5.1")
class PpkIdentity(TypedNotify):
    """PPK_IDENTITY: which key the initiator means; in a response empty."""

    ppk_id: Annotated[PpkId | None, Optional(PpkId)] = None


@PAYLOADS.register(41, 16437, rfc="8784 3")
class NoPpkAuth(TypedNotify):
    """NO_PPK_AUTH: the authentication data made without the post-quantum preshared key."""

    authentication_data: Octets = b""
