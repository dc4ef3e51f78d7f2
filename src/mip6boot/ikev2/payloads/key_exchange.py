"""What keys are made of: public values and nonces (RFC 7296 3.4 and 3.9)."""

from __future__ import annotations

from typing import Annotated

from ...schema import Int16ub, Octets, OpenEnum, UInt16
from ..algorithms import KeyExchangeMethod
from .base import PAYLOADS, Payload

__all__ = ["KeyExchange", "Nonce"]


@PAYLOADS.register(34, rfc="7296 3.4")
class KeyExchange(Payload):
    """Key Exchange (KE)."""

    method: Annotated[KeyExchangeMethod | int, OpenEnum(Int16ub, KeyExchangeMethod)]
    "Diffie-Hellman group, or key exchange method since RFC 9370."
    reserved2: UInt16 = 0
    key_exchange_data: Octets = b""
    "The public value, as long as the method says."


@PAYLOADS.register(40, rfc="7296 3.9")
class Nonce(Payload):
    """Nonce (Ni, Nr): 16 to 256 octets."""

    nonce_data: Octets = b""
