"""Octets to values and back, from one declaration.

A message is declared once: its class body is the typed object, the layout on the wire, the codec,
the JSON form, the octet map and the source of test strategies.

    >>> from typing import Annotated, ClassVar
    >>> from mip6boot.schema import FrameLength, Int8ub, Message, Octets, UInt16
    >>> class Greeting(Message):
    ...     size: ClassVar[Annotated[int, FrameLength(Int8ub)]]
    ...     number: UInt16
    ...     text: Octets = b""
    >>> Greeting(7, b"hi").encode().hex()
    '0500076869'
    >>> Greeting.decode(bytes.fromhex("0500076869"))
    Greeting(number=7, text=b'hi')
    >>> Greeting.decode(bytes.fromhex("0600076869"))
    Traceback (most recent call last):
    ...
    mip6boot.errors.DecodeError: size: says 6 octets, 5 are there (octet 0)

A new kind of thing on the wire is one class.  Here is an unsigned 24-bit fixed-point number, 12
bits before and 12 after the point, kept without loss as a Fraction; the interpreted form and the
generated form are the same pair of methods:

    >>> from fractions import Fraction
    >>> from mip6boot.schema import Int24ub, Mapped
    >>> class Fixed12_12(Mapped):
    ...     def decode_value(self, wire):
    ...         return Fraction(wire, 4096)
    ...     def encode_value(self, value):
    ...         return int(value * 4096)
    >>> class Speed(Message):
    ...     value: Annotated[Fraction, Fixed12_12(Int24ub)]
    >>> Speed.decode(bytes.fromhex("001800"))
    Speed(value=Fraction(3, 2))
    >>> Speed(Fraction(3, 2)).encode().hex()
    '001800'
    >>> Speed(Fraction(9999)).encode()
    Traceback (most recent call last):
    ...
    mip6boot.errors.EncodeError: value: 40955904 does not fit in 3 octets

Where speed matters, the same class may also say how the value is written as an expression (`load`
and `store`; see `elements/integers.py`).  Kinds without a fixed size derive from `Element`.
"""

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from construct import Bytes, GreedyBytes, Int8ub, Int16ub, Int24ub, Int32ub, Int64ub

from .duid import Duid, DuidEnterprise, DuidLinkLayer, DuidLinkLayerTime
from .element import Element, Leaf, Mapped
from .elements import (
    BitLengthOf,
    Bits,
    ByLength,
    Chain,
    Chunk,
    Code,
    Const,
    CountOf,
    DuidOctets,
    EnumMember,
    FamilyAddress,
    FirstOf,
    Flags,
    FrameLength,
    FromNext,
    FromRegistry,
    Inet4,
    Inet6,
    IsShort,
    Items,
    Labels,
    LengthOf,
    Names,
    Nested,
    OneOf,
    OpenEnum,
    Optional,
    OptionalOneOf,
    OptionList,
    PadTo,
    Scaled,
    ShortOrLong,
    Sized,
    Substructures,
    Text,
    When,
)
from .fallback import Malformed, Unaligned, Unknown, malformed_made
from .inside import decode_elements, encode_chained, encode_elements, explain_elements
from .interpreter import interpret
from .jsontext import json_text_of
from .limits import MAX_LEVEL, MAX_LIST
from .message import Message
from .names import DomainName
from .octetmap import Row, cited, explain
from .registry import Registration, Registry
from .second import SecondCode
from .tree import diff, tree, walk

UInt8 = Annotated[int, Int8ub]
UInt16 = Annotated[int, Int16ub]
UInt24 = Annotated[int, Int24ub]
UInt32 = Annotated[int, Int32ub]
UInt64 = Annotated[int, Int64ub]
IPv4 = Annotated[IPv4Address, Inet4]
IPv6 = Annotated[IPv6Address, Inet6]
Octets = Annotated[bytes, GreedyBytes]
Utf8 = Annotated[str, Text]
WireName = Annotated[DomainName, Labels]
WireNames = Annotated[tuple[DomainName, ...], Names]
WireDuid = Annotated[Duid, DuidOctets]
RegistryCode = Annotated[int, FromRegistry()]

__all__ = [
    "MAX_LEVEL",
    "MAX_LIST",
    "BitLengthOf",
    "Bits",
    "ByLength",
    "Bytes",
    "Chain",
    "Chunk",
    "Code",
    "Const",
    "CountOf",
    "DomainName",
    "Duid",
    "DuidEnterprise",
    "DuidLinkLayer",
    "DuidLinkLayerTime",
    "Element",
    "EnumMember",
    "FamilyAddress",
    "FirstOf",
    "Flags",
    "FrameLength",
    "FromNext",
    "FromRegistry",
    "GreedyBytes",
    "IPv4",
    "IPv6",
    "Inet4",
    "Inet6",
    "Int8ub",
    "Int16ub",
    "Int24ub",
    "Int32ub",
    "Int64ub",
    "IsShort",
    "Items",
    "Labels",
    "Leaf",
    "LengthOf",
    "Malformed",
    "Mapped",
    "Message",
    "Names",
    "Nested",
    "Octets",
    "OneOf",
    "OpenEnum",
    "OptionList",
    "Optional",
    "OptionalOneOf",
    "PadTo",
    "Registration",
    "Registry",
    "RegistryCode",
    "Row",
    "Scaled",
    "SecondCode",
    "ShortOrLong",
    "Sized",
    "Substructures",
    "Text",
    "UInt8",
    "UInt16",
    "UInt24",
    "UInt32",
    "UInt64",
    "Unaligned",
    "Unknown",
    "Utf8",
    "When",
    "WireDuid",
    "WireName",
    "WireNames",
    "cited",
    "decode_elements",
    "diff",
    "encode_chained",
    "encode_elements",
    "explain_elements",
    "explain",
    "interpret",
    "json_text_of",
    "malformed_made",
    "tree",
    "walk",
]
