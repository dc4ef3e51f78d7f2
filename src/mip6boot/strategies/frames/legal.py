"""Whole frames: a message with everything that stands before it, lengths and checksums right.

>>> from hypothesis import given
>>> from mip6boot import packets, strategies
>>> @given(strategies.packets(protocol=("mipv6", "dhcpv6")))
... def comes_back(packet):
...     assert packets.decode_packet(packet.encode(), packet.linktype) == packet
>>> comes_back()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from ... import dhcpv6, mipv6
from ...errors import DecodeError
from ...packets import LinkType, Packet, message_class
from ...packets.layers import protocol_of_class
from ...packets.octets import MESSAGE_BASES
from ...schema import Message
from ..grades.legal import legal_messages
from ..sealed.outside import sound
from .ends import link_types
from .icmpv6 import icmpv6_messages
from .octets_inside import carrying
from .stacks import frame_layers

__all__ = ["PROTOCOLS", "Wanted", "around", "around_octets", "messages_of", "packets", "wanted"]

#: What a frame may carry.
PROTOCOLS = ("mipv6", "dhcpv6", "ikev2", "diameter", "icmpv6", "eap")

#: What frames are of unless they are to be of others.
_LINKS = (LinkType.ETHERNET, LinkType.RAW, LinkType.LINUX_SLL, LinkType.LINUX_SLL2)

#: DHCPv6 over TCP: failover partners (RFC 8156), and what answers a query in bulk (RFC 5460).
_OVER_TCP = (
    dhcpv6.FailoverMessage, dhcpv6.LeasequeryData, dhcpv6.LeasequeryDone, dhcpv6.StartTls,
    dhcpv6.ActiveLeasequery,
)  # fmt: skip
_DHCPV6 = [
    cls for cls in dhcpv6.MESSAGES if not issubclass(cls, (*_OVER_TCP, dhcpv6.UnknownDhcpv6Message))
]

Choice = str | Iterable[str] | None


def packets(
    *,
    protocol: Choice = None,
    link: LinkType | int | Iterable[LinkType | int] | None = None,
    source: st.SearchStrategy[Any] | None = None,
    destination: st.SearchStrategy[Any] | None = None,
    message: st.SearchStrategy[Any] | None = None,
) -> st.SearchStrategy[Packet]:
    """Packets that every receiver has to take: legal messages, with right headers around them.

    `protocol` is one or several of mipv6, dhcpv6, ikev2, diameter, icmpv6 and eap; `link` one or
    several of `packets.LinkType`.  `source` and `destination` are strategies of IPv6 or IPv4
    addresses of one version.  `message` is a strategy of what is carried: of messages, each of
    which says by its class how it travels, or, with one `protocol`, also of octets.

    TypeError and ValueError, at once, for arguments of another kind.  What cannot be told before a
    value is drawn - a message of none of the protocols, addresses that do not go with it - is a
    ValueError then.
    """
    return stacked(wanted(protocol, link, source, destination, message))


class Wanted(msgspec.Struct, frozen=True):
    """Checked arguments of a strategy of frames."""

    protocols: tuple[str, ...]
    links: tuple[LinkType, ...]
    source: st.SearchStrategy[Any] | None = None
    destination: st.SearchStrategy[Any] | None = None
    message: st.SearchStrategy[Any] | None = None

    def links_of(self, protocol: str) -> list[LinkType]:
        """The link types that can carry a protocol."""
        possible = link_types(protocol)
        return [link for link in self.links if link in possible]


def wanted(protocol: Any, link: Any, source: Any, destination: Any, message: Any) -> Wanted:
    """The arguments of a strategy of frames, once they are checked."""
    names = {"source": source, "destination": destination, "message": message}
    for name, value in names.items():
        if value is not None and not isinstance(value, st.SearchStrategy):
            raise TypeError(f"{name}: {value!r} is no strategy")
    links = _links(link)
    protocols = _protocols(protocol)
    found = Wanted(protocols, links, source, destination, message)
    # EAP is on a link of its own kind, where nothing has an address of IP.
    addressed = source is not None or destination is not None
    possible = [p for p in protocols if found.links_of(p) and not (addressed and p == "eap")]
    if protocol is not None and len(possible) < len(protocols):
        missing = next(p for p in protocols if p not in possible)
        raise ValueError(f"{missing} has no place on such a link, or between such addresses")
    return msgspec.structs.replace(found, protocols=tuple(possible))


def _protocols(protocol: Any) -> tuple[str, ...]:
    if protocol is None:
        return PROTOCOLS
    names = (protocol,) if isinstance(protocol, str) else tuple(protocol)
    for name in names:
        if name not in PROTOCOLS:
            raise ValueError(f"{name!r} is none of {', '.join(PROTOCOLS)}")
    if not names:
        raise ValueError("at least one protocol is expected")
    return names


def _links(link: Any) -> tuple[LinkType, ...]:
    if link is None:
        return _LINKS
    numbers = (link,) if isinstance(link, int) else tuple(link)
    if not numbers:
        raise ValueError("at least one link type is expected")
    links = tuple(LinkType(number) for number in numbers)
    if LinkType.NONE in links:
        raise ValueError("a frame has a link type")
    return links


@st.composite
def stacked(draw: Any, options: Wanted) -> Packet:
    """A packet as the options want it."""
    if options.message is None:
        protocol = draw(st.sampled_from(options.protocols))
        return draw(around(options, protocol, draw(messages_of(protocol))))  # type: ignore[no-any-return]
    value = draw(options.message)
    if isinstance(value, Message):
        protocol = protocol_of_class(type(value))
        if protocol not in options.protocols:
            raise ValueError(f"a {type(value).__name__} is none of {', '.join(options.protocols)}")
        return draw(around(options, protocol, value))  # type: ignore[no-any-return]
    if not isinstance(value, bytes) or len(options.protocols) != 1:
        raise ValueError(f"{value!r} is no message, nor octets of the one protocol")
    (protocol,) = options.protocols
    return draw(around_octets(options, protocol, value))  # type: ignore[no-any-return]


@st.composite
def around(draw: Any, options: Wanted, protocol: str, message: Any) -> Packet:
    """A packet with the message."""
    link = draw(st.sampled_from(options.links_of(protocol)))
    layers = frame_layers(draw, protocol, message, link, options.source, options.destination)
    return Packet(layers, link).build()


@st.composite
def around_octets(draw: Any, options: Wanted, protocol: str, octets: bytes) -> Packet:
    """A packet with octets as its message, in a place where that message would be."""
    try:
        message: Any = message_class(octets, protocol).decode(octets, lenient=True)
    except DecodeError:
        message = draw(messages_of(protocol))
    return carrying(draw(around(options, protocol, message)), octets)


@cache
def messages_of(
    protocol: str, make: Callable[..., st.SearchStrategy[Any]] = legal_messages
) -> st.SearchStrategy[Any]:
    """What `make` makes of the classes of messages that a single packet carries."""
    if protocol == "icmpv6":
        return icmpv6_messages(make)
    if protocol == "dhcpv6":
        return st.one_of([make(cls) for cls in _DHCPV6])
    made = make(MESSAGE_BASES[protocol])
    if protocol == "ikev2" and make is legal_messages:
        return made.map(sound)
    if protocol == "mipv6":
        # Of some 40 types these two matter most.
        each = [make(mipv6.BindingUpdate), make(mipv6.BindingAcknowledgement)]
        return st.sampled_from([*each, made]).flatmap(lambda chosen: chosen)
    return made
