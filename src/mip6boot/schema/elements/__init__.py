"""The kinds of things on the wire, one small module each."""

from __future__ import annotations

from .addresses import Inet4, Inet6
from .bits import BitGroup, Bits, Flags
from .chain import Chain
from .choice import ByLength, Nested, OneOf, Optional, OptionalOneOf, When
from .derived import (
    BitLengthOf,
    Code,
    Const,
    CountOf,
    Derived,
    FirstOf,
    FrameLength,
    FromNext,
    FromRegistry,
    IsShort,
    LengthOf,
    Telling,
)
from .foreign import element_of, leaf_of
from .integers import EnumMember, Integer, OpenEnum, Scaled
from .octets import FixedOctets, GreedyOctets, Text
from .optionlist import OptionList
from .padding import PadTo
from .repeat import Items, Substructures
from .sized import Chunk, ShortOrLong, Sized
from .values import DuidOctets, FamilyAddress, Labels, Names

__all__ = [
    "BitGroup",
    "BitLengthOf",
    "Bits",
    "ByLength",
    "Chain",
    "Chunk",
    "Code",
    "Const",
    "CountOf",
    "Derived",
    "DuidOctets",
    "EnumMember",
    "FamilyAddress",
    "FirstOf",
    "FixedOctets",
    "Flags",
    "FrameLength",
    "FromNext",
    "FromRegistry",
    "GreedyOctets",
    "Inet4",
    "Inet6",
    "Integer",
    "IsShort",
    "Items",
    "Labels",
    "LengthOf",
    "Names",
    "Nested",
    "OneOf",
    "OpenEnum",
    "OptionList",
    "Optional",
    "OptionalOneOf",
    "PadTo",
    "Scaled",
    "ShortOrLong",
    "Sized",
    "Substructures",
    "Telling",
    "Text",
    "When",
    "element_of",
    "leaf_of",
]
