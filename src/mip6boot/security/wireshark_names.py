"""How Wireshark's key tables spell algorithms.

For what Wireshark has no name there is one of our own, in the manner of its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..ikev2 import EncryptionAlgorithm, IntegrityAlgorithm
from .algorithms import encryption, integrity
from .suites import Suite
from .uat import Row

__all__ = ["ESP_NAMES", "IKE_NAMES", "NEWER", "Names"]

_E, _I = EncryptionAlgorithm, IntegrityAlgorithm
_BITS = (128, 192, 256)
_GCM = {8: _E.AES_GCM_8, 12: _E.AES_GCM_12, 16: _E.AES_GCM_16}
_CCM = {8: _E.AES_CCM_8, 12: _E.AES_CCM_12, 16: _E.AES_CCM_16}

#: A cipher, with its key length in bits where that is part of the name.
Named = tuple[EncryptionAlgorithm, int | None]


class Names:
    """The names of one table; `own` are those that Wireshark does not know."""

    def __init__(
        self,
        encryption: Mapping[str, Named],
        integrity: Mapping[str, IntegrityAlgorithm],
        unchecked: str,
        unchecked_octets: Iterable[int],
        own: Iterable[str],
    ) -> None:
        self.encryption, self.integrity, self.own = encryption, integrity, frozenset(own)
        self._ciphers = {key: name for name, key in encryption.items()}
        self._authenticators = {key: name for name, key in integrity.items()}
        #: Of a check value that is not looked at; the places of its bits are open.
        self._unchecked = unchecked
        self._pattern = re.compile(re.escape(unchecked).replace(r"\{\}", "([0-9]{1,4})"))
        self._unchecked_octets = frozenset(unchecked_octets)

    def suite(self, row: Row, cipher_at: int, integrity_at: int) -> dict[str, Any]:
        """The fields of a suite that has its names in these columns of a row."""
        named = self.encryption.get(row.text(cipher_at))
        if named is None:
            raise row.error(cipher_at, "the name of an encryption algorithm is expected")
        algorithm, bits = named
        cipher = encryption(algorithm, legacy=True)
        fields = self._checked(row, integrity_at)
        if cipher.aead and fields:
            raise row.error(integrity_at, "no integrity algorithm is expected")
        # Old captures are read, too.
        legacy = cipher.legacy or (
            "integrity" in fields and integrity(fields["integrity"], legacy=True).legacy
        )
        return {"encryption": algorithm, "key_length": bits, "legacy": legacy, **fields}

    def _checked(self, row: Row, at: int) -> dict[str, Any]:
        name = row.text(at)
        octets = self.unchecked(name)
        if octets:
            return {"unchecked_icv": octets}
        if name not in self.integrity:
            raise row.error(at, "the name of an integrity algorithm is expected")
        found = self.integrity[name]
        return {} if found == _I.NONE else {"integrity": found}

    def of_encryption(self, suite: Suite) -> str:
        """The name of a suite's cipher; ConfigError for one that does not work here."""
        bits = 8 * (suite.encryption_key_octets - suite.cipher.salt_octets)
        found = self._ciphers.get((suite.encryption, bits))
        return found or self._ciphers[suite.encryption, None]

    def of_integrity(self, suite: Suite) -> str:
        """The name of what a suite checks, or of the check value that it does not look at."""
        if suite.authenticator is not None:
            return self._authenticators[suite.integrity]
        return self.without_integrity(suite)

    def without_integrity(self, suite: Suite) -> str:
        """The name of the same check value when it is not looked at."""
        if suite.cipher.aead or not suite.icv_octets:
            return self._authenticators[_I.NONE]
        return self._unchecked.format(8 * suite.icv_octets)

    def unchecked(self, name: str) -> int:
        """Octets of the check value that is not looked at; 0 where the name is another one."""
        found = self._pattern.fullmatch(name)
        octets, rest = divmod(int(found[1]) if found else 0, 8)
        return 0 if rest else octets

    def know(self, *names: str) -> bool:
        """Wireshark knows all of the names, too."""
        return all(
            octets in self._unchecked_octets
            if (octets := self.unchecked(name))
            else name not in self.own
            for name in names
        )


IKE_NAMES = Names(
    encryption={
        "3DES [RFC2451]": (_E.TRIPLE_DES, None),
        "NULL [RFC2410]": (_E.NULL, None),
        "CHACHA20-POLY1305 [RFC7634]": (_E.CHACHA20_POLY1305, None),
        **{f"AES-CBC-{bits} [RFC3602]": (_E.AES_CBC, bits) for bits in _BITS},
        **{f"AES-CTR-{bits} [RFC5930]": (_E.AES_CTR, bits) for bits in _BITS},
        **{
            f"AES-{mode}-{bits} with {octets} octet ICV [RFC5282]": (algorithm, bits)
            for mode, algorithms in (("GCM", _GCM), ("CCM", _CCM))
            for octets, algorithm in algorithms.items()
            for bits in _BITS
        },
    },
    integrity={
        "NONE [RFC4306]": _I.NONE,
        "HMAC_MD5_96 [RFC2403]": _I.HMAC_MD5_96,
        "HMAC_SHA1_96 [RFC2404]": _I.HMAC_SHA1_96,
        "HMAC_MD5_128 [RFC4595]": _I.HMAC_MD5_128,
        "HMAC_SHA1_160 [RFC4595]": _I.HMAC_SHA1_160,
        "HMAC_SHA2_256_128 [RFC4868]": _I.HMAC_SHA2_256_128,
        "HMAC_SHA2_384_192 [RFC4868]": _I.HMAC_SHA2_384_192,
        "HMAC_SHA2_512_256 [RFC4868]": _I.HMAC_SHA2_512_256,
        "AES_XCBC_96 [RFC3566]": _I.AES_XCBC_96,
        "AES_CMAC_96 [RFC4494]": _I.AES_CMAC_96,
    },
    unchecked="ANY {}-bits of Authentication [No Checking]",
    unchecked_octets=(8, 12, 16, 20, 24, 32),
    own=("CHACHA20-POLY1305 [RFC7634]", "AES_XCBC_96 [RFC3566]", "AES_CMAC_96 [RFC4494]"),
)

#: What version 4.0 of Wireshark does not know.
NEWER = frozenset(("ChaCha20 with Poly1305 [RFC7634]",))

ESP_NAMES = Names(
    encryption={
        "NULL": (_E.NULL, None),
        "TripleDES-CBC [RFC2451]": (_E.TRIPLE_DES, None),
        "AES-CBC [RFC3602]": (_E.AES_CBC, None),
        "AES-CTR [RFC3686]": (_E.AES_CTR, None),
        "ChaCha20 with Poly1305 [RFC7634]": (_E.CHACHA20_POLY1305, None),
        **{f"AES-GCM with {n} octet ICV [RFC4106]": (_GCM[n], None) for n in _GCM},
        **{f"AES-CCM with {n} octet ICV [RFC4309]": (_CCM[n], None) for n in _CCM},
    },
    integrity={
        "NULL": _I.NONE,
        "HMAC-MD5-96 [RFC2403]": _I.HMAC_MD5_96,
        "HMAC-SHA-1-96 [RFC2404]": _I.HMAC_SHA1_96,
        "HMAC-SHA-256-128 [RFC4868]": _I.HMAC_SHA2_256_128,
        "HMAC-SHA-384-192 [RFC4868]": _I.HMAC_SHA2_384_192,
        "HMAC-SHA-512-256 [RFC4868]": _I.HMAC_SHA2_512_256,
        "HMAC-MD5-128 [RFC4595]": _I.HMAC_MD5_128,
        "HMAC-SHA-1-160 [RFC4595]": _I.HMAC_SHA1_160,
        "AES-XCBC-MAC-96 [RFC3566]": _I.AES_XCBC_96,
        "AES-CMAC-96 [RFC4494]": _I.AES_CMAC_96,
    },
    unchecked="ANY {} bit authentication [no checking]",
    unchecked_octets=(8, 12, 16, 24, 32),
    own=(
        *(f"AES-CCM with {n} octet ICV [RFC4309]" for n in _CCM),
        "HMAC-MD5-128 [RFC4595]", "HMAC-SHA-1-160 [RFC4595]",
        "AES-XCBC-MAC-96 [RFC3566]", "AES-CMAC-96 [RFC4494]",
    ),
)  # fmt: skip
