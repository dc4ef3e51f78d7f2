"""Conversations with a DHCPv6 server, or with the relay before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ... import dhcpv6
from ...dhcpv6 import (
    Advertise,
    ClientIdentifier,
    ClientServerMessage,
    Confirm,
    Decline,
    Dhcpv6Option,
    ElapsedTime,
    IaNa,
    IdentityAssociation,
    InformationRequest,
    OptionCode,
    OptionRequest,
    Rebind,
    Reconfigure,
    RelayForward,
    RelayMessage,
    RelayReply,
    Release,
    Renew,
    Reply,
    Request,
    ServerIdentifier,
    Solicit,
)
from ...schema import Message
from .first import first_of
from .machine import Conversation

__all__ = ["Dhcpv6Conversation"]

_FOLLOWING: dict[type[Message], tuple[type[ClientServerMessage], ...]] = {
    Advertise: (Request,),
    Reply: (Renew, Rebind, Release, Decline, Confirm),
    Reconfigure: (Renew, InformationRequest),
}
# RFC 8415 16: which messages name a server, and 21.7: which ask for options.
_NAMING = (Request, Renew, Release, Decline)
_ASKING = (Request, Renew, Rebind, InformationRequest)


class Dhcpv6Conversation(Conversation):
    """The other side of a DHCPv6 server: clients, with and without relays.

    Octets are the payload of UDP.  An Advertise is followed by a Request with its server and its
    associations, a Reply by all that a client may do with its leases (RFC 8415 18.2).
    """

    message_classes: ClassVar[Sequence[type[Message]]] = (
        Solicit,
        Request,
        Confirm,
        Renew,
        Rebind,
        Release,
        Decline,
        InformationRequest,
        RelayForward,
    )

    def decode(self, octets: bytes, *, lenient: bool = False) -> Message:
        return dhcpv6.decode(octets, lenient=lenient)

    def check(self, message: Any) -> Any:
        return dhcpv6.check(message)

    def follow_ups(self, sent: Message, answer: Message) -> Iterable[Message]:
        if isinstance(sent, RelayForward) and isinstance(answer, RelayReply):
            inside = _passed_on(sent), _passed_on(answer)
            return [_passing(sent, one) for one in self.follow_ups(*inside)] if all(inside) else ()
        if isinstance(sent, ClientServerMessage) and isinstance(answer, ClientServerMessage):
            return [_following(cls, sent, answer) for cls in _FOLLOWING.get(type(answer), ())]
        return ()


def _passed_on(message: RelayForward | RelayReply) -> Any:
    return next((one.message for one in first_of(RelayMessage, message.options)), None)


def _passing(relay: RelayForward, message: Any) -> RelayForward:
    """The relay's message with another one in it."""
    others = (one for one in relay.options if not isinstance(one, RelayMessage))
    return relay.replace(options=(RelayMessage(message), *others))


def _following(
    cls: type[ClientServerMessage], sent: ClientServerMessage, answer: ClientServerMessage
) -> ClientServerMessage:
    """The client's next message: with its own identifier, and what the server gave it."""
    options: list[Dhcpv6Option] = [*first_of(ClientIdentifier, answer.options, sent.options)]
    if cls in _NAMING:
        options += first_of(ServerIdentifier, answer.options)
    options.append(ElapsedTime(0))
    if cls in _ASKING:
        usual = OptionRequest((OptionCode.SOL_MAX_RT,))
        options += first_of(OptionRequest, sent.options) or [usual]
    if cls is not InformationRequest:
        kind = IaNa if cls is Confirm else IdentityAssociation
        options += (one for one in answer.options if isinstance(one, kind))
    return cls((sent.transaction_id + 1) % (1 << 24), tuple(options))
