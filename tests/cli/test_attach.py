"""The command `attach`: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture
from mip6boot.cli.commands import run

LATER = ("refresh", "move", "de-registration", "network-detach", "return-home")


def printed(capsys: Any, *arguments: str, code: int = 0) -> list[str]:
    assert run(["attach", *arguments]) == code
    out, err = capsys.readouterr()
    assert err == ""
    return str(out).splitlines()


def refused(capsys: Any, *arguments: str) -> str:
    """The one line that says why."""
    assert run(["attach", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return str(err)


def test_the_flow_is_a_line_a_message(capsys: Any) -> None:
    lines = printed(capsys)
    heads = [line for line in lines if line.startswith("step")]
    assert [head.split()[1] for head in heads] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert lines[-1] == "IP connectivity is up"
    for line in lines[1:-2]:
        assert line.startswith("step") or line.split()[0] in "234567"
    text = "\n".join(lines)
    assert "Relay-forward {Information-request}" in text
    assert "STa DER EAP-Response/Identity 6001010000000001@nai.epc" in text
    assert "N(NAT_DETECTION_SOURCE_IP)" in text
    assert "lifetime 3600 care-of 2001:db8:200::ff:fe00:3" in text


@pytest.mark.parametrize(
    ("later", "end"),
    [
        ("refresh", "IP connectivity is up"),
        ("move", "IP connectivity is up"),
        ("de-registration", "the UE is detached, and its binding is gone"),
        ("network-detach", "the UE is detached, and its binding is gone"),
        ("return-home", "IP connectivity is up: the UE is at home, and needs no binding"),
    ],
)
def test_the_last_line_is_the_verdict(later: str, end: str, capsys: Any) -> None:
    lines = printed(capsys, "--then", later)
    assert lines[-1] == end
    bound = [line for line in lines if line.startswith("step    8")]
    assert bool(bound) is (end == "IP connectivity is up")


def test_what_cannot_follow_is_said(capsys: Any) -> None:
    lines = printed(capsys, "--then", "de-registration", "--then", "move", code=1)
    assert lines[-1] == "no IP connectivity: move did not happen"


@pytest.mark.parametrize("later", LATER)
def test_every_line_of_json_is_an_object_of_this_version(later: str, capsys: Any) -> None:
    lines = [json.loads(line) for line in printed(capsys, "--json", "--then", later)]
    assert {line["v"] for line in lines} == {1}
    assert [line["type"] for line in lines[:-1]] == ["message"] * (len(lines) - 1)
    assert lines[-1]["type"] == "result"
    assert lines[-1]["connected"] is True
    keys = ["v", "type", "step", "time", "link", "sender", "receivers", "text", "linktype",
            "layers", "checksums", "errors", "opened"]  # fmt: skip
    assert all(list(line) == keys for line in lines[:-1])


def test_the_tree_shows_what_is_sealed(capsys: Any) -> None:
    text = "\n".join(printed(capsys, "--tree"))
    assert "BindingUpdate" in text
    assert "AlternateCareOfAddress" in text


def test_capture_and_tables_are_written(tmp_path: Path, capsys: Any) -> None:
    path, keys = tmp_path / "a.pcapng", tmp_path / "keys"
    printed(capsys, "-o", str(path), "--keys", str(keys))
    assert len(list(capture.read(path))) > 20
    assert sorted(one.name for one in keys.iterdir()) == ["esp_sa", "ikev2_decryption_table"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in keys.iterdir()} == {0o600}
    # Once more, over what is there.
    (keys / "preferences").write_text("mine")
    printed(capsys, "-o", str(path), "--keys", str(keys))
    assert (keys / "preferences").read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    keys, path = tmp_path / "keys", tmp_path / "a.pcapng"
    missing = tmp_path / "missing" / "a.pcapng"
    assert "No such file" in refused(capsys, "-o", str(missing))
    assert "ending" in refused(capsys, "-o", str(tmp_path / "a.txt"))
    assert "ending" in refused(capsys, "-o", str(tmp_path))
    assert "No such file" in refused(capsys, "-o", str(missing), "--keys", str(keys))
    assert "ending" in refused(capsys, "-o", str(tmp_path / "a.txt"), "--keys", str(keys))
    assert "a folder is expected" in refused(capsys, "-o", str(path), "--keys", str(file))
    assert "No such file" in refused(capsys, "-o", str(path), "--keys", str(keys / "deeper"))
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "mine"


def test_tables_that_cannot_be_written_take_the_capture_with_them(
    tmp_path: Path, capsys: Any
) -> None:
    keys = tmp_path / "keys"
    (keys / "esp_sa").mkdir(parents=True)
    refused(capsys, "-o", str(tmp_path / "a.pcapng"), "--keys", str(keys))
    assert [one.name for one in keys.iterdir()] == ["esp_sa"]
    assert [one.name for one in tmp_path.iterdir()] == ["keys"]
