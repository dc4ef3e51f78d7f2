"""Runs targets in processes of their own, a few at a time, and tells what they have come to.

    python fuzz/run.py --seconds 20                   every target, one after the other
    python fuzz/run.py --minutes 30 --jobs 2          the long run
    python fuzz/run.py --seconds 60 decode_mipv6      one target

The exit status is 1 where something was found, 2 where a target did not run.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TARGETS = sorted(path.stem for path in (HERE / "targets").glob("[!_]*.py"))

#: Seconds that an input may take before it counts as a hang, on a machine with other work.
TIMEOUT = 120
MEMORY_MB = 2048

#: Octets of an input: what is wrong with a message is wrong with a short one, and files have many.
MOST_OCTETS = 2048
LARGE = {"decode_capture": 8192, "flow_home_agent": 8192, "flow_ue": 8192, "from_dict": 8192}

_LINE = re.compile(r"^#(\d+)\t\w+\s+cov: (\d+) ft: \d+ corp: (\d+)/", re.MULTILINE)
_UNITS = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_RATE = re.compile(r"^stat::average_exec_per_sec: +(\d+)", re.MULTILINE)
_RAISED = re.compile(r"=== Uncaught Python exception: ===\n(.*)")


class Outcome(NamedTuple):
    """What a target has come to."""

    target: str
    status: int
    log: str
    finds: list[Path]

    def __str__(self) -> str:
        counts = _LINE.findall(self.log)
        _, edges, inputs = map(int, counts[-1]) if counts else (0, 0, 0)
        units, rate = (_number(pattern, self.log) for pattern in (_UNITS, _RATE))
        numbers = f"{units:>10,} executions {rate:>6,}/s {edges:>6,} edges {inputs:>5,} inputs"
        return f"{self.target:16s}{numbers}   {self.verdict}"

    @property
    def verdict(self) -> str:
        """Whether something was found, in a few words."""
        if self.finds:
            raised = _RAISED.search(self.log)
            return f"FOUND: {raised[1][:100] if raised else self.finds[0].name.split('-')[1]}"
        return f"DID NOT RUN (exit status {self.status})" if self.status else "nothing found"


def _number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0


def run(target: str, seconds: int, corpus: Path, artifacts: Path) -> Outcome:
    """Fuzz a target for so many seconds; it begins with what is in the corpus, and the seeds."""
    own = corpus / target
    own.mkdir(parents=True, exist_ok=True)
    artifacts.mkdir(parents=True, exist_ok=True)
    known = [
        folder for kind in ("seeds", "regressions") if (folder := HERE / kind / target).is_dir()
    ]
    before = set(artifacts.iterdir())
    done = subprocess.run(
        [
            sys.executable, "-m", "fuzz.harness", target, f"-max_total_time={seconds}",
            f"-timeout={TIMEOUT}", f"-report_slow_units={TIMEOUT}", f"-rss_limit_mb={MEMORY_MB}",
            f"-max_len={LARGE.get(target, MOST_OCTETS)}", "-len_control=100",
            f"-artifact_prefix={artifacts}/{target}-", "-print_final_stats=1",
            str(own), *map(str, known),
        ],
        cwd=HERE.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    new = sorted(set(artifacts.glob(f"{target}-*")) - before)
    return Outcome(target, done.returncode, done.stdout.decode(errors="replace"), new)


def tell(outcome: Outcome) -> None:
    """A line, and what to do about what was found."""
    print(outcome, flush=True)
    for find in outcome.finds:
        command = f"python -m fuzz.harness {outcome.target}"
        print(f"    replay    {command} {find}")
        print(f"    minimise  {command} -minimize_crash=1 -max_total_time=60 {find}", flush=True)
    if outcome.status and not outcome.finds:
        print(outcome.log[-2000:], file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments say; the exit status."""
    options = parsed(arguments)
    with ExitStack() as stack:
        corpus = options.corpus or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        one = partial(
            run,
            seconds=options.seconds or 60 * options.minutes,
            corpus=corpus.resolve(),
            artifacts=options.artifacts.resolve(),
        )
        outcomes = []
        with ThreadPoolExecutor(options.jobs) as pool:
            for outcome in pool.map(one, options.targets or TARGETS):
                outcomes.append(outcome)
                tell(outcome)
    if any(outcome.finds for outcome in outcomes):
        return 1
    return 2 if any(outcome.status for outcome in outcomes) else 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments of the command."""
    parser = argparse.ArgumentParser(description="Fuzz targets, a few at a time.")
    time = parser.add_mutually_exclusive_group()
    time.add_argument("--seconds", type=int, default=0, help="for each target (20)")
    time.add_argument("--minutes", type=int, default=0, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--corpus", type=Path, help="folder that keeps inputs (a temporary one)")
    parser.add_argument(
        "--artifacts", type=Path, default=Path("fuzz-finds"), help="folder for what is found"
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args(arguments)
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {min(unknown)}")
    if not (options.seconds or options.minutes):
        options.seconds = 20
    return options


if __name__ == "__main__":
    sys.exit(main())
