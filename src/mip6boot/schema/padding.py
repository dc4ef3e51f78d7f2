"""Pad1 and PadN: what an encoder inserts, and how runs that it would not write are listed."""

from __future__ import annotations

from typing import Any

__all__ = ["Padding"]

#: Runs of listed padding that are remembered; the objects are immutable, so they can be shared.
_REMEMBERED = 256


class Padding:
    """The padding of one registry."""

    def __init__(self, registry: Any) -> None:
        self.registry = registry
        self.pad1, self.padn = registry.pad1, registry.padn
        #: Octets of canonical padding by size.
        self.runs = tuple(self._canonical(size) for size in range(256))
        self._listed: dict[bytes, tuple[Any, ...]] = {}

    def _canonical(self, size: int) -> bytes:
        if size < 2 or self.padn is None:
            return bytes((self.pad1,)) * size
        return bytes((self.padn, size - 2)) + bytes(size - 2)

    def listed(self, run: bytes) -> tuple[Any, ...]:
        """The Pad1 and PadN objects of a run that is whole by construction."""
        found = self._listed.get(run)
        if found is None:
            found = self._parsed(run)
            if len(self._listed) < _REMEMBERED and len(run) < 32:
                self._listed[run] = found
        return found

    def _parsed(self, run: bytes) -> tuple[Any, ...]:
        pad1, padn = self.registry.get(self.pad1), self.registry.get(self.padn)
        out, at = [], 0
        while at < len(run):
            if run[at] == self.pad1:
                out.append(pad1())
                at += 1
            else:
                size = run[at + 1]
                out.append(padn(run[at + 2 : at + 2 + size]))
                at += 2 + size
        return tuple(out)
