"""What all of DHCPv6 is made of: messages, options, and lists of options (RFC 8415 8, 21.1)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..schema import (
    Code,
    FromRegistry,
    Int8ub,
    Int16ub,
    Message,
    Octets,
    OptionList,
    Registry,
    Unknown,
)
from .codes import MessageType, OptionCode

__all__ = [
    "MESSAGES",
    "OPTIONS",
    "Dhcpv6Message",
    "Dhcpv6Option",
    "Dhcpv6Options",
    "UnknownDhcpv6Message",
    "UnknownDhcpv6Option",
]


class Dhcpv6Message(Message):
    """Base of every DHCPv6 message."""

    msg_type: ClassVar[Annotated[int, Code(Int8ub)]]
    "Kind of message."


class Dhcpv6Option(Message):
    """Base of every DHCPv6 option."""


MESSAGES: Registry[Dhcpv6Message] = Registry(Dhcpv6Message, "DHCPv6 message", code=Int8ub)

OPTIONS: Registry[Dhcpv6Option] = Registry(
    Dhcpv6Option, "DHCPv6 option", code=Int16ub, length=Int16ub
)

Dhcpv6Options = Annotated[tuple[Dhcpv6Option, ...], OptionList(OPTIONS)]


@MESSAGES.unknown
class UnknownDhcpv6Message(Dhcpv6Message, Unknown):
    """A message of a type that nobody registered; its octets are kept."""

    registry_code: Annotated[int, FromRegistry(MessageType)]
    data: Octets = b""


@OPTIONS.unknown
class UnknownDhcpv6Option(Dhcpv6Option, Unknown):
    """An option of a code that nobody registered; its octets are kept."""

    registry_code: Annotated[int, FromRegistry(OptionCode)]
    data: Octets = b""
