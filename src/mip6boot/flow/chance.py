"""Numbers from random octets, drawn alike by all actors: the same octets give the same number."""

from __future__ import annotations

from ..security import Rng

__all__: list[str] = []


def number(rng: Rng, octets: int) -> int:
    """A whole number of so many octets."""
    return int.from_bytes(rng.randbytes(octets), "big")


def between(rng: Rng, least: float, most: float) -> float:
    """A number from `least` on, below `most`; it takes 4 octets."""
    return least + (most - least) * number(rng, 4) / 2**32
