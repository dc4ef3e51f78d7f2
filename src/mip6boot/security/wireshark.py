"""Wireshark's key tables as files: `ikev2_decryption_table` and `esp_sa`.

>>> from mip6boot import security
>>> keys, = security.from_ikev2_table(
...     '0102030405060708,1112131415161718,00112233445566778899aabbccddeeff01020304,,'
...     '"AES-GCM-128 with 16 octet ICV [RFC5282]",,,"NONE [RFC4306]"'
... )
>>> keys.suite.encryption, keys.suite.key_length, keys.sk_ei, keys.sk_er
(<EncryptionAlgorithm.AES_GCM_16: 20>, 128, <20 secret octets>, <0 secret octets>)

A table tells less than keys hold: what is read has no PRF, no key exchange and no SK_d, says the
key length of every cipher that has several, `legacy` only where it is needed, and of sequence
numbers only whether they are extended.

What Wireshark cannot do is written as a row of our own, which it takes for a comment; behind it
stands the nearest row that it can do, if there is one, which our reader leaves out.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import ConfigError
from .keyring import Keyring
from .uat import OWN
from .wireshark_esp import ESP_TABLE, esp_table, from_esp_table
from .wireshark_ike import IKEV2_TABLE, from_ikev2_table, ikev2_table

__all__ = [
    "esp_table",
    "from_esp_table",
    "from_ikev2_table",
    "ikev2_table",
    "read_tables",
    "write_tables",
]


def read_tables(path: str | Path) -> Keyring:
    """The keys of a folder with one or both tables under Wireshark's names, or of one file.

    A file may hold rows of both tables.  ConfigError for what cannot be read or is no such table.
    """
    path = Path(path)
    if not os.path.isdir(path):
        text = _text(path)
        ike, esp = (_only(text, of_esp=of_esp) for of_esp in (False, True))
        return _ring(ike, esp, str(path), str(path))
    files = [path / name for name in (IKEV2_TABLE, ESP_TABLE)]
    if not any(map(os.path.exists, files)):
        raise ConfigError(f"{path}: a file {IKEV2_TABLE} or {ESP_TABLE} is expected")
    ike, esp = (_text(file) if os.path.exists(file) else "" for file in files)
    return _ring(ike, esp, *map(str, files))


def _ring(ike: str, esp: str, ike_name: str, esp_name: str) -> Keyring:
    return Keyring([*from_ikev2_table(ike, name=ike_name), *from_esp_table(esp, name=esp_name)])


def _only(text: str, *, of_esp: bool) -> str:
    """The rows of one table, each in its line: those of ESP begin with text, others with octets."""
    return "\n".join(
        line if line.lstrip().removeprefix(OWN).lstrip().startswith('"') == of_esp else ""
        for line in text.split("\n")
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: text of UTF-8 is expected") from None


def write_tables(directory: str | Path, keyring: Keyring) -> None:
    """Write both tables into a folder, in place of those that are there; only the owner reads them.

    The files appear when they are whole.  ConfigError where they cannot be written.
    """
    directory = Path(directory)
    tables = {IKEV2_TABLE: ikev2_table(keyring.ike), ESP_TABLE: esp_table(keyring.esp)}
    for name, text in tables.items():
        try:
            _write(directory / name, text)
        except OSError as e:
            raise ConfigError(f"{directory / name}: {e.strerror}") from None


def _write(path: Path, text: str) -> None:
    # What mkstemp makes is for the owner only.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
