"""What mobile node and home agent have in common: a packet is opened, checked, and understood."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import ClassVar

from ..errors import DecodeError, IntegrityError, UnknownSa
from ..mipv6 import MobilityHeader
from ..mipv6 import decode as decode_mobility
from ..packets import LinkType, Packet, decode_packet
from ..security import EspSa
from .actor import Actor, Port, Unit
from .mobility_checks import RateLimit, answer_fault, fault_of
from .mobility_packets import Associations, MobilityPacket, mobility_of
from .neighbours import Discovery, discovery_of

__all__ = ["MobilityEnd"]

#: Types of RFC 6275 6.1.1 and 5846 5: every node knows these, even if it does nothing with some.
_KNOWN = frozenset((*range(8), 16))


class MobilityEnd(Actor):
    """An actor that takes IP packets with Mobility Headers and Neighbor Discovery."""

    #: Types that have to come sealed (RFC 4877 4.1, RFC 5846 6.1).
    PROTECTED: ClassVar[frozenset[int]] = frozenset()

    associations: Associations
    unprotected: bool
    "Nothing has to come sealed."
    errors_sent: RateLimit

    def add_sa(self, home_address: IPv6Address, inbound: EspSa, outbound: EspSa) -> None:
        """Take the SAs of a home address; they stay when the mobile node moves (RFC 4877 4.4).

        From now on `outbound` seals; SAs that were taken earlier still open.
        """
        self.associations.add(home_address, inbound, outbound)

    def remove_sa(self, spi: int) -> None:
        """Forget the SA that packets with the SPI come by."""
        self.associations.remove(spi)

    def can_seal(self, home_address: IPv6Address, now: float) -> bool:
        """What came sealed, or has to go sealed, never goes open: an SA may have gone meanwhile."""
        if self.associations.sender(home_address) is not None:
            return True
        self.note(now, "not sent", f"{home_address} has no SA")
        return False

    # -- what each end does for itself ----------------------------------------------------------
    def selector(self, packet: MobilityPacket) -> IPv6Address:
        """The home address that a sealed packet has to have the SA of (RFC 4877 4.2)."""
        raise NotImplementedError

    def neighbour(self, told: Discovery, now: float) -> None:
        """Take a valid message of Neighbor Discovery."""
        raise NotImplementedError

    def message(self, packet: MobilityPacket, message: MobilityHeader, now: float) -> None:
        """Take a mobility message whose header is right; options may be Malformed."""
        raise NotImplementedError

    def other(self, packet: Packet, now: float) -> None:
        """Take a packet with neither."""
        self.note(now, "dropped", "no Mobility Header")

    # -- what comes in --------------------------------------------------------------------------
    def receive(self, unit: Unit, now: float) -> None:
        if unit.port != Port.IP:
            self.note(now, "dropped", f"nothing is expected by {unit.port}")
            return
        # What is over is over, even if nobody has said so yet.
        self.handle_timeout(now)
        packet = decode_packet(unit.octets, LinkType.IPV6, lenient=True)
        try:
            told = discovery_of(packet, unit.link)
            found = None if told else mobility_of(packet, self.associations, unit.link)
        except (DecodeError, IntegrityError, UnknownSa) as e:
            self.note(now, "dropped", str(e))
            return
        if told is not None:
            self.neighbour(told, now)
        elif found is None:
            self.other(packet, now)
        else:
            self._mobility(found, now)

    def _mobility(self, packet: MobilityPacket, now: float) -> None:
        reason = self.objection(packet)
        fault = None if reason else fault_of(packet, _KNOWN)
        if fault is not None:
            reason = f"Mobility Header: {fault.fault}"
            answer = answer_fault(packet, fault, packet.destination)
            if answer is not None and self.errors_sent.allows(now):
                self.send(answer)
        if reason:
            self.note(now, "dropped", reason)
            return
        try:
            message = decode_mobility(packet.octets[: 8 + 8 * packet.octets[1]], lenient=True)
        except DecodeError as e:
            self.note(now, "dropped", str(e))
            return
        self.message(packet, message, now)

    def objection(self, packet: MobilityPacket) -> str:
        """Why a packet does not get in, to this node and by IPsec; empty for one that does."""
        if packet.destination.is_multicast:
            return f"{packet.destination} is not one node"
        if packet.sealed_for is not None:
            selector = self.selector(packet)
            wrong = packet.sealed_for != selector
            return f"the SA is that of {packet.sealed_for}, not {selector}" if wrong else ""
        kind = packet.octets[2:3]
        if kind and kind[0] in self.PROTECTED and not self.unprotected:
            return f"type {kind[0]} has to come sealed"
        return ""
