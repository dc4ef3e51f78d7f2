"""What relays put around a client's message, and servers around the answer (RFC 8415 19.3)."""

from __future__ import annotations

from ipaddress import IPv6Address

from ..dhcpv6 import (
    Dhcpv6Message,
    InterfaceId,
    RelayForward,
    RelayMessage,
    RelayReply,
)
from ..errors import DecodeError
from .actor import Port, Unit
from .dhcp_parameters import (
    CLIENT_PORT,
    SERVER_PORT,
)
from .parts import find

__all__: list[str] = []


def unwrapped(
    message: Dhcpv6Message,
) -> tuple[Dhcpv6Message, tuple[RelayForward, ...]]:
    """What a client has sent, and the relays on the way; DecodeError where there is nothing."""
    relays: list[RelayForward] = []
    while isinstance(message, RelayForward):
        relays.append(message)
        inside = find(message.options, RelayMessage)
        if inside is None:
            raise DecodeError("a Relay-forward without a message")
        message = inside.message
    return message, tuple(relays)


def wrapped(
    unit: Unit, own: IPv6Address, answer: Dhcpv6Message, relays: tuple[RelayForward, ...]
) -> Unit:
    """The answer on the way back through the same relays (RFC 8415 18.3.10, 19.3)."""
    for relay in reversed(relays):
        kept = (option for option in relay.options if isinstance(option, InterfaceId))
        answer = RelayReply(
            hop_count=relay.hop_count,
            link_address=relay.link_address,
            peer_address=relay.peer_address,
            options=(*kept, RelayMessage(answer)),
        )
    return Unit(
        port=Port.UDP,
        source=own,
        source_port=SERVER_PORT,
        destination=unit.source,
        destination_port=SERVER_PORT if relays else CLIENT_PORT,
        octets=answer.encode(),
        link=unit.link,
    )
