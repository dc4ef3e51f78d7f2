"""The interpreted engine's view of the octets: a stream that ends at a fence."""

from __future__ import annotations

import io
from typing import Any

__all__ = ["Window"]


class Window(io.RawIOBase):
    """Octets `pos` to `end` of a buffer, read like a stream; `tell()` counts from its start.

    construct reads from streams and knows no end but theirs, so every fence is a window.
    """

    def __init__(self, octets: bytes, pos: int, end: int) -> None:
        self.octets, self.pos, self.end = octets, pos, end

    @classmethod
    def of(cls, stream: Any) -> Window:
        """The stream itself, or a window on what is left of a foreign one."""
        if isinstance(stream, Window):
            return stream
        rest = stream.read()
        return cls(rest, 0, len(rest))

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` octets, never past the fence."""
        left = self.end - self.pos
        count = left if size is None or size < 0 else min(size, left)
        self.pos += count
        return self.octets[self.pos - count : self.pos]

    def tell(self) -> int:
        return self.pos

    def seek(self, offset: int, whence: int = 0) -> int:
        self.pos = offset + (0, self.pos, self.end)[whence]
        return self.pos

    def up_to(self, end: int) -> Window:
        """A window on the same octets that begins here and ends at `end`."""
        return Window(self.octets, self.pos, end)

    @property
    def left(self) -> int:
        """Octets before the fence."""
        return self.end - self.pos
