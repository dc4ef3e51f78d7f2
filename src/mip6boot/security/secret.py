"""Octets that must not be seen, and where random ones come from."""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Protocol

from msgspec.structs import force_setattr

__all__ = ["Rng", "Secret"]


class Rng(Protocol):
    """Source of random octets: `random.Random`, or one of the system's, such as `SystemRandom`."""

    def randbytes(self, n: int, /) -> bytes:
        """So many random octets."""
        ...


class Secret(bytes):
    """A key or another secret: octets as any others, but text made of it shows their number only.

    >>> Secret(b"mip6-shared-secret")
    <18 secret octets>

    What is sliced or joined from it is `bytes` again.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secret octets>"

    __str__ = __repr__

    def __format__(self, _: str, /) -> str:
        return repr(self)


def hide(holder: Any, *names: str) -> None:
    """Make secrets of fields that were given as mere octets, which the holder's text would show."""
    for name in names:
        octets = getattr(holder, name)
        if octets is not None and type(octets) is not Secret:
            force_setattr(holder, name, Secret(octets))


def cut(octets: bytes, *sizes: int) -> list[Secret]:
    """The octets, of a stream of keys, cut into keys of these sizes."""
    ends = list(accumulate(sizes))
    return [Secret(octets[end - size : end]) for size, end in zip(sizes, ends, strict=True)]
