"""What is sealed in ESP: what an IP header carries, or a whole packet; of three grades."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import msgspec
from hypothesis import strategies as st

from ... import ip, packets
from ...ip import EspPacket, Protocol
from ...packets import LinkType, Packet
from ...security import EspSa
from ..frames.ends import ends_of
from ..frames.faults import PacketRule
from ..frames.hostile import hostile_inside, mutants
from ..frames.legal import Wanted, stacked
from ..frames.links import ETHERTYPES, link_layers
from ..frames.near_legal import around_near_legal, broken_packets

__all__ = ["MODES", "EspInside", "octets_of", "trailer"]

#: Octets that what is encrypted is a multiple of (RFC 4303 2.4), and the most padding.
_WORD, _PADDING = 4, 255


class EspInside(msgspec.Struct, frozen=True):
    """What is to be sealed, and what is wrong with it."""

    content: bytes
    next_header: int
    rule: Any = None
    path: str = ""
    reason: str = ""


class _Zeros:
    """The octets of seals that others take the place of."""

    def randbytes(self, n: int, /) -> bytes:
        return bytes(n)


# -- modes ------------------------------------------------------------------------------------
def _transport(
    draw: Any, sa: EspSa, outside: Wanted, within: Wanted, grade: str, ports: Any
) -> tuple[Packet, EspInside]:
    """A packet with what its IP header carries to be sealed."""
    broken = None
    if grade == "near_legal":
        plain, broken = draw(around_near_legal(outside))
    else:
        plain = draw(stacked(outside))
    outer = packets.seal_transport(plain, sa, sequence=1, rng=_Zeros(), udp_ports=ports)
    opened = sa.unseal(outer.find(EspPacket))
    content, number = opened.payload, opened.next_header
    if grade == "hostile":
        # What stays before ESP is as long as it was.
        before = len(plain.encode()) - len(content)
        content = hostile_inside(draw, plain).encode()[before:]
    if broken is None:
        return outer, EspInside(content, number)
    return outer, EspInside(content, number, broken.rule, f"inner.{broken.path}", broken.reason)


def _tunnel(
    draw: Any, sa: EspSa, outside: Wanted, within: Wanted, grade: str, ports: Any
) -> tuple[Packet, EspInside]:
    """A packet of IP to be sealed as a whole."""
    if grade == "near_legal":
        broken = draw(broken_packets(within))
        inside = EspInside(broken.octets, _number(broken.linktype), broken.rule,
                        f"inner.{broken.path}", broken.reason)  # fmt: skip
    else:
        plain = draw(stacked(within))
        octets = draw(mutants(plain)) if grade == "hostile" else plain.encode()
        inside = EspInside(octets, _number(plain.linktype))
    link = draw(st.sampled_from(outside.links_of("esp")))
    source, destination = ends_of(draw, "esp", None, link, outside.source, outside.destination)
    nothing = ip.Ipv6Header(
        next_header=Protocol.NO_NEXT_HEADER, source=_NOBODY, destination=_NOBODY
    )
    bare = Packet(
        (*link_layers(draw, link, ETHERTYPES[source.version], destination), nothing), link
    )
    outer = packets.seal_tunnel(
        bare, sa, source, destination, sequence=1, rng=_Zeros(), udp_ports=ports
    )
    return outer, inside


MODES = {"transport": _transport, "tunnel": _tunnel}
_NOBODY = IPv6Address("::")


def _number(linktype: int) -> int:
    return Protocol.IPIP if linktype == LinkType.IPV4 else Protocol.IPV6


# -- what is behind the content -----------------------------------------------------------------
_PAD = PacketRule("padding of ESP counts from 1", "4303 2.4")
_PAD_LENGTH = PacketRule("pad length of ESP", "4303 2.5")
_NEXT = PacketRule("next header of ESP", "4303 2.6")


def trailer(draw: Any, sa: EspSa, inside: EspInside, grade: str) -> tuple[bytes, EspInside]:
    """Padding, its length and the next header, legal or not."""
    unit = max(sa.protection.unit, _WORD)
    least = -(len(inside.content) + 2) % unit
    size = least + unit * draw(st.sampled_from((0, 0, 0, 1, (_PADDING - least) // unit)))
    padding, counted, number = bytes(range(1, size + 1)), size, inside.next_header
    if grade == "hostile":
        kinds: tuple[Any, ...] = (None, None, None, _PAD, _PAD_LENGTH, _NEXT)
    else:
        kinds = (*((_PAD,) if size else ()), _PAD_LENGTH, _NEXT)
    wrong = draw(st.sampled_from(kinds)) if grade != "legal" else None
    if wrong is _PAD:
        padding = draw(octets_of(size).filter(lambda octets: octets != padding or not octets))
    elif wrong is _PAD_LENGTH:
        counted = draw(st.integers(0, _PADDING).filter(lambda n: n != size))
    elif wrong is _NEXT:
        number = draw(st.integers(0, 255).filter(lambda n: n != inside.next_header))
    if grade == "near_legal" and wrong is not None:
        inside = msgspec.structs.replace(
            inside, rule=wrong, path=f"inner.{_FIELDS[wrong]}", reason=wrong.name
        )
    return padding + bytes((counted, number)), inside


_FIELDS = {_PAD: "padding", _PAD_LENGTH: "pad_length", _NEXT: "next_header"}


def octets_of(size: int) -> st.SearchStrategy[bytes]:
    """So many octets, of any value."""
    return st.binary(min_size=size, max_size=size)
