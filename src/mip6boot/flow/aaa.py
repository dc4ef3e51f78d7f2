"""The interface to the AAA side, which the gateway and the home agent ask.

What is asked and answered is what the Diameter messages of STa and S6b carry (RFC 5447, RFC 5778,
TS 29.273); answers come later, so that a network may stand in between.
"""

from __future__ import annotations

import enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Protocol

import msgspec

from ..eap import EapPacket
from ..security import Secret
from ..security.secret import hide

__all__ = [
    "Aaa",
    "AaaAnswer",
    "AaaEnd",
    "AaaInterface",
    "AaaOrder",
    "AaaOrderKind",
    "AaaRequest",
    "AaaResult",
    "AgentInfo",
]


class AaaInterface(enum.StrEnum):
    """Who asks."""

    STA = "STa"
    "The gateway of a trusted access: EAP-AKA'."
    S6B = "S6b"
    "The home agent: EAP-AKA inside IKEv2, or authorization alone."


class AaaResult(enum.IntEnum):
    """Result-Code, or Experimental-Result-Code, of an answer."""

    MULTI_ROUND_AUTH = 1001
    SUCCESS = 2001
    SUCCESS_RELOCATE_HA = 2009
    UNABLE_TO_DELIVER = 3002
    "Nobody answered, or nobody can be reached."
    AUTHENTICATION_REJECTED = 4001
    USER_UNKNOWN = 5001
    AUTHORIZATION_REJECTED = 5003
    ROAMING_NOT_ALLOWED = 5004
    NO_SUBSCRIPTION = 5450
    NO_APN_SUBSCRIPTION = 5451
    RAT_NOT_ALLOWED = 5452


class AgentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """MIP6-Agent-Info: a home agent that was assigned (RFC 5447 4.2.1)."""

    addresses: tuple[IPv4Address | IPv6Address, ...] = ()
    "Of one home agent: at most one of each family; they go before its name."
    host: str = ""
    "Its domain name."
    home_link_prefix: IPv6Network | None = None
    local: bool = False
    "It is in the visited network."


class AaaRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: DER."""

    session: str
    "The same for all requests of one authentication."
    interface: AaaInterface
    user_name: str
    "Network access identifier."
    eap: EapPacket | None = None
    "The peer's packet; None to authorize only, after a certificate or a pre-shared key."
    apn: str = ""
    visited_network: str = ""
    network_name: str = ""
    "For EAP-AKA': what the access network is called (AT_KDF_INPUT)."
    home_agent: IPv6Address | None = None
    "Over S6b: who asks."
    home_address: IPv6Address | None = None
    "Over S6b: the one in use; None to ask for one."
    rat_type: int = 0
    "RAT-Type (TS 29.212 5.3.31); 0 is WLAN."
    calling_station: str = ""
    "Over STa: the node's link-layer address as text."
    local_agents: bool = False
    "Over STa: the visited network could give a home agent (RFC 5447 4.2.5)."
    bound: bool = False
    "Over S6b: the binding is there, and the HSS is to know who serves the access point name."


class AaaAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered: DEA."""

    session: str
    result: int
    "An AaaResult, or another Result-Code."
    eap: EapPacket | None = None
    "The packet for the peer."
    msk: Secret | None = None
    "With success of EAP."
    user_name: str = ""
    "The permanent identity, once it is known."
    agents: tuple[AgentInfo, ...] = ()
    "Over STa: home agents assigned; over S6b: another one, to be redirected to."
    home_address: IPv6Address | None = None
    "Over S6b: the home address that the AAA gives, if it gives one."
    home_prefix: IPv6Network | None = None
    session_timeout: int | None = None
    "In seconds; None for no end."
    server: str = ""
    "Another AAA server, which serves the user."

    def __post_init__(self) -> None:
        hide(self, "msk")

    @property
    def is_granted(self) -> bool:
        """What was asked for may be had, if need be elsewhere."""
        return 2000 <= self.result < 3000

    @property
    def is_undelivered(self) -> bool:
        """Nobody who could refuse was reached (RFC 6733 7.1.3)."""
        return 3000 <= self.result < 4000


class AaaEnd(enum.IntEnum):
    """Why a service has ended (Termination-Cause, RFC 6733 8.15), as far as its owner knows."""

    LOGOUT = 1
    "The node wanted it."
    ADMINISTRATIVE = 4
    "The network wanted it."
    LINK_BROKEN = 5
    "The node is gone."


class AaaOrderKind(enum.StrEnum):
    """What the AAA side wants of whoever has a session."""

    ABORT = "abort"
    "End the service (ASR)."
    REAUTHORISE = "reauthorise"
    "Ask again: the profile has changed (RAR)."


class AaaOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the AAA side has to say without being asked."""

    session: str
    kind: AaaOrderKind


class Aaa(Protocol):
    """What a gateway or home agent asks by."""

    def ask(self, request: AaaRequest, now: float) -> None:
        """Ask; the answer is among `answers` some time."""
        ...

    def answers(self) -> list[AaaAnswer]:
        """The answers that have come since this was last asked."""
        ...

    def end(self, session: str, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """The service of a session that was granted has ended: STR."""
        ...

    def orders(self) -> list[AaaOrder]:
        """The orders that have come since this was last asked."""
        ...
