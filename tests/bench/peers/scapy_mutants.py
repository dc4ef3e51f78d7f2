"""Scapy as a peer in a process of its own: reads messages, says what becomes of each.

Run by a Python that has Scapy (which is GPL, so nothing here imports it elsewhere).  A request is a
line `NAME HEX`; the answer is `refused` (an exception of Scapy's own), `raw` (any other one),
`same`, `changed` (other octets out than in) or `unencodable`.
"""

import sys

from scapy.error import Scapy_Exception
from scapy_classes import CLASSES


def fate(name: str, octets: bytes) -> str:
    try:
        packet = CLASSES[name](octets)
    except Scapy_Exception:
        return "refused"
    except Exception:
        return "raw"
    # Else octets that were never touched could come back as they were read.
    packet.clear_cache()
    try:
        return "same" if bytes(packet) == octets else "changed"
    except Exception:
        return "unencodable"


for line in sys.stdin:
    name, _, digits = line.rstrip("\n").partition(" ")
    print(fate(name, bytes.fromhex(digits)))
