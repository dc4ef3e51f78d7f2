"""mip6boot as a contestant of the peers' benchmark, which loads adapters by this name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from common import Contestant

from mip6boot import dhcpv6, ikev2, mipv6


def contestants() -> Iterator[Any]:
    """One contestant: `decode` of each room, and `encode` of what it gave."""
    decode = {
        "bu": mipv6.decode,
        "ba": mipv6.decode,
        "dhcp6_reply": dhcpv6.decode,
        "dhcp6_inforeq": dhcpv6.decode,
        "ike_sa_init": ikev2.decode,
        "ike_auth_inner": lambda octets: ikev2.decode_chain(octets, 35),
    }
    touch = {
        "bu": lambda m: m.options[0].address,
        "ba": lambda m: m.options[2].address,
        "dhcp6_reply": lambda m: m.options[1].message.options[4].options[2].address,
        "dhcp6_inforeq": lambda m: m.options[3].fqdn,
        "ike_sa_init": lambda m: m.payloads[0].proposals[0].transforms[0].attributes[0].value,
        "ike_auth_inner": lambda m: m[3].attributes[2].value,
    }
    encode = dict.fromkeys(decode, lambda message: message.encode())
    encode["ike_auth_inner"] = lambda payloads: ikev2.encode_chain(payloads)[1]
    yield Contestant("mip6boot", decode, touch, encode)
