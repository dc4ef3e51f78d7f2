"""Our own actors as peers under test; and what a run of a conversation says when it fails."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import IPv6Address
from random import Random
from typing import Any, ClassVar

import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from mip6boot import diameter, flow, ikev2, mipv6, security, strategies
from mip6boot.flow.diameter import DiameterNode
from mip6boot.schema import Message

from ..flow import ike_network, mobility, test_dhcp, test_diameter_node
from ..flow.test_hostile import sealed

CLIENT, SERVERS = IPv6Address("fe80::10"), IPv6Address("ff02::1:2")
LINK = msgspec.structs.replace(test_dhcp.LINK, name="lan")

#: The same messages on every machine, and none from before.
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
)


def failure(
    conversation: type[strategies.Conversation], *, examples: int = 60, steps: int = 8
) -> str:
    """What a run that has to fail says: its error, and the shrunk steps."""
    limits = settings(REPEATABLE, max_examples=examples, stateful_step_count=steps)
    try:
        run_state_machine_as_test(conversation, settings=limits)
    except AssertionError as error:
        return "\n".join([str(error), *error.__notes__])
    raise ValueError("the bug was not found")


def steps_of(text: str) -> list[str]:
    """The names of the steps that a failure shows."""
    return [name for name in re.findall(r"\bstate\.(\w+)\(", text) if name != "teardown"]


class Counting:
    """Counts grades of what was sent, and classes of what was answered."""

    seen: ClassVar[Counter[str]]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.seen = Counter()

    def check_answer(self, sent: strategies.Sent, answers: Sequence[Message]) -> None:
        self.seen[sent.grade] += 1
        self.seen.update(type(answer).__name__ for answer in answers)


class DhcpServer(Counting, strategies.Dhcpv6Conversation):
    """Clients and relays on one link with the server."""

    answers_are_legal = True

    def start(self) -> None:
        self.server = test_dhcp.server("server", "lan", links=(LINK,))
        self.now = 0.0

    def exchange(self, octets: bytes) -> list[bytes]:
        self.now += 1.0
        unit = flow.Unit(
            port=flow.Port.UDP, source=CLIENT, destination=SERVERS, source_port=546,
            destination_port=547, octets=octets, link="lan",
        )  # fmt: skip
        self.server.receive(unit, self.now)
        self.server.handle_timeout(self.now)
        return [unit.octets for unit in self.server.to_send()]


class IkeResponder(Counting, strategies.Ikev2Conversation):
    """Initiators, some of whose first messages propose what the responder takes."""

    answers_are_legal = True

    def start(self) -> None:
        self.responder = ike_network.responder()
        self.now = 0.0

    def fields_of(self, cls: type[Message]) -> Mapping[str, st.SearchStrategy[Any]]:
        first = _first_message()
        names = ("payloads", "exchange_type", "flags", "message_id", "responder_spi")
        known = {name: st.just(getattr(first, name)) for name in names}
        return {} if self.pending else known

    def exchange(self, octets: bytes) -> list[bytes]:
        self.now += 1.0
        unit = flow.Unit(
            port=flow.Port.UDP, source=ike_network.UE, destination=ike_network.HA,
            source_port=500, destination_port=500, octets=octets,
        )  # fmt: skip
        self.responder.receive(unit, self.now)
        self.responder.handle_timeout(self.now)
        return [unit.octets for unit in self.responder.to_send()]


@cache
def _first_message() -> ikev2.IkeMessage:
    initiator = ike_network.initiator()
    initiator.start(0.0)
    (unit,) = initiator.to_send()
    return ikev2.decode(unit.octets)


class KeyHolder(IkeResponder):
    """An initiator of ours has agreed on keys with the responder, and lends them."""

    def start(self) -> None:
        super().start()
        self.initiator = ike_network.initiator()
        self.initiator.start(self.now)
        (first,) = self.initiator.to_send()
        (answer,) = self.exchange(first.octets)
        self.initiator.receive(first.answer(answer), self.now)

    def keys(self) -> security.IkeKeys | None:
        known = self.initiator.keyring.ike
        return known[-1] if known else None

    def check_answer(self, sent: strategies.Sent, answers: Sequence[Message]) -> None:
        super().check_answer(sent, answers)
        for answer in answers if sent.inside is not None else ():
            self.seen["sealed answer"] += answer.find(ikev2.Encrypted) is not None
        for event in self.responder.events():
            self.seen[event.name] += 1


class HomeAgent(Counting, strategies.MobilityConversation):
    """A mobile node that has the keys of the home agent."""

    answers_are_legal = True

    def start(self) -> None:
        self.asker = mobility.Asker(sealed=True)
        self.now = 0.0

    def exchange(self, octets: bytes) -> list[bytes]:
        self.now += 1.0
        sender = self.asker.sender
        assert sender is not None
        unit = sealed(octets, to_agent=True, sender=sender)
        answers = self.asker.give(unit, self.now)
        self.asker.agent.handle_timeout(self.now + 1)
        answers += self.asker.answers()
        # Others are ICMPv6: Parameter Problem.
        return [one.encode() for one in answers if isinstance(one, mipv6.MobilityHeader)]


class Mme(Counting, strategies.DiameterConversation):
    """An HSS that is connected to an MME."""

    def start(self) -> None:
        self.node = test_diameter_node.Mme(
            "mme", test_diameter_node.settings("mme", "hss", connect=False), Random(1)
        )
        self.now = 0.0
        self.connect()

    def connect(self) -> None:
        hss = DiameterNode(
            "hss", test_diameter_node.settings("hss", "mme", connect=True), Random(2)
        )
        hss.start(self.now)
        (unit,) = hss.to_send()
        self.node.receive(unit, self.now)
        (answer,) = self.node.to_send()
        assert isinstance(diameter.decode(answer.octets), diameter.CapabilitiesExchangeAnswer)

    def exchange(self, octets: bytes) -> list[bytes]:
        self.now += 1.0
        unit = flow.Unit(
            port=flow.Port.DIAMETER, source="hss", destination="mme", octets=octets, link="core"
        )
        self.node.receive(unit, self.now)
        self.node.handle_timeout(self.now)
        answers = [unit.octets for unit in self.node.to_send()]
        if b"" in answers:  # The node has ended the connection.
            self.connect()
        return [octets for octets in answers if octets]
