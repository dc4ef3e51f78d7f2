"""A DHCPv6 server (RFC 8415 18.3): of the visited network, or of the home link.

It answers with and without relays, gives addresses and delegates prefixes, knows home networks of
its own (RFC 6610 4.3), and takes from relays what it may (RFC 6422 6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from ipaddress import IPv6Address, IPv6Network
from typing import Any, NamedTuple

from ..dhcpv6 import (
    DUID_OCTETS,
    RSOO_ENABLED_WITH_MIP6,
    Advertise,
    ClientIdentifier,
    ClientServerMessage,
    Confirm,
    Decline,
    Dhcpv6Message,
    Dhcpv6Option,
    IaNa,
    IaPd,
    IaTa,
    IdentityAssociation,
    InformationRequest,
    Preference,
    RapidCommit,
    Rebind,
    RelayForward,
    Release,
    Renew,
    Reply,
    Request,
    ServerIdentifier,
    Solicit,
    StatusCode,
    StatusCodeOption,
)
from ..dhcpv6 import decode as decode_dhcpv6
from ..errors import DecodeError, EncodeError
from ..schema import DomainName, Duid, Malformed, walk
from ..security import Rng
from .aaa import AgentInfo
from .actor import Actor, Port, Unit
from .dhcp_configuration import Configuration
from .dhcp_encapsulation import unwrapped, wrapped
from .dhcp_lease import lease_option, leased_value, until
from .dhcp_parameters import (
    ALL_DHCP_RELAY_AGENTS_AND_SERVERS,
    ALL_DHCP_SERVERS,
    SERVER_PORT,
)
from .dhcp_pools import Binding, Bindings, Holder, ServedLink
from .parts import find

__all__ = ["DhcpServer"]

_MULTICAST = (ALL_DHCP_RELAY_AGENTS_AND_SERVERS, ALL_DHCP_SERVERS)
_NO_NETWORKS: Mapping[DomainName | None, Sequence[AgentInfo]] = {}
# RFC 8415 16: what names its server, and what must not.
_TO_ONE_SERVER = (Request, Renew, Release, Decline)
_TO_ANY_SERVER = (Solicit, Confirm, Rebind)
_NONE_LEFT = {
    IaNa: StatusCodeOption(StatusCode.NO_ADDRS_AVAIL, "no address is left"),
    IaPd: StatusCodeOption(StatusCode.NO_PREFIX_AVAIL, "no prefix is left"),
}
#: What is done with each message; a server has no states but those of its bindings.
_ANSWERS: Mapping[type[ClientServerMessage], str] = {
    Solicit: "_on_solicit",
    Request: "_on_request",
    Confirm: "_on_confirm",
    Renew: "_on_renew",
    Rebind: "_on_rebind",
    Release: "_on_release",
    Decline: "_on_decline",
    InformationRequest: "_on_information_request",
}
_NO_BINDING = StatusCodeOption(StatusCode.NO_BINDING, "nothing is leased here")


class _Asked(NamedTuple):
    """A client's message, and where it came from."""

    message: ClientServerMessage
    link: ServedLink | None
    relays: tuple[RelayForward, ...]
    "The outermost first."

    @property
    def duid(self) -> Duid | None:
        found = find(self.message.options, ClientIdentifier)
        return None if found is None else found.duid

    def holder(self, association: IaNa | IaPd) -> Holder:
        """Who has what is leased in an association; clients without a DUID have no leases."""
        return self.duid or Duid(None), type(association), association.iaid


class DhcpServer(Actor):
    """A server with one DUID on one or more links.

    `addresses` are its own on each link where it is.  `options` are given to who asks for them by
    their codes: DnsServers, InformationRefreshTime, InfMaxRt and so on.  `home_networks` is the
    table of RFC 6610 4.3, from names to home agents; under None stand those that a client need not
    name: `local` ones of the visited network, and others for the unrestricted option.

    `rsoo_enabled` are the codes that relays may supply: IANA's list alone (`RSOO_ENABLED`) keeps
    the home agents of a relay from its clients.  `rapid_commit` also lets a Rebind make bindings.
    """

    def __init__(
        self,
        name: str,
        rng: Rng | None,
        *,
        duid: Duid,
        addresses: Mapping[str, IPv6Address],
        links: Sequence[ServedLink] = (),
        options: Sequence[Dhcpv6Option] = (),
        home_networks: Mapping[DomainName | None, Sequence[AgentInfo]] = _NO_NETWORKS,
        rsoo_enabled: frozenset[int] = RSOO_ENABLED_WITH_MIP6,
        preference: int | None = None,
        rapid_commit: bool = False,
        most_leases: int = 65_536,
    ) -> None:
        """A server; without `rng` it gives the lowest address or prefix that is free.

        Anybody can have leases for as many names as he makes up, so there are at most
        `most_leases`; what was declined counts, too, for a day.
        """
        super().__init__(name)
        self.duid, self.addresses, self.links = duid, dict(addresses), tuple(links)
        self.preference, self.rapid_commit = preference, rapid_commit
        self._configuration = Configuration(
            options=tuple(options), home_networks=home_networks, rsoo_enabled=rsoo_enabled
        )
        self._bindings = Bindings(rng, most_leases)

    # -- messages in and out ------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        if unit.port != Port.UDP or unit.destination_port != SERVER_PORT:
            self.note(now, "dropped", "not for the port of servers")
            return
        own = self.addresses.get(unit.link)
        if own is None or unit.destination not in (own, *_MULTICAST):
            self.note(now, "dropped", "for another address")
            return
        try:
            message, relays = unwrapped(decode_dhcpv6(unit.octets, lenient=True))
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        is_unicast = not relays and unit.destination == own
        why = self._why_not(message, is_unicast)
        if why or not isinstance(message, ClientServerMessage):
            self.note(now, "dropped", f"{type(message).__name__}: {why}")
            return
        asked = _Asked(message, self._link_of(unit, relays), relays)
        answer = self._answer(now, asked, is_unicast)
        if answer is None:
            self.note(now, "not answered", type(message).__name__)
            return
        try:
            self.send(wrapped(unit, own, answer, relays))
        except EncodeError as e:
            # So much was asked, or so deeply, that an answer has no room.
            self.note(now, "not answered", str(e))
            return
        self.note(now, "answered", f"{type(message).__name__} with {type(answer).__name__}")

    def expired(self, timer: Any, now: float) -> None:
        """Bindings are over."""
        for _, binding in self._bindings.expire(now):
            self.note(now, "lease over", str(binding.value), value=binding.value)
        self._watch()

    def _watch(self) -> None:
        end = self._bindings.next_end()
        if end is None:
            self.stop_timer("leases")
        else:
            self.start_timer("leases", end)

    def _why_not(self, message: Dhcpv6Message, is_unicast: bool) -> str:
        """Why a message is discarded (RFC 8415 16); empty for one that is valid."""
        if not isinstance(message, (*_TO_ONE_SERVER, *_TO_ANY_SERVER, InformationRequest)):
            return "not for servers"
        servers = [x.duid for x in message.options if isinstance(x, ServerIdentifier)]
        if isinstance(message, _TO_ANY_SERVER) and servers:
            return "it names a server"
        if isinstance(message, _TO_ONE_SERVER) and not servers:
            return "no Server Identifier"
        if servers and servers != [self.duid]:
            return "for another server"
        if isinstance(message, InformationRequest):
            if any(isinstance(option, IdentityAssociation) for option in message.options):
                return "it has an identity association"
        elif not any(isinstance(option, ClientIdentifier) for option in message.options):
            return "no Client Identifier"
        clients = [x.duid for x in message.options if isinstance(x, ClientIdentifier)]
        least, most = DUID_OCTETS
        if not all(least <= len(duid) <= most for duid in clients):
            return f"a DUID that has not {least} to {most} octets"
        if is_unicast and not isinstance(message, _TO_ONE_SERVER):
            return "not sent to a multicast address"
        return ""

    def _link_of(self, unit: Unit, relays: tuple[RelayForward, ...]) -> ServedLink | None:
        """The client's link (RFC 8415 13.1): the relay nearest to it that knows one tells it."""
        if not relays:
            return next((link for link in self.links if link.name == unit.link), None)
        for relay in reversed(relays):
            if not relay.link_address.is_unspecified:
                known = (x for x in self.links if any(relay.link_address in p for p in x.prefixes))
                return next(known, None)
        return None

    # -- each kind of message (18.3) ----------------------------------------------------------
    def _answer(self, now: float, asked: _Asked, is_unicast: bool) -> Advertise | Reply | None:
        message = asked.message
        bad = next((part for _, part in walk(message) if isinstance(part, Malformed)), None)
        if bad is not None:
            # RFC 8415 16 lets servers say so.
            status = StatusCodeOption(StatusCode.UNSPEC_FAIL, bad.reason)
            kind = Advertise if isinstance(message, Solicit) else Reply
            return self._made(kind, asked, (status,))
        if is_unicast:
            # No client was told that it may (18.4).
            return self._made(Reply, asked, (StatusCodeOption(StatusCode.USE_MULTICAST),))
        answer: Advertise | Reply | None = getattr(self, _ANSWERS[type(message)])(now, asked)
        self._watch()
        return answer

    def _made(
        self,
        kind: type[Advertise] | type[Reply],
        asked: _Asked,
        options: Iterable[Dhcpv6Option],
    ) -> Advertise | Reply:
        # Of several identifiers the first is the client's; an answer has one (RFC 8415 24).
        client = find(asked.message.options, ClientIdentifier)
        identifiers = (*(() if client is None else (client,)), ServerIdentifier(self.duid))
        return kind(asked.message.transaction_id, (*identifiers, *options))

    def _configured(
        self,
        kind: type[Advertise] | type[Reply],
        asked: _Asked,
        options: Iterable[Dhcpv6Option],
    ) -> Advertise | Reply:
        """An answer with all that the client asks for."""
        more = self._configuration.answering(asked.message, asked.relays, kind)
        return self._made(kind, asked, (*options, *more))

    def _on_solicit(self, now: float, asked: _Asked) -> Advertise | Reply:
        if self.rapid_commit and find(asked.message.options, RapidCommit) is not None:
            leases = self._assigned(now, asked, commit=True)
            return self._configured(Reply, asked, (RapidCommit(), *leases))
        leases = self._assigned(now, asked, commit=False)
        preference = () if self.preference is None else (Preference(self.preference),)
        return self._configured(Advertise, asked, (*preference, *leases))

    def _on_request(self, now: float, asked: _Asked) -> Advertise | Reply:
        return self._configured(Reply, asked, self._assigned(now, asked, commit=True))

    def _on_confirm(self, now: float, asked: _Asked) -> Advertise | Reply | None:
        values = [
            value
            for association in asked.message.options
            if isinstance(association, (IaNa, IaTa))
            for value in _values(association)
        ]
        if asked.link is None or not values:
            return None
        fits = all(map(asked.link.fits, values))
        status = StatusCode.SUCCESS if fits else StatusCode.NOT_ON_LINK
        return self._made(Reply, asked, (StatusCodeOption(status),))

    def _on_renew(self, now: float, asked: _Asked) -> Advertise | Reply:
        leases = [self._extended(now, asked, one) for one in _associations(asked)]
        return self._configured(Reply, asked, leases)

    def _on_rebind(self, now: float, asked: _Asked) -> Advertise | Reply | None:
        if asked.link is None:
            # What is right there, others may know.
            return None
        leases = [self._rebound(now, asked, asked.link, one) for one in _associations(asked)]
        return self._configured(Reply, asked, leases)

    def _on_information_request(self, now: float, asked: _Asked) -> Advertise | Reply:
        return self._configured(Reply, asked, ())

    def _on_release(self, now: float, asked: _Asked) -> Advertise | Reply:
        return self._taken_back(now, asked, self._bindings.release, "released")

    def _on_decline(self, now: float, asked: _Asked) -> Advertise | Reply:
        decline = partial(self._bindings.decline, now=now)
        return self._taken_back(now, asked, decline, "declined")

    def _taken_back(
        self,
        now: float,
        asked: _Asked,
        take: Callable[[Holder], Binding | None],
        event: str,
    ) -> Advertise | Reply:
        """Success for the whole; NoBinding for each association that has none."""
        unknown: list[Dhcpv6Option] = []
        for association in _associations(asked):
            holder = asked.holder(association)
            binding = self._bindings.of(holder)
            if binding is None:
                unknown.append(type(association)(association.iaid, options=(_NO_BINDING,)))
            elif binding.value in _values(association):
                take(holder)
                self.note(now, event, str(binding.value), value=binding.value)
        return self._made(Reply, asked, (StatusCodeOption(StatusCode.SUCCESS), *unknown))

    # -- leases -------------------------------------------------------------------------------
    def _assigned(self, now: float, asked: _Asked, *, commit: bool) -> list[Dhcpv6Option]:
        """An answer to each association of a Solicit or Request."""
        answers: list[Dhcpv6Option] = [
            self._assign(now, asked, association, commit=commit)
            for association in _associations(asked)
        ]
        # Temporary addresses are not given.
        answers += (
            IaTa(option.iaid, (_NONE_LEFT[IaNa],))
            for option in asked.message.options
            if isinstance(option, IaTa)
        )
        return answers

    def _assign(
        self, now: float, asked: _Asked, association: IaNa | IaPd, *, commit: bool
    ) -> IaNa | IaPd:
        kind, link, hints = type(association), asked.link, _values(association)
        pool = link.pool(kind) if link is not None else None
        if link is None or pool is None:
            return kind(association.iaid, options=(_NONE_LEFT[kind],))
        if commit and kind is IaNa and not all(map(link.fits, hints)):
            status = StatusCodeOption(StatusCode.NOT_ON_LINK, "of another link")
            return kind(association.iaid, options=(status,))
        holder = asked.holder(association)
        binding = self._bindings.of(holder)
        if binding is not None and binding.link == link:
            value: IPv6Address | IPv6Network | None = binding.value
        else:
            value = self._bindings.free(holder, pool, hints)
        if value is None:
            return kind(association.iaid, options=(_NONE_LEFT[kind],))
        if commit:
            self._bind(now, holder, link, value)
        return _leased(association, link, (value,))

    def _bind(
        self, now: float, holder: Holder, link: ServedLink, value: IPv6Address | IPv6Network
    ) -> None:
        self._bindings.bind(holder, Binding(value, link, until(now, link.valid_lifetime)))
        self.note(now, "leased", str(value), value=value, duid=holder[0], iaid=holder[2])

    def _extended(self, now: float, asked: _Asked, association: IaNa | IaPd) -> IaNa | IaPd:
        """The answer to one association of a Renew, or of a Rebind for a binding that is known."""
        holder, values = asked.holder(association), _values(association)
        binding = self._bindings.of(holder)
        if binding is None:
            return type(association)(association.iaid, options=(_NO_BINDING,))
        if binding.link != asked.link:
            # None of it is right where the client is now.
            return _leased(association, binding.link, (), over=values)
        self._bind(now, holder, binding.link, binding.value)
        others = [value for value in values if value != binding.value]
        return _leased(association, binding.link, (binding.value,), over=others)

    def _rebound(
        self, now: float, asked: _Asked, link: ServedLink, association: IaNa | IaPd
    ) -> IaNa | IaPd:
        if self._bindings.of(asked.holder(association)) is not None:
            return self._extended(now, asked, association)
        over = [value for value in _values(association) if not link.fits(value)]
        if over:
            return _leased(association, link, (), over=over)
        if self.rapid_commit:
            return self._assign(now, asked, association, commit=True)
        return type(association)(association.iaid, options=(_NO_BINDING,))


def _associations(asked: _Asked) -> list[IaNa | IaPd]:
    return [option for option in asked.message.options if isinstance(option, (IaNa, IaPd))]


def _values(association: IaNa | IaPd | IaTa) -> list[IPv6Address | IPv6Network]:
    """The addresses or prefixes in an association."""
    values = map(leased_value, association.options)
    return [value for value in values if value is not None]


def _leased(
    association: IaNa | IaPd,
    link: ServedLink,
    values: Iterable[IPv6Address | IPv6Network],
    over: Iterable[IPv6Address | IPv6Network] = (),
) -> IaNa | IaPd:
    """The association with leases, and with what is none any more (RFC 8415 21.4, 21.21)."""
    preferred, valid = link.preferred_lifetime, link.valid_lifetime
    given = [lease_option(value, preferred, valid) for value in values]
    ended = [lease_option(value) for value in over]
    t1 = t2 = 0
    if given:
        for_ever = until(0, preferred) == math.inf
        t1 = link.t1 if link.t1 is not None else preferred if for_ever else preferred // 2
        t2 = link.t2 if link.t2 is not None else preferred if for_ever else preferred * 4 // 5
    return type(association)(association.iaid, t1, t2, (*given, *ended))
