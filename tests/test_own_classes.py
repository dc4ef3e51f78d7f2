"""Classes of one's own in a child registry, in every kind of list that the protocols have."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from mip6boot import dhcpv6, eap, ikev2
from mip6boot.schema import UInt8, UInt16, UInt32


def test_a_dhcpv6_option() -> None:
    mine = dhcpv6.OPTIONS.child()

    @mine.register(65_001)
    class Colour(dhcpv6.Dhcpv6Option):
        red: UInt8
        green: UInt8 = 0

    message = dhcpv6.Solicit(1, (dhcpv6.RapidCommit(), Colour(1, 2)))
    octets = message.encode()
    relayed = dhcpv6.RelayForward(
        link_address=IPv6Address(0),
        peer_address=IPv6Address(0),
        options=(dhcpv6.RelayMessage(message),),
    )
    assert dhcpv6.decode(octets).find(dhcpv6.UnknownDhcpv6Option) is not None
    assert dhcpv6.decode(octets, registry=mine) == message
    assert dhcpv6.decode(relayed.encode(), registry=mine).find(Colour) == Colour(1, 2)


def test_a_notification_and_a_payload() -> None:
    mine = ikev2.PAYLOADS.child()

    @mine.register(41, 50_000)
    class Mood(ikev2.TypedNotify):
        mood: UInt16

    @mine.register(200)
    class Weather(ikev2.Payload):
        degrees: UInt32

    message = ikev2.IkeMessage(
        initiator_spi=bytes(8),
        exchange_type=ikev2.ExchangeType.INFORMATIONAL,
        payloads=(Mood(7), Weather(21), ikev2.Nonce(nonce_data=b"n")),
    )
    octets = message.encode()
    plain = ikev2.decode(octets)
    assert [type(payload).__name__ for payload in plain.payloads] == [
        "Notify",
        "UnknownPayload",
        "Nonce",
    ]
    assert plain.encode() == octets
    found = ikev2.decode(octets, registry=mine)
    assert found == message
    assert found.find(ikev2.NotifyPayload) == Mood(7)
    # What the parent has stays what it is, also where a second code tells classes apart.
    cookie = message.replace(payloads=(ikev2.Cookie(b"c"),))
    assert ikev2.decode(cookie.encode(), registry=mine) == cookie


def test_a_configuration_attribute() -> None:
    mine = ikev2.CONFIGURATION_ATTRIBUTES.child()

    @mine.register(20_000)
    class Quota(ikev2.ConfigurationAttribute):
        octets: UInt32

    payload = ikev2.Configuration(2, attributes=(Quota(5), ikev2.InternalIp6Dns()))
    octets = payload.encode()
    assert ikev2.Configuration.decode(octets, registry=mine) == payload
    assert ikev2.Configuration.decode(octets).encode() == octets


def test_an_eap_method() -> None:
    mine = eap.PACKETS.child()

    @mine.register(2, 200)
    class Handshake(eap.TypedPacket):
        fingers: UInt8

    packet = Handshake(1, 5)
    assert eap.decode(packet.encode(), registry=mine) == packet
    assert eap.decode(packet.encode()) == eap.Response(1, 200, b"\5")


def test_a_code_is_taken_once() -> None:
    with pytest.raises(ValueError, match=r"IKEv2 payload 16390 is .*Cookie already"):

        @ikev2.PAYLOADS.register(41, 16390)
        class Biscuit(ikev2.TypedNotify):
            crumbs: UInt8

    with pytest.raises(TypeError, match="only a registry with padding has length rules"):

        @dhcpv6.OPTIONS.child().register(65_002, length=(4, 0))
        class Words(dhcpv6.Dhcpv6Option):
            crumbs: UInt8
