"""Octets that ask for as much work as they can: many small parts, and parts inside each other."""

from __future__ import annotations

import gzip
import io
import struct
import warnings
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address
from typing import Any

from mip6boot import capture, dhcpv6, diameter, eap, ikev2, mipv6, packets
from mip6boot.errors import CaptureError, DecodeError
from mip6boot.schema import explain, walk

#: What is measured, and then the number of entries that are kept by it.
Work = Callable[[], Any]


def handled(room: Any, octets: bytes) -> Work:
    """Do with the octets of one message all that can be done, strictly and leniently."""

    def work() -> Any:
        with suppress(DecodeError):
            room.decode(octets)
        try:
            message = room.decode(octets, lenient=True)
        except DecodeError:
            return None
        assert message.encode() == octets
        assert str(message)
        assert room.from_dict(message.to_dict()) == message
        assert len(explain(type(message), octets)) > 0
        assert len(list(walk(message))) > 0
        return message, room.check(message)

    return work


# -- Mobile IPv6 ----------------------------------------------------------------------------------
def binding_update(options: bytes) -> bytes:
    body = bytes.fromhex("00010000003c") + options
    body += bytes(-(6 + len(body)) % 8)
    return bytes((59, (6 + len(body)) // 8 - 1, 5, 0, 0, 0)) + body


def pads(count: int) -> Work:
    return handled(mipv6, binding_update(bytes(count)))


def nonces(count: int) -> Work:
    """Options whose length is wrong, of three octets each."""
    return handled(mipv6, binding_update(b"\x04\x01\x00" * (count // 3)))


# -- DHCPv6 ---------------------------------------------------------------------------------------
def option(code: int, data: bytes = b"") -> bytes:
    return struct.pack(">HH", code, len(data)) + data


def solicit(options: bytes) -> bytes:
    return b"\x01\x00\x00\x01" + options


def empty_options(octets: int) -> Work:
    """Rapid Commit, which is empty."""
    return handled(dhcpv6, solicit(option(14) * (octets // 4)))


def unknown_options(octets: int) -> Work:
    return handled(dhcpv6, solicit(option(65000) * (octets // 4)))


def malformed_options(octets: int) -> Work:
    """Preference without its octet."""
    return handled(dhcpv6, solicit(option(7) * (octets // 4)))


def requested_codes(octets: int) -> Work:
    return handled(dhcpv6, solicit(option(6, bytes(octets - 8))))


def names(octets: int) -> Work:
    """A Domain List of names of one octet."""
    return handled(dhcpv6, solicit(option(24, b"\x01a\x00" * ((octets - 8) // 3))))


def pointers(octets: int) -> Work:
    """A Domain List of what would be compression pointers, each to the one before."""
    return handled(dhcpv6, solicit(option(24, b"\x01a\xc0\x00" * ((octets - 8) // 4))))


def endless_name(octets: int) -> Work:
    """A Domain List of one name that does not end."""
    return handled(dhcpv6, solicit(option(24, b"\x01a" * ((octets - 8) // 2))))


def classes(octets: int) -> Work:
    """A User Class of empty entries."""
    return handled(dhcpv6, solicit(option(15, bytes(2) * ((octets - 8) // 2))))


def relays(octets: int) -> Work:
    """A Relay-forward in a Relay-forward, to the end."""
    found = solicit(b"")
    head = bytes((12, 0)) + bytes(32)
    while len(found) + len(head) + 4 <= octets:
        found = head + option(9, found)
    return handled(dhcpv6, found)


def associations(octets: int) -> Work:
    """An IA_NA in an IA_NA, to the end."""
    found = b""
    while len(found) + 20 <= octets:
        found = option(3, bytes(12) + found)
    return handled(dhcpv6, solicit(found))


# -- IKEv2 ----------------------------------------------------------------------------------------
def ike(first: int, payloads: bytes) -> bytes:
    size = 28 + len(payloads)
    return (
        bytes(range(1, 9))
        + bytes(8)
        + struct.pack(">BBBBII", first, 0x20, 34, 8, 0, size)
        + payloads
    )


def payload(following: int, body: bytes = b"") -> bytes:
    return struct.pack(">BBH", following, 0, 4 + len(body)) + body


def empty_payloads(octets: int) -> Work:
    """Vendor IDs without content."""
    return handled(ikev2, ike(43, payload(43) * ((octets - 32) // 4) + payload(0)))


def proposals(octets: int) -> Work:
    """An SA payload of proposals without transforms."""
    count = (octets - 32) // 8
    found = b"".join(
        struct.pack(">BBHBBBB", 2, 0, 8, i % 255 + 1, 1, 0, 0) for i in range(count - 1)
    )
    return handled(ikev2, ike(33, payload(0, found + struct.pack(">BBHBBBB", 0, 0, 8, 1, 1, 0, 0))))


def transforms(octets: int) -> Work:
    """An SA payload of proposals with 255 transforms each."""
    inside = struct.pack(">BBHBBH", 3, 0, 8, 1, 0, 12) * 254 + struct.pack(
        ">BBHBBH", 0, 0, 8, 1, 0, 12
    )
    count = max((octets - 32) // (8 + len(inside)), 1)
    found = [
        struct.pack(">BBHBBBB", 2 if i < count - 1 else 0, 0, 8 + len(inside), i % 255 + 1, 1, 0, 255)
        for i in range(count)
    ]  # fmt: skip
    return handled(ikev2, ike(33, payload(0, b"".join(one + inside for one in found))))


def attributes(octets: int) -> Work:
    """A Configuration payload of empty attributes."""
    found = struct.pack(">HH", 8, 0) * ((octets - 36) // 4)
    return handled(ikev2, ike(47, payload(0, b"\x01\0\0\0" + found)))


# -- Diameter, EAP --------------------------------------------------------------------------------
def command(avps: bytes) -> bytes:
    size = (20 + len(avps)).to_bytes(3, "big")
    return b"\x01" + size + b"\x80" + (280).to_bytes(3, "big") + bytes(12) + avps


def avp(code: int, data: bytes = b"") -> bytes:
    return struct.pack(">IB", code, 0x40) + (8 + len(data)).to_bytes(3, "big") + data


def empty_avps(octets: int) -> Work:
    """User-Name without a name."""
    return handled(diameter, command(avp(1) * ((octets - 20) // 8)))


def malformed_avps(octets: int) -> Work:
    """Result-Code without a number."""
    return handled(diameter, command(avp(268) * ((octets - 20) // 8)))


def groups(octets: int) -> Work:
    """A Failed-AVP in a Failed-AVP, to the end."""
    found = b""
    while len(found) + 28 <= octets:
        found = avp(279, found)
    return handled(diameter, command(found))


def large_message(octets: int) -> Work:
    """As long as Diameter can say, and longer than any list is read."""
    return handled(diameter, command(avp(1) * ((octets - 20) // 8)))


def aka_attributes(octets: int) -> Work:
    """Attributes that may be skipped, of four octets each."""
    found = b"\xf0\x01\0\0" * ((octets - 8) // 4)
    return handled(eap, struct.pack(">BBHBBH", 1, 1, 8 + len(found), 23, 1, 0) + found)


# -- packets --------------------------------------------------------------------------------------
def seen(octets: bytes, linktype: int = packets.LinkType.IPV6) -> Work:
    """Do with a packet all that can be done."""

    def work() -> Any:
        found = []
        for lenient in (False, True):
            packet = packets.decode_packet(octets, linktype, lenient=lenient)
            assert packet.encode() == octets
            assert packets.from_dict(packet.to_dict()) == packet
            assert str(packet)
            found.append((packet, packet.checksums, packet.errors, packet.build()))
        assert packets.explain(octets, linktype=linktype)
        return found

    return work


def header(following: int, inside: bytes) -> bytes:
    addresses = bytes(15) + b"\x01" + bytes(15) + b"\x02"
    return struct.pack(">IHBB", 6 << 28, len(inside), following, 64) + addresses + inside


def tunnels(octets: int) -> Work:
    """IPv6 in IPv6, to the end; the innermost has nothing in it."""
    found = header(59, b"")
    while len(found) + 40 <= octets:
        found = header(41, found)
    return seen(found)


def extensions(octets: int) -> Work:
    """Destination Options behind each other, of eight octets each."""
    count = (octets - 40) // 8
    return seen(header(60, b"\x3c\x00\x01\x04\0\0\0\0" * (count - 1) + b"\x3b\x00\x01\x04\0\0\0\0"))


def chunks(octets: int) -> Work:
    """Chunks of SCTP without content."""
    return seen(header(132, bytes(12) + b"\x06\0\0\x04" * ((octets - 52) // 4)))


def neighbour_options(octets: int) -> Work:
    """A Router Advertisement of options of eight octets."""
    head = bytes((134, 0, 0, 0)) + bytes(12)
    return seen(header(58, head + b"\x01\x01\0\0\0\0\0\0" * ((octets - 56) // 8)))


def segment_messages(octets: int) -> Work:
    """A segment of TCP full of the shortest Diameter messages."""
    tcp = struct.pack(">HHIIHHHH", 40000, 3868, 1, 0, 5 << 12 | 0x10, 8192, 0, 0)
    return seen(header(6, tcp + command(b"") * ((octets - 60) // 20)))


def quotations(octets: int) -> Work:
    """An error that quotes an error that quotes an error, to the end; one is looked into."""
    found = header(59, b"")
    while len(found) + 48 <= octets:
        found = header(58, bytes((1, 4, 0, 0)) + bytes(4) + found)

    def work() -> Any:
        packet = seen(found)()[-1][0]
        return packet, packets.decode_quoted(packet.layers[-1])

    return work


# -- captures -------------------------------------------------------------------------------------
_PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 229)
_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)


def listed(octets: bytes) -> Work:
    """Read a capture to where it breaks; how many frames it had is all that is kept."""

    def work() -> int:
        count = 0
        with warnings.catch_warnings(), suppress(CaptureError):
            warnings.simplefilter("ignore", capture.CaptureWarning)
            for _ in capture.read(io.BytesIO(octets)):
                count += 1
        return count

    return work


def empty_records(octets: int) -> Work:
    """A pcap of records without octets, which all say that they had many."""
    return listed(_PCAP + struct.pack("<IIII", 0, 0, 0, 0xFFFFFFFF) * (octets // 16))


def lying_record(octets: int) -> Work:
    """A pcap whose one record says 200 MB."""
    return listed(_PCAP + struct.pack("<IIII", 0, 0, 200 << 20, 200 << 20) + bytes(octets - 40))


def lying_block(octets: int) -> Work:
    """A pcapng whose one block says 200 MB."""
    return listed(_SECTION + struct.pack("<II", 6, 200 << 20) + bytes(octets - 36))


def interfaces(octets: int) -> Work:
    """A pcapng of interface descriptions alone."""
    return listed(_SECTION + struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20) * (octets // 20))


def compressed(octets: int) -> Work:
    """A pcap of so many octets in a small gzip file."""
    plain = _PCAP + (struct.pack("<IIII", 0, 0, 65520, 65520) + bytes(65520)) * (octets // 65536)
    return listed(gzip.compress(plain))


# -- JSON -----------------------------------------------------------------------------------------
def json_objects(depth: int) -> Work:
    """A relayed message in a relayed message as a JSON form; nobody reads below the 40th."""
    form: Any = {"type": "Solicit", "transaction_id": 1, "options": []}
    address = str(IPv6Address(0))
    for _ in range(depth):
        form = {
            "type": "RelayForward", "hop_count": 0, "link_address": address,
            "peer_address": address, "options": [{"type": "RelayMessage", "message": form}],
        }  # fmt: skip

    def work() -> None:
        with suppress(DecodeError):
            dhcpv6.from_dict(form)
            raise AssertionError("nested deeper than 40")

    return work


def json_options(count: int) -> Work:
    form = {"type": "Solicit", "transaction_id": 1, "options": [{"type": "RapidCommit"}] * count}
    return lambda: dhcpv6.from_dict(form)
