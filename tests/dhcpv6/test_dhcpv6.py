"""The room dhcpv6: octets of the RFCs' figures, rules, relays in relays, views on options."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest

from mip6boot import dhcpv6
from mip6boot.dhcpv6 import ClientFqdnFlags, OptionCode, StatusCode
from mip6boot.errors import DecodeError
from mip6boot.schema import DomainName, Duid, Malformed
from mip6boot.schema.rules import FieldRule, Rule

DUID = Duid.parse("00:03:00:01:02:00:00:00:00:01")
CLIENT, SERVER = dhcpv6.ClientIdentifier(DUID), dhcpv6.ServerIdentifier(DUID)
HOME = DomainName.parse("home.example.")
HNIDF = dhcpv6.HomeNetworkIdFqdn(HOME)
AGENT = dhcpv6.HomeAgentAddress(IPv6Address("2001:db8:100::1"))
IDINF = dhcpv6.IdentifiedHomeNetworkInformation((HNIDF, AGENT))
NOWHERE = IPv6Address(0)

# What the flow sends: RFC 6610 4.1.1 and RFC 8415 18.2.6 name the requested options.
REQUESTED = dhcpv6.OptionRequest(
    (
        OptionCode.SOL_MAX_RT,
        OptionCode.MIP6_IDINF,
        OptionCode.MIP6_HNIDF,
        OptionCode.MIP6_HNP,
        OptionCode.MIP6_HAA,
        OptionCode.MIP6_HAF,
        OptionCode.INFORMATION_REFRESH_TIME,
        OptionCode.INF_MAX_RT,
    )
)
#: What any Solicit and Request asks for.
BASIC = dhcpv6.OptionRequest((OptionCode.SOL_MAX_RT,))
ASKS = dhcpv6.InformationRequest(0xABCDEF, (CLIENT, REQUESTED, dhcpv6.ElapsedTime(), HNIDF))
ANSWERS = dhcpv6.Reply(0xABCDEF, (CLIENT, SERVER, IDINF))


def broken(message: dhcpv6.Dhcpv6Message) -> list[tuple[str, str]]:
    return [(v.path, v.section) for v in dhcpv6.check(message)]


def relayed(
    message: dhcpv6.Dhcpv6Message, hops: int, *options: dhcpv6.Dhcpv6Option
) -> dhcpv6.RelayForward:
    return dhcpv6.RelayForward(
        hop_count=hops,
        link_address=NOWHERE,
        peer_address=NOWHERE,
        options=(dhcpv6.RelayMessage(message), *options),
    )


# -- octets --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("01abcdef", dhcpv6.Solicit(0xABCDEF)),
        ("0a000000", dhcpv6.Reconfigure(0)),
        (
            "0c01" + "20010db8000000000000000000000001" + "fe800000000000000000000000000002",
            dhcpv6.RelayForward(
                hop_count=1,
                link_address=IPv6Address("2001:db8::1"),
                peer_address=IPv6Address("fe80::2"),
            ),
        ),
        ("14800001", dhcpv6.Dhcpv4Query(unicast=True, reserved=1)),
        ("15000000", dhcpv6.Dhcpv4Response()),
        ("2312345600000001", dhcpv6.Contact(0x123456, 1)),
    ],
)
def test_headers(octets: str, message: dhcpv6.Dhcpv6Message) -> None:
    assert dhcpv6.decode(bytes.fromhex(octets)) == message
    assert message.encode().hex() == octets


@pytest.mark.parametrize(
    ("octets", "option"),
    [
        ("0003000c 00000001 00000002 00000003", dhcpv6.IaNa(1, 2, 3)),
        ("00040004 00000001", dhcpv6.IaTa(1)),
        ("00060006 0017 0031 fde8", dhcpv6.OptionRequest((OptionCode(23), OptionCode(49), 65000))),
        ("000d0004 0002 6e6f", dhcpv6.StatusCodeOption(StatusCode.NO_ADDRS_AVAIL, "no")),
        ("000e0000", dhcpv6.RapidCommit()),
        ("000f0007 0001 61 0002 6263", dhcpv6.UserClass((b"a", b"bc"))),
        (
            "001a0019 00000001 00000002 38 20010db8000000000000000000000000",
            dhcpv6.IaPrefix(
                preferred_lifetime=1,
                valid_lifetime=2,
                prefix_length=56,
                prefix=IPv6Address("2001:db8::"),
            ),
        ),
        ("00270006 01 03666f6f00", dhcpv6.ClientFqdn(
            flags=ClientFqdnFlags.S, domain_name=DomainName((b"foo",)))),
        ("00270005 04 03666f6f", dhcpv6.ClientFqdn(
            flags=ClientFqdnFlags.N, domain_name=DomainName((b"foo",), complete=False))),
        ("00270001 00", dhcpv6.ClientFqdn()),
        ("00360014 0002 0010 20010db8000000000000000000000001",
            dhcpv6.MosAddress((dhcpv6.CommandServiceAddresses((IPv6Address("2001:db8::1"),)),))),
        ("00380009 0003 0005 036e747000", dhcpv6.NtpServer(
            (dhcpv6.NtpServerFqdn(DomainName((b"ntp",))),))),
        ("003e0003 01 02 03", dhcpv6.ClientNetworkInterfaceIdentifier(1, 2, 3)),
        ("00690002 00 04", dhcpv6.AccessTechnologyTypeOption(
            access_technology_type=dhcpv6.AccessTechnologyType.IEEE_802_11)),
        ("00830001 05", dhcpv6.FServerFlags(
            server_flags=dhcpv6.FailoverServerFlags.ACK_STARTUP
            | dhcpv6.FailoverServerFlags.COMMUNICATED)),
    ],
)  # fmt: skip
def test_options(octets: str, option: dhcpv6.Dhcpv6Option) -> None:
    message = dhcpv6.Reply(1, (option,))
    raw = b"\x07\0\0\x01" + bytes.fromhex(octets)
    assert message.encode() == raw
    assert dhcpv6.decode(raw) == message


def test_options_without_a_class_keep_their_name() -> None:
    message = dhcpv6.decode(bytes.fromhex("070000010067000368690a"))
    option = message.find(dhcpv6.UnknownDhcpv6Option)
    assert option is not None
    assert (option.registry_code, option.data) == (OptionCode.CAPTIVE_PORTAL, b"hi\n")
    assert "CAPTIVE_PORTAL" in str(message)
    assert dhcpv6.decode(b"\xc8\1\2").encode() == b"\xc8\1\2"


# -- views ---------------------------------------------------------------------------------------
def test_elapsed_time() -> None:
    assert dhcpv6.ElapsedTime(150).elapsed == timedelta(seconds=1.5)
    assert dhcpv6.ElapsedTime(0xFFFF).overflow
    assert not dhcpv6.ElapsedTime(0xFFFE).overflow


def test_reconfigure_key() -> None:
    information = dhcpv6.ReconfigureKeyInformation(dhcpv6.RkapType.RECONFIGURE_KEY, bytes(16))
    option = dhcpv6.Authentication(3, 1, 0, bytes(8), information.encode())
    assert option.reconfigure_key == information
    assert option.replace(protocol=2).reconfigure_key is None
    assert option.replace(authentication_information=bytes(18)).reconfigure_key is None


def test_vendor_options_need_not_be_options() -> None:
    parts = (dhcpv6.VendorSuboption(1, b"a"), dhcpv6.VendorSuboption(2))
    option = dhcpv6.VendorOptions.of(10415, *parts)
    assert option.vendor_option_data == bytes.fromhex("000100016100020000")
    assert option.suboptions == parts
    odd = dhcpv6.Reply(1, (dhcpv6.VendorOptions(10415, b"\0\1\0\xff"),))
    assert dhcpv6.decode(odd.encode()) == odd
    found = odd.find(dhcpv6.VendorOptions)
    assert found is not None
    assert found.suboptions is None


def test_home_agent_over_ipv4() -> None:
    option = dhcpv6.HomeAgentAddress.of_ipv4(IPv4Address("192.0.2.1"))
    assert option.address == IPv6Address("64:ff9b::192.0.2.1")
    assert option.ipv4 == IPv4Address("192.0.2.1")
    assert AGENT.ipv4 is None


def test_home_network_prefix() -> None:
    whole = dhcpv6.HomeNetworkPrefix(32, IPv6Address("2001:db8::1"))
    assert whole.network == IPv6Network("2001:db8::/32")
    assert whole.replace(prefix_length=129).network is None
    # As FreeRADIUS writes it: no octets behind the prefix.
    message = dhcpv6.decode(bytes.fromhex("07000001 0046 0009 0047 0005 2020010db8"))
    short = message.find(dhcpv6.HomeNetworkPrefix)
    assert short == dhcpv6.HomeNetworkPrefix(32, bytes.fromhex("20010db8"))
    assert short.network == whole.network
    assert dhcpv6.from_dict(message.to_dict()) == message


def test_other_views() -> None:
    vss = dhcpv6.VirtualSubnetSelection(0, b"vpn1")
    assert (vss.vpn_identifier, vss.vpn_id) == ("vpn1", None)
    vss = dhcpv6.VirtualSubnetSelection(1, b"1234567")
    assert (vss.vpn_identifier, vss.vpn_id) == (None, b"1234567")
    assert dhcpv6.LqBaseTime(86400).time == datetime(2000, 1, 2, tzinfo=UTC)
    assert dhcpv6.State(1, 0).time == datetime(2000, 1, 1, tzinfo=UTC)
    assert dhcpv6.FReconfigureData(1, b"").time == datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)


# -- rules ---------------------------------------------------------------------------------------
LEGAL = [
    ASKS,
    ANSWERS,
    relayed(ASKS, 0, dhcpv6.InterfaceId(b"\1"), dhcpv6.RelaySuppliedOptions((IDINF,))),
    dhcpv6.Solicit(
        1, (CLIENT, REQUESTED, dhcpv6.ElapsedTime(), dhcpv6.IaNa(1), dhcpv6.IaPd(1), HNIDF, HNIDF)
    ),
    dhcpv6.Reply(1, (CLIENT, SERVER, IDINF, IDINF, dhcpv6.SolMaxRt(60), dhcpv6.InfMaxRt(86400))),
    dhcpv6.Advertise(
        1,
        (
            CLIENT,
            SERVER,
            dhcpv6.IaNa(1, options=(dhcpv6.StatusCodeOption(StatusCode.NO_ADDRS_AVAIL),)),
        ),
    ),
    dhcpv6.LeasequeryReply(
        1,
        (
            CLIENT,
            SERVER,
            dhcpv6.ClientData(
                (
                    CLIENT,
                    dhcpv6.IaAddress(AGENT.address, 1, 2),
                    # The innermost Relay-forward has no message here (RFC 5007 4.1.2.4).
                    dhcpv6.LqRelayData(
                        NOWHERE, relayed(dhcpv6.RelayForward(
                            link_address=NOWHERE, peer_address=NOWHERE), 1)
                    ),
                )
            ),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("message", LEGAL, ids=lambda message: type(message).__name__)
def test_legal_messages(message: dhcpv6.Dhcpv6Message) -> None:
    assert dhcpv6.check(message) == []
    assert dhcpv6.decode(message.encode()) == message


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (ASKS.replace(options=(*ASKS.options[:2], HNIDF)), [("", "8415 21.9")]),
        (ASKS.replace(options=ASKS.options[:3]), [("", "6610 4.1.1")]),
        (
            ASKS.replace(
                options=(CLIENT, dhcpv6.ElapsedTime(), dhcpv6.OptionRequest((50, 49, 71, 72)))
            ),
            [
                ("options[2](OptionRequest).requested_option_codes", "8415 18.2.6"),
                ("options[2](OptionRequest).requested_option_codes", "6610 4.1.1"),
            ],
        ),
        (
            ASKS.replace(options=(*ASKS.options, dhcpv6.IaNa(1))),
            [("options[4](IaNa)", "8415 B")],
        ),
        (
            ASKS.replace(options=(*ASKS.options, dhcpv6.ElapsedTime())),
            [("options[4](ElapsedTime)", "8415 24")],
        ),
        (ANSWERS.replace(options=(CLIENT, IDINF)), [("", "8415 16.10")]),
        (
            ANSWERS.replace(options=(SERVER, AGENT)),
            [("options[1](HomeAgentAddress)", "6610 3.4")],
        ),
        (
            ANSWERS.replace(options=(SERVER, HNIDF)),
            [("options[1](HomeNetworkIdFqdn)", "6610 3.1")],
        ),
        (
            ANSWERS.replace(
                options=(SERVER, dhcpv6.IdentifiedHomeNetworkInformation((AGENT, HNIDF, HNIDF)))
            ),
            [("options[1](IdentifiedHomeNetworkInformation).options[2](HomeNetworkIdFqdn)",
              "6610 3.1, 4.2")],
        ),
        (
            ANSWERS.replace(options=(SERVER, dhcpv6.UnrestrictedHomeNetworkInformation())),
            [("options[1](UnrestrictedHomeNetworkInformation)", "6610 4.1.2")],
        ),
        (relayed(ASKS, 0, IDINF), [("options[1](IdentifiedHomeNetworkInformation)",
                                    "6610 3.2, 4.2")]),
        (
            relayed(ASKS, 0, dhcpv6.RelaySuppliedOptions((dhcpv6.DnsServers(()),))),
            [("options[1](RelaySuppliedOptions).options[0](DnsServers)", "6422 4")],
        ),
        (
            dhcpv6.RelayForward(link_address=NOWHERE, peer_address=NOWHERE),
            [("", "8415 9.1, 9.2")],
        ),
        (
            dhcpv6.Decline(1, (CLIENT, SERVER, dhcpv6.ElapsedTime(), dhcpv6.IaPd(1))),
            [("options[3](IaPd)", "8415 B")],
        ),
        (
            ANSWERS.replace(options=(SERVER, dhcpv6.IaPd(1, options=(
                dhcpv6.IaAddress(AGENT.address),)))),
            [("options[1](IaPd).options[0](IaAddress)", "8415 21.6")],
        ),
        (ANSWERS.replace(options=(SERVER, dhcpv6.SolMaxRt(59))), [("options[1](SolMaxRt).value",
                                                                   "8415 21.24")]),
        (
            ANSWERS.replace(options=(SERVER, dhcpv6.ClientFqdn(
                flags=ClientFqdnFlags.N | ClientFqdnFlags.S))),
            [("options[1](ClientFqdn).flags", "4704 4.1")],
        ),
        (
            ASKS.replace(options=(*ASKS.options, dhcpv6.ClientFqdn())),
            [("options[4](ClientFqdn)", "4704 4, 5, 6")],
        ),
        *(
            (ANSWERS.replace(options=(dhcpv6.ServerIdentifier(Duid.from_wire(bytes(size))),)),
             [("options[0](ServerIdentifier).duid", "8415 11.1")])
            for size in (0, 1, 2, 131)
        ),
        (relayed(ASKS, 0, dhcpv6.RemoteId(9, b"")), [("options[1](RemoteId).remote_id", "4649 3")]),
        (
            relayed(ASKS, 0, dhcpv6.SubscriberId(b"")),
            [("options[1](SubscriberId).subscriber_id", "4580 2")],
        ),
    ],
)  # fmt: skip
def test_broken_rules(message: dhcpv6.Dhcpv6Message, expected: list[tuple[str, str]]) -> None:
    assert broken(message) == expected


@pytest.mark.parametrize("size", [3, 130])
def test_the_longest_and_the_shortest_duid(size: int) -> None:
    duid = Duid.from_wire(bytes(size))
    assert len(duid) == size
    assert broken(ANSWERS.replace(options=(dhcpv6.ServerIdentifier(duid),))) == []


def test_what_relays_may_supply_is_a_setting() -> None:
    erp = dhcpv6.ErpLocalDomainName(HOME)
    message = relayed(ASKS, 0, dhcpv6.RelaySuppliedOptions((erp, IDINF)))
    assert dhcpv6.check(message) == []
    strict = dhcpv6.check(message, rsoo_enabled=dhcpv6.RSOO_ENABLED)
    assert [v.path for v in strict] == [
        "options[1](RelaySuppliedOptions).options[1](IdentifiedHomeNetworkInformation)"
    ]


def test_rows_are_data() -> None:
    """Every row names a section, and fields and classes that exist."""
    for row in dhcpv6.RULES:
        assert row.section
        containers = row.container if isinstance(row.container, tuple) else (row.container,)
        assert containers
        if isinstance(row, FieldRule):
            assert all(row.field in cls.__struct_fields__ for cls in containers)
        else:
            assert isinstance(row, Rule)
            assert issubclass(row.element, (dhcpv6.Dhcpv6Option, dhcpv6.NtpSuboption))


# -- relays in relays ----------------------------------------------------------------------------
def nested(count: int) -> dhcpv6.Dhcpv6Message:
    """A Request with an address inside, passed on by `count` relays."""
    association = dhcpv6.IaNa(1, options=(dhcpv6.IaAddress(AGENT.address),))
    message: dhcpv6.Dhcpv6Message = dhcpv6.Request(
        1, (CLIENT, SERVER, dhcpv6.ElapsedTime(), BASIC, association)
    )
    for hops in range(count):
        message = relayed(message, hops)
    return message


def test_relays_to_the_limit() -> None:
    message = nested(dhcpv6.HOP_COUNT_LIMIT + 1)
    assert dhcpv6.decode(message.encode()) == message
    assert dhcpv6.check(message) == []
    assert broken(nested(dhcpv6.HOP_COUNT_LIMIT + 2)) == [("hop_count", "8415 19.1.2")]


def test_an_error_inside_relays_has_its_whole_path() -> None:
    octets = bytearray(nested(2).encode())
    octets[-26] = 0xFF  # the length of the IA Address, before its 24 octets
    with pytest.raises(DecodeError) as caught:
        dhcpv6.decode(bytes(octets))
    assert caught.value.path == (
        "options[0](RelayMessage).message(RelayForward).options[0](RelayMessage)"
        ".message(Request).options[4](IaNa).options[0].length"
    )
    assert caught.value.offset == len(octets) - 26


def test_lenient_decoding_keeps_a_bad_option_inside() -> None:
    short = dhcpv6.UnknownDhcpv6Option(5, b"1234")
    octets = relayed(
        dhcpv6.Reply(1, (SERVER, dhcpv6.IaNa(1, options=(short, dhcpv6.RapidCommit())))), 0
    ).encode()
    with pytest.raises(DecodeError, match=r"IaNa\)\.options\[0\]\(IaAddress\)\.address: needs 16"):
        dhcpv6.decode(octets)
    message = dhcpv6.decode(octets, lenient=True)
    assert message.encode() == octets
    association = message.find(dhcpv6.IaNa)
    assert association is not None
    bad, good = association.options
    assert isinstance(bad, Malformed)
    assert bad.octets.hex() == "0005000431323334"
    assert good == dhcpv6.RapidCommit()
    assert dhcpv6.from_dict(message.to_dict()) == message
