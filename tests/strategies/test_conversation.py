"""Conversations: our own actors survive them, bugs are found, and what is shown is small."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.stateful import run_state_machine_as_test

from mip6boot import dhcpv6, ikev2, mipv6, security, strategies
from mip6boot.errors import DecodeError, Mip6bootError
from mip6boot.schema import Duid, Message
from mip6boot.strategies.conversation.memory import Memory

from .conversations import (
    REPEATABLE,
    DhcpServer,
    HomeAgent,
    IkeResponder,
    KeyHolder,
    Mme,
    failure,
    steps_of,
)

EXAMPLES = 40 if os.environ.get("MIP6BOOT_PROFILE") == "ci" else 8


@pytest.mark.parametrize("peer", [DhcpServer, IkeResponder, HomeAgent, Mme])
def test_our_own_actors_survive(peer: Any, record_property: Any) -> None:
    """They raise nothing, and all that they answer decodes; but for Diameter it is legal too."""
    peer.seen.clear()
    limits = settings(REPEATABLE, max_examples=EXAMPLES, stateful_step_count=10)
    run_state_machine_as_test(peer, settings=limits)
    for name, count in peer.seen.items():
        record_property(name, count)
    grades = {"legal", "near_legal", "hostile"}
    assert grades < set(peer.seen)


def test_our_own_responder_survives_what_is_sealed(record_property: Any) -> None:
    KeyHolder.seen.clear()
    limits = settings(REPEATABLE, max_examples=EXAMPLES, stateful_step_count=10)
    run_state_machine_as_test(KeyHolder, settings=limits)
    record_property("sealed answers", KeyHolder.seen["sealed answer"])
    assert KeyHolder.seen["sealed answer"] > 0


class Trusting(KeyHolder):
    """Breaks at an identity, which only who has the keys can send."""

    grades: ClassVar[Mapping[str, int]] = {"legal": 1}

    def exchange(self, octets: bytes) -> list[bytes]:
        keys = self.keys()
        try:
            found: Sequence[Message] = (
                () if keys is None else security.unseal(octets, keys).decode()
            )
        except Mip6bootError:  # Nothing that the keys open.
            found = ()
        assert not any(isinstance(one, ikev2.IDi) for one in found), "the responder is gone"
        return super().exchange(octets)


def test_a_bug_behind_the_seal() -> None:
    text = failure(Trusting, steps=3)
    assert text.startswith("the responder is gone\n")
    steps = steps_of(text)
    assert steps[-1] == "send_sealed"
    assert len(steps) <= 2
    assert "\nlegal IkeMessage with a right seal\n" in text
    _, _, inside = text.partition("\n  sealed in it:\n")
    assert inside.startswith("    IDi\n")


class Broken(strategies.MobilityConversation):
    """A home agent with nothing wrong yet."""

    message_classes: ClassVar[Sequence[type[Message]]] = (mipv6.BindingUpdate,)

    def start(self) -> None:
        self.updates: list[mipv6.BindingUpdate] = []

    def exchange(self, octets: bytes) -> list[bytes]:
        try:
            update = mipv6.BindingUpdate.decode(octets)
        except DecodeError:
            return []
        self.updates.append(update)
        return [self.answer(update)]

    def answer(self, update: mipv6.BindingUpdate) -> bytes:
        return mipv6.BindingAcknowledgement(sequence=update.sequence).encode()


class Echo(Broken):
    """Sends options back that have no place in an acknowledgement (RFC 6275 6.2.5)."""

    grades: ClassVar[Mapping[str, int]] = {"legal": 1}

    def answer(self, update: mipv6.BindingUpdate) -> bytes:
        echoed = tuple(
            one for one in update.options if isinstance(one, mipv6.AlternateCareOfAddress)
        )
        return mipv6.BindingAcknowledgement(options=echoed).encode()


def test_an_answer_that_is_not_legal() -> None:
    class Strict(Echo):
        answers_are_legal = True

    limits = settings(REPEATABLE, max_examples=10, stateful_step_count=4)
    run_state_machine_as_test(Echo, settings=limits)  # Who does not ask for it, is not told.
    assert failure(Strict) == (
        "an answer is not legal: options[0](AlternateCareOfAddress): "
        "1 AlternateCareOfAddress, at most 0 allowed (RFC 6275 6.2.5)\n"
        "Failing test case: <state machine>\n"
        "state = Strict()\n"
        "legal BindingUpdate\n"
        "  3b03050000000000000000000100031000000000000000000000000000000000\n"
        "  BindingUpdate\n"
        "    payload_proto: 59\n"
        "    reserved: 0\n"
        "    checksum: 0\n"
        "    sequence: 0\n"
        "    flags: none\n"
        "    reserved_bits: 0\n"
        "    lifetime: 0\n"
        "    options:\n"
        "      AlternateCareOfAddress\n"
        "        address: ::\n"
        "answered\n"
        "  3b03060000000000000000000100031000000000000000000000000000000000\n"
        "  BindingAcknowledgement\n"
        "    payload_proto: 59\n"
        "    reserved: 0\n"
        "    checksum: 0\n"
        "    status: 0 ACCEPTED\n"
        "    flags: none\n"
        "    reserved_bits: 0\n"
        "    sequence: 0\n"
        "    lifetime: 0\n"
        "    options:\n"
        "      AlternateCareOfAddress\n"
        "        address: ::\n"
        "state.send(message=<legal BindingUpdate 3b030500000000000000000001000310... (32 octets)>)\n"
        "state.teardown()"
    )


class Plain(Broken):
    """Has messages without options."""

    def fields_of(self, cls: type[Message]) -> Mapping[str, st.SearchStrategy[Any]]:
        return {"options": st.just(())}


class Repeating(Plain):
    """Breaks at a message that it has had before."""

    def answer(self, update: mipv6.BindingUpdate) -> bytes:
        return b"" if update in self.updates[:-1] else super().answer(update)


def test_an_answer_that_does_not_decode() -> None:
    text = failure(Repeating)
    assert text.startswith("an answer does not decode: ")
    assert steps_of(text) == ["send", "repeat"]
    assert "state.repeat(message=sent_0)" in text


class Forgetting(Broken):
    """Breaks at the end of a binding, if the sequence number is the next one."""

    def answer(self, update: mipv6.BindingUpdate) -> bytes:
        before = [one.sequence for one in self.updates[:-1] if one.sequence]
        ends = update.lifetime == 0 and update.sequence - 1 in before
        return b"" if ends else super().answer(update)


def test_what_follows_is_found_and_two_messages_are_left() -> None:
    text = failure(Forgetting)
    assert len(steps_of(text)) == 2
    assert steps_of(text)[1] == "follow_up"


class Demanding(Plain):
    """Wants another sequence number, and breaks when it gets it."""

    def answer(self, update: mipv6.BindingUpdate) -> bytes:
        if update.sequence == 40_001:
            return b""
        status = mipv6.BindingStatus.SEQUENCE_OUT_OF_WINDOW
        return mipv6.BindingAcknowledgement(status=status, sequence=40_000).encode()


def test_what_a_peer_says_comes_back_to_it() -> None:
    text = failure(Demanding)
    assert len(steps_of(text)) == 2
    assert text.count("sequence: 40001") == 1


def test_elements_and_fields_are_learnt() -> None:
    """A server's identifier replaces another one, and stands nowhere it must not."""
    memory = Memory()
    server = dhcpv6.ServerIdentifier(Duid.parse("00:03:00:01:02:00:00:00:00:01"))
    memory.learn(dhcpv6.Advertise(7, (server,)))
    other = dhcpv6.ServerIdentifier(Duid.parse("00:03:00:01:02:00:00:00:00:02"))
    request = dhcpv6.Request(1, (other, dhcpv6.ElapsedTime(0)))

    def woven(allowed: bool, wanted: Any) -> dhcpv6.Request:
        return find(memory.woven(request, lambda _: allowed), wanted, settings=REPEATABLE)

    assert woven(True, lambda one: one != request) == request.replace(transaction_id=7)
    assert woven(True, lambda one: one.options != request.options).options == (
        server,
        dhcpv6.ElapsedTime(0),
    )
    with pytest.raises(NoSuchExample):
        woven(False, lambda one: one != request)


class TheAnswer(Plain):
    """A user looks at answers, and whether the peer is there."""

    gone: ClassVar[bool] = False

    def check_answer(self, sent: strategies.Sent, answers: Sequence[Message]) -> None:
        for answer in answers:
            assert isinstance(answer, mipv6.BindingAcknowledgement)
            assert answer.status == 0 or self.gone, "refused"

    def answer(self, update: mipv6.BindingUpdate) -> bytes:
        status = 128 if update.sequence > 999 else 0
        return mipv6.BindingAcknowledgement(status=status).encode()

    def alive(self) -> None:
        assert not self.gone or len(self.updates) < 3, "gone"


def test_what_the_user_checks() -> None:
    text = failure(TheAnswer)
    assert text.startswith("refused\n")
    assert "    sequence: 1000\n" in text

    class Gone(TheAnswer):
        gone = True

    text = failure(Gone)
    assert text.startswith("gone\n")
    assert len(steps_of(text)) == 3


def test_start_and_stop_are_in_pairs() -> None:
    log: list[str] = []

    class Logged(Repeating):
        def start(self) -> None:
            super().start()
            log.append("start")

        def stop(self) -> None:
            log.append("stop")

    assert failure(Logged)
    assert log == ["start", "stop"] * (len(log) // 2)


def test_what_is_set_wrong_is_told_at_once() -> None:
    class Misspelt(Broken):
        grades: ClassVar[Mapping[str, int]] = {"nearly": 1}

    class Silent(Broken):
        grades: ClassVar[Mapping[str, int]] = {"legal": 0}

    class Nothing(Broken):
        message_classes: ClassVar[Sequence[type[Message]]] = ()

    for wrong in (Misspelt, Silent):
        with pytest.raises(ValueError, match="grades are legal, near_legal, hostile"):
            wrong()
    with pytest.raises(TypeError, match="Nothing says no message_classes"):
        Nothing()
