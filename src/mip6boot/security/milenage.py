"""Milenage: how a SIM card and its network prove and derive (TS 35.206, TS 33.102 6.3).

>>> from mip6boot import security
>>> k = bytes.fromhex("465b5ce8b199b49faa5f0a2ee238a6bc")
>>> card = security.Milenage.from_op(k, bytes.fromhex("cdc202d5123e20f62b6d676ac72cb318"))
>>> vector = card.vector(bytes(16), sqn=7, amf=bytes(2))
>>> card.answer(vector.rand, vector.autn)
AkaAnswer(res=b'\\xad)\\xee\\xda\\xdb\\xfa\\xa2d', ck=<16 secret octets>, ik=<16 secret octets>, \
sqn=7, amf=b'\\x00\\x00')
"""

from __future__ import annotations

import hmac

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from ..errors import EncodeError, IntegrityError
from .secret import Secret, hide

__all__ = ["AkaAnswer", "AuthenticationVector", "Milenage"]

#: The AMF that counts in a resynchronization (TS 33.102 6.3.3).
_NO_AMF = b"\0\0"


class AuthenticationVector(msgspec.Struct, frozen=True):
    """What a network challenges with, and what it expects (TS 33.102 6.3.2)."""

    rand: bytes
    autn: bytes
    xres: Secret
    ck: Secret
    ik: Secret

    def __post_init__(self) -> None:
        hide(self, "xres", "ck", "ik")


class AkaAnswer(msgspec.Struct, frozen=True):
    """What a card gets out of a challenge whose MAC fits (TS 33.102 6.3.3)."""

    res: bytes
    ck: Secret
    ik: Secret
    sqn: int
    "The network's sequence number; whether it is fresh is for the card to say."
    amf: bytes
    "Authentication management field."

    def __post_init__(self) -> None:
        hide(self, "ck", "ik")

    @property
    def separation(self) -> bool:
        """The separation bit of the AMF, which EAP-AKA' wants to be set (RFC 9048 3.3)."""
        return bool(self.amf[0] & 0x80)


class Milenage:
    """The functions of one subscriber's key K with OPc, for the card and for the network.

    RAND has 16 octets, AMF has 2, a sequence number 48 bits; EncodeError for any other.
    ValueError for a key or an OPc of another size than 16 octets.
    """

    __slots__ = ("_cipher", "_opc")

    def __init__(self, k: bytes, opc: bytes) -> None:
        if len(k) != 16 or len(opc) != 16:
            raise ValueError("K and OPc have 16 octets each")
        self._cipher = Cipher(AES(bytes(k)), modes.ECB())
        self._opc = int.from_bytes(opc, "big")

    @classmethod
    def from_op(cls, k: bytes, op: bytes) -> Milenage:
        """The functions for K and an operator's OP, from which OPc is made."""
        if len(op) != 16:
            raise ValueError("OP has 16 octets")
        number = int.from_bytes(op, "big")
        # Encryption alone does not look at the OPc.
        opc = cls(k, bytes(16))._encrypted(number) ^ number
        return cls(k, opc.to_bytes(16, "big"))

    def f1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """MAC-A, with which the network authenticates itself."""
        return self._macs(rand, sqn, amf)[:8]

    def f1star(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """MAC-S, with which the card authenticates its own sequence number."""
        return self._macs(rand, sqn, amf)[8:]

    def f2(self, rand: bytes) -> Secret:
        """RES, the answer."""
        return Secret(self._out(rand, 0, 1)[8:])

    def f3(self, rand: bytes) -> Secret:
        """CK, the key for ciphering."""
        return Secret(self._out(rand, 32, 2))

    def f4(self, rand: bytes) -> Secret:
        """IK, the key for integrity."""
        return Secret(self._out(rand, 64, 4))

    def f5(self, rand: bytes) -> Secret:
        """AK, which hides the network's sequence number."""
        return Secret(self._out(rand, 0, 1)[:6])

    def f5star(self, rand: bytes) -> Secret:
        """AK of a resynchronization, which hides the card's sequence number."""
        return Secret(self._out(rand, 96, 8)[:6])

    def vector(self, rand: bytes, sqn: int, amf: bytes) -> AuthenticationVector:
        """The network's challenge; EAP-AKA' wants the AMF's first bit (RFC 9048 3.3)."""
        autn = _hidden(sqn, self.f5(rand)) + amf + self.f1(rand, sqn, amf)
        return AuthenticationVector(rand, autn, self.f2(rand), self.f3(rand), self.f4(rand))

    def answer(self, rand: bytes, autn: bytes) -> AkaAnswer:
        """The card's answer to a challenge; IntegrityError where MAC-A does not fit."""
        autn = _sized(autn, 16, "autn")
        sqn, amf = _shown(autn[:6], self.f5(rand)), autn[6:8]
        if not hmac.compare_digest(self.f1(rand, sqn, amf), autn[8:]):
            raise IntegrityError("the MAC of the AUTN does not fit")
        return AkaAnswer(bytes(self.f2(rand)), self.f3(rand), self.f4(rand), sqn, amf)

    def auts(self, rand: bytes, sqn_ms: int) -> bytes:
        """AUTS, with which a card tells its own sequence number after a challenge not fresh."""
        return _hidden(sqn_ms, self.f5star(rand)) + self.f1star(rand, sqn_ms, _NO_AMF)

    def resynchronise(self, rand: bytes, auts: bytes) -> int:
        """The card's sequence number in AUTS; IntegrityError where MAC-S does not fit."""
        auts = _sized(auts, 14, "auts")
        sqn_ms = _shown(auts[:6], self.f5star(rand))
        if not hmac.compare_digest(self.f1star(rand, sqn_ms, _NO_AMF), auts[6:]):
            raise IntegrityError("the MAC of the AUTS does not fit")
        return sqn_ms

    def _macs(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """OUT1: MAC-A and MAC-S."""
        in1 = int.from_bytes(2 * (_sqn(sqn) + _sized(amf, 2, "amf")), "big")
        block = self._encrypted(self._temp(rand) ^ _rotated(in1 ^ self._opc, 64))
        return (block ^ self._opc).to_bytes(16, "big")

    def _out(self, rand: bytes, rotation: int, constant: int) -> bytes:
        """OUT2 to OUT5, which differ in a rotation and a constant."""
        block = self._encrypted(_rotated(self._temp(rand) ^ self._opc, rotation) ^ constant)
        return (block ^ self._opc).to_bytes(16, "big")

    def _temp(self, rand: bytes) -> int:
        number = int.from_bytes(_sized(rand, 16, "rand"), "big")
        return self._encrypted(number ^ self._opc)

    def _encrypted(self, block: int) -> int:
        octets = self._cipher.encryptor().update(block.to_bytes(16, "big"))
        return int.from_bytes(octets, "big")


def _rotated(block: int, bits: int) -> int:
    """The block of 128 bits turned to the left."""
    return (block << bits | block >> (128 - bits)) & ((1 << 128) - 1)


def _sized(octets: bytes, size: int, name: str) -> bytes:
    if len(octets) != size:
        raise EncodeError(f"{len(octets)} octets where {size} are expected", name)
    return bytes(octets)


def _sqn(sqn: int) -> bytes:
    if not 0 <= sqn < 1 << 48:
        raise EncodeError("a sequence number has 48 bits", "sqn")
    return sqn.to_bytes(6, "big")


def _hidden(sqn: int, ak: bytes) -> bytes:
    """SQN xor AK."""
    return (int.from_bytes(_sqn(sqn), "big") ^ int.from_bytes(ak, "big")).to_bytes(6, "big")


def _shown(hidden: bytes, ak: bytes) -> int:
    """The SQN in SQN xor AK."""
    return int.from_bytes(hidden, "big") ^ int.from_bytes(ak, "big")
