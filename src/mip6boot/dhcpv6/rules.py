"""What may stand where in a DHCPv6 message: one row a rule, each with its section.

Decoding refuses none of this.  Rows are data, so test generators can break one at a time.  The
tables of RFC 8415 (24, B and C) stand here as tables; the rows are made from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..schema.rules import (
    AnyOf,
    Equal,
    FieldRule,
    Has,
    HasWith,
    Includes,
    Not,
    Rule,
    Violation,
    violations,
)
from .access_network import (
    AccessPointBssid,
    AccessPointName,
    AccessTechnologyTypeOption,
    NetworkName,
    OperatorIdentifier,
    OperatorRealm,
)
from .associations import IaAddress, IaNa, IaPd, IaPrefix, IaTa, IdentityAssociation
from .base import MESSAGES, OPTIONS, Dhcpv6Message, Dhcpv6Option, UnknownDhcpv6Option
from .codes import (
    DUID_OCTETS,
    HOP_COUNT_LIMIT,
    ClientFqdnFlags,
    MessageType,
    OptionCode,
    QueryType,
)
from .configuration import ClientFqdn, Dhcpv4Message
from .core import (
    Authentication,
    ClientIdentifier,
    ElapsedTime,
    InfMaxRt,
    InformationRefreshTime,
    InterfaceId,
    OptionRequest,
    Preference,
    RapidCommit,
    ReconfigureAccept,
    ReconfigureMessage,
    RelayMessage,
    ServerIdentifier,
    ServerUnicast,
    SolMaxRt,
    StatusCodeOption,
)
from .home_network import (
    HomeAgentAddress,
    HomeAgentFqdn,
    HomeNetworkIdFqdn,
    HomeNetworkInformation,
    HomeNetworkPrefix,
    IdentifiedHomeNetworkInformation,
)
from .leasequery import (
    ClientData,
    ClientLastTransactionTime,
    LqClientLink,
    LqEndTime,
    LqQuery,
    LqRelayData,
)
from .messages import (
    ActiveLeasequery,
    Advertise,
    Confirm,
    Decline,
    Dhcpv4Query,
    Dhcpv4Response,
    InformationRequest,
    Leasequery,
    LeasequeryData,
    LeasequeryReply,
    Rebind,
    Reconfigure,
    RelayAgentMessage,
    RelayForward,
    RelayReply,
    Release,
    Renew,
    Reply,
    Request,
    Solicit,
)
from .relay import (
    ClientLinkLayerAddress,
    RelayId,
    RelayPort,
    RelaySuppliedOptions,
    RemoteId,
    SubscriberId,
)
from .services import NtpServer, NtpSuboption
from .vendor import UserClass, VendorClass, VendorOptions

__all__ = ["RSOO_ENABLED", "RSOO_ENABLED_WITH_MIP6", "RULES", "check", "rsoo_rules"]

#: IANA's list of options that a relay may supply (RFC 6422 4).
RSOO_ENABLED = frozenset({OptionCode.ERP_LOCAL_DOMAIN_NAME})

#: The same with RFC 6610's, which 4.2 there has relays supply but nobody put on the list.
RSOO_ENABLED_WITH_MIP6 = RSOO_ENABLED | {
    OptionCode.MIP6_VDINF,
    OptionCode.MIP6_IDINF,
    OptionCode.MIP6_UDINF,
}

_CLIENT = (
    Solicit, Request, Confirm, Renew, Rebind, Decline, Release, InformationRequest,
)  # fmt: skip
_SERVER = (Advertise, Reply, Reconfigure)
_RELAY = (RelayForward, RelayReply)
_BASIC = (*_CLIENT, *_SERVER, *_RELAY)
_LEASES = (IdentityAssociation, IaAddress, IaPrefix)

# RFC 8415 B: the messages that an option may stand in directly.
_APPEARANCE: dict[type[Dhcpv6Option], tuple[type[Dhcpv6Message], ...]] = {
    ClientIdentifier: (*_CLIENT, *_SERVER),
    ServerIdentifier: (Request, Renew, Decline, Release, InformationRequest, *_SERVER),
    IaNa: (Solicit, Advertise, Request, Confirm, Renew, Rebind, Decline, Release, Reply),
    IaTa: (Solicit, Advertise, Request, Confirm, Renew, Rebind, Decline, Release, Reply),
    # The table has a star for IA_PD in Decline; the text of 18.2.8 forbids it, and comes first.
    IaPd: (Solicit, Advertise, Request, Renew, Rebind, Release, Reply),
    OptionRequest: (Solicit, Request, Renew, Rebind, InformationRequest),
    Preference: (Advertise,),
    ElapsedTime: _CLIENT,
    RelayMessage: _RELAY,
    Authentication: (Reply, Reconfigure),
    ServerUnicast: (Reply,),
    StatusCodeOption: (Advertise, Reply),
    RapidCommit: (Solicit, Reply),
    UserClass: (*_CLIENT, Advertise, Reply),
    VendorClass: (*_CLIENT, Advertise, Reply),
    VendorOptions: (*_CLIENT, Advertise, Reply, *_RELAY),
    InterfaceId: _RELAY,
    ReconfigureMessage: (Reconfigure,),
    ReconfigureAccept: (
        Solicit, Advertise, Request, Renew, Rebind, Reply, InformationRequest,
    ),
    InformationRefreshTime: (Reply,),
    SolMaxRt: (Advertise, Reply),
    InfMaxRt: (Reply,),
}  # fmt: skip

# RFC 8415 C: all but these stand in messages only, and not inside the options for leases.
_INSIDE = (StatusCodeOption,)

# RFC 8415 24 says "singleton" of more options than these, but 6610 4.1 lets a client name several
# home networks, and servers tell of several, each with several prefixes and agents, and 5908 4
# has one option for each NTP server.
_REPEATED = {
    OptionCode.IA_NA, OptionCode.IA_TA, OptionCode.IAADDR, OptionCode.VENDOR_CLASS,
    OptionCode.VENDOR_OPTS, OptionCode.IA_PD, OptionCode.IAPREFIX,
    OptionCode.MIP6_HNIDF, OptionCode.MIP6_VDINF, OptionCode.MIP6_IDINF, OptionCode.MIP6_UDINF,
    OptionCode.MIP6_HNP, OptionCode.MIP6_HAA, OptionCode.MIP6_HAF, OptionCode.NTP_SERVER,
}  # fmt: skip


def _options() -> Iterator[tuple[int, type[Dhcpv6Option]]]:
    """Every option that has a class, with its code."""
    for code in sorted(OPTIONS.codes()):
        yield code, OPTIONS.get(code)


def _all_but(
    *containers: type[Dhcpv6Message | Dhcpv6Option],
) -> tuple[type[Dhcpv6Message | Dhcpv6Option], ...]:
    """Every class of a message or an option that is none of these."""
    others = [cls for registry in (MESSAGES, OPTIONS) for cls in registry]
    return tuple(cls for cls in others if not issubclass(cls, containers))


def _never(
    containers: Iterable[type[Dhcpv6Message | Dhcpv6Option]],
    *elements: type[Dhcpv6Option],
    section: str,
) -> Iterator[Rule]:
    """Rows: none of the elements stands in any of the containers."""
    for element in elements:
        yield Rule(container=tuple(containers), element=element, most=0, section=section)


def _needed(
    containers: Iterable[type[Dhcpv6Message]], element: type[Dhcpv6Option], section: str
) -> Rule:
    """Row: the element stands in each of the containers."""
    return Rule(container=tuple(containers), element=element, least=1, section=section)


def _asks(*codes: OptionCode) -> AnyOf:
    """Condition on an Option Request: it has one of the codes."""
    return AnyOf(tuple(Includes("requested_option_codes", code) for code in codes))


def _asked_for(message: type[Dhcpv6Message], *codes: OptionCode, section: str) -> FieldRule:
    """Row: the Option Request of the message has the codes."""
    return FieldRule(container=OptionRequest, field="requested_option_codes", includes=codes,
                     inside=(message,), section=section)  # fmt: skip


def rsoo_rules(enabled: frozenset[int]) -> tuple[Rule, ...]:
    """Rows: relays supply nothing but the options with these codes."""
    barred = [cls for code, cls in _options() if code not in enabled]
    return tuple(_never((RelaySuppliedOptions,), *barred, UnknownDhcpv6Option, section="6422 4"))


_RULES: tuple[Rule | FieldRule, ...] = (
    # -- what stands where (RFC 8415 B and C) -----------------------------------------------
    *(
        Rule(container=tuple(m for m in _BASIC if m not in messages), element=element, most=0,
             section="8415 B")
        for element, messages in _APPEARANCE.items()
    ),
    *_never(_LEASES, *(cls for cls in _APPEARANCE if cls not in _INSIDE), section="8415 C"),
    *_never(_all_but(IaNa, IaTa, LqQuery, ClientData), IaAddress, section="8415 21.6"),
    *_never(_all_but(IaPd, ClientData), IaPrefix, section="8415 21.22"),
    *_never(_all_but(*_RELAY, LqRelayData, ClientData), InterfaceId, section="8415 21.18"),
    *_never(_all_but(Reconfigure), ReconfigureMessage, section="8415 21.19"),
    *_never(_all_but(Reply), InformationRefreshTime, section="8415 21.23"),
    *_never(_all_but(Solicit, Request, Renew, Rebind, Advertise, Reply, ClientData), ClientFqdn,
            section="4704 4, 5, 6"),
    # -- how often (RFC 8415 24) ------------------------------------------------------------
    *(
        Rule(container=(Dhcpv6Message, Dhcpv6Option), element=cls, most=1, section="8415 24")
        for code, cls in _options() if code not in _REPEATED
    ),
    # -- what must be there -----------------------------------------------------------------
    _needed((Solicit,), ClientIdentifier, "8415 16.2"),
    _needed((Advertise,), ClientIdentifier, "8415 16.3"),
    _needed((Request,), ClientIdentifier, "8415 16.4"),
    _needed((Confirm,), ClientIdentifier, "8415 16.5"),
    _needed((Renew,), ClientIdentifier, "8415 16.6"),
    _needed((Rebind,), ClientIdentifier, "8415 16.7"),
    _needed((Decline,), ClientIdentifier, "8415 16.8"),
    _needed((Release,), ClientIdentifier, "8415 16.9"),
    _needed((Reconfigure,), ClientIdentifier, "8415 16.11"),
    _needed((Advertise,), ServerIdentifier, "8415 16.3"),
    _needed((Request,), ServerIdentifier, "8415 16.4"),
    _needed((Renew,), ServerIdentifier, "8415 16.6"),
    _needed((Decline,), ServerIdentifier, "8415 16.8"),
    _needed((Release,), ServerIdentifier, "8415 16.9"),
    _needed((Reply,), ServerIdentifier, "8415 16.10"),
    _needed((Reconfigure,), ServerIdentifier, "8415 16.11"),
    _needed((Reconfigure,), ReconfigureMessage, "8415 16.11"),
    _needed((Reconfigure,), Authentication, "8415 16.11"),
    _needed(_CLIENT, ElapsedTime, "8415 21.9"),
    _needed((Solicit, Request, Renew, Rebind, InformationRequest), OptionRequest, "8415 21.7"),
    _needed((Request,), IdentityAssociation, "8415 18.2.2"),
    _needed((Confirm,), IdentityAssociation, "8415 18.2.3"),
    _needed((Renew,), IdentityAssociation, "8415 18.2.4"),
    _needed((Rebind,), IdentityAssociation, "8415 18.2.5"),
    _needed((Release,), IdentityAssociation, "8415 18.2.7"),
    _needed((Decline,), IdentityAssociation, "8415 18.2.8"),
    # The message in a Relay Data option is what the relays added, without the client's.
    Rule(container=_RELAY, element=RelayMessage, least=1, outside=(LqRelayData,),
         section="8415 9.1, 9.2"),
    _asked_for(Solicit, OptionCode.SOL_MAX_RT, section="8415 18.2.1"),
    _asked_for(Request, OptionCode.SOL_MAX_RT, section="8415 18.2.2"),
    _asked_for(InformationRequest, OptionCode.INFORMATION_REFRESH_TIME, OptionCode.INF_MAX_RT,
               section="8415 18.2.6"),
    # -- values -----------------------------------------------------------------------------
    FieldRule(container=RelayAgentMessage, field="hop_count", most=HOP_COUNT_LIMIT,
              section="8415 19.1.2"),
    FieldRule(container=Reconfigure, field="transaction_id", allowed=(0,), section="8415 18.3.11"),
    FieldRule(container=ReconfigureMessage, field="msg_type",
              allowed=(MessageType.RENEW, MessageType.REBIND, MessageType.INFORMATION_REQUEST),
              section="8415 21.19"),
    FieldRule(container=InformationRefreshTime, field="information_refresh_time", least=600,
              section="8415 21.23"),
    FieldRule(container=SolMaxRt, field="value", least=60, most=86400, section="8415 21.24"),
    FieldRule(container=InfMaxRt, field="value", least=60, most=86400, section="8415 21.25"),
    FieldRule(container=IaPrefix, field="prefix_length", most=128, section="8415 21.22"),
    FieldRule(container=(ClientIdentifier, ServerIdentifier, RelayId), field="duid",
              size=DUID_OCTETS, section="8415 11.1"),
    FieldRule(container=RemoteId, field="remote_id", forbidden=(b"",), section="4649 3"),
    FieldRule(container=SubscriberId, field="subscriber_id", forbidden=(b"",), section="4580 2"),
    FieldRule(container=ClientFqdn, field="reserved", allowed=(0,), section="4704 4.1"),
    FieldRule(container=ClientFqdn, field="flags",
              allowed=tuple(ClientFqdnFlags(bits) for bits in range(8) if bits & 5 != 5),
              section="4704 4.1"),
    # -- home networks (RFC 6610) -----------------------------------------------------------
    *_never((*_SERVER, *_RELAY, RelaySuppliedOptions), HomeNetworkIdFqdn, section="6610 3.1"),
    Rule(container=IdentifiedHomeNetworkInformation, element=HomeNetworkIdFqdn, least=1, most=1,
         section="6610 3.1, 4.2"),
    *_never((*_CLIENT, Reconfigure, *_RELAY), HomeNetworkInformation, section="6610 3.2, 4.2"),
    *_never(_all_but(HomeNetworkInformation), HomeNetworkPrefix, section="6610 3.3"),
    *_never(_all_but(HomeNetworkInformation), HomeAgentAddress, section="6610 3.4"),
    *_never(_all_but(HomeNetworkInformation), HomeAgentFqdn, section="6610 3.5"),
    Rule(container=HomeNetworkInformation, element=HomeAgentAddress, least=1,
         conditions=(Not(Has(HomeAgentFqdn)),), section="6610 4.1.2"),
    FieldRule(container=HomeNetworkPrefix, field="prefix_length", most=128, section="6610 3.3"),
    FieldRule(container=OptionRequest, field="requested_option_codes",
              includes=(OptionCode.MIP6_HNIDF, OptionCode.MIP6_HNP, OptionCode.MIP6_HAA,
                        OptionCode.MIP6_HAF),
              conditions=(_asks(OptionCode.MIP6_VDINF, OptionCode.MIP6_IDINF,
                                OptionCode.MIP6_UDINF),),
              section="6610 4.1.1"),
    # Who names several networks has to ask about named ones.
    Rule(container=_CLIENT, element=HomeNetworkIdFqdn, most=1,
         conditions=(Not(HasWith(OptionRequest, _asks(OptionCode.MIP6_IDINF))),),
         section="6610 4.1.1"),
    Rule(container=_CLIENT, element=HomeNetworkIdFqdn, least=1,
         conditions=(HasWith(OptionRequest, _asks(OptionCode.MIP6_IDINF)),), section="6610 4.1.1"),
    # -- relays -----------------------------------------------------------------------------
    *_never(_all_but(RelayForward), RelaySuppliedOptions, section="6422 3"),
    *_never(_all_but(RelayForward), ClientLinkLayerAddress, section="6939 5, 6"),
    *_never((*_CLIENT, *_SERVER), RemoteId, section="4649 3"),
    *_never((*_CLIENT, *_SERVER), SubscriberId, section="4580 2"),
    *_never((*_CLIENT, *_SERVER), RelayId, section="5460 5.4.1"),
    *_never((*_CLIENT, *_SERVER), RelayPort, section="8357 4.2"),
    *_never((*_CLIENT, *_SERVER), AccessTechnologyTypeOption, NetworkName, AccessPointName,
            AccessPointBssid, OperatorIdentifier, OperatorRealm, section="7839 5"),
    # -- other messages ---------------------------------------------------------------------
    _needed((Leasequery,), ClientIdentifier, "5007 4.3.1"),
    _needed((Leasequery,), LqQuery, "5007 4.3.1"),
    *_never(_all_but(Leasequery, ActiveLeasequery), LqQuery, section="5007 4.1.2.1"),
    *_never(_all_but(LeasequeryReply), LqClientLink, section="5007 4.1.2.5"),
    _needed((LeasequeryData,), ClientData, "5460 6.3"),
    *_never((Dhcpv6Message,), ClientLastTransactionTime, section="5007 4.1.2.3"),
    *_never((ActiveLeasequery,), LqEndTime, section="7653 6.3.3"),
    Rule(container=LqQuery, element=IaAddress, least=1,
         conditions=(Equal("query_type", QueryType.BY_ADDRESS),), section="5007 4.1.2.1"),
    Rule(container=LqQuery, element=ClientIdentifier, least=1,
         conditions=(Equal("query_type", QueryType.BY_CLIENTID),), section="5007 4.1.2.1"),
    Rule(container=LqQuery, element=RelayId, least=1,
         conditions=(Equal("query_type", QueryType.BY_RELAY_ID),), section="5460 5.3.1"),
    Rule(container=LqQuery, element=RemoteId, least=1,
         conditions=(Equal("query_type", QueryType.BY_REMOTE_ID),), section="5460 5.3.3"),
    _needed((Dhcpv4Query, Dhcpv4Response), Dhcpv4Message, "7341 6.2"),
    FieldRule(container=Dhcpv4Query, field="reserved", allowed=(0,), section="7341 6.3"),
    FieldRule(container=Dhcpv4Response, field="flags", allowed=(0,), section="7341 6.4"),
    Rule(container=NtpServer, element=NtpSuboption, least=1, most=1, section="5908 4"),
)  # fmt: skip

#: All rows, with RFC 6610's options among those that a relay may supply.
RULES: tuple[Rule | FieldRule, ...] = (*_RULES, *rsoo_rules(RSOO_ENABLED_WITH_MIP6))


def check(
    message: Dhcpv6Message, *, rsoo_enabled: frozenset[int] = RSOO_ENABLED_WITH_MIP6
) -> list[Violation]:
    """The rules that the message breaks, in the order of the wire; empty for a legal one.

    `rsoo_enabled` are the codes that relays may supply: `RSOO_ENABLED` is what IANA lists.
    """
    rules = RULES
    if rsoo_enabled != RSOO_ENABLED_WITH_MIP6:
        rules = (*_RULES, *rsoo_rules(frozenset(rsoo_enabled)))
    return violations(message, rules)
