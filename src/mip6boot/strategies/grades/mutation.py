"""Structure-aware mutations: whole elements dropped, repeated, nested and mixed; numbers that lie.

`mutated` draws nothing by itself, so that a coverage-guided fuzzer may call it as its mutator:

>>> from random import Random
>>> from mip6boot import mipv6
>>> from mip6boot.strategies import mutated
>>> octets = bytes.fromhex("3b03050046900001d40003840100031020010db8020000000000000000000002")
>>> mutated(mipv6.MobilityHeader, octets, Random(7)) != octets
True
"""

from __future__ import annotations

from typing import Any, Protocol

from ...errors import DecodeError
from ...schema import Message
from .damage import damaged
from .rearranging import rearranged

__all__ = ["Chooser", "mutated"]


class Chooser(Protocol):
    """What chooses: a `random.Random`, or anything that has its `randrange`."""

    def randrange(self, stop: int, /) -> int:
        """A number from 0 to `stop` - 1."""


def mutated(
    message_class: type[Message], octets: bytes, rng: Chooser, *, donor: bytes = b""
) -> bytes:
    """The octets of a message, or of none, after one mutation; they may be the same by chance.

    Half of the mutations are of whole elements, with right lengths around them; the others leave
    lengths as they are or have them lie.  `message_class` may be the base of a protocol, and
    elements are taken from `donor`, which is another message.
    """
    message = _read(message_class, octets)
    if message is not None and rng.randrange(2):
        given = _read(message_class, donor) if donor else None
        changed = rearranged(message, given or message, rng)
        if changed is not None:
            return changed
    return damaged(message, octets, rng)


def _read(message_class: Any, octets: bytes) -> Any:
    """The message, read leniently; None where it does not decode."""
    registry = message_class.__registry__
    whole = registry is None or message_class.__registration__ is not None
    try:
        return (message_class if whole else registry).decode(octets, lenient=True)
    except DecodeError:
        return None
