"""ICMPv6 as its documents want it: there is no table of rules, so values are chosen here."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Any

from hypothesis import strategies as st

from ... import ip
from ..grades.legal import legal_messages

__all__ = ["icmpv6_messages"]

_ADDRESSES = st.integers(1, 0xFFFF).map(lambda host: IPv6Address(0x20010DB8 << 96 | host))
_PREFIXES = st.integers(0, 0xFFFFFF).map(lambda net: IPv6Address(0x20010DB8 << 96 | net << 64))
_STATIONS = st.binary(min_size=6, max_size=6)

#: Octets of Ethernet are the least that IPv6 goes through (RFC 8200 5).
_MTU = st.integers(1280, 9000)


Fields = dict[str, st.SearchStrategy[Any]]


def icmpv6_messages(
    make: Callable[..., st.SearchStrategy[Any]] = legal_messages,
) -> st.SearchStrategy[Any]:
    """What `make` makes of each class of messages, with values that its document allows."""
    return st.one_of([make(cls, **_ZERO | fields) for cls, fields in _MESSAGES])


def _lists(*options: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Each of the options once or not at all, in this order."""
    each = st.tuples(*(st.none() | option for option in options))
    return each.map(lambda found: tuple(option for option in found if option is not None))


_ZERO: Fields = {"code": st.just(0)}
_SOURCE = _lists(st.builds(ip.SourceLinkLayerAddress, _STATIONS))
_TARGET = _lists(st.builds(ip.TargetLinkLayerAddress, _STATIONS))
_PREFIX = legal_messages(
    ip.PrefixInformation, prefix_length=st.integers(0, 128), prefix=_PREFIXES,
    valid_lifetime=st.just(7200), preferred_lifetime=st.integers(0, 7200),
)  # fmt: skip
_OF_ROUTERS = _lists(
    st.builds(ip.SourceLinkLayerAddress, _STATIONS),
    legal_messages(ip.Mtu, mtu=_MTU),
    _PREFIX,
    legal_messages(ip.AdvertisementInterval),
    legal_messages(ip.HomeAgentInformation, lifetime=st.integers(1, 0xFFFF)),
    legal_messages(ip.RecursiveDnsServers, addresses=st.tuples(_ADDRESSES)),
)
_QUOTED = st.builds(
    lambda source, destination: ip.Ipv6Header(
        next_header=ip.Protocol.NO_NEXT_HEADER, source=source, destination=destination
    ).encode(),
    _ADDRESSES,
    _ADDRESSES,
)
_ERROR: Fields = {"quoted": _QUOTED}

_MESSAGES: tuple[tuple[Any, Fields], ...] = (
    (ip.MobilePrefixSolicitation, {}),
    (ip.MobilePrefixAdvertisement, {"options": _PREFIX.map(lambda prefix: (prefix,))}),
    (ip.HomeAgentAddressDiscoveryRequest, {}),
    (ip.HomeAgentAddressDiscoveryReply, {
        "addresses": st.lists(_ADDRESSES, max_size=3).map(tuple),
    }),
    (ip.RouterSolicitation, {"options": _SOURCE}),
    (ip.RouterAdvertisement, {
        "preference": st.sampled_from((0, 1, 3)), "options": _OF_ROUTERS,
    }),
    (ip.NeighborSolicitation, {"target": _ADDRESSES, "options": _SOURCE}),
    (ip.NeighborAdvertisement, {"target": _ADDRESSES, "options": _TARGET}),
    (ip.Redirect, {"target": _ADDRESSES, "destination": _ADDRESSES, "options": _TARGET}),
    (ip.EchoRequest, {}),
    (ip.EchoReply, {}),
    (ip.DestinationUnreachable, _ERROR | {
        "code": st.sampled_from(ip.DestinationUnreachableCode), "unused": st.just(0),
    }),
    (ip.PacketTooBig, _ERROR | {"mtu": _MTU}),
    (ip.TimeExceeded, _ERROR | {
        "code": st.sampled_from(ip.TimeExceededCode), "unused": st.just(0),
    }),
    (ip.ParameterProblem, _ERROR | {
        "code": st.sampled_from(ip.ParameterProblemCode), "pointer": st.integers(0, 39),
    }),
)  # fmt: skip
