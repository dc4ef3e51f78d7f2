"""SKF payloads put together: order, copies, totals that change, and bounds."""

from __future__ import annotations

import tracemalloc
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import ikev2, security
from mip6boot.errors import DecodeError
from mip6boot.ikev2 import EncryptedFragment, ExchangeType, IkeFlags, IkeMessage
from mip6boot.security import FragmentAssembler, Opened, WholeMessage

from .suites import IKE_SUITES, header, ike_keys

SUITE = IKE_SUITES[-1]
KEYS = ike_keys(SUITE)
PAYLOADS = (ikev2.VendorId(bytes(range(200))), ikev2.Nonce(bytes(50)))


def parts_of(message: IkeMessage | None = None, size: int = 120) -> list[Opened]:
    """The opened fragments of a message."""
    octets = security.fragment(message or header(), PAYLOADS, KEYS, size=size, rng=Random(size))
    return [security.unseal(part, KEYS) for part in octets]


def part(number: int, total: int, message_id: int = 1, content: bytes = b"content") -> Opened:
    """An opened fragment, whatever it says of itself."""
    payload = EncryptedFragment(number, total, sealed=b"sealed" + content)
    return Opened(header(message_id=message_id, payloads=(payload,)), content, b"", b"")


def whole_of(parts: list[Opened]) -> WholeMessage:
    return WholeMessage(tuple(parts), (0,) * len(parts))


PARTS = parts_of()
COUNT = len(PARTS)


@given(order=st.permutations(range(COUNT)))
def test_any_order(order: list[int]) -> None:
    assembler = FragmentAssembler()
    wholes = [assembler.feed(PARTS[i]) for i in order]
    assert wholes[:-1] == [None] * (COUNT - 1)
    assert wholes[-1] == whole_of(PARTS)
    assert wholes[-1].payloads == PAYLOADS
    assert wholes[-1].verified


@given(order=st.lists(st.integers(0, COUNT - 1), max_size=40))
def test_copies_change_nothing(order: list[int]) -> None:
    """The message is there as soon as, and as often as, all fragments have come since."""
    assembler, come = FragmentAssembler(), set[int]()
    for i in order:
        come.add(i)
        whole = assembler.feed(PARTS[i])
        if come == set(range(COUNT)):
            assert whole == whole_of(PARTS)
            come.clear()
        else:
            assert whole is None


def test_the_first_copy_counts() -> None:
    assembler = FragmentAssembler()
    assembler.feed(part(1, 2, content=b"first"))
    assembler.feed(part(1, 2, content=b"other"))
    whole = assembler.feed(part(2, 2))
    assert whole is not None
    assert whole.content == b"firstcontent"


def test_messages_are_told_apart() -> None:
    """By SPIs, message id, direction, and exchange."""
    others = [
        header(message_id=2), header(flags=IkeFlags.I | IkeFlags.R), header(flags=IkeFlags(0)),
        header(exchange_type=ExchangeType.INFORMATIONAL),
    ]  # fmt: skip
    assembler = FragmentAssembler()
    mixed = [PARTS, *map(parts_of, others)]
    for row in list(zip(*mixed, strict=True))[:-1]:
        assert [assembler.feed(opened) for opened in row] == [None] * len(mixed)
    for parts in mixed:
        assert assembler.feed(parts[-1]) == whole_of(parts)


def test_smaller_fragments_begin_again() -> None:
    """RFC 7383 2.6: a larger total drops what waits, a smaller one is dropped itself."""
    large, small = parts_of(size=200), parts_of(size=120)
    assert len(large) < len(small)
    assembler = FragmentAssembler()
    for opened in large[:-1]:
        assert assembler.feed(opened) is None
    assert assembler.feed(small[0]) is None
    assert assembler.feed(large[-1]) is None, "what waited is gone"
    for opened in small[1:-1]:
        assert assembler.feed(opened) is None
    whole = assembler.feed(small[-1])
    assert whole == whole_of(small)
    assert whole is not None
    assert whole.payloads == PAYLOADS


def test_a_smaller_total_is_dropped() -> None:
    assembler = FragmentAssembler()
    assert [assembler.feed(part(1, 3)), assembler.feed(part(3, 3))] == [None, None]
    assert [assembler.feed(part(1, 2)), assembler.feed(part(2, 2))] == [None, None]
    assert assembler.feed(part(2, 3)) is not None


@pytest.mark.parametrize(("number", "total"), [(0, 0), (0, 1), (2, 1), (1, 0), (3, 2), (0, 65535)])
def test_numbers_that_are_none(number: int, total: int) -> None:
    assembler = FragmentAssembler()
    assert assembler.feed(part(number, total)) is None
    assert assembler.feed(part(1, 2)) is None
    assert assembler.feed(part(2, 2)) is not None


def test_one_fragment_is_whole() -> None:
    payload = EncryptedFragment(1, 1, first_payload=ikev2.PayloadType.NONCE, sealed=b"")
    _, content = ikev2.encode_chain((ikev2.Nonce(bytes(16)),))
    opened = Opened(header(payloads=(payload,)), content, b"", b"")
    assert not opened.is_fragment
    whole = FragmentAssembler().feed(opened)
    assert whole is not None
    assert whole.payloads == opened.payloads == (ikev2.Nonce(bytes(16)),)


def test_what_is_not_a_fragment() -> None:
    octets = security.seal(header(), PAYLOADS, KEYS, rng=Random(1))
    assert FragmentAssembler().feed(security.unseal(octets, KEYS)) is None


def test_content_that_does_not_parse() -> None:
    assembler = FragmentAssembler()
    assembler.feed(part(2, 2))
    first = EncryptedFragment(1, 2, first_payload=ikev2.PayloadType.NONCE, sealed=b"")
    whole = assembler.feed(Opened(header(payloads=(first,)), b"\0", b"", b""))
    assert whole is not None
    with pytest.raises(DecodeError):
        _ = whole.payloads
    assert whole.decode(lenient=True)


def test_unverified_parts_make_an_unverified_message() -> None:
    assembler = FragmentAssembler()
    loose = Opened(part(1, 2).message, b"content", b"", b"", verified=False)
    assembler.feed(loose)
    whole = assembler.feed(part(2, 2))
    assert whole is not None
    assert not whole.verified


def test_ten_thousand_messages_that_never_end() -> None:
    assembler = FragmentAssembler(messages=16, octets=1 << 20)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(10_000):
        assert assembler.feed(part(1, 2, number, bytes(1000))) is None
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken < 100_000
    # The latest 16 wait, older ones are gone.
    assert all(assembler.feed(part(2, 2, number)) for number in range(9999, 9983, -1))
    assert assembler.feed(part(2, 2, 9983)) is None


def test_octets_are_bounded_too() -> None:
    """Also those of one message alone, and those that fragments are sealed in."""
    for size in (0, 100, 60_000):
        assembler = FragmentAssembler(messages=1000, octets=1 << 20)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1, 3000 if size < 60_000 else 60):
            fill = bytes((number % 256,)) * size
            assert assembler.feed(part(number, 65535, content=fill)) is None
        most = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        assert most < 1.3 * (1 << 20), "one fragment more than is kept comes first"


def test_dropped_messages_leave_room() -> None:
    """What was counted for them is counted no more."""
    assembler = FragmentAssembler(messages=4, octets=1 << 14)
    for number in range(200):
        for opened in (part(1, 3, number), part(1, 4, number), part(2, 4, number)):
            assert assembler.feed(opened) is None
        assert assembler.feed(part(3, 4, number)) is None
        assert assembler.feed(part(4, 4, number)) is not None
