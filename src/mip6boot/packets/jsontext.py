"""The JSON form of messages as text: what `to_dict` and an encoder make in two steps, in one.

For each class a function is written that puts an object's values into the text which all objects of
the class have in common.  A capture of many messages is printed in half the time so.  What has no
quick way here takes the slow one, so that the form is the same (and a test says so).
"""

from __future__ import annotations

from ipaddress import IPv6Address
from json.encoder import encode_basestring as _quoted
from typing import Any

import msgspec

from ..schema import Malformed, Message, Unaligned
from ..schema.compiler.source import Source, generated
from ..schema.elements import (
    Bits,
    ByLength,
    Chain,
    DuidOctets,
    FixedOctets,
    Flags,
    GreedyOctets,
    Inet4,
    Inet6,
    Integer,
    Items,
    Labels,
    Nested,
    OneOf,
    OpenEnum,
    OptionList,
    Scaled,
    ShortOrLong,
    Sized,
    Substructures,
    Text,
    When,
)
from ..schema.elements.addresses import address_text
from ..schema.remembered import Remembered
from .layers import Layer, layer_to_dict, protocol_of_class

__all__ = ["json_text", "layer_text", "message_text"]

_encode = msgspec.json.Encoder().encode


def json_text(data: Any) -> str:
    """Any JSON form as text."""
    return _encode(data).decode()


def layer_text(layer: Layer) -> str:
    """`layer_to_dict(layer)` as text, for a layer that was decoded."""
    return _layer_writers[type(layer)](layer)  # type: ignore[no-any-return]


def message_text(message: Message) -> str:
    """`message.to_dict()` as text, for a message that was decoded."""
    return _writers[type(message)](message)  # type: ignore[no-any-return]


class _LayerWriters(dict[Any, Any]):
    """Class of a layer -> the function that writes such layers; written when first asked for."""

    def __missing__(self, cls: Any) -> Any:
        if issubclass(cls, Message) and _writers[cls] is not _message_slowly:
            found = _writer(cls, f'{{{{"protocol":"{protocol_of_class(cls)}","message":', "}}")
        else:
            found = _layer_slowly
        self[cls] = found
        return found


class _Writers(dict[Any, Any]):
    """Class of a message -> the function that writes such messages, in the same way."""

    def __missing__(self, cls: Any) -> Any:
        # These have a form of their own; and only identifiers may become part of a function.
        special = issubclass(cls, (Malformed, Unaligned)) or not cls.__name__.isidentifier()
        found = self[cls] = _message_slowly if special else _writer(cls)
        return found


_layer_writers, _writers = _LayerWriters(), _Writers()


def _layer_slowly(layer: Layer) -> str:
    return json_text(layer_to_dict(layer))


def _message_slowly(message: Message) -> str:
    return json_text(message.to_dict())


def _unnamed(number: int) -> str:
    """A number of an open enum that has no name."""
    return f'{{"value":{number},"name":null}}'


class _Shared(dict[int, tuple[Any, str]]):
    """Text of values that the decoders remember and so give again and again, found by identity.

    A value that is kept here cannot go away and leave its identity to another one.
    """

    def __init__(self, write: Any) -> None:
        super().__init__()
        self.write = write

    def of(self, value: Any) -> str:
        """The text of a value."""
        found = self.get(id(value))
        if found is not None:
            return found[1]
        if len(self) >= Remembered.limit:
            self.clear()
        text: str = self.write(value)
        self[id(value)] = value, text
        return text


_messages_met = _Shared(message_text)
_names_met = _Shared(lambda name: json_text(str(name)))
_duids_met = _Shared(lambda duid: f'"{duid.to_wire().hex()}"')
_addresses_met = _Shared(lambda address: f'"{address_text(address)}"')


def _writer(cls: Any, before: str = "", behind: str = "") -> Any:
    """The function for a class; what it writes stands between two pieces of an f-string."""
    source = Source()
    with source.block("def text(o):"):
        pieces = [f'"type":"{cls.__name__}"']
        for name, part in cls.schema.layout.fields.items():
            pieces.append(f'"{name}":{_piece(part.element, f"o.{name}", source)}')
        source(f"return f'{before}{{{{{','.join(pieces)}}}}}{behind}'")
    return generated("text", source)


def _piece(element: Any, value: str, source: Source) -> str:
    """The part of an f-string that prints the expression `value`; may write lines before it."""
    local = source.local("text")
    if isinstance(element, (OptionList, Chain, Nested, OneOf)) or (
        isinstance(element, Items) and isinstance(element.item, (Nested, OneOf))
    ):
        return _messages(element, value, source)
    if isinstance(element, Items):
        one = _simple(element.item, "one", source)
        source(f"{local} = ','.join([f'{one}' for one in {value}])")
        return f"[{{{local}}}]"
    if isinstance(element, When):
        inside = _simple(element.form, value, source)
        source(f"{local} = 'null' if {value} is None else f'{inside}'")
        return f"{{{local}}}"
    return _simple(element, value, source)


def _messages(element: Any, value: str, source: Source) -> str:
    """One message, or a list of messages."""
    writers, local = source.bind(_writers, "writers"), source.local("text")
    if isinstance(element, (Nested, OneOf)):
        none = "'null' if {value} is None else " if isinstance(element, Nested) else ""
        source(f"{local} = {none.format(value=value)}{writers}[type({value})]({value})")
        return f"{{{local}}}"
    one = f"{writers}[type(one)](one)"
    if isinstance(element, Substructures) and element.known is not None:
        one = f"{source.bind(_messages_met.of, 'known')}(one)"
    source(f"{local} = ','.join([{one} for one in {value}]) if {value} else ''")
    return f"[{{{local}}}]"


def _simple(element: Any, value: str, source: Source) -> str:
    """The same for what is no message, without lines of its own."""
    if isinstance(element, Sized):
        return _simple(element.form, value, source)
    if isinstance(element, Flags):
        texts: Remembered[int, str] = Remembered(
            lambda number: json_text(element.to_json(element.members(number), 1))
        )
        return f"{{{source.bind(texts, 'flags')}[{value} + 0]}}"
    if isinstance(element, Bits) and element.bits == 1:
        return f'{{"true" if {value} is True else "false" if {value} is False else {value}}}'
    if isinstance(element, (Bits, Scaled)) or (isinstance(element, Integer) and element.size < 7):
        return f"{{{value}}}"
    if isinstance(element, OpenEnum) and element.size < 7:
        known = {int(member): json_text(element.to_json(member, 1)) for member in element.members}
        unnamed = source.bind(_unnamed, "unnamed")
        return f"{{{source.bind(known.get, 'named')}({value}) or {unnamed}({value})}}"
    if element in (Inet4, Inet6):
        return f"{{{source.bind(_addresses_met.of, 'address')}({value})}}"
    if isinstance(element, FixedOctets) or element is GreedyOctets:
        return f'"{{{value}.hex()}}"'
    if element is DuidOctets:
        return f"{{{source.bind(_duids_met.of, 'duid')}({value})}}"
    if element is Labels:
        return f"{{{source.bind(_names_met.of, 'name')}({value})}}"
    to_json = source.bind(element.to_json, "to_json")
    slow = f"{source.bind(json_text, 'json_text')}({to_json}({value}, 1))"
    if element is Text:
        quoted = source.bind(_quoted, "quoted")
        return f"{{{quoted}({value}) if {value}.isascii() else {slow}}}"
    if isinstance(element, ByLength) and Inet6 in element.forms.values():
        address, kind = (
            source.bind(_addresses_met.of, "address"),
            source.bind(IPv6Address, "IPv6Address"),
        )
        return f"{{{address}({value}) if type({value}) is {kind} else {slow}}}"
    if isinstance(element, ShortOrLong):
        return f"{{{value} if type({value}) is int else {slow}}}"
    return f"{{{slow}}}"
