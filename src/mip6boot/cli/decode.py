"""`mip6boot decode`: frames in, trees, JSON lines or octet maps out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from .. import capture
from ..errors import DecodeError
from ..packets import MESSAGE_KINDS, LinkType, PortTable, message_class
from .output import Printed, Printer, Settings, of_message
from .progress import Progress
from .warned import warnings_shown

if TYPE_CHECKING:
    from ..security import Keyring

__all__ = ["KINDS", "run"]

#: What --hex may be that is a frame or a packet, and how it begins.
_FRAMES = {"ethernet": LinkType.ETHERNET, "ipv6": LinkType.IPV6}

#: What --hex may be.
KINDS = (*MESSAGE_KINDS, *_FRAMES)


def run(names: tuple[str, ...], **options: Any) -> int:
    """Decode what the options name; 0 if all decoded, 1 if some did not."""
    settings = Settings(
        output=options["output"] or "tree",
        strict=options["strict"],
        protocols=frozenset(options["protocols"]),
        colour=sys.stdout.isatty(),
        ports=PortTable(dict(options["ports"])),
        keys=_keys(options["keys"]),
    )
    if options["hexdigits"] is not None:
        if names or options["demo"]:
            raise click.UsageError("--hex takes no FILE")
        return _hex(options["hexdigits"], options["kind"], settings)
    if options["demo"]:
        if names:
            raise click.UsageError("--demo takes no FILE")
        return _demo(settings, options["jobs"])
    if not names:
        raise click.UsageError("a FILE, --hex or --demo is expected")
    return _captures(names, settings, options["jobs"])


def _demo(settings: Settings, jobs: int) -> int:
    """What is shipped: real home agents, of Mobile IPv6 and of IKEv2, the latter with its keys."""
    from importlib.resources import as_file, files

    with as_file(files("mip6boot") / "data") as folder:
        binding = _captures((str(folder / "umip-home-agent.pcap"),), settings, jobs)
        keys = settings.keys or _keys(str(folder / "strongswan-home-agent.keys"))
        settings = msgspec.structs.replace(settings, keys=keys)
        return max(
            binding, _captures((str(folder / "strongswan-home-agent.pcap"),), settings, jobs)
        )


def _keys(path: str | None) -> Keyring | None:
    if path is None:
        return None
    # Only who has keys waits for the room `security` to be loaded.
    from ..security import read_tables

    return read_tables(Path(path))


def _hex(digits: str, kind: str, settings: Settings) -> int:
    """One message or packet given as hex digits."""
    try:
        octets = bytes.fromhex("".join(digits.replace(":", " ").split()))
    except ValueError:
        raise click.UsageError("--hex: pairs of hex digits are expected") from None
    if kind in _FRAMES:
        frame = capture.Frame(octets, _FRAMES[kind], 1)
        return _report([Printer("--hex", settings).of_frame(frame)])
    try:
        message = message_class(octets, kind).decode(octets, lenient=not settings.strict)
    except DecodeError as e:
        print(f"mip6boot: {e}", file=sys.stderr)
        return 1
    return _report([of_message(message, octets, kind, settings)])


def _captures(names: tuple[str, ...], settings: Settings, jobs: int) -> int:
    status = 0
    for name in names:
        with warnings_shown(), Progress(name) as progress:
            status = max(status, _report(_printed(name, settings, jobs, progress)))
    return status


def _printed(name: str, settings: Settings, jobs: int, progress: Progress) -> Iterator[Printed]:
    """What each frame prints, in order; by several processes where that is asked for."""
    if jobs > 1:
        # Only who asks for processes waits for what makes them.
        from .jobs import printed_by

        yield from printed_by(jobs, name, settings, progress)
        return
    printer = Printer(name, settings)
    for frame in progress.watched(capture.read(name)):
        yield printer.of_frame(frame)


def _report(results: Iterable[Printed]) -> int:
    """Print what there is to print, errors on standard error; 1 if there was one."""
    status = 0
    write, flush = sys.stdout.buffer.write, sys.stdout.buffer.flush
    person = sys.stdout.isatty()
    for text, errors in results:
        if text:
            write(text)
            if person:
                flush()
        if errors:
            status = 1
            for error in errors:
                print(f"mip6boot: {error}", file=sys.stderr)
    return status
