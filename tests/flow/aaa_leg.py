"""The AAA leg of a scenario: what is said on it, what is changed on its way, and more nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import msgspec

from mip6boot import diameter, eap, packets
from mip6boot.diameter import Application, Avp, DiameterMessage, EapPayload, Mip6AgentInfo
from mip6boot.flow import Actor, HomeAgent, Port, Unit
from mip6boot.flow.diameter import (
    AaaServer,
    AaaServerSettings,
    DiameterAaa,
    DiameterNode,
    Neighbour,
    NodeSettings,
)
from mip6boot.flow.diameter.peer import Peer
from mip6boot.flow.essentials import essentials
from mip6boot.flow.frames import Framer
from mip6boot.flow.home_policy import HomeAgentSettings, HomePrefix
from mip6boot.flow.ike import IkeResponder, Pool, for_addresses
from mip6boot.flow.scenario import Scenario
from mip6boot.packets import Opener
from mip6boot.security import Keyring

IMSI = "001010000000001"
HOME, VISITED = "home.example.org", "visited.example.net"
APN = f"internet.{HOME}"
AGENT, SECOND = IPv6Address("2001:db8:100::1"), IPv6Address("2001:db8:100::2")
_SERVERS = IPv6Network("2001:db8:f::/64")


# -- what is said -----------------------------------------------------------------------------------
def lines(scenario: Scenario, since: int = 0) -> list[str]:
    """Who says what to whom, from a place in the tap on, without what routers and resolvers say."""
    keys = Keyring([*scenario.ue.keyring, *scenario.home_agent.responder.keyring])
    opener, framer, found = Opener(keys, lenient=True), Framer(), []
    for number, tapped in enumerate(scenario.network.tap, 1):
        packet = packets.decode_packet(framer.frame_of(tapped), lenient=True)
        text = essentials(packet, opener.open(packet, number))
        if number > since and not text.startswith(("Router", "Neighbor", "DNS")):
            found.append(f"{tapped.sender} > {','.join(tapped.receivers)}: {text}")
    return found


def missing(wanted: Sequence[str], said: Iterable[str]) -> str:
    """The first of the lines wanted that is not said in this order; empty if all are.

    A line is wanted by its beginning.
    """
    rest = iter(said)
    return next((one for one in wanted if not any(line.startswith(one) for line in rest)), "")


def messages(scenario: Scenario, kind: type[Any] = DiameterMessage, since: int = 0) -> list[Any]:
    """The Diameter messages of a kind, as they are sent; octets that are none raise."""
    units = (one.unit for one in scenario.network.tap[since:] if one.unit.port is Port.DIAMETER)
    decoded = (diameter.decode(unit.octets) for unit in units if unit.octets)
    return [message for message in decoded if isinstance(message, kind)]


def values(holder: Any, kind: type[Any]) -> list[Any]:
    """The values of the AVPs of a kind in a message, or in the value of a Grouped one."""
    avps = holder if isinstance(holder, tuple) else holder.avps
    return [avp.value for avp in avps if isinstance(avp, kind)]


def result_of(message: DiameterMessage) -> int:
    """Result-Code, or Experimental-Result-Code."""
    for group in values(message, diameter.ExperimentalResult):
        return int(values(group, diameter.ExperimentalResultCode)[0])
    return int(values(message, diameter.ResultCode)[0])


# -- what happens on the way ------------------------------------------------------------------------
def on_its_way(
    actor: Actor, kind: type[Any], change: Callable[[Any], DiameterMessage | None]
) -> None:
    """Change what comes to an actor of a kind of message; what is None then does not come."""
    receive = actor.receive

    def changed(unit: Unit, now: float) -> None:
        message = diameter.decode(unit.octets) if unit.port is Port.DIAMETER else None
        if isinstance(message, kind):
            other = change(message)
            if other is None:
                return
            unit = msgspec.structs.replace(unit, octets=other.encode())
        receive(unit, now)

    actor.receive = changed  # type: ignore[method-assign]


def deaf(actor: Actor) -> None:
    """The actor hears nothing but what is said between neighbours."""
    on_its_way(actor, DiameterMessage, lambda one: None if one.application_id else one)


def with_agents(message: DiameterMessage, *avps: Avp) -> DiameterMessage:
    """The message with these home agents and features instead of its own."""
    own = (Mip6AgentInfo, diameter.Mip6FeatureVector)
    kept = (one for one in message.avps if not isinstance(one, own))
    return message.replace(avps=(*kept, *avps))


def with_last_bit_flipped(message: DiameterMessage, *kinds: type[Any]) -> DiameterMessage:
    """The message with another last octet of EAP where that is of one of the kinds: AT_MAC."""

    def flipped(avp: Avp) -> Avp:
        if not isinstance(avp, EapPayload) or not isinstance(avp.value, kinds):
            return avp
        octets = avp.value.encode()
        return EapPayload(eap.decode(octets[:-1] + bytes((octets[-1] ^ 1,))))

    return message.replace(avps=tuple(map(flipped, message.avps)))


# -- who is there -----------------------------------------------------------------------------------
def subscriber(scenario: Scenario, **fields: Any) -> Any:
    """The subscriber, with other fields."""
    return msgspec.structs.replace(scenario.aaa.hss.store.subscribers[IMSI], **fields)


def subscribed(scenario: Scenario, **fields: Any) -> None:
    """Let the HSS have it so, and tell nobody."""
    scenario.aaa.hss.store.change(subscriber(scenario, **fields))


def at_apn(scenario: Scenario, **fields: Any) -> dict[str, Any]:
    """The access point names of the subscriber, with other fields."""
    apns = scenario.aaa.hss.store.subscribers[IMSI].apns
    return {name: msgspec.structs.replace(apn, **fields) for name, apn in apns.items()}


def acquaint(node: DiameterNode, host: str, *, connect: bool = False) -> None:
    """A node knows one more neighbour; `connect` says that the node calls."""
    neighbour = Neighbour(host=host, realm=host.partition(".")[2], connect=connect)
    peer = node.peers[host] = Peer(node, neighbour, node._delivered)
    node.parts = (*node.parts, peer)


def _node_settings(
    host: str, address: IPv6Address, known: Iterable[Neighbour], **more: Any
) -> NodeSettings:
    realm = host.partition(".")[2]
    return NodeSettings(
        host=host, realm=realm, addresses=(address,), neighbours=tuple(known), watchdog=300.0,
        **more,
    )  # fmt: skip


def another_home_agent(
    scenario: Scenario, host: str, address: IPv6Address, network: IPv6Network
) -> HomeAgent:
    """A home agent beside that of the scenario, which asks the same AAA server."""
    server = scenario.aaa.server
    acquaint(server, host)
    home = Neighbour(host=server.settings.host, realm=HOME)
    client = DiameterAaa(
        "HA 2 AAA",
        _node_settings(
            host, address, (home,), applications=(Application.S6B,), routes={HOME: (home.host,)}
        ),
        Random("1/HA 2 AAA"), home_realm=HOME, agent_host=host,
    )  # fmt: skip
    pool = Pool(network, first=0x1100)
    responder = IkeResponder(
        "HA 2 IKE", scenario._responder_settings(), rng=Random("1/HA 2 IKE"), addresses=pool,
        aaa=client, home_agent=address, local=for_addresses(address),
    )  # fmt: skip
    mac = bytes((2, 0, 0, 0, 2, 2))
    settings = HomeAgentSettings(
        address=address, prefixes=(HomePrefix(network),), link_layer_address=mac
    )
    agent = HomeAgent("HA 2", responder, settings, Random("1/HA 2"), addresses=pool)
    scenario.network.join(agent, "core", mac, lambda: (address, host))
    scenario.network.join(agent, "home", mac, lambda: tuple(agent.tunnels(scenario.network.now)))
    client.start(0.0)
    return agent


def another_server(scenario: Scenario, host: str) -> AaaServer:
    """A AAA server of the home network beside that of the scenario, known to all who need it."""
    leg, address = scenario.aaa, _SERVERS[0xBBB]
    hss = leg.hss.settings.host
    acquaint(leg.hss, host)
    for one in (leg.proxy, leg.agent):
        acquaint(one, host, connect=True)
    known = (
        Neighbour(host=hss, realm=HOME),
        Neighbour(host=leg.proxy.settings.host, realm=VISITED, connect=False),
        Neighbour(host=leg.agent.settings.host, realm=HOME, connect=False),
    )
    server = AaaServer(
        "AAA server 2",
        _node_settings(
            host, address, known,
            applications=(Application.STA, Application.S6B, Application.SWX),
            routes={HOME: (hss,), VISITED: (leg.proxy.settings.host,)},
        ),
        Random("1/AAA server 2"), procedure=AaaServerSettings(hss=hss),
    )  # fmt: skip
    scenario.network.join(server, "core", bytes((2, 0, 0, 0, 2, 3)), lambda: (address, host))
    server.start(0.0)
    return server
