"""Actors in general: timers, events, tables, parts, and what is sent again."""

from __future__ import annotations

import copy
import enum
import itertools
import pickle
from collections import Counter
from ipaddress import IPv6Address
from random import Random
from typing import Any

import pytest

from mip6boot.flow import Composite, Event, Machine, Port, Retransmission, Unit

UNIT = Unit(
    port=Port.UDP, source=IPv6Address("::1"), destination=IPv6Address("::2"), octets=b"x",
    source_port=546, destination_port=547, link="access",
)  # fmt: skip


class State(enum.StrEnum):
    IDLE = "idle"
    BUSY = "busy"


class Worker(Machine):
    TRANSITIONS = {
        (State.IDLE, "work"): ("_begin", State.BUSY),
        (State.BUSY, "tick over"): ("_tick", None),
        (State.BUSY, "work"): (None, None),
        (None, "stop"): (None, State.IDLE),
    }

    def __init__(self) -> None:
        super().__init__("worker", State.IDLE)
        self.ticks = 0

    def receive(self, unit: Unit, now: float) -> None:
        self.step("work", now, unit)

    def _begin(self, now: float, unit: Unit) -> None:
        self.send(unit.answer(b"begun"))
        self.start_timer("tick", now + 1)

    def _tick(self, now: float) -> State | None:
        self.ticks += 1
        self.start_timer("tick", now + 1)
        return State.IDLE if self.ticks == 3 else None


def names(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.name, event.text) for event in events]


def test_the_table_tells_what_happens() -> None:
    worker = Worker()
    worker.receive(UNIT, 0.0)
    worker.receive(UNIT, 0.5)
    assert names(worker.events()) == [("state", "idle -> busy")]
    assert worker.events() == []
    (answer,) = worker.to_send()
    assert (answer.source, answer.destination, answer.octets) == (
        UNIT.destination, UNIT.source, b"begun",
    )  # fmt: skip
    assert (answer.source_port, answer.destination_port, answer.link) == (547, 546, "access")
    assert worker.to_send() == []
    for now in (1.0, 2.0, 3.0):
        assert worker.next_timeout() == now
        worker.handle_timeout(now - 0.01)
        worker.handle_timeout(now)
    assert (worker.ticks, worker.state) == (3, State.IDLE)
    worker.handle_timeout(4.0)
    assert names(worker.events())[-1] == ("ignored", "tick over in the state idle")
    assert worker.next_timeout() is None


def test_an_input_of_any_state() -> None:
    worker = Worker()
    worker.step("stop", 0.0)
    assert worker.events() == []
    worker.receive(UNIT, 0.0)
    worker.step("stop", 1.0)
    assert worker.state == State.IDLE


def test_a_timer_that_another_one_stops_is_not_over() -> None:
    class Pair(Machine):
        TRANSITIONS = {
            (None, "first over"): ("_first", None),
            (None, "second over"): ("_second", None),
        }
        seen: list[Any] = []

        def _first(self, now: float) -> None:
            self.stop_timer("second")
            self.seen.append(now)

        def _second(self, now: float) -> None:
            raise AssertionError

    pair = Pair("pair", None)
    pair.start_timer("second", 2.0)
    pair.start_timer("first", 1.0)
    pair.handle_timeout(5.0)
    assert pair.seen == [5.0]


def test_parts_act_as_one() -> None:
    class Both(Composite):
        def __init__(self) -> None:
            super().__init__("both")
            self.parts = (Worker(), Worker())

        def receive(self, unit: Unit, now: float) -> None:
            for part in self.parts:
                part.receive(unit, now)

        def expired(self, timer: Any, now: float) -> None:
            self.note(now, "own timer")

    both = Both()
    assert both.next_timeout() is None
    both.receive(UNIT, 0.0)
    both.start_timer("own", 0.5)
    assert len(both.to_send()) == 2
    assert both.next_timeout() == 0.5
    both.handle_timeout(1.0)
    assert [event.name for event in both.events()] == ["state", "state", "own timer"]
    assert [part.ticks for part in both.parts if isinstance(part, Worker)] == [1, 1]


class Crowd(Composite):
    """So many workers, which count how often they are asked."""

    def __init__(self, size: int) -> None:
        super().__init__("crowd")
        self.asked: Counter[str] = Counter()
        self.parts = tuple(Counted(self.asked) for _ in range(size))

    def expired(self, timer: Any, now: float) -> None:
        raise AssertionError


class Counted(Worker):
    def __init__(self, asked: Counter[str]) -> None:
        super().__init__()
        self.asked = asked

    def to_send(self) -> list[Unit]:
        self.asked["to_send"] += 1
        return super().to_send()

    def next_timeout(self) -> float | None:
        self.asked["next_timeout"] += 1
        return super().next_timeout()

    def handle_timeout(self, now: float) -> None:
        self.asked["handle_timeout"] += 1
        super().handle_timeout(now)

    def events(self) -> list[Event]:
        self.asked["events"] += 1
        return super().events()


@pytest.mark.parametrize("size", [2, 500])
def test_only_those_are_asked_that_have_something(size: int) -> None:
    crowd = Crowd(size)
    assert (crowd.to_send(), crowd.events(), crowd.next_timeout()) == ([], [], None)
    crowd.asked.clear()
    crowd.parts[-1].receive(UNIT, 0.0)
    crowd.parts[0].receive(UNIT, 0.0)
    assert len(crowd.to_send()) == len(crowd.events()) == 2
    assert crowd.next_timeout() == 1.0
    crowd.handle_timeout(1.0)
    assert crowd.next_timeout() == 2.0
    assert crowd.asked == {"to_send": 2, "events": 2, "handle_timeout": 2, "next_timeout": 4}


def test_what_a_part_has_said_is_said_also_when_it_has_gone() -> None:
    crowd = Crowd(2)
    gone, _ = crowd.parts
    gone.receive(UNIT, 0.0)
    crowd.drop_part(gone)
    assert crowd.next_timeout() is None
    assert len(crowd.to_send()) == len(crowd.events()) == 1
    gone.receive(UNIT, 1.0)
    assert (crowd.to_send(), crowd.events(), gone in crowd.parts) == ([], [], False)
    crowd.add_part(gone)
    assert crowd.next_timeout() == 1.0


def test_a_part_may_go_while_it_is_woken() -> None:
    class Leaving(Worker):
        def _tick(self, now: float) -> State | None:
            assert self.owner is not None
            self.owner.drop_part(self)
            return super()._tick(now)

    crowd = Crowd(0)
    for part in (Leaving(), Leaving()):
        crowd.add_part(part)
        part.receive(UNIT, 0.0)
    crowd.handle_timeout(1.0)
    assert crowd.parts == ()
    assert crowd.next_timeout() is None


def test_parts_of_parts() -> None:
    """What happens far below is seen at the top."""
    inner, outer, worker = Crowd(0), Crowd(0), Worker()
    outer.add_part(inner)
    assert outer.next_timeout() is None
    inner.add_part(worker)
    worker.receive(UNIT, 0.0)
    assert (outer.next_timeout(), len(outer.to_send()), len(outer.events())) == (1.0, 1, 1)
    outer.handle_timeout(1.0)
    assert (worker.ticks, outer.next_timeout()) == (1, 2.0)
    worker.stop_timers()
    assert outer.next_timeout() is None


def test_intervals_of_rfc_8415() -> None:
    """RFC 8415 15: RT = IRT + RAND*IRT, then 2*RT + RAND*RT, at most MRT + RAND*MRT."""
    again = Retransmission(Random(1), first=1, most=10, tries=6)
    now, intervals = 0.0, []
    while not again.is_over(now):
        due = again.sent_at(now)
        intervals.append(due - now)
        now = due
    assert again.sent == 6
    assert 0.9 <= intervals[0] <= 1.1
    for before, after in itertools.pairwise(intervals[:4]):
        assert 1.9 * before <= after <= 2.1 * before
    assert all(9 <= interval <= 11 for interval in intervals[4:])


def test_a_duration_ends_it_in_time() -> None:
    again = Retransmission(Random(1), first=4, factor=1.8, duration=20, jitter=0)
    now, sent = 100.0, []
    while not again.is_over(now):
        sent.append(round(now, 3))
        now = again.sent_at(now)
    assert sent == [100, 104, 111.2]
    assert now == 120


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_is_the_same_time(seed: int) -> None:
    one, two = (Retransmission(Random(seed), first=1) for _ in range(2))
    assert [one.sent_at(0.0) for _ in range(5)] == [two.sent_at(0.0) for _ in range(5)]


def test_who_has_another_owner_keeps_it() -> None:
    one, other, worker = Crowd(0), Crowd(0), Worker()
    one.add_part(worker)
    other.add_part(worker)
    assert other.next_timeout() is None
    one.drop_part(worker)
    worker.receive(UNIT, 0.0)
    assert (other.next_timeout(), len(other.to_send())) == (1.0, 1)


def test_parts_are_no_property() -> None:
    with pytest.raises(TypeError, match="Made: parts are assigned, or given by add_part"):
        type("Made", (Composite,), {"parts": ()})


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_of_a_whole_and_of_a_part(copied: Any) -> None:
    crowd = Crowd(2)
    crowd.parts[0].receive(UNIT, 0.0)
    part, whole = copied(crowd.parts[0]), copied(crowd)
    assert part.owner is None
    assert {one.owner for one in whole.parts} == {whole}
    assert whole.next_timeout() == part.next_timeout() == crowd.next_timeout() == 1.0
    whole.parts[1].receive(UNIT, 0.5)
    assert [len(one.to_send()) for one in (whole, crowd, part)] == [2, 1, 1]
