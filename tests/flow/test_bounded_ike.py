"""What a responder keeps while it is besieged: so much, and no more; who means it is let in."""

from __future__ import annotations

from collections.abc import Sized
from ipaddress import IPv6Address

import msgspec
import pytest

from mip6boot import ikev2
from mip6boot.flow import Unit
from mip6boot.flow.ike import IkeResponder, Pool
from mip6boot.flow.ike import end as ike_end
from mip6boot.security import Keyring

from ..security.suites import IKE_SUITES, ike_keys
from .ike_network import HA, HOME, MN, UE, Network, initiator, message_of, responder

FIRST = IPv6Address("2001:db8:bad::1")


def requests(count: int) -> list[Unit]:
    """Requests of IKE_SA_INIT, each of an address of its own."""
    ue = initiator(seed=77)
    ue.start(0.0)
    (unit,) = ue.to_send()
    return [
        msgspec.structs.replace(
            unit, source=FIRST + n, octets=(n + 1).to_bytes(8, "big") + unit.octets[8:]
        )
        for n in range(count)
    ]


def besiege(ha: IkeResponder, count: int, now: float = 0.0) -> list[Unit]:
    """Initiators that bring their cookies, and then say nothing more; the last answers."""
    answers = []
    for unit in requests(count):
        ha.receive(unit, now)
        (answer,) = ha.to_send()
        cookie = message_of(answer).find(ikev2.Cookie)
        if cookie is not None:
            asked = message_of(unit)
            again = asked.replace(payloads=(cookie, *asked.payloads))
            ha.receive(msgspec.structs.replace(unit, octets=again.encode()), now)
            (answer,) = ha.to_send()
        answers.append(answer)
    return answers


def sizes(ha: IkeResponder) -> dict[str, int]:
    tables: dict[str, Sized] = {
        "sas": ha.sas, "admissions": ha._admissions, "initials": ha._initials,
        "retired": ha._retired, "timers": ha._timers,
    }  # fmt: skip
    return {name: len(table) for name, table in tables.items()}


def test_half_open_sas_are_so_many_at_most() -> None:
    ha = responder(cookies_from=2, most_half_open=5)
    answers = besiege(ha, 20)
    assert sizes(ha) == {"sas": 5, "admissions": 5, "initials": 5, "retired": 0, "timers": 5}
    assert [message_of(unit).responder_spi for unit in answers[-5:]] == list(ha.sas)
    assert sum(event.text == "too many are half open" for event in ha.events()) == 15
    # What comes again of those that are there is answered again, and makes nothing new.
    ha.receive(requests(20)[0], 1.0)
    assert message_of(ha.to_send()[0]).find(ikev2.Cookie) is not None
    ha.handle_timeout(30.0)
    assert set(sizes(ha).values()) == {0}


def test_without_cookies_only_so_many_as_need_none() -> None:
    ha = responder()
    for unit in requests(200):
        ha.receive(unit, 0.0)
    assert sizes(ha)["sas"] == len(ha.keyring) == 64


def test_one_that_has_said_more_stays() -> None:
    """Those that nothing was heard of since IKE_SA_INIT go first, and the initiator gets in."""
    addresses = Pool(HOME, first=0x1001)
    ue, ha = initiator(), responder(cookies_from=0, most_half_open=3, addresses=addresses)
    network = Network({UE: ue, HA: ha})
    hold = addresses.ask
    addresses.ask = lambda *arguments: None  # type: ignore[method-assign]
    ue.start(0.0)
    network.run(1.0)
    (admission,) = ha._admissions.values()
    besiege(ha, 9, 1.0)
    assert admission in ha._admissions.values()
    assert sizes(ha)["admissions"] == 3
    hold(MN.address, admission.sa.session.apn, admission._wanted(), 1.5)
    ha.poll(1.5)
    network.run(2.0)
    assert ue.established is not None


def test_an_initiator_gets_in_between() -> None:
    ue, ha = initiator(), responder(most_half_open=64)
    besiege(ha, 200)
    network = Network({UE: ue, HA: ha})
    ue.start(0.0)
    network.run(2.0)
    assert ue.established is not None
    assert sizes(ha)["admissions"] == 63
    assert [one.identity for one in ha.sessions] == [MN.address]


def test_only_so_many_answers_are_kept_of_sas_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever completes a key exchange can be refused as often as he likes."""
    monkeypatch.setattr(ike_end, "_MOST_RETIRED", 3)
    ha = responder(peers=())
    for seed in range(8):
        ue = initiator(seed=200 + seed)
        network = Network({UE: ue, HA: ha})
        network.now = seed / 10
        ue.start(network.now)
        network.run(0.09)
        assert ue.established is None
    assert sizes(ha) == {"sas": 0, "admissions": 0, "initials": 0, "retired": 3, "timers": 3}
    ha.handle_timeout(200.0)
    assert sizes(ha)["retired"] == 0


def test_a_refusal_may_be_asked_for_again() -> None:
    ue, ha = initiator(), responder(peers=())
    ue.start(0.0)
    ha.receive(ue.to_send()[0], 0.0)
    ue.receive(ha.to_send()[0], 0.0)
    (request,) = ue.to_send()
    ha.receive(request, 0.0)
    refusal = ha.to_send()
    assert len(refusal) == 1
    ha.receive(request, 1.0)
    assert ha.to_send() == refusal


def test_a_ring_of_the_newest_keys() -> None:
    ring = Keyring(most=3)
    for number in range(7):
        spi = number.to_bytes(8, "big")
        keys = ike_keys(IKE_SUITES[0])
        ring.add(msgspec.structs.replace(keys, spi_i=spi))
    assert [keys.spi_i[-1] for keys in ring.ike] == [4, 5, 6]
    assert len(ring) == 3


def test_the_ring_of_a_responder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ike_end, "_MOST_KEYS", 10)
    ha = responder(cookies_from=0)
    besiege(ha, 30)
    assert len(ha.keyring) == 10
