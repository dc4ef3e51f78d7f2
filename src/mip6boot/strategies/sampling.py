"""A number of values of a strategy, chosen by a seed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

__all__ = ["samples"]

T = TypeVar("T", bound=Hashable)

#: Values that one run of Hypothesis makes.
_RUN = 100

#: Runs without a new value after which there are no more.
_IN_VAIN = 5


def samples(strategy: st.SearchStrategy[T], count: int, *, seed: int) -> Iterator[T]:
    """`count` different values of a strategy, or fewer where it has no more.

    The same seed gives the same values with the same versions of Python and Hypothesis in the same
    program: Hypothesis also draws numbers that it finds in modules that are not installed ones.
    ValueError for a negative count; Hypothesis' `Unsatisfiable` where there is no value at all.
    """
    if count < 0:
        raise ValueError(f"{count} values cannot be made")
    return _samples(strategy, count, seed)


def _samples(strategy: st.SearchStrategy[T], count: int, seed: int) -> Iterator[T]:
    seen: dict[T, None] = {}
    in_vain = run = 0
    while len(seen) < count and in_vain < _IN_VAIN:
        run += 1
        new = [v for v in dict.fromkeys(_run(strategy, f"{seed}/{run}")) if v not in seen]
        new = new[: count - len(seen)]
        seen.update(dict.fromkeys(new))
        in_vain = 0 if new else in_vain + 1
        yield from new


def _run(strategy: st.SearchStrategy[T], seed: str) -> list[T]:
    made: list[T] = []

    @seeded(seed)
    @settings(
        max_examples=_RUN,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: T) -> None:
        made.append(value)

    collect()
    return made
