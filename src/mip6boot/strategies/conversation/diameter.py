"""Conversations with a Diameter node: an AAA server or proxy, an HSS, a PDN GW."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ... import diameter
from ...diameter import (
    AuthApplicationId,
    Class,
    DestinationHost,
    DestinationRealm,
    DiameterMessage,
    OriginHost,
    OriginRealm,
    Result,
    ResultCode,
    SessionId,
    SessionTerminationRequest,
    Termination,
    TerminationCause,
    UserName,
    answer_to,
)
from ...schema import Message
from .first import first_of
from .machine import Conversation

__all__ = ["DiameterConversation"]

_WORD = 1 << 32
#: What all requests of a session have in common, in the order of RFC 6733 8.4.1.
_OF_SESSION = (
    SessionId,
    OriginHost,
    OriginRealm,
    DestinationRealm,
    AuthApplicationId,
    UserName,
)


class DiameterConversation(Conversation):
    """The other side of a Diameter node: requests of all commands, and answers to its own.

    Octets are a Diameter message; connections are for `start` and `exchange` to make.  A request is
    followed by the next one of its session, sent to the node that has answered, and by the end of
    the session; a request of the peer by an answer (RFC 6733 6.2).
    """

    message_classes: ClassVar[Sequence[type[Message]]] = (DiameterMessage,)

    def decode(self, octets: bytes, *, lenient: bool = False) -> Message:
        return diameter.decode(octets, lenient=lenient)

    def check(self, message: Any) -> Any:
        return diameter.check(message)

    def follow_ups(self, sent: Message, answer: Message) -> Iterable[Message]:
        if not isinstance(sent, DiameterMessage) or not isinstance(answer, DiameterMessage):
            return ()
        if answer.is_request:
            return [_answered(sent, answer)]
        if not sent.is_request or sent.hop_by_hop_id != answer.hop_by_hop_id:
            return ()
        return [_following(sent, answer), _ending(sent, answer)]


def _answered(own: DiameterMessage, request: DiameterMessage) -> DiameterMessage:
    """Success, from the node that our own messages come from."""
    avps = (
        *first_of(SessionId, request.avps),
        ResultCode(Result.DIAMETER_SUCCESS),
        *first_of(OriginHost, own.avps),
        *first_of(OriginRealm, own.avps),
    )
    return answer_to(request, avps)


def _numbered(request: DiameterMessage, sent: DiameterMessage) -> DiameterMessage:
    """The request as the next one after another."""
    return request.replace(
        proxiable=sent.proxiable,
        application_id=sent.application_id,
        hop_by_hop_id=(sent.hop_by_hop_id + 1) % _WORD,
        end_to_end_id=(sent.end_to_end_id + 1) % _WORD,
    )


def _following(sent: DiameterMessage, answer: DiameterMessage) -> DiameterMessage:
    """The next request of the session: with what the peer wants to have back, sent to itself."""
    found = [DestinationHost(one.value) for one in first_of(OriginHost, answer.avps)]
    back = first_of(Class, answer.avps)
    kept = [one for one in sent.avps if not isinstance(one, (DestinationHost, Class))]
    return _numbered(sent, sent).replace(avps=(*kept, *found, *back))


def _ending(sent: DiameterMessage, answer: DiameterMessage) -> DiameterMessage:
    """Session-Termination-Request (RFC 6733 8.4.1)."""
    kept = [one for cls in _OF_SESSION for one in first_of(cls, sent.avps)]
    avps = (*kept, TerminationCause(Termination.DIAMETER_LOGOUT))
    return _numbered(SessionTerminationRequest(avps=avps), sent)
