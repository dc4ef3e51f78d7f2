"""Small damage to octets, so that inputs near the legal ones are met."""

from __future__ import annotations

import random

from hypothesis import given, settings

from mip6boot import strategies
from mip6boot.schema import Message

__all__ = ["mutated", "samples"]


def mutated(octets: bytes, rng: random.Random) -> bytes:
    """The octets with one to three small changes."""
    out = bytearray(octets)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(out)) if out else 0
        kind = rng.randrange(8)
        if kind == 0 and out:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and out:
            out[at] = rng.randrange(256)
        elif kind == 2 and out:
            out[at] = rng.choice((0, 1, 2, 3, 4, 5, 8, 254, 255))
        elif kind == 3:
            del out[at:]
        elif kind == 4:
            out[at:at] = rng.randbytes(rng.randint(1, 8))
        elif kind == 5:
            del out[at : at + rng.randint(1, 8)]
        elif kind == 6:
            out += bytes(rng.choice((1, 2, 4, 8)))
        elif out:
            # Octets 0 and 1 are padding in several spaces of options.
            out[at : at + 2] = rng.choice((b"\0\0", b"\1\0", b"\1\1", b"\0\1"))
    return bytes(out)


def samples(cls: type[Message], count: int) -> list[bytes]:
    """Encoded objects of a class."""
    found: list[bytes] = []

    @settings(max_examples=count, database=None)
    @given(strategies.messages(cls))
    def collect(message: Message) -> None:
        found.append(message.encode())

    collect()
    return found
