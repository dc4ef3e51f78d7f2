"""The command as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture

from ..conftest import DATA

HOME_AGENT = DATA / "umip-ha-bu-ba.pcap"
UPDATE = "3b03050046900001d40003840100031020010db8020000000000000000000002"


def run(*arguments: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mip6boot", *map(str, arguments)]
    found = subprocess.run(command, capture_output=True, input=stdin, timeout=120, check=False)
    assert b"Traceback" not in found.stderr, found.stderr.decode()
    return found


def lines(found: subprocess.CompletedProcess[bytes]) -> list[Any]:
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_demo() -> None:
    found = run("decode", "--demo")
    assert found.returncode == 0
    assert found.stderr == b""
    text = found.stdout.decode()
    assert text.count("BindingUpdate (checksum good)") == 10
    assert "status: 135 SEQUENCE_OUT_OF_WINDOW" in text
    assert "\x1b" not in text


def test_json_and_back(tmp_path: Path) -> None:
    found = run("decode", "--json", HOME_AGENT)
    assert found.returncode == 0
    rows = lines(found)
    assert len(rows) == 33
    assert {row["v"] for row in rows} == {1}
    assert all(row["time_ns"].isdigit() for row in rows)
    text = tmp_path / "lines.jsonl"
    text.write_bytes(found.stdout)
    for ending in ("pcap", "pcapng"):
        out = tmp_path / f"out.{ending}"
        assert run("encode", text, "-o", out).returncode == 0
        assert list(capture.read(out)) == list(capture.read(HOME_AGENT))
    assert run("encode", "-", "-o", out, stdin=found.stdout).returncode == 0


def test_output_is_the_same_with_more_processes() -> None:
    for options in ([], ["--json"], ["--explain", "--filter", "mipv6"]):
        one, two = (
            run("decode", HOME_AGENT, *options),
            run("decode", HOME_AGENT, "--jobs", 2, *options),
        )
        assert (one.returncode, one.stdout) == (two.returncode, two.stdout)


def test_standard_input_and_filter() -> None:
    octets = HOME_AGENT.read_bytes()
    found = run("decode", "-", "--json", "--filter", "mipv6", stdin=octets)
    assert len(lines(found)) == 25
    assert run("decode", "-", "--filter", "esp", stdin=octets).stdout == b""


def test_explain_covers_every_octet() -> None:
    found = run("decode", "--hex", UPDATE, "--as", "mipv6", "--explain").stdout.decode()
    table = [line.split() for line in found.splitlines()]
    whole = [row for row in table if "&" not in row]
    assert sum(int(row[1]) for row in whole) == 32
    assert "options[0](AlternateCareOfAddress).address: 2001:db8:200::2  (RFC 6275 6.2.5)" in found


def test_hex() -> None:
    found = run("decode", "--hex", UPDATE, "--json")
    (row,) = lines(found)
    assert (row["message"]["sequence"], row["errors"]) == (1, [])
    assert run("decode", "--hex", "6000 0000 0000 3b40" + "00" * 32, "--as", "ipv6").returncode == 0
    assert (
        b"MobilePrefixSolicitation"
        in run("decode", "--hex", "9200123401020000", "--as", "icmpv6").stdout
    )


def test_what_does_not_decode_is_reported() -> None:
    bad = UPDATE[:30] + "11" + UPDATE[32:]
    found = run("decode", "--hex", bad)
    assert found.returncode == 1
    assert b"MalformedMobilityOption" in found.stdout
    assert found.stderr.decode() == (
        "mip6boot: options[1](MalformedMobilityOption).length: says 17 octets, 16 left (octet 15)\n"
    )
    strict = run("decode", "--strict", "--hex", bad)
    assert (strict.returncode, strict.stdout) == (1, b"")
    assert b"options[0].length: says 17 octets" in strict.stderr
    (row,) = lines(run("decode", "--json", "--hex", bad))
    assert row["errors"][0]["offset"] == 15


def test_a_bad_frame_does_not_end_the_run(tmp_path: Path) -> None:
    path = tmp_path / "some.pcap"
    frames = list(capture.read(HOME_AGENT))[2:4]
    broken = capture.Frame(frames[0].octets[:-3], 1, 2, 0)
    capture.write(path, [frames[0], broken, frames[1]])
    found = run("decode", path, "--json")
    assert found.returncode == 1
    rows = lines(found)
    assert [len(row["errors"]) for row in rows] == [0, 1, 0]
    assert rows[1]["layers"][-1]["error"]["path"] == "header_len"
    assert f"{path}: frame 2: mipv6.header_len" in found.stderr.decode()
    text = tmp_path / "lines.jsonl"
    text.write_bytes(found.stdout)
    assert run("encode", text, "-o", tmp_path / "out.pcap").returncode == 0
    again = [frame.octets for frame in capture.read(tmp_path / "out.pcap")]
    assert again == [frames[0].octets, broken.octets, frames[1].octets]


def test_a_truncated_file_is_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(HOME_AGENT.read_bytes()[:-5])
    found = run("decode", path, "--json")
    assert found.returncode == 0
    assert len(lines(found)) == 32
    assert found.stderr.decode().count("\n") == 1
    assert "5 octets early" in found.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["decode"], "a FILE, --hex or --demo is expected"),
        (["decode", "--hex", "zz"], "pairs of hex digits"),
        (["decode", "--hex", UPDATE, "file"], "--hex takes no FILE"),
        (["decode", "nothing.pcap"], "nothing.pcap: No such file"),
        (["decode", "--jobs", "0", "x"], "--jobs"),
        (["decode", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["encode", "nothing.jsonl", "-o", "x.pcap"], "nothing.jsonl: No such file"),
        (["encode", __file__, "-o", "x.pcap"], "line 1"),
        (["encode", __file__, "-o", "x.txt"], "the ending .pcap or .pcapng"),
        (["decode", __file__], "no pcap or pcapng file begins like this"),
    ],
)
def test_wrong_usage(arguments: list[str], text: str) -> None:
    found = run(*arguments)
    assert found.returncode == 2
    assert text in found.stderr.decode()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("[]", "line 1: v: an object of version 1 is expected"),
        ('{"v": 2, "layers": []}', "line 1: v: an object of version 1"),
        ('{"v": 1}', "line 1: layers: an object with a list of layers"),
        (
            '{"v": 1, "layers": [{"protocol": "mipv6", "message": {"type": "BindingUpdate"}}]}',
            "line 1: layers[0].message.sequence: missing",
        ),
        (
            '{"v": 1, "layers": [{"protocol": "udp", "message": {"type": "UdpHeader",'
            ' "source_port": 70000, "destination_port": 1}}]}',
            "line 1: source_port: 70000 does not fit in 2 octets",
        ),
        ('{"v": 1, "layers": [], "time_ns": "x"}', "line 1: time_ns: a number"),
        ('{"v": 1, "layers": [], "time_ns": "\\u00b2"}', "line 1: time_ns: a number"),
        ('{"v": 1, "layers": [], "comments": 5}', "line 1: comments: a list of texts"),
        ("\xff", "line 1"),
    ],
)
def test_bad_lines_leave_no_file(tmp_path: Path, line: str, text: str) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(line.encode("latin-1"))
    found = run("encode", path, "-o", tmp_path / "out.pcap")
    assert found.returncode == 2
    assert text in found.stderr.decode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("options", ["", "--jobs 2"])
def test_a_reader_that_stops_is_no_error(tmp_path: Path, options: str) -> None:
    path = tmp_path / "long.pcap"
    frames = list(capture.read(HOME_AGENT))
    capture.write(path, [frame for _ in range(60) for frame in frames])
    command = f"{sys.executable} -m mip6boot decode --json {options} {path} | head -1"
    found = subprocess.run(command, shell=True, capture_output=True, timeout=60, check=False)
    assert found.stderr == b""
    assert len(found.stdout.splitlines()) == 1


def test_without_the_extra(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ImportError('no', name='click')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from mip6boot.cli import main; main()"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert found.returncode == 2
    assert found.stderr.decode() == "mip6boot: click is missing: pip install 'mip6boot[cli]'\n"
