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
    from .derive import messages
    from .faults import PacketRule
    from .frames import packets
    from .hostile import hostile_messages
    from .hostile_frames import hostile_packets
    from .legal import legal_messages
    from .near_legal import NearLegal, near_legal_messages
    from .near_legal_frames import NearLegalPacket, near_legal_packets
    from .protocols import (
        dhcpv6_messages,
        diameter_messages,
        ikev2_messages,
        mobility_messages,
    )
    from .sampling import samples
    from .sealed import SealedMessage, sealed_messages
    from .sealed_esp import SealedPacket, esp_packets
    from .sealed_parts import SealedFragments, sealed_fragments

#: Hypothesis imports this room for its entry point; what is in it waits for who uses it.
_LAZY = {
    "messages": "derive",
    "hostile_messages": "hostile",
    "legal_messages": "legal",
    "samples": "sampling",
    **dict.fromkeys(
        (
            "Conversation",
            "Dhcpv6Conversation",
            "DiameterConversation",
            "Ikev2Conversation",
            "MobilityConversation",
            "Sent",
        ),
        "conversation",
    ),
    **dict.fromkeys(("NearLegal", "near_legal_messages"), "near_legal"),
    **dict.fromkeys(
        ("dhcpv6_messages", "diameter_messages", "ikev2_messages", "mobility_messages"),
        "protocols",
    ),
    "PacketRule": "faults",
    "packets": "frames",
    "hostile_packets": "hostile_frames",
    **dict.fromkeys(("NearLegalPacket", "near_legal_packets"), "near_legal_frames"),
    **dict.fromkeys(("SealedMessage", "sealed_messages"), "sealed"),
    **dict.fromkeys(("SealedPacket", "esp_packets"), "sealed_esp"),
    **dict.fromkeys(("SealedFragments", "sealed_fragments"), "sealed_parts"),
}

__all__ = [
    "Conversation",
    "Dhcpv6Conversation",
    "DiameterConversation",
    "Ikev2Conversation",
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
