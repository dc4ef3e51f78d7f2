"""Scapy as a peer in a process of its own: reads requests, times itself, answers.

Run by a Python that has Scapy (which is GPL, so nothing here imports it elsewhere).  A request is a
line `NAME HEX MILLISECONDS`; the answer is the microseconds that one decoding took.
"""

import sys
import time

from scapy_classes import CLASSES

for line in sys.stdin:
    name, digits, milliseconds = line.split()
    cls, octets = CLASSES[name], bytes.fromhex(digits)
    assert cls(octets)
    count, stop = 0, time.perf_counter() + float(milliseconds) / 1000
    start = time.perf_counter()
    while time.perf_counter() < stop:
        for _ in range(10):
            cls(octets)
        count += 10
    print((time.perf_counter() - start) / count * 1e6, flush=True)
