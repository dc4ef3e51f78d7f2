"""What every node checks of a Mobility Header, and what it answers (RFC 6275 9.2, 9.3.3)."""

from __future__ import annotations

import enum
from collections.abc import Collection
from ipaddress import IPv6Address

import msgspec

from .. import ip
from ..mipv6 import BindingError, BindingErrorStatus, checksum_of, with_checksum
from ..packets import LinkType, Packet
from .actor import Port, Unit
from .mobility_packets import MobilityPacket

__all__ = ["HeaderFault", "MobilityFault", "RateLimit", "answer_fault", "fault_of"]

_NO_NEXT_HEADER = 59
_PAYLOAD_PROTO, _HEADER_LEN, _MH_TYPE, _CHECKSUM = 0, 1, 2, 4

#: Header Len of the fixed part of a message with its padding, by MH type (RFC 6275 6.1, 5846 5).
_LEAST_HEADER_LEN = {0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 1, 6: 1, 7: 2, 16: 1}

#: An IPv6 packet that every link carries, which an error must not exceed (RFC 4443 2.4).
_LEAST_MTU = 1280
_BEFORE_QUOTED = 48


class HeaderFault(enum.StrEnum):
    """What is wrong with a Mobility Header."""

    TRUNCATED = "it is longer than the packet"
    CHECKSUM = "its checksum is wrong"
    MH_TYPE = "its type is unknown"
    PAYLOAD_PROTO = "something is to follow it"
    HEADER_LEN = "it is too short for its type"


class MobilityFault(msgspec.Struct, frozen=True):
    """A fault, and which octet of the Mobility Header has it."""

    fault: HeaderFault
    at: int = 0


def fault_of(packet: MobilityPacket, known: Collection[int]) -> MobilityFault | None:
    """The first fault in the order of RFC 6275 9.2; None for a header that is right."""
    octets = packet.octets
    size = 8 + 8 * octets[_HEADER_LEN] if len(octets) > 1 else 8
    if len(octets) < size:
        return MobilityFault(HeaderFault.TRUNCATED, _HEADER_LEN)
    # Where the length or what follows is wrong, its sender may have counted all there is.
    if not any(_is_right(octets[:end], packet) for end in {size, len(octets)}):
        return MobilityFault(HeaderFault.CHECKSUM, _CHECKSUM)
    kind = octets[_MH_TYPE]
    if kind not in known:
        return MobilityFault(HeaderFault.MH_TYPE, _MH_TYPE)
    if octets[_PAYLOAD_PROTO] != _NO_NEXT_HEADER:
        return MobilityFault(HeaderFault.PAYLOAD_PROTO, _PAYLOAD_PROTO)
    if octets[_HEADER_LEN] < _LEAST_HEADER_LEN[kind]:
        return MobilityFault(HeaderFault.HEADER_LEN, _HEADER_LEN)
    return None


def _is_right(octets: bytes, packet: MobilityPacket) -> bool:
    said = int.from_bytes(octets[_CHECKSUM : _CHECKSUM + 2], "big")
    return said == checksum_of(octets, *packet.checksum_addresses)


def answer_fault(packet: MobilityPacket, fault: MobilityFault, own: IPv6Address) -> Unit | None:
    """The Binding Error or ICMPv6 Parameter Problem for a fault; None where silence is right.

    Both go to the packet's source, whatever a binding says, and never to many.
    """
    if packet.source.is_multicast or packet.source.is_unspecified:
        return None
    if fault.fault == HeaderFault.MH_TYPE:
        # A home address that came in a routing header is the receiver's own.
        home = None if packet.final else packet.home_address
        error = BindingError(
            status=BindingErrorStatus.UNRECOGNIZED_MH_TYPE, home_address=home or IPv6Address("::")
        )
        right = with_checksum(error, own, packet.source)
        return _unit(ip.Protocol.MOBILITY, right, own, packet)
    if fault.fault in (HeaderFault.PAYLOAD_PROTO, HeaderFault.HEADER_LEN):
        # What came sealed is quoted sealed; the pointer tells where in there the octet is.
        problem = ip.ParameterProblem(
            code=ip.ParameterProblemCode.ERRONEOUS_HEADER_FIELD,
            pointer=packet.at + fault.at,
            quoted=packet.packet[: _LEAST_MTU - _BEFORE_QUOTED],
        )
        return _unit(ip.Protocol.ICMPV6, problem, own, packet)
    return None


def _unit(
    protocol: ip.Protocol,
    message: BindingError | ip.ParameterProblem,
    own: IPv6Address,
    packet: MobilityPacket,
) -> Unit:
    header = ip.Ipv6Header(next_header=protocol, source=own, destination=packet.source)
    octets = Packet((header, message), LinkType.IPV6).build().encode()
    return Unit(
        port=Port.IP, source=own, destination=packet.source, octets=octets, link=packet.link
    )


class RateLimit:
    """A token bucket: how many errors a node sends (RFC 4443 2.4(f), RFC 6275 9.3.3)."""

    def __init__(self, per_second: float = 10.0, burst: int = 10) -> None:
        self._rate, self._burst = per_second, burst
        self._tokens, self._then = float(burst), 0.0

    def allows(self, now: float) -> bool:
        """One more may be sent now; it is counted then."""
        gained = max(now - self._then, 0.0) * self._rate
        self._tokens, self._then = min(self._tokens + gained, float(self._burst)), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
