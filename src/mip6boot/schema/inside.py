"""Lists without a message around them: the opened content of something that was sealed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from construct import Container

from ..errors import EncodeError
from .compiler.chain import chain_decoder, chain_encoder
from .compiler.codec import Family, told_by
from .compiler.optionlist import list_decoder, list_encoder
from .element import State
from .elements import Chain, OptionList
from .limits import ENCODE_FAULTS
from .message import OctetString
from .octetmap import Recorder, Row, rows_of
from .window import Window

__all__ = ["decode_elements", "encode_chained", "encode_elements", "explain_elements"]


def decode_elements(
    element: OptionList, octets: OctetString, *, first: int = 0, lenient: bool = False
) -> tuple[Any, ...]:
    """The elements of an `OptionList` or a `Chain` that take all of `octets`.

    `first` is the code of a chain's first element.  DecodeError has a path that begins with the
    element's place, `[2](Notify)`.
    """
    raw = octets if type(octets) is bytes else bytes(memoryview(octets))
    family, registry = Family.of(lenient, None), element.registry
    if isinstance(element, Chain):
        return chain_decoder(registry, family, "")(raw, 0, len(raw), 1, first)  # type: ignore[no-any-return]
    decode = list_decoder(registry, element.multiple, family, "")
    return decode(raw, 0, len(raw), 0, 1) if raw else ()


def encode_elements(element: OptionList, items: tuple[Any, ...]) -> bytes:
    """The octets of the elements; EncodeError with path where one does not fit."""
    if isinstance(element, Chain):
        return encode_chained(element, items)[1]
    try:
        return list_encoder(element.registry, element.multiple)(items, 0, 1)  # type: ignore[no-any-return]
    except ENCODE_FAULTS as e:
        raise _why_not(element, items, e) from None


def encode_chained(element: Chain, items: tuple[Any, ...]) -> tuple[int, bytes]:
    """The code of the first element (0 for none), and the octets of all; errors as above."""
    try:
        return chain_encoder(element.registry)(items, 1)  # type: ignore[no-any-return]
    except ENCODE_FAULTS as e:
        raise _why_not(element, items, e) from None


def explain_elements(element: OptionList, octets: bytes, *, first: int = 0) -> list[Row]:
    """The octet map of such elements, read leniently; paths begin with the element's place.

    What does not parse at all is one last row that says why.
    """

    def read(recorder: Recorder) -> None:
        state = State(lenient=True, recorder=recorder)
        state.told = first
        context = Container(_mip6boot=state)
        element._parse(Window(octets, 0, len(octets)), context, "")

    return rows_of(octets, read)


def _why_not(element: OptionList, items: tuple[Any, ...], fault: Exception) -> EncodeError:
    context = {"_mip6boot": State()}
    return told_by(lambda: element._build(items, BytesIO(), context, ""), fault)
