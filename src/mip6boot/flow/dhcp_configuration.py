"""What a DHCPv6 server tells beside leases: its own options, and those of relays (RFC 6422 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ..dhcpv6 import (
    ClientServerMessage,
    Dhcpv6Message,
    Dhcpv6Option,
    HomeNetworkIdFqdn,
    IdentifiedHomeNetworkInformation,
    InfMaxRt,
    InformationRefreshTime,
    InformationRequest,
    RelayForward,
    RelaySuppliedOptions,
    Reply,
)
from ..schema import DomainName, Malformed
from .aaa import AgentInfo
from .home_networks import HomeNetworkQuery, home_network_information, requested_codes

__all__: list[str] = []


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is configured with, for every client."""

    options: tuple[Dhcpv6Option, ...]
    home_networks: Mapping[DomainName | None, Sequence[AgentInfo]]
    rsoo_enabled: frozenset[int]

    def answering(
        self,
        message: ClientServerMessage,
        relays: tuple[RelayForward, ...],
        kind: type[Dhcpv6Message],
    ) -> Iterator[Dhcpv6Option]:
        """What the client asks for: the server's own, and what relays supply beside it."""
        codes = requested_codes(message)
        query = HomeNetworkQuery.of(message)
        own = [option for option in self.options if option.registry_code in codes]
        own += home_network_information(query, lambda name: self.home_networks.get(name, ()))
        for option in (*own, *self._supplied(relays, {_subject(x) for x in own})):
            if _is_asked_for(option, codes, query) and _may_stand(option, message, kind):
                yield option

    def _supplied(
        self, relays: tuple[RelayForward, ...], known: set[object]
    ) -> Iterator[Dhcpv6Option]:
        """What relays supply and this server may give; the nearest to the client wins.

        RFC 6422 6 drops what the server has itself.  Information on several home networks does not
        conflict, so that is decided for each network.
        """
        for relay in reversed(relays):
            options = [
                option
                for supplied in relay.options
                if isinstance(supplied, RelaySuppliedOptions)
                for option in supplied.options
                if option.registry_code in self.rsoo_enabled
                and not isinstance(option, Malformed)
                and _subject(option) not in known
            ]
            yield from options
            known |= {_subject(option) for option in options}


def _subject(option: Dhcpv6Option) -> object:
    """What an option tells of: another one of the same subject is in conflict with it."""
    if isinstance(option, IdentifiedHomeNetworkInformation):
        return option.registry_code, _network_of(option)
    return option.registry_code


def _network_of(option: IdentifiedHomeNetworkInformation) -> DomainName | None:
    return next((x.fqdn for x in option.options if isinstance(x, HomeNetworkIdFqdn)), None)


def _is_asked_for(option: Dhcpv6Option, codes: frozenset[int], query: HomeNetworkQuery) -> bool:
    """The client has asked for the option; of a network, for that one."""
    if isinstance(option, IdentifiedHomeNetworkInformation):
        return _network_of(option) in query.identified
    return option.registry_code in codes


def _may_stand(
    option: Dhcpv6Option, message: ClientServerMessage, kind: type[Dhcpv6Message]
) -> bool:
    """The option may stand in such an answer (RFC 8415 21.23, B)."""
    if isinstance(option, InformationRefreshTime):
        return isinstance(message, InformationRequest)
    return kind is Reply or not isinstance(option, InfMaxRt)
