"""Payloads without a header around them: what was sealed in an SK payload, once it is opened."""

from __future__ import annotations

from ..schema import Chain, Row, decode_elements, encode_chained, explain_elements
from ..schema.message import OctetString
from .payloads.base import PAYLOADS, Payload

__all__ = ["decode_chain", "encode_chain", "explain_chain"]

_CHAIN = Chain(PAYLOADS)


def decode_chain(octets: OctetString, first: int, *, lenient: bool = False) -> tuple[Payload, ...]:
    """The payloads that take all of `octets`, the first of which has the type `first`.

    DecodeError has a path that begins with the payload's place, `[2](Notify)`.  With `lenient`, a
    payload that does not parse becomes a Malformed that keeps its octets.
    """
    return decode_elements(_CHAIN, octets, first=first, lenient=lenient)


def encode_chain(payloads: tuple[Payload, ...]) -> tuple[int, bytes]:
    """Type of the first payload (0 for none) and the octets of all; EncodeError with path."""
    return encode_chained(_CHAIN, payloads)


def explain_chain(octets: bytes, first: int) -> list[Row]:
    """The octet map of such payloads; paths begin with the payload's place."""
    return explain_elements(_CHAIN, octets, first=first)
