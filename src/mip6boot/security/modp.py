"""Diffie-Hellman over finite fields (RFC 3526, RFC 7296 appendix B): one function does the work.

`cryptography` deprecates these groups since 50; where it has them no more, `power` is to be
replaced, and nothing else.
"""

from __future__ import annotations

import warnings
from functools import cache

from cryptography.hazmat.primitives.asymmetric import dh
from cryptography.utils import CryptographyDeprecationWarning

__all__ = ["GENERATOR", "power", "prime"]

GENERATOR = 2


@cache
def prime(bits: int, constant: int) -> int:
    """The prime 2^bits - 2^(bits-64) - 1 + 2^64 * (floor(2^(bits-130) pi) + constant)."""
    pi = _scaled_pi(bits - 130)
    return (1 << bits) - (1 << (bits - 64)) - 1 + ((pi + constant) << 64)


def _scaled_pi(bits: int) -> int:
    """floor(2^bits pi), by Machin's formula with bits to spare."""
    spare = 64
    one = 1 << (bits + spare)
    return 4 * (4 * _arctan_of_inverse(5, one) - _arctan_of_inverse(239, one)) >> spare


def _arctan_of_inverse(x: int, one: int) -> int:
    total = term = one // x
    k, sign = 3, -1
    while term:
        term //= x * x
        total += sign * (term // k)
        k, sign = k + 2, -sign
    return total


def power(base: int, exponent: int, modulus: int) -> int:
    """The base to a secret exponent, for a safe prime."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        numbers = dh.DHParameterNumbers(modulus, GENERATOR)
        # A private key is wanted with its public one, which is not looked at here.
        own = dh.DHPrivateNumbers(exponent, dh.DHPublicNumbers(base, numbers)).private_key()
        public = dh.DHPublicNumbers(base, numbers).public_key()
        return int.from_bytes(own.exchange(public), "big")
