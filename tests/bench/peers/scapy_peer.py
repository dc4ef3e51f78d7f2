"""Scapy as a peer in a process of its own: reads requests, times itself, answers.

Run by a Python that has Scapy (which is GPL, so nothing here imports it elsewhere).  A request is a
line `NAME HEX MILLISECONDS`; the answer is the microseconds that one decoding took.
"""

import logging
import sys
import time

logging.getLogger("scapy").setLevel(logging.ERROR)

import scapy.contrib.ikev2 as ikev2
import scapy.layers.dhcp6 as dhcp6
import scapy.layers.inet6 as inet6

CLASSES = {
    "bu": inet6.MIP6MH_BU,
    "ba": inet6.MIP6MH_BA,
    "dhcp6_reply": dhcp6.DHCP6_RelayReply,
    "dhcp6_inforeq": dhcp6.DHCP6_InfoRequest,
    "ike_sa_init": ikev2.IKEv2,
    "ike_auth_inner": ikev2.IKEv2_IDi,
}

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
