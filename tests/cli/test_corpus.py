"""`mip6boot corpus`: seeds as files, lines or a capture; whole, or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from mip6boot import capture, dhcpv6, diameter, ikev2, mipv6, packets, strategies
from mip6boot.cli.commands import run
from mip6boot.schema import Message

DECODE: dict[str, Any] = {
    "dhcpv6": dhcpv6.decode,
    "diameter": diameter.decode,
    "ikev2": ikev2.decode,
    "mipv6": mipv6.decode,
}


def corpus(folder: Path, *options: str) -> int:
    return run(["corpus", "-o", str(folder), *options])


def octets(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.iterdir())]


def test_a_file_a_message(tmp_path: Path) -> None:
    options = ("--protocol", "mipv6", "--grade", "legal", "--count", "30")
    assert corpus(tmp_path / "one", *options) == 0
    names = [file.name for file in sorted((tmp_path / "one").iterdir())]
    assert names == [f"mipv6-legal-{n:06}.bin" for n in range(1, 31)]
    messages = [mipv6.decode(one) for one in octets(tmp_path / "one")]
    assert len(set(messages)) == 30
    assert not any(mipv6.check(message) for message in messages)


def test_the_same_seed_is_the_same_corpus(tmp_path: Path) -> None:
    """Also in another process, where nothing was made before."""
    options = ["--protocol", "ikev2", "--grade", "hostile", "--count", "12"]
    command = [sys.executable, "-m", "mip6boot", "corpus", "-o"]
    for name in ("first", "second"):
        subprocess.run([*command, name, *options], check=True, cwd=tmp_path)
    assert {folder.name for folder in tmp_path.iterdir()} == {"first", "second"}
    assert corpus(tmp_path / "other", *options, "--seed", "2") == 0
    first, second, other = (octets(tmp_path / name) for name in ("first", "second", "other"))
    assert first == second
    assert set(first) != set(other)


@pytest.mark.parametrize("protocol", DECODE)
def test_lines_say_what_is_wrong(protocol: str, tmp_path: Path) -> None:
    options = ("--protocol", protocol, "--count", "15", "--format", "jsonl")
    assert corpus(tmp_path / "lines", *options) == 0
    (file,) = (tmp_path / "lines").iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == 15
    for line in lines:
        assert line["v"] == 1
        assert line["protocol"] == protocol
        assert line["wrong"] in ("row", "lie", "misalignment")
        assert line["reason"]
        assert bytes.fromhex(line["octets"])


@pytest.mark.parametrize("protocol", ["dhcpv6", "diameter", "eap", "ikev2", "mipv6"])
def test_a_capture(protocol: str, tmp_path: Path) -> None:
    options = ("--protocol", protocol, "--grade", "legal", "--count", "12", "--format", "pcap")
    assert corpus(tmp_path / "frames", *options) == 0
    frames = list(capture.read(tmp_path / "frames" / f"{protocol}-legal.pcap"))
    assert len(frames) == 12
    for frame in frames:
        packet = packets.decode_packet(frame.octets)
        assert set(packet.checksums.values()) <= {"good"}
        assert packets.protocol_of(packet.layers[-1]) == protocol
        assert isinstance(packet.layers[-1], Message)


@pytest.mark.parametrize("grade", ["any", "legal", "near_legal", "hostile"])
def test_whole_frames(grade: str, tmp_path: Path) -> None:
    options = ("--protocol", "packet", "--grade", grade, "--count", "12", "--format", "pcap")
    assert corpus(tmp_path / "frames", *options) == 0
    frames = list(capture.read(tmp_path / "frames" / f"packet-{grade}.pcap"))
    found = [packets.decode_packet(frame.octets, lenient=True) for frame in frames]
    assert [packet.encode() for packet in found] == [frame.octets for frame in frames]
    if grade in ("any", "legal"):
        assert not any(packet.errors for packet in found)
    else:
        wrong = [p for p in found if p.errors or "bad" in p.checksums.values()]
        assert wrong


def test_tshark_finds_nothing_wrong_around(tshark: str, tmp_path: Path) -> None:
    options = ("--protocol", "mipv6", "--grade", "legal", "--count", "25", "--format", "pcap")
    assert corpus(tmp_path / "frames", *options) == 0
    fields = ["-T", "fields", "-e", "mip6.mhtype"]
    file = str(tmp_path / "frames" / "mipv6-legal.pcap")
    shown = subprocess.run(
        [tshark, "-r", file, *fields], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    types = [
        str(packets.decode_packet(frame.octets).layers[-1].encode()[2])
        for frame in capture.read(file)
    ]
    assert shown == types


def test_nothing_half_written_is_left(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    def breaks_down(*arguments: Any, **options: Any) -> Any:
        yield mipv6.BindingUpdate(1, lifetime=4)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(strategies, "samples", breaks_down)
    assert corpus(tmp_path / "below" / "new", "--protocol", "mipv6") == 2
    assert "No space left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_capture_has_what_fits_into_a_packet(tmp_path: Path, monkeypatch: Any) -> None:
    sizes = st.sampled_from((3, 65_516, 100_000)).map(bytes)
    monkeypatch.setattr(strategies, "hostile_messages", lambda base: sizes)
    options = ("--protocol", "diameter", "--grade", "hostile", "--count", "2")
    assert corpus(tmp_path / "frames", *options, "--format", "pcap") == 1
    (frame,) = capture.read(tmp_path / "frames" / "diameter-hostile.pcap")
    assert frame.octets.endswith(bytes(3))
    assert corpus(tmp_path / "files", *options) == 0


def test_what_is_there_stays(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "mine").write_text("mine")
    assert corpus(tmp_path, "--protocol", "mipv6") == 2
    assert "a new or empty folder is expected" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]
    assert corpus(tmp_path / "mine" / "below", "--protocol", "mipv6") == 2


@pytest.mark.parametrize(
    "options", [("--protocol", "tcp"), (), ("--protocol", "eap", "--count", "0")]
)
def test_wrong_usage(options: tuple[str, ...], tmp_path: Path) -> None:
    assert corpus(tmp_path / "new", *options) == 2
    assert list(tmp_path.iterdir()) == []


def test_without_hypothesis(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from mip6boot.cli.commands import run\n"
        f"sys.exit(run(['corpus', '-o', {str(tmp_path / 'new')!r}, '--protocol', 'mipv6']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == ("mip6boot: hypothesis is missing: pip install 'mip6boot[hypothesis]'\n")
    assert list(tmp_path.iterdir()) == []


def test_samples_come_to_an_end() -> None:
    assert set(strategies.samples(st.booleans(), 5, seed=1)) == {False, True}
    assert list(strategies.samples(st.integers(), 0, seed=1)) == []
    with pytest.raises(ValueError, match="-1 values cannot be made"):
        strategies.samples(st.integers(), -1, seed=1)
