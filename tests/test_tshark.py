"""The table of elements and the octets of our own strategies, read by tshark."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

from mip6boot import capture, ip, mipv6, packets
from mip6boot.packets import LinkType, Packet

from .test_vectors import ROWS, whole
from .truth import compared, disagreements

SOURCE, DESTINATION = IPv6Address("2001:db8::1"), IPv6Address("2001:db8::2")


def carried(cls: Any, octets: bytes) -> Packet | None:
    """A packet with the element of a row in it; None where it has no place in a packet of ours."""
    element, _ = whole(cls, octets)
    if isinstance(element, mipv6.MobilityOption):
        element = mipv6.BindingUpdate(1, options=(element,))
    elif isinstance(element, mipv6.AniSuboption):
        option = mipv6.AccessNetworkIdentifier((element,))
        element = mipv6.BindingUpdate(1, options=(option,))
    elif isinstance(element, ip.NdOption):
        element = ip.RouterAdvertisement(options=(element,))
    if isinstance(element, mipv6.MobilityHeader):
        number = ip.Protocol.MOBILITY
    elif isinstance(element, ip.Icmpv6Message):
        number = ip.Protocol.ICMPV6
    else:
        return None
    header = ip.Ipv6Header(next_header=number, source=SOURCE, destination=DESTINATION)
    return Packet((header, element), LinkType.RAW).build()


def dissected(tshark: str, path: Path) -> list[dict[str, Any]]:
    """tshark's reading of each packet, in the form of the truth files."""
    found = subprocess.run([tshark, "-r", str(path), "-T", "pdml"], capture_output=True, check=True)
    root = ET.fromstring(found.stdout)
    return [{"layers": [node(child) for child in packet]} for packet in root.iter("packet")]


def node(element: ET.Element) -> list[Any]:
    get = element.get
    size = int(get("size", "0"))
    head = [get("name", ""), int(get("pos", "0")), size, get("show", ""), get("value", "")]
    return [*head, [node(child) for child in element]]


def test_every_field_that_tshark_knows(tshark: str, tmp_path: Path, record_property: Any) -> None:
    rows = [(param, carried(*param.values[:2])) for param in ROWS]
    made = [(param, packet.encode()) for param, packet in rows if packet is not None]
    path = tmp_path / "table.pcap"
    capture.write(path, [capture.Frame(octets, LinkType.RAW, time_ns=0) for _, octets in made])
    count: Counter[str] = Counter()
    wrong = []
    for (param, octets), reading in zip(made, dissected(tshark, path), strict=True):
        if param.id.split("-")[0] in UNKNOWN_TO_TSHARK:
            continue
        found = disagreements(reading, octets, LinkType.RAW)
        wrong += [f"{param.id}: {text}" for text in found]
        count.update(name for name, *_ in compared(reading))
    assert wrong == []
    assert len(count) > 120
    record_property("fields of the table compared with tshark", count.total())


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
}


def test_the_capture_of_a_real_home_agent(tshark: str, record_property: Any) -> None:
    path = Path(__file__).parent / "data" / "umip-ha-bu-ba.pcap"
    count = messages = 0
    for frame, reading in zip(capture.read(path), dissected(tshark, path), strict=True):
        assert disagreements(reading, frame.octets, frame.linktype) == []
        packet = packets.decode_packet(frame.octets, frame.linktype)
        assert not packet.errors
        assert set(packet.checksums.values()) == {"good"}
        messages += packet.find(mipv6.MobilityHeader) is not None
        count += len(compared(reading))
    assert messages == 25
    record_property("fields of the home agent compared with tshark", count)
