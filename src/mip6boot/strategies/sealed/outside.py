"""Sealed payloads as they look to who has no keys."""

from __future__ import annotations

from typing import Any

from ...ikev2 import Encrypted, EncryptedFragment, IkeMessage

__all__ = ["sound"]

#: Octets of the shortest initialization vector, of a pad length, and of the shortest check value.
_LEAST = 8 + 1 + 8


def sound(message: IkeMessage) -> IkeMessage:
    """The message, its sealed payload such as some suite makes, and its fragment one of a set.

    What a payload inside has to be is a matter of keys, so no row of rules tells this.
    """
    if not message.payloads or not isinstance(message.payloads[-1], _SEALED):
        return message
    last: Any = message.payloads[-1]
    last = last.replace(sealed=last.sealed.ljust(_LEAST, b"\0"))
    if isinstance(last, EncryptedFragment):
        numbers = sorted((last.fragment_number or 1, last.total_fragments or 1))
        # Only the first fragment says what is inside (RFC 7383 2.5).
        first = last.first_payload if numbers[0] == 1 else 0
        last = last.replace(
            fragment_number=numbers[0], total_fragments=numbers[1], first_payload=first
        )
    return message.replace(payloads=(*message.payloads[:-1], last))


_SEALED = (Encrypted, EncryptedFragment)
