"""The anti-replay window against a naive model, and RFC 4303's rules for extended numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot.security import ReplayWindow

EDGE = 1 << 32


class Naive:
    """Remembers all that was received."""

    def __init__(self, size: int) -> None:
        self.size, self.received = size, {0}

    def accept(self, sequence: int) -> bool:
        new = sequence > max(self.received) - self.size and sequence not in self.received
        if new and sequence > 0:
            self.received.add(sequence)
            return True
        return False


#: Steps near the window and far ahead of it.
steps = st.one_of(st.integers(-80, 80), st.integers(-5, 3), st.sampled_from([200, 10_000, EDGE]))


@given(size=st.integers(1, 70), moves=st.lists(steps, max_size=60), extended=st.booleans())
def test_window_is_the_naive_one(size: int, moves: list[int], extended: bool) -> None:
    window, naive = ReplayWindow(size, extended=extended), Naive(size)
    at = 1
    for move in moves:
        at = max(at + move, 0)
        sequence = at if extended else at % EDGE
        asked = window.is_new(sequence)
        assert window.is_new(sequence) is asked, "asking changes nothing"
        assert window.accept(sequence) is asked is naive.accept(sequence)
        assert window.highest == max(naive.received)
        assert not window.is_new(sequence)


def test_order_of_arrival() -> None:
    window = ReplayWindow(4)
    arrivals = {1: True, 3: True, 2: True, 6: True, 5: True, 4: True, 7: True, 8: True}
    assert {n: window.accept(n) for n in arrivals} == arrivals
    assert [window.accept(n) for n in range(10)] == [False] * 9 + [True]
    # 6 is the oldest one of the window now, and was received; older ones are not told apart.
    assert not any(map(window.is_new, (0, -1, 5, 6)))


def test_number_0_is_never_sent_and_the_first_of_the_second_half_is() -> None:
    window = ReplayWindow(32, extended=True)
    assert not window.accept(0)
    assert window.accept(EDGE - 1)
    assert window.whole(0) == EDGE
    assert window.accept(EDGE)
    assert not window.accept(EDGE)


def rfc_4303_a2_3(th: int, tl: int, size: int, low: int) -> int:
    """Seqh by the pseudo-code, whose numbers have 32 bits."""
    if tl >= size - 1:
        return th if low >= tl - size + 1 else th + 1
    return th - 1 if low >= (tl - size + 1) % EDGE else th


near = st.one_of(st.integers(0, 200), st.integers(EDGE - 200, EDGE - 1), st.integers(0, EDGE - 1))


@given(th=st.integers(1, 2**31), tl=near, low=near, size=st.integers(1, 130))
def test_high_half_by_the_rules_of_the_appendix(th: int, tl: int, low: int, size: int) -> None:
    window = ReplayWindow(size, extended=True)
    window.accept(th * EDGE + tl)
    assert window.whole(low) == rfc_4303_a2_3(th, tl, size, low) * EDGE + low


@given(tl=near, low=near, size=st.integers(1, 130))
def test_there_is_nothing_before_the_first_half(tl: int, low: int, size: int) -> None:
    """Where the appendix' numbers would wrap around, the packet is of the first half."""
    window = ReplayWindow(size, extended=True)
    window.accept(tl)
    high = rfc_4303_a2_3(0, tl, size, low)
    assert window.whole(low) == max(high, 0) * EDGE + low
    early = ReplayWindow(64, extended=True)
    early.accept(10)
    assert [early.whole(number) for number in (0, 11, EDGE - 54, EDGE - 1)] == [
        0,
        11,
        EDGE - 54,
        EDGE - 1,
    ]


@given(highest=st.one_of(st.integers(EDGE - 300, EDGE + 300), st.integers(1, 2**63)),
       size=st.integers(1, 130), age=st.integers(-100_000, 129))  # fmt: skip
def test_what_was_sent_is_found(highest: int, size: int, age: int) -> None:
    """Any number of the window, and any that is ahead, from its low half alone."""
    sequence = highest - min(age, size - 1)
    window = ReplayWindow(size, extended=True)
    window.accept(highest)
    if sequence >= 1:
        assert window.whole(sequence % EDGE) == sequence


@given(highest=st.integers(1, EDGE - 1), low=near, size=st.integers(1, 130))
def test_numbers_that_are_not_extended_are_what_they_are(highest: int, low: int, size: int) -> None:
    window = ReplayWindow(size)
    window.accept(highest)
    assert window.whole(low) == low


def test_high_halves_have_32_bits() -> None:
    """There is none after the last; what pretends to be of it meets a check value that does not fit."""
    window = ReplayWindow(extended=True)
    window.accept(EDGE * EDGE - 1)
    assert window.whole(5) == 5
    assert window.whole(EDGE - 1) == EDGE * EDGE - 1


def test_window_takes_what_it_says() -> None:
    for size in (1, 32, 64, 1000):
        window = ReplayWindow(size)
        assert window.accept(5000)
        assert [window.is_new(5000 - age) for age in range(size + 3)] == (
            [False] + [True] * (size - 1) + [False] * 3
        )
    for size in (0, -1, EDGE):
        with pytest.raises(ValueError, match="at least one"):
            ReplayWindow(size)
