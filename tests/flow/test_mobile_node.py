"""The mobile node against the home agent: loss, refresh, movement, the end, home, revocation."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import pytest

from mip6boot import flow, ip, mipv6, packets, security
from tests.flow import mobility
from tests.flow.mobility import (
    AGENT_MAC,
    ELSEWHERE,
    HOME,
    HOME_AGENT,
    MOBILE_MAC,
    OWN_PREFIX,
    TO_AGENT,
    TO_MOBILE,
    VISITED,
    Pair,
    bound,
    message_of,
    packet_of,
)

State, What = flow.RegistrationState, flow.Registration
FLAGS = mipv6.BindingUpdateFlags
Update, Answer = mipv6.BindingUpdate, mipv6.BindingAcknowledgement
Indication = mipv6.BindingRevocationIndication
Acknowledgement = mipv6.BindingRevocationAcknowledgement
BRI = mipv6.BindingRevocationFlags
Revocation, Trigger = mipv6.RevocationStatus, mipv6.RevocationTrigger


class Peer:
    """A mobile node whose home agent the test plays."""

    def __init__(self, *, sealed: bool = True, **settings: Any) -> None:
        self.mobile = flow.MobileNode(
            "mn", flow.MobileNodeSettings(unprotected=not sealed, **settings), Random(2)
        )
        self.sender = security.EspSender(TO_MOBILE, Random(5)) if sealed else None
        if sealed:
            self.mobile.add_sa(HOME, TO_MOBILE, TO_AGENT)
        self.mobile.register(HOME, HOME_AGENT, VISITED, 0.0)
        self.units: list[flow.Unit] = []
        self.asked()

    def asked(self) -> list[Any]:
        self.units = self.mobile.to_send()
        return [message_of(unit) for unit in self.units]

    def unit(self, message: Any, *, home: IPv6Address = HOME, source: Any = HOME_AGENT) -> Any:
        return flow.to_mobile_node(message, source, VISITED, home, "access", self.sender)

    def give(self, message: Any, now: float, **how: Any) -> list[Any]:
        self.mobile.receive(self.unit(message, **how), now)
        return self.asked()

    def answer(self, now: float = 0.5, *, status: int = 0, **fields: Any) -> list[Any]:
        values = {"sequence": self.mobile.updates.sequence, "lifetime": 600 if status < 128 else 0}
        return self.give(Answer(status=status, **values | fields), now)

    def whats(self) -> list[flow.Registration]:
        return [change.what for change in self.mobile.changes()]

    def dropped(self) -> str:
        return next(e.text for e in reversed(self.mobile.events()) if e.name == "dropped")


# -- registering --------------------------------------------------------------------------------
def test_a_first_registration() -> None:
    """Packet and flags as TS 24.303 A.2 and RFC 4877 3 want them."""
    pair = Pair()
    pair.register()
    pair.run(2.0)
    (update,) = pair.messages(Update)
    assert update.flags == FLAGS.A | FLAGS.H | FLAGS.K | FLAGS.R
    assert update.options == (mipv6.AlternateCareOfAddress(VISITED),)
    assert update.lifetime == 3600
    layers: Any = packet_of(pair.units[0]).layers
    assert [type(x) for x in layers] == [ip.Ipv6Header, ip.DestinationOptions, ip.EspPacket]
    assert (layers[0].source, layers[0].destination) == (VISITED, HOME_AGENT)
    assert layers[1].options == (ip.HomeAddressOption(HOME),)
    assert (layers[2].spi, layers[2].sequence) == (TO_AGENT.spi, 1)
    (change,) = pair.mobile.changes()
    assert (change.what, change.status, change.lifetime) == (What.BOUND, 0, 3600)
    assert change.key_management_mobility
    assert change.prefix_bound
    assert pair.mobile.is_bound
    assert pair.agent.tunnels(2.0) == {HOME: VISITED}
    assert pair.agent.cache.care_of(OWN_PREFIX[7], 2.0) == VISITED
    # Counted from the Binding Update on.
    assert pair.mobile.remaining(2.0) == 3598.0
    # Duplicate Address Detection took less than the first interval.
    assert pair.times(Answer) == [1.01]


def test_the_l_flag_is_for_the_same_interface_identifier() -> None:
    for link_local, expected in (("fe80::1234", FLAGS.L), ("fe80::1235", FLAGS(0))):
        pair = Pair()
        pair.register(link_local=IPv6Address(link_local))
        pair.run(2.0)
        assert pair.messages(Update)[0].flags & FLAGS.L == expected
        targets = {m.target for m in pair.messages(ip.NeighborSolicitation)}
        assert (IPv6Address("fe80::1234") in targets) == bool(expected)


def test_settings_choose_flags() -> None:
    pair = Pair(mobile={"key_management_mobility": False, "mobile_router": False})
    pair.register()
    pair.run(2.0)
    assert pair.messages(Update)[0].flags == FLAGS.A | FLAGS.H
    (change,) = pair.mobile.changes()
    assert not change.key_management_mobility
    assert not change.prefix_bound


def test_unprotected_as_both_are_told() -> None:
    pair = Pair(sealed=False)
    pair.register()
    pair.run(2.0)
    (change,) = pair.mobile.changes()
    assert change.what == What.BOUND
    # There is no IKE SA that could be moved.
    assert not change.key_management_mobility
    assert [type(x) for x in packet_of(pair.units[0]).layers] == [
        ip.Ipv6Header, ip.DestinationOptions, Update
    ]  # fmt: skip


def test_unanswered_updates_are_repeated() -> None:
    """RFC 6275 11.8: 1.5 s, doubled to 32 s, for ever; a higher number each."""
    pair = Pair()
    pair.lost = lambda unit, message: True
    pair.register()
    pair.run(150.0)
    times = pair.times(Update)
    assert times == [0, 1.5, 4.5, 10.5, 22.5, 46.5, 78.5, 110.5, 142.5]
    numbers = [update.sequence for update in pair.messages(Update)]
    assert numbers == [(numbers[0] + i) % 65536 for i in range(len(numbers))]
    sealed = [packet_of(unit).layers[-1] for unit in pair.units]
    assert [packet.sequence for packet in sealed if isinstance(packet, ip.EspPacket)] == list(
        range(1, 10)
    )
    # The next home agent may be tried, once intervals are as long as they get.
    silent = [change.time for change in pair.mobile.changes() if change.what == What.SILENT]
    assert silent == [46.5]


@pytest.mark.parametrize("seed", range(25))
def test_loss_is_overcome(seed: int) -> None:
    pair, random = Pair(), Random(seed)
    pair.lost = lambda unit, message: unit.link == "access" and random.random() < 0.5
    pair.register()
    pair.run(900.0)
    assert pair.mobile.is_bound
    pair.mobile.move(ELSEWHERE, pair.now)
    pair.run(1800.0)
    assert pair.agent.tunnels(pair.now) == {HOME: ELSEWHERE}
    assert pair.mobile.state == State.BOUND
    pair.mobile.deregister(pair.now)
    pair.run(2600.0)
    assert pair.mobile.state == State.IDLE
    assert pair.agent.tunnels(pair.now) == {}
    times = pair.times(Update)
    assert all(later - sooner >= 1 for sooner, later in zip(times, times[3:], strict=False))


def test_the_sequence_number_is_set_right() -> None:
    """Status 135: the number after the home agent's is used (RFC 6275 11.7.1)."""
    pair = bound()
    last = pair.mobile.updates.sequence
    pair.mobile.updates.sequence = (last - 1000) % 65536
    pair.mobile.refresh(pair.now)
    pair.run(4.0)
    first, second = pair.messages(Answer)
    assert (first.status, first.sequence) == (135, last)
    assert (second.status, second.sequence) == (0, (last + 1) % 65536)
    assert pair.mobile.state == State.BOUND


def test_no_more_than_three_in_a_second() -> None:
    peer = Peer()
    sent = 1
    for i in range(20):
        sent += len(peer.answer(0.1 + i / 25, status=135, sequence=100 * i))
    assert sent == 3
    due = peer.mobile.next_timeout()
    assert due == 1.0
    peer.mobile.handle_timeout(due)
    assert len(peer.asked()) == 1


@pytest.mark.parametrize("status", [*range(128, 134), *range(136, 152), 174, 200])
def test_a_refusal_ends_it(status: int) -> None:
    peer = Peer()
    assert peer.answer(status=status) == []
    (change,) = peer.mobile.changes()
    assert (change.what, change.status) == (What.REFUSED, status)
    assert peer.mobile.state == State.FAILED
    assert peer.mobile.next_timeout() is None
    # The owner may want it once more.
    peer.mobile.register(HOME, HOME_AGENT, VISITED, 5.0)
    assert len(peer.asked()) == 1


def test_a_home_address_that_somebody_has_is_not_tried_again() -> None:
    pair = Pair()
    pair.register()
    pair.run(0.5)
    somebody = ip.NeighborAdvertisement(target=HOME)
    pair.agent.receive(flow.discovery_unit(somebody, HOME, flow.ALL_NODES, "home"), 0.5)
    pair.run(2.0)
    (change,) = pair.mobile.changes()
    assert (change.what, change.status) == (What.DUPLICATE, 134)
    pair.mobile.register(HOME, HOME_AGENT, VISITED, 3.0)
    assert pair.mobile.to_send() == []
    assert pair.mobile.state == State.FAILED


def test_nothing_is_registered_without_an_sa() -> None:
    mobile = flow.MobileNode("mn", flow.MobileNodeSettings(), Random(2))
    mobile.register(HOME, HOME_AGENT, VISITED, 0.0)
    assert mobile.to_send() == []
    assert "no SA" in mobile.events()[0].text


def test_acknowledgements_that_are_none() -> None:
    peer = Peer()
    peer.answer(sequence=(peer.mobile.updates.sequence + 1) % 65536)
    assert "under way" in peer.dropped()
    peer.give(Answer(sequence=peer.mobile.updates.sequence, lifetime=600), 0.5, source=ELSEWHERE)
    assert "an acknowledgement of" in peer.dropped()
    peer.give(Answer(sequence=peer.mobile.updates.sequence, lifetime=600), 0.5, home=ELSEWHERE)
    assert "the SA is that of" in peer.dropped()
    sender, peer.sender = peer.sender, None
    peer.answer()
    assert "sealed" in peer.dropped()
    peer.sender = sender
    unit = peer.unit(Answer(sequence=peer.mobile.updates.sequence, lifetime=600))
    octets = bytearray(unit.octets)
    octets[-1] ^= 1
    peer.mobile.receive(
        flow.Unit(
            port=flow.Port.IP, source=HOME_AGENT, destination=VISITED, octets=bytes(octets)
        ),
        0.5,
    )  # fmt: skip
    assert peer.mobile.state == State.REGISTERING
    # The right one, and the same once more.
    peer.mobile.receive(unit, 0.5)
    assert peer.mobile.state == State.BOUND
    peer.mobile.events()
    peer.mobile.receive(unit, 0.6)
    assert "received before" in peer.dropped()
    # Status 135 out of the blue.
    peer.answer(0.7, status=135)
    assert "under way" in peer.dropped()


def test_an_answer_to_an_earlier_transmission_will_do() -> None:
    peer = Peer()
    first = peer.mobile.updates.sequence
    peer.mobile.handle_timeout(1.5)
    assert len(peer.asked()) == 1
    peer.answer(1.6, sequence=first)
    assert peer.mobile.state == State.BOUND
    assert peer.mobile.remaining(1.6) == 600 - 1.6


# -- refreshing ---------------------------------------------------------------------------------
def test_the_binding_is_refreshed_in_time() -> None:
    pair = bound(agent={"max_lifetime": 400})
    pair.run(2000.0)
    assert pair.mobile.is_bound
    assert pair.times(Update) == [300, 600, 900, 1200, 1500, 1800]
    assert {change.what for change in pair.mobile.changes()} == {What.REFRESHED}
    assert {change.what for change in pair.agent.changes()} == {flow.Change.REFRESHED}
    assert pair.messages(ip.NeighborSolicitation) == []


def test_an_advice_makes_it_sooner() -> None:
    pair = bound(agent={"refresh_interval": 100})
    pair.run(450.0)
    assert pair.times(Update) == [100, 200, 300, 400]
    assert all(answer.lifetime == 3600 for answer in pair.messages(Answer))


@pytest.mark.parametrize(("advice", "due"), [(0, 450), (600, 450), (500, 450), (400, 400)])
def test_an_advice_that_is_none(advice: int, due: int) -> None:
    peer = Peer()
    peer.answer(0.0, options=(mipv6.BindingRefreshAdvice(advice),))
    assert peer.mobile.next_timeout() == due


def test_more_than_was_asked_for_is_not_believed() -> None:
    peer = Peer(lifetime=400)
    peer.answer(0.0, lifetime=600)
    assert peer.mobile.remaining(0.0) == 400


def test_without_an_answer_the_binding_ends_and_begins() -> None:
    pair = bound(agent={"max_lifetime": 400})
    pair.lost = lambda unit, message: 2.0 < pair.now < 402.0
    pair.run(460.0)
    whats = [change.what for change in pair.mobile.changes()]
    assert whats == [What.SILENT, What.EXPIRED, What.BOUND]
    # The last one when nothing is bound any more.
    assert pair.times(Update) == [300, 301, 303, 307, 315, 331, 363, 395, 427]
    assert pair.mobile.state == State.BOUND
    assert [c.what for c in pair.agent.changes()] == [flow.Change.EXPIRED, flow.Change.BOUND]


def test_prefix_discovery_comes_before_the_next_one() -> None:
    """Status 1: no refresh of its own accord (RFC 6275 11.7.1)."""
    peer = Peer()
    peer.answer(0.0, status=1)
    (change,) = peer.mobile.changes()
    assert (change.what, change.status) == (What.BOUND, 1)
    assert peer.mobile.next_timeout() == 600
    peer.mobile.handle_timeout(600)
    assert peer.asked() == []
    assert peer.whats() == [What.EXPIRED]
    assert peer.mobile.state == State.IDLE


# -- moving, and the end ------------------------------------------------------------------------
def test_the_mobile_node_moves() -> None:
    pair = bound()
    pair.mobile.move(ELSEWHERE, pair.now)
    pair.run(4.0)
    (update,) = pair.messages(Update)
    assert update.options == (mipv6.AlternateCareOfAddress(ELSEWHERE),)
    assert pair.units[0].source == ELSEWHERE
    # The SAs are the same: they are bound to the home address (RFC 4877 4.4).
    sealed: Any = packet_of(pair.units[0]).layers[-1]
    assert (sealed.spi, sealed.sequence) == (TO_AGENT.spi, 2)
    for changes in (pair.mobile.changes(), pair.agent.changes()):
        (change,) = changes
        assert (change.what, change.care_of_address) == ("moved", ELSEWHERE)
        assert change.key_management_mobility
    assert pair.agent.tunnels(4.0) == {HOME: ELSEWHERE}
    # The first interval is a second now that there is a binding.
    pair.lost = lambda unit, message: True
    pair.sent.clear()
    pair.mobile.move(VISITED, 4.0)
    pair.run(8.0)
    assert pair.times(Update) == [4, 5, 7]


def test_where_k_is_not_answered_the_owner_is_told() -> None:
    pair = bound(agent={"key_management_mobility": False})
    pair.mobile.move(ELSEWHERE, pair.now)
    pair.run(4.0)
    (change,) = pair.mobile.changes()
    assert not change.key_management_mobility


def test_the_binding_is_ended_from_away() -> None:
    pair = bound()
    pair.mobile.deregister(pair.now)
    pair.run(4.0)
    (update,), (answer,) = pair.messages(Update), pair.messages(Answer)
    assert (update.lifetime, answer.lifetime, answer.status) == (0, 0, 0)
    assert update.options == (mipv6.AlternateCareOfAddress(VISITED),)
    assert [change.what for change in pair.mobile.changes()] == [What.DEREGISTERED]
    (change,) = pair.agent.changes()
    assert (change.what, change.care_of_address) == (flow.Change.DEREGISTERED, HOME)
    assert pair.mobile.next_timeout() is None
    pair.run(20.0)
    assert pair.agent.parts == ()


def test_a_lost_answer_to_the_end() -> None:
    pair = bound()
    pair.lost = lambda unit, message: isinstance(message, Answer) and pair.now < 2.5
    pair.mobile.deregister(pair.now)
    pair.run(6.0)
    assert [answer.status for answer in pair.messages(Answer)] == [0, 0]
    assert pair.mobile.state == State.IDLE


def test_the_home_agent_has_forgotten() -> None:
    """Status 133 to the end of a binding is as good as success."""
    pair = bound()
    pair.agent.withdraw(HOME, pair.now)
    pair.mobile.deregister(pair.now)
    pair.run(4.0)
    (change,) = pair.mobile.changes()
    assert (change.what, change.status) == (What.DEREGISTERED, 133)


def test_a_binding_error_makes_it_ask() -> None:
    peer = Peer()
    peer.answer(0.0)
    error = mipv6.BindingError(status=mipv6.BindingErrorStatus.UNKNOWN_BINDING, home_address=HOME)

    def give(source: IPv6Address) -> list[Any]:
        right = mipv6.with_checksum(error, source, VISITED)
        header = ip.Ipv6Header(next_header=ip.Protocol.MOBILITY, source=source, destination=VISITED)
        octets = packets.Packet((header, right), packets.LinkType.IPV6).build().encode()
        unit = flow.Unit(port=flow.Port.IP, source=source, destination=VISITED, octets=octets)
        peer.mobile.receive(unit, 5.0)
        return peer.asked()

    assert give(ELSEWHERE) == []
    (update,) = give(HOME_AGENT)
    assert update.lifetime == 3600
    assert give(HOME_AGENT) == []


def test_what_the_mobile_node_does_not_know() -> None:
    peer = Peer()
    (error,) = peer.give(mipv6.UnknownMobilityHeader(99, b"\0\0"), 0.5)
    assert isinstance(error, mipv6.BindingError)
    assert (error.status, error.home_address) == (2, IPv6Address("::"))
    assert peer.give(mipv6.BindingRefreshRequest(), 0.5) == []
    assert "not for a mobile node" in peer.dropped()


# -- home ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("known", [b"", AGENT_MAC])
def test_the_mobile_node_returns_home(known: bytes) -> None:
    pair = bound()
    pair.mobile.return_home(
        pair.now, link_layer_address=MOBILE_MAC, home_agent_link_layer_address=known
    )
    pair.run(4.0)
    units = dict(zip((m for *_, m in pair.sent), pair.units, strict=True))
    solicitations = pair.messages(ip.NeighborSolicitation)
    assert len(solicitations) == (not known)
    for asked in solicitations:
        # RFC 6275 11.5.5: for the home address, without a source, to many; so is the answer.
        assert (asked.target, asked.options) == (HOME, ())
        assert units[asked].source == IPv6Address("::")
        assert units[asked].destination == flow.solicited_node(HOME)
        told = pair.messages(ip.NeighborAdvertisement)[0]
        assert (told.solicited, units[told].destination) == (False, flow.ALL_NODES)
    assert pair.mobile.home_agent_link_layer_address == AGENT_MAC
    (update,) = pair.messages(Update)
    assert (update.lifetime, update.options) == (0, ())
    assert update.flags == FLAGS.A | FLAGS.H | FLAGS.K
    packet = packet_of(units[update])
    assert [type(layer) for layer in packet.layers] == [ip.Ipv6Header, ip.EspPacket]
    assert units[update].source == HOME
    assert units[update].link == "home"
    (answer,) = pair.messages(Answer)
    assert [type(x) for x in packet_of(units[answer]).layers] == [ip.Ipv6Header, ip.EspPacket]
    told = pair.messages(ip.NeighborAdvertisement)[-1]
    assert (told.target, told.solicited, told.override) == (HOME, False, True)
    assert told.options == (ip.TargetLinkLayerAddress(MOBILE_MAC),)
    assert units[told].destination == flow.ALL_NODES
    assert pair.mobile.state == State.HOME
    assert [change.what for change in pair.mobile.changes()] == [What.HOME]
    assert pair.agent.tunnels(4.0) == {}
    # From now on it answers for itself, and its home agent does not.
    asked = flow.duplicate_address_solicitation(HOME, "home")
    pair.agent.receive(asked, 4.0)
    assert pair.agent.to_send() == []
    pair.mobile.receive(asked, 4.0)
    assert len(pair.mobile.to_send()) == 1
    # And away again.
    pair.mobile.register(HOME, HOME_AGENT, ELSEWHERE, 5.0)
    pair.run(8.0)
    assert pair.agent.tunnels(8.0) == {HOME: ELSEWHERE}


def test_home_with_a_link_local_address_that_was_defended() -> None:
    pair = Pair()
    pair.register(link_local=IPv6Address("fe80::1234"))
    pair.run(2.0)
    pair.sent.clear()
    pair.mobile.return_home(2.0, link_layer_address=MOBILE_MAC)
    pair.run(4.0)
    told = [m.target for m in pair.messages(ip.NeighborAdvertisement)]
    assert told == [HOME, HOME, IPv6Address("fe80::1234")]


def test_it_answers_for_itself_as_soon_as_it_has_asked() -> None:
    """The home agent may need it to send its acknowledgement (RFC 6275 11.5.5)."""
    peer = Peer()
    peer.answer(0.0)
    peer.mobile.return_home(
        1.0, link_layer_address=MOBILE_MAC, home_agent_link_layer_address=AGENT_MAC
    )
    assert len(peer.asked()) == 1
    asks = flow.discovery_unit(
        ip.NeighborSolicitation(target=HOME), HOME_AGENT, flow.solicited_node(HOME), "home"
    )
    peer.mobile.receive(asks, 1.1)
    (answer,) = peer.asked()
    assert (answer.target, answer.solicited, answer.override) == (HOME, True, True)
    assert peer.units[0].destination == HOME_AGENT


def test_nobody_is_at_home() -> None:
    peer = Peer()
    peer.answer(0.0)
    peer.whats()
    peer.mobile.return_home(1.0, link_layer_address=MOBILE_MAC)
    times = [1.0]
    while (due := peer.mobile.next_timeout()) is not None and due < 10:
        peer.mobile.handle_timeout(due)
        times.append(due)
    assert times == [1, 2, 3, 4]
    assert len(peer.asked()) == flow.MAX_MULTICAST_SOLICIT
    assert peer.whats() == [What.SILENT]
    assert peer.mobile.state == State.FAILED


@pytest.mark.parametrize("known", [b"", AGENT_MAC])
def test_away_again_before_the_binding_has_ended(known: bytes) -> None:
    pair = bound()
    pair.mobile.return_home(
        pair.now, link_layer_address=MOBILE_MAC, home_agent_link_layer_address=known
    )
    pair.mobile.to_send()
    pair.mobile.register(HOME, HOME_AGENT, ELSEWHERE, pair.now + 0.2)
    assert pair.mobile.state == State.REGISTERING
    pair.run(pair.now + 4)
    assert pair.mobile.state == State.BOUND
    assert pair.agent.tunnels(pair.now) == {HOME: ELSEWHERE}
    (update,) = pair.messages(Update)
    assert update.lifetime
    assert not any("solicitation over" in str(event) for event in pair.mobile.events())


def test_home_after_a_refusal() -> None:
    peer = Peer()
    peer.answer(0.0, status=129)
    peer.mobile.return_home(1.0, link_layer_address=MOBILE_MAC)
    assert (peer.mobile.state, peer.asked()) == (State.HOME, [])


def test_home_while_nothing_is_bound() -> None:
    mobile = flow.MobileNode("mn", flow.MobileNodeSettings(), Random(2))
    mobile.return_home(0.0, link_layer_address=MOBILE_MAC)
    assert (mobile.state, mobile.to_send()) == (State.HOME, [])


# -- revocation (RFC 5846) ------------------------------------------------------------------------
def test_the_network_ends_a_binding() -> None:
    pair = bound()
    pair.agent.revoke(HOME, pair.now)
    pair.run(4.0)
    (asked,), (answer,) = pair.messages(Indication), pair.messages(Acknowledgement)
    assert (asked.trigger, asked.flags) == (Trigger.ADMINISTRATIVE_REASON, 0)
    assert (answer.sequence, answer.status, answer.flags) == (asked.sequence, 0, 0)
    layers: Any = packet_of(pair.units[0]).layers
    assert [type(x) for x in layers] == [ip.Ipv6Header, ip.Type2RoutingHeader, ip.EspPacket]
    assert (layers[0].destination, layers[1].home_address) == (VISITED, HOME)
    layers = packet_of(pair.units[1]).layers
    assert [type(x) for x in layers] == [ip.Ipv6Header, ip.DestinationOptions, ip.EspPacket]
    (mine,), (theirs,) = pair.mobile.changes(), pair.agent.changes()
    assert (mine.what, mine.trigger) == (What.REVOKED, Trigger.ADMINISTRATIVE_REASON)
    assert (theirs.what, theirs.status) == (flow.Change.REVOKED, 0)
    assert pair.mobile.state == State.IDLE
    assert pair.agent.tunnels(4.0) == {}
    assert pair.mobile.next_timeout() is None


def test_a_revocation_that_is_not_answered() -> None:
    """RFC 5846 11: once more after a second, with the same number; given up 2 seconds later."""
    pair = bound()
    pair.lost = lambda unit, message: isinstance(message, Indication)
    pair.agent.revoke(HOME, 2.0)
    pair.run(4.9)
    assert pair.times(Indication) == [2.0, 3.0]
    first, again = pair.messages(Indication)
    assert first == again
    assert pair.agent.tunnels(4.9) == {HOME: VISITED}
    pair.run(5.0)
    assert pair.agent.tunnels(5.0) == {}
    (change,) = pair.agent.changes()
    assert (change.what, change.status) == (flow.Change.REVOKED, None)


def test_an_update_crosses_the_revocation() -> None:
    pair = bound()
    pair.lost = lambda unit, message: isinstance(message, Indication)
    pair.agent.revoke(HOME, 2.0)
    pair.mobile.move(ELSEWHERE, 2.0)
    pair.run(2.5)
    (answer,) = pair.messages(Answer)
    assert answer.status == mipv6.BindingStatus.ADMINISTRATIVELY_PROHIBITED
    assert pair.mobile.state == State.FAILED


def test_the_end_crosses_the_revocation() -> None:
    pair = bound()
    pair.agent.revoke(HOME, 2.0)
    pair.mobile.deregister(2.0)
    pair.run(6.0)
    assert pair.mobile.state == State.IDLE
    assert pair.agent.tunnels(6.0) == {}
    assert len(pair.messages(Indication)) == 1


def test_a_revocation_without_a_binding_sends_nothing() -> None:
    pair = Pair()
    pair.agent.revoke(HOME, 0.0)
    assert pair.agent.to_send() == []
    assert [event.name for event in pair.agent.events()] == ["ignored"]


def test_an_acknowledgement_of_another_revocation_is_none() -> None:
    pair = bound()
    pair.lost = lambda unit, message: isinstance(message, Indication)
    pair.agent.revoke(HOME, 2.0)
    pair.run(2.1)
    (asked,) = pair.messages(Indication)
    answer = Acknowledgement(0, (asked.sequence + 1) % 65536)
    sender = pair.mobile.associations.sender(HOME)
    unit = flow.from_mobile_node(answer, VISITED, HOME_AGENT, HOME, "access", sender)
    pair.agent.receive(unit, 2.2)
    assert pair.agent.tunnels(2.2) == {HOME: VISITED}


V4 = IPv4Address("192.0.2.7")
OPTION = mipv6.Ipv4HomeAddress(address=V4)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Indication(1, 7), Revocation.SUCCESS),
        (Indication(1, 7, flags=BRI.P), Revocation.PROXY_BINDING_REVOCATION_NOT_SUPPORTED),
        (Indication(1, 7, flags=BRI.V), Revocation.IPV4_HOME_ADDRESS_OPTION_REQUIRED),
        (Indication(1, 7, flags=BRI.V, options=(OPTION,)), Revocation.BINDING_DOES_NOT_EXIST),
        (Indication(99, 7), Revocation.REVOCATION_TRIGGER_NOT_SUPPORTED),
        (Indication(128, 7, flags=BRI.G | BRI.P),
         Revocation.PROXY_BINDING_REVOCATION_NOT_SUPPORTED),
    ],
)  # fmt: skip
def test_how_revocations_are_answered(asked: Any, status: int) -> None:
    peer = Peer()
    peer.answer(0.0)
    (answer,) = peer.give(asked, 1.0)
    assert (answer.status, answer.sequence, answer.flags) == (status, 7, asked.flags)
    assert peer.mobile.is_bound == (status != Revocation.SUCCESS)


def test_a_trigger_of_another_kind_of_revocation() -> None:
    """Such a message breaks a rule of its own: a global trigger without G, and the other way."""
    for asked in (Indication(128, 7), Indication(1, 7, flags=BRI.G)):
        peer = Peer()
        peer.answer(0.0)
        (answer,) = peer.give(asked, 1.0)
        assert answer.status == Revocation.REVOCATION_FUNCTION_NOT_SUPPORTED
        assert peer.mobile.is_bound


def test_the_ipv4_home_address_alone_is_revoked() -> None:
    peer = Peer()
    peer.answer(0.0)
    peer.mobile.ipv4_home_address = V4
    (answer,) = peer.give(Indication(1, 7, flags=BRI.V, options=(OPTION,)), 1.0)
    assert (answer.status, answer.flags) == (Revocation.SUCCESS, BRI.V)
    assert peer.mobile.ipv4_home_address is None
    assert peer.mobile.is_bound


def test_revocations_of_nothing_are_dropped() -> None:
    peer = Peer()
    peer.answer(0.0)
    assert peer.give(Indication(1, 7), 1.0, source=ELSEWHERE) == []
    assert "not bound" in peer.dropped()
    assert len(peer.give(Indication(1, 7), 1.0)) == 1
    # Its binding has gone: a repeated one is silently discarded (RFC 5846 10).
    assert peer.give(Indication(1, 7), 2.0) == []
    assert "not bound" in peer.dropped()
    # At home no routing header names it.
    peer = Peer(sealed=False)
    peer.answer(0.0)
    unit = flow.to_mobile_node(Indication(1, 7), HOME_AGENT, HOME, HOME, "access", None)
    peer.mobile.receive(unit, 1.0)
    assert peer.asked() == []


# -- all of it ------------------------------------------------------------------------------------
def test_the_same_seed_is_the_same_story() -> None:
    def story() -> list[bytes]:
        pair = bound()
        pair.mobile.move(ELSEWHERE, pair.now)
        pair.run(5000.0)
        return [unit.octets for unit in pair.units]

    one, two = story(), story()
    assert one == two
    assert len(one) > 3


def test_every_state_and_input_is_dropped_or_handled() -> None:
    inputs = {what for _, what in flow.MobileNode.TRANSITIONS}
    for state, what in itertools.product(State, sorted(inputs)):
        peer = Peer()
        peer.mobile.state = state
        if {(state, what), (None, what)} & flow.MobileNode.TRANSITIONS.keys():
            continue
        peer.mobile.events()
        peer.mobile.step(what, 1.0)
        assert [event.name for event in peer.mobile.events()] == ["ignored"]
        assert peer.mobile.to_send() == []


@pytest.mark.parametrize("seed", range(20))
def test_hostile_octets_are_dropped(seed: int) -> None:
    peer, random = Peer(sealed=False), Random(seed)
    units = [
        peer.unit(Answer(sequence=peer.mobile.updates.sequence, lifetime=600)),
        peer.unit(Indication(1, 7)),
        flow.duplicate_address_solicitation(HOME, "home"),
    ]
    for _ in range(30):
        octets = bytearray(random.choice(units).octets)
        for _ in range(random.randrange(1, 6)):
            octets[random.randrange(len(octets))] = random.randrange(256)
        cut = bytes(octets[: random.randrange(len(octets) + 1)])
        for hostile in (bytes(octets), cut):
            peer.mobile.receive(
                flow.Unit(
                    port=flow.Port.IP, source=HOME_AGENT, destination=VISITED, octets=hostile,
                    link="home",
                ),
                0.0,
            )  # fmt: skip
    peer.mobile.to_send()


# -- what is not done ---------------------------------------------------------------------------
def test_another_home_address_waits_for_the_end_of_this_one() -> None:
    peer = Peer()
    peer.answer(0.0)
    other = IPv6Address("2001:db8:100::5678")
    peer.mobile.add_sa(other, TO_MOBILE, TO_AGENT)
    peer.mobile.register(other, HOME_AGENT, VISITED, 1.0)
    assert peer.asked() == []
    assert peer.mobile.home_address == HOME


def test_inputs_that_no_row_takes_change_nothing() -> None:
    peer = Peer()
    peer.mobile.deregister(0.1)
    before = peer.mobile.state
    peer.mobile.register(HOME, HOME_AGENT, ELSEWHERE, 0.2)
    assert (peer.mobile.state, peer.mobile.care_of_address) == (before, VISITED)
    assert peer.asked() != []
    peer.mobile.state = State.IDLE
    peer.mobile.move(ELSEWHERE, 0.2)
    assert (peer.mobile.care_of_address, peer.asked()) == (VISITED, [])


def test_it_moves_while_it_is_let_go() -> None:
    """The Binding Update that ends the binding comes from the new care-of address, too."""
    peer = Peer()
    peer.answer(0.0)
    peer.mobile.deregister(1.0)
    peer.asked()
    peer.mobile.move(ELSEWHERE, 3.0)
    (update,) = peer.asked()
    assert (update.lifetime, peer.mobile.state) == (0, State.DEREGISTERING)
    assert update.find(mipv6.AlternateCareOfAddress).address == ELSEWHERE


def test_what_is_stopped_is_silent() -> None:
    peer = Peer()
    peer.mobile.stop(0.5)
    assert (peer.mobile.state, peer.mobile.next_timeout()) == (State.IDLE, None)


def test_what_anybody_may_say_changes_nothing() -> None:
    peer = Peer()
    peer.answer(0.0)
    problem = ip.ParameterProblem(code=1, pointer=64, quoted=b"")
    peer.mobile.receive(flow.discovery_unit(problem, HOME_AGENT, VISITED, "access"), 1.0)
    unrecognized = mipv6.BindingError(status=2, home_address=IPv6Address("::"))
    right = mipv6.with_checksum(unrecognized, HOME_AGENT, VISITED)
    header = ip.Ipv6Header(next_header=ip.Protocol.MOBILITY, source=HOME_AGENT, destination=VISITED)
    octets = packets.Packet((header, right), packets.LinkType.IPV6).build().encode()
    unit = flow.Unit(port=flow.Port.IP, source=HOME_AGENT, destination=VISITED, octets=octets)
    peer.mobile.receive(unit, 1.0)
    peer.mobile.receive(
        flow.Unit(port=flow.Port.UDP, source=HOME_AGENT, destination=VISITED, octets=b""), 1.0
    )
    names = [event.name for event in peer.mobile.events()]
    assert names[-3:] == ["parameter problem", "binding error", "dropped"]
    assert (peer.asked(), peer.mobile.state) == ([], State.BOUND)


def test_a_message_to_many_is_dropped() -> None:
    peer = Peer(sealed=False)
    many = IPv6Address("ff0e::7")
    unknown = mipv6.with_checksum(mipv6.UnknownMobilityHeader(99, b"\0\0"), HOME_AGENT, many)
    header = ip.Ipv6Header(next_header=ip.Protocol.MOBILITY, source=HOME_AGENT, destination=many)
    octets = packets.Packet((header, unknown), packets.LinkType.IPV6).build().encode()
    unit = flow.Unit(port=flow.Port.IP, source=HOME_AGENT, destination=many, octets=octets)
    peer.mobile.receive(unit, 0.5)
    assert peer.asked() == []
    assert "not one node" in peer.dropped()


def test_a_revocation_message_of_an_unknown_kind() -> None:
    peer = Peer()
    peer.answer(0.0)
    octets = bytearray(Indication(1, 7).encode())
    octets[6] = 9
    assert peer.give(mipv6.decode(bytes(octets), lenient=True), 1.0) == []
    assert "not for a mobile node" in peer.dropped()


def test_solicitations_at_home_that_are_for_others() -> None:
    peer = Peer()
    peer.answer(0.0)
    # Away, nobody is answered, whatever the link is called.
    peer.mobile.receive(flow.duplicate_address_solicitation(HOME, "home"), 1.0)
    peer.mobile.return_home(
        2.0, link_layer_address=MOBILE_MAC, home_agent_link_layer_address=AGENT_MAC
    )
    peer.asked()
    peer.mobile.receive(flow.duplicate_address_solicitation(ELSEWHERE, "home"), 2.1)
    peer.mobile.receive(flow.duplicate_address_solicitation(HOME, "access"), 2.1)
    assert peer.asked() == []


def test_flags_that_were_not_asked_for_mean_nothing() -> None:
    peer = Peer(key_management_mobility=False, mobile_router=False)
    flags = mipv6.BindingAcknowledgementFlags
    peer.answer(0.5, flags=flags.K | flags.R)
    (change,) = peer.mobile.changes()
    assert (change.key_management_mobility, change.prefix_bound) == (False, False)


def test_an_unprotected_acknowledgement_for_another_home_address() -> None:
    peer = Peer(sealed=False)
    peer.give(Answer(sequence=peer.mobile.updates.sequence, lifetime=600), 0.5, home=ELSEWHERE)
    assert "an acknowledgement of" in peer.dropped()
    assert peer.mobile.state == State.REGISTERING


def test_nothing_goes_open_when_an_sa_has_gone() -> None:
    pair = bound()
    pair.mobile.remove_sa(TO_MOBILE.spi)
    pair.mobile.move(ELSEWHERE, 2.0)
    pair.run(3.0)
    assert pair.sent == []
    pair.mobile.add_sa(HOME, TO_MOBILE, TO_AGENT)
    # A new SA counts from 1 again: the home agent has it, too.
    pair.agent.add_sa(HOME, TO_AGENT, TO_MOBILE)
    pair.mobile.refresh(3.0)
    pair.run(4.0)
    assert pair.agent.tunnels(4.0) == {HOME: ELSEWHERE}


def test_of_two_sas_that_replace_one_the_one_that_is_left_seals() -> None:
    """Both ends rekey at once: the SA that came last may be the one that is deleted again."""
    held = flow.mobility_packets.Associations(Random(1))
    old, new, redundant = (mobility.association(spi) for spi in (0x100, 0x200, 0x300))
    for pair in (old, new, redundant):
        held.add(HOME, pair, pair)
    for spi, seals in ((0x300, 0x200), (0x100, 0x200)):
        held.remove(spi)
        sender = held.sender(HOME)
        assert sender is not None
        assert sender.sa.spi == seals
    held.remove(0x200)
    held.remove(0x200)
    assert held.sender(HOME) is None
