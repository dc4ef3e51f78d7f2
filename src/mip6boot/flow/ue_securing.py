"""Step 4 of a UE: keys and a home address by IKEv2, from one home agent after the other."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from .. import ikev2
from ..ip import Protocol
from .ike import ChildRequest, IkeInitiator, InitiatorState, Wanted, for_addresses
from .ue_parts import UeParts
from .ue_settings import UeState

__all__: list[str] = []

_S = UeState
_EVERYWHERE = IPv6Network("::/0")
#: Redirections in a row (RFC 5685 3, MAX_REDIRECTS).
_MAX_REDIRECTS = 5


class SecuringUe(UeParts):
    """What a UE does with home agents, until a child SA fits its home address."""

    def _next_agent(self, now: float) -> UeState:
        """Try the next home agent (RFC 5026 5.1.2)."""
        self._leave_agent(now)
        if not self._agents:
            self._why = self._why or "no home agent is left"
            return self._resolve_otherwise(now)
        self.home_agent = self._agents.pop(0)
        return self._secure(now, prefix=self.settings.home_prefix)

    def _secure(
        self, now: float, *, prefix: bool, redirected_from: IPv6Address | None = None
    ) -> UeState:
        """Begin IKEv2 with the home agent from where the node is."""
        assert self.care_of_address is not None
        assert self.home_agent is not None
        self.home_address = self.home_prefix = self._asked_for = None
        self._wants_prefix = prefix
        self.ike = IkeInitiator(
            f"{self.name} IKE",
            self.settings.ike,
            local=self.care_of_address,
            remote=self.home_agent,
            rng=self._rng,
            # Which home address it will be is not known yet, so the selector is open (RFC 4877 9).
            child=_mobility(self.home_agent, _EVERYWHERE),
            wanted=Wanted(address=not prefix, prefix=prefix, dns=True),
            responder=ikev2.FqdnIdentity(fqdn=self.settings.apn),
            eap=self._eap() if self._eap is not None else None,
            redirected_from=redirected_from,
        )
        self.ike.start(now)
        return _S.SECURING

    def _secure_again(self, now: float) -> UeState:
        """The IKE SA is lost, or of no use where the node is now: a new one with the same agent."""
        assert self.home_agent is not None
        self.care_of_address = self.host.care_of_address(now) or self.care_of_address
        self._leave_agent(now)
        self._answered = False
        return self._secure(now, prefix=self.settings.home_prefix)

    def _not_secured(self, now: float) -> UeState:
        """Go where the home agent says (RFC 5685 3), or to the next one."""
        ike, before = self.ike, self.home_agent
        gateway = None if ike is None else getattr(ike.redirect, "address", None)
        if isinstance(gateway, IPv6Address) and self._redirects < _MAX_REDIRECTS:
            self._redirects += 1
            self._leave_agent(now)
            self.home_agent = gateway
            return self._secure(now, prefix=self._wants_prefix, redirected_from=before)
        self._answered = self._answered or (ike is not None and any(ike.keyring))
        self._why = f"IKEv2 failed: {ike.reason}" if ike is not None and ike.reason else ""
        return self._next_agent(now)

    def _leave_agent(self, now: float) -> None:
        """Have nothing to do any more with a home agent; an IKE SA that stands is deleted."""
        self.mobile.stop(now)
        if self.ike is None:
            return
        self.note(now, "home agent left", self.ike.reason or str(self.home_agent))
        self._keep_keys()
        self._delete(now)
        self._past.append(self.ike)
        self.ike = None
        self._take_children()

    def _forget_past(self) -> None:
        """What is over has nothing to send any more, unless it still deletes its IKE SA."""
        for one in list(self._past):
            deleting = one.state == InitiatorState.REDIRECTED and one.sas
            if one.state != InitiatorState.ESTABLISHED and not deleting:
                self._past.remove(one)
                self._units += one.to_send()
                self._events += one.events()

    def _secured(self, now: float) -> UeState | None:
        """A home address, or a prefix to make one of, has come; the child SA has to fit it."""
        assert self.ike is not None
        self._answered = True
        established = self.ike.established
        assert established is not None
        home, failure = established.home, established.child_failure
        address = home.address
        if address is None and home.prefix is not None:
            self.home_prefix = home.prefix
            address = home.prefix.network_address + self.settings.interface_id
        if address is not None:
            self._ask_child(now, address)
            return None
        self._why = "the home agent gave no home address"
        self.note(now, "no home address", getattr(failure, "name", str(failure)))
        if failure == ikev2.NotifyType.INTERNAL_ADDRESS_FAILURE and not self._wants_prefix:
            # Instead of an address, a prefix to make one of is asked for (RFC 4877 9).
            self._leave_agent(now)
            return self._secure(now, prefix=True)
        return self._next_agent(now)

    def _ask_child(self, now: float, address: IPv6Address) -> None:
        assert self.ike is not None
        assert self.home_agent is not None
        self.home_address = self._asked_for = address
        if not self._children(address):
            own = IPv6Network((address, 128))
            self.ike.create_child(self.ike.session, _mobility(self.home_agent, own), now)

    def _secure_child(self, now: float) -> None:
        """The home agent has deleted the child SA, and with it the binding, but not the IKE SA."""
        assert self.home_address is not None
        self.mobile.stop(now)
        self._ask_child(now, self.home_address)

    def _another_address(self, now: float) -> UeState:
        """Somebody has the address (status 134): another one of the prefix (RFC 5026 5.3.2)."""
        if self.home_prefix is None or self.home_address is None:
            self._why = f"somebody else has the home address {self.home_address}"
            return self._next_agent(now)
        self._ask_child(now, self.home_address + 1)
        return _S.SECURING

    def _take_children(self) -> None:
        """Give the binding the SAs of the home address, also those that replace others."""
        home = self.home_address
        there = {} if home is None else {one.inbound.spi: one for one in self._children(home)}
        for spi, child in there.items():
            if spi not in self._spis and home is not None:
                self.mobile.add_sa(home, child.inbound, child.outbound)
        for spi in self._spis - there.keys():
            self.mobile.remove_sa(spi)
        if self._spis != there.keys():
            self._keep_keys()
        self._spis = set(there)


def _mobility(home_agent: IPv6Address, home: IPv6Network) -> ChildRequest:
    """A transport mode SA for Mobility Headers with the home agent (RFC 4877 5.2)."""
    return ChildRequest(
        local=for_addresses(home, protocol=Protocol.MOBILITY),
        remote=for_addresses(home_agent, protocol=Protocol.MOBILITY),
        transport=True,
    )
