"""A conversation with a peer under test, as a state machine of Hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, precondition, rule

from ...errors import DecodeError, EncodeError
from ...schema import Message, Unaligned, walk
from ...schema.rules import Violation
from ..grades import GRADES
from ..grades.legal import legal_messages
from .grades import graded
from .memory import Memory
from .sent import Sent, Shown

__all__ = ["Conversation"]

#: How many messages that would be next are kept in mind.
_PENDING = 16


@st.composite
def _fresh(draw: Any) -> Sent:
    """A message that has nothing to do with the one before, unless what was learnt is in it."""
    conversation: Conversation = draw(st.runner())
    cls = draw(st.sampled_from(conversation.message_classes))
    made = draw(legal_messages(cls, **conversation.fields_of(cls)))
    return cast(Sent, draw(conversation.graded(made)))


@st.composite
def _next(draw: Any) -> Sent:
    """A message that follows from an answer, not always from the last one."""
    conversation: Conversation = draw(st.runner())
    return cast(Sent, draw(conversation.graded(draw(st.sampled_from(conversation.pending)))))


class Conversation(RuleBasedStateMachine):
    """Fuzzes a live peer: each step sends it a message and looks at what it answers.

    Subclass one of `Dhcpv6Conversation`, `Ikev2Conversation`, `MobilityConversation` and
    `DiameterConversation`, and say in `exchange` how octets get to the peer.  Then
    `TestPeer = YourConversation.TestCase` is a test for pytest and unittest, and
    `hypothesis.stateful.run_state_machine_as_test(YourConversation)` runs it anywhere.

    Messages are new ones (`send`), such as follow from what the peer has answered (`follow_up`:
    a Request from its Advertise, the next Binding Update from its acknowledgement) and earlier ones
    once more (`repeat`).  Identifiers, numbers and options that the peer has sent come back to it
    in later messages.  A run that fails is shrunk, and shows its messages with their trees.
    """

    #: What new messages are made of: classes, or a base that stands for all its classes.
    message_classes: ClassVar[Sequence[type[Message]]] = ()
    #: How often messages are of which grade; those with 0 are left out.
    grades: ClassVar[Mapping[str, int]] = {"legal": 4, "near_legal": 2, "hostile": 1}
    #: Whether an answer that breaks a rule of the RFCs fails, as one that does not decode does.
    answers_are_legal: ClassVar[bool] = False

    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        unknown = set(self.grades) - set(GRADES)
        if unknown or not any(self.grades.values()):
            raise ValueError(f"grades are {', '.join(GRADES)}, at least one of them above 0")
        if not self.message_classes:
            raise TypeError(f"{type(self).__name__} says no message_classes")
        self.memory = Memory()
        self.pending: list[Message] = []
        self.start()

    # -- what a subclass says -----------------------------------------------------------------
    def exchange(self, octets: bytes) -> Iterable[bytes]:
        """Send the octets to the peer, and give what it answers: nothing, one or more messages."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin a run: a peer that remembers nothing makes failures that can be repeated."""

    def stop(self) -> None:
        """End a run; also after a failure."""

    def alive(self) -> None:
        """Called after each step: raise whatever you like if the peer is not there any more."""

    def check_answer(self, sent: Sent, answers: Sequence[Message]) -> None:
        """Called with each message and what was answered: assert what must hold."""

    def fields_of(self, cls: type[Message]) -> Mapping[str, st.SearchStrategy[Any]]:
        """Strategies of your own for fields of new messages, as `legal_messages` takes them.

        Fields that are named here take nothing from what the peer has said.
        """
        return {}

    # -- what a protocol says -----------------------------------------------------------------
    def decode(self, octets: bytes, *, lenient: bool = False) -> Message:
        """The message of the octets; DecodeError if there is none."""
        raise NotImplementedError

    def check(self, message: Any) -> list[Violation]:
        """The rules that a message breaks."""
        raise NotImplementedError

    def follow_ups(self, sent: Message, answer: Message) -> Iterable[Message]:
        """What a well-behaved node might say after an answer to what it has sent."""
        return ()

    def learn(self, sent: Sent, answers: Sequence[Message]) -> None:
        """Keep what the answers say for later messages."""
        for answer in answers:
            self.memory.learn(answer)
        try:
            asked = self.decode(sent.octets)
        except DecodeError:
            return
        for answer in answers:
            new = [one for one in self.follow_ups(asked, answer) if self._is_legal(one)]
            self.pending = (new + [one for one in self.pending if one not in new])[:_PENDING]

    # -- the steps ----------------------------------------------------------------------------
    @rule(target=sent, message=_fresh())
    def send(self, message: Sent) -> Sent:
        """Send a new message."""
        return self.say(message)

    @precondition(lambda self: self.pending)
    @rule(target=sent, message=_next())
    def follow_up(self, message: Sent) -> Sent:
        """Send what follows from an answer."""
        return self.say(message)

    @rule(message=sent)
    def repeat(self, message: Sent) -> None:
        """Send an earlier message once more."""
        self.say(message)

    def teardown(self) -> None:
        self.stop()

    # -- inside a step ------------------------------------------------------------------------
    def graded(self, message: Message) -> st.SearchStrategy[Sent]:
        """The message in one of the grades, with what the peer has said in it."""
        fixed = self.fields_of(type(message))
        woven = self.memory.woven(message, self._is_legal, fixed)
        return st.tuples(woven, self.some_grade()).flatmap(lambda pair: graded(*pair, fixed))

    def some_grade(self) -> st.SearchStrategy[str]:
        """The grades, as often as they are wanted."""
        return st.sampled_from(
            [grade for grade in GRADES for _ in range(self.grades.get(grade, 0))]
        )

    def say(self, message: Sent) -> Sent:
        """Send a message, and learn from the answers; subclasses call it in rules of their own."""
        note(message.shown(self._read))
        answers = [self._answer(octets) for octets in self.exchange(message.octets)]
        self.learn(message, answers)
        self.check_answer(message, answers)
        self.alive()
        return message

    def _answer(self, octets: bytes) -> Message:
        note(Shown("answered", octets, self._read))
        try:
            answer = self.decode(octets)
        except DecodeError as e:
            raise AssertionError(f"an answer does not decode: {e}") from None
        if self.answers_are_legal and (broken := self.check(answer)):
            raise AssertionError(f"an answer is not legal: {broken[0]}")
        return answer

    def _read(self, octets: bytes) -> Message:
        return self.decode(octets, lenient=True)

    def _is_legal(self, message: Message) -> bool:
        try:
            message.encode()
        except EncodeError:
            return False
        marked = any(isinstance(element, Unaligned) for _, element in walk(message))
        return not marked and not self.check(message)
