"""The home agent: each check and its status, silence, lifetimes, proxy, and the Binding Cache."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import pytest

from mip6boot import flow, ip, mipv6, packets, security
from tests.flow.mobility import (
    AGENT_MAC,
    ELSEWHERE,
    HOME,
    HOME_AGENT,
    OWN_PREFIX,
    PREFIX,
    TO_AGENT,
    TO_MOBILE,
    VISITED,
    Asker,
    association,
    message_of,
    packet_of,
    update,
)

Status = mipv6.BindingStatus
ANSWER = mipv6.BindingAcknowledgementFlags
NONCES = mipv6.NonceIndices(1, 2)
PROOF = mipv6.BindingAuthorizationData(bytes(12))
NEIGHBOUR = IPv6Address("fe80::77")


def neighbour(message: Any, source: IPv6Address, destination: IPv6Address) -> flow.Unit:
    return flow.discovery_unit(message, source, destination, "home")


def solicits(target: IPv6Address, source: IPv6Address = NEIGHBOUR) -> flow.Unit:
    message = ip.NeighborSolicitation(target=target)
    return neighbour(message, source, flow.solicited_node(target))


# -- each status --------------------------------------------------------------------------------
def test_a_binding_is_accepted_after_duplicate_address_detection() -> None:
    asker = Asker()
    assert asker.give(asker.unit(update())) == []
    assert asker.agent.tunnels(0.5) == {}
    asker.agent.handle_timeout(0.99)
    assert asker.answers() == []
    asker.agent.handle_timeout(1.0)
    (answer,) = asker.answers()
    assert (answer.status, answer.sequence, answer.lifetime) == (Status.ACCEPTED, 100, 600)
    assert asker.agent.tunnels(1.0) == {HOME: VISITED}
    (change,) = asker.agent.changes()
    assert (change.what, change.care_of_address) == (flow.Change.BOUND, VISITED)


def test_what_is_refused_by_number() -> None:
    asker = Asker()
    assert asker.status(update(100)) == Status.ACCEPTED
    (answer,) = asker.ask(update(100), 2.0)
    assert (answer.status, answer.sequence) == (Status.SEQUENCE_OUT_OF_WINDOW, 100)
    assert asker.status(update(100 + 32768), 2.0) == Status.SEQUENCE_OUT_OF_WINDOW
    assert asker.status(update(100 + 32767), 2.0) == Status.ACCEPTED
    # A refused one counts all the same (9.5.1).
    assert asker.status(update(33000, care_of=HOME), 2.0) == Status.INVALID_CARE_OF_ADDRESS
    (answer,) = asker.ask(update(32999), 2.0)
    assert (answer.status, answer.sequence) == (Status.SEQUENCE_OUT_OF_WINDOW, 33000)


@pytest.mark.parametrize(
    ("sequence", "last", "newer"),
    [(16, 15, True), (15, 15, False), (0, 15, False), (32783, 15, False), (32782, 15, True),
     (65535, 15, False), (0, 65535, True), (32766, 65535, True), (32767, 65535, False)],
)  # fmt: skip
def test_sequence_numbers_go_round(sequence: int, last: int, newer: bool) -> None:
    """The example of RFC 6275 9.5.1 is among them: after 15, 0 to 15 and 32783 to 65535 are old."""
    assert flow.is_newer_sequence(sequence, last) == newer


def test_who_is_no_home_agent() -> None:
    assert Asker(prefixes=()).status(update()) == Status.HOME_REGISTRATION_NOT_SUPPORTED


def test_a_home_address_of_another_link() -> None:
    home = IPv6Address("2001:db8:999::1")
    assert Asker().status(update(), home=home) == Status.NOT_HOME_SUBNET


def test_ending_a_binding_that_is_not_there() -> None:
    asker = Asker()
    expected = Status.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE
    assert asker.status(update(lifetime=0)) == expected
    assert asker.agent.parts == ()


@pytest.mark.parametrize("care_of", ["2001:db8:100::1234", "ff02::1", "::", "fe80::1", "::1"])
def test_care_of_addresses_that_are_none(care_of: str) -> None:
    status = Asker().status(update(care_of=IPv6Address(care_of)))
    assert status == Status.INVALID_CARE_OF_ADDRESS


def test_a_sealed_update_names_its_care_of_address() -> None:
    """RFC 4877 4.3: ESP does not protect the source of the packet."""
    asker = Asker(sealed=True)
    assert asker.status(update(1, options=())) == Status.INVALID_CARE_OF_ADDRESS
    assert asker.status(update(2)) == Status.ACCEPTED
    assert Asker().status(update(options=())) == Status.ACCEPTED


@pytest.mark.parametrize(
    "status",
    [Status.REASON_UNSPECIFIED, Status.ADMINISTRATIVELY_PROHIBITED,
     Status.SERVICE_AUTHORIZATION_FAILED],
)  # fmt: skip
def test_what_the_owner_refuses(status: Status) -> None:
    asker = Asker()
    asker.agent.refusals[HOME] = status
    assert asker.status(update()) == status
    (change,) = asker.agent.changes()
    assert (change.what, change.status) == (flow.Change.REFUSED, status)


def test_as_many_bindings_as_fit() -> None:
    asker, second = Asker(capacity=1), IPv6Address("2001:db8:100::2")
    assert asker.status(update(1)) == Status.ACCEPTED
    assert asker.status(update(1), 2.0, home=second) == Status.INSUFFICIENT_RESOURCES
    assert asker.status(update(2), 2.0) == Status.ACCEPTED
    assert asker.status(update(3, lifetime=0), 3.0) == Status.ACCEPTED
    assert asker.status(update(2), 3.0, home=second) == Status.ACCEPTED


def test_other_kinds_of_registration() -> None:
    asker = Asker()
    assert asker.status(update(1, flags="A", options=(NONCES, PROOF))) == Status.EXPIRED_NONCES
    assert asker.status(update(2)) == Status.ACCEPTED
    other = Status.REGISTRATION_TYPE_CHANGE_DISALLOWED
    assert asker.status(update(3, flags="A", options=(NONCES, PROOF)), 2.0) == other
    gone = update(4, flags="A", options=(NONCES, PROOF), lifetime=0)
    assert asker.status(gone, 2.0) == other
    assert asker.agent.tunnels(2.0) == {HOME: VISITED}
    assert asker.status(update(5, flags="AHR"), 2.0) == other
    # Ending it is not bound to the R flag (RFC 3963 6.2).
    assert asker.status(update(6, flags="AHR", lifetime=0), 2.0) == Status.ACCEPTED


def test_prefixes_of_a_mobile_router() -> None:
    def asked(*options: mipv6.MobilityOption, **settings: Any) -> tuple[int, Asker]:
        asker = Asker(**settings)
        asker.agent.prefixes[HOME] = (OWN_PREFIX,)
        care_of = mipv6.AlternateCareOfAddress(VISITED)
        return asker.status(update(flags="AHR", options=(care_of, *options))), asker

    def prefix(text: str, length: int) -> mipv6.MobilityOption:
        return mipv6.MobileNetworkPrefix(prefix=IPv6Address(text), prefix_length=length)

    status, asker = asked()
    assert status == Status.ACCEPTED
    assert asker.agent.cache.care_of(IPv6Address("2001:db8:101::99"), 1.0) == VISITED
    assert asker.agent.cache.care_of(IPv6Address("2001:db8:102::99"), 1.0) is None
    (change,) = asker.agent.changes()
    assert change.prefixes == (OWN_PREFIX,)
    status, asker = asked(prefix("2001:db8:101:0:8000::", 65))
    assert status == Status.ACCEPTED
    assert asker.agent.cache.care_of(IPv6Address("2001:db8:101:0:8000::9"), 1.0) == VISITED
    assert asker.agent.cache.care_of(IPv6Address("2001:db8:101::99"), 1.0) is None
    assert asked(prefix("2001:db8:555::", 64))[0] == Status.NOT_AUTHORIZED_FOR_PREFIX
    assert asked(prefix("2001:db8::", 32))[0] == Status.NOT_AUTHORIZED_FOR_PREFIX
    assert asked(prefix("ff02::", 64))[0] == Status.INVALID_PREFIX
    assert asked(prefix("2001:db8:101::", 0))[0] == Status.INVALID_PREFIX
    refused = Status.MOBILE_ROUTER_OPERATION_NOT_PERMITTED
    assert asked(mobile_routers=False)[0] == refused
    assert Asker().status(update(flags="AHR")) == Status.FORWARDING_SETUP_FAILED


def test_a_prefix_option_that_does_not_parse_is_an_invalid_prefix() -> None:
    asker = Asker()
    asker.agent.prefixes[HOME] = (OWN_PREFIX,)
    option = mipv6.MobileNetworkPrefix(prefix=OWN_PREFIX.network_address)
    octets = update(flags="AHR", options=(option,)).encode(overrides={"options[0].length": 17})
    unit = _with_octets(asker, octets)
    (answer,) = asker.give(unit)
    assert answer.status == Status.INVALID_PREFIX


def test_the_home_address_is_somebody_elses() -> None:
    for answer in (
        neighbour(ip.NeighborAdvertisement(target=HOME, override=True), HOME, flow.ALL_NODES),
        solicits(HOME, IPv6Address("::")),
    ):
        asker = Asker()
        assert asker.give(asker.unit(update())) == []
        asker.agent.receive(answer, 0.4)
        (refused,) = asker.answers()
        assert (refused.status, refused.lifetime) == (Status.DAD_FAILED, 0)
        assert asker.agent.next_timeout() is None
        assert asker.agent.tunnels(0.4) == {}
        assert asker.agent.parts == ()


def test_what_does_not_disturb_duplicate_address_detection() -> None:
    asker = Asker()
    asker.give(asker.unit(update()))
    # Somebody wants to talk to the address; somebody tests another one; a router has forwarded it.
    asker.agent.receive(solicits(HOME), 0.1)
    asker.agent.receive(solicits(ELSEWHERE, IPv6Address("::")), 0.1)
    far = packet_of(solicits(HOME, IPv6Address("::")))
    header: Any = far.layers[0]
    octets = packets.Packet((header.replace(hop_limit=254), far.layers[1])).encode()
    asker.agent.receive(
        flow.Unit(
            port=flow.Port.IP, source=header.source, destination=header.destination,
            octets=octets, link="home",
        ),
        0.1,
    )  # fmt: skip
    (dropped,) = [event.text for event in asker.agent.events() if event.name == "dropped"]
    assert "a router has forwarded it" in dropped
    # On another link it says nothing about the home link.
    elsewhere = flow.duplicate_address_solicitation(HOME, "access")
    asker.agent.receive(elsewhere, 0.2)
    asker.agent.handle_timeout(1.0)
    (answer,) = asker.answers()
    assert answer.status == Status.ACCEPTED


def test_a_retransmission_meanwhile_is_what_is_answered() -> None:
    asker = Asker()
    asker.give(asker.unit(update(1)))
    asker.give(asker.unit(update(2, care_of=ELSEWHERE)), 0.5)
    (late,) = asker.give(asker.unit(update(1)), 0.6)
    assert (late.status, late.sequence) == (Status.SEQUENCE_OUT_OF_WINDOW, 2)
    asker.agent.handle_timeout(1.0)
    (answer,) = asker.answers()
    assert (answer.status, answer.sequence) == (Status.ACCEPTED, 2)
    assert asker.agent.tunnels(1.0) == {HOME: ELSEWHERE}


# -- silence, errors ----------------------------------------------------------------------------
def _with_octets(asker: Asker, octets: bytes, home: IPv6Address = HOME) -> flow.Unit:
    """A packet of an unprotected mobility message as it is, but for its checksum."""
    right = mipv6.checksum_of(octets, home, HOME_AGENT)
    octets = octets[:4] + right.to_bytes(2, "big") + octets[6:]
    sample = packet_of(asker.unit(update(), home=home))
    layers = (*sample.layers[:-1], packets.Payload(octets))
    built = packets.Packet(layers, packets.LinkType.IPV6).build().encode()
    return flow.Unit(
        port=flow.Port.IP, source=VISITED, destination=HOME_AGENT, octets=built, link="access"
    )


def test_what_is_silently_discarded() -> None:
    asker = Asker()
    assert "home address" in asker.silence(update(), home=IPv6Address("fe80::1"))
    assert "Nonce" in asker.silence(update(options=(NONCES,)))
    assert "authorization" in asker.silence(update(flags="A"))
    assert "authorization" in asker.silence(update(flags="A", options=(NONCES,)))
    assert "nobody" in asker.silence(update(), source=IPv6Address("ff02::5"))
    assert "not for a home agent" in asker.silence(mipv6.BindingRefreshRequest())
    octets = update().encode(overrides={"options[0].length": 17})
    assert asker.give(_with_octets(asker, octets)) == []
    assert "does not parse" in asker.agent.events()[-1].text


def test_a_wrong_checksum_is_silently_discarded() -> None:
    asker = Asker()
    unit = asker.unit(update())
    octets = bytearray(unit.octets)
    octets[-1] ^= 1
    wrong = flow.Unit(
        port=unit.port, source=unit.source, destination=unit.destination, octets=bytes(octets),
        link=unit.link,
    )  # fmt: skip
    assert asker.give(wrong) == []
    assert "checksum" in asker.agent.events()[-1].text


@pytest.mark.parametrize("sealed", [False, True])
def test_an_unknown_type_is_a_binding_error(sealed: bool) -> None:
    asker = Asker(sealed=sealed)
    asker.agent.receive(asker.unit(mipv6.UnknownMobilityHeader(99, b"\0\0")), 0.0)
    (unit,) = asker.agent.to_send()
    error = message_of(unit)
    assert isinstance(error, mipv6.BindingError)
    assert error.status == mipv6.BindingErrorStatus.UNRECOGNIZED_MH_TYPE
    assert error.home_address == HOME
    # To where it came from, without a routing header.
    assert unit.destination == VISITED
    assert len(packet_of(unit).layers) == 2


def test_errors_are_limited() -> None:
    asker = Asker()
    unit = asker.unit(mipv6.UnknownMobilityHeader(99, b"\0\0"))
    assert sum(len(asker.give(unit, 1.0)) for _ in range(50)) == 10
    assert len(asker.give(unit, 1.1)) == 1


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(("overrides", "at"), [({"payload_proto": 58}, 0), ({"header_len": 0}, 1)])
def test_a_parameter_problem_points_at_the_field(
    sealed: bool, overrides: dict[str, int], at: int
) -> None:
    asker = Asker(sealed=sealed)
    octets = update().encode(overrides=overrides)
    if sealed:
        assert asker.sender is not None
        right = mipv6.checksum_of(octets, HOME, HOME_AGENT)
        content = octets[:4] + right.to_bytes(2, "big") + octets[6:]
        outside = packet_of(asker.unit(update())).layers[:-1]
        layers = (*outside, asker.sender.send(content, ip.Protocol.MOBILITY))
        octets = packets.Packet(layers, packets.LinkType.IPV6).build().encode()
        unit = flow.Unit(
            port=flow.Port.IP, source=VISITED, destination=HOME_AGENT, octets=octets,
            link="access",
        )  # fmt: skip
    else:
        unit = _with_octets(asker, octets)
    asker.agent.receive(unit, 0.0)
    (answer,) = asker.agent.to_send()
    problem = message_of(answer)
    assert isinstance(problem, ip.ParameterProblem)
    assert (problem.code, answer.destination) == (0, VISITED)
    assert problem.quoted == unit.octets
    # 40 octets of IPv6, 24 of destination options; sealed, 8 of ESP and 16 of its vector too.
    assert problem.pointer == 64 + 24 * sealed + at
    if not sealed:
        assert unit.octets[problem.pointer] == next(iter(overrides.values()))


def test_nothing_that_is_not_sealed() -> None:
    asker = Asker(sealed=True)
    asker.sender = None
    assert "sealed" in asker.silence(update())
    revocation = mipv6.BindingRevocationAcknowledgement(0, 1)
    assert "sealed" in asker.silence(revocation)


def test_nothing_of_another_sa_or_home_address() -> None:
    asker = Asker(sealed=True)
    assert "not" in asker.silence(update(), home=IPv6Address("2001:db8:100::2"))
    asker.agent.remove_sa(TO_AGENT.spi)
    assert "no SA" in asker.silence(update())


def test_nothing_twice() -> None:
    """ESP's own window, before any sequence number of Mobile IPv6 is looked at."""
    asker = Asker(sealed=True)
    unit = asker.unit(update())
    asker.give(unit)
    asker.agent.handle_timeout(1.0)
    assert len(asker.answers()) == 1
    asker.agent.events()
    assert asker.give(unit, 2.0) == []
    assert "received before" in asker.agent.events()[0].text


def test_nothing_that_was_changed_on_the_way() -> None:
    asker = Asker(sealed=True)
    unit = asker.unit(update())
    for at in range(64, len(unit.octets)):
        octets = bytearray(unit.octets)
        octets[at] ^= 1
        changed = flow.Unit(
            port=unit.port, source=unit.source, destination=unit.destination,
            octets=bytes(octets), link=unit.link,
        )  # fmt: skip
        assert asker.give(changed) == []
    assert asker.agent.parts == ()
    assert len(asker.give(unit)) == 0
    assert len(asker.agent.parts) == 1


@pytest.mark.parametrize("seed", range(20))
def test_hostile_octets_are_dropped(seed: int) -> None:
    asker, random = Asker(), Random(seed)
    unit = asker.unit(update())
    for _ in range(30):
        octets = bytearray(unit.octets)
        for _ in range(random.randrange(1, 6)):
            octets[random.randrange(len(octets))] = random.randrange(256)
        cut = bytes(octets[: random.randrange(len(octets) + 1)])
        for hostile in (bytes(octets), cut):
            asker.agent.receive(
                flow.Unit(
                    port=flow.Port.IP, source=VISITED, destination=HOME_AGENT, octets=hostile,
                    link="home",
                ),
                0.0,
            )  # fmt: skip
    asker.agent.to_send()


# -- lifetimes and flags ------------------------------------------------------------------------
def _answer(asker: Asker, message: Any, now: float = 0.0) -> Any:
    (answer,) = asker.ask(message, now)
    return answer


def test_lifetimes_are_limited() -> None:
    def granted(asked: int, now: float = 0.0, **settings: Any) -> tuple[int, int]:
        answer = _answer(Asker(**settings), update(lifetime=asked), now)
        return answer.lifetime, answer.status

    assert granted(600) == (600, 0)
    assert granted(262140) == (262140, 0)
    assert granted(262140, max_lifetime=4000) == (4000, 0)
    assert granted(262140, max_lifetime=4003) == (4000, 0)
    prefix = flow.HomePrefix(PREFIX, valid_until=1001.0, preferred_until=1001.0)
    # One second goes by with Duplicate Address Detection; the prefix ends with the binding: 1.
    assert granted(3600, prefixes=(prefix,)) == (1000, 1)
    assert granted(600, prefixes=(prefix,)) == (600, 0)
    assert granted(600, 997.0, prefixes=(prefix,)) == (0, Status.NOT_HOME_SUBNET)
    assert granted(600, 999.0, prefixes=(prefix,)) == (0, Status.NOT_HOME_SUBNET)
    deprecated = flow.HomePrefix(PREFIX, valid_until=9000.0, preferred_until=500.0)
    assert granted(600, prefixes=(deprecated,)) == (600, 1)
    assert granted(400, prefixes=(deprecated,)) == (400, 0)


def test_an_advice_to_refresh() -> None:
    def advice(asked: int) -> int | None:
        found = _answer(Asker(refresh_interval=300), update(lifetime=asked))
        option = found.find(mipv6.BindingRefreshAdvice)
        return None if option is None else int(option.interval)

    assert advice(600) == 300
    assert advice(304) == 300
    assert advice(300) is None
    asker = Asker(refresh_interval=300)
    asker.ask(update(1))
    assert _answer(asker, update(2, lifetime=0), 2.0).options == ()


def test_the_k_flag_needs_keys_and_an_owner_that_moves_them() -> None:
    assert _answer(Asker(sealed=True), update(flags="AHK")).flags == ANSWER.K
    assert _answer(Asker(sealed=True), update(flags="AH")).flags == 0
    assert _answer(Asker(), update(flags="AHK")).flags == 0
    stays = Asker(sealed=True, key_management_mobility=False)
    assert _answer(stays, update(flags="AHK")).flags == 0
    (change,) = stays.agent.changes()
    assert not change.key_management_mobility


def test_an_answer_also_without_the_a_flag() -> None:
    assert Asker().status(update(flags="H")) == Status.ACCEPTED


def test_the_binding_ends_with_its_lifetime() -> None:
    asker = Asker()
    asker.ask(update(lifetime=600))
    asker.agent.changes()
    assert asker.agent.tunnels(600.9) == {HOME: VISITED}
    assert asker.agent.next_timeout() == 601.0
    asker.agent.handle_timeout(601.0)
    assert asker.agent.tunnels(601.0) == {}
    (change,) = asker.agent.changes()
    assert (change.what, change.care_of_address) == (flow.Change.EXPIRED, VISITED)
    # Nothing is remembered: any number will do, after a new test.
    assert asker.give(asker.unit(update(1)), 601.0) == []
    assert asker.agent.next_timeout() == 602.0


def test_a_de_registered_binding_is_remembered() -> None:
    asker = Asker()
    asker.ask(update(5))
    (answer,) = asker.ask(update(6, lifetime=0), 2.0)
    assert (answer.status, answer.lifetime, answer.sequence) == (0, 0, 6)
    assert asker.agent.tunnels(2.0) == {}
    # Its acknowledgement was lost.
    assert asker.status(update(7, lifetime=0), 3.0) == Status.ACCEPTED
    # A Binding Update that was late must not bind again (RFC 6275 10.3.2).
    (late,) = asker.ask(update(6), 4.0)
    assert (late.status, late.sequence) == (Status.SEQUENCE_OUT_OF_WINDOW, 7)
    assert asker.agent.next_timeout() == 2.0 + flow.MAX_DELETE_BCE_TIMEOUT
    asker.agent.handle_timeout(12.0)
    expected = Status.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE
    assert asker.status(update(8, lifetime=0), 12.0) == expected


def test_the_owner_takes_the_home_address_back() -> None:
    asker = Asker()
    asker.ask(update())
    asker.agent.changes()
    asker.agent.withdraw(HOME, 5.0)
    assert asker.agent.tunnels(5.0) == {}
    assert [change.what for change in asker.agent.changes()] == [flow.Change.REVOKED]
    assert asker.agent.next_timeout() is None
    asker.agent.withdraw(HOME, 6.0)
    assert asker.agent.changes() == []


# -- the home link ------------------------------------------------------------------------------
def _home_units(asker: Asker) -> list[tuple[flow.Unit, Any]]:
    return [(u, message_of(u)) for u in asker.agent.to_send() if u.link == "home"]


@pytest.mark.parametrize("flags", ["AH", "AHL"])
def test_duplicate_address_detection_and_advertisements(flags: str) -> None:
    asker = Asker()
    addresses = [HOME]
    if "L" in flags:
        addresses.append(IPv6Address("fe80::1234"))
    asker.agent.receive(asker.unit(update(flags=flags)), 0.0)
    tests = _home_units(asker)
    assert [message.target for _, message in tests] == addresses
    for (unit, message), address in zip(tests, addresses, strict=True):
        assert isinstance(message, ip.NeighborSolicitation)
        assert message.options == ()
        assert unit.source == IPv6Address("::")
        assert unit.destination == flow.solicited_node(address)
    asker.agent.handle_timeout(1.0)
    told = _home_units(asker)
    assert [message.target for _, message in told] == addresses
    for unit, message in told:
        assert isinstance(message, ip.NeighborAdvertisement)
        assert (message.router, message.solicited, message.override) == (False, False, True)
        assert message.options == (ip.TargetLinkLayerAddress(AGENT_MAC),)
        assert (unit.source, unit.destination) == (HOME_AGENT, flow.ALL_NODES)
        header: Any = packet_of(unit).layers[0]
        assert header.hop_limit == 255


def test_solicited_node_addresses() -> None:
    """RFC 4291 2.7.1 has this example."""
    asked = flow.solicited_node(IPv6Address("4037::1:800:200e:8c6c"))
    assert asked == IPv6Address("ff02::1:ff0e:8c6c")


def test_a_mobile_routers_address_is_a_routers() -> None:
    asker = Asker()
    asker.agent.prefixes[HOME] = (OWN_PREFIX,)
    asker.agent.receive(asker.unit(update(flags="AHR")), 0.0)
    asker.agent.handle_timeout(1.0)
    assert [m.router for _, m in _home_units(asker)[1:]] == [True]


def test_advertisements_may_be_repeated() -> None:
    asker = Asker(advertisements=flow.MAX_NEIGHBOR_ADVERTISEMENT)
    asker.agent.receive(asker.unit(update()), 0.0)
    for now in (1.0, 2.0, 3.0, 4.0):
        asker.agent.to_send()
        asker.agent.handle_timeout(now)
        assert len(_home_units(asker)) == (now < 4)


def test_the_home_address_is_defended() -> None:
    asker = Asker()
    asker.ask(update())
    asker.agent.to_send()
    # Who asks for it, is told; a proxy never overrides (RFC 4861 7.2.8).
    asker.agent.receive(solicits(HOME), 2.0)
    ((unit, answer),) = _home_units(asker)
    assert (answer.router, answer.solicited, answer.override) == (False, True, False)
    assert answer.options == (ip.TargetLinkLayerAddress(AGENT_MAC),)
    assert (unit.source, unit.destination) == (HOME_AGENT, NEIGHBOUR)
    # Who wants to have it, is told with all others.
    asker.agent.receive(solicits(HOME, IPv6Address("::")), 2.0)
    ((unit, answer),) = _home_units(asker)
    assert (answer.solicited, answer.target, unit.destination) == (False, HOME, flow.ALL_NODES)
    # The home agent is a router, and itself.
    asker.agent.receive(solicits(HOME_AGENT), 2.0)
    ((_, answer),) = _home_units(asker)
    assert (answer.router, answer.solicited, answer.override) == (True, True, True)
    # What is nobody's, and what is no more bound, is not defended.
    asker.agent.receive(solicits(ELSEWHERE), 2.0)
    asker.ask(update(200, lifetime=0), 3.0)
    asker.agent.to_send()
    asker.agent.receive(solicits(HOME), 3.5)
    assert asker.agent.to_send() == []


def test_a_refresh_tests_and_advertises_nothing() -> None:
    asker = Asker()
    asker.ask(update(1))
    asker.agent.to_send()
    asker.agent.receive(asker.unit(update(2, care_of=ELSEWHERE)), 2.0)
    assert [unit.link for unit in asker.agent.to_send()] == ["access"]
    whats = [change.what for change in asker.agent.changes()]
    assert whats == [flow.Change.BOUND, flow.Change.MOVED]


def test_without_duplicate_address_detection_the_answer_is_at_once() -> None:
    asker = Asker(duplicate_address_detection=False)
    assert len(asker.give(asker.unit(update()))) == 1


# -- answers ------------------------------------------------------------------------------------
def test_where_answers_go() -> None:
    asker = Asker(sealed=True)
    asker.agent.receive(asker.unit(update()), 0.0)
    asker.agent.handle_timeout(1.0)
    (unit,) = [unit for unit in asker.agent.to_send() if unit.link == "access"]
    layers: Any = packet_of(unit).layers
    assert [type(layer) for layer in layers] == [
        ip.Ipv6Header, ip.Type2RoutingHeader, ip.EspPacket
    ]  # fmt: skip
    assert (layers[0].source, layers[0].destination) == (HOME_AGENT, VISITED)
    assert (layers[1].home_address, layers[1].segments_left) == (HOME, 1)
    assert layers[2].spi == TO_MOBILE.spi
    # From the home link: to the home address itself.
    at_home = update(101, lifetime=0, options=())
    asker.agent.receive(asker.unit(at_home, source=HOME), 2.0)
    (unit,) = asker.agent.to_send()
    assert [type(layer) for layer in packet_of(unit).layers] == [ip.Ipv6Header, ip.EspPacket]
    assert unit.destination == HOME
    assert message_of(unit).status == Status.ACCEPTED


def test_a_new_sa_takes_over_while_the_old_one_still_opens() -> None:
    asker = Asker(sealed=True)
    asker.agent.add_sa(HOME, association(0x1001), association(0x2001))
    asker.agent.receive(asker.unit(update(1)), 0.0)
    asker.agent.handle_timeout(1.0)
    (unit,) = [unit for unit in asker.agent.to_send() if unit.link == "access"]
    sealed: Any = packet_of(unit).layers[-1]
    assert sealed.spi == 0x2001
    asker.agent.remove_sa(TO_AGENT.spi)
    assert "no SA" in asker.silence(update(2))
    asker.sender = security.EspSender(association(0x1001), Random(4))
    asker.agent.receive(asker.unit(update(3)), 3.0)
    assert len(asker.agent.to_send()) == 1


def test_other_units_are_dropped() -> None:
    asker = Asker()
    unit = flow.Unit(port=flow.Port.UDP, source=VISITED, destination=HOME_AGENT, octets=b"")
    assert asker.give(unit) == []
    echo = ip.EchoRequest(identifier=1, sequence=1)
    assert asker.give(flow.discovery_unit(echo, VISITED, HOME_AGENT, "access")) == []
    assert len(asker.agent.events()) == 2


def test_a_cache_of_several() -> None:
    cache = flow.BindingCache()
    for i in range(3):
        cache.store(
            flow.Binding(
                home_address=IPv6Address(i + 1), care_of_address=VISITED, lifetime=10.0 * i + 10,
                since=0.0, sequence=i, prefixes=(IPv6Network((i << 64, 64)),),
            )
        )  # fmt: skip
    assert len(list(cache.entries(0.0))) == 3
    assert [int(entry.home_address) for entry in cache.entries(10.0)] == [2, 3]
    cache.invalidate(IPv6Address(2), 15.0)
    assert cache.find_active(IPv6Address(2), 15.0) is None
    kept = cache.find(IPv6Address(2), 24.9)
    assert kept is not None
    assert (kept.state, kept.sequence) == (flow.BindingState.DELETED, 1)
    assert cache.find(IPv6Address(2), 25.0) is None
    cache.remove(IPv6Address(3))
    assert list(cache.entries(25.0)) == []


def test_a_message_for_another_home_agent() -> None:
    asker = Asker()
    unit = flow.from_mobile_node(update(), VISITED, ELSEWHERE, HOME, "access", None)
    assert asker.give(unit) == []
    assert "not this home agent" in asker.agent.events()[0].text


def test_a_routing_header_with_more_to_come() -> None:
    asker = Asker()
    answer = mipv6.BindingAcknowledgement(sequence=1, lifetime=600)
    unit = flow.to_mobile_node(answer, VISITED, HOME_AGENT, HOME, "access", None)
    octets = bytearray(unit.octets)
    octets[43] = 2
    wrong = flow.Unit(
        port=unit.port, source=VISITED, destination=HOME_AGENT, octets=bytes(octets), link="access"
    )
    assert asker.give(wrong) == []
    assert "segments" in asker.agent.events()[0].text


def test_something_else_that_is_sealed() -> None:
    asker = Asker(sealed=True)
    assert asker.sender is not None
    header = ip.Ipv6Header(next_header=ip.Protocol.ESP, source=VISITED, destination=HOME_AGENT)
    sealed = asker.sender.send(bytes(8), ip.Protocol.ICMPV6)
    octets = packets.Packet((header, sealed), packets.LinkType.IPV6).build().encode()
    unit = flow.Unit(
        port=flow.Port.IP, source=VISITED, destination=HOME_AGENT, octets=octets, link="access"
    )
    assert asker.give(unit) == []
    assert "58" in asker.agent.events()[0].text


def test_a_mobility_header_that_is_longer_than_its_packet() -> None:
    asker = Asker()
    octets = update().encode(overrides={"header_len": 9})
    assert asker.give(_with_octets(asker, octets)) == []
    assert "longer" in asker.agent.events()[-1].text


def test_octets_behind_the_packet_are_not_part_of_it() -> None:
    asker = Asker()
    unit = asker.unit(update())
    padded = flow.Unit(
        port=unit.port, source=unit.source, destination=unit.destination,
        octets=unit.octets + b"\xff" * 6, link="access",
    )  # fmt: skip
    asker.give(padded)
    asker.agent.handle_timeout(1.0)
    assert [answer.status for answer in asker.answers()] == [Status.ACCEPTED]


def test_link_local_addresses_are_advertised_when_they_come_later() -> None:
    """A refresh that sets L for the first time; what is bound is not tested again (10.3.1)."""
    asker = Asker()
    asker.ask(update(1))
    asker.agent.to_send()
    asker.agent.receive(asker.unit(update(2, flags="AHL")), 2.0)
    assert [m.target for _, m in _home_units(asker)] == [HOME, IPv6Address("fe80::1234")]


def test_nothing_goes_open_when_an_sa_has_gone() -> None:
    asker = Asker(sealed=True)
    asker.give(asker.unit(update(1)))
    asker.agent.remove_sa(TO_AGENT.spi)
    asker.agent.handle_timeout(1.0)
    assert asker.answers() == []
    assert "not sent" in [event.name for event in asker.agent.events()]
    asker.agent.revoke(HOME, 2.0)
    assert asker.answers() == []
    asker.agent.handle_timeout(3.0)
    asker.agent.handle_timeout(5.0)
    assert asker.answers() == []
    assert asker.agent.tunnels(5.0) == {}


def test_who_was_first_stays_first() -> None:
    """A refresh is no reason to tunnel elsewhere, or to defend another binding's address."""
    cache = flow.BindingCache()
    homes = [IPv6Address(f"2001:db8:{n}::7") for n in (1, 2)]
    for home, prefix in zip(homes, ("2001:db8:a::/48", "2001:db8:a:1::/64"), strict=True):
        cache.store(flow.Binding(
            home_address=home, care_of_address=home + 1, lifetime=60.0, since=0.0, sequence=1,
            flags=mipv6.BindingUpdateFlags.L, prefixes=(IPv6Network(prefix),),
        ))  # fmt: skip
    for sequence, home in enumerate(homes * 2, 2):
        cache.accepted(home, sequence)
        assert cache.care_of(IPv6Address("2001:db8:a:1::5"), 1.0) == homes[0] + 1
        found = cache.find_target(IPv6Address("fe80::7"), 1.0)
        assert found is not None
        assert found.home_address == homes[0]
    cache.remove(homes[0])
    found = cache.find_target(IPv6Address("fe80::7"), 1.0)
    assert found is not None
    assert found.home_address == homes[1]
    assert cache.count(1.0) == 1


def test_a_home_address_that_is_its_own_link_local_one() -> None:
    cache, home = flow.BindingCache(), IPv6Address("fe80::7")
    binding = flow.Binding(
        home_address=home, care_of_address=VISITED, lifetime=60.0, since=0.0, sequence=1,
        flags=mipv6.BindingUpdateFlags.L,
    )  # fmt: skip
    for _ in range(2):
        cache.store(binding)
        assert cache.find_target(home, 1.0) == binding
        cache.invalidate(home, 1.0)
        cache.remove(home)
        assert cache.find_target(home, 1.0) is None
