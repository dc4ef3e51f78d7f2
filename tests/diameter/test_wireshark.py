"""Every AVP, every message and every named value, as tshark reads and names them."""

from __future__ import annotations

import re
import struct
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mip6boot import diameter
from mip6boot.schema import Unknown, elements

from ..test_registries import avp_class, avps, class_name
from ..test_tshark import _PLAIN, node
from ..test_vectors import ROWS
from .readings import DiameterReading

#: tshark reads packets of this link type as Diameter with nothing below.
LINK_TYPE = 147
SETTING = 'uat:user_dlts:"User 0 (DLT=147)","diameter","0","","0",""'


def request(octets: bytes) -> bytes:
    """A Diameter-EAP-Request of STa (RFC 6733 3) with a Session-Id and the AVPs in it."""
    octets = bytes.fromhex("00000107400000126777 2e6578616d706c650000") + octets
    return struct.pack(">IIIII", 1 << 24 | 20 + len(octets), 0x8000010C, 16777250, 0, 0) + octets


def dissected(tshark: str, path: Path, messages: list[bytes]) -> list[ET.Element | None]:
    """tshark's tree of each message; None where it takes it for none."""
    packets = b"".join(struct.pack(">IIII", 0, 0, len(m), len(m)) + m for m in messages)
    path.write_bytes(struct.pack(">IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINK_TYPE) + packets)
    command = [tshark, "-r", str(path), "-o", SETTING, "-T", "pdml"]
    found = subprocess.run(command, capture_output=True, check=True)
    return [
        next((p for p in packet.iter("proto") if p.get("name") == "diameter"), None)
        for packet in ET.fromstring(found.stdout.translate(_PLAIN)).iter("packet")
    ]


def rows() -> Iterator[tuple[str, bytes]]:
    """The table of octets: each message, and each AVP in one."""
    for param in ROWS:
        cls, octets, *_ = param.values
        if issubclass(cls, diameter.DiameterMessage):
            yield str(param.id), octets
        elif issubclass(cls, diameter.Avp):
            yield str(param.id), request(octets)


def test_every_row(tshark: str, tmp_path: Path, record_property: Any) -> None:
    """Headers, flags, vendors, padding, nested AVPs and values are what tshark reads."""
    ids, messages = zip(*rows(), strict=True)
    trees = dissected(tshark, tmp_path / "rows.pcap", list(messages))
    wrong, refused, named, counts = [], set(), set(), Counter[str]()
    for name, octets, tree in zip(ids, messages, trees, strict=True):
        if tree is None:
            refused.add(name.partition("-")[0] + reason(octets))
            continue
        reading = DiameterReading(node(tree))
        wrong += [f"{name}: {text}" for text in reading.differs(diameter.decode(octets))]
        named |= reading.names
        counts += reading.counts
    assert wrong == []
    assert refused == REFUSED
    declared = {cls.__name__ for cls in diameter.AVPS if not issubclass(cls, Unknown)}
    assert {cls for cls, _ in named} == declared - {class_name(name) for name in NOT_KNOWN}
    assert {(cls, name) for cls, name in named if cls != class_name(name)} == {
        (class_name(name), other) for name, (other, _) in OTHER.items() if other != name
    }
    for name, count in counts.items():
        record_property(f"Diameter: {name} compared with tshark", count)


def reason(octets: bytes) -> str:
    """Why tshark does not take a message for one of Diameter, by its tests of the header."""
    if octets[0] != 1:
        return ": version"
    return ": reserved flags" if octets[4] & 0x0F else f": {len(octets)} octets"


#: Rows with a header that tshark's test for Diameter refuses.
REFUSED = {
    "CapabilitiesExchangeRequest: version",
    "DiameterEapRequest: reserved flags",
    "SessionTerminationAnswer: reserved flags",
    "UnknownAnswer: 32 octets",
    "UnknownRequest: reserved flags",
    "UnknownRequest: 20 octets",
}

#: AVPs that are not in Wireshark's dictionary.
NOT_KNOWN = {"QoS-Capability"}


def test_types(tshark: str) -> None:
    """Wireshark's dictionary has the AVPs under the same codes, with types that fit."""
    printed = subprocess.run([tshark, "-G", "fields"], capture_output=True, check=True, text=True)
    found = {}
    for line in printed.stdout.splitlines():
        columns = line.split("\t")
        keys = re.fullmatch(r"(?:vendor=(\d+) )?code=(\d+)", columns[-1])
        if keys and columns[2].startswith("diameter."):
            found[int(keys[2]), int(keys[1] or 0)] = columns[1], columns[3]
    other = {}
    for name, row in avps().items():
        if name in NOT_KNOWN:
            continue
        named, kind = found[int(row["code"]), int(row["vendor"])]
        cls = avp_class(row)
        element = next(p.element for p in cls.schema.layout.parts if p.name == "value")
        if not isinstance(element, KINDS[kind]) or named != name:
            other[name] = named, kind
    assert other == OTHER


_NUMBERS = (elements.Integer, elements.OpenEnum)
_TEXT, _OCTETS, _ADDRESS = map(type, (elements.Text, elements.GreedyOctets, elements.FamilyAddress))
KINDS: dict[str, tuple[type[Any], ...]] = {
    "FT_UINT32": _NUMBERS,
    "FT_INT32": _NUMBERS,
    "FT_UINT64": _NUMBERS,
    "FT_ABSOLUTE_TIME": _NUMBERS,
    "FT_STRING": (_TEXT,),
    "FT_BYTES": (
        _OCTETS, _ADDRESS, elements.OptionList, elements.OneOf, elements.OptionalOneOf,
        elements.Nested,
    ),
}  # fmt: skip

#: AVPs with another name or type in Wireshark's dictionary.
OTHER = {
    "Acct-Multi-Session-Id": ("Accounting-Multi-Session-Id", "FT_STRING"),  # RFC 6733 9.8.5: Acct-
    "Chargeable-User-Identity": ("CUI", "FT_STRING"),  # RFC 5778 6.19: OctetString
    "EAP-Key-Name": ("EAP-Key-Name", "FT_STRING"),  # RFC 4072 4.1.4: OctetString
    # TS 29.229 6.3 calls them SIP-; the prefix tells them from those of RFC 4740.
    "SIP-Number-Auth-Items": ("3GPP-SIP-Number-Auth-Items", "FT_UINT32"),
    "SIP-Authentication-Scheme": ("3GPP-SIP-Authentication-Scheme", "FT_STRING"),
    "SIP-Authenticate": ("3GPP-SIP-Authenticate", "FT_BYTES"),
    "SIP-Authorization": ("3GPP-SIP-Authorization", "FT_BYTES"),
    "SIP-Auth-Data-Item": ("3GPP-SIP-Auth-Data-Item", "FT_BYTES"),
    "SIP-Item-Number": ("3GPP-SIP-Item-Number", "FT_UINT32"),
}


def test_names_of_values(tshark: str, tmp_path: Path, record_property: Any) -> None:
    """Every number that has a name here has the same name in Wireshark's dictionary."""
    members = [
        (cls, member)
        for cls in diameter.AVPS
        for part in cls.schema.layout.parts
        if part.name == "value" and isinstance(part.element, elements.OpenEnum)
        for member in part.element.members
    ]
    messages = [request(cls(member).encode()) for cls, member in members]
    trees = dissected(tshark, tmp_path / "values.pcap", messages)
    other = {}
    for (cls, member), tree in zip(members, trees, strict=True):
        assert tree is not None
        avp = list(tree.iter("field"))[-1]
        shown = str(avp.get("showname")).partition(": ")[2]
        if plain(shown) != plain(f"{member.name} ({int(member)})"):
            other[f"{cls.__name__}.{member.name}"] = shown
    assert other == OTHER_NAMES | {
        f"{cls}.{name}": shown
        for cls in ("AuthApplicationId", "AcctApplicationId")
        for name, shown in APPLICATIONS.items()
    }
    record_property("Diameter: named values compared with tshark", len(members))


def plain(text: str) -> str:
    return re.sub(r"\W|_", "", text).upper()


#: What Wireshark calls the applications.
APPLICATIONS = {
    "BASE": "Diameter Common Messages (0)",
    "NASREQ": "NASREQ Application (1)",
    "EAP": "EAP Application (5)",
    "MIP6I": "Diameter Mobile IPv6 IKE   (MIP6I) (7)",
    "MIP6A": "Diameter Mobile IPv6 Auth  (MIP6A) (8)",
    "CX": "3GPP Cx (16777216)",
    "STA": "3GPP STa (16777250)",
    "S6A": "3GPP S6a/S6d (16777251)",
    "SWM": "3GPP SWm (16777264)",
    "SWX": "3GPP SWx (16777265)",
    "S6B": "3GPP S6b (16777272)",
}

#: What Wireshark calls otherwise than the documents do.
OTHER_NAMES = {
    "RedirectHostUsage.DONT_CACHE": "Don't Care (0)",  # RFC 6733 6.13: DONT_CACHE
    "ResultCode.ELECTION_LOST": "DIAMETER_ELECTION_LOST (4003)",  # RFC 6733 7.1.4: ELECTION_LOST
    "MipReplayMode.TIMESTAMP": "Timestamps (2)",  # RFC 5778 6.14: Timestamp
    "Mip6AuthMode.MIP6_AUTH_MN_AAA": "IP6_AUTH_MN_AAA (1)",  # RFC 5778 6.20: MIP6_AUTH_MN_AAA
}
