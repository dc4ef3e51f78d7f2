"""A DHCPv6 client's lease: how it is got, extended, confirmed, and given back (RFC 8415 18.2)."""

from __future__ import annotations

import enum
import math
from ipaddress import IPv6Address, IPv6Network

import msgspec

from ..dhcpv6 import (
    Advertise,
    ClientServerMessage,
    Confirm,
    Decline,
    IaNa,
    IaPd,
    Preference,
    RapidCommit,
    Rebind,
    Release,
    Renew,
    Reply,
    Request,
    Solicit,
    StatusCode,
)
from .dhcp_lease import Association, Lease, status_of
from .dhcp_parameters import TIMINGS, Timing
from .dhcp_requester import DhcpRequester, Offer, server_of
from .parts import find

__all__ = ["DhcpClientState"]

_BEST_PREFERENCE = 255


class DhcpClientState(enum.StrEnum):
    """What a client is doing."""

    IDLE = "idle"
    BEFORE_ASKING = "before asking"
    ASKING = "asking"
    "An Information-request is out."
    INFORMED = "informed"
    BEFORE_SOLICITING = "before soliciting"
    SOLICITING = "soliciting"
    REQUESTING = "requesting"
    BOUND = "bound"
    RENEWING = "renewing"
    REBINDING = "rebinding"
    BEFORE_CONFIRMING = "before confirming"
    CONFIRMING = "confirming"
    RELEASING = "releasing"
    DECLINING = "declining"


_S = DhcpClientState


class LeaseKeeper(DhcpRequester):
    """What a `DhcpClient` does for its lease; the transitions are in its table."""

    # -- getting a lease ----------------------------------------------------------------------
    def _start_lease(
        self, now: float, association: Association, hint: IPv6Address | IPv6Network | None
    ) -> None:
        self._association = association
        self._hints = () if hint is None else (hint,)
        self._delay(now, Solicit)

    def _solicit(self, now: float) -> None:
        self._offers = []
        timing = msgspec.structs.replace(TIMINGS[Solicit], most=self._sol_max_rt.value)
        self._begin(now, Solicit, timing, values=self._hints)

    def _advertised(self, now: float, message: Advertise) -> DhcpClientState | None:
        leases = None if self._is_refused(now, message) else self._lease(now, message)
        if leases is None:
            self.note(now, "offer ignored", "no leases for this client")
            return None
        told = find(message.options, Preference)
        values = tuple(one.value for one in leases.leased)
        self._offers.append(Offer(0 if told is None else told.pref_value, leases.server, values))
        # Others are waited for only before the first interval is over (18.2.1).
        first = self._exchange is not None and self._exchange.sent == 1
        if first and self._offers[-1].preference < _BEST_PREFERENCE:
            return None
        return self._request(now)

    def _choose_or_solicit(self, now: float) -> DhcpClientState | None:
        if self._offers:
            return self._request(now)
        self._retransmit(now)
        return None

    def _request(self, now: float) -> DhcpClientState:
        """Ask the server with the highest preference; of several, that which was first."""
        best = max(self._offers, key=lambda offer: offer.preference)
        self._offers.remove(best)
        self._begin(now, Request, TIMINGS[Request], server=best.server, values=best.values)
        return _S.REQUESTING

    def _committed(self, now: float, reply: Reply) -> DhcpClientState | None:
        """A Reply to a Solicit counts with Rapid Commit only (18.2.1)."""
        is_rapid = find(reply.options, RapidCommit) is not None
        if not (self._rapid_commit and is_rapid):
            self.note(now, "dropped", "Reply: no Rapid Commit")
            return None
        lease = None if self._is_refused(now, reply) else self._lease(now, reply)
        return None if lease is None else self._keep(now, lease)

    def _requested(self, now: float, reply: Reply) -> DhcpClientState | None:
        if self._is_refused(now, reply):
            not_on_link = status_of(reply.options).status_code == StatusCode.NOT_ON_LINK
            return self._next_server(now) if not_on_link else None
        before = self.result if isinstance(self.result, Lease) else None
        lease = self._lease(now, reply, before)
        if lease is None:
            return self._next_server(now)
        return self._keep(now, lease)

    def _next_server(self, now: float) -> DhcpClientState:
        """Another server that has offered something, or whoever answers a new Solicit."""
        if self._offers:
            return self._request(now)
        self._hints = ()
        self._solicit_anew(now)
        return _S.BEFORE_SOLICITING

    def _solicit_anew(self, now: float, *_: object) -> None:
        self._lose(now)
        self._delay(now, Solicit)

    # -- having a lease -----------------------------------------------------------------------
    def _keep(self, now: float, lease: Lease) -> DhcpClientState:
        self._end_exchange()
        self.result = lease
        self._start_lease_timers(now, lease)
        self.note(now, "lease", values=[str(one.value) for one in lease.leased])
        return _S.BOUND

    def _start_lease_timers(self, now: float, lease: Lease) -> None:
        """T1 and T2 count where the lease is not over before, T1 only before T2."""
        self._stop_lease_timers()
        if now < lease.rebind_at and lease.renew_at < lease.valid_until:
            self.start_timer("renew", lease.renew_at)
        if lease.rebind_at < lease.valid_until:
            self.start_timer("rebind", lease.rebind_at)
        if lease.valid_until < math.inf:
            self.start_timer("expiry", lease.valid_until)

    def _stop_lease_timers(self) -> None:
        for timer in ("renew", "rebind", "expiry"):
            self.stop_timer(timer)

    def _lose(self, now: float) -> None:
        """Do not use what was leased."""
        if isinstance(self.result, Lease):
            self.note(now, "lease over")
        self.result = None
        self._end_exchange()
        self._stop_lease_timers()

    def _values(self, now: float) -> tuple[IPv6Address | IPv6Network, ...]:
        """What is still leased."""
        leased = self.result.leased if isinstance(self.result, Lease) else ()
        return tuple(one.value for one in leased if one.valid_until > now)

    def _renew(self, now: float) -> None:
        assert isinstance(self.result, Lease)
        end = min(self.result.rebind_at, self.result.valid_until)
        timing = _until(TIMINGS[Renew], now, end)
        self._begin(now, Renew, timing, server=self.result.server, values=self._values(now))

    def _rebind(self, now: float) -> None:
        assert isinstance(self.result, Lease)
        timing = _until(TIMINGS[Rebind], now, self.result.valid_until)
        self._begin(now, Rebind, timing, values=self._values(now))

    def _extended(self, now: float, reply: Reply) -> DhcpClientState | None:
        """A Reply to a Renew or Rebind (18.2.10.1)."""
        association = self._association.find(reply)
        if self._is_refused(now, reply) or association is None:
            return None
        status = status_of(association.options)
        if status.status_code == StatusCode.NO_BINDING:
            self._is_refused(now, association)
            self._offers = []
            self.stop_timer("renew")
            self.stop_timer("rebind")
            server, values = server_of(reply), self._values(now)
            self._begin(now, Request, TIMINGS[Request], server=server, values=values)
            return _S.REQUESTING
        if self._is_refused(now, association):
            return None
        before = self.result if isinstance(self.result, Lease) else None
        lease = self._lease(now, reply, before)
        if lease is None:
            self._solicit_anew(now)
            return _S.BEFORE_SOLICITING
        return self._keep(now, lease)

    # -- on another link ----------------------------------------------------------------------
    def _wait_to_confirm(self, now: float) -> None:
        self.stop_timer("renew")
        self.stop_timer("rebind")
        self._off_link = False
        self._delay(now, Confirm)

    def _confirm(self, now: float) -> None:
        """Addresses are confirmed; prefixes are rebound with the same times (18.2.12)."""
        kind = Confirm if self._association.kind is IaNa else Rebind
        self._begin(now, kind, TIMINGS[Confirm], values=self._values(now))

    def _confirmed(self, now: float, reply: Reply) -> DhcpClientState | None:
        """Any success counts; that the link is another one, only if nobody says otherwise."""
        if self._association.kind is IaPd:
            return self._extended(now, reply)
        if not self._is_refused(now, reply):
            self._keep_on(now)
            return _S.BOUND
        self._off_link |= status_of(reply.options).status_code == StatusCode.NOT_ON_LINK
        return None

    def _confirm_again(self, now: float) -> DhcpClientState | None:
        if self._off_link:
            self._hints = ()
            self._solicit_anew(now)
            return _S.BEFORE_SOLICITING
        self._retransmit(now)
        return None

    def _keep_on(self, now: float) -> None:
        """Use the lease on as it was."""
        self._end_exchange()
        if isinstance(self.result, Lease):
            self._start_lease_timers(now, self.result)

    # -- the end ------------------------------------------------------------------------------
    def _release(self, now: float) -> None:
        self._give_back(now, Release)

    def _decline(self, now: float) -> DhcpClientState | None:
        if self._association.kind is not IaNa:
            self.note(now, "ignored", "prefixes are not declined (RFC 8415 18.2.8)")
            return self.state  # type: ignore[no-any-return]
        self._hints = ()
        self._give_back(now, Decline)
        return None

    def _give_back(self, now: float, kind: type[ClientServerMessage]) -> None:
        """The lease is not used from before the message is sent (18.2.7, 18.2.8)."""
        assert isinstance(self.result, Lease)
        server, values = self.result.server, self._values(now)
        self.stop_timer("delay")
        self._lose(now)
        self._begin(now, kind, TIMINGS[kind], server=server, values=values)

    def _stop(self, now: float, *_: object) -> None:
        self.stop_timer("delay")
        self.stop_timer("refresh")
        self._lose(now)


def _until(timing: Timing, now: float, end: float) -> Timing:
    """The times of a message that is not sent any more from a moment on."""
    return timing if end == math.inf else msgspec.structs.replace(timing, duration=end - now)
