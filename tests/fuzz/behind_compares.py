"""A target whose bug stands behind four compares, each of one octet, in a generated decoder."""

from __future__ import annotations

import sys
from typing import Annotated, ClassVar

from fuzz.harness import fuzz, instrumented

instrumented("mip6boot.schema", codecs="--without-codecs" not in sys.argv)

from mip6boot.errors import DecodeError  # noqa: E402 - what comes before sees to it
from mip6boot.schema import Const, Int8ub, Message  # noqa: E402


class Locked(Message):
    """Four numbers that have to be right."""

    first: ClassVar[Annotated[int, Const(Int8ub, 0x6B)]]
    second: ClassVar[Annotated[int, Const(Int8ub, 0xC1)]]
    third: ClassVar[Annotated[int, Const(Int8ub, 0x17)]]
    fourth: ClassVar[Annotated[int, Const(Int8ub, 0xD8)]]


def one(octets: bytes) -> None:
    """What nobody may reach."""
    try:
        Locked.decode(octets)
    except DecodeError:
        return
    raise RuntimeError("behind four compares")


if __name__ == "__main__":
    fuzz(one, None, "", [argument for argument in sys.argv[1:] if argument != "--without-codecs"])
