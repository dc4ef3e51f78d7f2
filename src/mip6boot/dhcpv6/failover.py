"""What failover partners tell each other (RFC 8156 5.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ..schema import Bits, Flags, Int8ub, Octets, OpenEnum, UInt16, UInt32, Utf8, WireName
from .base import OPTIONS, Dhcpv6Option, Dhcpv6Options
from .codes import (
    FailoverBindingStatus,
    FailoverConnectFlags,
    FailoverDnsFlags,
    FailoverServerFlags,
    FailoverServerState,
)
from .times import TimeOption, since_2000

__all__ = [
    "FBindingStatus",
    "FConnectFlags",
    "FDnsFlags",
    "FDnsHostName",
    "FDnsRemovalInfo",
    "FDnsZoneName",
    "FExpirationTime",
    "FKeepaliveTime",
    "FMaxUnackedBndupd",
    "FMclt",
    "FPartnerDownTime",
    "FPartnerLifetime",
    "FPartnerLifetimeSent",
    "FPartnerRawCltTime",
    "FProtocolVersion",
    "FReconfigureData",
    "FRelationshipName",
    "FServerFlags",
    "FServerState",
    "FStartTimeOfState",
    "FStateExpirationTime",
]


@OPTIONS.register(114, rfc="8156 5.5.1")
class FBindingStatus(Dhcpv6Option):
    """Binding status of a lease."""

    binding_status: Annotated[FailoverBindingStatus | int, OpenEnum(Int8ub, FailoverBindingStatus)]


@OPTIONS.register(115, rfc="8156 5.5.2")
class FConnectFlags(Dhcpv6Option, kw_only=True):
    """Attributes of the connecting server."""

    reserved: Annotated[int, Bits(15)] = 0
    flags: Annotated[FailoverConnectFlags, Flags(1, FailoverConnectFlags)] = FailoverConnectFlags(0)


@OPTIONS.register(116, rfc="8156 5.5.3")
class FDnsRemovalInfo(Dhcpv6Option):
    """What it takes to remove a DNS name that the partner entered."""

    options: Dhcpv6Options = ()


@OPTIONS.register(117, rfc="8156 5.5.3.1")
class FDnsHostName(Dhcpv6Option):
    """Host name in the DNS."""

    host_name: WireName


@OPTIONS.register(118, rfc="8156 5.5.3.2")
class FDnsZoneName(Dhcpv6Option):
    """Zone name in the DNS."""

    zone_name: WireName


@OPTIONS.register(119, rfc="8156 5.5.3.3")
class FDnsFlags(Dhcpv6Option, kw_only=True):
    """How a DNS name came about, and what is up to date."""

    reserved: Annotated[int, Bits(12)] = 0
    flags: Annotated[FailoverDnsFlags, Flags(4, FailoverDnsFlags)] = FailoverDnsFlags(0)


@OPTIONS.register(120, rfc="8156 5.5.4")
class FExpirationTime(TimeOption):
    """The latest expiration that this server acknowledged to its partner."""


@OPTIONS.register(121, rfc="8156 5.5.5")
class FMaxUnackedBndupd(Dhcpv6Option):
    """BNDUPD messages that may be unanswered."""

    max_unacked_bndupd: UInt32


@OPTIONS.register(122, rfc="8156 5.5.6")
class FMclt(Dhcpv6Option):
    """Maximum Client Lead Time."""

    mclt: UInt32
    "Seconds."


@OPTIONS.register(123, rfc="8156 5.5.7")
class FPartnerLifetime(TimeOption):
    """When the partner may take the lease for expired."""


@OPTIONS.register(124, rfc="8156 5.5.8")
class FPartnerLifetimeSent(TimeOption):
    """The partner lifetime as it was received."""


@OPTIONS.register(125, rfc="8156 5.5.9")
class FPartnerDownTime(TimeOption):
    """When the partner was lost."""


@OPTIONS.register(126, rfc="8156 5.5.10")
class FPartnerRawCltTime(TimeOption):
    """When the partner last heard of the client."""


@OPTIONS.register(127, rfc="8156 5.5.11")
class FProtocolVersion(Dhcpv6Option):
    """Version of the failover protocol."""

    major_version: UInt16 = 1
    minor_version: UInt16 = 0


@OPTIONS.register(128, rfc="8156 5.5.12")
class FKeepaliveTime(Dhcpv6Option):
    """How long the partner may be silent."""

    keepalive_time: UInt32
    "Seconds."


@OPTIONS.register(129, rfc="8156 5.5.13")
class FReconfigureData(Dhcpv6Option):
    """A client's reconfigure key."""

    reconfigure_time: UInt32
    "When the key was made: seconds since 2000-01-01 UTC, modulo 2^32."
    reconfigure_key: Octets

    @property
    def time(self) -> datetime:
        """When the key was made, if that was before 2136."""
        return since_2000(self.reconfigure_time)


@OPTIONS.register(130, rfc="8156 5.5.14")
class FRelationshipName(Dhcpv6Option):
    """Name of the relationship between the partners."""

    relationship_name: Utf8
    "Not terminated by a null."


@OPTIONS.register(131, rfc="8156 5.5.15")
class FServerFlags(Dhcpv6Option, kw_only=True):
    """Condition of the sending server."""

    reserved: Annotated[int, Bits(5)] = 0
    server_flags: Annotated[FailoverServerFlags, Flags(3, FailoverServerFlags)] = (
        FailoverServerFlags(0)
    )


@OPTIONS.register(132, rfc="8156 5.5.16")
class FServerState(Dhcpv6Option):
    """State of the sending server; STARTUP is told by a flag and never by this."""

    server_state: Annotated[FailoverServerState | int, OpenEnum(Int8ub, FailoverServerState)]


@OPTIONS.register(133, rfc="8156 5.5.17")
class FStartTimeOfState(TimeOption):
    """When the state began: a server's in a STATE message, a lease's in an association."""


@OPTIONS.register(134, rfc="8156 5.5.18")
class FStateExpirationTime(TimeOption):
    """When the lease's state ends."""
