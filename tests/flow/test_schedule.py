"""A schedule does what a table would do in which everything is looked at."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot.flow.schedule import Schedule

KEYS = st.integers(0, 5)
TIMES = st.integers(0, 20).map(float)
STEPS = st.lists(
    st.tuples(st.just("start"), KEYS, TIMES)
    | st.tuples(st.just("stop"), KEYS, st.just(0.0))
    | st.tuples(st.just("due"), st.just(0), TIMES)
    | st.tuples(st.just("clear"), st.just(0), st.just(0.0)),
    max_size=60,
)


@given(STEPS)
def test_it_is_a_table(steps: list[tuple[str, int, float]]) -> None:
    schedule = Schedule()
    table: dict[int, tuple[float, int]] = {}
    for number, (what, key, at) in enumerate(steps):
        match what:
            case "start":
                schedule.start(key, at)
                table[key] = at, number
            case "stop":
                schedule.stop(key)
                table.pop(key, None)
            case "due":
                due = sorted((key for key in table if table[key][0] <= at), key=table.__getitem__)
                assert list(schedule.due(at)) == due
                for one in due:
                    del table[one]
            case _:
                schedule.clear()
                table.clear()
        assert schedule.soonest() == min((at for at, _ in table.values()), default=None)
        assert len(schedule) == len(table)
        assert [key in schedule for key in range(6)] == [key in table for key in range(6)]


def test_what_is_started_meanwhile_has_to_wait() -> None:
    schedule = Schedule()
    schedule.start("again", 1.0)
    schedule.start("once", 3.0)
    seen = []
    for what in schedule.due(5.0):
        seen.append(what)
        if what == "again":
            schedule.start(what, 2.0)
    # It does not keep back what was there already.
    assert seen == ["again", "once"]
    assert list(schedule.due(5.0)) == ["again"]


def test_what_is_put_off_for_ever_takes_no_room() -> None:
    schedule = Schedule()
    for number in range(10_000):
        schedule.start(number % 10, float(number))
    assert len(schedule._heap) < 200


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_is_one_of_its_own(copied: Callable[[Schedule], Schedule]) -> None:
    schedule = Schedule()
    schedule.start(("one", 1), 1.0)
    schedule.start(("two", 2), 2.0)
    other = copied(schedule)
    other.stop(("one", 1))
    assert (schedule.soonest(), other.soonest()) == (1.0, 2.0)
    assert list(schedule.due(5.0)) == [("one", 1), ("two", 2)]
    assert list(other.due(5.0)) == [("two", 2)]
