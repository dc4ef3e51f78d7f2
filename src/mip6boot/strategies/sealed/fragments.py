"""IKE messages in fragments, each with a right seal (RFC 7383)."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from ...ikev2 import EncryptedFragment, IkeMessage
from ...security import IkeKeys
from ..frames.faults import PacketRule
from .inside import Inside, inside
from .messages import Keys, check_key, directions, drawn_key, padding_of, sealed

__all__ = ["SealedFragments", "sealed_fragments"]

#: Into how many fragments a message is cut.
_FRAGMENTS = 5


class SealedFragments(msgspec.Struct, frozen=True):
    """The fragments of an IKE message, their seals right, and what is inside."""

    octets: tuple[bytes, ...]
    "Messages with an SKF payload each, in the order in which they are sent."
    content: bytes
    "What is inside of all that were cut, put together."
    first_payload: int
    "Type of the first payload inside, as the first fragment has it."
    rule: Any = None
    "Of nearly legal ones, what is wrong inside or with the fragments."
    path: str = ""
    reason: str = ""


def sealed_fragments(
    keys: Keys,
    *,
    message: st.SearchStrategy[IkeMessage] | None = None,
    grade: str = "legal",
    **fields: st.SearchStrategy[Any],
) -> st.SearchStrategy[SealedFragments]:
    """Messages cut into one to five fragments that the keys open.

    Arguments are as in `sealed_messages`.  Nearly legal ones have one thing wrong inside, or in the
    numbers or the set of the fragments; hostile ones come with any numbers and in any order, too.
    """
    check_key(keys, IkeKeys)
    content = inside(message, grade, fields)
    if grade == "hostile":
        return _cut(keys, content, st.sampled_from(_HOSTILE), telling=False)
    right = _cut(keys, content, st.none())
    if grade == "legal":
        return right
    legal = inside(message, "legal", fields)
    return right | _cut(keys, legal, st.sampled_from(tuple(_WRONG)))


class _Part(msgspec.Struct):
    """A fragment before it is sealed."""

    number: int
    total: int
    first: int
    content: bytes


@st.composite
def _cut(
    draw: Any,
    keys: Keys,
    contents: st.SearchStrategy[Inside],
    changes: st.SearchStrategy[Any],
    telling: bool = True,
) -> SealedFragments:
    key: IkeKeys = drawn_key(draw, keys)
    known = directions(key)
    one: Inside = draw(contents.filter(lambda one: one.header.from_initiator in known))
    header = one.header.replace(initiator_spi=key.spi_i, responder_spi=key.spi_r)
    parts = _parts(draw, one)
    change = draw(changes)
    if change is not None:
        parts = change(draw, parts)
    found = SealedFragments(
        tuple(_sealed(draw, header, key, part) for part in parts), one.content, one.first,
        one.rule, one.path, one.reason,
    )  # fmt: skip
    if not telling or change is None:
        return found
    rule = _WRONG[change]
    return msgspec.structs.replace(found, rule=rule, path=_PATH, reason=rule.name)


_PATH = "payloads[0](EncryptedFragment)"


def _parts(draw: Any, one: Inside) -> list[_Part]:
    """The content in parts, none of which is empty where there is enough of it."""
    total = draw(st.integers(1, max(1, min(_FRAGMENTS, len(one.content)))))
    size = -(-len(one.content) // total)
    pieces = [one.content[at : at + size] for at in range(0, len(one.content), size or 1)] or [b""]
    firsts = (one.first, *len(pieces) * (0,))
    return [
        _Part(number, len(pieces), first, piece)
        for number, (first, piece) in enumerate(zip(firsts, pieces, strict=False), 1)
    ]


def _sealed(draw: Any, header: IkeMessage, key: IkeKeys, part: _Part) -> bytes:
    protection = key.protection(header)
    octets = part.content + draw(padding_of(len(part.content) + 1, protection.unit))
    plaintext = octets + bytes((len(octets) - len(part.content),))
    iv = draw(st.binary(min_size=protection.iv_octets, max_size=protection.iv_octets))
    payload = EncryptedFragment(
        fragment_number=part.number, total_fragments=part.total, first_payload=part.first
    )
    return sealed(header, payload, plaintext, iv, protection)


# -- what may be wrong ------------------------------------------------------------------------
def _number_zero(draw: Any, parts: list[_Part]) -> list[_Part]:
    draw(st.sampled_from(parts)).number = 0
    return parts


def _number_beyond(draw: Any, parts: list[_Part]) -> list[_Part]:
    part = draw(st.sampled_from(parts))
    part.number = draw(st.integers(part.total + 1, 0xFFFF))
    return parts


def _another_total(draw: Any, parts: list[_Part]) -> list[_Part]:
    part = draw(st.sampled_from(parts))
    part.total = draw(st.integers(0, 0xFFFF).filter(lambda total: total != part.total))
    return parts


def _typed(draw: Any, parts: list[_Part]) -> list[_Part]:
    """A fragment behind the first one names a type of payload, too."""
    last = parts[-1] if len(parts) > 1 else _Part(2, 2, 0, b"")
    if last not in parts:
        parts = [msgspec.structs.replace(parts[0], total=2), last]
    last.first = draw(st.integers(1, 255))
    return parts


def _missing(draw: Any, parts: list[_Part]) -> list[_Part]:
    """One more that never comes, unless there are several."""
    if len(parts) == 1:
        parts[0].total = 2
        return parts
    parts.remove(draw(st.sampled_from(parts)))
    return parts


_WRONG: dict[Any, PacketRule] = {
    _number_zero: PacketRule("numbers of fragments begin with 1", "7383 2.5"),
    _number_beyond: PacketRule("no number of a fragment is above the total", "7383 2.5"),
    _another_total: PacketRule("all fragments of a message have the same total", "7383 2.5"),
    _typed: PacketRule("only the first fragment names a type of payload", "7383 2.5"),
    _missing: PacketRule("all fragments of a message are sent", "7383 2.6"),
}


def _shuffled(draw: Any, parts: list[_Part]) -> list[_Part]:
    return draw(st.permutations(parts))  # type: ignore[no-any-return]


def _twice(draw: Any, parts: list[_Part]) -> list[_Part]:
    """A fragment again, with other content."""
    part = draw(st.sampled_from(parts))
    other = msgspec.structs.replace(part, content=draw(st.binary(max_size=20)))
    return draw(st.permutations([*parts, other]))  # type: ignore[no-any-return]


_HOSTILE = (None, _shuffled, _twice, *_WRONG)
