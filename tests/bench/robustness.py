"""What becomes of damaged messages, and what the worst ones cost; `--help` tells the options.

    python tests/bench/robustness.py [--scapy PYTHON] [--corpus DIR]

Mutants of six real messages, the same for all, and of a folder's packets are read strictly and
leniently, written, printed, mapped, to JSON and back: whatever raises another error than ours is
`raw`, whatever was accepted and comes out otherwise is `changed`.  With `--scapy`, a Python that
has Scapy installed gets the same mutants in a process of its own.  Then each of the worst inputs
that we know is measured against its bounds (worst_cases.py).  Exit status: 0 where nothing of ours
is raw or changed and all bounds hold, else 1.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent.parent))

import mutants
import worst_cases

OURS = (
    "strict accepted",
    "strict refused",
    "lenient accepted",
    "lenient refused",
    "raw",
    "changed",
)
SCAPYS = ("same", "refused", "raw", "changed", "unencodable")


def table(title: str, found: dict[str, Counter[str]], columns: tuple[str, ...]) -> Counter[str]:
    """Print a line for each counter, one of all, and an example of each thing that is wrong."""
    total = sum(found.values(), Counter[str]())
    print(f"\n{title:22s}" + "".join(f"{column:>18s}" for column in columns))
    for name, counts in {**found, "all": total}.items():
        print(f"{name:22s}" + "".join(f"{counts[column]:18d}" for column in columns))
    for what in [one for one in total if one.startswith(("raw: ", "changed: "))][:20]:
        print(f"    {what}")
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=2000, help="of each message")
    parser.add_argument("--scapy", metavar="PYTHON", help="a Python that has Scapy")
    parser.add_argument(
        "--corpus", metavar="DIR", default=os.environ.get("MIP6BOOT_CORPUS"),
        help="captures, in folders too; by default the environment's MIP6BOOT_CORPUS",
    )  # fmt: skip
    parser.add_argument("--packet-mutants", type=int, default=20, help="of each packet")
    parser.add_argument(
        "--cases", nargs="*", metavar="WORD", help="only worst cases with one of them"
    )
    options = parser.parse_args()
    wrong = 0
    if options.cases is None:
        total = table("ours, mutants", mutants.of_messages(options.mutants), OURS)
        if options.corpus:
            found = mutants.of_captures(Path(options.corpus), options.packet_mutants)
            total += table("ours, captures", found, OURS)
        wrong = total["raw"] + total["changed"]
        if options.scapy:
            table("Scapy, mutants", mutants.of_scapy(options.scapy, options.mutants), SCAPYS)
    bounded = worst_cases.measured(options.cases or ())
    return 0 if bounded and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
