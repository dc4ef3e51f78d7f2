"""A mobile node and its home agent in memory, and what every packet between them has to be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

from mip6boot import flow, ikev2, ip, mipv6, packets, security

HOME_AGENT = IPv6Address("2001:db8:100::1")
HOME = IPv6Address("2001:db8:100::1234")
VISITED = IPv6Address("2001:db8:200::10")
ELSEWHERE = IPv6Address("2001:db8:300::10")
PREFIX = IPv6Network("2001:db8:100::/64")
OWN_PREFIX = IPv6Network("2001:db8:101::/64")
AGENT_MAC, MOBILE_MAC = bytes.fromhex("525400123456"), bytes.fromhex("2e11bbae4acf")
SUITE = security.EspSuite(
    encryption=ikev2.EncryptionAlgorithm.AES_CBC,
    key_length=128,
    integrity=ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128,
)


def association(spi: int) -> security.EspSa:
    keys = Random(spi)
    return security.EspSa(
        spi=spi,
        suite=SUITE,
        encryption_key=security.Secret(keys.randbytes(SUITE.encryption_key_octets)),
        integrity_key=security.Secret(keys.randbytes(SUITE.integrity_key_octets)),
    )


TO_AGENT, TO_MOBILE = association(0x1000), association(0x2000)
OPENER = packets.Opener(security.Keyring([TO_AGENT, TO_MOBILE]))


def packet_of(unit: flow.Unit) -> packets.Packet:
    return packets.decode_packet(unit.octets, packets.LinkType.IPV6)


def message_of(unit: flow.Unit) -> Any:
    """What a unit holds, opened where it is sealed; its checksums are good and its rules kept."""
    packet = packet_of(unit)
    assert packet.errors == ()
    header = packet.layers[0]
    assert isinstance(header, ip.Ipv6Header)
    assert (header.source, header.destination) == (unit.source, unit.destination)
    assert header.payload_length == len(unit.octets) - 40
    inside = packet
    if isinstance(packet.layers[-1], ip.EspPacket):
        (opened,) = OPENER.open(packet)
        assert isinstance(opened, packets.OpenedPacket)
        assert opened.esp.verified
        inside = opened.packet
    assert set(inside.checksums.values()) == {"good"}
    message = inside.layers[-1]
    if isinstance(message, mipv6.MobilityHeader):
        assert mipv6.check(message) == []
    return message


def settings(**changes: Any) -> flow.HomeAgentSettings:
    values: dict[str, Any] = {
        "address": HOME_AGENT,
        "prefixes": (flow.HomePrefix(PREFIX),),
        "link_layer_address": AGENT_MAC,
    }
    return flow.HomeAgentSettings(**values | changes)


Fault = Callable[[flow.Unit, Any], bool]


class Pair:
    """Mobile node and home agent, 10 ms apart; `lost` says which units do not arrive."""

    def __init__(
        self,
        *,
        agent: dict[str, Any] | None = None,
        mobile: dict[str, Any] | None = None,
        sealed: bool = True,
    ) -> None:
        more: dict[str, Any] = {} if sealed else {"unprotected": True}
        self.agent = flow.HomeRegistrations("ha", settings(**more | (agent or {})), Random(1))
        self.mobile = flow.MobileNode(
            "mn", flow.MobileNodeSettings(**more | (mobile or {})), Random(2)
        )
        if sealed:
            self.agent.add_sa(HOME, TO_AGENT, TO_MOBILE)
            self.mobile.add_sa(HOME, TO_MOBILE, TO_AGENT)
        self.agent.prefixes[HOME] = (OWN_PREFIX,)
        self.now = 0.0
        self.lost: Fault = lambda unit, message: False
        #: Time, sender and message of all that was sent, lost or not.
        self.sent: list[tuple[float, str, Any]] = []
        self.units: list[flow.Unit] = []
        self.events: list[flow.Event] = []
        self._way: list[tuple[float, int, flow.Actor, flow.Unit]] = []
        self._order = itertools.count()

    def register(self, **more: Any) -> None:
        self.mobile.register(HOME, HOME_AGENT, VISITED, self.now, **more)

    def run(self, until: float) -> None:
        while True:
            self._collect()
            times = [self.agent.next_timeout(), self.mobile.next_timeout()]
            times += [at for at, *_ in self._way]
            soonest = min((time for time in times if time is not None), default=None)
            if soonest is None or soonest > until:
                break
            self.now = max(self.now, soonest)
            for arrival in sorted(self._way, key=lambda x: x[:2]):
                if arrival[0] <= self.now:
                    self._way.remove(arrival)
                    arrival[2].receive(arrival[3], self.now)
            self.agent.handle_timeout(self.now)
            self.mobile.handle_timeout(self.now)
        self.now = until

    def _collect(self) -> None:
        for sender, receiver in ((self.agent, self.mobile), (self.mobile, self.agent)):
            for unit in sender.to_send():
                message = message_of(unit)
                self.units.append(unit)
                self.sent.append((round(self.now, 3), sender.name, message))
                if not self.lost(unit, message):
                    self._way.append((self.now + 0.01, next(self._order), receiver, unit))
            self.events += sender.events()

    def messages(self, kind: type[Any]) -> list[Any]:
        return [message for _, _, message in self.sent if isinstance(message, kind)]

    def times(self, kind: type[Any]) -> list[float]:
        return [at for at, _, message in self.sent if isinstance(message, kind)]

    def said(self, name: str) -> list[str]:
        return [event.text for event in self.events if event.name == name]


def bound(**more: Any) -> Pair:
    """A pair with a binding, two seconds old."""
    pair = Pair(**more)
    pair.register()
    pair.run(2.0)
    assert pair.mobile.state == flow.RegistrationState.BOUND
    for what in (pair.sent, pair.units, pair.events):
        what.clear()
    pair.mobile.changes()
    pair.agent.changes()
    return pair


def update(
    sequence: int = 100,
    *,
    care_of: IPv6Address = VISITED,
    flags: str = "AH",
    lifetime: int = 600,
    options: tuple[mipv6.MobilityOption, ...] | None = None,
) -> mipv6.BindingUpdate:
    bits = mipv6.BindingUpdateFlags(0)
    for letter in flags:
        bits |= mipv6.BindingUpdateFlags[letter]
    if options is None:
        options = (mipv6.AlternateCareOfAddress(care_of),)
    return mipv6.BindingUpdate(sequence, flags=bits, lifetime=lifetime, options=options)


class Asker:
    """Sends single messages to a home agent, and has its answers."""

    def __init__(self, *, sealed: bool = False, **changes: Any) -> None:
        self.agent = flow.HomeRegistrations(
            "ha", settings(unprotected=not sealed, **changes), Random(1)
        )
        self.sender = security.EspSender(TO_AGENT, Random(3)) if sealed else None
        if sealed:
            self.agent.add_sa(HOME, TO_AGENT, TO_MOBILE)

    def unit(
        self, message: Any, *, home: IPv6Address = HOME, source: IPv6Address = VISITED
    ) -> flow.Unit:
        return flow.mobility_packets.from_mobile_node(
            message, source, HOME_AGENT, home, "access", self.sender
        )

    def give(self, unit: flow.Unit, now: float = 0.0) -> list[Any]:
        self.agent.receive(unit, now)
        return self.answers()

    def answers(self) -> list[Any]:
        """Messages to the mobile node; those of the home link are left out."""
        return [message_of(unit) for unit in self.agent.to_send() if unit.link == "access"]

    def ask(self, message: Any, now: float = 0.0, **how: Any) -> list[Any]:
        """Answers to a message, those included that Duplicate Address Detection delays."""
        answers = self.give(self.unit(message, **how), now)
        self.agent.handle_timeout(now + 1)
        return answers + self.answers()

    def status(self, message: Any, now: float = 0.0, **how: Any) -> int:
        (answer,) = self.ask(message, now, **how)
        assert isinstance(answer, mipv6.BindingAcknowledgement)
        return int(answer.status)

    def silence(self, message: Any, now: float = 0.0, **how: Any) -> str:
        """Why a message has no answer."""
        self.agent.events()
        assert self.ask(message, now, **how) == []
        (event,) = [event for event in self.agent.events() if event.name == "dropped"]
        return event.text
