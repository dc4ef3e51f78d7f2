"""What Scapy has for the six messages: for who runs in a process of its own, as Scapy is GPL."""

import logging

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
