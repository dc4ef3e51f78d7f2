"""Messages of whole protocols, whatever their type."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .. import dhcpv6, diameter, ikev2, mipv6
from .making.derive import messages

__all__ = [
    "dhcpv6_messages",
    "diameter_messages",
    "ikev2_messages",
    "mobility_messages",
]


def dhcpv6_messages(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dhcpv6.Dhcpv6Message]:
    """DHCPv6 messages of any type, relayed ones too; `fields` as in `messages`."""
    return messages(dhcpv6.Dhcpv6Message, **fields)


def diameter_messages(
    **fields: st.SearchStrategy[Any],
) -> st.SearchStrategy[diameter.DiameterMessage]:
    """Diameter requests and answers of any command; `fields` as in `messages`."""
    return messages(diameter.DiameterMessage, **fields)


def ikev2_messages(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[ikev2.IkeMessage]:
    """IKEv2 messages of any exchange; what is sealed in them is plain octets; see `messages`."""
    return messages(ikev2.IkeMessage, **fields)


def mobility_messages(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[mipv6.MobilityHeader]:
    """Mobility messages of any type; `fields` as in `messages`."""
    return messages(mipv6.MobilityHeader, **fields)
