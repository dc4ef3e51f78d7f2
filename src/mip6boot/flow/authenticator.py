"""The access authenticator: EAP over LAN on one side, STa to the AAA on the other (RFC 3748)."""

from __future__ import annotations

import enum

from .. import eap
from ..eap import EapCode, EapPacket
from ..errors import DecodeError
from ..security import Rng, Secret
from .aaa import (
    Aaa,
    AaaAnswer,
    AaaEnd,
    AaaInterface,
    AaaOrder,
    AaaOrderKind,
    AaaRequest,
    AaaResult,
    AgentInfo,
)
from .actor import Machine, Port, Unit
from .eapol import PAE_GROUP_ADDRESS, EapolType, eapol_content, eapol_unit
from .retransmission import Retransmission
from .round_trip import RTO_MAX, RoundTripEstimate

__all__ = ["Authenticator", "AuthenticatorState"]

#: A request is sent so often: once, and 3 to 5 times again (RFC 3748 4.3).
_TRANSMISSIONS = 5
#: How long the AAA may take: serverTimeout of IEEE 802.1X-2004, in seconds.
_SERVER_TIMEOUT = 30.0
#: How long a node that the AAA has put out is left alone: quietPeriod of IEEE 802.1X-2004, in
#: seconds.
_QUIET_PERIOD = 60.0
#: Before a session is over, the node is authenticated again: so many seconds, but at the earliest
#: when half of it is over.
_AHEAD = 30.0


class AuthenticatorState(enum.StrEnum):
    """What an authenticator waits for, or how it went."""

    DOWN = "down"
    IDENTITY = "identity"
    "For the response to its own request."
    AAA = "aaa"
    "For the AAA."
    RESPONSE = "response"
    "For the response to a request of the AAA."
    AUTHORISED = "authorised"
    REFUSED = "refused"


_S = AuthenticatorState


class Authenticator(Machine):
    """The network's side of access authentication of one mobile node.

    It passes EAP between the node and an `Aaa`, which it asks with `session`, a new one unless the
    node is authorised and is authenticated again.  The owner hands it the answers and orders of
    that session (`answered`, `ordered`), or, where it has the `Aaa` for itself, calls `poll`.  An
    event "authorised" or "refused" tells the end; `state`, `msk`, `agents`, `user_name` and
    `result` tell it too.

    It begins by `start`, which the owner calls when the link is up, by an EAPOL-Start, and before
    the session is over.  While it authenticates again, the node stays authorised
    (`is_authorised`), as ports of IEEE 802.1X do.  What ends an authorised session, ends it at the
    AAA; where that was not the node's doing, the node is asked for a new one.
    """

    TRANSITIONS = {
        (None, "start"): ("_begin", _S.IDENTITY),
        (None, "logoff"): ("_leave", _S.DOWN),
        (None, "gone"): ("_go", _S.DOWN),
        (None, "abort"): ("_abort", _S.REFUSED),
        (_S.AUTHORISED, "session nearly over"): ("_begin", _S.IDENTITY),
        (None, "session nearly over"): (None, None),
        (None, "session over"): ("_expire", _S.REFUSED),
        (_S.REFUSED, "quiet over"): ("_begin", _S.IDENTITY),
        (_S.IDENTITY, "response"): ("_forward", _S.AAA),
        (_S.RESPONSE, "response"): ("_forward", _S.AAA),
        (_S.IDENTITY, "response over"): ("_again", None),
        (_S.RESPONSE, "response over"): ("_again", None),
        (_S.AAA, "request"): ("_ask", _S.RESPONSE),
        (_S.AAA, "success"): ("_authorise", _S.AUTHORISED),
        (_S.AAA, "refusal"): ("_refuse", _S.REFUSED),
        (_S.AAA, "answer over"): ("_unanswered", _S.REFUSED),
    }

    def __init__(
        self,
        name: str,
        aaa: Aaa,
        rng: Rng,
        *,
        address: bytes,
        peer: bytes,
        link: str = "",
        network_name: str = "",
        visited_network: str = "",
        apn: str = "",
        rat_type: int = 0,
        local_agents: bool = False,
        estimate: RoundTripEstimate | None = None,
    ) -> None:
        super().__init__(name, _S.DOWN)
        self.aaa, self.rng = aaa, rng
        self.address, self.peer, self.link = address, peer, link
        self.network_name, self.visited_network, self.apn = network_name, visited_network, apn
        self.rat_type, self.local_agents = rat_type, local_agents
        self.estimate = estimate or RoundTripEstimate()
        "May be common to all authenticators of a link (RFC 3748 4.3 [c])."
        self.session, self._sessions = "", 0
        self._request: EapPacket | None = None
        self._identifier, self._sent_at = 0, 0.0
        self._retransmission = Retransmission(rng, first=self.estimate.timeout)
        self._forget()

    msk: Secret | None
    agents: tuple[AgentInfo, ...]
    user_name: str
    result: int | None
    is_authorised: bool

    # -- for the owner ----------------------------------------------------------------------------
    def start(self, now: float) -> None:
        """The link is up, or the network wants a new authentication."""
        self.step("start", now)

    def leave(self, now: float) -> None:
        """The node is gone."""
        self.step("gone", now)

    def receive(self, unit: Unit, now: float) -> None:
        if unit.port != Port.EAPOL or unit.link != self.link or unit.source != self.peer:
            self.note(now, "dropped", "not of this link or this node")
        elif unit.destination not in (self.address, PAE_GROUP_ADDRESS):
            self.note(now, "dropped", "for another station")
        else:
            self._frame(unit.octets, now)

    def poll(self, now: float) -> None:
        """Take the answers and orders that have come; those of other sessions are lost."""
        for order in self.aaa.orders():
            self.ordered(order, now)
        for answer in self.aaa.answers():
            self.answered(answer, now)

    def answered(self, answer: AaaAnswer, now: float) -> None:
        """Take an answer of the AAA."""
        if answer.session != self.session:
            self.note(now, "dropped", "an answer of another session")
        elif answer.result == AaaResult.MULTI_ROUND_AUTH and answer.eap is not None:
            self.step("request", now, answer)
        elif answer.result == AaaResult.SUCCESS:
            self.step("success", now, answer)
        else:
            self.step("refusal", now, answer)

    def ordered(self, order: AaaOrder, now: float) -> None:
        """Do what the AAA wants: be out, or authenticate again (RFC 6733 8.3, 8.5)."""
        if order.session != self.session:
            self.note(now, "dropped", "an order about another session")
        elif order.kind == AaaOrderKind.ABORT:
            self.step("abort", now)
        elif self.state == _S.AUTHORISED:
            self.start(now)

    # -- frames of the node -----------------------------------------------------------------------
    def _frame(self, octets: bytes, now: float) -> None:
        try:
            packet_type, content = eapol_content(octets)
            if packet_type == EapolType.EAP_PACKET:
                size = int.from_bytes(content[2:4], "big")
                self._packet(eap.decode(content[:size], lenient=True), now)
                return
        except DecodeError as error:
            self.note(now, "dropped", f"no EAPOL or no EAP: {error}")
            return
        if packet_type == EapolType.START:
            self.step("start", now)
        elif packet_type == EapolType.LOGOFF:
            self.step("logoff", now)
        else:
            self.note(now, "dropped", f"EAPOL of type {packet_type}")

    def _packet(self, packet: EapPacket, now: float) -> None:
        """Only a response to the request that is out goes on (RFC 3748 4.1)."""
        request = self._request
        if packet.code != EapCode.RESPONSE:
            self.note(now, "dropped", "no response")
        elif request is None or packet.identifier != request.identifier:
            self.note(now, "dropped", f"response {packet.identifier} has no request")
        elif self.state == _S.IDENTITY and not isinstance(packet, eap.IdentityResponse):
            self.note(now, "dropped", "no identity")
        else:
            self.step("response", now, packet)

    # -- transitions ------------------------------------------------------------------------------
    def _forget(self) -> None:
        """What the last authentication found."""
        self.msk, self.agents, self.user_name, self.result = None, (), "", None
        self.is_authorised, self._told = False, ""

    def _begin(self, now: float) -> None:
        self.stop_timer("answer")
        self.stop_timer("quiet")
        if not self.is_authorised:
            self._give_back(now)
            self._sessions += 1
            self.session = f"{self.name};{self._sessions}"
        self._identifier = self.rng.randbytes(1)[0]
        self._transmit(eap.IdentityRequest(self._identifier), now)

    def _transmit(self, request: EapPacket, now: float) -> None:
        """Send a new request; it is sent again until its response comes."""
        self._request, self._sent_at = request, now
        self._retransmission = Retransmission(
            self.rng, first=self.estimate.timeout, most=RTO_MAX, tries=_TRANSMISSIONS
        )
        self._send(request)
        self.start_timer("response", self._retransmission.sent_at(now))

    def _send(self, packet: EapPacket) -> None:
        self.send(eapol_unit(self.address, self.peer, self.link, packet))

    def _again(self, now: float) -> AuthenticatorState | None:
        if self._request is None or self._retransmission.is_over(now):
            self._lose(now)
            self.note(now, "refused", "no response")
            return _S.REFUSED
        self._send(self._request)
        self.start_timer("response", self._retransmission.sent_at(now))
        return None

    def _forward(self, now: float, packet: EapPacket) -> None:
        self.stop_timer("response")
        if self._retransmission.sent == 1:
            self.estimate.sample(now - self._sent_at)
        self._identifier = packet.identifier
        if isinstance(packet, eap.IdentityResponse):
            self._told = packet.identity
        self.start_timer("answer", now + _SERVER_TIMEOUT)
        self.aaa.ask(
            AaaRequest(
                session=self.session,
                interface=AaaInterface.STA,
                user_name=self._told,
                eap=packet,
                apn=self.apn,
                visited_network=self.visited_network,
                network_name=self.network_name,
                rat_type=self.rat_type,
                calling_station=self.peer.hex("-").upper(),
                local_agents=self.local_agents,
            ),
            now,
        )

    def _ask(self, now: float, answer: AaaAnswer) -> AuthenticatorState | None:
        self.stop_timer("answer")
        if answer.eap is None:
            return None
        self._transmit(answer.eap, now)
        return None

    def _authorise(self, now: float, answer: AaaAnswer) -> None:
        self.stop_timer("answer")
        self.msk, self.agents, self.result = answer.msk, answer.agents, answer.result
        self.user_name, self.is_authorised = answer.user_name or self._told, True
        self._request = None
        self._limit(answer.session_timeout, now)
        self._send(answer.eap or eap.Success(self._identifier))
        self.note(now, "authorised", self.user_name, agents=self.agents)

    def _limit(self, seconds: int | None, now: float) -> None:
        """The session lasts so long (RFC 6733 8.13)."""
        self.stop_timer("session nearly")
        self.stop_timer("session")
        if seconds is not None:
            self.start_timer("session nearly", now + max(seconds - _AHEAD, seconds / 2))
            self.start_timer("session", now + seconds)

    # -- ends -------------------------------------------------------------------------------------
    def _refuse(self, now: float, answer: AaaAnswer) -> None:
        self._end(now, answer.result, f"result {answer.result}", answer.eap)

    def _unanswered(self, now: float) -> None:
        self._end(now, None, "no answer")

    def _abort(self, now: float) -> None:
        """A node that was in is asked anew after a while.

        It discards an EAP-Failure that comes unasked (RFC 3748 4.2), so that only another
        authentication tells it; the AAA says by that whether it may come again.
        """
        was_in = self.is_authorised
        self._end(now, None, "the AAA has ended the session")
        if was_in:
            self.start_timer("quiet", now + _QUIET_PERIOD)

    def _expire(self, now: float) -> AuthenticatorState | None:
        """The AAA has nothing against the node, so a new session may begin at once."""
        was_in = self.is_authorised
        self._end(now, None, "the session is over")
        if not was_in:
            return None
        self._begin(now)
        return _S.IDENTITY

    def _end(
        self, now: float, result: int | None, why: str, packet: EapPacket | None = None
    ) -> None:
        self._send(packet or eap.Failure(self._identifier))
        self._lose(now)
        self.result = result
        self.note(now, "refused", why)

    def _leave(self, now: float) -> None:
        self._lose(now)
        self.note(now, "left")

    def _go(self, now: float) -> None:
        self._lose(now, AaaEnd.LINK_BROKEN)
        self.note(now, "left", "without a word")

    def _lose(self, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """The node is out, whether it was in or not yet."""
        self._give_back(now, why)
        self._request = None
        self.stop_timers()

    def _give_back(self, now: float, why: AaaEnd = AaaEnd.LOGOUT) -> None:
        """End the session; one that was not granted is not asked about any more."""
        if self.session:
            self.aaa.end(self.session, now, why)
        self.session = ""
        self._forget()
