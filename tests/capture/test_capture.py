"""Capture files in and out; damaged ones; tshark as an independent reader."""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

from mip6boot import capture
from mip6boot.capture import CaptureWarning, Frame
from mip6boot.errors import CaptureError, ConfigError

FRAMES = [
    Frame(b"\x60" + bytes(39), 101, 1, 1_700_000_000_123_456_789),
    Frame(b"\x60" + bytes(44), 101, 2, 1_700_000_000_123_456_790, 0, 60),
    Frame(b"", 101, 3, 0),
]


def pcap(order: str, magic: int, fraction: int) -> bytes:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    return head + struct.pack(order + "IIII", 5, fraction, 3, 9) + b"abc"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "unit"), [(0xA1B2C3D4, 1000), (0xA1B23C4D, 1)])
def test_pcap_of_every_kind(order: str, magic: int, unit: int) -> None:
    (frame,) = capture.read(io.BytesIO(pcap(order, magic, 7)))
    assert frame == Frame(b"abc", 1, 1, 5_000_000_000 + 7 * unit, 0, 9)


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_round_trip(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"file.{ending}"
    assert capture.write(path, FRAMES) == 3
    assert list(capture.read(path)) == FRAMES
    packed = tmp_path / "file.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(capture.read(str(packed))) == FRAMES


def test_comments_and_link_types_survive_in_pcapng(tmp_path: Path) -> None:
    path = tmp_path / "many.pcapng"
    frames = [
        Frame(b"abc", 1, 1, 10**18 + 1, 0, None, ("one", "zwei ü")),
        Frame(b"abcd", 101, 2, 10**18 + 2, 1),
        Frame(b"", 1, 3, 5, 0),
    ]
    capture.write(path, frames)
    assert list(capture.read(path)) == frames


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str) -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(order: str, linktype: int, options: bytes = b"", snap: int = 0) -> bytes:
    return block(1, struct.pack(order + "HHI", linktype, 0, snap) + options, order)


@pytest.mark.parametrize("order", ["<", ">"])
def test_blocks_of_pcapng(order: str) -> None:
    resolution = struct.pack(order + "HHB3x", 9, 1, 0x8A)
    offset = struct.pack(order + "HHq", 14, 8, 100)
    packet = struct.pack(order + "IIIII", 1, 0, 2048, 2, 2) + b"ab\0\0"
    obsolete = struct.pack(order + "HHIIII", 0, 0, 0, 3, 1, 1) + b"x\0\0\0"
    octets = (
        section(order)
        + interface(order, 101, snap=4)
        + interface(order, 1, resolution + offset)
        + block(5, b"statistics..", order)
        + block(6, packet, order)
        + block(3, struct.pack(order + "I", 9) + b"abcd", order)
        + block(2, obsolete, order)
        + section("<")
        + interface("<", 113)
        + block(6, struct.pack("<IIIII", 0, 0, 1, 1, 1) + b"z\0\0\0")
    )
    assert list(capture.read(io.BytesIO(octets))) == [
        Frame(b"ab", 1, 1, 102_000_000_000, 1),
        Frame(b"abcd", 101, 2, None, 0, 9),
        Frame(b"x", 101, 3, 3000, 0),
        Frame(b"z", 113, 4, 1000, 0),
    ]


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_a_file_that_ends_early_gives_what_it_holds(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"file.{ending}"
    capture.write(path, FRAMES[:2])
    octets = path.read_bytes()
    path.write_bytes(octets[:-5])
    with pytest.warns(CaptureWarning, match=f"{ending}: ends at octet .* octets early"):
        assert list(capture.read(path)) == FRAMES[:1]
    packed = tmp_path / "cut.gz"
    packed.write_bytes(gzip.compress(octets)[:-12])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CaptureWarning)
        try:
            assert list(capture.read(packed)) in (FRAMES[:1], FRAMES[:2], [])
        except CaptureError as e:
            assert "cut.gz" in str(e)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", "octet 0: no pcap or pcapng"),
        (b"#!/bin/sh", "no pcap or pcapng"),
        (pcap("<", 0xA1B2C3D4, 0)[:20], "a pcap header of 24 octets"),
        (pcap("<", 0xA1B2C3D4, 0)[:32] + b"\xff\xff\xff\x7f" * 2, "at most 268435456"),
        (section("<")[:8] + b"abcd", "a byte-order magic is expected"),
        (section("<") + b"\6\0\0\0\5\0\0\0", "a block of 5 octets"),
        (section("<") + block(6, bytes(20)), "a packet of interface 0, which is not described"),
        (section("<") + block(3, bytes(8)), "needs 4 octets and an interface"),
        (section("<") + block(1, bytes(4)), "at least 8 octets"),
        (section("<") + block(6, bytes(8)), "at least 20 octets"),
        (section("<") + block(2, bytes(8)), "at least 20 octets"),
        (
            section("<") + interface("<", 1) + block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99)),
            "a packet of 99 octets in a block of 20",
        ),
        (section("<")[:-4] + b"\0\0\0\0", "a block whose two lengths differ"),
    ],
)
def test_files_that_are_none(octets: bytes, text: str) -> None:
    with pytest.raises(CaptureError, match=text):
        list(capture.read(io.BytesIO(octets)))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pcap", tmp_path):
        with pytest.raises(CaptureError, match=str(path)):
            list(capture.read(path))
    with pytest.raises(CaptureError, match="No such file"):
        capture.write(tmp_path / "no" / "file.pcap", [])


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file.pcap"
    path.write_bytes(b"before")

    def failing() -> Any:
        yield FRAMES[0]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        capture.write(path, failing())
    with pytest.raises(CaptureError, match="101 and 1; pcapng takes both"):
        capture.write(path, [FRAMES[0], Frame(b"x", 1)])
    with pytest.raises(CaptureError, match="pcap has no time"):
        capture.write(path, [Frame(b"x", 1, time_ns=10**19)])
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ConfigError, match=r"the ending \.pcap or \.pcapng"):
        capture.write(tmp_path / "file.txt", [])
    assert capture.write(tmp_path / "file.txt", [], format="pcap") == 0
    assert list(capture.read(tmp_path / "file.txt")) == []


MISFITS = [
    ("pcap", Frame(b"x", 1 << 28), "link type 268435456"),
    ("pcap", Frame(b"x", original_length=1 << 32), "length 4294967296"),
    ("pcapng", Frame(b"x", 1 << 16), "link type 65536"),
    ("pcapng", Frame(b"x", -1), "link type -1"),
    ("pcapng", Frame(b"x", time_ns=1 << 64), "time 18446744073709551616 ns"),
    ("pcapng", Frame(b"x", time_ns=-1), "time -1 ns"),
    ("pcapng", Frame(b"x", original_length=1 << 32), "length 4294967296"),
    ("pcapng", Frame(b"x", comments=("y" * 65_536,)), "comment of 65536 octets"),
    ("pcapng", Frame(b"x", comments=("\ud800",)), r"comment '\ud800'"),
]


@pytest.mark.parametrize(("ending", "frame", "what"), MISFITS)
def test_what_a_format_has_no_place_for(
    tmp_path: Path, ending: str, frame: Frame, what: str
) -> None:
    path = tmp_path / f"file.{ending}"
    with pytest.raises(CaptureError) as caught:
        capture.write(path, [Frame(b"x"), frame])
    assert str(caught.value).endswith(f"frame 2: {ending} has no {what}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_damaged_files_raise_capture_errors_alone(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"file.{ending}"
    capture.write(path, FRAMES)
    octets = path.read_bytes()
    rng = random.Random(1)
    refused = 0
    for _ in range(2000):
        damaged = bytearray(octets)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 4, 255, rng.randrange(256)))
        del damaged[rng.randint(len(damaged) // 2, 2 * len(damaged)) :]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CaptureWarning)
            try:
                list(capture.read(io.BytesIO(bytes(damaged))))
            except CaptureError:
                refused += 1
    assert refused > 100


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_tshark_reads_what_we_write(tmp_path: Path, tshark: str, ending: str) -> None:
    path = tmp_path / f"file.{ending}"
    capture.write(path, FRAMES)
    fields = [
        "-e",
        "frame.number",
        "-e",
        "frame.time_epoch",
        "-e",
        "frame.cap_len",
        "-e",
        "frame.len",
    ]
    command = [tshark, "-r", str(path), "-T", "fields", *fields]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    assert lines == [
        "1\t1700000000.123456789\t40\t40",
        "2\t1700000000.123456790\t45\t60",
        "3\t0.000000000\t0\t0",
    ]


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_a_frame_of_a_live_stream_is_not_held_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"file.{ending}"
    capture.write(path, FRAMES[:2])
    octets = path.read_bytes()
    cut = len(octets) - (16 if ending == "pcap" else 40)
    reading, writing = os.pipe()
    with open(reading, "rb") as source, open(writing, "wb", buffering=0) as sink:
        sink.write(octets[:cut])
        frames = capture.read(source)
        assert next(frames) == FRAMES[0]
        sink.write(octets[cut:])
        assert next(frames) == FRAMES[1]


@pytest.mark.parametrize("size", [1, 1000, 70_000, 300_000])
def test_frames_of_any_size(tmp_path: Path, size: int) -> None:
    """Also those that are larger than what is read at once, or end where it does."""
    path = tmp_path / "file.pcap"
    frames = [Frame(bytes([n]) * (size + n), 101, n + 1, n) for n in range(5)]
    capture.write(path, frames)
    assert list(capture.read(path)) == frames


def test_a_record_that_nobody_wrote(tmp_path: Path) -> None:
    path = tmp_path / "file.pcap"
    path.write_bytes(pcap("<", 0xA1B2C3D4, 7) + struct.pack("<IIII", 5, 0, 0xFFFFFFFF, 9) + b"abc")
    frames = capture.read(path)
    assert next(frames).octets == b"abc"
    with pytest.raises(CaptureError, match="octet 59: a block of 4294967295 octets"):
        next(frames)
