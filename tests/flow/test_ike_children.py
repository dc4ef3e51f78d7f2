"""CREATE_CHILD_SA and INFORMATIONAL: further SAs, rekeying, deletion, liveness, and collisions."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import msgspec
import pytest

from mip6boot import ikev2
from mip6boot.flow import Port, Unit
from mip6boot.flow.ike import (
    ANYTHING,
    MODERN,
    ChildRequest,
    IkeInitiator,
    IkeResponder,
    InitiatorState,
    Suites,
    Task,
    covers,
    for_addresses,
    narrow,
    offer,
)
from mip6boot.ikev2 import ExchangeType, IkeFlags, KeyExchangeMethod, NotifyType
from mip6boot.security import EspSuite, seal, unseal
from mip6boot.security.sealing import _seal

from .ike_network import (
    HA,
    UE,
    Network,
    attach,
    delivered,
    initiator,
    message_of,
    opened,
    responder,
)
from .test_ike import FIRST, MOBILITY, agreed, with_groups

K = KeyExchangeMethod
FORWARD = tuple(
    msgspec.structs.replace(one, key_exchange=method)
    for method in (K.CURVE25519, K.ECP256)
    for one in MODERN.esp
)
RETURN_ROUTABILITY = ChildRequest(
    local=(ikev2.Ipv6AddressRange.for_mobility(FIRST, 1, 2),),
    remote=(ikev2.Ipv6AddressRange(
        ip_protocol=135, start_port=0x0300, end_port=0x0400,
        starting_address=IPv6Address("::"), ending_address=IPv6Address("ffff:" * 7 + "ffff"),
    ),),
)  # fmt: skip

Ends = tuple[IkeInitiator, IkeResponder, Network]


def attached(**more: Any) -> Ends:
    suites = more.pop("suites", MODERN)
    ue = initiator(child=MOBILITY, suites=suites, **more)
    ha = responder(suites=suites)
    network = attach(ue, ha)
    agreed(ue, ha)
    return ue, ha, network


def by(end: IkeInitiator | IkeResponder) -> tuple[Any, Any]:
    """The end, and its session."""
    return end, end.session if isinstance(end, IkeInitiator) else end.sessions[0]


def pick(ue: IkeInitiator, ha: IkeResponder, who: str) -> tuple[Any, Any]:
    return by(ue if who == "initiator" else ha)


SIDES = pytest.mark.parametrize("who", ["initiator", "responder"])


def test_a_further_child_sa() -> None:
    ue, ha, network = attached()
    ue.create_child(ue.session, RETURN_ROUTABILITY, network.now)
    network.run()
    agreed(ue, ha)
    assert ue.established is not None
    second = ue.established.children[1]
    assert not second.transport
    assert second.local == RETURN_ROUTABILITY.local
    seen = opened(network, ue, ha)[-2:]
    assert [one.names for one in seen] == [["SecurityAssociation", "Nonce", "TSi", "TSr"]] * 2
    assert seen[0].message.message_id == 2


def test_the_responder_asks_for_a_child_sa() -> None:
    ue, ha, network = attached()
    wish = ChildRequest(
        local=(ikev2.Ipv6AddressRange.for_mobility(HA, 6),),
        remote=(ikev2.Ipv6AddressRange.for_mobility(FIRST, 5),),
        transport=True,
    )
    ha.create_child(ha.sessions[0], wish, network.now)
    network.run()
    agreed(ue, ha)
    assert ue.established is not None
    assert len(ue.established.children) == 2
    assert opened(network, ue, ha)[-2].message.message_id == 0


def test_forward_secrecy() -> None:
    """With a key exchange of its own, and with the one that the responder wants."""
    ue = initiator(child=MOBILITY, suites=Suites(ike=MODERN.ike, esp=FORWARD))
    ha = responder(suites=Suites(ike=MODERN.ike, esp=FORWARD[2:]))
    network = attach(ue, ha)
    agreed(ue, ha)
    ue.create_child(ue.session, RETURN_ROUTABILITY, network.now)
    network.run()
    agreed(ue, ha)
    assert ue.established is not None
    assert len(ue.established.children) == 2
    seen = opened(network, ue, ha)[-4:]
    assert seen[0].find(ikev2.KeyExchange).method == K.CURVE25519
    assert seen[1].names == ["INVALID_KE_PAYLOAD"]
    assert seen[2].find(ikev2.KeyExchange).method == K.ECP256
    assert seen[3].names == ["SecurityAssociation", "Nonce", "KeyExchange", "TSi", "TSr"]
    child = ue.established.children[0]
    ue.rekey_child(ue.session, child, network.now)
    network.run()
    agreed(ue, ha)


def test_refusals() -> None:
    ue, ha, network = attached()
    legacy = EspSuite(
        encryption=ikev2.EncryptionAlgorithm.TRIPLE_DES,
        integrity=ikev2.IntegrityAlgorithm.HMAC_SHA1_96,
        legacy=True,
    )
    for changes, error in (
        ({"suites": (legacy,)}, "NO_PROPOSAL_CHOSEN"),
        ({"local": for_addresses(UE)}, "TS_UNACCEPTABLE"),
        ({"suites": FORWARD}, "NO_PROPOSAL_CHOSEN"),
    ):
        wish = msgspec.structs.replace(RETURN_ROUTABILITY, **changes)
        ue.create_child(ue.session, wish, network.now)
        network.run()
        assert opened(network, ue, ha)[-1].names == [error]
    agreed(ue, ha)
    assert len(ha.established[0].children) == 1


# -- rekeying -------------------------------------------------------------------------------------
@SIDES
def test_rekeying_a_child_sa(who: str) -> None:
    ue, ha, network = attached()
    end, session = pick(ue, ha, who)
    before = session.children[0]
    end.rekey_child(session, before, network.now)
    network.run()
    agreed(ue, ha)
    (after,) = session.children
    assert after.spi != before.spi
    assert (after.local, after.remote, after.transport) == (before.local, before.remote, True)
    names = [one.names for one in opened(network, ue, ha)[4:]]
    assert names == [
        ["REKEY_SA", "USE_TRANSPORT_MODE", "SecurityAssociation", "Nonce", "TSi", "TSr"],
        ["USE_TRANSPORT_MODE", "SecurityAssociation", "Nonce", "TSi", "TSr"],
        ["Delete"],
        ["Delete"],
    ]
    rekeys = opened(network, ue, ha)[4].payloads[0]
    assert rekeys.spi == before.spi  # type: ignore[attr-defined]


@SIDES
def test_rekeying_the_ike_sa(who: str) -> None:
    ue, ha, network = attached()
    end, session = pick(ue, ha, who)
    children = list(session.children)
    keys = session.current.keys
    end.rekey(session, network.now)
    network.run()
    assert session.children == children
    assert session.current.keys.spis != keys.spis
    assert session.current.initiator
    for one in (ue, ha):
        assert len(one.sas) == 1
        _, other = by(one)
        assert other.current.keys == session.current.keys
    agreed_home = session.home
    assert agreed_home.address == FIRST
    # Message ids begin anew, also for the end that is the responder of the new SA.
    ue.check_liveness(ue.session, network.now)
    ha.check_liveness(ha.sessions[0], network.now)
    network.run()
    assert network.told("UE: peer is alive")
    assert network.told("HA: peer is alive")
    seen = opened(network, ue, ha)
    assert [one.message.message_id for one in seen[-4:]] == [0, 0, 0, 0]
    ue.rekey_child(ue.session, ue.session.children[0], network.now)
    network.run()
    agreed(ue, ha)
    ue.close(ue.session, network.now)
    network.run()
    assert (ue.state, ha.sas) == (InitiatorState.CLOSED, {})


def test_rekeying_the_ike_sa_with_another_key_exchange() -> None:
    ue = initiator(child=MOBILITY, suites=with_groups(K.CURVE25519, K.ECP256))
    ha = responder(suites=with_groups(K.CURVE25519, K.ECP256))
    network = attach(ue, ha)
    ha.settings = msgspec.structs.replace(ha.settings, suites=with_groups(K.ECP256))
    ue.rekey(ue.session, network.now)
    network.run()
    agreed(ue, ha)
    assert ue.established is not None
    assert ue.established.keys.suite.key_exchange == K.ECP256
    assert any(one.names == ["INVALID_KE_PAYLOAD"] for one in opened(network, ue, ha))


def settled(ue: IkeInitiator, ha: IkeResponder) -> None:
    """Nothing is left of a collision."""
    assert len(ue.sas) == len(ha.sas) == 1
    assert len(ue.session.children) == len(ha.sessions[0].children) == 1
    ours, theirs = ue.session.children[0], ha.sessions[0].children[0]
    assert ours.inbound == theirs.outbound
    assert ue.session.current is not None
    current = ha.sessions[0].current
    assert current is not None
    assert ue.session.current.keys == current.keys


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("what", ["child", "ike"])
def test_both_rekey_at_once(seed: int, what: str) -> None:
    """The SA of the lowest nonce goes (RFC 7296 2.8.1 and 2.8.2)."""
    ue, ha, network = attached(seed=1000 + seed)
    for end in (ue, ha):
        one, session = by(end)
        if what == "child":
            one.rekey_child(session, session.children[0], network.now)
        else:
            one.rekey(session, network.now)
    network.run(5.0)
    settled(ue, ha)
    assert network.told("redundant")
    opened(network, ue, ha)


@pytest.mark.parametrize("seed", range(20))
def test_both_rekey_at_once_with_faults(seed: int) -> None:
    """Whatever is lost or late, both ends have the same in the end."""
    dice = Random(seed)
    ue, ha, network = attached(seed=2000 + seed)

    def fault(unit: Unit, number: int) -> list[float]:
        return [dice.random() * 2 for _ in range(dice.choice((0, 1, 1, 1, 2)))]

    network.fault = fault
    for end in (ue, ha):
        one, session = by(end)
        if seed % 2:
            one.rekey_child(session, session.children[0], network.now)
        else:
            one.rekey(session, network.now)
    network.run(400.0)
    settled(ue, ha)


# -- deletion and liveness ------------------------------------------------------------------------
@SIDES
def test_deleting_a_child_sa(who: str) -> None:
    ue, ha, network = attached()
    end, session = pick(ue, ha, who)
    end.delete_child(session, session.children[0], network.now)
    network.run()
    assert not ue.session.children
    assert not ha.sessions[0].children
    assert [one.names for one in opened(network, ue, ha)[4:]] == [["Delete"], ["Delete"]]


def test_both_delete_a_child_sa() -> None:
    """Who is deleting it already answers without it (RFC 7296 2.25.1)."""
    ue, ha, network = attached()
    for end in (ue, ha):
        one, session = by(end)
        one.delete_child(session, session.children[0], network.now)
    network.run()
    assert not ue.session.children
    assert not ha.sessions[0].children
    assert sorted(one.names for one in opened(network, ue, ha)[4:]) == [
        [], [], ["Delete"], ["Delete"],
    ]  # fmt: skip


@SIDES
def test_closing(who: str) -> None:
    ue, ha, network = attached()
    end, session = pick(ue, ha, who)
    end.close(session, network.now)
    network.run()
    assert ue.state == InitiatorState.CLOSED
    assert ue.established is None
    assert not ue.sas
    assert not ha.sas
    assert not ue.session.children
    assert [one.names for one in opened(network, ue, ha)[4:]] == [["Delete"], []]
    with pytest.raises(ValueError, match="no IKE SA"):
        end.rekey(session, network.now)


def test_both_close() -> None:
    ue, ha, network = attached()
    ue.close(ue.session, network.now)
    ha.close(ha.sessions[0], network.now)
    network.run(10.0)
    assert ue.state == InitiatorState.CLOSED
    assert not ha.sas


def test_the_answer_to_a_deletion_is_lost() -> None:
    ue, _, network = attached()
    lost = len(network.seen) + 1
    network.fault = lambda unit, number: () if number == lost else (0.01,)
    ue.close(ue.session, network.now)
    network.run(10.0)
    assert ue.state == InitiatorState.CLOSED
    assert network.told("answered again")


@SIDES
def test_a_dead_peer(who: str) -> None:
    ue, ha, network = attached()
    end, session = pick(ue, ha, who)
    end.check_liveness(session, network.now)
    network.run()
    assert network.told("peer is alive")
    network.fault = lambda unit, number: ()
    end.check_liveness(session, network.now)
    network.run(200.0)
    assert network.told("peer is dead")
    assert not end.sas
    assert not session.children


def test_requests_wait_for_each_other() -> None:
    """The window is 1 (RFC 7296 2.3)."""
    ue, ha, network = attached()
    ue.create_child(ue.session, RETURN_ROUTABILITY, network.now)
    ue.check_liveness(ue.session, network.now)
    ue.rekey(ue.session, network.now)
    ue.rekey_child(ue.session, ue.session.children[0], network.now)
    ue.close(ue.session, network.now)
    assert ue.session.current is not None
    assert ue.session.current.busy == Task.CREATE_CHILD
    network.run(5.0)
    assert ue.state == InitiatorState.CLOSED
    assert not ha.sas
    kinds = [one.message.exchange_type for one in opened(network, ue, ha)[4::2]]
    assert kinds[:3] == [
        ExchangeType.CREATE_CHILD_SA, ExchangeType.INFORMATIONAL, ExchangeType.CREATE_CHILD_SA,
    ]  # fmt: skip


def test_moving() -> None:
    """With the K flag the IKE SA goes along to another care-of address."""
    ue, ha, network = attached()
    elsewhere = IPv6Address("2001:db8:300::10")
    ue.move(ue.session, local=elsewhere)
    ha.move(ha.sessions[0], remote=elsewhere)
    network.actors = {elsewhere: ue, HA: ha}
    for end in (ue, ha):
        one, session = by(end)
        one.check_liveness(session, network.now)
    network.run()
    assert network.told("UE: peer is alive")
    assert network.told("HA: peer is alive")
    assert {unit.source for _, unit in network.seen[4:]} == {elsewhere, HA}


# -- what a peer may do wrong ---------------------------------------------------------------------
def exchange(
    ue: IkeInitiator, ha: IkeResponder, kind: ExchangeType, payloads: list[Any],
    number: int | None = None,
) -> list[list[ikev2.Payload]]:  # fmt: skip
    """What the responder answers to a request that the initiator did not mean to send."""
    sa = ue.session.current
    assert sa is not None
    assert sa.keys is not None
    header = sa.header(kind, sa.next_id if number is None else number, IkeFlags(0))
    ue.transmit(sa.local, sa.remote, seal(header, payloads, sa.keys, rng=Random(3)))
    (unit,) = ue.to_send()
    ha.receive(unit, 50.0)
    answers = [unseal(unit.octets, sa.keys).payloads for unit in ha.to_send()]
    sa.next_id += number is None
    return [list(found) for found in answers]


def errors(found: list[list[Any]]) -> list[list[int]]:
    return [[one.notify_type for one in payloads] for payloads in found]


def test_child_sas_that_are_not_there() -> None:
    ue, ha, _ = attached()
    esp, kind = ikev2.ProtocolId.ESP, NotifyType.REKEY_SA
    offer = [ikev2.SecurityAssociation(), ikev2.Nonce(nonce_data=bytes(32))]
    ends = [ikev2.TSi(selectors=MOBILITY.local), ikev2.TSr(selectors=MOBILITY.remote)]
    rekeys = ikev2.Notify(notify_type=kind, protocol_id=esp, spi=b"none")
    found = exchange(ue, ha, ExchangeType.CREATE_CHILD_SA, [rekeys, *offer, *ends])
    assert errors(found) == [[NotifyType.CHILD_SA_NOT_FOUND]]
    assert found[0][0].spi == b"none"  # type: ignore[attr-defined]
    delete = ikev2.Delete(protocol_id=esp, spi_size=4, spis=(b"none",))
    assert exchange(ue, ha, ExchangeType.INFORMATIONAL, [delete]) == [[]]


def test_a_child_sa_that_the_peer_has_lost_is_made_anew() -> None:
    ue, ha, network = attached()
    before = ha.sessions[0].children[0]
    ha.remove_child(ha.sessions[0], before, network.now)
    ue.rekey_child(ue.session, ue.session.children[0], network.now)
    network.run()
    agreed(ue, ha)
    assert len(ue.session.children) == 1
    assert ["CHILD_SA_NOT_FOUND"] in [one.names for one in opened(network, ue, ha)]


@pytest.mark.parametrize(
    ("prepare", "payload_of"),
    [
        (lambda ha, session: ha.rekey(session, 40.0), "create"),
        (lambda ha, session: ha.close(session, 40.0), "create"),
        (lambda ha, session: ha.delete_child(session, session.children[0], 40.0), "rekey child"),
        (lambda ha, session: ha.delete_child(session, session.children[0], 40.0), "rekey ike"),
        (lambda ha, session: ha.rekey_child(session, session.children[0], 40.0), "rekey ike"),
        (lambda ha, session: ha.close(session, 40.0), "rekey ike"),
    ],
)
def test_temporary_failures(prepare: Callable[..., None], payload_of: str) -> None:
    """What does not go together at once (RFC 7296 2.25)."""
    ue, ha, network = attached()
    prepare(ha, ha.sessions[0])
    ha.to_send()
    if payload_of == "create":
        ue.create_child(ue.session, RETURN_ROUTABILITY, 41.0)
    elif payload_of == "rekey child":
        ue.rekey_child(ue.session, ue.session.children[0], 41.0)
    else:
        ue.rekey(ue.session, 41.0)
    (request,) = ue.to_send()
    ha.receive(request, 41.1)
    (answer,) = ha.to_send()
    sa = ue.session.current
    assert sa is not None
    assert sa.keys is not None
    found = unseal(answer.octets, sa.keys).payloads
    assert errors([list(found)]) == [[NotifyType.TEMPORARY_FAILURE]]
    ue.receive(answer, 41.2)
    assert any("TEMPORARY_FAILURE" in str(event) for event in ue.events())
    assert len(ue.session.children) == 1
    assert network.now < 41


def test_a_window_of_one() -> None:
    ue, ha, _ = attached()
    assert exchange(ue, ha, ExchangeType.INFORMATIONAL, [], number=7) == []
    assert exchange(ue, ha, ExchangeType.INFORMATIONAL, [], number=0) == []
    assert exchange(ue, ha, ExchangeType.INFORMATIONAL, []) == [[]]
    again = exchange(ue, ha, ExchangeType.INFORMATIONAL, [], number=2)
    assert again == [[]]
    assert any("answered again" in str(event) for event in ha.events())


def test_responses_are_never_answered() -> None:
    """Not even when the IKE SA is gone, and its last answer may be asked for (RFC 7296 2.1)."""
    ue, ha, network = attached()
    sa = ue.session.current
    assert sa is not None
    assert sa.keys is not None
    ue.close(ue.session, network.now)
    network.run()
    assert not ha.sas
    for number in range(4):
        header = sa.header(ExchangeType.INFORMATIONAL, number, IkeFlags.R)
        ue.transmit(sa.local, sa.remote, seal(header, [], sa.keys, rng=Random(3)))
    for unit in ue.to_send():
        ha.receive(unit, network.now)
    assert not ha.to_send()


@pytest.mark.parametrize("octets", [0, 15, 257])
def test_nonces_of_other_sizes(octets: int) -> None:
    """RFC 7296 3.9 allows 16 to 256 octets."""
    ue, ha, _ = attached()
    esp, nonce = offer(MODERN.esp, b"abcd"), ikev2.Nonce(nonce_data=bytes(octets))
    ends = [ikev2.TSi(selectors=MOBILITY.local), ikev2.TSr(selectors=MOBILITY.remote)]
    found = exchange(ue, ha, ExchangeType.CREATE_CHILD_SA, [esp, nonce, *ends])
    assert errors(found) == [[NotifyType.INVALID_SYNTAX]]
    ue, ha, _ = attached()
    ike, pair = offer(MODERN.ike, b"abcdefgh"), MODERN.ike[0].group.generate(Random(1))
    key = ikev2.KeyExchange(method=K.CURVE25519, key_exchange_data=pair.public)
    found = exchange(ue, ha, ExchangeType.CREATE_CHILD_SA, [ike, nonce, key])
    assert errors(found) == [[NotifyType.INVALID_SYNTAX]]


@pytest.mark.parametrize("spi", [bytes(4), b"\0\0\0\xff", b"abc", b"abcde"])
def test_spis_that_nobody_may_have(spi: bytes) -> None:
    """RFC 4303 2.1 reserves the first 256, and 0 is never sent."""
    ue, ha, _ = attached()
    esp, nonce = offer(MODERN.esp, spi), ikev2.Nonce(nonce_data=bytes(32))
    ends = [ikev2.TSi(selectors=MOBILITY.local), ikev2.TSr(selectors=MOBILITY.remote)]
    found = exchange(ue, ha, ExchangeType.CREATE_CHILD_SA, [esp, nonce, *ends])
    assert errors(found) == [[NotifyType.NO_PROPOSAL_CHOSEN]]
    assert len(ha.sessions[0].children) == 1


@pytest.mark.parametrize(
    ("kind", "payloads", "error"),
    [
        (ExchangeType.IKE_AUTH, [], NotifyType.INVALID_SYNTAX),
        (ExchangeType.CREATE_CHILD_SA, [], NotifyType.INVALID_SYNTAX),
        (ExchangeType.IKE_SESSION_RESUME, [], NotifyType.INVALID_SYNTAX),
        (
            ExchangeType.INFORMATIONAL,
            [ikev2.UnknownPayload(registry_code=199, critical=True)],
            NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD,
        ),
    ],
)
def test_requests_that_make_no_sense(
    kind: ExchangeType, payloads: list[Any], error: NotifyType
) -> None:
    ue, ha, _ = attached()
    assert errors(exchange(ue, ha, kind, payloads)) == [[error]]
    assert bool(ha.sas) == (error == NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD)


@pytest.mark.parametrize("error", [NotifyType.AUTHENTICATION_FAILED, NotifyType.INVALID_SYNTAX])
def test_errors_that_end_an_ike_sa(error: NotifyType) -> None:
    ue, ha, _ = attached()
    notify = ikev2.Notify(notify_type=error)
    assert exchange(ue, ha, ExchangeType.INFORMATIONAL, [notify]) == [[]]
    assert not ha.sas


def test_other_errors_do_not() -> None:
    ue, ha, _ = attached()
    notify = ikev2.Notify(notify_type=NotifyType.INVALID_SPI, data=b"spi?")
    assert exchange(ue, ha, ExchangeType.INFORMATIONAL, [notify]) == [[]]
    assert ha.sas


def test_redirection_while_the_ike_sa_stands() -> None:
    """It is told, and changes nothing (RFC 5685 8)."""
    ue, ha, network = attached()
    sa = ha.sessions[0].current
    assert sa is not None
    assert sa.keys is not None
    gateway = ikev2.Ipv6Gateway(address=IPv6Address("2001:db8::2"))
    header = sa.header(ExchangeType.INFORMATIONAL, 0, IkeFlags(0))
    payloads = [ikev2.Redirect(new_gateway=gateway)]
    ha.transmit(sa.local, sa.remote, seal(header, payloads, sa.keys, rng=Random(3)))
    network.run()
    assert network.told("redirected")
    assert ue.state == InitiatorState.ESTABLISHED
    assert opened(network, ue, ha)[-1].names == []


def test_an_answer_with_more_than_was_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The initiator deletes the IKE SA, as nothing answers an answer (RFC 7296 2.21)."""
    ue, ha, network = attached()
    monkeypatch.setattr(
        "mip6boot.flow.ike.children.narrow", lambda offered, allowed: tuple(allowed)
    )
    ue.create_child(ue.session, RETURN_ROUTABILITY, network.now)
    network.run()
    assert network.told("bad answer")
    assert ue.state == InitiatorState.CLOSED
    assert not ha.sas


def answered(
    ue: IkeInitiator, kind: ExchangeType, payloads: list[Any], sa: Any = None
) -> list[str]:
    """What the initiator tells of an answer that the responder did not mean to send."""
    sa = sa or ue.session.current
    header = sa.header(kind, sa.next_id, IkeFlags.R)
    header = header.replace(flags=header.flags ^ IkeFlags.I)
    unit = Unit(
        port=Port.UDP, source=HA, destination=UE, source_port=500, destination_port=500,
        octets=seal(header, payloads, sa.keys, rng=Random(3)),
    )  # fmt: skip
    ue.receive(unit, 60.0)
    return [str(event) for event in ue.events()]


NONCE = ikev2.Nonce(nonce_data=bytes(32))
CHILD = offer(MODERN.esp[:1], b"spi!")
SELECTORS = [ikev2.TSi(selectors=MOBILITY.local), ikev2.TSr(selectors=MOBILITY.remote)]
PUBLIC = ikev2.KeyExchange(method=K.CURVE25519, key_exchange_data=bytes(range(32)))
IKE = offer(MODERN.ike[:1], b"an spi!!")
ALIEN = ikev2.UnknownPayload(registry_code=199, critical=True)


@pytest.mark.parametrize(
    ("what", "payloads"),
    [
        ("child", []),
        ("child", [ALIEN]),
        ("child", [CHILD, *SELECTORS]),
        ("child", [NONCE, *SELECTORS]),
        ("child", [CHILD, NONCE]),
        ("child", [CHILD, NONCE, PUBLIC, *SELECTORS]),
        ("child", [offer(MODERN.esp, b"spi!"), NONCE, *SELECTORS]),
        ("child", [offer(MODERN.esp[:1], b"longer spi"), NONCE, *SELECTORS]),
        ("child", [CHILD, NONCE, ikev2.TSi(selectors=ANYTHING), SELECTORS[1]]),
        ("ike", []),
        ("ike", [ALIEN]),
        ("ike", [IKE, NONCE]),
        ("ike", [offer(MODERN.ike[:1], b"short"), NONCE, PUBLIC]),
        ("ike", [offer(MODERN.ike[1:2], b"an spi!!"), NONCE, PUBLIC]),
        ("ike", [IKE, NONCE, PUBLIC.replace(method=K.ECP256)]),
        ("ike", [IKE, NONCE, PUBLIC.replace(key_exchange_data=bytes(32))]),
    ],
)
def test_answers_that_make_no_sense(what: str, payloads: list[Any]) -> None:
    """Nothing is made of them, and the IKE SA is deleted (RFC 7296 2.21)."""
    ue, _, _ = attached()
    if what == "child":
        ue.rekey_child(ue.session, ue.session.children[0], 60.0)
    else:
        ue.rekey(ue.session, 60.0)
    ue.to_send()
    told = answered(ue, ExchangeType.CREATE_CHILD_SA, payloads)
    assert any("bad answer" in event for event in told)
    assert len(ue.sas) == len(ue.session.children) == 1
    assert ue.session.current is not None
    assert ue.session.current.busy == Task.DELETE_IKE


def test_answers_of_another_exchange_are_dropped() -> None:
    ue, _, _ = attached()
    assert any("window" in event for event in answered(ue, ExchangeType.INFORMATIONAL, []))
    ue.check_liveness(ue.session, 60.0)
    told = answered(ue, ExchangeType.CREATE_CHILD_SA, [])
    assert any("of another exchange" in event for event in told)
    told = answered(ue, ExchangeType.INFORMATIONAL, [])
    assert any("alive" in event for event in told)


@pytest.mark.parametrize("error", ["NO_PROPOSAL_CHOSEN", "NO_ADDITIONAL_SAS"])
def test_rekeying_that_is_refused(error: str) -> None:
    ue, _, _ = attached()
    ue.rekey(ue.session, 60.0)
    notify = ikev2.Notify(notify_type=NotifyType[error])
    told = answered(ue, ExchangeType.CREATE_CHILD_SA, [notify])
    assert any(f"rekeying refused ({error})" in event for event in told)
    assert ue.state == InitiatorState.ESTABLISHED


@pytest.mark.parametrize("seed", range(4))
def test_sealed_garbage_never_raises(seed: int) -> None:
    """A peer that has proved itself may send what it wants."""
    dice = Random(seed)
    ue, ha, network = attached()
    ue.create_child(ue.session, RETURN_ROUTABILITY, network.now)
    network.run()
    ue.rekey(ue.session, network.now)
    network.run()
    inner = [
        (one.message.exchange_type, *ikev2.encode_chain(one.payloads))
        for one in opened(network, ue, ha)[2:]
    ]
    for _ in range(150):
        kind, first, content = dice.choice(inner)
        octets = bytearray(content)
        for _ in range(dice.randrange(1, 4) if octets else 0):
            octets[dice.randrange(len(octets))] = dice.choice((0, 1, 255, dice.randrange(256)))
        sa = next(iter(ue.sas.values()), None)
        if sa is None or not ha.sas:
            ue, ha, network = attached(seed=dice.randrange(1 << 16))
            continue
        assert sa.keys is not None
        number = next(iter(ha.sas.values())).expected
        header = sa.header(kind, number, IkeFlags(0))
        protection = sa.keys.protection(header)
        sealed = _seal(
            header, (), ikev2.Encrypted(first_payload=first), bytes(octets), protection,
            bytes(protection.iv_octets), None,
        )  # fmt: skip
        ue.transmit(sa.local, sa.remote, sealed)
        network.run()


@pytest.mark.parametrize("seed", range(4))
def test_sealed_garbage_of_a_responder_never_raises(seed: int) -> None:
    """As answers to whatever the initiator asks, and before it is known who the responder is."""
    dice = Random(seed)
    ue, ha, network = attached()
    ue.create_child(ue.session, RETURN_ROUTABILITY, network.now)
    ue.rekey(ue.session, network.now)
    network.run()
    inner = [ikev2.encode_chain(one.payloads) for one in opened(network, ue, ha)[2:]]
    for number in range(150):
        ue, ha = initiator(number, child=MOBILITY), responder()
        ue.start(0.0)
        ha.receive(ue.to_send()[0], 0.0)
        ue.receive(ha.to_send()[0], 0.0)
        kind = ExchangeType.IKE_AUTH
        if number % 3:
            ha.receive(ue.to_send()[0], 0.0)
            ue.receive(ha.to_send()[0], 0.0)
            what, kind = dice.choice(ASKED)
            what(ue)
        first, content = dice.choice(inner)
        octets = bytearray(content)
        for _ in range(dice.randrange(4) if octets else 0):
            octets[dice.randrange(len(octets))] = dice.choice((0, 1, 255, dice.randrange(256)))
        sa, own = next(iter(ha.sas.values())), next(iter(ue.sas.values()))
        assert sa.keys is not None
        header = sa.header(kind, own.next_id, IkeFlags.R)
        sealed = _seal(
            header, (), ikev2.Encrypted(first_payload=first), bytes(octets),
            sa.keys.protection(header), bytes(sa.keys.protection(header).iv_octets), None,
        )  # fmt: skip
        ha.transmit(sa.local, sa.remote, sealed)
        ue.receive(ha.to_send()[-1], 0.1)
        for time in (5.0, 500.0):
            ue.to_send()
            ue.handle_timeout(time)


ASKED: list[tuple[Callable[[IkeInitiator], None], ExchangeType]] = [
    (lambda ue: ue.rekey(ue.session, 0.0), ExchangeType.CREATE_CHILD_SA),
    (lambda ue: ue.create_child(ue.session, RETURN_ROUTABILITY, 0.0), ExchangeType.CREATE_CHILD_SA),
    (
        lambda ue: ue.rekey_child(ue.session, ue.session.children[0], 0.0),
        ExchangeType.CREATE_CHILD_SA,
    ),
    (
        lambda ue: ue.delete_child(ue.session, ue.session.children[0], 0.0),
        ExchangeType.INFORMATIONAL,
    ),
    (lambda ue: ue.close(ue.session, 0.0), ExchangeType.INFORMATIONAL),
]


def test_opaque_and_other_selectors() -> None:
    """OPAQUE is a part of ANY alone; protocols, ports and families have to have something common."""
    (anything,) = for_addresses(UE)
    opaque = anything.replace(ip_protocol=135, start_port=0xFFFF, end_port=0)
    bus = ikev2.Ipv6AddressRange.for_mobility(UE, 5)
    assert narrow([opaque], [anything]) == (opaque,)
    assert narrow([anything], [opaque]) == (opaque,)
    assert narrow([opaque], [bus]) == ()
    assert narrow([bus], [ikev2.Ipv6AddressRange.for_mobility(UE, 6)]) == ()
    assert narrow([bus], [ikev2.Ipv6AddressRange.for_mobility(UE, 1, 5)]) == (bus,)
    assert narrow([bus], for_addresses(UE, protocol=17)) == ()
    assert narrow([bus], for_addresses(HA)) == ()
    assert narrow([bus], for_addresses(IPv4Address("192.0.2.1"))) == ()
    assert narrow([bus, bus], ANYTHING) == (bus,)
    unknown = ikev2.UnknownTrafficSelector(registry_code=9, data=b"label")
    assert narrow([unknown], ANYTHING) == ()
    assert covers([anything], [bus])
    assert not covers([bus], [anything])
    assert not covers([anything], [])
    assert not covers([anything], [unknown])


def test_messages_of_nobody() -> None:
    ue, ha, network = attached()
    stray = Network({UE: initiator(seed=77), HA: responder(seed=78)}, delivered)
    stray.actors[UE].start(0.0)  # type: ignore[attr-defined]
    stray.run()
    for _, unit in stray.seen[2:]:
        (ha if unit.destination == HA else ue).receive(unit, network.now)
    assert not ha.to_send()
    assert not ue.to_send()
    # Nor is what this end has sent itself.
    last = network.seen[2][1]
    ue.receive(last.answer(last.octets), network.now)
    assert not ue.to_send()
    assert message_of(last).exchange_type == ExchangeType.IKE_AUTH
