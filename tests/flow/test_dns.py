"""Home agents by DNS: real messages, order of services, loss, and what does not exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest

from mip6boot.flow import Port, Unit
from mip6boot.flow.dns import DNS_PORT, DnsResolver, DnsServer, DnsState, Service

ME, SERVER = IPv6Address("2001:db8:200::10"), IPv6Address("2001:db8:200::53")
HA1, HA2 = IPv6Address("2001:db8:100::1"), IPv6Address("2001:db8:100::2")
HA1_4 = IPv4Address("192.0.2.1")


def server(**services: Iterable[Service]) -> DnsServer:
    return DnsServer(
        "dns",
        addresses={
            "ha1.example.org": [HA1_4, HA1],
            "ha2.example.org": [HA2],
            "empty.example.org": [],
        },
        services={name.replace("_", "."): found for name, found in services.items()},
    )


def resolver(seed: int = 1) -> DnsResolver:
    return DnsResolver("resolver", server=SERVER, rng=Random(seed))


def run(asks: DnsResolver, answers: DnsServer, now: float = 0.0, *, lose: int = 0) -> float:
    """Carry units, the first `lose` of them nowhere; the time at the end."""
    while True:
        units = asks.to_send()
        if not units:
            due = asks.next_timeout()
            if due is None:
                return now
            now = due
            asks.handle_timeout(now)
            continue
        for unit in units:
            if lose:
                lose -= 1
                continue
            answers.receive(unit, now)
            for answer in answers.to_send():
                asks.receive(answer, now)


def test_a_service_with_additional_addresses() -> None:
    """One question is enough: addresses of the targets come along (RFC 5026 5.1.2)."""
    asks = resolver()
    answers = server(example_org=[
        Service(target="ha2.example.org", priority=20), Service(target="ha1.example.org", priority=10),
    ])  # fmt: skip
    asks.find_service("example.org", ME, 0.0)
    (unit,) = asks.to_send()
    question = dns.message.from_wire(unit.octets).question[0]
    assert str(question.name) == "_mip6._ipv6.example.org."
    answers.receive(unit, 0.0)
    (answer,) = answers.to_send()
    asks.receive(answer, 0.0)
    assert asks.to_send() == []
    assert (asks.state, asks.found) == (DnsState.FOUND, (HA1, HA1_4, HA2))
    assert asks.next_timeout() is None


def test_a_name() -> None:
    asks = resolver()
    asks.find_host("HA1.example.org", ME, 0.0)
    run(asks, server())
    assert (asks.state, asks.found) == (DnsState.FOUND, (HA1, HA1_4))


@pytest.mark.parametrize("host", ["nowhere.example.org", "empty.example.org"])
def test_a_name_without_addresses(host: str) -> None:
    asks, answers = resolver(), server()
    asks.find_host(host, ME, 0.0)
    run(asks, answers)
    assert (asks.state, asks.found) == (DnsState.FAILED, ())


def test_no_such_service() -> None:
    for services in ({}, {"example_org": [Service(target=".")]}):
        asks = resolver()
        asks.find_service("example.org", ME, 0.0)
        run(asks, server(**services))
        assert asks.state == DnsState.FAILED


def test_a_question_is_asked_again_and_given_up() -> None:
    asks = resolver()
    asks.find_host("ha1.example.org", ME, 10.0)
    end = run(asks, server(), 10.0, lose=2)
    assert asks.found == (HA1, HA1_4)
    assert 12.6 <= end <= 13.4
    asks = resolver()
    asks.find_host("ha1.example.org", ME, 0.0)
    first = asks.to_send()
    while asks.state == DnsState.ADDRESS:
        due = asks.next_timeout()
        assert due is not None
        asks.handle_timeout(due)
        assert asks.to_send() in (first, [])
    assert asks.state == DnsState.FAILED


def test_weights_are_chances() -> None:
    """Of one priority, ten times the weight is about ten times as often the first (RFC 2782)."""
    offered = [
        Service(target="ha1.example.org", weight=10),
        Service(target="ha2.example.org", weight=1),
    ]
    first: Counter[Any] = Counter()
    for seed in range(300):
        asks = resolver(seed)
        asks.find_service("example.org", ME, 0.0)
        run(asks, server(example_org=offered))
        first[asks.found[0]] += 1
    assert 240 < first[HA1] < 300
    assert first[HA2] > 0


def answered(asks: DnsResolver) -> tuple[Unit, Unit]:
    answers = server()
    asks.find_host("ha1.example.org", ME, 0.0)
    (unit,) = asks.to_send()
    answers.receive(unit, 0.0)
    return unit, answers.to_send()[0]


def test_what_is_no_answer_is_dropped() -> None:
    asks = resolver()
    unit, answer = answered(asks)
    other = dns.message.make_response(dns.message.from_wire(unit.octets))
    other.id ^= 1
    for bad in (
        answer.answer(answer.octets),  # from the node itself
        Unit(**{**fields(answer), "octets": other.to_wire()}),
        Unit(**{**fields(answer), "octets": answer.octets[:11]}),
        Unit(**{**fields(answer), "octets": b""}),
    ):
        asks.receive(bad, 0.0)
    assert [event.name for event in asks.events()].count("dropped") == 4
    asks.receive(answer, 0.0)
    assert len(asks.to_send()) == 1


def fields(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in unit.__struct_fields__}


def test_the_server_drops_what_is_no_question() -> None:
    answers = server()
    unit, answer = answered(resolver())
    for bad in (
        answer.answer(answer.octets),
        Unit(**{**fields(unit), "octets": b"\0" * 12}),
        Unit(**{**fields(unit), "octets": b"junk"}),
        Unit(**{**fields(unit), "destination_port": 54}),
        Unit(**{**fields(unit), "port": Port.IP}),
    ):
        answers.receive(bad, 0.0)
    assert answers.to_send() == []
    assert len(answers.events()) == 5
    answers.receive(unit, 0.0)
    (found,) = answers.to_send()
    message = dns.message.from_wire(found.octets)
    assert message.rcode() == dns.rcode.NOERROR
    assert message.flags & dns.flags.AA
    assert (found.source, found.source_port) == (SERVER, DNS_PORT)


def test_records_of_another_class_are_none_of_the_internet() -> None:
    """The same type has other contents there, and a resolver that looks at them does not fail."""
    server, ue = IPv6Address("2001:db8::53"), IPv6Address("2001:db8::1")
    for kind, octets in (("SRV", "\\# 4 00010203"), ("AAAA", "\\# 2 0102")):
        resolver = DnsResolver("resolver", server=server, rng=Random(1))
        find = resolver.find_service if kind == "SRV" else resolver.find_host
        find("example.org", ue, 0.0)
        (unit,) = resolver.to_send()
        answer = dns.message.make_response(dns.message.from_wire(unit.octets))
        name = answer.question[0].name
        answer.answer.append(dns.rrset.from_text(name, 60, "CLASS9", kind, octets))
        resolver.receive(unit.answer(answer.to_wire()), 0.1)
        assert resolver.found == ()
