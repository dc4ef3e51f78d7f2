"""What is sealed with the right keys: octets of an IKE message whose payloads are to be sealed.

The header is its own; the payloads behind it are sealed in an SK payload, and in two SKF payloads.
"""

from __future__ import annotations

import json

from mip6boot import ikev2, packets, security
from mip6boot.errors import DecodeError
from mip6boot.ikev2 import EncryptedFragment, IkeMessage, Payload
from mip6boot.packets import LinkType, Opener, Packet
from mip6boot.security import FragmentAssembler, IkeKeys, IkeSuite, Keyring, Opened

from ..laws import attempted, rows_cover
from ..mutators import of_kind
from ..sealing import HEADER, clear_of, sealed, sealed_as

__all__ = ["mutate", "one"]

mutate = of_kind("ikev2")

_NUMBER = 23

_SUITES = (
    IkeSuite(
        encryption=ikev2.EncryptionAlgorithm.AES_GCM_16,
        prf=ikev2.PseudorandomFunction.HMAC_SHA2_256,
    ),
    IkeSuite(
        encryption=ikev2.EncryptionAlgorithm.AES_CBC,
        key_length=128,
        integrity=ikev2.IntegrityAlgorithm.HMAC_SHA2_256_128,
        prf=ikev2.PseudorandomFunction.HMAC_SHA2_256,
    ),
)
KEYS = [
    IkeKeys.derive(
        suite, spi_i=b"initiate", spi_r=b"responds", nonce_i=bytes(16), nonce_r=bytes(16),
        shared=b"shared",
    )
    for suite in _SUITES
]  # fmt: skip


def one(octets: bytes) -> None:
    """What was sealed is what is opened, and is read as in the clear."""
    if len(octets) < HEADER:
        return
    # The last octet of the message's number chooses the suite.
    keys = KEYS[octets[_NUMBER] % len(KEYS)]
    message = sealed(octets, keys)
    opened = security.unseal(message, keys)
    assert opened.verified
    assert (opened.content, opened.seal(keys)) == (octets[HEADER:], message)
    _holds(opened)
    _prints(message, keys)
    _fragmented(octets, keys)


def _holds(opened: Opened) -> None:
    """Payloads are those of the message in the clear, and come out as they were."""
    first, content = opened.sealed.first_payload, opened.content
    clear = clear_of(opened.message.encode(), first, content)
    strict, lenient = _read(opened, clear, lenient=False), _read(opened, clear, lenient=True)
    assert strict in (None, lenient)
    if lenient is not None:
        assert ikev2.encode_chain(lenient) == (first, content)
        for payload in lenient:
            assert str(payload)
            assert ikev2.PAYLOADS.from_dict(payload.to_dict()) == payload
        ikev2.check(opened.message, lenient)
    rows_cover(ikev2.explain_chain(content, first), content)


def _read(opened: Opened, clear: bytes, *, lenient: bool) -> tuple[Payload, ...] | None:
    payloads = attempted(lambda: opened.decode(lenient=lenient))
    message = attempted(lambda: IkeMessage.decode(clear, lenient=lenient))
    assert payloads == (None if message is None else message.payloads)
    return payloads


def _prints(message: bytes, keys: IkeKeys) -> None:
    """What the command shows of it."""
    packet = Packet((IkeMessage.decode(message),), LinkType.NONE)
    (within,) = Opener(Keyring([keys]), lenient=True).open(packet)
    json.loads(within.json_text())
    assert str(within)
    assert all(str(error) for error in within.errors)
    assert all(buffer.rows for buffer in packets.buffers([within]))


def _fragmented(octets: bytes, keys: IkeKeys) -> None:
    """The same in two parts."""
    content, half, whole = octets[HEADER:], len(octets[HEADER:]) // 2, None
    assembler = FragmentAssembler()
    for number, part in enumerate((content[:half], content[half:]), 1):
        payload = EncryptedFragment(
            fragment_number=number, total_fragments=2, first_payload=octets[16] * (number == 1)
        )
        message = sealed_as(payload, octets, part, keys)
        whole = assembler.feed(security.unseal(message, keys), number)
    assert whole is not None
    assert whole.content == content
    try:
        payloads = whole.payloads
    except DecodeError:
        return
    assert ikev2.encode_chain(payloads) == (octets[16], content)
