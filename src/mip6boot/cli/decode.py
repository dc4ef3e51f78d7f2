"""`mip6boot decode`: frames in, trees, JSON lines or octet maps out."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from importlib.resources import as_file, files
from itertools import islice
from multiprocessing import get_context
from typing import Any

import click

from .. import capture, ip, mipv6
from ..errors import DecodeError
from ..packets import LinkType
from .output import Settings, of_frame, of_message

__all__ = ["KINDS", "run"]

#: What --hex may be, and how it is decoded.
KINDS = ("mipv6", "ipv6", "icmpv6", "ethernet")

_BATCH = 256


def run(names: tuple[str, ...], **options: Any) -> int:
    """Decode what the options name; 0 if all decoded, 1 if some did not."""
    settings = Settings(
        output=options["output"] or "tree",
        strict=options["strict"],
        protocols=frozenset(options["protocols"]),
        colour=sys.stdout.isatty(),
    )
    if options["hexdigits"] is not None:
        if names or options["demo"]:
            raise click.UsageError("--hex takes no FILE")
        return _hex(options["hexdigits"], options["kind"], settings)
    if options["demo"]:
        with as_file(files("mip6boot") / "data" / "umip-home-agent.pcap") as path:
            return _captures((str(path),), settings, options["jobs"])
    if not names:
        raise click.UsageError("a FILE, --hex or --demo is expected")
    return _captures(names, settings, options["jobs"])


def _hex(digits: str, kind: str, settings: Settings) -> int:
    """One message or packet given as hex digits."""
    try:
        octets = bytes.fromhex("".join(digits.replace(":", " ").split()))
    except ValueError:
        raise click.UsageError("--hex: pairs of hex digits are expected") from None
    if kind in ("ipv6", "ethernet"):
        linktype = LinkType.IPV6 if kind == "ipv6" else LinkType.ETHERNET
        return _report([of_frame("--hex", capture.Frame(octets, linktype, 1), settings)])
    registry: Any = mipv6.MESSAGES if kind == "mipv6" else ip.ICMPV6
    try:
        message = registry.decode(octets, lenient=not settings.strict)
    except DecodeError as e:
        print(f"mip6boot: {e}", file=sys.stderr)
        return 1
    return _report([of_message(message, octets, kind, settings)])


def _captures(names: tuple[str, ...], settings: Settings, jobs: int) -> int:
    status = 0
    for name in names:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", capture.CaptureWarning)
            status = max(status, _report(_decoded(name, settings, jobs)))
        for warning in caught:
            print(f"mip6boot: warning: {warning.message}", file=sys.stderr)
    return status


def _decoded(name: str, settings: Settings, jobs: int) -> Iterator[tuple[str, list[str]]]:
    """What each frame prints, in order; by several processes where there are many frames."""
    frames = _watched(name)
    if jobs == 1:
        for frame in frames:
            yield of_frame(name, frame, settings)
        return
    # Workers get batches, so that they wait little for each other.
    with get_context("spawn").Pool(jobs) as pool:
        work = ((name, batch, settings) for batch in _batches(frames))
        for results in pool.imap(_batch, work):
            yield from results


def _batches(frames: Iterator[capture.Frame]) -> Iterator[list[capture.Frame]]:
    while batch := list(islice(frames, _BATCH)):
        yield batch


def _batch(work: tuple[str, list[capture.Frame], Settings]) -> list[tuple[str, list[str]]]:
    name, frames, settings = work
    return [of_frame(name, frame, settings) for frame in frames]


def _watched(name: str) -> Iterator[capture.Frame]:
    """The frames of a file, with a progress bar when a person watches and the file is long."""
    from .progress import watched

    return watched(name, capture.read(name))


def _report(results: Any) -> int:
    """Print what there is to print, errors on standard error; 1 if there was one."""
    status = 0
    write = sys.stdout.write
    for text, errors in results:
        if text:
            write(text)
            write("\n")
        for error in errors:
            status = 1
            print(f"mip6boot: {error}", file=sys.stderr)
    return status
