"""RFC 4285's options and Binding Authorization Data; no vectors are published for either.

What is expected is put together by hand from the formulas of the RFCs.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mip6boot import mipv6
from mip6boot.errors import ConfigError, DecodeError, EncodeError, IntegrityError
from mip6boot.mipv6 import Authentication, BindingAuthorizationData, BindingUpdate, NonceIndices
from mip6boot.security import (
    HMAC_SHA1_SPI,
    verify_authentication,
    verify_binding_authorization,
    with_authentication,
    with_binding_authorization,
)

HOME = IPv6Address("2001:db8:100::10")
CARE_OF = IPv6Address("2001:db8:200::10")
CORRESPONDENT = IPv6Address("2001:db8:300::1")
KEY, AAA_KEY, KBM = bytes(range(16)), bytes(range(16, 32)), bytes(range(20))
MN_HA, MN_AAA = mipv6.AuthenticationSubtype.MN_HA, mipv6.AuthenticationSubtype.MN_AAA

HA_OPTION = Authentication(MN_HA, 0x100, b"")
AAA_OPTION = Authentication(MN_AAA, HMAC_SHA1_SPI, b"")
UPDATE = BindingUpdate(5, lifetime=3600, checksum=0x1234, options=(HA_OPTION,))


def authenticated(update: BindingUpdate = UPDATE) -> BindingUpdate:
    return with_authentication(update, {MN_HA: KEY}, home_address=HOME, care_of_address=CARE_OF)


def verify(
    message: BindingUpdate,
    subtype: int = MN_HA,
    key: bytes = KEY,
    home: IPv6Address = HOME,
    care_of: IPv6Address = CARE_OF,
) -> None:
    verify_authentication(message, subtype, key, home_address=home, care_of_address=care_of)


def flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)


def updates_with_a_flipped_bit(octets: bytes) -> list[BindingUpdate]:
    """What still is a Binding Update with one bit changed, the checksum's left out."""
    found = []
    for bit in range(8 * len(octets)):
        with contextlib.suppress(DecodeError):
            changed = mipv6.decode(flipped(octets, bit), lenient=True)
            if isinstance(changed, BindingUpdate) and bit // 8 not in (4, 5):
                found.append(changed)
    assert len(found) > 4 * len(octets)
    return found


# -- RFC 4285 5.1 ----------------------------------------------------------------------------


def test_mn_ha_by_hand() -> None:
    #      proto, length, type, reserved, checksum 0 | sequence, flags, lifetime | PadN, type, length
    # and subtype, SPI; 12 octets of data end the message at 32.
    covered = bytes.fromhex("3b030500 0000 0005 0000 0384 00 091101 00000100")
    octets = CARE_OF.packed + HOME.packed + covered
    expected = hmac.digest(KEY, octets, "sha1")[:12]
    made = authenticated()
    assert made.encode() == covered[:4] + b"\x12\x34" + covered[6:] + expected
    assert made.options == (HA_OPTION.replace(authentication_data=expected),)
    verify(made)
    verify(mipv6.with_checksum(made, HOME, CORRESPONDENT))


def test_mn_aaa_by_hand() -> None:
    update = UPDATE.replace(options=(AAA_OPTION,))
    made = with_authentication(
        update, {MN_AAA: AAA_KEY}, home_address=HOME, care_of_address=CARE_OF
    )
    covered = bytes.fromhex("3b040500 0000 0005 0000 0384 00 091902 00000003")
    digest = hashlib.sha1(CARE_OF.packed + HOME.packed + covered).digest()
    expected = hmac.digest(AAA_KEY, digest, "sha1")
    assert made.encode() == covered[:4] + b"\x12\x34" + covered[6:] + expected
    verify(made, MN_AAA, AAA_KEY)


def test_acknowledgement_by_hand() -> None:
    answer = mipv6.BindingAcknowledgement(sequence=5, lifetime=3600, options=(HA_OPTION,))
    made = with_authentication(answer, {MN_HA: KEY}, home_address=HOME, care_of_address=CARE_OF)
    covered = bytes.fromhex("3b030600 0000 0000 0005 0384 00 091101 00000100")
    octets = CARE_OF.packed + HOME.packed + covered
    assert made.encode() == covered + hmac.digest(KEY, octets, "sha1")[:12]


def test_both_options() -> None:
    """MN-HA stands first and is covered by MN-AAA; both cover the length of the whole message."""
    update = UPDATE.replace(options=(HA_OPTION, AAA_OPTION))
    keys = {MN_AAA: AAA_KEY, MN_HA: KEY}
    made = with_authentication(update, keys, home_address=HOME, care_of_address=CARE_OF)
    octets = made.encode()
    assert len(octets) == 64
    blank = octets[:4] + b"\0\0" + octets[6:]
    addresses = CARE_OF.packed + HOME.packed
    assert octets[20:32] == hmac.digest(KEY, addresses + blank[:20], "sha1")[:12]
    digest = hashlib.sha1(addresses + blank[:40]).digest()
    assert octets[40:60] == hmac.digest(AAA_KEY, digest, "sha1")
    verify(made)
    verify(made, MN_AAA, AAA_KEY)


def test_no_changed_update_verifies() -> None:
    octets = authenticated().encode()
    for changed in updates_with_a_flipped_bit(octets):
        with pytest.raises(IntegrityError):
            verify(changed)


def test_wrong_key_address_subtype_or_size() -> None:
    made = authenticated()
    for change in (
        {"key": flipped(KEY, 0)}, {"key": KEY[:-1]}, {"home": CARE_OF}, {"care_of": HOME},
        {"home": CARE_OF, "care_of": HOME}, {"subtype": MN_AAA},
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            verify(made, **change)
    (option,) = made.options
    assert isinstance(option, Authentication)
    for data in (b"", option.authentication_data[:-1], option.authentication_data + b"\0"):
        with pytest.raises(IntegrityError):
            verify(made.replace(options=(option.replace(authentication_data=data),)))
    for options in ((), (option, option), (option, NonceIndices(1, 2)), (option, *UPDATE.options)):
        with pytest.raises(IntegrityError):
            verify(made.replace(options=options))


def test_a_cut_that_is_not_last_never_verifies() -> None:
    """What stands behind the option is covered by nothing, so nothing but padding may."""
    late = UPDATE.replace(options=(HA_OPTION, NonceIndices(1, 2)))
    with pytest.raises(IntegrityError, match="behind"):
        verify(authenticated(late))
    verify(authenticated(UPDATE.replace(options=(NonceIndices(1, 2), HA_OPTION))))


def test_undefined_subtypes_and_indices() -> None:
    other = UPDATE.replace(options=(Authentication(3, 0x100, b""),))
    with pytest.raises(ConfigError, match="subtype 3"):
        with_authentication(
            other,
            {3: KEY},  # type: ignore[dict-item]
            home_address=HOME,
            care_of_address=CARE_OF,
        )
    with pytest.raises(ConfigError, match="subtype 3"):
        verify(other, 3)
    foreign = UPDATE.replace(options=(AAA_OPTION.replace(mobility_spi=5),))
    with pytest.raises(ConfigError, match="SPI 5"):
        with_authentication(foreign, {MN_AAA: KEY}, home_address=HOME, care_of_address=CARE_OF)
    with pytest.raises(ConfigError, match="SPI 5"):
        verify(foreign, MN_AAA)
    for options in ((), (HA_OPTION, HA_OPTION)):
        with pytest.raises(EncodeError, match=r"options: [02] authentication options"):
            authenticated(UPDATE.replace(options=options))


# -- RFC 6275 6.2.7 --------------------------------------------------------------------------

INDEXED = BindingUpdate(5, lifetime=400, checksum=0x1234, options=(NonceIndices(7, 8),))


def authorized(update: BindingUpdate = INDEXED) -> BindingUpdate:
    return with_binding_authorization(
        update, KBM, care_of_address=CARE_OF, correspondent=CORRESPONDENT
    )


def verify_authorized(
    message: BindingUpdate,
    kbm: bytes = KBM,
    care_of: IPv6Address = CARE_OF,
    correspondent: IPv6Address = CORRESPONDENT,
) -> None:
    verify_binding_authorization(message, kbm, care_of_address=care_of, correspondent=correspondent)


def test_binding_authorization_by_hand() -> None:
    #          proto, length, type    | checksum 0, sequence, flags, lifetime | indices | BAD
    covered = bytes.fromhex("3b030500 0000 0005 0000 0064 040400070008 050c")
    octets = CARE_OF.packed + CORRESPONDENT.packed + covered
    expected = hmac.digest(KBM, octets, "sha1")[:12]
    made = authorized()
    assert made.encode() == covered[:4] + b"\x12\x34" + covered[6:] + expected
    assert made.options[-1] == BindingAuthorizationData(expected)
    verify_authorized(made)
    verify_authorized(mipv6.with_checksum(made, CARE_OF, CORRESPONDENT))
    placed = INDEXED.replace(options=(*INDEXED.options, BindingAuthorizationData(b"x")))
    assert authorized(placed) == made


def test_no_changed_authorized_update_verifies() -> None:
    octets = authorized().encode()
    for changed in updates_with_a_flipped_bit(octets):
        with pytest.raises(IntegrityError):
            verify_authorized(changed)


def test_wrong_kbm_address_place_or_size() -> None:
    made = authorized()
    for change in (
        {"kbm": flipped(KBM, 159)}, {"kbm": KBM[:-1]}, {"care_of": HOME}, {"correspondent": HOME},
        {"care_of": CORRESPONDENT, "correspondent": CARE_OF},
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            verify_authorized(made, **change)
    indices, option = made.options
    assert isinstance(option, BindingAuthorizationData)
    for data in (b"", option.authenticator[:-1], option.authenticator + b"\0"):
        with pytest.raises(IntegrityError):
            verify_authorized(made.replace(options=(indices, BindingAuthorizationData(data))))
    for options in ((option, indices), (option, indices, option), (indices,), ()):
        with pytest.raises(IntegrityError, match="last"):
            verify_authorized(made.replace(options=options))
    for options in ((option, indices), (option, option)):
        with pytest.raises(EncodeError, match="last"):
            authorized(made.replace(options=options))


def test_padding_behind_the_option_never_verifies() -> None:
    """RFC 6275 9.5.1; here the option was put to 8n + 6."""
    head = bytes.fromhex("3b030500 0000 0005 0000 0064 0100 050c")
    padding = bytes.fromhex("01020000")
    before = CARE_OF.packed + CORRESPONDENT.packed + head
    for covered in (before, before + padding):
        data = hmac.digest(KBM, covered, "sha1")[:12]
        update = BindingUpdate.decode(head + data + padding)
        assert update.options[-1] == BindingAuthorizationData(data)
        with pytest.raises(IntegrityError, match="padding"):
            verify_authorized(update)


@given(st.binary(max_size=64), st.binary(max_size=40), st.booleans())
def test_any_key_and_neighbours(key: bytes, data: bytes, late: bool) -> None:
    options: tuple[mipv6.MobilityOption, ...] = (mipv6.UnknownMobilityOption(222, data),)
    update = INDEXED.replace(options=options if late else (*INDEXED.options, *options))
    made = with_binding_authorization(
        update, key, care_of_address=CARE_OF, correspondent=CORRESPONDENT
    )
    decoded = BindingUpdate.decode(made.encode())
    verify_authorized(decoded, key)
    with pytest.raises(IntegrityError):
        verify_authorized(decoded.replace(sequence=6), key)
    both = authenticated(update.replace(options=(*update.options, HA_OPTION)))
    verify(BindingUpdate.decode(both.encode()))
    with pytest.raises(IntegrityError):
        verify(both.replace(lifetime=8))
