"""Router and host of a link: when is advertised, and what addresses are made of it."""

from __future__ import annotations

import itertools
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any

import pytest

from mip6boot import flow, ip
from tests.flow.mobility import AGENT_MAC, HOME, MOBILE_MAC, PREFIX, message_of, packet_of

VISITED = IPv6Network("2001:db8:200::/64")
ROUTER = IPv6Address("fe80::5054:ff:fe12:3456")
#: Of the interface with MOBILE_MAC: as the capture of UMIP has it.
LINK_LOCAL = IPv6Address("fe80::2c11:bbff:feae:4acf")
CARE_OF = IPv6Address("2001:db8:200:0:2c11:bbff:feae:4acf")
UNSPECIFIED = IPv6Address("::")
State = flow.HostState


def router(**changes: Any) -> flow.AccessRouter:
    values: dict[str, Any] = {
        "link": "access",
        "link_local": ROUTER,
        "link_layer_address": AGENT_MAC,
        "prefixes": (flow.AdvertisedPrefix(network=VISITED),),
    }
    return flow.AccessRouter("router", flow.RouterSettings(**values | changes), Random(1))


def host(**more: Any) -> flow.SlaacHost:
    made = flow.SlaacHost("mn", MOBILE_MAC, **more)
    made.link_up("access", 0.0)
    return made


def advertisement(
    *prefixes: ip.PrefixInformation, lifetime: int = 1800, source: IPv6Address = ROUTER
) -> flow.Unit:
    options = (ip.SourceLinkLayerAddress(AGENT_MAC), *prefixes)
    message = ip.RouterAdvertisement(router_lifetime=lifetime, options=options)
    return flow.discovery_unit(message, source, flow.ALL_NODES, "access")


def prefix(
    text: str = "2001:db8:200::/64", valid: int = 10000, preferred: int = 5000, **flags: Any
) -> ip.PrefixInformation:
    network = IPv6Network(text)
    values = {"on_link": True, "autonomous": True} | flags
    return ip.PrefixInformation(
        prefix_length=network.prefixlen, prefix=network.network_address, valid_lifetime=valid,
        preferred_lifetime=preferred, **values,
    )  # fmt: skip


def configured(*prefixes: ip.PrefixInformation, now: float = 1.0) -> flow.SlaacHost:
    made = host()
    made.handle_timeout(1.0)
    made.receive(advertisement(*prefixes), now)
    made.handle_timeout(now + 1)
    made.to_send()
    return made


# -- the router ---------------------------------------------------------------------------------
def test_the_first_advertisements_come_soon() -> None:
    made, times = router(), []
    made.start(0.0)
    while (now := made.next_timeout()) is not None and now < 4000:
        made.handle_timeout(now)
        assert len(made.to_send()) == 1
        times.append(now)
    assert times[:3] == [0, 16, 32]
    later = [b - a for a, b in itertools.pairwise(times[2:])]
    assert all(198 <= interval <= 600 for interval in later)
    assert len(set(later)) == len(later)


def test_what_is_advertised() -> None:
    address = IPv6Address("2001:db8:100::1")
    made = router(
        home_agent=True,
        managed=True,
        prefixes=(flow.AdvertisedPrefix(network=PREFIX, router_address=address),),
    )
    made.start(0.0)
    made.handle_timeout(0.0)
    (unit,) = made.to_send()
    header: Any = packet_of(unit).layers[0]
    assert (header.source, header.destination, header.hop_limit) == (ROUTER, flow.ALL_NODES, 255)
    message = message_of(unit)
    assert (message.home_agent, message.managed, message.other) == (True, True, False)
    assert message.router_lifetime == 1800
    source, option = message.options
    assert source == ip.SourceLinkLayerAddress(AGENT_MAC)
    assert (option.valid_lifetime, option.preferred_lifetime) == (2592000, 604800)
    assert (option.prefix, option.prefix_length, option.router_address) == (address, 64, True)
    assert option.on_link
    assert option.autonomous


def test_an_answer_to_a_solicitation() -> None:
    """After at most half a second, and 3 seconds after the last one (RFC 4861 6.2.6)."""
    asks = flow.discovery_unit(ip.RouterSolicitation(), LINK_LOCAL, flow.ALL_ROUTERS, "access")
    made = router()
    made.start(0.0)
    made.handle_timeout(0.0)
    made.to_send()
    made.receive(asks, 10.0)
    first = made.next_timeout()
    assert first is not None
    assert 10.0 <= first <= 10.5
    made.receive(asks, 10.0)
    assert made.next_timeout() is not None
    made.handle_timeout(10.5)
    assert len(made.to_send()) == 1
    made.receive(asks, 11.0)
    second = made.next_timeout()
    assert second is not None
    assert 13.5 <= second <= 14.0


def test_a_router_tells_where_it_is() -> None:
    made = router()
    asks = flow.discovery_unit(
        ip.NeighborSolicitation(target=ROUTER), LINK_LOCAL, flow.solicited_node(ROUTER), "access"
    )
    made.receive(asks, 0.0)
    (unit,) = made.to_send()
    answer = message_of(unit)
    assert (answer.router, answer.solicited, answer.override) == (True, True, True)
    assert unit.destination == LINK_LOCAL


def test_what_a_router_drops() -> None:
    made = router()
    option = ip.SourceLinkLayerAddress(MOBILE_MAC)
    wrong = ip.RouterSolicitation(options=(option,))
    made.receive(flow.discovery_unit(wrong, UNSPECIFIED, flow.ALL_ROUTERS, "access"), 0.0)
    made.receive(flow.discovery_unit(wrong, LINK_LOCAL, flow.ALL_ROUTERS, "other"), 0.0)
    code = ip.RouterSolicitation(code=1)
    made.receive(flow.discovery_unit(code, LINK_LOCAL, flow.ALL_ROUTERS, "access"), 0.0)
    echo = ip.EchoRequest(identifier=1, sequence=1)
    made.receive(flow.discovery_unit(echo, LINK_LOCAL, flow.ALL_ROUTERS, "access"), 0.0)
    assert [event.name for event in made.events()] == ["dropped"] * 4
    assert made.next_timeout() is None


# -- the host -----------------------------------------------------------------------------------
def test_host_and_router() -> None:
    here, there = host(), router()
    assert here.link_local == LINK_LOCAL
    there.start(0.0)
    now = 0.0
    while now < 10:
        for _ in range(2):
            for sender, receiver in ((here, there), (there, here)):
                for unit in sender.to_send():
                    receiver.receive(unit, now)
        times = [time for time in (here.next_timeout(), there.next_timeout()) if time is not None]
        now = min(times)
        here.handle_timeout(now)
        there.handle_timeout(now)
    assert here.state == State.CONFIGURED
    assert here.care_of_address(now) == CARE_OF
    assert here.prefixes(now) == (VISITED,)
    assert here.routers[ROUTER][0] == AGENT_MAC
    assert not here.is_on_link(PREFIX, now)
    assert not here.is_on_link(HOME, now)
    assert here.is_on_link(VISITED, now)
    assert here.is_on_link(CARE_OF, now)


def test_an_interface_identifier_that_is_given() -> None:
    made = host(interface_id=0x10)
    made.handle_timeout(1.0)
    made.receive(advertisement(prefix()), 1.0)
    made.handle_timeout(2.0)
    assert made.care_of_address(2.0) == IPv6Address("2001:db8:200::10")


def test_modified_eui64() -> None:
    """The example of RFC 4291 appendix A, with the universal bit inverted."""
    assert flow.modified_eui64(bytes.fromhex("34567890abcd")) == 0x365678FFFE90ABCD
    with pytest.raises(ValueError, match="six octets"):
        flow.modified_eui64(b"\0")


def test_routers_are_asked_three_times() -> None:
    made, times = host(), []
    while (now := made.next_timeout()) is not None:
        made.to_send()
        made.handle_timeout(now)
        times += [now for unit in made.to_send() if unit.destination == flow.ALL_ROUTERS]
    assert times == [1, 5, 9]
    assert made.state == State.ALONE
    made.receive(advertisement(prefix()), 50.0)
    made.handle_timeout(51.0)
    assert made.care_of_address(51.0) == CARE_OF


def test_what_is_asked() -> None:
    made = host()
    (test,) = made.to_send()
    assert message_of(test) == ip.NeighborSolicitation(
        target=LINK_LOCAL, checksum=message_of(test).checksum
    )
    assert (test.source, test.destination) == (UNSPECIFIED, flow.solicited_node(LINK_LOCAL))
    made.handle_timeout(1.0)
    (unit,) = made.to_send()
    assert message_of(unit).options == (ip.SourceLinkLayerAddress(MOBILE_MAC),)
    assert (unit.source, unit.destination) == (LINK_LOCAL, flow.ALL_ROUTERS)
    made.receive(advertisement(prefix()), 1.5)
    (test,) = made.to_send()
    assert message_of(test).target == CARE_OF
    # Tentative until a second has gone by (RFC 4862 5.4).
    assert made.care_of_address(2.4) is None
    made.handle_timeout(2.5)
    assert made.care_of_address(2.5) == CARE_OF


def test_an_advertisement_while_the_link_local_address_is_tested() -> None:
    made = host()
    made.to_send()
    made.receive(advertisement(prefix()), 0.5)
    made.handle_timeout(1.0)
    assert made.state == State.CONFIGURED
    made.handle_timeout(1.5)
    assert made.care_of_address(1.5) == CARE_OF
    assert [u.destination for u in made.to_send()] == [flow.solicited_node(CARE_OF)]


@pytest.mark.parametrize("solicits", [False, True])
def test_addresses_that_somebody_has(solicits: bool) -> None:
    def somebody(target: IPv6Address) -> flow.Unit:
        if solicits:
            return flow.duplicate_address_solicitation(target, "access")
        return flow.unsolicited_advertisement(target, AGENT_MAC, target, "access")

    made = host()
    made.receive(somebody(LINK_LOCAL), 0.5)
    assert made.state == State.DUPLICATE
    assert made.next_timeout() is None
    made = host()
    made.handle_timeout(1.0)
    made.receive(advertisement(prefix()), 1.0)
    made.receive(somebody(CARE_OF), 1.5)
    made.handle_timeout(9.0)
    assert made.care_of_address(9.0) is None
    assert "duplicate address" in [event.name for event in made.events()]


def test_its_own_addresses_are_defended() -> None:
    made = configured(prefix())
    for target in (LINK_LOCAL, CARE_OF):
        made.receive(flow.duplicate_address_solicitation(target, "access"), 5.0)
        (unit,) = made.to_send()
        answer = message_of(unit)
        assert (answer.target, answer.solicited, answer.override) == (target, False, True)
        assert unit.destination == flow.ALL_NODES
    made.receive(flow.duplicate_address_solicitation(HOME, "access"), 5.0)
    assert made.to_send() == []


@pytest.mark.parametrize(
    "option",
    [prefix(autonomous=False), prefix("fe80::/64"), prefix(preferred=10001),
     prefix(valid=0, preferred=0), prefix("2001:db8:200::/56"), prefix("ff0e::/64")],
)  # fmt: skip
def test_prefixes_that_give_no_address(option: ip.PrefixInformation) -> None:
    made = configured(option)
    assert made.addresses(2.0) == ()


def test_no_more_prefixes_than_a_host_needs() -> None:
    """Whoever is on the link could make it test and keep any number of addresses."""
    made = configured(*(prefix(f"2001:db8:{number:x}::/64") for number in range(100)))
    made.handle_timeout(3.0)
    assert len(made.addresses(3.0)) == len(made.prefixes(3.0)) == 16
    assert "prefix ignored" in [event.name for event in made.events()]
    # Those that are over make room.
    made.receive(advertisement(prefix("2001:db8:f00::/64")), 20000.0)
    made.handle_timeout(20001.0)
    assert [one.network for one in made.addresses(20001.0)] == [IPv6Network("2001:db8:f00::/64")]


def test_a_prefix_of_which_no_addresses_are_made_is_on_the_link_all_the_same() -> None:
    assert configured(prefix(autonomous=False)).prefixes(2.0) == (VISITED,)
    assert configured(prefix(on_link=False)).prefixes(2.0) == ()


def test_lifetimes() -> None:
    made = configured(prefix(valid=10000, preferred=5000))
    assert made.care_of_address(5000.9) == CARE_OF
    assert made.care_of_address(5001.0) is None
    assert [x.address for x in made.addresses(5001.0)] == [CARE_OF]
    assert made.addresses(10001.0) == ()
    assert made.prefixes(10001.0) == ()


@pytest.mark.parametrize(
    ("left", "told", "until"),
    [(10000, 9000, 9001), (10000, 20000, 20001), (10000, 60, 7201), (10000, 0, 7201),
     (5000, 60, 5001), (5000, 6000, 6001), (5000, 7300, 7301)],
)  # fmt: skip
def test_nobody_shortens_a_lifetime_much(left: int, told: int, until: int) -> None:
    """RFC 4862 5.5.3 (e): two hours are left, unless less was."""
    made = host()
    made.handle_timeout(1.0)
    made.receive(advertisement(prefix(valid=left, preferred=0)), 1.0)
    made.receive(advertisement(prefix(valid=told, preferred=0)), 1.0)
    made.handle_timeout(2.0)
    (address,) = made.addresses(2.0)
    assert address.valid_until == until


def test_a_router_that_takes_its_leave() -> None:
    made = configured(prefix())
    assert list(made.routers) == [ROUTER]
    made.receive(advertisement(lifetime=0), 5.0)
    assert made.routers == {}


def test_advertisements_that_are_not_valid() -> None:
    made = host()
    made.handle_timeout(1.0)
    made.receive(advertisement(prefix(), source=IPv6Address("2001:db8::1")), 1.0)
    assert made.state == State.SOLICITING
    assert "link-local" in made.events()[-1].text


def test_another_link_is_another_life() -> None:
    made = configured(prefix())
    made.link_up("home", 10.0)
    assert (made.addresses(10.0), made.prefixes(10.0), made.routers) == ((), (), {})
    made.receive(advertisement(prefix()), 10.5)
    assert "nothing is expected" in made.events()[-1].text
    made.link_down(11.0)
    assert made.state == State.DOWN
    assert made.next_timeout() is None


def test_home_is_where_the_home_prefix_is() -> None:
    made = configured(prefix("2001:db8:100::/64"))
    assert made.is_on_link(PREFIX, 2.0)
    assert made.is_on_link(HOME, 2.0)
    assert not made.is_on_link(VISITED, 2.0)


@pytest.mark.parametrize("seed", range(10))
def test_hostile_octets_are_dropped(seed: int) -> None:
    random, good = Random(seed), advertisement(prefix())
    there, here = router(), configured(prefix())
    for _ in range(50):
        octets = bytearray(good.octets)
        for _ in range(random.randrange(1, 6)):
            octets[random.randrange(len(octets))] = random.randrange(256)
        hostile = flow.Unit(
            port=flow.Port.IP, source=ROUTER, destination=flow.ALL_NODES,
            octets=bytes(octets[: random.randrange(len(octets) + 1)]), link="access",
        )  # fmt: skip
        there.receive(hostile, 3.0)
        here.receive(hostile, 3.0)
    there.to_send()
    assert here.care_of_address(3.0) == CARE_OF
