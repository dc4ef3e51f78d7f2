"""A host's interface that makes its addresses itself (RFC 4861 6.3, RFC 4862).

A mobile node has its care-of address from it, and learns by it that it is at home.
"""

from __future__ import annotations

import enum
from ipaddress import IPv6Address, IPv6Network
from typing import Any, ClassVar

import msgspec

from .. import ip
from ..errors import DecodeError
from .actor import Machine, Transitions, Unit
from .neighbours import (
    ALL_ROUTERS,
    RETRANS_TIMER,
    Discovery,
    answer_solicitation,
    discovery_in,
    discovery_unit,
    duplicate_address_solicitation,
)

__all__ = ["HostAddress", "HostState", "SlaacHost", "modified_eui64"]

#: RFC 4861 10, in seconds and transmissions.
MAX_RTR_SOLICITATION_DELAY = 1.0
RTR_SOLICITATION_INTERVAL = 4.0
MAX_RTR_SOLICITATIONS = 3

#: The least that an advertisement nobody has authenticated leaves of an address (RFC 4862 5.5.3).
_TWO_HOURS = 7200.0
_FOR_EVER = 0xFFFFFFFF
#: Prefixes that are kept at a time: whoever is on the link could tell of any number.
_MOST_PREFIXES = 16
_INTERFACE_ID_BITS = 64


def modified_eui64(link_layer_address: bytes) -> int:
    """The interface identifier of an EUI-48 address (RFC 4291 appendix A)."""
    if len(link_layer_address) != 6:
        raise ValueError("six octets are expected")
    first = link_layer_address[0] ^ 0x02
    octets = bytes((first,)) + link_layer_address[1:3] + b"\xff\xfe" + link_layer_address[3:]
    return int.from_bytes(octets, "big")


class HostState(enum.StrEnum):
    """Where a host is with its link."""

    DOWN = "down"
    TESTING = "testing"
    "Its link-local address; nothing else is sent meanwhile."
    SOLICITING = "soliciting"
    CONFIGURED = "configured"
    "A router has advertised."
    ALONE = "alone"
    "No router has answered; one may yet advertise."
    DUPLICATE = "duplicate"
    "Somebody else has the link-local address: the interface is of no use (RFC 4862 5.4.5)."


class HostAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a host; times are those of the driver's clock."""

    address: IPv6Address
    network: IPv6Network
    valid_until: float
    preferred_until: float
    tentative: bool = False
    "Being tested: not to be used yet."


class SlaacHost(Machine):
    """One interface of a host, which makes its addresses itself."""

    TRANSITIONS: ClassVar[Transitions] = {
        (HostState.DOWN, "link up"): ("_test_link_local", HostState.TESTING),
        (HostState.TESTING, "test over"): ("_tested", HostState.SOLICITING),
        (HostState.TESTING, "duplicate"): (None, HostState.DUPLICATE),
        (HostState.TESTING, "advertisement"): ("_advertised", None),
        (HostState.SOLICITING, "solicitation over"): ("_solicit", None),
        (HostState.SOLICITING, "advertisement"): ("_advertised", HostState.CONFIGURED),
        (HostState.CONFIGURED, "advertisement"): ("_advertised", None),
        (HostState.ALONE, "advertisement"): ("_advertised", HostState.CONFIGURED),
        (None, "link down"): ("_clear", HostState.DOWN),
    }

    def __init__(
        self, name: str, link_layer_address: bytes, *, interface_id: int | None = None
    ) -> None:
        super().__init__(name, HostState.DOWN)
        self.link_layer_address, self.link = link_layer_address, ""
        if interface_id is None:
            interface_id = modified_eui64(link_layer_address)
        self.interface_id = interface_id
        self.link_local = IPv6Address(0xFE80 << 112 | interface_id)
        self._addresses: dict[IPv6Network, HostAddress] = {}
        self._on_link: dict[IPv6Network, float] = {}
        #: Link-local addresses of default routers, their link-layer addresses, and until when.
        self.routers: dict[IPv6Address, tuple[bytes, float]] = {}
        self._solicited, self._heard = 0, False

    # -- for the owner --------------------------------------------------------------------------
    def link_up(self, link: str, now: float) -> None:
        """Begin on a link, from nothing."""
        self.step("link down", now)
        self.link = link
        self.step("link up", now)

    def link_down(self, now: float) -> None:
        """Forget the link and all that was learnt on it."""
        self.step("link down", now)

    def addresses(self, now: float) -> tuple[HostAddress, ...]:
        """Global addresses that may be used, preferred ones first."""
        usable = (x for x in self._addresses.values() if not x.tentative and x.valid_until > now)
        return tuple(sorted(usable, key=lambda x: x.preferred_until <= now))

    def care_of_address(self, now: float) -> IPv6Address | None:
        """A preferred global address; None where there is none."""
        found = self.addresses(now)
        return found[0].address if found and found[0].preferred_until > now else None

    def prefixes(self, now: float) -> tuple[IPv6Network, ...]:
        """Prefixes that are on the link (the Prefix List of RFC 4861 5.1)."""
        return tuple(network for network, until in self._on_link.items() if until > now)

    def is_on_link(self, home: IPv6Network | IPv6Address, now: float) -> bool:
        """The home prefix, or the prefix of a home address, is that of the link (6275 11.5.5)."""
        if isinstance(home, IPv6Address):
            return any(home in network for network in self.prefixes(now))
        return any(home.subnet_of(network) for network in self.prefixes(now))

    # -- what comes in --------------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        try:
            told = discovery_in(unit, self.link)
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        if isinstance(told.message, ip.RouterAdvertisement):
            self.step("advertisement", now, told)
        elif not isinstance(told.message, ip.RouterSolicitation):
            self._neighbour(told, now)

    def expired(self, timer: Any, now: float) -> None:
        if isinstance(timer, IPv6Network):
            self._assign(timer, now)
        else:
            super().expired(timer, now)

    def _neighbour(self, told: Discovery, now: float) -> None:
        """Defend what is one's own; give up what somebody else has (RFC 4862 5.4.3, 5.4.4)."""
        target = told.message.target
        solicits = isinstance(told.message, ip.NeighborSolicitation)
        # Who only wants to resolve an address that is tentative, gets no answer.
        somebody = not solicits or told.is_detection
        found = next((x for x in self._addresses.values() if x.address == target), None)
        if target == self.link_local and self.state == HostState.TESTING:
            if somebody:
                self.stop_timer("test")
                self.step("duplicate", now)
        elif found is not None and found.tentative:
            if somebody:
                del self._addresses[found.network]
                self.stop_timer(found.network)
                self.note(now, "duplicate address", str(target))
        elif solicits and (found is not None or target == self._usable_link_local):
            self.send(answer_solicitation(told, self.link_layer_address))

    @property
    def _usable_link_local(self) -> IPv6Address | None:
        lost = self.state in (HostState.DOWN, HostState.TESTING, HostState.DUPLICATE)
        return None if lost else self.link_local

    # -- the link-local address, and routers ----------------------------------------------------
    def _clear(self, now: float) -> None:
        self.stop_timers()
        self._addresses.clear()
        self._on_link.clear()
        self.routers.clear()
        self._solicited, self._heard = 0, False

    def _test_link_local(self, now: float) -> None:
        self.send(duplicate_address_solicitation(self.link_local, self.link))
        self.start_timer("test", now + RETRANS_TIMER)

    def _tested(self, now: float) -> HostState | None:
        self.note(now, "link-local address", str(self.link_local))
        if self._heard:
            return HostState.CONFIGURED
        # A mobile node that comes to a link does not wait at random (RFC 4861 6.3.7).
        return self._solicit(now)

    def _solicit(self, now: float) -> HostState | None:
        if self._solicited >= MAX_RTR_SOLICITATIONS:
            return HostState.ALONE
        self._solicited += 1
        option = ip.SourceLinkLayerAddress(self.link_layer_address)
        message = ip.RouterSolicitation(options=(option,))
        self.send(discovery_unit(message, self.link_local, ALL_ROUTERS, self.link))
        wait = RTR_SOLICITATION_INTERVAL
        if self._solicited == MAX_RTR_SOLICITATIONS:
            wait = MAX_RTR_SOLICITATION_DELAY
        self.start_timer("solicitation", now + wait)
        return None

    # -- advertisements (RFC 4861 6.3.4, RFC 4862 5.5.3) ------------------------------------------
    def _advertised(self, now: float, told: Discovery) -> None:
        self.stop_timer("solicitation")
        self._heard = True
        message: ip.RouterAdvertisement = told.message
        router = told.header.source
        if message.router_lifetime:
            option = message.find(ip.SourceLinkLayerAddress)
            known = option.link_layer_address if option else self.routers.get(router, (b"",))[0]
            self.routers[router] = known, now + message.router_lifetime
        else:
            self.routers.pop(router, None)
        self._on_link = {one: until for one, until in self._on_link.items() if until > now}
        self._addresses = {
            one: made
            for one, made in self._addresses.items()
            if made.tentative or made.valid_until > now
        }
        for prefix in message.find_all(ip.PrefixInformation):
            self._prefix(prefix, now)

    def _prefix(self, option: ip.PrefixInformation, now: float) -> None:
        if option.prefix_length > 128 or option.prefix.is_link_local or option.prefix.is_multicast:
            why = f"{option.prefix}/{option.prefix_length} is none to have addresses of"
            self.note(now, "prefix ignored", why)
            return
        network = IPv6Network((option.prefix, option.prefix_length), strict=False)
        if not self._has_room(network, now):
            self.note(now, "prefix ignored", f"{network} is one too many")
            return
        valid, preferred = (
            float("inf") if lifetime == _FOR_EVER else now + lifetime
            for lifetime in (option.valid_lifetime, option.preferred_lifetime)
        )
        if option.on_link:
            self._on_link[network] = valid
        if not option.autonomous or preferred > valid:
            return
        known = self._addresses.get(network)
        if known is not None and known.valid_until > now:
            self._prolong(known, valid, preferred, now)
        elif option.valid_lifetime:
            self._form(network, valid, preferred, now)

    def _has_room(self, network: IPv6Network, now: float) -> bool:
        """The prefix is known, or one more may be."""
        known = {one for one, until in self._on_link.items() if until > now}
        known |= {one for one, made in self._addresses.items() if made.valid_until > now}
        return network in known or len(known) < _MOST_PREFIXES

    def _prolong(self, known: HostAddress, valid: float, preferred: float, now: float) -> None:
        left = known.valid_until
        if valid <= now + _TWO_HOURS and valid <= left:
            valid = left if left <= now + _TWO_HOURS else now + _TWO_HOURS
        self._addresses[known.network] = msgspec.structs.replace(
            known, valid_until=valid, preferred_until=preferred
        )

    def _form(self, network: IPv6Network, valid: float, preferred: float, now: float) -> None:
        if network.prefixlen + _INTERFACE_ID_BITS != 128:
            self.note(now, "prefix ignored", f"{network} leaves no room for 64 bits")
            return
        address = IPv6Address(int(network.network_address) | self.interface_id)
        self._addresses[network] = HostAddress(
            address=address,
            network=network,
            valid_until=valid,
            preferred_until=preferred,
            tentative=True,
        )
        self.send(duplicate_address_solicitation(address, self.link))
        self.start_timer(network, now + RETRANS_TIMER)

    def _assign(self, network: IPv6Network, now: float) -> None:
        found = msgspec.structs.replace(self._addresses[network], tentative=False)
        self._addresses[network] = found
        self.note(now, "address", str(found.address), address=found)
