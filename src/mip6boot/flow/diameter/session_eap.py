"""EAP rounds in a session of a AAA server (RFC 4072); vectors and profiles come over SWx."""

from __future__ import annotations

from ... import eap
from ...diameter import Result, ServerAssignment
from ...diameter.interfaces import s6b, swx
from ...eap import EapPacket, EapType
from ...security import AuthenticationVector
from ..aaa_policy import is_access_network
from ..eap_server import EapServer
from ..eap_server_session import EapServerState, VectorRequest
from .authorisation import Asking, wish_of
from .results import Refused
from .session_base import AaaSessionState, SessionBase, imsi_of
from .settings import Received
from .vectors import text_of

__all__: list[str] = []

_S = AaaSessionState


class AuthenticatingSession(SessionBase):
    """How an `AaaSession` authenticates its user."""

    _eap: EapServer | None = None
    _wanted: VectorRequest | None = None

    def _begin(self, now: float, request: Asking, received: Received) -> AaaSessionState:
        """A new authentication, also of a session that is open."""
        self._take(request, received)
        self.wish, own = wish_of(request), self.server.procedure
        name = self.wish.network_name
        prime = self.wish.method == EapType.AKA_PRIME
        if prime and not is_access_network(name, own.access_networks):
            return self._refuse(now, Result.DIAMETER_AUTHORIZATION_REJECTED)
        self._eap = EapServer(
            self.server.name,
            self.wish.method,
            self._want_vector,
            self.server.memory,
            self.server.rng,
            network_name=name,
            visited_network=text_of(self.wish.visited_network),
            rat_type=self.wish.rat_type,
            authorise=lambda imsi: None,
            ask_identity=own.ask_identity,
            result_indications=own.result_indications,
            pseudonyms=own.pseudonyms,
            reauthentications=own.reauthentications,
            key_derivation_functions=own.key_derivation_functions,
        )
        return self._hand_over(now)

    def _respond(self, now: float, request: Asking, received: Received) -> AaaSessionState:
        self._take(request, received)
        return self._hand_over(now)

    def _hand_over(self, now: float) -> AaaSessionState:
        """Give the peer's packet to the EAP server; none starts EAP (RFC 4072 2.2)."""
        assert self._eap is not None
        assert not isinstance(self._request, s6b.Aar)
        packet = self._request.eap_payload
        if packet is None:
            return self._ask_peer(now, eap.IdentityRequest(0))
        return self._go_on(self._eap.receive(packet, now), now)

    def _want_vector(self, request: VectorRequest) -> None:
        self._wanted = request

    def _go_on(self, packet: EapPacket | None, now: float) -> AaaSessionState:
        """What the EAP server comes to: it waits, has a request for the peer, or is over."""
        server = self._eap
        assert server is not None
        self.server.take_events(server)
        if server.state == EapServerState.WAITING:
            return _S.VECTOR
        if server.state == EapServerState.AUTHORISING:
            return self._authenticated(server, now)
        if server.is_over:
            return self._over(server, packet, now)
        # What was discarded is answered by the request that is still out (RFC 4072 4.1.2).
        packet = packet or server.request
        if packet is None:
            return self._refuse(now, Result.DIAMETER_UNKNOWN_SESSION_ID)
        return self._ask_peer(now, packet)

    def _ask_peer(self, now: float, packet: EapPacket) -> AaaSessionState:
        patience = self.server.procedure.round_timeout
        self.start("round", patience, now)
        self._answer(
            now, Result.DIAMETER_MULTI_ROUND_AUTH, eap_payload=packet, multi_round_time_out=patience
        )
        return _S.EAP

    def _authenticated(self, server: EapServer, now: float) -> AaaSessionState:
        """The profile is next; a session that is open stays that of its user."""
        if self.user is None or self.user.imsi == server.imsi:
            return _S.PROFILE
        return self._go_on(server.authorised(Result.DIAMETER_AUTHORIZATION_REJECTED, now), now)

    def _over(self, server: EapServer, packet: EapPacket | None, now: float) -> AaaSessionState:
        self._eap = None
        if server.result != Result.DIAMETER_SUCCESS:
            return self._refuse(now, server.result, eap_payload=packet)
        return self._grant(now, eap_payload=packet, eap_master_session_key=server.msk)

    def _give_up(self, now: float) -> AaaSessionState | None:
        """The peer is silent; what was granted before goes on."""
        self.note(now, "authentication given up", "no response")
        self._eap = None
        return _S.OPEN if self.is_granted else None

    # -- the home subscriber server ---------------------------------------------------------------
    def _ask_vector(self, now: float) -> None:
        assert self._wanted is not None
        self.server.hss.vector(self._wanted, now, lambda found, at: self.step("vector", at, found))

    def _on_vector(self, now: float, found: AuthenticationVector | Refused) -> AaaSessionState:
        assert self._eap is not None
        if isinstance(found, Refused):
            self._instead = found.server
            return self._go_on(self._eap.supply(found.result, now), now)
        return self._go_on(self._eap.supply(found, now), now)

    def _ask_profile(self, now: float) -> None:
        if isinstance(self._request, s6b.Aar):
            digits = self.server.procedure.mnc_digits
            self.asked_about = imsi_of(self._request.user_name, digits)
        elif self._eap is not None:
            self.asked_about = self._eap.imsi
        self.server.hss.assign(
            self.asked_about, ServerAssignment.REGISTRATION, now,
            lambda found, at: self.step("profile", at, found),
            visited_network_identifier=self.wish.visited_network,
        )  # fmt: skip

    def _on_profile(self, now: float, found: swx.Saa | Refused) -> AaaSessionState:
        result = self._learn(found)
        if self._eap is not None:
            return self._go_on(self._eap.authorised(result, now), now)
        if result != Result.DIAMETER_SUCCESS:
            return self._refuse(now, result)
        return self._grant(now)
