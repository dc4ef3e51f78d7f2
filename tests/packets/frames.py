"""Frames made by hand from the figures of the standards, and what every frame must do."""

from __future__ import annotations

from mip6boot import packets
from mip6boot.packets import LinkType, Packet, decode_packet
from mip6boot.schema import Message

ETHERNET = "0202020202020a0a0a0a0a0a"
A6, B6 = "20010db8000000000000000000000001", "20010db8000000000000000000000002"
A4, B4 = "c0000201", "c0000202"

#: DHCPv6 Information-request (RFC 8415 8): type, transaction ID, option 8 elapsed time.
DHCPV6 = "0b123456" + "0008" + "0002" + "0000"
#: EAP Request/Identity (RFC 3748 5.1).
EAP = "01" + "05" + "0005" + "01"
#: IKE header without a payload (RFC 7296 3.1): INFORMATIONAL, request of the initiator.
IKE = "c0ffee0011223344" + "1122334455667788" + "00" + "20" + "25" + "08" + "00000002" + "0000001c"
#: The same of IKEv1.
IKEV1 = IKE[:34] + "10" + IKE[36:]
#: Diameter (RFC 6733 3, 4.1): version, length, flags R, Device-Watchdog, application, two
#: identifiers; the AVP Class with flag M.
DIAMETER = (
    "01" + "000024" + "80" + "000118" + "00000000" + "00000007" + "00000009"
    + "00000019" + "40" + "000010" + "0102030405060708"
)  # fmt: skip
#: ESP: SPI, sequence number, sealed octets.
ESP = "00000101" + "00000001" + "aa" * 24


def size(octets: str, more: int = 0) -> str:
    """The number of octets, and more, in two octets."""
    return f"{len(octets) // 2 + more:04x}"


def udp(payload: str, source: int, destination: int) -> str:
    return f"{source:04x}{destination:04x}" + size(payload, 8) + "0000" + payload


def tcp(payload: str, source: int, destination: int = 3868, flags: str = "18") -> str:
    """TCP (RFC 9293 3.1): sequence and acknowledgment number, ten words of header, options."""
    head = f"{source:04x}{destination:04x}" + "00001000" + "00002000" + f"80{flags}" + "ffff"
    return head + "0000" + "0000" + "0101080a00000001000000ff" + payload


def ipv4(payload: str, protocol: int = 17) -> str:
    return f"4500{size(payload, 20)}00000000{64:02x}{protocol:02x}0000{A4}{B4}" + payload


def ipv6(payload: str, protocol: int = 17) -> str:
    return f"60000000{size(payload)}{protocol:02x}40{A6}{B6}" + payload


def pppoe(frame: str) -> str:
    """PPPoE (RFC 2516 4): version 1, type 1, code 0, session 0x2a, length."""
    return ETHERNET + "8864" + "11" + "00" + "002a" + size(frame) + frame


def l2tp(frame: str, flags: str = "0002", rest: str = "") -> str:
    """L2TP (RFC 2661 3.1) over UDP over IPv4: flags and version, tunnel 7, session 9."""
    return ETHERNET + "0800" + ipv4(udp(flags + rest + "00070009" + frame, 1701, 1701))


def eapol(body: str, kind: str = "00", behind: str = "") -> str:
    """EAPOL (IEEE 802.1X): version 2, type, length."""
    return ETHERNET + "888e" + "02" + kind + size(body) + body + behind


def data_chunk(user_data: str, number: int = 46, flags: str = "03", tsn: int = 1) -> str:
    """A DATA chunk (RFC 9260 3.3.1) with stream 2, sequence number 3, and its padding."""
    head = f"00{flags}{size(user_data, 16)}{tsn:08x}" + "00020003" + f"{number:08x}"
    return head + user_data + "00" * (-(len(user_data) // 2) % 4)


def sctp(chunks: str) -> str:
    """SCTP (RFC 9260 3.1) over IPv6: ports 1000 and 3868, verification tag 0x10, no checksum."""
    return ETHERNET + "86dd" + ipv6("03e80f1c" + "00000010" + "00000000" + chunks, 132)


DHCP_PACKET = ipv6(udp(DHCPV6, 546, 547))

#: Name -> frame and the protocols in it.
FRAMES = {
    "pppoe": (pppoe("0057" + DHCP_PACKET), "ethernet pppoe ppp ipv6 udp dhcpv6"),
    "pppoe, padded": (
        pppoe("0057" + DHCP_PACKET) + "0000",
        "ethernet pppoe ppp ipv6 udp dhcpv6 trailer",
    ),
    "pppoe, compressed": (pppoe("21" + ipv4("", 59)), "ethernet pppoe ppp-compressed ipv4"),
    "pppoe, eap": (pppoe("c227" + EAP), "ethernet pppoe ppp eap"),
    "pppoe, lcp": (pppoe("c021" + "01010004"), "ethernet pppoe ppp ppp-0xc021"),
    "pppoe, discovery code": (
        ETHERNET + "8864" + "1109" + "0000" + "0004" + "01010000",
        "ethernet pppoe not-a-pppoe-session",
    ),
    "l2tp": (
        l2tp("ff03" + "0057" + DHCP_PACKET),
        "ethernet ipv4 udp l2tp ppp-framing ppp ipv6 udp dhcpv6",
    ),
    "l2tp, all fields": (
        ETHERNET + "0800" + ipv4(udp(
            "4a02" + size(DHCP_PACKET, 20) + "00070009" + "00010002" + "0004" + "deadbeef"
            + "0057" + DHCP_PACKET + "ffff", 1701, 1701)),
        "ethernet ipv4 udp l2tp l2tp-offset ppp ipv6 udp dhcpv6 trailer",
    ),
    "l2tp, control": (
        ETHERNET + "0800" + ipv4(udp("c802" + "0014" + "00070000" + "00000000"
                                     + "8008000000000001", 1701, 1701)),
        "ethernet ipv4 udp l2tp l2tp-control",
    ),
    "l2tp, version 3": (
        ETHERNET + "0800" + ipv4(udp("0003" + "0000" + "00000009" + "0057", 1701, 1701)),
        "ethernet ipv4 udp not-l2tpv2",
    ),
    "eapol": (eapol(EAP), "ethernet eapol eap"),
    "eapol, padded": (eapol(EAP, behind="00" * 37), "ethernet eapol eap trailer"),
    "eapol, padded inside": (eapol(EAP + "0000"), "ethernet eapol eap trailer"),
    "eapol, start": (eapol("", "01"), "ethernet eapol"),
    "eapol, key": (eapol("02aa", "03"), "ethernet eapol eapol-3"),
    "sctp": (
        sctp(data_chunk("aabbccddee", 99) + "03000010" + "000000010001000000000000"
             + data_chunk(DIAMETER) + data_chunk("ee", 46, "02")),
        "ethernet ipv6 sctp sctp-data sctp-data-99 trailer sctp-chunk sctp-data diameter sctp-data"
        " sctp-fragment trailer",
    ),
    "sctp, diameter by its port": (sctp(data_chunk(DIAMETER, 0, tsn=5)), "ethernet ipv6 sctp sctp-data diameter"),
    "sctp, diameter in dtls": (sctp(data_chunk(DIAMETER, 47, tsn=6)), "ethernet ipv6 sctp sctp-data sctp-data-47"),
    "tcp": (ETHERNET + "0800" + ipv4(tcp(DIAMETER, 40001), 6), "ethernet ipv4 tcp diameter"),
    "tcp, padded": (
        ETHERNET + "0800" + ipv4(tcp("", 40002), 6) + "00" * 2,
        "ethernet ipv4 tcp trailer",
    ),
    "tcp, two messages and the start of one": (
        ETHERNET + "86dd" + ipv6(tcp(DIAMETER * 2 + DIAMETER[:30], 40003), 6),
        "ethernet ipv6 tcp diameter diameter diameter-segment",
    ),
    "tcp, the end of a message": (
        ETHERNET + "86dd" + ipv6(tcp(DIAMETER[30:] + DIAMETER, 40004), 6),
        "ethernet ipv6 tcp diameter-segment",
    ),
    "tcp, another port": (
        ETHERNET + "86dd" + ipv6(tcp(DIAMETER, 443, 40005), 6),
        "ethernet ipv6 tcp tcp-443",
    ),
    "sctp, not padded": (sctp("05000005ff"), "ethernet ipv6 sctp sctp-chunk"),
    "ike": (ETHERNET + "86dd" + ipv6(udp(IKE, 500, 500)), "ethernet ipv6 udp ikev2"),
    "ike, version 1": (ETHERNET + "86dd" + ipv6(udp(IKEV1, 500, 500)), "ethernet ipv6 udp ikev1"),
    "nat traversal, ike": (
        ETHERNET + "0800" + ipv4(udp("00000000" + IKE, 4500, 4500)),
        "ethernet ipv4 udp non-esp-marker ikev2",
    ),
    "nat traversal, ike version 1": (
        ETHERNET + "0800" + ipv4(udp("00000000" + IKEV1, 4500, 4500)),
        "ethernet ipv4 udp non-esp-marker ikev1",
    ),
    "nat traversal, esp": (
        ETHERNET + "0800" + ipv4(udp(ESP, 4500, 61000)),
        "ethernet ipv4 udp esp",
    ),
    "nat traversal, keepalive": (
        ETHERNET + "0800" + ipv4(udp("ff", 61000, 4500)) + "00" * 17,
        "ethernet ipv4 udp nat-keepalive trailer",
    ),
    "dhcpv6 over ipv4": (
        ETHERNET + "0800" + ipv4(udp(DHCPV6, 546, 547)),
        "ethernet ipv4 udp dhcpv6",
    ),
}  # fmt: skip


def comes_back(octets: bytes, linktype: int = LinkType.ETHERNET, *, lenient: bool = True) -> Packet:
    """The packet in a frame, after it is shown that nothing of the frame is lost."""
    packet = decode_packet(octets, linktype, lenient=lenient)
    assert packet.encode() == octets
    again = packets.from_dict(packet.to_dict())
    assert again == packet
    # What the walk found is what the layers alone say.
    assert again.spans == packet.spans
    assert again.checksums == packet.checksums
    assert again.is_fragment == packet.is_fragment
    assert list(map(str, Packet(packet.layers).errors)) == list(map(str, packet.errors))
    # Each layer is what its octets by themselves are, so decoding strictly first changes nothing.
    for layer, (start, end) in zip(packet.layers, packet.spans, strict=True):
        if isinstance(layer, Message):
            assert type(layer).decode(octets[start:end], lenient=lenient) == layer
    rows = packets.explain(octets, linktype=linktype)
    assert b"".join(row.octets for row in rows if row.mask is None) == octets
    at = 0
    for row in rows:
        if row.mask is None:
            assert row.offset == at
            at += row.length
    return packet
