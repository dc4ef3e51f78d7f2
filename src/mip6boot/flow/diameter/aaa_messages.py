"""What an owner asks and is answered, as messages of STa and S6b (TS 29.273 5, 9; RFC 5447)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Any

from ...diameter import (
    DiameterMessage,
    EapPayload,
    Mip6Feature,
    RedirectHost,
    ThreeGppAaaServerName,
)
from ...diameter.interfaces import Refusal, s6b, sta
from ...diameter.interfaces.common import Request
from ...eap import EapPacket
from ...errors import ConfigError
from ...security import Secret
from ..aaa import AaaAnswer, AaaInterface, AaaRequest, AaaResult, AgentInfo
from ..parts import find
from .agents import agents_of, info_of
from .results import is_success, result_of

__all__: list[str] = []

_UNSPECIFIED = IPv6Address(0)
#: Where only a prefix is given, the bits behind it are zeros (RFC 5778 6.5).
_INTERFACE_BITS = 64
_PREFIX_LENGTH = 64

_Dea = sta.Dea | s6b.Dea


# -- requests -------------------------------------------------------------------------------------
def request_of(
    request: AaaRequest,
    *,
    first: bool,
    agent_host: str = "",
    **common: Any,
) -> Request:
    """The message that asks; `common` is what all requests have, and where it goes.

    What bootstraps Mobile IPv6 stands in the first one of an authentication only (RFC 5778 5.1).
    ConfigError where an interface has no message for it.
    """
    common |= {
        "user_name": request.user_name or None,
        "visited_network_identifier": request.visited_network.encode() or None,
        "service_selection": request.apn or None,
    }
    if request.interface == AaaInterface.STA:
        return _of_access(request, first, common)
    if first:
        common |= _bootstrapping(request, agent_host, common["origin_realm"])
    if request.eap is None:
        return s6b.Aar(**common)
    return s6b.Der(eap_payload=request.eap, rat_type=request.rat_type, **common)


def _of_access(request: AaaRequest, first: bool, common: dict[str, Any]) -> Request:
    if request.eap is None:
        raise ConfigError("over STa nothing is asked without EAP")
    features = Mip6Feature.MIP6_INTEGRATED
    if request.local_agents:
        features |= Mip6Feature.LOCAL_HOME_AGENT_ASSIGNMENT
    return sta.Der(
        eap_payload=request.eap,
        calling_station_id=request.calling_station or None,
        rat_type=request.rat_type,
        anid=request.network_name,
        mip6_feature_vector=int(features) if first else None,
        **common,
    )


def _bootstrapping(request: AaaRequest, host: str, realm: str) -> dict[str, Any]:
    """Who asks, and for which home address; :: asks for one (RFC 5778 6.5, 6.6)."""
    agent = None
    if request.home_agent is not None:
        own = AgentInfo(addresses=(request.home_agent,), host=host)
        agent = info_of(own, realm)
    return {
        "mip6_feature_vector": int(Mip6Feature.MIP6_INTEGRATED),
        "home_agent": agent,
        "home_addresses": (request.home_address or _UNSPECIFIED,),
    }


# -- answers --------------------------------------------------------------------------------------
def answer_of(message: DiameterMessage, request: AaaRequest, realm: str) -> AaaAnswer | Refusal:
    """The answer; a refusal for one that grants something and is not acceptable.

    `realm` is the own one, that of the visited network over STa.
    """
    result = result_of(message)
    if not is_success(result) and result != AaaResult.MULTI_ROUND_AUTH:
        return AaaAnswer(
            session=request.session,
            result=result or AaaResult.UNABLE_TO_DELIVER,
            eap=_eap(message),
            server=_server(message),
        )
    if request.interface == AaaInterface.STA:
        return sta.Dea.refusal(message) or _of_dea(sta.Dea.of(message), request, realm)
    if request.eap is None:
        return s6b.Aaa.refusal(message) or _of_aaa(s6b.Aaa.of(message), request)
    return s6b.Dea.refusal(message) or _of_dea(s6b.Dea.of(message), request, realm)


def _of_dea(dea: _Dea, request: AaaRequest, realm: str) -> AaaAnswer:
    access, key = isinstance(dea, sta.Dea), dea.eap_master_session_key
    return AaaAnswer(
        session=request.session,
        result=dea.result,
        eap=dea.eap_payload,
        msk=None if key is None else Secret(key),
        user_name=dea.user_name or "",
        agents=agents_of(dea, realm if access else ""),
        session_timeout=dea.session_timeout,
        **({} if isinstance(dea, sta.Dea) else _home(dea.home_addresses)),
    )


def _of_aaa(aaa: s6b.Aaa, request: AaaRequest) -> AaaAnswer:
    return AaaAnswer(
        session=request.session,
        result=aaa.result,
        user_name=aaa.user_name or "",
        agents=agents_of(aaa, ""),
        session_timeout=aaa.session_timeout,
        **_home(aaa.home_addresses),
    )


def _eap(message: DiameterMessage) -> EapPacket | None:
    found = find(message.avps, EapPayload)
    return None if found is None else found.value


def _server(message: DiameterMessage) -> str:
    """Who serves the user: 3GPP-AAA-Server-Name, or the host in a URI of Redirect-Host."""
    named, redirected = find(message.avps, ThreeGppAaaServerName), find(message.avps, RedirectHost)
    told = named or redirected
    host = "" if told is None else str(told.value).rpartition("://")[2]
    return host.partition(";")[0].partition(":")[0]


def _home(addresses: Iterable[IPv4Address | IPv6Address | bytes]) -> dict[str, Any]:
    """The home address and the home prefix; those of IPv4 are not for the binding."""
    given = [one for one in addresses if isinstance(one, IPv6Address) and not one.is_unspecified]
    whole = [one for one in given if int(one) % (1 << _INTERFACE_BITS)]
    prefixes = [one for one in given if one not in whole]
    return {
        "home_address": next(iter(whole), None),
        "home_prefix": IPv6Network((prefixes[0], _PREFIX_LENGTH)) if prefixes else None,
    }
