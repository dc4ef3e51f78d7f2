"""What was sent to the peer under test, and how it is shown to whoever has to find the bug."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import indent, wrap
from typing import Any

import msgspec

from ...errors import DecodeError
from ...schema import Message
from ...schema.element import short
from ..grades.near_legal import NearLegal

__all__ = ["Sent", "Shown"]

#: What is longer is a matter for the database of Hypothesis, not for eyes.
_SHOWN = 512
_LINE = 64


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One message to the peer: made from a `kind` of message, in a `grade`."""

    octets: bytes
    kind: type[Message]
    grade: str
    broken: NearLegal | None = None
    "What is wrong with a message that is near-legal."
    inside: tuple[Message, ...] | None = None
    "What was sealed in it; None for what is not sealed, or what only its receiver can open."

    def __repr__(self) -> str:
        return f"<{self.grade} {self.kind.__name__} {short(self.octets)}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis would tell else how a strategy has made it.
        printer.text(repr(self))

    @property
    def title(self) -> str:
        """Grade and class, and what is wrong on purpose."""
        why = "" if self.broken is None else f": {self.broken.what}"
        sealed = "" if self.inside is None else " with a right seal"
        return f"{self.grade} {self.kind.__name__}{sealed}{why}"

    def shown(self, read: Callable[[bytes], Message]) -> Shown:
        """Title, octets and tree."""
        return Shown(self.title, self.octets, read, self.inside or ())


class Shown:
    """Octets in hex with a title, and their tree below, for `note`: made when somebody looks."""

    def __init__(
        self,
        title: str,
        octets: bytes,
        read: Callable[[bytes], Message],
        inside: tuple[Message, ...] = (),
    ) -> None:
        self.title, self.octets, self.read, self.inside = title, octets, read, inside

    def __str__(self) -> str:
        parts = [self.title, *_hex(self.octets), indent(self._tree(), "  ")]
        if self.inside:
            parts += ("  sealed in it:", *(indent(str(one), "    ") for one in self.inside))
        return "\n".join(parts)

    def _tree(self) -> str:
        try:
            return str(self.read(self.octets))
        except DecodeError as e:
            return f"does not decode: {e}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def _hex(octets: bytes) -> Iterator[str]:
    yield from (f"  {line}" for line in wrap(octets[:_SHOWN].hex(), _LINE) or ["no octets"])
    if len(octets) > _SHOWN:
        yield f"  and {len(octets) - _SHOWN} octets more"
