"""DHCPv6 actors against real peers: their messages are taken, and ours are what theirs were.

`tests/data/README.md` tells of the captures.  Where our answers differ from those recorded, the
difference has a name below, with its reason, and each capture says which it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network
from random import Random
from typing import Any, NamedTuple

import pytest

from mip6boot import capture, dhcpv6, ip, packets
from mip6boot.dhcpv6.associations import *
from mip6boot.dhcpv6.base import *
from mip6boot.dhcpv6.codes import *
from mip6boot.dhcpv6.configuration import *
from mip6boot.dhcpv6.core import *
from mip6boot.dhcpv6.home_network import *
from mip6boot.dhcpv6.messages import *
from mip6boot.flow import (
    AddressPool,
    AgentInfo,
    DhcpClient,
    DhcpClientState,
    DhcpRelay,
    DhcpServer,
    HomeNetworkQuery,
    Lease,
    Port,
    PrefixPool,
    RelayLink,
    ServedLink,
    Unit,
)
from mip6boot.schema import DomainName

from ..conftest import DATA

PEERS = DATA / "peers" / "dhcpv6"
CAPTURES = sorted(path.stem for path in PEERS.glob("*.pcap"))
RELAYED = [name for name in CAPTURES if f"{name}.server-side" in CAPTURES]

HOME = DomainName.parse("home.example.org")
ADDRESS = IPv6Address("2001:db8:100::1")
ADDRESS_ONLY = AgentInfo(addresses=(ADDRESS,))
WITH_NAME = AgentInfo(addresses=(ADDRESS,), host="ha.example.org")
WHOLE = AgentInfo(
    addresses=(ADDRESS,), host="ha.example.org", home_link_prefix=IPv6Network("2001:db8:100::/64")
)
DNS = DnsServers((IPv6Address("2001:db8:2::53"),))
LINK = IPv6Network("2001:db8:1::/64")


class Recorded(NamedTuple):
    source: IPv6Address
    destination: IPv6Address
    port: int
    message: Dhcpv6Message

    def unit(self, link: str) -> Unit:
        return Unit(
            port=Port.UDP,
            source=self.source,
            source_port=547,
            destination=self.destination,
            destination_port=self.port,
            octets=self.message.encode(),
            link=link,
        )


def recorded(name: str) -> list[Recorded]:
    found = []
    for frame in capture.read(PEERS / f"{name}.pcap"):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        header, udp, message = (
            packet.find(kind) for kind in (ip.Ipv6Header, ip.UdpHeader, Dhcpv6Message)
        )
        assert isinstance(header, ip.Ipv6Header)
        assert isinstance(udp, ip.UdpHeader)
        assert isinstance(message, Dhcpv6Message)
        found.append(Recorded(header.source, header.destination, udp.destination_port, message))
    return found


def exchanges(name: str) -> Iterator[tuple[Recorded, Recorded]]:
    """Each message of a client or relay, and what it was answered with."""
    messages = recorded(name)
    assert len(messages) % 2 == 0
    return zip(messages[::2], messages[1::2], strict=True)


def innermost(message: Dhcpv6Message) -> Any:
    while (inside := message.find(RelayMessage)) is not None:
        message = inside.message
    return message


# -- our server in the place of theirs ---------------------------------------------------------------
def as_theirs(name: str, messages: Sequence[Recorded]) -> DhcpServer:
    """Our server, told what theirs was told.

    Which free address it gives is each server's own choice: of ISC dhcpd and dnsmasq a hash of the
    client, of Kea and ours the first; so the pool begins with what was given.
    """
    answer = innermost(messages[1].message)
    address = answer.find(IaAddress)
    times: dict[str, int] = {"preferred_lifetime": 3000, "valid_lifetime": 4000}
    visited: list[AgentInfo] = []
    home: AgentInfo = WHOLE
    match name.split("-")[0]:
        case "kea":
            times |= {"t1": 1000, "t2": 2000}
            visited = [WHOLE]
        case "iscdhcpd":
            times |= {"t1": 0, "t2": 0}
            visited = [ADDRESS_ONLY]
        case "dnsmasq":
            times = {"preferred_lifetime": 4000, "valid_lifetime": 4000, "t1": 2000, "t2": 3500}
            home = WITH_NAME
    link = ServedLink(
        name="vs0",
        prefixes=(LINK,),
        addresses=AddressPool(
            address.address if address else IPv6Address("2001:db8:1::1000"),
            IPv6Address("2001:db8:1::1fff"),
        ),
        delegated=PrefixPool(IPv6Network("2001:db8:8000::/48"), 56),
        **times,
    )
    local = [AgentInfo(addresses=x.addresses, host=x.host, home_link_prefix=x.home_link_prefix, local=True)
             for x in visited]  # fmt: skip
    return DhcpServer(
        "server",
        None,
        duid=next(x.duid for x in answer.options if isinstance(x, ServerIdentifier)),
        addresses={"vs0": messages[1].source},
        links=(link,),
        options=(DNS,),
        home_networks={HOME: (home,), None: (*local, *visited)},
        preference=0 if name.startswith("dnsmasq") else None,
    )


ORDER = "order of options"
"Servers choose it: Kea's goes by code, dhcpd's begins with leases; a client may not rely on it."
NAME = "the name of the network stands in the container, not beside it"
"RFC 6610 3.1, 4.2; their option 49 is one of configuration, given to who asks for it."
UNNAMED = "no identified container where the client named no network"
"RFC 6610 4.3; dibbler's client asks for option 69 without option 49."
SUCCESS = "success is not told where it is understood"
"RFC 8415 21.13: no status is success; dnsmasq tells it in each message."
RELEASED = "released associations are not told of"
"RFC 8415 18.3.7: an association is in the Reply if it has no binding; Kea tells of each, with success."
TEXT = "the text of a status"
"It is for people."

#: What differs, by capture.
DIFFERENCES: dict[str, set[str]] = {
    "dnsmasq-dhclient": {ORDER, NAME, SUCCESS},
    "iscdhcpd-dhclient": {ORDER, NAME},
    "iscdhcpd-dhclient-S": {NAME},
    "iscdhcpd-iscrelay-relay-dhclient": {ORDER, NAME},
    "iscdhcpd-iscrelay-relay-dhclient-S": {NAME},
    "iscdhcpd-iscrelay-relay-dhclient.server-side": {ORDER, NAME},
    "iscdhcpdnative-dhclient-S": {NAME},
    "kea-dhclient": {NAME},
    "kea-dhclient-S": {NAME},
    "kea-dhclient-rel": {ORDER, NAME, RELEASED, TEXT},
    "kea-dibbler": {ORDER, UNNAMED, NAME, RELEASED, TEXT},
    "kea-dibbler-relay-dhclient": {NAME},
    "kea-dibbler-relay-dhclient.server-side": {NAME},
    "kea-iscrelay-relay-dhclient": {NAME},
    "kea-iscrelay-relay-dhclient-S": {NAME},
    "kea-iscrelay-relay-dhclient-S.server-side": {NAME},
    "kea-iscrelay-relay-dhclient.server-side": {NAME},
    "kea-wide": {ORDER, RELEASED, TEXT},
}


def explained(asked: Any, theirs: list[Dhcpv6Option], ours: list[Dhcpv6Option]) -> set[str]:
    """Take the differences with a name out of both lists; which they were."""
    found: set[str] = set()
    if any(isinstance(option, HomeNetworkIdFqdn) for option in theirs):
        theirs[:] = [option for option in theirs if not isinstance(option, HomeNetworkIdFqdn)]
        found.add(NAME)
    for i, option in enumerate(ours):
        if isinstance(option, IdentifiedHomeNetworkInformation):
            assert option.options[0] == HomeNetworkIdFqdn(HOME)
            ours[i] = option.replace(options=option.options[1:])
    if asked.find(HomeNetworkIdFqdn) is None:
        left = [x for x in theirs if not isinstance(x, IdentifiedHomeNetworkInformation)]
        if left != theirs:
            theirs[:] = left
            found.add(UNNAMED)
    if isinstance(asked, Release):
        leases = [option for option in theirs if isinstance(option, (IaNa, IaPd))]
        assert all(x.find(StatusCodeOption).status_code == StatusCode.SUCCESS for x in leases)  # type: ignore[union-attr]
        theirs[:] = [option for option in theirs if option not in leases]
        found |= {RELEASED} if leases else set()
        texts = [
            [x for x in options if isinstance(x, StatusCodeOption)] for options in (theirs, ours)
        ]
        if texts[0] != texts[1]:
            for options in (theirs, ours):
                options[:] = [
                    x.replace(status_message="") if isinstance(x, StatusCodeOption) else x
                    for x in options
                ]
            found.add(TEXT)
    elif any(isinstance(option, StatusCodeOption) for option in theirs):
        status = next(option for option in theirs if isinstance(option, StatusCodeOption))
        assert status.status_code == StatusCode.SUCCESS
        theirs.remove(status)
        found.add(SUCCESS)
    if theirs != ours:
        for options in (theirs, ours):
            options.sort(key=lambda option: (option.registry_code, repr(option)))
        found.add(ORDER)
    return found


@pytest.mark.parametrize("name", CAPTURES)
def test_our_server_answers_as_theirs(name: str, record_property: Any) -> None:
    messages = recorded(name)
    server = as_theirs(name, messages)
    found: set[str] = set()
    for asked, answer in exchanges(name):
        server.receive(asked.unit("vs0"), 10.0)
        (unit,) = server.to_send()
        assert (unit.destination, unit.destination_port) == (answer.destination, answer.port)
        assert unit.source == answer.source
        ours = dhcpv6.decode(unit.octets)
        assert [str(violation) for violation in dhcpv6.check(ours)] == []
        inside, theirs = innermost(ours), innermost(answer.message)
        assert type(inside) is type(theirs)
        assert inside.transaction_id == theirs.transaction_id
        options = list(inside.options), list(theirs.options)
        found |= explained(innermost(asked.message), options[1], options[0])
        assert options[0] == options[1]
        if isinstance(ours, RelayReply):
            # The envelope is the same, octet for octet.
            theirs_around = answer.message.encode().replace(theirs.encode(), b"")
            size = len(inside.encode())
            ours_around = unit.octets.replace(inside.encode(), b"")
            assert ours_around.replace(size.to_bytes(2, "big"), b"") == theirs_around.replace(
                len(theirs.encode()).to_bytes(2, "big"), b""
            )
        record_property("DHCPv6 answers compared with those of servers", 1)
    assert found == DIFFERENCES[name]


def test_all_captures_are_there() -> None:
    assert set(CAPTURES) == set(DIFFERENCES)


# -- our relay in the place of theirs ------------------------------------------------------------------
@pytest.mark.parametrize("name", RELAYED)
def test_our_relay_passes_on_what_theirs_did(name: str) -> None:
    """The same octets in both directions, for ISC's relay and dibbler's."""
    near, far = recorded(name), recorded(f"{name}.server-side")
    # That which was recorded on one side only, the client's first messages, is left out.
    pairs = [(a, b) for a in near for b in far if a.message == innermost(b.message)]
    assert len(pairs) == len(far)
    answered = next(x for x in near if x.port == 546)
    outermost = far[0].message
    identifier = outermost.find(InterfaceId)
    assert isinstance(outermost, RelayForward)
    assert identifier is not None
    relay = DhcpRelay(
        "relay",
        links=(RelayLink(name="vr0", address=answered.source, link_address=outermost.link_address,
                         interface_id=identifier.interface_id),),
        server_link="vr1",
        address=far[0].source,
        servers=(far[0].destination,),
    )  # fmt: skip
    for client_side, server_side in pairs:
        upwards = client_side.port == 547
        given, expected = (client_side, server_side) if upwards else (server_side, client_side)
        relay.receive(given.unit("vr0" if upwards else "vr1"), 0.0)
        (unit,) = relay.to_send()
        assert unit.octets == expected.message.encode()
        assert (unit.source, unit.destination, unit.destination_port) == (
            expected.source, expected.destination, expected.port,
        )  # fmt: skip


# -- our client in the place of theirs -----------------------------------------------------------------
QUERY = HomeNetworkQuery(identified=(HOME,), visited=True, unrestricted=True)


def told(client: DhcpClient) -> list[str]:
    assert client.result is not None
    return [f"{int(x.container)} {x.address or x.name}" for x in client.result.home_agents]


#: What each server tells; 69 only to clients that take it without a name.
ALL_THREE = [
    f"{code} {what}" for code in (50, 69, 70) for what in ("2001:db8:100::1", "ha.example.org")
]
TOLD = {
    "kea": ALL_THREE,
    "iscdhcpd": [
        "50 2001:db8:100::1",
        "69 2001:db8:100::1",
        "69 ha.example.org",
        "70 2001:db8:100::1",
    ],
    "iscdhcpdnative": ALL_THREE[2:4],
    "dnsmasq": ALL_THREE[2:4],
}


@pytest.mark.parametrize("unnamed", [False, True])
@pytest.mark.parametrize("name", [x for x in CAPTURES if not x.endswith("server-side")])
def test_our_client_takes_what_theirs_was_told(name: str, unnamed: bool) -> None:
    answers = [y for x, y in exchanges(name) if not isinstance(x.message, Release)]
    last = answers[-1].message
    assert isinstance(last, Reply)
    expected = [] if name == "kea-wide" else TOLD[name.split("-")[0]]
    kept = [x for x in expected if unnamed or not x.startswith("69")]
    associations = [x for x in last.options if isinstance(x, (IaNa, IaPd))]
    for association in (*associations, *([] if associations else [None])):
        client = DhcpClient(
            "ue",
            Random(1),
            duid=next(x.duid for x in last.options if isinstance(x, ClientIdentifier)),
            address=answers[0].destination,
            query=QUERY,
            unnamed=unnamed,
        )
        if association is None:
            client.start_information(0.0)
        elif isinstance(association, IaNa):
            client.start_address(0.0, iaid=association.iaid)
        else:
            client.start_prefix(0.0, iaid=association.iaid)
        give(client, answers)
        assert told(client) == kept
        assert client.result is not None
        assert client.result.dns_servers == DNS.addresses
        if association is None:
            assert client.state == DhcpClientState.INFORMED
            continue
        check_lease(client, association)
        released = [y for x, y in exchanges(name) if isinstance(x.message, Release)]
        if released:
            client.release(50.0)
            give(client, released[:1])
            assert client.state == DhcpClientState.IDLE


def give(client: DhcpClient, answers: Sequence[Recorded]) -> None:
    """Recorded answers, one for each message that the client sends.

    Our transaction ids stand in them, and nothing else is changed.
    """
    now = 0.0
    for answer in answers:
        while not (units := client.to_send()):
            due = client.next_timeout()
            assert due is not None
            now = due
            client.handle_timeout(now)
        message = answer.message
        assert isinstance(message, (Advertise, Reply))
        transaction_id = int.from_bytes(units[0].octets[1:4], "big")
        client.receive(
            answer._replace(message=message.replace(transaction_id=transaction_id)).unit(""), now
        )


def check_lease(client: DhcpClient, association: IaNa | IaPd) -> None:
    """Values and times are those of the association; dhcpd leaves T1 and T2 to the client."""
    lease = client.result
    assert isinstance(lease, Lease)
    option = association.options[0]
    assert isinstance(option, (IaAddress, IaPrefix))
    (leased,) = lease.leased
    assert leased.value == (option.address if isinstance(option, IaAddress) else option.network)
    now = leased.valid_until - option.valid_lifetime
    assert leased.preferred_until == pytest.approx(now + option.preferred_lifetime)
    t1 = association.t1 or option.preferred_lifetime * 0.5
    t2 = association.t2 or option.preferred_lifetime * 0.8
    assert (lease.renew_at, lease.rebind_at) == pytest.approx((now + t1, now + t2))
