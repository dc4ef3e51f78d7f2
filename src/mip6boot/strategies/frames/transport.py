"""What IP carries: a message alone, or in UDP, TCP or SCTP."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ... import diameter, ip, packets
from ...ip import Protocol
from .ends import BETWEEN_RELAYS, FROM_SERVER, between
from .links import Draw

__all__ = ["over_ipv4", "upper"]


def over_ipv4(draw: Draw, protocol: str, message: Any) -> tuple[int, tuple[Any, ...]]:
    """Over IPv4 a mobility message is in IPv6 in UDP, between home addresses (RFC 5555 4.1)."""
    if protocol != "mipv6":
        return upper(draw, protocol, message)
    source, destination = map(draw, between(6))
    inner = ip.Ipv6Header(next_header=Protocol.MOBILITY, source=source, destination=destination)
    udp = ip.UdpHeader(source_port=draw(_ephemeral() | st.just(4191)), destination_port=4191)
    return Protocol.UDP, (udp, inner, message)


def upper(draw: Draw, protocol: str, message: Any) -> tuple[int, tuple[Any, ...]]:
    """The number of what IP carries, and its layers."""
    if protocol == "mipv6":
        return Protocol.MOBILITY, (message,)
    if protocol == "icmpv6":
        return Protocol.ICMPV6, (message,)
    if protocol == "dhcpv6":
        source, destination = _dhcpv6_ports(message)
        udp = ip.UdpHeader(source_port=source, destination_port=destination)
        return Protocol.UDP, (udp, message)
    if protocol == "ikev2":
        return Protocol.UDP, (*draw(_ike_ports()), message)
    return _stream(draw, message)


def _dhcpv6_ports(message: Any) -> tuple[int, int]:
    """RFC 8415 7.2."""
    if isinstance(message, BETWEEN_RELAYS):
        return 547, 547
    return (547, 546) if isinstance(message, FROM_SERVER) else (546, 547)


def _ike_ports() -> st.SearchStrategy[tuple[Any, ...]]:
    """A UDP header of IKE; on the port of NAT traversal a marker follows (RFC 7296 2.23)."""

    def behind_nat(port: int) -> tuple[Any, ...]:
        udp = ip.UdpHeader(source_port=port, destination_port=4500)
        return udp, packets.NonEspMarker()

    plain = (ip.UdpHeader(source_port=500, destination_port=500),)
    return st.just(plain) | (st.just(4500) | _ephemeral()).map(behind_nat)


def _stream(draw: Draw, message: Any) -> tuple[int, tuple[Any, ...]]:
    """Diameter in one segment of TCP, or one chunk of SCTP (RFC 6733 2.1)."""
    ports = (draw(_ephemeral()), 3868)
    if isinstance(message, diameter.DiameterMessage) and not message.is_request:
        ports = ports[::-1]
    names = dict(zip(("source_port", "destination_port"), ports, strict=True))
    number = st.integers(0, 0xFFFFFFFF)
    if draw(st.booleans()):
        sequence, acknowledgment = draw(number), draw(number)
        tcp = ip.TcpHeader(
            **names, sequence=sequence, acknowledgment=acknowledgment, ack=True, psh=True,
            window=draw(st.integers(1, 0xFFFF)),
        )  # fmt: skip
        return Protocol.TCP, (tcp, message)
    header = packets.SctpHeader(**names, verification_tag=draw(number))
    chunk = packets.SctpDataHeader(
        tsn=draw(number), stream=draw(st.integers(0, 9)), sequence=draw(st.integers(0, 0xFFFF)),
        payload_protocol=46,
    )  # fmt: skip
    return Protocol.SCTP, (header, chunk, message)


def _ephemeral() -> st.SearchStrategy[int]:
    """Ports that nobody has registered (RFC 6335 6)."""
    return st.integers(49152, 65535)
