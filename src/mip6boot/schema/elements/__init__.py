"""The kinds of things on the wire, one small module each."""

from __future__ import annotations

from .addresses import Inet4, Inet6
from .bits import BitGroup, Bits, Flags
from .choice import ByLength, Nested, OneOf, When
from .derived import Code, Const, CountOf, Derived, FrameLength, FromRegistry, LengthOf
from .foreign import element_of, leaf_of
from .integers import Integer, OpenEnum, Scaled
from .octets import FixedOctets, GreedyOctets, Text
from .optionlist import OptionList
from .repeat import Items
from .values import DuidOctets, Labels

__all__ = [
    "BitGroup",
    "Bits",
    "ByLength",
    "Code",
    "Const",
    "CountOf",
    "Derived",
    "DuidOctets",
    "FixedOctets",
    "Flags",
    "FrameLength",
    "FromRegistry",
    "GreedyOctets",
    "Inet4",
    "Inet6",
    "Integer",
    "Items",
    "Labels",
    "LengthOf",
    "Nested",
    "OneOf",
    "OpenEnum",
    "OptionList",
    "Scaled",
    "Text",
    "When",
    "element_of",
    "leaf_of",
]
