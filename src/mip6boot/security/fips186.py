"""The pseudorandom generator of FIPS 186-2, change notice 1 (RFC 4187 appendix A)."""

from __future__ import annotations

import struct

__all__ = ["pseudorandom_octets"]

_WORD = 0xFFFFFFFF
_SEED_OCTETS = 20

#: The value t: what SHA-1 begins with.
_INITIAL = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_CONSTANTS = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)


def pseudorandom_octets(xkey: bytes, size: int) -> bytes:
    """So many octets x_0, x_1, ... from a seed of 20 octets, without "mod q" and user input."""
    if len(xkey) != _SEED_OCTETS:
        raise ValueError(f"a seed has {_SEED_OCTETS} octets")
    seed, out = int.from_bytes(xkey, "big"), b""
    while len(out) < size:
        piece = _g(seed.to_bytes(_SEED_OCTETS, "big"))
        out += piece
        seed = (1 + seed + int.from_bytes(piece, "big")) % (1 << 8 * _SEED_OCTETS)
    return out[:size]


def _g(value: bytes) -> bytes:
    """G(t, value): one step of SHA-1 over the value with zeros behind, not padded as SHA-1 does."""
    state = list(_INITIAL)
    for i, word in enumerate(_schedule(value)):
        a, b, c, d, e = state
        mixed = _rotated(a, 5) + _choice(i // 20, b, c, d) + e + word + _CONSTANTS[i // 20]
        state = [mixed & _WORD, a, _rotated(b, 30), c, d]
    return struct.pack(">5I", *((x + y) & _WORD for x, y in zip(_INITIAL, state, strict=True)))


def _schedule(value: bytes) -> list[int]:
    """The 80 words of a block."""
    words = list(struct.unpack(">16I", value.ljust(64, b"\0")))
    for i in range(16, 80):
        words.append(_rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1))
    return words


def _choice(quarter: int, b: int, c: int, d: int) -> int:
    """The function of the quarter of the rounds."""
    if quarter == 0:
        return (b & c) | (~b & d)
    if quarter == 2:
        return (b & c) | (b & d) | (c & d)
    return b ^ c ^ d


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & _WORD
