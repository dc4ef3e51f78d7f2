"""`decode` on frames of several kinds: ports, fragments, processes, whole messages."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture
from mip6boot.cli import jobs
from mip6boot.cli.output import Printer, Settings
from mip6boot.errors import Mip6bootError
from mip6boot.packets import LinkType, decode_packet

from ..packets.connections import STREAM, cut, message, segment
from ..packets.frames import DHCPV6, DIAMETER, EAP, FRAMES, IKE, ipv4, ipv6, udp
from .test_cli import HOME_AGENT, lines, run

#: A DHCPv6 message over IPv6 in three fragments, its last option running over the end.
BAD = DHCPV6[:-8] + "0010" + "0000"
UDP = udp(DHCPV6, 546, 547)


def fragments(octets: str, identification: int = 5) -> list[bytes]:
    """An IPv6 datagram (raw IP) of the UDP datagram, in pieces of eight octets."""
    found = []
    for at in range(0, len(octets), 16):
        more = int(at + 16 < len(octets))
        header = f"1100{(at // 16 << 3) | more:04x}{identification:08x}"
        found.append(bytes.fromhex(ipv6(header + octets[at : at + 16], 44)))
    return found


def fragments4(octets: str) -> list[bytes]:
    found = []
    for at in range(0, len(octets), 16):
        more = 0x2000 if at + 16 < len(octets) else 0
        whole = ipv4(octets[at : at + 16])
        found.append(bytes.fromhex(whole[:8] + f"0007{at // 16 | more:04x}" + whole[16:]))
    return found


def written(path: Path, frames: Iterable[bytes], linktype: int = LinkType.RAW) -> Path:
    capture.write(path, [capture.Frame(octets, linktype, time_ns=0) for octets in frames])
    return path


def test_a_reassembled_datagram_is_shown_with_its_last_frame(tmp_path: Path) -> None:
    pieces = [*fragments(UDP), *fragments4(UDP)]
    path = written(tmp_path / "some.pcap", pieces)
    found = run("decode", "--json", path)
    assert (found.returncode, found.stderr) == (0, b"")
    rows = lines(found)
    assert [("reassembled" in row) for row in rows] == [False, False, True] * 2
    for row, numbers in ((rows[2], [1, 2, 3]), (rows[5], [4, 5, 6])):
        datagram = row["reassembled"]
        assert (datagram["frames"], datagram["errors"]) == (numbers, [])
        assert datagram["layers"][-1]["protocol"] == "dhcpv6"
        assert datagram["layers"][-1]["message"]["type"] == "InformationRequest"
        assert datagram["linktype"] == LinkType.RAW
    text = tmp_path / "lines.jsonl"
    text.write_bytes(found.stdout)
    assert run("encode", text, "-o", tmp_path / "out.pcap").returncode == 0
    assert [frame.octets for frame in capture.read(tmp_path / "out.pcap")] == pieces


def test_the_tree_and_the_map_of_a_datagram(tmp_path: Path) -> None:
    path = written(tmp_path / "some.pcap", fragments(UDP))
    tree = run("decode", path).stdout.decode()
    assert "\n  reassembled from frames 1, 2, 3\n    Ipv6Header\n" in tree
    assert tree.count("InformationRequest") == 1
    table = run("decode", "--explain", path).stdout.decode()
    head, _, datagram = table.partition("  buffer 1: reassembled from frames 1, 2, 3\n")
    assert "dhcpv6" not in head
    rows = [line.split() for line in datagram.splitlines() if "&" not in line]
    assert sum(int(row[1]) for row in rows) == 40 + len(UDP) // 2


def test_the_filter_looks_into_datagrams(tmp_path: Path) -> None:
    path = written(tmp_path / "some.pcap", fragments(UDP))
    assert [row["frame"] for row in lines(run("decode", "--json", "--filter", "dhcpv6", path))] == [
        3
    ]
    assert run("decode", "--json", "--filter", "ikev2", path).stdout == b""


def test_errors_of_a_datagram_count(tmp_path: Path) -> None:
    path = written(tmp_path / "some.pcap", fragments(udp(BAD, 546, 547)))
    found = run("decode", "--json", path)
    assert found.returncode == 1
    rows = lines(found)
    assert [row["errors"] for row in rows] == [[], [], []]
    (error,) = rows[2]["reassembled"]["errors"]
    assert error["path"].startswith("dhcpv6.")
    assert f"{path}: frame 3: reassembled: dhcpv6." in found.stderr.decode()


# -- several processes --------------------------------------------------------------------------
def many(count: int) -> list[bytes]:
    """Frames with fragments spread over them, so that a batch's end splits some datagrams."""
    whole = bytes.fromhex(ipv6(UDP))
    frames: list[bytes] = []
    for number in range(count):
        frames.append(whole)
        if number % 50 == 0:
            frames += fragments(UDP, number)[:2]
        elif number % 50 == 49:
            frames += fragments(UDP, number - 49)[2:]
    return frames


@pytest.mark.parametrize("options", [["--json"], [], ["--json", "--filter", "dhcpv6"]])
def test_processes_print_the_same(tmp_path: Path, options: list[str]) -> None:
    path = written(tmp_path / "many.pcap", many(1300))
    one = run("decode", path, *options)
    assert one.returncode == 0
    assert (b"reassembled" in one.stdout) == (one.stdout.count(b"reassembled") == 26)
    for count in (2, 3):
        assert run("decode", path, "--jobs", count, *options).stdout == one.stdout
    if "--filter" not in options:
        piped = run("decode", "-", "--jobs", 2, *options, stdin=path.read_bytes())
        assert piped.stdout.replace(b'"file":"-"', f'"file":"{path}"'.encode()) == one.stdout


def test_processes_and_errors(tmp_path: Path) -> None:
    frames = many(700)
    frames[600] = frames[600][:-3]
    path = written(tmp_path / "many.pcap", frames)
    path.write_bytes(path.read_bytes()[:-5])
    one = run("decode", "--json", path)
    assert one.returncode == 1
    assert one.stderr.decode().count("\n") == 2
    assert "5 octets early" in one.stderr.decode()
    two = run("decode", "--json", "--jobs", 2, path)
    assert (two.returncode, two.stdout, two.stderr) == (1, one.stdout, one.stderr)


def test_processes_and_a_damaged_file(tmp_path: Path) -> None:
    path = written(tmp_path / "many.pcapng", many(700))
    octets = path.read_bytes()
    path.write_bytes(octets + b"\x06\0\0\0" + (13).to_bytes(4, "little") + octets)
    one = run("decode", "--json", path)
    assert one.returncode == 2
    assert b"a block of 13 octets" in one.stderr
    assert len(lines(one)) == len(many(700))
    for arguments in ([path], ["-"]):
        stdin = path.read_bytes() if arguments == ["-"] else None
        two = run("decode", "--json", "--jobs", 2, *arguments, stdin=stdin)
        assert (two.returncode, len(lines(two))) == (2, len(lines(one)))
        assert b"a block of 13 octets" in two.stderr


def test_processes_and_no_file() -> None:
    found = run("decode", "--jobs", 2, "nothing.pcap")
    assert found.returncode == 2
    assert found.stderr == b"mip6boot: nothing.pcap: No such file or directory\n"


def test_a_worker_that_is_killed_is_an_error() -> None:
    worker = jobs._Worker("-", Settings(), 0, 1, jobs._context.Queue())
    assert worker.process.pid is not None
    os.kill(worker.process.pid, signal.SIGKILL)
    with pytest.raises(Mip6bootError, match="a worker process ended with -9"):
        worker.result()
    worker.end()


# -- ports and kinds --------------------------------------------------------------------------------
def test_ports(tmp_path: Path) -> None:
    path = written(tmp_path / "some.pcap", [bytes.fromhex(ipv6(udp(DHCPV6, 40000, 40001)))])

    def last(*options: object) -> Any:
        (row,) = lines(run("decode", "--json", path, *options))
        return row["layers"][-1]["protocol"]

    assert last() == "udp-40000"
    assert last("--port", "40001=dhcpv6") == "dhcpv6"
    assert last("--port", "1=ip", "--port", "40000=dhcpv6", "--jobs", 2) == "dhcpv6"
    assert (
        b"dhcpv6.transaction_id"
        in run("decode", "--explain", path, "--port", "40001=dhcpv6").stdout
    )


@pytest.mark.parametrize("port", ["40000", "x=dhcpv6", "=dhcpv6", "40000=dns", "70000=dhcpv6"])
def test_wrong_ports(port: str) -> None:
    found = run("decode", "--demo", "--port", port)
    assert (found.returncode, found.stdout) == (2, b"")
    assert found.stderr.count(b"\n") <= 4


@pytest.mark.parametrize(
    ("kind", "octets", "name"),
    [
        ("dhcpv6", DHCPV6, "InformationRequest"),
        ("ikev2", IKE, "IkeMessage"),
        ("eap", EAP, ""),
        ("diameter", DIAMETER, "DeviceWatchdogRequest"),
    ],
)
def test_messages(kind: str, octets: str, name: str) -> None:
    (row,) = lines(run("decode", "--json", "--as", kind, "--hex", octets))
    assert row["v"] == 1
    assert row["protocol"] == kind
    assert row["errors"] == []
    assert row["message"]["type"].startswith(name)
    table = run("decode", "--explain", "--as", kind, "--hex", octets).stdout.decode()
    rows = [line.split() for line in table.splitlines() if "&" not in line]
    assert sum(int(row[1]) for row in rows) == len(octets) // 2
    cut = run("decode", "--as", kind, "--hex", octets[:-2])
    assert cut.returncode == 1


def test_all_kinds_of_frames(tmp_path: Path) -> None:
    octets = [bytes.fromhex(frame) for frame, _ in FRAMES.values()]
    path = written(tmp_path / "frames.pcapng", octets, LinkType.ETHERNET)
    found = run("decode", "--json", path)
    assert found.returncode == 0
    text = tmp_path / "lines.jsonl"
    text.write_bytes(found.stdout)
    assert run("encode", text, "-o", tmp_path / "out.pcap").returncode == 0
    assert [frame.octets for frame in capture.read(tmp_path / "out.pcap")] == octets
    assert run("decode", path).returncode == 0
    assert run("decode", "--explain", path).returncode == 0


def test_a_line_is_the_packet() -> None:
    """What the command writes in a hurry is what `to_dict` gives."""
    printer = Printer("a name", Settings(output="json"))
    for _ in range(2):
        for octets, _ in FRAMES.values():
            frame = capture.Frame(bytes.fromhex(octets), 1, 7, 5, 0, None, ("a", "b"))
            text, errors = printer.of_frame(frame)
            line = json.loads(text)
            wanted = {
                "v": 1, "file": "a name", "frame": 7, "time_ns": "5", "interface": 0,
                "original_length": None, "comments": ["a", "b"],
                **decode_packet(frame.octets, lenient=True).to_dict(), "errors": [],
            }  # fmt: skip
            assert (line, errors) == (wanted, [])
            assert list(line) == list(wanted)


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.pcap")
    try:
        path.write_bytes(HOME_AGENT.read_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    found = run("decode", "--json", path)
    assert (found.returncode, len(lines(found))) == (0, 33)


# -- messages that span segments ------------------------------------------------------------------
def streams(count: int) -> list[bytes]:
    """Frames of connections with messages cut anywhere, so that a batch's end splits some."""
    pieces = (50, 150, 310, len(STREAM))
    made = [cut(*pieces, port=40000 + number) for number in range(count)]
    return [packet.encode() for turn in zip(*made, strict=True) for packet in turn]


def test_a_message_is_shown_with_the_frame_that_completes_it(tmp_path: Path) -> None:
    path = written(tmp_path / "some.pcap", streams(1), LinkType.ETHERNET)
    found = run("decode", "--json", path)
    assert (found.returncode, found.stderr) == (0, b"")
    rows = lines(found)
    shown = [[layer["protocol"] for layer in row["layers"][3:]] for row in rows]
    assert shown == [["diameter-segment"]] * 4
    assert [row.get("reassembled", {}).get("frames") for row in rows] == [
        None,
        [1, 2],
        [2, 3],
        [3, 4],
    ]
    joined = [layer for row in rows[1:] for layer in row["reassembled"]["layers"]]
    assert {layer["message"]["type"] for layer in joined} == {"DeviceWatchdogRequest"}
    assert [layer["message"]["hop_by_hop_id"] for layer in joined] == [1, 2, 3, 4]
    tree = run("decode", path).stdout.decode()
    assert tree.count("\n  reassembled from frames 2, 3\n    DeviceWatchdogRequest\n") == 1
    table = run("decode", "--explain", path).stdout.decode()
    assert table.count("  buffer 1: reassembled from frames 2, 3\n      0    1  01") == 1
    asked = lines(run("decode", "--json", "--filter", "diameter", path))
    assert [row["frame"] for row in asked] == [2, 3, 4]
    text = tmp_path / "lines.jsonl"
    text.write_bytes(found.stdout)
    assert run("encode", text, "-o", tmp_path / "out.pcap").returncode == 0
    assert [frame.octets for frame in capture.read(tmp_path / "out.pcap")] == streams(1)


@pytest.mark.parametrize("options", [["--json"], ["--explain"], ["--filter", "diameter"]])
def test_processes_put_the_same_together(tmp_path: Path, options: list[str]) -> None:
    other = bytes.fromhex(FRAMES["dhcpv6 over ipv4"][0])
    frames = [octets for pair in streams(250) for octets in (pair, other)]
    path = written(tmp_path / "many.pcap", frames, LinkType.ETHERNET)
    one = run("decode", path, *options)
    assert one.returncode == 0
    assert one.stdout.count(b"reassembled") == 750
    assert run("decode", path, "--jobs", 2, *options).stdout == one.stdout


def test_a_segment_in_a_datagram_of_fragments(tmp_path: Path) -> None:
    first, second = (packet.encode()[14:] for packet in cut(50, len(STREAM)))
    pieces = []
    for begin in range(0, len(second) - 40, 160):
        part = second[40 + begin : 200 + begin]
        more = int(begin + 160 < len(second) - 40)
        header = bytes.fromhex(f"0600{begin | more:04x}00000009")
        size = (8 + len(part)).to_bytes(2, "big")
        pieces.append(second[:4] + size + b"\x2c" + second[7:40] + header + part)
    path = written(tmp_path / "some.pcap", [first, *pieces])
    last = lines(run("decode", "--json", path))[-1]["reassembled"]
    assert last["frames"] == list(range(2, 2 + len(pieces)))
    assert last["layers"][-1]["protocol"] == "diameter-segment"
    assert last["reassembled"]["frames"] == [1, 1 + len(pieces)]
    assert [layer["protocol"] for layer in last["reassembled"]["layers"]] == ["diameter"] * 4
    table = run("decode", "--explain", path).stdout.decode()
    assert table.index("  buffer 1: reassembled from frames 2,") < table.index(
        f"  buffer 2: reassembled from frames 1, {1 + len(pieces)}\n"
    )


def test_errors_of_messages_put_together_count(tmp_path: Path) -> None:
    bad = bytearray(message(1, 40))
    bad[27] = 0xFF
    frames = [segment(1, bytes(bad[:30])).encode(), segment(31, bytes(bad[30:])).encode()]
    path = written(tmp_path / "some.pcap", frames, LinkType.ETHERNET)
    found = run("decode", path)
    assert found.returncode == 1
    assert f"{path}: frame 2: reassembled: diameter.avps[0]" in found.stderr.decode()
