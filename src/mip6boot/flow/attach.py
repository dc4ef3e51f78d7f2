"""The S2c roaming attach of TS 23.402, from link up to a bound home address, in one call.

>>> from random import Random
>>> from mip6boot.flow.attach import attach
>>> from mip6boot.flow.scenario import Variant
>>> result = attach(Variant(), lambda name: Random(f"1/{name}"))
>>> result.connected, result.home_address
(True, IPv6Address('2001:db8:100::1000'))
>>> [message.text for message in result.messages if message.step in (5, 6)][-1]
'Binding Acknowledgement ACCEPTED sequence 43530 lifetime 3600'
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address

import msgspec

from .. import eap, ikev2, ip, mipv6, packets
from ..diameter import Application, DiameterMessage
from ..packets import OpenedPacket, Opener, Packet, Within
from ..security import Keyring, Rng
from .actor import Event, Port
from .essentials import essentials
from .frames import Framer
from .network import Tapped
from .registration import Registration
from .scenario import Scenario, Variant
from .ue_settings import UeState

__all__ = ["AttachMessage", "AttachResult", "Later", "attach"]

_UE = "UE"
#: By link, before and after the attach.
_OF_ADVERTISEMENTS = {("access", False): 3, ("access 2", True): 9, ("home", True): 9}

#: Seconds that an attach may take, and what follows it.
_LIMIT, _AFTERWARDS = 300.0, 7200.0
#: Seconds that the home network may take to learn who serves the UE.
_PATIENCE = 5.0


class Later(enum.StrEnum):
    """What may happen once the UE is attached (each ends where it is done)."""

    REFRESH = "refresh"
    MOVE = "move"
    DEREGISTRATION = "de-registration"
    NETWORK_DETACH = "network-detach"
    RETURN_HOME = "return-home"


class AttachMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the tap has seen it, typed and opened."""

    step: int
    """2 authentication, 3 home agent, 4 keys, 5 and 6 binding, 7 who serves the UE is known.

    9 is afterwards; 0 is none of these.
    """
    time: float
    link: str
    sender: str
    receivers: tuple[str, ...]
    frame: bytes
    packet: Packet
    opened: tuple[Within, ...]
    text: str
    "What it is about."


class AttachResult(msgspec.Struct, frozen=True, kw_only=True):
    """How an attach went."""

    variant: Variant
    connected: bool
    "The verdict: both ends have the binding, and what was to happen afterwards did."
    reason: str
    home_address: IPv6Address | None
    home_agent: IPv6Address | None
    care_of_address: IPv6Address | None
    lifetime: int
    "Seconds granted."
    messages: tuple[AttachMessage, ...]
    events: tuple[Event, ...]
    keyring: Keyring
    scenario: Scenario


def attach(
    variant: Variant, rng_of: Callable[[str], Rng], *, later: Sequence[Later] = ()
) -> AttachResult:
    """Run the procedure, and what comes afterwards; `rng_of` gives each system random octets."""
    scenario = Scenario(variant, rng_of)
    ue = scenario.ue
    scenario.start()
    scenario.run(_LIMIT, stop=lambda: ue.state in (UeState.CONNECTED, UeState.FAILED))
    connected = ue.state == UeState.CONNECTED and _is_bound(scenario)
    if connected:
        scenario.run(_PATIENCE, stop=scenario.is_registered)
    lifetime = ue.registration.lifetime if ue.registration is not None else 0
    attached, reason = len(scenario.network.tap), ue.reason
    if not connected and not reason:
        reason = f"after {_LIMIT:.0f} s the UE is still {ue.state}"
    for what in later if connected else ():
        if not _happens(scenario, what):
            connected, reason = False, f"{what} did not happen"
            break
    keyring = Keyring([*ue.keyring, *scenario.home_agent.responder.keyring])
    return AttachResult(
        variant=variant,
        connected=connected,
        reason=reason,
        home_address=ue.home_address,
        home_agent=ue.home_agent,
        care_of_address=ue.care_of_address,
        lifetime=lifetime,
        messages=_messages(scenario.network.tap, attached, keyring),
        events=tuple(scenario.network.events),
        keyring=keyring,
        scenario=scenario,
    )


def _is_bound(scenario: Scenario) -> bool:
    """The home agent has the UE's binding."""
    ue = scenario.ue
    tunnels = scenario.home_agent.tunnels(scenario.network.now)
    return ue.home_address is not None and tunnels.get(ue.home_address) == ue.care_of_address


# -- afterwards -----------------------------------------------------------------------------------
def _happens(scenario: Scenario, what: Later) -> bool:
    """Let something happen; whether it did on both sides."""
    return _LATER[what](scenario)


def _refresh(scenario: Scenario) -> bool:
    before = scenario.ue.mobile.updates.sequence
    ue = scenario.ue

    def done() -> bool:
        change = ue.registration
        return change is not None and change.what == Registration.REFRESHED

    return scenario.run(_AFTERWARDS, stop=done) and ue.mobile.updates.sequence != before


def _move(scenario: Scenario) -> bool:
    scenario.move("access 2")
    ue = scenario.ue

    def done() -> bool:
        change = ue.registration
        return change is not None and change.what == Registration.MOVED

    return scenario.run(_AFTERWARDS, stop=done) and _is_bound(scenario)


def _deregistration(scenario: Scenario) -> bool:
    scenario.ue.detach(scenario.network.now)
    return _is_down(scenario)


def _network_detach(scenario: Scenario) -> bool:
    home = scenario.ue.home_address
    assert home is not None
    scenario.home_agent.detach(home, scenario.network.now)
    return _is_down(scenario)


def _is_down(scenario: Scenario) -> bool:
    done = scenario.run(_AFTERWARDS, stop=lambda: scenario.ue.state == UeState.DOWN)
    return done and not scenario.home_agent.tunnels(scenario.network.now)


def _return_home(scenario: Scenario) -> bool:
    scenario.move("home")
    done = scenario.run(_AFTERWARDS, stop=lambda: scenario.ue.state == UeState.HOME)
    return done and not scenario.home_agent.tunnels(scenario.network.now)


_LATER: dict[Later, Callable[[Scenario], bool]] = {
    Later.REFRESH: _refresh,
    Later.MOVE: _move,
    Later.DEREGISTRATION: _deregistration,
    Later.NETWORK_DETACH: _network_detach,
    Later.RETURN_HOME: _return_home,
}


# -- what was said --------------------------------------------------------------------------------
def _messages(tap: Sequence[Tapped], attached: int, keyring: Keyring) -> tuple[AttachMessage, ...]:
    opener, framer = Opener(keyring, lenient=True), Framer()
    found: list[AttachMessage] = []
    let_in, bound = False, False
    for i, tapped in enumerate(tap):
        frame = framer.frame_of(tapped)
        packet = packets.decode_packet(frame, lenient=True)
        opened = opener.open(packet, i + 1)
        by_eapol = tapped.unit.port is Port.EAPOL
        let_in = let_in or (by_eapol and packet.find(eap.Success) is not None)
        if isinstance(packet.layers[-1], DiameterMessage):
            step = _step_of_aaa(packet.layers[-1], let_in=let_in, bound=bound)
            step = 9 if step and i >= attached else step
        else:
            # Nobody listens to routers before the access lets him in.
            heard = let_in or by_eapol
            step = _step(tapped, packet, opened, afterwards=i >= attached) if heard else 0
        bound = bound or step == 6
        found.append(
            AttachMessage(
                step=step,
                time=tapped.time,
                link=tapped.link,
                sender=tapped.sender,
                receivers=tapped.receivers,
                frame=frame,
                packet=packet,
                opened=opened,
                text=essentials(packet, opened),
            )
        )
    return tuple(found)


def _step_of_aaa(message: DiameterMessage, *, let_in: bool, bound: bool) -> int:
    """The step that a message of the AAA leg belongs to, by who is served by then."""
    if message.application_id in (Application.STA, Application.S6A):
        return 2
    if message.application_id not in (Application.S6B, Application.SWX):
        return 0
    return (7 if bound else 4) if let_in else 2


def _step(tapped: Tapped, packet: Packet, opened: Sequence[Within], *, afterwards: bool) -> int:
    """The step of the procedure that a message belongs to."""
    if packet.find(ip.RouterAdvertisement) is not None:
        # The UE learns of each visited link once; what is repeated tells it nothing.
        seen = _UE in tapped.receivers
        return _OF_ADVERTISEMENTS.get((tapped.link, afterwards), 0) if seen else 0
    if afterwards:
        return 9
    if tapped.unit.port is Port.EAPOL or packet.find(eap.EapPacket) is not None:
        return 2
    inside = [one.packet for one in opened if isinstance(one, OpenedPacket)]
    for one in (packet, *inside):
        if one.find(mipv6.BindingAcknowledgement) is not None:
            return 6
        if one.find(mipv6.MobilityHeader) is not None:
            return 5
    if packet.find(ikev2.IkeMessage) is not None:
        return 4
    if tapped.link == "home":
        # The home agent gets an address there for IKE, and tests it for the binding.
        return 4 if tapped.unit.port is Port.UDP else 5
    return 3
