"""Strategies for the value of one element."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st

from ...schema import DomainName, Duid
from ...schema.element import Leaf, Mapped
from ...schema.elements import (
    Bits,
    ByLength,
    DuidOctets,
    EnumMember,
    FamilyAddress,
    FixedOctets,
    Flags,
    FromNext,
    GreedyOctets,
    Inet4,
    Inet6,
    Integer,
    Items,
    Labels,
    Names,
    Nested,
    OneOf,
    OpenEnum,
    Optional,
    OptionalOneOf,
    PadTo,
    ShortOrLong,
    Sized,
    Substructures,
    Text,
)

__all__ = ["value_of"]

_OCTETS = 40  # enough to meet every length rule, small enough to read
_NAMED = 48  # most numbers that have names of their own are below


def value_of(
    element: Any,
    *,
    limit: int = 65_535,
    depth: int = 1,
    nested: Callable[..., st.SearchStrategy[Any]] | None = None,
    unit: int = 1,
    known: bool = False,
) -> st.SearchStrategy[Any]:
    """Values of an element in at most `limit` octets, a multiple of `unit`.

    `known`: only numbers that have a name where some have, and texts, names and identifiers as
    their documents want them.
    """
    if isinstance(element, Leaf):
        return _leaf(element, known=known)
    if element is GreedyOctets:
        most = min(limit, _OCTETS) // unit
        return st.binary(max_size=most).map(lambda b: b * unit)
    if isinstance(element, FromNext):
        return st.integers(0, 255)
    if element is Text:
        return _texts(limit, known=known)
    if element is Labels:
        return _names(limit, known=known)
    if element is Names:
        return _name_lists(limit, known=known)
    if isinstance(element, PadTo):
        return st.just(b"")
    if isinstance(element, Sized):
        most = min(limit - element.length.size, (1 << 8 * element.length.size) - 1)
        return value_of(element.form, limit=most, known=known) if most >= 0 else st.nothing()
    if isinstance(element, ShortOrLong):
        return _leaf(element.short) | st.binary(max_size=max(min(limit - 2, _OCTETS), 0))
    if element is FamilyAddress:
        return _addresses(limit, known=known)
    if element is DuidOctets:
        return _duids(limit, known=known)
    if isinstance(element, ByLength):
        return _forms(element, limit)
    if isinstance(element, Items):
        return _items(element, limit, depth, nested, known=known)
    if isinstance(element, (Optional, OptionalOneOf)) and nested is not None:
        return st.none() | _inner(element, limit, depth, nested)
    if isinstance(element, (Nested, OneOf)) and nested is not None:
        return _inner(element, limit, depth, nested)
    raise TypeError(f"{type(element).__name__} has no strategy")


@cache
def _leaf(element: Leaf, *, known: bool = False) -> st.SearchStrategy[Any]:
    if isinstance(element, OpenEnum):
        named = st.sampled_from(list(element.members))
        return named if known else named | _leaf(element.sub).map(element.decode_value)
    if isinstance(element, EnumMember) and known:
        return st.integers(0, min(_NAMED, (1 << 8 * element.size) - 1))
    if isinstance(element, Flags):
        zero = element.members(0)
        return st.sets(st.sampled_from(list(element.members))).map(
            lambda chosen: reduce(lambda a, b: a | b, sorted(chosen), zero)
        )
    if isinstance(element, Mapped):
        return _leaf(element.sub).map(element.decode_value)
    if isinstance(element, Bits):
        if type(element) is not Bits:
            return st.booleans()
        return st.integers(0, (1 << (element.bits or 0)) - 1)
    if isinstance(element, Integer):
        return st.integers(0, (1 << 8 * element.size) - 1)
    if isinstance(element, FixedOctets):
        return st.binary(min_size=element.size, max_size=element.size)
    if element is Inet4:
        return st.integers(0, 2**32 - 1).map(IPv4Address)
    if element is Inet6:
        return st.integers(0, 2**128 - 1).map(IPv6Address)
    raise TypeError(f"{type(element).__name__} has no strategy")


def _addresses(limit: int, *, known: bool) -> st.SearchStrategy[Any]:
    """Addresses with their family, and octets of a family that is not known."""
    fitting = [_leaf(form) for form in (Inet4, Inet6) if form.size + 2 <= limit]
    if known and fitting:
        return st.one_of(*fitting)
    other = st.binary(max_size=max(min(limit, _OCTETS) - 2, 0)).map(lambda b: b"\0\x08" + b)
    return st.one_of(*fitting, other if limit >= 2 else st.just(b""))


def _duids(limit: int, *, known: bool) -> st.SearchStrategy[Duid]:
    """DUIDs of any kind; RFC 8415 11.1 has them end at 130 octets, and two name the type.

    That with a UUID has 16 octets more (RFC 6355 4).
    """
    if known and limit >= 10:
        kinds = st.sampled_from((b"\0\1", b"\0\2", b"\0\3"))
        rest = st.binary(min_size=8, max_size=min(limit - 2, _OCTETS))
        duids = st.builds(bytes.__add__, kinds, rest)
        if limit >= 18:
            duids |= st.binary(min_size=16, max_size=16).map(lambda octets: b"\0\4" + octets)
        return duids.map(Duid.from_wire)
    return st.binary(max_size=min(limit, _OCTETS)).map(Duid.from_wire)


def _texts(limit: int, *, known: bool) -> st.SearchStrategy[str]:
    """Texts, and octets that are none in their surrogate form."""
    most = min(limit, _OCTETS)
    if known:
        return st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=most)
    plain = st.text(st.characters(codec="utf-8"), max_size=most // 4)
    return plain | st.binary(max_size=most).map(lambda b: b.decode("utf-8", "surrogateescape"))


def _names(limit: int, *, known: bool = False) -> st.SearchStrategy[DomainName]:
    label = st.binary(min_size=1, max_size=12)
    if known:
        label = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12).map(
            str.encode
        )
    return st.builds(
        lambda labels, complete: _shortened(DomainName(tuple(labels), complete), limit),
        st.lists(label, min_size=int(known), max_size=4),
        st.just(True) if known else st.booleans(),
    )


def _name_lists(limit: int, *, known: bool) -> st.SearchStrategy[tuple[DomainName, ...]]:
    """Names of which only the last may be partial; without a label a partial one is nothing."""
    most = min(limit, 200) // 4
    if known:
        return st.lists(_names(most, known=True), max_size=3).map(tuple) if most else st.just(())
    name = _names(most).map(lambda n: DomainName(n.labels))
    last = _names(most).map(lambda n: n if n.labels else DomainName(())) | st.none()
    return (
        st.builds(
            lambda names, end: (*names, *([] if end is None else [end])),
            st.lists(name, max_size=3),
            last,
        )
        if most > 1
        else st.just(())
    )


def _shortened(name: DomainName, limit: int) -> DomainName:
    while len(name.to_wire()) > limit:
        name = DomainName(name.labels[:-1], name.complete and bool(name.labels))
    return name


def _forms(element: ByLength, limit: int) -> st.SearchStrategy[Any]:
    fitting = {size: form for size, form in element.forms.items() if size <= limit}
    return st.one_of([st.none() if form is None else _leaf(form) for form in fitting.values()])


def _items(
    element: Items,
    limit: int,
    depth: int,
    nested: Callable[..., st.SearchStrategy[Any]] | None,
    *,
    known: bool,
) -> st.SearchStrategy[Any]:
    item = element.item
    if isinstance(item, Leaf):
        values = _leaf(item, known=known)
        return st.lists(values, max_size=min(limit // item.size, 5)).map(tuple)
    room = limit - isinstance(element, Substructures)
    if room < 0 or (isinstance(item, Sized) and room < item.length.size):
        return st.just(())
    inner = value_of(item, limit=room, depth=depth, nested=nested, known=known)
    return st.lists(inner, max_size=3).map(lambda items: _fitting(element, items, limit))


def _fitting(element: Items, items: list[Any], limit: int) -> tuple[Any, ...]:
    kept, used = [], 0
    for item in items:
        used += len(element.item.build(item)) + isinstance(element, Substructures)
        if used > limit:
            break
        kept.append(item)
    return tuple(kept)


def _inner(
    element: Any, limit: int, depth: int, nested: Callable[..., st.SearchStrategy[Any]]
) -> st.SearchStrategy[Any]:
    """One message inside."""
    if isinstance(element, Nested):
        return nested(element.message, limit, depth)
    classes = list(element.registry)
    return st.sampled_from(classes).flatmap(lambda c: nested(c, limit, depth))
