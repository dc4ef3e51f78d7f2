"""What packets and their parts may cost: looks at a layer, octets and pieces that are kept."""

from __future__ import annotations

from typing import Any

import pytest

from mip6boot import packets
from mip6boot.packets import octets

from .connections import message, segment


def test_the_map_of_many_messages_names_each_layer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def counted(layer: Any) -> str:
        nonlocal asked
        asked += 1
        return packets.protocol_of(layer)

    monkeypatch.setattr(octets, "protocol_of", counted)
    packet = segment(1, b"".join(message(number) for number in range(500)))
    rows = octets.explain_packet(packet)
    assert rows[-1].path.startswith("diameter[499].")
    assert asked == len(packet.layers) == 503
