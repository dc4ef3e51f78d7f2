"""What a DHCPv6 client does for each of its messages: send, send again, check what comes back."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network
from typing import ClassVar, NamedTuple

from ..dhcpv6 import (
    Advertise,
    ClientIdentifier,
    ClientServerMessage,
    Dhcpv6Option,
    IaNa,
    IaPd,
    InfMaxRt,
    InformationRequest,
    OptionCode,
    OptionRequest,
    RapidCommit,
    Rebind,
    Renew,
    Reply,
    Request,
    ServerIdentifier,
    Solicit,
    SolMaxRt,
    StatusCode,
    StatusCodeOption,
)
from ..dhcpv6 import decode as decode_dhcpv6
from ..errors import DecodeError
from ..schema import Duid
from ..security import Rng
from .actor import Machine, Port, Unit
from .chance import between
from .dhcp_exchange import Exchange, MaxRt
from .dhcp_lease import (
    Association,
    InformationResult,
    Lease,
    leased_in,
    renewal_times,
    status_of,
)
from .dhcp_parameters import (
    ALL_DHCP_RELAY_AGENTS_AND_SERVERS,
    CLIENT_PORT,
    INF_MAX_RT,
    SERVER_PORT,
    SOL_MAX_RT,
    TIMINGS,
    Timing,
)
from .home_agent_choice import HomeAgentCandidate, home_agent_candidates
from .home_networks import HomeNetworkQuery
from .parts import find, name_of

__all__: list[str] = []

_INPUTS: dict[type[ClientServerMessage], str] = {Advertise: "advertise", Reply: "reply"}
# RFC 8415 21.7: these alone ask for options.
_ASKING = (Solicit, Request, Renew, Rebind, InformationRequest)
_NO_NETWORKS = HomeNetworkQuery()


class Offer(NamedTuple):
    """A server that has advertised leases."""

    preference: int
    server: Duid
    values: tuple[IPv6Address | IPv6Network, ...]


class DhcpRequester(Machine):
    """Base of the client: its exchanges, without the states it goes through."""

    INITIAL: ClassVar[enum.Enum]

    def __init__(
        self,
        name: str,
        rng: Rng,
        *,
        duid: Duid,
        address: IPv6Address,
        link: str = "",
        query: HomeNetworkQuery = _NO_NETWORKS,
        requested: Sequence[int] = (OptionCode.DNS_SERVERS,),
        rapid_commit: bool = False,
        prefer_addresses: bool = False,
        unnamed: bool = False,
    ) -> None:
        """A client at a link-local address.

        `requested` are codes of further options that it asks for; for the last two see
        `home_agent_candidates`.
        """
        super().__init__(name, self.INITIAL)
        self.result: InformationResult | Lease | None = None
        "What the client has; None while it has nothing, and once its lease is over."
        self.status: StatusCodeOption | None = None
        "What the last server that refused something said."
        self.duid, self.address, self.link, self.query = duid, address, link, query
        self._rng, self._wanted, self._rapid_commit = rng, tuple(requested), rapid_commit
        self._prefer_addresses, self._unnamed = prefer_addresses, unnamed
        self._association = Association(IaNa, 0)
        self._exchange: Exchange | None = None
        self._hints: tuple[IPv6Address | IPv6Network, ...] = ()
        self._offers: list[Offer] = []
        self._off_link = False
        self._sol_max_rt = MaxRt(SolMaxRt, SOL_MAX_RT)
        self._inf_max_rt = MaxRt(InfMaxRt, INF_MAX_RT)

    # -- messages in --------------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        try:
            message = decode_dhcpv6(unit.octets, lenient=True)
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        why = self._why_not(unit, message)
        if why or not isinstance(message, (Advertise, Reply)):
            self.note(now, "dropped", f"{type(message).__name__}: {why}")
            return
        self._sol_max_rt.learn(message)
        self._inf_max_rt.learn(message)
        self.step(_INPUTS[type(message)], now, message)

    def _why_not(self, unit: Unit, message: object) -> str:
        """Why a message is discarded (RFC 8415 16); empty for one that is valid."""
        if unit.port != Port.UDP or unit.destination_port != CLIENT_PORT:
            return "not for the port of clients"
        if unit.destination != self.address or (self.link and unit.link != self.link):
            return "for another address"
        if not isinstance(message, (Advertise, Reply)):
            # A Reconfigure needs a key, which this client never asks for (16.11, 20.4).
            return "not for clients"
        if self._exchange is None or message.transaction_id != self._exchange.transaction_id:
            return "no such transaction"
        if server_of(message) is None:
            return "no Server Identifier"
        if [x.duid for x in message.options if isinstance(x, ClientIdentifier)] != [self.duid]:
            return "for another client"
        return ""

    # -- messages out -------------------------------------------------------------------------
    def _begin(
        self,
        now: float,
        kind: type[ClientServerMessage],
        timing: Timing,
        *,
        server: Duid | None = None,
        values: Sequence[IPv6Address | IPv6Network] = (),
    ) -> None:
        def options(at: float) -> Iterator[Dhcpv6Option]:
            yield ClientIdentifier(self.duid)
            if server is not None:
                yield ServerIdentifier(server)
            if kind is Solicit and self._rapid_commit:
                yield RapidCommit()
            if kind is not InformationRequest:
                # What is over meanwhile is left out when the message is sent again (RFC 8415 15).
                over = self._over(at)
                yield self._association.option(value for value in values if value not in over)
            if kind in _ASKING:
                yield from self.query.options
                yield OptionRequest(self._codes(kind))

        self._exchange = Exchange(kind, self._rng, timing, options)
        self._sol_max_rt.begin()
        self._inf_max_rt.begin()
        self._transmit(now, self._exchange)

    def _over(self, now: float) -> set[IPv6Address | IPv6Network]:
        """What of the lease is not valid any more."""
        leased = self.result.leased if isinstance(self.result, Lease) else ()
        return {one.value for one in leased if one.valid_until <= now}

    def _codes(self, kind: type[ClientServerMessage]) -> tuple[OptionCode | int, ...]:
        """What is asked for; RFC 8415 18.2 obliges to the last ones."""
        obliged = [OptionCode.SOL_MAX_RT]
        if kind is InformationRequest:
            obliged = [OptionCode.INFORMATION_REFRESH_TIME, OptionCode.INF_MAX_RT]
        return tuple(dict.fromkeys((*self.query.codes, *self._wanted, *obliged)))

    def _transmit(self, now: float, exchange: Exchange) -> None:
        message, due = exchange.transmit(now)
        self.start_timer("retransmit", due)
        self.send(
            Unit(
                port=Port.UDP,
                source=self.address,
                source_port=CLIENT_PORT,
                destination=ALL_DHCP_RELAY_AGENTS_AND_SERVERS,
                destination_port=SERVER_PORT,
                octets=message.encode(),
                link=self.link,
            )
        )

    def _retransmit(self, now: float) -> None:
        exchange = self._exchange
        if exchange is None or exchange.is_over(now):
            self.note(now, "unanswered", exchange.kind.__name__ if exchange else "")
            self._end_exchange()
            self.step("given up", now)
            return
        # A server may have set another limit since the last time.
        if exchange.kind is Solicit:
            exchange.limit(self._sol_max_rt.value)
        elif exchange.kind is InformationRequest:
            exchange.limit(self._inf_max_rt.value)
        self._transmit(now, exchange)

    def _end_exchange(self) -> None:
        self._exchange = None
        self.stop_timer("retransmit")

    def _delay(self, now: float, kind: type[ClientServerMessage]) -> None:
        """Wait a random time before the first message."""
        self._end_exchange()
        self.start_timer("delay", now + between(self._rng, 0, TIMINGS[kind].delay))

    # -- what answers say ---------------------------------------------------------------------
    def _home_agents(self, reply: Reply) -> tuple[HomeAgentCandidate, ...]:
        return home_agent_candidates(
            reply.options,
            self.query,
            prefer_addresses=self._prefer_addresses,
            unnamed=self._unnamed,
        )

    def _lease(
        self, now: float, message: ClientServerMessage, before: Lease | None = None
    ) -> Lease | None:
        """What the client has after a message; None for nothing."""
        association, server = self._association.find(message), server_of(message)
        if association is None or server is None:
            return None
        if self._is_refused(now, association):
            return None
        leased = leased_in(association, now, before.leased if before else ())
        if not leased:
            return None
        renew_at, rebind_at = renewal_times(association, leased, now)
        return Lease(
            server=server,
            options=message.options,
            home_agents=self._home_agents(message) if isinstance(message, Reply) else (),
            iaid=self._association.iaid,
            leased=leased,
            renew_at=renew_at,
            rebind_at=rebind_at,
        )

    def _is_refused(self, now: float, where: ClientServerMessage | IaNa | IaPd) -> bool:
        """The server tells of a failure, of all or of the association."""
        status = status_of(where.options)
        if status.status_code == StatusCode.SUCCESS:
            return False
        self.status = status
        name = name_of(status.status_code)
        self.note(now, "refused", f"{name} {status.status_message}".strip())
        return True


def server_of(message: ClientServerMessage) -> Duid | None:
    """Who has sent a message."""
    found = find(message.options, ServerIdentifier)
    return None if found is None else found.duid
