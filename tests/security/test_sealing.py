"""SK and SKF payloads: published messages, the way back, and everything that must not open."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import ikev2, security
from mip6boot.errors import DecodeError, EncodeError, IntegrityError, Mip6bootError, UnknownSa
from mip6boot.ikev2 import (
    Encrypted,
    EncryptedFragment,
    EncryptionAlgorithm,
    IkeFlags,
    IkeMessage,
    PseudorandomFunction,
)
from mip6boot.security import IkeKeys, IkeSuite, Opened, Secret

from .suites import IKE_SUITES, flipped, header, ike_keys, secrets_of, shows, title
from .vectors import vectors

PAYLOADS = (ikev2.Notify(notify_type=16384), ikev2.Nonce(b"a nonce of 24 octets ..."))
suites = pytest.mark.parametrize("suite", IKE_SUITES, ids=title)
a_suite = st.sampled_from(IKE_SUITES)


def sealed(suite: IkeSuite, message: IkeMessage | None = None, seed: int = 1) -> bytes:
    return security.seal(message or header(), PAYLOADS, ike_keys(suite, seed), rng=Random(seed))


def fragments(suite: IkeSuite, size: int = 120) -> list[bytes]:
    payloads = (ikev2.VendorId(bytes(range(256))),)
    return security.fragment(header(), payloads, ike_keys(suite), size=size, rng=Random(1))


#: A sealed message of each form.
FORMS: dict[str, Callable[[IkeSuite], bytes]] = {"SK": sealed, "SKF": lambda s: fragments(s)[1]}
forms = pytest.mark.parametrize("form", FORMS)


# -- Published ------------------------------------------------------------------------------------


def test_message_of_rfc_7634() -> None:
    case = vectors("rfc7634_chacha20_poly1305")
    octets, message = case["ike"]["message"], IkeMessage.decode(case["ike"]["message"])
    keys = IkeKeys(
        spi_i=message.initiator_spi,
        spi_r=message.responder_spi,
        suite=IkeSuite(
            encryption=EncryptionAlgorithm.CHACHA20_POLY1305, prf=PseudorandomFunction.HMAC_SHA2_256
        ),
        # The message is a response of the original responder.
        sk_er=Secret(case["key"] + case["salt"]),
    )
    opened = security.unseal(octets, keys)
    assert opened.content + opened.padding + b"\0" == case["ike"]["plaintext"]
    assert (opened.iv, opened.padding, opened.verified) == (case["iv"], b"", True)
    (notify,) = opened.payloads
    assert notify == ikev2.SetWindowSize(10)
    assert opened.seal(keys) == octets
    bare = message.replace(payloads=())
    assert security.seal(bare, opened.payloads, keys, iv=opened.iv) == octets
    with pytest.raises(UnknownSa, match="direction"):
        security.unseal(message.replace(flags=message.flags ^ IkeFlags.I), keys)


# -- The way back ---------------------------------------------------------------------------------


@given(
    suite=a_suite,
    content=st.integers(0, 100),
    blocks=st.integers(0, 255),
    fill=st.binary(min_size=1, max_size=8),
    number=st.integers(0, 3),
)
def test_what_is_opened_seals_to_the_same_octets(
    suite: IkeSuite, content: int, blocks: int, fill: bytes, number: int
) -> None:
    """With any padding of 0 to 255 octets that the cipher takes."""
    keys, unit = ike_keys(suite), suite.cipher.block_octets
    payloads = tuple(ikev2.VendorId(bytes(content)) for _ in range(number))
    length = sum(4 + content for _ in payloads)
    least = -(length + 1) % unit
    size = least + blocks % ((255 - least) // unit + 1) * unit
    padding = (fill * 255)[:size]
    iv = Random(size).randbytes(suite.cipher.iv_octets)
    octets = security.seal(header(), payloads, keys, iv=iv, padding=padding)
    opened = security.unseal(octets, keys)
    assert (opened.payloads, opened.padding, opened.iv) == (payloads, padding, iv)
    assert opened.seal(keys) == octets
    assert security.unseal(IkeMessage.decode(octets), keys) == opened
    assert security.unseal(memoryview(octets), keys) == opened


def test_what_is_opened_seals_for_other_keys_too() -> None:
    """Of a suite with another check value, so that lengths change."""
    gcm = {suite.encryption: ike_keys(suite) for suite in IKE_SUITES}
    opened = security.unseal(sealed(IKE_SUITES[14]), gcm[EncryptionAlgorithm.AES_GCM_16])
    shorter = gcm[EncryptionAlgorithm.AES_GCM_8]
    octets = opened.seal(shorter)
    assert len(octets) == len(sealed(IKE_SUITES[14])) - 8
    again = security.unseal(octets, shorter)
    assert (again.payloads, again.iv) == (PAYLOADS, opened.iv)


@suites
def test_every_length_of_padding(suite: IkeSuite) -> None:
    keys, unit = ike_keys(suite), suite.cipher.block_octets
    iv, count = bytes(suite.cipher.iv_octets), 0
    for size in range(256):
        if (size + 1) % unit == 0:
            octets = security.seal(header(), (), keys, iv=iv, padding=b"\xaa" * size)
            opened = security.unseal(octets, keys)
            assert (opened.padding, opened.content) == (b"\xaa" * size, b"")
            assert opened.seal(keys) == octets
            count += 1
    assert count == 256 // unit


@suites
@pytest.mark.parametrize("size", [100, 128, 200])
def test_fragments_are_put_together(suite: IkeSuite, size: int) -> None:
    keys, parts = ike_keys(suite), fragments(suite, size)
    assert all(len(part) <= size for part in parts)
    assembler = security.FragmentAssembler()
    opened = [security.unseal(part, keys) for part in parts]
    assert [part.seal(keys) for part in opened] == parts
    assert all(part.payloads == () and part.is_fragment for part in opened)
    wholes = [assembler.feed(part) for part in opened]
    assert wholes[:-1] == [None] * (len(parts) - 1)
    whole = wholes[-1]
    assert whole is not None
    assert whole.payloads == (ikev2.VendorId(bytes(range(256))),)
    # Only the first one says what is inside (RFC 7383 2.5).
    firsts = [part.sealed.first_payload for part in opened]
    assert firsts == [ikev2.PayloadType.VENDOR_ID] + [0] * (len(parts) - 1)


@suites
def test_fragments_use_their_size(suite: IkeSuite) -> None:
    """No shorter fragment than the cipher's blocks ask for, but the last."""
    for size in range(120, 140):
        parts = fragments(suite, size)
        assert all(size - suite.cipher.block_octets < len(part) <= size for part in parts[:-1])


def test_what_is_not_sealed_stays_and_is_authenticated() -> None:
    """Payloads before the sealed one, in the first fragment only (RFC 7383 2.5.3)."""
    suite = IKE_SUITES[3]
    keys, message = ike_keys(suite), header(payloads=(ikev2.Cookie(b"cookie"),))
    octets = security.seal(message, PAYLOADS, keys, rng=Random(1))
    opened = security.unseal(octets, keys)
    assert opened.message.payloads[:-1] == message.payloads
    assert opened.payloads == PAYLOADS
    for bit in range(28 * 8, 46 * 8):
        with pytest.raises((IntegrityError, DecodeError)):
            security.unseal(flipped(octets, bit), keys)
    long = (ikev2.VendorId(bytes(300)),)
    parts = security.fragment(message, long, keys, size=150, rng=Random(1))
    counts = [len(IkeMessage.decode(part).payloads) for part in parts]
    assert counts == [2] + [1] * (len(parts) - 1)


@given(message=st.builds(lambda n, f, r: header(message_id=n, flags=IkeFlags(f), reserved_low=r),
                         st.integers(0, 2**32 - 1), st.sampled_from([0x08, 0x20, 0x28, 0x30, 0]),
                         st.integers(0, 7)), suite=a_suite)  # fmt: skip
def test_headers_are_kept_and_give_the_direction(message: IkeMessage, suite: IkeSuite) -> None:
    octets, keys = sealed(suite, message), ike_keys(suite)
    opened = security.unseal(octets, keys)
    assert opened.message.replace(payloads=()) == message
    assert opened.seal(keys) == octets
    one_way = keys.from_initiator if IkeFlags.I in message.flags else keys.from_responder
    payload = opened.sealed.sealed
    assert one_way.open(octets[: -len(payload)], payload)[0] == opened.iv


# -- What must not open ---------------------------------------------------------------------------


@suites
@forms
def test_any_flipped_bit(suite: IkeSuite, form: str, record_property: Any) -> None:
    """IntegrityError where the message still parses as one of this SA."""
    octets, keys = FORMS[form](suite), ike_keys(suite)
    hidden = [*secrets_of(keys), security.unseal(octets, keys).content[:16]]
    count = 0
    for bit in range(8 * len(octets)):
        changed = flipped(octets, bit)
        with pytest.raises(Mip6bootError) as caught:
            security.unseal(changed, keys)
        assert type(caught.value) is expected(changed, keys), (bit, caught.value)
        # Showing takes long, so that not all are looked at.
        assert bit % 9 or shows(caught.value, hidden) == []
        count += 1
    record_property("flipped bits of IKE messages that do not open", count)


def expected(octets: bytes, keys: IkeKeys) -> type[Mip6bootError]:
    try:
        message = IkeMessage.decode(octets)
    except DecodeError:
        return DecodeError
    if not message.payloads or not isinstance(message.payloads[-1], (Encrypted, EncryptedFragment)):
        return DecodeError
    return (
        IntegrityError if (message.initiator_spi, message.responder_spi) == keys.spis else UnknownSa
    )


@suites
@forms
def test_every_other_length(suite: IkeSuite, form: str) -> None:
    """As it came, which does not parse; and with lengths that are right again."""
    octets, keys = FORMS[form](suite), ike_keys(suite)
    for size in range(len(octets)):
        with pytest.raises(DecodeError):
            security.unseal(octets[:size], keys)
    for more in (1, 2, 4, 8, 16, 64):
        with pytest.raises(DecodeError):
            security.unseal(octets + bytes(more), keys)
    message = IkeMessage.decode(octets)
    payload: Any = message.payloads[-1]
    for size in range(len(payload.sealed)):
        for part in (payload.sealed[:size], payload.sealed[len(payload.sealed) - size :]):
            other = message.replace(payloads=(payload.replace(sealed=part),))
            with pytest.raises(IntegrityError):
                security.unseal(other, keys)
    for more in (1, 2, 4, 8, 16, 64):
        other = message.replace(payloads=(payload.replace(sealed=payload.sealed + bytes(more)),))
        with pytest.raises(IntegrityError):
            security.unseal(other, keys)


@suites
def test_another_direction_message_body_or_key(suite: IkeSuite) -> None:
    octets, keys = sealed(suite), ike_keys(suite)
    message = IkeMessage.decode(octets)
    other = IkeMessage.decode(sealed(suite, header(message_id=2), seed=2))
    replayed = IkeMessage.decode(security.seal(header(message_id=2), PAYLOADS, keys, rng=Random(2)))
    (sk,) = message.payloads
    assert isinstance(sk, Encrypted)
    wrong = [
        message.replace(flags=message.flags ^ IkeFlags.I),
        message.replace(flags=message.flags ^ IkeFlags.R),
        message.replace(message_id=2),
        message.replace(exchange_type=37),
        message.replace(payloads=replayed.payloads),
        replayed.replace(payloads=message.payloads),
        message.replace(payloads=(sk.replace(first_payload=39),)),
        message.replace(payloads=(sk.replace(critical=True),)),
        message.replace(payloads=(ikev2.Notify(notify_type=1), sk)),
        message.replace(
            payloads=(EncryptedFragment(1, 1, first_payload=sk.first_payload, sealed=sk.sealed),)
        ),
        other,
    ]
    for changed in wrong:
        with pytest.raises(IntegrityError):
            security.unseal(changed, keys)
    with pytest.raises(IntegrityError):
        security.unseal(octets, ike_keys(suite, seed=2))
    assert security.unseal(octets, keys).payloads == PAYLOADS


@suites
def test_another_place_of_a_fragment(suite: IkeSuite) -> None:
    keys, (first, second, *_) = ike_keys(suite), fragments(suite)
    one, two = (IkeMessage.decode(octets).payloads[0] for octets in (first, second))
    assert isinstance(one, EncryptedFragment)
    assert isinstance(two, EncryptedFragment)
    wrong = [
        two.replace(fragment_number=3), two.replace(total_fragments=99), two.replace(first_payload=43),
        two.replace(sealed=one.sealed), one.replace(first_payload=0),
        Encrypted(first_payload=one.first_payload, sealed=one.sealed),
    ]  # fmt: skip
    for payload in wrong:
        with pytest.raises(IntegrityError):
            security.unseal(header(payloads=(payload,)), keys)


@suites
def test_any_flipped_bit_of_a_key(suite: IkeSuite) -> None:
    octets, keys = sealed(suite), ike_keys(suite)
    # Every eighth bit of the octets of triple DES is a parity that nobody looks at.
    parity = suite.encryption == EncryptionAlgorithm.TRIPLE_DES
    names = ("sk_ei", "sk_ai") if suite.integrity else ("sk_ei",)
    for name in names:
        key = getattr(keys, name)
        for bit in range(0, 8 * len(key), 5):
            fields = {field: getattr(keys, field) for field in keys.__struct_fields__}
            other = IkeKeys(**fields | {name: Secret(flipped(key, bit))})
            if name == "sk_ei" and suite.integrity:
                # The check value is of what is sealed; what is inside is another matter.
                if not (parity and bit % 8 == 7):
                    assert differs(octets, other, keys)
                continue
            with pytest.raises(IntegrityError):
                security.unseal(octets, other)


def differs(octets: bytes, other: IkeKeys, keys: IkeKeys) -> bool:
    try:
        return security.unseal(octets, other).content != security.unseal(octets, keys).content
    except DecodeError:
        return True


@suites
def test_a_pad_length_that_lies(suite: IkeSuite) -> None:
    """Sealed with the right keys, so nobody else has done it: DecodeError, and no content."""
    keys, head = ike_keys(suite), header()
    protection, unit = keys.protection(head), suite.cipher.block_octets
    iv = bytes(suite.cipher.iv_octets)
    for blocks in (1, 2):
        size = blocks * max(unit, 4)
        for lie in {size, size + 1, 200, 255}:
            plaintext = b"\x5a" * (size - 1) + bytes((lie,))
            length = len(iv) + size + protection.icv_octets
            empty = head.replace(payloads=(Encrypted(first_payload=41, sealed=bytes(length)),))
            begin = empty.encode()[:-length]
            octets = begin + protection.seal(begin, iv, plaintext)
            with pytest.raises(DecodeError, match="padding is longer") as caught:
                security.unseal(octets, keys)
            assert shows(caught.value, [*secrets_of(keys), b"\x5a\x5a\x5a"]) == []
        # The longest one that is true.
        plaintext = b"\x5a" * (size - 1) + bytes((size - 1,))
        octets = begin + protection.seal(begin, iv, plaintext)
        assert security.unseal(octets, keys).content == b""


@suites
def test_nothing_encrypted_at_all(suite: IkeSuite) -> None:
    """Not even a pad length."""
    keys, head = ike_keys(suite), header()
    protection, iv = keys.protection(head), bytes(suite.cipher.iv_octets)
    length = len(iv) + protection.icv_octets
    empty = head.replace(payloads=(Encrypted(first_payload=0, sealed=bytes(length)),))
    begin = empty.encode()[:-length]
    with pytest.raises(DecodeError, match="padding is longer"):
        security.unseal(begin + protection.seal(begin, iv, b""), keys)


def test_no_whole_number_of_blocks() -> None:
    """The check value fits, so it is the sender who was wrong: no IntegrityError."""
    suite = IKE_SUITES[3]
    keys, head = ike_keys(suite), header()
    protection = keys.protection(head)
    mac = suite.authenticator
    assert mac is not None
    for size in (1, 15, 17):
        length = 16 + size + protection.icv_octets
        empty = head.replace(payloads=(Encrypted(first_payload=0, sealed=bytes(length)),))
        begin = empty.encode()[:-length] + bytes(16 + size)
        with pytest.raises(DecodeError, match="whole number of blocks"):
            security.unseal(begin + mac.hasher(keys.sk_ai)(begin), keys)


def test_messages_without_a_sealed_payload() -> None:
    keys = ike_keys(IKE_SUITES[0])
    for payloads in ((), (ikev2.Nonce(bytes(16)),)):
        with pytest.raises(DecodeError, match="not SK or SKF"):
            security.unseal(header(payloads=payloads), keys)


@given(octets=st.binary(max_size=200), suite=a_suite)
def test_hostile_octets(octets: bytes, suite: IkeSuite) -> None:
    keys = ike_keys(suite)
    head = b"initiateresponds" + bytes((46, 0x20, 35, 8)) + bytes(4)
    length = (28 + len(octets)).to_bytes(4, "big")
    for message in (octets, head + length + octets):
        with pytest.raises((DecodeError, IntegrityError, UnknownSa)):
            security.unseal(message, keys)


# -- What does not fit ----------------------------------------------------------------------------


@suites
def test_settings_that_do_not_fit(suite: IkeSuite) -> None:
    keys = ike_keys(suite)
    iv = bytes(suite.cipher.iv_octets)
    with pytest.raises(EncodeError, match="255 octets of padding"):
        security.seal(header(), (), keys, iv=iv, padding=bytes(255 + suite.cipher.block_octets))
    for wrong in (iv[:-1], iv + b"\0"):
        with pytest.raises(ValueError, match="initialization vector"):
            security.seal(header(), (), keys, iv=wrong)
    for arguments in ({}, {"rng": Random(1), "iv": iv}):
        with pytest.raises(TypeError, match="either rng or iv"):
            security.seal(header(), (), keys, **arguments)  # type: ignore[call-overload]
    with pytest.raises(UnknownSa):
        security.seal(header(initiator_spi=bytes(8)), (), keys, rng=Random(1))
    if suite.cipher.block_octets > 1:
        with pytest.raises(ValueError, match="multiple"):
            security.seal(header(), (), keys, iv=iv, padding=b"")


def test_sizes_that_have_no_place_for_content() -> None:
    keys = ike_keys(IKE_SUITES[3])
    with pytest.raises(ValueError, match="no place"):
        security.fragment(header(), PAYLOADS, keys, size=60, rng=Random(1))


@suites
def test_sizes_at_the_edge(suite: IkeSuite) -> None:
    """One octet less than the whole message makes fragments; nothing at all needs no place."""
    keys = ike_keys(suite)
    for payloads in ((), PAYLOADS):
        whole = security.seal(header(), payloads, keys, rng=Random(1))
        assert security.fragment(header(), payloads, keys, size=len(whole), rng=Random(1)) == [
            whole
        ]
    parts = security.fragment(header(), PAYLOADS, keys, size=len(whole) - 1, rng=Random(1))
    assert len(parts) > 1
    empty = len(security.seal(header(), (), keys, rng=Random(1)))
    with pytest.raises(ValueError, match="no place"):
        security.fragment(header(), (), keys, size=empty - 1, rng=Random(1))


def test_as_many_fragments_as_there_can_be() -> None:
    """A chain has 65,535 octets at most; one in each fragment, and their numbers have 16 bits."""
    suite = IKE_SUITES[-1]
    keys, payloads = ike_keys(suite), (ikev2.VendorId(bytes(0xFFFF - 4)),)
    parts = security.fragment(header(), payloads, keys, size=28 + 8 + 8 + 2 + 16, rng=Random(1))
    assert len(parts) == 0xFFFF
    last = security.unseal(parts[-1], keys)
    assert isinstance(last.sealed, EncryptedFragment)
    assert last.sealed.fragment_number == last.sealed.total_fragments == 0xFFFF
    with pytest.raises(EncodeError):
        security.fragment(header(), (*payloads, *PAYLOADS), keys, size=1280, rng=Random(1))


def test_vectors_are_drawn_anew() -> None:
    """Never twice the same one with the same keys, not even for fragments."""
    suite = IKE_SUITES[-1]
    drawn = {security.unseal(part, ike_keys(suite)).iv for part in fragments(suite)}
    assert len(drawn) == len(fragments(suite))


# -- What is opened -------------------------------------------------------------------------------


@suites
def test_opened_messages_survive_pickle_and_copy(suite: IkeSuite) -> None:
    opened, keys = security.unseal(sealed(suite), ike_keys(suite)), ike_keys(suite)
    assert opened.payloads == PAYLOADS
    for again in (pickle.loads(pickle.dumps(opened)), copy.copy(opened), copy.deepcopy(opened)):
        assert isinstance(again, Opened)
        assert again == opened
        assert again.payloads == PAYLOADS
        assert again.seal(keys) == sealed(suite)


def test_without_integrity_nothing_is_verified() -> None:
    """A suite that no peer agrees on; an analyst may have nothing better."""
    suite = IkeSuite(encryption=EncryptionAlgorithm.AES_CBC, prf=PseudorandomFunction.HMAC_SHA1)
    keys, octets = ike_keys(suite), sealed(suite)
    opened = security.unseal(octets, keys)
    assert (opened.verified, opened.payloads) == (False, PAYLOADS)
    assert opened.seal(keys) == octets
    (sk,) = opened.message.payloads
    assert isinstance(sk, Encrypted)
    with pytest.raises(DecodeError, match="whole number of blocks"):
        security.unseal(header(payloads=(sk.replace(sealed=sk.sealed[:-1]),)), keys)
