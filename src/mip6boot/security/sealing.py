"""Encrypted payloads of IKEv2 opened and sealed (RFC 7296 3.14, RFC 5282, RFC 7383 2.5).

>>> from random import Random
>>> from mip6boot import ikev2, security
>>> suite = security.IkeSuite(
...     encryption=ikev2.EncryptionAlgorithm.AES_GCM_16,
...     prf=ikev2.PseudorandomFunction.HMAC_SHA2_256,
... )
>>> keys = security.IkeKeys.derive(
...     suite, spi_i=b"initiate", spi_r=b"responds", nonce_i=bytes(16), nonce_r=bytes(16),
...     shared=b"shared",
... )
>>> header = ikev2.IkeMessage(
...     initiator_spi=keys.spi_i, responder_spi=keys.spi_r,
...     exchange_type=ikev2.ExchangeType.INFORMATIONAL, flags=ikev2.IkeFlags.I,
... )
>>> octets = security.seal(header, (ikev2.Delete(protocol_id=1),), keys, rng=Random(1))
>>> opened = security.unseal(octets, keys)
>>> opened.payloads[0].protocol_id, opened.verified
(<ProtocolId.IKE: 1>, True)
>>> opened.seal(keys) == octets
True
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import msgspec

from ..errors import DecodeError, EncodeError
from ..ikev2 import (
    Encrypted,
    EncryptedFragment,
    IkeMessage,
    Payload,
    decode_chain,
    encode_chain,
)
from ..schema.kept import kept
from ..schema.message import OctetString
from .ike_keys import IkeKeys
from .protection import Protection
from .secret import Rng

__all__ = ["Opened", "fragment", "seal", "unseal"]

#: Octets of an SK and of an SKF payload before what is sealed.
_HEADER, _FRAGMENT_HEADER = 4, 8


class Opened(msgspec.Struct, frozen=True, dict=True):
    """A message whose SK or SKF payload was opened; `seal` gives its octets back."""

    message: IkeMessage
    "As it was on the wire; its last payload is the sealed one."
    content: bytes
    "The payloads inside, of an SKF payload a part of their octets."
    iv: bytes
    padding: bytes
    verified: bool = True
    "An integrity check value fits; without one there is no telling."

    @property
    def sealed(self) -> Encrypted | EncryptedFragment:
        """The payload that was opened."""
        return self.message.payloads[-1]  # type: ignore[return-value]

    @property
    def is_fragment(self) -> bool:
        """The content is one part of several (RFC 7383); the only part, 1 of 1, is all."""
        sealed = self.sealed
        return isinstance(sealed, EncryptedFragment) and not (
            sealed.fragment_number == sealed.total_fragments == 1
        )

    @kept
    def payloads(self) -> tuple[Payload, ...]:
        """The payloads inside; DecodeError where they do not parse."""
        return self.decode()

    def decode(self, *, lenient: bool = False) -> tuple[Payload, ...]:
        """The payloads inside, as `ikev2.decode_chain` gives them; none of a mere fragment."""
        if self.is_fragment:
            return ()
        return decode_chain(self.content, self.sealed.first_payload, lenient=lenient)

    def seal(self, keys: IkeKeys) -> bytes:
        """The octets of the message again: with the same keys the same ones."""
        protection = keys.protection(self.message)
        message, before = self.message, self.message.payloads[:-1]
        return _seal(message, before, self.sealed, self.content, protection, self.iv, self.padding)


def unseal(message: OctetString | IkeMessage, keys: IkeKeys) -> Opened:
    """The message with its SK or SKF payload opened.

    DecodeError where there is none or the message does not parse, UnknownSa where it is of
    another SA, IntegrityError where it was not sealed with the keys.  What a suite without
    integrity opens is not `verified`.
    """
    if isinstance(message, IkeMessage):
        octets = message.encode()
    else:
        octets = message if type(message) is bytes else bytes(memoryview(message))
        message = IkeMessage.decode(octets)
    payload = message.payloads[-1] if message.payloads else None
    if not isinstance(payload, (Encrypted, EncryptedFragment)):
        raise DecodeError("the last payload is not SK or SKF", "payloads")
    protection = keys.protection(message)
    sealed = payload.sealed
    iv, plaintext = protection.open(octets[: len(octets) - len(sealed)], sealed)
    end = _content_end(plaintext)
    return Opened(message, plaintext[:end], iv, plaintext[end:-1], protection.verifies)


def _content_end(plaintext: bytes) -> int:
    """Where padding begins; the last octet counts the padding before it."""
    end = len(plaintext) - 1 - plaintext[-1] if plaintext else -1
    if end < 0:
        raise DecodeError("the padding is longer than what is encrypted", "pad_length")
    return end


@overload
def seal(message: IkeMessage, payloads: Sequence[Payload], keys: IkeKeys, *, rng: Rng) -> bytes: ...
@overload
def seal(
    message: IkeMessage,
    payloads: Sequence[Payload],
    keys: IkeKeys,
    *,
    iv: bytes,
    padding: bytes | None = None,
) -> bytes: ...
def seal(
    message: IkeMessage,
    payloads: Sequence[Payload],
    keys: IkeKeys,
    *,
    rng: Rng | None = None,
    iv: bytes | None = None,
    padding: bytes | None = None,
) -> bytes:
    """The octets of the message with the payloads sealed into an SK payload at its end.

    The initialization vector is drawn from `rng` or given; never may one be used twice with the
    same keys (RFC 5282 4, RFC 3602 3).  Padding is the shortest, of zeros, unless it is given.
    EncodeError for payloads that do not encode, ValueError for an `iv` or a padding of a size that
    the cipher cannot have.
    """
    first, content = encode_chain(tuple(payloads))
    payload, protection = Encrypted(first_payload=first), keys.protection(message)
    return _seal(
        message, message.payloads, payload, content, protection, _iv(protection, rng, iv), padding
    )


def fragment(
    message: IkeMessage,
    payloads: Sequence[Payload],
    keys: IkeKeys,
    *,
    size: int,
    rng: Rng,
) -> list[bytes]:
    """The octets of messages with SKF payloads, of at most `size` octets each (RFC 7383 2.5).

    Where all fits into one message, that is one with an SK payload.  ValueError for a size that
    leaves no place for content.
    """
    first, content = encode_chain(tuple(payloads))
    protection = keys.protection(message)
    if len(content) <= _room(message, protection, size, _HEADER):
        return [seal(message, payloads, keys, rng=rng)]
    # What is not sealed stands in the first fragment only (RFC 7383 2.5.3).
    bare = message.replace(payloads=())
    begun = _room(message, protection, size, _FRAGMENT_HEADER)
    room = _room(bare, protection, size, _FRAGMENT_HEADER)
    if begun < 1:
        raise ValueError(f"a message of {size} octets has no place for content")
    parts = [content[:begun]]
    parts += [content[at : at + room] for at in range(begun, len(content), room)]
    out = []
    for number, part in enumerate(parts, 1):
        payload = EncryptedFragment(
            fragment_number=number,
            total_fragments=len(parts),
            first_payload=first if number == 1 else 0,
        )
        iv = rng.randbytes(protection.iv_octets)
        before = message.payloads if number == 1 else ()
        out.append(_seal(message, before, payload, part, protection, iv, None))
    return out


def _room(message: IkeMessage, protection: Protection, size: int, header: int) -> int:
    """Octets of content that the message has place for, behind a payload header of that size."""
    room = size - len(message.encode()) - header
    room -= protection.iv_octets + protection.icv_octets
    return room - room % protection.unit - 1  # The pad length is in the last block, too.


def _iv(protection: Protection, rng: Rng | None, iv: bytes | None) -> bytes:
    if (rng is None) == (iv is None):
        raise TypeError("either rng or iv is expected")
    return rng.randbytes(protection.iv_octets) if rng is not None else iv  # type: ignore[return-value]


def _seal(
    message: IkeMessage,
    before: tuple[Payload, ...],
    payload: Encrypted | EncryptedFragment,
    content: bytes,
    protection: Protection,
    iv: bytes,
    padding: bytes | None,
) -> bytes:
    """The octets of a message with other payloads, the last of which gets the content."""
    if padding is None:
        padding = bytes(-(len(content) + 1) % protection.unit)
    if len(padding) > 255:
        raise EncodeError("at most 255 octets of padding are possible", "pad_length")
    plaintext = content + padding + bytes((len(padding),))
    size = len(iv) + len(plaintext) + protection.icv_octets
    # Lengths before the sealed octets are authenticated, so they have to be right first.
    if len(payload.sealed) != size:
        payload = payload.replace(sealed=bytes(size))
    head = message.replace(payloads=(*before, payload)).encode()[:-size]
    return head + protection.seal(head, iv, plaintext)
