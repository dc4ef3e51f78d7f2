"""Conversations with an IKEv2 responder: a home agent, an ePDG, or a gateway of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ... import ikev2
from ...errors import DecodeError
from ...ikev2 import (
    Cookie,
    Encrypted,
    ExchangeType,
    IkeFlags,
    IkeMessage,
    InvalidKePayload,
    KeyExchange,
    Nonce,
    decode_chain,
)
from ...schema import Message
from ...security import IkeKeys
from ..grades.near_legal import NearLegal
from ..sealed.messages import SealedMessage, sealed_messages
from .machine import Conversation
from .sent import Sent

__all__ = ["Ikev2Conversation"]

#: As long as an empty SK payload of AES-CBC-128 with HMAC-SHA2-256-128; its seal is wrong.
_UNSEALED = Encrypted(sealed=bytes(48))


@st.composite
def _right_seals(draw: Any) -> Sent:
    """A message that the keys open; mostly with the message id that the peer waits for."""
    conversation: Ikev2Conversation = draw(st.runner())
    keys, wanted = conversation.keys(), conversation.next_message_id
    assert keys is not None
    grade = draw(conversation.some_grade())
    numbers = st.just(wanted) | st.sampled_from((wanted, wanted, 0, 1, wanted + 1))
    made = draw(sealed_messages(keys, grade=grade, message_id=numbers))
    broken = None
    if made.rule is not None:
        broken = NearLegal(made.octets, made.rule, made.path, made.reason)
    return Sent(
        octets=made.octets, kind=IkeMessage, grade=grade, broken=broken, inside=_inside(made)
    )


def _inside(made: SealedMessage) -> tuple[Message, ...]:
    """The payloads inside, as far as there are any."""
    try:
        return decode_chain(made.content, made.first_payload, lenient=True)
    except DecodeError:
        return ()


def _is_response(answer: Message, keys: IkeKeys, message_id: int) -> bool:
    return (
        isinstance(answer, IkeMessage)
        and answer.is_response
        and answer.responder_spi == keys.spi_r
        and answer.exchange_type != ExchangeType.IKE_SA_INIT
        and answer.message_id == message_id
    )


class Ikev2Conversation(Conversation):
    """The other side of an IKEv2 responder: an initiator.

    Octets are the IKE message, without the marker of port 4500.  An IKE_SA_INIT is repeated with
    the cookie or the key exchange method that the responder wants (RFC 7296 2.6, 1.2), and
    followed by IKE_AUTH, CREATE_CHILD_SA and INFORMATIONAL with its SPI, whose seals are wrong.

    Who has the keys of an IKE SA, such as an initiator of `flow.ike` that has sent its IKE_SA_INIT
    by the same `exchange`, gives them in `keys`: then messages come whose seals are right.
    """

    message_classes: ClassVar[Sequence[type[Message]]] = (IkeMessage,)

    #: The message id that the peer takes next in the IKE SA of `keys`; it grows with the answers.
    next_message_id: int = 1

    def keys(self) -> IkeKeys | None:
        """The keys of an IKE SA with the peer; None as long as there is none."""
        return None

    @precondition(lambda self: self.keys() is not None)
    @rule(target=Conversation.sent, message=_right_seals())
    def send_sealed(self, message: Sent) -> Sent:
        """Send a message with a right seal, whatever is inside."""
        return self.say(message)

    def learn(self, sent: Sent, answers: Sequence[Message]) -> None:
        super().learn(sent, answers)
        keys = self.keys()
        for answer in answers:
            if keys is not None and _is_response(answer, keys, self.next_message_id):
                self.next_message_id += 1

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
