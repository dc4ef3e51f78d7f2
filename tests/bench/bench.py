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
import math
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent.parent))

from peers.floor import floor
from tests.mutation import mutated

from mip6boot import dhcpv6, ikev2, mipv6
from mip6boot.errors import DecodeError
from mip6boot.schema import Message
from mip6boot.schema.remembered import Remembered


class Subject(NamedTuple):
    """A message of the workload and how it is read and written here."""

    octets: bytes
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    refused: bytes
    "The same octets with the length of the last option or payload one too large."


def subjects() -> dict[str, Subject]:
    """Six real-sized messages; ike_auth_inner is a chain of payloads that begins with IDi."""
    octets = {
        name: bytes.fromhex(item["hex"])
        for name, item in json.loads((HERE / "workload.json").read_text()).items()
    }
    last = {"bu": b"\x05\x0c", "ba": b"\x05\x0c", "dhcp6_reply": b"\0\x49\0\x16",
            "dhcp6_inforeq": b"\0\x45\0\x16", "ike_sa_init": b"\0\0\0\x14",
            "ike_auth_inner": b"\0\0\0\x08"}  # fmt: skip
    out = {}
    for name, raw in octets.items():
        decode: Callable[[bytes], Any] = decoder(name, raw)
        at = raw.rindex(last[name]) + len(last[name]) - 1
        bad = raw[:at] + bytes((raw[at] + 1,)) + raw[at + 1 :]
        out[name] = Subject(raw, decode, encoder(name), bad)
    return out


def decoder(name: str, octets: bytes) -> Callable[[bytes], Any]:
    """Reads a message of the class that the octets are of."""
    if name == "ike_auth_inner":
        return lambda raw: ikev2.decode_chain(raw, 35)
    room = {"bu": mipv6, "ba": mipv6, "dhcp6_reply": dhcpv6, "dhcp6_inforeq": dhcpv6}
    return type(room.get(name, ikev2).decode(octets)).decode  # type: ignore[no-any-return]


def encoder(name: str) -> Callable[[Any], bytes]:
    if name == "ike_auth_inner":
        return lambda payloads: ikev2.encode_chain(payloads)[1]
    return Message.encode


def mean(ratios: Iterable[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, ratios)))


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


def error_text(decode: Callable[[bytes], Any], octets: bytes) -> str:
    try:
        decode(octets)
    except DecodeError as e:
        return str(e)
    raise AssertionError("the message was accepted")


def all_new(rounds: int) -> dict[str, float]:
    """Decoding to the floor's, with no address, name or DUID met before; must come first."""
    peer, limit, out = floor(), Remembered.limit, {}
    Remembered.limit = 0
    for name, subject in subjects().items():
        best = fastest(
            {
                "floor": lambda d=peer["DECODE"][name], b=subject.octets: d(b),
                "decode": lambda d=subject.decode, b=subject.octets: d(b),
            },
            rounds,
        )
        out[name] = best["decode"] / best["floor"]
    Remembered.limit = limit
    return out


def per_message(rounds: int) -> dict[str, dict[str, float]]:
    """Microseconds of each message: theirs and ours, both ways, and a refused one."""
    peer, out = floor(), {}
    for name, subject in subjects().items():
        message, theirs = subject.decode(subject.octets), peer["DECODE"][name](subject.octets)
        read, write = peer["DECODE"][name], peer["ENCODE"][name]
        assert write(theirs) == subject.octets == subject.encode(message)
        out[name] = fastest(
            {
                "floor decode": lambda d=read, b=subject.octets: d(b),
                "decode": lambda d=subject.decode, b=subject.octets: d(b),
                "refused": lambda s=subject: error_text(s.decode, s.refused),
                "floor encode": lambda e=write, o=theirs: e(o),
                "encode": lambda e=subject.encode, o=message: e(o),
            },
            rounds,
        )
    return out


def against_scapy(python: str, rounds: int) -> dict[str, float]:
    """Microseconds of Scapy's decoding over ours, both taking turns."""
    command = [python, str(HERE / "peers" / "scapy_peer.py")]
    out = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        for name, subject in subjects().items():
            ours = theirs = float("inf")
            for _ in range(rounds):
                print(name, subject.octets.hex(), 30, file=peer.stdin, flush=True)
                theirs = min(theirs, float(peer.stdout.readline()))
                ours = min(ours, microseconds(lambda s=subject: s.decode(s.octets), 12))
            out[name] = theirs / ours
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
    for name, subject in subjects().items():
        rng, found = random.Random(1), Counter[str]()
        for _ in range(count):
            other = mutated(subject.octets, rng)
            try:
                same = subject.encode(subject.decode(other)) == other
                found["same octets" if same else "OTHER"] += 1
            except DecodeError:
                found["DecodeError"] += 1
        print(f"{name:14s} mutants: {dict(found)}")


def table(times: dict[str, dict[str, float]], more: dict[str, dict[str, float]]) -> None:
    """Print the ratios of each message and their geometric means."""
    columns = {
        "decode / floor": ("decode", "floor decode"),
        "encode / floor": ("encode", "floor encode"),
        "refused / accepted": ("refused", "decode"),
    }
    rows = {
        name: {title: best[a] / best[b] for title, (a, b) in columns.items()}
        for name, best in times.items()
    }
    for title, ratios in more.items():
        for name, ratio in ratios.items():
            rows[name][title] = ratio
    print(f"{'':16s}" + "".join(f"{title:>20s}" for title in next(iter(rows.values()))))
    for name, row in rows.items():
        print(f"{name:16s}" + "".join(f"{ratio:20.2f}" for ratio in row.values()))
    means = [mean(row[title] for row in rows.values()) for title in next(iter(rows.values()))]
    print(f"{'geometric mean':16s}" + "".join(f"{ratio:20.2f}" for ratio in means))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--scapy", metavar="PYTHON", help="a Python that has Scapy")
    parser.add_argument("--mutants", type=int, default=2000, help="of each message")
    options = parser.parse_args()
    gc.collect()
    gc.freeze()
    more = {"all values new": all_new(options.rounds)}
    times = per_message(options.rounds)
    for name, best in times.items():
        shown = "  ".join(f"{what} {us:.2f}" for what, us in best.items())
        print(f"{name:16s}{shown} us")
    if options.scapy:
        more["Scapy / decode"] = against_scapy(options.scapy, options.rounds)
    table(times, more)
    for what, ratio in linear(max(options.rounds // 3, 3)).items():
        print(f"{what:24s} {ratio:6.2f}")
    robustness(options.mutants)


if __name__ == "__main__":
    main()
