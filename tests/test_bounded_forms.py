"""JSON forms that nobody would write: refused with our error, however deep or long they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mip6boot import dhcpv6, diameter, eap, ikev2, mipv6, packets
from mip6boot.errors import DecodeError

ROOMS: dict[str, Callable[[Any], Any]] = {
    "mipv6": mipv6.from_dict,
    "dhcpv6": dhcpv6.from_dict,
    "ikev2": ikev2.from_dict,
    "diameter": diameter.from_dict,
    "eap": eap.from_dict,
    "packets": packets.from_dict,
}


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    found: Any = []
    for _ in range(depth):
        found = wrap(found)
    return found


DEEP_LIST = nested(100_000, lambda inner: [inner])
DEEP_OBJECT = nested(100_000, lambda inner: {"options": inner})
RELAYED = nested(
    10_000,
    lambda inner: {
        "type": "RelayForward", "hop_count": 0, "link_address": "::", "peer_address": "::",
        "options": [{"type": "RelayMessage", "message": inner}],
    },
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    "form",
    [
        DEEP_LIST, DEEP_OBJECT, RELAYED, 10**100_000, {"type": DEEP_LIST}, {"type": 10**100_000},
        {"layers": DEEP_LIST}, {"layers": [DEEP_LIST]}, {"layers": [{"protocol": DEEP_LIST}]},
        {"type": "Solicit", "transaction_id": DEEP_LIST, "options": []},
        {"type": "Solicit", "transaction_id": 1, "options": DEEP_LIST},
        {"type": "BindingUpdate", "sequence": DEEP_LIST},
        {"type": "BindingUpdate", "sequence": "9" * 1_000_000},
        {"type": "BindingUpdate", "x" * 1_000_000: 1},
    ],
    ids=str.split(
        "list object relayed number type type-number layers layer protocol value options sequence"
        " digits key"
    ),
)  # fmt: skip
def test_refused_in_a_few_words(room: str, form: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        ROOMS[room](form)
    # A path of 40 levels is the longest part.
    assert len(str(caught.value)) < 2000
