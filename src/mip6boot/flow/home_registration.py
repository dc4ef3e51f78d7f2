"""The home agent's registrations: Binding Updates checked, answered, and addresses defended.

The checks stand in the order of RFC 6275 9.2, 9.5.1 and 10.3.1, RFC 3963 6.2 and RFC 4877 4.
"""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import msgspec

from ..ip import NeighborSolicitation
from ..mipv6 import (
    BindingAcknowledgement,
    BindingRefreshAdvice,
    BindingRevocationAcknowledgement,
    BindingStatus,
    BindingUpdate,
    MobilityHeader,
    RevocationTrigger,
)
from ..mipv6 import BindingUpdateFlags as _Flags
from ..security import Rng
from .binding_cache import BindingCache, BindingState, is_newer_sequence
from .chance import number
from .composite import Composite
from .home_binding import BindingChange, Change, HomeBinding
from .home_policy import (
    BindingRequest,
    HomeAgentSettings,
    HomePolicy,
    reason_for_silence,
    request_of,
)
from .mobility_checks import RateLimit
from .mobility_end import MobilityEnd
from .mobility_packets import Associations, MobilityPacket, to_mobile_node
from .neighbours import (
    Discovery,
    answer_solicitation,
)
from .parts import name_of

__all__ = ["HomeRegistrations"]


class HomeRegistrations(MobilityEnd, Composite):
    """The home agent's side of the Mobility Header, and its proxy on the home link."""

    PROTECTED = frozenset((5, 16))

    def __init__(self, name: str, settings: HomeAgentSettings, rng: Rng) -> None:
        super().__init__(name)
        self.settings = settings
        self.cache = BindingCache()
        self.associations = Associations(rng)
        self.policy = HomePolicy(settings, self.cache)
        #: By home address, for the owner to fill: see `HomePolicy`.
        self.prefixes, self.refusals = self.policy.prefixes, self.policy.refusals
        self.unprotected, self.errors_sent = settings.unprotected, RateLimit()
        self._bindings: dict[IPv6Address, HomeBinding] = {}
        self._links: dict[IPv6Address, str] = {}
        self._changes: list[BindingChange] = []
        self._revocation = number(rng, 2)

    # -- for the owner --------------------------------------------------------------------------
    def revoke(
        self,
        home_address: IPv6Address,
        now: float,
        trigger: RevocationTrigger = RevocationTrigger.ADMINISTRATIVE_REASON,
    ) -> None:
        """End a binding, and tell the mobile node (RFC 5846 7)."""
        self._step(home_address, "revocation", now, trigger)

    def withdraw(self, home_address: IPv6Address, now: float) -> None:
        """End a binding at once: its home address is the mobile node's no more."""
        self._step(home_address, "withdrawal", now)

    def changes(self) -> list[BindingChange]:
        """What has become of bindings since this was last asked."""
        changes, self._changes = self._changes, []
        return changes

    def tunnels(self, now: float) -> dict[IPv6Address, IPv6Address]:
        """Care-of address by home address, of all that are bound."""
        return {
            entry.home_address: entry.care_of_address
            for entry in self.cache.entries(now)
            if entry.is_active
        }

    # -- what comes in --------------------------------------------------------------------------
    def selector(self, packet: MobilityPacket) -> IPv6Address:
        return packet.mobile_node

    def objection(self, packet: MobilityPacket) -> str:
        if packet.destination != self.settings.address:
            return f"{packet.destination} is not this home agent"
        return super().objection(packet)

    def message(self, packet: MobilityPacket, message: MobilityHeader, now: float) -> None:
        if isinstance(message, BindingUpdate):
            self._update(packet, message, now)
        elif isinstance(message, BindingRevocationAcknowledgement):
            self._step(packet.mobile_node, "acknowledgement", now, message)
        else:
            self.note(now, "dropped", f"{type(message).__name__} is not for a home agent")

    # -- Binding Updates ------------------------------------------------------------------------
    def _update(self, packet: MobilityPacket, update: BindingUpdate, now: float) -> None:
        request = request_of(packet, update)
        home_address = request.home_address
        silent = reason_for_silence(request)
        if silent:
            self.note(now, "dropped", silent, home_address=home_address)
            return
        entry = self.cache.find(home_address, now)
        if entry is not None and not is_newer_sequence(update.sequence, entry.sequence):
            status = BindingStatus.SEQUENCE_OUT_OF_WINDOW
            self.refuse(request, status, now, sequence=entry.sequence)
            return
        self.cache.accepted(home_address, update.sequence)
        if update.lifetime == 0 and _Flags.H in update.flags:
            self._links[home_address] = packet.link
            self._step(home_address, "de-registration", now, request)
            return
        refusal = self.policy.refusal(request, now)
        if refusal is not None:
            self.refuse(request, refusal, now)
            return
        self._links[home_address] = packet.link
        prefixes = self.policy.prefixes_of(request)
        request = msgspec.structs.replace(request, prefixes=prefixes)
        self._step(home_address, "registration", now, request)

    # -- what bindings ask ----------------------------------------------------------------------
    def link_of(self, home_address: IPv6Address) -> str:
        """The link that the mobile node was last heard on."""
        return self._links.get(home_address, "")

    def next_revocation(self) -> int:
        """Sequence number for a Binding Revocation Indication."""
        self._revocation = (self._revocation + 1) % 65536
        return self._revocation

    def refuse(
        self,
        request: BindingRequest,
        status: BindingStatus,
        now: float,
        *,
        sequence: int | None = None,
    ) -> None:
        """Answer that a Binding Update is not accepted, and tell it."""
        self.acknowledge(request, status, now, sequence=sequence)
        self.changed(
            BindingChange(
                time=now,
                what=Change.REFUSED,
                home_address=request.home_address,
                care_of_address=request.care_of_address,
                status=status,
            )
        )

    def acknowledge(
        self,
        request: BindingRequest,
        status: BindingStatus,
        now: float,
        *,
        lifetime: int = 0,
        sequence: int | None = None,
    ) -> None:
        """Send the Binding Acknowledgement of a Binding Update (RFC 6275 9.5.4, 10.3.1)."""
        update, advised = request.update, self.settings.refresh_interval
        advice = (BindingRefreshAdvice(advised),) if advised and advised < lifetime else ()
        message = BindingAcknowledgement(
            status=status,
            flags=self.policy.flags_of(request, status),
            sequence=update.sequence if sequence is None else sequence,
            lifetime=lifetime,
            options=advice,
        )
        packet, home_address = request.packet, request.home_address
        sender = None if packet.sealed_for is None else self.associations.sender(home_address)
        if packet.sealed_for is not None and not self.can_seal(home_address, now):
            return
        self.send(
            to_mobile_node(
                message, self.settings.address, packet.source, home_address, packet.link, sender
            )
        )

    def changed(self, change: BindingChange) -> None:
        """Tell the owner of a change, and everybody by an event."""
        self._changes.append(change)
        where, status = change.care_of_address, change.status
        text = f"{change.home_address} at {where}"
        if status is not None:
            text += f", status {name_of(status)}"
        self.note(change.time, f"binding {change.what}", text, change=change)

    # -- the home link --------------------------------------------------------------------------
    def neighbour(self, told: Discovery, now: float) -> None:
        """Whoever has an address that is tested says so; whoever asks for a defended one, is told.

        Other things that neighbours tell each other are none of a proxy's business.
        """
        settings, target = self.settings, getattr(told.message, "target", None)
        if told.link != settings.home_link or target is None:
            return
        solicits = isinstance(told.message, NeighborSolicitation)
        entry = self.cache.find_target(target, now)
        if entry is not None and entry.state == BindingState.TESTING:
            # A solicitation with a source only wants to resolve the address (RFC 4862 5.4.3).
            if not solicits or told.is_detection:
                self._step(entry.home_address, "duplicate", now)
        elif solicits and target == settings.address:
            self.send(answer_solicitation(told, settings.link_layer_address, router=True))
        elif solicits and entry is not None and entry.is_active:
            answer = answer_solicitation(
                told, settings.link_layer_address, source=settings.address, proxy=True
            )
            self.send(answer)

    # -- bindings -------------------------------------------------------------------------------
    def _step(self, home_address: IPv6Address, what: str, now: float, *arguments: Any) -> None:
        binding = self._bindings.get(home_address)
        if binding is None:
            binding = self._bindings[home_address] = HomeBinding(self, home_address)
            self.add_part(binding)
        binding.step(what, now, *arguments)

    def forget(self, home_address: IPv6Address) -> None:
        """There is nothing of a binding to remember."""
        self.drop_part(self._bindings.pop(home_address))
        self._links.pop(home_address, None)
