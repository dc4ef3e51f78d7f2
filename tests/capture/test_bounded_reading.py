"""A file is never asked for much more than it has, whatever its lengths say."""

from __future__ import annotations

import io
import struct

import pytest

from mip6boot import capture

MB = 1 << 20
PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
PCAPNG = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)


class Asked(io.BytesIO):
    """A file that knows how much was asked of it at once."""

    most = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        self.most = max(self.most, size)
        return super().read(size)


def lying(size: int) -> list[Asked]:
    """A record and a block that say they have so many octets."""
    record = struct.pack("<IIII", 0, 0, size, size)
    return [Asked(PCAP + record + b"x" * 99), Asked(PCAPNG + struct.pack("<II", 6, size))]


@pytest.mark.parametrize("file", lying(200 * MB), ids=["pcap", "pcapng"])
def test_a_length_that_lies(file: Asked) -> None:
    with pytest.warns(capture.CaptureWarning, match="octets early"):
        assert list(capture.read(file)) == []
    assert 0 < file.most <= MB


@pytest.mark.parametrize("size", [MB - 1, MB, MB + 1, 3 * MB + 8])
def test_a_length_that_does_not(size: int) -> None:
    record = struct.pack("<IIII", 0, 0, size, size)
    assert [len(x.octets) for x in capture.read(io.BytesIO(PCAP + record + bytes(size)))] == [size]
    size += -size % 4
    block = struct.pack("<IIIIIII", 6, 32 + size, 0, 0, 0, size, size)
    interface = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    file = Asked(PCAPNG + interface + block + bytes(size) + struct.pack("<I", 32 + size))
    assert [len(x.octets) for x in capture.read(file)] == [size]
    assert file.most <= MB
