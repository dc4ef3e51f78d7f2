"""The two ends of an SA of ESP: who counts what is sent, and who refuses what comes again.

>>> from random import Random
>>> from mip6boot import ikev2, security
>>> suite = security.EspSuite(encryption=ikev2.EncryptionAlgorithm.AES_GCM_16)
>>> sa = security.EspSa(spi=0x1000, suite=suite, encryption_key=security.Secret(bytes(20)))
>>> sender, receiver = security.EspSender(sa, Random(1)), security.EspReceiver(sa)
>>> packet = sender.send(b"a packet", 59)
>>> packet.sequence, receiver.receive(packet).payload
(1, b'a packet')
>>> receiver.receive(packet)
Traceback (most recent call last):
...
mip6boot.errors.IntegrityError: the sequence number 1 was received before, or is too old
"""

from __future__ import annotations

from ..errors import EncodeError, IntegrityError
from ..ip import EspPacket
from ..schema.message import OctetString
from .esp import EspSa, OpenedEsp
from .replay import ReplayWindow
from .secret import Rng

__all__ = ["EspReceiver", "EspSender"]


class EspSender:
    """Seals packets with sequence numbers from 1 on (RFC 4303 3.3.3)."""

    def __init__(self, sa: EspSa, rng: Rng) -> None:
        self.sa, self._rng = sa, rng
        #: The number of the last packet.
        self.sequence = 0

    def send(self, payload: bytes, next_header: int) -> EspPacket:
        """The next packet; EncodeError once the numbers are used up, and a new SA is due."""
        if self.sequence + 1 >> (64 if self.sa.suite.extended else 32):
            raise EncodeError("no sequence number is left in this SA", "sequence")
        self.sequence += 1
        return self.sa.seal(payload, next_header, sequence=self.sequence, rng=self._rng)


class EspReceiver:
    """Opens packets, each once, in any order that a window allows (RFC 4303 3.4.3)."""

    def __init__(self, sa: EspSa, *, window: int = 64) -> None:
        self.sa = sa
        self._window = ReplayWindow(window, extended=sa.suite.extended)

    def receive(self, packet: EspPacket | OctetString) -> OpenedEsp:
        """What a packet holds; errors as those of `EspSa.unseal`.

        IntegrityError also for one that was received before or is too old to tell; only a packet
        that passes moves the window.
        """
        if not isinstance(packet, EspPacket):
            packet = EspPacket.decode(packet)
        whole = self._window.whole(packet.sequence)
        if packet.spi == self.sa.spi and not self._window.is_new(whole):
            raise IntegrityError(f"the sequence number {whole} was received before, or is too old")
        opened = self.sa.unseal(packet, high=whole >> 32)
        self._window.accept(whole)
        return opened
