"""How a mobile node sends Binding Updates, and takes their acknowledgements (RFC 6275 11.7)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from ..mipv6 import (
    AlternateCareOfAddress,
    BindingAcknowledgement,
    BindingAcknowledgementFlags,
    BindingRefreshAdvice,
    BindingStatus,
    BindingUpdate,
    BindingUpdateFlags,
)
from ..security import Rng
from .actor import Machine
from .binding_updates import MAX_BINDACK_TIMEOUT, BindingUpdates, SentUpdate
from .mobility_checks import RateLimit
from .mobility_end import MobilityEnd
from .mobility_packets import Associations, MobilityPacket, from_mobile_node
from .neighbours import link_local_of
from .parts import name_of
from .registration import MobileNodeSettings, Registration, RegistrationChange, RegistrationState

__all__: list[str] = []

_Flags, _AckFlags, _Status = BindingUpdateFlags, BindingAcknowledgementFlags, BindingStatus


class RegisteringNode(MobilityEnd, Machine):
    """What a `MobileNode` does for its binding; the transitions are in its table."""

    def __init__(self, name: str, settings: MobileNodeSettings, rng: Rng) -> None:
        super().__init__(name, RegistrationState.IDLE)
        self.settings = settings
        self.associations = Associations(rng)
        self.home_address = self.care_of_address = self.home_agent = IPv6Address("::")
        #: On the visited link; where it has the home address's interface identifier, L is set.
        self.link_local: IPv6Address | None = None
        #: Of the mobile node and of its home agent, on the home link.
        self.link_layer_address = self.home_agent_link_layer_address = b""
        self.ipv4_home_address: IPv4Address | None = None
        #: Home addresses that somebody else has: never to be tried again (RFC 6275 11.7.1).
        self.duplicates: set[IPv6Address] = set()
        self.updates = BindingUpdates(rng)
        self._expires: float | None = None
        self._bound_at: IPv6Address | None = None
        self._last, self._at_home = False, False
        self._solicited = 0
        self._changes: list[RegistrationChange] = []
        self.unprotected, self.errors_sent = settings.unprotected, RateLimit()

    @property
    def is_bound(self) -> bool:
        """The tunnel to the home agent may be used."""
        return self.state in (RegistrationState.BOUND, RegistrationState.UPDATING)

    def remaining(self, now: float) -> float:
        """Seconds that are left of the binding."""
        return 0.0 if self._expires is None else max(self._expires - now, 0.0)

    def _takes(self, what: str) -> bool:
        """The table has a row for an input in this state."""
        return (self.state, what) in self.TRANSITIONS

    # -- Binding Acknowledgements (RFC 6275 11.7.3) -----------------------------------------------
    def _acknowledgement(
        self, packet: MobilityPacket, answer: BindingAcknowledgement, now: float
    ) -> None:
        reached = addressed(packet)
        if packet.source != self.home_agent or reached != self.home_address:
            self.note(now, "dropped", f"an acknowledgement of {packet.source} for {reached}")
            return
        if answer.status == _Status.SEQUENCE_OUT_OF_WINDOW:
            if not self.updates.outstanding:
                self.note(now, "dropped", "no Binding Update is under way")
                return
            self.note(now, "sequence out of window", f"the last one accepted is {answer.sequence}")
            self.updates.sequence = answer.sequence
            self.step("wrong sequence", now)
            return
        sent = self.updates.outstanding.get(answer.sequence)
        if sent is None:
            self.note(now, "dropped", f"no Binding Update {answer.sequence} is under way")
            return
        self.stop_timer("update")
        self.updates.outstanding.clear()
        self.step("accepted" if answer.status < 128 else "refused", now, answer, sent)

    def _bound(self, now: float, answer: BindingAcknowledgement, sent: SentUpdate) -> None:
        # Counted from when the Binding Update was sent, which the home agent cannot know.
        # More than was asked for cannot be granted.
        self._expires = sent.time + min(answer.lifetime, sent.update.lifetime)
        self.start_timer("lifetime", self._expires)
        before, self._bound_at = self._bound_at, self.care_of_address
        what = Registration.BOUND if before is None else Registration.MOVED
        if before == self.care_of_address:
            what = Registration.REFRESHED
        if answer.status == _Status.ACCEPTED_PREFIX_DISCOVERY_NECESSARY:
            # Until it knows of its prefixes, it is not to register again (RFC 6275 11.7.1).
            self.stop_timer("refresh")
        else:
            self.start_timer("refresh", sent.time + self._refresh_after(answer))
        self._changed(
            now, what, status=answer.status, lifetime=answer.lifetime,
            key_management_mobility=sent.has(_Flags.K) and _AckFlags.K in answer.flags,
            prefix_bound=sent.has(_Flags.R) and _AckFlags.R in answer.flags,
        )  # fmt: skip

    def _refresh_after(self, answer: BindingAcknowledgement) -> float:
        advice = answer.find(BindingRefreshAdvice)
        usual = answer.lifetime * self.settings.refresh_part
        # An advice of 0, or beyond the lifetime, is none (RFC 6275 6.2.4).
        if advice is None or not 0 < advice.interval < answer.lifetime:
            return usual
        return min(usual, float(advice.interval))

    def _refused(self, now: float, answer: BindingAcknowledgement, sent: SentUpdate) -> None:
        self._release()
        what = Registration.REFUSED
        if answer.status == _Status.DAD_FAILED:
            self.duplicates.add(self.home_address)
            what = Registration.DUPLICATE
        self._changed(now, what, status=answer.status)

    def _gone(self, now: float, answer: BindingAcknowledgement | None = None, *_: Any) -> None:
        """There is no binding any more, even where the home agent says that there was none."""
        self._release()
        status = None if answer is None else answer.status
        self._changed(now, Registration.DEREGISTERED, status=status)

    def _expire(self, now: float) -> None:
        self._release()
        self._changed(now, Registration.EXPIRED)

    def _expire_updating(self, now: float) -> None:
        """The Binding Update goes on being sent: it is a first one now."""
        self._expires = self._bound_at = None
        self._changed(now, Registration.EXPIRED)

    def _stop(self, now: float) -> None:
        self._release()

    def _release(self) -> None:
        """Nothing is bound, and nothing under way."""
        self.stop_timers()
        self.updates.outstanding.clear()
        self._expires = self._bound_at = None

    # -- Binding Updates (RFC 6275 11.7.1, 11.8) --------------------------------------------------
    def _update(self, now: float) -> None:
        self._at_home = False
        self._begin(now, last=False)

    def _update_last(self, now: float) -> None:
        self._begin(now, last=True)

    def _begin(self, now: float, *, last: bool) -> None:
        self.stop_timer("refresh")
        self.stop_timer("solicitation")
        self._last = last
        self.updates.begin(first=self._bound_at is None and not last)
        self._send_update(now)

    def _send_update(self, now: float) -> None:
        """The next transmission, as soon as it may be."""
        earliest = self.updates.earliest(now)
        if earliest > now:
            self.start_timer("update", earliest)
            return
        if not self.unprotected and not self.can_seal(self.home_address, now):
            self.start_timer("update", now + MAX_BINDACK_TIMEOUT)
            return
        home = self._at_home
        update = self._at_home_update() if home else self._away_update()
        unit = from_mobile_node(
            update,
            self.home_address if home else self.care_of_address,
            self.home_agent,
            self.home_address,
            self.settings.home_link if home else self.settings.link,
            self.associations.sender(self.home_address),
        )
        self.send(unit)
        was_slow = self.updates.is_slow
        self.start_timer("update", self.updates.sent(update, now))
        if self.updates.is_slow and not was_slow:
            self._changed(now, Registration.SILENT)

    def _away_update(self) -> BindingUpdate:
        flags = _Flags.A | _Flags.H
        if self.settings.key_management_mobility and self._is_sealed:
            flags |= _Flags.K
        if self.settings.mobile_router:
            flags |= _Flags.R
        if self.link_local is not None and self.link_local == link_local_of(self.home_address):
            flags |= _Flags.L
        return BindingUpdate(
            self.updates.next_sequence(),
            flags=flags,
            lifetime=0 if self._last else self.settings.lifetime // 4 * 4,
            options=(AlternateCareOfAddress(self.care_of_address),),
        )

    def _at_home_update(self) -> BindingUpdate:
        """From the home link: no option says where the mobile node is, the source does."""
        flags = _Flags.A | _Flags.H
        if self.settings.key_management_mobility and self._is_sealed:
            flags |= _Flags.K
        return BindingUpdate(self.updates.next_sequence(), flags=flags, lifetime=0)

    @property
    def _is_sealed(self) -> bool:
        return self.associations.sender(self.home_address) is not None

    def _changed(self, now: float, what: Registration, **values: Any) -> None:
        change = RegistrationChange(
            time=now,
            what=what,
            home_address=self.home_address,
            care_of_address=self.care_of_address,
            **values,
        )
        self._changes.append(change)
        text = f"{self.home_address} at {self.care_of_address}"
        if change.status is not None:
            text += f", status {name_of(change.status)}"
        self.note(now, f"registration {what}", text, change=change)


def addressed(packet: MobilityPacket) -> IPv6Address:
    """The address that a packet really goes to."""
    final = packet.home_address if packet.final else None
    return final or packet.destination
