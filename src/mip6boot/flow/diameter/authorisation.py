"""What clients of a AAA server wish, and what is granted to them (RFC 5447 4.2.5, RFC 5778 7.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ...diameter import Application, AuthKind, Mip6Feature, Result, Trust
from ...diameter.interfaces import Answer, HomeAgentInfo, s6b, sta, swm
from ...eap import EapType
from ..aaa import AgentInfo
from ..aaa_policy import allowed, elsewhere
from ..home_subscribers import ApnProfile
from .agents import agent_of, info_of
from .profiles import home_addresses
from .results import outcome
from .server_settings import AaaServerSettings, User
from .settings import NodeSettings

__all__: list[str] = []

#: What asks a AAA server to let somebody in.
Asking = sta.Der | swm.Der | s6b.Der | s6b.Aar

_ANSWERS: dict[type[Asking], Callable[..., Answer]] = {
    sta.Der: sta.Dea, swm.Der: swm.Dea, s6b.Der: s6b.Dea, s6b.Aar: s6b.Aaa,
}  # fmt: skip

_METHODS = {
    Application.STA: EapType.AKA_PRIME,
    Application.SWM: EapType.AKA,
    Application.S6B: EapType.AKA,
}

_LOCAL, _INTEGRATED = Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT, Mip6Feature.MIP6_INTEGRATED


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the first request of a session says; the others need not say it again (RFC 5778 5.1)."""

    method: EapType
    network_name: str = ""
    visited_network: bytes | None = None
    rat_type: int | None = None
    apn: str = ""
    features: int | None = None
    "MIP6-Feature-Vector, if there was one."
    offered: tuple[HomeAgentInfo, ...] = ()
    "Home agents that the visited network could give; they are given back as they are."
    asking: AgentInfo | None = None
    "The home agent that asks, over S6b."

    @property
    def local(self) -> tuple[HomeAgentInfo, ...]:
        """The home agents offered; without the LOCAL bit they do not count (RFC 5447 4.2.5)."""
        return self.offered if (self.features or 0) & _LOCAL else ()

    @property
    def wants_agents(self) -> bool:
        """The client did not say that it cannot do with home agents."""
        return self.features is None or bool(self.features & _INTEGRATED)


def wish_of(request: Asking) -> Wish:
    """What a request asks for."""
    agent: HomeAgentInfo | None = getattr(request, "home_agent", None)
    return Wish(
        method=_METHODS[Application(request.APPLICATION)],
        network_name=request.anid if isinstance(request, sta.Der) else "",
        visited_network=request.visited_network_identifier,
        rat_type=getattr(request, "rat_type", None),
        apn=request.service_selection or "",
        features=request.mip6_feature_vector,
        offered=getattr(request, "home_agents", ()),
        asking=None if agent is None else agent_of(agent),
    )


def kind_wanted(request: Asking) -> AuthKind:
    """The only Auth-Request-Type that a request may have."""
    alone = isinstance(request, s6b.Aar)
    return AuthKind.AUTHORIZE_ONLY if alone else AuthKind.AUTHORIZE_AUTHENTICATE


def answer_to(request: Asking, own: NodeSettings, result: int, **more: Any) -> Answer:
    """The answer to a request."""
    return _ANSWERS[type(request)](
        session_id=request.session_id,
        **own.origin,
        auth_request_type=request.auth_request_type,
        **outcome(result),
        **more,
    )


def granted(
    request: Asking, wish: Wish, user: User, settings: AaaServerSettings, realm: str
) -> tuple[Result, dict[str, Any]]:
    """The result for a user who is let in, and what goes with it; `realm` is the home network's."""
    profile = user.profile.apns[apn_of(wish, user)]
    features = settings.features if profile.visited_agents else settings.features & ~_LOCAL
    fields: dict[str, Any] = {
        "session_timeout": settings.session_timeout,
        "mip6_feature_vector": None if wish.features is None else wish.features & features,
        "apn_configurations": tuple(
            one for one in user.subscription.apns if wish.apn in ("", one.service_selection)
        ),
    }
    if isinstance(request, s6b.Der | s6b.Aar):
        others = elsewhere(agents_of(profile, user), wish.asking)
        fields["home_agents"] = tuple(info_of(one, realm) for one in others)
        fields["home_addresses"] = home_addresses(profile)
        relocated = Result.DIAMETER_SUCCESS_RELOCATE_HA
        return relocated if others else Result.DIAMETER_SUCCESS, fields
    if wish.wants_agents:
        own = tuple(info_of(one, realm) for one in profile.agents)
        fields["home_agents"] = (*own, *allowed(profile, wish.local))
    if isinstance(request, sta.Der):
        fields["an_trusted"] = Trust.TRUSTED
    return Result.DIAMETER_SUCCESS, fields


def agents_of(profile: ApnProfile, user: User) -> tuple[AgentInfo, ...]:
    """The home agents that will do, those of the visited network included."""
    return (*profile.agents, *allowed(profile, user.offered))


def apn_of(wish: Wish, user: User) -> str:
    """The access point name that is meant."""
    return wish.apn or next(iter(user.profile.apns))
