"""Hypothesis strategies derived from the declarations (extra `mip6boot[hypothesis]`).

`messages` makes whatever encodes, for tests of a codec:

>>> from hypothesis import given
>>> from mip6boot import dhcpv6, mipv6, strategies
>>> @given(strategies.messages(mipv6.BindingUpdate))
... def comes_back(message):
...     assert mipv6.decode(message.encode()) == message
>>> comes_back()

For a peer under test there are three grades.  Legal messages pass `check`; nearly legal ones are
octets with exactly one thing wrong, and say what; hostile ones are legal octets mutated:

>>> @given(strategies.legal_messages(dhcpv6.Solicit))
... def breaks_nothing(message):
...     assert not dhcpv6.check(message)
>>> breaks_nothing()
>>> @given(strategies.near_legal_messages(dhcpv6.Dhcpv6Message))
... def says_what_is_wrong(broken):
...     assert broken.octets and broken.rule and broken.reason
>>> says_what_is_wrong()

`packets`, `near_legal_packets` and `hostile_packets` are the same of whole frames.
`sealed_messages`, `sealed_fragments` and `esp_packets` are for who has the keys: the seal is right,
whatever is inside.

A `Conversation` fuzzes a live peer; `mutated` is for fuzzers that have their own loop.

`dhcpv6_messages()` and its like are any message of a protocol; with Hypothesis installed,
`st.from_type(mipv6.BindingUpdate)` is `messages(mipv6.BindingUpdate)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conversation import (
        Conversation,
        Dhcpv6Conversation,
        DiameterConversation,
        Ikev2Conversation,
        MobilityConversation,
        Sent,
    )
    from .frames.faults import PacketRule
    from .frames.hostile import hostile_packets
    from .frames.legal import packets
    from .frames.near_legal import NearLegalPacket, near_legal_packets
    from .grades.hostile import hostile_messages
    from .grades.legal import legal_messages
    from .grades.lies import Lie, Misalignment
    from .grades.mutation import Chooser, mutated
    from .grades.near_legal import NearLegal, near_legal_messages
    from .making.derive import messages
    from .protocols import (
        dhcpv6_messages,
        diameter_messages,
        ikev2_messages,
        mobility_messages,
    )
    from .sampling import samples
    from .sealed.esp import SealedPacket, esp_packets
    from .sealed.fragments import SealedFragments, sealed_fragments
    from .sealed.messages import SealedMessage, sealed_messages

#: Hypothesis imports this room for its entry point; what is in it waits for who uses it.
_MODULES: dict[str, tuple[str, ...]] = {
    "conversation": (
        "Conversation",
        "Dhcpv6Conversation",
        "DiameterConversation",
        "Ikev2Conversation",
        "MobilityConversation",
        "Sent",
    ),
    "frames.faults": ("PacketRule",),
    "frames.hostile": ("hostile_packets",),
    "frames.legal": ("packets",),
    "frames.near_legal": ("NearLegalPacket", "near_legal_packets"),
    "grades.hostile": ("hostile_messages",),
    "grades.legal": ("legal_messages",),
    "grades.lies": ("Lie", "Misalignment"),
    "grades.mutation": ("Chooser", "mutated"),
    "grades.near_legal": ("NearLegal", "near_legal_messages"),
    "making.derive": ("messages",),
    "protocols": ("dhcpv6_messages", "diameter_messages", "ikev2_messages", "mobility_messages"),
    "sampling": ("samples",),
    "sealed.esp": ("SealedPacket", "esp_packets"),
    "sealed.fragments": ("SealedFragments", "sealed_fragments"),
    "sealed.messages": ("SealedMessage", "sealed_messages"),
}
_LAZY = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Chooser",
    "Conversation",
    "Dhcpv6Conversation",
    "DiameterConversation",
    "Ikev2Conversation",
    "Lie",
    "Misalignment",
    "MobilityConversation",
    "NearLegal",
    "NearLegalPacket",
    "PacketRule",
    "SealedFragments",
    "SealedMessage",
    "SealedPacket",
    "Sent",
    "dhcpv6_messages",
    "diameter_messages",
    "esp_packets",
    "hostile_messages",
    "hostile_packets",
    "ikev2_messages",
    "legal_messages",
    "messages",
    "mobility_messages",
    "mutated",
    "near_legal_messages",
    "near_legal_packets",
    "packets",
    "samples",
    "sealed_fragments",
    "sealed_messages",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
