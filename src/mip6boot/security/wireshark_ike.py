"""Wireshark's `ikev2_decryption_table` as text, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .ike_keys import IkeKeys
from .protection import Protection
from .suites import IkeSuite
from .uat import NOTE, OWN, Row, blamed, quoted, rows
from .wireshark_names import IKE_NAMES

__all__ = ["IKEV2_TABLE", "from_ikev2_table", "ikev2_table"]

IKEV2_TABLE = "ikev2_decryption_table"

#: Columns that tell which SA a row is of.
_NAMED_BY = 2


def ikev2_table(keys: Iterable[IkeKeys]) -> str:
    """The table of the keys of IKE SAs; ConfigError for keys that do not fit their suite."""
    text = "".join(f"{line}\n" for one in keys for line in _lines(one))
    from_ikev2_table(text)  # What would not be read is not written.
    return text


def from_ikev2_table(text: str, *, name: str = IKEV2_TABLE) -> list[IkeKeys]:
    """The keys of a table; ConfigError says what is expected, in which line of the file `name`."""
    return [_keys(row.counted(8)) for row in rows(text, name, _NAMED_BY)]


def _keys(row: Row) -> IkeKeys:
    spi_i, spi_r, sk_ei, sk_er, _, sk_ai, sk_ar, _ = row.columns
    for at in (0, 1):
        if len(row.columns[at]) != 8:
            raise row.error(at, "an SPI of 8 octets is expected")
    suite = IkeSuite(prf=None, **IKE_NAMES.suite(row, 4, 7))
    size = suite.encryption_key_octets
    for at, key, integrity_key in ((2, sk_ei, sk_ai), (3, sk_er, sk_ar)):
        if len(key) not in (0, size):
            raise row.error(at, f"a key of {size} octets, or none, is expected")
        if key:
            with blamed(row):
                Protection(suite, key, integrity_key)
    return IkeKeys(
        spi_i=bytes(spi_i), spi_r=bytes(spi_r), suite=suite,
        sk_ei=sk_ei, sk_er=sk_er, sk_ai=sk_ai, sk_ar=sk_ar,
    )  # fmt: skip


def _lines(keys: IkeKeys) -> Iterator[str]:
    suite = keys.suite
    cipher, check = IKE_NAMES.of_encryption(suite), IKE_NAMES.of_integrity(suite)
    size, integrity_size = suite.encryption_key_octets, suite.integrity_key_octets
    secrets = (keys.sk_ei, keys.sk_er, keys.sk_ai, keys.sk_ar)

    def line(check: str, *secrets: bytes) -> str:
        sk_ei, sk_er, sk_ai, sk_ar = (secret.hex() for secret in secrets)
        spis = keys.spi_i.hex(), keys.spi_r.hex()
        return ",".join((*spis, sk_ei, sk_er, quoted(cipher), sk_ai, sk_ar, quoted(check)))

    # Wireshark wants all keys, of the right sizes.
    complete = [*map(len, secrets)] == [size, size, integrity_size, integrity_size]
    if complete and IKE_NAMES.know(cipher, check):
        yield line(check, *secrets)
        return
    yield from (NOTE, OWN + line(check, *secrets))
    check = IKE_NAMES.without_integrity(suite)
    if IKE_NAMES.know(cipher, check):
        yield line(check, keys.sk_ei or bytes(size), keys.sk_er or bytes(size), b"", b"")
