"""Keyed hashes: integrity algorithms and pseudorandom functions (transform types 3 and 2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

__all__ = ["AesMac", "AesPrf", "HmacOf", "Integrity", "KeyedHash", "Prf", "cmac", "xcbc"]

_BLOCK = 16

#: A keyed hash with its key: octets in, hash out.
Hasher = Callable[[bytes], bytes]


def cmac(key: bytes) -> Hasher:
    """AES-CMAC (RFC 4493) with a key of AES."""
    fresh = CMAC(AES(key))

    def mac(octets: bytes) -> bytes:
        context = fresh.copy()
        context.update(octets)
        return context.finalize()

    return mac


def xcbc(key: bytes) -> Hasher:
    """AES-XCBC-MAC (RFC 3566) with a key of 16 octets."""
    context = Cipher(AES(key), modes.ECB()).encryptor()
    keys = context.update(b"".join(bytes((i,)) * _BLOCK for i in (1, 2, 3)))
    chaining = Cipher(AES(keys[:16]), modes.CBC(bytes(_BLOCK)))

    def mac(octets: bytes) -> bytes:
        whole = len(octets) - (len(octets) - 1) % _BLOCK - 1 if octets else 0
        last, mask = octets[whole:], keys[16:32]
        if len(last) < _BLOCK:
            last, mask = (last + b"\x80").ljust(_BLOCK, b"\0"), keys[32:]
        chain = chaining.encryptor()
        chain.update(octets[:whole])
        return chain.update(_xor(last, mask))

    return mac


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


class KeyedHash(ABC):
    """A keyed hash; `hasher(key)` is it with a key."""

    #: Octets of the whole hash.
    size: int

    @abstractmethod
    def hasher(self, key: bytes) -> Hasher:
        """The hash with a key; ValueError for one of a size that it cannot have."""


class HmacOf(KeyedHash):
    """HMAC (RFC 2104) of a hash, with a key of any length."""

    def __init__(self, algorithm: HashAlgorithm) -> None:
        self.algorithm, self.size = algorithm, algorithm.digest_size

    def hasher(self, key: bytes) -> Hasher:
        fresh = HMAC(key, self.algorithm)

        def mac(octets: bytes) -> bytes:
            context = fresh.copy()
            context.update(octets)
            return context.finalize()

        return mac


class AesMac(KeyedHash):
    """A hash of AES-128, with a key of 16 octets."""

    size = _BLOCK

    def __init__(self, make: Callable[[bytes], Hasher]) -> None:
        self.make = make

    def hasher(self, key: bytes) -> Hasher:
        if len(key) != _BLOCK:
            raise ValueError(f"a key of {len(key)} octets where {_BLOCK} are expected")
        return self.make(key)


class AesPrf(AesMac):
    """The same with a key of any length, which is made one of 16 octets first.

    Longer ones are hashed; shorter ones as well, or with `pads` they get zeros (RFC 4434 2,
    RFC 4615 3).
    """

    def __init__(self, make: Callable[[bytes], Hasher], *, pads: bool = False) -> None:
        super().__init__(make)
        self.pads = pads

    def hasher(self, key: bytes) -> Hasher:
        if len(key) < _BLOCK and self.pads:
            key = key.ljust(_BLOCK, b"\0")
        elif len(key) != _BLOCK:
            key = self.make(bytes(_BLOCK))(key)
        return self.make(key)


class Integrity:
    """An integrity algorithm: a keyed hash cut to `icv_octets`, with a key of `key_octets`."""

    def __init__(
        self,
        keyed: KeyedHash,
        icv_octets: int,
        key_octets: int | None = None,
        *,
        legacy: bool = False,
    ) -> None:
        self.keyed, self.icv_octets, self.legacy = keyed, icv_octets, legacy
        self.key_octets = keyed.size if key_octets is None else key_octets

    def hasher(self, key: bytes) -> Hasher:
        """The algorithm with a key: octets in, integrity check value out.

        HMAC takes keys of another size than `key_octets` as they are: key tables have them.
        ValueError where the algorithm cannot.
        """
        mac, size = self.keyed.hasher(bytes(key)), self.icv_octets
        return lambda octets: mac(octets)[:size]


class Prf:
    """A pseudorandom function, with its `prf+` (RFC 7296 2.13)."""

    def __init__(self, keyed: KeyedHash, *, fixed_key: bool = False, legacy: bool = False) -> None:
        self.keyed, self.size, self.legacy = keyed, keyed.size, legacy
        #: The function is made for keys of one size: of nonces that are its key, only the first 8
        #: octets count (RFC 7296 2.14).
        self.fixed_key = fixed_key

    def compute(self, key: bytes, octets: bytes) -> bytes:
        """prf(key, octets), with a key of any length."""
        return self.keyed.hasher(bytes(key))(octets)

    def plus(self, key: bytes, seed: bytes, size: int) -> bytes:
        """So many octets of prf+(key, seed); ValueError for more than 255 times its size."""
        if size > 255 * self.size:
            raise ValueError(f"prf+ gives at most {255 * self.size} octets")
        mac = self.keyed.hasher(bytes(key))
        out, piece, count = b"", b"", 0
        while len(out) < size:
            count += 1
            piece = mac(piece + seed + bytes((count,)))
            out += piece
        return out[:size]
