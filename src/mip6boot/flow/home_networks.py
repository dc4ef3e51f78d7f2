"""What a mobile node asks of home networks, and how relays and servers answer (RFC 6610 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address

import msgspec

from ..dhcpv6 import (
    ClientServerMessage,
    Dhcpv6Option,
    HomeAgentAddress,
    HomeAgentFqdn,
    HomeNetworkIdFqdn,
    HomeNetworkInformation,
    HomeNetworkPrefix,
    IdentifiedHomeNetworkInformation,
    OptionCode,
    OptionRequest,
    UnrestrictedHomeNetworkInformation,
    VisitedHomeNetworkInformation,
)
from ..errors import DecodeError
from ..schema import DomainName
from .aaa import AgentInfo

__all__ = ["AgentsOf", "HomeNetworkQuery", "home_network_information"]

#: The home agents of a network that the client named; of None those that it need not name: `local`
#: ones in the visited network, and others of the administrator's choice.
AgentsOf = Callable[[DomainName | None], Sequence[AgentInfo]]

# RFC 6610 4.1.1: who asks for a container has to ask for what stands in it.
_INSIDE = (
    OptionCode.MIP6_HNIDF,
    OptionCode.MIP6_HNP,
    OptionCode.MIP6_HAA,
    OptionCode.MIP6_HAF,
)


class HomeNetworkQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which home networks a client asks about (RFC 6610 4.1.1)."""

    identified: tuple[DomainName, ...] = ()
    "Networks that it names: the realm of a service provider, or an access point name."
    visited: bool = False
    "That of the network where it is."
    unrestricted: bool = False
    "Any; not to be asked for together with the others."

    @classmethod
    def of(cls, message: ClientServerMessage) -> HomeNetworkQuery:
        """What a message asks.

        RFC 6611 4.2.1 has the client name a network and ask for the visited container, and still
        tells of an answer in the identified one; so both count as asking about what is named.
        """
        asked = requested_codes(message)
        names = tuple(
            option.fqdn for option in message.options if isinstance(option, HomeNetworkIdFqdn)
        )
        by_name = bool(asked & {OptionCode.MIP6_IDINF, OptionCode.MIP6_VDINF})
        return cls(
            identified=names if by_name else (),
            visited=OptionCode.MIP6_VDINF in asked,
            unrestricted=OptionCode.MIP6_UDINF in asked,
        )

    @property
    def codes(self) -> tuple[OptionCode, ...]:
        """What stands in the Option Request: the containers, and what is inside them."""
        wanted = (
            (OptionCode.MIP6_VDINF, self.visited),
            (OptionCode.MIP6_IDINF, bool(self.identified)),
            (OptionCode.MIP6_UDINF, self.unrestricted),
        )
        containers = tuple(code for code, is_wanted in wanted if is_wanted)
        return (*containers, *_INSIDE) if containers else ()

    @property
    def options(self) -> tuple[HomeNetworkIdFqdn, ...]:
        """The options that name the networks."""
        return tuple(HomeNetworkIdFqdn(name) for name in self.identified)


def requested_codes(message: ClientServerMessage) -> frozenset[int]:
    """The codes in the Option Request of a message."""
    return frozenset(
        code
        for option in message.options
        if isinstance(option, OptionRequest)
        for code in option.requested_option_codes
    )


def home_network_information(
    query: HomeNetworkQuery, agents_of: AgentsOf
) -> tuple[HomeNetworkInformation, ...]:
    """The containers that answer a query, each with one home agent (RFC 6610 4.2, 4.3).

    A network is told of only if the client named it, and by the octets that it sent.
    """
    found: list[HomeNetworkInformation] = []
    unnamed = agents_of(None) if query.visited or query.unrestricted else ()
    if query.visited:
        locals_ = (info for info in unnamed if info.local)
        found += map(VisitedHomeNetworkInformation, _told(locals_))
    for name in query.identified:
        others = (info for info in agents_of(name) if not info.local)
        found += (
            IdentifiedHomeNetworkInformation((HomeNetworkIdFqdn(name), *options))
            for options in _told(others)
        )
    if query.unrestricted:
        others = (info for info in unnamed if not info.local)
        found += map(UnrestrictedHomeNetworkInformation, _told(others))
    return tuple(found)


def _told(agents: Iterator[AgentInfo]) -> Iterator[tuple[Dhcpv6Option, ...]]:
    """The options for each home agent; none for one that has neither address nor name.

    The client would have to discard a container without them (RFC 6610 4.1.2).
    """
    for info in agents:
        reached = (*_addresses(info), *_names(info))
        if reached:
            yield (*_prefixes(info), *reached)


def _prefixes(info: AgentInfo) -> Iterator[HomeNetworkPrefix]:
    prefix = info.home_link_prefix
    if prefix is not None:
        yield HomeNetworkPrefix(prefix.prefixlen, prefix.network_address)


def _addresses(info: AgentInfo) -> Iterator[HomeAgentAddress]:
    for address in info.addresses:
        if isinstance(address, IPv4Address):
            yield HomeAgentAddress.of_ipv4(address)
        else:
            yield HomeAgentAddress(address)


def _names(info: AgentInfo) -> Iterator[HomeAgentFqdn]:
    """The name, if it is one: the text comes from the AAA, and need not be a domain name."""
    try:
        name = DomainName.parse(info.host)
    except DecodeError:
        return
    if name.labels and name.complete:
        yield HomeAgentFqdn(name)
