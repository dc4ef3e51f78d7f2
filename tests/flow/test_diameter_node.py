"""Diameter nodes: connections, watchdog, failover, and what is refused (RFC 6733, RFC 3539)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import diameter
from mip6boot.diameter import Application, DiameterMessage, Disconnect, Result
from mip6boot.diameter.interfaces import AnyAnswer, Request, base, s6a, swx
from mip6boot.flow import Network, Port, Unit
from mip6boot.flow.diameter import DiameterNode, Neighbour, NodeSettings, PeerState, Received

LATENCY = 0.02


class Mme(DiameterNode):
    """Answers Cancel-Location, and Server-Assignment as well, unless it is dumb."""

    HANDLERS: ClassVar[Mapping[type[Request], str]] = {s6a.Clr: "cancelled", swx.Sar: "assigned"}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.requests: list[s6a.Clr | swx.Sar] = []
        self.dumb = False

    def cancelled(self, request: s6a.Clr, received: Received, now: float) -> None:
        self.requests.append(request)
        if not self.dumb:
            own = self.settings
            answer = s6a.Cla(
                session_id=request.session_id, result_code=Result.DIAMETER_SUCCESS,
                origin_host=own.host, origin_realm=own.realm,
            )  # fmt: skip
            self.answer(received, answer, now)

    def assigned(self, request: swx.Sar, received: Received, now: float) -> None:
        self.requests.append(request)
        if not self.dumb:
            answer = swx.Saa(
                session_id=request.session_id, result_code=Result.DIAMETER_SUCCESS,
                origin_host=self.settings.host, origin_realm=self.settings.realm,
            )  # fmt: skip
            self.answer(received, answer, now)


def settings(host: str, *others: str, connect: bool, **more: Any) -> NodeSettings:
    values: dict[str, Any] = {
        "applications": (Application.S6A, Application.SWX), "routes": {"home": others}, "realm": "home", **more,
    }  # fmt: skip
    return NodeSettings(
        host=host,
        addresses=(IPv6Address("2001:db8::1"),),
        neighbours=tuple(Neighbour(host=one, realm="home", connect=connect) for one in others),
        **values,
    )


class World:
    """An HSS, and MMEs that it is connected to."""

    def __init__(self, *mmes: str, **more: Any) -> None:
        self.network = Network({"core": LATENCY})
        self.hss = DiameterNode("hss", settings("hss", *mmes, connect=True, **more), Random(1))
        self.mmes = {
            name: Mme(name, settings(name, "hss", connect=False), Random(name)) for name in mmes
        }
        for number, node in enumerate((self.hss, *self.mmes.values())):
            self.network.join(node, "core", bytes((2, 0, 0, 0, 0, number)))
        self.answers: list[DiameterMessage | None] = []
        self.hss.start(self.network.now)
        self.run(1.0)

    def run(self, seconds: float) -> None:
        self.network.run(self.network.now + seconds)

    def ask(self, host: str | None = "mme", realm: str = "home") -> None:
        request = s6a.Clr(
            session_id=self.hss.new_session(), origin_host="hss", origin_realm="home",
            destination_host=host or "mme", destination_realm=realm,
            user_name="001010000000001", cancellation_type=2,
        )  # fmt: skip
        now = self.network.now
        if host is None:
            any_host = swx.Sar(
                session_id=request.session_id, origin_host="hss", origin_realm="home",
                destination_realm="home", user_name="001010000000001", server_assignment_type=1,
            )  # fmt: skip
            self.hss.ask(any_host, now, self.answered)
            return
        self.hss.ask(request, now, self.answered)

    def answered(self, message: DiameterMessage | None, now: float) -> None:
        self.answers.append(message)

    def said(self) -> list[str]:
        """Who has sent what since this was last asked."""
        tap, self.network.tap = self.network.tap, []
        found = [(one.sender, diameter.decode(one.unit.octets)) for one in tap]
        for _, message in found:
            assert diameter.check(message) == [], message
        return [f"{sender} {type(message).__name__}" for sender, message in found]

    def state(self, host: str = "mme") -> PeerState:
        state: PeerState = self.hss.peers[host].state
        return state

    def result(self) -> int:
        (answer,) = self.answers
        assert answer is not None
        return AnyAnswer.of(answer).result


CER, CEA = "CapabilitiesExchangeRequest", "CapabilitiesExchangeAnswer"
DWR, DWA = "DeviceWatchdogRequest", "DeviceWatchdogAnswer"
CLR, CLA = "CancelLocationRequest", "CancelLocationAnswer"


def test_a_connection_and_a_request() -> None:
    world = World("mme")
    assert world.said() == [f"hss {CER}", f"mme {CEA}"]
    assert world.state() == PeerState.OPEN
    world.ask()
    world.run(1.0)
    assert world.said() == [f"hss {CLR}", f"mme {CLA}"]
    assert world.result() == 2001
    assert [one.user_name for one in world.mmes["mme"].requests] == ["001010000000001"]


def test_the_watchdog_asks_only_in_silence() -> None:
    world = World("mme", watchdog=30.0)
    world.said()
    for _ in range(4):
        world.run(20.0)
        world.ask()
    assert not any("Watchdog" in line for line in world.said())
    world.run(33.0)
    # Who waits longer hears the other's question, which does as well.
    assert world.said()[-2:] in ([f"hss {DWR}", f"mme {DWA}"], [f"mme {DWR}", f"hss {DWA}"])
    assert world.state() == PeerState.OPEN


def test_who_is_silent_is_left_and_tried_again() -> None:
    """RFC 3539 3.4.1: a watchdog in vain, failover, the connection closed; Tc later once more."""
    world = World("mme", watchdog=30.0)
    world.network.leave(world.mmes["mme"], "core")
    world.run(32.0)
    assert world.state() == PeerState.PROBING
    world.run(32.0)
    assert world.state() == PeerState.SUSPECT
    world.ask()
    assert world.result() == Result.DIAMETER_UNABLE_TO_DELIVER
    world.run(32.0)
    assert world.state() in (PeerState.CLOSED, PeerState.WAIT_CEA)
    world.network.join(world.mmes["mme"], "core", bytes((2, 0, 0, 0, 0, 9)))
    world.run(70.0)
    assert world.state() == PeerState.OPEN


def test_who_is_suspect_is_trusted_when_heard() -> None:
    world = World("mme", watchdog=30.0)
    mme = world.mmes["mme"]
    world.network.leave(mme, "core")
    world.run(64.0)
    assert world.state() == PeerState.SUSPECT
    world.network.join(mme, "core", bytes((2, 0, 0, 0, 0, 9)))
    asks = base.Dwr(origin_host="mme", origin_realm="home")
    mme.peers["hss"].put(asks.message(hop_by_hop_id=1, end_to_end_id=1), world.network.now)
    world.run(1.0)
    assert world.state() == PeerState.OPEN


def test_requests_go_elsewhere_when_a_neighbour_fails() -> None:
    """RFC 6733 5.5.4: with the T flag, the end-to-end identifier as it was."""
    world = World("mme", "mme2", watchdog=6.0, patience=60.0)
    world.said()
    world.mmes["mme"].dumb = True
    world.ask(None)
    world.run(0.1)
    world.network.leave(world.mmes["mme"], "core")
    world.run(30.0)
    sent = [
        diameter.decode(one.unit.octets)
        for one in world.network.tap
        if one.sender == "hss" and b"001010000000001" in one.unit.octets
    ]
    assert [one.retransmitted for one in sent] == [False, True]
    assert sent[0].end_to_end_id == sent[1].end_to_end_id
    assert sent[0].hop_by_hop_id != sent[1].hop_by_hop_id
    assert len(world.mmes["mme2"].requests) == 1
    assert world.result() == 2001


def test_an_answer_that_does_not_come() -> None:
    world = World("mme", patience=5.0)
    world.mmes["mme"].dumb = True
    world.ask()
    world.run(4.0)
    assert world.answers == []
    world.run(2.0)
    assert world.answers == [None]


def sar(host: str = "hss") -> swx.Sar:
    return swx.Sar(
        session_id="hss;1;9", origin_host=host, origin_realm="home", destination_host="mme",
        destination_realm="home", user_name="1", server_assignment_type=1,
    )  # fmt: skip


def test_a_request_that_was_given_up_is_not_sent_later() -> None:
    """Nobody waits for its answer any more when the connection is there."""
    hss = DiameterNode("hss", settings("hss", "mme", connect=True, patience=5.0), Random(1))
    mme = Mme("mme", settings("mme", "hss", connect=False), Random(2))
    got: list[DiameterMessage | None] = []
    hss.start(0.0)
    hss.ask(sar(), 1.0, lambda one, _: got.append(one))
    (cer,) = hss.to_send()
    hss.handle_timeout(6.5)
    assert got == [None]
    mme.receive(cer, 7.0)
    (cea,) = mme.to_send()
    hss.receive(cea, 7.0)
    assert hss.peers["mme"].state == PeerState.OPEN
    assert hss.to_send() == []


def test_an_answer_is_lost_with_its_connection() -> None:
    """It opens none: who has asked knows nothing of it on a new one (RFC 6733 5.5.4)."""
    world = World("mme")
    mme = world.mmes["mme"]
    mme.dumb = True
    world.ask()
    world.run(1.0)
    mme.receive(Unit(port=Port.DIAMETER, source="hss", destination="mme", octets=b""), 2.0)
    assert mme.peers["hss"].state == PeerState.CLOSED
    received = Received(sar().message(hop_by_hop_id=1, end_to_end_id=1), "hss")
    mme.refuse(received, Result.DIAMETER_UNABLE_TO_COMPLY, "late", 3.0)
    assert mme.to_send() == []
    assert mme.peers["hss"].state == PeerState.CLOSED
    assert "dropped" in [event.name for event in mme.events()]


def test_a_request_that_comes_twice_is_answered_twice_and_done_once() -> None:
    world = World("mme")
    world.ask()
    world.run(1.0)
    (sent,) = (one.unit for one in world.network.tap if b"001010000000001" in one.unit.octets)
    world.said()
    world.network.inject(sent, "core", sender=world.hss)
    world.run(1.0)
    assert world.said() == [f"mme {CLA}"]
    assert len(world.mmes["mme"].requests) == 1
    assert len(world.answers) == 1


@pytest.mark.parametrize(
    ("change", "result"),
    [
        (lambda m: m.replace(application_id=Application.S6B), 3007),
        (lambda m: diameter.UnknownRequest(registry_code=9999, avps=m.avps), 3001),
        (lambda m: diameter.PurgeUeRequest(application_id=m.application_id, avps=m.avps), 3001),
        (lambda m: m.replace(avps=tuple(a for a in m.avps if "Type" not in type(a).__name__)), 5005),
        (lambda m: m.replace(avps=(*m.avps, diameter.UserName("x"))), 5009),
        (lambda m: m.replace(avps=(*m.avps, diameter.UnknownAvp(registry_code=1234, mandatory=True))), 5001),
        (lambda m: m.replace(avps=tuple(
            diameter.DestinationHost("other") if isinstance(a, diameter.DestinationHost) else a
            for a in m.avps)), 3002),
        (lambda m: m.replace(avps=tuple(
            diameter.DestinationRealm("away") if isinstance(a, diameter.DestinationRealm) else a
            for a in m.avps if not isinstance(a, diameter.DestinationHost))), 3003),
    ],
)  # fmt: skip
def test_what_is_refused(change: Any, result: int) -> None:
    world = World("mme")
    request = s6a.Clr(
        session_id="hss;1;1", origin_host="hss", origin_realm="home", destination_host="mme",
        destination_realm="home", user_name="001", cancellation_type=2,
    ).message(hop_by_hop_id=77, end_to_end_id=88)  # fmt: skip
    message = change(request).replace(hop_by_hop_id=77, end_to_end_id=88)
    world.hss.peers["mme"].put(message, world.network.now)
    world.run(1.0)
    answer = diameter.decode(world.network.tap[-1].unit.octets)
    assert (answer.hop_by_hop_id, answer.end_to_end_id, answer.is_request) == (77, 88, 0)
    assert answer.command_code == message.command_code
    assert answer.is_error == (3000 <= result < 4000)
    assert AnyAnswer.of(answer).result == result
    failed = answer.find(diameter.FailedAvp)
    assert (failed is not None) == (result in (5001, 5005, 5009))
    assert world.mmes["mme"].requests == []


def test_no_common_application() -> None:
    world = World("mme", applications=(Application.S6B,))
    cea = diameter.decode(world.network.tap[1].unit.octets)
    assert AnyAnswer.of(cea).result == Result.DIAMETER_NO_COMMON_APPLICATION
    assert world.state() == PeerState.CLOSED
    assert world.mmes["mme"].peers["hss"].state == PeerState.CLOSED


def test_a_relay_has_every_application_in_common() -> None:
    world = World("mme", applications=(Application.RELAY,))
    assert world.state() == PeerState.OPEN


@pytest.mark.parametrize("cause", Disconnect)
def test_who_wants_no_connection_is_not_asked_for_one(cause: Disconnect) -> None:
    """Tc later only who reboots is (RFC 6733 5.4.3)."""
    world = World("mme")
    mme = world.mmes["mme"].peers["hss"]
    mme.step("disconnect", world.network.now, cause)
    world.run(40.0)
    again = PeerState.OPEN if cause == Disconnect.REBOOTING else PeerState.CLOSED
    assert (world.state(), mme.state) == (again, again)


def test_a_node_that_has_too_much_to_do() -> None:
    world = World("mme", most_pending=2, patience=5.0)
    world.mmes["mme"].dumb = True
    for _ in range(3):
        world.ask()
    (answer,) = world.answers
    assert world.result() == Result.DIAMETER_TOO_BUSY
    assert answer is not None
    assert answer.is_error
    world.run(6.0)
    world.ask()
    assert len(world.answers) == 3
    assert len(world.mmes["mme"].requests) == 2


def test_good_bye() -> None:
    world = World("mme")
    world.said()
    world.hss.stop(world.network.now, Disconnect.DO_NOT_WANT_TO_TALK_TO_YOU)
    world.run(1.0)
    assert world.said() == ["hss DisconnectPeerRequest", "mme DisconnectPeerAnswer"]
    assert (world.state(), world.mmes["mme"].peers["hss"].state) == (PeerState.CLOSED,) * 2
    # Who has said good-bye comes again when there is something to say.
    world.ask()
    world.run(1.0)
    assert world.said() == [f"hss {CER}", f"mme {CEA}", f"hss {CLR}", f"mme {CLA}"]


def test_a_connection_is_opened_when_it_is_needed() -> None:
    world = World("mme")
    world.hss.peers["mme"].step("disconnect", world.network.now, Disconnect.BUSY)
    world.run(1.0)
    world.ask()
    world.run(1.0)
    assert world.result() == 2001


def test_strangers_and_noise_are_dropped() -> None:
    world = World("mme")
    before = len(world.network.tap)
    for source, octets in (("stranger", b""), ("hss", b"\1\0\0\x14"), ("hss", bytes(40))):
        unit = Unit(port=Port.DIAMETER, source=source, destination="mme", octets=octets)
        world.network.inject(unit, "core")
    world.run(1.0)
    assert [e.name for e in world.network.events if e.actor == "mme"][-3:] == ["dropped"] * 3
    assert len(world.network.tap) == before


def test_an_answer_without_a_request_is_dropped() -> None:
    world = World("mme")
    answer = swx.Saa(
        session_id="x", origin_host="mme", origin_realm="home", result_code=2001
    ).message(hop_by_hop_id=1, end_to_end_id=2)
    unit = Unit(port=Port.DIAMETER, source="mme", destination="hss", octets=answer.encode())
    world.network.inject(unit, "core")
    world.run(1.0)
    assert world.answers == []
    assert [e.name for e in world.network.events if e.actor == "hss"][-1] == "dropped"


@given(st.data())
def test_hostile_octets(data: st.DataObject) -> None:
    """Messages with octets changed raise nothing, and are answered or dropped."""
    world = World("mme")
    request = s6a.Clr(
        session_id="hss;1;1", origin_host="hss", origin_realm="home", destination_host="mme",
        destination_realm="home", user_name="001", cancellation_type=2,
    ).message(hop_by_hop_id=77, end_to_end_id=88)  # fmt: skip
    octets = bytearray(request.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    unit = Unit(port=Port.DIAMETER, source="hss", destination="mme", octets=bytes(octets))
    world.network.inject(unit, "core")
    world.run(2.0)
    for tapped in world.network.tap:
        diameter.decode(tapped.unit.octets)
