"""The AlgorithmIdentifier of RSASSA-PSS, whose parameters say how to verify (RFC 4055 3.1)."""

from __future__ import annotations

import msgspec

from ..ikev2 import HashAlgorithm

__all__ = ["PssParameters", "is_pss"]

_OID = bytes.fromhex("06092a864886f70d01010a")
_MGF1 = bytes.fromhex("06092a864886f70d010108")
_SEQUENCE, _INTEGER, _NULL = 0x30, 0x02, b"\x05\x00"
_HASH, _MASK, _SALT, _TRAILER = 0xA0, 0xA1, 0xA2, 0xA3

_DEFAULT_SALT = 20
_SHA2 = "06096086480165030402"
_OIDS = {
    HashAlgorithm.SHA1: bytes.fromhex("06052b0e03021a"),
    HashAlgorithm.SHA2_256: bytes.fromhex(_SHA2 + "01"),
    HashAlgorithm.SHA2_384: bytes.fromhex(_SHA2 + "02"),
    HashAlgorithm.SHA2_512: bytes.fromhex(_SHA2 + "03"),
}


def is_pss(identifier: bytes) -> bool:
    """The DER is an AlgorithmIdentifier of RSASSA-PSS, or begins as one."""
    return identifier[2 : 2 + len(_OID)] == _OID


class PssParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What the parameters say; the trailer field is 1, the only one there is."""

    hash_algorithm: HashAlgorithm = HashAlgorithm.SHA1
    mask_hash_algorithm: HashAlgorithm = HashAlgorithm.SHA1
    "Hash of the mask generation function MGF1."
    salt_octets: int = _DEFAULT_SALT

    @classmethod
    def decode(cls, identifier: bytes) -> PssParameters:
        """Read the AlgorithmIdentifier's DER; ValueError for anything that is none.

        Values that are the default may be written out, as in RFC 7427 A.4.2.
        """
        tag, content, rest = _element(identifier)
        if tag != _SEQUENCE or rest or not content.startswith(_OID):
            raise _bad()
        tag, rest, surplus = _element(content[len(_OID) :])
        if tag != _SEQUENCE or surplus:
            raise _bad()
        values: dict[int, bytes] = {}
        for wanted in (_HASH, _MASK, _SALT, _TRAILER):
            if rest[:1] == bytes((wanted,)):
                _, values[wanted], rest = _element(rest)
        if rest or values.get(_TRAILER, b"\2\1\1") != b"\2\1\1":
            raise _bad()
        try:
            return cls(
                hash_algorithm=_HASHES[values[_HASH]] if _HASH in values else HashAlgorithm.SHA1,
                mask_hash_algorithm=_MASKS[values[_MASK]]
                if _MASK in values
                else HashAlgorithm.SHA1,
                salt_octets=_number(values[_SALT]) if _SALT in values else _DEFAULT_SALT,
            )
        except KeyError:
            raise _bad() from None

    def encode(self) -> bytes:
        """The DER of the AlgorithmIdentifier, which leaves out what is the default."""
        parts = b""
        if self.hash_algorithm != HashAlgorithm.SHA1:
            parts += _wrap(_HASH, _hash(self.hash_algorithm))
        if self.mask_hash_algorithm != HashAlgorithm.SHA1:
            parts += _wrap(_MASK, _mask(_hash(self.mask_hash_algorithm)))
        if self.salt_octets != _DEFAULT_SALT:
            size = self.salt_octets.bit_length() // 8 + 1
            parts += _wrap(_SALT, _wrap(_INTEGER, self.salt_octets.to_bytes(size, "big")))
        return _wrap(_SEQUENCE, _OID + _wrap(_SEQUENCE, parts))


def _bad() -> ValueError:
    return ValueError("the parameters of RSASSA-PSS are none")


def _element(octets: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of a DER element, and what follows it.

    No identifier needs a length above 127.
    """
    if len(octets) < 2 or octets[1] > 127 or len(octets) < 2 + octets[1]:
        raise _bad()
    stop = 2 + octets[1]
    return octets[0], octets[2:stop], octets[stop:]


def _number(der: bytes) -> int:
    tag, content, rest = _element(der)
    value = int.from_bytes(content, "big")
    if tag != _INTEGER or rest or len(content) != value.bit_length() // 8 + 1 or value > 0xFFFF:
        raise _bad()
    return value


def _wrap(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


def _hash(algorithm: HashAlgorithm, parameters: bytes = _NULL) -> bytes:
    return _wrap(_SEQUENCE, _OIDS[algorithm] + parameters)


def _mask(hashes: bytes) -> bytes:
    return _wrap(_SEQUENCE, _MGF1 + hashes)


# The NULL of a hash may be left out (RFC 4055 2.1).
_HASHES = {_hash(algorithm, null): algorithm for algorithm in _OIDS for null in (_NULL, b"")}
_MASKS = {_mask(der): algorithm for der, algorithm in _HASHES.items()}
