"""The home agent's side of one home address: tested, bound, defended, revoked, remembered."""

from __future__ import annotations

import enum
from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from ..mipv6 import (
    BindingRevocationAcknowledgement,
    BindingRevocationIndication,
    BindingStatus,
    BindingUpdateFlags,
    RevocationStatus,
    RevocationTrigger,
)
from .actor import Machine, Transitions, Unit
from .binding_cache import MAX_DELETE_BCE_TIMEOUT, Binding, BindingState
from .home_policy import BindingRequest
from .mobility_packets import to_mobile_node
from .neighbours import RETRANS_TIMER, duplicate_address_solicitation, unsolicited_advertisement

if TYPE_CHECKING:
    from .home_registration import HomeRegistrations

__all__ = ["BindingChange", "Change", "HomeBinding"]

#: RFC 5846 11: the longest time between two indications.
MAX_BRACK_TIMEOUT = 2.0


class Change(enum.StrEnum):
    """What has become of a binding, for whoever owns the SAs, the tunnel and the home address."""

    BOUND = "bound"
    REFRESHED = "refreshed"
    "As before, for longer."
    MOVED = "moved"
    "To another care-of address."
    DEREGISTERED = "de-registered"
    EXPIRED = "expired"
    REVOKED = "revoked"
    "By the home agent; the mobile node may not have answered."
    REFUSED = "refused"
    "A Binding Update was; the binding, if there is one, is as it was."


class BindingChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has happened to a binding."""

    time: float
    what: Change
    home_address: IPv6Address
    care_of_address: IPv6Address
    "Where it is now; the home address itself for a mobile node that is at home."
    key_management_mobility: bool = False
    "The K flag that was answered: the IKE SA's peer is now at the care-of address."
    prefixes: tuple[IPv6Network, ...] = ()
    status: BindingStatus | RevocationStatus | int | None = None
    "What was answered; None where nothing was."


_S = BindingState


class HomeBinding(Machine):
    """One home address; units and events are those of the home agent."""

    TRANSITIONS: ClassVar[Transitions] = {
        (_S.NONE, "registration"): ("_test", _S.TESTING),
        (_S.NONE, "de-registration"): ("_refuse_unknown", None),
        (_S.TESTING, "registration"): ("_ask_again", None),
        (_S.TESTING, "de-registration"): ("_abandon", _S.NONE),
        (_S.TESTING, "duplicate"): ("_refuse_duplicate", _S.NONE),
        (_S.TESTING, "test over"): ("_bind", _S.BOUND),
        (_S.BOUND, "registration"): ("_bind", None),
        (_S.BOUND, "de-registration"): ("_deregister", _S.DELETED),
        (_S.BOUND, "advertisement over"): ("_advertise", None),
        (_S.BOUND, "lifetime over"): ("_expire", _S.NONE),
        (_S.BOUND, "revocation"): ("_revoke", _S.REVOKING),
        # What the network ends, no Binding Update brings back (RFC 5846 7 leaves it to policy).
        (_S.REVOKING, "registration"): ("_refuse_revoked", None),
        (_S.REVOKING, "de-registration"): ("_deregister", _S.DELETED),
        (_S.REVOKING, "advertisement over"): ("_advertise", None),
        (_S.REVOKING, "lifetime over"): ("_expire", _S.NONE),
        (_S.REVOKING, "acknowledgement"): ("_acknowledged", None),
        (_S.REVOKING, "revocation over"): ("_revoke_again", None),
        (_S.DELETED, "registration"): ("_test", _S.TESTING),
        # Its acknowledgement was lost: the entry that was ended is still there.
        (_S.DELETED, "de-registration"): ("_deregister_again", None),
        (_S.DELETED, "memory over"): ("_forget", _S.NONE),
        (None, "withdrawal"): ("_withdraw", _S.NONE),
    }

    def __init__(self, agent: HomeRegistrations, home_address: IPv6Address) -> None:
        super().__init__(agent.name, BindingState.NONE)
        self.agent, self.home_address = agent, home_address
        self._request: BindingRequest | None = None
        self._revocation: BindingRevocationIndication | None = None
        self._revocations_sent, self._advertisements_sent = 0, 0

    def step(self, what: str, now: float, *arguments: Any) -> None:
        super().step(what, now, *arguments)
        if self.state == BindingState.NONE:
            self.agent.forget(self.home_address)

    # What it tells and sends, its home agent does.
    def send(self, unit: Unit) -> None:
        self.agent.send(unit)

    def note(self, now: float, name: str, text: str = "", **values: Any) -> None:
        self.agent.note(now, name, text, home_address=self.home_address, **values)

    # -- binding --------------------------------------------------------------------------------
    def _test(self, now: float, request: BindingRequest) -> BindingState | None:
        """Nobody on the home link may have the address (RFC 6275 10.3.1, RFC 4862 5.4)."""
        self.stop_timers()
        self._keep(now, request)
        if not self.agent.settings.duplicate_address_detection:
            return self._bind(now)
        for address in self._entry(now).addresses:
            self.send(duplicate_address_solicitation(address, self.agent.settings.home_link))
        self.start_timer("test", now + RETRANS_TIMER)
        return None

    def _ask_again(self, now: float, request: BindingRequest) -> None:
        """The latest Binding Update is the one to be answered."""
        self._keep(now, request)

    def _keep(self, now: float, request: BindingRequest) -> None:
        self._request = request
        update = request.update
        self.agent.cache.store(
            Binding(
                home_address=self.home_address,
                care_of_address=request.care_of_address,
                lifetime=update.lifetime,
                since=now,
                sequence=update.sequence,
                flags=update.flags,
                state=BindingState.TESTING,
            )
        )

    def _bind(self, now: float, request: BindingRequest | None = None) -> BindingState | None:
        request = request or self._request
        assert request is not None
        before = self.agent.cache.find_active(self.home_address, now)
        lifetime = self.agent.policy.lifetime_of(request, now)
        if not lifetime:
            # The home prefix has run out meanwhile.
            return self._refuse(now, request, BindingStatus.NOT_HOME_SUBNET)
        update = request.update
        entry = Binding(
            home_address=self.home_address,
            care_of_address=request.care_of_address,
            lifetime=lifetime,
            since=now,
            sequence=update.sequence,
            flags=update.flags,
            prefixes=request.prefixes,
        )
        self.agent.cache.store(entry)
        self.start_timer("lifetime", entry.expires)
        if before is None or set(entry.addresses) - set(before.addresses):
            self._advertisements_sent = 0
            self._advertise(now)
        status = self.agent.policy.success_of(request, lifetime, now)
        self.agent.acknowledge(request, status, now, lifetime=lifetime)
        self._changed(now, _kind_of(before, entry), request, status)
        self._request = None
        return BindingState.BOUND

    def _advertise(self, now: float) -> None:
        """All nodes of the home link learn that the home agent has the address (10.4.1)."""
        settings, entry = self.agent.settings, self._entry(now)
        for address in entry.addresses:
            # RFC 3963 6.2: on behalf of a mobile router, a router advertises.
            unit = unsolicited_advertisement(
                address, settings.link_layer_address, settings.address, settings.home_link,
                router=BindingUpdateFlags.R in entry.flags,
            )  # fmt: skip
            self.send(unit)
        self._advertisements_sent += 1
        if self._advertisements_sent < settings.advertisements:
            self.start_timer("advertisement", now + RETRANS_TIMER)

    # -- the end --------------------------------------------------------------------------------
    def _deregister(self, now: float, request: BindingRequest) -> None:
        self._end(now)
        self.agent.cache.accepted(self.home_address, request.update.sequence)
        self.agent.acknowledge(request, BindingStatus.ACCEPTED, now)
        self._changed(now, Change.DEREGISTERED, request, BindingStatus.ACCEPTED)

    def _deregister_again(self, now: float, request: BindingRequest) -> None:
        self.agent.cache.accepted(self.home_address, request.update.sequence)
        self.agent.acknowledge(request, BindingStatus.ACCEPTED, now)

    def _end(self, now: float) -> None:
        """Stop defending the address, and remember the sequence number only."""
        self.stop_timers()
        self.agent.cache.invalidate(self.home_address, now)
        self.start_timer("memory", now + MAX_DELETE_BCE_TIMEOUT)

    def _expire(self, now: float) -> None:
        self._leave(now, Change.EXPIRED)

    def _forget(self, now: float) -> None:
        self.stop_timers()
        self.agent.cache.remove(self.home_address)

    def _withdraw(self, now: float) -> None:
        if self.state in (BindingState.BOUND, BindingState.REVOKING):
            self._leave(now, Change.REVOKED)
        self._forget(now)

    def _leave(self, now: float, what: Change) -> None:
        entry = self._entry(now)
        self._forget(now)
        self._ended(now, what, entry)

    def _ended(
        self, now: float, what: Change, entry: Binding, status: RevocationStatus | int | None = None
    ) -> None:
        """Tell of a binding that has ended where it was."""
        self.agent.changed(
            BindingChange(
                time=now,
                what=what,
                home_address=self.home_address,
                care_of_address=entry.care_of_address,
                prefixes=entry.prefixes,
                status=status,
            )
        )

    # -- refusals -------------------------------------------------------------------------------
    def _refuse(
        self, now: float, request: BindingRequest, status: BindingStatus
    ) -> BindingState | None:
        self.agent.refuse(request, status, now)
        if self.agent.cache.find_active(self.home_address, now) is not None:
            return None
        self._forget(now)
        return BindingState.NONE

    def _refuse_unknown(self, now: float, request: BindingRequest) -> None:
        self._refuse(now, request, BindingStatus.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE)

    def _abandon(self, now: float, request: BindingRequest) -> None:
        self._refuse_unknown(now, request)

    def _refuse_duplicate(self, now: float) -> None:
        assert self._request is not None
        self._refuse(now, self._request, BindingStatus.DAD_FAILED)

    def _refuse_revoked(self, now: float, request: BindingRequest) -> None:
        self._refuse(now, request, BindingStatus.ADMINISTRATIVELY_PROHIBITED)

    # -- revocation (RFC 5846 6, 7) -------------------------------------------------------------
    def _revoke(self, now: float, trigger: RevocationTrigger) -> None:
        sequence = self.agent.next_revocation()
        self._revocation = BindingRevocationIndication(trigger, sequence)
        self._revocations_sent = 0
        entry = self._entry(now)
        self.agent.cache.store(msgspec.structs.replace(entry, state=BindingState.REVOKING))
        self._indicate(now)

    def _revoke_again(self, now: float) -> BindingState | None:
        if self._revocations_sent <= self.agent.settings.revocation_retries:
            self._indicate(now)
            return None
        self.note(now, "revocation not acknowledged")
        self._leave(now, Change.REVOKED)
        return BindingState.NONE

    def _indicate(self, now: float) -> None:
        settings, entry = self.agent.settings, self._entry(now)
        assert self._revocation is not None
        if self.agent.unprotected or self.agent.can_seal(self.home_address, now):
            unit = to_mobile_node(
                self._revocation,
                settings.address,
                entry.care_of_address,
                self.home_address,
                self.agent.link_of(self.home_address),
                self.agent.associations.sender(self.home_address),
            )
            self.send(unit)
        wait = settings.revocation_delay * 2**self._revocations_sent
        self._revocations_sent += 1
        self.start_timer("revocation", now + min(wait, MAX_BRACK_TIMEOUT))

    def _acknowledged(
        self, now: float, answer: BindingRevocationAcknowledgement
    ) -> BindingState | None:
        assert self._revocation is not None
        if answer.sequence != self._revocation.sequence:
            self.note(now, "dropped", f"no revocation {answer.sequence} is under way")
            return None
        # Whatever the mobile node says of it, it knows: the binding ends.
        entry = self._entry(now)
        self._end(now)
        self._ended(now, Change.REVOKED, entry, answer.status)
        return BindingState.DELETED

    # -- what several of these need -------------------------------------------------------------
    def _entry(self, now: float) -> Binding:
        found = self.agent.cache.last(self.home_address)
        assert found is not None
        return found

    def _changed(
        self, now: float, what: Change, request: BindingRequest, status: BindingStatus
    ) -> None:
        gone = what == Change.DEREGISTERED
        self.agent.changed(
            BindingChange(
                time=now,
                what=what,
                home_address=self.home_address,
                care_of_address=self.home_address if gone else request.care_of_address,
                key_management_mobility=self.agent.policy.moves_keys(request),
                prefixes=() if gone else request.prefixes,
                status=status,
            )
        )


def _kind_of(before: Binding | None, entry: Binding) -> Change:
    if before is None:
        return Change.BOUND
    moved = before.care_of_address != entry.care_of_address
    return Change.MOVED if moved else Change.REFRESHED
