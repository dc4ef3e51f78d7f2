"""The mobile node's side of access authentication: an EAP peer over EAP over LAN."""

from __future__ import annotations

import enum

from ..errors import DecodeError
from ..security import Secret
from .actor import Event, Machine, Port, Unit
from .eap_peer import EapPeer
from .eap_peer_exchange import EapPeerState
from .eapol import PAE_GROUP_ADDRESS, EapolType, eapol_content, eapol_unit

__all__ = ["Supplicant", "SupplicantState"]

#: How long EAPOL-Start waits for a request, how often it is sent, and how long the next request may
#: take: startPeriod, maxStart and authPeriod of IEEE 802.1X-2004.
_START_PERIOD, _MAX_START, _AUTHENTICATION_PERIOD = 30.0, 3, 30.0


class SupplicantState(enum.StrEnum):
    """How far a supplicant is."""

    DOWN = "down"
    CONNECTING = "connecting"
    AUTHENTICATING = "authenticating"
    AUTHENTICATED = "authenticated"
    FAILED = "failed"


_S = SupplicantState


class Supplicant(Machine):
    """The mobile node on its access link; `start` says that the link is up.

    Authenticated or failed, `state` tells, and an event "authenticated" or "failed"; `msk` is there
    after success.  The authenticator may authenticate again at any time, and so may the owner.
    """

    TRANSITIONS = {
        (None, "start"): ("_begin", _S.CONNECTING),
        (None, "stop"): ("_end", _S.DOWN),
        **{
            (state, "packet"): ("_take", None)
            for state in (_S.CONNECTING, _S.AUTHENTICATING, _S.AUTHENTICATED, _S.FAILED)
        },
        (_S.CONNECTING, "request over"): ("_again", None),
        (_S.AUTHENTICATING, "request over"): ("_again", _S.CONNECTING),
    }

    def __init__(
        self,
        name: str,
        peer: EapPeer,
        *,
        address: bytes,
        authenticator: bytes = PAE_GROUP_ADDRESS,
        link: str = "",
    ) -> None:
        super().__init__(name, _S.DOWN)
        self.peer, self.address, self.link = peer, address, link
        self._authenticator = authenticator
        self._starts = 0

    @property
    def msk(self) -> Secret | None:
        """The master session key, while authenticated."""
        return self.peer.msk if self.state == _S.AUTHENTICATED else None

    def start(self, now: float) -> None:
        """The link is up, or the owner wants a new authentication."""
        self.step("start", now)

    def stop(self, now: float) -> None:
        """Leave the access (EAPOL-Logoff)."""
        self.step("stop", now)

    def receive(self, unit: Unit, now: float) -> None:
        if unit.port != Port.EAPOL or unit.link != self.link:
            self.note(now, "dropped", "not of this link")
        elif unit.destination not in (self.address, PAE_GROUP_ADDRESS):
            self.note(now, "dropped", "for another station")
        else:
            self._frame(unit, now)
            self.stir()

    def events(self) -> list[Event]:
        found = [*super().events(), *self.peer.events()]
        return sorted(found, key=lambda event: event.time)

    def _frame(self, unit: Unit, now: float) -> None:
        try:
            packet_type, content = eapol_content(unit.octets)
        except DecodeError as error:
            self.note(now, "dropped", f"no EAPOL frame: {error}")
            return
        if packet_type == EapolType.EAP_PACKET:
            self.step("packet", now, unit, content)
        else:
            self.note(now, "dropped", f"EAPOL of type {packet_type}")

    def _begin(self, now: float) -> None:
        self.peer.restart()
        self._starts = 0
        self._send_start(now)

    def _send_start(self, now: float) -> None:
        self._starts += 1
        self._transmit(EapolType.START)
        self.start_timer("request", now + _START_PERIOD)

    def _transmit(self, packet_type: EapolType) -> None:
        destination = self._authenticator
        self.send(eapol_unit(self.address, destination, self.link, None, packet_type))

    def _again(self, now: float) -> SupplicantState | None:
        """No request has come."""
        if self._starts >= _MAX_START:
            self.note(now, "failed", "nobody asks")
            return _S.FAILED
        self.peer.restart()
        self._send_start(now)
        return None

    def _take(self, now: float, unit: Unit, content: bytes) -> SupplicantState | None:
        before = self.peer.state
        reply = self.peer.receive(content, now)
        if reply is not None:
            self._starts = 0
            self.send(eapol_unit(self.address, unit.source, self.link, reply))
            self.start_timer("request", now + _AUTHENTICATION_PERIOD)
            return _S.AUTHENTICATING
        if self.peer.state == before:
            return None
        self.stop_timer("request")
        if self.peer.state == EapPeerState.SUCCEEDED:
            self.note(now, "authenticated")
            return _S.AUTHENTICATED
        self.note(now, "failed", "refused")
        return _S.FAILED

    def _end(self, now: float) -> None:
        self._transmit(EapolType.LOGOFF)
        self.stop_timer("request")
        self.peer.restart()
