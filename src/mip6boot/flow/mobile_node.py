"""The mobile node's side of a home registration (RFC 6275 11.5, 11.7, 11.8; TS 24.303 A.2).

One actor has one home address.  It registers, refreshes before the binding ends, moves, takes
revocations, and goes home.

    >>> from ipaddress import IPv6Address, IPv6Network
    >>> from random import Random
    >>> from mip6boot import flow
    >>> home, care_of = IPv6Address("2001:db8:1::7"), IPv6Address("2001:db8:2::7")
    >>> address, prefix = IPv6Address("2001:db8:1::1"), IPv6Network("2001:db8:1::/64")
    >>> agent = flow.HomeRegistrations("home agent", flow.HomeAgentSettings(
    ...     address=address, prefixes=(flow.HomePrefix(prefix),), unprotected=True,
    ...     link_layer_address=bytes.fromhex("020000000001"),
    ... ), Random(1))
    >>> settings = flow.MobileNodeSettings(unprotected=True, mobile_router=False)
    >>> mobile = flow.MobileNode("mobile node", settings, Random(2))
    >>> mobile.register(home, address, care_of, 0.0)
    >>> for unit in mobile.to_send():
    ...     agent.receive(unit, 0.0)
    >>> agent.handle_timeout(1.0)  # Nobody on the home link has the address.
    >>> for unit in agent.to_send():
    ...     if unit.destination == care_of:
    ...         mobile.receive(unit, 1.0)
    >>> [str(event) for event in mobile.events()][-1]
    '1.000 mobile node: state (registering -> bound)'
    >>> agent.tunnels(1.0)
    {IPv6Address('2001:db8:1::7'): IPv6Address('2001:db8:2::7')}
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any, ClassVar

from ..ip import NeighborAdvertisement, ParameterProblem, TargetLinkLayerAddress
from ..mipv6 import (
    AlternateCareOfAddress,
    BindingAcknowledgement,
    BindingAcknowledgementFlags,
    BindingError,
    BindingErrorStatus,
    BindingRefreshAdvice,
    BindingRevocationAcknowledgement,
    BindingRevocationFlags,
    BindingRevocationIndication,
    BindingStatus,
    BindingUpdate,
    BindingUpdateFlags,
    Ipv4HomeAddress,
    MobilityHeader,
    RevocationStatus,
    RevocationTrigger,
)
from ..packets import Packet
from ..security import Rng
from .actor import Machine
from .binding_updates import MAX_BINDACK_TIMEOUT, BindingUpdates, SentUpdate
from .mobility_checks import RateLimit
from .mobility_end import MobilityEnd
from .mobility_packets import Associations, MobilityPacket, from_mobile_node
from .neighbours import (
    MAX_MULTICAST_SOLICIT,
    RETRANS_TIMER,
    Discovery,
    answer_solicitation,
    duplicate_address_solicitation,
    link_local_of,
    unsolicited_advertisement,
)
from .registration import MobileNodeSettings, Registration, RegistrationChange, RegistrationState

__all__ = ["MobileNode"]

_Flags, _AckFlags, _BriFlags = (
    BindingUpdateFlags,
    BindingAcknowledgementFlags,
    BindingRevocationFlags,
)
_Status = BindingStatus


_S = RegistrationState


class MobileNode(MobilityEnd, Machine):
    """A home address that is registered with a home agent."""

    PROTECTED = frozenset((6, 16))

    TRANSITIONS: ClassVar[Any] = {
        (_S.IDLE, "registration"): ("_update", _S.REGISTERING),
        (_S.HOME, "registration"): ("_update", _S.REGISTERING),
        (_S.FAILED, "registration"): ("_update", _S.REGISTERING),
        (_S.REGISTERING, "registration"): ("_update", None),
        (_S.REGISTERING, "refresh"): ("_update", None),
        (_S.BOUND, "refresh"): ("_update", _S.UPDATING),
        (_S.BOUND, "refresh over"): ("_update", _S.UPDATING),
        (_S.UPDATING, "refresh"): ("_update", None),
        (_S.UPDATING, "lifetime over"): ("_expire_updating", _S.REGISTERING),
        (_S.BOUND, "lifetime over"): ("_expire", _S.IDLE),
        (_S.REGISTERING, "de-registration"): ("_update_last", _S.DEREGISTERING),
        (_S.BOUND, "de-registration"): ("_update_last", _S.DEREGISTERING),
        (_S.UPDATING, "de-registration"): ("_update_last", _S.DEREGISTERING),
        (_S.DEREGISTERING, "refresh"): ("_update_last", None),
        (_S.DEREGISTERING, "lifetime over"): ("_gone", _S.IDLE),
        (_S.BOUND, "home link"): ("_return", None),
        (_S.UPDATING, "home link"): ("_return", None),
        (_S.REGISTERING, "home link"): ("_return", None),
        (_S.DEREGISTERING, "home link"): ("_return", None),
        (_S.IDLE, "home link"): (None, _S.HOME),
        (_S.SOLICITING, "advertisement"): ("_learn", _S.RETURNING),
        (_S.SOLICITING, "solicitation over"): ("_solicit", None),
        # It has left the home link again before the home agent answered.
        (_S.SOLICITING, "refresh"): ("_update", _S.UPDATING),
        (_S.RETURNING, "refresh"): ("_update", _S.UPDATING),
        (_S.SOLICITING, "lifetime over"): ("_expire", _S.HOME),
        (_S.RETURNING, "lifetime over"): ("_expire", _S.HOME),
        # Unanswered Binding Updates are sent again, with a higher number each.
        (_S.REGISTERING, "update over"): ("_send_update", None),
        (_S.UPDATING, "update over"): ("_send_update", None),
        (_S.DEREGISTERING, "update over"): ("_send_update", None),
        (_S.RETURNING, "update over"): ("_send_update", None),
        (_S.REGISTERING, "wrong sequence"): ("_send_update", None),
        (_S.UPDATING, "wrong sequence"): ("_send_update", None),
        (_S.DEREGISTERING, "wrong sequence"): ("_send_update", None),
        (_S.RETURNING, "wrong sequence"): ("_send_update", None),
        (_S.REGISTERING, "accepted"): ("_bound", _S.BOUND),
        (_S.UPDATING, "accepted"): ("_bound", _S.BOUND),
        (_S.DEREGISTERING, "accepted"): ("_gone", _S.IDLE),
        (_S.RETURNING, "accepted"): ("_come_home", _S.HOME),
        (_S.REGISTERING, "refused"): ("_refused", _S.FAILED),
        (_S.UPDATING, "refused"): ("_refused", _S.FAILED),
        (_S.DEREGISTERING, "refused"): ("_gone", _S.IDLE),
        (_S.RETURNING, "refused"): ("_come_home", _S.HOME),
        # It is bound where the acknowledgement was lost.
        (_S.REGISTERING, "revocation"): ("_revoked", _S.IDLE),
        (_S.BOUND, "revocation"): ("_revoked", _S.IDLE),
        (_S.UPDATING, "revocation"): ("_revoked", _S.IDLE),
        (_S.DEREGISTERING, "revocation"): ("_revoked", _S.IDLE),
        # A home agent that lost its bindings says so (RFC 6275 11.3.6).
        (_S.BOUND, "unknown binding"): ("_update", _S.UPDATING),
        (None, "stop"): ("_stop", _S.IDLE),
    }  # fmt: skip

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

    # -- for the owner --------------------------------------------------------------------------
    def register(
        self,
        home_address: IPv6Address,
        home_agent: IPv6Address,
        care_of_address: IPv6Address,
        now: float,
        *,
        link_local: IPv6Address | None = None,
    ) -> None:
        """Bind a home address to a care-of address.

        Its SAs are there before (`add_sa`), unless the settings do without.
        """
        if home_address in self.duplicates:
            self.note(now, "ignored", f"{home_address} is somebody else's")
            return
        if self.associations.sender(home_address) is None and not self.settings.unprotected:
            self.note(now, "ignored", f"{home_address} has no SA")
            return
        if self.is_bound and home_address != self.home_address:
            self.note(now, "ignored", f"{self.home_address} is bound")
            return
        what = "refresh" if self.is_bound else "registration"
        if self._takes(what):
            self.home_address, self.home_agent = home_address, home_agent
            self.care_of_address, self.link_local = care_of_address, link_local
        self.step(what, now)

    def move(
        self, care_of_address: IPv6Address, now: float, *, link_local: IPv6Address | None = None
    ) -> None:
        """Bind the home address to another care-of address."""
        if self._takes("refresh"):
            self.care_of_address, self.link_local = care_of_address, link_local
        self.step("refresh", now)

    def refresh(self, now: float) -> None:
        """Bind the home address again, for longer."""
        self.step("refresh", now)

    def deregister(self, now: float) -> None:
        """End the binding from where the mobile node is (RFC 6275 11.7.1, TS 24.303 A.5)."""
        self.step("de-registration", now)

    def stop(self, now: float) -> None:
        """Forget the binding without a word to the home agent."""
        self.step("stop", now)

    def return_home(
        self, now: float, *, link_layer_address: bytes, home_agent_link_layer_address: bytes = b""
    ) -> None:
        """End the binding from the home link (RFC 6275 11.5.5).

        The home agent's link-layer address is that of its router advertisement; without one it is
        asked for.
        """
        self.link_layer_address = link_layer_address
        self.home_agent_link_layer_address = home_agent_link_layer_address
        self.step("home link", now)

    def changes(self) -> list[RegistrationChange]:
        """What has become of the registration since this was last asked."""
        changes, self._changes = self._changes, []
        return changes

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

    # -- what comes in --------------------------------------------------------------------------
    def selector(self, packet: MobilityPacket) -> IPv6Address:
        return _addressed(packet)

    def other(self, packet: Packet, now: float) -> None:
        if isinstance(packet.layers[-1], ParameterProblem):
            # Anybody may have sent it: it tells, and changes nothing (RFC 6275 11.3.5).
            self.note(now, "parameter problem", f"octet {packet.layers[-1].pointer}")
        else:
            super().other(packet, now)

    def message(self, packet: MobilityPacket, message: MobilityHeader, now: float) -> None:
        if isinstance(message, BindingAcknowledgement):
            self._acknowledgement(packet, message, now)
        elif isinstance(message, BindingRevocationIndication):
            self._revocation(packet, message, now)
        elif isinstance(message, BindingError):
            self._error(packet, message, now)
        else:
            self.note(now, "dropped", f"{type(message).__name__} is not for a mobile node")

    # -- Binding Acknowledgements (RFC 6275 11.7.3) -----------------------------------------------
    def _acknowledgement(
        self, packet: MobilityPacket, answer: BindingAcknowledgement, now: float
    ) -> None:
        addressed = _addressed(packet)
        if packet.source != self.home_agent or addressed != self.home_address:
            self.note(now, "dropped", f"an acknowledgement of {packet.source} for {addressed}")
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
        self._timers.clear()
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

    # -- the home link (RFC 6275 11.5.5) ----------------------------------------------------------
    def _return(self, now: float) -> RegistrationState | None:
        self._at_home = True
        self.stop_timer("refresh")
        self.stop_timer("update")
        self.updates.outstanding.clear()
        if self.home_agent_link_layer_address:
            self._begin(now, last=True)
            return RegistrationState.RETURNING
        self._solicited = 0
        return self._solicit(now)

    def _solicit(self, now: float) -> RegistrationState:
        """Ask by the home address, which the home agent defends, and without a source."""
        if self._solicited >= MAX_MULTICAST_SOLICIT:
            self._release()
            self._changed(now, Registration.SILENT)
            return RegistrationState.FAILED
        self._solicited += 1
        self.send(duplicate_address_solicitation(self.home_address, self.settings.home_link))
        self.start_timer("solicitation", now + RETRANS_TIMER)
        return RegistrationState.SOLICITING

    def _learn(self, now: float, told: Discovery) -> None:
        self.stop_timer("solicitation")
        option = told.message.find(TargetLinkLayerAddress)
        self.home_agent_link_layer_address = option.link_layer_address
        self._begin(now, last=True)

    def _come_home(self, now: float, answer: BindingAcknowledgement, *_: Any) -> None:
        """All nodes of the home link learn that the mobile node has its addresses again."""
        self._release()
        for address in self._own_addresses:
            unit = unsolicited_advertisement(
                address, self.link_layer_address, address, self.settings.home_link
            )
            self.send(unit)
        self.care_of_address = self.home_address
        self._changed(now, Registration.HOME, status=answer.status)

    @property
    def _own_addresses(self) -> tuple[IPv6Address, ...]:
        """What the home agent has defended."""
        link_local = link_local_of(self.home_address)
        both = self.link_local == link_local
        return (self.home_address, link_local) if both else (self.home_address,)

    def neighbour(self, told: Discovery, now: float) -> None:
        target = getattr(told.message, "target", None)
        if told.link != self.settings.home_link or target not in self._own_addresses:
            return
        if isinstance(told.message, NeighborAdvertisement):
            knows = told.message.find(TargetLinkLayerAddress) is not None
            if self.state == RegistrationState.SOLICITING and knows:
                self.step("advertisement", now, told)
        elif self.state in (RegistrationState.RETURNING, RegistrationState.HOME):
            self.send(answer_solicitation(told, self.link_layer_address))

    # -- Binding Revocation (RFC 5846 6.2.1, 10) and Binding Error (RFC 6275 11.3.6) -------------
    def _revocation(
        self, packet: MobilityPacket, asked: BindingRevocationIndication, now: float
    ) -> None:
        known = self._takes("revocation")
        ours = packet.final and packet.home_address == self.home_address
        if not (known and ours and packet.source == self.home_agent):
            self.note(now, "dropped", f"a revocation of {packet.home_address}, which is not bound")
            return
        status = _revocation_status(asked, self.ipv4_home_address)
        answer = BindingRevocationAcknowledgement(status, asked.sequence, flags=asked.flags)
        self.send(
            from_mobile_node(
                answer, packet.destination, self.home_agent, self.home_address, packet.link,
                self.associations.sender(self.home_address),
            )
        )  # fmt: skip
        if status != RevocationStatus.SUCCESS:
            self.note(now, "revocation refused", status.name)
        elif _BriFlags.V in asked.flags:
            self.note(now, "IPv4 home address revoked", str(self.ipv4_home_address))
            self.ipv4_home_address = None
        else:
            self.step("revocation", now, asked)

    def _revoked(self, now: float, asked: BindingRevocationIndication) -> None:
        self._release()
        self._changed(now, Registration.REVOKED, trigger=asked.trigger)

    def _error(self, packet: MobilityPacket, error: BindingError, now: float) -> None:
        """It comes unprotected: at most one makes the mobile node ask."""
        about = error.home_address in (self.home_address, IPv6Address("::"))
        expected = self.is_bound or self.updates.outstanding
        if packet.source != self.home_agent or not about or not expected:
            self.note(now, "dropped", f"a Binding Error of {packet.source}")
            return
        self.note(now, "binding error", getattr(error.status, "name", str(error.status)))
        if error.status == BindingErrorStatus.UNKNOWN_BINDING:
            self.step("unknown binding", now)

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
            text += f", status {getattr(change.status, 'name', change.status)}"
        self.note(now, f"registration {what}", text, change=change)


def _addressed(packet: MobilityPacket) -> IPv6Address:
    """The address that a packet really goes to."""
    final = packet.home_address if packet.final else None
    return final or packet.destination


def _revocation_status(
    asked: BindingRevocationIndication, ipv4_home_address: IPv4Address | None
) -> RevocationStatus:
    """What a revocation of a binding that is there is answered with."""
    flags, trigger = asked.flags, asked.trigger
    if _BriFlags.P in flags:
        return RevocationStatus.PROXY_BINDING_REVOCATION_NOT_SUPPORTED
    if not isinstance(trigger, RevocationTrigger):
        return RevocationStatus.REVOCATION_TRIGGER_NOT_SUPPORTED
    if (_BriFlags.G in flags) != (trigger >= RevocationTrigger.PER_PEER_POLICY):
        return RevocationStatus.REVOCATION_FUNCTION_NOT_SUPPORTED
    if _BriFlags.V in flags:
        option = asked.find(Ipv4HomeAddress)
        if option is None:
            return RevocationStatus.IPV4_HOME_ADDRESS_OPTION_REQUIRED
        if option.address != ipv4_home_address:
            return RevocationStatus.BINDING_DOES_NOT_EXIST
    return RevocationStatus.SUCCESS
