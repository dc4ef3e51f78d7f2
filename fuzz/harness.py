"""Runs one target under atheris: `python -m fuzz.harness TARGET [LIBFUZZER ARGUMENTS] [FILE ...]`.

All of `mip6boot` is instrumented, and by the compiler's hook every codec that it writes.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import atheris

from .bounds import bounded

__all__ = ["fuzz", "instrumented", "main"]

Mutate = Callable[[bytes, Random], bytes]

#: Numbers that codecs compare with: libFuzzer learns those of several octets by itself.
_NUMBERS: dict[int, None] = {}


def instrumented(module: str, *, codecs: bool = True) -> Any:
    """The module, imported with all it needs of `mip6boot` instrumented.

    So are `codecs`, when they are written; without, nobody sees which way they take.
    """
    # What is imported later, when it is first used, is instrumented, too.
    atheris.instrument_imports(include=["mip6boot"]).__enter__()
    with contextlib.redirect_stderr(io.StringIO()):
        source = import_module("mip6boot.schema.compiler.source")
        source.INSTRUMENT.append(_learned)
        if codecs:
            source.INSTRUMENT.append(atheris.instrument_func)
        return import_module(module)


def _learned(function: Any) -> Any:
    """The function, its numbers of one octet noted."""
    numbers = [n for n in function.__code__.co_consts if type(n) is int and 0 <= n < 256]
    _NUMBERS.update(dict.fromkeys(numbers))
    return function


def fuzz(
    one: Callable[[bytes], None], mutate: Mutate | None, name: str, arguments: Sequence[str]
) -> None:
    """Give inputs to a target for as long as libFuzzer's arguments say; the process ends then.

    Half of the mutations are `mutate`'s, where there is one, and some write a number that a codec
    compares with over an octet; all others are libFuzzer's own.  `name` is a command that does the
    same, which libFuzzer begins anew to minimise what it has found.
    """

    def custom(octets: bytes, most: int, seed: int) -> bytes:
        rng = Random(seed)
        kind = rng.randrange(16)
        if kind == 0 and octets and _NUMBERS:
            at = rng.randrange(len(octets))
            return octets[:at] + bytes((rng.choice(list(_NUMBERS)),)) + octets[at + 1 :]
        if kind < 8 and mutate is not None:
            found = mutate(octets, rng)
            if 0 < len(found) <= most and found != octets:
                return found
        return bytes(atheris.Mutate(octets, most))

    def bounded_one(octets: bytes) -> None:
        bounded(one, octets)

    atheris.Setup([name, *arguments], bounded_one, custom_mutator=custom)
    atheris.Fuzz()


def main(arguments: Sequence[str]) -> None:
    """Fuzz the target that is named first."""
    name, *more = arguments
    target = instrumented(f"fuzz.targets.{name}")
    # Codecs are written when they are first used, and instrumented then: not in the time to come.
    for path in sorted((Path(__file__).parent / "seeds" / name).iterdir()):
        target.one(path.read_bytes())
    command = f"{sys.executable} -m fuzz.harness {name}"
    fuzz(target.one, getattr(target, "mutate", None), command, more)


if __name__ == "__main__":
    main(sys.argv[1:])
