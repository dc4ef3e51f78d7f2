"""The UE: a mobile node from link up to a bound home address, and back.

Its steps are those of the procedure: the access authenticates it, a router gives a care-of address,
DHCPv6 or DNS tells the home agent, IKEv2 gives keys and a home address, and a Binding Update
registers where it is.
"""

from __future__ import annotations

from typing import Any, ClassVar

from .dhcp_lease import InformationResult
from .ike import InitiatorState
from .registration import Registration, RegistrationState
from .supplicant import SupplicantState
from .ue_discovery import DiscoveringUe
from .ue_settings import UeState

__all__ = ["Ue"]

_S = UeState
_OF_ACCESS = {SupplicantState.AUTHENTICATED: "let in", SupplicantState.FAILED: "refused"}
_OF_DNS = {"found": "home agents", "failed": "none found"}
_R = RegistrationState
#: States of the binding in which the home agent has it, or is to have it, and those that end it.
_AWAY = (_R.REGISTERING, _R.BOUND, _R.UPDATING)
_UNDER_WAY = (_R.DEREGISTERING, _R.SOLICITING, _R.RETURNING)
_IKE_FAILED = (InitiatorState.FAILED, InitiatorState.CLOSED, InitiatorState.REDIRECTED)
_CHANGES = {
    Registration.BOUND: "bound",
    Registration.MOVED: "moved",
    Registration.REFRESHED: "moved",
    Registration.DEREGISTERED: "unbound",
    Registration.HOME: "came home",
    Registration.EXPIRED: "expired",
    Registration.REVOKED: "revoked",
    Registration.REFUSED: "refused",
    Registration.DUPLICATE: "duplicate",
    Registration.SILENT: "silent",
}


class Ue(DiscoveringUe):
    """A UE; `home_address`, `home_agent` and `care_of_address` say how it is connected.

    `resolver` makes the DNS resolver where that is wanted, which needs `mip6boot[flow]`; `eap`
    gives the EAP method for IKEv2, None for certificate or pre-shared key.
    """

    TRANSITIONS: ClassVar[Any] = {
        (_S.DOWN, "link up"): ("_authenticate", _S.ACCESS),
        (_S.FAILED, "link up"): ("_authenticate", _S.ACCESS),
        (_S.FAILED, "retry over"): ("_retry", None),
        (_S.ACCESS, "let in"): ("_configure", _S.CONFIGURING),
        (_S.ACCESS, "refused"): ("_locked_out", _S.FAILED),
        (_S.CONFIGURING, "care-of address"): ("_discover", None),
        (_S.DISCOVERING, "home agents"): ("_take_candidates", None),
        (_S.DISCOVERING, "discovery over"): ("_discover_otherwise", None),
        (_S.DISCOVERING, "move"): ("_discover", None),
        (_S.RESOLVING, "home agents"): ("_take_addresses", None),
        (_S.RESOLVING, "none found"): ("_resolve_otherwise", None),
        (_S.RESOLVING, "move"): ("_discover", None),
        (_S.SECURING, "secured"): ("_secured", None),
        (_S.SECURING, "not secured"): ("_not_secured", None),
        (_S.SECURING, "child SA"): ("_register", _S.REGISTERING),
        (_S.SECURING, "move"): ("_secure_again", None),
        (_S.SECURING, "detach"): ("_close", _S.DETACHING),
        (_S.REGISTERING, "bound"): ("_bound", _S.CONNECTED),
        (_S.REGISTERING, "refused"): ("_refused", None),
        (_S.REGISTERING, "duplicate"): ("_another_address", None),
        (_S.REGISTERING, "silent"): ("_silent", None),
        (_S.REGISTERING, "not secured"): ("_not_secured", None),
        (_S.REGISTERING, "child SA lost"): ("_secure_child", _S.SECURING),
        (_S.REGISTERING, "move"): ("_move", None),
        (_S.REGISTERING, "at home"): ("_return_home", None),
        (_S.REGISTERING, "came home"): ("_came_home", _S.HOME),
        (_S.REGISTERING, "detach"): ("_detach", _S.DETACHING),
        (_S.REGISTERING, "revoked"): ("_close", _S.DETACHING),
        (_S.CONNECTED, "moved"): ("_moved", None),
        (_S.CONNECTED, "move"): ("_move", None),
        (_S.CONNECTED, "refused"): ("_refused", None),
        (_S.CONNECTED, "duplicate"): ("_another_address", None),
        (_S.CONNECTED, "silent"): ("_doubt", None),
        (_S.CONNECTED, "not secured"): ("_secure_again", None),
        (_S.CONNECTED, "child SA lost"): ("_secure_child", _S.SECURING),
        (_S.CONNECTED, "at home"): ("_return_home", None),
        (_S.CONNECTED, "came home"): ("_came_home", _S.HOME),
        (_S.CONNECTED, "detach"): ("_detach", _S.DETACHING),
        (_S.CONNECTED, "revoked"): ("_close", _S.DETACHING),
        (_S.CONNECTED, "expired"): ("_register_again", _S.REGISTERING),
        (_S.HOME, "left home"): ("_leave_home", None),
        (_S.HOME, "detach"): ("_close", _S.DETACHING),
        (_S.DETACHING, "move"): ("_detach_elsewhere", None),
        (_S.DETACHING, "unbound"): ("_close", None),
        (_S.DETACHING, "came home"): ("_close", None),
        (_S.DETACHING, "expired"): ("_close", None),
        (_S.DETACHING, "revoked"): ("_close", None),
        (_S.DETACHING, "silent"): ("_close", None),
        (_S.DETACHING, "closed"): ("_down", _S.DOWN),
        (_S.DETACHING, "detach"): (None, None),
        (_S.DOWN, "detach"): (None, None),
        (None, "detach"): ("_down", _S.DOWN),
        (None, "link down"): ("_lose_link", _S.DOWN),
        (None, "locked out"): ("_lose_access", _S.FAILED),
    }

    # -- for the owner ----------------------------------------------------------------------------
    def link_up(self, now: float) -> None:
        """The access link is there."""
        self.step("link up", now)
        self._attend(now)

    def link_down(self, now: float) -> None:
        """The link is gone, and nobody can be told."""
        self.step("link down", now)

    def move(self, link: str, now: float) -> None:
        """The access link is another one now, to which the node is let in already."""
        self._link = link
        self.host.link_up(link, now)
        self._attend(now)

    def detach(self, now: float) -> None:
        """De-register, delete the IKE SA, and leave."""
        self.step("detach", now)
        self._attend(now)

    # -- what the parts have come to --------------------------------------------------------------
    def _attend(self, now: float) -> None:
        """Take a step for what the parts have done; each step may make the next one possible."""
        self._take_children()
        if self._is_locked_out():
            self.step("locked out", now)
        seen: set[tuple[UeState, str]] = set()
        while (what := self._news(now)) is not None and (self.state, what) not in seen:
            seen.add((self.state, what))
            self.step(what, now)
        for change in self.mobile.changes():
            self.registration = change
            self.step(_CHANGES[change.what], now)
            self._attend(now)
        self._forget_past()
        # The parts are asked by hand, and stir nobody.
        self.stir()

    def _news(self, now: float) -> str | None:
        """What the part of the present state has come to; None for nothing yet."""
        state = self.state
        if state == _S.ACCESS:
            return _OF_ACCESS.get(self.supplicant.state)
        if state == _S.CONFIGURING:
            return "care-of address" if self.host.care_of_address(now) else None
        if state in (_S.REGISTERING, _S.CONNECTED, _S.DETACHING):
            return self._binding_news(now)
        if state in (_S.DISCOVERING, _S.RESOLVING, _S.SECURING) and self._has_moved(now):
            return "move"
        if state == _S.DISCOVERING:
            return "home agents" if isinstance(self.dhcp.result, InformationResult) else None
        if state == _S.RESOLVING:
            return _OF_DNS.get(str(self.resolver.state))
        if state == _S.SECURING:
            return self._ike_news()
        if state == _S.HOME and not self.is_at_home(now):
            return "left home" if self.host.care_of_address(now) else None
        return None

    def _is_locked_out(self) -> bool:
        """The access where the node is has authenticated it again, and refused."""
        out = self.supplicant.state == SupplicantState.FAILED
        here = self._link == self.settings.access_link
        return out and here and self.state not in (_S.DOWN, _S.ACCESS, _S.FAILED)

    def _ike_news(self) -> str | None:
        ike = self.ike
        if ike is None or ike.state in _IKE_FAILED:
            return "not secured"
        if ike.state != InitiatorState.ESTABLISHED:
            return None
        self._keep_keys()
        if self._asked_for is None:
            return "secured"
        if self._children(self._asked_for):
            return "child SA"
        # Where the request is over without a child SA, it was refused.
        current = ike.session.current
        return "not secured" if current is None or current.busy is None else None

    def _binding_news(self, now: float) -> str | None:
        """What has become of the link and of the IKE SA under a binding."""
        binding = self.mobile.state
        secured = self.ike is not None and self.ike.state == InitiatorState.ESTABLISHED
        if self.state == _S.DETACHING:
            if not secured and binding not in _UNDER_WAY:
                return "closed"
            return "move" if binding in _UNDER_WAY and self._has_moved(now) else None
        if not secured:
            return "not secured"
        if not self._children(self.home_address):
            return "child SA lost"
        if self.is_at_home(now):
            return "at home" if binding in _AWAY else None
        return "move" if self._has_moved(now) else None

    def _has_moved(self, now: float) -> bool:
        """The node is somewhere else, and that is not its home link."""
        if self.is_at_home(now):
            return False
        return self.host.care_of_address(now) not in (None, self.care_of_address)

    # -- steps 1 and 2: the access ----------------------------------------------------------------
    def _authenticate(self, now: float) -> None:
        self._link, self.reason = self.settings.access_link, ""
        self.stop_timer("retry")
        self.supplicant.start(now)

    def _configure(self, now: float) -> None:
        self.host.link_up(self._link, now)

    # -- steps 5 and 6: the binding ---------------------------------------------------------------
    def _register(self, now: float) -> UeState | None:
        """Register, but not from the home link (TS 24.303: home-link detection comes before)."""
        assert self.home_address is not None
        assert self.home_agent is not None
        self._take_children()
        if not self.is_at_home(now):
            self._register_again(now)
            return None
        self.note(now, "at home", f"{self.home_address} needs no binding")
        self.mobile.home_address, self.mobile.home_agent = self.home_address, self.home_agent
        self._return_home(now)
        return _S.HOME

    def _register_again(self, now: float) -> None:
        assert self.home_address is not None
        assert self.home_agent is not None
        assert self.care_of_address is not None
        self.mobile.register(
            self.home_address, self.home_agent, self.care_of_address, now,
            link_local=self.host.link_local,
        )  # fmt: skip

    def _bound(self, now: float) -> None:
        self.reason = ""
        self.note(now, "connected", f"{self.home_address} at {self.care_of_address}")

    # -- afterwards -------------------------------------------------------------------------------
    def _move(self, now: float) -> None:
        care_of = self.host.care_of_address(now)
        assert care_of is not None
        self.care_of_address = care_of
        self.mobile.move(care_of, now, link_local=self.host.link_local)

    def _moved(self, now: float) -> UeState | None:
        """With K on both sides the IKE SA goes along; else a new one is made (RFC 6275 11.7.3)."""
        change, ike = self.registration, self.ike
        if change is None or ike is None or change.what != Registration.MOVED:
            return None
        if not change.key_management_mobility:
            return self._secure_again(now)
        ike.move(ike.session, local=self.care_of_address)
        return None

    def _return_home(self, now: float) -> None:
        """Which router is the home agent is not known, so its link-layer address is asked for."""
        self.care_of_address = self.home_address
        self.mobile.return_home(now, link_layer_address=self.settings.link_layer_address)

    def _came_home(self, now: float) -> None:
        """From now on IKEv2 is spoken by the home address."""
        if self.ike is not None:
            self.ike.move(self.ike.session, local=self.home_address)

    def _leave_home(self, now: float) -> UeState:
        """Register from where the node is now, by the SAs that there are."""
        self.care_of_address = self.host.care_of_address(now)
        if self.ike is None or not self._children(self.home_address):
            return self._secure_again(now)
        self.ike.move(self.ike.session, local=self.care_of_address)
        self._register_again(now)
        return _S.REGISTERING

    def _doubt(self, now: float) -> UeState | None:
        """The home agent does not acknowledge: is it there at all? (RFC 7296 2.4)"""
        if self.mobile.state == RegistrationState.FAILED:
            return self._give_up(now, "the home agent is not there on the home link")
        if self.ike is not None:
            self.ike.check_liveness(self.ike.session, now)
        return None

    def _detach(self, now: float) -> None:
        self.mobile.deregister(now)
        if self.mobile.state not in _UNDER_WAY:
            self._close(now)

    def _detach_elsewhere(self, now: float) -> None:
        """The binding is ended from another care-of address, or after all not from home."""
        self._move(now)
        if self.mobile.state == RegistrationState.UPDATING:
            self.mobile.deregister(now)

    def _close(self, now: float) -> None:
        self.mobile.stop(now)
        self._delete(now)

    def _down(self, now: float) -> None:
        self.stop_timer("discovery")
        self.stop_timer("retry")
        self.dhcp.release(now)
        self.mobile.stop(now)
        self.host.link_down(now)
        self._keep_keys()
        self.ike = self.resolver = None
        self._past.clear()
        self._take_children()
        self.note(now, "detached")

    def _lose_link(self, now: float) -> None:
        self.supplicant.stop(now)
        self._down(now)
        for part in self.parts:
            # There is nothing to send by.
            part.to_send()

    # -- failure ----------------------------------------------------------------------------------
    def _locked_out(self, now: float) -> None:
        self._give_up(now, "the access refused")

    def _lose_access(self, now: float) -> None:
        """Nothing goes through any more; what the home agent has, it will find out itself."""
        self._down(now)
        self._tried.clear()
        self._locked_out(now)

    def _refused(self, now: float) -> UeState:
        """The home agent does not bind; another one may (RFC 6275 11.7.3)."""
        status = None if self.registration is None else self.registration.status
        self._why = f"the home agent refused the binding: {getattr(status, 'name', status)}"
        return self._next_agent(now)

    def _silent(self, now: float) -> UeState:
        self._why = "the home agent does not acknowledge"
        return self._next_agent(now)

    def _retry(self, now: float) -> UeState:
        """Home agents are looked for again, by and by."""
        if self.host.care_of_address(now) is None:
            return _S.CONFIGURING
        return self._discover(now)
