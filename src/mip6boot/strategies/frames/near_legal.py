"""Frames with exactly one thing wrong: in what stands before the message, or in the message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from hypothesis import strategies as st

from ...packets import LinkType, Packet
from ..grades.near_legal import NearLegal, near_legal_messages
from .faults import field_faults, truncations
from .legal import Choice, Wanted, around_octets, messages_of, stacked, wanted
from .misplaced import misplacements

__all__ = ["NearLegalPacket", "around_near_legal", "broken_packets", "near_legal_packets"]


class NearLegalPacket(NearLegal, frozen=True):
    """Octets of a frame with exactly one thing wrong; paths are those of `packets.explain`."""

    linktype: int = LinkType.ETHERNET


def near_legal_packets(
    *,
    protocol: Choice = None,
    link: LinkType | int | Iterable[LinkType | int] | None = None,
    source: st.SearchStrategy[Any] | None = None,
    destination: st.SearchStrategy[Any] | None = None,
    message: st.SearchStrategy[Any] | None = None,
) -> st.SearchStrategy[NearLegalPacket]:
    """Frames that receivers have to refuse for one reason, told by a rule and a path.

    A length, checksum, next header, version or hop limit is wrong, a Home Address option is where
    none may be, the frame is cut; or all that is right and the message is nearly legal.  Arguments
    are as in `packets`; a `message` of one's own stays as it is.
    """
    return broken_packets(wanted(protocol, link, source, destination, message))


def broken_packets(options: Wanted) -> st.SearchStrategy[NearLegalPacket]:
    """Frames with one thing wrong, as the options want them."""
    outside = _with_a_fault(options)
    return outside if options.message is not None else outside | _with_a_message(options)


@st.composite
def _with_a_fault(draw: Any, options: Wanted) -> NearLegalPacket:
    packet: Packet = draw(stacked(options))
    kinds = [list(kind(packet)) for kind in (field_faults, misplacements, truncations)]
    fault = draw(st.sampled_from(draw(st.sampled_from([kind for kind in kinds if kind]))))
    octets = draw(fault.frames)
    return NearLegalPacket(octets, fault.rule, fault.path, fault.rule.name, packet.linktype)


@st.composite
def _with_a_message(draw: Any, options: Wanted) -> NearLegalPacket:
    packet, inner = draw(around_near_legal(options))
    return NearLegalPacket(packet.encode(), inner.rule, inner.path, inner.reason, packet.linktype)


@st.composite
def around_near_legal(draw: Any, options: Wanted) -> tuple[Packet, NearLegal]:
    """A packet in which nothing but the message is wrong, and what is, its path in the packet."""
    protocol = draw(st.sampled_from(options.protocols))
    inner: NearLegal = draw(messages_of(protocol, near_legal_messages))
    packet = draw(around_octets(options, protocol, inner.octets))
    path = f"{protocol}.{inner.path}" if inner.path else protocol
    return packet, msgspec.structs.replace(inner, path=path)
