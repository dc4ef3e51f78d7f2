"""Key tables of Wireshark: what is written is read again, and what peers wrote is understood."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import ikev2, security
from mip6boot.errors import ConfigError, UnknownSa
from mip6boot.ikev2 import EncryptionAlgorithm, IntegrityAlgorithm, SequenceNumbers, TransformType
from mip6boot.security import EspSa, EspSuite, IkeKeys, IkeSuite, Keyring, Secret

from ..conftest import DATA

NONE = IntegrityAlgorithm.NONE
CIPHERS = [EncryptionAlgorithm(n) for kind, n in security.PRIMITIVES if kind == TransformType.ENCR]
CHECKS = [IntegrityAlgorithm(n) for kind, n in security.PRIMITIVES if kind == TransformType.INTEG]


@st.composite
def suites(draw: st.DrawFn) -> dict[str, Any]:
    """The fields of a suite as a table tells them."""
    algorithm = draw(st.sampled_from(CIPHERS))
    cipher = security.encryption(algorithm, legacy=True)
    size = draw(st.sampled_from(cipher.key_sizes)) if cipher.has_key_length else None
    fields: dict[str, Any] = {"encryption": algorithm, "key_length": size and 8 * size}
    check = NONE if cipher.aead else draw(st.sampled_from([NONE, *CHECKS]))
    if check == NONE and not cipher.aead:
        fields["unchecked_icv"] = draw(st.integers(0, 40))
    checked = check != NONE and security.integrity(check, legacy=True).legacy
    return fields | {"integrity": check, "legacy": cipher.legacy or checked}


def secrets(size: int) -> st.SearchStrategy[Secret]:
    return st.binary(min_size=size, max_size=size).map(Secret)


@st.composite
def ike_keys(draw: st.DrawFn) -> IkeKeys:
    suite = IkeSuite(prf=None, **draw(suites()))
    encryption, integrity = suite.encryption_key_octets, suite.integrity_key_octets
    keys = [draw(secrets(size)) for size in (encryption, encryption, integrity, integrity)]
    unknown = draw(st.sampled_from([None, 0, 1]))
    if unknown is not None:
        keys[unknown] = keys[unknown + 2] = Secret()
    names = ("sk_ei", "sk_er", "sk_ai", "sk_ar")
    spi_i, spi_r = draw(st.binary(min_size=8, max_size=8)), draw(st.binary(min_size=8, max_size=8))
    return IkeKeys(spi_i=spi_i, spi_r=spi_r, suite=suite, **dict(zip(names, keys, strict=True)))


@st.composite
def esp_sas(draw: st.DrawFn) -> EspSa:
    numbers = draw(st.sampled_from((SequenceNumbers.NO_ESN, SequenceNumbers.ESN)))
    suite = EspSuite(sequence_numbers=numbers, **draw(suites()))
    family: st.SearchStrategy[Any] = draw(
        st.sampled_from([st.ip_addresses(v=4), st.ip_addresses(v=6)])
    )
    return EspSa(
        spi=draw(st.integers(0, 0xFFFFFFFF)), suite=suite,
        encryption_key=draw(secrets(suite.encryption_key_octets)),
        integrity_key=draw(secrets(suite.integrity_key_octets)),
        source=draw(st.none() | family), destination=draw(st.none() | family),
    )  # fmt: skip


@given(st.lists(ike_keys(), max_size=4, unique_by=lambda keys: keys.spis))
def test_keys_of_ike_come_back(keys: list[IkeKeys]) -> None:
    assert security.from_ikev2_table(security.ikev2_table(keys)) == keys


@given(st.lists(esp_sas(), max_size=4, unique_by=lambda sa: sa.spi))
def test_keys_of_esp_come_back(sas: list[EspSa]) -> None:
    assert security.from_esp_table(security.esp_table(sas)) == sas


@pytest.mark.parametrize("algorithm", CIPHERS, ids=lambda a: a.name)
@pytest.mark.parametrize("check", [NONE, *CHECKS], ids=lambda a: a.name)
def test_every_algorithm_has_names(
    algorithm: EncryptionAlgorithm, check: IntegrityAlgorithm
) -> None:
    cipher = security.encryption(algorithm, legacy=True)
    fields: dict[str, Any] = {"encryption": algorithm, "integrity": check, "legacy": True}
    ike, esp = IkeSuite(prf=None, **fields), EspSuite(**fields)
    if cipher.aead and check != NONE:
        for suite in (ike, esp):
            with pytest.raises(ConfigError, match="goes without"):
                _ = suite.integrity_key_octets
        return
    key, integrity_key = (
        Secret(range(ike.encryption_key_octets)),
        Secret(bytes(ike.integrity_key_octets)),
    )
    sides = {"sk_ei": key, "sk_er": key, "sk_ai": integrity_key, "sk_ar": integrity_key}
    keys = IkeKeys(spi_i=bytes(8), spi_r=bytes(8), suite=ike, **sides)
    sa = EspSa(spi=1, suite=esp, encryption_key=key, integrity_key=integrity_key)
    (ike_again,) = security.from_ikev2_table(security.ikev2_table([keys]))
    (esp_again,) = security.from_esp_table(security.esp_table([sa]))
    for suite in (ike_again.suite, esp_again.suite):
        assert (suite.encryption, suite.integrity) == (algorithm, check)
        assert suite.encryption_key_octets == ike.encryption_key_octets
        assert suite.icv_octets == ike.icv_octets
    assert (esp_again.encryption_key, esp_again.integrity_key) == (key, integrity_key)


TABLES: dict[str, Any] = json.loads((DATA / "peers" / "key_tables.json").read_text())
#: Of this one, the peers' own logs have made no lines, since Wireshark 4.0 cannot do its suite.
WITHOUT_LINES = {"v6-psk-chacha20poly1305-prfsha256-curve25519"}


def test_tables_of_peers_hold_their_keys(record_property: Any) -> None:
    """Every line is read to the keys in the peers' logs, and written as the same line."""
    count = 0
    for peer, data in TABLES.items():
        wireshark = data["wireshark"]
        assert bool(wireshark["ikev2_decryption_table"]) == (peer not in WITHOUT_LINES)
        spis = {tuple(pair) for pair in data["ike_spis"]}
        logged = {
            (k["sk_ei"], k["sk_er"], k.get("sk_ai", ""), k.get("sk_ar", ""))
            for k in data["ike_keys"]
        }
        for line in wireshark["ikev2_decryption_table"]:
            (keys,) = security.from_ikev2_table(line)
            assert (keys.spi_i.hex(), keys.spi_r.hex()) in spis
            assert (
                keys.sk_ei.hex(),
                keys.sk_er.hex(),
                keys.sk_ai.hex(),
                keys.sk_ar.hex(),
            ) in logged
            assert security.ikev2_table([keys]) == line + "\n"
            count += 1
        children = {
            (key[f"enc_{side}"], key.get(f"int_{side}", ""))
            for key in data["child_keys"]
            for side in "ir"
        }
        child_spis = {int(spi, 16) for pair in data["child_spis_in_out"] for spi in pair}
        for line in wireshark["esp_sa"]:
            (sa,) = security.from_esp_table(line)
            assert sa.spi in child_spis
            assert (sa.encryption_key.hex(), sa.integrity_key.hex()) in children
            assert security.esp_table([sa]) == line + "\n"
            count += 1
    assert count == 109
    record_property("lines of peers' key tables read and written", count)


def test_the_table_beside_the_captures() -> None:
    text = (DATA / "peers" / "ikev2" / "ikev2_decryption_table").read_text()
    assert security.ikev2_table(security.from_ikev2_table(text)) == text.rstrip("\n") + "\n"


SPIS = "0102030405060708,1112131415161718"
CBC = f'{SPIS},{"ab" * 16},{"cd" * 16},"AES-CBC-128 [RFC3602]",{"ef" * 20},{"9a" * 20},"HMAC_SHA1_96 [RFC2404]"'
ESP = f'"IPv6","2001:db8::1","2001:db8::2","0x0000abcd","AES-CBC [RFC3602]","0x{"ab" * 16}","HMAC-SHA-1-96 [RFC2404]","0x{"ef" * 20}"'
SECRET_TEXT = re.compile("(ab){3}|(cd){3}|(ef){3}|(9a){3}|zz|secret|NIST", re.IGNORECASE)

BAD_IKE = {
    CBC.removesuffix(',"HMAC_SHA1_96 [RFC2404]"'): "t:2: 8 columns are expected",
    CBC + ",": "t:2: 8 columns are expected",
    CBC.replace("0102", "01", 1): "t:2, column 1: an SPI of 8 octets",
    CBC.replace("1112", "", 1): "t:2, column 2: an SPI of 8 octets",
    CBC.replace("ab", "zz", 1): "t:2, column 3: pairs of hex digits",
    CBC.replace("ab", "a", 1): "t:2, column 3: pairs of hex digits",
    CBC.replace("ab", "", 1): "t:2, column 3: a key of 16 octets",
    CBC.replace("cdcd", "cdcdcd", 1): "t:2, column 4: a key of 16 octets",
    CBC.replace("AES-CBC-128", "AES-CBC-129"): "t:2, column 5: the name of an encryption",
    CBC.replace('"AES-CBC-128 [RFC3602]"', "AES-CBC-128 [RFC3602]"): "t:2, column 5: pairs of hex digits",
    CBC.replace("AES-CBC-128", "NIST secret"): "t:2, column 5: the name of an encryption",
    CBC.replace("AES-CBC-128", "\\xff"): "t:2, column 5: text is expected",
    CBC.replace("AES-CBC-128", "\ud800"): "t:2, column 5: text is expected",
    CBC.replace("ef" * 20, ""): "t:2: HMAC_SHA1_96: a key is expected",
    CBC.replace("HMAC_SHA1_96", "HMAC_NIST"): "t:2, column 8: the name of an integrity",
    CBC.replace("HMAC_SHA1_96 [RFC2404]", "ANY 97-bits of Authentication [No Checking]"): "t:2, column 8: the name of an integrity",
    CBC.replace("HMAC_SHA1_96 [RFC2404]", "ANY 0-bits of Authentication [No Checking]"): "t:2, column 8: the name of an integrity",
    CBC.replace("CBC-128 [RFC3602]", "GCM-128 with 16 octet ICV [RFC5282]"): "t:2, column 8: no integrity algorithm",
    CBC + "x": "t:2, column 8: pairs of hex digits",
    CBC.removesuffix('"'): "t:2, column 8: pairs of hex digits",
}  # fmt: skip

BAD_ESP = {
    ESP + ',"32-bit"': "t:2: 8 or 10 columns are expected",
    ESP.replace("IPv6", "IPv5"): 't:2, column 1: "IPv4", "IPv6" or "Any"',
    ESP.replace("IPv6", "IPv4"): "t:2, column 2: a whole address of IPv4, or *",
    ESP.replace("2001:db8::1", "2001:db8::/32"): "t:2, column 2: a whole address of IPv6, or *",
    ESP.replace("2001:db8::2", "2001:*"): "t:2, column 3: a whole address of IPv6, or *",
    ESP.replace("0x0000abcd", "*"): "t:2, column 4: 0x and an SPI",
    ESP.replace("0x0000abcd", "0x0000abcde"): "t:2, column 4: 0x and an SPI",
    ESP.replace("AES-CBC", "DES-CBC"): "t:2, column 5: the name of an encryption",
    ESP.replace("0xabab", "0xzzab"): "t:2, column 6: hex digits are expected behind 0x",
    ESP.replace("0xabab", "0xab"): "t:2: AES_CBC: a key of 15 octets where 16, 24, 32",
    ESP.replace("ab" * 16, ""): "t:2: AES_CBC: a key of 0 octets",
    ESP.replace("HMAC-SHA-1-96", "HMAC-NIST"): "t:2, column 7: the name of an integrity",
    ESP.replace("ef" * 20, "ef é"): "t:2, column 8: hex digits are expected",
    ESP.replace(f'"0x{"ef" * 20}"', '""'): "t:2: HMAC_SHA1_96: a key is expected",
    ESP.replace("AES-CBC [RFC3602]", "AES-GCM [RFC4106]"): "t:2, column 7: a check value of 64, 96",
    ESP + ',"48-bit","0"': 't:2, column 9: "32-bit" or "64-bit"',
    ESP + ',"64-bit","one"': "t:2, column 10: up to 8 hex digits",
    ESP.replace("IPv6", "\\xff\\xfe"): "t:2, column 1: text is expected",
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [(security.from_ikev2_table, CBC, BAD_IKE), (security.from_esp_table, ESP, BAD_ESP)],
    ids=["ikev2", "esp"],
)
def test_bad_lines(read: Callable[..., list[Any]], good: str, bad: dict[str, str]) -> None:
    """The error names file, line, column and expectation, and shows nothing of the line."""
    assert len(read(f"# zz\n{good}")) == 1
    for line, expected in bad.items():
        assert line != good
        with pytest.raises(ConfigError) as error:
            read(f"# zz\n{line}\n", name="t")
        assert str(error.value).startswith(expected), line
        assert not SECRET_TEXT.search(str(error.value)), line
        assert error.value.__cause__ is None


@given(st.text(max_size=80), st.integers(0, 200), st.sampled_from([CBC, ESP]))
def test_other_text_is_refused_or_read(text: str, at: int, line: str) -> None:
    for read in (security.from_ikev2_table, security.from_esp_table):
        try:
            read(line[:at] + text + line[at:])
        except ConfigError as e:
            assert not SECRET_TEXT.search(str(e))


def test_spaces_comments_and_quotes() -> None:
    """As Wireshark reads: blanks around columns, comments, escapes in quotes, text as octets."""
    spaced = "# none\r\n\r\n \t" + CBC.replace(",", " ,\t") + " \r\n#none"
    assert security.from_ikev2_table(spaced) == security.from_ikev2_table(CBC)
    escaped = CBC.replace("AES-CBC", r"\x41E\S-CBC").replace("ab" * 16, '"' + r"\xab" * 16 + '"')
    assert security.from_ikev2_table(escaped) == security.from_ikev2_table(CBC)
    (sa,) = security.from_esp_table(
        ESP.replace("0x" + "ab" * 16, "a 16 octet text ").replace("0xef", "0XF")
    )
    assert sa.encryption_key == b"a 16 octet text "
    assert sa.integrity_key == b"\x0f" + b"\xef" * 19


def test_what_only_some_versions_of_wireshark_write() -> None:
    (sa,) = security.from_esp_table(ESP)
    assert security.from_esp_table(ESP + ',"32-bit","0"') == [sa]
    (extended,) = security.from_esp_table(ESP.replace("IPv6", "Any") + ',"64-bit","0x1F"')
    assert extended.suite.extended
    assert extended.source == sa.source
    assert security.esp_table([extended]).endswith(',"64-bit","0"\n')
    assert security.esp_table([sa]) == ESP + "\n"
    old = ESP.replace("AES-CBC [RFC3602]", "AES-GCM [RFC4106]").replace("0xab", "0x00000000ab")
    for bits, algorithm in ((64, "AES_GCM_8"), (96, "AES_GCM_12"), (128, "AES_GCM_16")):
        check = f"ANY {bits} bit authentication [no checking]"
        line = old.replace("HMAC-SHA-1-96 [RFC2404]", check).replace("0x" + "ef" * 20, "")
        (sa,) = security.from_esp_table(line)
        assert (sa.suite.encryption.name, sa.suite.key_length) == (algorithm, 128)
        assert sa.protection.verifies


def test_any_addresses() -> None:
    """Rows for both families where an SA names none; `Any` and repeated rows are one SA."""
    (sa,) = security.from_esp_table(ESP.replace("2001:db8::1", "*").replace("2001:db8::2", "*"))
    assert (sa.source, sa.destination) == (None, None)
    table = security.esp_table([sa])
    assert [line[:14] for line in table.splitlines()] == ['"IPv4","*","*"', '"IPv6","*","*"']
    assert security.from_esp_table(table + table.replace("IPv4", "Any")) == [sa]
    two = EspSa(
        spi=1, suite=sa.suite, encryption_key=sa.encryption_key, integrity_key=sa.integrity_key,
        source=IPv4Address(1), destination=IPv6Address(1),
    )  # fmt: skip
    with pytest.raises(ConfigError, match="0x00000001 has addresses of two families"):
        security.esp_table([two])


OWN_IKE = CBC.replace("HMAC_SHA1_96 [RFC2404]", "AES_XCBC_96 [RFC3566]").replace("ef" * 20, "ef" * 16).replace("9a" * 20, "9a" * 16)  # fmt: skip
OWN_ESP = ESP.replace("HMAC-SHA-1-96 [RFC2404]", "AES-XCBC-MAC-96 [RFC3566]").replace("ef" * 20, "ef" * 16)  # fmt: skip


def test_rows_that_wireshark_cannot_do() -> None:
    """A row of our own, which is a comment to Wireshark, and the nearest one that it can do."""
    (keys,) = security.from_ikev2_table("#mip6boot " + OWN_IKE)
    note, own, near = security.ikev2_table([keys]).splitlines()
    assert note.startswith("# ")
    assert own == "#mip6boot " + OWN_IKE
    assert (
        near
        == f'{SPIS},{"ab" * 16},{"cd" * 16},"AES-CBC-128 [RFC3602]",,,"ANY 96-bits of Authentication [No Checking]"'
    )
    assert security.from_ikev2_table(f"{own}\n{near}\n{near}")[0] == keys
    assert len(security.from_ikev2_table(f"{own}\n{near}\n{near}")) == 2
    assert len(security.from_ikev2_table(f"{own}\n{near.replace('0102', '0103')}")) == 2
    (sa,) = security.from_esp_table(OWN_ESP)
    note, own, near = security.esp_table([sa]).splitlines()
    assert own == "#mip6boot " + OWN_ESP
    assert near.endswith(',"ANY 96 bit authentication [no checking]",""')


def test_a_direction_that_is_not_known() -> None:
    """Wireshark wants both keys; zeros in its own row stand for the missing one."""
    (keys,) = security.from_ikev2_table(CBC.replace("cd" * 16, "").replace("9a" * 20, ""))
    with pytest.raises(UnknownSa):
        keys.from_responder  # noqa: B018
    table = security.ikev2_table([keys])
    assert f'{"ab" * 16},{"00" * 16},"AES-CBC-128' in table.splitlines()[2]
    assert security.from_ikev2_table(table) == [keys]


def test_keys_that_do_not_fit_are_not_written() -> None:
    (keys,), (sa,) = security.from_ikev2_table(CBC), security.from_esp_table(ESP)
    for change in ({"sk_ei": Secret(b"short")}, {"sk_ai": Secret()}, {"spi_i": b"short"}):
        with pytest.raises(ConfigError):
            security.ikev2_table([replaced(keys, **change)])
    for change in ({"encryption_key": Secret(b"short")}, {"integrity_key": Secret()}):
        with pytest.raises(ConfigError):
            security.esp_table([replaced(sa, **change)])
    for lies in (
        {"legacy": False, "encryption": EncryptionAlgorithm.TRIPLE_DES},
        {"unchecked_icv": 2000, "integrity": NONE},
    ):
        with pytest.raises(ConfigError):
            security.esp_table([replaced(sa, suite=replaced(sa.suite, **lies))])


def replaced(struct: Any, **changes: Any) -> Any:
    """The object with other values, and nothing remembered of the old ones."""
    fields = {name: getattr(struct, name) for name in struct.__struct_fields__}
    return type(struct)(**fields | changes)


def test_files(tmp_path: Path) -> None:
    keyring = Keyring([*security.from_ikev2_table(CBC), *security.from_esp_table(ESP)])
    (tmp_path / "esp_sa").write_text("old")
    security.write_tables(tmp_path, keyring)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["esp_sa", "ikev2_decryption_table"]
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(security.read_tables(tmp_path)) == list(keyring)
    assert security.read_tables(str(tmp_path / "esp_sa")).esp == keyring.esp
    (tmp_path / "esp_sa").rename(tmp_path / "some")
    assert list(security.read_tables(tmp_path)) == list(keyring.ike)
    assert list(security.read_tables(tmp_path / "some")) == list(keyring.esp)
    (tmp_path / "some").write_text("# nothing\n")
    assert len(security.read_tables(tmp_path / "some")) == 0


def test_tables_with_own_rows_first_are_told_apart(tmp_path: Path) -> None:
    for text, count in (("#mip6boot " + OWN_ESP, (0, 1)), ("#mip6boot " + OWN_IKE, (1, 0))):
        (tmp_path / "table").write_text(f"# a note\n{text}\n")
        keyring = security.read_tables(tmp_path / "table")
        assert (len(keyring.ike), len(keyring.esp)) == count


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a file ikev2_decryption_table or esp_sa is expected"):
        security.read_tables(tmp_path)
    with pytest.raises(ConfigError, match="missing: No such file"):
        security.read_tables(tmp_path / "missing")
    (tmp_path / "esp_sa").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="esp_sa: text of UTF-8"):
        security.read_tables(tmp_path)
    (tmp_path / "esp_sa").write_text(f"\n{ESP},")
    with pytest.raises(ConfigError, match=re.escape(f"{tmp_path / 'esp_sa'}:2: 8 or 10 columns")):
        security.read_tables(tmp_path)


def test_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "esp_sa").mkdir()
    (tmp_path / "esp_sa" / "inside").touch()
    with pytest.raises(ConfigError, match="esp_sa: "):
        security.write_tables(tmp_path, Keyring())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["esp_sa", "ikev2_decryption_table"]
    with pytest.raises(ConfigError, match="No such file"):
        security.write_tables(tmp_path / "missing", Keyring())
    short = replaced(security.from_esp_table(ESP)[0], encryption_key=Secret(b"short"))
    before = (tmp_path / "ikev2_decryption_table").stat().st_ino
    with pytest.raises(ConfigError):
        security.write_tables(tmp_path, Keyring([short]))
    assert (tmp_path / "ikev2_decryption_table").stat().st_ino == before


def test_a_check_value_that_is_not_looked_at() -> None:
    """It has its place in the packet, zeros where we seal, and verifies nothing."""
    suite = EspSuite(encryption=EncryptionAlgorithm.AES_CBC, unchecked_icv=12)
    assert suite.icv_octets == 12
    sa = EspSa(spi=1, suite=suite, encryption_key=Secret(bytes(16)))
    packet = sa.seal(b"payload", 59, sequence=1, rng=Random(1))
    assert packet.data[-12:] == bytes(12)
    assert len(packet.data) == 16 + 16 + 12
    assert not sa.unseal(packet).verified
    other = packet.replace(data=packet.data[:-12] + b"check value.")
    assert sa.unseal(other).payload == b"payload"
    checked = replaced(suite, integrity=IntegrityAlgorithm.HMAC_SHA2_256_128)
    assert checked.icv_octets == 16
    combined = replaced(suite, encryption=EncryptionAlgorithm.AES_GCM_8)
    assert combined.icv_octets == 8


def test_a_table_gives_no_function_to_derive_with() -> None:
    (keys,) = security.from_ikev2_table(CBC)
    with pytest.raises(ConfigError, match="no pseudorandom function"):
        keys.suite.pseudorandom_function  # noqa: B018
    assert [t.transform_type for t in keys.suite.transforms()] == [
        TransformType.ENCR,
        TransformType.INTEG,
    ]
    message = ikev2.IkeMessage(initiator_spi=keys.spi_i, responder_spi=keys.spi_r, exchange_type=37)
    sealed = security.seal(message, (), keys, rng=Random(1))
    assert security.unseal(sealed, keys).verified
