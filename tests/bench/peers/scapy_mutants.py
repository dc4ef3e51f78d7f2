"""Scapy as a peer in a process of its own: reads messages, says what becomes of each.

Run by a Python that has Scapy (which is GPL, so nothing here imports it elsewhere).  A request is a
line `NAME HEX`; the answer is `refused` (an exception of Scapy's own), `raw` (any other one),
`same`, `changed` (other octets out than in) or `unencodable`.
"""

import logging
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)

import scapy.contrib.ikev2 as ikev2
import scapy.layers.dhcp6 as dhcp6
import scapy.layers.inet6 as inet6
from scapy.error import Scapy_Exception

CLASSES = {
    "bu": inet6.MIP6MH_BU,
    "ba": inet6.MIP6MH_BA,
    "dhcp6_reply": dhcp6.DHCP6_RelayReply,
    "dhcp6_inforeq": dhcp6.DHCP6_InfoRequest,
    "ike_sa_init": ikev2.IKEv2,
    "ike_auth_inner": ikev2.IKEv2_IDi,
}


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
