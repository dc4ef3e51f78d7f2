"""Encryption: from the ids of transform type 1 to primitives (RFC 8221 5, RFC 8247 2.1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from ..errors import IntegrityError

__all__ = ["CBC", "CCM", "CTR", "GCM", "NULL", "ChaCha20Poly1305Cipher", "Cipher", "Sealer"]

#: Encrypts or decrypts: initialization vector, octets, and what is authenticated with them.
Transformation = Callable[[bytes, bytes, bytes], bytes]


class Sealer:
    """A cipher with its key.

    `encrypt(iv, plaintext, associated)` gives the ciphertext, behind it the integrity check value
    of a combined mode; `decrypt(iv, octets, associated)` is the way back, IntegrityError where the
    check value does not fit.  Ciphers that are no combined mode leave `associated` alone.
    """

    __slots__ = ("decrypt", "encrypt")

    def __init__(self, encrypt: Transformation, decrypt: Transformation) -> None:
        self.encrypt, self.decrypt = encrypt, decrypt


class Cipher(ABC):
    """An encryption algorithm; sizes are in octets.

    A key of KEYMAT is `key_octets` of key, then `salt_octets` of salt.
    """

    #: Sizes of the key without salt; the first one where no key length is negotiated.
    key_sizes: tuple[int, ...] = (16, 24, 32)
    salt_octets = 0
    iv_octets = 0
    #: Of a combined mode; 0 for ciphers that need an integrity algorithm.
    icv_octets = 0
    #: What is encrypted is padded to a multiple of this.
    block_octets = 1
    #: Only who asks for it gets it: not to be used any more.
    legacy = False
    #: The key length is an attribute of the transform.
    has_key_length = True

    @property
    def aead(self) -> bool:
        """The algorithm is a combined mode, which authenticates, too."""
        return self.icv_octets > 0

    def key_octets(self, key_length: int | None) -> int:
        """Octets of key and salt for a key length in bits; ValueError for one that it has not."""
        size = self.key_sizes[0] if key_length is None else key_length // 8
        if (key_length or 0) % 8 or size not in self.key_sizes:
            sizes = ", ".join(str(8 * size) for size in self.key_sizes)
            raise ValueError(f"a key of {key_length} bits where {sizes} are possible")
        return size + self.salt_octets

    def sealer(self, key: bytes) -> Sealer:
        """The cipher with a key, its salt included; ValueError for a key of another size."""
        size = len(key) - self.salt_octets
        if size not in self.key_sizes:
            sizes = ", ".join(str(size + self.salt_octets) for size in self.key_sizes)
            raise ValueError(f"a key of {len(key)} octets where {sizes} are expected")
        return self._sealer(bytes(key[:size]), bytes(key[size:]))

    @abstractmethod
    def _sealer(self, key: bytes, salt: bytes) -> Sealer:
        """The cipher with a key of the right size."""


class NULL(Cipher):
    """No encryption (RFC 2410); never for an IKE SA."""

    key_sizes = (0,)
    has_key_length = False

    def _sealer(self, key: bytes, salt: bytes) -> Sealer:
        def same(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            return octets

        return Sealer(same, same)


class CBC(Cipher):
    """Cipher block chaining: AES (RFC 3602), and triple DES (RFC 2451) as `legacy`."""

    def __init__(self, *, legacy: bool = False) -> None:
        self.algorithm: Any = AES
        self.iv_octets = self.block_octets = 16
        if legacy:
            self.algorithm, self.legacy, self.has_key_length = TripleDES, True, False
            self.key_sizes, self.iv_octets, self.block_octets = (24,), 8, 8

    def _sealer(self, key: bytes, salt: bytes) -> Sealer:
        algorithm = self.algorithm(key)

        def encrypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            context = _Cipher(algorithm, modes.CBC(iv)).encryptor()
            return context.update(octets) + context.finalize()

        def decrypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            context = _Cipher(algorithm, modes.CBC(iv)).decryptor()
            return context.update(octets) + context.finalize()

        return Sealer(encrypt, decrypt)


class CTR(Cipher):
    """AES in counter mode (RFC 3686, RFC 5930): salt, initialization vector, counter from 1."""

    salt_octets, iv_octets = 4, 8

    def _sealer(self, key: bytes, salt: bytes) -> Sealer:
        algorithm = AES(key)

        def crypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            mode = modes.CTR(salt + iv + b"\0\0\0\1")
            context = _Cipher(algorithm, mode).encryptor()
            return context.update(octets) + context.finalize()

        return Sealer(crypt, crypt)


class _Combined(Cipher):
    """A combined mode that `cryptography` has as a whole, with its check value at the end."""

    iv_octets = 8
    make: Callable[[bytes], Any]

    def _sealer(self, key: bytes, salt: bytes) -> Sealer:
        context = self.make(key)
        seal, open_ = context.encrypt, context.decrypt

        def encrypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            return seal(salt + iv, octets, associated)  # type: ignore[no-any-return]

        def decrypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            try:
                return open_(salt + iv, octets, associated)  # type: ignore[no-any-return]
            except InvalidTag:
                raise _wrong() from None

        return Sealer(encrypt, decrypt)


class CCM(_Combined):
    """AES-CCM (RFC 4309, RFC 5282)."""

    salt_octets = 3

    def __init__(self, icv_octets: int) -> None:
        self.icv_octets = icv_octets
        self.make = lambda key: AESCCM(key, tag_length=icv_octets)


class ChaCha20Poly1305Cipher(_Combined):
    """ChaCha20 with Poly1305 (RFC 7634)."""

    key_sizes, salt_octets, icv_octets, has_key_length = (32,), 4, 16, False
    make = ChaCha20Poly1305


class GCM(_Combined):
    """AES-GCM (RFC 4106, RFC 5282)."""

    salt_octets = 4

    def __init__(self, icv_octets: int) -> None:
        self.icv_octets = icv_octets
        self.make = AESGCM

    def _sealer(self, key: bytes, salt: bytes) -> Sealer:
        return super()._sealer(key, salt) if self.icv_octets == 16 else self._short(key, salt)

    def _short(self, key: bytes, salt: bytes) -> Sealer:
        """With a check value of 8 or 12 octets, the first ones of the whole one."""
        size, algorithm = self.icv_octets, AES(key)

        def encrypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            context = _Cipher(algorithm, modes.GCM(salt + iv)).encryptor()
            context.authenticate_additional_data(associated)
            sealed = context.update(octets) + context.finalize()
            return sealed + context.tag[:size]

        def decrypt(iv: bytes, octets: bytes, associated: bytes) -> bytes:
            mode = modes.GCM(salt + iv, octets[-size:], min_tag_length=size)
            context = _Cipher(algorithm, mode).decryptor()
            context.authenticate_additional_data(associated)
            try:
                return context.update(octets[:-size]) + context.finalize()
            except InvalidTag:
                raise _wrong() from None

        return Sealer(encrypt, decrypt)


def _wrong() -> IntegrityError:
    return IntegrityError("the integrity check value does not fit")
