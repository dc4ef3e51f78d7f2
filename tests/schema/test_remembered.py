"""What is remembered of the wire is bounded, in number and in size, and forgets nothing wrongly."""

from __future__ import annotations

import pytest

from mip6boot import dhcpv6
from mip6boot.errors import DecodeError
from mip6boot.schema import DomainName, Duid
from mip6boot.schema.elements import DuidOctets, Inet6, Labels
from mip6boot.schema.remembered import Remembered


def test_bounds() -> None:
    made: list[bytes] = []

    def make(wire: bytes) -> int:
        made.append(wire)
        return len(wire)

    known: Remembered[bytes, int] = Remembered(make)
    for number in range(2 * known.limit):
        assert known[number.to_bytes(4, "big")] == 4
        assert len(known) <= known.limit
    made.clear()
    assert known[b"ab"] == known[b"ab"] == 2
    assert made == [b"ab"]
    long = bytes(known.longest + 1)
    assert known[long] == known[long] == len(long)
    assert made == [b"ab", long, long]
    assert long not in known


def test_hostile_duids_do_not_stay() -> None:
    before = sum(map(len, DuidOctets.known))
    for number in range(64):
        duid = number.to_bytes(2, "big") + bytes(60_000)
        octets = b"\x0b\0\0\0" + b"\0\1" + len(duid).to_bytes(2, "big") + duid
        message = dhcpv6.decode(octets)
        assert message.find(dhcpv6.ClientIdentifier) == dhcpv6.ClientIdentifier(
            Duid(number, bytes(60_000))
        )
    assert sum(map(len, DuidOctets.known)) <= before + 64 * 256


def test_values_are_shared_and_errors_are_not() -> None:
    octets = bytes.fromhex("0161016200")
    assert Labels.known[octets] is Labels.known[octets]
    assert Labels.known[octets] == DomainName((b"a", b"b"))
    assert Inet6.known[bytes(16)] is Inet6.known[bytes(16)]
    for _ in range(2):
        with pytest.raises(DecodeError, match="a label of 64 octets"):
            Labels.known[b"\x40"]
    assert b"\x40" not in Labels.known
