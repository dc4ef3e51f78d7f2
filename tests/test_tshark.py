"""The table of elements and the octets of our own strategies, read by tshark."""

from __future__ import annotations

import os
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from mip6boot import capture, dhcpv6, eap, ikev2, ip, mipv6, packets, strategies
from mip6boot.packets import Packet
from mip6boot.schema import Message, Registry

from .test_vectors import ROWS, whole
from .truth import (
    FIELDS,
    FLAGS,
    NOT_COMPARED,
    PARTS,
    SPANS,
    compared,
    disagreements,
    leaves,
    undecided,
)

SOURCE, DESTINATION = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")


def carried(cls: Any, octets: bytes) -> Packet | None:
    """A packet with the element of a row in it."""
    return packed(whole(cls, octets)[0])


def packed(element: Any) -> Packet | None:
    """A packet with the element in it; None where it has no place in a packet of ours."""
    for kind, wrapped in WRAPPINGS:
        if isinstance(element, kind):
            element = wrapped(element)
    if isinstance(element, mipv6.MobilityHeader):
        return over_ip(ip.Protocol.MOBILITY, element)
    if isinstance(element, ip.Icmpv6Message):
        return over_ip(ip.Protocol.ICMPV6, element)
    if isinstance(element, dhcpv6.RelayAgentMessage):
        return over_udp(547, 547, element)
    if isinstance(element, dhcpv6.Dhcpv6Message):
        return over_udp(546, 547, element)
    if isinstance(element, ikev2.IkeMessage):
        return over_udp(500, 500, element)
    if isinstance(element, eap.EapPacket):
        return over_eapol(element)
    return None


#: What an element of a list is put into, from the inside out.
WRAPPINGS: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (mipv6.AniSuboption, lambda e: mipv6.AccessNetworkIdentifier((e,))),
    (mipv6.MobilityOption, lambda e: mipv6.BindingUpdate(1, options=(e,))),
    (ip.NdOption, lambda e: ip.RouterAdvertisement(options=(e,))),
    (dhcpv6.NtpSuboption, lambda e: dhcpv6.NtpServer((e,))),
    (dhcpv6.MosAddressSuboption, lambda e: dhcpv6.MosAddress((e,))),
    (dhcpv6.MosFqdnSuboption, lambda e: dhcpv6.MosFqdn((e,))),
    (dhcpv6.Dhcpv6Option, lambda e: dhcpv6_message(e)),
    (eap.AkaAttribute, lambda e: eap.AkaRequest(1, subtype=1, attributes=(e,))),
    (ikev2.TransformAttribute, lambda e: ikev2.Transform(attributes=(e,))),
    (ikev2.Transform, lambda e: ikev2.Proposal(protocol_id=1, transforms=(e,))),
    (ikev2.Proposal, lambda e: ikev2.SecurityAssociation(proposals=(e,))),
    (ikev2.Identity, lambda e: ikev2.IDi(identity=e)),
    (ikev2.TrafficSelector, lambda e: ikev2.TSi(selectors=(e,))),
    (ikev2.ConfigurationAttribute, lambda e: configuration(e)),
    (ikev2.Payload, lambda e: ike_message(e)),
)

#: Options that relays and servers tell each other.
BETWEEN_RELAYS = (
    dhcpv6.RelayMessage, dhcpv6.InterfaceId, dhcpv6.RemoteId, dhcpv6.SubscriberId, dhcpv6.RelayId,
    dhcpv6.RelaySuppliedOptions, dhcpv6.VirtualSubnetSelection, dhcpv6.ClientLinkLayerAddress,
    dhcpv6.RelayPort, dhcpv6.AccessTechnologyTypeOption, dhcpv6.NetworkName,
    dhcpv6.AccessPointName, dhcpv6.AccessPointBssid, dhcpv6.OperatorIdentifier,
    dhcpv6.OperatorRealm,
)  # fmt: skip


def dhcpv6_message(option: dhcpv6.Dhcpv6Option) -> dhcpv6.Dhcpv6Message:
    if isinstance(option, BETWEEN_RELAYS):
        return dhcpv6.RelayForward(link_address=SOURCE, peer_address=DESTINATION, options=(option,))
    return dhcpv6.Solicit(0x010203, (option,))


def configuration(attribute: ikev2.ConfigurationAttribute) -> ikev2.Configuration:
    # Without the bit that tshark takes for another one; see `misread`.
    return ikev2.Configuration(cfg_type=1, attributes=(attribute.replace(reserved_bit=False),))


def ike_message(*payloads: ikev2.Payload) -> ikev2.IkeMessage:
    return ikev2.IkeMessage(
        initiator_spi=bytes(range(8)), responder_spi=bytes(range(8, 16)), exchange_type=35,
        message_id=1, payloads=payloads,
    )  # fmt: skip


def in_the_clear(payloads: tuple[ikev2.Payload, ...]) -> Packet:
    """A chain of payloads that was encrypted, in a message that is not."""
    return over_udp(500, 500, ike_message(*payloads))


LINK = packets.EthernetHeader(destination=bytes(6), source=bytes(6), ethertype=0x86DD)
#: Where a chain in the clear begins, behind the headers of Ethernet, IPv6, UDP and IKE.
CHAIN = 14 + 40 + 8 + 28


def over_eapol(packet: eap.EapPacket) -> Packet:
    header = packets.EapolHeader(version=1, packet_type=0)
    return Packet((LINK.replace(ethertype=0x888E), header, packet)).build()


def over_ip(number: int, *layers: Any) -> Packet:
    header = ip.Ipv6Header(next_header=number, source=SOURCE, destination=DESTINATION)
    return Packet((LINK, header, *layers)).build()


def over_udp(source: int, destination: int, *layers: Any) -> Packet:
    udp = ip.UdpHeader(source_port=source, destination_port=destination)
    return over_ip(ip.Protocol.UDP, udp, *layers)


#: tshark writes control characters of texts as they are, which is no XML.
_PLAIN = bytes(c if c in b"\t\n\r" or 32 <= c < 127 else ord("?") for c in range(256))


def dissected(tshark: str, path: Path, keys: Path | None = None) -> list[dict[str, Any]]:
    """tshark's reading of each packet, in the form of the truth files; `keys` is a folder of settings."""
    env = os.environ | ({} if keys is None else {"WIRESHARK_CONFIG_DIR": str(keys)})
    command = [tshark, "-r", str(path), "-T", "pdml"]
    found = subprocess.run(command, capture_output=True, check=True, env=env)
    root = ET.fromstring(found.stdout.translate(_PLAIN))
    return [{"layers": [node(child) for child in packet]} for packet in root.iter("packet")]


def node(element: ET.Element) -> list[Any]:
    get = element.get
    size = int(get("size", "0"))
    head = [get("name", ""), int(get("pos", "0")), size, get("show", ""), get("value", "")]
    return [*head, [node(child) for child in element]]


def test_every_field_that_tshark_knows(tshark: str, tmp_path: Path, record_property: Any) -> None:
    rows = [(param, carried(*param.values[:2])) for param in ROWS]
    made = [(param, packet) for param, packet in rows if packet is not None]
    path = tmp_path / "table.pcap"
    capture.write(path, [capture.Frame(p.encode(), p.linktype, time_ns=0) for _, p in made])
    count: Counter[str] = Counter()
    wrong: list[str] = []
    names: set[str] = set()
    for (param, packet), reading in zip(made, dissected(tshark, path), strict=True):
        names |= undecided(reading["layers"])
        if param.id.split("-")[0] in UNKNOWN_TO_TSHARK or misread(packet):
            continue
        found = disagreements(reading, packet.encode(), packet.linktype)
        wrong += [f"{param.id}: {text}" for text in found]
        count.update(name for name, *_ in compared(leaves(reading["layers"])))
    assert wrong == []
    assert names == set()
    assert len(count) > 120
    record_property("fields of the table compared with tshark", count.total())


REGISTRIES: tuple[Registry[Any], ...] = (
    dhcpv6.MESSAGES, dhcpv6.OPTIONS, dhcpv6.NTP_SUBOPTIONS, eap.PACKETS, eap.ATTRIBUTES,
    ikev2.PAYLOADS, ikev2.CONFIGURATION_ATTRIBUTES, ikev2.IDENTITIES, ikev2.TRAFFIC_SELECTORS,
)  # fmt: skip


def examples(cls: type[Message]) -> list[Any]:
    """A few messages of the class, the same each time."""
    found: list[Any] = []

    @settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.messages(cls))
    def collect(message: Message) -> None:
        found.append(message)

    collect()
    return found


def misread(packet: Packet) -> bool:
    """tshark 4.0 takes something in the packet for something else."""
    # The sent-time of failover messages (RFC 8156 5.2) is read as options, and the octets of unknown
    # messages as a transaction id.
    if packet.find(dhcpv6.FailoverMessage) or packet.find(dhcpv6.UnknownDhcpv6Message):
        return True
    # The reserved bit of a configuration attribute is to be ignored (RFC 7296 3.15.1); it is read
    # as saying that the value has two octets and no length.  Type 9 is reserved now; it is read as
    # the netmask of RFC 4306, which has 18 octets.
    attributes = (
        attribute
        for layer in packet.layers
        if isinstance(layer, ikev2.IkeMessage)
        for attribute in layer.find_all(ikev2.ConfigurationAttribute)
    )
    return any(
        attribute.reserved_bit or isinstance(attribute, ikev2.Reserved9) for attribute in attributes
    )


def test_octets_of_our_strategies(tshark: str, tmp_path: Path, record_property: Any) -> None:
    """tshark reads what the strategies make: every field is where the octet map has it."""
    made = [
        packet
        for registry in REGISTRIES
        for cls in registry
        for message in examples(cls)
        if (packet := packed(message)) is not None and not misread(packet)
    ]
    path = tmp_path / "strategies.pcap"
    capture.write(path, [capture.Frame(p.encode(), p.linktype, time_ns=0) for p in made])
    count = 0
    for packet, reading in zip(made, dissected(tshark, path), strict=True):
        assert disagreements(reading, packet.encode(), packet.linktype) == [], packet
        assert undecided(reading["layers"]) == set()
        count += len(compared(leaves(reading["layers"])))
    assert count > 20_000
    record_property("fields of our strategies compared with tshark", count)


def test_a_name_is_decided_once() -> None:
    """Only what may be a field or lie inside one is in two tables."""
    tables = (FIELDS.keys(), FLAGS.keys(), SPANS, NOT_COMPARED.keys())
    names = [name for table in tables for name in table]
    assert len(names) == len(set(names))
    assert not PARTS.keys() & (FLAGS.keys() | NOT_COMPARED.keys())
    assert all(word.isalnum() for word in NOT_COMPARED.values())


#: What tshark 4.0 reads from the wrong offset, or takes for something else.
UNKNOWN_TO_TSHARK = {
    "LocalizedRoutingInitiation",  # read from offset 0 of the header
    "LocalizedRoutingAcknowledgment",  # likewise
    "HomeAgentSwitch",  # shown as malformed when it has an address
    "ContextRequest",  # requests are read as the options they name
    # Options that tshark has no layout for, whose length it shows 40 octets too late:
    "MnLlaInterfaceIdentifier",
    "TransientBinding",
    "FlowSummary",
    "FlowIdentification",
    "Ipv4TrafficOffloadSelector",
    "DynamicIpMulticastSelector",
    "ActiveMulticastSubscriptionIpv4",
    "ActiveMulticastSubscriptionIpv6",
    "QualityOfService",
    "LmaUserPlaneAddress",
    "MulticastMobility",
    "MulticastAcknowledgement",
    "LmaControlledMagParameters",
    "MagMultipathBinding",
    "MagIdentifier",
    "AnchoredPrefix",
    "LocalPrefix",
    "PreviousMaar",
    "ServingMaar",
    "DlifLinkLocalAddress",
    "DlifLinkLayerAddress",
    "UnknownMobilityOption",
}  # fmt: skip


def test_the_capture_of_a_real_home_agent(tshark: str, record_property: Any) -> None:
    path = Path(__file__).parent / "data" / "umip-ha-bu-ba.pcap"
    count = messages = 0
    for frame, reading in zip(capture.read(path), dissected(tshark, path), strict=True):
        assert disagreements(reading, frame.octets, frame.linktype) == []
        packet = packets.decode_packet(frame.octets, frame.linktype)
        assert not packet.errors
        assert set(packet.checksums.values()) == {"good"}
        messages += packet.find(mipv6.MobilityHeader) is not None
        count += len(compared(leaves(reading["layers"])))
    assert messages == 25
    record_property("fields of the home agent compared with tshark", count)
