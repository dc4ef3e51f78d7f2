"""What the authenticators of mobility options cover: the octets around them."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from ..mipv6 import BindingAcknowledgement, BindingUpdate

__all__ = ["Binding", "around", "filled"]

#: The messages that authenticators are for.
Binding = BindingUpdate | BindingAcknowledgement

B = TypeVar("B", bound=Binding)


def around(message: Binding, index: int, field: str, size: int) -> tuple[bytes, bytes]:
    """The octets before and behind a field of an option, if it had a size; the checksum is 0."""
    blank = msgspec.structs.replace(message, checksum=0)
    zeros, ones = (
        filled(blank, index, **{field: fill * size}).encode() for fill in (b"\0", b"\xff")
    )
    # Nothing else depends on what the field holds, so it is where the two differ.
    start = next(at for at, octet in enumerate(zeros) if octet != ones[at])
    return zeros[:start], zeros[start + size :]


def filled(message: B, index: int, **fields: bytes) -> B:
    """A copy with fields of one option changed."""
    options = list(message.options)
    options[index] = msgspec.structs.replace(options[index], **fields)
    return msgspec.structs.replace(message, options=tuple(options))
