"""Right seals in a handshake that is under way: our responder looks at what is inside."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mip6boot import ikev2, security, strategies
from mip6boot.flow import Port, Unit
from mip6boot.flow.ike import IkeResponder
from mip6boot.ikev2 import ExchangeType, IkeFlags
from mip6boot.strategies import SealedMessage

from ..flow.ike_network import HA, UE, attach, initiator, responder


def half_open() -> IkeResponder:
    """A responder that has answered IKE_SA_INIT and waits for IKE_AUTH."""
    ue, ha = initiator(), responder()
    ue.start(0.0)
    for end, other in ((ue, ha), (ha, ue)):
        for unit in end.to_send():
            other.receive(unit, 0.1)
    ha.events()
    assert len(ha.keyring.ike) == 1
    return ha


def asked(octets: bytes) -> Unit:
    return Unit(
        port=Port.UDP, source=UE, destination=HA, source_port=500, destination_port=500, octets=octets
    )  # fmt: skip


@pytest.mark.parametrize("grade", ["near_legal", "hostile"])
def test_the_responder_takes_what_is_sealed(grade: str, record_property: Any) -> None:
    """It gets past the SK payload: what it answers is sealed, and no check value is wrong to it."""
    running: list[IkeResponder] = []
    counts: Counter[str] = Counter()
    strategy = strategies.sealed_messages(
        lambda: running[-1].keyring.ike[-1],
        grade=grade,
        exchange_type=st.just(ExchangeType.IKE_AUTH),
        message_id=st.just(1),
        flags=st.just(IkeFlags.I),
    )

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def takes(data: Any) -> None:
        ha = half_open()
        running.append(ha)
        sealed: SealedMessage = data.draw(strategy)
        ha.receive(asked(sealed.octets), 0.2)
        events = [str(event) for event in ha.events()]
        assert not any("integrity" in event or "dropped" in event for event in events)
        for unit in ha.to_send():
            answer = security.unseal(unit.octets, running[-1].keyring.ike[0])
            assert answer.message.is_response
            assert answer.message.message_id == 1
            counts["answers"] += 1
            counts["errors"] += any(isinstance(p, ikev2.Notify) for p in answer.payloads)
        ha.handle_timeout(200.0)
        counts["taken"] += 1
        # It serves others as if nothing had been.
        if counts["taken"] % 10 == 0:
            ue = initiator(7)
            attach(ue, ha)
            assert ue.established is not None

    takes()
    assert counts["answers"] >= counts["taken"] // 2
    for what, number in counts.items():
        record_property(f"sealed {grade} in a handshake: {what}", number)


def test_a_wrong_seal_does_not_get_there() -> None:
    """The same with one bit of the seal wrong is dropped, so the test above shows something."""
    ha = half_open()
    strategy = strategies.sealed_messages(
        ha.keyring, exchange_type=st.just(ExchangeType.IKE_AUTH), message_id=st.just(1),
        flags=st.just(IkeFlags.I),
    )  # fmt: skip

    @settings(max_examples=5)
    @given(strategy)
    def dropped(sealed: SealedMessage) -> None:
        ha.receive(asked(sealed.octets[:-1] + bytes((sealed.octets[-1] ^ 1,))), 0.2)
        assert not ha.to_send()
        assert any("dropped" in str(event) for event in ha.events())

    dropped()
