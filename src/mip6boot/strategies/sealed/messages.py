"""IKE messages with a right seal, whatever is inside: what nobody reaches who has no keys.

>>> from hypothesis import given
>>> from mip6boot import ikev2, security, strategies
>>> suite = security.IkeSuite(
...     encryption=ikev2.EncryptionAlgorithm.AES_GCM_16,
...     prf=ikev2.PseudorandomFunction.HMAC_SHA2_256,
... )
>>> keys = security.IkeKeys.derive(
...     suite, spi_i=b"initiate", spi_r=b"responds", nonce_i=bytes(16), nonce_r=bytes(16),
...     shared=b"shared",
... )
>>> @given(strategies.sealed_messages(keys, grade="hostile"))
... def opens(sealed):
...     assert security.unseal(sealed.octets, keys).content == sealed.content
>>> opens()

In a running handshake the keys are those that there are by then, and the header is what the peer
waits for: `sealed_messages(lambda: ha.keyring.ike[-1], message_id=st.just(1), ...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st

from ...errors import ConfigError, UnknownSa
from ...ikev2 import Encrypted, EncryptedFragment, IkeMessage
from ...security import IkeKeys, Keyring
from ...security.protection import Protection
from .inside import Inside, inside

__all__ = [
    "Keys",
    "SealedMessage",
    "check_key",
    "directions",
    "drawn_key",
    "padding_of",
    "sealed",
    "sealed_messages",
]

Keys = IkeKeys | Keyring | Callable[[], IkeKeys]

#: Octets of padding that one octet can count.
_PADDING = 255


class SealedMessage(msgspec.Struct, frozen=True):
    """An IKE message whose seal is right, and what is inside."""

    octets: bytes
    content: bytes
    "What a receiver finds inside: the octets before the padding."
    first_payload: int
    "Type of the first payload inside, as the SK payload says."
    rule: Any = None
    "Of a nearly legal one, the row of `ikev2.SEALED_RULES` that is broken, or what else is wrong."
    path: str = ""
    "The place; that of a thing inside begins with `inner`, as `ikev2.check` has it."
    reason: str = ""
    "What is wrong there, for people."


def sealed_messages(
    keys: Keys,
    *,
    message: st.SearchStrategy[IkeMessage] | None = None,
    grade: str = "legal",
    padding: str = "legal",
    **fields: st.SearchStrategy[Any],
) -> st.SearchStrategy[SealedMessage]:
    """Messages with an SK payload that the keys open and whose check value fits.

    `keys` are of one IKE SA, or a keyring of several, or what gives keys each time a message is
    made.  `grade` says what is inside: "legal", "near_legal" (one row of `ikev2.SEALED_RULES`, or
    one derived field, is broken) or "hostile" (octets that were a chain of payloads).  `fields` are
    those of `IkeMessage`: `message_id=st.just(1)`; SPIs are those of the keys.  A `message` is one
    as it would be in the clear: its payloads are what is sealed.  With `padding` "hostile", the
    last octet inside counts more or less padding than there is.

    Initialization vectors are drawn, and come again: the keys protect nothing any more.
    TypeError and ValueError, at once, for arguments of another kind.
    """
    check_key(keys, IkeKeys)
    if padding not in ("legal", "hostile"):
        raise ValueError(f"padding: {padding!r} is neither legal nor hostile")
    return _sealed_messages(keys, inside(message, grade, fields), padding == "hostile")


@st.composite
def _sealed_messages(
    draw: Any, keys: Keys, content: st.SearchStrategy[Inside], lying: bool
) -> SealedMessage:
    key: IkeKeys = drawn_key(draw, keys)
    known = directions(key)
    one: Inside = draw(content.filter(lambda one: one.header.from_initiator in known))
    header = one.header.replace(initiator_spi=key.spi_i, responder_spi=key.spi_r)
    protection = key.protection(header)
    plaintext, end = _plaintext(draw, one.content, protection.unit, lying)
    iv = draw(st.binary(min_size=protection.iv_octets, max_size=protection.iv_octets))
    octets = sealed(header, Encrypted(first_payload=one.first), plaintext, iv, protection)
    found = plaintext[:end]
    return SealedMessage(octets, found, one.first, one.rule, one.path, one.reason)


def check_key(keys: Any, kind: type) -> None:
    """TypeError for what is no key of the kind, no keyring, and cannot be called."""
    if not isinstance(keys, (kind, Keyring)) and not callable(keys):
        raise TypeError(f"{type(keys).__name__} is neither {kind.__name__} nor a keyring of them")


def drawn_key(draw: Any, keys: Any, kind: type = IkeKeys) -> Any:
    """The keys, or one of those of a keyring, or those that there are now."""
    if isinstance(keys, Keyring):
        several = keys.ike if kind is IkeKeys else keys.esp
        if not several:
            raise ConfigError(f"the keyring has no {kind.__name__}")
        return draw(st.sampled_from(several))
    return keys() if callable(keys) else keys


def directions(keys: IkeKeys) -> list[bool]:
    """Whose messages the keys can seal: those of the original initiator, those of the other.

    UnknownSa for keys of neither.
    """
    halves = {True: keys.sk_ei, False: keys.sk_er}
    known = [whose for whose, key in halves.items() if key or not keys.suite.encryption_key_octets]
    if not known:
        raise UnknownSa("the keys of neither direction of the IKE SA are known")
    return known


def _plaintext(draw: Any, content: bytes, unit: int, lying: bool) -> tuple[bytes, int]:
    """What is encrypted, and where its content ends for who believes the last octet."""
    octets = content + draw(padding_of(len(content) + 1, unit))
    right = len(octets) - len(content)
    counted = draw(st.integers(0, 255).filter(lambda n: n != right)) if lying else right
    return octets + bytes((counted,)), max(len(octets) - counted, 0)


def padding_of(octets: int, unit: int) -> st.SearchStrategy[bytes]:
    """Padding of any value that makes so many octets a multiple of a unit; mostly the shortest."""
    least = -octets % unit
    units = st.sampled_from((0, 0, 0, 1, (_PADDING - least) // unit))
    sizes = units.map(lambda n: least + n * unit)
    return sizes.flatmap(lambda size: st.binary(min_size=size, max_size=size))


def sealed(
    header: IkeMessage,
    payload: Encrypted | EncryptedFragment,
    plaintext: bytes,
    iv: bytes,
    protection: Protection,
) -> bytes:
    """The octets of a message with one sealed payload; `plaintext` is all that is encrypted."""
    size = len(iv) + len(plaintext) + protection.icv_octets
    whole = header.replace(payloads=(payload.replace(sealed=bytes(size)),))
    head = whole.encode()[:-size]
    return head + protection.seal(head, iv, plaintext)
