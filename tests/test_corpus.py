"""Captures of public repositories against tshark's reading of them.

They are not part of the project: MIP6BOOT_CORPUS names the folder, and without it these tests skip.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture, dhcpv6, diameter, eap, ikev2, ip, mipv6, packets
from mip6boot.errors import DecodeError
from mip6boot.packets import LinkType, Packet, Payload
from mip6boot.schema import Row, explain

from .conftest import DATA
from .diameter.readings import DiameterReading
from .test_tshark import CHAIN, dissected, in_the_clear
from .test_vectors import holder
from .truth import compared, differences, leaves, named, opened, undecided
from .truth.freeradius import printed, read

EXPECTED = json.loads((DATA / "corpus_refusals.json").read_text())


def captures(corpus: Path) -> Iterator[tuple[Path, Path]]:
    """Each capture with tshark's reading of it."""
    for truth in sorted((corpus / "truth").glob("*.jsonl.gz")):
        yield corpus / "pcap" / truth.name.removesuffix(".jsonl.gz"), truth
    for truth in sorted((corpus / "hex").glob("*.truth.jsonl.gz")):
        yield truth.with_name(truth.name.removesuffix(".truth.jsonl.gz")), truth


def frames(path: Path) -> Iterator[capture.Frame]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", capture.CaptureWarning)
        yield from capture.read(path)


def readings(truth: Path) -> dict[int, dict[str, Any]]:
    """What tshark read, by number of the frame."""
    with gzip.open(truth, "rt") as lines:
        return {reading["n"]: reading for reading in map(json.loads, lines)}


def is_mobile(packet: Packet) -> bool:
    """The packet has Mobile IPv6 in it."""
    mobile = (
        mipv6.MobilityHeader, ip.HomeAddressOption, ip.Type2RoutingHeader,
        ip.HomeAgentAddressDiscoveryRequest, ip.HomeAgentAddressDiscoveryReply,
        ip.MobilePrefixSolicitation, ip.MobilePrefixAdvertisement,
    )  # fmt: skip
    return any(packet.find(kind) is not None for kind in mobile)


def test_every_frame_comes_back(corpus: Path, record_property: Any) -> None:
    """Octets out as in, strict and lenient, by JSON too; the map covers each octet once."""
    count = 0
    for path, _ in captures(corpus):
        for frame in frames(path):
            for lenient in (False, True):
                packet = packets.decode_packet(frame.octets, frame.linktype, lenient=lenient)
                assert packet.encode() == frame.octets
                assert packets.from_dict(packet.to_dict()) == packet
            rows = packets.explain(frame.octets, linktype=frame.linktype)
            covered = b"".join(row.octets for row in rows if row.mask is None)
            assert covered == frame.octets
            count += 1
    assert count > 1500
    record_property("corpus frames that came back", count)


def test_fields_are_where_tshark_sees_them(corpus: Path, record_property: Any) -> None:
    """Every field that tshark names is a field of ours, at the same place with the same octets."""
    count: Counter[str] = Counter()
    wrong = []
    for path, truth in captures(corpus):
        for number, nodes, rows, shift in pairs(path, readings(truth), count):
            wrong += [f"{path.name} {number}: {text}" for text in differences(nodes, rows, shift)]
            count.update(node[0].partition(".")[0] for node in compared(nodes))
    assert wrong == []
    for name, found in sorted(count.items()):
        record_property(f"corpus: {name}", found)
    assert count["dhcpv6"] > 17_000
    assert count["isakmp"] > 12_000
    assert count["packets of Mobile IPv6"] > 95


def pairs(
    path: Path, read: dict[int, dict[str, Any]], count: Counter[str]
) -> Iterator[tuple[int, list[Any], list[Row], int]]:
    """For each frame that tshark has read: its nodes, and our rows `shift` octets before them."""
    reassembler = packets.Reassembler(lenient=True)
    for frame in frames(path):
        packet = packets.decode_packet(frame.octets, frame.linktype, lenient=True)
        count["packets of Mobile IPv6"] += is_mobile(packet)
        datagram = reassembler.feed(packet)
        # Frames of a draft that had another protocol number for mobility.
        if frame.number not in read or "protocol-62" in packet.protocols:
            continue
        nodes = [
            n
            for n in leaves(read[frame.number]["layers"])
            if not elsewhere(packet, read[frame.number], n)
        ]
        if "ipv4-fragment" not in packet.protocols:
            yield frame.number, nodes, packets.explain(frame.octets, linktype=frame.linktype), 0
        elif datagram is not None:
            # What tshark has put together begins behind the IP header.
            rows = packets.explain(datagram.encode(), linktype=datagram.linktype)
            yield frame.number, nodes, rows, datagram.spans[0][1]


def elsewhere(packet: Packet, reading: dict[str, Any], node: list[Any]) -> bool:
    """The node is of IKEv1, or of EAP in Diameter: protocols that are not decoded here."""
    protocol = node[0].partition(".")[0]
    return ("ikev1" in packet.protocols and protocol == "isakmp") or (
        "diameter" in reading["stack"] and protocol == "eap"
    )


def test_eap_by_itself(corpus: Path, record_property: Any) -> None:
    """Wherever tshark sees it, in Diameter too."""
    count, refused = 0, []
    for path, truth in captures(corpus):
        read = readings(truth)
        for frame in frames(path) if "eap" in path.name or "diameter" in path.name else ():
            for node in named(read.get(frame.number, {"layers": []})["layers"], "eap"):
                octets = frame.octets[node[1] : node[1] + node[2]]
                try:
                    packet = eap.decode(octets)
                except DecodeError:
                    refused.append((path.name, frame.number))
                    continue
                assert packet.encode() == octets
                nodes = list(leaves(node[5]))
                assert differences(nodes, explain(type(packet), octets), -node[1]) == []
                count += len(compared(nodes))
    assert refused == [("eap.lt1.pcap", 11)], "on the list of refusals too"
    assert count > 400
    record_property("corpus: fields of EAP alone", count)


#: Captures with more below our protocols than Ethernet and IP.
CARRIED = (
    "packetlife__PPPoE_Dual-Stack_IPv4_IPv6-with_DHCPv6.trim.pcapng",  # PPPoE and PPP
    "ivre__nb6-startup.trim.pcapng",  # L2TP in UDP
    "tcpdump__eapon1.trim.pcapng",  # IEEE 802.1X
    "arkime__diameter_synthetic.pcap",  # TCP and SCTP
)


@pytest.mark.parametrize("name", CARRIED)
def test_carriers(corpus: Path, tshark: str, name: str, record_property: Any) -> None:
    """The truth files leave out what is below; here tshark is asked anew."""
    path, count = corpus / "pcap" / name, 0
    for frame, reading in zip(frames(path), dissected(tshark, path), strict=True):
        nodes = [node for node in leaves(reading["layers"]) if not node[0].startswith("diameter")]
        rows = packets.explain(frame.octets, linktype=frame.linktype)
        assert differences(nodes, rows) == []
        assert undecided(reading["layers"]) == set()
        count += len(compared(nodes))
    record_property("corpus: fields of carriers", count)


@pytest.mark.parametrize(
    "name", ["pcap/arkime__diameter_synthetic.pcap", "hex/diameter.lt101.pcap"]
)
def test_messages_of_diameter(corpus: Path, tshark: str, name: str, record_property: Any) -> None:
    """Each message that tshark sees is a layer, with the same octets."""
    path, count = corpus / name, 0
    reassembler = packets.Reassembler()
    for frame, reading in zip(frames(path), dissected(tshark, path), strict=True):
        packet = packets.decode_packet(frame.octets, frame.linktype)
        assert reassembler.feed(packet, frame.number) is None
        ours = [
            span
            for span, layer in zip(packet.spans, packet.layers, strict=True)
            if packets.protocol_of(layer) == "diameter"
        ]
        theirs = [
            (node[1], node[1] + node[2])
            for node in reading["layers"]
            # One of less than 36 octets is none to tshark 4.0.
            if node[0] == "diameter" and node[2] >= 36
        ]
        assert [(start, end) for start, end in ours if end - start >= 36] == theirs
        count += len(theirs)
    record_property("corpus: messages of Diameter", count)


def test_every_name_of_tshark_is_decided_upon(corpus: Path) -> None:
    """Each is compared, or stands on the list of those that cannot be, with a reason."""
    names = {
        name
        for _, truth in captures(corpus)
        for reading in readings(truth).values()
        for name in undecided(reading["layers"])
    }
    assert names == set()


def test_refusals_are_the_known_ones(corpus: Path) -> None:
    """Exactly the frames on the committed list do not decode, for exactly the reasons there."""
    found = [
        [path.name, frame.number, error.offset, error.path, error.reason]
        for path, _ in captures(corpus)
        for frame in frames(path)
        for error in packets.decode_packet(frame.octets, frame.linktype, lenient=True).errors
    ]
    assert found == [row[:5] for row in EXPECTED["refusals"]]
    assert all(len(row) == 6 and row[5] for row in EXPECTED["refusals"]), "a rule for each"


def test_rules_are_of_documents() -> None:
    for row in EXPECTED["refusals"] + EXPECTED["refused vectors"]:
        assert row[5].startswith(("RFC ", "IEEE ", "no message: ")), row


def test_encapsulations_not_supported_are_the_known_ones(corpus: Path) -> None:
    found = Counter(
        layer.protocol
        for path, _ in captures(corpus)
        for frame in frames(path)
        for layer in packets.decode_packet(frame.octets, frame.linktype).layers
        if isinstance(layer, Payload)
    )
    assert dict(found) == EXPECTED["encapsulations not supported"]


#: How the octets of a vector are read, by file and kind; kinds without a reader are pieces.
_OPTIONS = holder(dhcpv6.OPTIONS)
READERS: dict[str, dict[str, Any]] = {
    "dhcpv6": {
        "message": dhcpv6, "relay-message": dhcpv6, "option": _OPTIONS, "options": _OPTIONS,
    },
    "diameter": {"message": diameter, "avps": holder(diameter.AVPS)},
    "eap": {"message": eap, "attributes": holder(eap.ATTRIBUTES)},
    "eap-aka": {"message": eap},
    "icmpv6-mip6": {"packet": packets},
    "ikev2": {"message": ikev2, "message-badlen": ikev2},
    "ipv6-exthdr": {"packet": packets},
    "mipv6": {"mh-message": mipv6, "packet": packets},
}  # fmt: skip


def test_encrypted_payloads_in_the_clear(corpus: Path, record_property: Any) -> None:
    """Decrypted chains come back octet for octet; fields are where tshark sees them inside."""
    count, wrong = 0, []
    known = {
        (connection["file"], bytes.fromhex(message["plaintext"]))
        for connection in json.loads((corpus / "keys_ike.json").read_text())["connections"]
        for message in connection["messages"]
    }
    seen = set()
    for path, truth in captures(corpus):
        for number, reading in readings(truth).items():
            for first, octets, nodes in opened(reading["layers"]):
                seen.add((path.name, octets))
                payloads = ikev2.decode_chain(octets, first)
                rows = packets.explain(in_the_clear(payloads).encode())
                found = differences(nodes, rows, CHAIN)
                wrong += [f"{path.name} {number}: {text}" for text in found]
                count += len(compared(nodes))
    assert wrong == []
    # tshark does not open the one whose integrity checksum is wrong.
    assert {name for name, octets in known - seen if octets} == {"tcpdump__ikev2pI2.pcap"}
    record_property("corpus: decrypted chains", len(seen))
    record_property("corpus: fields in them", count)


@pytest.mark.parametrize("lenient", [False, True])
def test_decrypted_chains(corpus: Path, *, lenient: bool) -> None:
    """Chains of the public captures that have known keys, by themselves."""
    count: Counter[str] = Counter()
    for connection in json.loads((corpus / "keys_ike.json").read_text())["connections"]:
        for message in connection["messages"]:
            octets, first = bytes.fromhex(message["plaintext"]), message["inner_first_payload"]
            payloads = ikev2.decode_chain(octets, first, lenient=lenient)
            assert ikev2.encode_chain(payloads) == (first, octets)
            for payload in payloads:
                count[type(payload).__name__] += 1
                if isinstance(payload, ikev2.Eap):
                    assert eap.decode(payload.message.encode()) == payload.message
    assert count.total() > 200
    assert not any(name.startswith(("Malformed", "Unknown")) for name in count)


def kind_of(item: dict[str, Any]) -> str:
    """What a vector is; pieces of EAP that FreeRADIUS prints are lists of attributes."""
    if item["protocol"].startswith("eap") and "expected" in item:
        return "attributes"
    kind: str = item["kind"]
    return kind.partition(":")[0]


def test_vectors_of_other_projects(corpus: Path, record_property: Any) -> None:
    """What other projects' unit tests read or write comes back, or is refused for a reason."""
    refused = []
    for file, readers in READERS.items():
        for item in json.loads((corpus / "hex" / f"{file}.json").read_text()):
            reader = readers.get(kind_of(item))
            if reader is None:
                continue
            error = comes_back(reader, bytes.fromhex(item["hex"]))
            if error is not None:
                refused.append([file, item["name"], error.offset, error.path, error.reason])
            record_property(f"corpus: vectors of {file}", 1)
    assert refused == [row[:5] for row in EXPECTED["refused vectors"]]


def comes_back(reader: Any, octets: bytes) -> DecodeError | None:
    """Octets out as in, and by JSON too; else why not, and then the lenient reading is whole."""
    if reader is packets:
        packet = packets.decode_packet(octets, LinkType.IPV6)
        assert packet.encode() == octets
        return next(iter(packet.errors), None)
    try:
        message = reader.decode(octets)
    except DecodeError as e:
        with contextlib.suppress(DecodeError):  # The fixed part of a message must be there.
            assert reader.decode(octets, lenient=True).encode() == octets
        return e
    assert message.encode() == octets
    assert reader.from_dict(json.loads(json.dumps(message.to_dict()))) == message
    return None


def test_values_are_those_that_freeradius_prints(corpus: Path, record_property: Any) -> None:
    """tshark says where fields are; FreeRADIUS what they mean: times, prefixes, names."""
    count = 0
    for item in json.loads((corpus / "hex" / "dhcpv6.json").read_text()):
        reader = READERS["dhcpv6"].get(kind_of(item))
        if reader is None or "expected" not in item:
            continue
        wanted = printed(item["expected"])
        found = read(reader.decode(bytes.fromhex(item["hex"])), {name for name, _ in wanted})
        assert not Counter(wanted) - Counter(found), item["hex"]
        count += len(wanted)
    assert count > 180
    record_property("corpus: values compared with FreeRADIUS", count)


def test_diameter_of_other_projects(corpus: Path, record_property: Any) -> None:
    """Command, application, flags, AVPs and values of each vector are those that tshark reads."""
    path = corpus / "hex" / "diameter.lt101.pcap"
    read = readings(path.with_name(f"{path.name}.truth.jsonl.gz"))
    vectors = {
        item["frame"]: bytes.fromhex(item["hex"])
        for item in json.loads((corpus / "hex" / "diameter.json").read_text())
        if "frame" in item
    }
    counts, wrong = Counter[str](), []
    for frame in frames(path):
        # tshark takes messages of less than 36 octets for none.
        for node in named(read.get(frame.number, {"layers": []})["layers"], "diameter"):
            octets = frame.octets[node[1] : node[1] + node[2]]
            assert octets.endswith(vectors[frame.number])
            reading = DiameterReading(node)
            wrong += [
                f"{frame.number}: {text}" for text in reading.differs(diameter.decode(octets))
            ]
            counts += reading.counts
    assert wrong == []
    assert counts["messages"] == len(read) == 73
    assert counts["avps"] == 269, "and 19 inside of groups that are unknown here"
    for name, count in counts.items():
        record_property(f"corpus: Diameter, {name}", count)
