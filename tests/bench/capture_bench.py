"""A whole capture to JSON lines, ours and tshark's, in one run; `--help` tells the options.

    python tests/bench/capture_bench.py [--packets 200000] [--rounds 3]

The capture is made of the benchmark's messages, each packet with a sequence number, transaction or
SPI of its own.  Commands take turns; the fastest round of each counts.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from ipaddress import IPv6Address
from pathlib import Path

from mip6boot import capture, dhcpv6, ikev2, ip, mipv6
from mip6boot.packets import EthernetHeader, Packet

HERE = Path(__file__).parent

ORDER = ("bu", "ba", "dhcp6_reply", "dhcp6_inforeq", "ike_sa_init", "ike_sa_init")
ROOMS = {
    "bu": mipv6, "ba": mipv6, "dhcp6_reply": dhcpv6, "dhcp6_inforeq": dhcpv6, "ike_sa_init": ikev2,
}  # fmt: skip
PORTS = {"dhcp6_reply": (547, 547), "dhcp6_inforeq": (546, 547), "ike_sa_init": (500, 500)}
#: Where each message holds a number that differs from packet to packet, and its octets.
VARIED = {"bu": (6, 2), "ba": (8, 2), "dhcp6_inforeq": (1, 3), "ike_sa_init": (0, 8)}
FIELDS = ("frame.number", "ipv6.src", "mip6.mhtype", "mip6.bu.seqnr", "dhcpv6.msgtype",
          "dhcpv6.xid", "isakmp.ispi", "isakmp.exchangetype")  # fmt: skip


def frames(count: int) -> Iterator[capture.Frame]:
    """The packets, with right lengths and checksums."""
    items = json.loads((HERE / "workload.json").read_text())
    rng = random.Random(1)
    for number in range(count):
        name = ORDER[number % len(ORDER)]
        octets = bytearray.fromhex(items[name]["hex"])
        if name in VARIED:
            at, size = VARIED[name]
            octets[at : at + size] = rng.randbytes(size)
        yield capture.Frame(framed(name, items[name], bytes(octets)), 1, time_ns=number * 1_000_000)


def framed(name: str, item: dict[str, str], octets: bytes) -> bytes:
    """An Ethernet frame around the message."""
    ports = PORTS.get(name)
    header = ip.Ipv6Header(
        next_header=17 if ports else 135, source=IPv6Address(item["src"]),
        destination=IPv6Address(item["dst"]),
    )  # fmt: skip
    ethernet = EthernetHeader(
        destination=bytes.fromhex("00505600aa01"), source=bytes.fromhex("0018713042aa"),
        ethertype=0x86DD,
    )  # fmt: skip
    udp = [ip.UdpHeader(source_port=ports[0], destination_port=ports[1])] if ports else []
    message = ROOMS[name].decode(octets)
    return Packet((ethernet, header, *udp, message), 1).build().encode()


def commands(path: Path) -> dict[str, list[str]]:
    tshark = ["tshark", "-n", "-r", str(path)]
    ours = [sys.executable, "-m", "mip6boot", "decode", "--json", str(path)]
    return {
        "tshark -T json -J": [*tshark, "-T", "json", "-J", "mipv6 dhcpv6 isakmp"],
        "mip6boot decode --json": ours,
        "tshark -T fields, 8 fields": [*tshark, "-T", "fields"] + [x for f in FIELDS for x in ("-e", f)],
        "mip6boot decode --json --jobs 2": [*ours, "--jobs", "2"],
    }  # fmt: skip


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packets", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture.pcap"
        capture.write(path, frames(options.packets))
        jobs = commands(path)
        best = dict.fromkeys(jobs, float("inf"))
        for _ in range(options.rounds):
            for name, command in jobs.items():
                best[name] = min(best[name], seconds(command))
    for name, took in best.items():
        print(f"{name:34s} {took:7.2f} s {took / options.packets * 1e6:7.1f} us a packet")
    theirs, ours, fields, two = best.values()
    print(f"{'times faster than tshark -T json':34s} {theirs / ours:7.2f}")
    print(f"{'two processes, to tshark -T fields':34s} {fields / two:7.2f}")


if __name__ == "__main__":
    main()
