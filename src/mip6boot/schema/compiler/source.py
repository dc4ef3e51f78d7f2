"""Text of a generated function, the names it may use, and its way to being a real function."""

from __future__ import annotations

import builtins
import itertools
import keyword
import linecache
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["INSTRUMENT", "Source", "generated"]

#: Names that generated text uses as locals, and Python's own: nothing is bound under them.
_TAKEN = frozenset(dir(builtins)) | frozenset(
    [
        "at",
        "base",
        "buf",
        "code",
        "end",
        "fn",
        "free",
        "here",
        "item",
        "level",
        "mod",
        "n",
        "o",
        "opts",
        "out",
        "pos",
        "raw",
        "rest",
        "run",
        "size",
        "start",
        "stop",
    ]
)

_serial = itertools.count(1)

#: Called with every generated function; what a hook returns takes the function's place.
INSTRUMENT: list[Callable[[Any], Any]] = []


class Source:
    """Lines of one function and the objects bound into it.

    Only integers, identifiers and names made here reach `exec`: objects are bound under a name of
    our making, and nothing from the wire is ever part of the text.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0
        self.names: dict[str, Any] = {}
        self._bound: dict[tuple[int, str], str] = {}
        self._locals = itertools.count()

    def __call__(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines written inside are indented under `head`."""
        self(head)
        self.depth += 1
        yield
        self.depth -= 1

    def fail(self, condition: str, error: str) -> None:
        """Write `if condition: raise error`."""
        with self.block(f"if {condition}:"):
            self(f"raise {error}")

    def bind(self, value: Any, hint: str) -> str:
        """The global name under which the function reaches `value`."""
        # A bound method is a new object each time it is looked up, so it is known by its parts.
        owner = getattr(value, "__self__", None)
        key = (id(owner), getattr(value, "__name__", "")) if owner is not None else (id(value), "")
        name = self._bound.get(key)
        if name is None:
            name = self._free(re.sub(r"\W", "_", hint))
            self._bound[key] = name
            self.names[name] = value
        return name

    def local(self, hint: str) -> str:
        """A fresh local name."""
        return f"{hint}{next(self._locals)}"

    def _free(self, base: str) -> str:
        if not base.isidentifier() or keyword.iskeyword(base):
            base = f"_{base}"
        candidates = itertools.chain((base,), (f"{base}_{n}" for n in itertools.count(2)))
        return next(name for name in candidates if name not in self.names and name not in _TAKEN)

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def generated(name: str, source: Source) -> Any:
    """The function `name` of the source; tracebacks and debuggers show its lines."""
    text = source.text()
    filename = f"<mip6boot codec {next(_serial)}: {name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(compile(text, filename, "exec"), source.names)  # noqa: S102 - the text is ours alone
    function = source.names[name]
    for hook in INSTRUMENT:
        function = source.names[name] = hook(function)
    return function
