"""One direction of a security association, as IKE and ESP both use it: octets sealed and opened."""

from __future__ import annotations

from hmac import compare_digest

from ..errors import ConfigError, DecodeError, IntegrityError
from .suites import Suite

__all__ = ["Protection"]


class Protection:
    """A suite with the keys of one direction; ConfigError for keys that it cannot have.

    What is sealed has an initialization vector at its begin and an integrity check value at its
    end.  `head` stands before it and is authenticated, `tail` is authenticated behind it and not
    sent; a combined mode has no tail.
    """

    __slots__ = (
        "_decrypt", "_encrypt", "_mac", "aead", "icv_octets", "iv_octets", "unit", "verifies",
    )  # fmt: skip

    def __init__(self, suite: Suite, encryption_key: bytes, integrity_key: bytes) -> None:
        cipher, authenticator = suite.cipher, suite.authenticator
        try:
            sealer = cipher.sealer(encryption_key)
        except ValueError as e:
            raise ConfigError(f"{suite.encryption.name}: {e}") from None
        if suite.key_length and len(encryption_key) != suite.encryption_key_octets:
            size = len(encryption_key)
            raise ConfigError(
                f"{suite.encryption.name}: {suite.key_length} bits, but {size} octets"
            )
        if authenticator is not None and not integrity_key:
            raise ConfigError(f"{suite.integrity.name}: a key is expected")
        self._encrypt, self._decrypt = sealer.encrypt, sealer.decrypt
        try:
            self._mac = authenticator.hasher(integrity_key) if authenticator else None
        except ValueError as e:
            raise ConfigError(f"{suite.integrity.name}: {e}") from None
        self.aead, self.iv_octets = cipher.aead, cipher.iv_octets
        self.icv_octets = suite.icv_octets
        #: The plaintext is a multiple of so many octets.
        self.unit = cipher.block_octets
        #: Octets that were not sealed with the keys are not opened.
        self.verifies = self.aead or self._mac is not None

    def seal(self, head: bytes, iv: bytes, plaintext: bytes, tail: bytes = b"") -> bytes:
        """The octets that follow `head`; ValueError for an `iv` or plaintext of a wrong size."""
        if len(iv) != self.iv_octets or len(plaintext) % self.unit:
            raise ValueError(
                f"an initialization vector of {self.iv_octets} octets, and a multiple of"
                f" {self.unit} octets are expected"
            )
        sealed = iv + self._encrypt(iv, plaintext, head)
        mac = self._mac
        if mac is None:
            return sealed if self.aead else sealed + bytes(self.icv_octets)
        return sealed + mac(head + sealed + tail)

    def open(self, head: bytes, sealed: bytes, tail: bytes = b"") -> tuple[bytes, bytes]:
        """Initialization vector and plaintext.

        IntegrityError where the keys have not sealed it, DecodeError where what they did seal is
        no whole number of blocks.
        """
        size, icv = self.iv_octets, self.icv_octets
        end = len(sealed) - icv
        if end < size:
            raise IntegrityError("too short for an initialization vector and a check value")
        iv = sealed[:size]
        if self.aead:
            return iv, self._decrypt(iv, sealed[size:], head)
        mac = self._mac
        if mac is not None and not compare_digest(mac(head + sealed[:end] + tail), sealed[end:]):
            raise IntegrityError("the integrity check value does not fit")
        if (end - size) % self.unit:
            raise DecodeError("no whole number of blocks is encrypted", "sealed")
        return iv, self._decrypt(iv, sealed[size:end], b"")
