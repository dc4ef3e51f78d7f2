"""Wireshark's `esp_sa` as text, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

from ..errors import ConfigError
from ..ikev2 import EncryptionAlgorithm, SequenceNumbers
from .algorithms import encryption
from .esp import EspSa
from .secret import Secret
from .suites import EspSuite
from .uat import NOTE, OWN, Row, blamed, quoted, rows
from .wireshark_names import ESP_NAMES, NEWER

__all__ = ["ESP_TABLE", "esp_table", "from_esp_table"]

ESP_TABLE = "esp_sa"

#: What the first column may say; "Any" in newer versions of Wireshark.
_FAMILIES: dict[str, tuple[type[IPv4Address] | type[IPv6Address], ...]] = {
    "IPv4": (IPv4Address,),
    "IPv6": (IPv6Address,),
    "Any": (IPv4Address, IPv6Address),
}

#: Columns that tell which SA a row is of.
_NAMED_BY = 4

_SEQUENCE_NUMBERS = {"32-bit": SequenceNumbers.NO_ESN, "64-bit": SequenceNumbers.ESN}

#: AES-GCM in tables of old, where the other algorithm tells the size of the check value.
_OLD_GCM = "AES-GCM [RFC4106]"
_OLD_GCM_SIZES = {
    8: EncryptionAlgorithm.AES_GCM_8,
    12: EncryptionAlgorithm.AES_GCM_12,
    16: EncryptionAlgorithm.AES_GCM_16,
}

_NOTE_NEWER = "# Wireshark 4.0 complains of the next row and does without it; newer ones do not."


def esp_table(sas: Iterable[EspSa]) -> str:
    """The table of the keys of SAs; ConfigError for keys that do not fit their suite.

    An SA of any addresses has a row for IPv4 and one for IPv6.  With extended sequence numbers a
    row has ten columns, of which Wireshark 4.0 drops the last two with a warning.
    """
    text = "".join(f"{line}\n" for sa in sas for line in _lines(sa))
    from_esp_table(text)  # What would not be read is not written.
    return text


def from_esp_table(text: str, *, name: str = ESP_TABLE) -> list[EspSa]:
    """The SAs of a table; ConfigError says what is expected, in which line of the file `name`.

    Addresses are whole ones, or `*` for any.  An SA that stands there twice comes once.
    """
    found = (_sa(row.counted(8, 10)) for row in rows(text, name, _NAMED_BY))
    return list(dict.fromkeys(found))


def _sa(row: Row) -> EspSa:
    if row.text(0) not in _FAMILIES:
        raise row.error(0, '"IPv4", "IPv6" or "Any" is expected')
    spi = re.fullmatch("0[xX]([0-9A-Fa-f]{1,8})", row.text(3))
    if spi is None:
        raise row.error(3, "0x and an SPI of up to 8 hex digits are expected")
    fields, key = _suite(row), _key(row, 5)
    cipher = encryption(fields["encryption"], legacy=True)
    if cipher.has_key_length:
        fields["key_length"] = 8 * (len(key) - cipher.salt_octets)
    sa = EspSa(
        spi=int(spi[1], 16),
        suite=EspSuite(sequence_numbers=_sequence_numbers(row), **fields),
        encryption_key=key,
        integrity_key=_key(row, 7),
        source=_address(row, 1),
        destination=_address(row, 2),
    )
    with blamed(row):
        sa.protection  # noqa: B018 - keys that do not fit are found by making it
    return sa


def _suite(row: Row) -> dict[str, Any]:
    if row.text(4) != _OLD_GCM:
        return ESP_NAMES.suite(row, 4, 6)
    algorithm = _OLD_GCM_SIZES.get(ESP_NAMES.unchecked(row.text(6)))
    if algorithm is None:
        raise row.error(6, "a check value of 64, 96 or 128 bits is expected")
    return {"encryption": algorithm}


def _key(row: Row, at: int) -> Secret:
    """A key: octets in hex digits behind 0x, else the text itself."""
    octets = row.columns[at]
    if octets[:2].lower() != b"0x":
        return octets
    digits = octets[2:].decode("latin-1")
    if not re.fullmatch("[0-9A-Fa-f]*", digits):
        raise row.error(at, "hex digits are expected behind 0x")
    return Secret(bytes.fromhex("0" * (len(digits) % 2) + digits))


def _address(row: Row, at: int) -> IPv4Address | IPv6Address | None:
    text = row.text(at)
    if text == "*":
        return None
    for family in _FAMILIES[row.text(0)]:
        try:
            return family(text)
        except AddressValueError:
            pass
    raise row.error(at, f"a whole address of {row.text(0)}, or * for any, is expected")


def _sequence_numbers(row: Row) -> SequenceNumbers:
    if len(row.columns) == 8:
        return SequenceNumbers.NO_ESN
    if row.text(8) not in _SEQUENCE_NUMBERS:
        raise row.error(8, '"32-bit" or "64-bit" is expected')
    # The last column is the high half at the begin of a capture; no SA keeps it.
    if not re.fullmatch("(0[xX])?[0-9A-Fa-f]{1,8}", row.text(9)):
        raise row.error(9, "up to 8 hex digits are expected")
    return _SEQUENCE_NUMBERS[row.text(8)]


def _lines(sa: EspSa) -> Iterator[str]:
    suite = sa.suite
    cipher, check = ESP_NAMES.of_encryption(suite), ESP_NAMES.of_integrity(suite)
    extended = ("64-bit", "0") if suite.extended else ()
    instead = ESP_NAMES.without_integrity(suite)

    def line(family: str, check: str, integrity_key: bytes) -> str:
        addresses = [str(a or "*") for a in (sa.source, sa.destination)]
        keys = [f"0x{key.hex()}" if key else "" for key in (sa.encryption_key, integrity_key)]
        spi = f"0x{sa.spi:08x}"
        columns = (family, *addresses, spi, cipher, keys[0], check, keys[1], *extended)
        return ",".join(map(quoted, columns))

    for family in _families(sa):
        whole = line(family, check, sa.integrity_key)
        if ESP_NAMES.know(cipher, check):
            yield from ([_NOTE_NEWER] if cipher in NEWER else [])
            yield whole
            continue
        yield from (NOTE, OWN + whole)
        if ESP_NAMES.know(cipher, instead):
            yield line(family, instead, b"")


def _families(sa: EspSa) -> list[str]:
    versions = {a.version for a in (sa.source, sa.destination) if a is not None}
    if len(versions) > 1:
        raise ConfigError(f"the SA {sa.spi:#010x} has addresses of two families")
    return [f"IPv{version}" for version in sorted(versions or {4, 6})]
