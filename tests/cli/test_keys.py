"""`decode --keys`, and `keys` that derives them."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mip6boot import capture, ikev2, packets, security

from ..conftest import DATA
from ..packets.test_opened import AGENT, ASKS, CARE_OF, HEADER, esp_sa, ike_keys, over_udp
from .test_cli import lines, run

PEERS = DATA / "peers" / "ikev2"
RECORDED: dict[str, Any] = json.loads((PEERS / "keys.json").read_text())
#: Fragments of IKE messages, in both directions.
FRAGMENTS = "v6-rsa2048-frag"
REKEYED = "v6-rekey-child-ike-delete"


def shared(name: str) -> list[str]:
    return [keys["dh_shared"] for keys in RECORDED[name]["ike_keys"]]


def derived(name: str, *options: object) -> subprocess.CompletedProcess[bytes]:
    secrets = [word for digits in shared(name) for word in ("--shared", digits)]
    return run("keys", PEERS / f"{name}.pcap", *secrets, *options)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the tables that the command wrote for the capture with rekeying."""
    folder = tmp_path_factory.mktemp("keys")
    found = derived(REKEYED, "-o", folder)
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
    return folder


def opened(row: dict[str, Any]) -> list[str]:
    return [within["kind"] for within in row["opened"]]


def test_tables_open_the_capture(tables: Path) -> None:
    names = {path.name for path in tables.iterdir()}
    assert names == {"ikev2_decryption_table", "esp_sa"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tables.iterdir()} == {0o600}
    rows = lines(run("decode", "--json", "--keys", tables, PEERS / f"{REKEYED}.pcap"))
    kinds = [kind for row in rows for kind in opened(row)]
    assert (kinds.count("payloads"), kinds.count("packet")) == (18, 18)
    inside = rows[3]["opened"][0]
    assert inside["payloads"][2]["attributes"][0]["value"]["address"] == "2001:db8:100::1001"
    # Without keys the same octets are shown as they are.
    bare = lines(run("decode", "--json", PEERS / f"{REKEYED}.pcap"))
    assert all("opened" not in row for row in bare)
    assert [row["layers"] for row in bare] == [row["layers"] for row in rows]


def test_printed_tables_are_a_file_of_keys(tmp_path: Path, tables: Path) -> None:
    printed = derived(REKEYED)
    assert printed.returncode == 0
    path = tmp_path / "keys.txt"
    path.write_bytes(printed.stdout)
    capture_file = PEERS / f"{REKEYED}.pcap"
    one, two = (run("decode", "--keys", keys, capture_file) for keys in (path, tables))
    assert one.stdout == two.stdout
    assert b"opened: tunnel mode" in one.stdout
    assert b"opened: payloads" in one.stdout


def test_json_has_all_keys(tables: Path) -> None:
    rows = lines(derived(REKEYED, "--json"))
    assert {row["v"] for row in rows} == {1}
    ike = [row for row in rows if row["type"] == "ike"]
    wanted = RECORDED[REKEYED]["ike_keys"]
    for name in ("sk_d", "sk_ei", "sk_pr"):
        assert [row[name] for row in ike] == [keys[name] for keys in wanted]
    assert (ike[0]["encryption"], ike[0]["key_length"], ike[0]["prf"], ike[0]["key_exchange"]) == (
        "AES_CBC", 256, "HMAC_SHA2_256", "ECP256",
    )  # fmt: skip
    esp = [row for row in rows if row["type"] == "esp"]
    assert len(esp) == 4
    assert (esp[0]["source"], esp[0]["destination"]) == ("2001:db8:200::10", "2001:db8:200::1")


def test_sk_d_and_a_table(tmp_path: Path) -> None:
    """Secrets may stand in files, so that no list of processes shows them."""
    name = "v6-multichild"
    digits = tmp_path / "sk_d"
    digits.write_text(RECORDED[name]["ike_keys"][0]["sk_d"] + "\n")
    table = PEERS / "ikev2_decryption_table"
    found = run("keys", PEERS / f"{name}.pcap", "--sk-d", f"@{digits}", "--keys", table, "--json")
    assert found.returncode == 0, found.stderr
    keys = {row["encryption_key"] for row in lines(found) if row["type"] == "esp"}
    children = RECORDED[name]["child_keys_initiator_view"]
    assert keys == {child[key] for child in children for key in ("enc_i", "enc_r")}


def test_what_no_secret_fits() -> None:
    file = PEERS / f"{REKEYED}.pcap"
    found = run("keys", file, "--shared", "00" * 32)
    assert (found.returncode, found.stdout) == (1, b"")
    assert found.stderr.decode().count("no secret fits") == 1
    # Of the first SA alone, the SA in its place is not known; what is known is printed.
    found = run("keys", file, "--shared", shared(REKEYED)[0])
    assert found.returncode == 1
    assert found.stdout.count(b"\n") == 7
    assert found.stderr.decode().count("no secret fits") == 1
    found = run("keys", PEERS / "v6-fail-noprop-ike.pcap", "--shared", "00")
    assert (found.returncode, found.stdout) == (1, b"")
    assert b"no key exchange" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "a secret is expected"),
        (["--shared", "abc"], "pairs of hex digits"),
        (["--shared", ""], "it is empty"),
        (["--private", "@/nowhere/at/all"], "/nowhere/at/all: No such file"),
        (["--sk-d", "ab"], "--keys"),
        (["--shared", "ab", "--keys", "/nowhere/at/all"], "/nowhere/at/all: No such file"),
        (["--shared", "ab", "-o", "/nowhere/at/all"], "/nowhere/at/all"),
    ],
)
def test_wrong_usage_of_keys(arguments: list[str], text: str, tmp_path: Path) -> None:
    if arguments[:2] == ["--shared", "ab"] and "-o" in arguments:
        arguments = ["--shared", *shared(REKEYED)[:1], *arguments[2:]]
    found = run("keys", PEERS / f"{REKEYED}.pcap", *arguments)
    assert (found.returncode, found.stdout) == (2, b"")
    assert text in found.stderr.decode()
    for digits in shared(REKEYED):
        assert digits not in found.stderr.decode()


def test_keys_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "esp_sa"
    path.write_text('"IPv6","*","*","0x1","AES-CBC [RFC3602]","0xabcd","NULL",""\n')
    for keys in (path, tmp_path):
        found = run("decode", "--keys", keys, PEERS / f"{REKEYED}.pcap")
        assert (found.returncode, found.stdout) == (2, b"")
        text = found.stderr.decode()
        assert f"{path}:1" in text
        assert "abcd" not in text


def test_warnings_of_a_capture(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes((PEERS / f"{REKEYED}.pcap").read_bytes()[:-1])
    secrets = [word for digits in shared(REKEYED) for word in ("--shared", digits)]
    found = run("keys", path, *secrets)
    assert found.returncode == 0
    (line,) = found.stderr.decode().splitlines()
    assert line.startswith(f"mip6boot: warning: {path}: ends at octet")


def test_a_name_that_no_file_can_have(tables: Path) -> None:
    name, file = "x" * 5000, PEERS / f"{REKEYED}.pcap"
    for arguments in (
        ("decode", "--keys", name, file),
        ("decode", name),
        ("decode", "--jobs", 2, name),
        ("keys", name, "--shared", "00"),
        ("keys", file, "--shared", f"@{name}"),
        ("keys", file, "--shared", shared(REKEYED)[0], "-o", name),
    ):
        found = run(*arguments)
        assert (found.returncode, found.stdout) == (2, b"")
        assert b"File name too long" in found.stderr


def test_a_wrong_key_is_an_error(tmp_path: Path, tables: Path) -> None:
    """The SA is known and its keys do not fit: that is a packet that failed."""
    text = (tables / "ikev2_decryption_table").read_text()
    columns = text.splitlines()[0].split(",")
    columns[5] = "00" * 32
    path = tmp_path / "ikev2_decryption_table"
    path.write_text(",".join(columns) + "\n")
    found = run("decode", "--json", "--keys", path, PEERS / f"{REKEYED}.pcap")
    assert found.returncode == 1
    assert b"frame 3: ikev2.payloads[0](Encrypted).sealed: the integrity" in found.stderr
    (within,) = lines(found)[2]["opened"]
    assert within["errors"][0]["reason"] == "the integrity check value does not fit"
    assert "payloads" not in within


@pytest.mark.parametrize("form", ["--json", "--explain", None])
def test_fragments_and_processes(form: str | None, tmp_path: Path) -> None:
    """What is joined from frames far apart is the same with two processes."""
    keys = tmp_path / "keys.txt"
    keys.write_bytes(derived(FRAGMENTS).stdout)
    file = PEERS / f"{FRAGMENTS}.pcap"
    options = [form] if form else []
    one, two = (run("decode", "--keys", keys, "--jobs", jobs, *options, file) for jobs in (1, 2))
    assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)
    if form == "--json":
        whole = [w for row in lines(one) for w in row["opened"] if len(w.get("frames", ())) > 1]
        assert [within["frames"] for within in whole] == [[3, 4, 5], [6, 7, 8]]
    elif form == "--explain":
        assert b"buffer 1: opened from buffer 0 ikev2.payloads[0](EncryptedFragment)" in one.stdout
    else:
        assert b"opened: fragment 1 of 3" in one.stdout
        assert b"opened: payloads, from frames 3, 4, 5" in one.stdout


def test_fragments_in_a_tunnel_and_processes(tmp_path: Path) -> None:
    """They are opened in the order of the capture, whichever process has which frame."""
    keys, sa = ike_keys(), esp_sa()
    said = []
    for number, octets in enumerate(security.fragment(HEADER, ASKS, keys, size=72, rng=Random(1))):
        said.append(
            packets.seal_tunnel(
                over_udp(octets), sa, CARE_OF, AGENT, sequence=number + 1, rng=Random(number)
            )
        )
        said += [over_udp(HEADER.encode())] * 256
    path = tmp_path / "tunnel.pcap"
    capture.write(path, [capture.Frame(packet.encode(), time_ns=0) for packet in said])
    security.write_tables(tmp_path, security.Keyring([keys, sa]))
    one, two = (
        run("decode", "--json", "--keys", tmp_path, "--jobs", jobs, path) for jobs in (1, 2)
    )
    assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)
    inside = [within["opened"][0]["kind"] for row in lines(one) for within in row["opened"]]
    assert set(inside[:-1]) == {"fragment"}
    assert inside[-1] == "payloads"


def test_explain_and_filter(tables: Path) -> None:
    file = PEERS / f"{REKEYED}.pcap"
    text = run("decode", "--keys", tables, "--explain", file).stdout.decode()
    assert "buffer 1: opened from buffer 0 esp.data" in text
    assert "ipv6.source: 2001:db8:100::1001" in text
    assert "next_header: 41 IPV6  (RFC 4303 2.6)" in text
    inside = lines(run("decode", "--keys", tables, "--json", "--filter", "icmpv6", file))
    outside = lines(run("decode", "--json", "--filter", "icmpv6", file))
    assert (len(inside), len(outside)) == (15, 0)


def test_a_datagram_in_fragments_is_opened(tmp_path: Path) -> None:
    """IP fragments first, then the seal; the octet map counts the buffers on."""
    packet = over_udp(security.seal(HEADER, ASKS, ike_keys(), rng=Random(1)))
    header, *rest = packet.layers[1:]
    octets = b"".join(layer.encode() for layer in rest)
    frames = []
    for start, end in ((0, 64), (64, len(octets))):
        fragment = packets.decode_packet(
            header.replace(next_header=44, payload_length=8 + end - start).encode()  # type: ignore[union-attr]
            + bytes((17, 0, *(start | (start == 0)).to_bytes(2, "big"), 0, 0, 0, 9))
            + octets[start:end],
            packets.LinkType.IPV6,
        )
        frames.append(capture.Frame(fragment.encode(), packets.LinkType.IPV6, time_ns=0))
    path, table = tmp_path / "fragments.pcap", tmp_path / "keys"
    capture.write(path, frames)
    table.write_text(security.ikev2_table([ike_keys()]))
    rows = lines(run("decode", "--json", "--keys", table, path))
    assert opened(rows[1]) == []
    assert opened(rows[1]["reassembled"]) == ["payloads"]
    text = run("decode", "--explain", "--keys", table, path).stdout.decode()
    assert "buffer 1: reassembled from frames 1, 2" in text
    assert "buffer 2: opened from buffer 1 ikev2.payloads[0](Encrypted).sealed" in text
    tree = run("decode", "--keys", table, path).stdout.decode()
    assert "    ikev2.payloads[0](Encrypted).sealed opened: payloads" in tree


def test_demo_opens_what_is_shipped() -> None:
    text = run("decode", "--demo").stdout.decode()
    assert text.count("ikev2.payloads[0](Encrypted).sealed opened: payloads") == 4
    assert "fqdn: 'ha.example.org'" in text
    assert run("decode", "--demo", "x").returncode == 2


@pytest.mark.parametrize("form", ["--json", "--explain", None])
def test_a_message_given_as_hex(form: str | None, tmp_path: Path) -> None:
    octets = security.seal(HEADER, ASKS, ike_keys(), rng=Random(1))
    table = tmp_path / "keys"
    table.write_text(security.ikev2_table([ike_keys()]))
    options = ["--hex", octets.hex(), "--as", "ikev2", *([form] if form else [])]
    bare, found = run("decode", *options), run("decode", *options, "--keys", table)
    assert (bare.returncode, found.returncode) == (0, 0)
    if form == "--json":
        ((row,), (with_keys,)) = lines(bare), lines(found)
        assert row["message"]["payloads"][0]["type"] == ikev2.Encrypted.__name__
        assert with_keys == {**row, "opened": with_keys["opened"]}
        assert [payload["type"] for payload in with_keys["opened"][0]["payloads"]] == [
            "IDi", "Configuration",
        ]  # fmt: skip
        return
    assert found.stdout.startswith(bare.stdout)
    more = found.stdout[len(bare.stdout) :].decode()
    if form == "--explain":
        assert more.startswith("  buffer 1: opened from buffer 0 ikev2.payloads[0](Encrypted)")
    else:
        assert more.startswith("ikev2.payloads[0](Encrypted).sealed opened: payloads")
