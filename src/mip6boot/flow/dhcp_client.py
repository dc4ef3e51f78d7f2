"""A DHCPv6 client (RFC 8415 18.2): information without leases, or one identity association.

    >>> from ipaddress import IPv6Address
    >>> from random import Random
    >>> from mip6boot import dhcpv6, flow
    >>> from mip6boot.schema import DomainName, Duid
    >>> client = flow.DhcpClient(
    ...     "ue", Random(1), duid=Duid.parse("00:03:00:01:02:00:00:00:00:01"),
    ...     address=IPv6Address("fe80::1"),
    ...     query=flow.HomeNetworkQuery(identified=(DomainName.parse("home.example.org"),)),
    ... )
    >>> client.start_information(0.0)
    >>> client.handle_timeout(client.next_timeout())
    >>> (unit,) = client.to_send()
    >>> unit.destination, unit.destination_port
    (IPv6Address('ff02::1:2'), 547)
    >>> type(dhcpv6.decode(unit.octets)).__name__
    'InformationRequest'

The owner looks at `result`: None until a server has answered.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, IPv6Network

import msgspec

from ..dhcpv6 import (
    IaNa,
    IaPd,
    InformationRequest,
    Reply,
)
from .actor import Unit
from .dhcp_lease import (
    Association,
    InformationResult,
    refresh_time,
)
from .dhcp_lease_keeper import DhcpClientState, LeaseKeeper
from .dhcp_parameters import (
    CLIENT_PORT,
    TIMINGS,
)
from .dhcp_requester import server_of

__all__ = ["DhcpClient"]

_S = DhcpClientState


class DhcpClient(LeaseKeeper):
    """A client on one link, for information or for one lease.

    A node that wants several leases has as many clients, with the same DUID and an IAID each;
    `expects` tells whose a message is.
    """

    INITIAL = _S.IDLE
    TRANSITIONS = {
        # -- information (18.2.6) -------------------------------------------------------------
        (_S.IDLE, "information"): ("_wait_to_ask", _S.BEFORE_ASKING),
        (_S.INFORMED, "information"): ("_wait_to_ask", _S.BEFORE_ASKING),
        (_S.INFORMED, "refresh over"): ("_wait_to_ask", _S.BEFORE_ASKING),
        (_S.INFORMED, "link changed"): ("_wait_to_ask", _S.BEFORE_ASKING),
        (_S.ASKING, "link changed"): ("_wait_to_ask", _S.BEFORE_ASKING),
        (_S.BEFORE_ASKING, "link changed"): (None, None),
        (_S.BEFORE_ASKING, "delay over"): ("_ask", _S.ASKING),
        (_S.ASKING, "reply"): ("_informed", _S.INFORMED),
        # -- a lease (18.2.1, 18.2.2) ---------------------------------------------------------
        (_S.IDLE, "lease"): ("_start_lease", _S.BEFORE_SOLICITING),
        (_S.BEFORE_SOLICITING, "delay over"): ("_solicit", _S.SOLICITING),
        (_S.SOLICITING, "advertise"): ("_advertised", None),
        (_S.SOLICITING, "retransmit over"): ("_choose_or_solicit", None),
        (_S.SOLICITING, "reply"): ("_committed", None),
        (_S.REQUESTING, "reply"): ("_requested", None),
        (_S.REQUESTING, "given up"): ("_next_server", None),
        # -- its life (18.2.4, 18.2.5) --------------------------------------------------------
        (_S.BOUND, "renew over"): ("_renew", _S.RENEWING),
        (_S.BOUND, "rebind over"): ("_rebind", _S.REBINDING),
        (_S.RENEWING, "rebind over"): ("_rebind", _S.REBINDING),
        (_S.RENEWING, "reply"): ("_extended", None),
        (_S.REBINDING, "reply"): ("_extended", None),
        # The end of these is T2, or that of the lease, and has a timer of its own.
        (_S.RENEWING, "given up"): (None, None),
        (_S.REBINDING, "given up"): (None, None),
        (None, "expiry over"): ("_solicit_anew", _S.BEFORE_SOLICITING),
        # -- another link (18.2.3, 18.2.12) ---------------------------------------------------
        (_S.BOUND, "link changed"): ("_wait_to_confirm", _S.BEFORE_CONFIRMING),
        (_S.RENEWING, "link changed"): ("_wait_to_confirm", _S.BEFORE_CONFIRMING),
        (_S.REBINDING, "link changed"): ("_wait_to_confirm", _S.BEFORE_CONFIRMING),
        (_S.CONFIRMING, "link changed"): ("_wait_to_confirm", _S.BEFORE_CONFIRMING),
        (_S.REQUESTING, "link changed"): ("_solicit_anew", _S.BEFORE_SOLICITING),
        (_S.SOLICITING, "link changed"): ("_solicit_anew", _S.BEFORE_SOLICITING),
        (_S.BEFORE_SOLICITING, "link changed"): (None, None),
        (_S.BEFORE_CONFIRMING, "link changed"): (None, None),
        (_S.BEFORE_CONFIRMING, "delay over"): ("_confirm", _S.CONFIRMING),
        (_S.CONFIRMING, "reply"): ("_confirmed", None),
        (_S.CONFIRMING, "retransmit over"): ("_confirm_again", None),
        (_S.CONFIRMING, "given up"): ("_keep_on", _S.BOUND),
        # -- the end (18.2.7, 18.2.8) ---------------------------------------------------------
        (_S.BOUND, "release"): ("_release", _S.RELEASING),
        (_S.RENEWING, "release"): ("_release", _S.RELEASING),
        (_S.REBINDING, "release"): ("_release", _S.RELEASING),
        (_S.BEFORE_CONFIRMING, "release"): ("_release", _S.RELEASING),
        (_S.CONFIRMING, "release"): ("_release", _S.RELEASING),
        (_S.RELEASING, "release"): (None, None),
        (_S.RELEASING, "reply"): ("_stop", _S.IDLE),
        (_S.RELEASING, "given up"): ("_stop", _S.IDLE),
        (_S.BOUND, "decline"): ("_decline", _S.DECLINING),
        (_S.RENEWING, "decline"): ("_decline", _S.DECLINING),
        (_S.REBINDING, "decline"): ("_decline", _S.DECLINING),
        (_S.DECLINING, "release"): ("_stop", _S.IDLE),
        (_S.DECLINING, "reply"): ("_solicit_anew", _S.BEFORE_SOLICITING),
        (_S.DECLINING, "given up"): ("_solicit_anew", _S.BEFORE_SOLICITING),
        # -- whatever it does -----------------------------------------------------------------
        (None, "release"): ("_stop", _S.IDLE),
        (None, "retransmit over"): ("_retransmit", None),
    }

    # -- for the owner ------------------------------------------------------------------------
    def start_information(self, now: float) -> None:
        """Ask for information; again whenever it has to be refreshed."""
        self.step("information", now)

    def start_address(self, now: float, *, iaid: int, hint: IPv6Address | None = None) -> None:
        """Get an address and keep it; `hint` is one that would be welcome."""
        self.step("lease", now, Association(IaNa, iaid), hint)

    def start_prefix(self, now: float, *, iaid: int, hint: IPv6Network | None = None) -> None:
        """Get a prefix delegated and keep it; a hint of `::/56` is for a length alone."""
        self.step("lease", now, Association(IaPd, iaid), hint)

    def link_changed(self, now: float) -> None:
        """Ask whether what the client has is right on the link where it is now."""
        self.step("link changed", now)

    def release(self, now: float) -> None:
        """Give the lease back, or stop whatever goes on; there is no `result` from now on."""
        self.step("release", now)

    def decline(self, now: float) -> None:
        """Tell that the address is in use by another node, and get another one."""
        self.step("decline", now)

    def expects(self, unit: Unit) -> bool:
        """The unit has the transaction id that this client waits for."""
        if self._exchange is None or unit.destination_port != CLIENT_PORT:
            return False
        return unit.octets[1:4] == self._exchange.transaction_id.to_bytes(3, "big")

    # -- information --------------------------------------------------------------------------
    def _wait_to_ask(self, now: float) -> None:
        self.stop_timer("refresh")
        self._delay(now, InformationRequest)

    def _ask(self, now: float) -> None:
        timing = TIMINGS[InformationRequest]
        timing = msgspec.structs.replace(timing, most=self._inf_max_rt.value)
        self._begin(now, InformationRequest, timing)

    def _informed(self, now: float, reply: Reply) -> DhcpClientState | None:
        if self._is_refused(now, reply):
            return _S.ASKING
        server = server_of(reply)
        assert server is not None
        self._end_exchange()
        refresh_at = refresh_time(reply.options, now)
        self.result = InformationResult(
            server=server,
            options=reply.options,
            home_agents=self._home_agents(reply),
            refresh_at=refresh_at,
        )
        if refresh_at < math.inf:
            self.start_timer("refresh", refresh_at)
        self.note(now, "information", home_agents=self.result.home_agents)
        return None
