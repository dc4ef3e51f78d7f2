"""Conversations with a home agent, correspondent node or any other node of Mobile IPv6."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ... import mipv6
from ...mipv6 import (
    BindingAcknowledgement,
    BindingRefreshRequest,
    BindingRevocationAcknowledgement,
    BindingRevocationIndication,
    BindingStatus,
    BindingUpdate,
    CareOfTest,
    CareOfTestInit,
    HomeTest,
    HomeTestInit,
    NonceIndices,
    RevocationStatus,
)
from ...schema import Message
from .machine import Conversation

__all__ = ["MobilityConversation"]


class MobilityConversation(Conversation):
    """The other side of a home agent: a mobile node.

    Octets are a Mobility Header; its checksum is for `exchange` to write
    (`mipv6.checksum_of(octets, source, destination)`), if the peer looks at it.  A Binding Update
    is followed by a later one and by one that ends the binding, with the sequence number that the
    peer wants (RFC 6275 11.7.3, status 135); a Binding Revocation by its acknowledgement.
    """

    message_classes: ClassVar[Sequence[type[Message]]] = (
        BindingUpdate,
        HomeTestInit,
        CareOfTestInit,
        BindingRevocationAcknowledgement,
    )

    def decode(self, octets: bytes, *, lenient: bool = False) -> Message:
        return mipv6.decode(octets, lenient=lenient)

    def check(self, message: Any) -> Any:
        return mipv6.check(message)

    def follow_ups(self, sent: Message, answer: Message) -> Iterable[Message]:
        if isinstance(answer, BindingRevocationIndication):
            accepted = RevocationStatus.SUCCESS
            return [BindingRevocationAcknowledgement(accepted, answer.sequence, answer.flags)]
        if isinstance(answer, (HomeTest, CareOfTest)):
            return [_update_with(answer)]
        if isinstance(sent, BindingUpdate) and isinstance(
            answer, (BindingAcknowledgement, BindingRefreshRequest)
        ):
            return _later(sent, answer)
        return ()


def _later(
    sent: BindingUpdate, answer: BindingAcknowledgement | BindingRefreshRequest
) -> list[BindingUpdate]:
    """A Binding Update that renews the binding, and one that ends it."""
    last = sent.sequence
    if getattr(answer, "status", None) == BindingStatus.SEQUENCE_OUT_OF_WINDOW:
        last = getattr(answer, "sequence", last)
    renewal = sent.replace(sequence=(last + 1) % (1 << 16))
    return [renewal, renewal.replace(lifetime=0)]


def _update_with(test: HomeTest | CareOfTest) -> BindingUpdate:
    """A Binding Update to a correspondent node that knows the nonce of the test."""
    index = getattr(test, "home_nonce_index", 0), getattr(test, "care_of_nonce_index", 0)
    return BindingUpdate(1, lifetime=420, options=(NonceIndices(*index),))
