"""The ends of an SA: counted, received once, and nothing learnt from a forgery."""

from __future__ import annotations

from random import Random

import pytest

from mip6boot import ikev2
from mip6boot.errors import EncodeError, IntegrityError, UnknownSa
from mip6boot.security import EspReceiver, EspSa, EspSender, EspSuite, Secret

PLAIN = EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16)
EXTENDED = EspSuite(
    encryption=ikev2.EncryptionAlgorithm.AES_CBC,
    integrity=ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128,
    sequence_numbers=ikev2.SequenceNumbers.ESN,
)


def sa(suite: EspSuite, spi: int = 7) -> EspSa:
    return EspSa(
        spi=spi,
        suite=suite,
        encryption_key=Secret(bytes(suite.encryption_key_octets)),
        integrity_key=Secret(bytes(suite.integrity_key_octets)),
    )


@pytest.mark.parametrize("suite", [PLAIN, EXTENDED], ids=["32 bits", "64 bits"])
def test_each_packet_once_in_any_order(suite: EspSuite) -> None:
    sender, receiver = EspSender(sa(suite), Random(1)), EspReceiver(sa(suite), window=8)
    packets = [sender.send(bytes((i,)), 59) for i in range(40)]
    assert [packet.sequence for packet in packets] == list(range(1, 41))
    order = [*range(0, 40, 2), 37, 35]
    for i in order:
        assert receiver.receive(packets[i].encode()).payload == bytes((i,))
    # Of 64 bits, a number below the window is taken for one of the next half (RFC 4303 A2.2).
    for i in (*order, 1):
        with pytest.raises(IntegrityError, match=r"received before, or is too old|check value"):
            receiver.receive(packets[i])


def test_a_forgery_does_not_move_the_window() -> None:
    sender, receiver = EspSender(sa(PLAIN), Random(1)), EspReceiver(sa(PLAIN))
    first = sender.send(b"first", 59)
    for sequence in (1, 5000, 0xFFFFFFFF):
        with pytest.raises(IntegrityError, match="check value"):
            receiver.receive(first.replace(sequence=sequence, data=bytes(40)))
    assert receiver.receive(first).payload == b"first"
    with pytest.raises(UnknownSa):
        receiver.receive(sender.send(b"second", 59).replace(spi=8))
    # Also where its number is one that was received: it is of another SA, and counts there.
    with pytest.raises(UnknownSa):
        receiver.receive(first.replace(spi=8))


@pytest.mark.parametrize(("suite", "last"), [(PLAIN, 1 << 32), (EXTENDED, 1 << 64)])
def test_numbers_do_not_begin_again(suite: EspSuite, last: int) -> None:
    sender, receiver = EspSender(sa(suite), Random(1)), EspReceiver(sa(suite))
    sender.sequence = last - 2
    packet = sender.send(b"last", 59)
    assert sender.sequence == last - 1
    with pytest.raises(EncodeError, match="sequence: no sequence number is left"):
        sender.send(b"more", 59)
    if suite is PLAIN:
        assert receiver.receive(packet).sequence == last - 1


def test_the_half_that_is_not_sent() -> None:
    sender, receiver = EspSender(sa(EXTENDED), Random(1)), EspReceiver(sa(EXTENDED))
    sender.sequence = (1 << 32) - 3
    # A receiver has to have been there: 2^32 - 3 packets are not sent here.
    receiver._window.accept(sender.sequence)
    for wanted in range((1 << 32) - 2, (1 << 32) + 4):
        packet = sender.send(b"x", 59)
        assert packet.sequence == wanted % (1 << 32)
        assert receiver.receive(packet).sequence == wanted
