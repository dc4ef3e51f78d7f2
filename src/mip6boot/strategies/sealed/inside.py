"""What is sealed in IKE messages: chains of payloads, of three grades, with the header around."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import reject
from hypothesis import strategies as st

from ...errors import DecodeError
from ...ikev2 import RULES, SEALED_RULES, ExchangeType, IkeMessage, decode_chain, encode_chain
from ...schema.rules import FieldRule, violations
from ..grades import GRADES
from ..grades.hostile import Drawn
from ..grades.legal import made_legal
from ..grades.mutation import mutated
from ..grades.near_legal import NearLegal, broken
from ..making.derive import chosen
from ..making.style import Style

__all__ = ["Inside", "inside"]

_STYLE = Style(known=True, rules=SEALED_RULES)

#: What rules say of the header around.
_HEADER_RULES = tuple(
    row for row in RULES if isinstance(row, FieldRule) and row.container is IkeMessage
)
_WITH_HEADER = Style(known=True, rules=(*_HEADER_RULES, *SEALED_RULES))

#: Octets of the header, and where it says the type of the first payload, and the length.
_HEADER, _FIRST, _LENGTH = 28, 16, 24

#: IKE_AUTH comes most often: what is new to a responder is in there.
_EXCHANGES = st.sampled_from(
    3 * (ExchangeType.IKE_AUTH,) + (ExchangeType.CREATE_CHILD_SA, ExchangeType.INFORMATIONAL)
)


class Inside(msgspec.Struct, frozen=True):
    """Payloads in octets, and the header of the message that they are sealed in."""

    header: IkeMessage
    first: int
    content: bytes
    rule: Any = None
    path: str = ""
    reason: str = ""


def inside(
    message: st.SearchStrategy[IkeMessage] | None,
    grade: str,
    fields: dict[str, st.SearchStrategy[Any]],
) -> st.SearchStrategy[Inside]:
    """What is to be sealed; TypeError and ValueError for arguments that make no sense."""
    if grade not in GRADES:
        raise ValueError(f"{grade!r} is none of {', '.join(GRADES)}")
    chosen(IkeMessage, fields)
    if message is None:
        message = made_legal(IkeMessage, _WITH_HEADER, _FIELDS | fields)
    elif not isinstance(message, st.SearchStrategy):
        raise TypeError(f"message: {message!r} is no strategy")
    elif fields:
        raise TypeError("a message of one's own has its fields")
    return {"legal": _legal, "near_legal": _near_legal, "hostile": _hostile}[grade](message)


_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "exchange_type": _EXCHANGES,
    "major_version": st.just(2),
    "minor_version": st.just(0),
    "message_id": st.integers(1, 5) | st.integers(0, 0xFFFFFFFF),
}


#: The fields of the header, which stay as they are.
_AROUND = dict.fromkeys(name for name in IkeMessage.__struct_fields__ if name != "payloads")


@st.composite
def _legal(draw: Any, messages: st.SearchStrategy[IkeMessage]) -> Inside:
    message = draw(messages)
    first, content = encode_chain(message.payloads)
    return Inside(message.replace(payloads=()), first, content)


@st.composite
def _near_legal(draw: Any, messages: st.SearchStrategy[IkeMessage]) -> Inside:
    """One thing wrong inside; what is wrong with the header around is not meant here."""
    message = draw(messages)
    found: NearLegal = draw(_broken(message).filter(lambda one: _is_inside(one, message)))
    first, content = found.octets[_FIRST], found.octets[_HEADER:]
    path = "inner.first_payload" if found.path == "next_payload" else _inner(found.path)
    header = message.replace(payloads=())
    return Inside(header, first, content, found.rule, path, found.reason)


@st.composite
def _broken(draw: Any, message: IkeMessage) -> NearLegal:
    found = broken(draw, message, _STYLE, _AROUND)
    return reject() if found is None else found


def _inner(path: str) -> str:
    return "inner" + path.removeprefix("payloads")


def _is_inside(found: NearLegal, message: IkeMessage) -> bool:
    """The header is as it was, but for what it says of the payloads behind it."""
    right = message.encode()
    heads = [octets[:_FIRST] + octets[_FIRST + 1 : _LENGTH] for octets in (found.octets, right)]
    return heads[0] == heads[1] and found.path != "length"


@st.composite
def _hostile(draw: Any, messages: st.SearchStrategy[IkeMessage]) -> Inside:
    """Octets that are no proper chain: those of mutants, of a part, of several, or of nothing."""
    message = draw(messages)
    made = draw(st.sampled_from((_mutants, _mutants, _others)))(draw, message)
    if _is_proper(message, *made):
        reject()
    return Inside(message.replace(payloads=()), *made)


def _mutants(draw: Any, message: IkeMessage) -> tuple[int, bytes]:
    """The payloads of the message after mutations of its octets."""
    octets = message.encode()
    for _ in range(draw(st.integers(1, 4))):
        octets = mutated(IkeMessage, octets, Drawn(draw))
    return octets[_FIRST] if len(octets) > _FIRST else 0, octets[_HEADER:]


def _others(draw: Any, message: IkeMessage) -> tuple[int, bytes]:
    """Payloads cut, or again and again, or any octets; of the right first type, or of any."""
    first, content = encode_chain(message.payloads)
    cut = st.integers(0, len(content)).map(lambda end: content[:end])
    again = st.integers(2, 20).map(lambda times: content * times)
    return draw(st.just(first) | st.integers(0, 255)), draw(cut | again | st.binary(max_size=80))


def _is_proper(message: IkeMessage, first: int, content: bytes) -> bool:
    """The octets are payloads that break no rule in such a message."""
    try:
        payloads = decode_chain(content, first)
    except DecodeError:
        return False
    return not violations(message.replace(payloads=payloads), SEALED_RULES)
