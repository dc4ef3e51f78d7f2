"""Messages of Diameter (RFC 6733 3): the header, and a class for each request and answer."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from ..schema import (
    Bits,
    Code,
    Const,
    FrameLength,
    FromRegistry,
    Int24ub,
    Message,
    Registry,
    SecondCode,
    UInt8,
    UInt32,
    Unknown,
)
from ..schema.second import key_of
from .avps.base import ApplicationId, Avp, Avps

__all__ = [
    "AaAnswer",
    "AaRequest",
    "AbortSessionAnswer",
    "AbortSessionRequest",
    "AccountingAnswer",
    "AccountingRequest",
    "AuthenticationInformationAnswer",
    "AuthenticationInformationRequest",
    "COMMANDS",
    "CancelLocationAnswer",
    "CancelLocationRequest",
    "CapabilitiesExchangeAnswer",
    "CapabilitiesExchangeRequest",
    "DeviceWatchdogAnswer",
    "DeviceWatchdogRequest",
    "DiameterEapAnswer",
    "DiameterEapRequest",
    "DiameterMessage",
    "DisconnectPeerAnswer",
    "DisconnectPeerRequest",
    "Mip6Answer",
    "Mip6Request",
    "MultimediaAuthAnswer",
    "MultimediaAuthRequest",
    "NotifyAnswer",
    "NotifyRequest",
    "PurgeUeAnswer",
    "PurgeUeRequest",
    "PushProfileAnswer",
    "PushProfileRequest",
    "ReAuthAnswer",
    "ReAuthRequest",
    "RegistrationTerminationAnswer",
    "RegistrationTerminationRequest",
    "ServerAssignmentAnswer",
    "ServerAssignmentRequest",
    "SessionTerminationAnswer",
    "SessionTerminationRequest",
    "UnknownAnswer",
    "UnknownRequest",
    "answer_to",
    "UpdateLocationAnswer",
    "UpdateLocationRequest",
]


class DiameterMessage(Message, kw_only=True):
    """Base of every message."""

    version: UInt8 = 1
    length: ClassVar[Annotated[int, FrameLength(Int24ub)]]
    "Octets of the message, this header and the padding of AVPs included."
    is_request: ClassVar[Annotated[int, Code(Bits(1), level=1)]]
    proxiable: Annotated[bool, Bits(1)] = False
    "It may be proxied, relayed or redirected; otherwise it is for the next node."
    is_error: Annotated[bool, Bits(1)] = False
    "An answer that reports a protocol error."
    retransmitted: Annotated[bool, Bits(1)] = False
    "It may have been sent before, to another node."
    reserved: Annotated[int, Bits(4)] = 0
    command_code: ClassVar[Annotated[int, Code(Int24ub)]]
    application_id: ApplicationId = 0
    hop_by_hop_id: UInt32 = 0
    "Joins an answer to its request on one connection."
    end_to_end_id: UInt32 = 0
    "Tells duplicates of a request."
    avps: Avps = ()


COMMANDS: Registry[DiameterMessage] = Registry(
    DiameterMessage,
    "Diameter message",
    code=Int24ub,
    at=5,
    second=SecondCode(flag_at=4, flag=0x80),
)

_ANSWER, _REQUEST = 0, 1


@COMMANDS.unknown_with(_REQUEST)
class UnknownRequest(DiameterMessage, Unknown, kw_only=True):
    """A request of a command that nobody registered."""

    is_request: ClassVar[Annotated[int, Const(Bits(1), _REQUEST)]]
    registry_code: Annotated[int, FromRegistry()]


@COMMANDS.unknown_with(_ANSWER)
class UnknownAnswer(DiameterMessage, Unknown, kw_only=True):
    """An answer of a command that nobody registered."""

    is_request: ClassVar[Annotated[int, Const(Bits(1), _ANSWER)]]
    registry_code: Annotated[int, FromRegistry()]


@COMMANDS.register(257, _REQUEST, rfc="6733 5.3")
class CapabilitiesExchangeRequest(DiameterMessage):
    """Capabilities-Exchange-Request (CER)."""


@COMMANDS.register(257, _ANSWER, rfc="6733 5.3")
class CapabilitiesExchangeAnswer(DiameterMessage):
    """Capabilities-Exchange-Answer (CEA)."""


@COMMANDS.register(258, _REQUEST, rfc="6733 8.3, TS 29.273 5")
class ReAuthRequest(DiameterMessage):
    """Re-Auth-Request (RAR)."""


@COMMANDS.register(258, _ANSWER, rfc="6733 8.3, TS 29.273 5")
class ReAuthAnswer(DiameterMessage):
    """Re-Auth-Answer (RAA)."""


@COMMANDS.register(265, _REQUEST, rfc="7155 3.1, TS 29.273 5.2.2.2")
class AaRequest(DiameterMessage):
    """AA-Request (AAR)."""


@COMMANDS.register(265, _ANSWER, rfc="7155 3.2, TS 29.273 5.2.2.2")
class AaAnswer(DiameterMessage):
    """AA-Answer (AAA)."""


@COMMANDS.register(268, _REQUEST, rfc="4072 3, TS 29.273 5.2.2.1")
class DiameterEapRequest(DiameterMessage):
    """Diameter-EAP-Request (DER)."""


@COMMANDS.register(268, _ANSWER, rfc="4072 3, TS 29.273 5.2.2.1")
class DiameterEapAnswer(DiameterMessage):
    """Diameter-EAP-Answer (DEA)."""


@COMMANDS.register(271, _REQUEST, rfc="6733 9.7")
class AccountingRequest(DiameterMessage):
    """Accounting-Request (ACR)."""


@COMMANDS.register(271, _ANSWER, rfc="6733 9.7")
class AccountingAnswer(DiameterMessage):
    """Accounting-Answer (ACA)."""


@COMMANDS.register(274, _REQUEST, rfc="6733 8.5, TS 29.273")
class AbortSessionRequest(DiameterMessage):
    """Abort-Session-Request (ASR)."""


@COMMANDS.register(274, _ANSWER, rfc="6733 8.5, TS 29.273")
class AbortSessionAnswer(DiameterMessage):
    """Abort-Session-Answer (ASA)."""


@COMMANDS.register(275, _REQUEST, rfc="6733 8.4, TS 29.273")
class SessionTerminationRequest(DiameterMessage):
    """Session-Termination-Request (STR)."""


@COMMANDS.register(275, _ANSWER, rfc="6733 8.4, TS 29.273")
class SessionTerminationAnswer(DiameterMessage):
    """Session-Termination-Answer (STA)."""


@COMMANDS.register(280, _REQUEST, rfc="6733 5.5")
class DeviceWatchdogRequest(DiameterMessage):
    """Device-Watchdog-Request (DWR)."""


@COMMANDS.register(280, _ANSWER, rfc="6733 5.5")
class DeviceWatchdogAnswer(DiameterMessage):
    """Device-Watchdog-Answer (DWA)."""


@COMMANDS.register(282, _REQUEST, rfc="6733 5.4")
class DisconnectPeerRequest(DiameterMessage):
    """Disconnect-Peer-Request (DPR)."""


@COMMANDS.register(282, _ANSWER, rfc="6733 5.4")
class DisconnectPeerAnswer(DiameterMessage):
    """Disconnect-Peer-Answer (DPA)."""


@COMMANDS.register(301, _REQUEST, rfc="TS 29.229, TS 29.273 8.2.2.3")
class ServerAssignmentRequest(DiameterMessage):
    """Server-Assignment-Request (SAR)."""


@COMMANDS.register(301, _ANSWER, rfc="TS 29.229, TS 29.273 8.2.2.3")
class ServerAssignmentAnswer(DiameterMessage):
    """Server-Assignment-Answer (SAA)."""


@COMMANDS.register(303, _REQUEST, rfc="TS 29.229, TS 29.273 8.2.2.1")
class MultimediaAuthRequest(DiameterMessage):
    """Multimedia-Auth-Request (MAR)."""


@COMMANDS.register(303, _ANSWER, rfc="TS 29.229, TS 29.273 8.2.2.1")
class MultimediaAuthAnswer(DiameterMessage):
    """Multimedia-Auth-Answer (MAA)."""


@COMMANDS.register(304, _REQUEST, rfc="TS 29.229, TS 29.273 8.2.2.4")
class RegistrationTerminationRequest(DiameterMessage):
    """Registration-Termination-Request (RTR)."""


@COMMANDS.register(304, _ANSWER, rfc="TS 29.229, TS 29.273 8.2.2.4")
class RegistrationTerminationAnswer(DiameterMessage):
    """Registration-Termination-Answer (RTA)."""


@COMMANDS.register(305, _REQUEST, rfc="TS 29.229, TS 29.273 8.2.2.5")
class PushProfileRequest(DiameterMessage):
    """Push-Profile-Request (PPR)."""


@COMMANDS.register(305, _ANSWER, rfc="TS 29.229, TS 29.273 8.2.2.5")
class PushProfileAnswer(DiameterMessage):
    """Push-Profile-Answer (PPA)."""


@COMMANDS.register(316, _REQUEST, rfc="TS 29.272 7.2.3")
class UpdateLocationRequest(DiameterMessage):
    """Update-Location-Request (ULR)."""


@COMMANDS.register(316, _ANSWER, rfc="TS 29.272 7.2.3")
class UpdateLocationAnswer(DiameterMessage):
    """Update-Location-Answer (ULA)."""


@COMMANDS.register(317, _REQUEST, rfc="TS 29.272 7.2.7")
class CancelLocationRequest(DiameterMessage):
    """Cancel-Location-Request (CLR)."""


@COMMANDS.register(317, _ANSWER, rfc="TS 29.272 7.2.7")
class CancelLocationAnswer(DiameterMessage):
    """Cancel-Location-Answer (CLA)."""


@COMMANDS.register(318, _REQUEST, rfc="TS 29.272 7.2.5")
class AuthenticationInformationRequest(DiameterMessage):
    """Authentication-Information-Request (AIR)."""


@COMMANDS.register(318, _ANSWER, rfc="TS 29.272 7.2.5")
class AuthenticationInformationAnswer(DiameterMessage):
    """Authentication-Information-Answer (AIA)."""


@COMMANDS.register(321, _REQUEST, rfc="TS 29.272 7.2.13")
class PurgeUeRequest(DiameterMessage):
    """Purge-UE-Request (PUR)."""


@COMMANDS.register(321, _ANSWER, rfc="TS 29.272 7.2.13")
class PurgeUeAnswer(DiameterMessage):
    """Purge-UE-Answer (PUA)."""


@COMMANDS.register(323, _REQUEST, rfc="TS 29.272 7.2.17")
class NotifyRequest(DiameterMessage):
    """Notify-Request (NOR)."""


@COMMANDS.register(323, _ANSWER, rfc="TS 29.272 7.2.17")
class NotifyAnswer(DiameterMessage):
    """Notify-Answer (NOA)."""


@COMMANDS.register(325, _REQUEST, rfc="5778 5.2")
class Mip6Request(DiameterMessage):
    """MIP6-Request (MIR)."""


@COMMANDS.register(325, _ANSWER, rfc="5778 5.2")
class Mip6Answer(DiameterMessage):
    """MIP6-Answer (MIA)."""


def answer_to(
    request: DiameterMessage, avps: tuple[Avp, ...], *, is_error: bool = False
) -> DiameterMessage:
    """The answer to a request: command, application, both numbers and the P flag are its own."""
    code = request.registry_code
    cls = COMMANDS.get(key_of(code, _ANSWER))
    own: dict[str, Any] = {} if cls is not None else {"registry_code": code}
    return (cls or UnknownAnswer)(
        proxiable=request.proxiable,
        is_error=is_error,
        application_id=request.application_id,
        hop_by_hop_id=request.hop_by_hop_id,
        end_to_end_id=request.end_to_end_id,
        avps=avps,
        **own,
    )
