"""The messages of DHCPv6, in the order of their types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ..schema import Bits, IPv6, UInt8, UInt24, UInt32
from .base import MESSAGES, Dhcpv6Message, Dhcpv6Options
from .times import since_2000

__all__ = [
    "ActiveLeasequery",
    "AddrRegInform",
    "AddrRegReply",
    "Advertise",
    "BndReply",
    "BndUpd",
    "ClientServerMessage",
    "Confirm",
    "Connect",
    "ConnectReply",
    "Contact",
    "Decline",
    "Dhcpv4Query",
    "Dhcpv4Response",
    "Disconnect",
    "FailoverMessage",
    "InformationRequest",
    "Leasequery",
    "LeasequeryData",
    "LeasequeryDone",
    "LeasequeryReply",
    "PoolReq",
    "PoolResp",
    "Rebind",
    "Reconfigure",
    "ReconfigureReply",
    "ReconfigureRequest",
    "RelayAgentMessage",
    "RelayForward",
    "RelayReply",
    "Release",
    "Renew",
    "Reply",
    "Request",
    "Solicit",
    "StartTls",
    "State",
    "UpdDone",
    "UpdReq",
    "UpdReqAll",
]


class ClientServerMessage(Dhcpv6Message):
    """Base of the messages with a transaction id and options (RFC 8415 8)."""

    transaction_id: UInt24
    "Chosen by who asks, copied by who answers; 0 in a Reconfigure."
    options: Dhcpv6Options = ()


class RelayAgentMessage(Dhcpv6Message, kw_only=True):
    """Base of the messages between relays and servers (RFC 8415 9)."""

    hop_count: UInt8 = 0
    "Relays that have passed the message on before."
    link_address: IPv6
    "Address by which the server knows the client's link; the unspecified one where none is known."
    peer_address: IPv6
    "Where the relayed message came from."
    options: Dhcpv6Options = ()


class FailoverMessage(Dhcpv6Message):
    """Base of the messages between failover partners, over TCP (RFC 8156 5.2)."""

    transaction_id: UInt24
    "Chosen by who asks, copied by who answers."
    sent_time: UInt32
    "Seconds since 2000-01-01 UTC, modulo 2^32."
    options: Dhcpv6Options = ()

    @property
    def time(self) -> datetime:
        """When the message was sent, if that was before 2136."""
        return since_2000(self.sent_time)


@MESSAGES.register(1, rfc="8415 7.3, 16.2")
class Solicit(ClientServerMessage):
    """Solicit: a client looks for servers."""


@MESSAGES.register(2, rfc="8415 7.3, 16.3")
class Advertise(ClientServerMessage):
    """Advertise: a server offers itself."""


@MESSAGES.register(3, rfc="8415 7.3, 16.4")
class Request(ClientServerMessage):
    """Request: a client asks a server for leases and configuration."""


@MESSAGES.register(4, rfc="8415 7.3, 16.5")
class Confirm(ClientServerMessage):
    """Confirm: a client asks whether its addresses still fit the link."""


@MESSAGES.register(5, rfc="8415 7.3, 16.6")
class Renew(ClientServerMessage):
    """Renew: a client asks its server to extend leases."""


@MESSAGES.register(6, rfc="8415 7.3, 16.7")
class Rebind(ClientServerMessage):
    """Rebind: a client asks any server to extend leases."""


@MESSAGES.register(7, rfc="8415 7.3, 16.10")
class Reply(ClientServerMessage):
    """Reply: the answer of a server."""


@MESSAGES.register(8, rfc="8415 7.3, 16.9")
class Release(ClientServerMessage):
    """Release: a client gives leases back."""


@MESSAGES.register(9, rfc="8415 7.3, 16.8")
class Decline(ClientServerMessage):
    """Decline: a client found an address in use."""


@MESSAGES.register(10, rfc="8415 7.3, 16.11")
class Reconfigure(ClientServerMessage):
    """Reconfigure: a server has news for a client; the transaction id is 0."""


@MESSAGES.register(11, rfc="8415 7.3, 16.12")
class InformationRequest(ClientServerMessage):
    """Information-request: a client asks for configuration without leases."""


@MESSAGES.register(12, rfc="8415 9.1")
class RelayForward(RelayAgentMessage):
    """Relay-forward: a relay passes a message on towards servers."""


@MESSAGES.register(13, rfc="8415 9.2")
class RelayReply(RelayAgentMessage):
    """Relay-reply: a server hands a relay a message for a client."""


@MESSAGES.register(14, rfc="5007 4.1.1")
class Leasequery(ClientServerMessage):
    """Leasequery: asks about leases."""


@MESSAGES.register(15, rfc="5007 4.1.1")
class LeasequeryReply(ClientServerMessage):
    """Leasequery-reply: the first or only answer to a query."""


@MESSAGES.register(16, rfc="5460 5.2.2")
class LeasequeryDone(ClientServerMessage):
    """Leasequery-done: the end of the answers to a query."""


@MESSAGES.register(17, rfc="5460 5.2.1")
class LeasequeryData(ClientServerMessage):
    """Leasequery-data: a further answer to a query."""


@MESSAGES.register(18, rfc="6977 6.1")
class ReconfigureRequest(ClientServerMessage):
    """Reconfigure-request: a relay wants clients to be reconfigured."""


@MESSAGES.register(19, rfc="6977 6.1")
class ReconfigureReply(ClientServerMessage):
    """Reconfigure-reply: the answer of the server."""


@MESSAGES.register(20, rfc="7341 6.2, 6.3")
class Dhcpv4Query(Dhcpv6Message):
    """DHCPv4-query: carries a client's DHCPv4 message."""

    unicast: Annotated[bool, Bits(1)] = False
    "The U flag: over IPv4 the message would go to a unicast address."
    reserved: Annotated[int, Bits(23)] = 0
    options: Dhcpv6Options = ()


@MESSAGES.register(21, rfc="7341 6.2, 6.4")
class Dhcpv4Response(Dhcpv6Message):
    """DHCPv4-response: carries a server's DHCPv4 message."""

    flags: UInt24 = 0
    "No flag is defined."
    options: Dhcpv6Options = ()


@MESSAGES.register(22, rfc="7653 6.2.1")
class ActiveLeasequery(ClientServerMessage):
    """Activeleasequery: asks to be told of leases as they change."""


@MESSAGES.register(23, rfc="7653 6.2.2")
class StartTls(ClientServerMessage):
    """STARTTLS: asks for TLS on the connection."""


@MESSAGES.register(24, rfc="8156 5.3.1")
class BndUpd(FailoverMessage):
    """BNDUPD: a change of leases."""


@MESSAGES.register(25, rfc="8156 5.3.2")
class BndReply(FailoverMessage):
    """BNDREPLY: the answer to a BNDUPD."""


@MESSAGES.register(26, rfc="8156 5.3.3")
class PoolReq(FailoverMessage):
    """POOLREQ: the secondary server wants prefixes to delegate."""


@MESSAGES.register(27, rfc="8156 5.3.4")
class PoolResp(FailoverMessage):
    """POOLRESP: the answer to a POOLREQ."""


@MESSAGES.register(28, rfc="8156 5.3.5")
class UpdReq(FailoverMessage):
    """UPDREQ: asks for all changes that are not confirmed."""


@MESSAGES.register(29, rfc="8156 5.3.6")
class UpdReqAll(FailoverMessage):
    """UPDREQALL: asks for all leases."""


@MESSAGES.register(30, rfc="8156 5.3.7")
class UpdDone(FailoverMessage):
    """UPDDONE: the end of the answers to an UPDREQ or UPDREQALL."""


@MESSAGES.register(31, rfc="8156 5.3.8")
class Connect(FailoverMessage):
    """CONNECT: opens a failover connection."""


@MESSAGES.register(32, rfc="8156 5.3.9")
class ConnectReply(FailoverMessage):
    """CONNECTREPLY: the answer to a CONNECT."""


@MESSAGES.register(33, rfc="8156 5.3.10")
class Disconnect(FailoverMessage):
    """DISCONNECT: closes a failover connection."""


@MESSAGES.register(34, rfc="8156 5.3.11")
class State(FailoverMessage):
    """STATE: tells the own failover state."""


@MESSAGES.register(35, rfc="8156 5.3.12")
class Contact(FailoverMessage):
    """CONTACT: shows that the connection works."""


@MESSAGES.register(36, rfc="9686 4.2")
class AddrRegInform(ClientServerMessage):
    """ADDR-REG-INFORM: a client registers an address that it made itself."""


@MESSAGES.register(37, rfc="9686 4.3")
class AddrRegReply(ClientServerMessage):
    """ADDR-REG-REPLY: the answer to an ADDR-REG-INFORM."""
