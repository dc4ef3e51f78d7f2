"""The systems of an S2c attach, put on links: two visited networks, a core, and a home link.

UE -- access -- serving gateway, router          visited network
UE -- access 2 -- router                         where the UE may move to
      core -- serving gateway, DHCP server, DNS server, home agent,
              AAA proxy, AAA server, HSS, MME
UE -- home -- home agent, DHCP server, router    where the UE is at home
"""

from __future__ import annotations

import enum
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Any

import msgspec

from .. import ikev2, security
from ..dhcpv6 import DnsServers
from ..eap import EapType
from ..schema import DomainName, Duid
from ..security import Milenage, PrivateKey, Rng, Secret
from .aaa import AgentInfo
from .actor import Actor
from .chance import number
from .dhcp_pools import AddressPool, PrefixPool, ServedLink
from .dhcp_server import DhcpServer
from .diameter import DiameterNode
from .eap_peer import EapPeer
from .gateway import ServingGateway
from .home_addresses import HomeLinkAddresses
from .home_agent import HomeAgent
from .home_policy import HomeAgentSettings, HomePrefix
from .home_subscribers import ApnProfile, HomeSubscriberServer, Subscriber
from .ike import (
    Addresses,
    Credentials,
    IkeResponder,
    Method,
    PadEntry,
    Pool,
    Settings,
    Trust,
    for_addresses,
)
from .network import Network
from .registration import MobileNodeSettings
from .router import AccessRouter, AdvertisedPrefix, RouterSettings
from .scenario_aaa import HOME_REALM, AaaLeg
from .slaac_host import modified_eui64
from .supplicant import Supplicant
from .ue import Ue
from .ue_settings import HomeAgentDiscovery, UeSettings
from .usim import Usim

__all__ = [
    "EPOCH",
    "LATENCY",
    "Authentication",
    "HomeAddress",
    "Profile",
    "Scenario",
    "Variant",
]

#: What is no base64 in a file of PEM.
_PEM = re.compile(rb".*-|CERTIFICATE")

_ACCESS, _ACCESS2, _CORE, _HOME = "access", "access 2", "core", "home"

#: Seconds that a unit takes on each link.
LATENCY = {_ACCESS: 0.010, _ACCESS2: 0.010, _CORE: 0.020, _HOME: 0.001}

_IMSI = "001010000000001"
_K = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
_OPC = bytes.fromhex("cd63cb71954a9f4e48a5994e37a02baf")
_APN = f"internet.{HOME_REALM}"
_HOME_NETWORK = DomainName.parse(HOME_REALM)
_HOST = f"ha.{HOME_REALM}"
_NETWORK_NAME = "WLAN"
_SHARED_KEY = Secret(b"mip6-shared-secret")
#: The date at which the clock is 0: keys and certificates are valid then.
_EPOCH_DATE = datetime(2026, 11, 25, tzinfo=UTC)
EPOCH = int(_EPOCH_DATE.timestamp())
"The same in seconds since 1970."

_AGENT = IPv6Address("2001:db8:100::1")
_HOME_PREFIX = IPv6Network("2001:db8:100::/64")
_OWN_PREFIX = IPv6Network("2001:db8:100:7::/64")
_DELEGATED = IPv6Network("2001:db8:100:8::/61")
_RESOLVER, _DHCP = IPv6Address("2001:db8:f::53"), IPv6Address("2001:db8:f::547")
_HOME_DHCP = IPv6Address("2001:db8:100::547")
_GATEWAY, _GATEWAY_CORE = IPv6Address("2001:db8:200::2"), IPv6Address("2001:db8:f::2")
_PREFIXES = {
    _ACCESS: IPv6Network("2001:db8:200::/64"),
    _ACCESS2: IPv6Network("2001:db8:201::/64"),
    _HOME: _HOME_PREFIX,
}


class Profile(enum.StrEnum):
    """Which text is followed where they differ."""

    SEED = "seed"
    "The first draft: the old MME is told that the node is not there any more."
    TS23402 = "ts23402"
    "The finished TS 23.402, which leaves the registration at the MME alone."


class Authentication(enum.StrEnum):
    """How the UE proves itself to the home agent."""

    EAP_AKA = "eap-aka"
    CERTIFICATE = "certificate"
    PSK = "psk"


class HomeAddress(enum.StrEnum):
    """Where the home address comes from."""

    POOL = "pool"
    AAA = "aaa"
    HOME_DHCP = "home-dhcp"
    AUTOCONFIGURED = "autoconfigured"
    "The UE makes it of a prefix that it is given."


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One way of the attach."""

    profile: Profile = Profile.TS23402
    discovery: HomeAgentDiscovery = HomeAgentDiscovery.DHCPV6
    authentication: Authentication = Authentication.EAP_AKA
    home_address: HomeAddress = HomeAddress.POOL


class Scenario:
    """All systems, on a network in memory; `rng_of` gives each a source of random octets."""

    def __init__(self, variant: Variant, rng_of: Callable[[str], Rng]) -> None:
        self.variant, self._rng_of = variant, rng_of
        self.network = Network(LATENCY)
        self._count = 0
        self.aaa = AaaLeg(
            self._subscribers(),
            _IMSI,
            rng_of,
            gateway=_GATEWAY_CORE,
            home_agent=_AGENT,
            cancel_location=variant.profile == Profile.SEED,
        )
        self.gateway = self._gateway()
        self.home_agent = self._home_agent()
        self.ue = self._ue("UE", _IMSI)
        self.routers = {link: self._router(link) for link in (_ACCESS, _ACCESS2, _HOME)}
        self._servers()
        for node in self.aaa.systems:
            self._join(node, _CORE, self._mac(), partial(_place, node))

    # -- running ----------------------------------------------------------------------------------
    def start(self) -> None:
        """Connections are opened, the routers begin, and the UE's link comes up."""
        self.aaa.start(self.network.now)
        for router in self.routers.values():
            router.start(self.network.now)
        self.ue.link_up(self.network.now)

    def run(self, seconds: float, *, stop: Callable[[], bool] = lambda: False) -> bool:
        """Let so many seconds pass, or fewer; whether `stop` says that it is reached."""
        self.network.run(self.network.now + seconds, stop=stop)
        return stop()

    def is_registered(self) -> bool:
        """The HSS knows which home agent serves the UE, and the home agent that it does."""
        known = self.aaa.hss.store.gateways.get(_IMSI, {})
        return _APN in known and not self.aaa.agent.is_asking

    def move(self, link: str) -> None:
        """Take the UE from its link to another one."""
        ue = self.ue
        for other in (_ACCESS, _ACCESS2, _HOME):
            self.network.leave(ue, other)
        self.gateway.link_down(ue.settings.link_layer_address, self.network.now)
        self._join(ue, link, ue.settings.link_layer_address, lambda: ue.addresses(self.network.now))
        ue.move(link, self.network.now)

    def add_ue(self, name: str, imsi: str) -> Ue:
        """One more UE on the first visited link, of one more subscriber; it uses EAP-AKA."""
        self.aaa.hss.store.add(self._subscriber(imsi))
        return self._ue(name, imsi)

    # -- the home network -------------------------------------------------------------------------
    def _subscribers(self) -> HomeSubscriberServer:
        one = self._subscriber(_IMSI, frozenset({"mn@home.example.org"}))
        return HomeSubscriberServer("HSS", [one], self._rng_of("HSS store"))

    def _subscriber(self, imsi: str, names: frozenset[str] = frozenset()) -> Subscriber:
        own = self.variant.home_address == HomeAddress.AAA
        by_name = self.variant.discovery == HomeAgentDiscovery.DNS
        agent = AgentInfo(addresses=(_AGENT,), host=_HOST, home_link_prefix=_HOME_PREFIX)
        profile = ApnProfile(
            agents=() if by_name else (agent,),
            home_address=_HOME_PREFIX[0x2000] if own else None,
        )
        return Subscriber(imsi=imsi, milenage=Milenage(_K, _OPC), apns={_APN: profile}, names=names)

    def _home_agent(self) -> HomeAgent:
        mac = self._mac()
        link_local = _link_local(mac)
        addresses = self._addresses(link_local, mac)
        responder = IkeResponder(
            "HA IKE",
            self._responder_settings(),
            rng=self._rng_of("HA IKE"),
            addresses=addresses,
            aaa=self.aaa.agent,
            home_agent=_AGENT,
            local=for_addresses(_AGENT),
        )
        settings = HomeAgentSettings(
            address=_AGENT,
            prefixes=tuple(map(HomePrefix, (_HOME_PREFIX, _OWN_PREFIX, _DELEGATED))),
            link_layer_address=mac,
        )
        agent = HomeAgent("HA", responder, settings, self._rng_of("HA"), addresses=addresses)
        self._join(agent, _CORE, mac, lambda: (_AGENT, self.aaa.agent.settings.host))
        self._join(agent, _HOME, mac, lambda: self._at_home(agent, link_local))
        return agent

    def _at_home(self, agent: HomeAgent, link_local: IPv6Address) -> tuple[IPv6Address, ...]:
        """Its own addresses, and the home addresses that it defends."""
        return (link_local, _AGENT, *agent.tunnels(self.network.now))

    def _addresses(self, link_local: IPv6Address, mac: bytes) -> Addresses | None:
        kind = self.variant.home_address
        if kind == HomeAddress.AAA:
            return None
        if kind == HomeAddress.HOME_DHCP:
            return HomeLinkAddresses(
                "HA DHCPv6", self._rng_of("HA DHCPv6"), duid=_duid(mac), address=link_local,
                link=_HOME,
            )  # fmt: skip
        prefixes = [_OWN_PREFIX] if kind == HomeAddress.AUTOCONFIGURED else []
        return Pool(_HOME_PREFIX, first=0x1000, prefixes=prefixes, dns=(_RESOLVER,))

    def _responder_settings(self) -> Settings:
        key, certificate = _key("home-agent"), _certificate("home-agent")
        psk = self.variant.authentication == Authentication.PSK
        credentials = Credentials(
            identity=ikev2.FqdnIdentity(fqdn=_HOST),
            shared_key=_SHARED_KEY if psk else Secret(),
            private_key=None if psk else key,
            certificates=() if psk else (certificate,),
        )
        methods = {
            Authentication.EAP_AKA: Method.EAP,
            Authentication.CERTIFICATE: Method.CERTIFICATE,
            Authentication.PSK: Method.SHARED_KEY,
        }
        entry = PadEntry(
            identity="*",
            methods=frozenset({methods[self.variant.authentication]}),
            shared_key=_SHARED_KEY,
            authorize=True,
        )
        return Settings(credentials=credentials, peers=(entry,), trust=_trust())

    # -- the UE -----------------------------------------------------------------------------------
    def _ue(self, name: str, imsi: str) -> Ue:
        mac = self._mac()
        card = Usim(imsi, Milenage(_K, _OPC))
        access = EapPeer(
            f"{name} EAP-AKA'", card, self._rng_of(f"{name} EAP-AKA'"),
            methods=(EapType.AKA_PRIME,), network_name=_NETWORK_NAME,
        )  # fmt: skip
        rng = self._rng_of(f"{name} EAP-AKA")
        # The home agent ties the home address to the identity, so it is the permanent one each
        # time, not a pseudonym of last time's.
        method = partial(EapPeer, f"{name} EAP-AKA", card, rng, methods=(EapType.AKA,))
        eap = self.variant.authentication == Authentication.EAP_AKA
        settings = UeSettings(
            link_layer_address=mac,
            duid=_duid(mac),
            ike=self._initiator_settings(card.identity(EapType.AKA)),
            apn=_APN,
            home_network=_HOME_NETWORK,
            discovery=(HomeAgentDiscovery.DHCPV6, HomeAgentDiscovery.DNS),
            dns_server=_RESOLVER,
            home_prefix=self.variant.home_address == HomeAddress.AUTOCONFIGURED,
            # Not that of the link-local address: the home agent would defend both (L flag), and
            # the UE could not test its own one when it comes home.
            interface_id=number(self._rng_of(f"{name} interface"), 7),
            binding=MobileNodeSettings(link=_ACCESS),
        )
        ue = Ue(
            name,
            settings,
            Supplicant(f"{name} supplicant", access, address=mac, link=_ACCESS),
            self._rng_of(name),
            eap=method if eap else None,
            resolver=lambda: self._resolver(name),
        )
        self._join(ue, _ACCESS, mac, lambda: ue.addresses(self.network.now))
        return ue

    def _initiator_settings(self, identity: str) -> Settings:
        kind = self.variant.authentication
        certificate = kind == Authentication.CERTIFICATE
        name = identity if kind == Authentication.EAP_AKA else "mn@home.example.org"
        credentials = Credentials(
            identity=ikev2.Rfc822Identity(address=name),
            shared_key=_SHARED_KEY if kind == Authentication.PSK else Secret(),
            private_key=_key("mobile-node") if certificate else None,
            certificates=(_certificate("mobile-node"),) if certificate else (),
        )
        entry = PadEntry(identity=_HOST, shared_key=_SHARED_KEY)
        return Settings(credentials=credentials, peers=(entry,), trust=_trust())

    def _resolver(self, name: str) -> Actor:
        # Only who asks DNS needs dnspython.
        from .dns import DnsResolver

        return DnsResolver(
            f"{name} DNS", server=_RESOLVER, rng=self._rng_of(f"{name} DNS"), link=_ACCESS
        )

    # -- the visited network ----------------------------------------------------------------------
    def _gateway(self) -> ServingGateway:
        mac = self._mac()
        gateway = ServingGateway(
            "gateway",
            self.aaa.access,
            self._rng_of("gateway"),
            access_link=_ACCESS,
            link_layer_address=mac,
            link_local=_link_local(mac),
            access_address=_GATEWAY,
            core_link=_CORE,
            core_address=_GATEWAY_CORE,
            servers=(_DHCP,),
            network_name=_NETWORK_NAME,
        )
        self._join(gateway, _ACCESS, mac, lambda: (_link_local(mac), _GATEWAY))
        self._join(gateway, _CORE, mac, lambda: (_GATEWAY_CORE, self.aaa.access.settings.host))
        return gateway

    def _router(self, link: str) -> AccessRouter:
        mac = self._mac()
        home = link == _HOME
        prefixes = [AdvertisedPrefix(network=_PREFIXES[link])]
        if home and self.variant.home_address == HomeAddress.AUTOCONFIGURED:
            prefixes.append(AdvertisedPrefix(network=_OWN_PREFIX, autonomous=False))
        settings = RouterSettings(
            link=link, link_local=_link_local(mac), link_layer_address=mac,
            prefixes=tuple(prefixes),
            other=not home,
        )  # fmt: skip
        router = AccessRouter(f"router {link}", settings, self._rng_of(f"router {link}"))
        self._join(router, link, mac, lambda: (_link_local(mac),))
        return router

    def _servers(self) -> None:
        mac = self._mac()
        served = ServedLink(prefixes=(_PREFIXES[_ACCESS],))
        server = DhcpServer(
            "DHCP server", self._rng_of("DHCP server"), duid=_duid(mac),
            addresses={_CORE: _DHCP}, links=(served,), options=(DnsServers((_RESOLVER,)),),
        )  # fmt: skip
        self._join(server, _CORE, mac, lambda: (_DHCP,))
        mac = self._mac()
        pool = AddressPool(first=_HOME_PREFIX[0x3000], last=_HOME_PREFIX[0x3FFF])
        prefixes = PrefixPool(prefix=_DELEGATED, length=64)
        home = ServedLink(name=_HOME, prefixes=(_HOME_PREFIX,), addresses=pool, delegated=prefixes)
        at_home = DhcpServer(
            "home DHCP server", self._rng_of("home DHCP server"), duid=_duid(mac),
            addresses={_HOME: _HOME_DHCP}, links=(home,), options=(DnsServers((_RESOLVER,)),),
            rapid_commit=True,
        )  # fmt: skip
        self._join(at_home, _HOME, mac, lambda: (_HOME_DHCP,))
        if self.variant.discovery == HomeAgentDiscovery.DNS:
            self._dns()

    def _dns(self) -> None:
        from .dns import DnsServer, Service

        server = DnsServer(
            "DNS server",
            addresses={_HOST: [_AGENT]},
            services={str(_HOME_NETWORK).rstrip("."): [Service(target=_HOST)]},
        )
        self._join(server, _CORE, self._mac(), lambda: (_RESOLVER,))

    # -- links ------------------------------------------------------------------------------------
    def _mac(self) -> bytes:
        self._count += 1
        return bytes((2, 0, 0, 0, 0, self._count))

    def _join(self, actor: Actor, link: str, mac: bytes, addresses: Any) -> None:
        self.network.join(actor, link, mac, addresses)


def _place(node: DiameterNode) -> tuple[IPv4Address | IPv6Address | str, ...]:
    return (*node.settings.addresses, node.settings.host)


def _link_local(mac: bytes) -> IPv6Address:
    return IPv6Address(0xFE80 << 112 | modified_eui64(mac))


def _duid(mac: bytes) -> Duid:
    """A DUID-LL of Ethernet (RFC 8415 11.4)."""
    return Duid(3, b"\0\1" + mac)


def _shipped(name: str) -> bytes:
    return (files("mip6boot") / "data" / "attach" / name).read_bytes()


def _key(name: str) -> PrivateKey:
    return security.load_private_key(_shipped(f"{name}.key"))


def _certificate(name: str) -> bytes:
    """The DER of a shipped certificate."""
    lines = _shipped(f"{name}.pem").split()
    return b64decode(b"".join(line for line in lines if not _PEM.match(line)))


def _trust() -> Trust:
    authorities = security.load_certificates(_shipped("authority.pem"))
    return Trust(authorities=authorities, epoch=_EPOCH_DATE)
