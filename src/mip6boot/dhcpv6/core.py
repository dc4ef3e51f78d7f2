"""The options of RFC 8415 itself, but for leases and vendors."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from ..errors import DecodeError
from ..schema import (
    Bytes,
    Int8ub,
    Int16ub,
    IPv6,
    Items,
    Message,
    Octets,
    OneOf,
    OpenEnum,
    UInt8,
    UInt16,
    UInt32,
    Utf8,
    WireDuid,
)
from .base import MESSAGES, OPTIONS, Dhcpv6Message, Dhcpv6Option
from .codes import (
    AuthenticationAlgorithm,
    AuthenticationProtocol,
    MessageType,
    OptionCode,
    ReplayDetectionMethod,
    RkapType,
    StatusCode,
)

__all__ = [
    "Authentication",
    "ClientIdentifier",
    "ElapsedTime",
    "InfMaxRt",
    "InformationRefreshTime",
    "InterfaceId",
    "OptionRequest",
    "Preference",
    "RapidCommit",
    "ReconfigureAccept",
    "ReconfigureKeyInformation",
    "ReconfigureMessage",
    "RelayMessage",
    "ServerIdentifier",
    "ServerUnicast",
    "SolMaxRt",
    "StatusCodeOption",
]


@OPTIONS.register(1, rfc="8415 21.2")
class ClientIdentifier(Dhcpv6Option):
    """Client Identifier."""

    duid: WireDuid


@OPTIONS.register(2, rfc="8415 21.3")
class ServerIdentifier(Dhcpv6Option):
    """Server Identifier."""

    duid: WireDuid


@OPTIONS.register(6, rfc="8415 21.7")
class OptionRequest(Dhcpv6Option):
    """Option Request (ORO): what the client would like to be sent."""

    requested_option_codes: Annotated[
        tuple[OptionCode | int, ...], Items(OpenEnum(Int16ub, OptionCode))
    ] = ()


@OPTIONS.register(7, rfc="8415 21.8")
class Preference(Dhcpv6Option):
    """Preference of a server."""

    pref_value: UInt8
    "The highest wins; 255 ends the client's waiting for others."


@OPTIONS.register(8, rfc="8415 21.9")
class ElapsedTime(Dhcpv6Option):
    """Elapsed Time of the client's exchange."""

    elapsed_10ms: UInt16 = 0
    "Hundredths of a second; 0 in the first message, 0xffff for all that is longer."

    @property
    def elapsed(self) -> timedelta:
        """The time since the first message; at least this with `overflow`."""
        return timedelta(milliseconds=10 * self.elapsed_10ms)

    @property
    def overflow(self) -> bool:
        """The time is longer than the option can say."""
        return self.elapsed_10ms == 0xFFFF


@OPTIONS.register(9, rfc="8415 21.10")
class RelayMessage(Dhcpv6Option):
    """Relay Message: what a relay passes on, or is to pass on."""

    message: Annotated[Dhcpv6Message, OneOf(MESSAGES)]


class ReconfigureKeyInformation(Message):
    """Authentication information of the reconfigure key protocol, RKAP (RFC 8415 20.4.1)."""

    rkap_type: Annotated[RkapType | int, OpenEnum(Int8ub, RkapType)]
    value: Annotated[bytes, Bytes(16)]
    "The key in a Reply; in a Reconfigure the HMAC-MD5 over the message with zeros in this place."


@OPTIONS.register(11, rfc="8415 21.11")
class Authentication(Dhcpv6Option):
    """Authentication of a message."""

    protocol: Annotated[AuthenticationProtocol | int, OpenEnum(Int8ub, AuthenticationProtocol)]
    algorithm: Annotated[AuthenticationAlgorithm | int, OpenEnum(Int8ub, AuthenticationAlgorithm)]
    rdm: Annotated[ReplayDetectionMethod | int, OpenEnum(Int8ub, ReplayDetectionMethod)]
    "Replay detection method."
    replay_detection: Annotated[bytes, Bytes(8)]
    "With method 0 a number that grows from message to message."
    authentication_information: Octets = b""
    "As protocol and algorithm say; see `reconfigure_key`."

    @property
    def reconfigure_key(self) -> ReconfigureKeyInformation | None:
        """The information of protocol 3; None when it is of another one or does not fit it."""
        if self.protocol != AuthenticationProtocol.RECONFIGURE_KEY:
            return None
        try:
            return ReconfigureKeyInformation.decode(self.authentication_information)
        except DecodeError:
            return None


@OPTIONS.register(12, rfc="8415 21.12")
class ServerUnicast(Dhcpv6Option):
    """Server Unicast: the client may send to this address; obsolete since RFC 9915."""

    server_address: IPv6


# The enumeration of the codes has the plain name.
@OPTIONS.register(13, rfc="8415 21.13")
class StatusCodeOption(Dhcpv6Option):
    """Status Code of what it stands in."""

    status_code: Annotated[StatusCode | int, OpenEnum(Int16ub, StatusCode)]
    status_message: Utf8 = ""
    "For an end user; not terminated by a null."


@OPTIONS.register(14, rfc="8415 21.14")
class RapidCommit(Dhcpv6Option):
    """Rapid Commit: Solicit and Reply shall do, or have done."""


@OPTIONS.register(18, rfc="8415 21.18")
class InterfaceId(Dhcpv6Option):
    """Interface-Id: where a relay received the message; opaque, the server copies it back."""

    interface_id: Octets


@OPTIONS.register(19, rfc="8415 21.19")
class ReconfigureMessage(Dhcpv6Option):
    """Reconfigure Message: how the client is to answer."""

    msg_type: Annotated[MessageType | int, OpenEnum(Int8ub, MessageType)]
    "Renew, Rebind or Information-request."


@OPTIONS.register(20, rfc="8415 21.20")
class ReconfigureAccept(Dhcpv6Option):
    """Reconfigure Accept: Reconfigure messages are welcome."""


@OPTIONS.register(32, rfc="8415 21.23")
class InformationRefreshTime(Dhcpv6Option):
    """Information Refresh Time."""

    information_refresh_time: UInt32
    "Seconds, at least 600; 0xffffffff is for ever."


@OPTIONS.register(82, rfc="8415 21.24")
class SolMaxRt(Dhcpv6Option):
    """SOL_MAX_RT: the longest time between two Solicits."""

    value: UInt32
    "Seconds, 60 to 86,400."


@OPTIONS.register(83, rfc="8415 21.25")
class InfMaxRt(Dhcpv6Option):
    """INF_MAX_RT: the longest time between two Information-requests."""

    value: UInt32
    "Seconds, 60 to 86,400."
