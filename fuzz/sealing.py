"""IKE messages in the clear sealed, and back: a header, and behind it what is to be sealed."""

from __future__ import annotations

from mip6boot.ikev2 import Encrypted, EncryptedFragment, IkeMessage
from mip6boot.security import IkeKeys, Opened

__all__ = ["HEADER", "clear_of", "sealed", "sealed_as"]

HEADER = 28
_NEXT, _AFTER_NEXT, _LENGTH = 16, 17, 24


def clear_of(header: bytes, first: int, content: bytes) -> bytes:
    """The octets of a message with such a header and payloads that are not sealed."""
    size = HEADER + len(content)
    head = header[:_NEXT] + bytes((first,)) + header[_AFTER_NEXT:_LENGTH]
    return head + size.to_bytes(4, "big") + content


def sealed(clear: bytes, keys: IkeKeys) -> bytes:
    """The message of the keys' SA with the payloads in an SK payload."""
    return sealed_as(Encrypted(first_payload=clear[_NEXT]), clear, clear[HEADER:], keys)


def sealed_as(
    payload: Encrypted | EncryptedFragment, clear: bytes, content: bytes, keys: IkeKeys
) -> bytes:
    """The same with content of one's own in a payload of one's own."""
    header = keys.spi_i + keys.spi_r + clear[_NEXT:HEADER]
    message = IkeMessage.decode(clear_of(header, 0, b"")).replace(payloads=(payload,))
    protection = keys.protection(message)
    padding = bytes(-(len(content) + 1) % protection.unit)
    return Opened(message, content, bytes(protection.iv_octets), padding).seal(keys)
