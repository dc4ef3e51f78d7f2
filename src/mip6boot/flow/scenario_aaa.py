"""The AAA leg of a scenario: who its Diameter nodes are, and whom each knows.

gateway -- STa -- proxy -- SWd -- AAA server -- SWx -- HSS -- S6a -- MME
home agent ------------------- S6b --'
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network

from ..diameter import Application
from ..security import Rng
from .diameter import (
    AaaProxy,
    AaaServer,
    AaaServerSettings,
    DiameterAaa,
    Hss,
    HssSettings,
    Mme,
    Neighbour,
    NodeSettings,
)
from .home_subscribers import HomeSubscriberServer, MmeContexts

__all__ = ["HOME_REALM", "VISITED_REALM", "AaaLeg"]

HOME_REALM, VISITED_REALM = "home.example.org", "visited.example.net"

_CORE = IPv6Network("2001:db8:f::/64")
#: The systems of the core have the addresses of their numbers there; others have their own.
_GATEWAY, _PROXY, _SERVER = f"gw.{VISITED_REALM}", f"proxy.{VISITED_REALM}", f"aaa.{HOME_REALM}"
_HSS, _MME, _AGENT = f"hss.{HOME_REALM}", f"mme.{HOME_REALM}", f"ha.{HOME_REALM}"
_NUMBERS = {_PROXY: 0x3868, _SERVER: 0xAAA, _HSS: 0x29, _MME: 0x36}

_STA, _S6B = Application.STA, Application.S6B
_SWX, _S6A = Application.SWX, Application.S6A

#: Seconds of silence before a neighbour is asked whether it lives: long, for quiet captures.
_WATCHDOG = 300.0
#: Seconds that an answer may take.  Who is nearer to the silent one gives up first, and tells why.
_PATIENCE = {_GATEWAY: 20.0, _PROXY: 15.0, _AGENT: 15.0, _SERVER: 10.0, _HSS: 10.0, _MME: 10.0}


class AaaLeg:
    """The nodes of the AAA leg; gateway and home agent have their clients as parts of them.

    `imsi` is registered with the MME, which is told that the node has gone if `cancel_location`.
    """

    def __init__(
        self,
        store: HomeSubscriberServer,
        imsi: str,
        rng_of: Callable[[str], Rng],
        *,
        gateway: IPv6Address,
        home_agent: IPv6Address,
        cancel_location: bool,
    ) -> None:
        self._addresses = {_GATEWAY: gateway, _AGENT: home_agent}
        store.mmes[imsi] = _MME
        self.access = DiameterAaa(
            "gateway AAA",
            self._settings(_GATEWAY, VISITED_REALM, (_STA,), to=_PROXY),
            rng_of("gateway AAA"),
            home_realm=HOME_REALM,
        )
        self.proxy = AaaProxy(
            "AAA proxy",
            self._settings(_PROXY, VISITED_REALM, (_STA,), _GATEWAY, to=_SERVER),
            rng_of("AAA proxy"),
            visited_network=VISITED_REALM,
        )
        self.server = AaaServer(
            "AAA server",
            self._settings(_SERVER, HOME_REALM, (_STA, _S6B, _SWX), _PROXY, _AGENT, to=_HSS),
            rng_of("AAA server"),
            procedure=AaaServerSettings(hss=_HSS),
        )
        self.hss = Hss(
            "HSS",
            self._settings(_HSS, HOME_REALM, (_SWX, _S6A), _SERVER, to=_MME),
            store,
            rng_of("HSS"),
            procedure=HssSettings(cancel_location=cancel_location),
        )
        self.mme = Mme(
            "MME",
            self._settings(_MME, HOME_REALM, (_S6A,), _HSS),
            rng_of("MME"),
            MmeContexts("MME", [imsi]),
        )
        self.agent = DiameterAaa(
            "HA AAA",
            self._settings(_AGENT, HOME_REALM, (_S6B,), to=_SERVER),
            rng_of("HA AAA"),
            home_realm=HOME_REALM,
            agent_host=_AGENT,
        )

    @property
    def systems(self) -> tuple[AaaProxy | AaaServer | Hss | Mme, ...]:
        """Those that are no part of others."""
        return self.proxy, self.server, self.hss, self.mme

    def start(self, now: float) -> None:
        """Open the connections."""
        for node in (*self.systems, self.access, self.agent):
            node.start(now)

    def _settings(
        self,
        host: str,
        realm: str,
        applications: tuple[Application, ...],
        *known: str,
        to: str = "",
    ) -> NodeSettings:
        """A node; `known` connect to it, and it connects `to` the one that leads to the home."""
        there = [_neighbour(one, connect=False) for one in known]
        there += [_neighbour(to, connect=True)] if to else []
        routes = {HOME_REALM: (to,)} if to else {}
        if _PROXY in known:
            routes[VISITED_REALM] = (_PROXY,)
        return NodeSettings(
            host=host,
            realm=realm,
            addresses=(self._addresses.get(host) or _CORE[_NUMBERS[host]],),
            applications=applications,
            neighbours=tuple(there),
            routes=routes,
            watchdog=_WATCHDOG,
            patience=_PATIENCE[host],
        )


def _neighbour(host: str, *, connect: bool) -> Neighbour:
    return Neighbour(host=host, realm=host.partition(".")[2], connect=connect)
