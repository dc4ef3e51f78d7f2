"""Private keys from files."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
)

from ..errors import ConfigError
from .signatures import PrivateKey

__all__ = ["load_private_key"]


def load_private_key(octets: bytes, passphrase: bytes | None = None) -> PrivateKey:
    """The key of a file's octets, PEM or DER, to sign AUTH payloads with.

    ConfigError, which shows nothing of the content, for what is no such key, and where a passphrase
    is missing, wrong or not needed.
    """
    load = load_pem_private_key if b"-----BEGIN " in octets else load_der_private_key
    try:
        key = load(octets, passphrase)
    except TypeError:
        wanted = "needs a passphrase" if passphrase is None else "has no passphrase"
        raise ConfigError(f"the private key {wanted}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError("the private key cannot be read") from None
    if not isinstance(key, PrivateKey):
        raise ConfigError("the private key is not one of RSA, ECDSA, Ed25519 or Ed448")
    return key
