"""Captures of public repositories against tshark's reading of them.

They are not part of the project: MIP6BOOT_CORPUS names the folder, and without it these tests skip.
"""

from __future__ import annotations

import gzip
import json
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mip6boot import capture, ip, mipv6, packets
from mip6boot.packets import Packet, Payload

from .conftest import DATA
from .truth import compared, disagreements

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


def is_ours(packet: Packet) -> bool:
    """The packet has what this library speaks of."""
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
    count, ours = 0, 0
    for path, truth in captures(corpus):
        with gzip.open(truth, "rt") as lines:
            readings = {reading["n"]: reading for reading in map(json.loads, lines)}
        for frame in frames(path):
            packet = packets.decode_packet(frame.octets, frame.linktype, lenient=True)
            ours += is_ours(packet)
            if frame.number not in readings or "protocol-62" in packet.protocols:
                continue
            reading = readings[frame.number]
            assert disagreements(reading, frame.octets, frame.linktype) == [], (
                path.name,
                frame.number,
            )
            count += len(compared(reading))
    assert count > 1700
    assert ours > 95
    record_property("corpus fields compared with tshark", count)
    record_property("corpus packets of Mobile IPv6", ours)


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


def test_encapsulations_not_supported_are_the_known_ones(corpus: Path) -> None:
    found = Counter(
        layer.protocol
        for path, _ in captures(corpus)
        for frame in frames(path)
        for layer in packets.decode_packet(frame.octets, frame.linktype).layers
        if isinstance(layer, Payload)
    )
    assert dict(found) == EXPECTED["encapsulations not supported"]


def test_vectors_of_other_projects(corpus: Path, record_property: Any) -> None:
    """Whole messages out of other projects' unit tests come back, or are refused for a reason."""
    kinds = {"mipv6": "mh-message", "icmpv6-mip6": "packet", "ipv6-exthdr": "packet"}
    count, refused = 0, []
    for name in kinds:
        for item in json.loads((corpus / "hex" / f"{name}.json").read_text()):
            octets = bytes.fromhex(item["hex"])
            if item["kind"].startswith("mh-message"):
                message = mipv6.decode(octets, lenient=True)
                assert message.encode() == octets
                if message.find(mipv6.OPTIONS.malformed) is not None:
                    refused.append(item["name"])
            elif item["kind"] == "packet":
                packet = packets.decode_packet(octets, packets.LinkType.IPV6)
                assert packet.encode() == octets
                assert not packet.errors
            else:
                continue
            count += 1
    assert count > 80
    assert sorted(refused) == EXPECTED["vectors with a malformed option"]
    record_property("corpus vectors decoded", count)
