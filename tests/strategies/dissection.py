"""What tshark has against frames, and examples of strategies that are the same each time."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from mip6boot import capture

__all__ = ["ERROR", "WARNING", "examples", "objections"]

#: Levels of what tshark calls expert items.
WARNING, ERROR = 0x600000, 0x800000

#: Nothing of this is on by default; and each frame is to be looked at by itself.
_PREFERENCES = (
    "ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE",
    "sctp.checksum:CRC 32c", "tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE",
    "sctp.tsn_analysis:FALSE",
)  # fmt: skip
_SUMS = ("ip", "udp", "tcp", "sctp", "icmpv6")
_FIELDS = (
    "_ws.expert.severity", "_ws.expert.message", "_ws.malformed",
    *(f"{name}.checksum.status" for name in _SUMS),
)  # fmt: skip


def examples(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """Some values of a strategy."""
    found: list[Any] = []

    @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def objections(
    tshark: str, folder: Path, frames: Iterable[tuple[bytes, int]], level: int = ERROR
) -> list[list[str]]:
    """What tshark has against each frame: items of a level or above, and wrong checksums."""
    path = folder / "frames.pcapng"
    capture.write(path, [capture.Frame(octets, link, time_ns=0) for octets, link in frames])
    command = [
        tshark,
        "-r",
        str(path),
        "-T",
        "fields",
        "-E",
        "separator=|",
        "-E",
        "aggregator=\x01",
    ]
    for preference in _PREFERENCES:
        command += ["-o", preference]
    for field in _FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, check=True)
    lines = done.stdout.decode("ascii", "replace").splitlines()
    return [list(_objections(line.split("|"), level)) for line in lines]


def _objections(fields: list[str], level: int) -> Iterable[str]:
    severities, messages, malformed, *sums = (field.split("\x01") for field in fields)
    for severity, message in zip(severities, messages, strict=False):
        if severity and int(severity) >= level:
            yield message
    if malformed != [""]:
        yield "malformed"
    for name, states in zip(_SUMS, sums, strict=True):
        if "0" in states:
            yield f"bad checksum: {name}"
