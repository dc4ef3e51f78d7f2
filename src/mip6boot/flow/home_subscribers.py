"""What the home subscriber server and the old MME keep, for all AAA sides (TS 29.273, 29.272)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address, IPv6Network

import msgspec

from ..eap import EapType
from ..errors import IntegrityError
from ..security import AuthenticationVector, Milenage, Rng, ck_prime_ik_prime
from .aaa import AaaResult, AgentInfo
from .actor import Reporter
from .eap_server_session import VectorRequest
from .usim import permanent_identity

__all__ = [
    "AUTHENTICATION_DATA_UNAVAILABLE",
    "IDENTITY_ALREADY_REGISTERED",
    "ApnProfile",
    "HomeSubscriberServer",
    "MmeContexts",
    "Profile",
    "Subscriber",
]

#: Other results of SWx (TS 29.272 7.4, TS 29.273 10.3).
AUTHENTICATION_DATA_UNAVAILABLE, IDENTITY_ALREADY_REGISTERED = 4181, 5005

#: The first bit of the AMF (TS 33.102 annex H); EAP-AKA' wants it to be set.
_SEPARATION = 0x80

#: Sequence numbers have 48 bits (TS 33.102 6.3.2).
_MAX_SQN = (1 << 48) - 1


class ApnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscriber has at an access point name (APN-Configuration)."""

    agents: tuple[AgentInfo, ...] = ()
    "Home agents to be assigned; empty to accept any."
    home_address: IPv6Address | None = None
    home_prefix: IPv6Network | None = None
    visited_agents: bool = False
    "VPLMN-Dynamic-Address-Allowed: home agents of the visited network may be assigned."


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the AAA learns of a subscription (Non-3GPP-User-Data)."""

    non_3gpp_access: bool = True
    apns: Mapping[str, ApnProfile] = {}
    "By access point name; the first is the default."

    def refusal(self, apn: str = "") -> AaaResult | None:
        """Why there is no access to an access point name; empty means the default one."""
        if not self.non_3gpp_access:
            return AaaResult.NO_SUBSCRIPTION
        known = apn in self.apns if apn else self.apns
        return None if known else AaaResult.NO_APN_SUBSCRIPTION


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber of the home network."""

    imsi: str
    milenage: Milenage
    sqn: int = 0
    "Of the last challenge."
    amf: bytes = b"\x80\0"
    mnc_digits: int = 2
    apns: Mapping[str, ApnProfile] = {}
    "By access point name; the first is the default."
    names: frozenset[str] = frozenset()
    "Other user names, for certificates and pre-shared keys."
    non_3gpp_access: bool = True
    roaming: frozenset[str] | None = None
    "The visited networks that are allowed; None for all."
    rat_types: frozenset[int] | None = None
    "The kinds of access that are allowed (RAT-Type); None for all."

    @property
    def profile(self) -> Profile:
        """What the AAA may know."""
        return Profile(non_3gpp_access=self.non_3gpp_access, apns=self.apns)

    def identity(self, method: EapType) -> str:
        """The permanent identity."""
        return permanent_identity(self.imsi, method, self.mnc_digits)

    @property
    def user_names(self) -> frozenset[str]:
        """All that the subscriber is known by."""
        permanent = map(self.identity, (EapType.AKA, EapType.AKA_PRIME))
        return self.names | {self.imsi, *permanent}

    def refusal(self, visited_network: str, rat_type: int | None = None) -> AaaResult | None:
        """Why there is no access from a visited network; empty means the home network."""
        refusal = self.profile.refusal() or self.roaming_refusal(visited_network)
        known = rat_type is None or self.rat_types is None or rat_type in self.rat_types
        return refusal or (None if known else AaaResult.RAT_NOT_ALLOWED)

    def roaming_refusal(self, visited_network: str) -> AaaResult | None:
        """Why there is no roaming to a visited network."""
        if not visited_network or self.roaming is None or visited_network in self.roaming:
            return None
        return AaaResult.ROAMING_NOT_ALLOWED


class MmeContexts:
    """The nodes that an MME knows: it learns that one is not there any more."""

    def __init__(self, name: str, registered: Iterable[str] = ()) -> None:
        self.name = name
        self.contexts = dict.fromkeys(registered, True)
        "By IMSI: the node is present."

    def cancel_location(self, imsi: str) -> bool:
        """Mark the node as not present; whether it was known (TS 29.272 5.2.1.2)."""
        known = imsi in self.contexts
        if known:
            self.contexts[imsi] = False
        return known


class HomeSubscriberServer(Reporter):
    """Keys, sequence numbers and profiles of subscribers, and where each is served.

    With an `mme`, that is told when a node registers, as the first drafts of the procedure have it;
    the finished TS 23.402 leaves both registrations alone.
    """

    def __init__(
        self,
        name: str,
        subscribers: Iterable[Subscriber],
        rng: Rng,
        *,
        mme: MmeContexts | None = None,
    ) -> None:
        super().__init__(name)
        self.rng, self.mme = rng, mme
        self.subscribers = {subscriber.imsi: subscriber for subscriber in subscribers}
        self.available = True
        "Vectors can be made now."
        self.sqn = {imsi: found.sqn for imsi, found in self.subscribers.items()}
        self.servers: dict[str, str] = {}
        "The AAA server that serves a subscriber, by IMSI."
        self.mmes: dict[str, str] = {}
        "The MME that a subscriber is registered with, by IMSI: what `Hss` tells over S6a."
        self.gateways: dict[str, dict[str, AgentInfo]] = {}
        "Home agents in use, by IMSI and access point name."

    def add(self, subscriber: Subscriber) -> None:
        """Take one more subscriber."""
        self.subscribers[subscriber.imsi] = subscriber
        self.sqn[subscriber.imsi] = subscriber.sqn

    def change(self, subscriber: Subscriber) -> None:
        """Take another profile of a subscriber; the sequence number goes on."""
        self.sqn.setdefault(subscriber.imsi, subscriber.sqn)
        self.subscribers[subscriber.imsi] = subscriber

    def find(self, user_name: str) -> Subscriber | None:
        """The subscriber of an IMSI, a permanent identity, or another user name.

        An identity counts with its realm: that of another realm is somebody else's.
        """
        for subscriber in self.subscribers.values():
            if user_name in subscriber.user_names:
                return subscriber
        return None

    def vector(self, request: VectorRequest) -> AuthenticationVector | int:
        """A fresh vector, or the result that refuses it: MAR (TS 29.273 8.1.2.1)."""
        found = self.subscribers.get(request.imsi)
        if found is None:
            return AaaResult.USER_UNKNOWN
        refusal = found.refusal(request.visited_network, request.rat_type)
        if refusal is not None:
            return refusal
        if self.servers.get(request.imsi, request.server) != request.server:
            return IDENTITY_ALREADY_REGISTERED
        if not self.available:
            return AUTHENTICATION_DATA_UNAVAILABLE
        if request.resynchronisation is not None and not self._is_resynchronised(request):
            return AaaResult.AUTHENTICATION_REJECTED
        return self._made(found, request)

    def _is_resynchronised(self, request: VectorRequest) -> bool:
        """Take over the card's sequence number, unless the own one is higher (TS 33.102 6.3.5)."""
        found, imsi = request.resynchronisation, request.imsi
        if found is None:
            return False
        milenage = self.subscribers[imsi].milenage
        try:
            sqn_ms = milenage.resynchronise(found.rand, found.auts)
        except IntegrityError:
            return False
        self.sqn[imsi] = max(self.sqn[imsi], sqn_ms)
        return True

    def _made(self, subscriber: Subscriber, request: VectorRequest) -> AuthenticationVector | int:
        imsi = subscriber.imsi
        if self.sqn[imsi] >= _MAX_SQN:
            # A card may say so; there is no fresh number for it any more (TS 33.102 C.3.2).
            return AUTHENTICATION_DATA_UNAVAILABLE
        self.sqn[imsi] += 1
        amf = subscriber.amf
        if request.method == EapType.AKA:
            return subscriber.milenage.vector(self.rng.randbytes(16), self.sqn[imsi], amf)
        amf = bytes([amf[0] | _SEPARATION, amf[1]])
        vector = subscriber.milenage.vector(self.rng.randbytes(16), self.sqn[imsi], amf)
        ck, ik = ck_prime_ik_prime(
            ck=vector.ck, ik=vector.ik, network_name=request.network_name, autn=vector.autn
        )
        return msgspec.structs.replace(vector, ck=ck, ik=ik)

    def register_server(self, imsi: str, server: str, now: float) -> Subscriber:
        """A AAA server serves the subscriber now: SAR, REGISTRATION; the old MME is told."""
        if imsi not in self.servers:
            self.note(now, "registered", imsi, server=server)
        self.servers[imsi] = server
        if self.mme is not None and self.mme.contexts.get(imsi):
            self.mme.cancel_location(imsi)
            self.note(now, "location cancelled", imsi, mme=self.mme.name)
        return self.subscribers[imsi]

    def register_gateway(self, imsi: str, apn: str, agent: AgentInfo, now: float) -> None:
        """A home agent is in use: SAR, PGW_UPDATE (TS 23.402 12.1)."""
        self.gateways.setdefault(imsi, {})[apn] = agent
        self.note(now, "gateway registered", imsi, apn=apn, agent=agent)

    def deregister(self, imsi: str, now: float) -> None:
        """The subscriber has left: SAR, USER_DEREGISTRATION."""
        self.gateways.pop(imsi, None)
        if self.servers.pop(imsi, None) is not None:
            self.note(now, "deregistered", imsi)
