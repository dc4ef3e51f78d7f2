"""How fast the codec is, as ratios measured in one run; `--help` tells the options.

    python tests/bench/bench.py [--rounds 15] [--scapy PYTHON]

Contestants take turns within each round, and the fastest round of each counts, because machines are
noisy.  `floor` is hand-written struct code for the same messages (peers/floor_template.py).  With
`--scapy`, a Python that has Scapy installed runs it in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent.parent))

from peers.floor import floor
from tests.mutation import mutated

from mip6boot import mipv6
from mip6boot.errors import DecodeError

MESSAGES = ("bu", "ba")


def workload() -> dict[str, bytes]:
    """Two real-sized messages with four and three options, one of them with listed padding."""
    items = json.loads((HERE / "workload.json").read_text())
    return {name: bytes.fromhex(items[name]["hex"]) for name in MESSAGES}


def microseconds(work: Callable[[], Any], milliseconds: float) -> float:
    """Time of one call, over about so many milliseconds."""
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            work()
        took = time.perf_counter() - start
        if took * 1000 > milliseconds / 2:
            return took / count * 1e6
        count *= 2


def fastest(jobs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The best time of each job over rounds in which all take turns."""
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(rounds):
        for name, work in jobs.items():
            best[name] = min(best[name], microseconds(work, 12))
    return best


def refused(octets: bytes) -> bytes:
    """The message with the length of its last option one too large."""
    at = octets.rindex(b"\x05\x0c") + 1
    return octets[:at] + bytes((octets[at] + 1,)) + octets[at + 1 :]


def error_text(cls: Any, octets: bytes) -> str:
    try:
        cls.decode(octets)
    except DecodeError as e:
        return str(e)
    raise AssertionError("the message was accepted")


def per_message(rounds: int) -> dict[str, float]:
    """Ratios to the floor, and of a refused message to the accepted one."""
    peer, out = floor(), {}
    for name, octets in workload().items():
        message = mipv6.decode(octets)
        cls, theirs, bad = type(message), peer["DECODE"][name](octets), refused(octets)
        decode, encode = peer["DECODE"][name], peer["ENCODE"][name]
        assert encode(theirs) == octets == message.encode()
        best = fastest(
            {
                "floor decode": lambda d=decode, b=octets: d(b),
                "decode": lambda c=cls, b=octets: c.decode(b),
                "mipv6.decode": lambda b=octets: mipv6.decode(b),
                "error": lambda c=cls, b=bad: error_text(c, b),
                "floor encode": lambda e=encode, o=theirs: e(o),
                "encode": message.encode,
            },
            rounds,
        )
        for row, microsecond in best.items():
            print(f"{name:3s} {row:13s} {microsecond:7.2f} us")
        out[f"{name} decode / floor"] = best["decode"] / best["floor decode"]
        out[f"{name} mipv6.decode / floor"] = best["mipv6.decode"] / best["floor decode"]
        out[f"{name} encode / floor"] = best["encode"] / best["floor encode"]
        out[f"{name} refused / accepted"] = best["error"] / best["decode"]
    return out


def against_scapy(python: str, rounds: int) -> dict[str, float]:
    """How many times faster than Scapy decoding is, both taking turns."""
    command = [python, str(HERE / "peers" / "scapy_peer.py")]
    out = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        for name, octets in workload().items():
            cls = type(mipv6.decode(octets))
            ours = theirs = float("inf")
            for _ in range(rounds):
                print(name, octets.hex(), 30, file=peer.stdin, flush=True)
                theirs = min(theirs, float(peer.stdout.readline()))
                ours = min(ours, microseconds(lambda c=cls, b=octets: c.decode(b), 12))
            out[f"{name} Scapy / decode"] = theirs / ours
        peer.stdin.close()
    return out


def linear(rounds: int) -> dict[str, float]:
    """Ten times the options against the time of one tenth."""
    # Options of 6 octets, so that 30 and 300 of them fit a Mobility Header of 2,048 octets.
    option = mipv6.NonceIndices(1, 2)
    small, large = (mipv6.BindingUpdate(1, options=(option,) * n) for n in (30, 300))
    first, second = small.encode(), large.encode()
    best = fastest(
        {
            "decode 30": lambda: mipv6.decode(first),
            "decode 300": lambda: mipv6.decode(second),
            "encode 30": small.encode,
            "encode 300": large.encode,
        },
        rounds,
    )
    return {
        "decode, 10x options": best["decode 300"] / best["decode 30"],
        "encode, 10x options": best["encode 300"] / best["encode 30"],
    }


def robustness(count: int) -> None:
    """What becomes of mutated messages: refused cleanly, or accepted and the same octets out."""
    for name, octets in workload().items():
        rng, found = random.Random(1), Counter[str]()
        for _ in range(count):
            other = mutated(octets, rng)
            try:
                found["same octets" if mipv6.decode(other).encode() == other else "OTHER"] += 1
            except DecodeError:
                found["DecodeError"] += 1
        print(f"{name:3s} mutants: {dict(found)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--scapy", metavar="PYTHON", help="a Python that has Scapy")
    options = parser.parse_args()
    gc.collect()
    gc.freeze()
    ratios = per_message(options.rounds) | linear(max(options.rounds // 3, 3))
    if options.scapy:
        ratios |= against_scapy(options.scapy, options.rounds)
    for name, ratio in ratios.items():
        print(f"{name:28s} {ratio:6.2f}")
    robustness(10_000)


if __name__ == "__main__":
    main()
