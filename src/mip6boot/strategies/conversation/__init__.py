"""Conversations with a live peer, of which each protocol has its own kind."""

from __future__ import annotations

from .dhcpv6 import Dhcpv6Conversation
from .diameter import DiameterConversation
from .ikev2 import Ikev2Conversation
from .machine import Conversation
from .mobility import MobilityConversation
from .sent import Sent

__all__ = [
    "Conversation",
    "Dhcpv6Conversation",
    "DiameterConversation",
    "Ikev2Conversation",
    "MobilityConversation",
    "Sent",
]
