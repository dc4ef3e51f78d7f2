"""A connection to a neighbour: capabilities, watchdog, good-bye (RFC 6733 5, RFC 3539 3.4)."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...diameter import (
    THREE_GPP,
    Application,
    CapabilitiesExchangeAnswer,
    CapabilitiesExchangeRequest,
    DeviceWatchdogAnswer,
    DeviceWatchdogRequest,
    DiameterMessage,
    Disconnect,
    DisconnectCause,
    DisconnectPeerAnswer,
    DisconnectPeerRequest,
    Result,
)
from ...diameter.interfaces import AnyAnswer, Refusal, VendorApplication
from ...diameter.interfaces.base import Cea, Cer, Dpa, Dpr, Dwa, Dwr
from ...diameter.interfaces.typed import Typed
from ..actor import Machine, Port, Unit
from ..chance import between
from ..parts import find
from .settings import Neighbour

if TYPE_CHECKING:
    from .node import DiameterNode

__all__ = ["Peer", "PeerState"]

#: Tc, after which a connection is tried again (RFC 6733 2.1), and the jitter of the watchdog
#: (RFC 3539 3.4.1), in seconds.
_TC, _JITTER = 30.0, 2.0


class PeerState(enum.StrEnum):
    """How a connection is."""

    CLOSED = "closed"
    WAIT_CEA = "waits for CEA"
    OPEN = "open"
    PROBING = "probing"
    "Open; a watchdog request is out."
    SUSPECT = "suspect"
    "The watchdog was not answered: requests go elsewhere."


_S = PeerState
_UP = (_S.OPEN, _S.PROBING, _S.SUSPECT)

#: What a message between neighbours is called as an input.
_INPUTS: dict[type[DiameterMessage], str] = {
    CapabilitiesExchangeRequest: "CER",
    CapabilitiesExchangeAnswer: "CEA",
    DeviceWatchdogRequest: "DWR",
    DeviceWatchdogAnswer: "DWA",
    DisconnectPeerRequest: "DPR",
    DisconnectPeerAnswer: "DPA",
}


class Peer(Machine):
    """One connection of a `DiameterNode`; its events are those of the node.

    A unit without octets says that what carries the connection is closed, as TCP's RST or SCTP's
    ABORT does; it answers what comes on a connection that is not there.
    """

    TRANSITIONS = {
        (_S.CLOSED, "connect"): ("_connect", _S.WAIT_CEA),
        (_S.CLOSED, "retry over"): ("_connect", _S.WAIT_CEA),
        (None, "CER"): ("_accept", None),
        (_S.WAIT_CEA, "CEA"): ("_connected", None),
        (_S.WAIT_CEA, "retry over"): ("_lost", _S.CLOSED),
        **{(state, "DWR"): ("_alive", _S.OPEN) for state in _UP},
        **{(state, "DWA"): ("_heard", _S.OPEN) for state in _UP},
        **{(state, "message"): ("_deliver", _S.OPEN) for state in _UP},
        **{(state, "DPR"): ("_leave", _S.CLOSED) for state in _UP},
        **{(state, "disconnect"): ("_disconnect", _S.CLOSED) for state in _UP},
        (_S.CLOSED, "DPA"): (None, None),
        **{(_S.CLOSED, what): ("_reset", None) for what in ("CEA", "DWR", "DWA", "DPR", "message")},
        (_S.CLOSED, "closed"): (None, None),
        (None, "closed"): ("_lost", _S.CLOSED),
        (_S.OPEN, "watchdog over"): ("_probe", _S.PROBING),
        (_S.PROBING, "watchdog over"): ("_suspect", _S.SUSPECT),
        (_S.SUSPECT, "watchdog over"): ("_lost", _S.CLOSED),
    }

    def __init__(
        self,
        node: DiameterNode,
        neighbour: Neighbour,
        deliver: Callable[[Peer, DiameterMessage, float], None],
    ) -> None:
        """`deliver` takes what is not between neighbours alone."""
        super().__init__(node.name, _S.CLOSED)
        self.node, self.neighbour, self._give = node, neighbour, deliver
        self._waiting: list[DiameterMessage] = []

    @property
    def host(self) -> str:
        """Who it is."""
        return self.neighbour.host

    @property
    def is_usable(self) -> bool:
        """Requests may go there, if need be once a connection is open."""
        return self.state in (_S.OPEN, _S.PROBING, _S.WAIT_CEA) or (
            self.state == _S.CLOSED and self.neighbour.connect and "retry" not in self._timers
        )

    @property
    def is_up(self) -> bool:
        """There is a connection."""
        return self.state in _UP

    def receive(self, unit: Unit, now: float) -> None:
        raise NotImplementedError("units are the node's")

    def take(self, message: DiameterMessage, now: float) -> None:
        """A message of the neighbour."""
        self.step(_INPUTS.get(type(message), "message"), now, message)

    def put(self, message: DiameterMessage, now: float) -> None:
        """Send a message, at once or when the connection is open."""
        if self.is_up:
            self._transmit(message)
            return
        self._waiting.append(message)
        if self.state == _S.CLOSED:
            self.step("connect", now)

    def withdraw(self, message: DiameterMessage) -> None:
        """A message that still waits for a connection is not needed any more."""
        self._waiting = [one for one in self._waiting if one is not message]

    def note(self, now: float, name: str, text: str = "", **values: object) -> None:
        self.node.note(now, name, text, neighbour=self.host, **values)

    # -- capabilities (RFC 6733 5.3) --------------------------------------------------------------
    def _connect(self, now: float) -> None:
        self._send(Cer(**self._capabilities()))
        self.start_timer("retry", now + _TC)

    def _accept(self, now: float, message: DiameterMessage) -> PeerState | None:
        refusal = Cer.refusal(message)
        if refusal is None and Cer.of(message).origin_host.lower() != self.host.lower():
            refusal = Refusal(Result.DIAMETER_UNKNOWN_PEER, "that is another host")
        if refusal is None and not self._agree(Cer.of(message)):
            refusal = Refusal(Result.DIAMETER_NO_COMMON_APPLICATION, "no common application")
        if refusal is not None:
            # A connection that is there already stays as it is.
            objection = self.node.objection(refusal.result, refusal.reason)
            self._transmit(objection.answering(message))
            return None
        answer = Cea(result_code=Result.DIAMETER_SUCCESS, **self._capabilities())
        self._transmit(_answering(answer, message))
        self._opened(now)
        return _S.OPEN

    def _connected(self, now: float, message: DiameterMessage) -> PeerState:
        refused = AnyAnswer.refusal(message) or Cea.refusal(message)
        if refused is None:
            answer = Cea.of(message)
            known = answer.origin_host.lower() == self.host.lower()
            if answer.result_code == Result.DIAMETER_SUCCESS and known and self._agree(answer):
                self._opened(now)
                return _S.OPEN
        self.note(now, "refused", "capabilities" if refused is None else refused.reason)
        self._fail(now)
        return _S.CLOSED

    def _capabilities(self) -> dict[str, Any]:
        own = self.node.settings
        return {
            **own.origin,
            "host_ip_addresses": own.addresses,
            "vendor_id": own.vendor_id,
            "product_name": own.product_name,
            "origin_state_id": own.origin_state_id,
            "supported_vendor_ids": (THREE_GPP,),
            "auth_application_ids": tuple(
                one for one in own.applications if not _is_vendor_specific(one)
            ),
            "vendor_applications": tuple(
                VendorApplication(auth_application_id=one)
                for one in own.applications
                if _is_vendor_specific(one)
            ),
        }

    def _agree(self, theirs: Cer | Cea) -> bool:
        """Whether there is an application in common (RFC 6733 5.3)."""
        offered = {int(one) for one in theirs.auth_application_ids}
        offered |= {int(one.auth_application_id or 0) for one in theirs.vendor_applications}
        own = frozenset(self.node.settings.applications)
        # A relay passes on any application (RFC 6733 2.4).
        relays = Application.RELAY in offered | own
        return relays or bool(own & offered)

    def _opened(self, now: float) -> None:
        self.stop_timer("retry")
        self._rest(now)
        self.note(now, "connected", self.host)
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._transmit(message)

    # -- watchdog (RFC 3539 3.4.1) ----------------------------------------------------------------
    def _rest(self, now: float) -> None:
        """Any message shows that the neighbour lives."""
        jitter = between(self.node.rng, -_JITTER, _JITTER)
        self.start_timer("watchdog", now + self.node.settings.watchdog + jitter)

    def _heard(self, now: float, message: DiameterMessage) -> None:
        self._rest(now)

    def _alive(self, now: float, message: DiameterMessage) -> None:
        self._rest(now)
        own = self.node.settings
        answer = Dwa(
            result_code=Result.DIAMETER_SUCCESS,
            **own.origin,
            origin_state_id=own.origin_state_id,
        )
        self._transmit(_answering(answer, message))

    def _probe(self, now: float) -> None:
        own = self.node.settings
        self._send(
            Dwr(
                **own.origin,
                origin_state_id=own.origin_state_id,
            )
        )
        self._rest(now)

    def _suspect(self, now: float) -> None:
        self._rest(now)
        self.note(now, "suspect", "the watchdog was not answered")
        self.node.failed_over(self, now)

    def _lost(self, now: float) -> None:
        self.note(now, "connection lost", self.host)
        self._fail(now)

    def _fail(self, now: float) -> None:
        """Nothing goes through; what waits is sent elsewhere, and later another try is made."""
        self.stop_timer("watchdog")
        self.stop_timer("retry")
        self._waiting = []
        if self.neighbour.connect:
            self.start_timer("retry", now + _TC)
        self.node.failed_over(self, now)

    def _reset(self, now: float, message: DiameterMessage) -> None:
        self._carry(b"")

    # -- the rest ---------------------------------------------------------------------------------
    def _deliver(self, now: float, message: DiameterMessage) -> None:
        self._rest(now)
        self._give(self, message, now)

    def _leave(self, now: float, message: DiameterMessage) -> None:
        own = self.node.settings
        answer = Dpa(result_code=Result.DIAMETER_SUCCESS, **own.origin)
        self._transmit(_answering(answer, message))
        self._lost(now)
        cause = find(message.avps, DisconnectCause)
        if cause is None or cause.value != Disconnect.REBOOTING:
            # It does not want to be asked again, but for something to say (RFC 6733 5.4.3).
            self.stop_timer("retry")

    def _disconnect(self, now: float, cause: Disconnect) -> None:
        own = self.node.settings
        self._send(Dpr(**own.origin, disconnect_cause=cause))
        self.stop_timers()

    def _send(self, request: Typed) -> None:
        self._transmit(
            request.message(
                hop_by_hop_id=self.node.next_hop_by_hop(), end_to_end_id=self.node.next_end_to_end()
            )
        )

    def _transmit(self, message: DiameterMessage) -> None:
        self._carry(message.encode())

    def _carry(self, octets: bytes) -> None:
        own = self.node.settings.host
        self.send(Unit(port=Port.DIAMETER, source=own, destination=self.host, octets=octets))


def _answering(answer: Cea | Dwa | Dpa, request: DiameterMessage) -> DiameterMessage:
    return answer.message(hop_by_hop_id=request.hop_by_hop_id, end_to_end_id=request.end_to_end_id)


def _is_vendor_specific(application: int) -> bool:
    """Vendors have the numbers from 0x01000000 on (RFC 6733 11.3)."""
    return 0x0100_0000 <= application < Application.RELAY
