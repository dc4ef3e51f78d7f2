"""Bugs seeded into the compiler are caught by comparing it with the interpreted form.

A mutant is a regular expression over the text of generated functions, and what takes its place.
Each must change some text, and each must then be noticed.
"""

from __future__ import annotations

import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, ClassVar

import pytest

from mip6boot import diameter, eap, ikev2, mipv6
from mip6boot.errors import DecodeError
from mip6boot.schema import Int8ub, LengthOf, Message, Octets, UInt16, interpret
from mip6boot.schema.compiler.codec import Family, install
from mip6boot.schema.compiler.source import Source

from ..mutation import mutated, samples
from ..registered import classes, interior, registries

# One row a bug: what it is, where it is put, what stands there then.
MUTANTS = [
    ("option may end one octet late", r"if pos > end\b", "if pos > end + 1"),
    ("negative length accepted", r" or pos < at:", ":"),
    ("octets left over accepted", r"if (pos[^:]*) != end:", r"if \1 > end:"),
    ("a run that is too long accepted", r"end - pos != ", "end - pos < "),
    ("a run that is too short accepted", r"end - pos < (\d+):", r"end - pos < \1 - 1:"),
    ("padding compared by its size alone", r" or buf\[run:here\] != pads\[n\]", ""),
    ("long padding dropped", r"n >= mod or ", ""),
    ("misaligned padding dropped", r" or \(here - start\) % mod != rest or", " or"),
    ("misaligned option not marked", r"out\.append\(UNALIGNED\)", "pass"),
    ("padding before a plain option lost", r"elif run != here:", "elif False:"),
    ("padding at the end measured wrongly", r"\(start - run\) % 8", "(start - run) % 4"),
    ("a frame that is too short accepted", r"(start \+ r\d+ \* \d+[^:]*) != end", r"\1 > end"),
    ("a frame beyond the fence accepted", r"<= stop <= end", "<= stop"),
    ("a constant not checked", r"if r\d+ != \d+:", "if False:"),
    ("24 bits joined wrongly", r"<< 16 \|", "<< 8 |"),
    ("halves of an address swapped", r"IPv6Address\[(\w+)\]", r"IPv6Address[\1[8:] + \1[:8]]"),
    ("a count beyond the fence accepted", r"end - pos < (r\d+) \* (\d+)", r"end - pos < \1 * 0"),
    ("items that do not come out even", r"if \(end - pos\) % (\d+)", "if 0"),
    ("an empty fenced field refused", r"not pos <= (stop\d+) <= end", r"not pos < \1 <= end"),
    ("octets before a fence lost", r"(pos = stop\d+)", r"\1 + 1"),
    ("presence told by another bit", r"& 0x80000000:", "& 0x40000000:"),
    ("a form for another length", r"(if size\d+) == 4:", r"\1 == 5:"),
    ("a bit field too narrow", r"& 0x1ff\b", "& 0xff"),
    ("a flag lost", r"& 0xfff0\]", "& 0xffe0]"),
    ("units of another size", r"(r\d+) \* 4\b", r"\1 * 2"),
    ("an enumeration that closes", r"BindingStatus\((r\d+), \1\)", r"BindingStatus(\1, 0)"),
    ("an option's own length rule ignored", r"n \* rest\.unit \+ rest\.bias", "n + rest.bias"),
    ("an option's own alignment ignored", r"rest\.align\(item\)", "(1, 0)"),
    ("the registry's length rule off by its header", r"n \* 8 \+ -2", "n * 8"),
    ("malformed option without its header", r"keep\(buf, here, pos,", "keep(buf, at, pos,"),
    ("octets that begin one late", r"buf\[pos \+ (\d+):end\]", r"buf[pos + \1 + 1:end]"),
    ("a class chosen for the wrong place", r"known\(buf\[pos\]\)", "known(buf[pos + 1])"),
    (
        "nested item without its fence",
        r"(item\d+), pos = (p_\w+)\(buf, pos, end,",
        r"\1, pos = \2(buf, pos, end - 1,",
    ),
    ("payload that ends before it begins", r"if n < 4 or stop > end:", "if stop > end:"),
    ("payload over the fence", r"if n < 4 or stop > end:", "if n < 4:"),
    ("payload announced and not there", r"while code or pos < end:", "while pos < end:"),
    ("octets behind the last payload", r"while code or pos < end:", "while code:"),
    ("what follows a sealed payload", r"buf\[pos\] if more else 0", "buf[pos]"),
    ("next payload told wrongly", r"stop, level, buf\[pos\]\)", "stop, level, 0)"),
    ("a mark not checked", r"if buf\[at\d+\] != wanted\d+:", "if False:"),
    ("a mark without its count", r"len\(items(\d+)\) \+ 1 <", r"len(items\1) + 2 <"),
    ("a bit of the header taken for the code", r"code &= 0x7fff", "pass"),
    ("bits that are no whole octets", r"if r\d+ % 8:", "if False:"),
    ("a size in front over the fence", r"if (stop\d+) > end:", "if False:"),
    ("a size in front ignored", r"(stop\d+) = pos \+ size\d+\n", r"\1 = pos\n"),
    ("short and long form taken for each other", r"if \(r\d+ >> 15\):", "if True:"),
    ("no octets taken for a message", r"if pos == end:\n( +v_\w+ = None)", r"if False:\n\1"),
    ("encoder: padding left out", r"out\.append\(pads\[n\]\)", "out.append(b'')"),
    ("encoder: padding not counted", r"\n +at \+= n\b", ""),
    ("encoder: padded to another multiple", r"pads\[-at % 8\]", "pads[-at % 4]"),
    ("encoder: mark of misalignment ignored", r" and \(not out or out\[-1\] is not MARK\)", ""),
    ("encoder: alignment of the object ignored", r"mod, rest = rest\(o\)", "mod, rest = 1, 0"),
    ("encoder: length in other units", r"\(12 \+ (.*) - 8\) // 8", r"(12 + \1 - 8) // 4"),
    ("encoder: bits shifted", r"<< 2\b", "<< 1"),
    ("encoder: value in other units", r"\(o\.lifetime // 4\)", "(o.lifetime // 2)"),
    ("encoder: option length in other units", r"\(size // 4\)", "(size // 2)"),
    ("encoder: last one marked like the others", r"b'\\0' \+ (pieces\d+)", r"b'\\x03' + \1"),
    ("encoder: first payload lost", r"\(first\d+\)", "(0)"),
    (
        "encoder: option length with its header",
        r"return pack\((\d+), (\d+), o\.",
        r"return pack(\1, \2 + 2, o.",
    ),
    ("a second code ignored", r"code \|= \(int.*", "pass"),
    (
        "a second code read at the wrong place",
        r"buf\[pos \+ 8 : pos \+ 12\]",
        "buf[pos + 4 : pos + 8]",
    ),
    (
        "a second code told by another bit",
        r"if buf\[pos \+ 4\] & 0x80 else",
        "if buf[pos + 4] & 0x40 else",
    ),
    ("a second code where there is none", r"if buf\[pos \+ 4\] & 0x80 else 0", "if True else 0"),
    ("flags in front of a length taken for it", r"n &= 0xffffff", "pass"),
    (
        "what fills an element up taken for the next one",
        r"-\(-\(n \+ -8\) // 4\) \* 4",
        "n + -8",
    ),
    (
        "an element filled up to another multiple",
        r"-\(-\(n \+ -8\) // 4\) \* 4",
        "-(-(n + -8) // 8) * 8",
    ),
    ("an element that ends in its header", r"pos > end or pos < at", "pos > end"),
    ("a field that is longer than its type", r"if pos \+ \d+ != stop\d+:", "if False:"),
    ("a field that is shorter than its type", r"if stop\d+ - \(pos\) < \d+:", "if False:"),
    (
        "a size in front of a field of fixed size ignored",
        r"if pos \+ (\d+) != (stop\d+):\n.*\n +pos = \2\n",
        r"pos += \1\n",
    ),
    ("a size in front that takes all there is", r"(stop\d+) = pos \+ size\d+\n", r"\1 = end\n"),
    ("what was refused read strictly", r"item = loosely\(.*", "item = None"),
    ("octets before the padding lost", r"(zeros\w*)\[\(pos - start\)", r"\1[(0)"),
    (
        "encoder: padding of an element for another size",
        r"(zeros\w*)\[\(8 \+ ",
        r"\1[(9 + ",
    ),
    ("other padding taken for zeros", r"if (octets\w*) == (zeros.*):", r"if len(\1) == len(\2):"),
    ("encoder: padding of an element always zeros", r"(zeros\w*\[.*\]) if o.*", r"\1"),
    ("encoder: padding of an element left out", r"(pack.*) \+ b_padding", r"\1"),
    ("encoder: a length without its header", r"\(4 \+ 8\)", "4"),
    ("encoder: a length without its second code", r"\(4 \+ 12\)", "(4 + 8)"),
    (
        "encoder: a bit for the second code not set",
        r"\(1\) << 7 \| o.mandatory",
        "(0) << 7 | o.mandatory",
    ),
    (
        "encoder: a message where there is none",
        r"if (o.\w+) is None:\n( +b_\w+ = b'')",
        r"if \1:\n\2",
    ),
    ("encoder: optional field left out", r"if o\.end_spi is not None:", "if False:"),
]


class Counted(Message, kw_only=True):
    """A length in front of a field of fixed size, and nothing behind that would notice."""

    size: ClassVar[Annotated[int, LengthOf("value", Int8ub)]]
    value: UInt16
    rest: Octets = b""


def reset() -> None:
    """Forget every generated function, and what they made that is remembered."""
    Family._families.clear()
    install(Counted)
    for registry in registries():
        registry.families.clear()
    for cls in classes():
        install(cls)
        for part in cls.schema.layout.parts:
            known = getattr(part.element, "known", None)
            if known is not None:
                known.clear()


@contextmanager
def seeded(pattern: str, replacement: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Code generated inside has the bug; the list counts where it was put."""
    places: list[int] = []
    original = Source.text

    def text(self: Source) -> str:
        changed, count = re.subn(pattern, replacement, original(self))
        places.append(count)
        return changed

    with monkeypatch.context() as patch:
        patch.setattr(Source, "text", text)
        reset()
        yield places
    reset()


def different() -> Iterator[type[Message]]:
    """Every class; one of those of Diameter that have the same layout, under other codes."""
    yield Counted
    seen = set()
    for cls in classes():
        elements = [part.element for part in cls.schema.layout.parts]
        layout = tuple((type(one), getattr(one, "loose", False)) for one in elements)
        if issubclass(cls, (diameter.Avp, diameter.DiameterMessage)):
            if layout in seen:
                continue
            seen.add(layout)
        if not interior(cls):
            yield cls


@cache
def cases() -> tuple[tuple[Any, bytes, bool, Message | None], ...]:
    """Octets of many classes, also mutated, and what the interpreted form makes of them."""
    rng = random.Random(6275)
    out = []
    for cls in different():
        special = SPECIAL.get(cls)
        for octets in samples(cls, 150 if special else 12):
            variants = [octets, mutated(octets, rng), mutated(octets, rng)]
            if special:
                variants += [special(octets, rng) for _ in range(6)]
            for variant in variants:
                for lenient in (False, True):
                    out.append((cls, variant, lenient, read(cls, variant, lenient=lenient)))
    return tuple(out)


def shifted(octets: bytes, rng: random.Random) -> bytes:
    """A message with padding put in between its options: options come off their alignment."""
    if len(octets) < 16 or octets[2] not in (5, 6) or octets[1] != len(octets) // 8 - 1:
        return mutated(octets, rng)
    places = [12]
    while places[-1] < len(octets) - 1:
        at = places[-1]
        places.append(at + 1 if not octets[at] else at + 2 + octets[at + 1])
    first, second = sorted(rng.choices(places, k=2))
    size = rng.randint(1, 8)
    pads = [
        b"\0" if n == 1 else b"\1" + bytes((n - 2,)) + bytes(n - 2) if n else b"" for n in range(9)
    ]
    other = rng.choice((pads[8 - size], bytes(8 - size)))
    head = octets[:1] + bytes((octets[1] + 1,)) + octets[2:first]
    return head + pads[size] + octets[first:second] + other + octets[second:]


def relinked(octets: bytes, rng: random.Random) -> bytes:
    """An IKEv2 message in which one payload names another next one or another length."""
    places, at = [16], 28
    while at + 4 <= len(octets):
        places += [at, at + 3]
        at += max(int.from_bytes(octets[at + 2 : at + 4], "big"), 4)
    out = bytearray(octets)
    place = rng.choice(places)
    if place < len(out):
        out[place] = (out[place] + rng.choice((-4, -1, 1, 4, 200))) % 256
    out[24:28] = len(out).to_bytes(4, "big")
    return bytes(out)


def remarked(octets: bytes, rng: random.Random) -> bytes:
    """A payload in which a small number, a mark maybe, is another one."""
    out = bytearray(octets)
    places = [at for at, octet in enumerate(out) if octet in (0, 2, 3)]
    if places:
        out[rng.choice(places)] = rng.choice((0, 1, 2, 3))
    return bytes(out)


def relengthened(octets: bytes, rng: random.Random) -> bytes:
    """An attribute that counts in bits, with a count near to the right one."""
    count = int.from_bytes(octets[:2], "big") + rng.randint(-9, 9)
    return (count % 0x10000).to_bytes(2, "big") + octets[2:]


def resized(octets: bytes, rng: random.Random) -> bytes:
    """An AVP with another length, and as many octets as fit it."""
    size = int.from_bytes(octets[5:8], "big") + rng.randint(-5, 8)
    size = max(size, 0)
    body = (octets[8:] + rng.randbytes(16))[: max(size + -size % 4 - 8, 0)]
    return octets[:5] + size.to_bytes(3, "big") + body


def refusing(octets: bytes, rng: random.Random) -> bytes:
    """A Failed-AVP with a number in it that has another length."""
    inside = resized(diameter.SessionTimeout(1).encode(), rng)
    return octets[:5] + (8 + len(inside)).to_bytes(3, "big") + inside


#: Classes whose rare forms random damage does not find, and what does.
SPECIAL: dict[Any, Callable[[bytes, random.Random], bytes]] = {
    Counted: mutated,
    mipv6.BindingUpdate: shifted,
    mipv6.BindingAcknowledgement: shifted,
    ikev2.IkeMessage: relinked,
    ikev2.SecurityAssociation: remarked,
    ikev2.Delete: mutated,
    eap.AtRes: relengthened,
    diameter.FailedAvp: refusing,
    diameter.SessionTimeout: resized,
    diameter.MaxRequestedBandwidthDl: resized,
}


def read(cls: Any, octets: bytes, *, lenient: bool) -> Message | None:
    try:
        return interpret(cls, octets, lenient=lenient)  # type: ignore[no-any-return]
    except DecodeError:
        return None


def prefixed(cls: Any, octets: bytes, expected: Message | None) -> bool:
    """The prefix form agrees: with octets behind the message, and with its last one missing."""
    if expected is None or cls.schema.layout.frame is None:
        return True
    if cls.decode_prefix(octets + b"\xff" * 9) != (expected, b"\xff" * 9):
        return False
    try:
        cls.decode_prefix(octets[:-1])
    except DecodeError:
        return True
    return False


class EndlessError(Exception):
    """A decoder that does not come back."""


@contextmanager
def hurried() -> Iterator[None]:
    """End what takes two seconds of CPU time: a bug may be a loop without an end."""

    def stop(*_: Any) -> None:
        raise EndlessError

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def noticed() -> str | None:
    """The first case in which the compiled form differs from the interpreted one."""
    for cls, octets, lenient, expected in cases():
        try:
            with hurried():
                found = cls.decode(octets, lenient=lenient)
        except DecodeError:
            found = None
        except Exception as e:  # A bug may raise anything; that is noticed too.
            return f"{type(e).__name__}: {cls.__name__} {octets.hex()}"
        if found != expected:
            return f"value: {cls.__name__} {octets.hex()}"
        try:
            if expected is not None and expected.encode() != octets:
                return f"octets: {cls.__name__} {octets.hex()}"
            if not lenient and not prefixed(cls, octets, expected):
                return f"prefix: {cls.__name__} {octets.hex()}"
        except Exception as e:  # As above.
            return f"{type(e).__name__}: {cls.__name__} {octets.hex()}"
    return None


def test_without_a_bug_nothing_is_noticed() -> None:
    reset()
    assert noticed() is None


@pytest.mark.parametrize(
    ("pattern", "replacement"), [pytest.param(*row[1:], id=row[0]) for row in MUTANTS]
)
def test_a_bug_is_noticed(
    pattern: str, replacement: str, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    cases()
    with seeded(pattern, replacement, monkeypatch) as places:
        found = noticed()
    assert sum(places), f"the mutant changes nothing: {found}"
    assert found is not None
    record_property("mutants noticed", 1)
