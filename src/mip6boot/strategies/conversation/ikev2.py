"""Conversations with an IKEv2 responder: a home agent, an ePDG, or a gateway of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ... import ikev2
from ...ikev2 import (
    Cookie,
    Encrypted,
    ExchangeType,
    IkeFlags,
    IkeMessage,
    InvalidKePayload,
    KeyExchange,
    Nonce,
)
from ...schema import Message
from .machine import Conversation

__all__ = ["Ikev2Conversation"]

#: As long as an empty SK payload of AES-CBC-128 with HMAC-SHA2-256-128; its seal is wrong.
_UNSEALED = Encrypted(sealed=bytes(48))


class Ikev2Conversation(Conversation):
    """The other side of an IKEv2 responder: an initiator.

    Octets are the IKE message, without the marker of port 4500.  An IKE_SA_INIT is repeated with
    the cookie or the key exchange method that the responder wants (RFC 7296 2.6, 1.2), and
    followed by IKE_AUTH, CREATE_CHILD_SA and INFORMATIONAL with its SPI, whose seals are wrong.
    """

    message_classes: ClassVar[Sequence[type[Message]]] = (IkeMessage,)

    def decode(self, octets: bytes, *, lenient: bool = False) -> Message:
        return ikev2.decode(octets, lenient=lenient)

    def check(self, message: Any) -> Any:
        return ikev2.check(message)

    def follow_ups(self, sent: Message, answer: Message) -> Iterable[Message]:
        if not isinstance(sent, IkeMessage) or not isinstance(answer, IkeMessage):
            return ()
        if not answer.is_response:
            return [_sealed(answer, answer.exchange_type, answer.message_id, IkeFlags.R)]
        again = _again(sent, answer)
        if again is not None or answer.find(Nonce) is None:
            return [again] if again is not None else ()
        following = (
            ExchangeType.IKE_AUTH,
            ExchangeType.CREATE_CHILD_SA,
            ExchangeType.INFORMATIONAL,
        )
        return [_sealed(answer, exchange, 1, IkeFlags.I) for exchange in following]


def _sealed(answer: IkeMessage, exchange: int, message_id: int, flags: IkeFlags) -> IkeMessage:
    """A message of the IKE SA that the answer belongs to."""
    return IkeMessage(
        initiator_spi=answer.initiator_spi,
        responder_spi=answer.responder_spi,
        exchange_type=exchange,
        flags=flags,
        message_id=message_id,
        payloads=(_UNSEALED,),
    )


def _again(sent: IkeMessage, answer: IkeMessage) -> IkeMessage | None:
    """The IKE_SA_INIT that the responder wants instead, if it does."""
    cookie, wanted = answer.find(Cookie), answer.find(InvalidKePayload)
    if cookie is not None:
        others = (one for one in sent.payloads if not isinstance(one, Cookie))
        return sent.replace(payloads=(cookie, *others))
    if wanted is not None:
        method = wanted.method
        payloads = (
            one.replace(method=method) if isinstance(one, KeyExchange) else one
            for one in sent.payloads
        )
        return sent.replace(payloads=tuple(payloads))
    return None
