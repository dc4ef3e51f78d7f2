"""What a DHCPv6 server keeps of those who ask, and what it looks at to find a free address."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import dhcpv6
from mip6boot.dhcpv6 import ClientIdentifier, IaAddress, IaNa, ServerIdentifier, StatusCode
from mip6boot.flow import AddressPool, DhcpServer, Port, PrefixPool, ServedLink, Unit
from mip6boot.flow.dhcp_free import Lowest
from mip6boot.schema import Duid

SERVER = Duid.parse("00:02:00:00:7e:d9:01")
LINK_LOCAL, ALL = IPv6Address("fe80::1"), IPv6Address("ff02::1:2")
FIRST = IPv6Address("2001:db8:1::1000")


def server(size: int = 1 << 62, rng: Random | None = None, **more: Any) -> DhcpServer:
    link = ServedLink(
        name="lan",
        prefixes=(IPv6Network("2001:db8:1::/64"),),
        addresses=AddressPool(FIRST, FIRST + size - 1),
        delegated=PrefixPool(IPv6Network("2001:db8:8000::/40"), 64),
        preferred_lifetime=1000,
        valid_lifetime=2000,
    )
    return DhcpServer("s", rng, duid=SERVER, addresses={"lan": LINK_LOCAL}, links=(link,), **more)


def client(number: int) -> Duid:
    return Duid.parse(f"00:03:00:01:02:00:{number.to_bytes(4, 'big').hex(':')}")


def ask(asked: DhcpServer, kind: Any, number: int, now: float, *options: Any) -> Any:
    """The answer to a client."""
    names = () if kind is dhcpv6.Solicit else (ServerIdentifier(SERVER),)
    message = kind(number, (ClientIdentifier(client(number)), *names, *options))
    unit = Unit(
        port=Port.UDP, source=IPv6Address("fe80::2"), destination=ALL, source_port=546,
        destination_port=547, octets=message.encode(), link="lan",
    )  # fmt: skip
    asked.receive(unit, now)
    (answer,) = asked.to_send()
    return dhcpv6.decode(answer.octets)


def address(answer: Any) -> IPv6Address | None:
    found = answer.find(IaAddress)
    return None if found is None else found.address


def is_refused(answer: Any) -> bool:
    return bool(answer.find(IaNa).options[0].status_code == StatusCode.NO_ADDRS_AVAIL)


def given_to(asked: DhcpServer, numbers: range, now: float = 0.0) -> list[IPv6Address | None]:
    return [address(ask(asked, dhcpv6.Request, n, now, IaNa(1))) for n in numbers]


@pytest.mark.parametrize("rng", [None, Random(1)])
def test_so_many_leases_at_most(rng: Random | None) -> None:
    asked = server(rng=rng, most_leases=10)
    assert len(set(given_to(asked, range(10)))) == 10
    for hint in ((), (IaAddress(FIRST + 500, 0, 0),)):
        assert is_refused(ask(asked, dhcpv6.Request, 11, 1.0, IaNa(1, options=hint)))
        assert is_refused(ask(asked, dhcpv6.Solicit, 11, 1.0, IaNa(1, options=hint)))
    assert len(asked._bindings) == 10
    # Who has one goes on with it.
    assert given_to(asked, range(3), 2.0) == given_to(asked, range(3), 1.0)
    asked.handle_timeout(2000.0)
    assert len(asked._bindings) == 3
    assert None not in given_to(asked, range(20, 27), 2001.0)


def test_solicits_take_nothing() -> None:
    asked = server()
    for number in range(50):
        assert address(ask(asked, dhcpv6.Solicit, number, 0.0, IaNa(1))) == FIRST
    assert (len(asked._bindings), asked.next_timeout()) == (0, None)


def test_one_message_takes_no_more_than_that() -> None:
    asked = server(most_leases=100)
    many = tuple(map(IaNa, range(500)))
    answer = ask(asked, dhcpv6.Request, 1, 0.0, *many)
    assert len(list(answer.find_all(IaAddress))) == len(asked._bindings) == 100


def test_what_is_declined_comes_back_after_a_day() -> None:
    asked = server(3)
    for number in range(3):
        lease = address(ask(asked, dhcpv6.Request, 1, 0.0, IaNa(1)))
        assert lease == FIRST + number
        declined = IaNa(1, options=(IaAddress(lease, 0, 0),))
        ask(asked, dhcpv6.Decline, 1, 10.0 * number, declined)
    assert is_refused(ask(asked, dhcpv6.Request, 1, 30.0, IaNa(1)))
    assert asked.next_timeout() == 86400.0
    asked.handle_timeout(86400.0)
    assert len(asked._bindings) == 2
    assert given_to(asked, range(5, 7), 86401.0) == [FIRST, None]
    # A lease is over sooner than what was declined next.
    assert asked.next_timeout() == 86410.0
    asked.handle_timeout(86420.0)
    assert given_to(asked, range(7, 9), 86421.0) == [FIRST + 1, FIRST + 2]


def test_declined_addresses_are_so_many_at_most() -> None:
    asked = server(most_leases=5)
    for _ in range(20):
        lease = address(ask(asked, dhcpv6.Request, 1, 0.0, IaNa(1)))
        if lease is not None:
            ask(asked, dhcpv6.Decline, 1, 0.0, IaNa(1, options=(IaAddress(lease, 0, 0),)))
    assert len(asked._bindings) == 5


class Counted:
    """A pool that knows how often it was looked into."""

    def __init__(self, size: int) -> None:
        self.size, self.looks = size, 0

    def value(self, index: int) -> IPv6Address | None:
        self.looks += 1
        return None if index % 7 == 3 else FIRST + index


@given(st.data())
def test_the_lowest_is_found_whatever_was_taken_and_came_back(data: Any) -> None:
    pool = Counted(data.draw(st.integers(1, 30)))
    lowest, taken = Lowest(pool), dict[IPv6Address | IPv6Network | None, bool]()
    for index in data.draw(st.lists(st.integers(0, pool.size - 1), max_size=60)):
        value = pool.value(index)
        if value is not None and taken.pop(value, False):
            lowest.came_back(index)
        elif value is not None and data.draw(st.booleans()):
            taken[value] = True
        found = lowest.find(taken)
        free = [one for one in map(pool.value, range(pool.size)) if one and one not in taken]
        assert found == (free[0] if free else None)


def test_a_full_pool_is_not_searched_again_and_again() -> None:
    pool = Counted(10_000)
    lowest = Lowest(pool)
    taken = dict.fromkeys(map(pool.value, range(10_000)))
    assert lowest.find(taken) is None
    pool.looks = 0
    for index in range(0, 10_000, 7):
        assert lowest.find(taken) is None
        value = pool.value(index)
        for _ in range(3):
            taken.pop(value)
            lowest.came_back(index)
            taken[value] = None
    assert lowest.find(taken) is None
    assert pool.looks < 5 * 10_000 / 7


def test_who_names_himself_twice_is_answered_once() -> None:
    asked = server(rng=Random(1))
    twice = ask(asked, dhcpv6.Request, 1, 0.0, ClientIdentifier(client(2)), IaNa(1))
    assert list(twice.find_all(ClientIdentifier)) == [ClientIdentifier(client(1))]
    assert address(twice) == address(ask(asked, dhcpv6.Request, 1, 1.0, IaNa(1)))
